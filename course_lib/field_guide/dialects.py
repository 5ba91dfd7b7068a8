"""How PyTorch, Keras and optax say the rules of the course, and translation between them.

``dialects.json`` holds what the libraries themselves say: the arguments and defaults of their
optimizers, and where runs of them ended. tests/reference/make_dialects.py wrote it, in an
environment that has the libraries. Here each optimizer is mapped to a *form*: a rule with every
setting in which the libraries differ. The tests compare all forms with runs of the libraries.
"""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from inspect import signature
from itertools import count

import numpy as np

from course_lib import optimizers
from course_lib.descent import Path, descend
from course_lib.family import RULES
from course_lib.landscapes import Landscape, beale
from course_lib.optimizers import TINY, Gradient, Points, dozat_schedule
from course_lib.validation import Rule

LIBRARIES = ("PyTorch", "Keras", "optax")
COURSE, AVERAGING = "the course", "averaging form"


@cache
def stored() -> dict:
    """What the libraries said: "versions", "signatures", "runs", "muon" and "loops"."""
    return json.loads(
        (files("course_lib.field_guide") / "dialects.json").read_text(encoding="utf-8")
    )


def ended_at(line: str) -> np.ndarray:
    """(2,), where the library's own run of a line ended: 200 steps on Beale from (1, 1.5)."""
    runs = stored()["runs"]
    if line not in runs:
        raise ValueError(f"line must be one of the {len(runs)} that are stored, got {line!r}")
    return np.array(runs[line])


# Forms: a rule with every setting in which the libraries differ


def _momentum(
    grad: Gradient, x: np.ndarray, lr: float, beta: float, dampening: float, weight_decay: float
) -> Points:
    """Dampened is every gradient but the first, as in PyTorch."""
    v = np.zeros_like(x)
    for t in count():
        v = beta * v - lr * (1 - dampening * (t > 0)) * grad(x)
        x = x + v - lr * weight_decay * x
        yield x


def _nesterov(grad: Gradient, x: np.ndarray, lr: float, beta: float, ahead: float) -> Points:
    """Yields x + ahead · βv: with ahead = 1 the point at which the gradient is taken."""
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + beta * v)
        x = x + v
        yield x + ahead * beta * v


def _adagrad(
    grad: Gradient, x: np.ndarray, lr: float, s0: float, eps: float, eps_in: float
) -> Points:
    s = np.full_like(x, s0)
    while True:
        g = grad(x)
        s = s + g**2
        x = x - lr * g / (np.sqrt(s + eps_in) + eps + TINY)
        yield x


def _rmsprop(
    grad: Gradient,
    x: np.ndarray,
    lr: float,
    beta: float,
    eps: float,
    eps_in: float,
    momentum: float,
    centered: float,
) -> Points:
    """With centered = 1 it divides by the spread of the gradients, with 0 by their size."""
    s = mean = v = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        mean = beta * mean + (1 - beta) * g
        v = momentum * v - lr * g / (np.sqrt(s - centered * mean**2 + eps_in) + eps + TINY)
        x = x + v
        yield x


def _adadelta(grad: Gradient, x: np.ndarray, lr: float, beta: float, eps: float) -> Points:
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g
        d = beta * d + (1 - beta) * delta**2
        x = x + lr * delta
        yield x


def _adam(
    grad: Gradient,
    x: np.ndarray,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    eps_folded: float,
    weight_decay: float,
) -> Points:
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        root = np.sqrt(s / (1 - beta2**t)) + eps + eps_folded / np.sqrt(1 - beta2**t)
        x = x - lr * (m_hat / (root + TINY) + weight_decay * x)
        yield x


def _amsgrad(
    grad: Gradient,
    x: np.ndarray,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    eps_folded: float,
    max_first: float,
) -> Points:
    """With max_first = 1 the maximum is taken before the correction of the bias, with 0 after."""
    m = s = largest = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        correction = 1 - beta2**t
        largest = np.maximum(largest, s if max_first else s / correction)
        s_hat = largest / correction if max_first else largest
        root = np.sqrt(s_hat) + eps + eps_folded / np.sqrt(correction)
        x = x - lr * m / (1 - beta1**t) / (root + TINY)
        yield x


