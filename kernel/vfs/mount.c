// SPDX-License-Identifier: MIT
/*
 * The mount table.
 *
 * Mounts are made and removed one at a time, under the table's mutex, which is
 * held around all that a file system does for it.  The list is changed under its
 * spinlock too, so that a reader needs no more than that.
 *
 * A mount is entered through `mounted_here` of the directory that it covers and
 * left through `covered`; both keep still as long as somebody has a reference to
 * a vnode of the mount, since it can't be removed then.  Covering takes the
 * directory's lock as a removal does, so a directory is never both.
 */
#include "vfs/mount.h"

#include "abi/errno.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "vfs/namecache.h"
#include "vfs/vfs_impl.h"
#include "vfs/vnode_lock.h"

static struct lock_class table_class = LOCK_CLASS("mount table", RANK_MOUNT_TABLE);
static struct lock_class list_class = LOCK_CLASS("mount list", RANK_MOUNT);
static struct lock_class rename_class = LOCK_CLASS("rename", RANK_RENAME);

static struct mutex table;
static struct spinlock list_lock = SPINLOCK_INIT(&list_class);
static struct list mounts = LIST_INIT(mounts); // [table, list_lock] oldest first
static uint32_t next_id;                       // [table]
static struct mount *root_mount;               // fixed once it is mounted
static struct fs_type *types;                  // fixed since boot

void
fs_type_register(struct fs_type *type)
{
	type->next = types;
	types = type;
}

static struct fs_type *
find_type(const char *name)
{
	struct fs_type *type = types;

	while (type != NULL && strcmp(type->name, name) != 0)
		type = type->next;
	return type;
}

// Take the file system off m, which is in no list.
static void
unmake(struct mount *m)
{
	if (vnode_forget_mount(m, NULL) != 0)
		panic("a vnode of a mount that failed is in use");
	m->type->unmount(m);
	heap_free(m);
}

static int
get_root(struct mount *m)
{
	int error = vnode_get_by_number(m, m->root_number, &m->root);

	if (error == 0 && m->root->type != VNODE_DIRECTORY) {
		print_error("%s: the root of the %s file system is not a directory", m->source,
			    m->type->name);
		vnode_put(m->root);
		error = -EUCLEAN;
	}
	return error;
}

// A new mount with its root, not yet seen by anybody.  Table locked.
static int
make(const char *type_name, const char *source, const char *path, unsigned flags,
     struct mount **out)
{
	struct fs_type *type = find_type(type_name);

	if (type == NULL)
		return -ENODEV;
	struct mount *m = heap_zalloc(sizeof *m);
	if (m == NULL)
		return -ENOMEM;
	m->type = type;
	m->id = ++next_id;
	m->flags = flags & MOUNT_READ_ONLY;
	mutex_init(&m->rename_lock, &rename_class);
	list_init(&m->link);
	string_copy(m->source, source, sizeof m->source);
	string_copy(m->path, path, sizeof m->path);
	int error = type->mount(m, source, "");
	if (error != 0) {
		heap_free(m);
		return error;
	}
	error = get_root(m);
	if (error != 0)
		unmake(m);
	else
		*out = m;
	return error;
}

static void
list_add(struct mount *m)
{
	spin_lock(&list_lock);
	list_push_back(&mounts, &m->link);
	spin_unlock(&list_lock);
	print("mounted %s%s%s on %s%s", m->type->name, m->source[0] != '\0' ? " " : "", m->source,
	      m->path, m->flags & MOUNT_READ_ONLY ? ", read-only" : "");
}

int
mount_root(const char *type, const char *source, unsigned flags)
{
	struct mount *m;

	mutex_lock(&table);
	assert(root_mount == NULL);
	int error = make(type, source, "/", flags, &m);
	if (error == 0) {
		list_add(m);
		root_mount = m;
	}
	mutex_unlock(&table);
	return error;
}

struct vnode *
mount_root_vnode(void)
{
	vnode_get(root_mount->root);
	return root_mount->root;
}

// Let m be what is found at the directory.
static int
cover(struct vnode *at, struct mount *m)
{
	int error = -ENOENT;

	vnode_get(at);
	m->covered = at;
	vnode_lock(at, VOP_SETATTR, VROLE_TARGET);
	if (!at->removed)
		error = vnode_cover(at, m);
	vnode_unlock(at, VOP_SETATTR, VROLE_TARGET);
	if (error != 0) {
		m->covered = NULL;
		vnode_put(at);
	}
	return error;
}

int
mount_add(const char *type, const char *source, struct vnode *at, const char *path, unsigned flags)
{
	struct mount *m;

	if (at->type != VNODE_DIRECTORY)
		return -ENOTDIR;
	if (at == at->mount->root)
		return -EBUSY;
	mutex_lock(&table);
	int error = make(type, source, path, flags, &m);
	if (error != 0)
		goto unlock;
	error = cover(at, m);
	if (error == 0) {
		list_add(m);
	} else {
		vnode_put(m->root);
		unmake(m);
	}
unlock:
	mutex_unlock(&table);
	return error;
}

// Table locked, root has the caller's reference beside the mount's.
static int
remove_locked(struct mount *m, struct vnode *root)
{
	if (m->covered == NULL)
		return -EBUSY;
	int error = m->type->sync != NULL ? m->type->sync(m, false) : 0;
	if (error != 0)
		return error;
	vnode_put(root);
	error = vnode_forget_mount(m, root);
	if (error != 0) {
		vnode_get(root);
		return error;
	}
	spin_lock(&list_lock);
	list_remove(&m->link);
	spin_unlock(&list_lock);
	if (m->type->sync != NULL)
		error = m->type->sync(m, true);
	if (error != 0)
		print_error("%s: unmounted, but its last blocks were not written: error %d",
			    m->source, error);
	m->type->unmount(m);
	vnode_put(m->covered);
	heap_free(m);
	return 0;
}

int
mount_remove(struct vnode *root)
{
	mutex_lock(&table);
	struct mount *m = root->mount; // NULL if somebody was faster
	int error = m != NULL && m->root == root ? remove_locked(m, root) : -EINVAL;
	mutex_unlock(&table);
	return error;
}

int
mount_sync_all(bool final)
{
	int first = 0;

	mutex_lock(&table);
	// The newest first: it may lie on a file of an older one.
	for (struct list *l = mounts.prev; l != &mounts; l = l->prev) {
		struct mount *m = container_of(l, struct mount, link);
		int error = m->type->sync != NULL ? m->type->sync(m, final) : 0;
		if (first == 0)
			first = error;
	}
	mutex_unlock(&table);
	return first;
}

void
mount_for_each(void (*fn)(void *arg, const struct mount *m), void *arg)
{
	struct list *l;

	spin_lock(&list_lock);
	list_for_each(l, &mounts)
		fn(arg, container_of(l, struct mount, link));
	spin_unlock(&list_lock);
}

void
mount_init(void)
{
	mutex_init(&table, &table_class);
	namecache_init();
}
