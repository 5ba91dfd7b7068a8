"""What tests share: patience with checks, and in the browser a Chromium and a table of findings."""

import json
import os
from importlib import import_module
from pathlib import Path

import pytest
from browser import lacking
from matplotlib.axis import Axis
from matplotlib.layout_engine import ConstrainedLayoutEngine


@pytest.fixture(scope="session")
def chromium_is_there():
    """Skips a test where there is no Chromium; in continuous integration there has to be one."""
    if reason := lacking():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session", autouse=True)
def patient_checks():
    """Checks give an answer much time, for this machine may be busy; a test of that gives less."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exercise_lib.engine.SECONDS", 300)
        yield


@pytest.fixture
def sketched(monkeypatch):
    """Small pictures without ticks or a search for a layout; test_pictures.py has them real."""
    for module in ("pictures.style", "labs.phase_map"):
        monkeypatch.setattr(import_module(f"course_lib.{module}"), "DPI", 50)
    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", lambda self, figure: None)
    monkeypatch.setattr(Axis, "draw", lambda self, renderer: None)
    monkeypatch.setattr(Axis, "get_tightbbox", lambda self, renderer, **how: None)


# The table of the walks (see walk.py): one line for each notebook and front end

WALK = "walk"  # the property of a test that holds its Walk


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
    """Print the table at the end of the run, and write it to .pytest_cache/d/browser/table.md."""
    reports = (r for kind in terminalreporter.stats.values() for r in kind)
    walks = [
        json.loads(value)
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == WALK
    ]
    if not walks:
        return
    lines = table(walks)
    terminalreporter.section("every notebook in the browser")
    terminalreporter.write_line("\n".join(lines))
    if hasattr(config, "cache"):
        file = Path(config.cache.mkdir("browser"), "table.md")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def table(walks: list[dict]) -> list[str]:
    """A table in Markdown, in the order of the course."""
    walks = sorted(  # exercises after lessons
        walks, key=lambda w: (w["front_end"], w["notebook"].startswith("exercises"), w["notebook"])
    )
    times, counts = ("first_picture", "run", "solved", "whole"), ("sliders", "buttons")
    rows = [("notebook", "front end", "picture", "run", "solved", "whole", *counts, "errors")]
    for w in walks:
        name = "/".join(dict.fromkeys(w["notebook"].removesuffix(".ipynb").split("/")))
        seconds = (f"{w[t]:.1f} s" if w[t] is not None else "" for t in times)
        numbers = (str(w[c]) for c in counts)
        rows.append((name, w["front_end"], *seconds, *numbers, str(len(w["errors"]))))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(n) for cell, n in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (n + 2) for n in widths) + "|")
    return lines
