"""Writes ``runs.npz``: runs of every rule made without any code of the course.

The libraries below are not needed to read the course or to run its tests, only to make the file
anew. In the root of the repository, with Python 3.11 (a CPU build of torch is enough):

    python3 -m venv refvenv
    refvenv/bin/pip install torch==2.13.0 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
    refvenv/bin/pip install keras==3.15.1 river==0.26.1
    refvenv/bin/python tests/reference/make_runs.py

Runs that the file has already stay as they are; delete it to make all of them anew.

``runs.npz`` holds one array per run, named "source/rule/landscape", of shape (STEPS + 1, 2) and
type float64: the start and the point after every step, with the hyperparameters of
``settings.py``. Sources:

* ``torch``: torch.optim, gradients by torch.autograd
* ``optax``: optax, gradients by jax.grad; only where optax has the same algorithm
* ``unrolled``: for the rules no library has (``nadam_scheduled``, ``nadamax``); every average is
  an explicit sum over all past gradients, in plain floats, gradients by torch.autograd. The same
  is done for ``nadam``, which optax has, so that this way of computing is checked as well.

Three dialects of Nadam are no rules of the course; lesson 10 writes them out, and
``test_dialects.py`` compares its cells with these runs:

* ``torch/torch_nadam``: PyTorch's NAdam, with the hyperparameters of ``nadam_scheduled``. It keeps
  the product of all mu in the default dtype whatever the type of the point, hence
  ``set_default_dtype``
* ``keras/keras_nadam``: Keras' Nadam on its torch backend, all in float64
* ``river/tutorial_nadam``: river's Nadam, which follows a widely read tutorial

And one of AMSGrad, for lesson 14: ``torch/torch_amsgrad`` corrects the bias of the maximum, where
optax takes the maximum of what is corrected.

optax's schedule-free method holds the point at which it takes the gradient, and so do these runs.
``optax/muon/matrix`` is a run of Muon on six numbers, a matrix of two rows.
"""

import os
from collections.abc import Callable
from math import prod, sqrt
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import torch
from river import optim as river
from settings import MATRIX_START, RUNS, START, STEPS

os.environ["KERAS_BACKEND"] = "torch"  # read when keras is imported
import keras

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
jax.config.update("jax_enable_x64", True)

Point = tuple[float, float]


def beale(p: Any) -> Any:
    """The Beale function, for a point of any library."""
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def rosenbrock(p: Any) -> Any:
    """The Rosenbrock function, for a point of any library."""
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def matrix(p: Any) -> Any:
    """Σ (W A − B)², divided by 2, for the numbers of a matrix W of two rows, row by row."""
    w = p.reshape(2, 3)
    a = np.array([[2.0, 0.1, 0.0], [0.0, 1.0, -0.2], [0.3, 0.0, 0.2]])
    b = np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 2.0]])
    return ((w @ a - b) ** 2).sum() / 2


LANDSCAPES = {"beale": beale, "rosenbrock": rosenbrock, "matrix": matrix}

TORCH = {
    "gradient_descent": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr, beta: torch.optim.SGD(p, lr, momentum=beta),
    "nesterov": lambda p, lr, beta: torch.optim.SGD(p, lr, momentum=beta, nesterov=True),
    "adagrad": lambda p, lr, eps: torch.optim.Adagrad(p, lr, initial_accumulator_value=0, eps=eps),
    "rmsprop": lambda p, lr, beta, eps: torch.optim.RMSprop(p, lr, alpha=beta, eps=eps),
    "adadelta": lambda p, beta, eps: torch.optim.Adadelta(p, lr=1.0, rho=beta, eps=eps),
    "adam": lambda p, lr, beta1, beta2, eps: torch.optim.Adam(p, lr, (beta1, beta2), eps),
    "adamax": lambda p, lr, beta1, beta2: torch.optim.Adamax(p, lr, (beta1, beta2), eps=0.0),
    "adamw": lambda p, lr, beta1, beta2, eps, weight_decay: torch.optim.AdamW(
        p, lr, (beta1, beta2), eps, weight_decay
    ),
    "torch_amsgrad": lambda p, lr, beta1, beta2, eps: torch.optim.Adam(
        p, lr, (beta1, beta2), eps, amsgrad=True
    ),
    "torch_nadam": lambda p, lr, beta1, beta2, eps, psi: torch.optim.NAdam(
        p, lr, (beta1, beta2), eps, momentum_decay=psi
    ),
}

