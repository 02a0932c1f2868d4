// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "seed.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REPEAT 16777216UL
#define LINE_BYTES 16

/* Where in which file the reader is, and what it has got so far. */
struct reader {
	const char *path;
	const char *at;
	unsigned int line;
	struct seed out;
	size_t room;
};

static void give_up(const struct reader *reader, const char *why)
{
	fprintf(stderr, "%s:%u: %s\n", reader->path, reader->line, why);
	exit(2);
}

static void add(struct reader *reader, const void *data, size_t len)
{
	if (len > reader->room - reader->out.len) {
		reader->room = (reader->out.len + len) * 2;
		reader->out.data = realloc(reader->out.data, reader->room);
		if (!reader->out.data)
			give_up(reader, "out of memory");
	}
	memcpy(reader->out.data + reader->out.len, data, len);
	reader->out.len += len;
}

static void add_byte(struct reader *reader, unsigned int byte)
{
	uint8_t value = (uint8_t)byte;

	add(reader, &value, 1);
}

static void put_number(uint8_t *to, uint64_t value, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> i * 8);
}

/* Two digits; -1 where there are none. */
static int hex_byte(const char *text)
{
	unsigned int value;

	if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
		return -1;
	sscanf(text, "%2x", &value);
	return (int)value;
}

static void read_escape(struct reader *reader)
{
	static const char letters[] = "ntr0\\\"", meant[] = "\n\t\r\0\\\"";
	const char *letter = *reader->at ? strchr(letters, *reader->at) : NULL;

	if (letter) {
		add_byte(reader, (uint8_t)meant[letter - letters]);
		reader->at++;
	} else if (*reader->at == 'x' && hex_byte(reader->at + 1) >= 0) {
		add_byte(reader, (unsigned int)hex_byte(reader->at + 1));
		reader->at += 3;
	} else {
		give_up(reader, "unknown escape; expected \\n, \\t, \\r, \\0, \\\\, \\\" or \\xHH");
	}
}

static void read_text(struct reader *reader)
{
	while (*reader->at != '"') {
		if (!*reader->at || *reader->at == '\n')
			give_up(reader, "text without a closing \"");
		if (*reader->at == '\\') {
			reader->at++;
			read_escape(reader);
		} else {
			add_byte(reader, (uint8_t)*reader->at++);
		}
	}
	reader->at++;
}

/* The size of what begins with "u8", "u16", "u32" or "u64", past which it goes. */
static unsigned int read_size(struct reader *reader)
{
	char *end;
	unsigned long bits = strtoul(reader->at + 1, &end, 10);

	if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
		give_up(reader, "expected u8, u16, u32 or u64");
	reader->at = end;
	return (unsigned int)bits / 8;
}

static void read_value(struct reader *reader, unsigned int size)
{
	bool negative = *reader->at == '-';
	uint8_t bytes[8];
	uint64_t value;
	char *end;

	errno = 0;
	value = strtoull(reader->at + negative, &end, 0);
	if (!isdigit((unsigned char)reader->at[negative]) || errno)
		give_up(reader, "expected a number");
	if (size < 8 && value >> size * 8)
		give_up(reader, "the number is too large");
	reader->at = end;
	put_number(bytes, negative ? -value : value, size);
	add(reader, bytes, size);
}

static void read_item(struct reader *reader);

static void skip_blanks(struct reader *reader)
{
	for (;; reader->at++) {
		if (*reader->at == '#')
			reader->at += strcspn(reader->at, "\n");
		if (*reader->at == '\n')
			reader->line++;
		else if (*reader->at != ' ' && *reader->at != '\t')
			return;
	}
}

static void read_group(struct reader *reader, unsigned int size)
{
	static const uint8_t zeros[8];
	size_t start = reader->out.len, len;

	add(reader, zeros, size);
	for (skip_blanks(reader); *reader->at != ']'; skip_blanks(reader)) {
		if (!*reader->at)
			give_up(reader, "a [ without its ]");
		read_item(reader);
	}
	reader->at++;
	len = reader->out.len - start - size;
	if (size < 8 && len >> size * 8)
		give_up(reader, "there is more in the brackets than its number can say");
	put_number(reader->out.data + start, len, size);
}

