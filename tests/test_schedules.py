"""Schedules are pure functions, those of PyTorch; a scheduled rule is the loop written by hand."""

from pathlib import Path

import numpy as np
import pytest

from course_lib import (
    adam,
    adamw,
    beale,
    constant,
    cosine,
    descend,
    gradient_descent,
    momentum,
    nesterov,
    ravine,
    rosenbrock,
    scheduled,
    step_decay,
    sweep,
    warmup,
    warmup_cosine,
    with_noise,
)
from course_lib.family import RULES
from course_lib.validation import hyperparameters_of, rule_name

REFERENCE = np.load(Path(__file__).parent / "reference" / "network.npz")
T = np.arange(1, 21)

SCHEDULES = {
    "constant": constant,
    "step": lambda t: step_decay(t, every=7, factor=0.3),
    "cosine": lambda t: cosine(t, steps=20, end=0.1),
    "warmup": lambda t: warmup(t, steps=5),
    "warmup_cosine": lambda t: warmup_cosine(t, warm=5, steps=20),
}


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
def test_schedules_are_pure_and_take_arrays(schedule):
    one_by_one = [float(schedule(int(t))) for t in T]
    assert np.allclose(schedule(T), one_by_one)
    assert [float(schedule(int(t))) for t in T[::-1]] == one_by_one[::-1]
    assert all(0 <= factor <= 1 for factor in one_by_one)


@pytest.mark.parametrize("name", ["cosine", "step"])
def test_schedules_are_those_of_pytorch(name):
    assert np.allclose(SCHEDULES[name](T), REFERENCE[name], rtol=1e-12)


def test_schedules_at_their_ends():
    assert cosine(1, 100) == 1 and cosine(101, 100) == pytest.approx(0) and cosine(51, 100) == 0.5
    assert cosine(500, 100, end=0.2) == pytest.approx(0.2)
    assert [warmup(t, 4) for t in (1, 2, 4, 9)] == [0.25, 0.5, 1, 1]
    assert [step_decay(t, 10) for t in (1, 10, 11, 21)] == pytest.approx([1, 1, 0.1, 0.01])
    assert warmup_cosine(5, 5, 20) == 1 and warmup_cosine(1, 5, 20) == 0.2
    assert warmup_cosine(7, 5, 20) == pytest.approx(cosine(2, 15))


def test_scheduled_gradient_descent_is_the_loop_by_hand():
    x, points = np.array(ravine().start), []
    for t in range(1, 31):
        x = x - 0.5 * cosine(t, 30) * ravine().grad(x)
        points.append(x)
    rule = scheduled(gradient_descent, lambda t: cosine(t, 30))
    path = descend(rule, ravine(), steps=30, lr=0.5)
    assert np.allclose(path.points[1:], points, rtol=1e-12)


def test_scheduled_adam_is_pytorchs_adam_with_its_scheduler():
    rule = scheduled(adam, lambda t: cosine(t, 40, end=0.1))
    settings = {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 0.1}
    path = descend(rule, rosenbrock, (-1.2, 1.0), steps=40, **settings)
    assert np.allclose(path.points, REFERENCE["adam/cosine"], rtol=1e-9)


@pytest.mark.parametrize("ahead", [0.0, 1.0], ids=["momentum", "nesterov"])
def test_gradients_in_a_velocity_keep_the_rate_of_their_step(ahead):
    x, v, points = np.array(ravine().start), np.zeros(2), []
    for t in range(1, 31):
        v = 0.8 * v - 0.3 * step_decay(t, 10) * ravine().grad(x + ahead * 0.8 * v)
        x = x + v
        points.append(x)
    rule = scheduled(nesterov if ahead else momentum, lambda t: step_decay(t, 10))
    path = descend(rule, ravine(), steps=30, lr=0.3, beta=0.8)
    assert np.allclose(path.points[1:], points, rtol=1e-12)


def test_decay_of_adamw_shrinks_with_the_step():
    half = descend(scheduled(adamw, lambda t: 0.5), beale, steps=20, lr=0.02, weight_decay=0.3)
    assert np.array_equal(
        half.points, descend(adamw, beale, steps=20, lr=0.01, weight_decay=0.3).points
    )


WITH_LR = {name: rule for name, rule in RULES.items() if "lr" in hyperparameters_of(rule)}


@pytest.mark.parametrize("rule", WITH_LR.values(), ids=WITH_LR)
def test_every_rule_with_a_rate_follows_and_keeps_name_and_settings(rule):
    steady = scheduled(rule, constant)
    assert rule_name(steady) == rule_name(rule)
    assert hyperparameters_of(steady) == hyperparameters_of(rule)
    paths = [descend(r, ravine(), steps=15).points for r in (rule, steady, scheduled(rule, half))]
    assert np.array_equal(paths[0], paths[1])
    assert not np.allclose(paths[1][1:], paths[2][1:], rtol=1e-9)


def half(t):
    return 0.5


def test_scheduled_runs_broadcast_and_do_not_disturb_each_other():
    rule = scheduled(momentum, lambda t: cosine(t, 25))
    rates = np.array([0.01, 0.1, 0.3])
    grid = sweep(rule, ravine(), steps=25, lr=rates, beta=0.7)
    for i, lr in enumerate(rates):
        alone = descend(rule, ravine(), steps=25, lr=lr, beta=0.7)
        assert np.allclose(grid.values[i], alone.values)
    assert np.array_equal(rates, [0.01, 0.1, 0.3])  # the caller's array stays as it was
    walks = [rule(ravine().grad, np.ones(2), lr=0.1) for _ in range(2)]
    turns = [[next(walk) for walk in walks] for _ in range(5)]
    assert all(np.array_equal(*turn) for turn in turns)


def test_a_falling_rate_gets_below_the_noise_floor():
    noisy = with_noise(ravine(2), 1.0)
    ends = [
        sweep(rule, noisy, steps=400, lr=np.full(200, 0.3)).final.mean()
        for rule in (gradient_descent, scheduled(gradient_descent, lambda t: cosine(t, 400)))
    ]
    assert ends[1] < ends[0] / 5
