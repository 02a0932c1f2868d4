// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* /sys/kernel and /sys/module. */
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>
#include <umdev/uevent.h>

#include "base.h"

/* /sys/kernel and /sys/module, while the runtime is initialised. */
struct kobject *kernel_kobj;
EXPORT_SYMBOL_GPL(kernel_kobj);
struct kset *module_kset;
EXPORT_SYMBOL_GPL(module_kset);

static ssize_t uevent_seqnum_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", (unsigned long long)umdev_uevent_seqnum());
}

static struct kobj_attribute uevent_seqnum_attr = __ATTR_RO(uevent_seqnum);

int ksysfs_init(void)
{
	int ret;

	kernel_kobj = kobject_create_and_add("kernel", NULL);
	if (!kernel_kobj)
		return -ENOMEM;
	ret = sysfs_create_file(kernel_kobj, &uevent_seqnum_attr.attr);
	if (ret)
		goto put;
	module_kset = kset_create_and_add("module", NULL, NULL);
	if (module_kset)
		return 0;
	ret = -ENOMEM;
put:
	kobject_put(kernel_kobj);
	kernel_kobj = NULL;
	return ret;
}

void ksysfs_exit(void)
{
	kset_unregister(module_kset);
	module_kset = NULL;
	kobject_put(kernel_kobj);
	kernel_kobj = NULL;
}