def _adamax(
    grad: Gradient,
    x: np.ndarray,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    eps_max: float,
) -> Points:
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + eps_max + TINY)
        x = x - lr * m / (1 - beta1**t) / (u + eps)
        yield x


def _nadam(
    grad: Gradient,
    x: np.ndarray,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    psi: float,
) -> Points:
    """The schedule is in m̂ only; ψ = ∞ makes it constant."""
    m = s = np.zeros_like(x)
    for t, (mu, mu_next, product) in enumerate(dozat_schedule(beta1, psi), 1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
        x = x - lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps + TINY)
        yield x


def _schedule_free(grad: Gradient, x: np.ndarray, lr: float, beta: float, ahead: float) -> Points:
    """With ahead = 1 it yields y, the point at which the next gradient is taken."""
    z = x
    for t in count(1):
        y = (1 - beta) * z + beta * x
        z = z - lr * grad(y)
        x = x + (z - x) / t
        yield (1 - beta) * z + beta * x if ahead else x


FORMS: dict[str, Rule] = {
    "gradient_descent": optimizers.gradient_descent,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adadelta": _adadelta,
    "adam": _adam,
    "adamax": _adamax,
    "nadam": _nadam,
    "adamw": _adam,
    "amsgrad": _amsgrad,
    "lion": optimizers.lion,
    "schedule_free": _schedule_free,
}
BEFORE = ("clip", "clip_value", "l2")  # settings of what is done to a gradient before any rule


def prepared(grad: Gradient, clip: float, clip_value: float, l2: float) -> Gradient:
    """The gradient that a rule is given: clipped, then with λx added to it; 0 is without.

    clip: the largest norm; clip_value: the largest size of a coordinate; l2: λ of an L2 penalty
    """

    def changed(x: np.ndarray) -> np.ndarray:
        g = grad(x)
        if clip:
            length = np.sqrt(np.sum(g**2, axis=-1, keepdims=True))
            g = g * np.minimum(1, clip / np.maximum(length, TINY))
        if clip_value:
            g = np.clip(g, -clip_value, clip_value)
        return g + l2 * x

    return changed


MEANINGS = {  # settings of the forms, as sentences about a difference have them
    "lr": "η",
    "beta": "β",
    "beta1": "β₁",
    "beta2": "β₂",
    "ahead": "the share of the look-ahead in the point that is held",
    "s0": "the start of s",
    "eps": "ε outside the root",
    "eps_in": "ε inside the root",
    "eps_folded": "ε beside the root of the uncorrected s",
    "eps_max": "ε inside the maximum",
    "l2": "λ, an L2 penalty that is added to the gradient",
    "dampening": "the dampening of every gradient but the first",
    "momentum": "the momentum of the divided step",
    "centered": "the mean gradient taken off (1: yes, 0: no)",
    "clip": "the norm to which a gradient is clipped (0: never)",
    "clip_value": "the size to which each coordinate is clipped (0: never)",
    "weight_decay": "λ, weight decay apart from the gradient",
    "max_first": "the maximum before the bias correction",
    "psi": "ψ of the schedule",
}
NO_SCHEDULE = 1e6  # as ψ: 0.96^ψ is exactly 0 in floating-point numbers
EPS = ("eps", "eps_in", "eps_folded", "eps_max")
OPTIONAL = (*BEFORE, "weight_decay", "dampening", "momentum", "centered")  # not written if 0

