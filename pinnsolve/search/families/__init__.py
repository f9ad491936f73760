"""Kinds of bases that a choice proposes."""
