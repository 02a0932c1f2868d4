// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "stress.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/kernel.h>
#include <umdev/error.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/runtime.h>
#include <umdev/sysfs.h>

#include "walk.h"

#define DEFAULT_SECONDS 20
#define MAX_THREADS	64
#define NR_READERS	2
/* What takes longer after the end of the run hangs. */
#define LIMIT_SECONDS 120
/* Threads that have ended need a while to disappear. */
#define SETTLE_TRIES 5000

const char *stress_expected_error;
unsigned int stress_share = 1;

static unsigned int seconds = DEFAULT_SECONDS;
static bool stop;
static struct {
	pthread_t thread;
	void (*fn)(void *arg);
	void *arg;
} threads[MAX_THREADS];
static size_t nr_threads;

static int fds_at_start;
static int tasks_at_start;
static struct umdev_runtime_counts counts_at_start;

static struct stress_count errors = { "lines of errors in the log", 0, true };
static struct stress_count nodes_seen = { "nodes seen by readers", 0, false };
static struct stress_count values_read = { "values read by readers", 0, false };
static struct stress_count nodes_vanished = { "nodes that went under a reader", 0, true };

void stress_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("FAILED: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	fflush(NULL);
	_exit(1);
}

static void on_alarm(int sig)
{
	static const char text[] = "FAILED: the run does not come to its end\n";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

static void on_log(const struct umdev_log_record *record, void *data)
{
	if (record->level > 3 ||
	    (stress_expected_error && strstr(record->text, stress_expected_error)))
		return;
	stress_tick(&errors);
	if (stress_read(&errors) <= 10)
		fprintf(stderr, "log: %s\n", record->text);
}

static struct umdev_log_subscriber log_subscriber = { .fn = on_log };

static int count_entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	if (!d)
		stress_fail("%s cannot be read", dir);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int count_fds(void)
{
	return count_entries("/proc/self/fd");
}

static int count_tasks(void)
{
	return count_entries("/proc/self/task");
}

/* A node may go at any time, but then it says so. */
static void reader_saw(const struct walk_entry *entry, void *data)
{
	static const int may_be[] = { -ENOENT, -ENODEV, -EACCES };
	size_t i;

	if (entry->error >= 0) {
		stress_tick(&nodes_seen);
		if (S_ISREG(entry->st.st_mode) && entry->error > 0)
			stress_tick(&values_read);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(may_be); i++) {
		if (entry->error == may_be[i]) {
			if (entry->error != -EACCES)
				stress_tick(&nodes_vanished);
			return;
		}
	}
	stress_fail("reading %s: %s", entry->path, strerror(-entry->error));
}

static void reader(void *arg)
{
	while (stress_running())
		walk_tree(reader_saw, NULL);
}

static void *do_nothing(void *arg)
{
	return arg;
}

/* A sanitizer may start a thread of its own with the first one of the program. */
static void start_a_thread_once(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, do_nothing, NULL))
		stress_fail("no thread can be started");
	pthread_join(thread, NULL);
}

void stress_begin(int argc, char **argv)
{
	const char *from_env = getenv("UMDEV_STRESS_SECONDS");
	const char *dir = getenv("UMDEV_MODULE_DIR");
	struct umdev_error err = { 0 };
	int i;

	if (argc > 1 || from_env)
		seconds = (unsigned int)strtoul(argc > 1 ? argv[1] : from_env, NULL, 10);
	if (!seconds)
		stress_fail("usage: %s [SECONDS]", argv[0]);
	seconds = DIV_ROUND_UP(seconds, stress_share);
	if (!dir)
		stress_fail("UMDEV_MODULE_DIR has to name the directory of the modules");
	start_a_thread_once();
	fds_at_start = count_fds();
	tasks_at_start = count_tasks();
	umdev_log_set_level(-1);
	umdev_log_subscribe(&log_subscriber);
	if (umdev_runtime_init() || umdev_module_set_dir(dir, &err))
		stress_fail("the runtime does not start: %s", err.text);
	umdev_runtime_counts(&counts_at_start);
	signal(SIGALRM, on_alarm);
	alarm(seconds + LIMIT_SECONDS);
	for (i = 0; i < NR_READERS; i++)
		stress_thread(reader, NULL);
}

static void *thread_main(void *arg)
{
	size_t i = (size_t)arg;

	threads[i].fn(threads[i].arg);
	return NULL;
}

void stress_thread(void (*fn)(void *arg), void *arg)
{
	size_t i = nr_threads++;

	if (i == MAX_THREADS)
		stress_fail("more than %d threads", MAX_THREADS);
	threads[i].fn = fn;
	threads[i].arg = arg;
	if (pthread_create(&threads[i].thread, NULL, thread_main, (void *)i))
		stress_fail("no more threads");
}

