// SPDX-License-Identifier: MIT
/*
 * What signal.c and deliver.c share.
 */
#pragma once

#include "proc/signal.h"

enum signal_default {
	DEFAULT_END,
	DEFAULT_IGNORE,
	DEFAULT_STOP,
	DEFAULT_CONTINUE,
};
enum signal_default signal_default_action(int sig);

// Process's lock held.  Forget all of a set; take one that is in q->set.
void signal_queue_remove(struct signal_queue *q, sigset_t set);
void signal_queue_take(struct signal_queue *q, int sig, struct signal_info *info);
