/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Open files as the runtime's own parts need them. */
#ifndef RUNTIME_FILES_H
#define RUNTIME_FILES_H

#include <linux/fs.h>
#include <umdev/files.h>

/* The table that threads start with; it takes no references. */
struct files_struct *get_shared_files(void);

/* Closes what is open in it. At the runtime's end. */
void close_shared_files(void);

/*
 * A file without operations and with one reference, which fput() drops whether
 * it was opened or not. @name must live as long. ERR_PTR(-ENOMEM).
 */
struct file *file_alloc(const char *name, int flags, umode_t mode, dev_t rdev);

/* Says, once f_op is set, that the file is open: what it can do, and that fput() releases it. */
void file_opened(struct file *file);

#endif
