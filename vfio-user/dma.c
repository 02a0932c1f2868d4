// SPDX-License-Identifier: GPL-2.0-only OR BSD-3-Clause
/* The client's memory: files it gives are mapped here and into the container. */
#define pr_fmt(fmt) "vfio-user: " fmt

#include <errno.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/magic.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vfio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "drivers/vfio/vfio.h"
#include "vfio-user/conn.h"
#include "vfio-user/sigbus.h"

#define PAGE 4096u

/**
 * struct mapping - one DMA_MAP
 * @node: in the connection's mappings, ordered by @addr
 * @addr: DMA address
 * @size: bytes
 * @mapped: there is a file, and @guard's range is where it is mapped; else messages have to do
 * @guard: survives that the client truncates the file
 */
struct mapping {
	struct rb_node node;
	u64 addr;
	u64 size;
	bool mapped;
	struct vfio_user_guard guard;
};

/* The mapping that begins at @addr, or NULL. */
static struct mapping *find(struct vfio_user_conn *conn, u64 addr)
{
	struct rb_node *node = conn->mappings.rb_node;

	while (node) {
		struct mapping *m = rb_entry(node, struct mapping, node);

		if (m->addr == addr)
			return m;
		node = addr < m->addr ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static void insert(struct vfio_user_conn *conn, struct mapping *new)
{
	struct rb_node **link = &conn->mappings.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = new->addr < rb_entry(parent, struct mapping, node)->addr ? &parent->rb_left
										: &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &conn->mappings);
	conn->nr_mappings++;
}

/* What has to be so before a file is mapped. That ranges do not overlap is the container's to see. */
static int check_map(struct vfio_user_conn *conn, const struct vfio_user_dma_map *map)
{
	u32 known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;

	if (map->argsz < sizeof(*map) || map->flags & ~known || !(map->flags & known))
		return -EINVAL;
	if (map->size == 0 || (map->addr | map->size) % PAGE || map->size - 1 > U64_MAX - map->addr)
		return -EINVAL;
	if (conn->nr_mappings >= conn->max_mappings)
		return -ENOSPC;
	return 0;
}

/*
 * Does access to files of this kind depend on somebody's help? Who serves them could stop a thread
 * of ours for ever. What an overlay stands on cannot be seen, and that may be FUSE.
 */
static bool is_served(const struct statfs *fs)
{
	switch ((u32)fs->f_type) {
	case FUSE_SUPER_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
	case NFS_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case V9FS_MAGIC:
		return true;
	default:
		return false;
	}
}

/* Can the range of the file be relied upon? Sets *page_size if it is mapped in larger pages. */
static int check_file(struct vfio_user_conn *conn, int fd, const struct vfio_user_dma_map *map,
		      size_t *page_size)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return -errno;
	if (!S_ISREG(st.st_mode) || is_served(&fs)) {
		conn_warn(
			conn,
			"client %d gave memory that is no local file: a memfd, or a file of tmpfs "
			"or hugetlbfs is expected\n",
			conn->peer.pid);
		return -EINVAL;
	}
	if (map->offset % PAGE || map->offset > (u64)st.st_size ||
	    map->size > (u64)st.st_size - map->offset) {
		conn_warn(conn,
			  "client %d gave memory at %#llx, %#llx bytes, of a file of %#llx bytes\n",
			  conn->peer.pid, (unsigned long long)map->offset,
			  (unsigned long long)map->size, (unsigned long long)st.st_size);
		return -EINVAL;
	}
	if (fs.f_type == HUGETLBFS_MAGIC)
		*page_size = (size_t)fs.f_bsize;
	return 0;
}

/* Map the file and tell the container. */
static int map_file(struct vfio_user_conn *conn, struct mapping *m, int fd,
		    const struct vfio_user_dma_map *map)
{
	struct vfio_user_pool *pool = &conn->endpoint->server->map_pool;
	struct vfio_iommu_type1_dma_map dma = {
		.argsz = sizeof(dma), .flags = map->flags, .iova = map->addr, .size = map->size
	};
	size_t page_size = PAGE, skip;
	void *base;
	int ret;

	ret = check_file(conn, fd, map, &page_size);
	if (ret)
		return ret;
	if (!vfio_user_pool_take(pool, (int)(conn->nr_mappings - conn->nr_remote), 1)) {
		conn_warn(conn,
			  "client %d was refused a mapping: it has %llu of %d for all devices, see "
			  "vm.max_map_count\n",
			  conn->peer.pid, (unsigned long long)(conn->nr_mappings - conn->nr_remote),
			  pool->max);
		return -ENOSPC;
	}
	skip = map->offset % page_size;
	m->guard.page_size = page_size;
	m->guard.len = round_up(skip + map->size, page_size);
	/* What drivers may do the container knows. A page that cannot be read could not be pinned. */
	m->guard.prot = PROT_READ | (map->flags & VFIO_DMA_MAP_FLAG_WRITE ? PROT_WRITE : 0);
	m->guard.lost = &conn->memory_lost;
	base = mmap(NULL, m->guard.len, m->guard.prot, MAP_SHARED, fd, (off_t)(map->offset - skip));
	if (base == MAP_FAILED) {
		ret = -errno;
		goto err_put;
	}
	m->guard.base = (uintptr_t)base;
	m->mapped = true;
	vfio_user_guard_add(&m->guard);
	dma.vaddr = (u64)(uintptr_t)base + skip;
	ret = (int)vfio_user_device_ioctl(conn->container, VFIO_IOMMU_MAP_DMA, &dma, sizeof(dma));
	if (ret)
		goto err_unmap;
	return 0;

err_unmap:
	vfio_user_guard_del(&m->guard);
	munmap(base, m->guard.len);
err_put:
	vfio_user_pool_put(pool, 1);
	return ret;
}

