// SPDX-License-Identifier: MIT
/*
 * kill, as a program and as a part of the shell: there it works even if no
 * process can be started any more.
 */
#include <tool.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define USAGE_STATUS 2
#define USAGE        "kill [-SIGNAL | -s SIGNAL] pid ...\n       kill -l [number]"

/*
 * INT, SIGINT or 2; 0 only asks if the process is there.
 */
static int
parse_signal(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);
	int sig = signal_number(strncasecmp(name, "SIG", 3) == 0 ? name + 3 : name);

	if (end != name && *end == '\0' && number >= 0 && number <= _NSIG)
		return (int)number;
	if (sig != 0)
		return sig;
	warnx("unknown signal '%s'; kill -l lists them", name);
	return -1;
}

/*
 * A number above 128 is the status of a process that the signal ended.
 */
static int
list(const char *number)
{
	int sig;

	if (number != NULL) {
		sig = parse_signal(number);
		if (sig < 0)
			sig = atoi(number) & 127;
		if (signal_name(sig) == NULL) {
			warnx("unknown signal %s", number);
			return USAGE_STATUS;
		}
		puts(signal_name(sig));
		return 0;
	}
	for (sig = 1; signal_name(sig) != NULL; sig++)
		printf("%2d %-7s%s", sig, signal_name(sig), sig % 6 == 0 ? "\n" : " ");
	putchar('\n');
	return 0;
}

static int
send(const char *text, int sig)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (end == text || *end != '\0' || pid != (pid_t)pid) {
		warnx("'%s' is not a process id", text);
		return USAGE_STATUS;
	}
	if (kill((pid_t)pid, sig) < 0) {
		warn("%s", text);
		return 1;
	}
	return 0;
}

int
tool_kill(int argc, char **argv)
{
	int sig = SIGTERM;
	int status = 0;
	int first = 1;

	if (argc > 1 && strcmp(argv[1], "-l") == 0)
		return list(argv[2]);
	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		sig = parse_signal(argv[2]);
		first = 3;
	} else if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
		sig = strcmp(argv[1], "-h") == 0 ? -1 : parse_signal(argv[1] + 1);
		first = 2;
	}
	if (first < argc && strcmp(argv[first], "--") == 0)
		first++;
	if (sig < 0 || first >= argc) {
		fprintf(stderr, "usage: %s\n", USAGE);
		return USAGE_STATUS;
	}
	for (int i = first; i < argc; i++)
		status |= send(argv[i], sig);
	return status;
}
