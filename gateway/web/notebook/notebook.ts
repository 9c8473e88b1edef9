// The notebook: cells that run one after the other in one session, which keeps names, modules and files.
//
// State is never lost silently: a new interpreter, an ended session and dropped output are said at once, and cells that
// ran in an earlier interpreter are marked. What cells write and show is hostile (output.ts).

import { byId, create } from "../playground/dom";
import { fetchRuntimes, Problem, Runtime } from "../playground/gateway";
import { apiKey, askForKey } from "../playground/key";
import { save } from "../playground/save";
import { allowWaiting, endSession, listSessions, randomId, Refusal, Session } from "./api";
import { CellView } from "./cell";
import { keepDraft, storedDraft } from "./draft";
import { toIpynb, toPython } from "./export";
import { Files } from "./files";
import { wireKeys } from "./keys";
import { Lease } from "./lease";
import { CellList } from "./list";
import { emptyCell, Tone } from "./model";
import { notify, withdraw } from "./notices";
import { Pane } from "./pane";
import { Runner } from "./runner";
import { droppedWords, endWords, refusalWords } from "./words";

const ID_BYTES = 4;
const FIRST = "names = ['Ada', 'Grace', 'Edsger']\nlen(names)";

const status = byId("status");
const statusText = byId("status-text");
const runtime = byId<HTMLSelectElement>("runtime");
const timeout = byId<HTMLInputElement>("timeout");
const runButton = byId<HTMLButtonElement>("run");
const interruptButton = byId<HTMLButtonElement>("interrupt");
let runtimes: Runtime[] = [];

const list = new CellList(byId("cells"), { changed: () => {}, run: (cell) => void runner.run(cell), removed: () => {} });
const lease = new Lease({ changed, stateLost, ended, reached });
const runner = new Runner(lease, settings, {
    said: say,
    changed: showBusy,
    ended({ session }) {
        markStale();
        if (session && session.dropped_bytes > 0)
            notify("dropped", { tone: "warn", words: `Output was dropped: ${droppedWords(session.dropped_bytes)}` });
        void files.refresh();
    },
    refused: offerRoom,
});
const pane = new Pane(lease, () => void attempt(() => lease.keepAlive()));
const files = new Files(lease, ensureSession);

function settings() {
    const seconds = timeout.valueAsNumber;
    return { runtime: runtime.value, timeout: Number.isFinite(seconds) ? seconds : undefined };
}

function say(tone: Tone, words: string): void {
    status.dataset.tone = tone;
    statusText.textContent = words;
}

// --- what becomes of the session

function changed(): void {
    pane.render();
    markStale();
}

function stateLost(generation: number, wanted: boolean): void {
    markStale();
    if (wanted) {
        withdraw("lost");
        say("good", "Restarted: names and modules are gone, files are kept");
        return;
    }
    runner.drop();
    notify("lost", {
        tone: "bad",
        words:
            `State was lost: the interpreter has ended, and a new one was started (generation ${generation}). ` +
            "Names and modules of earlier cells are gone. Files are kept.",
    });
}

function ended(reason: string): void {
    runner.drop();
    for (const name of ["lost", "soon", "dropped"]) withdraw(name);
    if (reason === "deleted") say("idle", "The session was ended");
    else say("warn", "The session has ended");
    notify("ended", {
        tone: reason === "deleted" ? "warn" : "bad",
        words: `The session has ended, because ${endWords(reason)}. Its names, modules and files are gone.`,
        action: { label: "Start a new session", act: () => void startAnew() },
    });
    files.clear();
}

function reached(isReached: boolean): void {
    if (isReached) withdraw("unreachable");
    else notify("unreachable", { tone: "warn", words: "The gateway cannot be reached. Whether the session still lives is not known." });
}

/** Mark the cells whose names are not in the present interpreter. */
function markStale(): void {
    const { place } = lease;
    for (const cell of list.cells)
        cell.isStale =
            cell.hasRun &&
            (!place || cell.place?.session !== place.session || cell.place.generation !== place.generation);
}

