// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Each allocation and each callback that may fail does so in turn while mediated virtio devices are
 * created, bound, read and removed, and while their modules come and go. Rows M02, M08, M10, M18, M19.
 */
#include "tests/unit/mdev/mdev_testing.h"
#include "tests/unit/mdev/testdev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <linux/device.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mdev.h>
#include <umdev/log.h>
#include <umdev/module.h>

#include "fault_walk.h"

#define MVRNG_DIR    "/devices/platform/mvrng"
#define MVRNG_CREATE MVRNG_DIR "/mdev_supported_types/mvrng-rng/create"
#define RNG	     MVRNG_DIR "/" UUID_A

#define VIRTIO_MDEV "/bus/mdev/drivers/virtio_mdev"
#define VIRTIO_RNG  "/bus/virtio/drivers/virtio_rng"
#define VIRTIO_TEST "/bus/virtio/drivers/test_virtio"

static int setup(void **state)
{
	test_start();
	/* Failures are logged, and there will be many. */
	umdev_log_set_level(-1);
	return 0;
}

static int teardown(void **state)
{
	test_stop();
	return 0;
}

static void must(int ret)
{
	assert_int_equal(ret, 0);
}

static void nothing(void)
{
}

static void unload_all(void)
{
	must(umdev_module_unload_all());
}

static int load(const char *module)
{
	return umdev_module_load(module, NULL, NULL);
}

/* mvrng's devices, for virtio_rng */

static int create_rng(void)
{
	return tree_write(MVRNG_CREATE, UUID_A);
}

static int remove_rng(void)
{
	return tree_write(RNG "/remove", "1");
}

static bool no_rng(void)
{
	return !tree_has(RNG);
}

static int load_virtio_mdev(void)
{
	return load("virtio_mdev");
}

static int load_virtio_rng(void)
{
	return load("virtio_rng");
}

static int load_mvrng(void)
{
	return load("mvrng");
}

static int unload_virtio_rng(void)
{
	return umdev_module_unload("virtio_rng", NULL);
}

static int unload_virtio_mdev(void)
{
	return umdev_module_unload("virtio_mdev", NULL);
}

static int unload_mvrng(void)
{
	return umdev_module_unload("mvrng", NULL);
}

/* One after the other, each with what it needs: test_fault_mdev loads modules that load others. */
static void m19_loading_modules(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "load virtio_mdev",
		  .run = load_virtio_mdev,
		  .reverse = unload_virtio_mdev },
		{ .name = "load virtio_rng", .run = load_virtio_rng, .reverse = unload_virtio_rng },
		{ .name = "load mvrng", .run = load_mvrng, .reverse = unload_mvrng },
	};

	must(load("mdev"));
	must(load("virtio"));
	fault_walk(&ops[0]);
	must(load_virtio_mdev());
	fault_walk(&ops[1]);
	must(load_virtio_rng());
	fault_walk(&ops[2]);
	unload_all();
}

static int load_mvrng_and_create(void)
{
	int ret = load_mvrng();

	return ret ? ret : create_rng();
}

static void m19_unloading_modules(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "unload virtio_rng",
		  .run = unload_virtio_rng,
		  .reverse = load_virtio_rng,
		  .tolerant = true },
		{ .name = "unload virtio_mdev",
		  .run = unload_virtio_mdev,
		  .reverse = load_virtio_mdev,
		  .tolerant = true },
		{ .name = "unload mvrng",
		  .run = unload_mvrng,
		  .reverse = load_mvrng_and_create,
		  .tolerant = true },
	};

	must(load_mvrng_and_create());
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	fault_walk(&ops[2]);
	unload_all();
}

static void m08_creating_and_removing_a_device(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "create an mvrng", .run = create_rng, .reverse = remove_rng },
		{ .name = "remove an mvrng",
		  .run = remove_rng,
		  .reverse = create_rng,
		  .done = no_rng },
	};

	must(load_mvrng());
	fault_walk(&ops[0]);
	must(create_rng());
	fault_walk(&ops[1]);
	unload_all();
}

static int bind_mdev(void)
{
	return tree_write(VIRTIO_MDEV "/bind", UUID_A);
}

static int unbind_mdev(void)
{
	return tree_write(VIRTIO_MDEV "/unbind", UUID_A);
}

static bool mdev_bound(void)
{
	return tree_has(RNG "/driver");
}

static bool mdev_unbound(void)
{
	return !mdev_bound();
}

static int bind_rng(void)
{
	return tree_write(VIRTIO_RNG "/bind", "virtio0");
}

static int unbind_rng(void)
{
	return tree_write(VIRTIO_RNG "/unbind", "virtio0");
}

static bool rng_bound(void)
{
	return tree_has(RNG "/virtio0/driver");
}

static bool rng_unbound(void)
{
	return !rng_bound();
}

