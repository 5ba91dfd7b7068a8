"""The glossary at the end of lesson 00: each word is explained where it says, and used there."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
START = NOTEBOOKS / "00_start_here.ipynb"


@cache
def prose_of(path: Path) -> str:
    return "\n".join(c.source for c in nbformat.read(path, as_version=4).cells).lower()


def entries() -> list[tuple[str, str, str]]:
    """(words, meaning, notebook) of each row."""
    cells = nbformat.read(START, as_version=4).cells
    (glossary,) = (c.source for c in cells if c.source.startswith("## Glossary"))
    rows = re.findall(r"^\| (.+?) \| (.+) \| \[(\d\d)\]\((\S+?)\) \|$", glossary, flags=re.M)
    assert len(rows) == glossary.count("\n|") - 2  # every row is one of these, but the head
    assert all(target.startswith(number) for _, _, number, target in rows)
    return [(word, meaning, target) for word, meaning, _, target in rows]


def forms(word: str) -> list[str]:
    """``eigenvector, eigendirection`` to both, ``velocity $v$`` to its word alone."""
    return [re.sub(r"\$.*?\$", "", form).strip().lower() for form in word.split(",")]


@pytest.mark.parametrize(("word", "meaning", "target"), entries(), ids=lambda text: text[:20])
def test_a_word_has_one_sentence_and_a_lesson_that_uses_it(word, meaning, target):
    assert 1 <= len(re.findall(r"\S+", meaning)) <= 25 and not meaning.rstrip().endswith(".")
    assert any(form in prose_of(NOTEBOOKS / target) for form in forms(word)), (word, target)


def test_words_stand_in_order_and_once():
    words = [word.lower() for word, _, _ in entries()]
    assert words == sorted(set(words)) and len(words) >= 40


def test_what_a_lesson_links_to_the_glossary_stands_there():
    known = {form for word, _, _ in entries() for form in forms(word)}
    linked = {
        word.lower()
        for path in NOTEBOOKS.glob("*.ipynb")
        for word in re.findall(r"\[([^]]+)\]\(00_start_here\.ipynb#glossary\)", prose_of(path))
    }
    missing = {w for w in linked if not {w, w.removesuffix("s"), w.removesuffix("es")} & known}
    assert not missing
