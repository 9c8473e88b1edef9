/* protocol.h - the protocol between mayfly-init and the template that it starts.
 *
 * 1. A template whose command is one word is executed with the arguments of the program that it
 *    will be: PROGRAM_NAME PROGRAM_SCRIPT. It starts with the program's stdin, stdout and stderr as
 *    fds 0, 1 and 2, and a socket as fd 3. stdin is a file for reading, still empty. Its
 *    interpreter starts.
 * 2. It writes TEMPLATE_READY to fd 3 once its interpreter runs: a job may come. From here on,
 *    while no job waits, it imports modules that programs use. This step is optional.
 * 3. It may end and leave its child in its place, which PID 1 adopts. That child is then the
 *    template.
 * 4. It writes TEMPLATE_WARM to fd 3. Init takes the sender's pid (SO_PASSCRED) as the program's.
 *    The byte may carry a descriptor (SCM_RIGHTS): the reading end of a pipe for displays. The
 *    template keeps the writing end. Before that byte it may write TEMPLATE_WARMTH and a byte: how
 *    much of its imports it has done, in percent. Without this it is 100.
 * 5. A job that comes earlier is announced: init writes HANDOVER_CALL to fd 3. The template then
 *    stops importing and does step 4 at once. Elsewhere in the stream this byte means nothing.
 * 6. It reads one RUN frame from fd 3: ARG, ENV, FILE_PATH, DISPLAYS_BYTES, OUTPUT_MERGED and
 *    LINE_BUFFERED fields of the job. By then the source is in /box/main.py, the files are written
 *    and stdin has its content. The frame's run id is a secret instead, its low 32 bits zero.
 * 7. It closes fd 3 and becomes the program: same process, same pid. Before that it may write one
 *    of two words. HANDOVER_COLD: the program is started anew, by exec, which closes fd 3.
 *    HANDOVER_FAILED, and a sentence up to the end of the stream: the program does not run. The
 *    program does nothing before fd 3 is closed.
 * 8. At its very end, it may queue FAREWELL_SIGNAL to init. By then all its output is written, and
 *    only exit(2) is left to do. The value is the secret plus the CPU time that the program has
 *    used plus its exit code. The kernel needs a millisecond or two to free an interpreter's
 *    memory. If the program is alone, init believes the farewell instead of waiting.
 *
 * A box that may serve several runs keeps its template, which is then called its zygote. Instead of
 * a RUN frame, init writes orders to fd 3: one byte each, and one at a time.
 *
 *   ORDER_STAY   Protect yourself from programs, and fork from now on. The answer is that of
 *                ORDER_LOOK. It is empty when that is impossible; the template may then still be
 *                given a RUN frame.
 *   ORDER_LOOK   The answer is a text about those parts of the zygote's state that no other process
 *                can read, and a NUL.
 *   ORDER_FORK   comes with FORK_FDS_COUNT descriptors (SCM_RIGHTS): stdin, stdout, stderr and a
 *                control socket. A new process, which is a child of init's, has them as fds 0 to 3
 *                and does steps 3 to 6. There is no other answer.
 *
 * A display goes through its pipe in packets. Each is written by one write(2) of at most
 * DISPLAY_PACKET_BYTES, and the pipe (O_DIRECT) keeps packets apart. Integers are big-endian:
 *
 *      0..7      8..11       12       13      14..15    16..
 *   [ name ][ offset ][ form ][ last ][ zero ][ content ]
 *
 * The packets of one display follow each other, with its name and the offset of their content.
 * After a gap, or a packet of another display in between, the display is dropped. The name is any
 * number other than that of the previous display.
 *
 * The secret keeps a program that signals PID 1 at random from ending its own run. It does not stop
 * a program that wants to end it, which could call _exit as well.
 */
#ifndef MAYFLY_PROTOCOL_H
#define MAYFLY_PROTOCOL_H

#include <signal.h>

#define PROGRAM_NAME "python3"
#define PROGRAM_SCRIPT "/box/main.py"
#define TEMPLATE_CONTROL_FD 3
#define TEMPLATE_READY 'r'
#define TEMPLATE_WARMTH 'p'
#define TEMPLATE_WARM 'w'
#define HANDOVER_CALL 'j' /* no frame begins with this byte */
#define HANDOVER_COLD 'c'
#define HANDOVER_FAILED 'f'
/* No order is the first byte of a RUN frame, WIRE_RUN. */
#define ORDER_STAY 's'
#define ORDER_LOOK 'l'
#define ORDER_FORK 'f'
#define FORK_FDS_COUNT 4
#define FAREWELL_SIGNAL SIGRTMIN
#define FAREWELL_CODE_MASK UINT64_C(0xff)
#define FAREWELL_CPU_SHIFT 8 /* microseconds, at most FAREWELL_CPU_MOST_US */
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
