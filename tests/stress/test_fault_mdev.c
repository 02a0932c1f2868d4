// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Each allocation and each driver callback of what is done with modules, parents and mediated
 * devices fails in turn. Rows M01, M02, M07 to M10, M19.
 */
#include "tests/unit/mdev/mdev_testing.h"
#include "tests/unit/mdev/testdev.h"

#include <errno.h>
#include <stdio.h>

#include <linux/device.h>
#include <linux/err.h>
#include <umdev/log.h>
#include <umdev/module.h>

#include "fault_walk.h"

/* Devices and drivers that nobody else's driver takes: of class virtio. */
static struct test_parent parent, bare_parent;

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

static int callback(struct test_parent *p, struct mdev_device *mdev)
{
	return umdev_fault_here() ? -EIO : 0;
}

static int create_callback(struct test_parent *p, struct kobject *kobj, struct mdev_device *mdev)
{
	return umdev_fault_here() ? -EIO : 0;
}

static void parents_up(void)
{
	test_load("mdev", NULL);
	test_parents_init();
	parent = (struct test_parent){
		.create = create_callback,
		.remove = callback,
		.open = callback,
	};
	bare_parent = parent;
	test_parent_add(&parent, "p0");
	test_parent_add(&bare_parent, "p1");
}

static void parents_down(void)
{
	test_parent_del(&bare_parent);
	test_parent_del(&parent);
	test_parents_exit();
	assert_int_equal(umdev_module_unload_all(), 0);
}

static void must(int ret)
{
	assert_int_equal(ret, 0);
}

/* Modules */

static void unload_all(void)
{
	assert_int_equal(umdev_module_unload_all(), 0);
}

static int load_mdev(void)
{
	return umdev_module_load("mdev", NULL, NULL);
}

static int load_vfio_mdev(void)
{
	return umdev_module_load("vfio_mdev", NULL, NULL);
}

static int load_mtty(void)
{
	return umdev_module_load("mtty", NULL, NULL);
}

static void m19_loading_modules(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "load mdev", .run = load_mdev, .undo = unload_all },
		{ .name = "load vfio_mdev", .run = load_vfio_mdev, .undo = unload_all },
		{ .name = "load mtty", .run = load_mtty, .undo = unload_all },
	};

	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	fault_walk(&ops[2]);
}

static int unload_mtty(void)
{
	return umdev_module_unload("mtty", NULL);
}

static void mtty_again(void)
{
	must(umdev_module_load("mtty", NULL, NULL));
	must(tree_write(MTTY_TYPE "/mtty-2/create", UUID_A));
}

static int unload_vfio_mdev(void)
{
	return umdev_module_unload("vfio_mdev", NULL);
}

static void m19_unloading_modules(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "unload mtty", .run = unload_mtty, .undo = mtty_again, .tolerant = true },
		{ .name = "unload vfio_mdev",
		  .run = unload_vfio_mdev,
		  .reverse = load_vfio_mdev,
		  .tolerant = true },
	};

	mtty_again();
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	unload_all();
}

/* Parents */

static int add_device(void)
{
	struct device *dev = device_create(parent.dev->class, NULL, MKDEV(60, 7), NULL, "p%d", 2);

	return IS_ERR(dev) ? (int)PTR_ERR(dev) : 0;
}

static void del_device(void)
{
	device_destroy(parent.dev->class, MKDEV(60, 7));
}

static int register_parent(void)
{
	return mdev_register_device(parent.dev, &test_parent_ops);
}

static int register_class_parent(void)
{
	return mdev_register_vfio_device(parent.dev, &test_parent_vfio_ops);
}

static void unregister_parent(void)
{
	mdev_unregister_device(parent.dev);
}

static void m01_registering_a_parent(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "add a device", .run = add_device, .undo = del_device },
		{ .name = "register a parent", .run = register_parent, .undo = unregister_parent },
		{ .name = "register a parent by its class",
		  .run = register_class_parent,
		  .undo = unregister_parent },
	};

	parents_up();
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	fault_walk(&ops[2]);
	parents_down();
}

static int unregister(void)
{
	mdev_unregister_device(parent.dev);
	return 0;
}

static void parent_again(void)
{
	must(register_parent());
	must(parent_create(&parent, "a", UUID_A));
	must(parent_create(&parent, "b", UUID_B));
}

static void m09_unregistering_a_parent(void **state)
{
	static const struct fault_op op = {
		.name = "unregister a parent",
		.run = unregister,
		.undo = parent_again,
		.tolerant = true,
	};

	parents_up();
	parent_again();
	fault_walk(&op);
	unregister();
	parents_down();
}

