"""The checks of exercise 12, The race: each task with its right answer and wrong ones."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np

from course_lib.descent import Path, descend
from course_lib.landscapes import Landscape
from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import Mistake, Task, result_of

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
            away = np.sqrt(rows[:, min(t, heights.shape[-1] - 1)])
            yield (centre + away[:, np.newaxis] * [0.6, 0.8]).reshape(np.shape(x))

    return rule


def draw_trials(rng: np.random.Generator) -> list[Trial]:
    """Cases in which the usual mistakes choose another rate than the right answer."""
    return [_draw_trial(rng) for _ in range(2)]


def _draw_trial(rng: np.random.Generator) -> Trial:
    steps = int(rng.integers(6, 12))
    rates = np.geomspace(0.01, 1, RATES) * rng.uniform(0.9, 1.1)
    while True:
        heights = np.minimum(rng.exponential(size=(RATES, 11, steps + 3)), 9)
        tune, judge = heights[:, :5, steps], heights[:, 5:, steps]
        choices = [
            np.median(tune, axis=1), -np.median(tune, axis=1), np.mean(tune, axis=1),
            tune.min(axis=1), tune.max(axis=1), tune[:, 0], np.median(judge, axis=1),
            np.median(heights[:, :, steps], axis=1), np.median(heights[:, :5, steps - 1], axis=1),
            np.median(heights[:, :5, 1 : steps + 1].min(axis=2), axis=1),
            np.median(heights[:, :5, -1], axis=1), np.arange(RATES), -np.arange(RATES),
        ]  # fmt: skip
        if len({int(np.argmin(choice)) for choice in choices}) == len(choices):
            break
    centre, lowest = rng.uniform(-1, 1, 2), rng.uniform(1, 3)
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


def tuning(
    at: Callable = lambda path: path.gap[-1],
    middle: Callable = np.median,
    judged: Callable = np.median,
    pick: Callable = np.argmin,
    tune_on: Callable = lambda tune, judge: tune,
    judge_on: Callable = lambda tune, judge: judge,
    answer: Callable = lambda lr, result, i: (lr, result),
    steps_made: Callable = lambda steps: steps,
) -> Callable:
    """The answer to task 1, with parts that can be wrong."""

    def tuned(rule, on, rates, tune, judge, steps):
        def ends(lr: float, starts: np.ndarray) -> list[float]:
            made = steps_made(steps)
            return [at(_run(rule, on, tuple(start), made, lr)) for start in starts]

        i = pick([middle(ends(lr, tune_on(tune, judge))) for lr in rates])
        return answer(rates[i], judged(ends(rates[i], judge_on(tune, judge))), i)

    return tuned


tuned_fairly = Task(
    name="tuned_fairly",
    points=3,
    right=tuning(),
    observe=lambda answer, case: result_of(answer, *case.arguments, shape=(2,)),
    cases=draw_trials,
    praise="Tuned on some starts, judged on others, and the typical run decides.",
    hints=(
        "Two stages. First each rate gets one number, from the starts for tuning alone. Then the "
        "chosen rate gets its result, from the other starts alone.",
        "For a rate: run `descend` from each start in `tune`, take `path.gap[-1]` of each, and the "
        "median of these. The rate with the smallest median is run again, from `judge`.",
        "`medians = [np.median([descend(rule, on, s, steps, lr=lr).gap[-1] for s in tune]) for lr "
        "in rates]`, and then the same from `judge` with `rates[np.argmin(medians)]`",
    ),
    mistakes=(
        Mistake(
            "tuned on the judging starts",
            tuning(tune_on=lambda tune, judge: judge),
            "You choose the rate on the starts that judge it. Of many rates one fits them by luck, "
            "and nobody will see that. Choose on `tune`.",
        ),
        Mistake(
            "judged on the tuning starts",
            tuning(judge_on=lambda tune, judge: tune),
            "The rate is right, the result is flattering: it was chosen to be good on these very "
            "starts. Judge it on `judge`.",
        ),
        Mistake(
            "roles exchanged",
            tuning(tune_on=lambda tune, judge: judge, judge_on=lambda tune, judge: tune),
            "You have exchanged the two sets: `tune` chooses the rate, `judge` gives the result.",
        ),
        Mistake(
            "tuned on all starts",
            tuning(tune_on=lambda tune, judge: np.concatenate([tune, judge])),
            "The starts that judge take part in the choice, too. Choose on `tune` alone.",
        ),
        Mistake(
            "judged on all starts",
            tuning(judge_on=lambda tune, judge: np.concatenate([tune, judge])),
            "Your result counts the starts in, too, on which the rate was chosen. Judge on `judge` "
            "alone.",
        ),
        Mistake(
            "mean for both",
            tuning(middle=np.mean, judged=np.mean),
            "You take means, and one bad run outweighs all the others. Take medians.",
        ),
        Mistake(
            "chosen by the mean",
            tuning(middle=np.mean),
            "You choose the rate by the mean over the starts. Choose it by the median.",
        ),
        Mistake(
            "judged by the mean",
            tuning(judged=np.mean),
            "The rate is right. Your result is the mean over the starts; the median is asked for.",
        ),
        Mistake(
            "best start",
            tuning(middle=np.min, judged=np.min),
            "You let the luckiest start speak for all of them: the best of n runs is a number "
            "about n. Take the median.",
        ),
        Mistake(
            "chosen by the best start",
            tuning(middle=np.min),
            "You choose the rate by its luckiest start. Choose it by the median over all.",
        ),
        Mistake(
            "judged by the best start",
            tuning(judged=np.min),
            "Your result is that of the luckiest start. Report the median over the starts.",
        ),
        Mistake(
            "worst start",
            tuning(middle=np.max, judged=np.max),
            "You let the worst start speak for all. That is a question one may ask, but the task "
            "asks for the typical run: the median.",
        ),
        Mistake(
            "best step",
            tuning(at=lambda path: path.gap[1:].min()),
            "You take the lowest point of each run. A rule that jumps about passes low places by "
            "luck and does not stay. Take the last step, `path.gap[-1]`.",
        ),
        Mistake(
            "step before the last",
            tuning(at=lambda path: path.gap[-2]),
            "You stop one step early: `path.gap` holds start and `steps` steps; its last is -1.",
        ),
        Mistake(
            "f itself",
            tuning(at=lambda path: path.values[-1]),
            "The rate is right. Your result is f, not f − f*: use `path.gap`, not `path.values`.",
        ),
        Mistake(
            "steps not given",
            tuning(steps_made=lambda steps: 100),
            "Your runs take 100 steps, whatever `steps` says. Hand it on to `descend`.",
        ),
        Mistake(
            "largest",
            tuning(pick=np.argmax),
            "You choose the rate with the *largest* f − f*. Which one of `np.argmin` and "
            "`np.argmax` do you need?",
        ),
        Mistake(
            "first start only",
            tuning(tune_on=lambda tune, judge: tune[:1]),
            "You tune on one start only. Use all of `tune`.",
        ),
        Mistake(
            "first rate",
            tuning(pick=lambda medians: 0),
            "You take the smallest rate, whatever the runs say. Compare them all.",
        ),
        Mistake(
            "largest rate",
            tuning(pick=lambda medians: len(medians) - 1),
            "You take the last rate, whatever the runs say. Does your loop overwrite the best one?",
        ),
        Mistake(
            "index of the rate",
            tuning(answer=lambda lr, result, i: (i, result)),
            "The first of your two numbers is the place of the rate in the list. Return the rate.",
        ),
        Mistake(
            "order exchanged",
            tuning(answer=lambda lr, result, i: (result, lr)),
            "Both numbers are right, in the wrong order: first the rate, then the result.",
        ),
    ),
)

# Task 2: the spread


def draw_counts(rng: np.random.Generator) -> list[tuple[np.ndarray, int]]:
    cases = []
    for n in (8, 11, 14):
        steps = rng.permutation(np.arange(5.0, 300.0))[:n]
        steps[rng.permutation(n)[:3]] = np.nan
        cases.append((steps, int(rng.integers(300, 400))))
    return cases


def spread(fill: Callable, q: Sequence[float] = (0.25, 0.5, 0.75)) -> Callable:
    return lambda steps, most: np.quantile(np.where(np.isnan(steps), fill(most), steps), q)


def _around_the_mean(steps: np.ndarray, most: int) -> list[float]:
    filled = np.where(np.isnan(steps), 2 * most, steps)
    return [filled.mean() - filled.std(), filled.mean(), filled.mean() + filled.std()]


spread_of_steps = Task(
    name="spread_of_steps",
    points=1,
    right=spread(lambda most: 2 * most),
    observe=lambda answer, case: result_of(answer, *case, shape=(3,)),
    cases=draw_counts,
    praise="Who fails is counted, and the middle half of the runs is told.",
    hints=(
        "Two things: what becomes of a run that did not arrive, and which three numbers are told.",
        "First put 2 · most where there is nan. Then `np.quantile` takes a list of parts.",
        "`np.quantile(np.where(np.isnan(steps), 2 * most, steps), [0.25, 0.5, 0.75])`",
    ),
    mistakes=(
        Mistake(
            "failures dropped",
            lambda steps, most: np.nanquantile(steps, [0.25, 0.5, 0.75]),
            "You drop the runs that did not arrive. A rule that fails half the time would look as "
            "good as its luckier half. They count as 2 · most.",
        ),
        Mistake(
            "failures as 0",
            spread(lambda most: 0),
            "Runs that did not arrive count as 0 steps, as if they had been the fastest of all.",
        ),
        Mistake(
            "failures as most",
            spread(lambda most: most),
            "Runs that did not arrive count as if they had arrived in the last step. They count as "
            "twice as many: 2 · most.",
        ),
        Mistake(
            "least and most",
            spread(lambda most: 2 * most, (0, 0.5, 1)),
            "The outer two are the smallest and the largest number: two single runs. Take the "
            "quartiles.",
        ),
        Mistake(
            "outer tenths",
            spread(lambda most: 2 * most, (0.1, 0.5, 0.9)),
            "The quartiles are at 0.25 and 0.75; between them lies the middle half of the runs.",
        ),
        Mistake(
            "mean and deviation",
            _around_the_mean,
            "Mean and standard deviation: one run that failed moves both. Take the quartiles.",
        ),
        Mistake(
            "median first",
            spread(lambda most: 2 * most, (0.5, 0.25, 0.75)),
            "The numbers are right; the order is lower quartile, median, upper quartile.",
        ),
    ),
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
    """Rates on a logarithmic grid; two stretches arrive, the longer one first or second."""
    cases = []
    for flip in (False, True, False):
        lr = np.geomspace(1e-4, 10, int(rng.integers(40, 60)))
        steps = np.full(len(lr), np.nan)
        long, short = int(rng.integers(10, 14)), int(rng.integers(4, 7))
        steps[4 : 4 + long] = rng.permutation(np.arange(50.0, 250.0))[:long]
        steps[22 : 22 + short] = rng.permutation(np.arange(5.0, 40.0))[:short]
        cases.append((lr, steps[::-1].copy() if flip else steps))
    return cases


def _stretches(works: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of each unbroken stretch."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], works.astype(int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def width(
    measure: Callable = lambda low, high, n: np.log10(high / low),
    choose: Callable = lambda stretches, steps: max(stretches, key=lambda s: s[1] - s[0]),
) -> Callable:
    def decades(lr: np.ndarray, steps: np.ndarray) -> float:
        first, last = choose(_stretches(np.isfinite(steps)), steps)
        return measure(lr[first], lr[last], last - first + 1)

    return decades


def _spacing(lr: np.ndarray, steps: np.ndarray) -> float:
    first, last = max(_stretches(np.isfinite(steps)), key=lambda s: s[1] - s[0])
    return (last - first + 1) * np.log10(lr[1] / lr[0])


usable_decades = Task(
    name="usable_decades",
    points=1,
    right=width(),
    observe=lambda answer, case: result_of(answer, *case),
    cases=draw_bands,
    praise="Width is what you need if you do not know the rate: this many powers of ten would do.",
    hints=(
        "Which rates arrive is `np.isfinite(steps)`. Find where unbroken stretches of True begin "
        "and end.",
        "Go through the rates and count how long the present stretch is; remember the longest one. "
        "Its width is the logarithm of its last rate over its first.",
        "with the first and last place of the longest stretch: `np.log10(lr[last] / lr[first])`",
    ),
    mistakes=(
        Mistake(
            "over the gap",
            lambda lr, steps: np.log10(lr[np.isfinite(steps)][-1] / lr[np.isfinite(steps)][0]),
            "You measure from the first rate that arrives to the last one, over a gap where none "
            "does. Take the longest stretch without a gap.",
        ),
        Mistake(
            "first stretch",
            width(choose=lambda stretches, steps: stretches[0]),
            "You stop at the first stretch; a longer one comes later.",
        ),
        Mistake(
            "last stretch",
            width(choose=lambda stretches, steps: stretches[-1]),
            "You take the last stretch; a longer one came before. Does your loop overwrite it?",
        ),
        Mistake(
            "stretch of the best",
            width(
                choose=lambda st, steps: next(s for s in st if s[0] <= np.nanargmin(steps) <= s[1])
            ),
            "You take the stretch around the fastest rate. Asked is the longest one.",
        ),
        Mistake(
            "natural logarithm",
            width(lambda low, high, n: np.log(high / low)),
            "You take the natural logarithm. A decade is a power of ten: `np.log10`.",
        ),
        Mistake(
            "difference",
            width(lambda low, high, n: high - low),
            "You take the difference of the two rates. From 0.01 to 0.1 is as wide as from 1 to "
            "10: one decade. Take the logarithm of their ratio.",
        ),
        Mistake(
            "ratio",
            width(lambda low, high, n: high / low),
            "That is the ratio of the two rates. How many powers of ten is it?",
        ),
        Mistake(
            "count",
            width(lambda low, high, n: n),
            "You count rates. On a finer grid there would be more of them, in the same band.",
        ),
        Mistake(
            "one step too many",
            _spacing,
            "You count one spacing for each rate; between n rates there are n − 1 of them.",
        ),
    ),
)

# Task 5: when it leaves the saddle


def draw_ridges(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """(x0, lr, curvature), on both sides of the ridge; T is not close to a whole number."""
    cases: list[tuple[float, float, float]] = []
    while len(cases) < 5:
        x0 = rng.choice([-1, 1]) * 10 ** rng.uniform(-8, -3) if cases else -1e-5
        lr, lam = rng.uniform(0.02, 0.2), rng.uniform(0.3, 0.8)
        exact = np.log(1 / abs(x0)) / np.log1p(lr * lam)
        if 0.1 < exact % 1 < 0.4:
            cases.append((float(x0), float(lr), float(lam)))
    return cases


def leaving(factor: Callable, whole: Callable = np.ceil) -> Callable:
    return lambda x0, lr, lam: whole(np.log(1 / abs(x0)) / np.log(factor(lr, lam)))


departure_step = Task(
    name="departure_step",
    points=1,
    right=leaving(lambda lr, lam: 1 + lr * lam),
    observe=lambda answer, case: result_of(answer, *case),
    cases=draw_ridges,
    praise="To the step, without having made one.",
    hints=(
        "By which factor does one step multiply x? The slope of −½ λ x² is −λx.",
        "After t steps it is |x₀| (1 + ηλ)ᵗ. Set that to 1, solve for t, and round up.",
        "`return np.ceil(np.log(1 / abs(x0)) / np.log(1 + lr * curvature))`",
    ),
    mistakes=(
        Mistake(
            "rounded down",
            leaving(lambda lr, lam: 1 + lr * lam, np.floor),
            "After that many steps x is still inside: a part of a step is missing. Round up.",
        ),
        Mistake(
            "not rounded",
            leaving(lambda lr, lam: 1 + lr * lam, float),
            "The time is right, but there are only whole steps: the first one that is outside.",
        ),
        Mistake(
            "sign of x0",
            lambda x0, lr, lam: np.ceil(np.log(1 / x0) / np.log(1 + lr * lam)),
            "On the left side of the ridge x₀ is negative, and has no logarithm. Take `abs(x0)`.",
        ),
        Mistake(
            "linear",
            lambda x0, lr, lam: np.ceil(np.log(1 / abs(x0)) / (lr * lam)),
            "You take ηλ for ln(1 + ηλ). That is good for tiny steps only, and comes too early.",
        ),
        Mistake(
            "curvature forgotten",
            leaving(lambda lr, lam: 1 + lr),
            "The curvature λ is missing: on a flatter ridge it takes longer.",
        ),
        Mistake(
            "shrinks",
            leaving(lambda lr, lam: 1 - lr * lam),
            "With 1 − ηλ it would shrink, as in a bowl. On a ridge the curvature is negative.",
        ),
        Mistake(
            "decadic logarithm",
            lambda x0, lr, lam: np.ceil(np.log10(1 / abs(x0)) / np.log(1 + lr * lam)),
            "One of your logarithms is to base 10, the other to base e. Take the same for both.",
        ),
        Mistake(
            "negative",
            lambda x0, lr, lam: np.ceil(np.log(abs(x0)) / np.log(1 + lr * lam)),
            "Your steps are negative: x grows from |x₀| to 1, by the factor 1/|x₀|.",
        ),
        Mistake(
            "each step adds",
            lambda x0, lr, lam: np.ceil((1 - abs(x0)) / (lr * lam * abs(x0))),
            "You let every step be as long as the first one. Steps grow with x: it is a product, "
            "not a sum.",
        ),
    ),
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


def recording(
    kept: Callable = np.copy, first: Callable = lambda x: [np.copy(x)], more: int = 0
) -> Callable:
    def recorded(rule, grad, x, lr, steps):
        points = first(x)
        run = rule(grad, x, lr)
        for _ in range(steps + more):
            points.append(kept(next(run)))
        return np.array(points)

    return recorded


def draw_walks(rng: np.random.Generator) -> list[tuple]:
    cases = []
    for _ in range(3):
        scale = rng.uniform(0.5, 2, size=2)
        cases.append((scale, rng.uniform(1, 3, 2), rng.uniform(0.1, 0.4), int(rng.integers(4, 9))))
    return cases


def recorded_points(answer: object, case: tuple) -> np.ndarray:
    """The points that a learner's recorder returns."""
    scale, start, lr, steps = case
    args = (in_place_descent, lambda x: scale * x, start, lr, steps)
    return result_of(answer, *args, shape=(steps + 1, 2))


