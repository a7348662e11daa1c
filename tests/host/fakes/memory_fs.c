// SPDX-License-Identifier: MIT
#include "fakes/memory_fs.h"

#include <string.h>

#include "abi/errno.h"
#include "abi/limits.h"
#include "fakes/threads.h"
#include "lib/math.h"
#include "sched/thread.h"
#include "vfs/mount.h"
#include "vfs/vnode.h"

#define NODES_MAX   512
#define ENTRIES_MAX 128
#define NAME_ROOM   (NAME_MAX + 1)
#define BYTES_MAX   65536
#define ROOT        1

struct entry {
	char name[NAME_ROOM];
	uint64_t number; // 0: free
};

struct node {
	bool used;
	enum vnode_type type;
	uint32_t mode;
	uint32_t links;
	uint64_t size;
	uint64_t device;
	uint64_t parent; // of a directory
	char target[PATH_MAX];
	uint8_t *bytes;
	struct entry *entries;
};

struct disk {
	const char *name;
	struct node node[NODES_MAX];
	bool mounted;
};

void *calloc(size_t count, size_t size);
void free(void *p);

static struct disk disks[] = { { .name = "a" }, { .name = "b" } };
static unsigned fail_creates, fail_removes;
static uint64_t lookups;

// ---- Nodes -------------------------------------------------------------------

static struct disk *
disk_of(const struct mount *m)
{
	return m->data;
}

static struct node *
node_of(const struct vnode *v)
{
	struct node *n = &disk_of(v->mount)->node[v->number];

	CHECK(n->used);
	return n;
}

static void
init_node(struct node *n, enum vnode_type type, uint32_t mode, uint64_t parent)
{
	*n = (struct node){ .used = true, .type = type, .mode = mode, .parent = parent };
	n->links = type == VNODE_DIRECTORY ? 2 : 1;
	if (type == VNODE_DIRECTORY)
		n->entries = calloc(ENTRIES_MAX, sizeof *n->entries);
	else
		n->bytes = calloc(1, BYTES_MAX);
}

static void
free_node(struct node *n)
{
	free(n->entries);
	free(n->bytes);
	*n = (struct node){ .used = false };
}

static struct entry *
find(struct node *dir, const char *name, size_t length)
{
	for (unsigned i = 0; i < ENTRIES_MAX; i++)
		if (dir->entries[i].number != 0 && strlen(dir->entries[i].name) == length &&
		    memcmp(dir->entries[i].name, name, length) == 0)
			return &dir->entries[i];
	return NULL;
}

static int
add(struct node *dir, const char *name, size_t length, uint64_t number)
{
	CHECK(length <= NAME_MAX && length > 0);
	CHECK(find(dir, name, length) == NULL);
	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		struct entry *e = &dir->entries[i];
		if (e->number == 0) {
			memset(e->name, 0, sizeof e->name);
			memcpy(e->name, name, length);
			e->number = number;
			return 0;
		}
	}
	return -ENOSPC;
}

static bool
is_empty(const struct node *dir)
{
	for (unsigned i = 0; i < ENTRIES_MAX; i++)
		if (dir->entries[i].number != 0)
			return false;
	return true;
}

// ---- The locks that an operation is called with ------------------------------

static void
check_locked(struct vnode *v, enum tlock_mode least)
{
	bool mine = v->lock.owner == thread_current();

	if (least == TLOCK_WRITE)
		CHECK(mine && v->lock.held == TLOCK_WRITE);
	else if (least == TLOCK_READ_SERIALISED)
		CHECK(mine);
	else
		CHECK(mine || v->lock.readers > 0);
	fake_point();
}

static int
mem_lookup(struct vnode *dir, const char *name, size_t length, uint64_t *number)
{
	check_locked(dir, TLOCK_READ);
	lookups++;
	if (length == 2 && memcmp(name, "..", 2) == 0) {
		CHECK(dir->number != ROOT);
		*number = node_of(dir)->parent;
		return 0;
	}
	struct entry *e = find(node_of(dir), name, length);
	fake_point();
	if (e == NULL)
		return -ENOENT;
	*number = e->number;
	return 0;
}

