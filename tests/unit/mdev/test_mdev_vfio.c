// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Mediated devices and their VFIO users, through vfio_mdev. Rows M03, M11, M12, M13, M18, M19. */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/vfio.h>
#include <umdev/module.h>

#define P0 TESTDEV "/p0"

static int setup(void **state)
{
	test_start();
	test_load("mdev", NULL);
	test_parents_init();
	return 0;
}

static int teardown(void **state)
{
	test_parents_exit();
	test_stop();
	return 0;
}

static int find_module(const struct umdev_module_info *info, void *data)
{
	return strcmp(info->name, data) == 0;
}

static bool module_loaded(const char *name)
{
	return umdev_module_for_each(find_module, (void *)name);
}

static int read_refcnt(const struct umdev_module_info *info, void *data)
{
	return strcmp(info->name, data) == 0 ? info->refcnt + 1 : 0;
}

static int module_refcnt(const char *name)
{
	return umdev_module_for_each(read_refcnt, (void *)name) - 1;
}

static void m19_loading_mdev_pulls_in_vfio_mdev(void **state)
{
	assert_true(module_loaded("vfio_mdev"));
	assert_true(tree_has("/bus/mdev/drivers/vfio_mdev"));
	assert_int_equal(module_refcnt("mdev"), 1);
	assert_int_equal(test_unload("mdev"), -EBUSY);
}

static void use_all_operations(struct test_parent *parent, struct test_user *user)
{
	struct vm_area_struct vma = { 0 };
	struct file *file = fget(user->device);
	char buf[4] = { 0 };
	loff_t pos = 100;

	assert_non_null(file);
	assert_int_equal(vfs_read(file, buf, sizeof(buf), &pos), 4);
	assert_int_equal(pos, 104);
	assert_int_equal(vfs_write(file, buf, sizeof(buf), &pos), 4);
	assert_int_equal(vfs_ioctl(file, VFIO_DEVICE_GET_INFO, 0), 42);
	assert_int_equal(file->f_op->mmap(file, &vma), 0);
	fput(file);

	assert_int_equal(parent->opens, 1);
	assert_int_equal(parent->reads, 1);
	assert_int_equal(parent->writes, 1);
	assert_int_equal(parent->ioctls, 1);
	assert_int_equal(parent->mmaps, 1);
	assert_int_equal(parent->releases, 0);
}

static void m03_operations_in_place_reach_the_parents_driver(void **state)
{
	struct test_parent parent = { 0 };
	struct test_user user;

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);
	use_all_operations(&parent, &user);
	user_close(&user);
	assert_int_equal(parent.releases, 1);
	test_parent_unregister(&parent);
}

static void m18_operations_by_class_reach_the_parents_driver(void **state)
{
	struct test_parent parent = { 0 };
	struct test_user user;

	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_vfio_device(parent.dev, &test_parent_vfio_ops), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);
	use_all_operations(&parent, &user);
	user_close(&user);
	assert_int_equal(parent.releases, 1);
	test_parent_unregister(&parent);
}

static void m18_a_device_of_another_class_is_not_for_vfio(void **state)
{
	struct test_parent parent = { 0 };

	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_virtio_device(parent.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_false(tree_has(P0 "/" UUID_A "/driver"));
	test_parent_unregister(&parent);
}

static void m03_missing_operations_answer_einval(void **state)
{
	struct test_parent parent = { 0 };
	struct test_user user;
	struct file *file;
	char buf[4];
	loff_t pos = 0;

	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_no_request_ops), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);
	file = fget(user.device);
	assert_int_equal(vfs_read(file, buf, sizeof(buf), &pos), -EINVAL);
	assert_int_equal(vfs_write(file, buf, sizeof(buf), &pos), -EINVAL);
	assert_int_equal(vfs_ioctl(file, VFIO_DEVICE_GET_INFO, 0), -EINVAL);
	fput(file);
	user_close(&user);
	test_parent_unregister(&parent);
}

