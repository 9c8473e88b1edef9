// The pane that says how the session is, and for how long it lives.

import { byId, create } from "../playground/dom";
import { formatBytes } from "../playground/units";
import { Lease } from "./lease";
import { notify, withdraw } from "./notices";
import { endWords, leftWords } from "./words";

/** How long before its end a session is said to end soon; less where its idle time is short. */
const WARN_MS = 60_000;
const WARN_SHARE = 0.25;

export class Pane {
    readonly #lease: Lease;
    readonly #keepAlive: () => void;
    readonly #facts = byId<HTMLDListElement>("session-facts");
    readonly #keep = byId("session-keep");
    readonly #end = byId("session-end");
    /** The time of an end that was announced. */
    #announced = "";

    constructor(lease: Lease, keepAlive: () => void) {
        this.#lease = lease;
        this.#keepAlive = keepAlive;
        this.#keep.addEventListener("click", keepAlive);
    }

    render(): void {
        const { session, end } = this.#lease;
        this.#keep.hidden = !session;
        this.#end.hidden = !session;
        this.#show(this.#rows());
        if (session) this.#warn();
        if (!session || end !== undefined) withdraw("soon");
    }

    /** A value that is the same stays in place, so that it can be marked and copied. */
    #show(rows: [string, string][]): void {
        const facts = [...this.#facts.children].map(({ children: [name, value] }) => ({ name: name!, value: value! }));
        const isAlike = facts.length === rows.length && rows.every(([name], at) => facts[at]!.name.textContent === name);
        if (!isAlike) this.#facts.replaceChildren(...rows.map(([name, value]) => fact(name, value)));
        else
            for (const [at, [, value]] of rows.entries())
                if (facts[at]!.value.textContent !== value) facts[at]!.value.textContent = value;
    }

    #rows(): [string, string][] {
        const { session, end, isRunning } = this.#lease;
        if (end !== undefined) return [["State", `ended: ${endWords(end)}`]];
        if (!session) return [["State", "none; the first cell starts one"]];
        const { idle, whole } = this.#lease.left();
        const rows: [string, string][] = [
            ["State", isRunning ? "busy" : session.state],
            ["Id", session.id],
            ["Runtime", session.runtime],
            ["Interpreter", `generation ${session.generation}`],
        ];
        if (session.memory_bytes !== null) rows.push(["Memory", formatBytes(session.memory_bytes)]);
        if (idle !== undefined && !isRunning) rows.push(["Ends if unused in", leftWords(idle)]);
        if (whole !== undefined) rows.push(["Ends in any case in", leftWords(whole)]);
        return rows;
    }

    /** Say once that the session ends soon. */
    #warn(): void {
        const { session, isRunning } = this.#lease;
        const { idle = Infinity, whole = Infinity } = this.#lease.left();
        const most = Math.min(WARN_MS, session!.idle_timeout * 1000 * WARN_SHARE);
        const isWhole = whole < WARN_MS;
        const isSoon = isWhole || (!isRunning && idle < most);
        const key = isSoon ? `${isWhole} ${isWhole ? session!.expires_at : session!.idle_expires_at}` : "";
        if (key === this.#announced) return;
        this.#announced = key;
        if (!isSoon) return withdraw("soon");
        if (isWhole)
            notify("soon", { tone: "warn", words: "The session soon reaches its longest life time, and then ends. Save what you need." });
        else
            notify("soon", {
                tone: "warn",
                words: "The session ends soon if it is not used. Its state and its files are then lost.",
                action: { label: "Keep alive", act: this.#keepAlive },
            });
    }
}

function fact(name: string, value: string): HTMLElement {
    return create("div", {}, create("dt", { textContent: name }), create("dd", { textContent: value }));
}
