// SPDX-License-Identifier: MIT
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_entry(int dirfd, const char *name);

// Remove what is in the folder open as fd, which is closed.
static int
remove_entries(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		close(fd);
		return -1;
	}
	// Whether a removal moves the place in the folder is the file system's
	// business, so look from the start until nothing is left.
	for (int found = 1; found && result == 0;) {
		found = 0;
		rewinddir(dir);
		while (result == 0 && (entry = readdir(dir)) != NULL) {
			if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
				continue;
			result = remove_entry(fd, entry->d_name);
			found = 1;
		}
	}
	closedir(dir);
	return result;
}

static int
remove_entry(int dirfd, const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISDIR(st.st_mode))
		return unlinkat(dirfd, name, 0);
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY);
	if (fd == -1 || remove_entries(fd) == -1)
		return -1;
	return unlinkat(dirfd, name, AT_REMOVEDIR);
}

int
tree_remove(const char *path)
{
	return remove_entry(AT_FDCWD, path);
}
