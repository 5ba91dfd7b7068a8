"""The checks of exercise 13, training a network: each task with its right answer and wrong ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    Mistake,
    NotYet,
    Task,
    Trouble,
    called,
    learners_code,
    numbers,
    result_of,
    something_else,
)
from exercise_lib.path_picture import schedule_picture

# Task 1: how many parameters


def draw_sizes(rng: np.random.Generator) -> list[tuple[int, ...]]:
    return [tuple(rng.integers(3, 40, n).tolist()) for n in (2, 3, 3, 4, 5)]


def total(of_layer: Callable[[int, int], int]) -> Callable[[Sequence[int]], int]:
    return lambda sizes: sum(of_layer(*pair) for pair in pairwise(sizes))


count_parameters = Task(
    name="count_parameters",
    points=1,
    right=total(lambda inputs, outputs: (inputs + 1) * outputs),
    observe=lambda function, sizes: result_of(function, sizes),
    cases=draw_sizes,
    praise="65 · 24 + 25 · 10 = 1810 for the network of the lesson.",
    hints=(
        "Begin with a single unit. What does it multiply, and what does it add?",
        "A unit has a weight for each of its inputs and one bias. How many units has a layer, and "
        "how many inputs each of them?",
        "`return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))`",
    ),
    mistakes=(
        Mistake(
            "no biases",
            total(lambda inputs, outputs: inputs * outputs),
            "Those are the weights. Each unit has a bias as well.",
        ),
        Mistake(
            "bias of the inputs",
            total(lambda inputs, outputs: inputs * (outputs + 1)),
            "You count a bias for each input of a layer. It is the units that have one, so its "
            "outputs.",
        ),
        Mistake(
            "one bias a layer",
            total(lambda inputs, outputs: inputs * outputs + 1),
            "You count one bias for each layer. Every unit in it has one of its own.",
        ),
        Mistake(
            "both plus one",
            total(lambda inputs, outputs: (inputs + 1) * (outputs + 1)),
            "One + 1 too many: the bias is like one more input, but not like one more output.",
        ),
        Mistake("units", sum, "You count the units. Asked are their weights and biases."),
        Mistake(
            "biases alone",
            total(lambda inputs, outputs: outputs),
            "Those are the biases alone. Where are the weights?",
        ),
        Mistake(
            "no last layer",
            lambda sizes: total(lambda i, o: (i + 1) * o)(sizes[:-1]) if len(sizes) > 2 else 0,
            "The last layer is missing: the scores are weighted sums, too.",
        ),
    ),
)

# Task 2: from the loss to the scores


@dataclass(frozen=True)
class Scores:
    """A case: scores (n, classes), and the right classes (n,)."""

    scores: np.ndarray
    labels: np.ndarray


def draw_scores(rng: np.random.Generator) -> list[Scores]:
    """Five sets of scores; every other row of the last one is so large that eᶻ overflows."""
    shapes = ((4, 3), (5, 7), (8, 4), (1, 5), (6, 5))
    return [
        Scores(
            rng.normal(0, 2, (n, k))
            + (900 * np.outer(np.arange(n) % 2, rng.permuted(np.arange(k))) if n == 6 else 0),
            rng.permutation(np.arange(n) % k),
        )
        for n, k in shapes
    ]


def softmax(z: np.ndarray, axis: int | None = -1) -> np.ndarray:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def from_p(of: Callable[[np.ndarray, np.ndarray], np.ndarray], axis: int | None = -1) -> Callable:
    """An answer made of p and the one-hot labels, and divided by the number of images."""

    def answer(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return of(softmax(scores, axis), np.eye(scores.shape[1])[labels]) / len(labels)

    return answer


def overflowing(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return (p - np.eye(scores.shape[1])[labels]) / len(labels)


def underflowing(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return overflowing(scores - scores.max(), labels)


scores_gradient = Task(
    name="scores_gradient",
    points=2,
    right=from_p(lambda p, y: p - y),
    observe=lambda f, case: result_of(f, case.scores, case.labels, shape=case.scores.shape),
    cases=draw_scores,
    praise="What the network said minus what it should have said, also where eᶻ would overflow.",
    hints=(
        "Section 4 of the lesson has it for one image. What changes if f is the mean over n?",
        "`np.eye(k)[labels]` has a row for each image with a 1 for the right class. Take it off "
        "from p and divide by n. For p subtract the largest score of each row first.",
        "`z = scores - scores.max(axis=1, keepdims=True)`, then `p = np.exp(z) / np.exp(z).sum("
        "axis=1, keepdims=True)`, then `return (p - np.eye(k)[labels]) / n`",
    ),
    mistakes=(
        Mistake(
            "overflows",
            overflowing,
            "Right for scores of a usual size. For a score of 1000 `np.exp` overflows, and you "
            "return nan. Subtract the largest score of each row first: p stays the same.",
        ),
        Mistake(
            "largest of all",
            underflowing,
            "You take off the largest score of all images. In a row of much smaller scores every "
            "eᶻ is then 0, and 0/0 is nan: take off the largest of each row, `axis=1`.",
        ),
        Mistake(
            "summed",
            lambda z, y: len(y) * scores_gradient.right(z, y),
            "That is the gradient of the sum over the images. f is their mean.",
        ),
        Mistake(
            "averaged over the classes, too",
            lambda z, y: scores_gradient.right(z, y) / z.shape[1],
            "You divide by the number of all scores. f is a mean over the images, and over the "
            "classes it is a sum.",
        ),
        Mistake(
            "averaged over the classes",
            lambda z, y: scores_gradient.right(z, y) * len(y) / z.shape[1],
            "You divide by the number of classes. f is a mean over the images.",
        ),
        Mistake(
            "other sign",
            from_p(lambda p, y: y - p),
            "That points downhill. The gradient points to where the loss grows: p minus y.",
        ),
        Mistake(
            "p alone",
            from_p(lambda p, y: p),
            "Those are the probabilities. Where do the labels come in?",
        ),
        Mistake(
            "one off from each",
            from_p(lambda p, y: p - 1),
            "You take 1 off from each class. Take it off from the right class only.",
        ),
        Mistake(
            "no softmax",
            lambda z, y: (z - np.eye(z.shape[1])[y]) / len(y),
            "You take the labels off from the scores. Make probabilities of the scores first.",
        ),
        Mistake(
            "softmax over the images",
            from_p(lambda p, y: p - y, axis=0),
            "Your probabilities add up to 1 over the images. They must do so over the classes of "
            "each image: `axis=1`.",
        ),
        Mistake(
            "softmax over all",
            from_p(lambda p, y: p - y, axis=None),
            "Your probabilities add up to 1 over all images together. Each image has its own sum: "
            "`axis=1, keepdims=True`.",
        ),
        Mistake(
            "right class alone",
            from_p(lambda p, y: y * (p - 1)),
            "You have the right class only. The other scores matter, too: they are in the sum "
            "below the fraction line.",
        ),
        Mistake(
            "with a slope",
            from_p(lambda p, y: (p - y) * p * (1 - p)),
            "You multiply by p(1 − p) as well. In p − y the slope of the softmax is contained.",
        ),
        Mistake(
            "squared error",
            from_p(lambda p, y: 2 * (p - y)),
            "A factor 2 too many: the loss is no square.",
        ),
        Mistake(
            "label numbers",
            lambda z, y: (softmax(z) - y[:, np.newaxis]) / len(y),
            "You subtract the number of the class. A label says which score is meant; it is no "
            "amount. `np.eye(k)[labels]`",
        ),
    ),
)

# Task 3: back through a layer


@dataclass(frozen=True)
class Layer:
    """A case: inputs (n, j), which a tanh put out; weights (j, k); delta (n, k)."""

    inputs: np.ndarray
    weights: np.ndarray
    delta: np.ndarray


def draw_layers(rng: np.random.Generator) -> list[Layer]:
    return [
        Layer(np.tanh(rng.normal(size=(n, j))), rng.normal(size=(j, k)), rng.normal(size=(n, k)))
        for n, j, k in ((5, 4, 3), (6, 2, 5), (3, 7, 2))
    ]


def three_gradients(function: object, case: Layer) -> np.ndarray:
    """What a learner's function returns, the three arrays one after the other."""
    given = (case.inputs.copy(), case.weights.copy(), case.delta.copy())
    with learners_code():
        results = called(function, *given)
    if results is None:
        raise NotYet("The function returns nothing so far (None). It must `return` three arrays.")
    for before, after in zip((case.inputs, case.weights, case.delta), given, strict=True):
        if not np.array_equal(before, after):
            raise Trouble(
                "Your function changes an array that it is given. Work on copies.",
                "changes its argument",
            )
    if not isinstance(results, list | tuple) or len(results) != 3:
        raise Trouble("Return three arrays: of_weights, of_biases, before.", "not three arrays")
    shapes = (case.weights.shape, case.weights.shape[1:], case.inputs.shape)
    names = ("`of_weights` is", "`of_biases` is", "`before` is")
    parts = [
        numbers(value, shape, name)
        for value, shape, name in zip(results, shapes, names, strict=True)
    ]
    return np.concatenate([part.ravel() for part in parts])


