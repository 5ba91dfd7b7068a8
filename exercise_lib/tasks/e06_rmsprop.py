"""The checks of exercise 06, RMSProp: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, Task, Trouble, learners_code, result_of
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import draw_runs, edited, undisturbed_points_of, where_it_departs

# Task 1: the rule

MEAN = "s = beta * s + (1 - beta) * g**2"
STEP = "x = x - lr * g / (np.sqrt(s) + eps)"
EACH_ITS_OWN = "Each coordinate has its own `s`: square `g` entry by entry, with no sum over them."
BEGINS_AT_ZERO = "Your `s` begins with a value of its own. Here it begins at 0: make it of zeros."


def slip(name: str, hint: str, *changes: tuple[str, str]) -> Mistake:
    """RMSProp with these changes to its code, and the hint for who wrote it so."""
    return Mistake(name, edited(optimizers.rmsprop, *changes), hint)


rmsprop = Task(
    name="rmsprop",
    points=3,
    right=optimizers.rmsprop,
    observe=undisturbed_points_of,
    # η/ε < 2/λ, so that the runs come to rest: no jitter in which rounding could matter
    cases=draw_runs(lr=(0.05, 0.15), beta=(0.55, 0.85), eps=(0.2, 0.5)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.rmsprop, lr=0.2, beta=0.9, eps=1e-8),
    praise="Your rule remembers as long as β says, each coordinate for itself.",
    hints=(
        "Two lines of the loop are the two equations. What must be made before the loop, and with "
        "which value?",
        "`s` begins as zeros. In each round: take the gradient, mix its square into `s` with the "
        "weights β and 1 − β, divide by root and ε together, step.",
        "`s = beta * s + (1 - beta) * g**2`, then `x = x - lr * g / (np.sqrt(s) + eps)`",
    ),
    mistakes=(
        slip("AdaGrad", "That is AdaGrad: its sum forgets nothing. Let the old `s` fade by `beta`, "
             "and give the new square the weight 1 − β.", (MEAN, "s = s + g**2")),
        slip("1 − β forgotten", "The weights of your mean add up to 1/(1 − β) and not to 1: the "
             "new square enters without its weight 1 − β.", (MEAN, "s = beta * s + g**2")),
        slip("weights exchanged", "The weights have changed places: β belongs to the old `s`, "
             "1 − β to the new square.", (MEAN, "s = (1 - beta) * s + beta * g**2")),
        slip("1 − β on the wrong term", "The factor 1 − β stands with the old `s`. It is the "
             "weight of the new square.", (MEAN, "s = (1 - beta) * s + g**2")),
        slip("β on both", "You multiply the new square by `beta`, too. Mind the brackets, and the "
             "other weight.", (MEAN, "s = beta * (s + g**2)")),
        slip("1 − β on both", "You multiply the old `s` by 1 − β, too. Its weight is β.",
             (MEAN, "s = (1 - beta) * (s + g**2)")),
        slip("β forgotten", "Nothing of the old `s` fades: where is its weight `beta`?",
             (MEAN, "s = s + (1 - beta) * g**2")),
        slip("nothing kept", "Nothing of the old `s` is in the new one. Is `s` made once, before "
             "the loop, and is `beta * s` in the sum?", (MEAN, "s = (1 - beta) * g**2")),
        slip("signs", "You divide each slope by its own size, so all steps are about η: that is β "
             "= 0. Mix the new square into a mean.", (MEAN, "s = g**2")),
        slip("|g| for g²", "Your mean is one of |g|. Take squares: the root comes later.",
             (MEAN, "s = beta * s + (1 - beta) * np.abs(g)")),
        slip("all squared", "You square the whole mean. Only the gradient is squared.",
             (MEAN, "s = (beta * s + (1 - beta) * g) ** 2")),
        slip("sum over the coordinates", EACH_ITS_OWN,
             (MEAN, "s = beta * s + (1 - beta) * np.sum(g**2)")),
        slip("mean over the coordinates", EACH_ITS_OWN,
             (MEAN, "s = beta * s + (1 - beta) * np.mean(g**2)")),
        slip("root forgotten", "You divide by the mean of squares itself. Take its root.",
             (STEP, "x = x - lr * g / (s + eps)")),
        slip("multiplied", "You multiply by the root. Steep coordinates get the *smaller* step "
             "size: divide.", (STEP, "x = x - lr * g * (np.sqrt(s) + eps)")),
        slip("ε inside the root", "Your ε is inside the root. Some libraries have it there; in "
             "the equation it is added to the root (lesson 05 has the difference).",
             (STEP, "x = x - lr * g / np.sqrt(s + eps)")),
        slip("ε added to the step", "Your ε is added to the step and not to the root: `/ a + b` "
             "divides by a alone. Put brackets around the denominator.",
             (STEP, "x = x - lr * g / np.sqrt(s) + eps")),
        slip("ε taken from the point", "Your ε is subtracted together with the step. It belongs "
             "to the root: put brackets around the denominator.",
             (STEP, "x = x - (lr * g / np.sqrt(s) + eps)")),
        slip("ε forgotten", "The ε is missing in the denominator.", (" + eps", "")),
        slip("ε fixed", "Your rule takes the same ε whatever it is given. Use the argument `eps`.",
             (" + eps", " + 1e-8")),
        slip("uphill", "You go uphill: the gradient points to where f grows. Look at the sign of "
             "the step.", (STEP, "x = x + lr * g / (np.sqrt(s) + eps)")),
        slip("learning rate forgotten", "Where is the learning rate `lr`?", (" lr *", "")),
        slip("learning rate fixed", "Your rule takes the same learning rate whatever it is given. "
             "Use the argument `lr`.", (" lr *", " 0.001 *")),
        slip("β fixed", "Your rule takes the same β whatever it is given. Use the argument `beta`.",
             (MEAN, "s = 0.9 * s + (1 - 0.9) * g**2")),
        slip("size of g", "You have lost the sign of the gradient: only in `s` is it squared.",
             (STEP, "x = x - lr * np.abs(g) / (np.sqrt(s) + eps)")),
        slip("square in the step", "You step along the square of the gradient. The square is for "
             "`s` alone.", (STEP, "x = x - lr * g**2 / (np.sqrt(s) + eps)")),
        slip("begins at one", BEGINS_AT_ZERO, ("zeros_like", "ones_like")),
        slip("begins with the first square", BEGINS_AT_ZERO, ("np.zeros_like(x)", "grad(x) ** 2")),
        slip("begins with x", BEGINS_AT_ZERO, ("np.zeros_like(x)", "x")),
        slip("steps before s is new", "You step with the `s` of the step before; in the first step "
             "that is 0. First the new `s`, then the step.",
             (MEAN, STEP.replace("x = ", "new = ")), (STEP, MEAN), ("yield x", "x = new; yield x")),
        slip("gradient taken once", "You use the gradient at the start for all steps. Call `grad` "
             "inside the loop.", ("g = grad(x)", "pass"), ("np.zeros_like(x)",
                                                           "np.zeros_like(x); g = grad(x)")),
        slip("correction of Adam", "You divide `s` by 1 − βᵗ. That is a repair that Adam makes, in "
             "lesson 08; RMSProp leaves its first steps too long.", ("while True:",
             "for t in count(1):"), ("np.sqrt(s)", "np.sqrt(s / (1 - beta**t))")),
        slip("never leaves the start", "Every step begins at the start again. Keep the new point: "
             "give it the name `x`.", (STEP, STEP.replace("x = ", "new = ")), ("yield x",
                                                                               "yield new")),
        slip("yields the step", "You yield steps. Yield the point that each step leads to.",
             (STEP, f"step = {STEP[8:]}; x = x - step"), ("yield x", "yield step")),
    ),
)  # fmt: skip

# Task 2: β for a memory


def of_all(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def draw_memories(rng: np.random.Generator) -> list[tuple[int, float]]:
    """Numbers of steps, and the parts of all weight that they shall hold."""
    draws = zip(rng.integers(2, 60, 8), rng.uniform(0.6, 0.97, 8), strict=True)
    return [(int(n), float(part)) for n, part in draws]


beta_for_memory = Task(
    name="beta_for_memory",
    points=1,
    right=lambda n, part: (1 - part) ** (1 / n),
    observe=of_all,
    cases=draw_memories,
    praise="What is older than that has only the rest: βⁿ of all weight.",
    hints=(
        "How much weight do the newest n gradients hold together, and how much all the older ones?",
        "The newest n hold 1 − βⁿ. Set that equal to `part` and solve for β: take the n-th root.",
        "`return (1 - part) ** (1 / n)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("the older ones", lambda n, p: p ** (1 / n),
             "With your β the *older* gradients hold that part, and the newest n hold the rest."),
            ("half-life", lambda n, p: 0.5 ** (1 / n),
             "That is the β with the half-life n, right for one half alone. Where is `part`?"),
            ("mean age", lambda n, p: 1 - 1 / n,
             "That is the β with the mean age n, if the newest gradient counts as one step old."),
            ("mean age from 0", lambda n, p: 1 - 1 / (n + 1),
             "That is the β with the mean age n. Asked is the weight of the newest n."),
            ("power for root", lambda n, p: (1 - p) ** n,
             "You take the n-th power. βⁿ = 1 − part wants the n-th root."),
            ("logarithm not undone", lambda n, p: np.log(1 - p) / n,
             "That is the logarithm of β. Undo it with `np.exp`."),
            ("first term", lambda n, p: 1 + np.log(1 - p) / n,
             "Nearly right for a long memory: you cut a series after its first term. Solve it "
             "exactly."),
            ("newest weight", lambda n, p: 1 - (1 - p) ** (1 / n),
             "That is 1 − β, the weight of the newest gradient."),
            ("grows", lambda n, p: (1 - p) ** (-1 / n),
             "Your β is larger than 1: old gradients would gain weight."),
            ("divided by n", lambda n, p: (1 - p) / n,
             "You divide by n. βⁿ is a power, so take the n-th root."),
            ("all alike", lambda n, p: 1 - p / n,
             "You give each of the n gradients the same weight, part/n. But they fade: (1 − β)βᵏ."),
            ("one too many", lambda n, p: (1 - p) ** (1 / (n + 1)),
             "One off: the newest gradient has k = 0, so the newest n end with k = n − 1."),
            ("one too few", lambda n, p: (1 - p) ** (1 / (n - 1)),
             "One off: k = 0, 1, … up to n − 1 are n gradients, and they hold 1 − βⁿ."),
        )
    ),
)  # fmt: skip

# Task 3: a jump of the slope


def jumped(old: Callable, new: Callable) -> Callable:
    """The length of step k where s = (old + new) g², both functions of β, c and k."""
    return lambda lr, beta, c, k: lr * c / np.sqrt(old(beta, c, k) + new(beta, c, k))


def draw_jumps(rng: np.random.Generator) -> list[tuple[float, float, float, int]]:
    """Learning rates, βs, factors of the slope below and above 1, numbers of the step."""
    scales = np.append(rng.uniform(0.02, 0.5, 4), rng.uniform(2, 30, 4))
    settings = rng.uniform((0.001, 0.5), (0.5, 0.97), (8, 2))
    return [
        (float(lr), float(beta), float(c), k)
        for (lr, beta), c, k in zip(settings, scales, (1, 2, 5, 15) * 2, strict=True)
    ]


def fading(beta: float, c: float, k: int) -> float:
    return beta**k


def filled(beta: float, c: float, k: int) -> float:
    return (1 - beta**k) * c**2


step_after_jump = Task(
    name="step_after_jump",
    points=1,
    right=jumped(fading, filled),
    observe=of_all,
    cases=draw_jumps,
    praise="Too long after a jump up, too short after one down, and η again in the end.",
    hints=(
        "The step is η times the new slope over √s. Of all the weight in s, how much is older than "
        "the jump after k steps?",
        "βᵏ of the weight still lies on g², and 1 − βᵏ on (c g)². Add both up; g cancels.",
        "`return lr * c / np.sqrt(beta**k + (1 - beta**k) * c**2)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("from zero", lambda lr, beta, c, k: lr / np.sqrt(1 - beta**k),
             "That is a start from s = 0. Here s is g² when the slope jumps."),
            ("η", lambda lr, beta, c, k: lr,
             "η is what the steps come to in the end, when s has followed the slope."),
            ("s stays", lambda lr, beta, c, k: lr * c,
             "So long it would be if s were still g². But s has taken in k squares since."),
            ("old slope on top", lambda lr, beta, c, k: jumped(fading, filled)(lr / c, beta, c, k),
             "Your s is right. But the slope on top of the fraction is now c g."),
            ("root forgotten", lambda lr, beta, c, k: lr * c / (beta**k + filled(beta, c, k)),
             "You divide by s. The rule divides by its root."),
            ("c not squared", jumped(fading, lambda beta, c, k: (1 - beta**k) * c),
             "s is a mean of squares: with the slope c times as large, g² grows by c²."),
            ("weights exchanged", jumped(lambda beta, c, k: 1 - beta**k,
                                         lambda beta, c, k: beta**k * c**2),
             "The weights have changed places: what fades like βᵏ is the old g²."),
            ("only the first step", lambda lr, beta, c, k: jumped(fading, filled)(lr, beta, c, 1),
             "That is the first step after the jump. Use `k`."),
            ("one new square", jumped(fading, lambda beta, c, k: (1 - beta) * c**2),
             "You count one new square with its weight 1 − β. After k steps there are k of them."),
            ("old alone", jumped(fading, lambda beta, c, k: 0),
             "Only what is left of the old g² is in your s. Where are the new squares?"),
            ("old does not fade", jumped(lambda beta, c, k: 1, filled),
             "The old g² is in your s with all its weight. It fades by β in each step."),
            ("power of 1 − β", jumped(fading, lambda beta, c, k: (1 - beta) ** k * c**2),
             "You raise 1 − β to the power k. The weights of k new squares add up to 1 − βᵏ."),
            ("product for power", jumped(lambda beta, c, k: beta * k,
                                         lambda beta, c, k: abs(1 - beta * k) * c**2),
             "βk is not βᵏ: in Python a power is `beta**k`."),
            ("one step too far",
             lambda lr, beta, c, k: jumped(fading, filled)(lr, beta, c, k + 1),
             "One step off: in step 1 only one square of the new slope is in s."),
            ("one step short",
             lambda lr, beta, c, k: jumped(fading, filled)(lr, beta, c, k - 1),
             "One step off: s takes in the newest square before it is used."),
            ("learning rate forgotten",
             lambda lr, beta, c, k: jumped(fading, filled)(1, beta, c, k),
             "That is the length in units of η. Multiply by `lr`."),
        )
    ),
)  # fmt: skip

# Task 4: the η for a height

lr_for_height = Task(
    name="lr_for_height",
    points=1,
    right=lambda f, lam: np.sqrt(8 * f / lam),
    observe=of_all,
    cases=lambda rng: rng.uniform((1e-4, 0.5), (0.05, 9), (6, 2)).tolist(),
    rtol=1e-3,
    praise="Ten times less η, a hundred times less f. That is why practitioners let η fall.",
    hints=(
        "At which x is ½ λ x² the height? And how long is a step, when s has settled on g²?",
        "Then every step is η long, and leads from x to −x: η = 2|x|, with x from ½ λ x² = f.",
        "`return np.sqrt(8 * height / curvature)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("distance", lambda f, lam: np.sqrt(2 * f / lam),
             "That is |x|, where it jumps. A step leads from x to −x: how long is that?"),
            ("half of the distance", lambda f, lam: np.sqrt(f / lam / 2),
             "You halve |x|. A step from x to −x is twice as long as |x|."),
            ("root forgotten", lambda f, lam: 8 * f / lam,
             "That is η². Take the root: f goes with the square of x."),
            ("λ forgotten", lambda f, lam: np.sqrt(8 * f),
             "Where is the curvature? On a steeper parabola the same x is higher up."),
            ("λ multiplied", lambda f, lam: np.sqrt(8 * f * lam),
             "You multiply by λ. On a steeper parabola the same height is *nearer*."),
            ("½ forgotten", lambda f, lam: 2 * np.sqrt(f / lam),
             "You have solved λ x² = f. The parabola is ½ λ x²."),
            ("½ and 2 forgotten", lambda f, lam: np.sqrt(f / lam),
             "Two things: the parabola is ½ λ x², and a step from x to −x is 2|x| long."),
            ("not solved", lambda f, lam: lam * f**2 / 8,
             "λη²/8 is the height for a given η. Here the height is given: solve for η."),
            ("noise floor", lambda f, lam: 4 * f,
             "That is for the floor under noise of deviation 1. Here the gradient is exact."),
            ("upside down", lambda f, lam: np.sqrt(lam / (8 * f)),
             "Your fraction stands on its head: a smaller height needs a smaller η."),
            ("limit", lambda f, lam: 2 / lam,
             "2/λ is the effective step size it ends with, η/√s. Asked is η."),
            ("no step", lambda f, lam: 0.0,
             "With η = 0 it stays at its start. Which η ends exactly at the height?"),
        )
    ),
)  # fmt: skip

# Task 5: an AdaGrad with growing weights, made of RMSProp


def scheduled(grad: Callable, x: np.ndarray, schedule: Callable, lr: float) -> Iterator[np.ndarray]:
    """RMSProp with η and β of its own in each step, as the exercise has it."""
    s, t = np.zeros_like(x), 0
    while True:
        g, t = grad(x), t + 1
        lr_t, beta_t = schedule(t, lr)
        s = beta_t * s + (1 - beta_t) * g**2
        x = x - lr_t * g / np.sqrt(s)
        yield x


def of_schedule(function: object, case: Case) -> np.ndarray:
    """(steps, 2), the points of RMSProp with a learner's schedule, on given gradients."""
    lr, slopes = case
    rest = iter(slopes)

    def checked(t: int, lr: float) -> np.ndarray:
        pair = result_of(function, t, lr, shape=(2,))
        if not 0 <= pair[1] < 1:
            raise Trouble(
                f"In step {t} your β is {pair[1]:.3g}. It must be at least 0 and below 1. Is the "
                "order η, β? And is β the weight of the old `s`, not that of the newest square?",
                "β out of range",
            )
        return pair

    with learners_code():
        points = islice(scheduled(lambda x: next(rest), np.zeros(2), checked, lr), len(slopes))
        return np.array(list(points))


