// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Devices that change hands: they are bound and unbound, two drivers compete for them, modules and a
 * parent come and go, and VFIO users open whatever they find, several groups to a container, and
 * close it in any order. Others watch uevents, modules and the log, and change modes. Rows M02, M09,
 * M11, M13, M14, M19.
 */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vfio.h>
#include <umdev/files.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/sysfs.h>
#include <umdev/uevent.h>

#include "actors.h"
#include "stressdev.h"

#define NR_USERS   3
#define NR_BINDERS 2
#define MAX_FDS	   8

enum {
	CREATED,
	CREATE_EXISTS,
	CREATE_NO_FILE,
	REMOVED,
	REMOVE_GONE,
	BOUND,
	UNBOUND,
	BIND_NOT,
	PROBED,
	PROBE_NOT,
	UEVENTS,
	UEVENT_NOT,
	LOADED,
	UNLOADED,
	UNLOAD_BUSY,
	REGISTERED,
	DRIVERS,
	OTHERS_PROBES,
	OPENED,
	OPEN_NOT,
	OPEN_SECOND,
	OPEN_SECOND_NOT,
	ACCESSES,
	ACCESS_ERRORS,
	TRANSFERS,
	MAPPED,
	MAP_ERRORS,
	UNMAPPED,
	IRQS_SET,
	IRQ_ERRORS,
	EVENTS_SEEN,
	MODULES_SEEN,
	LINES_SEEN,
	MODES_SET,
	NR_COUNTS,
};

static struct stress_count counts[NR_COUNTS + NR_STRESSDEV_COUNTS] = {
	[CREATED] = { "creations", 0, false },
	[CREATE_EXISTS] = { "creations: EEXIST", 0, true },
	[CREATE_NO_FILE] = { "creations: the parent or module is not there", 0, true },
	[REMOVED] = { "removals", 0, false },
	[REMOVE_GONE] = { "removals: parent or module was faster", 0, true },
	[BOUND] = { "devices bound", 0, false },
	[UNBOUND] = { "devices unbound", 0, false },
	[BIND_NOT] = { "bindings and unbindings that came to nothing", 0, true },
	[PROBED] = { "devices probed", 0, false },
	[PROBE_NOT] = { "probes that came to nothing", 0, true },
	[UEVENTS] = { "uevents asked for", 0, false },
	[UEVENT_NOT] = { "uevents of a device that had gone", 0, true },
	[LOADED] = { "modules loaded", 0, false },
	[UNLOADED] = { "modules unloaded", 0, false },
	[UNLOAD_BUSY] = { "unloads: EBUSY", 0, false },
	[REGISTERED] = { "registrations of a parent", 0, false },
	[DRIVERS] = { "registrations of the other driver", 0, false },
	[OTHERS_PROBES] = { "devices it was offered", 0, false },
	[OPENED] = { "devices opened", 0, false },
	[OPEN_NOT] = { "devices that could not be opened", 0, true },
	[OPEN_SECOND] = { "second groups put into a container", 0, false },
	[OPEN_SECOND_NOT] = { "second groups that could not be", 0, true },
	[ACCESSES] = { "accesses to regions", 0, false },
	[ACCESS_ERRORS] = { "accesses that the device refused", 0, true },
	[TRANSFERS] = { "ends of transfers seen", 0, true },
	[MAPPED] = { "maps", 0, false },
	[MAP_ERRORS] = { "maps: EEXIST", 0, true },
	[UNMAPPED] = { "unmaps", 0, false },
	[IRQS_SET] = { "interrupts set", 0, false },
	[IRQ_ERRORS] = { "interrupts that the device does not have", 0, true },
	[EVENTS_SEEN] = { "uevents seen", 0, false },
	[MODULES_SEEN] = { "modules seen", 0, false },
	[LINES_SEEN] = { "lines of the log seen", 0, false },
	[MODES_SET] = { "modes of files changed", 0, false },
};

static const struct stress_result create_results[] = {
	{ 0, &counts[CREATED] },
	{ -EEXIST, &counts[CREATE_EXISTS] },
	{ -ENOENT, &counts[CREATE_NO_FILE] },
	{ -ENODEV, &counts[CREATE_NO_FILE] },
	{ -EAGAIN, &counts[CREATE_NO_FILE] },
	{ 0, NULL },
};

