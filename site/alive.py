"""Pictures that are alive without Python: the element ``<live-explore>`` and its script.

The ground is drawn by the library, light and dark; rules and landscapes are those of translate.py.
Without JavaScript the element shows the path that Python walked.
"""

import ast
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from jinja2 import Environment
from nbformat import NotebookNode
from translate import CannotTranslate, landscape, rules_and_landscapes

import course_lib
from course_lib import RULES, descend
from course_lib.family import title_of
from course_lib.labs.controls import controls_for
from course_lib.labs.slider import LogSlider
from course_lib.landscapes import Landscape
from course_lib.pictures import style
from course_lib.pictures.ground import draw_ground
from course_lib.wording import symbol

SIZE = (800, 400)  # of the ground, in its own units
STEPS = 100  # as ``explore`` has it
NO_SETTINGS = {"on", "steps", "fixed", "beside", "goal", "stars", "forecast", "move_start"}
USED: dict[str, Landscape] = {}  # the grounds of all elements made so far, by key


@dataclass(frozen=True)
class Panel:
    """What an ``explore(…)`` of a lesson shows, as far as it can be played without Python."""

    rule: object
    on: Landscape
    steps: int = STEPS
    given: Mapping[str, object] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)


def panel_of(cell: NotebookNode, notebook: NotebookNode) -> Panel | None:
    """The panel of a cell that ends in ``explore(…)``.

    None where its rule or its ground is made in the lesson, or is more than one point can tell.
    """
    last = ast.parse(cell.source).body[-1:]
    call = last[0].value if last and isinstance(last[0], ast.Expr) else None
    if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "explore"):
        return None
    known = {name: getattr(course_lib, name) for name in (*RULES, *GROUNDS)} | written_in(notebook)
    try:
        value = {k.arg: worth(k.value, known) for k in call.keywords if k.arg not in ("beside",)}
        value |= value.pop(None, {})
        rule, *on = (worth(argument, known) for argument in call.args)
        on = course_lib.landscapes.landscape_of((on or [value.get("on")])[0])
        landscape(on)
    except (NameError, TypeError, CannotTranslate):
        return None
    if getattr(rule, "__name__", "") not in RULES or on.dim != 2:
        return None
    given = {name: v for name, v in value.items() if name not in NO_SETTINGS}
    return Panel(rule, on, value.get("steps", STEPS), given, value.get("fixed", {}))


GROUNDS = ("ravine", "bowl", "beale", "rosenbrock", "himmelblau", "plateau", "saddle")


def worth(node: ast.expr, known: Mapping[str, object]) -> object:
    return eval(compile(ast.Expression(node), "<lesson>", "eval"), {"__builtins__": {}}, {**known})


def written_in(notebook: NotebookNode) -> dict[str, object]:
    """The names that a lesson gives to numbers, tuples and dictionaries written out."""
    found = {}
    for cell in notebook.cells:
        for line in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            match line:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    try:
                        found[name] = ast.literal_eval(value)
                    except ValueError:
                        found.pop(name, None)
    return found


def explore(environment: Environment, output: Path, panel: Panel, root: str) -> str:
    """The element of a panel; its ground goes into ``output``, and ``script`` will know of it."""
    rule, on = panel.rule, panel.on
    key = f"{re.sub('[^a-z0-9]+', '-', on.name)}-{zlib.crc32(repr(on(POINTS)).encode()):08x}"
    for theme in ("light", "dark"):
        picture, window = ground(on, theme)
        write(output / f"pictures/grounds/{key}-{theme}.webp", picture)
    USED[key] = on
    sliders = controls_for(rule, panel.given, panel.fixed)
    now = {name: slider.value for name, slider in sliders.items()}
    path = descend(rule, on, steps=panel.steps, **panel.fixed, **now)
    (x0, x1), (y0, y1) = window
    with np.errstate(over="ignore"):
        at = np.clip((path.points - (x0, y0)) / (x1 - x0, y1 - y0) * (1, -1) + (0, 1), -99, 99)
    with style.in_theme("dark"):
        dark = style.look_of(rule.__name__).colour
    return environment.get_template("explore.html.j2").render(
        rule=rule.__name__, title=title_of(rule.__name__), on=on, key=key, root=root, size=SIZE,
        steps=panel.steps, window=json.dumps(window), summary=path.summary,
        fixed=json.dumps(dict(panel.fixed)), sliders=sliders, symbol=symbol, is_log=is_log,
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in at * SIZE), start=at[0] * SIZE,
        light=style.look_of(rule.__name__).colour, dark=dark,
    )  # fmt: skip


POINTS = np.random.default_rng(0).normal(size=(5, 2))  # two grounds may have one name


def is_log(slider: object) -> bool:
    return isinstance(slider, LogSlider)


def write_script(output: Path) -> None:
    """look/live-explore.js: one plain script, so that it also works from files."""
    element = (Path(__file__).parent / "look/live-explore.js").read_text(encoding="utf-8")
    text = f"(() => {{\n{rules_and_landscapes(USED)}\n{element}}})();\n"
    write(output / "look/live-explore.js", text.encode())


def ground(on: Landscape, theme: str) -> tuple[bytes, list]:
    """The ground as a WebP without axes, and the window that it shows."""
    with style.in_theme(theme), plt.rc_context(style.STYLE):
        figure = plt.figure(figsize=np.array(SIZE) / 100, dpi=200, layout="none")
        axes = figure.add_axes((0, 0, 1, 1))
        draw_ground(axes, on, SIZE[0] / SIZE[1])
        axes.set_axis_off()
        out = BytesIO()
        figure.savefig(out, format="webp", dpi=200, bbox_inches=None)
        plt.close(figure)
    return out.getvalue(), [list(axes.get_xlim()), list(axes.get_ylim())]


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
