# What a person types. `make help` lists it; everything lives in .venv, made from the hashed locks on first use.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --quiet

ON_ALL_CORES := -n auto --dist loadfile --no-loadscope-reorder
ON_TWO_CORES := -n 2 --dist loadfile --no-loadscope-reorder
MARKS ?= system
FROM ?= ../shared/topics
YAML_RULES := {extends: default, rules: {line-length: {max: 120}, document-start: disable}}

# Commands and tests start many processes, each of which would compile all modules anew where this is set.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo run test test-system test-postgres test-browser screenshots check compose-test bench train lock migration clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.ready ## Show the archive at work on a sample news site: no account, no network
	@echo "Playing two nights over a sample news site ..." >&2
	@$(BIN)/climate-archive demo

run: $(VENV)/.ready ## Archive one night of the real feeds into ./data
	@echo "Archiving a night of the real feeds into ./data ..." >&2
	@$(BIN)/climate-archive run

test: $(VENV)/.ready-dev ## Run the quick tests: all but those of test-system
	@echo "Running the quick tests on all cores: a few minutes." >&2
	@$(BIN)/python -m pytest -m "not system and not browser" $(ON_ALL_CORES) -q

test-system: $(VENV)/.ready-dev ## Run the tests with real Prefect servers, killed processes and full disks
	@echo "Running the tests of the whole system on all cores: some minutes." >&2
	@$(BIN)/python -m pytest -m "$(MARKS)" $(ON_ALL_CORES) -q

test-postgres: $(VENV)/.ready-dev ## Run the tests with every archive on PostgreSQL, which they start themselves
	@echo "Running all tests on PostgreSQL, two at a time: many minutes." >&2
	@$(BIN)/python -m pytest --postgresql $(ON_TWO_CORES) -q

test-browser: $(VENV)/.ready-dev ## Run the tests of the pages in a real browser, where there is a Chromium
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo "There is no Chromium here, so these tests are skipped. Debian and Ubuntu: apt-get install chromium; macOS: brew install --cask chromium." >&2
	@$(BIN)/python -m pytest -m browser tests/browser -q

screenshots: $(VENV)/.ready-dev ## Make the pictures of the documentation anew, from the demo; needs a Chromium
	@SCREENSHOTS=docs/pictures $(BIN)/python -m pytest -m browser tests/browser/test_screenshots.py -q

check: $(VENV)/.ready-dev ## Run everything that a change must pass: format, lint, types, imports, tests, coverage, quality
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/yamllint --strict --config-data '$(YAML_RULES)' docker-compose.yml tests/compose
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml tests/compose/docker-compose.yml
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(ON_ALL_CORES) -q
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95 --skip-covered
	$(BIN)/coverage report --fail-under=100 --include='flows/steps/dedupe.py,flows/steps/_identity/resolution.py,flows/steps/_identity/claims.py,flows/steps/_identity/evidence.py,flows/steps/_identity/document.py,flows/steps/_identity/names.py,flows/steps/_identity/inquiry.py,flows/steps/_identity/text_source.py,flows/steps/_identity/versions.py,models/archive/*,models/archive/*/*'

compose-test: $(VENV)/.ready-dev ## Try the grown set-up for real, where a Docker engine answers
	@echo "Trying the grown set-up in containers, if there is a Docker engine: some minutes." >&2
	@$(BIN)/python -m tests.compose

bench: $(VENV)/.ready-dev ## Measure speed, as ratios within one run
	@echo "Measuring, one benchmark after the other: many minutes." >&2
	@$(BIN)/python -m tests.benchmarks

train: $(VENV)/.ready-dev ## Learn the topics' weights anew from labelled stories: make train FROM=FOLDER (docs/topics.md)
	@$(BIN)/python -c 'import sklearn' 2>/dev/null || { echo "Training needs scikit-learn: $(BIN)/python -m pip install -e '.[learn]', or: uv pip install -p $(VENV) -e '.[learn]'" >&2; exit 1; }
	@echo "Learning from $(FROM) ..." >&2
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.quality.train $(FROM) --vectors $(VENV)/vectors.npz

lock: ## Write both locks anew from pyproject.toml; needs uv
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	uv pip compile pyproject.toml --extra meaning --group build $(LOCK_OPTIONS) --upgrade -o requirements.lock
	uv pip compile pyproject.toml --extra meaning --extra parquet --extra mcp --group build --group dev $(LOCK_OPTIONS) --upgrade -c requirements.lock -o requirements-dev.lock
	$(PYTHON) .ci/plain_pins.py requirements.lock requirements-dev.lock

migration: $(VENV)/.ready-dev ## Write the next migration: make migration NAME="Add a column"
	$(BIN)/python -m models.migrations "$(NAME)"

clean: ## Remove what was made here, but never an archive
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage*

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(call install,requirements.lock)
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock pyproject.toml
	@$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.ready

# uv where it is found, else venv and pip, which need not resolve: the lock is whole. The stamps make a second call instant.
define install
echo "Setting up $(VENV) from $(1): downloading and installing, once, which may take some minutes ..." >&2; \
if command -v uv >/dev/null 2>&1; then \
	{ test -x $(BIN)/python || uv venv --quiet --python '>=3.11' $(VENV); } && \
	uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
	uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
else \
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, and $(PYTHON) is %d.%d: make PYTHON=python3.11 ..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)' && \
	{ test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(1) && \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
fi
endef
