// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The virtio bus: devices that transports register, and the drivers for them.
 *
 * Locks: a device's driver is bound and unbound under device_lock(); config_lock, in which nothing
 * else is taken but by the driver's config_changed(), and vqs_list_lock are described in
 * <linux/virtio.h> and never held together.
 */
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>

static DEFINE_IDA(virtio_index_ida);

static ssize_t device_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "0x%04x\n", dev_to_virtio(dev)->id.device);
}
static DEVICE_ATTR_RO(device);

static ssize_t vendor_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "0x%04x\n", dev_to_virtio(dev)->id.vendor);
}
static DEVICE_ATTR_RO(vendor);

static ssize_t status_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	return sysfs_emit(buf, "0x%08x\n", vdev->config->get_status(vdev));
}
static DEVICE_ATTR_RO(status);

#define VIRTIO_MODALIAS "virtio:d%08Xv%08X"

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	return sysfs_emit(buf, VIRTIO_MODALIAS "\n", vdev->id.device, vdev->id.vendor);
}
static DEVICE_ATTR_RO(modalias);

/* A digit for each feature that is agreed on, the first bit first. */
static ssize_t features_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct virtio_device *vdev = dev_to_virtio(dev);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		buf[bit] = virtio_has_feature(vdev, bit) ? '1' : '0';
	buf[bit++] = '\n';
	buf[bit] = '\0';
	return bit;
}
static DEVICE_ATTR_RO(features);

static struct attribute *virtio_dev_attrs[] = {
	&dev_attr_device.attr,	 &dev_attr_vendor.attr,	  &dev_attr_status.attr,
	&dev_attr_modalias.attr, &dev_attr_features.attr, NULL,
};
ATTRIBUTE_GROUPS(virtio_dev);

static int virtio_dev_match(struct device *dev, struct device_driver *drv)
{
	const struct virtio_device_id *id = drv_to_virtio(drv)->id_table;
	const struct virtio_device *vdev = dev_to_virtio(dev);

	for (; id->device; id++)
		if ((id->device == vdev->id.device || id->device == VIRTIO_DEV_ANY_ID) &&
		    (id->vendor == vdev->id.vendor || id->vendor == VIRTIO_DEV_ANY_ID))
			return 1;
	return 0;
}

static int virtio_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	struct virtio_device *vdev = dev_to_virtio(dev);

	return add_uevent_var(env, "MODALIAS=" VIRTIO_MODALIAS, vdev->id.device, vdev->id.vendor);
}

/**
 * virtio_add_status() - add bits to a device's status
 * @dev: the device
 * @status: VIRTIO_CONFIG_S_* bits
 *
 * Context: may sleep.
 */
void virtio_add_status(struct virtio_device *dev, unsigned int status)
{
	dev->config->set_status(dev, dev->config->get_status(dev) | status);
}
EXPORT_SYMBOL_GPL(virtio_add_status);

/* Caller holds config_lock; the device is bound. */
static void virtio_tell_driver(struct virtio_device *dev)
{
	struct virtio_driver *drv = drv_to_virtio(dev->dev.driver);

	if (drv->config_changed)
		drv->config_changed(dev);
}

/**
 * virtio_config_changed() - tell the driver that its device's configuration or status changed
 * @dev: the device
 *
 * While the driver is not ready for it this is remembered, and it is told when it is.
 *
 * Context: any that may take a spinlock; from the transport.
 */
void virtio_config_changed(struct virtio_device *dev)
{
	spin_lock(&dev->config_lock);
	if (dev->config_enabled)
		virtio_tell_driver(dev);
	else
		dev->config_change_pending = true;
	spin_unlock(&dev->config_lock);
}
EXPORT_SYMBOL_GPL(virtio_config_changed);

static void virtio_config_enable(struct virtio_device *dev)
{
	spin_lock(&dev->config_lock);
	dev->config_enabled = true;
	if (dev->config_change_pending)
		virtio_tell_driver(dev);
	dev->config_change_pending = false;
	spin_unlock(&dev->config_lock);
}

static void virtio_config_disable(struct virtio_device *dev)
{
	spin_lock(&dev->config_lock);
	dev->config_enabled = false;
	spin_unlock(&dev->config_lock);
}

static u64 virtio_driver_features(const struct virtio_driver *drv)
{
	u64 features = BIT_ULL(VIRTIO_F_VERSION_1);
	unsigned int i;

	for (i = 0; i < drv->feature_table_size; i++)
		features |= BIT_ULL(drv->feature_table[i]);
	return features;
}

/* What both know. There is no support for devices from before version 1 of the specification. */
static int virtio_agree_on_features(struct virtio_device *dev, const struct virtio_driver *drv)
{
	int ret;

	WRITE_ONCE(dev->features, dev->config->get_features(dev) & virtio_driver_features(drv));
	if (!virtio_has_feature(dev, VIRTIO_F_VERSION_1)) {
		dev_err(&dev->dev, "the device does not offer VIRTIO_F_VERSION_1\n");
		return -ENODEV;
	}

	ret = dev->config->finalize_features(dev);
	if (ret)
		return ret;

	virtio_add_status(dev, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(dev->config->get_status(dev) & VIRTIO_CONFIG_S_FEATURES_OK)) {
		dev_err(&dev->dev, "the device refuses its features: %#llx\n",
			(unsigned long long)dev->features);
		return -ENODEV;
	}
	return 0;
}

