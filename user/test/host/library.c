// SPDX-License-Identifier: MIT
/*
 * The C library where it makes system calls, run by test_library.py under
 * qemu-riscv64: library NAME runs one test in the current folder.
 *
 * A test ends with status 0, or at the first check that fails.
 */
#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                        \
	do {                                                                                    \
		if (!(condition))                                                               \
			errx(1, "%s:%d: %s (errno %d)", __FILE__, __LINE__, #condition, errno); \
	} while (0)

static void
expect_file(const char *path, const char *want, size_t length)
{
	char got[70000];
	int fd = open(path, O_RDONLY);
	ssize_t count = read(fd, got, sizeof(got));

	close(fd);
	if (count != (ssize_t)length || memcmp(got, want, length) != 0)
		errx(1, "%s: holds %zd bytes '%.*s', not %zu '%.*s'", path, count, (int)count, got,
		     length, (int)length, want);
}

static void
test_files(void)
{
	char line[16];
	FILE *f = fopen("f", "w");

	CHECK(f != NULL && fputs("one\ntwo\n", f) >= 0 && fprintf(f, "%d\n", 3) == 2);
	expect_file("f", "", 0); // still in the buffer
	CHECK(fflush(f) == 0);
	expect_file("f", "one\ntwo\n3\n", 10);
	CHECK(getc(f) == EOF && ferror(f) && errno == EBADF);
	CHECK(fclose(f) == 0);
	f = fopen("f", "a");
	CHECK(f != NULL && fwrite("more", 2, 2, f) == 2 && ftell(f) == 14 && fclose(f) == 0);
	expect_file("f", "one\ntwo\n3\nmore", 14);
	f = fopen("f", "r");
	CHECK(f != NULL && putc('x', f) == EOF && ferror(f));
	clearerr(f);
	CHECK(fgets(line, 3, f) == line && strcmp(line, "on") == 0);
	CHECK(fgets(line, sizeof(line), f) != NULL && strcmp(line, "e\n") == 0);
	CHECK(ftell(f) == 4);
	CHECK(fseek(f, -4, SEEK_END) == 0 && getc(f) == 'm');
	rewind(f);
	CHECK(getc(f) == 'o' && ungetc('O', f) == 'O' && ungetc('<', f) == '<');
	CHECK(fread(line, 1, 5, f) == 5 && memcmp(line, "<One\n", 5) == 0);
	while (getc(f) != EOF)
		continue;
	CHECK(feof(f) && !ferror(f) && ungetc('!', f) == '!' && !feof(f) && getc(f) == '!');
	CHECK(fgets(line, sizeof(line), f) == NULL);
	CHECK(fclose(f) == 0);
	CHECK(fopen("nosuch", "r") == NULL && errno == ENOENT);
	CHECK(fopen("f", "q") == NULL && errno == EINVAL);
	CHECK(fopen("f", "wx") == NULL && errno == EEXIST);
	CHECK(fdopen(77, "r") == NULL && errno == EBADF);
}

/*
 * Reading and writing in turn, without seeking in between.
 */
static void
test_update(void)
{
	FILE *f = fopen("f", "w+");

	CHECK(f != NULL && fputs("abcdef", f) >= 0);
	rewind(f);
	CHECK(getc(f) == 'a' && getc(f) == 'b');
	CHECK(putc('C', f) == 'C');
	CHECK(getc(f) == 'd');
	CHECK(fseek(f, 0, SEEK_END) == 0 && putc('g', f) == 'g' && fclose(f) == 0);
	expect_file("f", "abCdefg", 7);
	f = fopen("f", "r+");
	CHECK(f != NULL && fputs("AB", f) >= 0 && getc(f) == 'C' && fclose(f) == 0);
	f = fopen("f", "a+");
	CHECK(f != NULL && getc(f) == 'A' && putc('h', f) == 'h' && fclose(f) == 0);
	expect_file("f", "ABCdefgh", 8);
}

/*
 * Pieces of many sizes, against a copy in memory.
 */
static void
test_large(void)
{
	static char want[60000], got[60000];
	FILE *f = fopen("f", "w+");
	size_t done = 0;

	for (size_t i = 0; i < sizeof(want); i++)
		want[i] = (char)(i * 7 + i / 251);
	for (size_t part = 1; done < sizeof(want); part = part * 3 % 9973) {
		if (part > sizeof(want) - done)
			part = sizeof(want) - done;
		CHECK(fwrite(want + done, 1, part, f) == part);
		done += part;
		CHECK(ftell(f) == (long)done);
	}
	CHECK(fflush(f) == 0);
	expect_file("f", want, sizeof(want));
	rewind(f);
	done = 0;
	for (size_t part = 1; done < sizeof(got); part = part * 5 % 7919) {
		size_t count = fread(got + done, 1, part, f);

		CHECK(count == part || feof(f));
		done += count;
		CHECK(ftell(f) == (long)done);
	}
	CHECK(memcmp(got, want, sizeof(want)) == 0 && fclose(f) == 0);
}

static void
test_lines(void)
{
	char *line = NULL;
	size_t size = 0;
	FILE *f = fopen("f", "w+");

	CHECK(fputs("short\n\n", f) >= 0 && putc('\0', f) == 0);
	for (int i = 0; i < 10000; i++)
		CHECK(fputs("long ", f) >= 0);
	CHECK(fputs("\nlast", f) >= 0);
	rewind(f);
	CHECK(getline(&line, &size, f) == 6 && strcmp(line, "short\n") == 0);
	CHECK(getline(&line, &size, f) == 1);
	CHECK(getline(&line, &size, f) == 50002 && line[0] == '\0' && line[50001] == '\n');
	CHECK(size > 50002 && line[50002] == '\0');
	CHECK(getline(&line, &size, f) == 4 && strcmp(line, "last") == 0);
	CHECK(getline(&line, &size, f) == -1 && feof(f));
	rewind(f);
	CHECK(getdelim(&line, &size, 'r', f) == 4 && strcmp(line, "shor") == 0);
	free(line);
	fclose(f);
}

static void
test_buffering(void)
{
	char buffer[100];
	FILE *f = fopen("f", "w");

	CHECK(setvbuf(f, NULL, _IONBF, 0) == 0 && putc('a', f) == 'a');
	expect_file("f", "a", 1);
	CHECK(setvbuf(f, buffer, _IOLBF, sizeof(buffer)) == 0 && fputs("b\nc", f) >= 0);
	expect_file("f", "ab\n", 3);
	CHECK(setvbuf(f, buffer, _IOFBF, sizeof(buffer)) == 0 && fputs("d\ne", f) >= 0);
	expect_file("f", "ab\nc", 4);
	for (int i = 0; i < 200; i++)
		CHECK(fputs("x", f) >= 0);
	CHECK(setvbuf(f, NULL, 17, 0) == -1 && errno == EINVAL);
	CHECK(fclose(f) == 0);
	f = fopen("f", "r");
	CHECK(setvbuf(f, NULL, _IONBF, 0) == 0 && getc(f) == 'a' && getc(f) == 'b');
	CHECK(lseek(fileno(f), 0, SEEK_CUR) == 2);
	CHECK(ungetc('B', f) == 'B' && getc(f) == 'B' && getc(f) == '\n');
	fclose(f);
	f = fopen("/dev/full", "w");
	CHECK(fputs("x", f) >= 0 && fflush(f) == EOF && errno == ENOSPC && ferror(f));
	CHECK(fclose(f) == 0);
	f = fopen("/dev/full", "w");
	CHECK(fputs("x", f) >= 0 && fclose(f) == EOF && errno == ENOSPC);
}

/*
 * exit() writes what is in buffers, in every file; _exit() does not.
 */
static void
test_exit(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		FILE *a = fopen("a", "w");
		FILE *b = fopen("b", "w");

		fputs("in a", a);
		fputs("in b", b);
		exit(7);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	expect_file("a", "in a", 4);
	expect_file("b", "in b", 4);
	pid = fork();
	if (pid == 0) {
		fputs("lost", fopen("c", "w"));
		_exit(8);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 8);
	expect_file("c", "", 0);
}

static void
say_last(void)
{
	puts("last");
}

static void
say_first(void)
{
	puts("first");
	CHECK(atexit(say_last) == 0);
}

static void
test_atexit(void)
{
	int count = 2;

	CHECK(atexit(say_last) == 0 && atexit(say_first) == 0);
	while (count < 32 && atexit(say_last) == 0)
		count++;
	CHECK(count == 32 && atexit(say_last) == -1 && errno == ENOMEM);
}

static void
test_reopen(void)
{
	FILE *f = fopen("f", "w");
	int fd = fileno(f);

	fputs("old", f);
	CHECK(freopen("g", "w", f) == f && fileno(f) == fd && fputs("new", f) >= 0);
	CHECK(fclose(f) == 0);
	expect_file("f", "old", 3);
	expect_file("g", "new", 3);
	CHECK(freopen("g", "r", stdin) == stdin && fileno(stdin) == 0);
	CHECK(getchar() == 'n' && getchar() == 'e');
	CHECK(freopen("nosuch", "r", stdin) == NULL && errno == ENOENT);
}

/*
 * A program started in the middle goes on where this one has read to.
 */
static void
test_shared_offset(void)
{
	char rest[8];

	fputs("0123456789", freopen("f", "w", stdout));
	fclose(stdout);
	CHECK(freopen("f", "r", stdin) != NULL && getchar() == '0' && getchar() == '1');
	CHECK(fflush(stdin) == 0 && read(0, rest, sizeof(rest)) == 8);
	CHECK(memcmp(rest, "23456789", 8) == 0);
}

static void
test_environment(void)
{
	CHECK(getenv("GIVEN") != NULL && strcmp(getenv("GIVEN"), "a=b") == 0);
	CHECK(getenv("GIV") == NULL && getenv("nosuch") == NULL && getenv("") == NULL);
	CHECK(setenv("NEW", "1", 0) == 0 && strcmp(getenv("NEW"), "1") == 0);
	CHECK(setenv("NEW", "2", 0) == 0 && strcmp(getenv("NEW"), "1") == 0);
	CHECK(setenv("NEW", "2", 1) == 0 && strcmp(getenv("NEW"), "2") == 0);
	CHECK(setenv("", "x", 1) == -1 && errno == EINVAL);
	CHECK(setenv("a=b", "x", 1) == -1 && errno == EINVAL);
	for (int i = 0; i < 500; i++) {
		char name[16];

		snprintf(name, sizeof(name), "V%d", i);
		CHECK(setenv(name, name, 1) == 0);
	}
	CHECK(strcmp(getenv("V499"), "V499") == 0 && strcmp(getenv("GIVEN"), "a=b") == 0);
	CHECK(unsetenv("V250") == 0 && getenv("V250") == NULL &&
	      strcmp(getenv("V251"), "V251") == 0);
	CHECK(unsetenv("nosuch") == 0);
	CHECK(clearenv() == 0 && getenv("GIVEN") == NULL && setenv("A", "b", 1) == 0);
	CHECK(strcmp(getenv("A"), "b") == 0 && environ[1] == NULL);
}

static volatile sig_atomic_t caught;
static volatile long caught_value;

static void catch (int sig)
{
	caught = sig;
}

static void
catch_with_info(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	caught = sig;
	caught_value = info->si_pid == getpid() && info->si_code == SI_TKILL &&
		       uc->uc_mcontext.sc_regs[2] != 0;
}

static void
raise_in_handler(int sig)
{
	raise(SIGUSR2);
	caught = caught == SIGUSR2 ? 0 : sig; // USR2 waits for our end
}

/*
 * While a handler runs, the signals in its mask wait.
 */
static void
test_masks(void)
{
	struct sigaction action = { .sa_handler = raise_in_handler };

	CHECK(signal(SIGUSR2, catch) == SIG_DFL);
	sigemptyset(&action.sa_mask);
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && raise(SIGUSR1) == 0 && caught == 0);
	sigaddset(&action.sa_mask, SIGUSR2);
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	CHECK(raise(SIGUSR1) == 0 && caught == SIGUSR2);
}

