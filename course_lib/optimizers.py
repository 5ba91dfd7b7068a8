"""The update rules of the course, in lesson order.

An optimizer is a generator function: give it a gradient function and a starting point, and it
yields the points it visits. Every rule below keeps one contract:

* ``grad``: callable, ``(…, d) -> (…, d)``, the gradient at a point; a rule calls it where it likes
* ``x``: float array ``(…, d)``, the starting point, which is never changed in place
* it yields x₁, x₂, x₃, … for ever: new arrays of the same shape, the start not among them
* every other argument is a hyperparameter; its name is the one in text, formulas and sliders

With ``x`` of shape ``(runs, d)`` and ``lr`` of shape ``(runs, 1)`` the same code makes many
independent runs at once. ``descend`` and ``sweep`` (descent.py) check arguments, catch divergence
and record the path; the rules themselves stay as short as their equations.
"""

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

Gradient = Callable[[np.ndarray], np.ndarray]
Points = Iterator[np.ndarray]

TINY = 1e-300  # added to |g| it changes no digit, but makes 0/0 a 0 where every g so far was 0


# Lesson 01
def gradient_descent(grad: Gradient, x: np.ndarray, lr: float = 0.1) -> Points:
    """Gradient descent (Cauchy 1847): walk against the slope.

    x ← x − η ∇f(x)

    On curvature λ it shrinks the error by |1 − ηλ| a step; it is stable for 0 < η < 2/L.

    Source: A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations
    simultanées", Comptes rendus 25 (1847), 536–538.
    """
    while True:
        x = x - lr * grad(x)
        yield x


# Lesson 03
def momentum(grad: Gradient, x: np.ndarray, lr: float = 0.01, beta: float = 0.9) -> Points:
    """Momentum, the heavy ball (Polyak 1964): remember part of the last step.

    v ← β v − η ∇f(x)
    x ← x + v

    Stable on curvature λ for 0 < η < 2(1 + β)/λ. With β = 0 it is gradient descent.

    Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods",
    USSR Computational Mathematics and Mathematical Physics 4 (1964), 1–17.
    """
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


# Lesson 04
def nesterov(grad: Gradient, x: np.ndarray, lr: float = 0.01, beta: float = 0.9) -> Points:
    """Nesterov's accelerated gradient (Nesterov 1983): look ahead, then correct.

    v ← β v − η ∇f(x + β v)
    x ← x + v

    Stable on curvature λ for 0 < η < 2(1 + β)/((1 + 2β)λ). With β = 0 it is gradient descent.

    Source: Y. Nesterov, "A method of solving a convex programming problem with convergence rate
    O(1/k²)", Soviet Mathematics Doklady 27 (1983), 372–376; in the form of I. Sutskever
    et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
    """
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + beta * v)
        x = x + v
        yield x


# Lesson 05
def adagrad(grad: Gradient, x: np.ndarray, lr: float = 0.01, eps: float = 1e-10) -> Points:
    """AdaGrad (Duchi, Hazan & Singer 2011): divide by all the slopes seen so far.

    s ← s + g²
    x ← x − η g / (√s + ε)

    Every operation is per coordinate; ε stands outside the root, as in PyTorch.

    Source: J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", JMLR 12 (2011), 2121–2159.
    """
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = s + g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


# Lesson 06
def rmsprop(
    grad: Gradient, x: np.ndarray, lr: float = 0.001, beta: float = 0.9, eps: float = 1e-8
) -> Points:
    """RMSProp (Tieleman & Hinton 2012): AdaGrad that forgets.

    s ← β s + (1 − β) g²
    x ← x − η g / (√s + ε)

    Source: T. Tieleman, G. Hinton, "Lecture 6.5: rmsprop", Coursera: Neural Networks for Machine
    Learning (2012). The lecture names no ε; its place outside the root is PyTorch's.
    """
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


# Lesson 07
def adadelta(grad: Gradient, x: np.ndarray, beta: float = 0.95, eps: float = 1e-6) -> Points:
    """AdaDelta (Zeiler 2012): steps measured in the units of x, no learning rate.

    s ← β s + (1 − β) g²
    Δ = −√(d + ε) / √(s + ε) · g
    d ← β d + (1 − β) Δ²
    x ← x + Δ

    The paper writes ρ for β. ε stands inside both roots, and sets the size of the first steps.

    Source: M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701 (2012),
    Algorithm 1.
    """
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g
        d = beta * d + (1 - beta) * delta**2
        x = x + delta
        yield x


