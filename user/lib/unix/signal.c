// SPDX-License-Identifier: MIT
/*
 * Signals.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "../start/result.h"

sighandler_t
signal(int sig, sighandler_t handler)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct sigaction old;

	if (sigaction(sig, &action, &old) < 0)
		return SIG_ERR;
	return old.sa_handler;
}

int
killpg(pid_t group, int sig)
{
	if (group < 0) {
		errno = EINVAL;
		return -1;
	}
	return kill(-group, sig);
}

int
kill(pid_t pid, int sig)
{
	return (int)__result(__sys_kill(pid, sig));
}

int
raise(int sig)
{
	return (int)__result(__sys_tkill(gettid(), sig));
}

/*
 * QEMU's user mode (7.2), which the tests on the host run programs with, takes
 * the kernel's struct to have a sa_restorer before the mask, as on other
 * machines.  So the mask is given in both places, and there is room for a word
 * more in what comes back.
 */
int
sigaction(int sig, const struct sigaction *action, struct sigaction *old)
{
	struct {
		struct sigaction action;
		sigset_t mask;
	} in, out;

	if (action != NULL) {
		in.action = *action;
		in.mask = action->sa_mask;
	}
	if (__result(__sys_rt_sigaction(sig, action != NULL ? &in : NULL, old != NULL ? &out : NULL,
					sizeof(sigset_t))) < 0)
		return -1;
	if (old != NULL)
		*old = out.action;
	return 0;
}

int
sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	return (int)__result(__sys_rt_sigprocmask(how, (void *)set, old, sizeof(sigset_t)));
}

int
sigpending(sigset_t *set)
{
	return (int)__result(__sys_rt_sigpending(set, sizeof(sigset_t)));
}

int
sigsuspend(const sigset_t *mask)
{
	return (int)__result(__sys_rt_sigsuspend((void *)mask, sizeof(sigset_t)));
}

int
pause(void)
{
	sigset_t mask;

	if (sigprocmask(SIG_BLOCK, NULL, &mask) < 0)
		return -1;
	return sigsuspend(&mask);
}
