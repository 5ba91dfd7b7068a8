"""``python -m course_lib``: JupyterLab in the course's folder, open at the first lesson.

This is what ``make lab`` runs, and the command to use with conda or on Windows. It heeds two
variables of the environment: ``PORT``, and ``NO_BROWSER=1`` for a machine without a screen.
Further arguments go to JupyterLab, see ``jupyter lab --help``.
"""

import os
import socket
import sys
from collections.abc import Sequence
from getpass import getuser
from importlib.metadata import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent
EXTENSIONS = HERE / "jupyter/data/share/jupyter/labextensions"
FIRST_LESSON = "notebooks/00_start_here.ipynb"


def checked_port(given: str) -> int:
    """The port a user asked for; ends the program with one sentence if it cannot be had."""
    if not (given.isdecimal() and 1 <= int(given) <= 65535):
        sys.exit(f"PORT must be a whole number from 1 to 65535, got {given!r}.")
    from tornado.netutil import bind_sockets  # only here: what is wrong is told at once

    try:
        for bound in bind_sockets(int(given), "localhost"):
            bound.close()
    except OSError as error:
        sys.exit(f"PORT {given} cannot be used here ({error.strerror}); choose another one.")
    return int(given)


def repository() -> str:
    """Where the course is kept, as pyproject.toml says it."""
    named = metadata("gradient-descent-course").get_all("Project-URL")
    return dict(line.split(", ") for line in named)["Repository"]


def main(extra: Sequence[str]) -> None:
    """Serve the course to this machine alone and print its address; open a browser if wanted."""
    if {"-h", "--help"} & set(extra):
        print(__doc__)
        return
    if not (COURSE / FIRST_LESSON).is_file():
        sys.exit(
            f"The lessons are not here: there is no {COURSE / FIRST_LESSON}. Get the whole course, "
            f"as in `git clone {repository()}`, and run this in its folder."
        )
    arguments = [
        f"--ServerApp.root_dir={COURSE}",
        "--ServerApp.ip=localhost",
        "--ServerApp.kernel_websocket_connection_class=course_lib.server.PromptConnection",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",  # ours, also after an update
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}",
        "--Application.log_level=WARN",
    ]
    if port := os.environ.get("PORT"):
        arguments += [f"--ServerApp.port={checked_port(port)}", "--ServerApp.port_retries=0"]
    has_screen = os.environ.get("NO_BROWSER", "0") in ("", "0")
    if not has_screen:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # root, as is usual in containers
        arguments.append("--allow-root")
    # Our defaults for JupyterLab's settings: it does not ask about news.
    folders = (str(HERE / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH"))
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, folders))
    from jupyterlab.labapp import LabApp

    server = LabApp.initialize_server([*arguments, *extra])
    print(f"The course is at {server.public_url} (Ctrl-C stops it).", flush=True)
    if not has_screen:
        tunnel = f"ssh -N -L {server.port}:localhost:{server.port}"
        machine = f"{getuser()}@{socket.gethostname()}"
        print(f"To open it on another machine, run there first: {tunnel} {machine}", flush=True)
    server.identity_provider.token_generated = False  # the address need not be printed again
    server.start()


if __name__ == "__main__":
    main(sys.argv[1:])