static void
test_signals(void)
{
	struct sigaction action = { .sa_sigaction = catch_with_info, .sa_flags = SA_SIGINFO };
	struct sigaction old;
	sigset_t set, pending;

	CHECK(signal(SIGUSR1, catch) == SIG_DFL && raise(SIGUSR1) == 0 && caught == SIGUSR1);
	CHECK(signal(SIGUSR1, SIG_IGN) == catch && raise(SIGUSR1) == 0);
	CHECK(sigaction(SIGUSR2, &action, &old) == 0 && old.sa_handler == SIG_DFL);
	CHECK(raise(SIGUSR2) == 0 && caught == SIGUSR2 && caught_value == 1);
	CHECK(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
	CHECK(signal(SIGKILL, catch) == SIG_ERR);
	CHECK(signal(SIGUSR1, catch) == SIG_IGN);
	sigemptyset(&set);
	CHECK(sigaddset(&set, SIGUSR1) == 0 && sigismember(&set, SIGUSR1) == 1);
	CHECK(sigaddset(&set, 65) == -1 && errno == EINVAL && sigaddset(&set, 0) == -1);
	caught = 0;
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0 && caught == 0);
	CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
	sigemptyset(&set);
	CHECK(sigsuspend(&set) == -1 && errno == EINTR && caught == SIGUSR1);
	CHECK(killpg(-5, 0) == -1 && errno == EINVAL);
	CHECK(strcmp(signal_name(SIGTERM), "TERM") == 0 && signal_name(99) == NULL);
	CHECK(signal_number("term") == SIGTERM && signal_number("nosuch") == 0);
	CHECK(strcmp(strsignal(SIGSEGV), "Segmentation fault") == 0);
}

