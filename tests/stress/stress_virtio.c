// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Mediated virtio devices that come and go while somebody reads them: they are created and removed,
 * bound and unbound on the mdev bus and on the virtio bus, the modules of parent, bus driver and virtio
 * driver are unloaded and loaded, and readers of /dev/hwrng choose among what is there. Rows M02, M08,
 * M18, M19.
 */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>

#include "actors.h"

#define NR_BINDERS 2
#define NR_USERS   3

#define CREATE	    "/devices/platform/mvrng/mdev_supported_types/mvrng-rng/create"
#define VIRTIO_MDEV "/bus/mdev/drivers/virtio_mdev"
#define VIRTIO_RNG  "/bus/virtio/drivers/virtio_rng"
#define RNG_CURRENT "/class/misc/hw_random/rng_current"

enum {
	CREATED,
	CREATE_NOT,
	REMOVED,
	REMOVE_GONE,
	BOUND,
	UNBOUND,
	BIND_NOT,
	LOADED,
	LOAD_EXISTS,
	UNLOADED,
	UNLOAD_BUSY,
	OPENED,
	OPEN_NOT,
	READ,
	READ_NO_BYTES,
	READ_NO_DEVICE,
	CHOSEN,
	CHOSEN_NOT,
	NR_COUNTS,
};

static struct stress_count counts[NR_COUNTS] = {
	[CREATED] = { "creations", 0, false },
	[CREATE_NOT] = { "creations: the parent is not there", 0, true },
	[REMOVED] = { "removals", 0, false },
	[REMOVE_GONE] = { "removals: the parent was faster", 0, true },
	[BOUND] = { "devices bound", 0, false },
	[UNBOUND] = { "devices unbound", 0, false },
	[BIND_NOT] = { "bindings and unbindings that came to nothing", 0, true },
	[LOADED] = { "modules loaded", 0, false },
	[LOAD_EXISTS] = { "loads: mvrng has brought it along", 0, true },
	[UNLOADED] = { "modules unloaded", 0, false },
	[UNLOAD_BUSY] = { "unloads: EBUSY", 0, true },
	[OPENED] = { "opens of /dev/hwrng", 0, false },
	[OPEN_NOT] = { "opens: it is not there", 0, true },
	[READ] = { "reads", 0, false },
	[READ_NO_BYTES] = { "reads that would not wait", 0, true },
	[READ_NO_DEVICE] = { "reads: there is no device", 0, false },
	[CHOSEN] = { "choices of a device", 0, false },
	[CHOSEN_NOT] = { "choices of a device that is not there", 0, true },
};

static const struct stress_result create_results[] = {
	{ 0, &counts[CREATED] },
	{ -ENOENT, &counts[CREATE_NOT] },
	{ -ENODEV, &counts[CREATE_NOT] },
	{ -EAGAIN, &counts[CREATE_NOT] },
	{ 0, NULL },
};

static const struct stress_result remove_results[] = {
	{ 0, &counts[REMOVED] },
	{ -ENOENT, &counts[REMOVE_GONE] },
	{ -ENODEV, &counts[REMOVE_GONE] },
	{ 0, NULL },
};

static const struct stress_result bind_results[] = {
	{ 0, &counts[BOUND] },
	{ -ENOENT, &counts[BIND_NOT] },
	{ -ENODEV, &counts[BIND_NOT] },
	{ -EBUSY, &counts[BIND_NOT] },
	{ 0, NULL },
};

static const struct stress_result unbind_results[] = {
	{ 0, &counts[UNBOUND] },
	{ -ENOENT, &counts[BIND_NOT] },
	{ -ENODEV, &counts[BIND_NOT] },
	{ 0, NULL },
};

static const struct stress_result load_results[] = {
	{ 0, &counts[LOADED] },
	{ -EEXIST, &counts[LOAD_EXISTS] },
	{ 0, NULL },
};

static const struct stress_result unload_results[] = {
	{ 0, &counts[UNLOADED] },
	{ -EBUSY, &counts[UNLOAD_BUSY] },
	{ 0, NULL },
};

static const struct stress_result open_results[] = {
	{ 0, &counts[OPENED] },
	{ -ENOENT, &counts[OPEN_NOT] },
	{ -ENODEV, &counts[OPEN_NOT] },
	{ 0, NULL },
};

static const struct stress_result read_results[] = {
	{ 0, &counts[READ] },
	{ -EAGAIN, &counts[READ_NO_BYTES] },
	{ -ENODEV, &counts[READ_NO_DEVICE] },
	{ 0, NULL },
};

static const struct stress_result choice_results[] = {
	{ 0, &counts[CHOSEN] },
	{ -EINVAL, &counts[CHOSEN_NOT] },
	{ -ENOENT, &counts[CHOSEN_NOT] },
	{ -ENODEV, &counts[CHOSEN_NOT] },
	{ 0, NULL },
};

static struct stress_slot slots[] = {
	{ .uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", .create = CREATE },
	{ .uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002", .create = CREATE },
	{ .uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1003", .create = CREATE },
};

static struct stress_module modules[] = {
	{ "mvrng", load_results, unload_results },
	{ "virtio_mdev", load_results, unload_results },
	{ "virtio_rng", load_results, unload_results },
};

static void rebind(const char *unbind, const char *bind, const char *name)
{
	stress_expect("unbind", stress_write(unbind, name), unbind_results);
	stress_pause(500);
	stress_expect("bind", stress_write(bind, name), bind_results);
	stress_pause(500);
}

static void binder(void *arg)
{
	char name[16];

	while (stress_running()) {
		rebind(VIRTIO_MDEV "/unbind", VIRTIO_MDEV "/bind",
		       slots[stress_random(ARRAY_SIZE(slots))].uuid);
		snprintf(name, sizeof(name), "virtio%u", stress_random(ARRAY_SIZE(slots)));
		rebind(VIRTIO_RNG "/unbind", VIRTIO_RNG "/bind", name);
	}
}

static int read_some(struct file *file)
{
	unsigned char data[500];
	loff_t pos = 0;
	ssize_t got = vfs_read(file, (void *)data, 1 + stress_random(sizeof(data)), &pos);

	return stress_expect("read", got < 0 ? (int)got : 0, read_results);
}

static void user(void *arg)
{
	struct file *file;
	char name[24];

	while (stress_running()) {
		file = filp_open("/dev/hwrng", O_RDONLY | (stress_random(2) ? O_NONBLOCK : 0), 0);
		if (!stress_expect("open", IS_ERR(file) ? (int)PTR_ERR(file) : 0, open_results)) {
			while (stress_random(20) && !read_some(file))
				continue;
			fput(file);
		}
		snprintf(name, sizeof(name), "virtio_rng.%u", stress_random(ARRAY_SIZE(slots)));
		stress_expect("choice", stress_write(RNG_CURRENT, name), choice_results);
		stress_pause(1000);
	}
}

int main(int argc, char **argv)
{
	int i;

	/* What is to be met here is met soon. */
	stress_share = 4;
	stress_begin(argc, argv);
	stress_load("mvrng");
	stress_manage(slots, ARRAY_SIZE(slots), create_results, remove_results);
	stress_reload(modules, ARRAY_SIZE(modules));
	for (i = 0; i < NR_BINDERS; i++)
		stress_thread(binder, NULL);
	for (i = 0; i < NR_USERS; i++)
		stress_thread(user, NULL);
	stress_join();
	return stress_end(counts, NR_COUNTS);
}
