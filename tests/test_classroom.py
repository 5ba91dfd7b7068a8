"""A class: the commands of INSTRUCTORS.md, the inbox, repairs, and the walls around submissions."""

import csv
import io
import json
import logging
import os
import re
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import matplotlib
import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import determine_grade

from exercise_lib.classroom import version
from exercise_lib.classroom.__main__ import main, plain
from exercise_lib.classroom.collect import choose, collect, read_attempts, undo
from exercise_lib.classroom.feedback import feedback, place
from exercise_lib.classroom.folder import ClassFolder, ClassroomError, new
from exercise_lib.classroom.grade import grade
from exercise_lib.classroom.grades import grades, write_grades
from exercise_lib.classroom.mistakes import mistakes
from exercise_lib.classroom.notebook_text import names_in
from exercise_lib.classroom.release import release
from exercise_lib.classroom.repair import rebuilt, repair
from exercise_lib.classroom.sandbox import CannotRun, Limits, bubblewrap, run
from exercise_lib.classroom.sanitised import clean_html
from exercise_lib.classroom.version import difference, version_released
from exercise_lib.classroom.walls import forbidden_calls

ROOT = Path(__file__).parent.parent
NAME = "03_momentum"
SOLUTION = (ROOT / "solutions" / NAME / f"{NAME}.ipynb").read_bytes()
SOLVED = next(c.source for c in nbformat.reads(SOLUTION, 4).cells if c.id == "momentum")
STUDENTS = """id,name,email
s1,Ada Lovelace,ada@school.org
s2,Émile Noether,emmy@school.org
s3,Grace Brewster Hopper,grace@school.org
s4,Ada Byron,byron@school.org
"""
QUICK = Limits(cell_seconds=2, seconds=300, megabytes=500)
sandbox = pytest.mark.skipif(
    bool(bubblewrap().missing), reason=bubblewrap().missing or "it is there"
)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory) -> Path:
    """A class folder with one exercise released, to be copied."""
    here = new(tmp_path_factory.mktemp("classes") / "pattern")
    here.students_file.write_text(STUDENTS, encoding="utf-8")
    release(here, NAME)
    return here.root


@pytest.fixture
def here(pattern: Path, tmp_path: Path) -> ClassFolder:
    return ClassFolder(shutil.copytree(pattern, tmp_path / "class"))


@pytest.fixture(scope="module")
def released(pattern: Path) -> NotebookNode:
    return ClassFolder(pattern).release_of(NAME)


def delivery(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "in"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def notebook_saying(text: str) -> bytes:
    """A hand-in that can be told from others."""
    return nbformat.writes(new_notebook(cells=[new_markdown_cell(text)])).encode()


# The ten commands


@pytest.mark.walk
@pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")
def test_the_ten_commands_of_the_instructions(tmp_path: Path) -> None:
    text = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
    commands = re.search("```bash\n(.*?)```", text, re.DOTALL)[1].splitlines()
    assert len(commands) == 10
    assert commands[0].startswith("git clone ") and commands[0].endswith(" course")
    shutil.copytree(  # in place of the download: this course, as it is in git
        ROOT,
        tmp_path / "course",
        ignore=shutil.ignore_patterns(".*", "__pycache__", "notebooks", "tests"),
    )
    commands[0] = "true"
    venv, activate, install = commands[1].split(" && ")
    assert (venv, activate) == ("python3 -m venv course/.venv", ". course/.venv/bin/activate")
    assert install == 'pip install -c course/requirements.lock -e "course[class]"'
    commands[1] = "true"  # in place of the downloads: what the tests run in, with that course
    assert commands[2].endswith("new my-class && cd my-class")
    (tmp_path / "students.csv").write_text(STUDENTS, encoding="utf-8")
    commands[2] += " && cp ../students.csv ."
    (tmp_path / "Downloads").mkdir()
    uphill = nbformat.read(ROOT / "exercises" / NAME / f"{NAME}.ipynb", 4)
    answer(uphill, "momentum").source = SOLVED.replace("- lr * grad(x)", "+ lr * grad(x)")
    wrong = nbformat.writes(uphill).encode()
    moodle = {
        f"Ada Lovelace_11_assignsubmission_file_/{NAME}.ipynb": SOLUTION,
        f"Émile Noether_12_assignsubmission_file_/{NAME} (2).ipynb": wrong,
        f"Grace Brewster Hopper_13_assignsubmission_file_/{NAME}.ipynb": SOLUTION[:5000],
    }
    (tmp_path / "Downloads" / "submissions.zip").write_bytes(zipped(moodle))
    environment = os.environ | {
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(tmp_path / "course"),
        "MPLCONFIGDIR": matplotlib.get_configdir(),  # making a list of fonts takes long
    }
    done = subprocess.run(
        ["bash", "-e"],
        input="\n".join(commands),
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "Warning" not in done.stderr
    folder = tmp_path / "my-class"
    table = (folder / "grades.csv").read_text(encoding="utf-8-sig").splitlines()
    found = {row["id"]: (row["state"], float(row["points"])) for row in csv.DictReader(table)}
    assert found == {
        "s1": ("graded", 10),
        "s2": ("graded", 0),
        "s3": ("broken", 0),
        "s4": ("missing", 0),
    }
    assert re.search("momentum\n +1 +50 %  .*[Uu]phill", done.stdout), done.stdout
    with zipfile.ZipFile(folder / f"{NAME}-feedback.zip") as pages:
        assert set(pages.namelist()) == {name.replace(".ipynb", ".html") for name in moodle}
        assert b"Right, 3 points" in pages.read(pages.namelist()[0])
    assert not (tmp_path / "course" / "gradebook.db").exists()


# The class folder


def test_new_keeps_what_is_there_and_stays_out_of_the_course(tmp_path: Path, capsys) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["new", str(tmp_path)]) == 1
    assert "not empty" in capsys.readouterr().err and len(list(tmp_path.iterdir())) == 1
    assert main(["new", str(ROOT / "my-class")]) == 1 and not (ROOT / "my-class").exists()
    assert "outside" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("name,email\nA,b\n", "columns"),
        ("id,name\n../x,A\n", "line 2"),
        ("id,name\na,A\nA,B\n", "twice"),
    ],
)
def test_mistakes_in_the_list_of_students_are_named(
    here: ClassFolder, text: str, word: str
) -> None:
    here.students_file.write_text(text)
    with pytest.raises(ClassroomError, match=word):
        here.students()


