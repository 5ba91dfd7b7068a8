"""Still pictures and the live figure: what they show, what they say, and how optimizers look."""

import re
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from ipywidgets import IntSlider
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from course_lib.descent import Path, descend, sweep
from course_lib.family import FAMILY, LOOKS, RULES, title_of
from course_lib.labs.explore import explore
from course_lib.labs.microscope import microscope
from course_lib.labs.race import race
from course_lib.landscapes import (
    LANDSCAPES,
    Landscape,
    beale,
    cubic,
    parabola,
    quadratic,
    ravine,
    saddle,
    styblinski_tang,
    with_noise,
)
from course_lib.optimizers import adadelta, adam, gradient_descent, momentum, nesterov
from course_lib.pictures import style
from course_lib.pictures.charts import curves, heatmap, small_multiples, surface, trajectory
from course_lib.pictures.family_tree import family_tree
from course_lib.pictures.ground import Trace, draw_ground, draw_loss_axes
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.picture import Picture
from course_lib.pictures.style import OTHERS, look_of, new_figure

REAL_DPI = style.DPI


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the resolution, for speed: a quarter of the pixels in the same layout."""
    monkeypatch.setattr(style, "DPI", REAL_DPI / 2)


@pytest.fixture
def fine(coarse: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolution that readers see."""
    monkeypatch.setattr(style, "DPI", REAL_DPI)


def pixels(png: bytes) -> np.ndarray:
    """(height, width, 3) from a picture file, 0 to 255."""
    return np.array(Image.open(BytesIO(png)).convert("RGB"), dtype=int)


def canvas_of(live: LiveFigure) -> np.ndarray:
    return live.shown().astype(int)


def shows(picture: np.ndarray, colour: str, at_least: int = 20) -> bool:
    """Whether that many pixels have a colour, up to what compression does to it."""
    apart = np.abs(picture - 255 * np.array(to_rgb(colour))).max(axis=-1)
    return int((apart < 40).sum()) >= at_least


def assert_is_a_picture(picture: Picture, *words: str) -> None:
    """Not blank, of the right size, with a sentence that stands in the bundle and in the PNG's."""
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}
    assert data["text/plain"] == repr(picture) == picture.alt
    png = b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    shown, (width, height) = pixels(png), picture.figure.get_size_inches()
    assert shown.shape == (int(height * style.DPI), int(width * style.DPI), 3)
    assert (shown != 255).any(axis=-1).mean() > 0.02 and len(np.unique(shown)) > 20
    assert metadata == {"image/png": {"width": round(width * 100), "alt": picture.alt}}
    for word in words:
        assert word in picture.alt
    assert picture.alt.endswith(".") and "nan" not in picture.alt


# The looks of optimizers


def test_every_rule_has_a_look_of_its_own() -> None:
    assert list(LOOKS) == list(RULES)
    triples = {(look.colour, look.marker, look.line) for look in (*LOOKS.values(), *OTHERS)}
    assert len(triples) == len(LOOKS) + len(OTHERS)
    assert all(look_of(name) is LOOKS[name] for name in RULES)


# Machado, Oliveira & Fernandes (2009), "A physiologically-based model for simulation of color
# vision deficiency", IEEE TVCG 15, Table 1, severity 1.0: matrices on linear RGB
COLOUR_VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "no colour": [[0.2126, 0.7152, 0.0722]] * 3,
}