def draw_slopes(rng: np.random.Generator) -> list[tuple[float, np.ndarray]]:
    return [(rng.uniform(0.05, 0.5), rng.normal(size=(12, 2)) * (1, 5)) for _ in range(3)]


def weights_up_to(t: int) -> float:
    return t * (t + 1) / 2


def falling(t: int, lr: float) -> float:
    return lr / np.sqrt(weights_up_to(t))


HALF_DONE = "The β is right: s is now the mean of all squares with the weights 1, 2, …, t."

growing_weights = Task(
    name="growing_weights",
    points=2,
    right=lambda t, lr: (falling(t, lr), 1 - 2 / (t + 1)),
    observe=of_schedule,
    cases=draw_slopes,
    praise="Nothing fades, and yet the newest 30 % hold half of all weight.",
    hints=(
        "Which part of all weights 1 + 2 + … + t does the newest square have? And how large a part "
        "of the sum is the mean?",
        "1 + 2 + … + t = t(t + 1)/2, so the newest square has the weight 2/(t + 1), and the rest "
        "is β. The mean is the sum divided by t(t + 1)/2; η must make up for the root of that.",
        "`return lr / np.sqrt(t * (t + 1) / 2), 1 - 2 / (t + 1)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("AdaGrad", lambda t, lr: (lr / np.sqrt(t), 1 - 1 / t),
             "That is AdaGrad of the lesson, with all squares alike. The newest shall weigh t."),
            ("η stays", lambda t, lr: (lr, 1 - 2 / (t + 1)),
             f"{HALF_DONE} But the rule divides by the root of their *sum*. What must η do?"),
            ("η of AdaGrad", lambda t, lr: (lr / np.sqrt(t), 1 - 2 / (t + 1)),
             f"{HALF_DONE} These weights add up to t(t + 1)/2 and not to t. What must η do?"),
            ("no root in η", lambda t, lr: (lr / weights_up_to(t), 1 - 2 / (t + 1)),
             f"{HALF_DONE} You divide η by the sum of the weights; it is under a root."),
            ("η grows", lambda t, lr: (lr * np.sqrt(weights_up_to(t)), 1 - 2 / (t + 1)),
             f"{HALF_DONE} Its root is too small, so the step is too long already: let η fall."),
            ("½ forgotten in η", lambda t, lr: (lr / np.sqrt(t * (t + 1)), 1 - 2 / (t + 1)),
             f"{HALF_DONE} But 1 + 2 + … + t is *half* of t(t + 1)."),
            ("β of AdaGrad", lambda t, lr: (falling(t, lr), 1 - 1 / t),
             "η is right. But with your β all squares weigh alike: the newest has 1/t."),
            ("½ forgotten in β", lambda t, lr: (falling(t, lr), 1 - 1 / (t + 1)),
             "η is right. But t is not a part 1/(t + 1) of all weights: 1 + … + t = t(t + 1)/2."),
            ("½ forgotten twice", lambda t, lr: (lr / np.sqrt(t * (t + 1)), 1 - 1 / (t + 1)),
             "You have forgotten a ½ in both: 1 + 2 + … + t is t(t + 1)/2."),
            ("β one step late", lambda t, lr: (falling(t, lr), 1 - 2 / (t + 2)),
             "η is right. Your β gives the weights 2, 3, …, t + 1: one step off."),
            ("constant β", lambda t, lr: (falling(t, lr), 0.9),
             "η is right. But with a β that stays the same old squares fade. Let β grow with t."),
            ("nothing kept", lambda t, lr: (falling(t, lr), 0.0),
             "Your β is 0 in every step, so only the newest square is in s."),
            ("nothing scheduled", lambda t, lr: (lr, 0.9),
             "That is RMSProp as it was. Both η and β must depend on t."),
        )
    ),
)  # fmt: skip

