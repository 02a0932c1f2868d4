/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/* What the server's files share: devices' endpoints, clients' connections, and who does what. */
#ifndef VFIO_USER_CONN_H
#define VFIO_USER_CONN_H

#include <linux/atomic.h>
#include <linux/file.h>
#include <linux/hashtable.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/ratelimit.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <pthread.h>
#include <sys/socket.h>

#include "vfio-user/caps.h"
#include "vfio-user/protocol.h"
#include "vfio-user/rx.h"
#include "vfio-user/server.h"

struct vfio_device;

/* Clients of one device at a time: the one that has it and those that wait for it to go. */
#define VFIO_USER_MAX_CLIENTS 8

/**
 * struct vfio_user_server - all devices' sockets and all clients
 * @params: as given, with defaults filled in and @dir an own copy
 * @nb: listens to the VFIO core
 * @lock: covers @endpoints, @closed and @finished. Taken before an endpoint's
 * @endpoints: struct vfio_user_endpoint by device
 * @closed: those whose device is going and may wait for a client
 * @finished: struct vfio_user_conn whose thread has nothing left to do but to be joined, by @reap
 * @max_listen_fd: sockets of devices have lower numbers
 * @fd_pool: room for descriptors that clients send ahead
 * @nr_threads: clients' threads that are not in @finished yet
 * @idle: woken under @lock when @nr_threads becomes 0
 * @map_pool: mappings of clients' files, each of the few that a process may have
 * @max_spinners: how many threads may look for requests without sleeping at a time
 * @spinners: how many do
 */
struct vfio_user_server {
	struct vfio_user_server_params params;
	struct notifier_block nb;
	struct mutex lock;
	DECLARE_HASHTABLE(endpoints, 10);
	struct hlist_head closed;
	struct list_head finished;
	struct work_struct reap;
	int max_listen_fd;
	struct vfio_user_pool fd_pool;
	atomic_t nr_threads;
	wait_queue_head_t idle;
	struct vfio_user_pool map_pool;
	int max_spinners;
	atomic_t spinners;
};

/**
 * struct vfio_user_endpoint - a device's listening socket and its clients
 * @server: the server
 * @device: the key in @server's table; compared only
 * @node: there or among the closed ones, under @server's lock
 * @kref: one for the table or the closed ones, one for each connection
 * @name: the device's name
 * @path: of the socket
 * @group_id: number of its VFIO group
 * @listen_fd: the socket
 * @visits: limits what is logged of clients that come and go
 * @complaints: limits what is logged of clients that do wrong or are refused
 * @lock: covers what follows. A leaf but for the server's lock, which is never taken under it
 * @changed: a client has gone, or @closing is set
 * @conns: struct vfio_user_conn
 * @nr_conns: how many
 * @holder: the one that has the device, or NULL
 * @closing: the device is going and takes no new client
 */
struct vfio_user_endpoint {
	struct vfio_user_server *server;
	const struct vfio_device *device;
	struct hlist_node node;
	struct kref kref;
	char *name;
	char *path;
	int group_id;
	int listen_fd;
	struct ratelimit_state visits;
	struct ratelimit_state complaints;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list_head conns;
	unsigned int nr_conns;
	struct vfio_user_conn *holder;
	bool closing;
};

/* A region of the device as it was when the client came: regions do not change. */
struct vfio_user_region {
	u64 size;
	u64 offset;
	u32 flags;
};

/**
 * struct vfio_user_remote - DMA messages to the client and the wait for their replies
 * @lock: covers the rest
 * @changed: an operation is done, the receiving end is free, or @dead is set
 * @ops: struct dma_op, those that wait for a reply
 * @next_id: of the next message
 * @reading: a thread has the receiving end, rx, for itself
 * @thread_waits: the connection's thread wants it, and it comes first
 * @dead: nothing comes or goes any more
 * @silent: the client left a message unanswered; it is asked no more until an answer comes
 * @nr_active: accesses in progress, which use the connection's socket
 *
 * The connection's thread has the receiving end except while it is in the driver. Any thread that
 * waits for a reply can have it then, so that a reply reaches its waiter even while the connection's
 * thread is waiting for something that this waiter holds. Commands that arrive meanwhile stay in the
 * buffer for the connection's thread, so nothing recurses.
 */