// --- what may be asked of it

/** Do something with the gateway, and ask for a key if it wants one. Returns whether it was done. */
async function attempt(action: () => Promise<void>): Promise<boolean> {
    try {
        await action();
        return true;
    } catch (error) {
        const isRefusal = error instanceof Refusal;
        if (isRefusal && error.problem.status === 401 && (await askForKey())) return attempt(action);
        if (isRefusal) offerRoom(error.problem);
        if (lease.end === undefined)
            say("warn", isRefusal ? refusalWords(error.problem) : "The connection to the gateway was lost");
        return false;
    }
}

/** Where no further session may begin, an earlier page's may be in the way. */
function offerRoom({ code, detail = "" }: Problem): void {
    if (code !== "session_limit") return;
    notify("limit", {
        tone: "warn",
        words: `No session was started. ${detail} A session whose page was closed lives on until its idle time has passed.`,
        action: { label: "End the one that is idle the longest", act: () => void attempt(endIdlest) },
    });
}

async function endIdlest(): Promise<void> {
    const idle = (await listSessions()).filter(({ idle_expires_at }) => idle_expires_at !== null);
    idle.sort((a, b) => usedAt(a) - usedAt(b));
    withdraw("limit");
    if (idle[0]) await endSession(idle[0].id);
    say("idle", idle[0] ? `Session ${idle[0].id} was ended. Run the cell again.` : "No session is idle");
}

function usedAt({ idle_expires_at, idle_timeout }: Session): number {
    return Date.parse(idle_expires_at ?? "") - idle_timeout * 1000;
}

async function ensureSession(): Promise<boolean> {
    if (lease.end !== undefined) return false;
    return lease.session !== undefined || attempt(() => lease.open(settings().runtime));
}

async function startAnew(): Promise<void> {
    if (runner.isBusy) return;
    say("busy", "Starting a session");
    if (lease.session) await attempt(() => lease.close());
    if (!(await attempt(() => lease.open(settings().runtime)))) return;
    for (const name of ["ended", "lost", "dropped"]) withdraw(name);
    say("good", "A new session is ready");
    await files.refresh();
}

async function restart(): Promise<void> {
    if (!lease.session) return startAnew();
    await runner.restart();
    await files.refresh();
}

