// SPDX-License-Identifier: MIT
// Free blocks and inodes: to a full disk and back, where things are put, and
// bitmaps that lie.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

#define B EXT2_BLOCK_SIZE

static const char *
numbered(const char *format, unsigned i)
{
	static char name[64];

	format_string(name, sizeof(name), format, i);
	return name;
}

static uint32_t
group_of(const char *path)
{
	struct vnode *v = rig_get(path);
	uint32_t group = ((uint32_t)v->number - 1) / rig_fs()->group_inodes;

	vnode_put(v);
	return group;
}

// Count the clear bits that the groups' bitmaps really have.
static void
check_counts(void)
{
	const struct ext2_fs *fs = rig_fs();
	uint32_t blocks = 0, inodes = 0;

	for (uint32_t g = 0; g < fs->groups; g++) {
		const uint8_t *map = fake_disk_block(fs->group[g].block_bitmap);
		uint32_t free = 0;

		for (uint32_t i = 0; i < ext2_group_length(fs, g); i++)
			free += !(map[i / 8] >> i % 8 & 1);
		CHECK_EQ(free, fs->group[g].free_blocks_count);
		blocks += free;
		map = fake_disk_block(fs->group[g].inode_bitmap);
		free = 0;
		for (uint32_t i = 0; i < fs->group_inodes; i++)
			free += !(map[i / 8] >> i % 8 & 1);
		CHECK_EQ(free, fs->group[g].free_inodes_count);
		inodes += free;
	}
	CHECK_EQ(blocks, fs->free_blocks);
	CHECK_EQ(inodes, fs->free_inodes);
}

TEST(every_block_once)
{
	static uint8_t seen[32768];
	uint32_t block, total;
	int error;

	rig_start("-g 1024 -N 128", 16384);
	total = rig_fs()->free_blocks;
	for (uint32_t n = 0; (error = ext2_block_alloc(rig_fs(), n * 7919, &block)) == 0; n++) {
		CHECK(ext2_block_valid(rig_fs(), block));
		CHECK(!seen[block]++);
	}
	CHECK_EQ(error, -ENOSPC);
	CHECK_EQ(rig_fs()->free_blocks, 0);
	check_counts();
	for (block = 0; block < sizeof(seen); block++)
		if (seen[block])
			CHECK_OK(ext2_block_free(rig_fs(), block));
	CHECK_EQ(rig_fs()->free_blocks, total);
	check_counts();
	rig_end();
}

TEST(the_goal_or_what_follows)
{
	uint32_t first, block;

	rig_start("-g 1024 -N 128 -O ^resize_inode", 16384);
	CHECK_OK(ext2_block_alloc(rig_fs(), 1500, &block));
	CHECK_EQ(block, 1500);
	CHECK_OK(ext2_block_alloc(rig_fs(), 1500, &block));
	CHECK_EQ(block, 1501);
	CHECK_OK(ext2_block_alloc(rig_fs(), 2047, &block));
	CHECK_EQ(block, 2047);
	// The end of the group is taken: its start, not another group.
	CHECK_OK(ext2_block_alloc(rig_fs(), 2047, &first));
	CHECK(first >= 1024 && first < 1500);
	CHECK_OK(ext2_block_free(rig_fs(), first));
	for (block = 1500; block <= 1501; block++)
		CHECK_OK(ext2_block_free(rig_fs(), block));
	CHECK_OK(ext2_block_free(rig_fs(), 2047));
	// Beyond the disk: from its start.
	CHECK_OK(ext2_block_alloc(rig_fs(), UINT32_MAX, &block));
	CHECK(block < 1024);
	CHECK_OK(ext2_block_free(rig_fs(), block));
	rig_end();
}

TEST(no_inode_left)
{
	unsigned made = 0;
	uint32_t free;
	int error;

	rig_start("-N 64", 4096);
	free = rig_fs()->free_inodes;
	while ((error = rig_create(numbered("f%u", made), VNODE_REGULAR)) == 0)
		made++;
	CHECK_EQ(error, -ENOSPC);
	CHECK_EQ(made, free);
	CHECK_ERROR(rig_create("d", VNODE_DIRECTORY), ENOSPC);
	check_counts();
	while (made-- > 0)
		CHECK_OK(rig_unlink(numbered("f%u", made)));
	CHECK_EQ(rig_fs()->free_inodes, free);
	rig_end();
}

