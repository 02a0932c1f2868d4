// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Subscriptions: uevents and lines of the log, from the threads that cause
 * them to the threads that send them out.
 */
#include "control_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

int stream_init(struct stream *stream, int client_fd)
{
	*stream = (struct stream){ .client_fd = client_fd };
	stream->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stream->event_fd < 0)
		return -errno;
	stream->tail = &stream->head;
	pthread_mutex_init(&stream->lock, NULL);
	return 0;
}

void stream_finish(struct stream *stream)
{
	struct stream_item *item, *next;

	if (stream->uevents_on)
		umdev_uevent_unsubscribe(&stream->uevents);
	if (stream->log_on)
		umdev_log_unsubscribe(&stream->log);
	for (item = stream->head; item; item = next) {
		next = item->next;
		free(item);
	}
	pthread_mutex_destroy(&stream->lock);
	close(stream->event_fd);
}

/*
 * Consumes @item; NULL for want of memory. A subscriber that misses one is cut
 * off rather than left to believe that nothing happened. The socket is shut
 * down since its thread may be waiting in a send to a client that does not
 * read.
 */
static void put_item(struct stream *stream, struct stream_item *item)
{
	bool fits;

	pthread_mutex_lock(&stream->lock);
	fits = item && !stream->cut_off && stream->bytes + item->len <= STREAM_BYTES_MAX;
	if (fits) {
		stream->bytes += sizeof(*item) + item->len;
		item->next = NULL;
		*stream->tail = item;
		stream->tail = &item->next;
		eventfd_write(stream->event_fd, 1);
	} else if (!stream->cut_off) {
		stream->cut_off = true;
		shutdown(stream->client_fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&stream->lock);
	if (!fits)
		free(item);
}

static struct stream_item *new_item(enum stream_kind kind, const char *data, size_t len)
{
	struct stream_item *item = malloc(sizeof(*item) + len + 1);

	if (!item)
		return NULL;
	*item = (struct stream_item){ .kind = kind, .len = len };
	memcpy(item->data, data, len);
	item->data[len] = '\0';
	return item;
}

static void take_uevent(struct umdev_uevent_subscriber *sub, const struct umdev_uevent *event)
{
	struct stream_item *item = new_item(STREAM_UEVENT, event->buf, event->len);

	if (item)
		item->seq = event->seqnum;
	put_item(sub->data, item);
}

static void take_log(const struct umdev_log_record *record, void *data)
{
	struct stream_item *item = new_item(STREAM_LOG, record->text, record->len);

	if (item) {
		item->seq = record->seq;
		item->usec = record->usec;
		item->level = record->level;
	}
	put_item(data, item);
}

int stream_subscribe_uevents(struct stream *stream)
{
	int ret;

	if (stream->uevents_on)
		return -EALREADY;
	stream->uevents = (struct umdev_uevent_subscriber){ .fn = take_uevent, .data = stream };
	ret = umdev_uevent_subscribe(&stream->uevents);
	stream->uevents_on = !ret;
	return ret;
}

/* Returns the number of the first line that will come. */
uint64_t stream_subscribe_log(struct stream *stream)
{
	stream->log = (struct umdev_log_subscriber){ .fn = take_log, .data = stream };
	stream->log_on = true;
	return umdev_log_subscribe(&stream->log);
}

/* All items so far, as a list that is the caller's. */
struct stream_item *stream_take(struct stream *stream)
{
	struct stream_item *items;
	eventfd_t count;

	pthread_mutex_lock(&stream->lock);
	eventfd_read(stream->event_fd, &count);
	items = stream->head;
	stream->head = NULL;
	stream->tail = &stream->head;
	stream->bytes = 0;
	pthread_mutex_unlock(&stream->lock);
	return items;
}

/* "ACTION@DEVPATH", and then KEY=value each behind a NUL. */
static struct json_object *uevent_params(const struct stream_item *item)
{
	struct json_object *params = json_object_new_object();
	struct json_object *properties = json_object_new_object();
	const char *p, *end = item->data + item->len, *equals;
	char key[64];

	json_object_object_add(params, "seqnum", json_object_new_uint64(item->seq));
	for (p = item->data + strlen(item->data) + 1; p < end; p += strlen(p) + 1) {
		equals = strchr(p, '=');
		if (!equals || (size_t)(equals - p) >= sizeof(key))
			continue;
		memcpy(key, p, equals - p);
		key[equals - p] = '\0';
		json_object_object_add(properties, key, rpc_text(equals + 1, strlen(equals + 1)));
	}
	json_object_object_add(params, "properties", properties);
	return params;
}

struct json_object *stream_log_record(uint64_t seq, int level, uint64_t usec, const char *text,
				      size_t len)
{
	struct json_object *record = json_object_new_object();

	json_object_object_add(record, "seq", json_object_new_uint64(seq));
	json_object_object_add(record, "level", json_object_new_int(level));
	json_object_object_add(record, "usec", json_object_new_uint64(usec));
	json_object_object_add(record, "text", rpc_text(text, len));
	return record;
}

struct json_object *stream_message(const struct stream_item *item)
{
	if (item->kind == STREAM_UEVENT)
		return rpc_notification("event.uevent", uevent_params(item));
	return rpc_notification("log.record", stream_log_record(item->seq, item->level, item->usec,
								item->data, item->len));
}
