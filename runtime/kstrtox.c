// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Numbers from text, strictly: the whole string is one number, one newline may
 * follow, nothing else. Semantics: Linux 5.10's kstrto*().
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/string.h>

/* Base 0 means what the prefix says: 0x, 0 or none. A 0x prefix is skipped for base 16 too. */
static const char *parse_base(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && isxdigit((unsigned char)s[2]);

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return *base == 16 && s[0] == '0' && (s[1] | 0x20) == 'x' ? s + 2 : s;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : INT_MAX;
}

static int parse_unsigned(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long value = 0;
	const char *start;

	s = parse_base(s, &base);
	for (start = s; digit_value(*s) < (int)base; s++) {
		if (check_mul_overflow(value, (unsigned long long)base, &value) ||
		    check_add_overflow(value, (unsigned long long)digit_value(*s), &value))
			return -ERANGE;
	}
	if (s == start)
		return -EINVAL;
	if (*s == '\n')
		s++;
	if (*s)
		return -EINVAL;
	*res = value;
	return 0;
}

/**
 * kstrtoull() - text to unsigned long long
 * @s: a number; "+" may precede it, a newline follow
 * @base: 2 to 16, or 0 to tell it from the prefix (0x: 16, 0: 8, else 10)
 * @res: the number; untouched on failure
 *
 * Context: any.
 * Return: 0; -EINVAL if @s is no such number; -ERANGE if it does not fit.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	if (*s == '+')
		s++;
	return parse_unsigned(s, base, res);
}
EXPORT_SYMBOL(kstrtoull);

/**
 * kstrtoll() - text to long long
 * @s: a number; "+" or "-" may precede it, a newline follow
 * @base: as for kstrtoull()
 * @res: the number; untouched on failure
 *
 * Context and return: as kstrtoull().
 */
int kstrtoll(const char *s, unsigned int base, long long *res)
{
	unsigned long long value;
	bool negative = *s == '-';
	int ret = negative ? parse_unsigned(s + 1, base, &value) : kstrtoull(s, base, &value);

	if (ret)
		return ret;
	if (value > (unsigned long long)LLONG_MAX + negative)
		return -ERANGE;
	*res = negative ? (long long)-value : (long long)value;
	return 0;
}
EXPORT_SYMBOL(kstrtoll);

#define DEFINE_KSTRTO(name, type, wide_name, wide)            \
	int name(const char *s, unsigned int base, type *res) \
	{                                                     \
		wide value;                                   \
		int ret = wide_name(s, base, &value);         \
                                                              \
		if (ret)                                      \
			return ret;                           \
		if (value != (wide)(type)value)               \
			return -ERANGE;                       \
		*res = (type)value;                           \
		return 0;                                     \
	}

/* Each as kstrtoull() or kstrtoll(), with -ERANGE for what its type does not hold. */
DEFINE_KSTRTO(kstrtoul, unsigned long, kstrtoull, unsigned long long)
EXPORT_SYMBOL(kstrtoul);
DEFINE_KSTRTO(kstrtol, long, kstrtoll, long long)
EXPORT_SYMBOL(kstrtol);
DEFINE_KSTRTO(kstrtouint, unsigned int, kstrtoull, unsigned long long)
EXPORT_SYMBOL(kstrtouint);
DEFINE_KSTRTO(kstrtoint, int, kstrtoll, long long)
EXPORT_SYMBOL(kstrtoint);
DEFINE_KSTRTO(kstrtou16, u16, kstrtoull, unsigned long long)
EXPORT_SYMBOL(kstrtou16);
DEFINE_KSTRTO(kstrtos16, s16, kstrtoll, long long)
EXPORT_SYMBOL(kstrtos16);
DEFINE_KSTRTO(kstrtou8, u8, kstrtoull, unsigned long long)
EXPORT_SYMBOL(kstrtou8);
DEFINE_KSTRTO(kstrtos8, s8, kstrtoll, long long)
EXPORT_SYMBOL(kstrtos8);

/**
 * kstrtobool() - text to bool
 * @s: begins with one of y, Y, 1, n, N, 0 or with "on" or "off" in any case
 * @res: the value; untouched on failure
 *
 * Only the beginning counts, as in Linux.
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int kstrtobool(const char *s, bool *res)
{
	if (!s)
		return -EINVAL;
	if (strchr("yY1", s[0]) && s[0]) {
		*res = true;
		return 0;
	}
	if (strchr("nN0", s[0]) && s[0]) {
		*res = false;
		return 0;
	}
	if ((s[0] | 0x20) != 'o')
		return -EINVAL;
	if ((s[1] | 0x20) != 'n' && (s[1] | 0x20) != 'f')
		return -EINVAL;
	*res = (s[1] | 0x20) == 'n';
	return 0;
}
EXPORT_SYMBOL(kstrtobool);

/**
 * simple_strtoull() - the number that text begins with
 * @cp: text
 * @endp: where the number ends, or NULL
 * @base: as for kstrtoull()
 *
 * Overflow is not noticed: use kstrtoull().
 *
 * Context: any.
 * Return: the number, 0 if there is none.
 */
unsigned long long simple_strtoull(const char *cp, char **endp, unsigned int base)
{
	unsigned long long value = 0;

	cp = parse_base(cp, &base);
	for (; digit_value(*cp) < (int)base; cp++)
		value = value * base + (unsigned long long)digit_value(*cp);
	if (endp)
		*endp = (char *)cp;
	return value;
}
EXPORT_SYMBOL(simple_strtoull);

/**
 * simple_strtoul() - as simple_strtoull()
 * @cp: text
 * @endp: where the number ends, or NULL
 * @base: as for kstrtoull()
 *
 * Context and return: as simple_strtoull().
 */
unsigned long simple_strtoul(const char *cp, char **endp, unsigned int base)
{
	return (unsigned long)simple_strtoull(cp, endp, base);
}
EXPORT_SYMBOL(simple_strtoul);

/**
 * simple_strtol() - as simple_strtoull(), with a "-" in front if there is one
 * @cp: text
 * @endp: where the number ends, or NULL
 * @base: as for kstrtoull()
 *
 * Context and return: as simple_strtoull().
 */
long simple_strtol(const char *cp, char **endp, unsigned int base)
{
	if (*cp == '-')
		return (long)-simple_strtoull(cp + 1, endp, base);
	return (long)simple_strtoull(cp, endp, base);
}
EXPORT_SYMBOL(simple_strtol);

/**
 * hex_to_bin() - a hexadecimal digit's value
 * @ch: digit
 *
 * Context: any.
 * Return: 0 to 15, or -1.
 */
int hex_to_bin(char ch)
{
	int value = digit_value(ch);

	return value < 16 ? value : -1;
}
EXPORT_SYMBOL(hex_to_bin);

/**
 * hex2bin() - hexadecimal text to bytes
 * @dst: bytes
 * @src: two digits for each
 * @count: bytes
 *
 * Context: any.
 * Return: 0, or -EINVAL at the first character that is no digit.
 */
int hex2bin(u8 *dst, const char *src, size_t count)
{
	while (count--) {
		int hi = hex_to_bin(*src++);
		int lo = hi < 0 ? -1 : hex_to_bin(*src++);

		if (lo < 0)
			return -EINVAL;
		*dst++ = (u8)(hi << 4 | lo);
	}
	return 0;
}
EXPORT_SYMBOL(hex2bin);
