# Everything a newcomer needs; `make help` lists it. CI runs the same targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark

.DEFAULT_GOAL := help

help:            ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY)   ## the whole loop on a synthetic province, then one screen of results
	$(BIN)/xinfen demo

test: $(SPARK)   ## the tests; one that cannot run here says why
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

prove: $(SPARK)  ## long simulations and kill tests; their last table stands in docs/proofs.md
	$(BIN)/python -m pytest -m slow

lint: $(READY)   ## format, rules, types, import directions, generated docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m benchmarks.pages --check

bench: $(READY)  ## every benchmark, small; SIZE=full for the large ones
	$(BIN)/python -m benchmarks all --size $(or $(SIZE),small)

feast: $(READY)  ## an environment with the peer Feast, for the benchmark of indicators
	$(BIN)/python -m benchmarks.features_feast

chicago: $(READY) ## real inspections of Chicago beside the City's models; writes docs/chicago.md
	$(BIN)/python -m benchmarks chicago --size full

real: $(READY)   ## every real file through the shipped mappings; writes docs/real.md
	$(BIN)/python -m benchmarks.real

serve: $(READY)  ## after demo: the pages on its province, with three people's tokens to sign in
	$(BIN)/python -m benchmarks.serve

docs: $(READY)   ## write the generated pages of docs/
	$(BIN)/python -m benchmarks.pages

screens: $(READY) ## after demo: pictures of every page, in docs/pages/
	$(BIN)/python -m benchmarks.screenshots

ladders: $(READY) ## twenty ladders of the demo, in docs/ladders.md
	$(BIN)/python -m benchmarks.ladders

clean:           ## remove the environment and everything that runs leave behind
	rm -rf $(VENV) var build *.egg-info

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]' --constraint constraints.txt
	@touch $@

# Large, and nothing but the second engine needs it.
$(SPARK): $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[dev,spark]' --constraint constraints.txt
	@touch $@

.PHONY: help demo test prove lint bench feast chicago real serve docs screens ladders clean
