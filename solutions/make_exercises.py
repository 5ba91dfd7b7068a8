"""Make the exercises from the solutions: ``python solutions/make_exercises.py``.

Every ``solutions/<name>/<name>.ipynb`` becomes ``exercises/<name>/<name>.ipynb`` by nbgrader's own
preprocessors: the regions between BEGIN SOLUTION and END SOLUTION make room for the student's code,
outputs go, the checks are locked. The same solution always gives the same bytes.

A student's work is never lost: each exercise carries a fingerprint of its cells as they were made,
so one that was written in is recognised, left as it is, and named.

--check  changes nothing; fails and names the files if exercises/ is not what would be made
--force  overwrites also the exercises that were written in
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

ROOT = Path(__file__).resolve().parent.parent
STUB = "# your code here"  # a comment: the unsolved function returns None, and nothing is printed
CONFIG = Config(ClearSolutions={"code_stub": {"python": STUB}})
STEPS = (  # those of `nbgrader generate_assignment` that need no database
    LockCells,
    ClearSolutions,
    ClearOutput,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def exercise_of(solution: Path) -> str:
    """The text of the exercise that a solution notebook becomes."""
    notebook = nbformat.read(solution, as_version=4)
    for step in STEPS:
        notebook, _ = step(config=CONFIG).preprocess(notebook, {})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # timestamps
    made = {"generated": fingerprint(notebook)}
    notebook.metadata = nbformat.from_dict({**METADATA, "course": made})
    return nbformat.writes(notebook) + "\n"


def fingerprint(notebook: NotebookNode) -> str:
    """Changes with the text of any cell; not with outputs, or what an editor adds on saving."""
    cells = [[cell.cell_type, cell.source] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def is_edited(exercise: Path) -> bool:
    """Whether a file holds something that was not generated: a student's work, for example."""
    try:
        notebook = nbformat.read(exercise, as_version=4)
    except (ValueError, AttributeError):  # not a notebook
        return True
    return notebook.metadata.get("course", {}).get("generated") != fingerprint(notebook)


def exercises(root: Path) -> Iterator[tuple[Path, str]]:
    """The exercises that should exist: where, and what should be in them."""
    for solution in sorted((root / "solutions").glob("*/*.ipynb")):
        exercise = root / "exercises" / solution.relative_to(root / "solutions")
        yield exercise, exercise_of(solution)


def holds(exercise: Path, text: str) -> bool:
    return exercise.exists() and exercise.read_text(encoding="utf-8") == text


def generate(root: Path = ROOT, force: bool = False) -> dict[Path, str]:
    """Write the exercises; says of each file whether it was "written", "up to date" or "edited".

    An edited one is left as it is, unless ``force``.
    """
    states = {}
    for exercise, text in exercises(root):
        if holds(exercise, text):
            states[exercise] = "up to date"
        elif exercise.exists() and is_edited(exercise) and not force:
            states[exercise] = "edited"
        else:
            exercise.parent.mkdir(parents=True, exist_ok=True)
            exercise.write_text(text, encoding="utf-8", newline="\n")
            states[exercise] = "written"
    return states


def differing(root: Path = ROOT) -> list[Path]:
    """Exercises that are missing, not what would be generated, or left without a solution."""
    wanted = dict(exercises(root))
    orphans = {*(root / "exercises").glob("*/*.ipynb")} - wanted.keys()
    return sorted(orphans | {path for path, text in wanted.items() if not holds(path, text)})


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--force", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.check:
        wrong = differing(root)
        for exercise in wrong:
            print(f"{exercise.relative_to(root)} is not what its solution makes: make exercises")
        return int(bool(wrong))
    states = generate(root, chosen.force)
    for exercise, state in states.items():
        print(f"{exercise.relative_to(root)}: {state}")
    if "edited" in states.values():
        print(
            "\nAn edited exercise may be somebody's work, so it was left as it is. Move or rename\n"
            "the file to keep it, then run this again; or overwrite it with --force."
        )
    return int("edited" in states.values())


if __name__ == "__main__":
    sys.exit(main())
