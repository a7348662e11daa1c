// SPDX-License-Identifier: MIT
/*
 * Operations on names and open files, one at a time: results and errors.
 */
// kernel: vfs/vnode.c vfs/vlock.c vfs/vnode_lock.c vfs/walk.c vfs/namecache.c
// kernel: vfs/dirops.c vfs/rename.c vfs/open.c vfs/attr.c vfs/file.c
// kernel: vfs/mount.c vfs/pipe.c vm/uio.c lock/rank.c lib/random.c
// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c sync/condition.c sync/tlock.c
// fakes: threads.c memory_fs.c time.c heap.c page.c print.c usercopy.c
#include "rig.h"

static void
make_tree(void)
{
	rig_begin();
	CHECK_OK(do_mkdir("/d"));
	CHECK_OK(do_mkdir("/d/e"));
	make_file("/f");
	make_file("/d/g");
	CHECK_OK(do_symlink("f", "/l"));
	CHECK_OK(do_symlink("d", "/ld"));
	CHECK_OK(do_symlink("none", "/dangling"));
}

// ---- Making ------------------------------------------------------------------

TEST(mkdir_and_mknod)
{
	struct stat st;

	make_tree();
	CHECK_ERROR(do_mkdir("/"), EEXIST);
	CHECK_ERROR(do_mkdir("."), EEXIST);
	CHECK_ERROR(do_mkdir("d/.."), EEXIST);
	CHECK_ERROR(do_mkdir("/d"), EEXIST);
	CHECK_ERROR(do_mkdir("/f"), EEXIST);
	CHECK_ERROR(do_mkdir("/l"), EEXIST);
	CHECK_ERROR(do_mkdir("/dangling"), EEXIST);
	CHECK_ERROR(do_mkdir("/f/x"), ENOTDIR);
	CHECK_ERROR(do_mkdir("/x/y"), ENOENT);
	CHECK_ERROR(do_mkdir(""), ENOENT);
	CHECK_OK(do_mkdir("/new//"));
	CHECK_OK(do_stat("/new", &st));
	CHECK_EQ(st.st_mode, S_IFDIR | 0755);
	CHECK_EQ(st.st_nlink, 2);
	CHECK_OK(dirops_mknod(&rig, "/n", 0666, 0));
	CHECK_OK(dirops_mknod(&rig, "/p", S_IFIFO | 0600, 0));
	CHECK_OK(dirops_mknod(&rig, "/c", S_IFCHR | 0600, 0x501));
	CHECK_OK(do_stat("/n", &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0644);
	CHECK_OK(do_stat("/p", &st));
	CHECK_EQ(st.st_mode, S_IFIFO | 0600);
	CHECK_OK(do_stat("/c", &st));
	CHECK_EQ(st.st_mode, S_IFCHR | 0600);
	CHECK_EQ(st.st_rdev, 0x501);
	CHECK_ERROR(dirops_mknod(&rig, "/n", S_IFREG, 0), EEXIST);
	CHECK_ERROR(dirops_mknod(&rig, "/m", S_IFDIR, 0), EPERM);
	CHECK_ERROR(dirops_mknod(&rig, "/m", S_IFLNK, 0), EINVAL);
	CHECK_ERROR(dirops_mknod(&rig, "/m/", S_IFREG, 0), ENOENT);
	CHECK_ERROR(try_open("/c", O_RDONLY), ENXIO);
	rig_end(1);
}

TEST(symlink_and_readlink)
{
	char text[16];
	size_t n;

	make_tree();
	CHECK_ERROR(do_symlink("x", "/f"), EEXIST);
	CHECK_ERROR(do_symlink("x", "/l"), EEXIST);
	CHECK_ERROR(do_symlink("x", "/none/"), ENOENT);
	CHECK_ERROR(do_symlink("x", "/d/"), EEXIST);
	CHECK_OK(dirops_readlink(&rig, "/dangling", text, sizeof text, &n));
	CHECK_EQ(n, 4);
	CHECK(memcmp(text, "none", 4) == 0);
	CHECK_OK(dirops_readlink(&rig, "/dangling", text, 2, &n));
	CHECK_EQ(n, 2);
	CHECK_ERROR(dirops_readlink(&rig, "/f", text, sizeof text, &n), EINVAL);
	CHECK_ERROR(dirops_readlink(&rig, "/d", text, sizeof text, &n), EINVAL);
	CHECK_ERROR(dirops_readlink(&rig, "/ld/", text, sizeof text, &n), EINVAL);
	CHECK_ERROR(dirops_readlink(&rig, "/none", text, sizeof text, &n), ENOENT);
	rig_end(1);
}

TEST(link)
{
	struct stat st;
	struct file *f;

	make_tree();
	CHECK_OK(do_link("/f", "/d/h"));
	CHECK_EQ(number_of("/d/h"), number_of("/f"));
	CHECK_OK(do_stat("/f", &st));
	CHECK_EQ(st.st_nlink, 2);
	CHECK_ERROR(do_link("/f", "/d/h"), EEXIST);
	CHECK_ERROR(do_link("/d", "/d2"), EPERM);
	CHECK_ERROR(do_link("/none", "/x"), ENOENT);
	CHECK_ERROR(do_link("/f", "/none/x"), ENOENT);
	CHECK_ERROR(do_link("/f", "/x/"), ENOENT);
	CHECK_ERROR(do_link("/f", "/d/"), EEXIST);
	CHECK_ERROR(do_link("/f", "/"), EEXIST);
	CHECK_ERROR(do_link("/f/", "/x"), ENOTDIR);
	// The link itself, or what it leads to.
	CHECK_OK(do_link("/l", "/l2"));
	CHECK_EQ(number_of_link("/l2"), number_of_link("/l"));
	CHECK_OK(dirops_link(&rig, "/l", &rig, "/l3", true));
	CHECK_EQ(number_of_link("/l3"), number_of("/f"));
	CHECK_OK(do_mount("b", "/d/e"));
	CHECK_ERROR(do_link("/f", "/d/e/f"), EXDEV);
	CHECK_OK(do_unmount("/d/e"));
	// Names go one by one; the file with the last, once it is closed.
	CHECK_OK(do_open("/f", O_RDWR, &f));
	CHECK_EQ(do_write(f, "text", 4, -1), 4);
	CHECK_OK(do_unlink("/f"));
	CHECK_OK(do_unlink("/d/h"));
	unsigned nodes = memory_fs_nodes("a");
	CHECK_OK(do_unlink("/l3"));
	char text[8];
	CHECK_EQ(do_read(f, text, 8, 0), 4);
	CHECK_OK(file_stat(f, &st));
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(memory_fs_nodes("a"), nodes);
	file_put(f);
	CHECK_EQ(memory_fs_nodes("a"), nodes - 1);
	rig_end(1);
}

// ---- Removing ----------------------------------------------------------------

TEST(unlink_and_rmdir)
{
	make_tree();
	CHECK_ERROR(do_unlink("/d"), EISDIR);
	CHECK_ERROR(do_unlink("/d/"), EISDIR);
	CHECK_ERROR(do_unlink("/"), EISDIR);
	CHECK_ERROR(do_unlink("."), EISDIR);
	CHECK_ERROR(do_unlink("d/.."), EISDIR);
	CHECK_ERROR(do_unlink("/f/"), ENOTDIR);
	CHECK_ERROR(do_unlink("/none"), ENOENT);
	CHECK_ERROR(do_unlink("/none/"), ENOENT);
	CHECK_ERROR(do_unlink("/f/x"), ENOTDIR);
	CHECK_ERROR(do_unlink(""), ENOENT);
	CHECK_ERROR(do_unlink("/ld/"), ENOTDIR);
	CHECK_OK(do_unlink("/ld"));
	CHECK(number_of("/d") > 0);
	CHECK_ERROR(do_rmdir("/"), EBUSY);
	CHECK_ERROR(do_rmdir("/d/e/."), EINVAL);
	CHECK_ERROR(do_rmdir("/d/e/.."), ENOTEMPTY);
	CHECK_ERROR(do_rmdir("/d"), ENOTEMPTY);
	CHECK_ERROR(do_rmdir("/f"), ENOTDIR);
	CHECK_ERROR(do_rmdir("/l"), ENOTDIR);
	CHECK_ERROR(do_rmdir("/none"), ENOENT);
	CHECK_OK(do_rmdir("/d/e/"));
	CHECK_ERROR(number_of("/d/e"), ENOENT);
	CHECK_OK(do_mkdir("/m"));
	CHECK_OK(do_mount("b", "/m"));
	CHECK_ERROR(do_rmdir("/m"), EBUSY);
	CHECK_ERROR(do_rename("/m", "/m2"), EBUSY);
	CHECK_OK(do_mkdir("/other"));
	CHECK_ERROR(do_rename("/other", "/m"), EBUSY);
	rig_end(2);
}

TEST(in_a_removed_directory_there_are_no_names)
{
	struct vnode *gone;
	struct file *f;
	uint64_t done;

	make_tree();
	CHECK_OK(walk_path(&rig, "/d/e", 0, &gone));
	CHECK_OK(do_open("/d/e", O_RDONLY | O_DIRECTORY, &f));
	CHECK_OK(do_rmdir("/d/e"));
	rig.start = gone;
	CHECK_ERROR(do_mkdir("x"), ENOENT);
	CHECK_ERROR(try_open("x", O_CREAT | O_WRONLY), ENOENT);
	CHECK_ERROR(do_symlink("a", "x"), ENOENT);
	CHECK_ERROR(do_link("/f", "x"), ENOENT);
	CHECK_ERROR(do_rename("/f", "x"), ENOENT);
	CHECK_ERROR(do_rename("x", "/y"), ENOENT);
	CHECK_ERROR(number_of("x"), ENOENT);
	CHECK_ERROR(number_of(".."), ENOENT);
	CHECK(number_of(".") > 0);
	CHECK_ERROR(file_getdents(f, 0, 4096, &done), ENOENT);
	rig.start = rig.root;
	file_put(f);
	unsigned nodes = memory_fs_nodes("a");
	vnode_put(gone);
	CHECK_EQ(memory_fs_nodes("a"), nodes - 1);
	rig_end(1);
}

// ---- Renaming ----------------------------------------------------------------

TEST(rename_of_files)
{
	make_tree();
	int64_t f = number_of("/f"), g = number_of("/d/g");
	CHECK_OK(do_rename("/f", "/f2"));
	CHECK_EQ(number_of("/f2"), f);
	CHECK_ERROR(number_of("/f"), ENOENT);
	CHECK_OK(do_rename("/f2", "/d/f3"));
	CHECK_EQ(number_of("/d/f3"), f);
	unsigned nodes = memory_fs_nodes("a");
	CHECK_OK(do_rename("/d/f3", "/d/g")); // g goes
	CHECK_EQ(number_of("/d/g"), f);
	CHECK_EQ(memory_fs_nodes("a"), nodes - 1);
	CHECK(g != f);
	// Onto itself, and onto another name of itself: nothing happens.
	CHECK_OK(do_rename("/d/g", "/d/g"));
	CHECK_OK(do_link("/d/g", "/h"));
	CHECK_OK(do_rename("/d/g", "/h"));
	CHECK_EQ(number_of("/d/g"), f);
	CHECK_EQ(number_of("/h"), f);
	CHECK_ERROR(dirops_rename(&rig, "/h", &rig, "/d/g", RENAME_NOREPLACE), EEXIST);
	CHECK_OK(dirops_rename(&rig, "/h", &rig, "/h2", RENAME_NOREPLACE));
	CHECK_ERROR(dirops_rename(&rig, "/h2", &rig, "/h3", RENAME_EXCHANGE), EINVAL);
	CHECK_ERROR(do_rename("/none", "/x"), ENOENT);
	CHECK_ERROR(do_rename("/h2", "/none/x"), ENOENT);
	CHECK_ERROR(do_rename("/h2/", "/x"), ENOTDIR);
	CHECK_ERROR(do_rename("/h2", "/x/"), ENOTDIR);
	CHECK_ERROR(do_rename("/h2", "/d"), EISDIR);
	CHECK_ERROR(do_rename("/h2", "/d/"), ENOTDIR);
	CHECK_ERROR(do_rename("/h2/x", "/x"), ENOTDIR);
	// A link is moved itself.
	CHECK_OK(do_rename("/dangling", "/d/dangling"));
	CHECK(number_of_link("/d/dangling") > 0);
	CHECK_OK(do_rename("/h2", "/l"));
	CHECK_EQ(number_of_link("/l"), f);
	rig_end(1);
}

TEST(rename_of_directories)
{
	struct stat st;

	make_tree();
	CHECK_OK(do_mkdir("/a"));
	CHECK_OK(do_mkdir("/a/b"));
	CHECK_OK(do_mkdir("/a/b/c"));
	int64_t b = number_of("/a/b");
	CHECK_ERROR(do_rename("/a", "/a/b/x"), EINVAL);
	CHECK_ERROR(do_rename("/a", "/a/x"), EINVAL);
	CHECK_ERROR(do_rename("/a/b", "/a/b/c/x"), EINVAL);
	CHECK_ERROR(do_rename("/a/b/c", "/a"), ENOTEMPTY);
	CHECK_ERROR(do_rename("/a/b/c", "/a/b"), ENOTEMPTY);
	CHECK_ERROR(do_rename("/d/g", "/a"), EISDIR);
	CHECK_ERROR(do_rename("/a", "/f"), ENOTDIR);
	CHECK_ERROR(do_rename("/a", "/d"), ENOTEMPTY);
	CHECK_ERROR(do_rename("/a/b/.", "/x"), EBUSY);
	CHECK_ERROR(do_rename("/a/b/..", "/x"), EBUSY);
	CHECK_ERROR(do_rename("/a", "/d/."), EBUSY);
	CHECK_ERROR(do_rename("/", "/x"), EBUSY);
	CHECK_ERROR(do_rename("/a", "/"), EBUSY);
	CHECK_OK(do_rename("/a/b", "/d/b/"));
	CHECK_EQ(number_of("/d/b"), b);
	CHECK_EQ(number_of("/d/b/.."), number_of("/d"));
	CHECK(number_of("/d/b/c") > 0);
	CHECK_OK(do_stat("/a", &st));
	CHECK_EQ(st.st_nlink, 2);
	CHECK_OK(do_stat("/d", &st));
	CHECK_EQ(st.st_nlink, 4);
	// An empty directory is replaced, upwards and downwards.
	CHECK_OK(do_rename("/d/b", "/a"));
	CHECK_EQ(number_of("/a"), b);
	CHECK_OK(do_mkdir("/d/e/deep"));
	CHECK_OK(do_rename("/a/c", "/d/e/deep"));
	CHECK_OK(do_rename("/d/e/deep", "/a"));
	CHECK_ERROR(number_of("/a/c"), ENOENT);
	CHECK_OK(do_mount("b", "/a"));
	CHECK_ERROR(do_rename("/d", "/a/d"), EXDEV);
	CHECK_ERROR(do_rename("/f", "/a/f"), EXDEV);
	rig_end(2);
}

TEST(a_rename_that_fails_changes_nothing)
{
	make_tree();
	int64_t f = number_of("/f"), g = number_of("/d/g");
	memory_fs_fail_removes(1);
	CHECK_ERROR(do_rename("/f", "/d/g"), EIO);
	CHECK_EQ(number_of("/f"), f);
	CHECK_EQ(number_of("/d/g"), g);
	memory_fs_fail_removes(1);
	CHECK_ERROR(do_rmdir("/d/e"), EIO);
	make_file("/d/e/still");
	rig_end(1);
}

// ---- Opening -----------------------------------------------------------------

TEST(open)
{
	struct file *f;
	struct stat st;

	make_tree();
	CHECK_ERROR(try_open("/none", O_RDONLY), ENOENT);
	CHECK_ERROR(try_open("/f/", O_RDONLY), ENOTDIR);
	CHECK_ERROR(try_open("/f/x", O_RDONLY), ENOTDIR);
	CHECK_ERROR(try_open("/f", O_ACCMODE), EINVAL);
	CHECK_ERROR(try_open("/d", O_WRONLY), EISDIR);
	CHECK_ERROR(try_open("/d", O_RDWR), EISDIR);
	CHECK_ERROR(try_open("/d", O_RDONLY | O_TRUNC), EISDIR);
	CHECK_OK(try_open("/d", O_RDONLY));
	CHECK_OK(try_open("/", O_RDONLY));
	CHECK_OK(try_open("/d/", O_RDONLY | O_DIRECTORY));
	CHECK_ERROR(try_open("/f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK_OK(try_open("/ld", O_RDONLY | O_DIRECTORY));
	CHECK_OK(try_open("/l", O_RDONLY));
	CHECK_ERROR(try_open("/l", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_ERROR(try_open("/ld", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
	CHECK_OK(try_open("/ld/g", O_RDONLY | O_NOFOLLOW));
	CHECK_ERROR(try_open("/dangling", O_RDONLY), ENOENT);
	CHECK_ERROR(try_open("/d", O_TMPFILE | O_RDWR), EOPNOTSUPP);

	CHECK_ERROR(try_open("/f", O_CREAT | O_EXCL | O_WRONLY), EEXIST);
	CHECK_ERROR(try_open("/l", O_CREAT | O_EXCL | O_WRONLY), EEXIST);
	CHECK_ERROR(try_open("/dangling", O_CREAT | O_EXCL | O_WRONLY), EEXIST);
	CHECK_ERROR(try_open("/l", O_CREAT | O_NOFOLLOW | O_WRONLY), ELOOP);
	CHECK_ERROR(try_open("/d", O_CREAT | O_RDONLY), EISDIR);
	CHECK_ERROR(try_open("/", O_CREAT | O_RDONLY), EISDIR);
	CHECK_ERROR(try_open(".", O_CREAT | O_RDONLY), EISDIR);
	CHECK_ERROR(try_open("/new/", O_CREAT | O_RDWR), EISDIR);
	CHECK_ERROR(try_open("/new", O_CREAT | O_DIRECTORY), EINVAL);
	CHECK_ERROR(try_open("/none/new", O_CREAT | O_RDWR), ENOENT);
	CHECK_OK(do_open("/new", O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC | O_APPEND, &f));
	CHECK_EQ(f->flags, O_RDWR | O_APPEND);
	CHECK_OK(file_stat(f, &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0644);
	file_put(f);
	CHECK_OK(try_open("/new", O_CREAT | O_RDWR));
	// Through a link that leads nowhere: what it names is made.
	CHECK_OK(do_symlink("d/made", "/todo"));
	CHECK_OK(do_symlink("todo", "/todo2"));
	CHECK_OK(try_open("/todo2", O_CREAT | O_WRONLY));
	CHECK(number_of("/d/made") > 0);
	CHECK_OK(do_symlink("none/made", "/todo3"));
	CHECK_ERROR(try_open("/todo3", O_CREAT | O_WRONLY), ENOENT);
	rig_end(1);
}

TEST(open_cuts_to_nothing_when_asked)
{
	struct file *f;
	struct stat st;

	make_tree();
	CHECK_OK(do_open("/f", O_WRONLY, &f));
	CHECK_EQ(do_write(f, "0123456789", 10, -1), 10);
	CHECK_OK(try_open("/f", O_WRONLY));
	CHECK_OK(file_stat(f, &st));
	CHECK_EQ(st.st_size, 10);
	CHECK_OK(try_open("/f", O_WRONLY | O_TRUNC));
	CHECK_OK(file_stat(f, &st));
	CHECK_EQ(st.st_size, 0);
	file_put(f);
	rig_end(1);
}

TEST(a_mount_at_what_is_created)
{
	make_tree();
	CHECK_OK(do_mount("b", "/d/e"));
	CHECK_ERROR(try_open("/d/e", O_CREAT | O_WRONLY), EISDIR);
	CHECK_ERROR(try_open("/d/e", O_CREAT | O_EXCL | O_WRONLY), EEXIST);
	CHECK_ERROR(do_mkdir("/d/e"), EEXIST);
	CHECK_OK(try_open("/d/e/x", O_CREAT | O_WRONLY));
	CHECK_EQ(memory_fs_nodes("b"), 2);
	rig_end(2);
}

TEST(read_only_mounts)
{
	struct vnode *at, *v;
	struct vnode_setattr change = { .set = SETATTR_MODE, .mode = 0700 };

	make_tree();
	CHECK_OK(do_mount("b", "/d/e"));
	make_file("/d/e/f");
	CHECK_OK(do_mkdir("/d/e/dir"));
	CHECK_OK(do_unmount("/d/e"));
	CHECK_OK(walk_path(&rig, "/d/e", 0, &at));
	CHECK_OK(mount_add("mem", "b", at, "/d/e", MOUNT_READ_ONLY));
	vnode_put(at);
	CHECK_OK(try_open("/d/e/f", O_RDONLY));
	CHECK_OK(try_open("/d/e/f", O_RDONLY | O_CREAT));
	CHECK_ERROR(try_open("/d/e/f", O_WRONLY), EROFS);
	CHECK_ERROR(try_open("/d/e/f", O_RDONLY | O_TRUNC), EROFS);
	CHECK_ERROR(try_open("/d/e/new", O_RDWR | O_CREAT), EROFS);
	CHECK_ERROR(do_mkdir("/d/e/new"), EROFS);
	CHECK_ERROR(do_mkdir("/d/e/f"), EEXIST);
	CHECK_ERROR(do_unlink("/d/e/f"), EROFS);
	CHECK_ERROR(do_rmdir("/d/e/dir"), EROFS);
	CHECK_ERROR(do_link("/d/e/f", "/d/e/g"), EROFS);
	CHECK_ERROR(do_rename("/d/e/f", "/d/e/g"), EROFS);
	CHECK_ERROR(dirops_truncate(&rig, "/d/e/f", 0), EROFS);
	CHECK_ERROR(dirops_setattr(&rig, "/d/e/f", 0, &change), EROFS);
	CHECK_OK(walk_path(&rig, "/d/e/f", 0, &v));
	CHECK_ERROR(vnode_resize(v, 0), EROFS);
	vnode_put(v);
	rig_end(2);
}

TEST(attributes)
{
	struct vnode_setattr change = { .set = SETATTR_MODE, .mode = 0741 };
	struct stat st;

	make_tree();
	CHECK_OK(dirops_setattr(&rig, "/l", 0, &change));
	CHECK_OK(do_stat("/f", &st));
	CHECK_EQ(st.st_mode, S_IFREG | 0741);
	CHECK_EQ(st.st_blksize, 4096);
	CHECK_ERROR(dirops_truncate(&rig, "/d", 0), EISDIR);
	CHECK_ERROR(dirops_truncate(&rig, "/f", UINT64_C(1) << 63), EINVAL);
	CHECK_ERROR(dirops_truncate(&rig, "/f", UINT64_C(1) << 40), EFBIG);
	CHECK_OK(dirops_truncate(&rig, "/l", 100));
	CHECK_OK(do_stat("/f", &st));
	CHECK_EQ(st.st_size, 100);
	rig_end(1);
}

TEST(without_memory_an_open_leaves_no_trace)
{
	make_tree();
	unsigned nodes = memory_fs_nodes("a");
	for (unsigned n = 1; n <= 2; n++) {
		rig_reclaim(1000);
		uint64_t blocks = fake_heap_blocks();
		fake_heap_fail(n);
		int error = try_open("/d/fresh", O_CREAT | O_WRONLY);
		fake_heap_fail(0);
		CHECK_ERROR(error, ENOMEM);
		rig_reclaim(1000);
		CHECK_EQ(fake_heap_blocks(), blocks);
	}
	CHECK_EQ(memory_fs_nodes("a"), nodes);
	CHECK_EQ(file_count(), 0);
	rig_end(1);
}
