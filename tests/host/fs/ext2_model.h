// SPDX-License-Identifier: MIT
/*
 * Random operations on ext2 against a model of what a file system is: after
 * each step and at the end the two must agree, and e2fsck must be content.
 * Which disk lies under it is the test's choice (fakes/disk.h).
 */
#pragma once

#include "fs/ext2_rig.h"

#define B EXT2_BLOCK_SIZE

#define NODES     40
#define SIZE_MAX_ (12 * B + 1024 * B + 5 * B) // a little way into double indirect
#define CHUNK_MAX (40 * B)
#define OPEN_MAX  4

void *calloc(size_t count, size_t size);
void free(void *p);

// A file, directory or symbolic link of the model.
struct model {
	enum vnode_type type; // VNODE_NONE: unused
	unsigned links;
	uint64_t number;
	uint64_t size;
	uint8_t *data; // a regular file's, SIZE_MAX_ bytes
	char target[200];
	int parent; // a directory's; its own for the root
};

// A name in the model.
struct name {
	int dir, node; // dir < 0: unused
	char text[60];
};

static struct model nodes[NODES];
static struct name names[NODES * 4];
static struct {
	int node;
	struct vnode *v;
} opened[OPEN_MAX];
static struct random rng;
static unsigned model_times_full; // operations that found no room

static uint64_t
below(uint64_t n)
{
	return random_next(&rng) % n;
}

static struct vnode *
get_node(int i)
{
	struct vnode *v;

	CHECK_OK(vnode_get_by_number(&rig_mount, nodes[i].number, &v));
	CHECK_EQ(v->type, nodes[i].type);
	return v;
}

static int
new_node(void)
{
	for (int i = 0; i < NODES; i++)
		if (nodes[i].type == VNODE_NONE)
			return i;
	return -1;
}

static struct name *
find_name(int dir, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].dir == dir && strcmp(names[i].text, text) == 0)
			return &names[i];
	return NULL;
}

static void
add_name(int dir, const char *text, int node)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].dir >= 0)
			continue;
		names[i].dir = dir;
		names[i].node = node;
		string_copy(names[i].text, text, sizeof(names[i].text));
		return;
	}
	CHECK(!"room for names in the model");
}

static bool
full_of_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].dir < 0)
			return false;
	return true;
}

static bool
is_open(int node)
{
	for (unsigned i = 0; i < OPEN_MAX; i++)
		if (opened[i].v && opened[i].node == node)
			return true;
	return false;
}

static void
forget_if_unused(int i)
{
	if (nodes[i].links > 0 || is_open(i))
		return;
	free(nodes[i].data);
	memset(&nodes[i], 0, sizeof(nodes[i]));
}

static int
random_dir(void)
{
	for (;;) {
		int i = (int)below(NODES);

		if (nodes[i].type == VNODE_DIRECTORY && nodes[i].links > 0)
			return i;
	}
}

static struct name *
random_name(void)
{
	struct name *n = &names[below(ARRAY_SIZE(names))];

	return n->dir >= 0 ? n : NULL;
}

// One of a few names, short and long.
static const char *
random_text(void)
{
	static char text[60];
	uint64_t i = below(12);

	format_string(text, sizeof(text),
		      i % 3 ? "%c" : "%c-a-longer-name-of-some-forty-bytes-or-so", (int)('a' + i));
	return text;
}

static bool
dir_empty(int dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].dir == dir)
			return false;
	return true;
}

// Is the node below in the tree under dir, or dir itself?
static bool
is_above(int dir, int below_)
{
	for (; below_ != 0; below_ = nodes[below_].parent)
		if (below_ == dir)
			return true;
	return dir == 0;
}

// What may fail for want of room.
static bool
done_or_full(int error)
{
	CHECK(error == 0 || error == -ENOSPC);
	model_times_full += error != 0;
	return error == 0;
}

static void
do_create(void)
{
	static const enum vnode_type types[] = { VNODE_REGULAR, VNODE_REGULAR, VNODE_DIRECTORY,
						 VNODE_SYMLINK };
	int dir = random_dir(), i = new_node();
	const char *text = random_text();
	struct vnode_new what = { .type = types[below(4)], .mode = (uint32_t)below(01000) };
	struct vnode *v;

	if (i < 0 || find_name(dir, text) || full_of_names())
		return;
	memset(nodes[i].target, 't', sizeof(nodes[i].target));
	nodes[i].target[1 + below(198)] = '\0';
	what.target = nodes[i].target;
	v = get_node(dir);
	if (done_or_full(v->ops->create(v, text, strlen(text), &what, &nodes[i].number))) {
		nodes[i].type = what.type;
		nodes[i].links = 1 + (what.type == VNODE_DIRECTORY);
		nodes[i].parent = dir;
		nodes[dir].links += what.type == VNODE_DIRECTORY;
		if (what.type == VNODE_REGULAR)
			nodes[i].data = calloc(1, SIZE_MAX_);
		add_name(dir, text, i);
	}
	vnode_put(v);
}

