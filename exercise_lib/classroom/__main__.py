"""python -m exercise_lib.classroom COMMAND: from an empty folder to a graded class."""

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.util import find_spec

RUN = "python -m exercise_lib.classroom"
COMMANDS_OF_TERMINALS = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]"
)
LOUD = """
{line}
!!  NO SANDBOX: {missing}.
!!  What students wrote runs as you: it could read and change your files and use your network.
!!  Limits on time, memory and output hold. Grade on Linux with bubblewrap, or in a virtual machine
!!  that holds nothing else. INSTRUCTORS.md says more.
{line}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parser().parse_args(arguments)
    if find_spec("nbgrader") is None:
        print("This needs nbgrader: pip install -e '.[class]' in the course.", file=sys.stderr)
        return 1
    from exercise_lib.classroom.folder import ClassroomError

    for stream in (sys.stdout, sys.stderr):  # names of students, on any terminal
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return chosen.command(chosen) or 0
    except ClassroomError as error:
        print(plain(error), file=sys.stderr)
        return 1
    except OSError as error:
        print(plain(f"{error.strerror or error}: {error.filename or ''}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What is done is kept; the same command goes on from there.")
        return 130


def plain(text: object) -> str:
    """Without what a terminal obeys: students write names of files, hints and errors."""
    return COMMANDS_OF_TERMINALS.sub("\N{REPLACEMENT CHARACTER}", str(text))


def tell(text: str = "") -> None:
    print(plain(text))


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog=RUN, description=__doc__, epilog="See INSTRUCTORS.md.")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(function: Callable, *arguments: str) -> argparse.ArgumentParser:
        about = function.__doc__
        sub = commands.add_parser(
            function.__name__.rstrip("_"), help=about.split("\n")[0], description=about
        )
        for argument in arguments:
            sub.add_argument(argument)
        sub.set_defaults(command=function)
        return sub

    command(new, "folder")
    command(release, "name").add_argument(
        "--due", type=moment, help="deadline, such as 2026-12-01T23:59 (your time zone)"
    )
    command(collect, "name", "path").add_argument(
        "--map", metavar="FILE.csv", help="whose submissions are that names alone do not tell"
    )
    command(undo, "name")
    command(attempts, "name").add_argument("id", nargs="?", help="only those of this student")
    command(choose, "name", "id").add_argument("number", type=int)
    command(repair, "name")
    sub = command(grade, "name")
    sub.add_argument("--jobs", type=int, help="how many at a time (default: one a core)")
    sub.add_argument("--again", action="store_true", help="also what has not changed")
    sub.add_argument("--seconds", type=float, default=120, help="of a notebook (default 120)")
    sub.add_argument("--cell-seconds", type=float, default=30, help="of a cell (default 30)")
    sub.add_argument("--megabytes", type=int, default=2048, help="of memory (default 2048)")
    sub.add_argument("--only", nargs="+", metavar="ID", help="only these students")
    sub.add_argument("--sandbox", action="store_true", help="refuse to grade without a sandbox")
    command(feedback, "name")
    command(grades)
    command(mistakes, "name")
    sub = command(export, "name").add_mutually_exclusive_group(required=True)
    sub.add_argument("--moodle", metavar="SHEET.csv", help="the offline grading worksheet")
    sub.add_argument("--canvas", metavar="GRADEBOOK.csv", help="the exported gradebook")
    sub.add_argument("--gradescope", action="store_true", help="make an autograder to upload")
    command(import_, "list")
    return top


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def here():
    from exercise_lib.classroom.folder import ClassFolder

    return ClassFolder()


def new(chosen: argparse.Namespace) -> None:
    """make a class folder, outside the repository"""
    from exercise_lib.classroom.folder import new

    root = new(chosen.folder).root
    print(f"{root} is your class. Fill in students.csv (id,name,email), then, in that folder:")
    print(f"  {RUN} release 03_momentum")


def release(chosen: argparse.Namespace) -> None:
    """make the students' version of an exercise, and record it in the gradebook"""
    from exercise_lib.classroom.release import release

    folder = here()
    archive = release(folder, chosen.name, chosen.due)
    print(f"{archive.name} is for your students; the notebook in it is release/{chosen.name}.")
    print("Its source, with the solution, is in source/, and stays as it is from now on.")
    if not folder.students():
        print("students.csv is still empty: fill it in before you collect.")
    print(f"When they have handed in: {RUN} collect {chosen.name} FOLDER_OR_ZIP")


