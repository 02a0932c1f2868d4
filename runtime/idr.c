// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Small integers and what they stand for: a tree with 64 children to a node. A
 * node knows which of its slots are in use and which are full, so the lowest
 * free integer is found on one way down.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#define IDR_BITS       6
#define IDR_SLOTS      (1u << IDR_BITS)
#define IDR_MAX	       ((unsigned long)INT_MAX)
#define IDR_LEVELS_MAX 6

/*
 * At the lowest level a slot holds the pointer of one integer and a full slot is
 * one in use; above, a slot holds a node and is full if that node is.
 */
struct idr_node {
	u64 used;
	u64 full;
	void *slot[IDR_SLOTS];
};

static unsigned int slot_index(unsigned long id, unsigned int level)
{
	return (unsigned int)(id >> (level * IDR_BITS)) & (IDR_SLOTS - 1);
}

/* How many integers a node at @level, 0 being the lowest, covers. */
static unsigned long span(unsigned int level)
{
	return 1ul << ((level + 1) * IDR_BITS);
}

static unsigned long capacity(const struct idr *idr)
{
	return idr->height ? span(idr->height - 1) : 0;
}

/* The lowest free integer at or above @min below @node, which begins at @base; -1: none. */
static long find_free(const struct idr_node *node, unsigned int level, unsigned long base,
		      unsigned long min)
{
	unsigned int i = min > base ? (unsigned int)((min - base) >> (level * IDR_BITS)) : 0;

	for (; i < IDR_SLOTS; i++) {
		unsigned long first = base + ((unsigned long)i << (level * IDR_BITS));
		long id;

		if (node->full & BIT_ULL(i))
			continue;
		if (!level || !node->slot[i])
			return (long)max(first, min);
		id = find_free(node->slot[i], level - 1, first, min);
		if (id >= 0)
			return id;
	}
	return -1;
}

static int grow(struct idr *idr, gfp_t gfp)
{
	struct idr_node *node = kzalloc(sizeof(*node), gfp);

	if (!node)
		return -ENOMEM;
	if (idr->root) {
		node->slot[0] = idr->root;
		node->used = 1;
		node->full = idr->root->full == U64_MAX;
	}
	idr->root = node;
	idr->height++;
	return 0;
}

/* The node of @id at the lowest level, or NULL. @path: the nodes on the way by level, or NULL. */
static struct idr_node *find_leaf(const struct idr *idr, unsigned long id, struct idr_node **path)
{
	struct idr_node *node = idr->root;

	if (id >= capacity(idr))
		return NULL;
	for (unsigned int level = idr->height - 1; level; level--) {
		if (path)
			path[level] = node;
		node = node ? node->slot[slot_index(id, level)] : NULL;
	}
	if (path)
		path[0] = node;
	return node;
}

/* Frees what nothing in use is left below, on the way to @id and at the top. */
static void prune(struct idr *idr, unsigned long id)
{
	struct idr_node *path[IDR_LEVELS_MAX], *root;

	if (id < capacity(idr))
		find_leaf(idr, id, path);
	for (unsigned int level = 1; id < capacity(idr) && level < idr->height; level++) {
		if (!path[level - 1] || path[level - 1]->used)
			continue;
		kfree(path[level - 1]);
		path[level]->slot[slot_index(id, level)] = NULL;
		path[level]->used &= ~BIT_ULL(slot_index(id, level));
	}
	while ((root = idr->root) && (!root->used || (root->used == 1 && idr->height > 1))) {
		idr->root = idr->height > 1 ? root->slot[0] : NULL;
		idr->height = idr->root ? idr->height - 1 : 0;
		kfree(root);
	}
}

/* Makes the nodes on the way to @id. */
static int make_path(struct idr *idr, unsigned long id, gfp_t gfp)
{
	struct idr_node *node;

	while (id >= capacity(idr)) {
		int err = grow(idr, gfp);

		if (err)
			return err;
	}
	node = idr->root;
	for (unsigned int level = idr->height - 1; level; level--) {
		void **slot = &node->slot[slot_index(id, level)];

		if (!*slot)
			*slot = kzalloc(sizeof(*node), gfp);
		if (!*slot)
			return -ENOMEM;
		node = *slot;
	}
	return 0;
}

static void store(struct idr *idr, unsigned long id, void *ptr)
{
	struct idr_node *path[IDR_LEVELS_MAX];
	struct idr_node *leaf = find_leaf(idr, id, path);

	leaf->slot[slot_index(id, 0)] = ptr;
	for (unsigned int level = 0; level < idr->height; level++) {
		u64 bit = BIT_ULL(slot_index(id, level));

		path[level]->used |= bit;
		if (!level || path[level - 1]->full == U64_MAX)
			path[level]->full |= bit;
	}
}

/**
 * idr_init() - make an empty map
 * @idr: the map
 *
 * Context: any.
 */
