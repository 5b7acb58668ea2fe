// What x86-64 code refers to: addresses that LEA makes from the instruction pointer, calls, and a third argument.
//
// Pure: bytes in, places out, all as byte offsets. Bytes are looked at wherever they stand, not as one instruction after
// the other: a place that only looks like one is possible, and does not agree with others by chance.
// Encodings: Intel SDM, volume 2: LEA is 8D /r with REX.W, CALL is E8, MOV EDX is BA.

import { Architecture, Reference } from "./machine-code.js";

const NEAR = 30;

export function references(code: Uint8Array, at: number, wanted: Set<number>): Reference[] {
  const found: Reference[] = [];
  for (let i = code.indexOf(0x8d, 1); i > 0 && i + 6 <= code.length; i = code.indexOf(0x8d, i + 1)) {
    if ((code[i - 1] & 0xfb) === 0x48 && (code[i + 1] & 0xc7) === 5) {
      const target = at + i + 6 + signed(code, i + 2);
      if (wanted.has(target)) {
        found.push({ at: at + i - 1, target });
      }
    }
  }
  return found;
}

export function calls(code: Uint8Array, at: number): number[] {
  const found: number[] = [];
  for (let i = code.indexOf(0xe8); i >= 0 && i + 5 <= code.length; i = code.indexOf(0xe8, i + 1)) {
    found.push(at + i + 5 + signed(code, i + 1));
  }
  return found;
}

/** MOV EDX, number: the nearest one, before the call rather than before the place. */
export function thirdArgument(code: Uint8Array, i: number): number | null {
  for (const step of [1, -1]) {
    for (let n = i; Math.abs(n - i) < NEAR && n >= 0 && n + 5 <= code.length; n += step) {
      if (code[n] === 0xba && code[n + 3] === 0 && code[n + 4] === 0) {
        return code[n + 1] | (code[n + 2] << 8);
      }
      if (step > 0 && n > i + 6 && code[n] === 0xe8) {
        break;
      }
    }
  }
  return null;
}

function signed(code: Uint8Array, i: number): number {
  return code[i] | (code[i + 1] << 8) | (code[i + 2] << 16) | (code[i + 3] << 24);
}

export const x86: Architecture = { references, calls, thirdArgument };
