// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev create, umdev show: one device.
 */
#include "cli.h"
#include "output.h"
#include "tree.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

/* Into lower case, as the device is named; false if it is none. */
static bool parse_uuid(const char *text, char uuid[CLI_UUID_SIZE])
{
	uuid_t bytes;

	if (strlen(text) != CLI_UUID_SIZE - 1 || uuid_parse(text, bytes))
		return false;
	uuid_unparse_lower(bytes, uuid);
	return true;
}

int cli_uuid(const struct cli *cli, const char *text, char uuid[CLI_UUID_SIZE])
{
	if (parse_uuid(text, uuid))
		return CLI_OK;
	return cli_usage_error(cli,
			       "\"%s\" is no UUID; expected one like "
			       "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
			       text);
}

int cli_no_device(const struct cli *cli, const char *uuid, const struct client_error *error)
{
	if (strcmp(error->name, "ENOENT"))
		return cli_error(cli, "%s: %s", uuid, error->text);
	return cli_error(cli, "there is no device %s; \"umdev list\" shows those there are", uuid);
}

/* The parents that offer a type, as an array of names. */
static struct json_object *find_parents(struct cli *cli, const char *type, bool *any)
{
	struct json_object *found = json_object_new_array(), *parents;
	struct client_error error;
	const char *name;
	char *path;
	size_t i;

	*any = false;
	parents = tree_list(cli->client, TREE_PARENTS, &error);
	for (i = 0; parents && i < json_object_array_length(parents); i++) {
		name = json_string(json_object_array_get_idx(parents, i), "name");
		*any = true;
		if (asprintf(&path, TREE_PARENTS "/%s/mdev_supported_types/%s", name, type) < 0)
			break;
		if (tree_exists(cli->client, path))
			json_object_array_add(found, json_object_new_string(name));
		free(path);
	}
	json_object_put(parents);
	return found;
}

static int choose_parent(struct cli *cli, const char *type, struct json_object *parents, bool any,
			 const char **parent)
{
	const char *wanted = cli_option(cli, "parent"), *name;
	size_t i, n = json_object_array_length(parents);

	if (!any)
		return cli_error(cli, "no device offers types; load a driver first, for instance "
				      "\"umdev modprobe mtty\"");
	for (i = 0; i < n && wanted; i++) {
		name = json_object_get_string(json_object_array_get_idx(parents, i));
		if (!strcmp(name, tree_basename(wanted))) {
			*parent = name;
			return CLI_OK;
		}
	}
	if (wanted)
		return cli_error(cli,
				 "%s offers no type %s; \"umdev types\" shows which parent offers "
				 "what",
				 wanted, type);
	if (n == 0)
		return cli_error(cli, "there is no type %s; \"umdev types\" shows those there are",
				 type);
	if (n > 1)
		return cli_error(cli, "several parents offer %s: %s; say which with --parent", type,
				 json_object_to_json_string(parents));
	*parent = json_object_get_string(json_object_array_get_idx(parents, 0));
	return CLI_OK;
}

static int create_failed(struct cli *cli, const char *uuid, const char *type, const char *parent,
			 const struct client_error *error)
{
	struct client_error find_error;
	struct device device;

	if (!strcmp(error->name, "EEXIST")) {
		if (device_find(cli->client, uuid, NULL, &device, &find_error))
			return cli_error(cli, "%s exists still, and is being removed; try again",
					 uuid);
		cli_error(cli,
			  "%s exists already: it is a %s of parent %s; choose another UUID, or "
			  "remove it first",
			  uuid, device.type, tree_basename(device.parent_path));
		device_finish(&device);
		return CLI_FAILURE;
	}
	if (!strcmp(error->name, "ENOSPC"))
		return cli_error(
			cli,
			"no instances of %s are left on %s; remove a device of that parent "
			"first (\"umdev types\" shows what is available)",
			type, parent);
	if (!strcmp(error->name, "EAGAIN"))
		return cli_error(cli, "%s is being created or removed at this moment; try again",
				 uuid);
	return cli_error(cli, "the driver of %s refuses: %s", parent, error->text);
}

static int created(struct cli *cli, const char *uuid)
{
	struct client_error error;
	struct device device;

	if (device_find(cli->client, uuid, NULL, &device, &error))
		return cli_no_device(cli, uuid, &error);
	if (!device.driver)
		cli_note(cli,
			 "no driver is bound to %s yet; \"umdev modprobe vfio_mdev\" loads one",
			 uuid);
	if (cli->json) {
		struct json_object *object = json_object_new_object();

		json_set(object, "uuid", uuid);
		json_set(object, "type", device.type);
		json_set(object, "parent", tree_basename(device.parent_path));
		json_print(object);
	} else {
		puts(uuid);
	}
	device_finish(&device);
	return CLI_OK;
}

