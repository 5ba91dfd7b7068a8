"""What a simulated class hands in: each kind of submission, and the points that it deserves.

A ``Paper`` is a student's notebook on its way to the instructor. A kind is a function that does to
it what students, their tools or attackers do; what that costs is written down in ``paper.lost``.
Kinds can be combined on one paper.
"""

import ast
import builtins
import copy
import inspect
import json
import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import nbformat
from answers import RIGHT, WRONG
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from exercise_lib import check
from exercise_lib.engine import Task
from exercise_lib.personal import PersonalTask

ROOT = Path(__file__).resolve().parent.parent
PREAMBLE = (
    "import math\nfrom itertools import accumulate, count, islice, repeat\nimport numpy as np"
)
KNOWN = {*dir(builtins), "math", "accumulate", "count", "islice", "repeat", "np"}


@dataclass(frozen=True, eq=False)
class Question:
    """A task in a notebook: its check, the cell for its answer, and what the check is given."""

    task: Task
    points: int
    cell: str
    wants: str

    def literally(self, answer: object) -> str:
        """The source of a cell with this answer."""
        return f"{self.wants} = {answer!r}"


class Exercise:
    """An exercise of the course: what is asked, and right and wrong answers to it."""

    def __init__(self, name: str):
        self.name = name
        self.notebook = read("exercises", name)
        self.solutions = {
            grade_id(cell): without_markers(cell.source)
            for cell in read("solutions", name).cells
            if about(cell).get("solution")
        }
        self.questions = list(questions(self.notebook))
        self.points = sum(question.points for question in self.questions)

    @cached_property
    def alone(self) -> list[Question]:
        """The questions whose answers no other answer needs, so that one mistake costs one task."""
        needed = {
            name
            for question in self.questions
            for name in names_used(self.right(question)) - names_made(self.right(question))
        }
        return [q for q in self.questions if not names_made(self.right(q)) & needed]

    def right(self, question: Question) -> str:
        """The answer of the solution; where it is a plain value, that value."""
        task = question.task
        if callable(task.right) or isinstance(task, PersonalTask):
            return self.solutions[question.cell]
        return question.literally(task.right)


@cache
def bank(question: Question, right: bool) -> list[str]:
    """Answers of the tests' bank, right or wrong ones, as the sources of cells."""
    if right and isinstance(question.task, PersonalTask):
        return []  # those are right for the standard numbers only
    entries = [entry.values for entry in (RIGHT if right else WRONG)]
    sources = [as_source(question, answer) for task, answer, *_ in entries if task is question.task]
    return [source for source in sources if source]


def read(kind: str, name: str) -> NotebookNode:
    return nbformat.read(ROOT / kind / name / f"{name}.ipynb", as_version=4)


def about(cell: NotebookNode) -> dict:
    return cell.metadata.get("nbgrader", {})


def grade_id(cell: NotebookNode) -> str:
    return about(cell).get("grade_id", "")


def questions(notebook: NotebookNode) -> Iterator[Question]:
    """Each graded cell is ``check.<task>(answer)``; the answer is in the last cell before it."""
    answer = ""
    for cell in notebook.cells:
        if about(cell).get("solution"):
            answer = grade_id(cell)
        if about(cell).get("grade"):
            call = ast.parse(cell.source).body[-1].value
            task = getattr(check, call.func.attr)
            yield Question(task, about(cell)["points"], answer, ast.unparse(call.args[0]))


def without_markers(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if "### " not in line)


def names_used(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def names_made(source: str) -> set[str]:
    """The names that a cell defines for the cells below it."""
    made = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.Assign):
            made |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return made


def as_source(question: Question, answer: object) -> str:
    """An answer of the bank as a cell that stands alone, or "" if it cannot."""
    if inspect.isfunction(answer) or inspect.isclass(answer):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(answer)))
        except (OSError, SyntaxError):  # made from another rule's source; a lambda in a table
            return ""
        made = tree.body[0]
        if not isinstance(made, ast.FunctionDef | ast.ClassDef):
            return ""
        made.decorator_list = []
        names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        own |= {node.name for node in ast.walk(tree) if hasattr(node, "name")}
        if names_used(ast.unparse(tree)) - own - KNOWN or question.wants in KNOWN:
            return ""
        return f"{PREAMBLE}\n\n\n{ast.unparse(tree)}\n\n\n{question.wants} = {made.name}"
    try:
        same = ast.literal_eval(repr(answer)) == answer
        exec(question.literally(answer), {})
    except (ValueError, SyntaxError, TypeError):  # an array; not as many as there are names
        return ""
    return question.literally(answer) if same is True else ""


