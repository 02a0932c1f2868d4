// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Mediated virtio devices from the parent to who reads /dev/hwrng: mvrng, virtio_mdev, the virtio bus
 * and virtio_rng. Rows M18, M19.
 */
#include "mdev_testing.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/device.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mdev.h>
#include <umdev/error.h>
#include <umdev/fault.h>
#include <umdev/module.h>

#define MVRNG_DIR  "/devices/platform/mvrng"
#define MVRNG_TYPE MVRNG_DIR "/mdev_supported_types/mvrng-rng"
#define DEV_A	   MVRNG_DIR "/" UUID_A
#define HWRNG	   "/class/misc/hw_random"

/* The driver keeps so many buffers of so many bytes under way. */
#define IN_FLIGHT   4
#define BUFFER_SIZE 64

static int setup(void **state)
{
	test_start();
	return 0;
}

static int teardown(void **state)
{
	test_stop();
	return 0;
}

static int load(void **state)
{
	test_load("mvrng", "counting=1");
	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_A), 0);
	return 0;
}

static int unload(void **state)
{
	return umdev_module_unload_all();
}

static struct file *open_hwrng(int flags)
{
	struct file *file = filp_open("/dev/hwrng", O_RDONLY | flags, 0);

	if (IS_ERR(file))
		fail_msg("opening /dev/hwrng: error %ld", PTR_ERR(file));
	return file;
}

static ssize_t read_hwrng(struct file *file, void *buf, size_t len)
{
	loff_t pos = 0;

	return vfs_read(file, buf, len, &pos);
}

static long count_of(const char *dir, const char *name)
{
	char path[256], value[32];
	long count;

	snprintf(path, sizeof(path), "%s/counts/%s", dir, name);
	assert_true(tree_read(path, value, sizeof(value)) > 0);
	assert_int_equal(sscanf(value, "%ld", &count), 1);
	return count;
}

/* The device works in a thread of its own. */
static void await_count(const char *dir, const char *name, long expected)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int left = TEST_LIMIT * 1000;

	while (count_of(dir, name) < expected && left--)
		nanosleep(&pause, NULL);
	assert_int_equal(count_of(dir, name), expected);
}

static void m18_a_virtio_device_is_driven_from_inside(void **state)
{
	unsigned int mark;

	assert_int_equal(tree_write(DEV_A "/remove", "1"), 0);
	mark = uevent_mark();
	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_A), 0);

	assert_tree_link(DEV_A "/driver", "../../../../bus/mdev/drivers/virtio_mdev");
	assert_tree_link("/bus/virtio/devices/virtio0",
			 "../../../devices/platform/mvrng/" UUID_A "/virtio0");
	assert_tree_link(DEV_A "/virtio0/driver", "../../../../../bus/virtio/drivers/virtio_rng");
	assert_tree_value(DEV_A "/virtio0/device", "0x0004");
	assert_tree_value(DEV_A "/virtio0/vendor", "0x1af4");
	assert_tree_value(DEV_A "/virtio0/status", "0x0000000f");
	assert_tree_value(DEV_A "/virtio0/modalias", "virtio:d00000004v00001AF4");
	assert_tree_value(MVRNG_TYPE "/device_api", "virtio-mdev");
	assert_tree_value(HWRNG "/rng_current", "virtio_rng.0");

	assert_string_equal(uevent_at(mark), "add@" DEV_A " ACTION=add DEVPATH=" DEV_A
					     " SUBSYSTEM=mdev MODALIAS=mdev:c02");
	assert_string_equal(uevent_at(mark + 1),
			    "add@" DEV_A "/virtio0 ACTION=add DEVPATH=" DEV_A
			    "/virtio0 SUBSYSTEM=virtio MODALIAS=virtio:d00000004v00001AF4");
	assert_string_equal(uevent_at(mark + 2), "bind@" DEV_A "/virtio0 ACTION=bind DEVPATH=" DEV_A
						 "/virtio0 SUBSYSTEM=virtio DRIVER=virtio_rng "
						 "MODALIAS=virtio:d00000004v00001AF4");
	assert_string_equal(uevent_at(mark + 3),
			    "bind@" DEV_A " ACTION=bind DEVPATH=" DEV_A
			    " SUBSYSTEM=mdev DRIVER=virtio_mdev MODALIAS=mdev:c02");
	assert_null(uevent_at(mark + 4));

	assert_int_equal(tree_write(DEV_A "/remove", "1"), 0);
	assert_false(tree_has("/bus/virtio/devices/virtio0"));
	assert_tree_value(HWRNG "/rng_current", "none");
}