OPTAX = {
    "gradient_descent": lambda lr: optax.sgd(lr),
    "momentum": lambda lr, beta: optax.sgd(lr, beta),
    "nesterov": lambda lr, beta: optax.sgd(lr, beta, nesterov=True),
    "rmsprop": lambda lr, beta, eps: optax.rmsprop(lr, beta, eps, eps_in_sqrt=False),
    "adadelta": lambda beta, eps: optax.adadelta(1.0, beta, eps),
    "adam": lambda lr, beta1, beta2, eps: optax.adam(lr, beta1, beta2, eps),
    "adamax": lambda lr, beta1, beta2: optax.adamax(lr, beta1, beta2, eps=0.0),
    "nadam": lambda lr, beta1, beta2, eps: optax.nadam(lr, beta1, beta2, eps),
    "adamw": lambda lr, beta1, beta2, eps, weight_decay: optax.adamw(
        lr, beta1, beta2, eps, weight_decay=weight_decay
    ),
    "amsgrad": lambda lr, beta1, beta2, eps: optax.amsgrad(lr, beta1, beta2, eps),
    "lion": lambda lr, beta1, beta2, weight_decay: optax.lion(
        lr, beta1, beta2, weight_decay=weight_decay
    ),
    "muon": lambda lr, beta, rows: optax.chain(
        optax.contrib.scale_by_muon(beta=beta, eps=0.0, nesterov=False),
        optax.scale_by_learning_rate(lr),
    ),
    "schedule_free": lambda lr, beta: optax.contrib.schedule_free_sgd(lr, b1=beta),
}

KERAS = {
    "keras_nadam": lambda lr, beta1, beta2, eps: keras.optimizers.Nadam(lr, beta1, beta2, eps),
}

RIVER = {
    "tutorial_nadam": lambda lr, beta1, beta2, eps: river.Nadam(lr, beta1, beta2, eps),
}


def run_torch(rule: str, landscape: str) -> np.ndarray:
    """The path of a torch optimizer."""
    point = torch.tensor(START[landscape], requires_grad=True)
    optimizer = TORCH[rule]([point], **RUNS[rule, landscape])
    path = [point.tolist()]
    for _ in range(STEPS):
        optimizer.zero_grad()
        LANDSCAPES[landscape](point).backward()
        optimizer.step()
        path.append(point.tolist())
    return np.array(path)


def run_optax(rule: str, landscape: str) -> np.ndarray:
    """The path of an optax optimizer; with ``rows`` its parameter is a matrix."""
    settings = RUNS[rule, landscape]
    point = jax.numpy.array(START.get(landscape, MATRIX_START))
    point = point.reshape(settings["rows"], -1) if "rows" in settings else point
    grad = jax.grad(lambda p: LANDSCAPES[landscape](p.ravel()))
    optimizer = OPTAX[rule](**settings)
    state = optimizer.init(point)
    path = [point.ravel().tolist()]
    for _ in range(STEPS):
        updates, state = optimizer.update(grad(point), state, point)
        point = optax.apply_updates(point, updates)
        path.append(point.ravel().tolist())
    return np.array(path)


def run_keras(rule: str, landscape: str) -> np.ndarray:
    """The path of a Keras optimizer, gradients by torch.autograd."""
    point = keras.Variable(START[landscape], dtype="float64")
    optimizer = KERAS[rule](**RUNS[rule, landscape])
    path = [point.numpy().tolist()]
    for _ in range(STEPS):
        gradient = torch.tensor(torch_gradient(landscape, path[-1]))
        optimizer.apply([gradient], [point])
        path.append(point.numpy().tolist())
    return np.array(path)


