import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  backend,
  compile,
  forEachLeaf,
  TensorFlowError,
  tf,
  type TraceReport,
} from "../../lib/tensorflow/mod.ts";
import { leavesNothing } from "./_leaks.ts";

/** The reasons for which a function is traced, call by call; null if it is not. */
function reasons(calls: readonly unknown[][]): (string | undefined | null)[] {
  const reports: TraceReport[] = [];
  const onTrace = (report: TraceReport) => reports.push(report);
  const f = compile((...args: unknown[]) => tf.add(firstTensor(args), 1), { onTrace, name: "f" });
  const found = calls.map((args) => {
    const before = reports.length;
    f.sync(...args).dispose();
    return reports.length === before ? null : reports.at(-1)!.reason;
  });
  f.dispose();
  tf.dispose(calls as unknown as tf.TensorContainer);
  return found;
}

function firstTensor(tree: unknown): tf.Tensor {
  let first: tf.Tensor | undefined;
  forEachLeaf(tree, (leaf) => {
    if (leaf instanceof tf.Tensor) first ??= leaf;
  });
  return first!;
}

Deno.test("compile traces anew for new shapes and dtypes, and tells why", () =>
  leavesNothing(() => {
    const calls = [
      [tf.ones([8, 10])],
      [tf.ones([8, 10])],
      [tf.ones([16, 10])],
      [tf.ones([16])],
      [tf.ones([16], "int32")],
      [tf.ones([8, 10])],
    ];
    assertEquals(reasons(calls), [
      undefined,
      null,
      "argument 0 is float32[16,10], not float32[8,10]",
      "argument 0 is float32[16], not float32[16,10]",
      "argument 0 is int32[16], not float32[16]",
      null,
    ]);
    assertEquals(reasons([[tf.ones([16])], [tf.ones([16, 10])]]), [
      undefined,
      "argument 0 is float32[16,10], not float32[16]",
    ]);
  }));

Deno.test("compile traces anew for new structures, and tells where", () =>
  leavesNothing(() => {
    const [a, b] = [() => tf.scalar(1), () => tf.scalar(2)];
    assertEquals(reasons([[{ a: a(), b: [b()] }], [{ b: [b()], a: a() }]]), [undefined, null]);
    const pairs: [before: unknown[], after: unknown[], reason: string][] = [
      [[{ a: a() }], [{ a: a(), b: b() }], "argument 0 has the keys a,b, not a"],
      [[{ a: a() }], [{ a: [a()] }], "argument 0.a is an array, not a tensor"],
      [[[a()]], [[a(), b()]], "argument 0 has 2 items, not 1"],
      [[a(), [b()]], [a(), { 0: b() }], "argument 1 is a record, not an array"],
      [[a()], [a(), b()], "2 arguments, not 1"],
      [[a(), { x: { y: 1 } }], [a(), { x: { y: 2 } }], "argument 1.x.y is 2, not 1"],
    ];
    for (const [before, after, reason] of pairs) {
      assertEquals(reasons([before, after]), [undefined, reason]);
    }
  }));

Deno.test("compile traces anew for other plain values, whatever they are", () =>
  leavesNothing(() => {
    const values = [1, 2, NaN, 0, -0, "a", "1", 1n, true, null, undefined];
    const calls = [...values, ...values].map((value) => [tf.scalar(1), value]);
    const found = reasons(calls);
    assertEquals(found.slice(values.length), values.map(() => null));
    assertEquals(found.slice(0, 9), [
      undefined,
      "argument 1 is 2, not 1",
      "argument 1 is NaN, not 2",
      "argument 1 is 0, not NaN",
      "argument 1 is -0, not 0",
      'argument 1 is "a", not -0',
      'argument 1 is "1", not "a"',
      'argument 1 is 1n, not "1"',
      "argument 1 is true, not 1n",
    ]);
  }));

Deno.test("compile tells a record with an undefined value from one without the key", () =>
  leavesNothing(() => {
    const calls = [{ x: undefined, z: 1 }, { y: undefined, z: 1 }].map((r) => [tf.scalar(1), r]);
    assertEquals(reasons(calls), [undefined, "argument 1 has the keys y,z, not x,z"]);
  }));

