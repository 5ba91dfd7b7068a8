"""Noise: theory against measurement, batches of data, the noise lab, lesson and exercise 02.

Statistical bounds are four standard errors or wider, and every seed is fixed: a test that passes
once passes always.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from itertools import product
from pathlib import Path

import nbformat
import numpy as np
import pytest
from test_lessons import Cell, run_lesson

from course_lib import theory
from course_lib.descent import descend, sweep
from course_lib.labs.noise_lab import NoiseLab, noise_lab
from course_lib.labs.predict import Prediction
from course_lib.landscapes import bowl, least_squares, parabola, ravine, with_noise
from course_lib.optimizers import adam, gradient_descent, momentum, nesterov
from course_lib.pictures import style
from exercise_lib import check
from exercise_lib.tasks import e02_stochastic_gradient_descent

ROOT = Path(__file__).resolve().parent.parent
LESSON = ROOT / "notebooks" / "02_stochastic_gradient_descent.ipynb"
SOLUTION = ROOT / "solutions" / LESSON.stem / LESSON.name
RULES = (gradient_descent, momentum, nesterov)
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)

ROWS = np.random.default_rng(4).normal(size=(40, 2)) @ [[1.0, 0.3], [0.0, 0.5]] + [0.5, 0.2]
TARGETS = ROWS @ [1.0, -1.0] + np.random.default_rng(5).normal(size=40)


# The stationary variance


def simulated_variance(
    rule: Callable, speed: float, curvature: float, noise: float, **beta: float
) -> float:
    """The mean of x² on ½ λ x² in the long run, over 2000 runs and the last half of their steps."""
    rate = theory.rate(rule, np.array([curvature]), speed / curvature, **beta)
    steps = 2 * int(np.ceil(5 / -np.log(max(rate, 0.1)))) + 200
    noisy = with_noise(parabola(curvature), noise, seed=steps)
    lr = np.full(2000, speed / curvature)
    runs = sweep(rule, noisy, start=(0.0,), steps=steps, lr=lr, **beta)
    return 2 / curvature * runs.values[:, steps // 2 :].mean()


SETTINGS = [
    *((gradient_descent, speed, {}) for speed in (0.05, 0.3, 1.0, 1.6, 1.9)),
    *((momentum, speed, {"beta": 0.5}) for speed in (0.05, 0.6, 2.5)),
    *((momentum, speed, {"beta": 0.9}) for speed in (0.05, 0.6, 2.5, 3.6)),
    *((nesterov, speed, {"beta": 0.5}) for speed in (0.05, 0.6, 1.3)),
    *((nesterov, speed, {"beta": 0.9}) for speed in (0.05, 0.6, 1.2)),
]


@pytest.mark.parametrize(("rule", "speed", "beta"), SETTINGS)
def test_the_predicted_variance_is_the_measured_one(
    rule: Callable, speed: float, beta: dict[str, float]
) -> None:
    for curvature, noise, batch in ((1.0, 1.0, 1), (3.0, 0.7, 4), (0.2, 2.0, 64)):
        deviation = noise / np.sqrt(batch)
        predicted = theory.stationary_variance(
            rule, curvature, speed / curvature, noise=deviation, **beta
        )
        measured = simulated_variance(rule, speed, curvature, deviation, **beta)
        assert measured / predicted == pytest.approx(1, abs=0.05)


def test_the_variance_in_closed_form() -> None:
    rng = np.random.default_rng(0)
    for curvature, share, beta, noise in rng.uniform(0.05, 0.95, (50, 4)):
        lr = share * theory.stability_limit(gradient_descent, curvature)
        expected = lr * noise**2 / (curvature * (2 - lr * curvature))
        found = theory.stationary_variance(gradient_descent, curvature, lr, noise=noise)
        assert found == pytest.approx(expected)
        lr = share * theory.stability_limit(momentum, curvature, beta)
        expected = lr * noise**2 * (1 + beta)
        expected /= curvature * (1 - beta) * (2 * (1 + beta) - lr * curvature)
        found = theory.stationary_variance(momentum, curvature, lr, beta, noise)
        assert found == pytest.approx(expected)


@every_rule
def test_there_is_no_variance_where_a_run_is_not_stable(rule: Callable) -> None:
    for beta in (0.0, 0.5, 0.9) if rule is not gradient_descent else (0.0,):
        limit = theory.stability_limit(rule, 2.0, beta)
        assert np.isinf(theory.stationary_variance(rule, 2.0, 1.001 * limit, beta))
        assert np.isfinite(theory.stationary_variance(rule, 2.0, 0.999 * limit, beta))


def test_with_memory_a_run_is_as_noisy_as_with_a_larger_learning_rate() -> None:
    """For small η momentum hovers where gradient descent with η/(1 − β) does."""
    lr, beta = 1e-4, 0.9
    heavy = theory.stationary_variance(momentum, 1.0, lr, beta)
    plain = theory.stationary_variance(gradient_descent, 1.0, lr / (1 - beta))
    assert heavy == pytest.approx(plain, rel=0.01)


# Batches of data


def test_the_variance_of_a_batch_gradient_falls_as_one_over_the_batch() -> None:
    x = np.tile([1.0, 1.0], (40_000, 1))
    single = ((ROWS @ x[0] - TARGETS)[:, np.newaxis] * ROWS).var(axis=0)
    for batch in (1, 2, 7, 40, 100):
        g = least_squares(ROWS, TARGETS, batch=batch, seed=batch).oracle()(x)
        np.testing.assert_allclose(batch * g.var(axis=0), single, rtol=0.06)


def test_batches_without_replacement_are_less_noisy_and_exact_when_full() -> None:
    x = np.tile([1.0, 1.0], (20_000, 1))
    single = ((ROWS @ x[0] - TARGETS)[:, np.newaxis] * ROWS).var(axis=0)
    for batch in (1, 10, 20):
        g = least_squares(ROWS, TARGETS, batch=batch, shuffle=True).oracle()(x)
        expected = single / batch * (40 - batch) / 39
        np.testing.assert_allclose(g.var(axis=0), expected, rtol=0.06)
    whole = least_squares(ROWS, TARGETS, batch=40, shuffle=True)
    np.testing.assert_allclose(whole.oracle()(x[:3]), whole.grad(x[:3]), rtol=1e-12)


@pytest.mark.parametrize("shuffle", [False, True])
def test_every_run_of_a_sweep_draws_batches_of_its_own(shuffle: bool) -> None:
    landscape = least_squares(ROWS, TARGETS, batch=5, shuffle=shuffle, seed=1)
    x = np.zeros((3, 4, 2))
    g = landscape.oracle()(x)
    assert g.shape == x.shape and len(np.unique(g[..., 0])) == 12
    assert landscape.oracle()(np.zeros(2)).shape == (2,)
    runs = sweep(gradient_descent, landscape, steps=6, lr=[0.1, 0.1, 0.1]).values
    assert len(np.unique(runs[:, 1:])) == 18


def test_a_run_on_batches_can_be_repeated() -> None:
    for seed, shuffle in product((0, 1), (False, True)):
        landscape = least_squares(ROWS, TARGETS, batch=3, shuffle=shuffle, seed=seed)
        one, again = (descend(adam, landscape, steps=30, lr=0.1).points for _ in range(2))
        np.testing.assert_array_equal(one, again)


def test_noise_is_added_to_that_of_the_batch() -> None:
    x = np.tile([1.0, 1.0], (40_000, 1))
    landscape = least_squares(ROWS, TARGETS, batch=4, seed=2)
    alone = landscape.oracle()(x).var(axis=0)
    both = with_noise(landscape, 0.5, seed=2).oracle()(x).var(axis=0)
    np.testing.assert_allclose(both, alone + 0.25, rtol=0.05)


def test_the_floor_on_real_batches_is_the_predicted_one_for_small_learning_rates() -> None:
    lr, batch = 0.02, 4
    fit = least_squares(ROWS, TARGETS)
    best = np.array(fit.minima[0])
    curvatures, axes = np.linalg.eigh(fit.hessian)
    sigma2 = np.mean((((ROWS @ best - TARGETS)[:, np.newaxis] * ROWS) @ axes) ** 2, axis=0) / batch
    predicted = 0.5 * sum(
        curvature * theory.stationary_variance(gradient_descent, curvature, lr, noise=np.sqrt(s2))
        for curvature, s2 in zip(curvatures, sigma2, strict=True)
    )
    seen = least_squares(ROWS, TARGETS, batch=batch, start=best, seed=3)
    runs = sweep(gradient_descent, seen, steps=3000, lr=np.full(300, lr)).gap[:, 1000:]
    assert runs.mean() / predicted == pytest.approx(1, abs=0.05)


# The noise lab


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of the resolution, for speed."""
    monkeypatch.setattr(style, "DPI", 50)


