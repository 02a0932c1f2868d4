/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A parent driver whose callbacks check that they are called only when they may be. Its devices pin
 * and access their user's memory.
 */
#ifndef TESTS_STRESS_STRESSDEV_H
#define TESTS_STRESS_STRESSDEV_H

#include <linux/device.h>

#include "stress.h"

#define STRESSDEV      "/devices/virtual/stressdev"
#define STRESSDEV_TYPE "stressdev-a"

/* What a write of an address to region 0 does. The region is memory otherwise. */
#define STRESSDEV_PIN	0x00
#define STRESSDEV_UNPIN 0x08
#define STRESSDEV_COPY	0x10 /* read what is there, and write it back */
#define STRESSDEV_SIZE	0x1000

/**
 * struct stress_parent - a parent
 * @dev: its device, /devices/virtual/stressdev/NAME
 * @registered: callbacks may be called; atomic
 * @live: mediated devices that are created and not removed; atomic
 * @refuse: so many creations in a hundred, and as many removals, answer an error
 */
struct stress_parent {
	struct device *dev;
	int registered;
	int live;
	unsigned int refuse;
};

/* The error of a refused creation, and of a refused removal. */
#define STRESSDEV_CREATE_REFUSED (-EUCLEAN)
#define STRESSDEV_REMOVE_REFUSED (-ENOTNAM)

/* What all devices did. */
enum {
	STRESSDEV_OPENS,
	STRESSDEV_PINS,
	STRESSDEV_FORCED,
	STRESSDEV_COPIES,
	STRESSDEV_REQUESTS,
	NR_STRESSDEV_COUNTS,
};

extern struct stress_count stressdev_counts[NR_STRESSDEV_COUNTS];

void stressdev_init(void);
void stressdev_exit(void);
void stress_parent_add(struct stress_parent *parent, const char *name);
void stress_parent_del(struct stress_parent *parent);
void stress_parent_register(struct stress_parent *parent);
void stress_parent_unregister(struct stress_parent *parent);

#endif /* TESTS_STRESS_STRESSDEV_H */
