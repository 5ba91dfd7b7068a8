"""The checks of exercise 04, Nesterov: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, cycle

import numpy as np

from course_lib import descent, landscapes, optimizers, theory
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    NotYet,
    Task,
    Trouble,
    called,
    learners_code,
    result_of,
    something_else,
    spread,
)
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    points_of,
    rule_edges,
    undisturbed_points_of,
    where_it_departs,
)
from exercise_lib.tasks.e03_momentum import draw_pairs, of_two_numbers, too_large_or_too_small

MISTAKES = MistakesFile(__file__, globals())

Points = Iterator[np.ndarray]
Rule = Callable[..., Points]

# Task 1: from momentum to Nesterov

nesterov = Task(
    name="nesterov",
    points=3,
    right=optimizers.nesterov,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.nesterov, lr=0.3, beta=0.8),
    edges=rule_edges("lr", "beta"),
    praise="Your rule feels the slope where it is about to be, from every start.",
    hints=(
        "Compare the two equations letter by letter: they differ in one place. Which part of the "
        "next step do you know before you ask for the slope?",
        "The velocity will carry you by βv, whatever the slope says. Ask `grad` for the slope "
        "there; all else stays as momentum has it.",
        "`v = beta * v - lr * grad(x + beta * v)`",
    ),
    mistakes=MISTAKES.of("nesterov", optimizers.nesterov),
)

# Task 2: the stability limit


def limit_of_nesterov(beta: float, curvature: float) -> float:
    return theory.stability_limit("nesterov", curvature, beta)


nesterov_limit = Task(
    name="nesterov_limit",
    points=1,
    right=limit_of_nesterov,
    observe=of_two_numbers,
    cases=draw_pairs,
    otherwise=too_large_or_too_small,
    rtol=1e-3,
    edges={"β near 0": lambda case: case[0] < 0.21, "β near 1": lambda case: case[0] > 0.84},
    praise="Just below this η every run comes to rest, and just above it every run flies away.",
    hints=(
        "On one direction Nesterov is momentum with another β: the slope ahead takes a part of "
        "the velocity away. Which β?",
        "It is momentum with β(1 − ηλ) in place of β. Put that into momentum's condition, "
        "ηλ < 2(1 + β), and solve for η once more.",
        "`return 2 * (1 + beta) / ((1 + 2 * beta) * curvature)`",
    ),
    mistakes=MISTAKES.of("nesterov_limit", limit_of_nesterov),
)

# Task 3: from the points of a library to ours


def library_nesterov(grad: Callable, y: np.ndarray, lr: float, beta: float) -> Points:
    """Nesterov as libraries compute it: the point held is y = x + βv."""
    v = np.zeros_like(y)
    while True:
        g = grad(y)
        v = beta * v - lr * g
        y = y + beta * v - lr * g
        yield y


def draw_library_paths(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Paths y of a library, the start first, and the β of each."""
    runs = draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85))(rng)[:4]
    return [
        (np.array([run.start, *points_of(library_nesterov, run)]), run.settings["beta"])
        for run in runs
    ]


def of_library_path(function: object, case: Case) -> np.ndarray:
    y, beta = case
    return result_of(function, y, float(beta), shape=y.shape)


def recovered(y: np.ndarray, beta: float) -> np.ndarray:
    x = y.copy()
    for t in range(1, len(y)):
        x[t] = (y[t] + beta * x[t - 1]) / (1 + beta)
    return x


recovered_points = Task(
    name="recovered_points",
    points=2,
    right=recovered,
    observe=of_library_path,
    cases=draw_library_paths,
    edges={
        "two coordinates": lambda case: case[0].shape[1] == 2,
        "three coordinates": lambda case: case[0].shape[1] == 3,
    },
    praise="The same run: the library's points, and yours half a step behind them.",
    hints=(
        "The velocity is the step just made, from the last x to this one. What does that make of "
        "y = x + βv?",
        "From yₜ = xₜ + β(xₜ − xₜ₋₁) you can compute xₜ if you know xₜ₋₁; and x₀ you know, for at "
        "the start the velocity is 0.",
        "`x[0] = y[0]`, and then for each t from 1 on `x[t] = (y[t] + beta * x[t - 1]) / "
        "(1 + beta)`",
    ),
    mistakes=MISTAKES.of("recovered_points", recovered),
)

# Task 4: three programs, a bug in each

