// SPDX-License-Identifier: MIT
/*
 * Complaints to standard error: "program: what: why".
 *
 * err and warn add ": " and the text of errno; errx and warnx do not.  err and errx
 * then exit with the given status.
 */
#pragma once

#include <stdarg.h>

_Noreturn void err(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void errx(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));
void vwarn(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void vwarnx(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

// The program's name: the last part of argv[0].
const char *getprogname(void);
