// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The JSON text of VERSION messages. */
#include <errno.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "vfio-user/caps.h"

static int parse(struct vfio_user_caps *caps, const char *text)
{
	const char *why = NULL;
	int ret = vfio_user_caps_parse(caps, text, strlen(text) + 1, &why);

	if (ret)
		assert_non_null(why);
	return ret;
}

static void no_data_stands_for_the_defaults(void **state)
{
	static const char *const texts[] = { "{}", "{\"capabilities\":{}}", "{\"other\": [1]}" };
	struct vfio_user_caps caps;
	const char *why;
	size_t i;

	assert_int_equal(vfio_user_caps_parse(&caps, NULL, 0, &why), 0);
	for (i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(caps.named, 0);
		assert_int_equal(caps.max_msg_fds, 1);
		assert_int_equal(caps.max_data_xfer_size, 1048576);
		assert_int_equal(caps.max_dma_maps, 65535);
		assert_int_equal(caps.pgsizes, 4096);
		assert_false(caps.write_multiple);
		if (i < sizeof(texts) / sizeof(texts[0]))
			assert_int_equal(parse(&caps, texts[i]), 0);
	}
}

static void what_qemu_proposes_is_understood(void **state)
{
	struct vfio_user_caps caps;

	assert_int_equal(parse(&caps, "{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, "
				      "\"max_dma_maps\": 65535, \"max_data_xfer_size\": 1048576, "
				      "\"migration\": {\"max_bitmap_size\": 268435456, "
				      "\"pgsize\": 4096}, \"write_multiple\": true}}"),
			 0);
	assert_int_equal(caps.named, VFIO_USER_CAP_ALL);
	assert_int_equal(caps.max_msg_fds, 16);
	assert_int_equal(caps.max_data_xfer_size, 1048576);
	assert_int_equal(caps.max_dma_maps, 65535);
	assert_int_equal(caps.pgsizes, 4096);
	assert_true(caps.write_multiple);
}

static void text_that_is_no_such_object_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"null",
		"[]",
		"1",
		"\"capabilities\"",
		"{",
		"{}}",
		"{} {}",
		"{\"capabilities\":[]}",
		"{\"capabilities\":null}",
		"{\"capabilities\":{\"max_msg_fds\":\"1\"}}",
		"{\"capabilities\":{\"max_msg_fds\":-1}}",
		"{\"capabilities\":{\"max_msg_fds\":1.5}}",
		"{\"capabilities\":{\"max_msg_fds\":null}}",
		"{\"capabilities\":{\"max_data_xfer_size\":0}}",
		"{\"capabilities\":{\"max_data_xfer_size\":-1048576}}",
		"{\"capabilities\":{\"max_dma_maps\":true}}",
		"{\"capabilities\":{\"max_dma_maps\":{}}}",
		"{\"capabilities\":{\"pgsizes\":0}}",
		"{\"capabilities\":{\"pgsizes\":[4096]}}",
		"{\"capabilities\":{\"write_multiple\":1}}",
		"{\"capabilities\":{\"write_multiple\":\"true\"}}",
		"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":1}}}}}}}}}",
		"{\"capabilities\":{\"max_msg_fds\":1}}\n{",
		"{\"\xff\":1}",
	};
	struct vfio_user_caps caps = { .named = 0x55 };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (parse(&caps, texts[i]) != -EINVAL)
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(caps.named, 0x55);
	}
}

static void the_text_ends_with_its_only_nul(void **state)
{
	struct vfio_user_caps caps;
	const char *why;

	assert_int_equal(vfio_user_caps_parse(&caps, "{}", 2, &why), -EINVAL);
	assert_int_equal(vfio_user_caps_parse(&caps, "{}\0", 4, &why), -EINVAL);
	assert_int_equal(vfio_user_caps_parse(&caps, "{\0}", 4, &why), -EINVAL);
	assert_int_equal(vfio_user_caps_parse(&caps, "\0", 1, &why), -EINVAL);
	assert_int_equal(vfio_user_caps_parse(&caps, "{}", 3, &why), 0);
}

static void the_largest_numbers_survive(void **state)
{
	struct vfio_user_caps caps;

	assert_int_equal(parse(&caps, "{\"capabilities\":{\"pgsizes\":18446744073709547520,"
				      "\"max_dma_maps\":18446744073709551615}}"),
			 0);
	assert_true(caps.pgsizes == 0xfffffffffffff000ull);
	assert_true(caps.max_dma_maps == UINT64_MAX);
}

static void only_what_is_named_is_written(void **state)
{
	struct vfio_user_caps caps = {
		.named = VFIO_USER_CAP_MAX_MSG_FDS | VFIO_USER_CAP_WRITE_MULTIPLE,
		.max_msg_fds = 16,
		.max_dma_maps = 7,
		.write_multiple = true,
	};
	const char *text = "{\"capabilities\":{\"max_msg_fds\":16,\"write_multiple\":true}}";
	char buf[128];

	assert_int_equal(vfio_user_caps_format(&caps, buf, sizeof(buf)), strlen(text) + 1);
	assert_string_equal(buf, text);
	assert_int_equal(vfio_user_caps_format(&caps, buf, strlen(text)), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_data_stands_for_the_defaults),
		cmocka_unit_test(what_qemu_proposes_is_understood),
		cmocka_unit_test(text_that_is_no_such_object_is_refused),
		cmocka_unit_test(the_text_ends_with_its_only_nul),
		cmocka_unit_test(the_largest_numbers_survive),
		cmocka_unit_test(only_what_is_named_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