/* "N*" in front of an item; 1 where there is none. */
static unsigned long read_count(struct reader *reader)
{
	char *end;
	unsigned long count;

	if (!isdigit((unsigned char)*reader->at))
		return 1;
	count = strtoul(reader->at, &end, 10);
	if (*end != '*')
		return 1;
	if (count > MAX_REPEAT)
		give_up(reader, "that often is too often");
	reader->at = end + 1;
	return count;
}

static void read_item_once(struct reader *reader)
{
	unsigned int size;

	if (*reader->at == '"') {
		reader->at++;
		read_text(reader);
	} else if (*reader->at == 'u') {
		size = read_size(reader);
		if (*reader->at != ':' && *reader->at != '[')
			give_up(reader, "expected : and a number, or [");
		if (*reader->at++ == ':')
			read_value(reader, size);
		else
			read_group(reader, size);
	} else if (hex_byte(reader->at) >= 0) {
		add_byte(reader, (unsigned int)hex_byte(reader->at));
		reader->at += 2;
	} else {
		give_up(reader, "expected a byte, a number, text or a comment (see seed.h)");
	}
}

static void read_item(struct reader *reader)
{
	unsigned long count = read_count(reader);
	const char *item = reader->at;
	unsigned int line = reader->line;

	while (count-- > 0) {
		reader->at = item;
		reader->line = line;
		read_item_once(reader);
	}
}

/* At the beginning of a line: is it text as it is? Then past it. */
static bool read_plain_line(struct reader *reader)
{
	size_t len;

	if (reader->at[0] != '|' || reader->at[1] != ' ')
		return false;
	reader->at += 2;
	len = strcspn(reader->at, "\n");
	add(reader, reader->at, len);
	add_byte(reader, '\n');
	reader->at += len;
	return true;
}

static void read_line(struct reader *reader)
{
	if (read_plain_line(reader))
		return;
	while (*reader->at && *reader->at != '\n') {
		reader->at += strspn(reader->at, " \t");
		if (*reader->at == '#')
			reader->at += strcspn(reader->at, "\n");
		else if (*reader->at && *reader->at != '\n')
			read_item(reader);
	}
}

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	size_t room = 0, n;
	char *text = NULL;

	*len = 0;
	if (!file)
		goto failed;
	do {
		if (room - *len < 2) {
			room = room * 2 + 65536;
			text = realloc(text, room);
			if (!text)
				goto failed;
		}
		n = fread(text + *len, 1, room - *len - 1, file);
		*len += n;
	} while (n > 0);
	if (ferror(file))
		goto failed;
	fclose(file);
	text[*len] = '\0';
	return text;

failed:
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(2);
}

void seed_read(const char *path, struct seed *seed)
{
	struct reader reader = { .path = path, .line = 1 };
	size_t len, path_len = strlen(path);
	char *text = read_file(path, &len);

	if (path_len < 5 || strcmp(path + path_len - 5, ".seed")) {
		*seed = (struct seed){ (uint8_t *)text, len };
		return;
	}
	for (reader.at = text; *reader.at; reader.line++) {
		read_line(&reader);
		reader.at += *reader.at == '\n';
	}
	if (reader.at != text + len)
		give_up(&reader, "there is a NUL in it");
	free(text);
	*seed = reader.out;
}

void seed_print(const uint8_t *data, size_t len)
{
	size_t i, j, n;

	printf("# SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause\n");
	for (i = 0; i < len; i += n) {
		n = len - i < LINE_BYTES ? len - i : LINE_BYTES;
		for (j = 0; j < n; j++)
			printf("%s%02x", j ? " " : "", data[i + j]);
		printf(" # ");
		for (j = 0; j < n; j++)
			putchar(isprint(data[i + j]) ? data[i + j] : '.');
		putchar('\n');
	}
}
