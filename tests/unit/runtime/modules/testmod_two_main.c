// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The file with the entry points of testmod_two. */
#include <linux/module.h>
#include "testmod_two.h"

static int __init testmod_two_init(void)
{
	return THIS_MODULE == testmod_two_self() ? 0 : -EXDEV;
}

static void __exit testmod_two_exit(void)
{
}

module_init(testmod_two_init);
module_exit(testmod_two_exit);