# Lesson 08
def adam(
    grad: Gradient,
    x: np.ndarray,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Points:
    """Adam (Kingma & Ba 2015): momentum over RMSProp, both averages freed of their bias.

    m ← β₁ m + (1 − β₁) g              m̂ = m / (1 − β₁ᵗ)
    s ← β₂ s + (1 − β₂) g²             ŝ = s / (1 − β₂ᵗ)
    x ← x − η m̂ / (√ŝ + ε)

    The paper writes v for s and α for η.
    No step is longer than η (1 − β₁)/√((1 − β₂)(1 − β₁²/β₂)), for the usual values 7.27 η.

    Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    Algorithm 1.
    """
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
        yield x


# Lesson 09
def adamax(
    grad: Gradient, x: np.ndarray, lr: float = 0.002, beta1: float = 0.9, beta2: float = 0.999
) -> Points:
    """AdaMax (Kingma & Ba 2015): Adam with the largest recent slope in place of the mean square.

    m ← β₁ m + (1 − β₁) g              m̂ = m / (1 − β₁ᵗ)
    u ← max(β₂ u, |g|)
    x ← x − η m̂ / u

    The limit p → ∞ of Adam with the p-th root of a mean of |g|ᵖ. u starts unbiased, so nothing
    corrects it. A coordinate whose gradient was always 0 stays where it is.
    No step is longer than β₂(1 − β₁)/(β₂ − β₁) η (for β₂ > β₁).

    Source: D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    Section 7.1, Algorithm 2.
    """
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + TINY)
        m_hat = m / (1 - beta1**t)
        x = x - lr * m_hat / u
        yield x


# Lesson 10
def nadam(
    grad: Gradient,
    x: np.ndarray,
    lr: float = 0.002,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Points:
    """Nadam (Dozat 2016): Adam whose momentum step looks ahead, with constant β₁.

    m ← β₁ m + (1 − β₁) g              m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
    s ← β₂ s + (1 − β₂) g²             ŝ = s / (1 − β₂ᵗ)
    x ← x − η m̂ / (√ŝ + ε)

    One line differs from ``adam``: that of m̂. ``nadam_scheduled`` lets β₁ grow with t as the
    paper does. The paper's ŝ carries one more factor β₂, which the common libraries drop.

    Source: T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop,
    Algorithm 2 with constant μ.
    """
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
        yield x


def nadam_scheduled(
    grad: Gradient,
    x: np.ndarray,
    lr: float = 0.002,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    psi: float = 0.004,
) -> Points:
    """Nadam with Dozat's schedule (Dozat 2016): β₁ becomes μₜ, which grows from about β₁/2 to β₁.

    μₜ = β₁ (1 − ½ · 0.96^(ψt))        m̂ = μₜ₊₁ m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ) g / (1 − μ₁⋯μₜ)
    m ← μₜ m + (1 − μₜ) g              ŝ = s / (1 − β₂ᵗ)
    s ← β₂ s + (1 − β₂) g²             x ← x − η m̂ / (√ŝ + ε)

    ψ → ∞ gives ``nadam``. PyTorch's NAdam is this rule with m ← β₁ m + (1 − β₁) g.

    Source: T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR 2016 workshop,
    Algorithm 2, with the schedule of its Section 3 (ψ = 1/250).
    """
    m = s = np.zeros_like(x)
    for t, (mu, mu_next, product) in enumerate(dozat_schedule(beta1, psi), 1):
        g = grad(x)
        m = mu * m + (1 - mu) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = mu_next * m / (1 - product * mu_next) + (1 - mu) * g / (1 - product)
        s_hat = s / (1 - beta2**t)
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
        yield x


def dozat_schedule(beta1: float = 0.9, psi: float = 0.004) -> Iterator[tuple[float, float, float]]:
    """Yields (μₜ, μₜ₊₁, μ₁⋯μₜ) for t = 1, 2, …, with μₜ = β₁ (1 − ½ · 0.96^(ψt))."""
    product = 1.0
    for t in count(1):
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (psi * i)) for i in (t, t + 1))
        product = product * mu
        yield mu, mu_next, product


def nadamax(
    grad: Gradient, x: np.ndarray, lr: float = 0.002, beta1: float = 0.9, beta2: float = 0.999
) -> Points:
    """NadaMax: Nadam's look-ahead put into AdaMax.

    m ← β₁ m + (1 − β₁) g              m̂ = β₁ m / (1 − β₁ᵗ⁺¹) + (1 − β₁) g / (1 − β₁ᵗ)
    u ← max(β₂ u, |g|)
    x ← x − η m̂ / u

    Source: derived in lesson 10, by the substitution of Dozat (2016) in Algorithm 2 of
    Kingma & Ba (2015).
    """
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + TINY)
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - lr * m_hat / u
        yield x


