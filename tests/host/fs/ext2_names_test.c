// SPDX-License-Identifier: MIT
// Names: directories as they grow and shrink, links, renames of every kind,
// readdir while names change, and what a failure leaves behind.
// kernel: fs/ext2_vnode.c fs/ext2_names.c fs/ext2_file.c fs/ext2_dir.c
// kernel: fs/ext2_map.c fs/ext2_inode.c fs/ext2_alloc.c fs/ext2_sync.c
// kernel: fs/ext2_super.c vm/uio.c lib/bitmap.c lib/random.c
// fakes: disk.c vnodes.c command.c usercopy.c sleep.c page.c heap.c
// fakes: lock.c sync.c print.c time.c
#include "fs/ext2_rig.h"

#define B EXT2_BLOCK_SIZE

static const char *
long_name(size_t length, unsigned seed)
{
	static char name[300];

	memset(name, 'a' + (int)(seed % 26), length);
	format_string(name, 9, "%08x", seed);
	name[8] = '-';
	name[length] = '\0';
	return name;
}

static const char *
numbered(const char *format, unsigned i)
{
	static char name[64];

	format_string(name, sizeof(name), format, i);
	return name;
}

static uint32_t
links_of(const char *path)
{
	struct vnode *v = rig_get(path);
	uint32_t links = rig_stat(v).st_nlink;

	vnode_put(v);
	return links;
}

static uint64_t
number_of(const char *path)
{
	struct vnode *v = rig_get(path);
	uint64_t number = v->number;

	vnode_put(v);
	return number;
}

static uint64_t
size_of(const char *path)
{
	struct vnode *v = rig_get(path);
	uint64_t size = v->size;

	vnode_put(v);
	return size;
}

static void
put_lookup(const char *path, const char *name, uint64_t want)
{
	struct vnode *v = rig_get(path);
	uint64_t number;

	CHECK_OK(v->ops->lookup(v, name, strlen(name), &number));
	CHECK_EQ(number, want);
	vnode_put(v);
}

TEST(names_of_every_length)
{
	struct vnode *root;
	struct vnode_new what = { .type = VNODE_REGULAR, .mode = 0644 };
	uint64_t number;

	rig_start("-I 256", 4096);
	for (unsigned length = 9; length <= 255; length++)
		CHECK_OK(rig_create(long_name(length, length), VNODE_REGULAR));
	CHECK_OK(rig_create("a", VNODE_REGULAR));
	rig_again();
	for (unsigned length = 9; length <= 255; length++) {
		CHECK(rig_exists(long_name(length, length)));
		CHECK(!rig_exists(long_name(length - 1, length)));
		CHECK(!rig_exists(long_name(length, length + 1)));
	}
	root = rig_get("");
	CHECK_ERROR(root->ops->create(root, long_name(256, 1), 256, &what, &number), ENAMETOOLONG);
	CHECK_ERROR(root->ops->lookup(root, long_name(256, 1), 256, &number), ENOENT);
	vnode_put(root);
	for (unsigned length = 255; length >= 9; length--)
		CHECK_OK(rig_unlink(long_name(length, length)));
	rig_end();
}

// Make and remove many, in orders that merge records in every way.
TEST(many_names_come_and_go)
{
	enum { COUNT = 601 }; // a prime
	uint64_t size;

	rig_start("-I 256 -N 1024", 8192);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	for (unsigned step = 1; step <= 7; step += 2) {
		for (unsigned i = 0; i < COUNT; i++)
			rig_file(numbered("d/name-%03u-which-is-longer", i * step % COUNT), "");
		size = size_of("d");
		for (unsigned i = 0; i < COUNT; i += 2)
			CHECK_OK(rig_unlink(numbered("d/name-%03u-which-is-longer", i)));
		for (unsigned i = 0; i < COUNT; i++)
			CHECK_EQ(rig_exists(numbered("d/name-%03u-which-is-longer", i)), i % 2);
		for (unsigned i = 0; i < COUNT; i += 2)
			CHECK_OK(rig_link("d/name-001-which-is-longer",
					  numbered("d/name-%03u-which-is-longer", i)));
		CHECK_EQ(size_of("d"), size); // removed names' room is used again
		for (unsigned i = COUNT; i-- > 0;)
			CHECK_OK(
				rig_unlink(numbered("d/name-%03u-which-is-longer", i * 7 % COUNT)));
	}
	CHECK_OK(rig_unlink("d"));
	rig_end();
}

