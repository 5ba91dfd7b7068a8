"""Answers to exercise 13, training a network."""

import math
from itertools import pairwise

import numpy as np

from answers.bank import right, wrong
from exercise_lib import check

# 1: counting

wrong(check.count_parameters, "no biases")(lambda sizes: np.dot(sizes[1:], sizes[:-1]))
wrong(check.count_parameters, "units")(lambda sizes: len(np.repeat(1, sum(sizes))))
wrong(check.count_parameters, says="must be one number")(
    lambda sizes: [(i + 1) * o for i, o in pairwise(sizes)]
)


@wrong(check.count_parameters, "one bias a layer")
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


@wrong(check.scores_gradient, "overflows")
def naive(scores, labels):
    e = np.exp(scores)
    p = e / e.sum(axis=1)[:, None]
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


@wrong(check.scores_gradient, "largest of all")
def one_largest_for_all(scores, labels):
    e = np.exp(scores - np.max(scores))
    return (e / e.sum(axis=1, keepdims=True) - np.eye(scores.shape[1])[labels]) / len(labels)


@wrong(check.scores_gradient, "summed")
def of_the_sum(scores, labels):
    p = probabilities(scores)
    for i, label in enumerate(labels):
        p[i, label] -= 1
    return p


@wrong(check.scores_gradient, "averaged over the classes, too")
def with_mean(scores, labels):
    return (probabilities(scores) - np.eye(scores.shape[1])[labels]) / scores.size


@wrong(check.scores_gradient, "other sign")
def other_way(scores, labels):
    return (np.eye(scores.shape[1])[labels] - probabilities(scores)) / len(scores)


@wrong(check.scores_gradient, "p alone")
def what_it_says(scores, labels):
    return probabilities(scores) / len(scores)


@wrong(check.scores_gradient, "softmax over the images")
def along_the_images(scores, labels):
    return (probabilities(scores.T).T - np.eye(scores.shape[1])[labels]) / len(scores)


@wrong(check.scores_gradient, "label numbers")
def minus_the_label(scores, labels):
    return (probabilities(scores) - labels.reshape(-1, 1)) / len(scores)


@wrong(check.scores_gradient, "right class alone")
def only_there(scores, labels):
    g, p, i = np.zeros_like(scores), probabilities(scores), np.arange(len(labels))
    g[i, labels] = (p[i, labels] - 1) / len(labels)
    return g


@wrong(check.scores_gradient, "squared error")
def of_a_square(scores, labels):
    return 2 / len(scores) * (probabilities(scores) - np.eye(scores.shape[1])[labels])


@wrong(check.scores_gradient, says="an array of shape")
def one_row(scores, labels):
    return (probabilities(scores) - np.eye(scores.shape[1])[labels]).mean(axis=0)


@wrong(check.scores_gradient, says="changes the array")
def in_place(scores, labels):
    scores -= scores.max(axis=1, keepdims=True)
    return naive(scores, labels)


@wrong(check.scores_gradient, says="raised IndexError")
def of_the_labels(scores, labels):
    return (probabilities(scores) - np.eye(1)[labels]) / len(scores)


@wrong(check.scores_gradient, says="differs from the right one")
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
for mistake, answer in {
    "no slope": layer_with("delta @ weights.T"),
    "slope of the output": layer_with("delta @ weights.T / np.cosh(inputs)**2"),
    "sigmoid": layer_with("delta @ weights.T * inputs * (1 - inputs)"),
    "square forgotten": layer_with("(1 - inputs) * (delta @ weights.T)"),
    "plus": layer_with("delta @ weights.T * (inputs**2 + 1)"),
    "relu": layer_with("np.where(inputs > 0, delta @ weights.T, 0)"),
    "averaged again": layer_with(BEFORE, "inputs.T @ delta / len(delta)", "delta.mean(0)"),
    "mean of the biases": layer_with(BEFORE, biases="np.average(delta, axis=0)"),
    "no biases": layer_with(BEFORE, biases="0 * delta[0]"),
}.items():
    wrong(check.layer_gradients, mistake)(answer)
for words, answer in {
    "`of_weights` is an array of shape": layer_with(BEFORE, "delta.T @ inputs"),
    "`of_biases` is an array of shape": layer_with(BEFORE, biases="delta.sum(axis=1)"),
    "`before` is an array of shape": layer_with("(delta @ weights.T * (1 - inputs**2)).T"),
    "raised ValueError": layer_with("delta @ weights * (1 - inputs**2)"),
    "which of the three is off": layer_with("delta @ weights.T * np.sqrt(1 - inputs**2)"),
    "nan or inf": layer_with("delta @ weights.T / (0 * inputs)"),
}.items():
    wrong(check.layer_gradients, says=words)(answer)


