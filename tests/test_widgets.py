"""The panels of the lessons: every control moved to its ends and about, for every rule.

pytest turns every warning into an error here (pyproject.toml), so a test that passes saw none.
"""

import inspect
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from io import BytesIO
from itertools import pairwise, product

import ipywidgets as widgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from ipywidgets.widgets.widget_link import Link
from matplotlib.colors import to_rgb
from PIL import Image

from course_lib.descent import descend, dissect
from course_lib.family import LOOKS, RULES, title_of
from course_lib.labs.controls import HIDDEN, control_for, controls_for, says_html
from course_lib.labs.doctor import doctor
from course_lib.labs.error_parts import error_parts
from course_lib.labs.explore import Explorer, explore
from course_lib.labs.factor_lab import behaviour, factor_lab
from course_lib.labs.inside import inside as inside_a_run
from course_lib.labs.microscope import microscope, parts_of, parts_of_mean
from course_lib.labs.noise_lab import noise_lab
from course_lib.labs.phase_map import phase_map
from course_lib.labs.predict import predict
from course_lib.labs.race import race
from course_lib.labs.units_table import units_table
from course_lib.landscapes import (
    Landscape,
    beale,
    bowl,
    cubic,
    least_squares,
    parabola,
    plateau,
    quadratic,
    ravine,
    rosenbrock,
    saddle,
    with_noise,
)
from course_lib.optimizers import (
    adadelta,
    adam,
    adamax,
    adamw,
    amsgrad,
    gradient_descent,
    momentum,
    nadam,
    nadamax,
    nesterov,
)
from course_lib.pictures import style
from course_lib.pictures.charts import trajectory
from course_lib.pictures.live import Panel
from course_lib.pictures.picture import Picture
from course_lib.validation import hyperparameters_of
from course_lib.wording import in_words, settings_in_words

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
FLAT = [ravine(50, 0.5), saddle, with_noise(beale, 1.0)]  # of two coordinates
SCENES = [parabola(), *FLAT]


pytestmark = pytest.mark.usefixtures("sketched")


@pytest.fixture(autouse=True)
def forgotten_afterwards() -> Iterator[None]:
    """ipywidgets keeps every panel, and each keeps its picture: a gigabyte for these tests."""
    yield
    widgets.Widget.close_all()


@pytest.fixture(autouse=True)
def no_swallowed_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """ipywidgets logs what goes wrong in the callback of a button, and goes on."""
    yield
    assert not caplog.records


def picture(panel: Panel) -> np.ndarray:
    """(height, width, 3): what the image widget holds, decoded."""
    return panel.figure.shown().astype(int)


def text(html: widgets.HTML) -> str:
    """A read-out without its tags."""
    return unescape(re.sub(r"<[^>]+>", " ", html.value)).strip()


def assert_tells(panel: Panel) -> None:
    """The picture is not blank, the read-out and the sentence say something, and no nan."""
    shown = picture(panel)
    assert (shown < 250).any(axis=-1).mean() > 0.02 and np.ptp(shown) > 200
    for told in (text(panel.readout), panel.says):
        assert len(told) > 20
        assert not re.search(r"\b(nan|inf|None)\b", told), told
    assert 'role="status"' in panel.readout.value


def places(control: widgets.Widget, rng: np.random.Generator) -> list[object]:
    """The ends of a control and a random value between."""
    match control:
        case widgets.SelectionSlider():
            values = [o[1] if isinstance(o, tuple) else o for o in control.options]
            return [values[0], values[-1], values[rng.integers(len(values))]]
        case widgets.FloatLogSlider():
            between = rng.uniform(control.min, control.max)
            return [control.base**e for e in (control.min, control.max, between)]
        case widgets.IntSlider():
            return [control.min, control.max, int(rng.integers(control.min, control.max + 1))]
        case widgets.FloatSlider():
            return [control.min, control.max, rng.uniform(control.min, control.max)]
    raise AssertionError(f"a control of an unknown kind: {control}")


# explore


def assert_runs_as_told(panel: Explorer) -> None:
    assert_tells(panel)
    assert panel.path.hyperparameters == panel.settings
    assert np.isfinite(panel.path.points).all() and np.isfinite(panel.path.values).all()


def _rules_and_scenes() -> Iterator[object]:
    """Each rule on one of the scenes, and adam on all of them; a long run tries all pairs."""
    for (i, name), (j, scene) in product(enumerate(RULES), enumerate(SCENES)):
        quick = i % len(SCENES) == j or name == "adam"
        marks = () if quick else pytest.mark.walk
        yield pytest.param(RULES[name], scene, marks=marks, id=f"{name}-{scene.name}")


@pytest.mark.parametrize(("rule", "landscape"), _rules_and_scenes())
def test_every_end_of_every_slider(rule: Callable, landscape: Landscape) -> None:
    goal = None if landscape.lowest is None else 0.01
    panel = explore(rule, landscape, steps=40, move_start=True, goal=goal)
    rng = np.random.default_rng(0)
    assert_runs_as_told(panel)
    for control in panel.controls.values():
        kept = control.value
        low, high, _ = places(control, rng)
        for value in (low, high):
            control.value = value
            assert_runs_as_told(panel)
        control.value = kept


@every_rule
def test_sliders_at_their_ends_and_between_together(rule: Callable) -> None:
    panel = explore(rule, beale, steps=30)
    rng = np.random.default_rng(1)
    for _ in range(12):
        for control in panel.controls.values():
            control.value = places(control, rng)[rng.integers(3)]
        assert_runs_as_told(panel)


@every_rule
def test_the_path_is_what_the_sliders_say(rule: Callable) -> None:
    panel = explore(rule, ravine(), steps=25, move_start=True)
    rng = np.random.default_rng(2)
    for _ in range(3):
        for control in panel.controls.values():
            control.value = places(control, rng)[2]
        settings = {name: panel.controls[name].value for name in panel.hyperparameters}
        start = [panel.controls["start x"].value, panel.controls["start y"].value]
        expected = descend(rule, ravine(), start, 25, **settings)
        np.testing.assert_array_equal(panel.path.points, expected.points)
        assert expected.summary in panel.says


@every_rule
def test_a_slider_that_moves_changes_picture_and_read_out(rule: Callable) -> None:
    quick = {"lr": 0.02} if "lr" in hyperparameters_of(rule) else {}
    on = beale
    if rule.__name__ in ("amsgrad", "lion", "muon"):  # whose betas do not matter on a short way
        on, quick = rosenbrock, {"lr": 0.3}
    if rule.__name__ == "amsgrad":
        on = with_noise(rosenbrock, 300.0)
    panel = explore(rule, on, steps=60, **quick)
    for name, control in panel.controls.items():
        before, said, words = picture(panel), text(panel.readout), panel.says
        match control:
            case widgets.FloatSlider():
                control.value = 0.5
            case widgets.FloatLogSlider():
                control.value = control.value / 3
            case _:
                control.value = 7
        assert (np.abs(picture(panel) - before) > 60).any(), name
        if name != "steps":  # which shows less of the same run
            assert text(panel.readout) != said and panel.says != words, name
    if quick:
        assert f"η = {quick['lr'] / 3:.3g}" in panel._settings.get_text()
    assert panel._loss_title.get_text().startswith("step 7: f = ")


def test_steps_shown_cut_the_path_but_not_the_run() -> None:
    panel = explore(momentum, beale, steps=50, lr=0.005)
    said = panel.says
    for shown in (0, 1, 25, 50):
        panel.controls["steps"].value = shown
        line = panel._traces[0]._path
        np.testing.assert_allclose(line.get_xydata(), panel.path.points[: shown + 1], rtol=1e-9)
        expected = in_words(panel.path.values[shown])
        assert panel._loss_title.get_text() == f"step {shown}: f = {expected}"
    assert panel.says == said and len(panel.path) == 50


def test_the_path_is_drawn_in_the_colour_of_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "DPI", 150)
    panel = explore(momentum, beale, steps=50, lr=0.005)
    colour = 255 * np.array(to_rgb(LOOKS["momentum"].colour))
    alike = (np.abs(picture(panel) - colour).max(axis=-1) < 50).sum
    assert alike() > 500
    panel.controls["steps"].value = 0
    assert (np.abs(picture(panel) - colour).max(axis=-1) < 50).sum() < 500


