"""A simulated class of twelve who together do everything that is known to go wrong.

``simulated_class.py`` says how it judges; here it runs small, and the judge is judged. A class of
four is for every run of the tests, that of twelve for ``make walk``.
"""

from dataclasses import replace

import pytest
from simulated_class import TWELVE, Outcome, acting_parts, plan, points, simulate, table
from submissions import HARMFUL, KINDS, ROOT, Exercise, bank

from exercise_lib.classroom.sandbox import Limits, bubblewrap

EXERCISE = "03_momentum"


FOUR = [
    "right, several attempts",
    "wrong, renamed, widgets left behind",
    "half done, reads other students, uses the network",
    "not json",
]


@pytest.fixture(scope="module")
def twelve() -> Outcome:
    return simulate(EXERCISE, TWELVE, Limits(cell_seconds=5), jobs=2)


def test_four_have_exactly_the_grades_they_deserve() -> None:
    four = simulate(EXERCISE, FOUR, jobs=2)
    assert [verdict for verdict in four.verdicts if not verdict.fair] == []
    assert len({verdict.deserved for verdict in four.verdicts}) == 4
    assert four.complaints == []


def kinds_of(everyone: list[str]) -> set[str]:
    return {kind.strip() for kinds in everyone for kind in kinds.split(",")}


def test_twelve_do_everything() -> None:
    assert kinds_of(TWELVE) == KINDS.keys() and len(TWELVE) == 12


@pytest.mark.walk
def test_everybody_has_exactly_the_grade_they_deserve(twelve: Outcome) -> None:
    assert len(twelve.verdicts) == 12
    assert [verdict for verdict in twelve.verdicts if not verdict.fair] == []


@pytest.mark.walk
def test_nothing_came_out_of_a_submission(twelve: Outcome) -> None:
    assert twelve.complaints == []


@pytest.mark.walk
def test_every_attack_was_made_where_there_is_a_sandbox(twelve: Outcome) -> None:
    assert twelve.left_out == (sorted(HARMFUL) if bubblewrap().missing else [])


@pytest.mark.walk
def test_grades_differ_as_work_does(twelve: Outcome) -> None:
    """The class is no use if all deserve the same."""
    deserved = {verdict.deserved for verdict in twelve.verdicts}
    assert {("graded", 10.0), ("graded", 0.0), ("broken", 0.0)} < deserved and len(deserved) >= 6


@pytest.mark.walk
def test_table_marks_who_was_treated_wrongly(twelve: Outcome) -> None:
    lines = list(table(twelve))
    assert len(lines) == 13 and not any("WRONG" in line for line in lines)
    first = replace(twelve.verdicts[0], given=("graded", 3.5))
    lines = list(table(replace(twelve, verdicts=[first, *twelve.verdicts[1:]])))
    assert sum("WRONG" in line for line in lines) == 1
    assert points(first.given) == "3.5" and points(("broken", 0.0)) == "broken"


@pytest.mark.parametrize("n", [1, 12, 30, 60, 300])
def test_plan_is_of_any_size_and_has_every_kind_that_fits(n: int) -> None:
    everyone = plan(n)
    assert len(everyone) == n == len(plan(n))
    assert kinds_of(everyone) <= KINDS.keys()
    if n >= 12:
        assert kinds_of(everyone) == KINDS.keys()


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "exercises").iterdir()))
def test_every_exercise_can_be_simulated(name: str) -> None:
    """Questions that can be spoilt alone, and right and wrong answers of the bank to hand in."""
    exercise = Exercise(name)
    assert exercise.points == 10 and exercise.alone
    assert len({question.cell for question in exercise.questions}) == len(exercise.questions)
    assert sum(len(bank(question, False)) for question in exercise.alone) >= 5 or name[:2] == "01"


def test_page_that_acts_is_recognised() -> None:
    assert "boom" in acting_parts("<p>hello</p><script>boom()</script>")
    assert "boom" in acting_parts('<img src="x" onerror="boom()">')
    assert "boom" in acting_parts('<a href=" JavaScript:boom()">x</a>')
    assert "boom" not in acting_parts("<script>fine()</script><p>&lt;script&gt;boom()&lt;/script>")


@pytest.mark.walk
def test_judge_sees_what_comes_out() -> None:
    """Without walls these attacks succeed, so the judge must complain."""
    attacks = "reads other students, uses the network"
    outcome = simulate(EXERCISE, [attacks, "right"], jobs=1, sandboxed=False)
    assert "s1000 could read what s1001 wrote" in outcome.complaints
    assert "a submission used the network" in outcome.complaints
