// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Mediated devices for VFIO used from inside: one set of callbacks, given kernel memory by the one and
 * user memory by the other. Rows M18, M19.
 */
#include "mdev_testing.h"
#include "testdev.h"

#include <errno.h>
#include <string.h>

#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#define MTTY_A	    MTTY_DIR "/" UUID_A
#define CONFIG_POS  ((loff_t)VFIO_PCI_CONFIG_REGION_INDEX << 40)
#define CONFIG_SIZE 256

/* The test is a driver on the mdev bus, and has the devices that are bound to it by hand. */
static struct mdev_device *inside_mdev;

static int inside_probe(struct device *dev)
{
	inside_mdev = mdev_from_dev(dev);
	return 0;
}

static void inside_remove(struct device *dev)
{
	inside_mdev = NULL;
}

static struct mdev_driver inside_driver = {
	.name = "test_inside",
	.probe = inside_probe,
	.remove = inside_remove,
};

/* A parent whose device is a piece of memory, and whose read() and write() the tests decide on. */
static char piece[64];
static size_t overrun;
static char *through; /* read() reads this device itself, from inside, before it answers */

static int piece_create(struct kobject *kobj, struct mdev_device *mdev)
{
	return 0;
}

static int piece_remove(struct mdev_device *mdev)
{
	return 0;
}

static int piece_open(struct mdev_device *mdev)
{
	return 0;
}

static ssize_t piece_read(struct mdev_device *mdev, char __user *buf, size_t count, loff_t *ppos)
{
	if (through) {
		char *to = through;
		loff_t pos = 1;

		through = NULL;
		if (mdev_read(mdev, to, 3, &pos) != 3 || pos != 4)
			return -EBADMSG;
	}
	if (copy_to_user(buf, piece + *ppos, count + overrun))
		return -EFAULT;
	*ppos += count;
	return count;
}

static ssize_t piece_write(struct mdev_device *mdev, const char __user *buf, size_t count,
			   loff_t *ppos)
{
	if (copy_from_user(piece + *ppos, buf, count + overrun))
		return -EFAULT;
	*ppos += count;
	return count;
}

static const struct vfio_mdev_parent_ops piece_vfio_ops = {
	.open = piece_open,
	.read = piece_read,
	.write = piece_write,
};

static struct attribute *no_attrs[] = { NULL };
static struct attribute_group piece_type = { .name = "a", .attrs = no_attrs };
static struct attribute_group *piece_types[] = { &piece_type, NULL };

static const struct mdev_parent_ops piece_ops = {
	.supported_type_groups = piece_types,
	.create = piece_create,
	.remove = piece_remove,
	.device_ops = &piece_vfio_ops,
};

static struct test_parent parent;

static int setup(void **state)
{
	test_start();
	test_load("mtty", NULL);
	test_parents_init();
	return 0;
}

static int teardown(void **state)
{
	test_parents_exit();
	test_stop();
	return 0;
}

/* A device of the test's parent, which no driver has. */
static int make_piece(void **state)
{
	assert_int_equal(test_unload("vfio_mdev"), 0);
	assert_int_equal(mdev_register_driver(&inside_driver, THIS_MODULE), 0);
	test_parent_add(&parent, "p0");
	assert_int_equal(mdev_register_vfio_device(parent.dev, &piece_ops), 0);
	assert_int_equal(parent_create(&parent, "a", UUID_A), 0);
	assert_non_null(inside_mdev);
	strcpy(piece, "0123456789");
	overrun = 0;
	through = NULL;
	return 0;
}

static int unmake_piece(void **state)
{
	test_parent_unregister(&parent);
	mdev_unregister_driver(&inside_driver);
	test_load("vfio_mdev", NULL);
	return 0;
}

static int make_mtty(void **state)
{
	assert_int_equal(tree_write(MTTY_TYPE "/mtty-1/create", UUID_A), 0);
	assert_int_equal(mdev_register_driver(&inside_driver, THIS_MODULE), 0);
	return 0;
}

static int unmake_mtty(void **state)
{
	mdev_unregister_driver(&inside_driver);
	return tree_write(MTTY_A "/remove", "1");
}

static void give_to(const char *driver)
{
	assert_int_equal(tree_write(MTTY_A "/driver/unbind", UUID_A), 0);
	if (!strcmp(driver, "vfio_mdev"))
		assert_int_equal(tree_write("/bus/mdev/drivers/vfio_mdev/bind", UUID_A), 0);
	else
		assert_int_equal(tree_write("/bus/mdev/drivers/test_inside/bind", UUID_A), 0);
}

static void m18_a_device_reads_the_same_from_inside_and_outside(void **state)
{
	u8 outside[CONFIG_SIZE], inside[CONFIG_SIZE];
	struct user_access_window window;
	struct test_user user;
	loff_t pos = CONFIG_POS;

	/* The user has this buffer and no other memory. */
	assert_int_equal(user_open(&user, MTTY_A), 0);
	user_access_window_push(&window, outside, sizeof(outside));
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 0, outside, CONFIG_SIZE),
			 CONFIG_SIZE);
	assert_int_equal(user_read(&user, VFIO_PCI_CONFIG_REGION_INDEX, 0, inside, CONFIG_SIZE),
			 -EFAULT);
	user_access_window_pop(&window);
	user_close(&user);

	give_to("test_inside");
	assert_int_equal(mdev_open(inside_mdev), 0);
	memset(inside, 0xee, sizeof(inside));
	assert_int_equal(mdev_read(inside_mdev, inside, CONFIG_SIZE, &pos), CONFIG_SIZE);
	assert_int_equal(pos, CONFIG_POS + CONFIG_SIZE);
	assert_memory_equal(inside, outside, CONFIG_SIZE);
	mdev_release(inside_mdev);
	give_to("vfio_mdev");
}

