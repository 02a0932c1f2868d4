/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Failure on purpose, for tests. What may fail is counted while an injector is armed, and the nth
 * of these does fail: each allocation of kmalloc() and its family, the start of each thread, and
 * what a test's own callbacks ask umdev_fault_here() for. A test that arms 1, 2, 3 and so on until
 * its operation comes to an end without a failure has been through all of them.
 *
 *	for (nth = 1; umdev_fault_arm(nth, UMDEV_FAULT_THREAD), operation(), umdev_fault_disarm();
 *	     nth++)
 *		...
 */
#ifndef UMDEV_FAULT_H
#define UMDEV_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * enum umdev_fault_scope - whose attempts are counted and may fail
 * @UMDEV_FAULT_THREAD: those of the thread that armed
 * @UMDEV_FAULT_OTHERS: those of all other threads
 * @UMDEV_FAULT_ALL: everybody's
 */
enum umdev_fault_scope {
	UMDEV_FAULT_THREAD,
	UMDEV_FAULT_OTHERS,
	UMDEV_FAULT_ALL,
};

/**
 * umdev_fault_arm() - let one attempt fail from now on
 * @nth: which, the next being the first; it alone fails, those after it succeed
 * @scope: whose
 *
 * Arming again begins to count anew. Nothing is armed at first, and then an attempt costs one
 * branch.
 *
 * Context: any; there is one injector for the process.
 */
void umdev_fault_arm(unsigned long nth, enum umdev_fault_scope scope);

/**
 * umdev_fault_disarm() - let nothing fail any more
 *
 * Context: any.
 * Return: whether an attempt has failed since umdev_fault_arm().
 */
bool umdev_fault_disarm(void);

/**
 * umdev_fault_here() - count an attempt of the caller's own
 *
 * For callbacks of test drivers: one that gets true answers an error instead of doing its work.
 *
 * Context: any; takes no lock.
 * Return: whether this is the one that has to fail.
 */
bool umdev_fault_here(void);

/**
 * umdev_fault_trace() - where the last failure was
 * @frames: gets return addresses, innermost first, as of backtrace(3)
 * @max: how many at most
 *
 * Context: not while an injector is armed.
 * Return: how many; 0 before the first failure.
 */
int umdev_fault_trace(void **frames, int max);

#endif /* UMDEV_FAULT_H */