def through(
    of_weights: Callable = lambda h, w, d: h.T @ d,
    of_biases: Callable = lambda h, w, d: d.sum(axis=0),
    before: Callable = lambda h, w, d: d @ w.T * (1 - h**2),
) -> Callable:
    """The way back through a layer, with some of its three lines wrong."""
    return lambda h, w, d: (of_weights(h, w, d), of_biases(h, w, d), before(h, w, d))


def with_slope(slope: Callable[[np.ndarray], np.ndarray]) -> Callable:
    return through(before=lambda h, w, d: d @ w.T * slope(h))


WEIGHTS_RIGHT = "The gradients of weights and biases are right. "

layer_gradients = Task(
    name="layer_gradients",
    points=2,
    right=through(),
    observe=three_gradients,
    cases=draw_layers,
    otherwise=lambda seen, right: (
        "The gradients differ from central differences. Compare them with `central_difference`, "
        "part by part: which of the three is off?"
        if all(np.isfinite(s).all() for s in seen)
        else something_else(seen, right)
    ),
    praise="Three products, and the loss is one layer further back.",
    hints=(
        "Look at the shapes: with n images, j inputs and k outputs, the first result is (j, k), "
        "the second (k,), the third (n, j). There is hardly more than one way to get them.",
        "A weight acts in every image, so add up over the images: inputsᵀ · delta, and the column "
        "sums of delta. For the inputs add up over the outputs, delta · weightsᵀ; then the slope "
        "of tanh.",
        "`return inputs.T @ delta, delta.sum(axis=0), delta @ weights.T * (1 - inputs**2)`",
    ),
    mistakes=(
        Mistake(
            "no slope",
            with_slope(lambda h: 1),
            f"{WEIGHTS_RIGHT}`before` is only at the outputs of the tanh so far: multiply by its "
            "slope.",
        ),
        Mistake(
            "slope of the output",
            with_slope(lambda h: 1 - np.tanh(h) ** 2),
            f"{WEIGHTS_RIGHT}`inputs` have been through the tanh already: its slope there is "
            "1 − inputs², without another tanh.",
        ),
        Mistake(
            "sigmoid",
            with_slope(lambda h: h * (1 - h)),
            f"{WEIGHTS_RIGHT}h(1 − h) is the slope of the sigmoid. That of tanh is 1 − h².",
        ),
        Mistake(
            "square forgotten",
            with_slope(lambda h: 1 - h),
            f"{WEIGHTS_RIGHT}The slope of tanh is 1 − h²: where is the square?",
        ),
        Mistake(
            "plus",
            with_slope(lambda h: 1 + h**2),
            f"{WEIGHTS_RIGHT}The slope of tanh is at most 1. Look at the sign.",
        ),
        Mistake(
            "relu",
            with_slope(lambda h: h > 0),
            f"{WEIGHTS_RIGHT}That is the slope of ReLU. These inputs come from a tanh.",
        ),
        Mistake(
            "times the inputs",
            with_slope(lambda h: h),
            f"{WEIGHTS_RIGHT}In `before` you multiply by the inputs themselves. It is the slope of "
            "the tanh there, 1 − h².",
        ),
        Mistake(
            "slope twice",
            through(of_weights=lambda h, w, d: (h * (1 - h**2)).T @ d),
            "The slope of tanh does not belong to `of_weights`: these weights come after it.",
        ),
        Mistake(
            "averaged again",
            through(lambda h, w, d: h.T @ d / len(h), lambda h, w, d: d.mean(axis=0)),
            "You divide by the number of images once more. That has been done in delta.",
        ),
        Mistake(
            "mean of the biases",
            through(of_biases=lambda h, w, d: d.mean(axis=0)),
            "Of the biases you take the mean over the images. Add up: the 1/n is in delta.",
        ),
        Mistake(
            "mean of the weights",
            through(of_weights=lambda h, w, d: h.T @ d / len(h)),
            "Of the weights you take the mean over the images. Add up: the 1/n is in delta.",
        ),
        Mistake(
            "no biases",
            through(of_biases=lambda h, w, d: np.zeros(d.shape[1])),
            "Your biases have no gradient. A bias is a weight whose input is always 1.",
        ),
        Mistake(
            "biases times weights",
            through(of_biases=lambda h, w, d: d.sum(axis=0) * w.sum(axis=0)),
            "The weights do not matter for the gradient of the biases.",
        ),
        Mistake(
            "downhill",
            lambda h, w, d: [-part for part in through()(h, w, d)],
            "All three have the other sign: those are steps downhill. Return the gradients.",
        ),
    ),
)

