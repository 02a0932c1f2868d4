// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <errno.h>
#include <sys/random.h>

/**
 * get_random_bytes() - random bytes, good enough for keys
 * @buf: where to
 * @nbytes: how many
 *
 * Context: any.
 */
void get_random_bytes(void *buf, int nbytes)
{
	char *p = buf;

	while (nbytes > 0) {
		ssize_t n = getrandom(p, (size_t)nbytes, 0);

		BUG_ON(n < 0 && errno != EINTR);
		if (n > 0) {
			p += n;
			nbytes -= (int)n;
		}
	}
}
EXPORT_SYMBOL(get_random_bytes);

/**
 * get_random_u32() - a random number
 *
 * Context: any.
 * Return: 32 random bits.
 */
u32 get_random_u32(void)
{
	u32 value;

	get_random_bytes(&value, sizeof(value));
	return value;
}
EXPORT_SYMBOL(get_random_u32);

/**
 * get_random_u64() - a random number
 *
 * Context: any.
 * Return: 64 random bits.
 */
u64 get_random_u64(void)
{
	u64 value;

	get_random_bytes(&value, sizeof(value));
	return value;
}
EXPORT_SYMBOL(get_random_u64);
