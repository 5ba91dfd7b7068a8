"""A notebook run where it can do no harm: each submission behind walls and within limits.

The process of the submission runs the cells. This one, the judge's, watches it, asks it for the
answers, and keeps what came out. Where there are no walls (``walls.py``) the limits hold still, and
so does the judge.

``python -m exercise_lib.classroom.sandbox`` is the judge's process: ``grade`` starts one for each
core, and sends them one hand-in after the other.
"""

import contextlib
import json
import math
import os
import secrets
import select
import signal
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from exercise_lib.classroom.channel import Misunderstood, message_in
from exercise_lib.classroom.judge import Bench, CannotJudge, outputs_of
from exercise_lib.classroom.walls import (
    INSIDE,
    NOBODY,
    PYTHON,
    Bubblewrap,
    as_root,
    bubblewrap,
    environment,
)
from exercise_lib.containment.time_limits import TimeUp
from exercise_lib.engine import OURS

FORMATS = ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg")
LOOK_EVERY = 0.1  # seconds between two looks at the processes of a submission
GRACE = 3.0  # seconds that an interrupted cell has to stop
CHECK_SECONDS = 4.0  # of processor time for the answer in one check
PATIENCE = 4  # by the clock, as many times the processor time as a limit grants
LINE = 32 * 2**20  # bytes of one message
ALL_OUTPUTS = 20  # times the output of one cell, of the whole notebook
MOST_OUTPUTS = 1000  # of one cell
JUDGES_MEMORY = 6 * 2**30


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    cell_seconds: of one cell, in processor time, so that a busy machine takes nothing from anyone;
                  it is interrupted then, and if that does not help, ended
    seconds:      of the whole notebook, all its processes together
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


class Gone(BaseException):
    """The process of the submission is to be ended, or has ended; the words say why.

    It is no ``Exception``, so that no check takes it for one of the learner's code.
    """


class Ended(BaseException):
    """This process is to end; what it started ends first."""


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


def run(
    notebook: NotebookNode,
    limits: Limits | None = None,
    sandboxed: bool | None = None,
    student: str = "",
    alone: bool = False,
) -> Execution:
    """Run all cells of a submission, and judge its answers; the outputs are put into the notebook.

    A cell that takes too long is interrupted, as with the stop button. One that ends the process,
    or cannot be interrupted, fails, and the notebook is run again without it, so that it costs its
    own points only.

    sandboxed: True insists on bubblewrap, False does without, None takes it where it works
    student:   whose personal numbers count
    alone:     in a container of its own, which is the wall where bubblewrap does not work: if this
               process is root's, the submission runs as a user who owns nothing

    Raises ``CannotRun`` where it is not the student's code that fails.
    """
    limits = limits or Limits()
    box = bubblewrap() if sandboxed is not False else Bubblewrap()
    if alone and not box.command and as_root():
        box = Bubblewrap(user=NOBODY)
    if sandboxed and not box.command:
        raise RuntimeError(box.missing)
    done = Execution(notebook, sandboxed=bool(box.command))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    start, used = time.monotonic(), 0.0
    fatal: dict[int, str] = {}
    judged: dict[int, list[NotebookNode]] = {}  # also of cells at which the process was lost
    while True:
        try:
            attempt = _Attempt(code, limits, box, {*fatal}, limits.seconds - used, student)
        except CannotJudge as error:
            raise CannotRun(str(error)) from error
        attempt.run()
        used += attempt.used
        judged |= attempt.judged
        if not attempt.ready:
            raise CannotRun(f"Python or the course does not start: {attempt.last_words}")
        done.megabytes = max(done.megabytes, attempt.megabytes)
        done.tampered = [*dict.fromkeys([*done.tampered, *attempt.tampered])]
        if attempt.ended or attempt.running is None or attempt.running in fatal:
            break
        fatal[attempt.running] = attempt.why
        if used > limits.seconds or time.monotonic() - start > PATIENCE * limits.seconds:
            break
    done.seconds = time.monotonic() - start
    for index, cell in enumerate(code):
        if index in judged:
            cell.outputs = judged[index]
        elif index in fatal:
            cell.outputs = [failure(fatal[index])]
        elif index in attempt.outputs:
            cell.outputs = attempt.outputs[index]
        else:
            cell.outputs = [failure("it was not run: " + (attempt.why or "the time was up"))]
        if index in attempt.bench.checks and index not in judged:
            insist_on_no_points(cell)
        elif index not in judged:
            keep_within(cell)
    for index, why in fatal.items():
        done.trouble.append(f"cell {code[index].get('id', index)}: {why}")
    if not attempt.ended and attempt.running not in fatal:
        done.trouble.append(attempt.why or f"stopped after {limits.seconds:g} seconds")
    return done


