// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Each allocation and each driver callback fails in turn while a device is opened and used, inside
 * the process and by a vfio-user client. Rows M13 to M16.
 */
#include "tests/unit/mdev/mdev_testing.h"
#include "tests/unit/mdev/testdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/vfio.h>
#include <umdev/log.h>

#include "fault_walk.h"
#include "loop_thread.h"
#include "vfio-user/client.h"
#include "vfio-user/server.h"

#define MDEV	 MTTY_DIR "/" UUID_A
#define IOVA	 0x100000ull
#define MEM_SIZE 0x4000ull
#define PAGE	 0x1000ull

static struct test_parent parent;
static char dir[] = "/tmp/fault-XXXXXX";
static struct umdev_loop *loop;
static int memory;
static void *view;

static int open_callback(struct test_parent *p, struct mdev_device *mdev)
{
	return umdev_fault_here() ? -EIO : 0;
}

static int setup(void **state)
{
	test_start();
	umdev_log_set_level(-1);
	test_load("mtty", NULL);
	assert_int_equal(tree_write(MTTY_TYPE "/mtty-2/create", UUID_A), 0);
	test_parents_init();
	parent.open = open_callback;
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_B), 0);
	memory = memfd_create("fault", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memory, MEM_SIZE), 0);
	view = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	assert_ptr_not_equal(view, MAP_FAILED);
	assert_non_null(mkdtemp(dir));
	loop = loop_thread_start();
	assert_non_null(loop);
	return 0;
}

static int teardown(void **state)
{
	loop_thread_stop();
	assert_int_equal(rmdir(dir), 0);
	munmap(view, MEM_SIZE);
	close(memory);
	test_parent_unregister(&parent);
	test_parents_exit();
	test_stop();
	return 0;
}

/* Inside the process */

static struct test_user user;

static int open_mtty(void)
{
	return user_open(&user, MDEV);
}

static int open_testdev(void)
{
	return user_open(&user, TESTDEV "/p0/" UUID_B);
}

static void close_user(void)
{
	user_close(&user);
}

static void m14_opening_a_device(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "open an mtty", .run = open_mtty, .undo = close_user },
		{ .name = "open a device", .run = open_testdev, .undo = close_user },
	};

	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
}

static int map(void)
{
	struct vfio_iommu_type1_dma_map arg = {
		.argsz = sizeof(arg),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (unsigned long)view,
		.iova = IOVA,
		.size = MEM_SIZE,
	};

	return (int)user_ioctl(user.container, VFIO_IOMMU_MAP_DMA, &arg);
}

static void unmap(void)
{
	struct vfio_iommu_type1_dma_unmap arg = {
		.argsz = sizeof(arg),
		.iova = IOVA,
		.size = MEM_SIZE,
	};

	assert_int_equal(user_ioctl(user.container, VFIO_IOMMU_UNMAP_DMA, &arg), 0);
	assert_int_equal(arg.size, MEM_SIZE);
}

static int irq_fd;

static int set_intx(void)
{
	return user_set_irq_fd(&user, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_TRIGGER, irq_fd);
}

static void clear_intx(void)
{
	assert_int_equal(user_set_irq_fd(&user, VFIO_PCI_INTX_IRQ_INDEX,
					 VFIO_IRQ_SET_ACTION_TRIGGER, -1),
			 0);
}

static int set_unmask(void)
{
	return user_set_irq_fd(&user, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_UNMASK, irq_fd);
}

static void clear_unmask(void)
{
	assert_int_equal(
		user_set_irq_fd(&user, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_ACTION_UNMASK, -1), 0);
}

static int dirty(u32 flag)
{
	struct vfio_iommu_type1_dirty_bitmap arg = { .argsz = sizeof(arg), .flags = flag };

	return (int)user_ioctl(user.container, VFIO_IOMMU_DIRTY_PAGES, &arg);
}

static int track_dirty(void)
{
	return dirty(VFIO_IOMMU_DIRTY_PAGES_FLAG_START);
}

static void stop_tracking(void)
{
	assert_int_equal(dirty(VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP), 0);
}

static void m15_using_a_device(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "map memory", .run = map, .undo = unmap },
		{ .name = "track dirty pages", .run = track_dirty, .undo = stop_tracking },
		{ .name = "map memory while tracking", .run = map, .undo = unmap },
		{ .name = "set an interrupt", .run = set_intx, .undo = clear_intx },
		{ .name = "set an unmask eventfd", .run = set_unmask, .undo = clear_unmask },
	};

	assert_int_equal(open_mtty(), 0);
	irq_fd = eventfd_new();
	fault_walk(&ops[0]);
	assert_int_equal(map(), 0);
	fault_walk(&ops[1]);
	unmap();
	assert_int_equal(track_dirty(), 0);
	fault_walk(&ops[2]);
	stop_tracking();
	fault_walk(&ops[3]);
	assert_int_equal(set_intx(), 0);
	fault_walk(&ops[4]);
	clear_intx();
	close_user();
	close(irq_fd);
}

static struct device *mdev;
static unsigned long pfns[] = { IOVA / PAGE, IOVA / PAGE + 2, IOVA / PAGE + 3 };

static int ignore_unmap(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = ignore_unmap };

static int pin(void)
{
	unsigned long phys[ARRAY_SIZE(pfns)];
	int ret = vfio_pin_pages(mdev, pfns, ARRAY_SIZE(pfns), IOMMU_READ, phys);

	return ret < 0 ? ret : 0;
}

static void unpin(void)
{
	assert_int_equal(vfio_unpin_pages(mdev, pfns, ARRAY_SIZE(pfns)), ARRAY_SIZE(pfns));
}

