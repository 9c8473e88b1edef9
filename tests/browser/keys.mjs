// The playground on a gateway that asks for a key: `KEY` of the environment is one.

import assert from "node:assert/strict";
import { check, finish } from "./harness.mjs";

const { KEY } = process.env;
const REFUSED = { expects: /status of 401/ };

function stored(page) {
    return page.evaluate(() => [{ ...sessionStorage }, { ...localStorage }, document.cookie]);
}

async function enter(page, key) {
    await page.getByLabel("API key").fill(key);
    await page.getByLabel("API key").press("Enter");
}

check("a key is asked for until one is accepted", REFUSED, async ({ page, screenshot, axe }) => {
    await page.goto("/");
    await enter(page, "wrong");
    await page.getByText("does not accept the key").waitFor();
    assert.deepEqual(await axe(page), []);
    await screenshot(page, "key");
    await enter(page, KEY);
    await page.locator("#runtime option[value=python]").waitFor({ state: "attached" });
    await page.locator("#run").click();
    await page.getByText("Success").waitFor();
});

check("a key stays in its tab, and goes into no link and no line to copy", REFUSED, async ({ page }) => {
    await page.goto("/");
    await enter(page, KEY);
    for (const name of ["curl", "Share"]) {
        await page.getByRole("button", { name }).click();
        await page.getByRole("dialog").waitFor();
        assert.ok(!(await page.locator("#copy-text").inputValue()).includes(KEY));
        await page.getByRole("button", { name: "Close" }).click();
    }
    const [session, ...others] = await stored(page);
    assert.equal(session["mayfly.key"], KEY);
    assert.deepEqual(others, [{}, ""]);
    await page.getByRole("button", { name: "Forget key" }).click();
    assert.ok(!JSON.stringify(await stored(page)).includes(KEY));
});

check("who cancels is told that nothing ran, and may try again", REFUSED, async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator("#run").click();
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.match(await page.locator("#verdict-text").innerText(), /^Did not run: /);
    await page.locator("#run").click();
    await enter(page, KEY);
    await page.getByText("Success").waitFor();
});

check("the notebook asks for a key, and runs with it", REFUSED, async ({ page, axe }) => {
    await page.goto("/notebook");
    await enter(page, "wrong");
    await page.getByText("does not accept the key").waitFor();
    assert.deepEqual(await axe(page), []);
    await enter(page, KEY);
    const editor = page.locator(".cell .cm-content").first();
    await editor.fill("6 * 7");
    await editor.press("Control+Enter");
    await page.locator(".cell-output", { hasText: "42" }).waitFor();
    await page.getByRole("button", { name: "Forget key" }).click();
    await editor.press("Control+Enter");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Did not run").first().waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Cancel" }).click();
    assert.ok(!JSON.stringify(await stored(page)).includes(KEY));
});

check("a request is tried out with the key that Authorize was given", REFUSED, async ({ page, screenshot, axe }) => {
    await page.goto("/docs");
    const operation = page.locator("#operations-programs-execute");
    await operation.locator(".opblock-summary-control").click();
    await operation.locator("textarea").fill('{"code": "print(6 * 7)"}');
    const tryOut = async (status) => {
        const [answer] = await Promise.all([
            page.waitForResponse("**/api/v1/execute"),
            operation.locator(".execute").click(),
        ]);
        assert.equal(answer.status(), status);
        await operation.locator(`.live-responses-table .response-col_status >> text=${status}`).first().waitFor();
    };
    await tryOut(401);
    for (const scheme of ["bearer", "header"]) {
        await page.locator(".auth-wrapper > .authorize").click();
        const form = page.locator(".auth-container", { has: page.locator(`code:text-is("${scheme}")`) });
        await form.locator("input").fill(KEY);
        await form.getByRole("button", { name: "Apply credentials" }).click();
        await screenshot(page, `docs-${scheme}`);
        await page.locator(".modal-ux .close-modal").click();
        await tryOut(200);
        assert.match(await operation.locator(".live-responses-table").innerText(), /"stdout": "42\\n"/);
        await page.locator(".auth-wrapper > .authorize").click();
        await form.getByRole("button", { name: "Remove authorization" }).click();
        await page.locator(".modal-ux .close-modal").click();
        await tryOut(401);
    }
    assert.ok(!JSON.stringify(await stored(page)).includes(KEY));
});

await finish();
