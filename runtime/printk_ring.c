// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
#include <linux/kernel.h>
#include <linux/string.h>
#include <pthread.h>
#include <time.h>
#include "printk_ring.h"

#define RING_LINES 4096u
#define RING_BYTES (256u << 10)

/* One line: where its text begins, counted from the start of the log. */
struct ring_line {
	uint64_t usec;
	uint64_t offset;
	uint16_t len;
	uint8_t level;
	bool quiet;
};

/*
 * Line N is in lines[N % RING_LINES] and byte M of all text ever logged in
 * text[M % RING_BYTES]. Lines from @first on are intact. All under @lock, which
 * is a plain mutex: the log works before and below everything else.
 */
static struct {
	pthread_mutex_t lock;
	uint64_t first;
	uint64_t next;
	uint64_t bytes;
	struct ring_line lines[RING_LINES];
	char text[RING_BYTES];
} ring = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t now_usec(void)
{
	static uint64_t start;
	struct timespec ts;
	uint64_t now, zero = 0;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	if (__atomic_compare_exchange_n(&start, &zero, now, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		return 0;
	return now - READ_ONCE(start);
}

/* Text that would run over the end of the array begins at its start instead. */
static uint64_t place_text(size_t len)
{
	size_t room = RING_BYTES - ring.bytes % RING_BYTES;

	if (room < len)
		ring.bytes += room;
	return ring.bytes;
}

void printk_ring_add(int level, const char *text, size_t len, bool quiet)
{
	struct ring_line *line;

	pthread_mutex_lock(&ring.lock);
	line = &ring.lines[ring.next % RING_LINES];
	line->usec = now_usec();
	line->offset = place_text(len);
	line->len = (uint16_t)len;
	line->level = (uint8_t)level;
	line->quiet = quiet;
	memcpy(ring.text + line->offset % RING_BYTES, text, len);
	ring.bytes = line->offset + len;
	ring.next++;
	if (ring.next - ring.first > RING_LINES)
		ring.first++;
	while (ring.bytes - ring.lines[ring.first % RING_LINES].offset > RING_BYTES)
		ring.first++;
	pthread_mutex_unlock(&ring.lock);
}

bool printk_ring_read(uint64_t seq, struct umdev_log_record *record, bool *quiet)
{
	const struct ring_line *line;
	bool found;

	pthread_mutex_lock(&ring.lock);
	seq = max(seq, ring.first);
	found = seq < ring.next;
	if (found) {
		line = &ring.lines[seq % RING_LINES];
		record->seq = seq;
		record->level = line->level;
		record->usec = line->usec;
		record->len = line->len;
		memcpy(record->text, ring.text + line->offset % RING_BYTES, line->len);
		record->text[line->len] = '\0';
		*quiet = line->quiet;
	}
	pthread_mutex_unlock(&ring.lock);
	return found;
}

uint64_t printk_ring_next(void)
{
	uint64_t next;

	pthread_mutex_lock(&ring.lock);
	next = ring.next;
	pthread_mutex_unlock(&ring.lock);
	return next;
}
