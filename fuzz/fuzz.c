// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define PORTION_MS 100

static uint64_t take_number(struct fuzz_input *in, size_t size)
{
	uint64_t value = 0;
	size_t i;

	if (size > in->left)
		size = in->left;
	for (i = 0; i < size; i++)
		value |= (uint64_t)in->at[i] << i * 8;
	in->at += size;
	in->left -= size;
	return value;
}

uint8_t fuzz_u8(struct fuzz_input *in)
{
	return (uint8_t)take_number(in, 1);
}

uint16_t fuzz_u16(struct fuzz_input *in)
{
	return (uint16_t)take_number(in, 2);
}

uint32_t fuzz_u32(struct fuzz_input *in)
{
	return (uint32_t)take_number(in, 4);
}

uint64_t fuzz_u64(struct fuzz_input *in)
{
	return take_number(in, 8);
}

const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t max, size_t *len)
{
	const uint8_t *bytes = in->at;

	*len = max < in->left ? max : in->left;
	in->at += *len;
	in->left -= *len;
	return bytes;
}

static void *must_allocate(size_t size)
{
	void *memory = malloc(size);

	if (!memory) {
		fprintf(stderr, "fuzz: out of memory\n");
		exit(1);
	}
	return memory;
}

void *fuzz_copy(const void *data, size_t len)
{
	void *copy = must_allocate(len);

	if (len)
		memcpy(copy, data, len);
	return copy;
}

char *fuzz_string(const void *data, size_t len)
{
	char *string = must_allocate(len + 1);

	if (len)
		memcpy(string, data, len);
	string[len] = '\0';
	return string;
}

bool fuzz_poll(int fd, short events, int msecs)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int portion, ret;

	do {
		portion = msecs < PORTION_MS ? msecs : PORTION_MS;
		msecs -= portion;
		ret = poll(&pfd, 1, portion);
	} while ((ret == 0 && msecs > 0) || (ret < 0 && errno == EINTR));
	return ret > 0;
}

int fuzz_free_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	fuzz_check(fd >= 0, "no descriptor left");
	close(fd);
	return fd;
}

void fuzz_fail(const char *file, int line, const char *condition, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: not so: %s: ", file, line, condition);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
