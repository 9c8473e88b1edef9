// The calls that each official client makes, and their results. run(directive, options) calls run_python.
export async function calls(client, run) {
  const progress = [];
  const stop = new AbortController();
  return {
    tools: (await client.listTools()).tools.map((tool) => tool.name),
    result: await run({ stdout: "hi\n", displays: [["image/png", "iVBORw=="]] }),
    refused: await client.callTool({ name: "run_python", arguments: { code: "" } }),
    aborted: await run(
      { stdout: "on\n", gate: "never" },
      { signal: stop.signal, onprogress: (said) => progress.push(said.message) && said.message === "on" && stop.abort("enough") },
    ).catch((error) => String(error)),
    progress,
  };
}

export const program = (directive) => ({ name: "run_python", arguments: { code: JSON.stringify(directive), timeout: 20 } });
