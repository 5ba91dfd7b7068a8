"""Answers to exercise 13, training a network."""

import math
from itertools import pairwise

import numpy as np

from answers.bank import right, wrong
from exercise_lib import check

# 1: counting

wrong(check.count_parameters, "Each unit has a bias")(lambda sizes: np.dot(sizes[1:], sizes[:-1]))
wrong(check.count_parameters, "You count the units")(lambda sizes: len(np.repeat(1, sum(sizes))))
wrong(check.count_parameters, "must be one number")(
    lambda sizes: [(i + 1) * o for i, o in pairwise(sizes)]
)


@wrong(check.count_parameters, "one bias for each layer")
def bias_a_layer(sizes):
    weights = sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))
    return weights + len(sizes) - 1


@right(check.count_parameters)
def in_two_sums(sizes):
    weights = sum(sizes[i - 1] * sizes[i] for i in range(1, len(sizes)))
    return weights + sum(sizes) - sizes[0]


@right(check.count_parameters)
def with_arrays(sizes):
    return float(np.dot(np.array(sizes[:-1]) + 1, sizes[1:]))


# 2: from the loss to the scores


def probabilities(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong(check.scores_gradient, "`np.exp` overflows")
def naive(scores, labels):
    e = np.exp(scores)
    p = e / e.sum(axis=1)[:, None]
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@wrong(check.scores_gradient, "largest of each row")
def one_largest_for_all(scores, labels):
    e = np.exp(scores - np.max(scores))
    return (e / e.sum(axis=1, keepdims=True) - np.eye(scores.shape[1])[labels]) / len(labels)


@wrong(check.scores_gradient, "gradient of the sum")
def of_the_sum(scores, labels):
    p = probabilities(scores)
    for i, label in enumerate(labels):
        p[i, label] -= 1
    return p


@wrong(check.scores_gradient, "number of all scores")
def with_mean(scores, labels):
    return (probabilities(scores) - np.eye(scores.shape[1])[labels]) / scores.size


@wrong(check.scores_gradient, "points downhill")
def other_way(scores, labels):
    return (np.eye(scores.shape[1])[labels] - probabilities(scores)) / len(scores)


@wrong(check.scores_gradient, "Where do the labels come in")
def what_it_says(scores, labels):
    return probabilities(scores) / len(scores)


@wrong(check.scores_gradient, "over the classes of")
def along_the_images(scores, labels):
    return (probabilities(scores.T).T - np.eye(scores.shape[1])[labels]) / len(scores)


@wrong(check.scores_gradient, "number of the class")
def minus_the_label(scores, labels):
    return (probabilities(scores) - labels.reshape(-1, 1)) / len(scores)


@wrong(check.scores_gradient, "the right class only")
def only_there(scores, labels):
    g, p, i = np.zeros_like(scores), probabilities(scores), np.arange(len(labels))
    g[i, labels] = (p[i, labels] - 1) / len(labels)
    return g


@wrong(check.scores_gradient, "the loss is no square")
def of_a_square(scores, labels):
    return 2 / len(scores) * (probabilities(scores) - np.eye(scores.shape[1])[labels])


@wrong(check.scores_gradient, "an array of shape")
def one_row(scores, labels):
    return (probabilities(scores) - np.eye(scores.shape[1])[labels]).mean(axis=0)


@wrong(check.scores_gradient, "changes the array")
def in_place(scores, labels):
    scores -= scores.max(axis=1, keepdims=True)
    return naive(scores, labels)


@wrong(check.scores_gradient, "raised IndexError")
def of_the_labels(scores, labels):
    return (probabilities(scores) - np.eye(1)[labels]) / len(scores)


@wrong(check.scores_gradient, "differs from the right one")
def smoothed(scores, labels):
    k = scores.shape[1]
    return (probabilities(scores) - 0.9 * np.eye(k)[labels] - 0.1 / k) / len(scores)


@right(check.scores_gradient)
def image_by_image(scores, labels):
    rows = []
    for z, label in zip(scores, labels, strict=True):
        e = [math.exp(s - max(z)) for s in z]
        rows.append([(v / sum(e) - (k == label)) / len(labels) for k, v in enumerate(e)])
    return rows


@right(check.scores_gradient)
def by_logarithms(scores, labels):
    z = scores - np.max(scores, axis=1, keepdims=True)
    g = np.exp(z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))
    g[np.arange(len(g)), labels] -= 1
    return g / len(g)


