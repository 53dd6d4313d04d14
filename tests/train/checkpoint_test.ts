import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type CheckpointContents,
  latestCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../../lib/train/checkpoint.ts";
import { checkArrays, parametersSha256 } from "../../lib/train/parameters.ts";
import { encodeSafetensors, type NamedArrays } from "../../lib/checkpoints/safetensors.ts";
import { missingMount, missingPosix, testUnless } from "../_skip.ts";
import { PATIENCE_MS, pause } from "../_wait.ts";

const ARRAYS: NamedArrays = {
  "params/w": { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, -2, 3, 4.5) },
  "momentum/w": { dtype: "F32", shape: [2, 2], data: Float32Array.of(0, 0, 1, 0) },
  seed: { dtype: "I32", shape: [2], data: Int32Array.of(3, 4) },
};

const contents = (epoch: number): CheckpointContents => ({
  epoch,
  step: 100 * epoch,
  arrays: ARRAYS,
  metadata: { config: `{"rho":0.05,"quote":"\\"sha256\\":\\""}` },
});

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sam-checkpoint-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("checkpoint: what is saved is loaded, also in a folder that is not there yet", () =>
  inFolder(async (folder) => {
    const path = await saveCheckpoint(join(folder, "a/b"), contents(3));
    assertEquals(path, join(folder, "a/b/checkpoint_3.safetensors"));
    assertEquals(await loadCheckpoint(path), { path, ...contents(3) } as never);
    assertEquals((await latestCheckpoint(join(folder, "a/b")))?.path, path);
  }));

Deno.test("checkpoint: no folder or an empty one has no latest checkpoint", () =>
  inFolder(async (folder) => {
    assertEquals(await latestCheckpoint(folder), undefined);
    assertEquals(await latestCheckpoint(join(folder, "none")), undefined);
  }));

Deno.test("checkpoint: keeps two, by number; removes later ones and leftovers, nothing else", () =>
  inFolder(async (folder) => {
    const others = ["checkpoint_x.safetensors", "checkpoint_01.safetensors", "metrics.jsonl"];
    for (const name of [...others, "checkpoint_7.safetensors.tmp"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    for (const epoch of [8, 9, 10]) await saveCheckpoint(folder, contents(epoch));
    assertEquals(
      names(folder),
      ["checkpoint_10.safetensors", "checkpoint_9.safetensors", ...others].sort(),
    );
    assertEquals((await latestCheckpoint(folder))?.epoch, 10);
    await saveCheckpoint(folder, contents(9), { keep: 1 });
    assertEquals(names(folder), ["checkpoint_9.safetensors", ...others].sort());
  }));

Deno.test("checkpoint: a flipped bit anywhere or a truncation is damage", () =>
  inFolder(async (folder) => {
    const path = await saveCheckpoint(folder, contents(1));
    const bytes = await Deno.readFile(path);
    for (let i = 0; i < bytes.length; i++) {
      await Deno.writeFile(path, bytes.with(i, bytes[i]! ^ 1));
      await assertRejects(() => loadCheckpoint(path), Deno.errors.InvalidData, path);
    }
    await Deno.writeFile(path, bytes.subarray(0, -1));
    await assertRejects(() => loadCheckpoint(path), Deno.errors.InvalidData, "it is truncated");
    await Deno.writeFile(path, bytes);
    assertEquals((await loadCheckpoint(path)).epoch, 1);
  }));

Deno.test("checkpoint: other safetensors files are not taken for checkpoints", () =>
  inFolder(async (folder) => {
    const path = join(folder, "x.safetensors");
    await Deno.writeFile(path, encodeSafetensors({})[0]!);
    await assertRejects(() => loadCheckpoint(path), Deno.errors.InvalidData, "not a checkpoint");
  }));

Deno.test("checkpoint: a damaged one is reported and the one before it taken", () =>
  inFolder(async (folder) => {
    await saveCheckpoint(folder, contents(1));
    await saveCheckpoint(folder, contents(2));
    const [first, second] = [1, 2].map((n) => join(folder, `checkpoint_${n}.safetensors`));
    await Deno.truncate(second!, 300);
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    assertEquals((await latestCheckpoint(folder, { warn }))?.path, first);
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0]!, second!);
    // Going on from the first must not be undone later by the damaged file's higher number.
    await saveCheckpoint(folder, contents(1));
    assertEquals(names(folder), ["checkpoint_1.safetensors"]);
    await Deno.truncate(first!, 300);
    await assertRejects(() => latestCheckpoint(folder), Deno.errors.InvalidData, "are damaged");
  }));

