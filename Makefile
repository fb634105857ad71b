# Everything MCI needs on a machine with Python 3.11 or newer and make. `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help install run test test-all screens lint format bench mutants guards reset shell demo-order demo-code verify migrations schema openapi messages lock sbom audit

# The first Python that is new enough; PYTHON=… chooses another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
DO := $(PY) -m mci.local.run do --
PORT ?= 8000
PYTEST_ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## Make .venv and install the pinned requirements (the others do it when needed)
	@test -n "$(PYTHON)" || { echo "MCI needs Python 3.11 or newer and found none. Install one, or name it: make PYTHON=/path/to/python3.12 …" >&2; exit 1; }
	@$(PYTHON) mci/local/install.py

run: install ## Start the portal with PostgreSQL, Redis, worker, beat and the demo shop (PORT=8000)
	@PORT=$(PORT) $(PY) -m mci.local.run up

# With bytecode, whatever the environment says: servers and workers that tests start would compile every module anew.
test: install ## Run the tests and house rules, long ones by turns (PYTEST_ARGS="tests/wallet -x" for some)
ifeq ($(strip $(PYTEST_ARGS)),)
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n 2 --dist worksteal  # two at a time, each with a database, a web server and a browser of its own
else
	@$(PY) -m pytest $(PYTEST_ARGS)
endif

test-all: install ## Run all tests, also the long ones whose turn it is not: before a release
	@MCI_ALL_TESTS=1 $(MAKE) --no-print-directory test

screens: install ## Pictures of every page in every state, width and theme (var/screens/index.html shows them together)
	@rm -rf var/screens && MCI_SHOTS=var/screens $(PY) -m pytest -n 2 -q tests/journeys/test_pages.py tests/journeys/test_error_states.py tests/journeys/test_admin_pages.py
	@$(PY) -m tests.journeys.contact_sheet var/screens

lint: install ## Check style, types, layers, templates and migrations
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/djlint --lint --quiet templates && .venv/bin/lint-imports && .venv/bin/mypy && $(DO) $(PY) manage.py makemigrations --check --dry-run && $(DO) $(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

format: install ## Format the code
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

bench: install ## Measure the hot paths against baselines taken in the same run
	@$(DO) $(PY) -m bench

MINUTES ?= 30
COUNT ?= 300
JOBS ?= 2

mutants: install ## Plant small damages in a copy and see which the tests notice (MINUTES=30 COUNT=300 SEED= JOBS=2 ONLY=wallet/)
	@nice $(PY) -m bench.mutants --minutes $(MINUTES) --count $(COUNT) --jobs $(JOBS) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

guards: install ## Lift each lock and each uniqueness in a copy: does its test notice? (ARGS=wallet: only those)
	@nice $(PY) -m bench.mutants.lifted $(ARGS)

reset: install ## Forget the data of make run
	@$(PY) -m mci.local.run reset

shell: install ## A Python shell with the models
	@$(DO) $(PY) manage.py shell

demo-order: install ## Place an order in the running demo shop (ARGS="--cod")
	@$(PY) manage.py demo_order $(ARGS)

demo-code: install ## The code that the demo staff's authenticator app shows now
	@$(PY) manage.py demo_code

verify: install ## Check the books, the stock and the inbox for what must always be true
	@$(DO) $(PY) manage.py verify

migrations: install ## Write the migrations of changed models
	@$(DO) $(PY) manage.py makemigrations

schema: install ## Write the schema that the migrations make, and the list of those that have landed
	@$(DO) $(PY) manage.py schema --write --landed tests/landed_migrations.txt

openapi: install ## Write the description of the API that programs read (mci/openapi.json)
	@$(DO) $(PY) manage.py spectacular --validate --fail-on-warn --format openapi-json --file mci/openapi.json

messages: install ## Collect and compile the texts to translate (needs GNU gettext)
	@$(PY) manage.py makemessages --all --no-obsolete --no-wrap --ignore var && $(PY) manage.py compilemessages --ignore .venv

# What is asked for is in requirements*.txt, by hand. What is installed is in requirements*.lock: everything that comes
# with it, for every Python and system, with the hashes of its files.
TOOLS := var/tools/bin
LOCK := $(TOOLS)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

var/tools/stamp: requirements-tools.lock
	@mkdir -p var && $(PYTHON) -m venv --clear var/tools && $(TOOLS)/python -m pip install -qq --require-hashes -r requirements-tools.lock && touch $@

lock: var/tools/stamp ## Write requirements*.lock anew after a change of requirements*.txt (ARGS=--upgrade: the newest of the rest)
	@$(LOCK) $(ARGS) --output-file requirements.lock requirements.txt
	@$(LOCK) $(ARGS) --constraints requirements.lock --output-file requirements-dev.lock requirements-dev.txt
	@$(LOCK) $(ARGS) --output-file requirements-tools.lock requirements-tools.txt

sbom: var/tools/stamp ## List what runs in production, with hashes, as CycloneDX (var/sbom.json)
	@$(TOOLS)/cyclonedx-py requirements requirements.lock --output-reproducible --output-format JSON --output-file var/sbom.json && echo "var/sbom.json"

audit: var/tools/stamp ## Ask for known holes in what runs in production
	@$(TOOLS)/python mci/local/audit.py
