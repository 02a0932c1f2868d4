/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
#ifndef UMDEV_RUNTIME_H
#define UMDEV_RUNTIME_H

/**
 * struct umdev_runtime_counts - what is alive in the runtime at one moment
 * @allocations: blocks from kmalloc() and its family, not yet freed
 * @files: struct file that are open
 * @eventfds: eventfd contexts that hold a descriptor
 * @threads: kernel threads, workers of work queues included
 * @modules: modules loaded or being loaded
 * @module_refs: references on modules, those of modules that depend on them included
 * @kobjects: kobjects from their initialisation to their release, those of devices and ksets
 *	included
 * @devices: devices, likewise
 * @nodes: files, directories and links of the sysfs tree, and those removed from it but still open
 * @mappings: ranges of client memory in VFIO containers
 * @pins: pages of these that drivers keep pinned
 * @warnings: WARN_ON() and the like that fired since the start; never goes down
 *
 * Counters are read one by one: take them while nothing moves. Threads that the
 * runtime keeps for itself are created at first use and are counted.
 */
struct umdev_runtime_counts {
	long allocations;
	long files;
	long eventfds;
	long threads;
	long modules;
	long module_refs;
	long kobjects;
	long devices;
	long nodes;
	long mappings;
	long pins;
	long warnings;
};

/**
 * umdev_runtime_init() - bring the runtime up
 *
 * Runs the initcalls of everything built in, level by level (Linux's order:
 * pure, core, postcore, arch, subsys, fs, device, late), within a level in link
 * order. If one fails, the exit calls of those that ran run in reverse order.
 *
 * Context: once, from one thread, before anything else of the runtime is used
 * except the log. May be called again after umdev_runtime_exit().
 * Return: 0; -EALREADY if it is up; else what the failing initcall returned.
 */
int umdev_runtime_init(void);

/**
 * umdev_runtime_exit() - take the runtime down
 *
 * Runs the exit calls in the reverse order of the initcalls. Modules must be
 * unloaded (umdev_module_unload_all()) and files closed before.
 *
 * Context: from one thread, when no other uses the runtime any more. Sleeps.
 */
void umdev_runtime_exit(void);

/**
 * umdev_runtime_counts() - what is alive now
 * @counts: filled in
 *
 * Context: any; takes no lock.
 */
void umdev_runtime_counts(struct umdev_runtime_counts *counts);

#endif /* UMDEV_RUNTIME_H */
