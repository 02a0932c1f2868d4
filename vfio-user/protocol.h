/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The vfio-user protocol on the wire: message header, commands and payloads, as in the vfio-user
 * protocol specification (QEMU's docs/interop/vfio-user.rst). Everything is in the byte order of
 * the host. Where a payload is a structure of <linux/vfio.h>, that one is used.
 */
#ifndef VFIO_USER_PROTOCOL_H
#define VFIO_USER_PROTOCOL_H

#include <linux/vfio.h>
#include <stddef.h>
#include <stdint.h>

/* The version that is spoken. All minor versions up to it are, too. */
#define VFIO_USER_MAJOR 0
#define VFIO_USER_MINOR 1

enum vfio_user_command {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP = 2,
	VFIO_USER_DMA_UNMAP = 3,
	VFIO_USER_DEVICE_GET_INFO = 4,
	VFIO_USER_DEVICE_GET_REGION_INFO = 5,
	VFIO_USER_DEVICE_GET_REGION_IO_FDS = 6,
	VFIO_USER_DEVICE_GET_IRQ_INFO = 7,
	VFIO_USER_DEVICE_SET_IRQS = 8,
	VFIO_USER_REGION_READ = 9,
	VFIO_USER_REGION_WRITE = 10,
	VFIO_USER_DMA_READ = 11,  /* sent by the server */
	VFIO_USER_DMA_WRITE = 12, /* sent by the server */
	VFIO_USER_DEVICE_RESET = 13,
	VFIO_USER_DIRTY_PAGES = 14, /* of earlier drafts of the specification */
	VFIO_USER_REGION_WRITE_MULTI = 15,
	VFIO_USER_DEVICE_FEATURE = 16,
	VFIO_USER_MIG_DATA_READ = 17,
	VFIO_USER_MIG_DATA_WRITE = 18,
};

/* struct vfio_user_header's flags */
#define VFIO_USER_TYPE_MASK    0x0000000fu
#define VFIO_USER_TYPE_COMMAND 0x00000000u
#define VFIO_USER_TYPE_REPLY   0x00000001u
#define VFIO_USER_NO_REPLY     0x00000010u
#define VFIO_USER_ERROR	       0x00000020u

/**
 * struct vfio_user_header - what each message begins with
 * @msg_id: the sender's choice; a reply has that of its command
 * @cmd: enum vfio_user_command
 * @msg_size: of the whole message with this header, in bytes
 * @flags: VFIO_USER_TYPE_*, VFIO_USER_NO_REPLY in a command, VFIO_USER_ERROR in a reply
 * @error_no: in a reply with VFIO_USER_ERROR: a positive errno, or 0
 */
struct vfio_user_header {
	uint16_t msg_id;
	uint16_t cmd;
	uint32_t msg_size;
	uint32_t flags;
	uint32_t error_no;
};

/* VERSION, both ways. @data is a JSON text with its terminating NUL, or nothing. */
struct vfio_user_version {
	uint16_t major;
	uint16_t minor;
	char data[];
};

/* DMA_MAP. @offset is one into the file whose descriptor comes with the message. */
struct vfio_user_dma_map {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DMA_MAP_FLAG_READ, VFIO_DMA_MAP_FLAG_WRITE */
	uint64_t offset;
	uint64_t addr;
	uint64_t size;
};

/* DMA_UNMAP, both ways */
struct vfio_user_dma_unmap {
	uint32_t argsz;
	uint32_t flags; /* VFIO_DMA_UNMAP_FLAG_ALL, with @addr and @size 0 */
	uint64_t addr;
	uint64_t size;
};

/* DEVICE_GET_INFO, both ways: struct vfio_device_info as it was before it had capabilities */
struct vfio_user_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

/* DEVICE_GET_REGION_IO_FDS, both ways; a reply has @count descriptions of sub-regions behind it */
struct vfio_user_region_io_fds {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

/*
 * REGION_READ and REGION_WRITE, both ways. The reply to a read and the command to write have @count
 * bytes of @data.
 */
struct vfio_user_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[];
};

/*
 * DMA_READ and DMA_WRITE, both ways. The reply to a read and the command to write have @count bytes
 * of @data.
 */
struct vfio_user_dma_access {
	uint64_t addr;
	uint64_t count;
	uint8_t data[];
};

/* One write of a REGION_WRITE_MULTI: the first @count bytes of @data. */
struct vfio_user_single_write {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[8];
};

/* REGION_WRITE_MULTI. The reply is the first member only: how many writes were done. */
struct vfio_user_write_multi {
	uint64_t wr_cnt;
	struct vfio_user_single_write wrs[];
};

/* What a peer that does not name a limit stands for. */
#define VFIO_USER_DEFAULT_MAX_MSG_FDS	     1
#define VFIO_USER_DEFAULT_MAX_DATA_XFER_SIZE 1048576
#define VFIO_USER_DEFAULT_MAX_DMA_MAPS	     65535
#define VFIO_USER_DEFAULT_PGSIZES	     4096

/*
 * This implementation's own limits, for both of its ends. QEMU refuses a peer that says it takes
 * more than 16 descriptors a message.
 */
#define VFIO_USER_MAX_MSG_FDS	     16
#define VFIO_USER_MAX_DATA_XFER_SIZE VFIO_USER_DEFAULT_MAX_DATA_XFER_SIZE
#define VFIO_USER_MAX_DMA_MAPS	     VFIO_USER_DEFAULT_MAX_DMA_MAPS

/* The largest message there is under these limits: a transfer of so many bytes. */
#define VFIO_USER_MAX_MSG_SIZE                                                      \
	(sizeof(struct vfio_user_header) + sizeof(struct vfio_user_region_access) + \
	 VFIO_USER_MAX_DATA_XFER_SIZE)

_Static_assert(sizeof(struct vfio_user_header) == 16, "wire format");
_Static_assert(sizeof(struct vfio_user_version) == 4, "wire format");
_Static_assert(sizeof(struct vfio_user_dma_map) == 32, "wire format");
_Static_assert(sizeof(struct vfio_user_dma_unmap) == 24, "wire format");
_Static_assert(sizeof(struct vfio_user_device_info) == 16, "wire format");
_Static_assert(sizeof(struct vfio_region_info) == 32, "wire format");
_Static_assert(sizeof(struct vfio_user_region_io_fds) == 16, "wire format");
_Static_assert(sizeof(struct vfio_irq_info) == 16, "wire format");
_Static_assert(sizeof(struct vfio_irq_set) == 20, "wire format");
_Static_assert(sizeof(struct vfio_user_region_access) == 16, "wire format");
_Static_assert(sizeof(struct vfio_user_dma_access) == 16, "wire format");
_Static_assert(sizeof(struct vfio_user_single_write) == 24, "wire format");
_Static_assert(sizeof(struct vfio_user_write_multi) == 8, "wire format");

#endif /* VFIO_USER_PROTOCOL_H */
