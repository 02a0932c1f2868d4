/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A vfio-user client: what a virtual machine monitor is to a device's server. It needs no more than
 * libc and json-c.
 *
 *	struct vfio_user_client *client;
 *	uint16_t vendor;
 *
 *	if (vfio_user_client_connect(path, &client))
 *		...
 *	if (vfio_user_client_version(client, NULL))
 *		...
 *	vfio_user_client_region_read(client, VFIO_PCI_CONFIG_REGION_INDEX, 0, &vendor, 2);
 *	vfio_user_client_close(client);
 *
 * A client belongs to one thread at a time. Each request waits for its reply; DMA_READ and
 * DMA_WRITE messages that the server sends meanwhile are answered by the callbacks of
 * vfio_user_client_set_dma_ops(). Errors are negative errno values. Besides those named, each
 * request may answer
 *
 *	the errno of the server's error reply, -EIO if it names none
 *	-ECONNRESET	the server closed the connection
 *	-ETIMEDOUT	no reply came in time; the connection is still good
 *	-EPROTO		the server broke the protocol; all that is left is to close
 */
#ifndef VFIO_USER_CLIENT_H
#define VFIO_USER_CLIENT_H

#include <sys/types.h>
#include <sys/uio.h>

#include "vfio-user/caps.h"
#include "vfio-user/protocol.h"

struct vfio_user_client;

/**
 * struct vfio_user_client_dma_ops - the client's memory, for a server that cannot map it
 * @read: copy @count bytes at DMA address @addr to @data; 0 or a negative errno
 * @write: copy @count bytes of @data to DMA address @addr; 0 or a negative errno
 *
 * They run in the thread that is in vfio_user_client_serve() or in a request, and must not start
 * another request. Without them the server's messages are answered with EFAULT.
 */
struct vfio_user_client_dma_ops {
	int (*read)(void *opaque, uint64_t addr, void *data, size_t count);
	int (*write)(void *opaque, uint64_t addr, const void *data, size_t count);
};

/**
 * vfio_user_client_connect() - connect to a device's socket
 * @path: of the socket
 * @client: set to the new client, for vfio_user_client_close()
 *
 * Nothing is sent yet: vfio_user_client_version() has to come next.
 *
 * Return: 0; -ENAMETOOLONG if @path has more than the 107 bytes that a UNIX socket's may, -ENOMEM,
 * or what socket(2) and connect(2) say, such as -ENOENT and -ECONNREFUSED.
 */
int vfio_user_client_connect(const char *path, struct vfio_user_client **client);

/**
 * vfio_user_client_close() - disconnect and free
 * @client: may be NULL
 */
void vfio_user_client_close(struct vfio_user_client *client);

/**
 * vfio_user_client_fd() - the connected socket
 * @client: the client
 *
 * For poll(2) and for tests. It stays the client's.
 *
 * Return: the descriptor.
 */
int vfio_user_client_fd(const struct vfio_user_client *client);

/**
 * vfio_user_client_set_timeout() - how long a request waits for its reply
 * @client: the client
 * @msecs: milliseconds, 5000 until told otherwise; 0: for ever
 */
void vfio_user_client_set_timeout(struct vfio_user_client *client, unsigned int msecs);

/**
 * vfio_user_client_set_dma_ops() - how the server's DMA messages are answered
 * @client: the client
 * @ops: the callbacks, kept by reference
 * @opaque: their first argument
 */
void vfio_user_client_set_dma_ops(struct vfio_user_client *client,
				  const struct vfio_user_client_dma_ops *ops, void *opaque);

/**
 * vfio_user_client_version() - agree on a version and on capabilities
 * @client: the client
 * @caps: what to propose; NULL: all that this library can do
 *
 * Return: 0, or an errno as above: -EBUSY where the device has another client, -EPROTO where the
 * server's answer breaks the rules of the negotiation.
 */
int vfio_user_client_version(struct vfio_user_client *client, const struct vfio_user_caps *caps);

/**
 * vfio_user_client_server_caps() - what the server said of itself
 * @client: the client, after vfio_user_client_version()
 *
 * Return: the capabilities, the client's.
 */