static void
do_link(void)
{
	struct name *n = random_name();
	int dir = random_dir();
	const char *text = random_text();
	struct vnode *d, *v;

	if (!n || nodes[n->node].type == VNODE_DIRECTORY || find_name(dir, text) || full_of_names())
		return;
	d = get_node(dir);
	v = get_node(n->node);
	if (done_or_full(d->ops->link(d, text, strlen(text), v))) {
		nodes[n->node].links++;
		add_name(dir, text, n->node);
	}
	vnode_put(v);
	vnode_put(d);
}

// The model's part of taking a name away.
static void
drop(struct name *n)
{
	int i = n->node;

	if (nodes[i].type == VNODE_DIRECTORY) {
		nodes[i].links = 0;
		nodes[n->dir].links--;
	} else {
		nodes[i].links--;
	}
	n->dir = -1;
	forget_if_unused(i);
}

static void
do_unlink(void)
{
	struct name *n = random_name();
	struct vnode *d, *v;
	int error, want = 0;

	if (!n || below(3) == 0)
		return;
	if (nodes[n->node].type == VNODE_DIRECTORY && !dir_empty(n->node))
		want = -ENOTEMPTY;
	d = get_node(n->dir);
	v = get_node(n->node);
	error = d->ops->unlink(d, n->text, strlen(n->text), v);
	CHECK_EQ(error, want);
	vnode_put(v);
	vnode_put(d);
	if (!error)
		drop(n);
}

static void
do_rename(void)
{
	struct name *n = random_name(), *old;
	int to = random_dir(), error, node;
	const char *text = random_text();
	struct vnode *from_v, *to_v, *v, *replaced;
	bool directory;

	if (!n)
		return;
	node = n->node;
	directory = nodes[node].type == VNODE_DIRECTORY;
	old = find_name(to, text);
	// What the VFS doesn't let through.
	if (old == n || (directory && is_above(node, to)))
		return;
	if (old && (nodes[old->node].type == VNODE_DIRECTORY) != directory)
		return;
	from_v = get_node(n->dir);
	to_v = get_node(to);
	v = get_node(node);
	replaced = old ? get_node(old->node) : NULL;
	error = from_v->ops->rename(from_v, n->text, strlen(n->text), to_v, text, strlen(text), v,
				    replaced);
	if (old && directory && !dir_empty(old->node))
		CHECK_EQ(error, -ENOTEMPTY);
	else if (done_or_full(error) && !(old && old->node == node)) {
		if (replaced)
			vnode_put(replaced);
		replaced = NULL;
		if (old)
			drop(old);
		if (directory) {
			nodes[n->dir].links--;
			nodes[to].links++;
			nodes[node].parent = to;
		}
		n->dir = -1;
		add_name(to, text, node);
	}
	if (replaced)
		vnode_put(replaced);
	vnode_put(v);
	vnode_put(to_v);
	vnode_put(from_v);
}

// A regular file, by a name or open without one.
static struct vnode *
random_file(int *i)
{
	struct name *n = random_name();
	unsigned o = (unsigned)below(OPEN_MAX * 4);

	if (o < OPEN_MAX && opened[o].v) {
		*i = opened[o].node;
		vnode_get(opened[o].v);
		return opened[o].v;
	}
	if (!n || nodes[n->node].type != VNODE_REGULAR)
		return NULL;
	*i = n->node;
	return get_node(*i);
}

// Places near the boundaries are likelier than others.
static uint64_t
random_offset(void)
{
	static const uint64_t places[] = { 0, B, 12 * B, (12 + 1024) * B, SIZE_MAX_ };
	uint64_t at = places[below(5)] + below(5000) - 2500;

	if (below(4) == 0)
		at = below(SIZE_MAX_);
	return at > SIZE_MAX_ ? 0 : at;
}

static void
do_write(void)
{
	static uint8_t data[CHUNK_MAX];
	int i, error;
	struct vnode *v = random_file(&i);
	uint64_t at = random_offset(), n = below(below(4) ? 3 * B : CHUNK_MAX) + 1, done;

	if (!v)
		return;
	n = MIN(n, SIZE_MAX_ - at);
	for (uint64_t k = 0; k < n; k++)
		data[k] = (uint8_t)random_next(&rng);
	error = rig_write_some(v, at, data, n, &done);
	CHECK(error == 0 || (error == -ENOSPC && done == 0));
	CHECK(done == n || rig_fs()->free_blocks < 4);
	model_times_full += done < n;
	memcpy(nodes[i].data + at, data, done);
	if (done > 0)
		nodes[i].size = MAX(nodes[i].size, at + done);
	CHECK_EQ(v->size, nodes[i].size);
	vnode_put(v);
}

