"""The checks of exercise 05, AdaGrad: each task with its right answer and wrong ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Task, result_of, spread
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import START, path_picture
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    rule_edges,
    undisturbed_points_of,
    where_it_departs,
)

MISTAKES = MistakesFile(__file__, globals())

# Task 1: the rule

adagrad = Task(
    name="adagrad",
    points=3,
    right=optimizers.adagrad,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.5, 4.0), eps=(0.05, 0.5)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adagrad, lr=1.0, eps=0.3),
    edges=rule_edges("lr", "eps"),
    praise="Each coordinate has a step size of its own, made of its own past.",
    hints=(
        "What must be remembered from step to step? One number for each coordinate: make it before "
        "the loop, and add to it inside.",
        "Three lines in the loop: ask for the gradient once and give it a name, add its square to "
        "`s`, divide the step by the root of `s` plus `eps`.",
        "`s = s + g**2`, and then `x = x - lr * g / (np.sqrt(s) + eps)`",
    ),
    mistakes=MISTAKES.of("adagrad", optimizers.adagrad),
)

# Task 2: counting


def of_numbers(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def draw_counts(rng: np.random.Generator) -> list[tuple[float, int, int]]:
    """Shares of the rows, sizes of the batch, numbers of steps."""
    draws = zip(
        spread(rng, 0.01, 0.4, 24), rng.integers(2, 17, 24), rng.integers(50, 500, 24), strict=True
    )
    return [(float(share), int(batch), int(steps)) for share, batch, steps in draws]


def steps_with_it(share: float, batch: int, steps: int) -> float:
    return steps * (1 - (1 - share) ** batch)


steps_that_see_it = Task(
    name="steps_that_see_it",
    points=1,
    right=steps_with_it,
    observe=of_numbers,
    cases=draw_counts,
    rtol=1e-6,
    edges={"rare rows": lambda case: case[0] < 0.03, "common rows": lambda case: case[0] > 0.35},
    praise="So often the sum of a rare word gets something; its root is what the step feels.",
    hints=(
        "It is easier to ask for the opposite: what is the chance that a batch has the word in "
        "none of its reviews?",
        "One review is without the word with the chance 1 − p, and the draws do not know of each "
        "other. Multiply B of these; what is missing to 1 is the chance of one step.",
        "`return steps * (1 - (1 - share) ** batch)`",
    ),
    mistakes=MISTAKES.of("steps_that_see_it", steps_with_it),
)

# Task 3: step sizes from recorded gradients


def of_gradients(function: object, case: Case) -> np.ndarray:
    g, lr, eps = case
    return result_of(function, g, lr, eps, shape=g.shape)


def draw_gradients(rng: np.random.Generator) -> list[tuple[np.ndarray, float, float]]:
    """Records of gradients of two to four coordinates, some of them zero, also the first of all."""
    cases = []
    for d in (2, 3, 4, 2):
        g = rng.normal(size=(9, d)) * (rng.random((9, d)) < 0.8)
        g[0, -1] = 0
        cases.append((g, float(rng.uniform(0.05, 2)), float(rng.uniform(0.05, 0.5))))
    return cases


def step_sizes(g: np.ndarray, lr: float, eps: float) -> np.ndarray:
    s = np.cumsum(g**2, axis=0)
    return lr / (np.sqrt(s) + eps)


recorded_step_sizes = Task(
    name="recorded_step_sizes",
    points=2,
    right=step_sizes,
    observe=of_gradients,
    cases=draw_gradients,
    edges={
        "a first gradient of 0": lambda case: (case[0][0] == 0).any(),
        "two coordinates": lambda case: case[0].shape[1] == 2,
        "four coordinates": lambda case: case[0].shape[1] == 4,
    },
    praise="The whole past of each coordinate in one line; no loop, and no run needed.",
    hints=(
        "Which squares are in s at the third step? Add up along time, and not along coordinates.",
        "Squares first, then `np.cumsum` along axis 0, which is time; then the rule's denominator.",
        "`return lr / (np.sqrt(np.cumsum(g**2, axis=0)) + eps)`",
    ),
    mistakes=MISTAKES.of("recorded_step_sizes", step_sizes),
)

# Task 4: how fast it falls


def draw_parts(rng: np.random.Generator) -> list[tuple[float]]:
    whole = 0.5 ** rng.integers(1, 5, 3)  # 1/part² is a whole number, without rounding
    return [(float(part),) for part in [*10 ** rng.uniform(-2.3, -0.4, 24), *whole]]


def falls(part: float) -> float:
    return np.ceil(1 / part**2 - 1e-9)  # 1/(1/7)² is 49.00000000000001


steps_to_fall = Task(
    name="steps_to_fall",
    points=1,
    right=falls,
    observe=of_numbers,
    cases=draw_parts,
    rtol=1e-12,
    edges={
        "a whole number of steps": lambda case: (1 / case[0] ** 2) % 1 == 0,
        "one that is rounded": lambda case: (1 / case[0] ** 2) % 1 > 0,
    },
    praise="A tenth after 100 steps, a hundredth after 10 000: it falls for ever.",
    hints=(
        "The gradient is the same g in all steps. What is s at step t, and so the step?",
        "Step t has the length η/√t, step 1 the length η. From which t on is 1/√t at most `part`?",
        "`return int(np.ceil(1 / part**2 - 1e-9))`: rounding makes 1/(1/7)² a bit more than 49.",
    ),
    mistakes=MISTAKES.of("steps_to_fall", falls),
)

# Task 5: ε inside and outside


def of_one_number(function: object, case: Case) -> np.ndarray:
    return result_of(function, case, shape=(2,))


def half_step_gradients(eps: float) -> tuple[float, float]:
    """The |g| of a first step of half the length, with ε outside and inside the root."""
    outside = eps
    inside = np.sqrt(eps / 3)
    return outside, inside


half_a_step = Task(
    name="half_a_step",
    points=1,
    right=half_step_gradients,
    observe=of_one_number,
    cases=lambda rng: [float(eps) for eps in 10.0 ** spread(rng, -7, -1, 8)],
    rtol=1e-6,
    edges={"tiny ε": lambda eps: eps < 1e-6, "large ε": lambda eps: eps > 1e-2},
    praise="With the ε = 1e-10 of the course that is 1e-10 outside, and 6e-6 inside.",
    hints=(
        "Write down g divided by the denominator, with s = g², and set it to one half. Two "
        "equations, each with one unknown.",
        "Outside: g/(g + ε) = ½. Inside: g/√(g² + ε) = ½; square both sides before you solve.",
        "`return eps, np.sqrt(eps / 3)`",
    ),
    mistakes=MISTAKES.of("half_a_step", half_step_gradients),
)

# Task 6: three bugs

adagrad_bugs = Task(
    name="adagrad_bugs",
    points=1,
    right={"tidy": 2, "eager": 4, "thrifty": 1},
    praise="A sum that is lost, one that is used too early, one without fractions.",
    hints=(
        "Do not read; run. Compare the first steps with your own rule: their lengths, and for the "
        "third one also the type of its array `s`.",
        "`tidy` makes steps of the length η for ever: what does it remember? `eager` leaps away at "
        "once: by what does it divide? In `thrifty` the fractions disappear: who decides what an "
        "array can hold?",
        "The sum that stays in a local name, line 2 of `tidy`; the old sum in the step, line 4 of "
        "`eager`; zeros like integers, line 1 of `thrifty`",
    ),
    **bug_hunt(
        tidy={
            1: "the sum begins at zero, and every run has its own",
            3: "it divides by the root of the sum that it was given, plus ε",
            4: "it moves against the scaled gradient",
            5: "it hands out the point after each step",
        },
        eager={
            1: "the sum begins at zero",
            2: "the gradient at the point, asked for once",
            3: "it keeps the old sum under another name, which is allowed, and makes the new one",
            5: "it hands out the point after each step",
        },
        thrifty={
            2: "the gradient at the point, asked for once",
            3: "it adds the square, and writes what it can into the array that it was given",
            4: "that is the rule's step, and a new array",
            5: "it hands out the point after each step",
        },
    ),
)

# Task 7: put one of them right


def draw_whole_starts(rng: np.random.Generator) -> Sequence[Run]:
    """Runs from starts whose numbers are whole: of integers, and once of floats."""
    runs = draw_runs(lr=(0.5, 4.0), eps=(0.05, 0.5))(rng)
    starts = [
        np.rint(run.start).astype(int)
        if np.abs(run.start).max() > 5  # the edge that has large gradients
        else rng.integers(-5, 6, len(run.start))
        for run in runs
    ]
    starts[0] = starts[0].astype(float)
    return [replace(run, start=start) for run, start in zip(runs, starts, strict=True)]


def thrifty_or_not(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if np.allclose(seen[0], right[0]) and all(np.isfinite(s).all() for s in seen):
        return (
            "From floats your rule is right, from integers it is not. Which array is of integers?"
        )
    return where_it_departs(list(seen), list(right))


mended_thrifty = Task(
    name="mended_thrifty",
    points=1,
    right=optimizers.adagrad,
    observe=undisturbed_points_of,
    cases=draw_whole_starts,
    otherwise=thrifty_or_not,
    picture=path_picture(optimizers.adagrad, start=START.astype(int), lr=1.0, eps=0.3),
    edges=rule_edges("lr", "eps", but=["tiny gradients"]),
    praise="From integers it goes where it goes from floats.",
    hints=(
        "`np.zeros_like(x)` takes over more than the shape of `x`.",
        "An array of integers cuts off what comes after the point. Ask for floats where `s` is "
        "made.",
        "`s = np.zeros_like(x, dtype=float)`, or `s = np.zeros(len(x))`",
    ),
    mistakes=MISTAKES.of(
        "mended_thrifty",
        optimizers.adagrad,
        more=lambda: (known for known in adagrad.mistakes if known.name != "sum begins as x"),
    ),
)

TASKS = (
    adagrad,
    steps_that_see_it,
    recorded_step_sizes,
    steps_to_fall,
    half_a_step,
    adagrad_bugs,
    mended_thrifty,
)
