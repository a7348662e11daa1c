// SPDX-License-Identifier: MIT
/*
 * Settings of terminals.
 */
#pragma once

#include <sys/types.h>

#include <abi/termios.h>

int tcgetattr(int fd, struct termios *settings);
int tcsetattr(int fd, int when, const struct termios *settings);
int tcflush(int fd, int which);
int tcdrain(int fd);
void cfmakeraw(struct termios *settings);
pid_t tcgetsid(int fd);
