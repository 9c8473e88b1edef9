// The notebook at /notebook: cells in a session, what becomes of its state, and a hostile cell.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { promisify } from "node:util";
import { check as checkPage, finish } from "./harness.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PYTHON = "/usr/bin/python3";
const POLL_MS = 60_000;

const gateway = process.argv[2];
const run = promisify(execFile);

/** A check that leaves no session behind: the gateway has few. */
function check(name, options, body) {
    const [given, act] = typeof options === "function" ? [{}, options] : [options, body];
    checkPage(name, given, async (tools) => {
        try {
            await act(tools);
        } finally {
            await endSessions();
        }
    });
}

async function endSessions() {
    const { sessions } = await (await fetch(`${gateway}/api/v1/sessions`)).json();
    for (const { id } of sessions) await fetch(`${gateway}/api/v1/sessions/${id}`, { method: "DELETE" });
}

/** Open the page with a cell for each code. */
async function open(page, ...codes) {
    await page.goto("/notebook");
    await cell(page, 2).waitFor();
    for (let number = 2; number < codes.length; number++) await cell(page, number).press("b");
    for (const [at, code] of codes.entries()) await write(page, at + 1, code);
}

/** A cell by its number, from 1. */
function cell(page, number) {
    return page.locator(".cell").nth(number - 1);
}

async function write(page, number, code) {
    await cell(page, number).locator(".cm-content").fill(code);
}

async function ended(page) {
    await page.locator("body:not(.running)").waitFor();
}

/** Run cells by the keyboard, and wait for the last one's end. */
async function runCells(page, ...numbers) {
    for (const number of numbers) await cell(page, number).locator(".cm-content").press("Control+Enter");
    await ended(page);
}

/** What a cell has written and shown. */
async function left(page, number) {
    const output = cell(page, number).locator(".cell-output");
    return (await output.isVisible()) ? (await output.innerText()).trim() : "";
}

/** A cell as a screen reader names it. */
function label(page, number) {
    return cell(page, number).getAttribute("aria-label");
}

function verdict(page, number) {
    return cell(page, number).locator(".cell-verdict").innerText();
}

function status(page) {
    return page.locator("#status-text").innerText();
}

function notice(page, name) {
    return page.locator(`.notice[data-name=${name}]`);
}

/** The names of the notices that are shown. */
function notices(page) {
    return page.locator(".notice").evaluateAll((all) => all.map((each) => each.dataset.name));
}

/** A fact of the session's pane. */
function fact(page, name) {
    return page.locator("#session-facts div", { has: page.getByText(name, { exact: true }) }).locator("dd").innerText();
}

/** Let the page's next sessions have more members, as `idle_timeout`. */
async function sessionsWith(page, members) {
    await page.route("**/api/v1/sessions", (route, request) => {
        const body = { ...request.postDataJSON(), ...members };
        return route.continue({ postData: JSON.stringify(body) });
    });
}

async function download(page, link) {
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    return { name: file.suggestedFilename(), bytes: await fs.readFile(await file.path()) };
}

/** Press Refresh until a file is listed. */
async function fileAppears(page, path) {
    const deadline = performance.now() + POLL_MS;
    const file = page.getByRole("button", { name: `Download ${path}` });
    while (!(await file.isVisible())) {
        assert.ok(performance.now() < deadline, `${path} did not appear`);
        const listed = page.waitForResponse("**/files?**");
        await page.getByRole("button", { name: "Refresh" }).click();
        await listed;
    }
}

// --- cells

check("cells share names, and each shows its value", DESKTOP, async ({ page, screenshot }) => {
    await open(page, "names = ['Ada', '<b>Grace</b>']", "names[1]");
    await runCells(page, 1, 2);
    assert.equal(await left(page, 1), "");
    assert.equal(await left(page, 2), "'<b>Grace</b>'");
    assert.equal(await label(page, 2), "Cell 2, ran as 2");
    assert.match(await verdict(page, 2), /^[\d.]+ (µs|ms|s)$/);
    assert.equal(await fact(page, "Interpreter"), "generation 1");
    await screenshot(page, "notebook");
});

