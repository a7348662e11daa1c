// SPDX-License-Identifier: MIT
/*
 * Operations on names and files by several threads at once, each schedule from a
 * seed.  The file system below checks the locks; the scheduler finds deadlocks and
 * wrong orders; at the end the tree must be whole.
 */
// kernel: vfs/vnode.c vfs/vlock.c vfs/vnode_lock.c vfs/walk.c vfs/namecache.c
// kernel: vfs/dirops.c vfs/rename.c vfs/open.c vfs/attr.c vfs/file.c
// kernel: vfs/mount.c vfs/pipe.c vm/uio.c lock/rank.c lib/random.c
// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c sync/condition.c sync/tlock.c
// fakes: threads.c memory_fs.c time.c heap.c page.c print.c usercopy.c
#include "rig.h"

#include "vfs/vnode_lock.h"

#define SEEDS 60

static void
start(const char *name, void (*fn)(void *arg), uint64_t arg)
{
	fake_thread_run(name, fn, (void *)arg);
}

// ---- The table of docs/locking.md ---------------------------------------------

struct policy_row {
	enum vop op;
	enum tlock_mode mode;
};

TEST(the_policy_is_the_table)
{
	static const struct policy_row rows[] = {
		{ VOP_LOOKUP, TLOCK_READ },   { VOP_READDIR, TLOCK_READ },
		{ VOP_CREATE, TLOCK_WRITE },  { VOP_REMOVE, TLOCK_WRITE },
		{ VOP_RENAME, TLOCK_WRITE },  { VOP_READ, TLOCK_READ },
		{ VOP_WRITE, TLOCK_WRITE },   { VOP_TRUNCATE, TLOCK_WRITE },
		{ VOP_GETATTR, TLOCK_READ },  { VOP_SETATTR, TLOCK_WRITE },
		{ VOP_READLINK, TLOCK_READ }, { VOP_OPEN, TLOCK_READ_SERIALISED },
		{ VOP_SYNC, TLOCK_READ },     { VOP_INACTIVE, TLOCK_WRITE },
		{ VOP_GETPAGE, TLOCK_READ },
	};

	rig_begin();
	const struct tlock *l = &rig.root->lock;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		bool shared = rows[i].mode == TLOCK_READ;
		vnode_lock(rig.root, rows[i].op, VROLE_FILE);
		CHECK_EQ(l->readers, shared);
		CHECK_EQ(l->owner != NULL, !shared);
		CHECK_EQ(l->held, shared ? TLOCK_NONE : rows[i].mode);
		vnode_unlock(rig.root, rows[i].op, VROLE_FILE);
		CHECK(l->readers == 0 && l->owner == NULL);
	}
	rig_end(1);
}

// ---- Two who want the same ---------------------------------------------------

static unsigned winners;

static void
create_exclusively(void *arg)
{
	int error = try_open("/d/one", O_CREAT | O_EXCL | O_WRONLY);

	(void)arg;
	CHECK(error == 0 || error == -EEXIST);
	winners += error == 0;
}

static void
exclusive(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/d"));
	for (unsigned i = 0; i < 5; i++)
		start("creates", create_exclusively, i);
	fake_threads_join();
	CHECK_EQ(winners, 1);
	CHECK_EQ(memory_fs_nodes("a"), 3);
	rig_end(1);
}

TEST(one_of_many_creates_exclusively)
{
	fake_for_seeds(SEEDS, exclusive);
}

static void
create_any(void *arg)
{
	CHECK_OK(try_open((uint64_t)arg % 2 == 0 ? "/d/one" : "/d/two", O_CREAT | O_WRONLY));
}

static void
creates(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/d"));
	for (unsigned i = 0; i < 6; i++)
		start("creates", create_any, i);
	fake_threads_join();
	CHECK_EQ(memory_fs_nodes("a"), 4);
	rig_end(1);
}

TEST(all_open_the_one_that_was_created)
{
	fake_for_seeds(SEEDS, creates);
}

static void
unlink_it(void *arg)
{
	int error = do_unlink("/d/one");

	(void)arg;
	CHECK(error == 0 || error == -ENOENT);
	winners += error == 0;
}

static void
look_at_it(void *arg)
{
	struct file *f;
	char text[8];

	(void)arg;
	int error = do_open("/d/one", O_RDONLY, &f);
	CHECK(error == 0 || error == -ENOENT);
	if (error != 0)
		return;
	// It may be unlinked by now; its bytes are there.
	fake_point();
	CHECK_EQ(do_read(f, text, 8, 0), 4);
	CHECK(memcmp(text, "text", 4) == 0);
	file_put(f);
}

