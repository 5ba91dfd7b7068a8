"""A class that never was: ``make class N=30`` hands in, grades and judges N submissions.

Right, wrong, half done, broken and hostile ones (``submissions.py``), with names as learning
platforms mangle them, go the whole way that INSTRUCTORS.md describes: release, collect, repair,
grade, feedback, grades, mistakes. Then each student must have exactly the grade they deserve,
and nothing may have come out of a submission: no file, no process, no word on the network.
"""

import argparse
import hashlib
import os
import random
import secrets
import socket
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import chain, cycle, islice, product
from pathlib import Path

import psutil
from submissions import HARMFUL, KINDS, Exercise, Paper, World

import course_lib
import exercise_lib
from exercise_lib.classroom.collect import Collected, collect
from exercise_lib.classroom.feedback import feedback
from exercise_lib.classroom.folder import ClassFolder, new
from exercise_lib.classroom.grade import grade
from exercise_lib.classroom.grades import grades
from exercise_lib.classroom.mistakes import mistakes
from exercise_lib.classroom.release import release
from exercise_lib.classroom.repair import repair
from exercise_lib.classroom.sandbox import Limits, bubblewrap

FIRST = (
    "Ada Björn Chloë Dávid Emmy Fatima Grace Hé Ingrid José Kurt Lê Maryam Noether-Ann Özge".split()
)
LAST = "Łukasiewicz Müller O'Neill Silva Nguyễn García-Pérez Smith Ivanova Ødegård Kim".split()
HONEST = ("right", "wrong", "half done", "wrong", "right", "wrong", "untouched", "right")
TWELVE = [  # what 12 students do who together do everything
    "right, warnings on stderr, bash cell, asks for input, widgets left behind, "
    "names that lead out, honest habits",
    "wrong, renamed, twenty megabytes of outputs",
    "half done, several attempts, stripped metadata, byte order mark",
    "copied from a neighbour, another id claimed, environment changed, scripts in the page, utf 16",
    "changes the gradebook, uses the network, reads other students, writes outside, deletes files, "
    "kills the grader, leaves processes behind, exits",
    "deleted answer, syntax error, duplicated cells, deleted checks, flood of output, "
    "long line of output, hog of memory",
    "untouched, checks edited, checks patched, checks replaced, shell settings",
    "endless loop in an answer, endless loop at top level, endless loop that ignores interrupts, "
    "fork bomb, process dies",
    "not json",
    "cut off",
    "no bytes",
    "other notebook",
]


@dataclass
class Verdict:
    """What became of one student."""

    student: str
    kinds: str
    deserved: tuple[str, float]
    given: tuple[str, float]
    seconds: float
    megabytes: float

    @property
    def fair(self) -> bool:
        return self.deserved == self.given


@dataclass
class Outcome:
    """A whole simulated class: a verdict on each student, and all that must not have happened."""

    verdicts: list[Verdict]
    complaints: list[str]
    seconds: dict[str, float]
    left_out: list[str] = field(default_factory=list)


def simulate(
    exercise_name: str,
    everyone: Sequence[str],
    limits: Limits | None = None,
    jobs: int | None = None,
    sandboxed: bool | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Hand in, grade and judge; ``everyone`` has the kinds of each submission, parted by commas.

    sandboxed: False makes every attack without a sandbox, too: for those that do no harm
    """
    exercise = Exercise(exercise_name)
    wanted = [[kind.strip() for kind in kinds.split(",")] for kinds in everyone]
    dare = sandboxed is False or not bubblewrap().missing
    doing = [[kind for kind in kinds if dare or kind not in HARMFUL] for kinds in wanted]
    left_out = sorted({*chain(*wanted)} - {*chain(*doing)})
    with arena() as (world, visitors):
        here = new(world.folder)
        names = [" ".join(parts) for parts in product(FIRST, "ABCDEFGH", LAST)]
        random.Random(1).shuffle(names)
        roster = {f"s{1000 + i}": names[i] for i in range(len(doing) + 1)}
        rows = [f'{id},"{name}",{id}@example.edu' for id, name in roster.items()]
        here.students_file.write_text("id,name,email\n" + "\n".join(rows) + "\n", encoding="utf-8")
        took = Clock(say)
        with took("release"):
            release(here, exercise_name)
        papers = [
            paper_of(exercise, world, student, kinds, seed)
            for seed, (student, kinds) in enumerate(zip(roster, doing, strict=False))
        ]
        absent = list(roster)[len(papers)]
        delivery = world.others / "delivery.zip"
        pack(delivery, papers, roster)
        before = snapshot(world)
        with took("collect"):
            collected = collect(here, exercise_name, delivery)
        with took("repair"):
            repair(here, exercise_name)
        with took("grade"):
            runs = grade(here, exercise_name, jobs, limits=limits, sandboxed=sandboxed)
        with took("feedback"):
            feedback(here, exercise_name)
        with took("grades"):
            rows = {row["id"]: row for row in grades(here)}
        with took("mistakes"):
            mistakes(here, exercise_name)
        verdicts = [
            Verdict(
                paper.student,
                ", ".join(kinds) or "right",
                (paper.state, float(paper.deserved)),
                (rows[paper.student]["state"], float(rows[paper.student]["points"] or 0)),
                runs[paper.student].seconds if paper.student in runs else 0.0,
                runs[paper.student].megabytes if paper.student in runs else 0.0,
            )
            for paper, kinds in zip(papers, doing, strict=True)
        ]
        complaints = [
            *damage(world, before, visitors),
            *leaks(here, exercise, papers, world),
            *(f"{part} could not be placed: {why}" for part, why in odd(collected).items()),
        ]
        if rows[absent]["state"] != "missing":
            complaints.append(f"{absent} handed in nothing and is {rows[absent]['state']}")
        return Outcome(verdicts, complaints, took.seconds, left_out)


def paper_of(
    exercise: Exercise, world: World, student: str, kinds: Sequence[str], seed: int
) -> Paper:
    paper = Paper(exercise, world, student, random.Random(seed))
    for kind in kinds:
        KINDS[kind](paper)
    return paper


class Clock:
    """How long each part takes: ``with clock("grade"): …``."""

    def __init__(self, say: Callable[[str], None]):
        self.say, self.seconds = say, {}

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        self.say(part)
        start = time.perf_counter()
        yield
        self.seconds[part] = time.perf_counter() - start


@contextmanager
def arena() -> Iterator[tuple[World, list[bytes]]]:
    """A folder for the class, one for the instructor's other things, and a port that listens."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        world = World(
            f"pwned{secrets.token_hex(6)}",
            Path(root, "class"),
            Path(root, "thesis"),
            server.getsockname()[1],
        )
        world.others.mkdir()
        (world.others / "chapter1.txt").write_text("It took four years.")
        server.setblocking(False)
        visitors = Visitors(server)
        try:
            yield world, visitors
        finally:
            for process in processes_with(world.token):
                process.kill()


