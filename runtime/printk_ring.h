/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The log's memory: the last lines, each with a sequence number. */
#ifndef RUNTIME_PRINTK_RING_H
#define RUNTIME_PRINTK_RING_H

#include <umdev/log.h>
#include <linux/types.h>

/*
 * Adds a line; with @quiet set it is for readers of the ring only.
 * Context: any; takes the ring's lock, a leaf.
 */
void printk_ring_add(int level, const char *text, size_t len, bool quiet);

/*
 * Copies the first line with a number of @seq or more: true, or false if there
 * is none yet. @quiet as it was given.
 */
bool printk_ring_read(uint64_t seq, struct umdev_log_record *record, bool *quiet);

/* The number that the next line gets. */
uint64_t printk_ring_next(void);

#endif
