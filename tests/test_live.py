"""The live picture, kernel side: what is sent, what touching does, what closing frees."""

import gc
import inspect
import struct
import weakref
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

from course_lib import (
    adam,
    beale,
    descend,
    doctor,
    error_parts,
    explore,
    factor_lab,
    gradient_descent,
    inside,
    microscope,
    momentum,
    noise_lab,
    parabola,
    phase_map,
    race,
    ravine,
    turned,
    units,
)
from course_lib.pictures import live
from course_lib.pictures.live import Panel
from course_lib.pictures.overlay import overlay_png


@pytest.fixture(autouse=True)
def forgotten_afterwards() -> Iterator[None]:
    yield
    widgets.Widget.close_all()


def heard(panel: Panel, kind: str, area: int = 0, **where: float) -> dict:
    """The panel gets an event from its front end; what it answers."""
    answers = []
    panel.figure.image.send = answers.append
    panel.figure._heard(panel.figure.image, {"n": 7, "kind": kind, "area": area, **where}, [])
    assert [answer["done"] for answer in answers] == [7]
    return answers[0]


# Frames


def test_a_frame_is_the_marks_alone_and_gives_their_colours_back() -> None:
    pixels = np.full((40, 60, 4), (255, 255, 255, 0), np.uint8)
    pixels[10:14, 20:50] = (213, 94, 0, 255)
    pixels[14, 20:50] = (213, 94, 0, 119)
    file, x, y = overlay_png(pixels)
    assert (x, y) == (20, 10) and struct.unpack(">II", file[16:24]) == (30, 5)
    shown = np.array(Image.open(BytesIO(file)).convert("RGBA"))
    np.testing.assert_array_equal(shown, pixels[10:15, 20:50])


def test_more_colours_than_a_palette_has_are_told_nearly() -> None:
    rng = np.random.default_rng(0)
    pixels = np.zeros((100, 100, 4), np.uint8)
    pixels[:30, :30] = rng.integers(9, 256, (30, 30, 4))
    file, x, y = overlay_png(pixels)
    assert (x, y) == (0, 0)
    shown = np.array(Image.open(BytesIO(file)).convert("RGBA"), int)
    assert np.abs(shown - pixels[:30, :30]).mean() < 40


def test_an_empty_frame_is_empty_and_a_full_one_is_a_photograph() -> None:
    assert overlay_png(np.zeros((9, 9, 4), np.uint8)) == (b"", 0, 0)
    assert overlay_png(np.full((9, 9, 4), 255, np.uint8)) is None
    frame = turned([momentum, adam]).figure.image.frame
    assert bytes(frame["file"]).startswith(b"\xff\xd8") and (frame["x"], frame["y"]) == (0, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: explore(adam, beale, steps=200, lr=0.05),
        lambda: race([gradient_descent, momentum, adam], beale, lr=0.01),
        lambda: phase_map(momentum, ravine(), lr=0.1),
    ],
    ids=["explore", "race", "phase_map"],
)
def test_a_move_sends_less_than_25_kilobytes(make: Callable[[], Panel]) -> None:
    panel = make()
    ground = panel.figure.image.ground
    heard(panel, "down", x=0.3, y=0.7)
    assert 500 < len(panel.figure.image.frame["file"]) < 25_000
    assert panel.figure.image.ground is ground  # which the front end keeps


def test_a_sharper_screen_gets_more_pixels_and_a_usual_one_the_same() -> None:
    panel = explore(adam, beale, lr=0.1)
    before = panel.figure.image.ground["number"]
    heard(panel, "view", width=920, ratio=1)
    assert panel.figure.image.ground["number"] == before
    heard(panel, "view", width=920, ratio=2)
    file = panel.figure.image.ground["file"]
    assert Image.open(BytesIO(file)).size == (1840, 780)
    heard(panel, "view", width=390, ratio=3)  # a phone
    assert Image.open(BytesIO(panel.figure.image.ground["file"])).size[0] >= 1150


# Touch

GROUNDS = {
    "explore": lambda: explore(adam, beale, lr=0.1),
    "race": lambda: race([momentum, adam], beale, lr=0.01),
    "noise_lab": lambda: noise_lab(momentum, ravine(), lr=0.1),
    "error_parts": lambda: error_parts(momentum, ravine(), lr=0.1),
    "factor_lab": lambda: factor_lab(momentum, ravine, lr=0.1),
    "units": lambda: units(adam, beale, lr=0.1),
    "microscope": lambda: microscope(adam, beale, lr=0.1),
    "inside": lambda: inside(adam, beale, lr=0.1, noise=0.1),
}


@pytest.mark.parametrize("lab", GROUNDS)
def test_the_start_goes_where_the_ground_is_touched(lab: str) -> None:
    panel = GROUNDS[lab]()
    (x0, x1), (y0, y1) = panel.landscape.window
    area = panel.figure.areas[0]
    for kind, x, y in (("down", 0.25, 0.5), ("move", 0.5, 0.7), ("up", 0.7, 0.75)):
        heard(panel, kind, x=x, y=y)
        (left, right), (low, high) = area.axes.get_xlim(), area.axes.get_ylim()
        wanted = left + x * (right - left), low + y * (high - low)
        close = 0.002 * np.array([x1 - x0, y1 - y0])
        np.testing.assert_array_less(np.abs(panel.start - wanted), close)
    path = panel.paths[0] if lab == "race" else panel.path
    np.testing.assert_array_equal(path.points[0], panel.start)
    np.testing.assert_allclose(np.ravel(area.artists[1].get_data()), panel.start)


