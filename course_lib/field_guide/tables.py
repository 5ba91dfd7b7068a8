"""Tables of the rules, their dialects and the lessons; what is said of a rule is in family.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from course_lib.family import FAMILY, RULES, Member, title_of
from course_lib.field_guide.dialects import COURSE, DIALECTS, LIBRARIES, Dialect, stored
from course_lib.lessons import LESSONS
from course_lib.measure.difference import difference
from course_lib.optimizers import newton_schulz
from course_lib.validation import hyperparameters_of
from course_lib.wording import symbol

# Tables


class Table:
    """Cells in rows, the first row the head: shows itself in notebooks and in text."""

    def __init__(self, rows: Sequence[Sequence[str]]):
        self.rows = [list(row) for row in rows]

    def __repr__(self) -> str:
        plain = [[cell.replace("\n", "; ") for cell in row] for row in self.rows]
        return "\n".join(" | ".join(row) for row in plain)

    def _repr_html_(self) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            style = "text-align:left;vertical-align:top;padding:0.35em 0.7em;white-space:pre-wrap"
            html = "".join(f'<{tag} style="{style}">{_marked(c)}</{tag}>' for c in cells)
            return f"<tr>{html}</tr>"

        head, *body = self.rows
        rows = "".join(row(cells, "td") for cells in body)
        return f"<table><thead>{row(head, 'th')}</thead><tbody>{rows}</tbody></table>"


def _marked(text: str) -> str:
    """HTML of a cell: what stands between `…` as code, between *…* bold."""
    html = escape(text, quote=False)
    for mark, tag in (("`", "code"), ("*", "b")):
        parts = html.split(mark)
        html = "".join(f"<{tag}>{p}</{tag}>" if i % 2 else p for i, p in enumerate(parts))
    return html


class MarkdownTable(Table):
    """A table that is Markdown in a notebook, for its equations and links."""

    def _repr_markdown_(self) -> str:
        head, *body = self.rows
        lines = [head, ["---"] * len(head), *body]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    _repr_html_ = None


def cards() -> dict[str, Member]:
    """The rules that have a card in the field guide: all but variants of another one."""
    return {name: member for name, member in FAMILY.items() if member.equations}


def rule_table() -> MarkdownTable:
    """All rules: equation, numbers of memory, usual values, when to use and to avoid them."""
    head = ["rule", "equation", "memory", "usual values", "use it when", "avoid it when"]
    rows = [
        [
            f"[{card.title}]({card.lesson}.ipynb)",
            "<br>".join(f"${line}$" for line in card.equations),
            str(card.memory),
            card.usual,
            card.use,
            card.avoid,
        ]
        for card in cards().values()
    ]
    return MarkdownTable([head, *rows])


def lesson_table() -> MarkdownTable:
    """All lessons, each with its question."""
    rows = [
        [stem[:2], f"[{lesson.title}]({stem}.ipynb)", lesson.question]
        for stem, lesson in LESSONS.items()
    ]
    return MarkdownTable([["", "lesson", "the question"], *rows])


BLOCK = 2048  # numbers of an 8-bit state that share a scale of 4 bytes


def memory_table(parameters: float = 7e9) -> MarkdownTable:
    """Bytes that training holds for each parameter, and GB for a model of so many of them.

    A rule keeps k numbers of state for each parameter. In 32 bits: 4 for the weight, 4 for its
    gradient, 4 k for the state. Mixed: 2 and 2 for weight and gradient in 16 bits, 4 for a copy of
    the weight in 32, and 4 k. With 8-bit state k (1 + 4/2048) in place of 4 k. What the layers
    keep for the backward pass comes on top.

    Source: S. Rajbhandari et al., "ZeRO", SC 2020, Section 3; T. Dettmers et al., "8-bit optimizers
    via block-wise quantization", ICLR 2022.
    """
    by_number: dict[int, list[str]] = {}
    for card in cards().values():
        by_number.setdefault(card.memory, []).append(card.title)
    head = ["numbers of state", "rules", "32 bits", "mixed", "mixed, 8-bit state",
            f"GB for {parameters:.0e} parameters, mixed".replace("e+09", " · 10⁹")]  # fmt: skip
    rows = [
        [str(k), ", ".join(titles), f"{4 + 4 + 4 * k}", f"{2 + 2 + 4 + 4 * k}",
         f"{2 + 2 + 4 + k * (1 + 4 / BLOCK):.3g}", f"{parameters * (8 + 4 * k) / 1e9:.0f}"]
        for k, titles in sorted(by_number.items())
    ]  # fmt: skip
    return MarkdownTable([head, *rows])


def dialect_table() -> Table:
    """The names and defaults of all arguments: the course, PyTorch, Keras and optax.

    What a library has by default in another value than the course is bold; "–": it has no such
    rule. Below each list stands what its users cannot set and the course has differently.
    """
    versions = stored()["versions"]
    head = ["rule", COURSE, *(f"{name} {versions[name]}" for name in LIBRARIES)]
    said = {d.rule: _dialect_row for d in DIALECTS} | {"muon": _muon_row}
    return Table([head, *(said[name](name) for name in FAMILY if name in said)])


def _muon_row(rule: str) -> list[str]:
    """Names and defaults only: what the libraries do to the length of its step is too different."""
    names = ("lr", "learning_rate", "momentum", "beta", "weight_decay", "nesterov", "ns_steps")
    cells = []
    for call in ("torch.optim.Muon", "keras.optimizers.Muon", "optax.contrib.muon"):
        arguments = stored()["signatures"][call]
        lines = [f"`{_short(call)}`"]
        lines += [f"`{n}` {_value(arguments[n])}" for n in names if n in arguments]
        cells.append("\n".join([*lines, f"({muon_factors()[LIBRARIES[len(cells)]]})"]))
    ours = [f"`{name}` {value:g}" for name, value in hyperparameters_of(RULES[rule]).items()]
    return [title_of(rule), "\n".join([f"`{rule}`", *ours]), *cells]


def muon_factors() -> dict[str, str]:
    """By what each library multiplies the step of our ``muon``, for a tall and a flat matrix."""
    told = stored()["muon"]
    slopes = {"8 × 2": np.array(told["slope"]), "2 × 8": np.array(told["slope"]).T}
    ours = {shape: np.linalg.norm(newton_schulz(g), 2) for shape, g in slopes.items()}
    return {
        library: ", ".join(
            f"step × {told[shape][library][0] / ours[shape]:.2f} for {shape}" for shape in slopes
        )
        for library in LIBRARIES
    }


def _short(call: str) -> str:
    return ".".join(call.split(".")[-2:]) if "contrib" in call else call.split(".")[-1]


def _value(value: object) -> str:
    if value is None:
        return "no default"
    return str(value) if isinstance(value, bool) else f"{value:g}"


ELSEWHERE = {("schedule_free", "Keras"): "only inside `ScheduleFreeAdamW`"}


def _dialect_row(rule: str) -> list[str]:
    found = {name: [d for d in DIALECTS if d.rule == rule and d.library == name]
             for name in (COURSE, *LIBRARIES)}  # fmt: skip
    ours = found[COURSE][0]
    cells = [
        _cell(found[name][0], ours) if found[name] else ELSEWHERE.get((rule, name), "–")
        for name in (COURSE, *LIBRARIES)
    ]
    return [title_of(rule), *cells]


def _cell(dialect: Dialect, ours: Dialect) -> str:
    lines = [f"`{_short(dialect.call)}`"]
    for setting, argument in dialect.names.items():
        if argument in dialect.around.values():
            continue  # what all rules of the library can have
        value = dialect.defaults[setting]
        differs = value != ours.defaults.get(setting, ours.fixed.get(setting, value))
        own = "None" if value == 0 and dialect.arguments.get(argument, 0) is None else _value(value)
        text = f"{_symbol(setting)} `{argument}` {own}".strip()
        lines.append(f"*{text}*" if differs and value is not None else text)
    lines += [f"`{name}={value}`" for name, value in dialect.given.items()]
    if dialect is not ours:
        lines += [f"({d})" for d in remarks(dialect, ours)]
    return "\n".join(lines)


def _symbol(setting: str) -> str:
    of_forms = {"s0": "s₀", "l2": "L2", "eps_in": "ε in the root"}
    of_forms |= {"momentum": "β of the step", "centered": "", "dampening": ""}
    of_forms |= {"eps_folded": "ε̂", "eps_max": "ε in the max"}
    return of_forms.get(setting, symbol(setting))


def remarks(dialect: Dialect, ours: Dialect) -> list[str]:
    """What a library's users cannot set, and the course has differently, in a few words."""
    told = {
        "ahead": "holds the point ahead, y",
        "psi": "schedule with ψ = 1",
        "max_first": "maximum before the correction",
    }
    return [
        told[name]
        for name, value in dialect.fixed.items()
        if name in told and ours.fixed.get(name) != value
    ]