/* Tell the container of memory that takes messages to access; these hold on to the connection. */
static int map_remote(struct vfio_user_conn *conn, const struct vfio_user_dma_map *map)
{
	int ret;

	kref_get(&conn->kref);
	ret = vfio_container_map_remote(conn->container, map->addr, map->size, map->flags,
					&vfio_user_remote_ops, conn);
	if (ret)
		vfio_user_conn_put(conn);
	else
		conn->nr_remote++;
	return ret;
}

/* Specification: VFIO_USER_DMA_MAP; -EEXIST for an overlap. */
ssize_t vfio_user_handle_dma_map(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_dma_map map;
	struct mapping *m;
	int ret;

	memcpy(&map, msg->payload, sizeof(map));
	ret = check_map(conn, &map);
	if (ret)
		return ret;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->addr = map.addr;
	m->size = map.size;
	ret = msg->nfds ? map_file(conn, m, msg->fds[0], &map) : map_remote(conn, &map);
	if (ret) {
		kfree(m);
		return ret;
	}
	insert(conn, m);
	return 0;
}

/*
 * Take a mapping from the container and from here. When the ioctl has returned no driver uses its
 * memory. Where the container refuses, as a driver does not let go of it, the memory has to stay.
 */
static int unmap(struct vfio_user_conn *conn, struct mapping *m)
{
	struct vfio_iommu_type1_dma_unmap dma = { .argsz = sizeof(dma),
						  .iova = m->addr,
						  .size = m->size };
	long ret;

	ret = vfio_user_device_ioctl(conn->container, VFIO_IOMMU_UNMAP_DMA, &dma, sizeof(dma));
	if (ret) {
		conn_warn(conn, "the memory that client %d gave at %#llx stays: %pe\n",
			  conn->peer.pid, (unsigned long long)m->addr, ERR_PTR(ret));
		return (int)ret;
	}
	rb_erase(&m->node, &conn->mappings);
	conn->nr_mappings--;
	if (m->mapped) {
		vfio_user_guard_del(&m->guard);
		munmap((void *)m->guard.base, m->guard.len);
		vfio_user_pool_put(&conn->endpoint->server->map_pool, 1);
	} else {
		conn->nr_remote--;
	}
	kfree(m);
	return 0;
}

/**
 * vfio_user_dma_unmap_all() - take all of the client's memory from the device
 * @conn: the connection
 *
 * Return: bytes that were mapped.
 */
u64 vfio_user_dma_unmap_all(struct vfio_user_conn *conn)
{
	struct rb_node *node, *next;
	u64 total = 0, size;

	for (node = rb_first(&conn->mappings); node; node = next) {
		struct mapping *m = rb_entry(node, struct mapping, node);

		next = rb_next(node);
		size = m->size;
		if (!unmap(conn, m))
			total += size;
	}
	return total;
}

/*
 * Specification: VFIO_USER_DMA_UNMAP, with VFIO_DMA_UNMAP_FLAG_ALL as QEMU sends it. The reply is
 * the request, its size that of what has been unmapped.
 */
ssize_t vfio_user_handle_dma_unmap(struct vfio_user_conn *conn, struct vfio_user_msg *msg)
{
	struct vfio_user_dma_unmap *reply = conn_reply_buffer(conn);
	struct mapping *m;
	int ret;

	memcpy(reply, msg->payload, sizeof(*reply));
	if (reply->argsz < sizeof(*reply))
		return -EINVAL;
	if (reply->flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP)
		return -EOPNOTSUPP;
	if (reply->flags & ~VFIO_DMA_UNMAP_FLAG_ALL)
		return -EINVAL;
	if (reply->flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		if (reply->addr || reply->size)
			return -EINVAL;
		reply->size = vfio_user_dma_unmap_all(conn);
		return sizeof(*reply);
	}
	m = find(conn, reply->addr);
	if (!m || m->size != reply->size)
		return -ENOENT;
	ret = unmap(conn, m);
	return ret ? ret : (ssize_t)sizeof(*reply);
}
