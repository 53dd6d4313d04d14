/** Commands that begin other processes are told to end, or killed: nothing is left running. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { freePorts } from "../../lib/system/mod.ts";
import { missingLab } from "../_lab.ts";
import { testUnless } from "../_skip.ts";
import { until } from "../_wait.ts";
import { familyOf, isRunning, missingProc } from "../kernel/_processes.ts";
import { cli, tinyConfig, withFolder } from "../train/_runs.ts";

/** Waits until no process of a family is there. */
async function assertGone(family: readonly number[]): Promise<void> {
  await until(() => !family.some(isRunning), `the end of all of ${family}`);
}

const isThere = (path: string) => {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
};

const endless = (mark: string) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: [{
    id: "endless",
    cell_type: "code",
    metadata: {},
    execution_count: null,
    outputs: [],
    source: `await Deno.writeTextFile(${JSON.stringify(mark)}, "");
      for (;;) await new Promise((done) => setTimeout(done, 50));`,
  }],
});

testUnless(
  missingProc ?? missingLab,
  "report: on SIGTERM papermill and the kernel end, and the code is 143",
  () =>
    withFolder(async (folder) => {
      const [path, mark] = [join(folder, "endless.ipynb"), join(folder, "mark")];
      await Deno.writeTextFile(path, JSON.stringify(endless(mark)));
      await using report = cli(["report", path, "--output", join(folder, "reports")]);
      await report.until(() => isThere(mark));
      const family = familyOf(report.pid);
      assert(family.length > 3, `only ${family.length} processes`);
      report.kill("SIGTERM");
      assertEquals((await report.ended).code, 143);
      await assertGone(family);
    }),
);

testUnless(
  missingProc ?? missingLab,
  "lab: on SIGTERM JupyterLab ends, and the code is 143",
  () =>
    withFolder(async (folder) => {
      const [port] = freePorts(1);
      await using lab = cli(["lab", "--no-browser", "--port", `${port}`, "--folder", folder]);
      await lab.until("/lab?token=");
      const family = familyOf(lab.pid);
      assert(family.length > 1, "JupyterLab is no child");
      lab.kill("SIGTERM");
      assertEquals((await lab.ended).code, 143);
      await assertGone(family);
    }),
);

testUnless(
  missingProc,
  "sweep: its processes save and end once it is killed",
  () =>
    withFolder(async (folder) => {
      const file = join(folder, "long.ts");
      const base = { ...tinyConfig, epochs: 5000 };
      const experiment = { name: "long", base, grid: { samRho: [0, 0.05] }, seeds: [0] };
      await Deno.writeTextFile(file, `export default ${JSON.stringify(experiment)};`);
      const runs = join(folder, "runs");
      let family: number[];
      {
        await using sweep = cli(["sweep", file, "--jobs", "2", "--output-dir", runs]);
        const locks = () => [...filesBelow(runs)].filter((name) => name === "lock.json").length;
        await sweep.until(() => locks() === 2);
        family = familyOf(sweep.pid);
        sweep.kill("SIGKILL");
      }
      assertEquals(family.length, 3);
      await assertGone(family);
      const saved = [...filesBelow(runs)].filter((name) => /^checkpoint_\d+\./.test(name));
      assert(saved.length >= 2, `${saved.length} checkpoints`);
    }),
);

function* filesBelow(folder: string): Generator<string> {
  if (!isThere(folder)) return;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesBelow(join(folder, name));
    else yield name;
  }
}
