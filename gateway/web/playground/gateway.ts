// The gateway's API, as far as this page uses it.

import { serverEvents } from "./events";
import { Encoding, LimitName } from "./program";

// Relative to the page: a proxy may serve the gateway under a path of its own.
export const EXECUTE = "api/v1/execute";
const RUNTIMES = "api/v1/runtimes";

export type Stream = "stdout" | "stderr";

export interface Display {
    media_type: string;
    content: string;
    encoding: Encoding;
    /** Of a cell: the forms of one display have one number, the richest first. */
    number?: number;
    /** Of a cell: is it the value of the last expression? */
    is_result?: boolean;
}

export interface OutputFile extends Display {
    path: string;
    size_bytes: number;
    truncated: boolean;
}

/** The exception that ended a cell. */
export interface CellError {
    name: string;
    value: string;
    traceback: string[];
}

export interface Result {
    status: "success" | "error" | "timeout" | "failed";
    execution_time: number;
    return_code: number | null;
    signal: string | null;
    reason: string | null;
    message: string | null;
    stdout_bytes: number;
    stderr_bytes: number;
    stdout_truncated: boolean;
    stderr_truncated: boolean;
    cpu_time: number | null;
    peak_memory: number | null;
    queue_time: number;
    /** Only of a cell. */
    error?: CellError | null;
    start: "warm" | "cold" | "reused";
}

export interface Difference {
    /** null: stdout. */
    path: string | null;
    line: number;
    /** null: the text has ended. */
    expected: string | null;
    got: string | null;
}

/** A test that has run. */
export interface TestReport extends Result {
    index: number;
    name: string | null;
    verdict: "passed" | "wrong" | "error" | "timeout" | "failed";
    difference: Difference | null;
    stdout: string;
    stderr: string;
}

export interface NotRun {
    index: number;
    name: string | null;
    verdict: "not_run";
    reason: string;
    message: string | null;
}

/** What became of all tests. */
export interface TestsResult {
    status: Result["status"];
    verdict: TestReport["verdict"] | NotRun["verdict"];
    passed: number;
    failed: number;
    not_run: number;
    slowest_time: number;
    highest_memory: number | null;
    message: string | null;
    execution_time: number;
    start: Result["start"] | null;
    tests: (TestReport | NotRun)[];
}

/** A refusal, RFC 9457: the program did not run. */
export interface Problem {
    status: number;
    title: string;
    detail?: string;
    code?: string;
    errors?: { field: string; message: string }[];
    /** Of a session that has ended: why. */
    reason?: string;
}

export interface Runtime {
    name: string;
    language: string;
    /** null until a box has told it. */
    version: string | null;
    packages: { name: string; version: string }[];
    /** A default of null: no limit. */
    limits: Partial<Record<LimitName, { default: number | null; maximum: number }>> & {
        files_bytes?: { maximum: number };
    };
}

/** What becomes of a run, in order; the last is one of result and refused. */
export interface Listener {
    queued(run: string): void;
    started(): void;
    output(stream: Stream, text: string): void;
    display(display: Display): void;
    file(file: OutputFile): void;
    test(report: TestReport | NotRun): void;
    result(result: Result | TestsResult): void;
    refused(problem: Problem): void;
}

/** Run a program; done when the last event is. Throws where the connection fails, or `signal` aborts it, which cancels
 * the run. */
export async function execute(body: string, key: string, signal: AbortSignal, listener: Listener): Promise<void> {
    const response = await fetch(EXECUTE, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "text/event-stream", ...authorization(key) },
        body,
        signal,
    });
    if (!response.ok || !response.body) {
        listener.refused(await problemOf(response));
        return;
    }
    for await (const { name, data } of serverEvents(response.body)) {
        tell(listener, name, JSON.parse(data));
        if (name === "result" || name === "error") return;
    }
    throw new Error("the stream ended before the result");
}

/** Tell a listener of an event. */
export function tell(listener: Listener, name: string, data: any): void {
    switch (name) {
        case "queued":
            return listener.queued(data.id);
        case "started":
            return listener.started();
        case "stdout":
        case "stderr":
            return listener.output(name, data);
        case "display":
            return listener.display(data);
        case "file":
            return listener.file(data);
        case "test":
            return listener.test(data);
        case "result":
            return listener.result(data);
        case "error":
            return listener.refused(data);
    }
}

/** The runtimes, the default first; or the refusal. */
export async function fetchRuntimes(key: string): Promise<Runtime[] | Problem> {
    const response = await fetch(RUNTIMES, { headers: authorization(key) });
    return response.ok ? (await response.json()).runtimes : problemOf(response);
}

export function authorization(key: string): Record<string, string> {
    return key ? { authorization: `Bearer ${key}` } : {};
}

/** Also of an answer that some proxy gave in the gateway's place. */
export async function problemOf(response: Response): Promise<Problem> {
    const unknown = { status: response.status, title: response.statusText || `HTTP status ${response.status}` };
    if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return unknown;
    return response.json();
}