# What the libraries do to a gradient before the rule, in words of their own beside the rule's call
AROUND = {
    "PyTorch": {"clip": "clip_grad_norm_", "clip_value": "clip_grad_value_"},
    "Keras": {"clip": "global_clipnorm", "clip_value": "clipvalue"},
    "optax": {"clip": "clip_by_global_norm", "clip_value": "clip", "l2": "add_decayed_weights"},
}
SPEED = {  # arguments that change how fast a step is made, and not where it leads
    "PyTorch": ("fused", "foreach", "capturable", "differentiable"),
    "Keras": ("name",),
}
REFUSED = {  # arguments that no rule here has, and what they do
    "maximize": "it walks uphill",
    "lr_decay": "it makes η fall with the step",
    "use_ema": "it keeps a mean of the weights beside the rule",
    "gradient_accumulation_steps": "it adds up the gradients of several batches",
    "loss_scale_factor": "it multiplies the loss",
    "mu_dtype": "it keeps m with fewer digits",
    "initial_scale": "it begins with another s",
    "bias_correction": "it corrects the bias of s, as Adam does",
    "eps_root": "it is an ε inside the root, beside the one outside",
    "warmup_steps": "it makes η grow at first",
    "mask": "it leaves some weights without decay",
}
ALIASES = {  # how imports shorten the names
    "optim.": "torch.optim.",
    "tf.keras.optimizers.": "keras.optimizers.",
    "tensorflow.keras.optimizers.": "keras.optimizers.",
    "optimizers.": "keras.optimizers.",
}


# Dialects


@dataclass(frozen=True)
class Dialect:
    """How one library says one rule.

    call:   the library's name for it, e.g. "torch.optim.Adam"
    names:  the settings of the form, each with the argument that sets it; "betas[0]" is part of one
    given:  arguments that make the call this rule, e.g. nesterov=True
    fixed:  settings of the form that the library's user cannot change
    """

    library: str
    rule: str
    call: str
    names: Mapping[str, str]
    given: Mapping[str, object] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def arguments(self) -> dict[str, object]:
        """The arguments and defaults of the call, as the library has them; None: no default."""
        if self.library == COURSE:
            parameters = list(signature(RULES[self.rule]).parameters.values())[2:]
            return {p.name: p.default for p in parameters}
        if self.library == AVERAGING:
            return {"lr": None, "beta": None}
        return {**stored()["signatures"][self.call], **dict.fromkeys(self.around.values())}

    @property
    def around(self) -> dict[str, str]:
        """The settings that stand beside the call, and the library's word for each."""
        return AROUND.get(self.library, {})

    @property
    def defaults(self) -> dict[str, object]:
        """The defaults of the form's settings in this library; None where it has none."""
        values = {k: _part_of(self.arguments, name) for k, name in self.names.items()}
        zero = {*OPTIONAL, "beta"}  # those whose None stands for "no such thing"
        return {k: 0.0 if v is None and k in zero else v for k, v in values.items()}

    def read(self, arguments: Mapping[str, object]) -> dict[str, float]:
        """The settings of the form, from the arguments of a call; those not given have defaults."""
        for name, value in arguments.items():
            if name not in self.arguments:
                known = ", ".join(a for a in self.arguments if a not in self.around.values())
                raise ValueError(f"{self.call} has no argument {name!r}; it takes: {known}")
            used = {_base(n) for n in self.names.values()} | set(self.given)
            if name not in used and value != self.arguments[name]:
                why = REFUSED.get(name, f"{self.rule} of the course has nothing like it")
                raise ValueError(f"{name}={value!r} of {self.call} has no translation: {why}")
        both = {**self.arguments, **arguments}
        settings = {k: _part_of(both, name) for k, name in self.names.items()}
        settings = {k: self.defaults[k] if v is None else v for k, v in settings.items()}
        for name, value in settings.items():
            if value is None:
                raise ValueError(f"{self.call} needs a value for {self.names[name]}")
        settings = {k: float(v) for k, v in settings.items()}
        if settings.get("psi", 0) >= NO_SCHEDULE:
            settings["psi"] = np.inf
        if self.library == AVERAGING:
            settings["lr"] *= 1 - settings["beta"]
        return {**settings, **self.fixed}

    def write(self, settings: Mapping[str, float]) -> dict[str, object]:
        """The arguments of the call for these settings of the form; it ignores what it has not."""
        settings = dict(settings)
        if self.library == AVERAGING:
            settings["lr"] /= 1 - settings["beta"]
        written: dict[str, object] = {}
        for name, argument in self.names.items():
            settings[name] = min(settings[name], NO_SCHEDULE)
            if name in OPTIONAL and settings[name] == self.defaults[name] == 0:
                continue
            if isinstance(self.arguments.get(argument), bool):
                written[argument] = bool(settings[name])
            elif "[" in argument:
                written.setdefault(_base(argument), []).append(_rounded(settings[name]))
            else:
                written[argument] = _rounded(settings[name])
        return {**{k: tuple(v) if isinstance(v, list) else v for k, v in written.items()},
                **self.given}  # fmt: skip

    def code(self, arguments: Mapping[str, object]) -> str:
        """The call as a line of code, with what stands beside it."""
        beside = {k: arguments[k] for k in self.around.values() if k in arguments}
        if self.library == "Keras":
            beside = {}  # there it is an argument like all others
        inside = [f"{k}={v!r}" for k, v in arguments.items() if k not in beside]
        first = ["params"] if self.library == "PyTorch" else []
        call = f"{self.call}({', '.join([*first, *inside])})"
        if self.library == "optax" and beside:
            parts = [f"optax.{name}({value!r})" for name, value in beside.items()]
            return f"optax.chain({', '.join([*parts, call])})"
        clips = [f"torch.nn.utils.{name}(params, {value!r})" for name, value in beside.items()]
        return "\n".join([*(f"{clip}  # before each step" for clip in clips), call])

    def path(
        self,
        settings: Mapping[str, float],
        on: Landscape = beale,
        start: tuple[float, ...] | None = None,
        steps: int = 100,
    ) -> Path:
        """The path that the library walks with these settings of the form."""

        own = {k: v for k, v in settings.items() if k not in BEFORE}
        before = {k: settings[k] for k in BEFORE}

        def form(grad: Gradient, x: np.ndarray) -> Points:
            return FORMS[self.rule](prepared(grad, **before), x, **own)

        form.__name__ = f"{self.call.split('.')[-1]} ({self.library})"
        return descend(form, on, start, steps)


