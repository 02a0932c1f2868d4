// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/err.h>
#include <umdev/sysfs.h>

struct walk {
	void (*fn)(const struct walk_entry *entry, void *data);
	void *data;
	char path[PATH_MAX];
	struct walk_entry entry;
};

/* The directory being read, and where its entries' names begin in the walk's path. */
struct level {
	struct walk *walk;
	struct kernfs_node *dir;
	size_t base;
};

static int read_value(struct walk_entry *entry, struct kernfs_node *kn)
{
	struct umdev_sysfs_file *file = umdev_sysfs_open(kn, O_RDONLY);
	ssize_t ret;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	ret = umdev_sysfs_read(file, entry->value, sizeof(entry->value) - 1, 0);
	umdev_sysfs_release(file);
	entry->value[ret < 0 ? 0 : ret] = '\0';
	return (int)ret;
}

static void walk_dir(struct walk *walk, struct kernfs_node *dir, size_t base);

static int examine(struct walk_entry *entry, struct kernfs_node *kn)
{
	int ret = umdev_sysfs_stat(kn, &entry->st);

	if (ret) {
		entry->st.st_mode = 0;
		return ret;
	}
	if (S_ISLNK(entry->st.st_mode))
		ret = (int)umdev_sysfs_readlink(kn, entry->target, sizeof(entry->target));
	else if (S_ISREG(entry->st.st_mode))
		ret = read_value(entry, kn);
	return ret;
}

static int visit(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct level *level = data;
	struct walk *walk = level->walk;
	size_t len = strlen(name);
	struct kernfs_node *kn;

	if (level->base + len + 1 >= sizeof(walk->path))
		return -ENAMETOOLONG;
	walk->path[level->base] = '/';
	memcpy(walk->path + level->base + 1, name, len + 1);
	walk->entry.path = walk->path;
	walk->entry.target[0] = '\0';
	walk->entry.value[0] = '\0';
	kn = umdev_sysfs_lookup(level->dir, name);
	if (IS_ERR(kn)) {
		walk->entry.st = *st;
		walk->entry.error = (int)PTR_ERR(kn);
		walk->fn(&walk->entry, walk->data);
		return 0;
	}
	walk->entry.error = examine(&walk->entry, kn);
	walk->fn(&walk->entry, walk->data);
	if (S_ISDIR(walk->entry.st.st_mode))
		walk_dir(walk, kn, level->base + 1 + len);
	umdev_sysfs_put(kn);
	return 0;
}

static void walk_dir(struct walk *walk, struct kernfs_node *dir, size_t base)
{
	struct level level = { walk, dir, base };
	uint64_t cursor = 0;
	int ret = umdev_sysfs_readdir(dir, &cursor, visit, &level);

	if (!ret)
		return;
	walk->path[base] = '\0';
	walk->entry.path = walk->path;
	walk->entry.target[0] = '\0';
	walk->entry.value[0] = '\0';
	walk->entry.st.st_mode = 0;
	walk->entry.error = ret;
	walk->fn(&walk->entry, walk->data);
}

void walk_tree(void (*fn)(const struct walk_entry *entry, void *data), void *data)
{
	struct kernfs_node *root = umdev_sysfs_root();
	struct walk *walk = calloc(1, sizeof(*walk));

	if (root && walk) {
		walk->fn = fn;
		walk->data = data;
		walk_dir(walk, root, 0);
	}
	free(walk);
	umdev_sysfs_put(root);
}

struct lines {
	char **line;
	size_t nr;
};

/* Values that tell of what has happened: counts, and whether a virtio driver has failed. */
static bool tells_of_the_past(const char *path)
{
	const char *name = strrchr(path, '/');

	return !strcmp(path, "/kernel/uevent_seqnum") || !strcmp(name, "/buffers") ||
	       !strcmp(name, "/bytes") || !strcmp(name, "/status");
}

static void add_line(const struct walk_entry *entry, void *data)
{
	struct lines *lines = data;
	char value[sizeof(entry->value)], *newline, *line;

	strcpy(value, tells_of_the_past(entry->path) ? "" : entry->value);
	while ((newline = strchr(value, '\n')))
		*newline = '|';
	if (asprintf(&line, "%s %o %s%s", entry->path, entry->st.st_mode, entry->target, value) < 0)
		abort();
	lines->line = realloc(lines->line, (lines->nr + 1) * sizeof(*lines->line));
	if (!lines->line)
		abort();
	lines->line[lines->nr++] = line;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *walk_snapshot(void)
{
	struct lines lines = { NULL, 0 };
	char *text;
	size_t i, size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	walk_tree(add_line, &lines);
	qsort(lines.line, lines.nr, sizeof(*lines.line), compare_lines);
	for (i = 0; i < lines.nr; i++) {
		fprintf(file, "%s\n", lines.line[i]);
		free(lines.line[i]);
	}
	free(lines.line);
	fclose(file);
	return text;
}
