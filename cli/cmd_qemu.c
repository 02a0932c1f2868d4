// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdev qemu-args: how a virtual machine gets a device.
 */
#include "cli.h"
#include "output.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QEMU_VERSION "10.1"

/* "id" is what device_del takes to unplug it again. */
static struct json_object *qemu_device(const char *uuid, const char *socket)
{
	struct json_object *device = json_object_new_object(), *address = json_object_new_object();
	char *id = device_qemu_id(uuid);

	json_set(address, "type", "unix");
	json_set(address, "path", socket);
	json_set(device, "driver", "vfio-user-pci");
	json_set(device, "id", id);
	free(id);
	json_object_object_add(device, "socket", address);
	return device;
}

static void print_for_programs(struct json_object *device)
{
	static const char *const memory[] = {
		"-object",
		"memory-backend-memfd,id=mem,size=SIZE,share=on",
		"-numa",
		"node,memdev=mem",
	};
	struct json_object *object = json_object_new_object(), *array = json_object_new_array();
	size_t i;

	for (i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		json_object_array_add(array, json_object_new_string(memory[i]));
	json_object_object_add(object, "device", json_object_get(device));
	json_object_object_add(object, "memory", array);
	json_set(object, "qemu", QEMU_VERSION);
	json_print(object);
}

/* In single quotes for the shell; a quote within becomes '\''. */
static void print_for_shell(const char *text)
{
	fputs("-device '", stdout);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
	fputs("'\n", stdout);
}

int cmd_qemu_args(struct cli *cli, int argc, char **argv)
{
	struct client_error error;
	struct json_object *object;
	char uuid[CLI_UUID_SIZE], *socket;
	struct device device;
	bool bound;
	int ret;

	ret = cli_uuid(cli, argv[0], uuid);
	if (!ret)
		ret = cli_connect(cli);
	if (ret)
		return ret;
	if (device_find(cli->client, uuid, NULL, &device, &error))
		return cli_error(cli, "there is no device %s; \"umdev create\" makes one", uuid);
	bound = device.driver && !strcmp(device.driver, DEVICE_VFIO_DRIVER);
	device_finish(&device);
	if (!bound)
		return cli_error(cli,
				 "%s is not bound to " DEVICE_VFIO_DRIVER ", so no virtual machine "
				 "can use it; \"umdev modprobe " DEVICE_VFIO_DRIVER "\" binds it",
				 uuid);
	socket = device_socket(cli->root, uuid);
	object = qemu_device(uuid, socket);
	free(socket);
	if (cli->json) {
		print_for_programs(object);
	} else {
		print_for_shell(json_object_to_json_string_ext(
			object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
		fputs("# QEMU has to be " QEMU_VERSION " or newer, and the guest's memory shared:\n"
		      "#   -object memory-backend-memfd,id=mem,size=SIZE,share=on "
		      "-numa node,memdev=mem\n",
		      stderr);
	}
	json_object_put(object);
	return CLI_OK;
}
