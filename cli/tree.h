/* SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause */
/*
 * The sysfs tree, as the commands read and write it. They go through the
 * control socket, so that they work where nothing is mounted.
 */
#ifndef UMDEV_CLI_TREE_H
#define UMDEV_CLI_TREE_H

#include "client.h"

#include <stdbool.h>

#define TREE_PARENTS "/class/mdev_bus"
#define TREE_DEVICES "/bus/mdev/devices"

/**
 * tree_list - the entries of a directory
 * @client: the connection
 * @path: the directory, from the root of the tree; links are followed
 * @error: filled in on failure
 *
 * Return: an array of objects with name, type and, for links, target, sorted
 * by name; to be released with json_object_put(). NULL on failure.
 */
struct json_object *tree_list(struct client *client, const char *path, struct client_error *error);

/**
 * tree_read - the value of an attribute
 * @client: the connection
 * @dir: the directory it is in
 * @name: its name
 * @error: filled in on failure, may be NULL
 *
 * Return: the value without the newline at its end, to be freed, or NULL.
 */
char *tree_read(struct client *client, const char *dir, const char *name,
		struct client_error *error);

/* Return: 0, or -1 with @error filled in. */
int tree_write(struct client *client, const char *path, const char *value,
	       struct client_error *error);

/* Return: the target of the link DIR/NAME, to be freed, or NULL. */
char *tree_readlink(struct client *client, const char *dir, const char *name,
		    struct client_error *error);

bool tree_exists(struct client *client, const char *path);

/* "DIR/NAME", to be freed. Ends the program if memory runs out. */
char *tree_path(const char *dir, const char *name);

/* What is behind the last slash. */
const char *tree_basename(const char *path);

/* A member of a JSON object as a string, NULL if there is none. */
const char *json_string(struct json_object *object, const char *key);

/*
 * Where a device is and what it is bound to; what does not apply is NULL.
 * Owned by whoever called device_find().
 */
struct device {
	char *uuid;
	char *path; /* /devices/.../UUID */
	char *parent_path;
	char *type; /* the type's id */
	char *driver;
	char *iommu_group;
};

/**
 * device_find - look a device up
 * @client: the connection
 * @uuid: its name
 * @target: of its link in TREE_DEVICES, if that is known; else NULL
 * @device: filled in; to be released with device_finish()
 * @error: filled in on failure: "ENOENT" if there is no such device
 *
 * Return: 0 or -1.
 */
int device_find(struct client *client, const char *uuid, const char *target, struct device *device,
		struct client_error *error);

void device_finish(struct device *device);

/**
 * device_json - a device for programs
 * @device: the device
 * @root: the daemon's root, which its socket is in
 *
 * Return: an object that is the caller's.
 */
struct json_object *device_json(const struct device *device, const char *root);

/* Path of the socket of a device in @root, to be freed. */
char *device_socket(const char *root, const char *uuid);

/* The id that a device has in QEMU, to be freed. */
char *device_qemu_id(const char *uuid);

/* The driver that devices have a socket with. */
#define DEVICE_VFIO_DRIVER "vfio_mdev"

#endif