@every_rule
def test_controls_come_from_the_signature_and_start_where_told(rule: Callable) -> None:
    known = hyperparameters_of(rule)
    shown = {name: value for name, value in known.items() if name not in HIDDEN}
    plain = controls_for(rule, {})
    assert {name: control.value for name, control in plain.items()} == pytest.approx(shown)
    assert list(plain) == list(shown)
    given = {name: 3 if name == "rows" else 0.0123 for name in known}
    every = controls_for(rule, given)  # a lesson that names them gets the hidden ones too
    assert {name: control.value for name, control in every.items()} == pytest.approx(given)
    assert list(every) == list(known)


@every_rule
def test_the_panel_has_every_control_with_a_label(rule: Callable) -> None:
    panel = explore(rule, beale, steps=12, move_start=True)
    expected = [*controls_for(rule, {}), "steps", "start x", "start y"]
    assert list(panel.controls) == expected
    labels = [control.description for control in panel.controls.values()]
    assert all(labels) and len(set(labels)) == len(labels)
    assert labels[-3:] == ["steps shown", "start x", "start y"]
    greek = {"lr": "learning rate η", "beta": "β", "beta1": "β₁", "weight_decay": "weight decay λ"}
    for name, label in greek.items():
        assert name not in panel.controls or panel.controls[name].description == label
    assert panel.controls["steps"].value == panel.controls["steps"].max == 12


@pytest.mark.parametrize("value", [1e-7, 1e-4, 0.00123, 0.1, 1.0, 3.7, 12.0, 500.0])
def test_a_learning_rate_slider_is_logarithmic_around_its_start(value: float) -> None:
    slider = control_for("lr", value)
    assert isinstance(slider, widgets.FloatLogSlider)
    assert slider.value == pytest.approx(value, rel=1e-12)
    assert slider.base**slider.min <= value <= slider.base**slider.max
    assert slider.min <= -4 and slider.max >= 1


@pytest.mark.parametrize("value", [0, 0.0, 0.5, 0.9, 0.123456, 0.999, 0.9999, 0.99995])
def test_a_beta_slider_is_denser_towards_one(value: float) -> None:
    slider = control_for("beta", value)
    assert slider.value == value
    values = np.array(slider.grid)
    assert (np.diff(values) > 0).all() and 0 <= values[0] and values[-1] < 1
    assert (values > 0.99).sum() > 10 and value in slider.grid
    assert (slider.min, slider.max) == (values[0], values[-1])


def test_a_linear_slider_between_given_ends() -> None:
    panel = explore(gradient_descent, ravine(), lr=(0.5, 0.1, 1.1), steps=5)
    slider = panel.controls["lr"]
    assert isinstance(slider, widgets.FloatSlider)
    assert (slider.value, slider.min, slider.max) == (0.5, 0.1, 1.1)
    assert slider.step == pytest.approx(0.01)
    assert panel.path.hyperparameters == {"lr": 0.5}


@pytest.mark.parametrize("value", [0, 0.0])
def test_a_slider_may_start_at_zero(value: float) -> None:
    panel = explore(adamw, beale, weight_decay=value, steps=3)
    assert panel.controls["weight_decay"].value == 0
    assert panel.path.hyperparameters["weight_decay"] == 0


def test_start_sliders_move_the_start_within_the_window() -> None:
    panel = explore(adam, beale, start=(2.0, 1.0), move_start=True, steps=3)
    x, y = panel.controls["start x"], panel.controls["start y"]
    assert ((x.min, x.max), (y.min, y.max)) == beale.window
    assert (x.value, y.value) == (2.0, 1.0)
    x.value, y.value = -0.5, 1.25
    np.testing.assert_array_equal(panel.path.points[0], [-0.5, 1.25])
    assert "start y" not in explore(adam, parabola(), move_start=True, steps=2).controls
    assert "start x" not in explore(adam, beale, steps=2).controls
    np.testing.assert_array_equal(explore(adam, beale, start=(2, 1)).path.points[0], [2, 1])


def test_a_rule_of_a_student_is_explored_like_any_other() -> None:
    def mine(
        grad: Callable, x: np.ndarray, lr: float = 0.1, pull: float = 2.0, noisy: bool = False
    ):
        while True:
            x = x - lr * grad(x) / pull
            yield x

    panel = explore(mine, ravine(), steps=9)
    assert list(panel.controls) == ["lr", "pull", "steps"]
    assert panel.controls["pull"].description == "pull"
    panel.controls["pull"].value = 4.0
    expected = descend(gradient_descent, ravine(), steps=9, lr=0.025)
    np.testing.assert_allclose(panel.path.points, expected.points, rtol=1e-12)
    assert "Mine on the ravine" in panel.says and "Theory" not in panel.says


def test_a_partly_applied_rule_is_explored() -> None:
    panel = explore(partial(momentum, beta=0.5), ravine(), lr=0.1, steps=9)
    assert "Stable below 2(1 + β)/L = 1.5." in panel.says


def test_rules_beside_follow_the_sliders_of_their_names_and_keep_their_own() -> None:
    beside = [momentum, (adam, {"lr": 0.3})]
    panel = explore(nesterov, ravine(), steps=9, lr=0.1, beside=beside)
    panel.controls["lr"].value = 0.2
    lr, beta = panel.settings["lr"], panel.settings["beta"]
    expected = [
        descend(momentum, ravine(), steps=9, lr=lr, beta=beta),
        descend(adam, ravine(), steps=9, lr=0.3),
    ]
    for path, trace, wanted in zip(panel.others, panel._traces[1:], expected, strict=True):
        assert np.array_equal(path.points, wanted.points)
        np.testing.assert_allclose(trace._path.get_xydata(), wanted.points, rtol=1e-9)
    assert [trace.label for trace in panel._traces] == ["Nesterov", "Momentum", "Adam, η = 0.3"]
    ends = f"Momentum: f = {in_words(expected[0].values[-1])}; Adam, η = 0.3: f = "
    assert ends in panel.says and ends in text(panel.readout)


def test_a_rule_beside_that_diverges_is_told() -> None:
    panel = explore(momentum, beale, steps=50, lr=0.002, beside=[(gradient_descent, {"lr": 9.0})])
    assert re.search("Gradient descent, η = 9: diverged at step [1-9]", panel.says)


def test_the_same_rule_beside_itself_is_told_apart() -> None:
    panel = explore(adam, beale, steps=5, lr=0.1, beside=[(adam, {"beta2": 0.9})])
    mine, other = panel._traces
    assert (mine.label, other.label) == ("Adam", "Adam, β₂ = 0.9")
    assert mine._path.get_color() != other._path.get_color()


def test_the_loss_picture_makes_room_below_and_never_goes_up_again() -> None:
    panel = explore(gradient_descent, ravine(), steps=50, lr=0.01)
    bottoms = []
    for lr in (0.01, 0.3, 0.9, 0.01):
        panel.controls["lr"].value = lr
        bottoms.append(panel._loss_axes.get_ylim()[0])
        assert bottoms[-1] <= panel.path.gap.min()
    assert bottoms == [1e-3, 1e-3, 1e-6, 1e-6]
    assert explore(adam, beale, steps=5, goal=1e-6)._loss_axes.get_ylim()[0] == 1e-9


def test_a_stored_picture_has_the_settings_that_live_stand_at_the_sliders() -> None:
    panel = explore(adam, beale, steps=9, lr=0.1)
    stored = Image.open(BytesIO(panel.figure.png()))
    box = panel._settings.get_window_extent()
    x0, x1 = int(box.x0), int(box.x1)
    top = stored.height - int(box.y1)
    corner = (x0, top, x1, top + int(box.height))
    shown = Image.fromarray(panel.figure.shown()).convert("L").crop(corner)
    assert np.asarray(stored.convert("L").crop(corner)).min() < 100 < np.asarray(shown).min()


def test_fixed_hyperparameters_get_no_slider_and_hold() -> None:
    panel = explore(momentum, ravine(), steps=9, lr=0.1, fixed={"beta": 0.5})
    assert list(panel.controls) == ["lr", "steps"]
    panel.controls["lr"].value = 0.2
    assert panel.path.hyperparameters == {"lr": 0.2, "beta": 0.5}
    assert "β = 0.5" in panel._settings.get_text()
    with pytest.raises(TypeError, match="momentum has no hyperparameter 'beta1'"):
        explore(momentum, ravine(), fixed={"beta1": 0.5})
    with pytest.raises(ValueError, match="beta must be at least 0 and below 1"):
        explore(momentum, ravine(), fixed={"beta": 1.5})


