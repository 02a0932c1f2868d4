// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module that uses another and cannot start. */
#include <linux/module.h>
#include "testmod.h"

static char *text;
module_param(text, charp, 0444);

static int __init testmod_fail_init(void)
{
	testmod_note("fail");
	return -ENODEV;
}

static void __exit testmod_fail_exit(void)
{
}

module_init(testmod_fail_init);
module_exit(testmod_fail_exit);

MODULE_LICENSE("Dual BSD/GPL");
