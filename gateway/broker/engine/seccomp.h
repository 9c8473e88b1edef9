/* seccomp.h - the system calls that a box may make: our own allow-list, as the JSON text that the
 * engine takes.
 *
 * The engine's default profile allows about 360 calls. Programs need half of them, and most holes
 * of the kernel are in the other half. For calls that do many things by a number, as setsockopt,
 * ioctl and fcntl do, the numbers are listed too. For every name and number there is a test that
 * needs it (tests/docker/test_seccomp.py). The whole text is kept beside the tests
 * (tests/unit/golden), so that every change of it is visible.
 *
 * Pure, but for seccomp_read_file. Knows neither boxes nor the engine's calls.
 */
#ifndef MAYFLY_SECCOMP_H
#define MAYFLY_SECCOMP_H

#include "common/buf.h"
#include "common/error.h"

/* A profile, ours or an operator's, is at most this long. */
#define SECCOMP_MAX_BYTES ((size_t)256 << 10)

enum seccomp_arch { SECCOMP_X86_64, SECCOMP_AARCH64 };

/* Find the architecture by its name in the engine's /info, "x86_64" or "aarch64". Returns false,
 * with *arch untouched, for any other name. */
bool seccomp_arch_of(const char *architecture, enum seccomp_arch *arch);

/* The same profile in two forms. gVisor compiles all rules into one filter of at most 4096
 * instructions, and the long form needs more. In the short form, all alternatives for one argument
 * are a single rule, which OCI runtimes accept. In the long form at most six are, because crun
 * reads no more. */
enum seccomp_form { SECCOMP_LONG, SECCOMP_SHORT };

/* Append our profile. Returns false when it does not fit into out. */
bool seccomp_write(enum seccomp_arch arch, enum seccomp_form form, struct buf *out);

/* Append the numbers of all calls that our profile allows, even with some arguments only: in
 * decimal, with a space after each, for the architecture of this program. Returns false when they
 * do not fit into out. */
bool seccomp_write_numbers(struct buf *out);

/* Append an operator's profile, which is used instead of ours. Fails with ERR_INVALID (unreadable,
 * too long, no JSON object); the error does not contain the path. */
bool seccomp_read_file(const char *path, struct buf *out, struct error *err);

#endif
