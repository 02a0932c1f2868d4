// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Mounting, and the opposite in all its forms.
 */
#include "fs.h"
#include "fs_private.h"

#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/printk.h>

#define FS_TYPE	   "fuse.umdev"
#define FUSERMOUNT "fusermount3"

/*
 * What libfuse last complained of while a mount was under way, for the error's
 * text; else its messages go to the log. One thread mounts at a time.
 */
static _Thread_local char *complaint;
#define COMPLAINT_SIZE 160

static void take_message(enum fuse_log_level level, const char *fmt, va_list args)
{
	char text[COMPLAINT_SIZE];
	size_t len;

	vsnprintf(text, sizeof(text), fmt, args);
	len = strlen(text);
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (complaint)
		memcpy(complaint, text, sizeof(text));
	else
		pr_warn("fs: %s\n", text);
}

static bool have_fusermount(void)
{
	const char *path = getenv("PATH");
	char *dirs, *dir, *rest = NULL, file[PATH_MAX];
	bool found = false;

	if (asprintf(&dirs, "/usr/bin:%s", path ? path : "") < 0)
		return false;
	for (dir = strtok_r(dirs, ":", &rest); dir && !found; dir = strtok_r(NULL, ":", &rest)) {
		snprintf(file, sizeof(file), "%s/" FUSERMOUNT, dir);
		found = access(file, X_OK) == 0;
	}
	free(dirs);
	return found;
}

static int check_prerequisites(struct umdev_error *err)
{
	if (access("/dev/fuse", F_OK) < 0)
		return umdev_error_set(
			err, -errno,
			"there is no /dev/fuse: the kernel has no FUSE, or this is a "
			"container without it (modprobe fuse, or --device /dev/fuse)");
	if (geteuid() != 0 && !have_fusermount())
		return umdev_error_set(err, -ENOENT,
				       "there is no " FUSERMOUNT
				       " in $PATH, which mounts for users "
				       "other than root (install the package fuse3)");
	return 0;
}

static struct fuse_session *new_session(struct umdev_fs *fs, bool allow_other)
{
	char options[] = "-ofsname=umdev,subtype=umdev,default_permissions,allow_other";
	char *argv[] = { "umdevd", options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, argv);
	struct fuse_session *session;

	if (!allow_other)
		*strstr(options, ",allow_other") = '\0';
	session = fuse_session_new(&args, &fs_operations, sizeof(fs_operations), fs);
	fuse_opt_free_args(&args);
	return session;
}

static int mount_session(struct umdev_fs *fs, const char *mountpoint, bool allow_other,
			 struct umdev_error *err)
{
	const char *otherwise = "see the message of " FUSERMOUNT;
	char text[COMPLAINT_SIZE] = "";
	int ret;

	complaint = text;
	errno = 0;
	ret = fuse_session_mount(fs->session, mountpoint);
	complaint = NULL;
	if (ret == 0)
		return 0;
	if (allow_other && geteuid() != 0)
		otherwise = "to allow others, /etc/fuse.conf has to contain user_allow_other";
	return umdev_error_set(err, errno ? -errno : -EPERM, "cannot mount on %s: %s", mountpoint,
			       text[0] ? text : otherwise);
}

struct umdev_fs *umdev_fs_mount(const char *mountpoint, bool allow_other, struct umdev_error *err)
{
	struct umdev_fs *fs;
	int ret;

	if (check_prerequisites(err))
		return NULL;
	fs = calloc(1, sizeof(*fs));
	if (!fs) {
		umdev_error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	fs_nodes_init(&fs->nodes);
	fs_files_init(&fs->files);
	fuse_set_log_func(take_message);
	fs->session = new_session(fs, allow_other);
	if (!fs->session) {
		umdev_error_set(err, -ENOMEM, "libfuse refuses to make a session");
		goto err_nodes;
	}
	if (mount_session(fs, mountpoint, allow_other, err))
		goto err_session;
	ret = fs_workers_start(&fs->workers, fs->session);
	if (ret) {
		umdev_error_set(err, ret, "cannot start the threads of the mount: %s",
				strerror(-ret));
		goto err_mount;
	}
	return fs;

err_mount:
	fuse_session_unmount(fs->session);
err_session:
	fuse_session_destroy(fs->session);
err_nodes:
	fs_files_finish(&fs->files);
	fs_nodes_finish(&fs->nodes);
	free(fs);
	return NULL;
}

void umdev_fs_unmount(struct umdev_fs *fs)
{
	if (!fs)
		return;
	/* In this order: a thread in a request still writes its answer to the session. */
	fs_workers_stop(&fs->workers);
	fuse_session_unmount(fs->session);
	fuse_session_destroy(fs->session);
	fs_files_finish(&fs->files);
	fs_nodes_finish(&fs->nodes);
	free(fs);
}

static int run_fusermount(const char *mountpoint)
{
	char *argv[] = { FUSERMOUNT, "-u", "-z", "-q", (char *)mountpoint, NULL };
	int status;
	pid_t pid;
	int ret;

	ret = posix_spawnp(&pid, FUSERMOUNT, NULL, NULL, argv, environ);
	if (ret)
		return -ret;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

static int detach(const char *mountpoint)
{
	if (umount2(mountpoint, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		return 0;
	return errno == EPERM ? run_fusermount(mountpoint) : -errno;
}

void umdev_fs_detach(const char *mountpoint)
{
	detach(mountpoint);
}

/* Type of the topmost file system at @mountpoint, "" if there is none. */
static int mounted_type(const char *mountpoint, char *type, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent entry;
	char line[2 * PATH_MAX];

	if (!mounts)
		return -errno;
	type[0] = '\0';
	while (getmntent_r(mounts, &entry, line, sizeof(line)))
		if (strcmp(entry.mnt_dir, mountpoint) == 0)
			snprintf(type, size, "%s", entry.mnt_type);
	endmntent(mounts);
	return 0;
}

/* The mount table knows real paths; what is below the last slash may be dead. */
static int real_mountpoint(const char *mountpoint, char real[PATH_MAX])
{
	const char *name = strrchr(mountpoint, '/');
	char *dir = strndup(mountpoint, name - mountpoint + 1);
	char *found;
	int ret = 0;

	if (!dir)
		return -ENOMEM;
	found = realpath(dir, NULL);
	if (!found)
		ret = -errno;
	else if (snprintf(real, PATH_MAX, "%s%s", found[1] ? found : "", name) >= PATH_MAX)
		ret = -ENAMETOOLONG;
	free(found);
	free(dir);
	return ret;
}

int umdev_fs_detach_stale(const char *mountpoint, struct umdev_error *err)
{
	char real[PATH_MAX], type[64];
	struct stat st;
	int ret;

	ret = real_mountpoint(mountpoint, real);
	if (ret == -ENOENT)
		return 0;
	while (!ret) {
		ret = mounted_type(real, type, sizeof(type));
		if (ret)
			break;
		if (!type[0])
			return 0;
		if (strcmp(type, FS_TYPE))
			return umdev_error_set(err, -EBUSY,
					       "a file system of type %s is mounted on %s; unmount "
					       "it, or choose another root",
					       type, mountpoint);
		if (stat(real, &st) == 0 || errno != ENOTCONN)
			return umdev_error_set(err, -EBUSY,
					       "the mount on %s is served by another process; end "
					       "that, or choose another root",
					       mountpoint);
		pr_info("fs: detaching what a previous run left mounted on %s\n", mountpoint);
		ret = detach(real);
	}
	return umdev_error_set(err, ret, "cannot detach the stale mount on %s: %s", mountpoint,
			       strerror(-ret));
}
