"""Sliders made from a rule's signature, and what stands under a live picture."""

from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np

from course_lib.labs.slider import LogSlider, Slider, StepSlider
from course_lib.landscapes import Landscape
from course_lib.validation import Rule, check_hyperparameters, check_range, hyperparameters_of
from course_lib.wording import SYMBOLS

LABELS = SYMBOLS | {"lr": "learning rate η", "weight_decay": "weight decay λ"}
HIDDEN = ("eps", "psi", "rows")  # hyperparameters that get no slider unless a lesson names them
BETAS = np.concatenate(
    [np.arange(0, 99) / 100, np.arange(990, 999) / 1000, np.arange(9990, 10000) / 10000]
)
WIDE = {
    "layout": {"width": "440px", "max_width": "100%"},
    "style": {"description_width": "120px"},
}
Given = float | tuple[float, float, float]


def control_for(name: str, given: Given) -> widgets.Widget:
    """A slider for one hyperparameter.

    ``given`` is where it starts, or (start, low, high) for a linear slider. By name: ``lr`` and
    others are logarithmic, ``beta…`` denser towards 1.
    """
    look = {"description": LABELS.get(name, name), **WIDE}
    if isinstance(given, tuple):
        _check_ends(name, given)
        return linear_slider(LABELS.get(name, name), *given)
    check_range(name, given)
    if name.startswith("beta"):
        grid = sorted({*BETAS.tolist(), float(given)})
        return Slider(float(given), grid=grid, min=grid[0], max=grid[-1], **look)
    if given <= 0:  # where no logarithm goes
        return linear_slider(LABELS.get(name, name), given, min(given, 0.0), 1.0)
    exponent = np.log10(given)  # the given value is on the slider's grid
    return LogSlider(
        given,
        min=exponent - np.ceil(max(exponent + 4, 0) * 100) / 100,
        max=exponent + np.ceil(max(1 - exponent, 0.01) * 100) / 100,
        step=0.01,
        **look,
    )


def _check_ends(name: str, given: tuple[float, ...]) -> None:
    if len(given) != 3 or not given[1] <= given[0] <= given[2] or given[1] == given[2]:
        raise ValueError(
            f"{name} must be a number or (start, low, high) with low <= start <= high, got {given}"
        )
    check_range(name, np.array(given))


def controls_for(
    rule: Rule, given: Mapping[str, Given], fixed: Mapping[str, float] | None = None
) -> dict[str, widgets.Widget]:
    """The sliders of a rule by hyperparameter in the order of its signature, none for ``fixed``."""
    known = hyperparameters_of(rule)
    for name in set(given) & set(fixed or {}):
        raise ValueError(f"{name} cannot be fixed and have a slider: give it in one of the two")
    starts = {k: v[0] if isinstance(v, tuple) else v for k, v in given.items()}
    check_hyperparameters(rule, starts | dict(fixed or {}))
    return {
        name: control_for(name, given.get(name, default))
        for name, default in known.items()
        if name in given
        or (_is_number(default) and name not in HIDDEN and name not in (fixed or {}))
    }


def _is_number(default: object) -> bool:
    return isinstance(default, int | float) and not isinstance(default, bool)


def linear_slider(label: str, start: float, low: float, high: float) -> Slider:
    """A slider from ``low`` to ``high`` in about a hundred round steps (1, 2 or 5 times 10ᵏ)."""
    decade = 10 ** np.floor(np.log10((high - low) / 100) + 1e-9)
    step = float(max(n for n in (1, 2, 5) if n * decade <= (high - low) / 100 + 1e-12) * decade)
    return Slider(start, min=low, max=high, step=step, description=label, **WIDE)


def step_slider(label: str, start: int, low: int, high: int) -> StepSlider:
    """A slider over whole numbers."""
    return StepSlider(start, min=low, max=high, description=label, **WIDE)


def step_buttons(slider: StepSlider) -> tuple[widgets.Button, widgets.Button]:
    """Two buttons that move a slider by one, back and forward."""
    back = widgets.Button(description="◀ step", tooltip="one step back")
    forward = widgets.Button(description="step ▶", tooltip="one step forward")
    for button, by in ((back, -1), (forward, 1)):
        button.layout.width = "80px"
        button.on_click(lambda _, by=by: setattr(slider, "value", slider.value + by))
    return back, forward


def row(*controls: widgets.Widget) -> widgets.HBox:
    """Controls side by side, wrapping where the page is narrow."""
    return widgets.HBox(controls, layout={"flex_flow": "row wrap"})


def says_html(*sentences: str) -> str:
    """Sentences as a read-out that screen readers announce when it changes."""
    lines = "".join(f"<div>{s}</div>" for s in sentences if s)
    return f'<div role="status" aria-live="polite" style="line-height:1.5">{lines}</div>'


def entry_of(
    entry: Rule | tuple[Rule, Mapping[str, float]], common: Mapping[str, float]
) -> tuple[Rule, dict[str, float]]:
    """A rule and its hyperparameters: those of ``common`` that it knows, and then its own."""
    rule, own = entry if isinstance(entry, tuple) else (entry, {})
    known = hyperparameters_of(rule)
    return rule, {**{k: v for k, v in common.items() if k in known}, **own}


def has_exact_bowl(landscape: Landscape) -> bool:
    """Whether this is a quadratic with a minimum and two coordinates, its gradient seen exactly."""
    curvatures = landscape.curvatures
    is_bowl = curvatures is not None and len(curvatures) == 2 and curvatures[0] > 0
    return is_bowl and landscape.is_exact