static int
mem_create(struct vnode *dir, const char *name, size_t length, const struct vnode_new *what,
	   uint64_t *number)
{
	struct disk *disk = disk_of(dir->mount);
	uint64_t i = ROOT + 1;

	check_locked(dir, TLOCK_WRITE);
	if (fail_creates > 0) {
		fail_creates--;
		return -ENOSPC;
	}
	CHECK(!dir->removed);
	while (i < NODES_MAX && disk->node[i].used)
		i++;
	if (i == NODES_MAX)
		return -ENOSPC;
	init_node(&disk->node[i], what->type, what->mode, dir->number);
	disk->node[i].device = what->device;
	if (what->target != NULL) {
		strcpy(disk->node[i].target, what->target);
		disk->node[i].size = strlen(what->target);
	}
	fake_point();
	int error = add(node_of(dir), name, length, i);
	if (error != 0) {
		free_node(&disk->node[i]);
		return error;
	}
	if (what->type == VNODE_DIRECTORY)
		dir->links = ++node_of(dir)->links;
	*number = i;
	return 0;
}

static int
mem_link(struct vnode *dir, const char *name, size_t length, struct vnode *target)
{
	check_locked(dir, TLOCK_WRITE);
	check_locked(target, TLOCK_WRITE);
	CHECK(node_of(target)->links > 0);
	CHECK(target->type != VNODE_DIRECTORY && !dir->removed);
	int error = add(node_of(dir), name, length, target->number);
	if (error == 0)
		target->links = ++node_of(target)->links;
	return error;
}

// The entry of v goes.
static void
take_name(struct vnode *dir, struct entry *e, struct vnode *v)
{
	struct node *n = node_of(v);

	CHECK_EQ(e->number, v->number);
	e->number = 0;
	if (v->type == VNODE_DIRECTORY) {
		n->links = 0;
		dir->links = --node_of(dir)->links;
	} else {
		n->links--;
	}
	v->links = n->links;
}

static int
mem_unlink(struct vnode *dir, const char *name, size_t length, struct vnode *target)
{
	check_locked(dir, TLOCK_WRITE);
	check_locked(target, TLOCK_WRITE);
	if (fail_removes > 0) {
		fail_removes--;
		return -EIO;
	}
	struct entry *e = find(node_of(dir), name, length);
	CHECK(e != NULL && e->number == target->number);
	if (target->type == VNODE_DIRECTORY && !is_empty(node_of(target)))
		return -ENOTEMPTY;
	fake_point();
	take_name(dir, e, target);
	return 0;
}

static int
mem_rename(struct vnode *old_dir, const char *old_name, size_t old_length, struct vnode *new_dir,
	   const char *new_name, size_t new_length, struct vnode *source, struct vnode *replaced)
{
	check_locked(old_dir, TLOCK_WRITE);
	check_locked(new_dir, TLOCK_WRITE);
	check_locked(source, TLOCK_WRITE);
	if (replaced != NULL)
		check_locked(replaced, TLOCK_WRITE);
	if (fail_removes > 0) {
		fail_removes--;
		return -EIO;
	}
	struct entry *from = find(node_of(old_dir), old_name, old_length);
	struct entry *to = find(node_of(new_dir), new_name, new_length);
	CHECK(from != NULL && from->number == source->number);
	CHECK(replaced == NULL ? to == NULL : to != NULL && to->number == replaced->number);
	CHECK(!old_dir->removed && !new_dir->removed && source != replaced);
	if (replaced != NULL && replaced->type == VNODE_DIRECTORY && !is_empty(node_of(replaced)))
		return -ENOTEMPTY;
	if (to != NULL) {
		take_name(new_dir, to, replaced);
		fake_point();
		to->number = source->number;
	} else {
		int error = add(node_of(new_dir), new_name, new_length, source->number);
		if (error != 0)
			return error;
	}
	fake_point();
	from->number = 0;
	if (source->type == VNODE_DIRECTORY) {
		node_of(source)->parent = new_dir->number;
		old_dir->links = --node_of(old_dir)->links;
		new_dir->links = ++node_of(new_dir)->links;
	}
	return 0;
}

