// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev remove: a device, and before that its place in a virtual machine.
 *
 * A removal that has begun cannot be called back: it waits for the device's
 * user, however long that takes. So a guest is asked first, and the removal
 * begins when it has let go. Whatever goes wrong with the guest, the device is
 * as it was (row M12).
 */
#include "cli.h"
#include "output.h"
#include "presence.h"
#include "qmp.h"
#include "tree.h"

#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A removal that takes longer waits for a user. */
#define PATIENCE_MS 2000

#define UNPLUG_SECONDS 60

/* What a person should hear of: notices and what is more severe. */
#define NOTICE_LEVEL 5

/* A connection that the log's lines from now on arrive at; NULL if there is none to be had. */
static struct client *follow_log(const struct cli *cli)
{
	struct client *log = client_connect(cli->root);
	struct json_object *params, *result = NULL;
	struct client_error error;

	if (!log)
		return NULL;
	params = json_object_new_object();
	json_object_object_add(params, "follow", json_object_new_boolean(true));
	/* None of those that are there already. */
	json_object_object_add(params, "from", json_object_new_int64(INT64_MAX));
	result = client_call(log, "log.read", params, &error);
	if (!result) {
		client_close(log);
		return NULL;
	}
	json_object_put(result);
	return log;
}

/* Prints what the log says of the device; false once the log is at its end. */
static bool print_log(const struct cli *cli, struct client *log, const char *uuid)
{
	struct json_object *message, *record, *level;
	struct client_error error;
	const char *text;

	while ((message = client_next(log, client_now(), &error))) {
		if (json_object_object_get_ex(message, "params", &record) &&
		    json_object_object_get_ex(record, "level", &level)) {
			text = json_string(record, "text");
			if (json_object_get_int(level) <= NOTICE_LEVEL && text &&
			    strstr(text, uuid))
				cli_note(cli, "log: %s", text);
		}
		json_object_put(message);
	}
	return !strcmp(error.name, "ETIMEDOUT");
}

/* Returns when the answer has begun to arrive, or the time is over. */
static void watch_removal(struct cli *cli, struct client *log, const char *uuid, long long deadline)
{
	struct pollfd fds[] = {
		{ .fd = client_fd(cli->client), .events = POLLIN },
		{ .fd = log ? client_fd(log) : -1, .events = POLLIN },
	};
	long long left = -1;

	do {
		if (log && !print_log(cli, log, uuid)) {
			fds[1].fd = -1;
			log = NULL;
		}
		if (deadline >= 0) {
			left = deadline - client_now();
			left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
		}
		fds[0].revents = 0;
		poll(fds, 2, (int)left);
	} while (!fds[0].revents && left);
}

static struct json_object *await_removal(struct cli *cli, struct client *log, const char *uuid,
					 long long deadline, struct client_error *error)
{
	long long patience = client_now() + PATIENCE_MS;
	struct json_object *result;

	if (deadline >= 0 && deadline < patience)
		return client_finish(cli->client, deadline, error);
	result = client_finish(cli->client, patience, error);
	if (result || strcmp(error->name, "ETIMEDOUT"))
		return result;
	cli_note(cli,
		 "%s is in use; waiting until its user lets go. Unplug it from its virtual machine "
		 "(\"umdev remove %s --qmp SOCKET\" does so), or stop that. Ending this command "
		 "does not stop the removal.",
		 uuid, uuid);
	watch_removal(cli, log, uuid, deadline);
	return client_finish(cli->client, deadline, error);
}

static int removal_failed(struct cli *cli, const char *uuid, const char *dir,
			  const struct client_error *error)
{
	if (!strcmp(error->name, "ETIMEDOUT")) {
		cli_error(cli,
			  "%s is still in use; its removal goes on, and is complete when its user "
			  "lets go (\"umdev wait gone %s\")",
			  uuid, uuid);
		return CLI_TIMEOUT;
	}
	if (!strcmp(error->name, "ENODEV") || !strcmp(error->name, "EAGAIN"))
		return cli_error(cli, "%s is being removed by somebody else", uuid);
	if (!strcmp(error->name, "ENOENT"))
		return cli_no_device(cli, uuid, error);
	/* A device is gone also where its driver answered an error. */
	if (strcmp(error->name, "ECONNRESET") && !tree_exists(cli->client, dir))
		return cli_error(cli, "%s is gone, but its driver complained: %s", uuid,
				 error->text);
	return cli_error(cli, "%s: %s", uuid, error->text);
}

