// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "root.h"
#include "root_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fs/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * What is there while the daemon is, each behind its parent: its own directories,
 * and those that mdevctl insists on where MDEVCTL_ENV_ROOT names the root.
 */
static const char *const root_dirs[] = {
	UMDEV_ROOT_SYS,
	"dev",
	UMDEV_ROOT_VFIO,
	"etc",
	"etc/mdevctl.d",
	"usr",
	"usr/lib",
	"usr/lib/mdevctl",
	"usr/lib/mdevctl/scripts.d",
	"usr/lib/mdevctl/scripts.d/callouts",
	"usr/lib/mdevctl/scripts.d/notifiers",
};

#define NDIRS (sizeof(root_dirs) / sizeof(root_dirs[0]))

static int set_paths(struct root *root, const char *given, struct umdev_error *err)
{
	const char *error = umdev_root_path(given, &root->path);

	if (error)
		return umdev_error_set(err, -EINVAL, "%s", error);
	if (strlen(root->path) > UMDEV_ROOT_MAX)
		return umdev_error_set(
			err, -ENAMETOOLONG,
			"the root is too long, %zu bytes; the path of a UNIX socket "
			"holds %d, which leaves %zu for ROOT in ROOT/%s/UUID; choose a "
			"shorter one than %.80s",
			strlen(root->path), UMDEV_SOCKET_PATH_MAX, UMDEV_ROOT_MAX, UMDEV_ROOT_VFIO,
			root->path);
	root->sys = umdev_root_file(root->path, UMDEV_ROOT_SYS);
	root->vfio = umdev_root_file(root->path, UMDEV_ROOT_VFIO);
	root->control = umdev_root_file(root->path, UMDEV_ROOT_CONTROL);
	if (!root->sys || !root->vfio || !root->control)
		return umdev_error_set(err, -ENOMEM, "out of memory");
	return 0;
}

static void free_paths(struct root *root)
{
	free(root->control);
	free(root->vfio);
	free(root->sys);
	free(root->path);
}

/* Nobody else may be able to put something in our way there. */
static int check_owner(int fd, const char *path, struct umdev_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return umdev_error_set(err, -errno, "cannot look at %s: %s", path, strerror(errno));
	if (st.st_uid != geteuid())
		return umdev_error_set(err, -EPERM,
				       "%s belongs to user %u; the root has to belong to who runs "
				       "umdevd, user %u",
				       path, st.st_uid, geteuid());
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return umdev_error_set(err, -EPERM,
				       "others may write in %s; expected a directory that only its "
				       "owner may write in (chmod go-w)",
				       path);
	return 0;
}

/* Makes @name in @dir_fd if it is not there; opens it. @path is for messages. */
static int open_dir(int dir_fd, const char *name, mode_t mode, const char *path,
		    struct umdev_error *err)
{
	int fd, ret;

	if (mkdirat(dir_fd, name, mode) < 0 && errno != EEXIST)
		return umdev_error_set(err, -errno, "cannot make the directory %s: %s", path,
				       strerror(errno));
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return umdev_error_set(err, -errno, "cannot open the directory %s: %s", path,
				       strerror(errno));
	ret = check_owner(fd, path, err);
	if (ret) {
		close(fd);
		return ret;
	}
	return fd;
}

static long read_pid(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		return 0;
	return strtol(text, NULL, 10);
}

/* -EAGAIN: the file was removed meanwhile, by a daemon that ended. */
static int lock_pid_file(struct root *root, struct umdev_error *err)
{
	struct stat locked, named;
	int fd;

	fd = openat(root->dir_fd, UMDEV_ROOT_PID, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return umdev_error_set(err, -errno, "cannot open %s/" UMDEV_ROOT_PID ": %s",
				       root->path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		umdev_error_set(err, -EALREADY,
				"a live umdevd, process %ld, serves %s; end it, or choose another "
				"root with --root",
				read_pid(fd), root->path);
		close(fd);
		return -EALREADY;
	}
	if (fstat(fd, &locked) < 0 ||
	    fstatat(root->dir_fd, UMDEV_ROOT_PID, &named, AT_SYMLINK_NOFOLLOW) < 0 ||
	    locked.st_ino != named.st_ino || locked.st_dev != named.st_dev) {
		close(fd);
		return -EAGAIN;
	}
	root->pid_fd = fd;
	return 0;
}

static int write_pid(struct root *root, struct umdev_error *err)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", getpid());

	if (ftruncate(root->pid_fd, 0) < 0 || pwrite(root->pid_fd, text, len, 0) != len)
		return umdev_error_set(err, -EIO, "cannot write %s/" UMDEV_ROOT_PID ": %s",
				       root->path, strerror(errno));
	return 0;
}

