"""Real data with rare words: who wrote this sentence? And the model that learns to tell.

The sentences are stored inside the package (110 kB; source, licence and recipe in ``words.txt``).
Most words stand in few of them: that is what makes text hard for one learning rate for all.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

SIZES = (2000, 600, 600)  # how many sentences are for training, validation and test
AUTHORS = ("Jane Austen", "Herman Melville")
RARE = 2  # a word is known if it stands in so many of the sentences to train on
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


class Sentences(NamedTuple):
    """Sentences as numbers, and who wrote them: ``model.loss(w, *words().train)``.

    words:  (n, longest), the places in ``vocabulary`` of the words that stand in each, every word
            once, in alphabetical order; the rest of a row is −1
    labels: (n,), the author: 0 or 1, the place in ``AUTHORS``
    """

    words: np.ndarray
    labels: np.ndarray


class Words(NamedTuple):
    """Three parts that share no sentence: to train on, to choose settings by, to judge with.

    vocabulary: the known words in alphabetical order
    text:       all sentences as they were written: those of train, validation, test, in this order
    """

    train: Sentences
    validation: Sentences
    test: Sentences
    vocabulary: tuple[str, ...]
    text: tuple[str, ...]


@cache
def words() -> Words:
    """3200 sentences, half from Pride and Prejudice and half from Moby-Dick: 2000, 600, 600.

    The arrays are read-only. Source: J. Austen (1813) and H. Melville (1851), public domain.
    """
    with (files("course_lib.training") / "words.npz").open("rb") as file, np.load(file) as stored:
        text = stored["text"].tobytes().decode("utf-8").split("\n")
        labels = stored["labels"].astype(int)
    found = [sorted(set(WORD.findall(sentence.lower()))) for sentence in text]
    seen_in = Counter(word for sentence in found[: SIZES[0]] for word in sentence)
    vocabulary = sorted(word for word, count in seen_in.items() if count >= RARE)
    place = {word: i for i, word in enumerate(vocabulary)}
    known = [[place[word] for word in sentence if word in place] for sentence in found]
    table = np.full((len(known), max(map(len, known))), -1)
    for row, places in zip(table, known, strict=True):
        row[: len(places)] = places
    parts, cuts = [], np.cumsum(SIZES)[:-1]
    for part in zip(np.split(table, cuts), np.split(labels, cuts), strict=True):
        for array in part:
            array.setflags(write=False)
        parts.append(Sentences(*part))
    return Words(*parts, tuple(vocabulary), tuple(text))


@dataclass(frozen=True)
class LogisticRegression:
    """One weight for each word and a bias: a sentence is Melville's if the sum is above 0.

    words: how many words are known; so w is (words + 1,), the weights first and the bias last

    p = 1/(1 + e⁻ᶻ) with z = bias + Σ of the weights of the words that stand in the sentence. The
    loss is the mean cross-entropy, −log p of the right author: convex in w. A weight has a gradient
    only from sentences with its word. Like ``Network`` it broadcasts: w may be (…, d), the words
    (n, longest) for all or (…, n, longest).
    """

    words: int

    @property
    def dim(self) -> int:
        return self.words + 1

    def start(self, seed: int = 0) -> np.ndarray:
        """(d,), zeros whatever the seed: both authors are equally likely."""
        return np.zeros(self.dim)

    def score(self, w: np.ndarray, words: np.ndarray) -> np.ndarray:
        """(…, n): z, above 0 for Melville."""
        table = np.concatenate([w, np.zeros((*w.shape[:-1], 1))], axis=-1)  # −1 finds the last, 0
        rows = np.broadcast_to(words, (*w.shape[:-1], *words.shape[-2:]))
        flat = rows.reshape(*w.shape[:-1], -1)
        found = np.take_along_axis(table, flat % table.shape[-1], axis=-1).reshape(rows.shape)
        return found.sum(axis=-1) + w[..., -1:]

    def loss(self, w: np.ndarray, words: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(…,), the mean over the sentences of −log p of the right author."""
        z = self.score(w, words)
        return np.logaddexp(0, np.where(labels == 1, -z, z)).mean(axis=-1)

    def grad(self, w: np.ndarray, words: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(…, d), the gradient of the loss in w: each p − y goes to the words of its sentence."""
        z = self.score(w, words)
        apart = (0.5 * (1 + np.tanh(z / 2)) - labels) / words.shape[-2]  # (p − y)/n, no overflow
        rows = np.broadcast_to(words, (*z.shape, words.shape[-1]))
        runs = int(np.prod(w.shape[:-1]))
        place = rows.reshape(runs, -1) % (self.dim + 1) + (self.dim + 1) * np.arange(runs)[:, None]
        each = np.repeat(apart.reshape(runs, -1), words.shape[-1], axis=-1)
        sums = np.bincount(place.ravel(), each.ravel(), minlength=runs * (self.dim + 1))
        g = sums.reshape(runs, -1)[:, :-1].reshape(w.shape)
        g[..., -1] = apart.sum(axis=-1)
        return g

    def accuracy(self, w: np.ndarray, words: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(…,), the share of sentences whose author is told rightly."""
        return np.mean((self.score(w, words) > 0) == (labels == 1), axis=-1)
