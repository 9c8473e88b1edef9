// The calls that each official client makes, and their results. run(directive, options) calls run_python.
export async function calls(client, run) {
  const progress = [];
  const stop = new AbortController();
  const opened = await client.callTool({ name: "session_open", arguments: {} });
  const session_id = opened.structuredContent.session.id;
  const use = (name, more) => client.callTool({ name, arguments: { session_id, ...more } });
  const cell = (directive) => use("session_run", { code: JSON.stringify(directive) });
  return {
    tools: (await client.listTools()).tools.map((tool) => tool.name),
    result: await run({ stdout: "hi\n", displays: [["image/png", "iVBORw=="]] }),
    refused: await client.callTool({ name: "run_python", arguments: { code: "" } }),
    session: [
      opened,
      await cell({ set: { a: 1 } }),
      await cell({ get: true }),
      await use("session_files", { action: "write", files: [{ path: "f.txt", content: "text" }] }),
      await use("session_files", { action: "read", path: "f.txt" }),
      await cell({ dies: 3 }),
      await use("session_close", {}),
      await cell({ get: true }),
    ],
    aborted: await run(
      { stdout: "on\n", gate: "never" },
      { signal: stop.signal, onprogress: (said) => progress.push(said.message) && said.message === "on" && stop.abort("enough") },
    ).catch((error) => String(error)),
    progress,
  };
}

export const program = (directive) => ({ name: "run_python", arguments: { code: JSON.stringify(directive), timeout: 20 } });
