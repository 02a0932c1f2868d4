// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev monitor, umdev dmesg: what happens, as it happens.
 */
#include "cli.h"
#include "output.h"
#include "tree.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_uevent(const struct cli *cli, struct json_object *params)
{
	struct json_object *properties;
	struct timespec now;

	if (cli->json) {
		json_print_line(json_object_get(params));
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	json_object_object_get_ex(params, "properties", &properties);
	printf("KERNEL[%ld.%06ld] %-8s %s (%s)\n", (long)now.tv_sec, now.tv_nsec / 1000,
	       json_string(properties, "ACTION"), json_string(properties, "DEVPATH"),
	       json_string(properties, "SUBSYSTEM"));
	if (cli_option(cli, "property")) {
		json_object_object_foreach(properties, key, value) {
			printf("%s=%s\n", key, json_object_get_string(value));
		}
		printf("\n");
	}
	fflush(stdout);
}

int cmd_monitor(struct cli *cli, int argc, char **argv)
{
	long count = LONG_MAX, timeout = -1, seen = 0;
	struct json_object *message, *params;
	struct client_error error;
	long long deadline;
	int ret;

	ret = cli_number_option(cli, "count", INT_MAX, &count);
	if (!ret)
		ret = cli_number_option(cli, "timeout", INT_MAX / 1000, &timeout);
	if (!ret)
		ret = cli_connect(cli);
	if (ret)
		return ret;
	deadline = timeout < 0 ? -1 : client_now() + timeout * 1000LL;
	message = client_call(cli->client, "event.subscribe", NULL, &error);
	if (!message)
		return cli_error(cli, "%s", error.text);
	json_object_put(message);
	cli_note(cli, "printing the uevents of %s", cli->root);
	for (; seen < count; seen++) {
		message = client_next(cli->client, deadline, &error);
		if (!message)
			break;
		if (json_object_object_get_ex(message, "params", &params))
			print_uevent(cli, params);
		json_object_put(message);
	}
	if (seen == count)
		return CLI_OK;
	if (strcmp(error.name, "ETIMEDOUT"))
		return cli_error(cli, "%s", error.text);
	return cli_option(cli, "count") ? CLI_TIMEOUT : CLI_OK;
}

static void print_record(const struct cli *cli, struct json_object *record, int max_level)
{
	struct json_object *level, *usec;
	uint64_t time;

	json_object_object_get_ex(record, "level", &level);
	if (json_object_get_int(level) > max_level)
		return;
	if (cli->json) {
		json_print_line(json_object_get(record));
		return;
	}
	json_object_object_get_ex(record, "usec", &usec);
	time = json_object_get_uint64(usec);
	printf("[%5llu.%06llu] %s\n", (unsigned long long)time / 1000000,
	       (unsigned long long)time % 1000000, json_string(record, "text"));
}

static int follow_log(struct cli *cli, int max_level)
{
	struct json_object *message, *params;
	struct client_error error;

	fflush(stdout);
	while ((message = client_next(cli->client, -1, &error))) {
		if (json_object_object_get_ex(message, "params", &params))
			print_record(cli, params, max_level);
		json_object_put(message);
		fflush(stdout);
	}
	return cli_error(cli, "%s", error.text);
}

int cmd_dmesg(struct cli *cli, int argc, char **argv)
{
	struct json_object *params, *result, *records;
	struct client_error error;
	long level = 7;
	size_t i;
	int ret;

	ret = cli_number_option(cli, "level", 7, &level);
	if (!ret)
		ret = cli_connect(cli);
	if (ret)
		return ret;
	params = json_object_new_object();
	json_object_object_add(params, "follow",
			       json_object_new_boolean(cli_option(cli, "follow") != NULL));
	result = client_call(cli->client, "log.read", params, &error);
	if (!result)
		return cli_error(cli, "%s", error.text);
	json_object_object_get_ex(result, "records", &records);
	for (i = 0; i < json_object_array_length(records); i++)
		print_record(cli, json_object_array_get_idx(records, i), level);
	json_object_put(result);
	return cli_option(cli, "follow") ? follow_log(cli, level) : CLI_OK;
}
