/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the stress programs share. Each lets threads loose on one runtime for some seconds, and then
 * shows what they did and that nothing of it is left. What must not happen ends the program at once.
 *
 *	usage: PROGRAM [SECONDS]	or with UMDEV_STRESS_SECONDS set; 20 at first
 */
#ifndef TESTS_STRESS_H
#define TESTS_STRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leave: what was expected, what there was. */
void stress_fail(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2), __noreturn__));

/**
 * struct stress_count - how often something happened
 * @name: what, for people
 * @n: how often; atomic
 * @optional: a run in which it never happened is good all the same
 */
struct stress_count {
	const char *name;
	unsigned long n;
	bool optional;
};

static inline void stress_tick(struct stress_count *count)
{
	__atomic_add_fetch(&count->n, 1, __ATOMIC_RELAXED);
}

static inline unsigned long stress_read(const struct stress_count *count)
{
	return __atomic_load_n(&count->n, __ATOMIC_RELAXED);
}

/*
 * The runtime, up, with the modules' directory set and readers walking its tree; and down again:
 * stress_end() ends the readers, unloads the modules and checks what is left. Returns the status to
 * exit with.
 */
void stress_begin(int argc, char **argv);
extern const char *stress_expected_error; /* lines of the log with this are no errors */
extern unsigned int stress_share;	  /* run for so many-th part of the seconds, set before */
int stress_end(struct stress_count *counts, size_t nr);

/* Threads that run until stress_running() tells them to end. stress_join() waits for all. */
void stress_thread(void (*fn)(void *arg), void *arg);
bool stress_running(void);
void stress_join(void);

/* A number below @limit, from a generator of the thread's own; and up to so many microseconds. */
unsigned int stress_random(unsigned int limit);
void stress_pause(unsigned int max_us);

void stress_load(const char *module);
void stress_unload(const char *module);

/* Write to a file of the tree: 0 or a negative errno. Is there such a file? */
int stress_write(const char *path, const char *value);
bool stress_exists(const char *path);

/*
 * Count a result: @results is a table of the errors that may come, ended by one without @count. Any
 * other one ends the program.
 */
struct stress_result {
	int ret;
	struct stress_count *count;
};

int stress_expect(const char *what, int ret, const struct stress_result *results);

#endif /* TESTS_STRESS_H */
