// SPDX-License-Identifier: MIT
/*
 * Absolute values, and quotients with their remainders.
 */
#include <stdlib.h>

int
abs(int n)
{
	return n < 0 ? -n : n;
}

long
labs(long n)
{
	return n < 0 ? -n : n;
}

long long
llabs(long long n)
{
	return n < 0 ? -n : n;
}

div_t
div(int n, int d)
{
	return (div_t){ n / d, n % d };
}

ldiv_t
ldiv(long n, long d)
{
	return (ldiv_t){ n / d, n % d };
}

lldiv_t
lldiv(long long n, long long d)
{
	return (lldiv_t){ n / d, n % d };
}
