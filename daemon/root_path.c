// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "root_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *make_path(const char *dir, const char *name, char **path)
{
	size_t len;

	if (asprintf(path, "%s/%s", dir, name) < 0) {
		*path = NULL;
		return "out of memory";
	}
	for (len = strlen(*path); len > 1 && (*path)[len - 1] == '/'; len--)
		(*path)[len - 1] = '\0';
	return NULL;
}

const char *umdev_root_path(const char *given, char **path)
{
	const char *runtime_dir, *error;
	char *cwd;

	*path = NULL;
	if (given && given[0] == '/')
		return make_path("", given + 1, path);
	if (given && given[0]) {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return "the working directory does not exist";
		error = make_path(strcmp(cwd, "/") ? cwd : "", given, path);
		free(cwd);
		return error;
	}
	if (geteuid() == 0)
		return make_path("/run", "umdev", path);
	runtime_dir = getenv("XDG_RUNTIME_DIR");
	if (!runtime_dir || runtime_dir[0] != '/')
		return "XDG_RUNTIME_DIR is not set; name a directory with --root DIR";
	return make_path(runtime_dir, "umdev", path);
}

char *umdev_root_file(const char *root, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", root, name) < 0 ? NULL : path;
}
