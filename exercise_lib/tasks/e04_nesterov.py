"""The checks of exercise 04, Nesterov: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, cycle, islice, pairwise

import numpy as np

from course_lib import landscapes, optimizers, theory
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    Mistake,
    NotYet,
    Task,
    Trouble,
    called,
    learners_code,
    result_of,
    something_else,
)
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    points_of,
    undisturbed_points_of,
    where_it_departs,
)
from exercise_lib.tasks.e03_momentum import draw_pairs, of_two_numbers, too_large_or_too_small

Points = Iterator[np.ndarray]
Rule = Callable[..., Points]

# Task 1: from momentum to Nesterov


def looking(
    ahead: Callable = lambda x, v, lr, beta: x + beta * v,
    new_v: Callable = lambda v, g, lr, beta: beta * v - lr * g,
    new_x: Callable = lambda x, y, v: x + v,
) -> Rule:
    """Nesterov with some of its three lines wrong.

    y = ahead(x, v, lr, beta);  v ← new_v(v, ∇f(y), lr, beta);  x ← new_x(x, y, v)
    """

    def rule(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
        v = np.zeros_like(x)
        while True:
            y = ahead(x, v, lr, beta)
            v = new_v(v, grad(y), lr, beta)
            x = new_x(x, y, v)
            yield x

    return rule


def moving_from(first_v: Callable) -> Rule:
    """The wrong rule whose velocity begins as first_v(grad, x, lr), not at rest."""

    def rule(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
        v = first_v(grad, x, lr)
        while True:
            v = beta * v - lr * grad(x + beta * v)
            x = x + v
            yield x

    return rule


def telling(point: Callable, old: bool = False) -> Rule:
    """The wrong rule that yields point(x, v, beta) of each step, or of the one before (old)."""

    def rule(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
        v = np.zeros_like(x)
        while True:
            before = x, v
            v = beta * v - lr * grad(x + beta * v)
            x = x + v
            yield point(*(before if old else (x, v)), beta)

    return rule


def shifted(grad: Callable, y: np.ndarray, lr: float, beta: float) -> Points:
    """Nesterov as libraries compute it: the point held is y = x + βv."""
    v = np.zeros_like(y)
    while True:
        g = grad(y)
        v = beta * v - lr * g
        y = y + beta * v - lr * g
        yield y


def half_shifted(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        g = grad(x + beta * v)
        v = beta * v - lr * g
        x = x + beta * v - lr * g
        yield x


def fades_first(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        v = beta * v
        v = v - lr * grad(x + beta * v)
        x = x + v
        yield x


def whole_step_ahead(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + beta * v - lr * grad(x))
        x = x + v
        yield x


def gradient_step_ahead(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x - lr * grad(x))
        x = x + v
        yield x


def moves_first(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        x = x + v
        v = beta * v - lr * grad(x + beta * v)
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
        g, used = grad(x + beta * v), g
        v = beta * v - lr * used
        x = x + v
        yield x


def stays_at_start(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + beta * v)
        yield x + v


def growing_beta(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    v = np.zeros_like(x)
    for t in count():
        keep = t / (t + 3)
        v = keep * v - lr * grad(x + keep * v)
        x = x + v
        yield x


def two_steps(grad: Callable, x: np.ndarray, lr: float, beta: float) -> Points:
    return islice(optimizers.nesterov(grad, x, lr, beta), 1, None, 2)


AT_REST = "Your velocity begins with a value of its own. It begins at rest: make `v` of zeros."

nesterov = Task(
    name="nesterov",
    points=3,
    right=optimizers.nesterov,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.nesterov, lr=0.3, beta=0.8),
    praise="Your rule feels the slope where it is about to be, from every start.",
    hints=(
        "Compare the two equations letter by letter: they differ in one place. Which part of the "
        "next step do you know before you ask for the slope?",
        "The velocity will carry you by βv, whatever the slope says. Ask `grad` for the slope "
        "there; all else stays as momentum has it.",
        "`v = beta * v - lr * grad(x + beta * v)`",
    ),
    mistakes=(
        Mistake(
            "momentum",
            optimizers.momentum,
            "That is still momentum: the gradient is taken at `x`, where you are. Take it where "
            "the velocity carries you.",
        ),
        Mistake(
            "gradient descent",
            lambda grad, x, lr, beta: optimizers.gradient_descent(grad, x, lr),
            "That is gradient descent: nothing of the last step is left in the next one. Is `v` "
            "kept, or made anew in each round of the loop? And is it multiplied by `beta`?",
        ),
        Mistake(
            "looks too far ahead",
            looking(ahead=lambda x, v, lr, beta: x + v),
            "You look too far ahead: of the velocity only the part β is left in the next step.",
        ),
        Mistake(
            "looks back",
            looking(ahead=lambda x, v, lr, beta: x - beta * v),
            "You look back, to where you came from. Look at the sign in the argument of `grad`.",
        ),
        Mistake(
            "looks back to the last point",
            looking(ahead=lambda x, v, lr, beta: x - v),
            "You take the gradient at the point before. Look ahead, and only as far as βv.",
        ),
        Mistake(
            "looks ahead by ηv",
            looking(ahead=lambda x, v, lr, beta: x + lr * v),
            "You look ahead by ηv. The part of the velocity that is kept is βv.",
        ),
        Mistake(
            "looks ahead by ηβv",
            looking(ahead=lambda x, v, lr, beta: x + lr * beta * v),
            "The learning rate is in the velocity already: look ahead by βv.",
        ),
        Mistake(
            "looks at βv",
            looking(ahead=lambda x, v, lr, beta: beta * v),
            "You take the gradient at βv, a step and not a place. Start from `x`.",
        ),
        Mistake(
            "adds the look-ahead to the gradient",
            looking(
                ahead=lambda x, v, lr, beta: x,
                new_v=lambda v, g, lr, beta: beta * v - lr * (g + beta * v),
            ),
            "You add βv to the gradient. It belongs inside the brackets, to the point at which "
            "`grad` is asked: look where they close.",
        ),
        Mistake(
            "looks ahead by a whole step",
            whole_step_ahead,
            "You look ahead by a whole step of momentum, with its gradient. Look ahead by what you "
            "know without a gradient, βv: one call of `grad` a step is enough.",
        ),
        Mistake(
            "looks ahead along the gradient",
            gradient_step_ahead,
            "You look ahead along the gradient. Look where the velocity leads, by βv.",
        ),
        Mistake(
            "look-ahead kept",
            looking(new_x=lambda x, y, v: y + v),
            "You go to the look-ahead point and stay there, so that βv moves you twice. Only the "
            "gradient is taken there; the step `v` starts from where you were.",
        ),
        Mistake(
            "velocity faded twice",
            fades_first,
            "When you look ahead, `v` has been multiplied by `beta` already, and you do it again.",
        ),
        Mistake(
            "velocity not kept",
            looking(new_v=lambda v, g, lr, beta: -lr * g),
            "The velocity tells you where to look, but nothing of it is left in the new one. "
            "Where is βv in the new `v`?",
        ),
        Mistake(
            "velocity is the gradient step",
            looking(new_v=lambda v, g, lr, beta: -lr * g, new_x=lambda x, y, v: y + v),
            "The velocity must be the whole step, from the old `x` to the new one. Yours is only "
            "its last part, from the look-ahead point on.",
        ),
        Mistake(
            "β forgotten in the velocity",
            looking(new_v=lambda v, g, lr, beta: v - lr * g),
            "Nothing fades: the new `v` keeps all of the old one. Where is `beta`?",
        ),
        Mistake(
            "β forgotten",
            looking(lambda x, v, lr, beta: x + v, lambda v, g, lr, beta: v - lr * g),
            "`beta` is missing, in the look-ahead and in the new velocity.",
        ),
        Mistake(
            "wrong sign",
            looking(new_v=lambda v, g, lr, beta: beta * v + lr * g),
            "You go uphill: the gradient points to where f grows. Look at the sign of `lr`.",
        ),
        Mistake(
            "learning rate forgotten",
            looking(new_v=lambda v, g, lr, beta: beta * v - g),
            "The gradient enters the velocity at full length. Where is the learning rate `lr`?",
        ),
        Mistake(
            "learning rate twice",
            looking(new_v=lambda v, g, lr, beta: beta * v - lr**2 * g),
            "The learning rate is multiplied in twice. Once is enough.",
        ),
        Mistake(
            "averaging form",
            looking(new_v=lambda v, g, lr, beta: beta * v - (1 - beta) * lr * g),
            "Your velocity is a mean of gradients, with the factor 1 − β. Here the gradient enters "
            "without it.",
        ),
        Mistake(
            "β on the gradient, too",
            looking(new_v=lambda v, g, lr, beta: beta * (v - lr * g)),
            "You multiply the newest gradient by `beta`, too. Mind the brackets.",
        ),
        Mistake(
            "shifted variable",
            shifted,
            "Those are the points that libraries hold, y = x + βv, a bit ahead of x. Task 3 is "
            "about them. Here yield x itself, and ask `grad` for the slope ahead of it.",
        ),
        Mistake(
            "half shifted",
            half_shifted,
            "You look ahead twice: in the argument of `grad`, and again in the step, as libraries "
            "do, which hold another point. With the look-ahead in `grad` the step is `v`.",
        ),
        Mistake(
            "yields the look-ahead",
            telling(lambda x, v, beta: x + beta * v, old=True),
            "You yield the point at which you took the gradient. Yield `x`, where the step ends.",
        ),
        Mistake(
            "yields the velocity",
            telling(lambda x, v, beta: v),
            "You yield velocities. Yield the point that each step leads to.",
        ),
        Mistake(
            "velocity begins as a gradient step",
            moving_from(lambda grad, x, lr: -lr * grad(x)),
            "Your first step is too long: `v` holds a gradient already when the loop adds the "
            "first one. Begin at rest: make `v` of zeros.",
        ),
        Mistake("velocity begins as the gradient", moving_from(lambda g, x, lr: g(x)), AT_REST),
        Mistake("velocity begins at one", moving_from(lambda g, x, lr: np.ones_like(x)), AT_REST),
        Mistake("velocity begins as x", moving_from(lambda g, x, lr: x), AT_REST),
        Mistake(
            "moves before the velocity is new",
            moves_first,
            "Your first step leads nowhere, and all others come one too late: you move before the "
            "velocity has changed. First the new `v`, then the step.",
        ),
        Mistake(
            "gradient taken once",
            gradient_once,
            "You use the gradient at the start for all steps. Call `grad` inside the loop.",
        ),
        Mistake(
            "gradient one step late",
            gradient_late,
            "Your velocity uses the gradient of the step before. Look ahead and ask `grad` right "
            "before the velocity changes.",
        ),
        Mistake(
            "growing β",
            growing_beta,
            "You take the β of the 1983 paper, which grows from step to step. Here it stays as it "
            "was given.",
        ),
        Mistake(
            "learning rate fixed",
            looking(new_v=lambda v, g, lr, beta: beta * v - 0.01 * g),
            "Your rule takes the same learning rate whatever it is given. Use the argument `lr`.",
        ),
        Mistake(
            "β fixed",
            looking(lambda x, v, lr, beta: x + 0.9 * v, lambda v, g, lr, beta: 0.9 * v - lr * g),
            "Your rule takes the same β whatever it is given. Use the argument `beta`.",
        ),
        Mistake(
            "never leaves the start",
            stays_at_start,
            "Every step begins at the start again. Keep the new point: give it the name `x`.",
        ),
        Mistake(
            "two steps at once",
            two_steps,
            "You take two steps for each point that you yield. Yield after every step.",
        ),
    ),
)

# Task 2: the stability limit

nesterov_limit = Task(
    name="nesterov_limit",
    points=1,
    right=lambda beta, curvature: theory.stability_limit("nesterov", curvature, beta),
    observe=of_two_numbers,
    cases=draw_pairs,
    otherwise=too_large_or_too_small,
    rtol=1e-3,
    praise="Just below this η every run comes to rest, and just above it every run flies away.",
    hints=(
        "On one direction Nesterov is momentum with another β: the slope ahead takes a part of "
        "the velocity away. Which β?",
        "It is momentum with β(1 − ηλ) in place of β. Put that into momentum's condition, "
        "ηλ < 2(1 + β), and solve for η once more.",
        "`return 2 * (1 + beta) / ((1 + 2 * beta) * curvature)`",
    ),
    mistakes=(
        Mistake(
            "momentum's",
            lambda beta, curvature: 2 * (1 + beta) / curvature,
            "That is momentum's limit. The slope ahead is steeper than the slope here, and throws "
            "you out sooner.",
        ),
        Mistake(
            "gradient descent's",
            lambda beta, curvature: 2 / curvature,
            "That is gradient descent's limit. Looking ahead makes the stable range smaller still.",
        ),
        Mistake(
            "one step to the minimum",
            lambda beta, curvature: 1 / curvature,
            "There nothing is left of the momentum, and one step leads to the minimum. The limit "
            "is further on.",
        ),
        Mistake(
            "1 + β forgotten",
            lambda beta, curvature: 2 / ((1 + 2 * beta) * curvature),
            "The denominator is right. But solve again: β stands on the other side, too.",
        ),
        Mistake(
            "2 in the numerator forgotten",
            lambda beta, curvature: (1 + beta) / ((1 + 2 * beta) * curvature),
            "It is half of the limit: gradient descent, β = 0, is stable further out than that.",
        ),
        Mistake(
            "λ forgotten",
            lambda beta, curvature: 2 * (1 + beta) / (1 + 2 * beta),
            "The curvature does not matter in your formula. That is the limit of ηλ.",
        ),
        Mistake(
            "brackets around the denominator forgotten",
            lambda beta, curvature: 2 * (1 + beta) / (1 + 2 * beta) * curvature,
            "`/ a * b` divides by a and then multiplies by b. Put brackets around the denominator.",
        ),
        Mistake(
            "brackets around the numerator forgotten",
            lambda beta, curvature: 2 * 1 + beta / ((1 + 2 * beta) * curvature),
            "Put brackets around the sum in the numerator.",
        ),
        Mistake(
            "brackets around 1 + 2β forgotten",
            lambda beta, curvature: 2 * (1 + beta) / (1 + 2 * beta * curvature),
            "Put brackets around 1 + 2β: the curvature multiplies all of it.",
        ),
        Mistake(
            "upside down",
            lambda beta, curvature: 2 * (1 + 2 * beta) / ((1 + beta) * curvature),
            "The two factors with β have changed places.",
        ),
        Mistake(
            "limit for β near 1",
            lambda beta, curvature: 4 / (3 * curvature),
            "That is the limit for β near 1. Keep β in the formula.",
        ),
        Mistake(
            "where the ripples begin",
            lambda beta, curvature: (1 - beta) ** 2 / ((1 + beta) ** 2 * curvature),
            "That is where the ripples begin, far inside the stable range.",
        ),
        Mistake(
            "wrong sign of β",
            lambda beta, curvature: 2 * (1 - beta) / ((1 - 2 * beta) * curvature),
            "A sign: for β = ½ you divide by 0.",
        ),
        Mistake(
            "looking ahead by v",
            lambda beta, curvature: 2 * (1 + beta) / (3 * curvature),
            "That is the limit if you look ahead by v. Look ahead by βv.",
        ),
        Mistake(
            "arguments exchanged",
            lambda beta, curvature: 2 * (1 + curvature) / ((1 + 2 * curvature) * beta),
            "β and the curvature have changed places. The function takes `beta` first.",
        ),
    ),
)

# Task 3: from the points of a library to ours


def draw_library_paths(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Paths y of a library, the start first, and the β of each."""
    runs = draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85))(rng)[:4]
    return [(np.array([run.start, *points_of(shifted, run)]), run.settings["beta"]) for run in runs]


