"""Runs: what a path and a grid hold, divergence without a warning, steps taken apart, errors.

pytest turns every warning into an error here (pyproject.toml), so a test that passes saw none.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, replace
from functools import partial
from itertools import islice, pairwise, product
from pathlib import Path as File

import numpy as np
import pytest

import course_lib
from course_lib import descent, theory
from course_lib.derivation import agree
from course_lib.descent import Path, descend, dissect, steps_on, sweep
from course_lib.family import RULES
from course_lib.field_guide.dialects import dialects_of, translate
from course_lib.labs.controls import control_for
from course_lib.labs.error_parts import error_parts
from course_lib.labs.explore import explore
from course_lib.labs.factor_lab import factor_lab
from course_lib.labs.inside import inside
from course_lib.labs.microscope import microscope
from course_lib.labs.noise_lab import noise_lab
from course_lib.labs.phase_map import phase_map
from course_lib.labs.powers import powers
from course_lib.labs.predict import predict
from course_lib.labs.quiz import quiz
from course_lib.labs.race import race
from course_lib.labs.step_size_by_word import step_size_by_word
from course_lib.labs.units_table import units_table
from course_lib.landscapes import (
    LANDSCAPES,
    Landscape,
    beale,
    bowl,
    least_squares,
    parabola,
    plateau,
    quadratic,
    ravine,
    rosenbrock,
    saddle,
    styblinski_tang,
    with_noise,
    with_spikes,
)
from course_lib.optimizers import (
    adadelta,
    adagrad,
    adam,
    gradient_descent,
    momentum,
    nesterov,
    rmsprop,
)
from course_lib.pictures.charts import heatmap, surface, trajectory
from course_lib.pictures.style import in_theme
from course_lib.training.real_data import on_real_data
from course_lib.validation import check_hyperparameters, check_range, hyperparameters_of, rule_name
from course_lib.wording import in_words, setting_in_words

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda x: x.name)


def walk(grad: Callable, x: np.ndarray, pace: float = 0.5) -> Iterator[np.ndarray]:
    """A rule of a student: always to the left, whatever the slope."""
    while True:
        x = x - [pace, 0]
        yield x


def in_place(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
    """A rule that breaks the contract: one array, changed for ever."""
    v = np.zeros_like(x)
    while True:
        v *= 0.5
        v -= lr * grad(x)
        x += v
        yield x


# Path


@every_rule
@every_landscape
def test_a_path_holds_the_points_of_the_rule(rule: Callable, landscape: Landscape) -> None:
    path = descend(rule, landscape, steps=30)
    with np.errstate(all="ignore"):
        expected = [*islice(rule(landscape.grad, np.array(landscape.start)), 30)]
    assert len(path) == len(path.points) - 1 == len(path.values) - 1
    assert path.points.shape == (len(path) + 1, landscape.dim)
    np.testing.assert_array_equal(path.points[0], landscape.start)
    np.testing.assert_array_equal(path.points[1:], expected[: len(path)])
    for x, value in zip(path.points, path.values, strict=True):
        assert value == pytest.approx(float(landscape(x)), rel=1e-13)
    assert path.landscape is landscape
    assert path.rule == rule.__name__
    assert len(path) == 30 or path.diverged == len(path) + 1


def test_a_path_remembers_what_was_given() -> None:
    path = descend(adam, beale, start=(0.5, -1), steps=7, lr=0.1, beta1=0.5)
    assert path.hyperparameters == {"lr": 0.1, "beta1": 0.5}
    assert len(path) == 7 and path.diverged is False
    np.testing.assert_array_equal(path.points[0], [0.5, -1.0])
    assert path.points.dtype == path.values.dtype == np.float64


def test_no_steps_is_the_start_alone() -> None:
    path = descend(adam, beale, steps=0)
    assert len(path) == 0 and path.points.shape == (1, 2) and path.diverged is False
    assert path.reached(1e9) == 0


def test_hyperparameters_reach_the_rule() -> None:
    path = descend(walk, beale, start=(0, 0), steps=3, pace=0.25)
    np.testing.assert_array_equal(path.points[:, 0], [0, -0.25, -0.5, -0.75])
    assert descend(walk, beale, start=(0, 0), steps=1).points[1, 0] == -0.5


def test_a_family_given_bare_is_its_default_member() -> None:
    bare, made = descend(adam, ravine, steps=5), descend(adam, ravine(), steps=5)
    np.testing.assert_array_equal(bare.points, made.points)
    assert sweep(adam, ravine, steps=2, lr=[0.1]).landscape.name == ravine().name


def test_noise_on_a_family_given_bare_is_noise_on_its_default_member() -> None:
    assert with_noise(ravine, 0.5).name == ravine().name


def test_a_rule_that_changes_its_array_in_place_is_recorded_all_the_same() -> None:
    start = np.array([1.0, 1.5])
    path = descend(in_place, beale, start=start, steps=20, lr=0.001)
    clean = descend(momentum, beale, start=start, steps=20, lr=0.001, beta=0.5)
    np.testing.assert_allclose(path.points, clean.points, rtol=1e-13)
    np.testing.assert_array_equal(start, [1.0, 1.5])


def test_points_do_not_share_memory_with_the_rule() -> None:
    handed_out = []

    def keeping(grad: Callable, x: np.ndarray) -> Iterator[np.ndarray]:
        for point in gradient_descent(grad, x, lr=0.01):
            handed_out.append(point)
            yield point

    path = descend(keeping, beale, steps=5)
    for point in handed_out:
        point[:] = np.nan
    assert np.isfinite(path.points).all()


def test_a_rule_may_yield_lists() -> None:
    def listing(grad: Callable, x: np.ndarray) -> Iterator[list[float]]:
        while True:
            yield [3.0, 0.5]

    path = descend(listing, beale, steps=2)
    assert path.points.shape == (3, 2) and path.values[-1] == 0


def test_noisy_runs_repeat_and_differ_by_seed() -> None:
    one, again, other = (
        descend(gradient_descent, with_noise(beale, 0.5, seed), steps=20, lr=0.001).points
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one[1:] != other[1:]).all()


def test_a_path_is_frozen() -> None:
    path = descend(adam, beale, steps=1)
    with pytest.raises(FrozenInstanceError):
        path.diverged = 3


# reached, gap


def test_reached_is_the_first_step_within_the_tolerance() -> None:
    path = descend(gradient_descent, parabola(), steps=30, lr=0.5)  # f = 8 · 4⁻ᵗ
    for tol in (10.0, 8.0, 1.0, 1e-3, 1e-6):
        first = next(t for t in range(31) if 8 * 0.25**t <= tol)
        assert path.reached(tol) == first
        assert isinstance(path.reached(tol), int)
    assert path.reached(1e-30) is None
    assert path.reached(0.0) is None


def test_reached_counts_both_sides_of_the_minimum_and_the_first_time_only() -> None:
    points = np.zeros((4, 1))
    path = Path("r", parabola(), {}, points, np.array([3.0, -0.5, 0.0, 5.0]))
    assert path.reached(0.6) == 1 and path.reached(0.1) == 2


def test_settled_is_the_step_from_which_it_stays_within_the_tolerance() -> None:
    dips = Path("r", parabola(), {}, np.zeros((6, 1)), np.array([3.0, -0.1, 2.0, 0.4, -0.3, 0.1]))
    for tol, first, settled in ((0.2, 1, 5), (0.35, 1, 4), (0.5, 1, 3), (2.5, 1, 1), (9.0, 0, 0)):
        assert (dips.reached(tol), dips.settled(tol)) == (first, settled)
    assert dips.settled(0.05) is None and type(dips.settled(9.0)) is int
    assert Path("r", parabola(), {}, dips.points, dips.values, diverged=6).settled(9.0) is None
    assert descend(gradient_descent, saddle, steps=5).settled(1e9) is None


@pytest.mark.parametrize("landscape", [beale, ravine(), saddle], ids=lambda x: x.name)
def test_a_sweep_settles_where_its_runs_do(landscape: Landscape) -> None:
    rates = np.array([0.003, 0.05, 0.9, 30.0])
    grid = sweep(momentum, landscape, steps=120, lr=rates)
    for tol in (1e-3, 1.0, 50.0, 1e9):
        alone = [descend(momentum, landscape, steps=120, lr=lr).settled(tol) for lr in rates]
        expected = [np.nan if step is None else step for step in alone]
        np.testing.assert_array_equal(grid.settled(tol), expected)


def test_without_a_minimum_nothing_is_reached() -> None:
    path = descend(gradient_descent, saddle, steps=50)
    assert path.reached(1e9) is None
    np.testing.assert_array_equal(path.gap, path.values)


def test_gap_is_measured_from_the_best_minimum() -> None:
    path = descend(adam, styblinski_tang, steps=50, lr=0.1)
    np.testing.assert_allclose(path.gap, path.values + 78.33233140754282, atol=1e-10)


# Sentences


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0 (to rounding)"),
        (9e-16, "0 (to rounding)"),
        (-3e-16, "0 (to rounding)"),
        (2.34e-15, "2.34e-15"),
        (1.5e-5, "1.5e-5"),
        (0.000123, "0.000123"),
        (12.345, "12.3"),
        (-0.5, "-0.5"),
        (123456.0, "1.23e5"),
        (1e100, "1e100"),
        (1e-10, "1e-10"),
    ],
)
def test_numbers_in_words(value: float, words: str) -> None:
    assert in_words(value) == words


def halving(**how: object) -> Path:
    """f = 8 · 4⁻ᵗ."""
    return descend(gradient_descent, parabola(), **{"lr": 0.5, **how})


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (halving(steps=3), "Gradient descent on the parabola: f falls from 8 to 0.125 in 3 steps."),
        (
            halving(steps=13),
            "Gradient descent on the parabola: f falls from 8 to 1.19e-7 in 13 steps; "
            "it stays within 1e-6 of the minimum from step 12.",
        ),
        (
            halving(steps=2, lr=1.0),
            "Gradient descent on the parabola: f falls from 8 to 0 (to rounding) in 2 steps; "
            "it stays within 1e-6 of the minimum from step 1.",
        ),
        (
            halving(steps=2, lr=2.0),
            "Gradient descent on the parabola: f stays from 8 to 8 in 2 steps.",
        ),
        (
            halving(steps=2, lr=2.5),
            "Gradient descent on the parabola: f grows from 8 to 40.5 in 2 steps.",
        ),
        (
            descend(gradient_descent, saddle, start=(1, 0), steps=2, lr=1.0),
            "Gradient descent on the saddle: f falls from -0.5 to -8 in 2 steps.",
        ),
        (
            descend(walk, styblinski_tang, start=(0, 0), steps=2, pace=0.5),
            "Walk on Styblinski–Tang: f − f* falls from 78.3 to 68.3 in 2 steps.",
        ),
    ],
    ids=["falls", "reaches", "to rounding", "stays", "grows", "no minimum", "lowest not 0"],
)
def test_the_summary_word_for_word(path: Path, sentence: str) -> None:
    assert path.summary == sentence
    assert repr(path) == f"<path: {sentence}>"


def test_the_summary_of_a_diverged_run() -> None:
    path = descend(gradient_descent, beale, lr=10.0)
    assert path.summary == f"Gradient descent on Beale diverged at step {path.diverged}."


# Divergence is not an error


def assert_finite(path: Path, steps: int) -> None:
    assert np.isfinite(path.points).all() and np.isfinite(path.values).all()
    if path.diverged is False:
        assert len(path) == steps
    else:
        assert type(path.diverged) is int and 1 <= path.diverged <= steps
        assert len(path) == path.diverged - 1
        assert f"diverged at step {path.diverged}" in path.summary


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov])
@pytest.mark.parametrize("landscape", [ravine(), ravine(100, 0.4), parabola(), bowl(3)])
def test_at_ten_times_the_limit_known_rules_diverge(rule: Callable, landscape: Landscape) -> None:
    beta = hyperparameters_of(rule).get("beta", 0.0)
    limit = theory.stability_limit(rule, landscape.curvatures[-1], beta)
    path = descend(rule, landscape, steps=1000, lr=10 * limit)
    assert_finite(path, 1000)
    assert path.diverged and path.values[-1] > 1e200
    assert_finite(descend(rule, landscape, steps=20, lr=10 * limit), 20)


@every_rule
@pytest.mark.parametrize(
    "landscape",
    [beale, rosenbrock, ravine(), saddle, parabola(3.0), plateau, with_noise(beale, 1.0)],
    ids=lambda x: x.name,
)
def test_no_hyperparameter_however_large_gives_nan_or_a_warning(
    rule: Callable, landscape: Landscape
) -> None:
    name = "lr" if "lr" in hyperparameters_of(rule) else "eps"  # what sets AdaDelta's first steps
    for large in (3.0, 1e3, 1e10, 1e150, 1e300):
        assert_finite(descend(rule, landscape, steps=150, **{name: large}), 150)


@pytest.mark.parametrize("landscape", [beale, rosenbrock, ravine(), saddle], ids=lambda x: x.name)
def test_the_step_of_divergence_is_the_first_that_is_not_finite(landscape: Landscape) -> None:
    for rule, lr in product((gradient_descent, momentum, nesterov), (1.5, 30.0)):
        path = descend(rule, landscape, steps=2000, lr=lr)
        with np.errstate(all="ignore"):
            run = np.array([*islice(rule(landscape.grad, np.array(landscape.start), lr=lr), 2000)])
            lost = ~(np.isfinite(run).all(axis=1) & np.isfinite(landscape(run)))
        assert path.diverged == (np.argmax(lost) + 1 if lost.any() else False)
        assert path.diverged or lr < 30


def test_a_rule_that_yields_nan_has_diverged() -> None:
    def lost(grad: Callable, x: np.ndarray) -> Iterator[np.ndarray]:
        yield x + 1
        while True:
            yield x * np.nan

    path = descend(lost, beale, steps=9)
    assert path.diverged == 2 and len(path) == 1


def test_a_run_stops_asking_once_it_has_diverged() -> None:
    yielded = []

    def counting(grad: Callable, x: np.ndarray) -> Iterator[np.ndarray]:
        while True:
            yielded.append(1)
            yield x * np.inf

    descend(counting, beale, steps=50)
    assert len(yielded) == 1


# sweep


SWEEPS = {
    name: {k: v for k, v in {"lr": [0.003, 0.05], "beta": [0.0, 0.5, 0.9], "beta1": [0.0, 0.5, 0.9],
                             "eps": [1e-8, 1e-3]}.items()
           if k in hyperparameters_of(rule)}
    for name, rule in RULES.items()
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("landscape", [beale, ravine(30, 0.4), parabola()], ids=lambda x: x.name)
def test_a_sweep_is_every_run_alone(rule: str, landscape: Landscape) -> None:
    axes = SWEEPS[rule]
    grid = sweep(RULES[rule], landscape, steps=40, **axes)
    assert grid.values.shape == (*map(len, axes.values()), 41)
    assert list(grid.axes) == list(axes)
    assert grid.rule == rule and grid.landscape is landscape
    for where in np.ndindex(grid.values.shape[:-1]):
        settings = {name: axes[name][i] for name, i in zip(axes, where, strict=True)}
        path = descend(RULES[rule], landscape, steps=40, **settings)
        n = len(path) + 1
        np.testing.assert_allclose(grid.values[where][:n], path.values, rtol=1e-11, atol=1e-12)
        assert (grid.values[where][n:] == np.inf).all()
        assert grid.diverged[where] == int(path.diverged)
        expected = path.reached(0.01)
        assert grid.reached(0.01)[where] == (np.nan if expected is None else expected) or (
            expected is None and np.isnan(grid.reached(0.01)[where])
        )
        assert grid.final[where] == grid.gap[where][-1]


@every_rule
def test_a_sweep_that_diverges_gives_infinity_without_a_warning(rule: Callable) -> None:
    name = "lr" if "lr" in hyperparameters_of(rule) else "eps"
    for landscape in (beale, rosenbrock, ravine(), saddle):
        grid = sweep(rule, landscape, steps=60, **{name: [1e-3, 10.0, 1e5, 1e200]})
        assert not np.isnan(grid.values).any() and not (grid.values == -np.inf).any()
        lost = np.isinf(grid.values)
        assert (np.diff(lost.astype(int), axis=-1) >= 0).all()  # once lost, lost for ever
        np.testing.assert_array_equal(grid.diverged > 0, lost[:, -1])
        for run, step in zip(lost, grid.diverged, strict=True):
            assert step == 0 or (run[step] and not run[step - 1])


def test_a_sweep_and_a_run_agree_on_divergence_where_f_stays_finite() -> None:
    bounded = Landscape(
        "bounded", lambda x: np.tanh(x[..., 0]), lambda x: x, start=(1.0,), window=((-1.0, 1.0),)
    )
    path = descend(gradient_descent, bounded, lr=1e10, steps=60)
    grid = sweep(gradient_descent, bounded, lr=[1e10], steps=60)
    assert path.diverged and grid.diverged.tolist() == [path.diverged]


def test_a_sweep_takes_the_start_and_fixed_hyperparameters() -> None:
    grid = sweep(adam, beale, start=(2, 1), steps=9, lr=np.array([0.1, 0.2]), beta1=0.5)
    path = descend(adam, beale, start=(2, 1), steps=9, lr=0.2, beta1=0.5)
    np.testing.assert_allclose(grid.values[1], path.values, rtol=1e-12)
    assert list(grid.axes) == ["lr"]
    assert repr(grid) == "<grid: adam on Beale, 2 lr, 9 steps; best at the edge of lr>"


def test_a_run_of_a_sweep_that_was_lost_does_not_come_back() -> None:
    def returning(grad: Callable, x: np.ndarray, far: float) -> Iterator[np.ndarray]:
        yield x + far
        while True:
            yield x

    grid = sweep(returning, beale, steps=4, far=[1.0, 1e200])
    assert np.isfinite(grid.values[0]).all() and np.isfinite(grid.values[1, 0])
    assert (grid.values[1, 1:] == np.inf).all()
    assert grid.diverged.tolist() == [0, 1]


def test_the_order_of_the_axes_is_the_order_given() -> None:
    one = sweep(momentum, ravine(), steps=5, lr=[0.1, 0.2], beta=[0.0, 0.5, 0.9])
    other = sweep(momentum, ravine(), steps=5, beta=[0.0, 0.5, 0.9], lr=[0.1, 0.2])
    np.testing.assert_array_equal(one.values, other.values.transpose(1, 0, 2))
    assert repr(one) == (
        "<grid: momentum on the ravine with κ = 20, 2 lr × 3 beta, 5 steps; best at the edge of lr>"
    )


def test_each_run_of_a_sweep_on_a_noisy_landscape_has_noise_of_its_own() -> None:
    grid = sweep(gradient_descent, with_noise(beale, 1.0), steps=5, lr=[0.001, 0.001])
    assert (grid.values[0, 1:] != grid.values[1, 1:]).all()


def test_the_best_of_a_sweep_ends_lowest() -> None:
    grid = sweep(
        momentum, ravine(), steps=60, lr=np.geomspace(0.01, 3, 12), beta=np.linspace(0, 0.95, 9)
    )
    runs = {
        (lr, beta): descend(momentum, ravine(), steps=60, lr=lr, beta=beta)
        for lr, beta in product(grid.axes["lr"], grid.axes["beta"])
    }
    late = {at: path.values[-7:].max() for at, path in runs.items() if not path.diverged}
    assert tuple(grid.best.values()) == min(late, key=late.get)
    assert list(grid.best) == ["lr", "beta"]
    assert all(type(value) is float for value in grid.best.values())


def test_a_bouncing_run_does_not_win_by_a_lucky_last_step() -> None:
    values = np.ones((2, 21)) * [[5.0], [1.0]]
    values[0, -1] = 0.0
    grid = descent.Grid("r", parabola(), {"lr": np.array([0.1, 0.2])}, values)
    assert grid.best == {"lr": 0.2}
    assert grid.final[0] == 0


def test_on_a_landscape_without_minimum_a_sweep_reaches_nothing() -> None:
    grid = sweep(gradient_descent, saddle, steps=5, lr=[0.1, 0.2])
    assert np.isnan(grid.reached(1e9)).all()
    np.testing.assert_array_equal(grid.gap, grid.values)


def test_the_gap_of_a_sweep_is_measured_from_the_best_minimum() -> None:
    grid = sweep(adam, styblinski_tang, steps=5, lr=[0.1, 0.2])
    np.testing.assert_allclose(grid.gap, grid.values + 78.33233140754282, atol=1e-10)
    assert grid.reached(1e3).tolist() == [0, 0]


# dissect


@every_rule
@every_landscape
def test_dissecting_a_run_gives_the_run(rule: Callable, landscape: Landscape) -> None:
    path, steps = dissect(rule, landscape, steps=12)
    plain = descend(rule, landscape, steps=12)
    np.testing.assert_array_equal(path.points, plain.points)
    assert path.summary == plain.summary
    assert [step.t for step in steps] == list(range(1, len(path) + 1))
    for step in steps:
        np.testing.assert_array_equal(step.start, path.points[step.t - 1])
        np.testing.assert_array_equal(step.end, path.points[step.t])
        np.testing.assert_array_equal(step.move, step.end - step.start)
        np.testing.assert_array_equal(step.after["x"], step.end)
        ((asked, g),) = step.gradients
        np.testing.assert_array_equal(g, landscape.grad(asked))
        for name, default in hyperparameters_of(rule).items():
            assert step.before[name] == step.after[name] == default


@every_rule
def test_the_state_after_a_step_is_the_state_before_the_next(rule: Callable) -> None:
    _, steps = dissect(rule, ravine(), steps=6)
    for step, following in pairwise(steps):
        assert step.after.keys() == following.before.keys()
        for name, value in step.after.items():
            np.testing.assert_array_equal(value, following.before[name])


def test_the_states_of_momentum_by_hand() -> None:
    lr, beta, v, x = 0.01, 0.8, np.zeros(2), np.array([-7.0, 2.0])
    _, steps = dissect(momentum, ravine(20), steps=8, lr=lr, beta=beta)
    for step in steps:
        g = x * [0.1, 2.0]
        np.testing.assert_allclose(step.before["v"], v, rtol=1e-12)
        np.testing.assert_allclose(step.gradients, [(x, g)], rtol=1e-12)
        v = beta * v - lr * g
        x = x + v
        np.testing.assert_allclose(step.after["v"], v, rtol=1e-12)
        np.testing.assert_allclose(step.end, x, rtol=1e-12)


def test_the_states_of_adam_by_hand() -> None:
    m, s, x = np.zeros(2), np.zeros(2), np.array([-7.0, 2.0])
    _, steps = dissect(adam, ravine(20), steps=8, lr=0.1, beta1=0.8, beta2=0.99, eps=1e-6)
    for t, step in enumerate(steps, 1):
        g = x * [0.1, 2.0]
        np.testing.assert_allclose([step.before["m"], step.before["s"]], [m, s], rtol=1e-12)
        m, s = 0.8 * m + 0.2 * g, 0.99 * s + 0.01 * g * g
        np.testing.assert_allclose([step.after["m"], step.after["s"]], [m, s], rtol=1e-12)
        np.testing.assert_allclose(step.after["g"], g, rtol=1e-12)
        np.testing.assert_allclose(step.after["m_hat"], m / (1 - 0.8**t), rtol=1e-10)
        np.testing.assert_allclose(step.after["s_hat"], s / (1 - 0.99**t), rtol=1e-10)
        assert step.after["t"] == t
        x = x - 0.1 * step.after["m_hat"] / (np.sqrt(step.after["s_hat"]) + 1e-6)
        np.testing.assert_allclose(step.end, x, rtol=1e-10)


def test_nesterov_is_seen_to_look_ahead() -> None:
    _, steps = dissect(nesterov, beale, steps=5, lr=0.01, beta=0.7)
    for step in steps:
        ((asked, _),) = step.gradients
        np.testing.assert_allclose(asked, step.start + 0.7 * step.before["v"], rtol=1e-13)
    assert (steps[3].gradients[0][0] != steps[3].start).all()


def test_states_are_copies_also_of_a_rule_that_changes_them_in_place() -> None:
    _, steps = dissect(in_place, ravine(), steps=5, lr=0.1)
    _, clean = dissect(momentum, ravine(), steps=5, lr=0.1, beta=0.5)
    for step, expected in zip(steps, clean, strict=True):
        np.testing.assert_allclose(step.before["v"], expected.before["v"], rtol=1e-12)
        np.testing.assert_allclose(step.after["v"], expected.after["v"], rtol=1e-12)
        np.testing.assert_allclose(step.gradients, expected.gradients, rtol=1e-12)


def test_a_rule_without_source_can_be_dissected() -> None:
    namespace = {}
    exec(
        "def heavy(grad, x, lr=0.1, keep=0.5):\n"
        "    v = 0 * x\n"
        "    while True:\n"
        "        v = keep * v - lr * grad(x)\n"
        "        x = x + v\n"
        "        yield x\n",
        namespace,
    )
    path, steps = dissect(namespace["heavy"], ravine(), steps=5)
    _, clean = dissect(momentum, ravine(), steps=5, lr=0.1, beta=0.5)
    assert path.rule == "heavy"
    for step, expected in zip(steps, clean, strict=True):
        np.testing.assert_allclose(step.after["v"], expected.after["v"], rtol=1e-12)
        assert step.after["keep"] == 0.5


def test_each_call_of_the_gradient_in_a_step_is_recorded() -> None:
    def midpoint(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
        while True:
            middle = x - lr / 2 * grad(x)
            x = x - lr * grad(middle)
            yield x

    _, steps = dissect(midpoint, ravine(), steps=3)
    for step in steps:
        (first, g), (second, _) = step.gradients
        np.testing.assert_array_equal(first, step.start)
        np.testing.assert_allclose(second, step.start - 0.05 * g)


def test_a_partly_applied_rule_can_be_dissected() -> None:
    path, steps = dissect(partial(momentum, beta=0.5), ravine(), steps=3, lr=0.1)
    assert path.rule == "momentum" and steps[0].before["beta"] == 0.5


def test_the_gradients_of_a_noisy_run_are_those_the_rule_saw() -> None:
    landscape = with_noise(ravine(), 0.5, seed=4)
    path, steps = dissect(gradient_descent, landscape, steps=6, lr=0.1)
    for step in steps:
        ((_, g),) = step.gradients
        np.testing.assert_allclose(step.move, -0.1 * g, rtol=1e-9)
    np.testing.assert_array_equal(
        path.points, descend(gradient_descent, landscape, steps=6, lr=0.1).points
    )


def test_a_diverging_run_is_dissected_up_to_its_last_finite_step() -> None:
    path, steps = dissect(gradient_descent, beale, steps=40, lr=1.0)
    assert path.diverged and len(steps) == len(path) == path.diverged - 1
    assert all(np.isfinite(step.end).all() for step in steps)


def test_a_rule_that_first_yields_without_a_gradient_can_be_dissected() -> None:
    path, steps = dissect(walk, beale, steps=3)
    assert len(path) == len(steps) == 3
    for step in steps:
        assert step.gradients == () and step.after["pace"] == 0.5
        np.testing.assert_array_equal(step.move, [-0.5, 0])


# Names and signatures


def test_names_and_hyperparameters_are_read_from_the_rule() -> None:
    assert rule_name(adam) == rule_name(partial(partial(adam, lr=1), eps=1)) == "adam"
    assert hyperparameters_of(rmsprop) == {"lr": 0.001, "beta": 0.9, "eps": 1e-8}
    assert hyperparameters_of(partial(adam, lr=0.5))["lr"] == 0.5
    assert hyperparameters_of(lambda grad, x, *rest, a=1, **more: None) == {"a": 1}

    class Rule:
        def __call__(self, grad: Callable, x: np.ndarray, lr: float = 2) -> None: ...

    assert rule_name(Rule()) == "Rule" and hyperparameters_of(Rule()) == {"lr": 2}


def test_a_rule_that_takes_any_keyword_gets_any() -> None:
    def any_rule(grad: Callable, x: np.ndarray, **settings: float) -> Iterator[np.ndarray]:
        return gradient_descent(grad, x, lr=settings["pace"])

    assert len(descend(any_rule, beale, steps=2, pace=0.001)) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lr", 1e-300), ("lr", 1e300), ("lr", 3), ("beta", 0), ("beta", 0.9999), ("beta1", 0.0),
        ("beta_of_mine", 0.5), ("eps", 0), ("weight_decay", 0.0), ("psi", np.inf), ("other", -5),
        ("lr", np.array([0.1, 2.0])), ("lr", np.float32(0.1)),
    ],
)  # fmt: skip
def test_values_that_are_right(name: str, value: object) -> None:
    check_range(name, value)


# Errors: every `raise` of the library, and what it says


def yields(point: object) -> Callable:
    def rule(grad: Callable, x: np.ndarray) -> Iterator[object]:
        while True:
            yield point

    return rule


def stops(grad: Callable, x: np.ndarray) -> Iterator[np.ndarray]:
    yield x
    yield x


def returns(grad: Callable, x: np.ndarray) -> np.ndarray:
    return x


def needs(grad: Callable, x: np.ndarray, lr: float) -> Iterator[np.ndarray]:
    yield x


WINDOW = ((-1.0, 1.0), (-1.0, 1.0))
SOLID = quadratic(np.eye(3), start=(1.0, 1.0, 1.0), window=(*WINDOW, (-1.0, 1.0)))
FAR = replace(beale, start=(1e30, 1e30))


def mine(f: Callable) -> Landscape:
    return Landscape("mine", f, lambda x: x, (1.0, 2.0), ((-3, 3), (-3, 3)))


# name: (what is called, the error, a pattern its message matches: argument, value, what is right)
ERRORS = {
    # descent
    "lr 0": (
        lambda: descend(adam, beale, lr=0),
        ValueError, r"lr must be larger than 0 and finite, got 0",
    ),
    "lr below 0": (
        lambda: descend(adam, beale, lr=-0.25),
        ValueError, r"lr must be larger than 0 and finite, got -0\.25",
    ),
    "lr nan": (
        lambda: descend(adam, beale, lr=np.nan), ValueError, r"lr must be .* finite, got nan",
    ),
    "lr infinite": (
        lambda: descend(adam, beale, lr=np.inf), ValueError, r"lr must be .* finite, got inf",
    ),
    "lr word": (
        lambda: descend(adam, beale, lr="large"),
        TypeError, r"lr must be a number, got 'large'",
    ),
    "lr list of words": (
        lambda: sweep(adam, beale, lr=["a", "b"]), TypeError, r"lr must be a number, got \['a'",
    ),
    "beta 1": (
        lambda: descend(momentum, beale, beta=1),
        ValueError, r"beta must be at least 0 and below 1 and finite, got 1",
    ),
    "beta1 below 0": (
        lambda: descend(adam, beale, beta1=-0.1),
        ValueError, r"beta1 must be at least 0 and below 1.*, got -0\.1",
    ),
    "beta2 of one run in a sweep": (
        lambda: sweep(adam, beale, beta2=[0.9, 1.5, 2.0]),
        ValueError, r"beta2 must be at least 0 and below 1.*, got 1\.5",
    ),
    "eps below 0": (
        lambda: descend(adadelta, beale, eps=-1e-8),
        ValueError, r"eps must be 0 or larger.*, got -1e-08",
    ),
    "penalty below 0": (
        lambda: course_lib.penalised(beale, -1),
        ValueError, r"weight_decay must be 0 or larger and finite, got -1",
    ),
    "weight_decay below 0": (
        lambda: descend(RULES["adamw"], beale, weight_decay=-1),
        ValueError, r"weight_decay must be 0 or larger.*, got -1",
    ),
    "psi below 0": (
        lambda: descend(RULES["nadam_scheduled"], beale, psi=-1),
        ValueError, r"psi must be 0 or larger.*, got -1",
    ),
    "rows that are no whole number": (
        lambda: descend(RULES["muon"], beale, rows=1.5),
        ValueError, r"rows must be a whole number, 1 or larger, and finite, got 1.5",
    ),
    "rows that do not divide": (
        lambda: descend(RULES["muon"], beale, rows=3),
        ValueError, r"rows must divide the 2 numbers of a point, got 3",
    ),
    "psi nan": (
        lambda: descend(RULES["nadam_scheduled"], beale, psi=np.nan),
        ValueError, r"psi must be 0 or larger.*, got nan",
    ),
    "hyperparameter of one's own, infinite": (
        lambda: descend(walk, beale, pace=np.inf), ValueError, r"pace must be finite.*, got inf",
    ),
    "unknown hyperparameter": (
        lambda: descend(adam, beale, learning_rate=0.1),
        TypeError, r"adam has no hyperparameter 'learning_rate'; it takes: lr, beta1, beta2, eps",
    ),
    "hyperparameter for a rule without any": (
        lambda: descend(stops, beale, lr=0.1),
        TypeError, r"stops has no hyperparameter 'lr'; it takes: none",
    ),
    "unknown hyperparameter in a sweep": (
        lambda: sweep(adadelta, beale, lr=[0.1]),
        TypeError, r"adadelta has no hyperparameter 'lr'; it takes: beta, eps",
    ),
    "unknown hyperparameter in dissect": (
        lambda: dissect(momentum, beale, beta1=0.1), TypeError, r"momentum has no .*'beta1'",
    ),
    "missing hyperparameter": (
        lambda: descend(needs, beale), TypeError, r"needs needs a value for lr, e\.g\. lr=0\.1",
    ),
    "rule by name": (
        lambda: descend("adam", beale),
        TypeError, r"rule must be a generator function such as adam, got 'adam'$",
    ),
    "rule already called": (
        lambda: descend(adam(beale.grad, np.zeros(2)), beale),
        TypeError, r"rule must be .* got <generator.* \(give the rule itself, without calling it\)",
    ),
    "rule of too few arguments": (
        lambda: descend(lambda grad: None, beale),
        TypeError, r"<lambda> must take \(grad, x, …\): the gradient and the start",
    ),
    "rule that returns": (
        lambda: descend(returns, beale),
        TypeError, r"returns must be a generator function: write `yield x`.*returned ndarray",
    ),
    "rule that returns, dissected": (
        lambda: dissect(returns, beale), TypeError, r"returns must be a generator function",
    ),
    "rule that returns, swept": (
        lambda: sweep(lambda grad, x, lr: x, beale, lr=[0.1]),
        TypeError, r"<lambda> must be a generator function",
    ),
    "rule that stops": (
        lambda: descend(stops, beale, steps=5),
        ValueError, r"stops stopped after 2 of 5 steps; a rule goes on for ever: use `while True:`",
    ),
    "rule that stops one step too early": (
        lambda: descend(stops, beale, steps=3), ValueError, r"stops stopped after 2 of 3 steps",
    ),
    "rule that stops, dissected": (
        lambda: dissect(stops, beale, steps=5), ValueError, r"stops stopped after 2 of 5 steps",
    ),
    "rule that yields a number": (
        lambda: descend(yields(1.0), beale),
        ValueError, r"rule must yield points of shape \(2,\), as the start has; it yielded 1\.0",
    ),
    "rule that yields None": (
        lambda: descend(yields(None), beale), ValueError, r"shape \(2,\).*it yielded None",
    ),
    "rule that yields too many": (
        lambda: descend(yields(np.zeros(3)), beale),
        ValueError, r"of shape \(2,\), as the start has; it yielded array\(\[0\., 0\., 0\.\]\)",
    ),
    "start of three": (
        lambda: descend(adam, beale, start=(1, 2, 3)),
        ValueError, r"start must be 2 finite numbers, such as \(1\.0, 1\.5\), .*got \(1, 2, 3\)",
    ),
    "start a number": (
        lambda: descend(adam, beale, start=1.0), ValueError, r"start must be 2 finite .*got 1\.0",
    ),
    "start for one coordinate": (
        lambda: descend(adam, parabola(), start=(1, 2)),
        ValueError, r"start must be 1 finite numbers, such as \(-4\.0,\), .*got \(1, 2\)",
    ),
    "start not finite": (
        lambda: sweep(adam, beale, start=(1, np.inf), lr=[0.1]),
        ValueError, r"start must be 2 finite numbers.*got \(1, inf\)",
    ),
    "start of words": (
        lambda: descend(adam, beale, start=("a", "b")),
        TypeError, r"start must be 2 finite numbers, such as \(1\.0, 1\.5\), got \('a', 'b'\)",
    ),
    "start ragged": (
        lambda: explore(adam, beale, start=[[1], [1, 2]]), TypeError, r"start must be 2 finite",
    ),
    "steps below 0": (
        lambda: descend(adam, beale, steps=-1),
        ValueError, r"steps must be a whole number, 0 or larger, got -1",
    ),
    "steps a fraction": (
        lambda: descend(adam, beale, steps=2.5), ValueError, r"steps must .* got 2\.5",
    ),
    "steps a truth": (
        lambda: descend(adam, beale, steps=True), ValueError, r"steps must be .* got True",
    ),
    "steps of a sweep": (
        lambda: sweep(adam, beale, steps=1e3, lr=[0.1]), ValueError, r"steps .*got 1000\.0",
    ),
    "nothing to sweep": (
        lambda: sweep(adam, beale, lr=0.1),
        ValueError, r"sweep needs at least one hyperparameter as an array, e\.g\. lr=\[0\.1",
    ),
    "sweep over a matrix": (
        lambda: sweep(adam, beale, lr=np.ones((2, 3))),
        ValueError, r"lr must be a 1-D array, got one of shape \(2, 3\)",
    ),
    "sweep over nothing": (
        lambda: sweep(adam, beale, lr=[]), ValueError, r"lr must be a 1-D array, .* shape \(0,\)",
    ),
    # landscapes
    "noise below 0": (
        lambda: with_noise(beale, -1.0), ValueError, r"noise must be 0 or larger .*, got -1\.0",
    ),
    "noise nan": (
        lambda: with_noise(beale, np.nan), ValueError, r"noise must be 0 or larger.*, got nan",
    ),
    "spike of another shape": (
        lambda: with_spikes(beale, {5: (1.0,)}), ValueError, r"spikes must be .*got \{5: \(1\.0",
    ),
    "spike before the first step": (
        lambda: with_spikes(beale, {0: (1.0, 1.0)}), ValueError, r"spikes must be .*steps from 1",
    ),
    "spike nan": (
        lambda: with_spikes(beale, {5: (1.0, np.nan)}), ValueError, r"spikes must be .*2 finite n",
    ),
    "not a landscape": (
        lambda: descend(adam, lambda x: x**2),
        TypeError, r"a landscape is needed, with value and gradient, got <function.*ravine\(",
    ),
    "no landscape to explore": (
        lambda: explore(adam, on="beale"), TypeError, r"a landscape is needed.*got 'beale'",
    ),
    "hessian not symmetric": (
        lambda: quadratic([[1.0, 2.0], [0.0, 1.0]], start=(1.0, 1.0), window=WINDOW),
        ValueError, r"hessian must be a symmetric matrix, got\n\[\[1\. 2\.\]",
    ),
    "hessian not square": (
        lambda: quadratic(np.ones((2, 3)), start=(1.0, 1.0), window=WINDOW),
        ValueError, r"hessian must be a symmetric matrix, got",
    ),
    "hessian and start differ": (
        lambda: quadratic(np.eye(2), start=(1.0,), window=WINDOW),
        ValueError, r"start must have 2 numbers, as hessian has; got \(1\.0,\)",
    ),
    "curvature 0": (
        lambda: parabola(0.0), ValueError, r"curvature must be larger than 0, got 0\.0",
    ),
    "condition below 1": (
        lambda: ravine(condition=0.5), ValueError, r"condition must be 1 or larger .*got 0\.5",
    ),
    "condition nan": (
        lambda: bowl(condition=np.nan), ValueError, r"condition must be 1 or larger .*got nan",
    ),
    "steepest 0": (
        lambda: bowl(2.0, steepest=0), ValueError, r"steepest must be larger than 0 .*got 0",
    ),
    "rows and targets differ": (
        lambda: least_squares(np.ones((3, 2)), np.ones(4)),
        ValueError, r"features must be \(n, d\) and targets \(n,\).*got \(3, 2\) and \(4,\)",
    ),
    "no rows": (
        lambda: least_squares(np.ones((0, 2)), np.ones(0)),
        ValueError, r"features must be \(n, d\).* got \(0, 2\) and \(0,\)",
    ),
    "batch of none": (
        lambda: least_squares(np.eye(2), np.ones(2), batch=0),
        ValueError, r"batch must be a whole number, 1 or larger, or None; got 0",
    ),
    "batch a fraction": (
        lambda: least_squares(np.eye(2), np.ones(2), batch=1.5),
        ValueError, r"batch must be a whole number.* got 1\.5",
    ),
    "batch larger than the data": (
        lambda: least_squares(np.eye(2), np.ones(2), batch=3, shuffle=True),
        ValueError, r"batch must be at most 2, the number of rows, got 3",
    ),
    # theory
    "no theory for Adam": (
        lambda: theory.stability_limit(adam, 1.0),
        ValueError, r"no exact theory for rule 'adam' here; .*gradient_descent, momentum, nesterov",
    ),
    "no theory for a number": (
        lambda: theory.best_settings(3, 0.1, 1.0), ValueError, r"no exact theory for rule '3' here",
    ),
    "curvatures in the wrong order": (
        lambda: theory.best_settings(momentum, 2.0, 1.0),
        ValueError, r"curvatures must be 0 < μ <= L, got μ = 2\.0, L = 1\.0",
    ),
    "curvature of a saddle": (
        lambda: theory.best_settings(momentum, -1.0, 1.0), ValueError, r"0 < μ <= L, got μ = -1\.0",
    ),
    # labs
    "explore an unknown hyperparameter": (
        lambda: explore(adam, beale, beta=0.5), TypeError, r"adam has no hyperparameter 'beta'",
    ),
    "slider from a wrong value": (
        lambda: explore(momentum, beale, beta=1.0), ValueError, r"beta must be .*, got 1",
    ),
    "slider to a wrong value": (
        lambda: explore(momentum, beale, lr=(0.1, 0.0, 1.0)), ValueError, r"lr must be .*, got 0",
    ),
    "race of nobody": (
        lambda: race([], beale), ValueError, r"race needs at least one rule, e\.g\. race\(\[grad",
    ),
    "race with a wrong value of one's own": (
        lambda: race([(adam, {"lr": -1})], beale), ValueError, r"lr must be .*, got -1",
    ),
    "race without a landscape": (
        lambda: race([adam], on=adam), TypeError, r"a landscape is needed",
    ),
    "microscope without a rule": (
        lambda: microscope(on=beale), ValueError, r"microscope needs a rule, e\.g\.",
    ),
    "theme of another name": (
        lambda: in_theme("sepia").__enter__(),
        ValueError, r"a theme is one of light, dark, got 'sepia'",
    ),
    "microscope in one dimension": (
        lambda: microscope(adam, parabola()),
        ValueError, r"microscope needs a landscape of 2 coordinates, not 1",
    ),
    "microscope beyond its steps": (
        lambda: microscope(adam, beale, steps=5, at=6),
        ValueError, r"at must be a step from 1 to steps = 5, got 6",
    ),
    "microscope before the first step": (
        lambda: microscope(adam, beale, at=0), ValueError, r"at must be a step from 1 to .*got 0",
    ),
    "microscope on a run that is lost at once": (
        lambda: microscope(gradient_descent, FAR, lr=1e200),
        ValueError, r"diverged at step 1\. There is no step to show: make lr smaller",
    ),
    "phase map without a minimum": (
        lambda: phase_map(momentum, saddle),
        ValueError, r"phase_map needs a quadratic with a minimum and two .*; got the saddle",
    ),
    "error parts without a minimum": (
        lambda: error_parts(momentum, saddle),
        ValueError, r"error_parts needs a quadratic with a minimum and two .*; got the saddle",
    ),
    "phase map of Adam": (
        lambda: phase_map(adam, ravine()), ValueError, r"phase_map knows momentum and .*, not adam",
    ),
    "phase map of gradient descent": (
        lambda: phase_map(gradient_descent, ravine()),
        ValueError, r"phase_map knows momentum and nesterov, not gradient_descent",
    ),
    "noise on Beale": (
        lambda: noise_lab(momentum, beale),
        ValueError, r"noise_lab needs a quadratic with a minimum and two .*; got Beale",
    ),
    "factors on Beale": (
        lambda: factor_lab(momentum, beale),
        ValueError, r"factor_lab needs a quadratic with a minimum and two .*; got Beale",
    ),
    "noise for Adam": (
        lambda: noise_lab(adam, ravine()),
        ValueError, r"noise_lab knows gradient_descent, momentum and nesterov, not adam",
    ),
    "question without choices": (
        lambda: predict("?", answer=lambda: 1),
        ValueError, r"predict needs either choices=\{…\} or number=\(lowest, highest\)",
    ),
    "question with both": (
        lambda: predict("?", {"a": "b"}, answer=lambda: 1, number=(0, 1)),
        ValueError, r"predict needs either choices",
    ),
    "answer already given": (
        lambda: predict("?", {"a": "b"}, answer="a"), TypeError, r"answer must be a function",
    ),
    # plots
    "picture in three dimensions": (
        lambda: trajectory(descend(adam, SOLID, steps=2)),
        ValueError, r"only landscapes of 1 or 2 coordinates can be drawn, not 3",
    ),
    "picture of nothing": (
        lambda: trajectory(), ValueError, r"trajectory needs at least one path, made by descend",
    ),
    "heat map of one axis": (
        lambda: heatmap(sweep(adam, beale, steps=2, lr=[0.1, 0.2])),
        ValueError, r"heatmap needs a sweep over two hyperparameters, got \['lr'\]",
    ),
}  # fmt: skip


def answering_outside_its_choices() -> None:
    question = predict("?", {"a": "b"}, answer=lambda: "c")
    question.entry.value = "a"
    question.submit()


ERRORS["answer that is no choice"] = (
    answering_outside_its_choices,
    ValueError,
    r"answer must be one of the choices, got 'c'",
)


ERRORS |= {
    "half-life of β = 1": (
        lambda: theory.half_life(1.0), ValueError, r"beta must be at least 0 and below 1, got 1\.0",
    ),
    "lr a number in words": (
        lambda: descend(adam, beale, lr="0.1"), TypeError, r"lr must be a number, got '0\.1'",
    ),
    "lr None": (
        lambda: descend(adam, beale, lr=None), TypeError, r"lr must be a number, got None",
    ),
    "many lr for one run": (
        lambda: descend(adam, beale, lr=[0.1, 0.2]), ValueError, r"lr must be one number.*sweep",
    ),
    "start where f overflows": (
        lambda: descend(adam, beale, start=(1e200, 1e200)), ValueError, r"start must .*1e\+200",
    ),
    "landscape whose f gives nothing": (
        lambda: mine(lambda x: None)(np.zeros(2)),
        TypeError, r"f of mine returns nothing \(None\) at",
    ),
    "landscape whose f gives a word": (
        lambda: mine(lambda x: "high")(np.zeros(2)),
        TypeError, r"f of mine must return numbers, got 'high'",
    ),
    "landscape whose f gives a point": (
        lambda: mine(lambda x: x)(np.zeros(2)),
        ValueError, r"f of mine must return numbers of shape \(\), got \(2,\)",
    ),
    "landscape an array": (
        lambda: descend(adam, np.zeros(3)), TypeError, r"a landscape is needed.*got array",
    ),
    "noise infinite": (
        lambda: with_noise(beale, np.inf), ValueError, r"noise must be 0 or larger.*got inf",
    ),
    "steps of explore": (
        lambda: explore(adam, beale, steps=-1), ValueError, r"steps must be .*got -1",
    ),
    "slider that starts outside its ends": (
        lambda: explore(adam, beale, lr=(5.0, 0.1, 1.0)), ValueError, r"lr must be .*5\.0, 0\.1, 1",
    ),
    "slider with its ends exchanged": (
        lambda: explore(adam, beale, lr=(0.5, 1.0, 0.1)), ValueError, r"lr must be .*0\.5, 1\.0",
    ),
    "slider of two numbers": (
        lambda: explore(adam, beale, lr=(0.5, 1.0)), ValueError, r"lr must be .*\(0\.5, 1\.0\)",
    ),
    "race with a misspelled hyperparameter": (
        lambda: race([adam, momentum], beale, learning_rate=0.1),
        TypeError, r"no rule here has a hyperparameter 'learning_rate'; they take: beta, beta1",
    ),
    "batch not offered": (
        lambda: noise_lab(momentum, ravine(), batch=3), ValueError, r"batch must be one of .*got 3",
    ),
    "batch 2.0": (
        lambda: descend(adam, least_squares(np.eye(2), np.ones(2), batch=2.0)),
        ValueError, r"batch must be a whole number.*got 2\.0",
    ),
    "no choices": (
        lambda: predict("?", {}, answer=lambda: 1), ValueError, r"predict needs either choices",
    ),
    "number with its ends exchanged": (
        lambda: predict("?", number=(3, 1), answer=lambda: 1),
        ValueError, r"number must be \(lowest, highest\), got \(3, 1\)",
    ),
    "surface of a curve": (
        lambda: surface(parabola()), ValueError, r"surface needs a landscape of 2 coord.*, not 1",
    ),
}  # fmt: skip


ERRORS |= {
    "goal below 0": (
        lambda: explore(adam, beale, goal=-1.0),
        ValueError, r"goal must be larger than 0.*got -1\.0",
    ),
    "goal where there is no minimum": (
        lambda: explore(adam, saddle, goal=1.0), ValueError, r"goal .*the saddle has no minimum",
    ),
    "no stars": (
        lambda: explore(adam, beale, goal=1.0, stars=()), ValueError, r"stars must be .*got \(\)",
    ),
    "stars in the wrong order": (
        lambda: explore(adam, beale, goal=1.0, stars=(10, 50, 100)),
        ValueError, r"stars must be .*got \(10, 50, 100\)",
    ),
    "a slider for what is fixed": (
        lambda: explore(momentum, beale, beta=0.3, fixed={"beta": 0.5}),
        ValueError, r"beta .*fixed",
    ),
    "microscope at half a step": (
        lambda: microscope(adam, beale, at=1.5), ValueError, r"at must be a .*step.*got 1\.5",
    ),
    "phase map without steps": (
        lambda: phase_map(momentum, ravine(), steps=0), ValueError, r"steps must be 1 .*got 0",
    ),
    "start of another length than the rows": (
        lambda: least_squares(np.eye(2), np.ones(2), start=(1.0,)),
        ValueError, r"start must have 2 numbers.*got \(1\.0,\)",
    ),
    "data not finite": (
        lambda: least_squares(np.full((3, 2), np.inf), np.ones(3)),
        ValueError, r"features .*finite",
    ),
    "rows that do not divide": (
        lambda: descend(RULES["muon"], beale, rows=3),
        ValueError, r"rows must divide the 2 numbers of a point, got 3",
    ),
    # races and comparisons
    "race seen from nowhere": (
        lambda: race([adam], beale, view="4d"),
        ValueError, r"view must be \"2d\" or.*got '4d' for 2",
    ),
    "race with one rate for all, and none to begin with": (
        lambda: race([adam, momentum], beale, one_for_all="lr"),
        ValueError, r"one_for_all needs a value to begin with, e\.g\. lr=0\.1",
    ),
    "race saved as a film": (
        lambda: race([adam], beale, steps=2).save("race.mp4"),
        ValueError, r"file must end in \.gif or \.html, got 'race\.mp4'",
    ),
    "race saved over a file": (
        lambda: race([adam], beale, steps=2).save(LIBRARY / "labs/race_page.html"),
        FileExistsError, r"race_page\.html' exists; .*overwrite=True",
    ),
    "race in one picture": (
        lambda: race([adam], beale, steps=2).save("nowhere.gif", frames=1),
        ValueError, r"frames must be 2 or more .*got 1 and 20",
    ),
    "compare without a budget": (
        lambda: course_lib.compare([adam], beale, starts=8), ValueError, r"compare needs a budget",
    ),
    "compare with half a setting": (
        lambda: course_lib.compare([adam], beale, 0.5, 8),
        ValueError, r"budget must be a whole number, 1 or larger, got 0\.5",
    ),
    "compare without a minimum": (
        lambda: course_lib.compare([adam], saddle, 9, 8),
        ValueError, r"compare needs a landscape with a minimum; the saddle has none",
    ),
    "compare a rule with itself": (
        lambda: course_lib.compare([adam, adam], beale, 9, 8),
        ValueError, r"one rule or more, each once; got \['adam', 'adam'\]",
    ),
    "compare from nowhere": (
        lambda: course_lib.compare([adam], beale, 9), ValueError, r"give starts .* or seeds",
    ),
    "compare from two starts": (
        lambda: course_lib.compare([adam], beale, 9, 2), ValueError, r"starts must be 4 .*got 2",
    ),
    "compare seeds without noise": (
        lambda: course_lib.compare([adam], beale, 9, seeds=8), ValueError, r"seeds need a noisy",
    ),
    "compare from starts of another shape": (
        lambda: course_lib.compare([adam], beale, 9, np.ones((6, 3))),
        ValueError, r"starts must be \(n, 2\) finite numbers, got \(6, 3\)",
    ),
    "map without a minimum": (
        lambda: course_lib.robustness([adam], saddle, [0.1]),
        ValueError, r"robustness needs a landscape with a minimum",
    ),
    "map of a rule without a rate": (
        lambda: course_lib.robustness([adadelta], beale, [0.1]),
        ValueError, r"rules with a learning rate; adadelta has none",
    ),
    "source that cannot be read": (
        lambda: course_lib.difference(adam, len), TypeError, r"rule must be a function.*got <built",
    ),
}  # fmt: skip


ERRORS |= {
    "x all in one place": (
        lambda: course_lib.Change(x=0.0), ValueError, r"x must be finite and not 0, got 0\.0",
    ),
    "negative unit of f": (
        lambda: course_lib.Change(f=-1.0), ValueError, r"f must be larger than 0 .*got -1\.0",
    ),
    "turn of a line": (
        lambda: course_lib.Change(angle=0.5).landscape(parabola()),
        ValueError, r"angle must be 0 where there is only one coordinate",
    ),
    "invariances on a line": (
        lambda: course_lib.invariances(adam, on=parabola()),
        ValueError, r"invariances needs a landscape of 2 coordinates, not 1",
    ),
    "invariances of a run that diverges": (
        lambda: course_lib.invariances(gradient_descent, lr=1e9, steps=200),
        ValueError, r"diverged at step .* Choose other settings",
    ),
}  # fmt: skip


ERRORS |= {
    "no effective step size": (
        lambda: course_lib.step_sizes(momentum, beale, lr=0.01),
        ValueError, r"momentum has no effective step size: step 2 ",
    ),
    "step sizes of other coordinates": (
        lambda: course_lib.step_size_curves({"adam": np.ones((5, 3))}),
        ValueError, r"step sizes of adam must be \(steps, 2\).*got \(5, 3\)",
    ),
    "nothing to turn": (
        lambda: course_lib.turned([]), ValueError, r"turned needs at least one rule",
    ),
    "turned beyond a right angle": (
        lambda: course_lib.turned([adam], angle=120.0), ValueError, r"angle must be .*got 120\.0",
    ),
}  # fmt: skip

NETWORK = course_lib.Network((64, 3, 10))

ERRORS |= {
    "network of one layer": (
        lambda: course_lib.Network((64,)), ValueError, r"sizes must be two or more .*got \(64,\)",
    ),
    "unknown activation": (
        lambda: course_lib.Network((64, 10), "gelu"),
        ValueError, r"activation must be \"tanh\" or \"relu\", got 'gelu'",
    ),
    "batch of no image": (
        lambda: NETWORK.landscape(*course_lib.digits().train, batch=0),
        ValueError, r"batch must be a whole number, 1 or larger, got 0",
    ),
    "training of half a step": (
        lambda: course_lib.train(adam, NETWORK, course_lib.digits(), steps=0.5),
        ValueError, r"steps must be a whole number, 1 or larger, got 0\.5",
    ),
    "tuning without a dial": (
        lambda: course_lib.tune(lambda grad, x: iter([x]), NETWORK, course_lib.digits()),
        ValueError, r"<lambda> has neither lr nor eps to tune",
    ),
    "batch that the lab has not": (
        lambda: course_lib.training_lab(adam, NETWORK, course_lib.digits(), batch=5),
        ValueError, r"batch must be one of \(4, 8, .*got 5",
    ),
    "schedule for a rule without rate": (
        lambda: course_lib.scheduled(adadelta, course_lib.constant),
        ValueError, r"adadelta has no learning rate lr that a schedule could change",
    ),
    "schedule without steps": (
        lambda: course_lib.cosine(1, 0),
        ValueError, r"steps must be a number of steps larger than 0, got 0",
    ),
    "warm-up longer than the run": (
        lambda: course_lib.warmup_cosine(1, 30, 20),
        ValueError, r"warm must be larger than 0 and below steps, got 30 of 20",
    ),
}  # fmt: skip

ERRORS |= {
    "argument that an optimizer does not have": (
        lambda: course_lib.translate("torch.optim.Adam(params, beta=0.9)", "Keras"),
        ValueError, r"torch\.optim\.Adam has no argument 'beta'; it takes: lr, betas",
    ),
    "argument without translation": (
        lambda: course_lib.translate("torch.optim.SGD(params, dampening=0.5)", "Keras"),
        ValueError, r"dampening=0\.5 of torch\.optim\.SGD has no translation",
    ),
    "line without a learning rate": (
        lambda: course_lib.translate("optax.adam()", "Keras"),
        ValueError, r"optax\.adam needs a value for learning_rate",
    ),
    "line of another library": (
        lambda: course_lib.translate("torch.optim.LBFGS(params)", "Keras"),
        ValueError, r"torch\.optim\.LBFGS has no translation; known are ",
    ),
    "line that is no call": (
        lambda: course_lib.translate("Adam with lr = 0.1", "Keras"),
        ValueError, r"code must be one call with numbers, such as .*got 'Adam with lr = 0\.1'",
    ),
    "translation into an unknown library": (
        lambda: course_lib.translate("torch.optim.SGD(params, lr=0.1)", "Caffe"),
        ValueError, r"to must be one of the course, PyTorch, Keras, optax .*got 'Caffe'",
    ),
    "nothing to agree on": (
        lambda: agree(), ValueError, r"agree needs one line or more, each \(words, left, right\)",
    ),
    "a line without words": (
        lambda: agree((1, 1)), TypeError, r"line 1 must be \(words, left, right\), got \(1, 1\)",
    ),
    "a line that does not agree": (
        lambda: agree(("a sum", 1 + 1, 2), ("a product", 2 * 3, 5)),
        AssertionError, r"line 2, “a product”: ",
    ),
    "no gradients to step on": (
        lambda: steps_on(adam, []), ValueError, r"steps_on needs one gradient or more: \(n,\)",
    ),
    "inside in one dimension": (
        lambda: inside(adam, parabola()), ValueError, r"inside needs a landscape of 2 .*, not 1",
    ),
    "inside without a learning rate": (
        lambda: inside(adadelta, beale), ValueError, r"inside shows .* η, and adadelta has no lr",
    ),
    "inside a run that is lost": (
        lambda: inside(momentum, ravine(), lr=(1e300, 1e299, 1e301)),
        ValueError, r"There is no step to show: make lr smaller",
    ),
    "inside gradient descent": (
        lambda: inside(gradient_descent, beale),
        ValueError, r"inside shows a mean of gradients, .*; gradient_descent keeps neither",
    ),
    "one state for a rule that looks ahead": (
        lambda: microscope(momentum, nesterov, on=beale, same_state=True),
        ValueError, r"same_state needs rules that ask for one gradient per step, .*; look at",
    ),
    "a power below 2": (
        lambda: powers(p=1.0), ValueError, r"p must be from 2(\.0)? to .*, got 1\.0",
    ),
    "words for other coordinates": (
        lambda: step_size_by_word(ravine(), ["one"], [(adagrad, {"lr": 0.1})]),
        ValueError, r"words must name the 2 coordinates, got 1 names",
    ),
    "units of no rule": (
        lambda: units_table(), ValueError, r"units_table needs a rule, e\.g\. ",
    ),
    "real data of another kind": (
        lambda: on_real_data(adam, beside=momentum, task="cats"),
        ValueError, r"task must be one of digits, words, got 'cats'",
    ),
    "a rule beside itself": (
        lambda: on_real_data(adam, beside=adam), ValueError, r"one rule, and others beside it",
    ),
    "a rule twice beside": (
        lambda: on_real_data(adam, beside=[momentum, momentum]),
        ValueError, r"each rule once, or by names of your own in a dict; got",
    ),
    "an argument that has no translation": (
        lambda: translate("torch.optim.SGD(lr=0.1, maximize=True)", "optax"),
        ValueError, r"maximize=True of torch\.optim\.SGD has no translation: ",
    ),
    "a chain of what is no number": (
        lambda: translate("optax.chain(optax.clip_by_global_norm(much), optax.sgd(0.1))", "Keras"),
        ValueError, r"code must be one call with numbers",
    ),
    "a chain of unknown links": (
        lambda: translate("optax.chain(optax.ema(0.9), optax.sgd(0.1))", "PyTorch"),
        ValueError, r"optax\.chain is understood with .*; .* has no translation there",
    ),
    "dialects of a rule that has none": (
        lambda: dialects_of("muon"), ValueError, r"rule must be one of .*; got 'muon'",
    ),
    "line that nobody ran": (
        lambda: course_lib.ended_at("torch.optim.SGD(params, lr=7)"),
        ValueError, r"line must be one of the \d+ that are stored, got 'torch",
    ),
    "training loop of an unknown library": (
        lambda: course_lib.training_loop("Caffe"),
        ValueError, r"library must be one of PyTorch, Keras, optax; got 'Caffe'",
    ),
}  # fmt: skip

TWO = {"a": "x", "b": "y"}
ERRORS |= {
    "quiz without choices": (
        lambda: quiz("?", answer=lambda: 1),
        ValueError, r"quiz needs either choices=\{…\} or number=\(lowest, highest\)",
    ),
    "quiz with both": (
        lambda: quiz("?", TWO, answer=lambda: 1, number=(0, 1)), ValueError, r"quiz needs either",
    ),
    "number of a quiz with its ends exchanged": (
        lambda: quiz("?", number=(1, 0), answer=lambda: 1),
        ValueError, r"number must be \(lowest, highest\), got \(1, 0\)",
    ),
    "hints beside choices": (
        lambda: quiz("?", TWO, answer=lambda: "a", hints=[(1, "x")]),
        ValueError, r"hints are for numbers; with choices each choice has its feedback",
    ),
    "answer of a quiz that is given": (
        lambda: quiz("?", TWO, answer="a"), TypeError, r"answer must be a function",
    ),
    "two choices with one feedback": (
        lambda: quiz("?", {"a": "x", "b": "x"}, answer=lambda: "a"),
        ValueError, r"each choice, or each hint, needs a feedback of its own",
    ),
    "choice without feedback": (
        lambda: quiz("?", {"a": "x", "b": ""}, answer=lambda: "a"), ValueError, r"of its own",
    ),
    "two hints with one feedback": (
        lambda: quiz("?", number=(0, 9), answer=lambda: 1, hints=[(2, "x"), (3, "x")]),
        ValueError, r"needs a feedback of its own",
    ),
    "answer that is no choice of the quiz": (
        lambda: quiz("?", TWO, answer=lambda: "c")._repr_mimebundle_(),
        ValueError, r"answer must be one of the choices, got 'c'",
    ),
    "answer outside its numbers": (
        lambda: quiz("?", number=(0, 1), answer=lambda: 2)._repr_mimebundle_(),
        ValueError, r"answer must be in number=\(0, 1\), got 2",
    ),
    "hint that counts as right": (
        lambda: quiz("?", number=(0, 9), answer=lambda: 1, hints=[(1.009, "x")]).html,
        ValueError, r"hints hold 1\.009, which counts as right",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_name_the_argument_the_value_and_what_is_right(case: str) -> None:
    call, error, pattern = ERRORS[case]
    with pytest.raises(error, match=pattern) as caught:
        call()
    assert caught.type is error
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


LIBRARY = File(course_lib.__file__).parent
# Not the packages' faces nor what forwards old names; nor live, where a subclass answers.
ELSEWHERE = {"__init__", "__main__", "classroom", "ex14", "live"}
CHECKED = [file for file in sorted(LIBRARY.rglob("*.py")) if file.stem not in ELSEWHERE]


def where_it_ends(call: Callable, error: type[Exception]) -> tuple[str, int]:
    """File and line that raise."""
    with pytest.raises(error) as caught:
        call()
    last = caught.tb
    while last.tb_next:
        last = last.tb_next
    return last.tb_frame.f_code.co_filename, last.tb_lineno


@pytest.fixture(scope="module")
def raised() -> set[tuple[str, int]]:
    return {where_it_ends(call, error) for call, error, _ in ERRORS.values()}


@pytest.mark.parametrize("file", CHECKED, ids=lambda file: file.stem)
def test_every_error_of_the_library_is_in_the_table(file: File, raised: set) -> None:
    """The lines that raise, found in the source, are the lines the table's cases end in."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    raising = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    missed = [ast.unparse(node) for node in raising if (str(file), node.lineno) not in raised]
    assert not missed, "add a case to ERRORS for each"


def test_nothing_is_raised_for_a_call_that_is_right() -> None:
    check_hyperparameters(adam, {"lr": 0.1, "beta1": 0.0})
    assert len(microscope(adam, beale, steps=1).steps) == 1
    assert control_for("lr", (0.5, 0.1, 1.0)).value == 0.5
    assert surface(beale).alt


def test_the_public_names_are_all_there() -> None:
    for name in course_lib.__all__:
        assert getattr(course_lib, name) is not None
    assert set(course_lib.__all__) <= set(dir(course_lib))
    with pytest.raises(AttributeError, match="no attribute 'adm'"):
        _ = course_lib.adm


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.1, "0.1"),
        (1, "1"),
        (0.999, "0.999"),
        (0.9999, "0.9999"),
        (1 / 3, "0.333"),
        (2e-6, "2e-06"),
    ],
)
def test_setting_in_words_keeps_a_beta_apart_from_1(value, words):
    assert setting_in_words(value) == words
