// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* IOMMU groups and their tree (M14). */
#include "vfio_test.h"

#include <linux/err.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/string.h>

static void free_device(struct device *dev)
{
	kfree(dev);
}

static struct device *make_device(const char *name)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	assert_non_null(dev);
	device_initialize(dev);
	dev->release = free_device;
	assert_int_equal(dev_set_name(dev, "%s", name), 0);
	assert_int_equal(device_add(dev), 0);
	return dev;
}

static void the_lowest_free_number_is_taken(void **state)
{
	struct iommu_group *a = iommu_group_alloc();
	struct iommu_group *b = iommu_group_alloc();
	struct iommu_group *c;

	assert_int_equal(iommu_group_id(a), 0);
	assert_int_equal(iommu_group_id(b), 1);
	iommu_group_put(a);
	assert_false(sysfs_exists("/kernel/iommu_groups/0"));
	c = iommu_group_alloc();
	assert_int_equal(iommu_group_id(c), 0);
	iommu_group_put(b);
	iommu_group_put(c);
	assert_false(sysfs_exists("/kernel/iommu_groups/1"));
}

static void a_group_lives_as_long_as_its_members(void **state)
{
	struct iommu_group *group = iommu_group_alloc();
	struct device *dev = make_device("member");

	assert_int_equal(iommu_group_add_device(group, dev), 0);
	assert_sysfs_link("/devices/member/iommu_group", "../../kernel/iommu_groups/0");
	iommu_group_put(group);
	assert_true(sysfs_exists("/kernel/iommu_groups/0/devices/member"));
	assert_ptr_equal(iommu_group_get(dev), group);
	iommu_group_put(group);

	iommu_group_remove_device(dev);
	assert_false(sysfs_exists("/kernel/iommu_groups/0"));
	assert_false(sysfs_exists("/devices/member/iommu_group"));
	assert_null(iommu_group_get(dev));
	device_unregister(dev);
}

static void a_device_is_in_one_group(void **state)
{
	struct iommu_group *a = iommu_group_alloc();
	struct iommu_group *b = iommu_group_alloc();
	struct device *dev = make_device("twice");

	assert_int_equal(iommu_group_add_device(a, dev), 0);
	assert_int_equal(iommu_group_add_device(b, dev), -EEXIST);
	assert_false(sysfs_exists("/kernel/iommu_groups/1/devices/twice"));
	assert_ptr_equal(dev->iommu_group, a);
	iommu_group_remove_device(dev);
	iommu_group_put(a);
	iommu_group_put(b);
	device_unregister(dev);
}

static void a_group_can_be_found_by_its_number(void **state)
{
	struct iommu_group *group = iommu_group_alloc();

	assert_ptr_equal(iommu_group_get_by_id(0), group);
	assert_null(iommu_group_get_by_id(1));
	iommu_group_put(group);
	iommu_group_put(group);
	assert_null(iommu_group_get_by_id(0));
}

static void a_name_shows_in_a_file(void **state)
{
	struct iommu_group *group = iommu_group_alloc();

	assert_false(sysfs_exists("/kernel/iommu_groups/0/name"));
	assert_int_equal(iommu_group_set_name(group, "first"), 0);
	assert_sysfs_content("/kernel/iommu_groups/0/name", "first\n");
	assert_int_equal(iommu_group_set_name(group, "second"), 0);
	assert_sysfs_content("/kernel/iommu_groups/0/name", "second\n");
	assert_int_equal(iommu_group_set_name(group, NULL), 0);
	assert_false(sysfs_exists("/kernel/iommu_groups/0/name"));
	iommu_group_put(group);
}

static int released;

static void release_data(void *data)
{
	released = *(int *)data;
}

static void data_goes_with_the_group(void **state)
{
	struct iommu_group *group = iommu_group_alloc();
	int data = 7;

	assert_null(iommu_group_get_iommudata(group));
	iommu_group_set_iommudata(group, &data, release_data);
	assert_ptr_equal(iommu_group_get_iommudata(group), &data);
	iommu_group_put(group);
	assert_int_equal(released, 7);
}

struct heard {
	struct notifier_block nb;
	unsigned long actions[4];
	int count;
};

static int hear(struct notifier_block *nb, unsigned long action, void *data)
{
	struct heard *h = container_of(nb, struct heard, nb);

	h->actions[h->count++] = action;
	return NOTIFY_OK;
}

static int count_member(struct device *dev, void *data)
{
	return ++*(int *)data == 2 ? 42 : 0;
}

static void members_are_told_of_and_walked(void **state)
{
	struct heard h = { .nb.notifier_call = hear };
	struct iommu_group *group = iommu_group_alloc();
	struct device *a = make_device("walk-a");
	struct device *b = make_device("walk-b");
	int count = 0;

	assert_int_equal(iommu_group_register_notifier(group, &h.nb), 0);
	assert_int_equal(iommu_group_add_device(group, a), 0);
	assert_int_equal(iommu_group_for_each_dev(group, &count, count_member), 0);
	assert_int_equal(iommu_group_add_device(group, b), 0);
	count = 0;
	assert_int_equal(iommu_group_for_each_dev(group, &count, count_member), 42);
	iommu_group_remove_device(a);
	assert_int_equal(iommu_group_unregister_notifier(group, &h.nb), 0);
	iommu_group_remove_device(b);

	assert_int_equal(h.count, 3);
	assert_int_equal(h.actions[0], IOMMU_GROUP_NOTIFY_ADD_DEVICE);
	assert_int_equal(h.actions[1], IOMMU_GROUP_NOTIFY_ADD_DEVICE);
	assert_int_equal(h.actions[2], IOMMU_GROUP_NOTIFY_DEL_DEVICE);
	iommu_group_put(group);
	device_unregister(a);
	device_unregister(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_free_number_is_taken),
		cmocka_unit_test(a_group_lives_as_long_as_its_members),
		cmocka_unit_test(a_device_is_in_one_group),
		cmocka_unit_test(a_group_can_be_found_by_its_number),
		cmocka_unit_test(a_name_shows_in_a_file),
		cmocka_unit_test(data_goes_with_the_group),
		cmocka_unit_test(members_are_told_of_and_walked),
	};

	return vtest_run(tests);
}
