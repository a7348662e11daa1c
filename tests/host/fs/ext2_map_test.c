// SPDX-License-Identifier: MIT
// Which block holds which part of a file: every boundary between direct,
// single, double and triple indirect blocks, holes, cuts, a disk that fails.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

#define P UINT64_C(1024)

// The first of each kind of block, the last, and some between.
static const uint64_t places[] = {
	0,
	1,
	11, // the last direct one
	12, // single
	13,
	12 + P - 1,
	12 + P, // double
	12 + P + 1,
	12 + P + P - 1,
	12 + P + P, // its second indirect block
	12 + P + P *P - 1,
	12 + P + P *P, // triple
	12 + P + P *P + P - 1,
	12 + P + P *P + P,
	12 + P + P *P + P *P - 1,
	12 + P + P *P + P *P,
	12 + P + P *P + P *P *P - 1, // the last of all
};

#define PLACES ARRAY_SIZE(places)

// Indirect blocks above one block alone.
static unsigned
levels(uint64_t index)
{
	return (index >= 12) + (index >= 12 + P) + (index >= 12 + P + P * P);
}

// A block's contents that tell where it belongs.
static void
fill(uint64_t *data, uint64_t index)
{
	for (size_t i = 0; i < EXT2_BLOCK_SIZE / sizeof(*data); i++)
		data[i] = hash_u64(index * 512 + i) | 1;
}

static void
put_block(struct vnode *v, uint64_t index)
{
	uint64_t data[EXT2_BLOCK_SIZE / 8];

	fill(data, index);
	rig_write(v, index * EXT2_BLOCK_SIZE, data, sizeof(data));
}

static void
check_block(struct vnode *v, uint64_t index, bool there)
{
	uint64_t data[EXT2_BLOCK_SIZE / 8], want[EXT2_BLOCK_SIZE / 8] = { 0 };
	uint32_t block;

	CHECK_OK(ext2_map_find(ext2_node(v), index, &block));
	CHECK_EQ(block != 0, there);
	if (v->size < (index + 1) * EXT2_BLOCK_SIZE)
		return;
	if (there)
		fill(want, index);
	CHECK_EQ(rig_read(v, index * EXT2_BLOCK_SIZE, data, sizeof(data)), sizeof(data));
	CHECK(memcmp(data, want, sizeof(data)) == 0);
}

static struct vnode *
new_file(void)
{
	CHECK_OK(rig_create("f", VNODE_REGULAR));
	return rig_get("f");
}

static void
remove_file(struct vnode *v)
{
	vnode_put(v);
	CHECK_OK(rig_unlink("f"));
}

// One block at each place, alone in its file: its neighbours are holes, and it
// costs itself and the indirect blocks above it.
TEST(one_block_at_each_boundary)
{
	uint32_t free;

	rig_start("-I 256", 4096);
	free = rig_fs()->free_blocks;
	for (size_t i = 0; i < PLACES; i++) {
		struct vnode *v = new_file();

		put_block(v, places[i]);
		CHECK_EQ(v->size, (places[i] + 1) * EXT2_BLOCK_SIZE);
		CHECK_EQ(rig_stat(v).st_blocks, (1 + levels(places[i])) * 8);
		CHECK_EQ(rig_fs()->free_blocks, free - 1 - levels(places[i]));
		check_block(v, places[i], true);
		if (places[i] > 0)
			check_block(v, places[i] - 1, false);
		remove_file(v);
		CHECK_EQ(rig_fs()->free_blocks, free);
	}
	rig_end();
}

// All of them in one file, in three orders; read again after a new mount.
TEST(all_boundaries_in_one_file)
{
	for (unsigned order = 0; order < 3; order++) {
		struct vnode *v;

		rig_start("-I 256", 4096);
		v = new_file();
		for (size_t i = 0; i < PLACES; i++)
			put_block(v, places[order == 0   ? i
					    : order == 1 ? PLACES - 1 - i
							 : i * 7 % PLACES]);
		vnode_put(v);
		rig_again();
		v = rig_get("f");
		for (size_t i = 0; i < PLACES; i++)
			check_block(v, places[i], true);
		check_block(v, 2, false);
		check_block(v, 5000, false);
		check_block(v, 12 + P + P * P + 5 * P * P, false);
		// Of indirect blocks: one; one and three; one, three and five.
		CHECK_EQ(rig_stat(v).st_blocks, (PLACES + 1 + (1 + 3) + (1 + 3 + 5)) * 8);
		vnode_put(v);
		rig_end();
	}
}

