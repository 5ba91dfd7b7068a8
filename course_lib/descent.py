"""Running a rule: ``descend`` makes one run and returns its path, ``sweep`` makes a grid of runs.

Here, and not in the rules, arguments are checked, divergence is caught and points are recorded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from inspect import getgeneratorlocals, isgenerator

import numpy as np

from course_lib.family import title_of
from course_lib.landscapes import Landscape, landscape_of
from course_lib.running import many_runs, one_run
from course_lib.validation import (
    Rule,
    check_hyperparameters,
    checked_start,
    checked_steps,
    exactly,
    rule_name,
)
from course_lib.wording import in_words

FAR = 1e100  # a run this far out is on its way to infinity


@dataclass(frozen=True, eq=False)
class Path:
    """The recorded run of a rule on a landscape.

    points:   (n + 1, d), the start first; the last point that was still a finite number last
    values:   (n + 1,), f at each point
    diverged: False, or the step at which the run left the representable numbers
    undefined: whether that step was 0/0, from ordinary numbers, and no flight to infinity
    """

    rule: str
    landscape: Landscape
    hyperparameters: Mapping[str, float]
    points: np.ndarray
    values: np.ndarray
    diverged: bool | int = False
    undefined: bool = False

    def __repr__(self) -> str:
        return f"<path: {self.summary}>"

    def __len__(self) -> int:
        """Number of steps recorded."""
        return len(self.points) - 1

    @cached_property
    def gap(self) -> np.ndarray:
        """(n + 1,), f − f*: how far above the best minimum; f itself where there is none."""
        return self.values - (self.landscape.lowest or 0.0)

    def reached(self, tol: float) -> int | None:
        """The first step at which |f − f*| <= tol, or None (always None if f has no minimum)."""
        if self.landscape.lowest is None:
            return None
        near = np.abs(self.gap) <= tol
        return int(np.argmax(near)) if near.any() else None

    def settled(self, tol: float) -> int | None:
        """The step from which on |f − f*| stays <= tol, or None: a lucky dip does not count."""
        if self.landscape.lowest is None or self.diverged:
            return None
        far = np.flatnonzero(np.abs(self.gap) > tol)
        first = int(far[-1]) + 1 if far.size else 0
        return first if first <= len(self) else None

    @property
    def summary(self) -> str:
        """One sentence that says what happened: for alt texts, read-outs and stored outputs."""
        who = f"{title_of(self.rule)} on {self.landscape.name}"
        if self.undefined:
            return f"{who} is not a number (0/0) from step {self.diverged} on."
        if self.diverged:
            return f"{who} diverged at step {self.diverged}."
        what = "f" if self.landscape.lowest in (None, 0.0) else "f − f*"
        first, last = self.gap[0], self.gap[-1]
        verb = "falls" if last < first else "grows" if last > first else "stays"
        sentence = f"{who}: {what} {verb} from {in_words(first)} to {in_words(last)}"
        sentence += f" in {len(self)} steps"
        step = self.settled(1e-6)
        if step is not None:
            sentence += f"; it stays within 1e-6 of the minimum from step {step}"
        return sentence + "."


def descend(
    rule: Rule,
    landscape: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    **hyperparameters: float,
) -> Path:
    """Run ``rule`` for ``steps`` steps on ``landscape`` and record the path.

    rule:       a generator function ``rule(grad, x, …)``, the course's or your own
    start:      where to begin, d numbers; without it the landscape's own start
    **hyperparameters: the rule's, by name; those not given keep the rule's defaults

    Divergence is not an error: recording stops at the last finite point, and ``path.diverged``
    says at which step that happened. Raises ValueError or TypeError, naming the argument, for
    anything that cannot be meant.
    """
    landscape = landscape_of(landscape)
    check_hyperparameters(rule, hyperparameters)
    for name, value in hyperparameters.items():
        if np.ndim(value):
            raise ValueError(f"{name} must be one number in descend; for many at once use sweep")
    points = [checked_start(start, landscape)]
    diverged: bool | int = False
    with np.errstate(all="ignore"):
        run = one_run(rule, landscape.oracle(), points[0], checked_steps(steps), hyperparameters)
        for point in run:
            points.append(point)
            if not np.isfinite(point).all():
                break
        points = np.array(points)
        values = landscape.f(points)
    lost = ~(np.isfinite(values) & np.isfinite(points).all(axis=-1))
    undefined = False
    if lost.any():
        diverged = int(np.argmax(lost))
        undefined = np.isnan(points[diverged]).any() and np.abs(points[diverged - 1]).max() < FAR
        points, values = points[:diverged], values[:diverged]
    return Path(
        rule_name(rule),
        landscape,
        dict(hyperparameters),
        points,
        values,
        diverged,
        bool(undefined),
    )


@dataclass(frozen=True, eq=False)
class Step:
    """One step taken apart: where it began and ended, and all that the rule knew.

    before, after: the rule's own local variables (copies) around the step, by name
    gradients:     the (point, gradient) of each call of ``grad`` during the step
    """

    t: int
    start: np.ndarray
    end: np.ndarray
    before: Mapping[str, object]
    after: Mapping[str, object]
    gradients: tuple[tuple[np.ndarray, np.ndarray], ...]

    @property
    def move(self) -> np.ndarray:
        """(d,), end − start."""
        return self.end - self.start


def dissect(
    rule: Rule,
    landscape: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    **hyperparameters: float,
) -> tuple[Path, list[Step]]:
    """``descend``, with each step taken apart.

    The state is read from the local variables of the suspended generator, under the names in its
    code: so it works for any rule, also for one just written in a notebook.
    """
    check_hyperparameters(rule, hyperparameters)
    states: list[dict[str, object]] = []  # before the first step, and after each
    calls: list[list[tuple[np.ndarray, np.ndarray]]] = [[]]

    def watched(grad: Callable, x: np.ndarray, **settings: float) -> Iterator[np.ndarray]:
        def remembered(at: np.ndarray) -> np.ndarray:
            if not states:
                states.append(_locals(run))
            g = grad(at)
            calls[-1].append((np.array(at), np.array(g)))
            return g

        run = rule(remembered, x, **settings)
        if not isinstance(run, Iterator):
            yield from exactly(run, 1, rule)  # says what is wrong
        for point in run:
            states.extend([{}] if not states else [])  # it has not asked for a gradient yet
            states.append(_locals(run))
            yield point
            calls.append([])

    watched.__name__ = rule_name(rule)
    path = descend(watched, landscape, start, steps, **hyperparameters)
    return path, [
        Step(t, path.points[t - 1], path.points[t], states[t - 1], states[t], tuple(calls[t - 1]))
        for t in range(1, len(path) + 1)
    ]


def _locals(run: Iterator[np.ndarray]) -> dict[str, object]:
    """Copies of the numbers and arrays among the local variables of a suspended rule.

    Of a rule that is a class of its own: among its attributes.
    """
    known = getgeneratorlocals(run) if isgenerator(run) else getattr(run, "__dict__", {})
    return {
        name: np.array(value) if isinstance(value, np.ndarray) else value
        for name, value in known.items()
        if isinstance(value, int | float | np.ndarray | np.number)
    }


def steps_on(rule: Rule, gradients: Sequence[np.ndarray], **hyperparameters: float) -> np.ndarray:
    """(n, …), the steps that a rule makes when it is fed these gradients, wherever it is.

    gradients: (n, …), one for each step; many runs at once are (n, runs)
    """
    check_hyperparameters(rule, hyperparameters)
    given = np.asarray(gradients, dtype=float)
    if not given.ndim or not len(given):
        raise ValueError("steps_on needs one gradient or more: (n,), (n, d) or (n, runs)")
    given = given if given.ndim > 1 else given[:, np.newaxis]
    fed = iter(given)
    run = rule(lambda x: next(fed), np.zeros_like(given[0]), **hyperparameters)
    points = np.array([np.zeros_like(given[0]), *(next(run) for _ in given)])
    return np.diff(points, axis=0).reshape(np.shape(gradients))


def step_sizes(
    rule: Rule,
    landscape: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    **hyperparameters: float,
) -> np.ndarray:
    """(steps, d): the factor by which each coordinate's gradient is multiplied in each step.

    Row t − 1 belongs to step t; there are fewer rows if the run diverges. Arguments as in
    ``descend``. The factor is read from the rule's own state, by the names of the course:

    gradient descent       η                          in front of the gradient g
    AdaGrad, RMSProp       η / (√s + ε)               in front of g
    AdaDelta               √(d + ε) / √(s + ε)        in front of g; d as it was before the step
    Adam, Nadam, AdamW     η / (√ŝ + ε)               in front of the mean m̂; AdamW's decay apart
    AdaMax, NadaMax        η / u                      in front of m̂

    So it works for a rule of your own, too, if it uses these names. Each step is checked: factor
    times gradient (or mean) must be the move that was made. A ``ValueError`` says where it is not,
    as in momentum and Nesterov, whose velocity mixes gradients of different steps.
    """
    _, taken = dissect(rule, landscape, start, steps, **hyperparameters)
    factors = [np.broadcast_to(_factor(step), step.move.shape) for step in taken]
    for step, factor in zip(taken, factors, strict=True):
        told = -factor * _multiplied(step) - _decayed(step)
        if not np.allclose(told, step.move, rtol=1e-6, atol=1e-12 * np.abs(step.start).max()):
            raise ValueError(
                f"{rule_name(rule)} has no effective step size: step {step.t} is no factor times "
                "the gradient (or the mean m_hat), as the state names s, s_hat, u, d tell it"
            )
    return np.array(factors).reshape(-1, landscape_of(landscape).dim)


def _factor(step: Step) -> np.ndarray:
    """What the state of a rule says that the gradient, or the mean of gradients, is divided by."""
    knows = step.after
    match knows:
        case {"s": s, "d": _, "eps": eps}:
            return np.sqrt(step.before["d"] + eps) / np.sqrt(s + eps)
        case {"s_hat": s, "lr": lr, "eps": eps} | {"s": s, "lr": lr, "eps": eps}:
            return lr / (np.sqrt(s) + eps)
        case {"u": u, "lr": lr}:
            return lr / u
    return np.asarray(knows.get("lr", np.nan))


def _multiplied(step: Step) -> np.ndarray:
    """The gradient of a step, or the mean of gradients that takes its place."""
    gradient = step.gradients[-1][1] if step.gradients else np.nan
    return np.asarray(step.after.get("m_hat", gradient))


def _decayed(step: Step) -> np.ndarray:
    """What weight decay apart from the gradient takes away in a step."""
    return step.after.get("lr", 0.0) * step.after.get("weight_decay", 0.0) * step.start


@dataclass(frozen=True, eq=False)
class Grid:
    """Many runs at once: one for every combination of the swept hyperparameters.

    axes:     the swept values by name, in the order of the array axes
    values:   (…axes, steps + 1), f along each run; inf from the step at which it diverged
    """

    rule: str
    landscape: Landscape
    axes: Mapping[str, np.ndarray]
    values: np.ndarray

    def __repr__(self) -> str:
        over = " × ".join(f"{len(v)} {k}" for k, v in self.axes.items())
        steps = self.values.shape[-1] - 1
        edges = ", ".join(self.at_edge)
        edge = f"; best at the edge of {edges}" if edges else ""
        return f"<grid: {self.rule} on {self.landscape.name}, {over}, {steps} steps{edge}>"

    @cached_property
    def gap(self) -> np.ndarray:
        """(…axes, steps + 1), f − f* along each run; f itself where there is no minimum."""
        return self.values - (self.landscape.lowest or 0.0)

    @property
    def final(self) -> np.ndarray:
        """(…axes,), f − f* after the last step; inf where the run diverged."""
        return self.gap[..., -1]

    @property
    def diverged(self) -> np.ndarray:
        """(…axes,), the step at which each run left the representable numbers, 0 if it did not."""
        lost = ~np.isfinite(self.values)
        return np.argmax(lost, axis=-1)

    def reached(self, tol: float) -> np.ndarray:
        """(…axes,), the first step with |f − f*| <= tol; nan for runs that never get there."""
        near = np.abs(self.gap) <= tol
        if self.landscape.lowest is None:
            near = np.zeros_like(near)
        return np.where(near.any(axis=-1), np.argmax(near, axis=-1), np.nan)

    def settled(self, tol: float) -> np.ndarray:
        """(…axes,), the step from which on |f − f*| stays <= tol; nan for runs that do not."""
        steps = self.values.shape[-1]
        far = ~(np.abs(self.gap) <= tol)
        if self.landscape.lowest is None:
            far = np.ones_like(far)
        last = steps - 1 - np.argmax(far[..., ::-1], axis=-1)
        first = np.where(far.any(axis=-1), last + 1.0, 0.0)
        return np.where(first < steps, first, np.nan)

    @property
    def at_edge(self) -> tuple[str, ...]:
        """The hyperparameters whose best value is the first or last that was tried.

        Then a better one may lie beyond, and ``best`` is no verdict.
        """
        best = self.best
        return tuple(name for name, tried in self.axes.items() if is_at_edge(best[name], tried))

    @property
    def best(self) -> dict[str, float]:
        """The hyperparameters of the run that ends lowest and stays there.

        Judged by the highest value in the last tenth of the steps, so that a bouncing run does not
        win by a lucky last step. Where ``at_edge`` names one of them, try more of it.
        """
        steps = self.values.shape[-1] - 1
        late = self.gap[..., -1 - steps // 10 :].max(axis=-1)
        where = np.unravel_index(np.argmin(late), late.shape)
        return {name: float(v[i]) for (name, v), i in zip(self.axes.items(), where, strict=True)}


def is_at_edge(value: float, tried: np.ndarray) -> bool:
    """Whether a value is the smallest or largest of several that were tried."""
    return len(tried) > 1 and value in (tried.min(), tried.max())


def sweep(
    rule: Rule,
    landscape: Landscape,
    start: tuple[float, ...] | None = None,
    steps: int = 100,
    **hyperparameters: float | np.ndarray,
) -> Grid:
    """Run ``rule`` once for every combination of the hyperparameters given as 1-D arrays.

    All runs go through the same code at once, by broadcasting: ``x`` is (runs, d), each swept
    hyperparameter (runs, 1). Numbers stay fixed for all runs. A rule that takes its one point for
    granted, with ``np.linalg.norm(g)`` or ``if g[0] > 1``, is run setting by setting, which is
    slower; ``axis=-1, keepdims=True`` makes it quick. On a noisy landscape each run sees noise of
    its own.
    """
    landscape = landscape_of(landscape)
    check_hyperparameters(rule, hyperparameters)
    axes = {k: np.asarray(v, dtype=float) for k, v in hyperparameters.items() if np.ndim(v)}
    if not axes:
        raise ValueError("sweep needs at least one hyperparameter as an array, e.g. lr=[0.1, 0.2]")
    for name, values in axes.items():
        if values.ndim != 1 or values.size == 0:
            raise ValueError(f"{name} must be a 1-D array, got one of shape {values.shape}")
    fixed = {k: v for k, v in hyperparameters.items() if k not in axes}
    mesh = np.meshgrid(*axes.values(), indexing="ij")
    runs = {name: m.reshape(-1, 1) for name, m in zip(axes, mesh, strict=True)}
    x = np.empty((mesh[0].size, landscape.dim), order="F")  # so that broadcasting (runs, 1) is fast
    x[:] = checked_start(start, landscape)
    values = np.empty((checked_steps(steps) + 1, len(x)))
    with np.errstate(all="ignore"):
        values[0] = landscape.f(x)
        made = many_runs(rule, landscape.oracle(), x, steps, fixed | runs)
        for step, point in enumerate(made, 1):
            values[step] = np.where(np.isfinite(point).all(axis=-1), landscape.f(point), np.inf)
    values[np.logical_or.accumulate(~np.isfinite(values), axis=0)] = np.inf
    values = np.moveaxis(values.reshape(-1, *mesh[0].shape), 0, -1)
    return Grid(rule_name(rule), landscape, axes, values)
