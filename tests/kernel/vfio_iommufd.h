/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The way to a device without group and container, see vfio_client.h, whose functions these serve. */
#ifndef VFIO_IOMMUFD_H
#define VFIO_IOMMUFD_H

#include "vfio_client.h"

void iommufd_attach(struct client *client);
long iommufd_map(const struct client *client, void *memory, __u64 iova, __u64 size);
long iommufd_unmap(const struct client *client, __u64 iova, __u64 size);

#endif /* VFIO_IOMMUFD_H */
