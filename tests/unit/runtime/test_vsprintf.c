// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "runtime_test.h"
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

/* Formats that make no sense to a compiler are to look as in C all the same. */
#pragma GCC diagnostic ignored "-Wformat"

/* The C library's answer to the same question. */
static int libc_format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = __builtin_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

#define assert_as_libc(fmt, ...)                                                                \
	do {                                                                                    \
		char ours[200], theirs[200];                                                    \
		int len = snprintf(ours, sizeof(ours), fmt, ##__VA_ARGS__);                     \
                                                                                                \
		assert_int_equal(libc_format(theirs, sizeof(theirs), fmt, ##__VA_ARGS__), len); \
		assert_string_equal(ours, theirs);                                              \
	} while (0)

#define assert_format(expected, fmt, ...)                                          \
	do {                                                                       \
		char made[200];                                                    \
                                                                                   \
		assert_int_equal(snprintf(made, sizeof(made), fmt, ##__VA_ARGS__), \
				 strlen(expected));                                \
		assert_string_equal(made, expected);                               \
	} while (0)

static void numbers_look_as_in_c(void **state)
{
	static const int values[] = { 0, 1, -1, 42, -42, INT_MAX, INT_MIN };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		int v = values[i];

		assert_as_libc("%d|%i|%u|%x|%X|%o", v, v, v, v, v, v);
		assert_as_libc("%8d|%-8d|%08d|%+d|% d|%+08d", v, v, v, v, v, v);
		assert_as_libc("%#x|%#X|%#o|%#10x|%#010x|%-#10x|", v, v, v, v, v, v);
		assert_as_libc("%.5d|%8.5d|%-8.5d|%08.5d|%.0d|%.d", v, v, v, v, v, v);
		assert_as_libc("%*d|%-*d|%.*d", 7, v, 7, v, 4, v);
		assert_as_libc("%*d|%.*d", -7, v, -4, v);
		assert_as_libc("%hhd|%hd|%ld|%lld|%zd|%td|%jd", (signed char)v, (short)v, (long)v,
			       (long long)v, (ssize_t)v, (ptrdiff_t)v, (intmax_t)v);
		assert_as_libc("%hhu|%hx|%lx|%llo|%zu|%ju", (unsigned char)v, (unsigned short)v,
			       (unsigned long)v, (unsigned long long)v, (size_t)v, (uintmax_t)v);
	}
	assert_as_libc("%lld %llx", LLONG_MIN, ULLONG_MAX);
}

static void text_and_floating_point_look_as_in_c(void **state)
{
	assert_as_libc("%s|%10s|%-10s|%.2s|%10.2s|%c|%5c|%-5c|%%", "abc", "abc", "abc", "abc",
		       "abc", 'x', 'x', 'x');
	assert_as_libc("%.*s", 2, "abc");
	assert_as_libc("%f|%.2f|%8.1f|%e|%g", 3.14159, 3.14159, 3.14159, 31415.9, 0.0001);
}

static void what_does_not_fit_is_cut_off_and_still_counted(void **state)
{
	char buf[5] = "....";

	assert_int_equal(snprintf(buf, sizeof(buf), "%s", "abcdefgh"), 8);
	assert_string_equal(buf, "abcd");
	assert_int_equal(scnprintf(buf, sizeof(buf), "%s", "abcdefgh"), 4);
	assert_int_equal(scnprintf(buf, 0, "%s", "xy"), 0);
	assert_string_equal(buf, "abcd");
	assert_int_equal(snprintf(NULL, 0, "%d", 12345), 5);
	assert_int_equal(sprintf(buf, "%d", 99), 2);
}

static void uuids_are_printed_in_both_byte_orders_and_cases(void **state)
{
	static const char text[] = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
	guid_t guid;
	uuid_t uuid;

	assert_int_equal(guid_parse(text, &guid), 0);
	assert_int_equal(uuid_parse(text, &uuid), 0);
	assert_format("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "%pUl", &guid);
	assert_format("83B8F4F2-509F-382F-3C1E-E6BFE0FA1001.", "%pUL.", &guid);
	assert_format("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "%pUb", &uuid);
	assert_format("83B8F4F2-509F-382F-3C1E-E6BFE0FA1001", "%pUB", &uuid);
	assert_format("  83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "%38pUb", &uuid);
}

static void print_nested(char *buf, size_t size, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	snprintf(buf, size, "<%pV> <%pV>", &vaf, &vaf);
	va_end(args);
}

static void a_format_can_be_printed_inside_another_more_than_once(void **state)
{
	char buf[40];

	print_nested(buf, sizeof(buf), "%s=%d", "a", 7);
	assert_string_equal(buf, "<a=7> <a=7>");
}

static void errors_bytes_and_bad_pointers_have_forms_of_their_own(void **state)
{
	static const u8 bytes[] = { 0, 0x1f, 0xff };
	const char *volatile none = NULL;

	assert_format("-ENOENT", "%pe", ERR_PTR(-ENOENT));
	assert_format("-517", "%pe", ERR_PTR(-EPROBE_DEFER));
	assert_format("00 1f ff", "%3ph", bytes);
	assert_format("00:1f:ff", "%3phC", bytes);
	assert_format("001fff", "%3phN", bytes);
	assert_format("(null)", "%s", none);
	assert_format("(efault)", "%s", (char *)ERR_PTR(-EFAULT));
	assert_format("(null)", "%pUb", NULL);
}

static void a_plain_pointer_does_not_give_its_address_away(void **state)
{
	char first[40], second[40], raw[40];
	int object;

	snprintf(first, sizeof(first), "%p", (void *)&object);
	snprintf(second, sizeof(second), "%p", (void *)&object);
	snprintf(raw, sizeof(raw), "%px", (void *)&object);
	assert_int_equal(strlen(first), 16);
	assert_string_equal(first, second);
	assert_string_not_equal(first, raw);
	assert_format("0000000000000000", "%p", NULL);
}

static void kasprintf_gives_the_text_its_own_memory(void **state)
{
	long before = counts_now().allocations;
	char *p = kasprintf(GFP_KERNEL, "%s-%04d", "mtty", 12);

	assert_string_equal(p, "mtty-0012");
	kfree(p);
	assert_int_equal(counts_now().allocations, before);
}

static void an_unknown_conversion_warns_and_ends_the_text(void **state)
{
	const char *volatile fmt = "a%yb";
	long warnings = warnings_now();
	char buf[10];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	snprintf(buf, sizeof(buf), fmt);
#pragma GCC diagnostic pop
	assert_string_equal(buf, "a");
	assert_int_equal(warnings_now(), warnings + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_look_as_in_c),
		cmocka_unit_test(text_and_floating_point_look_as_in_c),
		cmocka_unit_test(what_does_not_fit_is_cut_off_and_still_counted),
		cmocka_unit_test(uuids_are_printed_in_both_byte_orders_and_cases),
		cmocka_unit_test(a_format_can_be_printed_inside_another_more_than_once),
		cmocka_unit_test(errors_bytes_and_bad_pointers_have_forms_of_their_own),
		cmocka_unit_test(a_plain_pointer_does_not_give_its_address_away),
		cmocka_unit_test(kasprintf_gives_the_text_its_own_memory),
		cmocka_unit_test(an_unknown_conversion_warns_and_ends_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
