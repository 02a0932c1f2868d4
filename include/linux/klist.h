/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Lists that may change while somebody walks them: a walker holds a reference
 * on the node it stands on, and the list's lock only while it steps.
 */
#ifndef UMDEV_LINUX_KLIST_H
#define UMDEV_LINUX_KLIST_H

#include <linux/spinlock.h>
#include <linux/kref.h>
#include <linux/list.h>

struct klist_node;

/**
 * struct klist - the list
 * @k_lock: covers @k_list, and each member's place and deadness
 * @k_list: members
 * @get: takes a reference on what embeds a node that joins, may be NULL
 * @put: drops it when the node has left and the last walker has too; called
 *	without @k_lock, may sleep
 */
struct klist {
	spinlock_t k_lock;
	struct list_head k_list;
	void (*get)(struct klist_node *n);
	void (*put)(struct klist_node *n);
};

/**
 * struct klist_node - a member
 * @n_klist: the list, NULL when not on one
 * @n_node: place
 * @n_ref: one for the list, one for each walker that stands on it
 * @n_dead: left the list; walkers pass it over
 */
struct klist_node {
	struct klist *n_klist;
	struct list_head n_node;
	struct kref n_ref;
	bool n_dead;
};

/* A walk, between klist_iter_init() and klist_iter_exit(). Owned by its thread. */
struct klist_iter {
	struct klist *i_klist;
	struct klist_node *i_cur;
};

void klist_init(struct klist *k, void (*get)(struct klist_node *),
		void (*put)(struct klist_node *));
void klist_add_tail(struct klist_node *n, struct klist *k);
void klist_add_head(struct klist_node *n, struct klist *k);
void klist_del(struct klist_node *n);
void klist_remove(struct klist_node *n);
int klist_node_attached(struct klist_node *n);
void klist_iter_init(struct klist *k, struct klist_iter *i);
void klist_iter_init_node(struct klist *k, struct klist_iter *i, struct klist_node *n);
void klist_iter_exit(struct klist_iter *i);
struct klist_node *klist_prev(struct klist_iter *i);
struct klist_node *klist_next(struct klist_iter *i);

#endif
