// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The client's memory by messages: DMA_READ and DMA_WRITE, and replies that come amid requests. */
#include "vut.h"

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IOVA	    0x10000000ull
#define MEMORY_SIZE 0x300000ull

static struct vfio_user_client *client;
static u8 *memory;
static int accesses;
static int memory_error;
static size_t largest;

static int read_memory(void *opaque, uint64_t addr, void *data, size_t count)
{
	accesses++;
	largest = max(largest, count);
	if (memory_error)
		return memory_error;
	if (addr < IOVA || addr - IOVA > MEMORY_SIZE || count > MEMORY_SIZE - (addr - IOVA))
		return -EFAULT;
	memcpy(data, memory + (addr - IOVA), count);
	return 0;
}

static int write_memory(void *opaque, uint64_t addr, const void *data, size_t count)
{
	accesses++;
	largest = max(largest, count);
	if (memory_error)
		return memory_error;
	if (addr < IOVA || addr - IOVA > MEMORY_SIZE || count > MEMORY_SIZE - (addr - IOVA))
		return -EFAULT;
	memcpy(memory + (addr - IOVA), data, count);
	return 0;
}

static const struct vfio_user_client_dma_ops dma_ops = { read_memory, write_memory };

static int setup(void **state)
{
	vut_setup(state);
	memory = kvzalloc(MEMORY_SIZE, GFP_KERNEL);
	accesses = 0;
	memory_error = 0;
	largest = 0;
	client = vut_open();
	vfio_user_client_set_dma_ops(client, &dma_ops, NULL);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, MEMORY_SIZE, 3, -1, 0), 0);
	return 0;
}

static int teardown(void **state)
{
	vfio_user_client_close(client);
	kvfree(memory);
	return vut_teardown(state);
}

/* What the device's next access is to be, and what came of it. */
struct dma {
	u64 iova;
	void *data;
	size_t count;
	bool write;
	int result;
};

static int do_dma(struct vut_device *device, u64 value)
{
	struct dma *dma = device->data;

	dma->result = vfio_dma_rw(device->group, dma->iova, dma->data, dma->count, dma->write);
	return 0;
}

/* Have the device do it in the connection's thread, within a write that the client waits for. */
static int device_dma(struct dma *dma)
{
	u32 value = 1;

	vut_dev->data = dma;
	vut_dev->hook = do_dma;
	assert_int_equal(vfio_user_client_region_write(client, VUT_HOOK, 0, &value, 4), 4);
	return dma->result;
}

static void the_device_reads_and_writes_by_messages(void **state)
{
	u8 data[32];
	struct dma dma = { .iova = IOVA + 100, .data = data, .count = 16 };

	memcpy(memory + 100, "from the client", 16);
	assert_int_equal(device_dma(&dma), 0);
	assert_string_equal((char *)data, "from the client");
	memcpy(data, "from the device", 16);
	dma.write = true;
	dma.iova = IOVA + MEMORY_SIZE - 16;
	assert_int_equal(device_dma(&dma), 0);
	assert_string_equal((char *)memory + MEMORY_SIZE - 16, "from the device");
	assert_int_equal(accesses, 2);
	dma.iova++;
	assert_int_equal(device_dma(&dma), -EINVAL);
}

static void large_accesses_come_in_messages_that_the_client_takes(void **state)
{
	u8 *data = kvmalloc(MEMORY_SIZE, GFP_KERNEL);
	struct dma dma = { .iova = IOVA, .data = data, .count = MEMORY_SIZE };
	size_t i;

	for (i = 0; i < MEMORY_SIZE; i++)
		memory[i] = i * 13 + (i >> 10);
	assert_int_equal(device_dma(&dma), 0);
	assert_memory_equal(data, memory, MEMORY_SIZE);
	assert_int_equal(accesses, 3);
	assert_int_equal(largest, 1048576);
	for (i = 0; i < MEMORY_SIZE; i++)
		data[i] = i * 7 + (i >> 9);
	dma.write = true;
	assert_int_equal(device_dma(&dma), 0);
	assert_memory_equal(data, memory, MEMORY_SIZE);
	kvfree(data);
}

