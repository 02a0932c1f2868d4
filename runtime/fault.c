// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The injector of failures. Its settings are written before fault_armed is set and read after it
 * was seen set, and are atomic as an attempt may still be on its way when the next arming begins: no
 * lock is needed. Whoever arms sees to it that nobody else does meanwhile.
 */
#include <execinfo.h>
#include <pthread.h>

#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <umdev/fault.h>

#include "fault.h"

#define FAULT_FRAMES 24

int fault_armed;

/*
 * @left: attempts until the one that fails, that one included; 0 or less: it has failed. Atomic
 * @fired: it has; atomic
 * @frames: where, written by the thread that failed, before @fired
 */
static struct {
	enum umdev_fault_scope scope;
	pthread_t owner;
	long left;
	bool fired;
	int nr_frames;
	void *frames[FAULT_FRAMES];
} fault;

static bool is_counted(void)
{
	enum umdev_fault_scope scope = __atomic_load_n(&fault.scope, __ATOMIC_RELAXED);
	bool own = pthread_self() == __atomic_load_n(&fault.owner, __ATOMIC_RELAXED);

	return scope == UMDEV_FAULT_ALL || own == (scope == UMDEV_FAULT_THREAD);
}

/* One attempt while armed. */
bool fault_count(void)
{
	if (!is_counted() || __atomic_sub_fetch(&fault.left, 1, __ATOMIC_RELAXED) != 0)
		return false;
	fault.nr_frames = backtrace(fault.frames, FAULT_FRAMES);
	__atomic_store_n(&fault.fired, true, __ATOMIC_RELEASE);
	return true;
}

void umdev_fault_arm(unsigned long nth, enum umdev_fault_scope scope)
{
	umdev_fault_disarm();
	__atomic_store_n(&fault.scope, scope, __ATOMIC_RELAXED);
	__atomic_store_n(&fault.owner, pthread_self(), __ATOMIC_RELAXED);
	__atomic_store_n(&fault.left, (long)nth, __ATOMIC_RELAXED);
	__atomic_store_n(&fault.fired, false, __ATOMIC_RELAXED);
	__atomic_store_n(&fault_armed, 1, __ATOMIC_RELEASE);
}
EXPORT_SYMBOL_GPL(umdev_fault_arm);

bool umdev_fault_disarm(void)
{
	__atomic_store_n(&fault_armed, 0, __ATOMIC_RELEASE);
	return __atomic_load_n(&fault.fired, __ATOMIC_ACQUIRE);
}
EXPORT_SYMBOL_GPL(umdev_fault_disarm);

bool umdev_fault_here(void)
{
	return fault_now();
}
EXPORT_SYMBOL_GPL(umdev_fault_here);

int umdev_fault_trace(void **frames, int max)
{
	int n = min(fault.nr_frames, max);

	memcpy(frames, fault.frames, (size_t)n * sizeof(*frames));
	return n;
}
EXPORT_SYMBOL_GPL(umdev_fault_trace);
