// SPDX-License-Identifier: MIT
/*
 * The shell: options, the loop over commands, errors, signals.
 *
 * An error in the middle of a command gives it up: a script ends, an interactive
 * shell jumps back to its loop and prompts again.  ^C does the same, but not
 * out of the signal's handler: that only takes note, and the system calls that
 * wait look.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tool.h>
#include <unistd.h>

#include "builtin.h"
#include "exec.h"
#include "job.h"
#include "parser.h"
#include "redirect.h"
#include "shell.h"
#include "vars.h"

#define USAGE                                                 \
	"sh [-eix] [file [argument ...]]\n"                   \
	"       sh [-eix] -c command [name [argument ...]]\n" \
	"       sh [-eix] -s [argument ...]"

struct shell sh;

static jmp_buf give_up; // to the loop of an interactive shell

static void
vwarn_line(const char *format, va_list args)
{
	char text[512];

	fflush(stdout);
	vsnprintf(text, sizeof(text), format, args);
	if (sh.show_lines)
		fprintf(stderr, "%s: line %d: %s\n", sh.name, sh.line, text);
	else
		fprintf(stderr, "%s: %s\n", sh.name, text);
}

void
shell_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarn_line(format, args);
	va_end(args);
}

_Noreturn void
shell_fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarn_line(format, args);
	va_end(args);
	sh.status = status;
	if (!sh.interactive)
		shell_exit(status);
	longjmp(give_up, 1);
}

_Noreturn void
shell_interrupt(void)
{
	sh.interrupted = 0;
	sh.status = STATUS_SIGNAL + SIGINT;
	if (!sh.interactive)
		shell_exit(sh.status);
	fputc('\n', stderr);
	longjmp(give_up, 1);
}

_Noreturn void
shell_exit(int status)
{
	exit(status);
}

static void
take_note(int sig)
{
	(void)sig;
	sh.interrupted = 1;
	input_interrupted();
}

/*
 * The handler without SA_RESTART: what waits returns.
 */
static void
catch_interrupt(void)
{
	struct sigaction action = { .sa_handler = take_note };

	sigaction(SIGINT, &action, NULL);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
}

/*
 * SIGTSTP stays ignored: without fg, what is stopped could never go on.
 */
void
shell_become_child(void)
{
	if (sh.interactive) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGTTOU, SIG_DFL);
	}
	sh.interactive = false;
	sh.own_groups = false;
	job_forget();
}

int
shell_run_file(int fd, bool is_terminal)
{
	struct input in;
	struct lexer lex = { .in = &in };
	bool end = false;

	input_from_file(&in, fd, is_terminal, fd == STDIN_FILENO);
	if (sh.interactive && setjmp(give_up) != 0) {
		redirect_restore(0);
		input_from_file(&in, fd, is_terminal, fd == STDIN_FILENO);
		lex = (struct lexer){ .in = &in };
	}
	while (!end) {
		struct node *n;

		arena_free(&sh.arena);
		job_reap();
		sh.interrupted = 0;
		n = parse_command(&lex, &end);
		if (n != NULL)
			exec_node(n, 0);
	}
	if (is_terminal)
		fputc('\n', stderr);
	return sh.status;
}

/*
 * The arena is not freed between commands: a caller's command lives in it.
 */
int
shell_run_string(const char *text, bool may_exec)
{
	struct input in;
	struct lexer lex = { .in = &in };
	int status = 0;
	bool end = false;

	input_from_string(&in, text);
	while (!end) {
		struct node *n = parse_command(&lex, &end);
		bool last;

		if (n == NULL)
			continue;
		last = may_exec && lexer_peek(&lex) == TOKEN_END;
		status = exec_node(n, last ? EXEC_EXIT : 0);
	}
	return status;
}

static int
run_script(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		errno = EISDIR;
	else if (fd >= 0)
		return shell_run_file(redirect_move_up(fd), false);
	fprintf(stderr, "%s: %s: %s\n", sh.name, path, strerror(errno));
	return STATUS_NOT_FOUND;
}

static void
set_variables(char **environment)
{
	char path[PATH_MAX];
	char text[16];

	vars_init(environment);
	if (vars_get("PATH") == NULL)
		vars_set("PATH", "/bin");
	if (vars_get("PS1") == NULL)
		vars_set("PS1", "$ ");
	vars_set("PS2", "> ");
	vars_set("IFS", " \t\n");
	if (getcwd(path, sizeof(path)) != NULL)
		vars_set("PWD", path);
	snprintf(text, sizeof(text), "%d", getppid());
	vars_set("PPID", text);
}

int
main(int argc, char **argv, char **environment)
{
	bool interactive = false;
	bool from_input = false;
	char *command = NULL;
	char **arguments;
	int option;

	sh.name = argc > 0 ? tool_basename(argv[0]) : "sh";
	sh.pid = getpid();
	sh.show_lines = true;
	while ((option = tool_option(argc, argv, "c:eisx", USAGE)) != -1) {
		if (option == 'c')
			command = optarg;
		sh.exit_on_error |= option == 'e';
		interactive |= option == 'i';
		from_input |= option == 's';
		sh.trace |= option == 'x';
	}
	arguments = argv + optind;
	if (!from_input && *arguments != NULL)
		sh.name = *arguments++;
	set_variables(environment);
	builtin_set_positional(arguments);
	if (command != NULL)
		shell_exit(shell_run_string(command, true));
	if (sh.name == argv[optind] && !from_input)
		shell_exit(run_script(sh.name));
	sh.interactive = interactive || (isatty(STDIN_FILENO) && isatty(STDERR_FILENO));
	if (sh.interactive) {
		sh.show_lines = false;
		catch_interrupt();
		job_init();
	}
	shell_exit(shell_run_file(STDIN_FILENO, sh.interactive));
}
