// SPDX-License-Identifier: MIT
/*
 * getopt() (POSIX.1-2017).
 *
 * The next option letter is argv[optind][place]; place 0 means that the argument
 * has not been looked at.  Setting optind to 1 starts again.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../start/start.h"

char *optarg;
int optind = 1;
int opterr = 1;
int optopt;

static int
bad_option(const char *options, const char *what, int result)
{
	if (opterr && *options != ':')
		fprintf(stderr, "%s: %s -- '%c'\n", __progname, what, optopt);
	return *options == ':' ? result : '?';
}

int
getopt(int argc, char *const argv[], const char *options)
{
	static int place;
	static int place_of; // the optind that place belongs to
	const char *argument;
	const char *option;

	if (place_of != optind)
		place = 0;
	place_of = optind;
	optarg = NULL;
	if (optind >= argc || argv[optind] == NULL)
		return -1;
	argument = argv[optind];
	if (place == 0) {
		if (argument[0] != '-' || argument[1] == '\0')
			return -1;
		if (strcmp(argument, "--") == 0) {
			optind++;
			return -1;
		}
		place = 1;
	}
	optopt = (unsigned char)argument[place++];
	option = optopt == ':' ? NULL : strchr(options, optopt);
	if (argument[place] == '\0') {
		place = 0;
		optind++;
	}
	if (option == NULL)
		return bad_option(options, "invalid option", '?');
	if (option[1] == ':') {
		if (place != 0) {
			optarg = argv[optind++] + place;
			place = 0;
		} else if (optind < argc) {
			optarg = argv[optind++];
		} else {
			return bad_option(options, "option requires an argument", ':');
		}
	}
	return optopt;
}
