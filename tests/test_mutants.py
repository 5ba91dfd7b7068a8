"""Every one-edit mutant of every solution: the checks refuse it, or it is listed with its reason.

A long run (``make walk``). An edit is what a slip of the hand is: a sign turned, a factor lost, two
lines swapped, a comparison that is not strict, one more or one less.
"""

import ast
import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from cells import run_cell
from test_checks import drawn
from test_lessons import names_of

from exercise_lib.engine import Trouble

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = sorted(ROOT.glob("solutions/*/*.ipynb"))

OPERATORS = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div, ast.Add], ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult], ast.MatMult: [], ast.FloorDiv: [ast.Div], ast.Mod: [ast.FloorDiv],
}  # fmt: skip
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE], ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq],
}  # fmt: skip
OTHER_NAMES = {
    "maximum": "minimum", "minimum": "maximum", "max": "min", "min": "max", "sum": "mean",
    "mean": "sum", "median": "mean", "ceil": "floor", "floor": "ceil", "argmin": "argmax",
    "argmax": "argmin", "zeros_like": "ones_like", "cumsum": "cumprod", "log": "log10",
    "sqrt": "square", "permutation": "choice", "isfinite": "isnan", "all": "any", "any": "all",
}  # fmt: skip

CONVERSIONS = {"np.array", "np.asarray", "float", "int", "list", "tuple", "np.copy"}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """(what was changed, the changed source) for each edit."""
    for i in _places(source):
        for edit in range(9):
            tree = ast.parse(source)
            node = list(ast.walk(tree))[i]
            told = _edited(tree, node, edit)
            if told:
                yield f"line {getattr(node, 'lineno', 0)}: {told}", ast.unparse(tree)


def _places(source: str) -> list[int]:
    """Which nodes are the learner's: not the defaults, which the exercise gives."""
    tree = ast.parse(source)
    given = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for default in node.args.defaults
        for part in ast.walk(default)
    }
    return [i for i, node in enumerate(ast.walk(tree)) if id(node) not in given]


def _edited(tree: ast.AST, node: ast.AST, edit: int) -> str:
    """Make the edit of this number in the node; empty if there is none."""
    before = ast.unparse(node) if isinstance(node, ast.expr | ast.stmt) else ""
    match node:
        case ast.BinOp(op=op):
            others = OPERATORS.get(type(op), [])
            if edit < len(others):
                node.op = others[edit]()
            elif edit in (3, 4):
                _replace(tree, node, node.left if edit == 3 else node.right)
                return f"{before} → {ast.unparse(node.left if edit == 3 else node.right)}"
            else:
                return ""
        case ast.Compare(ops=[op]) if edit < len(COMPARISONS.get(type(op), [])):
            node.ops = [COMPARISONS[type(op)][edit]()]
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if edit >= 3:
                return ""
            node.value = (number + 1, number - 1, 2 * number)[edit]
            if node.value == number:
                return ""
        case ast.UnaryOp(operand=operand) if edit == 0:
            _replace(tree, node, operand)
            return f"{before} → {ast.unparse(operand)}"
        case ast.Attribute(attr=name) if edit == 0 and name in OTHER_NAMES:
            node.attr = OTHER_NAMES[name]
        case ast.Name(id=name) if edit == 0 and name in OTHER_NAMES:
            node.id = OTHER_NAMES[name]
        case ast.Call(func=ast.Attribute(attr="maximum" | "minimum" | "allclose" | "isclose")):
            return ""  # the order of their arguments is free, and without them nothing is left
        case ast.Call(args=[one, other, *rest]) if edit == 0:
            node.args = [other, one, *rest]
        case ast.Call(args=[one, *_]) if edit == 1 and ast.unparse(node.func) not in CONVERSIONS:
            _replace(tree, node, one)
            return f"{before} → {ast.unparse(one)}"
        case ast.FunctionDef(body=body) | ast.While(body=body) | ast.For(body=body):
            return _without_or_swapped(body, edit)
        case _:
            return ""
    after = ast.unparse(node)
    return f"{before} → {after}" if after != before else ""


def _without_or_swapped(body: list[ast.stmt], edit: int) -> str:
    lines = [s for s in body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    if edit < 5 and edit < len(lines) and len(body) > 1:
        body.remove(lines[edit])
        return f"without {ast.unparse(lines[edit]).splitlines()[0]}"
    at = edit - 5
    if 0 <= at < len(lines) - 1 and _depend(lines[at], lines[at + 1]):
        i, j = body.index(lines[at]), body.index(lines[at + 1])
        body[i], body[j] = body[j], body[i]
        return f"swapped {ast.unparse(lines[at]).splitlines()[0]} and the next line"
    return ""


def _depend(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether one of two lines uses what the other one gives, or hands something out."""
    (gives, takes), (gives2, takes2) = names_of(ast.unparse(one)), names_of(ast.unparse(other))
    yields = any(isinstance(node, ast.Yield | ast.Return) for node in ast.walk(other))
    return bool(gives & (gives2 | takes2) or takes & gives2) or yields


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if v is old else v for v in value])


@cache
def answers(path: Path) -> list[tuple[str, str, ast.expr, dict]]:
    """(task, the source of its answer, the answer in the check, names before) of a solution."""
    cells = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    names: dict[str, object] = {"__name__": "__main__"}
    found, last = [], None
    for cell in cells:
        source, about = "".join(cell["source"]), cell["metadata"].get("nbgrader", {})
        before = dict(names)
        run_cell(source, names)
        if about.get("solution"):
            last = source, before
        if about.get("grade") and last:
            call = ast.parse(source).body[-1].value
            if isinstance(call, ast.Call) and call.args and _is_function(last[0]):
                answer, names_before = last
                found.append((call.func.attr, answer, call.args[0], names_before))
    return found


def _is_function(source: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) for node in ast.parse(source).body)


SAME = json.loads((Path(__file__).parent / "reference/equivalent_mutants.json").read_text("utf-8"))


@pytest.mark.walk
@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_every_mutant_is_refused(path: Path, monkeypatch, record_property, capsys) -> None:
    monkeypatch.setattr("exercise_lib.engine.SECONDS", 0.5)
    tried, accepted = 0, []
    for task, source, argument, before in answers(path):
        for told, mutant in mutants(source):
            tried += 1
            names = copy.copy(before)
            try:
                run_cell(mutant, names)
                answer = eval(compile(ast.Expression(argument), "<check>", "eval"), names)
            except (Exception, Trouble):
                continue
            if drawn(task, 0)(answer, seed=0).passed:
                accepted.append(f"{task}, {told}")
    record_property("mutants", f"{len(accepted)} of {tried}")
    with capsys.disabled():
        print(f"\n{path.stem}: {len(accepted)} of {tried} mutants accepted")
    assert not (new := sorted(set(accepted) - SAME.keys())), "\n".join(new)
