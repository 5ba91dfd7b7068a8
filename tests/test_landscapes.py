"""Every landscape against finite differences and brute force; the noise against its statistics."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from itertools import product

import numpy as np
import pytest

import course_lib
from course_lib.landscapes import (
    LANDSCAPES,
    Landscape,
    beale,
    bowl,
    central_difference,
    cubic,
    landscape_of,
    least_squares,
    parabola,
    plateau,
    quadratic,
    ravine,
    rosenbrock,
    saddle,
    styblinski_tang,
    with_noise,
)

THREE = quadratic(
    [[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 4.0]],
    start=(1.0, -2.0, 0.5),
    window=((-3.0, 3.0), (-3.0, 3.0), (-3.0, 3.0)),
)
FAMILY_MEMBERS = [
    parabola(0.05),
    parabola(30.0),
    bowl(1.0, 0.7),
    bowl(50.0, 0.3),
    bowl(7.0, -2.0, steepest=0.4),
    ravine(1.0),
    ravine(200.0, 1.2),
    ravine(20.0, np.pi / 2),
    THREE,
    with_noise(beale, 0.5, seed=3),
]
EVERY = [*LANDSCAPES, *FAMILY_MEMBERS]

every_landscape = pytest.mark.parametrize("landscape", EVERY, ids=lambda x: x.name)
with_minimum = pytest.mark.parametrize(
    "landscape", [x for x in EVERY if x.minima], ids=lambda x: x.name
)


def inside(landscape: Landscape, n: int, seed: int = 0) -> np.ndarray:
    """n random points of the window."""
    low, high = np.array(landscape.window).T
    return np.random.default_rng(seed).uniform(low, high, size=(n, landscape.dim))


def differences(f: Callable, x: np.ndarray, h: float = 1e-3) -> np.ndarray:
    """The gradient at one point by central differences of fourth order."""
    return np.array(
        [
            (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h)
            for e in h * np.eye(len(x))
        ]
    )


def second_differences(f: Callable, x: np.ndarray, h: float = 1e-3) -> np.ndarray:
    """The Hessian at one point from values alone."""
    steps = h * np.eye(len(x))
    return np.array(
        [
            [
                (f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h**2)
                for b in steps
            ]
            for a in steps
        ]
    )


# Value and gradient


@every_landscape
def test_gradient_is_the_slope_of_the_value(landscape: Landscape) -> None:
    for x in inside(landscape, 60):
        expected = differences(landscape, x)
        atol = 1e-9 * max(1.0, abs(landscape(x)))
        np.testing.assert_allclose(landscape.grad(x), expected, rtol=1e-7, atol=atol)


FORMULAS = {
    "the parabola": lambda x: 0.5 * x**2,
    "the bowl with κ = 1": lambda x, y: x**2 + y**2,
    "the ravine with κ = 20": lambda x, y: x**2 / 20 + y**2,
    "the saddle": lambda x, y: -(x**2) / 2 + y**2,
    "Beale": lambda x, y: (
        (1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y * y * y) ** 2
    ),
    "Rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    "Himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    "the cubic valley": lambda x, y: x**2 + y**2 + y**3 + x * y,
    "Styblinski–Tang": lambda x, y: sum(z**4 - 16 * z**2 + 5 * z for z in (x, y)) / 2,
    "the plateau": lambda x, y: 1 - 1 / (1 + x * x / 2 + y * y),
}


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda x: x.name)
def test_value_is_the_textbook_formula(landscape: Landscape) -> None:
    for x in inside(landscape, 40):
        expected = FORMULAS[landscape.name](*x)
        np.testing.assert_allclose(landscape(x), expected, rtol=1e-11, atol=1e-11)


@every_landscape
def test_value_and_gradient_broadcast(landscape: Landscape) -> None:
    x = inside(landscape, 12).reshape(3, 4, landscape.dim)
    values, gradients = landscape(x), landscape.grad(x)
    assert values.shape == (3, 4) and gradients.shape == x.shape
    for i, j in product(range(3), range(4)):
        np.testing.assert_allclose(values[i, j], landscape(x[i, j]), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(gradients[i, j], landscape.grad(x[i, j]), rtol=1e-13, atol=1e-13)
    assert np.shape(landscape(x[0, 0])) == ()


@every_landscape
def test_value_and_gradient_leave_the_point_as_it_was(landscape: Landscape) -> None:
    x = inside(landscape, 5)
    kept = x.copy()
    x.setflags(write=False)
    landscape(x), landscape.grad(x), landscape.oracle()(x)
    np.testing.assert_array_equal(x, kept)


def test_a_landscape_takes_lists_of_whole_numbers() -> None:
    assert beale([3, 0]) == beale(np.array([3.0, 0.0])) == 1.5**2 + 0.75**2 + 0.375**2


# Minima


@with_minimum
def test_stated_minima_are_minima(landscape: Landscape) -> None:
    for minimum in np.array(landscape.minima):
        np.testing.assert_allclose(landscape.grad(minimum), 0, atol=1e-9)
        assert np.linalg.eigvalsh(second_differences(landscape, minimum)).min() > 1e-3


@with_minimum
def test_the_best_minimum_comes_first(landscape: Landscape) -> None:
    values = landscape(np.array(landscape.minima))
    assert (values >= values[0] - 1e-12).all()
    assert landscape.lowest == values[0]


LOWEST = {"Styblinski–Tang": -78.33233140754282}  # textbook value; all others have 0


@with_minimum
def test_lowest_value(landscape: Landscape) -> None:
    assert landscape.lowest == pytest.approx(LOWEST.get(landscape.name, 0.0), abs=1e-12)


@pytest.mark.parametrize(
    "landscape", [x for x in EVERY if x.minima and x is not cubic], ids=lambda x: x.name
)
def test_nothing_in_the_window_is_lower(landscape: Landscape) -> None:
    assert landscape(inside(landscape, 20_000)).min() >= landscape.lowest - 1e-12


def test_the_minimum_of_the_cubic_valley_is_only_local() -> None:
    assert cubic(np.array([0.0, -3.0])) < cubic.lowest
    np.testing.assert_allclose(cubic.grad(np.array([0.25, -0.5])), 0, atol=1e-15)  # the pass
    curvatures = np.linalg.eigvalsh(second_differences(cubic, np.array([0.25, -0.5])))
    assert curvatures[0] < 0 < curvatures[1]


def stationary_points(landscape: Landscape) -> np.ndarray:
    """Where Newton's method ends from 300 random points of the window, if it ends in there."""
    x = inside(landscape, 300)
    nudges = 1e-6 * np.eye(landscape.dim)
    for _ in range(60):
        columns = [(landscape.grad(x + e) - landscape.grad(x - e)) / 2e-6 for e in nudges]
        hessian = np.stack(columns, axis=-1)
        regular = np.abs(np.linalg.det(hessian)) > 1e-12
        x, hessian = x[regular], hessian[regular]
        x = x - np.linalg.solve(hessian, landscape.grad(x)[..., np.newaxis])[..., 0]
        x = x[np.abs(x).max(axis=1) < 1e3]
    low, high = np.array(landscape.window).T
    return x[((low < x) & (x < high)).all(axis=1)]


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda x: x.name)
def test_no_minimum_in_the_window_is_left_out(landscape: Landscape) -> None:
    found = [
        x
        for x in stationary_points(landscape)
        if np.linalg.eigvalsh(second_differences(landscape, x)).min() > 1e-3
    ]
    stated = np.array(landscape.minima).reshape(-1, 1, landscape.dim)
    assert bool(found) == bool(landscape.minima)
    if found:
        distance = np.linalg.norm(stated - np.array(found), axis=-1)
        assert distance.min(axis=0).max() < 1e-6, "a minimum is not stated"
        assert distance.min(axis=1).max() < 1e-6, "a stated minimum was not found"