# Task 6: a blow


def draw_blows(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """βs, sizes of the blow, parts of η: so many that a mistake of one step shows."""
    c = np.append(rng.uniform(3, 5, 30), rng.uniform(5, 300, 10))
    return list(zip(rng.uniform(0.5, 0.95, 40), c, rng.uniform(0.85, 0.97, 40), strict=True))


def recovery(beta: float, c: float, part: float) -> float:
    """The k, not rounded, with βᵏ (1 − β)(c² − 1) = 1/part² − 1."""
    return steps_to(1 / part**2 - 1, (1 - beta) * (c**2 - 1), beta)


def steps_to(now: float, at_first: float, beta: float) -> float:
    """The time in which something falls from one value to another, by β a step."""
    return np.log(now / at_first) / np.log(beta)


def rounded_up(time: Callable) -> Callable:
    return lambda *case: np.ceil(time(*case))


steps_to_recover = Task(
    name="steps_to_recover",
    points=1,
    right=rounded_up(recovery),
    observe=of_all,
    cases=draw_blows,
    praise="With β = 0.9 a blow of 300 times the slope is over after 101 steps, for AdaGrad never.",
    hints=(
        "What does the blow do to s? Of that, how much is left after k more steps of g?",
        "k steps later s = g² (1 + βᵏ (1 − β)(c² − 1)), and the step is η g/√s. Set it to part·η, "
        "solve for βᵏ, take logarithms, round up.",
        "`return np.ceil(np.log((1 / part**2 - 1) / ((1 - beta) * (c**2 - 1))) / np.log(beta))`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("not rounded", recovery,
             "Steps are whole: round up to the first one that is long enough."),
            ("rounded down", lambda *case: np.floor(recovery(*case)),
             "One too low: that step is still too short. Round up, and count the first step after "
             "the blow as 1."),
            ("rounded", lambda *case: np.round(recovery(*case)),
             "You round to the nearest: sometimes that step is still too short. Round up."),
            ("blow counted", lambda *case: np.ceil(recovery(*case)) + 1,
             "One too high: the blow itself is not counted, the step after it is step 1."),
            ("c not squared",
             rounded_up(lambda b, c, p: steps_to(1 / p**2 - 1, (1 - b) * (c - 1), b)),
             "s holds squares: what the blow puts into it is (c g)²."),
            ("1 − β forgotten", rounded_up(lambda b, c, p: steps_to(1 / p**2 - 1, c**2 - 1, b)),
             "The square of the blow enters s with the weight 1 − β."),
            ("old square forgotten",
             rounded_up(lambda b, c, p: steps_to(1 / p**2 - 1, (1 - b) * c**2, b)),
             "Nearly: the blow puts (1 − β)(c² − 1) g² *on top of* g². Your s has one part twice."),
            ("root forgotten",
             rounded_up(lambda b, c, p: steps_to(1 / p - 1, (1 - b) * (c**2 - 1), b)),
             "The step is divided by the root of s: for a part p of η, s is g²/p²."),
            ("down to zero",
             rounded_up(lambda b, c, p: steps_to(1 / p**2, (1 - b) * (c**2 - 1), b)),
             "In your s the blow is alone. It fades towards g², the slope of now, and not to 0."),
            ("half-life", rounded_up(lambda b, c, p: steps_to(0.5, 1, b)),
             "That is the half-life. A large blow has to be halved many times."),
            ("size forgotten", rounded_up(lambda b, c, p: steps_to(1 - p, 1, b)),
             "That is when the newest steps hold this part of all weight. The size of the blow "
             "counts, too."),
            ("logarithms exchanged", rounded_up(lambda b, c, p: 1 / recovery(b, c, p)),
             "Your fraction of logarithms stands on its head: βᵏ = q gives k = ln q / ln β."),
            ("sign", rounded_up(lambda b, c, p: -recovery(b, c, p)),
             "Your number of steps is negative. Both logarithms are below 0: divide them as they "
             "are."),
        )
    ),
)  # fmt: skip