static void
test_processes(void)
{
	int status;
	int fds[2];
	char text[16];
	pid_t pid;

	CHECK(pipe(fds) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], 1);
		execl("/bin/echo", "echo", "from", "echo", NULL);
		_exit(1);
	}
	close(fds[1]);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(read(fds[0], text, sizeof(text)) == 10 && memcmp(text, "from echo\n", 10) == 0);
	pid = fork();
	if (pid == 0) {
		execlp("nosuchprogram", "x", NULL);
		_exit(errno == ENOENT ? 10 : 11);
	}
	CHECK(wait(&status) == pid && WEXITSTATUS(status) == 10);
	pid = fork();
	if (pid == 0)
		abort();
	CHECK(wait(&status) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	pid = fork();
	if (pid == 0) {
		signal(SIGABRT, SIG_IGN);
		abort();
	}
	CHECK(wait(&status) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CHECK(wait(&status) == -1 && errno == ECHILD);
	CHECK(waitpid(-1, &status, WNOHANG) == -1 && getppid() > 0 && getpgrp() == getpgid(0));
}

static jmp_buf place;

static _Noreturn void
jump(int value)
{
	longjmp(place, value);
}

static void
test_jumps(void)
{
	volatile int count = 0;
	double kept = (double)getpid() / 3; // in a saved register, with luck
	int value = setjmp(place);

	CHECK(value == count);
	if (count < 5) {
		count = count + 1;
		jump(count);
	}
	CHECK(kept == (double)getpid() / 3);
	count = 0;
	value = setjmp(place);
	if (count == 0) {
		count = 1;
		jump(0);
	}
	CHECK(value == 1);
}

static void
test_folders(void)
{
	struct dirent *entry;
	char seen[300] = { 0 };
	int count = 0;
	DIR *dir;

	CHECK(mkdir("d", 0755) == 0 && mkdir("d", 0755) == -1 && errno == EEXIST);
	for (int i = 0; i < 300; i++) {
		char name[64];
		int fd;

		snprintf(name, sizeof(name), "d/a rather long name for a file %03d", i);
		fd = creat(name, 0600);
		CHECK(fd >= 0 && close(fd) == 0);
	}
	dir = opendir("d");
	CHECK(dir != NULL);
	for (int pass = 0; pass < 2; pass++) {
		while (errno = 0, (entry = readdir(dir)) != NULL) {
			size_t length = strlen(entry->d_name);

			count++;
			if (length < 10)
				continue;
			CHECK(entry->d_type == DT_REG);
			seen[atoi(entry->d_name + length - 3)]++;
		}
		CHECK(errno == 0);
		rewinddir(dir);
	}
	CHECK(count == 604);
	for (int i = 0; i < 300; i++)
		CHECK(seen[i] == 2);
	CHECK(fcntl(dirfd(dir), F_GETFD) == FD_CLOEXEC && closedir(dir) == 0);
	CHECK(opendir("nosuch") == NULL && errno == ENOENT);
	CHECK(opendir("/dev/null") == NULL && errno == ENOTDIR);
}

static void
test_paths(void)
{
	struct timespec times[2] = { { 1000, 1 }, { 2000, 2 } };
	struct stat st, link;
	char path[PATH_MAX], *allocated;

	CHECK(close(creat("f", 0640)) == 0 && symlink("f", "l") == 0);
	CHECK(stat("l", &st) == 0 && lstat("l", &link) == 0);
	CHECK(S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0640 && S_ISLNK(link.st_mode));
	CHECK(readlink("l", path, sizeof(path)) == 1 && path[0] == 'f');
	CHECK(utimensat(AT_FDCWD, "f", times, 0) == 0 && stat("f", &st) == 0);
	CHECK(st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 2);
	CHECK(chmod("f", 04711) == 0 && stat("f", &st) == 0 && (st.st_mode & 07777) == 04711);
	CHECK(access("f", R_OK | W_OK) == 0 && access("nosuch", F_OK) == -1 && errno == ENOENT);
	CHECK(link.st_size == 1 && rename("f", "g") == 0 && access("f", F_OK) == -1);
	CHECK(truncate("g", 5) == 0 && stat("g", &st) == 0 && st.st_size == 5);
	CHECK(getcwd(path, sizeof(path)) == path && getcwd(path, 1) == NULL && errno == ERANGE);
	allocated = getcwd(NULL, 0);
	CHECK(allocated != NULL && allocated[0] == '/');
	CHECK(mkdir("d", 0755) == 0 && chdir("d") == 0 && rmdir("../d") == 0);
	CHECK(chdir(allocated) == 0);
	free(allocated);
	CHECK(remove("g") == 0 && mkdir("e", 0755) == 0 && remove("e") == 0);
	CHECK(remove("nosuch") == -1 && errno == ENOENT && umask(022) == umask(022));
}

static void
test_descriptors(void)
{
	struct iovec parts[2];
	char a[2] = "ab", b[3] = "cde", text[8];
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	parts[0] = (struct iovec){ a, 2 };
	parts[1] = (struct iovec){ b, 3 };
	CHECK(writev(fd, parts, 2) == 5 && lseek(fd, 0, SEEK_SET) == 0);
	memset(a, 0, 2);
	CHECK(readv(fd, parts, 2) == 5 && memcmp(a, "ab", 2) == 0 && memcmp(b, "cde", 3) == 0);
	CHECK(pwrite(fd, "X", 1, 1) == 1 && pread(fd, text, 3, 0) == 3 && text[1] == 'X');
	CHECK(dup2(fd, fd) == fd && dup2(99, 99) == -1 && errno == EBADF);
	CHECK(dup2(fd, 20) == 20 && fcntl(20, F_GETFD) == 0);
	CHECK(fcntl(fd, F_DUPFD_CLOEXEC, 30) == 30 && fcntl(30, F_GETFD) == FD_CLOEXEC);
	CHECK(ftruncate(fd, 2) == 0 && lseek(fd, 0, SEEK_END) == 2 && fsync(fd) == 0);
	CHECK(!isatty(fd) && errno == ENOTTY);
	CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
}

static void
test_memory(void)
{
	char *p = malloc(3 << 20), *q;

	CHECK(p != NULL);
	memset(p, 'x', 3 << 20);
	p = realloc(p, 5 << 20);
	CHECK(p != NULL && p[(3 << 20) - 1] == 'x');
	free(p);
	for (int i = 0; i < 1000; i++) {
		p = malloc(1000);
		q = calloc(10, 100);
		CHECK(p != NULL && q != NULL && q[999] == 0);
		memset(p, 1, 1000);
		memset(q, 1, 1000);
		free(p);
		if (i % 3 != 0)
			free(q);
	}
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED && p[8191] == 0);
	CHECK(mprotect(p, 4096, PROT_READ) == 0 && munmap(p, 8192) == 0);
	CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	CHECK(errno == EINVAL && sbrk(0) != NULL && brk((void *)1) == -1 && errno == ENOMEM);
}