def positions(slider: object) -> Iterator[float]:
    """The two ends of a slider, its middle, and two positions drawn at random."""
    rng = np.random.default_rng(6)
    values = list(getattr(slider, "grid", [])) or list(getattr(slider, "options", []))
    if values:
        yield from (
            values[i] for i in (0, -1, len(values) // 2, *rng.integers(len(values), size=2))
        )
    else:
        low, high = slider.min, slider.max
        yield from slider.base ** np.array(
            [low, high, (low + high) / 2, *rng.uniform(low, high, 2)]
        )


def text(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))


OTHER_GROUNDS = [pytest.param(on, marks=pytest.mark.walk) for on in (ravine(300, 0.5), bowl(1.0))]


@pytest.mark.parametrize("landscape", [ravine(), *OTHER_GROUNDS], ids=lambda x: x.name)
@every_rule
def test_the_noise_lab_at_every_corner(rule: Callable, landscape: object, coarse: None) -> None:
    lab = noise_lab(rule, on=landscape, steps=120)
    settles = set()
    for values in product(*map(positions, lab.controls.values())):
        for control, value in zip(lab.controls.values(), values, strict=True):
            control.value = value
        told = f"{lab.says} {text(lab.readout.value)}"
        assert not re.search(r"\b(nan|inf)\b", told)
        stable = theory.rate(rule, landscape.curvatures, **lab.settings) < 1
        assert ("no noise floor" in told) == (not stable) == np.isinf(lab.predicted)
        assert lab._cloud.get_visible() == lab._floor.get_visible() == stable
        settles.add(bool(stable))
    assert settles == {True, False}


