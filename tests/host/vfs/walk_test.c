// SPDX-License-Identifier: MIT
/*
 * Paths: what they lead to, and how they fail.
 */
// kernel: vfs/vnode.c vfs/vlock.c vfs/vnode_lock.c vfs/walk.c vfs/namecache.c
// kernel: vfs/dirops.c vfs/rename.c vfs/open.c vfs/attr.c vfs/file.c
// kernel: vfs/mount.c vfs/pipe.c vm/uio.c lock/rank.c lib/random.c
// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c sync/condition.c sync/tlock.c
// fakes: threads.c memory_fs.c time.c heap.c page.c print.c usercopy.c
#include "rig.h"

struct path_case {
	const char *path;
	const char *same; // another path to the same file, or NULL:
	int error;
};

static void
check_paths(const struct path_case *c, size_t n)
{
	for (; n > 0; n--, c++) {
		int64_t got = number_of(c->path);
		int64_t expected = c->same != NULL ? number_of(c->same) : -c->error;
		if (got != expected || (c->same != NULL && got < 0))
			check_fail(__FILE__, __LINE__, "\"%s\": %ld, not %ld", c->path, (long)got,
				   (long)expected);
	}
}

#define CHECK_PATHS(...)                                                 \
	do {                                                             \
		static const struct path_case cases[] = { __VA_ARGS__ }; \
		check_paths(cases, sizeof cases / sizeof cases[0]);      \
	} while (0)

static void
make_tree(void)
{
	CHECK_OK(do_mkdir("/d"));
	CHECK_OK(do_mkdir("/d/e"));
	make_file("/f");
	make_file("/d/e/g");
}

TEST(components)
{
	rig_begin();
	make_tree();
	CHECK_PATHS({ "/", "/.", 0 }, { "//", "/", 0 }, { "/..", "/", 0 }, { "/../..", "/", 0 },
		    { "d", "/d", 0 }, { "//d//e///g", "/d/e/g", 0 }, { "d/./e/.", "/d/e", 0 },
		    { "d/e/..", "/d", 0 }, { "d/e/../../f", "/f", 0 }, { "d/", "/d", 0 },
		    { "d/e//", "/d/e", 0 }, { ".", "/", 0 }, { "./", "/", 0 },
		    { "d/e/../e/g", "/d/e/g", 0 }, { "", NULL, ENOENT }, { "x", NULL, ENOENT },
		    { "x/y", NULL, ENOENT }, { "d/x/..", NULL, ENOENT }, { "f/", NULL, ENOTDIR },
		    { "f/x", NULL, ENOTDIR }, { "f/.", NULL, ENOTDIR }, { "f/..", NULL, ENOTDIR },
		    { "d/e/g/..", NULL, ENOTDIR }, { "...", NULL, ENOENT });
	rig_end(1);
}

TEST(relative_paths_begin_at_start)
{
	struct vnode *e;

	rig_begin();
	make_tree();
	CHECK_OK(walk_path(&rig, "/d/e", WALK_DIRECTORY, &e));
	rig.start = e;
	CHECK_PATHS({ "g", "/d/e/g", 0 }, { "..", "/d", 0 }, { "../../f", "/f", 0 },
		    { "../..", "/", 0 }, { "../../../..", "/", 0 }, { "/f", "../../f", 0 });
	vnode_put(e);
	rig_end(1);
}

TEST(a_root_of_ones_own)
{
	struct vnode *d, *real_root = NULL;

	rig_begin();
	make_tree();
	CHECK_OK(do_symlink("/e/g", "/d/l"));
	CHECK_OK(walk_path(&rig, "/d", 0, &d));
	real_root = rig.root;
	rig.root = d;
	rig.start = d;
	CHECK_PATHS({ "/..", "/", 0 }, { "/e", "e", 0 }, { "../../..", "/", 0 },
		    { "/l", "/e/g", 0 }, { "/d", NULL, ENOENT }, { "/f", NULL, ENOENT });
	rig.root = real_root;
	rig.start = real_root;
	vnode_put(d);
	rig_end(1);
}

