/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * How much of a device is there.
 */
#ifndef UMDEV_CLI_PRESENCE_H
#define UMDEV_CLI_PRESENCE_H

#include "cli.h"
#include "client.h"

enum presence {
	DEVICE_GONE,
	DEVICE_LEAVING, /* off the bus, and maybe waiting for its user */
	DEVICE_UNBOUND,
	DEVICE_BOUND,
	DEVICE_UNKNOWN, /* an error */
};

/**
 * device_presence - look at a device
 * @cli: this run, connected
 * @uuid: its name
 * @error: filled in for DEVICE_UNKNOWN, and clobbered else
 *
 * Return: what there is at this moment.
 */
enum presence device_presence(struct cli *cli, const char *uuid, struct client_error *error);

/**
 * device_wait - wait until a device is there or gone
 * @cli: this run, connected; once in a run
 * @uuid: its name
 * @wanted: DEVICE_BOUND or DEVICE_GONE
 * @deadline: in milliseconds of the monotonic clock, see client_now(); -1: none
 *
 * Return: CLI_OK, or CLI_FAILURE or CLI_TIMEOUT with the error printed.
 */
int device_wait(struct cli *cli, const char *uuid, enum presence wanted, long long deadline);

#endif
