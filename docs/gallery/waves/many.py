"""Sixteen wavelengths along a side.

Too much for one basis: the square is cut into cells, each with waves of its own, which are
condensed to what their faces see and merged. `solve` goes over to cells by itself; here they are
drawn, coloured by what each leaves.
"""

from pinnsolve import solve
from pinnsolve.problems.composite import COMPOSITE

problem = COMPOSITE["helmholtz_k100"]()
solution = solve(problem, tolerance=1e-6)
print(solution.report())
solution.plot_cells("many.png")
