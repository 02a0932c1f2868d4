// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The control socket with all its methods, and a client that sends what it likes.
 *
 * Input: a byte that says in what pieces it is sent, and the lines.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <umdev/error.h>

#include "background.h"
#include "daemon/control.h"
#include "daemon/loop.h"
#include "daemon/rpc.h"
#include "fuzz.h"
#include "peer.h"
#include "world.h"

static const char *const modules[] = { "vfio_mdev", "mtty", "medu", "mvrng", NULL };

static char path[300];
static struct control *control;

void harness_up(void)
{
	static struct control_status status = { .root = "/root/of/it", .mount_error = "not here" };
	struct umdev_error err = { 0 };

	world_up(modules);
	status.module_dir = getenv("UMDEV_MODULE_DIR");
	snprintf(path, sizeof(path), "%s/control", world_dir());
	control = control_create(path, background_up(), &status, &err);
	fuzz_check(control, "%s", err.text);
}

void harness_down(void)
{
	control_stop(control);
	control_destroy(control);
	background_down();
	world_down();
}

/* What the client has received of a line. */
struct received {
	char *text;
	size_t used;
	size_t room;
	bool closed;
};

/* Each line is an object of JSON-RPC. */
static void check_line(const char *line, size_t len)
{
	struct json_object *message, *member;

	fuzz_check(rpc_is_utf8(line, len) && !memchr(line, '\0', len), "no UTF-8: %s", line);
	message = json_tokener_parse(line);
	fuzz_check(json_object_is_type(message, json_type_object), "no object: %s", line);
	fuzz_check(json_object_object_get_ex(message, "jsonrpc", &member), "no jsonrpc: %s", line);
	fuzz_check(json_object_object_get_ex(message, "result", NULL) +
				   json_object_object_get_ex(message, "error", NULL) +
				   json_object_object_get_ex(message, "method", NULL) ==
			   1,
		   "neither answer nor notification, or both: %s", line);
	json_object_put(message);
}

static void take_lines(struct received *received)
{
	char *line = received->text, *end = line + received->used, *newline;

	while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
		*newline = '\0';
		check_line(line, (size_t)(newline - line));
		line = newline + 1;
	}
	received->used = (size_t)(end - line);
	memmove(received->text, line, received->used);
}

/* Receive once, for so long at most; false: nothing came, or nothing more will. */
static bool receive(int sock, struct received *received, int msecs)
{
	ssize_t got;

	if (received->closed || !fuzz_poll(sock, POLLIN, msecs))
		return false;
	if (received->room - received->used < 4096) {
		received->room = received->room * 2 + 65536;
		received->text = realloc(received->text, received->room);
		fuzz_check(received->text, "out of memory");
	}
	got = recv(sock, received->text + received->used, received->room - received->used,
		   MSG_DONTWAIT);
	if (got <= 0) {
		received->closed = true;
		return false;
	}
	received->used += (size_t)got;
	take_lines(received);
	return true;
}

/* Pieces of 1, 3, 9 … bytes, or all of it at once. */
static size_t piece_size(uint8_t how)
{
	static const size_t sizes[] = { SIZE_MAX, 1, 3, 9, 27, 81, 243, 4096 };

	return sizes[how % 8];
}

static void send_all(int sock, struct received *received, const uint8_t *data, size_t len,
		     size_t piece)
{
	size_t some;

	while (len && !received->closed) {
		/* It may be waiting for its answers to be read. */
		while (!received->closed && !fuzz_poll(sock, POLLOUT, 0))
			receive(sock, received, 1);
		some = len < piece ? len : piece;
		if (!peer_send(sock, data, some, NULL, 0))
			return;
		data += some;
		len -= some;
		receive(sock, received, 0);
	}
}

void harness_run(struct fuzz_input *in)
{
	uint8_t how = fuzz_u8(in);
	struct received received = { 0 };
	struct world_mark mark;
	int sock;

	world_take_mark(&mark);
	sock = peer_connect(path);
	/* A line that is too long is one in which this many blanks are only the beginning. */
	if (how & 0x80) {
		char *blanks = malloc(RPC_LINE_MAX);

		fuzz_check(blanks, "out of memory");
		memset(blanks, ' ', RPC_LINE_MAX);
		send_all(sock, &received, (uint8_t *)blanks, RPC_LINE_MAX, SIZE_MAX);
		free(blanks);
	}
	send_all(sock, &received, in->at, in->left, piece_size(how));
	shutdown(sock, SHUT_WR);
	while (receive(sock, &received, FUZZ_LIMIT_MS))
		;
	fuzz_check(received.closed, "the connection is kept though its other end has gone");
	close(sock);
	free(received.text);
	world_restore();
	world_check_mark(&mark);
}
