// SPDX-License-Identifier: MIT
/*
 * Text that grows, and the lists of who can make some.
 *
 * The lists are made while the machine boots, by one hart, and only grow, so they
 * are read without a lock.
 */
#include "vfs/pseudo.h"

#include <stdarg.h>

#include "abi/errno.h"
#include "lib/math.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "vfs/pseudo_text.h"

#define TEXT_FIRST 1024
#define TEXT_MAX   (UINT64_C(4) << 20)

static struct pseudo_file *files;
static struct pseudo_process_file *process_files;
static int (*process_next)(int pid);
static int (*process_self)(void);

// Make room for n more bytes.
static bool
reserve(struct pseudo_text *t, size_t n)
{
	if (t->error != 0)
		return false;
	if (n <= t->room - t->length)
		return true;
	size_t room = MAX(MAX(t->room * 2, TEXT_FIRST), align_up(t->length + n, TEXT_FIRST));
	char *bytes = n <= TEXT_MAX && room <= TEXT_MAX ? heap_alloc(room) : NULL;
	if (bytes == NULL) {
		t->error = -ENOMEM;
		return false;
	}
	if (t->length > 0)
		memcpy(bytes, t->bytes, t->length);
	heap_free(t->bytes);
	t->bytes = bytes;
	t->room = room;
	return true;
}

void
pseudo_write(struct pseudo_text *t, const char *bytes, size_t n)
{
	if (!reserve(t, n))
		return;
	memcpy(t->bytes + t->length, bytes, n);
	t->length += n;
}

void
pseudo_printf(struct pseudo_text *t, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = format_string_va(NULL, 0, format, args);
	// One byte more, for the NUL.
	if (n > 0 && reserve(t, (size_t)n + 1)) {
		format_string_va(t->bytes + t->length, t->room - t->length, format, again);
		t->length += (size_t)n;
	}
	va_end(again);
	va_end(args);
}

void
pseudo_clear(struct pseudo_text *t)
{
	heap_free(t->bytes);
	*t = (struct pseudo_text){ 0 };
}

void
pseudo_register(struct pseudo_file *f)
{
	struct pseudo_file **end = &files;

	for (f->index = 0; *end != NULL; end = &(*end)->next)
		f->index++;
	__atomic_store_n(end, f, __ATOMIC_RELEASE);
}

void
pseudo_register_process(struct pseudo_process_file *f)
{
	struct pseudo_process_file **end = &process_files;

	for (f->index = 0; *end != NULL; end = &(*end)->next)
		f->index++;
	__atomic_store_n(end, f, __ATOMIC_RELEASE);
}

void
pseudo_set_processes(int (*next_pid)(int pid), int (*self_pid)(void))
{
	process_next = next_pid;
	process_self = self_pid;
}

struct pseudo_file *
pseudo_files(void)
{
	return __atomic_load_n(&files, __ATOMIC_ACQUIRE);
}

struct pseudo_process_file *
pseudo_process_files(void)
{
	return __atomic_load_n(&process_files, __ATOMIC_ACQUIRE);
}

int
pseudo_next_pid(int pid)
{
	return process_next != NULL ? process_next(pid) : 0;
}

int
pseudo_self_pid(void)
{
	return process_self != NULL ? process_self() : 0;
}
