"""Collect submissions: from a folder or a zip of a learning platform, however names are mangled.

Nothing is guessed: a submission that cannot be placed for certain is named and left out, until a
table says whose it is. Nothing is lost: every attempt stays as it came in, under ``collected/``.
"""

import hashlib
import io
import json
import os
import re
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from exercise_lib.classroom.folder import (
    COURSE,
    ClassFolder,
    ClassroomError,
    Student,
    table_in,
    write,
)
from exercise_lib.classroom.notebook_text import Unreadable, cells_of

MOODLE = re.compile(r"^(?P<who>.+?)_\d+_assignsubmission_[a-z]+_?(?P<file>.*)$")
CANVAS = re.compile(r"^(?P<who>[^_]+)_(?P<late>LATE_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>.+)$")
NUMBERED = re.compile(r"^\D{2,40}?[ _](\d{3,})$")  # Participant 4711, in any language
COPY = re.compile(r"(?: ?\((\d+)\)|-(\d+)|[ _-]+copy ?(\d*))$", re.IGNORECASE)
LITTER = re.compile(r"^(\.|__MACOSX$|__pycache__$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
LARGEST = 100 * 2**20  # bytes of one notebook or inner zip, unpacked
MOST = 20 * 2**30  # bytes of all together
DEEPEST = 3  # zips in zips
IN_A_ZIP = 200 * 2**20  # bytes, of a zip in the delivery: it is a student's
NOTEBOOK = (".ipynb", ".ipynb.txt", ".ipynb.json")  # as some browsers save them


@dataclass(frozen=True)
class File:
    """A file of the delivery: where in it, what is in it (of notebooks only), and from when."""

    where: tuple[str, ...]
    data: bytes
    time: datetime | None


@dataclass(frozen=True)
class Attempt:
    """One attempt of one student, as ``collected/NAME/attempts.json`` keeps it."""

    number: int
    original: str
    sha: str
    time: str = ""
    late: bool = False
    note: str = ""

    @property
    def readable(self) -> bool:
        return bool(self.sha)


@dataclass
class Collected:
    """What became of a delivery.

    placed:   the ids whose new attempt came in, and its path in the delivery
    known:    the ids whose newest attempt had been collected before
    unplaced: what belongs to nobody for certain, and why
    refused:  what was not opened, and why
    notes:    what the instructor should know of one who was placed
    """

    placed: dict[str, str] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    unplaced: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)


def collect(
    here: ClassFolder, name: str, path: str | Path, mapping: str | Path | None = None
) -> Collected:
    """Bring a delivery into ``collected/NAME``: a folder, or a zip as a platform makes it.

    mapping: a CSV with the columns submission, id for those that names alone do not tell
    """
    cells = {
        cell.metadata.nbgrader.grade_id
        for cell in here.release_of(name).cells
        if "nbgrader" in cell.metadata
    }
    path = Path(path).expanduser()
    students, done = here.students(), Collected()
    if not students:
        raise ClassroomError(f"{here.students_file} is empty: one line a student, id,name,email.")
    roster = Roster(students, read_mapping(mapping, students))
    files = without_wrapper(list(files_of(path, done)), roster)
    refuse_another_exercise(here, name, files)
    groups: dict[str, list[File]] = defaultdict(list)
    for file in files:
        owner, why = roster.owner(file.where[0])
        if owner:
            groups[owner].append(file)
        else:
            done.unplaced[file.where[0]] = why
    attempts = read_attempts(here, name)
    for owner, theirs in sorted(groups.items()):
        mine = [file for file in theirs if of_another(here, name, file) is None]
        ordered = in_order(mine, name, cells, stubs(here.release_of(name)))
        keep(here, name, owner, ordered, attempts, done, theirs)
    remember(here, name)
    write_attempts(here, name, attempts)
    return done


# Reading a delivery


def files_of(path: Path, done: Collected) -> Iterator[File]:
    """All files of a folder or zip, those of zips inside included."""
    if path.is_dir():
        for folder, inner, names in os.walk(path):
            inner[:] = sorted(name for name in inner if not LITTER.match(name))
            for name in sorted(names):
                file = Path(folder, name)
                yield from from_disk(file, file.relative_to(path).parts, done)
    elif zipfile.is_zipfile(path):
        yield from from_zip(path, (), done, Budget(), depth=0)
    elif path.exists():
        raise ClassroomError(f"{path} is neither a folder nor a zip.")
    else:
        raise ClassroomError(f"There is no {path}.")


