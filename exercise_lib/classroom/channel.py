"""What passes between a check and the answer that it judges, which live in two processes.

A narrow channel of numbers. Values are carried as they are: numbers, texts, arrays, and lists,
tuples, sets and dicts of them. What can be called or iterated stays where it was made: the other
side gets a stand-in, which asks for each call and each point. Of anything else only the name of its
type crosses. So code never crosses from a student's side to the judge's, and whatever a student's
process says is a wrong answer at the worst.

Both sides may ask, one inside the other: a rule is asked for its next point, and asks for the
gradient before it answers. Messages are lists, written as lines of JSON:

    ["call", n, arguments, by name], ["iter", n]      questions about one's own thing n
    ["next", n, how many]                             the same; answered by as many "give"
    ["give", value, changed arrays, counts]           the answer
    ["stop"]                                          there is none, as at the end of an iterator
    ["raise", type, its known base, words, line]      the answer is an error
    ["leave"], ["left"]                               stop what you do for me; done
"""

import builtins
import inspect
import json
import linecache
import re
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

HUGE = 4 * 2**20  # bytes of an array; of larger ones only the shape crosses
MANY = 100_000  # parts of a list
DEEP = 20  # lists in lists
WORDS = 10_000  # characters of a text
SHARED = 32  # arrays whose changes are reported
THINGS = 100_000  # that one side keeps for the other
TYPES = {"f": "<f8", "i": "<i8", "b": "|b1", "u": "<i8", "c": "<c16"}
ONE_BY_ONE = 8  # points; then more are asked for at a time, as nobody takes turns any more
AT_ONCE = 128


class Left(BaseException):
    """The other side does not wait for this any more."""


class Misunderstood(BaseException):
    """The other side says what makes no sense. It is no ``Exception``: no check takes it for one
    that a learner's code raised."""


# Stand-ins for what lives on the other side


class Far:
    """A thing of the other side, by its number there."""

    def __init__(self, channel: "Channel", number: int, said: str = ""):
        self.far = channel, number
        self.said = said

    def __repr__(self) -> str:
        return self.said or f"<{type(self).__name__}>"


class FarIterable(Far):
    def __iter__(self) -> Iterator:
        channel, number = self.far
        made = channel.ask("iter", number)
        return made if isinstance(made, FarIterator) else iter(made)


class FarIterator(Far):
    taken, waiting = 0, ()

    def __iter__(self) -> "FarIterator":
        return self

    def __next__(self) -> object:
        channel, number = self.far
        if not self.waiting:
            many = 1 if self.taken < ONE_BY_ONE else AT_ONCE
            self.waiting = channel.several("next", number, many)
        self.taken += 1
        return channel.taken(self.waiting.pop(0))


class FarFunction(Far):
    def __call__(self, *arguments: object, **named: object) -> object:
        channel, number = self.far
        given = [channel.encoded(argument, shared=True) for argument in arguments]
        return channel.ask("call", number, given, [*map(list, channel.items(named))])


@cache
def named(base: type, name: str) -> type:
    """A stand-in's class with the name that the type has over there: hints tell it."""
    return type(re.sub(r"\W", "_", name)[:60] or "object", (base,), {})


