// The request as a line for a POSIX shell.

/** What one argument of a command may hold is bounded (128 KiB on Linux); a here-document is not. */
const MAX_ARGUMENT_CHARACTERS = 30_000;
const DELIMITER = "END_OF_REQUEST";

/** `body` is JSON on one line. With a key, the line takes it from the environment: it is not for pasting about. */
export function curlCommand(url: string, body: string, withKey: boolean): string {
    const start = ["curl -sS", quote(url), "-H 'content-type: application/json'"];
    if (withKey) start.push('-H "authorization: Bearer $MAYFLY_KEY"');
    if (body.length <= MAX_ARGUMENT_CHARACTERS) return [...start, "-d", quote(body)].join(" ");
    return `${start.join(" ")} --data-binary @- <<'${DELIMITER}'\n${body}\n${DELIMITER}`;
}

/** In single quotes a shell changes nothing; only a single quote cannot stand there. */
function quote(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
