# make demo: install into .venv and solve three problems.
# make check: style, types and the quick half of the tests, in a minute.   make test: the whole suite.
# make docs: build the site, and serve it at http://localhost:8000.
VENV ?= .venv
ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN = $(VENV)/Scripts
else
PYTHON ?= python3
BIN = $(VENV)/bin
endif
# Two tests at once, each on one thread; those that start ranks one after the other.
PARALLEL = -n 2 --dist loadgroup

.PHONY: demo check test docs results clean

demo: $(VENV)/installed
	$(BIN)/python -m pinnsolve demo

check: $(VENV)/testing
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -q $(PARALLEL) -m "not slow"

test: $(VENV)/testing
	$(BIN)/python -m pytest $(PARALLEL)

docs: $(VENV)/testing
	$(BIN)/python -m docs.build serve

results: $(VENV)/installed
	$(BIN)/python -m results accuracy

$(VENV)/installed: setup.cfg constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/python -c "open('$@', 'w')"

$(VENV)/testing: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,docs]'
	$(BIN)/python -c "open('$@', 'w')"

clean:
	$(PYTHON) -c "import glob, shutil; [shutil.rmtree(p, True) for p in ['$(VENV)', 'build', *glob.glob('*.egg-info')]]"
