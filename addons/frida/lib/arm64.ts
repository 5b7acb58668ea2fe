// What ARM64 code refers to: addresses that ADRP and ADD make together, calls, and a number passed as third argument.
//
// Pure: instructions in, places out, all as byte offsets. Instructions are looked at in their order, not along jumps,
// and what else may set a register between ADRP and ADD is not looked at: `locate` asks for several places to agree.
// Encodings: Arm Architecture Reference Manual (DDI 0487), C6.2.

import { Architecture, Reference } from "./machine-code.js";

const RETURN = 0xd65f03c0;
const NEAR = 10;

/** ADD of an immediate to a register whose ADRP was the last that set it. */
export function references(code: Uint32Array, at: number, wanted: Set<number>): Reference[] {
  const pages = new Float64Array(32).fill(NaN);
  const found: Reference[] = [];
  for (let i = 0; i < code.length; i++) {
    const word = code[i];
    if ((word & 0x1f000000) === 0x10000000) {
      const high = word >>> 31 ? (word << 8) >> 13 : NaN; // 19 bits with their sign; ADR is not looked at
      const page = (high << 2) | ((word >>> 29) & 3);
      pages[word & 31] = word >>> 31 ? Math.floor((at + 4 * i) / 4096) * 4096 + page * 4096 : NaN;
    } else if (word >>> 24 === 0x91) { // ADD (immediate), 64 bit
      const value = (word >>> 10) & 0xfff;
      const target = pages[(word >>> 5) & 31] + (word & 0x400000 ? value * 4096 : value);
      if (wanted.has(target)) {
        found.push({ at: at + 4 * i, target });
      }
    } else if (word === RETURN) {
      pages.fill(NaN);
    }
  }
  return found;
}

/** BL. */
export function calls(code: Uint32Array, at: number): number[] {
  const found: number[] = [];
  code.forEach((word, i) => {
    if (word >>> 26 === 0x25) {
      found.push(at + 4 * i + ((word << 6) >> 6) * 4);
    }
  });
  return found;
}

/** MOV W2, #number in the stretch between two jumps that holds instruction `i`. */
export function thirdArgument(code: Uint32Array, i: number): number | null {
  for (const step of [1, -1]) {
    for (let n = i; Math.abs(n - i) < NEAR && n >= 0 && n < code.length; n += step) {
      const word = code[n];
      if ((word & 0xffe0001f) >>> 0 === 0x52800002) {
        return (word >>> 5) & 0xffff;
      }
      if (isJump(word)) {
        break;
      }
    }
  }
  return null;
}

/** B and BL; B.cond; CBZ, CBNZ, TBZ and TBNZ; BR, BLR and RET (C4.1). */
function isJump(word: number): boolean {
  const top = word >>> 24;
  return ((word >>> 26) & 0x1f) === 5 || top === 0x54 || (top & 0x7c) === 0x34 || top === 0xd6;
}

const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);

export const arm64: Architecture = {
  references: (bytes, at, wanted) => references(words(bytes), at, wanted),
  calls: (bytes, at) => calls(words(bytes), at),
  thirdArgument: (bytes, i) => thirdArgument(words(bytes), i >>> 2),
};
