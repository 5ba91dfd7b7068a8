"""Trying a rule: random quadratics, and the points that a learner's rule visits on them.

Exercises that ask for a rule share this. ``points_of`` names every way in which something that
should be a rule is none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from inspect import getmodule, getsource
from itertools import islice

import numpy as np

from exercise_lib.engine import NotYet, Trouble, called, learners_code, numbers

SHORT, LONG = 8, 1024  # steps; nobody who ends the loop by hand thinks of more than 1000
FAR = 1e100  # a path that gets there has diverged


@dataclass(frozen=True)
class Run:
    """A case: the quadratic ½ (x − c)ᵀ H (x − c), a start, hyperparameters, a number of steps."""

    hessian: np.ndarray
    centre: np.ndarray
    start: np.ndarray
    settings: Mapping[str, float]
    steps: int = SHORT

    def first(self, steps: int) -> "Run":
        """The run with no more than its first ``steps``."""
        return replace(self, steps=min(self.steps, steps))


def draw_runs(**ranges: tuple[float, float]) -> Callable[[np.random.Generator], list[Run]]:
    """Draws short runs in two and three dimensions, and a long one, with settings from ranges."""

    def draw(rng: np.random.Generator) -> list[Run]:
        dims = (2, 3, 2, 3, 2)
        return [_draw_run(rng, d, SHORT, ranges) for d in dims] + [_draw_run(rng, 2, LONG, ranges)]

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


def points_of(rule: object, run: Run) -> np.ndarray:
    """(steps, d), the points that a learner's rule visits; raises ``Trouble`` if it is no rule.

    From where a run has diverged they are nan.
    """
    start = run.start.copy()
    grad = gradient_of(run)
    with learners_code():
        walk = _points(called(rule, grad, start, **run.settings), grad.calls)
        points = [_copied(point, run) for point in islice(walk, run.steps)]
    if len(points) < run.steps:
        ended = "before the first point" if not points else f"after point number {len(points)}"
        raise Trouble(
            f"Your rule ends {ended}; a rule goes on for ever, and who calls it decides when to "
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
        return (np.asarray(x, dtype=float) - run.centre) @ run.hessian

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


def where_it_departs(seen: list[np.ndarray], right: list[np.ndarray]) -> str:
    """The hint for a rule whose mistake is unknown: the step at which it first goes elsewhere."""
    if not all(np.isfinite(points).all() for points in seen):
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


def edited(rule: Callable, *changes: tuple[str, str]) -> Callable:
    """A rule with a mistake: the rule's own source with each ``old`` text replaced by its ``new``.

    ``edited(adagrad, ("s = s + g**2", "s = g**2"))`` is an AdaGrad that remembers nothing. Each
    ``old`` must stand in the source exactly once, after the changes before it.
    """
    source = getsource(rule)
    head, docstring, body = source.partition(rule.__doc__ or "\0")
    for old, new in changes:
        if (head + body).count(old) != 1:
            raise ValueError(f"{old!r} must stand exactly once in {rule.__name__}")
        head, body = head.replace(old, new), body.replace(old, new)
    made: dict[str, Callable] = {}
    exec(head + docstring + body, dict(vars(getmodule(rule))), made)
    return made[rule.__name__]


def with_fixed(rule: Callable, **fixed: float) -> Callable:
    """The wrong rule that takes some settings from itself, whatever it is given."""
    return lambda grad, x, **given: rule(grad, x, **{**given, **fixed})
