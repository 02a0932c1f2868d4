// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module that uses another. */
#include <linux/module.h>
#include "testmod.h"

static int __init testmod_user_init(void)
{
	testmod_note("user+");
	return 0;
}

static void __exit testmod_user_exit(void)
{
	testmod_note("user-");
}

module_init(testmod_user_init);
module_exit(testmod_user_exit);

MODULE_LICENSE("Dual BSD/GPL");