@wrong(check.layer_gradients, "downhill")
def steps(inputs, weights, delta):
    return -inputs.T @ delta, -delta.sum(axis=0), -delta @ weights.T * (1 - inputs**2)


@wrong(check.layer_gradients, says="Return three arrays")
def two(inputs, weights, delta):
    return inputs.T @ delta, delta.sum(axis=0)


@wrong(check.layer_gradients, says="changes an array")
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


@wrong(check.epoch_batches, "not shuffled")
def as_they_come(n, size, rng):
    return [range(i, min(i + size, n)) for i in range(0, n, size)]


@wrong(check.epoch_batches, "rest dropped")
def whole_batches(n, size, rng):
    return rng.permutation(n)[: n // size * size].reshape(-1, size)


@wrong(check.epoch_batches, "with replacement")
def each_from_all(n, size, rng):
    return [rng.integers(0, n, size=min(size, n - i)) for i in range(0, n, size)]


@wrong(check.epoch_batches, "own generator")
def own_seed(n, size, rng):
    rows = np.random.default_rng(42).permutation(n)
    return [rows[i : i + size] for i in range(0, n, size)]


@wrong(check.epoch_batches, "global generator")
def unseeded(n, size, rng):
    rows = np.random.default_rng().permutation(n)
    return [rows[i : i + size] for i in range(0, n, size)]


@wrong(check.epoch_batches, "begun elsewhere")
def rolled(n, size, rng):
    rows = np.roll(np.arange(n), rng.integers(1, n))
    return [rows[i : i + size] for i in range(0, n, size)]


@wrong(check.epoch_batches, "last batch dropped")
def one_too_few(n, size, rng):
    rows = rng.permutation(n)
    return [rows[i : i + size] for i in range(0, n - size, size)]


@wrong(check.epoch_batches, "one batch")
def only_one(n, size, rng):
    return [rng.choice(n, size, replace=False)]


@wrong(check.epoch_batches, says="whole numbers")
def flat(n, size, rng):
    return rng.permutation(n)


@wrong(check.epoch_batches, says="Not so here: full batches")
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
for mistake, answer in {
    "no warm-up": falling(HALF, "1"),
    "begins at 0": falling(HALF, "(t - 1) / warm"),
    "rises over all": falling(HALF, "t / steps"),
    "over all steps": falling("0.5 * (1 + cos(pi * t / steps))"),
    "t not shifted": falling("0.5 * (1 + cos(pi * t / (steps - warm)))"),
    "length not shortened": falling("0.5 * (1 + cos(pi * (t - warm) / steps))"),
    "whole wave": falling("0.5 * (1 + cos(2 * pi * (t - warm) / (steps - warm)))"),
    "quarter wave": falling("cos(0.5 * pi * (t - warm) / (steps - warm))"),
    "not raised": falling("cos(pi * (t - warm) / (steps - warm))"),
    "not halved": falling("1 + cos(pi * (t - warm) / (steps - warm))"),
    "upside down": falling("0.5 - cos(pi * (t - warm) / (steps - warm)) / 2"),
    "straight": falling("1 - (t - warm) / (steps - warm)"),
}.items():
    wrong(check.warm_cosine, mistake)(answer)
for words, answer in {
    "differs from the right one": falling("(1 - (t - warm) / (steps - warm)) ** 2"),
}.items():
    wrong(check.warm_cosine, says=words)(answer)

asked = []


@wrong(check.warm_cosine, says="must not remember")
def counts_itself(t, lr, warm, steps):
    asked.append(t)
    return lr / len(asked)


@right(check.warm_cosine)
def by_the_square(t, lr, warm, steps):
    part = max(t - warm, 0) / (steps - warm)
    return lr * min(t / warm, 1) * np.cos(np.pi / 2 * part) ** 2


# 6 and 7

for letter, words in {
    "f": "one of the letters",
}.items():
    wrong(check.fair_training, says=words)(letter)
wrong(check.fair_training, says="one of the letters")(4)
right(check.fair_training)(" D")

FOUND = {"summed": 3, "slope": 5, "zeros": 3, "ordered": 2, "peeks": 4}
wrong(check.training_bugs, says="In `summed` line 4 is right")({**FOUND, "summed": 4})
wrong(check.training_bugs, says="In `slope` line 4 is right: p − y")({**FOUND, "slope": 4})
wrong(check.training_bugs, says="biases may begin at 0")({**FOUND, "zeros": 4})
wrong(check.training_bugs, says="In `ordered` line 5 is right: the next 32")(
    {**FOUND, "ordered": 5}
)
wrong(check.training_bugs, says="the test images judge")({**FOUND, "peeks": 7})
wrong(check.training_bugs, says="`peeks` has no line 8")({**FOUND, "peeks": 8})
wrong(check.training_bugs, says="a line for each of")({"summed": 3})
right(check.training_bugs)(FOUND)
