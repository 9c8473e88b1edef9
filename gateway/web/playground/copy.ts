// The dialog that hands over a text, to be copied: the curl line, the link.

import { byId } from "./dom";

const dialog = byId<HTMLDialogElement>("copy");
const title = byId("copy-title");
const note = byId("copy-note");
const text = byId<HTMLTextAreaElement>("copy-text");
const done = byId("copy-done");

export function offer(words: { title: string; note: string; text: string }): void {
    title.textContent = words.title;
    note.textContent = words.note;
    text.value = words.text;
    done.textContent = "";
    dialog.showModal();
    text.select();
}

byId("copy-button").addEventListener("click", () => {
    void copy().then((copied) => (done.textContent = copied ? "Copied." : "Press Ctrl-C to copy."));
});

/** Only secure contexts have a clipboard to write to: over plain HTTP, this host's own pages alone. */
async function copy(): Promise<boolean> {
    text.select();
    try {
        await navigator.clipboard.writeText(text.value);
        return true;
    } catch {
        return document.execCommand("copy");
    }
}
