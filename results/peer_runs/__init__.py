"""Scripts that run one package on one problem, each in a process of its own, and print a line of
JSON.
"""