def _base(argument: str) -> str:
    return argument.partition("[")[0]


def _part_of(arguments: Mapping[str, object], name: str) -> object:
    """``betas[0]`` of the arguments, or ``lr``."""
    base, _, index = name.partition("[")
    value = arguments[base]
    return value[int(index[:-1])] if index else value


def _rounded(value: float) -> float:
    """Twelve digits: 0.3 / (1 - 0.9) is meant to be 3."""
    return float(f"{value:.12g}")


LR = {"PyTorch": "lr", "Keras": "learning_rate", "optax": "learning_rate"}
BETAS = {
    "PyTorch": {"beta1": "betas[0]", "beta2": "betas[1]"},
    "Keras": {"beta1": "beta_1", "beta2": "beta_2"},
    "optax": {"beta1": "b1", "beta2": "b2"},
}
TWO = {"momentum": "momentum", "centered": "centered"}  # of RMSProp, alike in all three
SGD = dict(dampening=0.0, weight_decay=0.0)


def _said(rule, torch=None, keras=None, optax=None, betas=False) -> list[Dialect]:
    """The dialects of a rule: for each library (call, names, given, fixed), the last two if any."""
    dialects = []
    for library, said in zip(LIBRARIES, (torch, keras, optax), strict=True):
        if said:
            call, names, *rest = said
            prefix = {"PyTorch": "torch.optim", "Keras": "keras.optimizers", "optax": "optax"}
            own = {"lr": LR[library], **(BETAS[library] if betas else {}), **names}
            own |= {k: word for k, word in AROUND[library].items() if k not in own}
            given, fixed = (*rest, {}, {})[:2]
            without = dict.fromkeys(set(BEFORE) - set(own), 0.0)
            call = f"{prefix[library]}.{call}"
            dialects.append(Dialect(library, rule, call, own, given, {**without, **fixed}))
    return dialects


