// What a Java process sends and gets inside TLS, in plain text: streams of SSLSocket, and SSLEngine, JSSE's and Conscrypt's.
//
// It changes nothing in the target. Each socket or engine is a stream; what is written is one direction, what is read the
// other. A socket has addresses; an engine has none, and its host is the one that it was made for.
// Limits: native TLS of a library of its own (Cronet, Flutter); bytes that passed before the hooks were set.

import Java from "frida-java-bridge";
import { Hooked } from "./lib/agent.js";
import { serveJava } from "./lib/java-agent.js";
import { arrayOf, Body, bytesOf, cast, find, ours, overloads, Ref, replace, spanOf, typesOf, watchOutermost } from "./lib/java.js";
import { Fields, record, recordBytes } from "./lib/log.js";

type Way = "reads" | "writes";
/** Classes of sockets, the names of their streams' classes inside them. */
const SOCKETS: [string, string, string][] = [
  ["sun.security.ssl.SSLSocketImpl", "AppInputStream", "AppOutputStream"],
  ["com.android.org.conscrypt.ConscryptFileDescriptorSocket", "SSLInputStream", "SSLOutputStream"],
  ["com.android.org.conscrypt.ConscryptEngineSocket", "SSLInputStream", "SSLOutputStream"],
  ["org.conscrypt.ConscryptFileDescriptorSocket", "SSLInputStream", "SSLOutputStream"],
  ["org.conscrypt.ConscryptEngineSocket", "SSLInputStream", "SSLOutputStream"],
];
const ENGINES = ["sun.security.ssl.SSLEngineImpl", "com.android.org.conscrypt.ConscryptEngine", "org.conscrypt.ConscryptEngine"];
const BYTES = "[B,int,int";
const WRAP = "[Ljava.nio.ByteBuffer;,int,int,java.nio.ByteBuffer";
const UNWRAP = "java.nio.ByteBuffer,[Ljava.nio.ByteBuffer;,int,int";

interface Stream {
  id: string;
  server: boolean;
  /** Whether the app has read to the end. */
  eof: boolean;
  offset: { [way in Way]: number };
}

/** An engine does not say that it is done with: the oldest are forgotten. */
const MOST_STREAMS = 10_000;

const streams = new Map<number, Stream>();
/** Threads inside a read or write: a socket that works through an engine is told once. */
const inside = new Set<number>();
const stats = { reads: 0, writes: 0, bytes_read: 0, bytes_written: 0, streams: 0 };

/** The stream of a socket or engine, told when it is first seen. */
function streamOf(owner: Ref, module: string): Stream {
  const key: number = Java.use("java.lang.System").identityHashCode(owner);
  let stream = streams.get(key);
  if (stream === undefined) {
    stream = { id: `java-${++stats.streams}`, server: !owner.getUseClientMode(), eof: false, offset: { reads: 0, writes: 0 } };
    streams.set(key, stream);
    if (streams.size > MOST_STREAMS) {
      streams.delete(streams.keys().next().value as number);
    }
    record("stream", { stream: stream.id, module, server: stream.server, ...about(owner) });
  }
  return stream;
}

function ended(owner: Ref): void {
  const key: number = Java.use("java.lang.System").identityHashCode(owner);
  const stream = streams.get(key);
  if (stream !== undefined) {
    streams.delete(key);
    record("streamend", { stream: stream.id, reason: "closed", eof: stream.eof });
  }
}

function about(owner: Ref): Fields {
  const session = owner.getSession();
  const said: Fields = { sni: sniOf(session), tls_version: String(session.getProtocol()), alpn: alpnOf(owner) };
  if (owner.getInetAddress !== undefined && owner.getInetAddress() !== null) {
    said.local = [String(owner.getLocalAddress().getHostAddress()), owner.getLocalPort()];
    said.peer = [String(owner.getInetAddress().getHostAddress()), owner.getPort()];
  }
  return said;
}