TEST(long_names_and_paths)
{
	static char name[NAME_MAX + 3], path[PATH_MAX + 1];

	rig_begin();
	memset(name, 'n', NAME_MAX);
	make_file(name);
	CHECK(number_of(name) > 0);
	name[NAME_MAX] = 'n';
	CHECK_ERROR(number_of(name), ENAMETOOLONG);
	CHECK_ERROR(try_open(name, O_CREAT | O_WRONLY), ENAMETOOLONG);
	CHECK_ERROR(do_mkdir(name), ENAMETOOLONG);
	CHECK_ERROR(do_unlink(name), ENAMETOOLONG);
	CHECK_ERROR(do_rename(name, "x"), ENAMETOOLONG);
	memset(path, '/', PATH_MAX);
	CHECK_EQ(number_of(path), number_of("/"));
	for (unsigned i = 0; i < PATH_MAX - 2; i += 2)
		memcpy(path + i, "./", 2);
	CHECK_EQ(number_of(path), number_of("/"));
	rig_end(1);
}

// ---- Symbolic links ----------------------------------------------------------

TEST(symbolic_links)
{
	rig_begin();
	make_tree();
	CHECK_OK(do_symlink("e/g", "/d/rel"));
	CHECK_OK(do_symlink("/d/e", "/abs"));
	CHECK_OK(do_symlink("d/e/", "/slash"));
	CHECK_OK(do_symlink("..", "/d/e/up"));
	CHECK_OK(do_symlink("/", "/d/root"));
	CHECK_OK(do_symlink("nothing", "/dangling"));
	CHECK_OK(do_symlink("f", "/tofile"));
	CHECK_OK(do_symlink("abs", "/twice"));
	CHECK_PATHS({ "d/rel", "/d/e/g", 0 }, { "abs", "/d/e", 0 }, { "abs/g", "/d/e/g", 0 },
		    { "abs/..", "/d", 0 }, { "abs/", "/d/e", 0 }, { "slash/g", "/d/e/g", 0 },
		    { "slash", "/d/e", 0 }, { "d/e/up/e/up", "/d", 0 }, { "d/root/f", "/f", 0 },
		    { "d/root", "/", 0 }, { "twice/g", "/d/e/g", 0 },
		    { "twice/up/rel", "/d/e/g", 0 }, { "dangling", NULL, ENOENT },
		    { "dangling/x", NULL, ENOENT }, { "tofile/", NULL, ENOTDIR },
		    { "tofile/x", NULL, ENOTDIR });
	CHECK(number_of_link("abs") != number_of("abs"));
	CHECK(number_of_link("dangling") > 0);
	CHECK_EQ(number_of_link("abs/"), number_of("/d/e"));
	CHECK_EQ(number_of_link("abs/g"), number_of("/d/e/g"));
	CHECK_ERROR(do_symlink("", "/empty"), ENOENT);
	rig_end(1);
}

TEST(loops_of_links)
{
	char name[8], target[8];

	rig_begin();
	CHECK_OK(do_symlink("b", "/a"));
	CHECK_OK(do_symlink("a", "/b"));
	CHECK_OK(do_symlink("me/x", "/me"));
	CHECK_ERROR(number_of("a"), ELOOP);
	CHECK_ERROR(number_of("a/x"), ELOOP);
	CHECK_ERROR(number_of("me"), ELOOP);
	CHECK_ERROR(try_open("a", O_CREAT | O_WRONLY), ELOOP);
	CHECK(number_of_link("a") > 0);
	// A chain of as many links as may be followed, and one more.
	make_file("/l0");
	for (unsigned i = 1; i <= WALK_LINKS_MAX + 1; i++) {
		name[0] = target[0] = 'l';
		name[1] = (char)('0' + i);
		target[1] = (char)('0' + i - 1);
		name[2] = target[2] = '\0';
		CHECK_OK(do_symlink(target, name));
	}
	name[1] = '0' + WALK_LINKS_MAX;
	CHECK_EQ(number_of(name), number_of("l0"));
	name[1]++;
	CHECK_ERROR(number_of(name), ELOOP);
	rig_end(1);
}

