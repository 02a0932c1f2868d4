/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_FCNTL_H
#define UMDEV_LINUX_FCNTL_H

/* Not the UAPI header of this name, which defines what libc's defines as well. */
#include <fcntl.h>

#endif /* UMDEV_LINUX_FCNTL_H */
