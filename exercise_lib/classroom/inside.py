"""What runs inside the sandbox: one student's cells, in an IPython shell without a kernel.

The notebook comes in by stdin; what its cells did goes out by stdout, a line of JSON each, so that
everything up to a sudden death is known. Graded cells of the course are not run here: their answers
are shown to the judge (``judge.py``), over the same two pipes. This process is the student's:
nothing that it says is believed further than as an answer. It is started as a file, so that it
starts fast, and has no checks: ``check`` is a stand-in that asks the judge.
"""

import ast
import builtins
import contextlib
import importlib
import io
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.ipstruct import Struct
from traitlets import Type
from traitlets.config import Config

import course_lib
import exercise_lib
from exercise_lib import engine
from exercise_lib.classroom.channel import Channel, FarFunction, Left, message_in
from exercise_lib.containment.surroundings import Surroundings

COURSE = (course_lib.__name__, exercise_lib.__name__)  # what is ours, and guarded
CUT = "… the rest of this output was cut off"
REST = 3  # a cell of one's own may use no more than this part of the time that is left


class Outputs:
    """The outputs of the cell that is running, up to a number of characters in all."""

    def __init__(self, characters: int):
        self.most, self.grading = characters, False
        self.clear()

    def clear(self) -> None:
        self.list, self.room = [], self.most

    def add(self, output: dict) -> None:
        size = len(json.dumps(output, default=str))
        if size > self.room and output["output_type"] != "error":
            self.stream("stdout", f"{CUT} ({size:,} characters)\n")
            return
        self.room -= size
        self.list.append(output)

    def stream(self, name: str, text: str) -> None:
        if self.room < 0:
            return
        if len(text) > self.room:
            text = f"{text[: self.room]}\n{CUT}\n"
        self.room -= len(text) + 1
        last = self.list[-1] if self.list else {}
        if last.get("name") == name:
            last["text"] += text
        else:
            self.list.append({"output_type": "stream", "name": name, "text": text})


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the student. Text of 50 MB costs no more than what is kept."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: Outputs):
        self.name, self.outputs = name, outputs

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.outputs.stream(self.name, str(text))
        return len(text)


