// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* A device's listening socket, and which of its clients has the device. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <errno.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <sys/epoll.h>
#include <umdev/socket.h>
#include <unistd.h>

#include "drivers/vfio/vfio.h"
#include "vfio-user/cond.h"
#include "vfio-user/conn.h"

/* How often a client that waits for the device looks whether its own peer is still there. */
#define CLAIM_POLL_MS 50

static void endpoint_release(struct kref *kref)
{
	struct vfio_user_endpoint *endpoint = container_of(kref, struct vfio_user_endpoint, kref);

	pthread_cond_destroy(&endpoint->changed);
	pthread_mutex_destroy(&endpoint->lock);
	kfree(endpoint->path);
	kfree(endpoint->name);
	kfree(endpoint);
}

/* Drop a reference. */
void vfio_user_endpoint_put(struct vfio_user_endpoint *endpoint)
{
	kref_put(&endpoint->kref, endpoint_release);
}

/* The loop's callback: a client wants to connect. */
static void accept_client(void *data, uint32_t events)
{
	struct vfio_user_endpoint *endpoint = data;
	int sock = umdev_accept(endpoint->listen_fd, NULL);
	int ret;

	if (sock == -EAGAIN)
		return;
	ret = sock < 0 ? sock : vfio_user_conn_start(endpoint, sock);
	if (!ret)
		return;
	endpoint_warn(endpoint, "a client was refused: %pe%s\n", ERR_PTR(ret),
		      ret == -EMFILE ? ", see RLIMIT_NOFILE" : "");
	if (sock >= 0)
		close(sock);
}

static int listen_at_path(struct vfio_user_endpoint *endpoint)
{
	const struct vfio_user_server_params *params = &endpoint->server->params;
	char *interim;
	int ret;

	/* Each group has one endpoint, and no device begins with a dot. */
	interim = kasprintf(GFP_KERNEL, "%s/.%d", params->dir, endpoint->group_id);
	if (!interim)
		return -ENOMEM;
	ret = umdev_listen(endpoint->listen_fd, endpoint->path, interim, params->mode,
			   VFIO_USER_MAX_CLIENTS);
	kfree(interim);
	return ret;
}

static int open_socket(struct vfio_user_endpoint *endpoint)
{
	const struct vfio_user_server_params *params = &endpoint->server->params;
	int ret;

	endpoint->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (endpoint->listen_fd < 0)
		return -errno;
	ret = -EMFILE;
	if (endpoint->listen_fd >= endpoint->server->max_listen_fd)
		goto err_close;
	ret = listen_at_path(endpoint);
	if (ret)
		goto err_close;
	ret = params->loop_ops->add(params->loop, endpoint->listen_fd, EPOLLIN, accept_client,
				    endpoint);
	if (ret)
		goto err_unlink;
	return 0;

err_unlink:
	unlink(endpoint->path);
err_close:
	close(endpoint->listen_fd);
	return ret;
}

/**
 * vfio_user_endpoint_create() - listen for a device's clients
 * @server: the server; its lock is held
 * @device: the device; not used after the return
 *
 * Return: 0 with the endpoint in the server's table; -ENOMEM, -ENAMETOOLONG if the socket's path
 * would be, -EMFILE if no descriptor is left for it, or what the system says.
 */
int vfio_user_endpoint_create(struct vfio_user_server *server, struct vfio_device *device)
{
	const char *name = dev_name(device->dev);
	struct vfio_user_endpoint *endpoint;
	int ret = -ENOMEM;

	endpoint = kzalloc(sizeof(*endpoint), GFP_KERNEL);
	if (!endpoint)
		return ret;
	endpoint->server = server;
	endpoint->device = device;
	endpoint->group_id = vfio_device_group_id(device);
	INIT_LIST_HEAD(&endpoint->conns);
	kref_init(&endpoint->kref);
	ratelimit_default_init(&endpoint->visits);
	ratelimit_default_init(&endpoint->complaints);
	pthread_mutex_init(&endpoint->lock, NULL);
	vfio_user_cond_init(&endpoint->changed);
	endpoint->name = kstrdup(name, GFP_KERNEL);
	endpoint->path = kasprintf(GFP_KERNEL, "%s/%s", server->params.dir, name);
	if (!endpoint->name || !endpoint->path)
		goto err_put;
	hash_add(server->endpoints, &endpoint->node, (unsigned long)device);
	ret = open_socket(endpoint);
	if (ret)
		goto err_del;
	return 0;

err_del:
	hash_del(&endpoint->node);
err_put:
	vfio_user_endpoint_put(endpoint);
	return ret;
}