static void a_client_with_a_lower_limit_gets_smaller_messages(void **state)
{
	struct vfio_user_caps caps = { .named = VFIO_USER_CAP_MAX_DATA_XFER_SIZE,
				       .max_data_xfer_size = 1000 };
	u8 data[2500];
	struct dma dma = { .iova = IOVA, .data = data, .count = sizeof(data) };

	vfio_user_client_close(client);
	client = vut_connect();
	assert_int_equal(vfio_user_client_version(client, &caps), 0);
	vfio_user_client_set_dma_ops(client, &dma_ops, NULL);
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, MEMORY_SIZE, 3, -1, 0), 0);
	assert_int_equal(device_dma(&dma), 0);
	assert_int_equal(accesses, 3);
	assert_int_equal(largest, 1000);
}

static void the_clients_error_is_the_drivers(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };

	memory_error = -ENXIO;
	assert_int_equal(device_dma(&dma), -ENXIO);
	dma.write = true;
	assert_int_equal(device_dma(&dma), -ENXIO);
	memory_error = 0;
	assert_int_equal(device_dma(&dma), 0);
}

static void a_mapping_with_a_file_needs_no_messages(void **state)
{
	int fd = memfd_create("vut-memory", MFD_CLOEXEC);
	u8 data[4] = { 0 };
	struct dma dma = { .iova = 0x1000, .data = data, .count = 4 };

	assert_int_equal(ftruncate(fd, 0x1000), 0);
	assert_int_equal(pwrite(fd, "abcd", 4, 0), 4);
	assert_int_equal(vfio_user_client_dma_map(client, 0x1000, 0x1000, 3, fd, 0), 0);
	assert_int_equal(device_dma(&dma), 0);
	assert_memory_equal(data, "abcd", 4);
	assert_int_equal(accesses, 0);
	close(fd);
}

static void memory_that_is_unmapped_is_out_of_reach(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };

	assert_int_equal(vfio_user_client_dma_unmap(client, IOVA, MEMORY_SIZE, 0), 0);
	assert_int_equal(device_dma(&dma), -EINVAL);
	assert_int_equal(accesses, 0);
}

static void *dma_thread(void *data)
{
	struct dma *dma = data;

	dma->result = vfio_dma_rw(vut_dev->group, dma->iova, dma->data, dma->count, dma->write);
	return NULL;
}

static pthread_t start(void *(*fn)(void *data), struct dma *dma)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, fn, dma), 0);
	return thread;
}

static void a_thread_of_the_driver_reads_while_the_client_is_idle(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA + 8, .data = data, .count = 4 };
	pthread_t thread;

	memcpy(memory + 8, "1234", 4);
	thread = start(dma_thread, &dma);
	assert_int_equal(vfio_user_client_serve(client, VUT_LIMIT_MS), 0);
	pthread_join(thread, NULL);
	assert_int_equal(dma.result, 0);
	assert_memory_equal(data, "1234", 4);
}

static int wait_for_dma(struct vut_device *device, u64 value)
{
	pthread_join(start(dma_thread, device->data), NULL);
	return 0;
}

static void a_thread_reads_while_the_connections_thread_waits_for_it(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA + 8, .data = data, .count = 4 };
	u32 value = 1, i;

	memcpy(memory + 8, "5678", 4);
	vut_dev->data = &dma;
	vut_dev->hook = wait_for_dma;
	for (i = 0; i < 50; i++) {
		assert_int_equal(vfio_user_client_region_write(client, VUT_HOOK, 0, &value, 4), 4);
		assert_int_equal(dma.result, 0);
		assert_memory_equal(data, "5678", 4);
	}
}

static void *stress_thread(void *data)
{
	struct dma *dma = data;
	int i;

	for (i = 0; i < 200 && !dma->result; i++) {
		dma->write = i & 1;
		dma_thread(dma);
	}
	return NULL;
}

static void many_threads_read_and_write_while_the_client_asks(void **state)
{
	enum {
		THREADS = 4
	};
	pthread_t threads[THREADS];
	struct dma dma[THREADS];
	u8 data[THREADS][64];
	u32 value, i;

	for (i = 0; i < THREADS; i++) {
		dma[i] = (struct dma){ .iova = IOVA + i * 4096, .data = data[i], .count = 64 };
		threads[i] = start(stress_thread, &dma[i]);
	}
	/* The client answers while it waits for replies of its own. */
	while (accesses < THREADS * 200) {
		assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, 0, &value, 4), 4);
		vfio_user_client_set_timeout(client, VUT_LIMIT_MS);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(dma[i].result, 0);
	}
}