static void m18_no_user_of_vfio_gets_at_a_virtio_device(void **state)
{
	assert_true(tree_has("/bus/mdev/drivers/vfio_mdev"));
	assert_false(tree_has(DEV_A "/iommu_group"));
	assert_int_equal(tree_count("/class/vfio"), 0);
	assert_int_equal(tree_write("/bus/mdev/drivers/virtio_mdev/unbind", UUID_A), 0);
	assert_int_equal(tree_write("/bus/mdev/drivers/vfio_mdev/bind", UUID_A), -ENODEV);
	assert_int_equal(tree_write("/bus/mdev/drivers/virtio_mdev/bind", UUID_A), 0);
	assert_true(tree_has(DEV_A "/virtio0"));
}

static void m18_bytes_asked_for_are_bytes_delivered(void **state)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 1000, 7, 4096 };
	struct file *file = open_hwrng(0);
	unsigned char data[4096], next = 0;
	size_t total = 0, i, j;

	await_count(DEV_A, "buffers", IN_FLIGHT);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(read_hwrng(file, data, sizes[i]), sizes[i]);
		for (j = 0; j < sizes[i]; j++)
			if (data[j] != next++)
				fail_msg("byte %zu of %zu is %u, expected %u", j, sizes[i], data[j],
					 (unsigned char)(next - 1));
		total += sizes[i];
	}
	/* Those that were read to the end went back to the device at once. */
	await_count(DEV_A, "buffers", total / BUFFER_SIZE + IN_FLIGHT);
	await_count(DEV_A, "bytes", (total / BUFFER_SIZE + IN_FLIGHT) * BUFFER_SIZE);
	assert_int_equal(count_of(DEV_A, "refused"), 0);
	fput(file);
}

static void m18_a_reader_that_will_not_wait_gets_what_is_there(void **state)
{
	struct file *file = open_hwrng(O_NONBLOCK);
	unsigned char data[IN_FLIGHT * BUFFER_SIZE];
	ssize_t got;

	await_count(DEV_A, "buffers", IN_FLIGHT);
	assert_int_equal(read_hwrng(file, data, sizeof(data)), sizeof(data));
	/* Whether the device was quicker than the reader cannot be known. */
	got = read_hwrng(file, data, sizeof(data));
	assert_true(got == -EAGAIN || got > 0);
	fput(file);

	file = filp_open("/dev/hwrng", O_RDWR, 0);
	assert_int_equal(PTR_ERR(file), -EINVAL);
}

