"""Learning-rate schedules, and a way to use them with any rule.

A schedule is a pure function of the step t = 1, 2, 3, …: the factor by which the learning rate is
multiplied in that step. It remembers nothing, so it can be asked in any order, drawn before it is
used, and given an array of steps. ``scheduled`` makes a rule follow one; no rule is changed.
"""

from collections.abc import Callable
from functools import wraps
from itertools import count

import numpy as np

from course_lib.optimizers import Gradient, Points
from course_lib.validation import Rule, hyperparameters_of, rule_name

Schedule = Callable[[int], float]


def constant(t: int) -> float:
    """1 in every step."""
    return np.ones_like(t, dtype=float)[()]


def step_decay(t: int, every: int, factor: float = 0.1) -> float:
    """factor^⌊(t − 1)/every⌋: 1 in the first ``every`` steps, then ``factor``, factor², …"""
    _check_length("every", every)
    return factor ** ((np.asarray(t) - 1) // every).astype(float)


def cosine(t: int, steps: int, end: float = 0.0) -> float:
    """end + (1 − end) · ½ (1 + cos(π (t − 1)/steps)): from 1, half a wave down to ``end``.

    It would be ``end`` in step ``steps`` + 1, and stays there.

    Source: I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts",
    ICLR 2017, Section 3, without the restarts.
    """
    _check_length("steps", steps)
    done = np.minimum((np.asarray(t) - 1) / steps, 1)
    return end + (1 - end) * 0.5 * (1 + np.cos(np.pi * done))


def warmup(t: int, steps: int) -> float:
    """min(1, t/steps): rises evenly to 1 in step ``steps``. The first step is small, but not 0."""
    _check_length("steps", steps)
    return np.minimum(1, np.asarray(t) / steps)


def warmup_cosine(t: int, warm: int, steps: int, end: float = 0.0) -> float:
    """``warmup`` in the first ``warm`` of all ``steps``, and ``cosine`` over the others."""
    if not 0 < warm < steps:
        raise ValueError(f"warm must be larger than 0 and below steps, got {warm} of {steps}")
    falling = cosine(np.maximum(np.asarray(t) - warm, 1), steps - warm, end)
    return warmup(t, warm) * falling


def scheduled(rule: Rule, schedule: Schedule) -> Rule:
    """The same rule, whose learning rate in step t is ``lr`` · schedule(t).

    schedule: a function of t alone: ``lambda t: cosine(t, steps=300)``

    The rule is handed an array for its ``lr``, and before each step the number in it is changed.
    So any rule that reads ``lr`` in each step follows the schedule, under its own name and with its
    own hyperparameters, one learning rate or many at once.

    Where ``lr`` stands matters. In ``momentum`` and ``nesterov`` it is inside the velocity, so each
    gradient keeps the learning rate of the step in which it was felt, and the walker brakes by β a
    step and no faster. (PyTorch's SGD multiplies the whole velocity by the new one.) In ``adamw``
    the decay shrinks together with the step.
    """
    known = hyperparameters_of(rule)
    if "lr" not in known:
        raise ValueError(f"{rule_name(rule)} has no learning rate lr that a schedule could change")

    @wraps(rule)
    def follows(
        grad: Gradient, x: np.ndarray, lr: float = known["lr"], **settings: float
    ) -> Points:
        eta = np.array(lr, dtype=float)
        walk = rule(grad, x, lr=eta, **settings)
        for t in count(1):
            eta[...] = lr * schedule(t)
            yield next(walk)

    return follows


def _check_length(name: str, steps: int) -> None:
    if not steps > 0:
        raise ValueError(f"{name} must be a number of steps larger than 0, got {steps!r}")
