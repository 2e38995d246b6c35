# Everything here needs Python 3.11 or later and the package index; what it makes is in .venv and ./demo.
# `make PYTHON=python3.13 test` chooses another Python than the first that fits.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
unexport PYTHONDONTWRITEBYTECODE # the tests start spt 200 times; to compile it each time costs as much as the program
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
TEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
MARKED := env or fuse or slurm or browser or node or tmux or nginx or big

.PHONY: help demo test quick lint bench constraints clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## install spt, write a tree of runs into ./demo and a page of them into demo.html, list it
	@if ! [ -e demo/.spt-demo -a -e $(VENV)/.demo ]; then \
	  [ ! -e demo/.spt-demo ] || rm -rf demo; \
	  $(BIN)/spt demo demo; touch $(VENV)/.demo; fi
	$(BIN)/spt export demo -o demo.html -v
	$(BIN)/spt ls demo

test: $(VENV)/.developed ## every test that can run on this machine
	$(TEST) $(PYTEST_ARGS)

quick: $(VENV)/.developed ## the tests without a marker, which need nothing special
	$(TEST) -m "not ($(MARKED))" $(PYTEST_ARGS)

lint: $(VENV)/.developed ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.developed ## measure, and write bench/RESULTS.md
	$(BIN)/python -m bench

constraints: ## pin constraints.txt anew to the newest versions of everything
	rm -rf $(VENV)
	$(call venv)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt

clean: ## remove what was made here
	rm -rf $(VENV) demo demo.html dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find spt_cli plugins tests bench -name __pycache__ -prune -exec rm -rf {} +

# The first Python that runs and is new enough (a pyenv shim may be there and not run), in a virtual environment.
define venv
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then echo 'make: no Python 3.11 or later found; install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "make: $$python cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; fi; \
	echo "$$("$$python" --version) in $(VENV)"; "$$python" -m venv $(VENV)
endef

$(VENV)/.made:
	$(call venv)
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt
	$(INSTALL) --editable .
	@touch $@

$(VENV)/.developed: $(VENV)/.installed
	$(INSTALL) --editable '.[dev]'
	@touch $@
