// The official SDK's client with a server that it starts: stdio.mjs MAYFLY URL KEY-FILE, prints what it got as JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [command, url, keyFile] = process.argv.slice(2);
const transport = new StdioClientTransport({ command, args: ["mcp", "--url", url, "--key-file", keyFile] });
const client = new Client({ name: "mayfly-tests", version: "1.0.0" });
await client.connect(transport);
const run = (directive, options) =>
  client.callTool({ name: "run_python", arguments: { code: JSON.stringify(directive), timeout: 20 } }, undefined, options);

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
