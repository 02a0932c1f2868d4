/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the device model's tests share: the tree through its view, and uevents as text. */
#ifndef TESTS_DEVICE_TEST_H
#define TESTS_DEVICE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>

#include <linux/device.h>
#include <linux/err.h>
#include <linux/kobject.h>
#include <umdev/runtime.h>
#include <umdev/sysfs.h>
#include <umdev/uevent.h>

/* Group set-up and tear-down: the runtime comes and goes, and warned of nothing meanwhile. */
int runtime_setup(void **state);
int runtime_teardown(void **state);

/* Set-up and tear-down of one test: what it allocated is freed again, and nothing was warned of. */
int balance_setup(void **state);
int balance_teardown(void **state);

#define balanced_test(fn) cmocka_unit_test_setup_teardown(fn, balance_setup, balance_teardown)

/* A test that provokes warnings says how many. */
void expect_warnings(long n);

/* Errors are answered as negative errno values. */
bool tree_has(const char *path);
mode_t tree_mode(const char *path);
int tree_read(const char *path, char *buf, size_t size);
int tree_write(const char *path, const char *text);
int tree_link(const char *path, char *buf, size_t size);

void assert_file(const char *path, const char *text);
void assert_link(const char *path, const char *target);
/* @names: the entries in the order of strcmp(), each with a space behind it. */
void assert_dir(const char *path, const char *names);

/* Uevents from record_start() on: "add@/path KEY=value …\n", without ACTION, DEVPATH, SEQNUM. */
void record_start(void);
void record_stop(void);
const char *record_text(void);

/* Waits for @flag to become true, at most ten seconds. */
void await_flag(const bool *flag);

#endif
