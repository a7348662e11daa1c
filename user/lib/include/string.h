// SPDX-License-Identifier: MIT
/*
 * Strings and blocks of memory.
 */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);
void *memchr(const void *memory, int byte, size_t count);
void *memrchr(const void *memory, int byte, size_t count);
void *memmem(const void *memory, size_t count, const void *part, size_t length);
void *mempcpy(void *restrict to, const void *restrict from, size_t count);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t limit);
char *strcpy(char *restrict to, const char *restrict from);
char *strncpy(char *restrict to, const char *restrict from, size_t size);
char *stpcpy(char *restrict to, const char *restrict from);
char *strcat(char *restrict to, const char *restrict from);
char *strncat(char *restrict to, const char *restrict from, size_t limit);

// These two always end the string and return the length it would have had.
size_t strlcpy(char *restrict to, const char *restrict from, size_t size);
size_t strlcat(char *restrict to, const char *restrict from, size_t size);

int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
int strcoll(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strstr(const char *s, const char *part);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strpbrk(const char *s, const char *accept);
char *strtok(char *restrict s, const char *restrict delimiters);
char *strtok_r(char *restrict s, const char *restrict delimiters, char **restrict rest);
char *strsep(char **rest, const char *delimiters);

char *strdup(const char *s) __attribute__((malloc));
char *strndup(const char *s, size_t limit) __attribute__((malloc));

char *strerror(int error);
char *strsignal(int sig);