def lab(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(COLOUR_VISION[vision] @ linear, 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    t = to_xyz @ seen / [0.95047, 1.0, 1.08883]
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, vision: str) -> float:
    """ΔE: about 2 can just be seen, 10 is seen at a glance."""
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def test_the_simulation_knows_known_confusions() -> None:
    red, green = "#CC5500", "#6B8E00"
    assert apart(red, green, "normal") > 50 > 20 > apart(red, green, "deuteranopia")
    assert apart("#FFFFFF", "#000000", "no colour") == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_optimizers_are_told_apart_by_colour_or_else_by_marker_and_line(vision: str) -> None:
    for one, other in combinations(LOOKS.values(), 2):
        assert one.marker != other.marker or one.line != other.line
        if vision != "no colour":
            assert apart(one.colour, other.colour, vision) > 10 or one.line != other.line


def test_every_colour_stands_out_from_the_ground() -> None:
    for look in (*LOOKS.values(), *OTHERS):
        for ground in ("#FFFFFF", "#C3CDD5"):
            assert apart(look.colour, ground, "normal") > 20


def test_rules_of_others_share_a_colour_and_neither_line_nor_marker() -> None:
    looks = [look_of("my_rule", i) for i in range(3)]
    assert len({look.line for look in looks}) == len({look.marker for look in looks}) == 3
    assert len({look.colour for look in looks}) == 1
    assert look_of("my_rule", 3) == looks[0]


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("gradient_descent", "Gradient descent"),
        ("adagrad", "AdaGrad"),
        ("rmsprop", "RMSProp"),
        ("adadelta", "AdaDelta"),
        ("adam", "Adam"),
        ("adamax", "AdaMax"),
        ("nadam_scheduled", "Nadam scheduled"),
        ("nadamax", "NadaMax"),
        ("adamw", "AdamW"),
        ("my_rule", "My rule"),
        ("", ""),
    ],
)
def test_titles(rule: str, title: str) -> None:
    assert title_of(rule) == title


# Still pictures


@pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda x: x.name)
def test_a_trajectory_shows_path_and_loss_on_every_landscape(landscape: Landscape) -> None:
    path = descend(adam, landscape, steps=60, lr=0.1)
    picture = trajectory(path)
    assert_is_a_picture(picture, path.summary)
    assert shows(pixels(picture.png()), LOOKS["adam"].colour, 200)


@pytest.mark.parametrize("rule", RULES)
def test_a_trajectory_has_the_look_of_its_rule(rule: str) -> None:
    path = descend(RULES[rule], beale, steps=40, **({"lr": 0.01} if rule != "adadelta" else {}))
    picture = trajectory(path)
    ground, loss = picture.figure.axes
    for ax in (ground, loss):
        labelled = [line for line in ax.lines if line.get_label().startswith(title_of(rule))]
        assert [line.get_color() for line in labelled] == [LOOKS[rule].colour]
        assert [line.get_linestyle() for line in labelled] == [LOOKS[rule].line]
    (drawn,) = [line for line in ground.lines if line.get_label().startswith(title_of(rule))]
    assert drawn.get_marker() == LOOKS[rule].marker


def test_a_trajectory_draws_the_points_and_the_values() -> None:
    path = descend(momentum, beale, steps=30, lr=0.005)
    ground, loss = trajectory(path).figure.axes
    on_ground = next(line for line in ground.lines if line.get_label().startswith("Momentum"))
    in_loss = next(line for line in loss.lines if line.get_label().startswith("Momentum"))
    np.testing.assert_allclose(on_ground.get_xydata(), path.points, rtol=1e-12)
    np.testing.assert_allclose(in_loss.get_xydata(), np.column_stack([range(31), path.values]))
    assert loss.get_yscale() == "log" and loss.get_xlim() == (0, 30)
    crosses = [line.get_xydata()[0] for line in ground.lines if line.get_marker() == "x"]
    np.testing.assert_array_equal(crosses, beale.minima)


def test_a_trajectory_of_several_runs_names_each() -> None:
    paths = [descend(rule, beale, steps=20) for rule in (adam, adadelta)]
    paths.append(descend(adam, beale, steps=20, lr=0.1))
    picture = trajectory(*paths, title="Three runs")
    assert_is_a_picture(picture, *(path.summary for path in paths))
    ground, loss = picture.figure.axes
    assert ground.get_title(loc="left") == "Three runs"
    entries = [text.get_text() for text in loss.get_legend().get_texts()]
    assert entries == ["Adam", "AdaDelta", "Adam, η = 0.1"]
    drawn = {(x.get_color(), x.get_linestyle()) for x in loss.lines if x.get_label() in entries}
    assert len(drawn) == 3  # the second Adam does not look like the first


def test_runs_from_different_starts_say_where_they_start() -> None:
    paths = [descend(adam, beale, start=start, steps=5) for start in ((1, 1), (2, -0.5))]
    loss = trajectory(*paths).figure.axes[1]
    entries = [text.get_text() for text in loss.get_legend().get_texts()]
    assert entries == ["Adam from (1, 1)", "Adam from (2, -0.5)"]


