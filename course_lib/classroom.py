"""The class commands under their name in version 0.1: now ``python -m exercise_lib.classroom``."""

import sys
from runpy import run_module

if __name__ == "__main__":
    sys.argv[0] = "exercise_lib.classroom"
    run_module("exercise_lib.classroom", run_name="__main__")
