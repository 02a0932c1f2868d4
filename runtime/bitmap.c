// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Arrays of bits. Bits beyond the size that is given are never looked at. */
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

/* The bits of word @w that belong to the range [@start, @end). */
static unsigned long range_mask(unsigned long w, unsigned long start, unsigned long end)
{
	unsigned long mask = ~0ul;

	if (w == BIT_WORD(start))
		mask &= ~0ul << (start % BITS_PER_LONG);
	if (w == BIT_WORD(end - 1))
		mask &= ~0ul >> (BITS_PER_LONG - 1 - (end - 1) % BITS_PER_LONG);
	return mask;
}

/* The first bit in [@start, @size) that differs from those of @invert, else @size. */
static unsigned long find_next(const unsigned long *addr, unsigned long size, unsigned long start,
			       unsigned long invert)
{
	if (start >= size)
		return size;
	for (unsigned long w = BIT_WORD(start); w <= BIT_WORD(size - 1); w++) {
		unsigned long word = (READ_ONCE(addr[w]) ^ invert) & range_mask(w, start, size);

		if (word)
			return w * BITS_PER_LONG + __ffs(word);
	}
	return size;
}

/**
 * find_next_bit() - find a set bit
 * @addr: bits
 * @size: how many
 * @start: where to begin
 *
 * Context: any.
 * Return: the first at or after @start, or @size.
 */
unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long start)
{
	return find_next(addr, size, start, 0);
}
EXPORT_SYMBOL(find_next_bit);

/**
 * find_next_zero_bit() - find a clear bit
 * @addr: bits
 * @size: how many
 * @start: where to begin
 *
 * Context: any.
 * Return: the first at or after @start, or @size.
 */
unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size, unsigned long start)
{
	return find_next(addr, size, start, ~0ul);
}
EXPORT_SYMBOL(find_next_zero_bit);

/**
 * bitmap_alloc() - allocate bits
 * @nbits: how many
 * @flags: as for kmalloc()
 *
 * Context: any.
 * Return: the bits, to be freed with bitmap_free(), or NULL.
 */
unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags)
{
	return kmalloc_array(BITS_TO_LONGS((size_t)nbits), sizeof(unsigned long), flags);
}
EXPORT_SYMBOL(bitmap_alloc);

/**
 * bitmap_zalloc() - allocate clear bits
 * @nbits: how many
 * @flags: as for kmalloc()
 *
 * Context and return: as bitmap_alloc().
 */
unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags)
{
	return bitmap_alloc(nbits, flags | __GFP_ZERO);
}
EXPORT_SYMBOL(bitmap_zalloc);

/**
 * bitmap_free() - free bits
 * @bitmap: from bitmap_alloc(), or NULL
 *
 * Context: any.
 */
void bitmap_free(const unsigned long *bitmap)
{
	kfree(bitmap);
}
EXPORT_SYMBOL(bitmap_free);

/**
 * bitmap_zero() - clear all bits
 * @dst: bits
 * @nbits: how many
 *
 * Context: any.
 */
void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0, BITS_TO_LONGS((size_t)nbits) * sizeof(*dst));
}
EXPORT_SYMBOL(bitmap_zero);

/**
 * bitmap_fill() - set all bits
 * @dst: bits
 * @nbits: how many
 *
 * Context: any.
 */
void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0xff, BITS_TO_LONGS((size_t)nbits) * sizeof(*dst));
}
EXPORT_SYMBOL(bitmap_fill);

/**
 * bitmap_set() - set some bits
 * @map: bits
 * @start: the first
 * @nbits: how many
 *
 * Context: any.
 */
void bitmap_set(unsigned long *map, unsigned int start, int nbits)
{
	unsigned long end = (unsigned long)start + (unsigned long)max(nbits, 0);

	for (unsigned long w = BIT_WORD(start); end > start && w <= BIT_WORD(end - 1); w++)
		map[w] |= range_mask(w, start, end);
}
EXPORT_SYMBOL(bitmap_set);

/**
 * bitmap_clear() - clear some bits
 * @map: bits
 * @start: the first
 * @nbits: how many
 *
 * Context: any.
 */
void bitmap_clear(unsigned long *map, unsigned int start, int nbits)
{
	unsigned long end = (unsigned long)start + (unsigned long)max(nbits, 0);

	for (unsigned long w = BIT_WORD(start); end > start && w <= BIT_WORD(end - 1); w++)
		map[w] &= ~range_mask(w, start, end);
}
EXPORT_SYMBOL(bitmap_clear);

/**
 * bitmap_weight() - count the set bits
 * @src: bits
 * @nbits: how many there are
 *
 * Context: any.
 * Return: how many are set.
 */
int bitmap_weight(const unsigned long *src, unsigned int nbits)
{
	unsigned int weight = 0;

	for (unsigned long w = 0; nbits && w <= BIT_WORD(nbits - 1); w++)
		weight += hweight_long(src[w] & range_mask(w, 0, nbits));
	return (int)weight;
}
EXPORT_SYMBOL(bitmap_weight);

/**
 * bitmap_empty() - whether no bit is set
 * @src: bits
 * @nbits: how many
 *
 * Context: any.
 * Return: whether that is so.
 */
bool bitmap_empty(const unsigned long *src, unsigned int nbits)
{
	return find_first_bit(src, nbits) == nbits;
}
EXPORT_SYMBOL(bitmap_empty);

/**
 * bitmap_full() - whether all bits are set
 * @src: bits
 * @nbits: how many
 *
 * Context: any.
 * Return: whether that is so.
 */
bool bitmap_full(const unsigned long *src, unsigned int nbits)
{
	return find_first_zero_bit(src, nbits) == nbits;
}
EXPORT_SYMBOL(bitmap_full);
