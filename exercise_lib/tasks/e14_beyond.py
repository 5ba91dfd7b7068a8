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
    NotYet,
    Task,
    Trouble,
    learners_code,
    result_of,
    something_else,
)
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_mistakes import with_fixed
from exercise_lib.rule_runs import (
    FAR,
    Run,
    draw_runs,
    rule_edges,
    undisturbed_points_of,
    where_it_departs,
)

MISTAKES = MistakesFile(__file__, globals())

# Tasks 1 to 3: rules


def near_and_far(
    times: int = 1, **ranges: tuple[float, float]
) -> Callable[[np.random.Generator], list[Run]]:
    """``draw_runs``; every second run begins near the minimum, so that its first slopes are small.

    Far from it the first slope would be the largest, and a maximum would never change. ``times``
    as many runs are for a rule that only sees signs, where two means seldom differ.
    """

    def draw(rng: np.random.Generator) -> list[Run]:
        runs = [run for _ in range(times) for run in draw_runs(slow=False, **ranges)(rng)]
        near = [
            replace(run, start=0.95 * run.centre + 0.05 * run.start)
            if run.hessian.any(axis=0).all()  # not the edge that has large gradients
            else run
            for run in runs
        ]
        return [*runs[::2], *near[1::2]]

    return draw


amsgrad = Task(
    name="amsgrad",
    points=2,
    right=optimizers.amsgrad,
    observe=undisturbed_points_of,
    cases=near_and_far(lr=(0.3, 1.5), beta1=(0.3, 0.9), beta2=(0.5, 0.95), eps=(0.05, 0.3)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.amsgrad, lr=0.5, beta1=0.8, beta2=0.9, eps=0.1),
    edges=rule_edges("lr", "beta", "eps"),
    praise="Its step sizes never grow, whatever comes.",
    hints=(
        "It is Adam but for one line. Which number must never fall, and what keeps it from that?",
        "Keep `s_hat` from step to step, beginning at zeros; in each step it is the larger one of "
        "itself and today's corrected mean, coordinate by coordinate.",
        "`s_hat = np.maximum(s_hat, s / (1 - beta2**t))`",
    ),
    mistakes=MISTAKES.of("amsgrad", optimizers.amsgrad),
)

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
    edges=rule_edges("lr", "beta"),
    praise="One number a parameter, and every step has the same length.",
    hints=(
        "Two means: `c` is made for this step only, `m` is kept. Both begin from the same old `m`.",
        "First `c` from the old `m` with β₁, then the new `m` with β₂; the step is along the sign "
        "of `c`, and the decay stands beside the sign.",
        "`x = x - lr * (np.sign(c) + weight_decay * x)`",
    ),
    mistakes=MISTAKES.of("lion", optimizers.lion),
)

schedule_free = Task(
    name="schedule_free",
    points=1,
    right=optimizers.schedule_free,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.1, 0.8), beta=(0.2, 0.9)),
    otherwise=where_it_departs,
    picture=path_picture(optimizers.schedule_free, lr=0.5, beta=0.8),
    edges=rule_edges("lr", "beta"),
    praise="One point walks, and its mean arrives.",
    hints=(
        "Three points: z walks, x is the mean of all z, and y lies between. Which of them do you "
        "keep from step to step, and which one is made anew?",
        "y from z and x; z moves by the gradient at y; x moves a t-th part of the way to z.",
        "`x = x + (z - x) / t` with t = 1 in the first step",
    ),
    mistakes=MISTAKES.of("schedule_free", optimizers.schedule_free),
)

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


def newton_schulz(matrix: np.ndarray, coefficients: tuple[float, float, float]) -> np.ndarray:
    """Five rounds of A ← a A + b (A Aᵀ) A + c (A Aᵀ)² A, from the matrix over its norm."""
    a, b, c = coefficients
    A = matrix / np.linalg.norm(matrix)
    for _ in range(5):
        q = A @ A.T
        A = a * A + (b * q + c * q @ q) @ A
    return A


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
    right=newton_schulz,
    observe=of_a_matrix,
    cases=draw_matrices,
    rtol=1e-7,
    otherwise=run_away,
    edges={
        "a square": lambda case: case[0].shape[0] == case[0].shape[1],
        "tall": lambda case: case[0].shape[0] > case[0].shape[1],
        "one row": lambda case: len(case[0]) == 1,
        "small": lambda case: np.linalg.norm(case[0]) < 0.25,
        "large": lambda case: np.linalg.norm(case[0]) > 4.9,
    },
    praise="Nearly U Vᵀ, and not one singular value was computed.",
    hints=(
        "Scale once, before the loop. In the loop only products: what is A Aᵀ, and what is it "
        "multiplied by?",
        "`A / np.linalg.norm(A)`, then five times a A + b (A Aᵀ) A + c (A Aᵀ)(A Aᵀ) A; `@` is the "
        "product of matrices, `*` goes entry by entry.",
        "`A = a * A + (b * A @ A.T + c * A @ A.T @ A @ A.T) @ A`",
    ),
    mistakes=MISTAKES.of("orthogonal", newton_schulz),
)

