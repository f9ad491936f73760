"""HOW the coefficients are found: assembly, least squares, choice and growth of the basis, diagnosis."""
