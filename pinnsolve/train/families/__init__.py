"""Kinds of bases that compete in the blind choice; a new one is one file, named in `KINDS` or `VARIANTS`."""
