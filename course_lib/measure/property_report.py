"""The property report of a rule: what it notices, where it stops, how fast it is, what it costs.

Everything is measured by running the rule, so it works for any generator, also for one written a
minute ago. Nothing is looked up by name.
"""

import dis
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from inspect import getgeneratorlocals, isgenerator
from itertools import islice

import numpy as np

from course_lib.descent import descend
from course_lib.family import title_of
from course_lib.landscapes import Landscape, quadratic, ravine
from course_lib.measure.invariance import Change, invariances
from course_lib.optimizers import gradient_descent
from course_lib.validation import Rule, check_hyperparameters, hyperparameters_of, rule_name
from course_lib.wording import in_columns, in_words, settings_in_words

RATES = np.geomspace(1e-3, 1e2, 41)  # the learning rates that are tried, eight a decade
CONDITION = 20.0
CORNER = replace(ravine(CONDITION), start=(-6.137, 1.873))  # no round step leads to the minimum
ALONG = Change(shift=(3.0, -2.0)).landscape(CORNER)  # which is not at 0, so that decay is no help
ACROSS = Change(shift=(3.0, -2.0), angle=0.5).landscape(CORNER)
TRIED, WATCHED, FED = 300, 1500, 2000  # steps: of a trial, of a long run, of recorded gradients
SOLVED, NEAR = 1e-6, 1e-2  # shares of the f at the start
MARKS = {"✔": "#D5EFE6", "≈": "#E4EFF8", "✘": "#FBE3D5", "·": "none"}

QUESTIONS = {
    "shift": "another origin of x",
    "f": "another unit of f",
    "x": "another unit of x",
    "each x": "another unit of each x",
    "rotation": "turned axes",
    "mirror": "mirrored axes",
    "stays": "put where g = 0",
    "coasts": "where the slope ends",
    "rests": "at a constant η",
    "along": "ravine along the axes",
    "across": "ravine across them",
    "step": "longest step",
    "memory": "memory",
}


@dataclass(frozen=True)
class Answer:
    """One line of a report.

    mark:  "✔" yes, "✘" no, "≈" nearly, "·" a number that is neither good nor bad
    words: the answer in words
    value: the number behind it; nan if there is none
    """

    mark: str
    words: str
    value: float

    def __str__(self) -> str:
        return f"{self.mark} {self.words}"


@dataclass(frozen=True)
class Properties:
    """What ``properties`` found: a table in notebooks and in text; ``report["step"]`` is a line."""

    rule: str
    settings: Mapping[str, float]
    answers: Mapping[str, Answer]

    def __getitem__(self, question: str) -> Answer:
        return self.answers[question]

    @property
    def title(self) -> str:
        given = f" ({settings_in_words(self.settings)})" if self.settings else ""
        return f"{title_of(self.rule)}{given}"

    def __repr__(self) -> str:
        rows = [(QUESTIONS[key], str(answer)) for key, answer in self.answers.items()]
        return f"{self.title}\n{in_columns(rows)}"

    def _repr_html_(self) -> str:
        style = "color:#222;text-align:left;padding:0.2em 0.7em"
        rows = "".join(
            f'<tr><th style="text-align:left;font-weight:normal">{escape(QUESTIONS[key])}</th>'
            f'<td style="background:{MARKS[answer.mark]};{style if answer.mark != "·" else ""}'
            f';text-align:left;padding:0.2em 0.7em">{escape(str(answer))}</td></tr>'
            for key, answer in self.answers.items()
        )
        return f"<table><caption><b>{escape(self.title)}</b></caption><tbody>{rows}</tbody></table>"


def properties(rule: Rule, **hyperparameters: float) -> Properties:
    """The property report of a rule: the course's, or one of your own.

    * six changes of units and axes (lesson 07): does the rule make the same run?
    * put on a point where the gradient is 0: does it stay? And where a slope ends under its feet?
    * on a quadratic with κ = 20, at a constant learning rate: does it come to rest at the minimum?
    * how many steps to a millionth of f, with the best of 41 learning rates, against gradient
      descent: once with the ravine along the axes, once turned
    * the longest step that any of six histories of gradients, at two scales, can make it take
    * how many numbers it must remember for each parameter, read from the suspended generator

    Hyperparameters that are not given keep the rule's defaults; ``lr`` is tuned where speed is
    asked for, unless it is given. Raises what ``descend`` raises for what is no rule, and
    ValueError if the rule diverges on a gentle bowl with these settings.
    """
    check_hyperparameters(rule, hyperparameters)
    found = invariances(rule, **hyperparameters)
    answers = {
        name: Answer(str(one)[0], str(one)[2:], one.deviation) for name, one in found.items()
    }
    answers["stays"] = _stays(rule, hyperparameters)
    answers["coasts"] = _coasts(rule, hyperparameters)
    answers["rests"] = _rests(rule, hyperparameters)
    answers["along"] = _speed(rule, hyperparameters, ALONG)
    answers["across"] = _speed(rule, hyperparameters, ACROSS)
    answers["step"] = _longest_step(rule, hyperparameters)
    answers["memory"] = _memory(rule, hyperparameters)
    return Properties(rule_name(rule), dict(hyperparameters), answers)


