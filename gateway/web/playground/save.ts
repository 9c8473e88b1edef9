// A file for whoever looks at the page, with a media type that no browser opens.

import { create } from "./dom";

export function save(name: string, content: BlobPart): void {
    const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
    create("a", { href: url, download: name }).click();
    URL.revokeObjectURL(url);
}
