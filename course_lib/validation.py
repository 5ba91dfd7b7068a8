"""What can be wrong with a rule, a start or a setting, said so that the reader can mend it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import Parameter, signature
from itertools import islice

import numpy as np

from course_lib.landscapes import Landscape

Rule = Callable[..., Iterator[np.ndarray]]


def rule_name(rule: Rule) -> str:
    """The rule's name for titles: its function name, also through functools.partial."""
    return getattr(unwrapped(rule), "__name__", type(rule).__name__)


def unwrapped(rule: Rule) -> Rule:
    """The function itself, without any functools.partial around it."""
    while isinstance(rule, partial):
        rule = rule.func
    return rule


def hyperparameters_of(rule: Rule) -> dict[str, object]:
    """The rule's hyperparameters and their defaults, read from its signature, in order."""
    if not callable(rule):
        hint = " (give the rule itself, without calling it)" if isinstance(rule, Iterator) else ""
        raise TypeError(f"rule must be a generator function such as adam, got {rule!r}{hint}")
    names = list(signature(rule).parameters.values())
    if len(names) < 2:
        raise TypeError(f"{rule_name(rule)} must take (grad, x, …): the gradient and the start")
    return {p.name: p.default for p in names[2:] if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def check_hyperparameters(rule: Rule, given: Mapping[str, object]) -> None:
    """Raise if a hyperparameter is unknown to the rule, missing, or outside its range."""
    known = hyperparameters_of(rule)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in signature(rule).parameters.values())
    for name, value in given.items():
        if name not in known and not takes_any:
            takes = ", ".join(known) or "none"
            raise TypeError(f"{rule_name(rule)} has no hyperparameter {name!r}; it takes: {takes}")
        check_range(name, value)
    for name, default in known.items():
        if default is Parameter.empty and name not in given:
            raise TypeError(f"{rule_name(rule)} needs a value for {name}, e.g. {name}=0.1")


def check_range(name: str, value: object) -> None:
    """Raise ValueError if a hyperparameter of this name cannot have this value."""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a number, got {value!r}")
    if name == "lr":
        right, wanted = numbers > 0, "larger than 0"
    elif name.startswith("beta"):
        right, wanted = (numbers >= 0) & (numbers < 1), "at least 0 and below 1"
    elif name in ("eps", "weight_decay", "psi"):
        right, wanted = numbers >= 0, "0 or larger"
    elif name == "rows":
        right, wanted = (numbers >= 1) & (numbers % 1 == 0), "a whole number, 1 or larger,"
    else:
        right, wanted = np.isfinite(numbers), "finite"
    wrong = numbers[~(right & (np.isfinite(numbers) | (name == "psi")))]
    if wrong.size:
        raise ValueError(f"{name} must be {wanted} and finite, got {wrong.flat[0]:g}")


def checked_start(start: tuple[float, ...] | None, landscape: Landscape) -> np.ndarray:
    given = landscape.start if start is None else start
    example = f"{landscape.dim} finite numbers, such as {landscape.start}"
    try:
        x = np.array(given, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"start must be {example}, got {given!r}") from None
    with np.errstate(all="ignore"):
        if x.shape != (landscape.dim,) or not np.isfinite([*x, landscape.f(x)]).all():
            raise ValueError(f"start must be {example}, where f is finite, got {given!r}")
    return x


def checked_steps(steps: int) -> int:
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool) or steps < 0:
        raise ValueError(f"steps must be a whole number, 0 or larger, got {steps!r}")
    return int(steps)


def checked_point(x: object, shape: tuple[int, ...], rule: Rule) -> np.ndarray:
    if np.shape(x) != shape:
        raise ValueError(
            f"{rule_name(rule)} must yield points of shape {shape}, as the start has; "
            f"it yielded {x!r}"
        )
    return np.array(x, dtype=float)


def exactly(run: object, steps: int, rule: Rule) -> Iterator[np.ndarray]:
    """The first ``steps`` points of a run; an error if it is not a run or ends too early."""
    if not isinstance(run, Iterator):
        raise TypeError(
            f"{rule_name(rule)} must be a generator function: write `yield x` after each step "
            f"instead of returning; it returned {type(run).__name__}"
        )
    done = 0
    for x in islice(run, steps):
        done += 1
        yield x
    if done < steps:
        raise ValueError(
            f"{rule_name(rule)} stopped after {done} of {steps} steps; a rule goes on for ever: "
            "use `while True:` or `for t in count(1):`"
        )