@every_rule
def test_the_noise_lab_shows_the_predicted_cloud_and_floor(rule: Callable, coarse: None) -> None:
    lab = noise_lab(rule, on=ravine(20, 0.4), noise=1.5, batch=4, lr=0.2)
    lr, beta = lab.settings["lr"], lab.settings.get("beta", 0.0)
    variances = [
        theory.stationary_variance(rule, curvature, lr, beta, 0.75) for curvature in (0.1, 2.0)
    ]
    assert lab.predicted == pytest.approx(np.dot([0.05, 1.0], variances))
    np.testing.assert_allclose(
        [lab._cloud.width, lab._cloud.height], 4 * np.sqrt(variances)
    )  # two deviations to each side
    axis = np.degrees(0.4) - lab._cloud.angle
    assert min(axis % 180, -axis % 180) == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(lab._floor.get_ydata(), lab.predicted)


@pytest.mark.parametrize(
    ("rule", "lr"), [(gradient_descent, 0.5), (momentum, 0.1), (nesterov, 0.1)]
)
def test_a_long_run_in_the_noise_lab_hovers_on_the_floor(
    rule: Callable, lr: float, coarse: None
) -> None:
    lab = noise_lab(rule, on=bowl(2.0), lr=lr, steps=30_000)
    assert lab.measured / lab.predicted == pytest.approx(1, abs=0.05)


def test_a_bigger_batch_lowers_the_floor_in_the_lab(coarse: None) -> None:
    lab = noise_lab(gradient_descent, on=ravine(), lr=0.1)
    floors = []
    for batch in (1, 4, 16, 64):
        lab.controls["batch"].value = batch
        floors.append(lab.predicted * batch)
        assert f"{600 * batch} gradients of single samples" in text(lab.readout.value)
    np.testing.assert_allclose(floors, floors[0])


# Lesson 02


@cache
def lesson() -> list[Cell]:
    return run_lesson(LESSON)


def shown(kind: type) -> list:
    return [cell.shown for cell in lesson() if isinstance(cell.shown, kind)]