def test_a_landscape_without_minimum_has_a_linear_loss() -> None:
    loss = trajectory(descend(gradient_descent, saddle, steps=30)).figure.axes[1]
    assert loss.get_yscale() == "linear" and loss.get_ylabel() == "f"
    loss = trajectory(descend(gradient_descent, styblinski_tang, steps=3)).figure.axes[1]
    assert loss.get_yscale() == "log" and loss.get_ylabel() == "f − f*"


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov, adam])
@pytest.mark.parametrize("landscape", [ravine(), parabola(), saddle, cubic], ids=lambda x: x.name)
def test_a_diverged_run_is_drawn_without_a_warning(rule: Callable, landscape: Landscape) -> None:
    path = descend(rule, landscape, steps=1000, lr=30.0)
    picture = trajectory(path)
    assert_is_a_picture(picture, path.summary)


def test_the_step_out_of_the_picture_is_drawn_but_not_the_zigzag_beyond() -> None:
    path = descend(gradient_descent, ravine(), steps=50, lr=1.6)
    (_, ground), trace = _trace_on(ravine())
    trace.show(path)
    x, y = next(line for line in ground.lines if line.get_label() == "run").get_data()
    inside = (np.abs(path.points) <= [8, 4]).all(axis=1)
    first_out = int(np.argmin(inside))
    assert np.isfinite(y[: first_out + 1]).all() and np.isnan(y[first_out + 3 :]).all()
    assert np.nanmax(np.abs(y)) < 1e6 and len(x) == 51


def _trace_on(landscape: Landscape) -> tuple[tuple, Trace]:
    figure, ground = new_figure(columns=1)
    draw_ground(ground, landscape)
    return (figure, ground), Trace(LOOKS["adam"], ground, label="run")


def test_only_the_steps_asked_for_are_shown() -> None:
    path = descend(adam, beale, steps=30, lr=0.1)
    (_, ground), trace = _trace_on(beale)
    line = next(line for line in ground.lines if line.get_label() == "run")
    for upto, n in ((0, 1), (7, 8), (30, 31), (99, 31), (None, 31)):
        trace.show(path, upto)
        np.testing.assert_allclose(line.get_xydata(), path.points[:n], rtol=1e-12)


def test_markers_stand_apart() -> None:
    path = descend(gradient_descent, beale, steps=400, lr=0.001)
    (_, ground), trace = _trace_on(beale)
    trace.show(path)
    line = next(line for line in ground.lines if line.get_label() == "run")
    marked = line.get_markevery()
    assert marked[0] == 0 and marked == sorted(set(marked)) and 10 < len(marked) < 100


def test_on_one_coordinate_the_path_runs_along_the_curve() -> None:
    path = descend(gradient_descent, parabola(), steps=5, lr=0.3)
    (_, ground), trace = _trace_on(parabola())
    trace.show(path)
    line = next(line for line in ground.lines if line.get_label() == "run")
    np.testing.assert_allclose(
        line.get_xydata(), np.column_stack([path.points[:, 0], path.values]), rtol=1e-9
    )


def test_curves() -> None:
    x = np.geomspace(0.01, 1, 30)
    picture = curves(
        x, {"measured": x**2, "theory": x}, "Title", "η", "ρ", alt="Two lines.",
        log="xy", marks={"limit": 0.5, "best": 0.1}, dashed=["theory"],
    )  # fmt: skip
    assert_is_a_picture(picture, "Two lines.")
    (ax,) = picture.figure.axes
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert (ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()) == ("Title", "η", "ρ")
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(lines["measured"].get_ydata(), x**2)
    assert lines["theory"].is_dashed() and not lines["measured"].is_dashed()
    assert {text.get_text() for text in ax.texts} == {"limit", "best"}
    assert sorted(line.get_xdata()[0] for line in ax.lines)[-2:] == [0.1, 0.5]
    assert ax.get_legend() is not None
    plain = curves(x, {"measured": x}, "T", "x", "y", alt="One line.").figure.axes[0]
    assert plain.get_legend() is None and plain.get_xscale() == "linear"


