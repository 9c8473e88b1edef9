// What the page asks a gateway to run, as its forms hold it, a share link carries it and a request says it.

export type Encoding = "utf-8" | "base64";

export interface Upload {
    path: string;
    content: string;
    encoding: Encoding;
}

export const LIMIT_NAMES = [
    "timeout",
    "queue_timeout",
    "memory_bytes",
    "cpus",
    "cpu_time",
    "pids",
    "output_bytes",
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** Only what differs from the gateway's defaults. */
export type Limits = Partial<Record<LimitName, number>>;

/** Empty: by lines, since the page takes events. */
export type Buffering = "" | "block";

export interface Test {
    name: string;
    stdin: string;
    /** Empty: the program need only succeed. */
    expected: string;
}

/** How the output of tests is compared. Empty: without the white space at the ends of lines. */
export type Comparer = "" | "exact" | "tokens" | "numbers";
const COMPARERS: readonly unknown[] = ["exact", "tokens", "numbers"];
const TOLERANCE = 1e-6;

export interface Program {
    code: string;
    stdin: string;
    args: string[];
    env: Record<string, string>;
    /** Empty: the gateway's default. */
    runtime: string;
    limits: Limits;
    files: Upload[];
    outputs: string[];
    /** stderr comes with stdout. */
    merged: boolean;
    buffering: Buffering;
    /** Any: the program runs once for each of them, and not for `stdin`. */
    tests: Test[];
    compare: Comparer;
    stopOnFailure: boolean;
}

export function emptyProgram(): Program {
    return {
        code: "",
        stdin: "",
        args: [],
        env: {},
        runtime: "",
        limits: {},
        files: [],
        outputs: [],
        merged: false,
        buffering: "",
        tests: [],
        compare: "",
        stopOnFailure: false,
    };
}

/** The body of a request: JSON on one line, with nothing in it that is a default anyway. */
export function requestBody(program: Program): string {
    const { timeout, queue_timeout, ...limits } = program.limits;
    return JSON.stringify({
        code: program.code,
        runtime: program.runtime || undefined,
        timeout,
        queue_timeout,
        stdin: program.stdin || undefined,
        args: unlessEmpty(program.args),
        env: Object.keys(program.env).length > 0 ? program.env : undefined,
        limits: Object.keys(limits).length > 0 ? limits : undefined,
        files: unlessEmpty(program.files),
        outputs: unlessEmpty(program.outputs),
        output: program.merged ? "merged" : undefined,
        buffering: program.buffering || undefined,
        tests: unlessEmpty(program.tests.map((test) => testBody(test, program.compare))),
        stop_on: program.tests.length > 0 && program.stopOnFailure ? "failure" : undefined,
    });
}

function testBody({ name, stdin, expected }: Test, compare: Comparer): object {
    return {
        name: name || undefined,
        stdin,
        expected_stdout: expected || undefined,
        compare: compare === "numbers" ? { numbers: TOLERANCE } : compare || undefined,
    };
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
    return list.length > 0 ? list : undefined;
}

/** A program from a stranger's link. What is not of the right form is left out; undefined where nothing is left. */
export function readProgram(value: unknown): Program | undefined {
    if (!isRecord(value) || typeof value.code !== "string") return undefined;
    return {
        code: value.code,
        stdin: typeof value.stdin === "string" ? value.stdin : "",
        args: strings(value.args),
        env: isRecord(value.env) ? readEnv(value.env) : {},
        runtime: typeof value.runtime === "string" ? value.runtime : "",
        limits: isRecord(value.limits) ? readLimits(value.limits) : {},
        files: Array.isArray(value.files) ? value.files.filter(isUpload).map(bareUpload) : [],
        outputs: strings(value.outputs),
        merged: value.merged === true,
        buffering: value.buffering === "block" ? "block" : "",
        tests: Array.isArray(value.tests) ? value.tests.filter(isTest).map(bareTest) : [],
        compare: COMPARERS.includes(value.compare) ? (value.compare as Comparer) : "",
        stopOnFailure: value.stopOnFailure === true,
    };
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function strings(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function readEnv(value: Record<string, unknown>): Record<string, string> {
    const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Object.fromEntries(entries);
}

function readLimits(value: Record<string, unknown>): Limits {
    const limits: Limits = {};
    for (const name of LIMIT_NAMES) {
        const limit = value[name];
        if (typeof limit === "number" && Number.isFinite(limit)) limits[name] = limit;
    }
    return limits;
}

function isUpload(value: unknown): value is Upload {
    return (
        isRecord(value) &&
        typeof value.path === "string" &&
        typeof value.content === "string" &&
        (value.encoding === "utf-8" || value.encoding === "base64")
    );
}

function isTest(value: unknown): value is Test {
    return isRecord(value) && [value.name, value.stdin, value.expected].every((each) => typeof each === "string");
}

function bareTest({ name, stdin, expected }: Test): Test {
    return { name, stdin, expected };
}

function bareUpload({ path, content, encoding }: Upload): Upload {
    return { path, content, encoding };
}
