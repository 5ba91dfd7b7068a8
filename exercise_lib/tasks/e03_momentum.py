"""The checks of exercise 03, momentum: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from math import ceil

import numpy as np

from course_lib import descent, landscapes, optimizers, theory
from course_lib.landscapes import Landscape
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, NotYet, Task, Trouble, numbers, result_of
from exercise_lib.path_picture import path_picture
from exercise_lib.personal import personal
from exercise_lib.rule_runs import draw_runs, undisturbed_points_of, where_it_departs

Points = Iterator[np.ndarray]

# Task 1: write the rule


def with_velocity(new_v: Callable, move: Callable = lambda v, g, lr, beta: v) -> Callable:
    """The wrong rule v ← new_v(v, g, lr, beta), x ← x + move(v, g, lr, beta)."""

    def rule(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
        v = np.zeros_like(x)
        while True:
            g = grad(x)
            v = new_v(v, g, lr, beta)
            x = x + move(v, g, lr, beta)
            yield x

    return rule


gradient_descent_with_beta = with_velocity(lambda v, g, lr, beta: -lr * g)


def from_velocity(first_v: Callable) -> Callable:
    """The wrong rule whose velocity begins as first_v(grad, x, lr), not at rest."""

    def rule(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
        v = first_v(grad, x, lr)
        while True:
            v = beta * v - lr * grad(x)
            x = x + v
            yield x

    return rule


def moves_first(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        x = x + v
        v = beta * v - lr * grad(x)
        yield x


def old_velocity(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        x, v = x + v, beta * v - lr * grad(x)
        yield x


def gradient_once(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v, g = np.zeros_like(x), grad(x)
    while True:
        v = beta * v - lr * g
        x = x + v
        yield x


def gradient_late(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v, g = np.zeros_like(x), grad(x)
    while True:
        v = beta * v - lr * g
        x, g = x + v, grad(x)
        yield x


def stays_at_start(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x)
        yield x + v


def yields_velocity(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield v


def position_remembered(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    while True:
        x = beta * x - lr * grad(x)
        yield x


def beta_wears_off(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v, keep = np.zeros_like(x), 1.0
    while True:
        keep = keep * beta
        v = keep * v - lr * grad(x)
        x = x + v
        yield x


def two_steps(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    return islice(optimizers.momentum(grad, x, lr, beta), 1, None, 2)


AT_REST = "Your ball begins with a velocity of its own. It begins at rest: make `v` of zeros."
LOOKS_AHEAD = (
    "That is Nesterov's method, lesson 04: you take the gradient at a point ahead. Momentum takes "
    "it where it stands, at `x`."
)
SLOPE_OF_BEFORE = (
    "Your velocity uses the gradient of the point before. Call `grad(x)` at the point where you "
    "stand, right before the velocity changes."
)

momentum = Task(
    name="momentum",
    points=3,
    right=optimizers.momentum,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.momentum, lr=0.3, beta=0.8),
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
    mistakes=(
        Mistake(
            "nothing remembered",
            gradient_descent_with_beta,
            "That is gradient descent: nothing of the last step is left in the next one. Is `v` "
            "kept, or made anew in each round of the loop? And is it multiplied by `beta`?",
        ),
        Mistake(
            "β forgotten",
            with_velocity(lambda v, g, lr, beta: v - lr * g),
            "Nothing slows your ball down: it keeps all of its velocity, and swings for ever. "
            "Where is `beta`?",
        ),
        Mistake(
            "wrong sign",
            with_velocity(lambda v, g, lr, beta: beta * v + lr * g),
            "Your ball rolls uphill: the gradient points to where f grows. Look at the signs.",
        ),
        Mistake(
            "velocity turned round",
            with_velocity(lambda v, g, lr, beta: -beta * v - lr * g),
            "What is kept of the last step turns round at every step. Look at the sign of `beta`.",
        ),
        Mistake(
            "learning rate forgotten",
            with_velocity(lambda v, g, lr, beta: beta * v - g),
            "The gradient enters the velocity at full length. Where is the learning rate `lr`?",
        ),
        Mistake(
            "learning rate twice",
            with_velocity(lambda v, g, lr, beta: beta * v - lr * g, lambda v, g, lr, beta: lr * v),
            "The learning rate is multiplied in twice, in the velocity and in the step. "
            "It belongs in one of the two.",
        ),
        Mistake(
            "learning rate on all of the velocity",
            with_velocity(lambda v, g, lr, beta: lr * (beta * v - g)),
            "You multiply the old velocity by `lr`, too. Only the gradient gets the learning rate.",
        ),
        Mistake(
            "averaging form",
            with_velocity(lambda v, g, lr, beta: beta * v - (1 - beta) * lr * g),
            "Your velocity is a mean of gradients, with the factor 1 − β. That is another form of "
            "momentum, with another learning rate: task 3. Here the gradient enters without it.",
        ),
        Mistake(
            "β and 1 − β exchanged",
            with_velocity(lambda v, g, lr, beta: (1 - beta) * v - lr * g),
            "You keep the part 1 − β of the velocity. β is the part that is kept.",
        ),
        Mistake(
            "averaging form, β and 1 − β exchanged",
            with_velocity(lambda v, g, lr, beta: (1 - beta) * v - beta * lr * g),
            "That is a mean with β and 1 − β exchanged. Here is no mean: the old velocity gets "
            "`beta`, the gradient gets `lr`, and nothing else.",
        ),
        Mistake(
            "β on the gradient, too",
            with_velocity(lambda v, g, lr, beta: beta * (v - lr * g)),
            "`beta` multiplies the newest gradient, too: brackets, or one more `beta` in the step? "
            "Only the old velocity fades.",
        ),
        Mistake(
            "β on the gradient only",
            with_velocity(lambda v, g, lr, beta: v - beta * lr * g),
            "`beta` stands at the gradient. It belongs to the old velocity.",
        ),
        Mistake(
            "η and β exchanged",
            with_velocity(lambda v, g, lr, beta: lr * v - beta * g),
            "`lr` and `beta` have changed places.",
        ),
        Mistake(
            "gradient step added again",
            with_velocity(
                lambda v, g, lr, beta: beta * v - lr * g, lambda v, g, lr, beta: v - lr * g
            ),
            "The gradient moves `x` twice: it is in the velocity already. The step is `v` alone.",
        ),
        Mistake(
            "velocity begins as a gradient step",
            from_velocity(lambda grad, x, lr: -lr * grad(x)),
            "Your first step is too long: `v` holds the first gradient already when the loop adds "
            "it. Begin at rest: make `v` of zeros. (And yield `x`, no point ahead of it.)",
        ),
        Mistake("velocity begins as the gradient", from_velocity(lambda g, x, lr: g(x)), AT_REST),
        Mistake(
            "velocity begins as the gradient, downhill",
            from_velocity(lambda g, x, lr: -g(x)),
            AT_REST,
        ),
        Mistake("velocity begins at one", from_velocity(lambda g, x, lr: np.ones_like(x)), AT_REST),
        Mistake("velocity begins as x", from_velocity(lambda g, x, lr: x), AT_REST),
        Mistake(
            "moves before the velocity is new",
            moves_first,
            "Your first step leads nowhere, and all others come one too late: you move before the "
            "velocity has changed. First the new `v`, then the step.",
        ),
        Mistake(
            "moves by the old velocity",
            old_velocity,
            "You move by the velocity of the step before. `x, v = …` in one line computes both "
            "from the old values: write two lines, `v` first.",
        ),
        Mistake(
            "gradient taken once",
            gradient_once,
            "You use the gradient at the start for all steps. The slope changes as you roll: "
            "call `grad` inside the loop.",
        ),
        Mistake("gradient one step late", gradient_late, SLOPE_OF_BEFORE),
        Mistake("Nesterov", optimizers.nesterov, LOOKS_AHEAD),
        Mistake(
            "shifted Nesterov",
            with_velocity(
                lambda v, g, lr, beta: beta * v - lr * g,
                lambda v, g, lr, beta: beta * v - lr * g,
            ),
            "That is Nesterov's method as libraries compute it, lesson 04. Momentum's step is `v`.",
        ),
        Mistake(
            "position in place of velocity",
            position_remembered,
            "You multiply the position by `beta`, which pulls it to 0 on any landscape. What fades "
            "is the velocity: give it a name of its own.",
        ),
        Mistake(
            "β wears off",
            beta_wears_off,
            "Your `beta` gets smaller from step to step. It stays as it was given: that each old "
            "gradient fades like a power of β comes about by itself.",
        ),
        Mistake(
            "learning rate fixed",
            with_velocity(lambda v, g, lr, beta: beta * v - 0.01 * g),
            "Your rule takes the same learning rate whatever it is given. Use the argument `lr`.",
        ),
        Mistake(
            "β fixed",
            with_velocity(lambda v, g, lr, beta: 0.9 * v - lr * g),
            "Your rule takes the same β whatever it is given. Use the argument `beta`.",
        ),
        Mistake(
            "never leaves the start",
            stays_at_start,
            "Every step begins at the start again. Keep the new point: give it the name `x`.",
        ),
        Mistake(
            "yields the velocity",
            yields_velocity,
            "You yield velocities. Yield the point that each step leads to.",
        ),
        Mistake(
            "two steps at once",
            two_steps,
            "You take two steps for each point that you yield. Yield after every step.",
        ),
    ),
)

# Task 2: the stability limit


def draw_pairs(rng: np.random.Generator) -> list[tuple[float, float]]:
    """Pairs (β, λ), with β small, large and between."""
    betas = 0.1 + 0.85 * (np.arange(8) + rng.uniform(0, 1, 8)) / 8
    return list(zip(rng.permutation(betas), rng.uniform(0.3, 9.0, 8), strict=True))


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


momentum_limit = Task(
    name="momentum_limit",
    points=2,
    right=lambda beta, curvature: theory.stability_limit("momentum", curvature, beta),
    observe=of_two_numbers,
    cases=draw_pairs,
    otherwise=too_large_or_too_small,
    rtol=1e-3,
    praise="Just below this η every run comes to rest, and just above it every run flies away.",
    hints=(
        "At the limit the ball hops from side to side for ever, equally far. What are `x` and `v` "
        "after a step, if they are minus what they were before it?",
        "Where both change sign and keep their size, an eigenvalue is −1. Write out the rule for "
        "f(x) = ½λx², put −x and −v on the left, and solve for η.",
        "`return 2 * (1 + beta) / curvature`",
    ),
    mistakes=(
        Mistake(
            "gradient descent's",
            lambda beta, curvature: 2 / curvature,
            "That is the limit of gradient descent. Memory moves it: which way?",
        ),
        Mistake(
            "one step to the minimum",
            lambda beta, curvature: 1 / curvature,
            "With this η gradient descent arrives in one step. That is no limit, and β is missing.",
        ),
        Mistake(
            "2(1 − β)/λ",
            lambda beta, curvature: 2 * (1 - beta) / curvature,
            "You ask that the terminal velocity be no larger than a stable step of gradient "
            "descent. But where the ball hops from side to side the old velocity works against the "
            "new gradient, and never gets there: the limit is higher.",
        ),
        Mistake(
            "2/(λ(1 − β))",
            lambda beta, curvature: 2 / (curvature * (1 - beta)),
            "That grows without end as β comes near 1. The limit grows with β, but not so fast: "
            "put −x and −v into the rule, instead of the terminal velocity.",
        ),
        Mistake(
            "where the ripples end",
            lambda beta, curvature: (1 + beta**0.5) ** 2 / curvature,
            "That is where the ripples end: above it the eigenvalues are real. Both are "
            "still smaller than 1 in size, and the run converges.",
        ),
        Mistake(
            "where the ripples begin",
            lambda beta, curvature: (1 - beta**0.5) ** 2 / curvature,
            "That is where the ripples begin, far inside the stable range.",
        ),
        Mistake(
            "Nesterov's",
            lambda beta, curvature: theory.stability_limit("nesterov", curvature, beta),
            "That is Nesterov's limit, lesson 04. Momentum takes the gradient at x itself.",
        ),
        Mistake(
            "2 forgotten",
            lambda beta, curvature: (1 + beta) / curvature,
            "Half of it: there the eigenvalues are imaginary, a pair well inside the circle. Solve "
            "for an eigenvalue of −1.",
        ),
        Mistake(
            "λ forgotten",
            lambda beta, curvature: 2 * (1 + beta),
            "The curvature does not matter in your formula. That is the limit of ηλ.",
        ),
        Mistake(
            "multiplied by λ",
            lambda beta, curvature: 2 * (1 + beta) * curvature,
            "You multiply by the curvature: the steeper, the larger η. It is the other way round.",
        ),
        Mistake(
            "limit for β near 1",
            lambda beta, curvature: 4 / curvature,
            "That is the limit for β near 1. Keep β in the formula.",
        ),
        Mistake(
            "2/((1 + β)λ)",
            lambda beta, curvature: 2 / ((1 + beta) * curvature),
            "The factor with β is on the wrong side of the fraction: by your formula memory makes "
            "the stable range smaller.",
        ),
        Mistake(
            "2(1 + √β)/λ",
            lambda beta, curvature: 2 * (1 + beta**0.5) / curvature,
            "There is a root too many. √β is the rate in the ripples; at the limit there are none.",
        ),
        Mistake(
            "the averaging form's",
            lambda beta, curvature: 2 * (1 + beta) / ((1 - beta) * curvature),
            "That is the limit of α in the averaging form, task 3. In ours the gradient enters the "
            "velocity without the factor 1 − β.",
        ),
        Mistake(
            "2(1 + β²)/λ",
            lambda beta, curvature: 2 * (1 + beta**2) / curvature,
            "β comes in to the power one only: multiply your two equations out once more.",
        ),
        Mistake(
            "1 forgotten",
            lambda beta, curvature: 2 * beta / curvature,
            "For β = 0 your formula allows no learning rate at all. There it must be gradient "
            "descent's limit.",
        ),
        Mistake(
            "arguments exchanged",
            lambda beta, curvature: 2 * (1 + curvature) / beta,
            "β and the curvature have changed places. The function takes `beta` first.",
        ),
    ),
)

# Task 3: the averaging form

averaging_lr = Task(
    name="averaging_lr",
    points=1,
    right=lambda lr, beta: lr / (1 - beta),
    observe=of_two_numbers,
    cases=lambda rng: list(zip(rng.uniform(0.01, 0.5, 6), rng.uniform(0.1, 0.95, 6), strict=True)),
    praise="With this α the two forms walk the same path: m is v, measured in another unit.",
    hints=(
        "Both forms begin at rest. What is the very first step of each, for a gradient g?",
        "The first step of one is −ηg, of the other −α(1 − β)g. Make them equal; the later steps "
        "follow, because v and −αm obey the same equation.",
        "`return lr / (1 - beta)`",
    ),
    mistakes=(
        Mistake(
            "η(1 − β)",
            lambda lr, beta: lr * (1 - beta),
            "That is the way back, from α to η. A mean is smaller than a sum, so that α must make "
            "up for it: which of the two is larger?",
        ),
        Mistake(
            "the same",
            lambda lr, beta: lr,
            "With the same learning rate the averaging form is slower: m is a mean of gradients, "
            "where v adds them up.",
        ),
        Mistake(
            "η/β",
            lambda lr, beta: lr / beta,
            "Which factor does the newest gradient get in the averaging form? It is not β.",
        ),
        Mistake(
            "ηβ",
            lambda lr, beta: lr * beta,
            "Which factor does the newest gradient get in the averaging form? It is not β.",
        ),
        Mistake(
            "η/(1 + β)",
            lambda lr, beta: lr / (1 + beta),
            "A sign: the newest gradient enters m with the factor 1 − β.",
        ),
        Mistake(
            "η(1 + β)",
            lambda lr, beta: lr * (1 + beta),
            "Compare the first steps: −ηg here, −α(1 − β)g there.",
        ),
        Mistake(
            "η/(1 − β)²",
            lambda lr, beta: lr / (1 - beta) ** 2,
            "The factor 1 − β is made up for twice.",
        ),
        Mistake(
            "β/(1 − β) η",
            lambda lr, beta: lr * beta / (1 - beta),
            "That has a β too many: compare the first steps, before anything is remembered.",
        ),
        Mistake(
            "η/√(1 − β)",
            lambda lr, beta: lr / (1 - beta) ** 0.5,
            "There is a root too many: the gradient enters m to the power one.",
        ),
        Mistake(
            "brackets forgotten",
            lambda lr, beta: lr / 1 - beta,
            "`lr / 1 - beta` divides by 1 and then subtracts β. Put brackets around 1 − β.",
        ),
        Mistake(
            "upside down",
            lambda lr, beta: (1 - beta) / lr,
            "Your fraction stands on its head: a larger η must give a larger α.",
        ),
        Mistake(
            "1/(1 − β)",
            lambda lr, beta: 1 / (1 - beta),
            "That is the factor between α and η. Where is η?",
        ),
        Mistake(
            "wrong sign",
            lambda lr, beta: -lr / (1 - beta),
            "The size is right, but with a negative α you go uphill: the minus sign is in "
            "x ← x − αm already.",
        ),
        Mistake(
            "arguments exchanged",
            lambda lr, beta: beta / (1 - lr),
            "η and β have changed places. The function takes `lr` first.",
        ),
    ),
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
        "ripples": "Too slow: the error swings, and fades only like √β a step. The memory is "
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
        mistakes=(
            Mistake(
                "gradient descent's best",
                (2 / (L + mu), 0.0),
                "That is the best that gradient descent can do, without memory. Give it some.",
            ),
            Mistake(
                "gradient descent's best η",
                (2 / (L + mu), beta),
                "This β is the best one. But you took the best η of gradient descent: with memory "
                "you can go further.",
            ),
            Mistake(
                "β not squared",
                (lr, beta**0.5),
                "This η is the best one. Your β is the rate ρ = (√κ − 1)/(√κ + 1), and the rate "
                "is √β.",
            ),
            Mistake(
                "η not squared",
                (lr**0.5, beta),
                "This β is the best one. In the formula of η a square is missing.",
            ),
            Mistake(
                "neither squared",
                (lr**0.5, beta**0.5),
                "In both formulas a square is missing.",
            ),
            Mistake(
                "κ in place of √κ",
                (lr, beta_of_gd**2),
                "This η is the best one. In the formula of β it is √κ, where you have κ.",
            ),
            Mistake(
                "κ in place of √κ, not squared",
                (lr, beta_of_gd),
                "This η is the best one. Your β is gradient descent's best rate, (κ − 1)/(κ + 1).",
            ),
            Mistake(
                "curvatures without the 2",
                tuple(theory.best_settings("momentum", mu / 2, L / 2).values()),
                "This β is the best one. For η you took the factors in front of x² and y²; the "
                "curvatures are the second derivatives.",
            ),
            Mistake(
                "2 in the formula of η forgotten",
                (lr / 4, beta),
                "This β is the best one. In the formula of η the 2 is squared with the rest.",
            ),
            Mistake(
                "1/L",
                (1 / L, beta),
                "This β is the best one. With 1/L you step carefully, as gradient descent must. "
                "Memory allows a larger η.",
            ),
            Mistake(
                "η at the limit",
                (2 * (1 + beta) / L, beta),
                "This β is the best one. Your η is the limit of stability: the error across the "
                "valley hops from side to side, and does not shrink.",
            ),
            Mistake(
                "usual settings",
                (0.01, 0.9),
                "Those are the usual settings, made for no valley in particular. The floor of "
                "this one is so flat that they creep.",
            ),
        ),
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
    praise="Each run has a velocity of its own, also where two runs take turns, as in a race.",
    hints=(
        "When is line 1 run: once for each run of the rule, or once for all of them?",
        "The velocity must be made inside the function, so that each run gets its own, and before "
        "the loop, so that it lasts for the whole run.",
        "`v = np.zeros_like(x)` as the first line of the function; below it `v` in place of "
        '`memory["v"]`',
    ),
    mistakes=(
        Mistake(
            "velocity made in the loop",
            gradient_descent_with_beta,
            "Now nothing is remembered at all: the velocity is made anew at every step. Once a run "
            "is enough, before the loop.",
        ),
        *momentum.mistakes[1:],
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
