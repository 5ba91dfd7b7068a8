"""No text lies on another, on a legend or over the edge, and no axes stand half empty.

Every picture function and every lab is drawn at its defaults, and the labs at the corners of their
sliders too. The boxes of all texts are what the renderer says.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, product

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course_lib.descent import descend, step_sizes, sweep
from course_lib.family import RULES
from course_lib.labs.digit_pad import digit_pad
from course_lib.labs.error_parts import error_parts
from course_lib.labs.explore import explore
from course_lib.labs.factor_lab import factor_lab
from course_lib.labs.inside import inside
from course_lib.labs.memory import memory
from course_lib.labs.microscope import microscope
from course_lib.labs.noise_lab import noise_lab
from course_lib.labs.phase_map import phase_map
from course_lib.labs.powers import powers
from course_lib.labs.race import race
from course_lib.labs.step_size_by_word import step_size_by_word
from course_lib.labs.turned import turned
from course_lib.labs.unit_balls import unit_balls
from course_lib.labs.units import units
from course_lib.labs.units_table import units_table
from course_lib.landscapes import beale, least_squares, parabola, ravine, rosenbrock, saddle
from course_lib.optimizers import (
    adadelta,
    adagrad,
    adam,
    adamw,
    gradient_descent,
    momentum,
    nadam,
    nesterov,
    rmsprop,
    schedule_free,
)
from course_lib.pictures import style
from course_lib.pictures.charts import (
    curves,
    heatmap,
    small_multiples,
    step_size_curves,
    trajectory,
)
from course_lib.pictures.family_tree import family_tree
from course_lib.pictures.live import Panel
from course_lib.training.digits import digits
from course_lib.training.networks import Network

COARSE = 50  # dots per inch: a quarter of the work, and the same layout
TOUCH = 1.0  # pixels by which boxes may meet: they are rounded up


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "DPI", COARSE)


def drawn(shown: object) -> Figure:
    """The figure of a picture or panel, drawn as a whole."""
    live = shown.figure if isinstance(shown, Panel) else None
    figure = live.figure if live else shown.figure
    for artist in live.moving if live else ():
        artist.set_animated(False)
    FigureCanvasAgg(figure).draw()
    return figure


def texts_of(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """What can be read, with its box; numbers of axes by the axes they belong to."""
    for text in figure.findobj(Text):
        if not (text.get_text().strip() and text.get_visible()) or _of_a_legend(figure, text):
            continue
        box = text.get_window_extent()
        if _is_shown(figure, text, box):
            yield text.get_text(), box
    for legend in figure.findobj(Legend):
        yield "legend", legend.get_window_extent()


def _of_a_legend(figure: Figure, text: Text) -> bool:
    return any(text in legend.get_texts() for legend in figure.findobj(Legend))


def _is_shown(figure: Figure, text: Text, box: Bbox) -> bool:
    """Of the numbers of an axis, those outside its limits exist, too, and are not drawn."""
    for ax in figure.axes:
        for axis, low, high in ((ax.xaxis, "x0", "x1"), (ax.yaxis, "y0", "y1")):
            labels = [*axis.get_ticklabels(), *axis.get_minorticklabels()]
            if text in labels and not ax.axison:
                return False
            if text in labels:
                shown = axis._update_ticks()  # what matplotlib itself is about to draw
                if text not in [label for tick in shown for label in (tick.label1, tick.label2)]:
                    return False
                inside = ax.get_window_extent()
                middle = (getattr(box, low) + getattr(box, high)) / 2
                return getattr(inside, low) - 1 <= middle <= getattr(inside, high) + 1
    return ax.get_visible() if (ax := text.axes) is not None else True


def faults(figure: Figure) -> list[str]:
    """Texts that meet each other or a legend, or go over the edge."""
    found = []
    boxes = list(texts_of(figure))
    for (one, a), (other, b) in combinations(boxes, 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        if width > TOUCH and height > TOUCH:
            found.append(f"{one!r} meets {other!r}")
    edge = figure.bbox
    for name, box in boxes:
        if min(box.x0, box.y0) < -TOUCH or box.x1 > edge.x1 + TOUCH or box.y1 > edge.y1 + TOUCH:
            found.append(f"{name!r} goes over the edge")
    return found


def used(ax: Axes) -> float:
    """The part of the width of axes times that of the height over which lines of data run."""
    window = ax.get_window_extent()
    points = [np.empty((0, 2))]
    for line in ax.lines:
        if len(line.get_xdata()) > 2 and line.get_visible():
            at = ax.transData.transform(np.column_stack(line.get_data()).astype(float))
            points.append(at[np.isfinite(at).all(axis=1)])
    points = np.concatenate(points)
    if not len(points):
        return 1.0
    low = np.clip(points.min(axis=0), window.min, window.max)
    high = np.clip(points.max(axis=0), window.min, window.max)
    return float(np.prod((high - low) / window.size))


NETWORK = Network((64, 24, 10))
CLASSIC = (gradient_descent, momentum, nesterov, adagrad, rmsprop, adadelta, adam)
X = np.geomspace(0.01, 1, 30)
PICTURES: dict[str, Callable[[], object]] = {
    "trajectory": lambda: trajectory(
        *(descend(r, ravine(), lr=0.3, steps=60) for r in (gradient_descent, momentum, adam))
    ),
    "trajectory that leaves": lambda: trajectory(
        descend(gradient_descent, ravine(), lr=1.6, steps=50), descend(nesterov, ravine(), lr=0.3)
    ),
    "trajectory of six": lambda: trajectory(
        *(descend(r, beale, lr=0.01, steps=90) for r in CLASSIC if r is not adadelta)
    ),
    "trajectory on a curve": lambda: trajectory(descend(gradient_descent, parabola(), lr=0.3)),
    "trajectory on Rosenbrock": lambda: trajectory(descend(adam, rosenbrock, lr=0.05, steps=400)),
    "curves": lambda: curves(
        X, {"measured": X**2, "Adam": X**1.5, "theory": X}, "Title", "η", "ρ", alt="Lines.",
        log="xy", marks={"limit: 2/L": 0.5, "best": 0.45}, dashed=["theory"],
    ),
    "step sizes": lambda: step_size_curves(
        {r.__name__: step_sizes(r, ravine(), steps=60, lr=0.3) for r in (adagrad, rmsprop)}
    ),
    "heat map": lambda: heatmap(
        sweep(momentum, ravine(), steps=60, lr=np.geomspace(0.02, 8, 14), beta=[0.0, 0.5, 0.9])
    ),
    "family tree": family_tree,
    "small multiples": lambda: small_multiples(
        {f"the {i}th": {"ill": 10.0 ** (i - 2) * X, "well": 1 / X} for i in range(5)},
        "step t", "f − f*", alt="Five.",
    ),
}  # fmt: skip
LABS: dict[str, Callable[[], Panel]] = {
    "explore": lambda: explore(momentum, ravine(), lr=0.1, beside=[gradient_descent]),
    "race": lambda: race(CLASSIC, saddle, steps=90, lr=0.05),
    "phase map": lambda: phase_map(momentum, on=ravine(20), lr=0.5, beta=0.7),
    "phase map without eigenvalues": lambda: phase_map(
        momentum, on=ravine(), eigenvalues=False, lr=0.5, beta=0.7
    ),
    "error parts": lambda: error_parts(momentum, ravine(), beside=gradient_descent, lr=0.5),
    "phase map of Nesterov": lambda: phase_map(nesterov, on=ravine(), lr=0.3, beta=0.7),
    "turned": lambda: turned([(momentum, {"lr": 0.3}), (adagrad, {"lr": 1.5})]),
    "noise lab": lambda: noise_lab(gradient_descent, on=ravine(), lr=0.1, steps=200),
    "factor lab": lambda: factor_lab(gradient_descent, on=ravine, lr=0.7, goal=1e-6),
    "memory": lambda: memory(0.9, 50),
    "digit pad": lambda: digit_pad(NETWORK, NETWORK.start(), digits().test),
    "unit balls": unit_balls,
    "powers": lambda: powers(4),
    "step size by word": lambda: step_size_by_word(
        least_squares(np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([1.0, 0.0]), batch=1),
        ["the", "rare"],
        [(adagrad, {"lr": 0.4}), (gradient_descent, {"lr": 0.4})],
        steps=60,
    ),
    "units": lambda: units(rmsprop, on=ravine(), lr=0.1, x=10, steps=60),
    "units table": lambda: units_table(gradient_descent, adagrad, rmsprop, adam),
    "inside": lambda: inside(adam, on=ravine(), noise=0.5, lr=0.2),
}
STEPPED: dict[str, Callable[[], Panel]] = {
    "gradient descent": lambda: microscope(gradient_descent, on=ravine(), lr=0.4),
    "momentum": lambda: microscope(momentum, on=ravine(100), lr=0.3, beta=0.8),
    "nesterov": lambda: microscope(nesterov, on=ravine(), lr=0.3, beta=0.9),
    "adam": lambda: microscope(adam, on=ravine(100), lr=0.5),
    "adadelta": lambda: microscope(adadelta, on=ravine(), eps=0.01),
    "adamw": lambda: microscope(adamw, on=ravine(), lr=0.1, weight_decay=0.6),
    "schedule-free": lambda: microscope(schedule_free, on=ravine(), lr=2.0, beta=0.8),
    "two": lambda: microscope(momentum, nesterov, on=ravine(), lr=0.3, beta=0.9),
    "one state": lambda: microscope(adam, nadam, on=ravine(), lr=1.0, same_state=True),
}


def ends_of(control: widgets.Widget) -> tuple[object, object]:
    if isinstance(control, widgets.SelectionSlider):
        values = [o[1] if isinstance(o, tuple) else o for o in control.options]
        return values[0], values[-1]
    if isinstance(control, widgets.FloatLogSlider):
        return control.base**control.min, control.base**control.max
    return control.min, control.max


def test_the_test_finds_what_it_looks_for() -> None:
    figure = Figure(dpi=COARSE)
    for words, place in (("one", (0.5, 0.5)), ("two", (0.52, 0.5)), ("out", (0.99, 0.9))):
        figure.text(*place, words)
    FigureCanvasAgg(figure).draw()
    assert faults(figure) == ["'one' meets 'two'", "'out' goes over the edge"]
    ax = Figure(dpi=COARSE).subplots()
    ax.plot([0, 1, 2], [0, 1, 2])
    ax.set(xlim=(0, 4), ylim=(0, 4))
    assert used(ax) == pytest.approx(0.25)


@pytest.mark.parametrize("name", PICTURES)
def test_in_a_picture_nothing_meets_or_is_cut(name: str) -> None:
    figure = drawn(PICTURES[name]())
    assert not faults(figure)


@pytest.mark.parametrize("name", LABS)
def test_in_a_lab_nothing_meets_or_is_cut(name: str) -> None:
    assert not faults(drawn(LABS[name]()))


@pytest.mark.walk
@pytest.mark.parametrize("name", LABS)
def test_in_a_lab_nothing_meets_or_is_cut_at_the_corners_of_its_sliders(name: str) -> None:
    panel = LABS[name]()
    controls = list(panel.controls.values())[:3]
    for corner in product(*map(ends_of, controls)):
        for control, value in zip(controls, corner, strict=True):
            control.value = value
        assert not faults(drawn(panel)), corner


@pytest.mark.parametrize("name", STEPPED)
def test_under_the_microscope_nothing_meets_or_is_cut(name: str) -> None:
    panel = STEPPED[name]()
    for step in (1, 2, 5, panel.controls["step"].max):
        panel.controls["step"].value = step
        assert not faults(drawn(panel)), step


@pytest.mark.walk
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_under_the_microscope_nothing_meets_or_is_cut_at_any_step(rule: Callable) -> None:
    panel = microscope(rule, on=ravine())
    for step in range(1, panel.controls["step"].max + 1):
        panel.controls["step"].value = step
        assert not faults(drawn(panel)), step


@pytest.mark.parametrize("name", ["trajectory", "trajectory of six", "curves", "step sizes"])
def test_lines_fill_half_of_their_axes(name: str) -> None:
    ax = drawn(PICTURES[name]()).axes[-1]
    assert used(ax) > 0.5
