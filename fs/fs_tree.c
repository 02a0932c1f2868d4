// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Directories, links and attributes of files: the FUSE operations that look at
 * the tree and call no driver.
 */
#include "fs_private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>

/*
 * Nothing is cached. Devices come and go by themselves, and what is gone must
 * answer ENOENT to the very next caller.
 */
#define FS_TIMEOUT 0.0

/* The cursors of "." and "..", which the tree leaves to its views. */
#define CURSOR_DOT    1
#define CURSOR_DOTDOT 2

static struct kernfs_node *kn_of(fuse_req_t req, fuse_ino_t ino)
{
	return fs_nodes_kn(&fs_of(req)->nodes, ino);
}

static void fs_init(void *userdata, struct fuse_conn_info *conn)
{
	/*
	 * O_TRUNC in open would make the kernel take the file for empty and
	 * serialise the writers of it; as a request of its own it does nothing.
	 * With time-outs of zero, readdirplus would fetch attributes in vain.
	 */
	conn->want &= ~(FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
			FUSE_CAP_SPLICE_MOVE | FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO);
}

static void fs_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct umdev_fs *fs = fs_of(req);
	struct fuse_entry_param entry = {
		.attr_timeout = FS_TIMEOUT,
		.entry_timeout = FS_TIMEOUT,
	};
	struct kernfs_node *kn = umdev_sysfs_lookup(kn_of(req, parent), name);
	int ret;

	if (IS_ERR(kn)) {
		fuse_reply_err(req, fs_errno(PTR_ERR(kn)));
		return;
	}
	ret = umdev_sysfs_stat(kn, &entry.attr);
	if (ret) {
		umdev_sysfs_put(kn);
		fuse_reply_err(req, fs_errno(ret));
		return;
	}
	ret = fs_nodes_remember(&fs->nodes, kn, &entry.attr, &entry.ino);
	if (ret) {
		fuse_reply_err(req, fs_errno(ret));
		return;
	}
	/* The kernel counts a look-up only if it took the answer. */
	if (fuse_reply_entry(req, &entry) < 0)
		fs_nodes_forget(&fs->nodes, entry.ino, 1);
}

static void fs_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
	fs_nodes_forget(&fs_of(req)->nodes, ino, nlookup);
	fuse_reply_none(req);
}

static void fs_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	size_t i;

	for (i = 0; i < count; i++)
		fs_nodes_forget(&fs_of(req)->nodes, forgets[i].ino, forgets[i].nlookup);
	fuse_reply_none(req);
}

static void reply_attr(fuse_req_t req, fuse_ino_t ino)
{
	struct stat st;
	int ret = fs_nodes_stat(&fs_of(req)->nodes, ino, &st);

	if (ret)
		fuse_reply_err(req, fs_errno(ret));
	else
		fuse_reply_attr(req, &st, FS_TIMEOUT);
}

static void fs_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	reply_attr(req, ino);
}

/* Size and times can be set and stay what they are, as in sysfs. */
static void fs_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		       struct fuse_file_info *fi)
{
	unsigned int valid = 0;
	int ret = 0;

	if (to_set & FUSE_SET_ATTR_MODE)
		valid |= UMDEV_SYSFS_MODE;
	if (to_set & FUSE_SET_ATTR_UID)
		valid |= UMDEV_SYSFS_UID;
	if (to_set & FUSE_SET_ATTR_GID)
		valid |= UMDEV_SYSFS_GID;
	if (valid)
		ret = umdev_sysfs_setattr(kn_of(req, ino), attr, valid);
	if (ret)
		fuse_reply_err(req, fs_errno(ret));
	else
		reply_attr(req, ino);
}

static void fs_readlink(fuse_req_t req, fuse_ino_t ino)
{
	char target[PATH_MAX];
	ssize_t ret = umdev_sysfs_readlink(kn_of(req, ino), target, sizeof(target));

	if (ret < 0)
		fuse_reply_err(req, fs_errno(ret));
	else
		fuse_reply_readlink(req, target);
}

