"""``on_real_data``: the same two tasks and the same picture in every lesson.

A rule is tuned, and so are those beside it, each in the same way; then all are judged where nobody
was tuned: other starts, other batches, other data.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from math import comb

import numpy as np

from course_lib.family import title_of
from course_lib.measure.comparison import EPSILONS, LEARNING_RATES, dial_of
from course_lib.training.digits import digits
from course_lib.training.networks import Network
from course_lib.training.train import Data, Model, Training, Tuning, train, tune
from course_lib.training.words import LogisticRegression, words
from course_lib.validation import Rule, check_hyperparameters, rule_name

TUNED_ON = range(3)  # the seeds of tuning; a seed chooses the first weights and the batches
JUDGED_ON = range(100, 112)
BUDGET = 16  # values of the dial: three a decade of η
WIDER = 3  # times that the grid may grow where its best is at an edge
RECORDS = 40  # of each run: at so many of its steps the loss on new data is looked at
CHANCE = 0.05  # a difference is named if luck alone would show one as large less often than this


@dataclass(frozen=True)
class RealTask:
    """What is learned: the model, its data, the steps of a run, and words for them."""

    model: Model
    data: Data
    steps: int
    what: str
    things: str


def _digits() -> RealTask:
    what = "Handwritten digits, read by a network with 24 hidden units"
    return RealTask(Network((64, 24, 10)), digits(), 200, what, "images")


def _words() -> RealTask:
    data = words()
    what = "Who wrote this sentence, Austen or Melville? One weight for each of {} words"
    model = LogisticRegression(len(data.vocabulary))
    return RealTask(model, data, 200, what.format(model.words), "sentences")


TASKS: Mapping[str, Callable[[], RealTask]] = {"digits": _digits, "words": _words}


@dataclass(frozen=True, eq=False)
class RealData:
    """What ``on_real_data`` found; shows itself as a picture with a sentence under it.

    runs:  by name, the record of the runs that are judged: their ``validation`` is the loss on new
           data, (k, seeds), which neither trained nor tuned anything
    tuned: by name, what its tuning tried; a rule with neither η nor ε has no entry
    """

    task: RealTask
    protocol: str
    runs: Mapping[str, Training]
    tuned: Mapping[str, Tuning]

    @property
    def final(self) -> dict[str, np.ndarray]:
        """By name, (seeds,): the loss on new data at the end of each run; inf if it diverged."""
        return {name: run.validation[-1] for name, run in self.runs.items()}

    @property
    def accuracy(self) -> dict[str, np.ndarray]:
        """By name, (seeds,): the share of the new data that each run tells rightly at the end."""
        return {name: run.accuracy[-1] for name, run in self.runs.items()}

    @property
    def best(self) -> dict[str, dict[str, float]]:
        """By name, the settings that tuning chose."""
        return {name: tuning.best for name, tuning in self.tuned.items()}

    @property
    def at_edge(self) -> tuple[str, ...]:
        """Whose best is the first or last value tried, though the grid was made wider."""
        return tuple(name for name, tuning in self.tuned.items() if tuning.at_edge)

    @property
    def better(self) -> dict[str, int]:
        """By name of each other rule: in how many of the seeds the first ends below it."""
        first, *others = self.final
        return {name: int((self.final[first] < self.final[name]).sum()) for name in others}

    @property
    def ratio(self) -> dict[str, np.ndarray]:
        """By name of each other rule, (seeds,): the first's loss at the end divided by its."""
        first, *others = self.final
        with np.errstate(invalid="ignore"):
            return {name: self.final[first] / self.final[name] for name in others}

    @property
    def differs(self) -> dict[str, bool]:
        """By name of each other rule: whether these seeds tell it from the first (sign test).

        If both were alike, each would end lower in any seed as often as the other. They differ if
        luck alone would give counts as uneven as ``better`` in less than 5 % of all cases.
        """
        first, *others = self.final
        told = {}
        for name in others:
            below, above = self.better[name], int((self.final[first] > self.final[name]).sum())
            told[name] = _by_luck(below, above) < CHANCE
        return told

    @property
    def says(self) -> str:
        """Who ends lower, in how many of the seeds and by how much; or that nothing tells them."""
        told = [self._beside(name) for name in self.better]
        if not told:
            low, high = np.quantile(next(iter(self.final.values())), [0.25, 0.75])
            told = [f"{self.title(next(iter(self.runs)))} ends at {low:.2g} to {high:.2g}."]
        right = ", ".join(
            f"{self.title(name)} {100 * np.median(share):.0f} %"
            for name, share in self.accuracy.items()
        )
        told.append(f"Right answers on new {self.task.things}, median run: {right}.")
        if self.at_edge:
            names = ", ".join(map(self.title, self.at_edge))
            told.append(f"At the edge of what was tried, so that more may be better: {names}.")
        return " ".join(told)

    def title(self, name: str) -> str:
        """How a rule is called in the picture."""
        return title_of(name) if self.runs[name].rule == name else name

    def _beside(self, name: str) -> str:
        first, other = self.title(next(iter(self.runs))), self.title(name)
        below, seeds = self.better[name], len(self.final[name])
        if not self.differs[name]:
            return (
                f"{first} and {other}: no difference that {seeds} runs could show; {first} ends "
                f"lower in {below} of them."
            )
        ratio = self.ratio[name]
        if below * 2 < seeds:
            first, other, below, ratio = other, first, seeds - below, 1 / ratio
        low, middle, high = np.quantile(np.nan_to_num(ratio, nan=1.0), [0.25, 0.5, 0.75])
        return (
            f"{first} ends lower than {other} in {below} of {seeds} runs: its loss on new "
            f"{self.task.things} is {middle:.2f} times as large (quartiles {low:.2f} to "
            f"{high:.2f})."
        )

    def __repr__(self) -> str:
        return self.says

    def picture(self) -> object:
        """Left the loss on new data over the steps, right what each tuning tried."""
        from course_lib.training.pictures import judged_and_tuned

        titles = {name: self.title(name) for name in self.runs}
        return judged_and_tuned(self.runs, self.tuned, titles, self.task.things)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.picture())
        display({"text/plain": self.says, "text/html": f"<p>{escape(self.says)}</p>"}, raw=True)


