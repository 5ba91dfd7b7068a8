"""Answers to exercise 12, The race."""

import math
import statistics
from itertools import groupby

import numpy as np

from answers.bank import right, wrong
from course_lib import descend, sweep
from exercise_lib import check

# 1: tuned here, judged there


@right(check.tuned_fairly)
def with_loops(rule, on, rates, tune, judge, steps):
    best_lr, best_result = None, np.inf
    for lr in rates:
        ends = []
        for start in tune:
            ends.append(descend(rule, on, start, steps, lr=lr).gap[-1])
        if np.median(ends) < best_result:
            best_lr, best_result = lr, np.median(ends)
    ends = [descend(rule, on, start, steps, lr=best_lr).gap[-1] for start in judge]
    return best_lr, np.median(ends)


@wrong(check.tuned_fairly, says="a best that no median can beat")
def best_starts_at_0(rule, on, rates, tune, judge, steps):
    best_lr, best_result = 0.0, 0.0
    for lr in rates:
        ends = [descend(rule, on, start, steps, lr=lr).gap[-1] for start in tune]
        if np.median(ends) < best_result:
            best_lr, best_result = lr, np.median(ends)
    return best_lr, best_result


@wrong(check.tuned_fairly, says="a best that no median can beat")
def no_best_at_all(rule, on, rates, tune, judge, steps):
    best_lr, best_result = np.nan, 0.0
    for lr in rates:
        ends = [descend(rule, on, start, steps, lr=lr).gap[-1] for start in tune]
        if np.median(ends) < best_result:
            best_lr, best_result = lr, np.median(ends)
    return best_lr, best_result


@right(check.tuned_fairly)
def with_sweeps(rule, on, rates, tune, judge, steps):
    ends = np.array([sweep(rule, on, s, steps, lr=rates).final for s in tune])
    i = np.median(ends, axis=0).argmin()
    there = [sweep(rule, on, s, steps, lr=rates[i : i + 1]).final[0] for s in judge]
    return [rates[i], statistics.median(there)]


@right(check.tuned_fairly)
def by_hand(rule, on, rates, tune, judge, steps):
    def end(lr, start):
        run = rule(on.grad, start.copy(), lr=lr)
        for _ in range(steps):
            x = next(run)
        return on(x) - on.lowest

    medians = {lr: statistics.median(end(lr, s) for s in tune) for lr in rates}
    best = min(medians, key=medians.get)
    return np.array([best, statistics.median(end(best, s) for s in judge)])


def ends_of(rule, on, lr, starts, steps):
    return [descend(rule, on, s, steps, lr=lr).gap[-1] for s in starts]


@wrong(check.tuned_fairly, "tuned on the judging starts")
def tuned_on_the_test(rule, on, rates, tune, judge, steps):
    results = [np.median(ends_of(rule, on, lr, judge, steps)) for lr in rates]
    return rates[np.argmin(results)], min(results)


@wrong(check.tuned_fairly, "chosen by the distance from 0")
def nearest_to_the_origin(rule, on, rates, tune, judge, steps):
    def far(lr):
        paths = [descend(rule, on, start, steps, lr=lr) for start in tune]
        return np.median([np.hypot(*path.points[-1]) for path in paths])

    best = min(rates, key=far)
    return best, np.median(ends_of(rule, on, best, judge, steps))


@wrong(check.tuned_fairly, "judged on the tuning starts")
def reports_the_tuning(rule, on, rates, tune, judge, steps):
    results = [np.median(ends_of(rule, on, lr, tune, steps)) for lr in rates]
    return rates[np.argmin(results)], min(results)


@wrong(check.tuned_fairly, "roles exchanged")
def exchanged(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, judge, tune, steps)


@wrong(check.tuned_fairly, "tuned on all starts")
def all_starts(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, np.vstack([tune, judge]), judge, steps)


@wrong(check.tuned_fairly, "mean for both")
def means(rule, on, rates, tune, judge, steps):
    results = [np.mean(ends_of(rule, on, lr, tune, steps)) for lr in rates]
    best = rates[np.argmin(results)]
    return best, np.mean(ends_of(rule, on, best, judge, steps))


@wrong(check.tuned_fairly, "judged by the mean")
def mean_at_the_end(rule, on, rates, tune, judge, steps):
    best, _ = with_loops(rule, on, rates, tune, judge, steps)
    return best, sum(ends_of(rule, on, best, judge, steps)) / len(judge)


@wrong(check.tuned_fairly, "best start")
def luckiest(rule, on, rates, tune, judge, steps):
    best = min(rates, key=lambda lr: min(ends_of(rule, on, lr, tune, steps)))
    return best, min(ends_of(rule, on, best, judge, steps))


@wrong(check.tuned_fairly, "best step")
def lowest_points(rule, on, rates, tune, judge, steps):
    def typical(lr, starts):
        return np.median([min(descend(rule, on, s, steps, lr=lr).gap) for s in starts])

    best = min(rates, key=lambda lr: typical(lr, tune))
    return best, typical(best, judge)