static void
unlinks(void)
{
	struct file *f;

	rig_mount();
	CHECK_OK(do_mkdir("/d"));
	CHECK_OK(do_open("/d/one", O_CREAT | O_WRONLY, &f));
	CHECK_EQ(do_write(f, "text", 4, -1), 4);
	file_put(f);
	for (unsigned i = 0; i < 3; i++)
		start("unlinks", unlink_it, i);
	for (unsigned i = 0; i < 3; i++)
		start("looks", look_at_it, i);
	fake_threads_join();
	CHECK_EQ(winners, 1);
	CHECK_EQ(memory_fs_nodes("a"), 2);
	rig_end(1);
}

TEST(one_of_many_unlinks_and_readers_keep_the_file)
{
	fake_for_seeds(SEEDS, unlinks);
}

// ---- Numbers that are used again ---------------------------------------------

static void
make_and_unlink(void *arg)
{
	char path[] = "/d/0";

	path[3] = (char)('0' + (uint64_t)arg);
	for (unsigned i = 0; i < 12; i++) {
		struct file *f;
		char c;
		CHECK_OK(do_open(path, O_CREAT | O_EXCL | O_RDWR, &f));
		CHECK_EQ(do_write(f, path + 3, 1, -1), 1);
		CHECK_OK(do_unlink(path));
		CHECK_EQ(do_read(f, &c, 1, 0), 1);
		CHECK_EQ(c, path[3]);
		CHECK_EQ(do_read(f, &c, 1, 1), 0);
		file_put(f);
	}
}

static void
stat_all(void *arg)
{
	char path[] = "/d/0";
	struct stat st;

	(void)arg;
	for (unsigned i = 0; i < 60; i++) {
		path[3] = (char)('0' + fake_random(4));
		int error = do_stat(path, &st);
		CHECK(error == 0 || error == -ENOENT);
		if (error == 0)
			CHECK_EQ(st.st_mode & S_IFMT, S_IFREG);
	}
}

static void
reclaim_all(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 30; i++) {
		rig_reclaim(100);
		fake_threads_wait(fake_random(20000));
	}
}

static void
reuse(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/d"));
	for (unsigned i = 0; i < 4; i++)
		start("makes", make_and_unlink, i);
	start("stats", stat_all, 0);
	start("reclaims", reclaim_all, 0);
	fake_threads_join();
	CHECK_EQ(memory_fs_nodes("a"), 2);
	rig_end(1);
}

TEST(a_number_used_again_is_never_the_old_file)
{
	fake_for_seeds(SEEDS, reuse);
}

// ---- Directories that go -----------------------------------------------------

static void
remove_directory(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 20; i++) {
		int error = do_rmdir("/d/sub");
		CHECK(error == 0 || error == -ENOENT || error == -ENOTEMPTY);
	}
}

static void
make_directory(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 20; i++) {
		int error = do_mkdir("/d/sub");
		CHECK(error == 0 || error == -EEXIST);
	}
}

static void
make_inside(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 20; i++) {
		int error = try_open("/d/sub/x", O_CREAT | O_WRONLY);
		CHECK(error == 0 || error == -ENOENT);
		error = do_unlink("/d/sub/x");
		CHECK(error == 0 || error == -ENOENT);
		error = do_mkdir("/d/sub/y");
		CHECK(error == 0 || error == -ENOENT || error == -EEXIST);
		error = do_rmdir("/d/sub/y");
		CHECK(error == 0 || error == -ENOENT);
	}
}

static void
find_path(void *arg)
{
	char text[64];
	struct vnode *v;

	(void)arg;
	for (unsigned i = 0; i < 20; i++) {
		int error = walk_path(&rig, "/d/sub", WALK_DIRECTORY, &v);
		CHECK(error == 0 || error == -ENOENT);
		if (error != 0)
			continue;
		error = walk_directory_path(&rig, v, text, sizeof text);
		CHECK(error == 0 || error == -ENOENT);
		if (error == 0)
			CHECK_STRING(text, "/d/sub");
		vnode_put(v);
	}
}

static void
removed_directories(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/d"));
	start("removes", remove_directory, 0);
	start("makes", make_directory, 0);
	start("makes inside", make_inside, 0);
	start("makes inside too", make_inside, 0);
	start("getcwd", find_path, 0);
	fake_threads_join();
	rig_end(1);
}

