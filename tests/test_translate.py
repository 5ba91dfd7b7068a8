"""The rules in JavaScript walk as those in Python do: site/translate.py, in node and Chromium."""

import ast
import inspect
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from browser import ROOT, chromium_window

import course_lib
from course_lib import optimizers
from course_lib.landscapes import LANDSCAPES, with_noise

sys.path.insert(0, str(ROOT / "site"))
import translate

try:
    import alive
    import pages
except ImportError:  # without what builds the site
    alive = pages = None
needs_site = pytest.mark.skipif(pages is None, reason="the site is not installed (make site)")

STEPS = 200
RULES = [
    function
    for name, function in inspect.getmembers(optimizers, inspect.isgeneratorfunction)
    if list(inspect.signature(function).parameters)[:2] == ["grad", "x"]
]
PLAY = """
const go = (runs) => runs.map(([rule, on, start, steps, settings]) => {
  const on_it = landscapes[on];
  const { points, diverged, undefined } = descend(rules[rule], on_it, start, steps, settings);
  return { points, diverged, undefined };
});
"""


def drawn(rule, landscape, rng):
    """Settings and a start: some of them tame, some that throw the run to infinity."""
    settings = {}
    for name in list(inspect.signature(rule).parameters)[2:]:
        if name == "lr":
            settings[name] = float(10 ** rng.uniform(-4, 0.5))
        elif name.startswith("beta"):
            settings[name] = float(rng.uniform(0.3, 0.99))
        elif name == "rows":
            settings[name] = int(rng.integers(1, landscape.dim + 1))
    start = [float(rng.uniform(*side)) for side in landscape.window]
    return settings, start


def runs(settings_each):
    rng = np.random.default_rng(22)
    for rule in RULES:
        for landscape in LANDSCAPES:
            for _ in range(settings_each):
                yield rule, landscape, *drawn(rule, landscape, rng)


def compare(asked, answers):
    """Each path as Python's, except where Python's own path hangs on a last digit."""
    compared = diverged = 0
    for (rule, landscape, settings, start), theirs in zip(asked, answers, strict=True):
        ours = course_lib.descend(rule, landscape, start, STEPS, **settings)
        if same(ours, theirs["points"], theirs["diverged"], theirs["undefined"]):
            compared += 1
            diverged += bool(ours.diverged)
            continue
        what = (rule.__name__, landscape.name, settings, start)
        assert np.allclose(ours.points[:4], theirs["points"][:4], rtol=1e-10, atol=1e-10), what
        assert hangs_on_rounding(rule, landscape, settings, start, ours), what
    print(f"{compared} of {len(asked)} paths equal, {diverged} of them diverged")
    assert diverged, "no run diverged"
    assert compared > 0.95 * len(asked)


def hangs_on_rounding(rule, landscape, settings, start, ours):
    """Whether slopes felt a few units in the last place beside the point lead Python elsewhere."""
    rng = np.random.default_rng(0)

    def rounded(x):
        return landscape.grad(x * (1 + rng.uniform(-1e-15, 1e-15, np.shape(x))))

    nearly = replace(landscape, grad=rounded)
    for _ in range(10):
        other = course_lib.descend(rule, nearly, start, STEPS, **settings)
        if not same(ours, other.points, other.diverged, other.undefined):
            return True
    return False


def same(ours, points, diverged, undefined):
    if (ours.diverged, ours.undefined) != (diverged, undefined) or len(ours.points) != len(points):
        return False
    scale = np.abs(ours.points).max(axis=-1, keepdims=True)
    return bool((np.abs(ours.points - points) <= 1e-10 * np.maximum(scale, 1e-3)).all())


def questions(asked):
    return json.dumps(
        [[rule.__name__, on.name, start, STEPS, settings] for rule, on, settings, start in asked]
    )


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_paths_in_node_are_those_of_python(tmp_path):
    asked = list(runs(2))
    program = tmp_path / "paths.mjs"
    ending = f"process.stdout.write(JSON.stringify(go({questions(asked)})));"
    program.write_text(translate.script() + PLAY + ending)
    answer = subprocess.run(["node", program], capture_output=True, text=True, check=True)
    compare(asked, json.loads(answer.stdout))


@pytest.mark.walk
def test_paths_in_a_browser_are_those_of_python():
    asked = list(runs(100))
    plain = translate.rules_and_landscapes(LANDSCAPES)
    with chromium_window() as window:
        page = window.new_page()
        page.goto("about:blank")
        page.add_script_tag(content=plain + PLAY + "\nglobalThis.go = go;")
        answers = []
        for first in range(0, len(asked), 500):
            some = asked[first : first + 500]
            text = page.evaluate("text => JSON.stringify(go(JSON.parse(text)))", questions(some))
            answers += json.loads(text)
    compare(asked, answers)


