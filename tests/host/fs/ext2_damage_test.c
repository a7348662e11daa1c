// SPDX-License-Identifier: MIT
// Damaged images: one field of the disk is wrong, then everything is done that
// can be done.  Operations may fail; the machine may not: no wild access, no
// block asked for that doesn't exist, no endless loop, nothing left behind.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

#include "mm/page.h"

#define B EXT2_BLOCK_SIZE

#define BLOCKS_MAX 1024
#define VISITS_MAX 300 // vnodes in one walk: damaged trees may have loops
#define DEPTH_MAX  6
#define GETS_MAX   2000000 // accesses to the disk in one round: a bound on time

static uint8_t pristine[BLOCKS_MAX][B];
static uint32_t used_blocks[BLOCKS_MAX]; // metadata that is worth damaging
static unsigned used_count;
static uint32_t dir_blocks[64], indirect_blocks[64];
static unsigned dir_count, indirect_count;
static uint32_t live_inodes[64];
static unsigned live_count;
static struct ext2_fs shape; // a copy of the geometry
static struct random rng;
static unsigned mounted, told; // rounds that could be mounted; that found the damage

static uint64_t
below(uint64_t n)
{
	return random_next(&rng) % n;
}

// ---- An image with everything in it ------------------------------------------------

static void
note(const char *path)
{
	struct vnode *v = rig_get(path);
	struct ext2_node *node = ext2_node(v);
	uint32_t block;

	live_inodes[live_count++] = node->number;
	for (uint64_t i = 0; v->type == VNODE_DIRECTORY && i < v->size / B; i++) {
		CHECK_OK(ext2_map_find(node, i, &block));
		dir_blocks[dir_count++] = block;
	}
	for (unsigned i = EXT2_IND; v->type == VNODE_REGULAR && i < EXT2_NBLOCK; i++) {
		if (!node->block[i])
			continue;
		block = node->block[i];
		// The top, and the first block of each level below it.
		for (unsigned levels = i - EXT2_IND + 1; levels > 0; levels--) {
			const uint32_t *p = (const uint32_t *)fake_disk_block(block);

			indirect_blocks[indirect_count++] = block;
			for (unsigned k = 0; k < EXT2_PER_BLOCK; k++)
				if (p[k]) {
					block = p[k];
					break;
				}
		}
	}
	vnode_put(v);
}

static void
build(const char *options)
{
	static const uint64_t places[] = { 0, 12, 12 + 1024, 12 + 1024 + 1024 * 1024 };
	static char text[200];
	struct vnode *v;
	char path[64];

	rig_start(options, BLOCKS_MAX * 4);
	memset(text, 't', sizeof(text) - 1);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	CHECK_OK(rig_create("d/e", VNODE_DIRECTORY));
	CHECK_OK(rig_create("d/e/empty", VNODE_DIRECTORY));
	for (unsigned i = 0; i < 120; i++) {
		format_string(path, sizeof(path), "d/%03u-a-name-that-fills-a-directory-block", i);
		CHECK_OK(rig_symlink(path, "x"));
	}
	rig_file("d/file", text);
	CHECK_OK(rig_link("d/file", "hard"));
	CHECK_OK(rig_symlink("long", text));
	CHECK_OK(rig_create("pipe", VNODE_FIFO));
	CHECK_OK(rig_create("big", VNODE_REGULAR));
	v = rig_get("big");
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		rig_write(v, places[i] * B, text, sizeof(text));
	vnode_put(v);
	static const char *const all[] = { "",     "d",    "d/e", "d/e/empty", "d/file",
					   "long", "pipe", "big", "lost+found" };
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		note(all[i]);
	shape = *rig_fs();
	rig_unmount();
	CHECK(fake_disk_blocks() == BLOCKS_MAX);
	memcpy(pristine, fake_disk_block(0), sizeof(pristine));
	rig_fsck();
	for (uint32_t i = 0; i < BLOCKS_MAX; i++)
		for (unsigned k = 0; k < B; k += 64)
			if (pristine[i][k]) {
				used_blocks[used_count++] = i;
				break;
			}
}

// ---- Damage ------------------------------------------------------------------------------

// A number that is likely to hurt.
static uint32_t
nasty(void)
{
	const uint32_t choices[] = {
		0,
		1,
		2,
		3,
		7,
		8,
		11,
		12,
		0xff,
		0xffff,
		0x7fff,
		0x8000,
		0x7fffffff,
		0x80000000,
		UINT32_MAX,
		BLOCKS_MAX - 1,
		BLOCKS_MAX,
		BLOCKS_MAX + 1,
		dir_blocks[below(dir_count)],
		indirect_blocks[below(indirect_count)],
		live_inodes[below(live_count)],
		used_blocks[below(used_count)],
		(uint32_t)below(BLOCKS_MAX),
		(uint32_t)random_next(&rng),
		EXT2_FL_INDEX,
		EXT2_S_IFDIR | 0755,
		EXT2_S_IFREG | 0644,
		EXT2_S_IFLNK | 0777,
		EXT2_S_IFSOCK,
		4096,
	};

	return choices[below(ARRAY_SIZE(choices))];
}