def test_the_target_of_the_lesson_is_not_met_at_the_start_and_can_be_met() -> None:
    (lab,) = shown(NoiseLab)
    assert lab.controls["batch"].value == 1 and lab.measured > 0.02
    rates = 10 ** np.arange(-2, 0, 0.02)  # positions of the slider

    def lowest(batch: int) -> float:
        seen = with_noise(ravine(), lab.noise / np.sqrt(batch), seed=1)
        ends = (descend(gradient_descent, seen, steps=lab.steps, lr=lr).gap for lr in rates)
        return min(gap[len(gap) // 2 :].mean() for gap in ends)

    assert lowest(4) < 0.02 < lowest(2)


def test_the_questions_of_the_lesson_have_the_answers_it_expects(coarse: None) -> None:
    questions = shown(Prediction)
    assert len(questions) == 3
    expected = [
        "It gets further than the exact steps, and then goes no nearer",
        0.0018,
        "8 times as large",
    ]
    for question, answer in zip(questions, expected, strict=True):
        question.entry.value = answer if question.feedback else str(answer)
        question.submit()
        assert question.state == "answered" and question.right, text(question.readout.value)


# Exercise 02


def given(name: str) -> str:
    """The source of a cell of the exercise."""
    cells = nbformat.read(SOLUTION, as_version=4).cells
    return next(cell.source for cell in cells if cell.id == name)


def made(source: str, name: str) -> object:
    names = {"np": np}
    exec(source, names)
    return names[name]


def test_each_given_program_is_wrong_and_right_when_its_line_is_mended() -> None:
    ada, ben, cleo = map(given, ("ada", "ben", "cleo"))
    draw = "    rows = rng.integers(len(targets), size=batch)  # 1\n"
    inside = "    def grad(x):\n"
    mended = {
        "ada": ada.replace("errors @ a  # 4", "errors @ a / batch"),
        "ben": ben.replace(draw, "").replace(inside, inside + "    " + draw),
        "cleo": cleo.replace("targets[rng.permutation(n)]  # 3", "targets[order]"),
    }
    for name, source in {"ada": ada, "ben": ben, "cleo": cleo}.items():
        assert source != mended[name]
        assert check.minibatch_gradient(made(source, name)).state == "wrong"
        assert check.minibatch_gradient(made(mended[name], name)).passed
        found = re.findall(r"# (\d)$", source, re.MULTILINE)
        assert found == [str(i + 1) for i in range(len(found))]
        assert str(e02_stochastic_gradient_descent.batch_bugs.right[name]) in found


def test_the_unfair_comparison_is_a_true_story_and_its_factor_the_measured_one() -> None:
    names = {"np": np}
    exec(given("data"), names)
    features, targets, start, rates = (
        names[name] for name in ("features", "targets", "start", "rates")
    )

    def ends(batch: int | None, steps: int, runs: int) -> list[float]:
        seen = least_squares(features, targets, batch=batch, start=start, seed=9)
        lrs = (np.full(runs, lr) for lr in rates)
        return [sweep(gradient_descent, seen, steps=steps, lr=lr).final.mean() for lr in lrs]

    assert min(ends(None, 100, 1)) < 1e-12
    assert min(ends(8, 100, 500)) == pytest.approx(0.02, abs=0.005)
    full, small = ends(None, 4, 1), ends(8, 128, 1500)
    assert min(full) / min(small) == pytest.approx(e02_stochastic_gradient_descent.FACTOR, rel=0.1)
    for same_rate, other in zip(full, small, strict=True):  # the mistakes do not pass
        assert abs(same_rate / other / e02_stochastic_gradient_descent.FACTOR - 1) > 0.3


def test_noise_does_not_help_the_exact_gradient() -> None:
    """Reason d of the exercise."""
    names = {"np": np}
    exec(given("data"), names)
    full = least_squares(names["features"], names["targets"], start=names["start"])
    exact = descend(gradient_descent, full, steps=4, lr=1.0).gap[-1]
    kicked = sweep(gradient_descent, with_noise(full, 0.5), steps=4, lr=np.full(500, 1.0)).final
    assert kicked.mean() > exact