TEST(links_that_make_a_path_too_long)
{
	static char target[PATH_MAX];

	rig_begin();
	CHECK_OK(do_mkdir("/d"));
	for (unsigned i = 0; i < PATH_MAX - 6; i += 2)
		memcpy(target + i, "./", 2);
	memcpy(target + PATH_MAX - 6, "d", 2);
	CHECK_OK(do_symlink(target, "/l"));
	CHECK_EQ(number_of("l"), number_of("d"));
	CHECK_EQ(number_of("l/"), number_of("d"));
	CHECK_ERROR(number_of("l/a/b/c/d"), ENAMETOOLONG);
	memset(target, 'x', PATH_MAX - 1);
	CHECK_OK(do_symlink(target, "/long"));
	CHECK_ERROR(number_of("long"), ENAMETOOLONG);
	rig_end(1);
}

// ---- Mounts ------------------------------------------------------------------

TEST(mount_points_are_crossed_both_ways)
{
	rig_begin();
	make_tree();
	int64_t covered = number_of("/d/e");
	CHECK_OK(do_mount("b", "/d/e"));
	CHECK_ERROR(number_of("/d/e/g"), ENOENT);
	CHECK_OK(do_mkdir("/d/e/in"));
	CHECK_OK(do_mkdir("/d/e/in/side"));
	CHECK_PATHS({ "d/e/in/../..", "/d", 0 }, { "d/e/..", "/d", 0 }, { "d/e/.", "/d/e", 0 },
		    { "d/e/in/side/../../../e", "/d/e", 0 },
		    { "/d/e/in/side/../../../../f", "/f", 0 });
	struct stat st, root;
	CHECK_OK(do_stat("/d/e", &st));
	CHECK_OK(do_stat("/", &root));
	CHECK(st.st_dev != root.st_dev);
	CHECK_EQ(st.st_ino, 1);
	CHECK_OK(do_symlink("/f", "/d/e/out"));
	CHECK_EQ(number_of("/d/e/out"), number_of("/f"));
	CHECK_OK(do_unmount("/d/e"));
	CHECK_EQ(number_of("/d/e"), covered);
	CHECK(number_of("/d/e/g") > 0);
	CHECK_OK(do_mount("b", "/d/e"));
	CHECK(number_of("/d/e/in/side") > 0);
	rig_end(2);
}

TEST(mounts_that_are_refused)
{
	struct file *f;
	struct vnode *v;

	rig_begin();
	make_tree();
	CHECK_ERROR(do_mount("b", "/f"), ENOTDIR);
	CHECK_ERROR(do_mount("b", "/"), EBUSY);
	CHECK_ERROR(do_mount("c", "/d"), ENXIO);
	CHECK_OK(walk_path(&rig, "/d", 0, &v));
	CHECK_ERROR(mount_add("none", "b", v, "/d", 0), ENODEV);
	CHECK_OK(mount_add("mem", "b", v, "/d", 0));
	CHECK_ERROR(mount_add("mem", "b", v, "/d", 0), EBUSY);
	vnode_put(v);
	CHECK_ERROR(do_mount("b", "/d"), EBUSY);
	CHECK_ERROR(do_unmount("/"), EBUSY);
	CHECK_ERROR(do_unmount("/f"), EINVAL);
	make_file("/d/open");
	CHECK_OK(do_open("/d/open", O_RDONLY, &f));
	CHECK_ERROR(do_unmount("/d"), EBUSY);
	file_put(f);
	CHECK_OK(do_unmount("/d"));
	CHECK_ERROR(do_unmount("/d"), EINVAL);
	// A directory that was removed can't be covered.
	CHECK_OK(do_mkdir("/gone"));
	CHECK_OK(walk_path(&rig, "/gone", 0, &v));
	CHECK_OK(do_rmdir("/gone"));
	CHECK_ERROR(mount_add("mem", "b", v, "/gone", 0), ENOENT);
	vnode_put(v);
	CHECK_OK(do_mount("b", "/d"));
	rig_end(2);
}

// ---- The way back ------------------------------------------------------------

static void
check_directory_path(const char *path, const char *expected)
{
	char text[64];
	struct vnode *v;

	CHECK_OK(walk_path(&rig, path, 0, &v));
	CHECK_OK(walk_directory_path(&rig, v, text, sizeof text));
	if (strcmp(text, expected) != 0)
		check_fail(__FILE__, __LINE__, "%s: \"%s\", not \"%s\"", path, text, expected);
	CHECK_OK(walk_directory_path(&rig, v, text, strlen(expected) + 1));
	CHECK_ERROR(walk_directory_path(&rig, v, text, strlen(expected)), ERANGE);
	vnode_put(v);
}

