"""The checks of exercise 05, AdaGrad: each task with its right answer and wrong ones."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from course_lib import optimizers
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Case, Mistake, Task, result_of
from exercise_lib.path_picture import START, path_picture
from exercise_lib.rule_runs import Run, draw_runs, edited, undisturbed_points_of, where_it_departs

# Task 1: the rule. Each wrong one is the right one's source with a few words exchanged.

SUM = "s = s + g**2"
STEP = "x = x - lr * g / (np.sqrt(s) + eps)"
SUM_LINE = "        s = s + g**2\n"
STEP_LINE = f"        {STEP}\n"
BEGIN = "s = np.zeros_like(x)"

BEGINS_AT_ZERO = "Your sum begins with a value of its own. Make `s` of zeros."
ADDED_TO_THE_POINT = (
    "ε has got into the point itself. It belongs into the denominator: mind the brackets around "
    "`np.sqrt(s) + eps`."
)

ADAGRADS = (
    ("sum lost", [(SUM, "s = g**2")],
     "Nothing is remembered: your steps all have the length η. Is the sum kept from one round of "
     "the loop to the next, and the new square added to it?"),
    ("s updated after its use", [(SUM_LINE, ""), (STEP_LINE, STEP_LINE + SUM_LINE)],
     "Your step uses the sum of the steps before, without the newest gradient. First the new `s`, "
     "then the step."),
    ("ε inside the root", [("np.sqrt(s) + eps", "np.sqrt(s + eps)")],
     "Your ε stands inside the root. Here it is added to the root: √s + ε."),
    ("ε in every sum", [(SUM, "s = s + g**2 + eps"), ("(np.sqrt(s) + eps)", "np.sqrt(s)")],
     "You add ε to the sum in every step, so it piles up. Add it once, to the root."),
    ("sum begins at ε", [(BEGIN, "s = eps + np.zeros_like(x)")],
     "Your sum begins at ε, and ε is added to the root as well. Begin at zero."),
    ("sum begins at ε, again", [(BEGIN, "s = eps**2 + np.zeros_like(x)"),
                                ("(np.sqrt(s) + eps)", "np.sqrt(s)")],
     "Your sum begins at ε². Begin it at zero, and add ε to the root."),
    ("sum begins at one", [(BEGIN, "s = np.ones_like(x)")], BEGINS_AT_ZERO),
    ("sum begins as x", [(BEGIN, "s = x")], BEGINS_AT_ZERO),
    ("sum begins with a gradient", [(BEGIN, "s = grad(x) ** 2")],
     "The first gradient is in your sum twice: `s` holds it before the loop adds it. Make `s` of "
     "zeros."),
    ("ε forgotten", [("(np.sqrt(s) + eps)", "np.sqrt(s)")],
     "Where is `eps`? Without it a coordinate that has had no gradient yet is 0/0."),
    ("ε subtracted", [("+ eps", "- eps")], "You subtract ε from the root. Add it."),
    ("ε times η", [("+ eps", "+ lr * eps")],
     "Your ε is multiplied by the learning rate. It is added to the root as it is."),
    ("ε added to the point", [("(np.sqrt(s) + eps)", "np.sqrt(s) + eps")], ADDED_TO_THE_POINT),
    ("ε taken from the point", [("lr * g / (np.sqrt(s) + eps)", "(lr * g / np.sqrt(s) + eps)")],
     ADDED_TO_THE_POINT),
    ("no root", [("np.sqrt(s) + eps", "s + eps")],
     "You divide by the sum itself. Take its root: the step shall not depend on the scale of g."),
    ("root of no squares", [(SUM, "s = s + np.abs(g)")],
     "You add up |g|. Add up the squares; the root comes later."),
    ("sum of sizes", [(SUM, "s = s + np.abs(g)"), ("np.sqrt(s)", "s")],
     "You divide by the sum of |g|. It is the root of the sum of squares."),
    ("root of gradients", [(SUM, "s = s + g")],
     "You add up gradients, and take the root of what may be negative. Add up their squares."),
    ("gradients added, then squared", [(SUM, "s = s + g"), ("np.sqrt(s)", "np.abs(s)")],
     "You add up the gradients before you square them, so they cancel. First the square, then the "
     "sum."),
    ("one sum for all", [(SUM, "s = s + np.sum(g**2)")],
     "Your coordinates share one sum. Without `np.sum` over the coordinates each keeps its own."),
    ("mean in place of sum", [(BEGIN, f"{BEGIN}\n    t = 0"), (SUM, f"{SUM}; t += 1"),
                              ("np.sqrt(s)", "np.sqrt(s / t)")],
     "You divide the sum by the number of steps. AdaGrad takes the sum: its steps get shorter."),
    ("largest so far", [(SUM, "s = np.maximum(s, g**2)")],
     "You keep the largest square. AdaGrad adds up all of them."),
    ("gradient squared in the step", [("lr * g /", "lr * g**2 /")],
     "Your step has the square of the gradient on top, too, and with it no sign. On top is g."),
    ("sign alone", [("lr * g /", "lr * np.sign(g) /")],
     "On top of your fraction is the sign of the gradient. It is the gradient itself."),
    ("multiplied", [("lr * g / (np.sqrt(s) + eps)", "lr * g * (np.sqrt(s) + eps)")],
     "You multiply by the root. Divide by it: where much has come, the steps get small."),
    ("gradient descent", [(" / (np.sqrt(s) + eps)", "")],
     "That is gradient descent: the sum `s` is not used in the step."),
    ("learning rate in the sum", [(SUM, "s = s + (lr * g) ** 2")],
     "The learning rate is in your sum, too, and cancels. Add up the squares of g alone."),
    ("learning rate forgotten", [("lr * g", "g")], "Where is the learning rate `lr`?"),
    ("learning rate fixed", [("lr * g", "0.01 * g")],
     "Your rule takes the same learning rate whatever it is given. Use the argument `lr`."),
    ("uphill", [("x - lr", "x + lr")],
     "You go uphill: the gradient points to where f grows. Look at the sign of the step."),
    ("gradient taken once", [(BEGIN, f"{BEGIN}\n    g = grad(x)"), ("        g = grad(x)\n", "")],
     "You use the gradient at the start for all steps. Call `grad` inside the loop."),
    ("never leaves the start", [(STEP_LINE, ""), ("yield x", "yield " + STEP[4:])],
     "Every step begins at the start again. Keep the new point: give it the name `x`."),
    ("one step late", [(STEP_LINE + "        yield x", "        yield x\n" + STEP_LINE.rstrip())],
     "Your first point is the start, and all others come one too late: `yield` after the step."),
    ("yields the sum", [("yield x", "yield s")], "You yield the sums. Yield the point."),
    ("two steps at once", [("        yield x", "        g = grad(x)\n" + SUM_LINE + STEP_LINE
                            + "        yield x")],
     "You take two steps for each point that you yield. Yield after every step."),
)  # fmt: skip

adagrad = Task(
    name="adagrad",
    points=3,
    right=optimizers.adagrad,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.5, 4.0), eps=(0.05, 0.5)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.adagrad, lr=1.0, eps=1e-10),
    praise="Each coordinate has a step size of its own, made of its own past.",
    hints=(
        "What must be remembered from step to step? One number for each coordinate: make it before "
        "the loop, and add to it inside.",
        "Three lines in the loop: ask for the gradient once and give it a name, add its square to "
        "`s`, divide the step by the root of `s` plus `eps`.",
        "`s = s + g**2`, and then `x = x - lr * g / (np.sqrt(s) + eps)`",
    ),
    mistakes=tuple(
        Mistake(name, edited(optimizers.adagrad, *changes), hint)
        for name, changes, hint in ADAGRADS
    ),
)

# Task 2: counting


def of_numbers(function: object, case: Case) -> np.ndarray:
    return result_of(function, *case)


def draw_counts(rng: np.random.Generator) -> list[tuple[float, int, int]]:
    """Shares of the rows, sizes of the batch, numbers of steps."""
    draws = zip(
        rng.uniform(0.01, 0.4, 24), rng.integers(2, 17, 24), rng.integers(50, 500, 24), strict=True
    )
    return [(float(share), int(batch), int(steps)) for share, batch, steps in draws]


def seen(share: float, batch: int, steps: int) -> float:
    return steps * (1 - (1 - share) ** batch)


steps_that_see_it = Task(
    name="steps_that_see_it",
    points=1,
    right=seen,
    observe=of_numbers,
    cases=draw_counts,
    rtol=1e-6,
    praise="So often the sum of a rare word gets something; its root is what the step feels.",
    hints=(
        "It is easier to ask for the opposite: what is the chance that a batch has the word in "
        "none of its reviews?",
        "One review is without the word with the chance 1 − p, and the draws do not know of each "
        "other. Multiply B of these; what is missing to 1 is the chance of one step.",
        "`return steps * (1 - (1 - share) ** batch)`",
    ),
    mistakes=(
        Mistake("batch of one", lambda p, b, t: t * p,
                "That would be right for batches of one review. Where is `batch`?"),
        Mistake("reviews counted", lambda p, b, t: t * b * p,
                "You count reviews with the word. A batch that has two of them is one step."),
        Mistake("reviews counted, at most all", lambda p, b, t: t * min(1, b * p),
                "Chances of draws do not add up: a batch may have the word twice, or not at all."),
        Mistake("steps without", lambda p, b, t: t * (1 - p) ** b,
                "Those are the steps whose batch does not contain the word. You want the others."),
        Mistake("all of the batch", lambda p, b, t: t * p**b,
                "Those are the steps in which every review of the batch has the word."),
        Mistake("not all of the batch", lambda p, b, t: t * (1 - p**b),
                "Those are the steps in which at least one review is without the word. It is the "
                "other way round: at least one with it."),
        Mistake("chance of one step", lambda p, b, t: 1 - (1 - p) ** b,
                "That is the chance for a single step. In how many of all `steps`?"),
        Mistake("exactly one", lambda p, b, t: t * b * p * (1 - p) ** (b - 1),
                "Those are the steps with exactly one such review. Two are as good."),
        Mistake("at least once in the run", lambda p, b, t: 1 - (1 - p) ** (b * t),
                "That is the chance to see the word at all in the whole run."),
        Mistake("for large batches", lambda p, b, t: t * (1 - np.exp(-p * b)),
                "That is the limit for rare words in large batches. Do it exactly: (1 − p) to the "
                "power B."),
        Mistake("rounded down", lambda p, b, t: int(seen(p, b, t)), "A mean is not rounded."),
        Mistake("rounded", lambda p, b, t: round(seen(p, b, t)), "A mean is not rounded at all."),
    ),
)  # fmt: skip

# Task 3: step sizes from recorded gradients


def of_gradients(function: object, case: Case) -> np.ndarray:
    g, lr, eps = case
    return result_of(function, g, lr, eps, shape=g.shape)


def draw_gradients(rng: np.random.Generator) -> list[tuple[np.ndarray, float, float]]:
    """Records of gradients, some of them zero, of two to four coordinates."""
    return [
        (
            rng.normal(size=(9, d)) * (rng.random((9, d)) < 0.8),
            float(rng.uniform(0.05, 2)),
            float(rng.uniform(0.05, 0.5)),
        )
        for d in (2, 3, 4, 2)
    ]


def sizes(root: Callable) -> Callable:
    """The factors η/(root(g) + ε), for a root that is wrong."""
    return lambda g, lr, eps: lr / (root(g) + eps) + np.zeros_like(g)


def before(g: np.ndarray) -> np.ndarray:
    return np.cumsum(g**2, axis=0) - g**2


def root(g: np.ndarray) -> np.ndarray:
    return np.sqrt(np.cumsum(g**2, axis=0))


recorded_step_sizes = Task(
    name="recorded_step_sizes",
    points=2,
    right=sizes(root),
    observe=of_gradients,
    cases=draw_gradients,
    praise="The whole past of each coordinate in one line; no loop, and no run needed.",
    hints=(
        "Which squares are in s at the third step? Add up along time, and not along coordinates.",
        "Squares first, then `np.cumsum` along axis 0, which is time; then the rule's denominator.",
        "`return lr / (np.sqrt(np.cumsum(g**2, axis=0)) + eps)`",
    ),
    mistakes=(
        Mistake("across coordinates", sizes(lambda g: np.sqrt(np.cumsum(g**2, axis=1))),
                "You add up along the coordinates. Rows are steps: time runs along axis 0."),
        Mistake("only the newest", sizes(np.abs),
                "Each step uses its own square alone. Where are those of the steps before?"),
        Mistake("without the newest", sizes(lambda g: np.sqrt(np.abs(before(g)))),
                "The newest gradient is missing in your sums: it is added before the step."),
        Mistake("the last sum for all", sizes(lambda g: np.sqrt(np.sum(g**2, axis=0))),
                "You take the sum of the whole run for every step. Step t knows only g₁ … gₜ."),
        Mistake("one for all coordinates",
                sizes(lambda g: np.sqrt(np.cumsum(np.sum(g**2, axis=1, keepdims=True), axis=0))),
                "Your coordinates share one sum. Each has its own."),
        Mistake("ε inside", lambda g, lr, eps: lr / np.sqrt(np.cumsum(g**2, axis=0) + eps),
                "Your ε stands inside the root. It is added to the root: √s + ε."),
        Mistake("ε outside of all", lambda g, lr, eps: lr / root(g) + eps,
                "ε is added to your fraction. Put brackets around the denominator."),
        Mistake("ε forgotten", lambda g, lr, eps: lr / root(g),
                "Where is ε? Without it, a coordinate with no gradient yet is a division by zero."),
        Mistake("no root", sizes(lambda g: np.cumsum(g**2, axis=0)),
                "The root is missing: you divide by s itself."),
        Mistake("no squares", sizes(lambda g: np.cumsum(np.abs(g), axis=0)),
                "You add up |g|. It is the root of the sum of squares."),
        Mistake("gradients added up", sizes(lambda g: np.abs(np.cumsum(g, axis=0))),
                "You square after adding up, so gradients cancel. First the square, then the sum."),
        Mistake("mean", sizes(lambda g: root(g) / np.sqrt(np.arange(1, len(g) + 1))[:, None]),
                "You take the mean of the squares. AdaGrad takes their sum."),
        Mistake("count", sizes(lambda g: np.sqrt(np.cumsum(g != 0, axis=0))),
                "That is the counting rule. AdaGrad counts how large the gradients were."),
        Mistake("number of steps", sizes(lambda g: np.sqrt(np.arange(1, len(g) + 1))[:, None]),
                "η/√t is right for gradients that are all 1. These here differ."),
        Mistake("steps", lambda g, lr, eps: lr * g / (root(g) + eps),
                "Those are the lengths of the steps. Asked is the factor in front of g."),
        Mistake("moves", lambda g, lr, eps: -lr * g / (root(g) + eps),
                "Those are the moves themselves. Asked is the factor in front of g."),
        Mistake("learning rate forgotten", lambda g, lr, eps: 1 / (root(g) + eps),
                "Where is the learning rate?"),
        Mistake("denominator", lambda g, lr, eps: root(g) + eps,
                "That is the denominator. The factor is η divided by it."),
    ),
)  # fmt: skip

# Task 4: how fast it falls


def draw_parts(rng: np.random.Generator) -> list[tuple[float]]:
    return [(float(part),) for part in 10 ** rng.uniform(-2.3, -0.4, 24)]


def falls(part: float) -> float:
    return np.ceil(1 / part**2 - 1e-9)  # 1/(1/7)² is 49.00000000000001


steps_to_fall = Task(
    name="steps_to_fall",
    points=1,
    right=falls,
    observe=of_numbers,
    cases=draw_parts,
    rtol=1e-12,
    praise="A tenth after 100 steps, a hundredth after 10 000: it falls for ever.",
    hints=(
        "The gradient is the same g in all steps. What is s at step t, and so the step?",
        "Step t has the length η/√t, step 1 the length η. From which t on is 1/√t at most `part`?",
        "`return int(np.ceil(1 / part**2 - 1e-9))`: rounding makes 1/(1/7)² a bit more than 49.",
    ),
    mistakes=(
        Mistake("not rounded", lambda part: 1 / part**2,
                "Steps are whole: round up to the first one that is short enough."),
        Mistake("rounded down", lambda part: np.floor(1 / part**2),
                "One too low: that step is still too long. Round up, and give step 1 the t = 1."),
        Mistake("rounded", lambda part: np.round(1 / part**2),
                "You round to the nearest: sometimes that step is still too long. Round up."),
        Mistake("one more", lambda part: falls(part) + 1,
                "One too high: the first step has t = 1, not t = 2."),
        Mistake("root forgotten", lambda part: np.ceil(1 / part),
                "That would be right for a step of η/t. It is η/√t."),
        Mistake("root of it", lambda part: np.ceil(1 / np.sqrt(part)),
                "The root is on the wrong side: 1/√t ≤ part. Square both."),
        Mistake("fourth power", lambda part: np.ceil(1 / part**4),
                "You square twice. s grows like t, and its root like √t."),
        Mistake("halving", lambda part: np.ceil(np.log(part) / np.log(0.5)),
                "You halve again and again. The step shrinks by another factor each time."),
        Mistake("distance", lambda part: np.argmax(np.cumsum(part / np.sqrt(
                    np.arange(1, 2000))) >= 1) + 1.0,
                "That is when the steps add up to something. Asked is one step's length."),
    ),
)  # fmt: skip

# Task 5: ε inside and outside


def of_one_number(function: object, case: Case) -> np.ndarray:
    return result_of(function, case, shape=(2,))


def outside_right(inside: Callable) -> Callable:
    return lambda eps: (eps, inside(eps))


half_a_step = Task(
    name="half_a_step",
    points=1,
    right=lambda eps: (eps, np.sqrt(eps / 3)),
    observe=of_one_number,
    cases=lambda rng: [float(eps) for eps in 10.0 ** rng.uniform(-7, -1, 8)],
    rtol=1e-6,
    praise="With the ε = 1e-10 of the course that is 1e-10 outside, and 6e-6 inside.",
    hints=(
        "Write down g divided by the denominator, with s = g², and set it to one half. Two "
        "equations, each with one unknown.",
        "Outside: g/(g + ε) = ½. Inside: g/√(g² + ε) = ½; square both sides before you solve.",
        "`return eps, np.sqrt(eps / 3)`",
    ),
    mistakes=(
        Mistake("exchanged", lambda eps: (np.sqrt(eps / 3), eps),
                "The two have changed places: first with ε outside, then inside."),
        Mistake("the same", lambda eps: (eps, eps),
                "The first is right. Inside the root ε stands beside g², and not beside g."),
        Mistake("the same, inside", lambda eps: (np.sqrt(eps / 3), np.sqrt(eps / 3)),
                "The second is right. Outside the root ε stands beside √s, which is |g|."),
        Mistake("√ε", outside_right(np.sqrt),
                "The first is right. With |g| = √ε inside, the step is η/√2, and not η/2."),
        Mistake("√ε / 2", outside_right(lambda eps: np.sqrt(eps) / 2),
                "The first is right. For the second solve 4g² = g² + ε; the g² on the right "
                "counts, too."),
        Mistake("√ε / 3", outside_right(lambda eps: np.sqrt(eps) / 3),
                "The first is right. In the second the 3 belongs under the root, too."),
        Mistake("root forgotten", outside_right(lambda eps: eps / 3),
                "The first is right. The second is g² so far; take the root."),
        Mistake("half not squared", outside_right(lambda eps: np.sqrt(3 * eps)),
                "The first is right. The second is upside down: g² = ε/3, not 3ε."),
        Mistake("half of ε", lambda eps: (eps / 2, np.sqrt(eps / 3)),
                "The second is right. In the first, g/(g + ε) = ½: try g = ε."),
        Mistake("twice ε", lambda eps: (2 * eps, np.sqrt(eps / 3)),
                "The second is right. In the first, g/(g + ε) = ½: put your g in."),
        Mistake("ε²", outside_right(lambda eps: eps**2),
                "The first is right. The second goes with the root of ε, not with its square."),
    ),
)  # fmt: skip

# Task 6: three bugs

adagrad_bugs = Task(
    name="adagrad_bugs",
    points=1,
    right={"tidy": 2, "eager": 4, "thrifty": 1},
    praise="A sum that is lost, one that is used too early, one without fractions.",
    hints=(
        "Do not read; run. Compare the first steps with your own rule: their lengths, and for the "
        "third one also the type of its array `s`.",
        "`tidy` makes steps of the length η for ever: what does it remember? `eager` leaps away at "
        "once: by what does it divide? In `thrifty` the fractions disappear: who decides what an "
        "array can hold?",
        "The sum that stays in a local name, line 2 of `tidy`; the old sum in the step, line 4 of "
        "`eager`; zeros like integers, line 1 of `thrifty`",
    ),
    **bug_hunt(
        tidy={
            1: "the sum begins at zero, and every run has its own",
            3: "it divides by the root of the sum that it was given, plus ε",
            4: "it moves against the scaled gradient",
            5: "it hands out the point after each step",
        },
        eager={
            1: "the sum begins at zero",
            2: "the gradient at the point, asked for once",
            3: "it keeps the old sum under another name, which is allowed, and makes the new one",
            5: "it hands out the point after each step",
        },
        thrifty={
            2: "the gradient at the point, asked for once",
            3: "it adds the square, and writes what it can into the array that it was given",
            4: "that is the rule's step, and a new array",
            5: "it hands out the point after each step",
        },
    ),
)

# Task 7: put one of them right


def draw_whole_starts(rng: np.random.Generator) -> Sequence[Run]:
    """Runs from starts whose numbers are whole: of integers, and once of floats."""
    runs = draw_runs(lr=(0.5, 4.0), eps=(0.05, 0.5))(rng)
    starts = [rng.integers(-5, 6, len(run.start)) for run in runs]
    starts[0] = starts[0].astype(float)
    return [replace(run, start=start) for run, start in zip(runs, starts, strict=True)]


def thrifty_or_not(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if np.allclose(seen[0], right[0]) and all(np.isfinite(s).all() for s in seen):
        return (
            "From floats your rule is right, from integers it is not. Which array is of integers?"
        )
    return where_it_departs(list(seen), list(right))


THRIFTY = 'np.add(s, g**2, out=s, casting="unsafe")'

mended_thrifty = Task(
    name="mended_thrifty",
    points=1,
    right=optimizers.adagrad,
    observe=undisturbed_points_of,
    cases=draw_whole_starts,
    otherwise=thrifty_or_not,
    picture=path_picture(optimizers.adagrad, start=START.astype(int), lr=1.0, eps=1e-10),
    praise="From integers it goes where it goes from floats.",
    hints=(
        "`np.zeros_like(x)` takes over more than the shape of `x`.",
        "An array of integers cuts off what comes after the point. Ask for floats where `s` is "
        "made.",
        "`s = np.zeros_like(x, dtype=float)`, or `s = np.zeros(len(x))`",
    ),
    mistakes=(
        Mistake("not repaired", edited(optimizers.adagrad, (SUM, THRIFTY)),
                "From a start of integers `s` is still an array of integers. See that it is made "
                "of floats."),
        Mistake("rounded", edited(optimizers.adagrad, (SUM, "s = np.round(s + g**2)")),
                "Your sum is rounded to whole numbers. It must hold fractions."),
        Mistake("rounded up", edited(optimizers.adagrad, (SUM, "s = np.ceil(s + g**2)")),
                "Your sum is rounded up to whole numbers. It must hold fractions."),
        Mistake("whole points", edited(optimizers.adagrad, (
                    STEP, "x = (x - lr * g / (np.sqrt(s) + eps)).astype(x.dtype)")),
                "Now your points are of integers: `x` must hold fractions, too."),
        *(Mistake(known.name, known.answer, known.hint) for known in adagrad.mistakes
          if known.name != "sum begins as x"),
    ),
)  # fmt: skip

TASKS = (
    adagrad,
    steps_that_see_it,
    recorded_step_sizes,
    steps_to_fall,
    half_a_step,
    adagrad_bugs,
    mended_thrifty,
)