void idr_init(struct idr *idr)
{
	*idr = (struct idr)IDR_INIT(idr);
}
EXPORT_SYMBOL(idr_init);

static void free_nodes(struct idr_node *node, unsigned int level)
{
	for (unsigned int i = 0; level && i < IDR_SLOTS; i++)
		if (node->slot[i])
			free_nodes(node->slot[i], level - 1);
	kfree(node);
}

/**
 * idr_destroy() - forget everything in a map
 * @idr: the map; empty and usable afterwards
 *
 * Context: under the owner's lock.
 */
void idr_destroy(struct idr *idr)
{
	if (idr->root)
		free_nodes(idr->root, idr->height - 1);
	idr->root = NULL;
	idr->height = 0;
}
EXPORT_SYMBOL(idr_destroy);

/* @end is the last integer allowed. */
static int alloc_between(struct idr *idr, void *ptr, unsigned long start, unsigned long end,
			 gfp_t gfp)
{
	long id = idr->root ? find_free(idr->root, idr->height - 1, 0, start) : -1;
	int err;

	if (id < 0)
		id = (long)max(start, capacity(idr));
	if ((unsigned long)id > end)
		return -ENOSPC;
	err = make_path(idr, (unsigned long)id, gfp);
	if (err) {
		prune(idr, (unsigned long)id);
		return err;
	}
	store(idr, (unsigned long)id, ptr);
	return (int)id;
}

/* idr_alloc()'s @end to the last integer allowed. */
static unsigned long last_id(int end)
{
	return end > 0 ? (unsigned long)end - 1 : IDR_MAX;
}

/**
 * idr_alloc() - give a pointer the lowest free integer
 * @idr: the map
 * @ptr: the pointer; NULL reserves the integer
 * @start: the lowest allowed
 * @end: the first that is not allowed; 0 or less: no limit
 * @gfp: as for kmalloc()
 *
 * Context: under the owner's lock.
 * Return: the integer; -EINVAL for a negative @start; -ENOSPC; -ENOMEM.
 */
int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	if (WARN_ON_ONCE(start < 0))
		return -EINVAL;
	return alloc_between(idr, ptr, (unsigned long)start, last_id(end), gfp);
}
EXPORT_SYMBOL(idr_alloc);

/**
 * idr_alloc_cyclic() - give a pointer the next free integer
 * @idr: the map
 * @ptr: the pointer
 * @start: the lowest allowed
 * @end: the first that is not allowed; 0 or less: no limit
 * @gfp: as for kmalloc()
 *
 * The search goes on where the last one ended, and begins again at @start.
 *
 * Context and return: as idr_alloc().
 */
int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	int id;

	if (WARN_ON_ONCE(start < 0))
		return -EINVAL;
	id = alloc_between(idr, ptr, max((unsigned long)start, (unsigned long)idr->next),
			   last_id(end), gfp);
	if (id == -ENOSPC && idr->next > (unsigned int)start)
		id = idr_alloc(idr, ptr, start, end, gfp);
	if (id >= 0)
		idr->next = (unsigned int)id + 1;
	return id;
}
EXPORT_SYMBOL(idr_alloc_cyclic);

/**
 * idr_remove() - free an integer
 * @idr: the map
 * @id: the integer
 *
 * Context: under the owner's lock.
 * Return: its pointer; NULL if it was free.
 */
void *idr_remove(struct idr *idr, unsigned long id)
{
	struct idr_node *path[IDR_LEVELS_MAX];
	struct idr_node *leaf = find_leaf(idr, id, path);
	unsigned int i = slot_index(id, 0);
	void *ptr;

	if (!leaf || !(leaf->used & BIT_ULL(i)))
		return NULL;
	ptr = leaf->slot[i];
	leaf->slot[i] = NULL;
	leaf->used &= ~BIT_ULL(i);
	for (unsigned int level = 0; level < idr->height; level++)
		path[level]->full &= ~BIT_ULL(slot_index(id, level));
	prune(idr, id);
	return ptr;
}
EXPORT_SYMBOL(idr_remove);

/**
 * idr_find() - what an integer stands for
 * @idr: the map
 * @id: the integer
 *
 * Context: under the owner's lock, unlike in a kernel.
 * Return: its pointer, or NULL.
 */
void *idr_find(const struct idr *idr, unsigned long id)
{
	const struct idr_node *leaf = find_leaf(idr, id, NULL);

	return leaf ? leaf->slot[slot_index(id, 0)] : NULL;
}
EXPORT_SYMBOL(idr_find);

/**
 * idr_replace() - let an integer stand for something else
 * @idr: the map
 * @ptr: the new pointer
 * @id: the integer
 *
 * Context: under the owner's lock.
 * Return: the old pointer; ERR_PTR(-ENOENT) if @id is free.
 */
