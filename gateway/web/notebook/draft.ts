// The notebook and its session, kept for this tab while the page is loaded again.

import { CellData, Place } from "./model";

const STORED = "mayfly.notebook";

export interface Draft {
    cells: CellData[];
    count: number;
    place: Place | null;
    /** The run that had not ended. */
    running: { cell: string; run: string } | null;
    runtime: string;
    timeout: string;
}

/** Without the outputs, if these do not fit. */
export function keepDraft(draft: Draft): void {
    const codeOnly = draft.cells.map((cell) => ({ ...cell, entries: [] }));
    if (!store(draft) && !store({ ...draft, cells: codeOnly })) sessionStorage.removeItem(STORED);
}

function store(draft: Draft): boolean {
    try {
        sessionStorage.setItem(STORED, JSON.stringify(draft));
        return true;
    } catch {
        return false;
    }
}

export function storedDraft(): Draft | undefined {
    const stored = sessionStorage.getItem(STORED);
    return stored === null ? undefined : JSON.parse(stored);
}
