/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What is alive: see umdev_runtime_counts() in <umdev/runtime.h>. */
#ifndef RUNTIME_COUNTS_H
#define RUNTIME_COUNTS_H

enum runtime_count {
	COUNT_ALLOCATIONS,
	COUNT_FILES,
	COUNT_EVENTFDS,
	COUNT_THREADS,
	COUNT_MODULES,
	COUNT_MODULE_REFS,
	COUNT_KOBJECTS,
	COUNT_DEVICES,
	COUNT_NODES,
	COUNT_MAPPINGS,
	COUNT_PINS,
	COUNT_WARNINGS,
	COUNT_KINDS,
};

/* Any context, takes no lock. */
void count_add(enum runtime_count kind, long delta);

#endif
