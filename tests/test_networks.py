"""The network against central differences and PyTorch; the digits; training with any rule."""

from pathlib import Path

import numpy as np
import pytest

from course_lib import (
    Network,
    adadelta,
    adam,
    central_difference,
    descend,
    digit_pad,
    digits,
    gradient_descent,
    log_softmax,
    momentum,
    progress,
    show_digits,
    spread,
    sweep,
    train,
    training_curves,
    training_lab,
    tune,
)
from course_lib.family import RULES
from course_lib.labs.progress import Progress

REFERENCE = np.load(Path(__file__).parent / "reference" / "network.npz")
SMALL = Network((64, 6, 10))


@pytest.fixture(scope="module")
def data():
    return digits()


# The data


def test_digits_are_what_their_source_says(data):
    images = np.concatenate([part.images for part in data])
    labels = np.concatenate([part.labels for part in data])
    assert images.shape == (1797, 64) and images.min() == 0 and images.max() == 1
    assert np.array_equal(images * 16, np.round(images * 16))
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert [len(part.labels) for part in data] == [1197, 300, 300]


def test_parts_share_no_image_and_order_is_kept_if_asked_for(data):
    whole = np.concatenate([part.images for part in digits(shuffled=False)])
    parts = np.concatenate([part.images for part in data])
    assert not np.array_equal(whole, parts)
    assert np.array_equal(np.unique(whole, axis=0), np.unique(parts, axis=0))
    assert digits(shuffled=False).train.labels[:12].tolist() == [*range(10), 0, 1]


def test_nobody_can_spoil_the_stored_digits(data):
    with pytest.raises(ValueError, match="read-only"):
        data.train.images[0] = 0