static int find_mdev(struct device *dev, void *data)
{
	if (strcmp(dev_name(dev), data))
		return 0;
	mdev = get_device(dev);
	return 1;
}

static void m15_pinning_pages(void **state)
{
	static const struct fault_op op = { .name = "pin pages", .run = pin, .undo = unpin };
	unsigned long events = VFIO_IOMMU_NOTIFY_DMA_UNMAP;

	assert_int_equal(open_testdev(), 0);
	assert_int_equal(map(), 0);
	device_for_each_child(parent.dev, UUID_B, find_mdev);
	assert_non_null(mdev);
	assert_int_equal(vfio_register_notifier(mdev, VFIO_IOMMU_NOTIFY, &events, &notifier), 0);
	fault_walk(&op);
	assert_int_equal(vfio_unregister_notifier(mdev, VFIO_IOMMU_NOTIFY, &notifier), 0);
	put_device(mdev);
	unmap();
	close_user();
}

/* Behind the software IOMMU */

static struct platform_device *master;

static int add_master(void)
{
	master = platform_device_register_simple("master", PLATFORM_DEVID_NONE, NULL, 0);
	return IS_ERR(master) ? (int)PTR_ERR(master) : 0;
}

static void del_master(void)
{
	platform_device_unregister(master);
}

static int give_master(struct test_parent *p, struct kobject *kobj, struct mdev_device *new)
{
	return mdev_set_iommu_device(mdev_dev(new), &master->dev);
}

static int open_behind_iommu(void)
{
	return user_open(&user, TESTDEV "/p1/" UUID_C);
}

static void m16_a_device_behind_an_iommu(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "add a device to an IOMMU", .run = add_master, .undo = del_master },
		{ .name = "open a device behind an IOMMU",
		  .run = open_behind_iommu,
		  .undo = close_user },
		{ .name = "map memory behind an IOMMU", .run = map, .undo = unmap },
	};
	struct test_parent behind = { .create = give_master };

	fault_walk(&ops[0]);
	assert_int_equal(add_master(), 0);
	assert_int_equal(iommu_dev_enable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	test_parent_register(&behind, "p1");
	assert_int_equal(parent_create(&behind, "a", UUID_C), 0);
	fault_walk(&ops[1]);
	assert_int_equal(open_behind_iommu(), 0);
	fault_walk(&ops[2]);
	close_user();
	test_parent_unregister(&behind);
	assert_int_equal(iommu_dev_disable_feature(&master->dev, IOMMU_DEV_FEAT_AUX), 0);
	del_master();
}

/* By a vfio-user client */

static struct vfio_user_server *server;

static int start_server(void)
{
	struct vfio_user_server_params params = {
		.dir = dir,
		.loop_ops = &loop_thread_ops,
		.loop = loop,
		.spin_us = VFIO_USER_NO_SPIN,
	};

	server = vfio_user_server_create(&params, NULL);
	return server ? 0 : -ENOMEM;
}

static void stop_server(void)
{
	vfio_user_server_destroy(server);
}

static int use_client(struct vfio_user_client *client)
{
	u32 flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, value;
	int ret, fd;

	ret = vfio_user_client_version(client, NULL);
	if (ret)
		return ret;
	ret = vfio_user_client_dma_map(client, IOVA, MEM_SIZE, flags, memory, 0);
	if (ret)
		return ret;
	ret = vfio_user_client_dma_map(client, IOVA + MEM_SIZE, MEM_SIZE, flags, -1, 0);
	if (ret)
		return ret;
	fd = eventfd_new();
	ret = vfio_user_client_set_irqs(client,
					VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
					VFIO_PCI_MSI_IRQ_INDEX, 0, 1, &fd);
	close(fd);
	if (ret)
		return ret;
	ret = (int)vfio_user_client_region_read(client, VFIO_PCI_CONFIG_REGION_INDEX, 0, &value,
						sizeof(value));
	if (ret < 0)
		return ret;
	return vfio_user_client_dma_unmap(client, IOVA, MEM_SIZE, 0);
}

/* The whole life of a server with a client: what it made is gone at the end. */
static int serve_client(void)
{
	struct vfio_user_client *client;
	char path[96];
	int ret;

	ret = start_server();
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "%s/%s", dir, UUID_A);
	ret = vfio_user_client_connect(path, &client);
	if (ret)
		goto stop;
	ret = use_client(client);
	vfio_user_client_close(client);
stop:
	stop_server();
	return ret;
}

static void nothing(void)
{
}

static void m13_serving_a_client(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "start a server", .run = start_server, .undo = stop_server },
		{ .name = "serve a client",
		  .scope = UMDEV_FAULT_ALL,
		  .run = serve_client,
		  .undo = nothing },
	};

	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
}

/* A device that comes while there is a server. */
static int create_served(void)
{
	return parent_create(&parent, "b", UUID_C);
}

static int remove_served(void)
{
	return parent_remove(&parent, UUID_C);
}

static void m13_creating_a_device_that_is_served(void **state)
{
	static const struct fault_op op = {
		.name = "create a device that is served",
		.run = create_served,
		.reverse = remove_served,
	};

	assert_int_equal(start_server(), 0);
	fault_walk(&op);
	stop_server();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m14_opening_a_device),
		cmocka_unit_test(m15_using_a_device),
		cmocka_unit_test(m15_pinning_pages),
		cmocka_unit_test(m16_a_device_behind_an_iommu),
		cmocka_unit_test(m13_serving_a_client),
		cmocka_unit_test(m13_creating_a_device_that_is_served),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
