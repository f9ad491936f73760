"""MGRIT as a way to propagate: what `ResNet(..., propagate=MGRIT(...))` calls in place of the
serial loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from pinnsolve.mgrit.communicator import Alone, Communicator, ranks
from pinnsolve.mgrit.grid import Grid, coarsened
from pinnsolve.mgrit.memory import Memory, captured
from pinnsolve.mgrit.model import best_factors
from pinnsolve.mgrit.options import WORTH
from pinnsolve.mgrit.pass_function import PassFunction
from pinnsolve.mgrit.passes import Pass
from pinnsolve.mgrit.product import PointParallel
from pinnsolve.mgrit.propagator import Layers, Propagator, Step, Watch, serial


@dataclass(frozen=True)
class MGRIT(Propagator):
    """Run the layers of a residual network in parallel: multigrid reduction in time, forwards and
    backwards.

    Layers are steps u + h f(u), and `coarsening` c of them (one factor, or one a level, finest
    first) become one step of size c h with the mean of their parameters (`coarse="mean"`, or
    "first", injection) on the next of `levels`. In each of `cycles` all intervals of c layers are
    run at once, from the C-point values so far, and these are corrected on the coarser levels; the
    reverse pass has as many, or `adjoint_cycles`. With `tolerance`, cycles go on until the
    C-points' relative residual is below it (0: as far as the type's precision goes). With zero
    cycles, and where a cycle makes the residual grow (with a warning), the exact serial pass is
    taken, rank after rank. `relaxation` of the finest level is "F", "FCF" or longer; a `cycle` is
    "V", or "F": on every coarser level an F-cycle and then a V-cycle.

    `at_once` intervals go through a layer together (None: all of them): many, where a layer is
    small for the machine. Under mpiexec each rank owns a slab of the layers, and all ranks return
    the same; with `gradients="own"` all but gradients, each rank's own, zero elsewhere, for who
    moves no others (LS/GD does so). With `layer_ranks` only so many neighbours share the layers,
    and such groups share the points (1: points alone are divided, which is exact and comes first
    while they are many). `activations` are "kept" for the reverse pass, which grows with the depth,
    or "recomputed" in it, group of intervals by group: memory for N / c states and c layers. States
    at C-points are remembered: the next call for the same points, with similar parameters, starts
    from them. Where no gradient is asked for (least squares, evaluation) the result is exact.

    Raises ValueError for factors that leave fewer than two coarse steps, more ranks than coarsest
    steps, or an unknown option.

    >>> from pinnsolve import MGRIT, ResNet
    >>> deep = ResNet(width=32, depth=1025, propagate=MGRIT(levels=2, coarsening=32))
    >>> deep.propagate.cycles
    2
    """

    levels: int = 2
    coarsening: int | tuple[int, ...] = 8
    cycles: int = 2
    adjoint_cycles: int | None = None
    coarse: str = "mean"
    relaxation: str = "F"
    cycle: str = "V"
    tolerance: float | None = None
    at_once: int | None = None
    activations: str = "kept"
    layer_ranks: int | None = None
    gradients: str = "whole"
    watch: Watch | None = field(default=None, repr=False, compare=False)
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.levels < 2 or len(self.factors) != self.levels - 1:
            raise ValueError(
                f"MGRIT of {self.levels} levels wants {self.levels - 1} factors: got coarsening"
                f" {self.coarsening}"
            )
        if self.coarse not in (
            "mean",
            "first",
        ) or self.relaxation != "F" + "CF" * self.relaxation.count("C"):
            raise ValueError(
                'coarse is "mean" or "first", relaxation "F", "FCF" and so on: got'
                f" {self.coarse!r}, {self.relaxation!r}"
            )
        if self.cycle not in ("V", "F"):
            raise ValueError(f'cycle is "V" or "F": got {self.cycle!r}')
        if self.activations not in ("kept", "recomputed"):
            raise ValueError(f'activations are "kept" or "recomputed": got {self.activations!r}')
        if self.gradients not in ("whole", "own"):
            raise ValueError(f'gradients are "whole" or "own": got {self.gradients!r}')
        if self.cycles < 0 or (self.adjoint_cycles or 0) < 0:
            raise ValueError(f"cycles are not negative: got {self.cycles}, {self.adjoint_cycles}")
        if self.layer_ranks is not None and self.layer_ranks < 1:
            raise ValueError(f"layer_ranks is at least 1: got {self.layer_ranks}")
        self.ranks()  # from now on one that fails ends the others

    @classmethod
    def auto(cls, depth: int, ranks: int = 1) -> MGRIT:
        """Levels and coarsening for so many layers on so many ranks, from the performance model;
        one cycle a step of training.

        Raises ValueError for fewer than four layers a rank.

        >>> from pinnsolve import MGRIT
        >>> MGRIT.auto(1024).factors, MGRIT.auto(1024, ranks=16).factors
        ((128,), (64, 4))
        """
        factors = best_factors(depth, ranks)[1]
        return cls(len(factors) + 1, factors, cycles=1, at_once=None if ranks == 1 else 1)

    def with_more_cycles(self) -> MGRIT:
        """One more cycle, forwards and backwards; where these cost more, the serial pass."""
        most = max(self.cycles, self.adjoint_cycles or 0)
        if most >= WORTH.most_cycles:
            return self.exactly()
        back = self.cycles if self.adjoint_cycles is None else self.adjoint_cycles
        return replace(self, cycles=self.cycles + 1, adjoint_cycles=back + 1)

    def watching(self, residual: Watch | None) -> MGRIT:
        """The same, with more cycles in a pass, until a function of the last state changes by less
        than a twentieth in one.

        Of the last state `(rows of the jet, n, width)`, with one entry a point, as the residual of
        the equation that is trained for: a small difference of large terms, so that errors which no
        state shows may be all of it.
        """
        return replace(self, watch=residual)

    def with_other_coarse_layers(self) -> MGRIT:
        """The first layers in the place of means, or means in that of the first: as layers roughen,
        either may be nearer.
        """
        self.memory.forget_corrections()
        return replace(self, coarse="first" if self.coarse == "mean" else "mean")

    def exactly(self) -> MGRIT:
        """The serial pass."""
        return replace(self, cycles=0)

    def to_roundoff(self) -> MGRIT:
        """The same, with as many cycles as it takes: for descents that learn curvature from
        differences of gradients.
        """
        return replace(self, tolerance=0.0)

    def with_own_gradients(self) -> MGRIT:
        """The same, with gradients of this rank's layers alone."""
        return replace(self, gradients="own")

    def in_training(self, residual: Watch | None) -> MGRIT:
        """The same, watching the residual, with gradients of this rank's layers alone."""
        return self.watching(residual).with_own_gradients()

    @property
    def parallel(self) -> bool:
        """Layers are solved for in cycles."""
        return True

    def last_cycles(self) -> tuple[float, ...]:
        """Relative residuals of the states at C-points, cycle by cycle, in the last pass."""
        return tuple(self.memory.kept[-1]["residuals"]) if self.memory.kept else ()

    def forget_corrections(self) -> None:
        """Forget what coarse steps lacked: they will be others."""
        self.memory.forget_corrections()

    def partition(self, depth: int) -> tuple[slice, Communicator]:
        """Which of so many layers this rank owns, and the ranks that own the others."""
        layer_ranks, _ = self._groups()
        return (
            Grid(depth, self.factors).slabs(layer_ranks.rank, layer_ranks.size)[0].steps,
            layer_ranks,
        )

    def ranks(self) -> Communicator:
        """All ranks of this run."""
        return ranks()

    def _groups(self) -> tuple[Communicator, Communicator]:
        """The ranks that share the layers, and those that share the points."""
        everyone = self.ranks()
        if self.layer_ranks is None:
            return everyone, Alone()
        return everyone.divided(self.layer_ranks)

    @property
    def factors(self) -> tuple[int, ...]:
        """Coarsening factors, finest first."""
        c = self.coarsening
        return (c,) * (self.levels - 1) if isinstance(c, int) else tuple(c)

    def __call__(self, step: Step, layers: Layers, state: Tensor) -> Tensor:
        """The last state; differentiable in the layers and the state."""
        depth = len(layers[0])
        coarsened(depth, self.factors)
        # Transforms of functions see the serial loop.
        if torch._C._functorch.is_functorch_wrapped_tensor(state):
            return serial(step, layers, state)
        if not captured(state):
            own, _ = self.partition(depth)
            _require_residual(step, tuple(p[own] for p in layers), state)
        # Least squares and line searches ask for no gradient, and take states as exact.
        needed = torch.is_grad_enabled() and any(t.requires_grad for t in (state, *layers))
        layer_ranks, across = self._groups()
        passed = Pass(self, step, layer_ranks, depth)
        dealt = passed if self.layer_ranks is None else PointParallel(passed, across)
        out: Tensor = PassFunction.apply(dealt, needed, state, *layers)  # type: ignore[no-untyped-call]
        return out


def _require_residual(step: Step, layers: Layers, state: Tensor) -> None:
    """Raise ValueError unless a step of size zero leaves the state as it is."""
    probe = state.detach()[..., :1, :]
    with torch.no_grad():
        still = step(
            (*(p[0].detach() for p in layers[:-1]), torch.zeros_like(layers[-1][0])), probe
        )
    if still.shape != probe.shape or not torch.equal(still, probe):
        raise ValueError(
            "MGRIT wants residual layers, u + h f(u), whose step size is the last of a layer's"
            " parameters: several of them are then nearly one layer with the sum of their steps."
            " Plain layers have no such coarse form: take a ResNet"
        )