check("output appears while the cell runs, and an interrupt keeps the state", DESKTOP, async ({ page }) => {
    await open(page, "kept = 42", "import time\nprint('first', flush=True)\ntime.sleep(25)", "kept");
    await page.getByLabel("Timeout of a cell").fill("30");
    await runCells(page, 1);
    await cell(page, 2).locator(".cm-content").press("Shift+Enter");
    await cell(page, 2).locator(".log", { hasText: "first" }).waitFor();
    assert.equal(await label(page, 2), "Cell 2, running");
    assert.equal(await status(page), "Cell 2 runs");
    await page.keyboard.press("i");
    await page.keyboard.press("i");
    await ended(page);
    assert.match(await verdict(page, 2), /^Interrupted after .*\s+Names and modules are kept\.$/);
    assert.match(await left(page, 2), /^first\nTraceback[^]*KeyboardInterrupt$/);
    await runCells(page, 3);
    assert.equal(await left(page, 3), "42");
    assert.deepEqual(await notices(page), []);
});

check("a plot is a picture, and a table stands in a frame that may do nothing", DESKTOP, async ({ page, screenshot }) => {
    await open(
        page,
        "import matplotlib.pyplot as plt\nplt.plot([1, 4, 9])\nprint('before')\nplt.show()\nprint('after')",
        "import pandas as pd\npd.DataFrame({'planet': ['Mars'], 'moons': [2]})",
    );
    await page.locator("#runtime").selectOption("python-data");
    await runCells(page, 1, 2);
    const picture = cell(page, 1).locator("img");
    assert.ok((await picture.evaluate((image) => image.decode().then(() => image.naturalWidth))) > 100);
    const order = await cell(page, 1).locator(".cell-output > *").evaluateAll((all) =>
        all.filter((each) => each.textContent || each.querySelector("img")).map((each) => each.localName),
    );
    assert.deepEqual(order, ["pre", "figure", "pre"]);
    const frame = cell(page, 2).locator("iframe");
    assert.equal(await frame.getAttribute("sandbox"), "");
    await frame.contentFrame().getByText("Mars").waitFor();
    await frame.scrollIntoViewIfNeeded();
    await screenshot(page, "notebook-table");
    const saved = await download(page, page.getByRole("button", { name: "Save display-1.png" }));
    assert.equal(saved.bytes.toString("latin1", 1, 4), "PNG");
});

const HOSTILE = `
class Html:
    def _repr_html_(self):
        return ('<p>harmless</p><script>top.hacked = 1</script><img src=x onerror="top.hacked = 2">'
                '<a href="javascript:top.hacked = 3" target=_top>click</a><form action="//evil.test"><button>go</form>'
                '<link rel=preconnect href="//evil.test"><img src="//evil.test/p.png"><iframe src="//evil.test"></iframe>')
class Svg:
    def _repr_svg_(self):
        return ('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30" onload="top.hacked = 5">'
                '<script>top.hacked = 6</script><image href="//evil.test/c.png" width="9" height="9"/></svg>')
open("<img src=x onerror=hacked=7>", "w").close()
display(Html()); display(Svg())
print("<script>hacked = 8</script><img src=x onerror='hacked = 9'>")
raise type("<img src=x onerror=hacked=10>", (Exception,), {})("<script>hacked = 11</script>")
`;

check(
    "what a hostile cell shows neither runs nor asks for anything, also after the page is loaded again",
    { expects: /Executing inline event handler violates/ },
    async ({ page }) => {
        await open(page, HOSTILE);
        await runCells(page, 1);
        for (const _ of "12") {
            const frame = cell(page, 1).locator("iframe").contentFrame();
            await frame.getByText("harmless").waitFor();
            await frame.getByText("click").click();
            const forbidden = frame.locator("script, link, form, iframe, svg, img[src], [onerror], [href]");
            assert.equal(await forbidden.count(), 0);
            assert.ok(await cell(page, 1).locator("img").evaluate((image) => image.decode().then(() => true)));
            assert.match(await left(page, 1), /<script>hacked = 8/);
            assert.match(await verdict(page, 1), /^<img src=x onerror=hacked=10>$/);
            await page.getByRole("button", { name: "Download <img src=x onerror=hacked=7>" }).waitFor();
            assert.equal(await page.evaluate(() => window.hacked), undefined);
            await page.reload();
            await cell(page, 1).waitFor();
        }
    },
);

