// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "world.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/module.h>
#include <umdev/error.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/sysfs.h>

#include "fuzz.h"

#define MAX_MODULES    16
#define MAX_PARAMETERS 32

/* So often this looks again at once, since most of what is waited for is on its way. */
#define BUSY_LOOKS 1000

static struct module *pinned[MAX_MODULES];
static unsigned int nr_pinned;
static char dir[256];

/* The time is counted rather than measured, as in fuzz_poll(). */
static bool wait_until(bool (*condition)(void *data), void *data)
{
	const struct timespec sleep = { .tv_nsec = 1000000 };
	int waited = 0, looks = 0;

	while (!condition(data)) {
		if (waited == FUZZ_LIMIT_MS)
			return false;
		if (++looks < BUSY_LOOKS)
			sched_yield();
		else
			nanosleep(&sleep, NULL);
		waited += looks >= BUSY_LOOKS;
	}
	return true;
}

void world_wait(bool (*condition)(void *data), void *data, const char *what)
{
	fuzz_check(wait_until(condition, data), "%s: not within %d ms", what, FUZZ_LIMIT_MS);
}

/* The object stays in memory, and its module loaded. */
static void pin_module(const char *module_dir, const char *name)
{
	char path[512];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s.so", module_dir, name);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	fuzz_check(handle, "%s", dlerror());
	pinned[nr_pinned] = dlsym(handle, "__this_module");
	fuzz_check(pinned[nr_pinned], "%s", dlerror());
	__module_get(pinned[nr_pinned++]);
}

void world_load(const char *const *modules)
{
	const char *module_dir = getenv("UMDEV_MODULE_DIR");
	struct umdev_error err = { 0 };

	fuzz_check(module_dir, "UMDEV_MODULE_DIR is to name the directory of the modules");
	fuzz_check(!umdev_module_set_dir(module_dir, &err), "%s", err.text);
	for (; *modules; modules++) {
		int ret = umdev_module_load(*modules, NULL, &err);

		fuzz_check(!ret || ret == -EEXIST, "%s", err.text);
		pin_module(module_dir, *modules);
	}
}

static void note_parameters(const char *name, void *data);

void world_up(const char *const *modules)
{
	const char *tmp = getenv("TMPDIR");

	umdev_log_set_level(getenv("FUZZ_VERBOSE") ? 7 : -1);
	fuzz_check(!umdev_runtime_init(), "the runtime does not start");
	snprintf(dir, sizeof(dir), "%s/fuzz-XXXXXX", tmp ? tmp : "/tmp");
	fuzz_check(mkdtemp(dir), "no directory %s", dir);
	if (modules)
		world_load(modules);
	world_for_each("/module", note_parameters, NULL);
}

void world_down(void)
{
	struct umdev_runtime_counts counts;

	world_remove_devices();
	while (nr_pinned)
		module_put(pinned[--nr_pinned]);
	fuzz_check(!umdev_module_unload_all(), "a module does not go");
	umdev_runtime_exit();
	rmdir(dir);
	umdev_runtime_counts(&counts);
	fuzz_check(!counts.allocations && !counts.files && !counts.eventfds && !counts.warnings,
		   "left over: %ld allocations, %ld files, %ld eventfds, %ld warnings",
		   counts.allocations, counts.files, counts.eventfds, counts.warnings);
}

const char *world_dir(void)
{
	return dir;
}

static struct umdev_sysfs_file *open_file(const char *path, int flags)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct umdev_sysfs_file *file;

	if (IS_ERR(kn))
		return ERR_CAST(kn);
	file = umdev_sysfs_open(kn, flags);
	umdev_sysfs_put(kn);
	return file;
}

ssize_t world_write(const char *path, const void *value, size_t len)
{
	struct umdev_sysfs_file *file = open_file(path, O_WRONLY);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_write(file, value, len, 0);
	umdev_sysfs_release(file);
	return ret;
}

ssize_t world_read(const char *path, char *buf, size_t size)
{
	struct umdev_sysfs_file *file = open_file(path, O_RDONLY);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = umdev_sysfs_read(file, buf, size, 0);
	umdev_sysfs_release(file);
	return ret;
}

void world_must_write(const char *path, const char *text)
{
	ssize_t ret = world_write(path, text, strlen(text));

	fuzz_check(ret == (ssize_t)strlen(text), "writing %s to %s: %zd", text, path, ret);
}

