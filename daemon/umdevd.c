// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * umdevd: the daemon in which mediated device drivers run.
 *
 * The main thread brings everything up, waits for the end, and takes
 * everything down in reverse order. The loop's thread runs from the first to
 * the last, so that a signal is answered also while the main thread waits for
 * a driver.
 */
#include "control.h"
#include "daemonize.h"
#include "loop.h"
#include "notify.h"
#include "options.h"
#include "root.h"
#include "udev.h"

#include <errno.h>
#include <fs/fs.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <umdev/log.h>
#include <umdev/module.h>
#include <umdev/runtime.h>
#include <unistd.h>
#include <vfio-user/server.h>

#include <linux/printk.h>

/* Warnings. */
#define BACKGROUND_LOG_LEVEL 4

/*
 * The daemon. Made and used by the main thread; @stopping is the loop
 * thread's, and @root is read by it when a second signal arrives.
 */
struct daemon {
	struct umdevd_options options;
	char module_dir[PATH_MAX];
	struct root root;
	struct umdev_loop *loop;
	pthread_t loop_thread;
	int signal_fd;
	bool stopping;
	sem_t stop;
	struct udev *udev; /* NULL without --udev */
	struct umdev_fs *fs;
	struct umdev_error fs_error;
	struct vfio_user_server *server;
	struct control_status status;
	struct control *control;
};

static int loop_add(void *loop, int fd, uint32_t events, void (*cb)(void *, uint32_t), void *data)
{
	return umdev_loop_add(loop, fd, events, cb, data);
}

static void loop_del(void *loop, int fd)
{
	umdev_loop_del(loop, fd);
}

static const struct vfio_user_loop_ops loop_ops = { .add = loop_add, .del = loop_del };

static void *run_loop(void *data)
{
	umdev_loop_run(data);
	return NULL;
}

