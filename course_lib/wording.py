"""How numbers and settings are said, in read-outs, captions and reports."""

from collections.abc import Mapping, Sequence

SYMBOLS = {"lr": "η", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "tau": "τ"}
SYMBOLS |= {"weight_decay": "λ", "psi": "ψ"}


def symbol(setting: str) -> str:
    """The sign of a setting in formulas, ``lr`` to ``η``; its name where there is none."""
    return SYMBOLS.get(setting, setting)


def in_words(value: float) -> str:
    """Three digits; what is below 1e-15 is rounding error and is said to be so."""
    if abs(value) < 1e-15:
        return "0 (to rounding)"
    return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def setting_in_words(value: float) -> str:
    """Three digits of a hyperparameter; as many as it takes that 0.9999 does not become 1."""
    digits = 3
    while value != 1 and float(f"{value:.{digits}g}") == 1 and digits < 16:
        digits += 1
    return f"{value:.{digits}g}"


def settings_in_words(settings: Mapping[str, float]) -> str:
    """``{"lr": 0.1, "beta": 0.9}`` to ``η = 0.1, β = 0.9``."""
    return ", ".join(f"{symbol(k)} = {setting_in_words(v)}" for k, v in settings.items())


def counted(n: int, thing: str) -> str:
    """``1 line``, ``2 lines``, ``0 lines``."""
    return f"{n} {thing}{'' if n == 1 else 's'}"


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as plain text, each column as wide as its longest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
