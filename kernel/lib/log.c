// SPDX-License-Identifier: MIT
/*
 * The log ring.
 *
 * A record is a header and its text, byte after byte, wrapping at the end of
 * the ring.  `head` and `tail` count bytes ever appended and ever dropped; the
 * place in the ring is the count modulo its size.  A record that doesn't fit
 * pushes out the oldest ones, whole.
 *
 * print.c appends with its own lock held; this file's lock is for readers.
 */
#include "lib/log.h"

#include "lib/math.h"
#include "lib/plainlock_impl.h"
#include "lib/print.h"
#include "lib/string.h"

#define RING_SIZE   UINT64_C(65536)
#define PREFIX_SIZE 40 // "<7>[18446744073.000000] "

struct record {
	uint64_t when_ns;
	uint16_t length; // of the text that follows
	uint16_t level;
	uint32_t pad;
};

/*
 *   r  ring.lock
 */
static struct {
	struct plain_lock lock;
	uint64_t head;         // [r]
	uint64_t tail;         // [r]
	uint64_t cleared;      // [r] readers begin here, or at tail
	char bytes[RING_SIZE]; // [r]
} ring;

static void
ring_put(const void *from, size_t n)
{
	size_t at = ring.head % RING_SIZE;
	size_t first = MIN(n, RING_SIZE - at);

	memcpy(ring.bytes + at, from, first);
	memcpy(ring.bytes, (const char *)from + first, n - first);
	ring.head += n;
}

static void
ring_get(uint64_t position, void *to, size_t n)
{
	size_t at = position % RING_SIZE;
	size_t first = MIN(n, RING_SIZE - at);

	memcpy(to, ring.bytes + at, first);
	memcpy((char *)to + first, ring.bytes, n - first);
}

// The record at position; returns the position of the next.
static uint64_t
record_at(uint64_t position, struct record *r)
{
	ring_get(position, r, sizeof(*r));
	return position + sizeof(*r) + r->length;
}

void
log_append(int level, uint64_t when_ns, const char *text, size_t n)
{
	struct record r = {
		.when_ns = when_ns,
		.length = (uint16_t)MIN(n, RING_SIZE / 4),
		.level = (uint16_t)level,
	};

	if (!plain_lock(&ring.lock))
		return;
	while (ring.head + sizeof(r) + r.length - ring.tail > RING_SIZE) {
		struct record oldest;
		ring.tail = record_at(ring.tail, &oldest);
	}
	ring_put(&r, sizeof(r));
	ring_put(text, r.length);
	plain_unlock(&ring.lock);
}

// Linux's numbers for the levels (include/linux/kern_levels.h), which dmesg
// programs know.
static unsigned
syslog_level(unsigned level)
{
	static const unsigned char numbers[] = {
		[PRINT_ERROR] = 3, [PRINT_WARNING] = 4, [PRINT_INFO] = 6, [PRINT_DEBUG] = 7
	};

	return level < ARRAY_SIZE(numbers) ? numbers[level] : numbers[PRINT_DEBUG];
}

static size_t
format_prefix(char *to, const struct record *r)
{
	unsigned long long us = r->when_ns / 1000;

	return (size_t)format_string(to, PREFIX_SIZE, "<%u>[%llu.%06llu] ", syslog_level(r->level),
				     us / 1000000, us % 1000000);
}

// How many bytes the records from position on make as lines.
static size_t
lines_length(uint64_t position)
{
	char prefix[PREFIX_SIZE];
	struct record r;
	size_t sum = 0;

	while (position < ring.head) {
		position = record_at(position, &r);
		sum += format_prefix(prefix, &r) + r.length + 1;
	}
	return sum;
}

size_t
log_read(char *to, size_t size)
{
	char prefix[PREFIX_SIZE];
	struct record r;
	size_t n = 0;

	if (!plain_lock(&ring.lock))
		return 0;

	uint64_t position = MAX(ring.tail, ring.cleared);
	for (size_t length = lines_length(position); length > size;) {
		position = record_at(position, &r);
		length -= format_prefix(prefix, &r) + r.length + 1;
	}
	while (position < ring.head) {
		uint64_t text = position + sizeof(r);
		position = record_at(position, &r);
		size_t prefix_length = format_prefix(prefix, &r);
		memcpy(to + n, prefix, prefix_length);
		n += prefix_length;
		ring_get(text, to + n, r.length);
		n += r.length;
		to[n++] = '\n';
	}
	plain_unlock(&ring.lock);
	return n;
}

size_t
log_length(void)
{
	if (!plain_lock(&ring.lock))
		return 0;
	size_t n = lines_length(MAX(ring.tail, ring.cleared));
	plain_unlock(&ring.lock);
	return n;
}

void
log_clear(void)
{
	if (!plain_lock(&ring.lock))
		return;
	ring.cleared = ring.head;
	plain_unlock(&ring.lock);
}
