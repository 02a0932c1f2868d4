/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What a parent's driver needs for its types: which of them a device is to be of, and how many devices
 * there may still be.
 */
#ifndef MTYPE_H
#define MTYPE_H

#include <linux/spinlock.h>
#include <linux/sysfs.h>

struct kobject;

struct attribute_group *mtype_group(struct kobject *kobj, struct attribute_group **groups);

/**
 * struct mpool - what devices are made of, such as ports, of which there are only so many
 * @lock: covers @free; nothing is taken inside it
 * @free: units that no device has
 */
struct mpool {
	spinlock_t lock;
	unsigned int free;
};

void mpool_init(struct mpool *pool, unsigned int nr);
int mpool_take(struct mpool *pool, unsigned int nr);
void mpool_give(struct mpool *pool, unsigned int nr);
unsigned int mpool_available(struct mpool *pool);

#endif /* MTYPE_H */
