// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Whoever may write to the sysfs tree: devices created and removed, drivers bound, attributes of the
 * loaded samples, and paths that lead anywhere.
 *
 * Input: records with a NUL between: "/path=value" writes, "/path" reads, whatever is there.
 */
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include <linux/err.h>
#include <linux/uuid.h>
#include <umdev/sysfs.h>

#include "fuzz.h"
#include "world.h"

#define MAX_RECORDS 64

static const char *const modules[] = { "vfio_mdev", "mtty", "medu", "mvrng", NULL };

void harness_up(void)
{
	world_up(modules);
}

void harness_down(void)
{
	world_down();
}

static int count_entry(const char *name, const struct stat *st, uint64_t next, void *data)
{
	fuzz_check(name[0] && !strchr(name, '/'), "an entry \"%s\"", name);
	fuzz_check(next > *(uint64_t *)data, "cursor %llu behind %llu", (unsigned long long)next,
		   *(unsigned long long *)data);
	*(uint64_t *)data = next;
	return 0;
}

static void look_at(const char *path)
{
	struct kernfs_node *kn = umdev_sysfs_walk(path, false), *again;
	char value[PATH_MAX];
	uint64_t cursor = 0, last = 0;
	struct stat st;
	ssize_t len;

	if (IS_ERR(kn))
		return;
	fuzz_check(!umdev_sysfs_stat(kn, &st), "%s cannot be looked at", path);
	len = umdev_sysfs_path(kn, value, sizeof(value));
	fuzz_check(len > 0 && value[0] == '/', "%s has no path: %zd", path, len);
	again = umdev_sysfs_walk(value, false);
	fuzz_check(again == kn, "%s is not what %s is", value, path);
	umdev_sysfs_put(again);
	if (S_ISLNK(st.st_mode))
		fuzz_check(umdev_sysfs_readlink(kn, value, sizeof(value)) == st.st_size,
			   "the target of %s has another length", path);
	else if (S_ISDIR(st.st_mode))
		fuzz_check(!umdev_sysfs_readdir(kn, &cursor, count_entry, &last),
			   "%s cannot be listed", path);
	umdev_sysfs_put(kn);
	len = world_read(path, value, sizeof(value));
	fuzz_check(len <= (ssize_t)sizeof(value), "%s has %zd bytes", path, len);
}

/* A device that was created is there, by the name that was written. */
static void check_created(const char *value, size_t len)
{
	char path[128], name[UUID_STRING_LEN + 1];
	struct kernfs_node *kn;
	size_t i;

	fuzz_check(len == UUID_STRING_LEN ||
			   (len == UUID_STRING_LEN + 1 && value[UUID_STRING_LEN] == '\n'),
		   "a UUID of %zu bytes", len);
	for (i = 0; i < UUID_STRING_LEN; i++)
		name[i] = (char)(value[i] >= 'A' && value[i] <= 'F' ? value[i] | 0x20 : value[i]);
	name[UUID_STRING_LEN] = '\0';
	fuzz_check(uuid_is_valid(name), "\"%s\" is no UUID", name);
	snprintf(path, sizeof(path), "/bus/mdev/devices/%s", name);
	kn = umdev_sysfs_walk(path, true);
	fuzz_check(!IS_ERR(kn), "%s was created and is not there", path);
	umdev_sysfs_put(kn);
}

static void run_record(const char *record, size_t len)
{
	const char *equals = memchr(record, '=', len), *base;
	size_t path_len = equals ? (size_t)(equals - record) : len;
	char *path = fuzz_string(record, path_len);
	size_t value_len = equals ? len - path_len - 1 : 0;
	char *value = equals ? fuzz_copy(equals + 1, value_len) : NULL;
	ssize_t ret;

	if (equals) {
		ret = world_write(path, value, value_len);
		fuzz_check(ret <= (ssize_t)value_len, "%zd bytes written of %zu", ret, value_len);
		base = strrchr(path, '/');
		if (ret > 0 && base && !strcmp(base, "/create"))
			check_created(value, value_len);
	} else {
		look_at(path);
	}
	free(value);
	free(path);
}

void harness_run(struct fuzz_input *in)
{
	unsigned int records = 0;
	struct world_mark mark;
	const uint8_t *nul;
	size_t len;

	world_take_mark(&mark);
	while (in->left && records++ < MAX_RECORDS) {
		nul = memchr(in->at, '\0', in->left);
		len = nul ? (size_t)(nul - in->at) : in->left;
		run_record((const char *)in->at, len);
		len += nul != NULL;
		in->at += len;
		in->left -= len;
	}
	world_restore();
	world_check_mark(&mark);
}
