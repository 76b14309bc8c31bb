# Every target sets up what it needs in .venv; only python3 with venv and pip has to be there.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# the library's bytecode: written once, not made anew by each of the many processes that tests start
BYTECODE = $(BIN)/python -m compileall -q $(dir $(wildcard */__init__.py)) $(wildcard *.py)

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint format bench docs clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: $(READY)  ## train LeNet on real digits: log, accuracy and a picture in out/
	$(BIN)/python examples/train_a_digit_classifier.py

test: $(READY)  ## run every test
	@$(BYTECODE)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

quick: $(READY)  ## run the tests that take less than a few seconds
	@$(BYTECODE)
	$(BIN)/python -m pytest -n 2 -m 'not slow' $(ARGS)

lint: $(READY)  ## check format, style and the arrows between packages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

format: $(READY)  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## time the workloads of benchmarks/ beside PyTorch (installs it)
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m benchmarks

docs: $(READY)  ## build the manual in doc/_build/html
	$(BIN)/python -m pip install --quiet --editable '.[docs]'
	$(BIN)/python -m sphinx -W --keep-going -b html doc doc/_build/html

clean:  ## remove everything that was built
	rm -rf $(VENV) build dist out doc/_build doc/api .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
