"""Around learner's code: each way to break a session gets its own message, and nothing breaks."""

import math
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress
from itertools import repeat

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from course_lib import optimizers
from exercise_lib import check
from exercise_lib.containment import time_limits
from exercise_lib.containment.surroundings import Interrupted, Surroundings
from exercise_lib.containment.time_limits import Alarm, Events, Limit, Thread, TimeUp, time_limit
from exercise_lib.engine import SECONDS, Report

# Limits on time, by all means that work here

MEANS = [
    pytest.param(means, id=means.__name__, marks=pytest.mark.skipif(missing, reason=reason))
    for means, missing, reason in (
        (Alarm, not hasattr(signal, "setitimer"), "no timers here"),
        (Thread, False, ""),
        (Events, not hasattr(sys, "monitoring"), "sys.monitoring came with Python 3.12"),
    )
]


def spins():
    while True:
        pass


def catches_exceptions():
    while True:
        try:
            int("x")
        except Exception:
            continue


def catches_all():
    while True:
        try:
            len([])
        except:  # noqa: E722
            pass


def in_a_comprehension():
    return [0 for _ in repeat(0) if False]


@pytest.mark.parametrize("means", MEANS)
@pytest.mark.parametrize("loop", [spins, catches_exceptions, catches_all, in_a_comprehension])
def test_loop_without_end_is_stopped(means: type[Limit], loop) -> None:
    began = time.monotonic()
    with pytest.raises(TimeUp), means(0.05):
        loop()
    assert time.monotonic() - began > 0.04