Deno.test("compile reports each trace", () =>
  leavesNothing(() => {
    const reports: TraceReport[] = [];
    const f = compile((x: tf.Tensor) => tf.neg(x), {
      name: "negate",
      onTrace: (report) => reports.push(report),
    });
    for (const size of [1, 2]) {
      const x = tf.ones([size]);
      tf.dispose([f.sync(x), x]);
    }
    assertEquals(reports.map(({ name, count, nodes }) => [name, count, nodes]), [
      ["negate", 1, 3], // the argument, its negative, the result
      ["negate", 2, 3],
    ]);
    assertEquals(reports.every(({ milliseconds }) => milliseconds > 0), true);
    f.dispose();
  }));

Deno.test("compile reads what is used twice once: captured tensors and constants", () =>
  leavesNothing(() => {
    const nodes: number[] = [];
    const captured = tf.scalar(2);
    const onTrace = (report: TraceReport) => void nodes.push(report.nodes);
    const outside = compile((x: tf.Tensor) => tf.add(tf.mul(x, captured), captured), { onTrace });
    const constant = compile((x: tf.Tensor) => {
      const seven = tf.scalar(7);
      return tf.add(tf.mul(x, seven), seven);
    }, { onTrace });
    const x = tf.scalar(3);
    for (const fn of [outside, constant]) {
      fn.sync(x).dispose();
      fn.dispose();
    }
    assertEquals(nodes, [5, 5]); // two inputs or a constant, product, sum, result
    tf.dispose([captured, x]);
  }));

Deno.test("compile warns from the fifth trace on, naming function and reason", () =>
  leavesNothing(() => {
    const warnings: string[] = [];
    const { console } = globalThis;
    const { warn } = console;
    Object.assign(console, { warn: (text: string) => warnings.push(text) });
    try {
      const scale = compile(function scale(x: tf.Tensor, by: number) {
        return tf.mul(x, by);
      });
      const x = tf.scalar(1);
      for (let by = 1; by <= 6; by++) {
        assertEquals(warnings.length, Math.max(0, by - 5));
        scale.sync(x, by).dispose();
      }
      assertStringIncludes(warnings[0]!, "scale was traced 5 times");
      assertStringIncludes(warnings[0]!, "argument 1 is 5, not 4. Pass what changes as a tensor");
      assertEquals(scale.traceCount, 6);
      scale.dispose();
      x.dispose();
    } finally {
      Object.assign(console, { warn });
    }
  }));

Deno.test("compiled functions trace anew after they were disposed", () =>
  leavesNothing(async () => {
    const f = compile((x: tf.Tensor) => tf.square(x));
    const x = tf.scalar(3);
    f.dispose();
    for (let i = 1; i <= 3; i++) {
      tf.tidy(() => assertEquals([f.sync(x).dataSync()[0], f.traceCount], [9, i]));
      f.dispose();
      f.dispose();
    }
    // A call that runs goes on.
    const running = f(x);
    f.dispose();
    const y = await running;
    assertEquals(y.dataSync()[0], 9);
    tf.dispose([x, y]);
  }));

/** Whether TensorFlow has a function that was compiled under this title. */
function isThere(title: string, x: tf.Tensor): boolean {
  return Array.from({ length: 1000 }, (_, number) => `sam_${number}_${title}`).some((name) => {
    try {
      const [id] = backend.binding.execute(name, [], [backend.handleId(x)], 1);
      backend.binding.deleteTensor(id!);
      return true;
    } catch (error) {
      if (error instanceof TensorFlowError) return false;
      throw error;
    }
  });
}

Deno.test("compiled functions are taken out of TensorFlow, at the latest after their last call", () =>
  leavesNothing(async () => {
    const x = tf.scalar(3);
    const now = compile((x: tf.Tensor) => tf.square(x), { name: "removed_now" });
    now.sync(x).dispose();
    assert(isThere("removed_now", x));
    now.dispose();
    assert(!isThere("removed_now", x));
    const later = compile((x: tf.Tensor) => tf.square(x), { name: "removed_later" });
    const running = [later(x), later(x)];
    later.dispose();
    assert(isThere("removed_later", x));
    tf.dispose(await Promise.all(running));
    assert(!isThere("removed_later", x));
    x.dispose();
  }));
