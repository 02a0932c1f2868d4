// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A driver's way to its user's memory, by pages and by copies (row M15). */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pinner.h"
#include "vfio_client.h"

#define PAGE 0x1000UL
#define IOVA 0x100000UL

static long request(const struct client *client, __u64 what, __u64 iova, __u64 to)
{
	struct pinner_request request = { .what = what, .iova = iova, .to = to };
	ssize_t ret = pwrite(client->device, &request, sizeof(request), 0);

	return ret == sizeof(request) ? 0 : result(ret);
}

static struct pinner_state state(const struct client *client)
{
	struct pinner_state state;

	if (pread(client->device, &state, sizeof(state), 0) != sizeof(state))
		die("reading the device");
	return state;
}

static void check_region(const struct client *client)
{
	struct pinner_region region = { .info.argsz = sizeof(region.info) };
	struct vfio_region_info *info = &region.info;

	same("a region tells about itself", 0,
	     result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, info)));
	same("how large it is", sizeof(struct pinner_request), info->size);
	same("that it has more to say", true,
	     info->flags & VFIO_REGION_INFO_FLAG_CAPS ? true : false);
	same("for which there was no room", 0, info->cap_offset);
	same("how much room that takes", sizeof(region), info->argsz);
	same("with so much", 0, result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, info)));
	same("it says it", sizeof(*info), info->cap_offset);
	same("namely its type", VFIO_REGION_INFO_CAP_TYPE, region.type.header.id);
	same("which is right", PINNER_TYPE, region.type.type);
	same("to the end", PINNER_SUBTYPE, region.type.subtype);
	same("and nothing more", 0, region.type.header.next);
}

static void check_machine(struct client *client)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_VFIO };
	int kvm = open("/dev/kvm", O_RDWR);
	int machine;

	if (kvm < 0 && errno == ENOENT)
		return;
	machine = ioctl(kvm, KVM_CREATE_VM, 0);
	if (machine < 0 || ioctl(machine, KVM_CREATE_DEVICE, &device))
		die("/dev/kvm");

	same("nor was there a virtual machine", 0, state(client).machines);
	detach(client);
	client->machine = device.fd;
	open_container(client);
	attach(client);
	same("a driver is told of the one that its device is opened for", 1,
	     state(client).machines);
	client->machine = 0;
	close(device.fd);
	close(machine);
	close(kvm);
}

void check_pinner(struct client *client)
{
	unsigned char *memory =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	__u64 unmaps;

	if (memory == MAP_FAILED)
		die("mmap");
	open_container(client);
	attach(client);
	check_region(client);
	unmaps = state(client).unmaps;

	same("memory that is not mapped cannot be pinned", true,
	     request(client, PINNER_PIN, IOVA, 0) < 0);
	same("nor copied from", true, request(client, PINNER_COPY, IOVA, IOVA) < 0);
	same("memory is mapped", 0, map(client, memory, IOVA, 2 * PAGE));
	memory[PAGE] = 41;
	same("its second page can be pinned", 0, request(client, PINNER_PIN, IOVA + PAGE, 0));
	same("the driver writes to it", 0, request(client, PINNER_INCREMENT, 0, 0));
	same("and its user sees that", 42, memory[PAGE]);
	same("it can be unpinned", 0, request(client, PINNER_UNPIN, 0, 0));
	same("no mapping has gone meanwhile", unmaps, state(client).unmaps);

	memcpy(memory, "in time", 8);
	same("the driver copies without pinning", 0,
	     request(client, PINNER_COPY, IOVA, IOVA + PAGE + 16));
	same_text("which is seen too", "in time", (char *)memory + PAGE + 16);

	same("a driver reads a device from inside, too", 0,
	     request(client, PINNER_READ_INSIDE, 0, 0));

	same("it is pinned again", 0, request(client, PINNER_PIN, IOVA, 0));
	same("memory that is pinned can be unmapped", 2 * PAGE, unmap(client, IOVA, 2 * PAGE));
	same("as the driver is told", unmaps + 1, state(client).unmaps);
	same("and lets go of it", 0, state(client).pinned);

	same("a page is pinned", 0,
	     map(client, memory, IOVA, 2 * PAGE) ?: request(client, PINNER_PIN, IOVA, 0));
	detach(client);
	open_container(client);
	attach(client);
	same("by a user who is gone, so it is unpinned", 0, state(client).pinned);
	check_machine(client);
	detach(client);
	munmap(memory, 2 * PAGE);
}
