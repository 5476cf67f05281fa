# Everything that a fresh machine needs is installed into .venv; each target works again when run again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test aws stories faults soak check bench format clean
help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(VENV)/.runtime: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[terraform]'
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[terraform,cloud,dev]'
	@touch $@

demo: $(VENV)/.runtime ## play the whole product on this machine (ARGS="--json", "--keep", "--cloud aws")
	@$(BIN)/infrautomater demo $(ARGS)

test: $(VENV)/.dev ## every test that needs no account and no cloud
	$(BIN)/python -m pytest -n auto $(ARGS)

aws: $(VENV)/.dev ## buckets and databases with the real AWS provider, against a cloud in a box; some minutes
	$(BIN)/python -m pytest -n 2 --dist loadgroup -p no:randomly -m 'aws or edge' tests/aws $(ARGS)

stories: $(VENV)/.dev ## whole conversations on pull requests, through GitHub in a box; some minutes
	$(BIN)/python -m pytest -n 2 --dist loadfile -m stories tests/stories $(ARGS)

faults: $(VENV)/.dev ## take parts of the whole product away in mid-run; a quarter of an hour; writes docs/reliability.md
	$(BIN)/python -m pytest -n 3 --dist loadgroup -m faults tests/faults $(ARGS)

soak: $(VENV)/.dev ## 1,000 requests while workers are killed; ARGS="--requests 100 --pulls 5"; long
	$(BIN)/python -m tests.faults.soak $(ARGS)

check: $(VENV)/.dev ## lint, types, import contracts, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n auto -m "not edge and not e2e"

bench: $(VENV)/.dev ## every figure of docs/performance.md, measured again; takes long, on cores that have nothing else to do
	$(BIN)/python benchmarks/pickup.py --write
	$(BIN)/python benchmarks/accept.py --write
	$(BIN)/python benchmarks/end_to_end.py --write
	$(BIN)/python benchmarks/end_to_end.py --cloud aws --write
	$(BIN)/python benchmarks/thousand.py --write
	$(BIN)/python benchmarks/reconcile.py --write
	$(BIN)/python benchmarks/webhook.py
	$(BIN)/python benchmarks/box.py
	$(BIN)/python benchmarks/validate.py
	$(BIN)/python benchmarks/workspaces.py

format: $(VENV)/.dev ## let ruff arrange the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was installed and cached here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