static const struct stress_result remove_results[] = {
	{ 0, &counts[REMOVED] },
	{ -ENOENT, &counts[REMOVE_GONE] },
	{ -ENODEV, &counts[REMOVE_GONE] },
	{ -EAGAIN, &counts[REMOVE_GONE] },
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

static const struct stress_result probe_results[] = {
	{ 0, &counts[PROBED] },
	{ -ENODEV, &counts[PROBE_NOT] },
	{ -EINVAL, &counts[PROBE_NOT] },
	{ 0, NULL },
};

static const struct stress_result uevent_results[] = {
	{ 0, &counts[UEVENTS] },
	{ -ENOENT, &counts[UEVENT_NOT] },
	{ -ENODEV, &counts[UEVENT_NOT] },
	{ 0, NULL },
};

static const struct stress_result load_results[] = {
	{ 0, &counts[LOADED] },
	{ 0, NULL },
};

static const struct stress_result unload_results[] = {
	{ 0, &counts[UNLOADED] },
	{ -EBUSY, &counts[UNLOAD_BUSY] },
	{ 0, NULL },
};

static const struct stress_result access_results[] = {
	{ 0, &counts[ACCESSES] },
	{ -EINVAL, &counts[ACCESS_ERRORS] },
	{ -ENOSPC, &counts[ACCESS_ERRORS] },
	{ -EFAULT, &counts[ACCESS_ERRORS] },
	{ 0, NULL },
};

static const struct stress_result map_results[] = {
	{ 0, &counts[MAPPED] },
	{ -EEXIST, &counts[MAP_ERRORS] },
	{ 0, NULL },
};

static const struct stress_result unmap_results[] = {
	{ 0, &counts[UNMAPPED] },
	{ 0, NULL },
};

static const struct stress_result irq_results[] = {
	{ 0, &counts[IRQS_SET] },
	{ -EINVAL, &counts[IRQ_ERRORS] },
	{ -ENOTTY, &counts[IRQ_ERRORS] },
	{ -EBUSY, &counts[IRQ_ERRORS] },
	{ 0, NULL },
};

#define VFIO_MDEV "/bus/mdev/drivers/vfio_mdev"

static struct stress_module modules[] = {
	{ "mtty", load_results, unload_results },
	{ "medu", load_results, unload_results },
	{ "vfio_mdev", load_results, unload_results },
};

/* What VFIO users give their devices. */
static void *memory;

static struct stress_slot *any_slot(void)
{
	return &vfio_slots[stress_random(NR_VFIO_SLOTS)];
}

static void binder(void *arg)
{
	char path[96];
	struct stress_slot *slot;

	while (stress_running()) {
		slot = any_slot();
		stress_expect("unbind", stress_write(VFIO_MDEV "/unbind", slot->uuid),
			      unbind_results);
		stress_pause(500);
		stress_expect("bind", stress_write(VFIO_MDEV "/bind", slot->uuid), bind_results);
		stress_expect("probe", stress_write("/bus/mdev/drivers_probe", any_slot()->uuid),
			      probe_results);
		snprintf(path, sizeof(path), "/bus/mdev/devices/%s/uevent", any_slot()->uuid);
		stress_expect("uevent", stress_write(path, "change"), uevent_results);
		stress_pause(500);
	}
}

static int other_probe(struct device *dev)
{
	stress_tick(&counts[OTHERS_PROBES]);
	return stress_random(2) ? -ENODEV : 0;
}

static void other_remove(struct device *dev)
{
}

static void competitor(void *arg)
{
	static struct mdev_driver driver;

	while (stress_running()) {
		driver = (struct mdev_driver){
			.name = "other",
			.probe = other_probe,
			.remove = other_remove,
		};
		if (mdev_register_driver(&driver, THIS_MODULE))
			stress_fail("the other driver cannot be registered");
		stress_tick(&counts[DRIVERS]);
		stress_pause(5000);
		mdev_unregister_driver(&driver);
		stress_pause(20000);
	}
}

static void registrar(void *arg)
{
	while (stress_running()) {
		stress_parent_register(arg);
		stress_tick(&counts[REGISTERED]);
		stress_pause(50000);
		stress_parent_unregister(arg);
	}
}

static void on_uevent(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	uint64_t *last = sub->data;

	if (event->seqnum <= *last)
		stress_fail("uevent %llu after %llu", (unsigned long long)event->seqnum,
			    (unsigned long long)*last);
	*last = event->seqnum;
	stress_tick(&counts[EVENTS_SEEN]);
}

static int on_module(const struct umdev_module_info *info, void *data)
{
	if (info->refcnt < 0)
		stress_fail("module %s has %d references", info->name, info->refcnt);
	stress_tick(&counts[MODULES_SEEN]);
	return 0;
}

static int on_line(const struct umdev_log_record *record, void *data)
{
	uint64_t *next = data;

	if (record->seq < *next)
		stress_fail("line %llu of the log after %llu", (unsigned long long)record->seq,
			    (unsigned long long)*next);
	*next = record->seq + 1;
	stress_tick(&counts[LINES_SEEN]);
	return 0;
}

/* Whoever comes first sees the other's change, or none. */
static void set_mode(void)
{
	struct stat st = { .st_mode = stress_random(2) ? 0644 : 0600 };
	struct kernfs_node *kn;
	char path[96];

	snprintf(path, sizeof(path), "/bus/mdev/devices/%s/uevent", any_slot()->uuid);
	kn = umdev_sysfs_walk(path, true);
	if (IS_ERR(kn))
		return;
	if (!umdev_sysfs_setattr(kn, &st, UMDEV_SYSFS_MODE))
		stress_tick(&counts[MODES_SET]);
	umdev_sysfs_put(kn);
}

static void watcher(void *arg)
{
	struct umdev_uevent_subscriber sub = { .fn = on_uevent };
	uint64_t last = 0, next = 0;

	sub.data = &last;
	while (stress_running()) {
		if (umdev_uevent_subscribe(&sub))
			stress_fail("no subscription of uevents");
		umdev_module_for_each(on_module, NULL);
		umdev_log_read(next, on_line, &next);
		set_mode();
		stress_pause(1000);
		umdev_uevent_unsubscribe(&sub);
	}
}

/**
 * struct user - a VFIO user
 * @fds: open descriptors, to be closed in any order
 * @nr: how many
 * @container: descriptor of the container
 * @device: descriptor of the device
 * @kind: what that is
 */
struct user {
	int fds[MAX_FDS];
	unsigned int nr;
	int container;
	int device;
	enum stress_kind kind;
};

static int user_open(struct user *user, const char *path)
{
	struct file *file = filp_open(path, O_RDWR, 0);
	int fd;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		stress_fail("no descriptor: %d", fd);
	fd_install((unsigned int)fd, file);
	user->fds[user->nr++] = fd;
	return fd;
}

static int user_ioctl(int fd, unsigned int cmd, void *arg)
{
	struct file *file = fget((unsigned int)fd);
	long ret;

	if (!file)
		stress_fail("descriptor %d is not open", fd);
	ret = vfs_ioctl(file, cmd, (unsigned long)arg);
	fput(file);
	return (int)ret;
}

/* The group of a device, which may go at any moment. */
static int group_path(const struct stress_slot *slot, char *buf, size_t size)
{
	char path[96], target[256];
	struct kernfs_node *kn;
	ssize_t len;

	snprintf(path, sizeof(path), "/bus/mdev/devices/%s/iommu_group", slot->uuid);
	kn = umdev_sysfs_walk(path, false);
	if (IS_ERR(kn))
		return (int)PTR_ERR(kn);
	len = umdev_sysfs_readlink(kn, target, sizeof(target));
	umdev_sysfs_put(kn);
	if (len < 0)
		return (int)len;
	snprintf(buf, size, "/dev/vfio/%s", strrchr(target, '/') + 1);
	return 0;
}

/* Open the group of @slot and put it into the container. */
static int add_group(struct user *user, const struct stress_slot *slot)
{
	char path[64];
	int group, ret;

	ret = group_path(slot, path, sizeof(path));
	if (ret)
		return ret;
	group = user_open(user, path);
	if (group < 0)
		return group;
	ret = user_ioctl(group, VFIO_GROUP_SET_CONTAINER, &user->container);
	return ret ? ret : group;
}

static int open_device(struct user *user, const struct stress_slot *slot)
{
	int group, ret;

	user->container = user_open(user, "/dev/vfio/vfio");
	if (user->container < 0)
		stress_fail("no container: %d", user->container);
	group = add_group(user, slot);
	if (group < 0)
		return group;
	ret = user_ioctl(user->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU);
	if (ret)
		return ret;
	ret = user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (void *)slot->uuid);
	if (ret < 0)
		return ret;
	user->device = ret;
	user->fds[user->nr++] = ret;
	user->kind = slot->kind;
	return 0;
}

