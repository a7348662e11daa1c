// SPDX-License-Identifier: MIT
// Mount: which images are taken, which are refused and with what words, what the
// disk says of itself while it is mounted and afterwards.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

// The folder of the kernel's sources, as seen from this file.
static const char *
kernel_folder(void)
{
	static char path[256];

	string_copy(path, __FILE__, sizeof(path));
	path[strstr_(path, "tests/host") - path] = '\0';
	string_copy(path + strlen(path), "kernel", sizeof(path) - strlen(path));
	return path;
}

static struct ext2_super *
super_on_disk(void)
{
	return (struct ext2_super *)(fake_disk_block(0) + EXT2_SUPER_OFFSET);
}

static struct ext2_group *
groups_on_disk(void)
{
	return (struct ext2_group *)fake_disk_block(1);
}

// Refused with this error and this text, and nothing is left behind or changed.
static void
check_refused(int error, const char *text)
{
	uint64_t writes = fake_disk_writes();

	CHECK_EQ(rig_try_mount(0), -error);
	CHECK_SAID(text);
	CHECK_EQ(fake_heap_blocks() + fake_disk_held(), 0);
	CHECK_EQ(fake_disk_writes(), writes);
}

// Some of everything, on a file system that was just mounted.
static void
use(void)
{
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	rig_file("d/f", "some text");
	CHECK_OK(rig_symlink("l", "d/f"));
	CHECK_OK(rig_rename("d/f", "g"));
	CHECK_OK(rig_unlink("l"));
}

TEST(images_of_mke2fs)
{
	static const char *const options[] = {
		"",
		"-I 128",
		"-I 256",
		"-I 512",
		"-I 4096 -N 512",
		"-r 0",
		"-O none",
		"-O ^resize_inode",
		"-O ^dir_index",
		"-O ^sparse_super,^resize_inode -g 1024",
		"-O ^resize_inode,sparse_super2 -g 1024",
		"-O ^filetype",
		"-O ^ext_attr",
		"-g 1024",
		"-g 256 -N 512 -O ^resize_inode,^meta_bg",
		"-t ext3",
		"-t ext3 -I 128",
		"-m 0",
		"-m 50",
		"-E stride=4,stripe_width=8",
		"-L a-label -U 01234567-89ab-cdef-0123-456789abcdef",
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		rig_start(options[i], 32768);
		use();
		rig_again();
		CHECK(rig_exists("g") && rig_exists("d") && rig_exists("lost+found"));
		rig_end();
	}
}

TEST(images_of_our_mkfs)
{
	char path[128];
	struct vnode *v;

	host_command("mkdir -p t/bin && seq 100000 >t/bin/seq && ln t/bin/seq t/same && "
		     "ln -s bin/seq t/link && truncate -s 5G t/bin/hole");
	host_command("K=%s; cc -std=gnu17 -D_GNU_SOURCE -I$K $K/../mkfs/*.c -o mkfs && "
		     "./mkfs fs.img 8M t",
		     kernel_folder());
	format_string(path, sizeof(path), "%s/fs.img", host_folder());
	fake_disk_load(path);
	CHECK_OK(rig_try_mount(0));
	CHECK_STRING(fake_print_text(), "");
	v = rig_get("bin/seq");
	CHECK_EQ(v->links, 2);
	CHECK_EQ(v->size, 588895);
	vnode_put(v);
	v = rig_get("bin/hole");
	CHECK_EQ(v->size, UINT64_C(5) << 30);
	CHECK_EQ(rig_stat(v).st_blocks, 0);
	vnode_put(v);
	use();
	rig_end();
}

TEST(not_a_disk)
{
	rig_make("", 4096);
	ext2_register();
	CHECK_ERROR(fake_mount(&rig_mount, "vdz", 0), ENXIO);
	CHECK_SAID("ext2: vdz: there is no such disk");
	CHECK_OK(rig_try_mount(0));
	{
		struct mount second;

		CHECK_ERROR(fake_mount(&second, "disk", 0), EBUSY);
		CHECK_SAID("is mounted already");
	}
	rig_end();
}

TEST(not_ext2)
{
	fake_disk_make(64);
	check_refused(EINVAL, "ext2: root: is not an ext2 file system");
	rig_make("", 4096);
	super_on_disk()->magic ^= 1;
	check_refused(EINVAL, "is not an ext2 file system (magic number 0xef52, not 0xef53)");
	fake_disk_free();
}

