"""What the course promises about speed, measured: ``python tests/bench.py [part …]``.

Prints one table. A row compares two things measured in this run on this machine, so it is the
ratio that counts; only of JupyterLite are plain times asked. Parts: ``browser`` (the live figure
in JupyterLab and Chromium), ``site`` (the same in JupyterLite; needs a Pyodide to put into the
site, named by the variable PYODIDE_DIR), ``runs`` (descend and sweep), ``imports``; without
arguments all four. Takes about three minutes.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import browser
import numpy as np

from course_lib import adam, beale, descend, sweep


@dataclass(frozen=True)
class Row:
    """One promise: what was measured against what, and whether the ratio keeps the goal."""

    what: str
    measured: str
    against: str
    ratio: float
    goal: str  # such as "≥ 4 ×": a bound, the limit, the unit of the ratio

    def __str__(self) -> str:
        bound, limit, unit = self.goal.split()
        met = self.ratio >= float(limit) if bound == "≥" else self.ratio <= float(limit)
        found = f"{self.ratio:.3g} {unit}"
        verdict = "met" if met else "MISSED"
        return (
            f"{self.what:<36} {self.measured:>9}   {self.against:<45} "
            f"{found:>7}   goal {self.goal:<8} {verdict}"
        )


def no_row(what: str, why: str) -> str:
    return f"{what:<36} not measured: {why}"


# In the browser

CELLS = {
    "label": """
        import ipywidgets
        slider = ipywidgets.FloatLogSlider(0.01, min=-4, max=1, step=0.02)
        label = ipywidgets.Label()
        slider.observe(lambda change: setattr(label, "value", f"lr = {change.new:.3g}"), "value")
        ipywidgets.VBox([slider, label])""",
    "live": """
        from course_lib import adam, beale, descend, explore
        explore(adam, on=beale, steps=200, lr=0.01)""",
    "interact": """
        %matplotlib inline
        import matplotlib.pyplot as plt
        import numpy as np
        from ipywidgets import FloatLogSlider, interact
        (x0, x1), (y0, y1) = beale.window
        x, y = np.meshgrid(np.linspace(x0, x1, 161), np.linspace(y0, y1, 161))
        z = beale(np.stack([x, y], axis=-1))
        @interact(lr=FloatLogSlider(0.01, min=-4, max=1, step=0.02))
        def show(lr):
            path = descend(adam, beale, steps=200, lr=lr)
            figure, (ground, loss) = plt.subplots(1, 2, figsize=(9.2, 3.9))
            ground.contourf(x, y, z, np.linspace(0, z.max() ** 0.25, 16) ** 4)
            ground.plot(*path.points.T, "o-")
            loss.semilogy(path.values)
            plt.show()""",
}
WATCH = """cell => {
    window.stopWatching?.();
    window.pressed = [];
    window.seen = [];
    const frame = () => requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => seen.push(performance.now());
        painted.port2.postMessage(null);
    });
    const press = event => pressed.push(event.timeStamp);
    const load = event => (event.type === 'painted' || event.target.tagName === 'IMG') && frame();
    const text = new MutationObserver(frame);
    const label = cell.querySelector('.widget-vbox > .widget-label');
    if (label) text.observe(label, {childList: true, characterData: true, subtree: true});
    document.addEventListener('keydown', press, true);
    for (const kind of ['load', 'painted']) cell.addEventListener(kind, load, true);
    window.stopWatching = () => {
        text.disconnect();
        document.removeEventListener('keydown', press, true);
        for (const kind of ['load', 'painted']) cell.removeEventListener(kind, load, true);
    };
}"""


def in_browser(rounds: int = 5) -> Iterator[object]:
    """Key press to changed picture, and pictures a second while dragging.

    All times are taken inside the page: from the key event until the first frame with the new
    picture or the new text has been painted (within 2 ms of what Chromium's Element Timing says).
    The three ways take turns, in one notebook and one kernel.
    """
    names = "Live figure, key press to picture", "Live figure while dragging"
    if reason := browser.lacking():
        yield from (no_row(name, reason) for name in names)
        return
    with tempfile.TemporaryDirectory() as folder:
        course = browser.copy_course(Path(folder))
        _write_notebook(course / browser.START)
        with (
            browser.served(course, browser.EXPOSED) as (address, _),
            browser.chromium(address) as lab,
        ):
            lab.open(browser.START)
            lab.do("notebook:run-all-cells")
            delays: dict[str, list[float]] = {kind: [] for kind in CELLS}
            rates: dict[str, list[float]] = {kind: [] for kind in CELLS}
            for _ in range(rounds):
                for i, kind in enumerate(CELLS):
                    cell = lab.cell(i)
                    cell.locator(HANDLE).first.wait_for()
                    cell.evaluate(WATCH)
                    delays[kind] += _key_presses(lab.page, cell)
                    rates[kind].append(_drag(lab.page, cell))
    delay = {kind: statistics.median(times) for kind, times in delays.items()}
    rate = {kind: statistics.median(of_rounds) for kind, of_rounds in rates.items()}
    ms = {kind: f"{time:.0f} ms" for kind, time in delay.items()}
    per_s = {kind: f"{pictures:.1f}/s" for kind, pictures in rate.items()}
    yield Row(names[0], ms["live"], f"interact, new figures: {ms['interact']}",
              delay["interact"] / delay["live"], "≥ 4 ×")  # fmt: skip
    yield Row(names[0], ms["live"], f"a label that changes: {ms['label']}",
              delay["live"] / delay["label"], "≤ 2 ×")  # fmt: skip
    yield Row(names[1], per_s["live"], f"interact {per_s['interact']}, label {per_s['label']}",
              rate["live"], "≥ 15 /s")  # fmt: skip


HANDLE = ".noUi-handle, [type=range]"
RUN_ALL = "() => { jupyterapp.commands.execute('notebook:run-all-cells') }"
PICTURE = "() => document.querySelector('canvas[data-frames]')"


def in_jupyterlite(presses: int = 24) -> Iterator[object]:
    """A student's wait in JupyterLite: for the first live picture, and for each move after that.

    Cold: a Chromium that has nothing of the site yet, from the moment it opens lesson 01 until it
    shows a live picture, all cells being run as soon as there is a kernel.
    """
    names = "JupyterLite, lesson 01 to a picture", "JupyterLite, key press to picture"
    pyodide = os.environ.get("PYODIDE_DIR", "")
    if reason := browser.lacking() or ("" if pyodide else "PYODIDE_DIR names no Pyodide"):
        yield from (no_row(name, reason) for name in names)
        return
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "site/build.py", "--pyodide", pyodide, "--output", folder]
        subprocess.run(build, cwd=browser.ROOT, check=True, stdout=subprocess.DEVNULL)
        port = browser.free_port()
        quiet = subprocess.DEVNULL
        serve = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"]
        with subprocess.Popen(serve, cwd=folder, stdout=quiet, stderr=quiet) as server:
            try:
                with browser.chromium_window() as window:
                    lite = browser.Lite(window.new_page(), f"http://127.0.0.1:{port}")
                    began = time.perf_counter()
                    lite.open(browser.LESSON)
                    ready = time.perf_counter() - began
                    lite.page.evaluate(RUN_ALL)
                    lite.page.wait_for_function(PICTURE)
                    cold = time.perf_counter() - began
                    lite.settle()
                    sources = ["".join(cell["source"]) for cell in lite.cells()]
                    cell = lite.cell(next(i for i, s in enumerate(sources) if "explore(" in s))
                    cell.locator(HANDLE).first.wait_for()
                    cell.evaluate(WATCH)
                    delay = statistics.median(_key_presses(lite.page, cell, presses))
            finally:
                server.terminate()
    yield Row(names[0], f"{cold:.1f} s", f"of it until Python was ready: {ready:.1f} s",
              cold, "≤ 25 s")  # fmt: skip
    yield Row(names[1], f"{delay:.0f} ms", f"median of {presses}", delay, "≤ 300 ms")


def _write_notebook(path: Path) -> None:
    cells = [
        {"cell_type": "code", "id": kind, "metadata": {}, "execution_count": None, "outputs": [],
         "source": "\n".join(line[8:] for line in source.strip("\n").split("\n"))}
        for kind, source in CELLS.items()
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole), "utf-8")


def _key_presses(page, cell, n: int = 8) -> list[float]:
    """Milliseconds from each of ``n`` key presses to the change it makes."""
    cell.locator(HANDLE).first.focus()
    times = []
    for i in range(n):
        page.evaluate("() => { pressed.length = seen.length = 0 }")
        page.keyboard.press("ArrowRight" if i < n / 2 else "ArrowLeft")
        page.wait_for_timeout(150)
        page.wait_for_function("() => seen.length > 0", polling=50)
        times.append(page.evaluate("() => seen[0] - pressed[0]"))
        page.wait_for_timeout(150 + 10 * i)  # not in step with anything that polls
    return times


def _drag(page, cell, seconds: float = 2.0) -> float:
    """Changes a second while the mouse drags the handle to and fro, 60 moves a second."""
    box = cell.locator(HANDLE).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("() => { seen.length = 0 }")
    began = time.perf_counter()
    while (now := time.perf_counter() - began) < seconds:
        page.mouse.move(x + 40 * np.sin(2 * np.pi * now / seconds), y)
        time.sleep(max(0, 1 / 60 - (time.perf_counter() - began - now)))
    rate = page.evaluate("() => seen.length") / (time.perf_counter() - began)
    page.mouse.up()
    page.wait_for_timeout(500)
    return rate


# Runs


def seconds(work: Callable[[], object], repeat: int = 15) -> float:
    """Median time of ``work``, which is called once before."""
    work()
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def torch_run(steps: int, lr: float) -> object:
    """What ``descend(adam, beale, …)`` does, as one writes it with torch.optim."""
    import torch

    x = torch.tensor([1.0, 1.5], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([x], lr=lr)
    points = [x.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        a, b = x
        f = (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2
        f.backward()
        optimizer.step()
        points.append(x.detach().clone())
    return torch.stack(points)


def of_runs(steps: int = 200) -> Iterator[object]:
    """A run against torch.optim, and a sweep against one run after the other."""

    def one() -> object:
        return descend(adam, beale, start=(1.0, 1.5), steps=steps, lr=0.01)

    mine = seconds(one)
    name = f"descend, Adam, {steps} steps"
    if find_spec("torch") is None:
        yield no_row(name, "PyTorch is not installed (pip install torch)")
    else:
        assert np.allclose(one().points, torch_run(steps, 0.01).numpy(), rtol=1e-9)
        theirs = seconds(lambda: torch_run(steps, 0.01))
        yield Row(name, f"{mine * 1e3:.1f} ms", f"torch.optim loop: {theirs * 1e3:.1f} ms",
                  theirs / mine, "≥ 3 ×")  # fmt: skip
    lr, beta1 = np.geomspace(1e-4, 1e-1, 100), np.linspace(0, 0.99, 100)
    each = seconds(lambda: sweep(adam, beale, steps=steps, lr=lr, beta1=beta1), repeat=5) / 1e4
    yield Row(f"sweep, 10,000 settings × {steps} steps", f"{each * 1e6:.1f} µs",
              f"descend in a loop: {mine * 1e6:.0f} µs", mine / each, "≥ 200 ×")  # fmt: skip


# Imports

TIMED = """
import time
began = time.perf_counter()
import matplotlib.pyplot{widgets}
between = time.perf_counter()
{ours}
print(between - began, time.perf_counter() - between)
"""


def of_imports(repeat: int = 15) -> Iterator[object]:
    """What the course adds to the libraries it stands on, in fresh processes.

    ``import course_lib`` after matplotlib.pyplot; and everything that a lesson with sliders uses
    after matplotlib.pyplot and ipywidgets.
    """
    cases = {
        "import course_lib": ("", "import course_lib"),
        "from course_lib import explore": (", ipywidgets", "from course_lib import explore"),
    }
    for name, (widgets, ours) in cases.items():
        code = TIMED.format(widgets=widgets, ours=ours)
        command = [sys.executable, "-c", code]
        runs = [subprocess.check_output(command, text=True).split() for _ in range(repeat)]
        theirs, added = np.median(np.array(runs, dtype=float)[1:], axis=0)
        yield Row(name, f"{added * 1e3:.0f} ms", f"import matplotlib.pyplot{widgets}: "
                  f"{theirs * 1e3:.0f} ms", 100 * added / theirs, "≤ 10 %")  # fmt: skip


PARTS = {"browser": in_browser, "site": in_jupyterlite, "runs": of_runs, "imports": of_imports}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        for row in PARTS[part]():
            print(row, flush=True)
