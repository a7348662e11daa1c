// SPDX-License-Identifier: MIT
// Contents of files: reads, writes, holes, cuts, bad addresses, a full disk,
// pages for mappings, attributes and times.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

#include "mm/page.h"

#define B      EXT2_BLOCK_SIZE
#define SECOND UINT64_C(1000000000)

static char data[64 * B], back[64 * B];

static struct vnode *
open_new(const char *path)
{
	CHECK_OK(rig_create(path, VNODE_REGULAR));
	return rig_get(path);
}

static void
fill(uint64_t seed)
{
	struct random r;

	random_init(&r, seed);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(random_next(&r) | 1);
}

static void
check_bytes(struct vnode *v, uint64_t offset, const char *want, uint64_t n)
{
	memset(back, 'x', sizeof(back));
	CHECK_EQ(rig_read(v, offset, back, n), n);
	for (uint64_t i = 0; i < n; i++)
		if (back[i] != (want ? want[i] : 0))
			check_fail("bytes", 0, "byte %llu is %d", (unsigned long long)(offset + i),
				   back[i]);
}

static int
write_user(struct vnode *v, uint64_t offset, uaddr_t from, uint64_t n, uint64_t *done)
{
	struct uio_part part;
	struct uio uio;
	int error;

	uio_init(&uio, &part, UIO_WRITE, UIO_USER, from, n, offset);
	error = v->ops->write(v, &uio, 0);
	*done = n - uio.left;
	rig_check_idle();
	return error;
}

TEST(any_offset_and_length)
{
	static const uint64_t offsets[] = { 0, 1, B - 1, B, B + 1, 3 * B - 7, 12 * B - 3, 13 * B };
	static const uint64_t lengths[] = { 1, 2, B - 1, B, B + 1, 2 * B, 5 * B + 123 };

	rig_start("-I 256", 4096);
	fill(1);
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(lengths); k++) {
			struct vnode *v = open_new("f");

			rig_write(v, offsets[i], data, lengths[k]);
			CHECK_EQ(v->size, offsets[i] + lengths[k]);
			check_bytes(v, 0, NULL, offsets[i]);
			check_bytes(v, offsets[i], data, lengths[k]);
			CHECK_EQ(rig_read(v, v->size, back, 1), 0);
			CHECK_EQ(rig_read(v, v->size + 5 * B, back, 1), 0);
			CHECK_EQ(rig_read(v, offsets[i] + 1, back, sizeof(back)), lengths[k] - 1);
			vnode_put(v);
			CHECK_OK(rig_unlink("f"));
		}
	}
	rig_end();
}

TEST(overwriting_keeps_the_rest)
{
	struct vnode *v;

	rig_start("-I 256", 4096);
	fill(2);
	v = open_new("f");
	rig_write(v, 0, data, 8 * B);
	memset(data + B - 10, 'Z', B + 20);
	rig_write(v, B - 10, data + B - 10, B + 20);
	CHECK_EQ(v->size, 8 * B);
	check_bytes(v, 0, data, 8 * B);
	vnode_put(v);
	rig_again();
	v = rig_get("f");
	check_bytes(v, 0, data, 8 * B);
	vnode_put(v);
	rig_end();
}

// A mapping writes past the file's end, in the page that holds the end.
static void
scribble_past_end(struct vnode *v)
{
	struct page *page;
	uint32_t block;

	CHECK_OK(ext2_getpage(v, v->size / B, &page));
	page_put(page);
	CHECK_OK(ext2_map_find(ext2_node(v), v->size / B, &block));
	memset(fake_disk_block(block) + v->size % B, 'S', B - v->size % B);
}

TEST(bytes_past_the_end_are_zero_when_the_file_grows)
{
	struct vnode *v;

	rig_start("-I 256", 4096);
	fill(3);
	for (int way = 0; way < 4; way++) {
		v = open_new("f");
		rig_write(v, 0, data, 2 * B);
		CHECK_OK(v->ops->truncate(v, B + 100));
		scribble_past_end(v);
		switch (way) {
		case 0:
			CHECK_OK(v->ops->truncate(v, 2 * B));
			break;
		case 1:
			rig_write(v, 3 * B, data, 1);
			break;
		case 2:
			rig_write(v, B + 200, data, 1);
			break;
		default:
			CHECK_OK(v->ops->truncate(v, B + 50));
			CHECK_OK(v->ops->truncate(v, 2 * B));
			check_bytes(v, B + 50, NULL, 50);
		}
		check_bytes(v, 0, data, B + (way == 3 ? 50 : 100));
		check_bytes(v, B + 100, NULL, 100);
		if (way != 2)
			check_bytes(v, B + 200, NULL, B - 200);
		vnode_put(v);
		CHECK_OK(rig_unlink("f"));
	}
	rig_end();
}

