# The two commands: `make start` and `make test`. Everything else serves them.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: setup start test test-all bench check format messages clean

setup: $(STAMP)

$(STAMP): pyproject.toml package.json package-lock.json requirements.lock $(wildcard frontend/*) $(wildcard src/nordlotse/*/locale/*/LC_MESSAGES/*.po)
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
		|| { echo "Python 3.11 is needed; found: $$($(PYTHON) --version 2>&1). Install it, or: make setup PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python's venv is missing; on Debian and Ubuntu: apt install python3.11-venv"; exit 2; }
	@command -v npm >/dev/null || echo "note: npm (Node 20) is missing, pages will use the plain style"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=23'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev,step-exact]'
	$(BIN)/nordlotse knowledge embed
	@touch $(STAMP)

start: setup
	@$(BIN)/nordlotse start

test: setup
	@$(BIN)/python -m tests.run

test-all: setup
	@$(BIN)/python -m tests.run --all

check: setup
	$(BIN)/ruff format --check src tests bench frontend
	$(BIN)/ruff check src tests bench frontend
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format src tests bench frontend
	$(BIN)/ruff check --fix-only --quiet src tests bench frontend

bench: setup
	@test -n "$(ROOM)" || { echo "say which room: make bench ROOM=answers"; exit 2; }
	@$(BIN)/python -m bench.$(ROOM)

clean:
	rm -rf build dist node_modules src/nordlotse/web/static/dist .mypy_cache .ruff_cache .pytest_cache
