// The files that go with a program.

import { toBase64 } from "./base64";
import { byId, create } from "./dom";
import { Upload } from "./program";
import { formatBytes } from "./units";

/** What a gateway takes that was told nothing else. */
const MAX_BYTES = 8 << 20;

export class Uploads {
    readonly #list = byId<HTMLUListElement>("uploads");
    readonly #complaint = byId("uploads-complaint");
    readonly #onChange: () => void;
    #files: Upload[] = [];
    /** A larger file would be refused; reading a disk image into a page helps nobody. */
    maxBytes = MAX_BYTES;

    constructor(onChange: () => void) {
        this.#onChange = onChange;
        const chooser = byId<HTMLInputElement>("upload");
        chooser.addEventListener("change", () => {
            void this.add([...(chooser.files ?? [])]).then(() => (chooser.value = ""));
        });
    }

    get files(): Upload[] {
        return this.#files;
    }

    set files(files: Upload[]) {
        this.#files = files;
        this.#complaint.textContent = "";
        this.#render();
    }

    /** One with the name of an earlier one takes its place. */
    async add(chosen: File[]): Promise<void> {
        this.#complaint.textContent = "";
        for (const file of chosen) {
            if (file.size > this.maxBytes) {
                const most = formatBytes(this.maxBytes);
                this.#complaint.textContent = `${file.name} is too large: the files of a request may have at most ${most} in all.`;
                continue;
            }
            const upload = uploadOf(file.name, new Uint8Array(await file.arrayBuffer()));
            this.#files = [...this.#files.filter(({ path }) => path !== upload.path), upload];
        }
        this.#render();
        this.#onChange();
    }

    #remove(upload: Upload): void {
        this.#files = this.#files.filter((each) => each !== upload);
        this.#render();
        this.#onChange();
        byId("upload").focus();
    }

    #render(): void {
        this.#list.replaceChildren(...this.#files.map((upload) => this.#item(upload)));
    }

    #item(upload: Upload): HTMLLIElement {
        const remove = create("button", { type: "button", className: "ghost", textContent: "Remove" });
        remove.setAttribute("aria-label", `Remove ${upload.path}`);
        remove.addEventListener("click", () => this.#remove(upload));
        const size = create("span", { className: "size", textContent: formatBytes(bytesIn(upload)) });
        return create("li", {}, create("code", { textContent: upload.path }), size, remove);
    }
}

function uploadOf(path: string, bytes: Uint8Array): Upload {
    try {
        return {
            path,
            content: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
            encoding: "utf-8",
        };
    } catch {
        return { path, content: toBase64(bytes), encoding: "base64" };
    }
}

function bytesIn({ content, encoding }: Upload): number {
    if (encoding === "utf-8") return new TextEncoder().encode(content).length;
    return (content.length / 4) * 3 - (/=*$/.exec(content)?.[0].length ?? 0);
}
