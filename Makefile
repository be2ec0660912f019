# docker-ecs: `make demo` shows the whole walk-through on this machine, `make test` runs every test.
# Both install what they need from Debian's packages (the list is printed first).
.DEFAULT_GOAL := help
SHELL := /bin/sh
PLUGIN_DIR = $(if $(DOCKER_CONFIG),$(DOCKER_CONFIG),$(HOME)/.docker)/cli-plugins
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= 3

.PHONY: help demo demo-down test test-prepared test-asan test-tsan bench install install-user uninstall package format lint fuzz clean release dev

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## build, install the plugin for this user, deploy the sample to this machine and show it
	@tools/install-packages.sh build run
	@$(MAKE) --no-print-directory install-user
	@tools/ensure-docker.sh
	@tools/make-images.sh sample
	@tools/demo.sh

demo-down: ## remove everything that the demo runs
	@tools/demo-down.sh

release: ## build/release/docker-ecs
	@tools/install-packages.sh build
	@cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }; rm -f build-configure.log
	@cmake --build --preset release --target docker-ecs -- -j$(JOBS)

dev:
	@tools/install-packages.sh build
	@cmake --preset dev >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }; rm -f build-configure.log
	@cmake --build --preset dev -- -j$(JOBS)

test: test-prepared ## build and run every test: unit, golden, conformance, scenario (with real containers)
	@cmake --preset release >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }; rm -f build-configure.log
	@cmake --build --preset release -- -j$(JOBS)
	@ctest --preset release -LE fuzz -j2

# What of the suite runs under the address sanitizer: everything but what measures speed or drives other programs.
ASAN_TESTS ?= ^(unit|golden|conformance|scenario)\.
# The engine's parts, and the real engine with real containers.
TSAN_UNITS = util net aws docker sqlite local
TSAN_TESTS ?= ^unit\.(util|net|aws|docker|sqlite|local)$$|^scenario\.(engine|containers|faults|walkthrough)$$

test-prepared:
	@tools/install-packages.sh build run test
	@tools/ensure-docker.sh
	@tools/make-images.sh sample test
	@tools/python-env.sh

test-asan: test-prepared ## the suite under the address and undefined-behaviour sanitizers (ASAN_TESTS: which of it)
	@cmake --preset asan >/dev/null && cmake --build --preset asan -- -j$(JOBS)
	@ctest --preset asan -R '$(ASAN_TESTS)' -LE fuzz -j2

test-tsan: test-prepared ## the engine and its parts under the thread sanitizer (TSAN_TESTS: which of it)
	@cmake --preset tsan >/dev/null && cmake --build --preset tsan --target docker-ecs $(addsuffix _tests,$(TSAN_UNITS)) -- -j$(JOBS)
	@ctest --preset tsan -R '$(TSAN_TESTS)' -j2

fuzz: ## the fuzzers of everything that reads foreign bytes, under sanitizers
	@tools/install-packages.sh build lint
	@cmake --preset release >/dev/null && ctest --preset release -L fuzz

bench: ## the figures, as ratios against a peer in the same run
	@tools/install-packages.sh build run bench
	@tools/ensure-docker.sh
	@$(MAKE) --no-print-directory release
	@tools/bench.sh

install: release ## install the plugin for every user (PREFIX, DESTDIR)
	@install -D -m 755 build/release/docker-ecs $(DESTDIR)$(PREFIX)/libexec/docker/cli-plugins/docker-ecs
	@echo "installed $(DESTDIR)$(PREFIX)/libexec/docker/cli-plugins/docker-ecs"

install-user: release ## install the plugin for this user
	@install -D -m 755 build/release/docker-ecs $(PLUGIN_DIR)/docker-ecs
	@echo "installed $(PLUGIN_DIR)/docker-ecs"

uninstall: ## remove what install and install-user put in place
	@rm -f $(DESTDIR)$(PREFIX)/libexec/docker/cli-plugins/docker-ecs $(PLUGIN_DIR)/docker-ecs

package: release ## build/release/docker-ecs_<version>_<arch>.deb
	@cd build/release && cpack -G DEB

format: ## clang-format, in place
	@tools/install-packages.sh lint
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

lint: ## formatting, layering, diagnostics' documentation and clang-tidy on what changed against BASE (main; all: every file)
	@tools/install-packages.sh build lint
	@tools/lint.sh $(BASE)

clean:
	@rm -rf build
