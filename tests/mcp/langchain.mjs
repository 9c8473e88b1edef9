// LangChain's client: langchain.mjs URL KEY, prints what an agent's tools gave as JSON.
import { MultiServerMCPClient } from "@langchain/mcp-adapters";

const [url, key] = process.argv.slice(2);
const client = new MultiServerMCPClient({
  mcpServers: { mayfly: { transport: "http", url, headers: { Authorization: `Bearer ${key}` } } },
});
const tools = await client.getTools();
const run = tools.find((tool) => tool.name === "run_python");
const result = await run.invoke({ code: JSON.stringify({ stdout: "hi\n" }) });
const failed = await run.invoke({ code: JSON.stringify({ exit: 3 }) }).catch((error) => error.message);
const of = (name) => tools.find((tool) => tool.name === name);
const opened = await of("session_open").invoke({});
const id = /session_id "([^"]+)"/.exec(JSON.stringify(opened).replaceAll('\\"', '"'))[1]; // as a model reads it
const cell = (directive) => of("session_run").invoke({ session_id: id, code: JSON.stringify(directive) });
await cell({ set: { a: 1 } });
const kept = await cell({ get: true });
await of("session_close").invoke({ session_id: id });
const gone = await cell({ get: true }).catch((error) => error.message);
await client.close();
console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), result, failed, kept, gone }));
