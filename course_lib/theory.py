"""Exact predictions on quadratics, where everything is known.

On f(x) = ½ xᵀ H x each eigendirection of H, with its curvature λ, goes its own way: one step
multiplies its state by a small matrix, and the largest |eigenvalue| of that matrix (its spectral
radius ρ) says how fast the error shrinks. Gradient descent's matrix is the number 1 − ηλ; momentum
and Nesterov carry a velocity, so theirs are 2 × 2 and act on (x, v).

Wherever a function takes ``curvature``, it takes one number or an array of any shape.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

Rule = Callable | str


def _name(rule: Rule) -> str:
    while isinstance(rule, partial):
        rule = rule.func
    return rule if isinstance(rule, str) else getattr(rule, "__name__", repr(rule))


def _known(rule: Rule) -> str:
    """The name of a rule that this module can predict."""
    if not is_known(rule):
        known = ", ".join(LIMITS)
        raise ValueError(f"no exact theory for rule {_name(rule)!r} here; there is one for {known}")
    return _name(rule)


def is_known(rule: Rule) -> bool:
    """Whether this module can predict the rule."""
    return _name(rule) in LIMITS


def contraction(lr: float, curvature: float) -> np.ndarray:
    """|1 − ηλ|: the factor by which a step of gradient descent shrinks (or grows) the error."""
    return np.abs(1 - np.asarray(lr) * curvature)


LIMITS = {  # largest stable ηλ, and how it is written
    "gradient_descent": (lambda beta: 2.0, "2/L"),
    "momentum": (lambda beta: 2 * (1 + beta), "2(1 + β)/L"),
    "nesterov": (lambda beta: 2 * (1 + beta) / (1 + 2 * beta), "2(1 + β)/((1 + 2β)L)"),
}


def stability_limit(rule: Rule, curvature: float, beta: float = 0.0) -> float:
    """The learning rate above which the rule diverges on curvature λ (take the largest, L).

    gradient descent 2/λ, momentum 2(1 + β)/λ, Nesterov 2(1 + β)/((1 + 2β)λ).
    """
    return LIMITS[_known(rule)][0](beta) / curvature


def limit_formula(rule: Rule) -> str:
    """The stability limit as text, for read-outs: ``2/L`` and its relatives."""
    return LIMITS[_known(rule)][1]


def iteration_matrix(rule: Rule, curvature: float, lr: float, beta: float = 0.0) -> np.ndarray:
    """The matrix that takes (x, v) of one eigendirection to the next (x, v).

    Momentum:  v ← βv − ηλx,          x ← x + v:  [[1 − ηλ, β], [−ηλ, β]]
    Nesterov:  v ← βv − ηλ(x + βv),   x ← x + v:  [[1 − ηλ, β(1 − ηλ)], [−ηλ, β(1 − ηλ)]]
    Gradient descent has no v; its matrix is [[1 − ηλ]].

    The arguments broadcast; the result has their shape followed by (2, 2) or (1, 1).
    """
    name = _known(rule)
    step, beta = np.broadcast_arrays(np.asarray(lr) * curvature, np.asarray(beta, dtype=float))
    if name == "gradient_descent":
        return (1 - step)[..., np.newaxis, np.newaxis]
    keep = beta if name == "momentum" else beta * (1 - step)
    return np.stack([np.stack([1 - step, keep], -1), np.stack([-step, keep], -1)], -2)


def spectral_radius(matrix: np.ndarray) -> np.ndarray:
    """The largest |eigenvalue| of each matrix: shape (…, n, n) to (…)."""
    return np.abs(np.linalg.eigvals(matrix)).max(axis=-1)


def regime(rule: Rule, curvature: float, lr: float, beta: float = 0.0) -> np.ndarray:
    """How the error of one direction behaves: an array of words, in the broadcast shape.

    "monotone": shrinks from one side; "ripples": swings and shrinks, |eigenvalue| = ρ for both of a
    complex pair; "oscillating": changes sign at every step and shrinks; "at once": lands on the
    minimum, ρ = 0; "diverging": ρ >= 1.
    """
    eigenvalues = np.linalg.eigvals(iteration_matrix(rule, curvature, lr, beta))
    sizes = np.abs(eigenvalues)
    largest = np.take_along_axis(eigenvalues, sizes.argmax(axis=-1)[..., np.newaxis], -1)[..., 0]
    swings = np.abs(largest.imag) > 1e-6  # a double eigenvalue is split by rounding, up to 1e-8
    words = np.where(largest.real > 0, "monotone", "oscillating")
    words = np.where(swings, "ripples", words)
    words = np.where(sizes.max(axis=-1) < 1e-9, "at once", words)
    return np.where(sizes.max(axis=-1) >= 1 - 1e-9, "diverging", words)


def ripples_between(rule: Rule, beta: float) -> tuple[np.ndarray, np.ndarray]:
    """The ηλ between which the error of one direction ripples: the eigenvalues are complex.

    Below it is monotone, above it oscillates, up to the stability limit. Momentum: (1 − √β)² and
    (1 + √β)². Nesterov: ((1 − β)/(1 + β))² and 1. Gradient descent has no such band: both are 1.
    ``beta`` may be an array.
    """
    beta = _decay(beta)
    match _known(rule):
        case "gradient_descent":
            return np.ones_like(beta), np.ones_like(beta)
        case "momentum":
            return (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
        case _:
            return ((1 - beta) / (1 + beta)) ** 2, np.ones_like(beta)


def stationary_variance(
    rule: Rule, curvature: float, lr: float, beta: float = 0.0, noise: float = 1.0
) -> float:
    """The variance of x around the minimum when each gradient carries noise of this deviation.

    In the long run the covariance P of the state (x, v) is in balance, P = A P Aᵀ + (η·noise)² b bᵀ
    with the iteration matrix A and b = (1, 1), for the noise enters v and through it x. For
    gradient descent it is η noise² / (λ (2 − ηλ)), for momentum
    η noise² (1 + β) / (λ (1 − β)(2(1 + β) − ηλ)). Infinite where the rule is not stable.

    Source: the discrete Lyapunov equation of a linear recursion. Its limit for small η is in
    S. Mandt, M. Hoffman, D. Blei, "Stochastic gradient descent as approximate Bayesian inference",
    JMLR 18 (2017).
    """
    A = iteration_matrix(rule, curvature, lr, beta)
    if spectral_radius(A) >= 1:
        return np.inf
    n = len(A)
    kicks = (lr * noise) ** 2 * np.ones(n * n)
    return float(np.linalg.solve(np.eye(n * n) - np.kron(A, A), kicks)[0])


def rate(rule: Rule, curvatures: np.ndarray, lr: float, beta: float = 0.0) -> np.ndarray:
    """ρ: the factor by which the error shrinks a step, in the end, in the slowest direction.

    ``curvatures`` (d,) are the eigenvalues of the Hessian; ``lr`` and ``beta`` may be arrays.
    f − f* shrinks by ρ² a step. Larger than 1 means divergence.
    """
    lr, beta = np.broadcast_arrays(np.asarray(lr, dtype=float), np.asarray(beta, dtype=float))
    matrices = iteration_matrix(
        rule, np.asarray(curvatures), lr[..., np.newaxis], beta[..., np.newaxis]
    )
    return spectral_radius(matrices).max(axis=-1)


def best_settings(rule: Rule, smallest: float, largest: float) -> dict[str, float]:
    """The hyperparameters with the smallest ρ on curvatures between μ and L, with κ = L/μ.

    gradient descent:  η = 2/(L + μ),          ρ = (κ − 1)/(κ + 1)
    momentum:          η = (2/(√L + √μ))²,     β = ρ² with ρ = (√κ − 1)/(√κ + 1)
    Nesterov:          η = 4/(3L + μ),         β = (√(3κ+1) − 2)/(√(3κ+1) + 2),
                       ρ = 1 − 2/√(3κ + 1)

    These are best in the long run. Momentum's matrices are defective there (two equal eigenvalues),
    so its error goes like t·ρᵗ and takes a while to reach its rate.

    Sources: Polyak (1964) for momentum; L. Lessard, B. Recht, A. Packard, "Analysis and design of
    optimization algorithms via integral quadratic constraints", SIAM J. Optim. 26 (2016), 57–95,
    Proposition 1, for all three.
    """
    if not 0 < smallest <= largest:
        raise ValueError(f"curvatures must be 0 < μ <= L, got μ = {smallest!r}, L = {largest!r}")
    kappa = largest / smallest
    match _known(rule):
        case "gradient_descent":
            return {"lr": 2 / (largest + smallest)}
        case "momentum":
            root = np.sqrt(kappa)
            lr = (2 / (np.sqrt(largest) + np.sqrt(smallest))) ** 2
            return {"lr": float(lr), "beta": float(((root - 1) / (root + 1)) ** 2)}
        case _:
            root = np.sqrt(3 * kappa + 1)
            return {
                "lr": 4 / (3 * largest + smallest),
                "beta": float((root - 2) / (root + 2)),
            }


# A running mean  s ← βs + (1 − β)g²: a gradient of k steps ago has the weight (1 − β)βᵏ in it


def half_life(beta: float) -> float:
    """ln ½ / ln β: the number of steps after which a gradient's weight has halved.

    As many of the newest gradients hold half of all weight. β = 0 forgets at once: 0 steps.
    ``beta`` may be an array.
    """
    with np.errstate(divide="ignore"):  # ln 0
        return np.log(0.5) / np.log(_decay(beta))


def mean_age(beta: float, newest: float = 0.0) -> float:
    """The mean of the gradients' ages in steps, by weight: ``newest`` + β/(1 − β).

    The newest gradient, just taken, is 0 steps old. With ``newest=1`` it counts as one step old,
    and the mean age is 1/(1 − β), the number that texts give. ``beta`` may be an array.
    """
    beta = _decay(beta)
    return newest + beta / (1 - beta)


def _decay(beta: float) -> np.ndarray:
    beta = np.asarray(beta, dtype=float)[()]
    if not np.all((beta >= 0) & (beta < 1)):
        raise ValueError(f"beta must be at least 0 and below 1, got {beta}")
    return beta
