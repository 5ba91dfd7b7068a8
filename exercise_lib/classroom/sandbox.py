"""A notebook run where it can do no harm: each submission in a sandbox and within limits.

The sandbox is bubblewrap (Linux). Inside there is no network, nothing can be written except a small
/tmp, and nothing can be read except Python and the course: no other submission, no gradebook, no
home. Nothing started inside outlives it. Where bubblewrap is missing or not allowed, the limits
hold but the walls do not, and ``bubblewrap()`` says why.
"""

import contextlib
import json
import os
import queue
import secrets
import shutil
import site
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

import course_lib
import exercise_lib

INSIDE = Path(__file__).with_name("inside.py")
PYTHON = (sys.executable, "-P", "-B")
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/alternatives", "/etc/ld.so.cache")
FORMATS = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")
LOOK_EVERY = 0.1  # seconds between two looks at the processes of a submission
GRACE = 3.0  # seconds that an interrupted cell has to stop


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    cell_seconds: of one cell; it is interrupted then, and if that does not help, ended
    seconds:      of the whole notebook
    megabytes:    of memory, all its processes together
    processes:    at once
    characters:   of output of one cell; the rest is cut off
    """

    cell_seconds: float = 30
    seconds: float = 120
    megabytes: int = 2048
    processes: int = 50
    characters: int = 100_000

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be above 0, got {value!r}")


class CannotRun(Exception):
    """The course cannot be started: nobody's grade may depend on that."""


@dataclass
class Execution:
    """What came out of a run: the notebook has its outputs.

    trouble:  what went wrong beside errors in cells, in words
    tampered: names of the course, numpy or Python that the student's code had changed
    """

    notebook: NotebookNode
    seconds: float = 0.0
    megabytes: float = 0.0
    trouble: list[str] = field(default_factory=list)
    tampered: list[str] = field(default_factory=list)
    sandboxed: bool = False


@dataclass(frozen=True)
class Bubblewrap:
    """The command that makes a sandbox, or why there is none."""

    command: tuple[str, ...] = ()
    missing: str = ""


@cache
def bubblewrap() -> Bubblewrap:
    """Look once whether a sandbox can be made here, by making one that imports the course."""
    found = shutil.which("bwrap")
    if not found:
        return Bubblewrap(
            missing="bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
        )
    command = (found, *walls())
    trial = [*command, *PYTHON, "-c", "import IPython, exercise_lib.check"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, timeout=60, env=environment())
    except (OSError, subprocess.TimeoutExpired) as error:
        return Bubblewrap(missing=f"bubblewrap does not start: {error}")
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Bubblewrap(missing=f"bubblewrap is not allowed to work here: {said}")
    return Bubblewrap(command)


