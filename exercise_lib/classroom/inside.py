"""What runs inside the sandbox: one student's cells, in an IPython shell without a kernel.

The notebook comes in by stdin, as JSON; what its cells did goes out by stdout, a line of JSON each,
so that everything up to a sudden death is known. This process is the student's: nothing that it
says is believed further than its own grade. It imports nothing of the classroom, and is started as
a file, so that it starts fast.
"""

import ast
import builtins
import contextlib
import io
import json
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
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
from exercise_lib import check
from exercise_lib.engine import Report, Task

COURSE = (course_lib.__name__, exercise_lib.__name__)  # what is ours, and guarded
CUT = "… the rest of this output was cut off"


class Outputs:
    """The outputs of the cell that is running, up to a number of characters in all."""

    def __init__(self, characters: int):
        self.most, self.grading, self.report = characters, False, None
        self.clear()

    def clear(self) -> None:
        self.list, self.room, self.report = [], self.most, None

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
    """The values of last lines. A ``Report`` in a graded cell is kept: it knows the score."""

    outputs: Outputs

    def __call__(self, result: object = None) -> None:
        if self.outputs.grading and type(result) is Report:
            self.outputs.report = result
        super().__call__(result)

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

    Before each graded cell they are put back: what was in the way is named, and cannot vouch for
    an answer. It is a lock on the door, not a wall: who searches the memory of the process finds
    this object too.
    """

    def __init__(self) -> None:
        modules = [module for name, module in sys.modules.items() if ours(name)]
        modules += [builtins, math, np, np.linalg, np.testing]
        owned = [v for module in modules for v in vars(module).values() if ours(of_module(v))]
        spaces = {id(space): space for space in (*modules, *owned)}
        self.spaces = [
            (space, dict(vars(space)))
            for space in spaces.values()
            if isinstance(space, ModuleType | type | Task)
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
            for name, value in names.items():
                if now.get(name, Original) is value or not worth_guarding(space, value):
                    continue
                changed.append(f"{getattr(space, '__name__', space)}.{name}")
                put = object.__setattr__ if isinstance(space, Task) else setattr
                put(space, name, value)
        for function, code, defaults, kwdefaults in self.code:
            if (function.__code__, function.__defaults__) != (code, defaults):
                changed.append(function.__qualname__)
                function.__code__, function.__defaults__ = code, defaults
                function.__kwdefaults__ = kwdefaults
        os.environ.update(self.environment)
        sys.settrace(None)
        return changed


def worth_guarding(space: object, value: object) -> bool:
    return callable(value) or isinstance(value, property | ModuleType) or isinstance(space, Task)


def ours(name: object) -> bool:
    return isinstance(name, str) and name.split(".")[0] in COURSE


def of_module(value: object) -> object:
    return getattr(value, "__module__", None) or getattr(type(value), "__module__", None)


def limit_this_process(megabytes: int, processes: int) -> None:
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
    }.items():
        if most is not None and hasattr(resource, kind):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(getattr(resource, kind), (most, most))


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """As the stop button does: KeyboardInterrupt. Who survives that is killed from outside."""
    main = threading.main_thread().ident

    def interrupt() -> None:
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, signal.SIGINT)
        else:
            import _thread

            _thread.interrupt_main()

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


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


def graded(outputs: Outputs, points: float, changed: list[str]) -> list[dict]:
    """The outputs of a graded cell that ended in a report: its score as the text, as nbgrader reads
    it, and what was found beside it."""
    report = outputs.report
    score = 0 if changed else min(report.score, points)
    about = {"state": report.state, "mistake": report.mistake, "message": cut(report.message)}
    for output in outputs.list:
        if output["output_type"] == "execute_result":
            output["data"]["text/plain"] = str(score)
            output["metadata"] = {"report": about}
    return outputs.list


def main() -> None:
    task = json.load(sys.stdin)
    limit_this_process(task["megabytes"], task["processes"])
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)

    def tell(**what: object) -> None:
        pipe.write(json.dumps(what, default=str) + "\n")
        pipe.flush()

    outputs = Outputs(task["characters"])
    shell = shell_for(outputs)
    locked = (cell for cell in task["cells"] if cell["locked"] and cell["points"] is None)
    given = imported_by(cell["source"] for cell in locked)
    original = Original()
    tell(ready=True)
    for index, cell in enumerate(task["cells"]):
        if cell["skip"]:
            continue
        tampered = []
        outputs.clear()
        outputs.grading = cell["points"] is not None
        if outputs.grading:
            tampered = original.restore()
            put_back_names(shell, cell["source"], given)
        tell(begin=index)
        start = time.perf_counter()
        try:
            with interrupted_after(cell["seconds"]):
                shell.run_cell(cell["source"], store_history=True)
        except KeyboardInterrupt:  # it came between two lines of the shell's own
            shell.showtraceback()
        sys.stdout, sys.stderr = Stream("stdout", outputs), Stream("stderr", outputs)
        seconds = time.perf_counter() - start
        if outputs.grading:
            during = original.restore()
            tampered += during
            for output in outputs.list:  # a warning would cost all points
                if output.get("name") == "stderr":
                    output["name"] = "stdout"
            if outputs.report is not None:
                outputs.list = graded(outputs, cell["points"], during)
        tell(end=index, outputs=outputs.list, seconds=seconds, tampered=tampered)
    tell(done=True)
    pipe.flush()
    os._exit(0)  # without waiting for threads that the student's code may have left behind


assert check  # imported for its modules, which Original looks after
if __name__ == "__main__":
    main()