check("cells wait for their turn, and do not run after one that failed", async ({ page }) => {
    await open(page, "import time\ntime.sleep(0.5)\n1 / 0", "print('never')", "print('neither')");
    await page.getByRole("button", { name: "Run all" }).click();
    assert.equal(await label(page, 3), "Cell 3, waiting");
    await ended(page);
    assert.equal(await verdict(page, 1), "ZeroDivisionError");
    assert.match(await status(page), /^2 cells did not run, because cell 1 failed$/);
    assert.equal(await label(page, 2), "Cell 2, not run");
    await write(page, 1, "print('better')");
    await page.getByRole("button", { name: "Run all" }).click();
    await ended(page);
    assert.equal(await left(page, 3), "neither");
});

check("a refusal says why, and what an earlier run left stays", { expects: /status of 422/ }, async ({ page }) => {
    await open(page, "print('here')");
    await runCells(page, 1);
    await page.getByLabel("Timeout of a cell").fill("999");
    await runCells(page, 1);
    assert.match(await cell(page, 1).locator(".cell-refusal").innerText(), /^Did not run: .*timeout: must be between/);
    assert.equal(await left(page, 1), "here");
    assert.equal(await status(page), "Did not run");
});

// --- the state of the session

check("a state that is lost is said at once, and its cells are marked", DESKTOP, async ({ page, screenshot, axe }) => {
    await open(page, "x = 1\nopen('kept.txt', 'w').close()", "import os\nos.kill(os.getpid(), 11)", "x");
    await runCells(page, 1);
    await page.getByRole("button", { name: "Run all" }).click();
    await notice(page, "lost").waitFor();
    await ended(page);
    assert.match(await notice(page, "lost").innerText(), /^State was lost: .*\(generation 2\).*Files are kept\./);
    assert.match(await verdict(page, 2), /^Killed by SIGSEGV\s+The state of the session was lost\.$/);
    assert.equal(await label(page, 1), "Cell 1, ran as 2, from an earlier state");
    assert.match(await label(page, 2), /from an earlier state$/);
    assert.equal(await label(page, 3), "Cell 3, not run");
    assert.ok(await cell(page, 1).locator(".cell-stale").isVisible());
    assert.deepEqual(await axe(page), []);
    await screenshot(page, "notebook-lost");
    await page.getByRole("button", { name: "Download kept.txt" }).waitFor();
    await runCells(page, 3);
    assert.match(await verdict(page, 3), /^NameError$/);
    await runCells(page, 1);
    assert.equal(await label(page, 1), "Cell 1, ran as 5");
    await page.getByRole("button", { name: "Dismiss" }).click();
    assert.deepEqual(await notices(page), []);
});

check("a cell that does not obey an interrupt loses the state, and the page says so", async ({ page }) => {
    const stubborn = "import time\nwhile True:\n    try:\n        time.sleep(25)\n    except KeyboardInterrupt:\n        pass";
    await open(page, "x = 1", stubborn);
    await page.getByLabel("Timeout of a cell").fill("30");
    await runCells(page, 1);
    await cell(page, 2).locator(".cm-content").press("Control+Enter");
    await page.getByText("Cell 2 runs").waitFor();
    await page.getByRole("button", { name: "Interrupt" }).click();
    assert.equal(await status(page), "Interrupting");
    await notice(page, "lost").waitFor();
    await ended(page);
    assert.match(await label(page, 1), /from an earlier state$/);
});

check("output that no cell was there for is counted where it is missing", async ({ page }) => {
    await open(
        page,
        "import threading, time\ndef late():\n    time.sleep(0.2)\n    print('late' * 5, flush=True)\n" +
            "    open('done', 'w').close()\nthreading.Thread(target=late).start()",
        "print('next')",
    );
    await runCells(page, 1);
    await fileAppears(page, "done");
    await runCells(page, 2);
    assert.equal(await left(page, 2), "next");
    assert.match(await verdict(page, 2), /21 bytes .* were dropped\.$/);
    assert.match(await notice(page, "dropped").innerText(), /^Output was dropped: 21 bytes/);
});

