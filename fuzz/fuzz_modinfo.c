// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * What is read of a module's file before it is loaded, or only asked about: ELF headers, sections and
 * the strings in them.
 *
 * Input: the file.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/errno.h>
#include <umdev/error.h>
#include <umdev/module.h>

#include "fuzz.h"
#include "world.h"

static int fd;
static char path[32];

void harness_up(void)
{
	world_up(NULL);
	fd = memfd_create("module", MFD_CLOEXEC);
	fuzz_check(fd >= 0, "no file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
}

void harness_down(void)
{
	close(fd);
	world_down();
}

static int take_info(const char *key, const char *value, void *data)
{
	size_t *bytes = data;

	fuzz_check(strlen(key) < 64 && !strchr(key, '='), "key \"%s\"", key);
	fuzz_check(value, "no value of %s", key);
	*bytes += strlen(value);
	return 0;
}

void harness_run(struct fuzz_input *in)
{
	struct umdev_error err = { 0 };
	struct world_mark mark;
	size_t bytes = 0;
	int ret;

	world_take_mark(&mark);
	fuzz_check(!ftruncate(fd, 0) && pwrite(fd, in->at, in->left, 0) == (ssize_t)in->left,
		   "the file cannot be written");
	ret = umdev_modinfo(path, take_info, &bytes, &err);
	if (ret)
		fuzz_check(ret == -ENOEXEC && err.code == ret && err.text[0], "modinfo: %d", ret);
	else
		fuzz_check(bytes > strlen(path), "no file name");
	world_check_mark(&mark);
}
