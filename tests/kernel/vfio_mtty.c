// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The whole of VFIO's ABI on a device of type mtty-2, from the container to its interrupts. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/serial_reg.h>

#include "vfio_client.h"

#define MAP_SIZE 0x100000UL
#define MAP_IOVA 0x200000UL

static __u32 group_flags(const struct client *client)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	if (ioctl(client->group, VFIO_GROUP_GET_STATUS, &status))
		die("VFIO_GROUP_GET_STATUS");
	return status.flags;
}

static void check_container(struct client *client)
{
	same("the API's version is 0", VFIO_API_VERSION,
	     ioctl(client->container, VFIO_GET_API_VERSION));
	same("there is the type1 backend", 1,
	     ioctl(client->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU));
	same("and its second version", 1,
	     ioctl(client->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU));
	same("but none for sPAPR", 0,
	     ioctl(client->container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_IOMMU));
}

static void check_group(struct client *client)
{
	client->group = open(client->group_path, O_RDWR);
	if (client->group < 0)
		die(client->group_path);
	same("a group has one user at a time", -EBUSY, result(open(client->group_path, O_RDWR)));
	same("a group without a container is viable", VFIO_GROUP_FLAGS_VIABLE, group_flags(client));
	same("without a container there is no device fd", -EINVAL,
	     result(ioctl(client->group, VFIO_GROUP_GET_DEVICE_FD, client->uuid)));
	close(client->group);

	attach(client);
	same("a group in a container says so",
	     VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET, group_flags(client));
	same("a device of another name is not there", -ENODEV,
	     result(ioctl(client->group, VFIO_GROUP_GET_DEVICE_FD, "nobody")));
}

static void check_dma(const struct client *client)
{
	void *memory =
		mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	same("memory can be mapped", 0, map(client, memory, MAP_IOVA, MAP_SIZE));
	same("not twice", -EEXIST, map(client, memory, MAP_IOVA, MAP_SIZE));
	same("nor over a part", -EEXIST, map(client, memory, MAP_IOVA + 0x1000, 0x1000));
	same("nor a part of a page", -EINVAL, map(client, memory, 0, 0x800));
	same("nor nothing", -EINVAL, map(client, memory, 0, 0));
	/* Type1 says that this is not valid, iommufd that it finds no such mapping. */
	same("a mapping is not split", true, unmap(client, MAP_IOVA + 0x1000, 0x1000) < 0);
	same("a mapping can be unmapped", MAP_SIZE, unmap(client, MAP_IOVA, MAP_SIZE));
	same("and is gone", 0, unmap(client, MAP_IOVA, MAP_SIZE));
	munmap(memory, MAP_SIZE);
}

static void find_regions(struct client *client)
{
	unsigned int i;

	for (i = 0; i < NR_REGION; i++) {
		struct vfio_region_info info = { .argsz = sizeof(info), .index = i };

		if (ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &info))
			die("VFIO_DEVICE_GET_REGION_INFO");
		client->offset[i] = info.offset;
	}
}

static void check_info(struct client *client)
{
	static const unsigned int sizes[NR_REGION] = {
		[0] = 8, [1] = 8, [VFIO_PCI_CONFIG_REGION_INDEX] = 256
	};
	static const struct {
		long ret;
		__u32 flags;
	} irqs[VFIO_PCI_NUM_IRQS] = {
		{ 0, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED },
		{ 0, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE },
		{ -EINVAL, 0 },
		{ -EINVAL, 0 },
		{ 0, VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE },
	};
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info region = { .argsz = sizeof(region), .index = NR_REGION };
	char sentence[64];
	unsigned int i;

	same("the device tells about itself", 0,
	     result(ioctl(client->device, VFIO_DEVICE_GET_INFO, &info)));
	same("it is a PCI device that can be reset",
	     VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET, info.flags);
	same("with PCI's regions", NR_REGION, info.num_regions);
	same("and interrupts", VFIO_PCI_NUM_IRQS, info.num_irqs);

	same("there is no region beyond them", -EINVAL,
	     result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &region)));
	region.argsz = 8;
	region.index = 0;
	same("a structure that is too small is refused", -EINVAL,
	     result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &region)));
	same("a bad pointer is refused", -EFAULT,
	     result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, NULL)));
	same("a pointer to kernel memory is refused", -EFAULT,
	     result(ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, 0xffff888000100000UL)));
	same("in the other requests as well", -EFAULT,
	     result(ioctl(client->device, VFIO_DEVICE_GET_INFO, 0xffff888000100000UL)));
	same("a request unknown to it is refused", -ENOTTY,
	     result(ioctl(client->device, VFIO_DEVICE_PCI_HOT_RESET, NULL)));

	for (i = 0; i < NR_REGION; i++) {
		region = (struct vfio_region_info){ .argsz = sizeof(region), .index = i };
		if (ioctl(client->device, VFIO_DEVICE_GET_REGION_INFO, &region))
			die("VFIO_DEVICE_GET_REGION_INFO");
		snprintf(sentence, sizeof(sentence), "region %u has its size", i);
		same(sentence, sizes[i], region.size);
		snprintf(sentence, sizeof(sentence), "region %u has its flags", i);
		same(sentence,
		     sizes[i] ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0,
		     region.flags);
	}
	for (i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		struct vfio_irq_info irq = { .argsz = sizeof(irq), .index = i };

		snprintf(sentence, sizeof(sentence), "interrupt %u is there or not", i);
		same(sentence, irqs[i].ret,
		     result(ioctl(client->device, VFIO_DEVICE_GET_IRQ_INFO, &irq)));
		snprintf(sentence, sizeof(sentence), "interrupt %u has its flags", i);
		same(sentence, irqs[i].flags, irq.flags);
	}
}