struct vfio_user_remote {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list_head ops;
	u16 next_id;
	bool reading;
	bool thread_waits;
	bool dead;
	bool silent;
	unsigned int nr_active;
};

/**
 * struct vfio_user_spin - how a connection's thread waits for the next request; its own
 * @window_ns: how long to look for one before sleeping, where that is done at all
 * @sleep: sleeping at once has turned out to be the faster way
 * @trial: the other way is being tried
 * @count: requests since the present way, or its trial, began
 * @sum_ns: the time they took, each from the one before
 * @average_ns: what a request takes without a trial
 * @last_ns: when the last one came
 */
struct vfio_user_spin {
	u64 window_ns;
	bool sleep;
	bool trial;
	unsigned int count;
	u64 sum_ns;
	u64 average_ns;
	u64 last_ns;
};

/**
 * struct vfio_user_conn - one client
 * @endpoint: what it connected to; a reference
 * @node: in the endpoint's conns, under its lock; then in the server's finished, under that one's
 * @kref: one for the thread and whoever joins it, one for each DMA mapping without memory
 * @task: the thread; a reference
 * @peer: the client's process
 * @sock: the socket. Others may shut it down while it is in the endpoint's conns; DMA messages use it
 *	until vfio_user_remote_kill(); it is closed after both
 *
 * The rest is the thread's own, but for what says otherwise.
 *
 * @rx: received; whoever has @remote.reading owns it
 * @tx: the message being sent: a header and room for the largest payload
 * @tx_lock: covers the next two
 * @sending: some thread is sending a message, which any may
 * @tx_free: @sending is false again
 * @stuck: somebody has waited in vain for the client to make room, and nothing has been sent since
 * @spin: how the thread waits
 * @caps: what the client said of itself
 * @device_open: the rest is valid
 * @files: the descriptor table that was the thread's before
 * @container: the files behind the device
 * @group: the same
 * @device: the same
 * @info: of the device
 * @regions: info.num_regions of them
 * @mappings: struct mapping by address: the client's memory
 * @nr_mappings: how many
 * @nr_remote: how many of them without memory of their own here
 * @max_mappings: how many are allowed
 * @memory_lost: the client took away the memory behind a mapping; set by a signal handler
 * @remote: DMA messages
 */
struct vfio_user_conn {
	struct vfio_user_endpoint *endpoint;
	struct list_head node;
	struct kref kref;
	struct task_struct *task;
	struct ucred peer;
	int sock;

	struct vfio_user_rx rx;
	u8 *tx;
	pthread_mutex_t tx_lock;
	bool sending;
	pthread_cond_t tx_free;
	bool stuck;
	struct vfio_user_spin spin;

	struct vfio_user_caps caps;
	bool device_open;
	struct files_struct *files;
	struct file *container;
	struct file *group;
	struct file *device;
	struct vfio_device_info info;
	struct vfio_user_region *regions;

	struct rb_root mappings;
	u64 nr_mappings;
	u64 nr_remote;
	u64 max_mappings;
	int memory_lost;
	struct vfio_user_remote remote;
};

/*
 * For the log: which device, and what. All of it can be had in a loop by a client, so there is a
 * limit, and each device has its own.
 */