static void
test_free_twice(void)
{
	char *p = malloc(10);

	free(p);
	free(p);
}

static void
test_time(void)
{
	struct timespec a, b, pause = { 0, 50000000 };
	struct utsname name;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &a) == 0 && nanosleep(&pause, NULL) == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &b) == 0);
	CHECK((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec >= 50000000);
	CHECK(clock_gettime(77, &a) == -1 && errno == EINVAL);
	CHECK(clock_nanosleep(77, 0, &pause, NULL) == EINVAL);
	CHECK(time(NULL) > 1700000000 && clock() >= 0 && usleep(1000) == 0);
	pause.tv_nsec = 1000000000;
	CHECK(nanosleep(&pause, NULL) == -1 && errno == EINVAL);
	CHECK(uname(&name) == 0 && strcmp(name.machine, "riscv64") == 0);
	CHECK(getauxval(AT_PAGESZ) == 4096 && getauxval(12345) == 0 && errno == ENOENT);
	CHECK(sysconf(_SC_PAGESIZE) == 4096 && sysconf(9999) == -1);
}

static void
test_options(void)
{
	static char words[][8] = { "prog", "-ab", "-c", "arg", "-carg", "-x", "--", "-a", "rest" };
	char *argv[10] = { NULL };
	int argc = 9;

	for (int i = 0; i < argc; i++)
		argv[i] = words[i];
	opterr = 0;
	CHECK(getopt(argc, argv, "abc:") == 'a' && getopt(argc, argv, "abc:") == 'b');
	CHECK(getopt(argc, argv, "abc:") == 'c' && strcmp(optarg, "arg") == 0);
	CHECK(getopt(argc, argv, "abc:") == 'c' && strcmp(optarg, "arg") == 0 && optind == 5);
	CHECK(getopt(argc, argv, "abc:") == '?' && optopt == 'x');
	CHECK(getopt(argc, argv, "abc:") == -1 && optind == 7);
	optind = 2;
	argc = 3;
	CHECK(getopt(argc, argv, "abc:") == '?' && optopt == 'c');
	optind = 2;
	CHECK(getopt(argc, argv, ":abc:") == ':' && optopt == 'c');
	optind = 8;
	CHECK(getopt(9, argv, "a") == -1 && optind == 8);
}

