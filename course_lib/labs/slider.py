"""Sliders of our own: what is typed is taken as typed, and screen readers hear what is set.

Those of ipywidgets move a typed number to the nearest place of their grid, and name neither
themselves nor, where they are logarithmic, their value. These are the same in Python.
"""

from pathlib import Path

import anywidget
import ipywidgets as widgets
from traitlets import Float, List

# As text: of a path anywidget would keep every widget that was ever made with it.
ESM, CSS = (Path(__file__).with_name(f"slider.{kind}").read_text("utf-8") for kind in ("js", "css"))


class Slider(anywidget.AnyWidget, widgets.FloatSlider):
    """A linear slider; or along ``grid``, where that is given: the places of its handle."""

    _esm, _css = ESM, CSS
    grid = List(Float()).tag(sync=True)


class LogSlider(anywidget.AnyWidget, widgets.FloatLogSlider):
    """A logarithmic slider: ``min``, ``max`` and ``step`` are exponents of 10."""

    _esm, _css = ESM, CSS
    grid = List(Float()).tag(sync=True)


class StepSlider(anywidget.AnyWidget, widgets.IntSlider):
    """A slider over whole numbers."""

    _esm, _css = ESM, CSS
    grid = List(Float()).tag(sync=True)
