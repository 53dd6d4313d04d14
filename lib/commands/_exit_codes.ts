/** Of a command whose loss became NaN or infinite. */
export const DIVERGED_CODE = 3;

/** Of a worker of a cluster that cannot go on, because another one is lost or differs from it. */
export const WORKERS_CODE = 4;

/** Of a command that was told to end by SIGTERM, as shells count. */
export const TERMINATED_CODE = 128 + 15;

/** For the help of what trains. */
export const EXIT_CODES =
  `Exit codes: 0 finished; 1 failed; 2 wrong command line; ${DIVERGED_CODE} a loss that is NaN or infinite, the
checkpoints from before it stay; ${WORKERS_CODE} another worker is lost or unlike this one: start all again; 130
Ctrl-C and 143 SIGTERM, saved after the running step.`;
