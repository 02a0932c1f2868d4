// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Split virtqueues, the driver's side (virtio 1.1, 2.6).
 *
 * A buffer is a chain of descriptors. Its first one goes into the available ring, and comes back in
 * the used ring when the device is done with it. Either side writes its own ring, then that ring's
 * index, which is what publishes it; the other one reads the index first.
 *
 * No locks: see struct virtqueue. Only @broken and the rings are shared with others. What the device
 * writes is checked before it is used, and a device that writes nonsense breaks the queue.
 */
#include <linux/byteorder/generic.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#define VRING_NO_BUFFER 0xffff

/**
 * struct vring_buffer - what is known of a buffer, by its first descriptor
 * @data: the driver's token; NULL where no buffer begins
 * @count: descriptors in its chain
 * @bytes: of it that the device may write
 */
struct vring_buffer {
	void *data;
	unsigned int count;
	u64 bytes;
};

/**
 * struct vring_virtqueue - a split virtqueue
 * @vq: what drivers see
 * @memory: of the rings
 * @vring: the rings in it, the device reads two and writes one
 * @next: for each descriptor the next of its chain, or the next that is free. The device cannot
 *	get at it
 * @buffers: one for each descriptor
 * @free_head: the first free descriptor
 * @avail_idx: index of the available ring: buffers ever added
 * @published: what of it the device has been told of by a kick
 * @last_used: index of the used ring up to which buffers were got
 * @broken: nothing more goes through; atomic
 * @notify: the transport's kick
 */
struct vring_virtqueue {
	struct virtqueue vq;
	void *memory;
	struct vring vring;
	u16 *next;
	struct vring_buffer *buffers;
	u16 free_head;
	u16 avail_idx;
	u16 published;
	u16 last_used;
	bool broken;
	bool (*notify)(struct virtqueue *vq);
};

static struct vring_virtqueue *to_vvq(struct virtqueue *vq)
{
	return container_of(vq, struct vring_virtqueue, vq);
}

static void vring_break(struct vring_virtqueue *vvq, const char *what, u32 value)
{
	dev_err(&vvq->vq.vdev->dev, "queue %s is broken: the device returned %s %u\n", vvq->vq.name,
		what, value);
	WRITE_ONCE(vvq->broken, true);
}

static bool buf_valid(const struct virtqueue_buf *buf, unsigned int num)
{
	unsigned int i;

	for (i = 0; i < num; i++)
		if (!buf[i].addr || !buf[i].len)
			return false;
	return num;
}

/* Chain descriptors for the parts of a buffer; there are enough. */
static void vring_fill_chain(struct vring_virtqueue *vvq, const struct virtqueue_buf *buf,
			     unsigned int num, u16 flags)
{
	u16 index = vvq->free_head;
	unsigned int i;

	for (i = 0; i < num; i++) {
		struct vring_desc *desc = &vvq->vring.desc[index];
		u16 more = i + 1 < num ? VRING_DESC_F_NEXT : 0;

		desc->addr = cpu_to_le64((u64)(uintptr_t)buf[i].addr);
		desc->len = cpu_to_le32(buf[i].len);
		desc->flags = cpu_to_le16(flags | more);
		desc->next = more ? cpu_to_le16(vvq->next[index]) : 0;
		index = vvq->next[index];
	}
	vvq->free_head = index;
	vvq->vq.num_free -= num;
}

static int virtqueue_add(struct virtqueue *vq, const struct virtqueue_buf *buf, unsigned int num,
			 void *data, u16 flags)
{
	struct vring_virtqueue *vvq = to_vvq(vq);
	u16 head = vvq->free_head;
	u64 bytes = 0;
	unsigned int i;

	if (READ_ONCE(vvq->broken))
		return -EIO;
	if (!data || !buf_valid(buf, num))
		return -EINVAL;
	if (vq->num_free < num)
		return -ENOSPC;

	for (i = 0; i < num && flags; i++)
		bytes += buf[i].len;
	vvq->buffers[head] = (struct vring_buffer){ .data = data, .count = num, .bytes = bytes };
	vring_fill_chain(vvq, buf, num, flags);

	WRITE_ONCE(vvq->vring.avail->ring[vvq->avail_idx % vvq->vring.num], cpu_to_le16(head));
	vvq->avail_idx++;
	smp_store_release(&vvq->vring.avail->idx, cpu_to_le16(vvq->avail_idx));
	return 0;
}

