"""WHAT came out: a callable field with its error, estimate, report, plots and storage."""
