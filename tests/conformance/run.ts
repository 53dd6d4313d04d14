/**
 * Runs the published test suites of TensorFlow.js core and of tfjs-node on the `tensorflow` backend.
 *
 * `deno task conformance [--grep PATTERN] [--verbose]`. The last line counts what passed, failed
 * and was skipped; the exit code is 1 if anything failed.
 *
 * @module
 */
import jasmineRequire from "jasmine-core/lib/jasmine-core/jasmine.js";
import { parseArgs } from "node:util";
import { IGNORED } from "./ignored.ts";
import { defineSpecs, watchCore } from "./_suite.ts";

/** How many specs the suites of version 4.22.0 have for a backend outside of browsers: core's, tfjs-node's. */
const SPECS = 4225 + 160;

const EVERYTHING = ".";

const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
const { pattern, verbose } = readOptions();

const started = performance.now();
const jasmine = jasmineRequire.core(jasmineRequire);
const env = jasmine.getEnv({ suppressLoadErrors: true });
Object.assign(globalThis, jasmineRequire.interface(jasmine, env), { jasmine });
jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;

// The suites provoke many warnings.
if (!verbose) Object.assign(console, { log() {}, info() {}, warn() {} });

watchCore();
await import("../../lib/tensorflow/backend/backend.ts");
const { defineNodeSpecs } = await import("./_node_suite.ts");
defineNodeSpecs(await defineSpecs(jasmineRequire, "tensorflow"));

const ignored = new Map(IGNORED.map(({ name }) => [name, false]));
const count = { passed: 0, failed: 0, skipped: 0, disabled: 0 };
let lastProgress = 0;

function readOptions(): { pattern: RegExp; verbose: boolean } {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: { grep: { type: "string" }, verbose: { type: "boolean" } },
    });
    return { pattern: new RegExp(values.grep ?? EVERYTHING), verbose: values.verbose ?? false };
  } catch (error) {
    write(`conformance: ${(error as Error).message.split("\n")[0]}\n`);
    Deno.exit(2);
  }
}

function fail(what: string, messages: string[]): void {
  count.failed++;
  const lines = messages.map((message) => message.slice(0, 600).replaceAll("\n", "\n    "));
  write(`${clearLine()}FAILED ${what}\n    ${lines.join("\n    ")}\n`);
}

function clearLine(): string {
  return Deno.stdout.isTerminal() ? "\r\x1b[K" : "";
}

function progress(name: string): void {
  const interval = Deno.stdout.isTerminal() ? 100 : 15_000;
  if (performance.now() - lastProgress < interval) return;
  lastProgress = performance.now();
  const done = count.passed + count.failed + count.skipped;
  const line = `${done} specs, ${count.failed} failed: ${name}`.slice(0, 100);
  write(Deno.stdout.isTerminal() ? clearLine() + line : `${line}\n`);
}

interface SpecResult {
  fullName: string;
  status: "passed" | "failed" | "pending" | "excluded";
  failedExpectations: { message: string }[];
}

env.configure({
  random: false,
  specFilter: (spec: { getFullName(): string }) => pattern.test(spec.getFullName()),
});
env.addReporter({
  specStarted: (spec: SpecResult) => progress(spec.fullName),
  specDone({ fullName, status, failedExpectations }: SpecResult) {
    if (status === "excluded") return;
    if (status === "pending") {
      count.disabled++;
    } else if (ignored.has(fullName)) {
      ignored.set(fullName, true);
      if (status === "failed") count.skipped++;
      else fail(fullName, ["It passes: take it out of ignored.ts"]);
    } else if (status === "passed") count.passed++;
    else fail(fullName, failedExpectations.map(({ message }) => message));
  },
  suiteDone({ fullName, failedExpectations }: SpecResult) {
    if (failedExpectations.length > 0) fail(fullName, failedExpectations.map((f) => f.message));
  },
});
const result = await env.execute();
for (const failure of result?.failedExpectations ?? []) fail("the suite", [failure.message]);
for (const [name, seen] of ignored) {
  if (!seen && pattern.test(name)) fail(name, ["It matches no spec: take it out of ignored.ts"]);
}

const ran = count.passed + count.failed + count.skipped;
if (ran === 0) fail("the suite", [`No spec matches ${pattern}`]);
if (ran < SPECS && pattern.source === EVERYTHING) {
  fail("the suite", [`It has ${SPECS} specs, but only ${ran} ran`]);
}

const seconds = (performance.now() - started) / 1000;
const mebibytes = Deno.memoryUsage().rss / 2 ** 20;
write(
  `${clearLine()}${seconds.toFixed(0)} s, ${mebibytes.toFixed(0)} MiB resident at the end, ` +
    `${count.disabled} more specs are disabled by the suite itself\n` +
    `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
);
Deno.exit(count.failed > 0 ? 1 : 0);
