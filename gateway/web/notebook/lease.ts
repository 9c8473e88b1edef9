// The session that the page has. It says at once when the session's state is lost, or when the session has ended.

import { Session, SessionPart, endSession, gatewayNow, keepAlive, lookAt, openSession, Refusal } from "./api";
import { Place } from "./model";
import { endIn } from "./words";

const TICK_MS = 1000;
/** How often an idle session is looked at, while the page is visible. */
const LOOK_MS = 10_000;

export interface LeaseEvents {
    /** Something that is shown of the session has changed. */
    changed(): void;
    /** The interpreter has been replaced. `wanted`: this page asked for it. */
    stateLost(generation: number, wanted: boolean): void;
    ended(reason: string): void;
    reached(isReached: boolean): void;
}

export class Lease {
    readonly #events: LeaseEvents;
    #session: Session | undefined;
    #end: string | undefined;
    #isLooking = false;
    #lookedAt = 0;
    #isRunning = false;

    constructor(events: LeaseEvents) {
        this.#events = events;
        setInterval(() => this.#tick(), TICK_MS);
        document.addEventListener("visibilitychange", () => void this.look());
    }

    /** Live, or undefined. */
    get session(): Session | undefined {
        return this.#end === undefined ? this.#session : undefined;
    }

    /** Why the session has ended; undefined: it lives, or there is none. */
    get end(): string | undefined {
        return this.#end;
    }

    get place(): Place | null {
        const { session } = this;
        return session ? { session: session.id, generation: session.generation } : null;
    }

    /** While a cell runs, its answer will say what is to be known. */
    set isRunning(isRunning: boolean) {
        this.#isRunning = isRunning;
        this.#events.changed();
    }

    get isRunning(): boolean {
        return this.#isRunning;
    }

    async open(runtime: string): Promise<void> {
        const session = await openSession(runtime);
        this.#end = undefined;
        this.#take(session);
    }

    /** Continue with a session that an earlier page had. */
    async resume({ session, generation }: Place, runtime: string): Promise<void> {
        this.#session = {
            id: session,
            generation,
            runtime,
            state: "idle",
            expires_at: "",
            idle_expires_at: null,
            idle_timeout: 0,
            executions: 0,
            running: null,
            memory_bytes: null,
        };
        await this.look(false);
    }

    async close(): Promise<void> {
        const { session } = this;
        if (!session) return;
        await this.guard(() => endSession(session.id));
        this.#finish("deleted");
    }

    async keepAlive(): Promise<void> {
        const { session } = this;
        if (session) this.#take(await this.guard(() => keepAlive(session.id)));
    }

    /** Do something with the session; a refusal that says that it has ended is believed. */
    async guard<T>(action: () => Promise<T>): Promise<T> {
        try {
            return await action();
        } catch (error) {
            const reason = error instanceof Refusal ? endIn(error.problem) : undefined;
            if (reason !== undefined) this.#finish(reason);
            throw error;
        }
    }

    /** Take what an answer says. */
    note(part: SessionPart, wanted = false): void {
        const { session } = this;
        if (!session || part.id !== session.id) return;
        if (part.state === "gone") return this.#finish(part.reason ?? "unknown");
        const { idle_expires_at, generation } = part;
        const expires_at = part.expires_at ?? session.expires_at;
        this.#take({ ...session, state: "idle", expires_at, idle_expires_at, generation }, wanted);
    }

    /** Ask the gateway how the session is; by default only while somebody may see the page. */
    async look(isUnseen = document.hidden): Promise<void> {
        const { session } = this;
        if (!session || this.#isLooking || this.#isRunning || isUnseen) return;
        this.#isLooking = true;
        try {
            const seen = await this.guard(() => lookAt(session.id));
            this.#events.reached(true);
            if (seen.id === this.session?.id && !this.#isRunning) this.#take(seen);
        } catch (error) {
            if (!(error instanceof Refusal)) this.#events.reached(false);
        } finally {
            this.#isLooking = false;
            this.#lookedAt = performance.now();
        }
    }

    /** Milliseconds until the session ends unless it is used, and in any case; undefined: not known. */
    left(): { idle: number | undefined; whole: number | undefined } {
        const until = (time: string | null | undefined) => (time ? Date.parse(time) - gatewayNow() : undefined);
        const idle = until(this.session?.idle_expires_at);
        const most = this.session?.idle_timeout ? this.session.idle_timeout * 1000 : Infinity; // the clocks differ a little
        return { idle: idle && Math.min(idle, most), whole: until(this.session?.expires_at) };
    }

    #take(session: Session, wanted = false): void {
        const before = this.#session;
        this.#session = session;
        if (before?.id === session.id && session.generation > before.generation)
            this.#events.stateLost(session.generation, wanted);
        this.#events.changed();
    }

    #finish(reason: string): void {
        if (this.#end !== undefined) return;
        this.#end = reason;
        this.#events.ended(reason);
        this.#events.changed();
    }

    #tick(): void {
        if (!this.session) return;
        this.#events.changed();
        const { idle = 1, whole = 1 } = this.left();
        const isDue = performance.now() - this.#lookedAt > LOOK_MS;
        if (isDue || idle <= 0 || whole <= 0) void this.look();
    }
}