def collect(chosen: argparse.Namespace) -> None:
    """bring in submissions, from a folder or a zip of Moodle, Canvas, …

    Who cannot be placed for certain is named, and written to unplaced-NAME.csv: fill in the ids,
    and collect again with --map unplaced-NAME.csv.
    """
    from exercise_lib.classroom.collect import collect, read_attempts

    folder = here()
    done = collect(folder, chosen.name, chosen.path, chosen.map)
    total, size = len(read_attempts(folder, chosen.name)), len(folder.students())
    tell(f"{len(done.placed)} new, {len(done.known)} known; {total} of {size} have handed in.")
    for student, note in done.notes.items():
        tell(f"  {student}: {note}")
    for what, why in done.refused:
        tell(f"  not opened: {what}: {why}")
    if done.unplaced:
        table = folder.root / f"unplaced-{chosen.name}.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["submission", "id"])
            rows.writerows([part, ""] for part in sorted(done.unplaced))
        tell(f"{len(done.unplaced)} could not be placed, and were left out:")
        for part, why in sorted(done.unplaced.items()):
            tell(f"  {part}: {why}")
        tell(f"Write their ids into {table.name}, then collect again, with --map {table.name}.")
    tell(f"Next: {RUN} repair {chosen.name}")


def repair(chosen: argparse.Namespace) -> None:
    """rebuild each submission on the released notebook"""
    from exercise_lib.classroom.repair import repair

    repaired = repair(here(), chosen.name)
    for student, done in repaired.items():
        for note in [f"BROKEN, 0 points: {done.broken}"] if done.broken else done.notes:
            tell(f"  {student}: {note}")
    count = Counter(
        "broken" if done.broken else "repaired" if done.notes else "fine"
        for done in repaired.values()
    )
    tell(f"{count['fine']} were fine, {count['repaired']} repaired, {count['broken']} are broken.")
    tell("What came in is untouched, in collected/.")
    tell(f"Next: {RUN} grade {chosen.name}")


def grade(chosen: argparse.Namespace) -> int:
    """run and grade what is new or changed, each submission in a sandbox"""
    from exercise_lib.classroom.folder import ClassroomError
    from exercise_lib.classroom.grade import grade
    from exercise_lib.classroom.sandbox import Limits, bubblewrap
    from exercise_lib.classroom.version import difference

    if bubblewrap().missing:
        print(LOUD.format(line="!" * 100, missing=bubblewrap().missing), file=sys.stderr)
    try:
        limits = Limits(chosen.cell_seconds, chosen.seconds, chosen.megabytes)
    except ValueError as error:
        raise ClassroomError(f"--{error}".replace("_", "-", 1)) from None
    if chosen.jobs is not None and chosen.jobs < 1:
        raise ClassroomError(f"--jobs must be 1 or more, got {chosen.jobs}")
    if changed := difference(here(), chosen.name):
        tell(changed)
    sandboxed = True if chosen.sandbox else None
    runs = grade(
        here(), chosen.name, chosen.jobs, chosen.again, limits, show, chosen.only, sandboxed
    )
    new = {student: run for student, run in runs.items() if run.again}
    for student, run in new.items():
        for trouble in run.trouble:
            tell(f"  {student}: {trouble}")
        if run.tampered:
            tell(f"  {student}: LOOK AT IT: its code changed {', '.join(run.tampered)}")
    failed = [student for student, run in new.items() if run.failed]
    for student in failed:
        del new[student]
    tell(f"{len(new)} graded now, {len(runs) - len(new) - len(failed)} before.")
    if failed:
        tell(f"NOT GRADED, {len(failed)}: {', '.join(failed)}. The same command tries them again.")
    if new:
        mean = sum(run.seconds for run in new.values()) / len(new)
        most = max(run.megabytes for run in new.values())
        tell(f"{mean:.1f} s a submission, {most:.0f} MB at the most.")
    tell(f"Next: {RUN} feedback {chosen.name}, grades, mistakes {chosen.name}")
    return int(bool(failed))


