// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Formatted text as the kernel makes it. %p takes the next letters into
 * account:
 *
 *	%pUb %pUB %pUl %pUL	a UUID, its bytes in big- or little-endian order,
 *				in small or capital letters
 *	%pV			a struct va_format
 *	%pe			an error pointer's name (-ENOENT)
 *	%ph %phC %phD %phN	as many bytes in hexadecimal as the width says,
 *				with " ", ":", "-" or nothing between
 *	%px %pK			the address itself
 *	%p, %ps, %pS, …		a number that stands for the address; the real one
 *				would tell a reader of the log where to aim
 *
 * Everything else is C's, floating point included.
 */
#include <linux/atomic.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

/* libc's own, which <linux/kernel.h> hides. */
__attribute__((__format__(__printf__, 3, 4))) static int libc_snprintf(char *buf, size_t size,
								       const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = __builtin_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

/* Where text goes; @pos counts what was meant to be written, beyond @size too. */
struct sink {
	char *buf;
	size_t size;
	size_t pos;
};

/* One conversion as parsed: flags, width, precision (-1: none), length, letter. */
struct spec {
	bool left, plus, space, alt, zero;
	int width;
	int precision;
	char length; /* 'H': hh; 'q': ll; else the modifier itself or 0 */
	char conv;
};

static void put_char(struct sink *out, char c)
{
	if (out->pos < out->size)
		out->buf[out->pos] = c;
	out->pos++;
}

static void put_fill(struct sink *out, char c, long n)
{
	for (; n > 0; n--)
		put_char(out, c);
}

static void put_text(struct sink *out, const char *s, size_t len, const struct spec *spec)
{
	long fill = spec->width - (long)len;

	if (!spec->left)
		put_fill(out, ' ', fill);
	for (size_t i = 0; i < len; i++)
		put_char(out, s[i]);
	if (spec->left)
		put_fill(out, ' ', fill);
}

static void put_string(struct sink *out, const char *s, const struct spec *spec)
{
	if (!s)
		s = "(null)";
	else if ((unsigned long)s < 4096 || IS_ERR(s))
		s = "(efault)";
	put_text(out, s, spec->precision < 0 ? strlen(s) : strnlen(s, (size_t)spec->precision),
		 spec);
}

static void put_number(struct sink *out, u64 value, bool negative, const struct spec *spec)
{
	const char *digits = spec->conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = tolower(spec->conv) == 'x' ? 16 : spec->conv == 'o' ? 8 : 10;
	bool is_signed = spec->conv == 'd' || spec->conv == 'i';
	char text[24], prefix[3];
	int len = 0, prefix_len = 0, zeros;

	if (negative)
		prefix[prefix_len++] = '-';
	else if (is_signed && spec->plus)
		prefix[prefix_len++] = '+';
	else if (is_signed && spec->space)
		prefix[prefix_len++] = ' ';
	if (spec->alt && base == 16 && value) {
		prefix[prefix_len++] = '0';
		prefix[prefix_len++] = spec->conv;
	}
	if (!value && spec->precision)
		text[len++] = '0';
	for (; value; value /= base)
		text[len++] = digits[value % base];
	if (spec->alt && base == 8 && (!len || text[len - 1] != '0'))
		text[len++] = '0';
	zeros = spec->precision - len;
	if (spec->precision < 0)
		zeros = spec->zero && !spec->left ? spec->width - prefix_len - len : 0;
	zeros = max(zeros, 0);

	if (!spec->left)
		put_fill(out, ' ', spec->width - prefix_len - zeros - len);
	for (int i = 0; i < prefix_len; i++)
		put_char(out, prefix[i]);
	put_fill(out, '0', zeros);
	for (int i = len; i > 0; i--)
		put_char(out, text[i - 1]);
	if (spec->left)
		put_fill(out, ' ', spec->width - prefix_len - zeros - len);
}

/* Equal addresses give equal numbers; nothing else can be told from them. */
static u64 disguise(const void *ptr)
{
	static u64 key;
	u64 x = READ_ONCE(key);

	if (!x) {
		u64 fresh = get_random_u64() | 1;

		x = cmpxchg(&key, 0, fresh);
		if (!x)
			x = fresh;
	}
	x ^= (unsigned long)ptr;
	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdull;
	x = (x ^ (x >> 33)) * READ_ONCE(key);
	return (x ^ (x >> 29)) & U32_MAX;
}

static void put_address(struct sink *out, u64 value, struct spec spec)
{
	spec.conv = 'x';
	if (spec.precision < 0 && !spec.width) {
		spec.width = 2 * sizeof(void *);
		spec.zero = true;
	}
	put_number(out, value, false, &spec);
}

static void put_uuid(struct sink *out, const u8 *bytes, char variant, const struct spec *spec)
{
	static const u8 order_be[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	static const u8 order_le[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	const u8 *order = tolower(variant) == 'l' ? order_le : order_be;
	const char *digits = isupper(variant) ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[UUID_STRING_LEN], *p = text;

	for (int i = 0; i < UUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[bytes[order[i]] >> 4];
		*p++ = digits[bytes[order[i]] & 15];
	}
	put_text(out, text, sizeof(text), spec);
}

static void put_bytes(struct sink *out, const u8 *bytes, char variant, const struct spec *spec)
{
	char between = variant == 'C' ? ':' : variant == 'D' ? '-' : ' ';
	int count = clamp(spec->width, 1, 64);

	for (int i = 0; i < count; i++) {
		if (i && variant != 'N')
			put_char(out, between);
		put_char(out, "0123456789abcdef"[bytes[i] >> 4]);
		put_char(out, "0123456789abcdef"[bytes[i] & 15]);
	}
}

static void put_error(struct sink *out, const void *ptr, const struct spec *spec)
{
	const char *name = IS_ERR(ptr) ? strerrorname_np((int)-PTR_ERR(ptr)) : NULL;
	char text[32];

	if (!IS_ERR(ptr)) {
		put_address(out, disguise(ptr), *spec);
		return;
	}
	if (name)
		libc_snprintf(text, sizeof(text), "-%s", name);
	else
		libc_snprintf(text, sizeof(text), "%ld", PTR_ERR(ptr));
	put_text(out, text, strlen(text), spec);
}

static void format(struct sink *out, const char *fmt, va_list *args);

static void put_va_format(struct sink *out, const struct va_format *vf)
{
	va_list args;

	va_copy(args, *vf->va);
	format(out, vf->fmt, &args);
	va_end(args);
}

static bool bad_pointer(struct sink *out, const void *ptr, const struct spec *spec)
{
	if ((unsigned long)ptr >= 4096 && !IS_ERR(ptr))
		return false;
	put_string(out, ptr, spec);
	return true;
}

/* @fmt is what follows "%p"; the letters that belong to it are left out afterwards anyway. */
static void put_pointer(struct sink *out, const char *fmt, const void *ptr, const struct spec *spec)
{
	switch (*fmt) {
	case 'U':
		if (!bad_pointer(out, ptr, spec))
			put_uuid(out, ptr, fmt[1] && strchr("bBlL", fmt[1]) ? fmt[1] : 'b', spec);
		break;
	case 'V':
		if (!bad_pointer(out, ptr, spec))
			put_va_format(out, ptr);
		break;
	case 'h':
		if (!bad_pointer(out, ptr, spec))
			put_bytes(out, ptr, fmt[1], spec);
		break;
	case 'e':
		put_error(out, ptr, spec);
		break;
	case 'x':
	case 'K':
		put_address(out, (unsigned long)ptr, *spec);
		break;
	default:
		put_address(out, ptr ? disguise(ptr) : 0, *spec);
		break;
	}
}

static u64 next_unsigned(const struct spec *spec, va_list *args)
{
	switch (spec->length) {
	case 'H':
		return (unsigned char)va_arg(*args, unsigned int);
	case 'h':
		return (unsigned short)va_arg(*args, unsigned int);
	case 'l':
		return va_arg(*args, unsigned long);
	case 'q':
	case 'L':
	case 'j':
		return va_arg(*args, unsigned long long);
	case 'z':
	case 'Z':
		return va_arg(*args, size_t);
	case 't':
		return (u64)va_arg(*args, ptrdiff_t);
	default:
		return va_arg(*args, unsigned int);
	}
}

static s64 next_signed(const struct spec *spec, va_list *args)
{
	u64 value = next_unsigned(spec, args);

	switch (spec->length) {
	case 'H':
		return (signed char)value;
	case 'h':
		return (short)value;
	case 0:
		return (int)value;
	default:
		return (s64)value;
	}
}

static void put_float(struct sink *out, const struct spec *spec, va_list *args)
{
	char fmt[] = { '%', '.', '*', 'L', spec->conv, '\0' };
	char text[400];
	int len;

	len = libc_snprintf(text, sizeof(text), fmt, spec->precision,
			    spec->length == 'L' ? va_arg(*args, long double)
						: (long double)va_arg(*args, double));
	put_text(out, text, min((size_t)max(len, 0), sizeof(text) - 1), spec);
}

static int parse_number(const char **fmt)
{
	int n = 0;

	for (; isdigit((unsigned char)**fmt); (*fmt)++)
		n = min(n * 10 + (**fmt - '0'), 1 << 20);
	return n;
}

/* From behind the "%" to the conversion's letter. */
static const char *parse_spec(const char *fmt, struct spec *spec, va_list *args)
{
	*spec = (struct spec){ .precision = -1 };
	for (;; fmt++) {
		if (*fmt == '-')
			spec->left = true;
		else if (*fmt == '+')
			spec->plus = true;
		else if (*fmt == ' ')
			spec->space = true;
		else if (*fmt == '#')
			spec->alt = true;
		else if (*fmt == '0')
			spec->zero = true;
		else
			break;
	}
	if (*fmt == '*') {
		spec->width = va_arg(*args, int);
		fmt++;
	} else {
		spec->width = parse_number(&fmt);
	}
	if (spec->width < 0) {
		spec->left = true;
		spec->width = spec->width == INT_MIN ? 0 : -spec->width;
	}
	if (*fmt == '.') {
		fmt++;
		if (*fmt == '*') {
			spec->precision = max(va_arg(*args, int), -1);
			fmt++;
		} else {
			spec->precision = parse_number(&fmt);
		}
	}
	if (*fmt && strchr("hlLqjzZt", *fmt)) {
		spec->length = *fmt++;
		if (spec->length == 'h' && *fmt == 'h') {
			spec->length = 'H';
			fmt++;
		} else if (spec->length == 'l' && *fmt == 'l') {
			spec->length = 'q';
			fmt++;
		}
	}
	spec->conv = *fmt;
	return fmt;
}

static void format(struct sink *out, const char *fmt, va_list *args)
{
	struct spec spec;
	s64 value;
	char c;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put_char(out, *fmt);
			continue;
		}
		fmt = parse_spec(fmt + 1, &spec, args);
		switch (spec.conv) {
		case 'd':
		case 'i':
			value = next_signed(&spec, args);
			put_number(out, value < 0 ? -(u64)value : (u64)value, value < 0, &spec);
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			put_number(out, next_unsigned(&spec, args), false, &spec);
			break;
		case 'c':
			c = (char)va_arg(*args, int);
			put_text(out, &c, 1, &spec);
			break;
		case 's':
			put_string(out, va_arg(*args, const char *), &spec);
			break;
		case 'p':
			put_pointer(out, fmt + 1, va_arg(*args, const void *), &spec);
			while (isalnum((unsigned char)fmt[1]))
				fmt++;
			break;
		case 'e':
		case 'E':
		case 'f':
		case 'F':
		case 'g':
		case 'G':
			put_float(out, &spec, args);
			break;
		case '%':
			put_char(out, '%');
			break;
		default:
			/* The next argument's type is unknown: nothing more can be converted. */
			WARN_ONCE(1, "unsupported conversion %%%c in a format", spec.conv);
			return;
		}
	}
}

/**
 * kernel_vsnprintf() - what drivers get as vsnprintf()
 * @buf: buffer; terminated afterwards unless @size is 0
 * @size: bytes of @buf
 * @fmt: format, see the top of this file
 * @args: its arguments
 *
 * Context: any. Semantics: Linux 5.10's vsnprintf(), floating point added.
 * Return: length of the whole text, whether it fitted or not.
 */
int kernel_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct sink out = { .buf = buf, .size = size };
	va_list copy;

	if (WARN_ON_ONCE(size > INT_MAX))
		return 0;
	va_copy(copy, args);
	format(&out, fmt, &copy);
	va_end(copy);
	if (size)
		buf[min(out.pos, size - 1)] = '\0';
	return (int)out.pos;
}
EXPORT_SYMBOL(kernel_vsnprintf);

