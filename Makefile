# Everything a person does with Scorecast; `make help` lists it. Assumes only Python 3.11+ (with venv) and make.
PYTHON ?= python3
VENV ?= .venv
IMAGE ?= scorecast
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null)
SBOM ?= dist/scorecast.cdx.json
CASES ?= 5000
MINUTES ?= 15
SECONDS ?= 600
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Two stamps, newer than what they were made from, so that a second run starts at once.
CORE := $(VENV)/.core
READY := $(VENV)/.ready
# One test process for each processor, up to 8; the tests of a file stay together, with what they share.
TESTS := $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

# With it, Python would compile tests and libraries anew in each of the many processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help serve test check lint faults soak mutants load fuzz fuzz-readers format bench bench-peers screenshots image sbom lock clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo 'PYTHON=python3.13 chooses the interpreter, VENV=folder the virtual environment.'

serve: $(CORE)  ## install what serving needs, and run the service
	@exec $(BIN)/scorecast serve

test: $(READY)  ## install the rest, and run every check and every test
	@$(MAKE) --no-print-directory lint
	$(TESTS)

check: $(READY)  ## lint, types and the fast tests, in under a minute
	@$(MAKE) --no-print-directory lint
	$(TESTS) -q -m "not slow" --hypothesis-profile=quick

lint: $(READY)  ## lint, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile

faults: $(READY)  ## the fault tests at full length, an hour; see docs/reliability.md
	FAULTS=full $(BIN)/python -m pytest -v --durations=0 --durations-min=1 tests/system/test_faults.py tests/system/test_consistency.py \
		tests/system/test_histories.py \
		tests/system/test_disk_faults.py tests/system/test_crash_states.py tests/system/test_failing_calls.py \
		tests/system/test_slow_clients.py tests/system/test_rolling_restart.py tests/system/test_steady_memory.py \
		tests/unit/app/registry/test_registry.py tests/unit/app/registry/test_folding.py

fuzz: $(READY)  ## send CASES requests (5,000) that the API's document leads to, others each time; FUZZ_SEED=... sends the same
	FUZZ_CASES=$(CASES) $(BIN)/python -m pytest -v -s -n 0 tests/system/test_fuzzing.py

fuzz-readers: $(READY)  ## damaged bytes to each reader of tables, checkpoints and tensors, for SECONDS (600) each, others each time
	FUZZ_SECONDS=$(SECONDS) $(TESTS) -v tests/unit/app/test_fuzzed_readers.py --dist load

soak: $(READY)  ## 16 clients for MINUTES (15), and a process that is killed each minute: nothing wrong, lost, or larger
	SOAK_MINUTES=$(MINUTES) $(BIN)/python -m pytest -v -n 0 tests/system/test_soak.py

mutants: $(READY)  ## seed bugs, one after the other; the tests must find each within a minute
	$(BIN)/python -m tests.mutation

load: $(READY)  ## hold 80 % of the requests a second that the server can do, for five minutes (needs wrk)
	$(BIN)/python -m benchmarks.sustained

format: $(READY)  ## fix what the linter and the formatter can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## run the benchmarks
	$(BIN)/python -m benchmarks

bench-peers: $(READY)  ## compare with other model servers, which it installs under .peers/
	$(BIN)/python -m benchmarks.peers

screenshots: $(READY)  ## make the README's pictures of the page anew (needs chromium)
	$(BIN)/python -m tests.screenshots

# PYTHON_IMAGE is the image to build from (the Dockerfile names the default), DOCKER_BUILD_FLAGS whatever else docker needs.
image:  ## build the container image
	docker build $(if $(PYTHON_IMAGE),--build-arg PYTHON_IMAGE=$(PYTHON_IMAGE)) $(if $(REVISION),--build-arg REVISION=$(REVISION)) \
		$(DOCKER_BUILD_FLAGS) -t $(IMAGE) .

sbom: $(READY)  ## write the bill of materials of what the image installs (CycloneDX) to SBOM; `make sbom image` puts it into the image
	@mkdir -p $(dir $(SBOM))
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o $(SBOM) requirements-core.lock

lock:  ## write the lock files again (needs uv; UPGRADE=--upgrade takes newer versions)
	uv lock $(UPGRADE)
	uv export -q --locked --no-annotate --no-header --no-emit-project --all-extras --all-groups -o requirements.lock
	uv export -q --locked --no-annotate --no-header --no-emit-project --no-dev -o requirements-core.lock
	uv export -q --locked --no-annotate --no-header --no-emit-project --only-group build -o requirements-build.lock
	! grep -l '://' requirements*.lock

clean:  ## remove the virtual environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What serving needs. The tools that build the package stand in a folder of their own, which is removed again.
# Bytecode is compiled when a module is first imported: most of what is installed never is.
$(CORE): requirements-core.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Scorecast needs Python 3.11 or newer; choose one with PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --no-compile --require-hashes -r requirements-core.lock
	$(PIP) install --no-compile --require-hashes --target $(VENV)/build --upgrade -r requirements-build.lock
	PYTHONPATH=$(VENV)/build $(PIP) install --no-deps --no-build-isolation --editable .
	@rm -rf $(VENV)/build
	@touch $@

# What tests, linters and benchmarks need beside it.
$(READY): $(CORE) requirements.lock
	$(PIP) install --no-compile --require-hashes -r requirements.lock
	@touch $@
