"""The implicit method of a step: diagonally implicit stages that share one matrix.

ESDIRK5(4)7L[2]SA2 of Kennedy and Carpenter (Appl. Numer. Math. 146 (2019) 221): seven stages, of
which the first is known, order five with an embedded fourth, L-stable, stiffly accurate.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from torch import Tensor

from pinnsolve.basis.basis import DOUBLE


@dataclass(frozen=True, eq=False)
class Tableau:
    """Butcher's: `a (stages, stages)` lower triangular, with `gamma` on its diagonal but for the
    first row, which is zero; the last row are the weights; `error (stages,)` are the weights minus
    those of the embedded method of order `order - 1`.
    """

    a: Tensor
    error: Tensor
    order: int

    @property
    def gamma(self) -> float:
        """The diagonal."""
        return float(self.a[-1, -1])

    @property
    def times(self) -> Tensor:
        """Where in a step the stages are, `(stages,)`."""
        return self.a.sum(dim=1)


def _rows(*rows: str) -> list[list[Fraction]]:
    return [[Fraction(number) for number in row.split()] for row in rows]


def _esdirk() -> Tableau:
    gamma = "23/125"
    rows = _rows(
        "",
        "",
        "791020047304/3561426431547",
        "-158159076358/11257294102345 -85517644447/5003708988389",
        "-1653327111580/4048416487981 1514767744496/9099671765375 14283835447591/12247432691556",
        "-4540011970825/8418487046959 -1790937573418/7393406387169 10819093665085/7266595846747"
        " 4109463131231/7386972500302",
        "-188593204321/4778616380481 2809310203510/10304234040467 1021729336898/2364210264653"
        " 870612361811/2470410392208 -1307970675534/8059683598661",
    )
    (embedded,) = _rows(
        "-582099335757/7214068459310 615023338567/3362626566945 3192122436311/6174152374399"
        " 6156034052041/14430468657929 -1011318518279/9693750372484 1914490192573/13754262428401"
    )
    stages = len(rows)
    a = DOUBLE.new_zeros(stages, stages)
    for i, row in enumerate(rows[1:], 1):
        # The first two stages have one weight in all later ones.
        whole = [*row[:1], *row] if i > 1 else [Fraction(gamma)]
        a[i, : i + 1] = a.new_tensor([*map(float, whole), float(Fraction(gamma))])
    weights = a.new_tensor([float(embedded[0]), *map(float, embedded)])
    return Tableau(a, a[-1] - weights, 5)


ESDIRK = _esdirk()
