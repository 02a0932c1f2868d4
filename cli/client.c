// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "client.h"

#include <daemon/root_path.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/*
 * @buffer holds @used bytes that were received and not taken yet. @pending are
 * notifications that came in while an answer was awaited.
 */
struct client {
	int fd;
	int last_id;
	char *buffer;
	size_t used;
	size_t size;
	struct json_object *pending;
};

long long client_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int set_error(struct client_error *error, const char *name, const char *text)
{
	snprintf(error->name, sizeof(error->name), "%s", name);
	snprintf(error->text, sizeof(error->text), "%s", text);
	return -1;
}

struct client *client_connect(const char *root)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct client *client = calloc(1, sizeof(*client));
	int error;

	if (!client)
		return NULL;
	client->fd = -1;
	client->pending = json_object_new_array();
	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/" UMDEV_ROOT_CONTROL,
			     root) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		goto err;
	}
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		goto err;
	if (connect(client->fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		goto err;
	return client;

err:
	error = errno;
	client_close(client);
	errno = error;
	return NULL;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	if (client->fd >= 0)
		close(client->fd);
	json_object_put(client->pending);
	free(client->buffer);
	free(client);
}

int client_fd(const struct client *client)
{
	return client->fd;
}

static int send_text(struct client *client, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = send(client->fd, text, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			len -= n;
		}
	}
	return 0;
}

/* 1: something is there to be read; 0: the deadline has passed. */
static int wait_readable(struct client *client, long long deadline)
{
	struct pollfd pfd = { .fd = client->fd, .events = POLLIN };
	long long left;
	int n;

	for (;;) {
		left = -1;
		if (deadline >= 0) {
			left = deadline - client_now();
			left = left < 0 ? 0 : left > INT_MAX ? INT_MAX : left;
		}
		n = poll(&pfd, 1, (int)left);
		if (n > 0)
			return 1;
		if (n == 0 && left < INT_MAX)
			return 0;
	}
}

static int receive(struct client *client)
{
	char *buffer;
	ssize_t n;

	if (client->size - client->used < 4096) {
		buffer = realloc(client->buffer, client->size * 2 + 65536);
		if (!buffer)
			return -1;
		client->buffer = buffer;
		client->size = client->size * 2 + 65536;
	}
	do {
		n = recv(client->fd, client->buffer + client->used, client->size - client->used, 0);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return -1;
	client->used += n;
	return 0;
}

/* The next line as JSON. */
static struct json_object *take_message(struct client *client, long long deadline,
					struct client_error *error)
{
	struct json_object *message;
	size_t searched = 0, len;
	char *newline = NULL;

	for (;;) {
		if (client->used)
			newline = memchr(client->buffer + searched, '\n', client->used - searched);
		if (newline)
			break;
		searched = client->used;
		if (!wait_readable(client, deadline)) {
			set_error(error, "ETIMEDOUT", "the time is over");
			return NULL;
		}
		if (receive(client)) {
			set_error(error, "ECONNRESET", "umdevd closed the connection");
			return NULL;
		}
	}
	*newline = '\0';
	message = json_tokener_parse(client->buffer);
	len = newline + 1 - client->buffer;
	client->used -= len;
	memmove(client->buffer, newline + 1, client->used);
	if (!message)
		set_error(error, "EPROTO", "umdevd sent something that is not JSON");
	return message;
}

static struct json_object *take_answer(struct client *client, long long deadline,
				       struct client_error *error)
{
	struct json_object *message;

	for (;;) {
		message = take_message(client, deadline, error);
		if (!message || json_object_object_get_ex(message, "id", NULL))
			return message;
		json_object_array_add(client->pending, message);
	}
}

static void take_error(struct json_object *body, struct client_error *error)
{
	struct json_object *text = NULL, *data, *name = NULL;

	json_object_object_get_ex(body, "message", &text);
	if (json_object_object_get_ex(body, "data", &data))
		json_object_object_get_ex(data, "errno", &name);
	set_error(error, name ? json_object_get_string(name) : "",
		  text ? json_object_get_string(text) : "unknown error");
}

int client_start(struct client *client, const char *method, struct json_object *params,
		 struct client_error *error)
{
	struct json_object *request = json_object_new_object();
	const char *text;
	size_t len;
	int ret;

	json_object_object_add(request, "jsonrpc", json_object_new_string("2.0"));
	json_object_object_add(request, "id", json_object_new_int(++client->last_id));
	json_object_object_add(request, "method", json_object_new_string(method));
	if (params)
		json_object_object_add(request, "params", params);
	text = json_object_to_json_string_length(request, JSON_C_TO_STRING_PLAIN, &len);
	ret = send_text(client, text, len);
	if (!ret)
		ret = send_text(client, "\n", 1);
	json_object_put(request);
	return ret ? set_error(error, "ECONNRESET", "umdevd closed the connection") : 0;
}

struct json_object *client_finish(struct client *client, long long deadline,
				  struct client_error *error)
{
	struct json_object *answer, *result = NULL, *body;

	answer = take_answer(client, deadline, error);
	if (!answer)
		return NULL;
	if (json_object_object_get_ex(answer, "error", &body))
		take_error(body, error);
	else if (json_object_object_get_ex(answer, "result", &result))
		result = result ? json_object_get(result) : json_object_new_object();
	else
		set_error(error, "EPROTO", "umdevd answered neither a result nor an error");
	json_object_put(answer);
	return result;
}

struct json_object *client_call(struct client *client, const char *method,
				struct json_object *params, struct client_error *error)
{
	if (client_start(client, method, params, error))
		return NULL;
	return client_finish(client, -1, error);
}

struct json_object *client_next(struct client *client, long long deadline,
				struct client_error *error)
{
	struct json_object *message;

	if (json_object_array_length(client->pending)) {
		message = json_object_get(json_object_array_get_idx(client->pending, 0));
		json_object_array_del_idx(client->pending, 0, 1);
		return message;
	}
	return take_message(client, deadline, error);
}