TEST(nothing_is_made_in_a_directory_that_is_gone)
{
	fake_for_seeds(SEEDS, removed_directories);
}

// ---- Renames -----------------------------------------------------------------

static void
replace_it(void *arg)
{
	char path[] = "/d/new0";

	path[6] = (char)('0' + (uint64_t)arg);
	for (unsigned i = 0; i < 10; i++) {
		make_file(path);
		CHECK_OK(do_rename(path, "/d/name"));
	}
}

static void
always_there(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 40; i++) {
		CHECK_OK(try_open("/d/name", O_RDONLY));
		CHECK(number_of("/d/name") > 0);
	}
}

static void
replacing(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/d"));
	make_file("/d/name");
	start("replaces", replace_it, 0);
	start("replaces too", replace_it, 1);
	start("opens", always_there, 0);
	start("opens too", always_there, 1);
	fake_threads_join();
	CHECK_EQ(memory_fs_nodes("a"), 3);
	rig_end(1);
}

TEST(a_name_that_is_replaced_is_always_there)
{
	fake_for_seeds(SEEDS, replacing);
}

static const char *const cross[][2] = {
	{ "/a/x", "/b/y" }, { "/b/z", "/a/w" }, { "/a/s", "/a/s/t/u" }, { "/b/v/v", "/v" },
	{ "/b/v", "/a/v" }, { "/a/v", "/b/v" }, { "/a", "/b/v/a" },     { "/b/y", "/a/x" },
	{ "/a/w", "/b/z" }, { "/b", "/a/b" },   { "/a/b", "/b" },       { "/b/v/a", "/a" },
	{ "/a/x", "/a/s" }, { "/b/z", "/b/y" },
};

static void
rename_at_random(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 30; i++) {
		const char *const *pair = cross[fake_random(ARRAY_SIZE(cross))];
		int error = do_rename(pair[0], pair[1]);
		CHECK(error == 0 || error == -ENOENT || error == -EINVAL || error == -ENOTEMPTY ||
		      error == -ENOTDIR || error == -EISDIR);
	}
}

static void
walk_at_random(void *arg)
{
	static const char *const paths[] = {
		"/a/../b/../a/x", "/b/v/../v/..", "/a/s/t/../..", "/a/b/../b/y", "/b/z", "/v/..",
	};

	(void)arg;
	for (unsigned i = 0; i < 40; i++) {
		int64_t error = number_of(paths[fake_random(ARRAY_SIZE(paths))]);
		CHECK(error > 0 || error == -ENOENT || error == -ENOTDIR);
	}
}

static void
crossing(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/a"));
	CHECK_OK(do_mkdir("/b"));
	CHECK_OK(do_mkdir("/a/s"));
	CHECK_OK(do_mkdir("/a/s/t"));
	CHECK_OK(do_mkdir("/b/v"));
	CHECK_OK(do_mkdir("/b/v/v"));
	make_file("/a/x");
	make_file("/b/z");
	for (unsigned i = 0; i < 4; i++)
		start("renames", rename_at_random, i);
	start("walks", walk_at_random, 0);
	fake_threads_join();
	rig_end(1);
}

TEST(renames_across_each_other)
{
	fake_for_seeds(2 * SEEDS, crossing);
}

// Directories that are parents to one rename and what another one moves; files that
// two directories have, and that are moved onto each other in both.
static const char *const opposed[][2] = {
	{ "/p/s", "/p/r" },     { "/p/r", "/p/s" },     { "/p/s/x", "/p/r/x" },
	{ "/p/r/x", "/p/s/x" }, { "/p/s/f", "/p/s/g" }, { "/p/r/g", "/p/r/f" },
};

static void
rename_opposed(void *arg)
{
	const char *const *pair = opposed[(uint64_t)arg];

	for (unsigned i = 0; i < 15; i++) {
		int error = do_rename(pair[0], pair[1]);
		CHECK(error == 0 || error == -ENOENT || error == -ENOTEMPTY);
	}
}

static void
opposing(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/p"));
	CHECK_OK(do_mkdir("/p/s"));
	CHECK_OK(do_mkdir("/p/r"));
	make_file("/p/s/x");
	make_file("/p/s/f");
	make_file("/p/s/g");
	CHECK_OK(do_link("/p/s/f", "/p/r/f"));
	CHECK_OK(do_link("/p/s/g", "/p/r/g"));
	for (uint64_t i = 0; i < ARRAY_SIZE(opposed); i++)
		start(opposed[i][0], rename_opposed, i);
	fake_threads_join();
	rig_end(1);
}