def _ours(rule: str, **fixed: float) -> Dialect:
    names = [n for n in signature(RULES[rule]).parameters if n not in ("grad", "x")]
    fixed = {**dict.fromkeys(BEFORE, 0.0), **fixed}
    return Dialect(COURSE, rule, rule, {n: n for n in names}, {}, fixed)


DIALECTS: tuple[Dialect, ...] = (
    _ours("gradient_descent"),
    *_said(  # without momentum, decay apart from the gradient and decay in it are the same step
        "gradient_descent",
        ("SGD", {"l2": "weight_decay"}),
        ("SGD", {"l2": "weight_decay"}),
        ("sgd", {}),
    ),
    _ours("momentum", **SGD),
    Dialect(AVERAGING, "momentum", "averaging", {"lr": "lr", "beta": "beta"}, {},
            {**SGD, **dict.fromkeys(BEFORE, 0.0)}),
    *_said(
        "momentum",
        ("SGD", {"beta": "momentum", "dampening": "dampening", "l2": "weight_decay"}, {},
         {"weight_decay": 0.0}),
        ("SGD", {"beta": "momentum", "weight_decay": "weight_decay"}, {}, {"dampening": 0.0}),
        ("sgd", {"beta": "momentum"}, {}, SGD),
    ),
    _ours("nesterov", ahead=0.0),
    *_said(
        "nesterov",
        ("SGD", {"beta": "momentum", "l2": "weight_decay"}, {"nesterov": True}, {"ahead": 1.0}),
        ("SGD", {"beta": "momentum"}, {"nesterov": True}, {"ahead": 1.0}),
        ("sgd", {"beta": "momentum"}, {"nesterov": True}, {"ahead": 1.0}),
    ),
    _ours("adagrad", s0=0.0, eps_in=0.0),
    *_said(
        "adagrad",
        ("Adagrad",
         {"s0": "initial_accumulator_value", "eps": "eps", "l2": "weight_decay"}, {},
         {"eps_in": 0.0}),
        ("Adagrad", {"s0": "initial_accumulator_value", "eps_in": "epsilon"}, {}, {"eps": 0.0}),
        ("adagrad", {"s0": "initial_accumulator_value", "eps_in": "eps"}, {}, {"eps": 0.0}),
    ),
    _ours("rmsprop", eps_in=0.0, momentum=0.0, centered=0.0),
    *_said(
        "rmsprop",
        ("RMSprop", {"beta": "alpha", "eps": "eps", "l2": "weight_decay", **TWO}, {},
         {"eps_in": 0.0}),
        ("RMSprop", {"beta": "rho", "eps_in": "epsilon", **TWO}, {}, {"eps": 0.0}),
        ("rmsprop", {"beta": "decay", "eps_in": "eps", **TWO}, {"eps_in_sqrt": True},
         {"eps": 0.0}),
    ),
    *_said(
        "rmsprop",
        optax=(
            "rmsprop", {"beta": "decay", "eps": "eps", **TWO}, {"eps_in_sqrt": False},
            {"eps_in": 0.0},
        ),
    ),
    _ours("adadelta", lr=1.0),
    *_said(
        "adadelta",
        ("Adadelta", {"beta": "rho", "eps": "eps", "l2": "weight_decay"}),
        ("Adadelta", {"beta": "rho", "eps": "epsilon"}),
        ("adadelta", {"beta": "rho", "eps": "eps"}),
    ),
    _ours("adam", eps_folded=0.0, weight_decay=0.0),
    *_said(
        "adam",
        ("Adam", {"eps": "eps", "l2": "weight_decay"}, {},
         {"eps_folded": 0.0, "weight_decay": 0.0}),
        ("Adam", {"eps_folded": "epsilon", "weight_decay": "weight_decay"}, {},
         {"eps": 0.0}),
        ("adam", {"eps": "eps"}, {}, {"eps_folded": 0.0, "weight_decay": 0.0}),
        betas=True,
    ),
    _ours("adamax", eps=0.0, eps_max=0.0),
    *_said(
        "adamax",
        ("Adamax", {"eps_max": "eps", "l2": "weight_decay"}, {}, {"eps": 0.0}),
        ("Adamax", {"eps": "epsilon"}, {}, {"eps_max": 0.0}),
        ("adamax", {"eps_max": "eps"}, {}, {"eps": 0.0}),
        betas=True,
    ),
    _ours("nadam", psi=np.inf),
    *_said(
        "nadam",
        ("NAdam", {"eps": "eps", "psi": "momentum_decay", "l2": "weight_decay"}),
        ("Nadam", {"eps": "epsilon"}, {}, {"psi": 1.0}),
        ("nadam", {"eps": "eps"}, {}, {"psi": np.inf}),
        betas=True,
    ),
    _ours("adamw", eps_folded=0.0),
    *_said(
        "adamw",
        ("AdamW", {"eps": "eps", "weight_decay": "weight_decay"}, {}, {"eps_folded": 0.0}),
        ("AdamW", {"eps_folded": "epsilon", "weight_decay": "weight_decay"}, {}, {"eps": 0.0}),
        ("adamw", {"eps": "eps", "weight_decay": "weight_decay"}, {}, {"eps_folded": 0.0}),
        betas=True,
    ),
    *_said(
        "adamw",
        ("Adam", {"eps": "eps", "weight_decay": "weight_decay"},
         {"decoupled_weight_decay": True}, {"eps_folded": 0.0}),
        betas=True,
    ),
    _ours("amsgrad", eps_folded=0.0, max_first=0.0),
    *_said(
        "amsgrad",
        ("Adam", {"eps": "eps", "l2": "weight_decay"}, {"amsgrad": True},
         {"eps_folded": 0.0, "max_first": 1.0}),
        ("Adam", {"eps_folded": "epsilon"}, {"amsgrad": True}, {"eps": 0.0, "max_first": 1.0}),
        ("amsgrad", {"eps": "eps"}, {}, {"eps_folded": 0.0, "max_first": 0.0}),
        betas=True,
    ),
    _ours("lion"),
    *_said(
        "lion",
        None,
        ("Lion", {"weight_decay": "weight_decay"}),
        ("lion", {"weight_decay": "weight_decay"}),
        betas=True,
    ),
    _ours("schedule_free", ahead=0.0),
    *_said(
        "schedule_free",
        optax=("contrib.schedule_free_sgd", {"beta": "b1"}, {}, {"ahead": 1.0}),
    ),
)  # fmt: skip


