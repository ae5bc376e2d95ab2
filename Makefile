# Needs Python 3.11 or newer, git and make. Everything else goes into .venv, pinned and hashed.
PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready
UV := $(or $(shell command -v uv),$(BIN)/uv)

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs ownership benchmarks lock release clean

help:  ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' Makefile

demo: $(READY)  ## generate a project with the default answers in build/demo and run its own demo
	rm -rf build/demo
	$(BIN)/poc2prod new build/demo --defaults $(ARGS)
	$(MAKE) -C build/demo demo ARGS=
	@echo '$(CURDIR)/build/demo'

test: $(READY)  ## run all tests; ARGS="-k new" selects some
	$(BIN)/pytest --numprocesses auto --dist loadgroup $(ARGS)

# Ruff reads the template's files where they are; "{{ package_name }}" is no name for a module.
IN_PLACE := --ignore N999

check: $(READY)  ## check format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check $(IN_PLACE)
	$(BIN)/mypy

format: $(READY)  ## format, and fix what lint can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix $(IN_PLACE)

docs: $(READY)  ## write the generated pages of docs/
	$(BIN)/python docs/generate.py

ownership: $(READY)  ## write the contract's schema, what is compiled from it, the page of checks, and the lists of files
	$(BIN)/python tools/contract_schema.py
	$(BIN)/python tools/contract_plan.py
	$(BIN)/python tools/monitoring.py
	$(BIN)/python tools/readiness.py
	$(BIN)/python tools/ownership.py

benchmarks: $(READY)  ## measure what the documentation claims
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/update.py
	$(BIN)/python benchmarks/broken_alerts.py
	$(BIN)/python benchmarks/audit.py
	$(BIN)/python benchmarks/data.py

# Neither a host nor a path of this machine gets into these files.
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command 'make lock' $(ARGS)

lock: $(READY)  ## pin what pyproject.toml asks for; ARGS=--upgrade takes newer versions
	$(COMPILE) pyproject.toml --group dev --output-file requirements/dev.txt
	grep '^uv==' requirements/dev.txt | cut -d ' ' -f 1 | $(COMPILE) - --output-file requirements/bootstrap.txt

release: $(READY)  ## cut VERSION=0.2.0 from what is committed; DATE= is today
	@$(BIN)/python tools/release.py '$(VERSION)' '$(DATE)'

clean:  ## remove what these commands made
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# .ready holds what .venv was made for. A moved checkout, a Python that is gone or another PYTHON
# makes a new one; so does a set-up that was interrupted, because .ready comes last.
FOUND := $(shell { $(BIN)/python -V; } 2>/dev/null)
WANTED := $(if $(filter file,$(origin PYTHON)),$(FOUND),$(shell { $(PYTHON) -V; } 2>/dev/null))
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR) $(FOUND))
$(shell rm -f $(READY))
else ifneq ($(FOUND),$(WANTED))
$(shell rm -f $(READY))
endif

$(READY): pyproject.toml src/poc2prod/__init__.py requirements/bootstrap.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("poc2prod needs Python 3.11 \
	or newer and $(PYTHON) is %d.%d: make PYTHON=/path/to/python" % sys.version_info[:2])'
	@echo 'Setting up .venv …'
	@rm -rf .venv
ifeq ($(UV),$(BIN)/uv)
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes --requirement requirements/bootstrap.txt
else
	@$(PYTHON) -m venv --without-pip .venv
endif
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR) $$($(BIN)/python -V)" > $(READY)
