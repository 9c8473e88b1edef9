// The AI SDK's client: ai.mjs URL KEY, prints what an agent's tools gave as JSON.
import { createMCPClient } from "@ai-sdk/mcp";

const [url, key] = process.argv.slice(2);
const client = await createMCPClient({
  transport: { type: "http", url, headers: { Authorization: `Bearer ${key}` } },
});
const tools = await client.tools();
const options = { toolCallId: "1", messages: [] };
const result = await tools.run_python.execute({ code: JSON.stringify({ stdout: "hi\n" }) }, options);
const failed = await tools.run_python.execute({ code: JSON.stringify({ exit: 3 }) }, options);
await client.close();
console.log(JSON.stringify({ tools: Object.keys(tools), result, failed }));