def dialects_of(rule: str) -> dict[str, Dialect]:
    """The dialects of a rule by library; the first where a library has several."""
    found = [d for d in DIALECTS if d.rule == rule]
    if not found:
        known = ", ".join(dict.fromkeys(d.rule for d in DIALECTS))
        raise ValueError(f"rule must be one of {known}; got {rule!r}")
    return {d.library: d for d in reversed(found)}


@dataclass(frozen=True)
class Line:
    """A line as it was written: the call, its arguments, and what is said of them beside it."""

    name: str
    positional: tuple[object, ...]
    given: Mapping[str, object]
    notes: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


def understood(code: str) -> tuple[Dialect, dict[str, object]]:
    """The dialect of a line of code, and its arguments by name."""
    line = _parsed(code)
    candidates = [d for d in DIALECTS if d.call == line.name]
    if not candidates:
        known = ", ".join(dict.fromkeys(d.call for d in DIALECTS))
        raise ValueError(f"{line.name} has no translation; known are {known}")
    names = list(candidates[0].arguments)
    given = dict(zip(names, line.positional, strict=False)) | dict(line.given)
    return max((d for d in candidates if _fits(d, given)), key=_particular), given


NO_CALL = (
    "code must be one call with numbers, such as 'torch.optim.Adam(params, lr=0.01)', got {!r}"
)