def test_list_of_students_of_a_spreadsheet(here: ClassFolder) -> None:
    here.students_file.write_text("\ufeffID;Name\n7;Åsa Ek\n;\n", encoding="utf-8")
    assert {id: s.name for id, s in here.students().items()} == {"7": "Åsa Ek"}


def test_commands_elsewhere_say_what_to_do(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["grade", NAME]) == 1
    assert "new FOLDER" in capsys.readouterr().err


def test_release_of_what_is_not_there(here: ClassFolder) -> None:
    with pytest.raises(ClassroomError, match="01_gradient_descent"):
        release(here, "99_none")


def test_release_is_the_exercise_and_its_source_stays(here: ClassFolder) -> None:
    exercise = nbformat.read(ROOT / "exercises" / NAME / f"{NAME}.ipynb", 4)
    assert here.release_of(NAME).cells == exercise.cells
    source = nbformat.read(here.source(NAME), 4)
    source.cells[0].source = "# My own title"
    nbformat.write(source, here.source(NAME))
    archive = release(here, NAME)
    with zipfile.ZipFile(archive) as pack:
        assert "# My own title" in pack.read(f"{NAME}/{NAME}.ipynb").decode()


# The inbox


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        (f"Ada Lovelace_1234567_assignsubmission_file_/{NAME}.ipynb", "s1"),
        (f"Ada Lovelace_1234567_assignsubmission_file_{NAME}.ipynb", "s1"),
        (f"Lovelace, Ada_7_assignsubmission_file_/x/{NAME}.ipynb", "s1"),
        (f"EMILE NOETHER_12_assignsubmission_file_/{NAME}.ipynb", "s2"),
        (f"noetheremile_LATE_12345_67890_{NAME}-1.ipynb", "s2"),
        (f"brewsterhoppergrace_12345_67890_{NAME}.ipynb", "s3"),
        (f"hoppergracebrewster_12345_67890_{NAME}.ipynb", "s3"),
        (f"S4/{NAME}.ipynb", "s4"),
        (f"s4/{NAME}/{NAME}.ipynb", "s4"),
        ("s4.ipynb", "s4"),
        (f"s4_{NAME}.ipynb", "s4"),
        (f"grace@school.org/{NAME}.ipynb", "s3"),
        (f"momentum submissions/all/s1/{NAME}.ipynb", "s1"),
        (f"Ada_1_assignsubmission_file_/{NAME}.ipynb", "s1"),  # the name of her e-mail address
        (f"Ada L_1_assignsubmission_file_/{NAME}.ipynb", None),
        (f"Grace Hopper_1_assignsubmission_file_/{NAME}.ipynb", None),
        (f"Somebody Else_1_assignsubmission_file_/s1/{NAME}.ipynb", None),
        (f"adabyro_1_2_{NAME}.ipynb", None),
        (f"s11/{NAME}.ipynb", None),
        (f"{NAME}.ipynb", None),
    ],
)
def test_whose_it_is(here: ClassFolder, tmp_path: Path, name: str, owner: str | None) -> None:
    done = collect(here, NAME, delivery(tmp_path, {name: SOLUTION}))
    assert list(done.placed) == ([owner] if owner else [])
    assert len(done.unplaced) == (owner is None)


def test_two_of_one_name_are_not_told_apart(here: ClassFolder, tmp_path: Path) -> None:
    here.students_file.write_text("id,name\na,Jo Moe\nb,Jo Moe\n")
    part = "Jo Moe_1_assignsubmission_file_"
    path = delivery(tmp_path, {f"{part}/{NAME}.ipynb": SOLUTION})
    assert collect(here, NAME, path).unplaced == {part: "could be a or b"}
    table = tmp_path / "map.csv"
    table.write_text(f"submission,id\n{part},b\n")
    assert list(collect(here, NAME, path, table).placed) == ["b"]
    table.write_text(f"submission,id\n{part},c\n")
    with pytest.raises(ClassroomError, match="'c'"):
        collect(here, NAME, path, table)