def walls() -> list[str]:
    """The arguments of bubblewrap: what can be seen inside, and nothing else."""
    course = [str(Path(package.__file__).parent) for package in (course_lib, exercise_lib)]
    places = [*SYSTEM, sys.base_prefix, sys.prefix, *site.getsitepackages()]
    places += [str(Path(sys.executable).resolve().parent.parent), *course]
    if site.ENABLE_USER_SITE:
        places.append(site.getusersitepackages())
    arguments = ["--unshare-all", "--die-with-parent", "--new-session", "--hostname", "student"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--size", str(64 * 2**20), "--tmpfs", "/tmp"]
    arguments += ["--size", str(16 * 2**20), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    for place in dict.fromkeys(places):
        arguments += ["--ro-bind-try", place, place]
    for name in fonts():
        arguments += ["--ro-bind-try", str(name), f"/tmp/matplotlib/{name.name}"]
    return [*arguments, "--dir", "/tmp/work", "--chdir", "/tmp/work", "--remount-ro", "/"]


def fonts() -> list[Path]:
    """Matplotlib's list of fonts, which takes seconds to make anew for each student."""
    try:
        import matplotlib

        return [*Path(matplotlib.get_cachedir()).glob("fontlist-*.json")]
    except ImportError:
        return []


def environment(folder: str = "/tmp") -> dict[str, str]:
    """The environment variables of a submission: nothing of the instructor's."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": folder,
        "TMPDIR": folder,
        "TEMP": folder,
        "IPYTHONDIR": str(Path(folder, "ipython")),
        "MPLCONFIGDIR": str(Path(folder, "matplotlib")),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONPATH": os.pathsep.join(
            dict.fromkeys(str(Path(p.__file__).parent.parent) for p in (course_lib, exercise_lib))
        ),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "NBGRADER_EXECUTION": "autograde",
        # threads of linear algebra would only get in each other's way: there is a job for each core
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


def run(
    notebook: NotebookNode, limits: Limits = Limits(), sandboxed: bool | None = None
) -> Execution:
    """Run all cells of a submission; its outputs are put into the notebook.

    A cell that takes too long is interrupted, as with the stop button. One that ends the process,
    or cannot be interrupted, fails, and the notebook is run again without it, so that it costs its
    own points only.

    sandboxed: True insists on bubblewrap, False does without, None takes it where it works

    Raises ``CannotRun`` where it is not the student's code that fails.
    """
    limits = limits or Limits()
    box = bubblewrap() if sandboxed is not False else Bubblewrap()
    if sandboxed and not box.command:
        raise RuntimeError(box.missing)
    done = Execution(notebook, sandboxed=bool(box.command))
    start = time.monotonic()
    fatal: dict[int, str] = {}
    while True:
        left = limits.seconds - (time.monotonic() - start)
        if left <= 0:
            break
        attempt = _Attempt(notebook, limits, box, fatal, left)
        if not attempt.ready:
            raise CannotRun(f"Python or the course does not start: {attempt.last_words}")
        done.megabytes = max(done.megabytes, attempt.megabytes)
        done.tampered = [*dict.fromkeys([*done.tampered, *attempt.tampered])]
        if attempt.ended or attempt.running is None or attempt.running in fatal:
            break
        fatal[attempt.running] = attempt.why
    done.seconds = time.monotonic() - start
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for index, cell in enumerate(code):
        if index in fatal:
            cell.outputs = [failure(fatal[index])]
            done.trouble.append(f"cell {cell.get('id', index)}: {fatal[index]}")
        elif index in attempt.outputs:
            cell.outputs = attempt.outputs[index]
        else:
            cell.outputs = [failure("it was not run: " + (attempt.why or "the time was up"))]
    if not attempt.ended:
        done.trouble.append(attempt.why or f"stopped after {limits.seconds:g} seconds")
    return done


def failure(why: str) -> NotebookNode:
    return NotebookNode(
        output_type="error", ename="Stopped", evalue=why, traceback=[f"Stopped: {why}"]
    )


class _Attempt:
    """One process that runs the notebook, watched until it ends or has to be ended."""

    def __init__(self, notebook, limits, box, skipped, seconds) -> None:
        self.outputs: dict[int, list[NotebookNode]] = {}
        self.tampered: list[str] = []
        self.running: int | None = None
        self.ready, self.ended, self.why, self.megabytes = False, False, "", 0.0
        self.last_words = ""
        self.limits = limits
        self.until = time.monotonic() + seconds
        self.since = time.monotonic()  # when the cell began that is running
        self.mark = secrets.token_hex(16)
        with self._process(box) as process:
            lines: queue.Queue[bytes | None] = queue.Queue(maxsize=100)
            threading.Thread(target=self._read, args=(process, lines), daemon=True).start()
            self._send(process, notebook, skipped, bool(box.command))
            self._follow(process, lines)

    @contextlib.contextmanager
    def _process(self, box: Bubblewrap) -> Iterator[subprocess.Popen]:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            home = "/tmp" if box.command else folder
            process = subprocess.Popen(
                [*box.command, *PYTHON, str(INSIDE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,  # of Python and the course; the student's goes elsewhere
                cwd=folder,
                env=environment(home) | {"COURSE_SUBMISSION": self.mark},
                start_new_session=os.name == "posix",
            )
            try:
                yield process
            finally:
                self._end(process, bool(box.command))

    def _end(self, process: subprocess.Popen, sandboxed: bool) -> None:
        """End the process and all that it started. Inside a sandbox all die with the first."""
        family = []
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(process.pid).children(recursive=True)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if sandboxed:
            psutil.wait_procs(family, timeout=5)
        if not sandboxed:
            for other in psutil.process_iter():
                with contextlib.suppress(psutil.Error, OSError):
                    if other.environ().get("COURSE_SUBMISSION") == self.mark:
                        other.kill()
        process.wait()
        if not self.ready:
            said = process.stderr.read(10_000).decode(errors="replace").strip()
            self.last_words = said.rpartition("\n")[2] or self.why
        for pipe in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                pipe.close()

    def _send(self, process, notebook, skipped, sandboxed) -> None:
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        about = [cell.metadata.get("nbgrader", {}) for cell in code]
        cells = [
            {
                "source": cell.source,
                "points": nbgrader.get("points", 0) if nbgrader.get("grade") else None,
                "locked": bool(nbgrader.get("locked")),
                "seconds": self.limits.cell_seconds,
                "skip": index in skipped,
            }
            for index, (cell, nbgrader) in enumerate(zip(code, about, strict=True))
        ]
        # Counted inside the sandbox; outside it would count all that the user runs on the machine.
        processes = self.limits.processes if sandboxed else None
        task = {
            "cells": cells,
            "megabytes": self.limits.megabytes,
            "processes": processes,
            "characters": self.limits.characters,
        }
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(task).encode())
            process.stdin.close()

    def _read(self, process: subprocess.Popen, lines: queue.Queue) -> None:
        """In a thread: what the process says, up to a limit far above what it may keep."""
        most = 10 * self.limits.characters + 1_000_000
        with contextlib.suppress(OSError, ValueError):
            while (line := process.stdout.readline(most)) and line.endswith(b"\n"):
                lines.put(line)
        lines.put(None)

    def _follow(self, process: subprocess.Popen, lines: queue.Queue) -> None:
        look, cell_seconds = 0.0, self.limits.cell_seconds
        while not self.ended and not self.why:
            try:
                line = lines.get(timeout=LOOK_EVERY)
            except queue.Empty:
                line = b""
            if line is None:
                self.why = "it ended the process"
            elif line:
                self._hear(line)
            now = time.monotonic()
            if now > look:
                look = now + LOOK_EVERY
                self._look(process)
                if now > self.until:
                    self.why = f"stopped after {self.limits.seconds:g} seconds"
                elif (
                    self.running is not None and now > self.since + self.limits.cell_seconds + GRACE
                ):
                    self.why = f"it did not stop after {cell_seconds:g} seconds"

    def _hear(self, line: bytes) -> None:
        """A line of the process; one that is not as it should be ends the attempt."""
        try:
            said = json.loads(line)
            if "begin" in said:
                self.running, self.since = int(said["begin"]), time.monotonic()
            elif "end" in said:
                self.outputs[int(said["end"])] = [clean(output) for output in said["outputs"]]
                self.tampered += map(str, said["tampered"][:20])
                self.running = None
            self.ready |= "ready" in said
            self.ended = "done" in said
        except (ValueError, TypeError, KeyError, AttributeError):
            self.why = "its output cannot be read"

    def _look(self, process: subprocess.Popen) -> None:
        """How much memory, and how many processes."""
        try:
            top = psutil.Process(process.pid)
            family = [top, *top.children(recursive=True)]
            used = 0
            for member in family:
                with contextlib.suppress(psutil.Error):
                    used += member.memory_info().rss
        except psutil.Error:
            return
        self.megabytes = max(self.megabytes, used / 2**20)
        if self.megabytes > self.limits.megabytes:
            self.why = f"it used more than {self.limits.megabytes} MB of memory"
        elif len(family) > self.limits.processes + 3:  # three are the sandbox's own
            self.why = f"it started more than {self.limits.processes} processes"


def clean(output: dict) -> NotebookNode:
    """An output as the notebook format has it, whatever the process said."""
    kind, content = output["output_type"], {}
    if kind == "stream":
        content = {"name": str(output["name"]), "text": str(output["text"])}
    elif kind == "error":
        lines = [str(line) for line in output["traceback"]]
        content = {"ename": str(output["ename"]), "evalue": str(output["evalue"])}
        content["traceback"] = lines
    else:
        found = output["metadata"].get("report")
        report = {key: str(value) for key, value in found.items()} if found else None
        content = {"metadata": {"report": report} if report else {}, "data": shown(output["data"])}
    if kind == "execute_result":
        content["execution_count"] = int(output["execution_count"])
    return output_from_msg({"header": {"msg_type": kind}, "content": content})


def shown(data: dict) -> dict[str, str]:
    """The formats that pages of feedback show; scripts and widgets are none of them."""
    kept = {kind: str(data[kind]) for kind in FORMATS if kind in data}
    if "image/svg+xml" in data and len(kept) < 2:  # as a picture, in which no script runs
        picture = b64encode(str(data["image/svg+xml"]).encode()).decode()
        kept["text/html"] = f'<img alt="a drawing" src="data:image/svg+xml;base64,{picture}">'
    return kept