struct dma_message {
	struct vfio_user_header header;
	u64 addr, count; /* struct vfio_user_dma_access */
	u8 data[64];
};

/* Write to the hook without waiting, and take the DMA message that comes of it. */
static void provoke(struct dma *dma, struct dma_message *msg)
{
	u32 value = 1;

	vut_dev->data = dma;
	vut_dev->hook = do_dma;
	assert_int_equal(vfio_user_client_region_post(client, VUT_HOOK, 0, &value, 4), 0);
	assert_true(vfio_user_client_recv_raw(client, &msg->header, &msg->addr, 80) >= 16);
	assert_int_equal(msg->header.flags, VFIO_USER_TYPE_COMMAND);
	assert_int_equal(msg->addr, dma->iova);
	assert_int_equal(msg->count, dma->count);
}

static void answer(struct dma_message *msg, u32 flags, u32 error, size_t payload)
{
	msg->header.flags = VFIO_USER_TYPE_REPLY | flags;
	msg->header.error_no = error;
	msg->header.msg_size = sizeof(msg->header) + payload;
	assert_int_equal(vfio_user_client_send_raw(client, msg, msg->header.msg_size, NULL, 0), 0);
}

/* The write to the hook has no reply; this one has, and comes after it. */
static void wait_until_done(void)
{
	u32 value;

	assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, 0, &value, 4), 4);
}

static void requests_sent_before_the_reply_wait_and_are_done_in_order(void **state)
{
	struct {
		struct vfio_user_header header;
		u64 offset; /* struct vfio_user_region_access */
		u32 region, count, value;
	} request = { { 0, VFIO_USER_REGION_WRITE, 36, 0, 0 }, 4, VUT_BAR, 4, 0 };
	int fd = memfd_create("vut-memory", MFD_CLOEXEC), before = vut_count_fds(), i;
	struct {
		struct vfio_user_header header;
		struct vfio_user_dma_map map;
	} map = { { 100, VFIO_USER_DMA_MAP, 48, 0, 0 }, { 32, 3, 0, 0x1000, 0x1000 } };
	struct vfio_user_header reply;
	u8 data[4] = { 0 }, payload[64];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;

	assert_int_equal(ftruncate(fd, 0x2000), 0);
	provoke(&dma, &msg);
	for (i = 0; i < 10; i++) {
		request.header.msg_id = i;
		request.value = i + 1;
		assert_int_equal(vfio_user_client_send_raw(client, &request, 36, NULL, 0), 0);
		map.header.msg_id = 100 + i;
		map.map.addr = 0x1000 * (i + 1);
		assert_int_equal(vfio_user_client_send_raw(client, &map, 48, &fd, i & 1), 0);
	}
	memcpy(msg.data, "data", 4);
	answer(&msg, 0, 0, 16 + 4);
	for (i = 0; i < 10; i++) {
		assert_int_equal(vfio_user_client_recv_raw(client, &reply, payload, 64), 16);
		assert_int_equal(reply.msg_id, i);
		assert_int_equal(vfio_user_client_recv_raw(client, &reply, payload, 64), 0);
		assert_int_equal(reply.msg_id, 100 + i);
		assert_int_equal(reply.flags, VFIO_USER_TYPE_REPLY);
	}
	assert_int_equal(dma.result, 0);
	assert_memory_equal(data, "data", 4);
	assert_int_equal(vut_dev->bar[4], 10);
	vut_wait_fds(before);
	close(fd);
}

