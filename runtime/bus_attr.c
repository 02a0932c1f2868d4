// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Attributes of buses and of drivers: how a person binds, unbinds and probes. */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "base.h"

static struct bus_type *to_bus(struct kobject *kobj)
{
	return container_of(kobj, struct subsys_private, subsys.kobj)->bus;
}

static ssize_t bus_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct bus_attribute *battr = container_of(attr, struct bus_attribute, attr);

	return battr->show ? battr->show(to_bus(kobj), buf) : -EIO;
}

static ssize_t bus_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			      size_t count)
{
	struct bus_attribute *battr = container_of(attr, struct bus_attribute, attr);

	return battr->store ? battr->store(to_bus(kobj), buf, count) : -EIO;
}

const struct sysfs_ops bus_sysfs_ops = {
	.show = bus_attr_show,
	.store = bus_attr_store,
};

static struct device_driver *to_driver(struct kobject *kobj)
{
	return container_of(kobj, struct driver_private, kobj)->driver;
}

static ssize_t drv_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct driver_attribute *dattr = container_of(attr, struct driver_attribute, attr);

	return dattr->show ? dattr->show(to_driver(kobj), buf) : -EIO;
}

static ssize_t drv_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			      size_t count)
{
	struct driver_attribute *dattr = container_of(attr, struct driver_attribute, attr);

	return dattr->store ? dattr->store(to_driver(kobj), buf, count) : -EIO;
}

const struct sysfs_ops driver_sysfs_ops = {
	.show = drv_attr_show,
	.store = drv_attr_store,
};

/**
 * bus_create_file() - make an attribute's file in a bus's directory
 * @bus: a registered bus
 * @attr: the attribute; lives until the file is removed
 *
 * Context: may sleep.
 * Return: 0; -EINVAL the bus is not registered; else as sysfs_create_file().
 */
int bus_create_file(struct bus_type *bus, struct bus_attribute *attr)
{
	return bus->p ? sysfs_create_file(&bus->p->subsys.kobj, &attr->attr) : -EINVAL;
}
EXPORT_SYMBOL_GPL(bus_create_file);

/**
 * bus_remove_file() - remove an attribute's file from a bus's directory
 * @bus: the bus
 * @attr: the attribute
 *
 * Context: waits for the attribute's callbacks.
 */
void bus_remove_file(struct bus_type *bus, struct bus_attribute *attr)
{
	if (bus->p)
		sysfs_remove_file(&bus->p->subsys.kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(bus_remove_file);

static ssize_t bus_uevent_store(struct bus_type *bus, const char *buf, size_t count)
{
	int ret = kobject_synth_uevent(&bus->p->subsys.kobj, buf, count);

	return ret ? ret : (ssize_t)count;
}

static struct bus_attribute bus_attr_uevent = __ATTR(uevent, 0200, NULL, bus_uevent_store);

/* The name of a device: find a driver for it. */
static ssize_t drivers_probe_store(struct bus_type *bus, const char *buf, size_t count)
{
	struct device *dev = bus_find_device_by_name(bus, NULL, buf);
	int ret;

	if (!dev)
		return -ENODEV;
	ret = READ_ONCE(dev->driver) ? 0 : device_attach(dev);
	put_device(dev);
	return ret < 0 ? -EINVAL : (ssize_t)count;
}

static BUS_ATTR_WO(drivers_probe);

static ssize_t drivers_autoprobe_show(struct bus_type *bus, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(bus->p->drivers_autoprobe));
}

static ssize_t drivers_autoprobe_store(struct bus_type *bus, const char *buf, size_t count)
{
	WRITE_ONCE(bus->p->drivers_autoprobe, buf[0] != '0');
	return count;
}

static BUS_ATTR_RW(drivers_autoprobe);

static struct attribute *bus_default_attrs[] = {
	&bus_attr_uevent.attr,
	&bus_attr_drivers_probe.attr,
	&bus_attr_drivers_autoprobe.attr,
	NULL,
};

static const struct attribute_group bus_default_group = {
	.attrs = bus_default_attrs,
};

int bus_add_attrs(struct bus_type *bus)
{
	struct kobject *kobj = &bus->p->subsys.kobj;
	int ret;

	ret = sysfs_create_group(kobj, &bus_default_group);
	if (ret)
		return ret;
	ret = sysfs_create_groups(kobj, bus->bus_groups);
	if (ret)
		sysfs_remove_group(kobj, &bus_default_group);
	return ret;
}

void bus_remove_attrs(struct bus_type *bus)
{
	struct kobject *kobj = &bus->p->subsys.kobj;

	sysfs_remove_groups(kobj, bus->bus_groups);
	sysfs_remove_group(kobj, &bus_default_group);
}

static ssize_t driver_uevent_store(struct device_driver *drv, const char *buf, size_t count)
{
	int ret = kobject_synth_uevent(&drv->p->kobj, buf, count);

	return ret ? ret : (ssize_t)count;
}

static struct driver_attribute driver_attr_uevent = __ATTR(uevent, 0200, NULL, driver_uevent_store);

/* The name of a device that the driver has: take it away. */
static ssize_t unbind_store(struct device_driver *drv, const char *buf, size_t count)
{
	struct device *dev = bus_find_device_by_name(drv->bus, NULL, buf);
	ssize_t ret = -ENODEV;

	if (dev && READ_ONCE(dev->driver) == drv) {
		device_driver_detach(dev, drv);
		ret = count;
	}
	put_device(dev);
	return ret;
}

static DRIVER_ATTR_WO(unbind);

/* The name of a device that no driver has: bind it to this one. */
static ssize_t bind_store(struct device_driver *drv, const char *buf, size_t count)
{
	struct device *dev = bus_find_device_by_name(drv->bus, NULL, buf);
	ssize_t ret = -ENODEV;

	if (dev && !READ_ONCE(dev->driver) && driver_matches(drv, dev) &&
	    device_driver_attach(drv, dev))
		ret = count;
	put_device(dev);
	return ret;
}

static DRIVER_ATTR_WO(bind);

static struct attribute *driver_bind_attrs[] = {
	&driver_attr_unbind.attr,
	&driver_attr_bind.attr,
	NULL,
};

static const struct attribute_group driver_bind_group = {
	.attrs = driver_bind_attrs,
};

int driver_add_attrs(struct device_driver *drv)
{
	int ret;

	ret = driver_create_file(drv, &driver_attr_uevent);
	if (ret)
		return ret;
	ret = driver_add_groups(drv, drv->bus->drv_groups);
	if (ret)
		goto remove_uevent;
	if (drv->suppress_bind_attrs)
		return 0;
	ret = sysfs_create_group(&drv->p->kobj, &driver_bind_group);
	if (ret)
		goto remove_groups;
	return 0;
remove_groups:
	driver_remove_groups(drv, drv->bus->drv_groups);
remove_uevent:
	driver_remove_file(drv, &driver_attr_uevent);
	return ret;
}

void driver_remove_attrs(struct device_driver *drv)
{
	if (!drv->suppress_bind_attrs)
		sysfs_remove_group(&drv->p->kobj, &driver_bind_group);
	driver_remove_groups(drv, drv->bus->drv_groups);
	driver_remove_file(drv, &driver_attr_uevent);
}
