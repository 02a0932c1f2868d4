/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * umdevd --udev: uevents for the clients of the host's kernel.
 */
#ifndef UMDEV_DAEMON_UDEV_H
#define UMDEV_DAEMON_UDEV_H

#include <umdev/error.h>

struct udev;

/**
 * udev_start - have the kernel pass on each uevent from now on
 * @err: filled in on failure
 *
 * The kernel multicasts them in the network namespace of the process, as its
 * own: udevadm monitor, libudev's clients and udevd take them for such. It puts
 * its own sequence numbers on them. Row M11.
 *
 * Return: to be given to udev_stop(), or NULL: the process may not do this
 * (CAP_SYS_ADMIN in the user namespace that owns the network namespace), or
 * the kernel cannot (before Linux 4.18).
 */
struct udev *udev_start(struct umdev_error *err);

/* NULL is fine. */
void udev_stop(struct udev *udev);

#endif