/**
 * kernel_snprintf() - what drivers get as snprintf()
 * @buf: as for kernel_vsnprintf()
 * @size: as for kernel_vsnprintf()
 * @fmt: as for kernel_vsnprintf()
 *
 * Context and return: as kernel_vsnprintf().
 */
int kernel_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = kernel_vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(kernel_snprintf);

/**
 * kernel_vsprintf() - what drivers get as vsprintf()
 * @buf: buffer, large enough
 * @fmt: as for kernel_vsnprintf()
 * @args: its arguments
 *
 * Context: any.
 * Return: length of the text.
 */
int kernel_vsprintf(char *buf, const char *fmt, va_list args)
{
	return kernel_vsnprintf(buf, INT_MAX, fmt, args);
}
EXPORT_SYMBOL(kernel_vsprintf);

/**
 * kernel_sprintf() - what drivers get as sprintf()
 * @buf: buffer, large enough
 * @fmt: as for kernel_vsnprintf()
 *
 * Context: any.
 * Return: length of the text.
 */
int kernel_sprintf(char *buf, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = kernel_vsprintf(buf, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(kernel_sprintf);

/**
 * vscnprintf() - as vsnprintf(), with the length that was written
 * @buf: as for kernel_vsnprintf()
 * @size: as for kernel_vsnprintf()
 * @fmt: as for kernel_vsnprintf()
 * @args: its arguments
 *
 * Context: any.
 * Return: bytes in @buf, the final NUL not counted.
 */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = kernel_vsnprintf(buf, size, fmt, args);

	if (!size)
		return 0;
	return min(len, (int)size - 1);
}
EXPORT_SYMBOL(vscnprintf);

/**
 * scnprintf() - as snprintf(), with the length that was written
 * @buf: as for kernel_vsnprintf()
 * @size: as for kernel_vsnprintf()
 * @fmt: as for kernel_vsnprintf()
 *
 * Context and return: as vscnprintf().
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(scnprintf);

/**
 * kvasprintf() - formatted text in memory of its own
 * @gfp: as for kmalloc()
 * @fmt: as for kernel_vsnprintf()
 * @args: its arguments
 *
 * Context: any.
 * Return: the text, to be freed with kfree(), or NULL without memory.
 */
char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	int len = kernel_vsnprintf(NULL, 0, fmt, args);
	char *p = kmalloc((size_t)len + 1, gfp);

	if (p)
		kernel_vsnprintf(p, (size_t)len + 1, fmt, args);
	return p;
}
EXPORT_SYMBOL(kvasprintf);

/**
 * kvasprintf_const() - as kvasprintf()
 * @gfp: as for kmalloc()
 * @fmt: as for kernel_vsnprintf()
 * @args: its arguments
 *
 * Context: any.
 * Return: the text, to be freed with kfree_const(), or NULL without memory.
 */
const char *kvasprintf_const(gfp_t gfp, const char *fmt, va_list args)
{
	return kvasprintf(gfp, fmt, args);
}
EXPORT_SYMBOL(kvasprintf_const);

/**
 * kasprintf() - formatted text in memory of its own
 * @gfp: as for kmalloc()
 * @fmt: as for kernel_vsnprintf()
 *
 * Context and return: as kvasprintf().
 */
char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = kvasprintf(gfp, fmt, args);
	va_end(args);
	return p;
}
EXPORT_SYMBOL(kasprintf);
