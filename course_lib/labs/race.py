"""``race``: several rules on one landscape at once, on the map or on the surface."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from itertools import chain, combinations
from pathlib import Path as File

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from course_lib.descent import Path, descend
from course_lib.family import title_of
from course_lib.labs.controls import (
    control_for,
    entry_of,
    row,
    says_html,
    step_buttons,
    step_slider,
)
from course_lib.labs.race_files import save_animation
from course_lib.labs.start_point import nearest_curve, start_point, step_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures.ground import (
    Trace,
    draw_ground,
    draw_loss_axes,
    floor_for,
    highest,
)
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.same_place import CLOSE, nesting
from course_lib.pictures.style import (
    DPI,
    STYLE,
    capitalised,
    labels_of,
    looks_of,
    new_figure,
    theme,
)
from course_lib.pictures.touch import Area, Turning
from course_lib.validation import Rule, checked_start, hyperparameters_of
from course_lib.wording import in_words, settings_in_words

VIEWS = ("2d", "3d")
AZIMUTH, ELEVATION = -60, 35  # degrees, where the 3-D view begins
LOWEST = 1e-5  # what the loss shows where one slider moves all: it cannot be known beforehand
BAND = 2.2  # points by which a path is wider than one drawn over it, on the surface
END_ON = 0.3  # an axis that is foreshortened to less than this has no room for numbers


class Race(Panel):
    """Several rules on one landscape at once: play, pause, step, scrub; ``.save("race.gif")``.

    Where paths run in the same place, the one beneath is drawn wider, and the text below tells who
    is with whom.

    rules: rules, the course's or your own, or pairs (rule, its own hyperparameters)
    view:  "2d", the map, or "3d", the surface, which turns; no path is hidden behind it
    one_for_all: a hyperparameter that gets a slider, one value for all rules that have it; the
           text below then counts who has won so far
    **hyperparameters: for every rule that has one of that name

    ``paths`` are the runs; ``controls["step"]`` is where they stand; ``won`` names who was lowest
    at the end with some value of ``one_for_all``.
    """

    def __init__(
        self,
        rules: Sequence[Rule | tuple[Rule, Mapping[str, float]]],
        on: Landscape,
        start: tuple[float, ...] | None = None,
        steps: int = 100,
        view: str = "2d",
        one_for_all: str = "",
        **hyperparameters: float,
    ):
        rules = list(rules)
        if not rules:
            raise ValueError("race needs at least one rule, e.g. race([gradient_descent, adam], …)")
        self.landscape, self.view, self.steps = landscape_of(on), view, steps
        if view not in VIEWS or (view == "3d" and self.landscape.dim != 2):
            raise ValueError(
                'view must be "2d" or, on a landscape of 2 coordinates, "3d"; '
                f"got {view!r} for {self.landscape.dim}"
            )
        _check_common(rules, hyperparameters)
        if one_for_all and one_for_all not in hyperparameters:
            raise ValueError(f"one_for_all needs a value to begin with, e.g. {one_for_all}=0.1")
        self.rules, self.common, self.one_for_all = rules, hyperparameters, one_for_all
        self.won: list[str] = []
        self.entries = [entry_of(entry, hyperparameters) for entry in rules]
        self.start = checked_start(start, self.landscape)
        self._run()
        self.labels = labels_of([self._without_shared(path) for path in self.paths])
        titles = [title_of(path.rule) for path in self.paths]
        once = len(set(titles)) == len(titles)
        self.names = titles if once else self.labels
        step = step_slider("step", steps, 0, steps)
        play = widgets.Play(min=0, max=steps, interval=60, show_repeat=False)
        speed = widgets.SelectionSlider(
            options=[("slow", 200), ("normal", 60), ("fast", 20)], value=60, description="speed",
            style={"description_width": "50px"}, layout={"width": "240px"},
        )  # fmt: skip
        speed.observe(lambda change: setattr(play, "interval", change.new), "value")
        self.controls = {"step": step, "speed": speed}
        shared = []
        if one_for_all:
            shared = [control_for(one_for_all, hyperparameters[one_for_all])]
            self.controls[one_for_all] = shared[0]
        self.readout = widgets.HTML()
        figure = self._draw()
        parts = [figure.image, *shared, row(play, *step_buttons(step), speed), step]
        super().__init__([*parts, *self._turning(), self.readout], figure)
        self.update()
        # Not before: the front end moves what is linked at once.
        step.observe(self.control_moved, "value")
        for control in shared:
            control.observe(self._change_all, "value")
        self._link = widgets.jslink((play, "value"), (step, "value"))

    def _run(self) -> None:
        self.paths = [
            descend(rule, self.landscape, self.start, self.steps, **settings)
            for rule, settings in self.entries
        ]

    def _without_shared(self, path: Path) -> Path:
        own = {k: v for k, v in path.hyperparameters.items() if k != self.one_for_all}
        return replace(path, hyperparameters=own)

    def _change_all(self, change: object = None) -> None:
        """Run all rules anew with the value of the slider that they share."""
        common = self.common | {self.one_for_all: self.controls[self.one_for_all].value}
        self.entries = [entry_of(entry, common) for entry in self.rules]
        self._run()
        self.update()

    def begin_at(self, start: Sequence[float]) -> None:
        """Let all begin at another point; the race stands at the same step."""
        self.start = checked_start(start, self.landscape)
        self._run()
        self.update()

    def close(self) -> None:
        self._link.close()
        super().close()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            columns = 2 if max(map(len, self.labels)) > 34 else 4
            lines = -(-len(self.paths) // columns)
            if self.view == "2d":
                figure, (ground, loss) = new_figure(height=3.7 + 0.2 * lines)
                draw_ground(ground, self.landscape)
            else:
                figure = Figure(figsize=(9.2, 4.1 + 0.2 * lines), dpi=DPI, layout="constrained")
                places = figure.add_gridspec(1, 2, width_ratios=(1.15, 1))
                ground = figure.add_subplot(places[0], projection="3d")
                loss = figure.add_subplot(places[1])
                draw_surface(ground, self.landscape)
            floor, top = (
                floor_for(self.paths, LOWEST if self.one_for_all else None),
                highest(self.paths),
            )
            draw_loss_axes(loss, self.landscape, self._seen(), floor, top)
            kind = Trace if self.view == "2d" else SurfaceTrace
            looks, self.nested = looks_of(self.paths), nesting(self.paths)
            self._traces = [
                kind(look, ground, loss, label, nested=over)
                for look, label, over in zip(looks, self.labels, self.nested, strict=True)
            ]
            ground.set_title(capitalised(self.landscape.name))
            self._settings = ground.set_title("", loc="right", size=10, weight="normal")
            self._title = loss.set_title("M")
            handles = loss.get_legend_handles_labels()
            figure.legend(*handles, loc="outside lower center", ncols=columns)
        self._ground = ground
        marks = [artist for trace in self._traces for artist in trace.artists]
        moving = [*sorted(marks, key=Artist.get_zorder), self._title]
        areas = [self._touched(ground), self._scrubbed(loss)]
        return LiveFigure(figure, moving, stored=[self._settings], areas=areas)

    def _seen(self) -> int:
        """How many steps the loss shows: without a minimum, until all have left the window."""
        if self.landscape.lowest is not None:
            return self.steps
        low, high = np.array(self.landscape.window).T
        inside = (((p.points >= low) & (p.points <= high)).all(axis=1) for p in self.paths)
        last = max(np.flatnonzero(here).max(initial=0) for here in inside)
        return min(self.steps, round(1.1 * last) + 1)

    def _touched(self, ground: Axes) -> Area:
        """What a pointer does on the ground: it moves the start, or turns the surface."""
        if self.view == "2d":
            return start_point(ground, self.landscape, lambda: self.start, self.begin_at)
        return Turning(ground, "view", lambda: (self._angle(0), self._angle(1)), self._look_from)

    def _scrubbed(self, loss: Axes) -> Area:
        def tell(at: float, height: float) -> str:
            curves = zip(self.names, (path.gap for path in self.paths), strict=True)
            return nearest_curve(loss, list(curves), at, height)

        return step_point(
            loss, lambda: self.controls["step"].value, self._stand_at, self.steps, tell
        )

    def _stand_at(self, step: int) -> None:
        self.controls["step"].value = step

    def _turning(self) -> list[widgets.Widget]:
        """The sliders that turn the 3-D view; none in 2-D."""
        if self.view == "2d":
            return []
        self.controls["azimuth"] = step_slider("azimuth in °", AZIMUTH, -180, 180)
        self.controls["elevation"] = step_slider("elevation in °", ELEVATION, 0, 90)
        turning = [self.controls["azimuth"], self.controls["elevation"]]
        for slider in turning:
            slider.observe(self._turn, "value")
        return turning

    def _angle(self, which: int) -> float:
        return self.controls[("azimuth", "elevation")[which]].value

    def _look_from(self, azimuth: float, elevation: float) -> None:
        self._held = True  # both angles, and then one picture
        self.controls["azimuth"].value = round(azimuth)
        self.controls["elevation"].value = round(elevation)
        self._held = False
        self._turn()

    def _turn(self, change: object = None) -> None:
        if self._held:
            return
        turn_surface(self._ground, self.controls["azimuth"].value, self.controls["elevation"].value)
        self.figure.refresh()

    def update(self, change: object = None) -> None:
        """Show the runs up to the step of the slider."""
        step = self.controls["step"].value
        self.show(step)
        self.figure.redraw()
        order = sorted(
            zip(self.names, self.paths, strict=True),
            key=lambda pair: pair[1].gap[min(step, len(pair[1]))],
        )
        ranks = (
            f"{name} {in_words(p.gap[min(step, len(p))])}"
            + (f" (diverged at step {p.diverged})" if p.diverged and step >= p.diverged else "")
            for name, p in order
        )
        told = f"Step {step}, lowest first: " + "; ".join(ranks)
        counted = self._count_winner(order[0][0], step)
        self.readout.value = says_html(*map(escape, [counted, told, *self.together(step)]))

    def _count_winner(self, first: str, step: int) -> str:
        """Who has won so far, as a sentence; only the end of a race counts."""
        if not self.one_for_all:
            return ""
        value = {self.one_for_all: self.controls[self.one_for_all].value}
        self._settings.set_text(f"{settings_in_words(value)} for all")
        if step == self.steps and first not in self.won:
            self.won.append(first)
        got, all_of_them = len(self.won), len(self.rules)
        stars = "★" * got + "☆" * (all_of_them - got)
        return f"Winners so far: {stars} {', '.join(self.won)} ({got} of {all_of_them})."

    def show(self, step: int) -> None:
        """Put all marks where they are at this step, without drawing."""
        for trace, path in zip(self._traces, self.paths, strict=True):
            trace.show(path, step)
        self._title.set_text(f"step {step}")

    def together(self, step: int) -> list[str]:
        """A sentence for each group of rules that stand in the same place at this step."""
        points = np.array([path.points[min(step, len(path))] for path in self.paths])
        spans = np.ptp(self.landscape.window, axis=1)
        groups: list[list[int]] = []
        for i, point in enumerate(points):
            near = [g for g in groups if (np.abs(points[g] - point) <= CLOSE * spans).all(1).any()]
            groups = [g for g in groups if g not in near] + [[*chain(*near), i]]
        told = []
        for group in (sorted(g) for g in groups if len(g) > 1):
            apart = max(np.linalg.norm(points[i] - points[j]) for i, j in combinations(group, 2))
            *first, last = (self.names[i] for i in group)
            who = f"{', '.join(first)} and {last}"
            told.append(
                f"{who} are in the same place."
                if apart < 1e-12
                else f"{who} are within {in_words(apart)} of each other."
            )
        return told

    def save(
        self,
        file: str | File,
        overwrite: bool = False,
        frames: int = 100,
        frames_per_second: float = 20,
    ) -> File:
        """Write the race as an animated picture (``.gif``) or a stand-alone page (``.html``).

        The page needs no other file, no program and no network; it plays, pauses, steps and scrubs.
        frames, frames_per_second: of a GIF. A file that exists is kept, unless ``overwrite``.
        """
        return save_animation(self, file, overwrite, frames, frames_per_second)

    @property
    def says(self) -> str:
        return " ".join(path.summary for path in self.paths)


race = Race


def _check_common(rules: Sequence, common: Mapping[str, float]) -> None:
    entries = (entry[0] if isinstance(entry, tuple) else entry for entry in rules)
    known = sorted({name for rule in entries for name in hyperparameters_of(rule)})
    for name in common:
        if name not in known:
            takes = ", ".join(known)
            raise TypeError(f"no rule here has a hyperparameter {name!r}; they take: {takes}")


# The surface


def draw_surface(ax: Axes, landscape: Landscape, n: int = 30) -> None:
    """f over its window on 3-D axes, coarse enough to turn quickly; minima as crosses."""
    (x0, x1), (y0, y1) = landscape.window
    x, y = np.meshgrid(np.linspace(x0, x1, n), np.linspace(y0, y1, n))
    ax.computed_zorder = False  # what comes later is drawn over it: paths are never hidden
    ax.plot_surface(
        x, y, landscape(np.stack([x, y], axis=-1)), cmap=theme().ground,
        edgecolor=theme().contour, lw=0.3, rcount=n, ccount=n, zorder=1,
    )  # fmt: skip
    for minimum in landscape.minima:
        ax.plot(*([c] for c in minimum), landscape.lowest, "x", color=theme().ink, ms=7, mew=2)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="x", ylabel="y", zlabel="f")
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_major_locator(MaxNLocator(4))
    ax.set_box_aspect((1, 1, 0.75), zoom=0.95)
    ax.view_init(ELEVATION, AZIMUTH)


def turn_surface(ax: Axes, azimuth: float, elevation: float) -> None:
    """Look from there (degrees); an axis that is seen nearly end-on loses its crowded numbers."""
    ax.view_init(elevation, azimuth)
    az, el = np.radians([azimuth, elevation])
    seen = {  # the part of its length that is left of each axis
        "x": np.hypot(np.sin(az), np.cos(az) * np.sin(el)),
        "y": np.hypot(np.cos(az), np.sin(az) * np.sin(el)),
        "z": np.cos(el),
    }
    for axis, part in seen.items():
        ax.tick_params(axis=axis, labelcolor=theme().soft if part > END_ON else "none")
        getattr(ax, f"{axis}axis").label.set_visible(part > END_ON)


class SurfaceTrace(Trace):
    """The marks of one run on a surface: they end where the path leaves the window.

    Of paths in the same place each is a band, wider than those over it, and steps have no markers:
    they would cover the bands. A burst tells where a run that overflows has left.
    """

    def __init__(self, *args: object, nested: int = 0, **more: object):
        super().__init__(*args, nested=nested, **more)
        self._path.set_marker("")
        self._path.set_linewidth(1.6 + BAND * nested)
        self._casing.set_linewidth(3 + BAND * nested)

    def _tell(self, unmarked: int, steps: int) -> None:
        self._note.set_text("steps unmarked" if steps else "")

    def show(self, path: Path, upto: int | None = None) -> None:
        super().show(path, upto)
        end = len(path) if upto is None else min(upto, len(path))
        x, y = self._cut(path.points[: end + 1]).T
        with np.errstate(invalid="ignore"):
            z = path.landscape(np.column_stack([x, y]))
        for line in (self._casing, self._path):
            line.set_data_3d(x, y, z)
        self._head.set_data_3d(x[-1:], y[-1:], z[-1:])
        burst = path.diverged and end >= len(path)
        at = np.flatnonzero(np.isfinite(x))[-1:] if burst else []
        self._leaves.set(marker=(9, 1, 0), ms=17)
        self._leaves.set_data_3d(x[at], y[at], z[at])

    def _cut(self, points: np.ndarray) -> np.ndarray:
        """The points, with nan outside the window, but for where the path crosses its border."""
        low, high = self._limits.T
        inside = ((points >= low) & (points <= high)).all(axis=1)
        cut = np.where(inside[:, np.newaxis], points, np.nan)
        for i in np.flatnonzero(inside[:-1] & ~inside[1:]):
            here, step = points[i], points[i + 1] - points[i]
            with np.errstate(all="ignore"):
                ways = np.concatenate([(low - here) / step, (high - here) / step])
            cut[i + 1] = here + step * ways[ways > 0].min(initial=1.0)
        return cut
