/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the benchmark programs have in common. Each measures in rounds, what it is about and a
 * reference in turn, and writes a line of JSON for each figure; bench/run makes a table of these.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_MAX_ROUNDS 1001

/* One figure, measured once in each round. */
struct bench_series {
	double value[BENCH_MAX_ROUNDS];
	int nr;
};

/* A line of the table; @limit is what the figure shall not exceed, 0 if nothing is laid down. */
struct bench_line {
	const char *bench;
	const char *name;
	const char *unit;
	double limit;
};

uint64_t bench_now_ns(void);
void bench_die(const char *what);
void bench_add(struct bench_series *series, double value);
double bench_median(const struct bench_series *series);
void bench_report(const struct bench_line *line, const struct bench_series *series);
void bench_ratios(struct bench_series *ratios, const struct bench_series *series,
		  const struct bench_series *reference);

int bench_cpus(int *cpus, int max);
void bench_pin(int cpu);

#endif /* BENCH_BENCH_H */
