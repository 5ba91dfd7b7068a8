"""The checks of exercise 03, momentum: each task with its right answer and wrong ones."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil

import numpy as np

from course_lib import descent, landscapes, optimizers, theory
from course_lib.landscapes import Landscape
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, NotYet, Task, Trouble, numbers, result_of, spread
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.personal import personal
from exercise_lib.rule_runs import draw_runs, rule_edges, undisturbed_points_of, where_it_departs

MISTAKES = MistakesFile(__file__, globals())

# Task 1: write the rule

momentum = Task(
    name="momentum",
    points=3,
    right=optimizers.momentum,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.momentum, lr=0.3, beta=0.8),
    edges=rule_edges("lr", "beta"),
    praise="Your ball rolls along the right path from every start, with every η and β tried.",
    hints=(
        "A rule with a memory has two things to carry from step to step, `x` and `v`. What is the "
        "velocity before the first step, and where must it be made, so that it is made only once "
        "a run?",
        "Before the loop make `v`, an array of zeros like `x`. In the loop three lines: the new "
        "`v` out of the old one and `grad(x)`, the new `x` out of the old one and the new `v`, and "
        "the `yield`.",
        "`v = np.zeros_like(x)` before `while True:`, and inside it "
        "`v = beta * v - lr * grad(x)`, then `x = x + v`, then `yield x`",
    ),
    mistakes=MISTAKES.of("momentum", optimizers.momentum),
)

# Task 2: the stability limit


def draw_pairs(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Pairs (β, λ), with β small, large and between."""
    return list(zip(spread(rng, 0.1, 0.95, 8), rng.uniform(0.3, 9.0, 8), strict=True))


def of_two_numbers(function: object, case: Case) -> np.ndarray:
    return result_of(function, *map(float, case))


