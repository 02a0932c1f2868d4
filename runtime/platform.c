// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The platform bus: devices that are simply there, matched to drivers by name. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

/* A device and its name in one allocation. */
struct platform_object {
	struct platform_device pdev;
	char name[];
};

/* The parent of devices without one: /sys/devices/platform. */
static struct device *platform_bus;

/* Instances chosen by platform_device_add(). */
static DEFINE_IDA(platform_ids);

static int platform_match(struct device *dev, struct device_driver *drv)
{
	return !strcmp(to_platform_device(dev)->name, drv->name);
}

static int platform_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	return add_uevent_var(env, "MODALIAS=platform:%s", to_platform_device(dev)->name);
}

static int platform_probe(struct device *dev)
{
	struct platform_driver *drv = to_platform_driver(dev->driver);

	return drv->probe ? drv->probe(to_platform_device(dev)) : 0;
}

static int platform_remove(struct device *dev)
{
	struct platform_driver *drv = to_platform_driver(dev->driver);

	return drv->remove ? drv->remove(to_platform_device(dev)) : 0;
}

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "platform:%s\n", to_platform_device(dev)->name);
}
static DEVICE_ATTR_RO(modalias);

static struct attribute *platform_dev_attrs[] = {
	&dev_attr_modalias.attr,
	NULL,
};
ATTRIBUTE_GROUPS(platform_dev);

struct bus_type platform_bus_type = {
	.name = "platform",
	.dev_groups = platform_dev_groups,
	.match = platform_match,
	.uevent = platform_uevent,
	.probe = platform_probe,
	.remove = platform_remove,
};
EXPORT_SYMBOL_GPL(platform_bus_type);

static void platform_device_release(struct device *dev)
{
	kfree(container_of(dev, struct platform_object, pdev.dev));
}

/**
 * platform_device_alloc() - make a platform device
 * @name: what drivers match; copied
 * @id: instance, PLATFORM_DEVID_NONE or PLATFORM_DEVID_AUTO
 *
 * Context: may sleep.
 * Return: the device, to be given to platform_device_add() or platform_device_put(); NULL where
 * there is no memory.
 */
struct platform_device *platform_device_alloc(const char *name, int id)
{
	size_t size = strlen(name) + 1;
	struct platform_object *object = kzalloc(sizeof(*object) + size, GFP_KERNEL);

	if (!object)
		return NULL;

	memcpy(object->name, name, size);
	object->pdev.name = object->name;
	object->pdev.id = id;
	device_initialize(&object->pdev.dev);
	object->pdev.dev.release = platform_device_release;
	return &object->pdev;
}
EXPORT_SYMBOL_GPL(platform_device_alloc);

static int platform_device_set_name(struct platform_device *pdev)
{
	int ret;

	if (pdev->id == PLATFORM_DEVID_NONE)
		return dev_set_name(&pdev->dev, "%s", pdev->name);
	if (pdev->id != PLATFORM_DEVID_AUTO)
		return dev_set_name(&pdev->dev, "%s.%d", pdev->name, pdev->id);

	ret = ida_alloc(&platform_ids, GFP_KERNEL);
	if (ret < 0)
		return ret;
	pdev->id = ret;
	pdev->id_auto = true;
	return dev_set_name(&pdev->dev, "%s.%d.auto", pdev->name, pdev->id);
}

static void platform_device_free_id(struct platform_device *pdev)
{
	if (!pdev->id_auto)
		return;
	ida_free(&platform_ids, pdev->id);
	pdev->id = PLATFORM_DEVID_AUTO;
	pdev->id_auto = false;
}

/**
 * platform_device_add() - put a platform device on the bus
 * @pdev: the device
 *
 * Context: may sleep.
 * Return: 0; -EEXIST there is one of that name; -ENOMEM; other errors of device_add().
 */
int platform_device_add(struct platform_device *pdev)
{
	int ret;

	if (!pdev->dev.parent)
		pdev->dev.parent = platform_bus;
	pdev->dev.bus = &platform_bus_type;

	ret = platform_device_set_name(pdev);
	if (!ret)
		ret = device_add(&pdev->dev);
	if (ret)
		platform_device_free_id(pdev);
	return ret;
}
EXPORT_SYMBOL_GPL(platform_device_add);

/**
 * platform_device_del() - take a platform device off the bus
 * @pdev: the device; the caller keeps its reference
 *
 * Context: may sleep.
 */
void platform_device_del(struct platform_device *pdev)
{
	device_del(&pdev->dev);
	platform_device_free_id(pdev);
}
EXPORT_SYMBOL_GPL(platform_device_del);

/**
 * platform_device_put() - drop a reference
 * @pdev: the device; NULL does nothing
 */
void platform_device_put(struct platform_device *pdev)
{
	if (pdev)
		put_device(&pdev->dev);
}
EXPORT_SYMBOL_GPL(platform_device_put);

/**
 * platform_device_unregister() - platform_device_del() and platform_device_put()
 * @pdev: the device; NULL does nothing
 *
 * Context: may sleep.
 */
void platform_device_unregister(struct platform_device *pdev)
{
	if (!pdev)
		return;
	platform_device_del(pdev);
	platform_device_put(pdev);
}
EXPORT_SYMBOL_GPL(platform_device_unregister);

/**
 * platform_device_register_simple() - make a platform device without resources
 * @name: what drivers match; copied
 * @id: instance, PLATFORM_DEVID_NONE or PLATFORM_DEVID_AUTO
 * @res: NULL; the runtime has no resources to give
 * @num: 0
 *
 * Context: may sleep.
 * Return: the device, or ERR_PTR: -EINVAL resources are wanted; -ENOMEM; errors of
 * platform_device_add().
 */
struct platform_device *platform_device_register_simple(const char *name, int id, const void *res,
							unsigned int num)
{
	struct platform_device *pdev;
	int ret;

	if (res || num)
		return ERR_PTR(-EINVAL);

	pdev = platform_device_alloc(name, id);
	if (!pdev)
		return ERR_PTR(-ENOMEM);

	ret = platform_device_add(pdev);
	if (ret) {
		platform_device_put(pdev);
		return ERR_PTR(ret);
	}
	return pdev;
}
EXPORT_SYMBOL_GPL(platform_device_register_simple);

/**
 * __platform_driver_register() - register a driver for platform devices
 * @drv: the driver
 * @owner: its module
 *
 * Context: may sleep.
 * Return: 0, or an error of driver_register().
 */
int __platform_driver_register(struct platform_driver *drv, struct module *owner)
{
	drv->driver.owner = owner;
	drv->driver.bus = &platform_bus_type;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_GPL(__platform_driver_register);

/**
 * platform_driver_unregister() - take back a driver for platform devices
 * @drv: the driver
 *
 * Context: may sleep.
 */
void platform_driver_unregister(struct platform_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_GPL(platform_driver_unregister);

static int __init platform_bus_init(void)
{
	int ret;

	platform_bus = root_device_register("platform");
	if (IS_ERR(platform_bus))
		return PTR_ERR(platform_bus);

	ret = bus_register(&platform_bus_type);
	if (ret)
		root_device_unregister(platform_bus);
	return ret;
}

static void __exit platform_bus_exit(void)
{
	bus_unregister(&platform_bus_type);
	root_device_unregister(platform_bus);
}

postcore_initcall(platform_bus_init);
module_exit(platform_bus_exit);
