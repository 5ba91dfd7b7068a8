"""Races: the surface and its turning, paths in the same place, and races as files."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence

from course_lib.descent import descend
from course_lib.labs import race_files
from course_lib.labs.race import nesting, race
from course_lib.landscapes import beale, bowl, cubic, parabola, ravine, saddle
from course_lib.optimizers import adadelta, adagrad, adam, gradient_descent, momentum, nesterov

CLASSIC = [gradient_descent, momentum, nesterov, adagrad, adadelta, adam]


def small_race(**more):
    return race([gradient_descent, adam], beale, steps=12, lr=0.01, **more)


def picture(panel) -> np.ndarray:
    return np.asarray(panel.figure.frame(), dtype=int)


# On the surface


@pytest.mark.parametrize(
    ("azimuth", "elevation", "end_on"),
    [(-60, 35, ""), (-60, 90, "z"), (0, 0, "x"), (180, 10, "x"), (90, 0, "y"), (90, 45, "")],
)
def test_an_axis_seen_end_on_has_no_numbers(azimuth: int, elevation: int, end_on: str) -> None:
    panel = small_race(view="3d")
    panel.controls["azimuth"].value, panel.controls["elevation"].value = azimuth, elevation
    for name, axis in zip("xyz", panel._ground._axis_map.values(), strict=True):
        assert axis.label.get_visible() == (name not in end_on)
        assert (axis.get_tick_params().get("labelcolor") == "none") == (name in end_on)


def test_a_path_on_the_surface_has_the_heights_of_the_landscape() -> None:
    panel = race(CLASSIC, saddle, steps=40, view="3d", lr=0.05)
    for trace, path in zip(panel._traces, panel.paths, strict=True):
        x, y, z = trace._path._verts3d
        inside = np.isfinite(x)
        np.testing.assert_allclose(z[inside], saddle(np.stack([x, y], axis=-1)[inside]))
        within = (np.abs(path.points) <= [1.5, 1.0]).all(axis=1)
        np.testing.assert_allclose(np.stack([x, y], axis=-1)[within], path.points[within])


def test_a_path_ends_at_the_border_of_the_surface_where_it_leaves_the_window() -> None:
    panel = race([(gradient_descent, {"lr": 1.0})], saddle, start=(0.4, 0.0), steps=8, view="3d")
    x, y, _ = panel._traces[0]._path._verts3d
    seen = np.isfinite(x)
    np.testing.assert_allclose(x[seen], [0.4, 0.8, 1.5])  # 0.4, 0.8, 1.6, 3.2, …
    np.testing.assert_allclose(y[seen], 0)


@pytest.mark.parametrize(("azimuth", "elevation"), [(-60, 35), (120, 35), (30, 5), (0, 90)])
def test_no_path_is_hidden_behind_the_surface(azimuth: int, elevation: int) -> None:
    """The marks change as many pixels of a picture with the surface as of one without it."""
    panel = race([gradient_descent], bowl(), steps=30, view="3d", lr=0.1)
    panel.controls["azimuth"].value, panel.controls["elevation"].value = azimuth, elevation
    ground = panel._ground
    changed = []
    for visible in (True, False):
        for surface in ground.collections:
            surface.set_visible(visible)
        panel.figure.refresh()
        panel.show(30)
        with_path = picture(panel)
        panel._traces[0]._path.set_data_3d([], [], [])
        changed.append((np.abs(with_path - picture(panel)).sum(axis=-1) > 200).sum())
    assert changed[0] > 0.9 * changed[1] > 100


def test_turning_moves_the_surface_and_keeps_the_step() -> None:
    panel = small_race(view="3d")
    panel.controls["step"].value = 5
    before = picture(panel)
    panel.controls["azimuth"].value = 20
    turned = picture(panel)
    assert (np.abs(turned - before) > 60).any()
    assert panel._title.get_text() == "step 5" and panel._ground.azim == 20
    panel.controls["elevation"].value = 80
    assert panel._ground.elev == 80 and (np.abs(picture(panel) - turned) > 60).any()


def test_a_redraw_of_the_surface_shows_what_drawing_it_anew_does() -> None:
    panel = small_race(view="3d")
    panel.controls["azimuth"].value = 10
    panel.controls["step"].value = 3
    fast = picture(panel)
    panel.figure.refresh()
    assert np.abs(fast - picture(panel)).max() <= 2


@pytest.mark.parametrize("landscape", [ravine(), cubic, saddle], ids=lambda on: on.name)
def test_diverging_runs_on_a_surface_are_silent(landscape) -> None:
    panel = race([momentum, adam], landscape, steps=60, view="3d", lr=3.0)
    for step in (0, 1, 30, 60):
        panel.controls["step"].value = step


# In the same place


def test_paths_in_the_same_place_are_drawn_inside_each_other() -> None:
    same = [
        descend(momentum, ravine(), lr=0.1, beta=0.0),
        descend(gradient_descent, ravine(), lr=0.1),
    ]
    elsewhere = descend(gradient_descent, ravine(), start=(5, -3), lr=0.1, steps=20)
    assert nesting([*same, elsewhere]) == [1, 0, 0]
    assert nesting([same[0]] * 3) == [2, 1, 0] and nesting([same[0]] * 6) == [3, 3, 3, 2, 1, 0]
    panel = race([(momentum, {"lr": 0.1, "beta": 0.0}), (gradient_descent, {"lr": 0.1})], ravine())
    wide, thin = (trace._path.get_linewidth() for trace in panel._traces)
    assert wide > thin + 1


def test_of_two_equal_paths_both_colours_are_seen() -> None:
    panel = race([(momentum, {"lr": 0.1, "beta": 0.0}), (gradient_descent, {"lr": 0.1})], ravine())
    for trace in panel._traces:
        for mark in (trace._path, trace._head):
            mark.set_marker("")
    shown = picture(panel)
    shown = shown[:, : shown.shape[1] // 2]  # the ground
    assert (np.abs(shown - [0, 0, 0]).sum(axis=-1) < 30).sum() > 50  # gradient descent, black
    assert (np.abs(shown - [0xE6, 0x9F, 0x00]).sum(axis=-1) < 30).sum() > 50  # momentum, orange


def test_the_read_out_tells_who_is_with_whom() -> None:
    panel = race([(momentum, {"beta": 0.0}), gradient_descent, adam], ravine(), steps=30, lr=0.3)
    assert panel.together(30)[0] == "Momentum and Gradient descent are in the same place."
    assert panel.together(0) == ["Momentum, Gradient descent and Adam are in the same place."]
    panel = race([gradient_descent, momentum], ravine(), steps=1, lr=0.01)
    panel.paths[1].points[1] += [0.01, 0]
    assert panel.together(1) == ["Gradient descent and Momentum are within 0.01 of each other."]
    panel.controls["step"].value = 0
    assert "are in the same place" in panel.readout.value


# As files


def test_a_gif_opens_and_has_its_pictures(tmp_path) -> None:
    panel = small_race()
    panel.controls["step"].value = 4
    before = picture(panel)
    file = panel.save(tmp_path / "race.gif", frames=5, frames_per_second=10)
    with Image.open(file) as gif:
        assert (gif.format, gif.n_frames, gif.info["loop"]) == ("GIF", 5, 0)
        frames = [np.asarray(f.convert("RGB"), dtype=int) for f in ImageSequence.Iterator(gif)]
        pauses = [f.info["duration"] for f in ImageSequence.Iterator(gif)]
    assert pauses == [100, 100, 100, 100, 2000]
    for one, other in pairwise(frames):
        assert (np.abs(one - other) > 60).any()
    np.testing.assert_array_equal(picture(panel), before)  # the panel is as it was


def test_a_gif_has_no_more_pictures_than_steps(tmp_path) -> None:
    file = race([adam], parabola(), steps=3).save(str(tmp_path / "short.gif"))
    with Image.open(file) as gif:
        assert gif.n_frames == 4


def data_of(page: str) -> dict:
    return json.loads(re.search(r"const race = (.*);\n", page)[1].replace("<\\/", "</"))


@pytest.mark.parametrize("view", ["2d", "3d"])
def test_a_page_holds_every_point_and_needs_nothing_else(view: str, tmp_path) -> None:
    panel = race(CLASSIC, saddle, steps=50, view=view, lr=0.05)
    page = panel.save(tmp_path / "race.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]+\.|<link|\bsrc=|@import|fetch\(|import\(", page)
    data = data_of(page)
    assert (data["steps"], data["view"]) == (50, view)
    for run, path in zip(data["runs"], panel.paths, strict=True):
        np.testing.assert_allclose(run["points"], path.points, rtol=1e-5)
        np.testing.assert_allclose(run["gaps"], path.gap, rtol=1e-5)
    grid = np.array(data["surface"])
    x, y = np.linspace(-1.5, 1.5, 31), np.linspace(-1, 1, 31)
    np.testing.assert_allclose(grid, -(x**2) / 2 + y[:, np.newaxis] ** 2, atol=1e-5)
    assert '<html lang="en">' in page and "aria-live" in page and page.count("<label") >= 4


def test_a_page_of_one_coordinate_and_of_a_diverging_run(tmp_path) -> None:
    panel = race([(gradient_descent, {"lr": 3.0}), adam], parabola(), steps=600)
    data = data_of(panel.save(tmp_path / "p.html").read_text(encoding="utf-8"))
    assert data["surface"] is None and data["dim"] == 1
    assert data["runs"][0]["diverged"] == panel.paths[0].diverged
    assert len(data["runs"][0]["points"]) == len(panel.paths[0].points)


def test_a_title_cannot_break_out_of_the_page(tmp_path) -> None:
    def sneaky(grad, x, lr=0.1):
        while True:
            x = x - lr * grad(x)
            yield x

    sneaky.__name__ = "</script><b>"
    page = race([sneaky], ravine(), steps=3).save(tmp_path / "s.html").read_text(encoding="utf-8")
    assert page.count("</script>") == 1 and "<b>" not in page.replace("<\\/script><b>", "")
    assert data_of(page)["runs"][0]["name"] == "</script><b>"


@pytest.mark.parametrize("name", ["race.gif", "race.html"])
def test_an_existing_file_is_kept_unless_one_says_so(name: str, tmp_path) -> None:
    file = tmp_path / name
    file.write_text("precious")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        small_race().save(file)
    assert file.read_text() == "precious"
    small_race().save(file, overwrite=True, frames=2)
    assert file.stat().st_size > 1000


def test_progress_in_text_and_as_a_widget(capsys, monkeypatch) -> None:
    assert list(race_files.with_progress("abc", "letters")) == ["a", "b", "c"]
    assert capsys.readouterr().err.endswith("letters: 3 of 3\n")
    shown = []
    monkeypatch.setattr(race_files, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", shown.append)
    values = [bar.value for _ in race_files.with_progress("abc", "letters") for bar in shown]
    assert values == [0, 1, 2] and (shown[0].max, shown[0].value) == (3, 3)
    assert capsys.readouterr().err == ""


# One rate for all: the game of lesson 12


def test_one_rate_for_all_moves_every_rule_and_counts_the_winners() -> None:
    panel = race([gradient_descent, momentum, adam], ravine(), steps=60, one_for_all="lr", lr=0.05)
    assert panel.won == ["Momentum"] and panel.labels == ["Gradient descent", "Momentum", "Adam"]
    assert "★☆☆ Momentum (1 of 3)" in panel.readout.value
    panel.controls["lr"].value = 0.8
    assert {path.hyperparameters["lr"] for path in panel.paths} == {0.8}
    assert panel.won == ["Momentum", "Gradient descent"]
    panel.controls["step"].value = 0  # only the end of a race counts
    panel.controls["lr"].value = 0.34
    assert "Adam" not in panel.won
    panel.controls["step"].value = 60
    assert panel.won[-1] == "Adam" and "(3 of 3)" in panel.readout.value
    assert "0.34 for all" in panel._settings.get_text()


def test_one_rate_for_all_needs_the_rate_that_it_begins_with() -> None:
    with pytest.raises(
        ValueError, match=r"one_for_all needs a value to begin with, e\.g\. lr=0\.1"
    ):
        race([adam, momentum], ravine(), one_for_all="lr")


def test_on_a_surface_a_path_below_others_is_a_band_and_an_overflow_is_a_burst() -> None:
    entries = [(momentum, {"lr": 0.01}), (adam, {"lr": 0.1})]
    panel = race([(gradient_descent, {"lr": 0.01}), *entries], cubic, steps=60, view="3d")
    bursts = [trace._leaves._verts3d[0].size for trace in panel._traces]
    assert bursts == [0, 1, 0] and panel.paths[1].diverged
    same = race([(momentum, {"beta": 0.0}), gradient_descent], saddle, steps=60, view="3d", lr=0.05)
    wide, thin = (trace._path.get_linewidth() for trace in same._traces)
    assert wide > thin + 2 and all(t._path.get_marker() == "" for t in same._traces)


def test_without_a_minimum_the_loss_ends_where_all_have_left() -> None:
    panel = race([(gradient_descent, {"lr": 0.05})], saddle, steps=500, view="3d")
    assert 250 < panel._traces[0]._loss.axes.get_xlim()[1] < 300
