// SPDX-License-Identifier: MIT
/*
 * Pipes and FIFOs.
 */
// kernel: vfs/vnode.c vfs/vlock.c vfs/vnode_lock.c vfs/walk.c vfs/namecache.c
// kernel: vfs/dirops.c vfs/rename.c vfs/open.c vfs/attr.c vfs/file.c
// kernel: vfs/mount.c vfs/pipe.c vm/uio.c lock/rank.c lib/random.c
// kernel: sync/sleeplock.c sync/rwlock.c sync/mutex.c sync/condition.c sync/tlock.c
// fakes: threads.c memory_fs.c time.c heap.c page.c print.c usercopy.c
#include "rig.h"

#include "abi/ioctl.h"
#include "fakes/usercopy.h"
#include "mm/page.h"
#include "sched/thread.h"

#define SEEDS     60
#define PIPE_SIZE 65536

static struct file *r, *w;

static void
make_pipe(uint32_t flags)
{
	CHECK_OK(pipe_create(flags, &r, &w));
}

static void
close_pipe(void)
{
	file_put(r);
	file_put(w);
	CHECK_EQ(pipe_count(), 0);
	CHECK_EQ(fake_pages_used(), 0);
}

static uint8_t
byte_at(uint64_t i)
{
	return (uint8_t)(i ^ i >> 8 ^ i >> 16);
}

TEST(bytes_come_out_as_they_went_in)
{
	uint8_t in[3000], out[3000];
	uint64_t written = 0, read = 0;

	rig_begin();
	make_pipe(0);
	// All offsets in the ring, around its end many times.
	for (unsigned round = 0; round < 300; round++) {
		uint64_t n = 1 + fake_random(sizeof in);
		for (uint64_t i = 0; i < n; i++)
			in[i] = byte_at(written + i);
		CHECK_EQ(do_write(w, in, n, -1), n);
		written += n;
		while (written - read > 30000 || (written > read && fake_random(3) == 0)) {
			int64_t got = do_read(r, out, 1 + fake_random(sizeof out), -1);
			CHECK(got > 0);
			for (int64_t i = 0; i < got; i++)
				CHECK_EQ(out[i], byte_at(read + (uint64_t)i));
			read += (uint64_t)got;
		}
	}
	close_pipe();
	rig_end(1);
}

TEST(without_waiting)
{
	static uint8_t bytes[PIPE_SIZE + 1];
	int32_t *n = (void *)fake_user_memory();

	rig_begin();
	make_pipe(O_NONBLOCK);
	CHECK_ERROR(do_read(r, bytes, 1, -1), EAGAIN);
	CHECK_EQ(do_read(r, bytes, 0, -1), 0);
	CHECK_EQ(do_write(w, bytes, PIPE_SIZE + 1, -1), PIPE_SIZE);
	CHECK_ERROR(do_write(w, bytes, 1, -1), EAGAIN);
	CHECK_OK(file_ioctl(r, FIONREAD, fake_user_memory()));
	CHECK_EQ(*n, PIPE_SIZE);
	CHECK_ERROR(file_ioctl(r, FIONREAD, 4096), EFAULT);
	CHECK_ERROR(file_ioctl(r, 1, 0), ENOTTY);
	CHECK_EQ(do_read(r, bytes, 100, -1), 100);
	CHECK_ERROR(do_write(w, bytes, PIPE_BUF, -1), EAGAIN); // in one piece or not at all
	CHECK_EQ(do_write(w, bytes, PIPE_BUF + 1, -1), 100);
	CHECK_EQ(do_read(r, bytes, sizeof bytes, -1), PIPE_SIZE);
	CHECK_EQ(fake_pages_used(), 1); // an empty pipe is small
	close_pipe();
	rig_end(1);
}

TEST(the_end_of_the_other_side)
{
	char text[8];

	rig_begin();
	make_pipe(0);
	CHECK_EQ(do_write(w, "last", 4, -1), 4);
	file_get(w);
	file_put(w);
	file_put(w);
	CHECK_EQ(do_read(r, text, 8, -1), 4);
	CHECK_EQ(do_read(r, text, 8, -1), 0);
	file_put(r);
	make_pipe(0);
	file_put(r);
	CHECK_ERROR(do_write(w, "x", 1, -1), EPIPE);
	CHECK_EQ(do_write(w, "x", 0, -1), 0);
	file_put(w);
	CHECK_EQ(pipe_count(), 0);
	rig_end(1);
}

TEST(what_a_pipe_can_not)
{
	struct stat st;
	uint64_t at;
	char c;

	rig_begin();
	make_pipe(0);
	CHECK_ERROR(do_read(w, &c, 1, -1), EBADF);
	CHECK_ERROR(do_write(r, &c, 1, -1), EBADF);
	CHECK_ERROR(do_read(r, &c, 1, 0), ESPIPE);
	CHECK_ERROR(do_write(w, &c, 1, 0), ESPIPE);
	CHECK_ERROR(file_seek(r, 0, SEEK_CUR, &at), ESPIPE);
	CHECK_ERROR(file_truncate(w, 0), EINVAL);
	CHECK_ERROR(file_sync(w), EINVAL);
	CHECK_OK(file_stat(w, &st));
	CHECK_EQ(st.st_mode, S_IFIFO | 0600);
	close_pipe();
	rig_end(1);
}

