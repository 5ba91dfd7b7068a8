"""What every lesson must hold, beyond running: stored outputs, links, targets, derivations.

The lessons' code is run here in this process, cell by cell, so that tests can look at the panels it
makes and run its derivations again with a sign flipped.
"""

import ast
import copy
import json
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

import nbformat
import numpy as np
import pytest
from cells import run_cell

from course_lib.descent import sweep
from course_lib.labs.explore import Explorer
from course_lib.labs.question import as_html
from course_lib.labs.quiz import RIGHT, Quiz

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(ROOT.glob("notebooks/*.ipynb"))
by_name = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@dataclass
class Cell:
    """A code cell that has run: its source, tags, last value, and the names it started from."""

    source: str
    tags: list[str]
    before: dict[str, object]
    shown: object = field(default=None)


LOOKED_AT = {"explore", "noise_lab", "predict", "quiz"}  # their panels are tested here


@cache
def run_lesson(path: Path) -> list[Cell]:
    """The cells of a lesson that tests look at; of the others what these need. nbval runs all."""
    cells, names = [], {"__name__": "__main__"}
    code, needed = code_cells(path), needed_statements(path)
    for cell, statements in zip(code, needed, strict=True):
        if not looked_at(cell):
            run_cell("\n".join(statements), names)
            continue
        before = dict(names)
        if "rng" in before:
            before["rng"] = copy.deepcopy(before["rng"])
        cells.append(Cell(cell.source, tags_of(cell), before, run_cell(cell.source, names)))
    return cells


