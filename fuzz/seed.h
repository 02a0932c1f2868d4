/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * Inputs as text that people can read and write: what the corpus is kept in. In a line there are any
 * of these, with blanks between:
 *
 *	7f			a byte, two hexadecimal digits
 *	u16:20 u32:0x8 u64:-1	a number, little-endian; u8 as well
 *	"text\n\x00"		bytes of text, with C's escapes \n \t \r \0 \\ \" and \xHH
 *	8*ff 3*"ab"		something several times
 *	u16[ … ]		how many bytes there are up to the bracket, and these; may span lines
 *	# …			a comment, up to the end of the line
 *
 * A line that begins with "| " is the text behind that, with its newline.
 */
#ifndef FUZZ_SEED_H
#define FUZZ_SEED_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct seed - the bytes that a text stands for
 * @data: the bytes, for free()
 * @len: how many
 */
struct seed {
	uint8_t *data;
	size_t len;
};

/*
 * Read the file at @path: one that ends in ".seed" is a text as above, any other is taken as it is.
 * Says what is wrong with it and ends the program if it cannot be read.
 */
void seed_read(const char *path, struct seed *seed);

/* Write bytes to standard output as a text that stands for them. */
void seed_print(const uint8_t *data, size_t len);

#endif /* FUZZ_SEED_H */
