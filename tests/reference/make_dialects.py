"""Writes ``dialects.json`` of the field guide and ``dialects.npz``: what the libraries say.

In the environment of ``make_runs.py``:

    refvenv/bin/python tests/reference/make_dialects.py

``dialects.json`` holds the versions of the libraries; the arguments and defaults of each of their
optimizers, by ``inspect.signature``; for each line of ``LINES`` the point where its run ends; and
the training loops of lesson 15 with the numbers that they found; and how long Muon's first step is,
as each library multiplies it by a factor of its own. ``dialects.npz`` holds the whole
paths, one for each line, of shape (STEPS + 1, 2) and type float64, on Beale's function from
``START``.
"""

import inspect
import json
from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np
import torch
from make_runs import beale, keras, optax, torch_gradient
from settings import START

STEPS = 200
HERE = Path(__file__).parent
SHARED = {  # arguments that all optimizers of a library have, and that are no part of a rule
    "params", "maximize", "foreach", "differentiable", "fused", "capturable", "mu_dtype",
    "accumulator_dtype", "mask", "weight_decay_mask", "state_dtype", "clipnorm", "clipvalue",
    "global_clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
    "gradient_accumulation_steps", "name", "kwargs",
}  # fmt: skip
OPTIMIZERS = """
torch.optim.SGD torch.optim.Adagrad torch.optim.RMSprop torch.optim.Adadelta torch.optim.Adam
torch.optim.Adamax torch.optim.NAdam torch.optim.AdamW torch.optim.Muon
keras.optimizers.SGD keras.optimizers.Adagrad keras.optimizers.RMSprop keras.optimizers.Adadelta
keras.optimizers.Adam keras.optimizers.Adamax keras.optimizers.Nadam keras.optimizers.AdamW
keras.optimizers.Lion keras.optimizers.Muon
optax.sgd optax.adagrad optax.rmsprop optax.adadelta optax.adam optax.adamax optax.nadam optax.adamw
optax.amsgrad optax.lion optax.contrib.muon optax.contrib.schedule_free_sgd
""".split()

