"""What to write in the place of what cannot be solved as it stands."""

from __future__ import annotations

TWO_PARTS = (
    "declare the unknown as complex, unknown('u', x, complex=True), or write real and imaginary"
    " part as two equations"
)
REMEDIES: dict[str, str] = {
    "Integral": (
        "declare one more unknown F with Eq(F.diff(x), integrand), and F = 0 where the integral"
        " begins"
    ),
    "Eigenvalue": "eigenvalues are found by eigenmodes(problem, count=6)",
    "Sum": "write its terms, by .doit()",
    "Product": "write its factors, by .doit()",
    "Limit": "take the limit, by .doit()",
    "Order": "drop the remainder, by .removeO()",
    "DiracDelta": "say it as a jump of the flux, or as a narrow Gaussian",
    "Derivative": (
        "sympy cannot differentiate this function: give its derivative as a formula, or keep it out"
        " of derivatives"
    ),
    "Subs": (
        "sympy cannot differentiate this function: give its derivative as a formula, or keep it out"
        " of derivatives"
    ),
    **dict.fromkeys(("re", "im", "conjugate", "arg", "ImaginaryUnit"), TWO_PARTS),
    "Contains": "write inequalities, as in And(x > 0, x < 1)",
}
A_TABLE = (
    "values of a table come in as interpolate({x: xs, y: ys}, values), a Python function as"
    " sympy.utilities.lambdify.implemented_function('f', lambda x: np.hypot(x, 1))(x), measured"
    " data as Eq(u, Data(values)) @ PointCloud(...)"
)
