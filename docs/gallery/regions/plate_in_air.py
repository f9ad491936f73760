"""A hot plate in moving air, in SI units.

A steel plate of 0.4 m by 0.2 m is heated through its left edge and loses its heat to air on the
others, by Newton's law of cooling. Units are those of the coordinates and constants: metres,
watts per metre and kelvin. What flows in must flow out, which `integrate` measures.
"""

from sympy import Eq, Rational

from pinnsolve import Box, Problem, coordinates, laplacian, normal_derivative, solve, unknown

x, y = coordinates("x y")
T = unknown("T", x, y)  # kelvin above the air
conductivity, transfer, heating = 50, 25, 20_000  # W/(m K), W/(m^2 K), W/m^2

plate = Box({x: (0, Rational(2, 5)), y: (0, Rational(1, 5))})
left = plate.at(x=0)
cooled = plate.boundary.where(x > 0)
problem = Problem(
    plate,
    Eq(laplacian(T), 0),
    Eq(conductivity * normal_derivative(T), heating) @ left,
    Eq(-conductivity * normal_derivative(T), transfer * T) @ cooled,
)
solution = solve(problem, tolerance=1e-6)
comes_in = solution.integrate(conductivity * normal_derivative(T), left)
goes_out = solution.integrate(transfer * T, cooled)
print(f"in {comes_in:.4f} W/m, out {goes_out:.4f} W/m, hottest {solution.maximum():.1f} K")
solution.plot("plate_in_air.png", expression=T)
error = abs(goes_out / 4000 - 1)  # 20,000 W/m^2 on 0.2 m are 4,000 W/m
