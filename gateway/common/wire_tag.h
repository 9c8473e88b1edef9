/* wire_tag.h - the numbers of the fields in the payloads of wire.h.
 *
 * A number is never reused for another meaning, because front, broker and boxes may be of different
 * builds.
 */
#ifndef MAYFLY_WIRE_TAG_H
#define MAYFLY_WIRE_TAG_H

enum wire_tag {
    /* RUN (job.h) */
    WIRE_TAG_RUNTIME = 1,
    WIRE_TAG_TIMEOUT_MS = 2,
    WIRE_TAG_QUEUE_TIMEOUT_MS = 3,
    WIRE_TAG_MEMORY_BYTES = 4,
    WIRE_TAG_CPU_MILLIS = 5,
    WIRE_TAG_PIDS = 6,
    WIRE_TAG_OUTPUT_BYTES = 7,
    WIRE_TAG_SOURCE = 8,
    WIRE_TAG_STDIN = 9,
    WIRE_TAG_ARG = 10,       /* repeated, in order */
    WIRE_TAG_ENV = 11,       /* repeated: NAME=value */
    WIRE_TAG_FILE_PATH = 12, /* repeated, each followed by its FILE_CONTENT */
    WIRE_TAG_FILE_CONTENT = 13,
    WIRE_TAG_OUTPUT_GLOB = 14,    /* repeated */
    WIRE_TAG_OWNER = 15,          /* the owner for fair sharing: a key's name, or empty */
    WIRE_TAG_FILES_BYTES = 16,    /* cap of all output files together */
    WIRE_TAG_DISPLAYS_BYTES = 17, /* cap of all displays together */
    WIRE_TAG_FILE_BYTES = 18,     /* cap of each output file */
    WIRE_TAG_TRACE_ID = 19,
    WIRE_TAG_CPU_TIME_MS = 20,   /* limit of CPU time; 0: none */
    WIRE_TAG_OUTPUT_MERGED = 21, /* 1: stderr is merged into stdout */
    WIRE_TAG_LINE_BUFFERED = 22, /* 1: stdout is flushed at each newline, as on a terminal */
    WIRE_TAG_BOX_RUNS = 23,      /* most runs of its owner that the run's box may serve in all */
    /* the run's box serves only runs with the same number; 0: only runs without a number */
    WIRE_TAG_BOX_SCOPE = 24,
    WIRE_TAG_RUN_KEEP = 51,    /* 1: the box may serve another run after this one */
    WIRE_TAG_CELL = 26,        /* 1: the program runs as a cell of a notebook */
    WIRE_TAG_SESSION_MS = 27,  /* longest life: see session_ms of struct job */
    WIRE_TAG_EXECUTION = 28,   /* for a run of a session: the id by which clients know it */
    WIRE_TAG_TAKES_TURN = 29,  /* 1: if the session is busy, the run waits */
    WIRE_TAG_FILE_REMOVE = 31, /* repeated: a path that is removed before files are written */
    /* END (outcome.h) */
    WIRE_TAG_VERDICT = 32,
    WIRE_TAG_EXIT_CODE = 33,
    WIRE_TAG_SIGNAL = 34,
    WIRE_TAG_WALL_NS = 35,
    WIRE_TAG_CPU_NS = 36,
    WIRE_TAG_PEAK_MEMORY_BYTES = 37,
    WIRE_TAG_OOM_KILLS = 38,
    WIRE_TAG_STDOUT_BYTES = 39, /* written by the program */
    WIRE_TAG_STDERR_BYTES = 40,
    WIRE_TAG_STDOUT_KEPT_BYTES = 41, /* sent in OUTPUT frames */
    WIRE_TAG_STDERR_KEPT_BYTES = 42,
    WIRE_TAG_TEXT = 43,           /* a sentence for people */
    WIRE_TAG_LEFT_OUT_COUNT = 46, /* output files that were asked for and not sent */
    WIRE_TAG_PIDS_REFUSED = 47,   /* processes and threads that the limit did not allow */
    WIRE_TAG_INODES_LIMIT = 48,   /* inodes of a directory tree that has none left; 0: none */
    WIRE_TAG_ROOM_BYTES = 50,     /* size of a directory tree that has no space left; 0: none */
    WIRE_TAG_GENERATION = 55,     /* for a session: the number of its interpreter, from 1 */
    /* for a session: bytes written while no cell ran, since the last END */
    WIRE_TAG_DROPPED_BYTES = 56,
    WIRE_TAG_COLD = 49,   /* STARTED: 1 if the ready interpreter could not serve the job */
    WIRE_TAG_WARMTH = 52, /* STARTED: percent of the warm-up that was complete */
    /* FILE, DISPLAY (artifact.h), with FILE_PATH and FILE_CONTENT */
    WIRE_TAG_SIZE_BYTES = 44,
    WIRE_TAG_MEDIA_TYPE = 45,
    WIRE_TAG_DISPLAY_NUMBER = 53, /* DISPLAY of a cell: forms of one display have one number */
    WIRE_TAG_IS_RESULT = 54,      /* DISPLAY of a cell: 1 for the value of its last expression */
    /* PAIRED, REFUSED */
    WIRE_TAG_QUEUE_NS = 64,
    WIRE_TAG_WARM = 65,
    WIRE_TAG_KIND = 66, /* enum error_kind */
    WIRE_TAG_RETRY_MS = 67,
    WIRE_TAG_REUSED = 68, /* 1: the box has served earlier runs of the owner */
    /* STATUS (status.h) */
    WIRE_TAG_READY = 96,
    WIRE_TAG_SAMPLES = 97, /* fields of sample.h: */
    WIRE_TAG_METRIC = 98,
    WIRE_TAG_LABEL = 99,
    WIRE_TAG_NUMBER = 100,
    WIRE_TAG_HISTOGRAM = 101,
    /* RUNTIMES (runtime.h), with RUNTIME and READY */
    WIRE_TAG_LANGUAGE = 112,
    WIRE_TAG_VERSION = 113,
    WIRE_TAG_PACKAGES = 114,
    /* SESSION (session.h), with OWNER, RUNTIME, limits, GENERATION, PEAK_MEMORY_BYTES, EXECUTION
     * and SESSION_MS; the first three tags below are also in a RUN that opens a session */
    WIRE_TAG_SESSION_NAME = 128,
    WIRE_TAG_SESSION_RECORD = 129,
    WIRE_TAG_SESSION_IDLE_MS = 130,
    WIRE_TAG_SESSION_STATE = 131,
    WIRE_TAG_SESSION_REASON = 132,
    WIRE_TAG_SESSION_CREATED_MS = 133,
    WIRE_TAG_SESSION_EXPIRES_MS = 134,
    WIRE_TAG_SESSION_IDLE_EXPIRES_MS = 135,
    WIRE_TAG_SESSION_ENDED_MS = 136,
    WIRE_TAG_SESSION_FORGOTTEN_MS = 137,
    WIRE_TAG_SESSION_CELLS = 138,
    WIRE_TAG_SESSION_DEED = 139,
};

#endif