def _parsed(code: str) -> Line:
    """A call, also behind ``optimizer =``; calls that clip before it, or ``optax.chain(…)``."""
    try:
        calls = [statement.value for statement in ast.parse(code.strip()).body]
        *clips, call = [(_name_of(c), c) for c in calls]
        if call[0] == "optax.chain":
            *clips, call = [(_name_of(c), c) for c in call[1].args]
    except (SyntaxError, AttributeError, TypeError, ValueError):
        raise ValueError(NO_CALL.format(code)) from None
    for other, _ in clips:
        if other.split(".")[-1] not in {a for around in AROUND.values() for a in around.values()}:
            raise ValueError(
                f"optax.chain is understood with {', '.join(AROUND['optax'].values())} and then "
                f"one optimizer at its end; {other} has no translation there"
            )
    name = call[0]
    library = next((lib for lib in LIBRARIES if name.startswith(PREFIX[lib])), COURSE)
    try:
        around = [_beside(other, c) for other, c in clips]
        positional = call[1].args[library == "PyTorch" :]  # without its params
        written = [ast.literal_eval(value) for value in positional]
        keywords = [k for k in call[1].keywords if k.arg != "params"]
        given = {k.arg: ast.literal_eval(k.value) for k in keywords}
    except (SyntaxError, TypeError, ValueError, IndexError):
        raise ValueError(NO_CALL.format(code)) from None
    notes, differences = [], []
    for argument in [a for a in SPEED.get(library, ()) if a in given]:
        notes.append(f"{argument}={given.pop(argument)!r} has no say in where a step leads")
    if library == "Keras" and given.get("clipnorm") is not None:
        given["global_clipnorm"] = given.pop("clipnorm")
        differences.append(
            "clipnorm clips each variable by its own norm, the others clip all by one; they are "
            "the same where there is one variable"
        )
    for argument in [a for a in REFUSED if a in given and not _is_known(name, a)]:
        value = given.pop(argument)
        if value not in (None, False, 0):
            why = REFUSED[argument]
            raise ValueError(f"{argument}={value!r} of {name} has no translation: {why}")
    return Line(name, tuple(written), {**given, **dict(around)}, tuple(notes), tuple(differences))


PREFIX = {"PyTorch": "torch.optim.", "Keras": "keras.optimizers.", "optax": "optax."}


def _name_of(call: ast.Call) -> str:
    name = ast.unparse(call.func)
    short = next((alias for alias in ALIASES if name.startswith(alias)), "")
    return ALIASES.get(short, "") + name.removeprefix(short)


def _beside(name: str, call: ast.Call) -> tuple[str, float]:
    """What a call before the optimizer's sets: ``clip_grad_norm_``, ``add_decayed_weights`` …"""
    word = name.split(".")[-1]
    values = [*call.args, *(k.value for k in call.keywords)]
    return word, float(ast.literal_eval(values[word.startswith("clip_grad")]))


def _is_known(name: str, argument: str) -> bool:
    return argument in stored()["signatures"].get(name, ())


def _fits(dialect: Dialect, given: Mapping[str, object]) -> bool:
    """Whether a call with these arguments is this rule."""
    has = {**dialect.arguments, **given}
    remembers = dialect.names.get("beta") != "momentum" or has["momentum"] not in (0, None)
    return remembers and all(has[k] == v for k, v in dialect.given.items())


def _particular(dialect: Dialect) -> tuple[int, int]:
    return len(dialect.given), len(dialect.names)


# Translation


