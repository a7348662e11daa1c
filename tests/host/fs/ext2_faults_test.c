// SPDX-License-Identifier: MIT
// One fault of the disk after the other, each known: what is said of it, and
// which operations it stops.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

#define B EXT2_BLOCK_SIZE

// The inode of a path on the disk.
static struct ext2_inode *
inode_of(const char *path)
{
	struct vnode *v = rig_get(path);
	uint32_t number = (uint32_t)v->number;
	const struct ext2_fs *fs = rig_fs();
	uint64_t at = (uint64_t)((number - 1) % fs->group_inodes) * fs->inode_size;

	vnode_put(v);
	return (struct ext2_inode *)(fake_disk_block(
					     fs->group[(number - 1) / fs->group_inodes].inode_table +
					     at / B) +
				     at % B);
}

static struct ext2_dirent *
record_of(const char *dir, const char *name)
{
	uint8_t *p = fake_disk_block(inode_of(dir)->block[0]);

	for (uint32_t at = 0; at < B; at += ((struct ext2_dirent *)(p + at))->rec_len) {
		struct ext2_dirent *r = (struct ext2_dirent *)(p + at);

		if (r->name_len == strlen(name) && memcmp(r->name, name, r->name_len) == 0)
			return r;
	}
	check_fail("record_of", 0, "%s/%s is not there", dir, name);
}

static void
end_damaged(void)
{
	rig_unmount();
	fake_disk_free();
}

static bool
no_more(void *arg, const char *name, size_t length, uint64_t number, enum vnode_type type,
	uint64_t next)
{
	(void)arg, (void)name, (void)length, (void)number, (void)type, (void)next;
	return true;
}

// ---- Inodes --------------------------------------------------------------------------

static void
check_inode_refused(const char *path, const char *text)
{
	struct vnode *v;

	fake_vnodes_forget();
	fake_print_clear();
	CHECK_ERROR(rig_find(path, &v), EUCLEAN);
	CHECK_SAID(text);
	rig_check_idle();
}

TEST(inodes)
{
	struct ext2_inode *file, *dir, *link, saved;

	rig_start("-I 256", 4096);
	rig_file("f", "text");
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	CHECK_OK(rig_symlink("l", "to"));
	file = inode_of("f");
	dir = inode_of("d");
	link = inode_of("l");
#define WRONG(inode, path, change, text)             \
	do {                                         \
		saved = *(inode);                    \
		change;                              \
		check_inode_refused((path), (text)); \
		*(inode) = saved;                    \
	} while (0)
	WRONG(file, "f", file->links_count = 0, "is named but free; run e2fsck");
	WRONG(file, "f", file->mode = 0644, "is of no kind");
	WRONG(file, "f", file->mode = 0xf000, "is of no kind");
	WRONG(file, "f", file->flags |= EXT2_FL_EXTENTS, "of a format that this file system");
	WRONG(file, "f", file->flags |= EXT2_FL_INLINE_DATA, "of a format that this file system");
	WRONG(file, "f", file->size_high = 0x80000000, "is larger than a file can be");
	WRONG(file, "f", file->file_acl = 1, "has attributes at a block that can't be");
	WRONG(file, "f", file->file_acl = UINT32_MAX, "has attributes at a block that can't be");
	WRONG(dir, "d", dir->size = 0, "is a directory of a size that can't be");
	WRONG(dir, "d", dir->size = B + 1, "is a directory of a size that can't be");
	WRONG(link, "l", link->size = 0, "is a symbolic link of a size that can't be");
	WRONG(link, "l", link->size = B, "is a symbolic link of a size that can't be");
	WRONG(file, "f", file->mode = EXT2_S_IFDIR, "is a directory of a size that can't be");
	CHECK(rig_exists("f") && rig_exists("d") && rig_exists("l"));
	end_damaged();
}

