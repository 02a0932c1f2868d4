// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "tree.h"

#include "output.h"

#include <daemon/root_path.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
	if (memory)
		return memory;
	fprintf(stderr, "umdev: out of memory\n");
	exit(EXIT_FAILURE);
}

char *tree_path(const char *dir, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		path = NULL;
	return need(path);
}

const char *tree_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *json_string(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value)
							      : NULL;
}

static struct json_object *path_params(const char *path)
{
	struct json_object *params = json_object_new_object();

	json_object_object_add(params, "path", json_object_new_string(path));
	return params;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(json_string(*(struct json_object *const *)a, "name"),
		      json_string(*(struct json_object *const *)b, "name"));
}

/* An array of objects that have a name each. */
static bool is_listing(struct json_object *entries)
{
	size_t i;

	if (!json_object_is_type(entries, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(entries); i++)
		if (!json_string(json_object_array_get_idx(entries, i), "name"))
			return false;
	return true;
}

struct json_object *tree_list(struct client *client, const char *path, struct client_error *error)
{
	struct json_object *result, *entries = NULL;

	result = client_call(client, "sysfs.list", path_params(path), error);
	if (!result)
		return NULL;
	if (json_object_object_get_ex(result, "entries", &entries) && is_listing(entries)) {
		json_object_get(entries);
		json_object_array_sort(entries, by_name);
	} else {
		*error = (struct client_error){ "EPROTO", "umdevd sent no list of entries" };
		entries = NULL;
	}
	json_object_put(result);
	return entries;
}

/* Calls @method for a path and returns the string @key of its answer. */
static char *ask(struct client *client, const char *method, const char *dir, const char *name,
		 const char *key, struct client_error *error)
{
	char *path = tree_path(dir, name), *answer = NULL;
	struct client_error ignored;
	struct json_object *result;
	const char *value;

	result = client_call(client, method, path_params(path), error ? error : &ignored);
	free(path);
	if (!result)
		return NULL;
	value = json_string(result, key);
	answer = need(strdup(value ? value : ""));
	json_object_put(result);
	return answer;
}

char *tree_read(struct client *client, const char *dir, const char *name,
		struct client_error *error)
{
	char *value = ask(client, "sysfs.read", dir, name, "data", error);
	size_t len = value ? strlen(value) : 0;

	if (len && value[len - 1] == '\n')
		value[len - 1] = '\0';
	return value;
}

char *tree_readlink(struct client *client, const char *dir, const char *name,
		    struct client_error *error)
{
	return ask(client, "sysfs.readlink", dir, name, "target", error);
}

int tree_write(struct client *client, const char *path, const char *value,
	       struct client_error *error)
{
	struct json_object *params = path_params(path), *result;

	json_object_object_add(params, "data", json_object_new_string(value));
	result = client_call(client, "sysfs.write", params, error);
	json_object_put(result);
	return result ? 0 : -1;
}

bool tree_exists(struct client *client, const char *path)
{
	struct client_error error;
	struct json_object *result;

	result = client_call(client, "sysfs.stat", path_params(path), &error);
	json_object_put(result);
	return result;
}

/* The path that @target, read from a link in @dir, leads to. */
static char *resolve(const char *dir, const char *target)
{
	char *path = need(strdup(dir)), *joined, *slash;

	for (; !strncmp(target, "../", 3); target += 3) {
		slash = strrchr(path, '/');
		if (slash)
			*slash = '\0';
	}
	joined = tree_path(path, target);
	free(path);
	return joined;
}

static void take_link(struct device *device, const char *name, const char *target)
{
	char **place = NULL;

	if (!strcmp(name, "mdev_type"))
		place = &device->type;
	else if (!strcmp(name, "driver"))
		place = &device->driver;
	else if (!strcmp(name, "iommu_group"))
		place = &device->iommu_group;
	if (place && !*place)
		*place = need(strdup(tree_basename(target)));
}

int device_find(struct client *client, const char *uuid, const char *target, struct device *device,
		struct client_error *error)
{
	struct json_object *entries, *entry;
	char *read = NULL, *slash;
	size_t i;

	*device = (struct device){ .uuid = need(strdup(uuid)) };
	if (!target)
		target = read = tree_readlink(client, TREE_DEVICES, uuid, error);
	if (!target)
		goto err;
	device->path = resolve(TREE_DEVICES, target);
	free(read);
	entries = tree_list(client, device->path, error);
	if (!entries)
		goto err;
	for (i = 0; i < json_object_array_length(entries); i++) {
		entry = json_object_array_get_idx(entries, i);
		if (json_string(entry, "target"))
			take_link(device, json_string(entry, "name"), json_string(entry, "target"));
	}
	json_object_put(entries);
	device->parent_path = need(strdup(device->path));
	slash = strrchr(device->parent_path, '/');
	*slash = '\0';
	return 0;

err:
	device_finish(device);
	return -1;
}

void device_finish(struct device *device)
{
	free(device->uuid);
	free(device->path);
	free(device->parent_path);
	free(device->type);
	free(device->driver);
	free(device->iommu_group);
	*device = (struct device){ .uuid = NULL };
}

char *device_socket(const char *root, const char *uuid)
{
	char *dir = tree_path(root, UMDEV_ROOT_VFIO), *socket = tree_path(dir, uuid);

	free(dir);
	return socket;
}

char *device_qemu_id(const char *uuid)
{
	char *id = NULL;

	if (asprintf(&id, "umdev-%s", uuid) < 0)
		id = NULL;
	return need(id);
}

struct json_object *device_json(const struct device *device, const char *root)
{
	struct json_object *object = json_object_new_object();
	char *socket = NULL;

	if (device->driver && !strcmp(device->driver, DEVICE_VFIO_DRIVER))
		socket = device_socket(root, device->uuid);
	json_set(object, "uuid", device->uuid);
	json_set(object, "type", device->type);
	json_set(object, "parent", tree_basename(device->parent_path));
	json_set(object, "path", device->path);
	json_set(object, "driver", device->driver);
	json_set(object, "iommu_group", device->iommu_group);
	json_set(object, "socket", socket);
	free(socket);
	return object;
}
