"""Grades in the platforms' own sheets, and the class list from them, in any language."""

from pathlib import Path

import pytest
from nbformat.v4 import new_notebook

from exercise_lib.classroom import export
from exercise_lib.classroom.export import export_canvas, export_moodle, import_list
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, new, write_notebook

NAME = "03_momentum"
ENGLISH = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade",'
    '"Grade can be changed","Last modified (submission)","Last modified (grade)","Feedback"\r\n'
    'Participant 4711,"Ada Lovelace",ada@school.org,"Submitted for grading",,100.00,Yes,'
    '"Tuesday, 1 December 2026, 5:00 PM",-,"one\nand ""two"""\r\n'
    'Participant 4712,"Siobhán OBrien",siobhan@school.org,"Submitted",,100.00,Yes,-,-,\r\n'
    'Participant 4713,"Grace Hopper",grace@school.org,"No submission",55.00,100.00,Yes,-,-,\r\n'
    'Participant 4799,"Some Body",some@school.org,"No submission",,100.00,Yes,-,-,\r\n'
)
GERMAN = (
    "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert "
    "werden;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback\n"
    "Teilnehmer/in 4711;Ada Lovelace;ada@school.org;Zur Bewertung abgegeben;;10,00;Ja;-;-;\n"
    "Teilnehmer/in 4712;Siobhán OBrien;siobhan@school.org;Abgegeben;;10,00;Ja;-;-;\n"
    "Teilnehmer/in 4713;Grace Hopper;grace@school.org;Keine Abgabe;;10,00;Ja;-;-;"
)
CHINESE = (
    "标识符,全名,电子邮件地址,状态,成绩,最高分,成绩可以更改,最后修改 (提交),最后修改 (成绩),反馈\n"
    "参与者4711,Ada Lovelace,ada@school.org,已提交,,10.00,是,-,-,\n"
    "参与者4712,Siobhán OBrien,siobhan@school.org,已提交,,10.00,是,-,-,\n"
    "参与者4713,Grace Hopper,grace@school.org,没有提交,,10.00,是,-,-,\n"
)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,03 Momentum (8812),04 Nesterov (8813)\r\n"
    "    Points Possible,,,,,20,10\r\n"
    '"Lovelace, Ada",501,,ada,A,,7\r\n'
    '"O\'Brien, Siobhán",502,,siobhan,A,3,\r\n'
    '"Hopper, Grace",503,,grace,A,,\r\n'
    '"Student, Test",999,,x,A,,\r\n'
)
STUDENTS = (
    "id,name,email,participant\nada,Ada Lovelace,ada@school.org,4711\n"
    "siobhan,Siobhán O'Brien,siobhan@school.org,4712\ngrace,Grace Hopper,grace@school.org,4713\n"
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClassFolder:
    """A class where Ada has 7.5 of 10, Siobhán's file was broken, and Grace is missing."""
    folder = new(tmp_path / "class")
    folder.students_file.write_text(STUDENTS, encoding="utf-8")
    write_notebook(folder.released(NAME), new_notebook())
    found = {"ada": ("graded", 7.5), "siobhan": ("broken", 0.0), "grace": ("missing", 0)}
    rows = [
        {"id": id, "exercise": NAME, "state": state, "points": points, "of": 10}
        for id, (state, points) in found.items()
    ]
    monkeypatch.setattr(export, "grades", lambda here: rows)
    return folder


@pytest.mark.parametrize(
    ("sheet", "encoding", "changes"),
    [
        (ENGLISH, "utf-8", {'grading",,100': 'grading",75,100', 'ed",,100': 'ed",0,100'}),
        (GERMAN, "cp1252", {"abgegeben;;10": "abgegeben;7,5;10", "Abgegeben;;": "Abgegeben;0;"}),
        (CHINESE, "utf-8", {"已提交,,10": "已提交,7.5,10"}),
        (CHINESE, "utf-16", {"已提交,,10": "已提交,7.5,10"}),
    ],
    ids=["English", "German", "Chinese", "Chinese, UTF-16"],
)
def test_moodles_worksheet_is_filled_in_and_nothing_else_changes(
    here: ClassFolder, tmp_path: Path, sheet: str, encoding: str, changes: dict
) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes(sheet.encode(encoding))
    done = export_moodle(here, NAME, file)
    expected = sheet
    for old, new_ in changes.items():
        assert old in expected
        expected = expected.replace(old, new_, 1)
    if sheet is CHINESE:
        expected = expected.replace("已提交,,10", "已提交,0,10", 1)
    assert done.path.read_bytes() == expected.encode(encoding)
    assert file.read_bytes() == sheet.encode(encoding)
    assert done.written == ["ada", "siobhan"] and done.ungraded == ["grace"]
    assert done.unmatched == (["Participant 4799"] if sheet is ENGLISH else [])


def test_canvas_gradebook(here: ClassFolder, tmp_path: Path) -> None:
    file = tmp_path / "grades.csv"
    file.write_bytes(CANVAS.encode())
    done = export_canvas(here, NAME, file)
    assert done.path.read_bytes().decode() == CANVAS.replace("ada,A,,7", "ada,A,7.5,7").replace(
        "siobhan,A,3,", "siobhan,A,0,"
    )
    assert done.unmatched == ["999"]


@pytest.mark.parametrize("export_", [export_moodle, export_canvas])
@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", STUDENTS])
def test_sheet_that_is_another_one_is_refused(here, tmp_path: Path, text: str, export_) -> None:
    file = tmp_path / "other.csv"
    file.write_text(text)
    with pytest.raises(ClassroomError):
        export_(here, NAME, file)
    with pytest.raises(ClassroomError, match="cannot be read"):
        export_(here, NAME, tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (ENGLISH, ("ada", "Ada Lovelace", "ada@school.org", "4711")),
        (GERMAN, ("ada", "Ada Lovelace", "ada@school.org", "4711")),
        (CHINESE, ("ada", "Ada Lovelace", "ada@school.org", "4711")),
        (CANVAS, ("501", "Lovelace, Ada", "", "")),
        (
            "Vorname,Nachname,Matrikel,E-Mail\nAda,Lovelace,a77,ada@x.org\nJo,Moe,a78,jo@x.org\n",
            ("a77", "Ada Lovelace", "ada@x.org", ""),
        ),
    ],
)
def test_class_list_of_a_platform(here: ClassFolder, tmp_path: Path, text: str, first) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    import_list(here, file)
    made = next(iter(here.students().values()))
    assert (made.id, made.name, made.email, made.participant) == first
    assert "O'Brien" in (here.root / "students-before.csv").read_text(encoding="utf-8")
