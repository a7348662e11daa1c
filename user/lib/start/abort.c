// SPDX-License-Identifier: MIT
/*
 * abort(): die of SIGABRT, even if it is blocked, ignored or caught.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

_Noreturn void
abort(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGABRT);
	sigaction(SIGABRT, &action, NULL);
	raise(SIGABRT);
	_exit(128 + SIGABRT);
}
