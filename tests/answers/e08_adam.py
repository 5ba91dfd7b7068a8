"""Answers to exercise 08, Adam."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.adam, says="take NumPy's: `np.sqrt`")
def root_by_math(grad, x, lr, beta1, beta2, eps):
    m, s, t = np.zeros_like(x), np.zeros_like(x), 0
    while True:
        g, t = grad(x), t + 1
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g**2
        m_hat, s_hat = m / (1 - beta1**t), s / (1 - beta2**t)
        x = x - lr * m_hat / (math.sqrt(s_hat) + eps)
        yield x


@wrong(check.adam, "no corrections")
def two_means(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s = np.zeros_like(x), np.zeros_like(x)
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (np.sqrt(s) + eps)
        yield x


@wrong(check.adam, "no brackets in m̂")
def minus_a_power(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * (m / 1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "β₁ in s")
def one_weight_for_what_is_new(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta1) * g * g
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "η kept")
def learning_rate_overwritten(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s, t = 0.0, 0.0, 0
    while True:
        t += 1
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        lr *= np.sqrt(1 - beta2**t) / (1 - beta1**t)
        x = x - lr * m / (np.sqrt(s) + eps)
        yield x


@wrong(check.adam, "never forgets")
def largest_so_far(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = top = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        top = np.maximum(top, s / (1 - beta2**t))
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(top) + eps)
        yield x


@wrong(check.adam, "no power")
def t_never_raised(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0.0
    t = 1
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "no power in ŝ")
def power_on_one_side(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2)) + eps)
        yield x


@wrong(check.adam, "t from 0")
def raised_at_the_end(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    t = 0
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        t += 1
        yield x


@wrong(check.adam, "t from 2")
def raised_too_early(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    t = 1
    while True:
        t += 1
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "both kept")
def corrected_in_place(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m = m / (1 - beta1**t)
        s = s / (1 - beta2**t)
        x = x - lr * m / (np.sqrt(s) + eps)
        yield x


@wrong(check.adam, "square of m̂ in s")
def squares_of_the_mean(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        m = beta1 * m + (1 - beta1) * grad(x)
        m_hat = m / (1 - beta1**t)
        s = beta2 * s + (1 - beta2) * m_hat * m_hat
        x = x - lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "ε added to x")
def brackets_forgotten(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * (m / (1 - beta1**t)) / np.sqrt(s / (1 - beta2**t)) + eps
        yield x


@wrong(check.adam, "ε inside the root")
def under_the_root(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * (m / (1 - beta1**t)) / (s / (1 - beta2**t) + eps) ** 0.5
        yield x


@wrong(check.adam, "constant ε̂")
def as_in_keras(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = m + (1 - beta1) * (g - m)
        s = s + (1 - beta2) * (g**2 - s)
        x = x - lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * m / (np.sqrt(s) + eps)
        yield x


@wrong(check.adam, "g in place of m̂")
def rmsprop_corrected(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * g / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "one s for all coordinates")
def length_of_the_gradient(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s = np.zeros_like(x), 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g @ g)
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "β₁ everywhere")
def one_beta(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m, s = beta1 * m + (1 - beta1) * g, beta1 * s + (1 - beta1) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta1**t)) + eps)
        yield x


@wrong(check.adam, says="Already the first step leads elsewhere")
def step_of_another_kind(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    for t in count(1):
        x = x - lr / t * grad(x)
        yield x


@wrong(check.adam, says="in place")
def start_changed(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x -= lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


memory = {"m": 0.0, "s": 0.0, "t": 0}


@wrong(check.adam, says="Runs of your rule disturb each other")
def memory_of_all_runs(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    if np.ndim(memory["m"]) and len(memory["m"]) != len(x):
        memory.update(m=0.0, s=0.0, t=0)
    while True:
        g = grad(x)
        memory["t"] += 1
        memory["m"] = beta1 * memory["m"] + (1 - beta1) * g
        memory["s"] = beta2 * memory["s"] + (1 - beta2) * g**2
        m_hat = memory["m"] / (1 - beta1 ** memory["t"])
        x = x - lr * m_hat / (np.sqrt(memory["s"] / (1 - beta2 ** memory["t"])) + eps)
        yield x


# 1: rules that are right


@right(check.adam)
def increments(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s, t = 0.0, 0.0, 0
    while True:
        t += 1
        g = grad(x)
        m += (1 - beta1) * (g - m)
        s += (1 - beta2) * (g * g - s)
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@right(check.adam)
def folded_rightly(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        root = np.sqrt(1 - beta2**t)
        x = x - lr * root / (1 - beta1**t) * m / (np.sqrt(s) + eps * root)
        yield x


@right(check.adam)
def running_products(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, s = x.copy(), np.zeros(len(x)), np.zeros(len(x))
    power1 = power2 = 1.0
    while True:
        g = np.asarray(grad(x))
        power1, power2 = power1 * beta1, power2 * beta2
        m[:] = beta1 * m + (1 - beta1) * g
        s[:] = beta2 * s + (1 - beta2) * g**2
        x -= lr * m / (1 - power1) / (np.sqrt(s / (1 - power2)) + eps)
        yield x


@right(check.adam)
def all_gradients_kept(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """The means as weighted averages; of old gradients only the newest 400 are kept."""
    seen = []
    while True:
        seen = [*seen, grad(x)][-400:]
        age = np.arange(len(seen))[::-1]
        m_hat = np.average(seen, axis=0, weights=beta1**age)
        s_hat = np.average(np.square(seen), axis=0, weights=beta2**age)
        x = x - lr * m_hat / (s_hat**0.5 + eps)
        yield x


@right(check.adam)
def lists(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    x, m, s = list(x), [0.0] * len(x), [0.0] * len(x)
    for t in count(1):
        for i, g in enumerate(grad(x)):
            m[i] = beta1 * m[i] + (1 - beta1) * g
            s[i] = beta2 * s[i] + (1 - beta2) * g**2
        x = [
            a - lr * b / (1 - beta1**t) / ((c / (1 - beta2**t)) ** 0.5 + eps)
            for a, b, c in zip(x, m, s, strict=True)
        ]
        yield x


@right(check.adam)
class AnIterator:
    def __init__(self, grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.grad, self.x, self.lr, self.betas, self.eps = grad, x, lr, (beta1, beta2), eps
        self.means, self.t = [0.0, 0.0], 0

    def __iter__(self):
        return self

    def __next__(self):
        self.t += 1
        g = self.grad(self.x)
        hats = []
        for i, (beta, new) in enumerate(zip(self.betas, (g, g**2), strict=True)):
            self.means[i] = beta * self.means[i] + (1 - beta) * new
            hats.append(self.means[i] / (1 - beta**self.t))
        self.x = self.x - self.lr * hats[0] / (np.sqrt(hats[1]) + self.eps)
        return self.x


# 2: the first step

wrong(check.uncorrected_step, "upside down")(lambda lr, b1, b2: lr * (1 - b2) ** 0.5 / (1 - b1))
wrong(check.uncorrected_step, "usual values")(lambda lr, b1, b2: lr * 10**0.5)
wrong(check.uncorrected_step, "only s")(lambda lr, b1, b2: lr * (1 - b2) ** -0.5)
wrong(check.uncorrected_step, says="Give the check the function itself")(3.16)


@right(check.uncorrected_step)
def by_a_run(lr, beta1, beta2):
    run = two_means(lambda x: np.array([7.0]), np.zeros(1), lr, beta1, beta2, 0.0)
    return abs(next(run)[0])


# 3: what the correction leaves


def old_mean(expected, beta):
    m = 0.0
    for e in expected:
        m = beta * m + (1 - beta) * e
    return m


@wrong(check.bias_drift, "1 − β forgotten")
def sum_alone(expected, beta):
    t = len(expected)
    total = sum(beta ** (t - 1 - i) * (expected[i] - expected[-1]) for i in range(t))
    return total / (1 - beta**t)


@wrong(check.bias_drift, "weights reversed")
def newest_last(expected, beta):
    t = len(expected)
    zeta = (1 - beta) * sum(beta**i * (expected[i] - expected[-1]) for i in range(t))
    return zeta / (1 - beta**t)


@wrong(check.bias_drift, "ages from 1")
def one_power_too_many(expected, beta):
    t = len(expected)
    zeta = (1 - beta) * sum(beta ** (t - i) * (expected[i] - expected[-1]) for i in range(t))
    return zeta / (1 - beta**t)


@wrong(check.bias_drift, "ζ itself")
def not_divided(expected, beta):
    return old_mean([e - expected[-1] for e in expected], beta)


wrong(check.bias_drift, "no power")(lambda e, beta: not_divided(e, beta) / (1 - beta))
wrong(check.bias_drift, "multiplied")(lambda e, beta: not_divided(e, beta) * (1 - beta ** len(e)))
wrong(check.bias_drift, "m̂ itself")(lambda e, beta: old_mean(e, beta) / (1 - beta ** len(e)))
wrong(check.bias_drift, "m less E[g_t]")(lambda e, beta: old_mean(e, beta) - e[-1])
wrong(check.bias_drift, "wrong sign")(
    lambda e, beta: e[-1] - old_mean(e, beta) / (1 - beta ** len(e))
)
wrong(check.bias_drift, "zero")(lambda expected, beta: 0)


@right(check.bias_drift)
def what_is_left(expected, beta):
    return old_mean(expected, beta) / (1 - beta ** len(expected)) - expected[-1]


@right(check.bias_drift)
def by_average(expected, beta):
    return np.average(expected, weights=beta ** -np.arange(len(expected))) - expected[-1]


# 4: which ε

wrong(check.keras_epsilon, "the other way")(lambda t, e, b1, b2: e * (1 - b2**t) ** 0.5)
wrong(check.keras_epsilon, "no power")(lambda t, e, b1, b2: e / (1 - b2) ** 0.5)
wrong(check.keras_epsilon, "β₁ in place of β₂")(lambda t, e, b1, b2: e / (1 - b1**t) ** 0.5)
wrong(check.keras_epsilon, "η_t divided out")(
    lambda t, e, b1, b2: e * (1 - b1**t) / (1 - b2**t) ** 0.5
)
wrong(check.keras_epsilon, "with η_t")(lambda t, e, b1, b2: e / ((1 - b1**t) / (1 - b2**t) ** 0.5))
wrong(check.keras_epsilon, says="At step 1 your ε is right")(
    lambda t, e, b1, b2: e / (1 - b2**t) ** (0.5 / t)
)
wrong(check.keras_epsilon, says="one number")(lambda t, e, b1, b2: (e, e))


@right(check.keras_epsilon)
def solved_for_eps(t, eps_hat, beta1, beta2):
    s = 2.0  # any: √s + ε̂ = √(1 − β₂ᵗ) (√ŝ + ε)
    s_hat = s / (1 - beta2**t)
    return (math.sqrt(s) + eps_hat) / math.sqrt(1 - beta2**t) - math.sqrt(s_hat)


# 5: the longest step

wrong(check.worst_gradients, "constant")(lambda b1, b2, steps: np.full(steps, -3.0))
wrong(check.worst_gradients, "spike")(lambda b1, b2, n: [0.0] * (n - 1) + [5.0])
wrong(check.worst_gradients, "β₂ forgotten")(lambda b1, b2, n: [(1 / b1) ** i for i in range(n)])
wrong(check.worst_gradients, "shrinking")(lambda b1, b2, n: (b1 / b2) ** np.arange(n))
wrong(check.worst_gradients, says="η is possible")(lambda b1, b2, n: 3.0 ** np.arange(n))
wrong(check.worst_gradients, says="not a number")(lambda b1, b2, n: np.zeros(n))
wrong(check.worst_gradients, says="must be 6 numbers")(lambda b1, b2, n: 1.1 ** np.arange(n + 1))


@right(check.worst_gradients)
def downhill_and_backwards(beta1, beta2, steps):
    gradients = [-1.0]
    for _ in range(steps - 1):
        gradients.insert(0, gradients[0] * beta1 / beta2)
    return gradients


@right(check.worst_gradients)
def weights_over_weights(beta1, beta2, steps):
    age = np.arange(steps)[::-1]
    return (1 - beta1) * beta1**age / ((1 - beta2) * beta2**age)


# 6: four bugs

BUGS = {"steady": 6, "early": 2, "blurred": 6, "adrift": 7}
wrong(check.adam_bugs, says="In `steady` line 4 is right: a mean of the gradients")(
    BUGS | {"steady": 4}
)
wrong(check.adam_bugs, says="In `early` line 6 is right: each mean divided")(BUGS | {"early": 6})
wrong(check.adam_bugs, says="In `blurred` line 5 is right: m divided")(BUGS | {"blurred": 5})
wrong(check.adam_bugs, says="In `adrift` line 6 is right")(BUGS | {"adrift": 6})
wrong(check.adam_bugs, says="`adrift` has no line 9")(BUGS | {"adrift": 9})
wrong(check.adam_bugs, says="Give the number of a line for each")(BUGS | {"early": None})
wrong(check.adam_bugs, says="a line for each of 'steady'")({"steady": 6})
right(check.adam_bugs)(BUGS)


@wrong(check.adam, "m and s one array")
def twins(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    t = 0
    while True:
        t += 1
        g = grad(x)
        m += (1 - beta1) * (g - m)
        s += (1 - beta2) * (g**2 - s)
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "2g in place of g²")
def twice_the_gradient(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * 2
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, says="A power is written `**`")
def hat_for_power(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g ^ 2
        yield x - lr * m / (np.sqrt(s) + eps)