TEST(wrong_block_size)
{
	rig_make("-b 1024", 4096);
	check_refused(EINVAL, "has blocks of 1024 bytes, Fawn needs 4096; "
			      "make it with mke2fs -t ext2 -b 4096");
	super_on_disk()->log_block_size = 77;
	check_refused(EUCLEAN, "makes no sense (block size)");
	fake_disk_free();
}

TEST(ext4_is_refused_by_its_features)
{
	rig_make("-t ext4", 65536);
	check_refused(EINVAL,
		      "ext2: root: needs feature \"extents\", \"64bit\", \"flex_bg\", which "
		      "Fawn lacks; make it with mke2fs -t ext2 -b 4096");
	fake_disk_free();
}

#define BIT_ROW(bit, name, text) { bit, text },

static const struct {
	uint32_t bit;
	const char *name;
} incompat[] = { EXT2_INCOMPAT_LIST(BIT_ROW){ 0x80000000, "0x80000000" } },
  ro_compat[] = { EXT2_RO_COMPAT_LIST(BIT_ROW){ 0x40000000, "0x40000000" } };

TEST(each_incompatible_feature_is_named)
{
	char text[80];

	rig_make("", 4096);
	for (size_t i = 0; i < ARRAY_SIZE(incompat); i++) {
		uint32_t old = super_on_disk()->feature_incompat;

		if (old & incompat[i].bit)
			continue;
		super_on_disk()->feature_incompat |= incompat[i].bit;
		format_string(text, sizeof(text), "\"%s\"", incompat[i].name);
		check_refused(EINVAL, text);
		super_on_disk()->feature_incompat = old;
	}
	fake_disk_free();
}

TEST(each_unknown_ro_feature_makes_it_read_only)
{
	char text[80];

	rig_make("", 4096);
	for (size_t i = 0; i < ARRAY_SIZE(ro_compat); i++) {
		uint32_t old = super_on_disk()->feature_ro_compat;

		if (old & ro_compat[i].bit)
			continue;
		super_on_disk()->feature_ro_compat |= ro_compat[i].bit;
		CHECK_OK(rig_try_mount(0));
		format_string(text, sizeof(text),
			      "has feature \"%s\", which Fawn can't write: read-only",
			      ro_compat[i].name);
		CHECK_SAID(text);
		CHECK(rig_mount.flags & MOUNT_READ_ONLY);
		CHECK_ERROR(rig_create("x", VNODE_REGULAR), EROFS);
		rig_unmount();
		CHECK_EQ(fake_disk_writes(), 0);
		super_on_disk()->feature_ro_compat = old;
	}
	fake_disk_free();
}

TEST(journal_to_be_replayed)
{
	rig_make("-t ext3", 32768);
	super_on_disk()->feature_incompat |= EXT2_INCOMPAT_RECOVER;
	check_refused(EINVAL, "its journal must be replayed first (\"needs_recovery\"); "
			      "run e2fsck -fy on it");
	fake_disk_free();
}

TEST(truncated_image)
{
	rig_make("", 4096);
	fake_disk_set_blocks(1023);
	check_refused(EUCLEAN, "is cut short: the file system has 1024 blocks, the device 1023");
	fake_disk_set_blocks(1);
	check_refused(EUCLEAN, "is cut short: the file system has 1024 blocks, the device 1");
	fake_disk_free();
}

