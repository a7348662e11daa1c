// SPDX-License-Identifier: MIT
/*
 * The life of a buffered file: buffers, the list of open files, flushing.
 */
#include "file.h"

#include "../start/exit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct __file __stdin = { .fd = STDIN_FILENO, .flags = CAN_READ, .mode = -1 };
struct __file __stdout = { .fd = STDOUT_FILENO, .flags = CAN_WRITE, .mode = -1 };
struct __file __stderr = { .fd = STDERR_FILENO, .flags = CAN_WRITE, .mode = _IONBF };

FILE *const stdin = &__stdin;
FILE *const stdout = &__stdout;
FILE *const stderr = &__stderr;

static FILE *files; // registered ones

static void
flush_all(void)
{
	for (FILE *file = files; file != NULL; file = file->link)
		fflush(file);
}

/*
 * A file is registered twice if standard input, say, is closed and opened again.
 */
void
__file_register(FILE *file)
{
	__flush_all = flush_all;
	__file_forget(file);
	file->link = files;
	files = file;
}

void
__file_forget(FILE *file)
{
	for (FILE **link = &files; *link != NULL; link = &(*link)->link) {
		if (*link == file) {
			*link = file->link;
			return;
		}
	}
}

static void
use_buffer(FILE *file, unsigned char *memory, size_t size, unsigned int owned)
{
	if (file->flags & OWN_BUFFER)
		free(file->buffer - PUSHBACK);
	file->flags = (file->flags & ~(unsigned int)OWN_BUFFER) | owned;
	file->buffer = memory + PUSHBACK;
	file->size = size - PUSHBACK;
}

/*
 * The mode is found when the file is first used, since that takes a system
 * call.  Without memory a file goes without a buffer.
 */
static void
get_buffer(FILE *file)
{
	static unsigned char in[PUSHBACK + BUFSIZ];
	static unsigned char out[PUSHBACK + BUFSIZ];
	int error = errno;
	unsigned char *memory;

	if (file->mode < 0)
		file->mode = isatty(file->fd) ? _IOLBF : _IOFBF;
	if (file == &__stdin && file->mode != _IONBF)
		use_buffer(file, in, sizeof(in), 0);
	else if (file == &__stdout && file->mode != _IONBF)
		use_buffer(file, out, sizeof(out), 0);
	else if (file->mode != _IONBF && (memory = malloc(PUSHBACK + BUFSIZ)) != NULL)
		use_buffer(file, memory, PUSHBACK + BUFSIZ, OWN_BUFFER);
	else
		use_buffer(file, file->single, sizeof(file->single), 0);
	errno = error;
}

int
__file_begin(FILE *file, enum file_state state)
{
	unsigned int needed = state == READING ? CAN_READ : CAN_WRITE;

	if (file->state == state)
		return 0;
	if (!(file->flags & needed)) {
		file->flags |= FAILED;
		errno = EBADF;
		return EOF;
	}
	if (file->state != IDLE && fflush(file) == EOF)
		return EOF;
	if (file->buffer == NULL) {
		get_buffer(file);
		__file_register(file);
	}
	file->state = state;
	file->next = file->end = 0;
	return 0;
}

/*
 * Write what is in the buffer.  What could not be written is dropped: a second
 * attempt at exit would only fail again.
 */
int
__file_flush(FILE *file)
{
	const unsigned char *data = file->buffer;
	size_t left = (size_t)file->next;

	file->next = 0;
	while (left > 0) {
		ssize_t count = write(file->fd, data, left);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			file->flags |= FAILED;
			return EOF;
		}
		data += count;
		left -= (size_t)count;
	}
	return 0;
}

/*
 * The descriptor's offset moves to where the program has read to, if it can:
 * a program started next goes on from there.
 */
static int
give_back(FILE *file)
{
	off_t ahead = file->end - file->next;
	int error = errno;

	if (ahead > 0 && lseek(file->fd, -ahead, SEEK_CUR) < 0)
		errno = error;
	file->next = file->end = 0;
	file->state = IDLE;
	return 0;
}

int
fflush(FILE *file)
{
	int result = 0;

	if (file == NULL) {
		for (file = files; file != NULL; file = file->link)
			result |= file->state == WRITING ? fflush(file) : 0;
		return result;
	}
	switch (file->state) {
	case WRITING:
		result = __file_flush(file);
		file->state = IDLE;
		return result;
	case READING:
		return give_back(file);
	default:
		return 0;
	}
}

int
setvbuf(FILE *file, char *buffer, int mode, size_t size)
{
	if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF) {
		errno = EINVAL;
		return -1;
	}
	if (fflush(file) == EOF)
		return -1;
	file->mode = mode;
	if (mode == _IONBF)
		use_buffer(file, file->single, sizeof(file->single), 0);
	else if (buffer != NULL && size > PUSHBACK)
		use_buffer(file, (unsigned char *)buffer, size, 0);
	else
		return 0;
	__file_register(file);
	return 0;
}

void
setbuf(FILE *file, char *buffer)
{
	setvbuf(file, buffer, buffer == NULL ? _IONBF : _IOFBF, BUFSIZ);
}

void
setlinebuf(FILE *file)
{
	setvbuf(file, NULL, _IOLBF, 0);
}
