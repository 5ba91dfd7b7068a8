"""Muon on matrices, Newton–Schulz, and the other rules of lesson 14, against independent code."""

import numpy as np
import pytest
from reference.settings import MATRIX_START, RUNS, START, STEPS
from test_lessons import ROOT, from_lesson
from test_reference import REFERENCES, assert_agrees, path_of

from course_lib import descend, ravine, sweep
from course_lib.optimizers import amsgrad, lion, muon, newton_schulz, schedule_free
from course_lib.validation import check_range

A = np.array([[2.0, 0.1, 0.0], [0.0, 1.0, -0.2], [0.3, 0.0, 0.2]])
B = np.array([[1.0, 2.0, -1.0], [0.5, -1.0, 2.0]])


def slope(x: np.ndarray) -> np.ndarray:
    """The gradient of Σ (W A − B)² / 2, written for the numbers of W."""
    w = x.reshape(*x.shape[:-1], 2, 3)
    return ((w @ A - B) @ A.T).reshape(x.shape)


def test_muon_on_a_matrix_agrees_with_optax():
    """For 100 steps: after that it jitters about the minimum, and rounding errors grow."""
    run = muon(slope, np.array(MATRIX_START), **RUNS["muon", "matrix"])
    path = np.array([MATRIX_START, *(next(run) for _ in range(100))])
    reference = REFERENCES["optax", "muon", "matrix"]
    assert reference.shape == (STEPS + 1, 6)
    assert_agrees(path, reference[:101])


def test_muon_makes_many_runs_at_once():
    start, rates = np.tile(MATRIX_START, (3, 1)), np.array([[0.01], [0.1], [0.5]])
    together = muon(slope, start, lr=rates, beta=0.8, rows=2)
    alone = [muon(slope, np.array(MATRIX_START), lr=r[0], beta=0.8, rows=2) for r in rates]
    for _ in range(20):
        np.testing.assert_allclose(next(together), [next(run) for run in alone], rtol=1e-9)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (1, 4)])
def test_newton_schulz_changes_singular_values_alone(shape):
    matrix = np.random.default_rng(0).normal(size=shape)
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    s = s / np.sqrt((s**2).sum())
    for _ in range(5):
        s = np.polyval([2.0315, 0, -4.7750, 0, 3.4445, 0], s)
    np.testing.assert_allclose(newton_schulz(matrix), (u * s) @ v, atol=1e-12)
    exact = newton_schulz(matrix, 40, (15 / 8, -5 / 4, 3 / 8))
    np.testing.assert_allclose(exact, u @ v, atol=1e-12)
    assert not newton_schulz(np.zeros(shape)).any()


def test_rows_must_fit():
    with pytest.raises(ValueError, match="rows must divide the 2 numbers of a point, got 3"):
        descend(muon, ravine(), rows=3)
    with pytest.raises(ValueError, match="rows must be a whole number, 1 or larger"):
        descend(muon, ravine(), rows=0.5)
    check_range("rows", 4)


@pytest.mark.parametrize("landscape", START)
def test_pytorchs_amsgrad_is_the_one_of_the_lesson_and_another_one(landscape):
    theirs = from_lesson(ROOT / "notebooks" / "14_beyond.ipynb", "torch_amsgrad")
    reference = REFERENCES["torch", "torch_amsgrad", landscape]
    assert_agrees(path_of(theirs, landscape, **RUNS["amsgrad", landscape]), reference)
    ours = path_of(amsgrad, landscape, **RUNS["amsgrad", landscape])
    assert np.abs(ours - reference).max() > 1e-2


def test_step_sizes_of_amsgrad_never_grow():
    rng = np.random.default_rng(0)
    given = iter(10.0 ** rng.uniform(-3, 3, size=(400, 2)))
    run = amsgrad(lambda x: next(given), np.zeros(2), beta2=0.9)
    tops = []
    for _ in range(400):
        next(run)
        tops.append(run.gi_frame.f_locals["s_hat"].copy())
    assert np.all(np.diff(tops, axis=0) >= 0)


def test_lion_stays_in_its_box_and_walks_in_steps_of_one_length():
    path = descend(lion, ravine(), start=(-6.0, 5.0), steps=3000, lr=0.01, weight_decay=2.0)
    assert np.abs(path.points[-1]).max() < 0.5 + 1e-6
    plain = descend(lion, ravine(), start=(-6.13, 1.87), steps=300, lr=0.01)
    np.testing.assert_allclose(np.abs(np.diff(plain.points, axis=0)), 0.01)


def test_schedule_free_without_beta_is_the_mean_of_gradient_descent():
    x = descend(schedule_free, ravine(), steps=40, lr=0.3, beta=0.0).points
    z = np.array(ravine().start) * (1 - 0.3 * np.array([0.1, 2.0])) ** np.arange(41)[:, None]
    for t in range(1, 41):
        np.testing.assert_allclose(x[t], z[1 : t + 1].mean(axis=0), rtol=1e-10, atol=1e-13)
    assert sweep(schedule_free, ravine(), lr=[0.1, 1.0], beta=[0.5, 0.9]).values.shape == (
        2,
        2,
        101,
    )
