# Everything that a person needs, from a fresh clone: make demo, make test.
# PYTHON=3.12 make test uses another interpreter, in an environment of its own.

PYTHON ?= 3.11
VENV   := .venv$(if $(filter-out 3.11,$(PYTHON)),-$(PYTHON))
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null || echo $(VENV)/bootstrap/bin/uv)
READY  := $(VENV)/.ready

.PHONY: help demo test test-all test-fast lint format bench docs requirements chromium clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(READY): requirements/dev.txt pyproject.toml
	@command -v $(UV) >/dev/null 2>&1 || { python3 -m venv $(VENV)/bootstrap && $(VENV)/bootstrap/bin/python -m pip install --quiet uv; }
	@test -x $(BIN)/python || $(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

demo: $(READY)  ## draw a data set, run the whole journey on it, and say where its report is
	$(BIN)/photobench demo demo

# One thread for each of several test processes: most of a test's time is the start of a command, on one core.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

test: $(READY) lint chromium  ## style, types, tests; where CI is set also those that take minutes
	$(PYTEST) $(if $(CI),,-m "not minutes")

test-all:  ## everything
	CI=true $(MAKE) test

test-fast: $(READY)  ## what takes a few seconds each
	$(PYTEST) -m "not slow and not browser and not minutes"

lint: $(READY)  ## style and types
	$(BIN)/ruff check photobench tests bench docs
	$(BIN)/ruff format --check photobench tests bench docs
	$(BIN)/mypy

format: $(READY)  ## let ruff mend the style
	$(BIN)/ruff check --fix photobench tests bench docs
	$(BIN)/ruff format photobench tests bench docs

chromium:  ## Debian's browser for the tests of the report, where it may be installed
	@command -v chromium >/dev/null 2>&1 || { command -v apt-get >/dev/null 2>&1 && test "$$(id -u)" = 0 \
	  && { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	  || echo "chromium is not here and cannot be installed: the browser tests will be skipped"; }

bench: $(READY)  ## the speed figures, beside fastai and Lightning
	@test -x .venv-bench/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv-bench
	$(UV) pip install --quiet --python .venv-bench/bin/python -r requirements/bench.txt
	$(UV) pip install --quiet --python .venv-bench/bin/python --no-deps -e .
	.venv-bench/bin/python bench/input.py
	.venv-bench/bin/python bench/epoch.py

requirements:  ## pin again what pyproject.toml asks for
	$(UV) pip compile -q -U --universal --python-version 3.11 --no-emit-index-url --no-header --extra dev --extra face --extra resample --extra mlflow --extra notebook --extra postgres --extra wandb --extra umap pyproject.toml -o requirements/dev.txt
	$(UV) pip compile -q -U --universal --python-version 3.11 --no-emit-index-url --no-header --extra dev --extra face --extra resample --extra mlflow --extra notebook --extra postgres --extra wandb --extra umap --extra bench pyproject.toml -c requirements/dev.txt -o requirements/bench.txt

docs: $(READY)  ## write docs/options.md from the code
	$(BIN)/python docs/make_options.py

clean:  ## remove the environment and the demo
	rm -rf .venv .venv-* demo
