// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev list, umdev types: what there is, and what there could be.
 */
#include "cli.h"
#include "output.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is printed: a table, JSON, or with --quiet neither. */
struct report {
	struct libscols_table *table;
	struct json_object *array;
};

static void start_report(struct report *report, const struct cli *cli, const char *const *headers)
{
	*report = (struct report){ .table = NULL };
	if (cli->json)
		report->array = json_object_new_array();
	else if (!cli_option(cli, "quiet"))
		report->table = table_new(headers);
}

static void finish_report(struct report *report)
{
	if (report->array)
		json_print(report->array);
	if (report->table)
		table_print(report->table);
}

static void report_device(struct report *report, const struct cli *cli, const struct device *device)
{
	const char *cells[] = { device->uuid, device->type, tree_basename(device->parent_path),
				device->driver, device->iommu_group };

	if (report->array)
		json_object_array_add(report->array, device_json(device, cli->root));
	else if (report->table)
		table_add(report->table, cells);
	else
		puts(device->uuid);
}

static int list_devices(struct cli *cli, struct json_object *entries, struct report *report)
{
	struct client_error error;
	struct json_object *entry;
	struct device device;
	size_t i;

	for (i = 0; i < json_object_array_length(entries); i++) {
		entry = json_object_array_get_idx(entries, i);
		if (!device_find(cli->client, json_string(entry, "name"),
				 json_string(entry, "target"), &device, &error)) {
			report_device(report, cli, &device);
			device_finish(&device);
			continue;
		}
		/* It may have gone since. */
		if (strcmp(error.name, "ENOENT"))
			return cli_error(cli, "%s", error.text);
	}
	return CLI_OK;
}

int cmd_list(struct cli *cli, int argc, char **argv)
{
	static const char *const headers[] = { "UUID",	 "TYPE",	"PARENT",
					       "DRIVER", "IOMMU-GROUP", NULL };
	struct client_error error;
	struct json_object *entries;
	struct report report;
	int ret;

	ret = cli_connect(cli);
	if (ret)
		return ret;
	entries = tree_list(cli->client, TREE_DEVICES, &error);
	/* Without the module mdev there is no such bus, and no device. */
	if (!entries && !strcmp(error.name, "ENOENT"))
		entries = json_object_new_array();
	if (!entries)
		return cli_error(cli, "%s", error.text);
	start_report(&report, cli, headers);
	ret = list_devices(cli, entries, &report);
	finish_report(&report);
	json_object_put(entries);
	return ret;
}

/* One type of one parent. The values are NULL where the driver has no such attribute. */
struct type {
	const char *id;
	const char *parent;
	char *name;
	char *available;
	char *api;
	char *description;
};

static void report_type(struct report *report, const struct type *type)
{
	const char *cells[] = { type->id, type->parent, type->available, type->api, type->name };
	struct json_object *object;

	if (report->table)
		table_add(report->table, cells);
	else if (!report->array)
		puts(type->id);
	if (!report->array)
		return;
	object = json_object_new_object();
	json_set(object, "type", type->id);
	json_set(object, "parent", type->parent);
	json_set(object, "name", type->name);
	json_object_object_add(object, "available_instances",
			       type->available ? json_object_new_int64(atoll(type->available))
					       : NULL);
	json_set(object, "device_api", type->api);
	json_set(object, "description", type->description);
	json_object_array_add(report->array, object);
}

static void list_types_of(struct cli *cli, const char *parent, struct report *report)
{
	char *dir = tree_path(TREE_PARENTS, parent),
	     *types = tree_path(dir, "mdev_supported_types");
	struct client_error error;
	struct json_object *entries = tree_list(cli->client, types, &error);
	struct type type = { .parent = parent };
	char *path;
	size_t i;

	for (i = 0; entries && i < json_object_array_length(entries); i++) {
		type.id = json_string(json_object_array_get_idx(entries, i), "name");
		path = tree_path(types, type.id);
		type.name = tree_read(cli->client, path, "name", NULL);
		type.available = tree_read(cli->client, path, "available_instances", NULL);
		type.api = tree_read(cli->client, path, "device_api", NULL);
		type.description = tree_read(cli->client, path, "description", NULL);
		report_type(report, &type);
		free(type.description);
		free(type.api);
		free(type.available);
		free(type.name);
		free(path);
	}
	json_object_put(entries);
	free(types);
	free(dir);
}

int cmd_types(struct cli *cli, int argc, char **argv)
{
	static const char *const headers[] = { "TYPE", "PARENT", "AVAILABLE", "API", "NAME", NULL };
	struct client_error error;
	struct json_object *parents;
	struct report report;
	size_t i;
	int ret;

	ret = cli_connect(cli);
	if (ret)
		return ret;
	parents = tree_list(cli->client, TREE_PARENTS, &error);
	if (!parents && !strcmp(error.name, "ENOENT"))
		parents = json_object_new_array();
	if (!parents)
		return cli_error(cli, "%s", error.text);
	start_report(&report, cli, headers);
	for (i = 0; i < json_object_array_length(parents); i++)
		list_types_of(cli, json_string(json_object_array_get_idx(parents, i), "name"),
			      &report);
	finish_report(&report);
	json_object_put(parents);
	return CLI_OK;
}
