# Two commands: `make gate` judges chart/, `make test` tests everything. Both set up what they need.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
GATE   := tests/test_policies.py tests/test_packs.py tests/test_snapshots.py
# With what compares its renderings with others.
JUDGED := $(GATE) tests/chart/test_renderers.py tests/chart/test_helm_versions.py
# Many small tests of what starts nothing.
JUDGED += $(addprefix tests/engine/,documents kubernetes packs policy)

# The tests start some hundred Pythons: where none may keep its bytecode, each compiles the whole engine anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: gate test setup lint tools judged tests lock snapshots clean

gate: setup
	$(BIN)/pytest -q $(GATE)

# The types are checked beside the tests: while these get their tools, and start.
test:
	$(MAKE) --jobs=3 lint judged tests

# Two thirds of all items, each of which takes longer to hand to a worker than to judge, are judged by one process.
judged: tools
	$(BIN)/pytest -q --chartgate-no-cache $(JUDGED) tests/test_selection.py

tests: tools
	$(BIN)/pytest -q -n auto --dist worksteal --chartgate-no-cache $(JUDGED:%=--ignore=%)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

setup: $(READY)
	$(BIN)/chartgate provision

# The oldest helm that is supported, too.
tools: $(READY)
	$(BIN)/chartgate provision --all

# The project's version is not in the lock; everything it needs is, by hash. What is never imported is never compiled.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chartgate needs Python 3.11 or newer: make PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(READY)

lock: setup
	$(BIN)/pip install --quiet 'uv>=0.9'
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes --no-emit-index-url \
	    --no-emit-find-links --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml

# Accept what the snapshots show; read the diff before you commit it.
snapshots: setup
	$(BIN)/pytest -q tests/test_snapshots.py --snapshot-update

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
