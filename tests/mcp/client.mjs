// The official client of both eras: client.mjs URL KEY MODE, prints what it got as JSON.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { calls, program } from "./calls.mjs";

const [url, key, mode] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});
const versionNegotiation = { mode: mode.startsWith("20") ? { pin: mode } : mode };
const client = new Client({ name: "mayfly-tests", version: "1.0.0" }, { versionNegotiation });
await client.connect(transport);
const run = (directive, options) => client.callTool(program(directive), options);

const got = await calls(client, run);
await client.close();
console.log(JSON.stringify(got));
