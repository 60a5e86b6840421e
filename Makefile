# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Requires make, and python3 (3.10 or newer) with pip. The first target that needs it creates a virtual environment
# outside the checkout. CONTRIBUTING.md lists the variables.

PYTHON ?= python3
ARGS ?=
ALL ?=
TESTS ?= tests/unit

# The two sets of requirements: `run` is small (playbooks and the simulator), `test` has every tool.
RUN = @$(PYTHON) tests/tools/environment.py run --
TEST = @$(PYTHON) tests/tools/environment.py test --

.DEFAULT_GOAL := help
MINUTES ?= 10
SEED ?=
.PHONY: help demo simulator bench soak test unit integration browser scim matrix lint docs fragments awx pages changelog clean distclean
.NOTPARALLEL:

help:
	@echo 'make demo                show a company and each provider, one screen each (PROVIDER=kestra: one in full; V=1: all)'
	@echo 'make simulator           start the simulator of five APIs (ARGS="--port 8900 --seed-users 1000")'
	@echo 'make test                run the checks and tests that a change must pass; V=1 shows the output of every stage'
	@echo 'make test ALL=1          also run pylint, the Galaxy importer, and the tests that make test leaves out'
	@echo 'make unit                run the unit tests (ARGS="-k token", TESTS=tests/simulator/tests)'
	@echo 'make integration         run the tests that start ansible-playbook (ARGS="-k onelogin")'
	@echo 'make browser             test the review page in Chromium, if it is installed'
	@echo 'make scim                test the SCIM modules against three real servers'
	@echo 'make matrix              test every ansible-core on two Pythons each (ARGS="--core 2.21 --only units,sanity")'
	@echo 'make lint                run the quick static checks'
	@echo 'make bench               measure speed and API calls (ARGS="--only a,c")'
	@echo 'make soak                test with faults and random input for MINUTES=10; SEED=... repeats a run'
	@echo 'make fragments           write plugins/doc_fragments from tests/tools/fragments'
	@echo 'make awx                 write extensions/awx/credential_types.yml from the argument specs'
	@echo 'make pages               write the page of environment variables from the argument specs'
	@echo 'make changelog           write CHANGELOG.rst from the fragments'
	@echo 'make docs                write the documentation as HTML to build/docs'
	@echo 'make clean, distclean    remove generated files; distclean also removes the virtual environments'
	@echo
	@echo 'Another Python: make test PYTHON=python3.12'

demo:
	$(RUN) python tests/tools/demo.py $(ARGS)

simulator:
	$(RUN) PYTHONPATH=tests python -m simulator $(ARGS)

bench:
	$(RUN) python tests/benchmarks/run.py $(ARGS)

soak:
	$(TEST) python tests/soak/run.py --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

test:
	$(TEST) $(if $(ALL),ROLLCALL_TESTS=all )python tests/tools/gate.py all $(ARGS)

unit:
	$(TEST) ROLLCALL_TESTS=all python -m pytest -n 2 --dist worksteal $(TESTS) $(ARGS)

integration:
	$(TEST) ROLLCALL_TESTS=all python -m pytest -n 2 --dist worksteal tests/integration $(ARGS)

browser:
	$(TEST) ROLLCALL_TESTS=all python -m pytest tests/browser $(ARGS)

scim:
	$(TEST) ROLLCALL_TESTS=all python -m pytest tests/scim $(ARGS)

matrix:
	@$(PYTHON) tests/tools/matrix.py $(ARGS)

lint:
	$(TEST) python tests/tools/gate.py lint $(ARGS)

docs:
	$(TEST) python tests/tools/docs.py $(ARGS)

fragments:
	$(TEST) python tests/tools/write_fragments.py $(ARGS)

awx:
	$(TEST) python tests/tools/awx.py $(ARGS)

pages:
	$(TEST) python tests/tools/variables_page.py

changelog:
	$(TEST) python tests/tools/changelog.py $(ARGS)

clean:
	@rm -rf .cache build .ansible tests/output rollcall-identity-*.tar.gz
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	@$(PYTHON) tests/tools/environment.py --remove
