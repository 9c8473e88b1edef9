// What became of each test: a line for each, in their order, which opens to what it wrote. All of it is hostile, and
// becomes text.

import { byId, create } from "./dom";
import { NotRun, TestReport } from "./gateway";
import { Test } from "./program";
import { formatBytes, formatSeconds } from "./units";

type Mark = "waiting" | "passed" | "wrong" | "late" | "unknown";

/** A mark is told by its shape and its word, not by its colour alone. */
const SIGNS: Record<Mark, string> = { waiting: "·", passed: "✓", wrong: "✗", late: "!", unknown: "–" };

const MARKS: Record<TestReport["verdict"] | NotRun["verdict"], Mark> = {
    passed: "passed",
    wrong: "wrong",
    error: "wrong",
    timeout: "late",
    failed: "unknown",
    not_run: "unknown",
};

const REASONS: Record<string, string> = {
    stop_on: "Not run: an earlier test did not pass",
    total_timeout: "Not run: the time limit for all tests was reached",
    canceled: "Not run: canceled",
    not_started: "Not run",
};

export class Tally {
    readonly #box = byId("tally");
    readonly #bar = byId("tally-bar");
    readonly #list = byId<HTMLOListElement>("verdicts");
    #first: { index: number; stderr: string } | undefined;

    clear(): void {
        this.#first = undefined;
        this.#list.replaceChildren();
        this.#bar.replaceChildren();
        this.#box.hidden = true;
    }

    /** Show the tests that are about to run. */
    begin(tests: Test[]): void {
        this.clear();
        this.#box.hidden = tests.length === 0;
        this.#bar.append(...tests.map(() => create("span")));
        this.#list.append(...tests.map(({ name }, index) => create("li", {}, waiting(name || `Test ${index + 1}`))));
        for (const index of tests.keys()) this.#mark(index, "waiting");
    }

    add(report: TestReport | NotRun): void {
        const item = this.#list.children[report.index];
        if (!item) return;
        const name = report.name || `Test ${report.index + 1}`;
        const mark = MARKS[report.verdict] ?? "unknown";
        item.replaceChildren(create("details", {}, head(name, mark, report), ...body(report)));
        this.#mark(report.index, mark);
        if (report.verdict === "passed" || report.verdict === "not_run") return;
        if (!this.#first || report.index < this.#first.index)
            this.#first = { index: report.index, stderr: report.stderr };
    }

    /** Open the first test that is not right. */
    end(): void {
        const details = this.#first && this.#list.children[this.#first.index]?.querySelector("details");
        if (details) details.open = true;
    }

    /** What the first test that is not right wrote to stderr. */
    stderr(): string {
        return this.#first?.stderr ?? "";
    }

    #mark(index: number, mark: Mark): void {
        (this.#list.children[index] as HTMLElement).dataset.mark = mark;
        (this.#bar.children[index] as HTMLElement).dataset.mark = mark;
    }
}

function waiting(name: string): HTMLElement {
    return create("p", { className: "verdict-head" }, sign("waiting"), create("b", { textContent: name }));
}

function sign(mark: Mark): HTMLElement {
    const element = create("span", { className: "sign", textContent: SIGNS[mark] });
    element.setAttribute("aria-hidden", "true");
    return element;
}

function head(name: string, mark: Mark, report: TestReport | NotRun): HTMLElement {
    const time = report.verdict === "not_run" ? "" : formatSeconds(report.execution_time);
    return create(
        "summary",
        { className: "verdict-head" },
        sign(mark),
        create("b", { textContent: name }),
        create("span", { className: "word", textContent: words(report) }),
        create("span", { className: "size", textContent: time }),
    );
}

function words(report: TestReport | NotRun): string {
    switch (report.verdict) {
        case "passed":
            return "passed";
        case "wrong":
            return report.difference ? `wrong at line ${report.difference.line}` : "wrong";
        case "timeout":
            return "timed out";
        case "failed":
            return "lost";
        case "not_run":
            return "not run";
        case "error":
            return report.signal ? `killed by ${report.signal}` : `exit code ${report.return_code}`;
    }
}

function body(report: TestReport | NotRun): HTMLElement[] {
    if (report.verdict === "not_run") {
        const why = report.reason === "not_started" && report.message ? `: ${report.message}` : "";
        return [create("p", { textContent: (REASONS[report.reason] ?? "Not run") + why })];
    }
    const parts: HTMLElement[] = [];
    if (report.difference) {
        const { path, line, expected, got } = report.difference;
        const place = `${path ?? "stdout"}, line ${line}`;
        parts.push(text(`${place}: expected`, expected ?? "(nothing more)"));
        parts.push(text(`${place}: got`, got ?? "(nothing more)"));
    }
    if (report.message) parts.push(create("p", { textContent: report.message }));
    for (const stream of ["stdout", "stderr"] as const)
        if (report[stream] !== "") parts.push(text(caption(report, stream), report[stream]));
    return parts.length > 0 ? parts : [create("p", { className: "quiet", textContent: "It wrote nothing." })];
}

function caption(report: TestReport, stream: "stdout" | "stderr"): string {
    const bytes = formatBytes(report[`${stream}_bytes`]);
    return report[`${stream}_truncated`] ? `${stream}: the beginning of ${bytes}` : stream;
}

function text(title: string, content: string): HTMLElement {
    const figure = create("figure", {}, create("figcaption", { textContent: title }));
    figure.append(create("pre", { textContent: content }));
    return figure;
}
