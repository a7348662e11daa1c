// SPDX-License-Identifier: MIT
/*
 * Moving and filling memory.
 *
 * Where both addresses allow it, eight bytes go at a time.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

typedef uint64_t __attribute__((may_alias)) word;

#define MISALIGNED(p) ((uintptr_t)(p) % sizeof(word))

/*
 * Reads each byte before it writes there or above, so to may overlap the start
 * of from.
 */
static void
copy_up(unsigned char *to, const unsigned char *from, size_t count)
{
	if (MISALIGNED(to) == MISALIGNED(from)) {
		for (; MISALIGNED(to) && count > 0; count--)
			*to++ = *from++;
		for (; count >= sizeof(word); count -= sizeof(word)) {
			*(word *)to = *(const word *)from;
			to += sizeof(word);
			from += sizeof(word);
		}
	}
	for (; count > 0; count--)
		*to++ = *from++;
}

/*
 * From the end: to may overlap the end of from.
 */
static void
copy_down(unsigned char *to, const unsigned char *from, size_t count)
{
	to += count;
	from += count;
	if (MISALIGNED(to) == MISALIGNED(from)) {
		for (; MISALIGNED(to) && count > 0; count--)
			*--to = *--from;
		for (; count >= sizeof(word); count -= sizeof(word)) {
			to -= sizeof(word);
			from -= sizeof(word);
			*(word *)to = *(const word *)from;
		}
	}
	for (; count > 0; count--)
		*--to = *--from;
}

void *
memcpy(void *restrict to, const void *restrict from, size_t count)
{
	copy_up(to, from, count);
	return to;
}

void *
mempcpy(void *restrict to, const void *restrict from, size_t count)
{
	return (char *)memcpy(to, from, count) + count;
}

void *
memmove(void *to, const void *from, size_t count)
{
	if ((uintptr_t)to - (uintptr_t)from >= count)
		copy_up(to, from, count);
	else
		copy_down(to, from, count);
	return to;
}

void *
memset(void *to, int byte, size_t count)
{
	unsigned char *t = to;
	word fill = (word)(unsigned char)byte * 0x0101010101010101;

	for (; MISALIGNED(t) && count > 0; count--)
		*t++ = (unsigned char)byte;
	for (; count >= sizeof(word); count -= sizeof(word)) {
		*(word *)t = fill;
		t += sizeof(word);
	}
	for (; count > 0; count--)
		*t++ = (unsigned char)byte;
	return to;
}

void
bzero(void *memory, size_t count)
{
	memset(memory, 0, count);
}