static void m18_writes_and_requests_work_from_inside(void **state)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	u16 command = PCI_COMMAND_IO, back = 0;
	loff_t pos = CONFIG_POS + PCI_COMMAND;

	give_to("test_inside");
	assert_int_equal(mdev_open(inside_mdev), 0);
	assert_int_equal(mdev_ioctl(inside_mdev, VFIO_DEVICE_GET_INFO, &info, sizeof(info)), 0);
	assert_true(info.flags & VFIO_DEVICE_FLAGS_PCI);
	assert_int_equal(info.num_regions, VFIO_PCI_NUM_REGIONS);
	/* The driver asks for more of the structure than the caller has. */
	assert_int_equal(mdev_ioctl(inside_mdev, VFIO_DEVICE_GET_INFO, &info, 4), -EFAULT);

	assert_int_equal(mdev_write(inside_mdev, &command, sizeof(command), &pos), sizeof(command));
	pos = CONFIG_POS + PCI_COMMAND;
	assert_int_equal(mdev_read(inside_mdev, &back, sizeof(back), &pos), sizeof(back));
	assert_int_equal(back, command);
	mdev_release(inside_mdev);
	give_to("vfio_mdev");
}

static void m19_a_user_inside_holds_the_parents_module(void **state)
{
	give_to("test_inside");
	assert_int_equal(mdev_open(inside_mdev), 0);
	assert_int_equal(test_unload("mtty"), -EBUSY);
	mdev_release(inside_mdev);
	assert_int_equal(test_unload("mtty"), 0);
	test_load("mtty", NULL);
	assert_int_equal(tree_write(MTTY_TYPE "/mtty-1/create", UUID_A), 0);
}

static void m18_a_driver_gets_at_no_more_than_the_buffer(void **state)
{
	char buf[8] = "abcdefg", far[1] = "x";
	loff_t pos = 0;

	overrun = 1;
	assert_int_equal(mdev_read(inside_mdev, buf, 4, &pos), -EFAULT);
	assert_int_equal(mdev_write(inside_mdev, buf, 4, &pos), -EFAULT);
	assert_int_equal(pos, 0);
	assert_string_equal(buf, "abcdefg");
	assert_string_equal(piece + 5, "56789");

	/* Afterwards the thread is what it was: the kernel, which has no bounds. */
	assert_int_equal(copy_to_user(far, "y", 1), 0);
	assert_int_equal(far[0], 'y');
}

static void m18_a_driver_that_serves_a_user_reads_from_inside(void **state)
{
	struct user_access_window window;
	char user[4] = "", inner[4] = "", other[4] = "";
	loff_t pos = 5;

	user_access_window_push(&window, user, sizeof(user));
	through = inner;
	assert_int_equal(piece_vfio_ops.read(inside_mdev, user, 2, &pos), 2);
	assert_string_equal(user, "56");
	assert_string_equal(inner, "123");
	/* What was lent for the inner call is not the user's. */
	pos = 0;
	assert_int_equal(piece_vfio_ops.read(inside_mdev, inner, 2, &pos), -EFAULT);
	assert_int_equal(piece_vfio_ops.read(inside_mdev, other, 2, &pos), -EFAULT);
	user_access_window_pop(&window);
}

static void m18_what_a_device_cannot_do_answers_einval(void **state)
{
	struct test_parent virtio = { 0 };
	struct mdev_device *mdev;
	struct device *dev;
	char buf[1];
	loff_t pos = 0;

	assert_int_equal(mdev_ioctl(inside_mdev, VFIO_DEVICE_RESET, NULL, 0), -EINVAL);

	test_parent_add(&virtio, "p1");
	assert_int_equal(mdev_register_virtio_device(virtio.dev, &test_parent_virtio_ops), 0);
	assert_int_equal(parent_create(&virtio, "a", UUID_B), 0);
	dev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_B);
	mdev = mdev_from_dev(dev);
	assert_int_equal(mdev_open(mdev), -EINVAL);
	assert_int_equal(mdev_read(mdev, buf, 1, &pos), -EINVAL);
	assert_int_equal(mdev_write(mdev, buf, 1, &pos), -EINVAL);
	assert_int_equal(mdev_ioctl(mdev, VFIO_DEVICE_RESET, NULL, 0), -EINVAL);
	put_device(dev);
	test_parent_unregister(&virtio);
}

#define MTTY(name)  cmocka_unit_test_setup_teardown(name, make_mtty, unmake_mtty)
#define PIECE(name) cmocka_unit_test_setup_teardown(name, make_piece, unmake_piece)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MTTY(m18_a_device_reads_the_same_from_inside_and_outside),
		MTTY(m18_writes_and_requests_work_from_inside),
		MTTY(m19_a_user_inside_holds_the_parents_module),
		PIECE(m18_a_driver_gets_at_no_more_than_the_buffer),
		PIECE(m18_a_driver_that_serves_a_user_reads_from_inside),
		PIECE(m18_what_a_device_cannot_do_answers_einval),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