static int open_fails(struct test_parent *parent, struct mdev_device *mdev)
{
	return -EPERM;
}

static void m03_a_failing_open_reaches_the_user_and_holds_nothing(void **state)
{
	struct test_parent parent = { .open = open_fails };
	int refcnt = module_refcnt("vfio_mdev");
	struct test_user user;

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), -EPERM);
	assert_int_equal(parent.releases, 0);
	assert_int_equal(module_refcnt("vfio_mdev"), refcnt);
	test_parent_unregister(&parent);
}

static void m11_uevents_of_a_devices_life_are_linuxs(void **state)
{
#define DEV P0 "/" UUID_A
	static const char *const added[] = {
		"add@" DEV " ACTION=add DEVPATH=" DEV " SUBSYSTEM=mdev",
		"add@/devices/virtual/vfio/0 ACTION=add DEVPATH=/devices/virtual/vfio/0 "
		"SUBSYSTEM=vfio MAJOR=%s MINOR=0 DEVNAME=vfio/0",
		"bind@" DEV " ACTION=bind DEVPATH=" DEV " SUBSYSTEM=mdev DRIVER=vfio_mdev",
	};
	static const char *const removed[] = {
		"remove@/devices/virtual/vfio/0 ACTION=remove DEVPATH=/devices/virtual/vfio/0 "
		"SUBSYSTEM=vfio MAJOR=%s MINOR=0 DEVNAME=vfio/0",
		"unbind@" DEV " ACTION=unbind DEVPATH=" DEV " SUBSYSTEM=mdev",
		"remove@" DEV " ACTION=remove DEVPATH=" DEV " SUBSYSTEM=mdev",
	};
	struct test_parent parent = { 0 };
	unsigned int mark;

	test_parent_register(&parent, "p0");
	mark = uevent_mark();
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_uevents(mark, added, 3);

	mark = uevent_mark();
	assert_int_equal(parent_remove(&parent, UUID_A), 0);
	assert_uevents(mark, removed, 3);
	test_parent_unregister(&parent);
}

/* A removal by another thread, of a device that is in use. */
struct removal {
	const struct test_parent *parent;
	struct test_event done;
	int ret;
	pthread_t thread;
};

static void *remove_device(void *arg)
{
	struct removal *removal = arg;

	removal->ret = parent_remove(removal->parent, UUID_A);
	event_tell(&removal->done);
	return NULL;
}

static void removal_start(struct removal *removal, const struct test_parent *parent)
{
	*removal = (struct removal){ .parent = parent, .done = TEST_EVENT_INIT };
	assert_int_equal(pthread_create(&removal->thread, NULL, remove_device, removal), 0);
}

static int removal_join(struct removal *removal)
{
	pthread_join(removal->thread, NULL);
	return removal->ret;
}

static struct test_event requested;

static void request_tells(struct test_parent *parent, struct mdev_device *mdev, unsigned int count)
{
	if (count == 0)
		event_tell(&requested);
}

static void m12_a_device_in_use_is_asked_for_and_m13_its_removal_waits(void **state)
{
	struct test_parent parent = { .request = request_tells };
	struct removal removal;
	struct test_user user;

	requested = (struct test_event)TEST_EVENT_INIT;
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);

	removal_start(&removal, &parent);
	event_wait(&requested, 1);
	assert_false(event_told(&removal.done));
	assert_int_equal(parent.removes, 0);

	/* The user's device works until he lets go. */
	use_all_operations(&parent, &user);
	user_close(&user);
	assert_int_equal(removal_join(&removal), 0);
	assert_int_equal(parent.releases, 1);
	assert_int_equal(parent.removes, 1);
	test_parent_unregister(&parent);
}

