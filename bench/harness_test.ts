import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { contest } from "./_contest.ts";
import { PeerProcess } from "./_peer_process.ts";
import type { Entry } from "./_entries.ts";
import { type Circumstances, type Row, table, verdict, writeRows } from "./_report.ts";
import { inRounds, median, timing } from "./_rounds.ts";
import { type Session, WRN_10_1 } from "./_session.ts";
import { benchPython, NoPythonError } from "./_venv.ts";
import { checkOut } from "./_checkout.ts";
import { UsageError } from "./_usage_error.ts";
import { parse } from "./main.ts";

const setup = { ...WRN_10_1, task: "sam", mode: "eager" } as const;

function fake(flaw = "none"): Entry {
  const script = `${import.meta.dirname}/peers/_fake.ts`;
  const args = ["run", "--quiet", "--no-prompt", script, flaw];
  return { label: `fake (${flaw})`, command: Deno.execPath(), args, setup };
}

function session(): Session {
  return {
    python: undefined,
    network: WRN_10_1,
    precision: "float32",
    rounds: 2,
    steps: 2,
    quick: true,
    versions: new Set(),
    missing: new Set(),
  };
}

Deno.test("a peer answers its four methods", async () => {
  await using peer = new PeerProcess(fake());
  assertEquals(await peer.hello(), { name: "Fake", version: "1", threads: 1 });
  await peer.setup(setup);
  assertEquals(await peer.run(3), { ms: [1, 2, 3], loss: 1 });
  const { peakBytes, residentBytes, tensors } = await peer.memory();
  assert(peakBytes >= residentBytes && residentBytes > 1e6);
  assertEquals(tensors, 7);
  if (Deno.build.os !== "linux") return;
  const fileBytes = await peer.fileBytes();
  assert(fileBytes > 1e6 && fileBytes < residentBytes, `${fileBytes} of ${residentBytes}`);
});

Deno.test("what a library prints is not taken for an answer", async () => {
  await using peer = new PeerProcess(fake("print"));
  assertEquals((await peer.run(1)).ms, [1]);
});

Deno.test("a peer lives on after a failed request", async () => {
  await using peer = new PeerProcess(fake("fail"));
  await assertRejects(() => peer.run(1), Error, "out of luck");
  assertEquals((await peer.hello()).name, "Fake");
});

Deno.test("a loss that is not finite is refused", async () => {
  await using peer = new PeerProcess(fake("nan"));
  await assertRejects(() => peer.run(1), RangeError, "its loss is null");
});

Deno.test("a peer that hangs is ended after its time", async () => {
  await using peer = new PeerProcess(fake("hang"), { run: 100 });
  await peer.hello();
  await assertRejects(() => peer.run(1), Error, "no answer within 0.1 s");
});

Deno.test("a peer that ends says with which code", async () => {
  await using peer = new PeerProcess(fake("end"));
  await assertRejects(() => peer.run(1), Error, "ended with code 3");
});

Deno.test("a program that is not there cannot be started", () => {
  assertThrows(
    () => new PeerProcess({ label: "nobody", command: "/no/such/program", args: [] }),
    Error,
    "Cannot start nobody",
  );
});

Deno.test("a contest goes on without those that fail, and says so", async () => {
  const run = session();
  const timings = await contest(run, [fake(), fake("fail")]);
  // 3 + 1 warm-up steps, then two rounds of two.
  assertEquals(timings.get("fake (none)")?.ms, [5, 6, 7, 8]);
  assertEquals(timings.size, 1);
  assertEquals([...run.versions], ["Fake 1 (1 threads)"]);
  assertStringIncludes([...run.missing].join(), "fake (fail): Error: out of luck");
});

Deno.test("rounds go in turn, each beginning with the next", async () => {
  const turns: string[] = [];
  const contestants = ["a", "b", "c"].map((label) => ({
    label,
    run(steps: number) {
      turns.push(label);
      return Promise.resolve({ ms: Array.from({ length: steps }, () => 1) });
    },
  }));
  const timings = await inRounds(contestants, { warmUp: 1, rounds: 3, steps: 2, pause: 0 });
  assertEquals(turns.join(""), "abc" + "abc" + "bca" + "cab");
  assertEquals(timings.map(({ ms }) => ms.length), [6, 6, 6]);
  await assertRejects(() => inRounds(contestants, { rounds: 0 }), RangeError, "must be >= 1");
});

