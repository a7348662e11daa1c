// SPDX-License-Identifier: MIT
#include "fakes/vnodes.h"

#include "abi/errno.h"
#include "fakes/fake.h"
#include "lib/math.h"

// stdlib.h has structs of time like abi/time.h's; of it this is wanted:
void *calloc(size_t count, size_t size);
void free(void *p);

struct fs_type *fake_fs_type;
static struct list all = LIST_INIT(all);

void
fs_type_register(struct fs_type *type)
{
	fake_fs_type = type;
}

static void
forget(struct vnode *v)
{
	list_remove(&v->hash);
	v->ops->forget(v);
	CHECK(v->data == NULL);
	free(v);
}

int
vnode_get_by_number(struct mount *m, uint64_t number, struct vnode **out)
{
	struct vnode *v;
	struct list *l;
	int error;

	list_for_each(l, &all) {
		v = container_of(l, struct vnode, hash);
		if (v->number == number && v->mount == m) {
			v->refs++;
			*out = v;
			return 0;
		}
	}
	v = calloc(1, sizeof(*v));
	CHECK(v != NULL);
	v->mount = m;
	v->number = number;
	v->refs = 1;
	error = m->type->load(m, v);
	if (error) {
		free(v);
		return error;
	}
	CHECK(v->ops && v->type != VNODE_NONE && v->links > 0);
	list_push_back(&all, &v->hash);
	*out = v;
	return 0;
}

void
vnode_get(struct vnode *v)
{
	CHECK(v->refs > 0);
	v->refs++;
}

void
vnode_put(struct vnode *v)
{
	CHECK(v->refs > 0);
	if (--v->refs > 0 || v->links > 0)
		return;
	v->ops->inactive(v);
	forget(v);
}

int
vnode_for_each(struct mount *m, int (*fn)(void *arg, struct vnode *v), void *arg)
{
	struct list *l, *next;
	int error = 0;

	list_for_each_safe(l, next, &all) {
		struct vnode *v = container_of(l, struct vnode, hash);

		if (v->mount != m)
			continue;
		v->refs++;
		error = fn(arg, v);
		vnode_put(v);
		if (error)
			break;
	}
	return error;
}

void
fake_vnodes_forget(void)
{
	struct list *l, *next;

	list_for_each_safe(l, next, &all) {
		struct vnode *v = container_of(l, struct vnode, hash);

		if (v->refs == 0)
			forget(v);
	}
}

unsigned
fake_vnodes_referenced(void)
{
	struct list *l;
	unsigned n = 0;

	list_for_each(l, &all)
		n += container_of(l, struct vnode, hash)->refs > 0;
	return n;
}

int
fake_mount(struct mount *m, const char *source, unsigned flags)
{
	*m = (struct mount){ .type = fake_fs_type, .id = 7, .flags = flags };
	for (size_t i = 0; source[i] && i < sizeof(m->source) - 1; i++)
		m->source[i] = source[i];
	return m->type->mount(m, source, "");
}

void
fake_unmount(struct mount *m)
{
	CHECK_EQ(fake_vnodes_referenced(), 0);
	fake_vnodes_forget();
	m->type->unmount(m);
}

static const uint32_t kinds[] = {
	[VNODE_REGULAR] = S_IFREG, [VNODE_DIRECTORY] = S_IFDIR, [VNODE_SYMLINK] = S_IFLNK,
	[VNODE_CHARDEV] = S_IFCHR, [VNODE_BLOCKDEV] = S_IFBLK,  [VNODE_FIFO] = S_IFIFO,
};

uint32_t
vnode_type_to_mode(enum vnode_type type)
{
	return kinds[type];
}

enum vnode_type
vnode_type_from_mode(uint32_t mode)
{
	for (unsigned i = VNODE_REGULAR; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i] == (mode & S_IFMT))
			return (enum vnode_type)i;
	return VNODE_NONE;
}
