// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* uevents: format, order, who sends them and who does not. */
#include "device_test.h"

#include <stdlib.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

static void static_release(struct device *dev)
{
}

static int thing_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "MODALIAS=thing:%s", dev_name(dev));
}

static struct class thing_class = { .name = "thing", .dev_uevent = thing_uevent };

/* Message of the last event, as it was delivered. */
static char message[4096];
static size_t message_len;
static uint64_t message_seqnum;

static void keep_message(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	assert_true(event->len <= sizeof(message));
	memcpy(message, event->buf, event->len);
	message_len = event->len;
	message_seqnum = event->seqnum;
	assert_string_equal(event->action, "change");
	assert_string_equal(event->devpath, "/devices/virtual/thing/one");
	assert_string_equal(event->subsystem, "thing");
	assert_ptr_equal(sub->data, message);
}

static void a_message_is_what_a_netlink_socket_of_linux_carries(void **state)
{
	struct umdev_uevent_subscriber sub = { .fn = keep_message, .data = message };
	struct device dev = { .class = &thing_class, .release = static_release };
	char *extra[] = { "STATE=good", "COLOUR=blue", NULL };
	char expected[512];
	int len;

	assert_int_equal(class_register(&thing_class), 0);
	assert_int_equal(dev_set_name(&dev, "one"), 0);
	assert_int_equal(device_register(&dev), 0);
	assert_int_equal(umdev_uevent_subscribe(&sub), 0);
	assert_int_equal(kobject_uevent_env(&dev.kobj, KOBJ_CHANGE, extra), 0);
	umdev_uevent_unsubscribe(&sub);
	umdev_uevent_unsubscribe(&sub);
	assert_int_equal(message_seqnum, umdev_uevent_seqnum());
	len = snprintf(expected, sizeof(expected),
		       "change@/devices/virtual/thing/one%cACTION=change%c"
		       "DEVPATH=/devices/virtual/thing/one%cSUBSYSTEM=thing%cSTATE=good%c"
		       "COLOUR=blue%cMODALIAS=thing:one%cSEQNUM=%llu",
		       0, 0, 0, 0, 0, 0, 0, (unsigned long long)message_seqnum);
	assert_int_equal(message_len, len + 1);
	assert_memory_equal(message, expected, len + 1);
	device_unregister(&dev);
	class_unregister(&thing_class);
}

static void each_event_has_the_next_number(void **state)
{
	uint64_t first = umdev_uevent_seqnum();
	char text[32];

	assert_int_equal(class_register(&thing_class), 0);
	assert_int_equal(umdev_uevent_seqnum(), first + 1);
	class_unregister(&thing_class);
	assert_int_equal(umdev_uevent_seqnum(), first + 2);
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)first + 2);
	assert_file("/kernel/uevent_seqnum", text);
}

static void a_subscriber_without_a_function_is_refused(void **state)
{
	struct umdev_uevent_subscriber sub = { .fn = NULL };

	assert_int_equal(umdev_uevent_subscribe(&sub), -EINVAL);
}

static char *numbered_devnode(struct device *dev, umode_t *mode)
{
	*mode = 0640;
	return kasprintf(GFP_KERNEL, "dir/%s", dev_name(dev));
}

static void the_keys_of_a_device_are_in_the_order_of_linux(void **state)
{
	static const struct device_type type = { .name = "kind" };
	static struct class numbered = { .name = "numbered",
					 .devnode = numbered_devnode,
					 .dev_uevent = thing_uevent };
	struct device dev = {
		.class = &numbered, .type = &type, .devt = MKDEV(7, 8), .release = static_release
	};

	assert_int_equal(class_register(&numbered), 0);
	assert_int_equal(dev_set_name(&dev, "n1"), 0);
	record_start();
	assert_int_equal(device_register(&dev), 0);
	assert_string_equal(record_text(),
			    "add@/devices/virtual/numbered/n1 SUBSYSTEM=numbered MAJOR=7 MINOR=8 "
			    "DEVNAME=dir/n1 DEVMODE=0640 DEVTYPE=kind MODALIAS=thing:n1\n");
	assert_file("/class/numbered/n1/uevent",
		    "MAJOR=7\nMINOR=8\nDEVNAME=dir/n1\nDEVMODE=0640\nDEVTYPE=kind\n"
		    "MODALIAS=thing:n1\n");
	record_stop();
	device_unregister(&dev);
	class_unregister(&numbered);
}