# 3: back through a layer


def layer_with(before, weights="inputs.T @ delta", biases="delta.sum(axis=0)"):
    def layer_gradients(inputs, weights_, delta):
        names = {"inputs": inputs, "weights": weights_, "delta": delta, "np": np}
        return tuple(eval(text, names) for text in (weights, biases, before))

    return layer_gradients


BEFORE = "delta @ weights.T * (1 - inputs**2)"
for words, answer in {
    "multiply by its slope": layer_with("delta @ weights.T"),
    "without another tanh": layer_with("delta @ weights.T / np.cosh(inputs)**2"),
    "slope of the sigmoid": layer_with("delta @ weights.T * inputs * (1 - inputs)"),
    "where is the square": layer_with("(1 - inputs) * (delta @ weights.T)"),
    "at most 1": layer_with("delta @ weights.T * (inputs**2 + 1)"),
    "slope of ReLU": layer_with("np.where(inputs > 0, delta @ weights.T, 0)"),
    "once more": layer_with(BEFORE, "inputs.T @ delta / len(delta)", "delta.mean(0)"),
    "Of the biases you take the mean": layer_with(BEFORE, biases="np.average(delta, axis=0)"),
    "always 1": layer_with(BEFORE, biases="0 * delta[0]"),
    "`of_weights` is an array of shape": layer_with(BEFORE, "delta.T @ inputs"),
    "`of_biases` is an array of shape": layer_with(BEFORE, biases="delta.sum(axis=1)"),
    "`before` is an array of shape": layer_with("(delta @ weights.T * (1 - inputs**2)).T"),
    "raised ValueError": layer_with("delta @ weights * (1 - inputs**2)"),
    "which of the three is off": layer_with("delta @ weights.T * np.sqrt(1 - inputs**2)"),
    "nan or inf": layer_with("delta @ weights.T / (0 * inputs)"),
}.items():
    wrong(check.layer_gradients, words)(answer)


@wrong(check.layer_gradients, "other sign")
def steps(inputs, weights, delta):
    return -inputs.T @ delta, -delta.sum(axis=0), -delta @ weights.T * (1 - inputs**2)


@wrong(check.layer_gradients, "Return three arrays")
def two(inputs, weights, delta):
    return inputs.T @ delta, delta.sum(axis=0)


@wrong(check.layer_gradients, "changes an array")
def spoils(inputs, weights, delta):
    inputs **= 2
    return inputs.T @ delta, delta.sum(axis=0), delta @ weights.T * (1 - inputs)


@right(check.layer_gradients)
def with_einsum(inputs, weights, delta):
    of_inputs = np.einsum("nk,jk->nj", delta, weights)
    return [
        np.einsum("nj,nk->jk", inputs, delta),
        np.ones(len(delta)) @ delta,
        of_inputs - of_inputs * inputs * inputs,
    ]


@right(check.layer_gradients)
def with_loops(inputs, weights, delta):
    of_weights, of_biases = np.zeros_like(weights), np.zeros(weights.shape[1])
    before = np.zeros_like(inputs)
    for h, d, b in zip(inputs, delta, before, strict=True):
        of_weights += np.outer(h, d)
        of_biases += d
        b[:] = (weights @ d) / np.cosh(np.arctanh(h)) ** 2
    return of_weights, of_biases.tolist(), before


# 4: an epoch


@wrong(check.epoch_batches, "order of the data")
def as_they_come(n, size, rng):
    return [range(i, min(i + size, n)) for i in range(0, n, size)]


