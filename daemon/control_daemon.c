// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The methods about the daemon itself: its log, its events, its state.
 */
#include "control_private.h"

#include <daemon/config.h>
#include <errno.h>
#include <unistd.h>

/* What log.read collects: lines below @end, which is where following them begins. */
struct log_reader {
	struct json_object *records;
	uint64_t end;
	uint64_t next;
};

static int add_record(const struct umdev_log_record *record, void *data)
{
	struct log_reader *reader = data;

	if (record->seq >= reader->end)
		return 1;
	reader->next = record->seq + 1;
	return json_object_array_add(reader->records,
				     stream_log_record(record->seq, record->level, record->usec,
						       record->text, record->len));
}

static int log_read(struct control_client *client, struct json_object *params,
		    struct json_object **result, struct umdev_error *err)
{
	struct log_reader reader = { .end = UINT64_MAX, .next = rpc_number(params, "from", 0) };

	if (rpc_bool(params, "follow")) {
		if (client->stream.log_on)
			return umdev_error_set(err, -EALREADY,
					       "this connection follows the log already");
		reader.end = stream_subscribe_log(&client->stream);
	}
	reader.records = json_object_new_array();
	umdev_log_read(reader.next, add_record, &reader);
	*result = json_object_new_object();
	json_object_object_add(*result, "records", reader.records);
	json_object_object_add(*result, "next", json_object_new_uint64(reader.next));
	return 0;
}

static int event_subscribe(struct control_client *client, struct json_object *params,
			   struct json_object **result, struct umdev_error *err)
{
	int ret = stream_subscribe_uevents(&client->stream);

	if (ret)
		return umdev_error_set(err, ret, "this connection has subscribed already");
	*result = json_object_new_object();
	json_object_object_add(*result, "seqnum", json_object_new_uint64(umdev_uevent_seqnum()));
	return 0;
}

static int version(struct control_client *client, struct json_object *params,
		   struct json_object **result, struct umdev_error *err)
{
	*result = json_object_new_object();
	json_object_object_add(*result, "version", json_object_new_string(UMDEV_VERSION));
	return 0;
}

static struct json_object *string_or_null(const char *string)
{
	return string ? json_object_new_string(string) : NULL;
}

static int status(struct control_client *client, struct json_object *params,
		  struct json_object **result, struct umdev_error *err)
{
	const struct control_status *state = client->control->status;

	*result = json_object_new_object();
	json_object_object_add(*result, "version", json_object_new_string(UMDEV_VERSION));
	json_object_object_add(*result, "pid", json_object_new_int(getpid()));
	json_object_object_add(*result, "root", json_object_new_string(state->root));
	json_object_object_add(*result, "module_dir", json_object_new_string(state->module_dir));
	json_object_object_add(*result, "mount", string_or_null(state->mount));
	json_object_object_add(*result, "mount_error", string_or_null(state->mount_error));
	return 0;
}

const struct control_method control_daemon_methods[] = {
	{ "log.read", { { "from", RPC_NUMBER, false }, { "follow", RPC_BOOL, false } }, log_read },
	{ "event.subscribe", { {} }, event_subscribe },
	{ "version", { {} }, version },
	{ "status", { {} }, status },
	{},
};
