# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#
# Shorthands. Meson builds; the scripts do the rest, and can be run by themselves.

.PHONY: help build demo test stress install clean

help:
	@echo 'make demo     show a mediated device in a real guest (installs what it needs)'
	@echo 'make test     run all tests (installs what they need)'
	@echo 'make stress S=SECONDS    race creators, removers and users for so long'
	@echo 'make build    build umdevd, umdev and the modules in build/'
	@echo 'make install  install them (DESTDIR is honoured)'
	@echo 'make clean    remove what was built; downloads stay'

build:
	@scripts/setup
	@scripts/build plain

demo:
	@scripts/with-proc scripts/demo

test:
	@scripts/with-proc scripts/test $(T)

stress:
	@UMDEV_STRESS_SECONDS=$(or $(S),20) scripts/with-proc scripts/test stress

install: build
	@meson install -C build --no-rebuild

clean:
	@rm -rf build-asan build-tsan build-clang
	@find build -mindepth 1 -maxdepth 1 ! -name vm ! -name kernel -exec rm -rf {} + 2>/dev/null || true
