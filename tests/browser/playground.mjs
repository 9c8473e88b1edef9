// The playground at /: a person's way through it, and a hostile program's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { promisify } from "node:util";
import zlib from "node:zlib";
import { check, finish } from "./harness.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };

/** Open the page with a program in the editor. */
async function open(page, code) {
    await page.goto("/");
    await page.locator(".cm-line").first().waitFor();
    if (code !== undefined) await page.locator(".cm-content").fill(code);
}

async function ended(page) {
    await page.locator("body:not(.running)").waitFor();
}

/** Press Run; the verdict. */
async function run(page) {
    await page.locator("#run").click();
    await ended(page);
    return verdict(page);
}

function verdict(page) {
    return page.locator("#verdict-text").innerText();
}

function log(page) {
    return page.locator("#log").textContent();
}

/** The code in the editor. */
async function code(page) {
    return (await page.locator(".cm-line").allTextContents()).join("\n");
}

async function download(page, link) {
    const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
    return { name: file.suggestedFilename(), bytes: await fs.readFile(await file.path()) };
}

async function choose(page, example) {
    await page.locator("#examples").selectOption({ label: example });
}

function linkWith(bytes) {
    return `/#program=${zlib.deflateRawSync(bytes).toString("base64url")}`;
}

// --- what becomes of a program

check("a program runs, and its numbers are told", DESKTOP, async ({ page, screenshot }) => {
    await open(page, 'print("<b>4</b>")');
    assert.equal(await run(page), "Success");
    assert.equal(await log(page), "<b>4</b>\n");
    const numbers = await page.locator("#numbers").innerText();
    assert.match(
        numbers,
        /Exit code\s+0\s+Time\s+[\d.]+ (µs|ms|s)\s+CPU\s+[\d.]+ (µs|ms|s)\s+Peak memory\s+[\d.]+ MiB\s+Start\s+(warm|cold)/,
    );
    await screenshot(page, "desktop-light");
});

/** What a screen reader finds to announce by itself: the text of each live region, as Chromium tells it. */
async function announced(page) {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const byId = new Map(nodes.map((node) => [node.nodeId, node]));
    const text = ({ role, name, childIds = [] }) =>
        role?.value === "StaticText" ? name.value : childIds.map((id) => text(byId.get(id))).join("");
    const isLive = ({ ignored, properties = [] }) =>
        !ignored && properties.some(({ name, value }) => name === "live" && value.value === "polite");
    const regions = nodes.filter((node) => isLive(node) && node.role.value === "status");
    await session.detach();
    return regions.map(text).sort();
}

check("a screen reader is told what becomes of a run, as it becomes", async ({ page }) => {
    await open(page, "raise SystemExit(3)");
    assert.deepEqual(await announced(page), ["", "Ready"]);
    // Only a text that changes within an element that stays is announced.
    await page.locator("#verdict-text").evaluate((region) => {
        window.heard = [];
        new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {
            childList: true,
            characterData: true,
            subtree: true,
        });
    });
    const heard = () => page.evaluate(() => window.heard.splice(0));
    assert.equal(await run(page), "Error, exit code 3");
    assert.deepEqual(await announced(page), ["", "Error, exit code 3"]);
    const words = await heard();
    assert.ok(words.includes("Running") && words.at(-1) === "Error, exit code 3", String(words));
    await page.locator(".cm-content").fill("print('x' * (2 << 20))");
    assert.equal(await run(page), "Success");
    assert.deepEqual((await heard()).at(-1), "Success");
    const [details, verdict, ...others] = await announced(page);
    assert.match(details, /^Output is cut at .*stdout was cut at its limit/);
    assert.equal(verdict, "Success");
    assert.deepEqual(others, []);
});

check("the program is coloured as Python", async ({ page }) => {
    await open(page, 'plain\nreturn "text"  # note');
    const colour = (text) =>
        page
            .locator(".cm-content")
            .getByText(text, { exact: true })
            .evaluate((word) => getComputedStyle(word).color);
    const colours = await Promise.all(["plain", "return", '"text"', "# note"].map(colour));
    assert.equal(new Set(colours).size, 4, String(colours));
});

