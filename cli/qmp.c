// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "qmp.h"

#include "client.h"
#include "tree.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A message is a few hundred bytes; one that goes on for so long is none of QEMU's. */
#define MESSAGE_MAX   (1u << 20)
#define MESSAGE_DEPTH 32

/*
 * @input holds @used bytes, of which those before @taken are parsed. @length
 * counts the bytes of the message that @tokener is in the middle of. @watched
 * is the device that events are about which matter, and @unplugged what they
 * told: they come at any time, also before the answer to their cause.
 */
struct qmp {
	int fd;
	int last_id;
	struct json_tokener *tokener;
	size_t length;
	size_t used;
	size_t taken;
	char input[4096];
	const char *watched;
	enum qmp_status unplugged;
};

static int set_error(struct qmp_error *error, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int set_error(struct qmp_error *error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return -1;
}

/* The socket does not block: a full queue of its listener is an error, and no wait. */
static int open_socket(const char *path, struct qmp_error *error)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return set_error(error, "%s: the path of a socket has %zu bytes at most", path,
				 sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return set_error(error, "cannot make a socket: %s", strerror(errno));
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	if (errno == EAGAIN)
		set_error(error, "%s has too many clients waiting; QEMU serves one at a time",
			  path);
	else
		set_error(error,
			  "no QEMU can be reached at %s: %s; give QEMU the argument "
			  "\"-qmp unix:%s,server=on,wait=off\", or name the socket it has",
			  path, strerror(errno), path);
	close(fd);
	return -1;
}

static enum qmp_status receive(struct qmp *qmp, long long deadline, struct qmp_error *error)
{
	struct pollfd pfd = { .fd = qmp->fd, .events = POLLIN };
	long long left;
	ssize_t n;

	for (;;) {
		left = deadline - client_now();
		if (left <= 0) {
			set_error(error, "the time is over");
			return QMP_TIMEOUT;
		}
		n = recv(qmp->fd, qmp->input, sizeof(qmp->input), 0);
		if (n > 0) {
			qmp->used = n;
			qmp->taken = 0;
			return QMP_OK;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			set_error(error, "QEMU closed the connection");
			return QMP_CLOSED;
		}
		poll(&pfd, 1, left > INT_MAX ? INT_MAX : (int)left);
	}
}

/* Parses what is there of the next message; NULL with *@status QMP_OK: it goes on. */
static struct json_object *parse(struct qmp *qmp, enum qmp_status *status, struct qmp_error *error)
{
	struct json_object *message;
	enum json_tokener_error code;
	size_t taken;

	message = json_tokener_parse_ex(qmp->tokener, qmp->input + qmp->taken,
					(int)(qmp->used - qmp->taken));
	code = json_tokener_get_error(qmp->tokener);
	taken = json_tokener_get_parse_end(qmp->tokener);
	qmp->taken += taken;
	qmp->length += taken;
	*status = QMP_OK;
	if (code == json_tokener_continue && qmp->length <= MESSAGE_MAX)
		return NULL;
	qmp->length = 0;
	if (code == json_tokener_success && json_object_is_type(message, json_type_object))
		return message;
	json_object_put(message);
	set_error(error, "what it sends is not QMP");
	*status = QMP_BROKEN;
	return NULL;
}

static struct json_object *next_message(struct qmp *qmp, long long deadline,
					enum qmp_status *status, struct qmp_error *error)
{
	struct json_object *message;

	for (;;) {
		if (qmp->taken == qmp->used) {
			*status = receive(qmp, deadline, error);
			if (*status != QMP_OK)
				return NULL;
		}
		message = parse(qmp, status, error);
		if (message || *status != QMP_OK)
			return message;
	}
}

static void take_event(struct qmp *qmp, struct json_object *message)
{
	const char *event = json_string(message, "event"), *device;
	struct json_object *data;

	if (!qmp->watched || !json_object_object_get_ex(message, "data", &data))
		return;
	device = json_string(data, "device");
	if (!device || strcmp(device, qmp->watched))
		return;
	if (!strcmp(event, "DEVICE_DELETED"))
		qmp->unplugged = QMP_OK;
	else if (!strcmp(event, "DEVICE_UNPLUG_GUEST_ERROR"))
		qmp->unplugged = QMP_GUEST_REFUSED;
}

/* False where the message is another command's answer. What QEMU cannot read has no id. */
static bool is_answer(struct json_object *message, int id)
{
	struct json_object *value;

	if (json_object_object_get_ex(message, "id", &value))
		return json_object_get_int(value) == id;
	return json_object_object_get_ex(message, "error", NULL);
}

static enum qmp_status take_answer(struct json_object *message, struct qmp_error *error)
{
	const char *class, *text;
	struct json_object *body;

	if (json_object_object_get_ex(message, "return", NULL))
		return QMP_OK;
	if (!json_object_object_get_ex(message, "error", &body)) {
		set_error(error, "QEMU answered neither a result nor an error");
		return QMP_BROKEN;
	}
	class = json_string(body, "class");
	text = json_string(body, "desc");
	set_error(error, "%s", text ? text : "no reason given");
	return class && !strcmp(class, "DeviceNotFound") ? QMP_NOT_THERE : QMP_REFUSED;
}

static int send_command(struct qmp *qmp, const char *name, struct json_object *arguments,
			struct qmp_error *error)
{
	struct json_object *command = json_object_new_object();
	const char *text;
	ssize_t sent;
	size_t len;

	json_object_object_add(command, "execute", json_object_new_string(name));
	if (arguments)
		json_object_object_add(command, "arguments", arguments);
	json_object_object_add(command, "id", json_object_new_int(++qmp->last_id));
	text = json_object_to_json_string_length(command, JSON_C_TO_STRING_PLAIN, &len);
	/* Far less than what any socket buffers. */
	sent = send(qmp->fd, text, len, MSG_NOSIGNAL);
	json_object_put(command);
	if (sent == (ssize_t)len)
		return 0;
	return set_error(error, "QEMU does not take a command: %s",
			 sent < 0 ? strerror(errno) : "it is cut short");
}

/* Consumes @arguments. QMP_OK: it was answered with a result. */
static enum qmp_status execute(struct qmp *qmp, const char *name, struct json_object *arguments,
			       long long deadline, struct qmp_error *error)
{
	struct json_object *message;
	enum qmp_status status;
	bool answered = false;

	if (send_command(qmp, name, arguments, error))
		return QMP_CLOSED;
	do {
		message = next_message(qmp, deadline, &status, error);
		if (!message)
			return status;
		if (json_string(message, "event")) {
			take_event(qmp, message);
		} else if (is_answer(message, qmp->last_id)) {
			answered = true;
			status = take_answer(message, error);
		}
		json_object_put(message);
	} while (!answered);
	return status;
}

/* QEMU greets, and takes no other command before it is told which extensions to use. */
static enum qmp_status negotiate(struct qmp *qmp, long long deadline, struct qmp_error *error)
{
	struct json_object *greeting;
	enum qmp_status status;

	greeting = next_message(qmp, deadline, &status, error);
	if (!greeting)
		return status;
	if (!json_object_object_get_ex(greeting, "QMP", NULL)) {
		set_error(error, "what it sends is not QMP");
		status = QMP_BROKEN;
	}
	json_object_put(greeting);
	if (status != QMP_OK)
		return status;
	return execute(qmp, "qmp_capabilities", NULL, deadline, error);
}

struct qmp *qmp_connect(const char *path, long long deadline, struct qmp_error *error)
{
	struct qmp *qmp = calloc(1, sizeof(*qmp));
	struct qmp_error reason;
	enum qmp_status status;

	if (!qmp) {
		set_error(error, "out of memory");
		return NULL;
	}
	qmp->tokener = json_tokener_new_ex(MESSAGE_DEPTH);
	qmp->fd = open_socket(path, error);
	if (qmp->fd < 0)
		goto err;
	status = negotiate(qmp, deadline, &reason);
	if (status == QMP_OK)
		return qmp;
	if (status == QMP_TIMEOUT)
		set_error(error,
			  "%s does not answer in time: either another client is connected, of "
			  "which QEMU serves one at a time, or it is not QEMU's QMP socket",
			  path);
	else
		set_error(error, "no conversation with QEMU at %s: %s", path, reason.text);
err:
	qmp_close(qmp);
	return NULL;
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp)
		return;
	if (qmp->fd >= 0)
		close(qmp->fd);
	if (qmp->tokener)
		json_tokener_free(qmp->tokener);
	free(qmp);
}

enum qmp_status qmp_unplug(struct qmp *qmp, const char *id, long long deadline,
			   struct qmp_error *error)
{
	struct json_object *arguments = json_object_new_object(), *message;
	enum qmp_status status;

	qmp->watched = id;
	qmp->unplugged = QMP_TIMEOUT;
	json_object_object_add(arguments, "id", json_object_new_string(id));
	status = execute(qmp, "device_del", arguments, deadline, error);
	while (status == QMP_OK && qmp->unplugged == QMP_TIMEOUT) {
		message = next_message(qmp, deadline, &status, error);
		if (message && json_string(message, "event"))
			take_event(qmp, message);
		json_object_put(message);
	}
	qmp->watched = NULL;
	return status == QMP_OK ? qmp->unplugged : status;
}
