// SPDX-License-Identifier: MIT
/*
 * Where commands are read from, and the prompt before each line.
 */
#include "input.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell.h"
#include "vars.h"

void
input_from_string(struct input *in, const char *text)
{
	*in = (struct input){ .text = text, .fd = -1, .line = 1, .at_start = true };
}

void
input_from_file(struct input *in, int fd, bool is_terminal, bool is_shared)
{
	*in = (struct input){
		.fd = fd,
		.chunk = is_shared && !is_terminal ? 1 : sizeof(in->buffer),
		.prompts = is_terminal,
		.line = 1,
		.at_start = true,
	};
}

static void
prompt(const struct input *in)
{
	const char *text = vars_get(in->continued ? "PS2" : "PS1");

	if (text != NULL)
		fputs(text, stderr);
}

// A ^C between the last look at sh.interrupted and read() would be noticed only
// after the next line.  So while `reading` its handler comes back here.
static volatile sig_atomic_t reading;
static jmp_buf before_read;

void
input_interrupted(void)
{
	if (reading)
		longjmp(before_read, 1);
}

static ssize_t
read_interruptible(struct input *in)
{
	sigset_t set;

	if (setjmp(before_read) != 0) {
		reading = 0;
		sigemptyset(&set);
		sigaddset(&set, SIGINT);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		errno = EINTR;
		return -1;
	}
	reading = 1;
	ssize_t count = -1;
	errno = EINTR;
	if (!sh.interrupted)
		count = read(in->fd, in->buffer, in->chunk);
	reading = 0;
	return count;
}

/*
 * Return false at the end.
 */
static bool
fill(struct input *in)
{
	ssize_t count;

	while ((count = read_interruptible(in)) < 0) {
		if (errno != EINTR)
			shell_fail(STATUS_ERROR, "cannot read commands: %s", strerror(errno));
		if (sh.interrupted)
			shell_interrupt();
	}
	in->next = 0;
	in->end = (size_t)count;
	return count > 0;
}

int
input_get(struct input *in)
{
	int c;

	if (in->pushed_count > 0) {
		c = (unsigned char)in->pushed[--in->pushed_count];
	} else if (in->text != NULL) {
		c = *in->text == '\0' ? INPUT_END : (unsigned char)*in->text++;
	} else {
		if (in->at_start && in->prompts && in->next == in->end)
			prompt(in);
		if (in->next == in->end && !fill(in))
			return INPUT_END;
		c = (unsigned char)in->buffer[in->next++];
	}
	in->at_start = c == '\n';
	if (c == '\n')
		in->line++;
	return c;
}

void
input_unget(struct input *in, int c)
{
	if (c == INPUT_END)
		return;
	if (c == '\n')
		in->line--;
	in->at_start = false;
	in->pushed[in->pushed_count++] = (char)c;
}
