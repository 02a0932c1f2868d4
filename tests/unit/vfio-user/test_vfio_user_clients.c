// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* Clients come and go: sockets, one user at a time, death at any point, devices that go. */
#include "vut.h"

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <umdev/error.h>
#include <umdev/log.h>

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int connect_error(const char *name)
{
	struct vfio_user_client *client;
	int ret = vfio_user_client_connect(vut_path(name), &client);

	if (!ret)
		vfio_user_client_close(client);
	return ret;
}

static void a_device_has_a_socket_of_its_owners(void **state)
{
	struct vut_device *d;
	struct stat st;

	assert_int_equal(stat(vut_path("dev0"), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(connect_error("dev1"), -ENOENT);
	d = vut_device_create("dev1");
	assert_int_equal(connect_error("dev1"), 0);
	vut_device_destroy(d);
	assert_int_equal(connect_error("dev1"), -ENOENT);
	vut_stop_server();
	assert_int_equal(connect_error("dev0"), -ENOENT);
}

static void sockets_can_be_for_others(void **state)
{
	struct vfio_user_server_params params = { .mode = 0666 };
	struct stat st;

	vut_stop_server();
	vut_start_server(&params);
	assert_int_equal(stat(vut_path("dev0"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
}

static void what_a_former_server_left_is_replaced(void **state)
{
	int fd;

	vut_stop_server();
	fd = open(vut_path("dev0"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	vut_start_server(NULL);
	vut_assert_serves();
}

static void a_socket_path_that_is_too_long_leaves_the_device_out(void **state)
{
	struct vut_device *d;
	char name[128];

	memset(name, 'x', sizeof(name));
	name[120] = '\0';
	d = vut_device_create(name);
	vut_assert_serves();
	vut_device_destroy(d);
	vut_assert_serves();
}

static void a_directory_that_is_none_is_refused(void **state)
{
	struct vfio_user_server_params params = { .dir = "/dev/null" };
	struct umdev_error err;

	assert_null(vfio_user_server_create(&params, &err));
	assert_int_equal(err.code, -ENOTDIR);
	params.dir = "/nonexistent/vut";
	assert_null(vfio_user_server_create(&params, &err));
	assert_int_equal(err.code, -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/vut"));
	assert_null(vfio_user_server_create(&params, NULL));
}

static void a_second_client_is_refused(void **state)
{
	struct vfio_user_client *first = vut_open(), *second;
	struct vfio_user_device_info info;

	second = vut_connect();
	assert_int_equal(vfio_user_client_version(second, NULL), -EBUSY);
	vut_assert_closed(second);
	vfio_user_client_close(second);
	assert_int_equal(vfio_user_client_device_info(first, &info), 0);
	vfio_user_client_close(first);
	vut_assert_serves();
}

static void a_client_that_says_nothing_takes_no_device(void **state)
{
	struct vfio_user_client *silent[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(silent); i++)
		silent[i] = vut_connect();
	vut_assert_serves();
	for (i = 0; i < ARRAY_SIZE(silent); i++)
		vfio_user_client_close(silent[i]);
}

static void a_client_that_says_nothing_is_sent_away(void **state)
{
	struct vfio_user_server_params params = { .handshake_ms = 20 };
	struct vfio_user_client *client;
	struct vfio_user_device_info info;

	vut_stop_server();
	vut_start_server(&params);
	client = vut_connect();
	vut_assert_closed(client);
	vfio_user_client_close(client);
	/* Which is over once it has said something. */
	client = vut_open();
	vfio_user_client_set_timeout(client, 60);
	assert_int_equal(vfio_user_client_serve(client, 60), -ETIMEDOUT);
	vfio_user_client_set_timeout(client, VUT_LIMIT_MS);
	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	vfio_user_client_close(client);
}

static void a_client_that_drips_its_version_is_sent_away(void **state)
{
	struct vfio_user_server_params params = { .handshake_ms = 40 };
	struct vfio_user_header reply, header = { .cmd = VFIO_USER_VERSION, .msg_size = 60000 };
	struct vfio_user_client *client;
	u8 byte = 0, payload[64];
	int ret = -ETIMEDOUT, i;

	vut_stop_server();
	vut_start_server(&params);
	client = vut_connect();
	assert_int_equal(vfio_user_client_send_raw(client, &header, sizeof(header), NULL, 0), 0);
	/* A byte now and then, well within the time. */
	vfio_user_client_set_timeout(client, 5);
	for (i = 0; i < 1000 && ret == -ETIMEDOUT; i++) {
		ret = vfio_user_client_send_raw(client, &byte, 1, NULL, 0);
		if (!ret)
			ret = vfio_user_client_recv_raw(client, &reply, payload, sizeof(payload));
	}
	assert_int_not_equal(ret, -ETIMEDOUT);
	vfio_user_client_close(client);
	vut_assert_serves();
}

static void too_many_clients_are_refused(void **state)
{
	struct vfio_user_client *clients[9];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(clients); i++)
		clients[i] = vut_connect();
	vut_assert_closed(clients[8]);
	for (i = 0; i < ARRAY_SIZE(clients); i++)
		vfio_user_client_close(clients[i]);
	vut_assert_serves();
}

/* The points at which a client may go, each with all before it done. */
enum step {
	CONNECTED,
	HALF_A_HEADER,
	HALF_A_VERSION,
	VERSION,
	MAPPED,
	REMOTE,
	INTERRUPTS,
	WRITTEN,
	HALF_A_MAP,
	HALF_A_WRITE,
	UNREAD_REPLIES,
	NR_STEPS,
};

/* One that does not return checks nothing: it may be another process. */
static void go_to(struct vfio_user_client *client, enum step last, int memory, int event)
{
	struct vfio_user_header header = { 1, VFIO_USER_VERSION, 20, 0, 0 };
	u8 msg[sizeof(header) + 4096] = { 0 };
	struct vfio_user_header reply;
	u32 value = 1;
	int i;

	memcpy(msg, &header, sizeof(header));
	if (last == HALF_A_HEADER)
		vfio_user_client_send_raw(client, msg, 7, NULL, 0);
	if (last == HALF_A_VERSION)
		vfio_user_client_send_raw(client, msg, 18, NULL, 0);
	if (last < VERSION)
		return;
	vfio_user_client_version(client, NULL);
	if (last >= MAPPED)
		vfio_user_client_dma_map(client, 0, 0x10000, 3, memory, 0);
	if (last >= REMOTE)
		vfio_user_client_dma_map(client, 0x100000, 0x10000, 3, -1, 0);
	if (last >= INTERRUPTS) {
		vfio_user_client_set_irqs(client, 0x24, 0, 0, 1, &event);
		vfio_user_client_set_irqs(client, 0x24, 2, 3, 1, &event);
	}
	if (last >= WRITTEN)
		vfio_user_client_region_write(client, VUT_BAR, 0, &value, 4);
	if (last == HALF_A_MAP) {
		header = (struct vfio_user_header){ 2, VFIO_USER_DMA_MAP, 48, 0, 0 };
		memcpy(msg, &header, sizeof(header));
		vfio_user_client_send_raw(client, msg, 30, &memory, 1);
	}
	if (last == HALF_A_WRITE) {
		header = (struct vfio_user_header){ 2, VFIO_USER_REGION_WRITE, 16 + 16 + 4096, 0,
						    0 };
		memcpy(msg, &header, sizeof(header));
		vfio_user_client_send_raw(client, msg, 2000, NULL, 0);
	}
	if (last == UNREAD_REPLIES) {
		header = (struct vfio_user_header){ 2, VFIO_USER_REGION_READ, 32, 0, 0 };
		memcpy(msg, &header, sizeof(header));
		msg[28] = 0x10;
		msg[29] = 0x10;
		/* Let one reply arrive, so that the server is in the midst of sending. */
		for (i = 0; i < 100; i++)
			vfio_user_client_send_raw(client, msg, 32, NULL, 0);
		vfio_user_client_recv_raw(client, &reply, msg, sizeof(msg));
	}
}

static int count_maps_of(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	int count = 0;

	while (fgets(line, sizeof(line), maps))
		count += strstr(line, name) != NULL;
	fclose(maps);
	return count;
}

static void assert_nothing_left(int fds)
{
	/* This client's turn comes when the other one is gone entirely. */
	struct vfio_user_client *client = vut_open();

	assert_int_equal(vut_device_nr_vectors(vut_dev), 0);
	assert_int_equal(vut_dev->bar[0], 0);
	assert_int_equal(count_maps_of("vut-memory"), 0);
	assert_int_equal(atomic_read(&vut_dev->opens), atomic_read(&vut_dev->releases) + 1);
	vut_wait_fds(fds + 2);
	vfio_user_client_close(client);
	vut_wait_fds(fds);
}

static void a_client_may_go_at_any_point(void **state)
{
	int memory = memfd_create("vut-memory", MFD_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);
	struct vfio_user_client *client;
	enum step step;
	int fds;

	assert_int_equal(ftruncate(memory, 0x10000), 0);
	fds = vut_count_fds();
	for (step = 0; step < NR_STEPS; step++) {
		client = vut_connect();
		go_to(client, step, memory, event);
		vfio_user_client_close(client);
		assert_nothing_left(fds);
	}
	close(memory);
	close(event);
}

static void a_client_may_be_killed_at_any_point(void **state)
{
	int memory = memfd_create("vut-memory", MFD_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);
	struct vfio_user_client *client;
	enum step step;
	pid_t pid;
	int fds;

	assert_int_equal(ftruncate(memory, 0x10000), 0);
	fds = vut_count_fds();
	for (step = 0; step < NR_STEPS; step++) {
		client = vut_connect();
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			go_to(client, step, memory, event);
			kill(getpid(), SIGKILL);
		}
		vfio_user_client_close(client);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_nothing_left(fds);
	}
	close(memory);
	close(event);
}

static struct completion entered, leave;

static int wait_in_driver(struct vut_device *device, u64 value)
{
	complete(&entered);
	wait_for_completion(&leave);
	return 0;
}

/* Make the connection's thread stay in the driver, and let the client go. */
static void leave_a_client_in_the_driver(void)
{
	struct vfio_user_client *client = vut_open();
	u32 value = 1;

	init_completion(&entered);
	init_completion(&leave);
	vut_dev->hook = wait_in_driver;
	assert_int_equal(vfio_user_client_region_post(client, VUT_HOOK, 0, &value, 4), 0);
	assert_true(wait_for_completion_timeout(&entered, VUT_LIMIT_MS) > 0);
	vfio_user_client_close(client);
}

static void *open_client(void *data)
{
	struct vfio_user_client **client = data;

	*client = vut_open();
	return NULL;
}

static bool thread_waits(void *data)
{
	/* Two of the server's threads: one in the driver, one that waits for the device. */
	struct dirent *entry;
	DIR *d = opendir("/proc/self/task");
	char path[300], comm[32];
	int count = 0, fd;

	while ((entry = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		memset(comm, 0, sizeof(comm));
		if (read(fd, comm, sizeof(comm) - 1) > 0 && !strncmp(comm, "vfio-user/", 10))
			count++;
		close(fd);
	}
	closedir(d);
	return count >= *(int *)data;
}

static void the_next_client_waits_until_the_last_one_is_gone(void **state)
{
	struct vfio_user_client *next = NULL;
	struct vfio_user_device_info info;
	pthread_t thread;
	int two = 2;

	leave_a_client_in_the_driver();
	assert_int_equal(pthread_create(&thread, NULL, open_client, &next), 0);
	assert_true(vut_wait_for(thread_waits, &two));
	complete(&leave);
	pthread_join(thread, NULL);
	assert_non_null(next);
	assert_int_equal(vfio_user_client_device_info(next, &info), 0);
	assert_int_equal(atomic_read(&vut_dev->opens), 2);
	assert_int_equal(atomic_read(&vut_dev->releases), 1);
	vfio_user_client_close(next);
}

static void a_client_that_gives_up_waiting_is_forgotten(void **state)
{
	struct vfio_user_client *next;
	int fds = vut_count_fds();

	leave_a_client_in_the_driver();
	next = vut_connect();
	vfio_user_client_set_timeout(next, 10);
	assert_int_equal(vfio_user_client_version(next, NULL), -ETIMEDOUT);
	vfio_user_client_close(next);
	/* The first one's end is all that is left. */
	vut_wait_fds(fds + 1);
	complete(&leave);
	vut_assert_serves();
	assert_int_equal(atomic_read(&vut_dev->opens), 2);
}

static void *destroy_device(void *data)
{
	vut_device_destroy(data);
	return NULL;
}

static bool socket_is_gone(void *data)
{
	return access(vut_path("dev0"), F_OK) != 0;
}

static void a_device_that_goes_takes_no_new_client_and_waits_for_the_old_one(void **state)
{
	struct vfio_user_client *client = vut_open(), *waiting = vut_connect();
	struct vfio_user_device_info info;
	pthread_t thread;
	u32 value = 7;

	/* The device lives as long as this reference. */
	get_device(&vut_dev->dev);
	assert_int_equal(pthread_create(&thread, NULL, destroy_device, vut_dev), 0);
	assert_true(vut_wait_for(socket_is_gone, NULL));
	assert_int_equal(connect_error("dev0"), -ENOENT);
	vut_assert_closed(waiting);
	vfio_user_client_close(waiting);

	assert_int_equal(vfio_user_client_device_info(client, &info), 0);
	assert_int_equal(vfio_user_client_region_write(client, VUT_BAR, 0, &value, 4), 4);
	assert_int_equal(atomic_read(&vut_dev->releases), 0);
	vfio_user_client_close(client);
	pthread_join(thread, NULL);
	assert_int_equal(atomic_read(&vut_dev->releases), 1);
	put_device(&vut_dev->dev);
	vut_dev = NULL;
}

static void a_device_may_come_back_under_its_name(void **state)
{
	int i;

	for (i = 0; i < 20; i++) {
		vut_assert_serves();
		vut_device_destroy(vut_dev);
		vut_dev = vut_device_create("dev0");
	}
	vut_assert_serves();
}

static void the_servers_end_disconnects_its_clients(void **state)
{
	struct vfio_user_client *client = vut_open(), *silent = vut_connect();
	int fds = vut_count_fds();

	vut_stop_server();
	vut_assert_closed(client);
	vut_assert_closed(silent);
	assert_int_equal(atomic_read(&vut_dev->opens), 1);
	assert_int_equal(atomic_read(&vut_dev->releases), 1);
	assert_int_equal(atomic_read(&vut_dev->resets), 1);
	vfio_user_client_close(client);
	vfio_user_client_close(silent);
	assert_in_range(vut_count_fds(), 0, fds - 4);
}

static void a_server_may_be_destroyed_before_it_is_made(void **state)
{
	vfio_user_server_destroy(NULL);
}

static void without_descriptors_clients_are_refused_and_others_go_on(void **state)
{
	struct vfio_user_client *client = vut_open(), *refused;
	struct vfio_user_device_info info;
	struct rlimit old, low;
	int hoard[256], n = 0;

	/* Take all descriptors but the one that the next client needs for itself. */
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = 200;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	while (n < 256 && (hoard[n] = dup(0)) >= 0)
		n++;
	assert_in_range(n, 1, 255);
	close(hoard[--n]);

	assert_int_equal(vfio_user_client_connect(vut_path("dev0"), &refused), 0);
	vut_assert_closed(refused);
	vfio_user_client_close(refused);
	assert_int_equal(vfio_user_client_device_info(client, &info), 0);

	while (n)
		close(hoard[--n]);
	setrlimit(RLIMIT_NOFILE, &old);
	vfio_user_client_close(client);
	vut_assert_serves();
}

/* Lines of the log since a moment, by what they are about. */
struct lines {
	atomic_t connected;
	atomic_t no_message;
	atomic_t other_device;
	unsigned long start;
};

static void count_line(const struct umdev_log_record *record, void *data)
{
	struct lines *lines = data;

	if (strstr(record->text, "dev0: ") && strstr(record->text, "connected"))
		atomic_inc(&lines->connected);
	if (strstr(record->text, "dev0: ") && strstr(record->text, "sent what is no message"))
		atomic_inc(&lines->no_message);
	if (strstr(record->text, "dev1: ") && strstr(record->text, "connected"))
		atomic_inc(&lines->other_device);
}

/* Each interval of five seconds has ten lines, and it may have taken several. */
static void assert_limited(atomic_t *count, unsigned long start)
{
	assert_in_range(atomic_read(count), 10, 10 * (1 + (jiffies - start) / (5 * HZ)));
}

static bool other_device_is_heard(void *data)
{
	struct lines *lines = data;

	return atomic_read(&lines->other_device) == 2;
}

static void a_client_that_makes_noise_silences_no_other_device(void **state)
{
	static const struct vfio_user_header broken = { .cmd = VFIO_USER_REGION_READ };
	struct lines lines = { .start = jiffies };
	struct umdev_log_subscriber subscriber = { .fn = count_line, .data = &lines };
	struct vut_device *other = vut_device_create("dev1");
	struct vfio_user_client *client;
	struct vfio_user_header reply;
	int i;

	umdev_log_subscribe(&subscriber);
	for (i = 0; i < 100; i++) {
		client = vut_open();
		assert_int_equal(
			vfio_user_client_send_raw(client, &broken, sizeof(broken), NULL, 0), 0);
		assert_int_equal(vfio_user_client_recv_raw(client, &reply, NULL, 0), 0);
		vut_assert_closed(client);
		vfio_user_client_close(client);
	}
	assert_int_equal(vfio_user_client_connect(vut_path("dev1"), &client), 0);
	assert_int_equal(vfio_user_client_version(client, NULL), 0);
	vfio_user_client_close(client);
	vut_wait_for(other_device_is_heard, &lines);
	vut_device_destroy(other);
	umdev_log_unsubscribe(&subscriber);

	assert_limited(&lines.connected, lines.start);
	assert_limited(&lines.no_message, lines.start);
	assert_int_equal(atomic_read(&lines.other_device), 2);
}

static bool thread_sleeps(void *data)
{
	struct dirent *entry;
	DIR *d = opendir("/proc/self/task");
	char path[300], stat[256];
	bool found = false;
	FILE *file;

	while ((entry = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/stat", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(stat, sizeof(stat), file) && strstr(stat, "(vfio-user/"))
			found = strstr(stat, ") S ") != NULL;
		fclose(file);
	}
	closedir(d);
	return found;
}

static void a_client_that_is_idle_costs_no_time(void **state)
{
	struct vfio_user_client *client = vut_open();
	u32 value, i;

	for (i = 0; i < 5000; i++)
		assert_int_equal(vfio_user_client_region_read(client, VUT_BAR, 0, &value, 4), 4);
	assert_true(vut_wait_for(thread_sleeps, NULL));
	vfio_user_client_close(client);
}

static void a_server_that_never_spins_answers_as_well(void **state)
{
	struct vfio_user_server_params params = { .spin_us = VFIO_USER_NO_SPIN };

	vut_stop_server();
	vut_start_server(&params);
	vut_assert_serves();
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, vut_setup, vut_teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_has_a_socket_of_its_owners),
		T(sockets_can_be_for_others),
		T(what_a_former_server_left_is_replaced),
		T(a_socket_path_that_is_too_long_leaves_the_device_out),
		T(a_directory_that_is_none_is_refused),
		T(a_second_client_is_refused),
		T(a_client_that_says_nothing_takes_no_device),
		T(a_client_that_says_nothing_is_sent_away),
		T(a_client_that_drips_its_version_is_sent_away),
		T(too_many_clients_are_refused),
		T(a_client_may_go_at_any_point),
		T(a_client_may_be_killed_at_any_point),
		T(the_next_client_waits_until_the_last_one_is_gone),
		T(a_client_that_gives_up_waiting_is_forgotten),
		T(a_device_that_goes_takes_no_new_client_and_waits_for_the_old_one),
		T(a_device_may_come_back_under_its_name),
		T(the_servers_end_disconnects_its_clients),
		T(a_server_may_be_destroyed_before_it_is_made),
		T(without_descriptors_clients_are_refused_and_others_go_on),
		T(a_client_that_makes_noise_silences_no_other_device),
		T(a_client_that_is_idle_costs_no_time),
		T(a_server_that_never_spins_answers_as_well),
	};

	return cmocka_run_group_tests(tests, vut_up, vut_down);
}
