// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The client's requests to the device, one function each. */
#include <errno.h>
#include <string.h>

#include "vfio-user/client_private.h"

/* Room for the JSON text of all capabilities. */
#define MAX_VERSION_DATA 512

static void own_caps(struct vfio_user_caps *caps)
{
	*caps = (struct vfio_user_caps){
		.named = VFIO_USER_CAP_ALL,
		.write_multiple = true,
		.max_msg_fds = VFIO_USER_MAX_MSG_FDS,
		.max_data_xfer_size = VFIO_USER_MAX_DATA_XFER_SIZE,
		.max_dma_maps = VFIO_USER_MAX_DMA_MAPS,
		.pgsizes = VFIO_USER_DEFAULT_PGSIZES,
	};
}

int vfio_user_client_version(struct vfio_user_client *client, const struct vfio_user_caps *caps)
{
	struct vfio_user_version version = { VFIO_USER_MAJOR, VFIO_USER_MINOR };
	const struct vfio_user_header *reply;
	const struct vfio_user_version *answer;
	struct vfio_user_caps own, server;
	char data[MAX_VERSION_DATA];
	const char *why;
	struct iovec iov[2] = {
		{ .iov_base = &version, .iov_len = sizeof(version) },
		{ .iov_base = data },
	};
	int ret;

	if (!caps) {
		own_caps(&own);
		caps = &own;
	}
	ret = vfio_user_caps_format(caps, data, sizeof(data));
	if (ret < 0)
		return ret;
	iov[1].iov_len = (size_t)ret;
	ret = client_transact(client, VFIO_USER_VERSION, 0, iov, 2, NULL, 0, &reply);
	if (ret)
		return ret;
	answer = client_payload(reply);
	if (client_payload_size(reply) < sizeof(*answer) || answer->major != VFIO_USER_MAJOR ||
	    answer->minor > VFIO_USER_MINOR)
		return -EPROTO;
	ret = vfio_user_caps_parse(&server, answer->data,
				   client_payload_size(reply) - sizeof(*answer), &why);
	if (ret)
		return ret == -EINVAL ? -EPROTO : ret;
	if (server.named & ~caps->named)
		return -EPROTO;
	client->server = server;
	return 0;
}

int vfio_user_client_device_info(struct vfio_user_client *client,
				 struct vfio_user_device_info *info)
{
	const struct vfio_user_header *reply;
	struct iovec iov = { .iov_base = info, .iov_len = sizeof(*info) };
	int ret;

	*info = (struct vfio_user_device_info){ .argsz = sizeof(*info) };
	ret = client_transact(client, VFIO_USER_DEVICE_GET_INFO, 0, &iov, 1, NULL, 0, &reply);
	if (ret)
		return ret;
	if (client_payload_size(reply) < sizeof(*info))
		return -EPROTO;
	memcpy(info, client_payload(reply), sizeof(*info));
	return 0;
}

int vfio_user_client_region_info(struct vfio_user_client *client, struct vfio_region_info *info,
				 int *fd)
{
	struct vfio_region_info request = { .argsz = info->argsz, .index = info->index };
	struct iovec iov = { .iov_base = &request, .iov_len = sizeof(request) };
	const struct vfio_user_header *reply;
	size_t len;
	int ret;

	if (info->argsz < sizeof(*info) ||
	    info->argsz > VFIO_USER_MAX_MSG_SIZE - sizeof(struct vfio_user_header))
		return -EINVAL;
	ret = client_transact(client, VFIO_USER_DEVICE_GET_REGION_INFO, 0, &iov, 1, NULL, 0,
			      &reply);
	if (ret)
		return ret;
	len = client_payload_size(reply);
	if (len < sizeof(*info) || len > request.argsz)
		return -EPROTO;
	memcpy(info, client_payload(reply), len);
	if (fd) {
		*fd = -1;
		if (client->nfds == 1 && client->head == client->tail) {
			*fd = client->fds[0];
			client->nfds = 0;
		}
	}
	client_drop_fds(client);
	return 0;
}