/**
 * virtqueue_add_inbuf() - give the device a buffer to write to
 * @vq: the queue
 * @buf: the parts of the buffer, valid and left alone until virtqueue_get_buf() returns it
 * @num: how many
 * @data: what virtqueue_get_buf() is to return, not NULL
 * @gfp: unused
 *
 * The device need not look before the next virtqueue_kick().
 *
 * Context: any; serialised by the caller, see struct virtqueue.
 * Return: 0; -ENOSPC there are fewer than @num free descriptors; -EIO the queue is broken; -EINVAL
 * no token, no parts, or one without address or length.
 */
int virtqueue_add_inbuf(struct virtqueue *vq, const struct virtqueue_buf *buf, unsigned int num,
			void *data, gfp_t gfp)
{
	return virtqueue_add(vq, buf, num, data, VRING_DESC_F_WRITE);
}
EXPORT_SYMBOL_GPL(virtqueue_add_inbuf);

/**
 * virtqueue_add_outbuf() - give the device a buffer to read
 * @vq: the queue
 * @buf: as for virtqueue_add_inbuf()
 * @num: likewise
 * @data: likewise
 * @gfp: likewise
 *
 * Context: as virtqueue_add_inbuf().
 * Return: likewise.
 */
int virtqueue_add_outbuf(struct virtqueue *vq, const struct virtqueue_buf *buf, unsigned int num,
			 void *data, gfp_t gfp)
{
	return virtqueue_add(vq, buf, num, data, 0);
}
EXPORT_SYMBOL_GPL(virtqueue_add_outbuf);

/**
 * virtqueue_kick_prepare() - does the device want to be told of the buffers added?
 * @vq: the queue
 *
 * Context: as virtqueue_add_inbuf().
 * Return: whether virtqueue_notify() is to follow, for which the caller may let go of its lock.
 */
bool virtqueue_kick_prepare(struct virtqueue *vq)
{
	struct vring_virtqueue *vvq = to_vvq(vq);
	bool new = vvq->published != vvq->avail_idx;

	/* The index is written before the flags are read; the device does it the other way round. */
	smp_mb();
	vvq->published = vvq->avail_idx;
	return new && !(le16_to_cpu(READ_ONCE(vvq->vring.used->flags)) & VRING_USED_F_NO_NOTIFY);
}
EXPORT_SYMBOL_GPL(virtqueue_kick_prepare);

/**
 * virtqueue_notify() - tell the device of new buffers
 * @vq: the queue
 *
 * Context: any.
 * Return: false where the queue is broken.
 */
bool virtqueue_notify(struct virtqueue *vq)
{
	struct vring_virtqueue *vvq = to_vvq(vq);

	if (READ_ONCE(vvq->broken))
		return false;
	if (!vvq->notify(vq)) {
		WRITE_ONCE(vvq->broken, true);
		return false;
	}
	return true;
}
EXPORT_SYMBOL_GPL(virtqueue_notify);

/**
 * virtqueue_kick() - tell the device of new buffers if it wants to be told
 * @vq: the queue
 *
 * Context: as virtqueue_add_inbuf().
 * Return: false where the queue is broken.
 */
bool virtqueue_kick(struct virtqueue *vq)
{
	return virtqueue_kick_prepare(vq) ? virtqueue_notify(vq) : !READ_ONCE(to_vvq(vq)->broken);
}
EXPORT_SYMBOL_GPL(virtqueue_kick);

static bool more_used(struct vring_virtqueue *vvq)
{
	return le16_to_cpu(smp_load_acquire(&vvq->vring.used->idx)) != vvq->last_used;
}

/* Take back a buffer's descriptors. */
static void *vring_free_chain(struct vring_virtqueue *vvq, u16 head)
{
	struct vring_buffer *buffer = &vvq->buffers[head];
	void *data = buffer->data;
	unsigned int i;
	u16 last = head;

	for (i = 1; i < buffer->count; i++)
		last = vvq->next[last];
	vvq->next[last] = vvq->free_head;
	vvq->free_head = head;
	vvq->vq.num_free += buffer->count;
	buffer->data = NULL;
	return data;
}

/**
 * virtqueue_get_buf() - a buffer that the device has used
 * @vq: the queue
 * @len: gets the number of bytes that the device wrote, no more than the buffer has
 *
 * Context: as virtqueue_add_inbuf().
 * Return: the token of the buffer, which is the driver's again; NULL where there is none, or the
 * queue is broken, as it is when the device returns what it was not given.
 */
