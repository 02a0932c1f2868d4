// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* JSON-RPC: what is a request, and how errors are told. */
#include <daemon/rpc.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_error(const char *line, enum rpc_code code)
{
	struct rpc_request request;
	struct rpc_error error;

	if (!rpc_parse(line, strlen(line), &request, &error))
		fail_msg("%s: expected error %d, got none", line, code);
	if (error.code != code)
		fail_msg("%s: expected error %d, got %d: %s", line, code, error.code, error.text);
	assert_true(error.text[0]);
	rpc_request_finish(&request);
}

static void parse(const char *line, struct rpc_request *request)
{
	struct rpc_error error;

	if (rpc_parse(line, strlen(line), request, &error))
		fail_msg("%s: %s", line, error.text);
}

static void a_request_has_method_params_and_id(void **state)
{
	struct rpc_request request;

	parse("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"sysfs.read\",\"params\":{\"path\":\"/"
	      "x\"}}",
	      &request);
	assert_string_equal(request.method, "sysfs.read");
	assert_string_equal(rpc_string(request.params, "path"), "/x");
	assert_int_equal(json_object_get_int(request.id), 7);
	assert_false(request.notification);
	rpc_request_finish(&request);
}

static void a_request_without_id_is_a_notification(void **state)
{
	struct rpc_request request;

	parse("{\"jsonrpc\":\"2.0\",\"method\":\"version\"}", &request);
	assert_true(request.notification);
	rpc_request_finish(&request);
	parse("{\"jsonrpc\":\"2.0\",\"method\":\"version\",\"id\":null}", &request);
	assert_false(request.notification);
	rpc_request_finish(&request);
}

static void what_is_not_json_is_a_parse_error(void **state)
{
	static const char *const lines[] = {
		"{",
		"}",
		"{\"a\":1,}",
		"{\"a\":1} x",
		"[1",
		"\"unterminated",
		"nul",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\" 1}",
		"\x01",
		"-",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"version\"",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_error(lines[i], RPC_PARSE_ERROR);
}

static void json_that_is_no_request_is_an_invalid_request(void **state)
{
	static const char *const lines[] = {
		"null",
		"1",
		"\"x\"",
		"true",
		"[]",
		"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"version\"}]",
		"{}",
		"{\"id\":1,\"method\":\"version\"}",
		"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"version\"}",
		"{\"jsonrpc\":2.0,\"id\":1,\"method\":\"version\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":1}",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}",
		"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"version\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"version\"}",
		"{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"version\"}",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_error(lines[i], RPC_INVALID_REQUEST);
}

static void params_have_to_be_an_object(void **state)
{
	expect_error("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[1]}",
		     RPC_INVALID_PARAMS);
	expect_error("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":\"x\"}",
		     RPC_INVALID_PARAMS);
}

static void nesting_deeper_than_the_limit_is_a_parse_error(void **state)
{
	char line[RPC_DEPTH_MAX * 2 + 16];
	int i, len;

	for (len = 0, i = 0; i <= RPC_DEPTH_MAX; i++)
		line[len++] = '[';
	for (i = 0; i <= RPC_DEPTH_MAX; i++)
		line[len++] = ']';
	line[len] = '\0';
	expect_error(line, RPC_PARSE_ERROR);
}

static void any_single_byte_is_answered_with_an_error(void **state)
{
	struct rpc_request request;
	struct rpc_error error;
	char byte;
	int i;

	for (i = 0; i < 256; i++) {
		byte = i;
		assert_int_equal(rpc_parse(&byte, 1, &request, &error), -1);
		rpc_request_finish(&request);
	}
}

static const struct rpc_param spec[] = {
	{ "path", RPC_STRING, true },
	{ "data", RPC_BYTES, false },
	{ "from", RPC_NUMBER, false },
	{ "follow", RPC_BOOL, false },
	{ .name = NULL },
};

static int check(const char *text, struct rpc_error *error)
{
	struct json_object *params = text ? json_tokener_parse(text) : NULL;
	int ret = rpc_check_params(params, spec, error);

	json_object_put(params);
	return ret;
}

static void parameters_are_checked_against_what_the_method_takes(void **state)
{
	static const char *const bad[] = {
		NULL,
		"{}",
		"{\"path\":1}",
		"{\"path\":null}",
		"{\"path\":\"a\\u0000b\"}",
		"{\"path\":\"/\",\"from\":-1}",
		"{\"path\":\"/\",\"from\":\"1\"}",
		"{\"path\":\"/\",\"from\":1.5}",
		"{\"path\":\"/\",\"follow\":1}",
		"{\"path\":\"/\",\"unknown\":1}",
	};
	struct rpc_error error;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!check(bad[i], &error))
			fail_msg("%s: expected an error", bad[i]);
		assert_int_equal(error.code, RPC_INVALID_PARAMS);
	}
	assert_int_equal(check("{\"path\":\"/\",\"data\":\"a\\u0000b\",\"from\":0,\"follow\":true}",
			       &error),
			 0);
}

static void a_failure_carries_the_name_of_its_errno(void **state)
{
	struct rpc_error error = { RPC_FAILED, -EEXIST, "it is there" };
	struct json_object *id = json_object_new_string("a"), *answer;

	answer = rpc_failure(id, &error);
	assert_string_equal(
		json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PLAIN),
		"{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"it is there\","
		"\"data\":{\"errno\":\"EEXIST\"}},\"id\":\"a\"}");
	json_object_put(answer);
	json_object_put(id);
}

static void a_failure_is_a_text_though_its_message_was_cut_within_a_character(void **state)
{
	struct json_object *answer;
	struct rpc_error error;
	const char *text;

	rpc_set_error(&error, RPC_METHOD_NOT_FOUND, "%.2s: no such method", "a\xc3\xa4");
	answer = rpc_failure(NULL, &error);
	text = json_object_to_json_string(answer);
	assert_true(rpc_is_utf8(text, strlen(text)));
	json_object_put(answer);
}

static void utf8_is_told_from_other_bytes(void **state)
{
	static const char *const good[] = { "", "a", "\xc3\xa4", "\xe2\x82\xac",
					    "\xf0\x9f\x98\x80" };
	static const char *const bad[] = { "\x80",
					   "\xc3",
					   "\xc0\x80",
					   "\xe0\x80\x80",
					   "\xed\xa0\x80",
					   "\xf4\x90\x80\x80",
					   "\xf8\x80\x80\x80",
					   "\xe2\x82",
					   "a\xff" };
	struct json_object *text;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(rpc_is_utf8(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(rpc_is_utf8(bad[i], strlen(bad[i])));
	text = rpc_text("a\xff\xc3\xa4\xc3", 5);
	assert_string_equal(json_object_get_string(text), "a?\xc3\xa4?");
	json_object_put(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_method_params_and_id),
		cmocka_unit_test(a_request_without_id_is_a_notification),
		cmocka_unit_test(what_is_not_json_is_a_parse_error),
		cmocka_unit_test(json_that_is_no_request_is_an_invalid_request),
		cmocka_unit_test(params_have_to_be_an_object),
		cmocka_unit_test(nesting_deeper_than_the_limit_is_a_parse_error),
		cmocka_unit_test(any_single_byte_is_answered_with_an_error),
		cmocka_unit_test(parameters_are_checked_against_what_the_method_takes),
		cmocka_unit_test(a_failure_carries_the_name_of_its_errno),
		cmocka_unit_test(a_failure_is_a_text_though_its_message_was_cut_within_a_character),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
