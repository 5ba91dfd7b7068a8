"""Answers to exercise 06, RMSProp."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from course_lib import adagrad, descend, parabola
from course_lib import rmsprop as course_rmsprop
from exercise_lib import check

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


# 2: β for a memory

for words, answer in {
    "the *older* gradients hold": lambda n, part: part ** (1 / n),
    "half-life n": lambda n, part: 0.5 ** (1 / n),
    "mean age n, if": lambda n, part: 1 - 1 / n,
    "mean age n. Asked": lambda n, part: n / (n + 1),
    "wants the n-th root": lambda n, part: (1 - part) ** n,
    "logarithm of β": lambda n, part: math.log(1 - part) / n,
    "after its first term": lambda n, part: 1 + math.log(1 - part) / n,
    "weight of the newest gradient": lambda n, part: 1 - (1 - part) ** (1 / n),
    "larger than 1": lambda n, part: (1 / (1 - part)) ** (1 / n),
    "You divide by n": lambda n, part: (1 - part) / n,
    "the same weight, part/n": lambda n, part: 1 - part / n,
    "n end with k = n − 1": lambda n, part: math.exp(math.log(1 - part) / (n + 1)),
    "are n gradients": lambda n, part: (1 - part) ** (1 / (n - 1)),
    "returns nothing so far": lambda n, part: None,
}.items():
    wrong(check.beta_for_memory, words)(answer)


@right(check.beta_for_memory)
def by_logarithms(n, part):
    return math.exp(math.log1p(-part) / n)


@right(check.beta_for_memory)
def by_bisection(n, part):
    low, high = 0.0, 1.0
    for _ in range(60):
        beta = (low + high) / 2
        held = sum((1 - beta) * beta**k for k in range(n))
        low, high = (beta, high) if held > part else (low, beta)
    return low


# 3: a jump of the slope


def old_and_new(beta, c, k):
    return beta**k + (1 - beta**k) * c**2


for words, answer in {
    "a start from s = 0": lambda lr, beta, c, k: lr / (1 - beta**k) ** 0.5,
    "come to in the end": lambda lr, beta, c, k: lr,
    "if s were still g²": lambda lr, beta, c, k: c * lr,
    "is now c g": lambda lr, beta, c, k: lr / old_and_new(beta, c, k) ** 0.5,
    "divides by its root": lambda lr, beta, c, k: lr * c / old_and_new(beta, c, k),
    "g² grows by c²": lambda lr, beta, c, k: lr * c / (beta**k + (1 - beta**k) * c) ** 0.5,
    "what fades like βᵏ": lambda lr, beta, c, k: lr * c / (1 + beta**k * (c**2 - 1)) ** 0.5,
    "Use `k`": lambda lr, beta, c, k: lr * c / (beta + (1 - beta) * c**2) ** 0.5,
    "there are k of them": lambda lr, beta, c, k: lr * c / (beta**k + (1 - beta) * c**2) ** 0.5,
    "Where are the new squares": lambda lr, beta, c, k: lr * c / beta ** (k / 2),
    "with all its weight": lambda lr, beta, c, k: lr * c / (1 + (1 - beta**k) * c**2) ** 0.5,
    "You raise 1 − β": lambda lr, b, c, k: lr * c / (b**k + (1 - b) ** k * c**2) ** 0.5,
    "in Python a power": lambda lr, b, c, k: lr * c / (b * k + abs(1 - b * k) * c**2) ** 0.5,
    "in step 1 only one": lambda lr, beta, c, k: lr * c / old_and_new(beta, c, k + 1) ** 0.5,
    "before it is used": lambda lr, beta, c, k: lr * c / old_and_new(beta, c, k - 1) ** 0.5,
    "in units of η": lambda lr, beta, c, k: c / old_and_new(beta, c, k) ** 0.5,
}.items():
    wrong(check.step_after_jump, words)(answer)


@right(check.step_after_jump)
def from_a_run(lr, beta, c, k):
    s = 1.0
    for _ in range(k):
        s = beta * s + (1 - beta) * c**2
    return lr * c / math.sqrt(s)


@right(check.step_after_jump)
def divided_by_c(lr, beta, c, k):
    return lr / np.sqrt(1 + beta**k * (c**-2 - 1))


# 4: the η for a height

for words, answer in {
    "A step leads from x to −x": lambda f, lam: (2 * f / lam) ** 0.5,
    "You halve |x|": lambda f, lam: (2 * f / lam) ** 0.5 / 2,
    "That is η²": lambda f, lam: 8 * f / lam,
    "Where is the curvature": lambda f, lam: (8 * f) ** 0.5,
    "height is *nearer*": lambda f, lam: (8 * f * lam) ** 0.5,
    "You have solved λ x² = f": lambda f, lam: 2 * (f / lam) ** 0.5,
    "Two things": lambda f, lam: (f / lam) ** 0.5,
    "solve for η": lambda f, lam: lam * f**2 / 8,
    "floor under noise": lambda f, lam: 4 * f,
    "on its head": lambda f, lam: (8 * f / lam) ** -0.5,
    "effective step size": lambda f, lam: 2 / lam,
    "stays at its start": lambda f, lam: 0,
}.items():
    wrong(check.lr_for_height, words)(answer)


@right(check.lr_for_height)
def from_one_run(height, curvature):
    """f goes with η²: one run at any η tells all."""
    path = descend(course_rmsprop, parabola(curvature), steps=3000, lr=0.1, beta=0.8, eps=0.0)
    return 0.1 * math.sqrt(height / path.values[-1])


# 5: an AdaGrad with growing weights

for words, answer in {
    "AdaGrad of the lesson": lambda t, lr: (lr / t**0.5, 1 - 1 / t),
    "root of their *sum*": lambda t, lr: (lr, (t - 1) / (t + 1)),
    "and not to t. What": lambda t, lr: (lr / t**0.5, 1 - 2 / (t + 1)),
    "it is under a root": lambda t, lr: (2 * lr / t / (t + 1), 1 - 2 / (t + 1)),
    "too long already": lambda t, lr: (lr * (t * (t + 1) / 2) ** 0.5, 1 - 2 / (t + 1)),
    "is *half* of t": lambda t, lr: (lr / (t * (t + 1)) ** 0.5, 1 - 2 / (t + 1)),
    "the newest has 1/t": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 1 - 1 / t),
    "t is not a part": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, t / (t + 1)),
    "a ½ in both": lambda t, lr: (lr / (t * (t + 1)) ** 0.5, t / (t + 1)),
    "one step off": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, t / (t + 2)),
    "Let β grow with t": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 0.9),
    "only the newest square": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 0),
    "RMSProp as it was": lambda t, lr: (lr, 0.9),
    "must be at least 0 and below 1": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 2 / (t + 1)),
    "must be 2 numbers": lambda t, lr: lr / t**0.5,
}.items():
    wrong(check.growing_weights, words)(answer)


@right(check.growing_weights)
def as_an_array(t, lr):
    weights = np.arange(1, t + 1)
    return np.array([lr / np.sqrt(weights.sum()), weights[:-1].sum() / weights.sum()])


@right(check.growing_weights)
def some_of_the_zero_kept(t, lr):
    """s is the sum divided by one more than all weights, and η undoes it: the same path."""
    weights = 1 + t * (t + 1) / 2
    return lr / np.sqrt(weights), 1 - t / weights


# 6: a blow


def until(now, at_first, beta):
    return math.ceil(math.log(now / at_first, beta))


for words, answer in {
    "Steps are whole": lambda b, c, p: math.log((p**-2 - 1) / (1 - b) / (c**2 - 1)) / math.log(b),
    "One too low": lambda b, c, p: until(p**-2 - 1, (1 - b) * (c**2 - 1), b) - 1,
    "One too high": lambda b, c, p: until(p**-2 - 1, (1 - b) * (c**2 - 1), b) + 1,
    "puts into it is (c g)²": lambda b, c, p: until(p**-2 - 1, (1 - b) * (c - 1), b),
    "with the weight 1 − β": lambda b, c, p: until(p**-2 - 1, c**2 - 1, b),
    "Your s has one part twice": lambda b, c, p: until(p**-2 - 1, (1 - b) * c**2, b),
    "s is g²/p²": lambda b, c, p: until(1 / p - 1, (1 - b) * (c**2 - 1), b),
    "and not to 0": lambda b, c, p: until(p**-2, (1 - b) * (c**2 - 1), b),
    "halved many times": lambda b, c, p: until(0.5, 1, b),
    "size of the blow": lambda b, c, p: until(1 - p, 1, b),
    "below 0: divide": lambda b, c, p: 1 - until(p**-2 - 1, (1 - b) * (c**2 - 1), b),
    "must be one number": lambda b, c, p: (b, c, p),
}.items():
    wrong(check.steps_to_recover, words)(answer)


@right(check.steps_to_recover)
def by_trial(beta, c, part):
    s = beta + (1 - beta) * c**2
    for k in count(1):
        s = beta * s + 1 - beta
        if s**-0.5 >= part:
            return k


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
