// Where a library keeps things in its SSL_CTX, found by experiment on a fresh one: no layout is assumed.
//
// In: the library's calls. Out: the offset of a callback that a setter sets, of the count of references; null if it
// cannot be told apart.

import { Calls } from "./calls.js";

/** Bytes of an SSL_CTX that are looked through: it has under 1500 in OpenSSL 1.1 to 3 and in BoringSSL. */
const EXTENT = 1536;

type Set = (context: NativePointer, callback: NativePointer) => void;

/** Call `use` with a context that nobody else knows. */
function fresh<T>(calls: Calls, use: (context: NativePointer) => T): T | null {
  const method: NativePointer | undefined = calls.get("TLS_method", "pointer", [], "cooperative")?.();
  const make = calls.get("SSL_CTX_new", "pointer", ["pointer"], "cooperative");
  const context: NativePointer | undefined = method && make?.(method);
  if (context === undefined || context.isNull()) {
    return null;
  }
  try {
    return use(context);
  } finally {
    calls.get("SSL_CTX_free", "void", ["pointer"], "cooperative")?.(context);
  }
}

/** The offset of the pointer that this setter writes. */
export function offsetOfCallback(calls: Calls, set: Set): number | null {
  const mark = Memory.alloc(Process.pageSize);
  return fresh(calls, (context) => {
    const before = read(context);
    set(context, mark);
    const isMark = (_: NativePointer, now: NativePointer): boolean => now.equals(mark);
    const found = places(before, read(context), isMark, Process.pointerSize, (at) => at.readPointer());
    set(context, NULL);
    return found;
  });
}

/** The offset of the 32-bit count that SSL_CTX_up_ref takes from one to two. */
export function offsetOfReferences(calls: Calls): number | null {
  const hold = calls.get("SSL_CTX_up_ref", "int", ["pointer"]);
  const release = calls.get("SSL_CTX_free", "void", ["pointer"], "cooperative");
  if (hold === null || release === null) {
    return null;
  }
  return fresh(calls, (context) => {
    const before = read(context);
    hold(context);
    const found = places(before, read(context), (was, now) => was === 1 && now === 2, 4, (at) => at.readU32());
    release(context);
    return found;
  });
}

function read(context: NativePointer): NativePointer {
  const copy = Memory.alloc(EXTENT);
  let length = EXTENT;
  for (; length > 0; length -= 256) {
    try {
      Memory.copy(copy, context, length);
      break;
    } catch {
      // the last context of a heap may end right before a page that is not there
    }
  }
  return copy;
}

/** The one place at which two copies differ in this way. */
function places<T>(
  before: NativePointer,
  after: NativePointer,
  fits: (was: T, now: T) => boolean,
  step: number,
  value: (at: NativePointer) => T,
): number | null {
  const found: number[] = [];
  for (let at = 0; at + step <= EXTENT; at += step) {
    if (fits(value(before.add(at)), value(after.add(at)))) {
      found.push(at);
    }
  }
  return found.length === 1 ? found[0] : null;
}