static int remove_device(struct cli *cli, const char *uuid, long long deadline)
{
	struct json_object *params = json_object_new_object(), *result = NULL;
	char *dir = tree_path(TREE_DEVICES, uuid), *path = tree_path(dir, "remove");
	struct client *log = follow_log(cli);
	struct client_error error;
	int ret = CLI_OK;

	json_object_object_add(params, "path", json_object_new_string(path));
	json_object_object_add(params, "data", json_object_new_string("1"));
	if (!client_start(cli->client, "sysfs.write", params, &error))
		result = await_removal(cli, log, uuid, deadline, &error);
	if (!result)
		ret = removal_failed(cli, uuid, dir, &error);
	json_object_put(result);
	client_close(log);
	free(path);
	free(dir);
	return ret;
}

static int unplug_failed(const struct cli *cli, const char *uuid, const char *path,
			 enum qmp_status status, const char *reason)
{
	switch (status) {
	case QMP_NOT_THERE:
		return cli_error(cli,
				 "the QEMU at %s has no device umdev-%s, so %s is left as it is; "
				 "\"umdev remove %s\" removes it without QEMU",
				 path, uuid, uuid, uuid);
	case QMP_GUEST_REFUSED:
		return cli_error(cli,
				 "the guest refuses to let go of %s, so it is left as it is; see "
				 "the guest's log, or shut the guest down",
				 uuid);
	case QMP_TIMEOUT:
		cli_error(cli,
			  "the guest has not let go of %s in time, so it is left as it is; the "
			  "guest has to be up and to support the hot plugging of PCI devices. Try "
			  "again with a longer --timeout, or shut the guest down",
			  uuid);
		return CLI_TIMEOUT;
	case QMP_CLOSED:
		return cli_error(
			cli,
			"%s: %s, so %s is left as it is; if QEMU has ended, \"umdev remove "
			"%s\" removes it",
			path, reason, uuid, uuid);
	default:
		return cli_error(cli,
				 "the QEMU at %s does not unplug %s, which is left as it is: %s",
				 path, uuid, reason);
	}
}

static int unplug(struct cli *cli, const char *uuid, const char *path, long long deadline)
{
	char *id = device_qemu_id(uuid);
	enum qmp_status status;
	struct qmp_error error;
	struct qmp *qmp;
	int ret;

	qmp = qmp_connect(path, deadline, &error);
	if (qmp) {
		status = qmp_unplug(qmp, id, deadline, &error);
		ret = status == QMP_OK ? CLI_OK
				       : unplug_failed(cli, uuid, path, status, error.text);
		qmp_close(qmp);
	} else {
		ret = cli_error(cli, "%s, so %s is left as it is", error.text, uuid);
	}
	free(id);
	return ret;
}

/* A removal that waits for its user already needs no other one. */
static int unplug_and_remove(struct cli *cli, const char *uuid, const char *path,
			     long long deadline)
{
	struct client_error error;
	enum presence presence;
	int ret;

	presence = device_presence(cli, uuid, &error);
	if (presence == DEVICE_GONE)
		return cli_no_device(cli, uuid, &error);
	if (presence == DEVICE_UNKNOWN)
		return cli_error(cli, "%s", error.text);
	ret = unplug(cli, uuid, path, deadline);
	if (ret)
		return ret;
	if (presence == DEVICE_LEAVING)
		return device_wait(cli, uuid, DEVICE_GONE, deadline);
	return remove_device(cli, uuid, deadline);
}

int cmd_remove(struct cli *cli, int argc, char **argv)
{
	const char *qmp = cli_option(cli, "qmp");
	long timeout = qmp ? UNPLUG_SECONDS : -1;
	char uuid[CLI_UUID_SIZE];
	long long deadline;
	int ret;

	ret = cli_uuid(cli, argv[0], uuid);
	if (!ret)
		ret = cli_number_option(cli, "timeout", INT_MAX / 1000, &timeout);
	if (!ret)
		ret = cli_connect(cli);
	if (ret)
		return ret;
	deadline = timeout < 0 ? -1 : client_now() + timeout * 1000LL;
	ret = qmp ? unplug_and_remove(cli, uuid, qmp, deadline)
		  : remove_device(cli, uuid, deadline);
	if (!ret && cli->json) {
		struct json_object *object = json_object_new_object();

		json_set(object, "removed", uuid);
		json_print(object);
	}
	return ret;
}
