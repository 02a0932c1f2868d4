/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* Buses: where devices and drivers meet. */
#ifndef UMDEV_LINUX_DEVICE_BUS_H
#define UMDEV_LINUX_DEVICE_BUS_H

#include <linux/kobject.h>
#include <linux/types.h>

struct device;
struct device_driver;
struct iommu_ops;
struct notifier_block;
struct subsys_private;

/**
 * struct bus_type - a bus, owned by the code that registers it
 * @name: its directory in /sys/bus
 * @dev_name: names devices without one "<dev_name><id>"
 * @dev_root: parent of devices without one
 * @bus_groups: attributes of the bus itself
 * @dev_groups: attributes of each of its devices
 * @drv_groups: attributes of each of its drivers
 * @match: positive if the driver may handle the device, 0 if not, negative error
 * @uevent: adds keys to the uevents of a device
 * @probe: binds; NULL calls the driver's own
 * @remove: unbinds; NULL calls the driver's own
 * @iommu_ops: the IOMMU behind the bus, if there is one
 * @p: the device model's, from bus_register() to bus_unregister()
 *
 * @probe and @remove are called with the device's lock held.
 */
struct bus_type {
	const char *name;
	const char *dev_name;
	struct device *dev_root;
	const struct attribute_group **bus_groups;
	const struct attribute_group **dev_groups;
	const struct attribute_group **drv_groups;

	int (*match)(struct device *dev, struct device_driver *drv);
	int (*uevent)(struct device *dev, struct kobj_uevent_env *env);
	int (*probe)(struct device *dev);
	int (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev);

	const struct iommu_ops *iommu_ops;

	struct subsys_private *p;
};

struct bus_attribute {
	struct attribute attr;
	ssize_t (*show)(struct bus_type *bus, char *buf);
	ssize_t (*store)(struct bus_type *bus, const char *buf, size_t count);
};

#define BUS_ATTR_RW(_name) struct bus_attribute bus_attr_##_name = __ATTR_RW(_name)
#define BUS_ATTR_RO(_name) struct bus_attribute bus_attr_##_name = __ATTR_RO(_name)
#define BUS_ATTR_WO(_name) struct bus_attribute bus_attr_##_name = __ATTR_WO(_name)

int bus_create_file(struct bus_type *bus, struct bus_attribute *attr);
void bus_remove_file(struct bus_type *bus, struct bus_attribute *attr);

int bus_register(struct bus_type *bus);
void bus_unregister(struct bus_type *bus);
int bus_rescan_devices(struct bus_type *bus);

int device_match_name(struct device *dev, const void *name);
int device_match_devt(struct device *dev, const void *pdevt);
int device_match_any(struct device *dev, const void *unused);

int bus_for_each_dev(struct bus_type *bus, struct device *start, void *data,
		     int (*fn)(struct device *dev, void *data));
struct device *bus_find_device(struct bus_type *bus, struct device *start, const void *data,
			       int (*match)(struct device *dev, const void *data));
int bus_for_each_drv(struct bus_type *bus, struct device_driver *start, void *data,
		     int (*fn)(struct device_driver *drv, void *data));

static inline struct device *bus_find_device_by_name(struct bus_type *bus, struct device *start,
						     const char *name)
{
	return bus_find_device(bus, start, name, device_match_name);
}

static inline struct device *bus_find_device_by_devt(struct bus_type *bus, dev_t devt)
{
	return bus_find_device(bus, NULL, &devt, device_match_devt);
}

static inline struct device *bus_find_next_device(struct bus_type *bus, struct device *cur)
{
	return bus_find_device(bus, cur, NULL, device_match_any);
}

int bus_register_notifier(struct bus_type *bus, struct notifier_block *nb);
int bus_unregister_notifier(struct bus_type *bus, struct notifier_block *nb);

/* What a bus tells its notifiers; their data is the device. */
#define BUS_NOTIFY_ADD_DEVICE	    0x00000001
#define BUS_NOTIFY_DEL_DEVICE	    0x00000002
#define BUS_NOTIFY_REMOVED_DEVICE   0x00000003
#define BUS_NOTIFY_BIND_DRIVER	    0x00000004
#define BUS_NOTIFY_BOUND_DRIVER	    0x00000005
#define BUS_NOTIFY_UNBIND_DRIVER    0x00000006
#define BUS_NOTIFY_UNBOUND_DRIVER   0x00000007
#define BUS_NOTIFY_DRIVER_NOT_BOUND 0x00000008

struct kset *bus_get_kset(struct bus_type *bus);

#endif
