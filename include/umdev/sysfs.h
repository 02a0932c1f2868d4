/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Views of the sysfs tree. The FUSE mount, the control socket and tests all see
 * the tree through this.
 *
 * A node is a directory, an attribute file or a symbolic link. It is counted:
 * who holds a reference may use it after it has been removed from the tree, and
 * then is told so (ENOENT, ENODEV). All functions may be called from any thread;
 * none may be called from a umdev_uevent_subscriber. Those that return a pointer
 * answer an error as a negative errno in it, as with the kernel's ERR_PTR(),
 * PTR_ERR() and IS_ERR() of <linux/err.h>.
 */
#ifndef UMDEV_SYSFS_H
#define UMDEV_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct kernfs_node;
struct umdev_sysfs_file;

/* What umdev_sysfs_setattr() shall set. */
#define UMDEV_SYSFS_MODE 1u
#define UMDEV_SYSFS_UID	 2u
#define UMDEV_SYSFS_GID	 4u

/* The inode number of the root. */
#define UMDEV_SYSFS_ROOT_INO 1

/**
 * umdev_sysfs_root() - the root directory
 *
 * Return: a reference, to be dropped with umdev_sysfs_put(); NULL where the runtime is not
 * initialised.
 */
struct kernfs_node *umdev_sysfs_root(void);

/**
 * umdev_sysfs_get() - take one more reference
 * @kn: a node on which the caller has one
 */
void umdev_sysfs_get(struct kernfs_node *kn);

/**
 * umdev_sysfs_put() - drop a reference
 * @kn: the node; NULL does nothing
 */
void umdev_sysfs_put(struct kernfs_node *kn);

/**
 * umdev_sysfs_lookup() - an entry of a directory
 * @dir: the directory
 * @name: one component; "." and ".." are not entries
 *
 * Context: may sleep.
 * Return: a reference; -ENOENT no such entry, or it is being removed; -ENOTDIR @dir is none.
 */
struct kernfs_node *umdev_sysfs_lookup(struct kernfs_node *dir, const char *name);

/**
 * umdev_sysfs_parent() - the directory that a node is in
 * @kn: the node
 *
 * Context: may sleep.
 * Return: a reference; the root is its own parent; -ENOENT @kn was removed.
 */
struct kernfs_node *umdev_sysfs_parent(struct kernfs_node *kn);

/**
 * umdev_sysfs_walk() - a node by its path
 * @path: from the root, with or without a slash at the beginning; "" is the root; "." and ".."
 *	components have their usual meaning
 * @follow: follow a link at the path's end too (those within are always followed)
 *
 * Context: may sleep.
 * Return: a reference; -ENOENT a component does not exist; -ENOTDIR one is not a directory;
 * -ELOOP more than 40 links; -ENAMETOOLONG @path has PATH_MAX bytes or more.
 */
struct kernfs_node *umdev_sysfs_walk(const char *path, bool follow);

/**
 * umdev_sysfs_path() - the path of a node
 * @kn: the node
 * @buf: gets the path from the root, beginning with a slash, with a NUL
 * @size: of @buf in bytes
 *
 * Context: may sleep.
 * Return: length of the path without the NUL; -ENAMETOOLONG @buf is too small; -ENOENT @kn was
 * removed.
 */
ssize_t umdev_sysfs_path(struct kernfs_node *kn, char *buf, size_t size);

/**
 * umdev_sysfs_stat() - attributes of a node
 * @kn: the node
 * @st: filled in: st_ino is unique and never used for another node while the process lives,
 *	st_nlink of a directory is 2 and one for each directory in it, st_size is 4096 for files,
 *	the length of the target for links, and 0 for directories
 *
 * Context: may sleep.
 * Return: 0; -ENOENT the node was removed.
 */
int umdev_sysfs_stat(struct kernfs_node *kn, struct stat *st);

