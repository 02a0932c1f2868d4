/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What a process has only so much of, and clients share. */
#ifndef VFIO_USER_POOL_H
#define VFIO_USER_POOL_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct vfio_user_pool - so much of something, for all connections
 * @max: how much there is, constant
 * @used: how much is taken
 *
 * No connection gets more than it then leaves to all others. So one alone has half of it at most,
 * a second one a quarter and so on: a client that takes what it can get does not take it all.
 */
struct vfio_user_pool {
	int max;
	atomic_t used;
};

/* Take @n for a connection that has @own already. False: it would have more than is left. */
static inline bool vfio_user_pool_take(struct vfio_user_pool *pool, int own, int n)
{
	int used = atomic_add_return(n, &pool->used);

	if (own + n <= pool->max - used)
		return true;
	atomic_sub(n, &pool->used);
	return false;
}

static inline void vfio_user_pool_put(struct vfio_user_pool *pool, int n)
{
	atomic_sub(n, &pool->used);
}

#endif /* VFIO_USER_POOL_H */