# Lesson 11
def adamw(
    grad: Gradient,
    x: np.ndarray,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Points:
    """AdamW (Loshchilov & Hutter 2019): Adam with weight decay kept apart from the gradient.

    m ← β₁ m + (1 − β₁) g              m̂ = m / (1 − β₁ᵗ)
    s ← β₂ s + (1 − β₂) g²             ŝ = s / (1 − β₂ᵗ)
    x ← x − η (m̂ / (√ŝ + ε) + λ x)

    λ is ``weight_decay``; each step shrinks x by the factor 1 − ηλ. This is PyTorch's form; in the
    paper the decay is not multiplied by the step size, so its λ is our ηλ. With λ = 0 it is Adam.

    Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019,
    Algorithm 2.
    """
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        x = x - lr * (m_hat / (np.sqrt(s_hat) + eps) + weight_decay * x)
        yield x


# Lesson 14
def amsgrad(
    grad: Gradient,
    x: np.ndarray,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Points:
    """AMSGrad (Reddi, Kale & Kumar 2018): Adam that never forgets its largest mean square.

    m ← β₁ m + (1 − β₁) g              m̂ = m / (1 − β₁ᵗ)
    s ← β₂ s + (1 − β₂) g²             ŝ ← max(ŝ, s / (1 − β₂ᵗ))
    x ← x − η m̂ / (√ŝ + ε)

    One line differs from ``adam``: that of ŝ. So a step size never grows again. The paper corrects
    no bias; the maximum of the corrected mean is optax's form, while PyTorch corrects the maximum.

    Source: S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018,
    Algorithm 2.
    """
    m = s = s_hat = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        s_hat = np.maximum(s_hat, s / (1 - beta2**t))
        x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
        yield x


def lion(
    grad: Gradient,
    x: np.ndarray,
    lr: float = 0.0001,
    beta1: float = 0.9,
    beta2: float = 0.99,
    weight_decay: float = 0.0,
) -> Points:
    """Lion (Chen et al. 2023): of a mean of gradients only the signs.

    c = β₁ m + (1 − β₁) g
    m ← β₂ m + (1 − β₂) g
    x ← x − η (sign c + λ x)

    λ is ``weight_decay``. Without it each coordinate whose mean c is not 0 moves by η in every
    step, by no more and no less. c gives the newest gradient more weight than m, which is kept for
    the next step, does.

    Source: X. Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023,
    Algorithm 2.
    """
    m = np.zeros_like(x)
    while True:
        g = grad(x)
        c = beta1 * m + (1 - beta1) * g
        m = beta2 * m + (1 - beta2) * g
        x = x - lr * (np.sign(c) + weight_decay * x)
        yield x


def muon(
    grad: Gradient, x: np.ndarray, lr: float = 0.02, beta: float = 0.95, rows: int = 1
) -> Points:
    """Muon (Jordan et al. 2024): for a matrix, momentum with all singular values made equal.

    m ← β m + (1 − β) g
    x ← x − η NS(m)

    NS is ``newton_schulz``: nearly U Vᵀ of m = U S Vᵀ. A point of d numbers is read, row by row, as
    a matrix of ``rows`` rows; a single row is a vector, and its step has a length of about η. NS
    does not see the length of m, so that the sum βm + g of the source gives the same steps.

    Source: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024),
    kellerjordan.github.io/posts/muon, there with rows = the rows of the layer. PyTorch takes the
    look-ahead βm + (1 − β) g for m, unless it is told nesterov=False.
    """
    m = np.zeros_like(x)
    while True:
        m = beta * m + (1 - beta) * grad(x)
        x = x - lr * newton_schulz(as_matrix(m, rows)).reshape(m.shape)
        yield x


def as_matrix(x: np.ndarray, rows: int) -> np.ndarray:
    """(…, d) to (…, rows, d / rows): points as matrices, row by row."""
    if rows < 1 or x.shape[-1] % rows:
        raise ValueError(f"rows must divide the {x.shape[-1]} numbers of a point, got {rows!r}")
    return x.reshape(*x.shape[:-1], int(rows), -1)


def newton_schulz(
    matrix: np.ndarray,
    iterations: int = 5,
    coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
) -> np.ndarray:
    """Nearly U Vᵀ of a matrix U S Vᵀ, (…, rows, columns), by products of matrices alone.

    A ← A / |A|                        |A|: the root of the sum of all squares
    A ← a A + b (A Aᵀ) A + c (A Aᵀ)² A

    Each iteration sends every singular value σ to aσ + bσ³ + cσ⁵ and leaves U and V alone. The
    coefficients of Muon lift small σ fast and then keep them near 1, between 0.68 and 1.14;
    (15/8, −5/4, 3/8) brings them to 1 exactly, but takes longer.

    Source: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024).
    """
    a, b, c = coefficients
    matrix = matrix / (np.linalg.norm(matrix, axis=(-2, -1), keepdims=True) + TINY)
    for _ in range(iterations):
        square = matrix @ np.swapaxes(matrix, -2, -1)
        matrix = a * matrix + (b * square + c * square @ square) @ matrix
    return matrix


def schedule_free(grad: Gradient, x: np.ndarray, lr: float = 0.1, beta: float = 0.9) -> Points:
    """Schedule-free gradient descent (Defazio et al. 2024): one point walks, its mean is yours.

    y = (1 − β) z + β x
    z ← z − η ∇f(y)
    x ← x + (z − x) / t

    z walks and never slows down, x is the mean of all z so far, and the slope is felt between the
    two. With β = 0 it is gradient descent whose points are averaged; with β = 1 the slope is felt
    at the mean. Libraries hold y; the default η of the authors is 1.

    Source: A. Defazio et al., "The road less scheduled", NeurIPS 2024. There the start counts as
    one of the z in the text, and does not in Algorithm 1 and the authors' program, as here.
    """
    z = x
    for t in count(1):
        y = (1 - beta) * z + beta * x
        z = z - lr * grad(y)
        x = x + (z - x) / t
        yield x
