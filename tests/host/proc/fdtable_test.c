// SPDX-License-Identifier: MIT
// kernel: proc/fdtable.c lib/bitmap.c
// fakes: lock.c heap.c
/*
 * Descriptor tables: numbers, references, limits, and that nothing is lost when
 * memory runs out.
 */
#include "abi/errno.h"
#include "check.h"
#include "fakes/fake.h"
#include "lib/string.h"
#include "proc/fdtable.h"
#include "vfs/file.h"

// The files of vfs/file.c, as far as descriptors need them.
static struct file file[4];
static struct fdtable *t;

void
file_get(struct file *f)
{
	f->refs++;
}

void
file_put(struct file *f)
{
	CHECK_EQ(fake_locks_held(), 0); // a close may sleep
	CHECK(f->refs > 0);
	f->refs--;
}

static void
begin(void)
{
	for (unsigned i = 0; i < 4; i++)
		file[i].refs = 1;
	t = fdtable_alloc();
	CHECK(t != NULL);
}

static void
end(void)
{
	fdtable_put(t);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(file[i].refs, 1);
	CHECK_EQ(fake_heap_blocks(), 0);
	CHECK_EQ(fake_locks_held(), 0);
}

static int
open_file(struct file *f, int from, bool cloexec)
{
	int fd = fdtable_reserve(t, from);

	if (fd >= 0) {
		file_get(f);
		fdtable_install(t, fd, f, cloexec);
	}
	return fd;
}

TEST(the_lowest_free_number)
{
	begin();
	for (int i = 0; i < 200; i++)
		CHECK_EQ(open_file(&file[0], 0, false), i);
	CHECK_EQ(fdtable_close(t, 150), 0);
	CHECK_EQ(fdtable_close(t, 7), 0);
	CHECK_EQ(open_file(&file[0], 0, false), 7);
	CHECK_EQ(open_file(&file[0], 0, false), 150);
	CHECK_EQ(open_file(&file[0], 0, false), 200);
	CHECK_EQ(fdtable_count(t), 201);
	CHECK_EQ(file[0].refs, 202);
	end();
}

TEST(numbers_from_a_given_one_on)
{
	begin();
	CHECK_EQ(open_file(&file[0], 500, false), 500);
	CHECK_EQ(open_file(&file[0], 500, false), 501);
	CHECK_EQ(open_file(&file[0], FD_MAX - 1, false), FD_MAX - 1);
	CHECK_EQ(open_file(&file[0], FD_MAX - 1, false), -EMFILE);
	CHECK_EQ(fdtable_reserve(t, FD_MAX), -EINVAL);
	CHECK_EQ(fdtable_reserve(t, -1), -EINVAL);
	end();
}

TEST(the_limit)
{
	begin();
	for (int i = 0; i < FD_MAX; i++)
		CHECK_EQ(open_file(&file[i % 4], 0, false), i);
	CHECK_EQ(fdtable_reserve(t, 0), -EMFILE);
	CHECK_EQ(fdtable_close(t, 1000), 0);
	CHECK_EQ(open_file(&file[0], 3, false), 1000);
	end();
}

TEST(a_reserved_number_is_not_open)
{
	begin();
	int fd = fdtable_reserve(t, 0);
	CHECK_EQ(fd, 0);
	CHECK_EQ(fdtable_reserve(t, 0), 1);
	CHECK(fdtable_file(t, fd) == NULL);
	CHECK_EQ(fdtable_close(t, fd), -EBADF);
	CHECK_EQ(fdtable_get_cloexec(t, fd), -EBADF);
	CHECK_EQ(fdtable_set_cloexec(t, fd, true), -EBADF);
	CHECK_EQ(fdtable_replace(t, fd, &file[0], false), -EBUSY);
	CHECK_EQ(fdtable_count(t), 0);
	fdtable_unreserve(t, fd);
	CHECK_EQ(fdtable_reserve(t, 0), 0);
	end();
}

