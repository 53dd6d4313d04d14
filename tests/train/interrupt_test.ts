import { assertEquals } from "@std/assert";
import { missingPosix, testUnless } from "../_skip.ts";
import { pause, until } from "../_wait.ts";

const NOTICE = "saving a checkpoint after the running step; Ctrl-C once more exits at once " +
  "without saving";
const SAVED = "it has saved";
/**
 * Sends signals to a waiting process, which saves until it is told that it has saved; a number is a
 * pause, a text waits until that was said.
 */
async function interrupt(actions: (Deno.Signal | number | string)[], args: string[] = []) {
  const script = new URL("_interruptible.ts", import.meta.url).pathname;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--allow-run", script, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const stdin = child.stdin.getWriter();
  for (const action of ["ready", ...actions]) {
    if (typeof action === "number") await pause(action);
    else if (action.startsWith("SIG")) child.kill(action as Deno.Signal);
    else if (action === SAVED) await stdin.write(new Uint8Array(1));
    else await until(() => said.includes(action), action);
  }
  const { code, signal } = await child.status;
  await reading;
  await stdin.close().catch(() => {}); // it has ended
  return { said: said.trim().split("\n").slice(1), code, signal };
}

const test = (name: string, fn: () => Promise<void>) =>
  testUnless(missingPosix, `interrupt: ${name}`, fn);

test("SIGINT and SIGTERM let the loop save and end, with exit code 0", async () => {
  assertEquals(
    await Promise.all([
      interrupt(["SIGINT", SAVED]),
      interrupt(["SIGTERM", NOTICE, 400, "SIGTERM", 200, SAVED]),
    ]),
    [
      { said: [`Interrupted: ${NOTICE}`, "saved"], code: 0, signal: null },
      { said: [`Asked to terminate: ${NOTICE}`, "saved"], code: 0, signal: null },
    ],
  );
});

test("a second SIGINT exits at once with code 130", async () => {
  assertEquals(await interrupt(["SIGINT", NOTICE, 400, "SIGINT"]), {
    said: [`Interrupted: ${NOTICE}`, "Exiting without saving"],
    code: 130,
    signal: null,
  });
});

test("a second SIGINT counts also after the clock was set back", async () => {
  const { said, code } = await interrupt(["SIGINT", NOTICE, 400, "SIGINT"], ["--clock-back"]);
  assertEquals({ said: said.at(-1), code }, { said: "Exiting without saving", code: 130 });
});

test("one Ctrl-C that arrives twice, as under deno task, counts once", async () => {
  const { said, code } = await interrupt(["SIGINT", NOTICE, 200, SAVED], ["--twice"]);
  assertEquals({ said: said.at(-1), code }, { said: "saved", code: 0 });
});

test("at the end Ctrl-C is the system's again", async () => {
  const { signal } = await interrupt(["SIGTERM", SAVED, "lingers", "SIGINT"], ["--linger"]);
  assertEquals(signal, "SIGINT");
});