class Results(DisplayHook):
    """The values of last lines."""

    outputs: Outputs

    def quiet(self) -> bool:
        return not self.outputs.grading and super().quiet()

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.outputs.add(
            {
                "output_type": "execute_result",
                "execution_count": self.prompt_count,
                "data": encoded(format_dict),
                "metadata": md_dict or {},
            }
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class Displays(DisplayPublisher):
    outputs: Outputs

    def publish(self, data: dict, metadata: dict | None = None, **kwargs: object) -> None:
        self.outputs.add(
            {"output_type": "display_data", "data": encoded(data), "metadata": metadata or {}}
        )

    def clear_output(self, wait: bool = False) -> None: ...


class Shell(InteractiveShell):
    displayhook_class = Type(Results)
    display_pub_class = Type(Displays)
    outputs: Outputs

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        error = {"ename": etype.__name__, "evalue": cut(str(evalue)), "traceback": cut_lines(stb)}
        self.outputs.add({"output_type": "error", **error})

    def ask_exit(self) -> None:  # exit() ends nothing here
        ...

    def enable_gui(self, gui: str | None = None) -> None: ...


def cut(text: str, most: int = 5_000) -> str:
    return text if len(text) <= most else f"{text[:most]} …"


def cut_lines(lines: list[str], most: int = 60) -> list[str]:
    if len(lines) > most:
        lines = [*lines[: most // 2], "…", *lines[-most // 2 :]]
    return [cut(line) for line in lines]


def encoded(bundle: dict) -> dict:
    """A bundle of formats that JSON can carry."""
    from base64 import b64encode

    return {
        kind: b64encode(data).decode() if isinstance(data, bytes) else data
        for kind, data in bundle.items()
    }


class Original:
    """How the course, numpy and Python were before the student's first line.

    Before each graded cell they are put back, and what was in the way is named: something to look
    at. Checks of the course do not depend on it, as they are elsewhere; an instructor's own do.
    """

    def __init__(self) -> None:
        modules = [module for name, module in sys.modules.items() if ours(name)]
        modules += [builtins, math, np, np.linalg, np.testing]
        owned = [v for module in modules for v in vars(module).values() if ours(of_module(v))]
        spaces = {id(space): space for space in (*modules, *owned)}
        self.spaces = [
            (space, {name: v for name, v in vars(space).items() if worth_guarding(v)})
            for space in spaces.values()
            if isinstance(space, ModuleType | type)
        ]
        self.code = [
            (f, f.__code__, f.__defaults__, f.__kwdefaults__)
            for f in {id(f): f for f in (*owned, *self.methods())}.values()
            if isinstance(f, FunctionType)
        ]
        self.environment = dict(os.environ)

    def methods(self) -> Iterator[object]:
        for _, names in self.spaces:
            for value in names.values():
                yield from (value, getattr(value, "fget", None), getattr(value, "__func__", None))

    def restore(self) -> list[str]:
        """Put everything back; returns the names of what was changed."""
        changed = []
        for space, names in self.spaces:
            now = vars(space)
            other = [name for name, value in names.items() if now.get(name, Original) is not value]
            for name in other:
                setattr(space, name, names[name])
            if 2 * len(other) <= len(names):  # else it was loaded anew, which many do
                changed += [f"{getattr(space, '__name__', space)}.{name}" for name in other]
        for function, code, defaults, kwdefaults in self.code:
            if (function.__code__, function.__defaults__) != (code, defaults):
                changed.append(function.__qualname__)
                function.__code__, function.__defaults__ = code, defaults
                function.__kwdefaults__ = kwdefaults
        os.environ.update(self.environment)
        sys.settrace(None)
        sys.setprofile(None)
        return changed


def worth_guarding(value: object) -> bool:
    return callable(value) or isinstance(value, property | ModuleType)


def ours(name: object) -> bool:
    return isinstance(name, str) and name.split(".")[0] in COURSE


def of_module(value: object) -> object:
    return getattr(value, "__module__", None) or getattr(type(value), "__module__", None)


def limit_this_process(megabytes: int, processes: int | None) -> None:
    """Limits that the system keeps, where it knows them; what starts from here inherits them."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in {
        "RLIMIT_AS": megabytes * 2**20,
        "RLIMIT_FSIZE": 64 * 2**20,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": processes,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }.items():
        if most is not None and hasattr(resource, kind):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(getattr(resource, kind), (most, most))


def become(user: int) -> None:
    """Another user, who owns nothing: what was started by root is root no more."""
    for place in ("/tmp", "/tmp/work", "/dev/shm"):
        os.chmod(place, 0o1777)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if os.access("/proc/sys/kernel/hostname", os.W_OK):
        raise PermissionError("root's rights cannot be dropped")


@contextlib.contextmanager
def interrupted_after(seconds: float, patience: float) -> Iterator[None]:
    """As the stop button does: KeyboardInterrupt. Who survives that is killed from outside.

    seconds: of processor time; by the clock, ``patience`` times as many
    """
    main, over = threading.main_thread().ident, threading.Event()
    used, clock = time.process_time(), time.monotonic()

    def watch() -> None:
        while not over.wait(0.05):
            late = time.monotonic() - clock > patience * seconds
            if late or time.process_time() - used > seconds:
                signal.pthread_kill(main, signal.SIGINT)
                return

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def shell_for(outputs: Outputs) -> Shell:
    Results.outputs = Displays.outputs = Shell.outputs = outputs
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.cache_size = 0  # no Out[n]: results need not stay in memory
    shell = Shell.instance(config=config)
    shell.meta = Struct()
    sys.stdout, sys.stderr = Stream("stdout", outputs), Stream("stderr", outputs)
    return shell


def imported_by(sources: Iterable[str]) -> dict[str, object]:
    """What the imports of these cells mean, found before a student's line has run."""
    names: dict[str, object] = {}
    for source in sources:
        with contextlib.suppress(SyntaxError, ImportError):
            for node in ast.parse(source).body:
                if isinstance(node, ast.Import | ast.ImportFrom):
                    exec(ast.unparse(node), names)
    names.pop("__builtins__", None)
    return names


def put_back_names(shell: Shell, source: str, given: dict[str, object]) -> None:
    """The names that a graded cell uses mean what the locked cells imported."""
    try:
        used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    except SyntaxError:
        used = set()
    shell.user_ns.update({name: given[name] for name in used & given.keys()})


def run_plainly(shell: Shell, source: str) -> None:
    """Run an instructor's own check: without what a student may have hung into the shell.

    Its value is shown if its last line has one; ``SyntaxError`` if it is more than Python.
    """
    body = PARSE(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    EXEC(COMPILE(ast.Module(body, []), "<check>", "exec"), shell.user_ns)
    if last is not None:
        value = EVAL(COMPILE(ast.Expression(last.value), "<check>", "eval"), shell.user_ns)
        if value is not None:
            shown = REPR(value)
            data = {"text/plain": shown if isinstance(shown, str) else ""}
            if isinstance(value, engine.Report):
                data["text/html"] = value._repr_html_()
            shell.outputs.add(
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "data": data,
                    "metadata": {},
                }
            )


PARSE, COMPILE, EXEC, EVAL, REPR = ast.parse, compile, exec, eval, repr


# The other end of the judge's channel


class Answers(Channel):
    """The student's end: shows answers, and does what the judge asks of them."""

    def answers_for(self, error: BaseException) -> bool:
        return True

    printed = None  # takes what learners' code prints, and counts the lines

    def clear(self) -> None:
        super().clear()
        self.gradients: list[Gradient] = []

    def counts(self) -> dict[str, int]:
        """Lines printed, and calls of each gradient."""
        found = {str(g.number): g.calls for g in self.gradients if g.calls}
        if self.printed and self.printed.lines:
            found["lines"], self.printed.lines = self.printed.lines, 0
        return found

    def asked(self, *message: object) -> object:
        """Send a message that the judge may have questions about; returns what it says then."""
        with Surroundings() as around, np.errstate(all="ignore"):
            self.printed = around.out
            self.write([*message])
            while True:
                said = self.read()
                match said:
                    case ["done", found]:
                        break
                    case ["leave"]:
                        self.write(["left"])
                    case _:
                        try:
                            self.answer(said)
                        except Left:
                            self.write(["left"])
        self.clear()
        return self.decoded(found)

    def _decoded(self, kind: str, said: object, depth: int) -> object:
        match kind, said:
            case "public", [module, name]:
                return getattr(importlib.import_module(module), name)
            case "source", [name, text]:
                made: dict[str, object] = {}
                exec(f"from __future__ import annotations\n{text}", {"np": np}, made)
                return made[name]
            case "gradient", [int(number), *bowl, int(most)]:
                far = FarFunction(self, number)
                made = Gradient(far, number, *map(self.decoded, bowl), most)
                self.gradients.append(made)
                return made
            case "generator", state:
                made = np.random.default_rng(0)
                made.bit_generator.state = state
                return made
            case "made", [module, name, parts]:
                kind = getattr(importlib.import_module(module), name)
                return kind(**self.decoded(parts, depth))
            case "quadratic", parts:
                return course_lib.quadratic(*(self.decoded(part, depth) for part in parts))
        return super()._decoded(kind, said, depth)


class Gradient:
    """The gradient of a bowl, as ``gradient_of`` makes it. It is worked out here, which is
    quicker than to ask, but for as many calls as a check allows."""

    __name__ = "grad"

    def __init__(self, far: FarFunction, number: int, *bowl: object):
        self.far, self.number, self.calls = far, number, 0
        self.hessian, self.centre, self.bend, self.most = bowl

    def __call__(self, x: Iterable[float]) -> np.ndarray:
        self.calls += 1
        if self.calls > self.most:
            return self.far(x)
        y = np.asarray(x, dtype=float) - self.centre
        return y @ self.hessian + self.bend * np.sin(y) if self.bend else y @ self.hessian


class FarTask:
    """In place of a check: the judge has it."""

    def __init__(self, answers: Answers, name: str, points: int):
        self.name, self.points, self._answers = name, points, answers

    def __repr__(self) -> str:
        return f"<check.{self.name}(…): call it with your answer>"

    def __call__(self, answer: object, **options: object) -> engine.Report:
        found = self._answers.asked("report", self.name, self._answers.encoded(answer))
        if found is None:
            raise RuntimeError(f"check.{self.name} could not judge this answer")
        return engine.Report(**found | {"hints": tuple(found["hints"])})

    def hint(self, level: int = 1) -> engine.Hint:
        return engine.Hint(self._answers.asked("hint", self.name, level))

    def given(self) -> object:
        return self._answers.asked("given", self.name)


def stand_in(name: str, **contents: object) -> ModuleType:
    """A module of the course that is not here, put where an import finds it."""
    module = ModuleType(name)
    vars(module).update(contents)
    sys.modules[name] = module
    return module


def put_stand_ins(answers: Answers, tasks: dict[str, int], offers: dict[str, list[str]]) -> None:
    """``check``, and what the exercise imports from modules of tasks."""
    from exercise_lib.personal import student

    far = {name: FarTask(answers, name, points) for name, points in tasks.items()}

    def hint(name: str, level: int = 1) -> engine.Hint:
        return far[name].hint(level)

    about = {"TASKS": far, "hint": hint, "student": student, "__all__": [*far]}
    exercise_lib.check = stand_in(
        "exercise_lib.check", **far, **about, Hint=engine.Hint, Report=engine.Report
    )
    exercise_lib.tasks = stand_in("exercise_lib.tasks", __path__=[])
    for module, names in offers.items():
        stand_in(module, **{name: offered(answers, module, name) for name in names})


def offered(answers: Answers, module: str, name: str) -> object:
    def ask(*arguments: object) -> object:
        return answers.asked("offer", module, name, [answers.encoded(a) for a in arguments])

    return ask


class HandIn:
    """The cells one after the other."""

    def __init__(self, task: dict, answers: Answers):
        self.task, self.answers, self.start = task, answers, time.process_time()
        self.outputs = Outputs(task["characters"])
        self.shell = shell_for(self.outputs)
        put_stand_ins(answers, task["tasks"], task["offers"])
        locked = (cell for cell in task["cells"] if cell["locked"] and cell["points"] is None)
        self.given = imported_by(cell["source"] for cell in locked)
        self.original = Original()

    def cell(self, place: int, cell: dict) -> None:
        outputs, changed = self.outputs, []
        outputs.clear()
        outputs.grading = cell["points"] is not None
        if outputs.grading:
            changed = self.original.restore()
            put_back_names(self.shell, cell["source"], self.given)
        self.answers.write(["begin", place])
        judged = False
        try:
            with interrupted_after(self.seconds_for(cell), self.task["patience"]):
                if cell["check"]:
                    answer = self.answers.encoded(self.answer_of(*cell["check"]))
                    judged = True
                elif outputs.grading and is_python(cell["source"]):
                    run_plainly(self.shell, cell["source"])
                else:
                    self.shell.run_cell(cell["source"], store_history=True)
        except BaseException:  # of a check; or an interrupt between two lines of the shell's own
            judged = False
            self.shell.showtraceback()
        sys.stdout, sys.stderr = Stream("stdout", outputs), Stream("stderr", outputs)
        if judged:
            self.answers.asked("judge", place, answer, changed)
            return
        if outputs.grading:
            changed += self.original.restore()
            for output in outputs.list:  # a warning would cost all points
                if output.get("name") == "stderr":
                    output["name"] = "stdout"
        self.answers.write(["end", place, outputs.list, changed])

    def answer_of(self, before: str, argument: str) -> object:
        EXEC(COMPILE(before, "<check>", "exec"), self.shell.user_ns)
        return EVAL(COMPILE(argument, "<check>", "eval"), self.shell.user_ns)

    def seconds_for(self, cell: dict) -> float:
        """Endless cells of one's own leave time for those that count."""
        if cell["points"] is not None:
            return self.task["cell_seconds"]
        left = self.task["seconds"] - (time.process_time() - self.start)
        return max(0.1, min(self.task["cell_seconds"], left / REST))


def is_python(source: str) -> bool:
    try:
        PARSE(source)
    except SyntaxError:
        return False
    return True


def main() -> None:
    if sys.argv[-1].isdigit():
        become(int(sys.argv[-1]))
    if "--try" in sys.argv:
        shell_for(Outputs(1))
        return
    coming = os.fdopen(os.dup(0), "rb")
    going = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    dumps = json.dumps

    def tell(message: list) -> None:
        going.write(dumps(message, default=str) + "\n")
        going.flush()

    def hear() -> list:
        line = coming.readline()
        if not line:
            os._exit(0)
        return message_in(line)

    _, task = hear()
    limit_this_process(task["megabytes"], task["processes"])
    answers = Answers(hear, tell, [*map(Path, task["ours"])])
    run = HandIn(task, answers)
    os.dup2(nowhere, 2)  # until here it tells why the course does not start
    tell(["ready"])
    for place, cell in enumerate(task["cells"]):
        if not cell["skip"]:
            run.cell(place, cell)
    tell(["done"])
    os._exit(0)  # without waiting for threads that the student's code may have left behind


if __name__ == "__main__":
    main()