// The room of names that lay side by side is one: longer names fit into it.
TEST(room_is_joined)
{
	rig_start("-I 256 -N 1024", 8192);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	for (unsigned i = 0; i < (B - 24) / 16; i++)
		CHECK_OK(rig_create(numbered("d/%08u", i), VNODE_REGULAR));
	CHECK_EQ(size_of("d"), B);
	for (unsigned i = 0; i < 40; i++) // in no particular order
		CHECK_OK(rig_unlink(numbered("d/%08u", 100 + i * 7 % 40)));
	for (unsigned i = 0; i < 3; i++) {
		char path[300];

		format_string(path, sizeof(path), "d/%s", long_name(200, i));
		CHECK_OK(rig_create(path, VNODE_REGULAR));
	}
	CHECK_EQ(size_of("d"), B);
	rig_end();
}

TEST(directories_count_their_links)
{
	rig_start("-I 256", 4096);
	CHECK_EQ(links_of(""), 3);
	CHECK_OK(rig_create("a", VNODE_DIRECTORY));
	CHECK_OK(rig_create("a/b", VNODE_DIRECTORY));
	CHECK_OK(rig_create("a/c", VNODE_DIRECTORY));
	CHECK_EQ(links_of(""), 4);
	CHECK_EQ(links_of("a"), 4);
	CHECK_EQ(links_of("a/b"), 2);
	put_lookup("a/b", "..", number_of("a"));
	put_lookup("a/b", ".", number_of("a/b"));
	put_lookup("", "..", EXT2_INO_ROOT);
	CHECK_ERROR(rig_unlink("a"), ENOTEMPTY);
	CHECK_OK(rig_unlink("a/b"));
	CHECK_EQ(links_of("a"), 3);
	CHECK_OK(rig_unlink("a/c"));
	CHECK_OK(rig_unlink("a"));
	CHECK_EQ(links_of(""), 3);
	rig_end();
}

TEST(removed_directory_takes_no_names)
{
	struct vnode_new what = { .type = VNODE_REGULAR, .mode = 0644 };
	struct vnode *d, *f;
	uint64_t number;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	rig_file("f", "x");
	d = rig_get("d");
	f = rig_get("f");
	CHECK_OK(rig_unlink("d"));
	CHECK(d->removed && d->links == 0);
	CHECK_ERROR(d->ops->create(d, "x", 1, &what, &number), ENOENT);
	CHECK_ERROR(d->ops->link(d, "x", 1, f), ENOENT);
	CHECK_OK(rig_unlink("f"));
	vnode_put(d);
	d = rig_get("");
	CHECK_ERROR(d->ops->link(d, "x", 1, f), ENOENT);
	vnode_put(d);
	vnode_put(f);
	rig_end();
}

TEST(hard_links)
{
	struct vnode *v;

	rig_start("-I 256", 4096);
	rig_file("a", "text");
	CHECK_OK(rig_link("a", "b"));
	CHECK_OK(rig_link("b", "c"));
	CHECK_EQ(links_of("a"), 3);
	CHECK_EQ(number_of("a"), number_of("c"));
	CHECK_OK(rig_unlink("a"));
	CHECK_EQ(links_of("c"), 2);
	v = rig_get("b");
	ext2_node(v)->links = EXT2_LINK_MAX;
	CHECK_ERROR(rig_link("b", "d"), EMLINK);
	ext2_node(v)->links = 2;
	vnode_put(v);
	v = rig_get("");
	ext2_node(v)->links = EXT2_LINK_MAX;
	CHECK_ERROR(rig_create("d", VNODE_DIRECTORY), EMLINK);
	CHECK_OK(rig_create("d", VNODE_REGULAR));
	ext2_node(v)->links = 3;
	CHECK_OK(rig_unlink("d"));
	vnode_put(v);
	rig_end();
}