static void replies_that_make_no_sense_are_errors(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;

	provoke(&dma, &msg);
	answer(&msg, 0, 0, 0);
	wait_until_done();
	assert_int_equal(dma.result, -EPROTO);

	provoke(&dma, &msg);
	answer(&msg, 0, 0, 16 + 3);
	wait_until_done();
	assert_int_equal(dma.result, -EPROTO);

	provoke(&dma, &msg);
	msg.count = 3;
	answer(&msg, 0, 0, 16 + 3);
	wait_until_done();
	assert_int_equal(dma.result, -EPROTO);

	provoke(&dma, &msg);
	answer(&msg, VFIO_USER_ERROR, 0, 0);
	wait_until_done();
	assert_int_equal(dma.result, -EIO);

	provoke(&dma, &msg);
	answer(&msg, VFIO_USER_ERROR, 0x80000000, 0);
	wait_until_done();
	assert_int_equal(dma.result, -EIO);

	/* There is no more to be said of a write. */
	dma.write = true;
	provoke(&dma, &msg);
	answer(&msg, 0, 0, 0);
	wait_until_done();
	assert_int_equal(dma.result, 0);
}

static void a_reply_of_another_id_is_not_the_reply(void **state)
{
	u8 data[4] = { 0 };
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;

	provoke(&dma, &msg);
	memcpy(msg.data, "none", 4);
	msg.header.msg_id++;
	answer(&msg, 0, 0, 16 + 4);
	msg.header.msg_id--;
	msg.header.cmd = VFIO_USER_DMA_WRITE;
	answer(&msg, 0, 0, 16 + 4);
	msg.header.cmd = VFIO_USER_DMA_READ;
	memcpy(msg.data, "this", 4);
	answer(&msg, 0, 0, 16 + 4);
	wait_until_done();
	assert_int_equal(dma.result, 0);
	assert_memory_equal(data, "this", 4);
}

static void a_client_that_does_not_answer_is_asked_no_more_until_it_does(void **state)
{
	u8 data[4] = { 0 };
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;
	u32 value = 1;

	provoke(&dma, &msg);
	wait_until_done();
	assert_int_equal(dma.result, -ETIMEDOUT);
	dma.result = 0;
	assert_int_equal(vfio_user_client_region_write(client, VUT_HOOK, 0, &value, 4), 4);
	assert_int_equal(dma.result, -ETIMEDOUT);

	answer(&msg, 0, 0, 16 + 4);
	wait_until_done();
	memcpy(memory, "good", 4);
	assert_int_equal(device_dma(&dma), 0);
	assert_memory_equal(data, "good", 4);
}

static void a_client_may_go_while_its_answer_is_awaited(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;

	provoke(&dma, &msg);
	vfio_user_client_close(client);
	client = NULL;
	vut_assert_serves();
	assert_int_equal(dma.result, -ENOTCONN);
}

static void a_client_may_go_while_threads_wait_for_its_answer(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct vfio_user_header header;
	pthread_t thread;
	u8 payload[64];

	thread = start(dma_thread, &dma);
	assert_int_equal(vfio_user_client_recv_raw(client, &header, payload, sizeof(payload)), 16);
	assert_int_equal(header.cmd, VFIO_USER_DMA_READ);
	vfio_user_client_close(client);
	client = NULL;
	pthread_join(thread, NULL);
	assert_int_equal(dma.result, -ENOTCONN);
	vut_assert_serves();
}

static void a_client_that_sends_on_and_does_not_answer_is_asked_again_later(void **state)
{
	static struct {
		struct vfio_user_header header;
		u64 offset; /* struct vfio_user_region_access */
		u32 region, count;
		u8 data[65536];
	} request = {
		.header = { 1, VFIO_USER_REGION_WRITE, sizeof(request), VFIO_USER_NO_REPLY, 0 },
		.region = VUT_LARGE,
		.count = sizeof(request.data),
	};
	u8 data[4] = { 0 };
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;
	int i;

	provoke(&dma, &msg);
	for (i = 0; i < 100; i++)
		assert_int_equal(
			vfio_user_client_send_raw(client, &request, sizeof(request), NULL, 0), 0);
	wait_until_done();
	assert_int_equal(dma.result, -ETIMEDOUT);

	answer(&msg, 0, 0, 16 + 4);
	wait_until_done();
	memcpy(memory, "good", 4);
	assert_int_equal(device_dma(&dma), 0);
	assert_memory_equal(data, "good", 4);
}

