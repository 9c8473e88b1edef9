/* protocol.h - what mayfly-init and the template it starts agree on.
 *
 * 1. The template is started with the program's stdin, stdout and stderr as fds 0, 1 and 2, and
 *    a socket as fd 3. stdin is a file for reading, still empty. Its interpreter starts and warms
 *    up.
 * 2. It may end, with a child of its own in its place: PID 1 inherits that. The template is
 *    whichever of init's children goes on.
 * 3. It writes one byte to fd 3: warm. Init takes the pid of whoever wrote it (SO_PASSCRED) for
 *    the program's. With it may come a descriptor (SCM_RIGHTS): the reading end of a pipe for
 *    displays, of which it keeps the other.
 * 4. It reads one RUN frame from fd 3: ARG, ENV, FILE_PATH, DISPLAYS_BYTES, OUTPUT_MERGED and
 *    LINE_BUFFERED fields of the job. The source is in /box/main.py, the files are written and
 *    stdin has its content by then. The frame's run id is not the run's but a secret, its low 32
 *    bits zero.
 * 5. It closes fd 3 and becomes the program: same process, same pid. Before that it may write
 *    HANDOVER_COLD: the program is started anew, by exec, which closes fd 3; and HANDOVER_FAILED
 *    with a sentence up to its end: the program does not run. Nothing before fd 3 is closed is the
 *    program's doing.
 * 6. At its very end, when everything it wrote has been written and nothing is left to do but
 *    exit(2), it may queue FAREWELL_SIGNAL to init, the value being the secret plus the CPU time
 *    that the program has used plus its exit code. The kernel needs a millisecond or two to take
 *    an interpreter's memory down; init believes the farewell instead of waiting, if the program
 *    is alone.
 *
 * A display goes through its pipe in packets, each written by one write(2) of at most
 * DISPLAY_PACKET_BYTES, which the pipe (O_DIRECT) keeps apart; integers are big-endian:
 *
 *      0..7      8..11       12       13      14..15    16..
 *   [ name ][ offset ][ form ][ last ][ zero ][ content ]
 *
 * The packets of one display have its name, follow each other, and say where their content
 * belongs; those of another in between, or a gap, end it unshown. The name is any number that the
 * one before did not have.
 *
 * The secret keeps a program that signals PID 1 at random from ending its own run. It keeps
 * nothing from a program that wants to: that one could call _exit as well.
 */
#ifndef MAYFLY_PROTOCOL_H
#define MAYFLY_PROTOCOL_H

#include <signal.h>

#define TEMPLATE_CONTROL_FD 3
#define HANDOVER_COLD 'c'
#define HANDOVER_FAILED 'f'
#define FAREWELL_SIGNAL SIGRTMIN
#define FAREWELL_CODE_MASK UINT64_C(0xff)
#define FAREWELL_CPU_SHIFT 8 /* microseconds, or more where it is the most */
#define FAREWELL_CPU_MOST_US UINT64_C(0xffffff)
#define FAREWELL_SECRET_MASK (~UINT64_C(0xffffffff))

#define DISPLAY_HEADER_BYTES 16
#define DISPLAY_PACKET_BYTES 4096 /* PIPE_BUF */

enum display_form {
    DISPLAY_PNG = 1,
    DISPLAY_SVG = 2,
    DISPLAY_HTML = 3,
    DISPLAY_JSON = 4,
};

#endif
