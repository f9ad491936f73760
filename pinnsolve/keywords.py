"""Arguments that a public name does not have: said with the one that was meant, or where it
belongs.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")
# Handed over, as in rule=sobol, and compared: they stay what they are.
AS_VALUES = {"compiled", "grid", "sobol", "uniform"}
WITH_METHODS = {
    "Solution": ("__call__", "error", "plot", "residual", "residuals", "report", "save", "pruned")
}

# The word of ours, and those of others for it.
MEANS = {
    "tolerance": (
        "tol rtol atol eps epsilon accuracy precision error threshold target goal ftol xtol"
    ),
    "goal": "tol rtol atol eps tolerance target accuracy",
    "seconds": (
        "time time_limit timeout max_time max_seconds sec secs s limit duration minutes every"
        " wall_time"
    ),
    "budget": "seconds time time_limit timeout max_time max_seconds limit budget_seconds minutes",
    "gigabytes": "memory ram gb mem memory_limit max_memory",
    "columns": "width max_width neurons max_neurons",
    "steps": (
        "epochs epoch iterations iters iteration n_steps n_iter num_steps max_iter maxiter"
        " max_steps n num"
    ),
    "seed": "random_state rng random_seed seeds",
    "callbacks": "callback listener hook",
    "progress": "verbose disp bar show",
    "guess": "initial_guess u0 x0 y0 initial start init",
    "sigma": "std error errors noise deviation uncertainty",
    "exact": "solution exact_solution true_solution analytical analytic ground_truth",
    "constants": "params parameters constant parameter",
    "width": "neurons units n_neurons hidden hidden_size size n nodes",
    "depth": "layers n_layers num_layers hidden_layers n_hidden",
    "activation": "act nonlinearity sigma",
    "initialize": "init initializer initialization initialise kernel_initializer scale",
    "descent": "optimizer optimiser optim opt",
    "method": "optimizer optimiser optim opt solver algorithm training",
    "rate": "lr learning_rate step_size",
    "decay": "betas beta",
    "memory": "history history_size m",
    "damping": "lm lambda mu ridge",
    "scale": "frequency frequencies sigma omega",
    "every": "every_n period interval frequency",
    "points": "n n_points num_points",
    "n": "n_points num_points points num size count samples number",
    "slabs": "steps n n_steps n_slabs num number intervals windows",
    "time": "coordinate variable t",
    "candidates": "n neurons pool",
    "basis": "network net model ansatz bases space nn",
    "checkpoint": "save save_path checkpoint_path path file filename",
    "resume": "restart restore load warm_start",
    "cluster": "client executor pool dask",
    "march": "marching time_marching slabs",
    "path": "file filename name",
    "center": "centre c origin",
    "radius": "r rad",
    "vertices": "points corners coords",
    "low": "a lower left start min lo",
    "high": "b upper right end stop max hi",
}
CONDITIONS = (
    "equations and conditions stand behind the domain, Problem(domain, Eq(...), Eq(u, 0) @"
    " domain.boundary)"
)
NETWORK = "a network is the second argument of solve, solve(problem, Dense(400, activation='sin'))"
TRAINED = (
    "training is that of a given basis, solve(problem, Dense(50), LSGD(steps=500,"
    " descent=Adam(rate=1e-3)))"
)
COORDINATES = "coordinates stand one after the other, without a name"
ELSEWHERE = {
    "bc bcs boundary boundary_condition boundary_conditions ic ics initial_condition "
    "initial_conditions equation equations pde pdes ode conditions constraints rhs": (CONDITIONS),
    "width neurons n_neurons units hidden layers depth n_layers num_layers hidden_layers "
    "activation": (NETWORK),
    "epochs epoch iterations iters steps n_steps max_iter maxiter lr learning_rate rate batch "
    "batch_size tol": (TRAINED),
    "points n_points num_points num_domain num_boundary n_collocation": (
        "collocation points are drawn by the solver itself"
    ),
    "weights loss_weights weight": "equations are weighted by the solver itself",
    "device dtype": "everything is computed in float64",
    "gpu cuda use_gpu": "a GPU is asked for by solve(problem, Dense(4000), device='cuda')",
    "exact solution exact_solution": (
        "a known solution belongs to its problem, Problem(..., exact={u: ...})"
    ),
    "constants params parameters": (
        "constants belong to the problem, Problem(..., constants={k: 2})"
    ),
    "guess initial_guess u0 x0": "a guess is given to solve, solve(problem, guess={u: ...})",
    "hard": "solve(hard(problem).problem, ...) builds boundary values into the unknown",
    "adaptive resample": "LSGD(resample=Resample()) draws points anew where the residual is large",
    "count modes n_modes n_eigenvalues num_eigenvalues": (
        "eigenvalues are found by eigenmodes(problem, count=12)"
    ),
    "unknowns variables": "unknowns are found in the equations",
    "dt step": (
        "slabs are counted, March(t, 8), and steps within them are chosen by the solver itself"
    ),
    "real positive integer commutative": "coordinates and unknowns are real without being told",
    "coordinates coordinate wrt by with_respect_to": COORDINATES,
}
CALLED = {
    "Ball": "Ball({x: 0, y: 0}, 1)",
    "Box": "Box({x: (0, 1), y: (0, 2)})",
    "Budget": "Budget(seconds=30)",
    "Arc": "Arc({x: s, y: s**2}, (s, 0, 1))",
    "Cone": "Cone({x: 0, y: 0}, 1, {z: (0, 2)})",
    "Cylinder": "Cylinder({x: 0, y: 0}, 1, {z: (0, 2)})",
    "Curve": "Curve({x: 2*cos(s), y: sin(s)}, (s, 0, 2*pi))",
    "Data": "Data(values, sigma=0.01)",
    "Ellipse": "Ellipse({x: 0, y: 0}, {x: 2, y: 1})",
    "Implicit": "Implicit(x**4 + y**4 < 1, {x: (-2, 2), y: (-2, 2)})",
    "Interval": "Interval(x, 0, 1)",
    "March": "March(t, 8)",
    "PointCloud": "PointCloud({x: xs, y: ys})",
    "Polygon": "Polygon((x, y), [(0, 0), (1, 0), (0, 1)])",
    "Problem": "Problem(domain, Eq(...), Eq(u, 0) @ domain.boundary)",
    "Spline": "Spline({x: xs, y: ys})",
    "Torus": "Torus({x: 0, y: 0, z: 0}, 2, 0.5)",
    "coordinates": "coordinates('x t')",
    "hard": "hard(problem)",
    "manufactured": "manufactured(domain, -laplacian(u), exact={u: sin(x)})",
    "normal": "normal(x, y)",
    "revolve": "revolve(Ball({r: 2, z: 0}, 0.5), {x: 0, y: 0})",
    "sample_region": "sample_region(region, 1000, seed=0)",
    "solution": "solution(points), solution({'x': xs, 'y': ys}), or solution(points, u.diff(x))",
    "solve": "solve(problem, tolerance=1e-6, budget=30)",
    "unknown": "unknown('u', x, t)",
}


def spoken(public: T) -> T:
    """The same function or class, whose calls with wrong arguments are answered in words. A class
    is changed in place.
    """
    name = getattr(public, "__name__", "")
    if inspect.isclass(public):
        for method in WITH_METHODS.get(name, ()):
            plain = getattr(public, method)
            if not hasattr(plain, "__wrapped__"):
                setattr(
                    public,
                    method,
                    _answered(f"solution.{method}".removesuffix(".__call__"), plain, skip=1),
                )
        maker = "__init__" if "__init__" in vars(public) else "__new__"
        plain = vars(public).get(maker)
        plain = plain.__func__ if isinstance(plain, staticmethod) else plain
        if inspect.isfunction(plain) and not hasattr(plain, "__wrapped__"):
            setattr(public, maker, _answered(name, plain, skip=1))
        return public
    if not callable(public) or name in AS_VALUES:
        return public
    return cast(T, _answered(name, public, skip=0))


def _answered(name: str, plain: Callable[..., Any], skip: int) -> Callable[..., Any]:
    @functools.wraps(plain)
    def answered(*given: Any, **named: Any) -> Any:
        try:
            return plain(*given, **named)
        except TypeError:
            said = _said(name, inspect.signature(plain), given, named, skip)
            if not said:
                raise
        raise TypeError(said)

    if not skip:
        answered.__qualname__ = name
    return answered


def _said(
    name: str,
    signature: inspect.Signature,
    given: tuple[Any, ...],
    named: dict[str, Any],
    skip: int,
) -> str:
    """What is wrong with the arguments; empty if nothing is, and the error came from within."""
    try:
        signature.bind(*given, **named)
    except TypeError as error:
        taken = [
            p for p in list(signature.parameters.values())[skip:] if not p.name.startswith("_")
        ]
        called = CALLED.get(name) or f"{name}({', '.join(map(_written, taken))})"
        known = [p.name for p in taken if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        for word in named:
            if word not in known:
                takes = f"; it takes {', '.join(known)}" if known else ""
                return (
                    f"{name} has no argument {word}:"
                    f" {_meant(word, known) or f'write {called}'}{takes}"
                )
        free = [p for p in taken if p.default is p.empty and p.name in known]
        lacking = [
            p.name
            for i, p in enumerate(free)
            if p.name not in named and (i >= len(given) - skip or p.kind is p.KEYWORD_ONLY)
        ]
        if lacking:
            return f"{name} lacks {' and '.join(lacking)}: it is called as {called}"
        return f"{name} is called as {called}: {error}"
    return ""


def _written(parameter: inspect.Parameter) -> str:
    star = "*" * (parameter.kind == parameter.VAR_POSITIONAL)
    required = star or parameter.default is parameter.empty
    return f"{star}{parameter.name}" if required else f"{parameter.name}=..."


def _meant(word: str, known: list[str]) -> str:
    """The argument that was meant, or where it belongs; empty if nobody can tell."""
    lower = word.lower()
    for ours in known:
        if lower == ours or lower in MEANS.get(ours, "").split():
            return f"write {ours}=..."
    for words, remedy in ELSEWHERE.items():
        if lower in words.split():
            return remedy
    close = difflib.get_close_matches(lower, known, 1)
    return f"write {close[0]}=..." if close else ""
