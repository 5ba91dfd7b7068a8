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


@wrong(check.nadam_lines, "where are the denominators?")
def parts_of_m(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, power=1, next_power=1)


@wrong(check.nadam_lines, "t stands in a second place")
def same_t(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, next_power=1 - beta1**t)


@wrong(check.nadam_lines, "you have moved t, but not m")
def old_m(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, new=m_before)


@wrong(check.nadam_lines, "You divide by 1 − β₁")
def no_power(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, power=1 - beta1, next_power=1 - beta1)


@wrong(check.nadam_lines, "with two stars")
def times_t(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, power=1 - beta1 * t, next_power=1 - beta1 * (t + 1))


@wrong(check.nadam_lines, "brackets around the exponent")
def brackets_forgotten(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, next_power=1 - beta1**t + 1)


@wrong(check.nadam_lines, "still Adam's mean")
def adams_mean(m_before, g, beta1, t):
    a, b, c, _ = four(m_before, g, beta1, t)
    return a, b, c, (beta1 * m_before + (1 - beta1) * g) / (1 - beta1**t)


@wrong(check.nadam_lines, "momentum counts twice")
def too_much(m_before, g, beta1, t):
    a, b, c, _ = four(m_before, g, beta1, t)
    return a, b, c, a + b + c


@wrong(check.nadam_lines, "have changed places")
def order(m_before, g, beta1, t):
    a, b, c, d = four(m_before, g, beta1, t)
    return b, a, c, d


@wrong(check.nadam_lines, "Number 3 of your four")
def two_steps_ahead(m_before, g, beta1, t):
    return four(m_before, g, beta1, t, next_power=1 - beta1 ** (t + 2))


@wrong(check.nadam_lines, "it must be 4 numbers")
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


for words, answer in {
    "That is still Adam": nadam_as(lambda m, g, b, t: m / (1 - b**t)),
    "as many tutorials do": nadam_as(lambda m, g, b, t: (b * m + (1 - b) * g) / (1 - b**t)),
    "The gradient is today's": nadam_as(
        lambda m, g, b, t: (b * m + (1 - b) * g) / (1 - b ** (t + 1))
    ),
    "exponents have changed places": nadam_as(
        lambda m, g, b, t: b * m / (1 - b**t) + (1 - b) * g / (1 - b ** (t + 1))
    ),
    "this step's gradient is not in it yet": nadam_as(use_old_m=True),
    "where are the two denominators": nadam_as(lambda m, g, b, t: b * m + (1 - b) * g),
    "The gradient part is not corrected": nadam_as(
        lambda m, g, b, t: b * m / (1 - b ** (t + 1)) + (1 - b) * g
    ),
    "The momentum part is not corrected": nadam_as(
        lambda m, g, b, t: b * m + (1 - b) * g / (1 - b**t)
    ),
    "the whole gradient is added": nadam_as(
        lambda m, g, b, t: b * m / (1 - b ** (t + 1)) + g / (1 - b**t)
    ),
    "the whole of m is kept": nadam_as(
        lambda m, g, b, t: m / (1 - b ** (t + 1)) + (1 - b) * g / (1 - b**t)
    ),
    "the momentum part alone": nadam_as(lambda m, g, b, t: b * m / (1 - b ** (t + 1))),
    "which has one already": nadam_as(
        lambda m, g, b, t: m / (1 - b**t) + b * m / (1 - b ** (t + 1))
    ),
    "In the first step t is 0": nadam_as(first=0),
    "In the first step t is 2": nadam_as(first=2),
    "ŝ is not corrected": nadam_as(s_hat=lambda s, b, t: s),
    "Dozat's Algorithm 2": nadam_as(s_hat=lambda s, b, t: b * s / (1 - b**t)),
    "take the root": nadam_as(step=lambda lr, m, s, eps: -lr * m / (s + eps)),
    "ε stands inside the root": nadam_as(step=lambda lr, m, s, eps: -lr * m / np.sqrt(s + eps)),
    "uphill": nadam_as(step=lambda lr, m, s, eps: lr * m / (np.sqrt(s) + eps)),
    "Where is the learning rate": nadam_as(step=lambda lr, m, s, eps: -m / (np.sqrt(s) + eps)),
    "Already the first step leads elsewhere": nadam_as(
        step=lambda lr, m, s, eps: -lr * m / (np.sqrt(s) + 2 * eps)
    ),
}.items():
    answer.__name__ = words
    wrong(check.nadam, words)(answer)


@wrong(check.nadam, "Dozat's schedule")
def scheduled(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    return nadam_scheduled(grad, x, lr, beta1, beta2, eps)


@wrong(check.nadam, "keep the two apart")
def one_name_for_both(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - lr * m / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.nadam, "ask at `x`")
def ahead_twice(grad, x, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x - lr * beta1 * m)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
        x = x - lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.nadam, "changes the start in place")
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

for words, answer in {
    "Adam's first step": lambda beta1: 1,
    "first step of the tutorial form": lambda beta1: 1 + beta1,
    "comes in addition": lambda beta1: beta1 * (1 - beta1) / (1 - beta1**2),
    "divided by 1 − β₁², too": lambda beta1: 1 + beta1 * (1 - beta1),
    "in the long run": lambda beta1: 1 - beta1**2,
    "and not g": lambda beta1: 1 + beta1 / (1 - beta1**2),
    "A sign": lambda beta1: 1 / (1 - beta1),
    "number for β₁ = 0.9": lambda beta1: 1.473684210526,
    "and not all of m": lambda beta1: (2 + beta1) / (1 + beta1),
    "the same number for every β₁": lambda beta1: 1.47,
    "Try it on an example": lambda beta1: 1 + beta1 / 2,
}.items():
    answer.__name__ = words
    wrong(check.nadam_first_step, words)(answer)


