// SPDX-License-Identifier: MIT
/*
 * System calls on files and processes.
 */
#pragma once

#include <sys/types.h>

#include <abi/fcntl.h>

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define _SC_ARG_MAX   0
#define _SC_CLK_TCK   2
#define _SC_PAGESIZE  30
#define _SC_PAGE_SIZE 30

extern char **environ;

ssize_t read(int fd, void *data, size_t count);
ssize_t write(int fd, const void *data, size_t count);
ssize_t pread(int fd, void *data, size_t count, off_t offset);
ssize_t pwrite(int fd, const void *data, size_t count, off_t offset);
off_t lseek(int fd, off_t offset, int whence);
int close(int fd);
int dup(int fd);
int dup2(int from, int to);
int dup3(int from, int to, int flags);
int pipe(int fds[2]);
int pipe2(int fds[2], int flags);
int isatty(int fd);
int fsync(int fd);
int fdatasync(int fd);
void sync(void);
int ftruncate(int fd, off_t length);
int truncate(const char *path, off_t length);

int access(const char *path, int mode);
int faccessat(int dirfd, const char *path, int mode, int flags);
int unlink(const char *path);
int unlinkat(int dirfd, const char *path, int flags);
int rmdir(const char *path);
int link(const char *from, const char *to);
int linkat(int from_dirfd, const char *from, int to_dirfd, const char *to, int flags);
int symlink(const char *target, const char *path);
int symlinkat(const char *target, int dirfd, const char *path);
ssize_t readlink(const char *path, char *target, size_t size);
ssize_t readlinkat(int dirfd, const char *path, char *target, size_t size);
int chown(const char *path, uid_t owner, gid_t group);
int lchown(const char *path, uid_t owner, gid_t group);
int fchownat(int dirfd, const char *path, uid_t owner, gid_t group, int flags);
int chdir(const char *path);
int fchdir(int fd);

// With a NULL buffer the path is put into memory for free().
char *getcwd(char *buffer, size_t size);

pid_t fork(void);
int execve(const char *path, char *const argv[], char *const envp[]);
int execv(const char *path, char *const argv[]);
int execvp(const char *name, char *const argv[]);
int execl(const char *path, const char *arg, ...) __attribute__((sentinel));
int execlp(const char *name, const char *arg, ...) __attribute__((sentinel));
_Noreturn void _exit(int status);

pid_t getpid(void);
pid_t getppid(void);
pid_t gettid(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t pid);
int setpgid(pid_t pid, pid_t group);
pid_t getsid(pid_t pid);
pid_t setsid(void);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t group);

unsigned int sleep(unsigned int seconds);
int usleep(unsigned int microseconds);
int pause(void);
int nice(int increment);
long sysconf(int name);
int gethostname(char *name, size_t size);

// The program's break: where its heap ends.
int brk(void *end);
void *sbrk(intptr_t increment);

extern char *optarg;
extern int optind, opterr, optopt;

// Options as POSIX has them: the first argument that is none ends them.
int getopt(int argc, char *const argv[], const char *options);