static void m02_binding_and_unbinding_either_bus(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "unbind virtio_rng",
		  .run = unbind_rng,
		  .reverse = bind_rng,
		  .done = rng_unbound },
		{ .name = "bind virtio_rng",
		  .run = bind_rng,
		  .reverse = unbind_rng,
		  .done = rng_bound },
		{ .name = "unbind virtio_mdev",
		  .run = unbind_mdev,
		  .reverse = bind_mdev,
		  .done = mdev_unbound },
		{ .name = "bind virtio_mdev",
		  .run = bind_mdev,
		  .reverse = unbind_mdev,
		  .done = mdev_bound },
	};

	must(load_mvrng_and_create());
	fault_walk(&ops[0]);
	must(unbind_rng());
	fault_walk(&ops[1]);
	fault_walk(&ops[2]);
	must(unbind_mdev());
	fault_walk(&ops[3]);
	unload_all();
}

static int read_hwrng(void)
{
	struct file *file = filp_open("/dev/hwrng", O_RDONLY, 0);
	u8 data[1000];
	loff_t pos = 0;
	ssize_t got;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	got = vfs_read(file, (void *)data, sizeof(data), &pos);
	fput(file);
	if (got < 0)
		return (int)got;
	assert_int_equal(got, sizeof(data));
	return 0;
}

static void m18_reading_from_inside(void **state)
{
	static const struct fault_op op = {
		.name = "read /dev/hwrng",
		.scope = UMDEV_FAULT_ALL,
		.run = read_hwrng,
		.undo = nothing,
	};

	must(load_mvrng_and_create());
	fault_walk(&op);
	unload_all();
}

/*
 * A device and a driver of the test's own, which have whatever may fail of their callbacks fail. The
 * device has two queues, and does nothing with them.
 */
#define FAKE_ID	    77
#define FAKE_QUEUES 2

static struct {
	u8 status;
	bool ready[FAKE_QUEUES];
} fake;

static int fake_set_vq_address(struct mdev_device *mdev, u16 index, u64 desc, u64 driver,
			       u64 device)
{
	return umdev_fault_here() ? -EINVAL : 0;
}

static void fake_set_vq_num(struct mdev_device *mdev, u16 index, u32 num)
{
}

static void fake_kick_vq(struct mdev_device *mdev, u16 index)
{
}

static void fake_set_vq_cb(struct mdev_device *mdev, u16 index,
			   const struct virtio_mdev_callback *cb)
{
}

static void fake_set_vq_ready(struct mdev_device *mdev, u16 index, bool ready)
{
	fake.ready[index] = ready;
}

static bool fake_get_vq_ready(struct mdev_device *mdev, u16 index)
{
	return umdev_fault_here() || index >= FAKE_QUEUES || fake.ready[index];
}

static int fake_set_vq_state(struct mdev_device *mdev, u16 index, u64 state)
{
	return umdev_fault_here() ? -EINVAL : 0;
}

static u64 fake_get_vq_state(struct mdev_device *mdev, u16 index)
{
	return 0;
}

static u16 fake_get_vq_align(struct mdev_device *mdev)
{
	return umdev_fault_here() ? 3 : 4096;
}

static u64 fake_get_features(struct mdev_device *mdev)
{
	return umdev_fault_here() ? 0 : BIT_ULL(VIRTIO_F_VERSION_1);
}

static int fake_set_features(struct mdev_device *mdev, u64 features)
{
	return umdev_fault_here() ? -EINVAL : 0;
}

static void fake_set_config_cb(struct mdev_device *mdev, const struct virtio_mdev_callback *cb)
{
}

static u16 fake_get_vq_num_max(struct mdev_device *mdev)
{
	return umdev_fault_here() ? 0 : 8;
}

static u32 fake_get_device_id(struct mdev_device *mdev)
{
	return FAKE_ID;
}

static u32 fake_get_vendor_id(struct mdev_device *mdev)
{
	return 0;
}

static u8 fake_get_status(struct mdev_device *mdev)
{
	return fake.status;
}

/* A device may refuse what was agreed on by not taking this bit. */
static void fake_set_status(struct mdev_device *mdev, u8 status)
{
	u8 fresh = status & ~fake.status;

	if (fresh & VIRTIO_CONFIG_S_FEATURES_OK && umdev_fault_here())
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	fake.status = status;
	if (!status)
		fake.ready[0] = fake.ready[1] = false;
}

static void fake_get_config(struct mdev_device *mdev, unsigned int offset, void *buf,
			    unsigned int len)
{
}

static void fake_set_config(struct mdev_device *mdev, unsigned int offset, const void *buf,
			    unsigned int len)
{
}