# Task 7: bugs

rmsprop_bugs = Task(
    name="rmsprop_bugs",
    points=1,
    right={"first": 4, "second": 1, "third": 5},
    praise="Weights exchanged, a memory that outlives its run, and an ε where it rules all steps.",
    hints=(
        "For each line, say to which symbol of the two equations it belongs. And run what looks "
        "right a second time.",
        "One program mixes old and new in the wrong parts; one finds something in its memory when "
        "a new run begins; one has its ε in another place than the equation.",
        "`first`: look at the weights of old and new. `second`: its memory is made once, "
        "for all runs. `third`: what is under the root?",
    ),
    **bug_hunt(
        first={
            1: "the mean begins at 0",
            2: "a rule goes on for ever",
            3: "it asks for the slope where it stands",
            5: "that is the equation of the step, with ε outside the root",
            6: "it hands out the point after each step",
        },
        second={
            2: "a rule goes on for ever",
            3: "it asks for the slope where it stands",
            4: "that is the equation of the mean; only where its `s` is kept is another matter",
            5: "that is the equation of the step, with ε outside the root",
            6: "it hands out the point after each step",
        },
        third={
            1: "the mean begins at 0",
            2: "a rule goes on for ever",
            3: "it asks for the slope where it stands",
            4: "that is the equation of the mean, with the right weights",
            6: "it hands out the point after each step",
        },
    ),
)

TASKS = (
    rmsprop,
    beta_for_memory,
    step_after_jump,
    lr_for_height,
    growing_weights,
    steps_to_recover,
    rmsprop_bugs,
)