check("Ctrl-Enter runs, and writes nothing into the program", async ({ page }) => {
    await open(page, "print('ran')");
    await page.locator(".cm-content").press("Control+Enter");
    await page.getByText("Success").waitFor();
    assert.equal(await code(page), "print('ran')");
    assert.equal(await log(page), "ran\n");
});

check("an error names its line, stderr is told apart", DESKTOP, async ({ page, screenshot }) => {
    await open(page, 'print("before")\n\nraise ValueError("no")\n');
    assert.equal(await run(page), "Error, exit code 1");
    assert.match(await page.locator("#log .stderr").innerText(), /ValueError: no/);
    assert.equal(await page.locator("#log .stdout").innerText(), "before\n");
    await page.getByRole("button", { name: "Go to line 3" }).click();
    assert.match(await page.locator(".cm-marked").innerText(), /raise ValueError/);
    await page.getByText("stdout", { exact: true }).click();
    assert.equal(await page.locator("#log").innerText(), "before\n");
    await page.getByText("stderr", { exact: true }).click();
    assert.doesNotMatch(await page.locator("#log").innerText(), /before/);
    await screenshot(page, "error");
});

check("a timeout keeps what was written", async ({ page }) => {
    await open(page, "print('kept', flush=True)\nwhile True: pass");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.locator("#limit-timeout").fill("1");
    assert.match(await run(page), /^Timed out after 1/);
    assert.equal(await log(page), "kept\n");
});

check("a signal and the memory limit have words of their own", async ({ page }) => {
    await open(page, "import os\nos.kill(os.getpid(), 11)");
    assert.equal(await run(page), "Killed by SIGSEGV");
    await page.locator(".cm-content").fill("x = bytearray(1 << 30)\nprint(len(x))");
    assert.match(await run(page), /^(Killed: out of memory|Error, exit code 1)$/);
});

check("output appears while the program runs, and Stop ends it", async ({ page }) => {
    await open(page, "import time\nprint('first', flush=True)\ntime.sleep(25)\nprint('never')");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.locator("#limit-timeout").fill("30");
    await page.locator("#run").click();
    await page.locator("#log", { hasText: "first" }).waitFor();
    assert.equal(await verdict(page), "Running");
    await page.getByRole("button", { name: "Stop" }).click();
    await ended(page);
    assert.equal(await verdict(page), "Stopped");
    assert.equal(await log(page), "first\n");
    await page.locator(".cm-content").fill("print('again')");
    assert.equal(await run(page), "Success");
    assert.equal(await log(page), "again\n");
});

check("both streams come in the order of their writing", async ({ page }) => {
    await open(
        page,
        "import sys, time\nfor n in range(12):\n" +
            "    print(n, file=(sys.stdout, sys.stderr)[n % 2], flush=True)\n    time.sleep(0.05)\n",
    );
    assert.equal(await run(page), "Success");
    assert.equal(await log(page), [...Array(12).keys()].map((n) => `${n}\n`).join(""));
    assert.equal(await page.locator("#log .stderr").count(), 6);
});

check("a flood is cut, said to be, and saved whole", async ({ page }) => {
    await open(page, "print('é' * (1 << 20))");
    assert.equal(await run(page), "Success");
    assert.match(
        await page.locator("#verdict-detail").innerText(),
        /stdout was cut at its limit; the program wrote 2 MiB/,
    );
    assert.match(await page.locator("#log-note").innerText(), /Only about the first 256 KiB/);
    assert.equal((await log(page)).length, 256 << 10);
    const { bytes } = await download(page, page.getByRole("button", { name: "Save" }));
    assert.equal(bytes.length, 1 << 20);
});

check("input, arguments and limits reach the program", async ({ page }) => {
    await open(page, "import sys\nprint(sys.stdin.read() + repr(sys.argv[1:]))\nprint('long' * 600)");
    await page.getByLabel("Standard input", { exact: true }).fill("line 1\nline 2\n");
    await page.getByRole("tab", { name: "Args" }).click();
    await page.getByLabel("Arguments, one on each line").fill("--name\nAda Lovelace\n\n-x\n");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.getByLabel("Output, KiB").fill("1");
    assert.equal(await run(page), "Success");
    assert.match(await log(page), /^line 1\nline 2\n\['--name', 'Ada Lovelace', '', '-x'\]\nlong/);
    assert.match(await page.locator("#verdict-detail").innerText(), /stdout was cut/);
});