static void classes_buses_and_drivers_tell_of_themselves(void **state)
{
	static struct bus_type bus = { .name = "tram" };
	static struct device_driver drv = { .name = "tram_driver", .bus = &bus };

	record_start();
	assert_int_equal(class_register(&thing_class), 0);
	assert_int_equal(bus_register(&bus), 0);
	assert_int_equal(driver_register(&drv), 0);
	driver_unregister(&drv);
	bus_unregister(&bus);
	class_unregister(&thing_class);
	assert_string_equal(record_text(),
			    "add@/class/thing SUBSYSTEM=class\n"
			    "add@/bus/tram SUBSYSTEM=bus\n"
			    "add@/bus/tram/drivers/tram_driver SUBSYSTEM=drivers\n"
			    "remove@/bus/tram/drivers/tram_driver SUBSYSTEM=drivers\n"
			    "remove@/bus/tram SUBSYSTEM=bus\n"
			    "remove@/class/thing SUBSYSTEM=class\n");
}

static void a_device_of_no_bus_and_no_class_is_silent(void **state)
{
	struct device dev = { .release = static_release };
	struct device suppressed = { .class = &thing_class, .release = static_release };

	assert_int_equal(class_register(&thing_class), 0);
	record_start();
	assert_int_equal(dev_set_name(&dev, "plain"), 0);
	assert_int_equal(device_register(&dev), 0);
	assert_file("/devices/plain/uevent", "");
	device_initialize(&suppressed);
	assert_int_equal(dev_set_name(&suppressed, "quiet"), 0);
	dev_set_uevent_suppress(&suppressed, 1);
	assert_int_equal(device_add(&suppressed), 0);
	device_unregister(&suppressed);
	device_unregister(&dev);
	assert_string_equal(record_text(), "");
	class_unregister(&thing_class);
}

static void a_uevent_file_sends_again_what_is_written_to_it(void **state)
{
	struct device dev = { .class = &thing_class, .release = static_release };
	const char *file = "/class/thing/one/uevent";

	assert_int_equal(class_register(&thing_class), 0);
	assert_int_equal(dev_set_name(&dev, "one"), 0);
	assert_int_equal(device_register(&dev), 0);
	record_start();
	assert_int_equal(tree_write(file, "add\n"), 4);
	assert_int_equal(tree_write(file, "change"), 6);
	assert_int_equal(tree_write(file, "add 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 A=1 B=x2\n"),
			 50);
	assert_string_equal(
		record_text(),
		"add@/devices/virtual/thing/one SUBSYSTEM=thing SYNTH_UUID=0 MODALIAS=thing:one\n"
		"change@/devices/virtual/thing/one SUBSYSTEM=thing SYNTH_UUID=0 "
		"MODALIAS=thing:one\n"
		"add@/devices/virtual/thing/one SUBSYSTEM=thing "
		"SYNTH_UUID=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 SYNTH_ARG_A=1 SYNTH_ARG_B=x2 "
		"MODALIAS=thing:one\n");
	record_start();
	assert_int_equal(tree_write(file, "explode"), -EINVAL);
	assert_int_equal(tree_write(file, "ad"), -EINVAL);
	assert_int_equal(tree_write(file, "\n"), -EINVAL);
	assert_int_equal(tree_write(file, "add 83b8f4f2"), -EINVAL);
	assert_int_equal(tree_write(file, "add 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 A"), -EINVAL);
	assert_int_equal(tree_write(file, "add 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001 A=/"), -EINVAL);
	assert_string_equal(record_text(), "");
	record_stop();
	device_unregister(&dev);
	class_unregister(&thing_class);
}

static void an_environment_that_is_full_takes_no_more(void **state)
{
	struct kobj_uevent_env *env = test_calloc(1, sizeof(*env));
	int i;

	for (i = 0; i < UEVENT_NUM_ENVP; i++)
		assert_int_equal(add_uevent_var(env, "K%d=1", i), 0);
	assert_int_equal(add_uevent_var(env, "ONE=more"), -ENOMEM);
	assert_int_equal(env->envp_idx, UEVENT_NUM_ENVP);

	memset(env, 0, sizeof(*env));
	assert_int_equal(add_uevent_var(env, "LONG=%2000d", 1), 0);
	i = env->buflen;
	assert_int_equal(add_uevent_var(env, "LONG=%100d", 1), -ENOMEM);
	assert_int_equal(env->buflen, i);
	assert_int_equal(env->envp_idx, 1);
	expect_warnings(2);
	test_free(env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		balanced_test(a_message_is_what_a_netlink_socket_of_linux_carries),
		balanced_test(each_event_has_the_next_number),
		balanced_test(a_subscriber_without_a_function_is_refused),
		balanced_test(the_keys_of_a_device_are_in_the_order_of_linux),
		balanced_test(classes_buses_and_drivers_tell_of_themselves),
		balanced_test(a_device_of_no_bus_and_no_class_is_silent),
		balanced_test(a_uevent_file_sends_again_what_is_written_to_it),
		balanced_test(an_environment_that_is_full_takes_no_more),
	};

	return cmocka_run_group_tests(tests, runtime_setup, runtime_teardown);
}
