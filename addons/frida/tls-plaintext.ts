// What passes through SSL_read and SSL_write, in plain text: OpenSSL and BoringSSL, in every module of the process.
//
// It changes nothing in the target. {"content": false} counts only.
// Functions without a symbol are found in BoringSSL alone (lib/locate.ts): its connections then have neither address
// nor name. Limits: SSL_sendfile and kernel TLS are not seen; a connection over a memory BIO (Python's asyncio, curl
// from 7.87 on) has no address, its SNI is told alone.

import { Calls } from "./lib/calls.js";
import { Functions, functionsOf } from "./lib/library.js";
import { Fields, record, recordBytes } from "./lib/log.js";
import { attach, serveNative } from "./lib/native-agent.js";

type Way = "reads" | "writes";
type Kind = "plain" | "counted";
/** plain: returns the length. counted: returns 1 and the length through the fourth argument. */
const HOOKS: { [name: string]: [Way, Kind] } = {
  SSL_read: ["reads", "plain"],
  SSL_read_ex: ["reads", "counted"],
  SSL_read_early_data: ["reads", "counted"],
  SSL_write: ["writes", "plain"],
  SSL_write_ex: ["writes", "counted"],
  SSL_write_early_data: ["writes", "counted"],
};
const ABOUT = [
  "SSL_get_error", "SSL_get_fd", "SSL_get_servername", "SSL_get0_alpn_selected", "SSL_get_version", "SSL_is_server",
];
const NAMES = [...Object.keys(HOOKS), "SSL_new", "SSL_free", ...ABOUT];
const HOST_NAME = 0;
/** SSL_ERROR_WANT_READ and SSL_ERROR_WANT_WRITE: nothing came yet, and more may. */
const WANTS = [2, 3];

interface Stream {
  id: number;
  server: boolean;
  /** Whether it was read to its end. */
  eof: boolean;
  offset: { [way in Way]: number };
}

const streams = new Map<string, Stream>();
const stats = { reads: 0, writes: 0, bytes_read: 0, bytes_written: 0, streams: 0 };
let content = true;

/** The library that a hooked function belongs to, and what it says about its connections. */
class Library {
  private readonly calls: Calls;

  constructor(readonly name: string, readonly functions: Functions) {
    this.calls = new Calls(functions);
  }

  stream(ssl: NativePointer): Stream {
    const key = ssl.toString();
    let stream = streams.get(key);
    if (stream === undefined) {
      const server = this.calls.get("SSL_is_server", "int", ["pointer"])?.(ssl) === 1;
      stream = { id: ++stats.streams, server, eof: false, offset: { reads: 0, writes: 0 } };
      streams.set(key, stream);
      record("stream", { stream: String(stream.id), module: this.name, server, ...this.about(ssl) });
    }
    return stream;
  }

  /** A read that gave nothing: was it the end? */
  ended(ssl: NativePointer, result: number): void {
    const stream = streams.get(ssl.toString());
    const why = this.calls.get("SSL_get_error", "int", ["pointer", "int"])?.(ssl, result) as number | undefined;
    if (stream !== undefined && why !== undefined && !WANTS.includes(why)) {
      stream.eof = true;
    }
  }

  private about(ssl: NativePointer): Fields {
    const fd = (this.calls.get("SSL_get_fd", "int", ["pointer"])?.(ssl) ?? -1) as number;
    const ask = this.calls.get("SSL_get_servername", "pointer", ["pointer", "int"]);
    const name: NativePointer | undefined = ask?.(ssl, HOST_NAME);
    const version: NativePointer | undefined = this.calls.get("SSL_get_version", "pointer", ["pointer"])?.(ssl);
    const said: Fields = { fd, sni: text(name), tls_version: text(version), alpn: this.alpn(ssl) };
    if (fd >= 0) {
      const local = Socket.localAddress(fd) as TcpEndpointAddress | null;
      const peer = Socket.peerAddress(fd) as TcpEndpointAddress | null;
      said.local = local?.port === undefined ? null : [plainIp(local.ip), local.port];
      said.peer = peer?.port === undefined ? null : [plainIp(peer.ip), peer.port];
    }
    return said;
  }

