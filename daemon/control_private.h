/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * What the files of the control socket share.
 *
 * Locks: control.lock covers the list of clients; stream.lock covers one
 * client's queue and is a leaf. The first is never held while a client's
 * thread does anything but enter or leave the list.
 */
#ifndef UMDEV_DAEMON_CONTROL_PRIVATE_H
#define UMDEV_DAEMON_CONTROL_PRIVATE_H

#include <daemon/control.h>
#include <daemon/rpc.h>
#include <fs/thread_group.h>
#include <pthread.h>
#include <stdint.h>
#include <umdev/log.h>
#include <umdev/uevent.h>

/* Each client has a thread; so many at once. */
#define CONTROL_CLIENTS_MAX 256

struct control {
	const char *path;
	const struct control_status *status;
	struct umdev_loop *loop;
	int fd;
	struct thread_group threads;
	pthread_mutex_t lock;
	struct control_client *clients;
	unsigned int nclients;
	bool stopping;
};

enum stream_kind {
	STREAM_UEVENT,
	STREAM_LOG,
};

/* A uevent or line of the log on its way to a subscriber; owned by the queue. */
struct stream_item {
	struct stream_item *next;
	enum stream_kind kind;
	uint64_t seq;
	uint64_t usec;
	int level;
	size_t len;
	char data[];
};

/*
 * What one client has subscribed to. Emitters put items in and never wait;
 * the client's thread takes them out. One that lets more than STREAM_BYTES_MAX
 * pile up is cut off.
 */
#define STREAM_BYTES_MAX (8u << 20)

struct stream {
	int client_fd;
	int event_fd; /* readable while there are items */
	bool uevents_on;
	bool log_on;
	struct umdev_uevent_subscriber uevents;
	struct umdev_log_subscriber log;
	pthread_mutex_t lock; /* covers what follows */
	struct stream_item *head;
	struct stream_item **tail;
	size_t bytes;
	bool cut_off;
};

int stream_init(struct stream *stream, int client_fd);
void stream_finish(struct stream *stream);
int stream_subscribe_uevents(struct stream *stream);
uint64_t stream_subscribe_log(struct stream *stream);
struct stream_item *stream_take(struct stream *stream);
struct json_object *stream_message(const struct stream_item *item);
struct json_object *stream_log_record(uint64_t seq, int level, uint64_t usec, const char *text,
				      size_t len);

/*
 * One connection, owned by its thread. @next and @pprev are the control's and
 * covered by its lock.
 */
struct control_client {
	struct control *control;
	struct control_client *next;
	struct control_client **pprev;
	int fd;
	struct stream stream;
	size_t used; /* of @line: bytes of requests not carried out yet */
	char line[RPC_LINE_MAX + 1];
};

/*
 * A method that clients can call. @fn puts its answer in @result and returns
 * 0, or a negative errno with @err filled in.
 */
struct control_method {
	const char *name;
	struct rpc_param params[4]; /* ended by one without a name */
	int (*fn)(struct control_client *client, struct json_object *params,
		  struct json_object **result, struct umdev_error *err);
};

/* Each ended by one without a name. */
extern const struct control_method control_sysfs_methods[];
extern const struct control_method control_module_methods[];
extern const struct control_method control_daemon_methods[];

struct json_object *control_answer(struct control_client *client, const char *line, size_t len);

#endif
