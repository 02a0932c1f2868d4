/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What harnesses are made of. Each drives one part of umdev with inputs that somebody outside could
 * have sent. The same harness is linked with libFuzzer, which makes inputs up (libfuzzer.c), and with
 * a main() that runs those of the corpus (replay.c).
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/**
 * struct fuzz_input - what is left of an input
 * @at: the next byte
 * @left: how many there are
 *
 * A harness takes what it needs from the front. Numbers are little-endian; what is not there reads as
 * zeros, so that any input makes sense.
 */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

/*
 * What a harness is: set up once, run for each input, and taken down at the end. A run leaves
 * everything as it found it, or the next one could not be repeated.
 */
void harness_up(void);
void harness_run(struct fuzz_input *in);
void harness_down(void);

uint8_t fuzz_u8(struct fuzz_input *in);
uint16_t fuzz_u16(struct fuzz_input *in);
uint32_t fuzz_u32(struct fuzz_input *in);
uint64_t fuzz_u64(struct fuzz_input *in);

/* Up to @max bytes where they are; *@len is set to how many. */
const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t max, size_t *len);

/* A copy of @len bytes on the heap, so that the address sanitizer sees who leaves it; for free(). */
void *fuzz_copy(const void *data, size_t len);

/* The same with a NUL behind. */
char *fuzz_string(const void *data, size_t len);

/*
 * The number that the next descriptor will have: higher after a run than before if one was left open.
 * To be taken before each run, as libFuzzer opens some between them.
 */
int fuzz_free_fd(void);

/* No wait takes longer, in milliseconds: what does is a finding. */
#define FUZZ_LIMIT_MS 20000

/*
 * Wait until one of @events, POLL* bits, is there. The time is counted in small portions, so that a
 * machine that was suspended meanwhile makes no finding. False: it is over.
 */
bool fuzz_poll(int fd, short events, int msecs);

/* What has to be so: else this is a finding, and the process ends. */
#define fuzz_check(condition, ...)                                              \
	do {                                                                    \
		if (!(condition))                                               \
			fuzz_fail(__FILE__, __LINE__, #condition, __VA_ARGS__); \
	} while (0)

void fuzz_fail(const char *file, int line, const char *condition, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), noreturn));

#endif /* FUZZ_FUZZ_H */
