// SPDX-License-Identifier: MIT
/*
 * Buffered files and formatted output.
 *
 * A file is line-buffered if it is a terminal, standard error is not buffered,
 * all others are.  A file opened for update may change between reading and writing
 * at any time.
 */
#pragma once

#include <stdarg.h>
#include <sys/types.h>

#include <abi/fcntl.h>

#define BUFSIZ       4096
#define EOF          (-1)
#define FILENAME_MAX 4096
#define FOPEN_MAX    16

#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2

typedef struct __file FILE;

extern FILE *const stdin;
extern FILE *const stdout;
extern FILE *const stderr;

#define stdin  stdin
#define stdout stdout
#define stderr stderr

FILE *fopen(const char *path, const char *mode);
FILE *fdopen(int fd, const char *mode);
FILE *freopen(const char *path, const char *mode, FILE *file);
int fclose(FILE *file);
int fflush(FILE *file);
int fileno(FILE *file);
int setvbuf(FILE *file, char *buffer, int mode, size_t size);
void setbuf(FILE *file, char *buffer);
void setlinebuf(FILE *file);

size_t fread(void *data, size_t size, size_t count, FILE *file);
int fgetc(FILE *file);
int getc(FILE *file);
int getchar(void);
int ungetc(int c, FILE *file);
char *fgets(char *line, int size, FILE *file);
ssize_t getline(char **line, size_t *size, FILE *file);
ssize_t getdelim(char **line, size_t *size, int delimiter, FILE *file);

size_t fwrite(const void *data, size_t size, size_t count, FILE *file);
int fputc(int c, FILE *file);
int putc(int c, FILE *file);
int putchar(int c);
int fputs(const char *text, FILE *file);
int puts(const char *text);

int fseek(FILE *file, long offset, int whence);
int fseeko(FILE *file, off_t offset, int whence);
long ftell(FILE *file);
off_t ftello(FILE *file);
void rewind(FILE *file);
int feof(FILE *file);
int ferror(FILE *file);
void clearerr(FILE *file);

// All conversions of C17 but %n, %a and wide characters; a long double is
// rounded to a double.
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));
int dprintf(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
int sprintf(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int snprintf(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
int vfprintf(FILE *file, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
int vdprintf(int fd, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
int vsprintf(char *text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
int vsnprintf(char *text, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));
int vasprintf(char **text, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

void perror(const char *what);
int remove(const char *path);
int rename(const char *from, const char *to);
int renameat(int from_dirfd, const char *from, int to_dirfd, const char *to);
