// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * virtio_mdev: gives mediated devices of class MDEV_CLASS_ID_VIRTIO to the virtio bus.
 *
 * It is a virtio transport whose other end is the parent's driver: there is no user-space client, and
 * pointers are kernel pointers all the way. No locks: the virtio bus serialises what it asks of a
 * transport by the device's lock, and queues are there from the driver's probe() to its remove().
 *
 * Nothing holds the parent's module. When that is unloaded it unregisters, which unbinds the virtio
 * driver first.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mdev.h>
#include <linux/virtio_ring.h>

/**
 * struct virtio_mdev - a mediated device as virtio sees it
 * @vdev: what is registered with the virtio bus; its device's release frees this
 * @mdev: the mediated device, the virtio device's parent
 * @ops: the parent driver's operations; valid until the driver has been unbound from @mdev
 */
struct virtio_mdev {
	struct virtio_device vdev;
	struct mdev_device *mdev;
	const struct virtio_mdev_parent_ops *ops;
};

static struct virtio_mdev *to_virtio_mdev(struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_mdev, vdev);
}

static void virtio_mdev_get(struct virtio_device *vdev, unsigned int offset, void *buf,
			    unsigned int len)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	vm->ops->get_config(vm->mdev, offset, buf, len);
}

static void virtio_mdev_set(struct virtio_device *vdev, unsigned int offset, const void *buf,
			    unsigned int len)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	vm->ops->set_config(vm->mdev, offset, buf, len);
}

static u32 virtio_mdev_generation(struct virtio_device *vdev)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	return vm->ops->get_generation ? vm->ops->get_generation(vm->mdev) : 0;
}

static u8 virtio_mdev_get_status(struct virtio_device *vdev)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	return vm->ops->get_status(vm->mdev);
}

static void virtio_mdev_set_status(struct virtio_device *vdev, u8 status)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	vm->ops->set_status(vm->mdev, status);
}

static void virtio_mdev_reset(struct virtio_device *vdev)
{
	virtio_mdev_set_status(vdev, 0);
}

/* Called by the parent's driver. */
static void virtio_mdev_vq_cb(void *private)
{
	vring_interrupt(0, private);
}

static void virtio_mdev_config_cb(void *private)
{
	struct virtio_mdev *vm = private;

	if (vm->ops->get_status(vm->mdev) & VIRTIO_CONFIG_S_NEEDS_RESET)
		virtio_break_device(&vm->vdev);
	virtio_config_changed(&vm->vdev);
}

static bool virtio_mdev_notify(struct virtqueue *vq)
{
	struct virtio_mdev *vm = to_virtio_mdev(vq->vdev);

	vm->ops->kick_vq(vm->mdev, vq->index);
	return true;
}

static struct virtqueue *virtio_mdev_setup_vq(struct virtio_mdev *vm, unsigned int index,
					      vq_callback_t *callback, const char *name)
{
	struct virtio_mdev_callback cb = { .callback = virtio_mdev_vq_cb };
	struct virtqueue *vq;
	int ret;

	if (index > U16_MAX || vm->ops->get_vq_ready(vm->mdev, index))
		return ERR_PTR(-ENOENT);

	vq = vring_create_virtqueue(index, vm->ops->get_vq_num_max(vm->mdev),
				    vm->ops->get_vq_align(vm->mdev), &vm->vdev, true, true, false,
				    virtio_mdev_notify, callback, name);
	if (!vq)
		return ERR_PTR(-ENOMEM);

	vm->ops->set_vq_num(vm->mdev, index, virtqueue_get_vring_size(vq));
	ret = vm->ops->set_vq_address(vm->mdev, index, virtqueue_get_desc_addr(vq),
				      virtqueue_get_avail_addr(vq), virtqueue_get_used_addr(vq));
	if (!ret)
		ret = vm->ops->set_vq_state(vm->mdev, index, 0);
	if (ret) {
		vring_del_virtqueue(vq);
		return ERR_PTR(ret);
	}

	cb.private = vq;
	vm->ops->set_vq_cb(vm->mdev, index, &cb);
	vm->ops->set_vq_ready(vm->mdev, index, true);
	return vq;
}

static void virtio_mdev_del_vqs(struct virtio_device *vdev)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);
	struct virtqueue *vq, *next;

	vm->ops->set_config_cb(vm->mdev, NULL);
	list_for_each_entry_safe(vq, next, &vdev->vqs, list) {
		vm->ops->set_vq_ready(vm->mdev, vq->index, false);
		vm->ops->set_vq_cb(vm->mdev, vq->index, NULL);
		vring_del_virtqueue(vq);
	}
}

