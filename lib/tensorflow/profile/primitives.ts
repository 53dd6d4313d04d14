import { CAN_CAPTURE, capturedOutput } from "../native/mod.ts";

/** One execution of a primitive of oneDNN, by its own clock. */
export interface PrimitiveRecord {
  /** For example `convolution`. */
  readonly primitive: string;
  /** For example `backward_weights`; empty where it has none. */
  readonly direction: string;
  /** What computed it, by which instructions, for example `jit:avx512_core_bf16`; empty if untold. */
  readonly implementation: string;
  /** Of its tensors, each once, in oneDNN's names, for example `bf16`. */
  readonly dtypes: readonly string[];
  /** Its sizes, for example `mb64_ic64oc64_ih32oh32kh3sh1dh0ph1_iw32ow32kw3sw1dw0pw1`. */
  readonly problem: string;
  readonly milliseconds: number;
}

/** Either makes oneDNN tell on standard output what it executes; read once, at its first use. */
const VARIABLES = ["ONEDNN_VERBOSE", "DNNL_VERBOSE"];

/** What oneDNN's lines begin with, whichever part of it they are of. */
const LINE = /^onednn_verbose,/;

/** An execution; there is a time of day before it with `ONEDNN_VERBOSE_TIMESTAMP=1`. */
const EXECUTION = /^onednn_verbose,v1,(?:[\d.]+,)?primitive,exec,/;

/**
 * What oneDNN executed while `fn` ran: nothing unless the environment makes it tell, and on Linux
 * alone. What else was written to standard output meanwhile is written afterwards.
 */
export function withPrimitives<T>(
  fn: () => T,
): { readonly result: T; readonly primitives: PrimitiveRecord[] } {
  if (!CAN_CAPTURE || !VARIABLES.some((name) => Deno.env.has(name))) {
    return { result: fn(), primitives: [] };
  }
  const { result, text } = capturedOutput(fn);
  const lines = text.split("\n");
  const others = lines.filter((line) => !LINE.test(line)).join("\n");
  if (others !== "") Deno.stdout.writeSync(new TextEncoder().encode(others));
  return { result, primitives: primitivesIn(lines) };
}

/**
 * The executions in lines of oneDNN; other lines are passed over.
 *
 * Source: "Verbose Mode" of oneDNN 3.7's developer guide; its `primitive,info,template` line names the fields.
 */
export function primitivesIn(lines: readonly string[]): PrimitiveRecord[] {
  return lines.flatMap((line) => {
    const [head] = EXECUTION.exec(line) ?? [];
    if (head === undefined) return [];
    const fields = line.slice(head.length).split(",");
    const [, primitive, implementation, direction, tensors, , , problem, time] = fields;
    const milliseconds = Number(time);
    if (tensors === undefined || problem === undefined || !(milliseconds >= 0)) return [];
    return [{
      primitive: primitive!,
      direction: direction === "undef" ? "" : direction!,
      implementation: implementation!,
      dtypes: dtypesOf(tensors),
      problem,
      milliseconds,
    }];
  });
}

/** In `src:bf16::blocked:acdb::f0 wei:bf16:a:blocked:… bia:undef::undef::: dst:…`, or `src_f32::…`. */
function dtypesOf(tensors: string): string[] {
  const found = tensors.matchAll(/(?:^| )\w+?[:_]([a-z]+\d\w*):/g);
  return [...new Set(Array.from(found, ([, dtype]) => dtype!))];
}
