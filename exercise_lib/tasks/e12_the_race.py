"""The checks of exercise 12, The race: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np

from course_lib.descent import Path, descend
from course_lib.landscapes import Landscape
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Task, result_of
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import path_picture
from exercise_lib.rule_runs import Run, gradient_of

MISTAKES = MistakesFile(__file__, globals())

# Task 1: tuned here, judged there

RATES = 40


@dataclass(frozen=True, eq=False)
class Trial:
    """A case: a landscape, a rule whose runs are drawn beforehand, rates, and starts."""

    rule: Callable
    on: Landscape
    rates: np.ndarray
    tune: np.ndarray
    judge: np.ndarray
    steps: int

    @property
    def arguments(self) -> tuple:
        return self.rule, self.on, self.rates, self.tune, self.judge, self.steps


def _from_table(heights: np.ndarray, rates: np.ndarray, starts: np.ndarray, centre: np.ndarray):
    """A rule whose run stands at f − f* = heights[rate, start, t] after step t."""

    def row(lr: float, x: np.ndarray) -> np.ndarray:
        nearest = np.abs(starts - x).sum(axis=1).argmin()
        return heights[np.abs(rates - lr).argmin(), nearest]

    def rule(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
        points = np.reshape(x, (-1, 2))
        each = np.broadcast_to(np.reshape(lr, -1), len(points))
        rows = np.array([row(a, b) for a, b in zip(each, points, strict=True)])
        for t in count(1):
            here = _places(rows[:, min(t, heights.shape[-1] - 1)], centre)
            yield here.reshape(np.shape(x))

    return rule


def _places(heights: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(…, 2), points at which f − f* is so high."""
    return centre + np.sqrt(heights)[..., np.newaxis] * [0.6, 0.8]


def draw_trials(rng: np.random.Generator) -> list[Trial]:
    """Cases in which the usual mistakes choose another rate than the right answer."""
    return [_draw_trial(rng) for _ in range(2)]


def _draw_trial(rng: np.random.Generator) -> Trial:
    steps = int(rng.integers(6, 12))
    rates = np.geomspace(0.01, 1, RATES) * rng.uniform(0.9, 1.1)
    centre = -rng.uniform(0.5, 1, 2)  # a run may pass the origin on its way
    while True:
        heights = np.minimum(rng.exponential(size=(RATES, 11, steps + 3)), 9)
        tune, judge = heights[:, :5, steps], heights[:, 5:, steps]
        choices = [
            np.median(tune, axis=1), -np.median(tune, axis=1), np.mean(tune, axis=1),
            tune.min(axis=1), tune.max(axis=1), tune[:, 0], np.median(judge, axis=1),
            np.median(heights[:, :, steps], axis=1), np.median(heights[:, :5, steps - 1], axis=1),
            np.median(heights[:, :5, 1 : steps + 1].min(axis=2), axis=1),
            np.median(heights[:, :5, -1], axis=1), np.arange(RATES), -np.arange(RATES),
            np.median(np.linalg.norm(_places(tune, centre), axis=-1), axis=1),
        ]  # fmt: skip
        if len({int(np.argmin(choice)) for choice in choices}) == len(choices):
            break
    lowest = rng.uniform(1, 3)
    on = Landscape(
        name="a bowl",
        f=lambda x: np.sum((x - centre) ** 2, axis=-1) + lowest,
        grad=lambda x: 2 * (x - centre),
        start=(3.0, 3.0),
        window=((-4.0, 4.0), (-4.0, 4.0)),
        minima=(tuple(centre.tolist()),),
    )
    turns = rng.uniform(0, 2 * np.pi, 11)  # starts that are higher than any point of a run
    starts = centre + 5 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    rule = _from_table(heights, rates, starts, centre)
    return Trial(rule, on, rates, starts[:5], starts[5:], steps)


@lru_cache(maxsize=5000)  # every known mistake makes the same runs
def _run(rule: Callable, on: Landscape, start: tuple, steps: int, lr: float) -> Path:
    return descend(rule, on, start, steps, lr=lr)


