// SPDX-License-Identifier: MIT
/*
 * Formatted text (ISO C 7.21.6.1, without floating point, wide characters and
 * %n).  Every number goes through one function, as sign or prefix and digits;
 * every conversion ends in padding to the width.  What is no conversion is
 * shown as it stands, so that a mistake is seen.
 */
#include "lib/print.h"

#include <limits.h>

#include "lib/math.h"
#include "lib/string.h"

enum flag {
	FLAG_LEFT = 1 << 0,  // -
	FLAG_PLUS = 1 << 1,  // +
	FLAG_SPACE = 1 << 2, // space
	FLAG_ALT = 1 << 3,   // #
	FLAG_ZERO = 1 << 4,  // 0
};

enum size {
	SIZE_CHAR,
	SIZE_SHORT,
	SIZE_INT,
	SIZE_LONG,
	SIZE_LONG_LONG,
	SIZE_SIZE,
	SIZE_PTRDIFF,
	SIZE_MAXIMUM,
};

// One conversion, between its % and its letter.
struct spec {
	unsigned flags;
	int width;     // 0 if there is none
	int precision; // -1 if there is none
	enum size size;
};

struct out {
	char *to;
	size_t size;
	size_t length; // of the whole text, written or not
	va_list args;
};

#define DIGITS_MAX 22 // of 64 bits in octal

static void
put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->to[o->length] = c;
	o->length++;
}

