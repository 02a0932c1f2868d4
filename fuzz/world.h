/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A world for harnesses whose subject needs more than memory: the runtime with modules, its sysfs
 * tree, and a user of devices.
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/types.h>
#include <umdev/runtime.h>

/**
 * world_up() - start the runtime and load modules
 * @modules: names, NULL at the end; NULL: none. They stay until world_down(): whoever unloads them gets EBUSY,
 *	since libFuzzer keeps looking at the counters of code that is gone
 */
void world_up(const char *const *modules);

/* The same of more modules, later. */
void world_load(const char *const *modules);

/* Unload all modules and end the runtime; nothing may be left. */
void world_down(void);

/* A directory for sockets and the like, empty at first, removed by world_down(). */
const char *world_dir(void);

/* The tree, by path from its root. Errors as negative errno. */
ssize_t world_write(const char *path, const void *value, size_t len);
ssize_t world_read(const char *path, char *buf, size_t size);

/* As world_write() with a text that has to be taken. */
void world_must_write(const char *path, const char *text);

/* Call @fn for each entry of a directory, also if it removes that entry. */
void world_for_each(const char *path, void (*fn)(const char *name, void *data), void *data);

/* Remove all mediated devices; and undo whatever else may have been done by way of the tree. */
void world_remove_devices(void);
void world_restore(void);

/*
 * What a run must not leave behind. Taken before and after, the same has to be alive, and the same
 * descriptors free; what goes by itself in the background is waited for.
 */
struct world_mark {
	struct umdev_runtime_counts counts;
	int free_fd;
};

void world_take_mark(struct world_mark *mark);
void world_check_mark(const struct world_mark *mark);

/* Wait until @condition(@data), and fail where that does not come within FUZZ_LIMIT_MS. */
void world_wait(bool (*condition)(void *data), void *data, const char *what);

#endif /* FUZZ_WORLD_H */
