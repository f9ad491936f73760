# make demo: install into .venv and solve three problems.   make test: the whole suite.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test results clean

demo: $(VENV)/installed
	$(BIN)/python -m pinnsolve demo

test: $(VENV)/testing
	$(BIN)/python -m pytest

results: $(VENV)/installed
	$(BIN)/python -m results accuracy

$(VENV)/installed: setup.cfg constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/testing: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