/** The name that the client asked for; the host that the session was made for where the platform does not tell it. */
function sniOf(session: Ref): string | null {
  try {
    const asked = cast(session, "javax.net.ssl.ExtendedSSLSession").getRequestedServerNames();
    if (asked.size() > 0) {
      return String(cast(asked.get(0), "javax.net.ssl.SNIHostName").getAsciiName());
    }
  } catch {
    // a session that does not tell, or is of another kind
  }
  const host = session.getPeerHost();
  return host === null || /^[\d.]+$|:/.test(String(host)) ? null : String(host);
}

function alpnOf(owner: Ref): string | null {
  const chosen = owner.getApplicationProtocol === undefined ? null : owner.getApplicationProtocol();
  return chosen === null || String(chosen) === "" ? null : String(chosen);
}

function passed(owner: Ref, module: string, way: Way, array: Ref, offset: number, length: number): void {
  const stream = streamOf(owner, module);
  const direction = (way === "writes") !== stream.server ? "request" : "response";
  stats[way]++;
  stats[way === "reads" ? "bytes_read" : "bytes_written"] += length;
  recordBytes("plaintext", { stream: stream.id, direction }, stream.offset[way], bytesOf(array, offset, length), length);
  stream.offset[way] += length;
}

/** A stream's read or write of (array, offset, length): the socket is the object that the stream is part of. */
function ofStream(module: string, way: Way): Body {
  return watchOutermost(inside, `${module} ${way}`, (self, args, result) => {
    const length = way === "reads" ? result : args[2];
    if (length > 0) {
      passed(self.this$0.value, module, way, args[0], args[1], length);
    } else if (length < 0) {
      streamOf(self.this$0.value, module).eof = true;
    }
  });
}

/** An engine's wrap or unwrap: what the buffers of plain text lost or gained while it ran. */
function ofEngine(module: string, way: Way): Body {
  return (self, args, original, thread) => {
    if (inside.has(thread)) {
      return original();
    }
    const [buffers, first, count] = way === "writes" ? [args[0], args[1], args[2]] : [args[1], args[2], args[3]];
    const mine: Ref[] = Array.from({ length: count }, (_, i) => buffers[first + i]);
    const before = ours(thread, module, () => mine.map((buffer) => spanOf(buffer).position));
    inside.add(thread);
    try {
      return original();
    } finally {
      inside.delete(thread);
      ours(thread, module, () => mine.forEach((buffer, i) => {
        const length = before === undefined ? 0 : spanOf(buffer).position - before[i];
        if (length > 0) {
          passed(self, module, way, arrayOf(buffer, before![i], length), 0, length);
        }
      }));
    }
  };
}

/** Replace the overload of these parameters; its words, in a list of one or none. */
function take(type: Ref | null, method: string, parameters: string, body: Body): string[] {
  const one = type === null ? undefined : overloads(type, method).find((overload) => typesOf(overload).join() === parameters);
  return one !== undefined && replace(one, body) ? [`${type.$className}.${method}`] : [];
}

function start(): Hooked {
  const found: Fields[] = [];
  const missing: string[] = [];
  const told = (name: string, methods: string[]): void => void (methods.length > 0 ? found.push({ module: name, functions: methods }) : missing.push(name));
  const closes: Body = (self, _args, original, thread) => {
    ours(thread, "close", () => ended(self));
    return original();
  };
  for (const [name, input, output] of SOCKETS) {
    told(name, [
      ...take(find(`${name}$${input}`), "read", BYTES, ofStream(name, "reads")),
      ...take(find(`${name}$${output}`), "write", BYTES, ofStream(name, "writes")),
      ...take(find(name), "close", "", closes),
    ]);
  }
  for (const name of ENGINES) {
    const type = find(name);
    told(name, [...take(type, "wrap", WRAP, ofEngine(name, "writes")), ...take(type, "unwrap", UNWRAP, ofEngine(name, "reads"))]);
  }
  if (found.length === 0) {
    throw new Error("neither JSSE nor Conscrypt was found in this process");
  }
  return { found, missing };
}

serveJava({ name: "java-tls-plaintext", version: "1", start, stats: () => ({ ...stats }) });