def test_curves_of_no_rule_keep_off_the_colours_of_rules() -> None:
    names = ["adam", "tutorial", "Gradient descent", "other", "bound"]
    lines = dict.fromkeys(names, np.arange(3.0))
    ax = curves(
        np.arange(3), lines, "T", "x", "y", alt="Five lines.", dashed=["bound"]
    ).figure.axes[0]
    colours = {line.get_label(): to_hex(line.get_color()) for line in ax.lines}
    assert colours["adam"] == "#0072b2" and colours["Gradient descent"] == "#000000"
    assert len(set(colours.values())) == 5


def test_curves_of_one_name_share_a_look_and_an_entry() -> None:
    lines = {"measured": np.arange(3.0), "bounds": np.ones((2, 3))}
    picture = curves(np.arange(3), lines, "T", "x", "y", alt="Three lines.", dashed=["bounds"])
    (ax,) = picture.figure.axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(lines)
    assert [line.is_dashed() for line in ax.lines] == [False, True, True]


def test_a_heat_map_marks_the_best_and_greys_what_is_lost() -> None:
    grid = sweep(
        momentum, ravine(), steps=60, lr=np.geomspace(0.02, 8, 14), beta=np.linspace(0, 0.9, 10)
    )
    picture = heatmap(grid)
    lost = grid.final >= grid.values[..., 0]
    best = grid.best
    assert 0 < lost.mean() < 1
    assert_is_a_picture(
        picture, "Momentum on the ravine with κ = 20 over lr and beta", f"lr {best['lr']:.3g}",
        f"beta {best['beta']:.3g}", f"{lost.mean():.0%} of the settings",
    )  # fmt: skip
    ax, bar = picture.figure.axes
    assert ax.get_xscale() == "log" and ax.get_yscale() == "linear"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("η", "β")
    assert bar.get_ylabel() == "log₁₀ (f − f*)"
    (star,) = [line for line in ax.lines if line.get_marker() == "*"]
    np.testing.assert_allclose(star.get_xydata(), [[best["lr"], best["beta"]]])
    (mesh,) = [c for c in ax.collections if c.get_array() is not None]
    np.testing.assert_array_equal(np.ma.getmaskarray(mesh.get_array()), lost.T)
    shown = mesh.get_array()[~lost.T]
    np.testing.assert_allclose(shown, np.log10(np.maximum(grid.final.T[~lost.T], 1e-12)))


@pytest.mark.parametrize("landscape", [ravine(), saddle, beale], ids=lambda x: x.name)
def test_a_heat_map_where_everything_diverges_is_drawn(landscape: Landscape) -> None:
    grid = sweep(momentum, landscape, steps=600, lr=[50.0, 90.0, 100.0], beta=[0.1, 0.2])
    assert np.isinf(grid.final).all()
    assert_is_a_picture(heatmap(grid), "100% of the settings")


@pytest.mark.parametrize("landscape", [beale, saddle, styblinski_tang], ids=lambda x: x.name)
def test_a_surface_of_a_landscape(landscape: Landscape) -> None:
    assert_is_a_picture(surface(landscape), f"Surface of {landscape.name}.")


def test_a_surface_shows_paths_on_it() -> None:
    path = descend(momentum, beale, steps=30, lr=0.005)
    picture = surface(beale, path, title="Down")
    assert_is_a_picture(picture, path.summary)
    (ax,) = picture.figure.axes
    assert "Down" in {ax.get_title(loc) for loc in ("left", "center")}
    (line,) = ax.lines
    np.testing.assert_allclose(line.get_data_3d(), [*path.points.T, path.values])
    assert shows(pixels(picture.png()), LOOKS["momentum"].colour)


def test_small_multiples_have_scales_of_their_own_and_let_go_what_flies_away() -> None:
    t = np.arange(20.0)
    panels = {
        "falls": {"ill": 10 * 0.5**t, "well": 10 * 0.1**t},
        "flies": {"ill": 10 * 9.0**t, "well": np.append(10 * 0.9 ** t[:-1], np.nan)},
    }
    picture = small_multiples(panels, "step t", "f", alt="Two losses, one falls and one flies.")
    assert_is_a_picture(picture, "Two losses")
    one, other = picture.figure.axes
    assert one.get_xlabel() == other.get_xlabel() == "step t"
    assert (one.get_title("left"), other.get_title("left")) == ("falls", "flies")
    np.testing.assert_allclose(one.lines[1].get_ydata(), panels["falls"]["well"])
    assert one.get_ylim() == pytest.approx((1e-18 / 1.5, 15))
    assert other.get_ylim() == pytest.approx((10 * 0.9**18 / 1.5, 1e4))
    (legend,) = picture.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["ill", "well"]


