"""The checks of exercise 06, RMSProp: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from course_lib import optimizers
from course_lib.checks.bug_hunt import bug_hunt
from course_lib.checks.engine import Case, Mistake, Task, Trouble, learners_code, result_of
from course_lib.checks.picture import path_picture
from course_lib.checks.runs import draw_runs, edited, undisturbed_points_of, where_it_departs

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
             "the equation it is added to the root. Task 6 asks what the difference is.",
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

# Task 2: β for a half-life


beta_for_half_life = Task(
    name="beta_for_half_life",
    points=1,
    right=lambda steps: 0.5 ** (1 / steps),
    observe=lambda function, steps: result_of(function, steps),
    cases=lambda rng: [1.0, 10.0, *np.exp(rng.uniform(0.5, 6, 6)).round(2).tolist()],
    praise="After that many steps half of the weight is left, and half of all weight is younger.",
    hints=(
        "After k steps a gradient's weight has been multiplied by βᵏ. When is that ½?",
        "βʰ = ½ for h steps. Solve it for β: take the h-th root.",
        "`return 0.5 ** (1 / steps)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("mean age", lambda h: 1 - 1 / h,
             "That is the β with the mean age h, if the newest gradient counts as one step old. "
             "The half-life is shorter than the mean age."),
            ("mean age from 0", lambda h: 1 - 1 / (h + 1),
             "That is the β with the mean age h. The half-life is another number."),
            ("e-fold", lambda h: np.exp(-1 / h),
             "After h steps your weight has fallen to 1/e, about 0.37, and not to ½."),
            ("power for root", lambda h: 0.5**h,
             "You take the h-th power of ½. βʰ = ½ wants the h-th root."),
            ("logarithms", lambda h: np.log(0.5) / np.log(h) if h != 1 else -np.inf,
             "That formula turns a β into its half-life. Solve it for β."),
            ("logarithm not undone", lambda h: np.log(0.5) / h,
             "That is the logarithm of β. Undo it with `np.exp`."),
            ("first term", lambda h: 1 - np.log(2) / h,
             "Nearly right for a long memory: you cut a series after its first term. Solve βʰ = ½ "
             "exactly."),
            ("forgotten part", lambda h: 1 - 0.5 ** (1 / h),
             "That is 1 − β, the weight of the newest gradient."),
            ("doubles", lambda h: 2 ** (1 / h),
             "Your β is larger than 1: the weight would double in h steps."),
            ("of the root", lambda h: 0.25 ** (1 / h),
             "That halves √s after h steps in which nothing new comes in. Asked is the weight of a "
             "gradient in s."),
        )
    ),
)  # fmt: skip

# Task 3: the first steps


def of_step(function: object, case: Case) -> np.ndarray:
    lr, beta, t = case
    return result_of(function, float(lr), float(beta), int(t))


step_length = Task(
    name="step_length",
    points=1,
    right=lambda lr, beta, t: lr / np.sqrt(1 - beta**t),
    observe=of_step,
    cases=lambda rng: [
        (lr, beta, t)
        for t, (lr, beta) in zip(
            (1, 1, 2, 3, 7, 20), rng.uniform((0.001, 0.5), (0.5, 0.99), (6, 2)), strict=True
        )
    ],
    praise="Too long at first, and η in the end. Lesson 08 uses this formula to mend it.",
    hints=(
        "On a slope g that stays the same the step is η g/√s. What is s after t steps?",
        "The weights of t gradients add up to 1 − βᵗ, so s = (1 − βᵗ) g². Divide.",
        "`return lr / np.sqrt(1 - beta**t)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("root forgotten", lambda lr, beta, t: lr / (1 - beta**t),
             "You divide by 1 − βᵗ. The rule divides by the root of s."),
            ("only the first step", lambda lr, beta, t: lr / np.sqrt(1 - beta),
             "That is the first step. Later ones are shorter: use `t`."),
            ("η", lambda lr, beta, t: lr,
             "η is what the steps come to in the end, when s has filled up. The first are longer."),
            ("multiplied", lambda lr, beta, t: lr * np.sqrt(1 - beta**t),
             "s is too *small* at first, and you divide by its root. So are the steps too short?"),
            ("one step too early", lambda lr, beta, t: lr / np.sqrt(1 - beta ** (t + 1)),
             "One step off: in the first step t is 1, and one gradient is in s."),
            ("one step too late",
             lambda lr, beta, t: lr / np.sqrt(1 - beta ** (t - 1)) if t > 1 else np.inf,
             "One step off: s takes in the newest gradient before it is used."),
            ("weight of the oldest",
             lambda lr, beta, t: lr / np.sqrt((1 - beta) * beta ** (t - 1)),
             "That is the weight of the oldest gradient alone. Add the weights of all t."),
            ("fades only", lambda lr, beta, t: lr / np.sqrt(beta**t),
             "βᵗ is the weight that still lies on the 0 of the start. The rest is in s."),
            ("1 − β forgotten",
             lambda lr, beta, t: lr / np.sqrt((1 - beta**t) / (1 - beta)),
             "You have added up βᵏ. Each gradient has the weight (1 − β)βᵏ."),
            ("power of 1 − β", lambda lr, beta, t: lr / np.sqrt((1 - beta) ** t),
             "You raise 1 − β to the power t. Only β is raised: 1 − βᵗ."),
            ("product for power", lambda lr, beta, t: lr / np.sqrt(abs(1 - beta * t)),
             "βt is not βᵗ: in Python a power is `beta**t`."),
            ("learning rate forgotten", lambda lr, beta, t: 1 / np.sqrt(1 - beta**t),
             "That is the length in units of η. Multiply by `lr`."),
        )
    ),
)  # fmt: skip

# Task 4: the jitter


def of_two(function: object, case: Case) -> np.ndarray:
    return result_of(function, *map(float, case))


WHERE_NOT_HOW_HIGH = "Asked is f there, how high it is above the minimum."

jitter_height = Task(
    name="jitter_height",
    points=1,
    right=lambda lr, curvature: curvature * lr**2 / 8,
    observe=of_two,
    cases=lambda rng: list(rng.uniform((0.01, 0.3), (0.5, 9), (6, 2))),
    rtol=1e-3,
    praise="Ten times less η, a hundred times less f. That is why practitioners let η fall.",
    hints=(
        "It jumps from x to −x. How long is a step, when s has settled on g²?",
        "The step is η long and leads from x to −x, so |x| = η/2. Put it into ½ λ x².",
        "`return curvature * lr**2 / 8`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("distance", lambda lr, lam: lr / 2,
             f"η/2 is where it jumps, the distance from the minimum. {WHERE_NOT_HOW_HIGH}"),
            ("distance η", lambda lr, lam: lr,
             f"That is the length of a step. {WHERE_NOT_HOW_HIGH}"),
            ("x = η", lambda lr, lam: lam * lr**2 / 2,
             "A step is η long, and it leads from one side to the other: so |x| is half of it."),
            ("½ forgotten", lambda lr, lam: lam * lr**2 / 4,
             "The place is right, η/2. But the parabola is ½ λ x²."),
            ("λ forgotten", lambda lr, lam: lr**2 / 8,
             "The place does not depend on the curvature, but f does."),
            ("not squared", lambda lr, lam: lam * lr / 4,
             "f goes with the square of x: you have forgotten to square η/2."),
            ("noise floor", lambda lr, lam: lr / 4,
             "That is the floor under noise of deviation 1. Here the gradient is exact."),
            ("slope", lambda lr, lam: lam * lr / 2,
             f"That is the slope there. {WHERE_NOT_HOW_HIGH}"),
            ("it converges", lambda lr, lam: 0.0,
             "It does not come to rest at the minimum: as g gets small, so does √s."),
            ("limit", lambda lr, lam: 2 / lam,
             f"2/λ is the effective step size that it ends with. {WHERE_NOT_HOW_HIGH}"),
            ("λ squared", lambda lr, lam: lam**2 * lr**2 / 8,
             "λ enters once: f = ½ λ x². The slope λx, squared, is what s settles on."),
        )
    ),
)  # fmt: skip

# Task 5: AdaGrad, made of RMSProp


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
                "order η, β? And which of 1/t and 1 − 1/t is the weight of the newest square?"
            )
        return pair

    with learners_code():
        points = islice(scheduled(lambda x: next(rest), np.zeros(2), checked, lr), len(slopes))
        return np.array(list(points))


def draw_slopes(rng: np.random.Generator) -> list[tuple[float, np.ndarray]]:
    return [(rng.uniform(0.05, 0.5), rng.normal(size=(12, 2)) * (1, 5)) for _ in range(3)]


HALF_DONE = "The β is right: s is now the mean of all squares so far, a t-th part of AdaGrad's sum."

adagrad_schedule = Task(
    name="adagrad_schedule",
    points=2,
    right=lambda t, lr: (lr / np.sqrt(t), 1 - 1 / t),
    observe=of_schedule,
    cases=draw_slopes,
    praise="With these two schedules RMSProp walks AdaGrad's path: a memory as long as the run.",
    hints=(
        "AdaGrad divides by the root of a sum of t squares. How large a part of that sum is their "
        "mean? And with which β is s the mean of all of them, each with the same weight?",
        "The mean of t squares is made from that of t − 1: multiply by (t − 1)/t, add g²/t. And "
        "the root of the mean is √t times smaller than that of the sum.",
        "`return lr / np.sqrt(t), 1 - 1 / t`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("η stays", lambda t, lr: (lr, 1 - 1 / t),
             f"{HALF_DONE} So √s is √t times too small. What must η do?"),
            ("η/t", lambda t, lr: (lr / t, 1 - 1 / t),
             f"{HALF_DONE} Its root is √t times too small, and you divide η by t."),
            ("η√t", lambda t, lr: (lr * np.sqrt(t), 1 - 1 / t),
             f"{HALF_DONE} Its root is too small, so the step is too long already: let η fall."),
            ("nothing kept", lambda t, lr: (lr / np.sqrt(t), 0.0),
             "Your β is 0 in every step, so only the newest square is in s."),
            ("constant β", lambda t, lr: (lr / np.sqrt(t), 0.9 if t > 1 else 0.0),
             "η is right. But with a β that stays the same old squares fade. Let all weigh alike."),
            ("always 0.9", lambda t, lr: (lr / np.sqrt(t), 0.9),
             "η is right. But your β is 0.9 in every step. Let the memory grow with t."),
            ("nothing scheduled", lambda t, lr: (lr, 0.9),
             "That is RMSProp as it was. Both η and β must depend on t."),
            ("β one step late", lambda t, lr: (lr / np.sqrt(t), 1 - 1 / (t + 1)),
             "Your β and your η do not fit together: with this β s is the sum of t squares divided "
             "by t + 1."),
            ("η one step late", lambda t, lr: (lr / np.sqrt(t + 1), 1 - 1 / t),
             "Your β is right, but η falls one step too soon: in the first step AdaGrad's is η."),
            ("root in β", lambda t, lr: (lr / np.sqrt(t), 1 - 1 / np.sqrt(t)),
             "η is right. In β no root is needed: the newest of t squares has the weight 1/t."),
            ("sum", lambda t, lr: (lr, 0.5),
             "Your β is ½ in every step. The newest of t squares must have the weight 1/t."),
        )
    ),
)  # fmt: skip

# Task 6: ε inside and outside the root

half_steps = Task(
    name="half_steps",
    points=1,
    right=lambda eps: (eps, np.sqrt(eps / 3)),
    observe=lambda function, eps: result_of(function, float(eps), shape=(2,)),
    cases=lambda rng: list(10 ** rng.uniform(-6, -1, 6)),
    rtol=1e-6,
    praise=(
        "With ε = 1e-8 that is 1e-8 outside and 5.8e-5 inside: under the root the same number "
        "reaches almost six thousand times as far."
    ),
    hints=(
        "Outside: when is g/(g + ε) one half? Inside: when is g/√(g² + ε) one half?",
        "The first is solved by g = ε. Square the second: g²/(g² + ε) = ¼. Solve for g².",
        "`return eps, np.sqrt(eps / 3)`",
    ),
    mistakes=tuple(
        Mistake(*known)
        for known in (
            ("order", lambda eps: (np.sqrt(eps / 3), eps),
             "The two have changed places: outside first, then inside."),
            ("outside twice", lambda eps: (eps, eps),
             "The first is right. Inside the root ε is compared with g², and not with g."),
            ("inside twice", lambda eps: (np.sqrt(eps / 3),) * 2,
             "The second is right. Outside the root ε is compared with g itself."),
            ("root of ε", lambda eps: (eps, np.sqrt(eps)),
             "The first is right. At g = √ε the step is η/√2 with ε inside. Where is it η/2?"),
            ("root forgotten", lambda eps: (eps, eps / 3),
             "The first is right. For the second you have g², so take the root."),
            ("root of the ε alone", lambda eps: (eps, np.sqrt(eps) / 3),
             "The first is right. In the second the 3 belongs under the root: g² = ε/3."),
            ("root of ε twice", lambda eps: (np.sqrt(eps),) * 2,
             "√ε is neither of them. Outside, the denominator g + ε is twice g at g = ε."),
            ("upside down", lambda eps: (eps, np.sqrt(3 * eps)),
             "The first is right. Solve again: 4g² = g² + ε, so 3g² = ε."),
            ("½ not squared", lambda eps: (eps, np.sqrt(eps / 2)),
             "The first is right. Squaring the second makes ¼ of the ½, and leaves three g²."),
            ("half of ε", lambda eps: (eps / 2, np.sqrt(eps / 3)),
             "The second is right. At g = ε/2 the step is η/3 with ε outside."),
            ("½ kept", lambda eps: (eps, np.sqrt(eps) / 2),
             "The first is right. For the second write 2g = √(g² + ε), square both sides, and mind "
             "the g² on the right."),
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
    beta_for_half_life,
    step_length,
    jitter_height,
    adagrad_schedule,
    half_steps,
    rmsprop_bugs,
)
