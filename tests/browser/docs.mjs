// The API's documentation: Swagger UI at /docs, Redoc at /redoc. That nothing is asked of another host, and no error
// logged, the harness sees to.

import assert from "node:assert/strict";
import { check, finish } from "./harness.mjs";

check("a request can be tried out", async ({ page, screenshot }) => {
    await page.goto("/docs");
    const operation = page.locator("#operations-programs-execute");
    await operation.locator(".opblock-summary-control").click();
    await operation.locator("textarea").fill('{"code": "print(6 * 7)"}');
    await operation.locator(".execute").click();
    const answer = operation.locator(".live-responses-table");
    assert.equal(await answer.locator(".response-col_status").nth(1).innerText(), "200");
    assert.match(await answer.locator(".microlight, code").first().innerText(), /"stdout": "42\\n"/);
    await screenshot(page, "docs");
    await operation.locator("textarea").fill('{"code": "print(6 * 8)"}');
    await operation.locator(".execute").click();
    await answer.getByText("48\\n").first().waitFor(); // nothing was sent along that ties it to the first
});

check("every operation is there, and can be unfolded", async ({ page }) => {
    await page.goto("/docs");
    await page.locator(".opblock").first().waitFor();
    const { paths } = await (await page.request.get("/openapi.json")).json();
    const described = Object.values(paths)
        .flatMap(Object.keys)
        .filter((key) => key !== "parameters");
    assert.equal(await page.locator(".opblock").count(), described.length);
    const operations = page.locator("[id^=operations-executions-]");
    for (const operation of await operations.all()) {
        await operation.locator(".opblock-summary-control").click();
        await operation.locator(".responses-wrapper").waitFor();
    }
    assert.equal(await operations.count(), 4);
    assert.equal(await page.locator(".errors-wrapper").count(), 0);
});

check("the reference can be read", async ({ page, screenshot }) => {
    await page.goto("/redoc");
    await page.getByRole("heading", { name: "Run a program" }).waitFor();
    assert.match(await page.locator("h1").first().innerText(), /^Mayfly/);
    assert.equal(await page.getByRole("heading", { name: "Something went wrong" }).count(), 0);
    await screenshot(page, "redoc");
});

await finish();
