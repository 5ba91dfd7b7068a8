"""The pictures in the reports of checks: the wrong path, the right one, and where they part."""

import re
from collections.abc import Callable

import numpy as np
import pytest

from course_lib.descent import descend
from course_lib.landscapes import ravine
from exercise_lib import check
from exercise_lib.engine import Task
from exercise_lib.path_picture import START, parting

FREQUENT = [  # mistakes that part from the right path sooner or later
    ("gradient_descent", "learning rate decays", {"lr": 0.9}),
    ("momentum", "β forgotten", {"lr": 0.3, "beta": 0.8}),
    ("momentum", "learning rate twice", {"lr": 0.3, "beta": 0.8}),
    ("nesterov", "momentum", {"lr": 0.3, "beta": 0.8}),
    ("nesterov", "velocity is the gradient step", {"lr": 0.3, "beta": 0.8}),
    ("adagrad", "sum lost", {"lr": 1.0, "eps": 0.3}),
    ("adagrad", "ε inside the root", {"lr": 1.0, "eps": 0.3}),
    ("rmsprop", "ε forgotten", {"lr": 0.4, "beta": 0.8, "eps": 0.1}),
    ("adam", "no power in m̂", {"lr": 0.7, "beta1": 0.8, "beta2": 0.9, "eps": 0.1}),
    ("adamax", "gradient in place of the mean", {"lr": 0.4, "beta1": 0.9, "beta2": 0.999}),
    ("lion", "sign of m", {"lr": 0.2, "beta1": 0.8, "beta2": 0.9, "weight_decay": 0.1}),
    ("schedule_free", "gradient at z", {"lr": 0.5, "beta": 0.8}),
]


def answer_of(task: Task, mistake: str) -> Callable:
    return next(known.answer for known in task.mistakes if known.name == mistake)


@pytest.mark.parametrize(("name", "mistake", "settings"), FREQUENT)
def test_the_ring_is_where_the_paths_part(name: str, mistake: str, settings: dict) -> None:
    task = getattr(check, name)
    wrong = answer_of(task, mistake)
    report = task(wrong, seed=0)
    assert report.mistake == mistake
    yours, right = (
        descend(rule, ravine(), START, 30, **settings).points for rule in (wrong, task.right)
    )
    expected = next(t for t in range(31) if np.hypot(*(yours[t] - right[t])) > 1e-3)
    told = re.search(r"<title>.*They part at step (\d+)\.</title>", report.picture)
    assert told and int(told[1]) == expected
    (ring,) = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r=".28"', report.picture)
    np.testing.assert_allclose(np.array(ring, float), right[expected - 1], atol=0.005)
    assert f"they part at step {expected}</text>" in report.picture


def test_mistakes_part_at_other_steps_than_the_first_too() -> None:
    steps = {
        re.search(r"part at step (\d+)", getattr(check, name)(answer_of(getattr(check, name), m),
                                                              seed=0).picture)[1]
        for name, m, _ in FREQUENT
    }  # fmt: skip
    assert {"1", "2", "3"} < steps


@pytest.mark.parametrize("name", sorted({name for name, _, _ in FREQUENT}))
def test_a_right_path_has_no_ring(name: str) -> None:
    task = getattr(check, name)
    picture = task(task.right, seed=0).picture
    assert picture and "part at" not in picture and 'r=".28"' not in picture


def test_paths_part_where_one_of_them_is_lost_and_not_by_rounding() -> None:
    path = np.arange(10.0).reshape(5, 2)
    assert parting(path, path * (1 + 1e-9)) == 0
    other = path.copy()
    other[3] = np.nan
    assert parting(other, path) == 4
    assert parting(other, other) == 0  # both are lost there


@pytest.mark.parametrize(
    "name", ["largest_stable_lr", "growing_weights", "nadam_schedule", "recorded_path", "own_rule"]
)
def test_tasks_that_are_no_rule_have_a_picture_as_well(name: str) -> None:
    task = getattr(check, name)
    picture = task(task.right, seed=0).picture
    assert picture.startswith("<svg") and "<title>Your " in picture and "part at" not in picture


def test_the_step_of_too_large_a_learning_rate_leaves_the_picture() -> None:
    right = check.largest_stable_lr.right
    assert "leaves the picture" in check.largest_stable_lr(1.2 * right, seed=0).picture
    assert "leaves the picture" not in check.largest_stable_lr(0.7 * right, seed=0).picture
