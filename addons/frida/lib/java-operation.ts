// One crypto object of an app and what went through it since it was set up: pieces in, one record out.
//
// What is longer than CAP is cut, and its length told: nobody's memory is filled by a file that an app encrypts.

import Java from "frida-java-bridge";
import { arrayOf, bytesOf, Ref } from "./java.js";
import { base64 } from "./java-base64.js";
import { caller, classOfFrame } from "./java-stack.js";
import { Fields, flush, record } from "./log.js";

const CAP = 1 << 18;
const MOST_OBJECTS = 4096;
/** Text of records that may wait for more: one message must not grow without end. */
const WAITING = 1 << 19;
/** The API itself; who stands above it in a stack asked. */
const API = /^(java\.security\.|javax\.crypto\.)/;
/** The platform's own use: TLS, random numbers, signed jars, class loading. */
const OWN = /^(sun\.security\.|com\.sun\.crypto\.|com\.android\.org\.|org\.conscrypt\.|jdk\.internal\.|java\.util\.(jar|zip)\.|java\.lang\.invoke\.)/;

/** Bytes in pieces. */
export class Collected {
  private pieces: Uint8Array[] = [];
  private held = 0;
  length = 0;

  add(bytes: Uint8Array | null): void {
    if (bytes === null || bytes.length === 0) {
      return;
    }
    this.length += bytes.length;
    const part = bytes.subarray(0, CAP - this.held);
    this.held += part.length;
    this.pieces.push(part);
  }

  /** As fields of a record: the bytes, and their number where some are missing. */
  told(name: string): Fields {
    if (this.length === 0) {
      return {};
    }
    const all = new Uint8Array(this.held);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return this.held < this.length ? { [name]: base64(all), [`${name}_length`]: this.length } : { [name]: base64(all) };
  }
}

export class Operation {
  algorithm = "";
  mode = "";
  key: Uint8Array | null = null;
  iv: Uint8Array | null = null;
  aad = new Collected();
  input = new Collected();
  output = new Collected();
  /** Whether the platform uses it for itself; asked once an object. */
  own: boolean | null = null;

  constructor(readonly id: string) {}

  restart(): void {
    this.aad = new Collected();
    this.input = new Collected();
    this.output = new Collected();
  }

  /** One record of what went through; false if that was the platform's own business. */
  tell(more: Fields = {}): boolean {
    if (this.own === true) {
      this.restart();
      return false;
    }
    const { frames, package: name, class: type } = caller();
    this.own ??= isOwn(frames);
    if (!this.own) {
      const fields: Fields = {
        id: this.id, algorithm: this.algorithm, mode: this.mode,
        ...(this.key === null ? {} : { key: base64(this.key) }), ...(this.iv === null ? {} : { iv: base64(this.iv) }),
        ...this.aad.told("aad"), ...this.input.told("input"), ...this.output.told("output"),
        frames, package: name, class: type, ...more,
      };
      record("crypto", fields);
      waiting += Object.values(fields).reduce((sum: number, one) => sum + (typeof one === "string" ? one.length : 0), 0);
      if (waiting > WAITING) {
        flush();
        waiting = 0;
      }
    }
    this.restart();
    return !this.own;
  }
}

function isOwn(frames: string[]): boolean {
  const asking = frames.map(classOfFrame).find((type) => !API.test(type));
  return asking !== undefined && OWN.test(asking);
}

let waiting = 0;
const operations = new Map<string, Operation>();
let objects = 0;

/** The operation of a Cipher, Mac, MessageDigest or Signature. */
export function operationOf(object: Ref, family: string): Operation {
  const key = `${family}-${Java.use("java.lang.System").identityHashCode(object)}`;
  let operation = operations.get(key);
  if (operation === undefined) {
    operation = new Operation(`${family}-${++objects}`);
    operations.set(key, operation);
    if (operations.size > MOST_OBJECTS) {
      operations.delete(operations.keys().next().value as string);
    }
  }
  return operation;
}

/** A Java byte array, or a part of it. */
export function bytes(array: Ref | null, offset = 0, length: number = array?.length ?? 0): Uint8Array | null {
  return array === null || length <= 0 ? null : new Uint8Array(bytesOf(array, offset, length).readByteArray(length)!);
}

export function bytesOfBuffer(buffer: Ref, start: number, end: number): Uint8Array | null {
  return end <= start ? null : bytes(arrayOf(buffer, start, end - start));
}
