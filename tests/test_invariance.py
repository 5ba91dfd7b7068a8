"""Changes of units, which rules notice them, and the lab that shows it.

What is known is written down by hand, with the reason; nothing is compared with itself.
"""

from html import unescape
from itertools import product

import numpy as np
import pytest

from course_lib import (
    RULES,
    Change,
    beale,
    central_difference,
    descend,
    deviation,
    invariance_table,
    invariances,
    parabola,
    ravine,
    units,
    with_noise,
)
from course_lib.descent import Path
from course_lib.measure.invariance import CHANGES
from course_lib.optimizers import adadelta, gradient_descent, momentum, rmsprop

ODD = Change(x=(3.0, -0.5), f=7.0, shift=(2.0, -1.0), angle=0.7)


# The change itself


def test_new_numbers_by_hand() -> None:
    quarter = Change(x=(2.0, 10.0), shift=(1.0, 0.0), angle=np.pi / 2)
    np.testing.assert_allclose(quarter.new([3.0, 1.0]), [1 - 10, 6])  # (6, 10), turned, moved
    np.testing.assert_allclose(
        Change(x=100.0).new([[1.0, 2.0], [3.0, 4.0]]), [[100, 200], [300, 400]]
    )


@pytest.mark.parametrize("change", [ODD, *(c for pair in CHANGES.values() for c in pair)])
def test_back_and_forth_leads_home(change: Change) -> None:
    x = np.random.default_rng(0).normal(size=(5, 4, 2))
    np.testing.assert_allclose(change.old(change.new(x)), x, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("landscape", [beale, ravine(angle=0.3)])
def test_the_changed_landscape_is_the_same_ground(landscape) -> None:
    new = ODD.landscape(landscape)
    x = np.random.default_rng(1).uniform(-1, 1, size=(9, 2))
    z = ODD.new(x)
    np.testing.assert_allclose(new(z), 7 * landscape(x))
    np.testing.assert_allclose(
        new.grad(z), central_difference(new.f, z, 1e-6), rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(new.start, ODD.new(landscape.start))
    assert abs(new.lowest - 7 * landscape.lowest) < 1e-12
    for z in new.minima:
        np.testing.assert_allclose(new.grad(np.array(z)), 0, atol=1e-10)


def test_the_changed_hessian_is_that_of_the_changed_values() -> None:
    new = ODD.landscape(ravine(angle=0.3))
    columns = [new.grad(z + ODD.new([0.0, 0.0])) for z in np.eye(2)]
    np.testing.assert_allclose(new.hessian, columns, atol=1e-12)
    assert new.curvatures[0] > 0


def test_one_coordinate_can_be_changed_too() -> None:
    run = Change(x=2.0, f=3.0, shift=1.0).descend(gradient_descent, parabola(), steps=5, lr=0.1)
    # the slope is 3/2 of the old one, and so is the step in numbers twice as large: η · 3/4
    np.testing.assert_allclose(run.points[:, 0], -4 * (1 - 0.1 * 3 / 4) ** np.arange(6))


def test_the_deviation_by_hand() -> None:
    def path(*points, diverged=False):
        return Path(
            "", parabola(), {}, np.array(points)[:, np.newaxis], np.zeros(len(points)), diverged
        )

    assert np.isclose(deviation(path(0.0, 2.0, 4.0), path(0.0, 3.0, 4.0)), 1 / 4)
    assert deviation(path(1.0, 1.0), path(1.0, 1.0)) == 0
    assert deviation(path(1.0, 1.0), path(1.0, 2.0)) == np.inf
    assert deviation(path(0.0, 1.0), path(0.0, 1.0, 2.0)) == np.inf  # one of them diverged


# What is known about the rules of the course

LINEAR = ("gradient_descent", "momentum", "nesterov", "schedule_free")  # sums of slopes, times η
SCALED = ("adagrad", "rmsprop", "adam", "nadam", "nadam_scheduled", "adamw", "amsgrad")
WITHOUT_EPS = ("adamax", "nadamax", "lion", "muon")  # slope over u, its sign, its direction
WITHOUT_AXES = (*LINEAR, "muon")  # Muon reads a point as one row, and keeps its direction

EXPECTED = {
    # c · f has slopes c · g: a sum of them grows with c; slope over slope does not, but for ε
    **{(rule, "f"): "no" for rule in LINEAR},
    **{(rule, "f"): "up to ε" for rule in (*SCALED, "adadelta")},
    **{(rule, "f"): "exactly" for rule in WITHOUT_EPS},
    # nobody who knows slopes alone can follow the unit of x: there is a length in η, or in ε
    **{(rule, change): "no" for rule in RULES for change in ("x", "each x")},
    # a sum of slopes turns with the axes; a step size for each coordinate belongs to the axes
    **{(rule, "rotation"): "exactly" if rule in WITHOUT_AXES else "no" for rule in RULES},
    # all treat both coordinates, and both signs, alike
    **{(rule, "mirror"): "exactly" for rule in RULES},
    # no rule looks at x itself, but AdamW, which pulls it towards 0
    **{(rule, "shift"): "no" if rule == "adamw" else "exactly" for rule in RULES},
}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_notices_what_theory_says(rule: str) -> None:
    found = invariances(RULES[rule])
    for change in CHANGES:
        assert found[change].verdict == EXPECTED[rule, change], (change, found[change])
        assert bool(found[change]) == (EXPECTED[rule, change] != "no")


@pytest.mark.parametrize("rule", [gradient_descent, momentum, rmsprop, adadelta])
def test_the_verdicts_are_those_on_another_ground_too(rule) -> None:
    settings = {} if rule is adadelta else {"lr": 0.003}
    found = invariances(rule, on=beale, **settings)
    assert {name: found[name].verdict for name in found} == {
        name: EXPECTED[rule.__name__, name] for name in CHANGES
    }


def test_the_two_eps_of_adadelta_break_it_by_as_much_as_computed() -> None:
    """First step in numbers of f c times as large: √ε / √((1 − β) c² g² + ε) · c g, by hand."""
    plain = descend(adadelta, ravine(), steps=1, beta=0.9, eps=0.1)
    scaled = Change(f=0.03).descend(adadelta, ravine(), steps=1, beta=0.9, eps=0.1)
    g = np.array([-0.7, 4.0])
    step = [np.sqrt(0.1) * c * g / np.sqrt(0.1 * (c * g) ** 2 + 0.1) for c in (1.0, 0.03)]
    by_hand = np.linalg.norm(step[0] - step[1]) / np.linalg.norm(step[0])
    assert np.isclose(deviation(plain, scaled), by_hand, rtol=1e-12)


@pytest.mark.parametrize(("rule", "with_x", "with_f"), [
    (gradient_descent, 2, -1), (momentum, 2, -1), (rmsprop, 1, 0),
])  # fmt: skip
def test_with_its_learning_rate_converted_a_rule_makes_the_same_run(rule, with_x, with_f) -> None:
    """η of gradient descent has the units x²/f, that of RMSProp those of x."""
    k, c = 6.0, 50.0
    rest = {"eps": 0.0} if rule is rmsprop else {}
    plain = descend(rule, ravine(), lr=0.1, steps=40, **rest)
    new = 0.1 * k**with_x * c**with_f
    same = Change(x=k, f=c).descend(rule, ravine(), lr=new, steps=40, **rest)
    assert deviation(plain, same) < 1e-9


# Rules of students


def normalised(grad, x, lr=0.1):
    while True:
        g = grad(x)
        x = x - lr * g / np.linalg.norm(g, axis=-1, keepdims=True)
        yield x


def signs(grad, x, lr=0.1):
    while True:
        x = x - lr * np.sign(grad(x))
        yield x


def hidden_eps(grad, x, lr=0.1):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = 0.9 * s + 0.1 * g**2
        x = x - lr * g / (np.sqrt(s) + 1e-9)
        yield x


def towards_zero(grad, x, lr=0.1):
    while True:
        x = x - lr * (grad(x) + 0.1 * x)
        yield x


def still(grad, x):
    while True:
        yield x


KNOWN = {  # shift, f, x, each x, rotation, mirror
    normalised: "exactly exactly no no exactly exactly",
    signs: "exactly exactly no no no exactly",
    hidden_eps: "exactly nearly no no no exactly",
    towards_zero: "no no no no exactly exactly",
    still: "exactly exactly exactly exactly exactly exactly",
}


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.__name__)
def test_rules_of_students_are_judged_as_well(rule) -> None:
    assert " ".join(one.verdict for one in invariances(rule).values()) == KNOWN[rule]


def test_turned_by_a_quarter_signs_do_not_notice() -> None:
    """So the turn in the experiment must not be one that maps axes on axes."""
    plain = descend(signs, ravine(), steps=20)
    assert deviation(plain, Change(angle=np.pi / 2).descend(signs, ravine(), steps=20)) < 1e-9
    assert deviation(plain, CHANGES["rotation"][0].descend(signs, ravine(), steps=20)) > 0.1


def test_the_hyperparameters_are_used() -> None:
    assert invariances(RULES["adamw"], weight_decay=0.0)["shift"].verdict == "exactly"
    assert invariances(rmsprop, eps=0.1)["f"].deviation > 0.01 > invariances(rmsprop)["f"].deviation
    assert "up to ε" in str(invariances(rmsprop, eps=0.1)["f"])


# The table


def test_the_table_says_what_the_experiment_found() -> None:
    table = invariance_table([gradient_descent, (rmsprop, {"lr": 0.01})])
    assert table["RMSProp"]["f"].verdict == "up to ε"
    assert "Gradient descent  ✔ exactly" in repr(table)
    html = table._repr_html_()
    assert (
        html.count("<tr>") == 3 and html.count("✔ exactly") == repr(table).count("✔ exactly") == 5
    )
    assert repr(table) == repr(invariance_table([gradient_descent, (rmsprop, {"lr": 0.01})]))


# The lab


OTHER_GROUNDS = [pytest.param(on, marks=pytest.mark.walk) for on in (parabola(), beale)]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("landscape", [ravine(), *OTHER_GROUNDS], ids=lambda on: on.name)
def test_every_corner_of_the_units_lab(rule, landscape) -> None:
    panel = units(rule, landscape, steps=20, **({} if rule is adadelta else {"lr": 0.01}))
    rng = np.random.default_rng(0)
    names = list(panel.controls)[:2]
    assert all(control.description for control in panel.controls.values())
    for corner in product(("min", "max"), repeat=2):
        others = [name for name in panel.controls if not name.startswith("beta")][2:]
        ends = dict(zip(names, corner, strict=True)) | {
            k: rng.choice(["min", "max"]) for k in others
        }
        for name, end in ends.items():
            control = panel.controls[name]
            limit = getattr(control, end)
            control.value = control.base**limit if hasattr(control, "base") else limit
        assert "nan" not in panel.says and unescape(panel.readout.value).count(panel.says[:60])


def test_the_units_lab_starts_without_any_change_and_coincides() -> None:
    panel = units(rmsprop, ravine(), lr=0.1)
    assert panel.apart == 0 and "the two runs coincide" in panel.says
    np.testing.assert_array_equal(panel.path.points, panel.original.points)


def test_the_units_lab_tells_the_deviation_and_the_goal() -> None:
    panel = units(rmsprop, ravine(), lr=0.1, x=10, goal=0.01)
    assert panel.apart > 0.5 and "☆ not yet" in panel.says
    before = panel.figure.image.frame
    panel.controls["lr"].value = 1.0  # η has the units of x
    assert panel.apart < 0.01 and "★ done" in panel.says
    assert panel.figure.image.frame != before
    assert panel.original.hyperparameters == {"lr": 0.1}  # the original stays as it was


def test_the_units_lab_says_when_the_new_run_diverges() -> None:
    panel = units(gradient_descent, ravine(), lr=0.5, f=100, steps=200)
    assert "In the new units it diverges at step" in panel.says
    assert "have nothing in common" in panel.says


def test_a_noisy_landscape_is_seen_exactly_in_new_units() -> None:
    assert Change(x=2.0).landscape(with_noise(ravine(), 1.0)).is_exact