@dataclass(frozen=True)
class World:
    """What attackers know of the machine, and what the judge looks for afterwards.

    token: in all that they write, print or start
    """

    token: str
    folder: Path
    others: Path
    port: int

    @property
    def gradebook(self) -> Path:
        return self.folder / "gradebook.db"


@dataclass
class Paper:
    """A student's notebook, right in all questions until something is done to it.

    lost:  the answers (their cells) that earn nothing now
    files: what is handed in, by file name; a str is where a symbolic link points
    state: what becomes of it in the end
    """

    exercise: Exercise
    world: World
    student: str
    rng: random.Random
    lost: set[str] = field(default_factory=set)
    files: dict[str, bytes | str] | None = None
    file_name: str = ""
    state: str = "graded"
    encode: Callable[[str], bytes] = str.encode
    scores_nothing: bool = False

    def __post_init__(self) -> None:
        self.notebook = copy.deepcopy(self.exercise.notebook)
        self.file_name = f"{self.exercise.name}.ipynb"
        for question in self.exercise.questions:
            self.cell(question.cell).source = self.exercise.right(question)
        self.own_cell(f"# my notes: {self.secret}")

    @property
    def secret(self) -> str:
        """What nobody else may read."""
        return f"secret-{self.world.token}-{self.student}"

    @property
    def deserved(self) -> int:
        if self.scores_nothing:
            return 0
        return sum(q.points for q in self.exercise.questions if q.cell not in self.lost)

    def cell(self, name: str) -> NotebookNode:
        return next(cell for cell in self.notebook.cells if grade_id(cell) == name)

    def pick(self) -> Question:
        """A question that was not touched yet, and on which no other answer depends."""
        fresh = [question for question in self.exercise.alone if question.cell not in self.lost]
        return self.rng.choice(fresh)

    def spoil(self, source: Callable[[str], str]) -> Question:
        """Change the answer to some question so that it earns nothing."""
        question = self.pick()
        cell = self.cell(question.cell)
        cell.source = source(cell.source)
        self.lost.add(question.cell)
        return question

    def blank(self) -> None:
        """Take all answers back."""
        for question in self.exercise.questions:
            mine, empty = self.cell(question.cell), self.exercise.notebook
            mine.source = next(c for c in empty.cells if grade_id(c) == question.cell).source
            self.lost.add(question.cell)

    def own_cell(self, source: str) -> None:
        """Add a cell below the imports, before any answer."""
        first = next(i for i, cell in enumerate(self.notebook.cells) if cell.cell_type == "code")
        self.notebook.cells.insert(first + 1, new_code_cell(textwrap.dedent(source).strip()))

    def handed_in(self) -> dict[str, bytes | str]:
        if self.files is None:
            self.files = {}
        return {**self.files, self.file_name: self.encode(json.dumps(self.notebook))}


Kind = Callable[[Paper], None]
KINDS: dict[str, Kind] = {}
HARMFUL: set[str] = set()  # only a sandbox holds them


def kind(function: Kind) -> Kind:
    KINDS[function.__name__.replace("_", " ")] = function
    return function


def harmful(function: Kind) -> Kind:
    HARMFUL.add(function.__name__.replace("_", " "))
    return kind(function)


# Honest work


@kind
def right(paper: Paper) -> None:
    """All right, each answer in some style of the bank."""
    for question in paper.exercise.questions:
        if question in paper.exercise.alone:
            styles = [paper.exercise.right(question), *bank(question, True)]
            paper.cell(question.cell).source = paper.rng.choice(styles)


@kind
def wrong(paper: Paper) -> None:
    """A mistake of the bank in every question that allows it."""
    for question in paper.exercise.alone:
        if mistakes := bank(question, False):
            paper.cell(question.cell).source = paper.rng.choice(mistakes)
            paper.lost.add(question.cell)


