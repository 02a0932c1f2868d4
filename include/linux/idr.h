/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_IDR_H
#define UMDEV_LINUX_IDR_H

#include <linux/gfp.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct idr_node;

/*
 * A map from small integers to pointers that finds the lowest free integer.
 * The owner's lock guards it; idr_preload() and lock-free look-ups have no
 * counterpart here.
 */
struct idr {
	struct idr_node *root;
	unsigned int height; /* levels under @root; 0: empty */
	unsigned int next;   /* where idr_alloc_cyclic() goes on */
};

#define IDR_INIT(name)       \
	{                    \
		.root = NULL \
	}
#define DEFINE_IDR(name) struct idr name = IDR_INIT(name)

void idr_init(struct idr *idr);
void idr_destroy(struct idr *idr);
int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp);
int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end, gfp_t gfp);
void *idr_remove(struct idr *idr, unsigned long id);
void *idr_find(const struct idr *idr, unsigned long id);
void *idr_replace(struct idr *idr, void *ptr, unsigned long id);
void *idr_get_next(struct idr *idr, int *nextid);
int idr_for_each(const struct idr *idr, int (*fn)(int id, void *p, void *data), void *data);
bool idr_is_empty(const struct idr *idr);

#define idr_for_each_entry(idr, entry, id) \
	for (id = 0; ((entry) = idr_get_next(idr, &(id))) != NULL; id += 1U)

/* A set of small integers; has a lock of its own. */
struct ida {
	spinlock_t lock;
	struct idr idr; /* under @lock */
};

#define IDA_INIT(name)                                                             \
	{                                                                          \
		.lock = __SPIN_LOCK_UNLOCKED(name.lock), .idr = IDR_INIT(name.idr) \
	}
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)

void ida_init(struct ida *ida);
void ida_destroy(struct ida *ida);
int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp);
void ida_free(struct ida *ida, unsigned int id);
bool ida_is_empty(const struct ida *ida);

#define ida_alloc(ida, gfp)		     ida_alloc_range(ida, 0, ~0u, gfp)
#define ida_alloc_min(ida, min, gfp)	     ida_alloc_range(ida, min, ~0u, gfp)
#define ida_alloc_max(ida, max, gfp)	     ida_alloc_range(ida, 0, max, gfp)
#define ida_simple_get(ida, start, end, gfp) ida_alloc_range(ida, start, (end)-1, gfp)
#define ida_simple_remove(ida, id)	     ida_free(ida, id)

#endif /* UMDEV_LINUX_IDR_H */