TEST(symbolic_links)
{
	static const size_t lengths[] = { 1, 58, 59, 60, 61, 255, 4094, 4095 };
	static char target[4097], back[4097];
	size_t length;
	struct vnode *v;

	rig_start("-I 256", 4096);
	memset(target, 't', sizeof(target) - 1);
	CHECK_ERROR(rig_symlink("l", target), ENAMETOOLONG);
	CHECK_ERROR(rig_symlink("l", ""), ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		target[lengths[i]] = '\0';
		CHECK_OK(rig_symlink(numbered("l%u", (unsigned)i), target));
		target[lengths[i]] = 't';
	}
	rig_again();
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		v = rig_get(numbered("l%u", (unsigned)i));
		CHECK_EQ(v->type, VNODE_SYMLINK);
		CHECK_EQ(v->size, lengths[i]);
		CHECK_EQ(rig_stat(v).st_blocks, lengths[i] < 60 ? 0 : 8);
		CHECK_OK(v->ops->readlink(v, back, sizeof(back), &length));
		CHECK_EQ(length, lengths[i]);
		CHECK(memcmp(back, target, length) == 0);
		CHECK_OK(v->ops->readlink(v, back, 1, &length));
		CHECK_EQ(length, 1);
		vnode_put(v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i += 2)
		CHECK_OK(rig_unlink(numbered("l%u", (unsigned)i)));
	rig_end();
}

TEST(devices_and_pipes)
{
	static const uint64_t devices[] = { 0x103, 0x0, 0xffff, 0x12345678, UINT32_MAX };
	struct vnode *v;

	rig_start("-I 256", 4096);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		struct vnode_new what = { .type = i % 2 ? VNODE_CHARDEV : VNODE_BLOCKDEV,
					  .mode = 0600,
					  .device = devices[i] };

		CHECK_OK(rig_create_what(numbered("dev%u", (unsigned)i), &what));
	}
	CHECK_OK(rig_create("pipe", VNODE_FIFO));
	rig_again();
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		v = rig_get(numbered("dev%u", (unsigned)i));
		CHECK_EQ(v->type, i % 2 ? VNODE_CHARDEV : VNODE_BLOCKDEV);
		CHECK_EQ(v->device, devices[i]);
		CHECK_EQ(rig_stat(v).st_rdev, devices[i]);
		vnode_put(v);
	}
	CHECK_OK(rig_unlink("pipe"));
	CHECK_OK(rig_unlink("dev3"));
	rig_end();
}

TEST(rename_files)
{
	uint64_t a, b;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	rig_file("a", "a");
	rig_file("b", "bb");
	a = number_of("a");
	CHECK_OK(rig_rename("a", "a-name-that-needs-more-room-than-the-old-one"));
	CHECK(!rig_exists("a"));
	CHECK_OK(rig_rename("a-name-that-needs-more-room-than-the-old-one", "d/x"));
	CHECK_EQ(number_of("d/x"), a);
	CHECK_OK(rig_rename("d/x", "a"));
	// Over another file, which goes.
	b = rig_fs()->free_inodes;
	CHECK_OK(rig_rename("a", "b"));
	CHECK_EQ(number_of("b"), a);
	CHECK(!rig_exists("a"));
	CHECK_EQ(rig_fs()->free_inodes, b + 1);
	// Over another name of the same file: nothing.
	CHECK_OK(rig_link("b", "c"));
	CHECK_OK(rig_rename("b", "c"));
	CHECK(rig_exists("b") && rig_exists("c"));
	CHECK_EQ(links_of("b"), 2);
	CHECK_ERROR(rig_rename("b", long_name(256, 0)), ENAMETOOLONG);
	rig_end();
}

