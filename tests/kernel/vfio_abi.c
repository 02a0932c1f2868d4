// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * A user of VFIO's ABI: checks a device, or holds it until it is asked to let go.
 *
 * usage: vfio_abi [--iommufd] mtty|medu|pinner|mdpy|mbochs|hold|hold-deaf SYSFS DEV UUID
 *
 * SYSFS is a tree such as /sys, DEV a directory such as /dev/vfio. "hold" says "holding", waits for
 * the device's request, says "asked", lets go and says "released"; "hold-deaf" hears no request and
 * lets go when its standard input ends. The others are checks, told in TAP, of a device of that kind:
 * mtty-2, medu-vendor, one of the tests' own, mdpy-vga, mbochs-small. With --iommufd the program opens
 * the device's own file rather than its group.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfio_client.h"

static const struct {
	const char *name;
	void (*check)(struct client *client);
} kinds[] = {
	{ "mtty", check_mtty }, { "medu", check_medu },	    { "pinner", check_pinner },
	{ "mdpy", check_mdpy }, { "mbochs", check_mbochs },
};

static void hold(struct client *client, bool deaf)
{
	int request = new_eventfd();
	char byte;

	open_container(client);
	attach(client);

	if (!deaf && set_irq(client, VFIO_PCI_REQ_IRQ_INDEX, TRIGGER_FD, request))
		die("VFIO_DEVICE_SET_IRQS");
	puts("holding");

	if (!deaf)
		puts(signals(request, true) ? "asked" : "not asked");
	else
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	detach(client);
	puts("released");
}

int main(int argc, char **argv)
{
	void (*check)(struct client * client) = NULL;
	const char *program = argv[0];
	struct client client = { .iommufd = argc > 1 && !strcmp(argv[1], "--iommufd") };

	argv += client.iommufd;
	argc -= client.iommufd;
	if (argc != 5) {
		fprintf(stderr,
			"usage: %s [--iommufd] mtty|medu|pinner|mdpy|mbochs|hold|hold-deaf SYSFS "
			"DEV UUID\n",
			program);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	client.uuid = argv[4];
	if (client.iommufd)
		find_cdev(&client, argv[2], argv[3]);
	else
		find_group(&client, argv[2], argv[3]);

	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name))
			check = kinds[i].check;
	if (check)
		check(&client);
	else
		hold(&client, !strcmp(argv[1], "hold-deaf"));

	if (checks)
		printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