def test_a_rule_named_like_one_of_the_course_may_have_other_hyperparameters() -> None:
    def gradient_descent(grad: Callable, x: np.ndarray, eta: float = 0.1) -> Iterator[np.ndarray]:
        while True:
            x = x - eta * grad(x)
            yield x

    assert_tells(explore(gradient_descent, ravine(), steps=9))


# explore: what theory says beside it


def test_gradient_descent_tells_its_factor_for_each_curvature() -> None:
    panel = explore(gradient_descent, ravine(20), lr=0.3, steps=30)
    assert "multiplies the error by 1 − ηλ = 0.97 (λ = 0.1), 0.4 (λ = 2)." in panel.says
    assert panel.says.endswith("Stable below 2/L = 1.")
    one = explore(gradient_descent, parabola(4.0), lr=0.1, steps=3)
    assert "1 − ηλ = 0.6 (λ = 4). Stable below 2/L = 0.5." in one.says


@pytest.mark.parametrize(("rule", "limit"), [(momentum, 1.9), (nesterov, 1.9 / 2.8)])
def test_momentum_and_nesterov_tell_rate_and_limit(rule: Callable, limit: float) -> None:
    panel = explore(rule, ravine(20), lr=0.1, steps=30)
    assert "Theory: in the long run the error shrinks by ρ = 0.9" in panel.says
    assert f"= {limit:.3g}." in panel.says


@pytest.mark.parametrize(
    "rule",
    [
        gradient_descent,
        momentum,
        nesterov,
    ],
)
def test_above_the_limit_nothing_is_said_to_shrink(rule: Callable) -> None:
    panel = explore(rule, ravine(20), lr=3.0, steps=30)
    assert "grows from" in panel.says
    assert "shrinks" not in panel.says


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov])
def test_the_dashed_forecast_follows_the_measured_loss(rule: Callable) -> None:
    panel = explore(rule, bowl(1.0), lr=0.02, beta=0.5, steps=80) if rule is not (
        gradient_descent
    ) else explore(rule, bowl(1.0), lr=0.02, steps=80)  # fmt: skip
    t, predicted = panel._predicted.get_data()
    np.testing.assert_array_equal(t, range(81))
    measured = panel.path.gap
    slopes = [np.log(y[80] / y[40]) / 40 for y in (predicted, measured)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-3)
    assert predicted[0] == pytest.approx(measured[0])


@pytest.mark.parametrize(
    ("rule", "landscape"),
    [
        (adam, ravine()),
        (momentum, beale),
        (momentum, saddle),
        (momentum, with_noise(ravine(), 1.0)),
    ],
)
def test_where_no_theory_holds_none_is_told(rule: Callable, landscape: Landscape) -> None:
    panel = explore(rule, landscape, steps=9)
    assert "Theory" not in panel.says and "Stable" not in panel.says
    assert len(panel._predicted.get_xdata()) == 0


def test_where_batches_are_drawn_no_exact_theory_is_told() -> None:
    batches = least_squares(np.diag([1.0, 3.0]), np.ones(2), batch=1)
    assert "Stable" not in explore(momentum, batches, steps=9).says


def test_of_a_rule_that_only_has_the_name_nothing_is_predicted() -> None:
    def momentum(grad: Callable, x: np.ndarray, lr: float = 0.1, beta: float = 0.9):
        while True:
            x = x - lr * np.sign(grad(x))
            yield x

    assert "Theory" not in explore(momentum, ravine(), steps=9).says


def test_a_lesson_may_keep_the_forecast_back() -> None:
    panel = explore(momentum, ravine(), lr=9.0, steps=30, forecast=False)
    assert panel.says == panel.path.summary
    assert len(panel._predicted.get_xdata()) == 0 and not panel._warning.get_text()


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov])
def test_the_warning_shows_exactly_above_the_limit(rule: Callable) -> None:
    panel = explore(rule, ravine(20), steps=40)
    limit = {"gradient_descent": 1.0, "momentum": 1.9, "nesterov": 1.9 / 2.8}[rule.__name__]
    for factor, warned in ((0.5, False), (0.99, False), (1.01, True), (4.0, True), (0.9, False)):
        panel.controls["lr"].value = factor * limit
        assert panel._warning.get_visible() == warned
        assert bool(panel._warning.get_text()) == warned
    panel.controls["lr"].value = 1.5 * limit
    told = " ".join(panel._warning.get_text().split())
    assert f"η = {1.5 * limit:.4g}" in told and f"= {limit:.4g}" in told
    assert "in the long run" in told


def test_the_warning_of_a_diverged_run_tells_the_step() -> None:
    panel = explore(gradient_descent, ravine(), lr=10.0, steps=500)
    step = panel.path.diverged
    told = " ".join(panel._warning.get_text().split())
    assert step and told == f"diverged at step {step}: η = 10 is above 2/L = 1"
    panel = explore(gradient_descent, beale, lr=10.0)
    assert panel._warning.get_text() == f"diverged at step {panel.path.diverged}"
    assert f"diverged at step {panel.path.diverged}" in text(panel.readout)


def test_a_start_on_the_minimum_is_no_trouble() -> None:
    panel = explore(gradient_descent, ravine(), start=(0, 0), lr=10.0, steps=300)
    assert "f stays from 0" in panel.says


# explore: goals and stars


def goal_panel(lr: float, goal: float = 1e-3, **how: object) -> Explorer:
    """f = 8 (1 − η)²ᵗ on the parabola."""
    return explore(gradient_descent, parabola(), goal=goal, lr=lr, steps=100, **how)


@pytest.mark.parametrize("lr", [1e-3, 0.05, 0.1, 0.2, 0.5, 0.9, 1.0, 2.5])
def test_stars_count_the_goals_reached_in_time(lr: float) -> None:
    panel = goal_panel(lr, stars=(80, 40, 10))
    first = next((t for t in range(101) if 8 * (1 - lr) ** (2 * t) <= 1e-3), None)
    stars = 0 if first is None else (first <= 80) + (first <= 40) + (first <= 10)
    assert panel.stars == stars
    told = panel.verdict
    row = "★" * stars + "☆" * (3 - stars)
    assert told.startswith(f"Goal, to stay below 0.001 within 80 steps: {row}")
    assert (f"there from step {first}." in told) == (stars > 0)
    assert ("not yet" in told) == (stars == 0)
    following = {1: "Next star: within 40 steps.", 2: "Next star: within 10 steps."}.get(stars)
    assert ("Next star" in told) == (following is not None)
    assert following is None or told.endswith(following)
    assert told in text(panel.readout) and told in panel.says


def test_the_last_step_in_time_still_earns_its_star() -> None:
    assert goal_panel(0.5, stars=(9, 8, 7)).stars == 3  # 8 · 4⁻⁷ is the first below 0.001
    assert goal_panel(0.5, stars=(8, 7, 6)).stars == 2


def test_a_lucky_dip_earns_no_star() -> None:
    panel = explore(momentum, parabola(), goal=0.5, stars=(60, 40, 20), lr=0.1, beta=0.9, steps=60)
    dip, settled = panel.path.reached(0.5), panel.path.settled(0.5)
    assert dip <= 20 and 20 < settled <= 40
    assert panel.stars == 2 and f"there from step {settled}" in panel.verdict


def test_every_number_of_stars_can_be_had() -> None:
    got = {goal_panel(lr, stars=(80, 40, 10)).stars for lr in (1e-3, 0.06, 0.2, 1.0)}
    assert got == {0, 1, 2, 3}


def test_stars_change_with_the_slider_and_without_a_goal_there_are_none() -> None:
    panel = goal_panel(1e-3)
    assert panel.stars == 0
    panel.controls["lr"].value = 1.0
    assert panel.stars == 3 and "★★★" in text(panel.readout)
    plain = explore(gradient_descent, parabola(), steps=5)
    assert plain.stars == 0 and plain.verdict == "" and "Goal" not in plain.says


def test_the_goal_is_drawn() -> None:
    with_goal, without = goal_panel(0.1), explore(gradient_descent, parabola(), lr=0.1)
    assert (np.abs(picture(with_goal) - picture(without)) > 60).any()
    texts = [t.get_text() for t in with_goal.figure.figure.axes[1].texts]
    assert "goal\n0.001" in texts


# Output for stored notebooks