Deno.test("checkpoint: what is no file under its name is passed over like a damaged one", () =>
  inFolder(async (folder) => {
    await saveCheckpoint(folder, contents(1));
    const second = join(folder, "checkpoint_2.safetensors");
    const others: [make: () => Promise<void>, problem: string][] = [
      [() => Deno.mkdir(second), "it is a folder"],
      [() => Deno.symlink(join(folder, "nowhere"), second), "it leads to no file"],
      [() => Deno.symlink("/dev/zero", second), "it is not a file"],
    ];
    for (const [make, problem] of others) {
      await make();
      const warnings: string[] = [];
      const warn = (message: string) => warnings.push(message);
      assertEquals((await latestCheckpoint(folder, { warn }))?.epoch, 1);
      assertEquals(warnings, [
        `Cannot read ${second}: ${problem}; trying the checkpoint before it`,
      ]);
      await Deno.remove(second);
    }
  }));

Deno.test("checkpoint: a folder under its name is moved aside, not counted and not removed", () =>
  inFolder(async (folder) => {
    await saveCheckpoint(folder, contents(1));
    for (const epoch of [2, 3, 9]) {
      await Deno.mkdir(join(folder, `checkpoint_${epoch}.safetensors/work`), { recursive: true });
    }
    await saveCheckpoint(folder, contents(3));
    const [first, second, third, aside, last, ...others] = names(folder);
    assertEquals([first, second, third, last, others], [
      "checkpoint_1.safetensors",
      "checkpoint_2.safetensors",
      "checkpoint_3.safetensors",
      "checkpoint_9.safetensors",
      [],
    ]);
    assertMatch(aside!, /^checkpoint_3\.safetensors\.folder_\d+$/);
    assertEquals(names(join(folder, aside!)), ["work"]);
    assertEquals((await latestCheckpoint(folder))?.epoch, 3);
  }));

Deno.test("checkpoint: one of a newer format is refused by its number, and not passed over", () =>
  inFolder(async (folder) => {
    await saveCheckpoint(folder, contents(1));
    const path = await saveCheckpoint(folder, contents(2));
    const text = Buffer.from(await Deno.readFile(path)).toString("latin1");
    const digestOf = (text: string) => createHash("sha256").update(text, "latin1").digest("hex");
    const [, sha256] = /"sha256":"([0-9a-f]{64})"/.exec(text)!;
    const newer = text.replace(sha256!, "0".repeat(64)).replace('"format":"2"', '"format":"3"');
    const whole = newer.replace("0".repeat(64), digestOf(newer));
    await Deno.writeFile(path, Buffer.from(whole, "latin1"));
    const warnings: string[] = [];
    await assertRejects(
      () => latestCheckpoint(folder, { warn: (message) => warnings.push(message) }),
      RangeError,
      `Cannot resume from ${path}: it is of format 3, which a newer version wrote; this one knows ` +
        "those up to 2",
    );
    assertEquals(warnings, []);
  }));

Deno.test("checkpoint: one that cannot be read is no damage, and not passed over", () =>
  inFolder(async (folder) => {
    await saveCheckpoint(folder, contents(1));
    await saveCheckpoint(folder, contents(2));
    const { readFile } = Deno;
    Deno.readFile = (path) =>
      `${path}`.endsWith("checkpoint_2.safetensors")
        ? Promise.reject(new Deno.errors.PermissionDenied(`Permission denied: ${path}`))
        : readFile(path);
    try {
      const warnings: string[] = [];
      await assertRejects(
        () => latestCheckpoint(folder, { warn: (message) => warnings.push(message) }),
        Deno.errors.PermissionDenied,
        "checkpoint_2",
      );
      assertEquals(warnings, []);
    } finally {
      Deno.readFile = readFile;
    }
  }));

Deno.test("checkpoint: refuses impossible epochs, keep 0 and metadata names of its own", () =>
  inFolder(async (folder) => {
    await assertRejects(() => saveCheckpoint(folder, contents(1.5)), RangeError, "whole number");
    await assertRejects(() => saveCheckpoint(folder, contents(-1)), RangeError, "whole number");
    await assertRejects(() => saveCheckpoint(folder, contents(1), { keep: 0 }), RangeError, "keep");
    const taken = { ...contents(1), metadata: { step: "" } };
    await assertRejects(() => saveCheckpoint(folder, taken), TypeError, "step is taken");
    assertEquals(names(folder), []);
  }));

