// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module that wishes for others before and after it, of which one is not there. */
#include <linux/module.h>
#include "testmod.h"

static int __init testmod_soft_init(void)
{
	testmod_note("soft+");
	return 0;
}

static void __exit testmod_soft_exit(void)
{
	testmod_note("soft-");
}

module_init(testmod_soft_init);
module_exit(testmod_soft_exit);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_SOFTDEP("pre: testmod-base testmod_missing post: testmod_user");
