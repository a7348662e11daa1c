// SPDX-License-Identifier: MIT
/*
 * The folder that an image is made from, read once into memory: names, kinds,
 * modes, sizes and times, but not the files' contents.
 *
 * The nodes are in one list, the root first and each directory's children next
 * to each other, sorted by their bytes.  So the same folder always gives the
 * same list, whatever the host's file system, locale or user.  Files with
 * several names in the folder are one file: the first node stands for it.
 * A directory lost+found is added to the root if there is none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct node {
	const struct node *parent; // NULL for the root
	char *name;                // in the parent; the root's is the folder's path
	struct node *file;         // the node that stands for this file, often itself

	// As found on the host.
	mode_t mode;
	uint64_t size;
	dev_t rdev;
	struct timespec mtime;
	char *link; // a symbolic link's text, or NULL
	bool made;  // not in the folder: the lost+found that ext2 wants

	// A directory's children: source.nodes[first .. first + children)
	size_t first;
	size_t children;

	// In the image; set in the node that stands for the file.
	uint32_t ino;
	uint32_t links;
};

struct source {
	int root; // the folder, open
	struct node **nodes;
	size_t count;
	size_t room;
	struct node *lost_found; // the root's child of that name
	void *linked;            // files with several names, by host inode
	dev_t avoid_dev;         // the image's own file, if it exists already
	ino_t avoid_ino;
	bool avoid;
};

// Read the folder.  If image exists it must not lie in the folder.  Fails with
// a message for what can't be read or put into an image.
void source_read(struct source *s, const char *folder, const char *image);
void source_free(struct source *s);

// Open a regular file for reading.  Fails with a message if it can't be opened
// or is no longer what it was.
int source_open(const struct source *s, const struct node *n);

bool node_is_dir(const struct node *n);

// A node's path below the folder, for messages: lives until the next call.
const char *node_path(const struct node *n);