/**
 * umdev_sysfs_setattr() - change mode and owner of a node
 * @kn: the node
 * @st: st_mode, st_uid, st_gid; only the permission bits of st_mode count
 * @valid: which of them, UMDEV_SYSFS_MODE, UMDEV_SYSFS_UID, UMDEV_SYSFS_GID
 *
 * Whether the caller may do that is the view's affair. The change lasts as long as the node.
 *
 * Context: may sleep.
 * Return: 0; -ENOENT the node was removed; -EINVAL @valid has other bits.
 */
int umdev_sysfs_setattr(struct kernfs_node *kn, const struct stat *st, unsigned int valid);

/**
 * umdev_sysfs_readlink() - where a link points to
 * @kn: the link
 * @buf: gets the target, relative to the link's directory, NUL-terminated
 * @size: of @buf in bytes
 *
 * Context: may sleep.
 * Return: length without the NUL; -EINVAL not a link; -ENAMETOOLONG @buf is too small; -ENOENT
 * the link was removed. Whether the target is still there does not matter.
 */
ssize_t umdev_sysfs_readlink(struct kernfs_node *kn, char *buf, size_t size);

/**
 * umdev_sysfs_readdir() - the entries of a directory
 * @dir: the directory
 * @cursor: where to begin, 0 at first; on return, where to go on
 * @fn: called for each entry but "." and "..", with no lock held; @next is the cursor behind
 *	the entry, greater than 2 and less than 2^63; a value other than 0 stops, leaves @cursor
 *	before the entry, and is returned
 * @data: for @fn
 *
 * Entries may come and go meanwhile, also between two calls: no entry is reported twice, and
 * none that is there all the time is missed.
 *
 * Context: may sleep.
 * Return: 0 at the end; what @fn answered; -ENOTDIR @dir is no directory; -ENOENT it was removed.
 */
int umdev_sysfs_readdir(struct kernfs_node *dir, uint64_t *cursor,
			int (*fn)(const char *name, const struct stat *st, uint64_t next,
				  void *data),
			void *data);

/**
 * umdev_sysfs_open() - open an attribute
 * @kn: the attribute
 * @flags: of these, O_ACCMODE counts
 *
 * Permission of one user or another is the view's affair. This refuses what nobody may: reading
 * where no class of users has the read bit or the attribute cannot be read, likewise writing.
 *
 * Context: may sleep.
 * Return: the open file, to be closed with umdev_sysfs_release(); -EACCES see above; -EISDIR
 * a directory; -ELOOP a link; -ENODEV removed; -ENOMEM.
 */
struct umdev_sysfs_file *umdev_sysfs_open(struct kernfs_node *kn, int flags);

/**
 * umdev_sysfs_read() - read from an attribute
 * @file: opened for reading
 * @buf: gets the bytes
 * @n: at most that many bytes
 * @off: where in the value; reading at 0 asks the driver for the value, reading behind it goes on
 *	in that same value
 *
 * Context: may sleep; runs the driver's callback.
 * Return: number of bytes, 0 at the end; -EBADF not open for reading; -EINVAL @off is negative;
 * -ENODEV the attribute was removed; -ENOMEM; any other error is the driver's.
 */
ssize_t umdev_sysfs_read(struct umdev_sysfs_file *file, char *buf, size_t n, off_t off);

/**
 * umdev_sysfs_write() - write to an attribute
 * @file: opened for writing
 * @buf: the bytes, all of one value
 * @n: how many; a value has one page at most, more is cut off
 * @off: ignored, as sysfs does
 *
 * Context: may sleep; runs the driver's callback, which may remove the attribute itself.
 * Return: number of bytes taken; -EBADF not open for writing; -ENODEV the attribute was removed;
 * -ENOMEM; any other error is the driver's.
 */
ssize_t umdev_sysfs_write(struct umdev_sysfs_file *file, const char *buf, size_t n, off_t off);

/**
 * umdev_sysfs_release() - close an attribute
 * @file: the open file; NULL does nothing
 */
void umdev_sysfs_release(struct umdev_sysfs_file *file);

#endif