check(
    "a refusal names the field, and the page shows it",
    { expects: /status of 422/ },
    async ({ page, screenshot }) => {
        await open(page, "print(1)");
        await page.getByRole("tab", { name: "Limits" }).click();
        await page.locator("#limit-timeout").fill("999");
        await page.getByRole("tab", { name: "Input" }).click();
        assert.match(await run(page), /^Did not run: /);
        assert.match(await page.locator("#verdict-detail").innerText(), /timeout: must be between/);
        assert.equal(await page.locator("#limit-timeout").getAttribute("aria-invalid"), "true");
        assert.ok(await page.locator("#limit-timeout").isVisible());
        await screenshot(page, "refusal");
    },
);

check("every example does what it says", async ({ page }) => {
    const exceptions = {
        "An error": /^Error, exit code 1$/,
        "A timeout": /^Timed out after 1(\.\d+)? s$/,
        Tests: /^3 of 4 tests passed$/,
    };
    await open(page);
    const titles = (await page.locator("#examples option").allTextContents()).slice(1);
    assert.equal(titles.length, 11);
    for (const title of titles) {
        await choose(page, title);
        assert.match(await run(page), exceptions[title] ?? /^Success$/, `${title}: ${await log(page)}`);
    }
});

// --- tests

const marks = (page) => page.locator("#verdicts li").evaluateAll((items) => items.map((item) => item.dataset.mark));

check("tests pass or fail at a glance, and the first that fails says why", DESKTOP, async ({ page, screenshot }) => {
    await open(page);
    await choose(page, "Tests");
    await page.getByRole("tab", { name: "Tests" }).click();
    assert.equal(await run(page), "3 of 4 tests passed");
    assert.equal(await page.locator("#verdict").getAttribute("data-tone"), "bad");
    assert.deepEqual(await marks(page), ["passed", "passed", "passed", "wrong"]);
    assert.equal(await page.locator("#tally-bar [data-mark=passed]").count(), 3);
    const lines = await page.locator("#verdicts summary").allInnerTexts();
    assert.match(lines[0], /^✓\s+2023\s+passed\s+[\d.]+ (µs|ms)/);
    assert.match(lines[3], /^✗\s+four centuries\s+wrong at line 1\s/);
    assert.equal(await page.locator("#verdicts details[open]").count(), 1);
    const why = await page.locator("#verdicts details[open]").innerText();
    assert.match(why, /stdout, line 1: expected\s+leap\s+stdout, line 1: got\s+common\s+stdout\s+common/);
    assert.match(await page.locator("#numbers").innerText(), /Passed\s+3\s+Failed\s+1\s+Not run\s+0\s/);
    await screenshot(page, "tests");
    await page.locator(".cm-content").fill("print('leap' if __import__('calendar').isleap(int(input())) else 'common')");
    assert.equal(await run(page), "All tests passed");
    assert.equal(await page.locator("#verdict").getAttribute("data-tone"), "good");
    assert.deepEqual(await marks(page), ["passed", "passed", "passed", "passed"]);
});

check("each way that a test can end has its mark", DESKTOP, async ({ page, screenshot }) => {
    await open(page, "import os, sys, time\nx = input()\nif x == 'late': time.sleep(9)\nif x == 'bad': sys.exit(3)\n" +
        "if x == 'dead': os.kill(os.getpid(), 11)\nprint('<b>' + x)\n");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.locator("#limit-timeout").fill("1");
    await page.getByRole("tab", { name: "Tests" }).click();
    for (const [index, input] of ["ok", "bad", "dead", "late"].entries()) {
        await page.getByRole("button", { name: "Add a test" }).click();
        await page.getByLabel(`Input of test ${index + 1}`).fill(`${input}\n`);
    }
    await page.getByLabel("Name of test 1").fill("<i>one</i>");
    await page.getByLabel("Expected output of test 1").fill("<b>ok");
    assert.match(await run(page), /^1 of 4 tests passed$/);
    assert.deepEqual(await marks(page), ["passed", "wrong", "wrong", "late"]);
    const said = await page.locator("#verdicts .word").allInnerTexts();
    assert.deepEqual(said, ["passed", "exit code 3", "killed by SIGSEGV", "timed out"]);
    assert.match(await page.locator("#verdicts").innerText(), /<i>one<\/i>/);
    await screenshot(page, "tests-ends");
    await page.getByLabel("Stop at the first failure").check();
    await page.getByRole("button", { name: "Remove test 1" }).click();
    for (const _ of "12") await page.getByRole("button", { name: "Add a test" }).click();
    assert.match(await run(page), /^0 of 5 tests passed$/);
    assert.ok((await marks(page)).includes("unknown"));
});

