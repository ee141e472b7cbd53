# The two commands that matter are `make run` and `make test`; both do whatever they need on a fresh machine.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 7071
BIN := $(VENV)/bin
SERVES := $(VENV)/.serves
READY := $(VENV)/.ready
TOOLS := .venv-tools
RUNTIME := .venv-runtime
# The one that comes with Python 3.11 takes twice as long to install all this.
PIP := pip==26.3
MUTANTS := .venv-mutants

# The tests start hundreds of hosts: what Python has compiled once is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo screenshots test test-long coverage mutate check format test-other-pythons rehearse infra bench bench-peers clean package lock licences audit

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

run: $(SERVES) ## Run the app on the local host, http://localhost:7071 (PORT=..., POLICIES=examples/policies/county.toml)
	@$(BIN)/python scripts/run_locally.py --port $(PORT) $(if $(POLICIES),--policies $(POLICIES))

demo: $(SERVES) ## Run the app with a county's policies, eight cases in different states, and time that buttons move
	@$(BIN)/python scripts/demo.py --port $(PORT)

screenshots: $(READY) ## Take the README's pictures from the demo, into docs/images (needs Chromium)
	@$(BIN)/python scripts/screenshots.py

test: $(READY) ## Run the tests of everything
	@$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

test-long: $(READY) ## Run what takes long: thousands of random cases more, a hundred kills, 20,000 exports
	@$(BIN)/python -m pytest -n auto --dist loadfile -m long || [ $$? = 5 ]  # 5: no test is marked, as in a new app

# Tests that run the rules in their own process; hosts in processes of their own are not measured.
MEASURED := approval $(wildcard service) devhost/src/devhost/durabletask
MEASURING := $(addprefix tests/,unit levels walk retention patterns replay) \
  $(addprefix devhost/tests/,rules conformance rehearsal http_activity pages/test_timeline.py store)

coverage: $(READY) ## Measure which lines and branches of the rules the tests run
	@$(BIN)/coverage run --branch --source=$(shell echo $(MEASURED) | tr ' ' ,) -m pytest -q $(MEASURING)
	@$(BIN)/coverage report --show-missing --skip-covered

mutate: $(MUTANTS)/.ready ## Change the rules in thousands of places, and list the changes that no test notices (hours)
	@for folder in . devhost; do \
	  (cd $$folder && export PATH=$(abspath $(MUTANTS))/bin:$$PATH PYTHONPATH=$(abspath devhost/tests/support) && \
	    mutmut run && mutmut results); \
	done

check: $(READY) ## Check format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/lint-imports devhost/pyproject.toml

format: $(READY) ## Put the format right, and what lint can mend by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# What has to be seen once is not run again there: random cases, pages, the docs' commands, kills, package, an app of one's own.
ONCE := $(addprefix --ignore=,$(addprefix tests/,walk levels pages browser docs infra demo make_it_yours package crash) \
  $(addprefix devhost/tests/,browser crash bench))

test-other-pythons: ## Run the tests on Python 3.13 too, where there is one, but for those that are run once
	@for python in python3.13 $(HOME)/.pyenv/versions/3.13*/bin/python3.13; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then \
	    exec $(MAKE) --no-print-directory test PYTHON=$$python VENV=.venv-3.13 TESTS='$(ONCE)'; \
	  fi; \
	done; echo "no Python 3.13 on this machine: skipped"

rehearse: $(READY) ## Replay the recorded histories on the present code; fails if one diverges
	@$(BIN)/python -m devhost replay --app . tests/replay/histories tests/patterns/histories tests/policies/histories

infra: ## Compile infra/main.bicep to infra/main.json (BICEP=... for a compiler that is not on the PATH)
	@$(or $(BICEP),bicep) build infra/main.bicep --outfile infra/main.json

bench: $(READY) ## Measure the local host (see devhost/bench/README.md)
	@$(BIN)/python devhost/bench/approvals.py

bench-peers: $(READY) ## Compare it with other engines, 25 minutes (REAL_HOST="command" adds the real extension)
	@$(BIN)/python devhost/bench/setup_peers.py
	@$(BIN)/python devhost/bench/compare.py $(if $(REAL_HOST),--real-host '$(REAL_HOST)')

clean: ## Remove what the commands above have made
	rm -rf .venv .venv-3.13 .venv-tools .venv-runtime .venv-mutants mutants devhost/mutants devhost/build devhost/src/*.egg-info .coverage .devhost .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist

package: ## Write dist/app.zip, what would be deployed (ENGINE=durableTaskScheduler for that engine)
	@$(PYTHON) scripts/package.py $(if $(ENGINE),--engine $(ENGINE))

lock: $(TOOLS)/.ready ## Renew requirements.txt, with hashes, from requirements.in (UPGRADE=1 takes newer versions)
	@$(TOOLS)/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --custom-compile-command 'make lock' \
	  $(if $(UPGRADE),--upgrade) --quiet --output-file requirements.txt requirements.in

licences: $(TOOLS)/.ready ## List the licences of what is deployed
	@$(TOOLS)/bin/pip-licenses --python $(RUNTIME)/bin/python --from=mixed --order=license --with-urls

audit: $(TOOLS)/.ready ## List known vulnerabilities of what is deployed; fails where it could not look
	@$(TOOLS)/bin/pip-audit --requirement requirements.txt --require-hashes --disable-pip --format json --progress-spinner off | $(PYTHON) scripts/audit.py requirements.txt

$(MUTANTS)/.ready: requirements.txt requirements-dev.txt requirements-mutants.txt devhost/pyproject.toml
	@$(PYTHON) -m venv $(MUTANTS)
	@$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-mutants.txt
	@touch $@

$(TOOLS)/.ready: requirements-tools.txt requirements.txt
	@$(PYTHON) -m venv $(TOOLS) && $(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-tools.txt
	@$(PYTHON) -m venv $(RUNTIME) && $(RUNTIME)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(SERVES): requirements.txt requirements-devhost.txt devhost/pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, and {sys.executable} is {v[0]}.{v[1]}: use make PYTHON=...")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-devhost.txt
	@touch $@

$(READY): $(SERVES) requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