nesterov_bugs = Task(
    name="nesterov_bugs",
    points=1,
    right={"hasty": 2, "landing": 4, "nesterov_with": 1},
    praise="The wrong place, a step too many, a memory in the wrong place: all are easy to miss.",
    hints=(
        "Do not read; run. Compare the first two with your own rule, step by step. Make one rule "
        "with the third, and run that one twice.",
        "`hasty` asks for the slope at a point to which nothing carries it. `landing` is moved by "
        "βv twice. A rule made by `nesterov_with` is right once, and then never again: what does "
        "it find when it begins anew?",
        "The look-ahead x + v, line 2 of `hasty`; the step from the look-ahead point, line 4 of "
        "`landing`; the velocity that all runs share, line 1 of `nesterov_with`",
    ),
    **bug_hunt(
        hasty={
            1: "it begins at rest, and every run anew",
            3: "that is the equation of the velocity, if g is the right slope",
            4: "the new velocity moves the point",
            5: "it hands out the point after each step",
        },
        landing={
            1: "it begins at rest, and every run anew",
            2: "that is the point to which the velocity carries it",
            3: "that is the equation of the velocity, with the slope ahead",
            5: "it hands out the point after each step",
        },
        nesterov_with={
            2: "it only says which `v` is meant, one that was made before",
            3: "that is the equation of the velocity, with the slope ahead",
            4: "the new velocity moves the point, and the old array stays as it was",
            5: "it hands out the point after each step",
        },
    ),
)

# Task 5: put one of them right


def points_of_made_rule(make: object, run: Run) -> np.ndarray:
    """The points of the rule that a learner's function makes, given the settings."""
    with learners_code():
        rule = called(make, **run.settings)
    if rule is None:
        raise NotYet("The function returns nothing so far (None). It must `return` the rule.")
    if not callable(rule):
        raise Trouble(
            "Your function must return the rule itself, a function: `return rule`.",
            "returns no rule",
        )
    return undisturbed_points_of(rule, replace(run, settings={}))


def maker_of(rule: Rule) -> Callable:
    return lambda lr, beta: lambda grad, x: rule(grad, x, lr=lr, beta=beta)


mended_nesterov = Task(
    name="mended_nesterov",
    points=1,
    right=maker_of(optimizers.nesterov),
    observe=points_of_made_rule,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(maker_of(optimizers.nesterov), points_of_made_rule, lr=0.3, beta=0.8),
    edges=rule_edges("lr", "beta"),
    praise="One rule, many runs, and each of them begins at rest.",
    hints=(
        "When is line 1 run: once for each run of the rule, or once for all of them?",
        "The velocity must be made inside `rule`, so that each run gets its own, and before the "
        "loop, so that it lasts for the whole run. Then `nonlocal` has no purpose.",
        "`v = np.zeros_like(x)` as the first line of `rule`, in place of `nonlocal v`; and line 1 "
        "goes",
    ),
    mistakes=MISTAKES.of(
        "mended_nesterov",
        maker_of(optimizers.nesterov),
        more=lambda: (
            replace(known, answer=maker_of(known.answer))
            for known in nesterov.mistakes
            if known.name != "gradient descent"
        ),
    ),
)

# Task 6: the puzzle, measured

EDGE, PATIENCE = 1.0, 200_000  # beyond |x| = EDGE the saddle is left; calls of a gradient


def draw_escapes(rng: np.random.Generator) -> list[tuple[Rule, landscapes.Landscape, float, float]]:
    """Rules on saddles of all curvatures, from a start on either side of the ridge; η, and β."""
    slow = [(0.02, 0.5, 0.6), (0.03, 0.6, 0.5)]  # η, β, λ of runs that take more than 200 steps
    others = rng.uniform((0.03, 0.5, 0.5), (0.15, 0.95, 3.0), (4, 3))
    rules = cycle([optimizers.momentum, optimizers.nesterov])
    sides = cycle([1, -1, -1, 1])  # each rule and each kind of run on both
    heights = cycle([0.5, 2.0])  # y, which does not matter: also where it begins beyond the edge
    return [
        (rule, draw_saddle(rng, curvature, side, y), float(lr), float(beta))
        for rule, side, y, (lr, beta, curvature) in zip(
            rules, sides, heights, [*slow, *others], strict=False
        )
    ]