def tuned(
    rule: Callable,
    on: Landscape,
    rates: np.ndarray,
    tune: np.ndarray,
    judge: np.ndarray,
    steps: int,
) -> tuple[float, float]:
    """The rate with the lowest median f − f* from ``tune``, and its median from ``judge``."""

    def gaps(lr: float, starts: np.ndarray) -> list[float]:
        return [_run(rule, on, tuple(start), steps, lr).gap[-1] for start in starts]

    medians = [np.median(gaps(lr, tune)) for lr in rates]
    best = rates[np.argmin(medians)]
    return best, np.median(gaps(best, judge))


tuned_fairly = Task(
    name="tuned_fairly",
    points=3,
    right=tuned,
    observe=lambda answer, case: result_of(answer, *case.arguments, shape=(2,)),
    cases=draw_trials,
    edges={
        "other starts to judge than to tune": lambda trial: (
            not np.array_equal(trial.tune, trial.judge)
        )
    },
    praise="Tuned on some starts, judged on others, and the typical run decides.",
    hints=(
        "Two stages. First each rate gets one number, from the starts for tuning alone. Then the "
        "chosen rate gets its result, from the other starts alone.",
        "For a rate: run `descend` from each start in `tune`, take `path.gap[-1]` of each, and the "
        "median of these. The rate with the smallest median is run again, from `judge`.",
        "`medians = [np.median([descend(rule, on, s, steps, lr=lr).gap[-1] for s in tune]) for lr "
        "in rates]`, and then the same from `judge` with `rates[np.argmin(medians)]`",
    ),
    mistakes=MISTAKES.of("tuned_fairly", tuned),
)

# Task 2: the spread


def draw_counts(rng: np.random.Generator) -> list[tuple[np.ndarray, int]]:
    cases = []
    for n in (8, 11, 14):
        steps = rng.permutation(np.arange(5.0, 300.0))[:n]
        steps[rng.permutation(n)[:3]] = np.nan
        cases.append((steps, int(rng.integers(300, 400))))
    return cases


def spread(steps: np.ndarray, most: int) -> np.ndarray:
    """The quartiles, where a run that did not arrive counts as 2 · most."""
    filled = np.where(np.isnan(steps), 2 * most, steps)
    return np.quantile(filled, [0.25, 0.5, 0.75])


spread_of_steps = Task(
    name="spread_of_steps",
    points=1,
    right=spread,
    observe=lambda answer, case: result_of(answer, *case, shape=(3,)),
    cases=draw_counts,
    edges={
        "runs that never arrive": lambda case: np.isnan(case[0]).any(),
        "an even number of runs": lambda case: len(case[0]) % 2 == 0,
        "an odd number": lambda case: len(case[0]) % 2 == 1,
    },
    praise="Who fails is counted, and the middle half of the runs is told.",
    hints=(
        "Two things: what becomes of a run that did not arrive, and which three numbers are told.",
        "First put 2 · most where there is nan. Then `np.quantile` takes a list of parts.",
        "`np.quantile(np.where(np.isnan(steps), 2 * most, steps), [0.25, 0.5, 0.75])`",
    ),
    mistakes=MISTAKES.of("spread_of_steps", spread),
)

# Task 3: what is unfair

unfair_lines = Task(
    name="unfair_lines",
    points=2,
    right={"first": 3, "second": 2, "third": 4, "fourth": 2},
    praise="Tuned on the test, one rate for all, best of ten, help for one: four classics.",
    hints=(
        "Ask of each line: does it treat all rules alike, and could luck or the author's choice "
        "come in here?",
        "In each one a number is chosen. On which starts, for which rule, out of how many?",
        'In `first` the rate is chosen on `judge`; `unfair = {"first": 3, …}`',
    ),
    **bug_hunt(
        first={
            1: "half of the starts to tune, half to judge",
            2: "a logarithmic grid, the same for all rules",
            4: "the chosen rate is judged on `judge`, as it should be",
            5: "it only sorts what has been measured",
        },
        second={
            1: "half of the starts to tune, half to judge",
            3: "every rule is judged, on starts that were not used for tuning",
            4: "it only sorts what has been measured",
        },
        third={
            1: "rates on a logarithmic grid, the same for all",
            2: "each rule gets a rate of its own, from as many tries as the others",
            3: "each run has other noise, which is what many runs are for",
            5: "it only sorts what has been measured",
        },
        fourth={
            1: "half of the starts to tune, half to judge",
            3: "each rule gets a rate of its own, on the starts for tuning",
            4: "it judges on the other starts. What the rules are shown there is decided elsewhere",
            5: "it only sorts what has been measured",
        },
    ),
)