# First with the libraries' defaults, then far from them, so that a mistake shows
LINES = """
torch.optim.SGD(params)
torch.optim.SGD(params, lr=0.002)
torch.optim.SGD(params, lr=0.001, momentum=0.8)
torch.optim.SGD(params, lr=0.001, momentum=0.8, nesterov=True)
torch.optim.Adagrad(params)
torch.optim.Adagrad(params, lr=0.3, eps=0.1)
torch.optim.Adagrad(params, lr=0.3, initial_accumulator_value=0.5, eps=0.1)
torch.optim.RMSprop(params)
torch.optim.RMSprop(params, lr=0.01, alpha=0.95, eps=0.05)
torch.optim.Adadelta(params)
torch.optim.Adadelta(params, lr=0.5, rho=0.95, eps=1e-05)
torch.optim.Adam(params)
torch.optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05)
torch.optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, weight_decay=0.1)
torch.optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, amsgrad=True)
torch.optim.Adamax(params)
torch.optim.Adamax(params, lr=0.01, betas=(0.9, 0.98), eps=0.5)
torch.optim.NAdam(params)
torch.optim.NAdam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, momentum_decay=0.1)
torch.optim.AdamW(params)
torch.optim.AdamW(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, weight_decay=0.1)
keras.optimizers.SGD()
keras.optimizers.SGD(learning_rate=0.002)
keras.optimizers.SGD(learning_rate=0.001, momentum=0.8)
keras.optimizers.SGD(learning_rate=0.001, momentum=0.8, nesterov=True)
keras.optimizers.Adagrad()
keras.optimizers.Adagrad(learning_rate=0.3, initial_accumulator_value=0.5, epsilon=0.1)
keras.optimizers.RMSprop()
keras.optimizers.RMSprop(learning_rate=0.01, rho=0.95, epsilon=0.05)
keras.optimizers.Adadelta()
keras.optimizers.Adadelta(learning_rate=0.5, rho=0.95, epsilon=1e-05)
keras.optimizers.Adam()
keras.optimizers.Adam(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=0.05)
keras.optimizers.Adam(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=0.05, weight_decay=0.1)
keras.optimizers.Adam(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=0.05, amsgrad=True)
keras.optimizers.Adamax()
keras.optimizers.Adamax(learning_rate=0.01, beta_1=0.9, beta_2=0.98, epsilon=0.5)
keras.optimizers.Nadam()
keras.optimizers.Nadam(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=0.05)
keras.optimizers.AdamW()
keras.optimizers.AdamW(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=0.05, weight_decay=0.1)
keras.optimizers.Lion()
keras.optimizers.Lion(learning_rate=0.01, beta_1=0.8, beta_2=0.95, weight_decay=0.1)
optax.sgd(learning_rate=0.002)
optax.sgd(learning_rate=0.001, momentum=0.8)
optax.sgd(learning_rate=0.001, momentum=0.8, nesterov=True)
optax.chain(optax.ema(0.8, debias=False), optax.scale(-0.005))
optax.adagrad(learning_rate=0.3)
optax.adagrad(learning_rate=0.3, initial_accumulator_value=0.5, eps=0.1)
optax.rmsprop(learning_rate=0.01)
optax.rmsprop(learning_rate=0.01, decay=0.95, eps=0.05)
optax.rmsprop(learning_rate=0.01, decay=0.95, eps=0.05, eps_in_sqrt=False)
optax.adadelta()
optax.adadelta(learning_rate=1.0)
optax.adadelta(learning_rate=0.5, rho=0.95, eps=1e-05)
optax.adam(learning_rate=0.02)
optax.adam(learning_rate=0.02, b1=0.8, b2=0.95, eps=0.05)
optax.adamax(learning_rate=0.01)
optax.adamax(learning_rate=0.01, b1=0.9, b2=0.98, eps=0.5)
optax.nadam(learning_rate=0.02)
optax.nadam(learning_rate=0.02, b1=0.8, b2=0.95, eps=0.05)
optax.adamw(learning_rate=0.02)
optax.adamw(learning_rate=0.02, b1=0.8, b2=0.95, eps=0.05, weight_decay=0.1)
optax.amsgrad(learning_rate=0.02)
optax.amsgrad(learning_rate=0.02, b1=0.8, b2=0.95, eps=0.05)
optax.lion(learning_rate=0.01)
optax.lion(learning_rate=0.01, b1=0.8, b2=0.95, weight_decay=0.1)
optax.contrib.schedule_free_sgd(learning_rate=0.005)
optax.contrib.schedule_free_sgd(learning_rate=0.005, b1=0.7)
""".strip().splitlines()

# The lines that people paste: decay, dampening, clipping, momentum in RMSProp
LINES += """
torch.optim.SGD(params, lr=0.001, weight_decay=0.5)
torch.optim.SGD(params, lr=0.001, momentum=0.8, weight_decay=0.5)
torch.optim.SGD(params, lr=0.001, momentum=0.8, dampening=0.3, weight_decay=0.5)
torch.optim.SGD(params, lr=0.001, momentum=0.8, weight_decay=0.5, nesterov=True)
torch.optim.Adagrad(params, lr=0.3, eps=0.1, weight_decay=0.5)
torch.optim.RMSprop(params, lr=0.01, alpha=0.95, eps=0.05, momentum=0.8)
torch.optim.RMSprop(params, lr=0.01, alpha=0.95, eps=0.05, weight_decay=0.5, momentum=0.8, \
centered=True)
torch.optim.Adadelta(params, lr=0.5, rho=0.95, eps=1e-05, weight_decay=0.5)
torch.optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, weight_decay=0.1, \
decoupled_weight_decay=True)
torch.optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, weight_decay=0.5, amsgrad=True)
torch.optim.Adamax(params, lr=0.01, betas=(0.9, 0.98), eps=0.5, weight_decay=0.5)
torch.optim.NAdam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, weight_decay=0.5)
keras.optimizers.SGD(learning_rate=0.001, weight_decay=0.5)
keras.optimizers.SGD(learning_rate=0.001, momentum=0.8, weight_decay=0.5)
keras.optimizers.SGD(learning_rate=0.001, momentum=0.8, clipnorm=5.0)
keras.optimizers.SGD(learning_rate=0.001, momentum=0.8, global_clipnorm=5.0)
keras.optimizers.SGD(learning_rate=0.001, momentum=0.8, clipvalue=3.0)
keras.optimizers.RMSprop(learning_rate=0.01, rho=0.95, epsilon=0.05, momentum=0.8, centered=True)
keras.optimizers.Adam(learning_rate=0.02, beta_1=0.8, beta_2=0.95, epsilon=0.05, \
global_clipnorm=1.0)
optax.rmsprop(learning_rate=0.01, decay=0.95, eps=0.05, momentum=0.8, centered=True)
optax.rmsprop(learning_rate=0.01, decay=0.95, eps=0.05, eps_in_sqrt=False, momentum=0.8)
optax.chain(optax.clip_by_global_norm(5.0), optax.sgd(learning_rate=0.001, momentum=0.8))
optax.chain(optax.clip(3.0), optax.add_decayed_weights(0.5), optax.sgd(learning_rate=0.001))
optax.chain(optax.add_decayed_weights(0.5), optax.adam(learning_rate=0.02, b1=0.8, b2=0.95))
optax.chain(optax.add_decayed_weights(0.5), optax.sgd(learning_rate=0.001, momentum=0.8))
""".strip().splitlines()