TEST(renames_of_the_same_two_in_opposite_order)
{
	fake_for_seeds(SEEDS, opposing);
}

// ---- Anything ----------------------------------------------------------------

static const char *const places[] = {
	"/a",     "/b",     "/a/a",   "/a/b",   "/b/a",     "/b/b",
	"/a/a/a", "/a/b/a", "/b/a/b", "/b/b/b", "/a/a/b/a", "/a/../b/a",
};

static const char *
any_place(void)
{
	return places[fake_random(ARRAY_SIZE(places))];
}

// No error but those that POSIX has for it: nothing like EIO, ENOMEM, ESTALE.
static void
check_expected(int error)
{
	static const int expected[] = { 0,         ENOENT, EEXIST, ENOTDIR, EISDIR,
					ENOTEMPTY, EINVAL, EPERM,  ELOOP,   ENXIO };

	for (unsigned i = 0; i < ARRAY_SIZE(expected); i++)
		if (error == -expected[i])
			return;
	check_fail(__FILE__, __LINE__, "error %d", error);
}

static void
use_file(const char *path)
{
	struct file *f;
	char text[100];

	int error = do_open(path, O_RDWR | (fake_random(2) ? O_APPEND : 0), &f);
	check_expected(error);
	if (error != 0)
		return;
	if (fake_random(2))
		CHECK_EQ(do_write(f, "0123456789", 10, -1), 10);
	else
		CHECK(do_read(f, text, sizeof text, 0) >= 0);
	file_put(f);
}

static void
anything(void *arg)
{
	struct stat st;
	char text[64];

	(void)arg;
	for (unsigned i = 0; i < 60; i++) {
		const char *one = any_place(), *two = any_place();
		switch (fake_random(12)) {
		case 0:
		case 1:
			check_expected(do_mkdir(one));
			break;
		case 2:
		case 3:
			check_expected(
				try_open(one, O_CREAT | O_RDWR | (fake_random(2) ? O_TRUNC : 0)));
			break;
		case 4:
			check_expected(do_unlink(one));
			break;
		case 5:
			check_expected(do_rmdir(one));
			break;
		case 6:
		case 7:
			check_expected(do_rename(one, two));
			break;
		case 8:
			check_expected(do_link(one, two));
			break;
		case 9:
			check_expected(do_symlink(two, one));
			break;
		case 10:
			use_file(one);
			break;
		default: {
			struct vnode *v;
			check_expected(do_stat(one, &st));
			if (walk_path(&rig, two, WALK_DIRECTORY, &v) == 0) {
				check_expected(walk_directory_path(&rig, v, text, sizeof text));
				vnode_put(v);
			}
		}
		}
	}
}

// What the walk, with all that it remembers, says of each place is what a fresh
// table of vnodes and names would say.
static void
check_remembered(void)
{
	int64_t before[ARRAY_SIZE(places)];

	for (unsigned i = 0; i < ARRAY_SIZE(places); i++)
		before[i] = number_of_link(places[i]);
	rig_reclaim(10000);
	for (unsigned i = 0; i < ARRAY_SIZE(places); i++)
		CHECK_EQ(number_of_link(places[i]), before[i]);
}

static void
everything(void)
{
	rig_mount();
	for (unsigned i = 0; i < 5; i++)
		start("anything", anything, i);
	start("reclaims", reclaim_all, 0);
	fake_threads_join();
	check_remembered();
	rig_end(1);
}

TEST(five_threads_do_anything)
{
	fake_for_seeds(3 * SEEDS, everything);
}

// ---- Mounts ------------------------------------------------------------------

static void
mount_often(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 15; i++) {
		int error = do_mount("b", "/m/p");
		CHECK(error == 0 || error == -ENOENT || error == -EBUSY);
		fake_threads_wait(fake_random(50000));
		error = do_unmount("/m/p");
		CHECK(error == 0 || error == -EBUSY || error == -EINVAL || error == -ENOENT);
	}
}

static void
use_mount(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 25; i++) {
		int error = try_open("/m/p/x", O_CREAT | O_RDWR);
		CHECK(error == 0 || error == -ENOENT);
		int64_t number = number_of("/m/p/../p/./..");
		CHECK(number == number_of("/m") || number == -ENOENT);
		error = do_unlink("/m/p/x");
		CHECK(error == 0 || error == -ENOENT);
	}
}

