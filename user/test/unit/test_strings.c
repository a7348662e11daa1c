// SPDX-License-Identifier: MIT
/*
 * Strings and memory against the host's: random contents of few letters, so
 * that matches happen, at every alignment.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "unit.h"

void *lib_memcpy(void *to, const void *from, size_t count);
void *lib_memmove(void *to, const void *from, size_t count);
void *lib_memset(void *to, int byte, size_t count);
int lib_memcmp(const void *a, const void *b, size_t count);
void *lib_memchr(const void *memory, int byte, size_t count);
void *lib_memrchr(const void *memory, int byte, size_t count);
void *lib_memmem(const void *memory, size_t count, const void *part, size_t length);
size_t lib_strlen(const char *s);
size_t lib_strnlen(const char *s, size_t limit);
char *lib_strcpy(char *to, const char *from);
char *lib_stpcpy(char *to, const char *from);
char *lib_strncpy(char *to, const char *from, size_t size);
char *lib_strcat(char *to, const char *from);
char *lib_strncat(char *to, const char *from, size_t limit);
size_t lib_strlcpy(char *to, const char *from, size_t size);
size_t lib_strlcat(char *to, const char *from, size_t size);
int lib_strcmp(const char *a, const char *b);
int lib_strncmp(const char *a, const char *b, size_t limit);
int lib_strcasecmp(const char *a, const char *b);
int lib_strncasecmp(const char *a, const char *b, size_t limit);
char *lib_strchr(const char *s, int c);
char *lib_strrchr(const char *s, int c);
char *lib_strchrnul(const char *s, int c);
char *lib_strstr(const char *s, const char *part);
size_t lib_strspn(const char *s, const char *accept);
size_t lib_strcspn(const char *s, const char *reject);
char *lib_strpbrk(const char *s, const char *accept);
char *lib_strtok_r(char *s, const char *delimiters, char **rest);
char *lib_strsep(char **rest, const char *delimiters);
char *lib_strdup(const char *s);
char *lib_strndup(const char *s, size_t limit);
char *lib_strerror(int error);
void lib_free(void *memory);

#define CTYPES(do)                                                                                        \
	do                                                                                                \
	(isalnum) do(isalpha) do(isascii) do(isblank) do(iscntrl) do(isdigit) do(isgraph) do(islower) do( \
		isprint) do(ispunct) do(isspace) do(isupper) do(isxdigit) do(tolower) do(toupper)
#define DECLARE(name) int lib_##name(int c);
CTYPES(DECLARE)

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

/*
 * A string of exactly its own memory, so that the sanitizer sees a byte too far.
 */
static char *
random_string(size_t longest)
{
	size_t length = unit_below(longest + 1);
	char *s = malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		s[i] = "abcABC\xff"[unit_below(7)];
	s[length] = '\0';
	return s;
}

static void
test_moves(void)
{
	enum { SIZE = 200 };

	for (int i = 0; i < 20000; i++) {
		unsigned char got[SIZE], want[SIZE];
		size_t from = unit_below(100), to = unit_below(100), count = unit_below(100);

		for (int j = 0; j < SIZE; j++)
			got[j] = want[j] = (unsigned char)unit_random();
		CHECK(lib_memmove(got + to, got + from, count) == got + to);
		memmove(want + to, want + from, count);
		CHECK(memcmp(got, want, SIZE) == 0);
		CHECK(lib_memset(got + to, i, count) == got + to);
		memset(want + to, i, count);
		CHECK(memcmp(got, want, SIZE) == 0);
		from = unit_below(50);
		count = unit_below(50);
		to = 100 + unit_below(50);
		CHECK(lib_memcpy(got + to, got + from, count) == got + to);
		memcpy(want + to, want + from, count);
		CHECK(memcmp(got, want, SIZE) == 0);
	}
}

static void
test_memory(const char *a, const char *b)
{
	size_t a_size = strlen(a), b_size = strlen(b);
	size_t least = a_size < b_size ? a_size : b_size;

	CHECK(sign(lib_memcmp(a, b, least)) == sign(memcmp(a, b, least)));
	for (const char *c = "aC\xff?"; *c != '\0'; c++) {
		CHECK(lib_memchr(a, *c, a_size) == memchr(a, *c, a_size));
		CHECK(lib_memrchr(a, *c, a_size) == memrchr(a, *c, a_size));
		CHECK(lib_strchr(a, *c) == strchr(a, *c));
		CHECK(lib_strrchr(a, *c) == strrchr(a, *c));
		CHECK(lib_strchrnul(a, *c) == strchrnul(a, *c));
	}
	CHECK(lib_strchr(a, 0) == a + a_size);
	CHECK(lib_strrchr(a, 0) == a + a_size);
	CHECK(lib_memmem(a, a_size, b, b_size) == memmem(a, a_size, b, b_size));
}

