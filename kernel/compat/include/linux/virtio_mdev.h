/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* No kernel has this header: the series that brought it was not taken. */
#include "../../../../include/linux/virtio_mdev.h"
