"""What is known of a rule stands in its record, and everything else finds it there.

A rule that joins the family while the tests run is found by sliders, pictures, tables and names:
so nothing has a list of rules of its own, or a copy of the family's.
"""

import inspect
import re
from itertools import combinations, pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import course_lib
from course_lib import (
    adam,
    cheat_sheet,
    explore,
    family_tree,
    neighbours,
    optimizers,
    race,
    ravine,
    rule_table,
    trajectory,
)
from course_lib.descent import descend
from course_lib.family import FAMILY, LOOKS, RULES, Look, Member, title_of
from course_lib.field_guide.tables import cards, dialect_table
from course_lib.lessons import LESSONS
from course_lib.pictures.style import OTHERS, look_of
from course_lib.validation import hyperparameters_of

ROOT = Path(__file__).resolve().parent.parent


def by_signs(grad, x, lr=0.05):
    """Sign descent (Somebody 2031): of the slope only its signs."""
    while True:
        x = x - lr * np.sign(grad(x))
        yield x


NEWCOMER = Member(
    rule=by_signs,
    title="Sign Descent",
    lesson="14_beyond",
    look=Look("#7A3B00", "*", ":"),
    parents={"gradient_descent": "keep\nonly signs"},
    row=-1.0,
    equations=(r"x \leftarrow x - \eta\,\mathrm{sign}(g)",),
    memory=0,
    usual="η 0.05",
    use="slopes whose size means nothing",
    avoid="a precise end is wanted",
    note="Every coordinate moves by η.",
    shown=dict(lr=0.25),
)


@pytest.fixture
def newcomer(monkeypatch):
    """The one thing to do: the rule joins the family, and leaves it after the test."""
    monkeypatch.setitem(FAMILY, "by_signs", NEWCOMER)
    return NEWCOMER


# A rule that joins at run time


def test_without_it_nothing_knows_the_newcomer():
    assert "by_signs" not in RULES and title_of("by_signs") == "By signs"
    assert look_of("by_signs") == OTHERS[0] and not hasattr(course_lib, "by_signs")
    assert "Sign Descent" not in family_tree().alt + cheat_sheet().alt + repr(rule_table())


def test_a_newcomer_is_a_rule_of_the_course(newcomer):
    assert RULES["by_signs"] is by_signs and list(RULES)[-1] == "by_signs"
    assert LOOKS["by_signs"] is newcomer.look and len(RULES) == len(LOOKS) == len(FAMILY)
    assert title_of("by_signs") == "Sign Descent"
    assert (newcomer.source, newcomer.year) == ("Somebody 2031", "2031")
    path = descend(by_signs, ravine(), steps=3)
    assert path.summary.startswith("Sign Descent on the ravine")


def test_a_newcomer_is_imported_from_the_course(newcomer):
    assert course_lib.by_signs is by_signs and "by_signs" in dir(course_lib)
    names = {}
    exec("from course_lib import by_signs", names)  # as a lesson writes it
    assert names["by_signs"] is by_signs


def test_a_newcomer_has_sliders_under_its_title_and_in_its_look(newcomer):
    panel = explore(by_signs, on=ravine(), lr=0.1)
    assert "lr" in panel.controls and panel.says.startswith("Sign Descent on the ravine")
    assert _drawn(panel.figure.figure, newcomer.look)
    assert "Sign Descent" in _texts(panel.figure.figure)


def test_a_newcomer_races_under_its_title_and_in_its_look(newcomer):
    panel = race([adam, by_signs], on=ravine(), steps=5, lr=0.1)
    assert panel.names == ["Adam", "Sign Descent"] and "Sign Descent" in panel.says
    assert _drawn(panel.figure.figure, newcomer.look)


def test_a_newcomer_is_drawn_in_its_look(newcomer):
    picture = trajectory(descend(by_signs, ravine(), steps=5))
    assert _drawn(picture.figure, newcomer.look) and "Sign Descent" in picture.alt


def test_a_newcomer_has_a_place_in_the_family_tree(newcomer):
    picture = family_tree()
    assert "Sign Descent (2031) from Gradient descent: keep only signs" in picture.alt
    (text,) = (t for t in picture.figure.findobj(Text) if t.get_text() == "Sign\nDescent")
    (year,) = (t for t in picture.figure.findobj(Text) if t.get_text() == "2031")
    assert text.get_position()[0] == year.get_position()[0]
    FigureCanvasAgg(picture.figure).draw()
    box, page = text.get_bbox_patch().get_window_extent(), picture.figure.bbox
    assert page.x0 <= box.x0 < box.x1 <= page.x1 and page.y0 <= box.y0 < box.y1 <= page.y1


def test_a_newcomer_has_its_row_in_the_tables(newcomer):
    *_, last = rule_table().rows
    assert last == [
        "[Sign Descent](14_beyond.ipynb)", r"$x \leftarrow x - \eta\,\mathrm{sign}(g)$", "0",
        newcomer.usual, newcomer.use, newcomer.avoid,
    ]  # fmt: skip
    assert "gradient_descent → by_signs: 1 line out, 1 line in." in repr(neighbours())
    assert "Sign Descent" not in repr(dialect_table())  # no library has it


def test_a_newcomer_fits_on_the_cheat_sheet(newcomer):
    picture = cheat_sheet()
    canvas = FigureCanvasAgg(picture.figure)
    canvas.draw()
    at = {
        text.get_text(): text.get_window_extent(canvas.get_renderer())
        for text in picture.figure.findobj(Text)
        if text.axes is None and text.get_text()
    }
    assert "Sign Descent" in picture.alt and newcomer.note in at
    column = [*(at[card.note] for card in cards().values()), at["Which one?"]]
    assert all(upper.y0 > lower.y1 for upper, lower in pairwise(column))


