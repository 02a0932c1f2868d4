// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Connections of the control socket. Each has a thread, so that a write which
 * waits for a driver holds up nobody else's.
 */
#include "control_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <umdev/socket.h>
#include <unistd.h>

#include <linux/printk.h>

static int send_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= n;
	}
	return 0;
}

/* Consumes @message; NULL, for want of memory or of an answer, sends nothing. */
static int send_message(int fd, struct json_object *message)
{
	const char *text;
	size_t len;
	int ret;

	if (!message)
		return 0;
	text = json_object_to_json_string_length(
		message, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	ret = text ? send_all(fd, text, len) : -ENOMEM;
	if (!ret)
		ret = send_all(fd, "\n", 1);
	json_object_put(message);
	return ret;
}

static void send_error(int fd, enum rpc_code code, const char *text)
{
	struct rpc_error error;

	rpc_set_error(&error, code, "%s", text);
	send_message(fd, rpc_failure(NULL, &error));
}

static int handle_line(struct control_client *client, const char *line, size_t len)
{
	if (len && line[len - 1] == '\r')
		len--;
	if (!len)
		return 0;
	return send_message(client->fd, control_answer(client, line, len));
}

/* Carries out each complete request in the buffer. */
static int handle_lines(struct control_client *client)
{
	char *line = client->line, *end = client->line + client->used, *newline;
	int ret = 0;

	while (!ret && (newline = memchr(line, '\n', end - line))) {
		ret = handle_line(client, line, newline - line);
		line = newline + 1;
	}
	client->used = end - line;
	memmove(client->line, line, client->used);
	return ret;
}

static int receive(struct control_client *client)
{
	char text[80];
	ssize_t n;

	n = recv(client->fd, client->line + client->used, sizeof(client->line) - client->used, 0);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0) {
		/* The last request may lack its newline. */
		handle_line(client, client->line, client->used);
		return -ECONNRESET;
	}
	client->used += n;
	if (handle_lines(client))
		return -ECONNRESET;
	if (client->used < sizeof(client->line))
		return 0;
	snprintf(text, sizeof(text), "a request has %d bytes at most; goodbye", RPC_LINE_MAX);
	send_error(client->fd, RPC_INVALID_REQUEST, text);
	return -EMSGSIZE;
}

static int send_stream(struct control_client *client)
{
	struct stream_item *item = stream_take(&client->stream), *next;
	int ret = 0;

	for (; item; item = next) {
		next = item->next;
		if (!ret)
			ret = send_message(client->fd, stream_message(item));
		free(item);
	}
	return ret;
}

static void converse(struct control_client *client)
{
	struct pollfd fds[] = {
		{ .fd = client->fd, .events = POLLIN },
		{ .fd = client->stream.event_fd, .events = POLLIN },
	};
	int ret = 0;

	while (!ret) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents)
			ret = send_stream(client);
		if (!ret && fds[0].revents)
			ret = receive(client);
	}
}

/* False if the control is being stopped, or full. */
static bool enter(struct control_client *client)
{
	struct control *control = client->control;
	bool ok;

	pthread_mutex_lock(&control->lock);
	ok = !control->stopping && control->nclients < CONTROL_CLIENTS_MAX;
	if (ok) {
		client->next = control->clients;
		client->pprev = &control->clients;
		if (client->next)
			client->next->pprev = &client->next;
		control->clients = client;
		control->nclients++;
	}
	pthread_mutex_unlock(&control->lock);
	return ok;
}

static void leave(struct control_client *client)
{
	struct control *control = client->control;

	pthread_mutex_lock(&control->lock);
	*client->pprev = client->next;
	if (client->next)
		client->next->pprev = client->pprev;
	control->nclients--;
	pthread_mutex_unlock(&control->lock);
}

static void free_client(struct control_client *client)
{
	stream_finish(&client->stream);
	close(client->fd);
	free(client);
}

static void serve(void *data)
{
	struct control_client *client = data;

	converse(client);
	leave(client);
	free_client(client);
}

static struct control_client *new_client(struct control *control, int fd)
{
	struct control_client *client = malloc(sizeof(*client));

	if (!client)
		return NULL;
	client->control = control;
	client->fd = fd;
	client->used = 0;
	if (stream_init(&client->stream, fd)) {
		free(client);
		return NULL;
	}
	return client;
}

/* Tell a client that is sent away why, and the log. */
static void refuse(int fd, const char *why)
{
	send_error(fd, RPC_FAILED, why);
	pr_warn_ratelimited("control: a client was sent away: %s\n", why);
}

static void refuse_for_want_of_room(int fd)
{
	refuse(fd, "no file descriptor or memory for another connection, see RLIMIT_NOFILE; try "
		   "again later");
}

static void accept_client(void *data, uint32_t events)
{
	struct control *control = data;
	struct control_client *client;
	int fd = umdev_accept(control->fd, refuse_for_want_of_room);

	if (fd < 0) {
		if (fd != -EAGAIN && fd != -EMFILE && fd != -ENFILE)
			pr_warn_ratelimited("control: no client is accepted: %s\n", strerror(-fd));
		return;
	}
	client = new_client(control, fd);
	if (!client) {
		refuse_for_want_of_room(fd);
		close(fd);
		return;
	}
	if (!enter(client)) {
		refuse(fd, "too many connections; try again later");
		goto err_client;
	}
	if (thread_group_start(&control->threads, serve, client)) {
		leave(client);
		refuse(fd, "no thread for another connection; try again later");
		goto err_client;
	}
	return;

err_client:
	free_client(client);
}

static int listen_at(const char *path, struct umdev_error *err)
{
	char *interim;
	int fd, ret;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return umdev_error_set(err, -errno, "cannot make a socket: %s", strerror(errno));
	ret = asprintf(&interim, "%s.new", path) < 0 ? -ENOMEM : 0;
	if (!ret) {
		ret = umdev_listen(fd, path, interim, 0600, SOMAXCONN);
		free(interim);
	}
	if (ret) {
		close(fd);
		return umdev_error_set(err, ret, "cannot listen at %s: %s", path, strerror(-ret));
	}
	return fd;
}

struct control *control_create(const char *path, struct umdev_loop *loop,
			       const struct control_status *status, struct umdev_error *err)
{
	struct control *control = calloc(1, sizeof(*control));
	int ret;

	if (!control) {
		umdev_error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	control->path = path;
	control->status = status;
	control->loop = loop;
	control->fd = listen_at(path, err);
	if (control->fd < 0)
		goto err_free;
	pthread_mutex_init(&control->lock, NULL);
	thread_group_init(&control->threads);
	ret = umdev_loop_add(loop, control->fd, EPOLLIN, accept_client, control);
	if (ret) {
		umdev_error_set(err, ret, "cannot wait at %s: %s", path, strerror(-ret));
		goto err_listen;
	}
	return control;

err_listen:
	thread_group_finish(&control->threads);
	pthread_mutex_destroy(&control->lock);
	unlink(path);
	close(control->fd);
err_free:
	free(control);
	return NULL;
}

void control_stop(struct control *control)
{
	struct control_client *client;

	if (!control)
		return;
	unlink(control->path);
	umdev_loop_del(control->loop, control->fd);
	close(control->fd);
	pthread_mutex_lock(&control->lock);
	control->stopping = true;
	for (client = control->clients; client; client = client->next)
		shutdown(client->fd, SHUT_RDWR);
	pthread_mutex_unlock(&control->lock);
}

void control_destroy(struct control *control)
{
	if (!control)
		return;
	thread_group_finish(&control->threads);
	pthread_mutex_destroy(&control->lock);
	free(control);
}