/* Called with the endpoint's lock. */
static void shut_down_clients(struct vfio_user_endpoint *endpoint, const struct vfio_user_conn *but)
{
	struct vfio_user_conn *conn;

	list_for_each_entry(conn, &endpoint->conns, node)
		if (conn != but)
			shutdown(conn->sock, SHUT_RDWR);
}

/**
 * vfio_user_endpoint_close() - take no more clients
 * @endpoint: no longer in the server's table, whose reference is the caller's now
 * @disconnect: also disconnect the client that has the device
 *
 * Clients that wait for the device are sent away.
 */
void vfio_user_endpoint_close(struct vfio_user_endpoint *endpoint, bool disconnect)
{
	const struct vfio_user_server_params *params = &endpoint->server->params;

	unlink(endpoint->path);
	params->loop_ops->del(params->loop, endpoint->listen_fd);
	close(endpoint->listen_fd);
	pthread_mutex_lock(&endpoint->lock);
	endpoint->closing = true;
	shut_down_clients(endpoint, disconnect ? NULL : endpoint->holder);
	pthread_cond_broadcast(&endpoint->changed);
	pthread_mutex_unlock(&endpoint->lock);
}

/**
 * vfio_user_endpoint_disconnect() - disconnect the client that still has a closed endpoint's device
 * @endpoint: the endpoint
 */
void vfio_user_endpoint_disconnect(struct vfio_user_endpoint *endpoint)
{
	pthread_mutex_lock(&endpoint->lock);
	shut_down_clients(endpoint, NULL);
	pthread_mutex_unlock(&endpoint->lock);
}

/**
 * vfio_user_endpoint_is_idle() - whether an endpoint has no client any more
 * @endpoint: the endpoint, closed
 */
bool vfio_user_endpoint_is_idle(struct vfio_user_endpoint *endpoint)
{
	bool idle;

	pthread_mutex_lock(&endpoint->lock);
	idle = endpoint->nr_conns == 0;
	pthread_mutex_unlock(&endpoint->lock);
	return idle;
}

/**
 * vfio_user_endpoint_claim() - make a client the one that has the device
 * @endpoint: the device's endpoint
 * @conn: the client; its thread calls
 *
 * Where another one has it, that one may have just been killed and not be gone yet, or its thread
 * may be cleaning up: this waits, the whole clean-up if that has begun, else for busy_wait_ms.
 *
 * Return: 0; -EBUSY if the other one stays, -ENODEV if the device is going, -ECONNRESET if @conn's
 * own peer went away meanwhile.
 */
int vfio_user_endpoint_claim(struct vfio_user_endpoint *endpoint, struct vfio_user_conn *conn)
{
	unsigned long deadline = jiffies + endpoint->server->params.busy_wait_ms;
	int ret = 0;

	pthread_mutex_lock(&endpoint->lock);
	while (endpoint->holder && !endpoint->closing && !ret) {
		if (vfio_user_conn_peer_gone(conn))
			ret = -ECONNRESET;
		else if (time_before(jiffies, deadline) ||
			 vfio_user_conn_peer_gone(endpoint->holder))
			vfio_user_cond_wait(&endpoint->changed, &endpoint->lock, CLAIM_POLL_MS);
		else
			ret = -EBUSY;
	}
	if (ret == -EBUSY)
		conn_warn(conn, "client %d was refused: the device is in use by client %d\n",
			  conn->peer.pid, endpoint->holder->peer.pid);
	else if (endpoint->closing)
		ret = -ENODEV;
	else if (!ret)
		endpoint->holder = conn;
	pthread_mutex_unlock(&endpoint->lock);
	return ret;
}

/**
 * vfio_user_endpoint_leave() - a client has let go of the device
 * @endpoint: the device's endpoint
 * @conn: the client, which is in its conns
 *
 * Closes its socket. Whoever sees the connection end finds the device free.
 */
void vfio_user_endpoint_leave(struct vfio_user_endpoint *endpoint, struct vfio_user_conn *conn)
{
	pthread_mutex_lock(&endpoint->lock);
	list_del(&conn->node);
	endpoint->nr_conns--;
	close(conn->sock);
	if (endpoint->holder == conn)
		endpoint->holder = NULL;
	pthread_cond_broadcast(&endpoint->changed);
	pthread_mutex_unlock(&endpoint->lock);
}