static void
test_compares(const char *a, const char *b)
{
	size_t limit = unit_below(8);

	CHECK(sign(lib_strcmp(a, b)) == sign(strcmp(a, b)));
	CHECK(sign(lib_strncmp(a, b, limit)) == sign(strncmp(a, b, limit)));
	CHECK(sign(lib_strcasecmp(a, b)) == sign(strcasecmp(a, b)));
	CHECK(sign(lib_strncasecmp(a, b, limit)) == sign(strncasecmp(a, b, limit)));
	CHECK(lib_strstr(a, b) == strstr(a, b));
	CHECK(lib_strspn(a, b) == strspn(a, b));
	CHECK(lib_strcspn(a, b) == strcspn(a, b));
	CHECK(lib_strpbrk(a, b) == strpbrk(a, b));
	CHECK(lib_strlen(a) == strlen(a));
	CHECK(lib_strnlen(a, limit) == strnlen(a, limit));
}

static void
test_copies(const char *a, const char *b)
{
	size_t size = strlen(a) + strlen(b) + 1;
	size_t limit = unit_below(10);
	char *got = malloc(size + 10), *want = malloc(size + 10);

	CHECK(lib_strcpy(got, a) == got);
	CHECK(lib_strcat(got, b) == got);
	strcpy(want, a);
	strcat(want, b);
	CHECK_TEXT(got, want, "strcpy and strcat");
	CHECK(lib_stpcpy(got, a) == got + strlen(a));
	lib_strncat(got, b, limit);
	strcpy(want, a);
	strncat(want, b, limit);
	CHECK_TEXT(got, want, "strncat");
	memset(got, '~', size + 10);
	memset(want, '~', size + 10);
	lib_strncpy(got, a, limit);
	strncpy(want, a, limit);
	CHECK(memcmp(got, want, size + 10) == 0);
	CHECK(lib_strlcpy(got, a, limit) == strlen(a));
	if (limit > 0)
		CHECK(strlen(got) == (strlen(a) < limit ? strlen(a) : limit - 1));
	strcpy(got, a);
	CHECK(lib_strlcat(got, b, strlen(a) + 3) == strlen(a) + strlen(b));
	CHECK(strncmp(got, a, strlen(a)) == 0);
	CHECK(strlen(got) == strlen(a) + (strlen(b) < 2 ? strlen(b) : 2));
	free(got);
	free(want);
	got = lib_strdup(a);
	CHECK_TEXT(got, a, "strdup");
	lib_free(got);
	got = lib_strndup(a, limit);
	want = strndup(a, limit);
	CHECK_TEXT(got, want, "strndup");
	lib_free(got);
	free(want);
}

static void
test_splits(const char *a)
{
	char *mine = strdup(a), *other = strdup(a);
	char *my_rest, *other_rest;
	char *got = lib_strtok_r(mine, "aB", &my_rest);
	char *want = strtok_r(other, "aB", &other_rest);

	for (; got != NULL && want != NULL;
	     got = lib_strtok_r(NULL, "aB", &my_rest), want = strtok_r(NULL, "aB", &other_rest))
		CHECK_TEXT(got, want, "strtok of '%s'", a);
	CHECK(got == NULL && want == NULL);
	strcpy(mine, a);
	strcpy(other, a);
	my_rest = mine;
	other_rest = other;
	while ((got = lib_strsep(&my_rest, "c")), (want = strsep(&other_rest, "c")), got && want)
		CHECK_TEXT(got, want, "strsep of '%s'", a);
	CHECK(got == NULL && want == NULL);
	free(mine);
	free(other);
}

static void
test_ctype(void)
{
	for (int c = -1; c < 256; c++) {
#define SAME(name)              \
	if (c < 128 || c > 255) \
		CHECK((lib_##name(c) != 0) == (name(c) != 0));
		CTYPES(SAME)
		CHECK(lib_tolower(c) == tolower(c));
		CHECK(lib_toupper(c) == toupper(c));
	}
	CHECK(!lib_isalpha(0xe9) && !lib_isprint(0xe9) && !lib_isspace(0xa0) && !lib_isalpha(1000));
}

static void
test_errors(void)
{
	static const int known[] = { 0,  1,  2,  4,  9,  11, 12, 13, 17,
				     20, 21, 22, 24, 28, 32, 36, 38, 39 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		CHECK_TEXT(lib_strerror(known[i]), strerror(known[i]), "error %d", known[i]);
	CHECK_TEXT(lib_strerror(4000), "Unknown error 4000", "unknown error");
}

int
main(void)
{
	test_moves();
	for (int i = 0; i < 20000; i++) {
		char *a = random_string(24), *b = random_string(i % 3 == 0 ? 24 : 3);

		test_memory(a, b);
		test_compares(a, b);
		test_copies(a, b);
		test_splits(a);
		free(a);
		free(b);
	}
	test_ctype();
	test_errors();
	return unit_end(500000);
}
