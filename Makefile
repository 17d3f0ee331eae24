# `make help` lists the targets. What they do is in scripts/.
#
# PG_CONFIG=/path/to/pg_config  another PostgreSQL than Debian's
# TESTS="name …"                with the test-… targets: only these
# BIG=1, QUICK=1               with bench: how much of it

.DEFAULT_GOAL := help
.PHONY: help setup build install installcheck test test-core test-solver test-pgrx test-golden test-isolation \
        test-system golden-accept isolation-accept demo psql bench bench-roster bench-rounds lint fmt start stop clean

export PG_CONFIG PG_MAJOR TESTS BIG QUICK

help: ## this list
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: PostgreSQL, cargo-pgrx
	@scripts/setup.sh

build: setup ## compile the extension (dev profile)
	cargo build --lib --no-default-features --features pg$${PG_MAJOR:-15}

install: setup ## compile the release and install it into PostgreSQL's directories (PG_CONFIG=…)
	@scripts/install.sh

installcheck: ## golden tests against the running server of PGHOST, PGPORT, PGUSER, after `make install`
	@scripts/installcheck.sh

test: setup ## all tests, on private servers; a summary comes last
	@scripts/run-tests.sh

test-core: ## the core's tests, without a server (TESTS=part of a name)
	@scripts/run-tests.sh core

test-solver: setup ## the exact solver's tests, without a server (TESTS=part of a name)
	@scripts/run-tests.sh solver

test-pgrx: setup ## the Rust tests that run inside a backend (TESTS=part of a name)
	@scripts/run-tests.sh pgrx

test-golden: setup ## golden SQL in tests/regress (TESTS="slots/ history": these, after setup)
	@scripts/run-tests.sh golden

test-isolation: setup ## concurrent sessions in tests/isolation (TESTS="name …")
	@scripts/run-tests.sh isolation

test-system: setup ## whole-server tests in tests/system: races, dump, standby (TESTS=part of a name)
	@scripts/run-tests.sh system

golden-accept: ## take what the golden tests printed last as expected
	@scripts/golden-accept.sh golden

isolation-accept: ## take what the isolation specs printed last as expected
	@scripts/golden-accept.sh isolation

demo: setup ## fill the database clinic_demo on a private server and show the main jobs
	@scripts/install.sh release
	@scripts/demo.sh

psql: ## psql in the database of the last `make demo`
	@scripts/cluster.sh start demo
	@scripts/cluster.sh psql demo clinic_demo

bench: setup ## measure the release build on a private server with durable settings (BIG=1, QUICK=1)
	@scripts/install.sh release
	@scripts/bench.sh
	@scripts/bench-roster.sh
	@scripts/bench-rounds.sh

bench-roster: setup ## only the roster's part of bench, beside OR-Tools CP-SAT (QUICK=1)
	@scripts/install.sh release
	@scripts/bench-roster.sh

bench-rounds: setup ## only the rounds' part of bench (QUICK=1)
	@scripts/install.sh release
	@scripts/bench-rounds.sh

lint: setup ## formatting, clippy and shellcheck; warnings are errors
	@scripts/lint.sh

fmt: ## format the Rust code
	cargo fmt --all

start: setup ## build, install into and start the private test server; says how to reach it
	@scripts/install.sh test
	@scripts/cluster.sh start test
	@scripts/cluster.sh env test

stop: ## stop the private servers
	@scripts/cluster.sh stop all

clean: ## stop and remove the private servers, and all that was compiled
	@scripts/cluster.sh destroy
	cargo clean