def insist_on_no_points(cell: NotebookNode) -> None:
    """For nbgrader a graded cell without outputs is right: one that was not judged is not."""
    cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
    if not cell.outputs:
        cell.outputs = [failure("its check gave no report")]


def keep_within(cell: NotebookNode) -> None:
    """The number at the end of an instructor's own check is one between 0 and the cell's points."""
    about = cell.metadata.get("nbgrader", {})
    for output in cell.outputs if about.get("grade") else ():
        said = output.get("data", {}).get("text/plain")
        with contextlib.suppress(TypeError, ValueError):
            number = float(said)
            kept = min(max(number, 0.0), float(about.get("points", 0)))
            output.data["text/plain"] = f"{kept if math.isfinite(number) else 0:g}"


def failure(why: str) -> NotebookNode:
    return NotebookNode(
        output_type="error", ename="Stopped", evalue=why, traceback=[f"Stopped: {why}"]
    )


class _Attempt:
    """One process that runs the notebook, watched until it ends or has to be ended.

    seconds: of processor time that are left
    """

    def __init__(self, code, limits, box, skipped, seconds, student) -> None:
        self.code, self.limits, self.box, self.skipped = code, limits, box, skipped
        self.bench = Bench(self.read, self.write, code, student)
        self.outputs: dict[int, list[NotebookNode]] = {}
        self.judged: dict[int, list[NotebookNode]] = {}
        self.tampered: list[str] = []
        self.running: int | None = None
        self.ready, self.ended, self.why, self.megabytes = False, False, "", 0.0
        self.last_words = ""
        self.used, self.seconds = 0.0, seconds
        self.until = time.monotonic() + PATIENCE * seconds
        self.since, self.used_before = time.monotonic(), 0.0  # of the cell that is running
        self.checking = False  # that is, an answer is waited for
        self.lost = False  # the answer did not come: nothing more can be asked
        self.next_look = 0.0
        self.buffer, self.looked_at = bytearray(), 0
        self.room = ALL_OUTPUTS * limits.characters
        self.mark = secrets.token_hex(16)

    def run(self) -> None:
        with self._process() as self.process:
            try:
                self._send_cells()
                while not self.ended:
                    self._hear(self.read())
            except Gone as gone:
                self.why = str(gone)
            except Misunderstood:
                self.why = "its output cannot be read"

    @contextlib.contextmanager
    def _process(self) -> Iterator[subprocess.Popen]:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            home, user = "/tmp" if self.box.command else folder, self._user()
            become = {}
            if user and not self.box.command:
                os.chown(folder, user, user)
                become = {"user": user, "group": user, "extra_groups": []}
            with self.box.started(
                *PYTHON,
                str(INSIDE),
                *([str(user)] if user and self.box.command else []),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,  # of Python and the course; the student's goes elsewhere
                cwd=folder,
                env=environment(home) | {"COURSE_SUBMISSION": self.mark},
                start_new_session=True,
                **become,
            ) as process:
                self.pipe_in, self.pipe_out = process.stdin.fileno(), process.stdout.fileno()
                os.set_blocking(self.pipe_in, False)
                self.readable, self.writable = select.poll(), select.poll()
                self.readable.register(self.pipe_out, select.POLLIN)
                self.writable.register(self.pipe_in, select.POLLOUT)
                try:
                    yield process
                finally:
                    self._end(process)

    def _user(self) -> int | None:
        """A user of the submission's own: limits and signals of one user reach no other."""
        return self.box.user and self.box.user + secrets.randbelow(10**8)

    def _end(self, process: subprocess.Popen) -> None:
        """End the process and all that it started. Inside a sandbox all die with the first."""
        started = family(process.pid)
        for member in [process, *started]:
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                member.kill()
        if self.box.command:
            psutil.wait_procs(started, timeout=5)
        else:
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

    def _send_cells(self) -> None:
        cells = []
        for index, cell in enumerate(self.code):
            nbgrader, check = cell.metadata.get("nbgrader", {}), self.bench.checks.get(index)
            cells.append(
                {
                    "source": cell.source,
                    "points": nbgrader.get("points", 0) if nbgrader.get("grade") else None,
                    "locked": bool(nbgrader.get("locked")),
                    "skip": index in self.skipped,
                    "check": [check.before, check.argument] if check else None,
                }
            )
        # Counted inside the sandbox; outside it would count all that the user runs on the machine.
        processes = self.limits.processes if self.box.command else None
        self.write(
            [
                "run",
                {
                    "cells": cells,
                    "megabytes": self.limits.megabytes,
                    "processes": processes,
                    "characters": self.limits.characters,
                    "cell_seconds": self.limits.cell_seconds,
                    "seconds": self.seconds,
                    "patience": PATIENCE,
                    "tasks": task_names(),
                    "offers": self.bench.offers,
                    "student": self.bench.student,
                    "ours": [*map(str, OURS)],
                },
            ]
        )

    # Messages

    def read(self) -> list:
        """The next message; the process is watched meanwhile."""
        while True:
            end = self.buffer.find(b"\n", self.looked_at)
            if end >= 0:
                line = bytes(self.buffer[:end])
                del self.buffer[: end + 1]
                self.looked_at = 0
                self._watch()
                return message_in(line)
            self.looked_at = len(self.buffer)
            if self.looked_at > LINE:
                raise Misunderstood("its message is too long")
            if self.readable.poll(1000 * LOOK_EVERY):
                data = os.read(self.pipe_out, 2**16)
                if not data:
                    raise Gone("it ended the process")
                self.buffer += data
            self._watch()

    def write(self, message: list) -> None:
        rest = memoryview((json.dumps(message) + "\n").encode())
        while rest:
            if self.writable.poll(1000 * LOOK_EVERY):
                try:
                    rest = rest[os.write(self.pipe_in, rest) :]
                except BlockingIOError:
                    pass
                except BrokenPipeError:
                    raise Gone("it ended the process") from None
            self._watch()

    def _hear(self, message: list) -> None:
        match message:
            case ["ready"]:
                self.ready = True
            case ["begin", int(place)] if 0 <= place < len(self.code):
                self.running = place
                self.since, self.used_before = time.monotonic(), self.used
            case ["end", int(place), list(outputs), list(changed)] if place == self.running:
                self.outputs[place] = self._kept(outputs)
                self.tampered += [str(name)[:100] for name in changed[:20]]
                self.running = None
            case ["judge", int(place), answer, list(changed)] if place in self.bench.checks:
                if place in self.judged:
                    raise Misunderstood("it answers twice")
                self.tampered += [str(name)[:100] for name in changed[:20]]
                self.running = place
                check = self.bench.checks[place]
                if report := self._checked(lambda: self.bench.judge(place, answer)):
                    self.judged[place] = outputs_of(report, check.points)
                self.write(["done", None])
                self.running = None
            case ["done"]:
                self.ended = True
            case _:
                self.write(["done", self._checked(lambda: self.bench.told(message))])

    def _checked(self, ask) -> object:
        """What a check says, with the limits for an answer; None if it cannot say anything."""
        self.checking = True
        self.since, self.used_before = time.monotonic(), self.used
        own = time.process_time()
        try:
            found = ask()
            own = time.process_time() - own  # the judge's time is not the student's
            self.until, self.since = self.until + own, self.since + own
            if self.lost:
                if self.running in self.bench.checks:
                    self.judged[self.running] = outputs_of(
                        found, self.bench.checks[self.running].points
                    )
                raise Gone(f"its answer took more than {CHECK_SECONDS:g} seconds")
            self._come_back()
            return found
        except (Gone, Misunderstood, Ended):
            raise
        except TimeUp:
            raise Gone(f"its answer took more than {CHECK_SECONDS:g} seconds") from None
        except BaseException as error:  # of a kind that no check takes for one of the learner's
            if isinstance(error, KeyboardInterrupt) and type(error) is KeyboardInterrupt:
                raise
            self._come_back()
            return None
        finally:
            self.checking = False
            self.bench.clear()

    def _come_back(self) -> None:
        """Have the process stop what it still does for the check, such as a call left halfway."""
        for _ in range(1000):
            self.write(["leave"])
            if self.read() == ["left"]:
                return
        raise Gone("its answer did not stop")

    def _kept(self, outputs: list) -> list[NotebookNode]:
        """The outputs of a cell as the notebook format has them, whatever the process said."""
        kept = []
        for output in outputs[:MOST_OUTPUTS]:
            try:
                made = clean(output)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise Misunderstood("outputs that are none") from error
            self.room -= len(json.dumps(made))
            if self.room > 0 or made.output_type == "error":
                kept.append(made)
        return kept

    # Limits

    def _watch(self) -> None:
        """Now and then: time, memory, and how many processes."""
        now = time.monotonic()
        if now < self.next_look:
            return
        self.next_look = now + LOOK_EVERY
        limits, members, memory, used = self.limits, family(self.process.pid), 0, 0.0
        for member in members:
            with contextlib.suppress(psutil.Error):
                memory += member.memory_info().rss
                used += sum(member.cpu_times()[:4])  # with those of children that have ended
        self.used = max(self.used, used)
        self.megabytes = max(self.megabytes, memory / 2**20)
        if self.megabytes > limits.megabytes:
            raise Gone(f"it used more than {limits.megabytes} MB of memory")
        if len(members) > limits.processes + 3:  # three are the sandbox's own
            raise Gone(f"it started more than {limits.processes} processes")
        if self.used > self.seconds or now > self.until:
            raise Gone(f"stopped after {limits.seconds:g} seconds")
        took, by_the_clock = self.used - self.used_before, now - self.since
        if self.checking:
            if took > CHECK_SECONDS or by_the_clock > PATIENCE * CHECK_SECONDS * 2:
                self.lost = True
                raise TimeUp
        elif self.running is not None:
            most = limits.cell_seconds + GRACE
            if took > most or by_the_clock > PATIENCE * limits.cell_seconds + GRACE:
                raise Gone(f"it did not stop after {limits.cell_seconds:g} seconds")


