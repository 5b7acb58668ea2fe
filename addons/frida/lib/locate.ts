// Functions of a BoringSSL that is linked in and stripped, found by the texts and error numbers that they use.
//
// In: a library's image. Out: what was found, by name; a function that cannot be told apart for sure is left out.
// BoringSSL's errors name their source file and a number, which stay the same from version to version. In a build that
// leaves the names of files out nothing is found.

import { Image } from "./image.js";
import { Reference } from "./machine-code.js";

export interface Located {
  [name: string]: number;
}

/** Reasons that a function of ssl_lib.cc gives for its errors (ssl.h, err.h), all of them and no other. */
const REASONS: { [name: string]: number[] } = {
  SSL_write: [66, 111, 215, 226], // should not have been called, bad length, handshake failure, uninitialized
  SSL_new: [185], // null SSL_CTX
};
/** SSL_read and SSL_peek: should not have been called (over QUIC). */
const READS = [66];
const MARK = "/ssl_lib.cc";

/** Whether the image holds a BoringSSL that tells of itself. */
export function isBoringSsl(image: Image): boolean {
  return image.text(MARK).length > 0;
}

export function locate(image: Image): Located {
  const wanted = {
    client: image.text("ssl_client"),
    server: image.text("ssl_server"),
    x509: image.text("/ssl_x509.cc").map((at) => image.textStart(at)),
    lib: image.text(MARK).map((at) => image.textStart(at)),
  };
  const references = referencesTo(image, new Set(Object.values(wanted).flat()));
  const using = (places: number[]): Set<number> =>
    new Set(references.filter((one) => places.includes(one.target)).map((one) => image.functionAt(one.at)[0]));
  const found: Located = {};

  const [server, x509] = [using(wanted.server), using(wanted.x509)];
  const checks = [...using(wanted.client)].filter((one) => server.has(one) && x509.has(one));
  if (checks.length === 1) {
    found.ssl_crypto_x509_session_verify_cert_chain = checks[0];
  }
  const reasons = reasonsOf(image, references.filter((one) => wanted.lib.includes(one.target)));
  for (const [name, given] of Object.entries(REASONS)) {
    const fits = withReasons(reasons, given);
    if (fits.length === 1) {
      found[name] = fits[0];
    }
  }
  const read = readOf(image, withReasons(reasons, READS));
  if (read !== null) {
    found.SSL_read = read;
  }
  return found;
}

function referencesTo(image: Image, wanted: Set<number>): Reference[] {
  return image.segments
    .filter((segment) => segment.executable)
    .flatMap(({ at, size }) => image.architecture.references(image.code(at, at + size), at, wanted));
}

/** The error numbers of each function, each once, ascending. */
function reasonsOf(image: Image, references: Reference[]): Map<number, number[]> {
  const found = new Map<number, Set<number>>();
  for (const { at } of references) {
    const [start, end] = image.functionAt(at);
    const reason = image.architecture.thirdArgument(image.code(start, end), at - start);
    found.set(start, (found.get(start) ?? new Set()).add(reason ?? -1));
  }
  return new Map([...found].map(([start, set]) => [start, [...set].sort((a, b) => a - b)]));
}

function withReasons(reasons: Map<number, number[]>, given: number[]): number[] {
  return [...reasons].filter(([, said]) => said.join() === given.join()).map(([start]) => start);
}

/** SSL_read calls all that SSL_peek calls and more, and they alone share one of these calls (ssl_read_impl). */
function readOf(image: Image, candidates: number[]): number | null {
  const calls = new Map(candidates.map((start) => {
    const [, end] = image.functionAt(start);
    const called = image.architecture.calls(image.code(start, end), start);
    return [start, new Set(called.filter((to) => image.isFunction(to)))];
  }));
  const callers = (to: number): number[] => candidates.filter((start) => calls.get(start)!.has(to));
  const pairs = candidates.flatMap((read) => candidates
    .filter((peek) => read !== peek
      && calls.get(read)!.size > calls.get(peek)!.size
      && [...calls.get(peek)!].every((to) => calls.get(read)!.has(to))
      && [...calls.get(peek)!].some((to) => callers(to).length === 2))
    .map(() => read));
  return pairs.length === 1 ? pairs[0] : null;
}