@pytest.mark.parametrize(
    ("names", "counts"),
    [
        ([f"{NAME}.ipynb", f"{NAME} (2).ipynb", f"{NAME} (10).ipynb"], 2),
        ([f"{NAME} (1).ipynb", "scratch.ipynb"], 0),
        (["my homework.ipynb"], 0),
        (["__MACOSX/._a.ipynb", f".ipynb_checkpoints/{NAME}-checkpoint.ipynb", "x.ipynb"], 2),
    ],
)
def test_which_file_counts(here: ClassFolder, tmp_path: Path, names: list, counts: int) -> None:
    files = {f"s1/{name}": notebook_saying(name) for name in names}
    done = collect(here, NAME, delivery(tmp_path, files))
    assert done.placed == {"s1": f"s1/{names[counts]}"}


def test_nested_zips_late_marks_and_again(here: ClassFolder, tmp_path: Path) -> None:
    inner = zipped({f"deep/{NAME}.ipynb": SOLUTION, "__MACOSX/._x.ipynb": b"litter"})
    outer = tmp_path / "lms.zip"
    outer.write_bytes(
        zipped({"lovelaceada_LATE_1_2_work.zip": inner, "byronada_1_3_report.pdf": b"%PDF"})
    )
    done = collect(here, NAME, outer)
    assert list(done.placed) == ["s1"]
    assert done.notes == {"s4": f"no notebook of {NAME} in it: byronada_1_3_report.pdf"}
    assert read_attempts(here, NAME)["s1"][-1].late
    again = collect(here, NAME, outer)
    assert again.known == ["s1"] and not again.placed
    second = delivery(tmp_path, {f"s1/{NAME}.ipynb": notebook_saying("second")})
    assert list(collect(here, NAME, second).placed) == ["s1"]
    numbers = [attempt.number for attempt in read_attempts(here, NAME)["s1"]]
    assert numbers == [1, 2]
    kept = here.collected(NAME) / "s1" / "1.ipynb"
    assert kept.read_bytes() == SOLUTION
    assert place("lovelaceada_LATE_1_2_work.zip/deep/x.ipynb", "s1", NAME).startswith("lovelaceada")


def test_zips_that_attack(here: ClassFolder, tmp_path: Path) -> None:
    archive = tmp_path / "lms.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(f"../../s1/{NAME}.ipynb", SOLUTION)
        pack.writestr(f"/s1/{NAME}.ipynb", SOLUTION)
        pack.writestr(f"..\\s1\\{NAME}.ipynb", SOLUTION)
        link = zipfile.ZipInfo(f"s2/{NAME}.ipynb")
        link.external_attr = 0o120777 << 16
        pack.writestr(link, "/etc/passwd")
        pack.writestr(f"s3/{NAME}.ipynb", bytes(200 * 2**20))
        pack.writestr("s4/a.zip", b"PK\x03\x04 no zip")
    done = collect(here, NAME, archive)
    assert not done.placed and len(done.refused) == 6
    assert {path.name for path in tmp_path.iterdir()} == {"class", "lms.zip"}


# Repairs


def changed(released: NotebookNode, change) -> bytes:
    notebook = nbformat.from_dict(json.loads(json.dumps(released)))
    answer(notebook, "momentum").source = "ANSWER = 1"
    change(notebook)
    return json.dumps(notebook).encode()


def answer(notebook: NotebookNode, id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.get("id") == id)


def strip(notebook: NotebookNode) -> None:
    answer(notebook, "momentum").source = "def momentum(g, x, lr, beta):\n    return 'ANSWER"
    for cell in notebook.cells:
        cell.metadata = {}
        cell.pop("id", None)
    notebook.nbformat_minor = 4


def duplicate(notebook: NotebookNode) -> None:
    cells = notebook.cells
    position = cells.index(answer(notebook, "momentum"))
    cells.insert(position, cells[position] | {"source": "FIRST = 0"})
    cells.append(cells[position] | {"source": "def momentum(grad, x, lr=0.01, beta=0.9):"})
    cells[-1]["source"] = notebook_stub


notebook_stub = ""


def without_checks(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if not cell.get("id", "").startswith("check")]


def cheat(notebook: NotebookNode) -> None:
    answer(notebook, "check-momentum").source = "3"
    answer(notebook, "imports").source += "\nimport math\ncheck = None"


@pytest.mark.parametrize("change", [strip, duplicate, without_checks, cheat])
def test_checks_are_as_released_and_answers_stay(
    released: NotebookNode, change, monkeypatch
) -> None:
    monkeypatch.setitem(globals(), "notebook_stub", answer(released, "momentum").source)
    done = rebuilt(released, changed(released, change))
    assert done.notes and not done.broken
    nbformat.validate(done.notebook)
    theirs, ours = (
        [c.source for c in n.cells if c.metadata.get("nbgrader", {}).get("locked")]
        for n in (done.notebook, released)
    )
    assert theirs == ours
    graded = [c for c in done.notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert len(graded) == 6
    sources = [cell.source for cell in done.notebook.cells]
    mine = next(i for i, source in enumerate(sources) if "ANSWER" in source)
    assert mine < sources.index("check.momentum(momentum)")
    assert done.notebook.cells[mine].metadata.nbgrader.grade_id == "momentum"
    if change is duplicate:
        assert "FIRST = 0" in sources[:mine] and notebook_stub not in sources
    if change is cheat:
        assert "import math" in sources and "3" not in sources


def test_own_cells_stay_where_they_stood(released: NotebookNode) -> None:
    def add(notebook: NotebookNode) -> None:
        position = notebook.cells.index(answer(notebook, "momentum"))
        own = [new_code_cell("own = 1"), new_markdown_cell("a thought"), new_code_cell("def (:")]
        notebook.cells[position:position] = own

    done = rebuilt(released, changed(released, add))
    assert done.notes == []
    sources = [cell.source for cell in done.notebook.cells]
    start = sources.index("own = 1")
    assert sources[start : start + 4] == ["own = 1", "a thought", "def (:", "ANSWER = 1"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\0" * 500, "empty"),
        (b"{", "damaged"),
        (SOLUTION[:3000], "damaged"),
        (b"[]", "no notebook"),
        (b'{"cells": 3}', "no notebook"),
        (b"[" * 100_000, "no notebook"),
        (b"\x89PNG\r\n\xff", "not text"),
        (None, "no notebook"),
    ],
)
def test_what_cannot_be_read_is_broken(released: NotebookNode, data: bytes, word: str) -> None:
    done = rebuilt(released, data)
    assert word in done.broken and done.notebook.cells == released.cells


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(released: NotebookNode, code: str) -> None:
    done = rebuilt(released, SOLUTION.decode().encode(code))
    assert not done.broken and "v = beta * v" in answer(done.notebook, "momentum").source


