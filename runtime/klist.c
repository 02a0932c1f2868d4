// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Lists that may change while somebody walks them.
 *
 * Locks: each klist's k_lock, see <linux/klist.h>; nothing is taken inside it.
 * klist_gone has no other lock around it either.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/klist.h>
#include <linux/wait.h>

/* Where klist_remove() waits for the last walker; rare, so that one serves all lists. */
static DECLARE_WAIT_QUEUE_HEAD(klist_gone);

/**
 * klist_init() - make an empty list
 * @k: the list
 * @get: takes a reference on what embeds a node, may be NULL
 * @put: drops it, may be NULL
 *
 * Context: any.
 */
void klist_init(struct klist *k, void (*get)(struct klist_node *), void (*put)(struct klist_node *))
{
	spin_lock_init(&k->k_lock);
	INIT_LIST_HEAD(&k->k_list);
	k->get = get;
	k->put = put;
}
EXPORT_SYMBOL_GPL(klist_init);

static void klist_node_init(struct klist *k, struct klist_node *n)
{
	kref_init(&n->n_ref);
	n->n_dead = false;
	smp_store_release(&n->n_klist, k);
	if (k->get)
		k->get(n);
}

/**
 * klist_add_tail() - add at the end
 * @n: node, not on a list
 * @k: list
 *
 * Context: any.
 */
void klist_add_tail(struct klist_node *n, struct klist *k)
{
	klist_node_init(k, n);
	spin_lock(&k->k_lock);
	list_add_tail(&n->n_node, &k->k_list);
	spin_unlock(&k->k_lock);
}
EXPORT_SYMBOL_GPL(klist_add_tail);

/**
 * klist_add_head() - add at the beginning
 * @n: node, not on a list
 * @k: list
 *
 * Context: any.
 */
void klist_add_head(struct klist_node *n, struct klist *k)
{
	klist_node_init(k, n);
	spin_lock(&k->k_lock);
	list_add(&n->n_node, &k->k_list);
	spin_unlock(&k->k_lock);
}
EXPORT_SYMBOL_GPL(klist_add_head);

/* The last reference on a node is gone: it leaves its list. k_lock is held. */
static void klist_unlink(struct kref *kref)
{
	struct klist_node *n = container_of(kref, struct klist_node, n_ref);

	list_del(&n->n_node);
	smp_store_release(&n->n_klist, NULL);
}

/*
 * Drops a reference on @n, the list's own where @kill. @n's memory is not
 * touched once a waiter of klist_remove() may see it gone, but for ->put, which
 * drops the reference that keeps it.
 */
static void klist_put(struct klist_node *n, bool kill)
{
	struct klist *k = n->n_klist;
	void (*put)(struct klist_node *) = k->put;
	bool gone;

	spin_lock(&k->k_lock);
	if (kill) {
		WARN_ON(n->n_dead);
		n->n_dead = true;
	}
	gone = kref_put(&n->n_ref, klist_unlink);
	spin_unlock(&k->k_lock);
	if (!gone)
		return;
	wake_up_all(&klist_gone);
	if (put)
		put(n);
}

/**
 * klist_del() - take a node off its list
 * @n: the node
 *
 * Walkers pass it over from now on; one that stands on it keeps it on the list until it goes on.
 *
 * Context: may sleep, in the list's put.
 */
void klist_del(struct klist_node *n)
{
	klist_put(n, true);
}
EXPORT_SYMBOL_GPL(klist_del);

/**
 * klist_remove() - take a node off its list and wait until no walker stands on it
 * @n: the node
 *
 * Context: sleeps; not from within a walk that stands on @n.
 */
void klist_remove(struct klist_node *n)
{
	klist_put(n, true);
	wait_event(klist_gone, !smp_load_acquire(&n->n_klist));
}
EXPORT_SYMBOL_GPL(klist_remove);

/**
 * klist_node_attached() - is a node on a list?
 * @n: the node, its memory zeroed or once on a list
 *
 * Context: any.
 * Return: 1 or 0.
 */
int klist_node_attached(struct klist_node *n)
{
	return smp_load_acquire(&n->n_klist) != NULL;
}
EXPORT_SYMBOL_GPL(klist_node_attached);

/**
 * klist_iter_init_node() - begin a walk behind a node
 * @k: list
 * @i: the walk, ended by klist_iter_exit()
 * @n: node to begin behind (before, for klist_prev()); NULL, or one that is off the list, for the
 *	list's end
 *
 * Context: any.
 */
void klist_iter_init_node(struct klist *k, struct klist_iter *i, struct klist_node *n)
{
	i->i_klist = k;
	i->i_cur = NULL;
	if (n && kref_get_unless_zero(&n->n_ref))
		i->i_cur = n;
}
EXPORT_SYMBOL_GPL(klist_iter_init_node);

/**
 * klist_iter_init() - begin a walk at the list's end
 * @k: list
 * @i: the walk
 *
 * Context: any.
 */
void klist_iter_init(struct klist *k, struct klist_iter *i)
{
	klist_iter_init_node(k, i, NULL);
}
EXPORT_SYMBOL_GPL(klist_iter_init);

/**
 * klist_iter_exit() - end a walk
 * @i: the walk
 *
 * Context: may sleep, in the list's put.
 */
void klist_iter_exit(struct klist_iter *i)
{
	if (i->i_cur) {
		klist_put(i->i_cur, false);
		i->i_cur = NULL;
	}
}
EXPORT_SYMBOL_GPL(klist_iter_exit);

static struct klist_node *klist_step(struct klist_iter *i, bool forward)
{
	struct klist *k = i->i_klist;
	struct klist_node *last = i->i_cur;
	struct list_head *pos;

	spin_lock(&k->k_lock);
	i->i_cur = NULL;
	pos = last ? &last->n_node : &k->k_list;
	for (;;) {
		struct klist_node *n;

		pos = forward ? pos->next : pos->prev;
		if (pos == &k->k_list)
			break;
		n = list_entry(pos, struct klist_node, n_node);
		if (!n->n_dead) {
			kref_get(&n->n_ref);
			i->i_cur = n;
			break;
		}
	}
	spin_unlock(&k->k_lock);
	if (last)
		klist_put(last, false);
	return i->i_cur;
}

/**
 * klist_next() - go on to the next node
 * @i: the walk
 *
 * Context: may sleep, in the list's put.
 * Return: the node, which stays until the walk goes on; NULL at the end.
 */
struct klist_node *klist_next(struct klist_iter *i)
{
	return klist_step(i, true);
}
EXPORT_SYMBOL_GPL(klist_next);

/**
 * klist_prev() - go on to the previous node
 * @i: the walk
 *
 * Context: may sleep, in the list's put.
 * Return: the node, which stays until the walk goes on; NULL at the beginning.
 */
struct klist_node *klist_prev(struct klist_iter *i)
{
	return klist_step(i, false);
}
EXPORT_SYMBOL_GPL(klist_prev);