static void
put_repeated(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void
put_bytes(struct out *o, const struct spec *s, const char *bytes, size_t n)
{
	int padding = n < (size_t)s->width ? s->width - (int)n : 0;

	if ((s->flags & FLAG_LEFT) == 0)
		put_repeated(o, ' ', padding);
	for (size_t i = 0; i < n; i++)
		put(o, bytes[i]);
	if (s->flags & FLAG_LEFT)
		put_repeated(o, ' ', padding);
}

// How many zeros come before n digits of value.
static int
leading_zeros(const struct spec *s, uint64_t value, unsigned base, int n, int prefix_length)
{
	int precision = s->precision < 0 ? 1 : s->precision;
	int zeros = MAX(precision - n, 0);

	if (s->precision < 0 && (s->flags & (FLAG_ZERO | FLAG_LEFT)) == FLAG_ZERO)
		zeros = MAX(zeros, s->width - prefix_length - n);
	if (base == 8 && (s->flags & FLAG_ALT) && zeros == 0 && (value != 0 || n == 0))
		zeros = 1;
	return zeros;
}

static void
put_number(struct out *o, const struct spec *s, uint64_t value, const char *prefix, unsigned base,
	   const char *alphabet)
{
	char digits[DIGITS_MAX];
	int n = 0;

	for (uint64_t v = value; v != 0; v /= base)
		digits[n++] = alphabet[v % base];

	int prefix_length = (int)strlen(prefix);
	int zeros = leading_zeros(s, value, base, n, prefix_length);
	int padding = s->width - prefix_length - zeros - n;

	if ((s->flags & FLAG_LEFT) == 0)
		put_repeated(o, ' ', padding);
	while (*prefix != '\0')
		put(o, *prefix++);
	put_repeated(o, '0', zeros);
	while (n > 0)
		put(o, digits[--n]);
	if (s->flags & FLAG_LEFT)
		put_repeated(o, ' ', padding);
}

static int64_t
fetch_signed(struct out *o, enum size size)
{
	switch (size) {
	case SIZE_CHAR:
		return (signed char)va_arg(o->args, int);
	case SIZE_SHORT:
		return (short)va_arg(o->args, int);
	case SIZE_INT:
		return va_arg(o->args, int);
	case SIZE_LONG:
		return va_arg(o->args, long);
	case SIZE_LONG_LONG:
		return va_arg(o->args, long long);
	case SIZE_SIZE:
		return (int64_t)va_arg(o->args, size_t);
	case SIZE_PTRDIFF:
		return va_arg(o->args, ptrdiff_t);
	case SIZE_MAXIMUM:
		break;
	}
	return va_arg(o->args, intmax_t);
}

static uint64_t
fetch_unsigned(struct out *o, enum size size)
{
	switch (size) {
	case SIZE_CHAR:
		return (unsigned char)va_arg(o->args, unsigned);
	case SIZE_SHORT:
		return (unsigned short)va_arg(o->args, unsigned);
	case SIZE_INT:
		return va_arg(o->args, unsigned);
	case SIZE_LONG:
		return va_arg(o->args, unsigned long);
	case SIZE_LONG_LONG:
		return va_arg(o->args, unsigned long long);
	case SIZE_SIZE:
		return va_arg(o->args, size_t);
	case SIZE_PTRDIFF:
		return (uint64_t)va_arg(o->args, ptrdiff_t);
	case SIZE_MAXIMUM:
		break;
	}
	return va_arg(o->args, uintmax_t);
}

static void
put_signed(struct out *o, const struct spec *s)
{
	int64_t value = fetch_signed(o, s->size);
	const char *sign = value < 0               ? "-"
			   : s->flags & FLAG_PLUS  ? "+"
			   : s->flags & FLAG_SPACE ? " "
						   : "";

	// Negated as unsigned: the least number has no positive counterpart.
	put_number(o, s, value < 0 ? -(uint64_t)value : (uint64_t)value, sign, 10, "0123456789");
}

static void
put_unsigned(struct out *o, const struct spec *s, char conversion)
{
	uint64_t value = fetch_unsigned(o, s->size);
	bool prefixed = (s->flags & FLAG_ALT) && value != 0;

	switch (conversion) {
	case 'o':
		put_number(o, s, value, "", 8, "01234567");
		break;
	case 'x':
		put_number(o, s, value, prefixed ? "0x" : "", 16, "0123456789abcdef");
		break;
	case 'X':
		put_number(o, s, value, prefixed ? "0X" : "", 16, "0123456789ABCDEF");
		break;
	default:
		put_number(o, s, value, "", 10, "0123456789");
		break;
	}
}

static void
put_string(struct out *o, const struct spec *s)
{
	const char *text = va_arg(o->args, const char *);

	if (text == NULL)
		text = "(null)";
	put_bytes(o, s, text,
		  s->precision < 0 ? strlen(text) : strnlen(text, (size_t)s->precision));
}

// Put what the letter conversion stands for; false if it is no conversion.
static bool
put_conversion(struct out *o, const struct spec *s, char conversion)
{
	char c;

	switch (conversion) {
	case 'd':
	case 'i':
		put_signed(o, s);
		return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(o, s, conversion);
		return true;
	case 'p':
		put_number(o, s, (uintptr_t)va_arg(o->args, void *), "0x", 16, "0123456789abcdef");
		return true;
	case 'c':
		c = (char)va_arg(o->args, int);
		put_bytes(o, s, &c, 1);
		return true;
	case 's':
		put_string(o, s);
		return true;
	case '%':
		put(o, '%');
		return true;
	default:
		return false;
	}
}

static const char *
parse_flags(const char *p, struct spec *s)
{
	for (;; p++) {
		switch (*p) {
		case '-':
			s->flags |= FLAG_LEFT;
			break;
		case '+':
			s->flags |= FLAG_PLUS;
			break;
		case ' ':
			s->flags |= FLAG_SPACE;
			break;
		case '#':
			s->flags |= FLAG_ALT;
			break;
		case '0':
			s->flags |= FLAG_ZERO;
			break;
		default:
			return p;
		}
	}
}

// A number in digits, or * for an argument.
static const char *
parse_count(const char *p, struct out *o, int *count)
{
	if (*p == '*') {
		*count = va_arg(o->args, int);
		return p + 1;
	}
	for (*count = 0; *p >= '0' && *p <= '9'; p++)
		*count = *count < INT_MAX / 10 - 1 ? *count * 10 + (*p - '0') : INT_MAX / 10;
	return p;
}

static const char *
parse_size(const char *p, struct spec *s)
{
	switch (*p) {
	case 'h':
		s->size = p[1] == 'h' ? SIZE_CHAR : SIZE_SHORT;
		return p + (p[1] == 'h' ? 2 : 1);
	case 'l':
		s->size = p[1] == 'l' ? SIZE_LONG_LONG : SIZE_LONG;
		return p + (p[1] == 'l' ? 2 : 1);
	case 'z':
		s->size = SIZE_SIZE;
		return p + 1;
	case 't':
		s->size = SIZE_PTRDIFF;
		return p + 1;
	case 'j':
		s->size = SIZE_MAXIMUM;
		return p + 1;
	default:
		s->size = SIZE_INT;
		return p;
	}
}

// Parse what follows a %; returns where its letter is.
static const char *
parse_spec(const char *p, struct out *o, struct spec *s)
{
	s->flags = 0;
	s->precision = -1;
	p = parse_flags(p, s);
	p = parse_count(p, o, &s->width);
	if (s->width < 0) {
		s->flags |= FLAG_LEFT;
		s->width = s->width > INT_MIN ? -s->width : INT_MAX;
	}
	if (*p == '.')
		p = parse_count(p + 1, o, &s->precision);
	return parse_size(p, s);
}

int
format_string_va(char *to, size_t size, const char *format, va_list args)
{
	struct out o = { .to = to, .size = size };

	va_copy(o.args, args);
	for (const char *p = format; *p != '\0'; p++) {
		if (*p != '%') {
			put(&o, *p);
			continue;
		}
		struct spec s;
		const char *letter = parse_spec(p + 1, &o, &s);
		if (put_conversion(&o, &s, *letter))
			p = letter;
		else
			put(&o, '%');
	}
	va_end(o.args);
	if (size > 0)
		to[MIN(o.length, size - 1)] = '\0';
	return (int)o.length;
}

int
format_string(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = format_string_va(to, size, format, args);
	va_end(args);
	return n;
}
