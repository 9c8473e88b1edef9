/* seccomp.h - which system calls a box may make: our own allow-list, as JSON for the engine.
 *
 * The engine's default profile allows about 360 calls. Programs need half of them, and most of the
 * kernel's vulnerabilities are in the other half. Calls that do many things by number (setsockopt,
 * ioctl, fcntl) are allowed only for listed numbers. Each name and number has a test that needs it
 * (tests/docker/test_seccomp.py). The whole text is stored in tests/unit/golden, so that every
 * change is visible.
 *
 * Pure, except for seccomp_read_file. Knows neither boxes nor the engine's calls.
 */
#ifndef MAYFLY_SECCOMP_H
#define MAYFLY_SECCOMP_H

#include "common/buf.h"
#include "common/error.h"

/* The maximal length of a profile, ours or an operator's. */
#define SECCOMP_MAX_BYTES ((size_t)256 << 10)

enum seccomp_arch { SECCOMP_X86_64, SECCOMP_AARCH64 };

/* Find the architecture by its name in the engine's /info: "x86_64" or "aarch64". Returns false,
 * with *arch untouched, for other names. */
bool seccomp_arch_of(const char *architecture, enum seccomp_arch *arch);

/* The same profile in two forms. In the short form, all alternatives for an argument are in one
 * rule: gVisor compiles all rules to one filter of at most 4096 instructions, and the long form
 * needs more. In the long form, a rule has at most six alternatives, because crun reads no more. */
enum seccomp_form { SECCOMP_LONG, SECCOMP_SHORT };

/* Append our profile. Returns false when it does not fit into out. */
bool seccomp_write(enum seccomp_arch arch, enum seccomp_form form, struct buf *out);

/* Append the numbers of all calls that our profile allows, even if only for some arguments, for the
 * architecture of this program. Each is in decimal and followed by a space. Returns false when they
 * do not fit into out. */
bool seccomp_write_numbers(struct buf *out);

/* Append an operator's profile. Fails with ERR_INVALID if it is unreadable, too long, or not a JSON
 * object; the error does not contain the path. */
bool seccomp_read_file(const char *path, struct buf *out, struct error *err);

#endif
