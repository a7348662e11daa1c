// SPDX-License-Identifier: MIT
/*
 * Reading the folder.
 *
 * Everything is opened relative to its parent, one name at a time and without
 * following links: so a tree deeper than PATH_MAX is no problem, the number of
 * open files does not depend on the depth, and nothing outside is reached.
 */
#include "source.h"

#include "abi/ext2.h"
#include "diag.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOST_FOUND "lost+found"

// The file behind several names: an entry of source.linked.
struct linked_file {
	dev_t dev;
	ino_t ino;
	struct node *node;
};

bool
node_is_dir(const struct node *n)
{
	return S_ISDIR(n->mode);
}

const char *
node_path(const struct node *n)
{
	static char path[8192];
	char *p = path + sizeof(path) - 1;

	if (!n->parent)
		return n->name;
	for (; n->parent; n = n->parent) {
		size_t length = strlen(n->name);

		if (length + 5 > (size_t)(p - path)) {
			p -= 4;
			memcpy(p, ".../", 4);
			break;
		}
		if (*p)
			*--p = '/';
		p -= length;
		memcpy(p, n->name, length);
	}
	return p;
}

static struct node *
node_new(struct source *s, const struct node *parent, const char *name)
{
	struct node *n = must_alloc(1, sizeof(*n));

	n->parent = parent;
	n->name = strdup(name);
	if (!n->name)
		fail("out of memory");
	n->file = n;
	n->links = 1;
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->nodes = must_grow(s->nodes, s->room, sizeof(s->nodes[0]));
	}
	s->nodes[s->count++] = n;
	return n;
}

