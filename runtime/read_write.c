// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* What is done with open files: the checks of Linux 5.10's system calls, then the operation. */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

/* One call moves no more, so that lengths fit into an int. */
#define MAX_RW_COUNT ((size_t)INT_MAX & PAGE_MASK)

static int check_range(const struct file *file, const loff_t *pos, size_t count)
{
	loff_t end;

	if ((ssize_t)count < 0)
		return -EINVAL;
	if (pos && (*pos < 0 || check_add_overflow(*pos, (loff_t)count, &end)))
		return -EINVAL;
	return 0;
}

/**
 * vfs_read() - read from a file
 * @file: the file
 * @buf: where to, user memory (see <umdev/uaccess.h>)
 * @count: bytes; at most 2 GiB less a page are read
 * @pos: where from; moved
 *
 * Context: may sleep.
 * Return: bytes read; -EBADF if it is not open for reading; -EINVAL if it cannot be read or the
 * range is none; -EFAULT; what ->read() returned.
 */
ssize_t vfs_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	int err;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!(file->f_mode & FMODE_CAN_READ))
		return -EINVAL;
	if (!access_ok(buf, count))
		return -EFAULT;
	err = check_range(file, pos, count);
	if (err)
		return err;
	return file->f_op->read(file, buf, min(count, MAX_RW_COUNT), pos);
}
EXPORT_SYMBOL(vfs_read);

/**
 * vfs_write() - write to a file
 * @file: the file
 * @buf: where from, user memory
 * @count: bytes; at most 2 GiB less a page are written
 * @pos: where to; moved
 *
 * Context: may sleep.
 * Return: bytes written; -EBADF if it is not open for writing; -EINVAL if it cannot be written or
 * the range is none; -EFAULT; what ->write() returned.
 */
ssize_t vfs_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!(file->f_mode & FMODE_CAN_WRITE))
		return -EINVAL;
	if (!access_ok(buf, count))
		return -EFAULT;
	err = check_range(file, pos, count);
	if (err)
		return err;
	return file->f_op->write(file, buf, min(count, MAX_RW_COUNT), pos);
}
EXPORT_SYMBOL(vfs_write);

/**
 * vfs_ioctl() - control a file
 * @filp: the file
 * @cmd: the command
 * @arg: its argument, a number or a user pointer
 *
 * Context: may sleep.
 * Return: what ->unlocked_ioctl() returned; -ENOTTY if there is none or it does not know @cmd.
 */
long vfs_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	long ret = -ENOTTY;

	if (filp->f_op->unlocked_ioctl)
		ret = filp->f_op->unlocked_ioctl(filp, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}
EXPORT_SYMBOL(vfs_ioctl);

/**
 * compat_ptr_ioctl() - ->compat_ioctl() of a file whose arguments are the same in 32 bits
 * @file: the file
 * @cmd: the command
 * @arg: its argument
 *
 * Context: may sleep.
 * Return: what ->unlocked_ioctl() returned; -ENOIOCTLCMD if there is none.
 */
long compat_ptr_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!file->f_op->unlocked_ioctl)
		return -ENOIOCTLCMD;
	return file->f_op->unlocked_ioctl(file, cmd, (u32)arg);
}
EXPORT_SYMBOL(compat_ptr_ioctl);

/**
 * vfs_mmap() - ask a file for a mapping
 * @file: the file
 * @vma: the wish; ->mmap() fills in how it is served
 *
 * Context: may sleep.
 * Return: what ->mmap() returned; -ENODEV if there is none.
 */
int vfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	return file->f_op->mmap ? file->f_op->mmap(file, vma) : -ENODEV;
}
EXPORT_SYMBOL(vfs_mmap);

/**
 * vfs_poll() - ask a file what can be done with it now
 * @file: the file
 * @pt: what to do with the queues on which that changes, or NULL
 *
 * Context: may sleep.
 * Return: EPOLLIN, …; of a file that cannot be asked, all that reads and writes.
 */
__poll_t vfs_poll(struct file *file, struct poll_table_struct *pt)
{
	return file_can_poll(file) ? file->f_op->poll(file, pt) : DEFAULT_POLLMASK;
}
EXPORT_SYMBOL(vfs_poll);

/**
 * vfs_llseek() - move a file's position
 * @file: the file
 * @offset: bytes
 * @whence: SEEK_…
 *
 * Context: may sleep.
 * Return: the position; -ESPIPE if the file has none; what ->llseek() returned.
 */
loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	if (!(file->f_mode & FMODE_LSEEK) || !file->f_op->llseek)
		return -ESPIPE;
	return file->f_op->llseek(file, offset, whence);
}
EXPORT_SYMBOL(vfs_llseek);

/**
 * no_llseek() - ->llseek() of a file without a position
 * @file: the file
 * @offset: unused
 * @whence: unused
 *
 * Context: any.
 * Return: -ESPIPE.
 */
loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}
EXPORT_SYMBOL(no_llseek);

/**
 * noop_llseek() - ->llseek() of a file whose position means nothing
 * @file: the file
 * @offset: unused
 * @whence: unused
 *
 * Context: any.
 * Return: the position, unchanged.
 */
loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}
EXPORT_SYMBOL(noop_llseek);

/**
 * nonseekable_open() - the end of ->open() of a file without a position
 * @inode: unused
 * @filp: the file
 *
 * Context: any.
 * Return: 0.
 */
int nonseekable_open(struct inode *inode, struct file *filp)
{
	filp->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
	return 0;
}
EXPORT_SYMBOL(nonseekable_open);

/**
 * stream_open() - the end of ->open() of a file that is a stream
 * @inode: unused
 * @filp: the file
 *
 * Context: any.
 * Return: 0.
 */
int stream_open(struct inode *inode, struct file *filp)
{
	return nonseekable_open(inode, filp);
}
EXPORT_SYMBOL(stream_open);

/**
 * simple_read_from_buffer() - ->read() of a file that is a buffer
 * @to: user memory
 * @count: its bytes
 * @ppos: position, moved
 * @from: the buffer
 * @available: its bytes
 *
 * Context: may sleep.
 * Return: bytes read, 0 at the end; -EINVAL for a negative position; -EFAULT.
 */
ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos, const void *from,
				size_t available)
{
	loff_t pos = *ppos;

	if (pos < 0)
		return -EINVAL;
	if ((size_t)pos >= available || !count)
		return 0;
	count = min(count, available - (size_t)pos);
	if (copy_to_user(to, (const char *)from + pos, count))
		return -EFAULT;
	*ppos = pos + (loff_t)count;
	return (ssize_t)count;
}
EXPORT_SYMBOL(simple_read_from_buffer);

/**
 * simple_write_to_buffer() - ->write() of a file that is a buffer
 * @to: the buffer
 * @available: its bytes
 * @ppos: position, moved
 * @from: user memory
 * @count: its bytes
 *
 * Context: may sleep.
 * Return: bytes written, 0 at the end; -EINVAL for a negative position; -EFAULT.
 */
ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos, const void __user *from,
			       size_t count)
{
	loff_t pos = *ppos;

	if (pos < 0)
		return -EINVAL;
	if ((size_t)pos >= available || !count)
		return 0;
	count = min(count, available - (size_t)pos);
	if (copy_from_user((char *)to + pos, from, count))
		return -EFAULT;
	*ppos = pos + (loff_t)count;
	return (ssize_t)count;
}
EXPORT_SYMBOL(simple_write_to_buffer);