static void access_region(struct user *user)
{
	struct stress_access a = stress_any_access(user->kind);
	struct file *file = fget((unsigned int)user->device);
	loff_t pos = (loff_t)a.region << 40 | a.offset;
	ssize_t ret;

	if (!file)
		stress_fail("descriptor %d is not open", user->device);
	if (a.write)
		ret = vfs_write(file, (void *)a.data, a.size, &pos);
	else
		ret = vfs_read(file, (void *)a.data, a.size, &pos);
	fput(file);
	if (ret > 0 && stress_shows_transfer(user->kind, &a))
		stress_tick(&counts[TRANSFERS]);
	stress_expect("access", ret < 0 ? (int)ret : 0, access_results);
}

static void map(struct user *user)
{
	unsigned long at = stress_random(STRESS_PAGES);
	struct vfio_iommu_type1_dma_map arg = {
		.argsz = sizeof(arg),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (unsigned long)memory + at * PAGE_SIZE,
		.iova = at * PAGE_SIZE,
		.size = (1 + stress_random(STRESS_PAGES - at)) * PAGE_SIZE,
	};

	stress_expect("map", user_ioctl(user->container, VFIO_IOMMU_MAP_DMA, &arg), map_results);
}

static void unmap(struct user *user)
{
	struct vfio_iommu_type1_dma_unmap arg = {
		.argsz = sizeof(arg),
		.flags = VFIO_DMA_UNMAP_FLAG_ALL,
	};

	stress_expect("unmap", user_ioctl(user->container, VFIO_IOMMU_UNMAP_DMA, &arg),
		      unmap_results);
}