@kind
def half_done(paper: Paper) -> None:
    kept = {q.cell: paper.cell(q.cell).source for q in paper.exercise.questions}
    paper.blank()
    for question in paper.exercise.questions[: len(kept) // 2]:
        paper.cell(question.cell).source = kept[question.cell]
        paper.lost.discard(question.cell)


@kind
def untouched(paper: Paper) -> None:
    paper.blank()


@kind
def copied_from_a_neighbour(paper: Paper) -> None:
    """Numbers that are right for another student: only personal numbers notice that."""
    for question in paper.exercise.questions:
        if isinstance(question.task, PersonalTask):
            task = question.task
            mine, others = task.numbers(paper.student), task.others()
            neighbour = next(
                task.make(*n) for n in others if task.make(*n).right != task.make(*mine).right
            )
            paper.cell(question.cell).source = question.literally(neighbour.right)
            paper.lost.add(question.cell)


@kind
def several_attempts(paper: Paper) -> None:
    """The last one counts."""
    early = Paper(paper.exercise, paper.world, paper.student, paper.rng)
    early.blank()
    paper.files = {**(paper.files or {}), **early.handed_in()}
    paper.file_name = f"{paper.exercise.name} (1).ipynb"


@kind
def honest_habits(paper: Paper) -> None:
    """What careful people do: look, time, draw, load anew, set how numbers are shown."""
    paper.own_cell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2, 4]);")
    paper.own_cell("%timeit -n 3 -r 1 sum(range(1000))")
    paper.own_cell("import importlib, course_lib.theory\nimportlib.reload(course_lib.theory);")
    paper.own_cell("%xmode Plain\n%precision 3")
    paper.own_cell("import numpy as np\nnp.set_printoptions(precision=2)\nnp.random.seed(1)")
    for question in paper.exercise.questions:
        cell = paper.cell(question.cell)
        cell.source += "\nprint('done', flush=True)"


@kind
def warnings_on_stderr(paper: Paper) -> None:
    question = paper.pick()
    cell = paper.cell(question.cell)
    noise = "import sys, warnings, numpy\nwarnings.warn('look out')\nnumpy.log(numpy.zeros(1))\n"
    cell.source = noise + "print('careful', file=sys.stderr)\n" + cell.source


@kind
def bash_cell(paper: Paper) -> None:
    paper.own_cell("%%bash\necho hello; exit 3")


@kind
def asks_for_input(paper: Paper) -> None:
    paper.own_cell("answer = input('which? ')")


@kind
def widgets_left_behind(paper: Paper) -> None:
    view = {"model_id": "12345", "version_major": 2, "version_minor": 0}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "IntSlider(value=3)"}
    for cell in paper.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [{"output_type": "display_data", "data": data, "metadata": {}}]
    paper.notebook.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"state": {"12345": {}}, "version_major": 2}
    }


@kind
def twenty_megabytes_of_outputs(paper: Paper) -> None:
    text = "0123456789abcdef" * 65536
    for cell in [cell for cell in paper.notebook.cells if about(cell).get("grade")][:4]:
        stream = {"output_type": "stream", "name": "stdout", "text": text}
        cell.outputs = [dict(stream) for _ in range(5)]


# Broken files


@kind
def renamed(paper: Paper) -> None:
    paper.file_name = "Final FINAL version (3).ipynb"


@kind
def deleted_answer(paper: Paper) -> None:
    question = paper.pick()
    paper.notebook.cells.remove(paper.cell(question.cell))
    paper.lost.add(question.cell)


@kind
def duplicated_cells(paper: Paper) -> None:
    """Copied and pasted: same metadata, twice in the notebook."""
    cells = paper.notebook.cells
    paper.notebook.cells = [
        twin for cell in cells for twin in ([cell, copy.deepcopy(cell)] if about(cell) else [cell])
    ]


@kind
def stripped_metadata(paper: Paper) -> None:
    """As another front end saves it: no metadata, no ids, an older format."""
    for cell in paper.notebook.cells:
        cell.metadata = {}
        cell.pop("id", None)
    paper.notebook.metadata = {}
    paper.notebook.nbformat_minor = 4


@kind
def deleted_checks(paper: Paper) -> None:
    cells = paper.notebook.cells
    paper.notebook.cells = [cell for cell in cells if not about(cell).get("grade")]


@kind
def syntax_error(paper: Paper) -> None:
    paper.spoil(lambda source: source + "\nreturn ((")


@kind
def byte_order_mark(paper: Paper) -> None:
    paper.encode = lambda text: b"\xef\xbb\xbf" + text.encode()