@cache
def error_type(name: str, base: str) -> type[BaseException]:
    """An error like the one over there: of its name, and of a kind that Python itself has."""
    kind = getattr(builtins, base, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = Exception
    return type(re.sub(r"\W", "_", name)[:60] or "Error", (kind,), {"__str__": _words_of})


def _words_of(error: BaseException) -> str:
    return error.words


class Channel:
    """One end. ``read`` and ``write`` pass a message on; ``ours`` are folders of the course, whose
    lines are not the learner's."""

    def __init__(
        self,
        read: Callable[[], list],
        write: Callable[[list], None],
        ours: Sequence[Path] = (),
    ):
        self.read, self.write, self.ours = read, write, set(ours)
        self.clear()

    def clear(self) -> None:
        """Forget what was lent."""
        self.things: dict[int, object] = {}
        self.lent: list[np.ndarray] = []  # by us: what the other side writes into is copied back
        self.borrowed: list[tuple[int, np.ndarray, bytes]] = []
        self.next_number = getattr(self, "next_number", 0)

    # Asking and answering

    def ask(self, *question: object) -> object:
        """Ask the other side; whatever it asks before it answers is answered."""
        self.write([*question])
        return self.taken(self._reply())

    def several(self, question: str, number: int, many: int) -> list[list]:
        """Ask for several answers at a time; after an answer that is none there is no other."""
        self.write([question, number, many])
        replies = []
        while len(replies) < many and (not replies or replies[-1][0] == "give"):
            replies.append(self._reply())
        return replies

    def _reply(self) -> list:
        while True:
            message = self.read()
            match message[0]:
                case "give" | "stop" | "raise":
                    return message
                case "leave":
                    raise Left
                case _:
                    self.answer(message)

    def taken(self, reply: list) -> object:
        """What a reply means here."""
        match reply:
            case ["give", value, list(changed), dict(counts)]:
                self._take_over(changed)
                self.counted(counts)
                return self.decoded(value)
            case ["stop"]:
                raise StopIteration
            case ["raise", str(name), str(base), str(words), str(line)]:
                raise_like(name, base, words, line)
        raise Misunderstood("an answer that makes no sense")

    def answer(self, question: list) -> None:
        """Answer a question of the other side."""
        match question:
            case ["next", int(), int(many)]:
                for _ in range(min(many, AT_ONCE)):
                    if not self._answer_once(question):
                        break
            case _:
                self._answer_once(question)

    def _answer_once(self, question: list) -> bool:
        try:
            value = self._done(question)
            reply = ["give", self.encoded(value), self._changed(), self.counts()]
        except (Left, Misunderstood):
            raise
        except StopIteration:
            reply = ["stop"]
        except Exception as error:
            reply = self._told(error)
        except BaseException as error:
            if not self.answers_for(error):
                raise
            reply = self._told(error)
        self.write(reply)
        return reply[0] == "give"

    def counts(self) -> dict[str, int]:
        """What was counted since the last answer, for the other side."""
        return {}

    def counted(self, counts: dict[str, int]) -> None:
        """What the other side has counted."""

    def answers_for(self, error: BaseException) -> bool:
        """Whether an error that is no ``Exception`` is one for the other side."""
        return isinstance(error, SystemExit | KeyboardInterrupt)

    def _done(self, question: list) -> object:
        match question:
            case ["call", int(number), list(arguments), list(by_name)]:
                function = self._thing(number)
                if not callable(function):
                    raise Misunderstood("it calls what is no function")
                given = [self.decoded(argument) for argument in arguments]
                named_ = {name: self.decoded(value) for name, value in pairs(by_name)}
                return function(*given, **named_)
            case ["iter", int(number)]:
                return iter(self._thing(number))
            case ["next", int(number), int()]:
                iterator = self._thing(number)
                if not isinstance(iterator, Iterator):
                    raise Misunderstood("it wants the next of what is no iterator")
                return next(iterator)
        raise Misunderstood("it asks what makes no sense")

    def _thing(self, number: int) -> object:
        if number not in self.things:
            raise Misunderstood("it asks for what it was not given")
        return self.things[number]

    def _told(self, error: BaseException) -> list:
        known = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
        try:
            words = str(error)[:WORDS]
        except Exception:
            words = ""
        return ["raise", type(error).__name__, known.__name__, words, self.line_of(error)]

    def line_of(self, error: BaseException) -> str:
        """The innermost line of the learner that an error came through, or ""."""
        while error:
            frames = traceback.extract_tb(error.__traceback__)
            theirs = [f for f in frames if not self.ours & {*Path(f.filename).parents}]
            lines = [f.line for f in theirs if f.filename == theirs[0].filename and f.line]
            if lines:
                return lines[-1][:500]
            error = error.__context__
        return ""

    # Arrays that were given, and written into

    def _changed(self) -> list:
        """The arrays of the other side that differ from what was told of them."""
        changed = []
        for i, (number, array, before) in enumerate(self.borrowed):
            now = array.tobytes()
            if now != before:
                self.borrowed[i] = number, array, now
                changed.append([number, self.encoded(array)])
        return changed

    def _take_over(self, changed: list) -> None:
        for entry in changed:
            match entry:
                case [int(number), array] if 0 <= number < len(self.lent):
                    new, old = self.decoded(array), self.lent[number]
                    if isinstance(new, np.ndarray) and new.shape == old.shape:
                        with np.errstate(all="ignore"):
                            old[...] = new

    # Values

    def keep(self, thing: object) -> int:
        if len(self.things) >= THINGS:
            raise Misunderstood("it asks for too many things")
        self.next_number += 1
        self.things[self.next_number] = thing
        return self.next_number

    def encoded(self, value: object, shared: bool = False, depth: int = 0) -> object:
        """A value as JSON can carry it."""
        if value is None or isinstance(value, bool | np.bool_):
            return None if value is None else bool(value)
        if isinstance(value, int | np.integer) and abs(int(value)) < 2**63:
            return int(value)
        if isinstance(value, float | np.floating):
            return float(value)
        if isinstance(value, str):
            return str(value)[:WORDS]
        if isinstance(value, Far) and value.far[0] is self:
            return {"yours": value.far[1]}
        if isinstance(value, np.ndarray):
            return self._array(value, shared, depth)
        if depth > DEEP:
            return {"other": [type(value).__name__, "…"]}
        if isinstance(value, list | tuple | set | frozenset | range):
            kind = "tuple" if isinstance(value, tuple) else "set"
            parts = [self.encoded(part, depth=depth + 1) for part in self._some(value)]
            return parts if isinstance(value, list | range) else {kind: parts}
        if isinstance(value, Mapping):
            return {"dict": [*map(list, self.items(value, depth + 1))]}
        if isinstance(value, complex | np.complexfloating):
            return {"complex": [value.real, value.imag]}
        if value is ...:
            return {"ellipsis": True}
        return self.thing(value)

    def items(self, mapping: Mapping, depth: int = 0) -> Iterator[tuple[object, object]]:
        for key, value in self._some(mapping.items()):
            yield self.encoded(key, depth=depth), self.encoded(value, depth=depth)

    def _some(self, values: Iterable) -> Iterator:
        for i, value in enumerate(values):
            if i == MANY:
                raise Misunderstood(f"a list of more than {MANY:,}")
            yield value

    def _array(self, array: np.ndarray, shared: bool, depth: int) -> object:
        kind = array.dtype.kind
        if kind not in TYPES:
            if array.size > MANY or depth > DEEP:
                return {"other": ["ndarray", f"an array of {array.dtype}"]}
            return {"nested": self.encoded(array.tolist(), depth=depth + 1)}
        if array.size * 8 > HUGE:
            return {"huge": [int(n) for n in array.shape]}
        data = np.ascontiguousarray(array, TYPES[kind]).tobytes()
        said = [[*array.shape], TYPES[kind], b64encode(data).decode()]
        if not shared or len(self.lent) >= SHARED:
            return {"array": said}
        self.lent.append(array)
        return {"shared": [len(self.lent) - 1, *said]}

    def thing(self, value: object) -> object:
        """What is carried in no other way: by a stand-in, or by its name alone."""
        name = type(value).__name__
        if callable(value):
            return {"function": [self.keep(value), called(value), name, parameters_of(value)]}
        if hasattr(type(value), "__array__"):  # as tables and tensors of other libraries have it
            return self.encoded(np.asarray(value), depth=DEEP)
        if isinstance(value, Sequence):
            return [self.encoded(part, depth=DEEP) for part in self._some(value)]
        if isinstance(value, Iterator):
            return {"iterator": [self.keep(value), name]}
        if isinstance(value, Iterable):
            return {"iterable": [self.keep(value), name]}
        try:
            return float(value)
        except Exception:
            return {"other": [name, in_short(value)]}

    def decoded(self, value: object, depth: int = 0) -> object:
        """What was encoded over there; ``Misunderstood`` if it is nothing of that kind."""
        if isinstance(value, None | bool | int | float | str):
            return value
        if depth > 2 * DEEP:
            raise Misunderstood("lists in lists in lists")
        if isinstance(value, list):
            return [self.decoded(part, depth + 1) for part in value]
        if not isinstance(value, dict) or len(value) != 1:
            raise Misunderstood("a value that makes no sense")
        ((kind, said),) = value.items()
        try:
            return self._decoded(kind, said, depth + 1)
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise Misunderstood(f"a value that makes no sense: {kind}") from error

    def _decoded(self, kind: str, said: object, depth: int) -> object:
        match kind, said:
            case "array", [list(shape), str(type_), str(data)]:
                return array_of(shape, type_, data)
            case "shared", [int(number), list(shape), str(type_), str(data)]:
                array = array_of(shape, type_, data)
                if len(self.borrowed) < SHARED:
                    self.borrowed.append((number, array, array.tobytes()))
                return array
            case "huge", [*shape]:
                return np.broadcast_to(np.nan, tuple(shape))
            case "nested", list():
                return self.decoded(said, depth)
            case "tuple", list():
                return tuple(self.decoded(said, depth))
            case "set", list():
                return {*self.decoded(said, depth)}
            case "dict", list():
                return {self.decoded(k, depth): self.decoded(v, depth) for k, v in said}
            case "complex", [float() | int(), float() | int()]:
                return complex(*said)
            case "ellipsis", _:
                return ...
            case "yours", int(number):
                return self._thing(number)
            case "function", [int(number), str(name), str(type_), parameters]:
                made = named(FarFunction, type_)(self, number)
                made.__name__ = name
                if parameters is not None:
                    made.__signature__ = signature_of(parameters)
                return made
            case (("iterator" | "iterable"), [int(number), str(type_)]):
                base = FarIterator if kind == "iterator" else FarIterable
                return named(base, type_)(self, number)
            case "other", [str(type_), str(words)]:
                return named(Far, type_)(self, 0, words[:200])
        raise Misunderstood(f"a value that makes no sense: {str(kind)[:20]}")


def raise_like(name: str, base: str, words: str, line: str) -> None:
    """Raise an error as it was over there; its traceback shows the line that it came from."""
    kind = error_type(name, base)
    error = kind.__new__(kind)
    error.words = words[:WORDS]
    if not line.strip():
        raise error
    file = "<the answer>"
    linecache.cache[file] = (len(line), None, [f"{line.strip()[:500]}\n"], file)
    exec(compile("raise error", file, "exec"), {"error": error})


def pairs(by_name: list) -> Iterator[tuple[str, object]]:
    for entry in by_name:
        match entry:
            case [str(name), value]:
                yield name, value
            case _:
                raise Misunderstood("it calls by names that are none")


def array_of(shape: list, type_: str, data: str) -> np.ndarray:
    if type_ not in TYPES.values():
        raise ValueError(type_)
    return np.frombuffer(b64decode(data), type_).reshape([int(n) for n in shape]).copy()


def called(function: Callable) -> str:
    name = getattr(function, "__name__", "")
    return name[:200] if isinstance(name, str) else ""


def parameters_of(function: Callable) -> list | None:
    """Name, kind, and whether there is a default; None where Python does not know."""
    try:
        parameters = inspect.signature(function).parameters.values()
        return [[p.name, int(p.kind), p.default is not p.empty] for p in parameters][:100]
    except Exception:
        return None


def signature_of(parameters: list) -> inspect.Signature:
    return inspect.Signature(
        [
            inspect.Parameter(
                str(name),
                [*inspect._ParameterKind][kind],
                default=None if has_default else inspect.Parameter.empty,
            )
            for name, kind, has_default in parameters
        ]
    )


def in_short(value: object) -> str:
    try:
        return repr(value)[:200]
    except Exception:
        return ""


def message_in(line: bytes) -> list:
    """The message in a line; ``Misunderstood`` if there is none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Misunderstood("what it says cannot be read") from error
    if not isinstance(message, list) or not message or not isinstance(message[0], str):
        raise Misunderstood("what it says makes no sense")
    return message
