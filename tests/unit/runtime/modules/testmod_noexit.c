// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module that cannot go. */
#include <linux/module.h>

static int __init testmod_noexit_init(void)
{
	return 0;
}

module_init(testmod_noexit_init);

MODULE_LICENSE("Dual BSD/GPL");
