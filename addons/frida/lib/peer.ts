// The certificate that a peer presented, as DER: from a verification, from a connection, or out of a session's memory.
//
// null where none can be had: a check for which we have no certificate is not ours to change.

import { Calls } from "./calls.js";

const LONGEST = 1 << 16;
const MOST = 16;
/** Bytes of an SSL_SESSION in which its list of certificates is looked for. */
const SESSION = 512;

/** Of an X509_STORE_CTX: the certificate that it was asked to verify. */
export function ofVerification(calls: Calls, context: NativePointer): Uint8Array | null {
  const certificate: NativePointer | undefined = calls.get("X509_STORE_CTX_get0_cert", "pointer", ["pointer"])?.(context);
  return certificate === undefined || certificate.isNull() ? null : encoded(calls, certificate);
}

/** Of an SSL: the leaf of the chain that the peer presented. */
export function ofConnection(calls: Calls, ssl: NativePointer): Uint8Array | null {
  const list = calls.get("SSL_get0_peer_certificates", "pointer", ["pointer"])?.(ssl) as NativePointer | undefined;
  if (list !== undefined) {
    return ofList(list); // BoringSSL
  }
  const later = "SSL_get1_peer_certificate"; // OpenSSL 3
  const name = calls.functions[later] === undefined ? "SSL_get_peer_certificate" : later;
  const certificate: NativePointer | undefined = calls.get(name, "pointer", ["pointer"])?.(ssl);
  if (certificate === undefined || certificate.isNull()) {
    return null;
  }
  const der = encoded(calls, certificate);
  calls.get("X509_free", "void", ["pointer"])?.(certificate);
  return der;
}

/** Of a BoringSSL SSL_SESSION whose layout is not known: the one field that leads to a list of whole certificates. */
export function ofSession(session: NativePointer): Uint8Array | null {
  for (let at = 0; at < SESSION; at += Process.pointerSize) {
    const leaf = ofList(pointerAt(session.add(at)));
    if (leaf !== null) {
      return leaf;
    }
  }
  return null;
}

/** BoringSSL's STACK_OF(CRYPTO_BUFFER): {count, items}; a CRYPTO_BUFFER is {pool, data, length, ...}. */
function ofList(list: NativePointer): Uint8Array | null {
  const count = sizeAt(list);
  if (!(count >= 1 && count <= MOST)) {
    return null;
  }
  const buffer = pointerAt(pointerAt(list.add(Process.pointerSize)));
  const data = pointerAt(buffer.add(Process.pointerSize));
  const length = sizeAt(buffer.add(2 * Process.pointerSize));
  return length >= 4 && length <= LONGEST ? certificateAt(data, length) : null;
}

function certificateAt(data: NativePointer, length: number): Uint8Array | null {
  try {
    const bytes = new Uint8Array(data.readByteArray(length)!);
    // SEQUENCE with a length of two bytes, as every certificate from 256 bytes up has it, and nothing behind it
    return bytes[0] === 0x30 && bytes[1] === 0x82 && bytes[2] * 256 + bytes[3] + 4 === length ? bytes : null;
  } catch {
    return null;
  }
}

function encoded(calls: Calls, certificate: NativePointer): Uint8Array | null {
  const encode = calls.get("i2d_X509", "int", ["pointer", "pointer"]);
  const length = (encode?.(certificate, NULL) ?? 0) as number;
  if (encode === null || length <= 0 || length > LONGEST) {
    return null;
  }
  const out = Memory.alloc(length);
  encode(certificate, Memory.alloc(Process.pointerSize).writePointer(out));
  return new Uint8Array(out.readByteArray(length)!);
}

function pointerAt(at: NativePointer): NativePointer {
  try {
    return at.readPointer();
  } catch {
    return NULL;
  }
}

function sizeAt(at: NativePointer): number {
  try {
    return Process.pointerSize === 8 ? at.readU64().toNumber() : at.readU32();
  } catch {
    return 0;
  }
}
