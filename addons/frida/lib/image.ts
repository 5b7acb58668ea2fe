// A 64-bit ELF library as it lies in memory: its segments, and where its functions start, also if no name is left.
//
// In: a loaded module, or a file (of any processor) that is laid out here without being run. Throws on what is no such
// library. Places are byte offsets from its base. Formats: System V ABI (ELF-64), Linux Standard Base (.eh_frame_hdr).

import { arm64 } from "./arm64.js";
import { Architecture } from "./machine-code.js";
import { x86 } from "./x86-64.js";

const LOAD = 1;
const FRAME_INDEX = 0x6474e550;
const EXECUTABLE = 1;
/** e_machine. */
const ARCHITECTURES: { [machine: number]: Architecture } = { 62: x86, 183: arm64 };
const HEADERS = 4096;

interface Segment {
  at: number;
  size: number;
  executable: boolean;
}

interface Entry {
  type: number;
  flags: number;
  offset: number;
  at: number;
  inFile: number;
}

export class Image {
  readonly architecture: Architecture;
  readonly segments: Segment[];
  /** Starts of functions, ascending. */
  private readonly starts: Int32Array;

  private constructor(readonly base: NativePointer, entries: Entry[], machine: number) {
    this.architecture = ARCHITECTURES[machine];
    if (this.architecture === undefined) {
      throw new Error(`code of the processor ${machine} (e_machine) is not known here`);
    }
    const loads = entries.filter((entry) => entry.type === LOAD);
    this.segments = loads.map(({ at, inFile: size, flags }) => ({ at, size, executable: (flags & EXECUTABLE) !== 0 }));
    this.starts = startsOf(base, entries);
  }

  static ofModule(module: Module): Image {
    const head = module.base.readByteArray(HEADERS)!;
    return new Image(module.base, ...entriesOf(head));
  }

  static ofFile(path: string): Image {
    const file = File.readAllBytes(path);
    const [entries, machine] = entriesOf(file);
    const loads = entries.filter((entry) => entry.type === LOAD);
    const base = Memory.alloc(Math.max(...loads.map(({ at, inFile }) => at + inFile)));
    for (const { at, offset, inFile } of loads) {
      base.add(at).writeByteArray(file.slice(offset, offset + inFile));
    }
    return new Image(base, entries, machine);
  }

  /** Where text that ends in a NUL stands. */
  text(said: string): number[] {
    const bytes = [...said].map((character) => character.charCodeAt(0).toString(16).padStart(2, "0"));
    const pattern = [...bytes, "00"].join(" ");
    return this.segments.flatMap(({ at, size }) =>
      Memory.scanSync(this.base.add(at), size, pattern).map((match) => match.address.sub(this.base).toUInt32()));
  }

  /** The start of the text that stands around this place. */
  textStart(at: number): number {
    let start = at;
    while (start > 0 && this.base.add(start - 1).readU8() !== 0) {
      start--;
    }
    return start;
  }

  code(from: number, to: number): Uint8Array {
    return new Uint8Array(this.base.add(from).readByteArray(to - from)!);
  }

  /** [start, end) of the function around this place. */
  functionAt(at: number): [number, number] {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= at) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return [this.starts[low], this.starts[low + 1] ?? at];
  }

  isFunction(at: number): boolean {
    return this.functionAt(at)[0] === at;
  }
}

function entriesOf(head: ArrayBuffer): [Entry[], number] {
  const view = new DataView(head);
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint8(4) !== 2 || view.getUint8(5) !== 1) {
    throw new Error("it is no 64-bit little-endian ELF library");
  }
  const first = Number(view.getBigUint64(32, true));
  const [size, count] = [view.getUint16(54, true), view.getUint16(56, true)];
  const entries: Entry[] = [];
  for (let at = first; entries.length < count; at += size) {
    const wide = (offset: number): number => Number(view.getBigUint64(at + offset, true));
    const [type, flags] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    entries.push({ type, flags, offset: wide(8), at: wide(16), inFile: wide(32) });
  }
  return [entries, view.getUint16(18, true)];
}

/** The sorted table of .eh_frame_hdr, which unwinding needs and stripping therefore leaves. */
function startsOf(base: NativePointer, entries: Entry[]): Int32Array {
  const index = entries.find((entry) => entry.type === FRAME_INDEX);
  if (index === undefined) {
    throw new Error("it has no table of functions (.eh_frame_hdr)");
  }
  const at = base.add(index.at);
  const [version, , counted, coded] = new Uint8Array(at.readByteArray(4)!);
  if (version !== 1 || counted !== 0x03 || coded !== 0x3b) {
    throw new Error("its table of functions (.eh_frame_hdr) is coded in another way than linkers do");
  }
  const count = at.add(8).readU32();
  const table = new Int32Array(at.add(12).readByteArray(8 * count)!);
  return Int32Array.from({ length: count }, (_, n) => index.at + table[2 * n]);
}
