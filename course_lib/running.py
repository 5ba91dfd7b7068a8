"""Running a rule, once or many times at once. Every run of the library comes through here.

So what is wrong with a rule is said in the same words wherever it runs, and a rule that can make
only one run at a time works all the same, wherever many are needed.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle

import numpy as np

from course_lib.optimizers import Gradient
from course_lib.validation import Rule, checked_point, exactly, rule_name

TRIAL_STEPS = 8
SCALES = (1.0, 1e4, 1e-4, 1.0, 100.0)  # of the trial's gradients: a clip or an `if` must show
ONE_BY_ONE = (
    "{} can make only one run at a time, so its runs are made one by one, which is slow. For many "
    "at once a norm or a sum over the point needs `axis=-1, keepdims=True`, and `np.where` takes "
    "the place of `if`."
)


def one_run(
    rule: Rule, grad: Gradient, x: np.ndarray, steps: int, settings: Mapping[str, object]
) -> Iterator[np.ndarray]:
    """The points of a run, copies with the shape of x. Raises what is wrong with the rule."""
    for point in exactly(rule(grad, x.copy(order="K"), **settings), steps, rule):
        yield checked_point(point, x.shape, rule)


def many_runs(
    rule: Rule,
    grad: Gradient,
    x: np.ndarray,
    steps: int,
    settings: Mapping[str, object],
    grad_of: Callable[[tuple[int, ...]], Gradient] | None = None,
) -> Iterator[np.ndarray]:
    """The points of many runs, (…, d) in each step, by broadcasting where the rule allows it.

    x:        (…, d), the starts
    settings: the hyperparameters: numbers, or arrays that broadcast with x, (…, 1)
    grad_of:  for a rule that makes one run at a time: the gradient that the run with this index
              sees; without it all share ``grad``
    """
    if makes_many(rule, x.shape[-1], settings):
        yield from one_run(rule, grad, x, steps, settings)
        return
    warnings.warn(ONE_BY_ONE.format(rule_name(rule)), stacklevel=4)
    places = list(np.ndindex(x.shape[:-1]))
    runs = [
        one_run(rule, grad_of(i) if grad_of else grad, x[i], steps, _setting(settings, x, i))
        for i in places
    ]
    for _ in range(steps):
        yield np.reshape([next(run) for run in runs], x.shape)


def makes_many(rule: Rule, d: int, settings: Mapping[str, object]) -> bool:
    """Whether a rule makes many runs at once as it makes each of them alone, by experiment.

    Three runs, with settings from those given, are made at once and one by one, on gradients from
    tiny to huge.
    """
    arrays = {name: np.asarray(v).ravel() for name, v in settings.items() if np.ndim(v)}
    rows = [
        {name: float(v[at * (len(v) - 1) // 2]) for name, v in arrays.items()} for at in range(3)
    ]
    columns = {name: np.array([[row[name]] for row in rows]) for name in arrays}
    starts = np.random.default_rng(0).normal(size=(3, d)) * [[1.0], [10.0], [0.1]]
    with np.errstate(all="ignore"):
        try:
            alone = [
                _trial(rule, start, {**settings, **row})
                for start, row in zip(starts, rows, strict=True)
            ]
        except Exception:  # it cannot make one run either: making many says what is wrong
            return True
        try:
            together = _trial(rule, starts, {**settings, **columns})
        except Exception:  # of a rule that anybody wrote it may be any
            return False
    return np.allclose(together, np.stack(alone, axis=1), rtol=1e-9, atol=0, equal_nan=True)


def _trial(rule: Rule, start: np.ndarray, settings: Mapping[str, object]) -> np.ndarray:
    scales, centre = cycle(SCALES), np.linspace(-1, 1, start.shape[-1])
    run = one_run(rule, lambda x: next(scales) * (x - centre), start, TRIAL_STEPS, settings)
    return np.array(list(run))


def _setting(
    settings: Mapping[str, object], x: np.ndarray, place: tuple[int, ...]
) -> dict[str, object]:
    """The hyperparameters of one of many runs."""
    shape = (*x.shape[:-1], 1)
    return {
        name: float(np.broadcast_to(value, shape)[place][0]) if np.ndim(value) else value
        for name, value in settings.items()
    }
