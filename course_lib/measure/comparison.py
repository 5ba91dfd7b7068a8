"""Fair comparison: every rule tries as many settings, and is judged where it was not tuned.

``compare`` is the protocol in one call; ``robustness`` is the whole map of η and β for each rule.
Both run all settings and all cases of a rule at once, by broadcasting as ``sweep`` does: points are
(settings · cases, d), each hyperparameter (settings · cases, 1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from course_lib.descent import is_at_edge
from course_lib.family import title_of
from course_lib.landscapes import Landscape, landscape_of
from course_lib.measure.result import WIDE, Result, decades_in_words
from course_lib.running import many_runs
from course_lib.validation import Rule, check_hyperparameters, hyperparameters_of, rule_name
from course_lib.wording import in_columns, settings_in_words

LEARNING_RATES = (1e-4, 10.0)  # the ends of the logarithmic grid that tuning tries
EPSILONS = (1e-10, 1.0)  # the same for the ε of a rule without a learning rate
BETAS = {"beta": (0.5, 0.9, 0.99), "beta1": (0.5, 0.9), "beta2": (0.9, 0.999)}
PER_DECADE = 10
FAILED = 2.0  # a run that does not arrive counts in tuning as this many times the steps it had

Entry = Rule | tuple[Rule, Mapping[str, float]]


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found: shows itself as a table and a picture; ``results`` by rule."""

    landscape: Landscape
    budget: int
    steps: int
    target: float
    cases: int
    kind: str
    results: Mapping[str, Result]

    def __getitem__(self, rule: str) -> Result:
        return self.results[rule]

    @property
    def ranking(self) -> list[str]:
        """The rules, fewest median steps first. Look at the quartiles before you believe it."""
        return sorted(self.results, key=lambda rule: self.results[rule].median)

    @property
    def says(self) -> str:
        """One sentence: the protocol, the medians and the usable ranges."""
        told = "; ".join(
            f"{title_of(rule)} {_count(r.median)} ({_count(r.quartiles[0])} to "
            f"{_count(r.quartiles[1])}), {decades_in_words(r)}"
            for rule, r in ((rule, self.results[rule]) for rule in self.ranking)
        )
        return (
            f"On {self.landscape.name}, {self.budget} settings tried by each rule, judged on "
            f"{self.cases} other {self.kind}: median steps to {self.target:.2g} (quartiles), and "
            f"the usable range of the learning rate. {told}.{self._edges}"
        )

    @property
    def _edges(self) -> str:
        """Whose best setting is at the edge of what was tried, as a sentence."""
        names = [title_of(rule) for rule, r in self.results.items() if r.at_edge]
        if not names:
            return ""
        return f" At the edge of what was tried, so that more may be better: {', '.join(names)}."

    @property
    def protocol(self) -> str:
        """How the rules were compared, as the caption of the table."""
        return (
            f"{self.landscape.name}: {self.budget} settings tried by each rule; judged on "
            f"{self.cases} other {self.kind}; target f − f* ≤ {self.target:.2g}, to stay, "
            f"within {self.steps} steps"
        )

    @property
    def table(self) -> list[list[str]]:
        """The rows of the table as text, the head first."""
        head = ["rule", "chosen", "median steps", "quartiles", "arrived", "usable range"]
        rows = [
            [
                title_of(rule),
                ", ".join(
                    f"{settings_in_words({k: v})}{' (edge)' if k in r.at_edge else ''}"
                    for k, v in r.settings.items()
                ),
                _count(r.median),
                f"{_count(r.quartiles[0])} to {_count(r.quartiles[1])}",
                f"{r.arrived} of {self.cases}",
                decades_in_words(r),
            ]
            for rule, r in ((rule, self.results[rule]) for rule in self.ranking)
        ]
        return [head, *rows]

    def __repr__(self) -> str:
        return in_columns(self.table)

    def picture(self) -> object:
        """Each judged run with median and quartiles, and the usable range of each rule."""
        from course_lib.measure.comparison_pictures import steps_and_ranges

        results = [self.results[rule] for rule in self.ranking]
        return steps_and_ranges(results, self.steps, self.says)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        from course_lib.measure.comparison_pictures import html_table

        html = html_table(self.table, self.protocol)
        display({"text/plain": repr(self), "text/html": html}, raw=True)
        display(self.picture())


