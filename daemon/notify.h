/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_DAEMON_NOTIFY_H
#define UMDEV_DAEMON_NOTIFY_H

#include <daemon/config.h>

#ifdef HAVE_LIBSYSTEMD
#include <systemd/sd-daemon.h>

/* Tell a service manager, if one started us, how it stands; see sd_notify(3). */
static inline void notify_manager(const char *state)
{
	sd_notify(0, state);
}
#else
static inline void notify_manager(const char *state)
{
}
#endif

#endif
