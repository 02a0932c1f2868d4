// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Waiting for the next request. To sleep and be woken costs some 40 us, several times what a request
 * itself costs, so a thread whose client is busy looks for the next one for a while before it
 * sleeps. How long follows what it has seen: a sleep that turned out to be short makes the time
 * longer, one that was long takes it away. A client that sends a request now and then, or none, has
 * a thread that sleeps.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <sched.h>

#include "vfio-user/conn.h"

/* The time that the first short sleep gives. */
#define SPIN_START_NS 10000u

/*
 * Half of the CPUs this process may use, since the clients need theirs; none where there is only
 * one.
 */
int vfio_user_spin_limit(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	return CPU_COUNT(&set) / 2;
}

/* Is there a CPU to be kept busy? Then it is taken until put_spinner(). */
static bool get_spinner(struct vfio_user_server *server)
{
	if (atomic_inc_return(&server->spinners) <= server->max_spinners)
		return true;
	atomic_dec(&server->spinners);
	return false;
}

static void put_spinner(struct vfio_user_server *server)
{
	atomic_dec(&server->spinners);
}

static int spin(struct vfio_user_conn *conn, u64 until)
{
	int ret;

	do {
		ret = vfio_user_rx_fill(&conn->rx, MSG_DONTWAIT);
	} while (ret == -EAGAIN && ktime_get_ns() < until);
	return ret;
}

/* A wait has taken @waited ns: how long to look without sleeping the next time. */
static void adapt(struct vfio_user_conn *conn, u64 waited)
{
	u64 max = (u64)conn->endpoint->server->params.spin_us * NSEC_PER_USEC;

	if (waited > max)
		conn->spin_ns = 0;
	else
		conn->spin_ns = min_t(u64, max, max_t(u64, SPIN_START_NS, conn->spin_ns * 2));
}

/**
 * vfio_user_conn_receive() - wait for more of the stream
 * @conn: the connection; its thread calls, without a message taken
 *
 * Return: as vfio_user_rx_fill(); -EAGAIN when the socket's SO_RCVTIMEO has passed.
 */
int vfio_user_conn_receive(struct vfio_user_conn *conn)
{
	struct vfio_user_server *server = conn->endpoint->server;
	u64 start = ktime_get_ns();
	int ret;

	vfio_user_rx_compact(&conn->rx);
	if (conn->spin_ns > 0 && get_spinner(server)) {
		ret = spin(conn, start + conn->spin_ns);
		put_spinner(server);
		if (ret != -EAGAIN)
			return ret;
	}
	ret = vfio_user_rx_fill(&conn->rx, 0);
	if (server->max_spinners > 0)
		adapt(conn, ktime_get_ns() - start);
	return ret;
}