def compare(
    rules: Sequence[Entry],
    on: Landscape,
    budget: int | None = None,
    starts: int | np.ndarray | None = None,
    seeds: int | None = None,
    steps: int = 200,
    target: float | None = None,
    seed: int = 0,
) -> Comparison:
    """Rules compared fairly: tuned with equal budgets on some cases, judged on others.

    rules:  rules, or pairs (rule, hyperparameters that stay fixed and are not tuned)
    budget: how many settings each rule may try, the same number for all. A rule with momentum
            divides it among a few β, so it gets fewer learning rates
    starts: the cases: how many starts to draw from the window, or an array (n, d) of them; tuned
            on every second one, judged on the others
    seeds:  instead, on a noisy landscape: how many runs from its own start, each with other noise
    target: what f − f* must stay below; without it a thousandth of the median height of the starts
    seed:   of the random starts

    Tuning takes the setting with the fewest steps to the target in the mean, where a run that does
    not arrive counts as twice ``steps``. There is no ranking without a budget: with settings chosen
    by hand, who chooses them chooses the winner.
    """
    on = landscape_of(on)
    if budget is None:
        raise ValueError(
            "compare needs a budget: how many settings each rule may try, e.g. budget=60. With "
            "settings chosen by hand, who chooses them chooses the winner; use race to just look"
        )
    if not (isinstance(budget, int) and budget >= 1):
        raise ValueError(f"budget must be a whole number, 1 or larger, got {budget!r}")
    if on.lowest is None:
        raise ValueError(f"compare needs a landscape with a minimum; {on.name} has none")
    entries = [entry if isinstance(entry, tuple) else (entry, {}) for entry in rules]
    names = [rule_name(rule) for rule, _ in entries]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"compare needs one rule or more, each once; got {names}")
    points = _cases(on, starts, seeds, seed)
    if target is None:
        target = float(1e-3 * np.median(on(points) - on.lowest))
    tuning, judging = points[::2], points[1::2]
    results = {
        name: _result(rule, fixed, on, budget, tuning, judging, steps, target)
        for name, (rule, fixed) in zip(names, entries, strict=True)
    }
    return Comparison(on, budget, steps, target, len(judging), _kind(starts), results)


def _kind(starts: object) -> str:
    return "starts" if starts is not None else "draws of the noise"


def _cases(on: Landscape, starts: object, seeds: int | None, seed: int) -> np.ndarray:
    """(n, d), where the runs begin; tuning and judging take turns in it."""
    if (starts is None) == (seeds is None):
        raise ValueError(
            "give starts (how many, or where), or seeds on a noisy landscape; not both"
        )
    count = seeds if starts is None else starts if np.ndim(starts) == 0 else len(starts)
    if count < 4:
        name = "seeds" if starts is None else "starts"
        raise ValueError(
            f"{name} must be 4 or more: half are for tuning, half to judge; got {count}"
        )
    if seeds is not None:
        if on.is_exact:
            raise ValueError("seeds need a noisy landscape, e.g. with_noise(ravine(), 1.0)")
        return np.tile(np.array(on.start, dtype=float), (seeds, 1))
    if np.ndim(starts):
        points = np.array(starts, dtype=float)
        if points.shape != (count, on.dim) or not np.isfinite(points).all():
            raise ValueError(f"starts must be (n, {on.dim}) finite numbers, got {points.shape}")
        return points
    low, high = np.array(on.window).T
    return np.random.default_rng(seed).uniform(low, high, size=(starts, on.dim))


