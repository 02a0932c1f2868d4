// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module with a file that removes itself when it is written to, /kernel/leave. */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include "testmod_leave.h"

static ssize_t leave_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	struct leave_talk *talk;
	unsigned long address;
	int err = kstrtoul(buf, 16, &address);

	if (err)
		return err;
	talk = (struct leave_talk *)address;
	sysfs_remove_file_self(kobj, &attr->attr);
	WRITE_ONCE(talk->entered, true);
	while (!READ_ONCE(talk->may_return))
		usleep_range(200, 400);
	WRITE_ONCE(talk->returning, true);
	return (ssize_t)count;
}

static struct kobj_attribute leave = __ATTR(leave, 0200, NULL, leave_store);

static int __init testmod_leave_init(void)
{
	return sysfs_create_file(kernel_kobj, &leave.attr);
}

static void __exit testmod_leave_exit(void)
{
	sysfs_remove_file(kernel_kobj, &leave.attr);
}

module_init(testmod_leave_init);
module_exit(testmod_leave_exit);

MODULE_LICENSE("Dual BSD/GPL");
