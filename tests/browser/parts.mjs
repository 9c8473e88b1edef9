// The playground's parts that need no page, taken out of its sources.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { build } from "../../gateway/web/node_modules/esbuild/lib/main.js";
import { check, finish } from "./harness.mjs";

const SOURCES = new URL("../../gateway/web/playground", import.meta.url).pathname;

async function load(...names) {
    const contents = names.map((name) => `export * from "./${name}";`).join("\n");
    const { outputFiles } = await build({
        stdin: { contents, resolveDir: SOURCES },
        bundle: true,
        write: false,
        format: "esm",
    });
    return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}

const { toIpynb, toPython } = await load("../notebook/export");
const { leftWords } = await load("../notebook/words");
const { EventParser, curlCommand, formatBytes, formatSeconds, readProgram, requestBody } = await load(
    "events",
    "curl",
    "units",
    "program",
);

const STREAM =
    ': ping\n\nid: 1\nevent: stdout\ndata: "a:b"\n\nevent:stderr\r\ndata:  two\r\ndata\ndata:é\r\n\r\ndata: unnamed\n\nevent: none\n\n';
const EVENTS = [
    { name: "stdout", data: '"a:b"', id: "1" },
    { name: "stderr", data: " two\n\né", id: "1" },
    { name: "message", data: "unnamed", id: "1" },
];

check("an event stream reads the same wherever it is cut", async () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
        const parser = new EventParser();
        assert.deepEqual(
            [...parser.take(STREAM.slice(0, cut)), ...parser.take(STREAM.slice(cut))],
            EVENTS,
            `cut at ${cut}`,
        );
    }
    const parser = new EventParser();
    assert.deepEqual(
        [...STREAM].flatMap((character) => [...parser.take(character)]),
        EVENTS,
    );
});

check("an unfinished event is none", async () => {
    assert.deepEqual([...new EventParser().take("data: x\n")], []);
});

check("a curl line survives the shell, whatever is in it", async () => {
    const nasty = [...Array(95).keys()].map((n) => String.fromCharCode(32 + n)).join("");
    for (const body of [nasty, `'${nasty}'''`, "$(id) `id` !! \\ \\\\ é 😀", "'\\''".repeat(20_000)]) {
        const line = curlCommand("http://h/'x", body, false).replace(/^curl/, "show");
        const script = `show() { printf '%s\\n' "$@"; case "$*" in *@-*) cat ;; esac; }\n${line}`;
        const said = execFileSync("/bin/sh", ["-c", script], { encoding: "utf-8" });
        assert.ok(said.includes("http://h/'x\n") && said.endsWith(`\n${body}\n`), said.slice(0, 200));
    }
});

check("what nobody measured is no number", async () => {
    assert.equal(formatSeconds(null), "not measured");
    assert.equal(formatBytes(null), "not measured");
});

check("a request says only what is no default", async () => {
    const program = readProgram({ code: "x" });
    assert.equal(requestBody(program), '{"code":"x"}');
    program.limits = { timeout: 2, queue_timeout: 0.5, cpus: 0.5, cpu_time: 1.5 };
    program.args = [""];
    program.env = { A: "" };
    program.cell = true;
    program.merged = true;
    program.buffering = "block";
    assert.equal(
        requestBody(program),
        '{"code":"x","timeout":2,"queue_timeout":0.5,"args":[""],"env":{"A":""},"limits":{"cpus":0.5,"cpu_time":1.5},' +
            '"mode":"cell","output":"merged","buffering":"block"}',
    );
    const tested = readProgram({ code: "x", stopOnFailure: true, compare: "exact" });
    assert.equal(requestBody(tested), '{"code":"x"}');
    tested.tests = [
        { name: "", stdin: "", expected: "" },
        { name: "n", stdin: "1", expected: "2" },
    ];
    assert.equal(
        requestBody(tested),
        '{"code":"x","tests":[{"stdin":"","compare":"exact"},' +
            '{"name":"n","stdin":"1","expected_stdout":"2","compare":"exact"}],"stop_on":"failure"}',
    );
});

