# On a fresh machine, `make run` opens the bank and `make test` proves it. Both need Python 3.11 and the package index.
# The work is done by kitbank/local; this file only finds Python and names the commands.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# A version manager's shim may answer to a name and then run nothing, so each candidate is tried.
PYTHON := $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv/bin/python
ENVIRONMENT := $(PYTHON) -I kitbank/local/environment.py

# Nothing of a caller's own settings may leak into the environment made here.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE VIRTUAL_ENV

.PHONY: help run test check bench clean clean-data python-3.11 environment test-environment

help:
	@echo 'make run         open the bank on this machine (KITBANK_PORT, KITBANK_SIMULATORS_PORT)'
	@echo 'make test        everything CI says yes to, tests included'
	@echo 'make check       the same without pytest'
	@echo 'make bench       the speed goals'
	@echo 'make clean       remove caches, logs and the test database; the bank and its keys stay'
	@echo 'make clean-data  remove the bank of this machine, its keys included'

run: environment
	@exec $(VENV) -m kitbank.local.up

test: test-environment
	@$(VENV) -m kitbank.local.system --testing || true
	@exec $(VENV) -m kitbank.local.checks

check: test-environment
	@exec $(VENV) -m kitbank.local.checks --without tests

bench: test-environment
	@exec $(VENV) -m bench

clean:
	@if [ -x $(VENV) ]; then $(VENV) -m kitbank.local.postgres stop --test; fi
	rm -rf var/test-postgres var/log .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

clean-data: clean
	@if [ -x $(VENV) ]; then env -u DATABASE_URL $(VENV) -m kitbank.local.postgres stop; fi
	rm -rf var

environment: python-3.11
	@$(ENVIRONMENT) run

test-environment: python-3.11
	@$(ENVIRONMENT) test

python-3.11:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'KitBank needs Python 3.11 or newer, and none of python3.11, python3 is that.'; \
		echo 'On Debian and Ubuntu:  sudo apt-get install -y python3.11 python3.11-venv'; exit 1; fi
