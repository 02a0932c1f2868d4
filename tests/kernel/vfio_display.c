// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Displays as the sample drivers of Linux 5.10 make them: mdpy has a frame buffer that never changes
 * (row M21), mbochs has the registers of Bochs's and gives its memory away as dma-bufs (row M22).
 */
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_client.h"

#define WIDTH  640
#define HEIGHT 480

/* Registers of Bochs's display in BAR 2. */
#define DISPI	     0x500
#define DISPI_ID     0
#define DISPI_XRES   1
#define DISPI_YRES   2
#define DISPI_BPP    3
#define DISPI_ENABLE 4

#define DISPI_ID5     0xb0c5
#define DISPI_ENABLED 0x41

static struct vfio_region_info region(const struct client *client, __u32 index)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &info))
		die("VFIO_DEVICE_GET_REGION_INFO");
	return info;
}

/* What is written to the mapped frame buffer is what is read from the device, and the other way. */
static void check_memory(const struct client *client)
{
	struct vfio_region_info info = region(client, VFIO_PCI_BAR0_REGION_INDEX);
	char text[16] = "";
	char *memory;

	same("its frame buffer can be mapped", VFIO_REGION_INFO_FLAG_MMAP,
	     info.flags & VFIO_REGION_INFO_FLAG_MMAP);
	memory = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, client->device,
		      info.offset);
	same("and is mapped", true, memory != MAP_FAILED);
	if (memory == MAP_FAILED)
		return;
	strcpy(memory, "first");
	strcpy(memory + info.size - sizeof(text), "last");
	same("it keeps what is written", true,
	     !strcmp(memory, "first") && !strcmp(memory + info.size - sizeof(text), "last"));
	munmap(memory, info.size);

	memory = mmap(NULL, info.size, PROT_READ, MAP_SHARED, client->device, info.offset);
	same("for who maps it again", true,
	     memory != MAP_FAILED && !strcmp(memory, "first") &&
		     !strcmp(memory + info.size - sizeof(text), "last"));
	if (memory != MAP_FAILED)
		munmap(memory, info.size);
}

static long query_plane(const struct client *client, __u32 flags,
			struct vfio_device_gfx_plane_info *plane)
{
	*plane = (struct vfio_device_gfx_plane_info){ .argsz = sizeof(*plane), .flags = flags };
	/* 1 is DRM_PLANE_TYPE_PRIMARY. */
	plane->drm_plane_type = 1;
	return result(ioctl(client->device, VFIO_DEVICE_QUERY_GFX_PLANE, plane));
}

static void check_id(const struct client *client, __u32 expected)
{
	struct vfio_region_info config = region(client, VFIO_PCI_CONFIG_REGION_INDEX);
	__u32 id = 0;

	pread(client->device, &id, sizeof(id), config.offset);
	same("it is the display that it should be", expected, id);
}

void check_mdpy(struct client *client)
{
	struct vfio_device_gfx_plane_info plane;

	open_container(client);
	attach(client);
	check_id(client, 0x000f1b36);
	check_memory(client);
	same("it has a plane in its memory", 0,
	     query_plane(client, VFIO_GFX_PLANE_TYPE_PROBE | VFIO_GFX_PLANE_TYPE_REGION, &plane));
	same("which it tells about", 0, query_plane(client, VFIO_GFX_PLANE_TYPE_REGION, &plane));
	same("the width", WIDTH, plane.width);
	same("and the height", HEIGHT, plane.height);
	detach(client);
}

static void write_dispi(const struct client *client, __u64 bar, unsigned int index, __u16 value)
{
	if (pwrite(client->device, &value, sizeof(value), bar + DISPI + 2 * index) != sizeof(value))
		die("writing a register");
}

void check_mbochs(struct client *client)
{
	struct vfio_device_gfx_plane_info plane;
	__u32 index;
	__u16 id = 0;
	__u64 bar;
	int fd;

	open_container(client);
	attach(client);
	check_id(client, 0x11111234);
	check_memory(client);

	bar = region(client, VFIO_PCI_BAR2_REGION_INDEX).offset;
	pread(client->device, &id, sizeof(id), bar + DISPI + 2 * DISPI_ID);
	same("it has the registers of Bochs's", DISPI_ID5, id);
	write_dispi(client, bar, DISPI_XRES, WIDTH);
	write_dispi(client, bar, DISPI_YRES, HEIGHT);
	write_dispi(client, bar, DISPI_BPP, 32);
	write_dispi(client, bar, DISPI_ENABLE, DISPI_ENABLED);

	same("it has planes that are dma-bufs", 0,
	     query_plane(client, VFIO_GFX_PLANE_TYPE_PROBE | VFIO_GFX_PLANE_TYPE_DMABUF, &plane));
	/* The driver makes it when it is asked first, and then says that it could not. */
	query_plane(client, VFIO_GFX_PLANE_TYPE_DMABUF, &plane);
	same("one of which it tells about", 0,
	     query_plane(client, VFIO_GFX_PLANE_TYPE_DMABUF, &plane));
	same("the width that was set", WIDTH, plane.width);
	same("and the height", HEIGHT, plane.height);

	index = plane.dmabuf_id;
	fd = ioctl(client->device, VFIO_DEVICE_GET_GFX_DMABUF, &index);
	same("and gives away", true, fd >= 0);
	if (fd >= 0)
		close(fd);
	detach(client);
}
