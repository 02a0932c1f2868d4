/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_FDTABLE_H
#define UMDEV_LINUX_FDTABLE_H

#include <linux/file.h>
#include <linux/sched.h>
#include <linux/types.h>

/* A table of open files with references of its own: what one client, or the runtime, has open. */
struct files_struct;

struct files_struct *get_files_struct(struct task_struct *task);
void put_files_struct(struct files_struct *files);
int close_fd(unsigned int fd);

#endif /* UMDEV_LINUX_FDTABLE_H */
