// SPDX-License-Identifier: MIT
/*
 * Region surgery: making, cutting, growing and removing regions.
 *
 * With vm/filemap.h the specification of lab 4-mmap; mmap.c is what a student
 * writes.  All take the space's lock themselves.  Nothing is changed if an
 * error is returned.  (POSIX mmap, munmap; Linux mmap(2), mprotect(2), brk(2).)
 */
#pragma once

#include "vm/space.h"

// What a new region shall be.
struct map_request {
	uaddr_t address;     // a wish, or a must with fixed; 0: anywhere
	uint64_t size;       // bytes, rounded up to pages
	bool fixed;          // at address, in place of what is there
	bool no_replace;     // fixed, but -EEXIST if something is there
	uint32_t protection; // PTE_R, PTE_W, PTE_X
	uint32_t flags;      // enum region_flags
	const struct region_ops *ops;
	struct vnode *vnode; // a reference passes to the region on success
	uint64_t offset;
	void *data;
};

// Make a region; *address gets its start.  -EINVAL (size 0, not aligned),
// -EPERM (fixed in page 0), -ENOMEM (also beyond the user half), -EEXIST.
int mmap_map(struct space *s, const struct map_request *request, uaddr_t *address);

// Remove [start, start + size); holes in it do no harm.  Cuts regions.
int mmap_unmap(struct space *s, uaddr_t start, uint64_t size);

// Change the rights of [start, start + size).  -ENOMEM if part is not mapped.
int mmap_protect(struct space *s, uaddr_t start, uint64_t size, uint32_t protection);

// Move the end of the heap; returns the end after the call, which is the old
// one if it could not be moved (Linux brk(2)).
uaddr_t mmap_brk(struct space *s, uaddr_t end);

// Remove everything (exit, exec).
void mmap_clear(struct space *s);