int vfio_user_client_irq_info(struct vfio_user_client *client, uint32_t index,
			      struct vfio_irq_info *info)
{
	struct iovec iov = { .iov_base = info, .iov_len = sizeof(*info) };
	const struct vfio_user_header *reply;
	int ret;

	*info = (struct vfio_irq_info){ .argsz = sizeof(*info), .index = index };
	ret = client_transact(client, VFIO_USER_DEVICE_GET_IRQ_INFO, 0, &iov, 1, NULL, 0, &reply);
	if (ret)
		return ret;
	if (client_payload_size(reply) < sizeof(*info))
		return -EPROTO;
	memcpy(info, client_payload(reply), sizeof(*info));
	return 0;
}

/* One message of SET_IRQS with @size bytes of @data and @nfds descriptors. */
static int set_irqs(struct vfio_user_client *client, struct vfio_irq_set *set, const void *data,
		    size_t size, const int *fds, int nfds)
{
	struct iovec iov[2] = {
		{ .iov_base = set, .iov_len = sizeof(*set) },
		{ .iov_base = (void *)data, .iov_len = size },
	};
	const struct vfio_user_header *reply;

	set->argsz = (uint32_t)(sizeof(*set) + size);
	return client_transact(client, VFIO_USER_DEVICE_SET_IRQS, 0, iov, 2, fds, nfds, &reply);
}

int vfio_user_client_set_irqs(struct vfio_user_client *client, uint32_t flags, uint32_t index,
			      uint32_t start, uint32_t count, const void *data)
{
	struct vfio_irq_set set = { .flags = flags, .index = index, .start = start, .count = count };
	uint64_t max = client->server.max_msg_fds;
	const int *fds = data;
	int ret;

	if (count > VFIO_USER_MAX_DATA_XFER_SIZE)
		return -EINVAL;
	if (flags & VFIO_IRQ_SET_DATA_BOOL)
		return set_irqs(client, &set, data, count, NULL, 0);
	if (!(flags & VFIO_IRQ_SET_DATA_EVENTFD) || !data)
		return set_irqs(client, &set, NULL, 0, NULL, 0);

	if (max > VFIO_USER_MAX_MSG_FDS)
		max = VFIO_USER_MAX_MSG_FDS;
	if (max == 0)
		return -EINVAL;
	do {
		set.count = count < max ? count : (uint32_t)max;
		ret = set_irqs(client, &set, NULL, 0, fds, (int)set.count);
		fds += set.count;
		set.start += set.count;
		count -= set.count;
	} while (!ret && count > 0);
	return ret;
}

ssize_t vfio_user_client_region_read(struct vfio_user_client *client, uint32_t region,
				     uint64_t offset, void *buf, size_t count)
{
	struct vfio_user_region_access access = { .offset = offset,
						  .region = region,
						  .count = (uint32_t)count };
	struct iovec iov = { .iov_base = &access, .iov_len = sizeof(access) };
	const struct vfio_user_region_access *answer;
	const struct vfio_user_header *reply;
	int ret;

	if (count > client->server.max_data_xfer_size || count > VFIO_USER_MAX_DATA_XFER_SIZE)
		return -EINVAL;
	ret = client_transact(client, VFIO_USER_REGION_READ, 0, &iov, 1, NULL, 0, &reply);
	if (ret)
		return ret;
	answer = client_payload(reply);
	if (client_payload_size(reply) < sizeof(*answer) || answer->count > count ||
	    client_payload_size(reply) - sizeof(*answer) < answer->count)
		return -EPROTO;
	memcpy(buf, answer->data, answer->count);
	return answer->count;
}

static int write_region(struct vfio_user_client *client, uint32_t flags,
			struct vfio_user_region_access *access, const void *buf,
			const struct vfio_user_header **reply)
{
	struct iovec iov[2] = {
		{ .iov_base = access, .iov_len = sizeof(*access) },
		{ .iov_base = (void *)buf, .iov_len = access->count },
	};

	return client_transact(client, VFIO_USER_REGION_WRITE, flags, iov, 2, NULL, 0, reply);
}

