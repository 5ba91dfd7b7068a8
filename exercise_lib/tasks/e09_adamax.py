"""The checks of exercise 09, AdaMax: each task with its right answer and wrong ones."""

from collections.abc import Sequence

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Task, Trouble, result_of, spread
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


def draw_adamax(rng: np.random.Generator) -> list[Run]:
    """Short runs, and a long one in which u hardly fades, so that the path stays at rest."""
    settings = {"lr": (0.05, 0.3), "beta1": (0.5, 0.8)}
    *short, _ = draw_runs(**settings, beta2=(0.6, 0.95))(rng)
    *_, long = draw_runs(**settings, beta2=(0.9995, 0.9999))(rng)
    return [*short, long]


NOT_ONE_NUMBER = ("ambiguous", "inhomogeneous", "as an integer", "to a scalar index")  # of Python


def adamax_points(rule: object, run: Run) -> np.ndarray:
    """The points of a rule; where Python cannot take a maximum of arrays, with a word about it."""
    try:
        return undisturbed_points_of(rule, run)
    except Trouble as trouble:
        if not any(words in str(trouble) for words in NOT_ONE_NUMBER):
            raise
        raise Trouble(
            f"{trouble} Python's `max` and `np.max` pick one number; `np.maximum(a, b)` takes the "
            "larger one in each coordinate.",
            "one maximum for all",
        ) from None


adamax = Task(
    name="adamax",
    points=3,
    right=optimizers.adamax,
    observe=adamax_points,
    cases=draw_adamax,
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adamax, lr=0.4, beta1=0.9, beta2=0.999),
    rtol=1e-6,
    edges=rule_edges("lr", "beta"),
    praise="Your rule divides by the largest recent gradient of each coordinate.",
    hints=(
        "The lines for g and m, and the correction of m, are Adam's. What stands where s stood?",
        "`np.maximum(a, b)` takes the larger one in each coordinate. Of the old `u` a part β₂ is "
        "left; the new gradient counts with its absolute value.",
        "`u = np.maximum(beta2 * u, np.abs(g) + tiny)` and `x = x - lr * m / (1 - beta1**t) / u`",
    ),
    mistakes=MISTAKES.of("adamax", optimizers.adamax),
)

# Task 2: the missing lines of the derivation


def three_lines(g: np.ndarray, beta2: float, p: float, u_before: float) -> np.ndarray:
    t = len(g)
    ages = np.arange(t)[::-1]
    line_2 = (1 - beta2**p) * np.sum(beta2 ** (p * ages) * np.abs(g) ** p)
    line_4 = (1 - beta2 ** (p * t)) ** (1 / p)
    line_6 = max(beta2 * u_before, abs(g[-1]))
    return np.array([line_2, line_4, line_6])


def draw_gradients(rng: np.random.Generator) -> list[tuple]:
    """Gradients, the oldest first; β₂, p, and u before the last of them, larger or smaller."""
    cases = []
    for i in range(6):
        g = rng.choice([-1, 1], 5) * rng.uniform(0.5, 1.5, 5)
        g[-1] = -abs(g[-1])
        before = rng.uniform(2, 3) if i % 2 else rng.uniform(0.1, 0.4)
        cases.append((g, rng.uniform(0.7, 0.9), (3.0, 7.0)[i % 2], before))
    return cases


def of_derivation(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case, shape=(3,))


