// SPDX-License-Identifier: MIT
/*
 * Sets of signals.
 */
#include <errno.h>
#include <signal.h>

static int
set_bit(sigset_t *set, int sig, int on)
{
	if (sig < 1 || sig > _NSIG) {
		errno = EINVAL;
		return -1;
	}
	if (on)
		*set |= (sigset_t)1 << (sig - 1);
	else
		*set &= ~((sigset_t)1 << (sig - 1));
	return 0;
}

int
sigemptyset(sigset_t *set)
{
	*set = 0;
	return 0;
}

int
sigfillset(sigset_t *set)
{
	*set = ~(sigset_t)0;
	return 0;
}

int
sigaddset(sigset_t *set, int sig)
{
	return set_bit(set, sig, 1);
}

int
sigdelset(sigset_t *set, int sig)
{
	return set_bit(set, sig, 0);
}

int
sigismember(const sigset_t *set, int sig)
{
	if (sig < 1 || sig > _NSIG) {
		errno = EINVAL;
		return -1;
	}
	return (int)(*set >> (sig - 1) & 1);
}