/* The first signal asks for the end; a second one does not wait for it. */
static void take_signal(void *data, uint32_t events)
{
	struct signalfd_siginfo info;
	struct daemon *daemon = data;

	if (read(daemon->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (!daemon->stopping) {
		daemon->stopping = true;
		sem_post(&daemon->stop);
		return;
	}
	pr_err("umdevd: another signal %u while shutting down; leaving at once\n", info.ssi_signo);
	root_abandon(&daemon->root);
	_exit(UMDEVD_FORCED);
}

static void block_signals(sigset_t *signals, bool foreground)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	if (foreground)
		sigaddset(signals, SIGHUP);
	else
		signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* Before anything that starts a thread, since threads inherit what is blocked. */
static int start_loop(struct daemon *daemon, struct umdev_error *err)
{
	sigset_t signals;
	int ret;

	block_signals(&signals, daemon->options.foreground);
	sem_init(&daemon->stop, 0, 0);
	daemon->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (daemon->signal_fd < 0)
		return umdev_error_set(err, -errno, "cannot take signals: %s", strerror(errno));
	daemon->loop = umdev_loop_create();
	if (!daemon->loop) {
		ret = umdev_error_set(err, -errno, "cannot make the event loop: %s",
				      strerror(errno));
		goto err_signal_fd;
	}
	ret = umdev_loop_add(daemon->loop, daemon->signal_fd, EPOLLIN, take_signal, daemon);
	if (!ret)
		ret = -pthread_create(&daemon->loop_thread, NULL, run_loop, daemon->loop);
	if (ret) {
		umdev_error_set(err, ret, "cannot start the event loop: %s", strerror(-ret));
		goto err_loop;
	}
	return 0;

err_loop:
	umdev_loop_destroy(daemon->loop);
err_signal_fd:
	close(daemon->signal_fd);
	return ret;
}

static void stop_loop(struct daemon *daemon)
{
	umdev_loop_stop(daemon->loop);
	pthread_join(daemon->loop_thread, NULL);
	umdev_loop_destroy(daemon->loop);
	close(daemon->signal_fd);
	sem_destroy(&daemon->stop);
}

/* The build's own modules if that is where the program runs from, else the installed ones. */
static void find_module_dir(struct daemon *daemon)
{
	char *slash, *dir = daemon->module_dir;
	const size_t size = sizeof(daemon->module_dir);
	ssize_t len;

	if (daemon->options.module_dir) {
		/* Absolute, since the daemon changes its working directory. */
		if (!realpath(daemon->options.module_dir, dir))
			snprintf(dir, size, "%s", daemon->options.module_dir);
		return;
	}
	len = readlink("/proc/self/exe", dir, size - sizeof("/modules"));
	if (len > 0) {
		dir[len] = '\0';
		slash = strrchr(dir, '/');
		strcpy(slash, "/modules");
		if (access(dir, F_OK) == 0)
			return;
	}
	snprintf(dir, size, "%s", UMDEV_MODULE_DIR);
}

static int load_modules(struct daemon *daemon, struct umdev_error *err)
{
	const struct umdevd_options *options = &daemon->options;
	size_t i;
	int ret;

	for (i = 0; i < options->nmodules; i++) {
		ret = umdev_module_load(options->modules[i].name, options->modules[i].parameters,
					err);
		/* It may be there for another one's sake. */
		if (ret && ret != -EEXIST)
			return ret;
	}
	return 0;
}

/* What is served to others, from the inside to the outside. */
static int start_services(struct daemon *daemon, struct umdev_error *err)
{
	struct vfio_user_server_params params = {
		.dir = daemon->root.vfio,
		.loop_ops = &loop_ops,
		.loop = daemon->loop,
	};

	if (daemon->options.udev) {
		daemon->udev = udev_start(err);
		if (!daemon->udev)
			return UMDEVD_FAILURE;
	}
	daemon->server = vfio_user_server_create(&params, err);
	if (!daemon->server)
		return UMDEVD_FAILURE;
	if (load_modules(daemon, err))
		return UMDEVD_MODULE;
	daemon->fs =
		umdev_fs_mount(daemon->root.sys, daemon->options.allow_other, &daemon->fs_error);
	if (!daemon->fs)
		pr_warn("umdevd: going on without the mount: %s\n", daemon->fs_error.text);
	daemon->status = (struct control_status){
		.root = daemon->root.path,
		.module_dir = daemon->module_dir,
		.mount = daemon->fs ? daemon->root.sys : NULL,
		.mount_error = daemon->fs ? NULL : daemon->fs_error.text,
	};
	daemon->control = control_create(daemon->root.control, daemon->loop, &daemon->status, err);
	return daemon->control ? UMDEVD_OK : UMDEVD_FAILURE;
}

/*
 * Clients of devices go before the requests that wait for them, and all
 * requests before the modules that they are in.
 */
static void stop_services(struct daemon *daemon)
{
	int left;

	control_stop(daemon->control);
	vfio_user_server_destroy(daemon->server);
	control_destroy(daemon->control);
	left = umdev_module_unload_all();
	if (left)
		pr_err("umdevd: %d modules are still in use\n", left);
	umdev_fs_unmount(daemon->fs);
	udev_stop(daemon->udev);
}

static void wait_for_end(struct daemon *daemon)
{
	pr_info("umdevd: ready, root %s\n", daemon->root.path);
	notify_manager("READY=1");
	daemonize_ready();
	while (sem_wait(&daemon->stop) < 0)
		;
	notify_manager("STOPPING=1");
	pr_info("umdevd: shutting down\n");
}

static int serve(struct daemon *daemon, struct umdev_error *err)
{
	int exit_code;

	find_module_dir(daemon);
	if (umdev_module_set_dir(daemon->module_dir, err))
		return UMDEVD_MODULE;
	exit_code = start_services(daemon, err);
	if (!exit_code)
		wait_for_end(daemon);
	stop_services(daemon);
	return exit_code;
}

/* Each device has a listening socket, and the usual limit allows for a thousand. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(struct daemon *daemon, struct umdev_error *err)
{
	int exit_code, ret;

	ret = root_open(&daemon->root, daemon->options.root, daemon->options.allow_other, err);
	if (ret)
		return ret == -EALREADY ? UMDEVD_IN_USE : UMDEVD_ROOT;
	exit_code = UMDEVD_FAILURE;
	raise_file_limit();
	if (start_loop(daemon, err))
		goto out_root;
	ret = umdev_runtime_init();
	if (ret) {
		umdev_error_set(err, ret, "cannot start the runtime: %s", strerror(-ret));
		goto out_loop;
	}
	exit_code = serve(daemon, err);
	umdev_runtime_exit();
out_loop:
	stop_loop(daemon);
out_root:
	root_close(&daemon->root);
	return exit_code;
}

int main(int argc, char **argv)
{
	struct daemon daemon = { .signal_fd = -1 };
	struct umdev_error err = { .text = "" };
	int exit_code, ret;

	exit_code = options_parse(&daemon.options, argc, argv);
	if (exit_code >= 0)
		return exit_code;
	umdev_log_set_level(daemon.options.log_level);
	if (!daemon.options.foreground) {
		/* Who starts it in a terminal wants to hear of trouble only. */
		if (daemon.options.log_level > BACKGROUND_LOG_LEVEL)
			umdev_log_set_level(BACKGROUND_LOG_LEVEL);
		ret = daemonize();
		if (ret) {
			fprintf(stderr, "umdevd: cannot go to the background: %s\n",
				strerror(-ret));
			return UMDEVD_FAILURE;
		}
	}
	exit_code = run(&daemon, &err);
	if (exit_code)
		fprintf(stderr, "umdevd: %s\n", err.text);
	options_finish(&daemon.options);
	return exit_code;
}