static void m18_who_reads_chooses_among_devices(void **state)
{
	struct file *file = open_hwrng(0);
	unsigned char data[BUFFER_SIZE];

	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_B), 0);
	assert_tree_value(HWRNG "/rng_available", "virtio_rng.0 virtio_rng.1 ");
	await_count(DEV_A, "buffers", IN_FLIGHT);
	await_count(MVRNG_DIR "/" UUID_B, "buffers", IN_FLIGHT);

	assert_int_equal(tree_write(HWRNG "/rng_current", "nosuch"), -EINVAL);
	assert_int_equal(tree_write(HWRNG "/rng_current", "virtio_rng.1\n"), 0);
	assert_tree_value(HWRNG "/rng_current", "virtio_rng.1");
	assert_int_equal(read_hwrng(file, data, sizeof(data)), sizeof(data));
	await_count(MVRNG_DIR "/" UUID_B, "buffers", IN_FLIGHT + 1);
	assert_int_equal(count_of(DEV_A, "buffers"), IN_FLIGHT);

	assert_int_equal(tree_write(MVRNG_DIR "/" UUID_B "/remove", "1"), 0);
	assert_int_equal(read_hwrng(file, data, sizeof(data)), sizeof(data));
	await_count(DEV_A, "buffers", IN_FLIGHT + 1);

	assert_int_equal(tree_write(DEV_A "/remove", "1"), 0);
	assert_int_equal(read_hwrng(file, data, sizeof(data)), -ENODEV);
	fput(file);
}

/* Threads that read as much as they can while the device comes and goes, or take it away. */
struct reader {
	pthread_t thread;
	pid_t tid;
	size_t bytes;
	int error;
};

static void *read_until_gone(void *arg)
{
	struct reader *reader = arg;
	struct file *file = open_hwrng(0);
	unsigned char data[150];
	ssize_t got;

	while ((got = read_hwrng(file, data, sizeof(data))) > 0)
		reader->bytes += got;
	reader->error = got;
	fput(file);
	return NULL;
}

static void m18_a_device_goes_while_it_is_read(void **state)
{
	struct reader readers[3] = { 0 };
	unsigned int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(
			pthread_create(&readers[i].thread, NULL, read_until_gone, &readers[i]), 0);
	while (count_of(DEV_A, "buffers") < 200)
		sched_yield();
	assert_int_equal(tree_write("/bus/virtio/drivers/virtio_rng/unbind", "virtio0"), 0);
	for (i = 0; i < 3; i++) {
		pthread_join(readers[i].thread, NULL);
		assert_int_equal(readers[i].error, -ENODEV);
	}
	assert_tree_value(DEV_A "/virtio0/status", "0x00000001");

	assert_int_equal(tree_write("/bus/virtio/drivers/virtio_rng/bind", "virtio0"), 0);
	assert_tree_value(DEV_A "/virtio0/status", "0x0000000f");
}

static struct test_event stock_read = TEST_EVENT_INIT, unloader_runs = TEST_EVENT_INIT;

static void *read_stock_and_wait(void *arg)
{
	unsigned char data[IN_FLIGHT * BUFFER_SIZE];
	struct file *file = open_hwrng(0);
	struct reader *reader = arg;

	reader->bytes = read_hwrng(file, data, sizeof(data));
	reader->tid = gettid();
	event_tell(&stock_read);
	reader->error = read_hwrng(file, data, 1);
	fput(file);
	return NULL;
}

/* Nothing but the host tells that a thread sleeps. */
static void await_sleep(pid_t tid)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	int left = TEST_LIMIT * 1000;
	char path[64], status = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	while (status != 'S' && left--) {
		FILE *stat = fopen(path, "r");

		assert_non_null(stat);
		assert_int_equal(fscanf(stat, "%*d (%*[^)]) %c", &status), 1);
		fclose(stat);
		nanosleep(&pause, NULL);
	}
	assert_int_equal(status, 'S');
}

static void m18_a_device_goes_while_a_reader_waits_for_it(void **state)
{
	struct device *dev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_A);
	struct mdev_device *mdev = mdev_from_dev(dev);
	struct reader reader = { 0 };

	/* A device that has gone deaf: what is in stock is all there will be. */
	await_count(DEV_A, "buffers", IN_FLIGHT);
	mdev_get_virtio_ops(mdev)->set_vq_ready(mdev, 0, false);
	assert_int_equal(pthread_create(&reader.thread, NULL, read_stock_and_wait, &reader), 0);
	event_wait(&stock_read, 1);
	await_sleep(reader.tid);
	put_device(dev);
	assert_int_equal(tree_write(DEV_A "/remove", "1"), 0);
	pthread_join(reader.thread, NULL);
	assert_int_equal(reader.bytes, IN_FLIGHT * BUFFER_SIZE);
	assert_int_equal(reader.error, -ENODEV);
}

