# `make` alone lists the targets. Everything runs in VENV, made on first use.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
PYTEST := $(BIN)/python -m pytest
HARLEQUIN := tests/judges/harlequin/.venv

.DEFAULT_GOAL := help
.PHONY: help demo test check unit lint types layers judges live bench docs lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 12

demo: $(VENV)/.run ## certificate, connection, upload, listing and SQL against a local tenant, end to end
	@$(BIN)/driveql demo

test: $(VENV)/.test $(VENV)/.node $(HARLEQUIN)/.done ## install all that the tests need, then run everything
	@$(MAKE) --no-print-directory lint types layers
	$(PYTEST) -n 2 --dist worksteal

check: $(VENV)/.test lint types layers unit ## the unit part: lint, types, import layers, unit and property tests (under a minute)

unit: $(VENV)/.test
	$(PYTEST) -n 2 -q tests/unit tests/property

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

layers: $(VENV)/.test
	$(BIN)/lint-imports --no-logo

judges: $(VENV)/.test $(VENV)/.node ## only the tests in which independent programs judge client and emulator
	$(PYTEST) -n 2 -m judge

live: $(VENV)/.test ## the behaviours that hold anywhere, on a real tenant: DRIVEQL_LIVE_CONNECTION_STRING="..." make live
	@test -n "$$DRIVEQL_LIVE_CONNECTION_STRING" || { echo "set DRIVEQL_LIVE_CONNECTION_STRING to a connection that may write"; exit 2; }
	$(PYTEST) -v tests/conformance/test_anywhere.py --timeout 600 -o faulthandler_timeout=700

bench: $(VENV)/.test bench/.venv/.done ## measure listings and transfers beside rclone and three libraries, in ten minutes
	$(BIN)/python -m bench $(BENCH)

docs: $(VENV)/.test ## regenerate the reference pages from the code
	$(BIN)/python -m docs.generate

lock: ## resolve the dependencies anew and write requirements/*.txt
	$(BIN)/python -m pip -q install uv
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -q --upgrade requirements/build.in --no-annotate -o requirements/build.txt
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -q --upgrade pyproject.toml --extra run --no-emit-package driveql -o requirements/run.txt
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -q --upgrade pyproject.toml --extra run --extra telemetry --group test --no-emit-package driveql \
	  -c requirements/run.txt -o requirements/test.txt
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -q --upgrade requirements/bench.in --no-annotate -c requirements/test.txt -o requirements/bench.txt
	$(BIN)/python -m uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -q --upgrade pyproject.toml --extra harlequin --no-emit-package driveql --no-annotate -o requirements/harlequin.txt

clean: ## remove the environment and everything built
	rm -rf $(VENV) $(HARLEQUIN) bench/.venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache node_modules tests/judges/node/node_modules

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python requirements/run.txt requirements/build.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/build.txt
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(BIN)/python requirements/test.txt requirements/build.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/build.txt
	$(PIP) install --require-hashes -r requirements/test.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

# What is measured beside driveql has an environment of its own, so that none of it can get into the way of the tests.
bench/.venv/.done: requirements/bench.txt
	$(PYTHON) -m venv bench/.venv
	bench/.venv/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/bench.txt
	@touch $@

# Harlequin pins what we need in other versions, so that it cannot share an environment with the tests.
$(HARLEQUIN)/.done: requirements/harlequin.txt requirements/build.txt pyproject.toml
	$(PYTHON) -m venv $(HARLEQUIN)
	$(HARLEQUIN)/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/build.txt
	$(HARLEQUIN)/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r requirements/harlequin.txt
	$(HARLEQUIN)/bin/python -m pip --disable-pip-version-check -q install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.node: tests/judges/node/package-lock.json tests/judges/node/prepare
	tests/judges/node/prepare
	@touch $@
