// SPDX-License-Identifier: MIT
/*
 * Translate (tr abc xyz), delete (-d) or squeeze (-s) characters.
 *
 * A set is characters, ranges a-z, escapes \n \t \\ \ooo and classes [:alpha:].
 * -c takes all that are not in the first set.  A second set shorter than the first
 * goes on with its last character.
 */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "tr [-cds] set1 [set2]"
#define BYTES 256

struct set {
	unsigned char bytes[4 * BYTES]; // in the order given, some perhaps twice
	int count;
};

static const struct {
	const char *name;
	int (*is)(int c);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
	{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
	{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

static void
add(struct set *set, unsigned int byte)
{
	if (set->count == sizeof(set->bytes))
		errx(2, "set too long");
	set->bytes[set->count++] = (unsigned char)byte;
}

/*
 * Add the class that *text begins with, "[:name:]", and move behind it; return
 * false if it is none.
 */
static bool
add_class(struct set *set, const char **text)
{
	const char *name = *text + 2;
	const char *end = strstr(*text, ":]");

	if (strncmp(*text, "[:", 2) != 0 || end == NULL)
		return false;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		size_t length = strlen(classes[i].name);

		if ((size_t)(end - name) != length || strncmp(name, classes[i].name, length) != 0)
			continue;
		for (int c = 0; c < BYTES; c++) {
			if (classes[i].is(c))
				add(set, (unsigned int)c);
		}
		*text = end + 2;
		return true;
	}
	errx(2, "unknown class '%.*s'", (int)(end - name), name);
}

/*
 * One character, perhaps escaped.
 */
static unsigned int
take_byte(const char **text)
{
	static const char letters[] = "abfnrtv\\";
	static const char values[] = "\a\b\f\n\r\t\v\\";
	const char *p = *text;
	const char *letter;
	unsigned int byte = 0;

	if (*p != '\\' || p[1] == '\0') {
		*text = p + 1;
		return (unsigned char)*p;
	}
	p++;
	letter = strchr(letters, *p);
	if (letter != NULL) {
		*text = p + 1;
		return (unsigned char)values[letter - letters];
	}
	if (*p < '0' || *p > '7') {
		*text = p + 1;
		return (unsigned char)*p;
	}
	for (int i = 0; i < 3 && *p >= '0' && *p <= '7'; i++)
		byte = byte * 8 + (unsigned int)(*p++ - '0');
	*text = p;
	return byte & 0xff;
}

static void
parse(struct set *set, const char *text)
{
	set->count = 0;
	while (*text != '\0') {
		unsigned int first;
		unsigned int last;

		if (add_class(set, &text))
			continue;
		first = last = take_byte(&text);
		if (*text == '-' && text[1] != '\0') {
			text++;
			last = take_byte(&text);
		}
		if (last < first)
			errx(2, "the range %c-%c is backwards", (int)first, (int)last);
		for (; first <= last; first++)
			add(set, first);
	}
}

static void
complement(struct set *set)
{
	bool in[BYTES] = { false };

	for (int i = 0; i < set->count; i++)
		in[set->bytes[i]] = true;
	set->count = 0;
	for (unsigned int c = 0; c < BYTES; c++) {
		if (!in[c])
			add(set, c);
	}
}

/*
 * What becomes of each byte.
 */
struct table {
	unsigned char map[BYTES];
	bool delete[BYTES];
	bool squeeze[BYTES];
};

static void
mark(bool *table, const struct set *set)
{
	for (int i = 0; i < set->count; i++)
		table[set->bytes[i]] = true;
}

static void
make_map(struct table *t, const struct set *from, const struct set *to)
{
	for (int i = 0; i < from->count; i++)
		t->map[from->bytes[i]] = to->bytes[i < to->count ? i : to->count - 1];
}

static int
translate(const struct table *t)
{
	int last = EOF;
	int c;

	while (!ferror(stdout) && (c = getchar()) != EOF) {
		if (t->delete[c])
			continue;
		c = t->map[c];
		if (c == last && t->squeeze[c])
			continue;
		putchar(c);
		last = c;
	}
	if (ferror(stdin)) {
		warn("standard input");
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static struct set first, second;
	static struct table t;
	bool invert = false, delete = false, squeeze = false;
	int option;

	while ((option = tool_option(argc, argv, "cCds", USAGE)) != -1) {
		invert |= option == 'c' || option == 'C';
		delete |= option == 'd';
		squeeze |= option == 's';
	}
	int sets = argc - optind;
	int least = delete == squeeze ? 2 : 1;
	int most = delete &&!squeeze ? 1 : 2;

	if (sets < least || sets > most)
		tool_usage(USAGE);
	parse(&first, argv[optind]);
	if (invert)
		complement(&first);
	if (sets == 2)
		parse(&second, argv[optind + 1]);
	for (int c = 0; c < BYTES; c++)
		t.map[c] = (unsigned char)c;
	if (delete)
		mark(t.delete, &first);
	else if (sets == 2 && second.count == 0)
		errx(2, "the second set is empty");
	else if (sets == 2)
		make_map(&t, &first, &second);
	if (squeeze)
		mark(t.squeeze, sets == 2 ? &second : &first);
	tool_exit(translate(&t));
}
