// SPDX-License-Identifier: MIT
#include "fakes/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

static char folder[] = "/tmp/fawn-host-XXXXXX";
static int made;

static void
remove_folder(void)
{
	char text[64];

	snprintf(text, sizeof(text), "rm -rf %s", folder);
	if (system(text) != 0)
		fprintf(stderr, "%s: not removed\n", folder);
}

const char *
host_folder(void)
{
	if (!made) {
		CHECK(mkdtemp(folder) != NULL);
		made = 1;
		atexit(remove_folder);
	}
	return folder;
}

void
host_command(const char *format, ...)
{
	char command[1024], text[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "cd %s && { %s\n} >said 2>&1 || { cat said; false; }",
		 host_folder(), command);
	fflush(stdout);
	if (system(text) != 0)
		check_fail("host", 0, "%s", command);
}
