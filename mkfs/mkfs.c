// SPDX-License-Identifier: MIT
/*
 * mkfs IMAGE SIZE FOLDER: an ext2 image of that size with the folder's files.
 *
 * It goes over the folder three times: to read names, to count what everything
 * needs, to write.  So what doesn't fit is known, and said exactly, before a
 * byte is written.  The same folder gives the same image, byte for byte:
 * nothing in it depends on the clock, on chance, or on who runs this.
 */
#include "diag.h"
#include "files.h"
#include "fit.h"
#include "image.h"
#include "layout.h"
#include "output.h"
#include "source.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	const char *label;
	const char *uuid; // NULL: from the files' names, sizes and times
	const char *time; // NULL: the files' own
	const char *inodes;
	const char *image;
	const char *size;
	const char *folder;
};

static const char usage[] =
	"usage: mkfs [-h] [-L LABEL] [-N INODES] [-T SECONDS] [-U UUID] IMAGE SIZE FOLDER\n"
	"Makes IMAGE, an ext2 file system of SIZE bytes with the files in FOLDER.\n"
	"  SIZE        a number with K, M, G or T: 64M; rounded down to 4K\n"
	"  -L LABEL    the file system's name, at most 16 bytes\n"
	"  -N INODES   make at least so many; else one for 16K, or more if needed\n"
	"  -T SECONDS  give every file this time (since 1970), not its own mtime\n"
	"  -U UUID     else it is made from the files' names, sizes and times\n"
	"Modes, hard and symbolic links, holes, devices and pipes are kept; owner and\n"
	"group become 0; extended attributes are left out.  The same folder gives the\n"
	"same image.\n";

static _Noreturn void
misused(const char *what)
{
	if (what)
		fprintf(stderr, "mkfs: %s\n", what);
	fputs(usage, stderr);
	exit(2);
}

static uint32_t
parse_number(const char *text, uint32_t most, const char *what)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || n > most || !isdigit((unsigned char)text[0]) || *end)
		fail("%s: is not %s", text, what);
	return (uint32_t)n;
}

// SIZE in blocks.
static uint64_t
parse_size(const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	const char *unit;
	uint64_t n;
	unsigned shift = 0;

	errno = 0;
	n = strtoull(text, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (errno || !isdigit((unsigned char)text[0]) || *end)
		fail("%s: is not a size; write it like 64M or 1G", text);
	if (n > UINT64_MAX >> shift || (n << shift) >> EXT2_BLOCK_LOG > UINT32_MAX)
		fail("%s: ext2 with blocks of 4K ends at 16T", text);
	return (n << shift) >> EXT2_BLOCK_LOG;
}

// The form that other programs print: 8-4-4-4-12 hexadecimal digits.
static void
parse_uuid(const char *text, uint8_t uuid[16])
{
	static const char digits[] = "0123456789abcdef";
	unsigned nibble = 0;

	for (const char *p = text; *p && nibble <= 32; p++) {
		const char *digit = strchr(digits, tolower((unsigned char)*p));
		bool dash = p - text == 8 || p - text == 13 || p - text == 18 || p - text == 23;

		if (dash ? *p != '-' : !digit || nibble == 32)
			break;
		if (!dash) {
			uuid[nibble / 2] = (uint8_t)(uuid[nibble / 2] << 4 | (digit - digits));
			nibble++;
		}
	}
	if (nibble != 32 || strlen(text) != 36)
		fail("%s: is not a UUID", text);
}

// FNV-1a (Fowler, Noll, Vo), 64 bits.
static uint64_t
hash(uint64_t h, const void *data, size_t length)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < length; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

// A UUID that tells one folder's image from another's (RFC 9562, version 8).
static void
make_uuid(const struct source *s, const char *label, const struct timespec *time, uint8_t uuid[16])
{
	uint64_t half[2] = { UINT64_C(0xcbf29ce484222325), UINT64_C(0x84222325cbf29ce4) };

	for (int k = 0; k < 2; k++) {
		half[k] = hash(half[k], label, strlen(label));
		for (size_t i = 0; i < s->count; i++) {
			const struct node *n = s->nodes[i];
			const struct timespec *t = time ? time : &n->mtime;
			int64_t when[2] = { t->tv_sec, t->tv_nsec };

			if (n->parent)
				half[k] = hash(half[k], n->name, strlen(n->name) + 1);
			half[k] = hash(half[k], &n->mode, sizeof(n->mode));
			half[k] = hash(half[k], &n->size, sizeof(n->size));
			half[k] = hash(half[k], when, sizeof(when));
		}
	}
	memcpy(uuid, half, 16);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static void
make_image(const struct options *o)
{
	struct source s;
	uint64_t blocks = parse_size(o->size), inodes = 0;
	struct layout l;
	struct image img;
	struct image_options super = { .label = o->label };
	struct timespec time = { 0 };

	if (o->time) {
		time.tv_sec = parse_number(o->time, UINT32_MAX, "a time in seconds since 1970");
		super.time = (uint32_t)time.tv_sec;
	}
	if (o->inodes)
		inodes = parse_number(o->inodes, UINT32_MAX, "a number of inodes");
	source_read(&s, o->folder, o->image);
	if (o->uuid)
		parse_uuid(o->uuid, super.uuid);
	else
		make_uuid(&s, o->label, o->time ? &time : NULL, super.uuid);
	fit_layout(&l, &s, blocks, inodes);

	output_begin(o->image, blocks << EXT2_BLOCK_LOG);
	image_begin(&img, &l);
	files_number(&s, &img);
	for (size_t i = 0; i < s.count; i++) {
		if (s.nodes[i]->file == s.nodes[i])
			files_write(&s, s.nodes[i], &img, o->time ? &time : NULL);
	}
	image_end(&img, &super);
	output_commit();
	source_free(&s);
}

int
main(int argc, char **argv)
{
	struct options o = { .label = "" };
	int c;

	while ((c = getopt(argc, argv, "+hL:N:T:U:")) != -1) {
		switch (c) {
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'L':
			o.label = optarg;
			break;
		case 'N':
			o.inodes = optarg;
			break;
		case 'T':
			o.time = optarg;
			break;
		case 'U':
			o.uuid = optarg;
			break;
		default:
			misused(NULL);
		}
	}
	if (argc - optind != 3)
		misused("wants IMAGE, SIZE and FOLDER");
	if (strlen(o.label) > sizeof(((struct ext2_super *)0)->volume_name))
		fail("%s: a label has at most 16 bytes", o.label);
	o.image = argv[optind];
	o.size = argv[optind + 1];
	o.folder = argv[optind + 2];
	make_image(&o);
	return 0;
}
