// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Inodes: which nodes of the tree the kernel knows, and how often it was told.
 */
#include "fs_private.h"

#include <errno.h>
#include <stdlib.h>

void fs_nodes_init(struct fs_nodes *nodes)
{
	nodes->by_kn = RB_ROOT;
	nodes->root = umdev_sysfs_root();
	pthread_mutex_init(&nodes->lock, NULL);
}

void fs_nodes_finish(struct fs_nodes *nodes)
{
	struct rb_node *rb;

	while ((rb = rb_first(&nodes->by_kn))) {
		struct fs_node *node = rb_entry(rb, struct fs_node, rb);

		rb_erase(rb, &nodes->by_kn);
		umdev_sysfs_put(node->kn);
		free(node);
	}
	umdev_sysfs_put(nodes->root);
	pthread_mutex_destroy(&nodes->lock);
}

/*
 * The kernel sends no number that it has not been given and not forgotten, so
 * the node stays while the request runs.
 */
struct kernfs_node *fs_nodes_kn(struct fs_nodes *nodes, fuse_ino_t ino)
{
	return ino == FUSE_ROOT_ID ? nodes->root : ((struct fs_node *)(uintptr_t)ino)->kn;
}

/* Takes over the caller's reference on @kn, also when it fails. */
int fs_nodes_remember(struct fs_nodes *nodes, struct kernfs_node *kn, const struct stat *st,
		      fuse_ino_t *ino)
{
	struct rb_node **link = &nodes->by_kn.rb_node, *parent = NULL;
	struct fs_node *node;
	int ret = 0;

	pthread_mutex_lock(&nodes->lock);
	while (*link) {
		parent = *link;
		node = rb_entry(parent, struct fs_node, rb);
		if (kn == node->kn)
			goto known;
		link = kn < node->kn ? &parent->rb_left : &parent->rb_right;
	}
	node = malloc(sizeof(*node));
	if (!node) {
		ret = -ENOMEM;
		goto out;
	}
	node->kn = kn;
	node->nlookup = 1;
	node->last = *st;
	rb_link_node(&node->rb, parent, link);
	rb_insert_color(&node->rb, &nodes->by_kn);
	*ino = (uintptr_t)node;
	kn = NULL;
	goto out;

known:
	node->nlookup++;
	node->last = *st;
	*ino = (uintptr_t)node;
out:
	pthread_mutex_unlock(&nodes->lock);
	if (kn)
		umdev_sysfs_put(kn);
	return ret;
}

/*
 * The kernel asks for a removed node only where somebody has it open; a file
 * without a name has attributes all the same.
 */
int fs_nodes_stat(struct fs_nodes *nodes, fuse_ino_t ino, struct stat *st)
{
	int ret = umdev_sysfs_stat(fs_nodes_kn(nodes, ino), st);

	if (ret != -ENOENT || ino == FUSE_ROOT_ID)
		return ret;
	pthread_mutex_lock(&nodes->lock);
	*st = ((struct fs_node *)(uintptr_t)ino)->last;
	pthread_mutex_unlock(&nodes->lock);
	st->st_nlink = 0;
	return 0;
}

void fs_nodes_forget(struct fs_nodes *nodes, fuse_ino_t ino, uint64_t nlookup)
{
	struct fs_node *node = (struct fs_node *)(uintptr_t)ino;

	if (ino == FUSE_ROOT_ID)
		return;
	pthread_mutex_lock(&nodes->lock);
	node->nlookup -= nlookup < node->nlookup ? nlookup : node->nlookup;
	if (node->nlookup)
		node = NULL;
	else
		rb_erase(&node->rb, &nodes->by_kn);
	pthread_mutex_unlock(&nodes->lock);
	if (!node)
		return;
	umdev_sysfs_put(node->kn);
	free(node);
}
