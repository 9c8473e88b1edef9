// One cell on the page: its code, what it left, and what became of it.

import { create } from "../playground/dom";
import { createEditor, Editor } from "../playground/editor";
import { CellData, Place, Verdict } from "./model";
import { Output } from "./output";

const LABEL = "Code, in Python. Tab indents; Escape leaves the editor.";

type Activity = "none" | "queued" | "running";

export interface CellEvents {
    edited(): void;
    /** One of the cell's own buttons was pressed. */
    run(cell: CellView): void;
    insertBelow(cell: CellView): void;
    move(cell: CellView, by: number): void;
    remove(cell: CellView): void;
}

export class CellView {
    readonly id: string;
    readonly element = create("div", { className: "cell", tabIndex: -1 });
    readonly output = new Output();
    readonly #editor: Editor;
    readonly #count = create("span", { className: "cell-count" });
    readonly #stale = create("p", { className: "cell-stale", hidden: true });
    readonly #verdict = create("div", { className: "cell-verdict", hidden: true });
    readonly #refusal = create("p", { className: "cell-refusal", hidden: true });
    #data: CellData;
    #activity: Activity = "none";
    #number = 0;
    #isStale = false;

    constructor(data: CellData, events: CellEvents) {
        this.id = data.id;
        this.#data = data;
        this.#count.setAttribute("aria-hidden", "true");
        const host = create("div", { className: "cell-editor" });
        const head = create("div", { className: "cell-head" }, host, this.#tools(events));
        const body = create("div", { className: "cell-body" }, head, this.#stale, this.output.element);
        body.append(this.#verdict, this.#refusal);
        this.element.append(this.#count, body);
        this.element.setAttribute("role", "group");
        this.#editor = createEditor(host, { label: LABEL, grows: true, onChange: events.edited });
        if (data.code) this.#editor.replace(data.code);
        this.output.restore(data.entries);
        this.#render();
    }

    get code(): string {
        return this.#editor.text();
    }

    get place(): Place | null {
        return this.#data.place;
    }

    /** Has it run, as far as is still shown? */
    get hasRun(): boolean {
        return this.#data.count !== null;
    }

    get isActive(): boolean {
        return this.#activity !== "none";
    }

    get number(): number {
        return this.#number;
    }

    data(): CellData {
        return { ...this.#data, code: this.code, entries: this.output.entries };
    }

    /** Into command mode. */
    focus(): void {
        this.element.focus({ preventScroll: true });
        this.element.scrollIntoView({ block: "nearest" });
    }

    /** Into edit mode. */
    edit(): void {
        this.#editor.focus();
    }

    set isSelected(isSelected: boolean) {
        this.element.classList.toggle("selected", isSelected);
        this.element.tabIndex = isSelected ? 0 : -1;
    }

    renumber(number: number): void {
        this.#number = number;
        this.#render();
    }

    // --- a run

    queue(): void {
        this.#be("queued");
    }

    /** It will not run after all. */
    unqueue(): void {
        this.#be("none");
    }

    begin(): void {
        this.#refusal.hidden = true;
        this.#be("running");
    }

    /** The gateway has taken it: what an earlier run has left is replaced. */
    accept(count: number): void {
        this.output.clear();
        this.#data = { ...this.#data, count, verdict: null, place: null };
        this.#render();
    }

    end(verdict: Verdict, place: Place | null): void {
        this.output.flush();
        this.#data = { ...this.#data, verdict, place };
        this.#be("none");
    }

    /** The gateway did not take it. */
    reject(why: string): void {
        this.#refusal.textContent = `Did not run: ${why}`;
        this.#refusal.hidden = false;
        this.#be("none");
    }

    /** Its names are not in the interpreter that the next cell meets. */
    set isStale(isStale: boolean) {
        if (isStale === this.#isStale) return;
        this.#isStale = isStale;
        this.#render();
    }

    #be(activity: Activity): void {
        this.#activity = activity;
        this.#render();
    }

    #render(): void {
        const { count, verdict } = this.#data;
        const isStale = this.#isStale && !this.isActive && count !== null;
        this.#count.textContent = `[${this.isActive ? "*" : (count ?? " ")}]`;
        this.element.dataset.activity = this.#activity;
        this.element.classList.toggle("stale", isStale);
        this.#stale.hidden = !isStale;
        this.#stale.textContent = "Ran in an earlier state. Names that it set are gone.";
        this.#verdict.hidden = !verdict || this.isActive;
        if (verdict) this.#renderVerdict(verdict);
        const words = [`Cell ${this.#number}`, this.#activityWords(count, verdict)];
        if (isStale) words.push("from an earlier state");
        this.element.setAttribute("aria-label", words.join(", "));
    }

    #activityWords(count: number | null, verdict: Verdict | null): string {
        if (this.#activity === "queued") return "waiting";
        if (this.#activity === "running") return "running";
        if (count === null) return "not run";
        return `ran as ${count}${verdict && verdict.tone !== "good" ? `, ${verdict.words}` : ""}`;
    }

    #renderVerdict({ tone, words, notes }: Verdict): void {
        this.#verdict.dataset.tone = tone;
        const lines = notes.map((note) => create("p", { className: "cell-note", textContent: note }));
        this.#verdict.replaceChildren(create("p", { className: "cell-word", textContent: words }), ...lines);
    }

    #tools(events: CellEvents): HTMLElement {
        const tool = (label: string, sign: string, action: () => void) => {
            const button = create("button", { type: "button", className: "icon", title: label, textContent: sign });
            button.setAttribute("aria-label", label);
            button.addEventListener("click", action);
            return button;
        };
        return create(
            "div",
            { className: "cell-tools" },
            tool("Run this cell", "▶", () => events.run(this)),
            tool("Move this cell up", "↑", () => events.move(this, -1)),
            tool("Move this cell down", "↓", () => events.move(this, 1)),
            tool("Insert a cell below", "+", () => events.insertBelow(this)),
            tool("Delete this cell", "×", () => events.remove(this)),
        );
    }
}
