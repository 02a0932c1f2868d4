// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "bench.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Monotonic, in nanoseconds. */
uint64_t bench_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* End with a message: a measurement that half works is none. */
void bench_die(const char *what)
{
	fprintf(stderr, "bench: %s failed\n", what);
	exit(1);
}

/* Add the value of one more round. */
void bench_add(struct bench_series *series, double value)
{
	if (series->nr == BENCH_MAX_ROUNDS)
		bench_die("counting the rounds");
	series->value[series->nr++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort(struct bench_series *sorted, const struct bench_series *series)
{
	if (!series->nr)
		bench_die("measuring anything");
	sorted->nr = series->nr;
	memcpy(sorted->value, series->value, series->nr * sizeof(series->value[0]));
	qsort(sorted->value, sorted->nr, sizeof(sorted->value[0]), compare);
}

/* The upper one of two medians. */
double bench_median(const struct bench_series *series)
{
	struct bench_series sorted;

	sort(&sorted, series);
	return sorted.value[sorted.nr / 2];
}

/* Write a figure to standard output. */
void bench_report(const struct bench_line *line, const struct bench_series *series)
{
	struct bench_series sorted;

	sort(&sorted, series);
	printf("{\"bench\": \"%s\", \"name\": \"%s\", \"unit\": \"%s\", \"min\": %.6g, "
	       "\"median\": %.6g, \"max\": %.6g, \"rounds\": %d",
	       line->bench, line->name, line->unit, sorted.value[0], sorted.value[sorted.nr / 2],
	       sorted.value[sorted.nr - 1], sorted.nr);
	if (line->limit)
		printf(", \"limit\": %g", line->limit);
	printf("}\n");
	fflush(stdout);
}

/* Round by round, a series divided by that of its reference. */
void bench_ratios(struct bench_series *ratios, const struct bench_series *series,
		  const struct bench_series *reference)
{
	int i;

	ratios->nr = 0;
	for (i = 0; i < series->nr && i < reference->nr; i++)
		bench_add(ratios, series->value[i] / reference->value[i]);
}

/* The first CPUs that this process may use, at most @max; returns how many. */
int bench_cpus(int *cpus, int max)
{
	cpu_set_t set;
	int cpu, nr = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		bench_die("sched_getaffinity");
	for (cpu = 0; cpu < CPU_SETSIZE && nr < max; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[nr++] = cpu;
	return nr;
}

/* Keep the calling thread, and those that it will start, on a CPU. */
void bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_die("sched_setaffinity");
}
