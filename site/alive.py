"""Pictures that are alive without Python: the element ``<live-explore>`` and its script.

The ground is drawn by the library, light and dark; rules and landscapes are those of translate.py.
Without JavaScript the element shows the path that Python walked.
"""

import json
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from jinja2 import Environment
from translate import rules_and_landscapes

from course_lib import descend
from course_lib.family import title_of
from course_lib.landscapes import Landscape, ravine
from course_lib.pictures import style
from course_lib.pictures.ground import draw_ground

SIZE = (800, 400)  # of the ground, in its own units
STEPS = 60


def script(on: Landscape) -> str:
    """live-explore.js: one plain script, so that it also works from files."""
    look = Path(__file__).parent / "look"
    element = (look / "live-explore.js").read_text(encoding="utf-8")
    return f"(() => {{\n{rules_and_landscapes([on])}\n{element}}})();\n"


def explore(environment: Environment, output: Path, rule, root: str, **settings: float) -> str:
    """The element with ``rule`` on the ravine; its ground and the script go into ``output``."""
    on = ravine()
    for theme in ("light", "dark"):
        picture, window = ground(on, theme)
        write(output / f"pictures/ground-{theme}.webp", picture)
    write(output / "look/live-explore.js", script(on).encode())
    path = descend(rule, on, steps=STEPS, **settings)
    (x0, x1), (y0, y1) = window
    at = (path.points - (x0, y0)) / (x1 - x0, y1 - y0) * (1, -1) + (0, 1)
    with style.in_theme("dark"):
        dark = style.look_of(rule.__name__).colour
    return environment.get_template("explore.html.j2").render(
        rule=rule.__name__, title=title_of(rule.__name__), on=on, root=root, size=SIZE,
        steps=STEPS, settings=settings, window=json.dumps(window), summary=path.summary,
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in at * SIZE), start=at[0] * SIZE,
        light=style.look_of(rule.__name__).colour, dark=dark,
    )  # fmt: skip


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