/* The answer to one readdir while it is filled. */
struct listing {
	fuse_req_t req;
	char *buf;
	size_t size;
	size_t used;
};

static int list_entry(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct listing *listing = data;
	size_t room = listing->size - listing->used;
	size_t need =
		fuse_add_direntry(listing->req, listing->buf + listing->used, room, name, st, next);

	if (need > room)
		return -ENOSPC;
	listing->used += need;
	return 0;
}

static int list_dots(struct listing *listing, fuse_ino_t ino, uint64_t *cursor)
{
	struct umdev_fs *fs = fs_of(listing->req);
	struct kernfs_node *parent;
	struct stat st;
	int ret;

	ret = fs_nodes_stat(&fs->nodes, ino, &st);
	if (ret)
		return ret;
	if (*cursor < CURSOR_DOT) {
		ret = list_entry(".", &st, CURSOR_DOT, listing);
		if (ret)
			return ret;
		*cursor = CURSOR_DOT;
	}
	parent = umdev_sysfs_parent(fs_nodes_kn(&fs->nodes, ino));
	if (!IS_ERR(parent)) {
		umdev_sysfs_stat(parent, &st);
		umdev_sysfs_put(parent);
	}
	ret = list_entry("..", &st, CURSOR_DOTDOT, listing);
	if (!ret)
		*cursor = CURSOR_DOTDOT;
	return ret;
}

static int list_entries(struct listing *listing, fuse_ino_t ino, uint64_t cursor)
{
	int ret;

	if (cursor < CURSOR_DOTDOT) {
		ret = list_dots(listing, ino, &cursor);
		if (ret)
			return ret;
	}
	cursor = cursor == CURSOR_DOTDOT ? 0 : cursor;
	ret = umdev_sysfs_readdir(kn_of(listing->req, ino), &cursor, list_entry, listing);
	/* A directory that was removed while it is open has no entries. */
	return ret == -ENOENT ? 0 : ret;
}

static void fs_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	struct listing listing = { .req = req, .size = size };
	int ret;

	listing.buf = malloc(size);
	if (!listing.buf) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	ret = list_entries(&listing, ino, off);
	if (ret && ret != -ENOSPC)
		fuse_reply_err(req, fs_errno(ret));
	else
		fuse_reply_buf(req, listing.buf, listing.used);
	free(listing.buf);
}

static void fs_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs st = {
		.f_bsize = 4096,
		.f_frsize = 4096,
		.f_namemax = NAME_MAX,
	};

	fuse_reply_statfs(req, &st);
}

/* What only drivers can do; the errors are those of a directory of sysfs. */

static void fs_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	fuse_reply_err(req, EPERM);
}

static void fs_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		      struct fuse_file_info *fi)
{
	fuse_reply_err(req, EACCES);
}

static void fs_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	fuse_reply_err(req, EPERM);
}

static void fs_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

static void fs_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

static void fs_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t newparent,
		      const char *newname, unsigned int flags)
{
	fuse_reply_err(req, EPERM);
}

static void fs_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t newparent, const char *newname)
{
	fuse_reply_err(req, EPERM);
}

const struct fuse_lowlevel_ops fs_operations = {
	.init = fs_init,
	.lookup = fs_lookup,
	.forget = fs_forget,
	.forget_multi = fs_forget_multi,
	.getattr = fs_getattr,
	.setattr = fs_setattr,
	.readlink = fs_readlink,
	.readdir = fs_readdir,
	.statfs = fs_statfs,
	.open = fs_open,
	.read = fs_read,
	.write = fs_write,
	.release = fs_release,
	.mknod = fs_mknod,
	.create = fs_create,
	.mkdir = fs_mkdir,
	.unlink = fs_unlink,
	.rmdir = fs_unlink,
	.symlink = fs_symlink,
	.rename = fs_rename,
	.link = fs_link,
};
