// SPDX-License-Identifier: MIT
/*
 * The kernel heap (mm/heap.h).
 *
 * A size class cuts pages into blocks of its size.  A page of a class knows
 * its free blocks (page.blocks, linked through their first words), how many
 * are used (page.refs counts them, plus one for the class), and is in the
 * class's list while it has a free block.  A page whose last block comes back
 * goes back to the page allocator, unless it is the only one with room.
 *
 * A free block's second word is a mark made from its address, so a second
 * heap_free() is suspected at once and proved by a walk of the page's list.
 */
#include "mm/heap.h"

#include "arch/hart.h"
#include "lib/math.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lock/spinlock.h"
#include "mm/mm_impl.h"
#include "mm/poison.h"

#define SMALL_MAX 2048
#define FREE_MARK UINT64_C(0x66726565626c6f63)

struct free_block {
	struct free_block *next;
	uint64_t mark;
};

/*
 *   I  fixed
 *   c  lock
 */
struct size_class {
	struct spinlock lock;
	uint32_t size;     // [I]
	uint32_t spare;    // [c] pages in the list without a used block
	struct list pages; // [c] with a free block
};

static struct lock_class heap_class = LOCK_CLASS("heap", RANK_HEAP);

#define CLASS(i, bytes)                                              \
	{                                                            \
		.lock = SPINLOCK_INIT(&heap_class), .size = (bytes), \
		.pages = LIST_INIT(classes[i].pages)                 \
	}
static struct size_class classes[] = {
	CLASS(0, 16),   CLASS(1, 32),    CLASS(2, 48),    CLASS(3, 64),         CLASS(4, 96),
	CLASS(5, 128),  CLASS(6, 192),   CLASS(7, 256),   CLASS(8, 384),        CLASS(9, 512),
	CLASS(10, 672), CLASS(11, 1024), CLASS(12, 1360), CLASS(13, SMALL_MAX),
};
#undef CLASS

static uint64_t used_bytes;
static uint64_t used_blocks;

static struct size_class *
class_for(size_t size)
{
	struct size_class *c = classes;
	while (c->size < size)
		c++;
	return c;
}

static void
count(int64_t blocks, uint64_t size)
{
	__atomic_fetch_add(&used_blocks, (uint64_t)blocks, __ATOMIC_RELAXED);
	__atomic_fetch_add(&used_bytes, (uint64_t)blocks * size, __ATOMIC_RELAXED);
}

static uint64_t
mark_of(const struct free_block *b)
{
	return (uint64_t)b ^ FREE_MARK;
}

static void
push_block(struct page *p, void *block)
{
	struct free_block *b = block;
	b->next = p->blocks;
	b->mark = mark_of(b);
	p->blocks = b;
}

// A new page for the class, cut up.  It is in no list yet.
static struct page *
cut_page(struct size_class *c)
{
	struct page *p = page_alloc(0);
	if (p == NULL)
		return NULL;
	p->kind = PAGE_KIND_HEAP;
	p->owner = c;
	p->blocks = NULL;
	char *base = page_to_virt(p);
	for (size_t at = PAGE_SIZE / c->size * c->size; at > 0; at -= c->size) {
		char *block = base + at - c->size;
		(void)poison_fill(block, c->size);
		push_block(p, block);
	}
	return p;
}

static void *
pop_block(struct size_class *c, struct page *p)
{
	struct free_block *b = p->blocks;

	if (b->mark != mark_of(b))
		panic("heap: block %p of %u bytes was written after it was freed", (void *)b,
		      c->size);
	if (p->refs++ == 1)
		c->spare--;
	p->blocks = b->next;
	if (p->blocks == NULL)
		list_remove(&p->link);
	return b;
}

static void *
alloc_small(size_t size)
{
	struct size_class *c = class_for(size);

	spin_lock(&c->lock);
	while (list_empty(&c->pages)) {
		spin_unlock(&c->lock);
		struct page *p = cut_page(c);
		if (p == NULL)
			return NULL;
		spin_lock(&c->lock);
		c->spare++;
		list_push_front(&c->pages, &p->link);
	}
	void *block = pop_block(c, container_of(c->pages.next, struct page, link));
	spin_unlock(&c->lock);
	poison_check((char *)block + sizeof(struct free_block), c->size - sizeof(struct free_block),
		     true);
	count(1, c->size);
	return block;
}

static unsigned
order_for(size_t size)
{
	unsigned order = 0;
	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

static void *
alloc_large(size_t size)
{
	if (size > PAGE_SIZE << PAGE_ORDER_MAX)
		return NULL;
	unsigned order = order_for(size);
	struct page *p = page_alloc_block(order, 0);
	if (p == NULL)
		return NULL;
	p->kind = PAGE_KIND_LARGE;
	p->owner = (void *)(uint64_t)order;
	count(1, PAGE_SIZE << order);
	return page_to_virt(p);
}

void *
heap_alloc(size_t size)
{
	return size <= SMALL_MAX ? alloc_small(size) : alloc_large(size);
}

void *
heap_zalloc(size_t size)
{
	void *p = heap_alloc(size);
	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
heap_alloc_array(size_t n, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return heap_zalloc(bytes);
}

// Panic if block is among the page's free ones.
static void
check_not_free(const struct page *p, const struct free_block *block)
{
	if (block->mark != mark_of(block))
		return;
	for (const struct free_block *b = p->blocks; b != NULL; b = b->next)
		if (b == block)
			panic("heap: block %p is freed twice", (const void *)block);
}

static void
free_small(struct page *p, void *block)
{
	struct size_class *c = p->owner;

	if (((uint64_t)block & PAGE_MASK) % c->size != 0)
		panic("heap: %p is no block's start", block);
	spin_lock(&c->lock);
	check_not_free(p, block);
	(void)poison_fill(block, c->size);
	bool was_full = p->blocks == NULL;
	push_block(p, block);
	if (was_full)
		list_push_front(&c->pages, &p->link);
	bool drop = --p->refs == 1 && c->spare > 0;
	if (drop)
		list_remove(&p->link);
	else if (p->refs == 1)
		c->spare++;
	spin_unlock(&c->lock);
	count(-1, c->size);
	if (drop)
		page_put(p);
}

void
heap_free(void *block)
{
	if (block == NULL)
		return;
	struct page *p = virt_to_page(block);
	if (p != NULL && p->state == PAGE_USED && p->kind == PAGE_KIND_HEAP) {
		free_small(p, block);
		return;
	}
	if (p == NULL || p->state != PAGE_USED || p->kind != PAGE_KIND_LARGE ||
	    ((uint64_t)block & PAGE_MASK) != 0)
		panic("heap: %p was not given out by the heap", block);
	unsigned order = (unsigned)(uint64_t)p->owner;
	p->kind = 0;
	count(-1, PAGE_SIZE << order);
	page_put_block(p, order);
}

uint64_t
heap_used_bytes(void)
{
	return __atomic_load_n(&used_bytes, __ATOMIC_RELAXED);
}

uint64_t
heap_used_blocks(void)
{
	return __atomic_load_n(&used_blocks, __ATOMIC_RELAXED);
}

char *
heap_copy_string(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = heap_alloc(n);
	if (copy != NULL)
		memcpy(copy, s, n);
	return copy;
}
