"""The checks of exercise 07, AdaDelta: each task with its right answer and wrong ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, NotYet, Task, Trouble, result_of
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import draw_runs, rule_edges, undisturbed_points_of, where_it_departs

MISTAKES = MistakesFile(__file__, globals())

# Task 1: the rule

adadelta = Task(
    name="adadelta",
    points=3,
    right=optimizers.adadelta,
    observe=undisturbed_points_of,
    cases=draw_runs(beta=(0.6, 0.9), eps=(0.002, 0.05)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adadelta, beta=0.9, eps=0.05),
    edges=rule_edges("beta", "eps"),
    praise="Two means, no learning rate, and the units of x in every step.",
    hints=(
        "Four lines in the loop, in the order of the four equations, after `g = grad(x)`. Which "
        "of them needs a value that another one changes?",
        "First `s`, with the newest slope. Then Δ, from the new `s` and the old `d`. Then `d`, "
        "with Δ². Then the move. ε stands inside both roots.",
        "`delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g`, and after it "
        "`d = beta * d + (1 - beta) * delta**2`",
    ),
    mistakes=MISTAKES.of("adadelta", optimizers.adadelta),
)

# Task 2: a checker of units

Numerator = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class History:
    """What a rule has seen so far, (n, d) each, and a numerator made from it."""

    numerator: Numerator
    x: np.ndarray
    g: np.ndarray
    delta: np.ndarray


def rms(a: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean(a**2, axis=0))


LENGTHS: tuple[Numerator, ...] = (
    lambda x, g, delta: rms(delta),
    lambda x, g, delta: np.abs(delta).max(axis=0),
    lambda x, g, delta: rms(delta * g) / rms(g),
    lambda x, g, delta: rms(np.diff(x, axis=0)),
)
OTHERS: tuple[Numerator, ...] = (
    lambda x, g, delta: rms(g),
    lambda x, g, delta: rms(x),
    lambda x, g, delta: rms(delta) ** 2,
    lambda x, g, delta: rms(delta) * rms(g),  # joules: right if the unit of f goes with that of x
    lambda x, g, delta: rms(delta) ** 2 * rms(g),  # right for any k, as long as f keeps its unit
    lambda x, g, delta: rms(delta) + 0.1,
    lambda x, g, delta: np.ones_like(delta[0]),
    lambda x, g, delta: 1 / rms(delta),
    lambda x, g, delta: np.array([np.abs(delta).max(), 1.0]),  # a length along x alone
)


def draw_histories(rng: np.random.Generator) -> list[History]:
    def draw(numerator: Numerator) -> History:
        # multiples of 1/64: what is exactly a length is found so by ``==`` as well
        delta = rng.integers(32, 129, (6, 2)) / 64 * rng.choice([-1, 1], (6, 2))
        x = rng.uniform(2.0, 4.0, 2) + np.cumsum(delta, axis=0)
        a = rng.integers(32, 129) / 64
        g = rng.uniform(0.5, 2.0, (6, 2))
        return History(lambda *history: a * numerator(*history), x, g, delta)

    return [draw(numerator) for numerator in (*LENGTHS, *OTHERS)]


def of_history(function: object, case: History) -> np.ndarray:
    try:
        answer = result_of(function, case.numerator, case.x, case.g, case.delta)
    except Trouble as trouble:
        if trouble.name not in ("wrong type", "wrong shape"):
            raise
        said = str(trouble).replace("it must be one number", "it must be True or False")
        raise Trouble(said, trouble.name) from None
    if answer not in (0, 1):
        raise Trouble(
            f"Your function must return True or False; it returned {answer:g}.", "not True or False"
        )
    return answer


def is_a_length(numerator: Numerator, x: np.ndarray, g: np.ndarray, delta: np.ndarray) -> bool:
    """Whether k times as large numbers of x, from another origin, make it k times as large.

    The numbers of f are c times as large, which must not matter.
    """
    k, b, c = 10, 5, 7
    old = numerator(x, g, delta)
    new = numerator(k * x + b, c / k * g, k * delta)
    return np.allclose(new, k * old)


def accepts_or_rejects(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if any(r > s for s, r in zip(seen, right, strict=True)):
        return (
            "Your function rejects a numerator that is a length, such as the RMS of the steps. "
            "Compare with `np.allclose`, which forgives rounding; `==` does not."
        )
    return (
        "Your function accepts a numerator that is no length. Change both units, by factors that "
        "have nothing to do with each other, and the origin."
    )


units_checker = Task(
    name="units_checker",
    points=2,
    right=is_a_length,
    observe=of_history,
    cases=draw_histories,
    otherwise=accepts_or_rejects,
    edges={
        "lengths": lambda case: case.numerator.__qualname__.startswith("draw_"),
        "steps of both signs": lambda case: case.delta.min() < 0 < case.delta.max(),
    },
    praise="No thinking about units needed: change them, and look.",
    hints=(
        "Write down the same history in other units, and compute the numerator again. By which "
        "factor must it have grown if it is a length?",
        "If the numbers of x are k times as large (and their origin moved by b), x becomes kx + b, "
        "a step kΔ, and a slope, in numbers of f that are c times as large, (c/k)g.",
        "`np.allclose(numerator(10 * x + 5, 7 / 10 * g, 10 * delta), 10 * numerator(x, g, delta))`",
    ),
    mistakes=MISTAKES.of("units_checker", is_a_length),
)

# Task 3: which numerators would do

LETTERS = "abcdef"
VERDICTS = {
    "a": "the RMS of the slopes is in joules per metre. Run your checker on it",
    "b": "the RMS of the steps is AdaDelta's own numerator",
    "c": "the RMS of the positions has units of x, but it changes with the origin",
    "d": "the largest step is a length. Why should it have to be a mean?",
    "e": "a product of Δ and g is in joules; over a slope it is a length again",
    "f": "the square of a length is no length",
}


def of_letters(answer: object, case: Case) -> np.ndarray:
    if not isinstance(answer, set | frozenset | list | tuple | str):
        raise Trouble(
            f"Answer with a set of letters, such as {{'a', 'b'}}; got {answer!r}.", "no such answer"
        )
    if not answer:
        raise NotYet("Put the letters into the set, then run this cell again.")
    unknown = [letter for letter in answer if letter not in tuple(LETTERS)]
    if unknown:
        raise Trouble(
            f"There is no numerator {unknown[0]!r}; the letters are a to f.", "no such answer"
        )
    return np.array([float(letter in answer) for letter in LETTERS])


def first_wrong_letter(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    i = int(np.flatnonzero(seen[0] != right[0])[0])
    verb = "does not belong into the set" if seen[0][i] else "is missing"
    return f"{LETTERS[i]!r} {verb}: {VERDICTS[LETTERS[i]]}."


right_numerators = Task(
    name="right_numerators",
    points=1,
    right={"b", "d", "e"},
    observe=of_letters,
    otherwise=first_wrong_letter,
    praise="Units leave a choice: AdaDelta's numerator is the plainest of three that would do.",
    hints=(
        "Your checker of task 2 decides each of them. You need any history: a run of your rule "
        "gives you one.",
        "`{letter for letter, numerator in numerators.items() if is_a_length(numerator, x, g, "
        "delta)}`, with arrays x, g and delta of random numbers.",
        "The RMS of the steps (b), the largest step (d), and (e), joules over a slope",
    ),
    mistakes=(),
)

# Task 4: ε for a wanted first step


def draw_first_steps(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Lengths, slopes of 1.5 to 4 times that number, of both signs, and β."""
    length = rng.uniform(0.05, 0.5, 8)
    slope = length * rng.uniform(1.5, 4.0, 8) * np.resize([1, -1], 8)
    return list(zip(length, slope, rng.uniform(0.5, 0.95, 8), strict=True))