# What course_lib.translate writes for some of the lines above, run in the other library
LINES += """
torch.optim.Adagrad(params, lr=0.001, initial_accumulator_value=0.1000001, eps=0.0)
torch.optim.Adagrad(params, lr=0.3, initial_accumulator_value=0.6, eps=0.0)
optax.adagrad(learning_rate=0.001, initial_accumulator_value=0.1, eps=1e-07)
torch.optim.SGD(params, lr=0.001, momentum=0.8)
keras.optimizers.Adadelta(learning_rate=1.0, rho=0.9, epsilon=1e-06)
optax.adadelta(learning_rate=0.001, rho=0.95, eps=1e-07)
torch.optim.NAdam(params, lr=0.001, betas=(0.9, 0.999), eps=1e-07, momentum_decay=1.0)
torch.optim.NAdam(params, lr=0.02, betas=(0.8, 0.95), eps=0.05, momentum_decay=1000000.0)
optax.rmsprop(learning_rate=0.01, decay=0.99, eps=1e-08, eps_in_sqrt=False)
optax.rmsprop(learning_rate=0.001, decay=0.9, eps=1e-07, eps_in_sqrt=True)
optax.adamw(learning_rate=0.001, b1=0.9, b2=0.999, eps=1e-08, weight_decay=0.01)
optax.adam(learning_rate=0.001, b1=0.9, b2=0.999, eps=1e-08)
optax.lion(learning_rate=0.001, b1=0.9, b2=0.99, weight_decay=0.0)
""".strip().splitlines()

LOOPS = {
    "PyTorch": """\
import torch

inputs, targets = torch.tensor(inputs), torch.tensor(targets)
w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([w], lr=0.1)

for step in range(100):
    optimizer.zero_grad()                       # or the gradients add up
    loss = ((inputs @ w - targets) ** 2).mean()
    loss.backward()                             # fills w.grad
    optimizer.step()                            # changes w in place
""",
    "Keras": """\
import keras

keras.config.set_floatx("float64")              # its default has seven digits
model = keras.Sequential([keras.layers.Input([2]),
                          keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mse")

model.fit(inputs, targets, batch_size=len(inputs), epochs=100, verbose=0)
(w,) = model.get_weights()                      # batch = all the data: one step an epoch
""",
    "optax": """\
import jax, optax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)       # or it computes with seven digits

def loss(w):
    return jnp.mean((inputs @ w - targets) ** 2)

w = jnp.zeros(2)
optimizer = optax.adam(learning_rate=0.1)
state = optimizer.init(w)                       # the state is yours to keep

for step in range(100):
    updates, state = optimizer.update(jax.grad(loss)(w), state, w)
    w = optax.apply_updates(w, updates)         # a new w; nothing changes in place
""",
}
INPUTS = [[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]]
TARGETS = [1.0, 2.9, 5.2, 6.9]

