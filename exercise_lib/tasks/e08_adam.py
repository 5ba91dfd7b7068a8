"""The checks of exercise 08, Adam: each task with its right answer and wrong ones."""

from collections.abc import Sequence

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Task, numbers, result_of, something_else, spread
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    rule_edges,
    undisturbed_points_of,
    where_it_departs,
)

MISTAKES = MistakesFile(__file__, globals())

# Task 1: write the rule


def draw_adam_runs(rng: np.random.Generator) -> list[Run]:
    """Random runs that come to rest (η/ε is small), and one whose first gradients are positive."""
    settings = {"lr": (0.05, 0.3), "beta1": (0.5, 0.85), "beta2": (0.8, 0.95), "eps": (0.4, 0.8)}
    runs = draw_runs(**settings)(rng)
    above = Run(np.diag([0.7, 1.6]), np.array([-3.0, -4.0]), np.array([2.0, 1.0]), runs[0].settings)
    return [above, *runs]


adam = Task(
    name="adam",
    points=3,
    right=optimizers.adam,
    observe=undisturbed_points_of,
    cases=draw_adam_runs,
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adam, lr=0.7, beta1=0.8, beta2=0.9, eps=0.1),
    edges=rule_edges("lr", "beta", "eps"),
    praise="Two means, two corrections, one step: right from the first step to the last.",
    hints=(
        "Write the five equations in their order. Which three things must be made before the loop, "
        "and which of them changes although no equation says so?",
        "Before the loop `m` and `s` of zeros, like `x`, and `t = 0`. In the loop first "
        "`t = t + 1` and `g = grad(x)`; then the two means, each with its own β, the two corrected "
        "values under names of their own, the step, and the `yield`.",
        "`m_hat = m / (1 - beta1**t)`, `s_hat = s / (1 - beta2**t)`, and then "
        "`x = x - lr * m_hat / (np.sqrt(s_hat) + eps)`",
    ),
    mistakes=MISTAKES.of("adam", optimizers.adam),
)

# Task 2: the first step without the corrections


