// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <string.h>

/**
 * jhash() - a hash of bytes
 * @key: the bytes
 * @length: how many
 * @initval: another value gives another hash
 *
 * The values are not those of Linux's function of this name; nothing may depend on them.
 *
 * Context: any.
 * Return: 32 well-mixed bits.
 */
u32 jhash(const void *key, u32 length, u32 initval)
{
	u64 hash = ((u64)length << 32) ^ initval ^ GOLDEN_RATIO_64;
	const u8 *p = key;

	while (length) {
		u32 n = length < 8 ? length : 8;
		u64 word = 0;

		memcpy(&word, p, n);
		hash = (hash ^ word) * GOLDEN_RATIO_64;
		hash ^= hash >> 32;
		p += n;
		length -= n;
	}
	hash *= 0xff51afd7ed558ccdull;
	return (u32)(hash ^ (hash >> 32));
}
EXPORT_SYMBOL(jhash);
