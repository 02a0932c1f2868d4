// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Who waits for whom in the VFIO core: devices, groups, containers, their files (M12, M13, M14). */
#include "vfio_test.h"
#include "drivers/vfio/vfio.h"

#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

static void destroy(void *arg)
{
	vtest_destroy(arg);
}

static long set_container(int group, int container)
{
	return user_ioctl(group, VFIO_GROUP_SET_CONTAINER, (unsigned long)&container);
}

static long get_device_fd(int group, const char *name)
{
	return user_ioctl(group, VFIO_GROUP_GET_DEVICE_FD, (unsigned long)name);
}

static int open_nothing(struct vtest *t)
{
	return 0;
}

static void note_request(struct vtest *t, unsigned int count)
{
	struct completion *asked = t->data;

	complete(&asked[count > 0]);
}

static const struct vtest_ops asks = { .open = open_nothing, .request = note_request };

static void m12_removal_asks_the_user_at_once_and_waits_for_the_last_file(void **state)
{
	struct completion asked[2];
	struct vtest *t = vtest_create("asked", &asks, NULL);
	struct vtest_thread remover;
	struct vtest_user user;
	int second;

	init_completion(&asked[0]);
	init_completion(&asked[1]);
	t->data = asked;
	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	second = get_device_fd(user.group, "asked");
	assert_true(second >= 0);

	vtest_thread_start(&remover, destroy, t);
	assert_true(vtest_wait(&asked[0]));
	assert_false(completion_done(&remover.done));
	user_close(user.device);
	user.device = -1;
	assert_int_equal(atomic_read(&t->releases), 1);
	assert_false(completion_done(&remover.done));
	user_close(second);
	assert_int_equal(atomic_read(&t->requests), 1);
	/* The group still has the container: the removal waits for that, too. */
	assert_int_equal(get_device_fd(user.group, "asked"), -ENODEV);
	assert_false(completion_done(&remover.done));
	user_detach(&user);
	vtest_thread_join(&remover);
	assert_false(log_has("is in use"));
}

static void m12_after_ten_seconds_removal_asks_again_and_tells_of_a_group_that_is_kept(void **state)
{
	struct completion asked[2];
	struct vtest *used = vtest_create("again", &asks, NULL);
	struct vtest *kept = vtest_create("kept", NULL, NULL);
	struct vtest_thread removers[2];
	struct vtest_user users[2];
	unsigned long start;

	init_completion(&asked[0]);
	init_completion(&asked[1]);
	used->data = asked;
	user_attach(&users[0], used, VFIO_TYPE1v2_IOMMU);
	user_attach(&users[1], kept, VFIO_TYPE1v2_IOMMU);
	user_close(users[1].device);
	users[1].device = -1;

	start = jiffies;
	vtest_thread_start(&removers[0], destroy, used);
	vtest_thread_start(&removers[1], destroy, kept);
	assert_true(vtest_wait(&asked[1]));
	assert_true(jiffies - start >= 9 * HZ);
	assert_true(log_wait("vtest_vfio kept: VFIO group 1 is still in a container"));
	assert_false(completion_done(&removers[0].done));
	assert_false(completion_done(&removers[1].done));
	user_detach(&users[0]);
	user_detach(&users[1]);
	vtest_thread_join(&removers[0]);
	vtest_thread_join(&removers[1]);
}

static void m12_removal_says_who_waits_where_the_driver_cannot_ask(void **state)
{
	struct vtest *t = vtest_create("silent", NULL, NULL);
	struct vtest_thread remover;
	struct vtest_user user;

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	vtest_thread_start(&remover, destroy, t);
	assert_true(log_wait("blocked until device is released"));
	assert_true(log_has("vtest_vfio silent: Device is in use"));
	assert_false(completion_done(&remover.done));
	user_detach(&user);
	vtest_thread_join(&remover);
}

static void m12_an_interrupted_removal_says_so_and_goes_on(void **state)
{
	struct completion asked[2];
	struct vtest *t = vtest_create("signal", &asks, NULL);
	struct vtest_thread remover;
	struct vtest_user user;

	init_completion(&asked[0]);
	init_completion(&asked[1]);
	t->data = asked;
	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	vtest_thread_start(&remover, destroy, t);
	assert_true(vtest_wait(&asked[0]));
	assert_false(log_has("is in use"));
	umdev_task_interrupt(remover.task);
	assert_true(log_wait("vtest_vfio signal: Device is in use"));
	assert_false(completion_done(&remover.done));
	user_detach(&user);
	vtest_thread_join(&remover);
}

