// A notebook as data: what the page shows, the draft keeps, and a download says.

import { CellError, Display, Stream } from "../playground/gateway";

/** What a cell left, in the order in which it came. */
export type Entry =
    | { kind: "stream"; stream: Stream; text: string }
    /** The forms of one display, the richest first. */
    | { kind: "display"; isResult: boolean; forms: Display[] }
    | { kind: "error"; error: CellError };

/** The interpreter that a cell ran in. */
export interface Place {
    session: string;
    generation: number;
}

export type Tone = "idle" | "busy" | "good" | "bad" | "warn";

/** What became of a cell. */
export interface Verdict {
    tone: Tone;
    words: string;
    notes: string[];
}

export interface CellData {
    id: string;
    code: string;
    /** How many cells had run when this one had; null: it has not run. */
    count: number | null;
    entries: Entry[];
    verdict: Verdict | null;
    /** null: the cell has not run, or its interpreter is known to have ended. */
    place: Place | null;
}

export function emptyCell(id: string, code = ""): CellData {
    return { id, code, count: null, entries: [], verdict: null, place: null };
}