@pytest.mark.parametrize("lab", GROUNDS)
def test_arrow_keys_move_the_start_and_stop_at_the_edge(lab: str) -> None:
    panel = GROUNDS[lab]()
    (x0, _), _ = panel.landscape.window
    axes = panel.figure.areas[0].axes
    shown = np.ptp([axes.get_xlim(), axes.get_ylim()], axis=1)
    before = panel.start
    heard(panel, "key", x=2, y=-1)
    moved = (panel.start - before) / shown
    np.testing.assert_allclose(moved, [0.04, -0.02], atol=0.004)
    heard(panel, "key", x=-1000, y=0)
    assert panel.start[0] == x0  # the window of the landscape; more may be shown


def test_on_a_curve_the_start_has_one_coordinate() -> None:
    panel = explore(gradient_descent, parabola(), lr=0.1, steps=5)
    heard(panel, "down", x=0.75, y=0.1)
    expected = descend(gradient_descent, parabola(), tuple(panel.start), 5, lr=0.1)
    np.testing.assert_array_equal(panel.path.points, expected.points)
    (low, high) = panel.landscape.window[0]
    assert panel.start[0] == pytest.approx(low + 0.75 * (high - low), abs=0.01 * (high - low))


def test_sliders_of_the_start_follow_and_one_touch_is_one_run() -> None:
    runs = []

    def counted(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
        runs.append(tuple(x))
        while True:
            yield (x := x - lr * grad(x))

    panel = explore(counted, ravine(), move_start=True, steps=5)
    runs.clear()
    heard(panel, "down", x=0.2, y=0.9)
    assert runs == [tuple(panel.start)]
    assert tuple(panel.start) == tuple(panel.controls[f"start {c}"].value for c in "xy")


def test_stars_count_from_the_given_start_only() -> None:
    panel = explore(gradient_descent, ravine(), lr=0.9, goal=0.1)
    given, stars = tuple(panel.start), panel.stars
    assert stars > 0 and "★" in panel.verdict
    heard(panel, "down", x=0.52, y=0.48)
    assert panel.stars == 0 and "start was moved" in panel.verdict and "★" not in panel.verdict
    panel.begin_at(given)
    assert panel.stars == stars and "★" in panel.verdict


def test_dragging_along_the_loss_is_the_step() -> None:
    panel = explore(adam, beale, steps=50, lr=0.1)
    heard(panel, "down", area=1, x=0.5, y=0.1)
    assert panel.controls["steps"].value == 25
    heard(panel, "key", area=1, x=3, y=0)
    assert panel.controls["steps"].value == 28
    run = race([momentum, adam], beale, steps=40, lr=0.01)
    heard(run, "move", area=1, x=0.25, y=0.1)
    assert run.controls["step"].value == 10


def test_a_point_of_the_phase_map_is_dragged_and_the_sliders_follow() -> None:
    panel = phase_map(momentum, ravine(), lr=0.1)
    curvatures = panel.landscape.curvatures
    area = panel.figure.areas[0]
    for which in (0, 1):
        x, y = area.shares(panel.settings["lr"] * curvatures[which], panel.settings["beta"])
        heard(panel, "down", x=x, y=y)
        assert area.which == which
        to = area.shares(0.4 * curvatures[which], 0.6)
        heard(panel, "move", x=to[0], y=to[1])
        assert panel.controls["lr"].value == pytest.approx(0.4, rel=0.01)
        assert panel.controls["beta"].value == pytest.approx(0.6, abs=0.001)
        assert panel.path.hyperparameters == panel.settings
        heard(panel, "key", x=5, y=5)


def test_a_surface_turns_as_it_is_dragged() -> None:
    panel = race([momentum, adam], beale, view="3d", lr=0.01, steps=10)
    azimuth, elevation = (panel.controls[k].value for k in ("azimuth", "elevation"))
    heard(panel, "down", x=0.5, y=0.5)
    heard(panel, "move", x=0.6, y=0.4)
    assert panel.controls["azimuth"].value == azimuth - 18
    assert panel.controls["elevation"].value == elevation + 9
    assert (panel._ground.azim, panel._ground.elev) == (azimuth - 18, elevation + 9)
    heard(panel, "key", x=0, y=100)
    assert panel.controls["elevation"].value == 90


def test_turned_begins_at_the_point_that_is_touched() -> None:
    panel = turned([momentum, adam], angle=40)
    heard(panel, "down", area=1, x=0.75, y=0.25)
    for path in panel.paths:
        np.testing.assert_allclose(path.points[0], [0.1, -5.7], atol=0.05)
    assert panel.apart[0] < 1e-9 < panel.apart[1]


def test_the_pointer_is_told_f_and_slope_and_which_curve_this_is() -> None:
    panel = race([momentum, adam], ravine(), lr=0.05, steps=20)
    before = panel.says
    told = heard(panel, "hover", x=0.5, y=0.5)["told"]
    (x0, x1), (y0, y1) = panel.landscape.window
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    assert f"f = {panel.landscape(middle):.3g}" in told and "∇f = (" in told
    area = panel.figure.areas[1]
    for name, path in zip(panel.names, panel.paths, strict=True):
        x, y = area.shares(10, path.gap[10])
        assert heard(panel, "hover", area=1, x=x, y=y)["told"].startswith(f"{name}\nstep 10: ")
    assert panel.says == before
    assert heard(panel, "leave")["told"] == ""


# An error behind a control


def test_an_error_in_a_rule_stands_in_the_read_out_until_it_works_again() -> None:
    def fragile(grad: Callable, x: np.ndarray, lr: float = 0.1) -> Iterator[np.ndarray]:
        while True:
            if lr > 1:
                raise ArithmeticError("lr is <too> large")
            yield (x := x - lr * grad(x))

    panel = explore(fragile, ravine(), steps=5)
    fine = panel.figure.shown()
    panel.controls["lr"].value = 5.0
    assert "No result" in panel.readout.value
    assert "ArithmeticError: lr is &lt;too&gt; large" in panel.readout.value
    assert (np.abs(panel.figure.shown().astype(int) - fine) > 5).mean() > 0.02
    stored = np.array(Image.open(BytesIO(panel.figure.png())).convert("RGB"), int)
    assert (np.abs(stored - fine) > 5).mean() > 0.02
    panel.controls["lr"].value = 0.1
    assert "No result" not in panel.readout.value
    np.testing.assert_array_equal(panel.figure.shown(), fine)


# What is made, and what goes


class Cell:
    """Cells of a front end that tells which one runs, as JupyterLab and VS Code do."""

    def __init__(self) -> None:
        self.runs, self.user_ns = 0, {"Out": {}}

    def run(self, cell: str, make: Callable[[], Panel]) -> Panel:
        self.runs += 1
        self.parent_header = {"header": {"msg_id": str(self.runs)}, "metadata": {"cellId": cell}}
        self.user_ns["Out"][self.runs] = self.user_ns[f"_{self.runs}"] = panel = make()
        return panel


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> Cell:
    shell = Cell()
    monkeypatch.setattr(live, "get_ipython", lambda: shell)
    monkeypatch.setattr(live, "_made", {})
    return shell


def test_a_cell_that_runs_again_closes_what_it_made_and_nothing_else(cells: Cell) -> None:
    def make() -> Panel:
        return explore(adam, beale, lr=0.1, steps=5)

    other, first = cells.run("b", make), cells.run("a", make)
    second = cells.run("a", make)
    assert first.comm is None and first.figure.image.comm is None
    assert all(control.comm is None for control in first.controls.values())
    assert second.comm is not None and other.comm is not None
    assert set(cells.user_ns["Out"].values()) == {other, second}
    gone = weakref.ref(first)
    del first
    gc.collect()
    assert gone() is None


def test_a_cell_keeps_all_panels_of_one_run(cells: Cell) -> None:
    pair = []
    cells.run("a", lambda: pair.extend(explore(adam, beale, lr=0.1, steps=5) for _ in "ab"))
    assert all(panel.comm is not None for panel in pair)


def test_closing_leaves_no_widget(cells: Cell) -> None:
    known = widgets.widgets.widget._instances
    before = set(known)
    panels = [race([momentum, adam], beale, lr=0.01, steps=5), microscope(adam, beale, lr=0.1)]
    assert len(known) > len(before) + 10
    for panel in panels:
        panel.close()
        panel.close()
    assert set(known) == before


def test_the_picture_shows_in_front_ends_without_widgets() -> None:
    panel = explore(adam, beale, lr=0.1)
    data, metadata = panel._repr_mimebundle_()
    assert data["text/plain"] == panel.says == metadata["image/png"]["alt"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id
    assert panel._ipython_display_ is None  # that of ipywidgets 7 would show no picture


def test_the_doctor_names_versions_and_what_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = doctor()
    panel.examine()
    assert f"anywidget {version('anywidget')}" in panel.readout.value
    assert "Limited" not in panel.readout.value

    def of_colab(name: str) -> str:
        if name == "jupyterlab":
            raise PackageNotFoundError(name)
        return "7.7.1" if name == "ipywidgets" else version(name)

    monkeypatch.setattr("course_lib.labs.doctor.version", of_colab)
    panel.examine()
    assert "ipywidgets 7.7.1" in panel.readout.value and "Limited" in panel.readout.value
    assert "jupyterlab" not in panel.readout.value


def test_labs_are_called_by_signatures_that_stand_once() -> None:
    labs = SimpleNamespace(explore=explore, race=race, units=units, turned=turned)
    for name, lab in vars(labs).items():
        parameters = inspect.signature(lab).parameters.values()
        assert all(p.annotation is not p.empty for p in parameters), name
        assert len(inspect.getdoc(lab)) > 100
