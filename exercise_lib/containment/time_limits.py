"""A limit on time for code that may run for ever: ``with time_limit(4): …`` raises ``TimeUp``.

The seconds are those of the processor, so that a busy machine costs nobody anything. Code that
waits uses none: by the clock it has ``BACKSTOP`` times as many.

Python has no one way to stop a loop from outside. ``time_limit`` takes the way of the place:

    alarm     a timer of the operating system and its signal: Linux, macOS
    thread    a second thread that sends the main one a signal: Windows
    events    a look at the clock at every jump and call: a browser, where there are neither
              signals nor threads, and threads other than the main one; Python 3.12 and newer

All of them stop Python code; none can stop a single call into C, such as a huge matrix product.
``TimeUp`` comes again and again for as long as the code goes on, so that a bare ``except:`` in a
loop does not hold it up: sooner or later it comes between two rounds.
"""

import ctypes
import signal
import sys
import threading
from _thread import interrupt_main
from time import monotonic, process_time
from types import CodeType, FrameType

AGAIN, SOON = 0.05, 0.001  # seconds from one TimeUp to the next, first and when that was no use
FEW = 4
BACKSTOP = 8


class TimeUp(BaseException):
    """Time is up. It is no ``Exception``, so ``except Exception`` lets it pass.

    waited: whether by the clock alone: the code did not compute, it waited
    """

    waited = False


class WaitedTooLong(TimeUp):
    """Time is up by the clock; see ``TimeUp.waited``."""

    waited = True


class Limit:
    """What all ways share: ``TimeUp`` may come in the block, and not while it is left."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def __enter__(self) -> None:
        self.running, self.knocks = True, 0
        self.began, self.computed = monotonic(), process_time()
        self.start()

    def __exit__(self, *exception: object) -> None:
        self.running = False
        self.stop()

    def remaining(self) -> float:
        """Seconds until time may be up, at the earliest; 0 if it is."""
        by_processor = self.seconds - (process_time() - self.computed)
        by_clock = BACKSTOP * self.seconds - (monotonic() - self.began)
        return max(min(by_processor, by_clock), 0.0)

    def knock(self, where: CodeType) -> None:
        """Time is up while this code runs."""
        self.knocks += 1
        if self.running and where is not Limit.__exit__.__code__:
            raise TimeUp if process_time() - self.computed >= self.seconds else WaitedTooLong

    def on_signal(self, number: int, frame: FrameType) -> None:
        self.knock(frame.f_code)

    @property
    def pause(self) -> float:
        """From one knock to the next. The first ones leave the time to tidy up."""
        return AGAIN if self.knocks < FEW else SOON


class Alarm(Limit):
    """By the timer of the operating system. One that was set before goes on afterwards."""

    def start(self) -> None:
        self.left, self.interval = signal.setitimer(signal.ITIMER_REAL, 0)
        self.handler = signal.signal(signal.SIGALRM, self.on_signal)
        signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)

    def on_signal(self, number: int, frame: FrameType) -> None:
        if self.running and not self.knocks and (left := self.remaining()):
            signal.setitimer(signal.ITIMER_REAL, left, AGAIN)
            return
        if self.running and self.knocks == FEW:
            signal.setitimer(signal.ITIMER_REAL, SOON, SOON)
        super().on_signal(number, frame)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self.handler or signal.SIG_DFL)
        if self.left:
            left = self.left - (monotonic() - self.began)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-6), self.interval)


class Thread(Limit):
    """By a thread that calls the handler of a signal in the main one. No signal is ever sent.

    A handler may run where CPython loses what it raises, at every round of a loop: within
    ``repr``, for the message of another error. So after a few knocks the thread raises ``TimeUp``
    in the main one without a handler, which comes between two instructions.
    """

    def start(self) -> None:
        self.main = threading.get_ident()
        self.handler = signal.signal(signal.SIGTERM, self.on_signal)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.wait_and_knock, daemon=True)
        self.thread.start()

    def wait_and_knock(self) -> None:
        pause = self.seconds
        while not self.over.wait(pause):
            if not self.knocks and (left := self.remaining()):
                pause = left
                continue
            if self.knocks < FEW:
                interrupt_main(signal.SIGTERM)
            elif sys._current_frames()[self.main].f_code is not Limit.__exit__.__code__:
                self.raise_in_main(TimeUp)
            pause = self.pause

    def raise_in_main(self, error: type[BaseException] | None) -> None:
        """``None`` takes back what has not been raised yet."""
        error = ctypes.py_object(error) if error else None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.main), error)

    def stop(self) -> None:
        self.over.set()
        self.thread.join()
        self.raise_in_main(None)
        signal.signal(signal.SIGTERM, self.handler or signal.SIG_DFL)


class Events(Limit):
    """By Python's own events (PEP 669): the clock is looked at whenever code jumps or is called."""

    def start(self) -> None:
        self.thread, self.deadline = threading.get_ident(), monotonic() + self.seconds
        watch = sys.monitoring
        self.tool = next(number for number in (4, 3, 5, 2, 1, 0) if not watch.get_tool(number))
        watch.use_tool_id(self.tool, "time limit of a check")
        for event in (watch.events.JUMP, watch.events.PY_START):
            watch.register_callback(self.tool, event, self.on_event)
        watch.set_events(self.tool, watch.events.JUMP | watch.events.PY_START)

    def on_event(self, code: CodeType, *place: int) -> None:
        if monotonic() > self.deadline and threading.get_ident() == self.thread:
            left = 0.0 if self.knocks else self.remaining()
            self.deadline = monotonic() + (left or self.pause)
            if not left:
                self.knock(code)

    def stop(self) -> None:
        watch = sys.monitoring
        watch.set_events(self.tool, 0)
        for event in (watch.events.JUMP, watch.events.PY_START):
            watch.register_callback(self.tool, event, None)
        watch.free_tool_id(self.tool)


class NoLimit(Limit):
    """Where nothing works: a thread other than the main one, before Python 3.12."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


def time_limit(seconds: float) -> Limit:
    """A context manager: ``TimeUp`` is raised in its block when the seconds are used up."""
    return means()(seconds)


def means() -> type[Limit]:
    """The way to limit time here and now."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and sys.platform != "emscripten":
        return Alarm if hasattr(signal, "setitimer") else Thread
    return Events if hasattr(sys, "monitoring") else NoLimit
