// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What drivers and the mdev core read values written to attributes with: numbers, truth and UUIDs. All
 * are compared with what libc and a second, slower way make of the same text.
 *
 * Input: a byte that chooses the base, and the text.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "fuzz.h"

void harness_up(void)
{
}

void harness_down(void)
{
}

/* Linux's rule, by way of libc: the base as libc sees it, and nothing that libc would skip. */
static int expected_number(const char *text, unsigned int base, bool is_signed,
			   unsigned long long *value, bool *negative)
{
	const char *digits = text;
	char *end;

	*negative = is_signed && *digits == '-';
	if (*digits == '+' || *negative)
		digits++;
	if (!isxdigit((unsigned char)*digits))
		return -EINVAL;
	errno = 0;
	*value = strtoull(digits, &end, (int)base);
	if (end == digits)
		return -EINVAL;
	if (errno)
		return -ERANGE;
	if (*end == '\n')
		end++;
	return *end ? -EINVAL : 0;
}

/* What "0x" without a digit and "0b" mean, libcs do not agree upon. */
static bool is_disputed(const char *text)
{
	text += strspn(text, "+-");
	return text[0] == '0' && isalpha((unsigned char)text[1]) &&
	       !((text[1] == 'x' || text[1] == 'X') && isxdigit((unsigned char)text[2]));
}

static void check_unsigned(const char *text, unsigned int base)
{
	unsigned long long value = 0, got = 4711;
	bool negative;
	int expected = expected_number(text, base, false, &value, &negative);
	int ret = kstrtoull(text, base, &got);
	u8 small = 42;
	unsigned int medium;

	fuzz_check(ret == expected, "kstrtoull(\"%s\", %u) = %d, expected %d", text, base, ret,
		   expected);
	fuzz_check(ret ? got == 4711 : got == value, "\"%s\" is %llu", text, got);
	fuzz_check(kstrtou8(text, base, &small) == (ret		     ? ret
						    : value > U8_MAX ? -ERANGE
								     : 0),
		   "kstrtou8(\"%s\")", text);
	fuzz_check(small == (ret || value > U8_MAX ? 42 : value), "kstrtou8(\"%s\")", text);
	fuzz_check(kstrtouint(text, base, &medium) == (ret		  ? ret
						       : value > UINT_MAX ? -ERANGE
									  : 0),
		   "kstrtouint(\"%s\")", text);
}

static void check_signed(const char *text, unsigned int base)
{
	unsigned long long value = 0;
	long long got = 4711;
	bool negative;
	int expected = expected_number(text, base, true, &value, &negative);
	int ret = kstrtoll(text, base, &got);
	s16 small;

	if (!expected && value > (unsigned long long)LLONG_MAX + negative)
		expected = -ERANGE;
	fuzz_check(ret == expected, "kstrtoll(\"%s\", %u) = %d, expected %d", text, base, ret,
		   expected);
	fuzz_check(ret || (unsigned long long)got == (negative ? -value : value), "\"%s\" is %lld",
		   text, got);
	if (!ret)
		fuzz_check(kstrtos16(text, base, &small) ==
				   (got < S16_MIN || got > S16_MAX ? -ERANGE : 0),
			   "kstrtos16(\"%s\")", text);
}

static bool looks_like_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; form[i]; i++)
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

static void check_uuid(const char *text)
{
	bool good = looks_like_uuid(text);
	char again[UUID_STRING_LEN + 1];
	guid_t guid;
	uuid_t uuid;

	fuzz_check(uuid_is_valid(text) == good, "uuid_is_valid(\"%s\")", text);
	fuzz_check(uuid_parse(text, &uuid) == (good ? 0 : -EINVAL), "uuid_parse(\"%s\")", text);
	fuzz_check(guid_parse(text, &guid) == (good ? 0 : -EINVAL), "guid_parse(\"%s\")", text);
	if (!good)
		return;
	scnprintf(again, sizeof(again), "%pU", &uuid);
	fuzz_check(!strncasecmp(again, text, UUID_STRING_LEN), "\"%s\" is %s", text, again);
	scnprintf(again, sizeof(again), "%pUl", &guid);
	fuzz_check(!strncasecmp(again, text, UUID_STRING_LEN), "\"%s\" is %s", text, again);
}

static void check_bool(const char *text)
{
	bool yes = strchr("yY1", text[0]) || !strncasecmp(text, "on", 2);
	bool no = strchr("nN0", text[0]) || !strncasecmp(text, "of", 2);
	bool got = true;
	int ret = kstrtobool(text, &got);

	if (!text[0])
		yes = no = false;
	fuzz_check(ret == (yes || no ? 0 : -EINVAL), "kstrtobool(\"%s\") = %d", text, ret);
	fuzz_check(ret || got == yes, "kstrtobool(\"%s\")", text);
}

/* Those that say nothing of errors are only not to leave the text. */
static void read_loosely(const char *text, unsigned int base)
{
	u8 bytes[8];
	char *end;

	simple_strtoull(text, &end, base);
	fuzz_check(end >= text && end <= text + strlen(text), "simple_strtoull(\"%s\")", text);
	simple_strtol(text, &end, base);
	if (strlen(text) >= 2 * sizeof(bytes))
		(void)!hex2bin(bytes, text, sizeof(bytes));
	sysfs_streq(text, "a\n");
}

void harness_run(struct fuzz_input *in)
{
	static const unsigned int bases[] = { 0, 2, 8, 10, 16 };
	unsigned int base = bases[fuzz_u8(in) % ARRAY_SIZE(bases)];
	char *text = fuzz_string(in->at, in->left);

	if (!is_disputed(text)) {
		check_unsigned(text, base);
		check_signed(text, base);
	}
	check_bool(text);
	check_uuid(text);
	read_loosely(text, base);
	free(text);
}
