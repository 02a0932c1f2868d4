/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A connection to the control socket of umdevd.
 */
#ifndef UMDEV_CLI_CLIENT_H
#define UMDEV_CLI_CLIENT_H

#include <json-c/json.h>
#include <stdbool.h>

struct client;

/* Why a call failed: the errno by its name ("" if there is none), and the daemon's words. */
struct client_error {
	char name[24];
	char text[512];
};

/**
 * client_connect - connect to a daemon
 * @root: its root directory
 *
 * Return: the client, or NULL with errno set: ENOENT or ECONNREFUSED where no
 * daemon serves @root, EACCES, ENAMETOOLONG ….
 */
struct client *client_connect(const char *root);

/* NULL is fine. */
void client_close(struct client *client);

/**
 * client_call - call a method and wait for its answer
 * @client: the connection
 * @method: its name
 * @params: its parameters, consumed; NULL: none
 * @error: filled in on failure
 *
 * Return: the result, to be released with json_object_put(), or NULL.
 */
struct json_object *client_call(struct client *client, const char *method,
				struct json_object *params, struct client_error *error);

/**
 * client_start - call a method and do not wait for its answer
 * @client: the connection
 * @method: its name
 * @params: its parameters, consumed; NULL: none
 * @error: filled in on failure
 *
 * The next call is client_finish().
 *
 * Return: 0 or -1.
 */
int client_start(struct client *client, const char *method, struct json_object *params,
		 struct client_error *error);

/**
 * client_finish - wait for the answer to client_start()
 * @client: the connection
 * @deadline: in milliseconds of the monotonic clock, see client_now(); -1: none
 * @error: filled in on failure: "ETIMEDOUT" after @deadline, and then it may be called again
 *
 * Return: the result, to be released with json_object_put(), or NULL.
 */
struct json_object *client_finish(struct client *client, long long deadline,
				  struct client_error *error);

/* The connection, for poll(2). What was received already does not show there. */
int client_fd(const struct client *client);

/**
 * client_next - the next message that no call asked for
 * @client: the connection
 * @deadline: in milliseconds of the monotonic clock, see client_now(); -1: none
 * @error: filled in on failure: "ETIMEDOUT" after @deadline, "ECONNRESET" if
 *	the daemon is gone
 *
 * Return: the notification, to be released with json_object_put(), or NULL.
 */
struct json_object *client_next(struct client *client, long long deadline,
				struct client_error *error);

/* Milliseconds of the monotonic clock. */
long long client_now(void);

#endif