@wrong(check.epoch_batches, "are left out")
def whole_batches(n, size, rng):
    return rng.permutation(n)[: n // size * size].reshape(-1, size)


@wrong(check.epoch_batches, "some come twice")
def each_from_all(n, size, rng):
    return [rng.integers(0, n, size=min(size, n - i)) for i in range(0, n, size)]


@wrong(check.epoch_batches, "each epoch would be the same")
def own_seed(n, size, rng):
    rows = np.random.default_rng(42).permutation(n)
    return [rows[i : i + size] for i in range(0, n, size)]


@wrong(check.epoch_batches, "does not give the same batches")
def unseeded(n, size, rng):
    rows = np.random.default_rng().permutation(n)
    return [rows[i : i + size] for i in range(0, n, size)]


@wrong(check.epoch_batches, "It is how many rows a batch has")
def so_many_batches(n, size, rng):
    return np.array_split(rng.permutation(n), size)


@wrong(check.epoch_batches, "That is one batch")
def only_one(n, size, rng):
    return [rng.choice(n, size, replace=False)]


@wrong(check.epoch_batches, "whole numbers")
def flat(n, size, rng):
    return rng.permutation(n)


@wrong(check.epoch_batches, "Not so here: full batches")
def one_too_many(n, size, rng):
    rows = rng.permutation(n)
    return [rows[i : i + size + 1] for i in range(0, n, size + 1)]


@right(check.epoch_batches)
def by_popping(n, size, rng):
    waiting = list(range(n))
    rng.shuffle(waiting)
    batches = []
    while waiting:
        batches.append([waiting.pop() for _ in range(min(size, len(waiting)))])
    return batches


@right(check.epoch_batches)
def a_generator(n, size, rng):
    order = rng.permutation(n)
    yield from np.split(order, range(size, n, size))


# 5: the schedule


def falling(formula, rising="t / warm"):
    def warm_cosine(t, lr, warm, steps):
        names = {"t": t, "warm": warm, "steps": steps, "cos": math.cos, "pi": math.pi}
        return lr * eval(rising if t <= warm else formula, names)

    return warm_cosine


HALF = "0.5 * (1 + cos(pi * (t - warm) / (steps - warm)))"
for words, answer in {
    "must rise evenly": falling(HALF, "1"),
    "leads nowhere": falling(HALF, "(t - 1) / warm"),
    "over all steps": falling(HALF, "t / steps"),
    "begins where the warm-up ends": falling("0.5 * (1 + cos(pi * t / steps))"),
    "t must be counted from": falling("0.5 * (1 + cos(pi * t / (steps - warm)))"),
    "you do not get to 0": falling("0.5 * (1 + cos(pi * (t - warm) / steps))"),
    "down and up again": falling("0.5 * (1 + cos(2 * pi * (t - warm) / (steps - warm)))"),
    "quarter of a wave": falling("cos(0.5 * pi * (t - warm) / (steps - warm))"),
    "you would climb": falling("cos(pi * (t - warm) / (steps - warm))"),
    "twice η": falling("1 + cos(pi * (t - warm) / (steps - warm))"),
    "sign of the cosine": falling("0.5 - cos(pi * (t - warm) / (steps - warm)) / 2"),
    "in a straight line": falling("1 - (t - warm) / (steps - warm)"),
    "differs from the right one": falling("(1 - (t - warm) / (steps - warm)) ** 2"),
}.items():
    wrong(check.warm_cosine, words)(answer)

asked = []


@wrong(check.warm_cosine, "must not remember")
def counts_itself(t, lr, warm, steps):
    asked.append(t)
    return lr / len(asked)


@right(check.warm_cosine)
def by_the_square(t, lr, warm, steps):
    part = max(t - warm, 0) / (steps - warm)
    return lr * min(t / warm, 1) * np.cos(np.pi / 2 * part) ** 2


# 6 and 7

for letter, words in {
    "a": "each rule has its own scale",
    "b": "with other seeds",
    "c": "have chosen the learning rates",
    "e": "sixty settings against one",
    "f": "one of the letters",
}.items():
    wrong(check.fair_training, words)(letter)
wrong(check.fair_training, "one of the letters")(4)
right(check.fair_training)(" D")

FOUND = {"summed": 3, "slope": 5, "zeros": 3, "ordered": 2, "peeks": 4}
wrong(check.training_bugs, "In `summed` line 4 is right")({**FOUND, "summed": 4})
wrong(check.training_bugs, "In `slope` line 4 is right: p − y")({**FOUND, "slope": 4})
wrong(check.training_bugs, "biases may begin at 0")({**FOUND, "zeros": 4})
wrong(check.training_bugs, "In `ordered` line 5 is right: the next 32")({**FOUND, "ordered": 5})
wrong(check.training_bugs, "the test images judge")({**FOUND, "peeks": 7})
wrong(check.training_bugs, "`peeks` has no line 8")({**FOUND, "peeks": 8})
wrong(check.training_bugs, "a line for each of")({"summed": 3})
right(check.training_bugs)(FOUND)
