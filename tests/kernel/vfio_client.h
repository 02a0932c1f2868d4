/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the users of VFIO's ABI in the tests have in common. */
#ifndef VFIO_CLIENT_H
#define VFIO_CLIENT_H

#include <stdbool.h>

#include <linux/vfio.h>

#define NR_REGION VFIO_PCI_NUM_REGIONS

/*
 * The device and the way to it: by its group, which a container has, or by a file of its own, whose
 * memory an address space of /dev/iommu has.
 */
struct client {
	const char *uuid;
	bool iommufd;
	char container_path[256];
	char group_path[256];
	int container;
	int group;
	__u32 ioas;
	int device;
	/* A virtual machine's device of type KVM_DEV_TYPE_VFIO, if it is for one; or 0. */
	int machine;
	__u64 offset[NR_REGION];
};

/* How many checks there were, and how many of them failed. */
extern int checks, failures;

/* One check, told as a line of TAP. */
void same_text(const char *sentence, const char *expected, const char *actual);
void same(const char *sentence, long long expected, long long actual);

/* What a system call came to: its result, or its errno as a negative number. */
long result(long ret);

/* End the test with what went wrong, and errno. */
void die(const char *what);

void find_group(struct client *client, const char *sysfs, const char *dev);
void find_cdev(struct client *client, const char *sysfs, const char *dev);

/* The container, then the group and the device in it; detach() closes all three. Likewise with iommufd. */
void open_container(struct client *client);
void attach(struct client *client);
void detach(struct client *client);

/* Tell the client's virtual machine of the group, or of the device's own file. */
void introduce(const struct client *client, int fd);

/* Both answer with a negative errno; unmap otherwise with the number of bytes. */
long map(const struct client *client, void *memory, __u64 iova, __u64 size);
long unmap(const struct client *client, __u64 iova, __u64 size);

/* What to do with an interrupt. */
#define TRIGGER_FD (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define UNMASK_FD  (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK)
#define UNMASK	   (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK)

/* @fd is for the first two of these. Answers 0 or a negative errno. */
long set_irq(const struct client *client, __u32 index, __u32 flags, int fd);

int new_eventfd(void);

/* How often an eventfd was signalled; waits for the first time if it has to come. */
long signals(int fd, bool wait);

/*
 * The checks on devices of types mtty-2 and medu-vendor, on one of the tests' own pinner, and on
 * those of types mdpy-vga and mbochs-small.
 */
void check_mtty(struct client *client);
void check_medu(struct client *client);
void check_pinner(struct client *client);
void check_mdpy(struct client *client);
void check_mbochs(struct client *client);

#endif /* VFIO_CLIENT_H */