// A short link with the size of a long one: its text is no block number.
TEST(text_of_a_link_taken_for_a_block)
{
	char text[10];
	size_t length;
	struct vnode *v;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_symlink("l", "to somewhere"));
	inode_of("l")->size = 100;
	fake_vnodes_forget();
	v = rig_get("l");
	CHECK_ERROR(v->ops->readlink(v, text, sizeof(text), &length), EUCLEAN);
	CHECK_SAID("points at block");
	vnode_put(v);
	memset(inode_of("l")->block, 0, 60);
	fake_vnodes_forget();
	v = rig_get("l");
	CHECK_ERROR(v->ops->readlink(v, text, sizeof(text), &length), EUCLEAN);
	CHECK_SAID("has no text");
	vnode_put(v);
	end_damaged();
}

// ---- Records -------------------------------------------------------------------------

// Every operation that meets the record says what is wrong with it.
static void
check_record_refused(const char *text, bool has_name)
{
	struct vnode_new what = { .type = VNODE_REGULAR, .mode = 0600 };
	uint64_t number, cookie = 0, writes = fake_disk_writes();
	struct vnode *d = rig_get("d");

	fake_print_clear();
	CHECK_ERROR(d->ops->lookup(d, "zzz", 3, &number), EUCLEAN);
	CHECK_SAID(text);
	CHECK_ERROR(d->ops->readdir(d, &cookie, no_more, NULL), EUCLEAN);
	CHECK_ERROR(d->ops->unlink(d, "zzz", 3, d), EUCLEAN);
	CHECK_EQ(fake_disk_writes(), writes);
	if (has_name) // else it is room for a new one
		CHECK_ERROR(d->ops->create(d, "zzz", 3, &what, &number), EUCLEAN);
	vnode_put(d);
	rig_check_idle();
}

TEST(records)
{
	struct ext2_dirent *middle, *last, saved;
	uint32_t last_at;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	// Fill the block, so that no operation ends before the record at its end.
	for (char c = 'a'; c < 'a' + 15; c++) {
		char path[300] = "d/";

		memset(path + 2, c, 255);
		CHECK_OK(rig_create(path, VNODE_REGULAR));
	}
	{
		char name[256];

		memset(name, 'e', 255);
		name[255] = '\0';
		middle = record_of("d", name);
		memset(name, 'o', 255);
		last = record_of("d", name);
	}
	last_at = (uint32_t)((uint8_t *)last - fake_disk_block(inode_of("d")->block[0]));
#define WRONG_RECORD(r, change, text)                          \
	do {                                                   \
		saved = *(r);                                  \
		change;                                        \
		check_record_refused((text), (r)->inode != 0); \
		memcpy((r), &saved, sizeof(saved));            \
	} while (0)
	WRONG_RECORD(middle, middle->rec_len = 0, "has a length that can't be; run e2fsck");
	WRONG_RECORD(middle, middle->rec_len = 4, "has a length that can't be");
	WRONG_RECORD(middle, middle->rec_len |= 2, "has a length that can't be");
	WRONG_RECORD(middle, middle->rec_len = 8, "has a name that doesn't fit into it");
	WRONG_RECORD(middle, middle->name_len = 0, "has a name that doesn't fit into it");
	WRONG_RECORD(middle, middle->rec_len = B, "reaches beyond its block");
	WRONG_RECORD(middle, middle->rec_len = 0xfffc, "reaches beyond its block");
	WRONG_RECORD(last, last->rec_len += 4, "reaches beyond its block");
	WRONG_RECORD(last, last->rec_len += 400, "reaches beyond its block");
	WRONG_RECORD(middle, middle->inode = 1, "names an inode that can't be");
	WRONG_RECORD(middle, middle->inode = EXT2_INO_JOURNAL, "names an inode that can't be");
	WRONG_RECORD(middle, middle->inode = rig_fs()->inodes + 1, "names an inode that can't be");
	// Without a name, the last one may end anywhere; then nothing is left of it.
	WRONG_RECORD(last, (last->inode = 0, last->rec_len = (uint16_t)(B - last_at - 4)),
		     "has no room before its block's end");
	CHECK(rig_exists("d"));
	end_damaged();
}

TEST(name_with_a_slash)
{
	uint64_t cookie = 0;
	struct vnode *d;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	rig_file("d/name", "");
	record_of("d", "name")->name[2] = '/';
	d = rig_get("d");
	CHECK_ERROR(d->ops->readdir(d, &cookie, no_more, NULL), EUCLEAN);
	CHECK_SAID("a name with / or NUL");
	vnode_put(d);
	end_damaged();
}