static void
test_complaints(void)
{
	char many[2000];

	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	printf("output first");
	errno = ENOENT;
	warn("%s %d", "file", 1);
	warnx("plain");
	errno = EACCES;
	perror("perror");
	perror(NULL);
	warnx("%s", many);
	fprintf(stderr, "%s|%5d|\n", "direct", 42);
	assert(getpid() != 0);
	err(9, "end");
}

static void
test_assert(void)
{
	assert(getpid() == 0);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "files", test_files },
	{ "update", test_update },
	{ "large", test_large },
	{ "lines", test_lines },
	{ "buffering", test_buffering },
	{ "exit", test_exit },
	{ "atexit", test_atexit },
	{ "reopen", test_reopen },
	{ "shared_offset", test_shared_offset },
	{ "environment", test_environment },
	{ "masks", test_masks },
	{ "signals", test_signals },
	{ "processes", test_processes },
	{ "jumps", test_jumps },
	{ "folders", test_folders },
	{ "paths", test_paths },
	{ "descriptors", test_descriptors },
	{ "memory", test_memory },
	{ "free_twice", test_free_twice },
	{ "time", test_time },
	{ "options", test_options },
	{ "complaints", test_complaints },
	{ "assert", test_assert },
};

int
main(int argc, char **argv)
{
	CHECK(argc == 2);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (strcmp(tests[i].name, argv[1]) == 0) {
			tests[i].run();
			return 0;
		}
	}
	errx(2, "no test '%s'", argv[1]);
}