def from_lesson(path: Path, name: str) -> object:
    """What this name stands for at the end of the lesson."""
    names: dict[str, object] = {"__name__": "__main__"}
    run_cell("\n".join(chain.from_iterable(needed_statements(path, name))), names)
    return names[name]


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def tags_of(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def looked_at(cell: nbformat.NotebookNode) -> bool:
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return "derivation" in tags_of(cell) or bool(calls & LOOKED_AT)


def needed_statements(path: Path, name: str | None = None) -> list[list[str]]:
    """By cell, the statements that give ``name``, or what the cells that are looked at use."""
    needed, used = [], {name}
    for cell in reversed(code_cells(path)):
        whole = name is None and looked_at(cell)
        kept = []
        for statement in reversed(ast.parse(cell.source).body):
            source = ast.unparse(statement)
            gives, takes = names_of(source)
            if whole or gives & used:
                kept.insert(0, source)
                used = (used - (gives - takes)) | takes
        needed.insert(0, kept)
    return needed


SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def names_of(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell gives a value (also to a part of it), and those that it uses."""
    gives, takes = set(), set()
    nodes = list(ast.walk(ast.parse(source)))
    inner = {id(name) for node in nodes if isinstance(node, SCOPES) for name in _own_names(node)}
    for node in (node for node in nodes if id(node) not in inner):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                takes.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                gives.add(name)
            case ast.Name(id=name):
                takes.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                gives.add(name)
            case ast.alias(name=name, asname=asname):
                gives.add(asname or name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                gives.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "update")):
                gives.add(name)
    return gives | ({"rng"} & takes), takes  # a random generator changes where it is used


def _own_names(scope: ast.AST) -> list[ast.Name]:
    """The places in a function or a comprehension that mean a name of its own."""
    inside = list(ast.walk(scope))
    own = {node.arg for node in inside if isinstance(node, ast.arg)}
    names = [node for node in inside if isinstance(node, ast.Name)]
    own |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return [name for name in names if name.id in own]


# What is stored


@by_name
def test_outputs_are_stored_from_one_clean_run(path):
    cells = [c for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"]
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))
    for output in (output for cell in cells for output in cell["outputs"]):
        assert output["output_type"] != "error"
        assert output.get("name") != "stderr"
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
        if "image/png" in output.get("data", {}):
            assert len(output["metadata"]["image/png"]["alt"]) > 30
    assert path.stat().st_size < 1_500_000


@by_name
def test_local_links_lead_somewhere(path):
    text = "\n".join(c.source for c in nbformat.read(path, as_version=4).cells)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if "://" not in target:
            file, _, section = target.partition("#")
            there = path.parent / file if file else path
            assert there.exists(), target
            assert not section or section in headings(there), target


@cache
def headings(path: Path) -> set[str]:
    """The names by which headings are linked: ``## Check yourself`` is Check-yourself."""
    cells = nbformat.read(path, as_version=4).cells
    found = (re.findall(r"^#+ (.+)$", c.source, re.M) for c in cells if c.cell_type == "markdown")
    return {heading.strip().replace(" ", "-") for found_in in found for heading in found_in}


@by_name
def test_a_lesson_imports_from_the_course_alone(path):
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    start = path.stem == "00_start_here"  # it shows what has been done of the exercises
    assert modules == {"course_lib", "numpy"} | ({"exercise_lib"} if start else set())


# Targets: not met where the sliders start, and met somewhere on the sliders, for every star


def goals(path: Path) -> list[tuple[Cell, Explorer]]:
    panels = [(cell, cell.shown) for cell in run_lesson(path)]
    return [(c, p) for c, p in panels if isinstance(p, Explorer) and p.goal is not None]


def reachable_stars(panel: Explorer) -> int:
    """The most stars on a grid of the sliders' own positions."""
    positions = {name: slider_values(panel.controls[name]) for name in panel.hyperparameters}
    grid = sweep(panel.rule, panel.landscape, panel.start, panel.steps, **panel.fixed, **positions)
    fewest = np.nanmin(np.append(grid.settled(panel.goal), np.inf))
    return sum(fewest <= within for within in panel.stars_at)


def slider_values(slider) -> np.ndarray:
    if getattr(slider, "grid", []):
        return np.array([value for value in slider.grid if value < 1])
    if hasattr(slider, "base"):
        return slider.base ** np.arange(slider.min, slider.max + 1e-9, slider.step)
    return np.arange(slider.min, slider.max + 1e-9, slider.step)


@by_name
def test_targets_are_reachable_and_not_met_at_the_start(path):
    for cell, panel in goals(path):
        assert panel.stars == 0, cell.source
        best = reachable_stars(panel)
        if "unreachable" in cell.tags:  # shown to fail on purpose
            assert best == 0, cell.source
        else:
            assert best == len(panel.stars_at), cell.source


# Derivations: flip any sign, and the cell must stop


def sign_flips(source: str) -> list[str]:
    """The cell with one + or − of its lines turned around, for each of them."""
    count = len(list(_signs(ast.parse(source))))
    flipped = []
    for i in range(count):
        tree = ast.parse(source)
        node = list(_signs(tree))[i]
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        flipped.append(ast.unparse(tree))
    return flipped


def _signs(tree: ast.Module):
    for statement in ast.walk(tree):
        is_line = isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id.startswith("line_")
            for target in statement.targets
        )
        if is_line:
            yield from (
                node
                for node in ast.walk(statement.value)
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
            )


DERIVATIONS = [
    pytest.param(path, i, id=f"{path.stem}-{i}")
    for path in LESSONS
    for i, cell in enumerate(
        c for c in nbformat.read(path, as_version=4).cells if "derivation" in tags_of(c)
    )
]


@pytest.mark.parametrize(("path", "index"), DERIVATIONS)
def test_a_derivation_with_a_flipped_sign_stops(path, index):
    cell = [cell for cell in run_lesson(path) if "derivation" in cell.tags][index]
    survivors = [source for source in sign_flips(cell.source) if _runs(source, cell.before)]
    assert not survivors, survivors[0]


def _runs(source: str, before: dict[str, object]) -> bool:
    names = dict(before)
    if "rng" in names:
        names["rng"] = copy.deepcopy(names["rng"])
    try:
        run_cell(source, names)
    except (AssertionError, RuntimeWarning, np.linalg.LinAlgError):
        return False
    return True


def test_the_lessons_have_derivations_with_signs_to_flip():
    for path in LESSONS[1:]:  # all but 00
        flips = [sign_flips(c.source) for c in run_lesson(path) if "derivation" in c.tags]
        assert sum(map(len, flips)) >= 5, path.stem


@by_name
def test_a_derivation_runs_when_no_sign_is_flipped(path):
    assert all(_runs(c.source, c.before) for c in run_lesson(path) if "derivation" in c.tags)


# Check yourself: every choice of every quiz is tried


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)
def test_each_quiz_has_one_right_answer_and_answers_every_other_one(path):
    cells = [cell for cell in run_lesson(path) if isinstance(cell.shown, Quiz)]
    assert len(cells) >= 3
    assert len({cell.shown.question for cell in cells}) == len(cells)
    for quiz in (cell.shown for cell in cells):
        if quiz.feedback:
            tries = quiz.feedback
            assert len(tries) >= 3, quiz.question
        else:
            tries = {repr(float(wrong)): said for wrong, said in quiz.known_mistakes}
            assert len(tries) >= 2, quiz.question
            tries |= {repr(float(quiz.truth)): "The computed answer is"}
        answers = {given: _said_to(quiz, given) for given in tries}
        assert sum(RIGHT in said for said in answers.values()) == 1, quiz.question
        assert len(set(answers.values())) == len(answers), quiz.question
        for given, said in tries.items():
            assert as_html(said) in answers[given], (quiz.question, given)


def _said_to(quiz: Quiz, given: str) -> str:
    quiz.entry.value = given
    quiz.submit()
    return quiz.readout.value


@by_name
def test_questions_are_asked_by_quiz_alone(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not re.search(r"<summary>\d\.", cell.source)
