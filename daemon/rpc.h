/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * JSON-RPC 2.0, one object a line: what is said, not who says it.
 */
#ifndef UMDEV_DAEMON_RPC_H
#define UMDEV_DAEMON_RPC_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <umdev/error.h>

/* A request has at most that many bytes, without the newline. */
#define RPC_LINE_MAX 65536
/* And that many levels of objects in objects. */
#define RPC_DEPTH_MAX 8

/* Codes of section 5.1 of the JSON-RPC 2.0 specification, and one of the server's own. */
enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_INTERNAL_ERROR = -32603,
	RPC_FAILED = -32000, /* the operation failed; "data" has the errno */
};

/* @error is 0 or a negative errno, and goes out by its name. */
struct rpc_error {
	enum rpc_code code;
	int error;
	char text[sizeof(((struct umdev_error *)0)->text)];
};

/*
 * One request. @root owns it all, the others point into it. @id is NULL for a
 * notification, @params where there are none.
 */
struct rpc_request {
	struct json_object *root;
	struct json_object *id;
	struct json_object *params;
	const char *method;
	bool notification;
};

enum rpc_type {
	RPC_STRING, /* without a NUL in it */
	RPC_BYTES,  /* a string that may have one */
	RPC_NUMBER, /* an integer, 0 or more */
	RPC_BOOL,
};

/* A parameter of a method, by name. */
struct rpc_param {
	const char *name;
	enum rpc_type type;
	bool required;
};

/**
 * rpc_parse - read a request
 * @line: its text, no NUL needed
 * @len: bytes
 * @request: filled in; to be released with rpc_request_finish(), also on error
 * @error: filled in on error
 *
 * Return: 0, or -1. On error, @request has the id as far as it was understood.
 */
int rpc_parse(const char *line, size_t len, struct rpc_request *request, struct rpc_error *error);

void rpc_request_finish(struct rpc_request *request);

/**
 * rpc_check_params - see whether a request has the parameters its method takes
 * @params: the request's, may be NULL
 * @spec: the method's, ended by one without a name
 * @error: filled in on error
 *
 * Return: 0, or -1 if one is missing, unknown or of the wrong type.
 */
int rpc_check_params(struct json_object *params, const struct rpc_param *spec,
		     struct rpc_error *error);

/* The values of parameters that were checked; the default for those left out. */
const char *rpc_string(struct json_object *params, const char *name);
uint64_t rpc_number(struct json_object *params, const char *name, uint64_t otherwise);
bool rpc_bool(struct json_object *params, const char *name);

/**
 * rpc_is_utf8 - whether bytes can stand in a JSON string as they are
 * @text: the bytes
 * @len: how many
 */
bool rpc_is_utf8(const char *text, size_t len);

/**
 * rpc_text - a JSON string for a person
 * @text: bytes; those that are not UTF-8 become question marks
 * @len: how many
 */
struct json_object *rpc_text(const char *text, size_t len);

/**
 * rpc_result - an answer
 * @id: of the request; the answer takes a reference of its own
 * @result: given to the answer; NULL for null
 *
 * Return: the answer, or NULL without memory.
 */
struct json_object *rpc_result(struct json_object *id, struct json_object *result);

struct json_object *rpc_failure(struct json_object *id, const struct rpc_error *error);

/**
 * rpc_notification - a message that no request asked for
 * @method: its kind
 * @params: given to the message
 */
struct json_object *rpc_notification(const char *method, struct json_object *params);

/**
 * rpc_set_error - fill in an error
 * @error: the error
 * @code: of JSON-RPC
 * @fmt: the text
 *
 * Return: -1.
 */
int rpc_set_error(struct rpc_error *error, enum rpc_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
