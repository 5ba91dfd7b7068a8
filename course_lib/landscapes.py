"""The functions to descend: value, gradient, minima, a window to look at, a place to start.

Each formula stands once as a value and once, beside it, as its gradient written by hand. All take
points of shape ``(…, d)``; the value drops the last axis, the gradient keeps it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

Pair = tuple[float, float]
Gradient = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Landscape:
    """A function to descend.

    Calling it gives the value, ``(…, d) -> (…)``; ``grad`` gives the gradient,
    ``(…, d) -> (…, d)``. Frozen: make a changed copy with ``dataclasses.replace``.

    name:    as it stands in titles and read-outs
    f, grad: the value and the exact gradient. Yours may be written for one point, (d,), alone;
             they get copies, and may return lists
    start:   a starting point that makes a telling path
    window:  ((x from, x to), (y from, y to)), what a picture should show
    minima:  the local minima, the best one first; empty where f has none
    formula: in LaTeX, for titles
    hessian: the constant matrix of second derivatives of a quadratic, otherwise None
    noise:   standard deviation of Gaussian noise added to each coordinate of the gradient
    seed:    where noise and batches start; equal seeds give equal runs
    sampler: makes, from a random generator, a gradient that looks at a fresh batch at each call
    spikes:  the steps in which a run sees a bad gradient; pictures mark them
    coordinates: what the coordinates are, for the axes of pictures
    """

    name: str
    f: Callable[[np.ndarray], np.ndarray]
    grad: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, ...]
    window: tuple[Pair, ...]
    minima: tuple[tuple[float, ...], ...] = ()
    formula: str = ""
    hessian: np.ndarray | None = None
    noise: float = 0.0
    seed: int = 0
    sampler: Callable[["np.random.Generator"], Gradient] | None = None
    spikes: tuple[int, ...] = ()
    coordinates: tuple[str, ...] = ("x", "y")

    def __post_init__(self) -> None:
        for name, shape in (("f", ()), ("grad", (self.dim,))):
            theirs = getattr(self, name)
            if not getattr(theirs, "__module__", "").startswith("course_lib."):
                taking = _taking_many(theirs, shape, f"{name} of {self.name}")
                object.__setattr__(self, name, taking)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.f(np.asarray(x, dtype=float))

    def __repr__(self) -> str:
        return f"<landscape {self.name}>"

    @property
    def dim(self) -> int:
        """Number of coordinates d."""
        return len(self.start)

    @property
    def lowest(self) -> float | None:
        """f at the best minimum, or None where f has no minimum."""
        return float(self(np.array(self.minima[0]))) if self.minima else None

    @property
    def curvatures(self) -> np.ndarray | None:
        """Eigenvalues of the Hessian, smallest first (μ … L), or None if f is not quadratic."""
        return None if self.hessian is None else np.linalg.eigvalsh(self.hessian)

    @property
    def is_exact(self) -> bool:
        """Whether a run sees the exact gradient: neither noise nor batches."""
        return self.noise == 0 and self.sampler is None

    def oracle(self) -> Gradient:
        """The gradient that one run sees: exact, or drawn at random, anew from the seed."""
        rng = np.random.default_rng(self.seed)
        grad = self.sampler(rng) if self.sampler else self.grad
        if self.noise == 0:
            return grad
        return lambda x: grad(x) + self.noise * rng.standard_normal(np.shape(x))


def _taking_many(function: Callable, shape: tuple[int, ...], name: str) -> Callable:
    """A user's function of one point, (d,) → ``shape``, or of many, as one that takes (…, d).

    Whether it takes many is found out, once, when many are needed: it is asked for three points at
    once, and for each alone.
    """
    takes_many: bool | None = None

    def at(x: np.ndarray, inner: tuple[int, ...]) -> np.ndarray:
        value = function(np.array(x))
        if value is None:
            raise TypeError(f"{name} returns nothing (None) at {x}")
        try:
            value = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(f"{name} must return numbers, got {value!r} at {x}") from None
        if value.shape != inner:
            raise ValueError(f"{name} must return numbers of shape {inner}, got {value.shape}")
        return value

    def is_for_many(x: np.ndarray) -> bool:
        trial = x + np.random.default_rng(0).normal(scale=0.1, size=(3, len(x))) * (1 + np.abs(x))
        alone = [at(point, shape) for point in trial]
        try:
            return np.allclose(at(trial, (3, *shape)), alone, rtol=1e-9, equal_nan=True)
        except Exception:  # of a function that anybody wrote it may be any
            return False

    def taking_many(x: np.ndarray) -> np.ndarray:
        nonlocal takes_many
        x = np.asarray(x, dtype=float)
        if x.ndim == 1:
            return at(x, shape)
        points = x.reshape(-1, x.shape[-1])
        if takes_many is None and len(points):
            with np.errstate(all="ignore"):
                takes_many = is_for_many(points[0])
        if takes_many:
            return at(x, (*x.shape[:-1], *shape))
        return np.reshape([at(point, shape) for point in points], (*x.shape[:-1], *shape))

    return taking_many


def with_noise(landscape: Landscape, noise: float, seed: int = 0) -> Landscape:
    """The same landscape seen through a noisy gradient: g = ∇f(x) + noise · N(0, I).

    ``noise`` is the standard deviation per coordinate, in the units of the gradient. Values,
    minima and ``grad`` stay exact; only what a run sees (``oracle``) is noisy.
    """
    if not 0 <= noise < np.inf:
        raise ValueError(f"noise must be 0 or larger (a standard deviation), got {noise!r}")
    return replace(landscape_of(landscape), noise=float(noise), seed=seed)


def with_spikes(landscape: Landscape, spikes: Mapping[int, Sequence[float]]) -> Landscape:
    """The same landscape with a few bad gradients: a run sees g = ∇f(x) + spike in some steps.

    spikes: the vector, (d,), that is added in a step, by the number of the step: ``{60: (30, 0)}``.
            Each call of the gradient counts as a step, from 1.

    Values, minima and ``grad`` stay exact; only what a run sees (``oracle``) has the spikes.
    """
    landscape = landscape_of(landscape)
    for step, spike in spikes.items():
        if step < 1 or np.shape(spike) != (landscape.dim,) or not np.isfinite(spike).all():
            raise ValueError(
                f"spikes must be {{step: vector}}, steps from 1 and vectors of {landscape.dim} "
                f"finite numbers, got {{{step!r}: {spike!r}}}"
            )
    vectors = {step: np.array(spike, dtype=float) for step, spike in spikes.items()}

    def sampler(rng: "np.random.Generator") -> Gradient:
        grad = landscape.sampler(rng) if landscape.sampler else landscape.grad
        calls = count(1)
        return lambda x: grad(x) + vectors.get(next(calls), 0.0)

    named = f"{landscape.name} with {len(spikes)} spike{'s' if len(spikes) != 1 else ''}"
    steps = tuple(sorted({*landscape.spikes, *vectors}))
    return replace(landscape, name=named, sampler=sampler, spikes=steps)


def penalised(landscape: Landscape, weight_decay: float) -> Landscape:
    """The same landscape with an L2 penalty: f(x) + ½ λ |x|², with gradient ∇f(x) + λ x.

    ``weight_decay`` is λ ≥ 0. What a run sees has the penalty, too. The minimum of a quadratic,
    with Hessian H and minimum x*, moves to (H + λI)⁻¹ H x*; that of others is not known.
    """
    landscape, lam = landscape_of(landscape), weight_decay
    if not 0 <= lam < np.inf:
        raise ValueError(f"weight_decay must be 0 or larger and finite, got {lam!r}")
    hessian, minima = None, ()
    if landscape.hessian is not None:
        hessian = landscape.hessian + lam * np.eye(landscape.dim)
        hessian.setflags(write=False)
    if hessian is not None and landscape.minima:
        best = np.linalg.solve(hessian, landscape.hessian @ landscape.minima[0])
        minima = (tuple(best.tolist()),)

    def sampler(rng: "np.random.Generator") -> Gradient:
        grad = landscape.sampler(rng)
        return lambda x: grad(x) + lam * x

    return replace(
        landscape,
        name=f"{landscape.name} + {lam:g}/2 |x|²",
        f=lambda x: landscape.f(x) + 0.5 * lam * np.sum(x**2, axis=-1),
        grad=lambda x: landscape.grad(x) + lam * x,
        minima=minima,
        formula=rf"{landscape.formula} + \frac{{{lam:g}}}{{2}} |x|^2",
        hessian=hessian,
        sampler=sampler if landscape.sampler else None,
    )


def landscape_of(on: "Landscape | Callable[[], Landscape]") -> Landscape:
    """The landscape itself; a family given bare (``ravine``) stands for its default member."""
    made = on() if any(on is family for family in FAMILIES) else on
    if not isinstance(made, Landscape):
        raise TypeError(
            f"a landscape is needed, with value and gradient, got {on!r}; use one of the course "
            "(beale, ravine(condition=20), …) or make one: "
            "Landscape(name, f, grad, start, window)"
        )
    return made


def central_difference(
    f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """The gradient of f at x by central differences: (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for each i.

    ``x`` is (…, d), and so is the result. The error is about h² · f‴/6 + 10⁻¹⁶ · |f|/h: smallest
    near h = 1e-5, useless at h = 1e-12 (lesson 01 draws it).
    """
    x = np.asarray(x, dtype=float)
    nudges = h * np.eye(x.shape[-1])
    return np.stack([(f(x + nudge) - f(x - nudge)) / (2 * h) for nudge in nudges], axis=-1)


# Quadratics: f(x) = ½ xᵀ H x


def quadratic(
    hessian: np.ndarray,
    start: tuple[float, ...],
    window: tuple[Pair, ...],
    name: str = "quadratic",
    formula: str = r"\frac{1}{2} x^T H x",
) -> Landscape:
    """f(x) = ½ xᵀ H x with gradient H x, for a symmetric d × d matrix H."""
    hessian = np.array(hessian, dtype=float)
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1] or (hessian != hessian.T).any():
        raise ValueError(f"hessian must be a symmetric matrix, got\n{hessian}")
    if len(hessian) != len(start):
        raise ValueError(f"start must have {len(hessian)} numbers, as hessian has; got {start}")
    hessian.setflags(write=False)
    has_minimum = np.linalg.eigvalsh(hessian)[0] > 0
    return Landscape(
        name=name,
        f=lambda x: 0.5 * np.einsum("...i,ij,...j->...", x, hessian, x),
        grad=lambda x: x @ hessian,
        start=tuple(start),
        window=window,
        minima=((0.0,) * len(start),) if has_minimum else (),
        formula=formula,
        hessian=hessian,
    )


def parabola(curvature: float = 1.0) -> Landscape:
    """f(x) = ½ λ x², one coordinate: the smallest example of everything."""
    if not curvature > 0:
        raise ValueError(f"curvature must be larger than 0, got {curvature!r}")
    return quadratic(
        [[curvature]],
        start=(-4.0,),
        window=((-5.0, 5.0),),
        name="the parabola",
        formula=r"\frac{1}{2} \lambda x^2",
    )


def bowl(condition: float = 1.0, angle: float = 0.0, steepest: float = 2.0) -> Landscape:
    """A quadratic bowl with curvatures L = ``steepest`` and μ = L / ``condition``.

    At ``angle`` 0 the flat direction is x and the steep one y; ``angle`` (radians) turns the
    bowl counter-clockwise. ``condition`` is κ = L/μ ≥ 1.
    """
    if not condition >= 1:
        raise ValueError(f"condition must be 1 or larger (it is L/μ), got {condition!r}")
    if not steepest > 0:
        raise ValueError(f"steepest must be larger than 0 (it is L), got {steepest!r}")
    flat = steepest / condition
    if angle == 0:
        hessian = np.diag([flat, steepest])
    else:
        along = np.array([np.cos(angle), np.sin(angle)])
        hessian = steepest * np.eye(2) - (steepest - flat) * np.outer(along, along)
    return quadratic(
        hessian,
        start=(-7.0, 2.0),
        window=((-8.0, 8.0), (-4.0, 4.0)),
        name=f"the bowl with κ = {condition:g}",
    )


def ravine(condition: float = 20.0, angle: float = 0.0) -> Landscape:
    """f(x, y) = x²/κ + y²: the bowl whose floor is κ times flatter than its walls.

    L = 2 and μ = 2/κ. ``angle`` (radians) turns the ravine, and the start with it,
    counter-clockwise.
    """
    level = bowl(condition, angle)
    cos, sin = np.cos(angle), np.sin(angle)
    along, across = -7.0, 2.0
    return replace(
        level,
        name=f"the ravine with κ = {condition:g}",
        start=(cos * along - sin * across, sin * along + cos * across),
        window=level.window if angle == 0 else ((-8.0, 8.0), (-8.0, 8.0)),
        formula=rf"x^2/{condition:g} + y^2" if angle == 0 else level.formula,
    )


FAMILIES = (parabola, bowl, ravine)

saddle = quadratic(
    np.diag([-1.0, 2.0]),
    start=(1e-5, 0.5),
    window=((-1.5, 1.5), (-1.0, 1.0)),
    name="the saddle",
    formula=r"-\frac{1}{2} x^2 + y^2",
)


# Data: f is a mean over rows, and a run may look at a few of them at a time


def least_squares(
    features: np.ndarray,
    targets: np.ndarray,
    batch: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    start: tuple[float, ...] | None = None,
    window: tuple[Pair, ...] | None = None,
    coordinates: tuple[str, ...] = ("x", "y"),
) -> Landscape:
    """f(x) = 1/n Σᵢ ½ (aᵢ·x − bᵢ)²: a line, a plane, … fitted to n rows of data.

    features: (n, d), the rows aᵢ; targets: (n,), the numbers bᵢ that aᵢ·x should hit
    batch:    how many rows a run looks at in each step, None for all. The gradient it sees is the
              mean over a batch drawn anew at each call; each run of a sweep draws its own
    shuffle:  False draws every batch from all rows, with replacement. True goes through the rows
              in a random order, new in each epoch; rows that fill no batch sit the epoch out
    start:    without it the origin; window: without it one around start and minimum
    coordinates: what the d weights are, for the axes of pictures

    Values, minimum, Hessian and ``grad`` are those of all rows, whatever the batch; only what a
    run sees (``oracle``) is drawn at random, from ``seed``.
    """
    features, targets = np.array(features, dtype=float), np.array(targets, dtype=float)
    if features.ndim != 2 or targets.shape != features.shape[:1] or not targets.size:
        raise ValueError(
            "features must be (n, d) and targets (n,), with the same n; "
            f"got {features.shape} and {targets.shape}"
        )
    if not (np.isfinite(features).all() and np.isfinite(targets).all()):
        raise ValueError("features and targets must be finite numbers, without nan and inf")
    n, d = features.shape
    if start is not None and len(start) != d:
        raise ValueError(f"start must have {d} numbers, one for each feature; got {start!r}")
    if batch is not None and not (isinstance(batch, int | np.integer) and batch >= 1):
        raise ValueError(f"batch must be a whole number, 1 or larger, or None; got {batch!r}")
    if shuffle and (batch or n) > n:
        raise ValueError(f"batch must be at most {n}, the number of rows, got {batch!r}")
    hessian = features.T @ features / n
    hessian.setflags(write=False)
    best = np.linalg.lstsq(features, targets)[0]
    start = (0.0,) * d if start is None else tuple(start)

    def value(x: np.ndarray) -> np.ndarray:
        return 0.5 * np.mean((x @ features.T - targets) ** 2, axis=-1)

    def grad(x: np.ndarray) -> np.ndarray:
        return (x @ features.T - targets) @ features / n

    def sampler(rng: "np.random.Generator") -> Gradient:
        rows_for = (_epochs if shuffle else _fresh_rows)(rng, n, batch)

        def batch_grad(x: np.ndarray) -> np.ndarray:
            rows = rows_for(np.shape(x)[:-1])
            a, b = features[rows], targets[rows]  # (…, batch, d) and (…, batch)
            errors = np.einsum("...bd,...d->...b", a, x) - b
            return np.einsum("...b,...bd->...d", errors, a) / batch

        return batch_grad

    return Landscape(
        name=f"least squares on {n} rows" + (f", in batches of {batch}" if batch else ""),
        f=value,
        grad=grad,
        start=start,
        window=_around(np.array([start, best])) if window is None else window,
        minima=(tuple(best.tolist()),) if np.linalg.matrix_rank(features) == d else (),
        formula=r"\frac{1}{n} \sum_i \frac{1}{2} (a_i \cdot x - b_i)^2",
        hessian=hessian,
        seed=seed,
        sampler=sampler if batch else None,
        coordinates=tuple(coordinates),
    )


def _fresh_rows(rng: "np.random.Generator", n: int, batch: int) -> Callable[[tuple], np.ndarray]:
    """For each run, ``batch`` of n rows, every one drawn from all of them."""
    return lambda runs: rng.integers(n, size=(*runs, batch))


def _epochs(rng: "np.random.Generator", n: int, batch: int) -> Callable[[tuple], np.ndarray]:
    """For each run, the next ``batch`` of n rows in its own random order, one order an epoch."""
    order, used = None, n

    def rows_for(runs: tuple) -> np.ndarray:
        nonlocal order, used
        if used + batch > n:
            order, used = rng.permuted(np.broadcast_to(np.arange(n), (*runs, n)), axis=-1), 0
        used += batch
        return order[..., used - batch : used]

    return rows_for


def _around(points: np.ndarray) -> tuple[Pair, ...]:
    """A window that shows these points, (n, d), with room on all sides."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.4 * (high - low).max() or 1.0
    return tuple(zip((low - room).tolist(), (high + room).tolist(), strict=True))


# Others. Each value stands beside its gradient. ``p.T`` has the coordinates first, whatever the
# batch, and the last ``.T`` turns the result back: for one point much faster than ``p[..., 0]``.


def _beale(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    y2, y3 = y**2, y * y**2  # y**3 itself is slow for large arrays
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
    return (a**2 + b**2 + c**2).T


def _beale_grad(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    y2, y3 = y**2, y * y**2
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
    dx = 2 * (a * (y - 1) + b * (y2 - 1) + c * (y3 - 1))
    dy = 2 * x * (a + 2 * b * y + 3 * c * y2)
    return np.array([dx, dy]).T


beale = Landscape(
    name="Beale",
    f=_beale,
    grad=_beale_grad,
    start=(1.0, 1.5),
    window=((-1.0, 4.5), (-1.5, 2.0)),
    minima=((3.0, 0.5),),
    formula=r"(1.5-x+xy)^2 + (2.25-x+xy^2)^2 + (2.625-x+xy^3)^2",
)


def _rosenbrock(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    return ((1 - x) ** 2 + 100 * (y - x**2) ** 2).T


def _rosenbrock_grad(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    dx = -2 * (1 - x) - 400 * x * (y - x**2)
    dy = 200 * (y - x**2)
    return np.array([dx, dy]).T


rosenbrock = Landscape(
    name="Rosenbrock",
    f=_rosenbrock,
    grad=_rosenbrock_grad,
    start=(-1.2, 1.0),
    window=((-2.0, 2.0), (-1.0, 3.0)),
    minima=((1.0, 1.0),),
    formula=r"(1-x)^2 + 100\,(y-x^2)^2",
)


def _himmelblau(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    return ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2).T


def _himmelblau_grad(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b]).T


himmelblau = Landscape(
    name="Himmelblau",
    f=_himmelblau,
    grad=_himmelblau_grad,
    start=(-0.5, -1.0),
    window=((-6.0, 6.0), (-6.0, 6.0)),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    formula=r"(x^2+y-11)^2 + (x+y^2-7)^2",
)


def _cubic(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    return (x**2 + y**2 + y * y**2 + x * y).T


def _cubic_grad(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    return np.array([2 * x + y, 2 * y + 3 * y**2 + x]).T


cubic = Landscape(  # its one minimum is local: beyond the pass at (0.25, −0.5) f falls for ever
    name="the cubic valley",
    f=_cubic,
    grad=_cubic_grad,
    start=(2.0, 3.0),
    window=((-3.0, 3.0), (-1.5, 3.5)),
    minima=((0.0, 0.0),),
    formula="x^2 + y^2 + y^3 + xy",
)


def _styblinski_tang(p: np.ndarray) -> np.ndarray:
    return 0.5 * np.sum(p**4 - 16 * p**2 + 5 * p, axis=-1)


def _styblinski_tang_grad(p: np.ndarray) -> np.ndarray:
    return 0.5 * (4 * p**3 - 32 * p + 5)


_DEEP, _SHALLOW = -2.903534027771177, 2.746802770990837  # minima of each coordinate's quartic

styblinski_tang = Landscape(
    name="Styblinski–Tang",
    f=_styblinski_tang,
    grad=_styblinski_tang_grad,
    start=(0.4, 3.5),
    window=((-5.0, 5.0), (-5.0, 5.0)),
    minima=((_DEEP, _DEEP), (_DEEP, _SHALLOW), (_SHALLOW, _DEEP), (_SHALLOW, _SHALLOW)),
    formula=r"\frac{1}{2} \sum_i x_i^4 - 16 x_i^2 + 5 x_i",
)


def _plateau(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    q = 0.5 * x**2 + y**2
    return (q / (1 + q)).T


def _plateau_grad(p: np.ndarray) -> np.ndarray:
    x, y = p.T
    q = 0.5 * x**2 + y**2
    return (np.array([x, 2 * y]) / (1 + q) ** 2).T


plateau = Landscape(
    name="the plateau",
    f=_plateau,
    grad=_plateau_grad,
    start=(-4.0, 2.0),
    window=((-6.0, 6.0), (-3.5, 3.5)),
    minima=((0.0, 0.0),),
    formula=r"\frac{q}{1+q},\ q = \frac{1}{2} x^2 + y^2",
)

LANDSCAPES = (
    parabola(),
    bowl(),
    ravine(),
    saddle,
    beale,
    rosenbrock,
    himmelblau,
    cubic,
    styblinski_tang,
    plateau,
)