class Visitors:
    """Who called at a port; the queue of the socket remembers them."""

    def __init__(self, server: socket.socket):
        self.server = server

    def any(self) -> bool:
        try:
            self.server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


def pack(archive: Path, papers: Sequence[Paper], roster: dict[str, str]) -> None:
    """The zip of a learning platform; Moodle, Canvas and plain folders take turns."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        for number, paper in enumerate(papers):
            name = roster[paper.student]
            first = name.split()[0]
            place = (
                f"{name}_{1000000 + number}_assignsubmission_file_/",
                f"{''.join(name.split()[1:])}{first}_{4000 + number}_{90000 + number}_",
                f"{paper.student}/",
            )[number % 3]
            for file, data in paper.handed_in().items():
                member = zipfile.ZipInfo(place + file, (2026, 11, 20, 23, 58, 0))
                if isinstance(data, str):
                    member.create_system, member.external_attr = 3, 0o120777 << 16
                member.compress_type = zipfile.ZIP_DEFLATED
                pack.writestr(member, data)
        pack.writestr("__MACOSX/._litter", b"\0\5\26\7")


# Judging


def snapshot(world: World) -> dict[str, str]:
    """What no submission may change: the course, the solutions, the instructor's other files."""
    packages = [Path(p.__file__).parent for p in (course_lib, exercise_lib)]
    course = [p for package in packages for p in package.rglob("*")]
    files = [p for p in course if p.is_file() and "__pycache__" not in p.parts]
    files += [p for p in world.others.rglob("*") if p.is_file()]
    files += [p for p in world.folder.glob("re*/**/*") if p.is_file()]  # release, README
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def damage(world: World, before: dict[str, str], visitors: Visitors) -> Iterator[str]:
    for path in before.keys() - snapshot(world).keys():
        yield f"{path} was deleted"
    for path in [
        path for path, sha in snapshot(world).items() if before.get(path) not in (None, sha)
    ]:
        if str(world.folder) in path or str(world.others) in path:
            yield f"{path} was changed"
    course = Path(course_lib.__file__).parent
    for place in (
        world.folder.parent,
        course.parent,
        Path("/var/tmp"),
        Path(tempfile.gettempdir()),
    ):
        for path in place.glob(f"pwned-{world.token}*"):
            yield f"{path} was written"
    for place in (world.folder.parent, course):
        for path in place.rglob(f"*pwned-{world.token}*"):
            yield f"{path} was written"
    for process in processes_with(world.token):
        yield f"process {process.pid} is still running: {process.cmdline()[:3]}"
    if visitors.any():
        yield "a submission used the network"