TEST(paths_of_directories)
{
	char text[64];
	struct vnode *v;

	rig_begin();
	make_tree();
	CHECK_OK(do_symlink("/d/e", "/l"));
	check_directory_path("/", "/");
	check_directory_path("/d", "/d");
	check_directory_path("/d/e", "/d/e");
	check_directory_path("/l/../e", "/d/e");
	CHECK_OK(do_mount("b", "/d/e"));
	CHECK_OK(do_mkdir("/d/e/in"));
	check_directory_path("/d/e", "/d/e");
	check_directory_path("/d/e/in", "/d/e/in");
	CHECK_OK(do_mkdir("/d/gone"));
	CHECK_OK(walk_path(&rig, "/d/gone", 0, &v));
	CHECK_OK(do_rmdir("/d/gone"));
	CHECK_ERROR(walk_directory_path(&rig, v, text, sizeof text), ENOENT);
	vnode_put(v);
	rig_end(2);
}

// ---- What is remembered ------------------------------------------------------

TEST(names_are_remembered)
{
	rig_begin();
	make_tree();
	number_of("/d/e/g");
	number_of("/d/none");
	uint64_t before = memory_fs_lookups();
	for (unsigned i = 0; i < 100; i++) {
		CHECK(number_of("/d/e/g") > 0);
		CHECK_ERROR(number_of("/d/none"), ENOENT);
	}
	CHECK_EQ(memory_fs_lookups(), before);
	rig_end(1);
}

TEST(what_is_remembered_is_right)
{
	rig_begin();
	make_tree();
	CHECK_ERROR(number_of("/new"), ENOENT);
	make_file("/new");
	CHECK(number_of("/new") > 0);
	CHECK_OK(do_rename("/new", "/newer"));
	CHECK_ERROR(number_of("/new"), ENOENT);
	CHECK(number_of("/newer") > 0);
	CHECK_OK(do_link("/newer", "/new"));
	CHECK_EQ(number_of("/newer"), number_of("/new"));
	CHECK_OK(do_unlink("/newer"));
	CHECK_ERROR(number_of("/newer"), ENOENT);
	// A directory's names do not come back with its number.
	CHECK_OK(do_mkdir("/x"));
	int64_t number = number_of("/x");
	make_file("/x/y");
	CHECK(number_of("/x/y") > 0);
	CHECK_ERROR(number_of("/x/z"), ENOENT);
	CHECK_OK(do_unlink("/x/y"));
	CHECK_OK(do_rmdir("/x"));
	CHECK_OK(do_mkdir("/x"));
	CHECK_EQ(number_of("/x"), number);
	make_file("/x/z");
	CHECK(number_of("/x/z") > 0);
	CHECK_ERROR(number_of("/x/y"), ENOENT);
	// Nor do they outlive the directory's vnode wrongly.
	while (rig_reclaim(1) > 0 || number_of("/none") != -ENOENT)
		;
	rig_reclaim(1000);
	CHECK(number_of("/x/z") > 0);
	// What failed is asked anew.
	memory_fs_fail_removes(1);
	CHECK_ERROR(do_unlink("/x/z"), EIO);
	CHECK(number_of("/x/z") > 0);
	memory_fs_fail_creates(1);
	CHECK_ERROR(do_mkdir("/x/w"), ENOSPC);
	CHECK_ERROR(number_of("/x/w"), ENOENT);
	rig_end(1);
}

TEST(nothing_leaks_without_memory)
{
	rig_begin();
	make_tree();
	CHECK_OK(do_symlink("d/e/g", "/l"));
	for (uint64_t n = 1; n < 40; n++) {
		rig_reclaim(1000);
		uint64_t blocks = fake_heap_blocks();
		fake_heap_fail(n);
		int64_t number = number_of("/l");
		fake_heap_fail(0);
		CHECK(number > 0 || number == -ENOMEM);
		rig_reclaim(1000);
		CHECK_EQ(fake_heap_blocks(), blocks);
	}
	rig_end(1);
}
