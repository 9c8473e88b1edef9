// A program's HTML, in a frame of its own that runs no script, submits nothing, opens nothing and has nobody's origin.
//
// The frame also lives under the page's Content-Security-Policy, which forbids scripts, style sheets and all that comes
// from elsewhere. But a browser may resolve or connect to a name before it asks any policy. So only the elements and
// attributes named here are handed over, copied one by one out of an inert document.

import { create } from "./dom";

const ELEMENTS = words(
    `a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6
    hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul
    var`,
);
/** Left out with all that is in them: it is no text to read. */
const SILENT = words("head iframe math noscript object script style svg template textarea title");
const ATTRIBUTES = words("alt colspan dir height open rowspan scope span start style title width");
const PICTURE = /^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i;

/** The policy lets attributes speak of style, and nothing else. */
const STYLES: Record<string, string> = {
    body: "margin:0;padding:12px;font:14px/1.5 system-ui,sans-serif;color:#1d2226;background:#fff",
    table: "border:none;border-collapse:collapse;font-variant-numeric:tabular-nums",
    th: "padding:4px 12px;border:none;border-bottom:1px solid #d5d2ca;text-align:right;font-weight:600",
    td: "padding:4px 12px;border:none;border-bottom:1px solid #e9e7e1;text-align:right",
    img: "max-width:100%",
};

const ROW_PIXELS = 31;
const PADDING_PIXELS = 24;
const MIN_PIXELS = 56;
const MAX_PIXELS = 420;

function words(text: string): Set<string> {
    return new Set(text.split(/\s+/));
}

export function frameOf(html: string, title: string): HTMLIFrameElement {
    // As text, which proves nothing, and need not: it saves the console from the policy's complaints.
    const styleless = html.replace(/<style\b[^>]*>[^]*?<\/style\s*>/gi, "");
    const { body } = document.implementation.createHTMLDocument("");
    body.setAttribute("style", STYLES.body!);
    copyInto(body, new DOMParser().parseFromString(styleless, "text/html").body);
    const frame = create("iframe", { title });
    frame.setAttribute("sandbox", "");
    frame.srcdoc = `<!doctype html><meta charset="utf-8">${body.outerHTML}`;
    frame.height = String(Math.min(Math.max(rows(body) * ROW_PIXELS + PADDING_PIXELS, MIN_PIXELS), MAX_PIXELS));
    return frame;
}

/** The frame tells nobody how tall it is; its rows and blocks do, roughly. */
function rows(body: Element): number {
    return body.querySelectorAll("tr, p, li, dt, dd, h1, h2, h3, h4, h5, h6, br, summary, pre").length;
}

function copyInto(target: Element, source: Element): void {
    for (const node of source.childNodes) {
        if (node instanceof Text) target.append(node.data);
        if (node instanceof Element) copyElement(target, node);
    }
}

function copyElement(target: Element, element: Element): void {
    const name = element.localName;
    if (SILENT.has(name)) return;
    if (!ELEMENTS.has(name)) return copyInto(target, element);
    const copy = target.ownerDocument.createElement(name);
    for (const { name: key, value } of element.attributes)
        if (ATTRIBUTES.has(key) || (name === "img" && key === "src" && PICTURE.test(value)))
            copy.setAttribute(key, value);
    const style = STYLES[name];
    if (style) copy.setAttribute("style", `${style};${copy.getAttribute("style") ?? ""}`);
    copyInto(copy, element);
    target.append(copy);
}
