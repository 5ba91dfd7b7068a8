"""The checks of exercise 07, AdaDelta: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, NotYet, Task, Trouble, result_of
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import draw_runs, edited, undisturbed_points_of, where_it_departs

# Task 1: the rule

S = "s = beta * s + (1 - beta) * g**2"
D = "d = beta * d + (1 - beta) * delta**2"
MOVE = "x = x + delta"
BEGIN = "s = d = np.zeros_like(x)"


def two_steps(grad: Callable, x: np.ndarray, beta: float, eps: float) -> Iterator[np.ndarray]:
    return islice(optimizers.adadelta(grad, x, beta, eps), 1, None, 2)


EPS_PLACE = (
    "ε stands inside each of the two roots: `np.sqrt(d + eps)` and `np.sqrt(s + eps)`. "
    "Outside the root it is another number."
)
FULL_S = "The newest g² enters `s` with the factor 1 − β: `s` is a mean, not a sum that fades."
FULL_D = "The newest Δ² enters `d` with the factor 1 − β: `d` is a mean, not a sum that fades."

RULE_MISTAKES = {  # name: what differs from the right rule, the hint
    "wrong sign": (
        [("-np.sqrt", "np.sqrt")],
        "You go uphill: Δ must point against the slope. Look at its sign.",
    ),
    "no numerator": (
        [("-np.sqrt(d + eps)", "-1")],
        "That is RMSProp with η = 1. Where is the numerator, the size of the last steps?",
    ),
    "d before it is used": (
        [(MOVE, "x = x - np.sqrt(d + eps) / np.sqrt(s + eps) * g")],
        "You move by a Δ computed with the new `d`. The numerator is the one from before this "
        "step: compute Δ once, then let Δ² enter `d`, then move by the same Δ.",
    ),
    "s after it is used": (
        [(S, "old = s\n        " + S), ("np.sqrt(s + eps)", "np.sqrt(old + eps)")],
        "You divide by the `s` of the step before. The newest slope counts already: `s` first.",
    ),
    "slopes in d": (
        [("delta**2", "g**2")],
        "Your `d` is a mean of squared slopes, as `s` is. It must be one of squared steps, Δ².",
    ),
    "points in d": (
        [("delta**2", "x**2")],
        "Your `d` is a mean of squared positions, x². That depends on where the origin is. Take "
        "the squared steps, Δ².",
    ),
    "points in d, moved": (
        [("        x = x + delta\n", ""), (D, MOVE + "\n        " + D), ("delta**2", "x**2")],
        "Your `d` is a mean of x², taken after the move. It must be one of squared steps, Δ².",
    ),
    "steps in d not squared": (
        [("delta**2", "np.abs(delta)")],
        "Your `d` is a mean of |Δ|. Its root is taken, so it must be one of squares, Δ².",
    ),
    "slopes in s not squared": (
        [("g**2", "np.abs(g)")],
        "Your `s` is a mean of |g|. Its root is taken, so it must be one of squares, g².",
    ),
    "ε missing above": (
        [("d + eps", "d")],
        "Your rule never moves: `d` begins at 0, and so does its root. ε belongs into both roots.",
    ),
    "ε missing below": (
        [("s + eps", "s")],
        "ε is missing in the lower root. With a slope of 0 you would divide by 0.",
    ),
    "ε outside both roots": (
        [("np.sqrt(d + eps)", "(np.sqrt(d) + eps)"), ("np.sqrt(s + eps)", "(np.sqrt(s) + eps)")],
        EPS_PLACE + " Yours is outside of both.",
    ),
    "ε outside the upper root": (
        [("np.sqrt(d + eps)", "(np.sqrt(d) + eps)")],
        EPS_PLACE + " Look at the upper one.",
    ),
    "ε outside the lower root": (
        [("np.sqrt(s + eps)", "(np.sqrt(s) + eps)")],
        EPS_PLACE + " Look at the lower one.",
    ),
    "upside down": (
        [("np.sqrt(d + eps) / np.sqrt(s + eps)", "np.sqrt(s + eps) / np.sqrt(d + eps)")],
        "Your fraction stands upside down: steps above, slopes below. Check its units.",
    ),
    "roots forgotten": (
        [("np.sqrt(d + eps) / np.sqrt(s + eps)", "(d + eps) / (s + eps)")],
        "`d` and `s` are means of squares. You divide them without taking their roots.",
    ),
    "upper root forgotten": (
        [("np.sqrt(d + eps)", "(d + eps)")],
        "The root of the numerator is missing.",
    ),
    "lower root forgotten": (
        [("np.sqrt(s + eps)", "(s + eps)")],
        "The root of the denominator is missing.",
    ),
    "weights of s exchanged": (
        [(S, "s = (1 - beta) * s + beta * g**2")],
        "In `s` β and 1 − β have changed places: β is the part that is kept.",
    ),
    "weights of d exchanged": (
        [(D, "d = (1 - beta) * d + beta * delta**2")],
        "In `d` β and 1 − β have changed places: β is the part that is kept.",
    ),
    "weights exchanged": (
        [(BEGIN, f"{BEGIN}\n    beta = 1 - beta")],
        "β and 1 − β have changed places, in both means: β is the part that is kept.",
    ),
    "s a fading sum": ([(S, "s = beta * s + g**2")], FULL_S),
    "d a fading sum": ([(D, "d = beta * d + delta**2")], FULL_D),
    "both fading sums": (
        [(S, "s = beta * s + g**2"), (D, "d = beta * d + delta**2")],
        "Both of your means are sums that fade: the newest square enters with the factor 1 − β.",
    ),
    "s a sum": (
        [(S, "s = s + g**2")],
        "Your `s` never forgets: that is AdaGrad's sum. Make it a running mean, with β.",
    ),
    "d a sum": (
        [(D, "d = d + delta**2")],
        "Your `d` never forgets. Make it a running mean, with β.",
    ),
    "d never changes": (
        [(D, "pass")],
        "Your `d` stays 0, so all steps are made with ε alone. Let Δ² enter it in each round.",
    ),
    "s forgets at once": (
        [(S, "s = g**2")],
        "Your `s` remembers nothing but the newest slope. Keep the part β of the old one.",
    ),
    "slope forgotten": (
        [(" * g\n", "\n")],
        "Your step does not contain the slope itself, so that it knows no direction: times `g`.",
    ),
    "one mean for all coordinates": (
        [("g**2", "np.mean(g**2)"), ("delta**2", "np.mean(delta**2)")],
        "All coordinates share one mean. Each has its own: leave `s` and `d` arrays.",
    ),
    "bias corrected": (
        [
            (BEGIN, f"{BEGIN}\n    t = 0"),
            ("while True:", "while True:\n        t = t + 1"),
            ("np.sqrt(s + eps)", "np.sqrt(s / (1 - beta**t) + eps)"),
        ],
        "You correct the start of `s`, as Adam does. AdaDelta takes the means as they are.",
    ),
    "d begins at one": (
        [(BEGIN, "s, d = np.zeros_like(x), np.ones_like(x)")],
        "Your `d` begins at 1. Both means begin at 0.",
    ),
    "s begins at one": (
        [(BEGIN, "s, d = np.ones_like(x), np.zeros_like(x)")],
        "Your `s` begins at 1. Both means begin at 0.",
    ),
    "β fixed": (
        [(BEGIN, f"{BEGIN}\n    beta = 0.95")],
        "Your rule takes the same β whatever it is given. Use the argument `beta`.",
    ),
    "ε fixed": (
        [(BEGIN, f"{BEGIN}\n    eps = 1e-6")],
        "Your rule takes the same ε whatever it is given. Use the argument `eps`.",
    ),
    "never leaves the start": (
        [("        x = x + delta\n", ""), ("yield x", "yield x + delta")],
        "Every step begins at the start again. Keep the new point: give it the name `x`.",
    ),
    "yields the step": (
        [("yield x", "yield delta")],
        "You yield steps. Yield the point that each step leads to.",
    ),
    "gradient taken once": (
        [(BEGIN, f"{BEGIN}\n    g = grad(x)"), ("        g = grad(x)\n        s", "        s")],
        "You use the gradient at the start for all steps. Call `grad` inside the loop.",
    ),
}

adadelta = Task(
    name="adadelta",
    points=3,
    right=optimizers.adadelta,
    observe=undisturbed_points_of,
    cases=draw_runs(beta=(0.6, 0.9), eps=(0.002, 0.05)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adadelta, beta=0.9, eps=0.05),
    praise="Two means, no learning rate, and the units of x in every step.",
    hints=(
        "Four lines in the loop, in the order of the four equations, after `g = grad(x)`. Which "
        "of them needs a value that another one changes?",
        "First `s`, with the newest slope. Then Δ, from the new `s` and the old `d`. Then `d`, "
        "with Δ². Then the move. ε stands inside both roots.",
        "`delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g`, and after it "
        "`d = beta * d + (1 - beta) * delta**2`",
    ),
    mistakes=(
        *(
            Mistake(name, edited(optimizers.adadelta, *changes), hint)
            for name, (changes, hint) in RULE_MISTAKES.items()
        ),
        Mistake(
            "two steps at once", two_steps, "You take two steps for each point that you yield."
        ),
    ),
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
)


def draw_histories(rng: np.random.Generator) -> list[History]:
    def draw(numerator: Numerator) -> History:
        delta = rng.uniform(0.5, 2.0, (6, 2)) * rng.choice([-1, 1], (6, 2))
        x = rng.uniform(2.0, 4.0, 2) + np.cumsum(delta, axis=0)
        a = rng.uniform(0.5, 2.0)
        g = rng.uniform(0.5, 2.0, (6, 2))
        return History(lambda *history: a * numerator(*history), x, g, delta)

    return [draw(numerator) for numerator in (*LENGTHS, *OTHERS)]


def of_history(function: object, case: History) -> np.ndarray:
    answer = result_of(function, case.numerator, case.x, case.g, case.delta)
    if answer not in (0, 1):
        raise Trouble(
            f"Your function must return True or False; it returned {answer:g}.", "not True or False"
        )
    return answer


def checker(
    g: Callable = lambda g, k, c: c / k * g,
    x: Callable = lambda x, k: k * x + 5.0,
    delta: Callable = lambda delta, k: k * delta,
    wanted: Callable = lambda k: k,
    k: float = 10.0,
    c: float = 7.0,
    agree: Callable = np.allclose,
) -> Callable:
    """A checker of units with some of its conversions wrong."""

    def is_a_length(numerator: Numerator, *history: np.ndarray) -> bool:
        old = numerator(*history)
        new = numerator(x(history[0], k), g(history[1], k, c), delta(history[2], k))
        return bool(agree(new, wanted(k) * old))

    return is_a_length


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
    right=checker(),
    observe=of_history,
    cases=draw_histories,
    otherwise=accepts_or_rejects,
    praise="No thinking about units needed: change them, and look.",
    hints=(
        "Write down the same history in other units, and compute the numerator again. By which "
        "factor must it have grown if it is a length?",
        "If the numbers of x are k times as large (and their origin moved by b), x becomes kx + b, "
        "a step kΔ, and a slope, in numbers of f that are c times as large, (c/k)g.",
        "`np.allclose(numerator(10 * x + 5, 7 / 10 * g, 10 * delta), 10 * numerator(x, g, delta))`",
    ),
    mistakes=(
        Mistake(
            "origin forgotten",
            checker(x=lambda x, k: k * x),
            "You accept the RMS of the positions x. It has units of x, but it is no length: it "
            "changes with the origin. Move that, too: k x + b.",
        ),
        Mistake(
            "slopes not converted",
            checker(g=lambda g, k, c: g),
            "You accept Δ times g, which is in joules. The slopes are other numbers in the new "
            "units, too, c/k times the old ones; and c must not be k, or nothing changes.",
        ),
        Mistake(
            "f not converted",
            checker(c=1.0),
            "You accept something with the units of f in it. Change the unit of f, too, by a "
            "factor of its own: the slopes are multiplied by c/k.",
        ),
        Mistake(
            "slopes converted like x",
            checker(g=lambda g, k, c: k * g),
            "You accept the RMS of the slopes. In numbers of x that are k times as large a slope "
            "becomes smaller: divide by k.",
        ),
        Mistake(
            "steps not converted",
            checker(delta=lambda delta, k: delta),
            "The steps are lengths, too: k times as large numbers in the new units. But they are "
            "differences of points, so moving the origin does not change them.",
        ),
        Mistake(
            "unchanged wanted",
            checker(wanted=lambda k: 1.0),
            "You accept what does not change. A length becomes a k times larger number.",
        ),
        Mistake("always True", lambda *history: True, "Your function says True to everything."),
    ),
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
    right=lambda length, slope, beta: length**2 * (1 - beta) * slope**2 / (slope**2 - length**2),
    observe=of_three,
    cases=draw_first_steps,
    otherwise=too_short_or_long,
    rtol=1e-6,
    praise="So there is a learning rate after all, and you can set it.",
    hints=(
        "At the first step d = 0 and s = (1 − β)g². Put that into |Δ|.",
        "Square |Δ| = √ε |g| / √((1 − β)g² + ε), multiply by what stands below, and collect the "
        "terms with ε.",
        "`return length**2 * (1 - beta) * slope**2 / (slope**2 - length**2)`",
    ),
    mistakes=(
        Mistake(
            "steep ground",
            lambda length, slope, beta: length**2 * (1 - beta),
            "That is right where g² is much larger than ε, and only there. Here it is not: keep ε "
            "in the lower root.",
        ),
        Mistake(
            "β forgotten, steep ground",
            lambda length, slope, beta: length**2,
            "√ε is not yet the step: it is divided by √((1 − β)g² + ε) and multiplied by |g|.",
        ),
        Mistake(
            "β forgotten",
            lambda length, slope, beta: length**2 * slope**2 / (slope**2 - length**2),
            "At the first step s is not g² yet: a mean that begins at 0 has (1 − β)g².",
        ),
        Mistake(
            "β in place of 1 − β",
            lambda length, slope, beta: length**2 * beta * slope**2 / (slope**2 - length**2),
            "The newest square enters the mean with 1 − β, not with β.",
        ),
        Mistake(
            "root of ε",
            lambda *case: np.sqrt(eps_for_first_step.right(*case)),
            "That is √ε. Asked is ε itself.",
        ),
        Mistake(
            "wrong sign below",
            lambda length, slope, beta: length**2 * (1 - beta) * slope**2 / (slope**2 + length**2),
            "A sign: the term with ε changes sides when you collect.",
        ),
        Mistake(
            "no root above",
            lambda length, slope, beta: length * (1 - beta) * slope**2 / (slope**2 - length),
            "The step is squared on both sides: length².",
        ),
        Mistake(
            "slope not squared",
            lambda length, slope, beta: (
                length**2 * (1 - beta) * np.abs(slope) / (np.abs(slope) - length**2)
            ),
            "When you square, the slope becomes g², too.",
        ),
    ),
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


ALL_TURNED = {name: set(CHANGES) - changes for name, changes in UNNOTICED.items()}
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
    mistakes=(
        Mistake(
            "the other way round",
            ALL_TURNED,
            "You list the changes that a rule notices. Asked are those that it does not.",
        ),
    ),
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
