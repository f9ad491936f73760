"""Accuracy studies: `python -m results NAME` writes tables and figures into this folder. Nothing in
them is edited by hand.
"""
