// What `locate` asks of machine code, whatever processor it is for. Places are byte offsets within a library.

export interface Reference {
  /** The instruction that completes the address. */
  at: number;
  target: number;
}

export interface Architecture {
  /** Where code that starts at `at` makes one of the wanted addresses. */
  references(code: Uint8Array, at: number, wanted: Set<number>): Reference[];
  /** What code that starts at `at` calls directly. */
  calls(code: Uint8Array, at: number): number[];
  /** The number that is passed as third argument by the call around byte `i` of the code; null if none is seen. */
  thirdArgument(code: Uint8Array, i: number): number | null;
}