def test_every_rule_is_translated():
    text = translate.rules()
    assert all(f"function* {rule.__name__}(" in text for rule in RULES)


@pytest.mark.parametrize(
    "line", ["x += 1", "np.cumsum(x)", "{1: 2}", "x if x else 0", "x[0] = 1", "x // 2", "not x"]
)
def test_what_is_not_known_is_an_error(line):
    with pytest.raises(translate.CannotTranslate, match="line 1: no JavaScript for"):
        translate.block(ast.parse(line).body) or translate.statement(ast.parse(line).body[0])


def test_what_is_drawn_at_random_is_an_error():
    noisy = with_noise(LANDSCAPES[1], 0.1)
    with pytest.raises(translate.CannotTranslate, match="drawn at random"):
        translate.landscape(noisy)


def lesson(stem: str):
    notebook = nbformat.read(ROOT / f"notebooks/{stem}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return list(filter(None, (alive.panel_of(cell, notebook) for cell in cells)))


@needs_site
def test_a_lesson_s_panels_are_read_from_its_cells():
    plain, with_memory, on_beale = lesson("03_momentum")
    assert (plain.rule, with_memory.rule) == (optimizers.gradient_descent, optimizers.momentum)
    assert with_memory.given == {"lr": 0.5, "beta": 0.0} and with_memory.steps == 100
    assert with_memory.on.curvatures[1] / with_memory.on.curvatures[0] == pytest.approx(100)
    assert (on_beale.on.name, on_beale.steps) == ("Beale", 200)
    fixed = lesson("10_nadam")[0].fixed  # by a name that the lesson gives it
    assert fixed == {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


@needs_site
def test_what_a_lesson_makes_itself_is_left_to_python():
    assert not lesson("05_adagrad") and not lesson("02_stochastic_gradient_descent")


@pytest.fixture
def page(tmp_path):
    """Momentum on the ravine, as a page with JavaScript shows it."""
    panel = alive.Panel(optimizers.momentum, course_lib.ravine(), 60, {"lr": 0.1, "beta": 0.8})
    element = alive.explore(pages.ENVIRONMENT, tmp_path, panel, root="")
    alive.write_script(tmp_path)
    ending = '<script src="look/live-explore.js"></script>'
    style = (ROOT / "site/look/served/style.css").read_text("utf-8")
    text = f"<!doctype html><meta charset=utf-8><style>{style}</style>{element}{ending}"
    (tmp_path / "page.html").write_text(text)
    with chromium_window() as window:
        context = window.browser.new_context(has_touch=True)
        page = context.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        yield page
        context.close()


def says(page, start, lr=0.1, beta=0.8):
    """Waits until the page says what Python says of this run."""
    path = course_lib.descend(optimizers.momentum, course_lib.ravine(), start, 60, lr=lr, beta=beta)
    page.locator(".says").filter(has_text=path.summary.split(";")[0].rstrip(".")).wait_for()


def start_of(page):
    """Where the handle says that the run begins."""
    told = page.locator(".start").get_attribute("aria-valuetext").replace("x ", "").split(", y ")
    return tuple(map(float, told))


@needs_site
@pytest.mark.walk
def test_keys_and_sliders_move_the_path_and_it_says_what_python_says(page):
    says(page, (-7.0, 2.0))
    page.locator(".start").press("ArrowRight")
    says(page, (-6.84, 2.0))
    rate, memory = page.locator("input").all()
    memory.press("Home")
    says(page, (-6.84, 2.0), beta=0.0)
    rate.press("End")
    says(page, (-6.84, 2.0), lr=10.0, beta=0.0)
    memory.press("End")
    says(page, (-6.84, 2.0), lr=10.0, beta=0.9999)


@needs_site
@pytest.mark.walk
def test_mouse_and_finger_move_the_start(page):
    ground = page.locator(".ground svg")
    box = ground.bounding_box()
    at = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in ((0.6, 0.3),
          (0.3, 0.7))]  # fmt: skip
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=4)
    page.mouse.up()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    dragged = start_of(page)
    assert dragged[0] < 0 and dragged[1] < 0
    page.touchscreen.tap(*at[0])
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert start_of(page)[0] > 0 and start_of(page)[1] > 0
    page.touchscreen.tap(*at[1])
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert start_of(page) == pytest.approx(dragged, abs=0.05)  # a pixel
