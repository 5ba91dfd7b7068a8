"""The checks of exercise 02, stochastic gradients: each task with its right answer and wrong ones.

A mini-batch gradient is drawn at random, so two right ones give different numbers. They are
compared by what their numbers have in common: which rows were looked at, how often, with what
weight.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from course_lib import theory
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    NotYet,
    Task,
    Trouble,
    called,
    learners_code,
    numbers,
    result_of,
    spread,
)
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture, schedule_picture
from exercise_lib.rule_runs import draw_runs, rule_edges, undisturbed_points_of, where_it_departs

MISTAKES = MistakesFile(__file__, globals())

Points = Iterator[np.ndarray]
Gradient = Callable[[np.ndarray], np.ndarray]

# Task 1: a mini-batch gradient

CALLS = 200  # of one gradient …
OTHERS = (200, 8, 8, 8, 8)  # … and of others, with other generators: enough to see a bias


@dataclass(frozen=True)
class Data:
    """A case: as many rows as features, so that a gradient tells which rows it was made of."""

    features: np.ndarray
    targets: np.ndarray
    batch: int
    point: np.ndarray
    seed: int


def draw_data(rng: np.random.Generator) -> list[Data]:
    """Data sets of 8, 9, 5 and 8 rows, with batches of 4, 3, 1 and 3, which does not divide 8."""
    return [_draw_data(rng, n, batch) for n, batch in ((8, 4), (9, 3), (5, 1), (8, 3))]


def _draw_data(rng: np.random.Generator, n: int, batch: int) -> Data:
    axes = np.linalg.qr(rng.standard_normal((n, n)))[0]
    features, point = 2 * axes + 0.3 * np.eye(n), rng.uniform(-2, 2, n)
    off = rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n)  # no row is hit, none counts for nothing
    return Data(features, features @ point - off, batch, point, int(rng.integers(1, 2**30)))


def drawn(answer: object, data: Data, seed: int, calls: int = CALLS) -> np.ndarray:
    """(calls, n), the gradients that a learner's function gives at one point, call after call."""
    n = len(data.targets)
    given = (data.features.copy(), data.targets.copy(), data.batch, np.random.default_rng(seed))
    with learners_code():
        grad = called(answer, *given)
    if grad is None:
        raise NotYet("The function returns nothing so far (None). It must `return grad`.")
    if not callable(grad):
        raise Trouble(
            "Return a function: `grad`, defined inside yours, which draws a batch whenever it is "
            f"called. Yours returned one result, {_shape(grad)}.",
            "returns no function",
        )
    try:
        result_of(grad, data.point, shape=(n,))
    except NotYet:
        raise Trouble(
            "`grad` returns nothing (None). It must `return` the gradient.", "returns nothing"
        ) from None
    with learners_code():
        gradients = [np.array(grad(data.point.copy()), dtype=float) for _ in range(calls)]
    gradients = numbers(gradients, (calls, n), "Your gradients are")
    if not all(map(np.array_equal, given[:2], (data.features, data.targets))):
        raise Trouble(
            "Your function changes the features or targets in place; who calls it may need them. "
            "Shuffle the numbers of the rows, and not the rows.",
            "changes its argument",
        )
    if not np.isfinite(gradients).all():
        raise Trouble(
            "Your gradient has nan or inf in it. Where do you divide, or take a root?", "nan or inf"
        )
    return gradients


def _shape(value: object) -> str:
    shape = getattr(value, "shape", ())
    return f"an array of shape {shape}" if shape else f"a {type(value).__name__}"


PROPERTIES = (  # what a mini-batch gradient must be, and what is wrong where it is not
    ("errors", "A row's gradient is its error aᵢ·x − bᵢ, one number, times its features aᵢ."),
    ("size", "Your gradient has the wrong length. It is the mean over the rows of the batch."),
    ("whole rows", "Not every row counts 1/B. Is it the mean over exactly `batch` rows?"),
    ("fresh", "The batch is the same at every call. Draw it inside `grad`."),
    ("heeds rng", "Whatever generator your function is given, it draws the same rows."),
    ("repeats", "The same generator does not give the same rows. Draw with the `rng` given."),
    ("as many rows", "Your batches do not have `batch` rows."),
    ("rows by themselves", "Your batches are blocks of neighbours. Draw each row by itself."),
    ("every row as likely", "Some rows are drawn more often than others: that is a bias."),
    ("first row drawn", "The first row is never drawn. Counting starts at 0."),
    ("last row drawn", "The last row is never drawn. `rng.integers(n)` gives 0 … n − 1."),
)


