/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Walks of the whole sysfs tree, which may change meanwhile. */
#ifndef TESTS_STRESS_WALK_H
#define TESTS_STRESS_WALK_H

#include <limits.h>
#include <sys/stat.h>

/**
 * struct walk_entry - what was found
 * @path: from the root
 * @st: attributes; st_mode is 0 if they were not to be had
 * @target: of a link
 * @value: of a file that was read
 * @error: a negative errno if something failed; else the length of what was read
 */
struct walk_entry {
	const char *path;
	struct stat st;
	char target[PATH_MAX];
	char value[4097];
	int error;
};

/*
 * Call @fn for each node but the root, in no particular order. Values are read, links are not followed.
 */
void walk_tree(void (*fn)(const struct walk_entry *entry, void *data), void *data);

/* All paths with modes, targets and values, a line each, in order: for free(). */
char *walk_snapshot(void);

#endif /* TESTS_STRESS_WALK_H */
