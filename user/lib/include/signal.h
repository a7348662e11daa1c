// SPDX-License-Identifier: MIT
/*
 * Signals.
 */
#pragma once

#include <sys/types.h>

#include <abi/signal.h>

#define NSIG (_NSIG + 1)

typedef int sig_atomic_t;
typedef void (*sighandler_t)(int);

int kill(pid_t pid, int sig);
int killpg(pid_t group, int sig);
int raise(int sig);

// signal() leaves the action in place when the handler runs and restarts what
// it interrupted (SA_RESTART).
sighandler_t signal(int sig, sighandler_t handler);
int sigaction(int sig, const struct sigaction *action, struct sigaction *old);
int sigprocmask(int how, const sigset_t *set, sigset_t *old);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);

int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int sig);
int sigdelset(sigset_t *set, int sig);
int sigismember(const sigset_t *set, int sig);

// "INT" for SIGINT, or NULL; and back, or 0.  (C has no names for these.)
const char *signal_name(int sig);
int signal_number(const char *name);