bool stress_running(void)
{
	return !__atomic_load_n(&stop, __ATOMIC_RELAXED);
}

void stress_join(void)
{
	size_t i;

	sleep(seconds);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < nr_threads; i++)
		pthread_join(threads[i].thread, NULL);
}

unsigned int stress_random(unsigned int limit)
{
	static __thread uint64_t state;
	struct timespec ts;

	if (!state) {
		clock_gettime(CLOCK_REALTIME, &ts);
		state = ((uint64_t)pthread_self() + (uint64_t)ts.tv_nsec) ^ 0x9e3779b97f4a7c15u;
	}
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 32) % limit;
}

void stress_pause(unsigned int max_us)
{
	usleep(stress_random(max_us + 1));
}

void stress_load(const char *module)
{
	struct umdev_error err = { 0 };

	if (umdev_module_load(module, NULL, &err))
		stress_fail("loading %s: %s", module, err.text);
}

void stress_unload(const char *module)
{
	struct umdev_error err = { 0 };

	if (umdev_module_unload(module, &err))
		stress_fail("unloading %s: %s", module, err.text);
}

int stress_write(const char *path, const char *value)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;
	ssize_t ret;

	if (IS_ERR(kn))
		return (int)PTR_ERR(kn);
	file = umdev_sysfs_open(kn, O_WRONLY);
	umdev_sysfs_put(kn);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	ret = umdev_sysfs_write(file, value, strlen(value), 0);
	umdev_sysfs_release(file);
	return ret < 0 ? (int)ret : 0;
}

bool stress_exists(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false);

	if (IS_ERR(kn))
		return false;
	umdev_sysfs_put(kn);
	return true;
}

int stress_expect(const char *what, int ret, const struct stress_result *results)
{
	for (; results->count; results++) {
		if (results->ret == ret) {
			stress_tick(results->count);
			return ret;
		}
	}
	stress_fail("%s: %s (%d)", what, strerror(-ret), ret);
}

struct left_over {
	const char *name;
	long now;
	long before;
};

/* Compare until it is right, or has been wrong for too long. */
static bool settled(const struct umdev_runtime_counts *before, bool system)
{
	struct umdev_runtime_counts now;
	unsigned int tries = 0;
	bool good;
	size_t i;

	for (;;) {
		umdev_runtime_counts(&now);
		struct left_over list[] = {
			{ "allocations", now.allocations, before->allocations },
			{ "files", now.files, before->files },
			{ "eventfd contexts", now.eventfds, before->eventfds },
			{ "modules", now.modules, before->modules },
			{ "module references", now.module_refs, before->module_refs },
			{ "kobjects", now.kobjects, before->kobjects },
			{ "devices", now.devices, before->devices },
			{ "sysfs nodes", now.nodes, before->nodes },
			{ "mappings", now.mappings, before->mappings },
			{ "pinned pages", now.pins, before->pins },
			{ "warnings", now.warnings, 0 },
			{ "kernel threads", system ? now.threads : 0, 0 },
			{ "descriptors", system ? count_fds() : 0, system ? fds_at_start : 0 },
			{ "threads", system ? count_tasks() : 0, system ? tasks_at_start : 0 },
		};

		good = true;
		for (i = 0; i < ARRAY_SIZE(list); i++)
			good &= list[i].now == list[i].before;
		if (good || ++tries == SETTLE_TRIES) {
			for (i = 0; !good && i < ARRAY_SIZE(list); i++)
				if (list[i].now != list[i].before)
					fprintf(stderr, "FAILED: %ld %s, expected %ld\n",
						list[i].now, list[i].name, list[i].before);
			return good;
		}
		usleep(1000);
	}
}

static bool show(const struct stress_count *count)
{
	bool good = count->optional || count->n;

	printf("%10lu %s%s\n", count->n, count->name,
	       good ? "" : "   <- FAILED: this must have happened");
	return good;
}

int stress_end(struct stress_count *counts, size_t nr)
{
	static const struct umdev_runtime_counts nothing;
	bool good = true;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("in %u s:\n", seconds);
	for (i = 0; i < nr; i++)
		good &= show(&counts[i]);
	good &= show(&nodes_seen);
	good &= show(&values_read);
	good &= show(&nodes_vanished);
	show(&errors);
	if (umdev_module_unload_all())
		stress_fail("modules are left");
	/* What is kept for the next time, such as threads, is no loss until the runtime ends. */
	good &= settled(&counts_at_start, false);
	umdev_runtime_exit();
	good &= settled(&nothing, true);
	umdev_log_unsubscribe(&log_subscriber);
	if (stress_read(&errors)) {
		fprintf(stderr, "FAILED: there are errors in the log\n");
		good = false;
	}
	puts(good ? "nothing is left" : "FAILED");
	return good ? 0 : 1;
}