def test_four_small_multiples_stand_in_a_row_on_one_scale_from_zero() -> None:
    t = np.arange(10.0)
    panels = {name: {"η": share * t} for name, share in zip("abcd", (1, 2, 3, 4), strict=True)}
    picture = small_multiples(panels, "step t", "η", alt="Four lines that rise.", log=False)
    axes = picture.figure.axes
    assert len({ax.get_subplotspec().rowspan.start for ax in axes}) == 1 and len(axes) == 4
    assert len({ax.get_ylim() for ax in axes}) == 1 and axes[0].get_ylim()[0] == 0
    assert axes[0].lines[0].get_ydata()[0] == 0  # no logarithm loses it
    assert axes[-1].get_ylim()[1] >= 36 and not picture.figure.legends


def test_the_family_tree_names_every_rule_and_its_year() -> None:
    picture = family_tree()
    years = {"Momentum": 1964, "Nesterov": 1983, "AdaGrad": 2011, "RMSProp": 2012}
    years |= {"AdaDelta": 2012, "Adam": 2015, "AdaMax": 2015, "Nadam": 2016, "AdamW": 2019}
    years |= {"AMSGrad": 2018, "Lion": 2023, "Muon": 2024, "Schedule-free": 2024}
    told = [f"{name} ({year}) from " for name, year in years.items()]
    assert_is_a_picture(picture, "Family tree", *told, "NadaMax (lesson 10) from")
    across = {text.get_text(): text.get_position()[0] for text in picture.figure.axes[0].texts}
    for rule in RULES:
        if rule != "nadam_scheduled":
            name = title_of(rule).replace(" ", "\n")
            assert across[name] == across[FAMILY[rule].year]
    columns = [across[year] for year in sorted(map(str, {*years.values(), 1847}))]
    assert columns == sorted(columns)  # left to right is time


def test_no_child_in_the_family_tree_is_older_than_its_parents() -> None:
    for member in FAMILY.values():
        for parent in member.parents:
            assert member.year >= FAMILY[parent].year
    assert FAMILY["gradient_descent"].year == "1847"


# The live figure


SCENES: dict[str, Callable[[], Panel]] = {
    "explore": lambda: explore(adam, beale, lr=0.1),
    "explore with a goal": lambda: explore(gradient_descent, ravine(), goal=0.01),
    "explore one coordinate": lambda: explore(momentum, parabola()),
    "explore without minimum": lambda: explore(nesterov, saddle),
    "explore noise": lambda: explore(adadelta, with_noise(beale, 1.0)),
    "race": lambda: race([gradient_descent, adam, momentum], beale, lr=0.01),
    "microscope": lambda: microscope(momentum, ravine(), lr=0.05),
}