def properties(answer: object, data: Data) -> np.ndarray:
    """What a learner's gradients are like, in the order of ``PROPERTIES``: mostly 1 for yes.

    nan where the question makes no sense: how often each row is drawn, if none ever is.
    """
    first = drawn(answer, data, data.seed)
    again = drawn(answer, data, data.seed, calls=8)
    others = [drawn(answer, data, data.seed + i, calls) for i, calls in enumerate(OTHERS, 1)]
    every = np.concatenate([first, *others])
    errors, weights = _weights(every, data)
    totals, n = weights.sum(axis=1), len(data.targets)
    size = totals[0] if np.allclose(totals, totals[0]) else np.nan
    shares = weights / size * data.batch
    looked_at = np.abs(shares) > 1e-6
    fresh = not np.allclose(first, first[0])
    blocks = data.batch > 1 and (_are_blocks(looked_at) if fresh else _is_beginning(looked_at))
    found = [
        errors,
        size,
        np.allclose(shares, np.round(shares), atol=1e-6),
        fresh,
        not all(np.allclose(first[:8], other[:8]) for other in others),
        np.allclose(first[:8], again),
        looked_at.sum(axis=1).max() / data.batch if fresh or looked_at.all() else 1,
        not blocks,
    ]
    mean = weights.mean(axis=0) / size
    deviation = np.sqrt((1 / n) * (1 - 1 / n) / data.batch / len(every))
    fair = [(np.abs(mean - 1 / n) < 5 * deviation).all(), *looked_at.any(axis=0)[[0, -1]]]
    return np.array(found + (fair if fresh and not blocks else [np.nan] * 3), dtype=float)


def _weights(gradients: np.ndarray, data: Data) -> tuple[float, np.ndarray]:
    """What is taken for a row's error, and the weight of each row in each gradient.

    1: its error; 0: its prediction aᵢ·x, the target forgotten; nan: something else.
    """
    predicted = data.features @ data.point
    parts = np.linalg.solve(data.features.T, gradients.T).T  # weight times error of each row
    for name, error in ((1.0, predicted - data.targets), (0.0, predicted)):
        weights = parts / error
        if np.allclose(weights.sum(axis=1), weights.sum(axis=1)[0]):
            return name, weights
    return np.nan, np.full_like(parts, np.nan)


def _are_blocks(looked_at: np.ndarray) -> bool:
    """Whether each batch is of neighbours, the last row and the first being so, too."""
    borders = (looked_at != np.roll(looked_at, 1, axis=1)).sum(axis=1)
    return bool(borders.max() <= 2)


