// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A guest and its device: the regions, interrupts and DMA of the sample cards, by way of the files of
 * VFIO as the server uses them, but without a socket in between.
 *
 * Input: a byte that chooses the card, and then steps, see step().
 */
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <umdev/sysfs.h>
#include <umdev/uaccess.h>

#include "fuzz.h"
#include "world.h"

#define PAGE	    4096u
#define ARENA_PAGES 64u
#define NR_EVENTFDS 4
#define NR_IRQ_FDS  4
#define MAX_ACCESS  8192u

/* Registers of medu (QEMU's docs/specs/edu.rst) that a made up access would hardly ever hit in order. */
#define MEDU_STATUS 0x20
#define MEDU_SRC    0x80
#define MEDU_DST    0x88
#define MEDU_COUNT  0x90
#define MEDU_CMD    0x98
#define MEDU_BUFFER 0x40000

static const char *const modules[] = { "vfio_mdev", "mtty", "medu", NULL };

static const struct card {
	const char *uuid;
	const char *create;
	bool is_medu;
} cards[] = {
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
	  "/devices/platform/medu/mdev_supported_types/medu-vendor/create", true },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002",
	  "/devices/platform/medu/mdev_supported_types/medu-iommu/create", true },
	{ "83b8f4f2-509f-382f-3c1e-e6bfe0fa1003",
	  "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-2/create", false },
};

static u8 *arena;
static int eventfds[NR_EVENTFDS];
static struct world_mark mark;

/* The device in use. */
static const struct card *card;
static struct file *container, *group, *device;

static struct file *open_fd(const char *path, int *fd)
{
	struct file *file = filp_open(path, O_RDWR, 0);

	fuzz_check(!IS_ERR(file), "opening %s: error %ld", path, PTR_ERR(file));
	*fd = get_unused_fd_flags(O_CLOEXEC);
	fuzz_check(*fd >= 0, "no descriptor");
	get_file(file);
	fd_install(*fd, file);
	return file;
}

static long user_ioctl(struct file *file, unsigned int cmd, void *arg, size_t size)
{
	struct user_access_window window;
	long ret;

	user_access_window_push(&window, arg, size);
	ret = vfs_ioctl(file, cmd, (unsigned long)arg);
	user_access_window_pop(&window);
	return ret;
}

static void group_path(char *path, size_t size)
{
	char link[128], target[256], *name;
	struct kernfs_node *kn;
	ssize_t len;

	snprintf(link, sizeof(link), "/bus/mdev/devices/%s/iommu_group", card->uuid);
	kn = umdev_sysfs_walk(link, false);
	fuzz_check(!IS_ERR(kn), "no %s", link);
	len = umdev_sysfs_readlink(kn, target, sizeof(target));
	fuzz_check(len > 0, "%s does not lead anywhere", link);
	umdev_sysfs_put(kn);
	name = strrchr(target, '/');
	snprintf(path, size, "/dev/vfio/%.20s", name ? name + 1 : target);
}

static void open_device(void)
{
	int container_fd, group_fd, fd;
	char path[64];
	long ret;

	group_path(path, sizeof(path));
	container = open_fd("/dev/vfio/vfio", &container_fd);
	group = open_fd(path, &group_fd);
	ret = user_ioctl(group, VFIO_GROUP_SET_CONTAINER, &container_fd, sizeof(container_fd));
	fuzz_check(!ret, "SET_CONTAINER: %ld", ret);
	ret = vfs_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	fuzz_check(!ret, "SET_IOMMU: %ld", ret);
	fd = (int)user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (void *)card->uuid,
			     strlen(card->uuid) + 1);
	fuzz_check(fd >= 0, "GET_DEVICE_FD: %d", fd);
	device = fget((unsigned int)fd);
	close_fd((unsigned int)fd);
	close_fd((unsigned int)group_fd);
	close_fd((unsigned int)container_fd);
}

static void close_device(void)
{
	fput(device);
	fput(group);
	fput(container);
}

