"""Answers to exercise 14, Beyond."""

import numpy as np

from answers.bank import right, wrong
from course_lib import optimizers
from exercise_lib import check

# 1: AMSGrad


def amsgrad_with(largest, root=lambda top, t, beta2, eps: np.sqrt(top) + eps):
    """AMSGrad, written with a list of all corrected means, and one part exchanged."""

    def rule(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        m = s = np.zeros(len(x))
        seen, t = [], 0
        while True:
            t += 1
            g = grad(x)
            m = m + (1 - beta1) * (g - m)
            s = s + (1 - beta2) * (g * g - s)
            seen.append(largest(s, t, beta2))
            top = np.max(seen, axis=0)
            x = x - lr * m / (1 - beta1**t) / root(top, t, beta2, eps)
            yield x

    return rule


def corrected(s, t, beta2):
    return s / (1 - beta2**t)


right(check.amsgrad)(amsgrad_with(corrected))
wrong(check.amsgrad, "maximum corrected afterwards")(
    amsgrad_with(lambda s, t, b: s, lambda top, t, b, eps: np.sqrt(top / (1 - b**t)) + eps)
)
wrong(check.amsgrad, "s not corrected")(amsgrad_with(lambda s, t, b: s))
wrong(check.amsgrad, "ε inside")(amsgrad_with(corrected, lambda top, t, b, eps: np.sqrt(top + eps)))
wrong(check.amsgrad, "no root")(amsgrad_with(corrected, lambda top, t, b, eps: top + eps))
wrong(check.amsgrad, "one for all coordinates")(
    amsgrad_with(lambda s, t, b: 0 * s + (s / (1 - b**t)).max())
)
wrong(check.amsgrad, "Adam")(optimizers.adam)


@wrong(check.amsgrad, says="your path is right, from step")
def two_newest(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s, new, t = 0 * x, 0 * x, 0 * x, 0
    while True:
        t += 1
        g = grad(x)
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g**2
        old, new = new, s / (1 - beta2**t)
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(np.maximum(old, new)) + eps)
        yield x


wrong(check.amsgrad, "βs fixed")(
    lambda grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8: optimizers.amsgrad(
        grad, x, lr, 0.9, 0.999, eps
    )
)


# 2: Lion


@right(check.lion)
class LionAsAnIterator:
    def __init__(self, grad, x, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
        self.grad, self.x, self.m = grad, x, np.zeros(len(x))
        self.lr, self.betas, self.decay = lr, (beta1, beta2), weight_decay

    def __iter__(self):
        return self

    def __next__(self):
        g = self.grad(self.x)
        c, self.m = (b * self.m + (1 - b) * g for b in self.betas)
        self.x = (1 - self.lr * self.decay) * self.x - self.lr * np.sign(c)
        return self.x


@right(check.lion)
def lion_of_lists(grad, x, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    x, m = list(x), [0.0] * len(x)
    while True:
        for i, g in enumerate(grad(x)):
            c = beta1 * m[i] + (1 - beta1) * g
            m[i] = beta2 * m[i] + (1 - beta2) * g
            x[i] -= lr * (float(np.sign(c)) + weight_decay * x[i])
        yield list(x)


@wrong(check.lion, "a sign at 0")
def lion_by_copysign(grad, x, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    m = np.zeros(len(x))
    while True:
        g = grad(x)
        c = beta1 * m + (1 - beta1) * g
        m = beta2 * m + (1 - beta2) * g
        x = x - lr * (np.copysign(1, c) + weight_decay * x)
        yield x


def lion_with(step, first=False):
    """Lion with one part exchanged: ``step`` from (c, m, g, x, λ), ``first`` for m before c."""

    def rule(grad, x, lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0):
        m = np.zeros(len(x))
        while True:
            g = grad(x)
            new = beta2 * m + (1 - beta2) * g
            c = beta1 * (new if first else m) + (1 - beta1) * g
            m = new
            x = x - lr * step(c, m, g, x, weight_decay)
            yield x

    return rule


for mistake, rule in {
    "m before c": lion_with(lambda c, m, g, x, w: np.sign(c) + w * x, True),
    "sign of the gradient": lion_with(lambda c, m, g, x, w: np.sign(g) + w * x),
    "sign of m": lion_with(lambda c, m, g, x, w: np.sign(m) + w * x),
    "no sign": lion_with(lambda c, m, g, x, w: c + w * x),
    "decay forgotten": lion_with(lambda c, m, g, x, w: np.sign(c)),
    "decay inside the sign": lion_with(lambda c, m, g, x, w: np.sign(c + w * x)),
    "grows": lion_with(lambda c, m, g, x, w: np.sign(c) - w * x),
    "uphill": lion_with(lambda c, m, g, x, w: -np.sign(c) - w * x),
    "one length for the step": lion_with(lambda c, m, g, x, w: c / np.sqrt(c @ c) + w * x),
}.items():
    wrong(check.lion, mistake)(rule)

# 3: orthogonal


@right(check.orthogonal)
def from_the_right(matrix, coefficients):
    a, b, c = coefficients
    A = matrix / np.sqrt((matrix**2).sum())
    for _ in range(5):
        q = A.T @ A
        A = a * A + b * A @ q + c * A @ q @ q
    return A


@right(check.orthogonal)
def by_singular_values(matrix, coefficients):
    a, b, c = coefficients
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    s = s / np.sqrt(np.sum(s**2))
    for _ in range(5):
        s = a * s + b * s**3 + c * s**5
    return u @ np.diag(s) @ v


def by_hand(times=5, scaled=np.linalg.norm, last=lambda A: A @ A.T @ A @ A.T @ A):
    def function(matrix, coefficients):
        a, b, c = coefficients
        A = matrix / scaled(matrix)
        for _ in range(times):
            A = a * A + b * A @ A.T @ A + c * last(A)
        return A

    return function


for mistake, function in {
    "once": by_hand(1),
    "four times": by_hand(4),
    "six times": by_hand(6),
    "ten times": by_hand(10),
    "spectral norm": by_hand(scaled=lambda A: np.linalg.svd(A)[1][0]),
    "largest entry": by_hand(scaled=lambda A: abs(A).max()),
    "sum of squares": by_hand(scaled=lambda A: (A * A).sum()),
    "not times A": by_hand(last=lambda A: A @ A.T @ A),
    "c forgotten": by_hand(last=lambda A: 0 * A),
    "seventh power": by_hand(last=lambda A: A @ A.T @ A @ A.T @ A @ A.T @ A),
}.items():
    wrong(check.orthogonal, mistake)(function)
for words, function in {
    "Divide the matrix by its norm": by_hand(scaled=lambda A: 1),
}.items():
    wrong(check.orthogonal, says=words)(function)


@wrong(check.orthogonal, says="Change a copy")
def scales_in_place(matrix, coefficients):
    matrix /= np.linalg.norm(matrix)
    return by_hand(scaled=lambda A: 1)(matrix, coefficients)


@wrong(check.orthogonal, "b turned round")
def minus_b(matrix, coefficients):
    a, b, c = coefficients
    return by_hand()(matrix, (a, -b, c))


@wrong(check.orthogonal, says="Which of them has to be turned")
def not_transposed(matrix, coefficients):
    a, b, c = coefficients
    A = matrix / np.linalg.norm(matrix)
    for _ in range(5):
        A = a * A + b * A @ A @ A + c * A @ A @ A @ A @ A
    return A


@wrong(check.orthogonal, "SVD")
def svd(matrix, coefficients):
    u, _, v = np.linalg.svd(matrix, full_matrices=False)
    return u @ v


@wrong(check.orthogonal, "entry by entry")
def powers_of_entries(matrix, coefficients):
    a, b, c = coefficients
    A = matrix / np.linalg.norm(matrix)
    for _ in range(5):
        A = a * A + b * A**3 + c * A**5
    return A


# 4: schedule-free


def averaged(felt, walks=lambda z, y: z, given="x", count=0):
    def rule(grad, x, lr=0.1, beta=0.9):
        zs, z = [x] * count, x
        while True:
            y = felt(z, x, beta)
            z = walks(z, y) - lr * grad(y)
            zs.append(z)
            x = np.mean(zs, axis=0)
            yield {"x": x, "y": y, "z": z}[given]

    return rule


def between(z, x, beta):
    return z + beta * (x - z)


right(check.schedule_free)(averaged(between))
for mistake, rule in {
    "gradient at z": averaged(lambda z, x, b: z),
    "gradient at x": averaged(lambda z, x, b: x),
    "weights exchanged": averaged(lambda z, x, b: b * z + (1 - b) * x),
    "z begins at y": averaged(between, walks=lambda z, y: y),
    "the start counts": averaged(between, count=1),
    "z handed out": averaged(between, given="z"),
    "y handed out": averaged(between, given="y"),
}.items():
    wrong(check.schedule_free, mistake)(rule)

# 5: names

NAMES = {"A": "rmsprop", "B": "nesterov", "C": "adamax", "D": "adagrad", "E": "adam"}
right(check.named_rules)(NAMES)
wrong(check.named_rules, says="A is not lion")({**NAMES, "A": "lion"})
wrong(check.named_rules, says="two numbers")({**NAMES, "C": "amsgrad"})
wrong(check.named_rules, says="73 steps")({**NAMES, "B": "momentum"})
wrong(check.named_rules, says="none of the names")({**NAMES, "D": "muon"})
wrong(check.named_rules, says="a name for each of A, B")("lion")

# 6: a rule of one's own


@right(check.own_rule)
def heavy_ball(grad, x, lr=1.6, beta=0.7):
    yield from optimizers.momentum(grad, x, lr, beta)


@right(check.own_rule)
def looking_ahead(grad, x):
    return optimizers.nesterov(grad, x, lr=0.5, beta=0.8)


@right(check.own_rule)
def two_point_step(grad, x):
    """Barzilai and Borwein (1988): the curvature from the last two gradients."""
    g, lr = grad(x), 0.1
    while True:
        step = -lr * g
        change, g = grad(x + step) - g, grad(x + step)
        if step @ change > 1e-200:
            lr = step @ step / (step @ change)
        x = x + step
        yield x


@wrong(check.own_rule, says="times as much of f is left as may be")
def plain(grad, x, lr=0.9):
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.own_rule, says="it diverges, at step")
def too_far(grad, x, lr=2000.0):
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.own_rule, says="times as much of f is left as may be")
def adam(grad, x):
    return optimizers.adam(grad, x, lr=0.1)


@wrong(check.own_rule, says="times as much of f is left as may be")
def looks_ahead_too_carefully(grad, x):
    return optimizers.nesterov(grad, x, lr=0.3, beta=0.9)


@wrong(check.own_rule, says="times as much of f is left as may be")
def goes_to_the_origin(grad, x):
    while True:
        x = 0 * x
        yield x


@wrong(check.own_rule, says="gives_up stopped after 9 of 120 steps")
def gives_up(grad, x):
    for _ in range(9):
        x = x - 0.1 * grad(x)
        yield x


wrong(check.own_rule, says="without calling it")(optimizers.momentum(np.sin, np.ones(2)))


# 7: three bugs

BUGS = {"hasty": 4, "forgetful": 6, "homesick": 4}
right(check.beyond_bugs)(BUGS)
right(check.beyond_bugs)({"hasty": "# 4", "forgetful": "6", "homesick": "line 4"})
wrong(check.beyond_bugs, says="In `hasty` line 3 is right")({**BUGS, "hasty": 3})
wrong(check.beyond_bugs, says="In `forgetful` line 5 is right")({**BUGS, "forgetful": 5})
wrong(check.beyond_bugs, says="In `homesick` line 5 is right")({**BUGS, "homesick": 5})