const struct vfio_user_caps *vfio_user_client_server_caps(const struct vfio_user_client *client);

/**
 * vfio_user_client_device_info() - VFIO_USER_DEVICE_GET_INFO
 * @client: the client
 * @info: to be filled
 *
 * Return: 0 or an errno as above.
 */
int vfio_user_client_device_info(struct vfio_user_client *client,
				 struct vfio_user_device_info *info);

/**
 * vfio_user_client_region_info() - VFIO_USER_DEVICE_GET_REGION_INFO
 * @client: the client
 * @info: its argsz says how many bytes there are at @info, its index which region; filled with what
 *	fits of the answer. argsz becomes what the whole answer takes
 * @fd: set to the descriptor of a region that can be mapped, the caller's to close, else to -1; may
 *	be NULL
 *
 * Return: 0; -EINVAL if info->argsz is less than sizeof(*info) or more than a message holds; or an
 * errno as above.
 */
int vfio_user_client_region_info(struct vfio_user_client *client, struct vfio_region_info *info,
				 int *fd);

/**
 * vfio_user_client_irq_info() - VFIO_USER_DEVICE_GET_IRQ_INFO
 * @client: the client
 * @index: which kind of interrupt, such as VFIO_PCI_INTX_IRQ_INDEX
 * @info: to be filled
 *
 * Return: 0 or an errno as above.
 */
int vfio_user_client_irq_info(struct vfio_user_client *client, uint32_t index,
			      struct vfio_irq_info *info);

/**
 * vfio_user_client_set_irqs() - VFIO_USER_DEVICE_SET_IRQS
 * @client: the client
 * @flags: one of VFIO_IRQ_SET_DATA_* and one of VFIO_IRQ_SET_ACTION_*
 * @index: which kind of interrupt
 * @start: first interrupt of that kind
 * @count: how many
 * @data: with DATA_BOOL @count bytes; with DATA_EVENTFD @count descriptors as int, or NULL to take
 *	the interrupts' eventfds away; else ignored
 *
 * Descriptors go in as many messages as the server's max_msg_fds asks for.
 *
 * Return: 0; -EINVAL if @count is more than a message holds; or an errno as above.
 */
int vfio_user_client_set_irqs(struct vfio_user_client *client, uint32_t flags, uint32_t index,
			      uint32_t start, uint32_t count, const void *data);

/**
 * vfio_user_client_region_read() - VFIO_USER_REGION_READ
 * @client: the client
 * @region: index of the region
 * @offset: in the region, in bytes
 * @buf: where the data goes
 * @count: bytes to read
 *
 * Return: bytes read; -EINVAL if @count is more than the server's max_data_xfer_size; or an errno
 * as above.
 */
ssize_t vfio_user_client_region_read(struct vfio_user_client *client, uint32_t region,
				     uint64_t offset, void *buf, size_t count);

/**
 * vfio_user_client_region_write() - VFIO_USER_REGION_WRITE
 * @client: the client
 * @region: index of the region
 * @offset: in the region, in bytes
 * @buf: the data
 * @count: bytes to write
 *
 * Return: bytes written, or an errno as for vfio_user_client_region_read().
 */
ssize_t vfio_user_client_region_write(struct vfio_user_client *client, uint32_t region,
				      uint64_t offset, const void *buf, size_t count);

/**
 * vfio_user_client_region_post() - write to a region and do not wait for it
 * @client: the client
 * @region: index of the region
 * @offset: in the region, in bytes
 * @buf: the data
 * @count: bytes to write
 *
 * The message asks for no reply, so whether it worked is never known. Later requests see its
 * effect.
 *
 * Return: 0 when it is sent, or an errno as for vfio_user_client_region_read().
 */
int vfio_user_client_region_post(struct vfio_user_client *client, uint32_t region, uint64_t offset,
				 const void *buf, size_t count);

/**
 * vfio_user_client_region_write_multi() - VFIO_USER_REGION_WRITE_MULTI
 * @client: the client
 * @wrs: the writes, of up to 8 bytes each
 * @nr: how many
 * @post: ask for no reply
 *
 * Return: how many writes were done, @nr where @post is set; -EOPNOTSUPP if it was not agreed upon,
 * -EINVAL if there are more than a message holds, or an errno as above.
 */
