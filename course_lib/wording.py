"""How numbers and settings are said, in read-outs, captions and reports."""

SYMBOLS = {"lr": "η", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "tau": "τ"}
SYMBOLS |= {"weight_decay": "λ"}


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