// What was in a removed file's blocks is never read through another.
TEST(old_bytes_are_never_seen)
{
	const uint8_t *bitmap;
	struct vnode *v;

	rig_start("-I 256", 1024);
	bitmap = fake_disk_block(rig_fs()->group[0].block_bitmap);
	for (uint64_t i = 0; i < fake_disk_blocks(); i++)
		if (!(bitmap[i / 8] >> i % 8 & 1))
			memset(fake_disk_block(i), 'O', B);
	v = open_new("f");
	fill(4);
	rig_write(v, 0, data, 30 * B);
	vnode_put(v);
	CHECK_OK(rig_unlink("f"));
	v = open_new("g");
	for (uint64_t i = 0; i < 40; i++)
		rig_write(v, i * B + 5, "x", 1);
	for (uint64_t i = 0; i < 39; i++) {
		check_bytes(v, i * B, NULL, 5);
		check_bytes(v, i * B + 6, NULL, B - 6);
	}
	vnode_put(v);
	rig_end();
}

TEST(bad_address_in_the_midst_of_a_write)
{
	uaddr_t memory = fake_user_memory();
	uint64_t done, end = memory + FAKE_USER_SIZE;
	struct vnode *v;

	rig_start("-I 256", 4096);
	v = open_new("f");
	// Nothing could be copied: nothing has changed, not even a block.
	CHECK_ERROR(write_user(v, 0, 16, B, &done), EFAULT);
	CHECK_EQ(done + v->size + rig_stat(v).st_blocks, 0);
	CHECK_ERROR(write_user(v, 20 * B, end, 10, &done), EFAULT);
	CHECK_EQ(done + v->size + rig_stat(v).st_blocks, 0);
	// One byte, one block and one byte, before the end of memory.
	CHECK_OK(write_user(v, 0, end - 1, B, &done));
	CHECK_EQ(done, 1);
	CHECK_EQ(v->size, 1);
	CHECK_OK(write_user(v, 0, end - B - 1, 3 * B, &done));
	CHECK_EQ(done, B + 1);
	CHECK_EQ(v->size, B + 1);
	CHECK_EQ(rig_stat(v).st_blocks, 2 * 8);
	// Exactly two blocks: the third is taken and given back.
	CHECK_OK(write_user(v, 0, end - 2 * B, 3 * B, &done));
	CHECK_EQ(v->size, 2 * B);
	CHECK_EQ(rig_stat(v).st_blocks, 2 * 8);
	// Into a hole: zeros stay.
	CHECK_OK(v->ops->truncate(v, 10 * B));
	CHECK_ERROR(write_user(v, 5 * B, 16, B, &done), EFAULT);
	check_bytes(v, 2 * B, NULL, 8 * B);
	vnode_put(v);
	rig_end();
}

TEST(bad_address_in_the_midst_of_a_read)
{
	uaddr_t end = fake_user_memory() + FAKE_USER_SIZE;
	struct uio_part part;
	struct uio uio;
	struct vnode *v;

	rig_start("-I 256", 4096);
	fill(5);
	v = open_new("f");
	rig_write(v, 0, data, 2 * B);
	CHECK_OK(v->ops->truncate(v, 4 * B));
	uio_init(&uio, &part, UIO_READ, UIO_USER, end - B - 7, 4 * B, 0);
	CHECK_ERROR(v->ops->read(v, &uio, 0), EFAULT);
	CHECK_EQ(uio.offset, B + 7);
	CHECK(memcmp((char *)end - B - 7, data, B + 7) == 0);
	uio_init(&uio, &part, UIO_READ, UIO_USER, end - 7, 2 * B, 3 * B);
	CHECK_ERROR(v->ops->read(v, &uio, 0), EFAULT);
	rig_check_idle();
	vnode_put(v);
	rig_end();
}

