import { commandLine } from "../system/mod.ts";
import { locateTensorFlow } from "../tensorflow/install/mod.ts";
import { failedBy, type MachineCheck, works } from "./_machine_check.ts";
import { ownCommand } from "./_own_command.ts";

/** TensorFlow and what it computes with, in a process of its own, which a damaged library may end. */
export async function engineChecks(): Promise<MachineCheck[]> {
  const { stdout, stderr, signal, code } = await new Deno.Command(Deno.execPath(), {
    args: ownCommand(["doctor", "--engine"]),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  try {
    return JSON.parse(decoder.decode(stdout));
  } catch {
    const said = decoder.decode(stderr).trim().split("\n").at(-1) ?? "";
    const ended = `its process ended with ${signal ?? `exit code ${code}`}`;
    const found = said === "" ? ended : `${ended}: ${said}`;
    return [{ name: "TensorFlow", state: "failed", found, remedy: fetchAgain() }];
  }
}

/** The same in this process: without TensorFlow nothing is said of what it has. */
export async function engineChecksHere(): Promise<MachineCheck[]> {
  const engine = await tensorFlow();
  return engine.state === "works" ? [engine, await devices(), await bfloat16()] : [engine];
}

async function tensorFlow(): Promise<MachineCheck> {
  try {
    const { folder, source } = locateTensorFlow();
    const { backend, tf } = await import("../tensorflow/mod.ts");
    const three = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
    if (three !== 3) throw new Error(`1 + 2 is ${three}`);
    return works("TensorFlow", `${backend.binding.TF_Version}, ${folder} (${source})`);
  } catch (error) {
    return failedBy("TensorFlow", error, fetchAgain());
  }
}

/** The cure of an installation that is damaged. */
function fetchAgain(): string {
  const own = Deno.env.get("SAM_TENSORFLOW") ? "Unset SAM_TENSORFLOW, and run" : "Run";
  return `${own} \`${commandLine("setup --force")}\`, which fetches it anew`;
}

async function devices(): Promise<MachineCheck> {
  const { listDevices } = await import("../tensorflow/mod.ts");
  const found = listDevices().map(({ type }) => type);
  const counts = [...new Set(found)].map((type) =>
    `${found.filter((one) => one === type).length} × ${type}`
  );
  return works("devices", counts.join(", "));
}

async function bfloat16(): Promise<MachineCheck> {
  const { lacksBfloat16Units } = await import("../tensorflow/mod.ts");
  const reason = lacksBfloat16Units();
  if (reason === undefined) return works("bfloat16", "TensorFlow computes it in units of its own");
  const remedy =
    "Train in float32, the default: bfloat16 is correct here, and several times slower";
  return { name: "bfloat16", state: "missing", found: reason, remedy };
}