static void set_irq(struct user *user)
{
	static const u32 kinds[] = { VFIO_PCI_REQ_IRQ_INDEX, VFIO_PCI_INTX_IRQ_INDEX,
				     VFIO_PCI_MSI_IRQ_INDEX };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	u32 buf[(sizeof(struct vfio_irq_set) + sizeof(fd)) / sizeof(u32)] = { 0 };
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;

	if (fd < 0)
		stress_fail("no eventfd: %s", strerror(errno));
	set->argsz = sizeof(buf);
	set->flags = VFIO_IRQ_SET_DATA_EVENTFD;
	set->flags |= stress_random(2) ? VFIO_IRQ_SET_ACTION_TRIGGER : VFIO_IRQ_SET_ACTION_UNMASK;
	set->index = kinds[stress_random(ARRAY_SIZE(kinds))];
	set->count = 1;
	memcpy(set->data, &fd, sizeof(fd));
	stress_expect("set_irqs", user_ioctl(user->device, VFIO_DEVICE_SET_IRQS, set), irq_results);
	/* Whoever still listens hears of it. */
	eventfd_write(fd, 1);
	close(fd);
}

static void second_group(struct user *user)
{
	bool good;

	/* A container and a device with its group, and room for one more. */
	if (user->nr > 3)
		return;
	good = add_group(user, any_slot()) >= 0;
	stress_tick(&counts[good ? OPEN_SECOND : OPEN_SECOND_NOT]);
}

static void use(struct user *user)
{
	static void (*const actions[])(struct user * user) = {
		access_region, access_region, access_region, map, map, unmap, set_irq, second_group,
	};
	unsigned int n = stress_random(20);

	while (n--)
		actions[stress_random(ARRAY_SIZE(actions))](user);
}

static void close_in_any_order(struct user *user)
{
	unsigned int i;
	int ret;

	while (user->nr) {
		i = stress_random(user->nr);
		ret = close_fd((unsigned int)user->fds[i]);
		if (ret)
			stress_fail("closing a descriptor: %d", ret);
		user->fds[i] = user->fds[--user->nr];
	}
}

/* Each has a table of descriptors of its own, as a process does. */
static void vfio_user(void *arg)
{
	struct files_struct *files = umdev_files_create();
	struct user user;
	bool good;

	if (!files)
		stress_fail("no table of descriptors");
	put_files_struct(umdev_files_switch(files));
	while (stress_running()) {
		user = (struct user){ .nr = 0 };
		good = !open_device(&user, any_slot());
		stress_tick(&counts[good ? OPENED : OPEN_NOT]);
		if (good)
			use(&user);
		close_in_any_order(&user);
		stress_pause(500);
	}
}

int main(int argc, char **argv)
{
	struct stress_parent parent = { 0 };
	size_t i;

	stress_begin(argc, argv);
	stress_expected_error = "DMA fault";
	memory = mmap(NULL, STRESS_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		stress_fail("no memory");
	stress_load("mtty");
	stress_load("medu");
	stress_reload(modules, ARRAY_SIZE(modules));
	stressdev_init();
	stress_parent_add(&parent, "p0");
	stress_thread(registrar, &parent);
	stress_thread(watcher, NULL);
	stress_manage(vfio_slots, NR_VFIO_SLOTS, create_results, remove_results);
	for (i = 0; i < NR_BINDERS; i++)
		stress_thread(binder, NULL);
	for (i = 0; i < NR_USERS; i++)
		stress_thread(vfio_user, NULL);
	stress_thread(competitor, NULL);
	stress_join();
	stress_parent_del(&parent);
	stressdev_exit();
	munmap(memory, STRESS_PAGES * PAGE_SIZE);
	for (i = 0; i < NR_STRESSDEV_COUNTS; i++)
		counts[NR_COUNTS + i] = stressdev_counts[i];
	return stress_end(counts, ARRAY_SIZE(counts));
}