// Overwrite, or change one bit of, the 1, 2 or 4 bytes at p.
static void
hurt(uint8_t *p)
{
	uint32_t value = nasty();

	if (below(4) == 0)
		*p ^= (uint8_t)(1 << below(8));
	else
		memcpy(p, &value, (size_t)1 << below(3));
}

static const struct ext2_group *
group_at(uint32_t group)
{
	return (const struct ext2_group *)fake_disk_block(1) + group;
}

static uint8_t *
inode_at(uint32_t number)
{
	uint32_t group = (number - 1) / shape.group_inodes;
	uint64_t at = (uint64_t)((number - 1) % shape.group_inodes) * shape.inode_size;

	return fake_disk_block(group_at(group)->inode_table + at / B) + at % B;
}

// A record of a directory's block, chosen by going along the chain.
static uint8_t *
record_in(uint32_t block)
{
	uint8_t *p = fake_disk_block(block);
	uint32_t at = 0;

	for (uint64_t n = below(2) ? below(20) : 200; n > 0; n--) {
		uint32_t next = at + ((struct ext2_dirent *)(p + at))->rec_len;

		if (next >= B)
			break;
		at = next;
	}
	return p + at;
}

// A record that ends just before, at or after its block's end.
static void
hurt_length(uint32_t block)
{
	uint8_t *p = record_in(block);
	uint64_t offset = (uint64_t)(p - fake_disk_block(block));

	((struct ext2_dirent *)p)->rec_len = (uint16_t)(B - offset + 8 - 4 * below(5));
}

static void
damage(void)
{
	switch (below(13)) {
	case 12:
		hurt_length(dir_blocks[below(dir_count)]);
		break;
	case 0:
		hurt(fake_disk_block(0) + EXT2_SUPER_OFFSET + below(200));
		break;
	case 1:
		hurt(fake_disk_block(1) + below(32));
		break;
	case 2:
	case 3:
	case 4:
		hurt(inode_at(live_inodes[below(live_count)]) + below(64) * 2);
		break;
	case 5:
	case 6: // a pointer
		hurt(inode_at(live_inodes[below(live_count)]) + 40 + below(15) * 4);
		break;
	case 7:
	case 8: // one of a record's fields
		hurt(record_in(dir_blocks[below(dir_count)]) + below(10));
		break;
	case 9:
		hurt(fake_disk_block(indirect_blocks[below(indirect_count)]) + below(4) * 4);
		break;
	case 10: // whole bytes of bitmaps
		fake_disk_block(below(2) ? group_at(0)->block_bitmap
					 : group_at(0)->inode_bitmap)[below(64)] =
			(uint8_t)(below(2) ? 0 : random_next(&rng));
		break;
	default:
		hurt(fake_disk_block(used_blocks[below(used_count)]) + below(B - 4));
	}
}

// Every pointer of an indirect block leads to itself or to another one.
static void
damage_to_loops(void)
{
	uint32_t block = indirect_blocks[below(indirect_count)];
	uint32_t other = below(2) ? block : indirect_blocks[below(indirect_count)];

	for (unsigned i = 0; i < EXT2_PER_BLOCK; i++)
		((uint32_t *)fake_disk_block(block))[i] = other;
}

// ---- Everything that can be done ------------------------------------------------------

struct found {
	struct {
		char name[60];
		size_t length;
		uint64_t number;
	} entry[40];
	unsigned count;
};

static bool
collect(void *arg, const char *name, size_t length, uint64_t number, enum vnode_type type,
	uint64_t next)
{
	struct found *f = arg;

	(void)type, (void)next;
	CHECK(length > 0 && length <= 255);
	if (f->count == ARRAY_SIZE(f->entry))
		return false;
	if (length < sizeof(f->entry[0].name)) {
		memcpy(f->entry[f->count].name, name, length);
		f->entry[f->count].length = length;
		f->entry[f->count++].number = number;
	}
	return true;
}

static void
use_file(struct vnode *v)
{
	static char data[2 * B];
	const uint64_t places[] = { 0, 12 * B, (12 + 1024) * B,
				    (12 + 1024 + UINT64_C(1024) * 1024) * B, v->size };
	struct page *page;
	struct uio_part part;
	struct uio uio;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		uio_init(&uio, &part, UIO_READ, UIO_KERNEL, (uint64_t)data, sizeof(data),
			 places[i] & ~UINT64_C(7));
		v->ops->read(v, &uio, 0);
		if (v->ops->getpage(v, places[i] / B, &page) == 0)
			page_put(page);
	}
	if (below(2)) {
		uio_init(&uio, &part, UIO_WRITE, UIO_KERNEL, (uint64_t)data, sizeof(data),
			 places[below(5)]);
		v->ops->write(v, &uio, 0);
	}
	if (below(4) == 0)
		v->ops->truncate(v, places[below(5)]);
}

