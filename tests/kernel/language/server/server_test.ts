import { assertEquals } from "@std/assert";
import { LanguageServer } from "../../../../lib/kernel/language/server/mod.ts";

/** A server that answers hovers with the text it was shown, and does what else a program does. */
const program = (body: string) => `
  import { decodeRpc, encodeRpc } from ${
  JSON.stringify(new URL("../../../../lib/kernel/language/server/_rpc.ts", import.meta.url).href)
};
  let text = "";
  for await (const { id, method, params } of decodeRpc(Deno.stdin.readable)) {
    ${body}
    text = params?.textDocument?.text ?? params?.contentChanges?.[0].text ?? text;
    if (id !== undefined) Deno.stdout.writeSync(encodeRpc({ id, result: text }));
  }`;

async function withServer(
  body: string,
  use: (server: LanguageServer) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/server.ts`, program(body));
  const command = [Deno.execPath(), "run", "--quiet", "--allow-all", `${folder}/server.ts`];
  const server = new LanguageServer({ folder, command });
  try {
    await use(server);
  } finally {
    server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const hover = (server: LanguageServer, text: string) =>
  server.ask(text, "textDocument/hover", { line: 0, character: 0 });

Deno.test("language server: it is shown each text before it is asked", async () => {
  await withServer("", async (server) => {
    assertEquals(server.pid, undefined, "It starts when it is needed");
    assertEquals(await Promise.all([hover(server, "a"), hover(server, "b")]), ["a", "b"]);
    assertEquals(await hover(server, "b"), "b");
  });
});

Deno.test("language server: an answer that comes late is about the text that was asked about", async () => {
  const late = `if (method === "textDocument/hover") {
    setTimeout(() => Deno.stdout.writeSync(encodeRpc({ id, result: text })), 50);
    continue;
  }`;
  await withServer(late, async (server) => {
    assertEquals(await Promise.all([hover(server, "a"), hover(server, "b")]), ["a", "b"]);
  });
});

Deno.test("language server: one that ends answers nothing, and is not started at once again", async () => {
  const end = 'if (method === "textDocument/hover") Deno.exit(1);';
  await withServer(end, async (server) => {
    assertEquals(await hover(server, "a"), undefined);
    const { pid } = server;
    assertEquals(await hover(server, "a"), undefined);
    assertEquals(server.pid, pid);
  });
});

Deno.test("language server: one that sends nonsense is ended", async () => {
  const nonsense = 'Deno.stdout.writeSync(new TextEncoder().encode("what?\\r\\n\\r\\n"));';
  await withServer(nonsense, async (server) => {
    assertEquals(await hover(server, "a"), undefined);
  });
});