static void
remove_mount_point(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 15; i++) {
		int error = do_rmdir("/m/p");
		CHECK(error == 0 || error == -EBUSY || error == -ENOENT || error == -ENOTEMPTY);
		error = do_mkdir("/m/p");
		CHECK(error == 0 || error == -EEXIST);
	}
}

static void
mounts(void)
{
	rig_mount();
	CHECK_OK(do_mkdir("/m"));
	CHECK_OK(do_mkdir("/m/p"));
	start("mounts", mount_often, 0);
	start("mounts too", mount_often, 1);
	start("uses", use_mount, 0);
	start("removes", remove_mount_point, 0);
	fake_threads_join();
	do_unmount("/m/p");
	rig_end(1);
}

TEST(mounts_come_and_go_under_walkers)
{
	fake_for_seeds(SEEDS, mounts);
}

// ---- Files -------------------------------------------------------------------

static struct file *shared;
static uint8_t seen[256];

static void
append_records(void *arg)
{
	struct file *f;
	uint8_t record[16];

	memset(record, (int)(uint64_t)arg, sizeof record);
	CHECK_OK(do_open("/log", O_WRONLY | O_APPEND, &f));
	for (unsigned i = 0; i < 10; i++)
		CHECK_EQ(do_write(f, record, sizeof record, -1), sizeof record);
	file_put(f);
}

static void
appends(void)
{
	uint8_t log[16 * 10 * 4];
	struct file *f;
	unsigned count[5] = { 0 };

	rig_mount();
	make_file("/log");
	for (unsigned i = 1; i <= 4; i++)
		start("appends", append_records, i);
	fake_threads_join();
	CHECK_OK(do_open("/log", O_RDONLY, &f));
	CHECK_EQ(do_read(f, log, sizeof log, -1), sizeof log);
	for (unsigned i = 0; i < sizeof log; i += 16) {
		CHECK(log[i] >= 1 && log[i] <= 4);
		count[log[i]]++;
		for (unsigned k = 1; k < 16; k++)
			CHECK_EQ(log[i + k], log[i]);
	}
	for (unsigned i = 1; i <= 4; i++)
		CHECK_EQ(count[i], 10);
	file_put(f);
	rig_end(1);
}

TEST(appended_records_are_whole)
{
	fake_for_seeds(SEEDS, appends);
}

static void
read_shared(void *arg)
{
	uint8_t part[7];
	int64_t n;

	(void)arg;
	while ((n = do_read(shared, part, sizeof part, -1)) > 0)
		for (int64_t i = 0; i < n; i++)
			seen[part[i]]++;
	CHECK_EQ(n, 0);
}

static void
shared_offset(void)
{
	uint8_t bytes[256];

	rig_mount();
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	CHECK_OK(do_open("/f", O_RDWR | O_CREAT, &shared));
	CHECK_EQ(do_write(shared, bytes, sizeof bytes, 0), sizeof bytes);
	for (unsigned i = 0; i < 4; i++)
		start("reads", read_shared, i);
	fake_threads_join();
	for (unsigned i = 0; i < sizeof bytes; i++)
		CHECK_EQ(seen[i], 1);
	file_put(shared);
	rig_end(1);
}

TEST(readers_of_one_offset_get_each_byte_once)
{
	fake_for_seeds(SEEDS, shared_offset);
}

static void
write_whole(void *arg)
{
	uint8_t bytes[256];

	memset(bytes, (int)(uint64_t)arg, sizeof bytes);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(do_write(shared, bytes, sizeof bytes, 0), sizeof bytes);
}

static void
read_whole(void *arg)
{
	uint8_t bytes[256];

	(void)arg;
	for (unsigned i = 0; i < 12; i++) {
		CHECK_EQ(do_read(shared, bytes, sizeof bytes, 0), sizeof bytes);
		for (unsigned k = 1; k < sizeof bytes; k++)
			CHECK_EQ(bytes[k], bytes[0]);
	}
}

static void
whole_writes(void)
{
	rig_mount();
	CHECK_OK(do_open("/f", O_RDWR | O_CREAT, &shared));
	write_whole((void *)9);
	start("writes", write_whole, 1);
	start("writes too", write_whole, 2);
	start("reads", read_whole, 0);
	start("reads too", read_whole, 1);
	fake_threads_join();
	file_put(shared);
	rig_end(1);
}

TEST(a_reader_sees_a_write_whole_or_not_at_all)
{
	fake_for_seeds(SEEDS, whole_writes);
}