@cache
def panel_of(scene: str) -> Panel:
    """Made once, as the reader sees it; each test moves the sliders where it wants them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "DPI", REAL_DPI)
        return SCENES[scene]()


def step_of(panel: Panel) -> IntSlider:
    return panel.controls.get("steps") or panel.controls["step"]


@pytest.mark.parametrize("scene", SCENES)
def test_a_fast_redraw_shows_what_a_full_one_does(scene: str) -> None:
    panel = panel_of(scene)
    for value in (step_of(panel).min, 3):
        step_of(panel).value = value
        fast = canvas_of(panel.figure)
        panel.figure.refresh()  # the layout, solved anew, may shift things by 1e-16 of the width
        assert np.abs(fast - canvas_of(panel.figure)).max() <= 2


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_of_an_old_picture_is_left_after_a_redraw(scene: str) -> None:
    panel = panel_of(scene)
    step_of(panel).value = 9
    before = canvas_of(panel.figure)
    step_of(panel).value = 2
    assert (canvas_of(panel.figure) != before).any()
    step_of(panel).value = 9
    np.testing.assert_array_equal(canvas_of(panel.figure), before)


@pytest.mark.parametrize("scene", SCENES)
def test_the_picture_sent_is_the_picture_drawn(scene: str) -> None:
    panel = panel_of(scene)
    step_of(panel).value = step_of(panel).max
    live, drawn = panel.figure, canvas_of(panel.figure)
    sent = as_in_the_browser(live)
    for picture, wanted, far in ((sent, live.shown(), 6), (pixels(live.png()), drawn, 12)):
        assert picture.shape == wanted.shape == (487, 1150, 3)
        assert np.abs(picture - wanted.astype(int)).mean() < far
    assert (drawn != 255).any(axis=-1).mean() > 0.03
    assert live.image.size == [920, 390]  # the picture has more pixels: crisp
    assert len(live.png()) < 120_000 and len(live.image.ground["file"]) < 120_000
    whole = scene == "microscope"  # its ground moves with each step
    assert len(live.image.frame["file"]) < (70_000 if whole else 25_000)


def as_in_the_browser(live: LiveFigure) -> np.ndarray:
    """The frame over its ground, as the front end lays it."""
    ground, frame = live.image.ground, live.image.frame
    assert frame["of"] == ground["number"]
    whole = Image.open(BytesIO(ground["file"])).convert("RGBA")
    over = Image.open(BytesIO(frame["file"])).convert("RGBA")
    whole.alpha_composite(over, (frame["x"], frame["y"]))
    return np.array(whole)[..., :3].astype(int)


def full_redraw_differs(panel: Panel) -> float:
    """The share of pixels that a whole drawing, nothing animated, has otherwise."""
    fast = canvas_of(panel.figure)
    for artist in panel.figure.moving:
        artist.set_animated(False)
    canvas = FigureCanvasAgg(panel.figure.figure)
    canvas.draw()
    whole = np.array(canvas.buffer_rgba())[..., :3].astype(int)
    return float((np.abs(fast - whole).max(axis=-1) > 2).mean())


@pytest.mark.usefixtures("fine")
def test_the_live_figure_shows_what_a_still_one_would() -> None:
    assert full_redraw_differs(SCENES["explore"]()) < 0.002  # but for what lies over what


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        (gradient_descent, 100),
        (gradient_descent, 1000),
        (momentum, 100),
        (momentum, 1000),
        (nesterov, 100),
        (nesterov, 1000),
    ],
)
@pytest.mark.usefixtures("fine")
def test_the_warning_of_divergence_stands_inside_its_picture(rule: Callable, steps: int) -> None:
    panel = explore(rule, ravine(), steps=steps)
    panel.controls["lr"].value = 3.14
    warning = panel._warning
    assert warning.get_visible()
    assert re.search(r"diverged|in the long run", warning.get_text())
    box, ax = warning.get_window_extent(), warning.axes.get_window_extent()
    assert ax.x0 <= box.x0 and box.x1 <= ax.x1, f"{box.width / ax.width:.0%} of the width"
    assert full_redraw_differs(panel) < 0.002  # the warning does not move the axes


def test_the_loss_never_leaves_its_axes_by_a_factor_that_overflows() -> None:
    path = descend(gradient_descent, ravine(), steps=5000, lr=30.0)
    assert path.values[-1] > 1e250
    figure, (ground, loss) = new_figure()
    draw_ground(ground, ravine())
    draw_loss_axes(loss, ravine(), 100)
    Trace(LOOKS["adam"], ground, loss).show(path)
    drawn = [line.get_ydata() for line in loss.lines if len(line.get_ydata())]
    assert all(np.nanmax(y) <= 1e250 for y in drawn)
    FigureCanvasAgg(figure).draw()


def test_a_narrow_landscape_of_one_coordinate_is_drawn_when_a_run_diverges() -> None:
    narrow = quadratic([[1.0]], start=(0.05,), window=((-0.1, 0.1),))
    path = descend(gradient_descent, narrow, steps=2000, lr=10.0)
    assert path.diverged
    assert_is_a_picture(trajectory(path), "diverged")


def test_a_path_that_stands_still_is_drawn() -> None:
    path = Path("adam", beale, {}, np.tile([3.0, 0.5], (4, 1)), np.zeros(4))
    assert_is_a_picture(trajectory(path), "stays")
