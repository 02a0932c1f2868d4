/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Operations that are made to fail at each point in turn. */
#ifndef TESTS_STRESS_FAULT_WALK_H
#define TESTS_STRESS_FAULT_WALK_H

#include <stdbool.h>

#include <umdev/fault.h>

/**
 * struct fault_op - an operation and its reverse
 * @name: for people
 * @scope: whose attempts fail
 * @run: do it: 0, or a negative errno if it failed
 * @undo: the reverse, in which nothing is made to fail
 * @reverse: instead of @undo, another operation's @run that is the reverse of this one's
 * @done: has it taken place? Asked where @run failed, which may yet have been the reason for no more
 *	than an error on the way; NULL: what failed has not taken place
 * @tolerant: no point need fail: the operation copes with all of them
 */
struct fault_op {
	const char *name;
	enum umdev_fault_scope scope;
	int (*run)(void);
	void (*undo)(void);
	int (*reverse)(void);
	bool (*done)(void);
	bool tolerant;
};

/*
 * Let the first point of @op fail, then the second, until there is none left. Each time the tree and
 * what the runtime counts have to be, after a failure or after @undo, what they were before, and
 * @run has to succeed afterwards. A cmocka assertion fails otherwise.
 */
void fault_walk(const struct fault_op *op);

#endif /* TESTS_STRESS_FAULT_WALK_H */
