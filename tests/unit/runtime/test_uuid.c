// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/errno.h>
#include <linux/uuid.h>

static const char text[] = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";

static void a_uuid_has_its_bytes_in_the_order_of_its_text(void **state)
{
	static const u8 bytes[] = { 0x83, 0xb8, 0xf4, 0xf2, 0x50, 0x9f, 0x38, 0x2f,
				    0x3c, 0x1e, 0xe6, 0xbf, 0xe0, 0xfa, 0x10, 0x01 };
	uuid_t uuid;

	assert_int_equal(uuid_parse(text, &uuid), 0);
	assert_memory_equal(uuid.b, bytes, sizeof(bytes));
}

static void a_guid_has_its_first_three_fields_little_endian(void **state)
{
	static const u8 bytes[] = { 0xf2, 0xf4, 0xb8, 0x83, 0x9f, 0x50, 0x2f, 0x38,
				    0x3c, 0x1e, 0xe6, 0xbf, 0xe0, 0xfa, 0x10, 0x01 };
	const guid_t init = GUID_INIT(0x83b8f4f2, 0x509f, 0x382f, 0x3c, 0x1e, 0xe6, 0xbf, 0xe0,
				      0xfa, 0x10, 0x01);
	guid_t guid;

	assert_int_equal(guid_parse(text, &guid), 0);
	assert_memory_equal(guid.b, bytes, sizeof(bytes));
	assert_true(guid_equal(&guid, &init));
	assert_false(guid_is_null(&guid));
	assert_true(guid_is_null(&guid_null));
}

static void text_that_is_no_uuid_is_refused_and_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa100",
		"83b8f4f2-509f-382f-3c1e-e6bfe0fa100g",
		"83b8f4f2509f382f3c1ee6bfe0fa1001",
		"83b8f4f2-509f-382f-3c1ee-6bfe0fa1001",
		"{83b8f4f2-509f-382f-3c1e-e6bfe0fa100",
		" 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
	};
	guid_t guid = guid_null;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(guid_parse(bad[i], &guid), -EINVAL);
		assert_true(guid_is_null(&guid));
		assert_false(uuid_is_valid(bad[i]));
	}
	assert_int_equal(guid_parse("83B8F4F2-509F-382F-3C1E-E6BFE0FA1001 and more", &guid), 0);
}

static void generated_ones_say_that_they_are_random(void **state)
{
	uuid_t a, b;
	guid_t g;

	uuid_gen(&a);
	uuid_gen(&b);
	guid_gen(&g);
	assert_false(uuid_equal(&a, &b));
	assert_int_equal(a.b[6] >> 4, 4);
	assert_int_equal(a.b[8] >> 6, 2);
	assert_int_equal(g.b[7] >> 4, 4);
	assert_int_equal(g.b[8] >> 6, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uuid_has_its_bytes_in_the_order_of_its_text),
		cmocka_unit_test(a_guid_has_its_first_three_fields_little_endian),
		cmocka_unit_test(text_that_is_no_uuid_is_refused_and_changes_nothing),
		cmocka_unit_test(generated_ones_say_that_they_are_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
