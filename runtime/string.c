// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

/**
 * kstrdup() - copy a string
 * @s: string; NULL gives NULL
 * @gfp: as for kmalloc()
 *
 * Context: any.
 * Return: the copy, or NULL without memory.
 */
char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}
EXPORT_SYMBOL(kstrdup);

/**
 * kstrdup_const() - copy a string that may be a constant
 * @s: string; NULL gives NULL
 * @gfp: as for kmalloc()
 *
 * A kernel shares constants. Modules come and go with theirs here, so it always copies.
 *
 * Context: any.
 * Return: the copy, to be freed with kfree_const(), or NULL without memory.
 */
const char *kstrdup_const(const char *s, gfp_t gfp)
{
	return kstrdup(s, gfp);
}
EXPORT_SYMBOL(kstrdup_const);

/**
 * kstrndup() - copy the beginning of a string
 * @s: string, terminated or at least @max bytes long; NULL gives NULL
 * @max: bytes to copy at most, the final NUL not counted
 * @gfp: as for kmalloc()
 *
 * Context: any.
 * Return: the copy, terminated, or NULL without memory.
 */
char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	return s ? kmemdup_nul(s, strnlen(s, max), gfp) : NULL;
}
EXPORT_SYMBOL(kstrndup);

/**
 * kmemdup() - copy memory
 * @src: bytes
 * @len: how many
 * @gfp: as for kmalloc()
 *
 * Context: any.
 * Return: the copy, or NULL without memory.
 */
void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	if (p)
		memcpy(p, src, len);
	return p;
}
EXPORT_SYMBOL(kmemdup);

/**
 * kmemdup_nul() - copy bytes and terminate them
 * @s: bytes; NULL gives NULL
 * @len: how many
 * @gfp: as for kmalloc()
 *
 * Context: any.
 * Return: the copy with a NUL behind, or NULL without memory.
 */
char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	char *p;

	if (!s)
		return NULL;
	p = kmalloc(len + 1, gfp);
	if (!p)
		return NULL;
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}
EXPORT_SYMBOL(kmemdup_nul);

/**
 * strscpy() - copy a string into a buffer
 * @dst: buffer; always terminated afterwards unless @size is 0
 * @src: string
 * @size: bytes of @dst
 *
 * Context: any.
 * Return: length of the copy; -E2BIG if it had to be cut off or @size is 0.
 */
ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len;

	if (!size || size > INT_MAX)
		return -E2BIG;
	len = strnlen(src, size);
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return (ssize_t)len;
}
EXPORT_SYMBOL(strscpy);

/**
 * strscpy_pad() - copy a string into a buffer and zero the rest of it
 * @dst: buffer
 * @src: string
 * @size: bytes of @dst
 *
 * Context and return: as strscpy().
 */
ssize_t strscpy_pad(char *dst, const char *src, size_t size)
{
	ssize_t len = strscpy(dst, src, size);

	if (len >= 0)
		memset(dst + len, 0, size - (size_t)len);
	return len;
}
EXPORT_SYMBOL(strscpy_pad);

#if !__GLIBC_PREREQ(2, 38)
/**
 * strlcpy() - copy a string into a buffer
 * @dst: buffer; terminated afterwards unless @size is 0
 * @src: string
 * @size: bytes of @dst
 *
 * Context: any.
 * Return: length of @src; @size or more means that the copy was cut off.
 */
size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size) {
		size_t n = min(len, size - 1);

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}
EXPORT_SYMBOL(strlcpy);

/**
 * strlcat() - append a string to the one in a buffer
 * @dst: buffer with a string
 * @src: string
 * @size: bytes of @dst
 *
 * Context: any.
 * Return: length that the result would have; @size or more means that it was cut off.
 */
size_t strlcat(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(dst, size);

	return len + strlcpy(dst + len, src, size - len);
}
EXPORT_SYMBOL(strlcat);
#endif

/**
 * strnchr() - find a character in the beginning of a string
 * @s: string
 * @count: bytes to look at, at most
 * @c: character
 *
 * Context: any.
 * Return: where it is first, or NULL.
 */
char *strnchr(const char *s, size_t count, int c)
{
	return memchr(s, c, c ? strnlen(s, count) : count);
}
EXPORT_SYMBOL(strnchr);

/**
 * skip_spaces() - skip white space
 * @s: string
 *
 * Context: any.
 * Return: the first character of @s that is none.
 */
char *skip_spaces(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return (char *)s;
}
EXPORT_SYMBOL(skip_spaces);

/**
 * strim() - remove white space from both ends
 * @s: string; cut at the end in place
 *
 * Context: any.
 * Return: the first character of @s that is no white space.
 */
char *strim(char *s)
{
	size_t len = strlen(s);

	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	s[len] = '\0';
	return skip_spaces(s);
}
EXPORT_SYMBOL(strim);

/**
 * strstrip() - the older name of strim()
 * @s: as for strim()
 *
 * Context and return: as strim().
 */
char *strstrip(char *s)
{
	return strim(s);
}
EXPORT_SYMBOL(strstrip);

/**
 * strreplace() - replace a character everywhere
 * @s: string, changed in place
 * @old: character to replace
 * @new: its replacement
 *
 * Context: any.
 * Return: the end of the string, its NUL.
 */
char *strreplace(char *s, char old, char new)
{
	for (; *s; s++)
		if (*s == old)
			*s = new;
	return s;
}
EXPORT_SYMBOL(strreplace);

/**
 * sysfs_streq() - compare strings of which one may end in a newline
 * @s1: string
 * @s2: string
 *
 * Context: any.
 * Return: whether they are equal but for one final newline.
 */
bool sysfs_streq(const char *s1, const char *s2)
{
	while (*s1 && *s1 == *s2) {
		s1++;
		s2++;
	}
	if (*s1 == '\n' && !s1[1])
		s1++;
	if (*s2 == '\n' && !s2[1])
		s2++;
	return !*s1 && !*s2;
}
EXPORT_SYMBOL(sysfs_streq);

/**
 * match_string() - find a string in an array
 * @array: strings, up to a NULL or @n of them
 * @n: elements, or (size_t)-1 if a NULL ends the array
 * @string: what to find
 *
 * Context: any.
 * Return: its index, or -EINVAL.
 */
int match_string(const char *const *array, size_t n, const char *string)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (!strcmp(array[i], string))
			return (int)i;
	return -EINVAL;
}
EXPORT_SYMBOL(match_string);

/**
 * __sysfs_match_string() - find a string in an array, by sysfs_streq()
 * @array: as for match_string()
 * @n: as for match_string()
 * @string: what to find
 *
 * Context: any.
 * Return: its index, or -EINVAL.
 */
int __sysfs_match_string(const char *const *array, size_t n, const char *string)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (sysfs_streq(array[i], string))
			return (int)i;
	return -EINVAL;
}
EXPORT_SYMBOL(__sysfs_match_string);

/**
 * memchr_inv() - find a byte that is not a given one
 * @start: bytes
 * @c: the value that all should have
 * @bytes: how many
 *
 * Context: any.
 * Return: the first byte that differs, or NULL.
 */
void *memchr_inv(const void *start, int c, size_t bytes)
{
	const unsigned char *p = start;

	for (size_t i = 0; i < bytes; i++)
		if (p[i] != (unsigned char)c)
			return (void *)(p + i);
	return NULL;
}
EXPORT_SYMBOL(memchr_inv);

/**
 * kbasename() - the last component of a path
 * @path: path
 *
 * Context: any.
 * Return: what follows its last slash, or all of it.
 */
const char *kbasename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
EXPORT_SYMBOL(kbasename);
