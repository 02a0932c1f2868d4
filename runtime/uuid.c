// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* UUIDs as text and bytes. Semantics: Linux 5.10's lib/uuid.c; RFC 4122 for what is generated. */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/uuid.h>

const guid_t guid_null;
EXPORT_SYMBOL(guid_null);
const uuid_t uuid_null;
EXPORT_SYMBOL(uuid_null);

static const u8 guid_order[UUID_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
static const u8 uuid_order[UUID_SIZE] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

/**
 * generate_random_uuid() - a random UUID
 * @uuid: its bytes in big-endian order
 *
 * Context: any.
 */
void generate_random_uuid(unsigned char uuid[16])
{
	get_random_bytes(uuid, UUID_SIZE);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}
EXPORT_SYMBOL(generate_random_uuid);

/**
 * generate_random_guid() - a random GUID
 * @guid: its bytes in little-endian order
 *
 * Context: any.
 */
void generate_random_guid(unsigned char guid[16])
{
	get_random_bytes(guid, UUID_SIZE);
	guid[7] = (guid[7] & 0x0f) | 0x40;
	guid[8] = (guid[8] & 0x3f) | 0x80;
}
EXPORT_SYMBOL(generate_random_guid);

/**
 * guid_gen() - a random GUID
 * @guid: the GUID
 *
 * Context: any.
 */
void guid_gen(guid_t *guid)
{
	generate_random_guid(guid->b);
}
EXPORT_SYMBOL(guid_gen);

/**
 * uuid_gen() - a random UUID
 * @uuid: the UUID
 *
 * Context: any.
 */
void uuid_gen(uuid_t *uuid)
{
	generate_random_uuid(uuid->b);
}
EXPORT_SYMBOL(uuid_gen);

/**
 * uuid_is_valid() - whether text begins with a UUID
 * @uuid: text
 *
 * The form is 8-4-4-4-12 hexadecimal digits. What follows is not looked at: a
 * caller that reads a line checks its length.
 *
 * Context: any.
 * Return: whether it does.
 */
bool uuid_is_valid(const char *uuid)
{
	for (int i = 0; i < UUID_STRING_LEN; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (uuid[i] != '-')
				return false;
		} else if (!isxdigit((unsigned char)uuid[i])) {
			return false;
		}
	}
	return true;
}
EXPORT_SYMBOL(uuid_is_valid);

static int parse(const char *text, __u8 b[UUID_SIZE], const u8 order[UUID_SIZE])
{
	if (!uuid_is_valid(text))
		return -EINVAL;
	for (int i = 0; i < UUID_SIZE; i++) {
		if (*text == '-')
			text++;
		b[order[i]] = (u8)(hex_to_bin(text[0]) << 4 | hex_to_bin(text[1]));
		text += 2;
	}
	return 0;
}

/**
 * guid_parse() - text to GUID
 * @uuid: text, see uuid_is_valid()
 * @guid: the GUID; untouched on failure
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int guid_parse(const char *uuid, guid_t *guid)
{
	return parse(uuid, guid->b, guid_order);
}
EXPORT_SYMBOL(guid_parse);

/**
 * uuid_parse() - text to UUID
 * @uuid: text, see uuid_is_valid()
 * @u: the UUID; untouched on failure
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int uuid_parse(const char *uuid, uuid_t *u)
{
	return parse(uuid, u->b, uuid_order);
}
EXPORT_SYMBOL(uuid_parse);
