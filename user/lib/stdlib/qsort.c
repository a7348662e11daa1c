// SPDX-License-Identifier: MIT
/*
 * Sorting an array in place, and searching a sorted one.
 *
 * Quicksort about the median of three, insertion sort for the last few.  Input
 * made to defeat the choice of the median can't: past a depth of 2 log2(n) the
 * part is sorted with a heap, so n log n compares always suffice; and of two
 * parts the smaller is sorted first, the larger in the same frame.
 */
#include <stdlib.h>
#include <string.h>

#define FEW 12 // below this insertion wins

typedef int compare_fn(const void *, const void *);

struct sort {
	size_t size; // of an element
	compare_fn *compare;
};

static void
swap(const struct sort *s, char *a, char *b)
{
	for (size_t i = 0; i < s->size; i++) {
		char byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

static void
insertion_sort(const struct sort *s, char *base, size_t count)
{
	char *end = base + count * s->size;

	for (char *p = base; p < end; p += s->size) {
		for (char *q = p; q > base && s->compare(q - s->size, q) > 0; q -= s->size)
			swap(s, q - s->size, q);
	}
}

/*
 * Let the element at root sink until no child is larger.
 */
static void
sift(const struct sort *s, char *base, size_t root, size_t count)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		char *p = base + child * s->size;

		if (child + 1 < count && s->compare(p, p + s->size) < 0) {
			child++;
			p += s->size;
		}
		if (s->compare(base + root * s->size, p) >= 0)
			return;
		swap(s, base + root * s->size, p);
	}
}

static void
heap_sort(const struct sort *s, char *base, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(s, base, i, count);
	while (count-- > 1) {
		swap(s, base, base + count * s->size);
		sift(s, base, 0, count);
	}
}

/*
 * Sort first, middle and last; the middle is the pivot, kept at the front.
 * Return where it ends up: nothing before it is larger, nothing behind smaller.
 * Both scans stop at equal elements, so that many of those still divide evenly.
 */
static size_t
partition(const struct sort *s, char *base, size_t count)
{
	char *middle = base + count / 2 * s->size;
	char *last = base + (count - 1) * s->size;
	char *low = base;
	char *high = last + s->size;

	if (s->compare(base, middle) > 0)
		swap(s, base, middle);
	if (s->compare(middle, last) > 0)
		swap(s, middle, last);
	if (s->compare(base, middle) > 0)
		swap(s, base, middle);
	swap(s, base, middle);
	for (;;) {
		do
			low += s->size;
		while (low < last && s->compare(low, base) < 0);
		do
			high -= s->size;
		while (s->compare(high, base) > 0);
		if (low >= high)
			break;
		swap(s, low, high);
	}
	swap(s, base, high);
	return (size_t)(high - base) / s->size;
}

static void
quick_sort(const struct sort *s, char *base, size_t count, int depth)
{
	while (count > FEW) {
		size_t pivot;
		size_t rest;

		if (depth-- == 0) {
			heap_sort(s, base, count);
			return;
		}
		pivot = partition(s, base, count);
		rest = count - pivot - 1;
		if (pivot < rest) {
			quick_sort(s, base, pivot, depth);
			base += (pivot + 1) * s->size;
			count = rest;
		} else {
			quick_sort(s, base + (pivot + 1) * s->size, rest, depth);
			count = pivot;
		}
	}
	insertion_sort(s, base, count);
}

void
qsort(void *array, size_t count, size_t size, compare_fn *compare)
{
	struct sort s = { size, compare };
	int depth = 0;

	for (size_t n = count; n > 1; n /= 2)
		depth += 2;
	quick_sort(&s, array, count, depth);
}

void *
bsearch(const void *key, const void *array, size_t count, size_t size, compare_fn *compare)
{
	const char *base = array;

	while (count > 0) {
		const char *middle = base + count / 2 * size;
		int order = compare(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			base = middle + size;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return NULL;
}
