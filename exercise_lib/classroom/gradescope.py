"""An exercise as an autograder of Gradescope: a zip to upload, and what runs there.

The zip holds this course and the exercise as it was released, so a later version changes nothing.
There a container is the wall around each hand-in, and bubblewrap is mostly forbidden; within it the
hand-in runs as a user who owns nothing, and the judge as root: grades, checks and the results file
are out of its reach.

``python -m exercise_lib.classroom.gradescope`` is what the container runs.
"""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import course_lib
import exercise_lib
from exercise_lib.classroom.collect import File, in_order, is_notebook, stubs
from exercise_lib.classroom.folder import ClassFolder
from exercise_lib.classroom.repair import rebuilt
from exercise_lib.classroom.sandbox import CannotRun, Limits, run
from exercise_lib.personal import announce

SETUP = """#!/usr/bin/env bash
# Once, when Gradescope builds the image. Choose a base image with Python 3.11 or newer.
set -e
apt-get update
apt-get install -y python3-venv
python3 -m venv /autograder/python
/autograder/python/bin/pip install numpy scipy matplotlib ipython nbformat psutil \\
    ipywidgets anywidget psygnal bleach tinycss2
chmod -R go-w /autograder/source
chmod 700 /autograder/source/exercise_lib/tasks
"""
RUN = """#!/usr/bin/env bash
cd /autograder/source
PYTHONPATH=/autograder/source /autograder/python/bin/python -m exercise_lib.classroom.gradescope
"""


def export_gradescope(here: ClassFolder, name: str) -> Path:
    """``NAME-gradescope.zip``: to be uploaded where an assignment's autograder is set up."""
    released = here.release_of(name)
    archive = here.root / f"{name}-gradescope.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        for script, text in {"setup.sh": SETUP, "run_autograder": RUN}.items():
            member = zipfile.ZipInfo(script, (2026, 1, 1, 0, 0, 0))
            member.external_attr = 0o755 << 16
            pack.writestr(member, text)
        pack.writestr("exercise.json", json.dumps({"name": name, "notebook": released}))
        for package in (course_lib, exercise_lib):
            folder = Path(package.__file__).parent
            for path in sorted(folder.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    pack.write(path, Path(folder.name, path.relative_to(folder)))
    return archive


def autograde(root: Path, limits: Limits | None = None) -> dict[str, object]:
    """What ``results.json`` is to hold, for what lies in ``submission`` below this folder."""
    exercise = json.loads((root / "source" / "exercise.json").read_text(encoding="utf-8"))
    released = nbformat.from_dict(exercise["notebook"])
    found = files_in(root / "submission")
    cells = {*stubs(released)}
    files = in_order(found, exercise["name"], cells, stubs(released))
    done = rebuilt(released, files[-1].data if files else None)
    announce(done.notebook, who_submitted(root))
    try:
        ran = run(done.notebook, limits, student=who_submitted(root), alone=True)
    except CannotRun as error:
        return {"output": f"Not graded, for no fault of yours: {error}"}
    told = [done.broken, *done.notes, *ran.trouble]
    if not ran.sandboxed:
        told.append("the container is the wall here: bubblewrap does not work in it")
    return {
        "tests": [*results_of(ran.notebook)],
        "output": "\n".join(f"- {note}" for note in told if note),
        "output_format": "text",
        "execution_time": round(ran.seconds),
        "extra_data": {"tampered": ran.tampered, "sandboxed": ran.sandboxed},
    }


def files_in(folder: Path) -> list[File]:
    """What was handed in; links are no files."""
    return [
        File(path.relative_to(folder).parts, path.read_bytes(), None)
        for path in sorted(folder.rglob("*"))
        if is_notebook(path.name) and path.is_file() and not path.is_symlink()
    ]


def who_submitted(root: Path) -> str:
    """The e-mail address of who handed in: it decides on personal numbers."""
    file = root / "submission_metadata.json"
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["users"][0]["email"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return ""


def results_of(notebook: NotebookNode) -> Iterator[dict[str, object]]:
    """A test for each task: its points, and the words of the check."""
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if not about.get("grade") or cell.cell_type != "code":
            continue
        score, message = outcome(cell.outputs, about["points"])
        yield {
            "name": about["grade_id"].removeprefix("check-").replace("-", " "),
            "score": score,
            "max_score": about["points"],
            "status": "passed" if score == about["points"] else "failed",
            "output": message,
            "output_format": "text",
            "visibility": "visible",
        }


def outcome(outputs: Sequence[NotebookNode], points: float) -> tuple[float, str]:
    for output in outputs:
        if output.output_type == "error":
            return 0.0, f"{output.ename}: {output.evalue}"
    for output in outputs:
        if report := output.get("metadata", {}).get("report"):
            return float(output.data["text/plain"]), report["message"]
        if output.output_type == "execute_result":
            try:
                return float(output.data["text/plain"]), ""
            except (KeyError, ValueError):
                continue
    return float(points), ""


def main(root: Path = Path("/autograder")) -> None:
    results = root / "results"
    results.mkdir(exist_ok=True)
    found = autograde(root)
    with tempfile.NamedTemporaryFile("w", dir=root, delete=False, encoding="utf-8") as file:
        json.dump(found, file)
    shutil.move(file.name, results / "results.json")
    os.chmod(results / "results.json", 0o644)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