@wrong(check.tuned_fairly, "step before the last")
def off_by_one(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, tune, judge, steps - 1)


@wrong(check.tuned_fairly, "f itself")
def heights(rule, on, rates, tune, judge, steps):
    best, _ = with_loops(rule, on, rates, tune, judge, steps)
    return best, np.median([descend(rule, on, s, steps, lr=best).values[-1] for s in judge])


@wrong(check.tuned_fairly, "steps not given")
def default_steps(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, tune, judge, 100)


@wrong(check.tuned_fairly, "largest")
def worst_rate(rule, on, rates, tune, judge, steps):
    best = max(rates, key=lambda lr: np.median(ends_of(rule, on, lr, tune, steps)))
    return best, np.median(ends_of(rule, on, best, judge, steps))


@wrong(check.tuned_fairly, "first start only")
def one_start(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, tune[:1], judge, steps)


@wrong(check.tuned_fairly, "largest rate")
def last_rate(rule, on, rates, tune, judge, steps):
    for lr in rates:
        best = lr
    return best, np.median(ends_of(rule, on, best, judge, steps))


@wrong(check.tuned_fairly, "index of the rate")
def its_place(rule, on, rates, tune, judge, steps):
    best, result = with_loops(rule, on, rates, tune, judge, steps)
    return list(rates).index(best), result


@wrong(check.tuned_fairly, "order exchanged")
def result_first(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, tune, judge, steps)[::-1]


@wrong(check.tuned_fairly, says="it must be 2 numbers")
def rate_alone(rule, on, rates, tune, judge, steps):
    return with_loops(rule, on, rates, tune, judge, steps)[0]


# 2: the spread


@right(check.spread_of_steps)
def filled_in_a_loop(steps, most):
    filled = [2 * most if math.isnan(step) else step for step in steps]
    return [np.quantile(filled, q) for q in (0.25, 0.5, 0.75)]


@right(check.spread_of_steps)
def percentiles(steps, most):
    return np.percentile(np.nan_to_num(steps, nan=2 * most), [25, 50, 75])


wrong(check.spread_of_steps, "failures dropped")(
    lambda steps, most: np.quantile(steps[np.isfinite(steps)], [0.25, 0.5, 0.75])
)
wrong(check.spread_of_steps, "failures as 0")(
    lambda steps, most: np.quantile(np.nan_to_num(steps), [0.25, 0.5, 0.75])
)
wrong(check.spread_of_steps, "failures as most")(
    lambda steps, most: np.quantile(np.nan_to_num(steps, nan=most), [0.25, 0.5, 0.75])
)
wrong(check.spread_of_steps, says="nan or inf")(
    lambda steps, most: np.quantile(steps, [0.25, 0.5, 0.75])
)
wrong(check.spread_of_steps, "least and most")(
    lambda steps, most: [
        np.nanmin(steps), np.median(np.nan_to_num(steps, nan=2 * most)), 2 * most
    ]
)  # fmt: skip


@wrong(check.spread_of_steps, says="changes the array")
def fills_in_place(steps, most):
    steps[np.isnan(steps)] = 2 * most
    return np.quantile(steps, [0.25, 0.5, 0.75])


# 3 and 6: lines

UNFAIR = {"first": 3, "second": 2, "third": 4, "fourth": 2}
right(check.unfair_lines)({"fourth": 2.0, "first": 3, "third": 4, "second": np.int64(2)})
wrong(check.unfair_lines, says="as it should be")({**UNFAIR, "first": 4})
wrong(check.unfair_lines, says="half of the starts to tune")({**UNFAIR, "second": 1})
wrong(check.unfair_lines, says="what many runs are for")({**UNFAIR, "third": 3})
wrong(check.unfair_lines, says="decided elsewhere")({**UNFAIR, "fourth": 4})
wrong(check.unfair_lines, says="has no line 5")({**UNFAIR, "second": 5})
wrong(check.unfair_lines, says="Answer with a line for each")({"first": 3})

BUGS = {"with_schedule": 2, "walk": 4, "verdict": 3}
right(check.race_bugs)(BUGS)
right(check.race_bugs)({"with_schedule": "# 2", "walk": "line 4", "verdict": "3"})
wrong(check.race_bugs, says="as long as each is used once")({**BUGS, "with_schedule": 1})
wrong(check.race_bugs, says="in place: allowed")({**BUGS, "walk": 3})
wrong(check.race_bugs, says="it is a copy")({**BUGS, "walk": 2})
wrong(check.race_bugs, says="the lowest result wins")({**BUGS, "verdict": 4})

# 4: the usable range


