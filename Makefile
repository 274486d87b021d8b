# Everything a person does with Scorecast. Assumes only Python 3.11+ (with venv) and make.
PYTHON ?= python3
VENV ?= .venv
IMAGE ?= scorecast
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: serve test check format lock bench image clean

serve: $(READY)  ## set up, and run the service
	@exec $(BIN)/scorecast serve

test: $(READY)  ## set up, and run every check and every test
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest

check: $(READY)  ## lint, types and the fast tests, in under a minute
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -q -m "not slow"

.PHONY: lint
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile

.PHONY: faults
faults: $(READY)  ## kill, fill and race it at full length: a quarter of an hour; see docs/faults.md
	FAULTS=full $(BIN)/python -m pytest -v --durations=0 --durations-min=1 tests/system/test_faults.py tests/system/test_consistency.py \
		tests/system/test_disk_faults.py tests/unit/app/registry/test_registry.py

format: $(READY)  ## mend what can be mended by a machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## the benchmarks, each a ratio
	$(BIN)/python -m benchmarks

.PHONY: bench-peers
bench-peers: $(READY)  ## one row, beside other servers of models, which it installs under .peers/
	$(BIN)/python -m benchmarks.peers

# PYTHON_IMAGE is the image to build from (the Dockerfile names the default), DOCKER_BUILD_FLAGS whatever else docker needs.
image:  ## build the container image
	docker build $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) $(DOCKER_BUILD_FLAGS) -t $(IMAGE) .

lock:  ## write the locks anew (needs uv; UPGRADE=--upgrade takes newer versions); they hold no URLs
	uv lock $(UPGRADE)
	uv export -q --locked --no-annotate --no-header --no-emit-project --all-extras --all-groups -o requirements.lock
	uv export -q --locked --no-annotate --no-header --no-emit-project --no-dev -o requirements-core.lock
	uv export -q --locked --no-annotate --no-header --no-emit-project --only-group build -o requirements-build.lock
	! grep -l '://' requirements*.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The stamp is newer than what it was made from, so a second run starts at once.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Scorecast needs Python 3.11 or newer; choose one with PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
