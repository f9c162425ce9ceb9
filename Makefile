# Everything a developer runs. `make` alone prints this list.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint audit messages openapi bench soak lock

help:  ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.main: requirements/main.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/main.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.main requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes --requirement requirements/dev.txt
	touch $@

setup: $(VENV)/.main  ## make .venv and install the locked dependencies

setup-dev: $(VENV)/.dev  ## the same, with the tools of development

run: setup  ## fill a demo archive and serve it on loopback
	$(BIN)/huidang serve --demo

test: setup-dev  ## run the tests, on PostgreSQL too where HUIDANG_TEST_POSTGRES names one
	$(BIN)/python -m pytest -n 2
	@if [ -n "$$HUIDANG_TEST_POSTGRES" ]; then \
	  HUIDANG_DATABASE=$$HUIDANG_TEST_POSTGRES $(BIN)/python -m pytest -n 2 -m database; \
	else echo "PostgreSQL tests did not run: HUIDANG_TEST_POSTGRES is not set"; fi

lint: setup-dev  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: setup-dev  ## bandit over the code; pip-audit over the locked dependencies (asks its database of advisories)
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive src
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements/main.txt

openapi: setup-dev  ## write the API's document beside its code
	$(BIN)/python tools/openapi.py

messages: setup-dev  ## collect the texts of the product and compile their English
	$(BIN)/python tools/messages.py

bench: setup-dev  ## measure ingest beside raw SQLite; results go to bench/results
	$(BIN)/python bench/ingest.py

soak: setup-dev  ## the long campaigns: kill storms and fuzzing at full length
	$(BIN)/python -m pytest -m soak -rP
	@if [ -n "$$HUIDANG_TEST_POSTGRES" ]; then \
	  HUIDANG_DATABASE=$$HUIDANG_TEST_POSTGRES $(BIN)/python -m pytest -m "soak and database" -rP; fi

lock: setup-dev  ## compile requirements/*.txt anew from pyproject.toml
	$(BIN)/uv pip compile --quiet pyproject.toml --group build --generate-hashes --python-version 3.11 --universal --no-header --no-annotate --output-file requirements/main.txt
	$(BIN)/uv pip compile --quiet pyproject.toml --group build --group dev --group bench --generate-hashes --python-version 3.11 --universal --no-header --no-annotate --constraint requirements/main.txt --output-file requirements/dev.txt