static void *unload_virtio_mdev(void *arg)
{
	struct reader *unloader = arg;

	unloader->tid = gettid();
	event_tell(&unloader_runs);
	unloader->error = test_unload("virtio_mdev");
	return NULL;
}

static void m19_a_device_in_somebodys_hands_holds_up_its_transports_module(void **state)
{
	struct device *dev = bus_find_device_by_name(&mdev_bus_type, NULL, UUID_A);
	struct device *vdev = device_find_child_by_name(dev, "virtio0");
	struct reader unloader = { 0 };

	assert_non_null(vdev);
	assert_int_equal(pthread_create(&unloader.thread, NULL, unload_virtio_mdev, &unloader), 0);
	event_wait(&unloader_runs, 1);
	while (tree_has("/bus/virtio/devices/virtio0"))
		sched_yield();
	await_sleep(unloader.tid);
	assert_true(tree_has("/module/virtio_mdev"));
	put_device(vdev);
	put_device(dev);
	pthread_join(unloader.thread, NULL);
	assert_int_equal(unloader.error, 0);
	assert_false(tree_has("/module/virtio_mdev"));
}

static void m18_devices_and_drivers_meet_in_either_order(void **state)
{
	struct umdev_error err = { 0 };

	assert_int_equal(test_unload("virtio_rng"), 0);
	assert_true(tree_has(DEV_A "/virtio0"));
	assert_false(tree_has(DEV_A "/virtio0/driver"));
	assert_int_equal(test_unload("virtio_mdev"), 0);
	assert_int_equal(test_unload("virtio"), 0);
	assert_false(tree_has(DEV_A "/driver"));
	assert_false(tree_has("/bus/virtio"));

	/* By what the uevents say, as a program that listens to them would. */
	assert_int_equal(umdev_module_load("mdev:c01", NULL, &err), -EEXIST);
	assert_int_equal(umdev_module_load("mdev:c03", NULL, &err), -ENOENT);
	test_load("mdev:c02", NULL);
	assert_tree_link(DEV_A "/driver", "../../../../bus/mdev/drivers/virtio_mdev");
	test_load("virtio:d00000004v00001AF4", NULL);
	assert_true(tree_has(DEV_A "/virtio0/driver"));
	assert_int_equal(count_of(DEV_A, "refused"), 0);
}

static void m18_a_device_that_failed_is_reset_before_it_is_driven_again(void **state)
{
	char status[16] = "";
	unsigned long nth = 0;
	bool fired = true;

	assert_int_equal(tree_write("/bus/virtio/drivers/virtio_rng/unbind", "virtio0"), 0);
	/* The first of what can fail is not the driver's. */
	while (fired && strcmp(status, "0x0000008b\n")) {
		umdev_fault_arm(++nth, UMDEV_FAULT_THREAD);
		tree_write("/bus/virtio/drivers/virtio_rng/bind", "virtio0");
		fired = umdev_fault_disarm();
		assert_true(tree_read(DEV_A "/virtio0/status", status, sizeof(status)) > 0);
	}
	assert_string_equal(status, "0x0000008b\n");
	assert_int_equal(tree_write("/bus/virtio/drivers/virtio_rng/bind", "virtio0"), 0);
	assert_tree_value(DEV_A "/virtio0/status", "0x0000000f");
}

/* A driver whose device may have a queue before the one that it finds here. */
static int sparing_probe(struct virtio_device *vdev)
{
	const char *const names[] = { NULL, "input" };
	vq_callback_t *callbacks[] = { NULL, NULL };
	struct virtqueue *vqs[2];
	int ret;

	ret = vdev->config->find_vqs(vdev, 2, vqs, callbacks, names, NULL, NULL);
	if (ret)
		return ret;
	assert_null(vqs[0]);
	assert_int_equal(vqs[1]->index, 0);
	return 0;
}