check("of a stranger's program only what is well-formed is read", async () => {
    for (const wrong of [null, [], "x", 1, {}, { code: 1 }]) assert.equal(readProgram(wrong), undefined);
    const file = { path: "a", content: "b", encoding: "utf-8" };
    const given = {
        code: "x",
        stdin: 1,
        args: ["a", 2],
        env: JSON.parse('{"A": "b", "C": 1, "__proto__": "d"}'),
        limits: { cpus: "1", pids: 3, evil: 4 },
        cell: 1,
        merged: "yes",
        buffering: "none",
        files: [file, { path: "c" }],
        outputs: {},
        tests: [{ name: "n", stdin: "1", expected: "2", evil: 3 }, { name: "m" }, null],
        compare: "magic",
        stopOnFailure: 1,
    };
    assert.deepEqual(readProgram({ ...given, __proto__: null }), {
        code: "x",
        stdin: "",
        args: ["a"],
        env: JSON.parse('{"A": "b", "__proto__": "d"}'),
        runtime: "",
        limits: { pids: 3 },
        files: [file],
        outputs: [],
        cell: false,
        merged: false,
        buffering: "",
        tests: [{ name: "n", stdin: "1", expected: "2" }],
        compare: "",
        stopOnFailure: false,
    });
    const { cell, merged, buffering } = readProgram({ code: "x", cell: true, merged: true, buffering: "block" });
    assert.deepEqual([cell, merged, buffering], [true, true, "block"]);
});

function cellOf(code, entries = []) {
    return { id: "a", code, count: 1, entries, verdict: null, place: null };
}

check("a script has as comments what only notebooks know", async () => {
    const kept = ['x = """\n%time\n!ls\n"""', "y = (1\n%x)", "f(\n  a\n  %b\n)", "a = 1 % 2", 's = f"""\n%d\n"""'];
    for (const code of kept) assert.equal(toPython([cellOf(code)]), `# %%\n${code}\n`);
    const changed = {
        "%matplotlib inline\nx": "# %matplotlib inline\nx",
        "if x:\n    !ls -l": "if x:\n    pass  # !ls -l",
        "x = 1\n%%time": "x = 1\n# %%time",
    };
    for (const [code, wanted] of Object.entries(changed))
        assert.equal(toPython([cellOf(code)]), `# %%\n${wanted}\n`);
    assert.equal(toPython([cellOf("  \n"), cellOf("x\n\n")]), "# %%\n\n# %%\nx\n");
});

check("an exception has its traceback once, unless that would lose a word", async () => {
    const error = { name: "E", value: "v", traceback: ["Traceback", "  line 1", "E: v"] };
    const outputs = (text) => {
        const entries = [
            { kind: "stream", stream: "stderr", text },
            { kind: "error", error },
        ];
        return JSON.parse(toIpynb([cellOf("", entries)], { version: null })).cells[0].outputs;
    };
    const written = "Traceback\n  line 1\nE: v\n";
    assert.deepEqual(
        outputs(written).map((each) => each.output_type),
        ["error"],
    );
    assert.deepEqual(outputs(`first\n${written}`)[0].text, ["first\n"]);
    assert.equal(outputs(`${written}last`)[0].text.join(""), `${written}last`);
});

check("a form whose type nbformat does not take is left out", async () => {
    const form = (media_type, content) => ({ media_type, content, encoding: "utf-8" });
    const forms = [form("text/x; charset=utf-8", "no"), form("application/json", "{"), form("text/plain", "a\nb")];
    const display = { kind: "display", isResult: false, forms };
    const { cells, metadata } = JSON.parse(toIpynb([cellOf("x", [display])], { version: "3.11.2" }));
    assert.deepEqual(cells[0].outputs[0].data, { "application/json": "{", "text/plain": ["a\n", "b"] });
    assert.equal(metadata.language_info.version, "3.11.2");
});

check("a time that is left reads well", async () => {
    const words = { [-5]: "0 s", 1: "1 s", 59_999: "1 min 0 s", 61_000: "1 min 1 s", 3_660_000: "1 h 1 min" };
    for (const [given, wanted] of Object.entries(words)) assert.equal(leftWords(Number(given)), wanted);
});

check("numbers read well", async () => {
    const bytes = {
        0: "0 bytes",
        1: "1 byte",
        1023: "1023 bytes",
        1024: "1 KiB",
        12886016: "12.3 MiB",
        104857600: "100 MiB",
    };
    for (const [given, wanted] of Object.entries(bytes)) assert.equal(formatBytes(Number(given)), wanted);
    const seconds = { 0.0000021: "2 µs", 0.0041: "4.10 ms", 0.25: "250 ms", 1: "1 s", 12.34: "12.3 s" };
    for (const [given, wanted] of Object.entries(seconds)) assert.equal(formatSeconds(Number(given)), wanted);
});

await finish();