Deno.test("checkpoint: kill -9 while saving leaves a whole checkpoint", () =>
  inFolder(async (folder) => {
    const script = new URL("_save_forever.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-lock",
        `--allow-read=${folder}`,
        `--allow-write=${folder}`,
        script,
        folder,
      ],
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    const found = (pattern: RegExp) => names(folder).some((name) => pattern.test(name));
    // The two latest are there, and a third is being written.
    const end = performance.now() + PATIENCE_MS;
    while (!found(/_[3-9]\.safetensors$/) || !found(/tmp$/)) {
      assert(performance.now() < end, `No third checkpoint among ${names(folder)}`);
      await pause(0); // it is written for milliseconds only
    }
    child.kill("SIGKILL");
    await child.status;
    const latest = (await latestCheckpoint(folder, { warn: (message) => assert(false, message) }))!;
    assertEquals(latest.step, 10 * latest.epoch);
    assertEquals(new Set(latest.arrays.b!.data as Float32Array), new Set([latest.epoch]));
    await saveCheckpoint(folder, { ...latest, epoch: latest.epoch + 1 });
    assert(!found(/tmp$/), "The leftover is removed by the next save");
  }));

/** Saves a large checkpoint beside a small one in a child whose disk or file size is limited. */
async function saveWithLimit(folder: string, command: string[]): Promise<string> {
  const code = `
    import { saveCheckpoint } from ${
    JSON.stringify(import.meta.resolve("../../lib/train/checkpoint.ts"))
  };
    const save = (epoch, n) => saveCheckpoint(${JSON.stringify(folder)}, { epoch, step: 0,
      arrays: { w: { dtype: "F32", shape: [n], data: new Float32Array(n) } } });
    await save(1, 100);
    await save(2, 1 << 19).catch((error) => console.log(error.message));`;
  const { stdout } = await new Deno.Command(command[0]!, {
    args: [...command.slice(1), Deno.execPath(), "eval", "--no-lock", code],
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout);
}

testUnless(
  missingPosix,
  "checkpoint: a file that cannot be written whole leaves the earlier ones (ulimit -f)",
  () =>
    inFolder(async (folder) => {
      const limited = ["sh", "-c", `trap "" XFSZ; ulimit -f 512; exec "$@"`, "sh"];
      const message = await saveWithLimit(folder, limited);
      assertMatch(message, /^Cannot save \S+checkpoint_2\.safetensors: .*too large/i);
      assertStringIncludes(message, "the same command resumes");
      assertEquals(names(folder), ["checkpoint_1.safetensors"]);
      assertEquals((await latestCheckpoint(folder))?.epoch, 1);
    }),
);

testUnless(
  await missingMount(),
  "checkpoint: a full disk leaves the earlier ones (tmpfs)",
  () =>
    inFolder(async (folder) => {
      const script = `mount -t tmpfs -o size=1m none "$0"; "$@"; ls "$0"`;
      const message = await saveWithLimit(folder, ["unshare", "-rm", "sh", "-c", script, folder]);
      assertMatch(message, /^Cannot save \S+checkpoint_2\.safetensors: No space left on device/);
      assertMatch(message, /\ncheckpoint_1\.safetensors\n$/);
    }),
);

Deno.test("parametersSha256: is what its description says, in any order of the names", () => {
  // printf '["a","I32",[1]]\n\1\0\0\0["b","F32",[]]\n\0\0\200\077' | sha256sum
  const a = { dtype: "I32", shape: [1], data: Int32Array.of(1) } as const;
  const b = { dtype: "F32", shape: [], data: Float32Array.of(1) } as const;
  const expected = "a5aff1fe572cd58d39994ffcc76290f53ade2aaa675c71861986d8cc97ad840f";
  assertEquals(parametersSha256({ a, b }), expected);
  assertEquals(parametersSha256({ b, a }), expected);
  assert(parametersSha256({ a, b: { ...b, shape: [1] } }) !== expected);
});

Deno.test("checkArrays: names the first offending array with both shapes", () => {
  checkArrays(ARRAYS, ARRAYS, "x");
  const spec = { dtype: "F32", shape: [2, 3] };
  assertThrows(
    () => checkArrays(ARRAYS, { ...ARRAYS, "params/w": spec }, "runs/checkpoint_1.safetensors"),
    RangeError,
    'Cannot resume from runs/checkpoint_1.safetensors: for "params/w" it holds F32 [2, 2], but ' +
      "the run needs F32 [2, 3]; use the options that the run was started with",
  );
  const missing = { ...ARRAYS, toString: spec };
  assertThrows(() => checkArrays(ARRAYS, missing, "x"), RangeError, "holds nothing, but the run");
  const { seed: _, ...fewer } = ARRAYS;
  assertThrows(() => checkArrays(ARRAYS, fewer, "x"), RangeError, "I32 [2], but the run needs not");
  const other = { ...ARRAYS, seed: { dtype: "F32", shape: [2] } };
  assertThrows(() => checkArrays(ARRAYS, other, "x"), RangeError, "holds I32 [2], but the run nee");
});
