// SPDX-License-Identifier: MIT
/*
 * Paths from a program (sys/path.h).
 */
#include "sys/path.h"

#include "abi/errno.h"
#include "abi/limits.h"
#include "mm/heap.h"
#include "vm/usercopy.h"

int
path_copy(struct user_path *p, uaddr_t from)
{
	int64_t length = copy_in_string(p->bytes, from, sizeof p->bytes);

	p->string = p->bytes;
	if (length != -ENAMETOOLONG)
		return length < 0 ? (int)length : 0;
	p->string = heap_alloc(PATH_MAX);
	if (p->string == NULL)
		return -ENOMEM;
	length = copy_in_string(p->string, from, PATH_MAX);
	if (length >= 0)
		return 0;
	heap_free(p->string);
	return (int)length;
}

void
path_free(struct user_path *p)
{
	if (p->string != p->bytes)
		heap_free(p->string);
}

int
path_begin(struct user_path *p, int dirfd, uaddr_t from)
{
	int error = path_copy(p, from);

	if (error != 0)
		return error;
	error = proc_walk_begin(&p->walk, dirfd, p->string);
	if (error != 0)
		path_free(p);
	return error;
}

void
path_end(struct user_path *p)
{
	proc_walk_end(&p->walk);
	path_free(p);
}
