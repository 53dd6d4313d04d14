import { assertEquals, assertStringIncludes } from "@std/assert";
import { runScript } from "./_process.ts";

// TensorFlow's threads outlive JavaScript: a process that unloads the library under them crashes
// with code 139 or 134.

/** A compiled function that works for some seconds, and a first line when it has begun. */
const BUSY = `
  const { compile, tf } = engine;
  const work = compile((x) => {
    let y = x;
    for (let i = 0; i < 60; i++) y = tf.matMul(y, x);
    return y;
  });
  const running = work(tf.eye(1500));
  console.log("busy");
`;

const finished = { code: 0, signal: null, stderr: "" };

Deno.test("a process ends with code 0 after use, eager and compiled", async () => {
  const script = `
    const { compile, tf } = engine;
    const f = compile((x) => tf.mul(x, 2));
    console.log((await f(tf.scalar(3))).dataSync()[0], f.sync(tf.scalar(4)).dataSync()[0]);`;
  assertEquals(await runScript(script), { ...finished, stdout: "6 8\n" });
});

Deno.test("a process that only imports the engine ends with code 0", async () => {
  const script = `console.log(typeof engine.compile);`;
  assertEquals(await runScript(script), { ...finished, stdout: "function\n" });
});

Deno.test("an uncaught error shows and ends the process with code 1", async () => {
  const script = `engine.tf.add(1, 2).dataSync(); throw new Error("seen by the test");`;
  const { code, signal, stderr } = await runScript(script);
  assertEquals([code, signal], [1, null]);
  assertStringIncludes(stderr, "Error: seen by the test");
});

Deno.test("an uncaught error of TensorFlow shows and ends the process with code 1", async () => {
  const { code, stderr } = await runScript(`
    const { attribute, backend, tf } = engine;
    backend.run("MatMul", [attribute.type("T", 1)], [tf.ones([1]), tf.ones([1])]);`);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "TensorFlowError: Cannot run MatMul");
});

Deno.test("an uncaught error while a call runs ends the process with code 1", async () => {
  const script = `${BUSY} setTimeout(() => { throw new Error("seen by the test"); }, 100);`;
  const { code, signal, stderr } = await runScript(script);
  assertEquals([code, signal], [1, null]);
  assertStringIncludes(stderr, "Error: seen by the test");
});

Deno.test("a rejection that nobody handles while a call runs ends the process with code 1", async () => {
  const script = `${BUSY} setTimeout(() => { Promise.reject(new Error("seen")); }, 100);`;
  const { code, signal, stderr } = await runScript(script);
  assertEquals([code, signal], [1, null]);
  assertStringIncludes(stderr, "Error: seen");
});

Deno.test("Deno.exit while a call runs ends the process with its code", async () => {
  const script = `${BUSY} setTimeout(() => Deno.exit(3), 100);`;
  assertEquals(await runScript(script), { ...finished, code: 3, stdout: "busy\n" });
});

for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${name} while a call runs ends the process by that signal`, async () => {
    const { signal, stderr } = await runScript(`${BUSY} await running;`, {
      onStarted: (process) => setTimeout(() => process.kill(name), 100),
    });
    assertEquals([signal, stderr], [name, ""]);
  });
}

Deno.test("a process that handles SIGINT can finish what runs and end with its own code", async () => {
  const script = `
    const stopped = Promise.withResolvers();
    Deno.addSignalListener("SIGINT", () => stopped.resolve());
    ${BUSY.replace("1500", "900")}
    await stopped.promise;
    console.log("stopping", (await running).shape.join());
    Deno.exit(130);`;
  assertEquals(
    await runScript(script, {
      onStarted: (process) => setTimeout(() => process.kill("SIGINT"), 100),
    }),
    { ...finished, code: 130, stdout: "busy\nstopping 900,900\n" },
  );
});

Deno.test("a process ends by itself after a call that nothing awaits", async () => {
  const script = BUSY.replace("1500", "300");
  assertEquals(await runScript(script), { ...finished, stdout: "busy\n" });
});