def _texts(figure):
    return {text.get_text() for text in figure.findobj(Text)}


def _drawn(figure, look):
    """Whether the figure has the colour with the line and, there or at its end, with the marker."""
    lines = [line for ax in figure.axes for line in ax.lines if line.get_color() == look.colour]
    drawn_as = {line.get_linestyle() for line in lines}, {line.get_marker() for line in lines}
    return look.line in drawn_as[0] and look.marker in drawn_as[1]


# The members of the family


def test_every_rule_has_its_record_in_the_order_of_the_code():
    rules = [
        function
        for _, function in inspect.getmembers(optimizers, inspect.isgeneratorfunction)
        if [*inspect.signature(function).parameters][:2] == ["grad", "x"]
    ]
    assert len(rules) >= 16
    assert [*RULES.values()] == sorted(rules, key=lambda rule: rule.__code__.co_firstlineno)
    assert all(member.rule.__name__ == name for name, member in FAMILY.items())


def test_every_rule_is_a_name_of_the_course():
    assert {*RULES, "dozat_schedule", "newton_schulz"} <= {*course_lib.__all__} & {*dir(course_lib)}
    assert all(getattr(course_lib, name) is rule for name, rule in RULES.items())


@pytest.mark.parametrize("name", FAMILY)
def test_a_record_says_what_is_so(name):
    member = FAMILY[name]
    assert member.lesson in LESSONS and (ROOT / f"notebooks/{member.lesson}.ipynb").is_file()
    before = [*FAMILY][: [*FAMILY].index(name)]
    assert set(member.parents) <= set(before) and all(member.parents.values())
    assert bool(member.parents) == (name != "gradient_descent")
    assert member.title.replace("-", " ").replace(" ", "_").casefold() == name
    assert hyperparameters_of(member.rule).keys() >= (member.shown or {}).keys()


@pytest.mark.parametrize("name", FAMILY)
def test_the_year_and_the_first_author_are_those_of_the_source(name):
    member = FAMILY[name]
    told = inspect.getdoc(member.rule).partition("Source: ")[2]
    if name == "nadamax":
        assert member.source == "" and member.year == "lesson 10" and "lesson 10" in told
    else:
        assert re.fullmatch(r"(18|19|20)\d\d", member.year) and member.year in told
        assert re.split(r"[ ,]", member.source)[0] in told


@pytest.mark.parametrize("name", FAMILY)
def test_a_card_is_whole_or_not_there(name):
    member = FAMILY[name]
    card = (member.usual, member.use, member.avoid, member.note, member.shown, member.row)
    if name in cards():
        assert None not in card and "" not in card and member.memory >= 0
    else:
        assert not any(card) and member.memory is None and member.row is None
        assert name == "nadam_scheduled"  # the variant of nadam


def test_rules_come_in_the_order_of_the_lessons_and_titles_and_places_are_taken_once():
    lessons = [member.lesson for member in FAMILY.values()]
    assert lessons == sorted(lessons)
    assert len({member.title for member in FAMILY.values()}) == len(FAMILY)
    places = [(member.year, member.row) for member in FAMILY.values() if member.row is not None]
    assert len(set(places)) == len(places) == len(FAMILY) - 1


@pytest.mark.parametrize(("one", "other"), combinations(FAMILY, 2))
def test_two_looks_share_at_most_one_of_colour_marker_and_line(one, other):
    a, b = LOOKS[one], LOOKS[other]
    assert (a.colour == b.colour) + (a.marker == b.marker) + (a.line == b.line) <= 1


# Where rules are declared


def test_a_rule_is_declared_in_two_files():
    """NadaMax is in no library and in no example: what names it is a list of all rules."""
    code = [path for top in ("course_lib", "exercise_lib", "site") for path in _sources(ROOT / top)]
    assert len(code) > 60
    named = {path.name for path in code if re.search(r"nadamax", path.read_text(encoding="utf-8"))}
    assert named == {"optimizers.py", "family.py", "e10_nadam.py"}  # the last one has you write it


def _sources(folder):
    return [path for path in folder.rglob("*") if path.suffix in (".py", ".j2", ".html", ".mjs")]


def test_the_family_needs_numpy_alone():
    source = (ROOT / "course_lib/family.py").read_text(encoding="utf-8")
    assert set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)) == {
        "re", "collections", "dataclasses", "course_lib"
    }  # fmt: skip


# The lessons


@pytest.mark.parametrize("stem", LESSONS)
def test_the_title_of_a_lesson_is_its_heading(stem):
    notebook = nbformat.read(ROOT / f"notebooks/{stem}.ipynb", as_version=4)
    assert notebook.cells[0].source.startswith(f"# {stem[:2]} · {LESSONS[stem].title}\n")


def test_the_table_of_lessons_has_them_all():
    made = sorted(path.stem for path in ROOT.glob("notebooks/*.ipynb"))
    assert made == ["00_start_here", *LESSONS]
    head, *rows = course_lib.lesson_table().rows
    assert [row[0] for row in rows] == [stem[:2] for stem in LESSONS]
    assert rows[7][1:] == ["[Adam](08_adam.ipynb)", LESSONS["08_adam"].question]
    assert all(question.endswith("?") for _, _, question in rows) and len(head) == 3
