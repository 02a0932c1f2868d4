// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "fault_walk.h"

#include <execinfo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <umdev/runtime.h>

#include "walk.h"

/* Where the last failure was. */
#define MAX_FRAMES 24
/* What threads give back after an operation takes them a while. */
#define SETTLE_TRIES 2000
/* No operation has more points. */
#define MAX_POINTS 5000

struct state {
	struct umdev_runtime_counts counts;
	char *tree;
};

/* Threads that the runtime keeps come when first used, and those that end take a while. */
static void take_counts(struct umdev_runtime_counts *counts)
{
	umdev_runtime_counts(counts);
	counts->threads = 0;
}

static void take_state(struct state *state)
{
	take_counts(&state->counts);
	state->tree = walk_snapshot();
}

static bool counts_settle(const struct umdev_runtime_counts *expected)
{
	struct umdev_runtime_counts now;
	int i;

	for (i = 0; i < SETTLE_TRIES; i++) {
		take_counts(&now);
		if (!memcmp(&now, expected, sizeof(now)))
			return true;
		usleep(1000);
	}
	return false;
}

static void show_count(const char *name, long now, long expected)
{
	if (now != expected)
		fprintf(stderr, "%ld %s, expected %ld\n", now, name, expected);
}

static void show_counts(const struct umdev_runtime_counts *expected)
{
	struct umdev_runtime_counts now;

	take_counts(&now);
	show_count("allocations", now.allocations, expected->allocations);
	show_count("files", now.files, expected->files);
	show_count("eventfd contexts", now.eventfds, expected->eventfds);
	show_count("modules", now.modules, expected->modules);
	show_count("module references", now.module_refs, expected->module_refs);
	show_count("kobjects", now.kobjects, expected->kobjects);
	show_count("devices", now.devices, expected->devices);
	show_count("sysfs nodes", now.nodes, expected->nodes);
	show_count("mappings", now.mappings, expected->mappings);
	show_count("pinned pages", now.pins, expected->pins);
	show_count("warnings", now.warnings, expected->warnings);
}

/* The lines of @a that are not in @b. */
static void show_missing(const char *what, const char *a, const char *b)
{
	char *copy = strdup(a), *rest = copy, *line;
	char wanted[4096];

	while ((line = strsep(&rest, "\n"))) {
		snprintf(wanted, sizeof(wanted), "%s\n", line);
		if (*line && !strstr(b, wanted))
			fprintf(stderr, "%s: %s\n", what, line);
	}
	free(copy);
}

static void show_trace(void)
{
	void *frames[MAX_FRAMES];
	int n = umdev_fault_trace(frames, MAX_FRAMES);

	fflush(stderr);
	backtrace_symbols_fd(frames, n, STDERR_FILENO);
}

static void check_state(const struct fault_op *op, unsigned long nth, const char *when,
			const struct state *expected)
{
	bool good = counts_settle(&expected->counts);
	char *tree = walk_snapshot();

	if (good && !strcmp(tree, expected->tree)) {
		free(tree);
		return;
	}
	show_counts(&expected->counts);
	show_missing("missing", expected->tree, tree);
	show_missing("left over", tree, expected->tree);
	free(tree);
	show_trace();
	fail_msg("%s: after point %lu failed, %s, things are not as before", op->name, nth, when);
}

static void undo(const struct fault_op *op)
{
	int ret = 0;

	if (op->undo)
		op->undo();
	else
		ret = op->reverse();
	if (ret)
		fail_msg("%s: it cannot be undone: error %d", op->name, ret);
}

static void run_undisturbed(const struct fault_op *op, unsigned long nth)
{
	int ret = op->run();

	if (ret) {
		show_trace();
		fail_msg("%s: error %d without a cause, after point %lu failed before", op->name,
			 ret, nth);
	}
	undo(op);
}

void fault_walk(const struct fault_op *op)
{
	unsigned long nth = 0, failed = 0;
	struct state before;
	bool fired = true;
	int ret;

	/* What is made at first use and stays. */
	run_undisturbed(op, 0);
	run_undisturbed(op, 0);
	take_state(&before);
	while (fired) {
		if (++nth > MAX_POINTS)
			fail_msg("%s: more than %d points", op->name, MAX_POINTS);
		umdev_fault_arm(nth, op->scope);
		ret = op->run();
		fired = umdev_fault_disarm();
		if (ret && !fired)
			fail_msg("%s: error %d without a cause", op->name, ret);
		if (getenv("UMDEV_FAULT_VERBOSE"))
			fprintf(stderr, "%s: point %lu: %d\n", op->name, nth, ret);
		failed += ret != 0;
		if (!ret || (op->done && op->done()))
			undo(op);
		check_state(op, nth, "and was undone if need be", &before);
		if (ret) {
			run_undisturbed(op, nth);
			check_state(op, nth, "and the operation was repeated", &before);
		}
	}
	printf("%s: %lu points, %lu of which make it fail\n", op->name, nth - 1, failed);
	free(before.tree);
	assert_true(nth > 1);
	assert_true(failed || op->tolerant);
}
