/** What outputs and input are made of, taken before a cell can replace it. */
export const { exchange, load, store, wait } = Atomics;
export const { stringify } = JSON;
export const { inspect } = Deno;
export const now = performance.now.bind(performance);

const encoder = new TextEncoder(), decoder = new TextDecoder();
export const encode = encoder.encode.bind(encoder);
export const encodeInto = encoder.encodeInto.bind(encoder);
export const decode = decoder.decode.bind(decoder);
