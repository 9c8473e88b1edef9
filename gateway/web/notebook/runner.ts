// Runs cells, one after the other, in the page's session. A cell that fails, and a state that is lost, empty the queue: the
// cells that wait may rely on what is not there.

import { Problem } from "../playground/gateway";
import { askForKey } from "../playground/key";
import { CellResult, Hearer, hearAgain, interrupt, randomId, Refusal, runCell } from "./api";
import { CellView } from "./cell";
import { Lease } from "./lease";
import { Tone } from "./model";
import { endWords, refusalWords, survived, verdictOf } from "./words";

/** How often a run is looked for again when the connection was lost, and how long after. */
const RETRIES = 5;
const RETRY_MS = 1000;

/** The interpreter dies of it, and init starts the next one. Files stay. */
const RESTART = "import os\nos.kill(os.getpid(), 9)";

export interface RunnerEvents {
    /** What is said of the present moment. */
    said(tone: Tone, words: string): void;
    /** A cell has begun, or the last one has ended. */
    changed(): void;
    ended(result: CellResult): void;
    refused(problem: Problem): void;
}

export interface Settings {
    runtime: string;
    timeout: number | undefined;
}

interface Running {
    cell: CellView | undefined;
    /** The id of the run; undefined: the gateway has not said it yet. */
    run: string | undefined;
    /** The last event that was heard. */
    event: string;
    isInterrupted: boolean;
    /** The number that the cell has been given; undefined: the gateway has not taken it yet. */
    count: number | undefined;
    done: Promise<unknown>;
}

export class Runner {
    readonly #lease: Lease;
    readonly #settings: () => Settings;
    readonly #events: RunnerEvents;
    #queue: CellView[] = [];
    #running: Running | undefined;
    /** How many cells have run. */
    count = 0;

    constructor(lease: Lease, settings: () => Settings, events: RunnerEvents) {
        this.#lease = lease;
        this.#settings = settings;
        this.#events = events;
    }

    get isBusy(): boolean {
        return this.#running !== undefined;
    }

    /** The cell that runs, and its run; undefined: none, or none that can be found again. */
    get present(): { cell: string; run: string } | undefined {
        const { cell, run } = this.#running ?? {};
        return cell && run ? { cell: cell.id, run } : undefined;
    }

    async run(cell: CellView): Promise<void> {
        if (cell.isActive) return;
        cell.queue();
        this.#queue.push(cell);
        await this.#pump();
    }

