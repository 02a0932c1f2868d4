// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * Waiting for the next request. To wake a CPU that has gone idle takes some 40 us, several times
 * what a request itself costs. So a thread whose client is busy looks for the next request for a
 * while before it sleeps, and the client then finds the reply before it has gone to sleep itself.
 *
 * How long follows what the thread has seen: a sleep that turned out to be short makes the time
 * longer, one that was long takes it away. A client that sends a request now and then, or none, has
 * a thread that sleeps.
 *
 * Where CPUs are busy anyway this is no gain: nothing has to be woken, and the client may be waiting
 * for the very CPU. So now and then the thread tries the other way, and stays with the one in which
 * requests follow each other faster.
 */
#include <errno.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <sched.h>

#include "vfio-user/conn.h"

/* The time that the first short sleep gives. */
#define SPIN_START_NS 10000u

/* After so many requests the other way of waiting is tried for so many. */
#define TERM_REQUESTS  512
#define TRIAL_REQUESTS 64

/*
 * What a request is counted with at most: no longer wait is the way's fault or merit. Behind a pause
 * like the second, the client had nothing to ask.
 */
#define REQUEST_MAX_NS 200000u
#define PAUSE_NS       20000000u

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

static int look(struct vfio_user_conn *conn, u64 until)
{
	int ret;

	do {
		ret = vfio_user_rx_fill(&conn->rx, MSG_DONTWAIT);
	} while (ret == -EAGAIN && ktime_get_ns() < until);
	return ret;
}

/* A wait has taken @waited ns: how long to look without sleeping the next time. */
static void adapt_window(struct vfio_user_spin *spin, u64 max, u64 waited)
{
	if (waited > max)
		spin->window_ns = 0;
	else
		spin->window_ns = min_t(u64, max, max_t(u64, SPIN_START_NS, spin->window_ns * 2));
}

static bool wants_to_look(const struct vfio_user_spin *spin)
{
	return spin->sleep == spin->trial;
}

/* A request has come at @now, after @looked or not: which way is the faster one? */
static void compare_ways(struct vfio_user_spin *spin, u64 now, bool looked)
{
	u64 took = now - spin->last_ns, average;

	spin->last_ns = now;
	if (took > PAUSE_NS || looked != wants_to_look(spin))
		return;
	spin->sum_ns += min_t(u64, took, REQUEST_MAX_NS);
	if (++spin->count < (spin->trial ? TRIAL_REQUESTS : TERM_REQUESTS))
		return;
	average = spin->sum_ns / spin->count;
	if (!spin->trial)
		spin->average_ns = average;
	else if (average < spin->average_ns - spin->average_ns / 8)
		spin->sleep = !spin->sleep;
	spin->trial = !spin->trial;
	spin->count = 0;
	spin->sum_ns = 0;
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
	u64 max = (u64)server->params.spin_us * NSEC_PER_USEC, start, now;
	struct vfio_user_spin *spin = &conn->spin;
	bool looked = false;
	int ret = -EAGAIN;

	vfio_user_rx_compact(&conn->rx);
	if (server->max_spinners == 0)
		return vfio_user_rx_fill(&conn->rx, 0);
	start = ktime_get_ns();
	if (spin->window_ns > 0 && wants_to_look(spin) && get_spinner(server)) {
		looked = true;
		ret = look(conn, start + spin->window_ns);
		put_spinner(server);
	}
	if (ret == -EAGAIN) {
		ret = vfio_user_rx_fill(&conn->rx, 0);
		now = ktime_get_ns();
		adapt_window(spin, max, now - start);
	} else {
		now = ktime_get_ns();
	}
	compare_ways(spin, now, looked);
	return ret;
}
