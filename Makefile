# Needs Python 3.11 or newer and make; everything else is installed into .venv from the lock files.
PYTHON ?= python3
BIN := .venv/bin
# The lock files name every package with its hashes and extras, for every platform and Python, and no index: that is
# configured in the environment (docs/decisions/0033-lock-files-without-an-index.md). --no-deps: pip resolves nothing.
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
  --no-emit-index-url --no-emit-find-links
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
UNIT := $(addprefix tests/,core crds manifests schema engine webhooks \
  repo/test_conventions.py repo/test_suite.py repo/test_front_page.py)
TESTS := $(BIN)/pytest -n 4  # two cores: of three workers, which often wait for a server, they used 84 %, of four 97 %
SEED ?= $(shell date +%Y%m%d)
USE := .venv/use.stamp
DEV := .venv/dev.stamp

# Where this is set, each of the thousands of processes that the tests start compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv dev lock demo check test coverage soak mutation fuzz sbom audit lint format types layers tests coverage-table bench picture record kind docs site dist crds apiserver forge clean

help:  ## show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

venv: $(USE)  ## install sagectl into .venv, from requirements.lock

dev: $(DEV)  ## install what developers need as well, from requirements-dev.lock

$(USE): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv"
	@$(PIP) --no-deps --require-hashes -r requirements.lock
	@$(PIP) --no-deps --editable .
	@touch $@

$(DEV): $(USE) requirements-dev.lock
	@echo "installing the tools for tests into .venv"
	@$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

lock: $(DEV)  ## resolve pyproject.toml into the lock files; UPGRADE=1 takes newer releases
	@$(BIN)/uv $(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@$(BIN)/uv $(LOCK) $(if $(UPGRADE),--upgrade) -c requirements.lock --group dev pyproject.toml -o requirements-dev.lock

demo: $(USE)  ## plan, apply, change and destroy the quick start in the local sandbox
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

check: lint  ## linters, types, layers and the unit tests that start no program: two minutes, before each commit
	$(BIN)/pytest -q $(UNIT)

# The tests begin when format and layers have ended, beside mypy: their workers often wait.
test: $(DEV)  ## everything that must hold: linters, types, layers and tests
	@$(MAKE) --no-print-directory --jobs=2 types format layers tests

coverage: $(DEV)  ## the tests with coverage and its floor in pyproject.toml; takes two hours
	@$(BIN)/python -m tests.programs.prepare
	$(TESTS) --cov --cov-report=term:skip-covered

soak: $(DEV)  ## the long forms of properties and new histories, other ones each day or by SEED=NUMBER; two hours
	SOAK_SEED=$(SEED) $(TESTS) -m "soak or hypothesis" --hypothesis-profile=soak

mutation: $(DEV)  ## put each hand-made fault into a copy of the tree, and see that the tests catch it; ONLY=TEXT, RECORD=FILE
	$(BIN)/python -m tests.mutation --only "$(ONLY)" $(if $(RECORD),--record "$(RECORD)")

fuzz: $(DEV)  ## fuzz a reader of untrusted input, guided by coverage: make fuzz TARGET=documents (needs atheris)
	$(BIN)/python -m tests.fuzz $(TARGET) -max_total_time=$(or $(SECONDS),600)

sbom: $(DEV)  ## print the software bill of materials of requirements.lock (CycloneDX JSON)
	@$(BIN)/python -m docs.dev.sbom

audit: $(DEV)  ## look the locked packages up among known vulnerabilities; needs the network
	@timeout 300 $(BIN)/uv tool run pip-audit --strict --disable-pip --require-hashes -r requirements.lock || { \
	  echo "make audit: a package is vulnerable, as listed above, or pip-audit or its vulnerability service can't be" \
	    "reached from here; .github/workflows/test.yaml runs it where there is a network" >&2; exit 1; }

# mypy takes one core for longer than the others take together.
lint: $(DEV)  ## linters, types and layers
	@$(MAKE) --no-print-directory --jobs=2 types format layers

format: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports --no-logo

tests: $(DEV)  ## the tests alone
	@$(BIN)/python -m tests.programs.prepare
	$(TESTS)

coverage-table: $(DEV)  ## run every feature and write docs/dev/coverage.md
	$(BIN)/python -m tests.coverage.write

bench: $(DEV)  ## measure calls and start-up; fails on ratios, not on seconds
	@set -e; for each in tests/benchmarks/[a-z]*.py; do \
	  name=$$(basename $$each .py); echo "== $$name"; $(BIN)/python -m tests.benchmarks.$$name; done

picture: $(USE)  ## record the pictures of a plan, docs/plan.svg and docs/plan-page.png (with chromium)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m docs.record_plan

kind: $(DEV)  ## write the row, the sandbox's module and the test case of a new kind: make kind NAME=X
	@$(BIN)/python -m tests.scaffold $(NAME)
	@$(BIN)/ruff check --quiet --select I --fix controller tests
	@$(BIN)/ruff format --quiet controller tests

record: $(DEV)  ## record what the rows need of botocore's service model; prints what a newer botocore changes
	@$(BIN)/python -m controller.schema.record_update

crds: $(USE)  ## write the definitions, the operator's rights, the health checks for Argo CD and the chart's copies
	@$(BIN)/sagectl crds --write crds --argocd deploy/argocd/argocd-cm.yaml
	@$(BIN)/sagectl rbac --write deploy/base/rbac.yaml
	@cp deploy/base/rbac.yaml deploy/alerts/prometheus-rule.yaml deploy/grafana/dashboard.json charts/sagemaker-gitops/files

docs: $(DEV)  ## write the generated pages, tables and pictures of the documentation
	@$(BIN)/python -m tests.reference

site: $(DEV)  ## build the documentation site into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs --quiet build --strict

dist: $(DEV)  ## build the wheel and the source distribution into dist/
	@$(BIN)/python -m hatchling build --clean

apiserver: $(DEV)  ## start a real Kubernetes API server with the definitions; Ctrl-C stops it
	@$(BIN)/python -m tests.kubernetes.rig

forge: $(DEV)  ## start a Gitea with a repository to push to, and say how to follow it; Ctrl-C stops it
	@$(BIN)/python -m tests.gitea.rig

clean:  ## remove what was installed and measured
	rm -rf .venv .sagectl .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .coverage.*
