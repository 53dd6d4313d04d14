import { assert, assertEquals } from "@std/assert";

const NOTICE = "saving a checkpoint after the running step; Ctrl-C once more exits at once " +
  "without saving";
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends signals to a waiting process, each after a pause; a text waits until that was said. */
async function interrupt(actions: (Deno.Signal | number | string)[], args: string[] = []) {
  const script = new URL("_interruptible.ts", import.meta.url).pathname;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", script, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  for (const action of ["ready", ...actions]) {
    if (typeof action === "number") await pause(action);
    else if (action.startsWith("SIG")) child.kill(action as Deno.Signal);
    else {
      const deadline = Date.now() + 20_000;
      while (!said.includes(action)) {
        assert(Date.now() < deadline, `Never said ${action}`);
        await pause(5);
      }
    }
  }
  const { code, signal } = await child.status;
  await reading;
  return { said: said.trim().split("\n").slice(1), code, signal };
}

const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name: `interrupt: ${name}`, ignore: Deno.build.os === "windows", fn });

test("SIGINT and SIGTERM let the loop save and end, with exit code 0", async () => {
  assertEquals(
    await Promise.all([interrupt(["SIGINT"]), interrupt(["SIGTERM", 400, "SIGTERM"])]),
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
  const { said, code } = await interrupt(["SIGINT", NOTICE, "SIGINT"]);
  assertEquals({ said: said.at(-1), code }, { said: "saved", code: 0 });
});

test("at the end Ctrl-C is the system's again", async () => {
  const { signal } = await interrupt(["SIGTERM", "saved", "SIGINT"], ["--linger"]);
  assertEquals(signal, "SIGINT");
});