ssize_t vfio_user_client_region_write(struct vfio_user_client *client, uint32_t region,
				      uint64_t offset, const void *buf, size_t count)
{
	struct vfio_user_region_access access = { .offset = offset,
						  .region = region,
						  .count = (uint32_t)count };
	const struct vfio_user_region_access *answer;
	const struct vfio_user_header *reply;
	int ret;

	if (count > client->server.max_data_xfer_size || count > VFIO_USER_MAX_DATA_XFER_SIZE)
		return -EINVAL;
	ret = write_region(client, 0, &access, buf, &reply);
	if (ret)
		return ret;
	answer = client_payload(reply);
	if (client_payload_size(reply) < sizeof(*answer) || answer->count > count)
		return -EPROTO;
	return answer->count;
}

int vfio_user_client_region_post(struct vfio_user_client *client, uint32_t region, uint64_t offset,
				 const void *buf, size_t count)
{
	struct vfio_user_region_access access = { .offset = offset,
						  .region = region,
						  .count = (uint32_t)count };

	if (count > client->server.max_data_xfer_size || count > VFIO_USER_MAX_DATA_XFER_SIZE)
		return -EINVAL;
	return write_region(client, VFIO_USER_NO_REPLY, &access, buf, NULL);
}

ssize_t vfio_user_client_region_write_multi(struct vfio_user_client *client,
					    const struct vfio_user_single_write *wrs, size_t nr,
					    bool post)
{
	struct vfio_user_write_multi multi = { .wr_cnt = nr };
	struct iovec iov[2] = {
		{ .iov_base = &multi, .iov_len = sizeof(multi) },
		{ .iov_base = (void *)wrs, .iov_len = nr * sizeof(*wrs) },
	};
	const struct vfio_user_write_multi *answer;
	const struct vfio_user_header *reply;
	int ret;

	if (!client->server.write_multiple)
		return -EOPNOTSUPP;
	if (nr > VFIO_USER_MAX_DATA_XFER_SIZE / sizeof(*wrs))
		return -EINVAL;
	ret = client_transact(client, VFIO_USER_REGION_WRITE_MULTI, post ? VFIO_USER_NO_REPLY : 0,
			      iov, 2, NULL, 0, &reply);
	if (ret)
		return ret;
	if (post)
		return (ssize_t)nr;
	answer = client_payload(reply);
	if (client_payload_size(reply) < sizeof(*answer) || answer->wr_cnt > nr)
		return -EPROTO;
	return (ssize_t)answer->wr_cnt;
}

int vfio_user_client_dma_map(struct vfio_user_client *client, uint64_t addr, uint64_t size,
			     uint32_t flags, int fd, uint64_t offset)
{
	struct vfio_user_dma_map map = {
		.argsz = sizeof(map), .flags = flags, .offset = offset, .addr = addr, .size = size
	};
	struct iovec iov = { .iov_base = &map, .iov_len = sizeof(map) };
	const struct vfio_user_header *reply;

	return client_transact(client, VFIO_USER_DMA_MAP, 0, &iov, 1, &fd, fd >= 0, &reply);
}

int vfio_user_client_dma_unmap(struct vfio_user_client *client, uint64_t addr, uint64_t size,
			       uint32_t flags)
{
	struct vfio_user_dma_unmap unmap = {
		.argsz = sizeof(unmap), .flags = flags, .addr = addr, .size = size
	};
	struct iovec iov = { .iov_base = &unmap, .iov_len = sizeof(unmap) };
	const struct vfio_user_header *reply;

	return client_transact(client, VFIO_USER_DMA_UNMAP, 0, &iov, 1, NULL, 0, &reply);
}

int vfio_user_client_reset(struct vfio_user_client *client)
{
	const struct vfio_user_header *reply;

	return client_transact(client, VFIO_USER_DEVICE_RESET, 0, NULL, 0, NULL, 0, &reply);
}