TEST(a_file_by_its_number)
{
	begin();
	int fd = open_file(&file[2], 0, false);
	struct file *f = fdtable_file(t, fd);
	CHECK_EQ(f, &file[2]);
	CHECK_EQ(f->refs, 3);
	file_put(f);
	CHECK(fdtable_file(t, -1) == NULL);
	CHECK(fdtable_file(t, fd + 1) == NULL);
	CHECK(fdtable_file(t, 1 << 20) == NULL);
	CHECK_EQ(fdtable_close(t, -1), -EBADF);
	CHECK_EQ(fdtable_close(t, 1 << 20), -EBADF);
	CHECK_EQ(fdtable_close(t, fd), 0);
	CHECK_EQ(fdtable_close(t, fd), -EBADF);
	end();
}

TEST(replacing)
{
	begin();
	CHECK_EQ(open_file(&file[0], 0, true), 0);
	file_get(&file[1]);
	CHECK_EQ(fdtable_replace(t, 0, &file[1], false), 0);
	CHECK_EQ(file[0].refs, 1);
	CHECK_EQ(fdtable_get_cloexec(t, 0), 0);
	file_get(&file[2]);
	CHECK_EQ(fdtable_replace(t, 900, &file[2], true), 0);
	CHECK_EQ(fdtable_get_cloexec(t, 900), 1);
	CHECK_EQ(fdtable_replace(t, FD_MAX, &file[3], false), -EBADF);
	CHECK_EQ(fdtable_replace(t, -1, &file[3], false), -EBADF);
	end();
}

TEST(close_on_exec)
{
	begin();
	for (int i = 0; i < 100; i++)
		open_file(&file[i % 4], 0, i % 3 == 0);
	CHECK_EQ(fdtable_set_cloexec(t, 1, true), 0);
	CHECK_EQ(fdtable_set_cloexec(t, 3, false), 0);
	CHECK_EQ(fdtable_get_cloexec(t, 1), 1);
	CHECK_EQ(fdtable_get_cloexec(t, 3), 0);
	fdtable_close_on_exec(t);
	CHECK_EQ(fdtable_count(t), 66);
	CHECK(fdtable_get_cloexec(t, 1) == -EBADF && fdtable_get_cloexec(t, 3) == 0);
	// A number that is used again has lost the mark.
	CHECK_EQ(open_file(&file[0], 0, false), 0);
	CHECK_EQ(fdtable_get_cloexec(t, 0), 0);
	end();
}

TEST(a_copy_has_what_is_open)
{
	begin();
	for (int i = 0; i < 300; i++)
		open_file(&file[i % 4], 0, i % 2 == 0);
	CHECK_EQ(fdtable_close(t, 17), 0);
	CHECK_EQ(fdtable_reserve(t, 17), 17);
	struct fdtable *copy = fdtable_copy(t);
	CHECK(copy != NULL);
	CHECK_EQ(fdtable_count(copy), 299);
	CHECK_EQ(fdtable_get_cloexec(copy, 298), 1);
	CHECK_EQ(fdtable_get_cloexec(copy, 299), 0);
	CHECK_EQ(fdtable_reserve(copy, 0), 17); // only the table's own is reserved
	CHECK_EQ(fdtable_close(copy, 0), 0);
	struct file *f = fdtable_file(t, 0);
	CHECK(f != NULL);
	file_put(f);
	fdtable_put(copy);
	end();
}

TEST(sharing)
{
	begin();
	CHECK(!fdtable_shared(t));
	fdtable_get(t);
	CHECK(fdtable_shared(t));
	open_file(&file[0], 0, false);
	fdtable_put(t);
	CHECK_EQ(file[0].refs, 2);
	end();
}

TEST(out_of_memory)
{
	begin();
	for (int i = 0; i < 64; i++)
		open_file(&file[0], 0, false);
	fake_heap_fail(1);
	CHECK_EQ(fdtable_reserve(t, 0), -ENOMEM);
	fake_heap_fail(1);
	CHECK_EQ(fdtable_replace(t, 100, &file[1], false), -ENOMEM);
	CHECK_EQ(file[1].refs, 1);
	CHECK_EQ(fdtable_count(t), 64);
	fake_heap_fail(1);
	CHECK(fdtable_copy(t) == NULL);
	fake_heap_fail(2);
	CHECK(fdtable_copy(t) == NULL);
	fake_heap_fail(1);
	CHECK(fdtable_alloc() == NULL);
	fake_heap_fail(2);
	CHECK(fdtable_alloc() == NULL);
	fake_heap_fail(0);
	CHECK_EQ(open_file(&file[0], 0, false), 64);
	end();
}
