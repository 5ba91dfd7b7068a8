"""The checks of exercise 14, Beyond: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from course_lib import optimizers
from course_lib.descent import descend
from course_lib.landscapes import Landscape, ravine
from course_lib.measure.property_report import Properties, properties
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    Mistake,
    NotYet,
    Task,
    Trouble,
    learners_code,
    result_of,
    something_else,
)
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import (
    FAR,
    Run,
    draw_runs,
    edited,
    undisturbed_points_of,
    where_it_departs,
)

# Tasks 1 to 3: rules. Each wrong one is the right one's source with a few words exchanged.


def known(rule: Callable, *rows: tuple) -> tuple[Mistake, ...]:
    return tuple(Mistake(name, edited(rule, *changes), hint) for name, changes, hint in rows)


def near_and_far(
    times: int = 1, **ranges: tuple[float, float]
) -> Callable[[np.random.Generator], list[Run]]:
    """``draw_runs``; every second run begins near the minimum, so that its first slopes are small.

    Far from it the first slope would be the largest, and a maximum would never change. ``times``
    as many runs are for a rule that only sees signs, where two means seldom differ.
    """

    def draw(rng: np.random.Generator) -> list[Run]:
        runs = [run for _ in range(times) for run in draw_runs(**ranges)(rng)]
        near = [replace(run, start=0.95 * run.centre + 0.05 * run.start) for run in runs]
        return [*runs[::2], *near[1::2]]

    return draw


BEGIN = "m = s = s_hat = np.zeros_like(x)"
MEAN, SQUARE = "m = beta1 * m + (1 - beta1) * g", "s = beta2 * s + (1 - beta2) * g**2"
MEAN_HAT, LARGEST = "m_hat = m / (1 - beta1**t)", "np.maximum(s_hat, s / (1 - beta2**t))"
ROOT = "(np.sqrt(s_hat) + eps)"

amsgrad = Task(
    name="amsgrad",
    points=2,
    right=optimizers.amsgrad,
    observe=undisturbed_points_of,
    cases=near_and_far(lr=(0.3, 1.5), beta1=(0.3, 0.9), beta2=(0.5, 0.95), eps=(0.05, 0.3)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.amsgrad, lr=0.5, beta1=0.8, beta2=0.9, eps=0.1),
    praise="Its step sizes never grow, whatever comes.",
    hints=(
        "It is Adam but for one line. Which number must never fall, and what keeps it from that?",
        "Keep `s_hat` from step to step, beginning at zeros; in each step it is the larger one of "
        "itself and today's corrected mean, coordinate by coordinate.",
        "`s_hat = np.maximum(s_hat, s / (1 - beta2**t))`",
    ),
    mistakes=known(
        optimizers.amsgrad,
        ("Adam", [(LARGEST, "s / (1 - beta2**t)")],
         "That is Adam itself. Where is the maximum?"),
        ("maximum corrected afterwards",
         [(f"s_hat = {LARGEST}", "s_hat = np.maximum(s_hat, s)"),
          (ROOT, "(np.sqrt(s_hat / (1 - beta2**t)) + eps)")],
         "You take the maximum of `s`, and correct it afterwards, as PyTorch does. Here the "
         "maximum is of the corrected mean; else step sizes grow while t is small."),
        ("s not corrected", [(LARGEST, "np.maximum(s_hat, s)")],
         "Your maximum is of `s`, which is too small at first. Divide it by 1 − β₂ᵗ before."),
        ("m not corrected", [(MEAN_HAT, "m_hat = m")],
         "`m` is not corrected: divide it by 1 − β₁ᵗ."),
        ("nothing corrected", [(MEAN_HAT, "m_hat = m"), (LARGEST, "np.maximum(s_hat, s)")],
         "That is the paper's form, without any correction. Here both means are corrected."),
        ("maximum of m", [(MEAN_HAT, "m_hat = m_hat_of(m / (1 - beta1**t))"),
                          (BEGIN, f"{BEGIN}; top = [0 * x]; m_hat_of = lambda v: top.append("
                                  "np.maximum(top[-1], v)) or top[-1]"),
                          (LARGEST, "s / (1 - beta2**t)")],
         "Your maximum is of the mean of gradients. It belongs to the mean of their squares."),
        ("one for all coordinates", [(LARGEST, f"np.max({LARGEST}) + 0 * x")],
         "Your coordinates share one maximum. Each has its own: `np.maximum` compares two arrays "
         "coordinate by coordinate, `np.max` looks for one number."),
        ("maximum of g²", [(LARGEST, "np.maximum(s_hat, g**2)")],
         "You keep the largest g². AMSGrad keeps the largest corrected *mean* of g²."),
        ("faded maximum", [(LARGEST, "np.maximum(beta2 * s_hat, s / (1 - beta2**t))")],
         "Your maximum fades by β₂ a step, as in AdaMax. Here it must never fall."),
        ("ε inside", [(ROOT, "np.sqrt(s_hat + eps)")],
         "Your ε stands inside the root. Add it to the root."),
        ("no root", [(ROOT, "(s_hat + eps)")], "The root is missing: divide by √ŝ + ε."),
        ("gradient for mean", [("lr * m_hat", "lr * g")],
         "Your step is along the newest gradient. It is along the corrected mean."),
        ("t begins at 2", [("count(1)", "count(2)")],
         "Your t is 2 in the first step. It must be 1."),
        ("betas exchanged", [(MEAN, "m = beta2 * m + (1 - beta2) * g"),
                             (SQUARE, "s = beta1 * s + (1 - beta1) * g**2"),
                             (MEAN_HAT, "m_hat = m / (1 - beta2**t)"),
                             ("s / (1 - beta2**t)", "s / (1 - beta1**t)")],
         "β₁ and β₂ have changed places."),
        ("uphill", [("x = x - lr", "x = x + lr")], "You go uphill: the step is subtracted."),
    ),
)  # fmt: skip

MIX, KEEP = "c = beta1 * m + (1 - beta1) * g", "m = beta2 * m + (1 - beta2) * g"
MOVE = "x = x - lr * (np.sign(c) + weight_decay * x)"
MIX_LINE, KEEP_LINE = f"        {MIX}\n", f"        {KEEP}\n"

lion = Task(
    name="lion",
    points=2,
    right=optimizers.lion,
    observe=undisturbed_points_of,
    cases=near_and_far(
        times=4, lr=(0.3, 1.2), beta1=(0.4, 0.8), beta2=(0.85, 0.98), weight_decay=(0.1, 0.5)
    ),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.lion, lr=0.2, beta1=0.8, beta2=0.9, weight_decay=0.1),
    praise="One number a parameter, and every step has the same length.",
    hints=(
        "Two means: `c` is made for this step only, `m` is kept. Both begin from the same old `m`.",
        "First `c` from the old `m` with β₁, then the new `m` with β₂; the step is along the sign "
        "of `c`, and the decay stands beside the sign.",
        "`x = x - lr * (np.sign(c) + weight_decay * x)`",
    ),
    mistakes=known(
        optimizers.lion,
        ("m before c", [(MIX_LINE, ""), (KEEP_LINE, KEEP_LINE + MIX_LINE)],
         "You update `m` first, and make `c` from the new one: the newest gradient counts twice. "
         "First `c`, then `m`."),
        ("c kept", [(KEEP, "m = c")],
         "You keep `c` as the new `m`, or make both with β₁. `m` is a mean of its own, with β₂."),
        ("betas exchanged", [(MIX, "c = beta2 * m + (1 - beta2) * g"),
                             (KEEP, "m = beta1 * m + (1 - beta1) * g")],
         "β₁ and β₂ have changed places: c has β₁, m has β₂."),
        ("sign of the gradient", [("np.sign(c)", "np.sign(g)")],
         "Your step is along the sign of the newest gradient. It is along the sign of `c`."),
        ("sign of m", [("np.sign(c)", "np.sign(m)")],
         "Your step is along the sign of the new `m`, a mean with β₂ alone. It is along `c`, which "
         "has β₁."),
        ("no sign", [("np.sign(c)", "c")], "The sign is missing: `np.sign(c)`."),
        ("a mean of signs", [(KEEP, "m = beta2 * m + (1 - beta2) * np.sign(g)")],
         "You average signs. The means are of gradients; the sign is taken of `c` alone."),
        ("one length for the step", [("np.sign(c)", "c / np.linalg.norm(c)")],
         "You divide by the length of `c`: then the step has the length η, but not each of its "
         "coordinates. Take the sign."),
        ("decay forgotten", [(" + weight_decay * x", "")],
         "Where is `weight_decay`? It pulls x towards 0, beside the sign."),
        ("decay in the gradient", [(MOVE, "x = x - lr * np.sign(c)"),
                                   ("g = grad(x)", "g = grad(x) + weight_decay * x")],
         "Your decay is added to the gradient, and goes through the sign. It stands beside it."),
        ("decay inside the sign", [("np.sign(c) + weight_decay * x",
                                    "np.sign(c + weight_decay * x)")],
         "Your decay is inside the sign, where only its sign counts. It stands beside it."),
        ("decay without η", [(MOVE, "x = x - lr * np.sign(c) - weight_decay * x")],
         "Your decay is not multiplied by η. Both terms stand in the brackets."),
        ("grows", [("+ weight_decay", "- weight_decay")],
         "Your decay pushes x away from 0. Mind its sign."),
        ("uphill", [("x = x - lr", "x = x + lr")],
         "You go uphill: the sign is subtracted, and the decay too."),
        ("uphill but for the decay", [("np.sign(c)", "-np.sign(c)")],
         "You go uphill: the sign is subtracted."),
        ("sum of gradients", [(KEEP, "m = beta2 * m + g")],
         "Your `m` is a sum: the factor 1 − β₂ before g is missing, so m counts too much in c."),
    ),
)  # fmt: skip

BETWEEN, WALK, MEAN_STEP = "y = (1 - beta) * z + beta * x", "z = z - lr * grad(y)", "(z - x) / t"

schedule_free = Task(
    name="schedule_free",
    points=1,
    right=optimizers.schedule_free,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.1, 0.8), beta=(0.2, 0.9)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.schedule_free, lr=0.5, beta=0.8),
    praise="One point walks, and its mean arrives.",
    hints=(
        "Three points: z walks, x is the mean of all z, and y lies between. Which of them do you "
        "keep from step to step, and which one is made anew?",
        "y from z and x; z moves by the gradient at y; x moves a t-th part of the way to z.",
        "`x = x + (z - x) / t` with t = 1 in the first step",
    ),
    mistakes=known(
        optimizers.schedule_free,
        ("gradient at z", [("grad(y)", "grad(z)")],
         "You feel the slope at `z`. It is felt at `y`."),
        ("gradient at x", [("grad(y)", "grad(x)")],
         "You feel the slope at `x`, the mean. It is felt at `y`."),
        ("weights exchanged", [(BETWEEN, "y = beta * z + (1 - beta) * x")],
         "β and 1 − β have changed places in `y`: β belongs to the mean x."),
        ("z begins at y", [(WALK, "z = y - lr * grad(y)")],
         "Your `z` starts its step from `y`. It goes on from where it was: from z."),
        ("the start counts", [(MEAN_STEP, "(z - x) / (t + 1)")],
         "Your mean counts the start as one of the z. In the first step t must be 1, and x = z."),
        ("z handed out", [("yield x", "yield z")],
         "You hand out `z`, the walker. The result is the mean `x`."),
        ("y handed out", [("yield x", "yield y")],
         "You hand out `y`, where the slope was felt. The result is the mean `x`."),
        ("running mean", [(MEAN_STEP, "(z - x) * (1 - beta)")],
         "Your mean forgets: it moves by 1 − β each time. All z count alike: a t-th part."),
        ("mean of the old z", [("        z = z - lr * grad(y)\n", ""),
                               ("        x = x + (z - x) / t\n",
                                "        x = x + (z - x) / t\n        z = z - lr * grad(y)\n")],
         "Your mean takes the z of the step before. First the step of z, then the mean."),
        ("z averaged, too", [("        yield x", "        z = x\n        yield x")],
         "You put z back to the mean. It walks on by itself."),
        ("uphill", [("z - lr", "z + lr")], "You go uphill: the step of z is subtracted."),
    ),
)  # fmt: skip

# Task: orthogonal by products


def of_a_matrix(function: object, case: Case) -> np.ndarray:
    """The matrix returned, or nan in all places if it has run away: by how far is rounding."""
    matrix, coefficients = case
    result = result_of(function, matrix, coefficients, shape=matrix.shape)
    return result if (np.abs(result) < FAR).all() else np.full_like(result, np.nan)


def draw_matrices(rng: np.random.Generator) -> list[tuple[np.ndarray, tuple[float, ...]]]:
    """Matrices of several shapes, also wide and small ones, with coefficients not far from 1.

    All but one are so large that they run away if they are not scaled.
    """
    shapes, sizes = ((3, 3), (4, 2), (2, 5), (3, 4), (1, 2)), ((5, 50),) * 4 + ((0.02, 0.2),)
    return [
        (
            rng.uniform(*size) * normed(rng.normal(size=shape)),
            tuple(np.array([1.9, -1.2, 0.4]) * rng.uniform(0.95, 1.05, 3)),
        )
        for shape, size in zip(shapes, sizes, strict=True)
    ]


def normed(matrix: np.ndarray) -> np.ndarray:
    return matrix / np.linalg.norm(matrix)


def schulz(
    scale: Callable = np.linalg.norm,
    step: Callable = lambda A, q, a, b, c: a * A + (b * q + c * q @ q) @ A,
    square: Callable = lambda A: A @ A.T,
    times: int = 5,
) -> Callable:
    """Newton–Schulz with one part exchanged."""

    def iterated(matrix: np.ndarray, coefficients: tuple[float, float, float]) -> np.ndarray:
        A = matrix / scale(matrix)
        for _ in range(times):
            A = step(A, square(A), *coefficients)
        return A

    return iterated


def run_away(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if all(np.isfinite(s).all() for s in seen):
        return something_else(seen, right)
    return (
        "Singular values above 1 run away, to inf. Divide the matrix by its norm, the root of the "
        "sum of all squares, once, before the loop."
    )


orthogonal = Task(
    name="orthogonal",
    points=2,
    right=schulz(),
    observe=of_a_matrix,
    cases=draw_matrices,
    rtol=1e-7,
    otherwise=run_away,
    praise="Nearly U Vᵀ, and not one singular value was computed.",
    hints=(
        "Scale once, before the loop. In the loop only products: what is A Aᵀ, and what is it "
        "multiplied by?",
        "`A / np.linalg.norm(A)`, then five times a A + b (A Aᵀ) A + c (A Aᵀ)(A Aᵀ) A; `@` is the "
        "product of matrices, `*` goes entry by entry.",
        "`A = a * A + (b * A @ A.T + c * A @ A.T @ A @ A.T) @ A`",
    ),
    mistakes=(
        Mistake("largest entry", schulz(scale=lambda m: np.abs(m).max()),
                "You divide by the largest entry. Singular values can be larger than that."),
        Mistake("spectral norm", schulz(scale=lambda m: np.linalg.norm(m, 2)),
                "You divide by the largest singular value, which takes an SVD. Divide by the root "
                "of the sum of all squares: `np.linalg.norm(A)`."),
        Mistake("sum of squares", schulz(scale=lambda m: np.sum(m**2)),
                "You divide by the sum of squares. The norm is its root."),
        Mistake("scaled in the loop", schulz(step=lambda A, q, a, b, c: (
                    lambda B, p: a * B + (b * p + c * p @ p) @ B)(
                        A / np.linalg.norm(A), q / np.linalg.norm(A) ** 2)),
                "You scale in each round. Then |A| is always 1, and no σ can get to 1 beside the "
                "others. Scale once, before the loop."),
        Mistake("entry by entry", schulz(step=lambda A, q, a, b, c: a * A + b * A**3 + c * A**5),
                "`A**3` takes each entry to the third power. The powers here are products of "
                "matrices: `@`."),
        Mistake("b forgotten", schulz(step=lambda A, q, a, b, c: a * A + c * q @ q @ A),
                "The term with b is missing: b (A Aᵀ) A."),
        Mistake("c forgotten", schulz(step=lambda A, q, a, b, c: a * A + b * q @ A),
                "The term with c is missing: c (A Aᵀ)² A."),
        Mistake("seventh power", schulz(step=lambda A, q, a, b, c: a * A + (b * q + c * q @ q @ q)
                                        @ A),
                "Your last term has the seventh power of σ. (A Aᵀ)² A is the fifth."),
        Mistake("not times A", schulz(step=lambda A, q, a, b, c: (
                    a * A + b * q @ A + c * q @ A)),
                "Your last term is c (A Aᵀ) A. A Aᵀ comes twice in it."),
        Mistake("once", schulz(times=1),
                "That is one iteration. Repeat it: five of them."),
        Mistake("four times", schulz(times=4), "You stop after four iterations. Five of them."),
        Mistake("six times", schulz(times=6), "You make six iterations. Five of them."),
        Mistake("a and b exchanged",
                schulz(step=lambda A, q, a, b, c: b * A + (a * q + c * q @ q) @ A),
                "a and b have changed places: a belongs to A, b to (A Aᵀ) A."),
        Mistake("SVD", lambda m, k: (lambda u, s, v: u @ v)(*np.linalg.svd(m, full_matrices=False)),
                "That is U Vᵀ itself, by an SVD. Asked is the iteration, with its coefficients."),
    ),
)  # fmt: skip

# Task: rules by their reports

ANONYMOUS = {"A": "lion", "B": "schedule_free", "C": "amsgrad", "D": "adagrad", "E": "momentum"}
CANDIDATES = (
    "gradient_descent", "momentum", "adagrad", "rmsprop", "adam", "amsgrad", "adamw", "lion",
    "schedule_free",
)  # fmt: skip
CONTRADICTS = {
    "A": "its report says that a slope's end does not stop it, and that it keeps one number",
    "B": "its steps have no bound, it turns with the axes, and it rolls on by 18.6 steps",
    "C": "it keeps three numbers for each parameter",
    "D": "it stops at once, comes to rest, and no step is longer than η",
    "E": "its steps have no bound, it turns with the axes, and it rolls on by nine steps",
}


@cache
def mystery(letter: str) -> Properties:
    """The property report of one of five rules, without its name."""
    if letter not in ANONYMOUS:
        raise ValueError(f"letter must be one of {', '.join(ANONYMOUS)}, got {letter!r}")
    report = properties(getattr(optimizers, ANONYMOUS[letter]))
    return Properties(f"rule {letter}", {}, report.answers)


def places(answer: object, case: Case) -> np.ndarray:
    """The rules named, as places among the candidates."""
    if not isinstance(answer, Mapping) or set(answer) != set(ANONYMOUS):
        raise Trouble(f"Answer with a name for each of {', '.join(ANONYMOUS)}.", "no such answer")
    if any(answer[letter] is None for letter in ANONYMOUS):
        raise NotYet("Give a name for each letter, then run this cell again.")
    for letter, name in answer.items():
        if name not in CANDIDATES:
            raise Trouble(
                f"`{name}` is none of the names to choose from (letter {letter}).", "no such answer"
            )
    return np.array([CANDIDATES.index(answer[letter]) for letter in ANONYMOUS], dtype=float)


def contradiction(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    wrong = (
        (letter, CANDIDATES[int(given)])
        for letter, given, due in zip(ANONYMOUS, seen[0], right[0], strict=True)
        if given != due
    )
    letter, name = next(wrong)
    return f"{letter} is not {name}: {CONTRADICTS[letter]}. Look at `properties({name})`."


named_rules = Task(
    name="named_rules",
    points=1,
    right=ANONYMOUS,
    observe=places,
    mistakes=(),
    otherwise=contradiction,
    praise="You read a rule's character without having seen its code.",
    hints=(
        "Begin with the line that fewest rules share: memory, or the longest step.",
        "Three numbers a parameter: only one. A step of exactly η: Lion, or one that stops at "
        "once. Rules whose steps have no bound are sums of gradients.",
        '`{"A": "lion", "B": "schedule_free", "C": "amsgrad", "D": "adagrad", "E": "momentum"}`',
    ),
)

# Task: a rule of one's own. Checked by what it reaches, not by how.

TARGET, WITHIN = 1e-6, 120


def draw_grounds(rng: np.random.Generator) -> list[tuple[Landscape, tuple[float, float]]]:
    """Ravines with κ = 100 across the axes at some angle, each with a start on a circle."""
    angles, where = rng.uniform(0.2, 1.3, 4), rng.uniform(0, 2 * np.pi, 4)
    return [
        (ravine(100.0, angle=float(a)), (5 * np.cos(w), 5 * np.sin(w)))
        for a, w in zip(angles, where, strict=True)
    ]


def reached(rule: object, case: Case) -> np.ndarray:
    """(reached or not, step of divergence, share of f that is left)."""
    landscape, start = case
    if not callable(rule):
        raise Trouble("Give the check the rule itself, without calling it.", "no function")
    with learners_code():
        path = descend(_plain(rule), landscape, start, WITHIN)
    if path.settled(TARGET * path.values[0]) is not None:
        return np.array([1.0, 0, 0])
    with np.errstate(over="ignore"):
        return np.array([0, path.diverged, path.values[-1] / path.values[0]])


def _plain(rule: Callable) -> Callable:
    """The rule, told apart from one that is not written yet."""

    def tried(grad: Callable, x: np.ndarray) -> Iterator[np.ndarray]:
        walk = rule(grad, x)
        if walk is None:
            raise NotYet("Your rule hands out nothing so far. `yield x` after each step.")
        yield from walk

    return tried


def how_far(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    failed = [s for s in seen if not s[0]]
    diverged = [int(s[1]) for s in failed if s[1]]
    if diverged:
        return (
            f"From one of the starts it diverges, at step {diverged[0]}. The curvatures of the "
            "ground are 0.02 and 2: how large may the learning rate be for your rule?"
        )
    left = max(s[2] for s in failed)
    where = "one start" if len(failed) == 1 else f"{len(failed)} of {len(seen)} starts"
    return (
        f"From {where} it does not arrive: {left:.1g} of f is left, in place of a millionth. The "
        "ground is turned and κ = 100. What goes on in the flat direction, and what in the steep?"
    )


own_rule = Task(
    name="own_rule",
    points=1,
    right=edited(optimizers.momentum, ("lr: float = 0.01, beta: float = 0.9",
                                       "lr: float = 1.6, beta: float = 0.7")),
    observe=reached,
    cases=draw_grounds,
    mistakes=(),
    otherwise=how_far,
    praise="From every start, at every angle. Now ask `properties(my_rule)` what it is.",
    hints=(
        "Gradient descent needs 200 to 350 steps here, at its best η. What did lessons 03 and 04 "
        "do about ravines? What does a step size for each coordinate do when the ravine is turned?",
        "Something that turns with the axes and remembers: momentum, a look-ahead, a mean of "
        "points; its numbers from the curvatures 0.02 and 2, which you know.",
        "`v = 0.7 * v - 1.5 * grad(x)` and `x = x + v`; or Nesterov with η = 0.5 and β = 0.8",
    ),
)  # fmt: skip

# Task: bugs

beyond_bugs = Task(
    name="beyond_bugs",
    points=1,
    right={"hasty": 4, "forgetful": 6, "homesick": 4},
    praise="All three go down, and so nobody would have looked.",
    hints=(
        "Hold each one beside the rule of the lesson. What is made from what, and in which order?",
        "`hasty`: which m is in c? `forgetful`: what does the maximum compare with? `homesick`: "
        "from where does z take its step?",
        "Line 4 of `hasty`: c from the new m. Line 6 of `forgetful`: the maximum with the last "
        "step's mean only. Line 4 of `homesick`: z starts from y.",
    ),
    **bug_hunt(
        hasty={
            1: "m begins at zeros",
            2: "the gradient at the point, asked for once",
            3: "that is the mean that is kept, with β₂; but is it made at the right time for c?",
            5: "each coordinate moves by η against its sign",
            6: "it hands out the point after each step",
        },
        forgetful={
            1: "the means begin at zeros, t at 0",
            2: "t is 1 in the first step",
            3: "the gradient at the point, asked for once",
            4: "those are the two running means, each with its own β",
            5: "it keeps the corrected mean of the step before under another name, which is "
            "allowed, and makes the new one",
            7: "the corrected mean over the root plus ε",
            8: "it hands out the point after each step",
        },
        homesick={
            1: "z begins at the start, t at 0",
            2: "t is 1 in the first step",
            3: "y lies between z and x, β of it at x",
            5: "x moves a t-th part of the way to z",
            6: "it hands out the mean",
        },
    ),
)  # fmt: skip

TASKS = (amsgrad, lion, orthogonal, schedule_free, named_rules, own_rule, beyond_bugs)
