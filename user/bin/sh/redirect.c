// SPDX-License-Identifier: MIT
/*
 * Redirections.
 *
 * Old descriptors are kept as copies from FIRST_OWN on, in a list with the
 * newest first.  Whatever belongs to the shell itself is closed on exec, what
 * belongs to the user never is: so a flag tells them apart, and the user can't
 * redirect a descriptor of the shell's.
 */
#include "redirect.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expand.h"
#include "shell.h"

#define FIRST_OWN 10

struct kept {
	struct kept *next;
	int fd;
	int copy; // -1: it was closed
};

static struct kept *kept;
static int kept_count;

int
redirect_move_up(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN);

	if (copy < 0)
		shell_fail(STATUS_ERROR, "descriptor %d: %s", fd, strerror(errno));
	close(fd);
	return copy;
}

static bool
is_own(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && (flags & FD_CLOEXEC);
}

static bool
complain(const char *what)
{
	shell_warn("%s: %s", what, strerror(errno));
	return false;
}

static bool
keep(int fd, const char *what)
{
	struct kept *k = malloc(sizeof(*k));

	if (k == NULL)
		return complain(what);
	k->fd = fd;
	k->copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN);
	if (k->copy < 0 && errno != EBADF) {
		free(k);
		return complain(what);
	}
	k->next = kept;
	kept = k;
	kept_count++;
	return true;
}

int
redirect_mark(void)
{
	return kept_count;
}

void
redirect_restore(int mark)
{
	while (kept_count > mark) {
		struct kept *k = kept;

		if (k->copy >= 0) {
			dup2(k->copy, k->fd);
			close(k->copy);
		} else {
			close(k->fd);
		}
		kept = k->next;
		kept_count--;
		free(k);
	}
}

static bool
copy_descriptor(const struct redirect *r, const char *target)
{
	char *end;
	long from = strtol(target, &end, 10);

	if (strcmp(target, "-") == 0) {
		close(r->fd);
		return true;
	}
	if (!isdigit((unsigned char)*target) || *end != '\0') {
		shell_warn("%s: is not a descriptor", target);
		return false;
	}
	if (from > INT_MAX || is_own((int)from)) {
		errno = EBADF;
		return complain(target);
	}
	return dup2((int)from, r->fd) >= 0 || complain(target);
}

static int
open_flags(enum redirect_kind kind)
{
	switch (kind) {
	case REDIRECT_WRITE:
		return O_WRONLY | O_CREAT | O_TRUNC;
	case REDIRECT_APPEND:
		return O_WRONLY | O_CREAT | O_APPEND;
	case REDIRECT_READ_WRITE:
		return O_RDWR | O_CREAT;
	default:
		return O_RDONLY;
	}
}

static bool
apply_one(const struct redirect *r, const char *target, bool keep_old)
{
	int fd;

	if (is_own(r->fd)) {
		shell_warn("descriptor %d is the shell's own", r->fd);
		return false;
	}
	if (keep_old && !keep(r->fd, target))
		return false;
	if (r->kind == REDIRECT_COPY)
		return copy_descriptor(r, target);
	fd = open(target, open_flags(r->kind), 0666);
	if (fd < 0)
		return complain(target);
	if (fd == r->fd)
		return true;
	if (dup2(fd, r->fd) < 0) {
		close(fd);
		return complain(target);
	}
	close(fd);
	return true;
}

/*
 * Words are expanded before anything changes, since an error there gives the
 * command up.
 */
bool
redirect_apply(const struct redirect *list, bool keep_old)
{
	const char **targets;
	int count = 0;

	for (const struct redirect *r = list; r != NULL; r = r->next)
		count++;
	targets = arena_alloc(&sh.arena, (size_t)count * sizeof(*targets));
	count = 0;
	for (const struct redirect *r = list; r != NULL; r = r->next)
		targets[count++] = expand_string(r->target);
	count = 0;
	for (const struct redirect *r = list; r != NULL; r = r->next) {
		if (!apply_one(r, targets[count++], keep_old))
			return false;
	}
	return true;
}
