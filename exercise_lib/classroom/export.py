"""Grades into the teacher's own sheet of a learning platform, as it was downloaded there.

Columns are found by what is in them, so the sheet may be in any language. Only cells of students
who are graded are written; every other byte stays as it was.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exercise_lib.classroom.collect import tokens
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, Student, text_of
from exercise_lib.classroom.grades import grades

PARTICIPANT = re.compile(r"^\W*\D{2,40}?\s*(\d+)$")  # Participant 4711, in any language
ASSIGNMENT = re.compile(r"\((\d+)\)\s*$")  # Canvas: Title (assignment id)


@dataclass
class Exported:
    """What became of a sheet: where it was written, who got a grade, and who could not."""

    path: Path
    written: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)


def export_moodle(here: ClassFolder, name: str, sheet: str | Path) -> Exported:
    """Fill in Moodle's offline grading worksheet."""
    return filled(here, name, Path(sheet), moodle_columns)


def export_canvas(here: ClassFolder, name: str, sheet: str | Path) -> Exported:
    """Fill in Canvas's exported gradebook."""
    return filled(here, name, Path(sheet), lambda rows: canvas_columns(rows, name))


@dataclass(frozen=True)
class Columns:
    """Places in a row: of the grade, and of what tells whose row it is. ``most`` is where the
    number of points is told, or -1."""

    grade: int
    who: Sequence[int]
    first_row: int
    most: int = -1


def filled(
    here: ClassFolder, name: str, sheet: Path, find: Callable[[list[list[str]]], Columns]
) -> Exported:
    here.release_of(name)
    try:
        data = sheet.read_bytes()
    except OSError as error:
        raise ClassroomError(f"{sheet} cannot be read: {error.strerror}.") from None
    encoding = encoding_of(data)
    text = text_of(data)
    records = list(records_in(text))
    delimiter = max(",;\t", key=(records or [""])[0].count)
    rows = [next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), [])
            for record in records]  # fmt: skip
    if len(rows) < 2:
        raise ClassroomError(f"{sheet} has no row below its first line.")
    columns = find(rows)
    done = Exported(sheet.with_name(f"{sheet.stem}-filled{sheet.suffix}"))
    graded = {row["id"]: row for row in grades(here) if row["exercise"] == name}
    people = Matcher(here.students())
    decimal = "," if delimiter == ";" else "."
    seen: set[str] = set()
    for place in range(columns.first_row, len(rows)):
        row = rows[place]
        if not any(row) or columns.grade >= len(row):
            continue
        shown = next((row[i] for i in columns.who if i < len(row) and row[i]), "")
        student = people.match([row[i] for i in columns.who if i < len(row)])
        if student is None:
            done.unmatched.append(shown)
        elif graded[student]["state"] not in ("graded", "broken"):
            done.ungraded.append(student)
        else:
            points = scaled(float(graded[student]["points"]), graded[student]["of"], row, columns)
            grade = f"{points:.2f}".rstrip("0").rstrip(".").replace(".", decimal)
            records[place] = with_field(records[place], columns.grade, grade, delimiter)
            done.written.append(student)
        seen |= {student} if student else set()
    done.unmatched += sorted(f"{who}, in students.csv" for who in here.students().keys() - seen)
    done.path.write_bytes("".join(records).encode(encoding, errors="replace"))
    return done


def scaled(points: float, of: object, row: list[str], columns: Columns) -> float:
    """In the points that the platform has for the exercise, where the sheet tells them."""
    most = number_in(row[columns.most]) if 0 <= columns.most < len(row) else None
    return points * most / float(of) if most and float(of or 0) else points


