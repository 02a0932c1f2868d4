/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_FILE_H
#define UMDEV_LINUX_FILE_H

#include <linux/compiler.h>
#include <linux/fs.h>
#include <linux/types.h>

/* A file from the descriptor table for the time of one call. */
struct fd {
	struct file *file;
	unsigned int flags;
};

#define FDPUT_FPUT 1

struct file *fget(unsigned int fd);
void fput(struct file *file);
int get_unused_fd_flags(unsigned int flags);
void put_unused_fd(unsigned int fd);
void fd_install(unsigned int fd, struct file *file);

static inline struct fd fdget(unsigned int fd)
{
	struct file *file = fget(fd);

	return (struct fd){ file, file ? FDPUT_FPUT : 0 };
}

static inline void fdput(struct fd fd)
{
	if (fd.flags & FDPUT_FPUT)
		fput(fd.file);
}

#endif /* UMDEV_LINUX_FILE_H */