  private alpn(ssl: NativePointer): string | null {
    const ask = this.calls.get("SSL_get0_alpn_selected", "void", ["pointer", "pointer", "pointer"]);
    if (ask === null) {
      return null;
    }
    const out = Memory.alloc(16);
    ask(ssl, out, out.add(8));
    const length = out.add(8).readU32();
    return length > 0 && length < 256 ? out.readPointer().readUtf8String(length) : null;
  }
}

function text(at: NativePointer | undefined): string | null {
  return at === undefined || at.isNull() ? null : at.readCString();
}

/** An IPv4 address that a socket of both families tells as ::ffff:1.2.3.4. */
function plainIp(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}

function count(way: Way, length: number): void {
  stats[way]++;
  stats[way === "reads" ? "bytes_read" : "bytes_written"] += length;
}

function passed(library: Library, way: Way, ssl: NativePointer, from: NativePointer, length: number): void {
  const stream = library.stream(ssl);
  const direction = (way === "writes") !== stream.server ? "request" : "response";
  count(way, length);
  recordBytes("plaintext", { stream: String(stream.id), direction }, stream.offset[way], from, length);
  stream.offset[way] += length;
}

/** What a call passed: none where it failed, or has to be made again. Under 4 GiB, so the lower half of a size_t. */
function lengthOf(kind: Kind, result: number, counted: NativePointer): number {
  return kind === "plain" ? result : result === 1 ? counted.readU32() : 0;
}

function telling(library: Library, way: Way, kind: Kind): InvocationListenerCallbacks {
  return {
    onEnter(args) {
      this.ssl = args[0];
      this.from = args[1];
      this.counted = kind === "counted" ? args[3] : NULL;
    },
    onLeave(result) {
      const said = result.toInt32();
      const length = lengthOf(kind, said, this.counted);
      if (length > 0) {
        passed(library, way, this.ssl, this.from, length);
      } else if (way === "reads") {
        library.ended(this.ssl, said);
      }
    },
  };
}

/** As little as can be done, so that it costs little: no stream is looked up. */
function counting(way: Way, kind: Kind): InvocationListenerCallbacks {
  const onLeave = (result: number, counted: NativePointer): void => {
    const length = lengthOf(kind, result, counted);
    if (length > 0) {
      count(way, length);
    }
  };
  if (kind === "plain") {
    return { onLeave: (result) => onLeave(result.toInt32(), NULL) };
  }
  return {
    onEnter(args) {
      this.counted = args[3];
    },
    onLeave(result) {
      onLeave(result.toInt32(), this.counted);
    },
  };
}

function hook(library: Library, name: string): boolean {
  const address = library.functions[name];
  const [way, kind] = HOOKS[name];
  return address !== undefined && attach(address, content ? telling(library, way, kind) : counting(way, kind));
}

function ended(ssl: NativePointer, reason: string): void {
  const stream = streams.get(ssl.toString());
  if (stream !== undefined) {
    streams.delete(ssl.toString());
    record("streamend", { stream: String(stream.id), reason, eof: stream.eof });
  }
}

/** Hook a module's functions; what was hooked, null if it has none. */
function take(module: Module): Fields | null {
  const functions = functionsOf(module, NAMES, "SSL_write");
  // A module's look-up goes on in the libraries it depends on: the function's own module is the one to name.
  const own = (functions.SSL_write && Process.findModuleByAddress(functions.SSL_write)) ?? module;
  const library = new Library(own.name, functions);
  const names = Object.keys(HOOKS).filter((name) => hook(library, name));
  if (names.length === 0) {
    return null;
  }
  if (!content) {
    return { module: own.name, path: own.path, functions: names };
  }
  if (functions.SSL_free !== undefined) {
    attach(functions.SSL_free, { onEnter: (args) => ended(args[0], "freed") });
  } else if (functions.SSL_new !== undefined) {
    // Where the end is not seen, another connection in the same place is.
    attach(functions.SSL_new, { onLeave: (made) => ended(made, "its place is used again") });
  }
  return { module: own.name, path: own.path, functions: names };
}

serveNative({
  name: "tls-plaintext",
  version: "2",
  functions: ["SSL_read", "SSL_write"],
  start: (parameters) => {
    content = parameters.content !== false;
  },
  take,
  stop: () => {},
  stats: () => ({ ...stats }),
});
