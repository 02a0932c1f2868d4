// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "vfio-user/caps.h"
#include "vfio-user/protocol.h"

/* {"capabilities": {"twin_socket": {…}}} is as deep as the specification goes. */
#define JSON_DEPTH 8

void vfio_user_caps_default(struct vfio_user_caps *caps)
{
	*caps = (struct vfio_user_caps){
		.max_msg_fds = VFIO_USER_DEFAULT_MAX_MSG_FDS,
		.max_data_xfer_size = VFIO_USER_DEFAULT_MAX_DATA_XFER_SIZE,
		.max_dma_maps = VFIO_USER_DEFAULT_MAX_DMA_MAPS,
		.pgsizes = VFIO_USER_DEFAULT_PGSIZES,
	};
}

/* Set *value to the member @key of @obj if there is one; false if it is not a number from @min. */
static bool get_number(struct vfio_user_caps *caps, json_object *obj, const char *key, uint32_t cap,
		       uint64_t min, uint64_t *value)
{
	json_object *member;

	if (!json_object_object_get_ex(obj, key, &member))
		return true;
	if (!json_object_is_type(member, json_type_int))
		return false;
	if (json_object_get_int64(member) < 0 || json_object_get_uint64(member) < min)
		return false;
	*value = json_object_get_uint64(member);
	caps->named |= cap;
	return true;
}

static bool get_bool(struct vfio_user_caps *caps, json_object *obj, const char *key, uint32_t cap,
		     bool *value)
{
	json_object *member;

	if (!json_object_object_get_ex(obj, key, &member))
		return true;
	if (!json_object_is_type(member, json_type_boolean))
		return false;
	*value = json_object_get_boolean(member);
	caps->named |= cap;
	return true;
}

static int get_caps(struct vfio_user_caps *caps, json_object *obj, const char **why)
{
	*why = "max_msg_fds is not a number";
	if (!get_number(caps, obj, "max_msg_fds", VFIO_USER_CAP_MAX_MSG_FDS, 0, &caps->max_msg_fds))
		return -EINVAL;
	*why = "max_data_xfer_size is not a number above 0";
	if (!get_number(caps, obj, "max_data_xfer_size", VFIO_USER_CAP_MAX_DATA_XFER_SIZE, 1,
			&caps->max_data_xfer_size))
		return -EINVAL;
	*why = "max_dma_maps is not a number";
	if (!get_number(caps, obj, "max_dma_maps", VFIO_USER_CAP_MAX_DMA_MAPS, 0,
			&caps->max_dma_maps))
		return -EINVAL;
	*why = "pgsizes is not a number above 0";
	if (!get_number(caps, obj, "pgsizes", VFIO_USER_CAP_PGSIZES, 1, &caps->pgsizes))
		return -EINVAL;
	*why = "write_multiple is not true or false";
	if (!get_bool(caps, obj, "write_multiple", VFIO_USER_CAP_WRITE_MULTIPLE,
		      &caps->write_multiple))
		return -EINVAL;
	return 0;
}

/* The JSON value that is all of @data, or NULL. */
static json_object *parse_text(const char *data, size_t len)
{
	json_tokener *tok = json_tokener_new_ex(JSON_DEPTH);
	json_object *obj;

	if (!tok)
		return NULL;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	obj = json_tokener_parse_ex(tok, data, (int)len);
	if (obj && json_tokener_get_parse_end(tok) + 1 < len) {
		json_object_put(obj);
		obj = NULL;
	}
	json_tokener_free(tok);
	return obj;
}

int vfio_user_caps_parse(struct vfio_user_caps *caps, const char *data, size_t len,
			 const char **why)
{
	struct vfio_user_caps found;
	json_object *top, *obj;
	int ret;

	vfio_user_caps_default(&found);
	if (len == 0) {
		*caps = found;
		return 0;
	}
	*why = "the version data is longer than any";
	if (len > VFIO_USER_MAX_MSG_SIZE)
		return -EINVAL;
	*why = "the version data does not end with its first NUL";
	if (memchr(data, '\0', len) != data + len - 1)
		return -EINVAL;
	*why = "the version data is not a JSON object";
	top = parse_text(data, len);
	if (!json_object_is_type(top, json_type_object)) {
		json_object_put(top);
		return -EINVAL;
	}
	ret = 0;
	if (json_object_object_get_ex(top, "capabilities", &obj)) {
		*why = "capabilities is not a JSON object";
		ret = json_object_is_type(obj, json_type_object) ? get_caps(&found, obj, why)
								 : -EINVAL;
	}
	json_object_put(top);
	if (!ret)
		*caps = found;
	return ret;
}

/* Adds @value, which it consumes. */
static int add(json_object *obj, const char *key, json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(obj, key, value)) {
		json_object_put(value);
		return -ENOMEM;
	}
	return 0;
}

static int add_caps(json_object *obj, const struct vfio_user_caps *caps)
{
	int ret = 0;

	if (caps->named & VFIO_USER_CAP_MAX_MSG_FDS)
		ret = add(obj, "max_msg_fds", json_object_new_uint64(caps->max_msg_fds));
	if (!ret && caps->named & VFIO_USER_CAP_MAX_DATA_XFER_SIZE)
		ret = add(obj, "max_data_xfer_size",
			  json_object_new_uint64(caps->max_data_xfer_size));
	if (!ret && caps->named & VFIO_USER_CAP_MAX_DMA_MAPS)
		ret = add(obj, "max_dma_maps", json_object_new_uint64(caps->max_dma_maps));
	if (!ret && caps->named & VFIO_USER_CAP_PGSIZES)
		ret = add(obj, "pgsizes", json_object_new_uint64(caps->pgsizes));
	if (!ret && caps->named & VFIO_USER_CAP_WRITE_MULTIPLE)
		ret = add(obj, "write_multiple", json_object_new_boolean(caps->write_multiple));
	return ret;
}

int vfio_user_caps_format(const struct vfio_user_caps *caps, char *buf, size_t size)
{
	json_object *top = json_object_new_object();
	json_object *obj = json_object_new_object();
	const char *text;
	size_t len;
	int ret = -ENOMEM;

	if (!top || !obj || add_caps(obj, caps))
		goto out;
	/* The text is not to be longer than the peer's: QEMU reads the reply into its request. */
	if (add(top, "capabilities", json_object_get(obj)))
		goto out;
	text = json_object_to_json_string_length(top, JSON_C_TO_STRING_PLAIN, &len);
	if (!text)
		goto out;
	ret = -ENOSPC;
	if (len + 1 > size)
		goto out;
	memcpy(buf, text, len + 1);
	ret = (int)len + 1;
out:
	json_object_put(obj);
	json_object_put(top);
	return ret;
}
