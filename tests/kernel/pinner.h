/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the user of a pinner device writes to it and reads from it. */
#ifndef PINNER_H
#define PINNER_H

#include <linux/types.h>
#include <linux/vfio.h>

enum {
	PINNER_PIN,	    /* pin the page at @iova */
	PINNER_INCREMENT,   /* add one to the pinned page's first byte */
	PINNER_UNPIN,	    /* let go of the page */
	PINNER_COPY,	    /* copy 8 bytes from @iova to @to */
	PINNER_READ_INSIDE, /* have the driver read the state as its own user */
};

struct pinner_request {
	__u64 what;
	__u64 iova;
	__u64 to;
};

/*
 * Whether a page is pinned, how many mappings went while the device was open, and how many virtual
 * machines it was opened for.
 */
struct pinner_state {
	__u64 pinned;
	__u64 unmaps;
	__u64 machines;
};

#define PINNER_TYPE    0x7069
#define PINNER_SUBTYPE 1

/* What the device tells of its only region, for who has room for it all. */
struct pinner_region {
	struct vfio_region_info info;
	struct vfio_region_info_cap_type type;
};

#endif /* PINNER_H */