check("tests go with the link, the curl line and a refusal", { expects: /status of 422/ }, async ({ page }) => {
    await open(page);
    await choose(page, "Tests");
    await page.getByRole("tab", { name: "Tests" }).click();
    await page.getByLabel("Compare").selectOption("numbers");
    await page.getByRole("button", { name: "curl" }).click();
    const line = await page.locator("#copy-text").inputValue();
    assert.match(line, /"compare":\{"numbers":0.000001\}/);
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", line]);
    assert.equal(JSON.parse(stdout).passed, 3);
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("dialog").waitFor();
    const link = await page.locator("#copy-text").inputValue();
    await page.goto("about:blank");
    await page.goto(link);
    await page.locator("#tests li").nth(3).waitFor({ state: "attached" });
    await page.getByRole("tab", { name: "Tests" }).click();
    assert.equal(await page.getByLabel("Name of test 3").inputValue(), "a century");
    assert.equal(await page.getByLabel("Compare").inputValue(), "numbers");
    await page.getByLabel("Name of test 2").fill("é".repeat(100)); // 200 bytes
    await page.getByRole("tab", { name: "Input" }).click();
    assert.match(await run(page), /^Did not run: /);
    assert.equal(await page.getByLabel("Name of test 2").getAttribute("aria-invalid"), "true");
    assert.ok(await page.getByLabel("Name of test 2").isVisible());
});

check("tests work from the keyboard", DESKTOP, async ({ page }) => {
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.localName);
    await open(page, "print(input())");
    await page.locator("#tab-limits").click();
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "tab-tests");
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "test-add");
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "test-0-stdin");
    await page.keyboard.type("a");
    await page.keyboard.press("Tab");
    await page.keyboard.type("b");
    await page.keyboard.press("Control+Enter");
    await page.getByText("0 of 1 tests passed").waitFor();
    await page.locator("#verdicts summary").focus();
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#verdicts details[open]").count(), 0);
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("#verdicts details[open]").count(), 1);
    await page.getByRole("button", { name: "Remove test 1" }).focus();
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "test-add");
    assert.equal(await page.locator("#tests li").count(), 0);
});

// --- displays and files

check("a plot is a picture", DESKTOP, async ({ page, screenshot }) => {
    await open(page);
    await choose(page, "A plot");
    assert.equal(await run(page), "Success", await log(page));
    const picture = page.locator("#displays img");
    await picture.scrollIntoViewIfNeeded();
    assert.ok((await picture.evaluate((image) => image.decode().then(() => image.naturalWidth))) > 100);
    await screenshot(page, "plot");
    const { name, bytes } = await download(page, page.locator("#displays a"));
    assert.equal(name, "display-1.png");
    assert.equal(bytes.toString("latin1", 1, 4), "PNG");
});

check("a table stands in a frame that may do nothing", DESKTOP, async ({ page, screenshot }) => {
    await open(page);
    await choose(page, "A table");
    assert.equal(await run(page), "Success", await log(page));
    const frame = page.locator("#displays iframe");
    assert.equal(await frame.getAttribute("sandbox"), "");
    await page.frameLocator("#displays iframe").getByText("Ganymede").waitFor();
    await frame.scrollIntoViewIfNeeded();
    await screenshot(page, "table");
});