# Task 4: the usable range


def draw_bands(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rates on a logarithmic grid; two stretches arrive, the longer first, second, at an end."""
    cases = []
    for flip, begins in ((False, 4), (True, 4), (True, 0), (False, 0)):  # also at both ends
        lr = np.geomspace(1e-4, 10, int(rng.integers(40, 60)))
        steps = np.full(len(lr), np.nan)
        long, short = int(rng.integers(10, 14)), int(rng.integers(4, 7))
        steps[begins : begins + long] = rng.permutation(np.arange(50.0, 250.0))[:long]
        steps[22 : 22 + short] = rng.permutation(np.arange(5.0, 40.0))[:short]
        cases.append((lr, steps[::-1].copy() if flip else steps))
    return cases


def stretches(steps: np.ndarray) -> list[np.ndarray]:
    """The places of the rates that arrive, one array for each unbroken stretch."""
    places = np.flatnonzero(np.isfinite(steps))
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)


def decades(lr: np.ndarray, steps: np.ndarray) -> float:
    """The width of the longest stretch of rates that arrive, in powers of ten."""
    longest = max(stretches(steps), key=len)
    low, high = lr[longest[0]], lr[longest[-1]]
    return np.log10(high / low)


usable_decades = Task(
    name="usable_decades",
    points=1,
    right=decades,
    observe=lambda answer, case: result_of(answer, *case),
    cases=draw_bands,
    edges={
        "a stretch at the first rate": lambda case: np.isfinite(case[1][0]),
        "a stretch at the last": lambda case: np.isfinite(case[1][-1]),
        "two stretches": lambda case: np.sum(np.diff(np.isfinite(case[1]).astype(int)) == 1) >= 1,
    },
    praise="Width is what you need if you do not know the rate: this many powers of ten would do.",
    hints=(
        "Which rates arrive is `np.isfinite(steps)`. Find where unbroken stretches of True begin "
        "and end.",
        "Go through the rates and count how long the present stretch is; remember the longest one. "
        "Its width is the logarithm of its last rate over its first.",
        "with the first and last place of the longest stretch: `np.log10(lr[last] / lr[first])`",
    ),
    mistakes=MISTAKES.of("usable_decades", decades),
)

# Task 5: when it leaves the saddle


def draw_ridges(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """(x0, lr, curvature), on both sides of the ridge; T is not close to a whole number."""
    cases: list[tuple[float, float, float]] = []
    while len(cases) < 5:
        x0 = (-1) ** len(cases) * 10 ** rng.uniform(-8, -3) if cases else -1e-5
        lr, lam = rng.uniform(0.02, 0.2), rng.uniform(0.3, 0.8)
        exact = np.log(1 / abs(x0)) / np.log1p(lr * lam)
        if 0.1 < exact % 1 < 0.4:
            cases.append((float(x0), float(lr), float(lam)))
    return cases


def departure(x0: float, lr: float, curvature: float) -> float:
    """The first step after which |x| is at least 1."""
    return np.ceil(np.log(1 / abs(x0)) / np.log(1 + lr * curvature))


departure_step = Task(
    name="departure_step",
    points=1,
    right=departure,
    observe=lambda answer, case: result_of(answer, *case),
    cases=draw_ridges,
    edges={
        "left of the ridge": lambda case: case[0] < 0,
        "right of the ridge": lambda case: case[0] > 0,
    },
    praise="To the step, without having made one.",
    hints=(
        "By which factor does one step multiply x? The slope of −½ λ x² is −λx.",
        "After t steps it is |x₀| (1 + ηλ)ᵗ. Set that to 1, solve for t, and round up.",
        "`return np.ceil(np.log(1 / abs(x0)) / np.log(1 + lr * curvature))`",
    ),
    mistakes=MISTAKES.of("departure_step", departure),
)

# Task 6: three bugs

race_bugs = Task(
    name="race_bugs",
    points=1,
    right={"with_schedule": 2, "walk": 4, "verdict": 3},
    praise="A schedule eaten by its plot, a path of one array, a lucky dip taken for a result.",
    hints=(
        "Run them: print what `with_schedule` has left, and all points of `walk`.",
        "What does `list(rates)` leave behind? Which object is stored in every place of `points`? "
        "And at which step does `verdict` look?",
        'In `with_schedule` the list empties the generator: `bugs = {"with_schedule": 2, …}`',
    ),
    **bug_hunt(
        with_schedule={
            1: "a generator of falling rates is a fine thing, as long as each is used once",
            3: "each step asks for its own rate",
            4: "a step of gradient descent with that rate",
            5: "it returns where the run ends",
        },
        walk={
            1: "it works on a copy, so that the caller's start stays what it is",
            2: "the start belongs to the path, and it is a copy",
            3: "a step of gradient descent, in place: allowed, if you know what it does",
            5: "an array of the points is what is asked for",
        },
        verdict={
            1: "a dictionary for the results",
            2: "all rules run from the same start, each with its own settings",
            4: "the lowest result wins",
        },
    ),
)

# Task 7: put one right


def in_place_descent(grad: Callable, x: np.ndarray, lr: float) -> Iterator[np.ndarray]:
    """Gradient descent that changes one array and yields it again and again."""
    x = x.copy()
    while True:
        x -= lr * grad(x)
        yield x


def in_place_momentum(grad: Callable, x: np.ndarray, lr: float) -> Iterator[np.ndarray]:
    """Momentum that changes one array and yields it again and again."""
    x, v = x.copy(), np.zeros_like(x)
    while True:
        v *= 0.5
        v -= lr * grad(x)
        x += v
        yield x


def recorded(rule: Callable, grad: Callable, x: np.ndarray, lr: float, steps: int) -> np.ndarray:
    """(steps + 1, d), the start and the points of a run, each one a copy."""
    points = [np.copy(x)]
    run = rule(grad, x, lr)
    for _ in range(steps):
        points.append(np.copy(next(run)))
    return np.array(points)


def draw_walks(rng: np.random.Generator) -> list[tuple]:
    cases = []
    for rule in (in_place_descent, in_place_momentum, in_place_descent):
        scale, start = rng.uniform(0.5, 2, size=2), rng.uniform(1, 3, 2)
        cases.append((rule, scale, start, rng.uniform(0.1, 0.4), int(rng.integers(4, 9))))
    return cases


def recorded_points(answer: object, case: tuple) -> np.ndarray:
    """The points that a learner's recorder returns."""
    rule, scale, start, lr, steps = case
    args = (rule, lambda x: scale * x, start, lr, steps)
    return result_of(answer, *args, shape=(steps + 1, 2))


def on_the_ravine(answer: object, run: Run) -> np.ndarray:
    """The points after the start that a learner's recorder has of momentum on the ravine."""
    args = (in_place_momentum, gradient_of(run), run.start, run.settings["lr"], run.steps)
    return result_of(answer, *args, shape=(run.steps + 1, 2))[1:]


recorded_path = Task(
    name="recorded_path",
    points=1,
    right=recorded,
    observe=recorded_points,
    cases=draw_walks,
    picture=path_picture(recorded, on_the_ravine, lr=0.3),
    edges={
        "a rule that remembers": lambda case: case[0] is in_place_momentum,
        "a rule that does not": lambda case: case[0] is in_place_descent,
    },
    praise="Whatever the rule does with its array afterwards, your path keeps what was there.",
    hints=(
        "The rule hands out the same array each time, and changes it later. What do you store?",
        "Store a copy of every point, at the moment when it is handed out; the start, too.",
        "`points.append(next(run).copy())`",
    ),
    mistakes=MISTAKES.of("recorded_path", recorded),
)

TASKS = (
    tuned_fairly,
    spread_of_steps,
    unfair_lines,
    usable_decades,
    departure_step,
    race_bugs,
    recorded_path,
)