def draw_saddle(
    rng: np.random.Generator, curvature: float, side: int, y: float
) -> landscapes.Landscape:
    return landscapes.quadratic(
        np.diag([-curvature, rng.uniform(1.0, 2.0)]),
        start=(side * rng.uniform(0.5e-5, 2e-5), y * rng.uniform(0.7, 1.3)),
        window=landscapes.saddle.window,
        name="a saddle",
    )


def of_escape(function: object, case: Case) -> np.ndarray:
    rule, on, lr, beta = case
    return result_of(function, rule, with_patience(on), lr, beta)


WAITS_TOO_LONG = (
    "In one of the runs you count on when the saddle is long left. Does your function wait for the "
    "right coordinate, and on both sides of the ridge? x may also leave beyond −1."
)


def too_long(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    return WAITS_TOO_LONG if max(seen) > 1000 else something_else(seen, right)


def with_patience(on: landscapes.Landscape) -> landscapes.Landscape:
    """The same landscape, with a gradient that stops a loop without end."""
    calls = count(1)

    def grad(x: np.ndarray) -> np.ndarray:
        if next(calls) > PATIENCE:
            raise Trouble(WAITS_TOO_LONG, "loops on")
        return on.grad(x)

    return replace(on, grad=grad)


def steps_to_leave(rule: Rule, on: landscapes.Landscape, lr: float, beta: float) -> int:
    x = descent.descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 0]
    return int(np.argmax(np.abs(x) > EDGE))


leaving_time = Task(
    name="leaving_time",
    points=1,
    right=steps_to_leave,
    observe=of_escape,
    cases=draw_escapes,
    otherwise=too_long,
    edges={
        "momentum": lambda case: case[0] is optimizers.momentum,
        "Nesterov": lambda case: case[0] is optimizers.nesterov,
        "left of the ridge": lambda case: case[1].start[0] < 0,
        "right of the ridge": lambda case: case[1].start[0] > 0,
    },
    praise="Your measurement counts right, for both rules, on saddles of all curvatures.",
    hints=(
        "Run the rule and look at the first coordinate of its points. How do you find the first "
        "step at which it is beyond 1, on one side or the other?",
        "`descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 0]` has the first coordinate "
        "of all points, the start as number 0. `np.argmax` of a condition is the first place "
        "where it holds.",
        "`x = descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 0]`, then "
        "`return np.argmax(np.abs(x) > 1)`",
    ),
    mistakes=MISTAKES.of("leaving_time", steps_to_leave),
)

# Task 7: the puzzle, predicted


def growth_of(rule: str, lr: float, beta: float, curvature: float) -> float:
    return float(theory.rate(rule, [curvature], lr, beta))


def growths(lr: float, beta: float, curvature: float) -> np.ndarray:
    """The factors by which x grows per step on −½λx² in the end, momentum's and Nesterov's."""
    return np.array([growth_of(rule, lr, beta, -curvature) for rule in ("momentum", "nesterov")])


def of_three_numbers(function: object, case: Case) -> np.ndarray:
    return result_of(function, *map(float, case), shape=(2,))


growth_factors = Task(
    name="growth_factors",
    points=1,
    right=growths,
    observe=of_three_numbers,
    cases=lambda rng: list(
        zip(
            rng.uniform(0.02, 0.2, 8),
            spread(rng, 0.5, 0.95, 8),
            spread(rng, 0.4, 3.0, 8),
            strict=True,
        )
    ),
    rtol=1e-4,
    edges={"β at 0.5": lambda case: case[1] < 0.56, "β near 1": lambda case: case[1] > 0.89},
    praise=(
        "With the same η the look-ahead feels the steeper slope further down, and pushes harder. "
        "Nesterov was not slower: it had been given a smaller η."
    ),
    hints=(
        "After some steps x grows by the same factor each time. You can measure it, as the ratio "
        "of two x that follow one another, or compute it, as an eigenvalue.",
        "With s = −ηλ the lesson's matrices are [[1 − s, k], [−s, k]], where k is β for momentum "
        "and β(1 − s) for Nesterov. The factor is the largest |eigenvalue|.",
        "`s = -lr * curvature`, and for `k` = `beta` and `beta * (1 - s)` "
        "`np.abs(np.linalg.eigvals([[1 - s, k], [-s, k]])).max()`",
    ),
    mistakes=MISTAKES.of("growth_factors", growths),
)

TASKS = (
    nesterov,
    nesterov_limit,
    recovered_points,
    nesterov_bugs,
    mended_nesterov,
    leaving_time,
    growth_factors,
)
