"""The checks of exercise 09, AdaMax: each task with its right answer and wrong ones."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, Task, Trouble, result_of
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    SHORT,
    Run,
    draw_runs,
    edited,
    undisturbed_points_of,
    where_it_departs,
)

# Task 1: write the rule

U = "u = np.maximum(beta2 * u, np.abs(g) + TINY)"
M = "m = beta1 * m + (1 - beta1) * g"
M_HAT = "m_hat = m / (1 - beta1**t)"
STEP = "x = x - lr * m_hat / u"
wrong_adamax = partial(edited, optimizers.adamax)


def draw_adamax(rng: np.random.Generator) -> list[Run]:
    """Short runs; a long one in which u hardly fades, so that the path stays at rest; a flat one.

    The flat one has a coordinate without any gradient.
    """
    settings = {"lr": (0.05, 0.3), "beta1": (0.5, 0.8)}
    *short, _ = draw_runs(**settings, beta2=(0.6, 0.95))(rng)
    *_, long = draw_runs(**settings, beta2=(0.9995, 0.9999))(rng)
    flat = Run(np.diag([1.5, 0.0]), np.zeros(2), rng.uniform(1, 3, 2), short[0].settings, SHORT)
    return [*short, long, flat]


def nothing_by_nothing(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    *bowls, flat = (np.isfinite(points).all() for points in seen)
    return NO_TINY if all(bowls) and not flat else where_it_departs(list(seen), list(right))


NO_TINY = (
    "One of the check's functions has a coordinate along which it is flat: there your `u` is 0, "
    "and 0/0 is nan. Add `tiny` to |g|."
)


def adamax_points(rule: object, run: Run) -> np.ndarray:
    """The points of a rule; where Python cannot take a maximum of arrays, with a word about it."""
    try:
        return undisturbed_points_of(rule, run)
    except Trouble as trouble:
        if not any(word in str(trouble) for word in ("ambiguous", "inhomogeneous")):
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
    otherwise=nothing_by_nothing,
    picture=path_picture(optimizers.adamax, lr=0.4, beta1=0.9, beta2=0.999),
    rtol=1e-6,
    praise="Your rule divides by the largest recent gradient of each coordinate.",
    hints=(
        "The lines for g and m, and the correction of m, are Adam's. What stands where s stood?",
        "`np.maximum(a, b)` takes the larger one in each coordinate. Of the old `u` a part β₂ is "
        "left; the new gradient counts with its absolute value.",
        "`u = np.maximum(beta2 * u, np.abs(g) + tiny)` and `x = x - lr * m / (1 - beta1**t) / u`",
    ),
    mistakes=(
        Mistake("Adam",
            lambda grad, x, lr, beta1, beta2: optimizers.adam(grad, x, lr, beta1, beta2),
            "That is Adam, with a mean square in the divisor. AdaMax has a maximum there."),
        Mistake("power t missing", wrong_adamax((M_HAT, "m_hat = m / (1 - beta1)")),
            "Your first step is right and the others are too long: in 1 − β₁ᵗ the power t is "
            "missing, or `t` stays 1."),
        Mistake("no correction", wrong_adamax((M_HAT, "m_hat = m")),
            "Your first steps are too short: `m` starts from zero. Divide it by 1 − β₁ᵗ."),
        Mistake("corrected with β₂", wrong_adamax((M_HAT, "m_hat = m / (1 - beta2**t)")),
            "You correct `m` with β₂. It is the mean that β₁ makes."),
        Mistake("u corrected", wrong_adamax((STEP, "x = x - lr * m_hat / (u / (1 - beta2**t))")),
            "You correct the bias of `u`, but it has none: it equals |g| after the first step. "
            "Leave it as it is."),
        Mistake("no absolute value", wrong_adamax((U, "u = np.maximum(beta2 * u, g + TINY)")),
            "A negative gradient never enters your `u`. Take its absolute value."),
        Mistake("one u for all coordinates",
            wrong_adamax((U, "u = np.max(np.maximum(beta2 * u, np.abs(g) + TINY))")),
            "Your `u` is the largest gradient of all coordinates. Each has its own: `np.maximum` "
            "compares two arrays entry by entry, `np.max` makes one number of an array."),
        Mistake("length of the gradient",
            wrong_adamax((U, "u = np.maximum(beta2 * u, np.linalg.norm(g))")),
            "You put the length of the whole gradient into `u`. Each coordinate has its own |g|."),
        Mistake("u never fades", wrong_adamax((U, "u = np.maximum(u, np.abs(g) + TINY)")),
            "Your `u` never forgets: of the old one only the part β₂ is left."),
        Mistake("β₂ at the gradient",
            wrong_adamax((U, "u = np.maximum(u, beta2 * np.abs(g) + TINY)")),
            "β₂ stands at the wrong place: it is the old `u` that fades, not the new gradient."),
        Mistake("β₂ at both", wrong_adamax((U, "u = beta2 * np.maximum(u, np.abs(g) + TINY)")),
            "You let the new gradient fade, too. Only the old `u` is multiplied by β₂."),
        Mistake("weights of a mean",
            wrong_adamax((U, "u = np.maximum(beta2 * u, (1 - beta2) * np.abs(g) + TINY)")),
            "The weight 1 − β₂ belongs to a mean. In a maximum the new gradient counts in full."),
        Mistake("mean of |g|", wrong_adamax((U, "u = beta2 * u + (1 - beta2) * np.abs(g) + TINY")),
            "Your `u` is a running mean of |g|. Take the larger one of β₂u and |g|."),
        Mistake("sum", wrong_adamax((U, "u = beta2 * u + np.abs(g) + TINY")),
            "You add β₂u and |g|. Take the larger one of the two."),
        Mistake("squares", wrong_adamax((U, "u = np.maximum(beta2 * u, g**2 + TINY)")),
            "You keep the largest square, but there is no root afterwards. Keep |g| itself."),
        Mistake("root", wrong_adamax((STEP, "x = x - lr * m_hat / np.sqrt(u)")),
            "The root is left over from Adam: `u` is a size already, not a square."),
        Mistake("largest mean", wrong_adamax((U, "u = np.maximum(beta2 * u, np.abs(m) + TINY)")),
            "You compare with |m|. The maximum is over the gradients themselves."),
        Mistake("gradient in place of the mean", wrong_adamax((STEP, "x = x - lr * g / u")),
            "You go along `g`. AdaMax goes along the mean of the gradients, m̂."),
        Mistake("sum of gradients", wrong_adamax((M, "m = beta1 * m + g")),
            "`m` is a mean: the new gradient enters it with the weight 1 − β₁."),
        Mistake("state made in the loop",
            wrong_adamax(("g = grad(x)", "g = grad(x); m = u = np.zeros_like(x)")),
            "`m` and `u` are made anew in each round, so nothing is remembered. Make them once, "
            "before the loop."),
        Mistake("β₁ and β₂ exchanged",
            lambda grad, x, lr, beta1, beta2: optimizers.adamax(grad, x, lr, beta2, beta1),
            "β₁ and β₂ have changed places: β₁ belongs to `m`, β₂ to `u`."),
        Mistake("uphill", wrong_adamax((STEP, "x = x + lr * m_hat / u")),
            "You go uphill. Look at the sign of the step."),
        Mistake("learning rate forgotten", wrong_adamax((STEP, "x = x - m_hat / u")),
            "Where is the learning rate `lr`?"),
        Mistake("divides by zero at once", wrong_adamax(("count(1)", "count(0)")),
            "Your first step divides by zero. Does `t` begin at 1? And is `u` the larger of the "
            "two, renewed before it divides?"),
    ),
)  # fmt: skip

# Task 2: the missing lines of the derivation


def unrolled(g: np.ndarray, beta2: float, p: float) -> float:
    ages = np.arange(len(g))[::-1]
    return (1 - beta2**p) * np.sum(beta2 ** (p * ages) * np.abs(g) ** p)


def bias(g: np.ndarray, beta2: float, p: float) -> float:
    return (1 - beta2 ** (p * len(g))) ** (1 / p)


def in_the_limit(g: np.ndarray, beta2: float, before: float) -> float:
    return max(beta2 * before, abs(g[-1]))


def derived(
    line_2: Callable = unrolled, line_4: Callable = bias, line_6: Callable = in_the_limit
) -> Callable:
    """The three lines, some of them wrong: of (g, β₂, p), (g, β₂, p) and (g, β₂, u before)."""
    return lambda g, beta2, p, before: np.array([
        line_2(g, beta2, p), line_4(g, beta2, p), line_6(g, beta2, before)
    ])  # fmt: skip


def draw_gradients(rng: np.random.Generator) -> list[tuple]:
    """Gradients, the oldest first; β₂, p, and u before the last of them, larger or smaller."""
    cases = []
    for i in range(6):
        g = rng.choice([-1, 1], 5) * rng.uniform(0.5, 1.5, 5)
        g[-1] = -abs(g[-1])
        before = rng.uniform(2, 3) if i % 2 else rng.uniform(0.1, 0.4)
        cases.append((g, rng.uniform(0.7, 0.9), (3.0, 7.0)[i % 2], before))
    return cases


def three_lines(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case, shape=(3,))


def first_wrong_line(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    wrong = ~np.isclose(seen, right, rtol=1e-9)
    number = (2, 4, 6)[int(np.argmax(wrong.any(axis=0)))]
    return (
        f"Line {number} is the first one that does not equal its neighbours. Try it on two "
        "gradients, where you can write the sum out by hand."
    )


def wrong_line(line: int, name: str, function: Callable, hint: str) -> Mistake:
    answer = derived(**{f"line_{line}": function})
    return Mistake(f"line {line}: {name}", answer, f"Line {line}: {hint}")


adamax_derivation = Task(
    name="adamax_derivation",
    points=2,
    right=derived(),
    observe=three_lines,
    cases=draw_gradients,
    otherwise=first_wrong_line,
    praise="All three lines hold, on random gradients: from the mean of powers to the maximum.",
    hints=(
        "Take two gradients, t = 2, and write s₂ out: which factor has g₁, which g₂?",
        "In line 2 gᵢ has faded for t − i steps. In line 4 the sum 1 + q + … + qᵗ⁻¹ with q = β₂ᵖ "
        "is (1 − qᵗ)/(1 − q). In line 6 all the old gradients have faded by one more β₂.",
        "`ages = np.arange(t)[::-1]`; line 2 `(1 - beta2**p) * np.sum(beta2**(p * ages) * "
        "np.abs(g)**p)`, line 4 `(1 - beta2**(p * t))**(1 / p)`, line 6 "
        "`max(beta2 * u_before, abs(g[-1]))`",
    ),
    mistakes=(
        wrong_line(2, "order of the ages", lambda g, *bp: unrolled(g[::-1], *bp),
            "you let the newest gradient fade most. The oldest one, `g[0]`, has faded for t − 1 "
            "steps, the newest not at all."),
        wrong_line(2, "one step too old", lambda g, b, p: unrolled(g, b, p) * b**p,
            "every gradient has faded one step too much. The newest one has the factor β₂⁰ = 1."),
        wrong_line(2, "factor forgotten", lambda g, b, p: unrolled(g, b, p) / (1 - b**p),
            "the factor 1 − β₂ᵖ, with which each gradient enters, is missing."),
        wrong_line(2, "1 − β₂", lambda g, b, p: unrolled(g, b, p) / (1 - b**p) * (1 - b),
            "the weight of a new gradient is 1 − β₂ᵖ here, not 1 − β₂."),
        wrong_line(
            2, "fades by β₂", lambda g, b, p: (1 - b**p) * unrolled(abs(g) ** p, b, 1) / (1 - b),
            "the powers fade by β₂ᵖ a step; yours fade by β₂."),
        wrong_line(2, "no absolute value",
            lambda g, b, p: (1 - b**p) * np.sum((b ** np.arange(len(g))[::-1] * g) ** p),
            "an odd power of a negative gradient is negative. Take |g|."),
        wrong_line(2, "p forgotten", lambda g, b, p: (1 - b**p) / (1 - b) * unrolled(g, b, 1),
            "the power p of the gradients is missing."),
        wrong_line(2, "root taken", lambda g, b, p: unrolled(g, b, p) ** (1 / p),
            "you have taken the p-th root already. Line 2 is sₜ itself."),
        wrong_line(4, "root forgotten", lambda g, b, p: bias(g, b, p) ** p,
            "that is the factor of sₜ. The factor of the size is its p-th root."),
        wrong_line(4, "power of β₂ without p", lambda g, b, p: bias(g, b, 1) ** (1 / p),
            "β₂ᵖ fades for t steps: the power is p·t."),
        wrong_line(4, "power of β₂ without t", lambda g, b, p: bias(g[:1], b, p),
            "that holds for the first step only. Where is t?"),
        wrong_line(4, "Adam's", lambda g, b, p: bias(g, b, 1),
            "1 − β₂ᵗ is the factor for p = 1. Put β₂ᵖ for β₂, and take the root."),
        wrong_line(4, "turned over", lambda g, b, p: 1 / bias(g, b, p),
            "you give what one multiplies with. Asked is the factor by which the size is too "
            "small, a number below 1."),
        wrong_line(4, "power 1 − p", lambda g, b, p: bias(g, b, p) ** (p * p),
            "the p-th root is the power 1/p, not p."),
        wrong_line(6, "no absolute value", lambda g, b, u: max(b * u, g[-1]),
            "a negative gradient is never the larger one. Take |gₜ|."),
        wrong_line(6, "no fading", lambda g, b, u: max(u, abs(g[-1])),
            "the old maximum has faded by one more β₂."),
        wrong_line(6, "all fades", lambda g, b, u: b * max(u, abs(g[-1])),
            "the newest gradient has not faded yet."),
        wrong_line(6, "mean", lambda g, b, u: b * u + (1 - b) * abs(g[-1]),
            "that is a mean. The limit of the p-norm is the largest one."),
        wrong_line(6, "first gradient", lambda g, b, u: max(b * u, abs(g[0])),
            "`g[0]` is the oldest gradient. The new one is `g[-1]`."),
    ),
)  # fmt: skip

# Task 3: the norm, for every p


def p_norm(a: np.ndarray, p: float) -> float:
    """(Σ |aᵢ|ᵖ)^(1/p) with the largest taken out, so that nothing overflows; p may be infinite."""
    top = np.abs(a).max()
    return float(top if np.isinf(p) else top * np.sum((np.abs(a) / top) ** p) ** (1 / p))


def faded(g: np.ndarray, beta2: float) -> np.ndarray:
    return g * beta2 ** np.arange(len(g))[::-1]


def norm(change: Callable = lambda n, top, p: n) -> Callable:
    """A function of (g, β₂, p): the norm n, changed; top is the largest faded gradient."""

    def changed(g: np.ndarray, beta2: float, p: float) -> float:
        a = faded(g, beta2)
        return change(p_norm(a, p), np.abs(a).max(), p)

    return changed


def without_scaling(g: np.ndarray, beta2: float, p: float) -> float:
    with np.errstate(all="ignore"):
        return np.sum(np.abs(faded(g, beta2)) ** p) ** (1 / p)


def draw_norms(rng: np.random.Generator) -> list[tuple]:
    """Gradients of all sizes, with small, large and infinite p."""
    sizes = [(1, 3.0), (1, 5.0), (1, 1.0), (1e-3, 300.0), (1e3, 300.0), (1, np.inf), (1, np.inf)]
    cases = []
    for i, (scale, p) in enumerate(sizes):
        g = rng.choice([-1, 1], 6) * rng.uniform(0.3, 1, 6)
        g = np.append(g, -1.2) if i % 2 else np.append(-9.0, g)  # the largest, new or old
        cases.append((scale * g, rng.uniform(0.75, 0.9), p))
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
    right=norm(),
    observe=safe_number,
    cases=draw_norms,
    otherwise=only_extremes,
    praise="Right for every p, also where |g|ᵖ itself is 0 or ∞ for the computer.",
    hints=(
        "Which of the numbers aᵢ decides the size of the sum? What if you measure all of them in "
        "units of that one?",
        "With A = max aᵢ: (Σ aᵢᵖ)^(1/p) = A · (Σ (aᵢ/A)ᵖ)^(1/p). Now no power is above 1. For "
        "p = ∞ the answer is A.",
        "`a = np.abs(g) * beta2 ** np.arange(len(g))[::-1]`, `top = a.max()`, and for a finite p "
        "`top * np.sum((a / top) ** p) ** (1 / p)`",
    ),
    mistakes=(
        Mistake("overflow, underflow",
            lambda g, b, p: np.abs(faded(g, b)).max() if p == np.inf else without_scaling(g, b, p),
            "Right as a formula, but for p = 300 the powers of 0.001 are 0 and those of 1000 are ∞ "
            "for the computer. Take the largest number out of the sum first."),
        Mistake("overflow, and p = ∞", without_scaling,
            "Right for small p. For a large one the powers are 0 or ∞ for the computer: take the "
            "largest number out of the sum first; and for p = ∞ return the maximum."),
        Mistake("not put back", norm(lambda n, top, p: n / top),
            "You have divided by the largest number and not multiplied by it again."),
        Mistake("put back before the root", norm(lambda n, top, p: n * top ** (1 / p - 1)),
            "The largest number comes out of the root as it is: multiply by it after the root."),
        Mistake("root forgotten", norm(lambda n, top, p: top * (n / top) ** min(p, 1e6)),
            "The p-th root of the sum is missing."),
        Mistake("order of the ages", lambda g, b, p: p_norm(faded(g[::-1], b), p),
            "You let the newest gradient fade most. It is the last one, `g[-1]`."),
        Mistake("one step too old", lambda g, b, p: b * p_norm(faded(g, b), p),
            "All gradients have faded one step too much: the newest has the factor 1."),
        Mistake(
            "no fading", lambda g, b, p: p_norm(g, p), "Your gradients do not fade. Where is β₂?"),
        Mistake("β₂ outside the power", lambda g, b, p: p_norm(faded(g, b ** (1 / p)), p),
            "You take the power of g only; β₂ᵗ⁻ⁱ|gᵢ| as a whole has the power p."),
        Mistake("mean", lambda g, b, p: p_norm(faded(g, b), p) * len(g) ** (-1 / p),
            "You take a mean of the powers. A norm is made of their sum."),
        Mistake("weighted", lambda g, b, p: p_norm(faded(g, b), p) * (1 - b**p) ** (1 / p),
            "The factor 1 − β₂ᵖ belongs to sₜ. Asked is the norm alone."),
        Mistake("always the maximum", norm(lambda n, top, p: top),
            "That is the limit, whatever p is. For a finite p all gradients count."),
        Mistake("sign of the largest",
            lambda g, b, p: faded(g, b).max() if p == np.inf else p_norm(faded(g, b), p),
            "For p = ∞ you forget that gradients may be negative. Take |g|."),
    ),
)  # fmt: skip

# Tasks 4 and 5: how long a spike lasts


def draw_lives(rng: np.random.Generator) -> list[tuple[float, float]]:
    return [(float(rng.uniform(2, 500)), float(1 - 10 ** rng.uniform(-3.5, -1))) for _ in range(6)]


def life(size: float, beta2: float) -> float:
    return np.log(size) / -np.log(beta2)


spike_life = Task(
    name="spike_life",
    points=1,
    right=life,
    observe=safe_number,
    cases=draw_lives,
    praise="That is how long one bad gradient shortens all steps.",
    hints=(
        "After n steps the spike has faded n times. How large is it then?",
        "It is S·β₂ⁿ. Set that equal to 1, and take logarithms.",
        "`np.log(size) / -np.log(beta2)`",
    ),
    mistakes=(
        Mistake("sign", lambda s, b: -life(s, b), "The logarithm of β₂ is negative; a number of "
                "steps is not. Look at the sign."),
        Mistake("half-life", lambda s, b: life(2, b), "That is the half-life, for every spike. How "
                "long does one of size S need, to fall to 1?"),
        Mistake("half-life of S", lambda s, b: s * life(2, b), "A spike twice as large does not "
                "last twice as long: it needs one more half-life."),
        Mistake("mean age", lambda s, b: 1 / (1 - b), "1/(1 − β₂) is a mean age. Ask when S·β₂ⁿ "
                "falls to 1."),
        Mistake("S times mean age", lambda s, b: s / (1 - b), "The spike shrinks by a factor in "
                "each step, not by an amount: take logarithms."),
        Mistake("approximated", lambda s, b: np.log(s) / (1 - b), "You put 1 − β₂ for −ln β₂. That "
                "is close for β₂ near 1, but not the same."),
        Mistake("logarithm to base 10", lambda s, b: np.log10(s) / -np.log(b), "Your logarithms "
                "have different bases."),
        Mistake("turned over", lambda s, b: 1 / life(s, b), "Your fraction is upside down."),
        Mistake("half", lambda s, b: life(s, b) / 2, "That is half of it. Did you square β₂? "
                "In AdaMax the size itself fades by β₂."),
        Mistake("Adam's", lambda s, b: 2 * life(s, b), "That is how long it lasts in Adam, where "
                "sizes fade by √β₂. In AdaMax they fade by β₂."),
        Mistake("difference of logarithms", lambda s, b: np.log(s) - np.log(b), "ln S + n ln β₂ = "
                "0: divide one logarithm by the other, do not subtract."),
        Mistake("rounded up", lambda s, b: np.ceil(life(s, b)), "You round up. Return the number "
                "as it is, with its decimals."),
    ),
)  # fmt: skip

decay_for_life = Task(
    name="decay_for_life",
    points=1,
    right=lambda size, steps: size ** (-1 / steps),
    observe=safe_number,
    cases=lambda rng: list(rng.uniform((2, 20), (500, 3000), (6, 2)).tolist()),
    rtol=1e-12,
    praise="A β₂ that you have chosen by what it does.",
    hints=(
        "It is the same equation, S·β₂ⁿ = 1, solved for the other unknown.",
        "β₂ⁿ = 1/S: take the n-th root.",
        "`size ** (-1 / steps)`",
    ),
    mistakes=(
        Mistake("larger than 1", lambda s, n: s ** (1 / n), "Your β₂ is larger than 1: with it a "
                "spike would grow. Look at the sign of the exponent."),
        Mistake("power for root", lambda s, n: s**-n, "The n-th root is the power 1/n."),
        Mistake("mean age", lambda s, n: 1 - 1 / n, "With 1 − 1/n a spike of e lasts about n "
                "steps. How large is yours?"),
        Mistake("approximated", lambda s, n: 1 - np.log(s) / n, "That is close for many steps, but "
                "not exact: ln β₂ is not β₂ − 1."),
        Mistake("half-life", lambda s, n: 0.5 ** (1 / n), "With that the spike has halved after n "
                "steps. It shall be down to 1."),
        Mistake("logarithm", lambda s, n: -np.log(s) / n, "That is ln β₂. Undo the logarithm."),
        Mistake("1/(Sn)", lambda s, n: 1 / (s * n), "S·β₂ⁿ has a power, not a product, of n."),
        Mistake("1 − 1/S", lambda s, n: 1 - 1 / s, "Your β₂ does not depend on the steps."),
        Mistake("Adam's", lambda s, n: s ** (-2 / n), "That is Adam's β₂, the decay of squares. In "
                "AdaMax the size itself fades by β₂."),
    ),
)  # fmt: skip

# Task 6: the longest step


def longest(beta1: float, beta2: float) -> float:
    return beta2 * (1 - beta1) / (beta2 - beta1)


def draw_betas(rng: np.random.Generator) -> list[tuple[float, float]]:
    pairs = rng.uniform((0.3, 0.3), (0.9, 0.9), (6, 2))
    return [(float(b), float(b + (1 - b) * share)) for b, share in pairs]


longest_adamax_step = Task(
    name="longest_adamax_step",
    points=1,
    right=longest,
    observe=safe_number,
    cases=draw_betas,
    praise="For the usual β₁ and β₂ it is 1.009: the paper's bound of η is 0.9 % too small.",
    hints=(
        "The worst gradients tie for the maximum: all of them have faded to the same size. Which "
        "ones do that?",
        "With |gₜ₋ₖ| = β₂⁻ᵏ u, m̂/u is (1 − β₁) Σ β₁ᵏ β₂⁻ᵏ for a long run: a geometric series.",
        "`(1 - beta1) / (1 - beta1 / beta2)`",
    ),
    mistakes=(
        Mistake("the paper's", lambda b1, b2: 1.0, "That is the paper's bound, and it is a little "
                "too small: gradients that shrink by β₂ a step make longer steps."),
        Mistake("(1 − β₁) forgotten", lambda b1, b2: b2 / (b2 - b1), "The series is right; the "
                "weight 1 − β₁ of the mean is missing."),
        Mistake("β₂ forgotten", lambda b1, b2: (1 - b1) / (b2 - b1), "Nearly: 1 − β₁/β₂ is "
                "(β₂ − β₁)/β₂. A β₂ is missing."),
        Mistake("quotient turned over", lambda b1, b2: (1 - b1) / (1 - b2 / b1), "The ratio of "
                "the series is β₁/β₂, which is below 1. Yours is upside down."),
        Mistake("product", lambda b1, b2: (1 - b1) / (1 - b1 * b2), "The old gradients are larger "
                "than u, by β₂⁻ᵏ: the ratio of the series is β₁/β₂, not β₁β₂."),
        Mistake("Adam's", lambda b1, b2: (1 - b1) / np.sqrt((1 - b2) * (1 - b1**2 / b2)), "That is "
                "Adam's bound."),
        Mistake("the paper's for Adam", lambda b1, b2: (1 - b1) / np.sqrt(1 - b2), "That is what "
                "the paper has for Adam, with a root of 1 − β₂."),
        Mistake("(1 − β₁)/(1 − β₂)", lambda b1, b2: (1 - b1) / (1 - b2), "1 − β₂ belongs to a "
                "mean. There is none in AdaMax's divisor."),
        Mistake("turned over", lambda b1, b2: 1 / longest(b1, b2), "Your fraction is upside down: "
                "the bound is a little above 1."),
        Mistake("1/β₂", lambda b1, b2: 1 / b2, "That is one gradient only. Sum up over all of "
                "them, with the weights of the mean."),
    ),
)  # fmt: skip

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
)  # fmt: skip

TASKS = (
    adamax,
    adamax_derivation,
    faded_norm,
    spike_life,
    decay_for_life,
    longest_adamax_step,
    adamax_bugs,
)
