import { compile, tf } from "../../../lib/tensorflow/mod.ts";
import { difference, outcomeOf, type Runner } from "./_compare.ts";
import { Draw } from "./_draw.ts";
import { drawCase, FAMILIES, type NamedCase } from "./_families.ts";
import { documented } from "./_known.ts";

export interface Batch {
  /** Numbers of the first case and of the one after the last. */
  readonly first: number;
  readonly cases: number;
  readonly seed: number;
  readonly only: readonly string[];
}

/** One case in so many is compiled too, which takes longer. */
const COMPILED_EVERY = 4;

/** What a case of a seed is drawn by. */
export function drawOf(seed: number, number: number): Draw {
  return new Draw(Math.imul(seed, 1_000_003) + number);
}

/** Runs cases of a seed by number and tells of each on standard output, a line of JSON each. */
export function runCases({ first, cases, seed, only }: Batch): void {
  Object.assign(console, { warn() {}, log() {} }); // the cpu backend warns of each refused case
  const names = only.length > 0 ? only : Object.keys(FAMILIES);
  for (let number = first; number < cases; number++) {
    const drawn = drawCase(drawOf(seed, number), names);
    const shapes = drawn.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");
    tell({ begun: number, name: `${drawn.name} ${shapes} ${drawn.text}` });
    const wanted = outcomeOf("cpu", drawn.inputs, drawn.reference ?? drawn.run, eager);
    if ("refusal" in wanted) tell({ refused: 1 });
    const runners: [string, Runner][] = [["", eager]];
    if (number % COMPILED_EVERY === 0) runners.push(["compiled: ", compiled]);
    for (const [how, runner] of runners) report(drawn, how, runner, wanted);
  }
}

function report(
  drawn: NamedCase,
  how: string,
  runner: Runner,
  wanted: ReturnType<typeof outcomeOf>,
): void {
  const tensors = tf.memory().numTensors;
  const actual = outcomeOf("tensorflow", drawn.inputs, drawn.run, runner);
  const left = tf.memory().numTensors - tensors;
  if (left !== 0) return tell({ failure: `${how}${left} tensors are left` });
  if (difference(actual, wanted) === undefined) return;
  const right = documented(drawn, wanted, runner === compiled, actual);
  const found = difference(actual, right ?? wanted);
  if (found !== undefined) tell({ failure: how + found });
  else tell({ known: 1 });
}

const eager: Runner = (run, inputs) => [run(...inputs)].flat();

const compiled: Runner = (run, inputs) => {
  // A function none of whose results depends on an input, as the gradient of a sum, is refused.
  const step = compile(
    (one: tf.Tensor, ...xs: tf.Tensor[]) => [...[run(...xs)].flat(), tf.neg(one)],
    { onTrace: () => {} },
  );
  try {
    return step.sync(tf.scalar(1), ...inputs).slice(0, -1);
  } finally {
    step.dispose();
  }
};

const encoder = new TextEncoder();

export function tell(report: Readonly<Record<string, string | number>>): void {
  Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(report)}\n`));
}
