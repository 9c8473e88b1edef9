// Bytes and base64, by way of the strings that atob and btoa know.

/** How many bytes become arguments of one call: engines bound these. */
const SLICE_BYTES = 0x8000;

export function toBase64(bytes: Uint8Array): string {
    const parts: string[] = [];
    for (let at = 0; at < bytes.length; at += SLICE_BYTES)
        parts.push(String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES)));
    return btoa(parts.join(""));
}

/** Throws where the text is not base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
