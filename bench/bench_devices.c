// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Very many mtty devices at once, made through the tree without a server or a mount: what one
 * costs, and whether it costs more where there are many already.
 *
 * Each round is a process of its own, whose heap nobody has used before. A fixed piece of work is
 * timed between creations, so that what slows the machine down slows both.
 */
#include "bench.h"

#include <linux/err.h>

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/runtime.h>
#include <umdev/sysfs.h>
#include <unistd.h>

#define DEVICES	   10000
#define BATCH	   100
#define ROUNDS	   9
#define RATIO_MAX  1.5
#define BYTES_MAX  16384
#define CREATE	   "/class/mtty/mtty/mdev_supported_types/mtty-1/create"
#define DEVICE_DIR "/bus/mdev/devices"

/* What a round's process hands back. */
struct round {
	double create_us[DEVICES], create_ref_us[DEVICES];
	double remove_us[DEVICES], remove_ref_us[DEVICES];
	double list_us, rss, heap, blocks, nodes;
	long threads, fds;
};

/* What the process has at one moment. */
struct state {
	long rss, threads, fds;
	size_t heap;
	struct umdev_runtime_counts counts;
};

static void device_name(char name[37], int i)
{
	snprintf(name, 37, "%08x-1111-4222-8333-%012x", i * 2654435761u, i);
}

static long count_entries(const char *path)
{
	DIR *dir = opendir(path);
	long nr = 0;

	if (!dir)
		bench_die(path);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void take_state(struct state *s)
{
	struct mallinfo2 info = mallinfo2();
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file || fscanf(file, "%*d %ld", &s->rss) != 1)
		bench_die("/proc/self/statm");
	fclose(file);
	s->rss *= sysconf(_SC_PAGESIZE);
	s->heap = info.uordblks + info.hblkhd;
	s->threads = count_entries("/proc/self/task");
	s->fds = count_entries("/proc/self/fd");
	umdev_runtime_counts(&s->counts);
}

/* Open, write and close, as a program would. */
static void write_attribute(const char *path, const char *value)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;

	if (IS_ERR(kn))
		bench_die(path);
	file = umdev_sysfs_open(kn, O_WRONLY);
	umdev_sysfs_put(kn);
	if (IS_ERR(file) || umdev_sysfs_write(file, value, strlen(value), 0) < 0)
		bench_die(path);
	umdev_sysfs_release(file);
}

/* What any program of this kind does: allocate, format, copy, compare, free. */
static double reference_us(void)
{
	uint64_t start = bench_now_ns();
	char *block[32], name[37];
	int i;

	for (i = 0; i < 32; i++) {
		block[i] = malloc(64 + i * 16);
		if (!block[i])
			bench_die("malloc");
		device_name(name, i);
		memcpy(block[i], name, sizeof(name));
		__asm__ volatile("" : : "r"(block[i]) : "memory");
	}
	for (i = 0; i < 32; i++)
		free(block[i]);
	return (bench_now_ns() - start) / 1e3;
}

static void create_all(struct round *round)
{
	uint64_t start;
	char name[37];
	int i;

	for (i = 0; i < DEVICES; i++) {
		device_name(name, i);
		start = bench_now_ns();
		write_attribute(CREATE, name);
		round->create_us[i] = (bench_now_ns() - start) / 1e3;
		round->create_ref_us[i] = reference_us();
	}
}

static void remove_all(struct round *round)
{
	char name[37], path[128];
	uint64_t start;
	int i;

	for (i = 0; i < DEVICES; i++) {
		device_name(name, i);
		snprintf(path, sizeof(path), DEVICE_DIR "/%s/remove", name);
		start = bench_now_ns();
		write_attribute(path, "1");
		round->remove_us[i] = (bench_now_ns() - start) / 1e3;
		round->remove_ref_us[i] = reference_us();
	}
}

static int read_type(const char *name, const struct stat *st, uint64_t next, void *data)
{
	char path[128], target[256];
	struct kernfs_node *kn;

	snprintf(path, sizeof(path), DEVICE_DIR "/%s/mdev_type", name);
	kn = umdev_sysfs_walk(path, false);
	if (IS_ERR(kn) || umdev_sysfs_readlink(kn, target, sizeof(target)) < 0)
		bench_die(path);
	umdev_sysfs_put(kn);
	++*(int *)data;
	return 0;
}

static double list_all(void)
{
	struct kernfs_node *dir = umdev_sysfs_walk(DEVICE_DIR, true);
	uint64_t start = bench_now_ns(), cursor = 0;
	int nr = 0;

	if (IS_ERR(dir) || umdev_sysfs_readdir(dir, &cursor, read_type, &nr) || nr != DEVICES)
		bench_die("listing the devices");
	umdev_sysfs_put(dir);
	return (bench_now_ns() - start) / 1e3;
}