STOPPED = """
import os, signal, subprocess, sys
from exercise_lib.containment.time_limits import {means}

nap = f"kill -STOP {{os.getpid()}}; sleep 1; kill -CONT {{os.getpid()}}"
with {means}(0.5):
    subprocess.run(["sh", "-c", nap + " & wait"])
    total = sum(range(1000))
print(total)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
@pytest.mark.parametrize("means", MEANS)
def test_a_process_that_was_stopped_for_a_while_loses_no_time(means: type[Limit]) -> None:
    script = STOPPED.format(means=means.__name__)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("499500\n", "")


@pytest.mark.parametrize("means", MEANS)
def test_code_that_waits_has_longer_and_is_stopped_as_well(means: type[Limit]) -> None:
    began = time.monotonic()
    with pytest.raises(TimeUp) as stopped, means(0.05):
        while True:
            time.sleep(0.01)
    if time.monotonic() - began > 0.05 * time_limits.BACKSTOP:  # else the machine is very slow
        assert stopped.value.waited


@pytest.mark.parametrize("means", MEANS)
def test_nothing_comes_after_the_block(means: type[Limit]) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    threads = threading.active_count()
    with suppress(TimeUp), means(0.05):  # on a busy machine it may come even here
        pass
    time.sleep(0.12)  # more than twice the limit
    assert handlers == [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert threading.active_count() == threads
    with pytest.raises(ZeroDivisionError), means(60):
        raise ZeroDivisionError


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_alarm_that_was_set_before_still_comes() -> None:
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(time.monotonic()))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.15)
        began = time.monotonic()
        with pytest.raises(TimeUp), Alarm(0.03):
            spins()
        while not rang and time.monotonic() < began + 60:
            time.sleep(0.01)
        assert rang[0] - began > 0.14
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_place_decides_on_the_means(monkeypatch: pytest.MonkeyPatch) -> None:
    here = []
    other = threading.Thread(target=lambda: here.append(time_limits.means()))
    other.start()
    other.join()
    assert here == [Events if hasattr(sys, "monitoring") else time_limits.NoLimit]
    assert time_limits.means() is (Alarm if hasattr(signal, "setitimer") else Thread)
    monkeypatch.delattr(signal, "setitimer", raising=False)
    assert time_limits.means() is Thread
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert time_limits.means() is here[0]


# What a learner's rule may do to a check


def rule_that(acts):
    """Gradient descent that does something else, too, before each step."""

    def rule(grad, x, lr=0.1):
        while True:
            acts(x)
            x = x - lr * grad(x)
            yield x

    return rule


def state() -> dict[str, object]:
    """What a check must leave as it was."""
    return {
        "streams": (sys.stdin, sys.stdout, sys.stderr, sys.unraisablehook, input),
        "folder": os.getcwd(),
        "numbers": (random.getstate(), np.random.get_state()[1].tolist()),  # noqa: NPY002
        "errors": (np.geterr(), np.get_printoptions(), list(warnings.filters)),
        "numpy": (np.sqrt, np.linalg.norm, math.sqrt, np.random.default_rng),
        "depth": sys.getrecursionlimit(),
        "signals": [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)],
        "alarm": (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL))
        if hasattr(signal, "setitimer")
        else None,
    }


def checked(rule, seconds: float = 300) -> Report:
    """The report of a check that left all as it was; and the next check works."""
    before = state()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exercise_lib.engine.SECONDS", seconds)
        report = check.gradient_descent(rule)
    assert state() == before
    assert check.gradient_descent(optimizers.gradient_descent).passed
    return report


def raising(error):
    def act(x):
        raise error

    return act


def calls_itself(x):
    calls_itself(x)


def grows(x):
    kept = []
    while True:
        kept.append(np.zeros(10_000_000))


def replaces_numpy(x):
    np.sqrt = math.sqrt
    np.allclose = None


ACTS = {
    "ends": (lambda x: sys.exit(1), "ends the program", "raises SystemExit"),
    "quits": (lambda x: exit(), "ends the program", "raises SystemExit"),
    "interrupts": (raising(KeyboardInterrupt), "presses Ctrl-C", "raises KeyboardInterrupt"),
    "asks": (lambda x: input("How many?"), "nobody is there to answer", "raises RuntimeError"),
    "raises": (lambda x: x[5], "raised IndexError: index 5", "raises IndexError"),
    "own type": (raising(type("Odd", (Exception,), {})), "raised Odd", "raises Odd"),
    "recursion": (calls_itself, "calls itself again", "raises RecursionError"),
    "stops": (raising(StopIteration), "generator raised StopIteration", "raises RuntimeError"),
    "numpy": (replaces_numpy, "in the place of `np.allclose`", "NumPy changed"),
}


@pytest.mark.parametrize(("act", "words", "name"), ACTS.values(), ids=ACTS)
def test_act_gets_its_own_message(act, words: str, name: str) -> None:
    report = checked(rule_that(act))
    assert (report.state, report.mistake) == ("wrong", name) and words in report.message


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
@pytest.mark.parametrize("act", [grows, lambda x: np.ones(10**9), lambda x: list(range(10**9))])
def test_memory_has_a_limit(act) -> None:
    report = checked(rule_that(act))
    assert report.mistake == "raises MemoryError" and "more than a gigabyte" in report.message


def test_point_may_be_huge() -> None:
    report = checked(lambda grad, x, lr=0.1: repeat(np.broadcast_to(1.0, 10**12)))
    assert "yielded an array of shape (1000000000000,)" in report.message


@pytest.mark.parametrize("loop", [spins, catches_exceptions])
def test_endless_loop_is_named_within_five_seconds(loop) -> None:
    report = checked(rule_that(lambda x: loop()), seconds=0.2)
    assert "was still running after 4 seconds" in report.message
    assert report.mistake == "runs on for ever" and "Your line `" in report.message
    assert SECONDS <= 4.5


def test_endless_loop_that_catches_what_the_gradient_raises() -> None:
    def rule(grad, x, lr=0.1):
        while True:
            try:
                x = x - lr * grad(x)
            except Exception:
                pass

    assert checked(rule).mistake == "loops without a yield"


def test_prints_are_counted_and_not_shown(capfd) -> None:
    def prints(x):
        print(x)
        print("a" * 100_000, file=sys.stderr)

    report = checked(rule_that(prints))
    assert report.passed and capfd.readouterr() == ("", "")
    assert int(re.search(r"\((\d+) lines\)", report.note)[1]) > 2000
    assert "is not shown" in repr(report) and "is not shown" in report._repr_html_()
    assert not check.gradient_descent(optimizers.gradient_descent).note


def test_rule_may_do_much_that_does_not_concern_the_check() -> None:
    def untidy(x):
        np.seterr(all="raise")
        np.random.seed(1)  # noqa: NPY002
        random.seed(1)
        os.chdir("/")
        sys.setrecursionlimit(5000)
        sys.stdout = sys.stderr = None
        warnings.simplefilter("error")
        np.set_printoptions(precision=1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    assert checked(rule_that(untidy)).passed


def test_rule_that_cannot_be_closed_is_right() -> None:
    def stays(grad, x, lr=0.1):
        while True:
            x = x - lr * grad(x)
            try:
                yield x
            except GeneratorExit:
                pass

    assert checked(stays).passed


def test_interrupt_of_the_user_ends_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(x):
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Interrupted):
            check.gradient_descent(rule_that(interrupted))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_function_replaced_in_the_notebook_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    right = np.sum
    np.sum = 3.0
    try:
        report = check.steps_to_halve(check.steps_to_halve.right)
        assert report.mistake == "NumPy changed" and "`np.sum`" in report.message
        assert np.sum is right
    finally:
        np.sum = right


def test_limits_cost_little() -> None:
    """A check takes 1 to 50 ms; what is around the learner's code takes less than 1."""
    times = []
    for _ in range(20):
        began = time.process_time()
        with Surroundings(), time_limit(1):
            pass
        times.append(time.process_time() - began)
    assert min(times) < 1e-3


def test_exit_of_a_notebook_does_not_end_its_kernel() -> None:
    """``exit`` of IPython raises nothing: it ends the kernel after the cell."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source)
            for source in (
                "from course_lib import check\n"
                "def rule(grad, x, lr=0.1):\n"
                f"    {line}\n"
                "    yield x\n"
                "report = check.gradient_descent(rule)\n"
                "assert 'SystemExit' in report.mistake, report"
                for line in ("exit()", "quit()", "get_ipython().ask_exit()")
            )
        ]
        + [nbformat.v4.new_code_cell("print('still here')")]
    )
    NotebookClient(notebook, kernel_name="python3", timeout=600).execute()
    assert notebook.cells[-1].outputs[0].text == "still here\n"