@kind
def utf_16(paper: Paper) -> None:
    paper.encode = lambda text: text.encode("utf-16")


def broken(paper: Paper, encode: Callable[[str], bytes]) -> None:
    paper.encode, paper.state, paper.scores_nothing = encode, "broken", True


@kind
def not_json(paper: Paper) -> None:
    broken(paper, lambda text: b"Dear professor, here is my notebook.")


@kind
def cut_off(paper: Paper) -> None:
    broken(paper, lambda text: text.encode()[: len(text) // 2])


@kind
def no_bytes(paper: Paper) -> None:
    broken(paper, lambda text: b"")


@kind
def other_notebook(paper: Paper) -> None:
    names = sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir())
    other = next(name for name in names if name != paper.exercise.name)
    broken(paper, lambda text: json.dumps(read("exercises", other)).encode())


# Attacks on the grade


@kind
def checks_edited(paper: Paper) -> None:
    """No answer, and every check replaced by a number of points."""
    paper.blank()
    for cell in paper.notebook.cells:
        if about(cell).get("grade"):
            cell.source = "3"
            about(cell)["points"] = 1000


@kind
def checks_patched(paper: Paper) -> None:
    """No answer, and every check made to say that all is right."""
    paper.blank()
    paper.own_cell(
        """
        import os
        from exercise_lib import check as checks
        from exercise_lib import engine

        engine.Report.__repr__ = lambda self: "99"
        engine.Report.score = property(lambda self: self.points)
        engine.Report.passed = property(lambda self: True)
        engine.Task.__call__ = lambda self, answer, **k: self._report("right", "well done")
        engine.Task._agree = lambda *a: True
        for name in checks.TASKS:
            setattr(checks, name, lambda answer: 99)

        class check:
            def __getattr__(self, name):
                return lambda answer: 99

        check = check()
        """
    )


@kind
def checks_replaced(paper: Paper) -> None:
    """No answer, and in the very first cell a false ``check``, also for who imports it later."""
    paper.blank()
    false = """
        import sys, types
        import course_lib, exercise_lib

        class False_(types.ModuleType):
            def __getattr__(self, name):
                return lambda answer: 1

        check = course_lib.check = exercise_lib.check = False_("check")
        false = types.ModuleType("course_lib")
        false.__dict__.update(vars(course_lib), check=check)
        sys.modules["course_lib"] = sys.modules["exercise_lib"] = false
        sys.modules["exercise_lib.check"] = check
        """
    paper.notebook.cells.insert(0, new_code_cell(textwrap.dedent(false).strip()))


@kind
def shell_settings(paper: Paper) -> None:
    """No answer, and nothing of the checks comes out: for nbgrader alone, that is full points."""
    paper.blank()
    paper.own_cell(
        """
        import ast

        class Nothing(ast.NodeTransformer):
            def visit_Module(self, node):
                node.body = []
                return node

        shell = get_ipython()
        shell.ast_node_interactivity = "none"
        shell.set_custom_exc((BaseException,), lambda *args, **options: None)
        shell.showtraceback = lambda *args, **options: None
        shell.display_formatter.format = lambda value, **options: ({}, {})
        shell.ast_transformers.append(Nothing())
        """
    )


@kind
def environment_changed(paper: Paper) -> None:
    paper.own_cell("import os\nos.environ.pop('NBGRADER_EXECUTION', None)\nos.environ.clear()")


@kind
def another_id_claimed(paper: Paper) -> None:
    """Everyone's numbers asked for, and everyone's answers given: they are in the solutions."""
    paper.own_cell("from course_lib import check\ncheck.student('')")
    for question in paper.exercise.questions:
        if isinstance(question.task, PersonalTask):
            answer = question.literally(question.task.right)
            paper.cell(question.cell).source = f"check.student('')\n{answer}"
            paper.lost.add(question.cell)


# Attacks on the run


@kind
def endless_loop_in_an_answer(paper: Paper) -> None:
    question = paper.pick()
    while not callable(question.task.right):
        question = paper.pick()
    name = question.wants
    paper.cell(
        question.cell
    ).source = f"def {name}(*args, **kwargs):\n    while True:\n        pass"
    paper.lost.add(question.cell)


@kind
def endless_loop_at_top_level(paper: Paper) -> None:
    paper.spoil(lambda source: f"while True:\n    pass\n{source}")


@kind
def endless_loop_that_ignores_interrupts(paper: Paper) -> None:
    loop = (
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n"
    )
    paper.spoil(lambda source: f"{loop}        pass\n{source}")


@kind
def exits(paper: Paper) -> None:
    paper.own_cell("exit()")
    paper.own_cell("import sys\nsys.exit(0)")


@kind
def process_dies(paper: Paper) -> None:
    paper.own_cell("import os\nos._exit(0)")
    paper.spoil(lambda source: "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


@kind
def flood_of_output(paper: Paper) -> None:
    paper.own_cell("for i in range(300_000):\n    print('all work and no play', i)")


@kind
def long_line_of_output(paper: Paper) -> None:
    paper.own_cell("print('x' * 50_000_000)")


@kind
def hog_of_memory(paper: Paper) -> None:
    paper.own_cell("hoard = bytearray(60 << 30)")
    paper.own_cell("hoard = []\nwhile True:\n    hoard.append(bytes(range(256)) * (1 << 20))")


# Attacks on others. Each says so, in a file or on the wire, if it comes through


@harmful
def changes_the_gradebook(paper: Paper) -> None:
    paper.own_cell(
        f"""
        import os
        os.chmod({str(paper.world.gradebook)!r}, 0o666)
        """
    )
    paper.own_cell(
        f"""
        import sqlite3
        with sqlite3.connect({str(paper.world.gradebook)!r}) as book:
            book.execute("UPDATE grade SET auto_score = 99, manual_score = 99")
        """
    )


@kind
def scripts_in_the_page(paper: Paper) -> None:
    script = f"<script>window.{paper.world.token} = 1</script>"
    image = f"<img src=x onerror='window.{paper.world.token} = 1'>"
    paper.own_cell(f"from IPython.display import HTML\nHTML({script + image!r})")
    paper.own_cell(f"from IPython.display import Javascript\nJavascript({script[8:-9]!r})")
    paper.own_cell(f"from IPython.display import Markdown\nMarkdown({script + image!r})")
    paper.notebook.cells.append(
        new_markdown_cell(f"{script} [x](javascript:{paper.world.token}()) {image}")
    )


@harmful
def uses_the_network(paper: Paper) -> None:
    paper.own_cell(
        f"""
        import socket
        socket.create_connection(("127.0.0.1", {paper.world.port}), timeout=1).send(b"hello")
        """
    )


@harmful
def reads_other_students(paper: Paper) -> None:
    paper.own_cell(
        f"""
        import pathlib, re
        for path in pathlib.Path({str(paper.world.folder)!r}).rglob("*.ipynb"):
            print(path, re.findall("secret-[a-z0-9-]+", path.read_text(errors="replace")))
        """
    )


@harmful
def writes_outside(paper: Paper) -> None:
    token, world = paper.world.token, paper.world
    import course_lib

    places = [
        "..",
        "../..",
        world.folder,
        world.others,
        Path(course_lib.__file__).parent,
        "/var/tmp",
    ]
    for place in map(str, places):
        paper.own_cell(f"open({place!r} + '/pwned-{token}', 'w').write('{token}')")
        paper.own_cell(f"import os\nos.symlink('/etc/passwd', {place!r} + '/pwned-{token}-link')")


@harmful
def deletes_files(paper: Paper) -> None:
    for place in (paper.world.folder, paper.world.others):
        paper.own_cell(f"import shutil\nshutil.rmtree({str(place)!r}, ignore_errors=True)")


@harmful
def kills_the_grader(paper: Paper) -> None:
    paper.own_cell("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    paper.own_cell("import os, signal\nos.killpg(os.getpgid(os.getppid()), signal.SIGTERM)")


@harmful
def leaves_processes_behind(paper: Paper) -> None:
    paper.own_cell(
        f"""
        import subprocess, sys
        code = "import time; time.sleep(600)  # {paper.world.token}"
        for _ in range(3):
            subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        """
    )


@harmful
def fork_bomb(paper: Paper) -> None:
    paper.spoil(
        lambda source: (
            "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
        )
    )


@kind
def names_that_lead_out(paper: Paper) -> None:
    """In the delivery itself: a link, and a name that points out of the folder."""
    paper.files = {
        **(paper.files or {}),
        "link.ipynb": "/etc/passwd",
        f"../../pwned-{paper.world.token}.ipynb": b"{}",
    }
