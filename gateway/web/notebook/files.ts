// The pane with the files of the session's folder.

import { byId, create } from "../playground/dom";
import { save } from "../playground/save";
import { formatBytes } from "../playground/units";
import { deleteFile, Listing, listFiles, readFile, Refusal, SessionFile, writeFile } from "./api";
import { Lease } from "./lease";
import { refusalWords } from "./words";

/** A browser cannot lay out any number of them. */
const MAX_SHOWN = 500;

export class Files {
    readonly #lease: Lease;
    /** Makes sure that there is a session; returns false if there is none. */
    readonly #ensure: () => Promise<boolean>;
    readonly #list = byId<HTMLUListElement>("files");
    readonly #note = byId("files-note");
    readonly #complaint = byId("files-complaint");
    readonly #said = byId("files-said");

    constructor(lease: Lease, ensure: () => Promise<boolean>) {
        this.#lease = lease;
        this.#ensure = ensure;
        const chooser = byId<HTMLInputElement>("files-upload");
        chooser.addEventListener("change", () => {
            void this.upload([...(chooser.files ?? [])]).then(() => (chooser.value = ""));
        });
        byId("files-refresh").addEventListener("click", () => void this.refresh());
    }

    /** Show the files as they are now. */
    async refresh(): Promise<void> {
        const { session } = this.#lease;
        if (!session) return this.clear();
        await this.#attempt(async () => this.#show(await listFiles(session.id)));
    }

    /** Without a session there are no files. */
    clear(): void {
        this.#list.replaceChildren();
        this.#note.textContent = "No files: there is no session.";
        this.#note.hidden = false;
    }

    async upload(chosen: File[]): Promise<void> {
        if (chosen.length === 0 || !(await this.#ensure())) return;
        for (const file of chosen) {
            const done = await this.#attempt(() => writeFile(this.#lease.session?.id ?? "", file.name, file));
            if (!done) return;
            this.#said.textContent = `${file.name} was uploaded.`;
        }
        await this.refresh();
    }

    #show({ files, truncated }: Listing): void {
        const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
        this.#list.replaceChildren(...sorted.slice(0, MAX_SHOWN).map((file) => this.#item(file)));
        const isCut = truncated || files.length > MAX_SHOWN;
        this.#note.textContent = isCut ? "There are more files than are shown." : "The folder is empty.";
        this.#note.hidden = files.length > 0 && !isCut;
    }

    #item({ path, size_bytes }: SessionFile): HTMLLIElement {
        const download = create("button", { type: "button", className: "file-name", textContent: path });
        download.setAttribute("aria-label", `Download ${path}`);
        download.addEventListener("click", () => void this.#download(path));
        const remove = create("button", { type: "button", className: "ghost", textContent: "Delete" });
        remove.setAttribute("aria-label", `Delete ${path}`);
        remove.addEventListener("click", () => void this.#remove(remove, path));
        remove.addEventListener("blur", () => this.#ask(remove, path, false));
        return create("li", {}, download, create("span", { className: "size", textContent: formatBytes(size_bytes) }), remove);
    }

    async #download(path: string): Promise<void> {
        const { session } = this.#lease;
        const name = path.slice(path.lastIndexOf("/") + 1);
        if (session) await this.#attempt(async () => save(name, await readFile(session.id, path)));
    }

    /** The first press asks, the second one deletes. */
    async #remove(button: HTMLButtonElement, path: string): Promise<void> {
        if (button.dataset.asked === undefined) return this.#ask(button, path, true);
        const { session } = this.#lease;
        if (!session || !(await this.#attempt(() => deleteFile(session.id, path)))) return;
        this.#said.textContent = `${path} was deleted.`;
        await this.refresh();
        byId("files-refresh").focus();
    }

    #ask(button: HTMLButtonElement, path: string, isAsked: boolean): void {
        if (isAsked) button.dataset.asked = "";
        else delete button.dataset.asked;
        button.textContent = isAsked ? "Really delete" : "Delete";
        button.setAttribute("aria-label", isAsked ? `Really delete ${path}` : `Delete ${path}`);
    }

    async #attempt(action: () => Promise<void>): Promise<boolean> {
        this.#complaint.textContent = "";
        try {
            await this.#lease.guard(action);
            return true;
        } catch (error) {
            this.#complaint.textContent =
                error instanceof Refusal ? refusalWords(error.problem) : "The connection to the gateway was lost.";
            return false;
        }
    }
}
