// What a cell writes and shows, below it, in the order in which it comes. All of it is hostile: it becomes text, a
// picture, or a frame that may do nothing (displays.ts).

import { Console } from "../playground/console";
import { bytesOf, extension, shown } from "../playground/displays";
import { create } from "../playground/dom";
import { CellError, Display, Stream } from "../playground/gateway";
import { save } from "../playground/save";
import { Entry } from "./model";

export class Output {
    readonly element = create("div", { className: "cell-output", tabIndex: 0, hidden: true });
    readonly #cut = create("p", { className: "hint", hidden: true });
    readonly #console: Console;
    #entries: Entry[] = [];
    #log: HTMLPreElement;
    #number: number | undefined;
    #displays = 0;

    constructor() {
        this.element.setAttribute("role", "group");
        this.element.setAttribute("aria-label", "Output");
        this.#log = create("pre", { className: "log" });
        this.#console = new Console({ log: this.#log, scroller: this.element, note: this.#cut });
        this.clear();
    }

    get entries(): Entry[] {
        return this.#entries;
    }

    clear(): void {
        this.#console.clear();
        this.#entries = [];
        this.#number = undefined;
        this.#displays = 0;
        this.element.replaceChildren(this.#log, this.#cut);
        this.element.hidden = true;
    }

    append(stream: Stream, text: string): void {
        const last = this.#entries.at(-1);
        if (last?.kind === "stream" && last.stream === stream) last.text += text;
        else this.#entries.push({ kind: "stream", stream, text });
        this.#console.append(stream, text);
        this.element.hidden = false;
    }

    /** Of the forms of one display, which have one number, the first is shown. */
    addDisplay(display: Display): void {
        const last = this.#entries.at(-1);
        if (last?.kind === "display" && display.number !== undefined && display.number === this.#number) {
            last.forms.push(display);
            return;
        }
        this.#number = display.number;
        this.#entries.push({ kind: "display", isResult: display.is_result ?? false, forms: [display] });
        this.#displays++;
        this.#log = create("pre", { className: "log" });
        this.#cut.before(this.#figure(display), this.#log);
        this.#console.continueIn(this.#log);
        this.element.hidden = false;
    }

    /** An exception. Its traceback is in stderr already, and so is not shown again. */
    addError(error: CellError): void {
        this.#entries.push({ kind: "error", error });
    }

    /** Show what has come, at once. */
    flush(): void {
        this.#console.flush();
    }

    /** Show what an earlier page has kept. */
    restore(entries: Entry[]): void {
        this.clear();
        for (const entry of entries) {
            if (entry.kind === "stream") this.append(entry.stream, entry.text);
            else if (entry.kind === "error") this.addError(entry.error);
            else entry.forms.forEach((form) => this.addDisplay({ ...form, is_result: entry.isResult }));
        }
        this.flush();
    }

    #figure(display: Display): HTMLElement {
        const figure = create("figure", {}, shown(display, `Display ${this.#displays} of this cell`));
        if (display.media_type === "text/plain") {
            figure.className = "plain";
            return figure;
        }
        const name = `display-${this.#displays}${extension(display.media_type)}`;
        const button = create("button", { type: "button", className: "ghost", textContent: "Save" });
        button.setAttribute("aria-label", `Save ${name}`);
        button.addEventListener("click", () => save(name, bytesOf(display)));
        figure.append(create("figcaption", {}, `${display.media_type} `, button));
        return figure;
    }
}