def end(number: int, frame: object) -> None:
    raise Ended


def main() -> None:
    """Judge the hand-ins that come in by stdin, a line of JSON each; what came out goes back."""
    coming, going = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this one ends it
    signal.signal(signal.SIGTERM, end)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (JUDGES_MEMORY, JUDGES_MEMORY))
    with contextlib.suppress(Ended):
        for line in coming:
            going.write(json.dumps(judged(json.loads(line))) + "\n")
            going.flush()


def judged(told: dict) -> dict:
    """What became of a hand-in, or the error for which it has no grade."""
    try:
        notebook = nbformat.from_dict(told["notebook"])
        return vars(run(notebook, Limits(**told["limits"]), told["sandboxed"], told["student"]))
    except (Exception, Gone) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def task_names() -> dict[str, int]:
    """The checks that there are, and their points."""
    from exercise_lib.check import TASKS

    return {name: task.points for name, task in TASKS.items()}


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants. Linux tells them without a look at all processes."""
    found, new = [], [pid]
    try:
        while new and len(found) < 10_000:
            found += new
            new = [child for parent in new for child in children(parent)]
    except FileNotFoundError:  # not Linux, or it has just ended
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(pid)
            return [top, *top.children(recursive=True)]
        return []
    processes = []
    for member in found:
        with contextlib.suppress(psutil.Error):
            processes.append(psutil.Process(member))
    return processes


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, (task / "children").read_text().split())
    return found


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
        content = {"metadata": {}, "data": shown(output["data"])}
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


if __name__ == "__main__":
    main()
