// What the notebook says of runs and sessions.

import { Problem, Result } from "../playground/gateway";
import { formatBytes, formatSeconds } from "../playground/units";
import { CellResult, SessionPart } from "./api";
import { Verdict } from "./model";

/** Why a session has ended. */
const ENDS: Record<string, string> = {
    idle_timeout: "it was not used for its idle time",
    max_lifetime: "it had reached its longest life time",
    memory_limit: "its memory ran out",
    crashed: "its container failed",
    deleted: "it was ended by request",
    engine_lost: "the gateway lost its container engine",
    gateway_restart: "the gateway was restarted",
    evicted: "another key needed its place",
    unknown: "the gateway does not know it any more",
};

export function endWords(reason: string): string {
    return ENDS[reason] ?? reason;
}

/** The reason where a refusal says that the session has ended. */
export function endIn(problem: Problem): string | undefined {
    if (problem.status === 410 && problem.code === "session_gone") return problem.reason ?? "unknown";
    if (problem.status === 404 && problem.code === "session_unknown") return "unknown";
    return undefined;
}

export function refusalWords(problem: Problem): string {
    const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
    return [problem.title, ...(fields.length > 0 ? fields : [problem.detail ?? ""])].filter(Boolean).join(". ");
}

export function verdictOf(result: CellResult): Verdict {
    const time = formatSeconds(result.execution_time);
    const notes = notesOf(result);
    if (result.status === "success") return { tone: "good", words: time, notes };
    if (result.status === "timeout") return { tone: "warn", words: timeoutWords(result, time), notes };
    if (result.status === "failed") return { tone: "warn", words: "Lost", notes };
    return { tone: result.session?.interrupted ? "warn" : "bad", words: errorWords(result, time), notes };
}

function timeoutWords({ reason, cpu_time }: Result, time: string): string {
    if (reason === "cpu_time_limit") return `Out of CPU time after ${formatSeconds(cpu_time)}`;
    return `Timed out after ${time}`;
}

function errorWords({ reason, signal, error, return_code, session }: CellResult, time: string): string {
    if (reason === "memory_limit") return "Killed: out of memory";
    if (session?.interrupted) return `Interrupted after ${time}`;
    if (signal) return `Killed by ${signal}`;
    return error ? error.name : `Exit code ${return_code}`;
}

function notesOf(result: CellResult): string[] {
    const notes: string[] = [];
    if (result.message) notes.push(result.message);
    for (const stream of ["stdout", "stderr"] as const)
        if (result[`${stream}_truncated`])
            notes.push(`${stream} was cut at its limit; the cell wrote ${formatBytes(result[`${stream}_bytes`])}.`);
    if (result.session?.state_lost) notes.push("The state of the session was lost.");
    else if (result.session && keptByInterrupt(result)) notes.push("Names and modules are kept.");
    const dropped = result.session?.dropped_bytes ?? 0;
    if (dropped > 0) notes.push(droppedWords(dropped));
    return notes;
}

function keptByInterrupt({ status, session }: CellResult): boolean {
    return session!.interrupted || status === "timeout";
}

export function droppedWords(bytes: number): string {
    return `${formatBytes(bytes)} that earlier cells' threads or processes wrote while no cell ran were dropped.`;
}

/** Has the interpreter outlived the cell? An exception that it reports proves it; of the rest the worse is assumed. */
export function survived(result: CellResult, session: SessionPart): boolean {
    return !session.state_lost || (result.error ?? null) !== null;
}

/** A time that is left, as people say it. */
export function leftWords(milliseconds: number): string {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
    if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    return `${seconds} s`;
}