class Neighbours:
    """The code differences between relatives, each folded below its summary."""

    def __init__(self, pairs: Mapping[str, str]):
        self.differences = [difference(RULES[a], RULES[b]) for b, a in pairs.items()]

    def __repr__(self) -> str:
        return "\n".join(d.summary for d in self.differences)

    def _repr_html_(self) -> str:
        return "".join(
            f"<details><summary>{escape(d.summary)}</summary>{d._repr_html_()}</details>"
            for d in self.differences
        )


def neighbours() -> Neighbours:
    """How the code of each rule's first parent becomes that of the rule, from the source."""
    return Neighbours({name: next(iter(c.parents)) for name, c in cards().items() if c.parents})


def training_loop(library: str) -> "Code":
    """A training loop in a library, as tests/reference/make_dialects.py ran it."""
    loops = stored()["loops"]
    if library not in LIBRARIES:
        raise ValueError(f"library must be one of {', '.join(LIBRARIES)}; got {library!r}")
    return Code(loops[library]["code"], tuple(loops[library]["ends"]))


@dataclass(frozen=True, repr=False)
class Code:
    """A program and the numbers that it found; it shows itself as code."""

    code: str
    ends: tuple[float, ...]

    def __repr__(self) -> str:
        return self.code

    def _repr_html_(self) -> str:
        style = "font-family: monospace; line-height: 1.5"
        return f'<pre style="{style}">{escape(self.code)}</pre>'