TEST(without_memory)
{
	rig_begin();
	for (unsigned n = 1; n <= 3; n++) {
		fake_heap_fail(n);
		CHECK_ERROR(pipe_create(0, &r, &w), ENOMEM);
		fake_heap_fail(0);
		CHECK_EQ(pipe_count(), 0);
		CHECK_EQ(file_count(), 0);
	}
	make_pipe(0);
	fake_pages_fail_all(1);
	CHECK_ERROR(do_write(w, "x", 1, -1), ENOMEM);
	fake_pages_fail(0);
	CHECK_EQ(do_write(w, "x", 1, -1), 1);
	close_pipe();
	rig_end(1);
}

TEST(a_bad_buffer)
{
	struct uio_part part;
	struct uio uio;
	uint64_t done;
	char c;

	rig_begin();
	make_pipe(O_NONBLOCK);
	uio_init(&uio, &part, UIO_WRITE, UIO_USER, 4096, 10, 0);
	CHECK_ERROR(file_write(w, &uio, -1, &done), EFAULT);
	CHECK_ERROR(do_read(r, &c, 1, -1), EAGAIN);
	CHECK_EQ(do_write(w, "abc", 3, -1), 3);
	uio_init(&uio, &part, UIO_READ, UIO_USER, 4096, 10, 0);
	CHECK_ERROR(file_read(r, &uio, -1, &done), EFAULT);
	CHECK_EQ(do_read(r, &c, 1, -1), 1);
	CHECK_EQ(c, 'a');
	close_pipe();
	rig_end(1);
}

// ---- Several at once ---------------------------------------------------------

#define STREAM 300000

static void
write_stream(void *arg)
{
	static uint8_t bytes[20000];
	uint64_t at = 0;

	(void)arg;
	while (at < STREAM) {
		uint64_t n = 1 + fake_random(sizeof bytes);
		n = MIN(n, STREAM - at);
		for (uint64_t i = 0; i < n; i++)
			bytes[i] = byte_at(at + i);
		CHECK_EQ(do_write(w, bytes, n, -1), n);
		at += n;
	}
	file_put(w);
}

static void
stream(void)
{
	static uint8_t bytes[9000];
	uint64_t at = 0;
	int64_t n;

	rig_mount();
	make_pipe(0);
	fake_thread_run("writes", write_stream, NULL);
	while ((n = do_read(r, bytes, 1 + fake_random(sizeof bytes), -1)) > 0)
		for (int64_t i = 0; i < n; i++, at++)
			CHECK_EQ(bytes[i], byte_at(at));
	CHECK_EQ(n, 0);
	CHECK_EQ(at, STREAM);
	fake_threads_join();
	file_put(r);
	CHECK_EQ(pipe_count(), 0);
	rig_end(1);
}

TEST(a_stream_through_a_pipe)
{
	fake_for_seeds(20, stream);
}

#define RECORD  1000
#define RECORDS 60
#define WRITERS 4

static void
write_records(void *arg)
{
	uint8_t record[RECORD];

	memset(record, (int)(uint64_t)arg, sizeof record);
	for (unsigned i = 0; i < RECORDS; i++)
		CHECK_EQ(do_write(w, record, sizeof record, -1), RECORD);
	file_put(w);
}

static unsigned records_read;

static void
read_records(void *arg)
{
	uint8_t record[RECORD];
	int64_t n;

	(void)arg;
	while ((n = do_read(r, record, sizeof record, -1)) > 0) {
		CHECK_EQ(n, RECORD);
		for (unsigned i = 1; i < RECORD; i++)
			CHECK_EQ(record[i], record[0]);
		records_read++;
	}
	CHECK_EQ(n, 0);
	file_put(r);
}

static void
records(void)
{
	rig_mount();
	make_pipe(0);
	for (uint64_t i = 1; i <= WRITERS; i++) {
		file_get(w);
		fake_thread_run("writes", write_records, (void *)i);
	}
	file_put(w);
	for (unsigned i = 0; i < 3; i++) {
		file_get(r);
		fake_thread_run("reads", read_records, NULL);
	}
	file_put(r);
	fake_threads_join();
	CHECK_EQ(records_read, WRITERS * RECORDS);
	CHECK_EQ(pipe_count(), 0);
	rig_end(1);
}

TEST(short_writes_are_one_piece)
{
	fake_for_seeds(SEEDS, records);
}

static int64_t result;

static void
write_too_much(void *arg)
{
	static uint8_t bytes[PIPE_SIZE + 10];

	(void)arg;
	result = do_write(w, bytes, sizeof bytes, -1);
}