static void a_group_waits_for_device_files_of_its_former_opening(void **state)
{
	struct vtest *t = vtest_create("former", NULL, NULL);
	struct vtest_user user;
	int number = vtest_group(t);

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	user_close(user.group);
	assert_int_equal(user_open_group(number), -EBUSY);
	user_close(user.device);
	user.group = user_open_group(number);
	assert_true(user.group >= 0);
	user.device = -1;
	user_detach(&user);
	vtest_destroy(t);
}

static void files_can_be_closed_in_any_order(void **state)
{
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					  { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct vtest *t = vtest_create("order", NULL, NULL);
	struct vtest_user user;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		int fds[3], j;

		user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
		assert_int_equal(user_map(user.container, 0, 0x10000, 0x1000, 3), 0);
		fds[0] = user.container;
		fds[1] = user.group;
		fds[2] = user.device;
		for (j = 0; j < 3; j++)
			assert_int_equal(user_close(fds[orders[i][j]]), 0);
		assert_int_equal(atomic_read(&t->releases), i + 1);
	}
	vtest_destroy(t);
}

static void unset_container_needs_all_devices_closed(void **state)
{
	struct vtest *t = vtest_create("unset", NULL, NULL);
	struct vtest_user user;

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_UNSET_CONTAINER, 0), -EBUSY);
	assert_int_equal(set_container(user.group, user.container), -EINVAL);
	user_close(user.device);
	user.device = -1;
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_UNSET_CONTAINER, 0), -EINVAL);
	/* Its last group took the backend along. */
	assert_int_equal(user_map(user.container, 0, 0x10000, 0x1000, 3), -EINVAL);
	assert_int_equal(set_container(user.group, user.container), 0);
	assert_int_equal(user_ioctl(user.container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	user_detach(&user);
	vtest_destroy(t);
}

static void a_container_holds_several_groups(void **state)
{
	struct vtest *a = vtest_create("several-a", NULL, NULL);
	struct vtest *b = vtest_create("several-b", NULL, NULL);
	struct vtest_user user;
	int group, device;
	u64 size = 0x1000;

	user_attach(&user, a, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(user_map(user.container, 0, 0x10000, 0x1000, 3), 0);
	group = user_open_group(vtest_group(b));
	assert_int_equal(set_container(group, user.container), 0);
	device = get_device_fd(group, "several-b");
	assert_true(device >= 0);
	assert_int_equal(get_device_fd(group, "several-a"), -ENODEV);

	user_close(user.device);
	user_close(user.group);
	user.device = -1;
	user.group = -1;
	/* The mappings stay with the other group. */
	assert_int_equal(user_unmap(user.container, 0, &size, 0), 0);
	assert_int_equal(size, 0x1000);
	user_close(device);
	user_close(group);
	user_detach(&user);
	vtest_destroy(a);
	vtest_destroy(b);
}

static void a_device_of_a_shared_group_can_go_while_another_is_used(void **state)
{
	struct iommu_group *shared = iommu_group_alloc();
	struct vtest *a, *b;
	struct vtest_user user;

	assert_false(IS_ERR(shared));
	a = vtest_create("shared-a", NULL, shared);
	b = vtest_create("shared-b", NULL, shared);
	iommu_group_put(shared);
	assert_int_equal(vtest_group(a), vtest_group(b));

	user_attach(&user, a, VFIO_TYPE1v2_IOMMU);
	vtest_destroy(b);
	assert_int_equal(get_device_fd(user.group, "shared-b"), -ENODEV);
	user_detach(&user);
	vtest_destroy(a);
}

static void free_device(struct device *dev)
{
	kfree(dev);
}

static struct device *stranger_in(struct iommu_group *group)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	assert_non_null(dev);
	device_initialize(dev);
	dev->release = free_device;
	assert_int_equal(dev_set_name(dev, "stranger"), 0);
	assert_int_equal(device_add(dev), 0);
	assert_int_equal(iommu_group_add_device(group, dev), 0);
	return dev;
}

static void a_group_with_a_strange_driver_is_not_viable(void **state)
{
	static struct device_driver strange = { .name = "strange" };
	struct vfio_group_status status = { .argsz = sizeof(status) };
	struct vtest *t = vtest_create("viable", NULL, NULL);
	struct device *dev = stranger_in(t->dev.iommu_group);
	struct vtest_user user;

	user_attach(&user, t, VFIO_TYPE1v2_IOMMU);
	dev->driver = &strange;
	assert_int_equal(user_ioctl(user.group, VFIO_GROUP_GET_STATUS, (unsigned long)&status), 0);
	assert_int_equal(status.flags, VFIO_GROUP_FLAGS_CONTAINER_SET);
	assert_int_equal(get_device_fd(user.group, "viable"), -EINVAL);
	dev->driver = NULL;
	user_detach(&user);

	iommu_group_remove_device(dev);
	device_unregister(dev);
	vtest_destroy(t);
}

static void a_device_is_registered_once(void **state)
{
	struct vtest *t = vtest_create("once", NULL, NULL);
	struct vfio_device other;
	struct device *outsider;

	vfio_init_group_dev(&other, &t->dev, t->vdev.ops, t);
	assert_int_equal(vfio_register_group_dev(&other), -EBUSY);
	vtest_expected_warnings++;
	assert_ptr_equal(vfio_device_get_from_dev(&t->dev), &t->vdev);
	assert_ptr_equal(vfio_device_data(&t->vdev), t);
	vfio_device_put(&t->vdev);

	outsider = kzalloc(sizeof(*outsider), GFP_KERNEL);
	vfio_init_group_dev(&other, outsider, t->vdev.ops, t);
	assert_int_equal(vfio_register_group_dev(&other), -EINVAL);
	assert_null(vfio_device_get_from_dev(outsider));
	kfree(outsider);
	vtest_destroy(t);
}

static void the_old_registration_calls_work(void **state)
{
	static const struct vfio_device_ops ops = { .name = "old" };
	struct iommu_group *group = iommu_group_alloc();
	struct device *dev = stranger_in(group);
	int data;

	iommu_group_put(group);
	assert_int_equal(vfio_add_group_dev(dev, &ops, &data), 0);
	assert_true(sysfs_exists("/class/vfio/0"));
	assert_ptr_equal(vfio_del_group_dev(dev), &data);
	assert_false(sysfs_exists("/class/vfio/0"));
	assert_null(dev_get_drvdata(dev));
	iommu_group_remove_device(dev);
	device_unregister(dev);
}

struct listener {
	struct notifier_block nb;
	int registered, unregistering;
	struct vfio_device *last;
	int group;
};

static int listen(struct notifier_block *nb, unsigned long action, void *data)
{
	struct listener *l = container_of(nb, struct listener, nb);

	if (action == VFIO_DEVICE_REGISTERED)
		l->registered++;
	else if (action == VFIO_DEVICE_UNREGISTERING)
		l->unregistering++;
	l->last = data;
	l->group = vfio_device_group_id(data);
	return NOTIFY_OK;
}

static void listeners_hear_of_each_device_once(void **state)
{
	struct listener l = { .nb.notifier_call = listen };
	struct vtest *before = vtest_create("before", NULL, NULL);
	struct vtest *after, *later;

	assert_int_equal(vfio_device_register_listener(&l.nb), 0);
	assert_int_equal(l.registered, 1);
	assert_ptr_equal(l.last, &before->vdev);
	assert_int_equal(l.group, vtest_group(before));

	after = vtest_create("after", NULL, NULL);
	assert_int_equal(l.registered, 2);
	assert_ptr_equal(l.last, &after->vdev);
	vtest_destroy(before);
	assert_int_equal(l.unregistering, 1);

	assert_int_equal(vfio_device_unregister_listener(&l.nb), 0);
	assert_int_equal(vfio_device_unregister_listener(&l.nb), -ENOENT);
	later = vtest_create("later", NULL, NULL);
	assert_int_equal(l.registered, 2);
	vtest_destroy(after);
	vtest_destroy(later);
	assert_int_equal(l.unregistering, 1);
}

struct racer {
	int number;
	int errors;
};

/* Until the device is gone: open, use, close, in whatever state it is found. */
static void race_user(void *arg)
{
	struct racer *r = arg;
	int container, group, device;

	for (;;) {
		group = user_open_group(r->number);
		if (group == -EBUSY)
			continue;
		if (group < 0)
			return;
		container = user_open("/dev/vfio/vfio");
		device = set_container(group, container);
		if (!device)
			device = user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
		if (!device)
			device = get_device_fd(group, "race");
		if (device < 0 && device != -ENODEV)
			r->errors++;
		user_close(container);
		if (device >= 0)
			user_close(device);
		user_close(group);
	}
}

static void removal_races_with_users(void **state)
{
	int round;

	for (round = 0; round < 20; round++) {
		struct vtest *t = vtest_create("race", NULL, NULL);
		struct racer racers[2] = { { .number = vtest_group(t) },
					   { .number = vtest_group(t) } };
		struct vtest_thread threads[2];
		int i;

		for (i = 0; i < 2; i++)
			vtest_thread_start(&threads[i], race_user, &racers[i]);
		vtest_destroy(t);
		for (i = 0; i < 2; i++) {
			vtest_thread_join(&threads[i]);
			assert_int_equal(racers[i].errors, 0);
		}
	}
	assert_false(sysfs_exists("/kernel/iommu_groups/0"));
}

static int mark(void **state)
{
	log_mark();
	return 0;
}

/* A driver that asks for its device's group all the time, whether it is in use or not. */
struct asker {
	struct vtest *t;
	bool stop;
	unsigned long held;
};

static void hold_the_group(void *arg)
{
	struct asker *asker = arg;

	while (!READ_ONCE(asker->stop)) {
		struct vfio_group *group = vfio_group_get_external_user_from_dev(&asker->t->dev);
		char byte;

		if (IS_ERR(group)) {
			assert_int_equal(PTR_ERR(group), -EINVAL);
			continue;
		}
		assert_int_equal(vfio_dma_rw(group, 0, &byte, 1, false), -EINVAL);
		vfio_group_put_external_user(group);
		WRITE_ONCE(asker->held, asker->held + 1);
	}
}

/* Use the group until the asker has held it once more. False: it has not, in time. */
static bool be_held(struct asker *asker)
{
	unsigned long held = READ_ONCE(asker->held);
	unsigned long end = jiffies + LIMIT;
	int container = user_open("/dev/vfio/vfio");
	int group;

	/* The asker may still keep it in its former user's container. */
	do {
		group = user_open_group(vtest_group(asker->t));
	} while (group == -EBUSY && time_before(jiffies, end));
	assert_true(container >= 0 && group >= 0);
	assert_int_equal(set_container(group, container), 0);
	assert_int_equal(user_ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	while (READ_ONCE(asker->held) == held && time_before(jiffies, end))
		yield();
	user_close(group);
	user_close(container);
	return READ_ONCE(asker->held) != held;
}

static void a_driver_may_ask_for_a_group_that_is_on_its_way_into_a_container(void **state)
{
	/* Static: a failure leaves the thread behind. */
	static struct vtest_thread thread;
	static struct asker asker;
	int round;

	asker.t = vtest_create("asked", NULL, NULL);
	vtest_thread_start(&thread, hold_the_group, &asker);
	for (round = 0; round < 200; round++)
		assert_true(be_held(&asker));
	WRITE_ONCE(asker.stop, true);
	vtest_thread_join(&thread);
	vtest_destroy(asker.t);
}

#define lifetime_test(f) cmocka_unit_test_setup(f, mark)

int main(void)
{
	const struct CMUnitTest tests[] = {
		lifetime_test(m12_removal_asks_the_user_at_once_and_waits_for_the_last_file),
		lifetime_test(
			m12_after_ten_seconds_removal_asks_again_and_tells_of_a_group_that_is_kept),
		lifetime_test(m12_removal_says_who_waits_where_the_driver_cannot_ask),
		lifetime_test(m12_an_interrupted_removal_says_so_and_goes_on),
		lifetime_test(a_group_waits_for_device_files_of_its_former_opening),
		lifetime_test(files_can_be_closed_in_any_order),
		lifetime_test(unset_container_needs_all_devices_closed),
		lifetime_test(a_container_holds_several_groups),
		lifetime_test(a_device_of_a_shared_group_can_go_while_another_is_used),
		lifetime_test(a_group_with_a_strange_driver_is_not_viable),
		lifetime_test(a_device_is_registered_once),
		lifetime_test(the_old_registration_calls_work),
		lifetime_test(listeners_hear_of_each_device_once),
		lifetime_test(removal_races_with_users),
		lifetime_test(a_driver_may_ask_for_a_group_that_is_on_its_way_into_a_container),
	};

	return vtest_run(tests);
}
