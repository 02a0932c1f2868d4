// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The server as a whole: which devices there are to serve. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <errno.h>
#include <limits.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <umdev/error.h>
#include <unistd.h>

#include "drivers/vfio/vfio.h"
#include "vfio-user/conn.h"
#include "vfio-user/sigbus.h"

/* What Linux sets vm.max_map_count to. */
#define DEFAULT_MAX_MAP_COUNT 65530

/* Descriptors that the sockets of devices leave for clients and for all else in the process. */
#define SPARE_FDS 128

static void device_registered(struct vfio_user_server *server, struct vfio_device *device)
{
	int ret;

	mutex_lock(&server->lock);
	ret = vfio_user_endpoint_create(server, device);
	mutex_unlock(&server->lock);
	if (ret == -ENAMETOOLONG)
		pr_err("%s: no socket: %s/%s is longer than the 107 bytes a socket's path may "
		       "have, choose a shorter directory\n",
		       dev_name(device->dev), server->params.dir, dev_name(device->dev));
	else if (ret == -EMFILE)
		pr_err("%s: no socket, so no client: other devices have the %d file descriptors "
		       "there are for that; raise the hard limit (RLIMIT_NOFILE, LimitNOFILE= of "
		       "systemd) and start again\n",
		       dev_name(device->dev), server->max_listen_fd);
	else if (ret)
		pr_err("%s: no socket in %s: %pe\n", dev_name(device->dev), server->params.dir,
		       ERR_PTR(ret));
}

/*
 * Keep a closed endpoint within reach of vfio_user_server_destroy(), whose disconnecting its client
 * is what the device's unregistration may be waiting for. Those without a client are let go.
 */
static void retire_endpoint(struct vfio_user_server *server, struct vfio_user_endpoint *closed)
{
	struct vfio_user_endpoint *endpoint;
	struct hlist_node *next;

	mutex_lock(&server->lock);
	hlist_add_head(&closed->node, &server->closed);
	hlist_for_each_entry_safe(endpoint, next, &server->closed, node) {
		if (vfio_user_endpoint_is_idle(endpoint)) {
			hlist_del(&endpoint->node);
			vfio_user_endpoint_put(endpoint);
		}
	}
	mutex_unlock(&server->lock);
}

static void device_unregistering(struct vfio_user_server *server, struct vfio_device *device)
{
	struct vfio_user_endpoint *endpoint, *found = NULL;

	mutex_lock(&server->lock);
	hash_for_each_possible(server->endpoints, endpoint, node, (unsigned long)device) {
		if (endpoint->device == device) {
			found = endpoint;
			hash_del(&found->node);
			break;
		}
	}
	mutex_unlock(&server->lock);
	/* Without the lock: this waits for a callback of the loop, which takes it. */
	if (found) {
		vfio_user_endpoint_close(found, false);
		retire_endpoint(server, found);
	}
}

static int device_event(struct notifier_block *nb, unsigned long action, void *data)
{
	struct vfio_user_server *server = container_of(nb, struct vfio_user_server, nb);

	if (action == VFIO_DEVICE_REGISTERED)
		device_registered(server, data);
	else if (action == VFIO_DEVICE_UNREGISTERING)
		device_unregistering(server, data);
	return NOTIFY_OK;
}

