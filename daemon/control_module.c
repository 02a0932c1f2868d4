// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/*
 * The methods module.*
 */
#include "control_private.h"

#include <string.h>
#include <umdev/module.h>

static int module_load(struct control_client *client, struct json_object *params,
		       struct json_object **result, struct umdev_error *err)
{
	return umdev_module_load(rpc_string(params, "name"), rpc_string(params, "params"), err);
}

static int module_unload(struct control_client *client, struct json_object *params,
			 struct json_object **result, struct umdev_error *err)
{
	return umdev_module_unload(rpc_string(params, "name"), err);
}

static int add_module(const struct umdev_module_info *info, void *data)
{
	struct json_object *module = json_object_new_object(), *holders = json_object_new_array();
	const char *const *holder;

	for (holder = info->holders; *holder; holder++)
		json_object_array_add(holders, json_object_new_string(*holder));
	json_object_object_add(module, "name", json_object_new_string(info->name));
	json_object_object_add(module, "size", json_object_new_uint64(info->size));
	json_object_object_add(module, "refcnt", json_object_new_int(info->refcnt));
	json_object_object_add(module, "holders", holders);
	json_object_object_add(module, "state", json_object_new_string(info->state));
	json_object_object_add(module, "path", json_object_new_string(info->path));
	return json_object_array_add(data, module);
}

static int module_list(struct control_client *client, struct json_object *params,
		       struct json_object **result, struct umdev_error *err)
{
	struct json_object *modules = json_object_new_array();

	umdev_module_for_each(add_module, modules);
	*result = json_object_new_object();
	json_object_object_add(*result, "modules", modules);
	return 0;
}

/* A key may come several times, and their order means something to a reader. */
static int add_info(const char *key, const char *value, void *data)
{
	struct json_object *pair = json_object_new_array();

	json_object_array_add(pair, rpc_text(key, strlen(key)));
	json_object_array_add(pair, rpc_text(value, strlen(value)));
	return json_object_array_add(data, pair);
}

static int module_info(struct control_client *client, struct json_object *params,
		       struct json_object **result, struct umdev_error *err)
{
	struct json_object *pairs = json_object_new_array();
	int ret = umdev_modinfo(rpc_string(params, "name"), add_info, pairs, err);

	if (ret) {
		json_object_put(pairs);
		return ret;
	}
	*result = json_object_new_object();
	json_object_object_add(*result, "info", pairs);
	return 0;
}

const struct control_method control_module_methods[] = {
	{ "module.load",
	  { { "name", RPC_STRING, true }, { "params", RPC_STRING, false } },
	  module_load },
	{ "module.unload", { { "name", RPC_STRING, true } }, module_unload },
	{ "module.list", { {} }, module_list },
	{ "module.info", { { "name", RPC_STRING, true } }, module_info },
	{},
};