# The gradient


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("sizes", [(5, 3), (5, 4, 3), (5, 4, 6, 3)])
def test_backward_pass_agrees_with_central_differences(activation, sizes):
    network, rng = Network(sizes, activation), np.random.default_rng(1)
    w = rng.normal(size=network.dim)
    images, labels = rng.uniform(size=(8, 5)), rng.integers(3, size=8)
    measured = central_difference(lambda w: network.loss(w, images, labels), w)
    assert np.allclose(network.grad(w, images, labels), measured, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_loss_and_gradient_are_those_of_pytorch(activation):
    network = Network((6, 5, 4, 3), activation)
    w, images, labels, loss, grad = (
        REFERENCE[f"{activation}/{name}"] for name in ("w", "images", "labels", "loss", "grad")
    )
    assert network.dim == len(w) == 74
    assert network.loss(w, images, labels) == pytest.approx(float(loss), rel=1e-12)
    assert np.allclose(network.grad(w, images, labels), grad, rtol=1e-12, atol=1e-14)


def test_one_layer_is_logistic_regression():
    """Closed form: ∇W = Xᵀ(p − y)/n."""
    network, rng = Network((4, 3)), np.random.default_rng(2)
    w, images, labels = rng.normal(size=15), rng.normal(size=(6, 4)), rng.integers(3, size=6)
    weights, biases = w[:12].reshape(4, 3), w[12:]
    p = np.exp(images @ weights + biases)
    p /= p.sum(axis=1, keepdims=True)
    off = (p - np.eye(3)[labels]) / 6
    assert np.allclose(network.grad(w, images, labels)[:12], (images.T @ off).ravel())
    assert np.allclose(network.grad(w, images, labels)[12:], off.sum(axis=0))
    assert network.loss(w, images, labels) == pytest.approx(-np.log(p[range(6), labels]).mean())


def test_many_networks_at_once_are_each_alone(data):
    rng = np.random.default_rng(3)
    w = rng.normal(size=(2, 3, SMALL.dim)) * 0.3
    images, labels = data.train.images[:5], data.train.labels[:5]
    own = data.train.images[rng.integers(100, size=(3, 5))]
    for function in (SMALL.loss, SMALL.grad, SMALL.accuracy):
        together, each = function(w, images, labels), function(w, own, labels)
        for i, j in np.ndindex(2, 3):
            assert np.allclose(together[i, j], function(w[i, j], images, labels))
            assert np.allclose(each[i, j], function(w[i, j], own[j], labels))


def test_large_scores_do_not_overflow():
    assert np.allclose(log_softmax(np.array([1000.0, 0.0])), [0, -1000])
    assert np.isfinite(SMALL.loss(1e4 * SMALL.start(), np.ones((1, 64)), np.array([3])))


@pytest.mark.parametrize(("activation", "gain"), [("tanh", 1), ("relu", 2)])
def test_start_has_the_promised_variance_and_is_reproducible(activation, gain):
    network = Network((200, 100, 10), activation)
    (first, biases), (last, _) = network.layers(network.start(4))
    assert first.var() == pytest.approx(gain / 200, rel=0.05)
    assert last.var() == pytest.approx(gain / 100, rel=0.15)
    assert not biases.any()
    assert np.array_equal(network.start(4), network.start(4))
    assert not np.array_equal(network.start(4), network.start(5))


# Training


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_any_rule_trains_it_and_train_walks_as_descend_does(rule, data):
    landscape = SMALL.landscape(*data.train, batch=8, seed=3)
    path = descend(rule, landscape, steps=6)
    record = train(rule, SMALL, data, steps=6, batch=8, seeds=(2, 3), every=4)
    assert np.allclose(path.points[-1], record.w[1], rtol=1e-9, atol=1e-12)
    assert record.steps.tolist() == [0, 4, 6] and record.loss.shape == (3, 2)
    assert np.allclose(record.loss[:, 1], path.values[[0, 4, 6]])
    assert np.isfinite(record.loss).all()


@pytest.mark.parametrize("rule", [gradient_descent, momentum, adam])
def test_ninety_five_percent_are_recognised_after_300_steps(rule, data):
    network = Network((64, 24, 10))
    best = tune(rule, network, data, budget=11, steps=300).best
    record = train(rule, network, data, steps=300, seeds=range(3), every=300, **best)
    assert np.median(record.accuracy[-1]) >= 0.95


def test_tuning_takes_the_setting_with_the_lowest_validation_loss(data):
    found = tune(momentum, SMALL, data, budget=6, steps=20, seeds=(0, 1), beta=0.5)
    assert found.dial == "lr" and np.allclose(found.tried[[0, -1]], [1e-4, 10])
    for lr, loss in zip(found.tried[:4], found.loss, strict=False):
        alone = train(momentum, SMALL, data, steps=20, seeds=(0, 1), lr=lr, beta=0.5)
        assert loss == pytest.approx(alone.validation[-1].mean(), rel=1e-6)
    assert found.best == {"lr": found.tried[np.argmin(found.loss)]}
    assert tune(adadelta, SMALL, data, budget=3, steps=5).dial == "eps"


def test_a_run_that_diverges_is_recorded_as_infinite(data):
    network = Network((64, 6, 10), "relu")
    record = train(gradient_descent, network, data, steps=40, batch=None, every=20, lr=1e200)
    assert record.loss[-1, 0] == np.inf and record.accuracy[-1, 0] < 0.2


def test_sweep_takes_the_landscape_too(data):
    few = type(data.train)(*(array[:50] for array in data.train))
    grid = sweep(adam, SMALL.landscape(*few, batch=8), steps=5, lr=[0.001, 0.01])
    assert grid.values.shape == (2, 6) and grid.final[1] < grid.final[0]


# Pictures and panels


def test_pictures_say_what_they_show(data):
    runs = {r.__name__: train(r, SMALL, data, steps=20, seeds=range(3)) for r in (adam, momentum)}
    judged = {name: SMALL.accuracy(run.w, *data.test) for name, run in runs.items()}
    shown = {
        "Handwritten digits": show_digits(data.train),
        "taken for": show_digits(data.train, data.train.labels[::-1]),
        "Momentum 2": training_curves(runs, "Losses"),
        "training loss at the end": spread(runs, judged, ("a", "b")),
        "cosine 2": training_curves({"cosine": runs["adam"]}, "Losses"),
    }
    for words, picture in shown.items():
        assert words in picture.alt and len(picture.png()) > 2000


def test_training_lab_follows_its_sliders(data):
    panel = training_lab(gradient_descent, SMALL, data, images=640, lr=0.05, goal=(0.1, 0.99))
    before = panel.figure.png()
    assert panel.run.steps[-1] == 20 and panel.says.endswith("☆") and "batch = 32" in panel.says
    panel.controls["batch"].value = 4
    assert panel.run.steps[-1] == 160 and panel.figure.png() != before
    assert panel.accuracy == panel.run.accuracy[-1, 0] and panel.stars == 1
    panel.controls["lr"].value = panel.controls["lr"].base ** panel.controls["lr"].max
    assert panel.stars == 0 and panel.run.loss[-1, 0] > 5


def test_a_digit_can_be_drawn_and_read(data):
    run = train(gradient_descent, SMALL, data, 150, lr=1.0)
    panel = digit_pad(SMALL, run.w[0], data.test)
    (paper,) = panel.figure.areas
    label = data.test.labels[0]
    assert f"Somebody meant a {label}" in panel.says and "drawn" not in panel.says
    assert panel.probabilities.sum() == pytest.approx(1)
    before = panel.figure.png()
    paper.begin(0.1, 0.9)
    paper.drag(0.9, 0.9)
    assert panel.ink[0].min() > 0.9 and "you have drawn on it" in panel.says
    assert panel.figure.png() != before
    assert np.array_equal(data.test.images[0].reshape(8, 8)[2:], panel.ink[2:])
    panel.controls["image"].value = 0
    assert not panel.ink.any() and "Somebody" not in panel.says
    paper.press(1, 0)
    assert panel.ink.max() > 0.9


def test_progress_hands_out_the_items_and_counts(capsys):
    assert list(progress("abc", "counting")) == ["a", "b", "c"]
    assert "counting" in capsys.readouterr().out
    panel = Progress(3, "counting")
    panel.one_done()
    panel.now("gradient_descent")
    assert (panel.bar.value, panel.label.value) == (1, "gradient descent")
    assert panel.says == "Counting: 3 to do."