def first_wrong_line(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    wrong = ~np.isclose(seen, right, rtol=1e-9)
    number = (2, 4, 6)[int(np.argmax(wrong.any(axis=0)))]
    return (
        f"Line {number} is the first one that does not equal its neighbours. Try it on two "
        "gradients, where you can write the sum out by hand."
    )


adamax_derivation = Task(
    name="adamax_derivation",
    points=2,
    right=three_lines,
    observe=of_derivation,
    cases=draw_gradients,
    otherwise=first_wrong_line,
    edges={
        "the newest gradient is the largest": lambda case: case[3] < 0.5,
        "an older one is": lambda case: case[3] >= 2,
    },
    praise="All three lines hold, on random gradients: from the mean of powers to the maximum.",
    hints=(
        "Take two gradients, t = 2, and write s₂ out: which factor has g₁, which g₂?",
        "In line 2 gᵢ has faded for t − i steps. In line 4 the sum 1 + q + … + qᵗ⁻¹ with q = β₂ᵖ "
        "is (1 − qᵗ)/(1 − q). In line 6 all the old gradients have faded by one more β₂.",
        "`ages = np.arange(t)[::-1]`; line 2 `(1 - beta2**p) * np.sum(beta2**(p * ages) * "
        "np.abs(g)**p)`, line 4 `(1 - beta2**(p * t))**(1 / p)`, line 6 "
        "`max(beta2 * u_before, abs(g[-1]))`",
    ),
    mistakes=MISTAKES.of("adamax_derivation", three_lines),
)

# Task 3: the norm, for every p


def norm_of_faded(g: np.ndarray, beta2: float, p: float) -> float:
    """(Σ aᵢᵖ)^(1/p) with the largest taken out, so that nothing overflows; p may be infinite."""
    ages = np.arange(len(g))[::-1]
    a = np.abs(g) * beta2**ages
    top = a.max()
    norm = top if np.isinf(p) else top * np.sum((a / top) ** p) ** (1 / p)
    return norm


def draw_norms(rng: np.random.Generator) -> list[tuple]:
    """Gradients of all sizes, with small, large and infinite p."""
    sizes = [(1, 3.0), (1, 5.0), (1, 1.0), (1e-3, 300.0), (1e3, 300.0), (1, np.inf), (1, np.inf)]
    cases = []
    for i, (scale, p) in enumerate(sizes):
        g = rng.choice([-1, 1], 6) * rng.uniform(0.3, 1, 6)
        g = np.append(g, -1.2) if i % 2 else np.append(-9.0, g)  # the largest, new or old
        beta2 = rng.uniform(0.75, 0.9)
        if p == 300:  # two that have faded to nearly one size: the norm is not yet the maximum
            g[-2] = 0.999 * np.max(np.abs(g) * beta2 ** np.arange(len(g))[::-1]) / beta2
        cases.append((scale * g, beta2, p))
    return cases


def safe_number(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def only_extremes(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    ok = np.isclose(seen, right, rtol=1e-9)
    if ok[:3].all():
        which = "p = ∞" if ok[3:5].all() else "tiny or huge gradients with p = 300"
        return f"Right for a small p, and not for {which}. What does your program do there?"
    return "The result differs already for p = 3. Try g = [3, 4] with β₂ near 1 and p = 2: about 5."


faded_norm = Task(
    name="faded_norm",
    points=1,
    right=norm_of_faded,
    observe=safe_number,
    cases=draw_norms,
    otherwise=only_extremes,
    edges={
        "p = 1": lambda case: case[2] == 1,
        "p = ∞": lambda case: np.isinf(case[2]),
        "small gradients": lambda case: np.abs(case[0]).max() < 0.1,
        "large gradients": lambda case: np.abs(case[0]).max() > 100,
    },
    praise="Right for every p, also where |g|ᵖ itself is 0 or ∞ for the computer.",
    hints=(
        "Which of the numbers aᵢ decides the size of the sum? What if you measure all of them in "
        "units of that one?",
        "With A = max aᵢ: (Σ aᵢᵖ)^(1/p) = A · (Σ (aᵢ/A)ᵖ)^(1/p). Now no power is above 1. For "
        "p = ∞ the answer is A.",
        "`a = np.abs(g) * beta2 ** np.arange(len(g))[::-1]`, `top = a.max()`, and for a finite p "
        "`top * np.sum((a / top) ** p) ** (1 / p)`",
    ),
    mistakes=MISTAKES.of("faded_norm", norm_of_faded),
)

# Tasks 4 and 5: how long a spike lasts


def draw_lives(rng: np.random.Generator) -> list[tuple[float, float]]:
    exponents = spread(rng, -3.5, -1, 6)
    return [(float(rng.uniform(2, 500)), float(1 - 10**exponent)) for exponent in exponents]


def life(size: float, beta2: float) -> float:
    return np.log(size) / -np.log(beta2)


spike_life = Task(
    name="spike_life",
    points=1,
    right=life,
    observe=safe_number,
    cases=draw_lives,
    edges={
        "a long memory": lambda case: case[1] > 0.999,
        "a short memory": lambda case: case[1] < 0.97,
    },
    praise="That is how long one bad gradient shortens all steps.",
    hints=(
        "After n steps the spike has faded n times. How large is it then?",
        "It is S·β₂ⁿ. Set that equal to 1, and take logarithms.",
        "`np.log(size) / -np.log(beta2)`",
    ),
    mistakes=MISTAKES.of("spike_life", life),
)


def decay(size: float, steps: float) -> float:
    return size ** (-1 / steps)


decay_for_life = Task(
    name="decay_for_life",
    points=1,
    right=decay,
    observe=safe_number,
    cases=lambda rng: np.transpose([rng.uniform(2, 500, 6), spread(rng, 20, 3000, 6)]).tolist(),
    rtol=1e-12,
    edges={
        "hundreds of steps": lambda case: case[1] < 520,
        "thousands of steps": lambda case: case[1] > 2500,
    },
    praise="A β₂ that you have chosen by what it does.",
    hints=(
        "It is the same equation, S·β₂ⁿ = 1, solved for the other unknown.",
        "β₂ⁿ = 1/S: take the n-th root.",
        "`size ** (-1 / steps)`",
    ),
    mistakes=MISTAKES.of("decay_for_life", decay),
)

# Task 6: the longest step


def longest(beta1: float, beta2: float) -> float:
    return beta2 * (1 - beta1) / (beta2 - beta1)


def draw_betas(rng: np.random.Generator) -> list[tuple[float, float]]:
    pairs = np.transpose([spread(rng, 0.3, 0.9, 6), spread(rng, 0.3, 0.9, 6)])
    return [(float(b), float(b + (1 - b) * share)) for b, share in pairs]


longest_adamax_step = Task(
    name="longest_adamax_step",
    points=1,
    right=longest,
    observe=safe_number,
    cases=draw_betas,
    edges={
        "β₁ near 0": lambda case: case[0] < 0.4,
        "β₁ near 1": lambda case: case[0] > 0.8,
    },
    praise="For the usual β₁ and β₂ it is 1.009: the paper's bound of η is 0.9 % too small.",
    hints=(
        "The worst gradients tie for the maximum: all of them have faded to the same size. Which "
        "ones do that?",
        "With |gₜ₋ₖ| = β₂⁻ᵏ u, m̂/u is (1 − β₁) Σ β₁ᵏ β₂⁻ᵏ for a long run: a geometric series.",
        "`(1 - beta1) / (1 - beta1 / beta2)`",
    ),
    mistakes=MISTAKES.of("longest_adamax_step", longest),
)

# Task 7: bugs

ZEROS = {
    1: "both start from zero, once for a run",
    2: "the slope is taken where the walker is",
}
MEAN = "a mean of gradients, with their signs"
LARGER = "the larger of the two in each coordinate, with the absolute value"
CORRECTED = "`m` starts from zero and needs this correction"
DOWNHILL = "the step goes downhill, each coordinate on its own"
HANDED = "the newest point is handed out"

adamax_bugs = Task(
    name="adamax_bugs",
    points=1,
    right={"impatient": 5, "careful": 6, "optimist": 4, "neighbours": 3},
    praise="All four found: the power t, a correction too many, the sign, and the coordinates.",
    hints=(
        "Run each program and your own `adamax` on a ravine, from a start with a negative and a "
        "positive slope, and look at which step and in which coordinate they part.",
        "One is right in step 1 only; one is far too slow at the start; one goes wrong where a "
        "slope is negative; in one the coordinates share what each should have for itself.",
        "Look at the power in 1 − β₁ᵗ; at a correction of `u`; at |g|; and at `np.max`, which "
        "makes one number of an array.",
    ),
    **bug_hunt(
        impatient=ZEROS | {3: MEAN, 4: LARGER, 6: DOWNHILL, 7: HANDED},
        careful=ZEROS | {3: MEAN, 4: LARGER, 5: CORRECTED, 7: DOWNHILL, 8: HANDED},
        optimist=ZEROS | {3: MEAN, 5: CORRECTED, 6: DOWNHILL, 7: HANDED},
        neighbours=ZEROS | {4: MEAN, 5: CORRECTED, 6: DOWNHILL, 7: HANDED},
    ),
)

TASKS = (
    adamax,
    adamax_derivation,
    faded_norm,
    spike_life,
    decay_for_life,
    longest_adamax_step,
    adamax_bugs,
)
