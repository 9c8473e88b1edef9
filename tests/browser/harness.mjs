// harness.mjs - checks of pages in a real Chromium.
//
//   import { check, finish } from "./harness.mjs";
//   check("a program runs", async ({ page }) => { ... });
//   await finish();
//
// `node FILE URL FOLDER` makes all checks of a file on the gateway at URL, each in a browser context of its own, and
// prints a line of JSON for each: its name, and its error where it has one. FOLDER takes the screenshots. A check also
// fails when its pages log an error, throw, or ask another host for anything. Names that end in .example lead to this
// machine.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const BROWSER = "/usr/bin/chromium";
const ARGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP *.example 127.0.0.1"];
const CHECK_MS = 60_000; // against a hang: a busy machine may take its time
const WAIT_MS = 30_000;
const AXE = path.join(
    import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
    "node_modules/axe-core/axe.min.js",
);

const [url, folder] = process.argv.slice(2);
const checks = [];

/** `options`: those of a browser context, and `expects`, a pattern of console errors that belong to the check, and
 * `elsewhere`, a pattern of other addresses that its pages may ask. */
export function check(name, options, body) {
    checks.push(typeof options === "function" ? { name, options: {}, body: options } : { name, options, body });
}

export async function finish() {
    fs.mkdirSync(folder, { recursive: true });
    const browser = await chromium.launch({ executablePath: BROWSER, args: ARGS });
    try {
        for (const each of checks) {
            const started = performance.now();
            const error = await errorOf(browser, each);
            const seconds = (performance.now() - started) / 1000;
            console.log(JSON.stringify({ name: each.name, error: error && String(error.stack ?? error), seconds }));
        }
    } finally {
        await browser.close();
    }
}

async function errorOf(browser, { options: { expects, elsewhere, ...options }, body }) {
    const context = await browser.newContext({ baseURL: url, reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(WAIT_MS);
    const complaints = watched(context, expects, elsewhere);
    const tools = { context, page: await context.newPage(), screenshot, axe };
    let timer;
    const deadline = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not done within ${CHECK_MS} ms`)), CHECK_MS);
    });
    try {
        await Promise.race([body(tools), deadline]);
        assert.deepEqual(complaints(), []);
    } catch (error) {
        return error;
    } finally {
        clearTimeout(timer);
        await context.close();
    }
}

/** A function that tells what pages did that none may do. A request that the policy stopped was none. */
function watched(context, expects, elsewhere) {
    const seen = [];
    const abroad = new Set();
    context.on("console", (message) => {
        if (message.type() === "error" && !expects?.test(message.text())) seen.push(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => seen.push(`exception: ${error.error()}`));
    context.on("dialog", (dialog) => seen.push(`dialog: ${dialog.message()}`));
    context.on("request", (request) => {
        const isKnown = request.url().startsWith(url) || /^(data|blob|about):/.test(request.url());
        if (!isKnown && !elsewhere?.test(request.url())) abroad.add(request);
    });
    context.on("requestfailed", (request) => {
        if (request.failure().errorText === "csp") abroad.delete(request);
    });
    return () => [...seen, ...[...abroad].map((request) => `request to another host: ${request.url()}`)];
}

async function screenshot(page, name) {
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** What axe has to say against the page as it is now. */
async function axe(page) {
    await page.evaluate(fs.readFileSync(AXE, "utf8"));
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(" ")).join(", ")}`);
}