static int create(struct cli *cli, const char *uuid, const char *type)
{
	struct json_object *parents;
	struct client_error error;
	const char *parent = NULL;
	char *path;
	bool any;
	int ret;

	parents = find_parents(cli, type, &any);
	ret = choose_parent(cli, type, parents, any, &parent);
	if (ret)
		goto out;
	if (asprintf(&path, TREE_PARENTS "/%s/mdev_supported_types/%s/create", parent, type) < 0) {
		ret = cli_error(cli, "out of memory");
		goto out;
	}
	if (tree_write(cli->client, path, uuid, &error))
		ret = create_failed(cli, uuid, type, parent, &error);
	else
		ret = created(cli, uuid);
	free(path);
out:
	json_object_put(parents);
	return ret;
}

int cmd_create(struct cli *cli, int argc, char **argv)
{
	const char *type = argv[argc - 1];
	char uuid[CLI_UUID_SIZE];
	uuid_t bytes;
	int ret;

	if (argc == 2) {
		ret = cli_uuid(cli, argv[0], uuid);
		if (ret)
			return ret;
	} else {
		if (parse_uuid(type, uuid))
			return cli_usage_error(cli, "the type is missing; expected %s",
					       cli->command->arguments);
		uuid_generate(bytes);
		uuid_unparse_lower(bytes, uuid);
	}
	if (!type[0] || type[0] == '.' || strchr(type, '/'))
		return cli_usage_error(cli, "\"%s\" is no type; \"umdev types\" lists them", type);
	ret = cli_connect(cli);
	return ret ? ret : create(cli, uuid, type);
}

/* Attributes of the device and of its groups, "name" or "group/name". */
static void read_attributes(struct cli *cli, const char *path, const char *group,
			    struct json_object *attributes)
{
	struct json_object *entries, *entry, *mode;
	struct client_error error;
	const char *name, *type;
	char *full, *value;
	size_t i;

	entries = tree_list(cli->client, path, &error);
	for (i = 0; entries && i < json_object_array_length(entries); i++) {
		entry = json_object_array_get_idx(entries, i);
		name = json_string(entry, "name");
		type = json_string(entry, "type");
		full = group ? tree_path(group, name) : strdup(name);
		json_object_object_get_ex(entry, "mode", &mode);
		if (!strcmp(type, "directory") && !group) {
			char *dir = tree_path(path, name);

			read_attributes(cli, dir, name, attributes);
			free(dir);
		} else if (!strcmp(type, "file") && (json_object_get_int(mode) & 0444)) {
			value = tree_read(cli->client, path, name, NULL);
			if (value)
				json_set(attributes, full, value);
			free(value);
		}
		free(full);
	}
	json_object_put(entries);
}

static void print_line(const char *key, const char *value)
{
	printf("%-14s %s\n", key, value ? value : "-");
}

static void print_attributes(struct json_object *attributes)
{
	const char *line, *end;

	printf("attributes:\n");
	json_object_object_foreach(attributes, name, value) {
		printf("  %s:", name);
		for (line = json_object_get_string(value); *line; line = *end ? end + 1 : end) {
			end = strchrnul(line, '\n');
			printf(" %.*s%s", (int)(end - line), line, *end ? "\n   " : "");
		}
		printf("\n");
	}
}

int cmd_show(struct cli *cli, int argc, char **argv)
{
	struct json_object *attributes, *object;
	struct client_error error;
	char uuid[CLI_UUID_SIZE];
	struct device device;
	int ret;

	ret = cli_uuid(cli, argv[0], uuid);
	if (!ret)
		ret = cli_connect(cli);
	if (ret)
		return ret;
	if (device_find(cli->client, uuid, NULL, &device, &error))
		return cli_no_device(cli, uuid, &error);
	object = device_json(&device, cli->root);
	attributes = json_object_new_object();
	read_attributes(cli, device.path, NULL, attributes);
	json_object_object_add(object, "attributes", attributes);
	if (cli->json) {
		json_print(json_object_get(object));
	} else {
		json_object_object_foreach(object, key, value) {
			if (value != attributes)
				print_line(key, json_object_get_string(value));
		}
		print_attributes(attributes);
	}
	json_object_put(object);
	device_finish(&device);
	return CLI_OK;
}
