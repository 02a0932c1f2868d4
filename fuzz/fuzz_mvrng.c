// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A virtqueue as the device sees it: mvrng, and a driver that puts anything into the rings.
 *
 * Input: steps, see step(). Addresses are offsets into the driver's memory, behind which there is
 * nothing: a device that goes on there gets a fault.
 */
#include <string.h>
#include <sys/mman.h>

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mdev.h>
#include <linux/virtio_ring.h>
#include <linux/workqueue.h>

#include "fuzz.h"
#include "samples/vfio-mdev/mvrng_device.h"
#include "world.h"

#define PARENT "/devices/platform/mvrng"
#define UUID   "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"

#define ARENA	  65536u
#define GUARD	  (1u << 20)
#define RINGS_MAX 8192u /* no part of a queue is larger */

#define STATUS_FEATURES \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | VIRTIO_CONFIG_S_FEATURES_OK)

static const char *const bus_modules[] = { "mdev", NULL };
static const char *const modules[] = { "mvrng", NULL };

static struct mdev_device *mdev;
static const struct virtio_mdev_parent_ops *ops;
static u8 *arena;

/* What the driver knows: where it has put the queue, and how it was called. */
static struct {
	u32 num;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	unsigned int calls;
} state;

static int probe(struct device *dev)
{
	mdev = mdev_from_dev(dev);
	ops = mdev_get_virtio_ops(mdev);
	return ops ? 0 : -EINVAL;
}

static void remove_device(struct device *dev)
{
	ops->set_status(mdev, 0);
	mdev = NULL;
}

static const struct mdev_class_id ids[] = { { MDEV_CLASS_ID_VIRTIO }, { 0 } };

static struct mdev_driver driver = {
	.name = "fuzz_virtio",
	.probe = probe,
	.remove = remove_device,
	.id_table = ids,
};

void harness_up(void)
{
	u8 *memory;

	/* The first driver on the bus gets the device: virtio_mdev comes with mvrng. */
	world_up(bus_modules);
	fuzz_check(!mdev_register_driver(&driver, THIS_MODULE), "the driver is not taken");
	world_load(modules);
	world_must_write(PARENT "/mdev_supported_types/mvrng-rng/create", UUID);
	fuzz_check(mdev, "another driver has the device");
	memory = mmap(NULL, ARENA + GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		      -1, 0);
	fuzz_check(memory != MAP_FAILED && !mprotect(memory, ARENA, PROT_READ | PROT_WRITE),
		   "no memory");
	arena = memory;
}

void harness_down(void)
{
	world_remove_devices();
	mdev_unregister_driver(&driver);
	munmap(arena, ARENA + GUARD);
	world_down();
}

/* The device is done with what it is at, and the memory the driver's alone. */
static void settle(void)
{
	flush_work(&to_mvrng(mdev)->work);
}

static void called(void *private)
{
	state.calls++;
}

static bool set_address(u32 num, u16 desc, u16 avail, u16 used)
{
	u8 *at[] = { arena + desc % (ARENA - RINGS_MAX), arena + avail % (ARENA - RINGS_MAX),
		     arena + used % (ARENA - RINGS_MAX) };

	if (ops->get_vq_ready(mdev, 0))
		return false;
	ops->set_vq_num(mdev, 0, num);
	if (ops->set_vq_address(mdev, 0, (uintptr_t)at[0], (uintptr_t)at[1], (uintptr_t)at[2]))
		return false;
	state.num = num;
	state.desc = (struct vring_desc *)at[0];
	state.avail = (struct vring_avail *)at[1];
	state.used = (struct vring_used *)at[2];
	return true;
}

