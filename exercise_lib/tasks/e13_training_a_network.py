"""The checks of exercise 13, training a network: each task with its right answer and wrong ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from exercise_lib.bug_hunt import bug_hunt
from exercise_lib.engine import (
    Case,
    NotYet,
    Task,
    Trouble,
    called,
    learners_code,
    numbers,
    result_of,
    something_else,
)
from exercise_lib.known_mistakes import MistakesFile
from exercise_lib.path_picture import schedule_picture

MISTAKES = MistakesFile(__file__, globals())

# Task 1: how many parameters


def draw_sizes(rng: np.random.Generator) -> list[tuple[int, ...]]:
    return [tuple(rng.integers(3, 40, n).tolist()) for n in (2, 3, 3, 4, 5)]


def parameters(sizes: Sequence[int]) -> int:
    """Weights and biases of a network whose layers have these sizes."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))


count_parameters = Task(
    name="count_parameters",
    points=1,
    right=parameters,
    observe=lambda function, sizes: result_of(function, sizes),
    cases=draw_sizes,
    edges={
        "no hidden layer": lambda sizes: len(sizes) == 2,
        "three hidden layers": lambda sizes: len(sizes) == 5,
    },
    praise="65 · 24 + 25 · 10 = 1810 for the network of the lesson.",
    hints=(
        "Begin with a single unit. What does it multiply, and what does it add?",
        "A unit has a weight for each of its inputs and one bias. How many units has a layer, and "
        "how many inputs each of them?",
        "`return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))`",
    ),
    mistakes=MISTAKES.of("count_parameters", parameters),
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


def gradient_of_scores(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(p − y)/n, with p the softmax of each row and y the one-hot labels."""
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    y = np.eye(scores.shape[1])[labels]
    return (p - y) / len(labels)


scores_gradient = Task(
    name="scores_gradient",
    points=2,
    right=gradient_of_scores,
    observe=lambda f, case: result_of(f, case.scores, case.labels, shape=case.scores.shape),
    cases=draw_scores,
    edges={
        "one row": lambda case: len(case.scores) == 1,
        "scores at which eᶻ overflows": lambda case: case.scores.max() > 710,
    },
    praise="What the network said minus what it should have said, also where eᶻ would overflow.",
    hints=(
        "Section 7 of the lesson has it for one image, under *Deeper*. What changes if f is the "
        "mean over n?",
        "`np.eye(k)[labels]` has a row for each image with a 1 for the right class. Take it off "
        "from p and divide by n. For p subtract the largest score of each row first.",
        "`z = scores - scores.max(axis=1, keepdims=True)`, then `p = np.exp(z) / np.exp(z).sum("
        "axis=1, keepdims=True)`, then `return (p - np.eye(k)[labels]) / n`",
    ),
    mistakes=MISTAKES.of("scores_gradient", gradient_of_scores),
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


def back_through(inputs: np.ndarray, weights: np.ndarray, delta: np.ndarray) -> tuple:
    """The gradients of weights and biases, and that before the tanh which put out the inputs."""
    of_weights = inputs.T @ delta
    of_biases = delta.sum(axis=0)
    before = delta @ weights.T * (1 - inputs**2)
    return of_weights, of_biases, before


layer_gradients = Task(
    name="layer_gradients",
    points=2,
    right=back_through,
    observe=three_gradients,
    cases=draw_layers,
    otherwise=lambda seen, right: (
        "The gradients differ from central differences. Compare them with `central_difference`, "
        "part by part: which of the three is off?"
        if all(np.isfinite(s).all() for s in seen)
        else something_else(seen, right)
    ),
    edges={
        "more inputs than outputs": lambda layer: np.subtract(*layer.weights.shape) > 0,
        "fewer": lambda layer: np.subtract(*layer.weights.shape) < 0,
    },
    praise="Three products, and the loss is one layer further back.",
    hints=(
        "Look at the shapes: with n images, j inputs and k outputs, the first result is (j, k), "
        "the second (k,), the third (n, j). There is hardly more than one way to get them.",
        "A weight acts in every image, so add up over the images: inputsᵀ · delta, and the column "
        "sums of delta. For the inputs add up over the outputs, delta · weightsᵀ; then the slope "
        "of tanh.",
        "`return inputs.T @ delta, delta.sum(axis=0), delta @ weights.T * (1 - inputs**2)`",
    ),
    mistakes=MISTAKES.of("layer_gradients", back_through),
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
    "no neighbours",
    "heeds rng",
    "repeats",
)


def epoch_properties(answer: object, case: Epoch) -> np.ndarray:
    """What a learner's batches are like, in the order of ``EPOCH``: 1 for yes, or how many off."""
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
            len(first) - -(-n // size),  # 0 for the right number of batches
            not np.array_equal(rows, np.arange(n)[: len(rows)]),
            max(inside) >= size,
            np.mean(np.diff(rows) % n == 1) < 0.5,
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


def batches_of(n: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The rows 0 … n − 1 in random order, in batches; the last one may be shorter."""
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


def blocks_in_random_order(n: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Neighbours together; the shorter batch stays the last one."""
    blocks = np.split(np.arange(n), range(size, n, size))
    full = n // size
    return [blocks[i] for i in rng.permutation(full)] + blocks[full:]


epoch_batches = Task(
    name="epoch_batches",
    points=1,
    right=batches_of,
    observe=epoch_properties,
    cases=draw_epochs,
    otherwise=lambda seen, right: _what_is_off(seen, right),
    edges={
        "a batch that divides the rows": lambda case: case[0] % case[1] == 0,
        "one that does not": lambda case: case[0] % case[1] > 0,
    },
    praise="Every image once, in an order of its own.",
    hints=(
        "First a random order of all rows, once. Then cut it up.",
        "`rng.permutation(n)` is a random order of the rows. Slices `[0:size]`, `[size:2*size]`, … "
        "cut it up, and a slice that reaches beyond the end is just shorter.",
        "`order = rng.permutation(n)`, then `return [order[i : i + size] for i in range(0, n, "
        "size)]`",
    ),
    mistakes=MISTAKES.of("epoch_batches", batches_of),
)


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


def warm_up_and_cosine(t: int, lr: float, warm: int, steps: int) -> float:
    """The rate of step t: up evenly for ``warm`` steps, then down in half a wave."""
    if t <= warm:
        return lr * t / warm
    done = (t - warm) / (steps - warm)
    return lr / 2 * (1 + np.cos(np.pi * done))


warm_cosine = Task(
    name="warm_cosine",
    points=1,
    right=warm_up_and_cosine,
    observe=rates_of,
    cases=draw_plans,
    picture=schedule_picture(warm_up_and_cosine, range(1, 61), lr=0.1, warm=12, steps=60),
    edges={"a warm-up of several steps": lambda case: 3 <= case[1] < case[2]},
    praise="Up evenly, down in half a wave, and the same answer whenever it is asked.",
    hints=(
        "Two cases, `if t <= warm`. What are the two factors at t = warm? At t = steps?",
        "Rising: t/warm. Falling: the part done, (t − warm)/(steps − warm), goes from 0 to 1; "
        "½(1 + cos(π · part)) goes from 1 to 0.",
        "`if t <= warm: return lr * t / warm`, and otherwise `return lr / 2 * (1 + np.cos(np.pi * "
        "(t - warm) / (steps - warm)))`",
    ),
    mistakes=MISTAKES.of("warm_cosine", warm_up_and_cosine),
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
    mistakes=MISTAKES.of("fair_training"),
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
