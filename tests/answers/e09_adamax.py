"""Answers to exercise 09, AdaMax."""

import math
from itertools import accumulate, count

import numpy as np

from answers.bank import right, wrong
from course_lib import optimizers
from exercise_lib import check

tiny = 1e-300

# 1: rules that are wrong


@wrong(check.adamax, "Adam")
def unchanged(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + 1e-8)
        yield x


@wrong(check.adamax, "power t missing")
def without_power(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x = x - lr / (1 - beta1) * m / u
        yield x


@wrong(check.adamax, "power t missing")
def frozen_t(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m, u, t = 0.0, tiny, 1
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g))
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "u begins at 1")
def from_ones(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m, u = np.zeros_like(x), np.ones_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "brackets around 1 − β₁ᵗ")
def without_brackets(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / 1 - beta1**t / u
        yield x


@wrong(check.adamax, says="`np.maximum(a, b)` takes the larger one")
def largest_along_an_axis(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.max(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "no correction")
def uncorrected(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / u
        yield x


@wrong(check.adamax, "u corrected")
def corrects_both(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        u_hat = u / (1 - beta2**t)
        x = x - lr * m / (1 - beta1**t) / u_hat
        yield x


@wrong(check.adamax, "no absolute value")
def one_sided(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, g + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "one u for all coordinates")
def shared(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m, u = np.zeros_like(x), 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, np.abs(g).max())
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, says="takes the larger one in each coordinate")
def pythons_max(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, says="takes the larger one in each coordinate")
def max_of_a_list(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.max([beta2 * u, np.abs(g) + tiny])
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "length of the gradient")
def by_length(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m, u = np.zeros_like(x), 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, math.hypot(*g))
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "u never fades")
def largest_ever(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "mean of |g|")
def mean_of_sizes(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = beta2 * u + (1 - beta2) * np.abs(g) + tiny
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "weights of a mean")
def weighted(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, (1 - beta2) * np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "squares")
def of_squares(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, g**2 + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, "root")
def rooted(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / np.sqrt(u)
        yield x


@wrong(check.adamax, "β₁ and β₂ exchanged")
def exchanged(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta2 * m + (1 - beta2) * g
        u = np.maximum(beta1 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta2**t) / u
        yield x


@wrong(check.adamax, "divides by zero at once")
def t_from_zero(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    t = 0
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        t = t + 1
        yield x


@wrong(check.adamax, "divides by zero at once")
def smaller_of_the_two(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.minimum(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, says="0/0 is nan")
def without_tiny(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g))
        x = x - lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, says="changes the start in place")
def in_place(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + tiny)
        x -= lr * m / (1 - beta1**t) / u
        yield x


@wrong(check.adamax, says="raised ValueError")
def python_max(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m = u = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, np.abs(g) + tiny)
        x = x - lr * m / (1 - beta1**t) / u
        yield x


right(check.adamax)(optimizers.adamax)


@right(check.adamax)
def with_epsilon(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    m, u = np.zeros(len(x)), np.zeros(len(x))
    for t in count(1):
        g = grad(x)
        m += (1 - beta1) * (g - m)
        u = np.where(beta2 * u > np.abs(g) + 1e-12, beta2 * u, np.abs(g) + 1e-12)
        x = x - lr / (1 - beta1**t) * m / u
        yield x


@right(check.adamax)
def with_lists(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    x, m, u, left = [float(v) for v in x], [0.0] * len(x), [tiny] * len(x), 1.0
    while True:
        left *= beta1
        for i, g in enumerate(grad(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            u[i] = max(beta2 * u[i], abs(g))
        x = [v - lr * a / (1 - left) / (b or tiny) for v, a, b in zip(x, m, u, strict=True)]
        yield list(x)


@right(check.adamax)
class AsAClass:
    def __init__(self, grad, x, lr=0.002, beta1=0.9, beta2=0.999):
        self.grad, self.x, self.lr, self.betas = grad, np.array(x), lr, (beta1, beta2)
        self.m, self.u, self.t = np.zeros_like(self.x), np.zeros_like(self.x), 0

    def __iter__(self):
        return self

    def __next__(self):
        (beta1, beta2), g, self.t = self.betas, self.grad(self.x), self.t + 1
        self.m = beta1 * self.m + (1 - beta1) * g
        self.u = np.max([beta2 * self.u, np.abs(g) + tiny], axis=0)
        self.x = self.x - self.lr * self.m / ((1 - beta1**self.t) * self.u)
        return self.x


@right(check.adamax)
def from_all_gradients(grad, x, lr=0.002, beta1=0.9, beta2=0.999):
    gs = []
    for t in count(1):
        gs.append(grad(x))
        ages = np.arange(t)[::-1, np.newaxis]
        weights = beta1**ages / np.sum(beta1**ages)
        m_hat = np.sum(weights * gs, axis=0)
        x = x - lr * m_hat / (np.max(beta2**ages * np.abs(gs), axis=0) + tiny)
        yield x


# 2: the derivation


@right(check.adamax_derivation)
def by_loops(g, beta2, p, u_before):
    s = size = 0.0
    for value in g:
        s = beta2**p * s + (1 - beta2**p) * abs(value) ** p
        size = beta2**p * size + (1 - beta2**p)
    return [s, size ** (1 / p), max([beta2 * u_before, abs(g[-1])])]


@wrong(check.adamax_derivation, "line 2: order of the ages")
def ages_upside_down(g, beta2, p, u_before):
    total = sum(beta2 ** (p * i) * abs(v) ** p for i, v in enumerate(g))
    return (
        (1 - beta2**p) * total,
        (1 - beta2 ** (p * len(g))) ** (1 / p),
        by_loops(g, beta2, p, u_before)[2],
    )


@wrong(check.adamax_derivation, "line 2: one step too old")
def ages_from_one(g, beta2, p, u_before):
    t = len(g)
    s = (1 - beta2**p) * sum(beta2 ** (p * (t - i)) * abs(g[i]) ** p for i in range(t))
    return [s, *by_loops(g, beta2, p, u_before)[1:]]


@wrong(check.adamax_derivation, "line 2: 1 − β₂")
def weight_of_adam(g, beta2, p, u_before):
    s, *rest = by_loops(g, beta2, p, u_before)
    return [s * (1 - beta2) / (1 - beta2**p), *rest]


@wrong(check.adamax_derivation, "line 4: root forgotten")
def no_root(g, beta2, p, u_before):
    s, _, u = by_loops(g, beta2, p, u_before)
    return s, 1 - beta2 ** (p * len(g)), u


@wrong(check.adamax_derivation, "line 4: power of β₂ without t")
def no_t(g, beta2, p, u_before):
    s, _, u = by_loops(g, beta2, p, u_before)
    return s, (1 - beta2**p) ** (1 / p), u


@wrong(check.adamax_derivation, "line 6: no absolute value")
def signed(g, beta2, p, u_before):
    return [*by_loops(g, beta2, p, u_before)[:2], max(beta2 * u_before, g[-1])]


@wrong(check.adamax_derivation, "line 6: no fading")
def unfaded(g, beta2, p, u_before):
    return [*by_loops(g, beta2, p, u_before)[:2], max(u_before, abs(g[-1]))]


@wrong(check.adamax_derivation, says="Line 2 is the first one")
def two_lines_wrong(g, beta2, p, u_before):
    return [0.0, 0.0, by_loops(g, beta2, p, u_before)[2]]


@wrong(check.adamax_derivation, says="Line 4 is the first one")
def only_line_2(g, beta2, p, u_before):
    return by_loops(g, beta2, p, u_before)[0], None, None


# 3: the norm


@right(check.faded_norm)
def by_logarithms(g, beta2, p):
    logs = np.log(np.abs(g)) + np.log(beta2) * np.arange(len(g))[::-1]
    return np.exp(logs.max() if np.isinf(p) else np.logaddexp.reduce(p * logs) / p)


@right(check.faded_norm)
def step_by_step(g, beta2, p):
    def longer(norm, new):
        top = max(beta2 * norm, abs(new))
        return top * ((beta2 * norm / top) ** p + (abs(new) / top) ** p) ** (1 / p)

    return list(accumulate(g, longer, initial=0.0))[-1]


@wrong(check.faded_norm, "overflow, underflow")
def from_the_formula(g, beta2, p):
    a = beta2 ** np.arange(len(g))[::-1] * np.abs(g)
    return a.max() if p == np.inf else np.sum(a**p) ** (1 / p)


@wrong(check.faded_norm, "overflow, and p = ∞")
def numpy_power(g, beta2, p):
    return np.sum((beta2 ** np.arange(len(g))[::-1] * np.abs(g)) ** p) ** (1 / p)


@wrong(check.faded_norm, says="raised OverflowError")
def python_power(g, beta2, p):
    a = [float(beta2**age * abs(v)) for age, v in enumerate(g[::-1])]
    return max(a) if p == np.inf else sum(v**p for v in a) ** (1 / p)


@wrong(check.faded_norm, "not put back")
def not_put_back(g, beta2, p):
    a = beta2 ** np.arange(len(g))[::-1] * np.abs(g)
    return np.sum((a / a.max()) ** p) ** (1 / p)


@wrong(check.faded_norm, "no fading")
def plain_norm(g, beta2, p):
    return np.abs(g).max() * np.linalg.norm(g / np.abs(g).max(), p)


@wrong(check.faded_norm, "always the maximum")
def just_the_limit(g, beta2, p):
    return np.max(beta2 ** np.arange(len(g))[::-1] * np.abs(g))


@wrong(check.faded_norm, "the maximum from some p on")
def the_limit_above_100(g, beta2, p):
    a = np.abs(g) * beta2 ** np.arange(len(g))[::-1]
    return a.max() if p > 100 else np.sum(a**p) ** (1 / p)


@wrong(check.faded_norm, says="not for p = ∞")
def infinity_forgotten(g, beta2, p):
    return by_logarithms(g, beta2, p) if p < np.inf else 1.0


# 4 to 6: numbers

right(check.spike_life)(lambda size, beta2: math.log(1 / size, beta2))
wrong(check.spike_life, "half-life")(lambda size, beta2: np.log(0.5) / np.log(beta2))
wrong(check.spike_life, "sign")(lambda size, beta2: np.log(size) / np.log(beta2))
wrong(check.spike_life, "mean age")(lambda size, beta2: 1 / (1 - beta2))
wrong(check.spike_life, "rounded up")(lambda size, beta2: math.ceil(math.log(1 / size, beta2)))
wrong(check.spike_life, "approximated")(lambda size, beta2: np.log(size) / (1 - beta2))


@wrong(check.spike_life, "rounded up")
def counted(size, beta2):
    steps = 0
    while size > 1:
        size, steps = size * beta2, steps + 1
    return steps


right(check.decay_for_life)(lambda size, steps: math.exp(-math.log(size) / steps))
wrong(check.decay_for_life, "larger than 1")(lambda size, steps: size ** (1 / steps))
wrong(check.decay_for_life, "1/(Sn)")(lambda size, steps: size**-1 / steps)
wrong(check.decay_for_life, "mean age")(lambda size, steps: 1 - 1 / steps)
wrong(check.decay_for_life, "half-life")(lambda size, steps: 0.5 ** (1 / steps))
wrong(check.decay_for_life, "logarithm")(lambda size, steps: -np.log(size) / steps)
wrong(check.decay_for_life, "approximated")(lambda size, steps: 1 - np.log(size) / steps)


@right(check.longest_adamax_step)
def summed(beta1, beta2):
    return (1 - beta1) * sum((beta1 / beta2) ** k for k in range(4000))


wrong(check.longest_adamax_step, "the paper's")(lambda beta1, beta2: 1)
wrong(check.longest_adamax_step, "β₂ forgotten")(lambda b1, b2: (1 - b1) / (b2 - b1))
wrong(check.longest_adamax_step, "quotient turned over")(lambda b1, b2: (1 - b1) / (1 - b2 / b1))
wrong(check.longest_adamax_step, "(1 − β₁) forgotten")(lambda b1, b2: 1 / (1 - b1 / b2))
wrong(check.longest_adamax_step, "the paper's for Adam")(lambda b1, b2: (1 - b1) / (1 - b2) ** 0.5)

# 7: bugs

FOUND = {"impatient": 5, "careful": 6, "optimist": 4, "neighbours": 3}
right(check.adamax_bugs)(FOUND)
wrong(check.adamax_bugs, says="In `impatient` line 4 is right")(FOUND | {"impatient": 4})
wrong(check.adamax_bugs, says="In `careful` line 5 is right")(FOUND | {"careful": 5})
wrong(check.adamax_bugs, says="In `optimist` line 6 is right")(FOUND | {"optimist": 6})
wrong(check.adamax_bugs, says="`neighbours` has no line 9")(FOUND | {"neighbours": 9})
wrong(check.adamax_bugs, says="Answer with a line for each")({"impatient": 5})
