# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything is made below .build/; the machine needs Python 3.11 or newer and make.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

ifeq ($(PYTHON),)
$(error No Python 3.11 or newer on this machine: install one, or name it with make PYTHON=...)
endif

.DEFAULT_GOAL := help
.PHONY: help demo test lint sanity units functional soak molecule build bench clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	printf '  make %-11s %s\n' "$$name" "$$text"; done

demo:  ## the whole journey of three customers against the sandbox, real mail servers and a name server
	@$(PYTHON) -B tools/demo.py

test:  ## run every gate below and count what passed
	@$(PYTHON) -B tools/gates.py

lint:  ## yamllint, ansible-lint, changelog and documentation lint
	@$(PYTHON) -B tools/gates.py lint

sanity:  ## ansible-test sanity on each ansible-core that this machine has a Python for
	@$(PYTHON) -B tools/gates.py sanity

units:  ## unit tests on each ansible-core that this machine has a Python for, and what holds for every file
	@$(PYTHON) -B tools/gates.py units

functional:  ## tests of the installed tarball and of the sandbox, against real servers
	@$(PYTHON) -B tools/gates.py functional

soak:  ## kill documents and journeys at many places, and update firewalls under traffic, far more often than the gates do
	@$(PYTHON) -B tools/soak.py

molecule:  ## each role: create, check, converge, idempotence, verify, destroy
	@$(PYTHON) -B tools/gates.py molecule

build:  ## build the collection's tarball and install it into .build/collections
	@$(PYTHON) -B tools/gates.py build

bench:  ## measure CPU of a task and of a whole tenant: in process, as modules, with uri, in plain Python; 5,000 domains by MX; and the journey of a customer
	@$(PYTHON) -B tools/bench.py

clean:  ## remove everything that these commands have made
	@rm -rf .build
