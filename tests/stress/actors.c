// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include "actors.h"

#include <stdio.h>

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/vfio.h>
#include <umdev/module.h>

struct stress_slot vfio_slots[NR_VFIO_SLOTS] = {
	{
		.uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
		.create = "/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create",
		.kind = STRESS_MTTY,
	},
	{
		.uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002",
		.create = "/devices/platform/medu/mdev_supported_types/medu-vendor/create",
		.kind = STRESS_MEDU,
	},
	{
		.uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1003",
		.create = "/devices/platform/medu/mdev_supported_types/medu-iommu/create",
		.kind = STRESS_MEDU,
	},
	{
		.uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1004",
		.create = STRESSDEV "/p0/mdev_supported_types/" STRESSDEV_TYPE "/create",
		.kind = STRESS_SDEV,
	},
	{
		.uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1005",
		.create = STRESSDEV "/p0/mdev_supported_types/" STRESSDEV_TYPE "/create",
		.kind = STRESS_SDEV,
	},
};

static void manager(void *arg)
{
	struct stress_slot *slot = arg;
	char remove[96];

	snprintf(remove, sizeof(remove), "/bus/mdev/devices/%s/remove", slot->uuid);
	while (stress_running()) {
		stress_expect("create", stress_write(slot->create, slot->uuid), slot->created);
		stress_pause(20000);
		stress_expect("remove", stress_write(remove, "1"), slot->removed);
	}
}

void stress_manage(struct stress_slot *slots, size_t nr, const struct stress_result *created,
		   const struct stress_result *removed)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		slots[i].created = created;
		slots[i].removed = removed;
		stress_thread(manager, &slots[i]);
	}
}

static void loader(void *arg)
{
	const struct stress_module *module = arg;
	int ret;

	while (stress_running()) {
		stress_pause(20000);
		ret = umdev_module_unload(module->name, NULL);
		if (stress_expect("unload", ret, module->unloaded))
			continue;
		stress_pause(1000);
		ret = umdev_module_load(module->name, NULL, NULL);
		stress_expect("load", ret, module->loaded);
	}
}

void stress_reload(struct stress_module *modules, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		stress_thread(loader, &modules[i]);
}

/* A register of one of mtty's ports. */
static struct stress_access mtty_access(void)
{
	return (struct stress_access){
		.offset = stress_random(8),
		.data = { stress_random(256) },
		.size = 1,
		.write = stress_random(2),
	};
}

/* A page to pin, unpin or copy. */
static struct stress_access sdev_access(void)
{
	static const uint64_t registers[] = { STRESSDEV_PIN, STRESSDEV_UNPIN, STRESSDEV_COPY };

	return (struct stress_access){
		.offset = registers[stress_random(ARRAY_SIZE(registers))],
		.data = { stress_random(STRESS_PAGES) * PAGE_SIZE },
		.size = 8,
		.write = true,
	};
}

/* medu's registers are those of QEMU's edu, docs/specs/edu.rst: source to command stand in a row. */
enum {
	MEDU_LIVE = 0x04,
	MEDU_FACT = 0x08,
	MEDU_STATUS = 0x20,
	MEDU_IRQ_STATUS = 0x24,
	MEDU_IRQ_RAISE = 0x60,
	MEDU_IRQ_ACK = 0x64,
	MEDU_SRC = 0x80,
	MEDU_BUFFER = 0x40000,
	MEDU_IRQ_DMA = 0x100,
};

static struct stress_access medu_transfer(void)
{
	bool to_ram = stress_random(2), irq = stress_random(2);
	uint64_t count = 1 + stress_random(PAGE_SIZE);
	uint64_t in_device = MEDU_BUFFER + stress_random(PAGE_SIZE - count + 1);
	uint64_t in_ram = stress_random(STRESS_PAGES * PAGE_SIZE);

	return (struct stress_access){
		.offset = MEDU_SRC,
		.data = { to_ram ? in_device : in_ram, to_ram ? in_ram : in_device, count,
			  1 | to_ram << 1 | irq << 2 },
		.size = 32,
		.write = true,
	};
}

static struct stress_access medu_access(void)
{
	static const uint32_t registers[] = { MEDU_LIVE, MEDU_FACT, MEDU_STATUS, MEDU_IRQ_RAISE,
					      MEDU_IRQ_ACK };

	switch (stress_random(5)) {
	case 0:
		return (struct stress_access){
			.region = VFIO_PCI_CONFIG_REGION_INDEX,
			.offset = PCI_COMMAND,
			.data = { PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER },
			.size = 1,
			.write = true,
		};
	case 1:
		return (struct stress_access){ .offset = MEDU_IRQ_STATUS, .size = 4 };
	case 2:
		return (struct stress_access){
			.offset = registers[stress_random(ARRAY_SIZE(registers))],
			.data = { stress_random(256) },
			.size = 4,
			.write = stress_random(2),
		};
	default:
		return medu_transfer();
	}
}

struct stress_access stress_any_access(enum stress_kind kind)
{
	switch (kind) {
	case STRESS_MTTY:
		return mtty_access();
	case STRESS_MEDU:
		return medu_access();
	default:
		return sdev_access();
	}
}

bool stress_shows_transfer(enum stress_kind kind, const struct stress_access *access)
{
	return kind == STRESS_MEDU && !access->write && access->offset == MEDU_IRQ_STATUS &&
	       access->data[0] & MEDU_IRQ_DMA;
}
