"""From equations to rows: points, collocation, assembly, residuals measured, consistency."""