TEST(superblock_makes_no_sense)
{
	static const struct {
		size_t offset;
		uint64_t value;
		size_t size;
		const char *text;
	} wrong[] = {
#define FIELD(name, wrong_value, what)                      \
	{ offsetof(struct ext2_super, name), (wrong_value), \
	  sizeof(((struct ext2_super *)0)->name), (what) }
		FIELD(blocks_count, 0, "number of blocks"),
		FIELD(blocks_count, 1, "number of blocks"),
		FIELD(blocks_count, UINT32_MAX, "number of inodes"),
		FIELD(first_data_block, 1, "number of blocks"),
		FIELD(blocks_per_group, 0, "blocks in a group"),
		FIELD(blocks_per_group, 7, "blocks in a group"),
		FIELD(blocks_per_group, 32776, "blocks in a group"),
		FIELD(blocks_per_group, 8, "number of inodes"),
		FIELD(inodes_per_group, 0, "inodes in a group"),
		FIELD(inodes_per_group, 1023, "inodes in a group"),
		FIELD(inodes_per_group, 65536, "inodes in a group"),
		FIELD(inodes_per_group, 1032, "number of inodes"),
		FIELD(inodes_count, 0, "number of inodes"),
		FIELD(inodes_count, UINT32_MAX, "number of inodes"),
		FIELD(inode_size, 0, "size of an inode"),
		FIELD(inode_size, 64, "size of an inode"),
		FIELD(inode_size, 257, "size of an inode"),
		FIELD(inode_size, 8192, "size of an inode"),
		FIELD(first_ino, 0, "first inode"),
		FIELD(first_ino, 5000, "first inode"),
		FIELD(reserved_gdt_blocks, 65535, "reserve"),
		FIELD(rev_level, 2, "is of revision 2"),
	};

	rig_make("-I 256", 4096);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct ext2_super saved = *super_on_disk();

		memcpy((char *)super_on_disk() + wrong[i].offset, &wrong[i].value, wrong[i].size);
		check_refused(wrong[i].value == 2 ? EINVAL : EUCLEAN, wrong[i].text);
		*super_on_disk() = saved;
	}
	CHECK_OK(rig_try_mount(0));
	rig_end();
}

TEST(group_makes_no_sense)
{
	struct ext2_group good;

	rig_make("-I 256 -g 1024", 16384);
	good = groups_on_disk()[2];
#define WRONG(field, value, text)                                                              \
	do {                                                                                   \
		groups_on_disk()[2].field = (value);                                           \
		check_refused(EUCLEAN, "the descriptor of group 2 makes no sense (" text ")"); \
		groups_on_disk()[2] = good;                                                    \
	} while (0)
	WRONG(block_bitmap, 0, "bitmaps");
	WRONG(block_bitmap, good.block_bitmap - 1024, "bitmaps");
	WRONG(block_bitmap, good.block_bitmap + 1024, "bitmaps");
	WRONG(block_bitmap, UINT32_MAX, "bitmaps");
	WRONG(inode_bitmap, good.block_bitmap, "bitmaps");
	WRONG(inode_table, good.block_bitmap, "inode table");
	WRONG(inode_table, good.block_bitmap - 1, "inode table");
	WRONG(inode_table, 3 * 1024 - 1, "inode table");
	WRONG(inode_table, 0, "inode table");
	WRONG(free_blocks_count, 1025, "free blocks");
	WRONG(free_inodes_count, UINT16_MAX, "free inodes");
	CHECK_OK(rig_try_mount(0));
	rig_end();
}

TEST(in_use_and_clean)
{
	uint16_t mounts;

	rig_make("", 4096);
	mounts = super_on_disk()->mnt_count;
	CHECK_EQ(super_on_disk()->state, EXT2_STATE_CLEAN);
	CHECK_OK(rig_try_mount(0));
	CHECK_EQ(super_on_disk()->state, 0);
	CHECK_EQ(super_on_disk()->mnt_count, mounts + 1);
	use();
	CHECK_OK(rig_mount.type->sync(&rig_mount, false));
	CHECK_EQ(super_on_disk()->state, 0);
	rig_fsck_open();
	CHECK_OK(rig_mount.type->sync(&rig_mount, true));
	CHECK_EQ(super_on_disk()->state, EXT2_STATE_CLEAN);
	rig_end();
}

TEST(crashed_before)
{
	rig_make("", 4096);
	super_on_disk()->state = 0;
	CHECK_OK(rig_try_mount(0));
	CHECK_SAID("ext2: root: was not unmounted, or is damaged; run e2fsck on it");
	use();
	rig_unmount();
	CHECK_EQ(super_on_disk()->state, 0); // only e2fsck can say that it is clean
	fake_disk_free();
}

