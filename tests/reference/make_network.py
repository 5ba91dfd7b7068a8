"""Writes ``network.npz``: gradients and scheduled runs made by PyTorch, without code of the course.

In the root of the repository, in the environment that ``make_runs.py`` describes:

    refvenv/bin/python tests/reference/make_network.py

All arrays are float64. For each activation, tanh and relu, of a network with layers 6, 5, 4, 3 and
7 images drawn at random:

* ``tanh/w``: (74,) the parameters: for each layer the weights, (inputs, outputs) row by row, then
  the biases; ``tanh/images``, ``tanh/labels``
* ``tanh/loss``, ``tanh/grad``: torch.nn.functional.cross_entropy, and its gradient by autograd

And of learning-rate schedules, with the settings that ``tests/test_schedules.py`` names:

* ``cosine``, ``step``: (20,) the learning rates of CosineAnnealingLR and StepLR, from 1
* ``adam/cosine``: (41, 2) torch.optim.Adam on the Rosenbrock function under CosineAnnealingLR
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, StepLR

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

SIZES = (6, 5, 4, 3)
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


def gradients(activation: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(len(activation))
    images, labels = rng.uniform(size=(7, SIZES[0])), rng.integers(SIZES[-1], size=7)
    parameters = []
    for inputs, outputs in pairwise(SIZES):
        parameters += [rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)]
    tensors = [torch.tensor(p, requires_grad=True) for p in parameters]
    h = torch.tensor(images)
    for i in range(0, len(tensors), 2):
        h = h @ tensors[i] + tensors[i + 1]
        if i < len(tensors) - 2:
            h = ACTIVATIONS[activation](h)
    loss = torch.nn.functional.cross_entropy(h, torch.tensor(labels))
    loss.backward()
    made = {
        "w": np.concatenate([p.ravel() for p in parameters]),
        "images": images,
        "labels": labels,
        "loss": loss.item(),
        "grad": np.concatenate([t.grad.numpy().ravel() for t in tensors]),
    }
    return {f"{activation}/{name}": np.asarray(value) for name, value in made.items()}


def rates(make: type[LRScheduler], **settings: float) -> np.ndarray:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, seen = make(optimizer, **settings), []
    for _ in range(20):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(seen)


def adam_with_cosine() -> np.ndarray:
    p = torch.tensor([-1.2, 1.0], requires_grad=True)
    optimizer = torch.optim.Adam([p], lr=0.05, betas=(0.8, 0.95), eps=0.1)
    scheduler = CosineAnnealingLR(optimizer, T_max=40, eta_min=0.005)
    points = [p.detach().numpy().copy()]
    for _ in range(40):
        optimizer.zero_grad()
        ((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2).backward()
        optimizer.step()
        scheduler.step()
        points.append(p.detach().numpy().copy())
    return np.array(points)


if __name__ == "__main__":
    np.savez_compressed(
        Path(__file__).with_name("network.npz"),
        **gradients("tanh"),
        **gradients("relu"),
        cosine=rates(CosineAnnealingLR, T_max=20, eta_min=0.1),
        step=rates(StepLR, step_size=7, gamma=0.3),
        **{"adam/cosine": adam_with_cosine()},
    )
