// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * One creator and four removers on one UUID, with mtty as the parent and vfio_mdev as the driver.
 * Each creation is undone by exactly one removal; who loses hears of it. Rows M07, M08.
 */
#include "stress.h"

#include <errno.h>

#include <linux/kernel.h>

#define UUID   "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
#define CREATE "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create"
#define REMOVE "/bus/mdev/devices/" UUID "/remove"

enum {
	CREATED,
	CREATE_EXISTS,
	REMOVED,
	REMOVE_AGAIN,
	REMOVE_GONE,
	REMOVE_NO_FILE,
	NR_COUNTS,
};

static struct stress_count counts[NR_COUNTS] = {
	[CREATED] = { "creations", 0, false },
	[CREATE_EXISTS] = { "creations: EEXIST", 0, false },
	[REMOVED] = { "removals", 0, false },
	[REMOVE_AGAIN] = { "removals: EAGAIN", 0, true },
	[REMOVE_GONE] = { "removals: ENODEV", 0, true },
	[REMOVE_NO_FILE] = { "removals: ENOENT", 0, false },
};

static const struct stress_result create_results[] = {
	{ 0, &counts[CREATED] },
	{ -EEXIST, &counts[CREATE_EXISTS] },
	{ 0, NULL },
};

static const struct stress_result remove_results[] = {
	{ 0, &counts[REMOVED] },
	{ -EAGAIN, &counts[REMOVE_AGAIN] },
	{ -ENODEV, &counts[REMOVE_GONE] },
	{ -ENOENT, &counts[REMOVE_NO_FILE] },
	{ 0, NULL },
};

static void creator(void *arg)
{
	while (stress_running())
		stress_expect("create", stress_write(CREATE, UUID), create_results);
}

static void remover(void *arg)
{
	while (stress_running()) {
		stress_expect("remove", stress_write(REMOVE, "1"), remove_results);
		stress_pause(100);
	}
}

int main(int argc, char **argv)
{
	int i;

	stress_begin(argc, argv);
	stress_load("mtty");
	stress_thread(creator, NULL);
	for (i = 0; i < 4; i++)
		stress_thread(remover, NULL);
	stress_join();
	if (stress_exists(REMOVE))
		stress_expect("the last removal", stress_write(REMOVE, "1"), remove_results);
	if (stress_read(&counts[CREATED]) != stress_read(&counts[REMOVED]))
		stress_fail("%lu creations and %lu removals", stress_read(&counts[CREATED]),
			    stress_read(&counts[REMOVED]));
	return stress_end(counts, NR_COUNTS);
}
