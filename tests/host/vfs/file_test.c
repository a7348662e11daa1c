// SPDX-License-Identifier: MIT
/*
 * Open files: reading, writing, places, directories; and the limit of all files.
 */
// kernel: vfs/vnode.c vfs/vlock.c vfs/vnode_lock.c vfs/walk.c vfs/namecache.c
// kernel: vfs/dirops.c vfs/rename.c vfs/open.c vfs/attr.c vfs/file.c
// kernel: vfs/mount.c vfs/pipe.c vm/uio.c lock/rank.c lib/random.c
// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c sync/condition.c sync/tlock.c
// fakes: threads.c memory_fs.c time.c heap.c page.c print.c usercopy.c
#include "rig.h"

#include "abi/dirent.h"
#include "fakes/usercopy.h"

static struct file *
open_new(const char *path, int flags)
{
	struct file *f;

	CHECK_OK(do_open(path, flags | O_CREAT, &f));
	return f;
}

TEST(access_modes)
{
	char c = 'x';

	rig_begin();
	struct file *r = open_new("/f", O_RDONLY), *w = open_new("/f", O_WRONLY);
	CHECK_ERROR(do_write(r, &c, 1, -1), EBADF);
	CHECK_ERROR(do_read(w, &c, 1, -1), EBADF);
	CHECK_EQ(do_write(w, &c, 1, -1), 1);
	CHECK_EQ(do_read(r, &c, 1, -1), 1);
	CHECK_EQ(do_read(r, &c, 1, -1), 0);
	CHECK_ERROR(file_truncate(r, 0), EINVAL);
	CHECK_OK(file_truncate(w, 0));
	file_put(w);
	file_put(r);
	CHECK_OK(do_open("/", O_RDONLY, &r));
	CHECK_ERROR(do_read(r, &c, 1, -1), EISDIR);
	CHECK_ERROR(file_truncate(r, 0), EINVAL);
	CHECK_ERROR(file_ioctl(r, 1, 0), ENOTTY);
	CHECK_OK(file_sync(r));
	file_put(r);
	rig_end(1);
}

TEST(the_offset_moves_but_not_for_positioned_calls)
{
	char text[32] = { 0 };
	uint64_t at;

	rig_begin();
	struct file *f = open_new("/f", O_RDWR);
	CHECK_EQ(do_write(f, "abcdef", 6, -1), 6);
	CHECK_EQ(do_write(f, "XY", 2, 1), 2);
	CHECK_OK(file_seek(f, 0, SEEK_CUR, &at));
	CHECK_EQ(at, 6);
	CHECK_OK(file_seek(f, 2, SEEK_SET, &at));
	CHECK_EQ(do_read(f, text, 3, -1), 3);
	CHECK_STRING(text, "Yde");
	CHECK_EQ(do_read(f, text, 6, 0), 6);
	CHECK_STRING(text, "aXYdef");
	CHECK_EQ(do_read(f, text, 6, -1), 1);
	CHECK_EQ(do_read(f, text, 6, 100), 0);
	file_put(f);
	rig_end(1);
}

TEST(seeking)
{
	uint64_t at;

	rig_begin();
	struct file *f = open_new("/f", O_RDWR);
	CHECK_EQ(do_write(f, "0123456789", 10, -1), 10);
	CHECK_OK(file_seek(f, -3, SEEK_END, &at));
	CHECK_EQ(at, 7);
	CHECK_OK(file_seek(f, -7, SEEK_CUR, &at));
	CHECK_EQ(at, 0);
	CHECK_ERROR(file_seek(f, -1, SEEK_CUR, &at), EINVAL);
	CHECK_ERROR(file_seek(f, -1, SEEK_SET, &at), EINVAL);
	CHECK_ERROR(file_seek(f, 0, 99, &at), EINVAL);
	CHECK_OK(file_seek(f, 5, SEEK_SET, &at));
	CHECK_ERROR(file_seek(f, INT64_MAX, SEEK_CUR, &at), EOVERFLOW);
	CHECK_ERROR(file_seek(f, INT64_MAX, SEEK_SET, &at), EINVAL);
	CHECK_ERROR(file_seek(f, 65537, SEEK_SET, &at), EINVAL);
	CHECK_OK(file_seek(f, 0, SEEK_CUR, &at));
	CHECK_EQ(at, 5); // nothing of that moved it
	CHECK_OK(file_seek(f, 65536, SEEK_SET, &at));
	CHECK_ERROR(do_write(f, "x", 1, -1), EFBIG);
	CHECK_OK(file_seek(f, 4, SEEK_DATA, &at));
	CHECK_EQ(at, 4);
	CHECK_OK(file_seek(f, 4, SEEK_HOLE, &at));
	CHECK_EQ(at, 10);
	CHECK_ERROR(file_seek(f, 10, SEEK_DATA, &at), ENXIO);
	CHECK_ERROR(file_seek(f, -1, SEEK_HOLE, &at), ENXIO);
	file_put(f);
	rig_end(1);
}