static void sparing_remove(struct virtio_device *vdev)
{
	vdev->config->reset(vdev);
	vdev->config->del_vqs(vdev);
}

static void m18_queues_that_a_driver_leaves_out_are_not_counted(void **state)
{
	static const struct virtio_device_id ids[] = { { VIRTIO_ID_RNG, VIRTIO_DEV_ANY_ID },
						       { 0 } };
	struct virtio_driver driver = {
		.driver = { .name = "sparing", .owner = THIS_MODULE },
		.id_table = ids,
		.probe = sparing_probe,
		.remove = sparing_remove,
	};

	assert_int_equal(test_unload("virtio_rng"), 0);
	assert_int_equal(register_virtio_driver(&driver), 0);
	assert_tree_link(DEV_A "/virtio0/driver", "../../../../../bus/virtio/drivers/sparing");
	unregister_virtio_driver(&driver);
}

static int note_alias(const char *key, const char *value, void *data)
{
	if (!strcmp(key, "alias"))
		snprintf(data, 64, "%s", value);
	return 0;
}

static void m18_modules_name_the_class_that_they_drive(void **state)
{
	char alias[64] = "";

	assert_int_equal(umdev_modinfo("vfio_mdev", note_alias, alias, NULL), 0);
	assert_string_equal(alias, "mdev:c01");
	assert_int_equal(umdev_modinfo("virtio_mdev", note_alias, alias, NULL), 0);
	assert_string_equal(alias, "mdev:c02");
}

static void m19_an_open_file_holds_its_driver_and_idle_devices_go_with_theirs(void **state)
{
	struct file *file = open_hwrng(0);

	assert_int_equal(test_unload("virtio_rng"), -EBUSY);
	assert_int_equal(test_unload("virtio"), -EBUSY);
	assert_int_equal(test_unload("mvrng"), 0);
	assert_false(tree_has(MVRNG_DIR));
	assert_int_equal(tree_count("/bus/mdev/devices"), 0);
	assert_int_equal(tree_count("/bus/virtio/devices"), 0);
	fput(file);
	assert_int_equal(test_unload("virtio_rng"), 0);
}

static void m18_there_are_as_many_devices_as_the_parameter_says(void **state)
{
	assert_int_equal(test_unload("mvrng"), 0);
	test_load("mvrng", "max_instances=1");
	assert_tree_value(MVRNG_TYPE "/available_instances", "1");
	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_A), 0);
	assert_tree_value(MVRNG_TYPE "/available_instances", "0");
	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_B), -ENOSPC);
	assert_int_equal(tree_write(DEV_A "/remove", "1"), 0);
	assert_int_equal(tree_write(MVRNG_TYPE "/create", UUID_B), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, load, unload)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(m18_a_virtio_device_is_driven_from_inside),
		TEST(m18_no_user_of_vfio_gets_at_a_virtio_device),
		TEST(m18_bytes_asked_for_are_bytes_delivered),
		TEST(m18_a_reader_that_will_not_wait_gets_what_is_there),
		TEST(m18_who_reads_chooses_among_devices),
		TEST(m18_a_device_goes_while_it_is_read),
		TEST(m18_a_device_goes_while_a_reader_waits_for_it),
		TEST(m18_devices_and_drivers_meet_in_either_order),
		TEST(m18_a_device_that_failed_is_reset_before_it_is_driven_again),
		TEST(m18_queues_that_a_driver_leaves_out_are_not_counted),
		TEST(m18_modules_name_the_class_that_they_drive),
		TEST(m18_there_are_as_many_devices_as_the_parameter_says),
		TEST(m19_a_device_in_somebodys_hands_holds_up_its_transports_module),
		TEST(m19_an_open_file_holds_its_driver_and_idle_devices_go_with_theirs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
