// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev status: how the daemon is doing.
 */
#include "cli.h"
#include "output.h"
#include "tree.h"

#include <stdio.h>

/* The number of entries in a directory; 0 if there is none. */
static size_t count(struct cli *cli, const char *path)
{
	struct client_error error;
	struct json_object *entries = tree_list(cli->client, path, &error);
	size_t n = entries ? json_object_array_length(entries) : 0;

	json_object_put(entries);
	return n;
}

static void print_status(struct json_object *status)
{
	json_object_object_foreach(status, key, value) {
		if (value)
			printf("%-12s %s\n", key, json_object_get_string(value));
	}
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
	struct client_error error;
	struct json_object *status;
	int ret;

	ret = cli_connect(cli);
	if (ret)
		return ret;
	status = client_call(cli->client, "status", NULL, &error);
	if (!status)
		return cli_error(cli, "%s", error.text);
	json_object_object_add(status, "parents", json_object_new_int64(count(cli, TREE_PARENTS)));
	json_object_object_add(status, "devices", json_object_new_int64(count(cli, TREE_DEVICES)));
	if (cli->json)
		json_print(json_object_get(status));
	else
		print_status(status);
	json_object_put(status);
	return CLI_OK;
}