TEST(directory_with_a_hole)
{
	struct vnode *d;
	uint64_t number;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	inode_of("d")->size = 2 * B;
	fake_vnodes_forget();
	d = rig_get("d");
	CHECK_ERROR(d->ops->lookup(d, "x", 1, &number), EUCLEAN);
	CHECK_SAID("has a hole; run e2fsck");
	vnode_put(d);
	end_damaged();
}

// A directory that is in itself, and one whose ".." leads elsewhere.
TEST(directories_in_circles)
{
	struct vnode *v;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	CHECK_OK(rig_create("d/sub", VNODE_DIRECTORY));
	CHECK_OK(rig_create("e", VNODE_DIRECTORY));
	rig_file("d/f", "");
	v = rig_get("d");
	record_of("d", "f")->inode = (uint32_t)v->number;
	vnode_put(v);
	CHECK_ERROR(rig_find("d/f", &v), EUCLEAN);
	CHECK_SAID("contains itself");
	record_of("d/sub", "..")->inode = EXT2_INO_ROOT;
	CHECK_ERROR(rig_unlink("d/sub"), EUCLEAN);
	CHECK_SAID("\"..\" doesn't lead to");
	CHECK_ERROR(rig_rename("d/sub", "e/sub"), EUCLEAN);
	CHECK(rig_exists("d/sub") && !rig_exists("e/sub"));
	end_damaged();
}

// ---- Pointers --------------------------------------------------------------------------

TEST(pointers)
{
	static const uint32_t bad[] = { 1, 1024, UINT32_MAX };
	struct vnode *v;
	uint32_t indirect, *p;
	uint64_t done;
	char byte;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("f", VNODE_REGULAR));
	v = rig_get("f");
	rig_write(v, 0, "a", 1);
	rig_write(v, 12 * B, "b", 1);
	indirect = ext2_node(v)->block[EXT2_IND];
	p = (uint32_t *)fake_disk_block(indirect);
	for (size_t i = 0; i < 6; i++) {
		uint32_t wrong = i < 3    ? bad[i]
				 : i == 3 ? rig_fs()->group[0].block_bitmap
				 : i == 4 ? rig_fs()->group[0].inode_bitmap
					  : rig_fs()->group[0].inode_table + 5;
		uint32_t saved = p[0];
		struct uio_part part;
		struct uio uio;

		p[0] = wrong;
		fake_print_clear();
		uio_init(&uio, &part, UIO_READ, UIO_KERNEL, (uint64_t)&byte, 1, 12 * B);
		CHECK_ERROR(v->ops->read(v, &uio, 0), EUCLEAN);
		CHECK_SAID("points at block");
		CHECK_ERROR(rig_write_some(v, 12 * B, "x", 1, &done), EUCLEAN);
		CHECK_ERROR(v->ops->truncate(v, B), EUCLEAN);
		p[0] = saved;
	}
	// The rest of the file can be had.
	CHECK_EQ(rig_read(v, 0, &byte, 1), 1);
	CHECK_EQ(byte, 'a');
	// One block twice in a file: found when it is freed again.
	fake_disk_expect_damage();
	p[1] = p[0];
	CHECK_OK(v->ops->truncate(v, 14 * B));
	CHECK_ERROR(v->ops->truncate(v, 0), EUCLEAN);
	CHECK_SAID("is freed but was free already");
	vnode_put(v);
	end_damaged();
}

// An inode that can't be freed is left as it is, and that is said.
TEST(removed_file_with_a_bad_pointer)
{
	struct vnode *v;
	uint32_t inodes;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("f", VNODE_REGULAR));
	v = rig_get("f");
	rig_write(v, 0, "a", 1);
	ext2_node(v)->block[3] = 1;
	inodes = rig_fs()->free_inodes;
	vnode_put(v);
	CHECK_OK(rig_unlink("f"));
	CHECK_SAID("could not be freed (error 117); run e2fsck");
	CHECK_EQ(rig_fs()->free_inodes, inodes);
	CHECK(!rig_exists("f"));
	end_damaged();
}
