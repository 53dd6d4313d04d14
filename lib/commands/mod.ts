/** The commands by name. @module */
import type { Entries } from "../schema/mod.ts";
import type { Output } from "../terminal/mod.ts";
import type { Command } from "./_command.ts";

export { CALLED } from "./_command.ts";
export { UsageError } from "./_flags.ts";

/** A command that is loaded. */
export interface LoadedCommand {
  readonly command: Command<Entries, Entries>;
  /** @returns the exit code */
  readonly run: (args: readonly string[], output: Output) => Promise<number>;
}

/** A command, loaded when it is called. */
export interface CommandEntry {
  readonly does: string;
  /** Whether it computes: an installed program fetches TensorFlow before, a clone's task has. */
  readonly computes: boolean;
  load(): Promise<LoadedCommand>;
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  demo: {
    does: "recorded runs of SGD and SAM with wrong labels, and the same trained beside them",
    computes: true,
    load: async () => {
      const { command, demoCommand: run } = await import("./demo.ts");
      return { command, run };
    },
  },
  train: {
    does: "trains a model",
    computes: true,
    load: async () => {
      const { command, trainCommand: run } = await import("./train.ts");
      return { command, run };
    },
  },
  sweep: {
    does: "trains all runs of an experiment, or of a grid of settings",
    computes: true,
    load: async () => {
      const { command, sweepCommand: run } = await import("./sweep.ts");
      return { command, run };
    },
  },
  profile: {
    does: "tells where the time and memory of a training step go",
    computes: true,
    load: async () => {
      const { command, profileCommand: run } = await import("./profile.ts");
      return { command, run };
    },
  },
  eval: {
    does: "evaluates a checkpoint: loss, errors, calibration",
    computes: true,
    load: async () => {
      const { command, evalCommand: run } = await import("./eval.ts");
      return { command, run };
    },
  },
  predict: {
    does: "tells the likeliest classes of images",
    computes: true,
    load: async () => {
      const { command, predictCommand: run } = await import("./predict.ts");
      return { command, run };
    },
  },
  export: {
    does: "writes a trained network for FLAX, TensorFlow or TensorFlow.js",
    computes: true,
    load: async () => {
      const { command, exportCommand: run } = await import("./export.ts");
      return { command, run };
    },
  },
  runs: {
    does: "lists runs with their errors",
    computes: false,
    load: async () => {
      const { command, runsCommand: run } = await import("./runs.ts");
      return { command, run };
    },
  },
  report: {
    does: "executes notebooks and exports them as pages and PDF",
    computes: true,
    load: async () => {
      const { command, reportCommand: run } = await import("./report.ts");
      return { command, run };
    },
  },
  lab: {
    does: 'JupyterLab with the kernel "Deno (SAM)", in an environment of its own',
    computes: true,
    load: async () => {
      const { command, labCommand: run } = await import("./lab.ts");
      return { command, run };
    },
  },
  kernel: {
    does: "registers the kernel with a Jupyter that is there already",
    computes: false,
    load: async () => {
      const { command, kernelCommand: run } = await import("./kernel.ts");
      return { command, run };
    },
  },
  setup: {
    does: "finds TensorFlow or fetches it",
    computes: false,
    load: async () => {
      const { command, setupCommand: run } = await import("./setup.ts");
      return { command, run };
    },
  },
  doctor: {
    does: "says what works on this machine, and what to do about the rest",
    computes: false,
    load: async () => {
      const { command, doctorCommand: run } = await import("./doctor.ts");
      return { command, run };
    },
  },
  completions: {
    does: "completion of commands and options for bash, zsh or fish",
    computes: false,
    load: async () => {
      const { command, completionsCommand } = await import("./completions.ts");
      return { command, run: (args, output) => completionsCommand(args, output, commands) };
    },
  },
};