TEST(full_disk)
{
	uint64_t done, total = 0;
	uint32_t free;
	struct vnode *v;
	int error;

	rig_start("-I 256", 1024);
	fill(6);
	free = rig_fs()->free_blocks;
	v = open_new("f");
	while ((error = rig_write_some(v, total, data, sizeof(data), &done)) == 0) {
		CHECK(done > 0);
		total += done;
		CHECK_EQ(v->size, total);
	}
	CHECK_EQ(error, -ENOSPC);
	CHECK_EQ(done, 0);
	CHECK_EQ(rig_fs()->free_blocks, 0);
	CHECK_EQ(rig_stat(v).st_blocks / 8, free);
	CHECK_EQ(total / B, free - 1);
	CHECK_ERROR(rig_create("dir", VNODE_DIRECTORY), ENOSPC);
	rig_file("empty", "");
	CHECK_OK(rig_symlink("short", "s"));
	CHECK_OK(rig_mount.type->sync(&rig_mount, false));
	rig_fsck_open();
	// Everything that was written is there.
	for (uint64_t at = 0; at < total; at += sizeof(data))
		check_bytes(v, at, data, MIN(sizeof(data), total - at));
	CHECK_OK(v->ops->truncate(v, 5));
	CHECK_EQ(rig_fs()->free_blocks, free - 1);
	vnode_put(v);
	CHECK_OK(rig_unlink("f"));
	CHECK_EQ(rig_fs()->free_blocks, free);
	rig_end();
}

TEST(pages_for_mappings)
{
	struct page *page;
	struct vnode *v;
	uint64_t pages = fake_pages_used();

	rig_start("-I 256", 4096);
	fill(7);
	v = open_new("f");
	rig_write(v, B, data, B + 10);
	CHECK_OK(v->ops->getpage(v, 0, &page)); // a hole
	CHECK_EQ(page_refs(page), 1);
	for (size_t i = 0; i < B; i++)
		CHECK_EQ(((char *)page_to_virt(page))[i], 0);
	page_put(page);
	CHECK_OK(v->ops->getpage(v, 1, &page));
	CHECK(memcmp(page_to_virt(page), data, B) == 0);
	CHECK_EQ(page_refs(page), 1); // ours alone: nobody holds the buffer here
	page_put(page);
	CHECK_OK(v->ops->getpage(v, 2, &page)); // with the file's end in it
	page_put(page);
	CHECK_ERROR(v->ops->getpage(v, 3, &page), ENXIO);
	CHECK_ERROR(v->ops->getpage(v, UINT64_MAX / B, &page), ENXIO);
	fake_pages_fail(1);
	CHECK_ERROR(v->ops->getpage(v, 0, &page), ENOMEM);
	CHECK_EQ(fake_pages_used(), pages + 2); // the superblock's, and the one behind it
	vnode_put(v);
	rig_end();
}

TEST(writing_nothing)
{
	struct vnode *v;

	rig_start("-I 256", 4096);
	v = open_new("f");
	rig_write(v, 0, "abc", 3);
	rig_write(v, 1000, "", 0);
	CHECK_EQ(v->size, 3);
	vnode_put(v);
	rig_end();
}

// The cache is told which blocks are file data, and only of those.
TEST(data_is_marked_as_data)
{
	struct vnode *v;
	struct buf *b;
	uint32_t block;

	rig_start("-I 256", 4096);
	v = open_new("f");
	for (uint64_t i = 10; i < 14; i++) {
		CHECK_OK(ext2_map_alloc(ext2_node(v), i, &block));
		CHECK_EQ(fake_disk_file_of(block), v->number);
	}
	CHECK_EQ(fake_disk_file_of(ext2_node(v)->block[EXT2_IND]), 0);
	CHECK_OK(buf_get(rig_fs()->dev, block, BUF_READ, &b));
	ext2_data_dirty(ext2_node(v), 13, b);
	CHECK_EQ(b->file, v->number);
	CHECK_EQ(b->file_offset, 13 * B);
	buf_put(b);
	vnode_put(v);
	v = rig_get("");
	CHECK_OK(ext2_map_find(ext2_node(v), 0, &block));
	CHECK_EQ(fake_disk_file_of(block), 0);
	vnode_put(v);
	rig_unmount();
	fake_disk_free();
}

// Without the feature large_file an inode's size has 31 bits.
TEST(no_large_files)
{
	struct vnode *v;
	uint64_t done;

	rig_start("-I 256 -O ^large_file,^resize_inode", 4096);
	v = open_new("f");
	CHECK_ERROR(v->ops->truncate(v, UINT64_C(1) << 31), EFBIG);
	CHECK_OK(rig_write_some(v, INT32_MAX - 2, "abc", 3, &done));
	CHECK_EQ(done, 2);
	CHECK_EQ(v->size, INT32_MAX);
	CHECK_ERROR(rig_write_some(v, INT32_MAX, "a", 1, &done), EFBIG);
	vnode_put(v);
	rig_end();
}