def test_a_landscape_without_minimum_says_so() -> None:
    assert saddle.minima == () and saddle.lowest is None


@every_landscape
def test_the_window_shows_start_and_minima(landscape: Landscape) -> None:
    low, high = np.array(landscape.window).T
    for shown in (landscape.start, *landscape.minima):
        assert (low < shown).all() and (shown < high).all()
    assert np.linalg.norm(landscape.grad(np.array(landscape.start))) > 1e-6


# Quadratics


@pytest.mark.parametrize(
    "landscape", [x for x in EVERY if x.hessian is not None], ids=lambda x: x.name
)
def test_the_hessian_of_a_quadratic(landscape: Landscape) -> None:
    x = inside(landscape, 1)[0]
    measured = second_differences(landscape, x)
    np.testing.assert_allclose(landscape.hessian, measured, rtol=1e-6, atol=1e-6)
    expected = np.sort(np.linalg.eigvals(measured).real)
    np.testing.assert_allclose(landscape.curvatures, expected, rtol=1e-5, atol=1e-6)


def test_landscapes_that_are_not_quadratic_have_no_constant_hessian() -> None:
    for landscape in LANDSCAPES:
        near, far = (second_differences(landscape, x) for x in inside(landscape, 2))
        constant = np.allclose(near, far, atol=1e-3)
        assert constant == (landscape.hessian is not None) == (landscape.curvatures is not None)


