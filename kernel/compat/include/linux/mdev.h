/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * 5.16 to 6.1 took struct mdev_parent_ops and what goes with it out of the kernel's <linux/mdev.h>,
 * piece by piece.
 *
 * Two names are left in the kernel's own mdev module. depmod goes by names, so without others in
 * their place it would have modules of either kind depend on the wrong one.
 */
#define mdev_register_driver   umdev_register_driver
#define mdev_unregister_driver umdev_unregister_driver

#include "../../../../include/linux/mdev.h"
