// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

static void kstrtoull_wants_the_whole_string_to_be_one_number(void **state)
{
	static const struct {
		const char *text;
		unsigned int base;
		int ret;
		unsigned long long value;
	} cases[] = {
		{ "0", 0, 0, 0 },
		{ "42\n", 0, 0, 42 },
		{ "+42", 10, 0, 42 },
		{ "0x2a", 0, 0, 42 },
		{ "0X2A", 16, 0, 42 },
		{ "2a", 16, 0, 42 },
		{ "052", 0, 0, 42 },
		{ "18446744073709551615", 10, 0, ULLONG_MAX },
		{ "18446744073709551616", 10, -ERANGE, 0 },
		{ "0x10000000000000000", 0, -ERANGE, 0 },
		{ "", 0, -EINVAL, 0 },
		{ "\n", 0, -EINVAL, 0 },
		{ "-1", 0, -EINVAL, 0 },
		{ " 1", 0, -EINVAL, 0 },
		{ "1 ", 0, -EINVAL, 0 },
		{ "1\n\n", 0, -EINVAL, 0 },
		{ "1x", 0, -EINVAL, 0 },
		{ "0x", 0, -EINVAL, 0 },
		{ "08", 0, -EINVAL, 0 },
		{ "++1", 0, -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned long long value = 7;
		int ret = kstrtoull(cases[i].text, cases[i].base, &value);

		if (ret != cases[i].ret || value != (ret ? 7 : cases[i].value))
			fail_msg("\"%s\" base %u: %d and %llu, expected %d and %llu", cases[i].text,
				 cases[i].base, ret, value, cases[i].ret, cases[i].value);
	}
}

static void signed_and_narrow_numbers_are_checked_for_their_range(void **state)
{
	unsigned int ui;
	long long ll;
	int i;
	u16 h;
	s8 b;
	u8 ub;

	assert_int_equal(kstrtoll("-9223372036854775808", 10, &ll), 0);
	assert_true(ll == LLONG_MIN);
	assert_int_equal(kstrtoll("9223372036854775808", 10, &ll), -ERANGE);
	assert_int_equal(kstrtoll("--1", 10, &ll), -EINVAL);
	assert_int_equal(kstrtoint("-2147483648", 10, &i), 0);
	assert_int_equal(i, INT_MIN);
	assert_int_equal(kstrtoint("2147483648", 10, &i), -ERANGE);
	assert_int_equal(kstrtouint("4294967296", 10, &ui), -ERANGE);
	assert_int_equal(kstrtou16("65535", 10, &h), 0);
	assert_int_equal(kstrtou16("65536", 10, &h), -ERANGE);
	assert_int_equal(kstrtos8("-128", 10, &b), 0);
	assert_int_equal(kstrtos8("-129", 10, &b), -ERANGE);
	assert_int_equal(kstrtou8("256", 10, &ub), -ERANGE);
}

static void simple_strtol_reads_what_a_text_begins_with(void **state)
{
	const char *text = "-12 apples";
	char *end;

	assert_int_equal(simple_strtol(text, &end, 10), -12);
	assert_ptr_equal(end, text + 3);
	assert_int_equal(simple_strtol("0x1f", NULL, 0), 31);
	assert_int_equal(simple_strtol("-9223372036854775808", NULL, 10), LONG_MIN);
}

static void kstrtobool_looks_at_the_beginning(void **state)
{
	static const char *const yes[] = { "y", "Yes", "1", "on", "ON\n", "1\n" };
	static const char *const no[] = { "n", "No", "0", "off", "Off" };
	static const char *const neither[] = { "", "2", "o", "oxx", "true", "\n" };
	bool value;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		value = false;
		assert_int_equal(kstrtobool(yes[i], &value), 0);
		assert_true(value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		value = true;
		assert_int_equal(kstrtobool(no[i], &value), 0);
		assert_false(value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		assert_int_equal(kstrtobool(neither[i], &value), -EINVAL);
	assert_int_equal(kstrtobool(NULL, &value), -EINVAL);
}

static void strscpy_terminates_and_says_when_it_cut(void **state)
{
	char buf[4];

	assert_int_equal(strscpy(buf, "abc", sizeof(buf)), 3);
	assert_string_equal(buf, "abc");
	assert_int_equal(strscpy(buf, "abcd", sizeof(buf)), -E2BIG);
	assert_string_equal(buf, "abc");
	assert_int_equal(strscpy(buf, "x", 0), -E2BIG);
	assert_string_equal(buf, "abc");
	assert_int_equal(strlcpy(buf, "uvwxyz", sizeof(buf)), 6);
	assert_string_equal(buf, "uvw");
	assert_int_equal(strlcat(buf, "12", sizeof(buf)), 5);
	assert_string_equal(buf, "uvw");
}

static void strings_are_copied_into_memory_of_their_own(void **state)
{
	long before = counts_now().allocations;
	char *a = kstrdup("hello", GFP_KERNEL), *b = kstrndup("hello", 2, GFP_KERNEL);
	char *c = kmemdup_nul("hello", 4, GFP_KERNEL), *d = kstrndup("hi", 100, GFP_KERNEL);

	assert_string_equal(a, "hello");
	assert_string_equal(b, "he");
	assert_string_equal(c, "hell");
	assert_string_equal(d, "hi");
	assert_null(kstrdup(NULL, GFP_KERNEL));
	kfree(a);
	kfree(b);
	kfree(c);
	kfree(d);
	assert_int_equal(counts_now().allocations, before);
}

static void one_final_newline_makes_no_difference_to_sysfs_streq(void **state)
{
	assert_true(sysfs_streq("on", "on\n"));
	assert_true(sysfs_streq("on\n", "on"));
	assert_true(sysfs_streq("", "\n"));
	assert_false(sysfs_streq("on", "on\n\n"));
	assert_false(sysfs_streq("on", "onn"));
	assert_false(sysfs_streq("on ", "on"));
}

static void white_space_goes_from_both_ends(void **state)
{
	char text[] = " \t a b \n", blank[] = "  \n";

	assert_string_equal(strim(text), "a b");
	assert_string_equal(strim(blank), "");
	assert_string_equal(skip_spaces("  x "), "x ");
}

static void a_string_is_found_in_an_array(void **state)
{
	static const char *const names[] = { "one", "two", NULL, "three" };

	assert_int_equal(match_string(names, 4, "two"), 1);
	assert_int_equal(match_string(names, 4, "three"), -EINVAL);
	assert_int_equal(sysfs_match_string(names, "two\n"), 1);
	assert_string_equal(kbasename("/a/b/c"), "c");
	assert_string_equal(kbasename("c"), "c");
	assert_ptr_equal(strnchr(names[0], 2, 'e'), NULL);
	assert_ptr_equal(strnchr(names[0], 3, 'e'), names[0] + 2);
}

static void hexadecimal_text_becomes_bytes(void **state)
{
	u8 bytes[3];

	assert_int_equal(hex2bin(bytes, "00fFa5", 3), 0);
	assert_memory_equal(bytes, "\x00\xff\xa5", 3);
	assert_int_equal(hex2bin(bytes, "0g", 1), -EINVAL);
	assert_int_equal(hex_to_bin('g'), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kstrtoull_wants_the_whole_string_to_be_one_number),
		cmocka_unit_test(signed_and_narrow_numbers_are_checked_for_their_range),
		cmocka_unit_test(simple_strtol_reads_what_a_text_begins_with),
		cmocka_unit_test(kstrtobool_looks_at_the_beginning),
		cmocka_unit_test(strscpy_terminates_and_says_when_it_cut),
		cmocka_unit_test(strings_are_copied_into_memory_of_their_own),
		cmocka_unit_test(one_final_newline_makes_no_difference_to_sysfs_streq),
		cmocka_unit_test(white_space_goes_from_both_ends),
		cmocka_unit_test(a_string_is_found_in_an_array),
		cmocka_unit_test(hexadecimal_text_becomes_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