void *virtqueue_get_buf(struct virtqueue *vq, unsigned int *len)
{
	struct vring_virtqueue *vvq = to_vvq(vq);
	struct vring_used_elem *elem;
	u32 id, written;

	if (READ_ONCE(vvq->broken) || !more_used(vvq))
		return NULL;

	elem = &vvq->vring.used->ring[vvq->last_used % vvq->vring.num];
	id = le32_to_cpu(READ_ONCE(elem->id));
	written = le32_to_cpu(READ_ONCE(elem->len));

	if (id >= vvq->vring.num || !vvq->buffers[id].data) {
		vring_break(vvq, "a buffer that it was not given, number", id);
		return NULL;
	}
	if (written > vvq->buffers[id].bytes) {
		vring_break(vvq, "a buffer with more bytes than it has room for,", written);
		return NULL;
	}
	vvq->last_used++;
	*len = written;
	return vring_free_chain(vvq, id);
}
EXPORT_SYMBOL_GPL(virtqueue_get_buf);

/**
 * virtqueue_disable_cb() - ask the device not to call back
 * @vq: the queue
 *
 * It may do so all the same.
 *
 * Context: as virtqueue_add_inbuf().
 */
void virtqueue_disable_cb(struct virtqueue *vq)
{
	WRITE_ONCE(to_vvq(vq)->vring.avail->flags, cpu_to_le16(VRING_AVAIL_F_NO_INTERRUPT));
}
EXPORT_SYMBOL_GPL(virtqueue_disable_cb);

/**
 * virtqueue_enable_cb() - have the device call back again
 * @vq: the queue
 *
 * Context: as virtqueue_add_inbuf().
 * Return: false where buffers were used meanwhile, for which there may be no callback.
 */
bool virtqueue_enable_cb(struct virtqueue *vq)
{
	struct vring_virtqueue *vvq = to_vvq(vq);

	WRITE_ONCE(vvq->vring.avail->flags, 0);
	/* The device writes its index first and then reads the flags. */
	smp_mb();
	return !more_used(vvq);
}
EXPORT_SYMBOL_GPL(virtqueue_enable_cb);

/**
 * virtqueue_detach_unused_buf() - take back a buffer that was not used
 * @vq: the queue, of a device that has been reset
 *
 * Context: as virtqueue_add_inbuf().
 * Return: the token of one of the buffers that virtqueue_get_buf() has not returned; NULL: none.
 */
void *virtqueue_detach_unused_buf(struct virtqueue *vq)
{
	struct vring_virtqueue *vvq = to_vvq(vq);
	unsigned int i;

	for (i = 0; i < vvq->vring.num; i++)
		if (vvq->buffers[i].data)
			return vring_free_chain(vvq, i);
	return NULL;
}
EXPORT_SYMBOL_GPL(virtqueue_detach_unused_buf);

/**
 * virtqueue_get_vring_size() - number of descriptors of a queue
 * @vq: the queue
 *
 * Context: any.
 * Return: the number.
 */
unsigned int virtqueue_get_vring_size(struct virtqueue *vq)
{
	return to_vvq(vq)->vring.num;
}
EXPORT_SYMBOL_GPL(virtqueue_get_vring_size);

/**
 * virtqueue_is_broken() - does nothing more go through a queue?
 * @vq: the queue
 *
 * Context: any.
 * Return: whether the device broke the rules, or needs a reset.
 */
bool virtqueue_is_broken(struct virtqueue *vq)
{
	return READ_ONCE(to_vvq(vq)->broken);
}
EXPORT_SYMBOL_GPL(virtqueue_is_broken);

/**
 * virtio_break_device() - let nothing more go through a device's queues
 * @dev: the device
 *
 * Context: any that may take a spinlock.
 */
void virtio_break_device(struct virtio_device *dev)
{
	struct virtqueue *vq;

	spin_lock(&dev->vqs_list_lock);
	list_for_each_entry(vq, &dev->vqs, list)
		WRITE_ONCE(to_vvq(vq)->broken, true);
	spin_unlock(&dev->vqs_list_lock);
}
EXPORT_SYMBOL_GPL(virtio_break_device);

/**
 * virtqueue_get_desc_addr() - where the device finds the descriptors
 * @vq: the queue
 *
 * Context: any.
 * Return: the address, as the two that follow.
 */
dma_addr_t virtqueue_get_desc_addr(struct virtqueue *vq)
{
	return (uintptr_t)to_vvq(vq)->vring.desc;
}
EXPORT_SYMBOL_GPL(virtqueue_get_desc_addr);

/* Kernel-doc: virtqueue_get_desc_addr(), of the available ring. */
dma_addr_t virtqueue_get_avail_addr(struct virtqueue *vq)
{
	return (uintptr_t)to_vvq(vq)->vring.avail;
}
EXPORT_SYMBOL_GPL(virtqueue_get_avail_addr);

