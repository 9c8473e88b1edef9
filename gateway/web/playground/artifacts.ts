// What a run leaves behind: displays, shown, and files, to download. All of it is hostile. Pictures are shown by img
// elements, which run no script and fetch nothing, from data URLs, whose origin is nobody's. HTML is shown in a frame
// that may do nothing, rid before of everything but its structure. Files have a media type that no browser opens.

import { fromBase64 } from "./base64";
import { byId, create } from "./dom";
import { frameOf } from "./frame";
import { Display, OutputFile } from "./gateway";
import { formatBytes } from "./units";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]);

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
        this.#displays.append(create("figure", {}, shown(display, number), caption));
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

function bytesOf({ content, encoding }: Display): BlobPart {
    return encoding === "base64" ? fromBase64(content) : content;
}

function textOf(display: Display): string {
    return display.encoding === "base64" ? new TextDecoder().decode(fromBase64(display.content)) : display.content;
}

function shown(display: Display, number: number): HTMLElement {
    const type = display.media_type;
    if (PICTURES.has(type)) return create("img", { src: dataUrl(display), alt: `Display ${number} of the program` });
    if (type === "text/html") return frameOf(textOf(display), `Display ${number} of the program`);
    if (type === "application/json") return create("pre", { textContent: prettyJson(textOf(display)) });
    if (type.startsWith("text/")) return create("pre", { textContent: textOf(display) });
    return create("p", { className: "quiet", textContent: "This media type cannot be displayed." });
}

function dataUrl({ media_type, content, encoding }: Display): string {
    return encoding === "base64"
        ? `data:${media_type};base64,${content}`
        : `data:${media_type};charset=utf-8,${encodeURIComponent(content)}`;
}

function prettyJson(text: string): string {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}

function extension(type: string): string {
    const known: Record<string, string> = { "image/svg+xml": ".svg", "text/plain": ".txt", "image/jpeg": ".jpg" };
    return known[type] ?? `.${/[a-z0-9]+$/.exec(type)?.[0] ?? "bin"}`;
}