def test_another_notebook_is_named(released: NotebookNode) -> None:
    done = rebuilt(released, notebook_saying("poems"))
    assert any("another notebook" in note for note in done.notes)


# The sandbox


def submission(*sources: str, graded: str = "check.momentum(momentum)") -> NotebookNode:
    """A notebook of hostile cells between a right answer and its check."""
    locked = {"locked": True, "grade": False, "grade_id": "imports"}
    check = {"locked": True, "grade": True, "grade_id": "check", "points": 3}
    texts = ["from course_lib import check", "from course_lib import momentum", *sources, graded]
    cells = [new_code_cell(text) for text in texts]
    cells[0].metadata["nbgrader"], cells[-1].metadata["nbgrader"] = locked, check
    return new_notebook(cells=cells)


def score(notebook: NotebookNode) -> str:
    return next(o.data["text/plain"] for o in notebook.cells[-1].outputs if "data" in o)


def outputs(notebook: NotebookNode, nth: int) -> list[NotebookNode]:
    """Of the nth hostile cell."""
    return notebook.cells[nth + 1].outputs


def said(notebook: NotebookNode, nth: int) -> str:
    texts = [o.get("text", o.get("evalue", o.get("data"))) for o in outputs(notebook, nth)]
    return "".join(map(str, texts))


def is_running(*words: str) -> bool:
    """Whether a process with these words survives for seconds: the last ones take a moment."""
    found = [
        p for p in psutil.process_iter(["cmdline"]) if {*words} <= {*(p.info["cmdline"] or ())}
    ]
    return bool(psutil.wait_procs(found, timeout=60)[1])


def test_what_a_cell_does_costs_that_cell_only() -> None:
    """Also without a sandbox."""
    notebook = submission(
        "while True: pass",
        "import os; os._exit(0)",
        "exit()",
        "input()",
        "import numpy as np, sys; np.log(-np.ones(1)); print('!', file=sys.stderr)",
        "print('x' * 50_000_000)",
        "x = bytearray(60 * 2**30)",
        "import subprocess; p = subprocess.Popen(['sleep', '987.5'], start_new_session=True)",
        "import asyncio; await asyncio.sleep(0.01)",
    )
    done = run(notebook, QUICK, sandboxed=False)
    assert score(notebook) == "3"
    assert outputs(notebook, 1)[0].ename == "KeyboardInterrupt"
    assert "ended the process" in said(notebook, 2) and len(done.trouble) == 1
    assert said(notebook, 3) == ""
    assert len(said(notebook, 6)) < 101_000 and "cut off" in said(notebook, 6)
    if os.name == "posix":
        assert outputs(notebook, 7)[0].ename == "MemoryError"
        assert not is_running("sleep", "987.5")


@sandbox
def test_walls(tmp_path: Path) -> None:
    secret = tmp_path / "gradebook.db"
    secret.write_text("grades")
    notebook = submission(
        f"print(open({str(secret)!r}).read())",
        f"open({str(secret)!r}, 'w').write('changed')",
        f"import os; print(sorted(os.listdir({str(ROOT)!r})), os.listdir('/'))",
        "import socket; socket.create_connection(('1.1.1.1', 53), 1)",
        "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
        "open('/tmp/big', 'wb').write(bytes(100 * 2**20))",
        "open('/dev/shm/big', 'wb').write(bytes(100 * 2**20))",
        "import os\nwhile os.fork() >= 0: pass",
        "%%bash\nsleep 987.25 &\necho $HOME; ls ~ | wc -l",
        "print({k: v for k, v in __import__('os').environ.items() if 'SECRET' in k})",
    )
    os.environ["SECRET_TOKEN"] = "abc"
    try:
        done = run(notebook, QUICK, sandboxed=True)
    finally:
        del os.environ["SECRET_TOKEN"]
    assert done.sandboxed and score(notebook) == "3"
    assert secret.read_text() == "grades" and "grades" not in said(notebook, 1)
    seen = said(notebook, 3)
    assert "'course_lib', 'exercise_lib'" in seen
    assert not any(hidden in seen for hidden in ("home", "solutions", "tests"))
    for cell, error in {
        1: "FileNotFoundError",
        2: "FileNotFoundError",
        4: "OSError",
        6: "OSError",
        7: "OSError",
    }.items():
        assert outputs(notebook, cell)[0].ename == error, cell
    assert outputs(notebook, 8)[0].ename == "Stopped"
    assert "abc" not in said(notebook, 10)
    assert not is_running("sleep", "987.25")


