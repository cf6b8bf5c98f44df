# Everything a person or CI does with this project. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := osago_core osago_cli daemon/osago_daemon osago_sandbox tests benchmarks

# Hundreds of interpreters are started here; compiling everything anew in each would double the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types imports format sim storm bench schema constraints clean

help: ## List what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## Ten pretend insurers answering live; nothing to configure
	@$(BIN)/osago demo

test: $(VENV)/.installed-dev ## Every test
	@$(BIN)/pytest --numprocesses 4 --dist loadgroup

check: lint types imports test ## What CI runs

lint: $(VENV)/.installed-dev ## Style
	@$(BIN)/ruff format --check --quiet $(PACKAGES) && $(BIN)/ruff check --quiet $(PACKAGES) \
	  && echo "lint: fine"

types: $(VENV)/.installed-dev ## Types
	@$(BIN)/mypy --no-error-summary && echo "types: fine"

imports: $(VENV)/.installed-dev ## Imports point one way
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Put the code into the house's format
	@$(BIN)/ruff format --quiet $(PACKAGES) && $(BIN)/ruff check --fix $(PACKAGES)

SEED ?= 1
SEEDS ?= $(if $(filter file,$(origin SEED)),200,1)
RUNS ?= 50

sim: $(VENV)/.installed-dev ## Runs on virtual time: SEED= first world, SEEDS= worlds, RUNS= in each
	@$(BIN)/python -m tests.simulation --seed $(SEED) --seeds $(SEEDS) --runs $(RUNS)

storm: $(VENV)/.installed-dev ## Healthy insurers in a storm, beside the same in calm weather (minutes)
	@$(BIN)/python benchmarks/storm.py

bench: $(VENV)/.installed-dev ## Speed, side by side in one run
	@$(BIN)/python benchmarks/transport.py
	@$(BIN)/python benchmarks/exchange.py
	@$(BIN)/python benchmarks/tariff.py
	@$(BIN)/python benchmarks/commands.py
	@$(BIN)/python benchmarks/cached.py
	@$(BIN)/python benchmarks/polling.py
	@$(BIN)/python benchmarks/scenarios.py
	@$(BIN)/python benchmarks/peak.py

schema: $(VENV)/.installed-dev ## Write docs/schema/ anew from the types
	@$(BIN)/python -m osago_core.wire.openrpc > docs/schema/openrpc.json
	@$(BIN)/python -m osago_daemon.config schema > docs/schema/insurers.schema.json

constraints: $(VENV)/.installed-dev ## Pin what is installed now
	@{ echo "# The versions that the tests ran with. Written anew by: make constraints"; \
	   $(BIN)/python -m pip freeze --exclude-editable; } > constraints.txt

clean: ## Remove what was installed and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing into $(VENV) …"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing into $(VENV), with what the tests need …"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.installed

# Debian splits venv's pip off into python3-venv. Without that package the machine's own pip can put
# one there; failing that too, root installs the package and anybody else is told to.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "osago needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
	  || { $(PYTHON) -m venv --clear --without-pip $(VENV) \
	       && $(PYTHON) -m pip --quiet --python $(BIN)/python install pip; } \
	  || { test "$$(id -u)" = 0 && apt-get -qq install -y python3-venv >/dev/null \
	       && $(PYTHON) -m venv --clear $(VENV); } \
	  || { echo "No virtual environment could be made; install one with:" \
	       "sudo apt install python3-venv"; exit 1; }