recorded_path = Task(
    name="recorded_path",
    points=1,
    right=recording(),
    observe=recorded_points,
    cases=draw_walks,
    praise="Whatever the rule does with its array afterwards, your path keeps what was there.",
    hints=(
        "The rule hands out the same array each time, and changes it later. What do you store?",
        "Store a copy of every point, at the moment when it is handed out; the start, too.",
        "`points.append(next(run).copy())`",
    ),
    mistakes=(
        Mistake(
            "same array",
            recording(kept=lambda x: x),
            "All your points are the last one: the list holds one array many times. Store a copy.",
        ),
        Mistake(
            "one step late",
            recording(first=lambda x: [np.copy(x), np.copy(x)], more=-1),
            "Your path stands at the start for one step too long, and its end is missing.",
        ),
        Mistake(
            "start left out",
            recording(first=lambda x: [], more=1),
            "Your path begins with the first step. Its first row is the start.",
        ),
        Mistake(
            "zeros for the start",
            recording(first=lambda x: [np.zeros_like(x)]),
            "The first row is empty. It holds the start.",
        ),
        Mistake(
            "start again and again",
            lambda rule, grad, x, lr, steps: np.array(
                [x] + [next(rule(grad, x, lr)).copy() for _ in range(steps)]
            ),
            "You make a new run for each step, and each begins at the start. Make one run.",
        ),
    ),
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
