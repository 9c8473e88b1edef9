// What a program writes, as it comes. It is hostile: it becomes text nodes, and no more of them than a browser can lay
// out. All of it can still be saved.

import { create } from "./dom";
import { Stream } from "./gateway";
import { formatBytes } from "./units";

const MAX_SHOWN_CHARACTERS = 256 << 10;
/** A program that alternates between its streams makes one of these with each turn. */
const MAX_SHOWN_SPANS = 4000;
const FOLLOW_PIXELS = 24;

interface Piece {
    stream: Stream;
    text: string;
}

/** Where it is shown. */
interface Place {
    log: HTMLPreElement;
    /** What scrolls as the log grows. */
    scroller: HTMLElement;
    /** Says that not all is shown. */
    note: HTMLElement;
}

export class Console {
    #log: HTMLPreElement;
    readonly #scroller: HTMLElement;
    readonly #note: HTMLElement;
    #pieces: Piece[] = [];
    #unshown: Piece[] = [];
    #shownCharacters = 0;
    #shownSpans = 0;
    #frame = 0;

    constructor({ log, scroller, note }: Place) {
        this.#log = log;
        this.#scroller = scroller;
        this.#note = note;
    }

    /** What comes from now on is shown in another element: something stands between. */
    continueIn(log: HTMLPreElement): void {
        this.flush();
        this.#log = log;
    }

    clear(): void {
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        this.#pieces = [];
        this.#unshown = [];
        this.#shownCharacters = 0;
        this.#shownSpans = 0;
        this.#log.replaceChildren();
        this.#note.hidden = true;
    }

    append(stream: Stream, text: string): void {
        this.#pieces.push({ stream, text });
        this.#unshown.push({ stream, text });
        this.#frame ||= requestAnimationFrame(() => this.flush());
    }

    /** Show what has come since the last frame; at the end of a run, at once. */
    flush(): void {
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
        const follows = scrollHeight - scrollTop - clientHeight < FOLLOW_PIXELS;
        for (const piece of this.#unshown) this.#show(piece);
        this.#unshown = [];
        if (follows) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    }

    #show({ stream, text }: Piece): void {
        const last = this.#log.lastElementChild;
        const continues = last?.className === stream;
        const room = MAX_SHOWN_CHARACTERS - this.#shownCharacters;
        if (room <= 0 || (!continues && this.#shownSpans >= MAX_SHOWN_SPANS)) {
            this.#tellOfMore();
            return;
        }
        if (text.length > room) this.#tellOfMore();
        const shown = text.slice(0, room);
        this.#shownCharacters += shown.length;
        if (continues) {
            last.append(shown);
            return;
        }
        this.#shownSpans++;
        this.#log.append(create("span", { className: stream }, shown));
    }

    #tellOfMore(): void {
        const shown = formatBytes(MAX_SHOWN_CHARACTERS);
        this.#note.textContent = `Only about the first ${shown} are shown. Save the output to see all of it.`;
        this.#note.hidden = false;
    }

    /** Both streams as they came, or one of them. */
    text(stream?: Stream): string {
        const wanted = stream ? this.#pieces.filter((piece) => piece.stream === stream) : this.#pieces;
        return wanted.map((piece) => piece.text).join("");
    }
}
