// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/vmstat.h>
#include <umdev/runtime.h>
#include "counts.h"

/* Each on a cache line of its own: allocations are counted on every path. */
static struct {
	atomic_long_t value;
} ____cacheline_aligned counts[COUNT_KINDS];

void count_add(enum runtime_count kind, long delta)
{
	atomic_long_add(delta, &counts[kind].value);
}

/**
 * mod_node_page_state() - count memory that is in use
 * @pgdat: NULL; there are no NUMA nodes here
 * @item: what to count
 * @delta: how many more
 *
 * Context: any, takes no lock.
 */
void mod_node_page_state(struct pglist_data *pgdat, enum node_stat_item item, long delta)
{
	count_add(item == NR_DMA_MAPPINGS ? COUNT_MAPPINGS : COUNT_PINS, delta);
}
EXPORT_SYMBOL(mod_node_page_state);

void umdev_runtime_counts(struct umdev_runtime_counts *out)
{
	out->allocations = atomic_long_read(&counts[COUNT_ALLOCATIONS].value);
	out->files = atomic_long_read(&counts[COUNT_FILES].value);
	out->eventfds = atomic_long_read(&counts[COUNT_EVENTFDS].value);
	out->threads = atomic_long_read(&counts[COUNT_THREADS].value);
	out->modules = atomic_long_read(&counts[COUNT_MODULES].value);
	out->module_refs = atomic_long_read(&counts[COUNT_MODULE_REFS].value);
	out->kobjects = atomic_long_read(&counts[COUNT_KOBJECTS].value);
	out->devices = atomic_long_read(&counts[COUNT_DEVICES].value);
	out->nodes = atomic_long_read(&counts[COUNT_NODES].value);
	out->mappings = atomic_long_read(&counts[COUNT_MAPPINGS].value);
	out->pins = atomic_long_read(&counts[COUNT_PINS].value);
	out->warnings = atomic_long_read(&counts[COUNT_WARNINGS].value);
}
EXPORT_SYMBOL_GPL(umdev_runtime_counts);
