// SPDX-License-Identifier: MIT
/*
 * Error numbers.
 *
 * A system call returns a negative one of these, and the kernel's own
 * functions do too.  Linux's numbers (include/uapi/asm-generic/errno-base.h
 * and errno.h); 41 and 58 are not used.
 */
#pragma once

#define EPERM           1  // not the owner, or not privileged
#define ENOENT          2  // no such file
#define ESRCH           3  // no such process
#define EINTR           4  // interrupted by a signal
#define EIO             5  // the device failed
#define ENXIO           6  // no such device or address
#define E2BIG           7  // arguments too long
#define ENOEXEC         8  // not a program
#define EBADF           9  // not an open descriptor
#define ECHILD          10 // no child to wait for
#define EAGAIN          11 // would have to wait, or no room for now
#define ENOMEM          12 // out of memory
#define EACCES          13 // mode bits forbid it
#define EFAULT          14 // bad address
#define ENOTBLK         15 // not a block device
#define EBUSY           16 // in use
#define EEXIST          17 // exists already
#define EXDEV           18 // on another file system
#define ENODEV          19 // no such device
#define ENOTDIR         20 // not a directory
#define EISDIR          21 // a directory
#define EINVAL          22 // bad argument
#define ENFILE          23 // too many open files in the system
#define EMFILE          24 // too many open files in the process
#define ENOTTY          25 // not a terminal, or no such ioctl
#define ETXTBSY         26 // a running program's file
#define EFBIG           27 // file too large
#define ENOSPC          28 // no room on the disk
#define ESPIPE          29 // not seekable
#define EROFS           30 // read-only file system
#define EMLINK          31 // too many links
#define EPIPE           32 // nobody reads the pipe
#define EDOM            33 // argument outside a function's domain
#define ERANGE          34 // result too large
#define EDEADLK         35 // would deadlock
#define ENAMETOOLONG    36 // name too long
#define ENOLCK          37 // no record locks left
#define ENOSYS          38 // no such system call
#define ENOTEMPTY       39 // directory not empty
#define ELOOP           40 // too many symbolic links
#define ENOMSG          42
#define EIDRM           43
#define ECHRNG          44
#define EL2NSYNC        45
#define EL3HLT          46
#define EL3RST          47
#define ELNRNG          48
#define EUNATCH         49
#define ENOCSI          50
#define EL2HLT          51
#define EBADE           52
#define EBADR           53
#define EXFULL          54
#define ENOANO          55
#define EBADRQC         56
#define EBADSLT         57
#define EBFONT          59
#define ENOSTR          60
#define ENODATA         61
#define ETIME           62
#define ENOSR           63
#define ENONET          64
#define ENOPKG          65
#define EREMOTE         66
#define ENOLINK         67
#define EADV            68
#define ESRMNT          69
#define ECOMM           70
#define EPROTO          71
#define EMULTIHOP       72
#define EDOTDOT         73
#define EBADMSG         74
#define EOVERFLOW       75 // value too large for its type
#define ENOTUNIQ        76
#define EBADFD          77
#define EREMCHG         78
#define ELIBACC         79
#define ELIBBAD         80
#define ELIBSCN         81
#define ELIBMAX         82
#define ELIBEXEC        83
#define EILSEQ          84
#define ERESTART        85
#define ESTRPIPE        86
#define EUSERS          87
#define ENOTSOCK        88
#define EDESTADDRREQ    89
#define EMSGSIZE        90
#define EPROTOTYPE      91
#define ENOPROTOOPT     92
#define EPROTONOSUPPORT 93
#define ESOCKTNOSUPPORT 94
#define EOPNOTSUPP      95
#define EPFNOSUPPORT    96
#define EAFNOSUPPORT    97
#define EADDRINUSE      98
#define EADDRNOTAVAIL   99
#define ENETDOWN        100
#define ENETUNREACH     101
#define ENETRESET       102
#define ECONNABORTED    103
#define ECONNRESET      104
#define ENOBUFS         105
#define EISCONN         106
#define ENOTCONN        107
#define ESHUTDOWN       108
#define ETOOMANYREFS    109
#define ETIMEDOUT       110
#define ECONNREFUSED    111
#define EHOSTDOWN       112
#define EHOSTUNREACH    113
#define EALREADY        114
#define EINPROGRESS     115
#define ESTALE          116
#define EUCLEAN         117
#define ENOTNAM         118
#define ENAVAIL         119
#define EISNAM          120
#define EREMOTEIO       121
#define EDQUOT          122
#define ENOMEDIUM       123
#define EMEDIUMTYPE     124
#define ECANCELED       125
#define ENOKEY          126
#define EKEYEXPIRED     127
#define EKEYREVOKED     128
#define EKEYREJECTED    129
#define EOWNERDEAD      130
#define ENOTRECOVERABLE 131
#define ERFKILL         132
#define EHWPOISON       133

#define EWOULDBLOCK EAGAIN
#define EDEADLOCK   EDEADLK
#define ENOTSUP     EOPNOTSUPP