TEST(read_only)
{
	static const char *const why[] = { "flag", "device" };

	for (size_t i = 0; i < ARRAY_SIZE(why); i++) {
		char byte;
		struct vnode *v;

		rig_start("", 4096);
		rig_file("f", "x");
		rig_unmount();
		fake_disk_set_read_only(i == 1);
		CHECK_OK(rig_try_mount(i == 0 ? MOUNT_READ_ONLY : 0));
		CHECK(rig_mount.flags & MOUNT_READ_ONLY);
		uint64_t writes = fake_disk_writes();
		v = rig_get("f");
		fake_time_advance(UINT64_C(100) * 24 * 3600 * 1000000000);
		CHECK_EQ(rig_read(v, 0, &byte, 1), 1);
		CHECK_ERROR(v->ops->truncate(v, 0), EROFS);
		CHECK_ERROR(v->ops->setattr(v, &(struct vnode_setattr){ .set = SETATTR_MODE }),
			    EROFS);
		CHECK_ERROR(rig_write_some(v, 0, "y", 1, &(uint64_t){ 0 }), EROFS);
		vnode_put(v);
		CHECK_ERROR(rig_create("g", VNODE_REGULAR), EROFS);
		CHECK_ERROR(rig_link("f", "g"), EROFS);
		CHECK_ERROR(rig_unlink("f"), EROFS);
		CHECK_ERROR(rig_rename("f", "g"), EROFS);
		CHECK_OK(rig_mount.type->sync(&rig_mount, false));
		CHECK_OK(rig_mount.type->sync(&rig_mount, true));
		rig_unmount();
		CHECK_EQ(fake_disk_writes(), writes);
		rig_fsck();
	}
	fake_disk_free();
}

TEST(no_memory_or_no_disk_at_mount)
{
	int error = -1;

	rig_make("-g 1024", 16384);
	for (uint64_t n = 1; error; n++) {
		fake_heap_fail(n);
		error = rig_try_mount(0);
		fake_heap_fail(0);
		CHECK(error == 0 || error == -ENOMEM);
		CHECK(error == 0 || fake_heap_blocks() + fake_disk_held() == 0);
		CHECK(n > 2 || error);
	}
	rig_unmount();
	error = -1;
	for (uint64_t n = 1; error; n++) {
		fake_disk_fail(n);
		error = rig_try_mount(0);
		fake_disk_fail(0);
		CHECK(error == 0 || error == -EIO);
		CHECK(error == 0 || fake_heap_blocks() + fake_disk_held() == 0);
		CHECK(n > 2 || error);
	}
	rig_unmount();
	fake_disk_fail_writes(true);
	CHECK_ERROR(rig_try_mount(0), EIO);
	fake_disk_fail_writes(false);
	CHECK_OK(rig_try_mount(0));
	rig_end();
}

TEST(unmount_that_cannot_write)
{
	rig_start("", 4096);
	use();
	fake_disk_fail_writes(true);
	rig_check_idle();
	fake_unmount(&rig_mount);
	CHECK_SAID("could not be written at unmount");
	CHECK_EQ(super_on_disk()->state & EXT2_STATE_CLEAN, 0);
	CHECK_EQ(fake_heap_blocks() + fake_disk_held(), 0);
	fake_disk_free();
}

// A change that never ends: power-off waits a while, then leaves it unclean.
TEST(power_off_in_the_midst_of_a_change)
{
	rig_start("", 4096);
	CHECK_OK(ext2_begin(rig_fs()));
	CHECK_ERROR(rig_mount.type->sync(&rig_mount, true), ETIMEDOUT);
	CHECK_SAID("not marked clean");
	CHECK_EQ(super_on_disk()->state & EXT2_STATE_CLEAN, 0);
	CHECK_ERROR(ext2_begin(rig_fs()), EROFS);
	ext2_end(rig_fs());
	rig_unmount();
	fake_disk_free();
}

TEST(statfs)
{
	struct statfs_info info;
	uint64_t free;

	rig_start("-I 256 -N 1024", 4096);
	CHECK_OK(rig_mount.type->statfs(&rig_mount, &info));
	CHECK_EQ(info.magic, 0xef53);
	CHECK_EQ(info.block_size, 4096);
	CHECK_EQ(info.blocks, 1024 - rig_fs()->head_blocks - 2 - 64);
	CHECK_EQ(info.files, 1024);
	CHECK_EQ(info.files_free, 1024 - 11);
	CHECK_EQ(info.name_max, 255);
	free = info.blocks_free;
	rig_file("f", "x");
	CHECK_OK(rig_mount.type->statfs(&rig_mount, &info));
	CHECK_EQ(info.blocks_free, free - 1);
	CHECK_EQ(info.files_free, 1024 - 12);
	rig_end();
}
