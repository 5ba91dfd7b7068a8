"""The walls around a submission: what bubblewrap shows and what the system lets through.

Inside there is no network, nothing can be written except a small /tmp, and nothing can be read
except Python and the course: no other submission, no gradebook, no home, and no answers of the
course. A filter of system calls forbids what no wall of bubblewrap holds: keyrings, which all
processes of a user share, memory that is no process's own, and unusual sockets.

Where bubblewrap is missing or not allowed, ``bubblewrap()`` says why.
"""

import contextlib
import os
import platform
import shutil
import site
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import course_lib
import exercise_lib

INSIDE = Path(__file__).with_name("inside.py")
TASKS = Path(exercise_lib.__file__).with_name("tasks")
PYTHON = (sys.executable, "-P", "-B")
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/alternatives", "/etc/ld.so.cache")
NOBODY = 1_500_000_000  # where users begin that own nothing: root's submissions run as those
FILTER = 3  # the file descriptor of the filter


@dataclass(frozen=True)
class Bubblewrap:
    """The command that makes a sandbox, or why there is none.

    user: who to become inside, where the command itself runs as root
    """

    command: tuple[str, ...] = ()
    missing: str = ""
    user: int | None = None

    @contextlib.contextmanager
    def started(self, *command: str, **options: object) -> Iterator[subprocess.Popen]:
        """A process behind the walls; without ``command`` of its own, one without walls."""
        with tempfile.TemporaryFile() as rules:
            rules.write(forbidden_calls() if self.command else b"")
            rules.seek(0)

            def hand_over() -> None:
                os.dup2(rules.fileno(), FILTER, inheritable=True)

            walled = {"preexec_fn": hand_over, "pass_fds": (FILTER,)} if self.command else {}
            with subprocess.Popen([*self.command, *command], **options, **walled) as process:
                yield process


@cache
def bubblewrap() -> Bubblewrap:
    """Look once whether a sandbox can be made here, by making one that starts the course."""
    found = shutil.which("bwrap")
    if not found:
        return Bubblewrap(
            missing="bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
        )
    box = Bubblewrap((found, *walls()), user=NOBODY if as_root() else None)
    trial = [*PYTHON, str(INSIDE), "--try", *([str(box.user)] if box.user else [])]
    try:
        with box.started(
            *trial,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        ) as process:
            _, errors = process.communicate(timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        return Bubblewrap(missing=f"bubblewrap does not start: {error}")
    if process.returncode:
        said = (errors.strip().splitlines() or ["no reason given"])[-1]
        return Bubblewrap(missing=f"bubblewrap is not allowed to work here: {said}")
    return box


def as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def walls() -> list[str]:
    """The arguments of bubblewrap: what can be seen inside, and nothing else."""
    course = [str(Path(package.__file__).parent) for package in (course_lib, exercise_lib)]
    places = [*SYSTEM, sys.base_prefix, sys.prefix, *site.getsitepackages()]
    places += [str(Path(sys.executable).resolve().parent.parent), *course]
    if site.ENABLE_USER_SITE:
        places.append(site.getusersitepackages())
    if as_root():  # no user namespace: in it root would stay root for the files of /proc
        arguments = [f"--unshare-{what}" for what in ("ipc", "pid", "net", "uts", "cgroup-try")]
        arguments += ["--cap-drop", "ALL"]
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]  # until it drops them
    else:
        arguments = ["--unshare-all"]
    arguments += ["--die-with-parent", "--new-session", "--hostname", "student"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--size", str(64 * 2**20), "--tmpfs", "/tmp"]
    arguments += ["--size", str(16 * 2**20), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    parents = {str(parent) for place in places for parent in Path(place).parents}
    for parent in sorted(parents - {"/"}):  # else only root could look into them
        arguments += ["--perms", "0755", "--dir", parent]
    for place in dict.fromkeys(places):
        arguments += ["--ro-bind-try", place, place]
    arguments += ["--tmpfs", str(TASKS), "--remount-ro", str(TASKS)]
    for name in fonts():
        arguments += ["--ro-bind-try", str(name), f"/tmp/matplotlib/{name.name}"]
    arguments += ["--dir", "/tmp/work", "--chdir", "/tmp/work", "--remount-ro", "/"]
    return [*arguments, *(["--seccomp", str(FILTER)] if forbidden_calls() else [])]


def fonts() -> list[Path]:
    """Matplotlib's list of fonts, which takes seconds to make anew for each student."""
    try:
        import matplotlib

        return [*Path(matplotlib.get_cachedir()).glob("fontlist-*.json")]
    except ImportError:
        return []


def environment(folder: str = "/tmp") -> dict[str, str]:
    """The environment variables of a submission: nothing of the instructor's."""
    kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "HOME": folder,
        "TMPDIR": folder,
        "TEMP": folder,
        "IPYTHONDIR": str(Path(folder, "ipython")),
        "MPLCONFIGDIR": str(Path(folder, "matplotlib")),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONPATH": os.pathsep.join(
            dict.fromkeys(str(Path(p.__file__).parent.parent) for p in (course_lib, exercise_lib))
        ),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "NBGRADER_EXECUTION": "autograde",
        # threads of linear algebra would only get in each other's way: there is a job for each core
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


# The filter of system calls, as Linux wants it: a program of its packet filter

CALLS = {  # number on x86-64, on 64-bit ARM
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "mount": (165, 40),
    "sched_setaffinity": (203, 122),
}
SOCKET = (41, 198)
SOCKETS = (1, 2, 10)  # of the machine itself, IPv4, IPv6: behind the wall they lead nowhere
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050001  # refused: "operation not permitted"
OTHER_ABI = 0x40000000  # on x86-64, the same calls under other numbers


@cache
def forbidden_calls() -> bytes:
    """The filter for this machine; empty where its numbers are not known."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return b""
    architecture, column = MACHINES[platform.machine()]
    numbers = [row[column] for row in CALLS.values() if row[column] is not None]

    def step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
        return struct.pack("HBBI", code, if_so, if_not, value)

    program = [step(LOAD, 4), step(EQUAL, architecture, 1, 0), step(RETURN, REFUSE), step(LOAD, 0)]
    program += [step(AT_LEAST, OTHER_ABI, 0, 1), step(RETURN, REFUSE)]
    for number in numbers:
        program += [step(EQUAL, number, 0, 1), step(RETURN, REFUSE)]
    program += [step(EQUAL, SOCKET[column], 1, 0), step(RETURN, ALLOW), step(LOAD, 16)]
    for family in SOCKETS:
        program += [step(EQUAL, family, 0, 1), step(RETURN, ALLOW)]
    return b"".join([*program, step(RETURN, REFUSE)])
