"""The checks of exercise 10, Nadam: each task with its right answer and wrong ones."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import permutations
from math import prod

import numpy as np

from course_lib import optimizers
from course_lib.descent import descend
from course_lib.landscapes import parabola
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    Mistake,
    NotYet,
    Task,
    Trouble,
    numbers,
    result_of,
    something_else,
)
from exercise_lib.path_picture import path_picture
from exercise_lib.personal import personal
from exercise_lib.rule_runs import Run, draw_runs, edited, undisturbed_points_of, where_it_departs

# Task 1: from Adam's corrected mean to Nadam's, line by line

Term = Callable[[float, float, float, float, int], float]  # of m_before, m, g, β₁, t


def lines(
    kept: Term = lambda before, m, g, b, t: b * before / (1 - b**t),
    gradient: Term = lambda before, m, g, b, t: (1 - b) * g / (1 - b**t),
    ahead: Term = lambda before, m, g, b, t: b * m / (1 - b ** (t + 1)),
    total: Callable = lambda kept, gradient, ahead: ahead + gradient,
) -> Callable:
    """The four lines, or with some of their terms wrong."""

    def answer(m_before: float, g: float, beta1: float, t: int) -> np.ndarray:
        m = beta1 * m_before + (1 - beta1) * g
        terms = [term(m_before, m, g, beta1, t) for term in (kept, gradient, ahead)]
        return np.array([*terms, total(*terms)])

    return answer


def draw_lines(rng: np.random.Generator) -> list[tuple[float, float, float, int]]:
    """Means, gradients, β₁ and steps t from 2 on."""
    return [
        (*map(float, rng.uniform((0.5, 0.5, 0.3), (3.0, 3.0, 0.95))), int(t))
        for t in rng.choice(np.arange(2, 12), 6, replace=False)
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
    right=lines(),
    observe=of_lines,
    cases=draw_lines,
    otherwise=first_wrong_line,
    praise="Two lines of Adam, one of the step to come, and their sum is Nadam's mean.",
    hints=(
        "Put m = β₁ m_before + (1 − β₁) g into Adam's m / (1 − β₁ᵗ). Which of the two summands did "
        "you know before the gradient came?",
        "The momentum part is β₁ m_before / (1 − β₁ᵗ). One step later m_before is called m, and "
        "t has become t + 1, in the exponent, too.",
        "`a = beta1 * m_before / (1 - beta1**t)`, `b = (1 - beta1) * g / (1 - beta1**t)`, "
        "`c = beta1 * m / (1 - beta1 ** (t + 1))`, and `return a, b, c, c + b`",
    ),
    mistakes=(
        Mistake(
            "not corrected",
            lines(
                lambda before, m, g, b, t: b * before,
                lambda before, m, g, b, t: (1 - b) * g,
                lambda before, m, g, b, t: b * m,
            ),
            "The parts of m are right, but Adam's corrected mean is m / (1 − β₁ᵗ): where are the "
            "denominators?",
        ),
        Mistake(
            "new mean in the momentum part",
            lines(kept=lambda before, m, g, b, t: b * m / (1 - b**t)),
            "The first number is the part of *this* step that was known before the gradient: it "
            "has `m_before`.",
        ),
        Mistake(
            "1 − β₁ forgotten",
            lines(gradient=lambda before, m, g, b, t: g / (1 - b**t)),
            "In the gradient part the factor 1 − β₁ is missing: m is a mean.",
        ),
        Mistake(
            "gradient part of the next step",
            lines(gradient=lambda before, m, g, b, t: (1 - b) * g / (1 - b ** (t + 1))),
            "The gradient part is that of this step, with t. Only the momentum part is moved.",
        ),
        Mistake(
            "next momentum part with t",
            lines(ahead=lambda before, m, g, b, t: b * m / (1 - b**t)),
            "In the third number you have put m for m_before, but t stands in a second place: the "
            "next step's correction is 1 − β₁ᵗ⁺¹.",
        ),
        Mistake(
            "next momentum part with the old mean",
            lines(ahead=lambda before, m, g, b, t: b * before / (1 - b ** (t + 1))),
            "In the third number you have moved t, but not m: the next step keeps a part of `m`.",
        ),
        Mistake(
            "next momentum part without β₁",
            lines(ahead=lambda before, m, g, b, t: m / (1 - b ** (t + 1))),
            "Of m the next step keeps only the part β₁: in the third number β₁ is missing.",
        ),
        Mistake(
            "next momentum part as it is now",
            lines(ahead=lambda before, m, g, b, t: b * before / (1 - b**t)),
            "Your third number is the first one again. Move it by one step: m for m_before, and "
            "t + 1 for t.",
        ),
        Mistake(
            "Adam's sum",
            lines(total=lambda kept, gradient, ahead: kept + gradient),
            "Your last number is still Adam's mean. Put the third number in the place of the "
            "first.",
        ),
        Mistake(
            "all three added",
            lines(total=lambda kept, gradient, ahead: kept + gradient + ahead),
            "In your last number momentum counts twice. The third number comes *in the place of* "
            "the first.",
        ),
        Mistake(
            "both momentum parts",
            lines(total=lambda kept, gradient, ahead: kept + ahead),
            "Your last number has two momentum parts and no gradient.",
        ),
        Mistake(
            "without the power",
            lines(
                lambda before, m, g, b, t: b * before / (1 - b),
                lambda before, m, g, b, t: g,
                lambda before, m, g, b, t: b * m / (1 - b),
            ),
            "You divide by 1 − β₁. The weights of t gradients add up to 1 − β₁ᵗ: a power, `**`.",
        ),
        Mistake(
            "t times β₁",
            lines(
                lambda before, m, g, b, t: b * before / (1 - b * t),
                lambda before, m, g, b, t: (1 - b) * g / (1 - b * t),
                lambda before, m, g, b, t: b * m / (1 - b * (t + 1)),
            ),
            "β₁ᵗ is a power: `beta1**t`, with two stars.",
        ),
        Mistake(
            "parts exchanged",
            lambda *case: lines()(*case)[[1, 0, 2, 3]],
            "The first two have changed places: the momentum part first, then the gradient's.",
        ),
        Mistake(
            "brackets around t + 1",
            lines(ahead=lambda before, m, g, b, t: b * m / (1 - b**t + 1)),
            "`beta1**t + 1` is β₁ᵗ plus 1. Put brackets around the exponent: `beta1 ** (t + 1)`.",
        ),
    ),
)

# Task 2: Nadam

M = "m = beta1 * m + (1 - beta1) * g"
S = "s = beta2 * s + (1 - beta2) * g**2"
AHEAD = "beta1 * m / (1 - beta1 ** (t + 1))"
NOW = "(1 - beta1) * g / (1 - beta1**t)"
M_HAT = f"m_hat = {AHEAD} + {NOW}"
S_HAT = "s_hat = s / (1 - beta2**t)"
M_AFTER_M_HAT = (f"        {M}\n", ""), (M_HAT, f"{M_HAT}\n        {M}")
TUTORIAL = (
    "You correct both parts with 1 − β₁ᵗ, as many tutorials do. The momentum part is that of the "
    "next step, so its correction is the next one, too."
)
GRADIENT_LATE = "The gradient is today's: its part has the correction of this step, 1 − β₁ᵗ."
CHANGED_PLACES = (
    "The exponents have changed places: t + 1 belongs to the momentum part, which is the next "
    "step's, and t to the gradient's."
)
M_TOO_LATE = (
    "When you use `m`, this step's gradient is not in it yet. First the new `m`, then what is made "
    "of it: the next step's momentum part has the newest mean."
)
NO_LOOK_AHEAD = "That is still {}: its m̂ does not look ahead. Which line differs?"


nadam_with = partial(edited, optimizers.nadam)

nadam = Task(
    name="nadam",
    points=3,
    right=optimizers.nadam,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.02, 0.08), beta1=(0.5, 0.85), beta2=(0.7, 0.95), eps=(0.1, 0.3)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.nadam, lr=0.6, beta1=0.8, beta2=0.99, eps=1e-8),
    praise="Adam that looks ahead, from every start and with any settings.",
    hints=(
        "Begin with Adam. One line changes, that of m̂; task 1 has what belongs there.",
        "m̂ is the next step's momentum part, β₁ m / (1 − β₁ᵗ⁺¹), and this step's gradient part, "
        "(1 − β₁) g / (1 − β₁ᵗ). Both use values of this step: so m comes first.",
        f"`{M_HAT}`",
    ),
    mistakes=(
        Mistake("Adam", optimizers.adam, NO_LOOK_AHEAD.format("Adam")),
        Mistake("tutorial", nadam_with(("beta1 ** (t + 1)", "beta1**t")), TUTORIAL),
        Mistake(
            "gradient with t + 1",
            nadam_with((NOW, "(1 - beta1) * g / (1 - beta1 ** (t + 1))")),
            GRADIENT_LATE,
        ),
        Mistake(
            "exponents exchanged",
            nadam_with(
                (
                    M_HAT,
                    f"m_hat = {AHEAD.replace('(t + 1)', 't')} + {NOW.replace('t)', '(t + 1))')}",
                )
            ),
            CHANGED_PLACES,
        ),
        Mistake("m too late", nadam_with(*M_AFTER_M_HAT), M_TOO_LATE),
        Mistake(
            "m̂ written into m",
            nadam_with((M_HAT, f"m = m_hat = {AHEAD} + {NOW}")),
            "You write m̂ back into `m`. The next step needs m itself: keep the two apart.",
        ),
        Mistake(
            "m̂ not corrected",
            nadam_with((M_HAT, "m_hat = beta1 * m + (1 - beta1) * g")),
            "m̂ is not corrected for the start at zero: where are the two denominators?",
        ),
        Mistake(
            "gradient part not corrected",
            nadam_with((NOW, "(1 - beta1) * g")),
            "The gradient part is not corrected: divide it by 1 − β₁ᵗ.",
        ),
        Mistake(
            "momentum part not corrected",
            nadam_with((AHEAD, "beta1 * m")),
            "The momentum part is not corrected: divide it by 1 − β₁ᵗ⁺¹.",
        ),
        Mistake(
            "1 − β₁ forgotten in m̂",
            nadam_with((NOW, "g / (1 - beta1**t)")),
            "In m̂ the whole gradient is added. It has the weight 1 − β₁, as in every mean here.",
        ),
        Mistake(
            "β₁ forgotten in m̂",
            nadam_with((AHEAD, AHEAD.replace("beta1 * m", "m"))),
            "In m̂ the whole of m is kept. The next step keeps the part β₁ of it.",
        ),
        Mistake(
            "minus in m̂",
            nadam_with((f"{AHEAD} +", f"{AHEAD} -")),
            "In m̂ the gradient is subtracted from the momentum. The parts are added.",
        ),
        Mistake(
            "only the momentum part",
            nadam_with((M_HAT, f"m_hat = {AHEAD}")),
            "Your m̂ is the momentum part alone. This step's gradient part belongs to it, too.",
        ),
        Mistake(
            "look-ahead added to Adam",
            nadam_with((M_HAT, f"m_hat = m / (1 - beta1**t) + {AHEAD}")),
            "You add the next step's momentum part to all of Adam's mean, which has one already. "
            "It takes that one's place.",
        ),
        Mistake(
            "brackets around t + 1",
            nadam_with(("beta1 ** (t + 1)", "beta1**t + 1")),
            "`beta1**t + 1` is β₁ᵗ plus 1. Put brackets around the exponent: `beta1 ** (t + 1)`.",
        ),
        Mistake(
            "t begins at 0",
            nadam_with(("count(1)", "count(0)")),
            "In the first step t is 0, and 1 − β⁰ = 0 stands in a denominator. Begin with t = 1: "
            "`count(1)`, or raise t before you use it.",
        ),
        Mistake(
            "t begins at 2",
            nadam_with(("count(1)", "count(2)")),
            "In the first step t is 2. Begin with t = 1.",
        ),
        Mistake(
            "t stands still",
            nadam_with(("count(1)", "count(1, 0)")),
            "t is 1 in every step. Raise it by one in each round of the loop.",
        ),
        Mistake(
            "ŝ not corrected",
            nadam_with((S_HAT, "s_hat = s")),
            "ŝ is not corrected: divide s by 1 − β₂ᵗ, as Adam does.",
        ),
        Mistake(
            "β₂ in ŝ",
            nadam_with((S_HAT, "s_hat = beta2 * s / (1 - beta2**t)")),
            "The factor β₂ in ŝ is in Dozat's Algorithm 2. Here, as in the libraries, ŝ is Adam's.",
        ),
        Mistake(
            "tutorial, gradient part not corrected",
            nadam_with((M_HAT, "m_hat = beta1 * m / (1 - beta1**t) + (1 - beta1) * g")),
            "You look ahead with Adam's m̂, and the gradient's part is not corrected. Each part has "
            "a correction of its own: that of the next step for `m`, that of this one for `g`.",
        ),
        Mistake(
            "ŝ with t + 1",
            nadam_with((S_HAT, "s_hat = s / (1 - beta2 ** (t + 1))")),
            "You correct ŝ with the next step's t + 1. Only the momentum looks ahead; ŝ is Adam's.",
        ),
        Mistake(
            "look-ahead in ŝ, too",
            nadam_with(
                (
                    S_HAT,
                    "s_hat = beta2 * s / (1 - beta2 ** (t + 1)) + "
                    "(1 - beta2) * g**2 / (1 - beta2**t)",
                )
            ),
            "You look ahead in ŝ, too. Only the momentum looks ahead; ŝ is Adam's.",
        ),
        Mistake(
            "root forgotten",
            nadam_with(("np.sqrt(s_hat)", "s_hat")),
            "You divide by ŝ. It is a mean of *squares*: take the root.",
        ),
        Mistake(
            "ε inside the root",
            nadam_with(("np.sqrt(s_hat) + eps", "np.sqrt(s_hat + eps)")),
            "ε stands inside the root. Here it is added outside.",
        ),
        Mistake(
            "g not squared",
            nadam_with(("g**2", "np.abs(g)")),
            "s is the mean of g², not of |g|.",
        ),
        Mistake(
            "β exchanged",
            nadam_with((M, M.replace("beta1", "beta2")), (S, S.replace("beta2", "beta1"))),
            "β₁ and β₂ have changed places in the two means.",
        ),
        Mistake(
            "m a sum",
            nadam_with((M, "m = beta1 * m + g")),
            "Your m is a fading sum of gradients. Here it is a mean: g has the factor 1 − β₁.",
        ),
        Mistake(
            "uphill",
            nadam_with(("x - lr", "x + lr")),
            "You go uphill. Look at the sign of the step.",
        ),
        Mistake(
            "learning rate forgotten",
            nadam_with(("x - lr * m_hat", "x - m_hat")),
            "The step has full length. Where is the learning rate `lr`?",
        ),
        Mistake(
            "state made in the loop",
            nadam_with(("g = grad(x)", "g, m, s = grad(x), 0.0, 0.0")),
            "m and s are zero at the beginning of each step. Make them once, before the loop.",
        ),
        Mistake(
            "gradient taken ahead",
            nadam_with(("grad(x)", "grad(x - lr * beta1 * m)")),
            "You ask for the gradient at another place, and look ahead in m̂ as well. In this form "
            "x is the point ahead already: ask at `x`.",
        ),
        Mistake(
            "with the schedule",
            lambda grad, x, **settings: optimizers.nadam_scheduled(grad, x, **settings),
            "That is Nadam with Dozat's schedule. Here β₁ stays as it is given.",
        ),
    ),
)

# Task 3: the first step


def of_beta(function: object, case: Case) -> np.ndarray:
    return result_of(function, float(case))


def constant_or_wrong(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if np.ptp(seen) == 0:
        return "You return the same number for every β₁ (at 0.9 it is 1.47). Make it depend on β₁."
    return something_else(seen, right)


nadam_first_step = Task(
    name="nadam_first_step",
    points=1,
    right=lambda b: 1 + b / (1 + b),
    observe=of_beta,
    cases=lambda rng: list(rng.uniform(0.2, 0.95, 8)),
    otherwise=constant_or_wrong,
    rtol=1e-4,
    praise="Longer than Adam's: the momentum part of the second step is in the first one already.",
    hints=(
        "At t = 1 there is one gradient. What are m, ŝ and m̂ then, in terms of g?",
        "m = (1 − β₁) g and √ŝ = |g|. So the step is η times β₁(1 − β₁)/(1 − β₁²) + 1. "
        "1 − β₁² is (1 − β₁)(1 + β₁).",
        "`return 1 + beta1 / (1 + beta1)`",
    ),
    mistakes=(
        Mistake("Adam's", lambda b: 1.0, "That is Adam's first step: it has no look-ahead."),
        Mistake(
            "tutorial's",
            lambda b: 1 + b,
            "That is the first step of the tutorial form, with 1 − β₁ under both parts. Under the "
            "momentum part stands 1 − β₁².",
        ),
        Mistake(
            "momentum part alone",
            lambda b: b / (1 + b),
            "That is the momentum part of m̂. The gradient part, which is 1 in the first step, "
            "comes in addition.",
        ),
        Mistake(
            "momentum part not corrected",
            lambda b: 1 + b * (1 - b),
            "The momentum part is β₁ m, and m = (1 − β₁) g; but it is divided by 1 − β₁², too.",
        ),
        Mistake(
            "nothing corrected",
            lambda b: (1 - b) * (1 + b),
            "Those are the weights of the newest gradient in the long run. In the first step both "
            "parts are corrected for the start at zero.",
        ),
        Mistake(
            "m is g",
            lambda b: 1 + b / (1 - b**2),
            "After the first gradient m is (1 − β₁) g, and not g.",
        ),
        Mistake(
            "wrong sign",
            lambda b: 1 + b / (1 - b),
            "A sign: 1 − β₁² = (1 − β₁)(1 + β₁). Which of the two factors is left?",
        ),
        Mistake(
            "β₁ of the lesson",
            lambda b: 1 + 0.9 / 1.9,
            "That is the number for β₁ = 0.9. Make it depend on `beta1`.",
        ),
        Mistake(
            "β₁ forgotten",
            lambda b: 1 + 1 / (1 + b),
            "The next step keeps β₁ m, and not all of m.",
        ),
        Mistake(
            "β₁ m alone corrected by the square",
            lambda b: 1 + b**2 / (1 + b),
            "β₁ stands in the momentum part once. Put m = (1 − β₁) g into β₁ m / (1 − β₁²).",
        ),
    ),
)

# Task 4: NadaMax

U = "u = np.maximum(beta2 * u, np.abs(g) + TINY)"


nadamax_with = partial(edited, optimizers.nadamax)


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
    praise="The same substitution in another rule: you derived one that has no paper of its own.",
    hints=(
        "AdaMax and Adam have the same m̂. What did you change in Adam's?",
        "Only m̂ changes: the next step's momentum part and this step's gradient part. u stays as "
        "AdaMax has it, without any correction.",
        f"`{M_HAT}`, and `x = x - lr * m_hat / u`",
    ),
    mistakes=(
        Mistake("AdaMax", optimizers.adamax, NO_LOOK_AHEAD.format("AdaMax")),
        Mistake("tutorial", nadamax_with(("beta1 ** (t + 1)", "beta1**t")), TUTORIAL),
        Mistake(
            "gradient with t + 1",
            nadamax_with((NOW, "(1 - beta1) * g / (1 - beta1 ** (t + 1))")),
            GRADIENT_LATE,
        ),
        Mistake("m too late", nadamax_with(*M_AFTER_M_HAT), M_TOO_LATE),
        Mistake(
            "Nadam",
            lambda grad, x, lr, beta1, beta2: optimizers.nadam(grad, x, lr, beta1, beta2),
            "That is Nadam: it divides by the root of a mean of squares. Divide by u, the largest "
            "|g| so far, which fades by β₂.",
        ),
        Mistake(
            "u corrected",
            nadamax_with(("m_hat / u", "m_hat / (u / (1 - beta2**t))")),
            "u is no mean: it is right from the first step, and needs no correction.",
        ),
        Mistake(
            "u looks ahead",
            nadamax_with(("m_hat / u", "m_hat / (beta2 * u)")),
            "You divide by the part of u that the next step would keep. Only m̂ looks ahead.",
        ),
        Mistake(
            "root of u",
            nadamax_with(("m_hat / u", "m_hat / np.sqrt(u)")),
            "u is a |g|, not a square: divide by it without a root.",
        ),
        Mistake(
            "u without fading",
            nadamax_with((U, "u = np.maximum(u, np.abs(g))")),
            "Your u never falls. The old one fades by β₂ before it is compared.",
        ),
        Mistake(
            "u a mean",
            nadamax_with((U, "u = beta2 * u + (1 - beta2) * np.abs(g)")),
            "Your u is a mean of |g|. It is a maximum.",
        ),
        Mistake(
            "fading on the wrong side",
            nadamax_with((U, "u = np.maximum(u, beta2 * np.abs(g))")),
            "β₂ stands with the gradient. The *old* u fades.",
        ),
        Mistake(
            "u of the last step",
            nadamax_with((U, "u = np.abs(g)")),
            "Your u is the newest |g| alone. The old u, times β₂, may be larger.",
        ),
        Mistake(
            "m̂ not corrected",
            nadamax_with((M_HAT, "m_hat = beta1 * m + (1 - beta1) * g")),
            "m̂ is not corrected for the start at zero: where are the two denominators?",
        ),
        Mistake(
            "uphill",
            nadamax_with(("x - lr", "x + lr")),
            "You go uphill. Look at the sign of the step.",
        ),
    ),
)

# Task 5: the schedule


def schedule_with(
    mu: Callable = lambda i, b, psi: b * (1 - 0.5 * 0.96 ** (psi * i)),
    product: Callable = lambda mu, t: prod(map(mu, range(1, t + 1))),
) -> Callable:
    """μₜ and μ₁⋯μₜ, or with one of the two wrong: product(mu, t) multiplies mu(1), mu(2), …"""

    def answer(t: int, beta1: float, psi: float) -> np.ndarray:
        def mu_at(i: int) -> float:
            return mu(i, beta1, psi)

        return np.array([mu_at(t), product(mu_at, t)])

    return answer


def of_schedule(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case, shape=(2,))


nadam_schedule = Task(
    name="nadam_schedule",
    points=1,
    right=schedule_with(),
    observe=of_schedule,
    cases=lambda rng: [
        (int(t), *map(float, rng.uniform((0.6, 0.05), (0.95, 0.9))))
        for t in rng.choice(np.arange(2, 25), 6, replace=False)
    ],
    praise="A function has no memory: nobody can use it up by plotting it.",
    hints=(
        "Write μᵢ as a function of i first. Then multiply it for i = 1, 2, …, t.",
        "μᵢ = β₁(1 − ½ · 0.96^(ψi)); the exponent is ψ times i. `np.prod` multiplies the numbers "
        "of an array, and `np.arange(1, t + 1)` holds 1, …, t.",
        "`mu = beta1 * (1 - 0.5 * 0.96 ** (psi * np.arange(1, t + 1)))`, then "
        "`return mu[-1], np.prod(mu)`",
    ),
    mistakes=(
        Mistake(
            "½ forgotten",
            schedule_with(lambda i, b, psi: b * (1 - 0.96 ** (psi * i))),
            "The factor ½ before the power is missing: μ begins near β₁/2, not near 0.",
        ),
        Mistake(
            "½ inside the power",
            schedule_with(lambda i, b, psi: b * (1 - (0.5 * 0.96) ** (psi * i))),
            "½ is multiplied after the power, not before: `0.5 * 0.96 ** (…)`.",
        ),
        Mistake(
            "counts from 0",
            schedule_with(lambda i, b, psi: b * (1 - 0.5 * 0.96 ** (psi * (i - 1)))),
            "Your μ is one step behind: the first is μ₁, with the exponent ψ · 1.",
        ),
        Mistake(
            "one step ahead",
            schedule_with(lambda i, b, psi: b * (1 - 0.5 * 0.96 ** (psi * (i + 1)))),
            "Your μ is one step ahead: that is μₜ₊₁.",
        ),
        Mistake(
            "brackets in the exponent",
            schedule_with(lambda i, b, psi: b * (1 - 0.5 * 0.96**psi * i)),
            "A power is taken before a product. Put brackets around the exponent: `(psi * t)`.",
        ),
        Mistake(
            "ψ forgotten",
            schedule_with(lambda i, b, psi: b * (1 - 0.5 * 0.96**i)),
            "The exponent is ψ times t; you have t alone. (That is Keras' schedule.)",
        ),
        Mistake(
            "divided by ψ",
            schedule_with(lambda i, b, psi: b * (1 - 0.5 * 0.96 ** (i / psi))),
            "The exponent is ψ times t, not t divided by ψ.",
        ),
        Mistake(
            "β₁ forgotten",
            schedule_with(lambda i, b, psi: 1 - 0.5 * 0.96 ** (psi * i)),
            "In the end μ must be β₁. Where is it?",
        ),
        Mistake(
            "μₜ to the power t",
            schedule_with(product=lambda mu, t: mu(t) ** t),
            "μₜ is right. But the factors of the product differ: each step has its own μ.",
        ),
        Mistake(
            "product with β₁",
            lambda t, b, psi: np.array([schedule_with()(t, b, psi)[0], b**t]),
            "μₜ is right. β₁ᵗ would be the product without a schedule; multiply μ₁, μ₂, …, μₜ.",
        ),
        Mistake(
            "product ends early",
            schedule_with(product=lambda mu, t: prod(map(mu, range(1, t)))),
            "μₜ is right. In the product it is missing: `range(1, t)` ends with t − 1.",
        ),
        Mistake(
            "product too long",
            schedule_with(product=lambda mu, t: prod(map(mu, range(1, t + 2)))),
            "μₜ is right. The product has one factor too many: it ends with μₜ.",
        ),
        Mistake(
            "product from 0",
            schedule_with(product=lambda mu, t: prod(map(mu, range(t + 1)))),
            "μₜ is right. The product begins with μ₁; yours has a μ₀.",
        ),
        Mistake(
            "product of 0 to t − 1",
            schedule_with(product=lambda mu, t: prod(map(mu, range(t)))),
            "μₜ is right. Your product is that of μ₀, …, μₜ₋₁: `range(t)` begins with 0.",
        ),
        Mistake(
            "sum",
            schedule_with(product=lambda mu, t: sum(map(mu, range(1, t + 1)))),
            "μₜ is right. The second number is a product, not a sum.",
        ),
        Mistake(
            "one less the product",
            schedule_with(product=lambda mu, t: 1 - prod(map(mu, range(1, t + 1)))),
            "μₜ is right. The second number is the product itself, not the correction 1 − μ₁⋯μₜ.",
        ),
    ),
)

# Task 6: which dialect is it?

DIALECTS = ("derived", "tutorial", "dozat", "pytorch", "adam")
FIRST_STEPS = {"derived": 1.47, "tutorial": 1.9, "dozat": 1.31, "pytorch": 1.06, "adam": 1.0}
PROGRAMS = "ABCD"
DIALECT_RULES = {
    "derived": optimizers.nadam,
    "tutorial": edited(optimizers.nadam, ("beta1 ** (t + 1)", "beta1**t")),
    "dozat": optimizers.nadam_scheduled,
    "pytorch": edited(
        optimizers.nadam_scheduled, ("m = mu * m + (1 - mu) * g", "m = beta1 * m + (1 - beta1) * g")
    ),
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
            5: EASY["m"] + "; but who has used m before it?",
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