// Directories of the root spread over the groups; files, and directories below,
// lie with their directory, and a file's blocks with its inode.
TEST(near_and_far)
{
	unsigned used = 0;
	uint8_t seen[8] = { 0 };

	rig_start("-g 1024 -N 1024", 32768);
	CHECK_EQ(rig_fs()->groups, 8);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_OK(rig_create(numbered("d%u", i), VNODE_DIRECTORY));
		used += !seen[group_of(numbered("d%u", i))]++;
	}
	CHECK(used >= 7);
	for (unsigned i = 0; i < 8; i++) {
		uint32_t home = group_of(numbered("d%u", i)), block;
		struct vnode *v;

		rig_file(numbered("d%u/f", i), "text");
		CHECK_OK(rig_create(numbered("d%u/sub", i), VNODE_DIRECTORY));
		CHECK_EQ(group_of(numbered("d%u/f", i)), home);
		CHECK_EQ(group_of(numbered("d%u/sub", i)), home);
		v = rig_get(numbered("d%u/f", i));
		CHECK_OK(ext2_map_find(ext2_node(v), 0, &block));
		CHECK_EQ(block / 1024, home);
		vnode_put(v);
	}
	rig_end();
}

// A group that is full sends its files to the next.
TEST(a_file_larger_than_a_group)
{
	static char data[64 * B];
	struct vnode *v;

	rig_start("-g 1024 -N 128", 32768);
	CHECK_OK(rig_create("f", VNODE_REGULAR));
	v = rig_get("f");
	for (unsigned i = 0; i < 48; i++)
		rig_write(v, i * sizeof(data), data, sizeof(data));
	vnode_put(v);
	check_counts();
	rig_again();
	CHECK_OK(rig_unlink("f"));
	check_counts();
	rig_end();
}

// ---- Bitmaps that lie: the machine goes on, the log says it, e2fsck will mend ----

static void
end_damaged(const char *text)
{
	CHECK_SAID(text);
	rig_unmount();
	CHECK(((struct ext2_super *)(fake_disk_block(0) + EXT2_SUPER_OFFSET))->state &
	      EXT2_STATE_ERRORS);
	fake_disk_free();
}

TEST(own_structures_marked_free)
{
	uint32_t bitmap, block;

	rig_start("", 4096);
	fake_disk_expect_damage();
	bitmap = rig_fs()->group[0].block_bitmap;
	memset(fake_disk_block(bitmap), 0, 16); // superblock to inode table
	for (unsigned i = 0; i < 30; i++) {
		CHECK_OK(ext2_block_alloc(rig_fs(), 0, &block));
		CHECK(ext2_block_valid(rig_fs(), block));
		CHECK(block > bitmap + 2);
	}
	end_damaged("group 0: block 0 of the file system itself is marked free; run e2fsck");
}

TEST(counts_promise_too_much)
{
	uint32_t block, number;
	struct vnode *root;

	rig_start("-N 64", 4096);
	memset(fake_disk_block(rig_fs()->group[0].block_bitmap), 0xff, B);
	memset(fake_disk_block(rig_fs()->group[0].inode_bitmap), 0xff, B);
	root = rig_get("");
	CHECK_ERROR(ext2_block_alloc(rig_fs(), 0, &block), ENOSPC);
	CHECK_ERROR(ext2_number_alloc(rig_fs(), ext2_node(root), false, &number), ENOSPC);
	CHECK_EQ(rig_fs()->free_blocks, 0);
	CHECK_EQ(rig_fs()->free_inodes, 0);
	vnode_put(root);
	CHECK_SAID("free inodes, its bitmap has none");
	end_damaged("free blocks, its bitmap has none; run e2fsck");
}

TEST(freed_twice)
{
	uint32_t free;

	rig_start("-N 64", 4096);
	free = rig_fs()->free_blocks;
	CHECK_ERROR(ext2_block_free(rig_fs(), 1000), EUCLEAN);
	CHECK_ERROR(ext2_block_free(rig_fs(), 0), EUCLEAN);
	CHECK_ERROR(ext2_block_free(rig_fs(), 1024), EUCLEAN);
	CHECK_ERROR(ext2_block_free(rig_fs(), UINT32_MAX), EUCLEAN);
	CHECK_ERROR(ext2_number_free(rig_fs(), 60, false), EUCLEAN);
	CHECK_EQ(rig_fs()->free_blocks, free);
	end_damaged("block 1000 is freed but was free already");
}

// The bitmap says free, the inode says otherwise: it is let alone.
TEST(inode_in_use_marked_free)
{
	uint8_t *map;
	struct vnode *v;
	uint64_t number;
	char byte;

	rig_start("-N 64", 4096);
	rig_file("a", "A");
	v = rig_get("a");
	number = v->number;
	map = fake_disk_block(rig_fs()->group[0].inode_bitmap);
	map[(number - 1) / 8] &= (uint8_t) ~(1 << (number - 1) % 8);
	rig_file("b", "B");
	CHECK_EQ(rig_read(v, 0, &byte, 1), 1);
	CHECK_EQ(byte, 'A');
	vnode_put(v);
	v = rig_get("b");
	CHECK(v->number != number);
	vnode_put(v);
	end_damaged("is in use but marked free; run e2fsck");
}
