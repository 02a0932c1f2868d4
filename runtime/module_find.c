// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* From a module's name or alias to its file. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <umdev/module.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>
#include "modules.h"

static DEFINE_MUTEX(dir_lock);
static char *module_dir; /* under dir_lock */

int umdev_module_set_dir(const char *dir, struct umdev_error *err)
{
	struct stat st;
	char *copy;

	if (stat(dir, &st))
		return umdev_error_set(err, -errno, "module directory %s: %s", dir,
				       strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return umdev_error_set(err, -ENOTDIR, "module directory %s is not a directory",
				       dir);
	if (access(dir, R_OK | X_OK))
		return umdev_error_set(err, -errno, "module directory %s cannot be read: %s", dir,
				       strerror(errno));
	copy = kstrdup(dir, GFP_KERNEL);
	if (!copy)
		return umdev_error_set(err, -ENOMEM, "no memory for the module directory's name");
	mutex_lock(&dir_lock);
	swap(copy, module_dir);
	mutex_unlock(&dir_lock);
	kfree(copy);
	return 0;
}
EXPORT_SYMBOL_GPL(umdev_module_set_dir);

void module_name_of(char name[MODULE_NAME_LEN], const char *path)
{
	size_t len;

	strscpy(name, kbasename(path), MODULE_NAME_LEN);
	len = strlen(name);
	if (len > 3 && !strcmp(name + len - 3, ".so"))
		name[len - 3] = '\0';
	strreplace(name, '-', '_');
}

static bool is_module_file(const char *file)
{
	size_t len = strlen(file);

	return file[0] != '.' && len > 3 && len - 3 < MODULE_NAME_LEN &&
	       !strcmp(file + len - 3, ".so");
}

static bool file_is_module(const char *path, const char *wanted)
{
	char name[MODULE_NAME_LEN];

	module_name_of(name, path);
	return !strcmp(name, wanted);
}

/* "-" and "_" are the same in aliases too; @wanted has none but "_". */
static bool alias_matches(const char *alias, const char *wanted)
{
	char pattern[256];

	if (strscpy(pattern, alias, sizeof(pattern)) < 0)
		return false;
	strreplace(pattern, '-', '_');
	return !fnmatch(pattern, wanted, 0);
}

static bool file_has_alias(const char *path, const char *wanted)
{
	struct module_image image;
	const char *alias = NULL;
	bool found = false;

	if (module_image_read(&image, path, NULL))
		return false;
	while (!found && (alias = module_image_next(&image, "alias", alias)))
		found = alias_matches(alias, wanted);
	module_image_free(&image);
	return found;
}

/* The first file in @dir that @matches accepts: 0, -ENOENT, -ENOMEM, or what reading it says. */
static int search(const char *dir, const char *wanted,
		  bool (*matches)(const char *path, const char *wanted), char **path)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	int ret = -ENOENT;

	if (!stream)
		return -errno;
	while (ret == -ENOENT && (entry = readdir(stream))) {
		if (!is_module_file(entry->d_name))
			continue;
		*path = kasprintf(GFP_KERNEL, "%s/%s", dir, entry->d_name);
		if (!*path)
			ret = -ENOMEM;
		else if (matches(*path, wanted))
			ret = 0;
		else
			kfree(*path);
	}
	closedir(stream);
	return ret;
}

static int check_name(const char *name, struct umdev_error *err)
{
	bool good = *name && strlen(name) < 256;

	for (const char *p = name; good && *p; p++)
		good = isgraph((unsigned char)*p) && *p != '/';
	if (good)
		return 0;
	return umdev_error_set(
		err, -EINVAL,
		"\"%s\" is no module name: letters, digits, \"_\" and \"-\" are expected", name);
}

static int search_dir(const char *name, const char *dir, char **path, struct umdev_error *err)
{
	char wanted[256];
	int ret;

	if (!dir)
		return umdev_error_set(err, -ENOENT,
				       "module %s not found: no module directory is set", name);
	strscpy(wanted, name, sizeof(wanted));
	strreplace(wanted, '-', '_');
	ret = search(dir, wanted, file_is_module, path);
	if (ret == -ENOENT)
		ret = search(dir, wanted, file_has_alias, path);
	if (ret == -ENOENT)
		return umdev_error_set(err, ret, "module %s not found in %s", name, dir);
	if (ret)
		return umdev_error_set(err, ret, "module %s: cannot search %s: %s", name, dir,
				       strerror(-ret));
	return 0;
}

int module_find_file(const char *name, char **path, struct umdev_error *err)
{
	int ret = check_name(name, err);

	if (ret)
		return ret;
	mutex_lock(&dir_lock);
	ret = search_dir(name, module_dir, path, err);
	mutex_unlock(&dir_lock);
	return ret;
}

/* "filename" and "name" first, then the file's own strings, then "depends". */
static int show_image(const struct module_image *image,
		      int (*fn)(const char *key, const char *value, void *data), void *data)
{
	char name[MODULE_NAME_LEN], key[64];
	const char *line = NULL, *equals;
	int ret;

	module_name_of(name, image->path);
	ret = fn("filename", image->path, data);
	if (!ret)
		ret = fn("name", name, data);
	while (!ret && (line = module_image_next(image, NULL, line))) {
		equals = strchr(line, '=');
		if (!equals || (size_t)(equals - line) >= sizeof(key))
			continue;
		scnprintf(key, sizeof(key), "%.*s", (int)(equals - line), line);
		ret = fn(key, equals + 1, data);
	}
	return ret ? ret : fn("depends", image->depends ? image->depends : "", data);
}

int umdev_modinfo(const char *name_or_path,
		  int (*fn)(const char *key, const char *value, void *data), void *data,
		  struct umdev_error *err)
{
	struct module_image image;
	char *found = NULL;
	int ret = 0;

	if (!strchr(name_or_path, '/'))
		ret = module_find_file(name_or_path, &found, err);
	if (ret)
		return ret;
	ret = module_image_read(&image, found ? found : name_or_path, err);
	kfree(found);
	if (ret)
		return ret;
	ret = show_image(&image, fn, data);
	module_image_free(&image);
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_modinfo);

static void forget_dir(void)
{
	kfree(module_dir);
	module_dir = NULL;
}
__exitcall(forget_dir);