def of_library_path(function: object, case: Case) -> np.ndarray:
    y, beta = case
    return result_of(function, y, float(beta), shape=y.shape)


def point_by_point(next_x: Callable, first: Callable = lambda y, beta: y) -> Callable:
    """x₀ = first(y₀, β), and then each x out of next_x(yₜ, yₜ₋₁, xₜ₋₁, β)."""

    def recover(y: np.ndarray, beta: float) -> np.ndarray:
        x = [first(y[0], beta)]
        for before, now in pairwise(y):
            x.append(next_x(now, before, x[-1], beta))
        return np.array(x)

    return recover


def solved(y: np.ndarray, y_before: np.ndarray, x_before: np.ndarray, beta: float) -> np.ndarray:
    return (y + beta * x_before) / (1 + beta)


FIRST_POINT = (
    "All points but the first are made in the right way. At the start there is no velocity yet: "
    "which x₀ belongs to y₀?"
)

recovered_points = Task(
    name="recovered_points",
    points=2,
    right=point_by_point(solved),
    observe=of_library_path,
    cases=draw_library_paths,
    praise="The same run: the library's points, and yours half a step behind them.",
    hints=(
        "The velocity is the step just made, from the last x to this one. What does that make of "
        "y = x + βv?",
        "From yₜ = xₜ + β(xₜ − xₜ₋₁) you can compute xₜ if you know xₜ₋₁; and x₀ you know, for at "
        "the start the velocity is 0.",
        "`x[0] = y[0]`, and then for each t from 1 on `x[t] = (y[t] + beta * x[t - 1]) / "
        "(1 + beta)`",
    ),
    mistakes=(
        Mistake(
            "unchanged",
            lambda y, beta: y,
            "Those are the library's points as they are, ahead of x by βv. Take βv off.",
        ),
        Mistake(
            "velocity of y",
            point_by_point(lambda y, y_before, x_before, beta: y - beta * (y - y_before)),
            "You take the differences of y for the velocity. The velocity is the difference of "
            "two x, which you do not know yet: make an equation for it.",
        ),
        Mistake(
            "velocity of y, looking ahead",
            point_by_point(lambda y, y_before, x_before, beta: y + beta * (y - y_before)),
            "You look ahead once more. y is ahead of x already: go back.",
        ),
        Mistake(
            "last y in place of last x",
            point_by_point(lambda y, y_before, x_before, beta: (y + beta * y_before) / (1 + beta)),
            "In your equation stands the last y where the last x belongs. Work from the start on, "
            "and use the x that you have just made.",
        ),
        Mistake(
            "not divided",
            point_by_point(lambda y, y_before, x_before, beta: y + beta * x_before),
            "Collect the terms: xₜ stands in yₜ = xₜ + β(xₜ − xₜ₋₁) twice, so that it has the "
            "factor 1 + β.",
        ),
        Mistake(
            "brackets forgotten",
            point_by_point(lambda y, y_before, x_before, beta: y + beta * x_before / (1 + beta)),
            "Put brackets around the numerator: all of it is divided.",
        ),
        Mistake(
            "divided by 1 − β",
            point_by_point(lambda y, y_before, x_before, beta: (y - beta * x_before) / (1 - beta)),
            "Two signs: solve yₜ = xₜ + β(xₜ − xₜ₋₁) for xₜ once more.",
        ),
        Mistake(
            "wrong sign of the last x",
            point_by_point(lambda y, y_before, x_before, beta: (y - beta * x_before) / (1 + beta)),
            "A sign: −βxₜ₋₁ changes sides when you solve for xₜ.",
        ),
        Mistake(
            "wrong sign in the denominator",
            point_by_point(lambda y, y_before, x_before, beta: (y + beta * x_before) / (1 - beta)),
            "A sign: how often does xₜ stand in yₜ = xₜ + β(xₜ − xₜ₋₁)?",
        ),
        Mistake(
            "mean",
            point_by_point(lambda y, y_before, x_before, beta: (1 - beta) * y + beta * x_before),
            "That is a running mean of y. Solve yₜ = xₜ + β(xₜ − xₜ₋₁) for xₜ instead.",
        ),
        Mistake(
            "last x forgotten",
            lambda y, beta: y / (1 + beta),
            "Dividing by 1 + β alone pulls all points to 0. The last x is missing.",
        ),
        Mistake(
            "first point divided, too",
            point_by_point(solved, lambda y, beta: y / (1 + beta)),
            FIRST_POINT,
        ),
        Mistake(
            "first point zero",
            point_by_point(solved, lambda y, beta: np.zeros_like(y)),
            FIRST_POINT,
        ),
        Mistake(
            "one step late",
            lambda y, beta: np.concatenate([y[:1], point_by_point(solved)(y, beta)[:-1]]),
            "Each of your points comes one step too late: x₀ stands there twice.",
        ),
    ),
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
    return lambda lr, beta: lambda grad, x: rule(grad, x, lr, beta)


mended_nesterov = Task(
    name="mended_nesterov",
    points=1,
    right=maker_of(optimizers.nesterov),
    observe=points_of_made_rule,
    cases=draw_runs(lr=(0.05, 0.3), beta=(0.5, 0.85)),
    otherwise=where_it_departs,
    picture=path_picture(maker_of(optimizers.nesterov), points_of_made_rule, lr=0.3, beta=0.8),
    praise="One rule, many runs, and each of them begins at rest.",
    hints=(
        "When is line 1 run: once for each run of the rule, or once for all of them?",
        "The velocity must be made inside `rule`, so that each run gets its own, and before the "
        "loop, so that it lasts for the whole run. Then `nonlocal` has no purpose.",
        "`v = np.zeros_like(x)` as the first line of `rule`, in place of `nonlocal v`; and line 1 "
        "goes",
    ),
    mistakes=(
        Mistake(
            "velocity made in the loop",
            maker_of(lambda grad, x, lr, beta: optimizers.gradient_descent(grad, x, lr)),
            "Now nothing is remembered at all: the velocity is made anew at every step. Once a run "
            "is enough, before the loop.",
        ),
        Mistake(
            "settings not used",
            lambda lr, beta: lambda grad, x: optimizers.nesterov(grad, x),
            "The rule you return has settings of its own. Use the `lr` and `beta` that your "
            "function was given.",
        ),
        *(
            Mistake(known.name, maker_of(known.answer), known.hint)
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
    return [
        (rule, draw_saddle(rng, curvature, side), float(lr), float(beta))
        for rule, side, (lr, beta, curvature) in zip(rules, sides, [*slow, *others], strict=False)
    ]


def draw_saddle(rng: np.random.Generator, curvature: float, side: int) -> landscapes.Landscape:
    return landscapes.quadratic(
        np.diag([-curvature, rng.uniform(1.0, 2.0)]),
        start=(side * rng.uniform(0.5e-5, 2e-5), rng.uniform(0.3, 0.7)),
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


def x_of(
    rule: Rule, on: landscapes.Landscape, lr: float, beta: float, steps: int = 1000
) -> np.ndarray:
    """(steps + 1,), the first coordinate along a run, the start first."""
    start = np.array(on.start)
    with np.errstate(all="ignore"):
        walk = list(islice(rule(on.grad, start, lr=lr, beta=beta), steps))
    return np.array([start, *walk])[:, 0]


def first_step(is_out: np.ndarray) -> int:
    return int(np.argmax(is_out))


def steps_to_leave(
    rule: Rule, on: landscapes.Landscape, lr: float, beta: float, steps: int = 1000
) -> int:
    return first_step(np.abs(x_of(rule, on, lr, beta, steps)) > EDGE)


ONE_RULE = "Your function runs the same rule whatever it is given. Use the argument `rule`."

leaving_time = Task(
    name="leaving_time",
    points=1,
    right=steps_to_leave,
    observe=of_escape,
    cases=draw_escapes,
    otherwise=too_long,
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
    mistakes=(
        Mistake(
            "one step too few",
            lambda *case: steps_to_leave(*case) - 1,
            "Your count is one too low: the start is step 0, and the first point that a rule "
            "yields is step 1.",
        ),
        Mistake(
            "one step too many",
            lambda *case: steps_to_leave(*case) + 1,
            "Your count is one too high: the start is step 0.",
        ),
        Mistake(
            "one side only",
            lambda *case: first_step(x_of(*case) > EDGE),
            "Some of the runs start on the other side of the ridge, and leave towards −∞. "
            "Take the absolute value of x.",
        ),
        Mistake(
            "the other side only",
            lambda *case: first_step(x_of(*case) < -EDGE),
            "You see only the runs that leave towards −∞. Take the absolute value of x.",
        ),
        Mistake(
            "too short a run",
            lambda *case: steps_to_leave(*case, steps=100),
            "Some runs have not left when yours ends, after 100 steps. Take more steps: 1000 are "
            "enough.",
        ),
        Mistake(
            "far too short a run",
            lambda *case: 0,
            "Your function finds no step at all. Does it look at x, the first coordinate? And is "
            "the run long enough?",
        ),
        Mistake(
            "always momentum",
            lambda rule, *case: steps_to_leave(optimizers.momentum, *case),
            ONE_RULE,
        ),
        Mistake(
            "always Nesterov",
            lambda rule, *case: steps_to_leave(optimizers.nesterov, *case),
            ONE_RULE,
        ),
        Mistake(
            "unfair",
            lambda rule, on, lr, beta: steps_to_leave(
                rule, on, lr / 5 if rule is optimizers.nesterov else lr, beta
            ),
            "You give Nesterov a smaller learning rate than momentum. That is the unfair "
            "comparison itself: use `lr` for both.",
        ),
        Mistake(
            "always the same saddle",
            lambda rule, on, lr, beta: steps_to_leave(rule, landscapes.saddle, lr, beta),
            "Your function runs on the same saddle whatever it is given. Use the argument `on`.",
        ),
        Mistake(
            "always the same learning rate",
            lambda rule, on, lr, beta: steps_to_leave(rule, on, 0.05, beta),
            "Your function runs with the same learning rate whatever it is given. Use `lr`.",
        ),
        Mistake(
            "learning rate left at its default",
            lambda rule, on, lr, beta: steps_to_leave(rule, on, 0.01, beta),
            "The learning rate of your runs is the rule's default. Hand `lr` on to the run.",
        ),
        Mistake(
            "always the same β",
            lambda rule, on, lr, beta: steps_to_leave(rule, on, lr, 0.9),
            "Your function runs with the same β whatever it is given. Hand `beta` on to the run.",
        ),
        Mistake(
            "f below −1",
            lambda rule, on, lr, beta: first_step(
                -on.hessian[0, 0] / 2 * x_of(rule, on, lr, beta) ** 2 > 1
            ),
            "You ask for f below −1. The edge is where x itself is beyond 1, on either side.",
        ),
    ),
)

# Task 7: the puzzle, predicted


def growth_of(rule: str, lr: float, beta: float, curvature: float) -> float:
    return float(theory.rate(rule, [curvature], lr, beta))


def growths(lr: float, beta: float, curvature: float) -> np.ndarray:
    """The factors by which x grows a step on −½λx² in the end, momentum's and Nesterov's."""
    return np.array([growth_of(rule, lr, beta, -curvature) for rule in ("momentum", "nesterov")])


def both(factor: Callable[[float, float, float], float]) -> Callable:
    """The wrong answer that gives both rules the same factor(lr, beta, curvature)."""
    return lambda lr, beta, curvature: np.full(2, factor(lr, beta, curvature))


def of_three_numbers(function: object, case: Case) -> np.ndarray:
    return result_of(function, *map(float, case), shape=(2,))


NO_MEMORY = "That is gradient descent's factor. Both rules have a memory: where is β?"
GROUND_BENDS_DOWN = (
    "That is how an error shrinks in a bowl of curvature λ. Along the ridge the ground bends down: "
    "the curvature is −λ."
)

growth_factors = Task(
    name="growth_factors",
    points=1,
    right=growths,
    observe=of_three_numbers,
    cases=lambda rng: list(rng.uniform((0.02, 0.5, 0.4), (0.2, 0.95, 3.0), (8, 3))),
    rtol=1e-4,
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
    mistakes=(
        Mistake(
            "order",
            lambda *case: growths(*case)[::-1],
            "The two have changed places: momentum's factor first, then Nesterov's.",
        ),
        Mistake(
            "momentum twice",
            both(lambda *case: growths(*case)[0]),
            "The first factor is right. Nesterov's is another one: there the momentum left is "
            "β(1 + ηλ).",
        ),
        Mistake(
            "Nesterov twice",
            both(lambda *case: growths(*case)[1]),
            "The second factor is right. Momentum's is another one: it takes the slope at x.",
        ),
        Mistake(
            "Nesterov's brake",
            lambda lr, beta, curvature: [
                growths(lr, beta, curvature)[0],
                growth_of("momentum", lr, beta * (1 - lr * curvature), -curvature),
            ],
            "Momentum's factor is right. In Nesterov's the look-ahead brakes, as in a bowl. On a "
            "ridge the curvature is −λ there, too: β(1 + ηλ).",
        ),
        Mistake("gradient descent's", both(lambda lr, beta, lam: 1 + lr * lam), NO_MEMORY),
        Mistake(
            "terminal velocity",
            both(lambda lr, beta, lam: 1 + lr * lam / (1 - beta)),
            "That would hold if the slope stayed the same. It grows while you go, and the velocity "
            "is always behind: the true factor is smaller.",
        ),
        Mistake(
            "bowl",
            lambda lr, beta, lam: [growth_of(r, lr, beta, lam) for r in ("momentum", "nesterov")],
            GROUND_BENDS_DOWN,
        ),
        Mistake(
            "√β",
            both(lambda lr, beta, lam: beta**0.5),
            "√β is the rate in the ripples of a bowl. On a ridge both eigenvalues are real, and "
            "one of them is larger than 1.",
        ),
        Mistake(
            "smaller eigenvalue",
            lambda lr, beta, lam: np.array([beta, beta * (1 + lr * lam)]) / growths(lr, beta, lam),
            "Those are the smaller eigenvalues. In the end the larger one wins.",
        ),
        Mistake(
            "growth of f",
            lambda *case: growths(*case) ** 2,
            "Those are the factors of f, which goes with the square of x. Asked is x.",
        ),
        Mistake(
            "logarithm",
            lambda *case: np.log(growths(*case)),
            "Those are the logarithms of the factors.",
        ),
        Mistake(
            "growth less one",
            lambda *case: growths(*case) - 1,
            "Those are the increases, the factors less 1.",
        ),
        Mistake(
            "λ forgotten",
            lambda lr, beta, lam: growths(lr, beta, 1.0),
            "The curvature does not matter in your factors. What is the slope at x?",
        ),
        Mistake(
            "sum of the eigenvalues",
            lambda lr, beta, lam: [1 + lr * lam + beta, 1 + lr * lam + beta * (1 + lr * lam)],
            "That is the sum of both eigenvalues, the trace of the matrix. Only one of them lasts.",
        ),
        Mistake(
            "always the same η and β",
            lambda lr, beta, lam: growths(0.05, 0.9, lam),
            "Your factors are those of one η and one β. Use `lr` and `beta`.",
        ),
    ),
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
