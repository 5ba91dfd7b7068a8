"""Changes of units, and which rules notice them: measured, for any rule.

A ``Change`` writes every point in new numbers, z = R (k ∘ x) + b, and every value in new ones,
c · f. Nothing real has changed. A rule is invariant if its run in the new numbers, from the same
place and with the same hyperparameters, is the same run once it is mapped back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from course_lib.descent import Path, descend
from course_lib.landscapes import Landscape, landscape_of, ravine
from course_lib.validation import Rule, hyperparameters_of
from course_lib.wording import in_words

Factor = float | tuple[float, ...]


@dataclass(frozen=True)
class Change:
    """New numbers for points and values: z = R (k ∘ x) + b and c · f.

    x:     k, by which the numbers of x are multiplied, one for all coordinates or one for each;
           from metres to centimetres it is 100
    f:     c, by which the values are multiplied, larger than 0
    shift: b, where the old origin lies in the new numbers
    angle: of the turn R in the plane of the first two coordinates, in radians
    """

    x: Factor = 1.0
    f: float = 1.0
    shift: Factor = 0.0
    angle: float = 0.0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.x).all() and np.all(self.x)):
            raise ValueError(f"x must be finite and not 0, got {self.x!r}")
        if not 0 < self.f < np.inf:
            raise ValueError(f"f must be larger than 0 and finite, got {self.f!r}")

    def _matrix(self, d: int) -> np.ndarray:
        """(d, d), the matrix R diag(k)."""
        turn = np.eye(d)
        if self.angle:
            if d < 2:
                raise ValueError("angle must be 0 where there is only one coordinate")
            cos, sin = np.cos(self.angle), np.sin(self.angle)
            turn[:2, :2] = [[cos, -sin], [sin, cos]]
        return turn * np.broadcast_to(self.x, d)

    def new(self, x: np.ndarray) -> np.ndarray:
        """(…, d), old points in new numbers."""
        x = np.asarray(x, dtype=float)
        return x @ self._matrix(x.shape[-1]).T + self.shift

    def old(self, z: np.ndarray) -> np.ndarray:
        """(…, d), new points in old numbers."""
        z = np.asarray(z, dtype=float)
        return (z - self.shift) @ np.linalg.inv(self._matrix(z.shape[-1])).T

    def landscape(self, on: Landscape) -> Landscape:
        """The same landscape in the new numbers: value c f(x), gradient c (R diag(k))⁻ᵀ ∇f(x)."""
        on = landscape_of(on)
        inverse = np.linalg.inv(self._matrix(on.dim))
        corners = self.new(np.stack(np.meshgrid(*on.window), axis=-1).reshape(-1, on.dim))
        return replace(
            on,
            name=f"{on.name} in new units",
            f=lambda z: self.f * on.f(self.old(z)),
            grad=lambda z: self.f * on.grad(self.old(z)) @ inverse,
            start=tuple(self.new(on.start).tolist()),
            window=tuple(
                zip(corners.min(axis=0).tolist(), corners.max(axis=0).tolist(), strict=True)
            ),
            minima=tuple(tuple(self.new(minimum).tolist()) for minimum in on.minima),
            hessian=None if on.hessian is None else self.f * inverse.T @ on.hessian @ inverse,
            noise=0.0,
            sampler=None,
        )

    def descend(
        self,
        rule: Rule,
        landscape: Landscape,
        start: tuple[float, ...] | None = None,
        steps: int = 100,
        **hyperparameters: float,
    ) -> Path:
        """``descend`` in the new numbers, with the path written down in the old ones.

        The rule sees new numbers only. On a noisy landscape it sees the exact gradient.
        """
        landscape = landscape_of(landscape)
        here = landscape.start if start is None else start
        path = descend(rule, self.landscape(landscape), self.new(here), steps, **hyperparameters)
        with np.errstate(all="ignore"):
            points = self.old(path.points)
            return replace(path, landscape=landscape, points=points, values=landscape.f(points))


def deviation(path: Path, other: Path) -> float:
    """How far two runs of one start are apart at most, as a share of the way the first one made.

    max |xₜ − yₜ| / max |xₜ − x₀|, less what is rounding error in the points themselves; inf if one
    run diverges and the other does not.
    """
    if len(path) != len(other):
        return np.inf
    with np.errstate(over="ignore"):
        way = np.linalg.norm(path.points - path.points[0], axis=-1).max()
        apart = np.linalg.norm(path.points - other.points, axis=-1).max()
    apart = max(apart - 1e-14 * np.abs(path.points).max(), 0.0)  # rounding of the points themselves
    return float(apart / way) if way > 0 else (0.0 if apart == 0 else np.inf)


# The experiment

CHANGES: Mapping[str, tuple[Change, ...]] = {
    "shift": (Change(shift=(3.0, -2.0)), Change(shift=(-7.0, 11.0))),
    "f": (Change(f=50.0), Change(f=0.03)),
    "x": (Change(x=6.0), Change(x=0.3)),
    "each x": (Change(x=(6.0, 0.3)), Change(x=(0.5, 2.0))),
    "rotation": (Change(angle=0.4), Change(angle=2.0)),
    "mirror": (Change(x=(-1.0, 1.0)), Change(x=(1.0, -1.0), angle=np.pi / 2)),
}
ROUNDING = 1e-9  # a deviation below this is rounding error
MARKS = {"exactly": "✔", "up to ε": "≈", "nearly": "≈", "no": "✘"}


@dataclass(frozen=True)
class Invariance:
    """Whether a rule notices a change.

    verdict:   "exactly": not beyond rounding, whatever ε; "up to ε": what it notices goes to 0
               with ε; "nearly": less than a millionth of the way, for some other reason; "no"
    deviation: how far the runs are apart, with the hyperparameters given, as a share of the way
    """

    verdict: str
    deviation: float

    def __bool__(self) -> bool:
        return self.verdict != "no"

    def __str__(self) -> str:
        """The verdict and, unless it is rounding error, the deviation in one digit."""
        said = f"{MARKS[self.verdict]} {self.verdict}"
        if self.deviation <= ROUNDING:
            return said
        size = in_words(float(f"{self.deviation:.0e}")) if self.deviation < 100 else "over 100"
        return f"{said} ({size})"


def invariances(
    rule: Rule,
    on: Landscape | None = None,
    steps: int = 40,
    **hyperparameters: float,
) -> dict[str, Invariance]:
    """Which changes of units a rule notices, by experiment: the keys are those of ``CHANGES``.

    Each change is made twice, and the larger deviation counts. Where the rule has an ε (any
    hyperparameter that begins with ``eps``), the runs are made again with a large and a small
    one: "exactly" must hold with each, and "up to ε" says that the deviation shrinks with ε.

    on: a landscape of two coordinates, on which the rule does not diverge; without it a ravine
        with κ = 5 that lies across the axes
    """
    on = landscape_of(ravine(5.0, angle=0.5) if on is None else on)
    if on.dim != 2:
        raise ValueError(f"invariances needs a landscape of 2 coordinates, not {on.dim}")
    small, large = (_with_eps(rule, hyperparameters, eps) for eps in (1e-12, 1e-3))
    has_eps = small != hyperparameters
    original = descend(rule, on, steps=steps, **hyperparameters)
    if original.diverged:
        raise ValueError(f"{original.summary} Choose other settings: there is no run to compare.")

    def furthest(changes: Iterable[Change], settings: Mapping[str, float]) -> float:
        path = descend(rule, on, steps=steps, **settings)
        return max(
            deviation(path, change.descend(rule, on, steps=steps, **settings)) for change in changes
        )

    def judged(changes: tuple[Change, ...]) -> Invariance:
        given = furthest(changes, hyperparameters)
        apart = [furthest(changes, large), furthest(changes, small)] if has_eps else [given, given]
        if max(given, *apart) <= ROUNDING:
            return Invariance("exactly", given)
        if has_eps and apart[1] <= 1e-6 * min(apart[0], 1.0):
            return Invariance("up to ε", given)
        return Invariance("nearly" if given <= 1e-6 else "no", given)

    return {name: judged(changes) for name, changes in CHANGES.items()}


def _with_eps(rule: Rule, given: Mapping[str, float], eps: float) -> dict[str, float]:
    """The hyperparameters with every ε set to this value; unchanged if the rule has none."""
    names = [name for name in hyperparameters_of(rule) if name.startswith("eps")]
    return {**given, **dict.fromkeys(names, eps)}