/* Kernel-doc: virtqueue_get_desc_addr(), of the used ring. */
dma_addr_t virtqueue_get_used_addr(struct virtqueue *vq)
{
	return (uintptr_t)to_vvq(vq)->vring.used;
}
EXPORT_SYMBOL_GPL(virtqueue_get_used_addr);

/**
 * vring_interrupt() - the device signals a queue
 * @irq: for interrupt handlers, which this can be: the interrupt's number, which does not matter
 * @vq: the queue
 *
 * Context: the device's; the queue cannot be going, as that is preceded by a reset.
 * Return: IRQ_HANDLED.
 */
irqreturn_t vring_interrupt(int irq, void *vq)
{
	struct virtqueue *queue = vq;

	if (queue->callback)
		queue->callback(queue);
	return IRQ_HANDLED;
}
EXPORT_SYMBOL_GPL(vring_interrupt);

static void vring_free(struct vring_virtqueue *vvq)
{
	kfree(vvq->memory);
	kfree(vvq->next);
	kfree(vvq->buffers);
	kfree(vvq);
}

static struct vring_virtqueue *vring_alloc(unsigned int num, unsigned int align)
{
	struct vring_virtqueue *vvq = kzalloc(sizeof(*vvq), GFP_KERNEL);
	unsigned int i;

	if (!vvq)
		return NULL;
	/* Room to align the whole in. */
	vvq->memory = kzalloc(vring_size(num, align) + align, GFP_KERNEL);
	vvq->next = kcalloc(num, sizeof(*vvq->next), GFP_KERNEL);
	vvq->buffers = kcalloc(num, sizeof(*vvq->buffers), GFP_KERNEL);
	if (!vvq->memory || !vvq->next || !vvq->buffers) {
		vring_free(vvq);
		return NULL;
	}
	vring_init(&vvq->vring, num, PTR_ALIGN(vvq->memory, align), align);
	for (i = 0; i < num; i++)
		vvq->next[i] = i + 1 < num ? i + 1 : VRING_NO_BUFFER;
	return vvq;
}

/**
 * vring_create_virtqueue() - make a queue, for transports
 * @index: of the queue in the device
 * @num: descriptors, a power of 2 up to 32768
 * @vring_align: alignment of the rings in bytes, a power of 2
 * @vdev: the device
 * @weak_barriers: the device is software; there is no other here
 * @may_reduce_num: a smaller queue will do where memory is short; it is all or nothing here
 * @ctx: buffers have a context of the driver's each; not supported
 * @notify: tells the device of new buffers; false breaks the queue
 * @callback: as in struct virtqueue
 * @name: likewise
 *
 * Context: may sleep.
 * Return: the queue, in the device's list; NULL: no memory, not such numbers, or @ctx.
 */
struct virtqueue *vring_create_virtqueue(unsigned int index, unsigned int num,
					 unsigned int vring_align, struct virtio_device *vdev,
					 bool weak_barriers, bool may_reduce_num, bool ctx,
					 bool (*notify)(struct virtqueue *vq),
					 void (*callback)(struct virtqueue *vq), const char *name)
{
	struct vring_virtqueue *vvq;

	if (ctx || !is_power_of_2(num) || num > 32768 || !is_power_of_2(vring_align))
		return NULL;
	vvq = vring_alloc(num, max(vring_align, (unsigned int)VRING_DESC_ALIGN_SIZE));
	if (!vvq)
		return NULL;

	vvq->vq.index = index;
	vvq->vq.vdev = vdev;
	vvq->vq.callback = callback;
	vvq->vq.name = name;
	vvq->vq.num_free = num;
	vvq->notify = notify;

	spin_lock(&vdev->vqs_list_lock);
	list_add_tail(&vvq->vq.list, &vdev->vqs);
	spin_unlock(&vdev->vqs_list_lock);
	return &vvq->vq;
}
EXPORT_SYMBOL_GPL(vring_create_virtqueue);

/**
 * vring_del_virtqueue() - free a queue
 * @vq: the queue, which neither device nor driver uses any more
 *
 * Context: may sleep.
 */
void vring_del_virtqueue(struct virtqueue *vq)
{
	spin_lock(&vq->vdev->vqs_list_lock);
	list_del(&vq->list);
	spin_unlock(&vq->vdev->vqs_list_lock);
	vring_free(to_vvq(vq));
}
EXPORT_SYMBOL_GPL(vring_del_virtqueue);
