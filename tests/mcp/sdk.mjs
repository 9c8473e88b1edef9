// The official SDK's client, of the old era, as most hosts have it: sdk.mjs URL KEY, prints what it got as JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { calls, program } from "./calls.mjs";

const [url, key] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});
const client = new Client({ name: "mayfly-tests", version: "1.0.0" });
await client.connect(transport);
const run = (directive, options) => client.callTool(program(directive), undefined, options);

await client.listTools(); // from here on results are held to their schema
const got = {
  server: client.getServerVersion().name,
  runtimes: (await client.callTool({ name: "list_runtimes", arguments: {} })).structuredContent.runtimes.length,
  failed: await run({ exit: 3, stderr: "no\n" }),
  unknown: await client.callTool({ name: "none", arguments: {} }).catch((error) => error.code),
  ...(await calls(client, run)), // whose last call is aborted
};
await client.close();
console.log(JSON.stringify(got));
