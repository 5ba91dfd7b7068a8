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
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request

ROOT = Path(__file__).resolve().parent.parent
START, LESSON = "notebooks/00_start_here.ipynb", "notebooks/01_gradient_descent.ipynb"
NOTEBOOKS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("notebooks", "exercises")
    for path in sorted(ROOT.glob(f"{folder}/**/*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
]
QUICK = "notebooks/10_nadam.ipynb"  # few sliders, yet explore, microscope, predict, quiz
WALKED = [  # one of them in every run of the tests, all of them in a long one
    name if name == QUICK else pytest.param(name, marks=pytest.mark.walk) for name in NOTEBOOKS
]
PATIENCE = 300  # seconds until something that should happen counts as not happening


# The course, in a folder of its own


def copy_course(folder: Path) -> Path:
    """Copy what a student has of the course into ``folder``; return the copy."""
    course = folder / "course"
    for part in ("course_lib", "exercise_lib", "notebooks", "exercises"):
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
def chromium_window(**view: int) -> Iterator["BrowserContext"]:
    """A window of a fresh Chromium. What its pages fetch is kept from page to page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=[OFFLINE, COMPUTED_NAMES]
        )
        yield browser.new_context(viewport={"width": 1280, "height": 900} | view)
        browser.close()


@contextmanager
def chromium(address: str, **view: int) -> Iterator["Lab"]:
    """A fresh Chromium for the JupyterLab at ``address``."""
    with chromium_window(**view) as window:
        yield Lab(window.new_page(), address)


# Nothing outside this machine can be reached; and elements tell the name a screen reader says.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
COMPUTED_NAMES = "--enable-blink-features=ComputedAccessibilityInfo"


# The front ends


class FrontEnd:
    """A notebook of the course in a browser page, whatever shows it and runs its code.

    ``complaints`` collects the errors that the page reports, ``fetched_elsewhere`` what it asks
    other machines for.
    """

    name: str

    def __init__(self, page: "Page", address: str):
        self.page, self.address = page, address
        self.complaints: list[str] = []
        self.fetched_elsewhere: list[str] = []
        page.set_default_timeout(PATIENCE * 1000)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("console", self._listen)
        page.on("request", self._watch)

    def _listen(self, message: "ConsoleMessage") -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not any(odd in message.text + where for odd in NOT_OURS):
            self.complaints.append(f"{message.text} ({where})")

    def _watch(self, request: "Request") -> None:
        here = "/".join(self.address.split("/")[:3]) + "/"
        if request.url.startswith(("http:", "https:")) and not request.url.startswith(here):
            self.fetched_elsewhere.append(request.url)

    def url(self, notebook: str) -> str:
        """The address of a notebook, named by its path in the course."""
        raise NotImplementedError

    def open(self, notebook: str) -> None:
        """Open a notebook as its address does, and wait for its kernel."""
        self.page.goto(self.url(notebook))
        self.wait_for(notebook)

    def wait_for(self, notebook: str) -> None:
        """Wait until the page shows this notebook and has a kernel that answers."""
        self.page.wait_for_function(
            "name => window.jupyterapp?.shell.currentWidget?.context?.path === name", arg=notebook
        )
        self.run_script(f"async () => {{ await {NOTEBOOK}.sessionContext.ready }}")
        self.page.wait_for_function(
            f"() => ['idle', 'busy'].includes({NOTEBOOK}.sessionContext.session?.kernel?.status)"
        )
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.run_script(LISTENING)

    def heard(self) -> list[str]:
        """What the kernel has complained about since this was asked last.

        Not that ipywidgets asked for its state, at once, in a kernel that has not loaded it yet.
        """
        said = self.page.evaluate("() => window.heard.splice(0)")
        return [
            now
            for before, now in pairwise(["", *said])
            if CONTROL not in now and not (CONTROL in before and "No such comm:" in now)
        ]

    def run_script(self, script: str, argument: object = None) -> object:
        """What a function in the page returns; it has the usual patience, and no more."""
        return self.page.evaluate(LIMITED % (script, PATIENCE), argument)

    def do(self, command: str) -> None:
        """Carry out a command of Jupyter to its end."""
        self.run_script("async name => { await jupyterapp.commands.execute(name) }", command)

    def cells(self) -> list[dict]:
        """All cells of the notebook as Jupyter now has them, in the file's format."""
        return self.page.evaluate(f"() => [...{NOTEBOOK}.model.cells].map(cell => cell.toJSON())")

    def fill_in(self, sources: dict[str, str]) -> None:
        """Write these sources into the cells with these ids, as somebody does who types them."""
        self.run_script(
            f"sources => {{ for (const cell of {NOTEBOOK}.model.cells)"
            " if (cell.id in sources) cell.sharedModel.setSource(sources[cell.id]) }",
            sources,
        )

    def cell(self, index: int) -> "Locator":
        """Scroll to a cell and return its locator (cells out of sight are not on the page).

        It holds when another cell becomes the active one, as Jupyter does late after opening.
        """
        self.run_script(
            f"async i => {{ const all = {NOTEBOOK}.content; all.activeCellIndex = i;"
            " all.widgets[i].node.dataset.cell = i; await all.scrollToItem(i, 'start') }",
            index,
        )
        return self.page.locator(f".jp-Notebook .jp-Cell[data-cell='{index}']")

    def settle(self) -> None:
        """Wait until the kernel has done what it was asked, and the page shows what came of it."""
        self.run_script(SETTLED)

    def close(self) -> None:
        """Leave the notebook; its kernel ends."""
        self.page.close()


class Lab(FrontEnd):
    """JupyterLab, served by ``python -m course_lib`` at the address it prints."""

    name = "JupyterLab"

    def url(self, notebook: str) -> str:
        return self.address.replace(START, notebook) + "&reset"  # an empty workspace

    def close(self) -> None:
        shutdown = "shell.currentWidget?.sessionContext.shutdown()"
        self.run_script(f"async () => {{ await window.jupyterapp?.{shutdown} }}")
        super().close()


class Lite(FrontEnd):
    """The course's JupyterLite, where Python runs in the browser: at the address of its site."""

    name = "JupyterLite"

    def url(self, notebook: str) -> str:
        return f"{self.address}/lite/notebooks/index.html?path={notebook}"


NOT_OURS = (
    "@jupyterlite/pyodide-kernel",  # in JupyterLab: it comes with what builds the site
    "/favicon.ico",  # Chromium asks for it, unasked
)
NOTEBOOK = "jupyterapp.shell.currentWidget"
CONTROL = "No such comm target registered: jupyter.widget.control"
EXPOSED = "--LabApp.expose_app_in_browser=True"  # gives the page the name jupyterapp
LIMITED = """argument => Promise.race([
    (%s)(argument),
    new Promise((_, fail) => setTimeout(() => fail(Error('waited in vain')), 1000 * %d)),
])"""
# The page notes what the kernel complains about (no cell shows errors in what a widget calls), and
# which messages it has not done with: JupyterLab has widgets served by a thread of their own, so a
# kernel that has run a cell may still be at work.
LISTENING = f"""() => {{
    window.heard = [];
    window.asked = new Set();
    {NOTEBOOK}.sessionContext.session.kernel.anyMessage.connect((_, {{msg, direction}}) => {{
        const {{header, content, parent_header}} = msg;
        if (direction === 'send' && header.msg_type === 'comm_msg') asked.add(header.msg_id);
        if (content.execution_state === 'idle') asked.delete(parent_header.msg_id);
        if (header.msg_type === 'error') heard.push(`${{content.ename}}: ${{content.evalue}}`);
        if (content.name === 'stderr') heard.push('stderr: ' + content.text);
    }});
}}"""
# More than once: widgets keep moves back while the kernel is at one, and then send the newest.
SETTLED = f"""async () => {{
    const kernel = {NOTEBOOK}.sessionContext.session.kernel;
    for (let quiet = 0; quiet < 2; quiet++) {{
        await kernel.requestExecute({{code: '', silent: true, store_history: false}}).done;
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const drawn = [...document.querySelectorAll('.live-picture canvas')]
            .every(canvas => canvas.dataset.asked === canvas.dataset.frames);
        if (asked.size || !drawn) quiet = -1;
    }}
}}"""