#define endpoint_log(endpoint, limit, pr_level, fmt, ...)                      \
	do {                                                                   \
		struct vfio_user_endpoint *__endpoint = (endpoint);            \
                                                                               \
		if (___ratelimit(&__endpoint->limit, __endpoint->name))        \
			pr_level("%s: " fmt, __endpoint->name, ##__VA_ARGS__); \
	} while (0)
#define endpoint_warn(endpoint, fmt, ...) \
	endpoint_log(endpoint, complaints, pr_warn, fmt, ##__VA_ARGS__)
#define conn_warn(conn, fmt, ...) endpoint_warn((conn)->endpoint, fmt, ##__VA_ARGS__)
#define conn_info(conn, fmt, ...) \
	endpoint_log((conn)->endpoint, visits, pr_info, fmt, ##__VA_ARGS__)

#define CONN_REPLY_ROOM (VFIO_USER_MAX_MSG_SIZE - sizeof(struct vfio_user_header))

/* Where a handler puts the reply's payload; CONN_REPLY_ROOM bytes. */
static inline void *conn_reply_buffer(struct vfio_user_conn *conn)
{
	return conn->tx + sizeof(struct vfio_user_header);
}

/* endpoint.c */
int vfio_user_endpoint_create(struct vfio_user_server *server, struct vfio_device *device);
void vfio_user_endpoint_close(struct vfio_user_endpoint *endpoint, bool disconnect);
void vfio_user_endpoint_disconnect(struct vfio_user_endpoint *endpoint);
bool vfio_user_endpoint_is_idle(struct vfio_user_endpoint *endpoint);
void vfio_user_endpoint_put(struct vfio_user_endpoint *endpoint);
int vfio_user_endpoint_claim(struct vfio_user_endpoint *endpoint, struct vfio_user_conn *conn);
void vfio_user_endpoint_leave(struct vfio_user_endpoint *endpoint, struct vfio_user_conn *conn);

/* conn.c */
int vfio_user_conn_start(struct vfio_user_endpoint *endpoint, int sock);
void vfio_user_conn_put(struct vfio_user_conn *conn);
void vfio_user_conn_reap(struct work_struct *work);
bool vfio_user_conn_peer_gone(const struct vfio_user_conn *conn);
int vfio_user_conn_send(struct vfio_user_conn *conn, struct iovec *iov, size_t iovcnt,
			const unsigned long *deadline);

/* spin.c */
int vfio_user_spin_limit(void);
int vfio_user_conn_receive(struct vfio_user_conn *conn);

/*
 * Handlers of commands. The payload has at least the length that conn.c's table says and any
 * alignment. They return the length of the reply's payload, which is at conn_reply_buffer(), or a
 * negative errno.
 */

/* version.c */
ssize_t vfio_user_handle_version(struct vfio_user_conn *conn, struct vfio_user_msg *msg);

/* device.c */
int vfio_user_device_open(struct vfio_user_conn *conn);
void vfio_user_device_close(struct vfio_user_conn *conn);
long vfio_user_device_ioctl(struct file *file, unsigned int cmd, void *arg, size_t size);
ssize_t vfio_user_handle_device_info(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_reset(struct vfio_user_conn *conn, struct vfio_user_msg *msg);

/* region.c */
int vfio_user_regions_init(struct vfio_user_conn *conn);
ssize_t vfio_user_handle_region_info(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_region_io_fds(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_region_read(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_region_write(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_write_multi(struct vfio_user_conn *conn, struct vfio_user_msg *msg);

/* irqs.c */
void vfio_user_irqs_disable(struct vfio_user_conn *conn);
ssize_t vfio_user_handle_irq_info(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_set_irqs(struct vfio_user_conn *conn, struct vfio_user_msg *msg);

/* dma.c */
u64 vfio_user_dma_unmap_all(struct vfio_user_conn *conn);
ssize_t vfio_user_handle_dma_map(struct vfio_user_conn *conn, struct vfio_user_msg *msg);
ssize_t vfio_user_handle_dma_unmap(struct vfio_user_conn *conn, struct vfio_user_msg *msg);

/* remote.c */
extern const struct vfio_dma_remote_ops vfio_user_remote_ops;
void vfio_user_remote_init(struct vfio_user_remote *remote);
void vfio_user_remote_destroy(struct vfio_user_remote *remote);
void vfio_user_remote_reply(void *data, const struct vfio_user_header *header, const void *payload,
			    size_t size);
void vfio_user_remote_release_rx(struct vfio_user_conn *conn);
void vfio_user_remote_acquire_rx(struct vfio_user_conn *conn);
void vfio_user_remote_kill(struct vfio_user_conn *conn);

#endif /* VFIO_USER_CONN_H */