@sandbox
def test_a_cell_that_sleeps_and_will_not_be_woken_is_ended() -> None:
    asleep = "import time\nwhile True:\n  try: time.sleep(9)\n  except BaseException: pass"
    notebook = submission(asleep)
    run(notebook, replace(QUICK, cell_seconds=0.5), sandboxed=True)
    assert "did not stop" in said(notebook, 1)


WRONG = "def momentum(grad, x, lr, beta):\n  while True:\n    x = x + 1\n    yield x"
ATTACKS = {  # on the points of a wrong answer, and what is named as changed
    "from exercise_lib.engine import Report; Report.__repr__ = lambda self: '3'": "__repr__",
    "Report.score = 3; Report.passed = True": "Report.score",
    "from exercise_lib.engine import Task; Task._agree = lambda *args: True": "_agree",
    "import numpy; numpy.allclose = lambda *args, **options: True": "numpy.allclose",
    "object.__setattr__(check.momentum, 'right', momentum)": "",
    "type(check.momentum).__call__ = lambda self, answer: 3": "",
    "import sys; sys.modules['exercise_lib.check'].momentum = lambda answer: 3": "",
    "check = __import__('types').SimpleNamespace(momentum=lambda answer: 3)": "",
    "momentum = check.momentum.right": "",
    "from exercise_lib.tasks.e03_momentum import momentum": "",
    "get_ipython().ast_node_interactivity = 'none'": "",
    "import sys; sys.displayhook = print": "",
    "import ast\nclass Nothing(ast.NodeTransformer):\n"
    "  def visit_Module(self, node):\n    node.body = []\n    return node\n"
    "get_ipython().ast_transformers.append(Nothing())": "",
    "get_ipython().set_custom_exc((BaseException,), lambda *args, **options: None)": "",
    "get_ipython().display_formatter.format = lambda value, **options: ({}, {})": "",
    "def forged(lines):\n"
    "  import json, os\n"
    "  for number in range(3, 20):\n"
    "    for line in lines:\n"
    "      try: os.write(number, (json.dumps(line) + '\\n').encode())\n"
    "      except OSError: pass\n"
    "result = {'output_type': 'execute_result', 'execution_count': 1, 'metadata': {},\n"
    "          'data': {'text/plain': '3'}}\n": "",
    "import sys\nsys.setprofile(lambda *args: None)": "",
    "class Same(float):\n"
    "  __eq__ = __le__ = __ge__ = lambda *args: True\n  __hash__ = float.__hash__\n"
    "def momentum(grad, x, lr, beta):\n  while True: yield [Same(0)] * len(x)": "",
    "def momentum(grad, x, lr, beta):\n"
    "  grad.hessian = grad.hessian * 0\n  x *= 0\n  while True: yield x": "",
    "for name, thing in list(vars(sys.modules['__main__']).items()):\n"
    "  if hasattr(thing, 'judged'): thing.judged = {}": "",
}


def test_who_tampers_is_named_and_gets_what_they_deserve() -> None:
    right = submission("numpy = __import__('numpy')")
    run(right, sandboxed=False)
    assert score(right) == "3"
    notebook = submission(WRONG)
    check = notebook.cells.pop()
    for attack in ATTACKS:
        check.metadata.nbgrader.grade_id += "'"
        notebook.cells += [new_code_cell(attack), nbformat.from_dict(check)]
        notebook.cells.append(new_code_cell(WRONG))
    done = run(notebook, sandboxed=True if not bubblewrap().missing else False)
    graded = [cell for cell in notebook.cells if "grade_id" in str(cell.metadata)][1:]
    assert len(graded) == len(ATTACKS)
    for attack, cell in zip(ATTACKS, graded, strict=True):
        assert points(cell) == 0, attack
    for name in filter(None, ATTACKS.values()):
        assert any(name in changed for changed in done.tampered), name


def points(cell: NotebookNode) -> float:
    """As nbgrader counts them."""
    return determine_grade(cell, logging.getLogger())[0]


FORGED = (
    [["end", 2, [RESULT := {"output_type": "execute_result", "execution_count": 1, "metadata": {},
     "data": {"text/plain": "3"}}], []], ["done"]],
    [["begin", 3], ["end", 3, [RESULT], []], ["done"]],
    [["judge", 3, {"function": [1, "f", "function", None]}, []]] * 2,
    [["give", 3, [], {}]],
    [["judge", 99, 3, []]],
    [["end", 2, "no list", []]],
    [["give", {"array": [[10**12], "<f8", ""]}, [], {}]],
    [["offer", "os", "system", ["true"]]],
    [["given", "__class__"]],
    ["[" * 50_000],
)  # fmt: skip