TEST(rename_directories)
{
	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("a", VNODE_DIRECTORY));
	CHECK_OK(rig_create("b", VNODE_DIRECTORY));
	CHECK_OK(rig_create("a/sub", VNODE_DIRECTORY));
	rig_file("a/sub/file", "x");
	CHECK_OK(rig_rename("a/sub", "a/same-parent"));
	CHECK_EQ(links_of("a"), 3);
	CHECK_OK(rig_rename("a/same-parent", "b/sub"));
	CHECK_EQ(links_of("a"), 2);
	CHECK_EQ(links_of("b"), 3);
	put_lookup("b/sub", "..", number_of("b"));
	CHECK(rig_exists("b/sub/file"));
	// Over an empty directory, and over one that isn't.
	CHECK_OK(rig_create("a/sub", VNODE_DIRECTORY));
	CHECK_ERROR(rig_rename("a/sub", "b/sub"), ENOTEMPTY);
	CHECK_EQ(links_of("a"), 3);
	CHECK_OK(rig_rename("b/sub", "a/sub"));
	CHECK_EQ(links_of("a"), 3);
	CHECK_EQ(links_of("b"), 2);
	put_lookup("a/sub", "..", number_of("a"));
	CHECK(rig_exists("a/sub/file"));
	// Within one parent over an empty one.
	CHECK_OK(rig_create("a/empty", VNODE_DIRECTORY));
	CHECK_EQ(links_of("a"), 4);
	CHECK_OK(rig_rename("a/sub", "a/empty"));
	CHECK_EQ(links_of("a"), 3);
	put_lookup("a/empty", "..", number_of("a"));
	rig_end();
}

// The old name's record is the first of its block, or lends its unused end to
// the new name.
TEST(rename_within_one_block)
{
	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	for (unsigned i = 0; i < 40; i++)
		CHECK_OK(rig_create(numbered("d/%-50u", i), VNODE_REGULAR));
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 40; i++) {
			char old[64], new[64];

			if (round == 0)
				format_string(old, sizeof(old), "d/%-50u", i);
			else
				format_string(old, sizeof(old), "d/new-%u-%u", round - 1, i);
			format_string(new, sizeof(new), "d/new-%u-%u", round, i);
			CHECK_OK(rig_rename(old, new));
			CHECK(rig_exists(new) && !rig_exists(old));
		}
	}
	rig_end();
}

// ---- readdir -----------------------------------------------------------------------

struct listing {
	unsigned seen[1000]; // by the number in the name
	unsigned others;
	unsigned limit; // entries to take at once
	unsigned taken;
};

static bool
take(void *arg, const char *name, size_t length, uint64_t number, enum vnode_type type,
     uint64_t next)
{
	struct listing *l = arg;
	uint64_t i;
	char text[32];

	CHECK(number > 0 && next % 4 == 0);
	if (l->taken == l->limit)
		return false;
	l->taken++;
	if (length < 2 || name[0] != 'n') {
		CHECK_EQ(type, VNODE_DIRECTORY);
		l->others++;
		return true;
	}
	CHECK_EQ(type, VNODE_REGULAR);
	string_copy(text, name + 1, MIN(sizeof(text), length));
	text[length - 1] = '\0';
	CHECK_OK(string_to_number(text, 10, &i));
	l->seen[i]++;
	return true;
}