def test_the_hessian_is_a_copy_that_nobody_can_change() -> None:
    matrix = np.diag([1.0, 2.0])
    made = quadratic(matrix, start=(1.0, 1.0), window=((-1.0, 1.0), (-1.0, 1.0)))
    matrix[:] = 0
    assert made(np.array([1.0, 1.0])) == 1.5
    with pytest.raises(ValueError, match="read-only"):
        made.hessian[0, 0] = 5.0


def test_the_ravine_is_exactly_its_formula() -> None:
    x, y = inside(ravine(), 500).T
    np.testing.assert_allclose(ravine(20)(np.stack([x, y], -1)), x**2 / 20 + y**2, rtol=4e-16)


@pytest.mark.parametrize("condition", [1.0, 3.0, 20.0, 1000.0])
def test_condition_is_the_ratio_of_curvatures(condition: float) -> None:
    for landscape in (ravine(condition), ravine(condition, 0.8), bowl(condition, -1.0)):
        np.testing.assert_allclose(landscape.curvatures, [2 / condition, 2.0], rtol=1e-10)
    np.testing.assert_allclose(bowl(condition, 0.4, steepest=7.0).curvatures[1], 7.0)
    assert f"κ = {condition:g}" in ravine(condition).name


@pytest.mark.parametrize("family", [ravine, bowl])
@pytest.mark.parametrize("angle", [0.3, np.pi / 2, 2.0, -1.1])
def test_a_turned_landscape_has_the_same_value_at_the_turned_point(
    family: Callable, angle: float
) -> None:
    level, turned = family(30.0), family(30.0, angle)
    for x, y in inside(level, 50):
        counter_clockwise = np.array(
            [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)]
        )
        np.testing.assert_allclose(turned(counter_clockwise), level(np.array([x, y])), rtol=1e-11)


@pytest.mark.parametrize("angle", [0.3, np.pi / 2, 2.0, -1.1])
def test_the_start_of_a_ravine_turns_with_it(angle: float) -> None:
    turned = complex(*ravine(30.0).start) * np.exp(1j * angle)
    np.testing.assert_allclose(ravine(30.0, angle).start, [turned.real, turned.imag])


def test_the_flat_direction_is_x_and_turns_counter_clockwise() -> None:
    assert ravine(20)(np.array([1.0, 0.0])) < ravine(20)(np.array([0.0, 1.0]))
    diagonal = ravine(20, np.pi / 4)
    assert diagonal(np.array([1.0, 1.0])) < diagonal(np.array([1.0, -1.0]))


def test_the_plateau_is_flat_far_out_and_the_saddle_falls_both_ways() -> None:
    assert np.linalg.norm(plateau.grad(np.array([1e3, 1e3]))) < 1e-5
    assert plateau(np.array([1e3, 1e3])) == pytest.approx(1, abs=1e-5)
    assert saddle(np.array([1e3, 0.0])) == saddle(np.array([-1e3, 0.0])) == -5e5


# The course's own central differences


def test_central_difference_is_exact_on_quadratics_and_broadcasts() -> None:
    x = inside(THREE, 6).reshape(2, 3, 3)
    for h in (1e-5, 0.1, 3.0):
        measured = central_difference(THREE, x, h)
        np.testing.assert_allclose(measured, x @ THREE.hessian, rtol=1e-8, atol=1e-8)