void harness_up(void)
{
	unsigned int i;

	world_up(modules);
	for (i = 0; i < ARRAY_SIZE(cards); i++)
		world_must_write(cards[i].create, cards[i].uuid);
	arena = mmap(NULL, ARENA_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	fuzz_check(arena != MAP_FAILED, "no memory");
	for (i = 0; i < NR_EVENTFDS; i++)
		eventfds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* The descriptor table and the threads that listen are made at their first use, and stay. */
	for (card = cards; card < cards + ARRAY_SIZE(cards); card++) {
		open_device();
		close_device();
	}
}

void harness_down(void)
{
	unsigned int i;

	for (i = 0; i < NR_EVENTFDS; i++)
		close(eventfds[i]);
	munmap(arena, ARENA_PAGES * PAGE);
	world_down();
}

static ssize_t access_region(unsigned int region, u64 offset, void *data, size_t len, bool write)
{
	loff_t pos = (loff_t)((u64)region << 40 | offset);
	struct user_access_window window;
	ssize_t ret;

	user_access_window_push(&window, data, len);
	ret = write ? vfs_write(device, data, len, &pos) : vfs_read(device, data, len, &pos);
	user_access_window_pop(&window);
	fuzz_check(ret <= (ssize_t)len, "%zd bytes of %zu", ret, len);
	return ret;
}

static void write_number(unsigned int region, u64 offset, u64 value, size_t size)
{
	access_region(region, offset, &value, size, true);
}

static bool is_idle(void *data)
{
	u32 status = 0;
	u64 cmd = 0;

	access_region(0, MEDU_STATUS, &status, sizeof(status), false);
	access_region(0, MEDU_CMD, &cmd, sizeof(cmd), false);
	return !(status & 1) && !(cmd & 1);
}

static void wait_idle(void)
{
	if (card->is_medu)
		world_wait(is_idle, NULL, "medu to be done");
}

/* Offsets are small, or near the end of something; sometimes they are anything. */
static u64 take_offset(struct fuzz_input *in, u8 how)
{
	switch (how % 4) {
	case 0:
		return fuzz_u8(in);
	case 1:
		return fuzz_u32(in);
	case 2:
		return 0x100000 - fuzz_u8(in);
	default:
		return fuzz_u64(in) >> 24;
	}
}

static void step_access(struct fuzz_input *in, bool write)
{
	u8 how = fuzz_u8(in);
	unsigned int region = how % 16;
	u64 offset = take_offset(in, how / 16);
	size_t len = how & 0x80 ? fuzz_u16(in) % MAX_ACCESS : 1u << (how / 16 % 4), got;
	const u8 *bytes;
	u8 *data;

	bytes = fuzz_bytes(in, write ? len : 0, &got);
	data = malloc(len ? len : 1);
	fuzz_check(data, "out of memory");
	memset(data, 0xe5, len);
	memcpy(data, bytes, got);
	access_region(region, offset, data, len, write);
	free(data);
}

/* Any of the requests about a device, with what a user puts into its argument. */
static void step_ioctl(struct fuzz_input *in)
{
	static const unsigned int cmds[] = {
		VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_REGION_INFO, VFIO_DEVICE_GET_IRQ_INFO,
		VFIO_DEVICE_SET_IRQS, VFIO_DEVICE_RESET,
	};
	unsigned int cmd = cmds[fuzz_u8(in) % ARRAY_SIZE(cmds)];
	size_t len = fuzz_u8(in);
	const u8 *bytes = fuzz_bytes(in, len, &len);
	void *arg = fuzz_copy(bytes, len);

	user_ioctl(device, cmd, arg, len);
	free(arg);
}

static void step_set_irqs(struct fuzz_input *in)
{
	u8 flags = fuzz_u8(in), what = fuzz_u8(in);
	u32 arg[(sizeof(struct vfio_irq_set) + NR_IRQ_FDS * sizeof(s32)) / sizeof(u32)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)arg;
	s32 *fds = (s32 *)set->data;
	unsigned int i;
	u8 fd;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(arg),
		.flags = flags,
		.index = what % 8,
		.start = what / 8 % 2,
		.count = what / 16 % 4,
	};
	for (i = 0; i < NR_IRQ_FDS; i++) {
		fd = fuzz_u8(in);
		fds[i] = fd % 8 < NR_EVENTFDS ? eventfds[fd % 8] : -1;
	}
	user_ioctl(device, VFIO_DEVICE_SET_IRQS, set, sizeof(arg));
}

static void step_map(struct fuzz_input *in)
{
	u8 first = fuzz_u8(in), pages = fuzz_u8(in), what = fuzz_u8(in);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = what % 4,
		.vaddr = (uintptr_t)arena + first % ARENA_PAGES * PAGE,
		.iova = (u64)(what / 4) * PAGE,
	};

	map.size = min(pages, (u8)(ARENA_PAGES - first % ARENA_PAGES)) * PAGE;
	user_ioctl(container, VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

static void step_unmap(struct fuzz_input *in)
{
	u8 first = fuzz_u8(in), pages = fuzz_u8(in), flags = fuzz_u8(in);
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = (u64)(first % 64) * PAGE,
		.size = (u64)pages * PAGE,
	};

	user_ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap));
}

static void step_dma(struct fuzz_input *in)
{
	u8 cmd = fuzz_u8(in);
	u64 memory = fuzz_u32(in) % (80 * PAGE), buffer = MEDU_BUFFER + fuzz_u16(in) % 4200;
	u64 count = fuzz_u16(in) % 4200;
	bool to_ram = cmd & 2;

	write_number(VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, cmd / 16, 1);
	write_number(0, MEDU_SRC, to_ram ? buffer : memory, 8);
	write_number(0, MEDU_DST, to_ram ? memory : buffer, 8);
	write_number(0, MEDU_COUNT, count, 8);
	write_number(0, MEDU_CMD, cmd, 8);
	if (cmd & 8)
		wait_idle();
}

static void step(struct fuzz_input *in)
{
	switch (fuzz_u8(in) % 10) {
	case 0:
		step_access(in, false);
		break;
	case 1:
	case 2:
		step_access(in, true);
		break;
	case 3:
		step_ioctl(in);
		break;
	case 4:
		step_set_irqs(in);
		break;
	case 5:
		step_map(in);
		break;
	case 6:
		step_unmap(in);
		break;
	case 7:
		step_dma(in);
		break;
	case 8:
		wait_idle();
		break;
	case 9:
		vfs_ioctl(device, VFIO_DEVICE_RESET, 0);
		break;
	}
}

/* The next user finds the card as the first one did. */
static void check_quiet(void)
{
	static u8 fresh[ARRAY_SIZE(cards)][256];
	static bool known[ARRAY_SIZE(cards)];
	size_t nr = (size_t)(card - cards);
	u8 config[256];

	fuzz_check(access_region(VFIO_PCI_CONFIG_REGION_INDEX, 0, config, sizeof(config), false) ==
			   sizeof(config),
		   "the configuration space cannot be read");
	if (!known[nr])
		memcpy(fresh[nr], config, sizeof(config));
	known[nr] = true;
	fuzz_check(!memcmp(fresh[nr], config, sizeof(config)),
		   "something was left in the configuration space");
}

void harness_run(struct fuzz_input *in)
{
	card = &cards[fuzz_u8(in) % ARRAY_SIZE(cards)];
	world_take_mark(&mark);
	open_device();
	check_quiet();
	while (in->left)
		step(in);
	close_device();
	world_check_mark(&mark);
}
