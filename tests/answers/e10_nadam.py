"""Answers to exercise 10, Nadam."""

from collections.abc import Callable
from itertools import accumulate, count, islice
from math import sqrt
from operator import mul

import numpy as np

from answers.bank import right, wrong
from course_lib import dozat_schedule, nadam_scheduled
from exercise_lib import check

# 1: the lines


def four(m_before, g, beta1, t, *, power=None, next_power=None, new=None):
    """The lines with other denominators, or another m in the third."""
    power = 1 - beta1**t if power is None else power
    next_power = 1 - beta1 ** (t + 1) if next_power is None else next_power
    new = beta1 * m_before + (1 - beta1) * g if new is None else new
    kept, gradient = beta1 * m_before / power, (1 - beta1) * g / power
    ahead = beta1 * new / next_power
    return kept, gradient, ahead, ahead + gradient


@wrong(check.nadam_lines, "not corrected")
def parts_of_m(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, power=1, next_power=1)


@wrong(check.nadam_lines, "next momentum part with t")
def same_t(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, next_power=1 - beta1**t)


@wrong(check.nadam_lines, "next momentum part with the old mean")
def old_m(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, new=m_before)


@wrong(check.nadam_lines, "without the power")
def no_power(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, power=1 - beta1, next_power=1 - beta1)


@wrong(check.nadam_lines, "t times β₁")
def times_t(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, power=1 - beta1 * t, next_power=1 - beta1 * (t + 1))


@wrong(check.nadam_lines, "brackets around t + 1")
def brackets_forgotten(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, next_power=1 - beta1**t + 1)


@wrong(check.nadam_lines, "Adam's sum")
def adams_mean(m_before, g, beta1, t):
    a, b, c, _ = four(m_before, g, beta1, t)
    return a, b, c, (beta1 * m_before + (1 - beta1) * g) / (1 - beta1**t)


@wrong(check.nadam_lines, "all three added")
def too_much(m_before, g, beta1, t):
    a, b, c, _ = four(m_before, g, beta1, t)
    return a, b, c, a + b + c


@wrong(check.nadam_lines, "parts exchanged")
def order(m_before, g, beta1, t):
    a, b, c, d = four(m_before, g, beta1, t)
    return b, a, c, d


@wrong(check.nadam_lines, says="Number 3 of your four")
def two_steps_ahead(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, next_power=1 - beta1 ** (t + 2))


@wrong(check.nadam_lines, says="it must be 4 numbers")
def only_the_last(m_before, g, beta1, t):
    return four(m_before, g, beta1, t)[3]


@right(check.nadam_lines)
def as_an_array(m_before, g, beta1, t):
    return np.array(four(m_before, g, beta1, t))


@right(check.nadam_lines)
def by_differences(m_before, g, beta1, t):
    m = beta1 * m_before + (1 - beta1) * g
    adam = m / (1 - beta1**t)
    gradient = adam - beta1 * m_before / (1 - beta1**t)
    ahead = beta1 * m / (1 - beta1**t * beta1)
    return [adam - gradient, gradient, ahead, gradient + ahead]


# 2 and 4: rules, as a loop that counts t itself; each wrong one changes a line of it


