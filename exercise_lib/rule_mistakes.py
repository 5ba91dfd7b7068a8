"""Mistakes that can be made with every rule, each written once, with its hint."""

from collections.abc import Callable, Iterator
from inspect import signature
from itertools import chain, islice

import numpy as np

Rule = Callable[..., Iterator[np.ndarray]]


def uphill(rule: Rule) -> Rule:
    return lambda grad, x, **settings: rule(lambda at: -grad(at), x, **settings)


def two_steps(rule: Rule) -> Rule:
    return lambda grad, x, **settings: islice(rule(grad, x, **settings), 1, None, 2)


def gradient_once(rule: Rule) -> Rule:
    def wrong(grad: Callable, x: np.ndarray, **settings: float) -> Iterator[np.ndarray]:
        g = grad(x)
        return rule(lambda at: g, x, **settings)

    return wrong


def gradient_late(rule: Rule) -> Rule:
    def wrong(grad: Callable, x: np.ndarray, **settings: float) -> Iterator[np.ndarray]:
        seen = [grad(x)]

        def of_the_call_before(at: np.ndarray) -> np.ndarray:
            seen.append(grad(at))
            return seen.pop(0)

        return rule(of_the_call_before, x, **settings)

    return wrong


def start_first(rule: Rule) -> Rule:
    return lambda grad, x, **settings: chain([x], rule(grad, x, **settings))


def never_leaves(rule: Rule) -> Rule:
    """Each point is one step away from the start; what the rule remembers goes on."""

    def wrong(grad: Callable, x: np.ndarray, **settings: float) -> Iterator[np.ndarray]:
        g, before = grad(x), x
        for point in rule(lambda at: g, x, **settings):
            yield x + (point - before)
            before = point

    return wrong


def lr_forgotten(rule: Rule) -> Rule:
    return with_fixed(rule, lr=1.0)


def with_fixed(rule: Rule, **fixed: float) -> Rule:
    """The wrong rule that takes some settings from itself, whatever it is given."""
    return lambda grad, x, **given: rule(grad, x, **{**given, **fixed})


def fixed(*names: str) -> Callable[[Rule], Rule]:
    """For a rule, the wrong one that always takes the defaults of these settings."""

    def make(rule: Rule) -> Rule:
        known = signature(rule).parameters
        return with_fixed(rule, **{name: known[name].default for name in names})

    return make


EVERY_RULE: dict[str, tuple[Callable[[Rule], Rule], str]] = {  # what makes it, and its hint
    "uphill": (
        uphill,
        "You go uphill: the gradient points to where f grows. Look at the sign of `lr`.",
    ),
    "two steps": (
        two_steps,
        "You take two steps for each point that you yield. Yield after every step.",
    ),
    "gradient taken once": (
        gradient_once,
        "You use the gradient at the start for all steps. Call `grad` inside the loop.",
    ),
    "gradient one step late": (
        gradient_late,
        "Your step uses the gradient of the point before. Call `grad(x)` right before the step, at "
        "the point where you stand.",
    ),
    "start first": (
        start_first,
        "The first point that you yield is the start. Yield after the step.",
    ),
    "never leaves the start": (
        never_leaves,
        "Every step begins at the start again. Keep the new point: give it the name `x`.",
    ),
    "lr forgotten": (lr_forgotten, "Where is the learning rate `lr`?"),
    "lr fixed": (
        fixed("lr"),
        "Your rule takes the same learning rate whatever it is given. Use the argument `lr`.",
    ),
    "beta fixed": (
        fixed("beta"),
        "Your rule takes the same β whatever it is given. Use the argument `beta`.",
    ),
    "eps fixed": (
        fixed("eps"),
        "Your rule takes the same ε whatever it is given. Use the argument `eps`.",
    ),
}
