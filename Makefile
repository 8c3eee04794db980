# make demo: see it work. make test: environment, contracts, lint, types, tests.
PYTHON ?= python3
BIN := .venv/bin
MLFLOW2 := tests/tracker/server/mlflow/two.txt
# Hundreds of processes start in the tests: each would compile the same modules anew where a shell forbids bytecode.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test env lint bench clean

env: .venv/ready

.venv/ready: pyproject.toml constraints.txt $(MLFLOW2)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Runcite needs Python 3.11 or newer: make PYTHON=python3.12 env"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	rm -rf .venv/mlflow2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target .venv/mlflow2 --requirement $(MLFLOW2)
	touch $@

demo: env
	$(BIN)/runcite demo $(ARGS)

test: env lint
	$(BIN)/python -m pytest -n $${RUNCITE_JOBS:-auto} --dist worksteal $(ARGS)

lint: env
	$(BIN)/lint-imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: env
	$(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