def show(done: int, total: int, line: str) -> None:
    """A bar on a terminal; elsewhere a line for each tenth."""
    if sys.stdout.isatty():
        bar = "█" * (30 * done // total)
        end = "\n" if done == total else ""
        print(f"\r{bar:░<30} {done}/{total}  {plain(line)[:60]:<60}", end=end, flush=True)
    elif done * 10 // total > (done - 1) * 10 // total:
        print(f"{done}/{total}", flush=True)


def feedback(chosen: argparse.Namespace) -> int:
    """make a page for each student, and a zip of them to upload"""
    from exercise_lib.classroom.feedback import feedback

    done = feedback(here(), chosen.name, show)
    for student, why in done.failed.items():
        tell(f"  {student}: no page could be made: {why}")
    tell(f"Pages are in feedback/ID/{chosen.name}/; {done.archive.name} holds them for uploading.")
    return int(bool(done.failed))


def grades(chosen: argparse.Namespace) -> None:
    """write grades.csv: everybody, every exercise"""
    from exercise_lib.classroom.grades import grades, write_grades

    folder = here()
    path, rows = write_grades(folder), grades(folder)
    for exercise in folder.exercises():
        states = Counter(row["state"] for row in rows if row["exercise"] == exercise)
        print(f"{exercise}: {', '.join(f'{n} {state}' for state, n in sorted(states.items()))}")
    print(f"All is in {path.name}.")


def mistakes(chosen: argparse.Namespace) -> None:
    """show the commonest mistakes of the class, task by task"""
    from exercise_lib.classroom.mistakes import mistakes

    task = None
    for row in mistakes(here(), chosen.name):
        if row.task != task:
            task = row.task
            tell(f"\n{task}")
        tell(f"  {row.count:4} {row.percent:4.0f} %  {row.mistake}: {row.hint}")
    if task is None:
        tell("No mistakes at all; or nothing is graded yet.")


def undo(chosen: argparse.Namespace) -> None:
    """take the last collect (or choose) of an exercise back

    What came in stays in collected/; it only counts no more.
    """
    from exercise_lib.classroom.collect import undo

    left = undo(here(), chosen.name)
    tell(f"Taken back. {left} more can be taken back.")
    tell(f"Next: {RUN} repair {chosen.name}")


def attempts(chosen: argparse.Namespace) -> None:
    """list what each student handed in; the attempt that counts is marked"""
    from exercise_lib.classroom.collect import read_attempts

    for student, theirs in sorted(read_attempts(here(), chosen.name).items()):
        if chosen.id in (None, student):
            for attempt in theirs:
                mark = "counts" if attempt is theirs[-1] else ""
                about = f"{attempt.time or 'time unknown'}  {attempt.original} {attempt.note}"
                tell(f"  {student}  {attempt.number}  {mark:6}  {about}")


def choose(chosen: argparse.Namespace) -> None:
    """let another attempt of a student count, until they hand in again"""
    from exercise_lib.classroom.collect import choose

    choose(here(), chosen.name, chosen.id, chosen.number)
    tell(f"Attempt {chosen.number} of {chosen.id} counts. Next: {RUN} grade {chosen.name}")


def export(chosen: argparse.Namespace) -> None:
    """write grades into the sheet of Moodle or Canvas, or make an autograder for Gradescope

    Only cells of students who are graded are written, into a copy beside it; all else stays.
    """
    from exercise_lib.classroom.export import export_canvas, export_moodle

    if chosen.gradescope:
        from exercise_lib.classroom.gradescope import export_gradescope

        tell(f"{export_gradescope(here(), chosen.name)} is for uploading.")
        return
    fill = export_moodle if chosen.moodle else export_canvas
    done = fill(here(), chosen.name, chosen.moodle or chosen.canvas)
    tell(f"{len(done.written)} grades are in {done.path}.")
    if done.ungraded:
        tell(f"not graded, left as they were: {', '.join(done.ungraded)}")
    for who in done.unmatched:
        tell(f"  could not be matched: {who}")


def import_(chosen: argparse.Namespace) -> None:
    """make students.csv from the platform's own list of participants"""
    from exercise_lib.classroom.export import import_list

    tell(f"{import_list(here(), chosen.list)} students are in students.csv. Look at it once.")


if __name__ == "__main__":
    sys.exit(main())
