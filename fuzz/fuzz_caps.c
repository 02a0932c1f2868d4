// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The data of a VERSION message: JSON of a client that nobody knows yet.
 *
 * Input: the data, with its NUL if there is one.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "vfio-user/caps.h"
#include "vfio-user/protocol.h"

void harness_up(void)
{
}

void harness_down(void)
{
}

/* What was understood can be said again, and is understood as the same. */
static void check_round_trip(const struct vfio_user_caps *caps)
{
	struct vfio_user_caps again;
	const char *why = "nothing";
	char text[512];
	int len = vfio_user_caps_format(caps, text, sizeof(text));

	fuzz_check(len > 0 && (size_t)len == strlen(text) + 1, "format() = %d", len);
	fuzz_check(!vfio_user_caps_parse(&again, text, (size_t)len, &why), "%s: %s", text, why);
	fuzz_check(again.named == caps->named && again.write_multiple == caps->write_multiple &&
			   again.max_msg_fds == caps->max_msg_fds &&
			   again.max_data_xfer_size == caps->max_data_xfer_size &&
			   again.max_dma_maps == caps->max_dma_maps &&
			   again.pgsizes == caps->pgsizes,
		   "%s", text);
}

void harness_run(struct fuzz_input *in)
{
	struct vfio_user_caps caps, before;
	const char *why = NULL;
	char *data = fuzz_copy(in->at, in->left);
	int ret;

	memset(&caps, 0x5a, sizeof(caps));
	before = caps;
	ret = vfio_user_caps_parse(&caps, data, in->left, &why);
	if (ret) {
		fuzz_check(ret == -EINVAL && why, "parse() = %d", ret);
		fuzz_check(!memcmp(&caps, &before, sizeof(caps)), "changed on error");
	} else {
		fuzz_check(caps.max_data_xfer_size && caps.pgsizes &&
				   !(caps.named & ~VFIO_USER_CAP_ALL),
			   "a value that makes no sense");
		check_round_trip(&caps);
	}
	free(data);
}