static bool has_input(void *data)
{
	struct pollfd pfd = { .fd = vfio_user_client_fd(client), .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

/* Ask for so much that the server cannot send it all, and wait until it tries. */
static void leave_replies_unread(void)
{
	struct {
		struct vfio_user_header header;
		u64 offset; /* struct vfio_user_region_access */
		u32 region, count;
	} request = { { 1, VFIO_USER_REGION_READ, sizeof(request), 0, 0 }, 0, VUT_LARGE, 1u << 20 };

	assert_int_equal(vfio_user_client_send_raw(client, &request, sizeof(request), NULL, 0), 0);
	assert_true(vut_wait_for(has_input, NULL));
}

static void a_client_that_reads_nothing_holds_up_the_device_once_for_a_while(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct timespec limit;
	pthread_t thread;
	u64 begin;
	int i;

	leave_replies_unread();
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += VUT_LIMIT_MS / 1000;
	thread = start(dma_thread, &dma);
	i = pthread_timedjoin_np(thread, NULL, &limit);
	if (i) {
		/* Let it go, to fail here and not at the end. */
		vfio_user_client_close(client);
		client = NULL;
		pthread_join(thread, NULL);
	}
	assert_int_equal(i, 0);
	assert_int_equal(dma.result, -ETIMEDOUT);
	/* Each of these would take 300 ms. */
	begin = ktime_get_ns();
	for (i = 0; i < 100; i++) {
		dma_thread(&dma);
		assert_int_equal(dma.result, -ETIMEDOUT);
	}
	assert_in_range(ktime_get_ns() - begin, 0, 100 * 150 * NSEC_PER_MSEC);
}

static void a_client_that_reads_again_is_asked_again(void **state)
{
	static u8 payload[(1u << 20) + 16];
	u8 data[4] = { 0 };
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct vfio_user_header header;

	leave_replies_unread();
	dma_thread(&dma);
	assert_int_equal(dma.result, -ETIMEDOUT);
	assert_int_equal(vfio_user_client_recv_raw(client, &header, payload, sizeof(payload)),
			 sizeof(payload));
	memcpy(memory, "good", 4);
	assert_int_equal(device_dma(&dma), 0);
	assert_memory_equal(data, "good", 4);
}

static void a_client_that_reads_by_drops_is_disconnected(void **state)
{
	static u8 data[1u << 20];
	struct dma dma = { .iova = IOVA, .data = data, .count = sizeof(data), .write = true };
	u8 drops[32768];
	pthread_t thread;
	size_t sum = 0;
	ssize_t len;

	thread = start(dma_thread, &dma);
	while ((len = recv(vfio_user_client_fd(client), drops, sizeof(drops), 0)) > 0) {
		sum += (size_t)len;
		/* Twice the server's patience for all of it, but a fraction of that for each drop. */
		poll(NULL, 0, 20);
	}
	pthread_join(thread, NULL);
	assert_int_equal(dma.result, -ENOTCONN);
	assert_in_range(sum, 1, sizeof(data));
}

/* Set @nr interrupts of one kind, all to @event, and do not wait for the reply. */
static void send_irqs(struct vfio_user_client *c, int event, u32 nr)
{
	struct {
		struct vfio_user_header header;
		struct vfio_irq_set set;
	} __packed msg = {
		.header = { 1, VFIO_USER_DEVICE_SET_IRQS, sizeof(msg), 0, 0 },
		.set = { sizeof(msg.set), VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			 VFIO_PCI_MSIX_IRQ_INDEX, 0, nr },
	};
	int fds[16];
	u32 i;

	for (i = 0; i < nr; i++)
		fds[i] = event;
	assert_int_equal(vfio_user_client_send_raw(c, &msg, sizeof(msg), fds, (int)nr), 0);
}

static bool has_more_fds(void *data)
{
	return vut_count_fds() > *(int *)data;
}

/* The limit of descriptors for the whole process, and the server's for those sent ahead. */
#define LOW_LIMIT 256
#define POOL	  (LOW_LIMIT / 4 / 2)

static void a_client_that_sends_descriptors_ahead_leaves_others_enough(void **state)
{
	struct vfio_user_server_params params = { .dma_timeout_ms = VUT_LIMIT_MS };
	int event = eventfd(0, EFD_CLOEXEC), many, most, i;
	struct vfio_user_client *other;
	struct vut_device *device;
	struct rlimit old, low;
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct dma_message msg;
	int fds[16];

	vfio_user_client_close(client);
	vut_stop_server();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = LOW_LIMIT;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	vut_start_server(&params);
	device = vut_device_create("dev1");
	client = vut_open();
	assert_int_equal(vfio_user_client_dma_map(client, IOVA, MEMORY_SIZE, 3, -1, 0), 0);

	/* The device waits for an answer, which would come behind all these. */
	provoke(&dma, &msg);
	many = vut_count_fds() + 16;
	most = many + POOL;
	for (i = 0; i < 20; i++)
		send_irqs(client, event, 16);
	assert_true(vut_wait_for(has_more_fds, &many));

	for (i = 0; i < 16; i++)
		fds[i] = event;
	assert_int_equal(vfio_user_client_connect(vut_path("dev1"), &other), 0);
	vfio_user_client_set_timeout(other, VUT_LIMIT_MS);
	assert_int_equal(vfio_user_client_version(other, NULL), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(vfio_user_client_set_irqs(other,
							   VFIO_IRQ_SET_DATA_EVENTFD |
								   VFIO_IRQ_SET_ACTION_TRIGGER,
							   VFIO_PCI_MSIX_IRQ_INDEX, 0, 16, fds),
				 0);
	assert_int_equal(vut_device_nr_vectors(device), 16);
	vfio_user_client_close(other);
	vut_device_destroy(device);
	assert_in_range(vut_count_fds(), many, most);

	vfio_user_client_close(client);
	client = NULL;
	vut_assert_serves();
	assert_int_equal(dma.result, -ENOTCONN);
	close(event);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

static void descriptors_sent_ahead_are_used_once_the_answer_has_come(void **state)
{
	int event = eventfd(0, EFD_CLOEXEC), before, i;
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };
	struct vfio_user_header reply;
	struct dma_message msg;

	provoke(&dma, &msg);
	before = vut_count_fds();
	for (i = 0; i < 20; i++)
		send_irqs(client, event, 16);
	for (i = 0; i < 20; i++) {
		assert_int_equal(vfio_user_client_recv_raw(client, &reply, NULL, 0), 0);
		assert_int_equal(reply.cmd, VFIO_USER_DEVICE_SET_IRQS);
		assert_int_equal(reply.flags, VFIO_USER_TYPE_REPLY);
	}
	/* The access has timed out meanwhile. */
	assert_int_equal(dma.result, -ETIMEDOUT);
	vut_wait_fds(before + 16);
	close(event);
}

static void messages_without_memory_are_refused_by_the_client(void **state)
{
	u8 data[4];
	struct dma dma = { .iova = IOVA, .data = data, .count = 4 };

	vfio_user_client_set_dma_ops(client, NULL, NULL);
	assert_int_equal(device_dma(&dma), -EFAULT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_device_reads_and_writes_by_messages),
		T(large_accesses_come_in_messages_that_the_client_takes),
		T(a_client_with_a_lower_limit_gets_smaller_messages),
		T(the_clients_error_is_the_drivers),
		T(a_mapping_with_a_file_needs_no_messages),
		T(memory_that_is_unmapped_is_out_of_reach),
		T(a_thread_of_the_driver_reads_while_the_client_is_idle),
		T(a_thread_reads_while_the_connections_thread_waits_for_it),
		T(many_threads_read_and_write_while_the_client_asks),
		T(requests_sent_before_the_reply_wait_and_are_done_in_order),
		T(replies_that_make_no_sense_are_errors),
		T(a_reply_of_another_id_is_not_the_reply),
		T(a_client_that_does_not_answer_is_asked_no_more_until_it_does),
		T(a_client_may_go_while_its_answer_is_awaited),
		T(a_client_may_go_while_threads_wait_for_its_answer),
		T(a_client_that_sends_on_and_does_not_answer_is_asked_again_later),
		T(a_client_that_reads_nothing_holds_up_the_device_once_for_a_while),
		T(a_client_that_reads_again_is_asked_again),
		T(a_client_that_reads_by_drops_is_disconnected),
		T(a_client_that_sends_descriptors_ahead_leaves_others_enough),
		T(descriptors_sent_ahead_are_used_once_the_answer_has_come),
		T(messages_without_memory_are_refused_by_the_client),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