def encoding_of(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if data[:3] == b"\xef\xbb\xbf":
        return "utf-8-sig"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def records_in(text: str) -> list[str]:
    """The records of a CSV with their line ends; one may have several lines, within quotes."""
    records, start, quoted = [], 0, False
    for i, character in enumerate(text):
        quoted ^= character == '"'
        if character == "\n" and not quoted:
            records.append(text[start : i + 1])
            start = i + 1
    return [*records, text[start:]] if start < len(text) else records


def with_field(record: str, place: int, value: str, delimiter: str) -> str:
    """A record with another value in one place; all else as it was."""
    start, quoted, field_ = 0, False, 0
    body = record.rstrip("\r\n")
    for i, character in enumerate([*body, delimiter]):
        quoted ^= character == '"'
        if character == delimiter and not quoted:
            if field_ == place:
                new = f'"{value}"' if delimiter in value else value
                return body[:start] + new + body[i:] + record[len(body) :]
            field_, start = field_ + 1, i + 1
    return record


def number_in(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def moodle_columns(rows: list[list[str]]) -> Columns:
    """The identifier is the column of "Participant 123". The grade is the empty or numeric column
    before the greatest grade: where "Can be changed" stands two columns behind it, or, without
    those, the only one that could be it."""
    body = rows[1:]
    width = len(rows[0])

    def column(i: int) -> list[str]:
        return [row[i].strip() for row in body if i < len(row)]

    who = [i for i in range(width) if any(column(i)) and all(map(PARTICIPANT.match, column(i)))]
    if not who:
        raise ClassroomError(
            "No column has 'Participant 123', …: is it the grading worksheet of the assignment? In "
            "Moodle: assignment, View all submissions, Download grading worksheet."
        )
    numeric = [
        i for i in range(width) if i not in who and all(
            text in ("", "-") or number_in(text) is not None for text in column(i))
    ]  # fmt: skip
    greatest = [
        i for i in numeric
        if len({*column(i)}) == 1 and (number_in(column(i)[0]) or 0) > 0 and i - 1 in numeric
    ]  # fmt: skip
    if len(greatest) != 1:
        raise ClassroomError(
            "No column of grades with the greatest grade beside it was found in the sheet: switch "
            "on the offline grading worksheet, and download it anew."
        )
    names = [i for i in range(width) if i not in (*who, *numeric)]
    return Columns(greatest[0] - 1, [who[0], *names], 1, greatest[0])


def canvas_columns(rows: list[list[str]], name: str) -> Columns:
    """``ID``, ``SIS User ID``, ``SIS Login ID`` are the same in all languages; the assignment is
    the column whose title has the words of the exercise."""
    titles = [title.strip() for title in rows[0]]
    who = [titles.index(t) for t in ("ID", "SIS User ID", "SIS Login ID") if t in titles]
    if "ID" not in titles:
        raise ClassroomError("The sheet has no column ID: is it the exported gradebook of Canvas?")
    wanted = {*tokens(name.replace("_", " "))}
    found = [i for i, t in enumerate(titles) if ASSIGNMENT.search(t) and wanted <= {*tokens(t)}]
    if len(found) != 1:
        numbered = [t for t in titles if ASSIGNMENT.search(t)]
        raise ClassroomError(
            f"{len(found)} columns are called like {name}; there are: {', '.join(numbered)}. "
            f"Call the assignment {name.replace('_', ' ')!r} in Canvas."
        )
    first = next(
        (i for i, row in enumerate(rows[1:], 1) if number_in(row[titles.index("ID")] or "x")), 1
    )
    return Columns(found[0], [*who, 0], first)


class Matcher:
    """Whose row it is: by an id, a number, an e-mail address, then a name that one student has."""

    def __init__(self, students: dict[str, Student]):
        self.by_key: dict[str, set[str]] = {}
        for student in students.values():
            keys = {student.id, student.email, student.email.partition("@")[0], student.participant}
            keys |= {" ".join(sorted(tokens(student.name)))}
            for key in keys - {""}:
                self.by_key.setdefault(key.casefold(), set()).add(student.id)

    def match(self, fields: Sequence[str]) -> str | None:
        found = []
        for place, text in enumerate(fields):
            number = PARTICIPANT.match(text) if place == 0 else None
            for key in (text.strip(), number[1] if number else "", " ".join(sorted(tokens(text)))):
                hits = self.by_key.get(key.casefold(), set()) if key else set()
                found += [*hits] if len(hits) == 1 else []
        return found[0] if found and len({*found}) == 1 else None


def import_list(here: ClassFolder, path: str | Path) -> int:
    """Make students.csv from the platform's own list of participants; returns how many there are.

    Columns are found by content: e-mail addresses, "Participant 123", ids, names.
    """
    text = text_of(Path(path).read_bytes()) if Path(path).is_file() else ""
    records = records_in(text)
    if len(records) < 2:
        raise ClassroomError(f"{path} is no list with a row below its first line.")
    delimiter = max(",;\t", key=records[0].count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    titles, body = rows[0], [row for row in rows[1:] if any(row) and len(row) >= 2]
    body = [row for row in body if not row[0].strip().startswith("Points Possible")]

    def share(i: int, is_it: Callable[[str], object]) -> float:
        texts = [row[i].strip() for row in body if i < len(row) and row[i].strip()]
        return sum(map(bool, map(is_it, texts))) / len(texts) if texts else 0.0

    columns = range(len(titles))
    email = next((i for i in columns if share(i, re.compile(r"\S+@\S+\.\S+$").match) > 0.9), None)
    participant = next((i for i in columns if share(i, PARTICIPANT.match) > 0.9), None)
    ids = [
        i for i in columns
        if i not in (email, participant) and share(i, re.compile(r"[\w.-]*\d[\w.-]*$").match) > 0.9
        and len({row[i] for row in body if i < len(row)}) == len(body)
    ]  # fmt: skip
    named = re.compile(r"[^\W\d_][^\d@]*$").match
    words = [
        i for i in columns
        if i not in (email, participant, *ids) and share(i, named) > 0.9
        and len({row[i] for row in body if i < len(row)}) > 0.5 * len(body)
    ]  # fmt: skip
    words = [i for i in words if i - words[0] < 2]  # first and last name stand side by side
    if not words or (email is None and participant is None and not ids):
        raise ClassroomError(f"{path} has no columns that look like names and ids or addresses.")
    lines, taken = [["id", "name", "email", "participant"]], set()
    for row in body:
        row += [""] * (len(titles) - len(row))
        name = " ".join(row[i].strip() for i in words)
        number = PARTICIPANT.match(row[participant].strip()) if participant is not None else None
        address = row[email].strip() if email is not None else ""
        own = row[ids[0]].strip() if ids else ""
        id = own or address.partition("@")[0] or (number[1] if number else "")
        if not id or id.casefold() in taken:
            raise ClassroomError(f"{path}: {name} has no id of their own ({id!r}).")
        taken.add(id.casefold())
        lines.append([id, name, address, number[1] if number else ""])
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(lines)
    here.replace_students(table.getvalue())
    return len(lines) - 1
