// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What can be seen of nodes: attributes, paths, entries of directories.
 *
 * Locks: kernfs_rwsem (kernfs.c), for reading; for writing in kernfs_setattr().
 * Names and parents never change, and a node keeps its parents, so that paths
 * need no lock.
 */
#include <sys/stat.h>

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/rwsem.h>
#include <linux/string.h>
#include <umdev/sysfs.h>

#include "kernfs.h"

static bool kernfs_visible(const struct kernfs_node *kn)
{
	return (!kn->parent || !RB_EMPTY_NODE(&kn->rb)) && atomic_read(&kn->active) >= 0;
}

/* Has its removal not begun? By the time the caller knows, it may have. */
bool kernfs_is_visible(struct kernfs_node *kn)
{
	bool visible;

	down_read(&kernfs_rwsem);
	visible = kernfs_visible(kn);
	up_read(&kernfs_rwsem);
	return visible;
}

static unsigned int kernfs_depth(const struct kernfs_node *kn)
{
	unsigned int depth = 0;

	while (kn->parent) {
		kn = kn->parent;
		depth++;
	}
	return depth;
}

/* Length of the path from @top down to @kn, each name with a slash before it. */
static size_t kernfs_path_len(const struct kernfs_node *kn, const struct kernfs_node *top)
{
	size_t len = 0;

	for (; kn != top; kn = kn->parent)
		len += strlen(kn->name) + 1;
	return len;
}

/* Writes that path so that it ends at @end. */
static void kernfs_path_write(const struct kernfs_node *kn, const struct kernfs_node *top,
			      char *end)
{
	for (; kn != top; kn = kn->parent) {
		size_t len = strlen(kn->name);

		end -= len;
		memcpy(end, kn->name, len);
		*--end = '/';
	}
}

/* The innermost directory that @a and @b are both in, or that one of them is. */
static const struct kernfs_node *kernfs_common(const struct kernfs_node *a,
					       const struct kernfs_node *b)
{
	unsigned int depth_a = kernfs_depth(a), depth_b = kernfs_depth(b);

	for (; depth_a > depth_b; depth_a--)
		a = a->parent;
	for (; depth_b > depth_a; depth_b--)
		b = b->parent;
	while (a != b) {
		a = a->parent;
		b = b->parent;
	}
	return a;
}

/*
 * The innermost directory that has both a link and its target in it. Like Linux,
 * it is above the target even if the link is inside that: the target's own name
 * is always part of the path.
 */
static const struct kernfs_node *kernfs_link_base(const struct kernfs_node *link)
{
	return kernfs_common(link->parent, link->target->parent);
}

/* Length of a link's target: "../" from the link's directory to the base, then down. */
static size_t kernfs_target_len(const struct kernfs_node *link)
{
	const struct kernfs_node *base = kernfs_link_base(link);
	size_t ups = kernfs_depth(link->parent) - kernfs_depth(base);

	return ups * 3 + kernfs_path_len(link->target, base) - 1;
}

/**
 * kernfs_link_target() - the target of a link
 * @kn: the link
 * @buf: gets the target, relative to the link's directory, NUL-terminated
 * @size: of @buf in bytes
 *
 * Context: may sleep.
 * Return: length; -EINVAL no link; -ENOENT it was removed; -ENAMETOOLONG @buf is too small.
 */
ssize_t kernfs_link_target(struct kernfs_node *kn, char *buf, size_t size)
{
	const struct kernfs_node *base, *down;
	unsigned int ups;
	char *pos = buf;
	size_t len;

	if (kernfs_type(kn) != KERNFS_LINK)
		return -EINVAL;
	if (!kernfs_is_visible(kn))
		return -ENOENT;
	len = kernfs_target_len(kn);
	if (len >= size)
		return -ENAMETOOLONG;

	base = kernfs_link_base(kn);
	for (ups = kernfs_depth(kn->parent) - kernfs_depth(base); ups; ups--) {
		memcpy(pos, "../", 3);
		pos += 3;
	}
	/* The first name has no slash before it, all others have. */
	down = kn->target;
	while (down->parent != base)
		down = down->parent;
	memcpy(pos, down->name, strlen(down->name));
	kernfs_path_write(kn->target, down, buf + len);
	buf[len] = '\0';
	return len;
}

/**
 * kernfs_path() - the path of a node from the root
 * @kn: the node
 * @buf: gets it, NUL-terminated
 * @size: of @buf in bytes
 *
 * Context: may sleep.
 * Return: length; -ENOENT the node was removed; -ENAMETOOLONG @buf is too small.
 */
