// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev wait: for the daemon, or for a device.
 */
#include "cli.h"
#include "client.h"
#include "presence.h"
#include "tree.h"

#include <daemon/root_path.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/*
 * Watches the deepest directory on the way to @path that exists. The watch, or
 * -1 with errno set, or -EAGAIN if the way has become longer meanwhile.
 */
static int watch_way(int inotify, const char *path)
{
	char *dir = strdup(path), *missing = NULL, *slash;
	int watch = -1;

	while (dir && (slash = strrchr(dir, '/'))) {
		free(missing);
		missing = strcmp(dir, path) ? strdup(dir) : NULL;
		slash[slash == dir] = '\0';
		watch = inotify_add_watch(inotify, dir,
					  IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_ONLYDIR);
		if (watch >= 0 || errno != ENOENT || !strcmp(dir, "/"))
			break;
	}
	free(dir);
	if (watch >= 0 && missing && access(missing, F_OK) == 0)
		watch = -EAGAIN;
	free(missing);
	return watch;
}

/* Waits for events and takes them all; false if @deadline has passed. */
static bool take_events(int inotify, long long deadline)
{
	struct pollfd pfd = { .fd = inotify, .events = POLLIN };
	long long left = -1;
	char events[4096];

	if (deadline >= 0) {
		left = deadline - client_now();
		if (left <= 0)
			return false;
	}
	if (poll(&pfd, 1, left > INT_MAX ? INT_MAX : (int)left) > 0)
		while (read(inotify, events, sizeof(events)) > 0)
			;
	return true;
}

static int connect_by(struct cli *cli, const char *control, int inotify, long long deadline)
{
	int watch;

	for (;;) {
		do {
			watch = watch_way(inotify, control);
		} while (watch == -EAGAIN);
		if (watch < 0)
			return cli_error(cli, "cannot watch for %s: %s", control, strerror(errno));
		/* With the watch in place: what comes now is not missed. */
		cli->client = client_connect(cli->root);
		if (cli->client)
			return CLI_OK;
		if (errno != ENOENT && errno != ECONNREFUSED)
			return cli_error(cli, "cannot connect to %s: %s", control, strerror(errno));
		if (!take_events(inotify, deadline)) {
			cli_error(cli, "no umdevd became ready at %s in time", cli->root);
			return CLI_TIMEOUT;
		}
	}
}

/* The daemon's control socket takes connections once all else is up. */
static int wait_ready(struct cli *cli, long long deadline)
{
	char *control = tree_path(cli->root, UMDEV_ROOT_CONTROL);
	int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int ret;

	if (inotify < 0)
		ret = cli_error(cli, "cannot watch the file system: %s", strerror(errno));
	else
		ret = connect_by(cli, control, inotify, deadline);
	if (inotify >= 0)
		close(inotify);
	free(control);
	return ret;
}

/* Whether a parent still has a device that is off the bus. */
static bool has_parent(struct cli *cli, const char *uuid)
{
	struct json_object *parents;
	struct client_error error;
	bool found = false;
	char *dir, *path;
	size_t i;

	parents = tree_list(cli->client, TREE_PARENTS, &error);
	for (i = 0; parents && i < json_object_array_length(parents) && !found; i++) {
		dir = tree_path(TREE_PARENTS,
				json_string(json_object_array_get_idx(parents, i), "name"));
		path = tree_path(dir, uuid);
		found = tree_exists(cli->client, path);
		free(path);
		free(dir);
	}
	json_object_put(parents);
	return found;
}

enum presence device_presence(struct cli *cli, const char *uuid, struct client_error *error)
{
	enum presence presence;
	struct device device;

	if (device_find(cli->client, uuid, NULL, &device, error)) {
		if (strcmp(error->name, "ENOENT"))
			return DEVICE_UNKNOWN;
		return has_parent(cli, uuid) ? DEVICE_LEAVING : DEVICE_GONE;
	}
	presence = device.driver ? DEVICE_BOUND : DEVICE_UNBOUND;
	device_finish(&device);
	return presence;
}

/* No event tells that the last of a device is gone, so look again after a while. */
#define LEAVING_MS 100

static int wait_presence(struct cli *cli, const char *uuid, enum presence wanted,
			 long long deadline, struct client_error *error)
{
	enum presence presence;
	struct json_object *message;
	long long until;

	for (;;) {
		presence = device_presence(cli, uuid, error);
		if (presence == wanted)
			return CLI_OK;
		if (presence == DEVICE_UNKNOWN)
			return CLI_FAILURE;
		if (deadline >= 0 && client_now() >= deadline)
			return CLI_TIMEOUT;
		until = deadline;
		if (presence == DEVICE_LEAVING &&
		    (deadline < 0 || deadline > client_now() + LEAVING_MS))
			until = client_now() + LEAVING_MS;
		message = client_next(cli->client, until, error);
		if (!message && strcmp(error->name, "ETIMEDOUT"))
			return CLI_FAILURE;
		json_object_put(message);
	}
}

int device_wait(struct cli *cli, const char *uuid, enum presence wanted, long long deadline)
{
	struct client_error error;
	struct json_object *message;
	int ret;

	/* From here on nothing that happens is missed. */
	message = client_call(cli->client, "event.subscribe", NULL, &error);
	if (!message)
		return cli_error(cli, "%s", error.text);
	json_object_put(message);
	ret = wait_presence(cli, uuid, wanted, deadline, &error);
	if (ret == CLI_FAILURE)
		cli_error(cli, "%s", error.text);
	if (ret == CLI_TIMEOUT)
		cli_error(cli, "%s is not %s in time", uuid,
			  wanted == DEVICE_GONE ? "gone" : "there, with a driver bound,");
	return ret;
}

static int wait_device(struct cli *cli, const char *text, enum presence wanted, long long deadline)
{
	char uuid[CLI_UUID_SIZE];
	int ret;

	ret = cli_uuid(cli, text, uuid);
	if (!ret)
		ret = cli_connect(cli);
	return ret ? ret : device_wait(cli, uuid, wanted, deadline);
}

int cmd_wait(struct cli *cli, int argc, char **argv)
{
	const char *what = argc ? argv[0] : "ready";
	long long deadline = -1;
	long timeout = -1;
	int ret;

	ret = cli_number_option(cli, "timeout", INT_MAX / 1000, &timeout);
	if (ret)
		return ret;
	if (timeout >= 0)
		deadline = client_now() + timeout * 1000LL;
	if (!strcmp(what, "ready") && argc < 2)
		return wait_ready(cli, deadline);
	if (!strcmp(what, "device") && argc == 2)
		return wait_device(cli, argv[1], DEVICE_BOUND, deadline);
	if (!strcmp(what, "gone") && argc == 2)
		return wait_device(cli, argv[1], DEVICE_GONE, deadline);
	return cli_usage_error(cli, "expected %s", cli->command->arguments);
}