def nadam_as(
    m_hat: Callable = lambda m, g, b, t: b * m / (1 - b ** (t + 1)) + (1 - b) * g / (1 - b**t),
    s_hat: Callable = lambda s, b, t: s / (1 - b**t),
    step: Callable = lambda lr, m_hat, s_hat, eps: -lr * m_hat / (np.sqrt(s_hat) + eps),
    first: int = 1,
    use_old_m: bool = False,
) -> Callable:
    def rule(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
        m, s, t = 0.0, 0.0, first - 1
        while True:
            t += 1
            g = grad(x)
            old, m = m, beta1 * m + (1 - beta1) * g
            s = beta2 * s + (1 - beta2) * g * g
            mean = m_hat(old if use_old_m else m, g, beta1, t)
            x = x + step(lr, mean, s_hat(s, beta2, t), eps)
            yield x

    return rule


for mistake, answer in {
    "Adam": nadam_as(lambda m, g, b, t: m / (1 - b**t)),
    "tutorial": nadam_as(lambda m, g, b, t: (b * m + (1 - b) * g) / (1 - b**t)),
    "gradient with t + 1": nadam_as(lambda m, g, b, t: (b * m + (1 - b) * g) / (1 - b ** (t + 1))),
    "exponents exchanged": nadam_as(
        lambda m, g, b, t: b * m / (1 - b**t) + (1 - b) * g / (1 - b ** (t + 1))
    ),
    "m too late": nadam_as(use_old_m=True),
    "m̂ not corrected": nadam_as(lambda m, g, b, t: b * m + (1 - b) * g),
    "gradient part not corrected": nadam_as(
        lambda m, g, b, t: b * m / (1 - b ** (t + 1)) + (1 - b) * g
    ),
    "momentum part not corrected": nadam_as(lambda m, g, b, t: b * m + (1 - b) * g / (1 - b**t)),
    "1 − β₁ forgotten in m̂": nadam_as(
        lambda m, g, b, t: b * m / (1 - b ** (t + 1)) + g / (1 - b**t)
    ),
    "β₁ forgotten in m̂": nadam_as(
        lambda m, g, b, t: m / (1 - b ** (t + 1)) + (1 - b) * g / (1 - b**t)
    ),
    "only the momentum part": nadam_as(lambda m, g, b, t: b * m / (1 - b ** (t + 1))),
    "look-ahead added to Adam": nadam_as(
        lambda m, g, b, t: m / (1 - b**t) + b * m / (1 - b ** (t + 1))
    ),
    "t begins at 0": nadam_as(first=0),
    "t begins at 2": nadam_as(first=2),
    "ŝ not corrected": nadam_as(s_hat=lambda s, b, t: s),
    "β₂ in ŝ": nadam_as(s_hat=lambda s, b, t: b * s / (1 - b**t)),
    "root forgotten": nadam_as(step=lambda lr, m, s, eps: -lr * m / (s + eps)),
    "ε inside the root": nadam_as(step=lambda lr, m, s, eps: -lr * m / np.sqrt(s + eps)),
    "uphill": nadam_as(step=lambda lr, m, s, eps: lr * m / (np.sqrt(s) + eps)),
    "learning rate forgotten": nadam_as(step=lambda lr, m, s, eps: -m / (np.sqrt(s) + eps)),
}.items():
    answer.__name__ = mistake
    wrong(check.nadam, mistake)(answer)
for words, answer in {
    "Already the first step leads elsewhere": nadam_as(
        step=lambda lr, m, s, eps: -lr * m / (np.sqrt(s) + 2 * eps)
    ),
}.items():
    answer.__name__ = words
    wrong(check.nadam, says=words)(answer)


@wrong(check.nadam, "with the schedule")
def scheduled(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    return nadam_scheduled(grad, x, lr, beta1, beta2, eps)


@wrong(check.nadam, "m̂ written into m")
def one_name_for_both(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - lr * m / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.nadam, "gradient taken ahead")
def ahead_twice(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x - lr * beta1 * m)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.nadam, says="changes the start in place")
def writes_into_the_start(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    for point in nadam_as()(grad, x.copy(), lr, beta1, beta2, eps):
        x[:] = point
        yield point


@right(check.nadam)
class Nadam:
    def __init__(self, grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
        self.grad, self.x, self.lr, self.betas, self.eps = grad, x, lr, (beta1, beta2), eps
        self.m, self.s, self.powers = 0.0, 0.0, (1.0, 1.0)

    def __iter__(self):
        return self

    def __next__(self):
        (b1, b2), g = self.betas, self.grad(self.x)
        p1, p2 = self.powers = self.powers[0] * b1, self.powers[1] * b2
        self.m += (1 - b1) * (g - self.m)
        self.s += (1 - b2) * (g**2 - self.s)
        look_ahead = self.m * b1 / (1 - p1 * b1) + g * (1 - b1) / (1 - p1)
        self.x = self.x - self.lr * look_ahead / (np.sqrt(self.s / (1 - p2)) + self.eps)
        return self.x


@right(check.nadam)
def in_place_on_copies(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, s = np.array(x), np.zeros(len(x)), np.zeros(len(x))
    for t in count(1):
        g = grad(x)
        m *= beta1
        m += (1 - beta1) * g
        s *= beta2
        s += (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x -= lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@right(check.nadam)
def lists_of_floats(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, s = list(x), [0.0] * len(x), [0.0] * len(x)
    for t in count(1):
        for i, g in enumerate(list(grad(x))):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            s[i] = beta2 * s[i] + (1 - beta2) * g * g
            mean = beta1 * m[i] / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
            x[i] -= lr * mean / (sqrt(s[i] / (1 - beta2**t)) + eps)
        yield x.copy()


@right(check.nadam)
def with_a_constant_schedule(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    yield from nadam_scheduled(grad, x, lr, beta1, beta2, eps, psi=np.inf)


# 3: the first step

for mistake, answer in {
    "Adam's": lambda beta1: 1,
    "tutorial's": lambda beta1: 1 + beta1,
    "momentum part alone": lambda beta1: beta1 * (1 - beta1) / (1 - beta1**2),
    "momentum part not corrected": lambda beta1: 1 + beta1 * (1 - beta1),
    "nothing corrected": lambda beta1: 1 - beta1**2,
    "m is g": lambda beta1: 1 + beta1 / (1 - beta1**2),
    "wrong sign": lambda beta1: 1 / (1 - beta1),
    "β₁ of the lesson": lambda beta1: 1.473684210526,
    "β₁ forgotten": lambda beta1: (2 + beta1) / (1 + beta1),
}.items():
    answer.__name__ = mistake
    wrong(check.nadam_first_step, mistake)(answer)
for words, answer in {
    "the same number for every β₁": lambda beta1: 1.47,
    "Try it on an example": lambda beta1: 1 + beta1 / 2,
}.items():
    answer.__name__ = words
    wrong(check.nadam_first_step, says=words)(answer)


@right(check.nadam_first_step)
def as_one_fraction(beta1):
    return (1 + 2 * beta1) / (1 + beta1)


@right(check.nadam_first_step)
def measured(beta1):
    walk = nadam_as()(lambda x: np.ones(1), np.zeros(1), lr=1.0, beta1=beta1, eps=0.0)
    return -float(next(walk)[0])


# 4: NadaMax


def nadamax_as(
    u: Callable = lambda u, g, b: np.maximum(b * u, np.abs(g) + 1e-300),
    m_hat: Callable = lambda m, g, b, t: b * m / (1 - b ** (t + 1)) + (1 - b) * g / (1 - b**t),
    step: Callable = lambda lr, m_hat, u, b, t: -lr * m_hat / u,
) -> Callable:
    def rule(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
        m, largest = 0.0, np.zeros(len(x))
        for t in count(1):
            g = grad(x)
            m = beta1 * m + (1 - beta1) * g
            largest = u(largest, g, beta2)
            x = x + step(lr, m_hat(m, g, beta1, t), largest, beta2, t)
            yield x

    return rule


for mistake, answer in {
    "AdaMax": nadamax_as(m_hat=lambda m, g, b, t: m / (1 - b**t)),
    "tutorial": nadamax_as(m_hat=lambda m, g, b, t: (b * m + (1 - b) * g) / (1 - b**t)),
    "0/0": nadamax_as(lambda u, g, b: np.maximum(b * u, np.abs(g))),
    "exponents exchanged": nadamax_as(
        m_hat=lambda m, g, b, t: b * m / (1 - b**t) + (1 - b) * g / (1 - b ** (t + 1))
    ),
    "one u for all coordinates": nadamax_as(lambda u, g, b: np.max(np.maximum(b * u, np.abs(g)))),
    "no absolute value": nadamax_as(lambda u, g, b: np.maximum(b * u, g + 1e-300)),
    "u corrected": nadamax_as(step=lambda lr, m, u, b, t: -lr * m / u * (1 - b**t)),
    "root of u": nadamax_as(step=lambda lr, m, u, b, t: -lr * m / u**0.5),
    "u without fading": nadamax_as(lambda u, g, b: np.maximum(u, np.abs(g))),
    "u a mean": nadamax_as(lambda u, g, b: b * u + (1 - b) * np.abs(g)),
    "fading on the wrong side": nadamax_as(lambda u, g, b: np.maximum(u, b * np.abs(g))),
    "u of the last step": nadamax_as(lambda u, g, b: np.abs(g)),
    "uphill": nadamax_as(step=lambda lr, m, u, b, t: lr * m / u),
    "Nadam": lambda grad, x, lr=0.002, beta1=0.9, beta2=0.999: nadam_as()(
        grad, x, lr, beta1, beta2
    ),
}.items():
    answer.__name__ = mistake
    wrong(check.nadamax, mistake)(answer)

right(check.nadamax)(nadamax_as())
right(check.nadamax)(
    nadamax_as(lambda u, g, b: np.where(abs(g) > b * u, abs(g), b * u) + 1e-300 * (u == 0))
)

# 5: the schedule


def mu_at(i, beta1, psi):
    return beta1 * (1 - 0.5 * 0.96 ** (psi * i))


for mistake, answer in {
    "½ forgotten": lambda t, beta1=0.9, psi=0.004: (
        beta1 * (1 - 0.96 ** (psi * t)),
        np.prod([beta1 * (1 - 0.96 ** (psi * i)) for i in range(1, t + 1)]),
    ),
    "brackets in the exponent": lambda t, beta1=0.9, psi=0.004: (
        beta1 * (1 - 0.5 * 0.96**psi * t),
        np.prod([beta1 * (1 - 0.5 * 0.96**psi * i) for i in range(1, t + 1)]),
    ),
    "μₜ to the power t": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        mu_at(t, beta1, psi) ** t,
    ),
    "product with β₁": lambda t, beta1=0.9, psi=0.004: (mu_at(t, beta1, psi), beta1**t),
    "product ends early": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        np.prod([mu_at(i, beta1, psi) for i in range(1, t)]),
    ),
    "product of 0 to t − 1": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        np.prod([mu_at(i, beta1, psi) for i in range(t)]),
    ),
    "sum": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        sum(mu_at(i, beta1, psi) for i in range(1, t + 1)),
    ),
}.items():
    answer.__name__ = mistake
    wrong(check.nadam_schedule, mistake)(answer)
for words, answer in {
    "must be 2 numbers": lambda t, beta1=0.9, psi=0.004: mu_at(t, beta1, psi),
    "returns nothing so far": lambda t, beta1=0.9, psi=0.004: None,
}.items():
    answer.__name__ = words
    wrong(check.nadam_schedule, says=words)(answer)


@right(check.nadam_schedule)
def from_the_generator(t, beta1=0.9, psi=0.004):
    mu, _, product = next(islice(dozat_schedule(beta1, psi), t - 1, None))
    return mu, product


@right(check.nadam_schedule)
def accumulated(t, beta1=0.9, psi=0.004):
    mus = [mu_at(i + 1, beta1, psi) for i in range(t)]
    return [mus[-1], list(accumulate(mus, mul))[-1]]


# 6 and 7: names and numbers of lines

NAMES = {"A": "pytorch", "B": "tutorial", "C": "derived", "D": "dozat"}
wrong(check.nadam_dialects, says="`A` is another one")(NAMES | {"A": "adam"})
wrong(check.nadam_dialects, says="'derived' is 1.47 η long")(
    NAMES | {"B": "derived", "C": "tutorial"}
)
wrong(check.nadam_dialects, says="`D` is another one")(NAMES | {"D": "pytorch"})
wrong(check.nadam_dialects, says="There is no 'keras' here")(NAMES | {"A": "keras"})
wrong(check.nadam_dialects, says="a dialect for each of 'A'")({"A": "pytorch"})
wrong(check.nadam_dialects, says="Name a dialect for each")(NAMES | {"C": None})
right(check.nadam_dialects)({program: f" {name.upper()} " for program, name in NAMES.items()})

LINES = {"hurried": 6, "belated": 7, "mixed_up": 4, "plotted": 2}
wrong(check.nadam_bugs, says="this step's gradient part")(LINES | {"hurried": 7})
wrong(check.nadam_bugs, says="β₁ m with the correction of the next step")(LINES | {"belated": 6})
wrong(check.nadam_bugs, says="but another line has used m before it is new")(
    LINES | {"mixed_up": 5}
)
wrong(check.nadam_bugs, says="a new schedule in every run")(LINES | {"plotted": 1})
wrong(check.nadam_bugs, says="what has been taken before")(LINES | {"plotted": 3})
wrong(check.nadam_bugs, says="takes the next μ in each step")(LINES | {"plotted": 5})
wrong(check.nadam_bugs, says="has no line 12")(LINES | {"plotted": 12})
right(check.nadam_bugs)({program: float(line) for program, line in LINES.items()})


@wrong(check.nadam, "tutorial, gradient part not corrected")
def look_ahead_of_adam(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0 * x
    t = 0
    while True:
        t += 1
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
        x = x - lr * (beta1 * m_hat + (1 - beta1) * g) / (s_hat**0.5 + eps)
        yield x


@wrong(check.nadam, "ŝ with t + 1")
def one_t_for_both(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0 * x
    t = 1
    while True:
        g, now, t = grad(x), 1 - beta1**t, t + 1
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1**t) + (1 - beta1) * g / now
        x = x - lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x