def run_river(rule: str, landscape: str) -> np.ndarray:
    """The path of a river optimizer, whose points are dicts; gradients by torch.autograd."""
    point = dict(zip("xy", START[landscape], strict=True))
    optimizer = RIVER[rule](**RUNS[rule, landscape])
    path = [list(point.values())]
    for _ in range(STEPS):
        gradient = dict(zip("xy", torch_gradient(landscape, path[-1]), strict=True))
        point = optimizer.step(point, gradient)
        path.append(list(point.values()))
    return np.array(path)


def torch_gradient(landscape: str, point: Point) -> Point:
    """The gradient at a point, as two floats."""
    p = torch.tensor(point, requires_grad=True)
    LANDSCAPES[landscape](p).backward()
    return tuple(p.grad.tolist())


def run_unrolled(rule: str, landscape: str) -> np.ndarray:
    """The path of a Nadam whose step t is computed from all the gradients g[1], …, g[t]."""
    step = UNROLLED[rule]
    path = [START[landscape]]
    gradients = []
    for _ in range(STEPS):
        gradients.append(torch_gradient(landscape, path[-1]))
        histories = zip(*gradients, strict=True)
        moves = [step([0.0, *history], **RUNS[rule, landscape]) for history in histories]
        path.append(tuple(x + move for x, move in zip(path[-1], moves, strict=True)))
    return np.array(path)


def look_ahead(g: list[float], mu: Callable[[int], float]) -> float:
    """The m̂ of Dozat's Algorithm 2 after the gradients g[1], …, g[t], with momentum mu(t).

    m[t] = Σᵢ (1 − mu(i)) mu(i + 1) ⋯ mu(t) g[i]
    """
    t = len(g) - 1
    mus = [1.0] + [mu(i) for i in range(1, t + 2)]
    m = sum((1 - mus[i]) * prod(mus[i + 1 : t + 1]) * g[i] for i in range(1, t + 1))
    return mus[t + 1] * m / (1 - prod(mus)) + (1 - mus[t]) * g[t] / (1 - prod(mus[: t + 1]))


def root_mean_square(g: list[float], beta2: float) -> float:
    """√ŝ after the gradients g[1], …, g[t]: their root mean square with the weights β₂ᵗ⁻ⁱ."""
    t = len(g) - 1
    weights = [beta2 ** (t - i) for i in range(1, t + 1)]
    return sqrt(sum(w * v**2 for w, v in zip(weights, g[1:], strict=True)) / sum(weights))


def nadam(g: list[float], lr: float, beta1: float, beta2: float, eps: float) -> float:
    """The last move of Nadam with constant β₁."""
    return -lr * look_ahead(g, lambda i: beta1) / (root_mean_square(g, beta2) + eps)


def nadam_scheduled(
    g: list[float], lr: float, beta1: float, beta2: float, eps: float, psi: float
) -> float:
    """The last move of Nadam with Dozat's schedule."""
    m_hat = look_ahead(g, lambda i: beta1 * (1 - 0.5 * 0.96 ** (psi * i)))
    return -lr * m_hat / (root_mean_square(g, beta2) + eps)


def nadamax(g: list[float], lr: float, beta1: float, beta2: float) -> float:
    """The last move of NadaMax: u[t] is the largest β₂ᵗ⁻ⁱ |g[i]|."""
    t = len(g) - 1
    u = max(beta2 ** (t - i) * abs(g[i]) for i in range(1, t + 1))
    return -lr * look_ahead(g, lambda i: beta1) / u


UNROLLED = {"nadam": nadam, "nadam_scheduled": nadam_scheduled, "nadamax": nadamax}

SOURCES = {
    "torch": (TORCH, run_torch),
    "optax": (OPTAX, run_optax),
    "unrolled": (UNROLLED, run_unrolled),
    "keras": (KERAS, run_keras),
    "river": (RIVER, run_river),
}


def main() -> None:
    """Makes every run that the file does not have, and writes the file."""
    stored = Path(__file__).with_name("runs.npz")
    runs = dict(np.load(stored)) if stored.exists() else {}
    for source, (rules, run) in SOURCES.items():
        for rule, landscape in RUNS:
            name = f"{source}/{rule}/{landscape}"
            if rule in rules and name not in runs:
                runs[name] = run(rule, landscape)
    np.savez_compressed(stored, **runs)


if __name__ == "__main__":
    main()
