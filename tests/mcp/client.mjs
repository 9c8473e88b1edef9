// The official client of both eras: client.mjs URL KEY MODE, prints what it got as JSON.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url, key, mode] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});
const versionNegotiation = { mode: mode.startsWith("20") ? { pin: mode } : mode };
const client = new Client({ name: "mayfly-tests", version: "1.0.0" }, { versionNegotiation });
await client.connect(transport);
const run = (directive, options) =>
  client.callTool({ name: "run_python", arguments: { code: JSON.stringify(directive), timeout: 20 } }, options);

const progress = [];
const stop = new AbortController();
const got = {
  tools: (await client.listTools()).tools.map((tool) => tool.name),
  result: await run({ stdout: "hi\n", displays: [["image/png", "iVBORw=="]] }),
  refused: await client.callTool({ name: "run_python", arguments: { code: "" } }),
  aborted: await run(
    { stdout: "on\n", gate: "never" },
    { signal: stop.signal, onprogress: (said) => progress.push(said.message) && said.message === "on" && stop.abort("enough") },
  ).catch((error) => String(error)),
};
await client.close();
console.log(JSON.stringify({ ...got, progress }));
