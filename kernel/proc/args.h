// SPDX-License-Identifier: MIT
/*
 * Arguments and environment of a new program, kept in the kernel between the
 * old image and the new one.
 */
#pragma once

#include "arch/types.h"

struct page;

// All strings and the pointers to them (ARG_MAX is what POSIX promises), and
// one string (Linux's MAX_ARG_STRLEN).
#define ARGS_BYTES_MAX  (256 * 1024)
#define ARGS_STRING_MAX (128 * 1024)
#define ARGS_PAGES_MAX  (ARGS_BYTES_MAX / PAGE_SIZE)

// Room for what scripts put in place of argv[0].
#define ARGS_PREFIX_SIZE 8192

/*
 * The strings of argv and then of envp, each with its NUL, one after the other
 * over the pages.  A script's interpreter and its words come first, from the
 * end of `prefix`, and take the place of argv[0].
 */
struct args {
	struct page *page[ARGS_PAGES_MAX];
	unsigned pages;
	uint64_t size; // bytes of strings in the pages
	unsigned argc; // strings of argv in the pages
	unsigned envc;
	uint64_t first_size; // of argv[0], with its NUL
	char *prefix;        // ARGS_PREFIX_SIZE bytes, or NULL
	uint64_t prefix_start;
	unsigned prefix_count;
};

// Make a empty.
void args_init(struct args *a);
void args_free(struct args *a);

// Add a string of the kernel's, or all strings of a vector of the program's (0:
// none).  argv first, then the environment.  -E2BIG, -EFAULT, -ENOMEM.
int args_add(struct args *a, bool environment, const char *string);
int args_add_vector(struct args *a, bool environment, uaddr_t vector);

// A program needs at least a name: argv of no strings gets an empty one (as
// Linux does).  Before the environment is added.
int args_complete(struct args *a);

// The file that was to be executed, script, has the first line "#! interpreter
// [argument]".  -E2BIG, -ENOMEM.
int args_add_interpreter(struct args *a, const char *script, const char *interpreter,
			 const char *argument);

// Strings of the new argv.
unsigned args_argc(const struct args *a);

// Write strings, vectors and the auxiliary vector (pairs, without AT_NULL's
// end) below top in the current address space; *sp gets the new program's
// stack pointer.  execfn and random, if not NULL, get what AT_EXECFN and
// AT_RANDOM shall be.  -E2BIG, -EFAULT.
struct args_aux {
	uint64_t type;
	uint64_t value;
};
int args_write_stack(const struct args *a, uaddr_t top, const char *path, struct args_aux *aux,
		     unsigned aux_count, uaddr_t *sp);

// A copy of argv's strings for /proc, at most max bytes; NULL: out of memory.
char *args_copy_argv(const struct args *a, size_t max, size_t *size);