def from_disk(file: Path, where: tuple[str, ...], done: Collected) -> Iterator[File]:
    if LITTER.match(file.name):
        return
    if file.is_symlink() or not file.is_file():
        done.refused.append((str(Path(*where)), "a link, not a file"))
    elif not is_notebook(file.name) and file.suffix.lower() != ".zip":
        yield File(where, b"", None)
    elif file.stat().st_size > LARGEST:
        done.refused.append((str(Path(*where)), f"{file.stat().st_size / 2**20:.0f} MB"))
        yield File(where, b"", None)
    elif file.suffix.lower() == ".zip":
        budget = Budget(IN_A_ZIP)
        yield from from_zip(file, (*where[:-1], file.name), done, budget, depth=1)
    else:
        yield File(where, file.read_bytes(), None)


def is_notebook(name: str) -> bool:
    return name.lower().endswith(NOTEBOOK)


@dataclass
class Budget:
    """How many bytes may still be unpacked."""

    left: int = MOST


def from_zip(
    source: object,
    inside: tuple[str, ...],
    done: Collected,
    budget: Budget,
    depth: int,
    time: datetime | None = None,
) -> Iterator[File]:
    """The files of a zip. Those in a student's own zip are as old as that zip in the delivery:
    what a student's zip says of times, the student has set."""
    try:
        archive = zipfile.ZipFile(source)
        members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        done.refused.append(("/".join(inside), f"not a zip that can be read ({error})"))
        yield File(inside, b"", None)
        return
    with archive:
        for member in members:
            parts = tuple(part for part in name_in(member).replace("\\", "/").split("/") if part)
            shown = "/".join((*inside, *parts))
            if member.is_dir() or not parts or any(LITTER.match(p) for p in parts if p != ".."):
                continue
            if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
                done.refused.append((shown, "its name points out of the zip"))
                continue
            if (member.external_attr >> 16) & 0o170000 == 0o120000:
                done.refused.append((shown, "a link, not a file"))
                continue
            where, kind = (*inside, *parts), Path(parts[-1]).suffix.lower()
            when = time_of(member) if depth == 0 else time
            if not is_notebook(parts[-1]) and kind != ".zip":
                yield File(where, b"", when)
                continue
            if kind == ".zip" and depth >= DEEPEST:
                done.refused.append((shown, f"zips in zips, more than {DEEPEST} deep"))
                continue
            data = unpacked(archive, member, budget)
            if isinstance(data, str):
                done.refused.append((shown, data))
                yield File(where, b"", when)
            elif kind == ".zip":
                theirs = Budget(min(IN_A_ZIP, budget.left)) if depth == 0 else budget
                yield from from_zip(io.BytesIO(data), where, done, theirs, depth + 1, when)
            else:
                yield File(where, data, when)


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> bytes | str:
    """The content, or why not. Sizes are counted: what a zip says of itself may be a lie."""
    most = min(LARGEST, budget.left)
    if member.file_size > most:
        return f"too large: {member.file_size / 2**20:,.0f} MB unpacked"
    try:
        with archive.open(member) as file:
            data = file.read(most + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        return f"cannot be unpacked ({error})"
    except Exception as error:  # zlib.error, lzma.LZMAError: each method has its own
        return f"cannot be unpacked ({error})"
    if len(data) > most:
        return f"too large: more than {most / 2**20:,.0f} MB unpacked"
    budget.left -= len(data)
    return data


def name_in(member: zipfile.ZipInfo) -> str:
    """The name of a member; many programs write UTF-8 and forget to say so."""
    if not member.flag_bits & 0x800:
        try:
            return unicodedata.normalize("NFC", member.filename.encode("cp437").decode("utf-8"))
        except UnicodeError:
            pass
    return unicodedata.normalize("NFC", member.filename)


def time_of(member: zipfile.ZipInfo) -> datetime | None:
    """When the platform says it was handed in: zips have local times without a zone."""
    try:
        time = datetime(*member.date_time).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
    return time if time.year > 1980 else None


def without_wrapper(files: list[File], roster: "Roster") -> list[File]:
    """Without folders that hold the whole delivery. Folders of a student stay: who cannot be
    placed must not be placed by a name that they chose themselves."""
    while files:
        tops = {file.where[0] for file in files}
        top = next(iter(tops))
        if len(tops) > 1 or any(len(file.where) == 1 for file in files):
            break
        if roster.owner(top)[0] or MOODLE.match(top) or CANVAS.match(top) or top.endswith(".zip"):
            break
        files = [File(file.where[1:], file.data, file.time) for file in files]
    return files


# Whose is it?


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, without accents and capitals."""
    plain = re.sub("['\u2018\u2019\u02bc`\u00b4]", "", name)  # O'Brien: platforms drop it
    plain = unicodedata.normalize("NFKD", plain.replace(",", " "))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return tuple(re.findall(r"\w+", plain.replace("_", " ")))


class Roster:
    """Finds who a name in a delivery belongs to: for certain, or not at all."""

    def __init__(self, students: dict[str, Student], mapping: dict[str, str]):
        self.mapping, self.students = mapping, students
        self.keys: dict[object, set[str]] = defaultdict(set)
        for student in students.values():
            words = tokens(student.name)
            keys: set[object] = {student.id.casefold(), student.email.casefold()}
            keys |= {student.email.casefold().partition("@")[0], tuple(sorted(words))}
            keys |= {("participant", student.participant)} if student.participant else set()
            # Canvas: lastnamefirstname, and which of the words are last names it does not say
            keys |= {("canvas", "".join((*words[i:], *words[:i]))) for i in range(len(words))}
            for key in keys - {"", ()}:
                self.keys[key].add(student.id)

    def owner(self, part: str) -> tuple[str, str]:
        """The id for a folder or file name, or "" and why not."""
        if part in self.mapping:
            return self.mapping[part], ""
        stem = re.sub(r"(\.zip|\.ipynb(\.txt|\.json)?)$", "", part, flags=re.IGNORECASE)
        if moodle := MOODLE.match(part):
            if number := NUMBERED.search(moodle["who"]):  # where names are hidden
                return self._certain([("participant", number[1])], moodle["who"])
            return self._certain([moodle["who"].casefold(), name_key(moodle["who"])], moodle["who"])
        if canvas := CANVAS.match(part):
            by_name = self._certain([("canvas", "".join(tokens(canvas["who"])))], canvas["who"])
            by_number = self.keys.get(canvas["user"], set())
            if len(by_number) != 1:
                return by_name
            (student,) = by_number
            if by_name[0] not in ("", student):
                return "", f"its name says {by_name[0]}, its number {student}"
            return student, ""
        found = self._certain([stem.casefold(), name_key(stem)], stem)
        if not found[0] and not found[1].startswith("could be"):
            words = re.split(r"[ _-]", stem)  # id_03_momentum.ipynb
            for n in range(len(words) - 1, 0, -1):
                joined = {stem.casefold()[: len("_".join(words[:n]))]}
                hits = set().union(*(self.keys.get(key, set()) for key in joined))
                if len(hits) == 1 and self.students[next(iter(hits))].id.casefold() in joined:
                    return hits.pop(), ""
        return found

    def _certain(self, keys: Iterable[object], shown: str) -> tuple[str, str]:
        for key in keys:
            hits = self.keys.get(key, set())
            if len(hits) == 1:
                return next(iter(hits)), ""
            if hits:
                return "", f"could be {' or '.join(sorted(hits))}"
        names = {" ".join(tokens(s.name)): s for s in self.students.values() if s.name}
        near = get_close_matches(" ".join(tokens(shown)), names, n=1, cutoff=0.7)
        hint = f"; {names[near[0]].id} ({names[near[0]].name})?" if near else ""
        return "", f"nobody in students.csv is called so{hint}"


def name_key(name: str) -> tuple[str, ...]:
    return tuple(sorted(tokens(name)))


def read_mapping(path: str | Path | None, students: dict[str, Student]) -> dict[str, str]:
    if path is None:
        return {}
    rows = table_in(Path(path))
    if not {"submission", "id"} <= set(rows.fieldnames or ()):
        raise ClassroomError(f"{path} needs the columns submission, id in its first line.")
    mapping = {row["submission"]: row["id"].strip() for row in rows if (row["id"] or "").strip()}
    for part, student in mapping.items():
        if student not in students:
            raise ClassroomError(f"{path}: {part} is given to {student!r}, not in students.csv.")
    return mapping


# Which of a student's files counts?


def in_order(
    files: list[File], name: str, cells: set[str], empty: dict[str, str] | None = None
) -> list[File]:
    """The student's notebooks of this exercise, the one that counts last: one with answers rather
    than an untouched copy, then the newest.

    empty: the cells for answers as they were handed out, by name
    """
    notebooks = [file for file in files if is_notebook(file.where[-1]) and file.data]
    if not notebooks:
        return []
    likeness = {id(file): like(file, name, cells) for file in notebooks}
    best = max(likeness.values())
    of_it = [file for file in notebooks if likeness[id(file)] == best]
    return sorted(of_it, key=lambda file: (is_answered(file, empty or {}), *age(file)))


def is_answered(file: File, empty: dict[str, str]) -> bool:
    """Whether any cell for an answer is other than it was handed out; True if that is unknown."""
    try:
        cells = cells_of(file.data)
    except Unreadable:
        return True
    known = [cell for cell in cells if (cell["grade_id"] or cell["id"]) in empty]
    extra = [cell for cell in cells if cell["grade_id"] is None and cell["kind"] == "code"]
    return (
        len(known) < len(empty)
        or any(
            cell["source"].strip() != empty[cell["grade_id"] or cell["id"]].strip()
            for cell in known
        )
        or any(cell["id"] is None for cell in extra)
    )


def stubs(released: NotebookNode) -> dict[str, str]:
    """The cells for answers as they are handed out."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in released.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


# Another exercise?


def refuse_another_exercise(here: ClassFolder, name: str, files: list[File]) -> None:
    """A delivery of another exercise is not collected for this one."""
    of = [of_another(here, name, file) for file in files if is_notebook(file.where[-1])]
    others = [other for other in of if other]
    if others and 2 * len(others) > len(of):
        other = max(others, key=others.count)
        raise ClassroomError(
            f"This is exercise {other}, not {name}: {others.count(other)} of {len(of)} notebooks "
            f"have its checks. Nothing was collected. Did you mean: collect {other} …?"
        )


def of_another(here: ClassFolder, name: str, file: File) -> str | None:
    """The exercise whose checks a notebook has, if that is another one than this."""
    found = checks_in(file.data)
    all_checks = checks_of_exercises(here.root)
    mine = len(found & all_checks.get(name, set()))
    best = max(all_checks, key=lambda other: len(found & all_checks[other]), default=None)
    return best if best and len(found & all_checks[best]) > max(2 * mine, 1) else None


def checks_in(data: bytes) -> frozenset[bytes]:
    """The tasks that a notebook has checked."""
    return frozenset(re.findall(rb"check\.(\w{1,50})\(", data[:LARGEST]))


@cache
def checks_of_exercises(root: Path) -> dict[str, frozenset[bytes]]:
    """The checks of all exercises of the course and of this class, by exercise."""
    places = [*(COURSE / "exercises").glob("*/*.ipynb"), *(root / "release").glob("*/*.ipynb")]
    return {path.stem: checks_in(path.read_bytes()) for path in places}


def like(file: File, name: str, cells: set[str]) -> int:
    """2 if it is called so, 1 if it has the cells of the exercise, 0 if neither."""
    called, _ = name_of(file)
    if called.casefold() == name.casefold():
        return 2
    ids = set(re.findall(rb'"grade_id"\s*:\s*"([^"]+)"', file.data))
    return int(2 * len(ids & {cell.encode() for cell in cells}) > len(cells))


def name_of(file: File) -> tuple[str, int]:
    """What the student called the file, and the number of the copy."""
    last = file.where[-1]
    match = CANVAS.match(last) or MOODLE.match(last)
    stem = Path(match["file"] if match else last).stem
    if copy := COPY.search(stem):
        return stem[: copy.start()], int(next(filter(None, copy.groups()), "1"))
    return stem, 0


def age(file: File) -> tuple:
    """Later attempts have larger copy numbers; Canvas also numbers files as they come in."""
    canvas = CANVAS.match(file.where[0])
    number = int(canvas["number"]) if canvas else 0
    return (name_of(file)[1], number, file.time.timestamp() if file.time else 0.0, file.where)


def keep(
    here: ClassFolder,
    name: str,
    owner: str,
    files: list[File],
    attempts: dict[str, list[Attempt]],
    done: Collected,
    theirs: list[File],
) -> None:
    """Store the attempts that are new, and put the one that counts last: what was handed in last,
    also if it is what had been handed in before another one."""
    before = attempts.setdefault(owner, [])
    known = {attempt.sha for attempt in before}
    if not files:
        if not before:
            note = f"no notebook of {name} in it: {', '.join(names(theirs))}"
            before.append(Attempt(1, "/".join(theirs[0].where), "", note=note))
            done.notes[owner] = note
        return
    new = [file for file in files if hashlib.sha256(file.data).hexdigest() not in known]
    for file in new:
        number = max((attempt.number for attempt in before), default=0) + 1
        canvas = CANVAS.match(file.where[0])
        target = attempt_file(here, name, owner, number)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.data)
        before.append(
            Attempt(
                number,
                "/".join(file.where),
                hashlib.sha256(file.data).hexdigest(),
                file.time.isoformat() if file.time else "",
                bool(canvas and canvas["late"]),
            )
        )
    last = hashlib.sha256(files[-1].data).hexdigest()
    counts = next(attempt for attempt in before if attempt.sha == last)
    if not new and counts is not before[-1] and not is_older(files[-1], before[-1]):
        before.remove(counts)
        before.append(counts)
        done.placed[owner] = counts.original
        done.notes[owner] = f"handed in again what was attempt {counts.number}: it counts"
        return
    if not new:
        done.known.append(owner)
        return
    done.placed[owner] = before[-1].original
    if len(files) > 1:
        done.notes[owner] = f"{len(files)} notebooks; the one that counts: {files[-1].where[-1]}"


