// SPDX-License-Identifier: MIT
/*
 * What every program in bin/ does alike: options, usage, the end.
 *
 * A usage text is a line or more without "usage: ", such as "cat [file ...]".
 * Options -h, unless it means something else, and --help print it and succeed;
 * wrong ones print it to standard error and exit with status 2.
 */
#pragma once

// As getopt(), which never returns '?'.
int tool_option(int argc, char **argv, const char *options, const char *usage);

// Print the usage to standard error and exit with status 2.
_Noreturn void tool_usage(const char *usage);

// Write what is still in standard output's buffer and exit: with the status,
// or with 1 and a complaint if anything could not be written.
_Noreturn void tool_exit(int status);

// Copy what can be read from one descriptor to another.  Return 0; or complain
// and return -1 if reading failed, -2 if writing did.  The names are for the
// complaint.
int tool_copy(int from, const char *from_name, int to, const char *to_name);

// A number that is all of text and lies within the bounds; else complain about
// what it is ("line count") and exit with status 2.
long tool_number(const char *text, const char *what, long low, long high);

// The file's name in a path: what follows the last slash that does not end it.
const char *tool_basename(const char *path);

// The names in a folder, sorted, without . and .., as an array in memory that ends
// with NULL, for tool_free_names(); or NULL with errno set.
char **tool_names(const char *folder);
void tool_free_names(char **names);

// folder/name in memory for free(); ends the program if there is none.
char *tool_join(const char *folder, const char *name);

// A size as 1023, 1.5K, 12M ...; text has room for 8 characters.
const char *tool_human_size(char *text, unsigned long size);

// "drwxr-xr-x": 10 characters and a null byte.
const char *tool_mode_text(char *text, unsigned int mode);

// The kill command: complains for itself and returns its status.
int tool_kill(int argc, char **argv);