TEST(nothing_beyond_the_last)
{
	struct vnode *v;
	uint64_t done;

	rig_start("", 4096);
	v = new_file();
	CHECK_ERROR(rig_write_some(v, EXT2_SIZE_MAX, "x", 1, &done), EFBIG);
	CHECK_OK(rig_write_some(v, EXT2_SIZE_MAX - 1, "xyz", 3, &done));
	CHECK_EQ(done, 1);
	CHECK_EQ(v->size, EXT2_SIZE_MAX);
	CHECK_ERROR(v->ops->truncate(v, EXT2_SIZE_MAX + 1), EFBIG);
	CHECK_OK(v->ops->truncate(v, 0));
	CHECK_OK(v->ops->truncate(v, EXT2_SIZE_MAX));
	vnode_put(v);
	rig_end();
}

// Cut a file with a block at every place, at every place and beside it: what
// lies before the cut stays, the rest is free.
TEST(cut_at_each_boundary)
{
	uint32_t free;

	rig_start("-I 256", 4096);
	free = rig_fs()->free_blocks;
	for (size_t cut = 0; cut < PLACES; cut++) {
		for (uint64_t beside = 0; beside < 2; beside++) {
			uint64_t at = places[cut] + beside;
			struct vnode *v = new_file();

			for (size_t i = 0; i < PLACES; i++)
				put_block(v, places[i]);
			CHECK_OK(v->ops->truncate(v, at * EXT2_BLOCK_SIZE));
			CHECK_EQ(v->size, at * EXT2_BLOCK_SIZE);
			CHECK_OK(v->ops->truncate(v, EXT2_SIZE_MAX));
			for (size_t i = 0; i < PLACES; i++)
				check_block(v, places[i], places[i] < at);
			CHECK_EQ(free - rig_fs()->free_blocks, rig_stat(v).st_blocks / 8);
			if (cut == PLACES / 2) {
				CHECK_OK(rig_mount.type->sync(&rig_mount, false));
				rig_fsck_open();
				put_block(v, places[cut]);
			}
			remove_file(v);
			CHECK_EQ(rig_fs()->free_blocks, free);
		}
	}
	rig_end();
}

// A file written from its start lies in a row, with its indirect blocks.
TEST(a_file_lies_in_a_row)
{
	uint32_t first, block, before;
	struct vnode *v;

	rig_start("-I 256", 65536);
	v = new_file();
	for (uint64_t i = 0; i < 12 + P + 3 * P; i++)
		put_block(v, i);
	CHECK_OK(ext2_map_find(ext2_node(v), 0, &first));
	before = first;
	for (uint64_t i = 1; i < 12 + P + 3 * P; i++) {
		CHECK_OK(ext2_map_find(ext2_node(v), i, &block));
		CHECK(block > before && block - before <= 1 + levels(i));
		before = block;
	}
	CHECK_EQ(before - first + 1, rig_stat(v).st_blocks / 8);
	// Cut to nothing it begins where it began.
	CHECK_OK(v->ops->truncate(v, 0));
	put_block(v, 0);
	CHECK_OK(ext2_map_find(ext2_node(v), 0, &block));
	CHECK_EQ(block, first);
	vnode_put(v);
	rig_end();
}

// Whatever access to the disk fails while a block is added, the bytes of the
// file are as they were, and nothing is lost.
TEST(disk_fails_in_the_midst)
{
	rig_start("-I 256", 4096);
	for (size_t i = 0; i < PLACES; i++) {
		uint64_t data[EXT2_BLOCK_SIZE / 8], back[EXT2_BLOCK_SIZE / 8];
		struct vnode *v = new_file();
		uint64_t done = 0;
		int error = -1;

		put_block(v, 13);
		put_block(v, 12 + P + 7);
		put_block(v, 12 + P + P * P + 9);
		CHECK_OK(v->ops->truncate(v, EXT2_SIZE_MAX));
		fill(data, places[i]);
		for (uint64_t n = 1; done == 0; n++) {
			fake_disk_fail(n);
			error = rig_write_some(v, places[i] * EXT2_BLOCK_SIZE, data, sizeof(data),
					       &done);
			fake_disk_fail(0);
			CHECK(error == 0 || error == -EIO);
			CHECK(n < 40);
			CHECK_EQ(rig_read(v, places[i] * EXT2_BLOCK_SIZE, back, sizeof(back)),
				 sizeof(back));
			for (size_t k = 0; k < ARRAY_SIZE(data); k++)
				CHECK_EQ(back[k], done || places[i] == 13 ? data[k] : 0);
		}
		CHECK_OK(v->ops->sync(v));
		check_block(v, places[i], true);
		check_block(v, 13, true);
		check_block(v, 12 + P + P * P + 9, true);
		remove_file(v);
	}
	rig_end();
}