/*
 * A crashed daemon's control socket refuses connections. One that accepts them
 * has a live daemon behind it whose pid file somebody removed.
 */
static int remove_control(struct root *root, struct umdev_error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, ret;

	if (lstat(root->control, &st) < 0)
		return errno == ENOENT ? 0
				       : umdev_error_set(err, -errno, "cannot look at %s: %s",
							 root->control, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return umdev_error_set(err, -EEXIST,
				       "%s is in the way: expected nothing or a socket there; "
				       "remove it, or choose another root",
				       root->control);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return umdev_error_set(err, -errno, "cannot make a socket: %s", strerror(errno));
	strcpy(addr.sun_path, root->control);
	ret = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	close(fd);
	if (ret == 0 || errno == EAGAIN)
		return umdev_error_set(err, -EALREADY,
				       "another process serves %s; end it, or choose another root "
				       "with --root",
				       root->control);
	if (unlink(root->control) < 0)
		return umdev_error_set(err, -errno, "cannot remove the stale %s: %s", root->control,
				       strerror(errno));
	return 0;
}

static int remove_sockets(int dir_fd)
{
	int fd = openat(dir_fd, UMDEV_ROOT_VFIO, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -errno;
	}
	while ((entry = readdir(dir)))
		if (!fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISSOCK(st.st_mode))
			unlinkat(fd, entry->d_name, 0);
	closedir(dir);
	return 0;
}

static int clean_up(struct root *root, struct umdev_error *err)
{
	int ret;

	ret = remove_control(root, err);
	if (ret)
		return ret;
	ret = umdev_fs_detach_stale(root->sys, err);
	if (ret)
		return ret;
	ret = remove_sockets(root->dir_fd);
	if (ret)
		return umdev_error_set(err, ret, "cannot clean up %s: %s", root->vfio,
				       strerror(-ret));
	return 0;
}

static int make_tree(struct root *root, mode_t mode, struct umdev_error *err)
{
	char *path;
	size_t i;
	int fd;

	for (i = 0; i < NDIRS; i++) {
		path = umdev_root_file(root->path, root_dirs[i]);
		if (!path)
			return umdev_error_set(err, -ENOMEM, "out of memory");
		fd = open_dir(root->dir_fd, root_dirs[i], mode, path, err);
		free(path);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

int root_open(struct root *root, const char *given, bool allow_other, struct umdev_error *err)
{
	mode_t mode = allow_other ? 0755 : 0700;
	mode_t mask = umask(022);
	int ret;

	*root = (struct root){ .dir_fd = -1, .pid_fd = -1 };
	ret = set_paths(root, given, err);
	if (ret)
		goto err_paths;
	ret = open_dir(AT_FDCWD, root->path, mode, root->path, err);
	if (ret < 0)
		goto err_paths;
	root->dir_fd = ret;
	do {
		ret = lock_pid_file(root, err);
	} while (ret == -EAGAIN);
	if (ret)
		goto err_dir;
	ret = clean_up(root, err);
	if (!ret)
		ret = make_tree(root, mode, err);
	if (!ret)
		ret = write_pid(root, err);
	if (ret)
		goto err_pid;
	umask(mask);
	return 0;

err_pid:
	unlinkat(root->dir_fd, UMDEV_ROOT_PID, 0);
	close(root->pid_fd);
err_dir:
	close(root->dir_fd);
err_paths:
	free_paths(root);
	umask(mask);
	return ret;
}

void root_close(struct root *root)
{
	size_t i;

	unlinkat(root->dir_fd, UMDEV_ROOT_CONTROL, 0);
	/* A directory stays if it holds something, such as a device's definition. */
	for (i = NDIRS; i-- > 0;)
		unlinkat(root->dir_fd, root_dirs[i], AT_REMOVEDIR);
	unlinkat(root->dir_fd, UMDEV_ROOT_PID, 0);
	close(root->pid_fd);
	close(root->dir_fd);
	free_paths(root);
}

void root_abandon(struct root *root)
{
	unlinkat(root->dir_fd, UMDEV_ROOT_CONTROL, 0);
	remove_sockets(root->dir_fd);
	umdev_fs_detach(root->sys);
	unlinkat(root->dir_fd, UMDEV_ROOT_PID, 0);
}
