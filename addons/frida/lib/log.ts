// The agent's side of the hook log: records in, messages to the host out, with numbers so that a loss is seen.
//
// A message is {records: [...]} and at most one binary payload below 1 MiB; a record's bytes lie in it at `at`.
// Records wait a moment for each other; `flush` sends what waits.

export type Fields = { [name: string]: unknown };

const ROOM = 1 << 19;
const LARGEST = 1 << 18;
const PATIENCE_MS = 5;
const MANY = 500;
const CLOCK_MONOTONIC = 1;

const room = Memory.alloc(ROOM);
let used = 0;
let records: Fields[] = [];
let seq = 0;
let sent = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
let lastSent = 0;

const time = Memory.alloc(16);
const getTime = Process.platform === "linux" || Process.platform === "darwin"
  ? Module.findGlobalExportByName("clock_gettime")
  : null;
/** exclusive: a call that let other threads into the agent between reading the clock and adding the record lost it. */
const readTime = getTime === null ? null : new NativeFunction(getTime, "int", ["int", "pointer"], { scheduling: "exclusive" });

/** The clock's answer, seen without a copy: this is read for every record. */
const view = new DataView(ArrayBuffer.wrap(time, 16));
const wide = Process.pointerSize === 8;

/** Seconds of the target's monotonic clock; of its wall clock where the system's is not known. */
export function now(): number {
  if (readTime === null || Process.platform !== "linux") {
    return Date.now() / 1000;
  }
  readTime(CLOCK_MONOTONIC, time);
  const seconds = view.getUint32(0, true);
  const nanoseconds = view.getUint32(wide ? 8 : 4, true);
  return seconds + nanoseconds / 1e9;
}

/** What the host needs to join its clock and the target's. */
export function clock(): Fields {
  return { mono: now(), clock: Process.platform === "linux" ? "CLOCK_MONOTONIC" : "wall" };
}

/** One record of the kind k. */
export function record(k: string, fields: Fields): void {
  add({ k, seq: seq++, mono: now(), ...fields });
}

/** A record with bytes, copied at once; several records where they are many, with `offset` going on. */
export function recordBytes(k: string, fields: Fields, offset: number, from: NativePointer, length: number): void {
  for (let done = 0; done < length;) {
    const part = Math.min(length - done, LARGEST);
    if (used + part > ROOM) {
      flush();
    }
    Memory.copy(room.add(used), from.add(done), part);
    const at = used;
    used += part;
    add({ k, seq: seq++, mono: now(), ...fields, offset: offset + done, length: part, at });
    done += part;
  }
}

/** Send all that waits. */
export function flush(): void {
  if (timer !== null) {
    clearTimeout(timer);
    timer = null;
  }
  if (records.length === 0) {
    return;
  }
  const batch = records;
  const bytes = used > 0 ? room.readByteArray(used) : null;
  records = [];
  used = 0;
  sent++;
  lastSent = Date.now();
  send({ records: batch }, bytes);
}

/** How much was recorded and sent. */
export function counts(): Fields {
  return { records: seq, messages: sent };
}

/** A process may end right behind this call: what comes alone goes at once, what comes in bursts waits. */
function add(record: Fields): void {
  records.push(record);
  if (timer === null) {
    timer = setTimeout(flush, Date.now() - lastSent > PATIENCE_MS ? 0 : PATIENCE_MS);
  } else if (records.length >= MANY) {
    flush();
  }
}
