// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * virtio_rng: entropy devices (virtio 1.1, 5.4), read from /dev/hwrng.
 *
 * A few buffers of each device are always under way, and those that it has filled wait for a reader.
 * Readers get the bytes of the current device, which is the one that was there first unless somebody
 * writes another one's name to /sys/class/misc/hw_random/rng_current.
 *
 * Locks: virtrng_mutex covers the list of devices; virtrng.lock a device's queue and buffers. The
 * second is never held together with the first, and nothing that sleeps is called in it.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/wait.h>

#define VIRTRNG_BUFFERS	    4
#define VIRTRNG_BUFFER_SIZE 64

/**
 * struct virtrng_buffer - bytes on their way
 * @node: in the list of filled ones, if it is one
 * @len: how many the device wrote
 * @pos: how many of them were read
 * @data: the device's while the buffer is in the queue
 */
struct virtrng_buffer {
	struct list_head node;
	unsigned int len;
	unsigned int pos;
	u8 data[VIRTRNG_BUFFER_SIZE];
};

/**
 * struct virtrng - an entropy device
 * @ref: one of the device, from probe to remove, and one of each reader
 * @node: in the list of devices
 * @index: makes the name
 * @name: for rng_current and rng_available
 * @vq: its queue, which is there while @gone is not set
 * @wait: readers without bytes
 * @lock: covers what follows, and the use of @vq
 * @gone: the device is being removed
 * @filled: buffers with bytes, the oldest first; the others are in @vq
 * @buffers: all of them
 */
struct virtrng {
	struct kref ref;
	struct list_head node;
	int index;
	char name[24];
	struct virtqueue *vq;
	wait_queue_head_t wait;
	spinlock_t lock;
	bool gone;
	struct list_head filled;
	struct virtrng_buffer buffers[VIRTRNG_BUFFERS];
};

static LIST_HEAD(virtrng_list); /* the current device first */
static DEFINE_MUTEX(virtrng_mutex);
static DEFINE_IDA(virtrng_index_ida);

static void virtrng_release(struct kref *ref)
{
	struct virtrng *rng = container_of(ref, struct virtrng, ref);

	ida_free(&virtrng_index_ida, rng->index);
	kfree(rng);
}

static void virtrng_put(struct virtrng *rng)
{
	kref_put(&rng->ref, virtrng_release);
}

/* A reference on the device that readers get their bytes from, or NULL. */
static struct virtrng *virtrng_get_current(void)
{
	struct virtrng *rng;

	mutex_lock(&virtrng_mutex);
	rng = list_first_entry_or_null(&virtrng_list, struct virtrng, node);
	if (rng)
		kref_get(&rng->ref);
	mutex_unlock(&virtrng_mutex);
	return rng;
}

/* Caller holds the lock, here and in those that follow. A queue that is broken takes none. */
static void virtrng_post(struct virtrng *rng, struct virtrng_buffer *buffer)
{
	struct virtqueue_buf part = { .addr = buffer->data, .len = sizeof(buffer->data) };

	virtqueue_add_inbuf(rng->vq, &part, 1, buffer, GFP_ATOMIC);
}

static void virtrng_collect(struct virtrng *rng)
{
	struct virtrng_buffer *buffer;
	unsigned int len;

	while ((buffer = virtqueue_get_buf(rng->vq, &len))) {
		buffer->len = len;
		buffer->pos = 0;
		list_add_tail(&buffer->node, &rng->filled);
	}
}

/* Bytes that are there. What is read to its end goes back to the device. */
static size_t virtrng_take_filled(struct virtrng *rng, u8 *to, size_t size)
{
	struct virtrng_buffer *buffer, *next;
	size_t done = 0, some;

	list_for_each_entry_safe(buffer, next, &rng->filled, node) {
		some = min_t(size_t, size - done, buffer->len - buffer->pos);
		memcpy(to + done, buffer->data + buffer->pos, some);
		done += some;
		buffer->pos += some;
		if (buffer->pos < buffer->len)
			break;
		list_del(&buffer->node);
		virtrng_post(rng, buffer);
	}
	virtqueue_kick(rng->vq);
	return done;
}

