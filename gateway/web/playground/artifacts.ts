// What a run leaves behind: displays, shown, and files, to download. All of it is hostile (displays.ts).

import { bytesOf, extension, shown } from "./displays";
import { byId, create } from "./dom";
import { Display, OutputFile } from "./gateway";
import { formatBytes } from "./units";

export class Artifacts {
    readonly #displays = byId("displays");
    readonly #files = byId<HTMLUListElement>("output-files");
    readonly #filesBox = byId("output-files-box");
    #urls: string[] = [];
    #lastNumber: number | undefined;

    clear(): void {
        this.#urls.forEach((url) => URL.revokeObjectURL(url));
        this.#urls = [];
        this.#displays.replaceChildren();
        this.#lastNumber = undefined;
        this.#files.replaceChildren();
        this.#filesBox.hidden = true;
    }

    /** Of several forms the first is shown. */
    addDisplay(display: Display): void {
        if (display.number !== undefined && display.number === this.#lastNumber) return;
        this.#lastNumber = display.number;
        const number = this.#displays.childElementCount + 1;
        const caption = create("figcaption", {}, `${number} · ${display.media_type} `);
        caption.append(this.#download(`display-${number}${extension(display.media_type)}`, display, "Save"));
        this.#displays.append(create("figure", {}, shown(display, `Display ${number} of the program`), caption));
    }

    addFile(file: OutputFile): void {
        const size = formatBytes(file.size_bytes) + (file.truncated ? ", cut at its limit" : "");
        const name = file.path.slice(file.path.lastIndexOf("/") + 1);
        const link = this.#download(name, file, file.path);
        this.#files.append(create("li", {}, link, create("span", { className: "size", textContent: size })));
        this.#filesBox.hidden = false;
    }

    #download(name: string, content: Display, label: string): HTMLAnchorElement {
        const url = URL.createObjectURL(new Blob([bytesOf(content)], { type: "application/octet-stream" }));
        this.#urls.push(url);
        return create("a", { href: url, download: name, textContent: label });
    }
}
