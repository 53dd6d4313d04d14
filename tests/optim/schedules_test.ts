import { assertEquals, assertThrows } from "@std/assert";
import { schedules } from "../../lib/optim/mod.ts";
import { compile, tf } from "../../lib/tensorflow/mod.ts";
import { fixtureJson } from "../_fixtures.ts";
import { assertClose, scoped, values, withoutLeaks } from "../_tensors.ts";

type Schedule = ReturnType<typeof schedules.constant>;

const at = (schedule: Schedule, step: number) => schedule(tf.scalar(step));

Deno.test(
  "constant is the same at every step",
  scoped(() => {
    for (const rate of [0, 0.1, 3]) {
      for (const step of [0, 1, 1e6]) {
        assertClose(at(schedules.constant(rate), step), [Math.fround(rate)], 0);
      }
    }
  }),
);

Deno.test(
  "cosine goes from the rate to 0, and stays there",
  scoped(() => {
    const schedule = schedules.cosine(0.1, 78000);
    // Of the reference, by its get_cosine_schedule.
    const numbers: [number, number][] = [
      [0, 0.1],
      [390, 0.09999383240938187],
      [7800, 0.0975528284907341],
      [39000, 0.05],
      [70200, 0.0024471699725836515],
      [78000, 0],
      [99999, 0],
    ];
    for (const [step, rate] of numbers) assertClose(at(schedule, step), [rate], 1e-7);
    assertEquals(values(at(schedules.cosine(0.5, 1), 0)), [0.5]);
    assertEquals(values(at(schedules.cosine(0.5, 1), 1)), [0]);
    assertEquals(values(at(schedules.cosine(0, 10), 3)), [0]);
  }),
);

Deno.test(
  "exponential starts at the rate, not at NaN as the reference, and ends at 1.2 % of it",
  scoped(() => {
    const schedule = schedules.exponential(0.1, 200, 390);
    assertClose(at(schedule, 0), [Math.fround(0.1)], 0);
    assertClose(at(schedule, 39000), [0.1 * Math.sqrt(0.012)], 1e-7);
    assertClose(at(schedule, 78000), [0.0012], 1e-8);
    assertClose(at(schedules.exponential(0.1, 0.5, 2), 1), [0.0012], 1e-8);
  }),
);

Deno.test({
  name: "schedules are the reference's at every step that it was asked for",
  fn: scoped(() => {
    for (const config of fixtureJson("lr_schedules.json").configs) {
      const { schedule: kind, learning_rate: rate, num_epochs: epochs, steps, lr } = config;
      const perEpoch = config.steps_per_epoch;
      const schedule = kind === "cosine"
        ? schedules.cosine(rate, epochs * perEpoch)
        : schedules.exponential(rate, epochs, perEpoch);
      steps.forEach((step: number, index: number) => {
        // The reference's exponential divides 0 by 0 at step 0.
        const expected = lr[index] === "nan" ? rate : lr[index];
        // In float32, 1 + cos is exact to a share of 1, not of itself.
        const scale = kind === "cosine" ? rate : expected;
        assertClose(at(schedule, step), [expected], 1e-6 * scale);
      });
    }
  }),
});

Deno.test("schedules give one new tensor, and compile", () =>
  withoutLeaks(() => {
    const all = [
      schedules.constant(0.1),
      schedules.cosine(0.1, 10),
      schedules.exponential(0.1, 2, 5),
    ];
    const compiled = compile((step: tf.Scalar) => ({
      rates: all.map((schedule) => schedule(step)),
      step: tf.add(step, 1),
    }));
    for (const value of [0, 3, 10]) {
      const step = tf.scalar(value);
      const { rates, step: next } = compiled.sync(step);
      all.forEach((schedule, index) => {
        const rate = schedule(step);
        assertEquals([rate.shape, values(rate)], [[], values(rates[index]!)]);
        rate.dispose();
      });
      tf.dispose([...rates, next, step]);
    }
    assertEquals(compiled.traceCount, 1);
    compiled.dispose();
  }));

Deno.test("schedules refuse rates and lengths out of range", () => {
  for (const rate of [-0.1, NaN, Infinity]) {
    const message = `Cannot descend with learning rate ${rate}: it must be finite and >= 0`;
    assertThrows(() => schedules.constant(rate), RangeError, message);
    assertThrows(() => schedules.cosine(rate, 10), RangeError, message);
    assertThrows(() => schedules.exponential(rate, 10, 10), RangeError, message);
  }
  for (const length of [0, -1, NaN, Infinity]) {
    assertThrows(() => schedules.cosine(0.1, length), RangeError, `number of steps of ${length}`);
    assertThrows(
      () => schedules.exponential(0.1, length, 10),
      RangeError,
      `number of epochs of ${length}`,
    );
    assertThrows(
      () => schedules.exponential(0.1, 10, length),
      RangeError,
      `number of steps per epoch of ${length}`,
    );
  }
});