Deno.test("medians and minima", () => {
  assertEquals(timing("x", [5, 1, 9]), { label: "x", median: 5, minimum: 1, ms: [5, 1, 9] });
  assertEquals(median([10, 9]), 9.5);
  assertThrows(() => median([]), RangeError);
});

const where: Circumstances = {
  date: "2026-01-01T00:00:00.000Z",
  machine: "2 × test",
  versions: "Deno 0",
  load: 0,
  quick: false,
};

const row: Row = {
  name: "step",
  value: 1559.4,
  unit: "ms",
  minimum: 1550,
  peer: "PyTorch",
  ratio: 0.94,
  required: { of: "ratio", sense: "at most", limit: 0.95 },
};

Deno.test("a requirement is judged by the figure that it is about", () => {
  assertEquals(verdict(row), "pass");
  assertEquals(verdict({ ...row, ratio: 0.96 }), "FAIL");
  assertEquals(verdict({ ...row, ratio: null }), "FAIL");
  assertEquals(
    verdict({ ...row, required: { of: "value", sense: "at least", limit: 2e3 } }),
    "FAIL",
  );
  assertEquals(verdict({ ...row, value: NaN }), "pass");
  const { required: _, ...free } = row;
  assertEquals(verdict(free), "");
});

Deno.test("the table shows figures and verdicts, a quick run's no verdicts", () => {
  const text = table([row], where);
  assertStringIncludes(text, "1,559");
  assertStringIncludes(text, "ratio at most 0.95 | pass");
  assert(!table([row], { ...where, quick: true }).includes("pass"));
});

Deno.test("rows are written whole, each with where and when", async () => {
  const folder = await Deno.makeTempDir();
  await writeRows(`${folder}/rows.json`, [row, row], where);
  const rows = JSON.parse(await Deno.readTextFile(`${folder}/rows.json`));
  assertEquals(rows.length, 2);
  const { name, value, unit, peer, ratio, verdict, machine } = rows[0];
  assertEquals([name, value, unit, peer, ratio], ["step", 1559.4, "ms", "PyTorch", 0.94]);
  assertEquals([verdict, machine], ["pass", "2 × test"]);
  assertEquals([...Deno.readDirSync(folder)].length, 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the command line", () => {
  assertEquals(parse(["--help"]), undefined);
  const options = parse(["--only", "memory,startup", "--rounds", "2", "--no-python"]);
  assertEquals(options?.only.map(({ name }) => name), ["memory", "startup"]);
  assertEquals([options?.rounds, options?.python, options?.quick], [2, false, false]);
  assertEquals(parse(["--quick"])?.rounds, 2);
  assertEquals([parse([])?.readme, parse(["--readme"])?.readme], [false, true]);
  assert(!parse([])!.only.some(({ name }) => name === "against"));
  const { only, python } = parse(["--against", "HEAD"])!;
  assertEquals([only.map(({ name }) => name), python], [["against"], false]);
  for (const args of [["--only", "x"], ["--rounds", "0"], ["--rounds", "a"], ["--x"], ["stray"]]) {
    assertThrows(() => parse(args), UsageError, args.at(-1));
  }
});

Deno.test("another commit is checked out and removed, an unknown one is refused", async () => {
  let folder = "";
  {
    await using checkout = await checkOut("HEAD");
    folder = checkout.folder;
    assert((await Deno.stat(`${folder}/bench/peers/sam_deno.ts`)).isFile);
    assert(/^[0-9a-f]{7,}$/.test(checkout.name));
  }
  await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  await assertRejects(() => checkOut("no-such-commit"), UsageError, "no-such-commit");
});

Deno.test("without Python the message says what to do", async () => {
  await assertRejects(
    () => benchPython({ folder: "/nowhere/at/all", pythons: ["/no/such/python"] }),
    NoPythonError,
    "--no-python",
  );
});