// Names that are there all the time are given once, whatever happens to the
// others between two calls.
TEST(readdir_while_names_change)
{
	for (unsigned limit = 1; limit <= 50; limit += 7) {
		static struct listing l;
		struct vnode *dir;
		uint64_t cookie = 0, before = 1;
		unsigned made = 500;

		rig_start("-I 256 -N 2048", 4096);
		CHECK_OK(rig_create("d", VNODE_DIRECTORY));
		for (unsigned i = 0; i < 500; i++)
			CHECK_OK(rig_create(numbered("d/n%03u", i), VNODE_REGULAR));
		memset(&l, 0, sizeof(l));
		l.limit = limit;
		dir = rig_get("d");
		while (cookie != before) {
			before = cookie;
			l.taken = 0;
			CHECK_OK(dir->ops->readdir(dir, &cookie, take, &l));
			rig_check_idle();
			// Odd ones go, others come; some of both where we just were.
			for (unsigned i = 0; i < 9; i++) {
				const char *odd =
					numbered("d/n%03u", (made * 37 + i * 2) % 500 | 1);

				if (rig_exists(odd))
					CHECK_OK(rig_unlink(odd));
				if (made < 999)
					CHECK_OK(rig_create(numbered("d/n%03u", made++),
							    VNODE_REGULAR));
			}
		}
		CHECK_EQ(l.others, 2);
		for (unsigned i = 0; i < 1000; i++)
			CHECK(i < 500 && i % 2 == 0 ? l.seen[i] == 1 : l.seen[i] <= 1);
		vnode_put(dir);
		rig_end();
	}
}