PANELS: dict[str, Callable[[], Panel]] = {
    "explore": lambda: explore(adam, beale, steps=9),
    "race": lambda: race([adam, momentum], beale, steps=9),
    "microscope": lambda: microscope(adam, beale, steps=9),
    "phase map": lambda: phase_map(momentum, ravine()),
    "noise lab": lambda: noise_lab(momentum, ravine(), steps=50),
    "error parts": lambda: error_parts(momentum, ravine(), beside=gradient_descent),
    "inside": lambda: inside_a_run(adam, ravine(), steps=50),
    "units table": lambda: units_table(gradient_descent, adam),
    "factor lab": lambda: factor_lab(gradient_descent, ravine, steps=50, goal=1e-6),
}


@pytest.mark.parametrize("kind", PANELS)
def test_the_output_holds_widget_picture_and_sentence(kind: str) -> None:
    panel = PANELS[kind]()
    data, metadata = panel._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
    assert data["text/plain"] == panel.says
    png = b64decode(data["image/png"])
    shown = np.array(Image.open(BytesIO(png)).convert("RGB"), dtype=int)
    assert np.abs(shown - picture(panel)).mean() < 15
    assert metadata["image/png"] == {"width": 920, "alt": panel.says}
    assert not re.search(r"[<>]|\bnan\b", panel.says)


@pytest.mark.parametrize("kind", PANELS)
def test_every_part_is_in_the_panel_and_the_sentence_is_the_same_each_time(kind: str) -> None:
    panel, again = PANELS[kind](), PANELS[kind]()
    assert panel.says == again.says

    def inside(widget: widgets.Widget) -> Iterator[widgets.Widget]:
        yield widget
        for child in getattr(widget, "children", ()):
            yield from inside(child)

    shown = list(inside(panel))
    for part in (panel.figure.image, panel.readout, *panel.controls.values()):
        assert part in shown
    assert panel.figure.image.alt  # what a screen reader names the picture by
    for widget in shown:
        if isinstance(widget, widgets.Button | widgets.IntSlider | widgets.SelectionSlider):
            assert widget.description and not widget.disabled


# race


def test_a_race_steps_forward_and_back_and_stays_within_its_ends() -> None:
    panel = race([gradient_descent, adam], beale, steps=5, lr=0.01)
    step, (play, back, forward, _) = panel.controls["step"], panel.children[1].children
    assert isinstance(play, widgets.Play) and (play.min, play.max) == (0, 5)
    assert (step.min, step.max) == (0, 5)
    step.value = 0
    back.click()
    assert step.value == 0
    for expected in (1, 2, 3, 4, 5, 5):
        forward.click()
        assert step.value == expected and f"Step {expected}," in text(panel.readout)
    back.click()
    assert step.value == 4


def test_the_speed_of_a_race() -> None:
    panel = race([adam], beale, steps=5)
    play = panel.children[1].children[0]
    pauses = []
    for _, pause in panel.controls["speed"].options:
        panel.controls["speed"].value = pause
        pauses.append(play.interval)
    assert pauses == [value for _, value in panel.controls["speed"].options]
    assert pauses == sorted(pauses, reverse=True) and pauses[-1] > 0


@pytest.mark.parametrize("landscape", [*SCENES, cubic], ids=lambda x: x.name)
def test_a_race_of_all_rules_at_every_step(landscape: Landscape) -> None:
    panel = race(list(RULES.values()), landscape, steps=8, lr=0.2)
    assert [path.rule for path in panel.paths] == list(RULES)
    seen = []
    for t in (0, 1, 4, 8):
        panel.controls["step"].value = t
        assert_tells(panel)
        seen.append(picture(panel))
        assert panel._title.get_text() == f"step {t}"
        told = text(panel.readout)
        ranks = sorted(panel.paths, key=lambda path: path.gap[min(t, len(path))])
        places = [told.index(f"{title_of(path.rule)} ") for path in ranks[:1]]
        assert told.startswith(f"Step {t}, lowest first: {title_of(ranks[0].rule)} ")
        assert places and told.count(";") == len(RULES) - 1
    for one, other in pairwise(seen):
        assert (np.abs(one - other) > 60).any()
    for path in panel.paths:
        assert path.summary in panel.says


def test_a_race_tells_who_has_diverged_and_when() -> None:
    panel = race([(gradient_descent, {"lr": 1.0}), adam], beale, steps=30)
    step = panel.paths[0].diverged
    assert step
    panel.controls["step"].value = step - 1
    assert "diverged" not in text(panel.readout)
    for t in (step, 30):
        panel.controls["step"].value = t
        assert_tells(panel)
        assert f"(diverged at step {step})" in text(panel.readout)


def test_hyperparameters_of_a_race_are_common_or_ones_own() -> None:
    panel = race([adam, (momentum, {"lr": 0.001}), adadelta], beale, steps=3, lr=0.1, beta=0.5)
    given = [path.hyperparameters for path in panel.paths]
    assert given == [{"lr": 0.1}, {"lr": 0.001, "beta": 0.5}, {"beta": 0.5}]


def test_two_runs_of_one_rule_look_different_and_are_named() -> None:
    panel = race([(adam, {"lr": 0.1}), (adam, {"lr": 0.01})], beale, steps=5)
    looks = {(t._path.get_color(), t._path.get_linestyle()) for t in panel._traces}
    names = {t.label for t in panel._traces}
    assert len(looks) == len(names) == 2


def test_play_and_slider_of_a_race_are_linked() -> None:
    panel = race([adam], beale, steps=5)
    ends = ((panel.children[1].children[0], "value"), (panel.controls["step"], "value"))
    links = [w for w in list(_instances.values()) if isinstance(w, Link)]
    assert any({link.source, link.target} == set(ends) for link in links)


def test_a_race_takes_any_iterable_of_rules() -> None:
    panel = race((rule for rule in (adam, momentum)), beale, steps=3, lr=0.01)
    assert [path.rule for path in panel.paths] == ["adam", "momentum"]


def test_a_race_starts_where_told_and_runs_once() -> None:
    panel = race([adam, momentum], beale, start=(2, 1), steps=4)
    for path in panel.paths:
        np.testing.assert_array_equal(path.points[0], [2, 1])
    paths = list(panel.paths)
    panel.controls["step"].value = 2
    assert all(one is other for one, other in zip(panel.paths, paths, strict=True))


# microscope


@every_rule
@pytest.mark.parametrize("landscape", [*FLAT, plateau, rosenbrock], ids=lambda x: x.name)
def test_the_parts_of_every_step_add_up_to_it(rule: Callable, landscape: Landscape) -> None:
    lr = {"lr": 1e-4} if "lr" in hyperparameters_of(rule) else {}
    for how in ({}, lr):
        path, steps = dissect(rule, landscape, steps=60, **how)
        for step in steps:
            rounding = 4 * np.finfo(float).eps * np.abs([step.start, step.end]).max()
            total = sum(parts_of(step).values())
            assert np.abs(total - step.move).max() <= 1e-12 * np.abs(step.move).max() + rounding
            moved = path.points[step.t] - path.points[step.t - 1]
            np.testing.assert_array_equal(step.move, moved)


@every_rule
def test_the_microscope_at_every_step(rule: Callable) -> None:
    quick = {"lr": 0.005} if "lr" in hyperparameters_of(rule) else {}
    panel = microscope(rule, FLAT[2], steps=12, **quick)
    for t in (12, 7, 1, 3):
        panel.controls["step"].value = t
        assert_tells(panel)
        title = panel.views[0].title.get_text()
        assert f"step {t}" in title and f"Step {t}:" in text(panel.readout)
        assert panel.parts.keys() == parts_of(panel.steps[t - 1]).keys()
        for name in panel.parts:
            assert name in text(panel.readout) and name in panel.says


def steps_of_momentum() -> Iterator[object]:
    """Large steps, tiny ones, and those of a run that has long arrived."""
    for rule in (momentum, nesterov):
        yield from ((rule, lr, 40) for lr in (0.5, 0.01, 1e-5, 1e-8))
        for lr, steps in ((1e-13, 40), (0.5, 800)):
            yield rule, lr, steps


@pytest.mark.parametrize(("rule", "lr", "steps"), steps_of_momentum())
def test_momentum_is_kept_velocity_and_slope_at_every_step(
    rule: Callable, lr: float, steps: int
) -> None:
    """Momentum takes the slope where it stands, so −η g comes first; Nesterov one β v ahead."""
    order = ["−η g", "β v"] if rule is momentum else ["β v", "−η g"]
    _, (first, *others) = dissect(rule, ravine(20, 0.4), steps=steps, lr=lr, beta=0.9)
    assert list(parts_of(first)) == ["−η g"]
    for step in others:
        parts = parts_of(step)
        assert list(parts) == order, f"step {step.t}"
        np.testing.assert_allclose(parts["β v"], 0.9 * step.before["v"], rtol=1e-12)
        np.testing.assert_allclose(parts["−η g"], -lr * step.gradients[0][1], rtol=1e-12)