Rules = Rule | Sequence[Rule] | Mapping[str, Rule]


def on_real_data(
    rule: Rules,
    beside: Rules = (),
    task: str = "digits",
    steps: int | None = None,
    batch: int = 32,
    **settings: float,
) -> RealData:
    """A rule on real data, and others beside it, all tuned alike: one picture and one sentence.

    rule:     a rule; also one of your own
    beside:   one rule or a list of them. Where the same rule comes twice, give names:
              ``beside={"constant": gradient_descent}``; so may ``rule``
    task:     "digits", a network of 64–24–10 units that reads handwritten digits; or "words",
              logistic regression on words of which most are rare (who wrote this sentence?)
    steps:    of each run, 200 unless you say otherwise; batch: what a step looks at
    settings: of ``rule``, not tuned; for those beside it use ``functools.partial``

    Each tries the same number of learning rates, evenly spread in the logarithm, on 3 seeds; a rule
    without η tries ε. Where the best is at an edge the grid goes on beyond it. The best of them is
    judged by 12 other seeds (other first weights and batches; the same for all rules) on the part
    of the data that has been kept for it. It takes some seconds.
    """
    if task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, got {task!r}")
    first, others = _named(rule), _named(beside)
    if len(first) != 1 or set(first) & set(others):
        twice = ", ".join(set(first) & set(others)) or "rule"
        raise ValueError(
            f"one rule, and others beside it, each under a name of its own, as in "
            f'beside={{"constant": gradient_descent}}; look at: {twice}'
        )
    for one in first.values():
        check_hyperparameters(one, settings)
    entries = {name: (one, settings) for name, one in first.items()}
    entries |= {name: (one, {}) for name, one in others.items()}
    told = TASKS[task]()
    steps = steps or told.steps
    protocol = (
        f"{told.what}; {steps} steps on batches of {batch}. Each rule tries its learning rates (or "
        f"its ε) on {len(TUNED_ON)} seeds; the best is judged on {len(JUDGED_ON)} other seeds and "
        f"on {len(told.data.test.labels)} {told.things} kept for that."
    )
    bar = _Bar(protocol, 2 * len(entries))
    judged_by, every = told.data._replace(validation=told.data.test), max(1, steps // RECORDS)
    runs, tuned = {}, {}
    for name, (one, fixed) in entries.items():
        if dial_of(one, fixed):
            trying = partial(
                tune, one, told.model, told.data, steps=steps, batch=batch, seeds=TUNED_ON, **fixed
            )
            tuned[name] = _widened(trying, dial_of(one, fixed))
        bar.one_done()
        chosen = fixed | (tuned[name].best if name in tuned else {})
        runs[name] = train(one, told.model, judged_by, steps, batch, JUDGED_ON, every, **chosen)
        bar.one_done()
    bar.close()
    return RealData(told, protocol, runs, tuned)


def _named(rules: Rules) -> dict[str, Rule]:
    """Rules by name; given without names, by their own."""
    if isinstance(rules, Mapping):
        return dict(rules)
    listed = [rules] if callable(rules) else list(rules)
    names = [rule_name(rule) for rule in listed]
    if len(set(names)) < len(names):
        raise ValueError(f"each rule once, or by names of your own in a dict; got {names}")
    return dict(zip(names, listed, strict=True))


def _widened(trying: Callable[..., Tuning], dial: str) -> Tuning:
    """What tuning tries; where its best is at an edge, it goes on there, WIDER times at most."""
    low, high = LEARNING_RATES if dial == "lr" else EPSILONS
    found = trying(budget=BUDGET, ends=(low, high))
    ratio = found.tried[1] / found.tried[0]
    for _ in range(WIDER):
        if not found.at_edge:
            break
        if found.best[dial] == found.tried[0]:
            ends = found.tried[0] * ratio ** np.array([-3.0, -1.0])
        else:
            ends = found.tried[-1] * ratio ** np.array([1.0, 3.0])
        more = trying(budget=3, ends=tuple(ends))
        tried = np.concatenate([found.tried, more.tried])
        order, loss = np.argsort(tried), np.concatenate([found.loss, more.loss])
        found = Tuning(found.rule, dial, tried[order], loss[order])
    return found


def _by_luck(below: int, above: int) -> float:
    """How often fair coins, one for each run, would fall at least as unevenly as this."""
    n, fewer = below + above, min(below, above)
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)


class _Bar:
    """What is being done, and in a notebook a bar that fills; only the words stay."""

    def __init__(self, words: str, count: int):
        self.words, self.count, self.done, self.handle = words, count, 0, None
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython else None
        if shell is not None and hasattr(shell, "kernel"):
            from IPython.display import display

            self.handle = display(self._shown(""), raw=True, display_id=True)
            self._fill()

    def one_done(self) -> None:
        self.done += 1
        self._fill()

    def close(self) -> None:
        if self.handle:
            self.handle.update(self._shown(""), raw=True)

    def _fill(self) -> None:
        if self.handle:
            bar = f'<progress value="{self.done}" max="{self.count}"></progress>'
            self.handle.update(self._shown(bar), raw=True)

    def _shown(self, bar: str) -> dict[str, str]:
        return {"text/plain": self.words, "text/html": f"<p>{escape(self.words)}</p>{bar}"}
