"""The checks of exercise 08, Adam: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, Task, numbers, result_of, something_else
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    Run,
    draw_runs,
    edited,
    undisturbed_points_of,
    where_it_departs,
    with_fixed,
)

Points = Iterator[np.ndarray]

# Task 1: write the rule


def draw_adam_runs(rng: np.random.Generator) -> list[Run]:
    """Random runs that come to rest (η/ε is small), and one whose first gradients are positive."""
    settings = {"lr": (0.05, 0.3), "beta1": (0.5, 0.85), "beta2": (0.8, 0.95), "eps": (0.4, 0.8)}
    runs = draw_runs(**settings)(rng)
    above = Run(np.diag([0.7, 1.6]), np.array([-3.0, -4.0]), np.array([2.0, 1.0]), runs[0].settings)
    return [above, *runs]


adam_but = partial(edited, optimizers.adam)
adam_with = partial(with_fixed, optimizers.adam)


def two_steps(grad: Callable, x: np.ndarray, lr: float, *settings: float, **named: float) -> Points:
    return islice(optimizers.adam(grad, x, lr, *settings, **named), 1, None, 2)


M = "m = beta1 * m + (1 - beta1) * g"
S = "s = beta2 * s + (1 - beta2) * g**2"
S_IN_PLACE = "s *= beta2; s += (1 - beta2) * g**2"
M_HAT, S_HAT = "m_hat = m / (1 - beta1**t)", "s_hat = s / (1 - beta2**t)"
STEP = "x = x - lr * m_hat / (np.sqrt(s_hat) + eps)"
ZEROS = "m = s = np.zeros_like(x)\n"
GRADIENT = "g = grad(x)"

BOTH_CORRECTIONS = (
    "That is a rule of its own, without the corrections: both means begin at 0, and the first "
    "steps are too long or too short. Divide `m` and `s` by 1 − βᵗ, each by its own."
)
NO_POWER = (
    "You divide by 1 − β, the same number at every step. The part of the weights that is there "
    "after t steps is 1 − βᵗ: where is the power t, "
)
KEPT = (
    "is corrected, and the corrected value is kept, so that the next step corrects it again. "
    "Give the corrected one a name of its own; the running mean goes on as it was."
)
WHOSE_BETA = "The mean and its correction go with the same β: `m` with `beta1`, `s` with `beta2`. "
MADE_ONCE = "You use the gradient at the start for all steps. Call `grad` inside the loop."

adam = Task(
    name="adam",
    points=3,
    right=optimizers.adam,
    observe=undisturbed_points_of,
    cases=draw_adam_runs,
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adam, lr=0.7, beta1=0.8, beta2=0.9, eps=0.1),
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
    mistakes=(
        Mistake(
            "no corrections",
            adam_but((M_HAT, "m_hat = m"), (S_HAT, "s_hat = s")),
            BOTH_CORRECTIONS,
        ),
        Mistake(
            "m not corrected",
            adam_but((M_HAT, "m_hat = m")),
            "Your first steps are too short: `m`, which began at 0, is not corrected.",
        ),
        Mistake(
            "s not corrected",
            adam_but((S_HAT, "s_hat = s")),
            "Your first steps are too long: `s`, which began at 0, is not corrected.",
        ),
        Mistake(
            "no power",
            adam_but((M_HAT, "m_hat = m / (1 - beta1)"), (S_HAT, "s_hat = s / (1 - beta2)")),
            NO_POWER + "in both corrections? (Or does `t` stay 1?)",
        ),
        Mistake(
            "no power in m̂",
            adam_but((M_HAT, "m_hat = m / (1 - beta1)")),
            NO_POWER + "in the correction of `m`?",
        ),
        Mistake(
            "no power in ŝ",
            adam_but((S_HAT, "s_hat = s / (1 - beta2)")),
            NO_POWER + "in the correction of `s`?",
        ),
        Mistake(
            "t from 0",
            adam_but(("count(1)", "count(0)")),
            "Your first step is 0/0, which is nan: at t = 0 the correction 1 − β⁰ is 0. The first "
            "step is t = 1.",
        ),
        Mistake(
            "t from 2",
            adam_but(("count(1)", "count(2)")),
            "Your t is one too high: the corrections of the first step must be 1 − β₁ and 1 − β₂. "
            "If t begins at 1, raise it at the end of the loop.",
        ),
        Mistake(
            "β times t",
            adam_but((M_HAT, "m_hat = m / (1 - beta1 * t)"), (S_HAT, "s_hat = s / (1 - beta2*t)")),
            "You multiply β by t. In Python the power is `beta1**t`.",
        ),
        Mistake(
            "power of 1 − β",
            adam_but(
                (M_HAT, "m_hat = m / (1 - beta1) ** t"), (S_HAT, "s_hat = s / (1 - beta2) ** t")
            ),
            "You raise 1 − β to the power t. It is 1 − βᵗ: only β has the power.",
        ),
        Mistake(
            "corrections multiplied",
            adam_but((M_HAT, "m_hat = m * (1 - beta1**t)"), (S_HAT, "s_hat = s * (1 - beta2**t)")),
            "You multiply by 1 − βᵗ. The means are too small at first: divide.",
        ),
        Mistake(
            "corrections exchanged",
            adam_but((M_HAT, "m_hat = m / (1 - beta2**t)"), (S_HAT, "s_hat = s / (1 - beta1**t)")),
            WHOSE_BETA + "In your corrections the two have changed places.",
        ),
        Mistake(
            "β₁ in both corrections",
            adam_but((S_HAT, "s_hat = s / (1 - beta1**t)")),
            WHOSE_BETA + "You correct `s` with `beta1`.",
        ),
        Mistake(
            "βs exchanged",
            lambda grad, x, lr, beta1, beta2, eps: optimizers.adam(grad, x, lr, beta2, beta1, eps),
            "`beta1` and `beta2` have changed places: β₁ belongs to the mean of the gradients.",
        ),
        Mistake(
            "β₁ everywhere",
            lambda grad, x, lr, beta1, beta2, eps: optimizers.adam(grad, x, lr, beta1, beta1, eps),
            "You use `beta1` for both means. Where is `beta2`?",
        ),
        Mistake(
            "m̂ kept",
            adam_but((M_HAT, f"m = {M_HAT}")),
            f"`m` {KEPT}",
        ),
        Mistake(
            "ŝ kept",
            adam_but((S_HAT, f"s = {S_HAT}")),
            f"`s` {KEPT}",
        ),
        Mistake(
            "both kept",
            adam_but((M_HAT, f"m = {M_HAT}"), (S_HAT, f"s = {S_HAT}")),
            f"Each mean {KEPT}",
        ),
        Mistake(
            "square of m̂ in s",
            adam_but((S, f"{M_HAT}; s = beta2 * s + (1 - beta2) * m_hat**2")),
            "`s` is a mean of the squared gradients, g². You put the square of m̂ into it.",
        ),
        Mistake(
            "square of m in s",
            adam_but((S, S.replace("g**2", "m**2"))),
            "`s` is a mean of the squared gradients, g². You put the square of `m` into it.",
        ),
        Mistake(
            "square forgotten",
            adam_but((S, S.replace("g**2", "g"))),
            "`s` is a mean of squares. Where is the square of the gradient?",
        ),
        Mistake(
            "2g in place of g²",
            adam_but((S, S.replace("g**2", "2 * g"))),
            "You add up 2g. The square is written with two stars: `g**2`.",
        ),
        Mistake(
            "m and s one array",
            adam_but((M, "m *= beta1; m += (1 - beta1) * g"), (S, S_IN_PLACE)),
            "`m = s = np.zeros_like(x)` makes one array with two names, so that `m += …` changes "
            "`s`, too. Make two arrays, or a new one in each step: `m = …`.",
        ),
        Mistake(
            "root forgotten",
            adam_but(("np.sqrt(s_hat)", "s_hat")),
            "You divide by ŝ, a mean of squares. Divide by its root.",
        ),
        Mistake(
            "ε inside the root",
            adam_but(("(np.sqrt(s_hat) + eps)", "np.sqrt(s_hat + eps)")),
            "ε stands under the root in your rule. Add it outside.",
        ),
        Mistake(
            "ε added to x",
            adam_but(("(np.sqrt(s_hat) + eps)", "np.sqrt(s_hat) + eps")),
            "You add ε to the point: `/` binds tighter than `+`. Put brackets around √ŝ + ε.",
        ),
        Mistake(
            "ε forgotten",
            adam_but((" + eps", "")),
            "Where is ε? The denominator is √ŝ + ε.",
        ),
        Mistake(
            "constant ε̂",
            adam_but(
                (STEP, "x = x - lr * np.sqrt(1 - beta2**t) * m_hat / (np.sqrt(s) + eps)"),
            ),
            "That is the folded form: ε is added to √s, not to √ŝ, so at first it weighs more. "
            "Task 4 is about it. Here correct `s` before you take the root.",
        ),
        Mistake(
            "g in place of m̂",
            adam_but((STEP, STEP.replace("m_hat", "g"))),
            "Your step goes along the newest gradient `g`, as RMSProp's does. Adam goes along m̂.",
        ),
        Mistake(
            "wrong sign",
            adam_but(("x - lr", "x + lr")),
            "You go uphill: the gradient points to where f grows. Look at the sign of `lr`.",
        ),
        Mistake(
            "learning rate forgotten",
            adam_but(("x - lr * m_hat", "x - m_hat")),
            "Your first step is about 1 long, whatever the learning rate. Where is `lr`?",
        ),
        Mistake(
            "1 − β₁ forgotten",
            adam_but((M, "m = beta1 * m + g")),
            "Your `m` is a sum, not a mean: the new gradient must enter with the weight 1 − β₁.",
        ),
        Mistake(
            "1 − β₂ forgotten",
            adam_but((S, "s = beta2 * s + g**2")),
            "Your `s` is a sum, not a mean: the new square must enter with the weight 1 − β₂.",
        ),
        Mistake(
            "both sums",
            adam_but((M, "m = beta1 * m + g"), (S, "s = beta2 * s + g**2")),
            "Both of your means are sums: what is new must enter with the weight 1 − β.",
        ),
        Mistake(
            "weights of m exchanged",
            adam_but((M, "m = (1 - beta1) * m + beta1 * g")),
            "In `m` the weights have changed places: β₁ for the old mean, 1 − β₁ for what is new.",
        ),
        Mistake(
            "weights of s exchanged",
            adam_but((S, "s = (1 - beta2) * s + beta2 * g**2")),
            "In `s` the weights have changed places: β₂ for the old mean, 1 − β₂ for what is new.",
        ),
        Mistake(
            "means made in the loop",
            adam_but((ZEROS, "pass\n"), (GRADIENT, f"m = s = np.zeros_like(x); {GRADIENT}")),
            "Nothing is remembered: the means are made anew in each round of the loop. Make them "
            "once, before it.",
        ),
        Mistake(
            "means begin with the first gradient",
            adam_but((ZEROS, "m = grad(x); s = m**2\n")),
            "Your means begin with the first gradient. Here they begin at 0, and are corrected.",
        ),
        Mistake(
            "one s for all coordinates",
            adam_but((S, S.replace("g**2", "np.sum(g**2)"))),
            "You add the squares of all coordinates up. Each coordinate has an `s` of its own.",
        ),
        Mistake(
            "sign of m̂",
            adam_but((STEP, "x = x - lr * np.sign(m_hat)")),
            "All of your steps are η long. Divide m̂ by √ŝ + ε; do not take its sign.",
        ),
        Mistake(
            "gradient taken once",
            adam_but((ZEROS, f"{ZEROS}    {GRADIENT}\n"), (f"        {GRADIENT}\n", "")),
            MADE_ONCE,
        ),
        Mistake(
            "never leaves the start",
            adam_but((STEP, STEP.replace("x = ", "new = ")), ("yield x", "yield new")),
            "Every step begins at the start again. Keep the new point: give it the name `x`.",
        ),
        Mistake(
            "yields before the step",
            adam_but((GRADIENT, f"yield x; {GRADIENT}"), ("\n        yield x\n", "\n")),
            "The first point that you yield is the start. Yield after the step.",
        ),
        Mistake(
            "two steps at once",
            two_steps,
            "You take two steps for each point that you yield. Yield after every step.",
        ),
        Mistake(
            "look-ahead",
            optimizers.nadam,
            "That is Nadam, of lesson 10. Adam's m̂ is `m` and its correction, nothing else.",
        ),
        Mistake(
            "learning rate fixed",
            adam_with(lr=0.001),
            "Your rule takes the same learning rate whatever it is given. Use the argument `lr`.",
        ),
        Mistake(
            "βs fixed",
            adam_with(beta1=0.9, beta2=0.999),
            "Your rule takes 0.9 and 0.999 whatever it is given. Use `beta1` and `beta2`.",
        ),
        Mistake(
            "ε fixed",
            adam_with(eps=1e-8),
            "Your rule takes the same ε whatever it is given. Use the argument `eps`.",
        ),
    ),
)

# Task 2: the first step without the corrections


def draw_settings(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """η, β₁, β₂."""
    return [tuple(map(float, rng.uniform((0.05, 0.5, 0.9), (0.8, 0.85, 0.99)))) for _ in range(4)]


def of_settings(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


uncorrected_step = Task(
    name="uncorrected_step",
    points=1,
    right=lambda lr, beta1, beta2: lr * (1 - beta1) / np.sqrt(1 - beta2),
    observe=of_settings,
    cases=draw_settings,
    praise="The size of the gradient drops out; with 0.9 and 0.999 it is 3.16 η.",
    hints=(
        "Both means begin at 0. What are `m` and `s` after one gradient g?",
        "m = (1 − β₁) g and s = (1 − β₂) g². Put them into η m/√s.",
        "`return lr * (1 - beta1) / np.sqrt(1 - beta2)`",
    ),
    mistakes=(
        Mistake(
            "corrected",
            lambda lr, beta1, beta2: lr,
            "That is the first step with the corrections, η. Without them?",
        ),
        Mistake(
            "root forgotten",
            lambda lr, beta1, beta2: lr * (1 - beta1) / (1 - beta2),
            "The step divides by √s. Where is the root?",
        ),
        Mistake(
            "upside down",
            lambda lr, beta1, beta2: lr * np.sqrt(1 - beta2) / (1 - beta1),
            "That is the factor that puts the step right. Asked is the step that is wrong.",
        ),
        Mistake(
            "η forgotten",
            lambda lr, beta1, beta2: (1 - beta1) / np.sqrt(1 - beta2),
            "That is the step in units of η. Multiply by `lr`.",
        ),
        Mistake(
            "only s",
            lambda lr, beta1, beta2: lr / np.sqrt(1 - beta2),
            "That is RMSProp's first step. Adam goes along `m`, and that begins at 0, too.",
        ),
        Mistake(
            "only m",
            lambda lr, beta1, beta2: lr * (1 - beta1),
            "`m` is too small, yes. But so is `s`, in the denominator.",
        ),
        Mistake(
            "βs exchanged",
            lambda lr, beta1, beta2: lr * (1 - beta2) / np.sqrt(1 - beta1),
            "The two β have changed places: β₁ belongs to `m`.",
        ),
        Mistake(
            "old weights",
            lambda lr, beta1, beta2: lr * beta1 / np.sqrt(beta2),
            "β is the weight of the old mean, which is 0. The gradient enters with 1 − β.",
        ),
        Mistake(
            "root over all",
            lambda lr, beta1, beta2: lr * np.sqrt((1 - beta1) / (1 - beta2)),
            "The root is over `s` alone, not over `m`.",
        ),
        Mistake(
            "minus sign",
            lambda lr, beta1, beta2: -lr * (1 - beta1) / np.sqrt(1 - beta2),
            "Asked is the length of the step. A length is positive.",
        ),
        Mistake(
            "usual values",
            lambda lr, beta1, beta2: lr * 0.1 / np.sqrt(0.001),
            "That is right for 0.9 and 0.999 only. Use `beta1` and `beta2`.",
        ),
    ),
)

# Task 3: what the correction leaves


def draw_drifts(rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Expected gradients E[g₁] … E[g_t], and β."""
    return [(rng.normal(size=t), float(rng.uniform(0.5, 0.95))) for t in (2, 5, 9, 14)]