/* In the process of the round. */
static void measure(struct round *round, const char *module_dir)
{
	struct state before, after;
	struct umdev_error err = { .text = "" };
	char parameters[32];

	umdev_log_set_level(-1);
	snprintf(parameters, sizeof(parameters), "max_ports=%d", DEVICES);
	if (umdev_runtime_init() || umdev_module_set_dir(module_dir, &err) ||
	    umdev_module_load("mtty", parameters, &err)) {
		fprintf(stderr, "bench: %s\n", err.text);
		_exit(1);
	}
	take_state(&before);
	create_all(round);
	take_state(&after);
	round->list_us = list_all() / DEVICES;
	remove_all(round);
	umdev_module_unload_all();
	umdev_runtime_exit();

	round->rss = (double)(after.rss - before.rss) / DEVICES;
	round->heap = ((double)after.heap - before.heap) / DEVICES;
	round->blocks = (double)(after.counts.allocations - before.counts.allocations) / DEVICES;
	round->nodes = (double)(after.counts.nodes - before.counts.nodes) / DEVICES;
	round->threads = after.threads - before.threads;
	round->fds = after.fds - before.fds;
}

static double batch_median(const double *us)
{
	struct bench_series series = { .nr = 0 };
	int i;

	for (i = 0; i < BATCH; i++)
		bench_add(&series, us[i]);
	return bench_median(&series);
}

/* The last hundred against the first, each by what the machine did meanwhile. */
static double growth(const double *us, const double *ref_us)
{
	int last = DEVICES - BATCH;

	return batch_median(us + last) / batch_median(ref_us + last) /
	       (batch_median(us) / batch_median(ref_us));
}

enum {
	CREATE_FIRST,
	CREATE_LAST,
	CREATE_GROWTH,
	REMOVE_FIRST,
	REMOVE_LAST,
	REMOVE_GROWTH,
	LIST,
	RSS,
	HEAP,
	BLOCKS,
	NODES,
	THREADS,
	FDS,
	NR_FIGURES
};

static const struct bench_line lines[NR_FIGURES] = {
	[CREATE_FIRST] = { "devices", "create, one of the first 100", "us", 0 },
	[CREATE_LAST] = { "devices", "create, one of the last 100 of 10,000", "us", 0 },
	[CREATE_GROWTH] = { "devices", "create, last 100 / first 100", "x", RATIO_MAX },
	[REMOVE_FIRST] = { "devices", "remove, one of the first 100, 10,000 there", "us", 0 },
	[REMOVE_LAST] = { "devices", "remove, one of the last 100", "us", 0 },
	[REMOVE_GROWTH] = { "devices", "remove, first 100 / last 100", "x", 0 },
	[LIST] = { "devices", "list and read mdev_type, each of 10,000", "us", 0 },
	[RSS] = { "devices", "resident memory of an idle device", "bytes", BYTES_MAX },
	[HEAP] = { "devices", "heap of an idle device", "bytes", BYTES_MAX },
	[BLOCKS] = { "devices", "allocations of an idle device", "", 0 },
	[NODES] = { "devices", "tree nodes of an idle device", "", 0 },
	[THREADS] = { "devices", "threads of 10,000 idle devices", "", 0 },
	[FDS] = { "devices", "descriptors of 10,000 idle devices", "", 0 },
};

static void take_round(struct bench_series *figures, const struct round *round)
{
	const int last = DEVICES - BATCH;

	bench_add(&figures[CREATE_FIRST], batch_median(round->create_us));
	bench_add(&figures[CREATE_LAST], batch_median(round->create_us + last));
	bench_add(&figures[CREATE_GROWTH], growth(round->create_us, round->create_ref_us));
	bench_add(&figures[REMOVE_FIRST], batch_median(round->remove_us));
	bench_add(&figures[REMOVE_LAST], batch_median(round->remove_us + last));
	bench_add(&figures[REMOVE_GROWTH], 1 / growth(round->remove_us, round->remove_ref_us));
	bench_add(&figures[LIST], round->list_us);
	bench_add(&figures[RSS], round->rss);
	bench_add(&figures[HEAP], round->heap);
	bench_add(&figures[BLOCKS], round->blocks);
	bench_add(&figures[NODES], round->nodes);
	bench_add(&figures[THREADS], round->threads);
	bench_add(&figures[FDS], round->fds);
}

int main(int argc, char **argv)
{
	static struct bench_series figures[NR_FIGURES];
	struct round *round;
	int cpu, i, status;
	pid_t pid;

	if (argc != 2) {
		fprintf(stderr, "usage: %s MODULE-DIRECTORY\n", argv[0]);
		return 2;
	}
	if (bench_cpus(&cpu, 1))
		bench_pin(cpu);
	round = mmap(NULL, sizeof(*round), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (round == MAP_FAILED)
		bench_die("mmap");
	for (i = 0; i < ROUNDS; i++) {
		/* Pages that are touched for the first time must not count as the devices'. */
		memset(round, 0, sizeof(*round));
		pid = fork();
		if (pid == 0) {
			memset(round, 0, sizeof(*round));
			measure(round, argv[1]);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			bench_die("a round");
		take_round(figures, round);
	}
	for (i = 0; i < NR_FIGURES; i++)
		bench_report(&lines[i], &figures[i]);
	return 0;
}
