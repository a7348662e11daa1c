// SPDX-License-Identifier: MIT
/*
 * Sizes and modes as ls and its kin print them.
 */
#include <tool.h>

#include <stdio.h>
#include <sys/stat.h>

#define TEXT_SIZE 8

/*
 * Rounded up, so that nothing looks smaller than it is.
 */
const char *
tool_human_size(char *text, unsigned long size)
{
	const char *unit = "KMGTPE";
	unsigned long scale = 1024;
	unsigned long tenths;

	if (size < scale) {
		snprintf(text, TEXT_SIZE, "%lu", size);
		return text;
	}
	while (unit[1] != '\0' && (size - 1) / scale + 1 >= 1024) {
		scale *= 1024;
		unit++;
	}
	tenths = size / scale * 10 + (size % scale * 10 + scale - 1) / scale;
	if (tenths < 100)
		snprintf(text, TEXT_SIZE, "%lu.%lu%c", tenths / 10, tenths % 10, *unit);
	else
		snprintf(text, TEXT_SIZE, "%lu%c", (size - 1) / scale + 1, *unit);
	return text;
}

static char
kind_letter(unsigned int mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '-';
	}
}

const char *
tool_mode_text(char *text, unsigned int mode)
{
	text[0] = kind_letter(mode);
	for (int i = 0; i < 9; i++)
		text[1 + i] = mode & (0400U >> i) ? "rwx"[i % 3] : '-';
	if (mode & S_ISUID)
		text[3] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & S_IXOTH ? 't' : 'T';
	text[10] = '\0';
	return text;
}
