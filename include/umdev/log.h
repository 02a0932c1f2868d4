/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_LOG_H
#define UMDEV_LOG_H

#include <stddef.h>
#include <stdint.h>

/* No line is longer; what exceeds it is cut off. */
#define UMDEV_LOG_LINE_MAX 1008

/**
 * struct umdev_log_record - one line of the log
 * @seq: counts all lines since the start, from 0, without a gap
 * @level: 0 (emergency) to 7 (debug), as syslog's
 * @usec: microseconds since the runtime was loaded
 * @len: bytes in @text, without the final NUL
 * @text: the line without newline; other bytes are as the driver gave them
 */
struct umdev_log_record {
	uint64_t seq;
	int level;
	uint64_t usec;
	size_t len;
	char text[UMDEV_LOG_LINE_MAX + 1];
};

/* Called with one record, which is valid during the call only. */
typedef void (*umdev_log_fn)(const struct umdev_log_record *record, void *data);

/**
 * struct umdev_log_subscriber - someone who gets each line as it is logged
 * @fn: called in the thread that logs, in the order of sequence numbers; must not
 *	block. A line it logs itself goes to the ring, not to sink or subscribers.
 * @data: passed to @fn
 * @next: the log's
 */
struct umdev_log_subscriber {
	umdev_log_fn fn;
	void *data;
	struct umdev_log_subscriber *next;
};

/**
 * umdev_log_set_level() - choose what goes to the sink
 * @level: lines of this level and the more severe ones do; -1: none
 *
 * The ring and subscribers get every line. The default is 6 (info).
 *
 * Context: any.
 */
void umdev_log_set_level(int level);

/**
 * umdev_log_set_sink() - choose where lines go
 * @fn: called as a subscriber's is; NULL: standard error, as "<LEVEL>text" where
 *	sd-daemon reads it ($JOURNAL_STREAM is set), else "level: text"
 * @data: passed to @fn
 *
 * Context: any; after it returns the former sink is not running, unless it is
 * the former sink that calls.
 */
void umdev_log_set_sink(umdev_log_fn fn, void *data);

/**
 * umdev_log_read() - read the ring
 * @from_seq: first sequence number wanted; older lines that are gone are skipped
 * @fn: called for each line in order, outside all locks; a value other than 0 stops
 * @data: passed to @fn
 *
 * Lines logged meanwhile are included.
 *
 * Context: may sleep in @fn only.
 * Return: 0, or what @fn returned to stop.
 */
int umdev_log_read(uint64_t from_seq, int (*fn)(const struct umdev_log_record *record, void *data),
		   void *data);

/**
 * umdev_log_subscribe() - get each line from now on
 * @sub: the caller's, with @fn and @data set; must stay until it is unsubscribed
 *
 * Context: not from a sink or subscriber.
 * Return: the sequence number of the first line it will get.
 */
uint64_t umdev_log_subscribe(struct umdev_log_subscriber *sub);

/**
 * umdev_log_unsubscribe() - end a subscription
 * @sub: as given to umdev_log_subscribe(); one that is not subscribed is ignored
 *
 * After it returns @sub->fn is not running.
 *
 * Context: not from a sink or subscriber.
 */
void umdev_log_unsubscribe(struct umdev_log_subscriber *sub);

/**
 * umdev_log_level_name() - a level's name
 * @level: 0 to 7
 *
 * Return: "emerg", "alert", "crit", "err", "warning", "notice", "info" or "debug".
 */
const char *umdev_log_level_name(int level);

#endif /* UMDEV_LOG_H */