static const struct virtio_mdev_parent_ops fake_ops = {
	.set_vq_address = fake_set_vq_address,
	.set_vq_num = fake_set_vq_num,
	.kick_vq = fake_kick_vq,
	.set_vq_cb = fake_set_vq_cb,
	.set_vq_ready = fake_set_vq_ready,
	.get_vq_ready = fake_get_vq_ready,
	.set_vq_state = fake_set_vq_state,
	.get_vq_state = fake_get_vq_state,
	.get_vq_align = fake_get_vq_align,
	.get_features = fake_get_features,
	.set_features = fake_set_features,
	.set_config_cb = fake_set_config_cb,
	.get_vq_num_max = fake_get_vq_num_max,
	.get_device_id = fake_get_device_id,
	.get_vendor_id = fake_get_vendor_id,
	.get_status = fake_get_status,
	.set_status = fake_set_status,
	.get_config = fake_get_config,
	.set_config = fake_set_config,
};

static int test_probe(struct virtio_device *vdev)
{
	vq_callback_t *callbacks[FAKE_QUEUES] = { NULL };
	const char *const names[FAKE_QUEUES] = { "first", "second" };
	struct virtqueue *vqs[FAKE_QUEUES];
	int ret;

	ret = vdev->config->find_vqs(vdev, FAKE_QUEUES, vqs, callbacks, names, NULL, NULL);
	if (ret)
		return ret;
	if (!umdev_fault_here())
		return 0;
	vdev->config->reset(vdev);
	vdev->config->del_vqs(vdev);
	return -EIO;
}

static void test_remove(struct virtio_device *vdev)
{
	vdev->config->reset(vdev);
	vdev->config->del_vqs(vdev);
}

static const struct virtio_device_id test_ids[] = { { FAKE_ID, VIRTIO_DEV_ANY_ID }, { 0 } };

static struct virtio_driver test_driver = {
	.driver = { .name = "test_virtio", .owner = THIS_MODULE },
	.id_table = test_ids,
	.probe = test_probe,
	.remove = test_remove,
};

static struct test_parent parent;
static struct mdev_parent_ops parent_ops;

static int parent_may_create(struct test_parent *p, struct kobject *kobj, struct mdev_device *mdev)
{
	return umdev_fault_here() ? -EIO : 0;
}

static int parent_may_remove(struct test_parent *p, struct mdev_device *mdev)
{
	return umdev_fault_here() ? -EIO : 0;
}

static int add_driver(void)
{
	return register_virtio_driver(&test_driver);
}

static int remove_driver(void)
{
	unregister_virtio_driver(&test_driver);
	return 0;
}

static int create_fake(void)
{
	return parent_create(&parent, "a", UUID_B);
}

static int remove_fake(void)
{
	return parent_remove(&parent, UUID_B);
}

static bool no_fake(void)
{
	return !tree_has(parent_path(&parent, UUID_B));
}

static int bind_fake(void)
{
	return tree_write(VIRTIO_TEST "/bind", "virtio0");
}

static int unbind_fake(void)
{
	return tree_write(VIRTIO_TEST "/unbind", "virtio0");
}

static bool fake_bound(void)
{
	return tree_has("/bus/virtio/devices/virtio0/driver");
}

static void m18_a_device_and_a_driver_whose_callbacks_fail(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "register a virtio driver", .run = add_driver, .reverse = remove_driver },
		{ .name = "create a virtio device", .run = create_fake, .reverse = remove_fake },
		{ .name = "remove a virtio device",
		  .run = remove_fake,
		  .reverse = create_fake,
		  .done = no_fake },
		{ .name = "unregister a virtio driver",
		  .run = remove_driver,
		  .reverse = add_driver,
		  .tolerant = true },
		{ .name = "bind a virtio device",
		  .run = bind_fake,
		  .reverse = unbind_fake,
		  .done = fake_bound },
	};

	must(load_virtio_mdev());
	test_parents_init();
	parent = (struct test_parent){ .create = parent_may_create, .remove = parent_may_remove };
	test_parent_add(&parent, "p0");
	parent_ops = test_parent_virtio_ops;
	parent_ops.device_ops = &fake_ops;
	must(mdev_register_virtio_device(parent.dev, &parent_ops));

	must(create_fake());
	fault_walk(&ops[0]);
	must(remove_fake());
	must(add_driver());
	fault_walk(&ops[1]);
	must(create_fake());
	fault_walk(&ops[2]);
	fault_walk(&ops[3]);
	must(unbind_fake());
	fault_walk(&ops[4]);

	must(remove_driver());
	mdev_unregister_device(parent.dev);
	test_parent_del(&parent);
	test_parents_exit();
	unload_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m19_loading_modules),
		cmocka_unit_test(m19_unloading_modules),
		cmocka_unit_test(m08_creating_and_removing_a_device),
		cmocka_unit_test(m02_binding_and_unbinding_either_bus),
		cmocka_unit_test(m18_reading_from_inside),
		cmocka_unit_test(m18_a_device_and_a_driver_whose_callbacks_fail),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
