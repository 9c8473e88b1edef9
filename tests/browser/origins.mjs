// Pages of other origins, on this machine and by a name that leads here: which of them may call, and read the answers.

import assert from "node:assert/strict";
import http from "node:http";
import { check, finish } from "./harness.mjs";

const gateway = process.argv[2];
const EXECUTE = `${gateway}/api/v1/execute`;
const PAGE = `<!doctype html><title>elsewhere</title><a href="${gateway}/">the playground</a>`;

/** A server of pages, as any site is one. Port 0: any. */
async function serve(port) {
    const server = http.createServer((_, response) =>
        response.writeHead(200, { "content-type": "text/html" }).end(PAGE),
    );
    await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
    return server;
}

const listed = await serve(Number(process.env.LISTED_PORT));
const other = await serve(0);
const LISTED = `http://localhost:${listed.address().port}/`;
const OTHER = `http://localhost:${other.address().port}/`;
const ELSEWHERE = { elsewhere: /^http:\/\/localhost:/ };
const BLOCKED = { ...ELSEWHERE, expects: /blocked by CORS policy|net::ERR_FAILED|NotSameOrigin|status of 40[34]/ };

/** What a fetch by the page gives: status, headers that it may read and text, or the error's name. */
function fetched(page, address, options = {}) {
    return page.evaluate(
        async ([address, options]) => {
            try {
                const answer = await fetch(address, options);
                return {
                    type: answer.type,
                    status: answer.status,
                    headers: Object.fromEntries(answer.headers),
                    text: await answer.text(),
                };
            } catch (error) {
                return { error: error.name };
            }
        },
        [address, options],
    );
}

function post(code, headers = {}) {
    return {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ code }),
    };
}

/** How many programs the gateway has run for a POST. */
async function runs() {
    const text = await (await fetch(`${gateway}/metrics`)).text();
    const counter = /^mayfly_http_requests_total\{(?=.*route="\/api\/v1\/execute")(?=.*status="200").*\} ([0-9]+)$/m;
    return Number(counter.exec(text)[1]);
}

/** That of what `body` asks nothing is run, and that a run would have been counted. */
async function runsNothing(body) {
    const ours = async () => assert.equal((await fetch(EXECUTE, post("print(1)"))).status, 200);
    await ours();
    const before = await runs();
    await body();
    await ours();
    assert.equal(await runs(), before + 1);
}

check("a page of a listed origin runs a program and reads the answer", ELSEWHERE, async ({ page }) => {
    await page.goto(LISTED);
    const answer = await fetched(page, EXECUTE, post("print(6 * 7)", { "x-request-id": "mine" }));
    assert.deepEqual([answer.type, answer.status, JSON.parse(answer.text).stdout], ["cors", 200, "42\n"]);
    assert.equal(answer.headers["x-request-id"], "mine");
});

check("it reads events, problems and where its execution is", ELSEWHERE, async ({ page }) => {
    await page.goto(LISTED);
    const events = await fetched(page, EXECUTE, post("print(1)", { accept: "text/event-stream" }));
    assert.match(events.text, /event: stdout\ndata: "1\\n"[^]*event: result/);
    const begun = await fetched(page, `${gateway}/api/v1/executions`, post("print(2)", { "idempotency-key": "k" }));
    assert.equal(begun.status, 202);
    const place = gateway + begun.headers.location;
    const end = await fetched(page, `${place}?wait=20`);
    assert.equal(JSON.parse(end.text).stdout, "2\n");
    const rest = await fetched(page, `${place}/events`, { headers: { "last-event-id": "2" } });
    assert.match(rest.text, /event: stdout/);
    assert.equal((await fetched(page, place, { method: "DELETE" })).status, 200);
});

check("it reads why it was refused", { ...ELSEWHERE, expects: /status of 4(04|22)/ }, async ({ page }) => {
    await page.goto(LISTED);
    const refusal = await fetched(page, EXECUTE, post(""));
    assert.equal(refusal.status, 422);
    assert.equal(JSON.parse(refusal.text).errors[0].field, "code");
    assert.equal((await fetched(page, `${gateway}/nothing`)).status, 404);
});

check("a page of another origin runs nothing and reads nothing", BLOCKED, async ({ page }) => {
    await page.goto(OTHER);
    await runsNothing(async () => {
        assert.deepEqual(await fetched(page, EXECUTE, post("print(1)")), { error: "TypeError" });
        for (const path of ["/api/v1/runtimes", "/metrics", "/livez"])
            assert.deepEqual(await fetched(page, gateway + path), { error: "TypeError" });
        const blind = await fetched(page, EXECUTE, { method: "POST", mode: "no-cors", body: '{"code":"print(1)"}' });
        assert.ok(blind.error === "TypeError" || blind.type === "opaque", JSON.stringify(blind));
        await page.evaluate((address) => {
            const form = Object.assign(document.createElement("form"), { method: "post", action: address });
            document.body.append(form);
            form.enctype = "text/plain";
            form.submit();
        }, EXECUTE);
        await page.waitForURL(EXECUTE);
        assert.match(await page.content(), /foreign_origin/);
    });
});

check("a link from another site opens the playground", ELSEWHERE, async ({ page }) => {
    await page.goto(OTHER);
    await page.getByRole("link", { name: "the playground" }).click();
    await page.locator("#run").waitFor();
    assert.equal(page.url(), `${gateway}/`);
});

const REBOUND = { elsewhere: /^http:\/\/evil\.example:/, expects: /status of 421/ };

check("a page whose name was pointed at the gateway runs nothing", REBOUND, async ({ page }) => {
    const address = `http://evil.example:${new URL(gateway).port}`;
    assert.equal((await page.goto(`${address}/`)).status(), 421); // all the same a page of that origin
    await runsNothing(async () => {
        const refusal = await fetched(page, "/api/v1/execute", post("print(1)"));
        assert.equal(refusal.status, 421, JSON.stringify(refusal));
        assert.equal(JSON.parse(refusal.text).code, "unknown_host");
        for (const path of ["/livez", "/metrics", "/docs"]) assert.equal((await fetched(page, path)).status, 421);
    });
});

await finish();
listed.close();
other.close();