def of_drift(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def drift(
    weights: Callable = lambda age, beta: beta**age / np.sum(beta**age),
    of: Callable = lambda expected: expected - expected[-1],
) -> Callable:
    """Σ weights(t − i, β) · of(E[g])ᵢ."""

    def left_over(expected: np.ndarray, beta: float) -> float:
        age = np.arange(len(expected))[::-1]
        return float(np.sum(weights(age, beta) * of(expected)))

    return left_over


bias_drift = Task(
    name="bias_drift",
    points=2,
    right=drift(),
    observe=of_drift,
    cases=draw_drifts,
    praise="The correction mends the start. What old gradients say wrong, no factor mends.",
    hints=(
        "m̂ is m/(1 − βᵗ). Divide line 4 by that, then take E[g_t] away: what is left?",
        "ζ is the second sum of line 3, and it, too, is divided by 1 − βᵗ.",
        "`age = np.arange(len(expected))[::-1]`, `zeta = (1 - beta) * np.sum(beta**age * (expected "
        "- expected[-1]))`, and then `return zeta / (1 - beta ** len(expected))`",
    ),
    mistakes=(
        Mistake(
            "ζ itself",
            drift(lambda age, beta: (1 - beta) * beta**age),
            "That is ζ, what is wrong in m after its first part. Asked is m̂: the correction "
            "divides ζ, too.",
        ),
        Mistake(
            "1 − β forgotten",
            drift(lambda age, beta: beta**age / (1 - beta ** len(age))),
            "The weights of a running mean are (1 − β) βᵗ⁻ⁱ. Where is 1 − β?",
        ),
        Mistake(
            "no power",
            drift(lambda age, beta: beta**age),
            "Your weights are βᵗ⁻ⁱ alone. Either 1 − β is forgotten, or you divide by 1 − β: "
            "the correction is 1 − βᵗ, with a power.",
        ),
        Mistake(
            "multiplied",
            drift(lambda age, beta: (1 - beta) * beta**age * (1 - beta ** len(age))),
            "You multiply ζ by 1 − βᵗ. The correction divides.",
        ),
        Mistake(
            "weights reversed",
            drift(lambda age, beta: beta ** age[::-1] / np.sum(beta**age)),
            "Your weights are the wrong way round: the newest gradient, the last one in the array, "
            "has the largest weight, and older ones less.",
        ),
        Mistake(
            "ages from 1",
            drift(lambda age, beta: beta ** (age + 1) / np.sum(beta**age)),
            "Your powers of β are one too high: the newest gradient has the power 0.",
        ),
        Mistake(
            "m̂ itself",
            drift(of=lambda expected: expected),
            "That is E[m̂_t]. By how much does it differ from E[g_t]?",
        ),
        Mistake(
            "m less E[g_t]",
            lambda expected, beta: (
                drift(lambda age, beta: (1 - beta) * beta**age, lambda e: e)(expected, beta)
                - expected[-1]
            ),
            "That is how wrong m is, without the correction. Asked is m̂.",
        ),
        Mistake(
            "wrong sign",
            drift(of=lambda expected: expected[-1] - expected),
            "A sign: it is E[gᵢ] − E[g_t], not the other way round.",
        ),
        Mistake(
            "first in place of last",
            drift(of=lambda expected: expected - expected[0]),
            "You compare with the first gradient. Line 3 has E[g_t], the newest one.",
        ),
        Mistake(
            "mean in place of last",
            drift(of=lambda expected: expected - np.mean(expected)),
            "You compare with the average of all. Line 3 has E[g_t], the newest one.",
        ),
        Mistake(
            "steps between neighbours",
            drift(of=lambda expected: np.diff(expected, prepend=expected[0])),
            "You take differences of neighbours. Each E[gᵢ] is compared with the newest, E[g_t].",
        ),
        Mistake(
            "without weights",
            drift(lambda age, beta: np.ones(len(age)) / len(age)),
            "You weigh all gradients alike. Older ones count less, by the factor β a step.",
        ),
        Mistake(
            "zero",
            lambda expected, beta: 0.0,
            "It is 0 only if all expected gradients are equal. These drift.",
        ),
    ),
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
    praise="With β₂ = 0.999 it is 32 times as large as it looks at the first step, and twice as "
    "large at step 288.",
    hints=(
        "Put m̂ = m/(1 − β₁ᵗ) and ŝ = s/(1 − β₂ᵗ) into the left side. Then multiply numerator and "
        "denominator by what makes √s stand alone.",
        "√ŝ = √s/√(1 − β₂ᵗ), so √(1 − β₂ᵗ) · (√ŝ + ε) = √s + √(1 − β₂ᵗ) ε. The last part is ε̂; "
        "solve it for ε.",
        "`return eps_hat / np.sqrt(1 - beta2**t)`",
    ),
    mistakes=(
        Mistake(
            "the same",
            lambda t, eps_hat, b1, b2: eps_hat,
            "√s + ε̂ with the bare s is not √ŝ + ε̂: what turns √s into √ŝ acts on ε̂, too.",
        ),
        Mistake(
            "the other way",
            lambda t, eps_hat, b1, b2: eps_hat * np.sqrt(1 - b2**t),
            "You multiply: that would make ε̂ out of ε. Asked is the other way.",
        ),
        Mistake(
            "no root",
            lambda t, eps_hat, b1, b2: eps_hat / (1 - b2**t),
            "s is corrected under the root. Where is the root of 1 − β₂ᵗ?",
        ),
        Mistake(
            "no power",
            lambda t, eps_hat, b1, b2: eps_hat / np.sqrt(1 - b2),
            "Your answer is the same at every step: where is the power t?",
        ),
        Mistake(
            "t from 0",
            lambda t, eps_hat, b1, b2: keras_eps(t + 1, eps_hat, b1, b2),
            "Your t is one too high. The first step is t = 1, and that is what you are given.",
        ),
        Mistake(
            "β₁ in place of β₂",
            lambda t, eps_hat, b1, b2: keras_eps(t, eps_hat, b2, b1),
            "You correct with β₁. ε stands beside the root of s, which forgets with β₂.",
        ),
        Mistake(
            "η_t divided out",
            lambda t, eps_hat, b1, b2: eps_hat * (1 - b1**t) / np.sqrt(1 - b2**t),
            "The factor 1 − β₁ᵗ corrects m, in the numerator. ε in the denominator knows nothing "
            "of it.",
        ),
        Mistake(
            "with η_t",
            lambda t, eps_hat, b1, b2: eps_hat * np.sqrt(1 - b2**t) / (1 - b1**t),
            "You multiply by η_t/η. The step size is taken care of; what becomes of ε̂ alone?",
        ),
        Mistake(
            "root of the power",
            lambda t, eps_hat, b1, b2: eps_hat / np.sqrt(b2**t),
            "You divide by √(β₂ᵗ). The weights that are there after t steps add up to 1 − β₂ᵗ.",
        ),
        Mistake(
            "square",
            lambda t, eps_hat, b1, b2: eps_hat / np.sqrt(1 - b2 ** (2 * t)),
            "Your power is 2t. The correction of s has the power t: squared is the gradient, not "
            "β₂.",
        ),
    ),
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
    praise="No gradients make Adam's last step longer than these. A growing slope, and not a "
    "sudden one, is what it takes.",
    hints=(
        "The last step is long if m̂ is large and ŝ small. Which memory is shorter, and what does "
        "that say about gradients from long ago?",
        "m̂ weighs gᵢ with β₁ᵗ⁻ⁱ, ŝ weighs gᵢ² with β₂ᵗ⁻ⁱ. So let the gradients grow, each by the "
        "same factor: try 2, 1.5, 1.2, 1.1. The proof in section 7 of the lesson says which.",
        "`return (beta2 / beta1) ** np.arange(steps)`",
    ),
    mistakes=(
        Mistake(
            "constant",
            lambda beta1, beta2, steps: np.ones(steps),
            "On a constant gradient every step is exactly η. It can be longer.",
        ),
        Mistake(
            "spike",
            lambda beta1, beta2, steps: np.eye(steps)[-1],
            "Zeros and then one gradient: the paper's example. A gradient that announces itself "
            "does better, for m̂ remembers it from before.",
        ),
        Mistake(
            "spike at the beginning",
            lambda beta1, beta2, steps: np.eye(steps)[0],
            "Your large gradient comes first, and then the last step is short: m forgets it sooner "
            "than s. Let it come at the end.",
        ),
        Mistake(
            "shrinking",
            lambda beta1, beta2, steps: worst(beta1, beta2, steps)[::-1],
            "Yours shrink, by the right factor. Turn them round.",
        ),
        Mistake(
            "alternating",
            lambda beta1, beta2, steps: (-1.0) ** np.arange(steps),
            "Yours change sign at every step, and in m̂ they cancel: that is a very short step.",
        ),
        Mistake(
            "β₂ forgotten",
            lambda beta1, beta2, steps: beta1 ** -np.arange(steps, dtype=float),
            "Yours grow by 1/β₁ a step. That is close. But the larger ones weigh more in ŝ, too: "
            "where is β₂?",
        ),
        Mistake(
            "root of the factor",
            lambda beta1, beta2, steps: np.sqrt(worst(beta1, beta2, steps)),
            "Yours grow by √(β₂/β₁) a step. Look at the proof again: gᵢ itself is proportional to "
            "wᵢ/uᵢ.",
        ),
        Mistake(
            "growing by 11 %",
            lambda beta1, beta2, steps: (0.999 / 0.9) ** np.arange(steps),
            "That is the growth for β₁ = 0.9 and β₂ = 0.999. Use `beta1` and `beta2`.",
        ),
        Mistake(
            "growing in a line",
            lambda beta1, beta2, steps: np.arange(1.0, steps + 1),
            "Yours grow by the same amount at every step. Let them grow by the same factor.",
        ),
    ),
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