static int check_dir(const char *dir, struct umdev_error *err)
{
	struct stat st;

	if (stat(dir, &st))
		return umdev_error_set(err, -errno, "the sockets' directory %s cannot be used: %s",
				       dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return umdev_error_set(err, -ENOTDIR,
				       "the sockets' directory %s is not a directory", dir);
	if (access(dir, W_OK | X_OK))
		return umdev_error_set(err, -errno, "no socket can be made in %s: %s", dir,
				       strerror(errno));
	return 0;
}

/* Leave a quarter of the mappings that the process may have to everything else. */
static int map_limit(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
	int limit;

	if (!file || fscanf(file, "%d", &limit) != 1 || limit < 4)
		limit = DEFAULT_MAX_MAP_COUNT;
	if (file)
		fclose(file);
	return limit / 4 * 3;
}

/*
 * Devices that nobody can connect to are better than a process that nobody can control. And what
 * they leave is not to be taken by clients that send descriptors ahead.
 */
static void set_fd_limits(struct vfio_user_server *server)
{
	struct rlimit limit;
	int total, spare;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		limit.rlim_cur = RLIM_INFINITY;
	total = (int)min_t(rlim_t, limit.rlim_cur, INT_MAX);
	spare = min(total / 4, SPARE_FDS);
	server->max_listen_fd = total - spare;
	server->fd_pool.max = spare / 2;
}

static void set_defaults(struct vfio_user_server_params *params)
{
	if (params->mode == 0)
		params->mode = 0600;
	if (params->spin_us == 0)
		params->spin_us = VFIO_USER_DEFAULT_SPIN_US;
	if (params->busy_wait_ms == 0)
		params->busy_wait_ms = VFIO_USER_DEFAULT_BUSY_WAIT_MS;
	if (params->dma_timeout_ms == 0)
		params->dma_timeout_ms = VFIO_USER_DEFAULT_DMA_TIMEOUT_MS;
	if (params->handshake_ms == 0)
		params->handshake_ms = VFIO_USER_DEFAULT_HANDSHAKE_MS;
}

struct vfio_user_server *vfio_user_server_create(const struct vfio_user_server_params *params,
						 struct umdev_error *err)
{
	struct vfio_user_server *server;
	int ret;

	if (check_dir(params->dir, err))
		return NULL;
	server = kzalloc(sizeof(*server), GFP_KERNEL);
	if (!server) {
		umdev_error_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	server->params = *params;
	set_defaults(&server->params);
	server->params.dir = kstrdup(params->dir, GFP_KERNEL);
	if (!server->params.dir) {
		umdev_error_set(err, -ENOMEM, "out of memory");
		goto err_free;
	}
	server->nb.notifier_call = device_event;
	mutex_init(&server->lock);
	hash_init(server->endpoints);
	INIT_LIST_HEAD(&server->finished);
	INIT_WORK(&server->reap, vfio_user_conn_reap);
	init_waitqueue_head(&server->idle);
	set_fd_limits(server);
	server->map_pool.max = map_limit();
	if (server->params.spin_us != VFIO_USER_NO_SPIN)
		server->max_spinners = vfio_user_spin_limit();
	ret = vfio_user_sigbus_init();
	if (ret) {
		umdev_error_set(err, ret, "SIGBUS cannot be handled: %s", strerror(-ret));
		goto err_free_dir;
	}
	ret = vfio_device_register_listener(&server->nb);
	if (ret) {
		umdev_error_set(err, ret, "the VFIO core does not tell of its devices: %s",
				strerror(-ret));
		goto err_sigbus;
	}
	return server;

err_sigbus:
	vfio_user_sigbus_exit();
err_free_dir:
	kfree(server->params.dir);
err_free:
	kfree(server);
	return NULL;
}

/* Disconnect those clients that devices on their way out wait for. */
static void disconnect_closed(struct vfio_user_server *server)
{
	struct vfio_user_endpoint *endpoint;
	struct hlist_node *next;

	mutex_lock(&server->lock);
	hlist_for_each_entry_safe(endpoint, next, &server->closed, node) {
		hlist_del(&endpoint->node);
		vfio_user_endpoint_disconnect(endpoint);
		vfio_user_endpoint_put(endpoint);
	}
	mutex_unlock(&server->lock);
}

/* Take any one endpoint out of the table; NULL when it is empty. */
static struct vfio_user_endpoint *pop_endpoint(struct vfio_user_server *server)
{
	struct vfio_user_endpoint *endpoint, *found = NULL;
	unsigned int bucket;

	mutex_lock(&server->lock);
	hash_for_each(server->endpoints, bucket, endpoint, node) {
		found = endpoint;
		hash_del(&found->node);
		break;
	}
	mutex_unlock(&server->lock);
	return found;
}

void vfio_user_server_destroy(struct vfio_user_server *server)
{
	struct vfio_user_endpoint *endpoint;

	if (!server)
		return;
	vfio_device_unregister_listener(&server->nb);
	while ((endpoint = pop_endpoint(server))) {
		vfio_user_endpoint_close(endpoint, true);
		vfio_user_endpoint_put(endpoint);
	}
	disconnect_closed(server);
	wait_event(server->idle, atomic_read(&server->nr_threads) == 0);
	flush_work(&server->reap);
	vfio_user_sigbus_exit();
	mutex_destroy(&server->lock);
	kfree(server->params.dir);
	kfree(server);
}
