/* protocol.h - the protocol between mayfly-init and the template, the warm interpreter that becomes
 * the program.
 *
 * 1. Init executes the template. If the template's command is one word, its arguments are those of
 *    the program that it will be: PROGRAM_NAME PROGRAM_SCRIPT. Its fds 0, 1 and 2 are the program's
 *    stdin, stdout and stderr, and fd 3 is a socket to init, the control socket. stdin is a file
 *    for reading, still empty. The template starts its interpreter.
 * 2. It writes TEMPLATE_READY to fd 3 once its interpreter runs: a job may come. From here on,
 *    until a job comes, it imports modules that programs often use. This step is optional.
 * 3. It may exit and leave a child in its place, which PID 1 adopts. The child is then the
 *    template.
 * 4. It writes TEMPLATE_WARM to fd 3: it now waits for the job. Init takes the sender's pid
 *    (SO_PASSCRED) as the program's. The byte may carry a descriptor (SCM_RIGHTS): the reading end
 *    of a pipe for displays, of which the template keeps the writing end. Before that byte it may
 *    write TEMPLATE_WARMTH and a byte that says how much of its imports was done, in percent.
 *    Without it, that is 100.
 * 5. If a job comes before step 4, init writes HANDOVER_CALL to fd 3. The template then stops
 *    importing and does step 4 at once. At any other time it ignores this byte.
 * 6. It reads one RUN frame from fd 3, with the job's fields ARG, ENV, FILE_PATH, DISPLAYS_BYTES,
 *    OUTPUT_MERGED, LINE_BUFFERED, CELL and SESSION_MS. By then the source is in /box/main.py, the
 *    files are written and stdin has its content. In the place of the run id is a secret, whose low
 *    32 bits are zero.
 * 7. It closes fd 3 and becomes the program: the same process with the same pid. Before that it may
 *    report one of two things. HANDOVER_COLD: the program is started by a new exec, which closes
 *    fd 3. HANDOVER_FAILED, with a sentence up to the end of the stream: the program does not run.
 *    Before these, HANDOVER_DISPLAYS carries the reading end of a pipe for displays, if the job is
 *    a cell and "warm" carried none. The program does nothing before fd 3 is closed.
 * 8. At its very end, the program may queue the signal FAREWELL_SIGNAL to init. By then all its
 *    output is written, and only exit(2) is left to do. The signal's value is the sum of the
 *    secret, the CPU time used, and the exit code. The kernel needs a millisecond or two to free an
 *    interpreter's memory. If the program is alone in the box, init accepts the farewell instead of
 *    waiting for its death.
 *
 * In a box that may serve several runs, the template stays, and is then called the zygote. Instead
 * of a RUN frame, init sends it orders on fd 3: one byte each, and one order at a time.
 *
 *   ORDER_STAY   The template protects itself from programs and becomes the zygote. It answers as
 *                to ORDER_LOOK, or with an empty text if it cannot stay. In that case it may still
 *                get a RUN frame.
 *   ORDER_LOOK   The answer is a text, followed by a NUL, about those parts of the zygote's state
 *                that no other process can read.
 *   ORDER_FORK   carries FORK_FDS_COUNT descriptors (SCM_RIGHTS): stdin, stdout, stderr and a
 *                control socket. The zygote forks a process that is a child of init and has these
 *                as fds 0 to 3. That process does steps 3 to 8. The zygote does not answer.
 *
 * For a job of a session (WIRE_TAG_SESSION_MS), the process becomes the session's interpreter. It
 * keeps its socket, and writes SESSION_WORD_SERVES in step 7. For each cell, init sends
 * SESSION_CELL with a descriptor (SCM_RIGHTS) of a file, which contains a RUN frame with SOURCE,
 * STDIN and DISPLAYS_BYTES. When the cell has ended, the interpreter writes SESSION_WORD_ENDED and
 * a byte, the exit code. SIGINT interrupts a cell.
 *
 * A display is sent through the pipe for displays in packets. Each is one write(2) of at most
 * DISPLAY_PACKET_BYTES, and the pipe (O_DIRECT) keeps packets apart. Integers are big-endian:
 *
 *      0..7      8..11       12       13      14..15    16..
 *   [ name ][ offset ][ form ][ last ][ flags][ content ]
 *
 * The packets of one display follow each other. Each has the display's name and the offset of its
 * content. After a gap, or a packet of another display in between, the display is dropped. The name
 * is any number that differs from the previous display's. Flags are DISPLAY_IS_*, in cells only;
 * those of the first packet count.
 *
 * A cell (WIRE_TAG_CELL) may show several forms of one thing, such as PNG and HTML. Each form is a
 * display here, and they follow each other. DISPLAY_ERROR is not a display, but the exception that
 * ends the cell, encoded as in artifact.h. A cell sends at most one, of at most
 * ARTIFACT_ERROR_MAX_BYTES.
 *
 * The farewell's secret keeps a program that sends random signals to PID 1 from ending its own run.
 * It does not stop a program that wants to end its run: that could call _exit as well.
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
#define HANDOVER_DISPLAYS 'd'
#define HANDOVER_COLD 'c'
#define HANDOVER_FAILED 'f'
/* No order is the first byte of a RUN frame, WIRE_RUN. */
#define ORDER_STAY 's'
#define ORDER_LOOK 'l'
#define ORDER_FORK 'f'
#define FORK_FDS_COUNT 4
#define SESSION_CELL 'x'
#define SESSION_WORD_SERVES 's'
#define SESSION_WORD_ENDED 'e'
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
    DISPLAY_TEXT = 5,  /* only in cells */
    DISPLAY_ERROR = 6, /* only in cells: the exception */
};

#define DISPLAY_IS_FURTHER_FORM 1 /* another form of the previous display */
#define DISPLAY_IS_RESULT 2       /* the value of the cell's last expression */

#endif