const HOSTILE = `
class Html:
    def _repr_html_(self):
        return ('<p>harmless</p><script>top.hacked = 1</script><img src=x onerror="top.hacked = 2">'
                '<a href="javascript:top.hacked = 3" target=_top>click</a><form action="//evil.test"><button>go</form>'
                '<link rel=stylesheet href="//evil.test/a.css"><link rel=preconnect href="//evil.test">'
                '<img src="//evil.test/p.png"><iframe src="//evil.test"></iframe><meta http-equiv=refresh content="0;//evil.test">'
                '<svg><script>top.hacked = 4</script></svg><p style="background:url(//evil.test/b.png)">styled</p>')
class Svg:
    def _repr_svg_(self):
        return ('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30" onload="top.hacked = 5">'
                '<script>top.hacked = 6</script><image href="//evil.test/c.png" width="9" height="9"/></svg>')
class Json:
    def _repr_json_(self):
        return {"<img src=x onerror=alert(1)>": [1, None]}
for thing in (Html(), Svg(), Json()):
    display(thing)
print("<script>hacked = 7</script><img src=x onerror='hacked = 8'>")
`;

check(
    "what a hostile program shows neither runs nor asks for anything",
    { expects: /Executing inline event handler violates|Loading the image 'http:\/\/evil\.test\/b\.png' violates/ },
    async ({ page }) => {
        await open(page, HOSTILE);
        await page.locator("#runtime").selectOption("python-data");
        assert.equal(await run(page), "Success", await log(page));
        const frame = page.frameLocator("#displays iframe");
        await frame.getByText("harmless").waitFor();
        await frame.getByText("click").click();
        assert.deepEqual(
            await frame
                .locator("script, link, meta:not([charset]), form, iframe, svg, img[src], [onerror], [href]")
                .count(),
            0,
        );
        assert.ok(await page.locator("#displays img").evaluate((image) => image.decode().then(() => true)));
        assert.match(await page.locator("#displays pre").innerText(), /^\{\n {2}"<img src=x onerror=alert\(1\)>": \[/);
        assert.match(await log(page), /^<script>hacked = 7/);
        assert.equal(await page.evaluate(() => window.hacked), undefined);
    },
);

check("files go in and come out, byte for byte", DESKTOP, async ({ page, screenshot }) => {
    const bytes = Buffer.from([...Array(256).keys()]);
    await open(
        page,
        "import os\nos.mkdir('out')\nopen('out/reversed.bin', 'wb').write(open('all.bin', 'rb').read()[::-1])\n" +
            "open('note.html', 'wb').write(open('text.txt', 'rb').read() + b'<script>alert(1)</script>')\n",
    );
    await page.getByRole("tab", { name: "Files" }).click();
    await page.locator("#upload").setInputFiles([
        { name: "all.bin", mimeType: "application/octet-stream", buffer: bytes },
        { name: "text.txt", mimeType: "text/plain", buffer: Buffer.from("grün\r\n") },
        { name: "useless", mimeType: "text/plain", buffer: Buffer.from("") },
    ]);
    await page.getByRole("button", { name: "Remove useless" }).click();
    await page.getByLabel("Files to bring back").fill("*.html out/**");
    assert.equal(await run(page), "Success", await log(page));
    await screenshot(page, "files");
    const binary = await download(page, page.getByRole("link", { name: "out/reversed.bin" }));
    assert.equal(binary.name, "reversed.bin");
    assert.deepEqual(binary.bytes, bytes.reverse());
    const text = await download(page, page.getByRole("link", { name: "note.html" }));
    assert.equal(text.bytes.toString(), "grün\r\n<script>alert(1)</script>");
});

check("a cell shows its last value in its richest form, and its exception", async ({ page }) => {
    await open(page, "class A:\n    def _repr_html_(self): return '<b>rich</b>'\nA()");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.getByLabel("Run as a notebook cell").check();
    assert.equal(await run(page), "Success");
    assert.equal(await page.locator("#displays figure").count(), 1);
    assert.match(await page.locator("#displays figcaption").innerText(), /^1 · text\/html/);
    await page.locator(".cm-content").fill("display(1)\n2\n1/0");
    await run(page);
    assert.equal(await page.locator("#displays pre").innerText(), "1");
    assert.match(await log(page), /ZeroDivisionError/);
});

// --- links and curl

check("a link carries the whole program, and runs nothing by itself", async ({ context, page }) => {
    await open(page, "print('shared ✓')\n");
    await page.getByLabel("Standard input", { exact: true }).fill("in\n");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.getByLabel("Memory, MiB").fill("64.5");
    await page.getByLabel("Longest queue wait, s").fill("12");
    await page.getByRole("tab", { name: "env" }).click();
    await page.getByLabel("Environment").fill("A=b=c\nEMPTY=\n");
    await page.locator("#runtime").selectOption("python-data");
    await page.locator("#merged").evaluate((box) => (box.checked = true));
    await page.locator("#buffering").evaluate((choice) => (choice.value = "block"));
    await page.getByRole("button", { name: "Share" }).click();
    await page.getByRole("dialog").waitFor();
    const link = await page.locator("#copy-text").inputValue();
    assert.equal(link, page.url());
    const other = await context.newPage();
    await other.goto(link);
    await other.locator(".cm-line", { hasText: "shared ✓" }).waitFor();
    assert.equal(await verdict(other), "Ready");
    assert.equal(await other.locator("#stdin").inputValue(), "in\n");
    assert.equal(await other.locator("#limit-memory_bytes").inputValue(), "64.5");
    assert.equal(await other.locator("#limit-queue_timeout").inputValue(), "12");
    assert.ok(await other.locator("#merged").isChecked());
    assert.equal(await other.locator("#buffering").inputValue(), "block");
    assert.equal(await other.locator("#env").inputValue(), "A=b=c\nEMPTY=\n");
    assert.equal(await other.locator("#runtime").inputValue(), "python-data");
    assert.equal(other.url(), link);
    await other.locator(".cm-content").fill("print('edited')");
    await other.waitForURL((address) => address.hash === "");
});

check("a damaged, a bursting and a malformed link are refused", async ({ page }) => {
    for (const link of ["/#program=%%%", linkWith(Buffer.alloc(64 << 20, "[")), linkWith(Buffer.from('{"code":1}'))]) {
        await page.goto("about:blank");
        await page.goto(link);
        await page.getByText("The program in this link is damaged").waitFor();
        assert.match(await code(page), /^import platform/);
    }
});

const REFUSED = { expects: /status of 422/ };

check("variables and the wait are sent, and marked where they are wrong", REFUSED, async ({ page }) => {
    await open(page, 'import os\nprint(os.environ["GREETING"], os.environ["EMPTY"] == "")');
    await page.getByRole("tab", { name: "env" }).click();
    await page.getByLabel("Environment").fill("GREETING=it's = me\n\nEMPTY");
    await page.getByRole("tab", { name: "Limits" }).click();
    await page.getByLabel("Longest queue wait, s").fill("20");
    await page.getByLabel("CPU time, s").fill("2.5");
    assert.equal(await page.getByLabel("CPU time, s").getAttribute("placeholder"), "none");
    await page.getByLabel("Merge stderr into stdout").check();
    await page.getByLabel("Output buffering").selectOption("by block, as into a file");
    assert.equal(await page.locator("#limit-queue_timeout-note").innerText(), "at most 30");
    assert.equal(await run(page), "Success");
    assert.equal(await log(page), "it's = me True\n");
    await page.getByRole("button", { name: "curl" }).click();
    const line = await page.locator("#copy-text").inputValue();
    assert.match(line, /"queue_timeout":20.*"limits":\{"cpu_time":2.5\},"output":"merged","buffering":"block"/);
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", line]);
    assert.equal(JSON.parse(stdout).stdout, "it's = me True\n");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByLabel("Longest queue wait, s").fill("31");
    await run(page);
    assert.equal(await page.getByLabel("Longest queue wait, s").getAttribute("aria-invalid"), "true");
    await page.getByLabel("Longest queue wait, s").fill("");
    await page.getByRole("tab", { name: "env" }).click();
    await page.getByLabel("Environment").fill("=nameless");
    await page.getByRole("tab", { name: "Input" }).click();
    await run(page);
    await page.locator("#env[aria-invalid=true]").waitFor();
});

check("the curl line does in a shell what Run does", async ({ page }) => {
    await open(page, `print("it's $HOME, \`id\`, \\\\ and !! \\u00e9 \${x}", *__import__("sys").argv[1:])\n`);
    await page.getByRole("tab", { name: "Args" }).click();
    await page.getByLabel("Arguments, one on each line").fill('a\'b\n"c"');
    assert.equal(await run(page), "Success");
    for (const size of [0, 40_000]) {
        await page.getByRole("tab", { name: "Input" }).click();
        await page.getByLabel("Standard input", { exact: true }).fill("x'".repeat(size));
        await page.getByRole("button", { name: "curl" }).click();
        const line = await page.locator("#copy-text").inputValue();
        const { stdout } = await promisify(execFile)("/bin/sh", ["-c", line]);
        assert.equal(JSON.parse(stdout).stdout, await log(page));
        await page.getByRole("button", { name: "Close" }).click();
    }
});

check("loading the page again keeps the program", async ({ page }) => {
    await open(page, "print('my work')");
    await page.reload();
    await page.locator(".cm-line", { hasText: "my work" }).waitFor();
});

// --- how it looks, and for whom

async function lookAround({ page, screenshot, axe }, name) {
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await open(page);
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-fresh`);
        await choose(page, "Files in, files out");
        await page.getByRole("tab", { name: "Files" }).click();
        assert.equal(await run(page), "Success");
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-files`);
        await choose(page, "Tests");
        await page.getByRole("tab", { name: "Tests" }).click();
        assert.equal(await run(page), "3 of 4 tests passed");
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-tests`);
        await choose(page, "An error");
        await page.getByRole("tab", { name: "Limits" }).click();
        assert.equal(await run(page), "Error, exit code 1");
        await page.getByRole("button", { name: "curl" }).click();
        assert.deepEqual(await axe(page), []);
        await screenshot(page, `${name}-${colorScheme}-dialog`);
    }
}

check("axe finds nothing on a desktop, in both themes", DESKTOP, (tools) => lookAround(tools, "desktop"));

check("axe finds nothing on a phone, in both themes", PHONE, (tools) => lookAround(tools, "phone"));

check("the theme follows the system until it is chosen, then stays", { colorScheme: "dark" }, async ({ page }) => {
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await open(page);
    const dark = await background();
    await page.getByRole("button", { name: "Dark theme", pressed: true }).click();
    const light = await background();
    assert.notEqual(light, dark);
    await page.reload();
    assert.equal(await background(), light);
    await page.getByRole("button", { name: "Dark theme", pressed: false }).click();
    assert.equal(await background(), dark);
});

check("a phone shows everything without scrolling sideways", PHONE, async ({ page, screenshot }) => {
    await open(page, `print("${"wide ".repeat(60)}" + "w" * 500)`);
    for (const tab of ["Input", "Args", "Files", "Limits", "Tests"]) {
        await page.getByRole("tab", { name: tab }).click();
        const { x, width } = await page.getByRole("tab", { name: tab }).boundingBox();
        assert.ok(x + width <= 360, `${tab} ends at ${x + width}`);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    }
    assert.equal(await run(page), "Success");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.ok(await page.locator("#verdict").isVisible());
    await screenshot(page, "phone-run");
});

check("everything works from the keyboard", DESKTOP, async ({ page }) => {
    const focused = () =>
        page.evaluate(() => {
            const { id, shadowRoot } = document.activeElement;
            return shadowRoot?.activeElement ? "editor" : id;
        });
    const press = (...keys) =>
        keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    await open(page);
    await page.locator("#examples").focus();
    await press("Tab", "Tab", "Tab", "Tab");
    assert.equal(await focused(), "run");
    await press("Tab");
    assert.equal(await focused(), "editor");
    await press("Control+a", "Delete");
    await page.keyboard.type("if 1:");
    await press("Enter");
    await page.keyboard.type("print(1)");
    await press("Tab");
    assert.equal(await focused(), "editor");
    await press("Escape", "Tab");
    assert.equal(await focused(), "tab-stdin");
    await press("ArrowRight", "ArrowRight", "ArrowLeft");
    assert.equal(await focused(), "tab-args");
    await press("Tab");
    await page.keyboard.type("argument");
    await press("Control+Enter");
    await page.getByText("Success").waitFor();
    assert.equal(await log(page), "1\n");
    await press("Shift+Tab", "Shift+Tab");
    assert.equal(await focused(), "editor");
    await press("Shift+Escape", "Escape", "Shift+Tab");
    assert.equal(await focused(), "run");
    await press("Enter");
    await ended(page);
    assert.equal(await focused(), "run");
});

await finish();