@pytest.mark.parametrize("lr", [0.5, 0.01, 1e-5, 1e-8])
def test_a_step_of_gradient_descent_is_one_part(lr: float) -> None:
    _, steps = dissect(gradient_descent, rosenbrock, (1.1, 1.2), steps=10, lr=lr / 1000)
    for step in steps:
        assert list(parts_of(step)) == ["−η g"], f"step {step.t}"


@pytest.mark.parametrize("rule", [adam, adadelta])
def test_the_step_of_any_other_rule_is_split_into_its_coordinates(rule: Callable) -> None:
    step = dissect(rule, beale, steps=5)[1][3]
    parts = parts_of(step)
    np.testing.assert_array_equal(parts["along x"], [step.move[0], 0])
    np.testing.assert_array_equal(parts["along y"], [0, step.move[1]])


@pytest.mark.parametrize("rule", [adam, adamax, amsgrad, nadam, nadamax])
def test_of_rules_compared_the_step_is_momentum_and_gradient(rule: Callable) -> None:
    """The two parts of m̂, by the weights that the newest gradient has in the next two means."""
    _, (first, *others) = dissect(rule, beale, steps=9, lr=0.01, beta1=0.8)
    ahead = rule in (nadam, nadamax)
    assert list(parts_of_mean(first)) == (["gradient", "next momentum"] if ahead else ["gradient"])
    for step in others:
        parts = parts_of_mean(step)
        assert list(parts) == (["gradient", "next momentum"] if ahead else ["momentum", "gradient"])
        np.testing.assert_allclose(sum(parts.values()), step.move, rtol=1e-9)
        per_gradient = step.move / step.after["m_hat"]
        share = 0.2 / (1 - 0.8**step.t)
        np.testing.assert_allclose(parts["gradient"], per_gradient * share * step.gradients[0][1])


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov, adadelta, adamw])
def test_compared_rules_without_such_a_mean_keep_their_parts(rule: Callable) -> None:
    for step in dissect(rule, beale, steps=5)[1]:
        own, compared = parts_of(step), parts_of_mean(step)
        assert own.keys() == compared.keys()
        np.testing.assert_allclose(sum(compared.values()), step.move, rtol=1e-9)


def test_in_one_state_each_rule_takes_its_step_from_where_the_first_stands() -> None:
    panel = microscope(adam, nadam, on=ravine(), lr=0.5, steps=9, same_state=True)
    first, other = (view.steps for view in panel.views)
    for one, two in zip(first, other, strict=True):
        np.testing.assert_array_equal(one.start, two.start)
        np.testing.assert_allclose(one.after["m"], two.after["m"])
        np.testing.assert_allclose(one.after["s"], two.after["s"])
        m_hat = 0.9 * two.after["m"] / (1 - 0.9 ** (one.t + 1))
        m_hat += 0.1 * one.gradients[0][1] / (1 - 0.9**one.t)
        due = -0.5 * m_hat / (np.sqrt(one.after["s_hat"]) + 1e-8)
        np.testing.assert_allclose(two.move, due, rtol=1e-9)
    panel.begin_at((3.0, -2.0))
    assert all(np.array_equal(view.steps[0].start, [3.0, -2.0]) for view in panel.views)
    for rules in ((momentum, nesterov), (nesterov, momentum)):
        with pytest.raises(ValueError, match="same_state needs rules that ask for one gradient"):
            microscope(*rules, on=ravine(), lr=0.1, same_state=True)
    alone = microscope(adam, nadam, on=ravine(), lr=0.5, steps=9)
    assert not np.allclose(alone.views[1].steps[5].start, alone.views[0].steps[5].start)


def test_the_microscope_shows_code_and_numbers_of_the_step() -> None:
    panel = microscope(momentum, ravine(), steps=5, lr=0.1, beta=0.5)
    panel.controls["step"].value = 2
    v1 = -0.1 * np.array([-0.7, 4.0])
    v2 = 0.5 * v1 - 0.1 * (np.array([-7, 2]) + v1) * [0.1, 2.0]
    g = (np.array([-7, 2]) + v1) * [0.1, 2.0]
    told = " ".join(text(panel.readout).split())

    def put(vector: np.ndarray) -> str:
        return f"({vector[0]:.4g}, {vector[1]:.4g})"

    assert f"v = beta * v - lr * grad(x) = 0.5 * {put(v1)} - 0.1 * {put(g)} = {put(v2)}" in told
    assert f"x moves by {put(v2)} = −η g {put(-0.1 * g)} + β v {put(0.5 * v1)}." in told
    assert panel.says.startswith("Step 2 of Momentum on the ravine with κ = 20: from (-6.93, 1.6)")


@every_rule
def test_the_code_shown_is_the_loop_of_the_rule(rule: Callable) -> None:
    panel = microscope(rule, beale, steps=3)
    source = inspect.getsource(rule).replace(" ", "")
    for t in (1, 3):
        panel.controls["step"].value = t
        lines = re.findall(r"<tr><td><code>(\w+) = (.*?)</code>", panel.readout.value)
        assert lines[-1][0] == "x"
        for name, code in lines:
            assert f"{name}={unescape(code)}".replace(" ", "") in source
        results = dict(re.findall(r"<code>(\w+) = .*?<code>= ([^<]*)</code></td></tr>",
                                  panel.readout.value))  # fmt: skip
        step = panel.steps[t - 1]
        for name, result in results.items():
            expected = step.end if name == "x" else step.after[name]
            assert result == f"({expected[0]:.4g}, {expected[1]:.4g})"


@every_rule
def test_the_bars_are_the_state(rule: Callable) -> None:
    panel = microscope(rule, ravine(), steps=6)
    shown = panel._state
    names = {name for name, _ in shown.rows}
    state = {"v", "m", "s", "d", "u", "m_hat", "s_hat", "delta", "c", "y", "z"}
    assert names == {"g", *(state & panel.steps[0].after.keys())}
    for t in (1, 6):
        panel.controls["step"].value = t
        step = panel.steps[t - 1]
        for bar, old, label, (name, i) in zip(
            shown.bars, shown.old, shown.labels, shown.rows, strict=True
        ):
            value = (step.gradients[-1][1] if name == "g" else step.after[name])[i]
            assert label.get_text() == f"{value:.3g}".replace("-", "−")
            assert bar.get_width() == value
            if name != "g":
                assert old.get_width() == np.broadcast_to(step.before.get(name, 0.0), 2)[i]
            low, high = label.axes.get_xlim()
            assert low <= value <= high


def test_bars_of_one_unit_share_an_axis() -> None:
    shown = microscope(adam, ravine(), steps=3)._state
    axes = {name: label.axes for (name, _), label in zip(shown.rows, shown.labels, strict=True)}
    assert axes["g"] is axes["m"] is axes["m_hat"]
    assert axes["s"] is axes["s_hat"] is not axes["g"]


def test_bars_too_short_to_be_seen_get_a_finer_axis() -> None:
    panel = microscope(gradient_descent, bowl(), steps=40, lr=0.3)
    for t in (1, 10, 40):
        panel.controls["step"].value = t
        longest = max(abs(bar.get_width()) for bar in panel._state.bars)
        (ax,) = {label.axes for label in panel._state.labels}
        assert longest > 0.05 * np.abs(ax.get_xlim()).max()


def test_the_microscope_steps_forward_and_back_and_stays_within_its_ends() -> None:
    panel = microscope(adam, beale, steps=3)
    step, back, forward = (panel.controls[name] for name in ("step", "back", "forward"))
    assert (step.min, step.max, step.value) == (1, 3, 1)
    back.click()
    assert step.value == 1
    before = picture(panel)
    for expected in (2, 3, 3):
        forward.click()
        assert step.value == expected
    assert (np.abs(picture(panel) - before) > 60).any()
    back.click()
    assert step.value == 2 and "Step 2 of Adam" in panel.says


def test_the_microscope_opens_at_the_step_asked_for() -> None:
    panel = microscope(adam, beale, steps=9, at=4)
    assert panel.controls["step"].value == 4 and "Step 4 of Adam" in panel.says
    lost = microscope(gradient_descent, beale, steps=30, at=30, lr=1.0)
    assert lost.controls["step"].value == lost.controls["step"].max == len(lost.path) < 30