@pytest.mark.parametrize("lines", FORGED)
def test_forged_messages_earn_nothing(lines: list) -> None:
    """Written by the student's code into the pipe itself, while a cell of theirs runs."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    forge = (
        f"import os\nfor number in range(3, 20):\n  for line in {texts!r}:\n"
        "    try: os.write(number, (line + '\\n').encode())\n    except OSError: pass"
    )
    notebook = submission(WRONG, forge)
    run(notebook, QUICK, sandboxed=False)
    assert points(notebook.cells[-1]) == 0


def test_checks_of_an_instructors_own_are_any_cell() -> None:
    """Without the course's report: an exception is 0, a number at the end is that number."""
    setting = "get_ipython().ast_node_interactivity = 'none'"
    for check, due in {
        "assert momentum": 3,
        "assert not momentum": 0,
        "2.5": 2.5,
        "print('!')\n1 + 1": 2,
        "float('nan')": 0,
        "99": 3,
        "-1": 0,
        "report = check.momentum(momentum)\nreport": 3,
    }.items():
        notebook = submission(setting, graded=check)
        run(notebook, sandboxed=False)
        assert points(notebook.cells[-1]) == due, check


def test_points_are_those_of_the_cell() -> None:
    notebook = submission("")
    notebook.cells[-1].metadata.nbgrader.points = 5
    run(notebook, sandboxed=False)
    assert points(notebook.cells[-1]) == 5


def test_check_that_this_course_does_not_have_is_no_reason_for_0_points() -> None:
    with pytest.raises(CannotRun, match="no check 'momentums'"):
        run(submission("", graded="check.momentums(momentum)"), sandboxed=False)


def test_one_answer_that_hangs_costs_its_own_points(released: NotebookNode) -> None:
    """And it takes processor time to hang, not time of a busy machine."""
    hangs = "def momentum(grad, x, lr, beta):\n  while True: pass\n  yield x"
    notebook = submission("right = momentum", hangs)
    again = nbformat.from_dict(notebook.cells[-1])
    again.source, again.metadata.nbgrader.grade_id = "check.momentum(right)", "again"
    notebook.cells.append(again)
    run(notebook, QUICK, sandboxed=False)
    first, second = notebook.cells[-2:]
    assert points(first) == 0 and points(second) == 3
    assert first.outputs[0].metadata.report["mistake"] == "runs on for ever"


# Grades


def test_nobody_gets_0_because_the_course_does_not_start(
    here: ClassFolder, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("exercise_lib.classroom.sandbox.INSIDE", tmp_path / "gone.py")
    with pytest.raises(CannotRun, match=r"gone\.py"):
        run(submission(""), sandboxed=False)
    collect(here, NAME, delivery(tmp_path, {f"s1/{NAME}.ipynb": SOLUTION}))
    monkeypatch.setattr("exercise_lib.classroom.grade.JUDGE", (sys.executable, "-c", "1"))
    runs = grade(here, NAME, sandboxed=False)
    assert "NOT GRADED: its judge did not come back" in runs["s1"].trouble
    assert {row["id"]: row["state"] for row in grades(here)}["s1"] == "not graded"
    monkeypatch.undo()
    assert grade(here, NAME, sandboxed=False)["s1"].points == 10


@pytest.fixture
def graded(here: ClassFolder, tmp_path: Path) -> ClassFolder:
    """A class of a right, a hostile and an unreadable submission, and one that is missing."""
    page = (
        "from IPython.display import HTML; HTML('<script>alert(1)</script><b onclick=x>bold</b>')"
    )
    hostile = nbformat.reads(SOLUTION, 4)
    answer(hostile, "momentum").source += f"\n{page}"
    hostile.cells.append(new_markdown_cell("<img src=x onerror=alert(1)> [x](javascript:alert(1))"))
    gradebook = str(here.root / "gradebook.db")
    hostile.cells.insert(3, new_code_cell(f"import sqlite3; sqlite3.connect({gradebook!r})"))
    files = {"s1": SOLUTION, "s2": nbformat.writes(hostile).encode(), "s3": b"{"}
    collect(here, NAME, delivery(tmp_path, {f"{i}/{NAME}.ipynb": d for i, d in files.items()}))
    repair(here, NAME)
    grade(here, NAME, jobs=2)
    return here


def test_grades_pages_and_what_is_graded_again(graded: ClassFolder, tmp_path: Path, capsys) -> None:
    rows = {row["id"]: row for row in grades(graded)}
    assert {id: (row["state"], row["points"]) for id, row in rows.items()} == {
        "s1": ("graded", 10),
        "s2": ("graded", 10),
        "s3": ("broken", 0),
        "s4": ("missing", 0),
    }
    assert [(row.task, row.count, row.of) for row in mistakes(graded, NAME)] == []

    feedback(graded, NAME)
    page = graded.page("s2", NAME).read_text(encoding="utf-8")
    body = page[page.index("<body") :]
    assert "<script" not in body and "javascript:" not in body and "<b>bold</b>" in body
    assert not re.search(r"<[^>]*\bon(error|click)=", body)
    assert "data:image/svg+xml" in body
    assert "could not be graded" in graded.page("s3", NAME).read_text(encoding="utf-8")

    runs = grade(graded, NAME)
    assert not any(run.again for run in runs.values())
    better = delivery(tmp_path, {f"s3/{NAME} (2).ipynb": SOLUTION})
    collect(graded, NAME, better)
    assert {row["id"]: row["state"] for row in grades(graded)}["s3"] == "not graded"
    runs = grade(graded, NAME)
    assert {id for id, run in runs.items() if run.again} == {"s3"} and runs["s3"].points == 10

    with graded.gradebook() as gradebook:  # what Formgrader reads, and a person changes
        assert gradebook.average_assignment_score(NAME) == 10
        mark = gradebook.find_grade("check-momentum", NAME, NAME, "s1")
        mark.manual_score = 1
        gradebook.db.commit()
    assert next(row for row in grades(graded) if row["id"] == "s1")["points"] == 8
    table = write_grades(graded).read_text(encoding="utf-8-sig")
    assert len(table.splitlines()) == 5


def test_table_of_grades_holds_no_formulas(here: ClassFolder) -> None:
    here.students_file.write_text('id,name\ns1,"=HYPERLINK(""http://x"")"\n')
    assert "'=HYPERLINK" in write_grades(here).read_text(encoding="utf-8-sig")


def test_without_a_sandbox_it_says_so_loudly(here, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("PATH", "")
    bubblewrap.cache_clear()
    try:
        monkeypatch.chdir(here.root)
        assert main(["grade", NAME, "--sandbox"]) == 1
        told = capsys.readouterr().err
        assert "NO SANDBOX" in told and "not installed" in told
    finally:
        bubblewrap.cache_clear()


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<script>alert(1)</script>", "alert(1)"),
        ('<img src="https://spy.org/x.png">', "<img>"),
        (
            '<img src="data:image/svg+xml;base64,AA==" onerror="x">',
            '<img src="data:image/svg+xml;base64,AA==">',
        ),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        (
            '<p style="background: url(https://spy.org); color: red">a</p>',
            '<p style="color: red;">a</p>',
        ),
        ('<iframe src="https://x.org"></iframe><form action="x"></form>', ""),
    ],
)
def test_html_that_acts_goes(html: str, shown: str) -> None:
    assert clean_html(html).strip() == shown


