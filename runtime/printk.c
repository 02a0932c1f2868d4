// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The log. A line goes into the ring (printk_ring.c); from there one thread at
 * a time, the one that holds @out.lock, brings lines in order to the sink and
 * the subscribers. A thread that finds another at it leaves its line to that
 * one and goes on, so a slow reader holds up one thread, not all.
 *
 * Lock order: anything > out.lock > ring lock.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <umdev/log.h>
#include <pthread.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "printk_ring.h"

static void stderr_sink(const struct umdev_log_record *record, void *data);

/* @lock covers the rest but @level, which is atomic. @done: the next line to bring out. */
static struct {
	pthread_mutex_t lock;
	int level;
	uint64_t done;
	umdev_log_fn sink;
	void *sink_data;
	struct umdev_log_subscriber *subscribers;
} out = { .lock = PTHREAD_MUTEX_INITIALIZER, .level = LOGLEVEL_INFO, .sink = stderr_sink };

/* This thread is in a sink or subscriber: what it logs must not come back to it. */
static __thread bool bringing_out;

static void bring_out(const struct umdev_log_record *record)
{
	if (record->level <= READ_ONCE(out.level))
		out.sink(record, out.sink_data);
	for (struct umdev_log_subscriber *s = out.subscribers; s; s = s->next)
		s->fn(record, s->data);
}

static void drain(void)
{
	struct umdev_log_record record;
	bool quiet;

	bringing_out = true;
	while (printk_ring_read(out.done, &record, &quiet)) {
		WRITE_ONCE(out.done, record.seq + 1);
		if (!quiet)
			bring_out(&record);
	}
	bringing_out = false;
}

/* Whoever unlocks looks again: a line may have been left to it after its last look. */
static void try_drain(void)
{
	bool more = true;

	while (more && !pthread_mutex_trylock(&out.lock)) {
		drain();
		pthread_mutex_unlock(&out.lock);
		more = printk_ring_next() > READ_ONCE(out.done);
	}
}

static const char *parse_level(const char *text, int *level)
{
	*level = LOGLEVEL_WARNING;
	while (text[0] == KERN_SOH_ASCII && text[1]) {
		if (text[1] >= '0' && text[1] <= '7')
			*level = text[1] - '0';
		text += 2;
	}
	return text;
}

/**
 * vprintk() - log a line
 * @fmt: KERN_… and a format, see vsprintf.c; a final newline is dropped
 * @args: its arguments
 *
 * A line without a level is a warning, as in Linux. KERN_CONT begins a line of its
 * own. What exceeds UMDEV_LOG_LINE_MAX bytes is cut off.
 *
 * Context: any.
 * Return: length of the text.
 */
int vprintk(const char *fmt, va_list args)
{
	char text[UMDEV_LOG_LINE_MAX + 3];
	const char *line;
	size_t len;
	int level;

	vscnprintf(text, sizeof(text), fmt, args);
	line = parse_level(text, &level);
	len = min(strlen(line), (size_t)UMDEV_LOG_LINE_MAX);
	while (len && line[len - 1] == '\n')
		len--;
	printk_ring_add(level, line, len, bringing_out);
	if (!bringing_out)
		try_drain();
	return (int)len;
}
EXPORT_SYMBOL(vprintk);

/**
 * printk() - log a line
 * @fmt: as for vprintk()
 *
 * Context and return: as vprintk().
 */
int printk(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}
EXPORT_SYMBOL(printk);

void umdev_log_set_level(int level)
{
	WRITE_ONCE(out.level, level);
}
EXPORT_SYMBOL_GPL(umdev_log_set_level);

void umdev_log_set_sink(umdev_log_fn fn, void *data)
{
	if (!bringing_out)
		pthread_mutex_lock(&out.lock);
	out.sink = fn ? fn : stderr_sink;
	out.sink_data = data;
	if (!bringing_out)
		pthread_mutex_unlock(&out.lock);
}
EXPORT_SYMBOL_GPL(umdev_log_set_sink);

uint64_t umdev_log_subscribe(struct umdev_log_subscriber *sub)
{
	uint64_t from;

	pthread_mutex_lock(&out.lock);
	drain();
	sub->next = out.subscribers;
	out.subscribers = sub;
	from = out.done;
	pthread_mutex_unlock(&out.lock);
	return from;
}
EXPORT_SYMBOL_GPL(umdev_log_subscribe);

void umdev_log_unsubscribe(struct umdev_log_subscriber *sub)
{
	struct umdev_log_subscriber **link;

	pthread_mutex_lock(&out.lock);
	for (link = &out.subscribers; *link && *link != sub; link = &(*link)->next)
		;
	if (*link)
		*link = sub->next;
	pthread_mutex_unlock(&out.lock);
	try_drain();
}
EXPORT_SYMBOL_GPL(umdev_log_unsubscribe);

int umdev_log_read(uint64_t from_seq, int (*fn)(const struct umdev_log_record *record, void *data),
		   void *data)
{
	struct umdev_log_record record;
	bool quiet;
	int ret = 0;

	while (!ret && printk_ring_read(from_seq, &record, &quiet)) {
		from_seq = record.seq + 1;
		ret = fn(&record, data);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(umdev_log_read);

const char *umdev_log_level_name(int level)
{
	static const char *const names[] = { "emerg",	"alert",  "crit", "err",
					     "warning", "notice", "info", "debug" };

	return names[clamp(level, 0, 7)];
}
EXPORT_SYMBOL_GPL(umdev_log_level_name);

/* Whether the journal reads our standard error, which it says as "DEVICE:INODE". */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == dev && st.st_ino == ino;
}

/* Lines hold what devices and their users sent: nothing of it may steer a terminal. */
static size_t append_printable(char *buf, size_t pos, size_t size, unsigned char c)
{
	if (c == '\t' || (c >= ' ' && c != 0x7f)) {
		if (pos < size)
			buf[pos++] = (char)c;
		return pos;
	}
	return pos + (size_t)scnprintf(buf + pos, size - pos, "\\x%02x", c);
}

static void stderr_sink(const struct umdev_log_record *record, void *data)
{
	char buf[4 * UMDEV_LOG_LINE_MAX + 64];
	size_t pos, start = 0;

	if (stderr_is_journal())
		pos = (size_t)scnprintf(buf, sizeof(buf), "<%d>", record->level);
	else
		pos = (size_t)scnprintf(buf, sizeof(buf),
					"%s: ", umdev_log_level_name(record->level));
	for (size_t i = 0; i < record->len; i++)
		pos = append_printable(buf, pos, sizeof(buf) - 1, (unsigned char)record->text[i]);
	buf[pos++] = '\n';
	while (start < pos) {
		ssize_t n = write(STDERR_FILENO, buf + start, pos - start);

		if (n <= 0 && errno != EINTR)
			break;
		start += n > 0 ? (size_t)n : 0;
	}
}