@right(check.nadam_first_step)
def as_one_fraction(beta1):
    return (1 + 2 * beta1) / (1 + beta1)


@right(check.nadam_first_step)
def measured(beta1):
    walk = nadam_as()(lambda x: np.ones(1), np.zeros(1), lr=1.0, beta1=beta1, eps=0.0)
    return -float(next(walk)[0])


# 4: NadaMax


def nadamax_as(
    u: Callable = lambda u, g, b: np.maximum(b * u, np.abs(g)),
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


for words, answer in {
    "That is still AdaMax": nadamax_as(m_hat=lambda m, g, b, t: m / (1 - b**t)),
    "as many tutorials do": nadamax_as(m_hat=lambda m, g, b, t: (b * m + (1 - b) * g) / (1 - b**t)),
    "needs no correction": nadamax_as(step=lambda lr, m, u, b, t: -lr * m / u * (1 - b**t)),
    "without a root": nadamax_as(step=lambda lr, m, u, b, t: -lr * m / u**0.5),
    "never falls": nadamax_as(lambda u, g, b: np.maximum(u, np.abs(g))),
    "It is a maximum": nadamax_as(lambda u, g, b: b * u + (1 - b) * np.abs(g)),
    "The *old* u fades": nadamax_as(lambda u, g, b: np.maximum(u, b * np.abs(g))),
    "the newest |g| alone": nadamax_as(lambda u, g, b: np.abs(g)),
    "uphill": nadamax_as(step=lambda lr, m, u, b, t: lr * m / u),
    "That is Nadam": lambda grad, x, lr=0.002, beta1=0.9, beta2=0.999: nadam_as()(
        grad, x, lr, beta1, beta2
    ),
}.items():
    answer.__name__ = words
    wrong(check.nadamax, words)(answer)

right(check.nadamax)(nadamax_as())
right(check.nadamax)(nadamax_as(lambda u, g, b: np.where(abs(g) > b * u, abs(g), b * u)))

# 5: the schedule


def mu_at(i, beta1, psi):
    return beta1 * (1 - 0.5 * 0.96 ** (psi * i))


for words, answer in {
    "μ begins near β₁/2": lambda t, beta1=0.9, psi=0.004: (
        beta1 * (1 - 0.96 ** (psi * t)),
        np.prod([beta1 * (1 - 0.96 ** (psi * i)) for i in range(1, t + 1)]),
    ),
    "A power is taken before a product": lambda t, beta1=0.9, psi=0.004: (
        beta1 * (1 - 0.5 * 0.96**psi * t),
        np.prod([beta1 * (1 - 0.5 * 0.96**psi * i) for i in range(1, t + 1)]),
    ),
    "each step has its own": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        mu_at(t, beta1, psi) ** t,
    ),
    "without a schedule": lambda t, beta1=0.9, psi=0.004: (mu_at(t, beta1, psi), beta1**t),
    "ends with t − 1": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        np.prod([mu_at(i, beta1, psi) for i in range(1, t)]),
    ),
    "`range(t)` begins with 0": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        np.prod([mu_at(i, beta1, psi) for i in range(t)]),
    ),
    "not a sum": lambda t, beta1=0.9, psi=0.004: (
        mu_at(t, beta1, psi),
        sum(mu_at(i, beta1, psi) for i in range(1, t + 1)),
    ),
    "must be 2 numbers": lambda t, beta1=0.9, psi=0.004: mu_at(t, beta1, psi),
    "returns nothing so far": lambda t, beta1=0.9, psi=0.004: None,
}.items():
    answer.__name__ = words
    wrong(check.nadam_schedule, words)(answer)


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
wrong(check.nadam_dialects, "`A` is another one")(NAMES | {"A": "adam"})
wrong(check.nadam_dialects, "'derived' is 1.47 η long")(NAMES | {"B": "derived", "C": "tutorial"})
wrong(check.nadam_dialects, "`D` is another one")(NAMES | {"D": "pytorch"})
wrong(check.nadam_dialects, "There is no 'keras' here")(NAMES | {"A": "keras"})
wrong(check.nadam_dialects, "a dialect for each of 'A'")({"A": "pytorch"})
wrong(check.nadam_dialects, "Name a dialect for each")(NAMES | {"C": None})
right(check.nadam_dialects)({program: f" {name.upper()} " for program, name in NAMES.items()})

LINES = {"hurried": 6, "belated": 7, "mixed_up": 4, "plotted": 2}
wrong(check.nadam_bugs, "this step's gradient part")(LINES | {"hurried": 7})
wrong(check.nadam_bugs, "β₁ m with the correction of the next step")(LINES | {"belated": 6})
wrong(check.nadam_bugs, "but who has used m before it?")(LINES | {"mixed_up": 5})
wrong(check.nadam_bugs, "a new schedule in every run")(LINES | {"plotted": 1})
wrong(check.nadam_bugs, "what has been taken before")(LINES | {"plotted": 3})
wrong(check.nadam_bugs, "takes the next μ in each step")(LINES | {"plotted": 5})
wrong(check.nadam_bugs, "has no line 12")(LINES | {"plotted": 12})
right(check.nadam_bugs)({program: float(line) for program, line in LINES.items()})


@wrong(check.nadam, "gradient's part is not corrected")
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


@wrong(check.nadam, "next step's t + 1")
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