def draw_settings(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """η, β₁, β₂."""
    return [
        (*map(float, rng.uniform((0.05, 0.5), (0.8, 0.85))), float(beta2))
        for beta2 in spread(rng, 0.9, 0.99, 4)
    ]


def of_settings(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def first_step(lr: float, beta1: float, beta2: float) -> float:
    return lr * (1 - beta1) / np.sqrt(1 - beta2)


uncorrected_step = Task(
    name="uncorrected_step",
    points=1,
    right=first_step,
    observe=of_settings,
    cases=draw_settings,
    edges={
        "a short memory of squares": lambda case: case[2] < 0.93,
        "a long one": lambda case: case[2] > 0.96,
    },
    praise="The size of the gradient drops out; with 0.9 and 0.999 it is 3.16 η.",
    hints=(
        "Both means begin at 0. What are `m` and `s` after one gradient g?",
        "m = (1 − β₁) g and s = (1 − β₂) g². Put them into η m/√s.",
        "`return lr * (1 - beta1) / np.sqrt(1 - beta2)`",
    ),
    mistakes=MISTAKES.of("uncorrected_step", first_step),
)

# Task 3: what the correction leaves


def draw_drifts(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Expected gradients E[g₁] … E[g_t], and β."""
    return [(rng.normal(size=t), float(rng.uniform(0.5, 0.95))) for t in (2, 5, 9, 14)]


def of_drift(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def left_over(expected: np.ndarray, beta: float) -> float:
    """E[m̂] − E[g_t] = Σ weightsᵢ (E[gᵢ] − E[g_t])."""
    age = np.arange(len(expected))[::-1]
    weights = beta**age / np.sum(beta**age)
    drift = expected - expected[-1]
    return np.sum(weights * drift)


bias_drift = Task(
    name="bias_drift",
    points=2,
    right=left_over,
    observe=of_drift,
    cases=draw_drifts,
    edges={
        "two steps": lambda case: len(case[0]) == 2,
        "fourteen steps": lambda case: len(case[0]) == 14,
    },
    praise="The correction mends the start. What old gradients say wrong, no factor mends.",
    hints=(
        "m̂ is m/(1 − βᵗ). Divide line 4 by that, then take E[g_t] away: what is left?",
        "ζ is the second sum of line 3, and it, too, is divided by 1 − βᵗ.",
        "`age = np.arange(len(expected))[::-1]`, `zeta = (1 - beta) * np.sum(beta**age * (expected "
        "- expected[-1]))`, and then `return zeta / (1 - beta ** len(expected))`",
    ),
    mistakes=MISTAKES.of("bias_drift", left_over),
)

# Task 4: which ε Keras has


def keras_eps(t: int, eps_hat: float, beta1: float, beta2: float) -> float:
    return eps_hat / np.sqrt(1 - beta2**t)


def draw_times(rng: np.random.Generator) -> list[tuple[float, ...]]:
    """t, ε̂, β₁, β₂."""
    low, high = (0.05, 0.5, 0.9), (0.5, 0.85, 0.98)
    return [(t, *map(float, rng.uniform(low, high))) for t in (1, 2, 5, 20)]


def which_steps(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if np.isclose(seen[0], right[0], rtol=1e-9):
        return "At step 1 your ε is right, later it is not. What changes from step to step?"
    return something_else(seen, right)


keras_epsilon = Task(
    name="keras_epsilon",
    points=1,
    right=keras_eps,
    observe=of_settings,
    cases=draw_times,
    otherwise=which_steps,
    edges={"t = 1": lambda case: case[0] == 1, "t = 20": lambda case: case[0] == 20},
    praise="With β₂ = 0.999 it is 32 times as large as it looks at the first step, and twice as "
    "large at step 288.",
    hints=(
        "Put m̂ = m/(1 − β₁ᵗ) and ŝ = s/(1 − β₂ᵗ) into the left side. Then multiply numerator and "
        "denominator by what makes √s stand alone.",
        "√ŝ = √s/√(1 − β₂ᵗ), so √(1 − β₂ᵗ) · (√ŝ + ε) = √s + √(1 − β₂ᵗ) ε. The last part is ε̂; "
        "solve it for ε.",
        "`return eps_hat / np.sqrt(1 - beta2**t)`",
    ),
    mistakes=MISTAKES.of("keras_epsilon", keras_eps),
)

# Task 5: the longest step


def draw_memories(rng: np.random.Generator) -> list[tuple[float, float, int]]:
    """β₁, β₂, and how many gradients."""
    ranges = (0.5, 0.85), (0.7, 0.95)
    return [(*map(float, rng.uniform(*ranges)), steps) for steps in (6, 12, 30)]


def last_step(function: object, case: Case) -> np.ndarray:
    """The length of Adam's last step on a learner's gradients, in units of η."""
    beta1, beta2, steps = case
    with np.errstate(all="ignore"):
        given = result_of(function, *case, shape=(steps,))
        m = np.sum((1 - beta1) * beta1 ** np.arange(steps)[::-1] * given) / (1 - beta1**steps)
        s = np.sum((1 - beta2) * beta2 ** np.arange(steps)[::-1] * given**2) / (1 - beta2**steps)
        return numbers(np.abs(m) / np.sqrt(s), (), "The last step is")


def worst(beta1: float, beta2: float, steps: int) -> np.ndarray:
    return (beta2 / beta1) ** np.arange(steps, dtype=float)


def how_much_is_missing(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if not np.isfinite(seen).all():
        return "Adam's last step on your gradients is not a number. Are they all 0, or too large?"
    return (
        f"With 30 gradients your last step is {seen[-1]:.3f} η; {right[-1]:.3f} η is possible. "
        "By which factor should a gradient be larger than the one before?"
    )


worst_gradients = Task(
    name="worst_gradients",
    points=1,
    right=worst,
    observe=last_step,
    cases=draw_memories,
    otherwise=how_much_is_missing,
    rtol=1e-6,
    edges={
        "few gradients": lambda case: case[2] == 6,
        "many gradients": lambda case: case[2] == 30,
    },
    praise="No gradients make Adam's last step longer than these. A growing slope, and not a "
    "sudden one, is what it takes.",
    hints=(
        "The last step is long if m̂ is large and ŝ small. Which memory is shorter, and what does "
        "that say about gradients from long ago?",
        "m̂ weighs gᵢ with β₁ᵗ⁻ⁱ, ŝ weighs gᵢ² with β₂ᵗ⁻ⁱ. So let the gradients grow, each by the "
        "same factor: try 2, 1.5, 1.2, 1.1. The proof in the lesson, below "
        "“Deeper: how long can a step be?”, says which.",
        "`return (beta2 / beta1) ** np.arange(steps)`",
    ),
    mistakes=MISTAKES.of("worst_gradients", worst),
)

# Task 6: four bugs

MEAN = "a mean of the gradients, new ones with the weight 1 − β₁"
SQUARES = "a mean of the squares, new ones with the weight 1 − β₂"
CORRECTED = "each mean divided by the weights that are there after t steps"
THE_STEP = "η m̂ over √ŝ + ε, with brackets"
INNOCENT = {
    1: "both means begin at 0",
    2: "the steps count from 1",
    3: "the gradient at the point, once a step",
    4: MEAN,
    5: SQUARES,
    6: CORRECTED,
    7: THE_STEP,
    8: "it hands out the point after each step",
}
BUGS = {"steady": 6, "early": 2, "blurred": 6, "adrift": 7}
BLURRED = {**INNOCENT, 5: "m divided by its weights", 7: "s divided by its weights", 8: THE_STEP}


def without(line: int, reasons: dict[int, str]) -> dict[int, str]:
    return {number: why for number, why in reasons.items() if number != line}


adam_bugs = Task(
    name="adam_bugs",
    points=2,
    right=BUGS,
    praise="Three of the four still arrive at the minimum of a bowl, which is why such bugs live "
    "long.",
    hints=(
        "Run each of them beside your own rule, for a few steps. At which step do they part, and "
        "what is special about that step? A bug that a bowl does not show, a very small or a noisy "
        "gradient may.",
        "`steady` is right in its first step alone. `early` is wrong from the first. `blurred` "
        "parts at the second step: what is different in `s`? `adrift` moves even where the "
        "gradient is nearly 0: try eps=0.1.",
        "In `steady` the power of β₂, line 6; in `early` the count, line 2; in `blurred` the "
        "square of m̂, line 6; in `adrift` the brackets, line 7",
    ),
    **bug_hunt(
        steady=without(6, INNOCENT),
        early=without(2, INNOCENT),
        blurred=without(6, {**BLURRED, 9: INNOCENT[8]}),
        adrift=without(7, INNOCENT),
    ),
)

TASKS = (adam, uncorrected_step, bias_drift, keras_epsilon, worst_gradients, adam_bugs)
