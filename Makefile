# Fermata's front door. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help install build demo test nightly bench package format lint tidy asan tsan fuzz clean

JOBS ?= $(shell nproc)
PRESET ?= release
FUZZ_SECONDS ?= 10
# Of `make nightly`; `make test` takes 20 crash seeds, 3 of the chaos, 50 of the simulation, 4 of the accounts, and 100 cases of a property.
CRASH_SEEDS ?= 200
CHAOS_SEEDS ?= 20
SIM_SEEDS ?= 1000
ACCOUNT_SEEDS ?= 50
PROPERTY_CASES ?= 5000
NIGHTLY_FUZZ_SECONDS ?= 300
# The whole daemon takes most of a build: `.ci/run` leaves it out, `make nightly` does not.
ASAN_DAEMON ?= ON
OUT ?= build/demo/run
SOURCES = git ls-files -co --exclude-standard '*.cpp' '*.hpp'

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

install: ## Install every Debian and npm package that Fermata uses
	@ops/install/install.sh all

build: ## Install what is missing, build the release binaries into build/release
	@ops/install/install.sh build
	@cmake --preset $(PRESET) --log-level=WARNING
	@cmake --build --preset $(PRESET) -j $(JOBS)

demo: ## Install, build, backtest three strategies on real data, show the result
	@ops/install/install.sh demo
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS) --target fermata
	@build/release/fermata replay config/demo.yaml --out $(OUT)

test: ## Install, build, start a throw-away PostgreSQL, run every test
	@ops/install/install.sh test demo
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS)
	@tests/support/with_postgres.sh ctest --preset release -j $(JOBS)

nightly: ## Run the long tests: CRASH_SEEDS kills, CHAOS_SEEDS of everything at once, SIM_SEEDS hostile venues, ACCOUNT_SEEDS flows, PROPERTY_CASES a property, fuzzers for NIGHTLY_FUZZ_SECONDS
	@ops/install/install.sh test check demo
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS)
	@FERMATA_CRASH_SEEDS=$(CRASH_SEEDS) FERMATA_CHAOS_SEEDS=$(CHAOS_SEEDS) FERMATA_SIM_SEEDS=$(SIM_SEEDS) FERMATA_ACCOUNT_SEEDS=$(ACCOUNT_SEEDS) RC_PARAMS="max_success=$(PROPERTY_CASES)" \
	    tests/support/with_postgres.sh ctest --preset release -j $(JOBS)
	@$(MAKE) --no-print-directory asan
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=$(NIGHTLY_FUZZ_SECONDS)

bench: build ## Build and run every benchmark, print percentiles and peers
	@for bench in build/release/*_bench; do echo "== $$bench"; $$bench || exit 1; done

package: build ## Build a Debian package into build/package
	@ops/package/deb.sh build/release build/package

format: ## Format every source file
	@$(SOURCES) | xargs clang-format-19 -i

lint: ## Check formatting, layering, house rules and the documentation's links
	@ops/install/install.sh check
	@$(SOURCES) | xargs clang-format-19 --dry-run --Werror
	@python3 tests/lint/house_rules.py
	@python3 tests/lint/docs_links.py

tidy: ## Run clang-tidy over the deterministic code (some minutes)
	@ops/install/install.sh build check
	@cmake --preset release --log-level=WARNING
	@git ls-files 'core/*.cpp' 'risk/*.cpp' 'strategies/*.cpp' | xargs -P $(JOBS) -n 4 clang-tidy-19 --quiet -p build/release

asan: ## Build and run the tests under the address and undefined-behaviour sanitizers; ASAN_DAEMON=OFF: without those of the whole daemon
	@ops/install/install.sh test check demo
	@cmake --preset asan --log-level=WARNING -DFERMATA_DAEMON_TESTS=$(ASAN_DAEMON)
	@cmake --build --preset asan -j $(JOBS) --target test_programs
	@FERMATA_CHAOS_SEEDS=1 tests/support/with_postgres.sh ctest --preset asan -j $(JOBS)

tsan: ## Build and run the concurrent tests under the thread sanitizer
	@ops/install/install.sh build check
	@cmake --preset tsan --log-level=WARNING
	@cmake --build --preset tsan -j $(JOBS) --target core_loop_tests threads_tests
	@ctest --preset tsan -j $(JOBS)

fuzz: ## Build the fuzzers and run each for FUZZ_SECONDS seconds
	@ops/install/install.sh build check
	@cmake --preset fuzz --log-level=WARNING
	@cmake --build --preset fuzz -j $(JOBS) --target fuzzers
	@tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)

clean: ## Remove everything that was built
	@rm -rf build
