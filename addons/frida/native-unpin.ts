// Lets OpenSSL and BoringSSL clients accept the proxy's certificates, and nobody else's: parameter "ca", the PEM text.
//
// A check that refuses is overruled only if the certificate that the peer presented bears the signature of this one
// authority (lib/certificate.ts); else, and wherever no certificate can be had, the original verdict stands. Overruled:
// X509_verify_cert (the library's check, with an app's own verify callback in it), callbacks of
// SSL_CTX_set_cert_verify_callback, SSL_CTX_set_custom_verify and SSL_set_custom_verify, SSL_get_verify_result; in
// stripped BoringSSL the check that lib/locate.ts finds. A name that does not fit is overruled with the rest.
// Only return values change: dispose leaves nothing behind but TLS sessions, which a client may resume unchecked.
// Limits: a pin that an app compares itself after the handshake (curl's --pinnedpubkey, Python's assert_fingerprint)
// stays; so does a custom check that was set on a single SSL before we came.

import { Authority, digest } from "./lib/certificate.js";
import { Calls } from "./lib/calls.js";
import { offsetOfCallback } from "./lib/context.js";
import { functionsOf } from "./lib/library.js";
import { Fields, record } from "./lib/log.js";
import { attach, isTried, serveNative } from "./lib/native-agent.js";
import { ofConnection, ofSession, ofVerification } from "./lib/peer.js";

/** Bytes of an SSL_SESSION in which the verdict is looked for, and how large an error number may be. */
const SESSION = 512;
const LARGEST_ERROR = 128;

type Leaf = (calls: Calls, of: NativePointer) => Uint8Array | null;
/** How a check says that the peer is accepted, which certificate it looked at, and what else it wrote down. */
interface Check {
  accepted: number;
  /** Whether it refused the peer, where its answer alone does not tell. */
  refused?: (said: number, of: NativePointer, before: ArrayBuffer | null) => boolean;
  leaf: Leaf;
  /** What has to be known from before to set the rest right. */
  before?: (of: NativePointer) => ArrayBuffer;
  /** Set right what the library will tell of its verdict later. */
  settle?: (calls: Calls, of: NativePointer, before: ArrayBuffer | null) => void;
}

const VERIFICATION: Check = { accepted: 1, leaf: (calls, context) => ofVerification(calls, context) };
const CUSTOM: Check = { accepted: 0, leaf: (calls, ssl) => ofConnection(calls, ssl) };
/** Functions of the library that give a verdict. */
const CHECKS: { [name: string]: Check } = {
  X509_verify_cert: { ...VERIFICATION, settle: settleVerification },
  SSL_get_verify_result: CUSTOM,
  ssl_crypto_x509_session_verify_cert_chain: {
    accepted: 1,
    // A C++ bool in the lowest byte; a client that verifies nothing by itself (curl) is told of a fault all the same.
    refused: (said, session, before) => (said & 0xff) !== 1 || faultIn(session, before) !== null,
    leaf: (_, session) => ofSession(session),
    before: (session) => session.readByteArray(SESSION)!,
    settle: settleSession,
  },
};
/** Functions through which an app sets a check of its own: the argument that it is, and how it answers. */
const SETTERS: { [name: string]: [number, Check] } = {
  SSL_CTX_set_cert_verify_callback: [1, VERIFICATION],
  SSL_CTX_set_custom_verify: [2, CUSTOM],
  SSL_set_custom_verify: [2, CUSTOM],
};
const NEEDED = [
  "SSL_new", "SSL_CTX_new", "SSL_CTX_free", "TLS_method", "i2d_X509", "X509_free", "X509_STORE_CTX_get0_cert",
  "X509_STORE_CTX_set_error", "SSL_get0_peer_certificates", "SSL_get_peer_certificate", "SSL_get1_peer_certificate",
];
const NAMES = [...Object.keys(CHECKS), ...Object.keys(SETTERS), ...NEEDED];

const stats = { accepted: 0, overruled: 0, refused: 0 };
let authority: Authority;
/** Whether SSL_get_verify_result is hooked: then what the library keeps can stay as it found it. */
let asked = false;

/** Stand behind a check: what it refused is accepted if our authority signed it. */
function overrule(library: string, calls: Calls, name: string, check: Check, address: NativePointer): boolean {
  asked ||= name === "SSL_get_verify_result";
  return attach(address, {
    onEnter(args) {
      this.of = args[0];
      this.before = check.before?.(args[0]) ?? null;
    },
    onLeave(verdict) {
      const said = verdict.toInt32();
      if (!(check.refused?.(said, this.of, this.before) ?? said !== check.accepted)) {
        stats.accepted++;
        return;
      }
      const leaf = check.leaf(calls, this.of);
      const ours = leaf !== null && authority.signed(leaf);
      stats[ours ? "overruled" : "refused"]++;
      const certificate = leaf === null ? null : digest("sha256", leaf);
      const event = ours ? "certificate check answered by the hook" : "certificate refused";
      record("event", { event, check: name, module: library, verdict: said, certificate });
      if (ours) {
        verdict.replace(ptr(check.accepted));
        check.settle?.(calls, this.of, this.before);
      }
    },
  });
}