TEST(readdir_from_any_cookie)
{
	static struct listing l;
	struct vnode *dir;

	rig_start("-I 256", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	for (unsigned i = 0; i < 300; i++)
		CHECK_OK(rig_create(numbered("d/n%03u", i), VNODE_REGULAR));
	dir = rig_get("d");
	l.limit = 5;
	for (uint64_t at = 0; at < dir->size + 100; at++) {
		uint64_t cookie = at;

		l.taken = 0;
		CHECK_OK(dir->ops->readdir(dir, &cookie, take, &l));
	}
	l.taken = 0;
	CHECK_OK(dir->ops->readdir(dir, &(uint64_t){ UINT64_MAX }, take, &l));
	CHECK_EQ(l.taken, 0);
	vnode_put(dir);
	rig_end();
}

// ---- Other kinds of directories --------------------------------------------------

// A directory with a hash index: found by search, and an ordinary one as soon as
// its names change.
TEST(indexed_directory)
{
	char path[128];
	struct vnode *dir;

	host_command("mkdir -p t/d && cd t/d && seq -f 'name-%%04g-of-a-file' 2000 | xargs touch");
	host_command("mke2fs -q -F -t ext2 -b 4096 -N 4096 -d t fs.img 16384k; "
		     "e2fsck -fyD fs.img; [ $? -le 1 ]");
	format_string(path, sizeof(path), "%s/fs.img", host_folder());
	fake_disk_load(path);
	CHECK_OK(rig_try_mount(0));
	dir = rig_get("d");
	CHECK(ext2_node(dir)->flags & EXT2_FL_INDEX);
	for (unsigned i = 1; i <= 2000; i += 50)
		CHECK(rig_exists(numbered("d/name-%04u-of-a-file", i)));
	CHECK(ext2_node(dir)->flags & EXT2_FL_INDEX);
	for (unsigned i = 1; i <= 300; i++)
		CHECK_OK(rig_create(numbered("d/new-%u", i), VNODE_REGULAR));
	CHECK_EQ(ext2_node(dir)->flags & EXT2_FL_INDEX, 0);
	for (unsigned i = 1; i <= 2000; i += 3)
		CHECK_OK(rig_unlink(numbered("d/name-%04u-of-a-file", i)));
	vnode_put(dir);
	rig_end();
}

TEST(records_without_types)
{
	struct vnode *dir;

	rig_start("-I 128 -O ^filetype", 4096);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	rig_file("d/f", "x");
	CHECK_OK(rig_rename("d", "e"));
	dir = rig_get("e/f");
	CHECK_EQ(dir->type, VNODE_REGULAR);
	vnode_put(dir);
	rig_end();
}

// ---- Failures ------------------------------------------------------------------------

// What operations need is in memory, so that a failure meets them and not a
// search for their vnodes.
static struct vnode *root, *d, *d_old, *file, *empty;

static int
make(enum vnode_type type, const char *target)
{
	struct vnode_new what = { .type = type, .mode = 0755, .target = target };
	uint64_t number;

	return d->ops->create(d, "n", 1, &what, &number);
}

static int
op_create(void)
{
	return make(VNODE_REGULAR, NULL);
}

static int
op_mkdir(void)
{
	return make(VNODE_DIRECTORY, NULL);
}

static int
op_symlink(void)
{
	static char target[200];

	memset(target, 's', sizeof(target) - 1);
	return make(VNODE_SYMLINK, target);
}

static int
op_link(void)
{
	return d->ops->link(d, "n", 1, file);
}

static int
op_unlink(void)
{
	return root->ops->unlink(root, "file", 4, file);
}

static int
op_rmdir(void)
{
	return root->ops->unlink(root, "empty", 5, empty);
}

static int
op_rename(void)
{
	return root->ops->rename(root, "file", 4, d, "n", 1, file, NULL);
}

static int
op_rename_over(void)
{
	return root->ops->rename(root, "file", 4, d, "old", 3, file, d_old);
}

static int
op_rename_dir(void)
{
	return root->ops->rename(root, "empty", 5, d, "n", 1, empty, NULL);
}

static int (*const operations[])(void) = {
	op_create, op_mkdir,  op_symlink,     op_link,       op_unlink,
	op_rmdir,  op_rename, op_rename_over, op_rename_dir,
};

static void
prepare(void)
{
	rig_start("-I 256", 1024);
	CHECK_OK(rig_create("d", VNODE_DIRECTORY));
	CHECK_OK(rig_create("empty", VNODE_DIRECTORY));
	rig_file("d/old", "old");
	rig_file("file", "text");
	// The next name in d needs a new block.
	for (unsigned i = 0; i < 15; i++) {
		char path[300];

		format_string(path, sizeof(path), "d/%s", long_name(255, i));
		CHECK_OK(rig_link("file", path));
	}
	root = rig_get("");
	d = rig_get("d");
	d_old = rig_get("d/old");
	file = rig_get("file");
	empty = rig_get("empty");
}

static void
finish(void)
{
	CHECK_OK(rig_mount.type->sync(&rig_mount, true));
	vnode_put(root);
	vnode_put(d);
	vnode_put(d_old);
	vnode_put(file);
	vnode_put(empty);
	rig_end();
}

// The n-th access to the disk fails, for every n.  Whatever is said, the disk is
// without a fault afterwards.
TEST(disk_fails_in_the_midst)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		unsigned failed = 0;
		int error = -EIO;

		for (uint64_t n = 1; error; n++) {
			prepare();
			fake_disk_fail(n);
			error = operations[i]();
			fake_disk_fail(0);
			CHECK(error == 0 || error == -EIO);
			failed += error != 0;
			finish();
		}
		CHECK(failed >= 3);
	}
}

// No room for what an operation needs: nothing has changed.
TEST(disk_full_in_the_midst)
{
	for (unsigned left = 0; left < 3; left++) {
		for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
			uint32_t blocks, inodes;
			struct vnode *v;
			int error;

			prepare();
			CHECK_OK(rig_create("big", VNODE_REGULAR));
			v = rig_get("big");
			while (rig_fs()->free_blocks > left)
				rig_write(v, v->size / B * B + B, "x", 1);
			vnode_put(v);
			blocks = rig_fs()->free_blocks;
			inodes = rig_fs()->free_inodes;
			error = operations[i]();
			CHECK(error == 0 || error == -ENOSPC);
			if (error) {
				CHECK_EQ(rig_fs()->free_blocks, blocks);
				CHECK_EQ(rig_fs()->free_inodes, inodes);
				CHECK(!rig_exists("d/n"));
				CHECK(rig_exists("file") && rig_exists("empty"));
			}
			finish();
		}
	}
}
