/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * A client of QMP, QEMU's protocol for who manages a virtual machine: as much
 * of it as unplugging a device takes. Source: QEMU's docs/interop/qmp-spec.rst
 * and the commands and events of qapi/qdev.json.
 */
#ifndef UMDEV_CLI_QMP_H
#define UMDEV_CLI_QMP_H

/* How unplugging a device went. */
enum qmp_status {
	QMP_OK,
	QMP_NOT_THERE,	   /* QEMU has no device of that id */
	QMP_GUEST_REFUSED, /* the guest will not let go of it */
	QMP_REFUSED,	   /* QEMU itself refused the command */
	QMP_TIMEOUT,	   /* the guest has not let go of it yet; it may do so later */
	QMP_CLOSED,	   /* QEMU closed the connection, as it does when it ends */
	QMP_BROKEN,	   /* what answers does not speak QMP */
};

struct qmp;

/* Why something failed, in words. */
struct qmp_error {
	char text[512];
};

/**
 * qmp_connect - begin a conversation with QEMU
 * @path: of its QMP socket
 * @deadline: in milliseconds of the monotonic clock, see client_now()
 * @error: filled in on failure
 *
 * Return: the connection, to be released with qmp_close(), or NULL: nobody
 * listens at @path, what does is no QMP server, or it is busy with another
 * client, as it serves one at a time.
 */
struct qmp *qmp_connect(const char *path, long long deadline, struct qmp_error *error);

/* NULL is fine. */
void qmp_close(struct qmp *qmp);

/**
 * qmp_unplug - have the guest let go of a device, and QEMU of it too
 * @qmp: the connection
 * @id: of the device, as -device and device_add name it
 * @deadline: in milliseconds of the monotonic clock
 * @error: filled in on failure
 *
 * Return: QMP_OK once QEMU has told that the device is deleted; its
 * user connection may last a moment longer.
 */
enum qmp_status qmp_unplug(struct qmp *qmp, const char *id, long long deadline,
			   struct qmp_error *error);

#endif
