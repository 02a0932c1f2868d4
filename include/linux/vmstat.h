/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Counts of memory in use. */
#ifndef UMDEV_LINUX_VMSTAT_H
#define UMDEV_LINUX_VMSTAT_H

struct pglist_data;

/* The items are umdev's own, see struct umdev_runtime_counts. */
enum node_stat_item {
	NR_DMA_MAPPINGS, /* ranges of users' memory that devices may reach */
	NR_DMA_PINNED,	 /* pages that drivers keep from being unmapped */
};

void mod_node_page_state(struct pglist_data *pgdat, enum node_stat_item item, long delta);

#endif /* UMDEV_LINUX_VMSTAT_H */
