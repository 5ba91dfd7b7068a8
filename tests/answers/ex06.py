"""Answers to exercise 06, RMSProp."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from course_lib import adagrad, check, descend, parabola, theory
from course_lib import rmsprop as course_rmsprop

# 1: rules that are wrong


@wrong(check.rmsprop, "That is AdaGrad")
def sums_up(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return adagrad(grad, x, lr, eps)


@wrong(check.rmsprop, "enters without its weight")
def without_one_minus_beta(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = 0.0
    while True:
        g = grad(x)
        s = g**2 + beta * s
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "have changed places")
def exchanged(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, lr, 1 - beta, eps)


@wrong(check.rmsprop, "stands with the old `s`")
def on_the_wrong_term(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros(len(x))
    while True:
        g = grad(x)
        s = (1 - beta) * s + g * g
        x = x - lr / (np.sqrt(s) + eps) * g
        yield x


@wrong(check.rmsprop, "Mind the brackets")
def beta_around_all(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * (s + g**2)
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "Is `s` made once, before")
def memory_in_the_loop(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    while True:
        s = np.zeros_like(x)
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "divide each slope by its own size")
def rprop(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    while True:
        g = grad(x)
        x = x - lr * g / (np.abs(g) + eps)
        yield x


@wrong(check.rmsprop, "Each coordinate has its own")
def one_length(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = 0.0
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * (g @ g)
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "Take its root")
def no_root(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / (s + eps)
        yield x


@wrong(check.rmsprop, "inside the root")
def as_in_optax(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g * (s + eps) ** -0.5
        yield x


@wrong(check.rmsprop, "Put brackets around the denominator")
def bracket_forgotten(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / np.sqrt(s) + eps
        yield x


@wrong(check.rmsprop, "missing in the denominator")
def no_eps(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / np.sqrt(s)
        yield x


@wrong(check.rmsprop, "uphill")
def plus(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(lambda p: -grad(p), x, lr, beta, eps)


@wrong(check.rmsprop, "begins at 0")
def begins_with_the_square(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = grad(x) ** 2
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "repair that Adam makes")
def corrected(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        s_hat = s / (1 - beta**t)
        x = x - lr * g / (np.sqrt(s_hat) + eps)
        yield x


@wrong(check.rmsprop, "`s` of the step before")
def too_late(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        x = x - lr * g / (np.sqrt(s) + eps)
        s = beta * s + (1 - beta) * g**2
        yield x


@wrong(check.rmsprop, "same learning rate whatever")
def own_learning_rate(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, 0.001, beta, eps)


@wrong(check.rmsprop, "same β whatever")
def own_beta(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, lr, eps=eps)


@wrong(check.rmsprop, "disturb each other")
def in_a_default_argument(grad, x, lr=0.001, beta=0.9, eps=1e-8, memory={"s": 0.0}):  # noqa: B006
    while True:
        g = grad(x)
        s = memory["s"] = beta * memory["s"] + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "changes the start in place")
def in_place(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x -= lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "Already the first step leads elsewhere")
def half_a_step(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, lr / 2, beta, eps)


@wrong(check.rmsprop, "Up to step 2 your path is right")
def forgets_in_jumps(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = (beta if t < 3 else 0.3) * s + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


# 1: right rules in other styles


@right(check.rmsprop)
def by_differences(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = 0
    for _ in count():
        g = np.asarray(grad(x))
        s += (1 - beta) * (g * g - s)
        x = x - lr / (s**0.5 + eps) * g
        yield x


@right(check.rmsprop)
def from_the_weights(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    squares = []
    while True:
        g = grad(x)
        squares = [beta * old for old in squares] + [(1 - beta) * g**2]
        x = x - lr * g / (np.sqrt(np.sum(squares, axis=0)) + eps)
        yield x


@right(check.rmsprop)
def lists_of_floats(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    x, s = list(x), [0.0] * len(x)
    while True:
        for i, g in enumerate(grad(x)):
            s[i] = beta * s[i] + (1 - beta) * g**2
            x[i] -= lr * g / (math.sqrt(s[i]) + eps)
        yield list(x)


@right(check.rmsprop)
class AnIterator:
    def __init__(self, grad, x, lr=0.001, beta=0.9, eps=1e-8):
        self.grad, self.x, self.settings = grad, np.array(x), (lr, beta, eps)
        self.s = np.zeros_like(self.x)

    def __iter__(self):
        return self

    def __next__(self):
        lr, beta, eps = self.settings
        g = self.grad(self.x)
        self.s *= beta
        self.s += (1 - beta) * g**2
        self.x -= lr * g / (np.sqrt(self.s) + eps)
        return self.x


# 2: β for a half-life

for words, answer in {
    "β with the mean age h, if": lambda h: 1 - 1 / h,
    "β with the mean age h. The": lambda h: h / (h + 1),
    "fallen to 1/e": lambda h: math.exp(-1 / h),
    "wants the h-th root": lambda h: 0.5**h,
    "logarithm of β": lambda h: -math.log(2) / h,
    "after its first term": lambda h: 1 + math.log(0.5) / h,
    "weight of the newest": lambda h: 1 - 2 ** (-1 / h),
    "larger than 1": lambda h: 2 ** (1 / h),
    "halves √s": lambda h: 0.5 ** (2 / h),
    "returns nothing so far": lambda h: None,
}.items():
    wrong(check.beta_for_half_life, words)(answer)


@wrong(check.beta_for_half_life, "turns a β into its half-life")
def the_other_way(h):
    return math.log(0.5) / math.log(h) if h != 1 else -math.inf


@right(check.beta_for_half_life)
def by_logarithms(h):
    return math.exp(math.log(0.5) / h)


@right(check.beta_for_half_life)
def by_bisection(h):
    low, high = 0.0, 1 - 1e-12
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if theory.half_life(middle) < h else (low, middle)
    return low


# 3: the first steps

for words, answer in {
    "The rule divides by the root": lambda lr, beta, t: lr / (1 - beta**t),
    "That is the first step": lambda lr, beta, t: lr * (1 - beta) ** -0.5,
    "come to in the end": lambda lr, beta, t: lr,
    "are the steps too short": lambda lr, beta, t: lr * (1 - beta**t) ** 0.5,
    "in the first step t is 1": lambda lr, beta, t: lr / (1 - beta ** (t + 1)) ** 0.5,
    "oldest gradient alone": lambda lr, beta, t: lr / ((1 - beta) * beta ** (t - 1)) ** 0.5,
    "rest is in s": lambda lr, beta, t: lr / beta ** (t / 2),
    "weight (1 − β)βᵏ": lambda lr, beta, t: lr / sum(beta**k for k in range(t)) ** 0.5,
    "Only β is raised": lambda lr, beta, t: lr / (1 - beta) ** (t / 2),
    "in units of η": lambda lr, beta, t: (1 - beta**t) ** -0.5,
    "in Python a power": lambda lr, beta, t: lr / abs(1 - beta * t) ** 0.5,
}.items():
    wrong(check.step_length, words)(answer)


@wrong(check.step_length, "takes in the newest gradient")
def counts_from_zero(lr, beta, t):
    return lr / np.sqrt(1 - np.float64(beta) ** (t - 1))


@right(check.step_length)
def measured(lr, beta, t):
    walk = course_rmsprop(lambda x: np.array([-3.0]), np.zeros(1), lr, beta, 0.0)
    x = [0.0, *(next(walk)[0] for _ in range(t))]
    return x[-1] - x[-2]


@right(check.step_length)
def by_the_weights(lr, beta, t):
    return lr / np.sqrt(sum((1 - beta) * beta**k for k in range(t)))


# 4: the jitter

for words, answer in {
    "distance from the minimum": lambda lr, lam: lr / 2,
    "length of a step": lambda lr, lam: lr,
    "half of it": lambda lr, lam: lam * lr**2 / 2,
    "the parabola is ½ λ x²": lambda lr, lam: lam * (lr / 2) ** 2,
    "but f does": lambda lr, lam: lr**2 / 8,
    "forgotten to square": lambda lr, lam: lam / 2 * lr / 2,
    "floor under noise": lambda lr, lam: lr / 4,
    "slope there": lambda lr, lam: lam * lr / 2,
    "does not come to rest": lambda lr, lam: 0,
    "effective step size": lambda lr, lam: 2 / lam,
    "λ enters once": lambda lr, lam: (lam * lr) ** 2 / 8,
}.items():
    wrong(check.jitter_height, words)(answer)


@right(check.jitter_height)
def by_a_run(lr, curvature):
    path = descend(course_rmsprop, parabola(curvature), steps=3000, lr=lr, beta=0.8, eps=0.0)
    return path.values[-1]


# 5: AdaGrad from RMSProp

for words, answer in {
    "√t times too small. What must": lambda t, lr: (lr, 1 - 1 / t),
    "you divide η by t": lambda t, lr: (lr / t, 1 - 1 / t),
    "let η fall": lambda t, lr: (lr * t**0.5, 1 - 1 / t),
    "Is the order η, β": lambda t, lr: (lr / t**0.5, 1 / t),
    "only the newest square": lambda t, lr: (lr / t**0.5, 0),
    "β is 0.9 in every step": lambda t, lr: (lr / t**0.5, 0.9),
    "RMSProp as it was": lambda t, lr: (lr, 0.9),
    "do not fit together": lambda t, lr: (lr / t**0.5, t / (t + 1)),
    "falls one step too soon": lambda t, lr: (lr / (t + 1) ** 0.5, 1 - 1 / t),
    "no root is needed": lambda t, lr: (lr / t**0.5, 1 - 1 / t**0.5),
    "must be at least 0 and below 1": lambda t, lr: (1 - 1 / t, 2 * lr / t**0.5 + 1),
    "must be 2 numbers": lambda t, lr: lr / t**0.5,
}.items():
    wrong(check.adagrad_schedule, words)(answer)


@right(check.adagrad_schedule)
def as_an_array(t, lr):
    return np.array([lr * t**-0.5, (t - 1) / t])


@right(check.adagrad_schedule)
def one_step_later_in_both(t, lr):
    """s is the sum divided by t + 1, and η/√(t + 1) undoes it: also AdaGrad."""
    return lr / np.sqrt(t + 1), 1 - 1 / (t + 1)


# 6: where ε stands

for words, answer in {
    "outside first": lambda eps: ((eps / 3) ** 0.5, eps),
    "compared with g², and not": lambda eps: (eps, eps),
    "compared with g itself": lambda eps: ((eps / 3) ** 0.5, (eps / 3) ** 0.5),
    "At g = √ε": lambda eps: (eps, eps**0.5),
    "so take the root": lambda eps: (eps, eps / 3),
    "belongs under the root": lambda eps: (eps, eps**0.5 / 3),
    "is neither of them": lambda eps: (eps**0.5, eps**0.5),
    "so 3g² = ε": lambda eps: (eps, (3 * eps) ** 0.5),
    "leaves three g²": lambda eps: (eps, (eps / 2) ** 0.5),
    "At g = ε/2": lambda eps: (eps / 2, (eps / 3) ** 0.5),
    "mind the g² on the right": lambda eps: (eps, eps**0.5 / 2),
    "must be 2 numbers": lambda eps: eps,
}.items():
    wrong(check.half_steps, words)(answer)


@right(check.half_steps)
def by_search(eps):
    g = np.geomspace(1e-11, 1, 40_001)
    lengths = g / (g + eps), g / np.sqrt(g**2 + eps)
    return [np.exp(np.interp(0.5, length, np.log(g))) for length in lengths]


# 7: bugs

for words, answer in {
    "In `first` line 5 is right": {"first": 5, "second": 1, "third": 5},
    "In `second` line 4 is right": {"first": 4, "second": 4, "third": 5},
    "In `third` line 4 is right": {"first": 4, "second": 1, "third": 4},
    "`second` has no line 7": {"first": 4, "second": 7, "third": 5},
    "Give the number of a line": {"first": 4, "second": None, "third": 5},
}.items():
    wrong(check.rmsprop_bugs, words)(answer)

right(check.rmsprop_bugs)({"first": 4, "second": 1.0, "third": np.int64(5)})
