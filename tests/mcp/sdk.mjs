// The official SDK's client, of the old era, as most hosts have it: sdk.mjs URL KEY, prints what it got as JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, key] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});
const client = new Client({ name: "mayfly-tests", version: "1.0.0" });
await client.connect(transport);
const run = (directive, options) =>
  client.callTool({ name: "run_python", arguments: { code: JSON.stringify(directive), timeout: 20 } }, undefined, options);

const progress = [];
const stop = new AbortController();
const got = {
  server: client.getServerVersion().name,
  tools: (await client.listTools()).tools.map((tool) => tool.name), // from here on results are held to their schema
  runtimes: (await client.callTool({ name: "list_runtimes", arguments: {} })).structuredContent.runtimes.length,
  result: await run({ stdout: "hi\n", displays: [["image/png", "iVBORw=="]] }),
  failed: await run({ exit: 3, stderr: "no\n" }),
  refused: await client.callTool({ name: "run_python", arguments: { code: "" } }),
  unknown: await client.callTool({ name: "none", arguments: {} }).catch((error) => error.code),
  aborted: await run(
    { stdout: "on\n", gate: "never" },
    { signal: stop.signal, onprogress: (said) => progress.push(said.message) && said.message === "on" && stop.abort("enough") },
  ).catch((error) => String(error)),
};
await client.close();
console.log(JSON.stringify({ ...got, progress }));
