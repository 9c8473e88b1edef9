// The form around the editor: what goes with the code.

import { byId, create } from "./dom";
import { Editor } from "./editor";
import { Runtime } from "./gateway";
import { Buffering, Comparer, LIMIT_NAMES, LimitName, Limits, Program } from "./program";
import { selectTab } from "./tabs";
import { Tests } from "./tests";
import { Uploads } from "./uploads";

/** `scale`: what one unit of the input is to the API, which knows seconds and bytes. */
const LIMITS: Record<LimitName, { label: string; scale: number }> = {
    timeout: { label: "Timeout, s", scale: 1 },
    queue_timeout: { label: "Longest queue wait, s", scale: 1 },
    memory_bytes: { label: "Memory, MiB", scale: 1 << 20 },
    cpus: { label: "CPUs", scale: 1 },
    cpu_time: { label: "CPU time, s", scale: 1 },
    pids: { label: "Processes", scale: 1 },
    output_bytes: { label: "Output, KiB", scale: 1 << 10 },
};

export class Form {
    readonly #editor: Editor;
    readonly #uploads: Uploads;
    readonly #stdin = byId<HTMLTextAreaElement>("stdin");
    readonly #args = byId<HTMLTextAreaElement>("args");
    readonly #env = byId<HTMLTextAreaElement>("env");
    readonly #outputs = byId<HTMLInputElement>("outputs");
    readonly #merged = byId<HTMLInputElement>("merged");
    readonly #buffering = byId<HTMLSelectElement>("buffering");
    readonly #runtime = byId<HTMLSelectElement>("runtime");
    readonly #tests: Tests;
    readonly #compare = byId<HTMLSelectElement>("compare");
    readonly #stopOnFailure = byId<HTMLInputElement>("stop-on-failure");
    #runtimes: Runtime[] = [];