/* Queues that the driver leaves out are not counted, as with Linux's other transports. */
static int virtio_mdev_find_vqs(struct virtio_device *vdev, unsigned int nvqs,
				struct virtqueue *vqs[], vq_callback_t *callbacks[],
				const char *const names[], const bool *ctx,
				struct irq_affinity *desc)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);
	struct virtio_mdev_callback cb = { .callback = virtio_mdev_config_cb, .private = vm };
	unsigned int i, index = 0;

	if (ctx || desc)
		return -EINVAL;

	for (i = 0; i < nvqs; i++) {
		vqs[i] = NULL;
		if (!names[i])
			continue;
		vqs[i] = virtio_mdev_setup_vq(vm, index++, callbacks[i], names[i]);
		if (IS_ERR(vqs[i])) {
			int ret = PTR_ERR(vqs[i]);

			virtio_mdev_reset(vdev);
			virtio_mdev_del_vqs(vdev);
			return ret;
		}
	}
	vm->ops->set_config_cb(vm->mdev, &cb);
	return 0;
}

static u64 virtio_mdev_get_features(struct virtio_device *vdev)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	return vm->ops->get_features(vm->mdev);
}

static int virtio_mdev_finalize_features(struct virtio_device *vdev)
{
	struct virtio_mdev *vm = to_virtio_mdev(vdev);

	return vm->ops->set_features(vm->mdev, vdev->features);
}

static const char *virtio_mdev_bus_name(struct virtio_device *vdev)
{
	return dev_name(mdev_dev(to_virtio_mdev(vdev)->mdev));
}

static const struct virtio_config_ops virtio_mdev_config_ops = {
	.get = virtio_mdev_get,
	.set = virtio_mdev_set,
	.generation = virtio_mdev_generation,
	.get_status = virtio_mdev_get_status,
	.set_status = virtio_mdev_set_status,
	.reset = virtio_mdev_reset,
	.find_vqs = virtio_mdev_find_vqs,
	.del_vqs = virtio_mdev_del_vqs,
	.get_features = virtio_mdev_get_features,
	.finalize_features = virtio_mdev_finalize_features,
	.bus_name = virtio_mdev_bus_name,
};

static bool virtio_mdev_ops_valid(const struct virtio_mdev_parent_ops *ops)
{
	return ops->set_vq_address && ops->set_vq_num && ops->kick_vq && ops->set_vq_cb &&
	       ops->set_vq_ready && ops->get_vq_ready && ops->set_vq_state && ops->get_vq_state &&
	       ops->get_vq_align && ops->get_features && ops->set_features && ops->set_config_cb &&
	       ops->get_vq_num_max && ops->get_device_id && ops->get_vendor_id && ops->get_status &&
	       ops->set_status && ops->get_config && ops->set_config;
}

static void virtio_mdev_release(struct device *dev)
{
	kfree(to_virtio_mdev(dev_to_virtio(dev)));
}

static int virtio_mdev_probe(struct device *dev)
{
	struct mdev_device *mdev = mdev_from_dev(dev);
	const struct virtio_mdev_parent_ops *ops = mdev_get_virtio_ops(mdev);
	struct virtio_mdev *vm;
	int ret;

	if (!virtio_mdev_ops_valid(ops)) {
		dev_err(dev, "the parent's driver lacks an operation of a virtio device\n");
		return -EINVAL;
	}

	vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	if (!vm)
		return -ENOMEM;

	vm->mdev = mdev;
	vm->ops = ops;
	vm->vdev.dev.parent = dev;
	vm->vdev.dev.release = virtio_mdev_release;
	vm->vdev.config = &virtio_mdev_config_ops;
	vm->vdev.id.device = ops->get_device_id(mdev);
	vm->vdev.id.vendor = ops->get_vendor_id(mdev);
	dev_set_drvdata(dev, vm);

	ret = register_virtio_device(&vm->vdev);
	if (ret) {
		dev_set_drvdata(dev, NULL);
		put_device(&vm->vdev.dev);
	}
	return ret;
}

static void virtio_mdev_remove(struct device *dev)
{
	struct virtio_mdev *vm = dev_get_drvdata(dev);

	unregister_virtio_device(&vm->vdev);
	dev_set_drvdata(dev, NULL);
}

static const struct mdev_class_id virtio_mdev_ids[] = {
	{ MDEV_CLASS_ID_VIRTIO },
	{ 0 },
};

static struct mdev_driver virtio_mdev_driver = {
	.name = "virtio_mdev",
	.probe = virtio_mdev_probe,
	.remove = virtio_mdev_remove,
	.id_table = virtio_mdev_ids,
};

static int __init virtio_mdev_init(void)
{
	return mdev_register_driver(&virtio_mdev_driver, THIS_MODULE);
}

static void __exit virtio_mdev_exit(void)
{
	mdev_unregister_driver(&virtio_mdev_driver);
}

module_init(virtio_mdev_init);
module_exit(virtio_mdev_exit);

MODULE_DESCRIPTION("Mediated devices for virtio drivers");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS("mdev:c02");
