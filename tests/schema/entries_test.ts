import { assertEquals, assertThrows } from "@std/assert";
import {
  boolean,
  choice,
  entry,
  entryWords,
  integer,
  list,
  nearName,
  number,
  optionalEntry,
  orNone,
  parseEntries,
  requiredEntry,
  shown,
  text,
} from "../../lib/schema/mod.ts";

const entries = {
  name: requiredEntry(text(), "A name"),
  rate: entry(number({ min: 0, aboveMin: true, max: 1 }), "A rate", 0.5),
  clip: entry(orNone(number({ min: 0 })), "Clipping", "none"),
  kind: optionalEntry(choice("a", "b"), "A kind"),
  at: entry(list(integer({ min: 0, max: 9, belowMax: true })), "When", [1]),
  is: entry(boolean(), "Whether", true),
};

const parse = (given: Record<string, unknown>) =>
  parseEntries(entries, given, {
    unknown: (name) => new Error(`unknown ${name}`),
    wrong: (name, value, expected) => new Error(`${name} ${value}: ${expected}`),
  });

Deno.test("entries: what is given, else the default, else nothing; with types", () => {
  const values = parse({ name: "x", rate: 1, kind: undefined });
  const { rate, clip, kind, at }: {
    rate: number;
    clip: number | "none";
    kind?: "a" | "b" | undefined;
    at: readonly number[];
  } = values;
  assertEquals({ rate, clip, kind, at }, { rate: 1, clip: "none", kind: undefined, at: [1] });
  assertEquals(values, { name: "x", rate: 1, clip: "none", at: [1], is: true });
});

Deno.test("entries: names that there are not, and values that cannot be, are refused", () => {
  const cases: [given: Record<string, unknown>, message: string][] = [
    [{}, "name undefined: a text"],
    [{ name: " " }, 'name " ": a text'],
    [{ name: "x", rate: 0 }, "rate 0: a number > 0 and <= 1"],
    [{ name: "x", rate: "1" }, 'rate "1": a number > 0 and <= 1'],
    [{ name: "x", clip: -1 }, "clip -1: a number >= 0, or none"],
    [{ name: "x", clip: "off" }, 'clip "off": a number >= 0, or none'],
    [{ name: "x", kind: "c" }, 'kind "c": one of a, b'],
    [{ name: "x", at: 1 }, "at 1: a list, each an integer >= 0 and < 9"],
    [{ name: "x", at: [9] }, "at [9]: a list, each an integer >= 0 and < 9"],
    [{ name: "x", is: 1 }, "is 1: true or false"],
    [{ name: "x", other: 1 }, "unknown other"],
    [{ name: "x", toString: 1 }, "unknown toString"],
  ];
  for (const [given, message] of cases) {
    assertEquals(assertThrows(() => parse(given), Error).message, message);
  }
});

Deno.test("entries: know their words", () => {
  const { description, fallback, isRequired, kind, repeats } = entryWords(entries.at);
  assertEquals([description, fallback, isRequired, kind, repeats], [
    ...["When", [1], false, "integer,…", true],
  ]);
  assertEquals(entryWords(entries.name).isRequired, true);
  assertEquals(entryWords(entries.kind).fallback, undefined);
});

Deno.test("nearName: a beginning, a slip, a part; else nothing", () => {
  const known = ["learningRate", "batchSize", "epochs", "m"];
  const cases: [name: string, near: string | undefined][] = [
    ["learning_rate", "learningRate"],
    ["batch", "batchSize"],
    ["epcohs", "epochs"],
    ["bacthSize", "batchSize"],
    ["trainEpochs", "epochs"],
    ["momentum", undefined],
    ["x", undefined],
  ];
  for (const [name, near] of cases) assertEquals(nearName(name, known), near, name);
  assertEquals(nearName("name", []), undefined);
});

Deno.test("shown: values as one would write them", () => {
  assertEquals([NaN, "a", undefined, null, [1], 1n].map(shown), [
    ...["NaN", '"a"', "undefined", "null", "[1]", "1"],
  ]);
});
