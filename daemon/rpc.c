// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "rpc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rpc_set_error(struct rpc_error *error, enum rpc_code code, const char *fmt, ...)
{
	va_list args;

	error->code = code;
	error->error = 0;
	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return -1;
}

/* Bytes of the UTF-8 sequence at @text (RFC 3629), 0 if there is none. */
static size_t sequence_length(const unsigned char *text, size_t len)
{
	unsigned int low = 0x80, high = 0xbf;
	size_t n, i;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	n = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	/* Neither a longer form than needed, nor a surrogate, nor beyond U+10FFFF. */
	if (text[0] == 0xe0)
		low = 0xa0;
	else if (text[0] == 0xed)
		high = 0x9f;
	else if (text[0] == 0xf0)
		low = 0x90;
	else if (text[0] == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool rpc_is_utf8(const char *text, size_t len)
{
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = sequence_length((const unsigned char *)text + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

static struct json_object *parse_json(const char *line, size_t len, struct rpc_error *error)
{
	struct json_tokener *tokener;
	struct json_object *root;
	enum json_tokener_error problem;

	if (!rpc_is_utf8(line, len)) {
		rpc_set_error(error, RPC_PARSE_ERROR, "not a JSON text: it is not UTF-8");
		return NULL;
	}
	tokener = json_tokener_new_ex(RPC_DEPTH_MAX);
	if (!tokener) {
		rpc_set_error(error, RPC_INTERNAL_ERROR, "out of memory");
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tokener, line, len);
	problem = json_tokener_get_error(tokener);
	/* A number at the top level waits for its end, which the line's end is. */
	if (problem == json_tokener_continue)
		root = json_tokener_parse_ex(tokener, "", 1);
	problem = json_tokener_get_error(tokener);
	if (problem != json_tokener_success) {
		json_object_put(root);
		root = NULL;
		rpc_set_error(error, RPC_PARSE_ERROR,
			      "not a JSON text: %s at byte %zu; expected one object a line",
			      problem == json_tokener_continue ? "it ends too early"
							       : json_tokener_error_desc(problem),
			      json_tokener_get_parse_end(tokener));
	} else if (!root) {
		rpc_set_error(error, RPC_INVALID_REQUEST, "expected an object, got null");
	}
	json_tokener_free(tokener);
	return root;
}

static int check_request(struct rpc_request *request, struct rpc_error *error)
{
	struct json_object *version, *method;

	if (!json_object_is_type(request->root, json_type_object))
		return rpc_set_error(error, RPC_INVALID_REQUEST,
				     "expected one request object a line, got %s",
				     json_type_to_name(json_object_get_type(request->root)));
	request->notification = !json_object_object_get_ex(request->root, "id", &request->id);
	switch (json_object_get_type(request->id)) {
	case json_type_null:
	case json_type_string:
	case json_type_int:
	case json_type_double:
		break;
	default:
		request->id = NULL;
		return rpc_set_error(error, RPC_INVALID_REQUEST, "id: expected string or number");
	}
	if (!json_object_object_get_ex(request->root, "jsonrpc", &version) ||
	    !json_object_is_type(version, json_type_string) ||
	    strcmp(json_object_get_string(version), "2.0"))
		return rpc_set_error(error, RPC_INVALID_REQUEST, "jsonrpc: expected \"2.0\"");
	if (!json_object_object_get_ex(request->root, "method", &method) ||
	    !json_object_is_type(method, json_type_string))
		return rpc_set_error(error, RPC_INVALID_REQUEST, "method: expected a string");
	request->method = json_object_get_string(method);
	if (json_object_object_get_ex(request->root, "params", &request->params) &&
	    !json_object_is_type(request->params, json_type_object))
		return rpc_set_error(error, RPC_INVALID_PARAMS,
				     "params: expected an object with parameters by name");
	return 0;
}

int rpc_parse(const char *line, size_t len, struct rpc_request *request, struct rpc_error *error)
{
	*request = (struct rpc_request){ .root = parse_json(line, len, error) };
	if (!request->root)
		return -1;
	return check_request(request, error);
}

void rpc_request_finish(struct rpc_request *request)
{
	json_object_put(request->root);
}

static bool has_type(struct json_object *value, enum rpc_type type)
{
	switch (type) {
	case RPC_STRING:
		return json_object_is_type(value, json_type_string) &&
		       strlen(json_object_get_string(value)) ==
			       (size_t)json_object_get_string_len(value);
	case RPC_BYTES:
		return json_object_is_type(value, json_type_string);
	case RPC_NUMBER:
		return json_object_is_type(value, json_type_int) &&
		       json_object_get_int64(value) >= 0;
	case RPC_BOOL:
		return json_object_is_type(value, json_type_boolean);
	}
	return false;
}

static const char *type_name(enum rpc_type type)
{
	static const char *const names[] = {
		[RPC_STRING] = "a string without a NUL",
		[RPC_BYTES] = "a string",
		[RPC_NUMBER] = "an integer of 0 or more",
		[RPC_BOOL] = "true or false",
	};

	return names[type];
}

static int check_known(struct json_object *params, const struct rpc_param *spec,
		       struct rpc_error *error)
{
	const struct rpc_param *param;

	json_object_object_foreach(params, name, value) {
		for (param = spec; param->name && strcmp(param->name, name); param++)
			;
		if (!param->name)
			return rpc_set_error(error, RPC_INVALID_PARAMS,
					     "%.64s: the method has no such parameter", name);
		if (!has_type(value, param->type))
			return rpc_set_error(error, RPC_INVALID_PARAMS, "%s: expected %s", name,
					     type_name(param->type));
	}
	return 0;
}

int rpc_check_params(struct json_object *params, const struct rpc_param *spec,
		     struct rpc_error *error)
{
	const struct rpc_param *param;

	if (params && check_known(params, spec, error))
		return -1;
	for (param = spec; param->name; param++)
		if (param->required && !json_object_object_get_ex(params, param->name, NULL))
			return rpc_set_error(error, RPC_INVALID_PARAMS, "%s: missing; expected %s",
					     param->name, type_name(param->type));
	return 0;
}

const char *rpc_string(struct json_object *params, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(params, name, &value))
		return NULL;
	return json_object_get_string(value);
}

uint64_t rpc_number(struct json_object *params, const char *name, uint64_t otherwise)
{
	struct json_object *value;

	if (!json_object_object_get_ex(params, name, &value))
		return otherwise;
	return json_object_get_uint64(value);
}

bool rpc_bool(struct json_object *params, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(params, name, &value) && json_object_get_boolean(value);
}

struct json_object *rpc_text(const char *text, size_t len)
{
	struct json_object *string;
	size_t i, n;
	char *copy;

	if (rpc_is_utf8(text, len))
		return json_object_new_string_len(text, len);
	copy = malloc(len);
	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	for (i = 0; i < len; i += n ? n : 1) {
		n = sequence_length((const unsigned char *)copy + i, len - i);
		if (!n)
			copy[i] = '?';
	}
	string = json_object_new_string_len(copy, len);
	free(copy);
	return string;
}

static struct json_object *new_message(void)
{
	struct json_object *message = json_object_new_object();

	if (message)
		json_object_object_add(message, "jsonrpc", json_object_new_string("2.0"));
	return message;
}

struct json_object *rpc_result(struct json_object *id, struct json_object *result)
{
	struct json_object *message = new_message();

	if (!message) {
		json_object_put(result);
		return NULL;
	}
	json_object_object_add(message, "result", result);
	json_object_object_add(message, "id", json_object_get(id));
	return message;
}

static const char *errno_name(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "unknown";
}

struct json_object *rpc_failure(struct json_object *id, const struct rpc_error *error)
{
	struct json_object *message = new_message(), *body, *data;

	if (!message)
		return NULL;
	body = json_object_new_object();
	json_object_object_add(body, "code", json_object_new_int(error->code));
	/* It may quote a name that was cut off within a character. */
	json_object_object_add(body, "message", rpc_text(error->text, strlen(error->text)));
	if (error->error) {
		data = json_object_new_object();
		json_object_object_add(data, "errno",
				       json_object_new_string(errno_name(-error->error)));
		json_object_object_add(body, "data", data);
	}
	json_object_object_add(message, "error", body);
	json_object_object_add(message, "id", json_object_get(id));
	return message;
}

struct json_object *rpc_notification(const char *method, struct json_object *params)
{
	struct json_object *message = new_message();

	if (!message) {
		json_object_put(params);
		return NULL;
	}
	json_object_object_add(message, "method", json_object_new_string(method));
	json_object_object_add(message, "params", params);
	return message;
}