@right(check.usable_decades)
def by_groups(lr, steps):
    widths, i = [], 0
    for works, group in groupby(np.isfinite(steps)):
        n = len(list(group))
        if works:
            widths.append(math.log10(lr[i + n - 1]) - math.log10(lr[i]))
        i += n
    return max(widths)


@right(check.usable_decades)
def by_differences(lr, steps):
    edges = np.diff(np.r_[0, np.isfinite(steps), 0])
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return np.max(np.log10(lr[last] / lr[first]))


@wrong(check.usable_decades, "over the gap")
def outer_ends(lr, steps):
    there = lr[~np.isnan(steps)]
    return np.log10(there.max()) - np.log10(there.min())


@wrong(check.usable_decades, "natural logarithm")
def natural(lr, steps):
    return by_differences(lr, steps) * np.log(10)


@wrong(check.usable_decades, "one step too many")
def cells(lr, steps):
    longest = max(sum(1 for _ in g) for works, g in groupby(~np.isnan(steps)) if works)
    return longest * (np.log10(lr[1]) - np.log10(lr[0]))


@wrong(check.usable_decades, "not closed at the end")
def closed_by_nan_alone(lr, steps):
    widest, begin = 0.0, None
    for i, step in enumerate(steps):
        if np.isnan(step):
            if begin is not None:
                widest = max(widest, np.log10(lr[i - 1] / lr[begin]))
            begin = None
        elif begin is None:
            begin = i
    return widest


@wrong(check.usable_decades, "count")
def how_many(lr, steps):
    return max(sum(1 for _ in g) for works, g in groupby(~np.isnan(steps)) if works)


@wrong(check.usable_decades, "stretch of the best")
def around_the_best(lr, steps):
    low = high = int(np.nanargmin(steps))
    while not np.isnan(steps[low - 1]):
        low -= 1
    while not np.isnan(steps[high + 1]):
        high += 1
    return np.log10(lr[high] / lr[low])


# 5: the departure


@right(check.departure_step)
def by_walking(x0, lr, curvature):
    x, step = x0, 0
    while abs(x) <= 1:
        x, step = x + lr * curvature * x, step + 1
    return step


@right(check.departure_step)
def with_floor(x0, lr, curvature):
    return math.floor(-math.log2(abs(x0)) / math.log2(1 + lr * curvature)) + 1


@wrong(check.departure_step, "rounded down")
def whole_part(x0, lr, curvature):
    return int(-math.log(abs(x0)) / math.log(1 + lr * curvature))


@wrong(check.departure_step, "not rounded")
def time(x0, lr, curvature):
    return -np.log(abs(x0)) / np.log1p(lr * curvature)


@wrong(check.departure_step, "sign of x0")
def right_side_only(x0, lr, curvature):
    return np.ceil(-np.log(x0) / np.log(1 + lr * curvature))


@wrong(check.departure_step, "linear")
def continuous(x0, lr, curvature):
    return np.ceil(np.log(1 / np.abs(x0)) / (curvature * lr))


@wrong(check.departure_step, "curvature forgotten")
def saddle_of_the_lesson(x0, lr, curvature):
    return np.ceil(np.log(1 / np.abs(x0)) / np.log(1 + lr))


@wrong(check.departure_step, "shrinks")
def bowl(x0, lr, curvature):
    return np.ceil(np.log(1 / np.abs(x0)) / np.log(1 - lr * curvature))


# 7: the recorder


@right(check.recorded_path)
def into_an_array(rule, grad, x, lr, steps):
    points = np.empty((steps + 1, len(x)))
    points[0] = x
    for t, point in enumerate(rule(grad, x, lr), 1):
        points[t] = point
        if t == steps:
            return points


@right(check.recorded_path)
def as_tuples(rule, grad, x, lr, steps):
    points = [tuple(x)]
    for _, point in zip(range(steps), rule(grad, x, lr), strict=False):
        points.append(tuple(point))
    return points


@wrong(check.recorded_path, "own steps")
def descends_itself(rule, grad, x, lr, steps):
    points = [x]
    for _ in range(steps):
        points.append(points[-1] - lr * grad(points[-1]))
    return points


@wrong(check.recorded_path, "same array")
def one_array(rule, grad, x, lr, steps):
    run = rule(grad, x, lr)
    return np.array([x, *[next(run) for _ in range(steps)]])


@wrong(check.recorded_path, "start left out")
def no_start(rule, grad, x, lr, steps):
    run = rule(grad, x, lr)
    return np.array([next(run).copy() for _ in range(steps + 1)])


@wrong(check.recorded_path, says="it must be an array of shape")
def too_short(rule, grad, x, lr, steps):
    run = rule(grad, x, lr)
    return np.array([next(run).copy() for _ in range(steps)])


@wrong(check.recorded_path, "start again and again")
def many_runs(rule, grad, x, lr, steps):
    points = [x]
    for _ in range(steps):
        points.append(next(iter(rule(grad, x, lr))))
    return np.array(points)