ssize_t kernfs_path(struct kernfs_node *kn, char *buf, size_t size)
{
	size_t len = kernfs_path_len(kn, NULL) - 1;

	if (!kernfs_is_visible(kn))
		return -ENOENT;
	if (!kn->parent)
		len = 1;
	if (len >= size)
		return -ENAMETOOLONG;
	buf[0] = '/';
	buf[len] = '\0';
	while (kn->parent) {
		size_t part = strlen(kn->name);

		len -= part;
		memcpy(buf + len, kn->name, part);
		buf[--len] = '/';
		kn = kn->parent;
	}
	return strlen(buf);
}

/* kernfs_rwsem is held. */
static void kernfs_fill_stat(const struct kernfs_node *kn, struct stat *st)
{
	*st = (struct stat){
		.st_ino = kn->ino,
		.st_mode = kn->mode,
		.st_nlink = 1,
		.st_uid = kn->uid,
		.st_gid = kn->gid,
		.st_blksize = 4096,
	};
	st->st_mtim.tv_sec = kn->mtime / 1000000000;
	st->st_mtim.tv_nsec = kn->mtime % 1000000000;
	st->st_atim = st->st_mtim;
	st->st_ctim = st->st_mtim;
	switch (kernfs_type(kn)) {
	case KERNFS_DIR:
		st->st_mode |= S_IFDIR;
		st->st_nlink = 2 + kn->dir.subdirs;
		break;
	case KERNFS_LINK:
		st->st_mode |= S_IFLNK;
		st->st_size = kernfs_target_len(kn);
		break;
	default:
		st->st_mode |= S_IFREG;
		st->st_size = 4096;
		break;
	}
}

/* See umdev_sysfs_stat(). */
int kernfs_stat(struct kernfs_node *kn, struct stat *st)
{
	int ret = -ENOENT;

	down_read(&kernfs_rwsem);
	if (kernfs_visible(kn)) {
		kernfs_fill_stat(kn, st);
		ret = 0;
	}
	up_read(&kernfs_rwsem);
	return ret;
}

/* See umdev_sysfs_setattr(). */
int kernfs_setattr(struct kernfs_node *kn, const struct stat *st, unsigned int valid)
{
	int ret = -ENOENT;

	if (valid & ~(UMDEV_SYSFS_MODE | UMDEV_SYSFS_UID | UMDEV_SYSFS_GID))
		return -EINVAL;
	down_write(&kernfs_rwsem);
	if (kernfs_visible(kn)) {
		if (valid & UMDEV_SYSFS_MODE)
			kn->mode = st->st_mode & 07777;
		if (valid & UMDEV_SYSFS_UID)
			kn->uid = st->st_uid;
		if (valid & UMDEV_SYSFS_GID)
			kn->gid = st->st_gid;
		ret = 0;
	}
	up_write(&kernfs_rwsem);
	return ret;
}

/**
 * kernfs_lookup() - a child, unless its removal has begun
 * @dir: directory
 * @name: of the child
 *
 * Context: may sleep.
 * Return: a reference; -ENOTDIR @dir is none; -ENOENT.
 */
struct kernfs_node *kernfs_lookup(struct kernfs_node *dir, const char *name)
{
	struct kernfs_node *kn;

	if (kernfs_type(dir) != KERNFS_DIR)
		return ERR_PTR(-ENOTDIR);
	kn = kernfs_find_and_get(dir, name);
	if (kn && kernfs_is_visible(kn))
		return kn;
	kernfs_put(kn);
	return ERR_PTR(-ENOENT);
}

/**
 * kernfs_list() - some children of a directory, in the order of their places
 * @dir: directory
 * @from: cursor, 0 for the first
 * @entries: gets the children
 * @max: length of @entries
 *
 * Context: may sleep.
 * Return: how many, with a reference on each that the caller has to drop; 0 there are no more;
 * -ENOENT @dir was removed.
 */
int kernfs_list(struct kernfs_node *dir, u64 from, struct kernfs_entry *entries, int max)
{
	struct kernfs_node *kn;
	int n = -ENOENT;

	down_read(&kernfs_rwsem);
	if (!kernfs_visible(dir))
		goto out;
	n = 0;
	for (kn = kernfs_first_from(dir, from); kn && n < max; kn = kernfs_next_sibling(kn)) {
		if (!kernfs_visible(kn))
			continue;
		entries[n].kn = kernfs_get(kn);
		entries[n].next = kernfs_place(kn) + 1;
		kernfs_fill_stat(kn, &entries[n].st);
		n++;
	}
out:
	up_read(&kernfs_rwsem);
	return n;
}
