"""A student's own page: what is recorded, where, and what is never recorded."""

import html
import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from course_lib import momentum, nesterov, progress_record, quiz
from course_lib.lessons import LESSONS
from exercise_lib import check
from exercise_lib.progress_page import TASKS_OF, your_progress
from exercise_lib.tasks import e01_gradient_descent, e03_momentum

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A folder like the course's; the notebook at work is exercise 03."""
    folder = tmp_path / "course"
    for part in ("notebooks", "exercises/03_momentum", "solutions/03_momentum"):
        (folder / part).mkdir(parents=True)
    (folder / "notebooks/00_start_here.ipynb").touch()
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(folder / "exercises/03_momentum")
    return folder


def lines(course: Path) -> list[dict]:
    file = course / "your_progress.jsonl"
    return [json.loads(x) for x in file.read_text(encoding="utf-8").splitlines() if x.strip()]


def page(course: Path, monkeypatch):
    """The page as lesson 00 shows it."""
    monkeypatch.chdir(course / "notebooks")
    return your_progress()


def text(panel) -> str:
    shown = panel.table.outputs[0]["data"]["text/html"] + panel.readout.value
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", shown).split()))


def row(panel, lesson: str) -> list[str]:
    shown = panel.table.outputs[0]["data"]["text/html"]
    rows = re.findall("<tr>(.*?)</tr>", shown)
    cells = [re.findall("<td[^>]*>(.*?)</td>", found) for found in rows]
    texts = [[re.sub("<[^>]*>", "", cell) for cell in found] for found in cells if found]
    return next(found for found in texts if found[0].startswith(lesson))


# What is recorded


def test_a_check_that_is_passed_is_recorded_once(course):
    for answer in (nesterov, None, momentum, momentum):
        check.momentum(answer)
    assert lines(course) == [{"task": "momentum", "in": ""}]


def test_a_question_is_recorded_when_it_is_answered_right(course, monkeypatch):
    monkeypatch.chdir(course / "notebooks")
    monkeypatch.setenv("JPY_SESSION_NAME", str(course / "notebooks/04_nesterov.ipynb"))
    panel = quiz("Größe?", {"a": "x", "b": "y"}, answer=lambda: "b")
    for given in ("a", "b", "a", "b"):
        panel.entry.value = given
        panel.submit()
        answered = [line for line in lines(course) if "question" in line]
        assert bool(answered) == (panel.state == "answered")
    assert answered == [{"question": "Größe?", "in": "04_nesterov"}]
    shown = quiz("Another?", {"a": "x", "b": "y"}, answer=lambda: "b")
    shown.give_up()
    shown.entry.value = "b"
    shown.submit()
    assert [line for line in lines(course) if "question" in line] == answered


@pytest.mark.parametrize("folder", [".", "solutions/03_momentum", ".."])
def test_elsewhere_nothing_is_recorded(course, monkeypatch, folder):
    monkeypatch.chdir(course / folder)
    assert check.momentum(momentum).passed
    assert not list(course.parent.rglob("your_progress*"))


