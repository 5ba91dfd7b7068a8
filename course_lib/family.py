"""The family of rules: one ``Member`` each, in lesson order, says all that is known of a rule.

Its code stands in optimizers.py. Names, looks, tables, pictures and pages are read from here at the
moment they are needed, so all of them find a rule that joins ``FAMILY``. What the libraries call a
rule, and how they compute it, stands in field_guide/dialects.py: there a name is never all.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from course_lib import optimizers

AND = r",\ \ "  # pieces that equations share
MEAN = r"m \leftarrow \beta_1 m + (1-\beta_1)\,g"
SQUARES = r"s \leftarrow \beta_2 s + (1-\beta_2)\,g^2"
SQUARES_OF_ONE_BETA = r"s \leftarrow \beta s + (1-\beta)\,g^2"
MAXIMUM = r"u \leftarrow \max(\beta_2 u,\ \vert g\vert)"
M_HAT = r"\hat m = m\,/\,(1-\beta_1^t)"
S_HAT = r"\hat s = s\,/\,(1-\beta_2^t)"
AHEAD = r"\hat m = \beta_1 m\,/\,(1-\beta_1^{t+1}) + (1-\beta_1)\,g\,/\,(1-\beta_1^t)"
BY_ROOT = r"x \leftarrow x - \eta\,g\,/\,(\sqrt{s}+\varepsilon)"
BY_ROOT_HAT = r"x \leftarrow x - \eta\,\hat m\,/\,(\sqrt{\hat s}+\varepsilon)"
BY_MAXIMUM = r"x \leftarrow x - \eta\,\hat m\,/\,u"


@dataclass(frozen=True)
class Look:
    """Colour, marker and line of an optimizer: the same in the whole course."""

    colour: str
    marker: str
    line: str = "-"


@dataclass(frozen=True, kw_only=True)
class Member:
    """What is known of a rule, besides its code.

    rule:    the function in optimizers.py; its docstring names the source
    title:   its name in text
    lesson:  the lesson that derives it, by its stem, as in "08_adam"
    look:    how it is drawn in the whole course
    parents: {name of the parent: what changed}; the field guide compares its code with the first
    row:     its height in the family tree, whose columns are the years; without one it is not there

    The others are its card in the field guide. A variant without equations has none.

    equations: lines of TeX, as Markdown and matplotlib both read it
    memory:    numbers kept for each parameter, besides the parameter itself
    usual:     values to begin with;  use, avoid: when to take it, and when not
    note:      a few words for the cheat sheet
    shown:     settings of the little picture there
    """

    rule: Callable[..., optimizers.Points]
    title: str
    lesson: str
    look: Look
    parents: Mapping[str, str]
    row: float | None = None
    equations: tuple[str, ...] = ()
    memory: int | None = None
    usual: str = ""
    use: str = ""
    avoid: str = ""
    note: str = ""
    shown: Mapping[str, float] | None = None

    @property
    def source(self) -> str:
        """Authors and year, "Kingma & Ba 2015", from the first line of its docstring; or ""."""
        found = re.search(r"\((.+ \d{4})\)", (self.rule.__doc__ or "").partition("\n")[0])
        return found[1] if found else ""

    @property
    def year(self) -> str:
        """The year of its source; a rule that has none was made in a lesson: "lesson 10"."""
        return self.source[-4:] or f"lesson {self.lesson[:2]}"


FAMILY: dict[str, Member] = {
    member.rule.__name__: member
    for member in (
        Member(
            rule=optimizers.gradient_descent,
            title="Gradient descent",
            lesson="01_gradient_descent",
            look=Look("#000000", "o"),
            parents={},
            row=0,
            equations=(r"x \leftarrow x - \eta\,g",),
            memory=0,
            usual="η just below 2/L; try powers of 10",
            use="well conditioned problems; a baseline",
            avoid="curvatures that differ by orders of magnitude",
            note="Stable below η = 2/L. Steps grow with κ.",
            shown=dict(lr=0.9),
        ),
        Member(
            rule=optimizers.momentum,
            title="Momentum",
            lesson="03_momentum",
            look=Look("#E69F00", "s", "--"),
            parents={"gradient_descent": "remember\nthe last step"},
            row=2.6,
            equations=(r"v \leftarrow \beta v - \eta\,g", r"x \leftarrow x + v"),
            memory=1,
            usual="β 0.9; η from (1 − β) × gradient descent's up",
            use="long, narrow valleys; mini-batches; time to tune η",
            avoid="an overshoot is costly",
            note="Steps grow with √κ. It overshoots.",
            shown=dict(lr=0.3, beta=0.8),
        ),
        Member(
            rule=optimizers.nesterov,
            title="Nesterov",
            lesson="04_nesterov",
            look=Look("#D55E00", "D"),
            parents={"momentum": "look\nahead first"},
            row=4.2,
            equations=(
                r"v \leftarrow \beta v - \eta\,\nabla f(x + \beta v)",
                r"x \leftarrow x + v",
            ),
            memory=1,
            usual="as momentum, η a little lower",
            use="you would use momentum: it swings less",
            avoid="η is close to momentum's limit",
            note="Slope at the point ahead: an extra brake.",
            shown=dict(lr=0.3, beta=0.8),
        ),
        Member(
            rule=optimizers.adagrad,
            title="AdaGrad",
            lesson="05_adagrad",
            look=Look("#009E73", "^", "--"),
            parents={"gradient_descent": "divide by\nall past slopes"},
            row=1.05,
            equations=(r"s \leftarrow s + g^2", BY_ROOT),
            memory=1,
            usual="η 0.01 to 1",
            use="sparse features, convex problems",
            avoid="long training of networks: steps only shrink",
            note="Rare features: long steps. All only shrink.",
            shown=dict(lr=1.0),
        ),
        Member(
            rule=optimizers.rmsprop,
            title="RMSProp",
            lesson="06_rmsprop",
            look=Look("#56B4E9", "v", "-."),
            parents={"adagrad": "forget old slopes"},
            row=1.55,
            equations=(SQUARES_OF_ONE_BETA, BY_ROOT),
            memory=1,
            usual="η 0.001, β 0.9 (noisy: 0.99)",
            use="slopes that change in size along the way",
            avoid="you need a precise end and cannot lower η",
            note="AdaGrad that forgets. Ends jittering by ±η/2.",
            shown=dict(lr=0.2, beta=0.9),
        ),
        Member(
            rule=optimizers.adadelta,
            title="AdaDelta",
            lesson="07_adadelta",
            look=Look("#CC79A7", "<"),
            parents={"adagrad": "forget, and\nrestore the units"},
            row=0.55,
            equations=(
                SQUARES_OF_ONE_BETA
                + AND
                + r"\Delta = -\sqrt{d+\varepsilon}\,/\,\sqrt{s+\varepsilon}\cdot g",
                r"d \leftarrow \beta d + (1-\beta)\,\Delta^2" + AND + r"x \leftarrow x + \Delta",
            ),
            memory=2,
            usual="β 0.95, ε 1e-6: ε sets the first steps",
            use="rarely: no idea of the unit of x",
            avoid="few steps to get going; curvatures above 2",
            note="No η, but ε sets the slow start.",
            shown=dict(beta=0.9, eps=1e-2),
        ),
        Member(
            rule=optimizers.adam,
            title="Adam",
            lesson="08_adam",
            look=Look("#0072B2", "P"),
            parents={"rmsprop": "correct\nthe start", "momentum": "average the slopes"},
            row=2.0,
            equations=(MEAN + AND + SQUARES, M_HAT + AND + S_HAT, BY_ROOT_HAT),
            memory=2,
            usual="η 0.001, β₁ 0.9, β₂ 0.999, ε 1e-8",
            use="parameters of many kinds; noise; little time to tune",
            avoid="memory is short; momentum is tuned already",
            note="Momentum over RMSProp, freed of bias.",
            shown=dict(lr=0.3),
        ),
        Member(
            rule=optimizers.adamax,
            title="AdaMax",
            lesson="09_adamax",
            look=Look("#CC79A7", "X", "--"),
            parents={"adam": "the largest\nslope only"},
            row=2.95,
            equations=(MEAN + AND + MAXIMUM, M_HAT + AND + BY_MAXIMUM),
            memory=2,
            usual="η 0.002, β₁ 0.9, β₂ 0.999",
            use="single bad gradients come now and then",
            avoid="the first gradients are by far the largest",
            note="The largest recent slope. Steps up to about η.",
            shown=dict(lr=0.3),
        ),
        Member(
            rule=optimizers.nadam,
            title="Nadam",
            lesson="10_nadam",
            look=Look("#009E73", "p", "-."),
            parents={"adam": "look ahead", "nesterov": "its look-ahead"},
            row=3.55,
            equations=(MEAN + AND + SQUARES, AHEAD, S_HAT + AND + BY_ROOT_HAT),
            memory=2,
            usual="as Adam",
            use="you would use Adam with a large β₁",
            avoid="you need the same result from two libraries",
            note="Adam that looks ahead: one line differs.",
            shown=dict(lr=0.3),
        ),
        Member(
            rule=optimizers.nadam_scheduled,
            title="Nadam scheduled",
            lesson="10_nadam",
            look=Look("#000000", "h", ":"),
            parents={"nadam": "β₁ grows"},
        ),
        Member(
            rule=optimizers.nadamax,
            title="NadaMax",
            lesson="10_nadam",
            look=Look("#56B4E9", "d"),
            parents={"adamax": "look ahead", "nadam": "largest slope"},
            row=3.2,
            equations=(MEAN + AND + MAXIMUM, AHEAD, BY_MAXIMUM),
            memory=2,
            usual="as AdaMax",
            use="you would use AdaMax with a large β₁",
            avoid="you need it from a library: none has it",
            note="Nadam's look-ahead in AdaMax.",
            shown=dict(lr=0.3),
        ),
        Member(
            rule=optimizers.adamw,
            title="AdamW",
            lesson="11_adamw",
            look=Look("#D55E00", ">", ":"),
            parents={"adam": "shrink the weights\nin a step of its own"},
            row=2.0,
            equations=(
                MEAN + AND + SQUARES,
                M_HAT + AND + S_HAT,
                r"x \leftarrow x - \eta\,\left("
                r"\hat m\,/\,(\sqrt{\hat s}+\varepsilon) + \lambda x\right)",
            ),
            memory=2,
            usual="as Adam, λ 0.01 to 0.1",
            use="Adam, and weights should shrink",
            avoid="you want the minimum of a penalised loss",
            note="Decay beside the division: x times 1 − ηλ.",
            shown=dict(lr=0.3, weight_decay=0.05),
        ),
        Member(
            rule=optimizers.amsgrad,
            title="AMSGrad",
            lesson="14_beyond",
            look=Look("#CC79A7", "v", ":"),
            parents={"adam": "never forget\nthe largest"},
            row=1.2,
            equations=(
                MEAN + AND + SQUARES,
                M_HAT + AND + r"\hat s \leftarrow \max(\hat s,\ s\,/\,(1-\beta_2^t))",
                BY_ROOT_HAT,
            ),
            memory=3,
            usual="as Adam",
            use="rare, large gradients are those that matter",
            avoid="slopes shrink on the way: its steps never grow again",
            note="Adam whose steps never grow again.",
            shown=dict(lr=0.5, beta2=0.9),
        ),
        Member(
            rule=optimizers.lion,
            title="Lion",
            lesson="14_beyond",
            look=Look("#009E73", "h"),
            parents={"momentum": "keep only the signs"},
            row=5.0,
            equations=(
                r"x \leftarrow x - \eta\left(\mathrm{sign}(\beta_1 m + (1-\beta_1)\,g)"
                r" + \lambda x\right)",
                r"m \leftarrow \beta_2 m + (1-\beta_2)\,g",
            ),
            memory=1,
            usual="η ⅓ to ⅒ of Adam's, β₁ 0.9, β₂ 0.99",
            use="memory is short; large batches",
            avoid="small batches; no schedule for η",
            note="Only signs: every coordinate moves by η.",
            shown=dict(lr=0.25),
        ),
        Member(
            rule=optimizers.muon,
            title="Muon",
            lesson="14_beyond",
            look=Look("#D55E00", "d", "-."),
            parents={"momentum": "even out\na whole matrix"},
            row=5.6,
            equations=(
                r"m \leftarrow \beta m + (1-\beta)\,g",
                r"x \leftarrow x - \eta\,\mathrm{NS}(m)"
                + AND
                + r"\mathrm{NS}(U S V^{\mathrm{T}}) \approx U V^{\mathrm{T}}",
            ),
            memory=1,
            usual="η 0.02, β 0.95; only for matrices",
            use="hidden layers: matrices with wide spectra",
            avoid="vectors, embeddings; little spread",
            note="All singular values of a step nearly 1.",
            shown=dict(lr=0.4, beta=0.7),
        ),
        Member(
            rule=optimizers.schedule_free,
            title="Schedule-free",
            lesson="14_beyond",
            look=Look("#56B4E9", "<", ":"),
            parents={"gradient_descent": "follow the mean\nof the points"},
            row=0,
            equations=(
                r"z \leftarrow z - \eta\,\nabla f((1-\beta)\,z + \beta x)",
                r"x \leftarrow x + (z - x)/t",
            ),
            memory=1,
            usual="η as gradient descent's or larger, β 0.9",
            use="you do not know when training will stop",
            avoid="you cannot keep x, y and z apart",
            note="x is the mean of all z: no schedule for η.",
            shown=dict(lr=0.9, beta=0.9),
        ),
    )
}


class OfEach(Mapping):
    """One field of every member, by the name of the rule: as ``FAMILY`` has it when it is read."""

    def __init__(self, field: str):
        self.field = field

    def __getitem__(self, rule: str) -> object:
        return getattr(FAMILY[rule], self.field)

    def __iter__(self) -> Iterator[str]:
        return iter(FAMILY)

    def __len__(self) -> int:
        return len(FAMILY)

    def __repr__(self) -> str:
        return repr(dict(self))


RULES: Mapping[str, Callable[..., optimizers.Points]] = OfEach("rule")
LOOKS: Mapping[str, Look] = OfEach("look")


def title_of(rule: str) -> str:
    """``adamw`` to ``AdamW``; a rule of your own by its words, ``my_adam`` to ``My Adam``."""
    if rule in FAMILY:
        return FAMILY[rule].title
    if rule == "adam_l2":  # lesson 11's, on the way to AdamW
        return "Adam + L2"
    words = (FAMILY[word].title if word in FAMILY else word for word in rule.split("_"))
    told = " ".join(words)
    return told[:1].upper() + told[1:]