def what_is_amiss(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    """The hint for a gradient whose mistake is unknown: the first property that it lacks."""
    wrong = [~np.isclose(s, r) for s, r in zip(seen, right, strict=True)]
    first = min(int(np.argmax(w)) for w in wrong if w.any())
    return PROPERTIES[first][1]


def _is_beginning(looked_at: np.ndarray) -> bool:
    """Whether each batch is of the first rows."""
    return bool((np.sort(looked_at, axis=1)[:, ::-1] == looked_at).all() and not looked_at.all())


def batch_gradient(
    features: np.ndarray, targets: np.ndarray, batch: int, rng: np.random.Generator
) -> Gradient:
    def grad(x: np.ndarray) -> np.ndarray:
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


minibatch_gradient = Task(
    name="minibatch_gradient",
    points=3,
    right=batch_gradient,
    observe=properties,
    cases=draw_data,
    otherwise=what_is_amiss,
    edges={
        "a batch of one row": lambda data: data.batch == 1,
        "a batch that does not divide the rows": lambda data: len(data.targets) % data.batch > 0,
    },
    praise=(
        "More than a thousand of your batches had the right length, looked at every row equally "
        "often, and were drawn anew each time."
    ),
    hints=(
        "Which lines belong to `grad`, and are run at every call, and which are run only once?",
        "Inside `grad`: draw `batch` row numbers with `rng.integers`, pick those rows of features "
        "and targets, and take the mean of (aᵢ·x − bᵢ) aᵢ over them.",
        "`rows = rng.integers(len(targets), size=batch)`, then `a, b = features[rows], "
        "targets[rows]`, then `return (a @ x - b) @ a / batch`",
    ),
    mistakes=MISTAKES.of("minibatch_gradient", batch_gradient),
)

# Task 2: a schedule


def falling(t: float, lr: float, tau: float) -> float:
    return lr / (1 + t / tau)


def draw_times(rng: np.random.Generator) -> list[tuple[int, float, float]]:
    """Steps early and late, among them t = 1, with learning rates and τ."""
    times = [1, *rng.integers(2, 40, 5).tolist(), *rng.integers(40, 3000, 4).tolist()]
    return [(t, rng.uniform(0.1, 0.9), rng.uniform(2, 60)) for t in rng.permutation(times).tolist()]


def at_time(function: object, case: Case) -> np.ndarray:
    t, lr, tau = case
    rate = result_of(function, t, lr, tau)
    result_of(function, t + 1, lr, tau)
    if not np.allclose(rate, result_of(function, t, lr, tau), rtol=1e-12, equal_nan=True):
        raise Trouble(
            "Asked twice for the same `t`, your function answers differently. It must not "
            "remember: all it may use are its arguments.",
            "remembers calls",
        )
    return rate


learning_rate = Task(
    name="learning_rate",
    points=1,
    right=falling,
    observe=at_time,
    cases=draw_times,
    picture=schedule_picture(falling, range(1, 101), lr=0.5, tau=10.0),
    edges={"t = 1": lambda case: case[0] == 1, "late steps": lambda case: case[0] >= 40},
    praise="You can ask it for any step in any order, or draw it, and nothing is used up.",
    hints=(
        "What should come out at t = τ?",
        "η₀ divided by a number that is 1 at t = 0, 2 at t = τ, 3 at t = 2τ.",
        "`return lr / (1 + t / tau)`",
    ),
    mistakes=MISTAKES.of("learning_rate", falling),
)

# Task 3: the rule with that schedule


def scheduled_descent(grad: Gradient, x: np.ndarray, lr: float = 0.5, tau: float = 20.0) -> Points:
    for t in count(1):
        x = x - falling(t, lr, tau) * grad(x)
        yield x


sgd = Task(
    name="sgd",
    points=2,
    right=scheduled_descent,
    observe=undisturbed_points_of,
    cases=draw_runs(lr=(0.15, 0.45), tau=(3.0, 20.0)),
    otherwise=where_it_departs,
    picture=path_picture(scheduled_descent, lr=0.9, tau=10.0),
    edges=rule_edges("lr"),
    praise="Your rule begins as boldly as asked, and calms down. It fits every figure of the "
    "course.",
    hints=(
        "It is gradient descent, and a counter. When does the counter count?",
        "Before the loop `t = 0`; in the loop first `t = t + 1`, then the step with "
        "`learning_rate(t, lr, tau)` in place of `lr`, then the yield.",
        "`t = t + 1`, then `x = x - learning_rate(t, lr, tau) * grad(x)`, then `yield x`, all "
        "three inside `while True:`",
    ),
    mistakes=MISTAKES.of("sgd", scheduled_descent),
)

# Task 4: the noise floor, and task 5: the learning rate for one


def floor(lr: float, curvature: float, noise: float, batch: float) -> float:
    """E[f] in the long run, from the theory of the course."""
    deviation = noise / np.sqrt(batch)
    P = theory.stationary_variance("gradient_descent", curvature, lr, noise=deviation)
    return 0.5 * curvature * P


def draw_noise(rng: np.random.Generator) -> list[tuple[float, float, float, int]]:
    """Learning rates with ηλ from 0.1 to 1.8, curvatures, noise and batches."""
    speeds, curvatures = spread(rng, 0.1, 1.8, 8), rng.uniform(0.5, 4, 8)
    batches = [1, *rng.integers(2, 60, 7).tolist()]
    return list(zip(speeds / curvatures, curvatures, rng.uniform(0.3, 3, 8), batches, strict=True))


def of_noise(function: object, case: Case) -> np.ndarray:
    return result_of(function, *map(float, case[:3]), case[3])


noise_floor = Task(
    name="noise_floor",
    points=1,
    right=floor,
    observe=of_noise,
    cases=draw_noise,
    edges={
        "a batch of one": lambda case: case[3] == 1,
        "η λ near 0": lambda case: case[0] * case[1] < 0.32,
        "η λ above 1": lambda case: case[0] * case[1] > 1.5,
    },
    praise="Before a single step is taken you know where the run will hover.",
    hints=(
        "In the long run what the noise adds in a step is what the slope takes away.",
        "Solve P = (1 − ηλ)² P + η²σ²/B for P, the mean of x². Then f = ½ λ x².",
        "`return lr * noise**2 / batch / (2 * (2 - lr * curvature))`",
    ),
    mistakes=MISTAKES.of("noise_floor", floor),
)


def rate_for(wanted: float, curvature: float, noise: float, batch: float) -> float:
    """The η whose floor is ``wanted``."""
    return 4 * batch * wanted / (noise**2 + 2 * batch * wanted * curvature)


def draw_floors(rng: np.random.Generator) -> list[tuple[float, float, float, int]]:
    return [(floor(lr, lam, noise, batch), lam, noise, batch) for lr, lam, noise, batch in
            draw_noise(rng)]  # fmt: skip


lr_for_floor = Task(
    name="lr_for_floor",
    points=1,
    right=rate_for,
    observe=of_noise,
    cases=draw_floors,
    rtol=1e-4,
    edges={
        "a batch of one": lambda case: case[3] == 1,
        "larger batches": lambda case: case[3] > 1,
    },
    praise="Ordered and delivered: with your η the run hovers where it was wanted.",
    hints=(
        "You have a formula for the floor. Which letter in it is unknown now?",
        "F = ησ²/(2B(2 − ηλ)): multiply both sides by the denominator, and collect what has an η.",
        "`return 4 * batch * floor / (noise**2 + 2 * batch * floor * curvature)`",
    ),
    mistakes=MISTAKES.of("lr_for_floor", rate_for),
)

# Task 6: three programs, a bug in each

batch_bugs = Task(
    name="batch_bugs",
    points=1,
    right={"ada": 4, "ben": 1, "cleo": 3},
    praise="None of them stops with an error, and each has spoilt somebody's week.",
    hints=(
        "Do not read; run. Call each gradient 1000 times at one point, and compare the mean with "
        "the exact gradient. And compare one call with the next.",
        "`ada` is too long by a factor; by which? `ben` gives the same numbers at every call. "
        "`cleo` never comes near the exact gradient: which target goes with which row?",
        "The sum without `/ batch`, line 4 of `ada`; the rows drawn only once, line 1 of `ben`; "
        "the targets put into an order of their own, line 3 of `cleo`",
    ),
    **bug_hunt(
        ada={
            1: "it draws a fresh batch of rows, each of them as likely as any other",
            2: "it picks the features and the targets of the same rows",
            3: "that is the error of each row",
        },
        ben={
            2: "it picks the features and the targets of the same rows",
            3: "that is the error of each row",
            4: "that is the mean of error times features",
        },
        cleo={
            1: "that is a random order of all rows",
            2: "it puts the features into that order",
            4: "it takes the next rows, and begins again where they are used up",
            5: "that is the mean of error times features",
        },
    ),
)

# Task 7: an unfair comparison, made fair

FACTOR = 30.0  # as measured; a test of the course measures it again
REASONS = {"a": 1.0, "b": 2.0, "c": 4.0, "d": 8.0}  # so far apart that a tolerance tells them


def comparison(answer: object, case: Case) -> np.ndarray:
    """The factor, and the reason as a number."""
    if not isinstance(answer, Mapping) or set(answer) != {"factor", "why"}:
        raise Trouble(
            'Answer with a factor and a reason: `{"factor": …, "why": …}`.', "no such answer"
        )
    factor, why = answer["factor"], answer["why"]
    if factor is None or why is None:
        raise NotYet("Give both, the factor and the reason, then run this cell again.")
    if str(why).strip().lower() not in REASONS:
        raise Trouble(f"The reason is one of the letters {', '.join(REASONS)}.", "no such answer")
    return np.append(numbers(factor, (), "Your factor is"), REASONS[str(why).strip().lower()])


def which_half(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    if seen[0][1] == right[0][1]:
        return (
            "That is the reason. The factor is not what the experiment gives: 1024 evaluations for "
            "each batch size, each with its best η of the list, the mean of f − f* over 200 runs."
        )
    return (
        "Neither the factor nor the reason is right yet. Begin with the factor: how many steps do "
        "1024 gradient evaluations buy with 8 rows a step, and how many with all 256?"
    )


fair_comparison = Task(
    name="fair_comparison",
    points=1,
    right={"factor": FACTOR, "why": "b"},
    observe=comparison,
    otherwise=which_half,
    rtol=0.2,
    praise="At the same price the small batch is far ahead. That is a comparison.",
    hints=(
        "A step on 256 rows costs 32 times as much as one on 8. What if both have the same money?",
        "`sweep(gradient_descent, least_squares(features, targets, batch=8, start=start), "
        "steps=128, lr=np.full(200, lr)).final.mean()` for each η of the list; and the same with "
        "all rows and 4 steps. Divide the lowest of one by the lowest of the other.",
        '`{"factor": 30, "why": "b"}`, but measure it: the factor will differ a little',
    ),
    mistakes=MISTAKES.of("fair_comparison"),
)

TASKS = (
    minibatch_gradient,
    learning_rate,
    sgd,
    noise_floor,
    lr_for_floor,
    batch_bugs,
    fair_comparison,
)