/* Names of a directory's entries, one behind the other's NUL. */
struct names {
	char *text;
	size_t len;
};

static int add_name(const char *name, const struct stat *st, uint64_t next, void *data)
{
	struct names *names = data;
	size_t len = strlen(name) + 1;

	names->text = realloc(names->text, names->len + len);
	fuzz_check(names->text, "out of memory");
	memcpy(names->text + names->len, name, len);
	names->len += len;
	return 0;
}

void world_for_each(const char *path, void (*fn)(const char *name, void *data), void *data)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, true);
	struct names names = { 0 };
	uint64_t cursor = 0;
	size_t pos;

	if (IS_ERR(kn))
		return;
	umdev_sysfs_readdir(kn, &cursor, add_name, &names);
	umdev_sysfs_put(kn);
	for (pos = 0; pos < names.len; pos += strlen(names.text + pos) + 1)
		fn(names.text + pos, data);
	free(names.text);
}

static void remove_device(const char *name, void *data)
{
	char path[512];

	snprintf(path, sizeof(path), "/bus/mdev/devices/%s/remove", name);
	world_must_write(path, "1");
}

void world_remove_devices(void)
{
	world_for_each("/bus/mdev/devices", remove_device, NULL);
}

/* The values that writable parameters had at first. */
static struct parameter {
	char path[192];
	char value[64];
	ssize_t len;
} parameters[MAX_PARAMETERS];
static unsigned int nr_parameters;

static void note_parameter(const char *name, void *data)
{
	struct parameter *parameter = &parameters[nr_parameters];

	snprintf(parameter->path, sizeof(parameter->path), "/module/%.80s/parameters/%.80s",
		 (const char *)data, name);
	parameter->len = world_read(parameter->path, parameter->value, sizeof(parameter->value));
	if (parameter->len > 0 &&
	    world_write(parameter->path, parameter->value, parameter->len) == parameter->len)
		nr_parameters++;
	fuzz_check(nr_parameters < MAX_PARAMETERS, "there are too many parameters");
}

static void note_parameters(const char *name, void *data)
{
	char path[192];

	snprintf(path, sizeof(path), "/module/%.80s/parameters", name);
	world_for_each(path, note_parameter, (void *)name);
}

static void restore_bus(const char *name, void *data)
{
	char path[512];

	snprintf(path, sizeof(path), "/bus/%s/drivers_autoprobe", name);
	world_write(path, "1", 1);
}

void world_restore(void)
{
	const struct parameter *parameter;

	for (parameter = parameters; parameter < parameters + nr_parameters; parameter++)
		world_write(parameter->path, parameter->value, parameter->len);
	world_for_each("/bus", restore_bus, NULL);
	world_remove_devices();
}

void world_take_mark(struct world_mark *mark)
{
	umdev_runtime_counts(&mark->counts);
	mark->free_fd = fuzz_free_fd();
}

#define MARKED_COUNTS(do)                                                              \
	do                                                                             \
	(allocations) do(files) do(eventfds) do(mappings) do(pins) do(module_refs) do( \
		kobjects) do(nodes)

static bool is_as_marked(void *data)
{
	const struct world_mark *mark = data;
	struct umdev_runtime_counts counts;

	umdev_runtime_counts(&counts);
#define CHECK(name)                           \
	if (counts.name != mark->counts.name) \
		return false;
	MARKED_COUNTS(CHECK)
#undef CHECK
	return fuzz_free_fd() == mark->free_fd;
}

static void show_difference(const struct world_mark *mark)
{
	struct umdev_runtime_counts counts;

	umdev_runtime_counts(&counts);
#define SHOW(name)                            \
	if (counts.name != mark->counts.name) \
		fprintf(stderr, #name ": %ld, expected %ld\n", counts.name, mark->counts.name);
	MARKED_COUNTS(SHOW)
#undef SHOW
	fprintf(stderr, "next descriptor: %d, expected %d\n", fuzz_free_fd(), mark->free_fd);
}

void world_check_mark(const struct world_mark *mark)
{
	struct umdev_runtime_counts counts;

	/* A warning says that something has gone wrong inside. */
	umdev_runtime_counts(&counts);
	fuzz_check(counts.warnings == mark->counts.warnings, "a warning, see FUZZ_VERBOSE=1");
	if (wait_until(is_as_marked, (void *)mark))
		return;
	show_difference(mark);
	fuzz_check(false, "something is left of the run after %d ms", FUZZ_LIMIT_MS);
}
