/** What a gradient remembers is in checkpoints, and a run that was stopped or killed goes on by it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fit, latestCheckpoint, saveCheckpoint } from "../../lib/train/mod.ts";
import { withoutLeaks } from "../_tensors.ts";
import { METHODS, statefulTask } from "./_stateful_task.ts";
import { withFolder } from "./_runs.ts";

const NAMES = Object.keys(METHODS) as (keyof typeof METHODS)[];

async function digest(method: keyof typeof METHODS, folder?: string): Promise<string> {
  for await (const event of fit(statefulTask(method), { folder })) {
    if (event.type === "end") return event.sha256;
  }
  throw new Error("It has no end");
}

for (const name of NAMES) {
  Deno.test(`memory of a gradient: stopped in the middle of an epoch, ${name} goes on bit for bit`, () =>
    withoutLeaks(() =>
      withFolder(async (folder) => {
        const whole = await digest(name);
        const controller = new AbortController();
        const { signal } = controller;
        for await (const event of fit(statefulTask(name), { folder, signal })) {
          if (event.type === "step" && event.step === 8) controller.abort();
        }
        const checkpoint = (await latestCheckpoint(folder))!;
        const kept = name === "reusing" ? "gradient/added/w" : "gradient/mean/w";
        assertEquals(
          Object.keys(checkpoint.arrays).filter((path) => path.startsWith("gradient/")).sort(),
          [kept, "gradient/step"].sort(),
        );
        assert(checkpoint.arrays[kept]!.data.some((value) => value !== 0));
        assertEquals(await digest(name, folder), whole);
        // Another memory is another run.
        const { epoch, step, metadata } = checkpoint;
        const arrays = {
          ...checkpoint.arrays,
          [kept]: { dtype: "F32" as const, shape: [2], data: Float32Array.of(1, 1) },
        };
        await withFolder(async (other) => {
          await saveCheckpoint(other, { epoch, step, metadata, arrays });
          assert(await digest(name, other) !== whole);
        });
      })
    ));

  Deno.test(`memory of a gradient: killed, ${name} goes on bit for bit`, () =>
    withFolder(async (folder) => {
      const program = new URL("_stateful_task.ts", import.meta.url).pathname;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", program, name, folder],
        stdout: "piped",
      }).spawn();
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        if (!text.includes("saved")) continue;
        child.kill("SIGKILL");
        break;
      }
      const { signal } = await child.status;
      assertEquals(signal, "SIGKILL");
      const { epoch } = (await latestCheckpoint(folder))!;
      assert(epoch >= 2 && epoch < 40, `${epoch}`);
      assertEquals(await digest(name, folder), await digest(name));
    }));
}

Deno.test("memory of a gradient: a run of one that remembers otherwise is refused", () =>
  withFolder(async (folder) => {
    for await (const _ of fit(statefulTask("reusing", 1), { folder }));
    await assertRejects(
      () => digest("climbing", folder),
      RangeError,
      'for "gradient/mean/w" it holds nothing',
    );
  }));