/* Bytes, at least one; -EAGAIN there are none now; -ENODEV, -EIO there will be none. */
static ssize_t virtrng_take(struct virtrng *rng, u8 *to, size_t size)
{
	ssize_t ret = -ENODEV;

	spin_lock(&rng->lock);
	if (!rng->gone) {
		virtrng_collect(rng);
		ret = virtrng_take_filled(rng, to, size);
		if (!ret)
			ret = virtqueue_is_broken(rng->vq) ? -EIO : -EAGAIN;
	}
	spin_unlock(&rng->lock);
	return ret;
}

static ssize_t virtrng_read_some(struct virtrng *rng, u8 *to, size_t size, bool wait)
{
	ssize_t ret = virtrng_take(rng, to, size);
	int interrupted;

	if (ret != -EAGAIN || !wait)
		return ret;
	interrupted =
		wait_event_interruptible(rng->wait, (ret = virtrng_take(rng, to, size)) != -EAGAIN);
	return interrupted ? interrupted : ret;
}

/* Each piece comes from the device that is the current one by then. */
static ssize_t virtrng_read_piece(struct file *file, char __user *buf, size_t count)
{
	struct virtrng *rng = virtrng_get_current();
	u8 data[VIRTRNG_BUFFER_SIZE];
	ssize_t ret;

	if (!rng)
		return -ENODEV;
	ret = virtrng_read_some(rng, data, min(count, sizeof(data)), !(file->f_flags & O_NONBLOCK));
	virtrng_put(rng);
	if (ret > 0 && copy_to_user(buf, data, ret))
		ret = -EFAULT;
	return ret;
}

/*
 * As many bytes as were asked for, fewer where there was an error after some. -ENODEV there is no
 * entropy device, -EIO it is broken, -EAGAIN for O_NONBLOCK, -ERESTARTSYS, -EFAULT.
 */
static ssize_t hwrng_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	size_t done = 0;
	ssize_t ret;

	while (done < count) {
		ret = virtrng_read_piece(file, buf + done, count - done);
		if (ret < 0)
			return done ? (ssize_t)done : ret;
		done += ret;
	}
	return done;
}

static int hwrng_open(struct inode *inode, struct file *file)
{
	/* As Linux's, it does not take entropy. */
	return file->f_mode & FMODE_WRITE ? -EINVAL : 0;
}

static const struct file_operations hwrng_fops = {
	.owner = THIS_MODULE,
	.open = hwrng_open,
	.read = hwrng_read,
	.llseek = noop_llseek,
};

static ssize_t rng_current_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct virtrng *rng = virtrng_get_current();
	ssize_t ret = sysfs_emit(buf, "%s\n", rng ? rng->name : "none");

	if (rng)
		virtrng_put(rng);
	return ret;
}

static ssize_t rng_current_store(struct device *dev, struct device_attribute *attr, const char *buf,
				 size_t count)
{
	ssize_t ret = -EINVAL;
	struct virtrng *rng;

	mutex_lock(&virtrng_mutex);
	list_for_each_entry(rng, &virtrng_list, node) {
		if (sysfs_streq(buf, rng->name)) {
			list_move(&rng->node, &virtrng_list);
			ret = count;
			break;
		}
	}
	mutex_unlock(&virtrng_mutex);
	return ret;
}
static DEVICE_ATTR_RW(rng_current);

static ssize_t rng_available_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct virtrng *rng;
	ssize_t len = 0;

	mutex_lock(&virtrng_mutex);
	list_for_each_entry(rng, &virtrng_list, node)
		len += sysfs_emit_at(buf, len, "%s ", rng->name);
	mutex_unlock(&virtrng_mutex);
	return len + sysfs_emit_at(buf, len, "\n");
}
static DEVICE_ATTR_RO(rng_available);

static struct attribute *hwrng_attrs[] = {
	&dev_attr_rng_current.attr,
	&dev_attr_rng_available.attr,
	NULL,
};
ATTRIBUTE_GROUPS(hwrng);