# Where it stops


def _fed(rule: Rule, gradients: np.ndarray, settings: Mapping[str, float]) -> np.ndarray:
    """(steps, d): the moves of a rule that starts at 0 and is fed these gradients, in order.

    A rule that asks more than once a step is given the same gradient again.
    """
    step = 0
    points = [np.zeros_like(gradients[0])]
    with np.errstate(all="ignore"):
        run = rule(lambda x: gradients[step].copy(), points[0].copy(), **settings)
        for step, x in enumerate(islice(run, len(gradients)), 1):
            points.append(np.array(x, dtype=float))
            step = min(step, len(gradients) - 1)
        return np.diff(points, axis=0)


def _stays(rule: Rule, settings: Mapping[str, float]) -> Answer:
    still = quadratic(np.zeros((2, 2)), (3.0, -2.0), ((-4, 4), (-4, 4)))
    path = descend(rule, still, steps=50, **settings)
    if path.diverged:
        return Answer("✘", "divides 0 by 0", np.inf)
    moved = float(np.linalg.norm(path.points[-1] - path.points[0]))
    return Answer("✔", "stays", 0.0) if moved == 0 else Answer("✘", "moves all the same", moved)


def _coasts(rule: Rule, settings: Mapping[str, float]) -> Answer:
    gradients = np.repeat([[1.0, 1.0], [0.0, 0.0]], [20, 1000], axis=0)
    lengths = np.linalg.norm(_fed(rule, gradients, settings), axis=1)
    if not np.isfinite(lengths).all() or lengths[19] == 0:
        return Answer("✘", "no finite steps" if lengths[19] else "never moved", np.nan)
    after = lengths[20:] / lengths[19]
    if after[-1] > 1e-3:
        return Answer("✘", "walks on without end", np.inf)
    rolled = float(after.sum())
    if rolled < 1e-9:
        return Answer("✔", "stops at once", 0.0)
    return Answer("·", f"rolls on, {in_words(rolled)} times its last step", rolled)


