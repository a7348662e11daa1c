// SPDX-License-Identifier: MIT
/*
 * qsort() and bsearch(): order, nothing lost, and never more than n log n
 * compares, even on input made to defeat it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

typedef int compare_fn(const void *, const void *);

void lib_qsort(void *array, size_t count, size_t size, compare_fn *compare);
void *lib_bsearch(const void *key, const void *array, size_t count, size_t size,
		  compare_fn *compare);

static unsigned long compares;

static int
compare_ints(const void *a, const void *b)
{
	compares++;
	return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

static int
compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 7);
}

static int
value(int pattern, int i, int count)
{
	switch (pattern) {
	case 0:
		return (int)unit_random();
	case 1:
		return i;
	case 2:
		return -i;
	case 3:
		return 42;
	case 4:
		return (int)unit_below(3);
	case 5:
		return i < count / 2 ? i : count - i; // organ pipes
	default:
		return i % 2 == 0 ? i : count - i;
	}
}

static unsigned long
bound(size_t count)
{
	unsigned long log = 1;

	for (size_t n = count; n > 1; n /= 2)
		log++;
	return 6 * log * count + 100;
}

static void
test_ints(int pattern, int count)
{
	int *got = malloc((size_t)count * sizeof(int) + 1);
	int *want = malloc((size_t)count * sizeof(int) + 1);

	for (int i = 0; i < count; i++)
		got[i] = want[i] = value(pattern, i, count);
	compares = 0;
	lib_qsort(got, (size_t)count, sizeof(int), compare_ints);
	CHECK(compares <= bound((size_t)count));
	qsort(want, (size_t)count, sizeof(int), compare_ints);
	CHECK(memcmp(got, want, (size_t)count * sizeof(int)) == 0);
	for (int i = 0; i < count; i += 1 + count / 50) {
		int *found = lib_bsearch(&want[i], got, (size_t)count, sizeof(int), compare_ints);

		CHECK(found != NULL && *found == want[i]);
	}
	free(got);
	free(want);
}

/*
 * McIlroy's adversary ("A killer adversary for quicksort", 1999): values are
 * chosen while the sort runs, so that every pivot is as bad as can be.
 */
static int *gas_values;
static int gas, solid, candidate;

static int
compare_adversary(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	compares++;
	if (gas_values[x] == gas && gas_values[y] == gas)
		gas_values[x == candidate ? x : y] = solid++;
	if (gas_values[x] == gas)
		candidate = x;
	else if (gas_values[y] == gas)
		candidate = y;
	return (gas_values[x] > gas_values[y]) - (gas_values[x] < gas_values[y]);
}

static void
test_adversary(int count)
{
	int *indices = malloc((size_t)count * sizeof(int));

	gas_values = malloc((size_t)count * sizeof(int));
	gas = count;
	solid = candidate = 0;
	for (int i = 0; i < count; i++) {
		indices[i] = i;
		gas_values[i] = gas;
	}
	compares = 0;
	lib_qsort(indices, (size_t)count, sizeof(int), compare_adversary);
	CHECK(compares <= bound((size_t)count));
	for (int i = 1; i < count; i++)
		CHECK(gas_values[indices[i - 1]] <= gas_values[indices[i]]);
	free(indices);
	free(gas_values);
}

static void
test_odd_sizes(void)
{
	for (int i = 0; i < 200; i++) {
		size_t count = unit_below(300);
		char *got = malloc(count * 7 + 1), *want = malloc(count * 7 + 1);

		for (size_t j = 0; j < count * 7; j++)
			got[j] = want[j] = (char)('a' + unit_below(2));
		lib_qsort(got, count, 7, compare_bytes);
		qsort(want, count, 7, compare_bytes);
		CHECK(memcmp(got, want, count * 7) == 0);
		free(got);
		free(want);
	}
}

int
main(void)
{
	int missing = 5, few[] = { 1, 3, 7, 9 };

	for (int pattern = 0; pattern < 7; pattern++) {
		for (int count = 0; count < 70; count++)
			test_ints(pattern, count);
		test_ints(pattern, 1000);
		test_ints(pattern, 30000);
	}
	test_adversary(20000);
	test_odd_sizes();
	CHECK(lib_bsearch(&missing, few, 4, sizeof(int), compare_ints) == NULL);
	CHECK(lib_bsearch(&missing, few, 0, sizeof(int), compare_ints) == NULL);
	return unit_end(5000);
}
