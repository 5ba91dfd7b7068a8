# The course's commands. `make` alone lists them. Everything is installed into .venv, nowhere else.

PYTHON ?= python3
VENV   := .venv/bin/python
TESTS  := tests notebooks solutions
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_USER := 0
.NOTPARALLEL:

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

lab: .venv/lab ## open the course in JupyterLab (PORT=8888, NO_BROWSER=1 over ssh)
	@$(VENV) -m course_lib

test: .venv/test ## run the tests and every notebook (TESTS=tests ARGS="-k adam")
	OMP_NUM_THREADS=1 $(VENV) -m pytest -n 2 --nbval $(TESTS) $(ARGS)

walk: .venv/test ## run what test leaves out: every notebook in every front end, a whole class
	OMP_NUM_THREADS=1 $(VENV) -m pytest -n 2 -m walk $(filter-out notebooks solutions,$(TESTS)) $(ARGS)

bench: .venv/test ## measure speed and latency
	$(VENV) tests/bench.py $(ARGS)

site: .venv/site ## build the course's site in _site (PYODIDE_DIR=… copies a Pyodide into it)
	$(VENV) site/build.py $(if $(PYODIDE_DIR),--pyodide "$(PYODIDE_DIR)") $(ARGS)

class: .venv/test ## hand in, grade and judge a simulated class (N=30 EXERCISE=03_momentum)
	OMP_NUM_THREADS=1 $(VENV) tests/simulated_class.py $(or $(N),30) \
	  --exercise $(or $(EXERCISE),03_momentum) $(ARGS)

notebooks: .venv/test ## run the lessons and solutions and store their outputs
	$(VENV) tests/store_notebooks.py $(ARGS)

exercises: .venv/test ## write exercises/ anew from solutions/
	$(VENV) solutions/make_exercises.py $(ARGS)

lint: .venv/dev ## look for mistakes and formatting
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .

format: .venv/dev ## repair what ruff can repair
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

lock: .venv/ready ## write requirements.lock anew from pyproject.toml (newest: ARGS=--upgrade)
	@$(VENV) -m pip install --quiet "uv>=0.5"
	$(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	  --all-extras --no-annotate --custom-compile-command "make lock" \
	  --output-file requirements.lock $(ARGS) pyproject.toml

clean: ## remove .venv, _site and caches; your work stays
	rm -rf .venv _site .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help lab test walk bench site class notebooks exercises lint format lock clean

# How .venv is made. .venv/ready: it is whole; .venv/lab, site, test, dev: those extras are installed.
# `ready` is away while pip works, so what an interruption leaves behind is made anew, and so is
# a .venv that was moved (it holds its own address) or whose Python has gone.

INTACT := $(shell test -x $(VENV) && test "`cat .venv/ready 2>/dev/null`" = "`pwd -P`" && echo yes)
ifneq ($(INTACT),yes)
.PHONY: .venv/ready
endif

lab: export FOR_LAB := yes

define CHECK
import os, shutil, socket, sys, webbrowser
found = sys.version.split()[0]
if sys.version_info < (3, 11):
    sys.exit("This course needs Python 3.11 or newer, but $(PYTHON) is Python " + found + ": "
             "install a newer one from https://www.python.org/downloads/ or name one you have, "
             "as in: make lab PYTHON=python3.12")
try:
    import venv
    from ensurepip import version
except ImportError:
    sys.exit("This Python " + found + " cannot make virtual environments; on Debian and Ubuntu "
             "this helps: sudo apt install python%d.%d-venv" % sys.version_info[:2])
free = shutil.disk_usage(".").free
if free < 1.5e9:
    sys.exit("The course installs up to 1 GB into .venv, and here are only %.1f GB free: make room, "
             "or put the course on another disk." % (free / 1e9))
port = os.environ.get("PORT", "") if os.environ.get("FOR_LAB") else ""
if port.isdigit() and 1 <= int(port) <= 65535:
    try:
        socket.create_server(("localhost", int(port))).close()
    except OSError as error:
        sys.exit("PORT %s cannot be used here (%s); choose another one." % (port, error.strerror))
elif port:
    sys.exit("PORT must be a whole number from 1 to 65535, got %r." % port)
if os.environ.get("FOR_LAB") and os.environ.get("NO_BROWSER", "0") in ("", "0"):
    try:
        webbrowser.get()
    except webbrowser.Error:
        print("There is no browser here that could be opened. When all is installed, open the "
              "address that is printed (NO_BROWSER=1 says how from another machine).", file=sys.stderr)
endef
export CHECK

.venv/ready:
	@command -v "$(PYTHON)" >/dev/null || { echo "This course needs Python 3.11 or newer, but" \
	  "there is no $(PYTHON) here: install it from https://www.python.org/downloads/ or name one" \
	  "you have, as in: make lab PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c "$$CHECK"
	@echo "Making .venv (once) ..."
	@"$(PYTHON)" -m venv --clear .venv
	@pwd -P > .venv/ready

define install
@echo "Installing what the course needs into .venv (once; a minute or two) ..."
@trap 'exit 130' INT TERM; rm -f .venv/ready .venv/lab .venv/test .venv/dev .venv/site; \
  $(VENV) -m pip install --quiet -c requirements.lock -e $(1); status=$$?; \
  pwd -P > .venv/ready; test $$status = 0 && touch $(2)
endef

.venv/lab: .venv/ready pyproject.toml requirements.lock
	$(call install,.,.venv/lab)

.venv/site: .venv/ready pyproject.toml requirements.lock
	$(call install,".[site]",.venv/lab .venv/site)

.venv/test: .venv/ready pyproject.toml requirements.lock
	$(call install,".[test]",.venv/lab .venv/site .venv/test)

.venv/dev: .venv/ready pyproject.toml requirements.lock
	$(call install,".[dev]",.venv/lab .venv/site .venv/test .venv/dev)
