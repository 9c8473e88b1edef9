// Server-sent events out of a fetched body. EventSource would do it, but cannot POST.

export interface ServerEvent {
    name: string;
    data: string;
    /** The last id that the stream has given, for Last-Event-ID. Empty before the first. */
    id: string;
}

/** The stream's events in order, until it ends. */
export async function* serverEvents(body: ReadableStream<BufferSource>): AsyncGenerator<ServerEvent> {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield* parser.take(value);
    }
}

/** What the HTML standard says of event streams, but for `retry`. */
export class EventParser {
    #unfinished: string[] = [];
    #name = "";
    #data: string[] = [];
    #id = "";

    /** The events that this text, wherever it is cut, completes. */
    *take(text: string): Generator<ServerEvent> {
        const lines = text.split("\n");
        for (const [index, line] of lines.entries()) {
            this.#unfinished.push(line);
            if (index === lines.length - 1) return;
            const whole = this.#unfinished.join("");
            this.#unfinished = [];
            yield* this.#line(whole.endsWith("\r") ? whole.slice(0, -1) : whole);
        }
    }

    *#line(line: string): Generator<ServerEvent> {
        if (line === "") {
            if (this.#data.length > 0) yield { name: this.#name || "message", data: this.#data.join("\n"), id: this.#id };
            this.#name = "";
            this.#data = [];
            return;
        }
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "event") this.#name = value;
        if (field === "data") this.#data.push(value);
        if (field === "id") this.#id = value;
    }
}