async function confirmed(title: string, text: string, yes: string): Promise<boolean> {
    const dialog = byId<HTMLDialogElement>("confirm");
    byId("confirm-title").textContent = title;
    byId("confirm-text").textContent = text;
    byId("confirm-yes").textContent = yes;
    dialog.returnValue = "";
    dialog.showModal();
    byId("confirm-yes").focus();
    return new Promise((resolve) => {
        dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
}

async function askRestart(): Promise<void> {
    if (!lease.session) return startAnew();
    const text = "Names and modules are lost, files are kept. A cell that runs is interrupted.";
    if (await confirmed("Restart the interpreter?", text, "Restart")) await restart();
}

async function askNew(): Promise<void> {
    const text = "The present session ends. Its names, modules and files are lost.";
    if (!lease.session || (await confirmed("Start a new session?", text, "Start a new session"))) await startAnew();
}

async function askEnd(): Promise<void> {
    const text = "Its names, modules and files are lost.";
    if (await confirmed("End the session?", text, "End the session")) await attempt(() => lease.close());
}

// --- the page

function showBusy(): void {
    const isBusy = runner.isBusy;
    const hadFocus = document.activeElement === interruptButton;
    interruptButton.disabled = !isBusy;
    document.body.classList.toggle("running", isBusy);
    for (const id of ["session-new", "session-end"]) byId<HTMLButtonElement>(id).disabled = isBusy;
    if (hadFocus && !isBusy) runButton.focus();
}

function runSelected(): void {
    if (list.selected) void runner.run(list.selected);
}

function runAll(): void {
    for (const cell of list.cells) void runner.run(cell);
}

function language() {
    const name = lease.session?.runtime ?? runtime.value;
    return { version: (runtimes.find((each) => each.name === name) ?? runtimes[0])?.version ?? null };
}

function cellData() {
    return list.cells.map((cell) => cell.data());
}

async function offerRuntimes(): Promise<void> {
    const found = await fetchRuntimes(apiKey()).catch(() => undefined);
    if (!Array.isArray(found)) {
        if (found?.status === 401 && (await askForKey())) await offerRuntimes();
        return;
    }
    runtimes = found;
    const chosen = runtime.value;
    runtime.replaceChildren(...found.map(({ name }) => new Option(name, name)));
    if (found.some(({ name }) => name === chosen)) runtime.value = chosen;
    showLimits();
}

function showLimits(): void {
    const limits = runtimes.find(({ name }) => name === runtime.value)?.limits;
    const limit = limits?.timeout;
    allowWaiting(limits?.queue_timeout?.maximum);
    if (limit) timeout.placeholder = `${limit.default}, at most ${limit.maximum}`;
}

const KEYS: [string, string][] = [
    ["Shift Enter", "Run the cell, and go to the next one"],
    ["Ctrl Enter", "Run the cell"],
    ["Alt Enter", "Run the cell, and insert one below"],
    ["Escape", "From edit mode to command mode"],
    ["Enter", "Edit the cell"],
    ["↑ ↓ or k j", "Go to the cell above or below"],
    ["a b", "Insert a cell above or below"],
    ["d d", "Delete the cell"],
    ["z", "Bring back the cell that was deleted last"],
    ["i i", "Interrupt"],
    ["0 0", "Restart the interpreter without asking"],
    ["?", "Show this list"],
];

function showHelp(): void {
    byId("help-keys").replaceChildren(
        ...KEYS.map(([keys, words]) => {
            const parts = keys.split(" ").map((key) => (key === "or" ? "or" : create("kbd", { textContent: key })));
            const term = create("dt", {}, ...parts.flatMap((part) => [part, " "]));
            return create("div", {}, term, create("dd", { textContent: words }));
        }),
    );
    byId<HTMLDialogElement>("help").showModal();
}

// --- the draft

function leave(): void {
    const { count, present } = runner;
    const { value } = timeout;
    const end = lease.session ? lease.place : null;
    keepDraft({ cells: cellData(), count, place: end, running: present ?? null, runtime: runtime.value, timeout: value });
}

async function begin(): Promise<void> {
    const draft = storedDraft();
    list.fill(draft?.cells ?? [emptyCell(randomId(ID_BYTES), FIRST), emptyCell(randomId(ID_BYTES))]);
    if (!draft) return;
    runner.count = draft.count;
    timeout.value = draft.timeout;
    runtime.add(new Option(draft.runtime, draft.runtime));
    runtime.value = draft.runtime;
    markStale();
    if (!draft.place) return;
    await lease.resume(draft.place, draft.runtime);
    const cell = list.cells.find(({ id }) => id === draft.running?.cell);
    if (cell && lease.session && draft.running) await runner.resume(cell, draft.running.run);
    else if (lease.session) say("idle", "The session continues");
    await files.refresh();
}

wireKeys(byId("cells"), list, {
    run: (cell: CellView) => void runner.run(cell),
    interrupt: () => runner.interrupt(),
    restart: () => void restart(),
    help: showHelp,
});
addEventListener("pagehide", leave);
runButton.addEventListener("click", runSelected);
interruptButton.addEventListener("click", () => runner.interrupt());
byId("restart").addEventListener("click", () => void askRestart());
byId("run-all").addEventListener("click", runAll);
byId("session-new").addEventListener("click", () => void askNew());
byId("session-end").addEventListener("click", () => void askEnd());
byId("help-open").addEventListener("click", showHelp);
byId("save-ipynb").addEventListener("click", () => save("notebook.ipynb", toIpynb(cellData(), language())));
byId("save-py").addEventListener("click", () => save("notebook.py", toPython(cellData())));
runtime.addEventListener("change", showLimits);
pane.render();
void begin();
void offerRuntimes();