/* As a driver does that means well. */
static void start(u32 num)
{
	const struct virtio_mdev_callback callback = { called, NULL };

	ops->set_status(mdev, 0);
	memset(arena, 0, ARENA);
	ops->set_status(mdev, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	fuzz_check(!ops->set_features(mdev, BIT_ULL(VIRTIO_F_VERSION_1)), "features are refused");
	fuzz_check(set_address(num, 0, 4096, 8192), "a queue of %u is refused", num);
	fuzz_check(!ops->set_vq_state(mdev, 0, 0), "the state is refused");
	ops->set_vq_cb(mdev, 0, &callback);
	ops->set_config_cb(mdev, &callback);
	ops->set_vq_ready(mdev, 0, true);
	ops->set_status(mdev, STATUS_FEATURES | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void step_bytes(struct fuzz_input *in)
{
	size_t offset = fuzz_u16(in), len = fuzz_u8(in);
	const u8 *bytes = fuzz_bytes(in, min(len, (size_t)(ARENA - offset)), &len);

	if (len)
		memcpy(arena + offset, bytes, len);
}

/* Mostly in the arena, as what the device writes elsewhere is the driver's fault. */
static u64 take_address(struct fuzz_input *in)
{
	u8 kind = fuzz_u8(in);
	u16 offset = fuzz_u16(in);

	switch (kind % 16) {
	case 0:
		return offset % 4096;
	case 1:
		return ~(u64)0 - offset;
	case 2:
		return 1ULL << 62 | offset;
	default:
		return (uintptr_t)arena + offset;
	}
}

static void step_descriptor(struct fuzz_input *in)
{
	struct vring_desc desc = { .addr = take_address(in) };
	u16 index = fuzz_u8(in), flags = fuzz_u8(in);

	desc.len = fuzz_u16(in);
	if (flags & 0x80)
		desc.len <<= 16;
	desc.flags = flags & 0x7f;
	desc.next = fuzz_u8(in);
	if (state.desc)
		memcpy(&state.desc[index % 256], &desc, sizeof(desc));
}

static void step_offer(struct fuzz_input *in)
{
	u16 head = fuzz_u8(in), nr = fuzz_u8(in) % 8, i;

	if (!state.avail)
		return;
	for (i = 0; i < nr; i++)
		state.avail->ring[(u16)(state.avail->idx + i) % state.num] = head + i;
	state.avail->idx += nr;
}

static void step_address(struct fuzz_input *in)
{
	u16 num = fuzz_u16(in), desc = fuzz_u16(in), avail = fuzz_u16(in), used = fuzz_u16(in);

	set_address(num, desc, avail, used);
}

static void step_config(struct fuzz_input *in)
{
	u8 data[32];

	ops->get_config(mdev, fuzz_u32(in), data, fuzz_u8(in) % sizeof(data));
	ops->set_config(mdev, fuzz_u32(in), data, fuzz_u8(in) % sizeof(data));
	ops->get_status(mdev);
	ops->get_features(mdev);
	ops->get_vq_state(mdev, fuzz_u8(in) % 2);
}

static void step(struct fuzz_input *in)
{
	settle();
	switch (fuzz_u8(in) % 12) {
	case 0:
		step_bytes(in);
		break;
	case 1:
	case 2:
		step_descriptor(in);
		break;
	case 3:
		step_offer(in);
		break;
	case 4:
	case 5:
		ops->kick_vq(mdev, fuzz_u8(in) % 8 == 7);
		break;
	case 6:
		step_address(in);
		break;
	case 7:
		ops->set_vq_ready(mdev, 0, fuzz_u8(in) % 2);
		break;
	case 8:
		ops->set_status(mdev, fuzz_u8(in));
		break;
	case 9:
		ops->set_features(mdev, fuzz_u64(in));
		break;
	case 10:
		ops->set_vq_state(mdev, 0, fuzz_u32(in) >> 15);
		break;
	case 11:
		step_config(in);
		break;
	}
}

/* After a reset it works as it should, whatever was done to it before. */
static void check_works(void)
{
	u16 i;

	start(4);
	settle();
	for (i = 0; i < 2; i++)
		state.desc[i] = (struct vring_desc){ (uintptr_t)arena + 16384 + i * 64, 32,
						     VRING_DESC_F_WRITE, 0 };
	state.avail->ring[1] = 1;
	state.avail->idx = 2;
	ops->kick_vq(mdev, 0);
	settle();
	fuzz_check(state.used->idx == 2 && state.used->ring[1].id == 1 &&
			   state.used->ring[1].len == 32,
		   "%u buffers came back, the second is %u of %u bytes", state.used->idx,
		   state.used->ring[1].id, state.used->ring[1].len);
	fuzz_check(state.calls == 1, "%u callbacks", state.calls);
}

void harness_run(struct fuzz_input *in)
{
	struct world_mark mark;

	world_take_mark(&mark);
	start(1u << fuzz_u8(in) % 9);
	while (in->left)
		step(in);
	settle();
	state.calls = 0;
	check_works();
	ops->set_status(mdev, 0);
	world_check_mark(&mark);
}
