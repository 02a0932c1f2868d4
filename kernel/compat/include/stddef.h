/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* For headers that are shared with user space; the kernel is built without C's own headers. */
#include <linux/types.h>