def is_older(file: File, attempt: Attempt) -> bool:
    """Whether a file was handed in before an attempt, where both times are known."""
    if not file.time or not attempt.time:
        return False
    return file.time < datetime.fromisoformat(attempt.time)


def names(files: list[File]) -> list[str]:
    shown = [file.where[-1] for file in files]
    return shown if len(shown) <= 5 else [*shown[:5], f"and {len(shown) - 5} more"]


# Attempts


def remember(here: ClassFolder, name: str) -> None:
    """Keep what is known of attempts now, for ``undo``."""
    file = here.collected(name) / "attempts.json"
    before = file.read_text(encoding="utf-8") if file.is_file() else "{}"
    kept = sorted((here.collected(name) / "before").glob("*.json"))
    write(here.collected(name) / "before" / f"{len(kept) + 1:04}.json", before)


def undo(here: ClassFolder, name: str) -> int:
    """Take the last ``collect`` or ``choose`` back; returns how many can still be taken back.

    Files stay in ``collected/``; they only count no more.
    """
    kept = sorted((here.collected(name) / "before").glob("*.json"))
    if not kept:
        raise ClassroomError(f"There is nothing of {name} to take back.")
    now, before = read_attempts(here, name), json.loads(kept[-1].read_text(encoding="utf-8"))
    write(here.collected(name) / "attempts.json", kept[-1].read_text(encoding="utf-8"))
    for student in now.keys() - before.keys():  # they have handed in nothing
        for path in (here.submitted(student, name), here.autograded(student, name)):
            path.unlink(missing_ok=True)
    kept[-1].unlink()
    return len(kept) - 1


