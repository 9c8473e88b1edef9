/* seccomp.h - the system calls that a box may make: our own allow-list, as the JSON text that the
 * engine takes.
 *
 * The engine's default profile allows about 360 calls; a program needs half of them, and the other
 * half is where the kernel's holes are. Where a call does many things by a number, as setsockopt,
 * ioctl and fcntl do, the numbers are listed too. Every name and number is needed by a test
 * (tests/docker/test_seccomp.py), and the text as a whole is kept beside the tests
 * (tests/unit/golden), so that a change shows as what it is.
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

/* By the name that the engine's /info gives, "x86_64" or "aarch64". False, and *arch untouched, for
 * any other. */
bool seccomp_arch_of(const char *architecture, enum seccomp_arch *arch);

/* The same promise in two forms. gVisor makes one filter of all rules, which may have 4096
 * instructions; the long form has more. In the short one all alternatives for one argument are one
 * rule; in the long one six at most are, which is what crun reads. */
enum seccomp_form { SECCOMP_LONG, SECCOMP_SHORT };

/* Append our profile. Returns false when out's cap forbids. */
bool seccomp_write(enum seccomp_arch arch, enum seccomp_form form, struct buf *out);

/* Append the numbers of the calls that our profile allows, with arguments of whatever kind, in
 * decimal with a space after each; for the architecture that this program was built for. False
 * when out's cap forbids. */
bool seccomp_write_numbers(struct buf *out);

/* Append an operator's profile, used in place of ours. Fails with ERR_INVALID (unreadable, too
 * long, no JSON object) and a sentence without the path. */
bool seccomp_read_file(const char *path, struct buf *out, struct error *err);

#endif