def _rests(rule: Rule, settings: Mapping[str, float]) -> Answer:
    lr = _fastest(rule, settings, ACROSS, NEAR)[1]
    path = descend(rule, ACROSS, steps=WATCHED, **(dict(settings) | lr))
    if path.diverged:
        return Answer("✘", f"diverges at step {path.diverged}", np.inf)
    late = slice(-WATCHED // 10, None)
    left = float(path.gap[late].max() / path.gap[0])
    moves = np.linalg.norm(np.diff(path.points, axis=0), axis=1)
    pace = moves[late].max()
    if left < 1e-12:
        return Answer("✔", "comes to rest at the minimum", left)
    away = in_words(float(np.linalg.norm(path.points[-1] - ACROSS.minima[0])))
    if pace < 1e-4 * moves.max():
        return Answer("✘", f"comes to rest {away} away from the minimum", left)
    size = in_words(float(pace / lr["lr"])) + " η" if lr else in_words(float(pace))
    return Answer("✘", f"keeps moving, by up to {size} per step", left)


# How fast it is


def _fastest(
    rule: Rule, settings: Mapping[str, float], on: Landscape, share: float
) -> tuple[float, dict[str, float]]:
    """Fewest steps until f stays below a share of its start, and the learning rate for that.

    One run at a time, and no sweep: a rule of one's own need not be fit for broadcasting.
    """
    rates = RATES if "lr" in hyperparameters_of(rule) and "lr" not in settings else [None]
    best: tuple[float, dict[str, float]] = (np.inf, {})
    for rate in rates:
        lr = {} if rate is None else {"lr": float(rate)}
        path = descend(rule, on, steps=TRIED, **(dict(settings) | lr))
        steps = path.settled(share * float(path.gap[0]))
        if steps is not None and steps < best[0]:
            best = float(steps), lr
    return best


@cache
def _steps_of_gradient_descent() -> float:
    """The same along and across: it does not see the axes."""
    return _fastest(gradient_descent, {}, ALONG, SOLVED)[0]


def _speed(rule: Rule, settings: Mapping[str, float], on: Landscape) -> Answer:
    steps, lr = _fastest(rule, settings, on, SOLVED)
    theirs = _steps_of_gradient_descent()
    if np.isinf(steps):
        return Answer("✘", f"not solved in {TRIED} steps; gradient descent in {theirs:.0f}", steps)
    at = f" (η = {in_words(lr['lr'])})" if lr else ""
    rate = SOLVED ** (0.5 / steps)
    return Answer(
        "·",
        f"{steps:.0f} steps{at}, error × {rate:.3f} per step; gradient descent {theirs:.0f} steps",
        steps,
    )


# What it costs, and how far it can leap


def _histories() -> dict[str, np.ndarray]:
    """(FED, 2) each: recorded gradients that provoke long steps."""
    t = np.arange(FED)[:, np.newaxis]
    ones = np.ones((FED, 2))
    return {
        "always 1": ones,
        "drawn at random": np.random.default_rng(0).normal(size=(FED, 2)),
        "back and forth": ones * (-1.0) ** t,
        "0, and then 1": ones * (t > FED // 2),
        "1, and then a thousandth": np.where(t < FED // 2, ones, ones / 1000),
        "a tenth more each time": ones * 1.1 ** (t - FED),
    }


def _longest_step(rule: Rule, settings: Mapping[str, float]) -> Answer:
    unit = {**hyperparameters_of(rule), **settings}.get("lr", 1.0)
    scaled = [
        max(
            np.nan_to_num(np.abs(_fed(rule, scale * g, settings)).max(), nan=np.inf)
            for g in _histories().values()
        )
        / unit
        for scale in (1.0, 1e6)
    ]
    name = " η" if "lr" in hyperparameters_of(rule) else ""
    if scaled[1] > 10 * scaled[0]:
        return Answer("✘", "no bound: grows with the gradients", np.inf)
    return Answer("·", f"{in_words(float(max(scaled)))}{name} a coordinate", float(max(scaled)))


def _memory(rule: Rule, settings: Mapping[str, float]) -> Answer:
    """Numbers in the state after 5 and after 10 steps, for each of 4 parameters."""
    numbers = [_state_size(rule, steps, settings) for steps in (5, 10)]
    if None in numbers:
        return Answer("≈", "cannot be read: the rule is no generator function", np.nan)
    before, after = (n / 4 for n in numbers)
    if after > before:
        return Answer("✘", "more with every step", np.inf)
    what = "nothing" if after == 0 else f"{in_words(after)} number{'s' * (after != 1)} a parameter"
    return Answer("·", f"{what} beside x", after)


def _state_size(rule: Rule, steps: int, settings: Mapping[str, float]) -> int | None:
    bowl = quadratic(np.diag([1.0, 2.0, 3.0, 4.0]), (1.0, 2.0, -1.0, 3.0), ((-4, 4),) * 4)
    run = rule(bowl.grad, np.array(bowl.start), **settings)
    if not isgenerator(run):
        return None
    with np.errstate(all="ignore"):
        x = list(islice(run, steps))[-1]
    values = getgeneratorlocals(run)
    kept = {id(values[n]): values[n] for n in needed_after_yield(run) if n in values}
    return sum(_numbers_in(value) for value in kept.values() if value is not x)


def _numbers_in(value: object) -> int:
    """How many numbers an array holds, or the arrays in a list; a single number is not counted."""
    if isinstance(value, np.ndarray):
        return value.size if value.ndim else 0
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return sum(_numbers_in(v) for v in value)
    return 0


def needed_after_yield(run: Iterator) -> set[str]:
    """The local variables of a suspended generator that it will read before it writes them again.

    The others are left over from the step before: a gradient, a corrected mean. Found by walking
    back through the compiled code until nothing changes (the analysis of live variables that
    compilers make).
    """
    code = list(dis.get_instructions(run.gi_code))
    place = {one.offset: i for i, one in enumerate(code)}
    live: list[set[str]] = [set() for _ in code] + [set()]
    changed = True
    while changed:
        changed = False
        for i in reversed(range(len(code))):
            read, written = _names(code[i])
            after = set().union(*(live[j] for j in _next(code[i], i, place)))
            before = read | (after - written)
            changed |= before != live[i]
            live[i] = before
    return live[place[run.gi_frame.f_lasti] + 1]


def _names(one: dis.Instruction) -> tuple[set[str], set[str]]:
    """The local variables that an instruction reads, and those that it writes."""
    kind = one.opname
    if not any(mark in kind for mark in ("_FAST", "_DEREF", "_CLOSURE")):
        return set(), set()
    names = one.argval if isinstance(one.argval, tuple) else (one.argval,)
    if kind.startswith("STORE_FAST_LOAD"):
        return {names[1]}, {names[0]}
    if kind.startswith(("STORE", "DELETE")):
        return set(), set(names)
    return set(names), set()


def _next(one: dis.Instruction, i: int, place: Mapping[int, int]) -> list[int]:
    """The places of the instructions that can come after this one."""
    if one.opname.startswith(("RETURN", "RAISE", "RERAISE")):
        return []
    jumps = one.opcode in dis.hasjrel or one.opcode in dis.hasjabs
    if jumps and one.opname.startswith(("JUMP_BACKWARD", "JUMP_FORWARD", "JUMP_ABSOLUTE")):
        return [place[one.argval]]
    return [place[one.argval], i + 1] if jumps else [i + 1]
