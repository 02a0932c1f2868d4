/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Where a daemon and its clients meet: the root directory and what is in it.
 */
#ifndef UMDEV_DAEMON_ROOT_PATH_H
#define UMDEV_DAEMON_ROOT_PATH_H

#include <stddef.h>
#include <stdint.h>

/* Relative to the root. */
#define UMDEV_ROOT_SYS	   "sys"
#define UMDEV_ROOT_VFIO	   "dev/vfio"
#define UMDEV_ROOT_CONTROL "control"
#define UMDEV_ROOT_PID	   "umdevd.pid"

/* Bytes of a UNIX socket's path, without the NUL. */
#define UMDEV_SOCKET_PATH_MAX 107
/* A root for which ROOT/dev/vfio/UUID is no longer than that. */
#define UMDEV_ROOT_MAX (UMDEV_SOCKET_PATH_MAX - sizeof(UMDEV_ROOT_VFIO) - 1 - 36)

/**
 * umdev_root_path - the root directory's path
 * @given: what the user named, NULL or "" for the default: /run/umdev for
 *	root, $XDG_RUNTIME_DIR/umdev otherwise
 * @path: receives the absolute path, to be freed; without slashes at its end
 *
 * The path is not looked up, so it need not exist.
 *
 * Return: NULL, or what is wrong, for a person.
 */
const char *umdev_root_path(const char *given, char **path);

/**
 * umdev_root_file - the path of something in the root
 * @root: the root's path
 * @name: one of UMDEV_ROOT_*
 *
 * Return: the path, to be freed, or NULL without memory.
 */
char *umdev_root_file(const char *root, const char *name);

#endif
