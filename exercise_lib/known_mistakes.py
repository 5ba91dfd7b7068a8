"""Known mistakes as data: the TOML file beside an exercise, read into wrong answers with hints.

A table a task, a line a mistake, in the order in which they are tried:

    [adam]
    "m not corrected" = { edit = ["m_hat = m"], hint = \"\"\"
      Your first steps are too short: `m`, which began at 0, is not corrected.\"\"\" }
    "two steps at once" = { every_rule = "two steps" }
    [uncorrected_step]
    "η forgotten" = { returns = "(1 - beta1) / np.sqrt(1 - beta2)", hint = "Where is η?" }
    "a mean of means" = { answer = "mean_of_means", hint = "…" }

edit:       changes to the code of the right answer, one after the other. ``name = …`` takes the
            place of the one line that assigns that name alone, in the loop if there is one;
            ``old → new`` of a piece that stands in the code exactly once (``⏎`` in it is the end
            of a line)
returns:    what a function with the arguments of the right answer returns
answer:     the answer itself, in Python, with the names of the exercise's module, ``np``,
            ``optimizers`` and ``with_fixed``
every_rule: a mistake that can be made with every rule, from ``rule_mistakes.py``, which has a
            hint for it, too

Hints and expressions may be broken into lines. ``hint_of`` in place of ``hint`` names a mistake of
the same task whose hint fits here, too. ``{name}`` in a hint, and names in the expressions, are
numbers of the task, where it has some to give (``values``).
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from inspect import getmodule, getsource, signature
from pathlib import Path
from textwrap import dedent

import numpy as np

from course_lib import optimizers
from exercise_lib.engine import Mistake
from exercise_lib.rule_mistakes import EVERY_RULE, with_fixed

WAYS = ("edit", "returns", "answer", "every_rule")
COMMON = {"np": np, "optimizers": optimizers, "with_fixed": with_fixed}
ASSIGNMENT = re.compile(r"(\w+) = ")


class MistakesFile:
    """The TOML file beside the module of an exercise: ``MistakesFile(__file__, globals())``."""

    def __init__(self, module: str, names: dict[str, object]):
        self.file, self.names = Path(module).with_suffix(".toml"), names

    @cached_property
    def tables(self) -> dict[str, dict[str, dict[str, object]]]:
        """By task and name of the mistake, as they stand in the file."""
        return tomllib.loads(self.file.read_text(encoding="utf-8"))

    def of(
        self,
        task: str,
        right: object = None,
        *,
        more: Callable[[], Iterable[Mistake]] = tuple,
        **values: object,
    ) -> "KnownMistakes":
        """The known mistakes of a task.

        right:  its right answer, where mistakes are changes of it
        more:   makes those that follow the ones in the file
        values: numbers of the task, for its hints and expressions
        """
        return KnownMistakes(self, task, right, more, values)


class KnownMistakes(Sequence[Mistake]):
    """The mistakes of one task. They are made when the first answer is wrong, and not before."""

    def __init__(
        self,
        file: MistakesFile,
        task: str,
        right: object,
        more: Callable[[], Iterable[Mistake]],
        values: Mapping[str, object],
    ):
        self.file, self.task, self.right, self.more, self.values = file, task, right, more, values

    def __len__(self) -> int:
        return len(self._made)

    def __getitem__(self, index: int) -> Mistake:
        return self._made[index]

    def __iter__(self) -> Iterator[Mistake]:
        return iter(self._made)

    @cached_property
    def _made(self) -> list[Mistake]:
        rows = self.file.tables[self.task].items()
        return [*(self._mistake(name, **row) for name, row in rows), *self.more()]

    def _mistake(self, name: str, hint: str = "", hint_of: str = "", **way: object) -> Mistake:
        if len(way) != 1 or not way.keys() <= set(WAYS):
            raise ValueError(
                f"{self.file.file.name}, {self.task}, {name!r}: there must be one of "
                f"{', '.join(WAYS)}, and a hint; got {', '.join(way) or 'none'}"
            )
        ((kind, what),) = way.items()
        hint = paragraph(self.file.tables[self.task][hint_of]["hint"] if hint_of else hint)
        if kind == "every_rule":
            make, shared = EVERY_RULE[what]
            return Mistake(name, make(self.right), hint or shared)
        if not hint:
            raise ValueError(f"{self.file.file.name}, {self.task}, {name!r}: the hint is missing")
        hint = hint.format(**self.values) if self.values else hint
        return Mistake(name, getattr(self, f"_{kind}")(what), hint)

    def _edit(self, changes: Sequence[str]) -> Callable:
        return edited(self.right, *changes)

    def _returns(self, expression: str) -> Callable:
        arguments = ", ".join(signature(self.right).parameters)
        return self._answer(f"lambda {arguments}: {expression}")

    def _answer(self, expression: str) -> object:
        return eval(f"({expression})", {**COMMON, **self.file.names, **self.values})


def paragraph(text: str) -> str:
    return " ".join(text.split())


def edited(function: Callable, *changes: str) -> Callable:
    """A function with a mistake: its own code with these changes, as described above.

    ``edited(adagrad, "s = g**2")`` is an AdaGrad that remembers nothing.
    """
    head, docstring, body = dedent(getsource(function)).partition(function.__doc__ or "\0")
    for change in changes:
        head, body = _changed(head, body, change, function.__name__)
    made: dict[str, Callable] = {}
    exec(head + docstring + body, dict(vars(getmodule(function))), made)
    return made[function.__name__]


def _changed(head: str, body: str, change: str, name: str) -> tuple[str, str]:
    if "→" in change:
        old, new = (part.replace("⏎", "\n") for part in change.split(" → ", 1))
    elif found := ASSIGNMENT.match(change):
        in_loop, anywhere = (
            re.findall(rf"^{indent}({found[1]} = (?!\w+ = ).*)$", head + body, re.MULTILINE)
            for indent in (" {8,}", " +")
        )
        lines = in_loop or anywhere
        old, new = lines[0] if len(lines) == 1 else change, change
    else:
        raise ValueError(f"{change!r} must be `name = …` or `old → new`, to change {name}")
    if (head + body).count(old) != 1:
        raise ValueError(f"{old!r} must stand exactly once in {name}")
    return head.replace(old, new), body.replace(old, new)