static int virtio_dev_probe(struct device *d)
{
	struct virtio_device *dev = dev_to_virtio(d);
	struct virtio_driver *drv = drv_to_virtio(d->driver);
	int ret;

	/* A device that a driver has given up on is reset before it is tried again (virtio 1.1, 2.1.1). */
	if (dev->config->get_status(dev) & VIRTIO_CONFIG_S_FAILED) {
		dev->config->reset(dev);
		virtio_add_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	}
	virtio_add_status(dev, VIRTIO_CONFIG_S_DRIVER);

	ret = virtio_agree_on_features(dev, drv);
	if (ret)
		goto err;

	ret = drv->probe(dev);
	if (ret)
		goto err;

	if (!(dev->config->get_status(dev) & VIRTIO_CONFIG_S_DRIVER_OK))
		virtio_device_ready(dev);
	virtio_config_enable(dev);
	return 0;

err:
	WRITE_ONCE(dev->features, 0);
	virtio_add_status(dev, VIRTIO_CONFIG_S_FAILED);
	return ret;
}

static int virtio_dev_remove(struct device *d)
{
	struct virtio_device *dev = dev_to_virtio(d);

	virtio_config_disable(dev);
	drv_to_virtio(d->driver)->remove(dev);
	WRITE_ONCE(dev->features, 0);

	/* The driver has reset its device. */
	WARN_ON(dev->config->get_status(dev));
	virtio_add_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	return 0;
}

static struct bus_type virtio_bus = {
	.name = "virtio",
	.match = virtio_dev_match,
	.dev_groups = virtio_dev_groups,
	.uevent = virtio_uevent,
	.probe = virtio_dev_probe,
	.remove = virtio_dev_remove,
};

/**
 * register_virtio_driver() - add a driver to the virtio bus
 * @drv: the driver; constant until it is unregistered
 *
 * Context: may sleep.
 * Return: 0; -EINVAL it has no table of devices, no probe or no remove, or a feature table without
 * a size or the other way round; errors of driver_register().
 */
int register_virtio_driver(struct virtio_driver *drv)
{
	if (!drv->id_table || !drv->probe || !drv->remove ||
	    !drv->feature_table != !drv->feature_table_size)
		return -EINVAL;

	drv->driver.bus = &virtio_bus;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_GPL(register_virtio_driver);

/**
 * unregister_virtio_driver() - remove a driver from the virtio bus, its devices first
 * @drv: a registered driver
 *
 * Context: may sleep.
 */
void unregister_virtio_driver(struct virtio_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL_GPL(unregister_virtio_driver);

/*
 * Runs wherever the last reference is put: in the hands of somebody who found the device on the bus, say.
 * The transport's release is left to unregister_virtio_device(), as its module may be on its way out.
 */
static void virtio_dev_release(struct device *d)
{
	complete(&dev_to_virtio(d)->unused);
}

/**
 * register_virtio_device() - put a device on the virtio bus
 * @dev: the device, zeroed but for what the transport sets: id, config, dev.parent, dev.release
 *
 * The device is reset first. Its name is "virtio" and a number.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; errors of device_add(). On error too, @dev->dev has been initialised, and
 * goes by put_device().
 */
int register_virtio_device(struct virtio_device *dev)
{
	int ret;

	dev->dev.bus = &virtio_bus;
	device_initialize(&dev->dev);
	init_completion(&dev->unused);
	spin_lock_init(&dev->config_lock);
	spin_lock_init(&dev->vqs_list_lock);
	INIT_LIST_HEAD(&dev->vqs);

	ret = ida_alloc(&virtio_index_ida, GFP_KERNEL);
	if (ret < 0)
		return ret;
	dev->index = ret;

	ret = dev_set_name(&dev->dev, "virtio%d", dev->index);
	if (ret)
		goto err_index;

	dev->config->reset(dev);
	virtio_add_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);

	ret = device_add(&dev->dev);
	if (ret)
		goto err_index;

	dev->release = dev->dev.release;
	dev->dev.release = virtio_dev_release;
	return 0;

err_index:
	ida_free(&virtio_index_ida, dev->index);
	return ret;
}
EXPORT_SYMBOL_GPL(register_virtio_device);

/**
 * unregister_virtio_device() - take a device off the virtio bus
 * @dev: a registered device; the reference that registration has left with the caller is put, and he
 *	has no other one
 *
 * Others may have one for a while. They are waited for, and then the transport's dev.release is called.
 *
 * Context: may sleep.
 */
void unregister_virtio_device(struct virtio_device *dev)
{
	device_unregister(&dev->dev);
	wait_for_completion(&dev->unused);
	ida_free(&virtio_index_ida, dev->index);
	dev->release(&dev->dev);
}
EXPORT_SYMBOL_GPL(unregister_virtio_device);

static int __init virtio_init(void)
{
	return bus_register(&virtio_bus);
}

static void __exit virtio_exit(void)
{
	bus_unregister(&virtio_bus);
	ida_destroy(&virtio_index_ida);
}

module_init(virtio_init);
module_exit(virtio_exit);

MODULE_DESCRIPTION("Virtio bus and virtqueues");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