static __u32 config_read(const struct client *client, unsigned int reg, unsigned int size)
{
	__u32 value = 0;
	ssize_t ret = pread(client->device, &value, size,
			    client->offset[VFIO_PCI_CONFIG_REGION_INDEX] + reg);

	if (ret != (ssize_t)size)
		die("reading configuration space");
	return value;
}

static void config_write(const struct client *client, unsigned int reg, __u32 value)
{
	if (pwrite(client->device, &value, sizeof(value),
		   client->offset[VFIO_PCI_CONFIG_REGION_INDEX] + reg) != sizeof(value))
		die("writing configuration space");
}

static void check_config(const struct client *client)
{
	__u64 config = client->offset[VFIO_PCI_CONFIG_REGION_INDEX];
	char buf[512];
	void *nowhere;

	same("its vendor is 4348", 0x4348, config_read(client, PCI_VENDOR_ID, 2));
	same("its device is 3253", 0x3253, config_read(client, PCI_DEVICE_ID, 2));
	same("its class is a 16550 serial port", 0x070002,
	     config_read(client, PCI_REVISION_ID, 4) >> 8);
	same("the first BAR is for I/O", 1, config_read(client, PCI_BASE_ADDRESS_0, 4));
	config_write(client, PCI_BASE_ADDRESS_0, ~0U);
	same("of 8 bytes", 0xfffffff9, config_read(client, PCI_BASE_ADDRESS_0, 4));
	config_write(client, PCI_VENDOR_ID, 0);
	same("the vendor cannot be changed", 0x32534348, config_read(client, PCI_VENDOR_ID, 4));

	same("all of it can be read at once", 256, result(pread(client->device, buf, 256, config)));
	same("but not more", -EINVAL, result(pread(client->device, buf, 257, config)));
	same("nor from beyond its end", -EINVAL,
	     result(pread(client->device, buf, 1, config + 256)));
	same("nor a region that is not there", -EINVAL,
	     result(pread(client->device, buf, 1, client->offset[3])));

	nowhere = mmap(NULL, 0x1000, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (nowhere == MAP_FAILED)
		die("mmap");
	same("it is not read to a bad address", -EFAULT,
	     result(pread(client->device, nowhere, 4, config)));
	same("nor written from one", -EFAULT, result(pwrite(client->device, nowhere, 4, config)));
	munmap(nowhere, 0x1000);
	nowhere = (void *)0xffff888000100000UL;
	same("nor read to kernel memory", -EFAULT,
	     result(pread(client->device, nowhere, 4, config)));
}

static __u8 uart_read(const struct client *client, unsigned int port, unsigned int reg)
{
	__u8 value;

	if (pread(client->device, &value, 1, client->offset[port] + reg) != 1)
		die("reading a port");
	return value;
}

static void uart_write(const struct client *client, unsigned int port, unsigned int reg, __u8 value)
{
	if (pwrite(client->device, &value, 1, client->offset[port] + reg) != 1)
		die("writing a port");
}

/* Send all values of a byte and count those that come back. */
static int loop_back(const struct client *client, unsigned int port)
{
	int i, back = 0;

	uart_write(client, port, UART_LCR, UART_LCR_WLEN8);
	uart_write(client, port, UART_FCR,
		   UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT);
	for (i = 0; i < 256; i++) {
		if (!(uart_read(client, port, UART_LSR) & UART_LSR_THRE))
			continue;
		uart_write(client, port, UART_TX, i);
		if (uart_read(client, port, UART_LSR) & UART_LSR_DR &&
		    uart_read(client, port, UART_RX) == i)
			back++;
	}
	return back;
}

static void check_loopback(const struct client *client)
{
	same("port 0 loops back all it is sent", 256, loop_back(client, 0));
	same("port 1 loops back all it is sent", 256, loop_back(client, 1));
	same("the scratch register holds what it is given", 0x5a,
	     (uart_write(client, 0, UART_SCR, 0x5a), uart_read(client, 0, UART_SCR)));
	same("a reset clears it", 0,
	     ioctl(client->device, VFIO_DEVICE_RESET) ? -errno : uart_read(client, 0, UART_SCR));
}

static void check_interrupts(const struct client *client)
{
	int trigger = new_eventfd(), unmask = new_eventfd(), msi = new_eventfd();
	__u64 one = 1;

	same("an eventfd takes INTx", 0,
	     set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, TRIGGER_FD, trigger));
	same("a file that is none does not", -EINVAL,
	     set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, TRIGGER_FD, client->container));
	same("MSI-X is not there", -EINVAL,
	     set_irq(client, VFIO_PCI_MSIX_IRQ_INDEX, TRIGGER_FD, trigger));
	same("nothing has happened yet", 0, signals(trigger, false));

	uart_write(client, 0, UART_MCR, UART_MCR_OUT2 | UART_MCR_DTR | UART_MCR_RTS);
	uart_write(client, 0, UART_IER, UART_IER_RDI);
	uart_write(client, 0, UART_TX, 'a');
	same("received data raises INTx", 1, signals(trigger, true));
	same("the port says why", UART_IIR_RDI, uart_read(client, 0, UART_IIR) & UART_IIR_ID);
	uart_write(client, 0, UART_TX, 'b');
	same("INTx is masked until it has been seen to", 0, signals(trigger, false));
	same("unmasking it", 0, set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, UNMASK, -1));
	same("raises it again as long as there is data", 1, signals(trigger, true));

	same("an eventfd can unmask", 0,
	     set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, UNMASK_FD, unmask));
	if (write(unmask, &one, sizeof(one)) != sizeof(one))
		die("write to an eventfd");
	same("and raises INTx in the same way", 1, signals(trigger, true));
	while (uart_read(client, 0, UART_LSR) & UART_LSR_DR)
		uart_read(client, 0, UART_RX);
	set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, UNMASK, -1);
	same("with the data gone there is silence", 0, signals(trigger, false));

	same("an eventfd takes MSI", 0, set_irq(client, VFIO_PCI_MSI_IRQ_INDEX, TRIGGER_FD, msi));
	uart_write(client, 0, UART_TX, 'c');
	same("received data raises MSI", 1, signals(msi, true));
	same("and INTx no longer", 0, signals(trigger, false));
	uart_read(client, 0, UART_RX);
	set_irq(client, VFIO_PCI_MSI_IRQ_INDEX, TRIGGER_FD, -1);

	/* One eventfd for both ends of INTx: each signal unmasks, and so asks for the next one. */
	same("the eventfd that unmasks can be taken away", 0,
	     set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, UNMASK_FD, -1));
	same("and be the one that is signalled", 0,
	     set_irq(client, VFIO_PCI_INTX_IRQ_INDEX, UNMASK_FD, trigger));
	uart_write(client, 0, UART_TX, 7);
	same("an interrupt that unmasks itself does no harm", 7, uart_read(client, 0, UART_RX));
	ioctl(client->device, VFIO_DEVICE_RESET);

	close(trigger);
	close(unmask);
	close(msi);
}

static void check_reopen(struct client *client)
{
	int second = ioctl(client->group, VFIO_GROUP_GET_DEVICE_FD, client->uuid);

	same("a user may open the device twice", true, second >= 0);
	uart_write(client, 0, UART_SCR, 0x77);
	close(client->device);
	client->device = second;
	same("the first close leaves it as it is", 0x77, uart_read(client, 0, UART_SCR));
	detach(client);

	open_container(client);
	attach(client);
	same("the next user finds it reset", 0, uart_read(client, 0, UART_SCR));
	detach(client);
}

void check_mtty(struct client *client)
{
	open_container(client);
	check_container(client);
	check_group(client);
	check_dma(client);
	check_info(client);
	find_regions(client);
	check_config(client);
	check_loopback(client);
	check_interrupts(client);
	check_reopen(client);
}