static void
use_any(struct vnode *v)
{
	struct vnode_setattr change = { .set = SETATTR_MODE | SETATTR_MTIME, .mode = 0600 };
	char text[100];
	size_t length;
	struct stat st;

	CHECK_OK(v->ops->getattr(v, &st));
	if (v->type == VNODE_REGULAR)
		use_file(v);
	if (v->type == VNODE_SYMLINK && v->ops->readlink(v, text, sizeof(text), &length) == 0)
		CHECK(length <= sizeof(text));
	if (below(3) == 0)
		v->ops->setattr(v, &change);
	v->ops->sync(v);
}

static void
use_names(struct vnode *dir, const struct found *f)
{
	struct vnode_new what = { .type = below(2) ? VNODE_REGULAR : VNODE_DIRECTORY,
				  .mode = 0700 };
	uint64_t number;
	struct vnode *v;

	dir->ops->lookup(dir, "..", 2, &number);
	dir->ops->lookup(dir, "not there", 9, &number);
	dir->ops->create(dir, "new name of some length", 23, &what, &number);
	for (unsigned i = 0; i < f->count; i++) {
		const char *name = f->entry[i].name;
		size_t length = f->entry[i].length;

		if (below(4) || name[0] == '.')
			continue;
		if (vnode_get_by_number(&rig_mount, f->entry[i].number, &v))
			continue;
		// The VFS would not: a directory is neither linked nor its own parent.
		if (v != dir && below(2))
			dir->ops->unlink(dir, name, length, v);
		else if (v != dir && below(2))
			dir->ops->rename(dir, name, length, dir, "renamed", 7, v, NULL);
		else if (v->type != VNODE_DIRECTORY)
			dir->ops->link(dir, "linked", 6, v);
		vnode_put(v);
		rig_check_idle();
	}
}

static void
visit(uint64_t number, unsigned depth, unsigned *visits)
{
	struct found f = { .count = 0 };
	uint64_t cookie = 0;
	struct vnode *v;

	if (depth > DEPTH_MAX || ++*visits > VISITS_MAX ||
	    vnode_get_by_number(&rig_mount, number, &v))
		return;
	use_any(v);
	rig_check_idle();
	if (v->type == VNODE_DIRECTORY) {
		v->ops->readdir(v, &cookie, collect, &f);
		for (unsigned i = 0; i < f.count; i++)
			if (f.entry[i].name[0] != '.')
				visit(f.entry[i].number, depth + 1, visits);
		if (v->links > 0)
			use_names(v, &f);
		rig_check_idle();
	}
	vnode_put(v);
}

static void
round_of(uint64_t seed, bool loops)
{
	unsigned visits = 0;
	uint64_t asked;

	random_init(&rng, seed);
	memcpy(fake_disk_block(0), pristine, sizeof(pristine));
	if (loops)
		damage_to_loops();
	else
		damage();
	asked = fake_disk_asked();
	if (rig_try_mount(0) == 0) {
		mounted++;
		fake_disk_expect_damage();
		visit(EXT2_INO_ROOT, 0, &visits);
		visits = 0;
		visit(EXT2_INO_ROOT, 0, &visits);
		rig_unmount();
	}
	CHECK_EQ(fake_heap_blocks() + fake_disk_held() + fake_vnodes_referenced(), 0);
	told += fake_print_text()[0] != '\0';
	if (fake_disk_asked() - asked > GETS_MAX)
		check_fail("fuzz", 0, "seed %llu: %llu accesses to the disk",
			   (unsigned long long)seed,
			   (unsigned long long)(fake_disk_asked() - asked));
}

static void
fuzz(const char *options, uint64_t from, uint64_t to)
{
	build(options);
	for (uint64_t seed = from; seed < to; seed++)
		round_of(seed, false);
	// Else the damage was not where anybody looks.
	CHECK(mounted > (to - from) / 2);
	CHECK(told > (to - from) / 5);
	fake_disk_free();
}

TEST(fields_1)
{
	fuzz("-I 256", 0, 2000);
}

TEST(fields_2)
{
	fuzz("-I 256", 2000, 4000);
}

TEST(small_inodes)
{
	fuzz("-I 128", 4000, 6000);
}

TEST(small_groups)
{
	fuzz("-I 256 -g 256 -N 512 -O ^resize_inode,^meta_bg", 6000, 8000);
}

TEST(loops)
{
	build("-I 256");
	for (uint64_t seed = 0; seed < 200; seed++)
		round_of(seed, true);
	fake_disk_free();
}
