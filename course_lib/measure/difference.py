"""The code difference between two rules, generated from their source."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from inspect import getsource
from textwrap import dedent

from course_lib.validation import Rule, rule_name, unwrapped
from course_lib.wording import counted

Lines = tuple[str, ...]
SHADES = {"-": "213, 94, 0", "+": "0, 158, 115"}  # laid over the page thinly, light or dark


@dataclass(frozen=True, repr=False)
class Difference:
    """How the code of one rule becomes that of another; a notebook shows it in colours.

    before, after: the names of the two rules
    blocks:        all lines in order, as pairs (lines before, lines after); both are the same
                   where nothing changes. The first line is the head, ``def …``
    """

    before: str
    after: str
    blocks: tuple[tuple[Lines, Lines], ...]

    @property
    def removed(self) -> list[str]:
        """The lines of the body that only the first rule has, without their indentation."""
        return self._of_the_body("-")

    @property
    def added(self) -> list[str]:
        """The lines of the body that only the second rule has, without their indentation."""
        return self._of_the_body("+")

    def _of_the_body(self, mark: str) -> list[str]:
        return [line.strip() for m, line in self._marked() if m == mark and line[0] == " "]

    @property
    def summary(self) -> str:
        """One sentence: how many lines of the body go, and how many come."""
        out, new = len(self.removed), len(self.added)
        lines = f"{counted(out, 'line')} out, {counted(new, 'line')} in"
        what = lines if out or new else "the same body"
        return f"{self.before} → {self.after}: {what}."

    def _marked(self) -> list[tuple[str, str]]:
        """Each line with its mark: "-" only before, "+" only after, " " in both."""
        return [
            (mark, line)
            for before, after in self.blocks
            for mark, lines in _sides(before, after)
            for line in lines
        ]

    def __repr__(self) -> str:
        return "\n".join([self.summary, "", *(f"{mark} {line}" for mark, line in self._marked())])

    def _repr_html_(self) -> str:
        lines = (
            _line_html(mark, html)
            for before, after in self.blocks
            for (mark, _), block in zip(
                _sides(before, after), _changes_in_bold(before, after), strict=True
            )
            for html in block
        )
        style = "font-family: monospace; line-height: 1.6"
        code = f'<pre style="{style}">{"".join(lines)}</pre>'
        return f"<div><b>{escape(self.summary)}</b>{code}</div>"


def difference(rule: Rule, other: Rule) -> Difference:
    """The code difference from one rule to another, without docstrings and annotations.

    It is generated from the source, so it cannot go out of date. Raises TypeError for a rule whose
    source cannot be read.
    """
    before, after = code_of(rule), code_of(other)
    matches = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    blocks = tuple((before[i:j], after[k:n]) for _, i, j, k, n in matches)
    return Difference(rule_name(rule), rule_name(other), blocks)


def code_of(rule: Rule) -> Lines:
    """The lines of a rule: its head in one line, without annotations, then its body as it stands.

    The docstring is left out, and so are empty lines.
    """
    try:
        source = dedent(getsource(unwrapped(rule)))
        function = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):
        function = None
    if not isinstance(function, ast.FunctionDef):
        raise TypeError(f"rule must be a function whose source can be read, got {rule!r}")
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[has_docstring:]
    first = function.body[0].end_lineno if has_docstring else body[0].lineno - 1
    lines = source.splitlines()[first : function.end_lineno]
    return (_head(function, source), *(line.rstrip() for line in lines if line.strip()))


def _head(function: ast.FunctionDef, source: str) -> str:
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        argument.annotation = None
    arguments.defaults = [  # as they are written: 1e-8, and not 1e-08
        ast.Name(ast.get_source_segment(source, default)) for default in arguments.defaults
    ]
    return f"def {function.name}({ast.unparse(arguments)}):"


def _sides(before: Lines, after: Lines) -> list[tuple[str, Lines]]:
    return [(" ", before)] if before == after else [("-", before), ("+", after)]


def _changes_in_bold(before: Lines, after: Lines) -> list[list[str]]:
    """The block's sides as HTML; lines that change one to one show which part of them does."""
    if before == after or len(before) != len(after):
        return [[escape(line) for line in lines] for _, lines in _sides(before, after)]
    pairs = [_pair_html(*pair) for pair in zip(before, after, strict=True)]
    return [list(side) for side in zip(*pairs, strict=True)]


def _pair_html(before: str, after: str) -> tuple[str, str]:
    a, b = (re.findall(r"\d[\w.]*|\w+|\s+|\*\*|.", line) for line in (before, after))
    old, new = "", ""
    for kind, i, j, k, n in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        old += _part_html(a[i:j], kind != "equal")
        new += _part_html(b[k:n], kind != "equal")
    return old, new


def _part_html(tokens: Sequence[str], is_changed: bool) -> str:
    text = escape("".join(tokens))
    return f"<b>{text}</b>" if is_changed and text.strip() else text


def _line_html(mark: str, html: str) -> str:
    if mark == " ":
        return f"  {html}\n"
    tag = "del" if mark == "-" else "ins"
    shade = f"background-color: rgba({SHADES[mark]}, 0.2); text-decoration: none"
    return f'<{tag} style="{shade}">{mark} {html}</{tag}>\n'
