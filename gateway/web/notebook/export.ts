// A notebook as a file: for Jupyter (nbformat 4.5), or as a script of cells.

import { pythonLanguage } from "@codemirror/lang-python";
import { textOf } from "../playground/displays";
import { CellError, Display } from "../playground/gateway";
import { CellData, Entry } from "./model";

/** What nbformat takes as a media type. */
const MEDIA_TYPE = /^[a-zA-Z0-9]+\/[a-zA-Z0-9\-+.]+$/;

export interface Language {
    /** null: no box has said it yet. */
    version: string | null;
}

export function toIpynb(cells: CellData[], { version }: Language): string {
    const notebook = {
        cells: cells.map(codeCell),
        metadata: {
            kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
            language_info: { file_extension: ".py", mimetype: "text/x-python", name: "python", ...versionPart(version) },
        },
        nbformat: 4,
        nbformat_minor: 5,
    };
    return `${JSON.stringify(notebook, null, 1)}\n`;
}

function versionPart(version: string | null): object {
    return version === null ? {} : { version };
}

function codeCell({ id, code, count, entries }: CellData): object {
    return {
        cell_type: "code",
        execution_count: count,
        id,
        metadata: {},
        outputs: withoutTraceback(entries).map((entry) => output(entry, count)),
        source: lines(code),
    };
}

/** nbformat has texts as lists of lines. */
function lines(text: string): string[] {
    return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** An exception has its traceback in stderr too. nbformat has it only once. */
function withoutTraceback(entries: Entry[]): Entry[] {
    const error = entries.find((entry) => entry.kind === "error")?.error;
    const last = entries.findLastIndex((entry) => entry.kind === "stream" && entry.stream === "stderr");
    if (!error || last < 0) return entries;
    return entries.flatMap((entry, at) => {
        if (at !== last || entry.kind !== "stream") return [entry];
        const text = cutTraceback(entry.text, error);
        return text ? [{ ...entry, text }] : [];
    });
}

function cutTraceback(text: string, { traceback }: CellError): string {
    const written = `${traceback.join("\n")}\n`;
    return text.endsWith(written) ? text.slice(0, -written.length) : text;
}

function output(entry: Entry, count: number | null): object {
    switch (entry.kind) {
        case "stream":
            return { output_type: "stream", name: entry.stream, text: lines(entry.text) };
        case "error": {
            const { name, value, traceback } = entry.error;
            return { output_type: "error", ename: name, evalue: value, traceback };
        }
        case "display": {
            const data = bundle(entry.forms);
            if (!entry.isResult) return { output_type: "display_data", data, metadata: {} };
            return { output_type: "execute_result", data, execution_count: count, metadata: {} };
        }
    }
}

function bundle(forms: Display[]): object {
    const known = forms.filter(({ media_type }) => MEDIA_TYPE.test(media_type));
    return Object.fromEntries(known.map((form) => [form.media_type, content(form)]));
}

function content(form: Display): unknown {
    if (form.media_type === "application/json") return parsed(textOf(form));
    const isText = form.media_type.startsWith("text/") || form.media_type === "image/svg+xml";
    return isText ? lines(textOf(form)) : form.content;
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

// --- a script

const BEGIN = "# %%";

export function toPython(cells: CellData[]): string {
    return cells.map(({ code }) => `${BEGIN}\n${code.trim() === "" ? "" : `${asComments(code).trimEnd()}\n`}`).join("\n");
}

/** Lines that only notebooks know become comments. A line within a string or within brackets is none of them. */
function asComments(code: string): string {
    const tree = pythonLanguage.parser.parse(code);
    let at = 0;
    const result = code.split("\n").map((line) => {
        const start = at + line.length - line.trimStart().length;
        at += line.length + 1;
        return /^\s*[%!]\S/.test(line) && isStatement(tree, start) ? asComment(line) : line;
    });
    return result.join("\n");
}

/** A block must not be left without a statement. */
function asComment(line: string): string {
    const bare = line.trimStart();
    return bare === line ? `# ${line}` : `${line.slice(0, -bare.length)}pass  # ${bare}`;
}

const WITHIN = /^(String|FormatString|ContinuedString|ArgList|.*Expression)$/;

function isStatement(tree: ReturnType<typeof pythonLanguage.parser.parse>, at: number): boolean {
    for (let node = tree.resolveInner(at, 1) as typeof tree.topNode | null; node; node = node.parent)
        if (node.from < at && node.to > at && WITHIN.test(node.name)) return false;
    return true;
}
