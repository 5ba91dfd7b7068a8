"""``invariance_table``: which rules notice a change of units, as a table."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from html import escape

from course_lib.family import title_of
from course_lib.landscapes import Landscape
from course_lib.measure.invariance import Invariance, invariances
from course_lib.validation import Rule, rule_name
from course_lib.wording import in_columns

IN_WORDS = {
    "shift": "origin of x",
    "f": "unit of f",
    "x": "unit of x",
    "each x": "unit of each x",
    "rotation": "turned axes",
    "mirror": "mirrored axes",
}
COLOURS = {"✔": "#D5EFE6", "≈": "#E4EFF8", "✘": "#FBE3D5"}


def invariance_table(
    rules: Iterable[Rule | tuple[Rule, Mapping[str, float]]],
    on: Landscape | None = None,
    steps: int = 40,
) -> "InvarianceTable":
    """``invariances`` of several rules: rules, or pairs (rule, its own hyperparameters)."""
    entries = [entry if isinstance(entry, tuple) else (entry, {}) for entry in rules]
    return InvarianceTable({
        title_of(rule_name(rule)): invariances(rule, on, steps, **settings)
        for rule, settings in entries
    })  # fmt: skip


class InvarianceTable:
    """Rules in rows, changes in columns: shows itself as a table in notebooks and in text."""

    def __init__(self, rows: Mapping[str, Mapping[str, Invariance]]):
        self.rows = rows

    def __getitem__(self, rule: str) -> Mapping[str, Invariance]:
        return self.rows[rule]

    @cached_property
    def _cells(self) -> list[list[str]]:
        head = ["", *IN_WORDS.values()]
        return [head, *([name, *map(str, row.values())] for name, row in self.rows.items())]

    def __repr__(self) -> str:
        return in_columns(self._cells)

    def _repr_html_(self) -> str:
        def cell(text: str, tag: str = "td") -> str:
            colour = COLOURS.get(text[:1], "none")
            style = f"background:{colour};color:#222;text-align:left;padding:0.3em 0.7em"
            return f'<{tag} style="{style};white-space:nowrap">{escape(text)}</{tag}>'

        head, *rows = self._cells
        body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
        top = "".join(cell(text, "th") for text in head)
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
