/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Threads that more than one stress program lets loose, and what users do with devices. */
#ifndef TESTS_STRESS_ACTORS_H
#define TESTS_STRESS_ACTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress.h"
#include "stressdev.h"

/* What a device is to a user of VFIO. */
enum stress_kind {
	STRESS_MTTY,
	STRESS_MEDU,
	STRESS_SDEV,
};

/**
 * struct stress_slot - a place where a device comes and goes
 * @uuid: its name
 * @create: the file of its type to create it by
 * @kind: what it is to a user of VFIO, for devices that have one
 * @created: what a creation may answer, set by stress_manage()
 * @removed: what a removal may answer, likewise
 */
struct stress_slot {
	const char *uuid;
	const char *create;
	enum stress_kind kind;
	const struct stress_result *created;
	const struct stress_result *removed;
};

/* Slots for devices that VFIO's users use: one of mtty, both of medu, and two of stressdev's parent p0. */
#define NR_VFIO_SLOTS 5
extern struct stress_slot vfio_slots[NR_VFIO_SLOTS];

/* A thread for each slot that creates and removes its device. */
void stress_manage(struct stress_slot *slots, size_t nr, const struct stress_result *created,
		   const struct stress_result *removed);

/**
 * struct stress_module - a module that comes and goes
 * @name: its name
 * @loaded: what loading it may answer
 * @unloaded: what unloading it may answer; it does not wait for users of devices but fails
 */
struct stress_module {
	const char *name;
	const struct stress_result *loaded;
	const struct stress_result *unloaded;
};

/* A thread for each of the modules, all loaded, that unloads it and loads it again. */
void stress_reload(struct stress_module *modules, size_t nr);

/* Pages that users map for their devices, from address 0 on, more or less of them. */
#define STRESS_PAGES 16

/**
 * struct stress_access - an access to a region of a device
 * @region: which
 * @offset: where
 * @data: what to write, or room for what is read
 * @size: bytes
 * @write: it is a write
 */
struct stress_access {
	uint32_t region;
	uint64_t offset;
	uint64_t data[4];
	uint32_t size;
	bool write;
};

/* Any access that makes a device of this kind do something. */
struct stress_access stress_any_access(enum stress_kind kind);

/* Was it a read that showed that medu has ended a transfer? */
bool stress_shows_transfer(enum stress_kind kind, const struct stress_access *access);

#endif /* TESTS_STRESS_ACTORS_H */
