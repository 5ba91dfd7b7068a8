"""Trying a rule: random quadratics, and the points that a learner's rule visits on them.

Exercises that ask for a rule share this. ``points_of`` names every way in which something that
should be a rule is none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic

import numpy as np

from exercise_lib.engine import NotYet, Trouble, called, learners_code, numbers

SHORT, LONG = 8, 5200  # steps; nobody who ends the loop by hand thinks of more than 5000
ENOUGH, PATIENCE = 1024, 0.5  # steps of a long run after so many seconds: a right rule may be slow
FAR = 1e100  # a path that gets there has diverged


@dataclass(frozen=True)
class Run:
    """A case: a bowl, a start, hyperparameters, a number of steps.

    The bowl is ½ yᵀ H y − b Σᵢ cos yᵢ with y = x − c: a quadratic, unless it has a ``bend`` b.
    """

    hessian: np.ndarray
    centre: np.ndarray
    start: np.ndarray
    settings: Mapping[str, float]
    steps: int = SHORT
    bend: float = 0.0

    def first(self, steps: int) -> "Run":
        """The run with no more than its first ``steps``."""
        return replace(self, steps=min(self.steps, steps))


def draw_runs(
    *, slow: bool = True, **ranges: tuple[float, float]
) -> Callable[[np.random.Generator], list[Run]]:
    """Draws short runs in two and three dimensions, the edges, and a long one.

    The usual settings are from ``ranges``; at the edges they are also far outside. The long run is
    a ``slow`` one, on its way for long; not so for a rule that sees signs alone, which rounding
    turns where the run has arrived.
    """

    def draw(rng: np.random.Generator) -> list[Run]:
        usual = [_draw_run(rng, d, SHORT, ranges) for d in (2, 3, 2, 3, 2)]
        speed = "lr" if "lr" in ranges else "eps"  # small: so that it is on its way for long
        of_long = {**ranges, speed: SLOW[speed]} if slow else ranges
        return [*usual, *_edges(rng, ranges), _draw_run(rng, 2, LONG, of_long)]

    return draw


def _draw_run(rng: np.random.Generator, d: int, steps: int, ranges: Mapping) -> Run:
    axes = np.linalg.qr(rng.standard_normal((d, d)))[0]
    return Run(
        hessian=axes @ np.diag(rng.uniform(0.5, 2.0, d)) @ axes.T,
        centre=rng.uniform(-3, 3, d),
        start=rng.uniform(-3, 3, d),
        settings={name: rng.uniform(*span) for name, span in ranges.items()},
        steps=steps,
    )


SLOW = {"lr": (0.001, 0.002), "eps": (1e-6, 1e-5)}
SMALLEST = {"beta": (0.0, 0.02), "eps": (1e-9, 1e-8)}
LARGEST = {"lr": (1.05, 1.25), "beta": (0.97, 0.995)}


def _edges(rng: np.random.Generator, ranges: Mapping) -> list[Run]:
    """A run for each thing that a wrong rule may hold for granted.

    In turn: no quadratic, and many coordinates; one coordinate, and tiny gradients; a coordinate
    whose gradient is always 0, and large gradients; the smallest hyperparameters; the largest
    ones, at which a step leads past the minimum (η λ > 1).
    """
    bent, near, flat, low, high = (_draw_run(rng, d, SHORT, ranges) for d in (7, 1, 2, 2, 2))
    small, large = (
        {name: rng.uniform(*ends.get(name.rstrip("12"), span)) for name, span in ranges.items()}
        for ends in (SMALLEST, LARGEST)
    )
    return [
        replace(bent, bend=0.4),
        replace(near, centre=np.zeros(1), start=1e-5 * near.start),
        replace(flat, hessian=np.diag([1.3, 0.0]), start=flat.centre + np.array([400.0, 2.0])),
        replace(low, settings=small),
        replace(high, settings=large, hessian=high.hessian / np.linalg.norm(high.hessian, 2)),
    ]


def rule_edges(*hyperparameters: str, but: Sequence[str] = ()) -> dict[str, Callable]:
    """The edges of a rule with these hyperparameters (see ``Task``), ``but`` for some."""
    edges = EDGES | {k: v for name in hyperparameters for k, v in OF_HYPERPARAMETERS[name].items()}
    return {name: edge for name, edge in edges.items() if name not in but}


def _slope(run: Run) -> float:
    """How long the first gradient is."""
    return float(np.linalg.norm(gradient_of(run)(run.start)))


EDGES = {
    "one coordinate": lambda run: len(run.start) == 1,
    "seven coordinates": lambda run: len(run.start) == 7,
    "no quadratic": lambda run: run.bend > 0,
    "a minimum that is not 0": lambda run: bool(run.centre.all()),
    "a gradient that is always 0": lambda run: not run.hessian.any(axis=0).all(),
    "tiny gradients": lambda run: _slope(run) < 1e-3,
    "large gradients": lambda run: _slope(run) > 300,
    "thousands of steps": lambda run: run.steps == LONG,
}
OF_HYPERPARAMETERS = {
    "lr": {
        "η λ above 1": lambda run: (
            run.settings["lr"] * np.linalg.norm(run.hessian, 2) > 1 and len(run.start) == 2
        )
    },
    "beta": {
        "β near 0": lambda run: all(b < 0.03 for b in _decays(run)),
        "β near 1": lambda run: all(b > 0.96 for b in _decays(run)),
    },
    "eps": {"ε near 0": lambda run: run.settings["eps"] < 2e-8},
}


def _decays(run: Run) -> list[float]:
    return [value for name, value in run.settings.items() if name.startswith("beta")]


def points_of(rule: object, run: Run) -> np.ndarray:
    """(steps, d), the points that a learner's rule visits; raises ``Trouble`` if it is no rule.

    From where a run has diverged they are nan.
    """
    start = run.start.copy()
    grad = gradient_of(run)
    with learners_code():
        walk = _points(called(rule, grad, start, **run.settings), grad.calls)
        points, ended = _walked(walk, run)
    if ended:
        when = "before the first point" if not points else f"after point number {len(points)}"
        raise Trouble(
            f"Your rule ends {when}; a rule goes on for ever, and who calls it decides when to "
            "stop. Put step and `yield` into `while True:`.",
            "ends early",
        )
    if (start != run.start).any():
        raise Trouble(
            "Your rule changes the start in place, so whoever gave it loses it. "
            "`x -= …` and `x[i] = …` write into the caller's array; `x = x - …` makes a new one.",
            "changes the start",
        )
    return _up_to(FAR, np.array(points))


def _walked(walk: Iterator, run: Run) -> tuple[list[np.ndarray], bool]:
    """The points of a run, and whether it ended by itself. One that is very slow is cut short."""
    began, points = monotonic(), []
    for point in islice(walk, run.steps):
        points.append(_copied(point, run))
        if len(points) >= ENOUGH and monotonic() - began > PATIENCE:
            return points, False
    return points, len(points) < run.steps


def _up_to(far: float, points: np.ndarray) -> np.ndarray:
    """The points, with nan from the first one on that is further away than ``far`` or no number.

    Of two runs that diverge in the same way one may overflow a step sooner, by rounding.
    """
    lost = ~(np.abs(points) < far).all(axis=-1)
    points[np.logical_or.accumulate(lost)] = np.nan
    return points


def undisturbed_points_of(rule: object, run: Run) -> np.ndarray:
    """``points_of`` a rule that keeps something in mind: ``Trouble`` if its runs share it.

    A short run is made alone, then twice more side by side, taking turns.
    """
    points = points_of(rule, run)
    if run.steps > SHORT or not np.isfinite(points).all():
        return points
    with learners_code():
        walks = [called(rule, gradient_of(run), run.start.copy(), **run.settings) for _ in "ab"]
        turns = [np.array(turn, float) for turn in islice(zip(*walks, strict=False), run.steps)]
    alone = np.stack([points, points], axis=1)
    if np.shape(turns) != alone.shape or not np.allclose(turns, alone, rtol=1e-9):
        raise Trouble(
            "Runs of your rule disturb each other, one after the other or side by side as in a "
            "race: what one of them remembers, another one finds. What a rule remembers is made "
            "inside the function, once for each run.",
            "runs share memory",
        )
    return points


def gradient_of(run: Run) -> Callable[[Iterable[float]], np.ndarray]:
    """The gradient of a run; it stops a rule that calls it again and again without a yield."""

    def grad(x: Iterable[float]) -> np.ndarray:
        grad.calls += 1
        if grad.calls > most_calls(run):
            raise Trouble(
                "Your loop runs on for ever without handing out a point. "
                "The `yield` belongs into the loop, after the step.",
                "loops without a yield",
            )
        y = np.asarray(x, dtype=float) - run.centre
        return y @ run.hessian + run.bend * np.sin(y) if run.bend else y @ run.hessian

    grad.run, grad.calls = run, 0
    return grad


def most_calls(run: Run) -> int:
    """Of a gradient, by a rule that hands out points."""
    return 20 * run.steps + 100


def _points(result: object, calls: int) -> Iterator:
    if result is None and not calls:
        raise NotYet
    if result is None:
        raise Trouble(
            "Your rule computes steps but hands out nothing: `yield x` after each step.", "no yield"
        )
    if isinstance(result, list | tuple | np.ndarray) or not isinstance(result, Iterable):
        raise Trouble(
            f"Your rule returns {'all points at once' if _is_list(result) else 'one point'}. Hand "
            "out one after each step: `yield x` inside the loop, in place of `return`.",
            "returns all points" if _is_list(result) else "returns a point",
        )
    return iter(result)


def _copied(point: object, run: Run) -> np.ndarray:
    if _is_list(point):
        what = "several arrays" if isinstance(point, tuple) else "a list of points"
        raise Trouble(
            f"Your rule yields {what} each time. Yield the newest point alone: `yield x`.",
            f"yields {what}",
        )
    return numbers(point, run.start.shape, "Your rule yielded")


def _is_list(value: object) -> bool:
    """Whether this is many points, where one was due."""
    if isinstance(value, list | tuple):
        return len(value) > 0 and np.ndim(value[0]) == 1
    return np.ndim(value) == 2


NOTHING_BY_NOTHING = (
    "One of the check's functions has a coordinate along which it is flat. There the gradient is "
    "always 0, and in your rule 0 is divided by 0: 0/0 is nan. Such a coordinate must stay where "
    "it is: add something `tiny`, such as 1e-300, to |g|."
)


def where_it_departs(seen: list[np.ndarray], right: list[np.ndarray]) -> str:
    """The hint for a rule whose mistake is unknown: the step at which it first goes elsewhere."""
    lost = [not np.isfinite(points).all() for points in seen]
    if sum(lost) == 1:  # on the one case with such a coordinate
        return NOTHING_BY_NOTHING
    if any(lost):
        return "Your points become nan or inf on a bowl where the right ones come to rest."
    step = next(filter(None, map(_departure, seen, right)))
    if step == 1:
        return (
            "Already the first step leads elsewhere. Do one by hand, and compare it with "
            "`next(…)` of your rule: on f(x) = x², with its gradient 2x, from a point you like."
        )
    return (
        f"Up to step {step - 1} your path is right, from step {step} on it is not. "
        "What does your code carry over from one step to the next?"
    )


def _departure(points: np.ndarray, right: np.ndarray) -> int:
    """The first step at which a path is not where it should be, or 0."""
    wrong = ~np.isclose(points, right, rtol=1e-9, atol=1e-12).all(axis=-1)
    return int(np.argmax(wrong)) + 1 if wrong.any() else 0
