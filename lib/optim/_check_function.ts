/**
 * Refuses what cannot be called where a gradient function is expected.
 *
 * @param action what is done with it, as the message begins: "perturb"
 * @throws TypeError for anything else than a function
 */
export function checkGradientFunction(action: string, gradient: unknown): void {
  if (typeof gradient === "function") return;
  const isStateful = typeof gradient === "object" && gradient !== null && "update" in gradient;
  throw new TypeError(
    isStateful
      ? `Cannot ${action} a gradient with a memory: what has an \`init\` and an \`update\` comes last, ` +
        "around a gradient function"
      : `Cannot ${action} ${gradient}: give a gradient function, such as valueAndGrad(loss)`,
  );
}
