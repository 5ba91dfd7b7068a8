"""``your_progress``: a student's own page, what is done and what is next."""

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from html import escape
from pathlib import Path

import ipywidgets as widgets

from course_lib import progress_record
from course_lib.labs.controls import says_html
from course_lib.labs.quiz import Quiz
from course_lib.lessons import LESSONS
from course_lib.pictures.live import Panel
from course_lib.wording import counted
from exercise_lib.check import EXERCISES, TASKS
from exercise_lib.engine import Task

LEFT = 'style="text-align: left"'
TASKS_OF = dict.fromkeys(LESSONS, ()) | {
    exercise.__name__.rpartition(".e")[2]: exercise.TASKS for exercise in EXERCISES
}


def your_progress() -> "YourProgress":
    """What you have done of the exercises and questions, and what is next.

    Checks that you pass in ``exercises`` and questions that you answer in ``notebooks`` are
    recorded in a file beside these folders, and nowhere else.
    """
    return YourProgress(progress_record.place())


class Review(Quiz):
    """A question that was missed, asked again; its first try counts."""

    def tried(self, right: bool) -> None:
        if self.state == "open":
            progress_record.tried_again(self.question, right)
        self.state = "answered" if right else "missed"


class YourProgress(Panel):
    """The panel of ``your_progress``."""

    def __init__(self, file: Path | None):
        self.file = file
        self.table = widgets.Output()
        self.review = widgets.VBox()
        self.readout = widgets.HTML()
        self.again = widgets.Button(description="Look again")
        self.forget = widgets.Button(description="Forget all …")
        self.yes = widgets.Button(description="Yes, forget all", button_style="danger")
        self.no = widgets.Button(description="No, keep it")
        self.again.on_click(lambda _: self.update())
        self.forget.on_click(lambda _: self._ask())
        self.yes.on_click(lambda _: self._forget())
        self.no.on_click(lambda _: self.update())
        self.buttons = widgets.HBox()
        super().__init__([self.table, self.review, self.readout, self.buttons])
        self.update()

    def update(self) -> None:
        """Show what the file says now."""
        self.done = progress_record.read(self.file) if self.file else progress_record.Done()
        # An output, in place of an HTML widget: there links to notebooks are opened as such.
        shown = {"data": {"text/html": self._page()}, "metadata": {}}
        self.table.outputs = ({"output_type": "display_data", **shown},)
        self.review.children = self._missed()
        self.readout.value = says_html(*map(escape, self._where()))
        something = self.done != progress_record.Done()
        self.buttons.children = [self.again, *([self.forget] if something else [])]

    def _missed(self) -> list[widgets.Widget]:
        """The question that is due first, to be answered here; or when the next one comes back."""
        missed = self.done.missed
        if not missed:
            return []
        due = [one for one in missed if one.due <= progress_record.today()]
        if not due:
            day = missed[0].due
            comes = "comes" if len(missed) == 1 else "come"
            back = f"{counted(len(missed), 'question')} that you missed {comes} back"
            return [widgets.HTML(f"<b>{back}</b>, the next on {day.day} {day:%B}.")]
        left = f"{len(due)} of them are due" if len(due) > 1 else "It is due"
        told = (
            f"<b>You missed this one.</b> {left}; after a right answer it waits longer, and then "
            "the button <i>Look again</i> brings the next."
        )
        for one in due:
            with suppress(LookupError, TypeError, ValueError):  # a damaged line costs no page
                return [widgets.HTML(told), Review.from_record(one.question, one.quiz)]
        return []

    def _ask(self) -> None:
        self.readout.value = says_html(
            f"<b>Forget all of it?</b> The file <code>{escape(str(self.file))}</code> is deleted "
            "for good. Your answers in the notebooks stay."
        )
        self.buttons.children = [self.no, self.yes]

    def _forget(self) -> None:
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            self.update()
            self.readout.value = says_html(escape(f"The file cannot be deleted: {error}"))
        else:
            self.update()

    @property
    def summary(self) -> str:
        """What is done, in one sentence."""
        passed = self._passed(list(TASKS.values()))
        every = TASKS.values()
        answered = len(self.done.questions)
        return (
            f"{len(passed)} of {len(every)} tasks, {_points(passed)} of {_points(every)} points, "
            f"{counted(answered, 'question')} answered."
        )

    @property
    def next_step(self) -> str:
        """What to do next, as HTML: the first exercise with a task that is not done."""
        for lesson, tasks in TASKS_OF.items():
            passed = self._passed(tasks)
            left = [task for task in tasks if task not in passed]
            if left and not passed and not self._answered[lesson]:
                return (
                    f"Next: {_lesson_link(lesson)}, and its {_exercise_link(lesson, 'exercise')}."
                )
            if left:
                task = f"<code>check.{left[0].name}</code>, {counted(left[0].points, 'point')}"
                return f"Next: {_exercise_link(lesson)}, {task}."
        guide = _lesson_link("15_field_guide")
        return f"All exercises are done. What remains is {guide}, and your own problems."

    @property
    def _answered(self) -> Counter[str]:
        """How many questions of each lesson; of none where the front end does not name it."""
        return Counter(lesson for _, lesson in self.done.questions if lesson in LESSONS)

    def _passed(self, tasks: Sequence[Task]) -> list[Task]:
        return [task for task in tasks if task.name in self.done.tasks]

    def _page(self) -> str:
        answered, rows = self._answered, []
        for lesson, tasks in TASKS_OF.items():
            passed = self._passed(tasks)
            cells = {"lesson": f"{lesson[:2]} {_lesson_link(lesson)}"}
            if answered:
                cells["questions answered"] = str(answered[lesson])
            cells |= {"exercise": "", "tasks done": "", "points": ""}
            if tasks:
                cells["exercise"] = _exercise_link(lesson) + " ✔" * (len(passed) == len(tasks))
                cells["tasks done"] = f"{len(passed)} of {len(tasks)}"
                cells["points"] = f"{_points(passed)} of {_points(tasks)}"
            rows.append("".join(f"<td {LEFT}>{cell}</td>" for cell in cells.values()))
        head = "".join(f'<th scope="col" {LEFT}>{name}</th>' for name in cells)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return (
            f"<p><b>{self.summary}</b> {self.next_step}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _where(self) -> list[str]:
        if self.file is None:
            return [
                "Nothing is recorded here, because this notebook is not in the folder notebooks of "
                "the course."
            ]
        if not progress_record.can_write(self.file):
            return [f"Nothing is recorded: {self.file} cannot be written."]
        where = f"{self.file.name}, in this browser," if sys.platform == "emscripten" else self.file
        told = [f"Recorded in {where} and nowhere else; delete it whenever you like."]
        if self.done.unreadable:
            n = self.done.unreadable
            lines = "1 line of it is" if n == 1 else f"{n} lines of it are"
            told.append(f"{lines} damaged; what the others say is shown.")
        return told

    @property
    def says(self) -> str:
        return "Your progress: run this cell to see what you have done, and what is next."


def _points(tasks: Sequence[Task]) -> int:
    return sum(task.points for task in tasks)


def _lesson_link(lesson: str) -> str:
    return f'<a href="{lesson}.ipynb">{LESSONS[lesson].title}</a>'


def _exercise_link(lesson: str, text: str = "") -> str:
    return f'<a href="../exercises/{lesson}/{lesson}.ipynb">{text or f"exercise {lesson[:2]}"}</a>'
