// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Open files: how they are made, counted and released. What is done with them
 * is in read_write.c, the tables of descriptors are in fdtable.c.
 */
#include <linux/anon_inodes.h>
#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "chrdev.h"
#include "counts.h"
#include "files.h"

/* A file and its inode, which is of this file only. @opened: ->release() is due. */
struct open_file {
	struct file file;
	struct inode inode;
	bool opened;
	char name[];
};

static struct open_file *to_open_file(struct file *file)
{
	return container_of(file, struct open_file, file);
}

struct file *file_alloc(const char *name, int flags, umode_t mode, dev_t rdev)
{
	size_t len = strlen(name) + 1;
	struct open_file *of = kzalloc(sizeof(*of) + len, GFP_KERNEL);

	if (!of)
		return ERR_PTR(-ENOMEM);
	memcpy(of->name, name, len);
	of->inode.i_mode = mode;
	of->inode.i_rdev = rdev;
	of->file.f_inode = &of->inode;
	of->file.f_name = of->name;
	of->file.f_flags = (unsigned int)flags & ~(unsigned int)(O_CREAT | O_EXCL | O_CLOEXEC);
	/* O_RDONLY, O_WRONLY, O_RDWR are 0, 1, 2; the modes are bits. */
	of->file.f_mode = ((fmode_t)flags + 1) & (FMODE_READ | FMODE_WRITE);
	of->file.f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	atomic_long_set(&of->file.f_count, 1);
	mutex_init(&of->file.f_pos_lock);
	count_add(COUNT_FILES, 1);
	return &of->file;
}

static void file_free(struct file *file)
{
	mutex_destroy(&file->f_pos_lock);
	count_add(COUNT_FILES, -1);
	kfree(to_open_file(file));
}

void file_opened(struct file *file)
{
	if ((file->f_mode & FMODE_READ) && file->f_op->read)
		file->f_mode |= FMODE_CAN_READ;
	if ((file->f_mode & FMODE_WRITE) && file->f_op->write)
		file->f_mode |= FMODE_CAN_WRITE;
	to_open_file(file)->opened = true;
}

static void file_release(struct file *file)
{
	struct inode *inode = file->f_inode;

	if (to_open_file(file)->opened) {
		if ((file->f_flags & O_ASYNC) && file->f_op->fasync)
			file->f_op->fasync(-1, file, 0);
		if (file->f_op->release)
			file->f_op->release(inode, file);
		fops_put(file->f_op);
		if (inode->i_cdev)
			cdev_put(inode->i_cdev);
	}
	file_free(file);
}

/**
 * fput() - drop a reference on a file
 * @file: the file; with the last reference its ->release() is called before this returns
 *
 * Context: may sleep.
 */
void fput(struct file *file)
{
	if (atomic_long_dec_and_test(&file->f_count))
		file_release(file);
}
EXPORT_SYMBOL(fput);

/**
 * anon_inode_getfile() - make a file without a name in any directory
 * @name: for people: "[vfio-device]"
 * @fops: its operations; their module is referenced until the file is released
 * @priv: its private_data
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, O_NONBLOCK, O_CLOEXEC
 *
 * ->open() is not called.
 *
 * Context: may sleep.
 * Return: the file with one reference; ERR_PTR(-ENOENT) if the module is on its way out;
 * ERR_PTR(-ENOMEM).
 */
struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file;

	if (!fops_get(fops))
		return ERR_PTR(-ENOENT);
	file = file_alloc(name, flags & (O_ACCMODE | O_NONBLOCK), S_IRUSR | S_IWUSR, 0);
	if (IS_ERR(file)) {
		fops_put(fops);
		return file;
	}
	file->f_op = fops;
	file->private_data = priv;
	file_opened(file);
	return file;
}
EXPORT_SYMBOL(anon_inode_getfile);

/**
 * anon_inode_getfd() - make a file without a name and a descriptor for it
 * @name: as for anon_inode_getfile()
 * @fops: as for anon_inode_getfile()
 * @priv: as for anon_inode_getfile()
 * @flags: as for anon_inode_getfile()
 *
 * Context: may sleep.
 * Return: the descriptor; -EMFILE; else as anon_inode_getfile().
 */
int anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv, int flags)
{
	int fd = get_unused_fd_flags((unsigned int)flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, priv, flags);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned int)fd);
		return (int)PTR_ERR(file);
	}
	fd_install((unsigned int)fd, file);
	return fd;
}
EXPORT_SYMBOL(anon_inode_getfd);

/**
 * filp_open() - open a device node
 * @filename: "/dev/NAME"
 * @flags: O_RDONLY, O_WRONLY or O_RDWR, O_NONBLOCK
 * @mode: unused: nothing is created
 *
 * Context: may sleep.
 * Return: the file with one reference; ERR_PTR(-ENOENT) if there is no such node;
 * ERR_PTR(-ENXIO) if nothing answers on its number; ERR_PTR(-ENOMEM); what ->open() returned.
 */
struct file *filp_open(const char *filename, int flags, umode_t mode)
{
	struct devtmpfs_attr attr;
	const char *name;
	struct file *file;
	int err;

	if (!str_has_prefix(filename, "/dev/"))
		return ERR_PTR(-ENOENT);
	name = filename + strlen("/dev/");
	err = devtmpfs_lookup(name, &attr);
	if (err)
		return ERR_PTR(err);
	file = file_alloc(name, flags, attr.mode, attr.rdev);
	if (IS_ERR(file))
		return file;
	err = chrdev_open(file->f_inode, file);
	if (err) {
		fput(file);
		return ERR_PTR(err);
	}
	file_opened(file);
	return file;
}
EXPORT_SYMBOL(filp_open);

/**
 * filp_close() - be done with a file
 * @filp: the file, with a reference of the caller's that goes
 * @id: the owner of the table it was in, or NULL
 *
 * Context: may sleep.
 * Return: what ->flush() returned, 0 without one; the reference is gone in either case.
 */
int filp_close(struct file *filp, void *id)
{
	int ret = filp->f_op->flush ? filp->f_op->flush(filp, id) : 0;

	fput(filp);
	return ret;
}
EXPORT_SYMBOL(filp_close);