static struct miscdevice hwrng_misc = {
	.minor = HWRNG_MINOR,
	.name = "hw_random",
	.nodename = "hwrng",
	.fops = &hwrng_fops,
	.groups = hwrng_groups,
};

/* The device has filled buffers, or never will. */
static void virtrng_wake(struct virtqueue *vq)
{
	struct virtrng *rng = vq->vdev->priv;

	wake_up_all(&rng->wait);
}

static void virtrng_config_changed(struct virtio_device *vdev)
{
	struct virtrng *rng = vdev->priv;

	wake_up_all(&rng->wait);
}

static struct virtrng *virtrng_alloc(void)
{
	struct virtrng *rng = kzalloc(sizeof(*rng), GFP_KERNEL);

	if (!rng)
		return ERR_PTR(-ENOMEM);
	rng->index = ida_alloc(&virtrng_index_ida, GFP_KERNEL);
	if (rng->index < 0) {
		int ret = rng->index;

		kfree(rng);
		return ERR_PTR(ret);
	}
	scnprintf(rng->name, sizeof(rng->name), "virtio_rng.%d", rng->index);
	kref_init(&rng->ref);
	init_waitqueue_head(&rng->wait);
	spin_lock_init(&rng->lock);
	INIT_LIST_HEAD(&rng->filled);
	return rng;
}

static void virtrng_start(struct virtrng *rng)
{
	unsigned int i;

	spin_lock(&rng->lock);
	for (i = 0; i < VIRTRNG_BUFFERS; i++)
		virtrng_post(rng, &rng->buffers[i]);
	virtqueue_kick(rng->vq);
	spin_unlock(&rng->lock);
}

static int virtrng_probe(struct virtio_device *vdev)
{
	struct virtrng *rng = virtrng_alloc();

	if (IS_ERR(rng))
		return PTR_ERR(rng);

	vdev->priv = rng;
	rng->vq = virtio_find_single_vq(vdev, virtrng_wake, "input");
	if (IS_ERR(rng->vq)) {
		int ret = PTR_ERR(rng->vq);

		virtrng_put(rng);
		return ret;
	}
	virtio_device_ready(vdev);
	virtrng_start(rng);

	mutex_lock(&virtrng_mutex);
	list_add_tail(&rng->node, &virtrng_list);
	mutex_unlock(&virtrng_mutex);
	return 0;
}

static void virtrng_remove(struct virtio_device *vdev)
{
	struct virtrng *rng = vdev->priv;

	mutex_lock(&virtrng_mutex);
	list_del(&rng->node);
	mutex_unlock(&virtrng_mutex);

	spin_lock(&rng->lock);
	rng->gone = true;
	spin_unlock(&rng->lock);
	wake_up_all(&rng->wait);

	vdev->config->reset(vdev);
	vdev->config->del_vqs(vdev);
	virtrng_put(rng);
}

static const struct virtio_device_id virtrng_ids[] = {
	{ VIRTIO_ID_RNG, VIRTIO_DEV_ANY_ID },
	{ 0 },
};

static struct virtio_driver virtrng_driver = {
	.driver = {
		.name = "virtio_rng",
		.owner = THIS_MODULE,
	},
	.id_table = virtrng_ids,
	.probe = virtrng_probe,
	.remove = virtrng_remove,
	.config_changed = virtrng_config_changed,
};

static int __init virtrng_init(void)
{
	int ret = misc_register(&hwrng_misc);

	if (ret)
		return ret;
	ret = register_virtio_driver(&virtrng_driver);
	if (ret)
		misc_deregister(&hwrng_misc);
	return ret;
}

static void __exit virtrng_exit(void)
{
	unregister_virtio_driver(&virtrng_driver);
	misc_deregister(&hwrng_misc);
	ida_destroy(&virtrng_index_ida);
}

module_init(virtrng_init);
module_exit(virtrng_exit);

MODULE_DESCRIPTION("Virtio entropy devices as /dev/hwrng");
MODULE_AUTHOR("The umdev authors");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS("virtio:d00000004v*");
