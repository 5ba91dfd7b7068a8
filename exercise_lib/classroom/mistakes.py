"""What the class got wrong, as a table: the next lecture."""

from collections import Counter
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from exercise_lib.classroom.folder import ClassFolder


@dataclass(frozen=True)
class Row:
    """A mistake that several made: in which task, how many of how many, and what they were told."""

    task: str
    mistake: str
    count: int
    of: int
    hint: str

    @property
    def percent(self) -> float:
        return 100 * self.count / self.of


def mistakes(here: ClassFolder, name: str) -> list[Row]:
    """The mistakes of the class, task by task, the commonest first; broken files not counted."""
    here.release_of(name)
    counts: dict[str, Counter] = {}
    hints: dict[tuple[str, str], Counter] = {}
    of = 0
    for path in sorted(here.root.glob(f"autograded/*/{name}/{name}.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        if notebook.metadata.get("course", {}).get("broken"):
            continue
        of += 1
        for cell in filter(is_graded, notebook.cells):
            task = cell.metadata.nbgrader.grade_id.removeprefix("check-")
            seen = counts.setdefault(task, Counter())
            if found := mistake_in(cell):
                mistake, hint = found
                seen[mistake] += 1
                hints.setdefault((task, mistake), Counter())[hint] += 1
    return [
        Row(task, mistake, count, of, hints[task, mistake].most_common(1)[0][0])
        for task, seen in counts.items()
        for mistake, count in seen.most_common()
    ]


def is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def mistake_in(cell: NotebookNode) -> tuple[str, str] | None:
    """The mistake that a graded cell shows, and its hint; None if it is right."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return output.ename, output.evalue
        if report := output.get("metadata", {}).get("report"):
            if report["state"] == "right":
                return None
            unnamed = "no answer yet" if report["state"] == "not yet" else "something else"
            return report["mistake"] or unnamed, report["message"]
    return None
