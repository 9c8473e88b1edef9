// A display as an element. It is hostile. Pictures are shown by img elements, which run no script and fetch nothing, from
// data URLs, whose origin is nobody's. HTML is shown in a frame that may do nothing, rid before of everything but its
// structure. What is saved has a media type that no browser opens.

import { fromBase64 } from "./base64";
import { create } from "./dom";
import { frameOf } from "./frame";
import { Display } from "./gateway";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]);

export function bytesOf({ content, encoding }: Display): BlobPart {
    return encoding === "base64" ? fromBase64(content) : content;
}

export function textOf(display: Display): string {
    return display.encoding === "base64" ? new TextDecoder().decode(fromBase64(display.content)) : display.content;
}

/** `label` names it to those who do not see it. */
export function shown(display: Display, label: string): HTMLElement {
    const type = display.media_type;
    if (PICTURES.has(type)) return create("img", { src: dataUrl(display), alt: label });
    if (type === "text/html") return frameOf(textOf(display), label);
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

/** The end of a file's name. */
export function extension(type: string): string {
    const known: Record<string, string> = { "image/svg+xml": ".svg", "text/plain": ".txt", "image/jpeg": ".jpg" };
    return known[type] ?? `.${/[a-z0-9]+$/.exec(type)?.[0] ?? "bin"}`;
}