@pytest.mark.parametrize("rule", [momentum, nesterov, adam])
def test_the_arrows_begin_at_the_point_and_end_where_the_step_does(rule: Callable) -> None:
    panel = microscope(rule, beale, steps=9, lr=0.01)
    panel.controls["step"].value = 5
    step = panel.steps[4]
    whole, first, second = panel.views[0].arrows
    one, _ = panel.parts.values()
    np.testing.assert_array_equal(whole.get_offsets(), [[0, 0]])
    np.testing.assert_allclose([whole.U[0], whole.V[0]], step.move)
    np.testing.assert_array_equal(first.get_offsets(), [[0, 0]])
    np.testing.assert_allclose([first.U[0], first.V[0]], one)
    np.testing.assert_allclose(second.get_offsets()[0], one, rtol=1e-12)
    end = second.get_offsets()[0] + [second.U[0], second.V[0]]
    np.testing.assert_allclose(end, step.move, rtol=1e-9)


@pytest.mark.parametrize("rule", [gradient_descent, nesterov, adam])
def test_every_step_is_seen_large_and_to_the_same_scale_both_ways(rule: Callable) -> None:
    panel = microscope(rule, ravine(), steps=40, lr=0.05)
    (view,) = panel.views
    for t in (1, 7, 40):
        panel.controls["step"].value = t
        (x0, x1), (y0, y1) = view.ax.get_xlim(), view.ax.get_ylim()
        box = view.ax.get_window_extent()
        assert (x1 - x0) / box.width == pytest.approx((y1 - y0) / box.height)
        corners = view.corners(panel.steps[t - 1])
        assert (corners > [x0, y0]).all() and (corners < [x1, y1]).all()
        assert (np.ptp(corners, axis=0) / [x1 - x0, y1 - y0]).max() > 0.25


def test_several_rules_stand_side_by_side_to_one_scale() -> None:
    panel = microscope(momentum, (nesterov, {"lr": 0.1}), on=ravine(), lr=0.3, beta=0.8, steps=9)
    assert panel.views[1].path.hyperparameters == {"lr": 0.1, "beta": 0.8}
    for t in (2, 6):
        panel.controls["step"].value = t
        scales = [
            np.ptp(view.ax.get_xlim()) / view.ax.get_window_extent().width for view in panel.views
        ]
        assert scales[0] == pytest.approx(scales[1])
        for name in ("Momentum", "Nesterov"):
            assert f"Step {t} of {name}" in panel.says


def test_a_microscope_needs_a_rule() -> None:
    with pytest.raises(ValueError, match="microscope needs a rule"):
        microscope(on=ravine())


def test_the_place_of_the_look_ahead_is_marked() -> None:
    for rule, marked in ((nesterov, True), (momentum, False)):
        panel = microscope(rule, ravine(), steps=9, lr=0.05)
        panel.controls["step"].value = 5
        step = panel.steps[4]
        places = panel.views[0].ahead.get_xydata()
        assert len(places) == marked
        if marked:
            np.testing.assert_allclose(places, [0.9 * step.before["v"]], rtol=1e-9)


