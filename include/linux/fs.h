/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_FS_H
#define UMDEV_LINUX_FS_H

#include_next <linux/fs.h>
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/stat.h>
#include <linux/types.h>
#include <fcntl.h>

struct cdev;
struct file;
struct inode;
struct module;
struct poll_table_struct;
struct vm_area_struct;

#define FMODE_READ	((fmode_t)0x1)
#define FMODE_WRITE	((fmode_t)0x2)
#define FMODE_LSEEK	((fmode_t)0x4)
#define FMODE_PREAD	((fmode_t)0x8)
#define FMODE_PWRITE	((fmode_t)0x10)
#define FMODE_EXEC	((fmode_t)0x20)
#define FMODE_NOWAIT	((fmode_t)0x8000000)
#define FMODE_CAN_READ	((fmode_t)0x20000)
#define FMODE_CAN_WRITE ((fmode_t)0x40000)

/* What a file can do. A member that is NULL is a thing it cannot. */
struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read)(struct file *file, char __user *buf, size_t count, loff_t *ppos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t count, loff_t *ppos);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *wait);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	long (*compat_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file, void *id);
	int (*release)(struct inode *inode, struct file *file);
	int (*fsync)(struct file *file, loff_t start, loff_t end, int datasync);
	int (*fasync)(int fd, struct file *file, int on);
};

/* A device node, or the nameless inode of an anonymous file. It lives as long as its file. */
struct inode {
	umode_t i_mode;
	dev_t i_rdev;
	struct cdev *i_cdev; /* set by chrdev_open() */
	void *i_private;
};

/*
 * An open file. Its references are those of descriptor tables and of
 * get_file()/fget(); the last to go calls ->release() there and then.
 */
struct file {
	const struct file_operations *f_op;
	void *private_data;   /* the driver's */
	unsigned int f_flags; /* O_… */
	fmode_t f_mode;
	atomic_long_t f_count;
	loff_t f_pos; /* under @f_pos_lock */
	struct mutex f_pos_lock;
	struct inode *f_inode;
	const char *f_name; /* for people: "[vfio-device]", "vfio/0" */
};

static inline struct inode *file_inode(const struct file *f)
{
	return f->f_inode;
}

static inline unsigned int iminor(const struct inode *inode)
{
	return MINOR(inode->i_rdev);
}

static inline unsigned int imajor(const struct inode *inode)
{
	return MAJOR(inode->i_rdev);
}

static inline struct file *get_file(struct file *f)
{
	atomic_long_inc(&f->f_count);
	return f;
}

#define file_count(x) atomic_long_read(&(x)->f_count)

#define fops_get(fops)                                                  \
	({                                                              \
		const struct file_operations *__fops = (fops);          \
		__fops &&try_module_get(__fops->owner) ? __fops : NULL; \
	})
#define fops_put(fops)                                         \
	do {                                                   \
		const struct file_operations *__fops = (fops); \
                                                               \
		if (__fops)                                    \
			module_put(__fops->owner);             \
	} while (0)
/* Hands @fops, with the reference from fops_get(), to @f during its open. */
#define replace_fops(f, fops)              \
	do {                               \
		struct file *__file = (f); \
                                           \
		fops_put(__file->f_op);    \
		__file->f_op = (fops);     \
	} while (0)

struct file *filp_open(const char *filename, int flags, umode_t mode);
int filp_close(struct file *filp, void *id);
ssize_t vfs_read(struct file *file, char __user *buf, size_t count, loff_t *pos);
ssize_t vfs_write(struct file *file, const char __user *buf, size_t count, loff_t *pos);
long vfs_ioctl(struct file *filp, unsigned int cmd, unsigned long arg);
int vfs_mmap(struct file *file, struct vm_area_struct *vma);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
loff_t no_llseek(struct file *file, loff_t offset, int whence);
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
int nonseekable_open(struct inode *inode, struct file *filp);
int stream_open(struct inode *inode, struct file *filp);
long compat_ptr_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos, const void *from,
				size_t available);
ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos, const void __user *from,
			       size_t count);

int register_chrdev_region(dev_t from, unsigned int count, const char *name);
int alloc_chrdev_region(dev_t *dev, unsigned int baseminor, unsigned int count, const char *name);
void unregister_chrdev_region(dev_t from, unsigned int count);

#endif /* UMDEV_LINUX_FS_H */