def test_the_error_of_central_difference_is_of_second_order() -> None:
    x = np.array([1.2])
    for h in (0.1, 0.01, 0.001):
        error = central_difference(lambda x: np.sin(x[..., 0]), x, h)[0] - np.cos(1.2)
        assert error == pytest.approx(-(h**2) * np.cos(1.2) / 6, rel=0.01)
    default = central_difference(lambda x: np.exp(x[..., 0]), x)[0]
    assert default == pytest.approx(np.exp(1.2), rel=1e-9)
    assert central_difference(lambda x: np.exp(x[..., 0]), x, 1e-12)[0] != pytest.approx(
        np.exp(1.2), rel=1e-6
    )


# Noise


def test_noise_has_the_stated_mean_and_deviation_in_each_coordinate() -> None:
    n, sd = 40_000, 0.7
    x = np.tile([1.0, -0.5], (n, 1))
    noise = with_noise(beale, sd, seed=1).oracle()(x) - beale.grad(x)
    assert np.abs(noise.mean(axis=0)).max() < 4 * sd / np.sqrt(n)
    np.testing.assert_allclose(noise.std(axis=0), sd, rtol=4 / np.sqrt(2 * n))
    assert abs(np.corrcoef(noise.T)[0, 1]) < 4 / np.sqrt(n)
    share = np.mean(np.abs(noise) < sd)
    assert share == pytest.approx(0.6827, abs=0.01)  # Gaussian


def test_noise_is_drawn_anew_at_each_call_and_independent() -> None:
    oracle, x = with_noise(rosenbrock, 2.0).oracle(), np.array([0.0, 0.0])
    drawn = np.array([oracle(x) for _ in range(5000)]) - rosenbrock.grad(x)
    assert len(np.unique(drawn)) == drawn.size
    following = np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]
    assert abs(following) < 4 / np.sqrt(5000)


def test_equal_seeds_give_equal_runs_and_others_do_not() -> None:
    x = inside(beale, 10)
    first, second = (with_noise(beale, 0.3, seed=5).oracle() for _ in range(2))
    for point in x:
        np.testing.assert_array_equal(first(point), second(point))
    landscape = with_noise(beale, 0.3, seed=5)
    np.testing.assert_array_equal(landscape.oracle()(x), landscape.oracle()(x))
    assert (landscape.oracle()(x) != with_noise(beale, 0.3, seed=6).oracle()(x)).all()
    assert (landscape.oracle()(x) != beale.grad(x)).all()


def test_noise_scales_with_its_deviation_and_keeps_all_else_exact() -> None:
    x = inside(beale, 10)
    small, large = (with_noise(beale, sd, seed=2).oracle()(x) - beale.grad(x) for sd in (0.1, 10.0))
    np.testing.assert_allclose(large, 100 * small, rtol=1e-6)
    noisy = with_noise(beale, 10.0)
    np.testing.assert_array_equal(noisy(x), beale(x))
    np.testing.assert_array_equal(noisy.grad(x), beale.grad(x))
    assert (noisy.noise, noisy.seed) == (10.0, 0)
    changed = {
        f.name for f in fields(Landscape) if getattr(noisy, f.name) != getattr(beale, f.name)
    }
    assert changed == {"noise"}


def test_without_noise_a_run_sees_the_exact_gradient() -> None:
    x = inside(beale, 4)
    for landscape in (beale, with_noise(beale, 0.0)):
        np.testing.assert_array_equal(landscape.oracle()(x), beale.grad(x))


# Least squares on rows of data

ROWS = np.random.default_rng(8).normal(size=(12, 2)) * [1.0, 3.0] + [0.5, 0.0]
TARGETS = ROWS @ [1.5, -0.5] + np.random.default_rng(9).normal(size=12)
fit = least_squares(ROWS, TARGETS)