MUON_SLOPE = [[3.0, 1.0], [0, 2], [1, 0], [0, 1], [1, 1], [2, 0], [0, 3], [1, 2]]


def run(line: str) -> np.ndarray:
    """The path of the optimizer that a line of code makes, gradients by torch.autograd."""
    library = line.partition(".")[0]
    names = {"torch": torch, "keras": keras, "optax": optax}
    if library == "torch":
        point = torch.tensor(START["beale"], requires_grad=True)
        optimizer = eval(line, names, {"params": [point]})
    else:
        optimizer = eval(line, names)
    if library == "keras":
        point = keras.Variable(START["beale"], dtype="float64")
    elif library == "optax":
        point = jax.numpy.array(START["beale"])
        state = optimizer.init(point)
    path = [list(START["beale"])]
    for _ in range(STEPS):
        gradient = torch_gradient("beale", path[-1])
        if library == "torch":
            optimizer.zero_grad()
            beale(point).backward()
            optimizer.step()
        elif library == "keras":
            optimizer.apply([torch.tensor(gradient)], [point])
        else:
            updates, state = optimizer.update(jax.numpy.array(gradient), state, point)
            point = optax.apply_updates(point, updates)
        path.append(point.numpy().tolist() if library == "keras" else point.tolist())
    return np.array(path)


def muon_steps() -> dict[str, dict[str, list[float]]]:
    """The singular values of Muon's first step with η = 1, for a tall and for a flat matrix."""
    steps = {}
    for g in (np.array(MUON_SLOPE), np.array(MUON_SLOPE).T.copy()):
        point = torch.zeros(g.shape, requires_grad=True)
        point.grad = torch.tensor(g)
        torch.optim.Muon([point], lr=1.0, weight_decay=0.0).step()
        variable = keras.Variable(np.zeros(g.shape), dtype="float64")
        optimizer = keras.optimizers.Muon(1.0, weight_decay=0.0)
        optimizer.apply([torch.tensor(g)], [variable])
        muon = optax.contrib.muon(1.0)
        zeros = jax.numpy.zeros(g.shape)
        update, _ = muon.update(jax.numpy.array(g), muon.init(zeros), zeros)
        found = {"PyTorch": point.detach(), "Keras": variable.numpy(), "optax": update}
        steps["{} × {}".format(*g.shape)] = {
            name: np.linalg.svd(np.asarray(step.tolist()), compute_uv=False).tolist()
            for name, step in found.items()
        }
    return steps


def signature_of(name: str) -> dict[str, object]:
    """The arguments of an optimizer with their defaults; null where there is none."""
    call = eval(name, {"torch": torch, "keras": keras, "optax": optax})
    return {
        p.name: None if p.default is inspect.Parameter.empty else p.default
        for p in inspect.signature(call).parameters.values()
        if p.name not in SHARED
    }


def run_loop(code: str) -> list[float]:
    """The two weights that a training loop ends with, for a straight line through four points."""
    names = {"inputs": np.array(INPUTS), "targets": np.array(TARGETS)}
    exec(code, names)
    w = names["w"]
    return np.asarray(w.detach() if isinstance(w, torch.Tensor) else w).ravel().tolist()


def main() -> None:
    runs = {line: run(line) for line in LINES}
    np.savez_compressed(HERE / "dialects.npz", **runs)
    packages = {"PyTorch": "torch", "Keras": "keras", "optax": "optax"}
    stored = {
        "versions": {name: version(p).partition("+")[0] for name, p in packages.items()},
        "signatures": {name: signature_of(name) for name in OPTIMIZERS},
        "runs": {line: path[-1].tolist() for line, path in runs.items()},
        "muon": {"slope": MUON_SLOPE, **muon_steps()},
        "loops": {
            "inputs": INPUTS,
            "targets": TARGETS,
            **{name: {"code": code, "ends": run_loop(code)} for name, code in LOOPS.items()},
        },
    }
    target = HERE.parent.parent / "course_lib/field_guide/dialects.json"
    target.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
