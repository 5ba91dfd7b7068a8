"""The field guide: cards of all rules, the dialect table, and the cheat sheet to print.

A rule's card is written once, here; the table, the cheat sheet and the tests read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from course_lib.family import title_of
from course_lib.field_guide.dialects import COURSE, DIALECTS, LIBRARIES, Dialect, stored
from course_lib.measure.difference import difference
from course_lib.optimizers import RULES, newton_schulz
from course_lib.validation import hyperparameters_of
from course_lib.wording import SYMBOLS

LESSONS = {
    "gradient_descent": "01_gradient_descent",
    "momentum": "03_momentum",
    "nesterov": "04_nesterov",
    "adagrad": "05_adagrad",
    "rmsprop": "06_rmsprop",
    "adadelta": "07_adadelta",
    "adam": "08_adam",
    "adamax": "09_adamax",
    "nadam": "10_nadam",
    "nadamax": "10_nadam",
    "adamw": "11_adamw",
    "amsgrad": "14_beyond",
    "lion": "14_beyond",
    "muon": "14_beyond",
    "schedule_free": "14_beyond",
}


@dataclass(frozen=True)
class Card:
    """What there is to know about a rule at work.

    equations: lines of TeX, as Markdown and matplotlib both read it
    memory:    numbers kept for each parameter, besides the parameter itself
    usual:     values to begin with;  use, avoid: when to take it, and when not
    note:      a few words for the cheat sheet
    shown:     settings of the little picture
    """

    equations: tuple[str, ...]
    memory: int
    usual: str
    use: str
    avoid: str
    note: str
    shown: Mapping[str, float]


MEAN = r"m \leftarrow \beta_1 m + (1-\beta_1)\,g"
SQUARES = r"s \leftarrow \beta_2 s + (1-\beta_2)\,g^2"
MAXIMUM = r"u \leftarrow \max(\beta_2 u,\ \vert g\vert)"
M_HAT = r"\hat m = m\,/\,(1-\beta_1^t)"
S_HAT = r"\hat s = s\,/\,(1-\beta_2^t)"
AHEAD = r"\hat m = \beta_1 m\,/\,(1-\beta_1^{t+1}) + (1-\beta_1)\,g\,/\,(1-\beta_1^t)"
DIVIDED = r"x \leftarrow x - \eta\,\hat m\,/\,(\sqrt{\hat s}+\varepsilon)"
BY_MAXIMUM = r"x \leftarrow x - \eta\,\hat m\,/\,u"

CARDS: dict[str, Card] = {
    "gradient_descent": Card(
        (r"x \leftarrow x - \eta\,g",),
        0,
        "η just below 2/L; try powers of 10",
        "well conditioned problems; a baseline",
        "curvatures that differ by orders of magnitude",
        "Stable below η = 2/L. Steps grow with κ.",
        dict(lr=0.9),
    ),
    "momentum": Card(
        (r"v \leftarrow \beta v - \eta\,g", r"x \leftarrow x + v"),
        1,
        "β 0.9; η from (1 − β) × gradient descent's up",
        "long, narrow valleys; mini-batches; time to tune η",
        "an overshoot is costly",
        "Steps grow with √κ. It overshoots.",
        dict(lr=0.3, beta=0.8),
    ),
    "nesterov": Card(
        (r"v \leftarrow \beta v - \eta\,\nabla f(x + \beta v)", r"x \leftarrow x + v"),
        1,
        "as momentum, η a little lower",
        "you would use momentum: it swings less",
        "η is close to momentum's limit",
        "Slope at the point ahead: an extra brake.",
        dict(lr=0.3, beta=0.8),
    ),
    "adagrad": Card(
        (r"s \leftarrow s + g^2", r"x \leftarrow x - \eta\,g\,/\,(\sqrt{s}+\varepsilon)"),
        1,
        "η 0.01 to 1",
        "sparse features, convex problems",
        "long training of networks: steps only shrink",
        "Rare features: long steps. All only shrink.",
        dict(lr=1.0),
    ),
    "rmsprop": Card(
        (
            r"s \leftarrow \beta s + (1-\beta)\,g^2",
            r"x \leftarrow x - \eta\,g\,/\,(\sqrt{s}+\varepsilon)",
        ),
        1,
        "η 0.001, β 0.9 (noisy: 0.99)",
        "slopes that change in size along the way",
        "you need a precise end and cannot lower η",
        "AdaGrad that forgets. Ends jittering by ±η/2.",
        dict(lr=0.2, beta=0.9),
    ),
    "adadelta": Card(
        (
            r"s \leftarrow \beta s + (1-\beta)\,g^2,\ \ "
            r"\Delta = -\sqrt{d+\varepsilon}\,/\,\sqrt{s+\varepsilon}\cdot g",
            r"d \leftarrow \beta d + (1-\beta)\,\Delta^2,\ \ x \leftarrow x + \Delta",
        ),
        2,
        "β 0.95, ε 1e-6: ε sets the first steps",
        "rarely: no idea of the unit of x",
        "few steps to get going; curvatures above 2",
        "No η, but ε sets the slow start.",
        dict(beta=0.9, eps=1e-2),
    ),
    "adam": Card(
        (MEAN + r",\ \ " + SQUARES, M_HAT + r",\ \ " + S_HAT, DIVIDED),
        2,
        "η 0.001, β₁ 0.9, β₂ 0.999, ε 1e-8",
        "parameters of many kinds; noise; little time to tune",
        "memory is short; momentum is tuned already",
        "Momentum over RMSProp, freed of bias.",
        dict(lr=0.3),
    ),
    "adamax": Card(
        (MEAN + r",\ \ " + MAXIMUM, M_HAT + r",\ \ " + BY_MAXIMUM),
        2,
        "η 0.002, β₁ 0.9, β₂ 0.999",
        "single bad gradients come now and then",
        "the first gradients are by far the largest",
        "The largest recent slope. Steps up to about η.",
        dict(lr=0.3),
    ),
    "nadam": Card(
        (MEAN + r",\ \ " + SQUARES, AHEAD, S_HAT + r",\ \ " + DIVIDED),
        2,
        "as Adam",
        "you would use Adam with a large β₁",
        "you need the same result from two libraries",
        "Adam that looks ahead: one line differs.",
        dict(lr=0.3),
    ),
    "nadamax": Card(
        (MEAN + r",\ \ " + MAXIMUM, AHEAD, BY_MAXIMUM),
        2,
        "as AdaMax",
        "you would use AdaMax with a large β₁",
        "you need it from a library: none has it",
        "Nadam's look-ahead in AdaMax.",
        dict(lr=0.3),
    ),
    "adamw": Card(
        (
            MEAN + r",\ \ " + SQUARES,
            M_HAT + r",\ \ " + S_HAT,
            r"x \leftarrow x - \eta\,\left("
            r"\hat m\,/\,(\sqrt{\hat s}+\varepsilon) + \lambda x\right)",
        ),
        2,
        "as Adam, λ 0.01 to 0.1",
        "Adam, and weights should shrink",
        "you want the minimum of a penalised loss",
        "Decay beside the division: x times 1 − ηλ.",
        dict(lr=0.3, weight_decay=0.05),
    ),
    "amsgrad": Card(
        (
            MEAN + r",\ \ " + SQUARES,
            M_HAT + r",\ \ " + r"\hat s \leftarrow \max(\hat s,\ s\,/\,(1-\beta_2^t))",
            DIVIDED,
        ),
        3,
        "as Adam",
        "rare, large gradients are those that matter",
        "slopes shrink on the way: its steps never grow again",
        "Adam whose steps never grow again.",
        dict(lr=0.5, beta2=0.9),
    ),
    "lion": Card(
        (
            r"x \leftarrow x - \eta\left(\mathrm{sign}(\beta_1 m + (1-\beta_1)\,g)"
            r" + \lambda x\right)",
            r"m \leftarrow \beta_2 m + (1-\beta_2)\,g",
        ),
        1,
        "η ⅓ to ⅒ of Adam's, β₁ 0.9, β₂ 0.99",
        "memory is short; large batches",
        "small batches; no schedule for η",
        "Only signs: every coordinate moves by η.",
        dict(lr=0.25),
    ),
    "muon": Card(
        (
            r"m \leftarrow \beta m + (1-\beta)\,g",
            r"x \leftarrow x - \eta\,\mathrm{NS}(m),\ \ "
            r"\mathrm{NS}(U S V^{\mathrm{T}}) \approx U V^{\mathrm{T}}",
        ),
        1,
        "η 0.02, β 0.95; only for matrices",
        "hidden layers: matrices with wide spectra",
        "vectors, embeddings; little spread",
        "All singular values of a step nearly 1.",
        dict(lr=0.4, beta=0.7),
    ),
    "schedule_free": Card(
        (
            r"z \leftarrow z - \eta\,\nabla f((1-\beta)\,z + \beta x)",
            r"x \leftarrow x + (z - x)/t",
        ),
        1,
        "η as gradient descent's or larger, β 0.9",
        "you do not know when training will stop",
        "you cannot keep x, y and z apart",
        "x is the mean of all z: no schedule for η.",
        dict(lr=0.9, beta=0.9),
    ),
}
FAMILY = {  # who is compared with whom in the field guide: what one rule adds to another
    "momentum": "gradient_descent",
    "nesterov": "momentum",
    "adagrad": "gradient_descent",
    "rmsprop": "adagrad",
    "adadelta": "rmsprop",
    "adam": "rmsprop",
    "adamax": "adam",
    "nadam": "adam",
    "nadamax": "adamax",
    "adamw": "adam",
    "amsgrad": "adam",
    "lion": "momentum",
    "muon": "momentum",
    "schedule_free": "gradient_descent",
}


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


class RuleTable(Table):
    """The table of all rules; in a notebook it is Markdown, for its equations and links."""

    def _repr_markdown_(self) -> str:
        head, *body = self.rows
        lines = [head, ["---"] * len(head), *body]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    _repr_html_ = None


def rule_table() -> RuleTable:
    """All rules: equation, numbers of memory, usual values, when to use and to avoid them."""
    head = ["rule", "equation", "memory", "usual values", "use it when", "avoid it when"]
    rows = [
        [
            f"[{title_of(name)}]({LESSONS[name]}.ipynb)",
            "<br>".join(f"${line}$" for line in card.equations),
            str(card.memory),
            card.usual,
            card.use,
            card.avoid,
        ]
        for name, card in CARDS.items()
    ]
    return RuleTable([head, *rows])


def dialect_table() -> Table:
    """The names and defaults of all arguments: the course, PyTorch, Keras and optax.

    What a library has by default in another value than the course is bold; "–": it has no such
    rule. Below each list stands what its users cannot set and the course has differently.
    """
    versions = stored()["versions"]
    head = ["rule", COURSE, *(f"{name} {versions[name]}" for name in LIBRARIES)]
    rows = [_dialect_row(name) for name in dict.fromkeys(d.rule for d in DIALECTS)]
    return Table([head, *rows[:-1], _muon_row(), rows[-1]])  # in the order of the lessons


def _muon_row() -> list[str]:
    """Names and defaults only: what the libraries do to the length of its step is too different."""
    names = ("lr", "learning_rate", "momentum", "beta", "weight_decay", "nesterov", "ns_steps")
    cells = []
    for call in ("torch.optim.Muon", "keras.optimizers.Muon", "optax.contrib.muon"):
        arguments = stored()["signatures"][call]
        lines = [f"`{_short(call)}`"]
        lines += [f"`{n}` {_value(arguments[n])}" for n in names if n in arguments]
        cells.append("\n".join([*lines, f"({muon_factors()[LIBRARIES[len(cells)]]})"]))
    ours = [f"`{name}` {value:g}" for name, value in hyperparameters_of(RULES["muon"]).items()]
    return ["Muon", "\n".join(["`muon`", *ours]), *cells]


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


def _dialect_row(rule: str) -> list[str]:
    found = {name: [d for d in DIALECTS if d.rule == rule and d.library == name]
             for name in (COURSE, *LIBRARIES)}  # fmt: skip
    ours = found[COURSE][0]
    cells = [_cell(found[name][0], ours) if found[name] else "–" for name in (COURSE, *LIBRARIES)]
    return [title_of(rule), *cells]


def _cell(dialect: Dialect, ours: Dialect) -> str:
    lines = [f"`{_short(dialect.call)}`"]
    for setting, argument in dialect.names.items():
        value = dialect.defaults[setting]
        differs = value != ours.defaults.get(setting, ours.fixed.get(setting, value))
        text = f"{_symbol(setting)} `{argument}` {_value(value)}"
        lines.append(f"*{text}*" if differs and value is not None else text)
    lines += [f"`{name}={value}`" for name, value in dialect.given.items()]
    if dialect is not ours:
        lines += [f"({d})" for d in remarks(dialect, ours)]
    return "\n".join(lines)


def _symbol(setting: str) -> str:
    special = {"s0": "s₀", "psi": "ψ", "l2": "L2", "eps_in": "ε in the root"}
    special |= {"eps_folded": "ε̂", "eps_max": "ε in the max"}
    return special.get(setting, SYMBOLS.get(setting, setting))


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
    """How the code of each rule becomes that of its nearest relative, from the source."""
    return Neighbours(FAMILY)


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


# The cheat sheet
