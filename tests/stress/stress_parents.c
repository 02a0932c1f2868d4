// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Creators and removers on four parents that are registered and unregistered all the time, and on
 * mtty, whose module comes and goes. Some creations and removals fail. Rows M01, M07 to M10, M19.
 */
#include "stress.h"

#include <errno.h>
#include <stdio.h>

#include <linux/kernel.h>

#include "stressdev.h"

#define NR_PARENTS  4
#define NR_CREATORS 5
#define NR_REMOVERS 2
#define NR_UUIDS    8

enum {
	REGISTERED,
	LOADED,
	CREATED,
	CREATE_EXISTS,
	CREATE_AGAIN,
	CREATE_GOING,
	CREATE_NO_FILE,
	CREATE_FULL,
	CREATE_REFUSED,
	REMOVED,
	REMOVE_REFUSED,
	REMOVE_AGAIN,
	REMOVE_GONE,
	REMOVE_NO_FILE,
	NR_COUNTS,
};

static struct stress_count counts[NR_COUNTS] = {
	[REGISTERED] = { "registrations of parents", 0, false },
	[LOADED] = { "loads of mtty", 0, false },
	[CREATED] = { "creations", 0, false },
	[CREATE_EXISTS] = { "creations: EEXIST", 0, false },
	[CREATE_AGAIN] = { "creations: EAGAIN", 0, true },
	[CREATE_GOING] = { "creations: ENODEV", 0, false },
	[CREATE_NO_FILE] = { "creations: ENOENT", 0, false },
	[CREATE_FULL] = { "creations: ENOSPC", 0, true },
	[CREATE_REFUSED] = { "creations: the driver's error", 0, false },
	[REMOVED] = { "removals", 0, false },
	[REMOVE_REFUSED] = { "removals: the driver's error", 0, false },
	[REMOVE_AGAIN] = { "removals: EAGAIN", 0, true },
	[REMOVE_GONE] = { "removals: ENODEV", 0, false },
	[REMOVE_NO_FILE] = { "removals: ENOENT", 0, false },
};

static const struct stress_result create_results[] = {
	{ 0, &counts[CREATED] },
	{ -EEXIST, &counts[CREATE_EXISTS] },
	{ -EAGAIN, &counts[CREATE_AGAIN] },
	{ -ENODEV, &counts[CREATE_GOING] },
	{ -ENOENT, &counts[CREATE_NO_FILE] },
	{ -ENOSPC, &counts[CREATE_FULL] },
	{ STRESSDEV_CREATE_REFUSED, &counts[CREATE_REFUSED] },
	{ 0, NULL },
};

static const struct stress_result remove_results[] = {
	{ 0, &counts[REMOVED] },
	{ STRESSDEV_REMOVE_REFUSED, &counts[REMOVE_REFUSED] },
	{ -EAGAIN, &counts[REMOVE_AGAIN] },
	{ -ENODEV, &counts[REMOVE_GONE] },
	{ -ENOENT, &counts[REMOVE_NO_FILE] },
	{ 0, NULL },
};

static struct stress_parent parents[NR_PARENTS];

static void write_uuid(char *buf, size_t size)
{
	snprintf(buf, size, "83b8f4f2-509f-382f-3c1e-e6bfe0fa10%02u", stress_random(NR_UUIDS));
}

static void create_path(char *buf, size_t size)
{
	unsigned int i = stress_random(NR_PARENTS + 1);

	if (i == NR_PARENTS)
		snprintf(buf, size,
			 "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create");
	else
		snprintf(buf, size, STRESSDEV "/p%u/mdev_supported_types/" STRESSDEV_TYPE "/create",
			 i);
}

static void creator(void *arg)
{
	char path[128], uuid[40];

	while (stress_running()) {
		create_path(path, sizeof(path));
		write_uuid(uuid, sizeof(uuid));
		stress_expect(path, stress_write(path, uuid), create_results);
		stress_pause(200);
	}
}

static void remover(void *arg)
{
	char path[128], uuid[40];

	while (stress_running()) {
		write_uuid(uuid, sizeof(uuid));
		snprintf(path, sizeof(path), "/bus/mdev/devices/%s/remove", uuid);
		stress_expect(path, stress_write(path, "1"), remove_results);
		stress_pause(200);
	}
}

static void registrar(void *arg)
{
	while (stress_running()) {
		stress_parent_register(arg);
		stress_tick(&counts[REGISTERED]);
		stress_pause(20000);
		stress_parent_unregister(arg);
	}
}

static void loader(void *arg)
{
	while (stress_running()) {
		stress_load("mtty");
		stress_tick(&counts[LOADED]);
		stress_pause(20000);
		stress_unload("mtty");
	}
}

int main(int argc, char **argv)
{
	char name[] = "p0";
	int i;

	stress_begin(argc, argv);
	stress_expected_error = "Remove failed";
	stress_load("mdev");
	stressdev_init();
	for (i = 0; i < NR_PARENTS; i++) {
		name[1] = '0' + i;
		parents[i].refuse = 10;
		stress_parent_add(&parents[i], name);
		stress_thread(registrar, &parents[i]);
	}
	stress_thread(loader, NULL);
	for (i = 0; i < NR_CREATORS; i++)
		stress_thread(creator, NULL);
	for (i = 0; i < NR_REMOVERS; i++)
		stress_thread(remover, NULL);
	stress_join();
	for (i = 0; i < NR_PARENTS; i++)
		stress_parent_del(&parents[i]);
	stressdev_exit();
	return stress_end(counts, NR_COUNTS);
}
