# Needs only Python 3.10 or newer. Everything is installed into .venv beside this file, and only when something changed.
# Paths are relative throughout, so that the folder may have any name.

# Where an environment forbids it, as many containers do, each of the hundreds of processes below would compile all anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PY := .venv/bin/python
CONSTRAINTS := .ci/constraints.txt
INSTALL = $(PY) -m uv pip install --quiet --python $(PY) --compile-bytecode -c $(CONSTRAINTS) --editable .

.DEFAULT_GOAL := help
.PHONY: help demo up bench test test-all test-edits test-airflow test-kills test-kills-versions test-versions test-versions-actions lint constraints clean

help:
	@echo 'make demo         run the main DAG on a real Airflow against the local sandbox, show the sheet before and after'
	@echo 'make up           the same, and leave Airflow and the sandbox running until Ctrl-C'
	@echo 'make test         some minutes: what needs no Airflow, and one campaign through it (ARGS="-k name" goes to pytest)'
	@echo 'make test-all     that, and all that is below but for the lines that say otherwise; .ci/run installs what they need'
	@echo 'make test-edits   more campaigns over HTTP, while people edit the sheet or Google fails'
	@echo 'make test-airflow the tests on a real Airflow, in Chromium, on PostgreSQL with Celery (MARKS="browser" for some)'
	@echo 'make test-kills   campaigns whose task, worker, API server or scheduler is killed, by the gateway'"'"'s own log'
	@echo 'make test-kills-versions the same on the oldest and the newest Airflow, not in test-all'
	@echo 'make test-versions what must hold on each supported version of Airflow, all of it on the oldest and the newest (VERSIONS="3.1" for some)'
	@echo 'make test-versions-actions what Clear, backfill and the like do to campaigns on each of them, not in test-all'
	@echo 'make bench        speed, measured against what one would pick instead, under twenty minutes (ARGS=--short for some, ARGS=--write on an idle machine)'
	@echo 'make lint         style, types and import contracts'
	@echo 'make constraints  pin the newest versions that fit together in .ci/constraints.txt'
	@echo 'make clean        remove .venv and all caches'

demo: .venv/stamp-test
	$(PY) -m tests.harness.demo

up: .venv/stamp-test
	$(PY) -m tests.harness.demo --stay

# Many of these tests wait for each other's sockets: four processes keep two cores busy. Started first, the campaign ends with them.
test: .venv/stamp-test
	@echo 'Left out (make test-all has it): edits and most failures of Google over HTTP, more on a real Airflow, in a browser, on PostgreSQL with Celery, under kills, on other versions'
	$(PY) -m pytest -n 4 --dist worksteal -m '(not airflow and not browser and not distributed and not edits) or smoke' $(ARGS)

test-all: test test-edits test-airflow test-kills test-versions

test-edits: .venv/stamp-test
	$(PY) -m pytest -n 3 --dist loadfile -m edits $(ARGS)

# Three groups of files at a time (tests/conftest.py), each with an Airflow of its own: one waits while others work. The groups
# stand in the order in which they are to begin.
MARKS ?= airflow or browser or distributed
test-airflow: .venv/stamp-ci
	$(PY) -m pytest -n 3 --dist loadgroup -m '($(MARKS)) and not smoke' $(ARGS)

test-kills: .venv/stamp-test
	$(PY) -m tests.kills.run --rounds 1 --rows 1000 --kills 2 --latency 100-200

# One kill a campaign: without task state only the sheet tells what a crash has left.
test-kills-versions: .venv/stamp-test
	$(PY) -m tests.versions.run --kills $(VERSIONS) -- --rounds 1 --rows 1000 --kills 1 --latency 100-200

# What must hold on each version, and on the oldest and the newest also what Clear, backfill and the like do to campaigns.
test-versions: .venv/stamp-test
	$(PY) -m tests.versions.run --short $(VERSIONS)

# The latter on each version; all that it knows, or some: VERSIONS="3.1 3.4".
test-versions-actions: .venv/stamp-test
	$(PY) -m tests.versions.run $(VERSIONS)

bench: .venv/stamp-ci
	$(PY) -m tests.benchmarks.run $(ARGS)

lint: .venv/stamp-ci
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports

# Takes the newest versions that fit together; run the tests afterwards.
constraints: .venv/stamp-ci
	UV_CUSTOM_COMPILE_COMMAND='make constraints' $(PY) -m uv pip compile --quiet --upgrade --universal --python-version 3.10 \
		--group ci --no-annotate pyproject.toml --output-file $(CONSTRAINTS)

clean:
	rm -rf .venv .venv-airflow-* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/stamp-test: .venv/stamp-venv pyproject.toml $(CONSTRAINTS)
	@echo 'Installing into .venv …'
	@$(INSTALL) --group test
	@touch $@

.venv/stamp-ci: .venv/stamp-test
	@echo 'Installing what only CI needs into .venv …'
	@$(INSTALL) --group ci
	@touch $@

# Each stamp is made last, so that an interrupted run starts again.
.venv/stamp-venv:
	@found=; for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3.10; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'Python 3.10 or newer is needed and neither $(PYTHON) nor python3.13 to python3.10 is: install one, or say PYTHON=/path/to/it.' >&2; \
		exit 1; \
	fi; \
	echo "Creating .venv with $$("$$found" --version) …" && \
	"$$found" -m venv .venv && $(PY) -m pip install --quiet --disable-pip-version-check uv && touch $@
