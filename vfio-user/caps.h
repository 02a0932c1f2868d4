/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* The capabilities that the two ends of a connection tell each other in their VERSION messages. */
#ifndef VFIO_USER_CAPS_H
#define VFIO_USER_CAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Members of struct vfio_user_caps that its sender named. */
#define VFIO_USER_CAP_MAX_MSG_FDS	 0x01u
#define VFIO_USER_CAP_MAX_DATA_XFER_SIZE 0x02u
#define VFIO_USER_CAP_MAX_DMA_MAPS	 0x04u
#define VFIO_USER_CAP_PGSIZES		 0x08u
#define VFIO_USER_CAP_WRITE_MULTIPLE	 0x10u
#define VFIO_USER_CAP_ALL		 0x1fu

/**
 * struct vfio_user_caps - what one end says of itself
 * @named: VFIO_USER_CAP_* of the members that were named; the others have the specification's
 *	defaults
 * @write_multiple: REGION_WRITE_MULTI is understood
 * @max_msg_fds: descriptors it takes in one message
 * @max_data_xfer_size: bytes of data it takes in one message
 * @max_dma_maps: DMA mappings that there may be at a time
 * @pgsizes: page sizes of DMA mappings, or'ed together, in bytes
 */
struct vfio_user_caps {
	uint32_t named;
	bool write_multiple;
	uint64_t max_msg_fds;
	uint64_t max_data_xfer_size;
	uint64_t max_dma_maps;
	uint64_t pgsizes;
};

/**
 * vfio_user_caps_default() - fill in what a peer that names nothing stands for
 * @caps: to be filled
 */
void vfio_user_caps_default(struct vfio_user_caps *caps);

/**
 * vfio_user_caps_parse() - read the data of a VERSION message
 * @caps: to be filled
 * @data: the JSON text with its terminating NUL; may hold anything
 * @len: bytes at @data; 0: there is no data, which stands for the defaults
 * @why: on error, set to a constant text that says what is wrong
 *
 * Members of the JSON object that are not known are skipped, as the specification lets later
 * versions add some.
 *
 * Return: 0; -EINVAL if the text is not one JSON object of the right form, ends without a NUL or
 * has a value that makes no sense; -ENOMEM. On error @caps is not changed.
 */
int vfio_user_caps_parse(struct vfio_user_caps *caps, const char *data, size_t len,
			 const char **why);

/**
 * vfio_user_caps_format() - write the data of a VERSION message
 * @caps: what to say; only members that are named go in
 * @buf: where the text with its terminating NUL goes
 * @size: bytes at @buf
 *
 * Return: bytes written with the NUL; -ENOSPC if @size is too small, -ENOMEM.
 */
int vfio_user_caps_format(const struct vfio_user_caps *caps, char *buf, size_t size);

#endif /* VFIO_USER_CAPS_H */
