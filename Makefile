# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Shorthands. Meson builds; the scripts do the rest, and can be run by themselves.

.PHONY: help build demo test-tools test stress fuzz install clean kernel kernel-install test-kernels test-debug-kernel test-nested

help:
	@echo 'make demo     show a mediated device in a real guest (installs what it needs)'
	@echo 'make test     run all tests (installs what they need)'
	@echo 'make stress S=SECONDS    race creators, removers and users for so long'
	@echo 'make fuzz [T=NAME] [S=SECONDS]    make up inputs for what outsiders talk to'
	@echo 'make bench    measure what things cost (JSON=1: print for programs)'
	@echo 'make test-kernels        run the tests of the kernel modules on every kernel'
	@echo 'make test-debug-kernel   run them on a kernel with KASAN, lockdep and kmemleak'
	@echo 'make test-nested         use a mediated device in a machine in a machine (minutes)'
	@echo 'make kernel KDIR=DIR     build the kernel modules for the kernel built in DIR'
	@echo 'make kernel-install KDIR=DIR     install them there (INSTALL_MOD_PATH is honoured)'
	@echo 'make build    build umdevd, umdev and the modules in build/'
	@echo 'make install  install them (DESTDIR is honoured)'
	@echo 'make clean    remove what was built; downloads stay'

build:
	@scripts/setup
	@scripts/build plain

demo:
	@scripts/with-mounts scripts/demo

# The test scripts themselves are written in what this installs.
test-tools:
	@scripts/with-mounts scripts/setup test

test: test-tools
	@scripts/with-mounts scripts/test $(T)

stress: test-tools
	@UMDEV_STRESS_SECONDS=$(or $(S),20) scripts/with-mounts scripts/test stress

fuzz:
	@scripts/setup fuzz
	@fuzz/run --seconds $(or $(S),60) $(T)

bench:
	@scripts/setup test >&2
	@scripts/build plain >&2
	@scripts/with-mounts bench/run $(if $(JSON),--json) $(T)

# By default for the running kernel.
KDIR ?= /lib/modules/$(shell uname -r)/build

kernel:
	@[ -e '$(KDIR)/Makefile' ] || { echo 'There is no kernel build in $(KDIR): install the package' \
		'linux-headers-amd64, or name one with KDIR=DIR' >&2; exit 1; }
	@$(MAKE) -C '$(KDIR)' M='$(CURDIR)/kernel' modules

kernel-install:
	@$(MAKE) kernel UMDEV_INSTALL=1

test-kernels: test-tools
	@tests/kernel/all

test-debug-kernel: test-tools
	@tests/kernel/all debug

test-nested: test-tools
	@tests/kernel/nested $(or $(RELEASE),bookworm)

install: build
	@meson install -C build --no-rebuild

clean:
	@rm -rf build-asan build-tsan build-clang build-fuzz build-cover
	@find build -mindepth 1 -maxdepth 1 ! -name vm -exec rm -rf {} + 2>/dev/null || true
