// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev modprobe, rmmod, lsmod, modinfo.
 */
#include "cli.h"
#include "output.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *name_params(const char *name)
{
	struct json_object *params = json_object_new_object();

	json_object_object_add(params, "name", json_object_new_string(name));
	return params;
}

/* PARAM=VALUE with blanks between them; a value with a blank in it is quoted. */
static char *join_parameters(int argc, char **argv)
{
	size_t size = 1;
	char *joined, *p;
	int i;

	for (i = 0; i < argc; i++)
		size += strlen(argv[i]) + 3;
	p = joined = malloc(size);
	for (i = 0; joined && i < argc; i++) {
		const char *equals = strchr(argv[i], '=');

		if (equals && strpbrk(equals, " \t") && equals[1] != '"')
			p += sprintf(p, "%s%.*s\"%s\"", i ? " " : "", (int)(equals + 1 - argv[i]),
				     argv[i], equals + 1);
		else
			p += sprintf(p, "%s%s", i ? " " : "", argv[i]);
	}
	return joined;
}

int cmd_modprobe(struct cli *cli, int argc, char **argv)
{
	struct json_object *params, *result;
	struct client_error error;
	char *joined;
	int i, ret;

	for (i = 1; i < argc; i++)
		if (argv[i][0] == '=' || !strchr(argv[i], '='))
			return cli_usage_error(cli, "\"%s\": expected PARAM=VALUE", argv[i]);
	ret = cli_connect(cli);
	if (ret)
		return ret;
	params = name_params(argv[0]);
	if (argc > 1) {
		joined = join_parameters(argc - 1, argv + 1);
		json_set(params, "params", joined);
		free(joined);
	}
	result = client_call(cli->client, "module.load", params, &error);
	json_object_put(result);
	if (result || (!strcmp(error.name, "EEXIST") && !cli_option(cli, "first-time")))
		return CLI_OK;
	return cli_error(cli, "%s", error.text);
}

int cmd_rmmod(struct cli *cli, int argc, char **argv)
{
	struct json_object *result;
	struct client_error error;
	int ret;

	ret = cli_connect(cli);
	if (ret)
		return ret;
	result = client_call(cli->client, "module.unload", name_params(argv[0]), &error);
	json_object_put(result);
	return result ? CLI_OK : cli_error(cli, "%s", error.text);
}

static void report_module(struct libscols_table *table, struct json_object *module)
{
	struct json_object *holders, *refcnt;
	char used[256];
	const char *cells[] = { json_string(module, "name"), json_string(module, "size"), used };
	size_t i, len;

	json_object_object_get_ex(module, "holders", &holders);
	json_object_object_get_ex(module, "refcnt", &refcnt);
	len = snprintf(used, sizeof(used), "%d", json_object_get_int(refcnt));
	for (i = 0; i < json_object_array_length(holders) && len < sizeof(used); i++)
		len += snprintf(used + len, sizeof(used) - len, "%s%s", i ? "," : " ",
				json_object_get_string(json_object_array_get_idx(holders, i)));
	table_add(table, cells);
}

int cmd_lsmod(struct cli *cli, int argc, char **argv)
{
	static const char *const headers[] = { "MODULE", "SIZE", "USED BY", NULL };
	struct json_object *result, *modules, *module;
	struct libscols_table *table;
	struct client_error error;
	size_t i;
	int ret;

	ret = cli_connect(cli);
	if (ret)
		return ret;
	result = client_call(cli->client, "module.list", NULL, &error);
	if (!result)
		return cli_error(cli, "%s", error.text);
	json_object_object_get_ex(result, "modules", &modules);
	if (cli->json) {
		json_print(json_object_get(modules));
		json_object_put(result);
		return CLI_OK;
	}
	table = table_new(headers);
	for (i = 0; i < json_object_array_length(modules); i++) {
		module = json_object_array_get_idx(modules, i);
		if (cli_option(cli, "quiet"))
			puts(json_string(module, "name"));
		else
			report_module(table, module);
	}
	if (!cli_option(cli, "quiet"))
		table_print(table);
	else
		scols_unref_table(table);
	json_object_put(result);
	return CLI_OK;
}

/* A key may come several times, so each has an array of values. */
static struct json_object *info_object(struct json_object *pairs)
{
	struct json_object *object = json_object_new_object(), *pair, *values;
	const char *key;
	size_t i;

	for (i = 0; i < json_object_array_length(pairs); i++) {
		pair = json_object_array_get_idx(pairs, i);
		key = json_object_get_string(json_object_array_get_idx(pair, 0));
		if (!json_object_object_get_ex(object, key, &values)) {
			values = json_object_new_array();
			json_object_object_add(object, key, values);
		}
		json_object_array_add(values, json_object_get(json_object_array_get_idx(pair, 1)));
	}
	return object;
}

int cmd_modinfo(struct cli *cli, int argc, char **argv)
{
	struct json_object *result, *pairs, *pair;
	struct client_error error;
	char key[64], *path = NULL;
	size_t i;
	int ret;

	ret = cli_connect(cli);
	if (ret)
		return ret;
	/* The daemon has a working directory of its own. */
	if (strchr(argv[0], '/'))
		path = realpath(argv[0], NULL);
	result =
		client_call(cli->client, "module.info", name_params(path ? path : argv[0]), &error);
	free(path);
	if (!result)
		return cli_error(cli, "%s", error.text);
	json_object_object_get_ex(result, "info", &pairs);
	if (cli->json)
		json_print(info_object(pairs));
	for (i = 0; !cli->json && i < json_object_array_length(pairs); i++) {
		pair = json_object_array_get_idx(pairs, i);
		snprintf(key, sizeof(key),
			 "%s:", json_object_get_string(json_object_array_get_idx(pair, 0)));
		printf("%-15s %s\n", key,
		       json_object_get_string(json_object_array_get_idx(pair, 1)));
	}
	json_object_put(result);
	return CLI_OK;
}
