// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * From a line of text to a method, and back.
 */
#include "control_private.h"

#include <string.h>

static const struct control_method *find_method(const char *name)
{
	static const struct control_method *const tables[] = {
		control_sysfs_methods,
		control_module_methods,
		control_daemon_methods,
	};
	const struct control_method *method;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (method = tables[i]; method->name; method++)
			if (!strcmp(method->name, name))
				return method;
	return NULL;
}

static int call(struct control_client *client, const struct rpc_request *request,
		struct json_object **result, struct rpc_error *error)
{
	const struct control_method *method = find_method(request->method);
	struct umdev_error err = { .text = "" };
	int ret;

	if (!method)
		return rpc_set_error(error, RPC_METHOD_NOT_FOUND, "%.64s: no such method",
				     request->method);
	if (rpc_check_params(request->params, method->params, error))
		return -1;
	ret = method->fn(client, request->params, result, &err);
	if (!ret)
		return 0;
	rpc_set_error(error, RPC_FAILED, "%s", err.text);
	error->error = ret;
	return -1;
}

/* NULL where there is nothing to answer: for a notification. */
struct json_object *control_answer(struct control_client *client, const char *line, size_t len)
{
	struct json_object *result = NULL, *answer;
	struct rpc_request request;
	struct rpc_error error;
	int ret;

	ret = rpc_parse(line, len, &request, &error);
	if (!ret)
		ret = call(client, &request, &result, &error);
	if (ret)
		answer = rpc_failure(request.id, &error);
	else
		answer = rpc_result(request.id, result);
	if (request.notification && request.method) {
		json_object_put(answer);
		answer = NULL;
	}
	rpc_request_finish(&request);
	return answer;
}