def _result(
    rule: Rule,
    fixed: Mapping[str, float],
    on: Landscape,
    budget: int,
    tuning: np.ndarray,
    judging: np.ndarray,
    steps: int,
    target: float,
) -> Result:
    check_hyperparameters(rule, fixed)
    tried = settings_to_try(rule, budget, fixed)
    found = steps_to(target, rule, on, tuning, steps, tried)
    cost = np.minimum(found, FAILED * steps).mean(axis=1)
    best = int(np.argmin(cost))
    chosen = {name: float(values[best]) for name, values in tried.items()}
    judged = steps_to(target, rule, on, judging, steps, {k: [v] for k, v in chosen.items()})[0]
    dial = dial_of(rule, fixed)
    usable = (np.nan, np.nan)
    if dial:
        low, high = WIDE if dial == "lr" else (EPSILONS[0], WIDE[1])
        values = np.geomspace(low, high, round(np.log10(high / low)) * PER_DECADE + 1)
        others = {k: np.full(len(values), v) for k, v in chosen.items()}
        there = np.isfinite(steps_to(target, rule, on, judging, steps, {**others, dial: values}))
        usable = _stretch(values, there.mean(axis=1) >= 0.5, chosen[dial])
    number = len(next(iter(tried.values()), [0]))
    edge = (dial,) if dial and is_at_edge(chosen[dial], tried[dial]) else ()
    return Result(rule_name(rule), chosen, number, judged, dial, usable, edge)


def dial_of(rule: Rule, fixed: Mapping[str, float]) -> str:
    """What sets the size of a rule's steps: "lr", or "eps" where there is none, or neither, ""."""
    free = [name for name in hyperparameters_of(rule) if name not in fixed]
    return next((name for name in ("lr", "eps") if name in free), "")


def settings_to_try(
    rule: Rule, budget: int, fixed: Mapping[str, float] | None = None
) -> dict[str, np.ndarray]:
    """Exactly ``budget`` settings of a rule: (budget,) values for each hyperparameter it tunes.

    A logarithmic grid of the dial (η from 1e-4 to 10, or ε) for every combination of a few β. Where
    the budget does not divide evenly, the first combinations get one more value of the dial.
    """
    fixed = dict(fixed or {})
    known = [name for name in hyperparameters_of(rule) if name not in fixed]
    betas = {name: BETAS[name] for name in known if name in BETAS}
    combinations = list(product(*betas.values()))[:budget]
    dial = dial_of(rule, fixed)
    ends = LEARNING_RATES if dial == "lr" else EPSILONS
    rows = []
    for i, combination in enumerate(combinations):
        share = budget // len(combinations) + (i < budget % len(combinations))
        values = np.geomspace(*ends, share) if share > 1 else [np.sqrt(ends[0] * ends[1])]
        for value in values if dial else [np.nan] * min(share, 1):
            rows.append({dial: value, **dict(zip(betas, combination, strict=True)), **fixed})
    names = [name for name in rows[0] if name]
    return {name: np.array([row[name] for row in rows]) for name in names}


def steps_to(
    target: float,
    rule: Rule,
    on: Landscape,
    starts: np.ndarray,
    steps: int,
    settings: Mapping[str, Sequence[float]],
) -> np.ndarray:
    """(settings, cases): the step from which on |f − f*| stays <= target up to the end, or inf.

    settings: by name, (settings,) values each: all combinations with the starts run at once
    """
    n = len(next(iter(settings.values()), [0]))
    columns = {
        name: np.repeat(np.asarray(values, dtype=float), len(starts))[:, np.newaxis]
        for name, values in settings.items()
    }
    x = np.asfortranarray(np.tile(starts, (n, 1)))  # so that broadcasting (runs, 1) is fast
    lowest = on.lowest
    with np.errstate(all="ignore"):
        arrived = np.where(np.abs(on.f(x) - lowest) <= target, 0.0, 1.0)
        run = many_runs(rule, on.oracle(), x, steps, columns)
        for step, point in enumerate(run, 1):
            far = ~(np.abs(on.f(point) - lowest) <= target)
            arrived[far] = step + 1  # not before the next step, then
    return np.where(arrived <= steps, arrived, np.inf).reshape(n, len(starts))


