// SPDX-License-Identifier: MIT
/*
 * Fail.
 */
int
main(void)
{
	return 1;
}
