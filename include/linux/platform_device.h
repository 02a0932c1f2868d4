/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The platform bus: devices that are simply there. */
#ifndef UMDEV_LINUX_PLATFORM_DEVICE_H
#define UMDEV_LINUX_PLATFORM_DEVICE_H

#include <linux/device.h>

#define PLATFORM_DEVID_NONE (-1)
#define PLATFORM_DEVID_AUTO (-2)

/**
 * struct platform_device - a device on the platform bus
 * @name: what drivers match
 * @id: instance; PLATFORM_DEVID_NONE for the only one, PLATFORM_DEVID_AUTO for the next free one
 * @id_auto: @id was chosen by platform_device_add()
 * @dev: the device; its name is @name, a dot and @id, where there is one
 */
struct platform_device {
	const char *name;
	int id;
	bool id_auto;
	struct device dev;
};

#define to_platform_device(x) container_of((x), struct platform_device, dev)

/**
 * struct platform_driver - a driver on the platform bus
 * @probe: takes a device
 * @remove: lets go of it
 * @driver: its name is that of the devices it takes
 */
struct platform_driver {
	int (*probe)(struct platform_device *pdev);
	int (*remove)(struct platform_device *pdev);
	struct device_driver driver;
};

#define to_platform_driver(drv) container_of((drv), struct platform_driver, driver)

extern struct bus_type platform_bus_type;

struct platform_device *platform_device_alloc(const char *name, int id);
int platform_device_add(struct platform_device *pdev);
void platform_device_del(struct platform_device *pdev);
void platform_device_put(struct platform_device *pdev);
void platform_device_unregister(struct platform_device *pdev);
struct platform_device *platform_device_register_simple(const char *name, int id, const void *res,
							unsigned int num);

int __platform_driver_register(struct platform_driver *drv, struct module *owner);
void platform_driver_unregister(struct platform_driver *drv);
#define platform_driver_register(drv) __platform_driver_register(drv, THIS_MODULE)
#define module_platform_driver(drv) \
	module_driver(drv, platform_driver_register, platform_driver_unregister)

static inline void *platform_get_drvdata(const struct platform_device *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void platform_set_drvdata(struct platform_device *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

#endif /* UMDEV_LINUX_PLATFORM_DEVICE_H */
