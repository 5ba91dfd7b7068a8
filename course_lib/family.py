"""What is known of each rule: its name, year, look and place in the family."""

import re
from dataclasses import dataclass

from course_lib.optimizers import RULES


@dataclass(frozen=True)
class Look:
    """Colour, marker and line of an optimizer: the same in the whole course."""

    colour: str
    marker: str
    line: str = "-"


LOOKS = {  # Okabe–Ito colours. No two share two of colour, marker and line; relatives share none
    "gradient_descent": Look("#000000", "o"),
    "momentum": Look("#E69F00", "s", "--"),
    "nesterov": Look("#D55E00", "D"),
    "adagrad": Look("#009E73", "^", "--"),
    "rmsprop": Look("#56B4E9", "v", "-."),
    "adadelta": Look("#CC79A7", "<"),
    "adam": Look("#0072B2", "P"),
    "adamax": Look("#CC79A7", "X", "--"),
    "nadam": Look("#009E73", "p", "-."),
    "nadam_scheduled": Look("#000000", "h", ":"),
    "nadamax": Look("#56B4E9", "d"),
    "adamw": Look("#D55E00", ">", ":"),
    "amsgrad": Look("#CC79A7", "v", ":"),
    "lion": Look("#009E73", "h"),
    "muon": Look("#D55E00", "d", "-."),
    "schedule_free": Look("#56B4E9", "<", ":"),
}

FAMILY = (  # child, parent, what changed
    ("momentum", "gradient_descent", "remember\nthe last step"),
    ("nesterov", "momentum", "look ahead first"),
    ("adagrad", "gradient_descent", "divide by all\npast slopes"),
    ("rmsprop", "adagrad", "forget old slopes"),
    ("adadelta", "rmsprop", "restore the units"),
    ("adam", "momentum", "average the slopes"),
    ("adam", "rmsprop", "correct the bias"),
    ("adamax", "adam", "largest slope,\nnot mean square"),
    ("nadam", "adam", "look ahead in m̂"),
    ("nadam", "nesterov", "the same look-ahead"),
    ("adamw", "adam", "decay kept apart"),
    ("nadamax", "nadam", "largest slope"),
    ("nadamax", "adamax", "look ahead"),
    ("amsgrad", "adam", "never forget\nthe largest"),
    ("lion", "momentum", "keep only\nthe signs"),
    ("muon", "momentum", "equalise\na matrix"),
    ("schedule_free", "gradient_descent", "hand out\nthe mean"),
)


def year_of(rule: str) -> str:
    """The year in the first line of the rule's docstring; NadaMax, made in lesson 10, has none."""
    found = re.search(r"\(.*(\d{4})\)", RULES[rule].__doc__.splitlines()[0])
    return found.group(1) if found else "lesson 10"


def title_of(rule: str) -> str:
    """``gradient_descent`` to ``Gradient descent``, ``adamw`` to ``AdamW``."""
    proper = {"adagrad": "AdaGrad", "rmsprop": "RMSProp", "adadelta": "AdaDelta"}
    proper |= {"adamax": "AdaMax", "nadamax": "NadaMax", "adamw": "AdamW", "adam_l2": "Adam + L2"}
    proper |= {"amsgrad": "AMSGrad", "schedule_free": "Schedule-free"}
    words = rule.replace("_", " ")
    return proper.get(rule, words[:1].upper() + words[1:])
