/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_FILES_H
#define UMDEV_FILES_H

struct files_struct;

/**
 * umdev_files_create() - make an empty descriptor table
 *
 * One client, one table: descriptor numbers mean something in their table only.
 *
 * Context: may sleep.
 * Return: the table with one reference (put_files_struct()), or NULL without memory.
 */
struct files_struct *umdev_files_create(void);

/**
 * umdev_files_switch() - let the calling thread work with another table
 * @files: the table; the caller's reference goes to the thread
 *
 * Threads start with a table that all share. The thread gives its reference
 * back when it ends or switches again.
 *
 * Context: any thread; concerns that thread only.
 * Return: the former table; its reference goes to the caller.
 */
struct files_struct *umdev_files_switch(struct files_struct *files);

#endif /* UMDEV_FILES_H */