# What was lost or judged wrongly before


def deliver(here: ClassFolder, folder: Path, files: dict[str, bytes]) -> list[int]:
    """Collect these files; the numbers of the attempts of s1, the one that counts last."""
    shutil.rmtree(folder / "in", ignore_errors=True)
    collect(here, NAME, delivery(folder, files))
    return [attempt.number for attempt in read_attempts(here, NAME)["s1"]]


def test_what_was_handed_in_last_counts_also_again(here: ClassFolder, tmp_path: Path) -> None:
    a, b = ({f"s1/{NAME}.ipynb": notebook_saying(text)} for text in "ab")
    assert deliver(here, tmp_path, a) == [1]
    assert deliver(here, tmp_path, b) == [1, 2]
    assert deliver(here, tmp_path, a) == [2, 1]
    undo(here, NAME)
    assert [t.number for t in read_attempts(here, NAME)["s1"]] == [1, 2]
    choose(here, NAME, "s1", 1)
    assert [t.number for t in read_attempts(here, NAME)["s1"]] == [2, 1]
    with pytest.raises(ClassroomError, match="no attempt 7"):
        choose(here, NAME, "s1", 7)
    assert [undo(here, NAME) for _ in range(3)] == [2, 1, 0]
    assert read_attempts(here, NAME) == {}
    with pytest.raises(ClassroomError, match="nothing"):
        undo(here, NAME)


def test_delivery_of_another_exercise_is_refused_by_name(here: ClassFolder, tmp_path: Path) -> None:
    other = (ROOT / "exercises" / "08_adam" / "08_adam.ipynb").read_bytes()
    path = delivery(tmp_path, {f"{id}/{NAME}.ipynb": other for id in ("s1", "s2")})
    with pytest.raises(ClassroomError, match="exercise 08_adam, not 03_momentum"):
        collect(here, NAME, path)
    assert read_attempts(here, NAME) == {}