def first_step_eps(length: float, slope: float, beta: float) -> float:
    above = length**2 * (1 - beta) * slope**2
    below = slope**2 - length**2
    return above / below


def of_three(function: object, case: Case) -> np.ndarray:
    return result_of(function, *map(float, case))


def too_short_or_long(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    share = np.array(seen) / np.array(right)
    if not (share > 0).all():
        return "In some of the cases your ε is not larger than 0."
    if (share > 1).all():
        return "Your ε is too large in all cases: the first step is longer than wanted."
    if (share < 1).all():
        return "Your ε is too small in all cases: the first step is shorter than wanted."
    return "Your ε gives too long a first step in some cases and too short a one in others."


eps_for_first_step = Task(
    name="eps_for_first_step",
    points=1,
    right=first_step_eps,
    observe=of_three,
    cases=draw_first_steps,
    otherwise=too_short_or_long,
    rtol=1e-6,
    edges={
        "a slope above 0": lambda case: case[1] > 0,
        "a slope below 0": lambda case: case[1] < 0,
    },
    praise="So there is a learning rate after all, and you can set it.",
    hints=(
        "At the first step d = 0 and s = (1 − β)g². Put that into |Δ|.",
        "Square |Δ| = √ε |g| / √((1 − β)g² + ε), multiply by what stands below, and collect the "
        "terms with ε.",
        "`return length**2 * (1 - beta) * slope**2 / (slope**2 - length**2)`",
    ),
    mistakes=MISTAKES.of("eps_for_first_step", first_step_eps),
)

# Task 5: who notices which change

CHANGES = ("x", "f", "shift", "rotation")
UNNOTICED = {
    "signed": {"f", "shift"},
    "unit_length": {"f", "shift", "rotation"},
    "relative": {"x", "f"},
    "eager": {"shift", "rotation"},
}


def of_changes(answer: object, case: Case) -> np.ndarray:
    if not isinstance(answer, Mapping) or set(answer) != set(UNNOTICED):
        raise Trouble(
            f"Answer with a set for each of {', '.join(map(repr, UNNOTICED))}.", "no such answer"
        )
    if any(changes is None for changes in answer.values()):
        raise NotYet("Give a set of changes for each rule, then run this cell again.")
    for name, changes in answer.items():
        if not isinstance(changes, set | frozenset | list | tuple):
            raise Trouble(
                f"For {name!r} give a set, such as {{'x', 'rotation'}}; got {changes!r}.",
                "no such answer",
            )
        unknown = [change for change in changes if change not in CHANGES]
        if unknown:
            raise Trouble(
                f"There is no change {unknown[0]!r}; there are {', '.join(CHANGES)}.",
                "no such answer",
            )
    return np.array([float(c in answer[name]) for name in UNNOTICED for c in CHANGES])


def first_wrong_change(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    i = int(np.flatnonzero(seen[0] != right[0])[0])
    name, change = list(UNNOTICED)[i // len(CHANGES)], CHANGES[i % len(CHANGES)]
    verb = "does notice" if seen[0][i] else "does not notice"
    return (
        f"`{name}` {verb} the change {change!r}. Measure it: the deviation of a run in new "
        "numbers, with the same `lr`, from the run in the old ones."
    )


unnoticed_changes = Task(
    name="unnoticed_changes",
    points=1,
    right=UNNOTICED,
    observe=of_changes,
    otherwise=first_wrong_change,
    praise="Four rules, sixteen experiments, and no argument about any of them.",
    hints=(
        "Do not argue, measure: for each rule and each change the deviation of the two runs. "
        "Rounding error is below 1e-9.",
        "`deviation(descend(rule, ravine()), changes[name].descend(rule, ravine()))` for a rule "
        "and the name of a change.",
        "`{c for c in changes if deviation(descend(rule, ravine()), "
        "changes[c].descend(rule, ravine())) < 1e-9}`",
    ),
    mistakes=MISTAKES.of("unnoticed_changes", UNNOTICED),
)

# Task 6: four programs, a bug in each

adadelta_bugs = Task(
    name="adadelta_bugs",
    points=2,
    right={"hasty": 5, "homing": 4, "stuck": 3, "adadelta_with": 1},
    praise="An order, a letter, an ε, a memory in the wrong place. None of them raises an error.",
    hints=(
        "Run each beside your own rule, and find the first step that differs. Move the origin. "
        "Make two runs with the rule that `adadelta_with` makes.",
        "`stuck` is where it began. `homing` makes long steps far from the origin, even after "
        "short ones. `hasty` takes another step than the one that it has noted down. A rule made "
        "by `adadelta_with` is right once: what does it find the second time?",
        "The step recomputed with the new d, line 5 of `hasty`; x in place of delta, line 4 of "
        "`homing`; the missing ε, line 3 of `stuck`; the means that all runs share, line 1 of "
        "`adadelta_with`",
    ),
    **bug_hunt(
        hasty={
            1: "both means begin at 0, for every run anew",
            2: "that is the running mean of the squared slopes",
            3: "that is the equation of Δ, with the new s and the old d",
            4: "that is the running mean of the squared steps, if Δ is the step that is made",
            6: "it hands out the point after each step",
        },
        homing={
            1: "both means begin at 0, for every run anew",
            2: "that is the running mean of the squared slopes",
            3: "that is the equation of Δ",
            5: "the point moves by Δ",
            6: "it hands out the point after each step",
        },
        stuck={
            1: "both means begin at 0, for every run anew",
            2: "that is the running mean of the squared slopes",
            4: "that is the running mean of the squared steps",
            5: "the point moves by Δ",
            6: "it hands out the point after each step",
        },
        adadelta_with={
            2: "it only says which `s` and `d` are meant, those that were made before",
            3: "that is the running mean of the squared slopes",
            4: "that is the equation of Δ",
            5: "that is the running mean of the squared steps",
            6: "the point moves by Δ, and the old array stays as it was",
            7: "it hands out the point after each step",
        },
    ),
)

TASKS = (
    adadelta,
    units_checker,
    right_numerators,
    eps_for_first_step,
    unnoticed_changes,
    adadelta_bugs,
)
