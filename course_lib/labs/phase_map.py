"""``phase_map``: the plane of learning rate and β, linked to what happens at one of its points."""

from collections.abc import Sequence
from html import escape

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from course_lib import theory
from course_lib.descent import descend
from course_lib.family import title_of
from course_lib.labs.controls import Given, controls_for, has_exact_bowl, says_html
from course_lib.labs.start_point import start_point
from course_lib.landscapes import Landscape, landscape_of
from course_lib.pictures.ground import Trace, draw_ground
from course_lib.pictures.live import LiveFigure, Panel
from course_lib.pictures.style import DPI, STYLE, look_of, shade, theme
from course_lib.pictures.touch import Point
from course_lib.validation import Rule, checked_start, rule_name
from course_lib.wording import in_words

SPEEDS = np.geomspace(0.01, 30, 201)  # ηλ, the x axis of the map
BETAS = np.linspace(0, 0.995, 160)
RATES = LinearSegmentedColormap.from_list("rates", ["#0B5D7A", "#7FC4C9", "#FBF3CF"])
DIRECTIONS = (("flat", "#D55E00", "o"), ("steep", "#7A5195", "s"))
FLOOR = 1e-10
INK = "#222222"  # on the colours of the map, which are the same in the dark


class PhaseMap(Panel):
    """Where in the plane of ηλ and β does a rule creep, ripple, oscillate or diverge?

    The map holds for one direction of curvature λ; a quadratic of two directions has two points
    on it, at the same β, and the slower one decides. Sliders move them; the path, the eigenvalues
    of the iteration matrix and the error in each direction follow.

    rule: momentum or nesterov; on: a quadratic with a minimum and two coordinates
    eigenvalues: show those of the two iteration matrices, too, in the complex plane

    ``predicted`` and ``measured`` are ρ along flat and steep.
    """

    def __init__(
        self,
        rule: Rule,
        on: Landscape,
        steps: int = 100,
        eigenvalues: bool = True,
        **hyperparameters: Given,
    ):
        self.shows_eigenvalues = eigenvalues
        self.rule, self.landscape, self.steps = rule, landscape_of(on), steps
        self.start = checked_start(None, self.landscape)
        if not has_exact_bowl(self.landscape):
            raise ValueError(
                "phase_map needs a quadratic with a minimum and two coordinates, such as ravine(); "
                f"got {self.landscape.name}"
            )
        if steps < 1:
            raise ValueError(f"steps must be 1 or more, for there is an error to draw; got {steps}")
        self.controls = controls_for(rule, hyperparameters)
        if not theory.is_known(rule) or "beta" not in self.controls:
            raise ValueError(f"phase_map knows momentum and nesterov, not {rule_name(rule)}")
        self.axes_of_bowl = np.linalg.eigh(self.landscape.hessian)[1]
        self.assemble()

    def _draw(self) -> LiveFigure:
        with rc_context(STYLE):
            figure = Figure(figsize=(9.2, 4.7), dpi=DPI, layout="constrained")
            grid = figure.add_gridspec(2, 3, width_ratios=(1.75, 0.78, 1.1))
            plane = figure.add_subplot(grid[:, 0])
            errors = figure.add_subplot(grid[1, 1:])
            draw_map(plane, self.rule)
            if self.shows_eigenvalues:
                circle, ground = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[0, 2])
                draw_unit_circle(circle)
            else:
                ground = figure.add_subplot(grid[0, 1:])
            draw_ground(ground, self.landscape, shape=1.3 if self.shows_eigenvalues else 2.1)
            room = "" if self.shows_eigenvalues else " "  # for the note under the ground
            ground.set(xlabel=room, ylabel="")
            ground.set_title("The path")
            self._draw_errors(errors)
            marks = {"ls": "", "ms": 9, "mec": theme().paper, "mew": 1, "zorder": 5}
            (self._link,) = plane.plot([], [], color=INK, lw=1, zorder=4)
            self._points = [plane.plot([], [], m, c=shade(c), **marks)[0] for _, c, m in DIRECTIONS]
            self._eigenvalues = [
                circle.plot([], [], m, c=shade(c), **marks)[0]
                for _, c, m in (DIRECTIONS if self.shows_eigenvalues else ())
            ]
            self._trace = Trace(look_of(rule_name(self.rule)), ground)
        moving = [self._link, *self._points, *self._eigenvalues, *self._trace.artists]
        areas = [
            _MapPoint(plane, self),
            start_point(ground, self.landscape, lambda: self.start, self.begin_at),
        ]
        moving += [*self._errors, *self._forecasts, self._loss]
        return LiveFigure(figure, moving, areas=areas)

    def begin_at(self, start: Sequence[float]) -> None:
        """Begin the run at another point."""
        self.start = checked_start(start, self.landscape)
        self.update()

    def settle_at(self, lr: float, beta: float) -> None:
        """Put both sliders there, or as near as they go."""
        with self.moved_together():
            self.controls["lr"].value = lr
            self.controls["beta"].value = beta

    def _draw_errors(self, ax: Axes) -> None:
        ax.set(xlim=(0, self.steps), ylim=(FLOOR, 1e4), xlabel="step t", yscale="log")
        ax.set_title("Error along each direction")
        ax.grid(True)
        self._errors = [
            ax.plot([], [], color=shade(colour), ls=line, label=f"{name}, λ = {curvature:.3g}")[0]
            for (name, colour, _), line, curvature in zip(
                DIRECTIONS, ("-", "-."), self.landscape.curvatures, strict=True
            )
        ]
        (self._loss,) = ax.plot([], [], color=theme().faint, lw=1, label="loss f")
        dashed = {"color": theme().ink, "lw": 1.2, "ls": (0, (4, 3))}
        self._forecasts = [ax.plot([], [], **dashed)[0] for _ in DIRECTIONS]
        self._forecasts[0].set_label("predicted ρᵗ")
        ax.legend(loc="upper center", ncols=4, fontsize=8, columnspacing=1, handlelength=2)

    @property
    def settings(self) -> dict[str, float]:
        """The hyperparameters as the sliders stand."""
        return {name: control.value for name, control in self.controls.items()}

    def update(self, change: object = None) -> None:
        """Run the rule with the sliders' values and show all four views of it."""
        lr, beta = self.settings["lr"], self.settings["beta"]
        curvatures = self.landscape.curvatures
        self.path = descend(self.rule, self.landscape, self.start, self.steps, **self.settings)
        self.matrices = theory.iteration_matrix(self.rule, curvatures, lr, beta)
        self.predicted = theory.spectral_radius(self.matrices)
        self.regimes = theory.regime(self.rule, curvatures, lr, beta)
        errors = (self.path.points - self.landscape.minima[0]) @ self.axes_of_bowl
        self.measured = [measured_rate(error) for error in errors.T]
        along = np.abs(errors)
        self._trace.show(self.path)
        self._link.set_data(np.clip(lr * curvatures, SPEEDS[0], SPEEDS[-1]), [beta, beta])
        t = np.arange(self.steps + 1)
        self._loss.set_data(t[: len(along)], np.clip(self.path.gap, FLOOR / 10, 1e250))
        for i, eigenvalues in enumerate(np.linalg.eigvals(self.matrices)):
            speed = np.clip(lr * curvatures[i], SPEEDS[0], SPEEDS[-1])
            self._points[i].set_data([speed], [beta])
            if self.shows_eigenvalues:
                self._eigenvalues[i].set_data(eigenvalues.real, eigenvalues.imag)
            self._errors[i].set_data(t[: len(along)], np.clip(along[:, i], FLOOR / 10, 1e250))
            with np.errstate(over="ignore"):
                forecast = along[0, i] * self.predicted[i] ** t
            self._forecasts[i].set_data(t, np.clip(forecast, FLOOR / 10, 1e250))
        self.figure.redraw()
        self.readout.value = says_html(*map(escape, self._sentences()))

    def _sentences(self) -> list[str]:
        told = [
            f"{name} (λ = {curvature:.3g}): {regime}, ρ = {rho:.3g}"
            + (f", measured {measured:.3g}" if np.isfinite(measured) else "")
            for (name, _, _), curvature, regime, rho, measured in zip(
                DIRECTIONS,
                self.landscape.curvatures,
                self.regimes,
                self.predicted,
                self.measured,
                strict=True,
            )
        ]
        flat, steep = self.predicted
        slower = "flat direction decides" if flat > steep else "steep direction decides"
        if np.isclose(flat, steep):
            slower = "two directions are equally fast"
        best = theory.best_settings(self.rule, *self.landscape.curvatures)
        possible = theory.rate(self.rule, self.landscape.curvatures, **best)
        slower += f": ρ = {max(flat, steep):.3g}, the best possible is {possible:.3g}"
        return [f"{'; '.join(told)}. The {slower}.", self.path.summary]

    @property
    def says(self) -> str:
        lr, beta = self.settings["lr"], self.settings["beta"]
        who = title_of(rule_name(self.rule))
        return f"{who}, η = {in_words(lr)}, β = {in_words(beta)}. {' '.join(self._sentences())}"


