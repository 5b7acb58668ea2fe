// What passes through SSL_read and SSL_write, in plain text: OpenSSL and BoringSSL, in every module of the process.
//
// It changes nothing in the target. {"content": false} counts only. With {"keylog": true} it also tells the keys of
// connections made from then on, through the library's own key-log callback: an app's own one goes on being called, and
// dispose sets it back (a callback that is left behind kills the target at its next handshake).
// Limits: functions without a symbol (stripped, statically linked) are not found; SSL_sendfile and kernel TLS are not
// seen; a connection over a memory BIO (Python's asyncio, curl from 7.87 on) has no address, its SNI is told alone.

import { Agent, Hooked, serve } from "./lib/agent.js";
import { Fields, record, recordBytes } from "./lib/log.js";
import { everyModule, Functions, functionsOf } from "./lib/library.js";

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
const ABOUT = ["SSL_get_error", "SSL_get_fd", "SSL_get_servername", "SSL_get0_alpn_selected", "SSL_get_version", "SSL_is_server"];
const KEYS = ["SSL_new", "SSL_CTX_set_keylog_callback", "SSL_CTX_get_keylog_callback", "SSL_CTX_up_ref", "SSL_CTX_free"];
const NAMES = [...Object.keys(HOOKS), "SSL_free", ...ABOUT, ...KEYS];
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

type Call = NativeFunction<any, any>;

const streams = new Map<string, Stream>();
const listeners: InvocationListener[] = [];
const hooked = new Set<string>();
const undo: (() => void)[] = [];
const stats = { reads: 0, writes: 0, bytes_read: 0, bytes_written: 0, streams: 0, keylog: 0 };
let keylog = false;
let content = true;

/** The library that a hooked function belongs to, and what it says about its connections. */
class Library {
  private calls = new Map<string, Call>();

  constructor(readonly name: string, readonly functions: Functions) {}

  private call(name: string, result: NativeFunctionReturnType, args: NativeFunctionArgumentType[]): Call | null {
    const address = this.functions[name];
    if (address === undefined) {
      return null;
    }
    let call = this.calls.get(name);
    if (call === undefined) {
      call = new NativeFunction(address, result, args, { scheduling: "exclusive" }) as Call;
      this.calls.set(name, call);
    }
    return call;
  }

  stream(ssl: NativePointer): Stream {
    const key = ssl.toString();
    let stream = streams.get(key);
    if (stream === undefined) {
      const server = this.call("SSL_is_server", "int", ["pointer"])?.(ssl) === 1;
      stream = { id: ++stats.streams, server, eof: false, offset: { reads: 0, writes: 0 } };
      streams.set(key, stream);
      record("stream", { stream: String(stream.id), module: this.name, server, ...this.about(ssl) });
    }
    return stream;
  }

  /** A read that gave nothing: was it the end? */
  ended(ssl: NativePointer, result: number): void {
    const stream = streams.get(ssl.toString());
    const why = this.call("SSL_get_error", "int", ["pointer", "int"])?.(ssl, result) as number | undefined;
    if (stream !== undefined && why !== undefined && !WANTS.includes(why)) {
      stream.eof = true;
    }
  }

  private about(ssl: NativePointer): Fields {
    const fd = (this.call("SSL_get_fd", "int", ["pointer"])?.(ssl) ?? -1) as number;
    const name = this.call("SSL_get_servername", "pointer", ["pointer", "int"])?.(ssl, HOST_NAME) as NativePointer | undefined;
    const version = this.call("SSL_get_version", "pointer", ["pointer"])?.(ssl) as NativePointer | undefined;
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
    const ask = this.call("SSL_get0_alpn_selected", "void", ["pointer", "pointer", "pointer"]);
    if (ask === null) {
      return null;
    }
    const out = Memory.alloc(16);
    ask(ssl, out, out.add(8));
    const length = out.add(8).readU32();
    return length > 0 && length < 256 ? out.readPointer().readUtf8String(length) : null;
  }