def processes_with(token: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            mine = process.pid != os.getpid() and token in " ".join(process.cmdline())
        except psutil.Error:
            continue
        if mine:
            yield process


def leaks(
    here: ClassFolder, exercise: Exercise, papers: Sequence[Paper], world: World
) -> Iterator[str]:
    """Secrets in the wrong hands, scripts in pages, grades in the book that differ from the CSV."""
    secrets = {paper.student: paper.secret for paper in papers}
    for paper in papers:
        for path in (
            here.autograded(paper.student, exercise.name),
            here.page(paper.student, exercise.name),
        ):
            if not path.is_file():
                yield f"{paper.student} has no {path.name}"
                continue
            text = path.read_text(encoding="utf-8")
            for other, secret in secrets.items():
                if other != paper.student and secret in text:
                    yield f"{paper.student} could read what {other} wrote"
            if path.suffix == ".html" and world.token in acting_parts(text):
                yield f"the page of {paper.student} runs what the student wrote"
    with here.gradebook() as book:
        for paper in papers:
            score = book.find_submission(exercise.name, paper.student).score
            if score != paper.deserved:
                yield f"in the gradebook {paper.student} has {score}, deserved: {paper.deserved}"


def acting_parts(page: str) -> str:
    """All that a page could run: its scripts, and attributes such as onerror and href."""
    parts: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            self.script = tag == "script"
            parts.extend(value or "" for name, value in attributes if is_acting(name, value or ""))

        def handle_endtag(self, tag: str) -> None:
            self.script = False

        def handle_data(self, data: str) -> None:
            if getattr(self, "script", False):
                parts.append(data)

    Reader().feed(page)
    return "\n".join(parts)


def is_acting(name: str, value: str) -> bool:
    return name.startswith("on") or value.strip().lower().startswith(("javascript:", "data:"))


def odd(collected: Collected) -> dict[str, str]:
    """Parts of the delivery that were not placed, other than those that lead out of it."""
    return {part: why for part, why in collected.unplaced.items() if part != ".."}


# The command


def plan(n: int) -> list[str]:
    """The kinds of n submissions: everything once, if n allows, among ordinary ones."""
    special = list(KINDS) if n >= len(KINDS) else TWELVE[:n]
    everyone = [*special, *islice(cycle(HONEST), n - len(special))]
    random.Random(n).shuffle(everyone)
    return everyone


def table(outcome: Outcome) -> Iterator[str]:
    """The class by kind of submission, then the times."""
    yield f"{'kind':<60} {'deserved':>10} {'given':>10} {'seconds':>8} {'MB':>6}"
    groups: dict[tuple, list[Verdict]] = {}
    for verdict in outcome.verdicts:
        groups.setdefault((verdict.kinds, verdict.deserved, verdict.given), []).append(verdict)
    for (kinds, deserved, given), same in sorted(groups.items()):
        shown = kinds if len(kinds) <= 52 else f"{kinds[:51]}…"
        times = f" ×{len(same)}" if len(same) > 1 else ""
        earned = f"{points(deserved):>10} {points(given):>10}"
        mean = statistics.mean(verdict.seconds for verdict in same)
        most = max(verdict.megabytes for verdict in same)
        wrong = "" if same[0].fair else "   <-- WRONG"
        yield f"{shown + times:<60} {earned} {mean:>8.1f} {most:>6.0f}{wrong}"


def points(result: tuple[str, float]) -> str:
    state, earned = result
    return f"{earned:g}" if state == "graded" else state


def busy() -> str:
    """The load of the machine, where it is known: times measured on a busy one say little."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def show(part: str) -> None:
    print(part, end=" … ", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n", type=int, nargs="?", default=30, help="how many students")
    parser.add_argument("--exercise", default="03_momentum")
    parser.add_argument("--jobs", type=int, help="how many at a time (default: one a core)")
    parser.add_argument("--cell-seconds", type=float, default=10)
    chosen = parser.parse_args(arguments)
    if chosen.n < 1:
        parser.error(f"n must be 1 or more, got {chosen.n}")
    if missing := bubblewrap().missing:
        print(f"No sandbox: {missing}.\nAttacks that could do harm are left out.\n")
    limits = Limits(cell_seconds=chosen.cell_seconds)
    print(f"{os.cpu_count()} cores; {busy()} processes want them before this one.")
    outcome = simulate(chosen.exercise, plan(chosen.n), limits, chosen.jobs, say=show)
    print("\n")
    print(*table(outcome), sep="\n")
    unfair = [verdict for verdict in outcome.verdicts if not verdict.fair]
    total, n = sum(outcome.seconds.values()), len(outcome.verdicts)
    print("\n" + ", ".join(f"{part} {seconds:.1f} s" for part, seconds in outcome.seconds.items()))
    once = outcome.seconds["release"]
    each = (total - once) / n
    print(
        f"{n} submissions in {total:.0f} s: {60 / each:.0f} a minute after the release; "
        f"300 would take {(once + 300 * each) / 60:.1f} minutes."
    )
    if outcome.left_out:
        print(f"left out, for want of a sandbox: {', '.join(outcome.left_out)}")
    for complaint in outcome.complaints:
        print(f"NOT CONTAINED: {complaint}")
    print(f"{n - len(unfair)} of {n} have exactly the grade they deserve.")
    return int(bool(unfair or outcome.complaints))


if __name__ == "__main__":
    sys.exit(main())
