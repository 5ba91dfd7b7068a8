"""A small neural network with a hand-written backward pass.

All its parameters stand in one flat vector ``w`` of shape (d,), so that every rule of the course
trains it unchanged. Like all of the course it broadcasts: ``w`` of shape (…, d) is many networks at
once, and they may look at the same images, (n, pixels), or each at its own, (…, n, pixels).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from course_lib.landscapes import Landscape

ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {  # name: (a(z), its derivative, from a(z))
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(float)),
}
GAINS = {"tanh": 1.0, "relu": 2.0}  # what the variance of the weights is, times the inputs


@dataclass(frozen=True)
class Network:
    """Dense layers hₖ = a(hₖ₋₁ Wₖ + bₖ); the last one gives scores, without an activation.

    sizes:      numbers of units, the inputs first and the classes last: (64, 24, 10)
    activation: a, "tanh" or "relu"

    The loss is the mean cross-entropy, −log p of the right class, with p the softmax of the scores.
    """

    sizes: tuple[int, ...]
    activation: str = "tanh"

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or not all(isinstance(n, int) and n >= 1 for n in self.sizes):
            raise ValueError(
                f"sizes must be two or more whole numbers, as in (64, 24, 10), got {self.sizes!r}"
            )
        if self.activation not in ACTIVATIONS:
            raise ValueError(f'activation must be "tanh" or "relu", got {self.activation!r}')

    @property
    def dim(self) -> int:
        """Number of parameters d: (inputs + 1) · outputs, summed over the layers."""
        return sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.sizes))

    def layers(self, w: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """The flat vector (…, d) cut up: W (…, inputs, outputs) and b (…, 1, outputs) by layer."""
        w = np.ascontiguousarray(w)  # matrices that lie apart in memory would be slow to multiply
        layers, used = [], 0
        for inputs, outputs in pairwise(self.sizes):
            weights = w[..., used : used + inputs * outputs]
            biases = w[..., used + inputs * outputs : used + (inputs + 1) * outputs]
            shape = (*w.shape[:-1], inputs, outputs)
            layers.append((weights.reshape(shape), biases[..., np.newaxis, :]))
            used += (inputs + 1) * outputs
        return layers

    def start(self, seed: int = 0) -> np.ndarray:
        """(d,), where training begins: biases 0, weights at random, so that all units differ.

        W ~ N(0, 1/inputs) for tanh (LeCun; Xavier's for equal layers) and N(0, 2/inputs) for ReLU
        (He): then a layer keeps the size of its signals.

        Source: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward
        neural networks", AISTATS 2010; K. He et al., "Delving deep into rectifiers", ICCV 2015.
        """
        rng, parts = np.random.default_rng(seed), []
        for inputs, outputs in pairwise(self.sizes):
            deviation = np.sqrt(GAINS[self.activation] / inputs)
            parts += [rng.normal(0, deviation, inputs * outputs), np.zeros(outputs)]
        return np.concatenate(parts)

    def forward(self, w: np.ndarray, images: np.ndarray) -> list[np.ndarray]:
        """What each layer puts out, (…, n, units): the images first and the scores last."""
        act, _ = ACTIVATIONS[self.activation]
        *hidden, (last_weights, last_biases) = self.layers(w)
        outputs = [images]
        for weights, biases in hidden:
            outputs.append(act(outputs[-1] @ weights + biases))
        return [*outputs, outputs[-1] @ last_weights + last_biases]

    def loss(self, w: np.ndarray, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(…,), the mean over the images of −log p of the right class."""
        right = np.eye(self.sizes[-1])[labels]
        return -np.mean(np.sum(right * log_softmax(self.forward(w, images)[-1]), axis=-1), axis=-1)

    def grad(self, w: np.ndarray, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(…, d), the gradient of the loss in w: the backward pass, from the last layer down."""
        _, slope = ACTIVATIONS[self.activation]
        outputs, right = self.forward(w, images), np.eye(self.sizes[-1])[labels]
        delta = (np.exp(log_softmax(outputs[-1])) - right) / images.shape[-2]  # (p − y) / n
        parts = []
        for (weights, _), inputs in zip(self.layers(w)[::-1], outputs[-2::-1], strict=True):
            of_weights = np.swapaxes(inputs, -1, -2) @ delta
            parts = [of_weights.reshape(*w.shape[:-1], -1), delta.sum(axis=-2), *parts]
            if inputs is not images:
                delta = delta @ np.swapaxes(weights, -1, -2) * slope(inputs)
        return np.concatenate(parts, axis=-1)

    def accuracy(self, w: np.ndarray, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """(…,), the share of images whose right class has the highest score."""
        return np.mean(self.forward(w, images)[-1].argmax(axis=-1) == labels, axis=-1)

    def landscape(
        self, images: np.ndarray, labels: np.ndarray, batch: int | None = None, seed: int = 0
    ) -> Landscape:
        """The loss on these images as a landscape over w, for any rule, ``descend`` and ``sweep``.

        batch: how many images a run looks at in each step, drawn anew each time; None for all
        seed:  of the start and of the batches
        """
        if batch is not None:
            check_whole(batch=batch)

        def value(w: np.ndarray) -> np.ndarray:
            each = [self.loss(one, images, labels) for one in w.reshape(-1, self.dim)]
            return np.reshape(each, w.shape[:-1])  # one by one: all at once need not fit in memory

        def sampler(rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
            def batch_grad(w: np.ndarray) -> np.ndarray:
                rows = rng.integers(len(labels), size=(*w.shape[:-1], batch))
                return self.grad(w, images[rows], labels[rows])

            return batch_grad

        return Landscape(
            name=f"a {'–'.join(map(str, self.sizes))} network on {len(labels)} images",
            f=value,
            grad=lambda w: self.grad(w, images, labels),
            start=tuple(self.start(seed).tolist()),
            window=(),
            seed=seed,
            sampler=sampler if batch else None,
        )


def check_whole(**numbers: int) -> None:
    """Raise ValueError, with the name, if one of these is not a whole number, 1 or larger."""
    for name, n in numbers.items():
        if not (isinstance(n, int | np.integer) and n >= 1):
            raise ValueError(f"{name} must be a whole number, 1 or larger, got {n!r}")


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """log p with p = eᶻ / Σ eᶻ along the last axis. Taking off the largest z keeps eᶻ finite."""
    z = scores - scores.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