@pytest.mark.parametrize("rule", [gradient_descent, momentum, adam])
def test_the_microscope_on_runs_that_vanish_or_blow_up(rule: Callable) -> None:
    for landscape, lr in ((bowl(), 1e-300), (bowl(), 0.4999), (bowl(), 100.0), (beale, 100.0)):
        panel = microscope(rule, landscape, steps=120, lr=lr)
        n = len(panel.steps)
        for t in (1, n // 2 + 1, n):
            panel.controls["step"].value = t
            assert (picture(panel) < 250).any()
            assert not re.search(r"\b(nan|inf)\b", panel.says)


def test_the_microscope_on_a_run_that_has_arrived() -> None:
    panel = microscope(gradient_descent, bowl(), steps=100, lr=0.4999)
    for t in range(75, 101):
        panel.controls["step"].value = t
        assert (picture(panel) < 250).any()


def test_the_microscope_where_squares_overflow() -> None:
    panel = microscope(adam, beale, start=(1e25, 1e25), steps=3)
    panel.controls["step"].value = 2
    assert (picture(panel) < 250).any()


def full_matrix(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
    """A rule with a matrix for a state."""
    metric = 1e-3 * np.eye(2)
    while True:
        g = grad(x)
        metric = metric + np.outer(g, g)
        x = x - lr * np.linalg.solve(metric, g)
        yield x


def late(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
    """A rule that yields the start first, as beginners do."""
    while True:
        yield x
        x = x - lr * grad(x)


@pytest.mark.parametrize("rule", [full_matrix, late])
def test_the_microscope_takes_rules_of_students(rule: Callable) -> None:
    panel = microscope(rule, ravine(), steps=5)
    for t in range(1, 6):
        panel.controls["step"].value = t
        assert_tells(panel)


def test_the_microscope_takes_a_rule_without_source() -> None:
    namespace = {"np": np}
    exec(
        "def mine(grad, x, lr=0.1):\n"
        "    while True:\n"
        "        x = x - lr * grad(x)\n"
        "        yield x\n",
        namespace,
    )
    panel = microscope(namespace["mine"], ravine(), steps=3)
    assert "<code>" not in panel.readout.value
    assert list(panel.parts) == ["−η g"] and "Mine" in panel.says


# phase_map


@pytest.mark.parametrize("rule", [momentum, nesterov])
def test_every_corner_of_the_phase_map(rule: Callable) -> None:
    panel = phase_map(rule, ravine(20, 0.3), lr=0.1)
    assert list(panel.controls) == ["lr", "beta"]
    rng, seen = np.random.default_rng(3), []
    corners = product(*(places(control, rng) for control in panel.controls.values()))
    for corner in corners:
        for control, value in zip(panel.controls.values(), corner, strict=True):
            control.value = value
        assert_tells(panel)
        seen.append((text(panel.readout), picture(panel)))
        assert "direction" in panel.says
    for (told, shown), (other_told, other_shown) in pairwise(seen):
        assert told != other_told and (np.abs(shown - other_shown) > 60).any()


@pytest.mark.parametrize("rule", [momentum, nesterov])
@pytest.mark.parametrize(("lr", "beta"), [(0.05, 0.5), (0.3, 0.8), (0.1, 0.9), (0.9, 0.3)])
def test_the_rates_of_the_phase_map_by_hand_and_by_measurement(
    rule: Callable, lr: float, beta: float
) -> None:
    panel = phase_map(rule, ravine(20), lr=lr, beta=beta)
    for curvature, predicted, measured in zip(
        (0.1, 2.0), panel.predicted, panel.measured, strict=True
    ):
        kept = beta if rule is momentum else beta * (1 - lr * curvature)
        rho = np.abs(np.roots([1, -(1 - lr * curvature + kept), kept])).max()
        assert predicted == pytest.approx(rho, abs=1e-7)
        assert np.isnan(measured) or measured == pytest.approx(rho, rel=0.06)
    assert np.isfinite(panel.measured[0])
    assert f"ρ = {panel.predicted[0]:.3g}, measured {panel.measured[0]:.3g}" in panel.says
    flat, steep = panel.predicted
    deciding = "flat direction decides" if flat > steep else "steep direction decides"
    expected = "two directions are equally fast" if abs(flat - steep) < 1e-6 else deciding
    possible = {momentum: (20**0.5 - 1) / (20**0.5 + 1), nesterov: 1 - 2 / 61**0.5}[rule]
    best = f"ρ = {max(flat, steep):.3g}, the best possible is {possible:.3g}."
    assert f"The {expected}: {best}" in panel.says


SLANTED = least_squares(np.array([[1.0, 0.2], [0.3, 2.0], [-0.5, 1.0]]), np.array([1.0, 2.0, 0.5]))


@pytest.mark.parametrize("rule", [momentum, nesterov])
@pytest.mark.parametrize("landscape", [ravine(20), SLANTED], ids=lambda x: x.name)
def test_what_the_phase_map_draws(rule: Callable, landscape: Landscape) -> None:
    """Also where the minimum is not the origin and the axes of the bowl are not x and y."""
    panel = phase_map(rule, landscape, lr=0.2, beta=0.6, steps=50)
    curvatures, vectors = np.linalg.eigh(landscape.hessian)
    errors = np.abs((panel.path.points - landscape.minima[0]) @ vectors)
    for i, curvature in enumerate(curvatures):
        kept = 0.6 if rule is momentum else 0.6 * (1 - 0.2 * curvature)
        roots = np.roots([1, -(1 - 0.2 * curvature + kept), kept])
        drawn = panel._eigenvalues[i].get_xydata() @ [1, 1j]
        np.testing.assert_allclose(np.sort_complex(drawn), np.sort_complex(roots), atol=1e-7)
        np.testing.assert_allclose(panel._points[i].get_xydata(), [[0.2 * curvature, 0.6]])
        shown = np.clip(errors[:, i], 1e-11, None)
        np.testing.assert_allclose(panel._errors[i].get_ydata(), shown, rtol=1e-9, atol=1e-15)
        rho = np.abs(roots).max()
        forecast = np.clip(errors[0, i] * rho ** np.arange(51), 1e-11, None)
        np.testing.assert_allclose(panel._forecasts[i].get_ydata(), forecast, rtol=1e-5)


def test_the_phase_map_of_a_run_along_one_axis_alone() -> None:
    along = quadratic(np.diag([0.1, 2.0]), start=(1.0, 0.0), window=((-1.0, 1.0), (-1.0, 1.0)))
    assert_tells(phase_map(momentum, along, lr=0.1))


def test_a_phase_map_without_eigenvalues_tells_the_same() -> None:
    bare, full = (phase_map(momentum, ravine(), eigenvalues=e, lr=0.2) for e in (False, True))
    assert bare.says == full.says
    assert [ax.get_title(loc="left") for ax in full.figure.figure.axes].count("Eigenvalues") == 1
    assert "Eigenvalues" not in [ax.get_title(loc="left") for ax in bare.figure.figure.axes]


# error_parts


@pytest.mark.parametrize("landscape", [ravine(20), ravine(20, 0.5), SLANTED], ids=lambda x: x.name)
def test_the_parts_of_an_error_are_those_of_two_walks_in_one_dimension(
    landscape: Landscape,
) -> None:
    panel = error_parts(momentum, landscape, lr=0.2, beta=0.6, steps=30)
    for curvature, part in zip(landscape.curvatures, panel.parts.T, strict=True):
        alone = descend(momentum, parabola(curvature), (part[0],), steps=30, lr=0.2, beta=0.6)
        np.testing.assert_allclose(part, alone.points[:, 0], atol=1e-12)
    whole = landscape.minima[0] + panel.parts @ panel.directions.T
    np.testing.assert_allclose(whole, panel.path.points, atol=1e-12)


def test_the_shadows_stand_below_and_beside_the_walker() -> None:
    panel = error_parts(momentum, ravine(), lr=0.5, beta=0.8)
    for t in (0, 3, 40):
        panel.controls["step"].value = t
        x, y = panel.path.points[t]
        flat, steep = (np.ravel(shadow.get_xydata()) for shadow in panel._shadows)
        np.testing.assert_allclose([flat, steep], [[x, 0], [0, y]], atol=1e-12)


def test_the_sentence_counts_the_swings() -> None:
    panel = error_parts(gradient_descent, ravine(), lr=0.9)
    assert (
        "steep direction the error goes from 2 to 0.000266 and changes sign 40 times" in panel.says
    )
    panel.controls["lr"].value = 1.2
    assert_tells(panel)
    assert panel.path.diverged or abs(panel.parts[-1, 1]) > 2


# factor_lab


@pytest.mark.parametrize("landscape", [ravine(), ravine(7, 0.4), SLANTED], ids=lambda x: x.name)
def test_the_factors_of_gradient_descent_are_one_minus_eta_lambda(landscape: Landscape) -> None:
    panel = factor_lab(gradient_descent, landscape, lr=0.1, steps=20)
    for lr in (0.02, 0.3, 1.0, 1.3):
        panel.controls["lr"].value = lr
        expected = 1 - panel.settings["lr"] * landscape.curvatures
        np.testing.assert_allclose(panel.factors, expected, rtol=1e-6)
        again = panel.parts[0] * expected ** np.arange(21)[:, np.newaxis]
        np.testing.assert_allclose(panel.parts, again, rtol=1e-5, atol=1e-9)
        for factor, (_, _, title, word) in zip(expected, panel._balls, strict=True):
            assert f"× {factor:.2f} per step" in title.get_text().replace("−", "-")
            assert word.get_text() == behaviour(factor)
        assert_tells(panel)


def test_the_valley_of_the_factor_lab_becomes_narrower() -> None:
    panel = factor_lab(gradient_descent, ravine, lr=0.7, goal=1e-6, stars=(100, 85, 77))
    assert panel.stars == 0
    for condition, stars in ((1.0, 3), (100.0, 0), (20.0, 0)):
        panel.controls["condition"].value = condition
        low, high = panel.landscape.curvatures
        assert high / low == pytest.approx(condition)
        np.testing.assert_allclose(panel.factors, [1 - 0.7 * low, 1 - 0.7 * high])
        assert panel.stars == stars and f"κ = {condition:.3g}" in panel._settings.get_text()
        assert_tells(panel)


def test_the_factor_lab_from_a_start_on_one_of_its_lines() -> None:
    panel = factor_lab(gradient_descent, ravine(), lr=0.4)
    panel.begin_at((0.0, 2.0))
    assert np.isnan(panel.factors[0]) and panel.factors[1] == pytest.approx(0.2)
    assert "nothing left" in panel._balls[0][2].get_text()
    assert_tells(panel)


def test_behaviour_in_words() -> None:
    told = [behaviour(factor) for factor in (0.5, 0.0, -0.5, -1.0, -1.2, 1.1, np.nan)]
    hops = ["hops across, and arrives", "hops for ever"]
    assert told == ["creeps, from one side", "lands at once", *hops, "flies away", "flies away", ""]


# noise_lab


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov])
def test_every_corner_of_the_noise_lab(rule: Callable) -> None:
    panel = noise_lab(rule, ravine(20, 0.3), lr=0.05, steps=200)
    rng = np.random.default_rng(4)
    for control in panel.controls.values():
        kept, told, shown = control.value, text(panel.readout), picture(panel)
        for value in places(control, rng):
            control.value = value
            assert_tells(panel)
        assert text(panel.readout) != told and (np.abs(picture(panel) - shown) > 60).any()
        control.value = kept


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov])
def test_the_noise_floor_is_the_predicted_one_and_falls_with_the_batch(rule: Callable) -> None:
    panel = noise_lab(rule, ravine(2), noise=2.0, lr=0.05, steps=10_000)
    assert panel.measured == pytest.approx(panel.predicted, rel=0.2)
    single = panel.predicted
    for batch in (64,):
        panel.controls["batch"].value = batch
        assert panel.predicted == pytest.approx(single / batch)
        assert panel.measured == pytest.approx(panel.predicted, rel=0.2)
        assert f"{10_000 * batch} gradients of single samples" in panel.says


def test_the_noise_floor_by_hand() -> None:
    panel = noise_lab(gradient_descent, ravine(20), noise=2.0, lr=0.5)
    expected = sum(0.5 * c * 0.5 * 4 / (c * (2 - 0.5 * c)) for c in (0.1, 2.0))
    assert panel.predicted == pytest.approx(expected)
    assert panel._floor.get_ydata()[0] == panel.predicted
    widths = [4 * np.sqrt(0.5 * 4 / (c * (2 - 0.5 * c))) for c in (0.1, 2.0)]
    np.testing.assert_allclose([panel._cloud.width, panel._cloud.height], widths)


def test_partly_applied_rules_in_the_labs_of_theory() -> None:
    heavy = partial(momentum, beta=0.5)
    assert noise_lab(heavy, ravine(), lr=0.1).predicted == pytest.approx(
        noise_lab(momentum, ravine(), lr=0.1, beta=0.5).predicted
    )
    assert phase_map(heavy, ravine(), lr=0.1).says == phase_map(
        momentum, ravine(), lr=0.1, beta=0.5
    ).says  # fmt: skip


def test_the_cloud_of_the_noise_lab_is_around_the_minimum() -> None:
    panel = noise_lab(gradient_descent, SLANTED, noise=1.0, lr=0.05, steps=4000)
    np.testing.assert_allclose(panel._cloud.center, SLANTED.minima[0])
    late = panel.path.points[2000:] - SLANTED.minima[0]
    np.testing.assert_allclose(late.mean(axis=0), 0, atol=0.1)
    angle = np.radians(panel._cloud.angle)
    along = late @ [np.cos(angle), np.sin(angle)]
    across = late @ [-np.sin(angle), np.cos(angle)]
    sizes = [panel._cloud.width, panel._cloud.height]
    np.testing.assert_allclose([4 * along.std(), 4 * across.std()], sizes, rtol=0.15)


