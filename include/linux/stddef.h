/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LINUX_STDDEF_H
#define UMDEV_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>

#ifndef sizeof_field
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#endif
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif /* UMDEV_LINUX_STDDEF_H */
