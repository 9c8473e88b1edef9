// What became of a run: one line, announced to screen readers, and its numbers.

import { byId, create } from "./dom";
import { Problem, Result, TestsResult } from "./gateway";
import { formatBytes, formatSeconds } from "./units";

type Tone = "idle" | "busy" | "good" | "bad" | "warn";

const line = byId("verdict");
const text = byId("verdict-text");
const detail = byId("verdict-detail");
const numbers = byId<HTMLDListElement>("numbers");

/** Say something else than a result. */
export function say(tone: Tone, words: string, more: string[] = []): void {
    line.dataset.tone = tone;
    text.textContent = words;
    detail.replaceChildren(...more.map((each) => create("p", { textContent: each })));
}

export function clearNumbers(): void {
    numbers.replaceChildren();
}

export function sayResult(result: Result): void {
    const { tone, words } = verdictOf(result);
    say(tone, words, remarks(result));
    numbers.replaceChildren(
        ...number("Exit code", result.return_code === null ? "none" : String(result.return_code)),
        ...number("Time", formatSeconds(result.execution_time)),
        ...number("CPU", formatSeconds(result.cpu_time)),
        ...number("Peak memory", formatBytes(result.peak_memory)),
        ...number("Start", result.start),
    );
}

export function sayTests(result: TestsResult): void {
    const count = result.passed + result.failed + result.not_run;
    const more = result.message ? [result.message] : [];
    const words = result.passed === count ? "All tests passed" : `${result.passed} of ${count} tests passed`;
    say(toneOf(result), words, more);
    numbers.replaceChildren(
        ...number("Passed", String(result.passed)),
        ...number("Failed", String(result.failed)),
        ...number("Not run", String(result.not_run)),
        ...number("Time", formatSeconds(result.execution_time)),
        ...number("Slowest", formatSeconds(result.slowest_time)),
        ...number("Peak memory", formatBytes(result.highest_memory)),
    );
}

function toneOf({ status }: TestsResult): Tone {
    if (status === "success") return "good";
    return status === "error" ? "bad" : "warn";
}

export function sayProblem(problem: Problem): void {
    const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`);
    const more = fields.length > 0 || !problem.detail ? fields : [problem.detail];
    say("warn", `Did not run: ${problem.title}`, more);
}

function number(name: string, value: string): HTMLElement[] {
    return [create("div", {}, create("dt", { textContent: name }), create("dd", { textContent: value }))];
}

function verdictOf(result: Result): { tone: Tone; words: string } {
    switch (result.status) {
        case "success":
            return { tone: "good", words: "Success" };
        case "timeout":
            return { tone: "warn", words: timeoutWords(result) };
        case "failed":
            return { tone: "warn", words: "Failed: the run was lost" };
        case "error":
            return { tone: "bad", words: errorWords(result) };
    }
}

function timeoutWords({ reason, cpu_time, execution_time }: Result): string {
    if (reason === "cpu_time_limit") return `Out of CPU time after ${formatSeconds(cpu_time)}`;
    return `Timed out after ${formatSeconds(execution_time)}`;
}

function errorWords({ reason, signal, return_code }: Result): string {
    if (reason === "memory_limit") return "Killed: out of memory";
    if (reason === "pids_limit") return "Error: process limit reached";
    if (signal) return `Killed by ${signal}`;
    return `Error, exit code ${return_code}`;
}

function remarks(result: Result): string[] {
    const list: string[] = [];
    if (result.message) list.push(result.message);
    for (const stream of ["stdout", "stderr"] as const)
        if (result[`${stream}_truncated`])
            list.push(`${stream} was cut at its limit; the program wrote ${formatBytes(result[`${stream}_bytes`])}.`);
    return list;
}
