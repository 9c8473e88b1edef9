// A program in a URL's fragment, which browsers never send to a server: base64url of deflated JSON.

import { fromBase64, toBase64 } from "./base64";
import { Program, readProgram } from "./program";

const NAME = "#program=";
/** A link of a few kilobytes can inflate to gigabytes; no request is larger than this either. */
const MAX_INFLATED_BYTES = 8 << 20;

export async function toFragment(program: Program): Promise<string> {
    const packed = await through(
        new TextEncoder().encode(JSON.stringify(program)),
        new CompressionStream("deflate-raw"),
    );
    return NAME + toBase64(packed).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The program of a fragment; undefined where it carries none. Throws where it carries a broken one. */
export async function fromFragment(fragment: string): Promise<Program | undefined> {
    if (!fragment.startsWith(NAME)) return undefined;
    const text = fragment.slice(NAME.length).replaceAll("-", "+").replaceAll("_", "/");
    const json = await through(fromBase64(text), new DecompressionStream("deflate-raw"));
    const program = readProgram(JSON.parse(new TextDecoder().decode(json)));
    if (!program) throw new Error("no program in the link");
    return program;
}

async function through(bytes: BlobPart, transform: CompressionStream | DecompressionStream): Promise<Uint8Array> {
    const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        length += value.length;
        if (length > MAX_INFLATED_BYTES) {
            await reader.cancel();
            throw new Error("the link contains too much");
        }
        chunks.push(value);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
