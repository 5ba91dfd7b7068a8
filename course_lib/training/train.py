"""Training a model with any rule: ``train`` makes runs and keeps a record, ``tune`` chooses.

A landscape's ``descend`` would keep every point, thousands of numbers each, and look at all images
in each step to know f. Here only every so many steps are recorded.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from course_lib.descent import is_at_edge
from course_lib.measure.comparison import EPSILONS, LEARNING_RATES, dial_of
from course_lib.running import many_runs
from course_lib.training.digits import Digits, Images
from course_lib.training.networks import Network, check_whole
from course_lib.training.words import LogisticRegression, Sentences, Words
from course_lib.validation import Rule, check_hyperparameters, rule_name

Model = Network | LogisticRegression
Data = Digits | Words
Part = Images | Sentences


@dataclass(frozen=True, eq=False)
class Training:
    """The record of a rule's runs, one for each seed, at some of the steps.

    steps:      (k,), the steps recorded, from 0
    loss:       (k, seeds), of all training images; inf where a run has diverged
    validation: (k, seeds), the loss of the validation images
    accuracy:   (k, seeds), the share of the validation images that are recognised
    w:          (seeds, d), the parameters at the end
    """

    rule: str
    settings: Mapping[str, float]
    steps: np.ndarray
    loss: np.ndarray
    validation: np.ndarray
    accuracy: np.ndarray
    w: np.ndarray


def train(
    rule: Rule,
    network: Model,
    data: Data,
    steps: int = 300,
    batch: int | None = 32,
    seeds: int | Iterable[int] = 0,
    every: int = 20,
    **hyperparameters: float,
) -> Training:
    """Train a network, or a regression on words, with a rule, on mini-batches new in each step.

    batch: images in a batch; None for all of them in each step
    seeds: one run for each; the seed chooses the first weights and the batches, so that two rules
           with the same seed begin alike and see the same images
    every: how many steps from one record to the next; the last step is always recorded
    """
    check_hyperparameters(rule, hyperparameters)
    check_whole(steps=steps, every=every)
    runs = _Runs(network, data.train, batch, seeds)
    seen, kept = [], []
    with np.errstate(all="ignore"):
        w = runs.start
        walk = many_runs(rule, runs.grad, w, steps, hyperparameters, runs.grad_of)
        for step in range(steps + 1):
            if step:
                w = next(walk)
            if step % every == 0 or step == steps:
                losses = [_loss(network, w, part) for part in (data.train, data.validation)]
                kept.append((*losses, network.accuracy(w, *data.validation)))
                seen.append(step)
    loss, validation, accuracy = np.array(kept).transpose(1, 0, 2)
    return Training(rule_name(rule), hyperparameters, np.array(seen), loss, validation, accuracy, w)


@dataclass(frozen=True, eq=False)
class Tuning:
    """What ``tune`` tried: ``best`` are the settings, the ``dial`` at the value that did best.

    tried: (budget,), the values of the dial; loss: (budget,), the validation loss that each led to
    """

    rule: str
    dial: str
    tried: np.ndarray
    loss: np.ndarray

    @property
    def at_edge(self) -> bool:
        """Whether the best value is the first or last tried: a better one may lie beyond."""
        return is_at_edge(self.best[self.dial], self.tried)

    @property
    def best(self) -> dict[str, float]:
        return {self.dial: float(self.tried[np.argmin(self.loss)])}


def tune(
    rule: Rule,
    network: Model,
    data: Data,
    budget: int = 11,
    steps: int = 300,
    batch: int | None = 32,
    seeds: int | Iterable[int] = 0,
    ends: tuple[float, float] | None = None,
    **fixed: float,
) -> Tuning:
    """Try ``budget`` learning rates, evenly spread in the logarithm from 1e-4 to 10.

    A rule without learning rate tries as many ε, from 1e-10 to 1; ``ends`` are other ends. Each is
    judged by the validation loss after the last step, the mean over the seeds: never by the test.
    """
    dial = dial_of(rule, fixed)
    if not dial:
        raise ValueError(f"{rule_name(rule)} has neither lr nor eps to tune")
    check_hyperparameters(rule, fixed)
    check_whole(budget=budget, steps=steps)
    tried = np.geomspace(*(ends or (LEARNING_RATES if dial == "lr" else EPSILONS)), budget)
    runs = _Runs(network, data.train, batch, seeds)
    start = np.broadcast_to(runs.start, (budget, *runs.start.shape)).copy()
    with np.errstate(all="ignore"):
        settings = {dial: tried[:, np.newaxis, np.newaxis], **fixed}
        walk = many_runs(rule, runs.grad, start, steps, settings, runs.grad_of)
        (w,) = deque(walk, maxlen=1)
        loss = _loss(network, w, data.validation).mean(axis=1)
    return Tuning(rule_name(rule), dial, tried, loss)


class _Runs:
    """The start (seeds, d), and a gradient on batches that are the same whatever the settings."""

    def __init__(self, network: Model, part: Part, batch: int | None, seeds: int | Iterable[int]):
        self.network, self.part, self.batch = network, part, batch
        self.seeds = [seeds] if isinstance(seeds, int | np.integer) else list(seeds)
        self.start = np.array([network.start(seed) for seed in self.seeds])
        if batch is None:
            self.grad = lambda w: network.grad(w, *part)
        else:
            self.grad = self._batches(network, part, batch)

    def grad_of(self, place: tuple[int, ...]) -> Callable:
        """The gradient of one run alone, (d,) to (d,), on the batches of its seed: the last index.

        Called anew, it begins with the first batch.
        """
        alone = _Runs(self.network, self.part, self.batch, self.seeds[place[-1]])
        return lambda w: alone.grad(w[np.newaxis])[0]

    def _batches(self, network: Model, part: Part, batch: int) -> Callable:
        check_whole(batch=batch)
        generators = [np.random.default_rng(seed) for seed in self.seeds]
        inputs, labels = part

        def grad(w: np.ndarray) -> np.ndarray:
            rows = np.array([rng.integers(len(labels), size=batch) for rng in generators])
            return network.grad(w, inputs[rows], labels[rows])

        return grad


def _loss(network: Model, w: np.ndarray, part: Part) -> np.ndarray:
    loss = network.loss(w, *part)
    return np.where(np.isfinite(loss), loss, np.inf)