check("0 0 restarts: names are gone, files are kept, cells are marked", DESKTOP, async ({ page }) => {
    await open(page, "x = 1\nopen('kept.txt', 'w').write('kept')", "print(open('kept.txt').read())\nx");
    await runCells(page, 1);
    const id = await fact(page, "Id");
    await page.keyboard.press("0");
    await page.keyboard.press("0");
    await page.getByText("Restarted: names and modules are gone, files are kept").waitFor();
    await ended(page);
    assert.match(await label(page, 1), /from an earlier state$/);
    assert.equal(await fact(page, "Interpreter"), "generation 2");
    assert.equal(await fact(page, "Id"), id);
    assert.deepEqual(await notices(page), []);
    await runCells(page, 2);
    assert.match(await left(page, 2), /^kept\n[^]*NameError/);
});

check("Restart asks first, and interrupts what runs", async ({ page }) => {
    await open(page, "import time\ntime.sleep(25)");
    await page.getByLabel("Timeout of a cell").fill("30");
    await cell(page, 1).locator(".cm-content").press("Control+Enter");
    await page.getByText("Cell 1 runs").waitFor();
    await page.getByRole("button", { name: "Restart…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    assert.equal(await label(page, 1), "Cell 1, running");
    await page.getByRole("button", { name: "Restart…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Restart" }).click();
    await page.getByText("Restarted: names and modules are gone").waitFor();
    assert.match(await verdict(page, 1), /^Interrupted/);
    assert.match(await label(page, 1), /from an earlier state$/);
});

const GONE = { ...DESKTOP, expects: /status of 410/ };

check("a session that was idle for too long is said to have ended, and why", GONE, async ({ page, screenshot, axe }) => {
    await sessionsWith(page, { idle_timeout: 2 });
    await open(page, "x = 1", "x");
    await runCells(page, 1);
    await notice(page, "ended").waitFor();
    assert.match(await notice(page, "ended").innerText(), /because it was not used for its idle time\. .* are gone\./);
    assert.match(await label(page, 1), /from an earlier state$/);
    assert.deepEqual(await axe(page), []);
    await screenshot(page, "notebook-ended");
    await runCells(page, 2);
    assert.match(await cell(page, 2).locator(".cell-refusal").innerText(), /^Did not run: the session has ended/);
    await page.unroute("**/api/v1/sessions");
    await page.getByRole("button", { name: "Start a new session" }).click();
    await page.getByText("A new session is ready").waitFor();
    assert.match(await label(page, 1), /from an earlier state$/);
    await runCells(page, 2);
    assert.equal(await verdict(page, 2), "NameError");
});

check("a session that ends soon says so, and can be kept alive", DESKTOP, async ({ page }) => {
    await sessionsWith(page, { idle_timeout: 20 });
    await open(page, "x = 1");
    await runCells(page, 1);
    await notice(page, "soon").waitFor();
    const kept = page.waitForResponse("**/keepalive");
    await notice(page, "soon").getByRole("button", { name: "Keep alive" }).click();
    assert.equal((await kept).status(), 200);
    await notice(page, "soon").waitFor({ state: "detached" });
    assert.deepEqual(await notices(page), []);
});

check("a session that somebody else ended is noticed without a click", GONE, async ({ page }) => {
    await open(page, "x = 1");
    await runCells(page, 1);
    const answer = await fetch(`${gateway}/api/v1/sessions/${await fact(page, "Id")}`, { method: "DELETE" });
    assert.equal(answer.status, 204);
    await notice(page, "ended").waitFor();
    assert.match(await notice(page, "ended").innerText(), /because it was ended by request/);
});

check(
    "where no session can begin, the page says so and offers to end the one that is idle the longest",
    { ...DESKTOP, expects: /status of (429|410)/ },
    async ({ page, axe }) => {
        const begin = () => fetch(`${gateway}/api/v1/sessions`, { method: "POST" });
        const first = await (await begin()).json();
        while ((await begin()).status === 201);
        await open(page, "6 * 7");
        await runCells(page, 1);
        assert.match(await cell(page, 1).locator(".cell-refusal").innerText(), /^Did not run: /);
        assert.deepEqual(await notices(page), ["limit"]);
        assert.deepEqual(await axe(page), []);
        await notice(page, "limit").getByRole("button", { name: "End the one" }).click();
        await page.getByText(`Session ${first.id} was ended`).waitFor();
        assert.deepEqual(await notices(page), []);
        await runCells(page, 1);
        assert.equal(await left(page, 1), "42");
    },
);

check("a second session is a new one, after a question", async ({ page }) => {
    await open(page, "x = 1", "x");
    await runCells(page, 1);
    const id = await fact(page, "Id");
    await page.getByRole("button", { name: "New", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Start a new session" }).click();
    await page.getByText("A new session is ready").waitFor();
    assert.notEqual(await fact(page, "Id"), id);
    assert.equal((await fetch(`${gateway}/api/v1/sessions/${id}`)).status, 410);
    assert.match(await label(page, 1), /from an earlier state$/);
    assert.deepEqual(await notices(page), []);
});

check("loading the page again keeps cells, outputs and the session", async ({ page }) => {
    await open(page, "x = 6\nprint('shown')", "x * 7");
    await runCells(page, 1);
    await page.reload();
    await page.getByText("The session continues").waitFor();
    assert.equal(await left(page, 1), "shown");
    assert.equal(await label(page, 1), "Cell 1, ran as 1");
    await runCells(page, 2);
    assert.equal(await left(page, 2), "42");
});

check("a cell that runs while the page is loaded again is heard to its end", async ({ page }) => {
    await open(page, "import time\nfor n in range(6):\n    print(n, flush=True)\n    time.sleep(0.5)\n'end'");
    await cell(page, 1).locator(".cm-content").press("Control+Enter");
    await cell(page, 1).locator(".log", { hasText: "1" }).waitFor();
    await page.reload();
    await cell(page, 1).locator(".cell-word").waitFor();
    assert.equal(await left(page, 1), "0\n1\n2\n3\n4\n5\n\n'end'");
    assert.equal(await label(page, 1), "Cell 1, ran as 1");
});

check(
    "a session that ended while the page was closed is said to have ended",
    { expects: /status of 410/ },
    async ({ page }) => {
        await open(page, "x = 1");
        await runCells(page, 1);
        const id = await fact(page, "Id");
        await page.goto("about:blank");
        await fetch(`${gateway}/api/v1/sessions/${id}`, { method: "DELETE" });
        await page.goto("/notebook");
        await notice(page, "ended").waitFor();
        assert.match(await label(page, 1), /from an earlier state$/);
    },
);

// --- files and downloads

check("files go up, are listed, come down byte for byte, and are deleted", DESKTOP, async ({ page, screenshot }) => {
    const bytes = Buffer.from([...Array(256).keys()]);
    const name = "größe & 100% #1?.bin";
    await open(page, `import os\nos.makedirs('out', exist_ok=True)\nopen('out/back.bin', 'wb').write(open('${name}', 'rb').read()[::-1])`);
    await page.getByLabel("Upload files").setInputFiles([
        { name, mimeType: "application/octet-stream", buffer: bytes },
        { name: "useless.txt", mimeType: "text/plain", buffer: Buffer.from("") },
    ]);
    await page.getByRole("button", { name: "Download useless.txt" }).waitFor();
    await runCells(page, 1);
    await page.getByRole("button", { name: "Download out/back.bin" }).waitFor();
    await screenshot(page, "notebook-files");
    const back = await download(page, page.getByRole("button", { name: "Download out/back.bin" }));
    assert.equal(back.name, "back.bin");
    assert.deepEqual(back.bytes, Buffer.from(bytes).reverse());
    await page.getByRole("button", { name: "Delete useless.txt" }).click();
    await page.getByRole("button", { name: "Really delete useless.txt" }).click();
    await page.getByRole("button", { name: "Download useless.txt" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: `Download ${name}` }).waitFor();
    await write(page, 1, "import os\nsorted(os.listdir())");
    await runCells(page, 1);
    assert.doesNotMatch(await left(page, 1), /useless/);
});

const VALIDATE = `
import json, sys
import jsonschema, nbformat
notebook = json.load(open(sys.argv[1], encoding="utf-8"))
schema = json.load(open(nbformat.__path__[0] + "/v4/nbformat.v4.5.schema.json"))
jsonschema.Draft4Validator(schema).validate(notebook)
nbformat.validate(notebook)
`;

check("the notebook is saved as Jupyter has it, with its outputs", DESKTOP, async ({ page }) => {
    await open(
        page,
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay({'a': 1})\n6 * 7",
        "class A:\n    def _repr_html_(self): return '<b>rich</b>\\n'\n    def _repr_json_(self): return {'a': [1, None]}\n" +
            "    def _repr_svg_(self): return '<svg xmlns=\"http://www.w3.org/2000/svg\"/>'\nA()",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "print('before', file=sys.stderr)\n1 / 0",
        "",
    );
    await page.locator("#runtime").selectOption("python-data");
    await runCells(page, 1, 2, 3, 4);
    const { name, bytes } = await download(page, page.getByRole("button", { name: "Download as .ipynb" }));
    assert.equal(name, "notebook.ipynb");
    const notebook = JSON.parse(bytes.toString("utf-8"));
    const folder = await fs.mkdtemp("/tmp/mayfly-notebook-");
    await fs.writeFile(`${folder}/notebook.ipynb`, bytes);
    await run(PYTHON, ["-W", "error", "-c", VALIDATE, `${folder}/notebook.ipynb`]);
    await fs.rm(folder, { recursive: true });
    assert.deepEqual([notebook.nbformat, notebook.nbformat_minor], [4, 5]);
    assert.deepEqual(
        notebook.cells.map(({ execution_count }) => execution_count),
        [1, 2, 3, 4, null],
    );
    const [first, second, third, fourth, fifth] = notebook.cells.map(({ outputs }) => outputs);
    const texts = first.filter(({ output_type }) => output_type === "stream").map(({ name, text }) => [name, ...text]);
    assert.deepEqual(texts.sort(), [
        ["stderr", "err\n"],
        ["stdout", "out\n"],
    ]);
    assert.deepEqual(first.at(-1).data, { "text/plain": ["42"] });
    assert.deepEqual([first.at(-1).output_type, first.at(-1).execution_count], ["execute_result", 1]);
    assert.equal(first.filter(({ output_type }) => output_type === "display_data").length, 1);
    assert.deepEqual(second[0].data["text/html"], ["<b>rich</b>\n"]);
    assert.deepEqual(second[0].data["application/json"], { a: [1, null] });
    assert.deepEqual(Buffer.from(third[0].data["image/png"], "base64").toString("latin1", 1, 4), "PNG");
    assert.deepEqual(
        fourth.map((each) => [each.output_type, each.name ?? each.ename]),
        [
            ["stream", "stderr"],
            ["error", "ZeroDivisionError"],
        ],
    );
    assert.deepEqual(fourth[0].text, ["before\n"]);
    assert.deepEqual(fifth, []);
    assert.equal(notebook.cells[0].source.at(-1), "6 * 7");
});

check("the notebook is saved as a script that runs", async ({ page }) => {
    await open(page, "%matplotlib inline\nx = '''\n%d\n'''", "print(x % 7)");
    const { name, bytes } = await download(page, page.getByRole("button", { name: "Download as .py" }));
    assert.equal(name, "notebook.py");
    assert.equal(bytes.toString(), "# %%\n# %matplotlib inline\nx = '''\n%d\n'''\n\n# %%\nprint(x % 7)\n");
    const { stdout } = await run(PYTHON, ["-c", bytes.toString()]);
    assert.equal(stdout, "\n7\n\n");
});

// --- for whom

check("everything works from the keyboard", DESKTOP, async ({ page }) => {
    const { keyboard } = page;
    const press = async (...keys) => {
        for (const key of keys) await keyboard.press(key);
    };
    const focused = () =>
        page.evaluate(() => {
            const { id, classList, shadowRoot } = document.activeElement;
            const cells = [...document.querySelectorAll(".cell")];
            const number = cells.indexOf(document.activeElement.closest(".cell")) + 1;
            if (shadowRoot?.activeElement) return `edit ${number}`;
            return classList.contains("cell") ? `command ${number}` : id;
        });
    await open(page, "x = 1", "x + 1");
    await page.getByRole("link", { name: "Skip to the cells" }).focus();
    await press("Enter", "k");
    assert.equal(await focused(), "command 1");
    await press("Enter");
    assert.equal(await focused(), "edit 1");
    await press("Shift+Enter");
    assert.equal(await focused(), "command 2");
    await press("Shift+Enter");
    assert.equal(await focused(), "edit 3", "after the last cell there is a new one");
    await ended(page);
    assert.equal(await left(page, 2), "2");
    await keyboard.type("abdd00ii?");
    assert.equal(await focused(), "edit 3");
    assert.equal(await cell(page, 3).locator(".cm-content").innerText(), "abdd00ii?");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    await press("Escape", "k");
    assert.equal(await focused(), "command 2");
    await press("a");
    assert.equal(await focused(), "command 2");
    assert.equal(await left(page, 3), "2");
    await press("j", "b");
    assert.equal(await focused(), "command 4");
    assert.equal(await page.locator(".cell").count(), 5);
    await press("d", "j", "d");
    assert.equal(await page.locator(".cell").count(), 5, "d is pressed twice in a row, or does nothing");
    await press("d");
    assert.equal(await page.locator(".cell").count(), 4);
    await press("z");
    assert.equal(await cell(page, 5).locator(".cm-content").innerText(), "abdd00ii?");
    await press("ArrowUp", "ArrowUp", "ArrowDown");
    assert.equal(await focused(), "command 4");
    await press("Enter");
    await keyboard.type("3 + 4");
    await press("Control+Enter");
    assert.equal(await focused(), "command 4");
    await ended(page);
    assert.equal(await left(page, 4), "7");
    await press("Alt+Enter");
    assert.equal(await focused(), "edit 5");
    await ended(page);
    await press("Escape", "?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await press("Escape");
    assert.equal(await focused(), "command 5");
    await page.locator("#run").focus();
    await press("Tab", "Tab", "Tab", "Tab", "Tab");
    assert.equal(await focused(), "help-open");
    await press("Enter");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await press("Escape");
    assert.equal(await focused(), "help-open");
});

check("a key that is held down deletes and restarts nothing", async ({ page }) => {
    await open(page, "1", "2", "3");
    await cell(page, 1).focus();
    for (const _ of "12345") await page.keyboard.down("d");
    await page.keyboard.up("d");
    assert.equal(await page.locator(".cell").count(), 3);
});

check("a screen reader hears what becomes of cells and of the state", async ({ page }) => {
    await open(page, "1 / 0", "import os\nos.kill(os.getpid(), 9)");
    const heard = () => page.evaluate(() => window.heard.splice(0));
    await page.evaluate(() => {
        window.heard = [];
        const hear = (region) =>
            new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {
                childList: true,
                characterData: true,
                subtree: true,
            });
        document.querySelectorAll("#status-text, #notices").forEach(hear);
    });
    assert.equal(await page.locator("#status-text").getAttribute("role"), "status");
    assert.equal(await page.locator("#notices").getAttribute("aria-live"), "assertive");
    await runCells(page, 1);
    const words = await heard();
    assert.ok(words.includes("Cell 1 runs") && words.at(-1) === "Cell 1: ZeroDivisionError", String(words));
    await runCells(page, 2);
    assert.ok((await heard()).some((each) => each.startsWith("State was lost")));
});

async function lookAround({ page, screenshot, axe }, name) {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await page.goto("about:blank");
        await open(page, "print('out')\n6 * 7", "open('note.txt', 'w').write('note')\n1 / 0");
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-fresh`);
        await runCells(page, 1, 2);
        await page.getByRole("button", { name: "Delete note.txt" }).waitFor();
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-ran`);
        await page.getByRole("button", { name: "Keys" }).click();
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-keys`);
        await page.getByRole("button", { name: "Close" }).click();
        await page.getByRole("button", { name: "End", exact: true }).click();
        assert.deepEqual(await axe(page), []);
        await page.getByRole("dialog").getByRole("button", { name: "End the session" }).click();
        await notice(page, "ended").waitFor();
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-ended`);
        await page.evaluate(() => sessionStorage.clear());
    }
}

check("axe finds nothing on a desktop, in both themes", DESKTOP, (tools) => lookAround(tools, "notebook-desktop"));

check("axe finds nothing on a phone, in both themes", PHONE, (tools) => lookAround(tools, "notebook-phone"));

check("a phone shows everything without scrolling sideways", PHONE, async ({ page, screenshot }) => {
    await open(page, `print("${"wide ".repeat(60)}" + "w" * 500)`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await ended(page);
    assert.match(await left(page, 1), /www$/);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await screenshot(page, "notebook-phone-run");
});

await finish();
