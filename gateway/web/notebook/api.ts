// The gateway's sessions, as far as the notebook uses them. Each function throws a Refusal where the gateway refuses, and
// another error where the connection fails.

import { serverEvents } from "../playground/events";
import { authorization, Listener, Problem, problemOf, Result, tell } from "../playground/gateway";
import { apiKey } from "../playground/key";

// Relative to the page: a proxy may serve the gateway under a path of its own.
const SESSIONS = "api/v1/sessions";
const EXECUTIONS = "api/v1/executions";

/** Seconds that a request waits for the session's turn, at most as the gateway allows. */
const WAIT = 10;
let wait: number | undefined;

/** Requests may wait for their turn for as long as `most`. */
export function allowWaiting(most: number | undefined): void {
    wait = most && Math.min(WAIT, most);
}

export interface Session {
    id: string;
    state: "idle" | "busy";
    runtime: string;
    expires_at: string;
    /** null while the session is busy. */
    idle_expires_at: string | null;
    idle_timeout: number;
    executions: number;
    generation: number;
    running: string | null;
    memory_bytes: number | null;
}

/** What each answer of a cell says of its session. */
export interface SessionPart {
    id: string;
    state: "idle" | "busy" | "gone";
    /** Why it has ended. */
    reason?: string;
    expires_at: string | null;
    idle_expires_at: string | null;
    generation: number;
    state_lost: boolean;
    interrupted: boolean;
    dropped_bytes: number;
}

export interface CellResult extends Result {
    session?: SessionPart;
}

export interface SessionFile {
    path: string;
    size_bytes: number;
}

export interface Listing {
    files: SessionFile[];
    /** There are more files than the answer lists. */
    truncated?: boolean;
}

export class Refusal extends Error {
    readonly problem: Problem;

    constructor(problem: Problem) {
        super(problem.detail ?? problem.title);
        this.problem = problem;
    }
}

async function ask(method: string, path: string, options: RequestInit = {}): Promise<Response> {
    const headers = { ...authorization(apiKey()), ...options.headers };
    const response = await fetch(path, { ...options, method, headers });
    if (!response.ok) throw new Refusal(await problemOf(response));
    return response;
}

function json(value: object): RequestInit {
    return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function pathOf(id: string, rest = ""): string {
    return `${SESSIONS}/${encodeURIComponent(id)}${rest}`;
}

/** The time of the gateway's clock, in milliseconds. Its answers say it, to a second. */
let ahead = 0;

export function gatewayNow(): number {
    return Date.now() + ahead;
}

async function sessionIn(response: Response): Promise<Session> {
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) ahead = date - Date.now();
    return response.json();
}

// --- a session

export async function openSession(runtime: string): Promise<Session> {
    return sessionIn(await ask("POST", SESSIONS, json({ runtime: runtime || undefined })));
}

/** Looking at a session does not count as use. */
export async function lookAt(id: string): Promise<Session> {
    return sessionIn(await ask("GET", pathOf(id)));
}

export async function keepAlive(id: string): Promise<Session> {
    return sessionIn(await ask("POST", pathOf(id, "/keepalive"), json({})));
}

/** The live sessions of this key. */
export async function listSessions(): Promise<Session[]> {
    return (await (await ask("GET", SESSIONS)).json()).sessions;
}

export async function endSession(id: string): Promise<void> {
    await ask("DELETE", pathOf(id));
}

// --- its cells

export interface Cell {
    code: string;
    /** Seconds; undefined: the gateway's default. */
    timeout?: number;
}

/** Run a cell; its result. `hearer` hears what happens until then. With a key, the run continues if this page loses its
 * connection, and a second request with the same key joins it. */
export async function runCell(id: string, cell: Cell, key: string, hearer: Hearer): Promise<CellResult> {
    const request = json({ ...cell, queue_timeout: wait });
    const headers = { ...request.headers, accept: "text/event-stream", "idempotency-key": key };
    return hear(await ask("POST", pathOf(id, "/executions"), { ...request, headers }), hearer);
}

/** Hear of a run again, after the event `last`; empty: from the beginning. */
export async function hearAgain(run: string, last: string, hearer: Hearer): Promise<CellResult> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (last) headers["last-event-id"] = last;
    return hear(await ask("GET", `${EXECUTIONS}/${encodeURIComponent(run)}/events`, { headers }), hearer);
}

/** Ask for an interrupt. The cell has ended only when its result says so. */
export async function interrupt(id: string, run: string): Promise<void> {
    await ask("DELETE", pathOf(id, `/executions/${encodeURIComponent(run)}`));
}

export interface Hearer extends Pick<Listener, "queued" | "started" | "output" | "display"> {
    /** Called after each event, with its id. */
    at(event: string): void;
}

async function hear(response: Response, hearer: Hearer): Promise<CellResult> {
    let result: CellResult | undefined;
    const listener: Listener = {
        ...hearer,
        file: () => {},
        test: () => {},
        result: (given) => (result = given as CellResult),
        refused(problem) {
            throw new Refusal(problem);
        },
    };
    if (!response.body) throw new Error("the answer is empty");
    for await (const { name, data, id } of serverEvents(response.body)) {
        tell(listener, name, JSON.parse(data));
        hearer.at(id);
        if (result) return result;
    }
    throw new Error("the stream ended before the result");
}

export function randomId(bytes: number): string {
    const numbers = crypto.getRandomValues(new Uint8Array(bytes));
    return [...numbers].map((each) => each.toString(16).padStart(2, "0")).join("");
}

// --- its files

function filesOf(id: string, path = "", query: string[] = []): string {
    const segments = path.split("/").map((segment) => `/${encodeURIComponent(segment)}`);
    if (wait !== undefined) query.push(`queue_timeout=${wait}`);
    return pathOf(id, `/files${path && segments.join("")}${query.length > 0 ? `?${query.join("&")}` : ""}`);
}

export async function listFiles(id: string): Promise<Listing> {
    const response = await ask("GET", filesOf(id, "", ["glob=**"]));
    return response.json();
}

export async function readFile(id: string, path: string): Promise<Blob> {
    return (await ask("GET", filesOf(id, path))).blob();
}

export async function writeFile(id: string, path: string, content: Blob): Promise<void> {
    const headers = { "content-type": "application/octet-stream" };
    await ask("PUT", filesOf(id, path), { headers, body: content });
}

export async function deleteFile(id: string, path: string): Promise<void> {
    await ask("DELETE", filesOf(id, path));
}