TEST(offsets_past_a_signed_number)
{
	char c = 'x';

	rig_begin();
	struct file *f = open_new("/f", O_RDWR);
	CHECK_ERROR(do_read(f, &c, 1, INT64_MAX), EINVAL);
	CHECK_ERROR(do_write(f, &c, 1, INT64_MAX), EINVAL);
	CHECK_EQ(do_read(f, &c, 0, INT64_MAX), 0);
	CHECK_EQ(do_read(f, &c, 1, INT64_MAX - 1), 0);
	CHECK_ERROR(do_write(f, &c, 1, INT64_MAX - 1), EFBIG);
	file_put(f);
	rig_end(1);
}

TEST(appending)
{
	char text[8] = { 0 };
	uint64_t at;

	rig_begin();
	struct file *f = open_new("/f", O_RDWR | O_APPEND), *g = open_new("/f", O_RDWR);
	CHECK_EQ(do_write(g, "ab", 2, -1), 2);
	CHECK_EQ(do_write(f, "cd", 2, -1), 2);
	CHECK_OK(file_seek(f, 0, SEEK_CUR, &at));
	CHECK_EQ(at, 4);
	CHECK_OK(file_seek(f, 0, SEEK_SET, &at));
	CHECK_EQ(do_write(f, "ef", 2, -1), 2);
	CHECK_EQ(do_read(g, text, 8, 0), 6);
	CHECK_STRING(text, "abcdef");
	file_put(f);
	file_put(g);
	rig_end(1);
}

TEST(a_bad_buffer_is_told_unless_something_was_moved)
{
	struct uio_part parts[2];
	struct uio uio;
	uint64_t done;

	rig_begin();
	struct file *f = open_new("/f", O_RDWR);
	CHECK_EQ(do_write(f, "0123456789", 10, -1), 10);
	parts[0] = (struct uio_part){ fake_user_memory(), 4 };
	parts[1] = (struct uio_part){ 4096, 4 };
	uio_init_parts(&uio, parts, 2, UIO_READ, UIO_USER, 0);
	CHECK_OK(file_read(f, &uio, 0, &done));
	CHECK_EQ(done, 4);
	uio_init_parts(&uio, parts + 1, 1, UIO_READ, UIO_USER, 0);
	CHECK_ERROR(file_read(f, &uio, 0, &done), EFAULT);
	CHECK_EQ(done, 0);
	file_put(f);
	rig_end(1);
}

// ---- Directories -------------------------------------------------------------

TEST(directory_entries)
{
	struct file *f;
	uint64_t done, at;
	unsigned seen = 0, calls = 0;
	char name[] = "/d/n0";

	rig_begin();
	CHECK_OK(do_mkdir("/d"));
	for (unsigned i = 0; i < 9; i++, name[4]++)
		make_file(name);
	CHECK_OK(do_open("/d", O_RDONLY | O_DIRECTORY, &f));
	// Room for two records of 24 bytes at a time.
	for (;; calls++) {
		CHECK_OK(file_getdents(f, fake_user_memory(), 60, &done));
		if (done == 0)
			break;
		for (uint64_t i = 0; i < done; seen++) {
			struct linux_dirent64 *d = (void *)(fake_user_memory() + i);
			CHECK_EQ(d->d_reclen % 8, 0);
			CHECK_EQ(d->d_type, d->d_name[0] == '.' ? DT_DIR : DT_REG);
			CHECK(d->d_ino > 0);
			CHECK(strlen(d->d_name) <= 2);
			i += d->d_reclen;
		}
	}
	CHECK_EQ(seen, 11);
	CHECK_EQ(calls, 6);
	CHECK_OK(file_seek(f, 0, SEEK_SET, &at));
	CHECK_ERROR(file_getdents(f, fake_user_memory(), 20, &done), EINVAL);
	CHECK_ERROR(file_getdents(f, 4096, 100, &done), EFAULT);
	CHECK_OK(file_getdents(f, fake_user_memory(), 30, &done));
	CHECK_EQ(done, 24);
	file_put(f);
	struct file *regular = open_new("/f", O_RDONLY);
	CHECK_ERROR(file_getdents(regular, fake_user_memory(), 100, &done), ENOTDIR);
	file_put(regular);
	rig_end(1);
}

// ---- All files ---------------------------------------------------------------

TEST(there_is_a_limit_and_all_goes_on_after_it)
{
	static struct file *f[20000];
	unsigned n = 0;
	int error = 0;

	rig_begin();
	make_file("/f");
	while (n < 20000 && (error = do_open("/f", O_RDONLY, &f[n])) == 0)
		n++;
	CHECK_ERROR(error, ENFILE);
	CHECK(n >= 1024);
	CHECK_EQ(file_count(), n);
	file_put(f[--n]);
	CHECK_OK(try_open("/f", O_RDONLY));
	while (n > 0)
		file_put(f[--n]);
	rig_end(1);
}

TEST(shared_files_live_until_the_last_reference)
{
	char c;

	rig_begin();
	struct file *f = open_new("/f", O_RDWR);
	file_get(f);
	file_put(f);
	CHECK_EQ(do_write(f, "x", 1, -1), 1);
	CHECK_EQ(do_read(f, &c, 1, 0), 1);
	file_put(f);
	rig_end(1);
}