def test_above_the_limit_there_is_no_noise_floor() -> None:
    panel = noise_lab(gradient_descent, ravine(20), lr=1.5)
    assert "Not stable at this learning rate" in panel.says
    assert not panel._cloud.get_visible() and not panel._floor.get_visible()
    panel.controls["lr"].value = 0.1
    assert panel._cloud.get_visible() and "theory expects" in panel.says


# predict

CHOICES = {"it shrinks": "Yes: <0.6 a step>.", "it grows": "No & no.", "it stays": "Not that."}


class Experiment:
    """An answer and a picture that know whether they were asked for."""

    def __init__(self, truth: object, shown: object = "shown"):
        self.truth, self.shown, self.log = truth, shown, []

    def answer(self) -> object:
        self.log.append("answer")
        return self.truth

    def reveal(self) -> object:
        self.log.append("reveal")
        return self.shown


def asked(truth: object = "it shrinks", **how: object):
    experiment = Experiment(truth, how.pop("shown", "shown"))
    question = "What does the error do with η λ = 0.4 < 1?"
    panel = predict(
        question, answer=experiment.answer, reveal=experiment.reveal, why="Because 1 − 0.4.",
        **({"choices": CHOICES} | how),
    )  # fmt: skip
    return panel, experiment


def test_before_the_answer_nothing_is_computed_or_told() -> None:
    panel, experiment = asked()
    assert panel.state == "open" and panel.right is None
    assert panel.entry.value is None and panel.button.disabled
    assert list(panel.entry.options) == list(CHOICES)
    panel._repr_mimebundle_()
    for choice in CHOICES:
        panel.entry.value = choice
        assert not panel.button.disabled
    assert experiment.log == [] and panel.readout.value == "" and not panel.shown.children
    told = "".join(map(str, (panel.says, panel.get_state())))
    assert "Because" not in told and "0.6 a step" not in told


def test_committing_without_a_choice_asks_for_one() -> None:
    panel, experiment = asked()
    panel.submit()
    assert panel.state == "open" and experiment.log == []
    assert text(panel.readout) == "Choose an answer first."


@pytest.mark.parametrize("choice", CHOICES)
def test_every_choice_gets_its_feedback(choice: str) -> None:
    panel, experiment = asked()
    panel.entry.value = choice
    panel.button.click()
    assert panel.state == "answered" and experiment.log == ["answer", "reveal"]
    assert panel.right == (choice == "it shrinks")
    told = text(panel.readout)
    assert told.startswith("✔ Right." if panel.right else "✘ Not so.")
    assert CHOICES[choice] in told and told.endswith("Because 1 − 0.4.")
    assert ("What happens: it shrinks. Yes" in told) == (not panel.right)
    others = [c for c in CHOICES if c not in (choice, "it shrinks")]
    assert all(CHOICES[other] not in told for other in others)
    assert "<0.6" not in panel.readout.value  # escaped: it is text, not markup


def test_an_answer_is_final() -> None:
    panel, experiment = asked()
    panel.entry.value = "it grows"
    panel.button.click()
    told = panel.readout.value
    assert panel.button.disabled and panel.entry.disabled
    panel.entry.value = "it shrinks"
    assert panel.button.disabled
    panel.button.click()
    panel.submit()
    assert panel.right is False and panel.readout.value == told
    assert experiment.log == ["answer", "reveal"]


@pytest.mark.parametrize(
    ("given", "right"),
    [(4.0, False), (4.4, False), (4.5, True), (5.0, True), (5.5, True), (6, False)],
)
def test_a_number_is_right_within_its_tolerance(given: float, right: bool) -> None:
    panel, experiment = asked(5.0, choices=None, number=(0.0, 10.0), within=0.5)
    assert panel.entry.value == "" and panel.button.disabled  # no number is suggested
    panel.entry.value = f"{given}"
    assert experiment.log == [] and not panel.button.disabled
    panel.button.click()
    assert panel.right is right and panel.state == "answered"
    assert f"You said {given:g}; the experiment says 5." in text(panel.readout)
    assert panel.entry.disabled and panel.button.disabled


@pytest.mark.parametrize("given", ["99", "0.5", "", "many", "nan"])
def test_what_is_no_number_or_too_large_is_no_guess(given: str) -> None:
    panel, experiment = asked(5.0, choices=None, number=(1.0, 10.0))
    panel.entry.value = given
    panel.submit()
    assert panel.state == "open" and not experiment.log and "number" in text(panel.readout)


def test_guess_and_truth_are_drawn_where_they_are() -> None:
    panel, _ = asked(5.0, choices=None, number=(0.0, 20.0), within=0.5)
    panel.entry.value = "15"
    panel.submit()
    assert re.findall(r"left:([\d.]+)%", panel.readout.value) == ["25.0", "75.0"]


def test_a_question_that_is_skipped_reveals_and_judges_nothing() -> None:
    for panel, experiment in (asked(), asked(5.0, choices=None, number=(0, 10))):
        assert "course-open-question" in panel._dom_classes
        panel.pass_by.click()
        assert panel.state == "skipped" and panel.right is None and panel.shown.children
        assert text(panel.readout).startswith("What happens: ")
        assert panel.entry.disabled and panel.button.disabled and panel.pass_by.disabled
        assert "course-open-question" not in panel._dom_classes
        panel.submit()
        panel.skip()
        assert panel.state == "skipped" and experiment.log == ["answer", "reveal"]


def test_a_number_without_tolerance_must_be_exact() -> None:
    for given, right in ((5.0, True), (5.001, False)):
        panel, _ = asked(5, choices=None, number=(0, 10))
        panel.entry.value = str(given)
        panel.submit()
        assert panel.right is right


def test_what_is_revealed_is_shown() -> None:
    picture = trajectory(descend(adam, beale, steps=5))
    panels = (picture, explore(adam, beale, steps=3), "a < b")
    kinds = (widgets.HTML, Explorer, widgets.HTML)
    for shown, kind in zip(panels, kinds, strict=True):
        panel, _ = asked(shown=shown)
        panel.entry.value = "it shrinks"
        panel.submit()
        (child,) = panel.shown.children
        assert isinstance(child, kind)
        if isinstance(shown, Picture):
            assert "image/png;base64,iVBOR" in child.value and f'alt="{picture.alt}"' in child.value
        if isinstance(shown, str):
            assert child.value == "a &lt; b"


def test_without_reveal_or_why_there_is_feedback_alone() -> None:
    panel = predict("?", CHOICES, answer=lambda: "it stays")
    panel.entry.value = "it stays"
    panel.submit()
    assert text(panel.readout) == "✔ Right.  Not that." and not panel.shown.children


def test_a_failing_experiment_leaves_the_question_open() -> None:
    def fails() -> str:
        raise RuntimeError("no")

    panel = predict("?", CHOICES, answer=fails)
    panel.entry.value = "it stays"
    with pytest.raises(RuntimeError):
        panel.submit()
    assert panel.state == "open" and not panel.entry.disabled


def test_the_question_in_text() -> None:
    panel, _ = asked()
    assert panel.says.startswith(
        "Predict. What does the error do with η λ = 0.4 < 1?\n  ( ) it shr"
    )
    data, metadata = panel._repr_mimebundle_()
    assert data["text/plain"] == panel.says and "image/png" not in data and metadata == {}
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "&lt; 1?" in panel.children[0].value
    number, _ = asked(5, choices=None, number=(0, 10))
    assert number.says.endswith("(a number)") and number.entry.description == "your number:"
    assert panel.button.description == "Commit"


# doctor and small things


def test_the_doctor_answers() -> None:
    panel = doctor()
    assert panel.readout.value == "" and "make lab" in panel.says
    panel.button.click()
    assert "All is well" in text(panel.readout) and np.__version__ in text(panel.readout)


def test_read_outs_are_announced_and_skip_what_is_empty() -> None:
    assert text(widgets.HTML(says_html("a", "", "b"))).split() == ["a", "b"]
    assert 'aria-live="polite"' in says_html("a") and says_html().count("<div") == 1


def test_settings_in_words() -> None:
    told = settings_in_words({"lr": 0.1, "beta1": 0.9, "weight_decay": 0.01, "mine": 1e-7})
    assert told == "η = 0.1, β₁ = 0.9, λ = 0.01, mine = 1e-07"


def test_a_plain_panel_must_say_something() -> None:
    with pytest.raises(NotImplementedError):
        _ = Panel([]).says
