"""Answers to exercise 08, Adam."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.adam, "begin at 0, and the first steps are too long or too short")
def two_means(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s = np.zeros_like(x), np.zeros_like(x)
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (np.sqrt(s) + eps)
        yield x


@wrong(check.adam, "where is the power t")
def t_never_raised(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0.0
    t = 1
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "in the correction of `s`")
def power_on_one_side(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2)) + eps)
        yield x


@wrong(check.adam, "first step is 0/0")
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


@wrong(check.adam, "Your t is one too high")
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


@wrong(check.adam, "the next step corrects it again")
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


@wrong(check.adam, "You put the square of m̂ into it")
def squares_of_the_mean(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        m = beta1 * m + (1 - beta1) * grad(x)
        m_hat = m / (1 - beta1**t)
        s = beta2 * s + (1 - beta2) * m_hat * m_hat
        x = x - lr * m_hat / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "You add ε to the point")
def brackets_forgotten(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * (m / (1 - beta1**t)) / np.sqrt(s / (1 - beta2**t)) + eps
        yield x


@wrong(check.adam, "ε stands under the root")
def under_the_root(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * (m / (1 - beta1**t)) / (s / (1 - beta2**t) + eps) ** 0.5
        yield x


@wrong(check.adam, "That is the folded form")
def as_in_keras(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = m + (1 - beta1) * (g - m)
        s = s + (1 - beta2) * (g**2 - s)
        x = x - lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) * m / (np.sqrt(s) + eps)
        yield x


@wrong(check.adam, "as RMSProp's does")
def rmsprop_corrected(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = beta2 * s + (1 - beta2) * g**2
        x = x - lr * g / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "Each coordinate has an `s` of its own")
def length_of_the_gradient(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, s = np.zeros_like(x), 0.0
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g @ g)
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "`beta1` for both means")
def one_beta(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m, s = beta1 * m + (1 - beta1) * g, beta1 * s + (1 - beta1) * g**2
        x = x - lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta1**t)) + eps)
        yield x


@wrong(check.adam, "Already the first step leads elsewhere")
def step_of_another_kind(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    for t in count(1):
        x = x - lr / t * grad(x)
        yield x


@wrong(check.adam, "in place")
def start_changed(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        x -= lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


memory = {"m": 0.0, "s": 0.0, "t": 0}


@wrong(check.adam, "Runs of your rule disturb each other")
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

wrong(check.uncorrected_step, "with the corrections, η")(lambda lr, beta1, beta2: lr)
wrong(check.uncorrected_step, "Where is the root")(lambda lr, b1, b2: lr * (1 - b1) / (1 - b2))
wrong(check.uncorrected_step, "the factor that puts the step right")(
    lambda lr, b1, b2: lr * (1 - b2) ** 0.5 / (1 - b1)
)
wrong(check.uncorrected_step, "right for 0.9 and 0.999 only")(lambda lr, b1, b2: lr * 10**0.5)
wrong(check.uncorrected_step, "RMSProp's first step")(lambda lr, b1, b2: lr * (1 - b2) ** -0.5)
wrong(check.uncorrected_step, "Give the check the function itself")(3.16)


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


@wrong(check.bias_drift, "Where is 1 − β?")
def sum_alone(expected, beta):
    t = len(expected)
    total = sum(beta ** (t - 1 - i) * (expected[i] - expected[-1]) for i in range(t))
    return total / (1 - beta**t)


@wrong(check.bias_drift, "Your weights are the wrong way round")
def newest_last(expected, beta):
    t = len(expected)
    zeta = (1 - beta) * sum(beta**i * (expected[i] - expected[-1]) for i in range(t))
    return zeta / (1 - beta**t)


@wrong(check.bias_drift, "Your powers of β are one too high")
def one_power_too_many(expected, beta):
    t = len(expected)
    zeta = (1 - beta) * sum(beta ** (t - i) * (expected[i] - expected[-1]) for i in range(t))
    return zeta / (1 - beta**t)


@wrong(check.bias_drift, "That is ζ")
def not_divided(expected, beta):
    return old_mean([e - expected[-1] for e in expected], beta)


wrong(check.bias_drift, "with a power")(lambda e, beta: not_divided(e, beta) / (1 - beta))
wrong(check.bias_drift, "The correction divides")(
    lambda e, beta: not_divided(e, beta) * (1 - beta ** len(e))
)
wrong(check.bias_drift, "That is E[m̂_t]")(lambda e, beta: old_mean(e, beta) / (1 - beta ** len(e)))
wrong(check.bias_drift, "without the correction")(lambda e, beta: old_mean(e, beta) - e[-1])
wrong(check.bias_drift, "A sign")(lambda e, beta: e[-1] - old_mean(e, beta) / (1 - beta ** len(e)))
wrong(check.bias_drift, "It is 0 only if")(lambda expected, beta: 0)


@right(check.bias_drift)
def what_is_left(expected, beta):
    return old_mean(expected, beta) / (1 - beta ** len(expected)) - expected[-1]


@right(check.bias_drift)
def by_average(expected, beta):
    return np.average(expected, weights=beta ** -np.arange(len(expected))) - expected[-1]


# 4: which ε

wrong(check.keras_epsilon, "is not √ŝ + ε̂")(lambda t, eps_hat, b1, b2: eps_hat)
wrong(check.keras_epsilon, "You multiply: that")(lambda t, e, b1, b2: e * (1 - b2**t) ** 0.5)
wrong(check.keras_epsilon, "Where is the root")(lambda t, e, b1, b2: e / (1 - b2**t))
wrong(check.keras_epsilon, "where is the power t")(lambda t, e, b1, b2: e / (1 - b2) ** 0.5)
wrong(check.keras_epsilon, "You correct with β₁")(lambda t, e, b1, b2: e / (1 - b1**t) ** 0.5)
wrong(check.keras_epsilon, "in the numerator")(
    lambda t, e, b1, b2: e * (1 - b1**t) / (1 - b2**t) ** 0.5
)
wrong(check.keras_epsilon, "You multiply by η_t/η")(
    lambda t, e, b1, b2: e / ((1 - b1**t) / (1 - b2**t) ** 0.5)
)
wrong(check.keras_epsilon, "At step 1 your ε is right")(
    lambda t, e, b1, b2: e / (1 - b2**t) ** (0.5 / t)
)
wrong(check.keras_epsilon, "one number")(lambda t, e, b1, b2: (e, e))


@right(check.keras_epsilon)
def solved_for_eps(t, eps_hat, beta1, beta2):
    s = 2.0  # any: √s + ε̂ = √(1 − β₂ᵗ) (√ŝ + ε)
    s_hat = s / (1 - beta2**t)
    return (math.sqrt(s) + eps_hat) / math.sqrt(1 - beta2**t) - math.sqrt(s_hat)


# 5: the longest step

wrong(check.worst_gradients, "On a constant gradient")(lambda b1, b2, steps: np.full(steps, -3.0))
wrong(check.worst_gradients, "the paper's example")(lambda b1, b2, n: [0.0] * (n - 1) + [5.0])
wrong(check.worst_gradients, "where is β₂")(lambda b1, b2, n: [(1 / b1) ** i for i in range(n)])
wrong(check.worst_gradients, "Turn them round")(lambda b1, b2, n: (b1 / b2) ** np.arange(n))
wrong(check.worst_gradients, "η is possible")(lambda b1, b2, n: 3.0 ** np.arange(n))
wrong(check.worst_gradients, "not a number")(lambda b1, b2, n: np.zeros(n))
wrong(check.worst_gradients, "must be 6 numbers")(lambda b1, b2, n: 1.1 ** np.arange(n + 1))


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
wrong(check.adam_bugs, "In `steady` line 4 is right: a mean of the gradients")(BUGS | {"steady": 4})
wrong(check.adam_bugs, "In `early` line 6 is right: each mean divided")(BUGS | {"early": 6})
wrong(check.adam_bugs, "In `blurred` line 5 is right: m divided")(BUGS | {"blurred": 5})
wrong(check.adam_bugs, "In `adrift` line 6 is right")(BUGS | {"adrift": 6})
wrong(check.adam_bugs, "`adrift` has no line 9")(BUGS | {"adrift": 9})
wrong(check.adam_bugs, "Give the number of a line for each")(BUGS | {"early": None})
wrong(check.adam_bugs, "a line for each of 'steady'")({"steady": 6})
right(check.adam_bugs)(BUGS)


@wrong(check.adam, "one array with two names")
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


@wrong(check.adam, "`g**2`")
def twice_the_gradient(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * 2
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
        yield x


@wrong(check.adam, "A power is written `**`")
def hat_for_power(grad, x, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = s = np.zeros_like(x)
    while True:
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g ^ 2
        yield x - lr * m / (np.sqrt(s) + eps)