static void
do_truncate(void)
{
	int i;
	struct vnode *v = random_file(&i);
	uint64_t size = random_offset();

	if (!v)
		return;
	CHECK_OK(v->ops->truncate(v, size));
	if (size < nodes[i].size)
		memset(nodes[i].data + size, 0, nodes[i].size - size);
	nodes[i].size = size;
	vnode_put(v);
}

static void
check_range(int i, struct vnode *v, uint64_t at, uint64_t n)
{
	static uint8_t back[64 * B];
	uint64_t want = at < nodes[i].size ? MIN(n, nodes[i].size - at) : 0;

	CHECK_EQ(rig_read(v, at, back, n), want);
	CHECK(memcmp(back, nodes[i].data + at, want) == 0);
}

static void
do_read(void)
{
	int i;
	struct vnode *v = random_file(&i);

	if (!v)
		return;
	check_range(i, v, random_offset(), below(CHUNK_MAX));
	vnode_put(v);
}

static void
do_open_or_close(void)
{
	unsigned o = (unsigned)below(OPEN_MAX);
	struct name *n = random_name();
	struct vnode *v = opened[o].v;

	if (v) {
		opened[o].v = NULL;
		vnode_put(v);
		forget_if_unused(opened[o].node);
	} else if (n && nodes[n->node].type == VNODE_REGULAR) {
		opened[o].node = n->node;
		opened[o].v = get_node(n->node);
	}
}

// Every name and every byte.
static void
check_all(void)
{
	for (int i = 0; i < NODES; i++) {
		struct vnode *v;
		char back[300];
		size_t length;

		if (nodes[i].type == VNODE_NONE || (nodes[i].links == 0 && !is_open(i)))
			continue;
		v = get_node(i);
		CHECK_EQ(v->links, nodes[i].links);
		if (nodes[i].type == VNODE_REGULAR) {
			CHECK_EQ(v->size, nodes[i].size);
			for (uint64_t at = 0; at < nodes[i].size; at += 64 * B)
				check_range(i, v, at, 64 * B);
		} else if (nodes[i].type == VNODE_SYMLINK) {
			CHECK_OK(v->ops->readlink(v, back, sizeof(back), &length));
			back[length] = '\0';
			CHECK_STRING(back, nodes[i].target);
		}
		vnode_put(v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct vnode *d;
		uint64_t number;

		if (names[i].dir < 0)
			continue;
		d = get_node(names[i].dir);
		CHECK_OK(d->ops->lookup(d, names[i].text, strlen(names[i].text), &number));
		CHECK_EQ(number, nodes[names[i].node].number);
		vnode_put(d);
	}
}

static bool
count_entry(void *arg, const char *name, size_t length, uint64_t number, enum vnode_type type,
	    uint64_t next)
{
	(void)name, (void)length, (void)number, (void)type, (void)next;
	++*(unsigned *)arg;
	return true;
}

// No directory has a name that the model doesn't know.
static void
check_listings(void)
{
	for (int i = 0; i < NODES; i++) {
		unsigned found = 0, want = 2 + (i == 0); // ".", ".." and lost+found
		uint64_t cookie = 0;
		struct vnode *d;

		if (nodes[i].type != VNODE_DIRECTORY)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			want += names[k].dir == i;
		d = get_node(i);
		CHECK_OK(d->ops->readdir(d, &cookie, count_entry, &found));
		CHECK_EQ(found, want);
		vnode_put(d);
	}
}

static void
close_all(void)
{
	for (unsigned o = 0; o < OPEN_MAX; o++) {
		struct vnode *v = opened[o].v;

		opened[o].v = NULL;
		if (!v)
			continue;
		vnode_put(v);
		forget_if_unused(opened[o].node);
	}
}

RIG void
model_run(uint64_t seed, const char *options, unsigned kib, unsigned steps)
{
	static void (*const actions[])(void) = {
		do_create, do_create, do_link,     do_unlink, do_rename, do_write,
		do_write,  do_write,  do_truncate, do_read,   do_read,   do_open_or_close,
	};

	random_init(&rng, seed);
	rig_start(options, kib);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i].dir = -1;
	nodes[0] = (struct model){ .type = VNODE_DIRECTORY, .links = 3, .number = EXT2_INO_ROOT };
	for (unsigned step = 0; step < steps; step++) {
		fake_time_advance(below(1000000000));
		actions[below(ARRAY_SIZE(actions))]();
		rig_check_idle();
		if (below(50) == 0)
			fake_vnodes_forget();
		if (below(400) == 0)
			check_all();
		if (below(1000) == 0) {
			close_all();
			check_listings();
			rig_again();
		}
	}
	check_all();
	close_all();
	check_listings();
	rig_end();
	for (int i = 0; i < NODES; i++)
		free(nodes[i].data);
	memset(nodes, 0, sizeof(nodes));
}