def choose(here: ClassFolder, name: str, student: str, number: int) -> None:
    """Let this attempt of a student count, until they hand in another one."""
    attempts = read_attempts(here, name)
    theirs = attempts.get(student, [])
    chosen = [attempt for attempt in theirs if attempt.number == number]
    if not chosen:
        numbers = ", ".join(str(attempt.number) for attempt in theirs) or "none"
        raise ClassroomError(f"{student} has no attempt {number} of {name}; there are: {numbers}.")
    theirs.remove(chosen[0])
    theirs.append(chosen[0])
    remember(here, name)
    write_attempts(here, name, attempts)


def attempt_file(here: ClassFolder, name: str, owner: str, number: int) -> Path:
    return here.collected(name) / owner / f"{number}.ipynb"


def read_attempts(here: ClassFolder, name: str) -> dict[str, list[Attempt]]:
    """All attempts by id, the one that counts last."""
    file = here.collected(name) / "attempts.json"
    if not file.is_file():
        return {}
    stored = json.loads(file.read_text(encoding="utf-8"))
    return {owner: [Attempt(**about) for about in theirs] for owner, theirs in stored.items()}


def write_attempts(here: ClassFolder, name: str, attempts: dict[str, list[Attempt]]) -> None:
    stored = {owner: [vars(attempt) for attempt in theirs] for owner, theirs in attempts.items()}
    write(here.collected(name) / "attempts.json", json.dumps(stored, indent=1, ensure_ascii=False))


def timestamp(attempt: Attempt) -> str:
    """The time as nbgrader's timestamp.txt has it, in UTC."""
    if not attempt.time:
        return ""
    return datetime.fromisoformat(attempt.time).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
