// The official SDK's client with a server that it starts: stdio.mjs MAYFLY URL KEY-FILE, prints what it got as JSON.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { calls, program } from "./calls.mjs";

const [command, url, keyFile] = process.argv.slice(2);
const transport = new StdioClientTransport({ command, args: ["mcp", "--url", url, "--key-file", keyFile] });
const client = new Client({ name: "mayfly-tests", version: "1.0.0" });
await client.connect(transport);
const run = (directive, options) => client.callTool(program(directive), undefined, options);

const got = await calls(client, run);
await client.close();
console.log(JSON.stringify(got));
