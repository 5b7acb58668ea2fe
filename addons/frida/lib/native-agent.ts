// The contract of an agent for native libraries: as agent.ts, and asked about every module, also those loaded later.

import { Hooked, serve } from "./agent.js";
import { everyModule } from "./library.js";
import { Fields, record } from "./log.js";

export interface NativeAgent {
  name: string;
  version: string;
  /** What is told to be missing where no module of the process has any of it. */
  functions: string[];
  /** Take the parameters; throws if they are wrong. */
  start(parameters: Fields): void;
  /** Hook a module's functions; what was hooked, null if it has none, or they were hooked before. */
  take(module: Module): Fields | null;
  /** Set back what the target would miss; the hooks are taken out already. */
  stop(): void;
  stats(): Fields;
}

const listeners: InvocationListener[] = [];
const tried = new Set<string>();

/** Hook a function until the agent's end; false if it was tried before. Throws, once, if it cannot be hooked. */
export function attach(address: NativePointer, hooks: InvocationListenerCallbacks): boolean {
  if (tried.has(address.toString())) {
    return false;
  }
  tried.add(address.toString());
  listeners.push(Interceptor.attach(address, hooks));
  return true;
}

export function isTried(address: NativePointer): boolean {
  return tried.has(address.toString());
}

/** Make an agent reachable. */
export function serveNative(agent: NativeAgent): void {
  let observed = (): void => {};
  serve({
    name: agent.name,
    version: agent.version,

    start(parameters: Fields): Hooked {
      agent.start(parameters);
      const found: Fields[] = [];
      let live = false;
      observed = everyModule((module) => {
        const taken = takeOne(agent, module);
        if (taken !== null && live) {
          record("hooked", { found: [taken], missing: [] });
        } else if (taken !== null) {
          found.push(taken);
        }
      });
      live = true;
      Interceptor.flush();
      return { found, missing: found.length > 0 ? [] : agent.functions };
    },

    stop(): void {
      observed();
      listeners.splice(0).forEach((listener) => listener.detach());
      Interceptor.flush();
      agent.stop();
    },

    stats: () => agent.stats(),
  });
}

/** One module that cannot be hooked is told, and takes none of the others with it. */
function takeOne(agent: NativeAgent, module: Module): Fields | null {
  try {
    return agent.take(module);
  } catch (fault) {
    record("error", { where: `hooking ${module.name}`, message: String(fault) });
    return null;
  }
}