TEST(removed_while_open)
{
	uint32_t blocks, inodes;
	struct vnode *v;

	rig_start("-I 256", 4096);
	fill(8);
	blocks = rig_fs()->free_blocks;
	inodes = rig_fs()->free_inodes;
	v = open_new("f");
	rig_write(v, 0, data, 20 * B);
	CHECK_OK(rig_unlink("f"));
	CHECK_EQ(v->links, 0);
	CHECK(!rig_exists("f"));
	check_bytes(v, 0, data, 20 * B);
	rig_write(v, 20 * B, data, 20 * B);
	rig_file("other", "text");
	check_bytes(v, 0, data, 20 * B);
	CHECK_EQ(rig_fs()->free_inodes, inodes - 2);
	vnode_put(v);
	CHECK_EQ(rig_fs()->free_inodes, inodes - 1);
	CHECK_EQ(rig_fs()->free_blocks, blocks - 1);
	rig_end();
}

// Power-off with a file open that has no name, and one that has.
TEST(closed_with_files_open)
{
	struct vnode *nameless, *named;
	uint64_t done;

	rig_start("-I 256", 4096);
	fill(9);
	nameless = open_new("gone");
	named = open_new("stays");
	rig_write(nameless, 0, data, 20 * B);
	rig_write(named, 0, data, 3 * B);
	CHECK_OK(rig_unlink("gone"));
	CHECK_OK(rig_mount.type->sync(&rig_mount, true));
	rig_fsck();
	// From now on nothing changes any more, and reading goes on.
	CHECK_ERROR(rig_write_some(named, 0, "x", 1, &done), EROFS);
	CHECK_ERROR(rig_create("new", VNODE_REGULAR), EROFS);
	check_bytes(named, 0, data, 3 * B);
	done = fake_disk_writes();
	vnode_put(nameless);
	vnode_put(named);
	CHECK_OK(rig_mount.type->sync(&rig_mount, true));
	CHECK_EQ(fake_disk_writes(), done);
	rig_end();
}

static bool
same_time(struct timespec a, uint64_t ns)
{
	return (uint64_t)a.tv_sec * SECOND + (uint64_t)a.tv_nsec == ns;
}

TEST(times)
{
	const uint64_t base = UINT64_C(1700000000) * SECOND;
	const uint64_t day = 24 * 3600 * SECOND;
	struct vnode *v, *dir;
	struct stat st;

	rig_start("-I 256", 4096);
	fake_time_set(123456789);
	v = open_new("f");
	dir = rig_get("");
	st = rig_stat(v);
	CHECK(same_time(st.st_mtim, base + 123456789) && same_time(st.st_ctim, base + 123456789));
	CHECK(same_time(rig_stat(dir).st_mtim, base + 123456789));
	fake_time_set(2 * SECOND + 5);
	rig_write(v, 0, "x", 1);
	st = rig_stat(v);
	CHECK(same_time(st.st_mtim, base + 2 * SECOND + 5));
	CHECK(same_time(st.st_ctim, base + 2 * SECOND + 5));
	CHECK(same_time(st.st_atim, base + 123456789));
	CHECK(same_time(rig_stat(dir).st_mtim, base + 123456789));
	// Read after a change: told; read again: not before a day has gone.
	fake_time_set(3 * SECOND);
	rig_read(v, 0, back, 1);
	CHECK(same_time(rig_stat(v).st_atim, base + 3 * SECOND));
	fake_time_set(4 * SECOND);
	rig_read(v, 0, back, 1);
	CHECK(same_time(rig_stat(v).st_atim, base + 3 * SECOND));
	fake_time_set(4 * SECOND + day);
	rig_read(v, 0, back, 1);
	CHECK(same_time(rig_stat(v).st_atim, base + 4 * SECOND + day));
	// A link and an attribute change the inode, not the contents.
	fake_time_set(5 * SECOND + day);
	CHECK_OK(rig_link("f", "g"));
	st = rig_stat(v);
	CHECK(same_time(st.st_ctim, base + 5 * SECOND + day));
	CHECK(same_time(st.st_mtim, base + 2 * SECOND + 5));
	vnode_put(dir);
	vnode_put(v);
	rig_again();
	v = rig_get("f");
	st = rig_stat(v);
	CHECK(same_time(st.st_ctim, base + 5 * SECOND + day));
	CHECK(same_time(st.st_mtim, base + 2 * SECOND + 5));
	CHECK(same_time(st.st_atim, base + 4 * SECOND + day));
	vnode_put(v);
	rig_end();
}

