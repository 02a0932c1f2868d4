// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A module of two files, this one with nothing but the licence and a self-reference. */
#include <linux/module.h>
#include "testmod_two.h"

static int self;

static int set_self(const char *val, const struct kernel_param *kp)
{
	bool take;
	int err = kstrtobool(val, &take);

	if (err)
		return err;
	if (take && !try_module_get(THIS_MODULE))
		return -ENODEV;
	if (!take)
		module_put(THIS_MODULE);
	return 0;
}

static const struct kernel_param_ops self_ops = { .set = set_self };
module_param_cb(self, &self_ops, &self, 0200);

struct module *testmod_two_self(void)
{
	return THIS_MODULE;
}

MODULE_LICENSE("Dual BSD/GPL");
