// SPDX-License-Identifier: MIT
/*
 * Arguments and environment of a new program (proc/args.h).
 *
 * The stack of a new program, from the top down (RISC-V psABI, "Process
 * initialisation"; System V ABI):
 *
 *	the path of the program, 16 random bytes
 *	strings
 *	auxiliary vector, NULL, envp, NULL, argv, argc  <- sp, aligned to 16
 */
#include "proc/args.h"

#include "abi/auxv.h"
#include "abi/errno.h"
#include "lib/math.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vm/usercopy.h"

#define STACK_ALIGN  16
#define RANDOM_BYTES 16
#define BATCH        32 // pointers written at a time

void
args_init(struct args *a)
{
	memset(a, 0, sizeof *a);
	a->prefix_start = ARGS_PREFIX_SIZE;
}

void
args_free(struct args *a)
{
	for (unsigned i = 0; i < a->pages; i++)
		page_put(a->page[i]);
	heap_free(a->prefix);
	args_init(a);
}

// ---- Collecting --------------------------------------------------------------

// The place for the next byte and how much room there is, in a new page if need
// be.
static int
next_room(struct args *a, char **to, uint64_t *room)
{
	uint64_t at = a->size % PAGE_SIZE;

	if (a->size == a->pages * PAGE_SIZE) {
		if (a->pages == ARGS_PAGES_MAX)
			return -E2BIG;
		struct page *page = page_alloc(0);
		if (page == NULL)
			return -ENOMEM;
		a->page[a->pages++] = page;
	}
	*to = (char *)page_to_virt(a->page[a->size / PAGE_SIZE]) + at;
	*room = PAGE_SIZE - at;
	return 0;
}

static void
count_string(struct args *a, bool environment, uint64_t size)
{
	if (environment) {
		a->envc++;
		return;
	}
	if (a->argc++ == 0)
		a->first_size = size;
}

int
args_add(struct args *a, bool environment, const char *string)
{
	uint64_t size = strlen(string) + 1;

	for (uint64_t done = 0; done < size;) {
		uint64_t room;
		char *to;
		int error = next_room(a, &to, &room);
		if (error != 0)
			return error;
		uint64_t n = MIN(room, size - done);
		memcpy(to, string + done, n);
		a->size += n;
		done += n;
	}
	count_string(a, environment, size);
	return 0;
}

static int
add_user_string(struct args *a, bool environment, uaddr_t from)
{
	uint64_t start = a->size;

	for (;;) {
		uint64_t room;
		char *to;
		int error = next_room(a, &to, &room);
		if (error != 0)
			return error;
		int64_t length = copy_in_string(to, from, room);
		if (length >= 0) {
			a->size += (uint64_t)length + 1;
			count_string(a, environment, a->size - start);
			return 0;
		}
		if (length != -ENAMETOOLONG)
			return (int)length;
		a->size += room;
		from += room;
		if (a->size - start >= ARGS_STRING_MAX)
			return -E2BIG;
	}
}

int
args_add_vector(struct args *a, bool environment, uaddr_t vector)
{
	uaddr_t string;

	if (vector == 0)
		return 0;
	for (unsigned i = 0;; i++) {
		if (i == ARGS_BYTES_MAX / sizeof string)
			return -E2BIG;
		int error = copy_in(&string, vector + i * sizeof string, sizeof string);
		if (error != 0 || string == 0)
			return error;
		error = add_user_string(a, environment, string);
		if (error != 0)
			return error;
	}
}

int
args_complete(struct args *a)
{
	return a->argc == 0 ? args_add(a, false, "") : 0;
}

static int
prepend(struct args *a, const char *string)
{
	uint64_t size = strlen(string) + 1;

	if (size > a->prefix_start)
		return -E2BIG;
	a->prefix_start -= size;
	memcpy(a->prefix + a->prefix_start, string, size);
	a->prefix_count++;
	return 0;
}

int
args_add_interpreter(struct args *a, const char *script, const char *interpreter,
		     const char *argument)
{
	int error = 0;

	// A second interpreter's script is the first interpreter, which is there.
	if (a->prefix == NULL) {
		a->prefix = heap_alloc(ARGS_PREFIX_SIZE);
		if (a->prefix == NULL)
			return -ENOMEM;
		error = prepend(a, script);
	}
	if (error == 0 && argument != NULL)
		error = prepend(a, argument);
	return error != 0 ? error : prepend(a, interpreter);
}

// ---- Writing -----------------------------------------------------------------

// Bytes at the start of the pages that are not used: argv[0], if a script's
// interpreter stands in its place.
static uint64_t
skipped(const struct args *a)
{
	return a->prefix_count > 0 ? a->first_size : 0;
}

static uint64_t
prefix_size(const struct args *a)
{
	return ARGS_PREFIX_SIZE - a->prefix_start;
}

