"""A copy of the course, served by ``python -m course_lib`` and opened in a real Chromium.

Shared by test_lab.py and bench.py. Nothing in the tree and nothing of the user's own Jupyter is
touched: the course, its settings, its workspace and what it trusts are in a folder of their own.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START, LESSON = "notebooks/00_start_here.ipynb", "notebooks/01_gradient_descent.ipynb"
PATIENCE = 120  # seconds until something that should happen counts as not happening


# The course, in a folder of its own


def copy_course(folder: Path) -> Path:
    """Copy what a student has of the course into ``folder``; return the copy."""
    course = folder / "course"
    for part in ("course_lib", "notebooks"):
        shutil.copytree(ROOT / part, course / part, ignore=shutil.ignore_patterns("__pycache__"))
    return course


def environment(course: Path, **variables: str) -> dict[str, str]:
    """The variables for a program that uses the copy, and Jupyter folders beside it."""
    own = course.parent / "jupyter"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER") and k != "PORT"}
    folders = {f"JUPYTER_{kind}_DIR": str(own / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {f"JUPYTERLAB_{kind}_DIR": str(own / kind) for kind in ("SETTINGS", "WORKSPACES")}
    return kept | folders | {"IPYTHONDIR": str(own), "PYTHONPATH": str(course)} | variables


def free_port() -> str:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return str(s.getsockname()[1])


@contextmanager
def served(course: Path, *arguments: str, **variables: str) -> Iterator[tuple[str, Path]]:
    """``python -m course_lib`` while inside: the address it prints, and the file of its output."""
    variables = {"PORT": free_port(), "NO_BROWSER": "1"} | variables
    log = course.parent / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "course_lib", *arguments],
            cwd=course, env=environment(course, **variables), stdout=out, stderr=out,
        )  # fmt: skip
    try:
        yield _address(server, log), log
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _address(server: subprocess.Popen, log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        if found := re.search(r"http://\S+token=\w+", log.read_text()):
            return found[0]
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


# Chromium


def find_chromium() -> str | None:
    """Chromium, Chrome or Edge: $CHROMIUM, then the search path, then where they usually are."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    applications = Path("/Applications")
    places = [applications / f"{n}.app/Contents/MacOS/{n}" for n in ("Chromium", "Google Chrome")]
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if folder := os.environ.get(variable):
            places += [Path(folder, "Google/Chrome/Application/chrome.exe")]
            places += [Path(folder, "Microsoft/Edge/Application/msedge.exe")]
    wanted = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [wanted] if wanted else [*names, *places])), None)


def lacking() -> str:
    """What is missing for tests in a browser and how to get it; empty if nothing is."""
    if find_spec("playwright") is None:
        return "Playwright is not installed (get it with: pip install playwright)"
    if find_chromium() is None:
        return (
            "no Chromium found (get it with: apt-get install chromium, or Chrome from "
            "https://www.google.com/chrome; or say where it is: CHROMIUM=/path/to/chromium)"
        )
    return ""


@contextmanager
def chromium(address: str, **view: int) -> Iterator["Lab"]:
    """A fresh Chromium for the JupyterLab at ``address``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        page = browser.new_page(viewport={"width": 1280, "height": 900} | view)
        page.set_default_timeout(PATIENCE * 1000)
        yield Lab(page, address)
        browser.close()


class Lab:
    """JupyterLab in a browser page. ``complaints`` collects the errors that the page reports."""

    def __init__(self, page, address: str):
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self.fetched_elsewhere: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("console", self._listen)
        page.on("request", self._watch)

    def _listen(self, message) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _watch(self, request) -> None:
        if request.url.startswith("http") and "//localhost:" not in request.url:
            self.fetched_elsewhere.append(request.url)

    def open(self, notebook: str) -> None:
        """Open a notebook as its address does, in an empty workspace, and wait for its kernel."""
        self.page.goto(self.address.replace(START, notebook) + "&reset")
        self.wait_for(notebook)

    def wait_for(self, notebook: str) -> None:
        """Wait until JupyterLab shows this notebook and has a kernel for it."""
        self.page.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.context?.path === name", arg=notebook
        )
        self.page.evaluate(f"async () => {{ await {NOTEBOOK}.sessionContext.ready }}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")

    def do(self, command: str) -> None:
        """Carry out a command of JupyterLab to its end."""
        self.page.evaluate("async name => { await jupyterapp.commands.execute(name) }", command)

    def cells(self) -> list[dict]:
        """All cells of the notebook as JupyterLab now has them, in the file's format."""
        return self.page.evaluate(f"() => {NOTEBOOK}.model.toJSON().cells")

    def cell(self, index: int):
        """Scroll to a cell and return its locator (cells out of sight are not on the page)."""
        self.page.evaluate(
            f"async i => {{ const all = {NOTEBOOK}.content; all.activeCellIndex = i;"
            " await all.scrollToItem(i, 'start') }",
            index,
        )
        return self.page.locator(".jp-Notebook .jp-Cell.jp-mod-active")


NOTEBOOK = "jupyterapp.shell.currentWidget"
EXPOSED = "--LabApp.expose_app_in_browser=True"  # gives the page the name jupyterapp
