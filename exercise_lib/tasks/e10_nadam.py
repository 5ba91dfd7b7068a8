"""The checks of exercise 10, Nadam: each task with its right answer and wrong ones."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import permutations

import numpy as np

from course_lib import optimizers
from course_lib.descent import descend
from course_lib.landscapes import parabola
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    NotYet,
    Task,
    Trouble,
    numbers,
    result_of,
    something_else,
    spread,
)
from exercise_lib.known_mistakes import MistakesFile, edited
from exercise_lib.path_picture import path_picture, schedule_picture
from exercise_lib.personal import personal
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    rule_edges,
    undisturbed_points_of,
    where_it_departs,
)

MISTAKES = MistakesFile(__file__, globals())

# Task 1: from Adam's corrected mean to Nadam's, line by line


def parts(m_before: float, g: float, beta1: float, t: int) -> tuple[float, ...]:
    """Both parts of Adam's m̂, the momentum part of the next step, and Nadam's m̂."""
    m = beta1 * m_before + (1 - beta1) * g
    kept = beta1 * m_before / (1 - beta1**t)
    gradient = (1 - beta1) * g / (1 - beta1**t)
    ahead = beta1 * m / (1 - beta1 ** (t + 1))
    m_hat = ahead + gradient
    return kept, gradient, ahead, m_hat


def draw_lines(rng: np.random.Generator) -> list[tuple[float, float, float, int]]:
    """Means, gradients, β₁ and steps t from 2 on."""
    return [
        (*map(float, rng.uniform((0.5, 0.5, 0.3), (3.0, 3.0, 0.95))), int(t))
        for t in (2, *rng.choice(np.arange(3, 12), 5, replace=False))
    ]


def of_lines(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case, shape=(4,))


def first_wrong_line(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    wrong = ~np.isclose(seen, right, rtol=1e-9).all(axis=0)
    return (
        f"Number {np.argmax(wrong) + 1} of your four is the first that is wrong. Put in numbers "
        "that you can do by hand: m_before = 2, g = 1, β₁ = 0.5, t = 2."
    )


nadam_lines = Task(
    name="nadam_lines",
    points=2,
    right=parts,
    observe=of_lines,
    cases=draw_lines,
    otherwise=first_wrong_line,
    edges={"t = 2": lambda case: case[3] == 2, "later steps": lambda case: case[3] > 2},
    praise="Two lines of Adam, one of the step to come, and their sum is Nadam's mean.",
    hints=(
        "Put m = β₁ m_before + (1 − β₁) g into Adam's m / (1 − β₁ᵗ). Which of the two summands did "
        "you know before the gradient came?",
        "The momentum part is β₁ m_before / (1 − β₁ᵗ). One step later m_before is called m, and "
        "t has become t + 1, in the exponent, too.",
        "`a = beta1 * m_before / (1 - beta1**t)`, `b = (1 - beta1) * g / (1 - beta1**t)`, "
        "`c = beta1 * m / (1 - beta1 ** (t + 1))`, and `return a, b, c, c + b`",
    ),
    mistakes=MISTAKES.of("nadam_lines", parts),
)

# Task 2: Nadam

M_HAT = "m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)"

nadam = Task(
    name="nadam",
    points=3,
    right=optimizers.nadam,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.02, 0.08), beta1=(0.5, 0.85), beta2=(0.7, 0.95), eps=(0.1, 0.3)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.nadam, lr=0.6, beta1=0.8, beta2=0.99, eps=0.1),
    edges=rule_edges("lr", "beta", "eps"),
    praise="Adam that looks ahead, from every start and with any settings.",
    hints=(
        "Begin with Adam. One line changes, that of m̂; task 1 has what belongs there.",
        "m̂ is the next step's momentum part, β₁ m / (1 − β₁ᵗ⁺¹), and this step's gradient part, "
        "(1 − β₁) g / (1 − β₁ᵗ). Both use values of this step: so m comes first.",
        f"`{M_HAT}`",
    ),
    mistakes=MISTAKES.of("nadam", optimizers.nadam),
)

# Task 3: the first step


def first_step(beta1: float) -> float:
    return 1 + beta1 / (1 + beta1)


def of_beta(function: object, case: Case) -> np.ndarray:
    return result_of(function, float(case))


def constant_or_wrong(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if np.ptp(seen) == 0:
        return "You return the same number for every β₁ (at 0.9 it is 1.47). Make it depend on β₁."
    return something_else(seen, right)


nadam_first_step = Task(
    name="nadam_first_step",
    points=1,
    right=first_step,
    observe=of_beta,
    cases=lambda rng: list(spread(rng, 0.2, 0.95, 8)),
    otherwise=constant_or_wrong,
    rtol=1e-4,
    edges={"β₁ near 0": lambda beta: beta < 0.3, "β₁ near 1": lambda beta: beta > 0.85},
    praise="Longer than Adam's: the momentum part of the second step is in the first one already.",
    hints=(
        "At t = 1 there is one gradient. What are m, ŝ and m̂ then, in terms of g?",
        "m = (1 − β₁) g and √ŝ = |g|. So the step is η times β₁(1 − β₁)/(1 − β₁²) + 1. "
        "1 − β₁² is (1 − β₁)(1 + β₁).",
        "`return 1 + beta1 / (1 + beta1)`",
    ),
    mistakes=MISTAKES.of("nadam_first_step", first_step),
)

# Task 4: NadaMax


def draw_short_runs(rng: np.random.Generator) -> list[Run]:
    """Without ε nothing ever comes to rest: in a long run rounding errors would grow."""
    return draw_runs(lr=(0.05, 0.2), beta1=(0.5, 0.85), beta2=(0.7, 0.95))(rng)[:-1]


nadamax = Task(
    name="nadamax",
    points=1,
    right=optimizers.nadamax,
    observe=undisturbed_points_of,
    cases=draw_short_runs,
    otherwise=where_it_departs,
    picture=path_picture(optimizers.nadamax, lr=0.5, beta1=0.8, beta2=0.95),
    edges=rule_edges("lr", "beta", but=["thousands of steps"]),
    praise="The same substitution in another rule: you derived one that has no paper of its own.",
    hints=(
        "AdaMax and Adam have the same m̂. What did you change in Adam's?",
        "Only m̂ changes: the next step's momentum part and this step's gradient part. u stays as "
        "AdaMax has it, without any correction.",
        f"`{M_HAT}`, and `x = x - lr * m_hat / u`",
    ),
    mistakes=MISTAKES.of("nadamax", optimizers.nadamax),
)

# Task 5: the schedule


def schedule(t: int, beta1: float, psi: float) -> np.ndarray:
    """μₜ and μ₁⋯μₜ."""

    def mu(i: int | np.ndarray) -> float | np.ndarray:
        return beta1 * (1 - 0.5 * 0.96 ** (psi * i))

    steps = np.arange(1, t + 1)
    return np.array([mu(t), np.prod(mu(steps))])


def of_schedule(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case, shape=(2,))


nadam_schedule = Task(
    name="nadam_schedule",
    points=1,
    right=schedule,
    observe=of_schedule,
    cases=lambda rng: [
        (int(t), *map(float, rng.uniform((0.6, 0.05), (0.95, 0.9))))
        for t in (2, *rng.choice(np.arange(3, 25), 5, replace=False))
    ],
    picture=schedule_picture(
        schedule, range(1, 41), "beta1", "β₁", (2,), "μ and product of all μ", beta1=0.9, psi=0.3
    ),
    edges={"t = 2": lambda case: case[0] == 2, "later steps": lambda case: case[0] > 2},
    praise="A function has no memory: nobody can use it up by plotting it.",
    hints=(
        "Write μᵢ as a function of i first. Then multiply it for i = 1, 2, …, t.",
        "μᵢ = β₁(1 − ½ · 0.96^(ψi)); the exponent is ψ times i. `np.prod` multiplies the numbers "
        "of an array, and `np.arange(1, t + 1)` holds 1, …, t.",
        "`mu = beta1 * (1 - 0.5 * 0.96 ** (psi * np.arange(1, t + 1)))`, then "
        "`return mu[-1], np.prod(mu)`",
    ),
    mistakes=MISTAKES.of("nadam_schedule", schedule),
)

# Task 6: which dialect is it?

DIALECTS = ("derived", "tutorial", "dozat", "pytorch", "adam")
FIRST_STEPS = {"derived": 1.47, "tutorial": 1.9, "dozat": 1.31, "pytorch": 1.06, "adam": 1.0}
PROGRAMS = "ABCD"
DIALECT_RULES = {
    "derived": optimizers.nadam,
    "tutorial": edited(optimizers.nadam, "beta1 ** (t + 1) → beta1**t"),
    "dozat": optimizers.nadam_scheduled,
    "pytorch": edited(optimizers.nadam_scheduled, "m = beta1 * m + (1 - beta1) * g"),
}
SPOKEN = (-4, "pytorch", "tutorial", "derived", "dozat")  # the start, and what A to D speak


def conversations() -> list[tuple]:
    """Other starts, and the dialects in every other order."""
    orders = [names for names in permutations(DIALECT_RULES) if names != SPOKEN[1:]]
    return [(start, *names) for start in range(-9, -4) for names in orders]


def programs_and_start(start: int, *names: str) -> tuple[dict[str, list[float]], int]:
    """Five points of each program on f = x²/2, to six digits, and where they start."""
    rules = [DIALECT_RULES[name] for name in names]
    paths = [descend(rule, parabola(1), (start,), steps=5, lr=0.1) for rule in rules]
    points = [[round(float(x), 6) for x in path.points[1:, 0]] for path in paths]
    return dict(zip(PROGRAMS, points, strict=True)), start


def of_dialects(answer: object, case: Case) -> np.ndarray:
    """The number of the dialect named for each program."""
    if not isinstance(answer, Mapping) or set(answer) != set(PROGRAMS):
        raise Trouble(
            f"Answer with a dialect for each of {', '.join(map(repr, PROGRAMS))}.", "no such answer"
        )
    if None in answer.values():
        raise NotYet("Name a dialect for each program, then run this cell again.")
    names = [str(answer[program]).strip().lower() for program in PROGRAMS]
    for name in names:
        if name not in DIALECTS:
            raise Trouble(
                f"There is no {name!r} here. The names are: {', '.join(DIALECTS)}.",
                "no such answer",
            )
    return numbers([DIALECTS.index(name) for name in names], (len(PROGRAMS),), "Your answer is")


def other_first_step(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    """Of the first program that is named wrongly: what its first step would be."""
    triples = zip(PROGRAMS, seen[0], right[0], strict=True)
    program, named = next((program, int(named)) for program, named, due in triples if named != due)
    name = DIALECTS[named]
    return (
        f"`{program}` is another one: with the settings of the task the first step of {name!r} is "
        f"{FIRST_STEPS[name]} η long. How long is that of `{program}`?"
    )


@cache
def nadam_dialects_of(start: int, *names: str) -> Task:
    """The task where A to D speak these dialects."""
    return Task(
        name="nadam_dialects",
        points=1,
        right=dict(zip(PROGRAMS, names, strict=True)),
        observe=of_dialects,
        otherwise=other_first_step,
        mistakes=(),
        praise="Five points are enough to tell them apart. Now you can do it with any library.",
        hints=(
            "Run candidates from the same start with the same settings, and compare. What is the "
            "first point of each?",
            "√ŝ is |g| in the first step, so its length over η is m̂/g. Work that out for each "
            "dialect, or let a rule of yours tell you.",
            "First steps over η: derived 1.47, tutorial 1.9, Dozat's schedule 1.31, PyTorch 1.06, "
            "Adam 1",
        ),
    )


nadam_dialects = personal(nadam_dialects_of, programs_and_start, SPOKEN, conversations)

# Task 7: four programs, a bug in each

EASY = {
    "g": "the gradient is taken where x is, which is the point ahead already",
    "m": "that is the equation of m",
    "s": "that is the equation of s",
    "x": "numerator, ŝ and ε are as Nadam has them",
    "yield": "it hands out the point after each step",
    "zeros": "both means begin at zero, anew in every run",
    "t": "t is 1 in the first step",
    "now": "this step's gradient part, with this step's correction",
    "ahead": "β₁ m with the correction of the next step, as derived",
}

nadam_bugs = Task(
    name="nadam_bugs",
    points=1,
    right={"hurried": 6, "belated": 7, "mixed_up": 4, "plotted": 2},
    praise="Two exponents, an order, and a generator used up: none of them raises an error.",
    hints=(
        "Run each beside `nadam` (the last one beside `nadam_scheduled`), with lr = 0.1. At which "
        "step do the paths part?",
        "Compare the lines with task 1: which t stands where? Which m is used, the old or the new "
        "one? And with which μ does `plotted` begin?",
        "`hurried`: the momentum part with t, line 6. `belated`: the gradient part with t + 1, "
        "line 7. `mixed_up`: m is used before it is new, line 4. `plotted`: line 2 uses the "
        "schedule up",
    ),
    **bug_hunt(
        hurried={
            line: EASY[what]
            for line, what in {
                1: "zeros",
                2: "t",
                3: "g",
                4: "m",
                5: "s",
                7: "now",
                8: "x",
                9: "yield",
            }.items()
        },
        belated={
            line: EASY[what]
            for line, what in {
                1: "zeros",
                2: "t",
                3: "g",
                4: "m",
                5: "s",
                6: "ahead",
                8: "x",
                9: "yield",
            }.items()
        },
        mixed_up={
            1: EASY["zeros"],
            2: EASY["t"],
            3: EASY["g"],
            5: EASY["m"] + "; but another line has used m before it is new",
            6: EASY["s"],
            7: EASY["now"],
            8: EASY["x"],
            9: EASY["yield"],
        },
        plotted={
            1: "that makes a new schedule in every run",
            3: "it only draws what has been taken before",
            4: EASY["zeros"],
            5: "it takes the next μ in each step, and counts t from 1",
            6: EASY["g"],
            7: EASY["m"] + ", with μₜ",
            8: EASY["s"],
            9: "that is Dozat's m̂, if the three numbers are those of step t",
            10: EASY["x"],
            11: EASY["yield"],
        },
    ),
)

TASKS = (
    nadam_lines,
    nadam,
    nadam_first_step,
    nadamax,
    nadam_schedule,
    nadam_dialects,
    nadam_bugs,
)
