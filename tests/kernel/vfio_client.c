// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* What the users of VFIO's ABI in the tests have in common. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_client.h"
#include "vfio_iommufd.h"

/* How long to wait for what should come at once. */
#define LIMIT_MS 30000

int checks, failures;

void same_text(const char *sentence, const char *expected, const char *actual)
{
	bool ok = !strcmp(expected, actual);

	checks++;
	printf("%sok %d - %s\n", ok ? "" : "not ", checks, sentence);
	if (!ok) {
		failures++;
		printf("#   expected: %s\n#   actual:   %s\n", expected, actual);
	}
}

void same(const char *sentence, long long expected, long long actual)
{
	char want[32], got[32];

	snprintf(want, sizeof(want), "%#llx", expected);
	snprintf(got, sizeof(got), "%#llx", actual);
	same_text(sentence, want, got);
}

long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(2);
}

void find_group(struct client *client, const char *sysfs, const char *dev)
{
	char link[256], path[256];
	const char *number;
	ssize_t len;

	snprintf(link, sizeof(link), "%s/bus/mdev/devices/%s/iommu_group", sysfs, client->uuid);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		die(link);
	path[len] = '\0';
	number = strrchr(path, '/');
	snprintf(client->group_path, sizeof(client->group_path), "%s%s", dev,
		 number ? number : "/none");
	snprintf(client->container_path, sizeof(client->container_path), "%s/vfio", dev);
}

void open_container(struct client *client)
{
	client->container = open(client->container_path, O_RDWR);
	if (client->container < 0)
		die(client->container_path);
}

void introduce(const struct client *client, int fd)
{
	struct kvm_device_attr attr = {
		.group = KVM_DEV_VFIO_GROUP,
		.attr = KVM_DEV_VFIO_GROUP_ADD,
		.addr = (unsigned long)&fd,
	};

	if (client->machine && ioctl(client->machine, KVM_SET_DEVICE_ATTR, &attr))
		die("KVM_DEV_VFIO_GROUP_ADD");
}

void attach(struct client *client)
{
	if (client->iommufd) {
		iommufd_attach(client);
		return;
	}
	client->group = open(client->group_path, O_RDWR);
	if (client->group < 0)
		die(client->group_path);
	introduce(client, client->group);
	if (ioctl(client->group, VFIO_GROUP_SET_CONTAINER, &client->container))
		die("VFIO_GROUP_SET_CONTAINER");
	if (ioctl(client->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		die("VFIO_SET_IOMMU");
	client->device = ioctl(client->group, VFIO_GROUP_GET_DEVICE_FD, client->uuid);
	if (client->device < 0)
		die("VFIO_GROUP_GET_DEVICE_FD");
}

void detach(struct client *client)
{
	close(client->device);
	if (!client->iommufd)
		close(client->group);
	close(client->container);
}

long map(const struct client *client, void *memory, __u64 iova, __u64 size)
{
	struct vfio_iommu_type1_dma_map arg = {
		.argsz = sizeof(arg),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (unsigned long)memory,
		.iova = iova,
		.size = size,
	};

	if (client->iommufd)
		return iommufd_map(client, memory, iova, size);
	return result(ioctl(client->container, VFIO_IOMMU_MAP_DMA, &arg));
}

long unmap(const struct client *client, __u64 iova, __u64 size)
{
	struct vfio_iommu_type1_dma_unmap arg = {
		.argsz = sizeof(arg),
		.iova = iova,
		.size = size,
	};
	long ret;

	if (client->iommufd)
		return iommufd_unmap(client, iova, size);
	ret = result(ioctl(client->container, VFIO_IOMMU_UNMAP_DMA, &arg));
	return ret ? ret : (long)arg.size;
}

long set_irq(const struct client *client, __u32 index, __u32 flags, int fd)
{
	union {
		struct vfio_irq_set hdr;
		__s32 words[sizeof(struct vfio_irq_set) / 4 + 1];
	} arg = {
		.hdr = { .argsz = sizeof(arg.hdr), .flags = flags, .index = index, .count = 1 },
	};

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD) {
		arg.hdr.argsz = sizeof(arg);
		arg.words[sizeof(arg.hdr) / 4] = fd;
	}
	return result(ioctl(client->device, VFIO_DEVICE_SET_IRQS, &arg));
}

int new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		die("eventfd");
	return fd;
}

long signals(int fd, bool wait)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	__u64 count = 0;

	if (poll(&pollfd, 1, wait ? LIMIT_MS : 0) < 0)
		die("poll");
	return read(fd, &count, sizeof(count)) < 0 ? 0 : (long)count;
}