ssize_t vfio_user_client_region_write_multi(struct vfio_user_client *client,
					    const struct vfio_user_single_write *wrs, size_t nr,
					    bool post);

/**
 * vfio_user_client_dma_map() - VFIO_USER_DMA_MAP
 * @client: the client
 * @addr: the range's DMA address
 * @size: in bytes
 * @flags: VFIO_DMA_MAP_FLAG_READ and VFIO_DMA_MAP_FLAG_WRITE: what the device may do
 * @fd: a file that holds the memory; stays the caller's. -1: the server has to send messages
 * @offset: of the memory in that file, in bytes
 *
 * Return: 0 or an errno as above, -EEXIST where the range overlaps another one.
 */
int vfio_user_client_dma_map(struct vfio_user_client *client, uint64_t addr, uint64_t size,
			     uint32_t flags, int fd, uint64_t offset);

/**
 * vfio_user_client_dma_unmap() - VFIO_USER_DMA_UNMAP
 * @client: the client
 * @addr: as it was mapped; 0 with VFIO_DMA_UNMAP_FLAG_ALL
 * @size: as it was mapped; 0 with VFIO_DMA_UNMAP_FLAG_ALL
 * @flags: 0 or VFIO_DMA_UNMAP_FLAG_ALL
 *
 * Return: 0 or an errno as above, -ENOENT where there is no such mapping.
 */
int vfio_user_client_dma_unmap(struct vfio_user_client *client, uint64_t addr, uint64_t size,
			       uint32_t flags);

/**
 * vfio_user_client_reset() - VFIO_USER_DEVICE_RESET
 * @client: the client
 *
 * Return: 0 or an errno as above.
 */
int vfio_user_client_reset(struct vfio_user_client *client);

/**
 * vfio_user_client_serve() - answer one message of the server
 * @client: the client
 * @msecs: how long to wait for it, in milliseconds; 0: for ever
 *
 * Return: 0 when one has been answered, or an errno as above.
 */
int vfio_user_client_serve(struct vfio_user_client *client, unsigned int msecs);

/**
 * vfio_user_client_request() - send any command and wait for its reply
 * @client: the client
 * @cmd: the command
 * @iov: its payload, in pieces
 * @iovcnt: how many; at most 2
 * @fds: descriptors to go with it; they stay the caller's
 * @nfds: how many; at most VFIO_USER_MAX_MSG_FDS
 * @reply: where the reply's payload goes
 * @size: bytes at @reply
 *
 * Return: bytes of the reply's payload, which may be more than @size: only so many are at @reply;
 * -EINVAL if there are too many pieces, descriptors or bytes; or an errno as above.
 */
ssize_t vfio_user_client_request(struct vfio_user_client *client, uint16_t cmd,
				 const struct iovec *iov, int iovcnt, const int *fds, int nfds,
				 void *reply, size_t size);

/**
 * vfio_user_client_send_raw() - send bytes as they are
 * @client: the client
 * @data: the bytes, a message or a part of one or anything else
 * @len: how many
 * @fds: descriptors to go with the first byte; they stay the caller's
 * @nfds: how many
 *
 * For tests of servers.
 *
 * Return: 0; -EINVAL if there are more descriptors than the kernel lets one send; -ECONNRESET.
 */
int vfio_user_client_send_raw(struct vfio_user_client *client, const void *data, size_t len,
			      const int *fds, int nfds);

/**
 * vfio_user_client_recv_raw() - receive the next message of the server, whatever it is
 * @client: the client
 * @header: set to its header
 * @payload: where what follows the header goes
 * @size: bytes at @payload
 *
 * For tests of servers. The server's DMA messages are not answered, descriptors are closed.
 *
 * Return: bytes of payload, which may be more than @size: only so many are at @payload; or
 * -ECONNRESET, -ETIMEDOUT, -EPROTO.
 */
ssize_t vfio_user_client_recv_raw(struct vfio_user_client *client, struct vfio_user_header *header,
				  void *payload, size_t size);

#endif /* VFIO_USER_CLIENT_H */