static void m12_a_removal_that_can_ask_nobody_says_so(void **state)
{
	struct test_parent parent = { 0 };
	unsigned int mark = log_mark();
	struct removal removal;
	struct test_user user;

	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_device(parent.dev, &test_parent_no_request_ops), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);

	removal_start(&removal, &parent);
	log_wait(mark, "vfio_mdev " UUID_A ": No mdev vendor driver request callback support, "
		       "blocked until released by user");
	assert_false(event_told(&removal.done));
	user_close(&user);
	assert_int_equal(removal_join(&removal), 0);
	test_parent_unregister(&parent);
}

static void *unregister_parent(void *dev)
{
	mdev_unregister_device(dev);
	return NULL;
}

static void m13_unregistration_waits_for_the_user_and_removes_the_device(void **state)
{
	struct test_parent parent = { .request = request_tells };
	struct test_user user;
	pthread_t thread;

	requested = (struct test_event)TEST_EVENT_INIT;
	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);
	assert_int_equal(pthread_create(&thread, NULL, unregister_parent, parent.dev), 0);
	event_wait(&requested, 1);
	assert_int_equal(parent.removes, 0);
	assert_int_equal(parent_create(&parent, "a", UUID_B), -ENODEV);
	use_all_operations(&parent, &user);
	user_close(&user);
	pthread_join(thread, NULL);
	assert_int_equal(parent.removes, 1);
	assert_int_equal(tree_count("/bus/mdev/devices"), 0);
	test_parent_del(&parent);
}

static void m19_an_open_device_holds_vfio_mdev_and_its_parents_module(void **state)
{
	const char *dir = MTTY_DIR "/" UUID_A;
	struct test_user user;

	test_load("mtty", NULL);
	assert_int_equal(tree_write(MTTY_TYPE "/mtty-1/create", UUID_A), 0);
	assert_int_equal(module_refcnt("mtty"), 0);
	assert_int_equal(user_open(&user, dir), 0);
	assert_int_equal(module_refcnt("mtty"), 1);
	assert_int_equal(test_unload("mtty"), -EBUSY);
	assert_int_equal(test_unload("vfio_mdev"), -EBUSY);
	assert_true(tree_has(dir));

	user_close(&user);
	assert_int_equal(module_refcnt("mtty"), 0);
	assert_int_equal(test_unload("mtty"), 0);
	assert_false(tree_has(dir));
}

static void m19_unloading_vfio_mdev_unbinds_and_loading_binds_again(void **state)
{
	struct test_parent parent = { 0 };
	struct test_user user;

	test_parent_register(&parent, "p0");
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_int_equal(test_unload("vfio_mdev"), 0);
	assert_false(tree_has(P0 "/" UUID_A "/driver"));
	assert_true(tree_has(P0 "/" UUID_A "/remove"));
	test_load("vfio_mdev", NULL);
	assert_int_equal(user_open(&user, P0 "/" UUID_A), 0);
	user_close(&user);
	test_parent_unregister(&parent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m19_loading_mdev_pulls_in_vfio_mdev),
		cmocka_unit_test(m03_operations_in_place_reach_the_parents_driver),
		cmocka_unit_test(m03_missing_operations_answer_einval),
		cmocka_unit_test(m03_a_failing_open_reaches_the_user_and_holds_nothing),
		cmocka_unit_test(m11_uevents_of_a_devices_life_are_linuxs),
		cmocka_unit_test(m12_a_device_in_use_is_asked_for_and_m13_its_removal_waits),
		cmocka_unit_test(m12_a_removal_that_can_ask_nobody_says_so),
		cmocka_unit_test(m13_unregistration_waits_for_the_user_and_removes_the_device),
		cmocka_unit_test(m18_operations_by_class_reach_the_parents_driver),
		cmocka_unit_test(m18_a_device_of_another_class_is_not_for_vfio),
		cmocka_unit_test(m19_an_open_device_holds_vfio_mdev_and_its_parents_module),
		cmocka_unit_test(m19_unloading_vfio_mdev_unbinds_and_loading_binds_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