void *idr_replace(struct idr *idr, void *ptr, unsigned long id)
{
	struct idr_node *leaf = find_leaf(idr, id, NULL);
	void *old;

	if (!leaf || !(leaf->used & BIT_ULL(slot_index(id, 0))))
		return ERR_PTR(-ENOENT);
	old = leaf->slot[slot_index(id, 0)];
	leaf->slot[slot_index(id, 0)] = ptr;
	return old;
}
EXPORT_SYMBOL(idr_replace);

/* The first integer at or above @min that stands for more than NULL; -1: none. */
static long next_entry(const struct idr_node *node, unsigned int level, unsigned long base,
		       unsigned long min, void **ptr)
{
	unsigned int i = min > base ? (unsigned int)((min - base) >> (level * IDR_BITS)) : 0;

	for (; i < IDR_SLOTS; i++) {
		unsigned long first = base + ((unsigned long)i << (level * IDR_BITS));
		long id = (long)first;

		if (!node->slot[i])
			continue;
		if (level)
			id = next_entry(node->slot[i], level - 1, first, min, ptr);
		else
			*ptr = node->slot[i];
		if (id >= 0)
			return id;
	}
	return -1;
}

/**
 * idr_get_next() - the next integer in use
 * @idr: the map
 * @nextid: where to begin; set to the integer that is found
 *
 * Context: under the owner's lock.
 * Return: its pointer, or NULL if there is none.
 */
void *idr_get_next(struct idr *idr, int *nextid)
{
	unsigned long min = (unsigned long)max(*nextid, 0);
	void *ptr = NULL;
	long id;

	if (min >= capacity(idr))
		return NULL;
	id = next_entry(idr->root, idr->height - 1, 0, min, &ptr);
	if (id >= 0)
		*nextid = (int)id;
	return ptr;
}
EXPORT_SYMBOL(idr_get_next);

/**
 * idr_for_each() - call a function for all integers in use
 * @idr: the map
 * @fn: the function; a value other than 0 stops. It may remove @id.
 * @data: passed to @fn
 *
 * Context: under the owner's lock.
 * Return: 0, or what @fn returned to stop.
 */
int idr_for_each(const struct idr *idr, int (*fn)(int id, void *p, void *data), void *data)
{
	void *ptr;
	int id = 0, ret = 0;

	while (!ret && (ptr = idr_get_next((struct idr *)idr, &id)))
		ret = fn(id++, ptr, data);
	return ret;
}
EXPORT_SYMBOL(idr_for_each);

/**
 * idr_is_empty() - whether no integer is in use
 * @idr: the map
 *
 * Context: under the owner's lock.
 * Return: whether that is so.
 */
bool idr_is_empty(const struct idr *idr)
{
	return !idr->root || !idr->root->used;
}
EXPORT_SYMBOL(idr_is_empty);

/**
 * ida_init() - make an empty set
 * @ida: the set
 *
 * Context: any.
 */
void ida_init(struct ida *ida)
{
	spin_lock_init(&ida->lock);
	idr_init(&ida->idr);
}
EXPORT_SYMBOL(ida_init);

/**
 * ida_destroy() - free all integers of a set
 * @ida: the set; empty and usable afterwards
 *
 * Context: any.
 */
void ida_destroy(struct ida *ida)
{
	spin_lock(&ida->lock);
	idr_destroy(&ida->idr);
	spin_unlock(&ida->lock);
}
EXPORT_SYMBOL(ida_destroy);

/**
 * ida_alloc_range() - take the lowest free integer
 * @ida: the set
 * @min: the lowest allowed
 * @max: the highest allowed
 * @gfp: as for kmalloc()
 *
 * Context: any.
 * Return: the integer; -ENOSPC; -ENOMEM.
 */
int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp)
{
	int id;

	if (min > (unsigned int)INT_MAX)
		return -ENOSPC;
	spin_lock(&ida->lock);
	id = alloc_between(&ida->idr, ida, min, min_t(unsigned long, max, IDR_MAX), gfp);
	spin_unlock(&ida->lock);
	return id;
}
EXPORT_SYMBOL(ida_alloc_range);

/**
 * ida_free() - give an integer back
 * @ida: the set
 * @id: the integer; a warning is logged if it is free
 *
 * Context: any.
 */
void ida_free(struct ida *ida, unsigned int id)
{
	void *was;

	spin_lock(&ida->lock);
	was = idr_remove(&ida->idr, id);
	spin_unlock(&ida->lock);
	WARN(!was, "integer %u is freed and was not taken", id);
}
EXPORT_SYMBOL(ida_free);

/**
 * ida_is_empty() - whether no integer of a set is taken
 * @ida: the set
 *
 * Context: any.
 * Return: whether that is so.
 */
bool ida_is_empty(const struct ida *ida)
{
	return idr_is_empty(&ida->idr);
}
EXPORT_SYMBOL(ida_is_empty);