// A directory, open.
static int
open_dir(const struct source *s, const struct node *n)
{
	int above, fd;

	if (!n->parent) {
		fd = openat(s->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	} else {
		above = open_dir(s, n->parent);
		fd = openat(above, n->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(above);
	}
	if (fd < 0)
		fail("%s: %s", node_path(n), strerror(errno));
	return fd;
}

int
source_open(const struct source *s, const struct node *n)
{
	int above = open_dir(s, n->parent);
	int fd = openat(above, n->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	close(above);
	if (fd < 0 || fstat(fd, &st) < 0)
		fail("%s: %s", node_path(n), strerror(errno));
	if (st.st_mode != n->mode || (uint64_t)st.st_size != n->size ||
	    st.st_mtim.tv_sec != n->mtime.tv_sec || st.st_mtim.tv_nsec != n->mtime.tv_nsec)
		fail("%s: changed while the image was being made", node_path(n));
	return fd;
}

static void
read_link(int dir, struct node *n)
{
	char text[EXT2_BLOCK_SIZE];
	ssize_t length = readlinkat(dir, n->name, text, sizeof(text));

	if (length < 0)
		fail("%s: %s", node_path(n), strerror(errno));
	if (length == sizeof(text))
		fail("%s: a symbolic link of more than %zu bytes", node_path(n), sizeof(text) - 1);
	n->link = must_alloc((size_t)length + 1, 1);
	memcpy(n->link, text, (size_t)length);
	n->size = (uint64_t)length;
}

static int
linked_compare(const void *a, const void *b)
{
	const struct linked_file *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

// Find out whether n's file has been seen under another name.
static void
join_links(struct source *s, struct node *n, const struct stat *st)
{
	struct linked_file *new = must_alloc(1, sizeof(*new));
	struct linked_file **found;

	*new = (struct linked_file){ st->st_dev, st->st_ino, n };
	found = tsearch(new, &s->linked, linked_compare);
	if (!found)
		fail("out of memory");
	if (*found == new)
		return;
	free(new);
	n->file = (*found)->node;
	if (++n->file->links > EXT2_LINK_MAX)
		fail("%s: has more than %d names", node_path(n), EXT2_LINK_MAX);
}

static void
add_child(struct source *s, struct node *dir, int fd, const char *name)
{
	struct node *n = node_new(s, dir, name);
	struct stat st;

	if (strlen(name) > EXT2_NAME_MAX)
		fail("%s: a name of %zu bytes, ext2 holds %d", node_path(n), strlen(name),
		     EXT2_NAME_MAX);
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail("%s: %s", node_path(n), strerror(errno));
	if (s->avoid && st.st_dev == s->avoid_dev && st.st_ino == s->avoid_ino)
		fail("%s: is the image itself; keep it outside the folder", node_path(n));
	n->mode = st.st_mode;
	n->rdev = st.st_rdev;
	n->mtime = st.st_mtim;

	switch (st.st_mode & S_IFMT) {
	case S_IFLNK:
		read_link(fd, n);
		break;
	case S_IFREG:
		n->size = (uint64_t)st.st_size;
		break;
	case S_IFDIR:
		if (++dir->links > EXT2_LINK_MAX)
			fail("%s: has more than %d sub-directories", node_path(dir),
			     EXT2_LINK_MAX - 2);
		n->links = 2;
		return;
	case S_IFIFO:
	case S_IFCHR:
	case S_IFBLK:
		break;
	default:
		fail("%s: is a socket, which an image can't hold; remove it", node_path(n));
	}
	if (st.st_nlink > 1)
		join_links(s, n, &st);
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// The names in an open directory, sorted.
static char **
sorted_names(const struct node *dir, int fd, size_t *count)
{
	DIR *stream = fdopendir(dup(fd));
	struct dirent *entry;
	char **names = NULL;
	size_t n = 0, room = 0;

	if (!stream)
		fail("%s: %s", node_path(dir), strerror(errno));
	while (errno = 0, (entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (n == room) {
			room = room ? 2 * room : 64;
			names = must_grow(names, room, sizeof(names[0]));
		}
		names[n] = strdup(entry->d_name);
		if (!names[n++])
			fail("out of memory");
	}
	if (errno)
		fail("%s: %s", node_path(dir), strerror(errno));
	closedir(stream);
	if (n)
		qsort(names, n, sizeof(names[0]), name_compare);
	*count = n;
	return names;
}

// Add lost+found to the root's names if it isn't there; true if it was not.
static bool
add_lost_found(char ***names, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp((*names)[i], LOST_FOUND) == 0)
			return false;
	}
	*names = must_grow(*names, *count + 1, sizeof((*names)[0]));
	(*names)[*count] = strdup(LOST_FOUND);
	if (!(*names)[(*count)++])
		fail("out of memory");
	qsort(*names, *count, sizeof((*names)[0]), name_compare);
	return true;
}

static void
make_lost_found(struct source *s, struct node *root)
{
	struct node *n = node_new(s, root, LOST_FOUND);

	n->mode = S_IFDIR | 0700;
	n->mtime = root->mtime;
	n->links = 2;
	n->made = true;
	root->links++;
}

static void
read_dir(struct source *s, struct node *dir)
{
	int fd = open_dir(s, dir);
	size_t count;
	char **names = sorted_names(dir, fd, &count);
	bool make = !dir->parent && add_lost_found(&names, &count);

	dir->first = s->count;
	dir->children = count;
	for (size_t i = 0; i < count; i++) {
		bool lost_found = !dir->parent && strcmp(names[i], LOST_FOUND) == 0;

		if (lost_found && make)
			make_lost_found(s, dir);
		else
			add_child(s, dir, fd, names[i]);
		if (lost_found)
			s->lost_found = s->nodes[s->count - 1];
		free(names[i]);
	}
	free(names);
	close(fd);
}

void
source_read(struct source *s, const char *folder, const char *image)
{
	struct node *root;
	struct stat st;

	memset(s, 0, sizeof(*s));
	if (stat(image, &st) == 0) {
		s->avoid = true;
		s->avoid_dev = st.st_dev;
		s->avoid_ino = st.st_ino;
	}
	s->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0 || fstat(s->root, &st) < 0)
		fail("%s: %s", folder, strerror(errno));
	root = node_new(s, NULL, folder);
	root->mode = st.st_mode;
	root->mtime = st.st_mtim;
	root->links = 2;
	for (size_t i = 0; i < s->count; i++) {
		if (node_is_dir(s->nodes[i]) && !s->nodes[i]->made)
			read_dir(s, s->nodes[i]);
	}
	if (!node_is_dir(s->lost_found))
		fail("%s: must be a directory", node_path(s->lost_found));
}

void
source_free(struct source *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->nodes[i]->name);
		free(s->nodes[i]->link);
		free(s->nodes[i]);
	}
	free(s->nodes);
	while (s->linked) {
		struct linked_file *first = *(struct linked_file **)s->linked;

		tdelete(first, &s->linked, linked_compare);
		free(first);
	}
	close(s->root);
}
