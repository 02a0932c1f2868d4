// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What umdev reads from a control socket, behind which there may be another version of umdevd, or
 * something else.
 *
 * Input: a byte that says what is asked for, and then all that is sent at that socket.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/tree.h"
#include "daemon/root_path.h"
#include "fuzz.h"
#include "peer.h"

#define UUID	  "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define MAX_CALLS 16

static struct peer_place place;

void harness_up(void)
{
	peer_listen(&place, UMDEV_ROOT_CONTROL);
}

void harness_down(void)
{
	peer_leave(&place);
}

static bool list(struct client *client, struct client_error *error)
{
	struct json_object *entries = tree_list(client, "/bus", error);

	json_object_put(entries);
	return entries;
}

static bool find_device(struct client *client, struct client_error *error)
{
	struct device device;
	int ret = device_find(client, UUID, NULL, &device, error);

	if (!ret) {
		json_object_put(device_json(&device, "/run/umdev"));
		device_finish(&device);
	}
	return !ret;
}

static bool read_value(struct client *client, struct client_error *error)
{
	char *value = tree_read(client, "/bus", "name", error);
	bool ok = value;

	free(value);
	return ok;
}

static bool read_next(struct client *client, struct client_error *error)
{
	struct json_object *message = client_next(client, -1, error);

	json_object_put(message);
	return message;
}

/* One thing that commands of umdev ask for; false when it failed. */
static bool ask(struct client *client, unsigned int what, struct client_error *error)
{
	switch (what % 5) {
	case 0:
		return list(client, error);
	case 1:
		return find_device(client, error);
	case 2:
		return read_value(client, error);
	case 3:
		return read_next(client, error);
	default:
		return !tree_write(client, "/bus/create", UUID, error);
	}
}

void harness_run(struct fuzz_input *in)
{
	int free_fd = fuzz_free_fd(), sock;
	uint8_t what = fuzz_u8(in);
	unsigned int calls;
	struct client_error error = { .text = "" };
	struct client *client = client_connect(place.dir);

	fuzz_check(client, "no connection");
	sock = peer_accept(&place);
	peer_send(sock, in->at, in->left, NULL, 0);
	shutdown(sock, SHUT_WR);
	for (calls = 0; calls < MAX_CALLS && strcmp(error.name, "ECONNRESET"); calls++)
		if (!ask(client, what + calls * (what / 16), &error))
			fuzz_check(memchr(error.text, '\0', sizeof(error.text)), "no text");
	client_close(client);
	close(sock);
	fuzz_check(fuzz_free_fd() == free_fd, "a descriptor was not closed");
}
