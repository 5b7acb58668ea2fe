// The keys of TLS connections made from now on, by the library's own key-log callback: OpenSSL and BoringSSL.
//
// A callback is set on every SSL_CTX that a connection is made of. An app's own goes on being called, also one that it
// sets later, and is what it is told when it asks. Each context is held by a reference until nobody else holds it, or
// until dispose: then its callback is set back, so that none is left that leads nowhere (it would end the target).
// Limits: a connection opened before has told its keys already; functions without a symbol are not found.

import { Calls } from "./lib/calls.js";
import { offsetOfReferences } from "./lib/context.js";
import { Functions, functionsOf } from "./lib/library.js";
import { Fields, record } from "./lib/log.js";
import { attach, isTried, serveNative } from "./lib/native-agent.js";

const CALLBACK = { result: "void", args: ["pointer", "pointer"] } as const;
const SET = "SSL_CTX_set_keylog_callback";
const GET = "SSL_CTX_get_keylog_callback";
const NEEDED = [SET, GET, "SSL_new", "SSL_get_SSL_CTX", "SSL_CTX_up_ref", "SSL_CTX_free"];
const NAMES = [...NEEDED, "SSL_CTX_new", "TLS_method"];

type Chained = (ssl: NativePointer, line: NativePointer) => void;
/** What the app itself set on a context that we hold. */
interface Held {
  own: NativePointer;
  chained: Chained | null;
}

const libraries: Library[] = [];
const stats = { keylog: 0, contexts: 0, released: 0, most_held: 0 };

class Library {
  private readonly held = new Map<string, Held>();
  private readonly set: (context: NativePointer, callback: NativePointer) => void;
  private readonly release: (context: NativePointer) => void;
  private readonly callback: NativePointer;
  /** Where a context counts who holds it: undefined until it was looked for, null if it was not found. */
  private references: number | null | undefined = undefined;

  constructor(private readonly calls: Calls, private readonly functions: Functions) {
    this.set = calls.get(SET, CALLBACK.result, [...CALLBACK.args])!;
    this.release = calls.get("SSL_CTX_free", "void", ["pointer"], "cooperative")!; // may call back into the app
    this.callback = new NativeCallback((ssl, line) => this.told(ssl, line), CALLBACK.result, [...CALLBACK.args]);
  }

  hook(): void {
    const { functions } = this;
    const library = this;
    attach(functions.SSL_new, { onEnter: (args) => this.hold(args[0]) });
    attach(functions[SET], {
      onEnter(args) {
        const held = library.held.get(args[0].toString());
        if (held !== undefined && !args[1].equals(library.callback)) {
          Object.assign(held, chain(args[1]));
          args[1] = library.callback;
        }
      },
    });
    attach(functions[GET], {
      onEnter(args) {
        this.of = args[0];
      },
      onLeave(result) {
        const held = library.held.get(this.of.toString());
        if (held !== undefined && result.equals(library.callback)) {
          result.replace(held.own);
        }
      },
    });
    attach(functions.SSL_CTX_free, {
      onEnter(args) {
        this.of = args[0];
      },
      onLeave() {
        if (library.isOursAlone(this.of)) {
          library.letGo(this.of);
        }
      },
    });
  }

  stop(): void {
    for (const context of [...this.held.keys()]) {
      this.letGo(ptr(context));
    }
  }

  private told(ssl: NativePointer, line: NativePointer): void {
    stats.keylog++;
    record("keylog", { line: line.readCString() });
    const context = this.calls.get("SSL_get_SSL_CTX", "pointer", ["pointer"])!(ssl) as NativePointer;
    this.held.get(context.toString())?.chained?.(ssl, line);
  }

  private hold(context: NativePointer): void {
    const key = context.toString();
    if (context.isNull() || this.held.has(key)) {
      return;
    }
    if (this.references === undefined) {
      this.references = offsetOfReferences(this.calls);
    }
    const own = this.calls.get(GET, "pointer", ["pointer"])!(context) as NativePointer;
    this.calls.get("SSL_CTX_up_ref", "int", ["pointer"])!(context);
    this.held.set(key, chain(own));
    this.set(context, this.callback);
    stats.contexts++;
    stats.most_held = Math.max(stats.most_held, this.held.size);
  }

  /** Whether ours is the last reference: then nobody can use the context any more. */
  private isOursAlone(context: NativePointer): boolean {
    return typeof this.references === "number"
      && this.held.has(context.toString())
      && context.add(this.references).readU32() === 1;
  }

  private letGo(context: NativePointer): void {
    const held = this.held.get(context.toString())!;
    this.held.delete(context.toString());
    this.set(context, held.own);
    this.release(context);
    stats.released++;
  }
}

function chain(own: NativePointer): Held {
  if (own.isNull()) {
    return { own, chained: null };
  }
  return { own, chained: new NativeFunction(own, CALLBACK.result, [...CALLBACK.args]) as unknown as Chained };
}

function take(module: Module): Fields | null {
  const functions = functionsOf(module, NAMES, SET);
  if (NEEDED.some((name) => functions[name] === undefined) || isTried(functions[SET])) {
    return null;
  }
  const own = Process.findModuleByAddress(functions[SET]) ?? module;
  const library = new Library(new Calls(functions), functions);
  library.hook();
  libraries.push(library);
  return { module: own.name, path: own.path, functions: [SET] };
}

serveNative({
  name: "tls-keylog",
  version: "1",
  functions: [SET],
  start: () => {},
  take,
  stop: () => libraries.splice(0).forEach((library) => library.stop()),
  stats: () => ({ ...stats }),
});
