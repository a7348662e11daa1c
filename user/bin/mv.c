// SPDX-License-Identifier: MIT
/*
 * Give files other names, or move them into a folder.
 *
 * rename() does it, or, onto another file system, cp -rp and rm -rf do.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tool.h>
#include <unistd.h>

#define USAGE "mv [-f] file target\n       mv [-f] file ... folder"

static int
run(char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid < 0) {
		warn("cannot run %s", argv[0]);
		return 1;
	}
	if (pid == 0) {
		execvp(argv[0], argv);
		err(127, "cannot run %s", argv[0]);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			err(EXIT_FAILURE, "waiting for %s", argv[0]);
	}
	return status != 0;
}

/*
 * What stands in the way is removed first: cp would write into it or copy into
 * the folder.
 */
static int
move_by_copy(char *from, char *to)
{
	char cp[] = "cp", rm[] = "rm", keep[] = "-rp", all[] = "-rf", end[] = "--";

	if (unlink(to) < 0 && errno != ENOENT && rmdir(to) < 0) {
		warn("cannot replace '%s'", to);
		return 1;
	}
	if (run((char *[]){ cp, keep, end, from, to, NULL }) != 0)
		return 1;
	return run((char *[]){ rm, all, end, from, NULL });
}

static int
move(char *from, char *to)
{
	struct stat here, there;

	if (lstat(from, &here) == 0 && lstat(to, &there) == 0 && here.st_ino == there.st_ino &&
	    here.st_dev == there.st_dev) {
		warnx("'%s' and '%s' are the same file", from, to);
		return 1;
	}
	if (rename(from, to) == 0)
		return 0;
	if (errno == EXDEV)
		return move_by_copy(from, to);
	warn("cannot move '%s' to '%s'", from, to);
	return 1;
}

static int
move_into(char *from, const char *folder)
{
	char *name = strdup(tool_basename(from));
	char *to;
	int status;

	if (name == NULL)
		err(EXIT_FAILURE, "%s", from);
	name[strcspn(name, "/")] = '\0'; // "folder/" moves folder
	to = tool_join(folder, name);
	status = move(from, to);
	free(to);
	free(name);
	return status;
}

int
main(int argc, char **argv)
{
	struct stat st;
	bool into_folder;
	int status = 0;

	while (tool_option(argc, argv, "f", USAGE) != -1)
		continue; // -f: never ask; it never does
	if (argc - optind < 2)
		tool_usage(USAGE);
	into_folder = stat(argv[argc - 1], &st) == 0 && S_ISDIR(st.st_mode);
	if (argc - optind > 2 && !into_folder)
		errx(1, "%s: is not a directory", argv[argc - 1]);
	for (int i = optind; i < argc - 1; i++) {
		if (into_folder)
			status |= move_into(argv[i], argv[argc - 1]);
		else
			status |= move(argv[i], argv[argc - 1]);
	}
	return status;
}