    /** Hear of a run that an earlier page began. */
    async resume(cell: CellView, run: string): Promise<void> {
        cell.begin();
        await this.#occupied(cell, async (running) => {
            running.run = run;
            running.count = cell.data().count ?? undefined;
            return this.#hear(cell, running, () => hearAgain(run, "", this.#hearer(cell, running)));
        });
        await this.#pump();
    }

    /** Interrupt the cell that runs; those that wait do not run. */
    interrupt(): void {
        this.drop();
        const running = this.#running;
        if (!running || running.isInterrupted) return;
        running.isInterrupted = true;
        this.#events.said("busy", "Interrupting");
        if (running.run) void this.#sendInterrupt(running.run);
    }

    /** Give up the cells that wait; how many these were. */
    drop(): number {
        const dropped = this.#queue.splice(0);
        dropped.forEach((cell) => cell.unqueue());
        return dropped.length;
    }

    /** Begin a new interpreter in the same session. Returns false if there is no session for it. */
    async restart(): Promise<boolean> {
        this.interrupt();
        await this.#running?.done;
        const { session } = this.#lease;
        if (!session || this.#running) return false;
        this.#events.said("busy", "Restarting");
        await this.#occupied(undefined, async (running) => {
            const hearer = { ...this.#hearer(undefined, running), output: () => {}, display: () => {} };
            const send = () => runCell(session.id, { code: RESTART }, randomId(16), hearer);
            const result = await this.#attempt(send);
            if (result?.session?.state_lost) this.#lease.note(result.session, true);
            else if (result) this.#events.said("warn", "The interpreter did not restart");
            return false;
        });
        void this.#pump();
        return true;
    }

    async #pump(): Promise<void> {
        if (this.#running) return;
        for (let cell = this.#queue.shift(); cell; cell = this.#queue.shift()) {
            const each = cell;
            const went = await this.#occupied(each, (running) => this.#one(each, running));
            if (went) continue;
            await this.#lease.look(false); // a run that was lost may have ended with its session
            const count = this.drop();
            if (count > 0) this.#events.said("warn", `${cells(count)} did not run, because cell ${each.number} failed`);
        }
    }

    /** Mark the page as busy while `action` runs. */
    async #occupied(cell: CellView | undefined, action: (running: Running) => Promise<boolean>): Promise<boolean> {
        const running: Running = {
            cell,
            run: undefined,
            event: "",
            isInterrupted: false,
            count: undefined,
            done: Promise.resolve(),
        };
        this.#running = running;
        this.#lease.isRunning = true;
        this.#events.changed();
        const done = action(running);
        running.done = done.catch(() => {});
        try {
            return await done;
        } finally {
            this.#running = undefined;
            this.#lease.isRunning = false;
            this.#events.changed();
        }
    }

    /** Run a cell; whether the next one may run. */
    async #one(cell: CellView, running: Running): Promise<boolean> {
        cell.begin();
        if (this.#lease.end !== undefined) {
            cell.reject(`the session has ended, because ${endWords(this.#lease.end)}. Start a new one.`);
            this.#events.said("warn", "The session has ended");
            return false;
        }
        if (!this.#lease.session) {
            this.#events.said("busy", "Starting a session");
            await this.#attempt(() => this.#lease.open(this.#settings().runtime), cell);
        }
        const { session } = this.#lease;
        if (!session) return false;
        const request = { code: cell.code, timeout: this.#settings().timeout };
        const key = randomId(16);
        this.#events.said("busy", `Sending cell ${cell.number}`);
        return this.#hear(cell, running, () => runCell(session.id, request, key, this.#hearer(cell, running)));
    }

    /** Hear of a run until its result, through lost connections. */
    async #hear(cell: CellView, running: Running, send: () => Promise<CellResult>): Promise<boolean> {
        const again = () => {
            const { run, event } = running;
            return run ? hearAgain(run, event, this.#hearer(cell, running)) : send();
        };
        let next = send;
        for (let tries = 0; ; tries++) {
            const result = await this.#attempt(next, cell, tries < RETRIES);
            if (result) return this.#end(cell, result);
            if (result === null) return false;
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
            next = again;
        }
    }

    #end(cell: CellView, result: CellResult): boolean {
        if (result.error) cell.output.addError(result.error);
        const { session } = result;
        if (session) this.#lease.note(session);
        cell.end(verdictOf(result), session && survived(result, session) ? this.#lease.place : null);
        const { tone, words } = verdictOf(result);
        this.#events.said(tone, tone === "good" ? `Cell ${cell.number} ran` : `Cell ${cell.number}: ${words}`);
        this.#events.ended(result);
        return result.status === "success" && !session?.state_lost;
    }

    /** What `action` gives; null: it was refused; undefined: the connection failed, and it may be tried again. */
    async #attempt<T>(action: () => Promise<T>, cell?: CellView, mayRetry = false): Promise<T | null | undefined> {
        try {
            return await this.#lease.guard(action);
        } catch (error) {
            if (error instanceof Refusal && error.problem.status === 401 && (await askForKey()))
                return this.#attempt(action, cell, mayRetry);
            if (!(error instanceof Refusal) && mayRetry) {
                this.#events.said("warn", "The connection to the gateway was lost; trying again");
                return undefined;
            }
            this.#refused(error, cell);
            return null;
        }
    }

    #refused(error: unknown, cell: CellView | undefined): void {
        const problem = error instanceof Refusal ? error.problem : undefined;
        const why = problem ? refusalWords(problem) : "the connection to the gateway was lost. It may have run.";
        if (problem) this.#events.refused(problem);
        const isBegun = this.#running?.run !== undefined;
        if (cell && isBegun) cell.end({ tone: "warn", words: "Its result was lost", notes: [why] }, null);
        else cell?.reject(whyNot(problem, why, this.#lease.end));
        this.#events.said("warn", this.#lease.end === undefined ? "Did not run" : "The session has ended");
    }

    #hearer(cell: CellView | undefined, running: Running): Hearer {
        const accept = () => {
            running.count ??= ++this.count;
            cell?.accept(running.count);
        };
        return {
            queued: (run) => {
                running.run = run;
                accept();
                if (running.isInterrupted) void this.#sendInterrupt(run);
            },
            started: () => {
                if (cell && !running.isInterrupted) this.#events.said("busy", `Cell ${cell.number} runs`);
            },
            output: (stream, text) => cell?.output.append(stream, text),
            display: (display) => cell?.output.addDisplay(display),
            at: (event) => (running.event = event),
        };
    }

    async #sendInterrupt(run: string): Promise<void> {
        const { session } = this.#lease;
        if (!session) return;
        try {
            await interrupt(session.id, run);
        } catch (error) {
            const isOver = error instanceof Refusal && error.problem.status === 409;
            if (!isOver) this.#events.said("warn", `Not interrupted: ${(error as Error).message}`);
        }
    }
}

function whyNot(problem: Problem | undefined, why: string, end: string | undefined): string {
    if (end !== undefined) return `the session has ended, because ${endWords(end)}. Start a new one.`;
    return problem?.code === "session_busy" ? "another cell of this session runs." : why;
}

function cells(count: number): string {
    return count === 1 ? "One cell" : `${count} cells`;
}
