import * as tf from "@tensorflow/tfjs";

/** TensorFlow.js's functions that draw their numbers in JavaScript. */
const drawing = new Set([
  "rand",
  "randomGamma",
  "randomNormal",
  "randomStandardNormal",
  "randomUniform",
  "randomUniformInt",
  "truncatedNormal",
]);

/**
 * Runs `body` while random numbers drawn in JavaScript are refused: in a trace they would become
 * constants, the same at every call.
 *
 * @param name of the function that is traced, for the error
 */
export function withoutJavaScriptRandomness<T>(name: string, body: () => T): T {
  const refuse = (what: string): never => {
    throw new Error(
      `Cannot draw random numbers with ${what} while ${name} is being traced: they would be the ` +
        "same at every call. Use `random`, with a seed that is an argument",
    );
  };
  const engine = tf.engine() as unknown as { startScope(name?: string): void };
  const { startScope } = engine;
  const { random } = Math;
  // TensorFlow.js opens a scope for each function of its API, named after it.
  engine.startScope = function (scope) {
    const [, called = ""] = /^(.*)__op$/.exec(scope ?? "") ?? [];
    if (drawing.has(called)) refuse(`tf.${called}`);
    startScope.call(this, scope);
  };
  Math.random = () => refuse("Math.random");
  try {
    return body();
  } finally {
    Math.random = random;
    engine.startScope = startScope;
  }
}
