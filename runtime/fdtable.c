// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Tables of descriptors. A descriptor is free, reserved (its bit is set, no
 * file yet) or open.
 *
 * Lock order: files->lock is a leaf; files are released without it.
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "files.h"

#define FDS_FIRST 64u
#define FDS_MAX	  65536u

/* @lock covers the rest but @count. @fd and @used have room for @size descriptors. */
struct files_struct {
	refcount_t count;
	bool shared; /* the table that threads start with: never freed */
	spinlock_t lock;
	unsigned int size;
	struct file **fd;
	unsigned long *used;
};

static struct files_struct shared_files = {
	.count = REFCOUNT_INIT(1),
	.shared = true,
	.lock = __SPIN_LOCK_UNLOCKED(shared_files.lock),
};

struct files_struct *get_shared_files(void)
{
	return &shared_files;
}

struct files_struct *umdev_files_create(void)
{
	struct files_struct *files = kzalloc(sizeof(*files), GFP_KERNEL);

	if (!files)
		return NULL;
	refcount_set(&files->count, 1);
	spin_lock_init(&files->lock);
	return files;
}
EXPORT_SYMBOL_GPL(umdev_files_create);

struct files_struct *umdev_files_switch(struct files_struct *files)
{
	struct task_struct *task = current;
	struct files_struct *old = task->files;

	task->files = files;
	return old;
}
EXPORT_SYMBOL_GPL(umdev_files_switch);

/**
 * get_files_struct() - the table of a task
 * @task: the task, which is the caller or does not switch tables meanwhile
 *
 * Context: any.
 * Return: the table, with a reference of the caller's.
 */
struct files_struct *get_files_struct(struct task_struct *task)
{
	if (!task->files->shared)
		refcount_inc(&task->files->count);
	return task->files;
}
EXPORT_SYMBOL(get_files_struct);

static void close_all(struct files_struct *files)
{
	for (unsigned int fd = 0; fd < files->size; fd++)
		if (files->fd[fd])
			filp_close(files->fd[fd], files);
	kfree(files->fd);
	bitmap_free(files->used);
	files->fd = NULL;
	files->used = NULL;
	files->size = 0;
}

/**
 * put_files_struct() - drop a reference on a table
 * @files: the table; the last reference closes its files
 *
 * Context: may sleep.
 */
void put_files_struct(struct files_struct *files)
{
	if (files->shared || !refcount_dec_and_test(&files->count))
		return;
	close_all(files);
	kfree(files);
}
EXPORT_SYMBOL(put_files_struct);

void close_shared_files(void)
{
	close_all(&shared_files);
}

/* Under files->lock. */
static int grow(struct files_struct *files)
{
	unsigned int size = files->size ? 2 * files->size : FDS_FIRST;
	unsigned long *used;
	struct file **fd;

	if (size > FDS_MAX)
		return -EMFILE;
	fd = kcalloc(size, sizeof(*fd), GFP_KERNEL);
	used = bitmap_zalloc(size, GFP_KERNEL);
	if (!fd || !used) {
		kfree(fd);
		bitmap_free(used);
		return -ENOMEM;
	}
	if (files->size) {
		memcpy(fd, files->fd, files->size * sizeof(*fd));
		memcpy(used, files->used, files->size / BITS_PER_BYTE);
	}
	kfree(files->fd);
	bitmap_free(files->used);
	files->fd = fd;
	files->used = used;
	files->size = size;
	return 0;
}

/**
 * get_unused_fd_flags() - reserve a descriptor in the caller's table
 * @flags: O_CLOEXEC means nothing here
 *
 * Context: may sleep.
 * Return: the lowest free descriptor; -EMFILE if there are 65,536 already; -ENOMEM.
 */
int get_unused_fd_flags(unsigned int flags)
{
	struct files_struct *files = current->files;
	unsigned long fd;
	int err = 0;

	spin_lock(&files->lock);
	fd = find_first_zero_bit(files->used, files->size);
	if (fd == files->size)
		err = grow(files);
	if (!err)
		__set_bit((long)fd, files->used);
	spin_unlock(&files->lock);
	return err ? err : (int)fd;
}
EXPORT_SYMBOL(get_unused_fd_flags);

/**
 * put_unused_fd() - give a reserved descriptor back
 * @fd: from get_unused_fd_flags(), without a file yet
 *
 * Context: any.
 */
void put_unused_fd(unsigned int fd)
{
	struct files_struct *files = current->files;

	spin_lock(&files->lock);
	if (!WARN_ON(fd >= files->size || files->fd[fd]))
		__clear_bit((long)fd, files->used);
	spin_unlock(&files->lock);
}
EXPORT_SYMBOL(put_unused_fd);

/**
 * fd_install() - let a reserved descriptor stand for a file
 * @fd: from get_unused_fd_flags()
 * @file: the file; the caller's reference goes to the table
 *
 * Context: any.
 */
void fd_install(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;

	spin_lock(&files->lock);
	BUG_ON(fd >= files->size || files->fd[fd]);
	files->fd[fd] = file;
	spin_unlock(&files->lock);
}
EXPORT_SYMBOL(fd_install);

/**
 * fget() - the file of a descriptor in the caller's table
 * @fd: the descriptor
 *
 * Context: any.
 * Return: the file with a reference of the caller's, or NULL.
 */
struct file *fget(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (fd < files->size && files->fd[fd])
		file = get_file(files->fd[fd]);
	spin_unlock(&files->lock);
	return file;
}
EXPORT_SYMBOL(fget);

/**
 * close_fd() - close a descriptor in the caller's table
 * @fd: the descriptor
 *
 * Context: may sleep.
 * Return: 0; -EBADF if it is not open; what ->flush() returned.
 */
int close_fd(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (fd < files->size && files->fd[fd]) {
		file = files->fd[fd];
		files->fd[fd] = NULL;
		__clear_bit((long)fd, files->used);
	}
	spin_unlock(&files->lock);
	return file ? filp_close(file, files) : -EBADF;
}
EXPORT_SYMBOL(close_fd);