@dataclass(frozen=True, repr=False)
class Translation:
    """A line of code said in another library.

    source, target: the dialects;  read: the settings of the form that the line means
    written:        the settings that the translated line means
    differences:    a sentence for each setting that the other library cannot have; empty if the
                    two lines walk the same path
    notes:          what of the line was left out because it leads nowhere else, as fused=True
    """

    source: Dialect
    target: Dialect
    read: Mapping[str, float]
    written: Mapping[str, float]
    differences: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.target.code(self.target.write(self.written))

    @property
    def is_exact(self) -> bool:
        return not self.differences

    def paths(
        self, on: Landscape = beale, start: tuple[float, ...] | None = None, steps: int = 100
    ) -> tuple[Path, Path]:
        """The path of the line, and that of its translation."""
        return (
            self.source.path(self.read, on, start, steps),
            self.target.path(self.written, on, start, steps),
        )

    def __repr__(self) -> str:
        told = [f"# not the same: {d}" for d in self.differences]
        return "\n".join([self.code, *told, *(f"# {note}" for note in self.notes)])


def translate(code: str, to: str) -> Translation:
    """Say a line that makes an optimizer in another library, so that it walks the same path.

    code: one call, such as "torch.optim.Adam(params, lr=0.01, betas=(0.8, 0.95))"
    to:   "PyTorch", "Keras", "optax", "the course", or for momentum "averaging form"

    What is not given has the default of the library it comes from. Where the two cannot be made
    equal, ``differences`` says what remains. Raises ValueError for what it does not know.
    """
    line, (source, given) = _parsed(code), understood(code)
    read = source.read(given)
    kin = [d for d in DIALECTS if FORMS[d.rule] is FORMS[source.rule]]  # adam and adamw
    targets = sorted((d for d in kin if d.library == to), key=lambda d: d.rule != source.rule)
    if not targets:
        known = ", ".join(dict.fromkeys(d.library for d in kin))
        raise ValueError(f"to must be one of {known} for {source.rule}; got {to!r}")
    best = min(
        (_translated(source, target, read) for target in targets),
        key=lambda translation: len(translation.differences),
    )
    libraries = {source.library, best.target.library}
    differences = line.differences
    if read["clip"] and best.written["clip"] and len(libraries) == 2 and "PyTorch" in libraries:
        differences += ("PyTorch clips by the norm + 1e-6, the others by the norm",)
    return replace(best, differences=best.differences + differences, notes=line.notes)


def _translated(source: Dialect, target: Dialect, read: Mapping[str, float]) -> Translation:
    wanted = dict(read)
    if source.rule == "adagrad" and "eps_in" not in target.names and "s0" in target.names:
        wanted["s0"] += wanted["eps_in"]  # √(s₀ + Σg² + ε): ε is a part of the start
        wanted["eps_in"] = 0.0
    written = {k: wanted[k] for k in target.names}
    missing = [k for k, value in target.fixed.items() if wanted[k] != value]
    differences = [_sentence(k, source, wanted[k], target, target.fixed[k]) for k in missing]
    lost = [wanted[k] for k in missing if k in EPS and wanted[k] > 0]
    for own in set(EPS) & set(target.names):  # a stand-in for an ε that stands elsewhere
        if lost and written[own] == 0:
            written[own] = lost[0]
    return Translation(source, target, dict(read), {**target.fixed, **written}, tuple(differences))


def _sentence(name: str, source: Dialect, here: float, target: Dialect, there: float) -> str:
    if name == "ahead":
        held = {True: "the point ahead", False: "the point behind the look-ahead"}
        return (
            f"{source.library} holds {held[here > 0]}, {target.library} {held[there > 0]}: "
            "one run, seen at two places"
        )
    if name == "max_first":
        when = {True: "before", False: "after"}
        return (
            f"{source.library} takes the maximum {when[here > 0]} the bias correction, "
            f"{target.library} {when[there > 0]} it"
        )
    values = [f"{v:g}".replace("inf", "∞") for v in (here, there)]
    own = [MEANINGS[k] for k in EPS if k in target.names]
    if name in EPS and own:
        return f"{source.library} has {MEANINGS[name]}, {target.library} {own[0]}"
    return f"{MEANINGS[name]} is {values[0]} in {source.library}, always {values[1]} in " + (
        target.library
    )
