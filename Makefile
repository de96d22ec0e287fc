# Two commands on a fresh machine: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.run.stamp
DEV    := $(VENV)/.dev.stamp

.PHONY: demo serve test check lint types layers bench diagrams lock clean help

help:           ## what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name it: make PYTHON=python3.11 demo"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

demo: $(RUN)    ## the main job, end to end on real audio, no hardware, no keys
	$(BIN)/concierge demo

serve: $(RUN)   ## the service with the example hotel
	$(BIN)/concierge serve

test: $(DEV)    ## the tests: real nats-server, real models, real WebRTC
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: lint types layers test  ## everything that must be green

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports

bench: $(DEV)   ## every benchmark; one of them: python -m bench NAME
	$(BIN)/python -m bench all

diagrams: $(RUN) ## state diagrams into ARCHITECTURE.md
	$(BIN)/python -m bench.diagrams

lock: $(VENV)/bin/python    ## renew the locked dependencies
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-index-url --python-version 3.11 --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf build dist