def too_large_or_too_small(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    """On which side of the limit an unknown formula for η is, in the cases tried."""
    share = np.array(seen) / np.array(right)
    if not (share > 0).all():
        return "A learning rate is a number larger than 0."
    if (np.abs(share - 1) < 0.02).all():
        return "Very close. Give it more digits."
    if (share > 1).all():
        return "Too large: for each β and λ tried a run with your η diverges. Make one and see."
    if (share < 1).all():
        return "Your η is stable for each β and λ tried, but a larger one is as well."
    return (
        "For some β and λ your η is too large, for others smaller than it need be: the formula "
        "depends on β or on λ in another way."
    )


def limit_of_momentum(beta: float, curvature: float) -> float:
    return theory.stability_limit("momentum", curvature, beta)


momentum_limit = Task(
    name="momentum_limit",
    points=2,
    right=limit_of_momentum,
    observe=of_two_numbers,
    cases=draw_pairs,
    otherwise=too_large_or_too_small,
    rtol=1e-3,
    edges={"β near 0": lambda case: case[0] < 0.21, "β near 1": lambda case: case[0] > 0.84},
    praise="Just below this η every run comes to rest, and just above it every run flies away.",
    hints=(
        "At the limit the ball hops from side to side for ever, equally far. What are `x` and `v` "
        "after a step, if they are minus what they were before it?",
        "Where both change sign and keep their size, an eigenvalue is −1. Write out the rule for "
        "f(x) = ½λx², put −x and −v on the left, and solve for η.",
        "`return 2 * (1 + beta) / curvature`",
    ),
    mistakes=MISTAKES.of("momentum_limit", limit_of_momentum),
)

# Task 3: the averaging form


def alpha(lr: float, beta: float) -> float:
    return lr / (1 - beta)


averaging_lr = Task(
    name="averaging_lr",
    points=1,
    right=alpha,
    observe=of_two_numbers,
    cases=lambda rng: list(zip(rng.uniform(0.01, 0.5, 6), spread(rng, 0.1, 0.95, 6), strict=True)),
    edges={"β near 0": lambda case: case[1] < 0.25, "β near 1": lambda case: case[1] > 0.8},
    praise="With this α the two forms walk the same path: m is v, measured in another unit.",
    hints=(
        "Both forms begin at rest. What is the very first step of each, for a gradient g?",
        "The first step of one is −ηg, of the other −α(1 − β)g. Make them equal; the later steps "
        "follow, because v and −αm obey the same equation.",
        "`return lr / (1 - beta)`",
    ),
    mistakes=MISTAKES.of("averaging_lr", alpha),
)

# Task 4: settings that reach a target

TOLERANCE = 1e-6
MET = np.zeros(2)  # what is seen of any settings that reach the target
VALLEY = (200.0, 8.0)  # κ and L
STEEPEST = {  # for each κ the L of other valleys: none has an answer that is right in another one
    60.0: (0.15, 0.4, 0.6, 0.8, 1.2, 1.5, 4, 6, 8, 12, 15, 18, 32, 40, 60, 80, 120, 150, 180),
    200.0: (0.2, 0.3, 0.8, 4, 16, 24, 32, 64, 160, 200),
    700.0: (0.1, 0.4, 0.8, 4, 6, 10, 16, 32, 60, 100, 160),
}


def valleys() -> list[tuple[float, float]]:
    return [(condition, float(L)) for condition, all_L in STEEPEST.items() for L in all_L]


@cache
def valley_and_target(condition: float, steepest: float) -> tuple[Landscape, int]:
    """A valley, and 4 % more steps than the best settings need there."""
    valley = landscapes.bowl(condition=condition, steepest=steepest)
    best = theory.best_settings("momentum", *valley.curvatures)
    path = descent.descend(optimizers.momentum, valley, steps=1000, **best)
    return valley, ceil(1.04 * path.settled(TOLERANCE))


def pair(answer: object) -> np.ndarray:
    """(η, β) out of what a learner hands in."""
    if isinstance(answer, Mapping):
        answer = [answer.get("lr"), answer.get("beta")]
    if isinstance(answer, list | tuple) and any(part is None for part in answer):
        raise NotYet("Give a number for `lr` and one for `beta`, then run this cell again.")
    lr, beta = numbers(answer, (2,), "Your answer is")
    if not (np.isfinite(lr) and lr > 0):
        raise Trouble("The learning rate η must be a number larger than 0.", "η not positive")
    if not 0 <= beta < 1:
        raise Trouble(
            "β must be at least 0 and below 1. Did η and β change places? η comes first.",
            "β out of range",
        )
    return np.array([lr, beta])


def what_is_slow(settings: np.ndarray, mu: float, L: float) -> str:
    """The direction that misses the target, and what theory says it does."""
    lr, beta = settings
    flat, steep = (theory.rate("momentum", [curvature], lr, beta) for curvature in (mu, L))
    if steep >= 1 - 1e-9:  # at the limit itself rounding would decide
        return "It diverges: η is above the limit of the steepest direction for this β, or at it."
    slow = mu if flat >= steep else L
    how = str(theory.regime("momentum", slow, lr, beta))
    return {
        "monotone": "Too slow: the error along the floor creeps, without a ripple. The floor needs "
        "a larger η, or more memory.",
        "ripples": "Too slow: the error swings, and fades only like √β per step. The memory is "
        "longer than this valley needs.",
        "oscillating": "Too slow: the error across the valley changes sign at every step, and "
        "hardly shrinks. η is too near its limit for this β.",
    }[how]


@cache
def fast_settings_in(condition: float, steepest: float) -> Task:
    """The task for the valley with this κ and L."""
    valley, target = valley_and_target(condition, steepest)
    mu, L = (float(curvature) for curvature in valley.curvatures)
    lr, beta = theory.best_settings("momentum", mu, L).values()
    beta_of_gd = (condition - 1) / (condition + 1)
    slower = np.log(beta) / 2 / np.log(beta_of_gd)

    def met_or_settings(answer: object, case: Case) -> np.ndarray:
        """``MET`` if these settings bring f below the tolerance in time, and f stays there."""
        lr, beta = pair(answer)
        path = descent.descend(optimizers.momentum, valley, steps=4 * target, lr=lr, beta=beta)
        in_time = not path.diverged and (path.gap[target:] <= TOLERANCE).all()
        return MET if in_time else np.array([lr, beta])

    return Task(
        name="fast_settings",
        points=2,
        right=(lr, beta),
        observe=met_or_settings,
        otherwise=lambda seen, right: what_is_slow(seen[0], mu, L),
        rtol=2e-3,
        praise=(
            f"Gradient descent needs {slower:.0f} times as many steps here, with the best η there "
            "is."
        ),
        hints=(
            "How much does the valley curve across, and how much along? With the two curvatures, "
            "the lesson has a formula for the best pair.",
            "μ and L are the second derivatives of f along x and y. With κ = L/μ the best β is the "
            "square of (√κ − 1)/(√κ + 1), and the best η the square of 2/(√L + √μ).",
            f"`lr = (2 / (np.sqrt({L:g}) + np.sqrt({mu:g}))) ** 2` and "
            f"`beta = ((np.sqrt({condition:g}) - 1) / (np.sqrt({condition:g}) + 1)) ** 2`",
        ),
        mistakes=MISTAKES.of("fast_settings", lr=lr, beta=beta, mu=mu, L=L, beta_of_gd=beta_of_gd),
    )


fast_settings = personal(fast_settings_in, valley_and_target, VALLEY, valleys, same=pair)

# Task 5: three programs, a bug in each

momentum_bugs = Task(
    name="momentum_bugs",
    points=1,
    right={"unrolled": 4, "remembering": 1, "shrinkage": 3},
    praise="A sign, a memory in the wrong place, a factor of two: all three are in circulation.",
    hints=(
        "Do not read; run. Compare the first two with your own rule, the second one twice, and "
        "the third one with how fast a run of yours really shrinks.",
        "`unrolled` walks uphill. `remembering` is right once, and then never again: what does it "
        "find when it begins anew? `shrinkage` says that runs grow which come to rest.",
        "The sign of the sum, line 4 of `unrolled`; the memory that all runs share, line 1 of "
        "`remembering`; the 2 before √β, line 3 of `shrinkage`",
    ),
    **bug_hunt(
        unrolled={
            1: "a new list for each run is what it takes",
            2: "all gradients are remembered, the newest one at the end",
            3: "the newest gradient gets the weight 1, the one before β, then β², and so on",
            5: "it hands out the point after each step",
        },
        remembering={
            2: "that is the equation of the velocity",
            3: "the new velocity moves the point, and the old array stays as it was",
            4: "it hands out the point after each step",
        },
        shrinkage={
            1: "η and λ come in only as their product",
            2: "that is where the two eigenvalues are a complex pair",
            4: "outside the ripples that root is real, and so are both eigenvalues",
            5: "that is the size of the larger one of two real eigenvalues",
        },
    ),
)

# Task 6: put one of them right

mended_momentum = Task(
    name="mended_momentum",
    points=1,
    right=optimizers.momentum,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.momentum, lr=0.3, beta=0.8),
    edges=rule_edges("lr", "beta"),
    praise="Each run has a velocity of its own, also where two runs take turns, as in a race.",
    hints=(
        "When is line 1 run: once for each run of the rule, or once for all of them?",
        "The velocity must be made inside the function, so that each run gets its own, and before "
        "the loop, so that it lasts for the whole run.",
        "`v = np.zeros_like(x)` as the first line of the function; below it `v` in place of "
        '`memory["v"]`',
    ),
    mistakes=MISTAKES.of(
        "mended_momentum", optimizers.momentum, more=lambda: momentum.mistakes[1:]
    ),
)

TASKS = (
    momentum,
    momentum_limit,
    averaging_lr,
    fast_settings,
    momentum_bugs,
    mended_momentum,
)
