# %% [markdown]
# # 01 Declare and solve
#
# A PDE is declared in sympy, as it is written on paper. pinnsolve compiles it, chooses a network
# whose hidden layer is a basis of functions, and solves for the coefficients by least squares.

# %%
from sympy import Eq, pi, sin

from pinnsolve import Box, Dense, Problem, Waves, coordinates, laplacian, solve, unknown

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})

# %% [markdown]
# A problem is a domain and equations, each on a region. With `exact`, the problem knows its
# solution: it is checked against every equation before anything is solved.

# %%
poisson = Problem(
    square,
    Eq(-laplacian(u), 2 * pi**2 * sin(pi * x) * sin(pi * y)),
    Eq(u, 0) @ square.boundary,
    exact={u: sin(pi * x) * sin(pi * y)},
)
print(poisson.pretty())

# %% [markdown]
# Solve to a tolerance; nothing else is needed. The report says what was done, and how good it is.

# %%
solution = solve(poisson, tolerance=1e-10)
print(solution.report())
assert solution.stopped == "met"
assert solution.error() < 1e-10

# %% [markdown]
# A solution is a function. It also evaluates any expression of the unknown, derivatives included.

# %%
middle = [[0.5, 0.5], [0.25, 0.5]]
print(solution(middle))
print("flux", solution(middle, u.diff(x)))

# %% [markdown]
# Who knows better can say which basis to take: here 400 sines with random frequencies. One solve, a
# tenth of a second.

# %%
by_hand = solve(poisson, Dense(400, activation="sin", initialize=Waves(4.5)))
print(by_hand.error())
assert by_hand.error() < 1e-12
