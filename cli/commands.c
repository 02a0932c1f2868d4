// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The table of commands. Help and usage derive from it.
 */
#include "cli.h"

const struct cli_command cli_commands[] = {
	{
		.name = "list",
		.arguments = "",
		.summary = "List the mediated devices",
		.options = { { "quiet", NULL, "print the UUIDs only" } },
		.run = cmd_list,
	},
	{
		.name = "types",
		.arguments = "",
		.summary = "List the types that can be created, and where",
		.options = { { "quiet", NULL, "print the type ids only" } },
		.run = cmd_types,
	},
	{
		.name = "create",
		.arguments = "[UUID] TYPE",
		.summary = "Create a mediated device, and print its UUID",
		.description =
			"Without UUID, one is made up. TYPE is one that \"umdev types\" lists.",
		.min_args = 1,
		.max_args = 2,
		.options = { { "parent", "DEV", "the parent, if several offer the type" } },
		.run = cmd_create,
	},
	{
		.name = "remove",
		.arguments = "UUID",
		.summary = "Remove a mediated device",
		.description =
			"Waits until the device's user has let go of it. Interrupting the wait\n"
			"does not stop the removal. With --qmp, the guest that uses the device is\n"
			"made to let go first; if that fails, the device is left as it was.",
		.min_args = 1,
		.max_args = 1,
		.options = { { "qmp", "SOCKET", "unplug it from the QEMU with this QMP socket" },
			     { "timeout", "S",
			       "give up after S seconds, with exit code 4; 60 with --qmp" } },
		.run = cmd_remove,
	},
	{
		.name = "show",
		.arguments = "UUID",
		.summary = "Show a mediated device and its attributes",
		.min_args = 1,
		.max_args = 1,
		.run = cmd_show,
	},
	{
		.name = "modprobe",
		.arguments = "NAME [PARAM=VALUE]...",
		.summary = "Load a module and what it needs",
		.min_args = 1,
		.max_args = -1,
		.options = { { "first-time", NULL, "fail if it is loaded already" } },
		.run = cmd_modprobe,
	},
	{
		.name = "rmmod",
		.arguments = "NAME",
		.summary = "Unload a module",
		.min_args = 1,
		.max_args = 1,
		.run = cmd_rmmod,
	},
	{
		.name = "lsmod",
		.arguments = "",
		.summary = "List the loaded modules",
		.options = { { "quiet", NULL, "print the names only" } },
		.run = cmd_lsmod,
	},
	{
		.name = "modinfo",
		.arguments = "NAME|PATH",
		.summary = "Show what a module's file says of itself",
		.min_args = 1,
		.max_args = 1,
		.run = cmd_modinfo,
	},
	{
		.name = "monitor",
		.arguments = "",
		.summary = "Print uevents as they come",
		.description = "With --json, one object a line.",
		.options = { { "count", "N", "end after N events" },
			     { "timeout", "S",
			       "end after S seconds; exit code 4 if --count is not "
			       "reached" },
			     { "property", NULL, "print all properties of each event" } },
		.run = cmd_monitor,
	},
	{
		.name = "dmesg",
		.arguments = "",
		.summary = "Print the log",
		.description = "With --json, one object a line.",
		.options = { { "follow", NULL, "go on with lines as they come" },
			     { "level", "N", "only lines of level N or more severe, 0 to 7" } },
		.run = cmd_dmesg,
	},
	{
		.name = "qemu-args",
		.arguments = "UUID",
		.summary = "Print the -device argument that gives a device to QEMU",
		.description = "What else QEMU needs goes to stderr.",
		.min_args = 1,
		.max_args = 1,
		.run = cmd_qemu_args,
	},
	{
		.name = "wait",
		.arguments = "[ready | device UUID | gone UUID]",
		.summary = "Wait until the daemon is ready, or a device is there or gone",
		.description = "\"ready\" is the default, and does not need the daemon to be "
			       "started yet.\n"
			       "A device is there once a driver is bound to it.",
		.max_args = 2,
		.options = { { "timeout", "S", "give up after S seconds, with exit code 4" } },
		.run = cmd_wait,
	},
	{
		.name = "status",
		.arguments = "",
		.summary = "Show the daemon's state",
		.run = cmd_status,
	},
	{ .name = NULL },
};