def test_least_squares_by_hand() -> None:
    for x in inside(fit, 20):
        errors = [a[0] * x[0] + a[1] * x[1] - b for a, b in zip(ROWS, TARGETS, strict=True)]
        assert fit(x) == pytest.approx(sum(e * e / 2 for e in errors) / 12, rel=1e-12)
        np.testing.assert_allclose(fit.grad(x), differences(fit, x), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(fit.hessian, second_differences(fit, np.zeros(2)), rtol=1e-6)
    solved = np.linalg.solve(ROWS.T @ ROWS, ROWS.T @ TARGETS)
    np.testing.assert_allclose(fit.minima, [solved], rtol=1e-10)
    low, high = np.array(fit.window).T
    assert (low < solved).all() and (solved < high).all() and (low < 0).all() and (0 < high).all()


def test_data_that_does_not_determine_the_weights_has_no_minimum_of_its_own() -> None:
    assert least_squares(np.ones((5, 2)), np.arange(5.0)).minima == ()


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch", [1, 4])
def test_batch_gradients_are_unbiased(batch: int, shuffle: bool) -> None:
    oracle = least_squares(ROWS, TARGETS, batch=batch, shuffle=shuffle, seed=3).oracle()
    x = np.tile([0.3, -0.7], (30_000, 1))  # each run draws its own batch
    drawn = oracle(x)
    each_row = ROWS * (ROWS @ x[0] - TARGETS)[:, np.newaxis]
    deviation = each_row.std(axis=0) * np.sqrt((12 - batch) / 11 if shuffle else 1) / batch**0.5
    off = np.abs(drawn.mean(axis=0) - fit.grad(x[0])) / (deviation / np.sqrt(len(x)))
    assert off.max() < 4
    np.testing.assert_allclose(drawn.std(axis=0), deviation, rtol=0.03)


@pytest.mark.parametrize(("rows", "batch"), [(7, 2), (6, 2), (4, 4), (5, 1)])
def test_an_epoch_shows_every_row_at_most_once(rows: int, batch: int) -> None:
    """And all of them where the batches fill it: else the rows left over sit it out."""
    features, targets = np.eye(rows), np.arange(rows) + 1.0  # a gradient shows which rows it saw
    oracle = least_squares(features, targets, batch=batch, shuffle=True, seed=1).oracle()
    orders = []
    for _ in range(6):
        seen = [np.flatnonzero(oracle(np.zeros(rows))).tolist() for _ in range(rows // batch)]
        assert len({row for some in seen for row in some}) == rows // batch * batch
        orders.append(str(seen))
    assert batch == rows or len(set(orders)) > 3


def test_batches_repeat_by_seed_and_leave_the_rest_exact() -> None:
    x = inside(fit, 5)
    one, again, other = (least_squares(ROWS, TARGETS, batch=3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.oracle()(x), again.oracle()(x))
    assert (one.oracle()(x) != other.oracle()(x)).any()
    np.testing.assert_array_equal(one.grad(x), fit.grad(x))
    np.testing.assert_array_equal(one(x), fit(x))
    np.testing.assert_array_equal(fit.oracle()(x), fit.grad(x))


# The object

MADE_BY_FAMILIES = {parabola().name, bowl().name, ravine().name}


def test_landscapes_are_frozen_and_changed_by_replace() -> None:
    with pytest.raises(FrozenInstanceError):
        beale.noise = 1.0
    moved = replace(beale, start=(2.0, 1.0))
    assert moved.start == (2.0, 1.0) and beale.start == (1.0, 1.5)


@pytest.mark.parametrize(("family", "dim"), [(parabola, 1), (bowl, 2), (ravine, 2)])
def test_a_family_given_bare_stands_for_its_default_member(family: Callable, dim: int) -> None:
    made = landscape_of(family)
    assert made.name == family().name and made.dim == dim
    assert landscape_of(made) is made


@every_landscape
def test_it_introduces_itself(landscape: Landscape) -> None:
    assert repr(landscape) == f"<landscape {landscape.name}>"
    assert landscape.dim == len(landscape.start) == len(landscape.window)
    assert landscape.name and landscape.formula


def test_all_landscapes_are_listed_once_and_public() -> None:
    names = [landscape.name for landscape in LANDSCAPES]
    assert len(set(names)) == len(names) == 10
    public = [getattr(course_lib, name) for name in course_lib.__all__ if name in vars(course_lib)]
    ready = [x for x in public if isinstance(x, Landscape)]
    assert {id(x) for x in ready} == {id(x) for x in LANDSCAPES if x.name not in MADE_BY_FAMILIES}


def test_styblinski_tang_takes_any_number_of_coordinates() -> None:
    deep = styblinski_tang.minima[0][0]
    assert styblinski_tang(np.full(5, deep)) == pytest.approx(5 / 2 * styblinski_tang.lowest)
