# The two commands that matter are `make run` and `make test`; both do whatever they need on a fresh machine.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 7071
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test check format test-other-pythons bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

run: $(READY) ## Run the app on the local host, http://localhost:7071 (PORT=... for another port)
	@$(BIN)/python -m devhost --app . --port $(PORT)

test: $(READY) ## Run all tests
	@$(BIN)/python -m pytest

check: $(READY) ## Check format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY) ## Put the format right, and what lint can mend by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test-other-pythons: ## Run all tests on Python 3.13 too, where there is one
	@for python in python3.13 $(HOME)/.pyenv/versions/3.13*/bin/python3.13; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then \
	    exec $(MAKE) --no-print-directory test PYTHON=$$python VENV=.venv-3.13; \
	  fi; \
	done; echo "no Python 3.13 on this machine: skipped"

bench: $(READY) ## Measure the local host (see bench/README.md)
	@$(BIN)/python bench/approvals.py

clean: ## Remove what the commands above have made
	rm -rf .venv .venv-3.13 .devhost .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist

$(READY): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, and {sys.executable} is {v[0]}.{v[1]}: use make PYTHON=...")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