    constructor(editor: Editor, onChange: () => void) {
        this.#editor = editor;
        byId("limits").append(...LIMIT_NAMES.map(limitLabel));
        const changed = () => {
            this.#markTabs();
            onChange();
        };
        this.#uploads = new Uploads(changed);
        this.#tests = new Tests(changed);
        byId("panels").addEventListener("input", changed);
        this.#runtime.addEventListener("change", () => {
            this.#showDefaults();
            onChange();
        });
    }

    program(): Program {
        return {
            code: this.#editor.text(),
            stdin: this.#stdin.value,
            args: lines(this.#args.value),
            env: Object.fromEntries(lines(this.#env.value).filter(Boolean).map(variable)),
            runtime: this.#runtime.value,
            limits: this.#limits(),
            files: this.#uploads.files,
            outputs: this.#outputs.value.split(/[\s,]+/).filter((glob) => glob !== ""),
            merged: this.#merged.checked,
            buffering: this.#buffering.value as Buffering,
            tests: this.#tests.tests,
            compare: this.#compare.value as Comparer,
            stopOnFailure: this.#stopOnFailure.checked,
        };
    }

    fill(program: Program): void {
        this.#editor.replace(program.code);
        this.#stdin.value = program.stdin;
        this.#args.value = program.args.map((arg) => `${arg}\n`).join("");
        this.#env.value = Object.entries(program.env)
            .map(([name, value]) => `${name}=${value}\n`)
            .join("");
        this.#outputs.value = program.outputs.join(" ");
        this.#uploads.files = program.files;
        this.#merged.checked = program.merged;
        this.#buffering.value = program.buffering;
        this.#tests.tests = program.tests;
        this.#compare.value = program.compare;
        this.#stopOnFailure.checked = program.stopOnFailure;
        for (const name of LIMIT_NAMES) {
            const limit = program.limits[name];
            limitInput(name).value = limit === undefined ? "" : String(limit / LIMITS[name].scale);
        }
        this.#chooseRuntime(program.runtime);
        this.clearComplaints();
        this.#markTabs();
    }

    /** The first is the default. What was chosen stays chosen. */
    offerRuntimes(runtimes: Runtime[]): void {
        const chosen = this.#runtime.value;
        this.#runtimes = runtimes;
        this.#runtime.replaceChildren(...runtimes.map(({ name }) => new Option(name, name)));
        this.#chooseRuntime(chosen);
    }

    /** Of a name that the gateway does not have, it shall say so itself: the name may come from a link. */
    #chooseRuntime(name: string): void {
        const wanted = name || this.#runtimes[0]?.name || "";
        if (![...this.#runtime.options].some(({ value }) => value === wanted))
            this.#runtime.add(new Option(wanted || "default", wanted));
        this.#runtime.value = wanted;
        this.#showDefaults();
    }

    #limits(): Limits {
        const limits: Limits = {};
        for (const name of LIMIT_NAMES) {
            const value = limitInput(name).valueAsNumber;
            if (Number.isFinite(value)) limits[name] = value * LIMITS[name].scale;
        }
        return limits;
    }

    #showDefaults(): void {
        const runtime = this.#runtimes.find(({ name }) => name === this.#runtime.value);
        this.#runtime.title = runtime ? describe(runtime) : "";
        this.#uploads.maxBytes = runtime?.limits.files_bytes?.maximum ?? this.#uploads.maxBytes;
        for (const name of LIMIT_NAMES) {
            const limit = runtime?.limits[name];
            if (!limit) continue;
            limitInput(name).placeholder = limit.default === null ? "none" : String(limit.default / LIMITS[name].scale);
            byId(`limit-${name}-note`).textContent = `at most ${limit.maximum / LIMITS[name].scale}`;
        }
    }

    /** Mark the fields that the gateway refused, and open the tab of the first. */
    complain(fields: string[]): void {
        for (const field of fields.reverse()) {
            const input = inputOf(field);
            if (!input) continue;
            input.setAttribute("aria-invalid", "true");
            const tab = document.getElementById(
                input.closest("[role=tabpanel]")?.getAttribute("aria-labelledby") ?? "",
            );
            if (tab) selectTab(tab);
        }
    }

    clearComplaints(): void {
        for (const input of document.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    }

    /** A dot on each tab that holds something. */
    #markTabs(): void {
        const filled: Record<string, boolean> = {
            "tab-stdin": this.#stdin.value !== "",
            "tab-args": this.#args.value !== "" || this.#env.value !== "",
            "tab-files": this.#uploads.files.length > 0 || this.#outputs.value !== "",
            "tab-limits":
                Object.keys(this.#limits()).length > 0 || this.#merged.checked || this.#buffering.value !== "",
            "tab-tests": this.#tests.tests.length > 0,
        };
        for (const [id, isFilled] of Object.entries(filled)) byId(id).classList.toggle("filled", isFilled);
    }
}

function describe({ language, version, packages }: Runtime): string {
    const list = packages.map((each) => `${each.name} ${each.version}`).join(", ");
    return `${language} ${version ?? ""}${list && ` with ${list}`}`;
}

function limitLabel(name: LimitName): HTMLLabelElement {
    const input = create("input", { type: "number", id: `limit-${name}`, min: "0", step: "any" });
    const note = create("small", { id: `limit-${name}-note` });
    input.setAttribute("aria-describedby", note.id);
    return create("label", {}, LIMITS[name].label, input, note);
}

function limitInput(name: LimitName): HTMLInputElement {
    return byId<HTMLInputElement>(`limit-${name}`);
}

/** Of `limits.memory_bytes`, `args[2]`, `files[0].path` and the like. */
function inputOf(field: string): Element | null {
    const test = /^tests\[(\d+)\]\.(name|stdin|expected_stdout)$/.exec(field);
    if (test) return document.getElementById(`test-${test[1]}-${test[2]}`);
    const name = field.replace(/^limits\./, "limit-").replace(/[[.].*$/, "");
    const ids: Record<string, string> = {
        timeout: "limit-timeout",
        queue_timeout: "limit-queue_timeout",
        files: "upload",
        output: "merged",
    };
    return document.querySelector(`#${CSS.escape(ids[name] ?? name)}:is(input, textarea, select)`);
}

/** Of `NAME=value`. A line without `=` is a variable that is empty. */
function variable(line: string): [string, string] {
    const [name = "", ...value] = line.split("=");
    return [name, value.join("=")];
}

/** One argument a line. The last line's end begins no further one. */
function lines(text: string): string[] {
    const list = text.split("\n");
    if (list.at(-1) === "") list.pop();
    return list;
}
