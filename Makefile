# What can be done with this checkout. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help run test check bench dist fmt clean torture fuzz screenshots reference

BIN := .venv/bin
PYTHON := $(BIN)/python
SOURCES := src tests scripts $(wildcard bench examples)
# Half of the time tests wait for a disk, a clock or a browser: one worker more than there are cores.
WORKERS = $(shell expr `getconf _NPROCESSORS_ONLN` + 1)
PYTEST = $(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: ## start whiteout; options go on: make run ARGS="--port 9099 --data DIR"
	@scripts/setup.sh run
	@exec $(BIN)/whiteout up $(ARGS)

test: check ## all checks and all tests but the long ones
	@scripts/setup.sh test
	$(PYTEST) tests/privacy --cov=whiteout.privacy --cov-branch --cov-fail-under=100
	$(PYTEST) --ignore=tests/privacy

check: ## format, lint, types, rooms and reference pages
	@scripts/setup.sh check
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PYTHON) scripts/reference.py --check

bench: ## measure, as ratios within one run
	@scripts/setup.sh test
	$(PYTHON) -m bench $(ARGS)

dist: ## build source archive and wheel into dist/, and check them
	@scripts/setup.sh check
	rm -rf dist
	$(PYTHON) -m build --no-isolation --outdir dist
	$(PYTHON) scripts/check_dist.py dist

fmt: ## format, and mend what can be mended
	@scripts/setup.sh check
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

reference: ## write the pages of docs/reference/ anew
	@scripts/setup.sh check
	$(PYTHON) scripts/reference.py

torture: ## the long runs
	@scripts/setup.sh test
	$(BIN)/pytest -q -n 0 -m torture

fuzz: ## a million made-up requests, and a million found by a fuzzer
	@scripts/setup.sh test
	$(BIN)/pytest -q -n 0 -m "torture or not torture" tests/e2e/test_fuzz.py

screenshots: ## pictures of the pages, into docs/pictures/
	@scripts/setup.sh test
	$(PYTHON) -m scripts.screenshots

clean: ## remove what was built and cached; data and .venv stay
	rm -rf build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests scripts bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