  /** Tell the keys of this context's connections from now on. */
  keysOf(context: NativePointer): void {
    const set = this.call("SSL_CTX_set_keylog_callback", "void", ["pointer", "pointer"]);
    const get = this.call("SSL_CTX_get_keylog_callback", "pointer", ["pointer"]);
    const hold = this.call("SSL_CTX_up_ref", "int", ["pointer"]);
    const free = this.functions.SSL_CTX_free;
    if (set === null || get === null || hold === null || free === undefined) {
      return;
    }
    const release = new NativeFunction(free, "void", ["pointer"]); // may call back into the app
    const own = get(context) as NativePointer;
    if (callbacks.has(own.toString())) {
      return;
    }
    const chained = own.isNull() ? null : new NativeFunction(own, "void", ["pointer", "pointer"]);
    const callback = new NativeCallback((ssl, line) => {
      stats.keylog++;
      record("keylog", { line: text(line) });
      if (chained !== null) {
        chained(ssl, line);
      }
    }, "void", ["pointer", "pointer"]);
    callbacks.set(callback.toString(), callback);
    hold(context); // it stays until dispose has set its own callback back
    set(context, callback);
    undo.push(() => {
      if ((get(context) as NativePointer).equals(callback)) {
        set(context, own);
      }
      release(context);
    });
  }
}

const callbacks = new Map<string, NativePointer>();

function text(at: NativePointer | undefined): string | null {
  return at === undefined || at.isNull() ? null : at.readCString();
}

/** An IPv4 address that a socket of both families tells as ::ffff:1.2.3.4. */
function plainIp(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}

function passed(library: Library, way: Way, ssl: NativePointer, from: NativePointer, length: number): void {
  const stream = library.stream(ssl);
  const direction = (way === "writes") !== stream.server ? "request" : "response";
  stats[way]++;
  stats[way === "reads" ? "bytes_read" : "bytes_written"] += length;
  if (content) {
    recordBytes("plaintext", { stream: String(stream.id), direction }, stream.offset[way], from, length);
  }
  stream.offset[way] += length;
}

function hook(library: Library, name: string): boolean {
  const address = library.functions[name];
  if (address === undefined || hooked.has(address.toString())) {
    return false;
  }
  const [way, kind] = HOOKS[name];
  hooked.add(address.toString());
  listeners.push(Interceptor.attach(address, {
    onEnter(args) {
      this.ssl = args[0];
      this.from = args[1];
      this.count = kind === "counted" ? args[3] : null;
    },
    onLeave(result) {
      const said = result.toInt32();
      if (kind === "plain" && said > 0) {
        passed(library, way, this.ssl, this.from, said);
      } else if (kind === "counted" && said === 1) {
        const length = Process.pointerSize === 8 ? this.count.readU64().toNumber() : this.count.readU32();
        if (length > 0) {
          passed(library, way, this.ssl, this.from, length);
        }
      } else if (way === "reads") {
        library.ended(this.ssl, said);
      }
    },
  }));
  return true;
}

function freed(ssl: NativePointer): void {
  const stream = streams.get(ssl.toString());
  if (stream !== undefined) {
    streams.delete(ssl.toString());
    record("streamend", { stream: String(stream.id), reason: "freed", eof: stream.eof });
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
  const free = functions.SSL_free;
  if (free !== undefined) {
    listeners.push(Interceptor.attach(free, { onEnter: (args) => freed(args[0]) }));
  }
  if (keylog && functions.SSL_new !== undefined) {
    listeners.push(Interceptor.attach(functions.SSL_new, { onEnter: (args) => library.keysOf(args[0]) }));
    names.push("SSL_CTX_set_keylog_callback");
  }
  return { module: own.name, path: own.path, functions: names };
}

const agent: Agent = {
  name: "tls-plaintext",
  version: "1",

  start(parameters: Fields): Hooked {
    keylog = parameters.keylog === true;
    content = parameters.content !== false;
    const found: Fields[] = [];
    let live = false;
    undo.push(everyModule((module) => {
      const taken = take(module);
      if (taken !== null && live) {
        record("hooked", { found: [taken], missing: [] });
      } else if (taken !== null) {
        found.push(taken);
      }
    }));
    live = true;
    return { found, missing: found.length > 0 ? [] : ["SSL_read", "SSL_write"] };
  },

  stop(): void {
    listeners.splice(0).forEach((listener) => listener.detach());
    undo.splice(0).forEach((step) => step());
    Interceptor.flush();
  },

  stats: () => ({ ...stats }),
};

serve(agent);
