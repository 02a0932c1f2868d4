// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* sysfs: the tree as views see it; <umdev/sysfs.h> describes the functions. */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <umdev/sysfs.h>

#include "sysfs_tree.h"

/* As many links may follow each other in a walk as in Linux. */
#define SYSFS_WALK_LINKS 40

/* How many entries of a directory one look at it takes. */
#define SYSFS_LIST_BATCH 32

struct kernfs_node *umdev_sysfs_root(void)
{
	return kernfs_get(sysfs_root);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_root);

void umdev_sysfs_get(struct kernfs_node *kn)
{
	kernfs_get(kn);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_get);

void umdev_sysfs_put(struct kernfs_node *kn)
{
	kernfs_put(kn);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_put);

struct kernfs_node *umdev_sysfs_lookup(struct kernfs_node *dir, const char *name)
{
	return kernfs_lookup(dir, name);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_lookup);

struct kernfs_node *umdev_sysfs_parent(struct kernfs_node *kn)
{
	if (!kernfs_is_visible(kn))
		return ERR_PTR(-ENOENT);
	return kernfs_get(kn->parent ? kn->parent : kn);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_parent);

int umdev_sysfs_stat(struct kernfs_node *kn, struct stat *st)
{
	return kernfs_stat(kn, st);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_stat);

int umdev_sysfs_setattr(struct kernfs_node *kn, const struct stat *st, unsigned int valid)
{
	return kernfs_setattr(kn, st, valid);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_setattr);

ssize_t umdev_sysfs_path(struct kernfs_node *kn, char *buf, size_t size)
{
	return kernfs_path(kn, buf, size);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_path);

ssize_t umdev_sysfs_readlink(struct kernfs_node *kn, char *buf, size_t size)
{
	return kernfs_link_target(kn, buf, size);
}
EXPORT_SYMBOL_GPL(umdev_sysfs_readlink);

int umdev_sysfs_readdir(struct kernfs_node *dir, uint64_t *cursor,
			int (*fn)(const char *name, const struct stat *st, uint64_t next,
				  void *data),
			void *data)
{
	struct kernfs_entry entries[SYSFS_LIST_BATCH];
	int ret = 0;
	int n, i;

	if (kernfs_type(dir) != KERNFS_DIR)
		return -ENOTDIR;
	do {
		n = kernfs_list(dir, *cursor, entries, SYSFS_LIST_BATCH);
		if (n < 0)
			return n;
		for (i = 0; i < n && !ret; i++) {
			ret = fn(entries[i].kn->name, &entries[i].st, entries[i].next, data);
			if (!ret)
				*cursor = entries[i].next;
		}
		for (i = 0; i < n; i++)
			kernfs_put(entries[i].kn);
	} while (n && !ret);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_sysfs_readdir);

/**
 * struct sysfs_walk - a walk along a path
 * @kn: where it is, a reference
 * @rest: what is left of the path, in @buf
 * @links: how many links it followed
 * @follow: follow a link at the end too
 * @to_dir: the path ended with a slash, so it has to lead to a directory
 * @buf: the rest of the path, with targets of links put before it
 */
struct sysfs_walk {
	struct kernfs_node *kn;
	char *rest;
	int links;
	bool follow;
	bool to_dir;
	char buf[2 * PATH_MAX];
};

/* Replaces @walk->kn by @kn, whose reference it takes over. */
static void sysfs_walk_to(struct sysfs_walk *walk, struct kernfs_node *kn)
{
	kernfs_put(walk->kn);
	walk->kn = kn;
}

/* Goes on at the target of @link, in the directory where the walk stands; drops @link. */
static int sysfs_walk_link(struct sysfs_walk *walk, struct kernfs_node *link)
{
	char target[PATH_MAX];
	size_t rest = strlen(walk->rest) + 1;
	ssize_t len = kernfs_link_target(link, target, sizeof(target));

	kernfs_put(link);
	if (len < 0)
		return len;
	if (++walk->links > SYSFS_WALK_LINKS)
		return -ELOOP;
	if (len + 1 + rest > sizeof(walk->buf))
		return -ENAMETOOLONG;
	/* No slash is put at the end, where it would ask for a directory. */
	memmove(walk->buf + len + (rest > 1), walk->rest, rest);
	if (rest > 1)
		walk->buf[len] = '/';
	memcpy(walk->buf, target, len);
	walk->rest = walk->buf;
	return 0;
}

/* One component of the path. */
static int sysfs_walk_step(struct sysfs_walk *walk, const char *name, bool last)
{
	struct kernfs_node *kn;

	if (kernfs_type(walk->kn) != KERNFS_DIR)
		return -ENOTDIR;
	if (!*name || !strcmp(name, "."))
		return 0;
	if (!strcmp(name, ".."))
		kn = umdev_sysfs_parent(walk->kn);
	else
		kn = kernfs_lookup(walk->kn, name);
	if (IS_ERR(kn))
		return PTR_ERR(kn);
	if (kernfs_type(kn) == KERNFS_LINK && (!last || walk->follow))
		return sysfs_walk_link(walk, kn);
	sysfs_walk_to(walk, kn);
	return 0;
}

static int sysfs_walk_path(struct sysfs_walk *walk)
{
	int ret = 0;

	while (!ret && *walk->rest) {
		char name[PATH_MAX];
		size_t len = strcspn(walk->rest, "/");
		bool last = !walk->rest[len];

		memcpy(name, walk->rest, len);
		name[len] = '\0';
		walk->rest += len + !last;
		if (!last && !*walk->rest)
			walk->to_dir = true;
		ret = sysfs_walk_step(walk, name, last && !walk->to_dir);
	}
	if (!ret && walk->to_dir && kernfs_type(walk->kn) != KERNFS_DIR)
		return -ENOTDIR;
	return ret;
}

struct kernfs_node *umdev_sysfs_walk(const char *path, bool follow)
{
	struct sysfs_walk *walk;
	struct kernfs_node *kn;
	int ret;

	if (strlen(path) >= PATH_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	walk = kzalloc(sizeof(*walk), GFP_KERNEL);
	if (!walk)
		return ERR_PTR(-ENOMEM);
	walk->kn = umdev_sysfs_root();
	walk->follow = follow;
	walk->rest = strcpy(walk->buf, path);
	ret = walk->kn ? sysfs_walk_path(walk) : -ENOENT;
	kn = walk->kn;
	kfree(walk);
	if (ret) {
		kernfs_put(kn);
		return ERR_PTR(ret);
	}
	return kn;
}
EXPORT_SYMBOL_GPL(umdev_sysfs_walk);