def test_while_grading_nothing_is_recorded(course, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check.momentum(momentum).passed
    assert not (course / "your_progress.jsonl").exists()


def test_where_no_file_can_be_written_a_check_works_all_the_same(course, monkeypatch):
    (course / "your_progress.jsonl").mkdir()  # also for root, who may write anywhere
    assert check.momentum(momentum).passed
    panel = page(course, monkeypatch)
    assert "Nothing is recorded: " in text(panel) and "cannot be written" in text(panel)
    assert panel.buttons.children == (panel.again,)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_is_read_only_is_named(course, monkeypatch):
    course.chmod(0o555)
    try:
        assert check.momentum(momentum).passed
        assert "cannot be written" in text(page(course, monkeypatch))
    finally:
        course.chmod(0o755)


# What happens to the file


def test_damaged_lines_are_left_alone_and_cost_nothing_else(course, monkeypatch):
    file = course / "your_progress.jsonl"
    before = b'{"task": "nesterov", "in": ""}\n\xff\x00\n7\n{"task": 7}\n{"task": "mom'
    file.write_bytes(before)
    check.momentum(momentum)
    assert file.read_bytes().startswith(before)
    done = progress_record.read(file)
    assert done.tasks == {"nesterov", "momentum"} and done.unreadable == 4
    assert "4 lines of it are damaged; what the others say is shown." in text(
        page(course, monkeypatch)
    )


def test_notebooks_that_write_at_once_lose_nothing(course):
    code = "from course_lib.progress_record import record\nimport sys\n"
    code += "for i in range(100): record('task', sys.argv[1] + str(i))"
    writers = [subprocess.Popen([sys.executable, "-c", code, name]) for name in "abc"]
    assert all(writer.wait(60) == 0 for writer in writers)
    done = progress_record.read(course / "your_progress.jsonl")
    assert done.tasks == {f"{name}{i}" for name in "abc" for i in range(100)}
    assert done.unreadable == 0


# The page


def test_at_first_nothing_is_done_and_lesson_01_is_next(course, monkeypatch):
    panel = page(course, monkeypatch)
    assert f"0 of {len(check.TASKS)} tasks, 0 of " in text(panel)
    assert "Next: Gradient descent , and its exercise ." in text(panel)
    assert panel.buttons.children == (panel.again,)
    assert not (course / "your_progress.jsonl").exists()


def test_the_page_counts_tasks_points_and_questions(course, monkeypatch):
    tasks = e03_momentum.TASKS
    check.momentum(momentum)
    panel = page(course, monkeypatch)
    due = sum(task.points for task in tasks)
    assert row(panel, "03") == [
        "03 Momentum", "exercise 03", f"1 of {len(tasks)}",
        f"{check.momentum.points} of {due}",
    ]  # fmt: skip
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/03_momentum.ipynb")
    progress_record.record("question", "why?")
    progress_record.record("question", "how?")
    for task in tasks:
        progress_record.record("task", task.name)
    panel.again.click()
    assert row(panel, "03")[1:] == [
        "2", "exercise 03 ✔", f"{len(tasks)} of {len(tasks)}", f"{due} of {due}",
    ]  # fmt: skip
    assert f"{len(tasks)} of {len(check.TASKS)} tasks, {due} of" in text(panel)
    assert "2 questions answered." in text(panel)
    assert row(panel, "15") == ["15 Field guide", "0", "", "", ""]


def test_what_is_next_is_the_first_thing_not_done(course, monkeypatch):
    monkeypatch.chdir(course / "notebooks")
    told = []
    for tasks in TASKS_OF.values():
        for task in tasks:
            told.append(text(your_progress()))
            assert task.name in told[-1] or task is tasks[0]
            progress_record.record("task", task.name)
    assert len(told) == len(check.TASKS)
    assert sum("and its exercise ." in said for said in told) == len(check.EXERCISES)
    assert "All exercises are done." in text(your_progress())


def test_who_has_answered_a_question_of_a_lesson_is_sent_to_its_exercise(course, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "01_gradient_descent.ipynb")
    progress_record.record("question", "why?")
    first = e01_gradient_descent.TASKS[0]
    assert f"Next: exercise 01 , check.{first.name} , {first.points} point" in text(
        page(course, monkeypatch)
    )


def test_where_no_front_end_names_the_lesson_questions_are_counted_together(course, monkeypatch):
    progress_record.record("question", "why?")
    panel = page(course, monkeypatch)
    assert "1 question answered." in text(panel) and "questions answered" not in text(panel)
    assert row(panel, "15") == ["15 Field guide", "", "", ""]


def test_tasks_of_another_version_of_the_course_are_no_trouble(course, monkeypatch):
    progress_record.record("task", "a task that is no more")
    panel = page(course, monkeypatch)
    assert f"0 of {len(check.TASKS)} tasks" in text(panel)


def test_forgetting_asks_first(course, monkeypatch):
    check.momentum(momentum)
    file, panel = course / "your_progress.jsonl", page(course, monkeypatch)
    assert str(file) in text(panel) and panel.buttons.children == (panel.again, panel.forget)
    panel.forget.click()
    assert "Forget all of it?" in text(panel) and file.exists()
    panel.no.click()
    assert "Forget all of it?" not in text(panel) and file.exists()
    panel.forget.click()
    panel.yes.click()
    assert not file.exists() and f"0 of {len(check.TASKS)} tasks" in text(panel)


# Missed questions come back


@pytest.fixture
def day(monkeypatch):
    """Today is the first of December; ``day(n)`` makes it n days later."""

    def later(days: int) -> None:
        monkeypatch.setattr(progress_record, "today", lambda: begin + timedelta(days=days))

    begin = date(2026, 12, 1)
    later(0)
    return later


def choices(question: str = "Which?"):
    why = "Because `b` is."
    return quiz(question, {"a": "Not a.", "b": "It is b."}, answer=lambda: "b", why=why)


def try_(panel, *given: str) -> None:
    for one in given:
        panel.entry.value = one
        panel.submit()


def reviewed(panel):
    """The question that the page asks, or None."""
    return next((w for w in panel.review.children if hasattr(w, "entry")), None)


def test_a_missed_question_comes_back_after_growing_times(course, monkeypatch, day):
    monkeypatch.chdir(course / "notebooks")
    try_(choices(), "a", "b")  # right in the end, but missed
    assert reviewed(your_progress()) is None
    asked_on = []
    for n in range(1, 60):
        day(n)
        if again := reviewed(your_progress()):
            asked_on.append(n)
            assert again.question == "Which?" and again.readout.value.count("✔") == 0
            try_(again, "b")
            assert "Right" in again.readout.value and "<code>b</code>" in again.readout.value
    assert asked_on == [1, 1 + 3, 1 + 3 + 7, 1 + 3 + 7 + 21]


def test_who_misses_it_again_begins_again_and_the_first_try_counts(course, monkeypatch, day):
    monkeypatch.chdir(course / "notebooks")
    try_(choices(), "a")
    asked_on = []
    for n in range(1, 14):
        day(n)
        if again := reviewed(your_progress()):
            asked_on.append(n)
            try_(again, *("ab" if len(asked_on) == 2 else "b"))
    assert asked_on == [1, 4, 5, 8]


def test_a_number_comes_back_with_its_own_feedback(course, monkeypatch, day):
    monkeypatch.chdir(course / "notebooks")
    hints = [(lambda: 4.0, "That is the square.")]
    try_(quiz("How many?", number=(0, 10), answer=lambda: 2.0, within=0.1, hints=hints), "3")
    day(1)
    again = reviewed(your_progress())
    try_(again, "4")
    assert "That is the square." in again.readout.value
    try_(again, "2.05")
    assert "Right" in again.readout.value


def test_the_page_says_what_is_due_and_when_the_next_comes(course, monkeypatch, day):
    monkeypatch.chdir(course / "notebooks")
    for question in ("One?", "Two?"):
        try_(choices(question), "a")
    assert "2 questions that you missed come back" in shown_text(your_progress())
    assert "the next on 2 December" in shown_text(your_progress())
    day(1)
    panel = your_progress()
    assert "2 of them are due" in shown_text(panel) and reviewed(panel).question == "One?"
    try_(reviewed(panel), "b")
    panel.again.click()
    assert "It is due" in shown_text(panel) and reviewed(panel).question == "Two?"


def shown_text(panel) -> str:
    return " ".join(re.sub("<[^>]*>", "", w.value) for w in panel.review.children if w.comm is not
                    None and isinstance(getattr(w, "value", None), str))  # fmt: skip


def test_a_shown_answer_was_missed_and_a_second_wrong_try_is_no_second_line(
    course, monkeypatch, day
):
    monkeypatch.chdir(course / "notebooks")
    panel = choices()
    try_(panel, "a", "a")
    panel.give_up()
    choices("Another?").give_up()
    assert [line["missed"] for line in lines(course)] == ["Which?", "Another?"]


def test_lines_of_missed_questions_that_are_damaged_cost_nothing_else(course, monkeypatch, day):
    monkeypatch.chdir(course / "notebooks")
    try_(choices(), "a")
    with (course / "your_progress.jsonl").open("a") as file:
        file.write('{"missed": "Bad?", "on": "yesterday", "quiz": {}}\n{"again": "?", "on": 3}\n')
        file.write('{"missed": "Half?", "on": "2026-12-01", "quiz": {"choices": {}}}\n')
    done = progress_record.read(course / "your_progress.jsonl")
    assert done.unreadable == 2 and {m.question for m in done.missed} == {"Which?", "Half?"}
    day(1)
    assert reviewed(your_progress()).question == "Which?"  # "Half?" is first, and cannot be asked


def test_the_file_of_an_earlier_version_is_read(course):
    (course / "your_progress.jsonl").write_text('\n{"task": "momentum", "in": "03"}\n')
    done = progress_record.read(course / "your_progress.jsonl")
    assert done.tasks == {"momentum"} and done.missed == ()


def test_outside_the_course_the_page_says_that_nothing_is_recorded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel = your_progress()
    assert "Nothing is recorded here" in text(panel)
    panel.again.click()
    assert panel.buttons.children == (panel.again,)


def test_what_is_stored_in_lesson_00_says_nothing_about_the_student(course, monkeypatch):
    first, _ = page(course, monkeypatch)._repr_mimebundle_()
    progress_record.record("task", "momentum")
    later, _ = your_progress()._repr_mimebundle_()
    assert first["text/plain"] == later["text/plain"]
    assert set(later) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_page_names_lessons_and_exercises_that_exist(lesson):
    heading = json.loads((ROOT / f"notebooks/{lesson}.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "".join(heading[0]["source"]).startswith(f"# {lesson[:2]} · {LESSONS[lesson].title}\n")
    if lesson != "15_field_guide":
        assert (ROOT / f"exercises/{lesson}/{lesson}.ipynb").is_file()
        assert TASKS_OF[lesson] is import_module(f"exercise_lib.tasks.e{lesson}").TASKS