phase_map = PhaseMap


class _MapPoint(Point):
    """The two points of the map: the one nearer to the pointer is moved, the other one follows."""

    def __init__(self, plane: Axes, panel: PhaseMap):
        self.panel, self.which = panel, len(DIRECTIONS) - 1
        super().__init__(plane, "learning rate and β", self._stands, self._put, tell=self._tells)

    def _stands(self) -> tuple[float, float]:
        return self._place(self.which)

    def _place(self, which: int) -> tuple[float, float]:
        settings = self.panel.settings
        return settings["lr"] * self.panel.landscape.curvatures[which], settings["beta"]

    def begin(self, x: float, y: float) -> None:
        places = [self.shares(*self._place(i))[0] for i in range(len(DIRECTIONS))]
        self.which = int(np.argmin(np.abs(np.array(places) - x)))
        self.drag(x, y)

    def _put(self, speed: float, beta: float) -> None:
        curvature = self.panel.landscape.curvatures[self.which]
        self.panel.settle_at(float(f"{speed / curvature:.3g}"), round(max(beta, 0.0), 3))

    def _tells(self, speed: float, beta: float) -> str:
        beta = max(beta, 0.0)
        matrix = theory.iteration_matrix(self.panel.rule, 1.0, speed, beta)
        kind = theory.regime(self.panel.rule, 1.0, speed, beta)
        rho = float(theory.spectral_radius(matrix))
        return f"ηλ = {speed:.3g}, β = {beta:.3g}\n{kind}, ρ = {rho:.3g}"