static uint64_t
strings_size(const struct args *a)
{
	return prefix_size(a) + a->size - skipped(a);
}

unsigned
args_argc(const struct args *a)
{
	return a->prefix_count > 0 ? a->prefix_count + a->argc - 1 : a->argc;
}

// The i-th byte of all strings.
static char
byte_at(const struct args *a, uint64_t i)
{
	if (i < prefix_size(a))
		return a->prefix[a->prefix_start + i];
	i += skipped(a) - prefix_size(a);
	return ((char *)page_to_virt(a->page[i / PAGE_SIZE]))[i % PAGE_SIZE];
}

static int
write_strings(const struct args *a, uaddr_t at)
{
	int error = 0;

	if (a->prefix != NULL)
		error = copy_out(at, a->prefix + a->prefix_start, prefix_size(a));
	at += prefix_size(a);
	for (uint64_t i = skipped(a); i < a->size && error == 0;) {
		uint64_t n = MIN(PAGE_SIZE - i % PAGE_SIZE, a->size - i);
		const char *from = page_to_virt(a->page[i / PAGE_SIZE]);
		error = copy_out(at, from + i % PAGE_SIZE, n);
		at += n;
		i += n;
	}
	return error;
}

// Words that go to ascending user addresses, in batches.
struct words {
	uaddr_t to;
	uint64_t word[BATCH];
	unsigned count;
	int error;
};

static void
words_flush(struct words *w)
{
	if (w->error == 0)
		w->error = copy_out(w->to, w->word, w->count * sizeof w->word[0]);
	w->to += w->count * sizeof w->word[0];
	w->count = 0;
}

static void
words_put(struct words *w, uint64_t word)
{
	w->word[w->count++] = word;
	if (w->count == BATCH)
		words_flush(w);
}

// Pointers to count strings from byte *i on of those at address strings.
static void
put_pointers(struct words *w, const struct args *a, uaddr_t strings, uint64_t *i, unsigned count)
{
	while (count-- > 0) {
		words_put(w, strings + *i);
		while (byte_at(a, *i) != '\0')
			++*i;
		++*i;
	}
	words_put(w, 0);
}

static int
write_vectors(const struct args *a, uaddr_t sp, uaddr_t strings, const struct args_aux *aux,
	      unsigned aux_count)
{
	struct words w = { .to = sp };
	uint64_t i = 0;

	words_put(&w, args_argc(a));
	put_pointers(&w, a, strings, &i, args_argc(a));
	put_pointers(&w, a, strings, &i, a->envc);
	for (unsigned j = 0; j < aux_count; j++) {
		words_put(&w, aux[j].type);
		words_put(&w, aux[j].value);
	}
	words_put(&w, AT_NULL);
	words_put(&w, 0);
	words_flush(&w);
	return w.error;
}

static void
set_aux(struct args_aux *aux, unsigned count, uint64_t type, uint64_t value)
{
	for (unsigned i = 0; i < count; i++)
		if (aux[i].type == type)
			aux[i].value = value;
}

int
args_write_stack(const struct args *a, uaddr_t top, const char *path, struct args_aux *aux,
		 unsigned aux_count, uaddr_t *sp)
{
	uint64_t path_size = strlen(path) + 1;
	uint8_t seed[RANDOM_BYTES];

	// argc, two ends of vectors, the pointers, and the pairs with their end.
	uint64_t words = 3 + args_argc(a) + a->envc + 2 * ((uint64_t)aux_count + 1);
	if (strings_size(a) + words * sizeof(uint64_t) > ARGS_BYTES_MAX)
		return -E2BIG;
	uaddr_t path_at = top - path_size;
	uaddr_t random_at = align_down(path_at - RANDOM_BYTES, STACK_ALIGN);
	uaddr_t strings = random_at - strings_size(a);
	*sp = align_down(strings - words * sizeof(uint64_t), STACK_ALIGN);
	set_aux(aux, aux_count, AT_EXECFN, path_at);
	set_aux(aux, aux_count, AT_RANDOM, random_at);

	random_bytes(seed, sizeof seed);
	int error = copy_out(path_at, path, path_size);
	if (error == 0)
		error = copy_out(random_at, seed, sizeof seed);
	if (error == 0)
		error = write_strings(a, strings);
	return error != 0 ? error : write_vectors(a, *sp, strings, aux, aux_count);
}

char *
args_copy_argv(const struct args *a, size_t max, size_t *size)
{
	size_t n = 0;

	for (unsigned left = args_argc(a); left > 0 && n < max; n++)
		left -= byte_at(a, n) == '\0';
	char *copy = heap_alloc(n);
	if (copy == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		copy[i] = byte_at(a, i);
	*size = n;
	return copy;
}
