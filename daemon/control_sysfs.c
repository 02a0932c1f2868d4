// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The methods sysfs.*: the tree, for those who do without the mount.
 */
#include "control_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <umdev/sysfs.h>

#include <linux/err.h>

/* A value of sysfs has one page at most. */
#define VALUE_MAX 4096

static int path_error(struct umdev_error *err, int ret, const char *what, const char *path)
{
	return umdev_error_set(err, ret, "cannot %s %.128s: %s", what, path, strerror(-ret));
}

static struct kernfs_node *find(struct json_object *params, bool follow, struct umdev_error *err)
{
	const char *path = rpc_string(params, "path");
	struct kernfs_node *kn = umdev_sysfs_walk(path, follow);

	if (IS_ERR(kn))
		path_error(err, PTR_ERR(kn), "find", path);
	return kn;
}

static const char *file_type(mode_t mode)
{
	return S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : "file";
}

static void add_target(struct json_object *object, struct kernfs_node *kn)
{
	char target[PATH_MAX];

	if (umdev_sysfs_readlink(kn, target, sizeof(target)) >= 0)
		json_object_object_add(object, "target", json_object_new_string(target));
}

struct listing {
	struct kernfs_node *dir;
	struct json_object *entries;
};

static int add_entry(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct listing *listing = data;
	struct json_object *entry = json_object_new_object();
	struct kernfs_node *kn;

	if (!entry)
		return -ENOMEM;
	json_object_object_add(entry, "name", json_object_new_string(name));
	json_object_object_add(entry, "type", json_object_new_string(file_type(st->st_mode)));
	json_object_object_add(entry, "mode", json_object_new_int(st->st_mode & 07777));
	if (S_ISLNK(st->st_mode)) {
		kn = umdev_sysfs_lookup(listing->dir, name);
		if (!IS_ERR(kn)) {
			add_target(entry, kn);
			umdev_sysfs_put(kn);
		}
	}
	return json_object_array_add(listing->entries, entry) ? -ENOMEM : 0;
}

static int sysfs_list(struct control_client *client, struct json_object *params,
		      struct json_object **result, struct umdev_error *err)
{
	struct listing listing = { .dir = find(params, true, err) };
	uint64_t cursor = 0;
	int ret;

	if (IS_ERR(listing.dir))
		return PTR_ERR(listing.dir);
	listing.entries = json_object_new_array();
	ret = umdev_sysfs_readdir(listing.dir, &cursor, add_entry, &listing);
	umdev_sysfs_put(listing.dir);
	if (ret) {
		json_object_put(listing.entries);
		return path_error(err, ret, "list", rpc_string(params, "path"));
	}
	*result = json_object_new_object();
	json_object_object_add(*result, "entries", listing.entries);
	return 0;
}

static int sysfs_stat(struct control_client *client, struct json_object *params,
		      struct json_object **result, struct umdev_error *err)
{
	struct kernfs_node *kn = find(params, rpc_bool(params, "follow"), err);
	char path[PATH_MAX];
	struct stat st;
	ssize_t ret;

	if (IS_ERR(kn))
		return PTR_ERR(kn);
	ret = umdev_sysfs_stat(kn, &st);
	if (!ret)
		ret = umdev_sysfs_path(kn, path, sizeof(path));
	if (ret < 0) {
		path_error(err, ret, "look at", rpc_string(params, "path"));
		goto out;
	}
	ret = 0;
	*result = json_object_new_object();
	json_object_object_add(*result, "path", json_object_new_string(path));
	json_object_object_add(*result, "type", json_object_new_string(file_type(st.st_mode)));
	json_object_object_add(*result, "mode", json_object_new_int(st.st_mode & 07777));
	json_object_object_add(*result, "uid", json_object_new_int64(st.st_uid));
	json_object_object_add(*result, "gid", json_object_new_int64(st.st_gid));
	json_object_object_add(*result, "size", json_object_new_int64(st.st_size));
	if (S_ISLNK(st.st_mode))
		add_target(*result, kn);
out:
	umdev_sysfs_put(kn);
	return ret;
}

static int sysfs_readlink(struct control_client *client, struct json_object *params,
			  struct json_object **result, struct umdev_error *err)
{
	struct kernfs_node *kn = find(params, false, err);
	char target[PATH_MAX];
	ssize_t ret;

	if (IS_ERR(kn))
		return PTR_ERR(kn);
	ret = umdev_sysfs_readlink(kn, target, sizeof(target));
	umdev_sysfs_put(kn);
	if (ret < 0)
		return path_error(err, ret, "read the link", rpc_string(params, "path"));
	*result = json_object_new_object();
	json_object_object_add(*result, "target", json_object_new_string(target));
	return 0;
}

static struct umdev_sysfs_file *open_file(struct json_object *params, int flags, const char *what,
					  struct umdev_error *err)
{
	struct kernfs_node *kn = find(params, true, err);
	struct umdev_sysfs_file *file;

	if (IS_ERR(kn))
		return ERR_CAST(kn);
	file = umdev_sysfs_open(kn, flags);
	umdev_sysfs_put(kn);
	if (IS_ERR(file))
		path_error(err, PTR_ERR(file), what, rpc_string(params, "path"));
	return file;
}

static int sysfs_read(struct control_client *client, struct json_object *params,
		      struct json_object **result, struct umdev_error *err)
{
	const char *path = rpc_string(params, "path");
	struct umdev_sysfs_file *file = open_file(params, O_RDONLY, "read", err);
	char value[VALUE_MAX];
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_read(file, value, sizeof(value), 0);
	umdev_sysfs_release(file);
	if (ret < 0)
		return path_error(err, ret, "read", path);
	if (!rpc_is_utf8(value, ret))
		return umdev_error_set(err, -EILSEQ,
				       "the value of %.128s is not UTF-8 text, which JSON cannot "
				       "carry; read it through the mount",
				       path);
	*result = json_object_new_object();
	json_object_object_add(*result, "data", json_object_new_string_len(value, ret));
	return 0;
}

static int sysfs_write(struct control_client *client, struct json_object *params,
		       struct json_object **result, struct umdev_error *err)
{
	const char *path = rpc_string(params, "path");
	struct umdev_sysfs_file *file;
	struct json_object *data;
	ssize_t ret;

	json_object_object_get_ex(params, "data", &data);
	if (json_object_get_string_len(data) > VALUE_MAX)
		return umdev_error_set(err, -EINVAL,
				       "cannot write %.128s: a value has %d bytes at most, got %d",
				       path, VALUE_MAX, json_object_get_string_len(data));
	file = open_file(params, O_WRONLY, "write", err);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_write(file, json_object_get_string(data),
				json_object_get_string_len(data), 0);
	umdev_sysfs_release(file);
	if (ret < 0)
		return path_error(err, ret, "write", path);
	*result = json_object_new_object();
	json_object_object_add(*result, "written", json_object_new_int64(ret));
	return 0;
}

const struct control_method control_sysfs_methods[] = {
	{ "sysfs.list", { { "path", RPC_STRING, true } }, sysfs_list },
	{ "sysfs.stat",
	  { { "path", RPC_STRING, true }, { "follow", RPC_BOOL, false } },
	  sysfs_stat },
	{ "sysfs.read", { { "path", RPC_STRING, true } }, sysfs_read },
	{ "sysfs.write",
	  { { "path", RPC_STRING, true }, { "data", RPC_BYTES, true } },
	  sysfs_write },
	{ "sysfs.readlink", { { "path", RPC_STRING, true } }, sysfs_readlink },
	{},
};
