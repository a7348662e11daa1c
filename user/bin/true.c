// SPDX-License-Identifier: MIT
/*
 * Succeed.
 */
int
main(void)
{
	return 0;
}