static int
mem_readdir(struct vnode *dir, uint64_t *cookie, readdir_emit_fn emit, void *arg)
{
	struct node *n = node_of(dir);

	check_locked(dir, TLOCK_READ);
	for (; *cookie < ENTRIES_MAX + 2; ++*cookie) {
		const char *name = *cookie == 0 ? "." : "..";
		uint64_t number = *cookie == 0 ? dir->number : n->parent;
		if (*cookie >= 2) {
			const struct entry *e = &n->entries[*cookie - 2];
			if (e->number == 0)
				continue;
			name = e->name;
			number = e->number;
		}
		if (!emit(arg, name, strlen(name), number, disk_of(dir->mount)->node[number].type,
			  *cookie + 1))
			return 0;
		fake_point();
	}
	return 0;
}

static int
mem_read(struct vnode *v, struct uio *uio, int flags)
{
	struct node *n = node_of(v);

	(void)flags;
	check_locked(v, TLOCK_READ);
	if (uio->offset >= n->size)
		return 0;
	return uio_copy(uio, n->bytes + uio->offset, n->size - uio->offset);
}

static int
mem_write(struct vnode *v, struct uio *uio, int flags)
{
	struct node *n = node_of(v);

	(void)flags;
	check_locked(v, TLOCK_WRITE);
	int error = 0;
	while (error == 0 && uio->left > 0) {
		if (uio->offset >= BYTES_MAX)
			return -EFBIG;
		error = uio_copy(uio, n->bytes + uio->offset, MIN(64, BYTES_MAX - uio->offset));
		n->size = MAX(n->size, uio->offset);
		fake_point();
	}
	v->size = n->size;
	return error;
}

static int
mem_truncate(struct vnode *v, uint64_t size)
{
	struct node *n = node_of(v);

	check_locked(v, TLOCK_WRITE);
	if (size > BYTES_MAX)
		return -EFBIG;
	if (size < n->size)
		memset(n->bytes + size, 0, n->size - size);
	n->size = size;
	v->size = size;
	return 0;
}

static int
mem_getattr(struct vnode *v, struct stat *st)
{
	check_locked(v, TLOCK_READ);
	st->st_mode = node_of(v)->mode;
	st->st_nlink = node_of(v)->links;
	return 0;
}

static int
mem_setattr(struct vnode *v, const struct vnode_setattr *change)
{
	check_locked(v, TLOCK_WRITE);
	if (change->set & SETATTR_MODE)
		node_of(v)->mode = change->mode;
	return 0;
}

static int
mem_readlink(struct vnode *v, char *to, size_t size, size_t *length)
{
	check_locked(v, TLOCK_READ);
	*length = MIN(node_of(v)->size, size);
	memcpy(to, node_of(v)->target, *length);
	return 0;
}

static void
mem_inactive(struct vnode *v)
{
	check_locked(v, TLOCK_WRITE);
	CHECK_EQ(v->links, 0);
	CHECK_EQ(node_of(v)->links, 0);
	fake_point();
	free_node(node_of(v));
	fake_point();
}

static void
mem_forget(struct vnode *v)
{
	CHECK(v->data != NULL);
	v->data = NULL;
}

