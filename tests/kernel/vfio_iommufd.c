// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The way to a device without group and container: Linux 6.6, where it is configured. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_iommufd.h"

#if __has_include(<linux/iommufd.h>)
#include <linux/iommufd.h>

/* The file is named after the directory that the VFIO core makes in the device's. */
void find_cdev(struct client *client, const char *sysfs, const char *dev)
{
	char path[256];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/bus/mdev/devices/%s/vfio-dev", sysfs, client->uuid);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "vfio", 4))
			snprintf(client->group_path, sizeof(client->group_path),
				 "%s/devices/%.100s", dev, entry->d_name);
	closedir(dir);
	snprintf(client->container_path, sizeof(client->container_path), "%s/../iommu", dev);
}

void iommufd_attach(struct client *client)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = client->container,
	};
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };

	client->device = open(client->group_path, O_RDWR);
	if (client->device < 0)
		die(client->group_path);
	introduce(client, client->device);
	if (ioctl(client->device, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		die("VFIO_DEVICE_BIND_IOMMUFD");
	if (ioctl(client->container, IOMMU_IOAS_ALLOC, &ioas))
		die("IOMMU_IOAS_ALLOC");
	client->ioas = ioas.out_ioas_id;
	attach.pt_id = client->ioas;
	if (ioctl(client->device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach))
		die("VFIO_DEVICE_ATTACH_IOMMUFD_PT");
}

long iommufd_map(const struct client *client, void *memory, __u64 iova, __u64 size)
{
	struct iommu_ioas_map arg = {
		.size = sizeof(arg),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = client->ioas,
		.user_va = (unsigned long)memory,
		.iova = iova,
		.length = size,
	};

	return result(ioctl(client->container, IOMMU_IOAS_MAP, &arg));
}

long iommufd_unmap(const struct client *client, __u64 iova, __u64 size)
{
	struct iommu_ioas_unmap arg = {
		.size = sizeof(arg),
		.ioas_id = client->ioas,
		.iova = iova,
		.length = size,
	};
	long ret = result(ioctl(client->container, IOMMU_IOAS_UNMAP, &arg));

	return ret ? ret : (long)arg.length;
}

#else

void find_cdev(struct client *client, const char *sysfs, const char *dev)
{
	(void)client;
	(void)sysfs;
	(void)dev;
	errno = ENOSYS;
	die("this program was built without <linux/iommufd.h>");
}

void iommufd_attach(struct client *client)
{
	(void)client;
}

long iommufd_map(const struct client *client, void *memory, __u64 iova, __u64 size)
{
	(void)client;
	(void)memory;
	(void)iova;
	(void)size;
	return -ENOSYS;
}

long iommufd_unmap(const struct client *client, __u64 iova, __u64 size)
{
	(void)client;
	(void)iova;
	(void)size;
	return -ENOSYS;
}

#endif