static void
set_and_check(const char *options, int64_t seconds, int64_t ns, int64_t want_s, int64_t want_ns)
{
	struct vnode_setattr change = {
		.set = SETATTR_MODE | SETATTR_OWNER | SETATTR_GROUP | SETATTR_ATIME | SETATTR_MTIME,
		.mode = S_IFREG | 06750,
		.owner = 0x12345678,
		.group = 0xfffffffe,
		.atime = { seconds, ns },
		.mtime = { seconds, ns },
	};
	struct vnode *v;
	struct stat st;

	rig_start(options, 4096);
	v = open_new("f");
	CHECK_OK(v->ops->setattr(v, &change));
	vnode_put(v);
	rig_again();
	v = rig_get("f");
	st = rig_stat(v);
	CHECK_EQ(st.st_mode, S_IFREG | 06750);
	CHECK_EQ(st.st_uid, 0x12345678);
	CHECK_EQ(st.st_gid, 0xfffffffe);
	CHECK_EQ(st.st_mtim.tv_sec, want_s);
	CHECK_EQ(st.st_mtim.tv_nsec, want_ns);
	CHECK_EQ(st.st_atim.tv_sec, want_s);
	vnode_put(v);
	rig_end();
}

TEST(attributes)
{
	const int64_t most = (INT64_C(1) << 34) - (INT64_C(1) << 31) - 1;

	set_and_check("-I 256", 1, 999999999, 1, 999999999);
	set_and_check("-I 256", -1, 5, -1, 5);
	set_and_check("-I 256", INT64_C(0x80000000), 1, INT64_C(0x80000000), 1);
	set_and_check("-I 256", INT64_C(5000000000), 1, INT64_C(5000000000), 1);
	set_and_check("-I 256", INT64_MAX, 1, most, 1);
	set_and_check("-I 256", INT64_MIN, 1, INT32_MIN, 1);
	set_and_check("-I 128", 1234567890, 999, 1234567890, 0);
	set_and_check("-I 128", INT64_C(5000000000), 999, INT32_MAX, 0);
	set_and_check("-I 512", INT64_C(5000000000), 7, INT64_C(5000000000), 7);
}

TEST(a_write_that_fails_is_told_by_sync)
{
	struct vnode *v;

	rig_start("-I 256", 4096);
	v = open_new("f");
	rig_write(v, 0, "x", 1);
	fake_disk_fail_writes(true);
	CHECK_ERROR(v->ops->sync(v), EIO);
	CHECK_ERROR(rig_mount.type->sync(&rig_mount, false), EIO);
	fake_disk_fail_writes(false);
	CHECK_OK(v->ops->sync(v));
	vnode_put(v);
	rig_end();
}

// A block of extended attributes goes with the last file that has it.
TEST(extended_attributes_are_given_back)
{
	char path[128];
	uint32_t free, block;
	struct ext2_xattr_head *head;
	struct vnode *v;

	host_command("mkdir t && echo a >t/a && echo b >t/b && "
		     "mke2fs -q -F -t ext2 -b 4096 -I 128 -d t fs.img 4096k && "
		     "debugfs -w -R 'ea_set /a user.name value' fs.img");
	format_string(path, sizeof(path), "%s/fs.img", host_folder());
	fake_disk_load(path);
	CHECK_OK(rig_try_mount(0));
	v = rig_get("a");
	block = ext2_node(v)->attributes;
	CHECK(block != 0);
	CHECK_EQ(rig_stat(v).st_blocks, 16);
	vnode_put(v);
	// Let b share it, as Linux does for equal attributes.
	head = (struct ext2_xattr_head *)fake_disk_block(block);
	CHECK_EQ(head->refcount, 1);
	head->refcount = 2;
	v = rig_get("b");
	ext2_node(v)->attributes = block;
	ext2_node(v)->sectors += 8;
	CHECK_OK(ext2_vnode_changed(v));
	vnode_put(v);
	CHECK_OK(rig_mount.type->sync(&rig_mount, false));
	rig_fsck_open();
	// Cutting a file leaves its attributes.
	v = rig_get("a");
	CHECK_OK(v->ops->truncate(v, 0));
	CHECK_EQ(rig_stat(v).st_blocks, 8);
	vnode_put(v);
	free = rig_fs()->free_blocks;
	CHECK_OK(rig_unlink("a"));
	CHECK_EQ(rig_fs()->free_blocks, free);
	CHECK_EQ(head->refcount, 1);
	CHECK_OK(rig_mount.type->sync(&rig_mount, false));
	rig_fsck_open();
	CHECK_OK(rig_unlink("b"));
	CHECK_EQ(rig_fs()->free_blocks, free + 2);
	rig_end();
}
