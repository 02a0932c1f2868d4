/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* 6.11: find_vqs() gets what it has to know of each queue in one array rather than in three. */
#ifndef UMDEV_COMPAT_VIRTIO_CONFIG_H
#define UMDEV_COMPAT_VIRTIO_CONFIG_H

#include <linux/slab.h>
#include <linux/version.h>
#include_next <linux/virtio_config.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
/*
 * As with the bus's callbacks: makes the definition of the old form into both. That refuses queues
 * with contexts, and so needs to see only that there is one.
 */
#define virtio_mdev_find_vqs(...)                                                               \
	virtio_mdev_find_vqs_apart(__VA_ARGS__);                                                \
	static int virtio_mdev_find_vqs(struct virtio_device *vdev, unsigned int nvqs,          \
					struct virtqueue *vqs[], struct virtqueue_info infos[], \
					struct irq_affinity *desc)                              \
	{                                                                                       \
		vq_callback_t **callbacks = kcalloc(2 * nvqs, sizeof(void *), GFP_KERNEL);      \
		const char **names = (const char **)callbacks + nvqs;                           \
		bool ctx = false;                                                               \
		int ret = -ENOMEM;                                                              \
		for (unsigned int i = 0; callbacks && i < nvqs; i++) {                          \
			callbacks[i] = infos[i].callback;                                       \
			names[i] = infos[i].name;                                               \
			ctx |= infos[i].ctx;                                                    \
		}                                                                               \
		if (callbacks)                                                                  \
			ret = virtio_mdev_find_vqs_apart(vdev, nvqs, vqs, callbacks, names,     \
							 ctx ? &ctx : NULL, desc);              \
		kfree(callbacks);                                                               \
		return ret;                                                                     \
	}                                                                                       \
	static int virtio_mdev_find_vqs_apart(__VA_ARGS__)
#endif

#endif