static const struct vnode_ops mem_ops = {
	.lookup = mem_lookup,
	.create = mem_create,
	.link = mem_link,
	.unlink = mem_unlink,
	.rename = mem_rename,
	.readdir = mem_readdir,
	.read = mem_read,
	.write = mem_write,
	.truncate = mem_truncate,
	.getattr = mem_getattr,
	.setattr = mem_setattr,
	.readlink = mem_readlink,
	.inactive = mem_inactive,
	.forget = mem_forget,
};

// ---- The file system ---------------------------------------------------------

static int
mem_load(struct mount *m, struct vnode *v)
{
	struct node *n = &disk_of(m)->node[v->number];

	fake_point();
	if (!n->used)
		check_fail("memory_fs", 0, "number %lu, which is free, is loaded",
			   (unsigned long)v->number);
	v->type = n->type;
	v->ops = &mem_ops;
	v->size = n->size;
	v->links = n->links;
	v->device = n->device;
	v->data = n;
	fake_point();
	return 0;
}

static struct disk *
find_disk(const char *source)
{
	for (unsigned i = 0; i < ARRAY_SIZE(disks); i++)
		if (strcmp(disks[i].name, source) == 0)
			return &disks[i];
	return NULL;
}

static int
mem_mount(struct mount *m, const char *source, const char *options)
{
	struct disk *disk = find_disk(source);

	(void)options;
	if (disk == NULL)
		return -ENXIO;
	if (disk->mounted)
		return -EBUSY;
	if (!disk->node[ROOT].used)
		init_node(&disk->node[ROOT], VNODE_DIRECTORY, 0755, ROOT);
	fake_point();
	disk->mounted = true;
	m->data = disk;
	m->root_number = ROOT;
	m->file_max = BYTES_MAX;
	return 0;
}

static void
mem_unmount(struct mount *m)
{
	CHECK_EQ(m->refs, 0);
	disk_of(m)->mounted = false;
}

static int
mem_sync(struct mount *m, bool final)
{
	(void) final;
	CHECK(disk_of(m)->mounted);
	fake_point();
	return 0;
}

void
memory_fs_register(void)
{
	static struct fs_type type = {
		.name = "mem",
		.mount = mem_mount,
		.unmount = mem_unmount,
		.load = mem_load,
		.sync = mem_sync,
	};

	fs_type_register(&type);
}

// ---- For the test ------------------------------------------------------------

struct tally {
	uint32_t names[NODES_MAX];
	uint32_t children[NODES_MAX];
};

static void
walk(struct disk *disk, uint64_t number, struct tally *t)
{
	struct node *dir = &disk->node[number];

	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		uint64_t child = dir->entries[i].number;
		if (child == 0)
			continue;
		CHECK(disk->node[child].used);
		t->names[child]++;
		if (disk->node[child].type != VNODE_DIRECTORY)
			continue;
		CHECK_EQ(t->names[child], 1);
		CHECK_EQ(disk->node[child].parent, number);
		t->children[number]++;
		walk(disk, child, t);
	}
}

void
memory_fs_check(const char *source)
{
	struct disk *disk = find_disk(source);
	struct tally t = { .names = { 0 } };

	if (!disk->node[ROOT].used)
		return;
	walk(disk, ROOT, &t);
	for (uint64_t i = ROOT; i < NODES_MAX; i++) {
		const struct node *n = &disk->node[i];
		if (!n->used)
			continue;
		CHECK(i == ROOT || t.names[i] > 0);
		CHECK_EQ(n->links, n->type == VNODE_DIRECTORY ? 2 + t.children[i] : t.names[i]);
	}
}

unsigned
memory_fs_nodes(const char *source)
{
	struct disk *disk = find_disk(source);
	unsigned n = 0;

	for (uint64_t i = 0; i < NODES_MAX; i++)
		n += disk->node[i].used;
	return n;
}

uint64_t
memory_fs_lookups(void)
{
	return lookups;
}

void
memory_fs_fail_creates(unsigned n)
{
	fail_creates = n;
}

void
memory_fs_fail_removes(unsigned n)
{
	fail_removes = n;
}
