/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The sysfs tree as a FUSE file system.
 */
#ifndef UMDEV_FS_FS_H
#define UMDEV_FS_FS_H

#include <stdbool.h>
#include <umdev/error.h>

struct umdev_fs;

/**
 * umdev_fs_mount - mount the tree and serve it
 * @mountpoint: an existing directory, absolute path
 * @allow_other: let other users in; the files' modes decide then. Otherwise
 *	the mount is its owner's alone, root included.
 * @err: for a person, may be NULL
 *
 * Requests run on threads of their own, as many as there are callbacks of
 * drivers in progress and a few idle ones. One that blocks in a driver holds
 * up no other.
 *
 * Return: the file system, to be ended with umdev_fs_unmount(), or NULL with
 * @err set: ENOENT (no /dev/fuse, no fusermount3), EACCES, EPERM, ENOMEM or
 * what mount(2) says.
 */
struct umdev_fs *umdev_fs_mount(const char *mountpoint, bool allow_other, struct umdev_error *err);

/**
 * umdev_fs_unmount - take the tree away and free what served it
 * @fs: the file system; NULL is fine
 *
 * The mount goes at once even if files in it are open (they answer ENOTCONN).
 *
 * Context: Waits for callbacks of drivers that requests are in.
 */
void umdev_fs_unmount(struct umdev_fs *fs);

/**
 * umdev_fs_detach_stale - detach what a previous run left mounted
 * @mountpoint: absolute path
 * @err: for a person, may be NULL
 *
 * Detaches every umdev file system at @mountpoint whose server is gone.
 *
 * Return: 0 if nothing is mounted there (any more); -EBUSY for a mount that is
 * not umdev's or that is still served; what umount says otherwise.
 */
int umdev_fs_detach_stale(const char *mountpoint, struct umdev_error *err);

/**
 * umdev_fs_detach - detach a mount without looking at it
 * @mountpoint: absolute path
 *
 * For a process that has to end now. Only calls that are safe in any state.
 */
void umdev_fs_detach(const char *mountpoint);

#endif
