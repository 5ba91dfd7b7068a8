"""The autograder for Gradescope: its zip, unpacked and run as the container does it."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from exercise_lib.classroom.folder import ClassFolder, new, write_notebook
from exercise_lib.classroom.gradescope import export_gradescope
from exercise_lib.classroom.walls import as_root

ROOT = Path(__file__).parent.parent
NAME = "03_momentum"


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a container, with the zip unpacked into ``source``."""
    here: ClassFolder = new(tmp_path_factory.mktemp("class") / "class")
    exercise = nbformat.read(ROOT / "exercises" / NAME / f"{NAME}.ipynb", 4)
    write_notebook(here.released(NAME), exercise)
    root = tmp_path_factory.mktemp("container")
    root.chmod(0o755)
    with zipfile.ZipFile(export_gradescope(here, NAME)) as archive:
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
        archive.extractall(root / "source")
    return root


def results(container: Path, notebook: nbformat.NotebookNode) -> dict:
    """What Gradescope reads after this was handed in."""
    for folder in ("submission", "results"):
        shutil.rmtree(container / folder, ignore_errors=True)
        (container / folder).mkdir()
    (container / "submission" / f"{NAME}.ipynb").write_text(nbformat.writes(notebook))
    (container / "submission_metadata.json").write_text('{"users": [{"email": "ada@x.org"}]}')
    inside = Path("/autograder") if as_root() else container
    environment = {"PATH": "", "PYTHONPATH": str(inside / "source"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "exercise_lib.classroom.gradescope", str(inside)]
    done = subprocess.run(  # without bubblewrap inside, which is not found
        [*walls(container), *command], env=environment, capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    return json.loads((container / "results" / "results.json").read_text())


def walls(container: Path) -> list[str]:
    """In place of the container: root in it, and a Python that every user may start."""
    if not as_root():
        return []
    found = shutil.which("bwrap")
    if not found:
        pytest.skip("no container can be made here")
    arguments = [found, "--dev-bind", "/", "/"]
    for home in {Path(place).parts[1] for place in (sys.base_prefix, sys.prefix)} - {"usr"}:
        arguments += ["--perms", "0755", "--tmpfs", f"/{home}"]
    for place in (sys.base_prefix, sys.prefix):
        for parent in reversed(Path(place).parents[:-1]):
            arguments += ["--perms", "0755", "--dir", str(parent)]
    for place in (sys.base_prefix, sys.prefix):
        arguments += ["--ro-bind", place, place]
    return [*arguments, "--bind", str(container), "/autograder", "--"]


def handed_out(*cells: str) -> nbformat.NotebookNode:
    """A hand-in without an answer, and with these cells."""
    notebook = nbformat.read(ROOT / "exercises" / NAME / f"{NAME}.ipynb", 4)
    notebook.cells[2:2] = [new_code_cell(cell) for cell in cells]
    return notebook


def test_tasks_points_and_hints_arrive_as_tests(container: Path) -> None:
    solution = nbformat.read(ROOT / "solutions" / NAME / f"{NAME}.ipynb", 4)
    wrong = next(cell for cell in solution.cells if cell.get("id") == "momentum")
    wrong.source = wrong.source.replace("- lr * grad(x)", "+ lr * grad(x)")
    found = results(container, solution)
    tests = {test["name"]: test for test in found["tests"]}
    assert sum(test["max_score"] for test in tests.values()) == 10
    assert tests["momentum"]["score"] == 0 and tests["momentum"]["status"] == "failed"
    assert "hill" in tests["momentum"]["output"]
    fast = tests["fast settings"]
    assert fast["score"] == 2 == fast["max_score"] and fast["status"] == "passed"
    assert "the container is the wall" in found["output"]


def test_attacks_inside_earn_nothing(container: Path) -> None:
    """Root's files are out of reach where root grades: results, checks."""
    target = "/autograder/results/results.json" if as_root() else "/none/results.json"
    attacks = (
        "get_ipython().ast_node_interactivity = 'none'",
        f"open({target!r}, 'w').write('{{\"score\": 10}}')",
        f"import os\nos.chmod({target!r}, 0o666)",
        "momentum = check.momentum.right",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)" if as_root() else "1",
    )
    found = results(container, handed_out(*attacks))
    assert [test["score"] for test in found["tests"]] == [0.0] * len(found["tests"])
    assert found["tests"]