# Task 4: an epoch of batches

Epoch = tuple[int, int]  # rows, and the size of a batch


def draw_epochs(rng: np.random.Generator) -> list[Epoch]:
    return [
        (int(rng.integers(8, 12)) * 10 + 3, 10),
        (96, 12),
        (int(rng.integers(8, 12)) * 20 + 7, 20),
    ]


EPOCH = (
    "in range",
    "each once",
    "none twice",
    "full batches",
    "number of batches",
    "shuffled",
    "no blocks",
    "heeds rng",
    "repeats",
)


def epoch_properties(answer: object, case: Epoch) -> np.ndarray:
    """What a learner's batches are like, in the order of ``EPOCH``: 1 for yes."""
    n, size = case
    first, again, other = (_batches(answer, n, size, seed) for seed in (7, 7, 8))
    rows = np.concatenate(first)
    seen, lengths = np.unique(rows), [len(batch) for batch in first]
    inside = [np.ptp(batch) for batch in first]
    same = [len(a) == len(b) and np.array_equal(np.concatenate(a), np.concatenate(b))
            for a, b in ((first, again), (first, other))]  # fmt: skip
    return np.array(
        [
            seen[0] >= 0 and seen[-1] < n,
            np.array_equal(seen, np.arange(n)),
            len(seen) == len(rows),
            all(length == size for length in lengths[:-1]) and lengths[-1] in (size, n % size),
            len(first) == -(-n // size),
            not np.array_equal(rows, np.arange(n)[: len(rows)]),
            max(inside) >= size,
            not same[1],
            same[0],
        ],
        dtype=float,
    )


def _batches(answer: object, n: int, size: int, seed: int) -> list[np.ndarray]:
    with learners_code():
        made = called(answer, n, size, np.random.default_rng(seed))
    if made is None:
        raise NotYet("The function returns nothing so far (None). It must `return` the batches.")
    with learners_code():
        batches = [np.array(batch) for batch in made]
    if not batches or not all(b.ndim == 1 and b.size and b.dtype.kind in "iu" for b in batches):
        raise Trouble(
            "Return a list of batches, each an array of row numbers (whole numbers).", "no batches"
        )
    return batches


def split(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


epoch_batches = Task(
    name="epoch_batches",
    points=1,
    right=lambda n, size, rng: split(rng.permutation(n), size),
    observe=epoch_properties,
    cases=draw_epochs,
    otherwise=lambda seen, right: _what_is_off(seen, right),
    praise="Every image once, in an order of its own.",
    hints=(
        "First a random order of all rows, once. Then cut it up.",
        "`rng.permutation(n)` is a random order of the rows. Slices `[0:size]`, `[size:2*size]`, … "
        "cut it up, and a slice that reaches beyond the end is just shorter.",
        "`order = rng.permutation(n)`, then `return [order[i : i + size] for i in range(0, n, "
        "size)]`",
    ),
    mistakes=(
        Mistake(
            "not shuffled",
            lambda n, size, rng: split(np.arange(n), size),
            "Your rows come in the order of the data. If that is sorted by digit, a batch has one "
            "digit only. Shuffle first.",
        ),
        Mistake(
            "rest dropped",
            lambda n, size, rng: split(rng.permutation(n)[: n - n % size], size),
            "The rows that fill no batch are left out. Here the last batch is shorter instead.",
        ),
        Mistake(
            "with replacement",
            lambda n, size, rng: split(rng.integers(n, size=n), size),
            "Each row is drawn from all of them, so that some come twice and others not at all. "
            "In an epoch every row comes exactly once.",
        ),
        Mistake(
            "own generator",
            lambda n, size, rng: split(np.random.default_rng(0).permutation(n), size),
            "The order is the same whatever `rng` is given: each epoch would be the same. Draw "
            "with the `rng` given.",
        ),
        Mistake(
            "global generator",
            lambda n, size, rng: split(np.random.permutation(n), size),  # noqa: NPY002
            "The same `rng` does not give the same batches. Draw with the `rng` given.",
        ),
        Mistake(
            "blocks in random order",
            lambda n, size, rng: _blocks_in_random_order(n, size, rng),
            "You shuffle the batches, but each of them holds neighbours. Shuffle the rows.",
        ),
        Mistake(
            "number taken for size",
            lambda n, size, rng: np.array_split(rng.permutation(n), size),
            "You make `size` batches. It is how many rows a batch has.",
        ),
        Mistake(
            "counts from 1",
            lambda n, size, rng: split(rng.permutation(n) + 1, size),
            "Your rows are numbered from 1. Python's begin at 0, and there is no row n.",
        ),
        Mistake(
            "filled up",
            lambda n, size, rng: split(np.resize(rng.permutation(n), -(-n // size) * size), size),
            "You fill up the last batch with rows that have been there. Let it be shorter.",
        ),
        Mistake(
            "one batch",
            lambda n, size, rng: [rng.permutation(n)[:size]],
            "That is one batch. Return all batches of the epoch.",
        ),
    ),
)


def _blocks_in_random_order(n: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Neighbours together; the shorter batch stays the last one."""
    batches = split(np.arange(n), size)
    full = batches[: n // size]
    order = rng.permutation(len(full))
    return [full[i] for i in order] + batches[len(full) :]


def _what_is_off(seen: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> str:
    wrong = next(
        i for i in range(len(EPOCH)) if any(s[i] != r[i] for s, r in zip(seen, right, strict=True))
    )
    return (
        "Your batches are not those of an epoch: every row of 0 … n − 1 exactly once, in an order "
        f"drawn with `rng`, `size` rows in each batch but the last. Not so here: {EPOCH[wrong]}."
    )


# Task 5: a schedule


def draw_plans(rng: np.random.Generator) -> list[tuple[float, int, int]]:
    return [
        (rng.uniform(0.01, 0.5), int(rng.integers(3, 9)), int(rng.integers(20, 40))) for _ in "abc"
    ]


def rates_of(function: object, plan: tuple[float, int, int]) -> np.ndarray:
    """The rates of all steps; asked again backwards they must be the same."""
    lr, warm, steps = plan
    forwards, backwards = (
        [float(result_of(function, t, lr, warm, steps)) for t in order]
        for order in (range(1, steps + 1), range(steps, 0, -1))
    )
    if not np.allclose(forwards, backwards[::-1], rtol=1e-9, equal_nan=True):
        raise Trouble(
            "Asked for the same step again, your function gives another number. A schedule is a "
            "pure function of t: it must not remember that it was asked.",
            "remembers calls",
        )
    return np.array(forwards)


def plan(
    rise: Callable = lambda t, w, n: t / w,
    fall: Callable = lambda t, w, n: 0.5 * (1 + np.cos(np.pi * (t - w) / (n - w))),
    rate: Callable = lambda lr: lr,
) -> Callable:
    """Warm-up and cosine, with some of the parts wrong."""

    def schedule(t: int, lr: float, warm: int, steps: int) -> float:
        return rate(lr) * (rise if t <= warm else fall)(t, warm, steps)

    return schedule


def half_wave(done: Callable) -> Callable:
    return plan(fall=lambda t, w, n: 0.5 * (1 + np.cos(np.pi * done(t, w, n))))


WARM_RIGHT = "The warm-up is right. In the cosine, "

warm_cosine = Task(
    name="warm_cosine",
    points=1,
    right=plan(),
    observe=rates_of,
    cases=draw_plans,
    picture=schedule_picture(plan(), range(1, 61), lr=0.1, warm=12, steps=60),
    praise="Up evenly, down in half a wave, and the same answer whenever it is asked.",
    hints=(
        "Two cases, `if t <= warm`. What are the two factors at t = warm? At t = steps?",
        "Rising: t/warm. Falling: the part done, (t − warm)/(steps − warm), goes from 0 to 1; "
        "½(1 + cos(π · part)) goes from 1 to 0.",
        "`if t <= warm: return lr * t / warm`, and otherwise `return lr / 2 * (1 + np.cos(np.pi * "
        "(t - warm) / (steps - warm)))`",
    ),
    mistakes=(
        Mistake(
            "no warm-up",
            plan(rise=lambda t, w, n: 1.0),
            "The fall is right. In the first `warm` steps the rate must rise evenly.",
        ),
        Mistake(
            "begins at 0",
            plan(rise=lambda t, w, n: (t - 1) / w),
            "Your first step has the rate 0 and leads nowhere. In step t it is t/warm.",
        ),
        Mistake(
            "rises over all",
            plan(rise=lambda t, w, n: t / n),
            "Your warm-up rises as if it went on over all steps. It is over at t = warm.",
        ),
        Mistake(
            "over all steps",
            half_wave(lambda t, w, n: t / n),
            f"{WARM_RIGHT}the wave begins where the warm-up ends: count t from there.",
        ),
        Mistake(
            "t not shifted",
            half_wave(lambda t, w, n: t / (n - w)),
            f"{WARM_RIGHT}the length is right, but t must be counted from `warm` on.",
        ),
        Mistake(
            "length not shortened",
            half_wave(lambda t, w, n: (t - w) / n),
            f"{WARM_RIGHT}you do not get to 0: after the warm-up only steps − warm are left.",
        ),
        Mistake(
            "whole wave",
            half_wave(lambda t, w, n: 2 * (t - w) / (n - w)),
            f"{WARM_RIGHT}you go down and up again. Half a wave is π.",
        ),
        Mistake(
            "quarter wave",
            plan(fall=lambda t, w, n: np.cos(np.pi / 2 * (t - w) / (n - w))),
            f"{WARM_RIGHT}that is a quarter of a wave. Asked is half of one, raised: ½(1 + cos).",
        ),
        Mistake(
            "not raised",
            plan(fall=lambda t, w, n: np.cos(np.pi * (t - w) / (n - w))),
            f"{WARM_RIGHT}the rate becomes negative, and you would climb. ½(1 + cos).",
        ),
        Mistake(
            "not halved",
            plan(fall=lambda t, w, n: 1 + np.cos(np.pi * (t - w) / (n - w))),
            f"{WARM_RIGHT}the rate jumps to twice η. Where is the ½?",
        ),
        Mistake(
            "upside down",
            plan(fall=lambda t, w, n: 0.5 * (1 - np.cos(np.pi * (t - w) / (n - w)))),
            f"{WARM_RIGHT}the rate drops to 0 and then rises. Look at the sign of the cosine.",
        ),
        Mistake(
            "straight",
            plan(fall=lambda t, w, n: (n - t) / (n - w)),
            f"{WARM_RIGHT}there is none: you go down in a straight line.",
        ),
        Mistake(
            "rate forgotten",
            plan(rate=lambda lr: 1.0),
            "Those are the factors. Multiply them by `lr`.",
        ),
    ),
)

# Task 6: which comparison to believe

LETTERS = "abcde"


def letter(answer: object, case: Case) -> np.ndarray:
    given = str(answer).strip().lower() if isinstance(answer, str) else ""
    if given not in tuple(LETTERS):
        raise Trouble(
            'Answer with one of the letters a, b, c, d, e, as a text: `"a"`.', "no such answer"
        )
    return np.array(float(LETTERS.index(given)))


fair_training = Task(
    name="fair_training",
    points=1,
    right="d",
    observe=letter,
    praise="Equal budgets, chosen by some images and judged by others, the spread shown.",
    hints=(
        "Ask three things of each: who tuned what, how often? By which images was it chosen, and "
        "by which judged? How would other seeds have come out?",
        "One has a single run. One uses the same η for both. One has chosen by the test images. "
        "One has tuned only its own method.",
        '`fair = "d"`',
    ),
    mistakes=(
        Mistake(
            "a",
            "a",
            "The same η for both sounds fair, but each rule has its own scale: 0.01 is near the "
            "best for Adam and a crawl for gradient descent.",
        ),
        Mistake(
            "b",
            "b",
            "One run each, and two images between them: with other seeds the order may turn "
            "round. In the lesson seven runs of one rule differ by two points or so.",
        ),
        Mistake(
            "c",
            "c",
            "The test images have chosen the learning rates, so they cannot judge them as well: "
            "the best of eleven tries has their luck in it.",
        ),
        Mistake(
            "e",
            "e",
            "A default is no tuned value, and it is the rival's that was left at its default. Who "
            "tries sixty settings against one has won before the race.",
        ),
    ),
)

# Task 7: the bug hunt

BACKWARD = "those are the gradients in the order of w: W1, b1, W2, b2"


def lines(*reasons: str, bug: int) -> Mapping[int, str]:
    """Why the lines of a program are right, by number; that of the bug is left out."""
    return {i: reason for i, reason in enumerate(reasons, 1) if i != bug}


training_bugs = Task(
    name="training_bugs",
    points=2,
    right={"summed": 3, "slope": 5, "zeros": 3, "ordered": 2, "peeks": 4},
    praise="Not one of them stops with an error; that is why one checks.",
    hints=(
        "The first two are gradients: compare them with `central_difference`, part by part. Run "
        "the third and look at the weights after 100 steps. For the others ask what was seen when.",
        "One forgets that f is a mean. One takes the slope of tanh from the wrong side of it. One "
        "makes all units alike. One shows the network one digit at a time. One looks at the test.",
        "Line 3 of `summed`, 5 of `slope`, 3 of `zeros`, 2 of `ordered`, 4 of `peeks`",
    ),
    **bug_hunt(
        summed=lines(
            "what the hidden units put out",
            "the probabilities of the digits",
            "",
            "back to the hidden units, and through their tanh",
            BACKWARD,
            bug=3,
        ),
        slope=lines(
            "the weighted sums of the hidden units",
            "what they put out",
            "the probabilities of the digits",
            "p − y, and f is a mean",
            "",
            BACKWARD,
            bug=5,
        ),
        zeros=lines(
            "an empty list to collect them in",
            "the layers, by inputs and outputs",
            "",
            "biases may begin at 0, if the weights differ",
            "all of them in one vector",
            bug=3,
        ),
        ordered=lines(
            "the images to train on",
            "",
            "a start at random, and batches of 32",
            "one step after the other",
            "the next 32 rows of the order, from the beginning again at its end",
            "a step of gradient descent on the batch",
            "the weights at the end",
            bug=2,
        ),
        peeks=lines(
            "an empty list to collect them in",
            "one learning rate after the other",
            "it trains, on the training images alone",
            "",
            "it takes the rate with the lowest loss; the question is, on which images",
            "it trains again, from another start",
            "the test images judge, at the very end",
            bug=4,
        ),
    ),
)

TASKS = (
    count_parameters,
    scores_gradient,
    layer_gradients,
    epoch_batches,
    warm_cosine,
    fair_training,
    training_bugs,
)
