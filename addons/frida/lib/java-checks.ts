// Checks of a server's certificate, relaxed for one authority: a method in, a body for it out, by the method's own shape.
//
// The body looks at the chain that the method was given. If it leads to the authority, and to the host where the method
// knows one, the method's answer is yes; any other chain is for the method itself. A shape that is not known is refused.

import Java from "frida-java-bridge";
import { Authority, chainOf, covers } from "./java-authority.js";
import { Body, cast, ours, Ref, typesOf } from "./java.js";

/** Told of each check that was answered in the app's place. */
export type Told = (check: string, host: string | null) => void;

interface Seen {
  chain: Ref[];
  /** The host that the check is about; null where it is not about one. */
  host: string | null;
}
type See = (args: Ref[]) => Seen | null;

const ARRAYS = ["[Ljava.security.cert.X509Certificate;", "[Ljava.security.cert.Certificate;"];
const LIST = "java.util.List";
const SESSION = "javax.net.ssl.SSLSession";

/** The body for this overload; null where it has no shape of a check. */
export function relaxed(authority: Authority, overload: Ref, name: string, told: Told): Body | null {
  const see = seeing(overload);
  const yes = approving(overload);
  if (see === null || yes === null) {
    return null;
  }
  return (_self, args, original, thread) => {
    const seen = ours(thread, name, () => {
      const found = see(args);
      const passes = found !== null && found.chain.length > 0
        && (found.host === null || covers(found.chain[0], found.host)) && authority.signed(found.chain);
      return passes ? { ...found, answer: yes(args, found) } : null;
    });
    if (seen === null || seen === undefined) {
      return original();
    }
    told(name, seen.host);
    return seen.answer;
  };
}

/** How to see the chain in a method's arguments. */
function seeing(overload: Ref): See | null {
  const types = typesOf(overload);
  const session = types.indexOf(SESSION);
  if (session >= 0) {
    const host = types.indexOf("java.lang.String");
    return (args) => ofSession(args[session], host < 0 ? null : args[host]);
  }
  const array = types.findIndex((type) => ARRAYS.includes(type));
  const list = types.indexOf(LIST);
  if (array >= 0 || list >= 0) {
    return (args) => {
      const chain = chainOf(args[array >= 0 ? array : list]);
      const host = chain === null ? undefined : identified(types, args);
      return chain === null || host === undefined ? null : { chain, host };
    };
  }
  const supplier = types.findIndex((type) => type !== "java.lang.String");
  if (types.length === 2 && types.includes("java.lang.String") && supplier >= 0) {
    const method = supplying(types[supplier]);
    return method === null ? null : (args) => {
      const chain = chainOf(args[supplier][method]());
      return chain === null ? null : { chain, host: null };
    };
  }
  return null;
}

function ofSession(session: Ref, host: string | null): Seen | null {
  const chain = session === null ? null : chainOf(session.getPeerCertificates());
  return chain === null ? null : { chain, host };
}

/**
 * The host that a trust manager has to look at: one given by name, or a socket's or engine's that asks for it. Null where
 * the check is not about a host; undefined where it is and the host is not known.
 */
function identified(types: string[], args: Ref[]): string | null | undefined {
  for (const [type, to] of [["java.net.Socket", "javax.net.ssl.SSLSocket"], ["javax.net.ssl.SSLEngine", "javax.net.ssl.SSLEngine"]]) {
    const at = types.indexOf(type);
    if (at >= 0 && args[at] !== null) {
      const peer = cast(args[at], to);
      const algorithm = peer.getSSLParameters().getEndpointIdentificationAlgorithm();
      return algorithm === null || String(algorithm) === "" ? null : peer.getHandshakeSession()?.getPeerHost() ?? undefined;
    }
  }
  // (chain, authentication type, host), as Conscrypt has it
  const named = types.length === 3 && ARRAYS.includes(types[0]) && types[1] === types[2] && types[2] === "java.lang.String";
  return named && args[2] !== null ? String(args[2]) : null;
}

/** The one method of a Function0, or of what a shrinker made of it: it takes nothing and gives an object. */
function supplying(type: string): string | null {
  let declared: Ref[];
  try {
    const wrapper = Java.use(type);
    if (!cast(wrapper.class, "java.lang.Class").isInterface()) {
      return null;
    }
    declared = cast(wrapper.class, "java.lang.Class").getDeclaredMethods();
  } catch {
    return null;
  }
  const fits = declared.length === 1 && declared[0].getParameterTypes().length === 0
    && declared[0].getReturnType().getName() === "java.lang.Object";
  return fits ? String(declared[0].getName()) : null;
}

/** What the method answers when it is content; null where that is not known. */
function approving(overload: Ref): ((args: Ref[], seen: Seen) => Ref) | null {
  switch (overload.returnType.className) {
    case "void":
      return () => undefined;
    case "boolean":
      return () => true;
    case LIST:
      return (_args, seen) => {
        const list = Java.use("java.util.ArrayList").$new();
        seen.chain.forEach((certificate) => list.add(certificate));
        return list;
      };
    default:
      return null;
  }
}