/* Devices */

static int create(void)
{
	return parent_create(&parent, "a", UUID_A);
}

static int remove_device(void)
{
	return parent_remove(&parent, UUID_A);
}

static int create_mtty(void)
{
	return tree_write(MTTY_TYPE "/mtty-2/create", UUID_B);
}

static int remove_mtty(void)
{
	return tree_write(MTTY_DIR "/" UUID_B "/remove", "1");
}

static void m08_creating_a_device(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "create a device", .run = create, .reverse = remove_device },
		{ .name = "create an mtty", .run = create_mtty, .reverse = remove_mtty },
	};

	parents_up();
	test_load("mtty", NULL);
	must(register_parent());
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	unregister();
	parents_down();
}

static bool is_removed(void)
{
	return !tree_has(parent_path(&parent, UUID_A));
}

static void m10_removing_a_device(void **state)
{
	static const struct fault_op op = {
		.name = "remove a device",
		.run = remove_device,
		.reverse = create,
		.done = is_removed,
	};

	parents_up();
	must(register_parent());
	must(create());
	fault_walk(&op);
	unregister();
	parents_down();
}

/* Drivers */

static int driver_probe(struct device *dev)
{
	return umdev_fault_here() ? -EIO : 0;
}

static void driver_remove(struct device *dev)
{
}

static const struct mdev_class_id driver_ids[] = { { MDEV_CLASS_ID_VIRTIO }, { 0 } };
static struct mdev_driver driver;

static int add_driver(void)
{
	driver = (struct mdev_driver){
		.name = "fault",
		.probe = driver_probe,
		.remove = driver_remove,
		.id_table = driver_ids,
	};
	return mdev_register_driver(&driver, THIS_MODULE);
}

static void del_driver(void)
{
	mdev_unregister_driver(&driver);
}

static int remove_driver(void)
{
	del_driver();
	return 0;
}

static void m02_a_driver_that_comes_and_goes(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "register a driver", .run = add_driver, .undo = del_driver },
		{ .name = "unregister a driver",
		  .run = remove_driver,
		  .reverse = add_driver,
		  .tolerant = true },
	};

	parents_up();
	must(mdev_register_virtio_device(bare_parent.dev, &test_parent_virtio_ops));
	must(parent_create(&bare_parent, "a", UUID_A));
	must(parent_create(&bare_parent, "b", UUID_B));
	fault_walk(&ops[0]);
	must(add_driver());
	fault_walk(&ops[1]);
	del_driver();
	mdev_unregister_device(bare_parent.dev);
	parents_down();
}

#define VFIO_MDEV "/bus/mdev/drivers/vfio_mdev"

static int bind(void)
{
	return tree_write(VFIO_MDEV "/bind", UUID_A);
}

static int unbind(void)
{
	return tree_write(VFIO_MDEV "/unbind", UUID_A);
}

static bool is_bound(void)
{
	return tree_has(parent_path(&parent, UUID_A "/driver"));
}

static bool is_unbound(void)
{
	return !is_bound();
}

static int probe_all(void)
{
	int ret = tree_write("/bus/mdev/drivers_probe", UUID_A);

	return !ret && is_unbound() ? -ENODEV : ret;
}

static int send_uevent(void)
{
	return tree_write(parent_path(&parent, UUID_A "/uevent"), "change");
}

static void nothing(void)
{
}

static void m02_binding_and_unbinding(void **state)
{
	static const struct fault_op ops[] = {
		{ .name = "bind a device", .run = bind, .reverse = unbind, .done = is_bound },
		{ .name = "probe a device", .run = probe_all, .reverse = unbind, .done = is_bound },
		{ .name = "unbind a device", .run = unbind, .reverse = bind, .done = is_unbound },
		{ .name = "send a uevent", .run = send_uevent, .undo = nothing },
	};

	parents_up();
	must(register_parent());
	must(create());
	must(unbind());
	fault_walk(&ops[0]);
	fault_walk(&ops[1]);
	must(bind());
	fault_walk(&ops[2]);
	fault_walk(&ops[3]);
	unregister();
	parents_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m19_loading_modules),
		cmocka_unit_test(m19_unloading_modules),
		cmocka_unit_test(m01_registering_a_parent),
		cmocka_unit_test(m09_unregistering_a_parent),
		cmocka_unit_test(m08_creating_a_device),
		cmocka_unit_test(m10_removing_a_device),
		cmocka_unit_test(m02_a_driver_that_comes_and_goes),
		cmocka_unit_test(m02_binding_and_unbinding),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
