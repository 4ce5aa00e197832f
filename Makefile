MONTH ?= 2026-10
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup report sample lint test prove bench lock clean

setup: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

report: setup
	$(BIN)/bizlab run $(MONTH) || [ $$? -eq 1 ]

sample: setup
	$(BIN)/bizlab sample

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not prove"

prove: setup
	sh tests/install_browser.sh
	$(BIN)/python -m pytest -n 2 --dist loadfile -m prove

bench: setup
	set -e; for file in benchmarks/[a-z]*.py; do $(BIN)/python $$file; done

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate --extra lab --extra db --extra test -o requirements.lock

clean:
	rm -rf .venv .bizlab reports build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
