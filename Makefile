# `make demo` and `make test` need Python 3.11+ and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help demo test test-all check format venv bench lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/.ready ## run the flagship config and print the path of its page
	@$(BIN)/raisecash run configs/rally_then_raise_cash.toml

test: check ## the whole check, as CI runs it

check: .venv/.ready ## format, lint, types, import contracts, tests, performance gates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist worksteal -m "not slow and not live"
	$(BIN)/raisecash validate configs/ci.toml

test-all: .venv/.ready ## every test, the long property runs included
	$(BIN)/pytest -n auto --dist worksteal -m "not live"

format: .venv/.ready ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

venv: .venv/.ready ## build .venv/ from the lock file

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "raisecash needs Python 3.11 or newer, $(PYTHON) is older: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m raisecash.kernels
	touch $@

bench: .venv-bench/.ready ## print the benchmarks (needs its own environment: vectorbt)
	.venv-bench/bin/pytest -c benchmarks/pytest.ini --rootdir . -p no:xdist benchmarks

.venv-bench/.ready: benchmarks/requirements.lock pyproject.toml
	rm -rf .venv-bench
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

UV := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links pyproject.toml --group dev
lock: ## resolve the lock files afresh
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv
	$(UV) --output-file requirements.lock
	$(UV) --group bench --constraints requirements.lock --output-file benchmarks/requirements.lock

clean: ## remove environments, caches and finished runs
	rm -rf .venv .venv-bench .venv-lock .mypy_cache .ruff_cache .pytest_cache reports/output