def test_answered_copy_counts_and_an_untouched_one_is_said_to_be_one(
    here: ClassFolder, tmp_path: Path
) -> None:
    empty = (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()
    files = {f"s1/{NAME}.ipynb": SOLUTION, f"s1/{NAME} (1).ipynb": empty}
    deliver(here, tmp_path, files | {f"s2/{NAME}.ipynb": empty})
    done = repair(here, NAME)
    assert "v = beta" in answer(done["s1"].notebook, "momentum").source
    assert any("as it was handed out" in note for note in done["s2"].notes)
    assert not any("as it was handed out" in note for note in done["s1"].notes)


def test_answer_above_the_untouched_cell_counts(released: NotebookNode) -> None:
    def above(notebook: NotebookNode) -> None:
        cell = answer(notebook, "momentum")
        cell.source = answer(released, "momentum").source
        notebook.cells.insert(notebook.cells.index(cell), new_code_cell(SOLVED))

    done = rebuilt(released, changed(released, above))
    assert answer(done.notebook, "momentum").source == SOLVED
    assert any("stood in another cell" in note for note in done.notes)


def test_answer_with_an_annotation_is_recognised() -> None:
    assert names_in("bugs: dict = {}") == {"bugs"} == names_in("bugs = {}")
    assert names_in("def f(:\n  x\ny, z = 1, 2") == {"f", "y", "z"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_tables_of_excel(here: ClassFolder, tmp_path: Path, encoding: str) -> None:
    here.students_file.write_bytes("id;name\r\n7;Åsa Ek\r\n".encode(encoding))
    assert here.students()["7"].name == "Åsa Ek"
    table = tmp_path / "map.csv"
    table.write_bytes("submission;id\r\nÅsa;7\r\n".encode(encoding))
    path = delivery(tmp_path, {f"Åsa/{NAME}.ipynb": SOLUTION})
    assert list(collect(here, NAME, path, table).placed) == ["7"]
    with pytest.raises(ClassroomError, match="cannot be read"):
        collect(here, NAME, path, tmp_path / "none.csv")


def test_names_and_numbers_of_platforms(here: ClassFolder, tmp_path: Path) -> None:
    here.students_file.write_text(
        "id,name,email,participant\n71,Siobhán O'Brien,,\n72,Ada Byron,,\n73,Jo Moe,,4711\n",
        encoding="utf-8",
    )
    files = {
        f"Siobhán OBrien_1_assignsubmission_file_/{NAME}.ipynb.txt": SOLUTION,
        f"byronada_71_5_{NAME}.ipynb": SOLUTION,
        f"Participant 4711_9_assignsubmission_file_/{NAME}.ipynb": SOLUTION,
    }
    done = collect(here, NAME, delivery(tmp_path, files))
    assert sorted(done.placed) == ["71", "73"]
    assert list(done.unplaced.values()) == ["its name says 72, its number 71"]


def test_times_in_a_students_own_zip_are_not_believed(here: ClassFolder, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as pack:
        pack.writestr(zipfile.ZipInfo(f"{NAME}.ipynb", (2020, 1, 1, 0, 0, 0)), SOLUTION)
    with zipfile.ZipFile(tmp_path / "lms.zip", "w") as pack:
        pack.writestr(zipfile.ZipInfo("s1/work.zip", (2026, 11, 20, 12, 0, 0)), inner.getvalue())
    collect(here, NAME, tmp_path / "lms.zip")
    assert read_attempts(here, NAME)["s1"][0].time.startswith("2026-11-20T12:00")


@pytest.mark.parametrize(
    "source", [" " * 300_000 + "=", "x = " + "(" * 150_000, "[" * 4_000_000, " \n" * 90_000 + "=="]
)
def test_text_of_a_notebook_takes_no_long_time(released: NotebookNode, source: str) -> None:
    start = time.process_time()
    done = rebuilt(
        released, json.dumps({"cells": [{"cell_type": "code", "source": source}]}).encode()
    )
    assert not done.broken and time.process_time() - start < 5


def test_pasted_picture_is_kept_and_a_lost_one_is_said(released: NotebookNode) -> None:
    def paste(notebook: NotebookNode) -> None:
        there, lost = (new_markdown_cell(f"![p](attachment:{n}.png)") for n in ("there", "lost"))
        there["attachments"] = {"there.png": {"image/png": "AAAA", "text/html": "<script>"}}
        notebook.cells += [there, lost]

    cells = rebuilt(released, changed(released, paste)).notebook.cells[-2:]
    assert cells[0].attachments == {"there.png": {"image/png": "AAAA"}}
    assert "attachment:there.png" in cells[0].source
    assert cells[1].source == "*(a picture that was lost: p)*"


def test_release_stays_if_a_new_one_fails(here: ClassFolder) -> None:
    before = here.released(NAME).read_bytes()
    here.source(NAME).write_text("{")
    with pytest.raises(ClassroomError):
        release(here, NAME)
    assert here.released(NAME).read_bytes() == before


def test_terminal_obeys_nobody() -> None:
    assert (
        plain("a\x1b]0;title\x07b\r\nc\u202ed\tü")
        == "a\ufffd]0;title\ufffdb\ufffd\nc\ufffdd\ufffdü"
    )


def test_system_calls_that_no_wall_holds_are_refused() -> None:
    """As a program would read the filter: it must end in a verdict for every call."""
    steps = [
        struct.unpack("HBBI", forbidden_calls()[i : i + 8])
        for i in range(0, len(forbidden_calls()), 8)
    ]
    assert not steps or steps[-1][0] == 0x06
    for nth, (code, if_so, if_not, _) in enumerate(steps):
        if code in (0x15, 0x35):
            assert nth + 1 + max(if_so, if_not) < len(steps)


@sandbox
def test_shared_memory_and_keyrings_are_out_of_reach() -> None:
    if not forbidden_calls():
        pytest.skip("the numbers of system calls are not known here")
    notebook = submission(
        "import os; os.memfd_create('hoard')",
        "import socket; socket.socket(40)",
        "import ctypes; c = ctypes.CDLL(None, use_errno=True); print(c.syscall(250, 0, -3, 0))"
        if os.uname().machine == "x86_64"
        else "print(-1)",
        "print(os.getuid() or 'root', os.access('/proc/sys/kernel/hostname', os.W_OK))",
        "from exercise_lib.tasks import e03_momentum",
    )
    run(notebook, QUICK, sandboxed=True)
    assert score(notebook) == "3"
    assert [outputs(notebook, n)[0].get("ename") for n in (1, 2)] == ["PermissionError"] * 2
    assert "-1" in said(notebook, 3)
    assert "root" not in said(notebook, 4) and "False" in said(notebook, 4)
    assert outputs(notebook, 5)[0].ename in ("ImportError", "ModuleNotFoundError")


def test_release_notes_its_version_and_says_when_another_one_grades(here, monkeypatch) -> None:
    assert version_released(here, NAME) == version.version_here() and not difference(here, NAME)
    monkeypatch.setattr(version, "version_here", lambda: "9.9 (0)")
    assert "9.9 (0)" in difference(here, NAME)
    (here.root / "versions.json").unlink()  # as in a class folder of version 0.1
    assert not difference(here, NAME)
