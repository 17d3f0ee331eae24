# `make help` lists the targets. What they do is in scripts/.
#
# PG_MAJOR=17                   another PostgreSQL than this machine's newest: 15, 16, 17 or 18
# PG_CONFIG=/path/to/pg_config  exactly that PostgreSQL
# TESTS="name …"                with the test-… targets: only these
# BIG=1, QUICK=1               with bench: how much of it
# SECONDS=600, SEED=7          with torture: how long, and which chance

.DEFAULT_GOAL := help
.PHONY: help dev-setup build install deb image dist installcheck test test-core test-solver test-pgrx test-regress test-isolation \
        test-system test-clients test-package torture test-majors accept-regress accept-isolation accept-shipped demo psql bench bench-roster bench-rounds \
        lint deny fmt start stop clean

export PG_CONFIG PG_MAJOR TESTS BIG QUICK

help: ## this list
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev-setup: ## install what is missing to build and test: PostgreSQL, its headers, compilers, cargo-pgrx
	@scripts/setup.sh

build: dev-setup ## compile the extension (dev profile)
	@scripts/install.sh build

install: ## compile the release, then put it into PostgreSQL's directories (PG_CONFIG=…); brings compilers, but no server
	@scripts/setup.sh to-build
	@scripts/install.sh

deb: dev-setup ## the Debian package postgresql-NN-pg-clinic, in target/packages
	@scripts/package.sh deb

image: dev-setup ## the files of an image that holds the extension alone (packaging/Dockerfile.extension), in target/packages
	@scripts/package.sh image

dist: ## the sources of the last commit as PGXN takes them, in target/packages
	@scripts/package.sh dist

installcheck: ## the tests of tests/regress against the running server of PGHOST, PGPORT, PGUSER, after `make install`
	@scripts/installcheck.sh

test: dev-setup ## all tests on one PostgreSQL, on private servers; a summary comes last
	@scripts/run-tests.sh

test-core: ## the core's tests, without a server (TESTS=part of a name; PROPTEST_CASES=20000: so many random cases, new ones)
	@scripts/run-tests.sh core

test-solver: dev-setup ## the exact solver's tests, without a server (TESTS=part of a name)
	@scripts/run-tests.sh solver

test-pgrx: dev-setup ## the Rust tests that run inside a backend (TESTS=part of a name)
	@scripts/run-tests.sh pgrx

test-regress: dev-setup ## SQL and its expected output in tests/regress (TESTS="slots/ history": these, after setup)
	@scripts/run-tests.sh regress

test-isolation: dev-setup ## concurrent sessions in tests/isolation (TESTS="name …")
	@scripts/run-tests.sh isolation

test-system: dev-setup ## whole-server tests in tests/system: races, dump, standby (TESTS=a file, such as names, or part of a test's name)
	@scripts/run-tests.sh system

test-clients: dev-setup ## drivers of other languages, in tests/clients
	@scripts/run-tests.sh clients

test-package: dev-setup ## what users install: packages, in a bare Debian, too (TESTS="installing deb dist images": these)
	@scripts/run-tests.sh package

torture: dev-setup ## the public cases, then a run of faults by seed (SECONDS=600 SEED=7; TESTS=midnight: only such cases)
	@TORTURE_SECONDS='$(SECONDS)' TORTURE_SEED='$(SEED)' scripts/run-tests.sh torture

test-majors: ## all tests on PostgreSQL 15, 16, 17 and 18; those this machine lacks are brought into the checkout
	@scripts/setup.sh 15 16 17 18
	@scripts/test-majors.sh

accept-regress: ## take what test-regress printed last as expected
	@scripts/accept.sh regress

accept-isolation: ## take what test-isolation printed last as expected
	@scripts/accept.sh isolation

accept-shipped: dev-setup ## take the tables and functions as they are now as what check_clinic() compares with; write the step to them
	@scripts/install.sh test
	@scripts/cluster.sh start test
	@scripts/accept-shipped.sh

demo: dev-setup ## fill the database clinic_demo on a private server and show the main jobs
	@scripts/install.sh release
	@scripts/demo.sh

psql: ## psql in the database of the last `make demo`
	@scripts/cluster.sh start demo
	@scripts/cluster.sh psql demo clinic_demo

bench: dev-setup ## measure the release build on a private server with durable settings (BIG=1, QUICK=1)
	@scripts/install.sh release
	@scripts/bench.sh
	@scripts/bench-roster.sh
	@scripts/bench-rounds.sh

bench-roster: dev-setup ## only the roster's part of bench, beside OR-Tools CP-SAT (QUICK=1)
	@scripts/install.sh release
	@scripts/bench-roster.sh

bench-rounds: dev-setup ## only the rounds' part of bench (QUICK=1)
	@scripts/install.sh release
	@scripts/bench-rounds.sh

lint: dev-setup ## formatting, clippy, rustdoc, shellcheck and licenses; warnings are errors
	@scripts/lint.sh

deny: ## licenses and sources of what we depend on (deny.toml), known vulnerabilities where GitHub can be reached
	@scripts/deny.sh install
	@scripts/deny.sh

fmt: ## format the Rust code
	cargo fmt --all

start: dev-setup ## build, install into and start the private test server; says how to reach it
	@scripts/install.sh test
	@scripts/cluster.sh start test
	@scripts/cluster.sh env test

stop: ## stop the private servers
	@scripts/cluster.sh stop all

clean: ## stop and remove the private servers, and all that was compiled
	@scripts/cluster.sh destroy
	cargo clean