def measured_rate(error: np.ndarray) -> float:
    """The factor a step by which an error shrinks or grows; nan where rounding hides it.

    An error that ripples passes through 0, but eₜ₊₁ eₜ₋₁ − eₜ² does not: for two eigenvalues σ₁, σ₂
    it shrinks by exactly σ₁σ₂ a step, which is ρ² for a complex pair. Where one eigenvalue
    dominates, the error itself tells. Both are taken between half and three quarters of the run.
    """
    quarter = (len(error) - 2) // 4
    if quarter < 2:
        return np.nan
    with np.errstate(all="ignore"):
        from_pair = np.abs(error[2:] * error[:-2] - error[1:-1] ** 2) ** 0.5
        plain = np.abs(error[1:-1])
        ripples = (np.diff(np.sign(error[quarter:])) != 0).any() and not _alternates(
            error[quarter:]
        )
        told = from_pair if ripples else plain
        before, after = told[2 * quarter], told[3 * quarter]
        hidden = not np.abs(error[-quarter:]).max() > 1e-13 * np.abs(error).max()
        return np.nan if hidden else float((after / before) ** (1 / quarter))


def _alternates(error: np.ndarray) -> bool:
    return bool((error[1:] * error[:-1] < 0).all())


def draw_map(ax: Axes, rule: Rule) -> None:
    """ρ as colour over ηλ and β, with the borders of the regimes and their names.

    The borders are drawn from their formulas. Where the rule diverges there is no colour: hatched.
    """
    speed, beta = np.meshgrid(SPEEDS, BETAS)
    rho = theory.spectral_radius(theory.iteration_matrix(rule, 1.0, speed, beta))
    mesh = ax.contourf(SPEEDS, BETAS, rho, np.linspace(0, 1, 11), cmap=RATES)
    bar = ax.figure.colorbar(mesh, ax=ax, location="bottom", pad=0.02, aspect=40, shrink=0.9)
    bar.set_label("ρ: the part of the error that is left after a step", fontsize=9)
    low, high = theory.ripples_between(rule, BETAS)
    limit = theory.stability_limit(rule, 1.0, BETAS)
    ax.fill_betweenx(
        BETAS, limit, SPEEDS[-1], fc=theme().paper, ec=theme().lost, hatch="////", lw=0
    )
    for border, width in ((low, 1), (high, 1), (limit, 1.8)):
        ax.plot(border, BETAS, color=INK, lw=width)
    ax.set(xscale="log", xlabel="ηλ", ylabel="β", xlim=(SPEEDS[0], SPEEDS[-1]), ylim=(0, BETAS[-1]))
    ax.set_title(f"{title_of(rule_name(rule))}: the map for one direction")
    _write_names(ax, rule)


def _write_names(ax: Axes, rule: Rule) -> None:
    """Each name inside its region; that of the narrow one beside it, with a line to it."""
    look = {"ha": "center", "va": "center", "fontsize": 10, "style": "italic"}
    low, high = theory.ripples_between(rule, 0.3)
    ax.text(np.sqrt(SPEEDS[0] * low), 0.3, "monotone", color=INK, **look)
    low, high = theory.ripples_between(rule, 0.6)
    ax.text(np.sqrt(low * high), 0.6, "ripples", color=INK, **look)
    rim = {"fc": theme().paper, "ec": "none", "pad": 1.5}
    for name, beta in (("diverging", 0.55), ("oscillating", 0.06)):
        limit = theory.stability_limit(rule, 1.0, beta)
        text = ax.text(
            np.sqrt(limit * SPEEDS[-1]), beta, name, color=theme().ink, bbox=rim, zorder=3, **look
        )
        if name == "oscillating":
            _, high = theory.ripples_between(rule, beta)
            ax.annotate(
                "", (np.sqrt(high * limit), beta), (text.get_position()[0], beta), zorder=2,
                arrowprops={"arrowstyle": "-", "lw": 1, "color": theme().ink},
            )  # fmt: skip


def draw_unit_circle(ax: Axes) -> None:
    """The complex plane: inside the circle an error shrinks, outside it grows."""
    angle = np.linspace(0, 2 * np.pi, 200)
    ax.fill(np.cos(angle), np.sin(angle), color=theme().ground(0.5))
    ax.plot(np.cos(angle), np.sin(angle), color=theme().faint, lw=1)
    ax.axhline(0, color=theme().contour, lw=0.6)
    ax.axvline(0, color=theme().contour, lw=0.6)
    ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal", xlabel="real", ylabel="imaginary")
    ax.set_xticks([-1, 0, 1])
    ax.set_yticks([-1, 0, 1])
    ax.set_title("Eigenvalues")
