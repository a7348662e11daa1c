// SPDX-License-Identifier: MIT
/*
 * Paths from programs.
 */
#include "abi/errno.h"
#include "mm/heap.h"
#include "sys/sys_impl.h"
#include "vm/usercopy.h"

int
user_path_get(struct user_path *p, uaddr_t address)
{
	p->text = p->small;
	int64_t n = copy_in_string(p->small, address, sizeof p->small);
	if (n != -ENAMETOOLONG)
		return n < 0 ? (int)n : 0;
	p->text = heap_alloc(PATH_MAX);
	if (p->text == NULL)
		return -ENOMEM;
	n = copy_in_string(p->text, address, PATH_MAX);
	if (n < 0)
		heap_free(p->text);
	return n < 0 ? (int)n : 0;
}

void
user_path_put(struct user_path *p)
{
	if (p->text != p->small)
		heap_free(p->text);
}

int
path_call_begin(struct path_call *c, int dirfd, uaddr_t path)
{
	int error = user_path_get(&c->path, path);
	if (error != 0)
		return error;
	error = proc_walk_begin(&c->walk, dirfd, c->path.text);
	if (error != 0)
		user_path_put(&c->path);
	return error;
}

void
path_call_end(struct path_call *c)
{
	proc_walk_end(&c->walk);
	user_path_put(&c->path);
}
