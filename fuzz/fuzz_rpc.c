// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A line of the control socket: JSON-RPC, its parameters, and what may be quoted in an answer.
 *
 * Input: a line, without its newline.
 */
#include <string.h>

#include "daemon/rpc.h"
#include "fuzz.h"

/* A parameter of each type, one of them required. */
static const struct rpc_param spec[] = {
	{ "path", RPC_STRING, true },
	{ "data", RPC_BYTES, false },
	{ "from", RPC_NUMBER, false },
	{ "follow", RPC_BOOL, false },
	{},
};

void harness_up(void)
{
}

void harness_down(void)
{
}

/* An answer is one line of JSON in UTF-8, which is what a client's parser expects. */
static void check_answer(struct json_object *answer)
{
	struct json_object *again;
	const char *text;
	size_t len;

	fuzz_check(answer, "no answer");
	text = json_object_to_json_string_length(
		answer, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	fuzz_check(text && strlen(text) == len, "a NUL in the answer");
	fuzz_check(!memchr(text, '\n', len), "an answer of several lines: %s", text);
	fuzz_check(rpc_is_utf8(text, len), "no UTF-8: %s", text);
	again = json_tokener_parse(text);
	fuzz_check(again, "no JSON: %s", text);
	json_object_put(again);
	json_object_put(answer);
}

static void use_params(const struct rpc_request *request)
{
	const char *path = rpc_string(request->params, "path");

	fuzz_check(path, "a required parameter is not there");
	check_answer(rpc_result(request->id, rpc_text(path, strlen(path))));
	rpc_string(request->params, "data");
	rpc_number(request->params, "from", 7);
	rpc_bool(request->params, "follow");
}

void harness_run(struct fuzz_input *in)
{
	char *line = fuzz_copy(in->at, in->left);
	struct rpc_request request;
	struct rpc_error error;
	int ret;

	ret = rpc_parse(line, in->left, &request, &error);
	if (!ret) {
		fuzz_check(request.method, "a request without a method");
		ret = rpc_check_params(request.params, spec, &error);
		if (!ret)
			use_params(&request);
	}
	if (ret) {
		fuzz_check(memchr(error.text, '\0', sizeof(error.text)), "a text without an end");
		check_answer(rpc_failure(request.id, &error));
	}
	check_answer(rpc_notification("any", rpc_text(line, in->left)));
	rpc_request_finish(&request);
	free(line);
}
