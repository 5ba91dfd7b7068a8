"""Around a learner's code: whatever it does to the session of Python is undone when it ends.

A check runs code that nobody has read, in the very session that the notebook goes on with. That
code may print a million lines, ask a question that nobody answers, leave, want all memory there is,
change the folder, the random numbers or NumPy itself.
"""

import builtins
import io
import math
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from functools import partial
from types import FrameType

import numpy as np

try:
    import resource
except ImportError:  # Windows, and a browser
    resource = None

GIGABYTE = 2**30
SHARED = (math, random, np, np.linalg, np.random)  # all code uses them: nobody may change them
PRISTINE = [
    {name: value for name, value in vars(module).items() if callable(value)} for module in SHARED
]


class Interrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C or "interrupt the kernel"; no line of the learner's raised this."""


class Printed(io.TextIOBase):
    """Takes what is printed, counts the lines, and keeps nothing."""

    lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        return len(text)


class Surroundings:
    """A context manager, used once; afterwards it knows what the code did.

    seed:     where the random numbers of Python and NumPy begin; else they go on
    printed:  the number of lines that were printed
    replaced: the functions that the code, or the notebook before it, had put something in place of
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed, self.printed = seed, 0
        self.replaced: list[str] = []

    def __enter__(self) -> "Surroundings":
        self.undo, self.out = ExitStack(), Printed()
        self.put_numpy_back()
        self.undo.callback(self.put_numpy_back)
        for keep in (
            partial(_numbers, self.seed),
            _folder,
            _builtins,
            _leaving,
            _interrupt,
            _memory,
        ):
            self.undo.callback(keep())
        self.undo.enter_context(redirect_stdout(self.out))
        self.undo.enter_context(redirect_stderr(self.out))
        self.undo.enter_context(warnings.catch_warnings(action="ignore"))
        return self

    def __exit__(self, *exception: object) -> None:
        self.undo.close()
        self.printed = self.out.lines

    def put_numpy_back(self) -> None:
        for module, pristine in zip(SHARED, PRISTINE, strict=True):
            now = vars(module)
            for name, value in pristine.items():
                if now.get(name) is not value:
                    now[name] = value
                    self.replaced.append(f"{module.__name__.replace('numpy', 'np')}.{name}")


# Each of these notes how something is, and returns what puts it back.

Undo = Callable[[], object]


def _numbers(seed: int | None) -> Undo:
    """Random numbers go on as if there had been no check; NumPy warns and prints as before.

    NumPy's old global generator is meant: learners may use it, we do not.
    """
    ours, theirs = random.getstate(), np.random.get_state()  # noqa: NPY002
    errors, shown = np.geterr(), np.get_printoptions()
    if seed is not None:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002

    def undo() -> None:
        random.setstate(ours)
        np.random.set_state(theirs)  # noqa: NPY002
        np.seterr(**errors)
        np.set_printoptions(**shown)

    return undo


def _folder() -> Undo:
    try:
        folder = os.getcwd()
    except OSError:  # it has been deleted
        return lambda: None
    return lambda: os.chdir(folder)


def _builtins() -> Undo:
    """``input`` asks nobody, ``stdin`` is empty, and what cannot be raised is not told."""
    functions, stdin, told = dict(vars(builtins)), sys.stdin, sys.unraisablehook
    depth = sys.getrecursionlimit()
    builtins.input, sys.stdin, sys.unraisablehook = _no_input, io.StringIO(), lambda _: None

    def undo() -> None:
        vars(builtins).update(functions)
        sys.stdin, sys.unraisablehook = stdin, told
        with suppress(RecursionError):  # deeper in already: leave it
            sys.setrecursionlimit(depth)

    return undo


def _no_input(prompt: object = "") -> str:
    raise RuntimeError("nobody is there to answer; take what you need from the arguments")


def _leaving() -> Undo:
    """``exit()`` and ``quit()`` of a notebook do not raise but end its kernel: here they raise."""
    python = sys.modules.get("IPython")
    shell = python.get_ipython() if python else None
    if shell is None:
        return lambda: None

    def leave() -> None:
        raise SystemExit

    shell.ask_exit = leave
    return lambda: vars(shell).pop("ask_exit", None)


def _interrupt() -> Undo:
    """A real interrupt can be told from a ``KeyboardInterrupt`` that the code raises itself."""
    before = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if before is not signal.default_int_handler or not in_main_thread:
        return lambda: None
    signal.signal(signal.SIGINT, _interrupted)
    return lambda: signal.signal(signal.SIGINT, before)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def _memory() -> Undo:
    """No more than another gigabyte, where the system can count it (Linux)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as numbers:
            used = int(numbers.read().split()[0]) * resource.getpagesize()
        before = resource.getrlimit(resource.RLIMIT_AS)
        if before[0] not in (resource.RLIM_INFINITY, -1) and before[0] <= used + GIGABYTE:
            return lambda: None
        resource.setrlimit(resource.RLIMIT_AS, (used + GIGABYTE, before[1]))
    except (OSError, ValueError, AttributeError):
        return lambda: None
    return lambda: resource.setrlimit(resource.RLIMIT_AS, before)