def _stretch(values: np.ndarray, works: np.ndarray, around: float) -> tuple[float, float]:
    """The ends of the unbroken stretch of values that work, around the given one or nearest it."""
    if not works.any():
        return np.nan, np.nan
    good = np.flatnonzero(works)
    low = high = good[np.argmin(np.abs(np.log(values[good] / around)))]
    while low > 0 and works[low - 1]:
        low -= 1
    while high < len(works) - 1 and works[high + 1]:
        high += 1
    return float(values[low]), float(values[high])


def _count(steps: float) -> str:
    return f"{steps:.0f}" if np.isfinite(steps) else "not there"


# Maps of η and β


def robustness(
    rules: Sequence[Entry],
    on: Landscape,
    lr: np.ndarray,
    beta: Sequence[float] = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99),
    starts: int | np.ndarray = 8,
    steps: int = 200,
    target: float | None = None,
    seed: int = 0,
) -> "Robustness":
    """Median steps to a target over η and β, for each rule; β is ``beta`` or ``beta1``.

    rules: rules, or pairs (rule, other hyperparameters). A rule without β does not depend on it
    lr:    the learning rates, (n,), logarithmic; starts, target, seed as in ``compare``
    """
    on, lr = landscape_of(on), np.asarray(lr, dtype=float)
    if on.lowest is None:
        raise ValueError(f"robustness needs a landscape with a minimum; {on.name} has none")
    points = _cases(on, starts, None, seed)
    if target is None:
        target = float(1e-3 * np.median(on(points) - on.lowest))
    rates, decays = (m.ravel() for m in np.meshgrid(lr, beta, indexing="ij"))
    maps = {}
    for entry in rules:
        rule, own = entry if isinstance(entry, tuple) else (entry, {})
        known = hyperparameters_of(rule)
        if "lr" not in known:
            raise ValueError(
                f"robustness needs rules with a learning rate; {rule_name(rule)} has none"
            )
        name = next((name for name in ("beta", "beta1") if name in known), None)
        settings = {"lr": rates} | ({name: decays} if name else {})
        settings |= {k: np.full(len(rates), v) for k, v in own.items()}
        found = np.quantile(steps_to(target, rule, on, points, steps, settings), 0.5, axis=1,
                            method="higher")  # fmt: skip
        maps[rule_name(rule)] = found.reshape(len(lr), len(beta))
    return Robustness(on, lr, tuple(beta), steps, target, maps)


@dataclass(frozen=True)
class Robustness:
    """What ``robustness`` found: ``maps`` by rule, (η, β), the median steps; inf if not there.

    It shows itself as small maps with one scale of colours.
    """

    landscape: Landscape
    lr: np.ndarray
    beta: tuple[float, ...]
    steps: int
    target: float
    maps: Mapping[str, np.ndarray]

    @property
    def share(self) -> dict[str, float]:
        """For each rule the part of the map in which half of the runs or more arrive."""
        return {rule: float(np.isfinite(found).mean()) for rule, found in self.maps.items()}

    @property
    def says(self) -> str:
        told = "; ".join(f"{title_of(rule)} {part:.0%}" for rule, part in self.share.items())
        return (
            f"Median steps to {self.target:.2g} over η and β on {self.landscape.name}; part of "
            f"each map that arrives within {self.steps} steps: {told}."
        )

    def __repr__(self) -> str:
        return self.says

    def picture(self) -> object:
        """A small map for each rule, all on one scale of colours."""
        from course_lib.measure.comparison_pictures import robustness_maps

        titles = {rule: f"{title_of(rule)}: {part:.0%}" for rule, part in self.share.items()}
        panels = {titles[rule]: found for rule, found in self.maps.items()}
        return robustness_maps(panels, self.lr, self.beta, self.steps, self.says)

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        return self.picture()._repr_mimebundle_(**kwargs)
