"""``agree`` counts the lines that hold, and stops at the first that does not."""

import numpy as np
import pytest

from course_lib import agree


def test_lines_that_hold_are_counted(capsys):
    b = np.array([0.5, 0.9])
    agree(
        ("a geometric sum", 1 + b + b**2, (1 - b**3) / (1 - b)),
        ("numbers, too", 3, 3.0),
        ("complex ones", 1j**2, -1),
    )
    agree(("one alone", 1, 1 + 1e-12))
    assert capsys.readouterr().out == "✔ 3 lines agree\n✔ 1 line agrees\n"


@pytest.mark.parametrize("wrong", [np.array([1.0, 2.0001]), np.array([1.0, np.nan])])
def test_a_line_that_does_not_hold_is_quoted_with_its_numbers(wrong, capsys):
    with pytest.raises(AssertionError) as stopped:
        agree(("right", 1, 1), ("a flipped sign", wrong, np.array([1.0, 2.0])), ("never", 1, 2))
    said = str(stopped.value)
    assert "line 2, “a flipped sign”" in said
    assert f"{wrong[1]:.10g} is not 2 (number 2 of 2)" in said
    assert capsys.readouterr().out == ""


def test_the_tolerance_is_told(capsys):
    agree(("nearly", 1.01, 1.0), rtol=0.02)
    agree(("nearly", 1e-3, 0.0), atol=0.01)
    for tight in ({"rtol": 0.005}, {}):
        with pytest.raises(AssertionError):
            agree(("nearly", 1.01, 1.0), **tight)


def test_a_claim_that_is_true_or_false_is_a_line(capsys):
    held = np.array([True, False])
    agree(("so it is", held, [True, False]))
    with pytest.raises(AssertionError, match=r"“always”: 0 is not 1 \(number 2 of 2\)"):
        agree(("always", held, True))


@pytest.mark.parametrize("line", [(1, 1), ("words", 1), (1, 1, 1), "abc"])
def test_what_is_no_line_is_said(line):
    with pytest.raises(TypeError, match=r"line 2 must be \(words, left, right\)"):
        agree(("fine", 1, 1), line)
    with pytest.raises(ValueError, match="one line or more"):
        agree()