/** Where we do not stand behind SSL_get_verify_result, what it will tell is set right. */
function settleVerification(calls: Calls, context: NativePointer): void {
  if (!asked) {
    calls.get("X509_STORE_CTX_set_error", "void", ["pointer", "int"])?.(context, 0);
  }
}

/** The same in a session whose layout is not known. */
function settleSession(_: Calls, session: NativePointer, before: ArrayBuffer | null): void {
  const fault = faultIn(session, before);
  if (fault !== null) {
    session.add(fault).writeS32(0);
  }
}

/** Where the check wrote why it refused: the one small number (X509_V_ERR_...) that was not there before. */
function faultIn(session: NativePointer, before: ArrayBuffer | null): number | null {
  const was = new Int32Array(before!);
  const written = [...was.keys()].filter((n) => {
    const now = session.add(4 * n).readS32();
    return now !== was[n] && now > 0 && now < LARGEST_ERROR;
  });
  return written.length === 1 ? 4 * written[0] : null;
}

/** An app's callback, whenever it is met: told if it cannot be hooked. */
function overruleCallback(library: string, calls: Calls, setter: string, check: Check, callback: NativePointer): void {
  if (callback.isNull() || isTried(callback)) {
    return;
  }
  try {
    overrule(library, calls, `${setter}: ${DebugSymbol.fromAddress(callback)}`, check, callback);
    record("hooked", { found: [{ module: library, functions: [`the callback of ${setter}`] }], missing: [] });
  } catch (fault) {
    record("error", { where: `the callback of ${setter}`, message: String(fault) });
  }
}

/** Callbacks that were set before we came: read out of each SSL_CTX that a connection is made of. */
function meetEarlier(library: string, calls: Calls, address: NativePointer): void {
  let places: [string, Check, number][] | null = null;
  attach(address, {
    onEnter(args) {
      places ??= placesOf(calls);
      for (const [setter, check, offset] of places) {
        overruleCallback(library, calls, setter, check, args[0].add(offset).readPointer());
      }
    },
  });
}

function placesOf(calls: Calls): [string, Check, number][] {
  const ways: [string, NativeFunctionArgumentType[], (at: NativePointer) => unknown[]][] = [
    ["SSL_CTX_set_cert_verify_callback", ["pointer", "pointer", "pointer"], (at) => [at, NULL]],
    ["SSL_CTX_set_custom_verify", ["pointer", "int", "pointer"], (at) => [0, at]],
  ];
  return ways.flatMap(([setter, types, args]) => {
    const set = calls.get(setter, "void", types);
    const offset = set && offsetOfCallback(calls, (context, callback) => set(context, ...args(callback)));
    return offset === null ? [] : [[setter, SETTERS[setter][1], offset] as [string, Check, number]];
  });
}

function take(module: Module): Fields | null {
  const functions = functionsOf(module, NAMES, "X509_verify_cert");
  const calls = new Calls(functions);
  const own = ownerOf(Object.values(functions)[0]) ?? module;
  const names = Object.keys(CHECKS).filter((name) => {
    const address = functions[name];
    return address !== undefined && overrule(ownerOf(address)?.name ?? own.name, calls, name, CHECKS[name], address);
  });
  for (const [name, [argument, check]] of Object.entries(SETTERS)) {
    const onEnter = (args: InvocationArguments): void => overruleCallback(own.name, calls, name, check, args[argument]);
    if (functions[name] !== undefined && attach(functions[name], { onEnter })) {
      names.push(name);
    }
  }
  if (functions.SSL_new !== undefined) {
    meetEarlier(own.name, calls, functions.SSL_new);
  }
  return names.length === 0 ? null : { module: own.name, path: own.path, functions: names };
}

function ownerOf(address: NativePointer | undefined): Module | null {
  return address === undefined ? null : Process.findModuleByAddress(address);
}

serveNative({
  name: "native-unpin",
  version: "1",
  functions: Object.keys(CHECKS),
  start: (parameters) => {
    authority = new Authority(parameters.ca);
  },
  take,
  stop: () => {},
  stats: () => ({ ...stats, authority: authority?.sha256 ?? null }),
});
