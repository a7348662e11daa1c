// SPDX-License-Identifier: MIT
// The image's file.  See output.h.
#include "output.h"

#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The one file being written.  A signal's handler reads temporary, so it is
// set last and cleared first.
static struct {
	const char *path;
	char *buffer;
	char *volatile temporary; // its name while there is something to remove
	int fd;
} out;

static void
output_abandon(void)
{
	if (out.temporary)
		unlink(out.temporary);
}

static void
stopped_by_signal(int number)
{
	output_abandon();
	signal(number, SIG_DFL);
	raise(number);
}

void
output_begin(const char *path, uint64_t size)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGXFSZ };
	struct stat st;
	mode_t mask = umask(0);

	umask(mask);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		fail("%s: is not a regular file", path);
	out.path = path;
	if (asprintf(&out.buffer, "%s.XXXXXX", path) < 0)
		fail("out of memory");
	atexit(output_abandon);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], stopped_by_signal);
	out.fd = mkstemp(out.buffer);
	if (out.fd < 0)
		fail("%s: %s", path, strerror(errno));
	out.temporary = out.buffer;
	if (fchmod(out.fd, 0666 & ~mask) < 0 || ftruncate(out.fd, (off_t)size) < 0)
		fail("%s: %s", path, strerror(errno));
}

void
output_write(uint64_t offset, const void *data, size_t length)
{
	const char *p = data;

	while (length) {
		ssize_t n = pwrite(out.fd, p, length, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail("%s: %s", out.path, strerror(errno));
		p += n;
		offset += (uint64_t)n;
		length -= (size_t)n;
	}
}

void
output_commit(void)
{
	if (close(out.fd) < 0 || rename(out.temporary, out.path) < 0)
		fail("%s: %s", out.path, strerror(errno));
	out.temporary = NULL;
	free(out.buffer);
	out.buffer = NULL;
}