# Task: rules by their reports

# Rules of other lessons, so that neither code nor report of theirs stands in lesson 14.
ANONYMOUS = {"A": "rmsprop", "B": "nesterov", "C": "adamax", "D": "adagrad", "E": "adam"}
CANDIDATES = (
    "gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamax", "amsgrad",
    "lion", "schedule_free",
)  # fmt: skip
CONTRADICTS = {
    "A": "it stops at once where the slope ends, but does not come to rest at a minimum",
    "B": "its steps have no bound, it rolls on by nine steps, and it is there in 73 steps",
    "C": "it keeps two numbers for each parameter, and no step is longer than η",
    "D": "it stops at once, comes to rest, and no step is longer than η",
    "E": "it keeps two numbers for each parameter, and some steps are several η long",
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
        "Two numbers per parameter: Adam or a relative; which of them never steps further than η? "
        "Rules whose steps have no bound are sums of gradients; `properties(momentum)` tells two "
        "of them apart.",
        '`{"A": "rmsprop", "B": "nesterov", "C": "adamax", "D": "adagrad", "E": "adam"}`',
    ),
)

# Task: a rule of one's own. Checked by what it reaches, not by how.

TARGET, WITHIN = 1e-6, 120


def draw_grounds(rng: np.random.Generator) -> list[tuple[Landscape, tuple[float, float]]]:
    """Ravines with κ = 100 at some angle, their minimum anywhere, each with a start around it.

    Seen from the floor of the ravine the starts lie in the same eight directions each time, so that
    whether a rule arrives is no matter of luck.
    """
    grounds = []
    for k in range(8):
        angle, centre = float(rng.uniform(0.2, 1.3)), rng.uniform(-4, 4, 2)
        where = angle + np.pi * k / 8
        start = centre + 5 * np.array([np.cos(where), np.sin(where)])
        grounds.append((moved(ravine(100.0, angle=angle), centre), tuple(start.tolist())))
    return grounds


def moved(landscape: Landscape, by: np.ndarray) -> Landscape:
    """The landscape with its minimum, which was at the origin, at another place."""
    return replace(
        landscape,
        f=lambda x: landscape.f(x - by),
        grad=lambda x: landscape.grad(x - by),
        minima=(tuple(by.tolist()),),
        start=tuple((np.array(landscape.start) + by).tolist()),
    )


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

    tried.__name__ = getattr(rule, "__name__", "my_rule")
    return tried


def on_the_ravine(rule: object, run: Run) -> np.ndarray:
    """The points after the start, on the same kind of ground with its axes level."""
    with learners_code():
        return descend(_plain(rule), ravine(100.0), run.start, run.steps).points[1:]


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
        f"From {where} it does not arrive: {left / TARGET:.2g} times as much of f is left as may "
        "be. The ground is turned and κ = 100. What goes on in the flat direction, and what in the "
        "steep?"
    )


own_rule = Task(
    name="own_rule",
    points=1,
    right=with_fixed(optimizers.momentum, lr=1.6, beta=0.7),
    observe=reached,
    cases=draw_grounds,
    mistakes=(),
    otherwise=how_far,
    picture=path_picture(None, on_the_ravine, np.array([-7.0, 0.7]), np.diag([0.02, 2.0])),
    edges={
        "a minimum that is not 0": lambda case: all(case[0].minima[0]),
        "axes that are turned": lambda case: case[0].hessian[0, 1] != 0,
    },
    praise="From every start, at every angle. Now ask `properties(my_rule)` what it is.",
    hints=(
        "Gradient descent needs up to 350 steps here, at its best η. What did lessons 03 and 04 "
        "do about ravines? What does a step size for each coordinate do when the ravine is turned?",
        "Something that turns with the axes and remembers: momentum, a look-ahead, a mean of "
        "points; its numbers from the curvatures 0.02 and 2, which you know.",
        "`v = 0.7 * v - 1.5 * grad(x)` and `x = x + v`; or Nesterov with η = 0.5 and β = 0.8",
    ),
)

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
)

TASKS = (amsgrad, lion, orthogonal, schedule_free, named_rules, own_rule, beyond_bugs)
