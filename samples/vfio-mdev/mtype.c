// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Types of mediated devices, and what they are made of, for parents' drivers. */
#include "mtype.h"

#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/string.h>

/**
 * mtype_group() - which type is meant
 * @kobj: a type, as create() and the type's attributes get it
 * @groups: the driver's supported_type_groups, whose names have no dashes
 *
 * The type's id is the parent's driver string, a dash and the name of its group. A driver that embeds
 * its groups in what it knows of its types finds the type with container_of().
 *
 * Context: any.
 * Return: the group; NULL where it is none of @groups, which does not happen to who registered these.
 */
struct attribute_group *mtype_group(struct kobject *kobj, struct attribute_group **groups)
{
	const char *suffix = strrchr(kobject_name(kobj), '-') + 1;

	for (; *groups; groups++)
		if (!strcmp(suffix, (*groups)->name))
			return *groups;
	return NULL;
}

/**
 * mpool_init() - fill a pool
 * @pool: the pool
 * @nr: units that there are
 *
 * To be called before the parent is registered.
 *
 * Context: any.
 */
void mpool_init(struct mpool *pool, unsigned int nr)
{
	spin_lock_init(&pool->lock);
	pool->free = nr;
}

/**
 * mpool_take() - take units for a device, in create()
 * @pool: the pool
 * @nr: how many
 *
 * Context: any that may take a spinlock.
 * Return: 0; -ENOSPC there are not so many.
 */
int mpool_take(struct mpool *pool, unsigned int nr)
{
	int ret = -ENOSPC;

	spin_lock(&pool->lock);
	if (pool->free >= nr) {
		pool->free -= nr;
		ret = 0;
	}
	spin_unlock(&pool->lock);
	return ret;
}

/**
 * mpool_give() - give them back, in remove()
 * @pool: the pool
 * @nr: as many as were taken
 *
 * Context: any that may take a spinlock.
 */
void mpool_give(struct mpool *pool, unsigned int nr)
{
	spin_lock(&pool->lock);
	pool->free += nr;
	spin_unlock(&pool->lock);
}

/**
 * mpool_available() - what is left
 * @pool: the pool
 *
 * Context: any that may take a spinlock.
 * Return: units that could be taken at the time.
 */
unsigned int mpool_available(struct mpool *pool)
{
	unsigned int nr;

	spin_lock(&pool->lock);
	nr = pool->free;
	spin_unlock(&pool->lock);
	return nr;
}