static void
reader_leaves(void)
{
	rig_mount();
	make_pipe(0);
	fake_thread_run("writes", write_too_much, NULL);
	fake_threads_wait(fake_random(2000000));
	file_put(r);
	fake_threads_join();
	// What went in before is told, or nothing did.
	CHECK(result == -EPIPE || (result > 0 && result <= PIPE_SIZE));
	CHECK_ERROR(do_write(w, "x", 1, -1), EPIPE);
	file_put(w);
	rig_end(1);
}

TEST(a_writer_learns_that_the_reader_left)
{
	fake_for_seeds(SEEDS, reader_leaves);
}

static struct thread *sleeper;

static void
read_one(void *arg)
{
	char c;

	(void)arg;
	sleeper = thread_current();
	result = do_read(r, &c, 1, -1);
}

static void
interrupt(void)
{
	rig_mount();
	make_pipe(0);
	fake_thread_run("reads", read_one, NULL);
	fake_threads_wait(1000000);
	thread_interrupt(sleeper);
	fake_threads_join();
	CHECK_ERROR(result, EINTR);
	// With a second reader, the byte is not lost between the two.
	fake_thread_run("reads", read_one, NULL);
	fake_threads_wait(1000000);
	CHECK_EQ(do_write(w, "x", 1, -1), 1);
	thread_interrupt(sleeper);
	fake_threads_join();
	char c;
	if (result == -EINTR)
		CHECK_EQ(do_read(r, &c, 1, -1), 1);
	else
		CHECK_EQ(result, 1);
	close_pipe();
	rig_end(1);
}

TEST(a_wait_can_be_interrupted)
{
	fake_for_seeds(SEEDS, interrupt);
}

// ---- FIFOs -------------------------------------------------------------------

static void
open_reader(void *arg)
{
	char text[8] = { 0 };
	struct file *f;

	(void)arg;
	CHECK_OK(do_open("/p", O_RDONLY, &f));
	CHECK_EQ(do_read(f, text, 8, -1), 5);
	CHECK_STRING(text, "hello");
	CHECK_EQ(do_read(f, text, 8, -1), 0);
	file_put(f);
}

static void
open_writer(void *arg)
{
	struct file *f;

	(void)arg;
	CHECK_OK(do_open("/p", O_WRONLY, &f));
	CHECK_EQ(do_write(f, "hello", 5, -1), 5);
	file_put(f);
}

static void
fifo(void)
{
	rig_mount();
	CHECK_OK(dirops_mknod(&rig, "/p", S_IFIFO | 0600, 0));
	for (unsigned i = 0; i < 3; i++) {
		fake_thread_run("reads", open_reader, NULL);
		fake_thread_run("writes", open_writer, NULL);
		fake_threads_join();
		CHECK_EQ(pipe_count(), 0);
	}
	rig_end(1);
}

TEST(a_fifo_brings_two_together)
{
	fake_for_seeds(SEEDS, fifo);
}

static void
open_and_close(void *arg)
{
	struct file *f;

	CHECK_OK(do_open("/p", arg != NULL ? O_WRONLY : O_RDONLY, &f));
	file_put(f);
}

static void
hasty(void)
{
	rig_mount();
	CHECK_OK(dirops_mknod(&rig, "/p", S_IFIFO | 0600, 0));
	fake_thread_run("reads", open_and_close, NULL);
	fake_thread_run("writes", open_and_close, &r);
	fake_threads_join();
	rig_end(1);
}

TEST(who_opens_a_fifo_and_leaves_at_once_is_not_missed)
{
	fake_for_seeds(5 * SEEDS, hasty);
}

TEST(fifos_without_waiting)
{
	struct file *f, *g;
	char c;

	rig_begin();
	CHECK_OK(dirops_mknod(&rig, "/p", S_IFIFO | 0600, 0));
	CHECK_ERROR(do_open("/p", O_WRONLY | O_NONBLOCK, &f), ENXIO);
	CHECK_EQ(pipe_count(), 0);
	CHECK_OK(do_open("/p", O_RDONLY | O_NONBLOCK, &f));
	CHECK_EQ(do_read(f, &c, 1, -1), 0); // nobody writes
	CHECK_OK(do_open("/p", O_WRONLY | O_NONBLOCK, &g));
	CHECK_ERROR(do_read(f, &c, 1, -1), EAGAIN);
	CHECK_EQ(do_write(g, "x", 1, -1), 1);
	CHECK_OK(do_unlink("/p"));
	CHECK_EQ(do_read(f, &c, 1, -1), 1);
	file_put(f);
	file_put(g);
	CHECK_OK(dirops_mknod(&rig, "/p", S_IFIFO | 0600, 0));
	CHECK_OK(do_open("/p", O_RDWR, &f)); // both sides: waits for nobody
	CHECK_EQ(do_write(f, "y", 1, -1), 1);
	CHECK_EQ(do_read(f, &c, 1, -1), 1);
	CHECK_EQ(c, 'y');
	file_put(f);
	rig_end(1);
}
