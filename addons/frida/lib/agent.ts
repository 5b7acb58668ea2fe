// The contract of an agent: about, init, stats, dispose, as frida-tools' own command line calls them too.
//
// What was hooked and what was not found is a record and the result of init; a fault in init is a record as well,
// since that command line shows none.

import { clock, counts, Fields, flush, record } from "./log.js";

export interface Hooked {
  found: Fields[];
  missing: string[];
}

export interface Agent {
  name: string;
  version: string;
  /** Set the hooks. */
  start(parameters: Fields): Hooked;
  /** Take them back: the target is as it was. */
  stop(): void;
  stats(): Fields;
}

/** Make an agent reachable. */
export function serve(agent: Agent): void {
  let running = false;

  function stop(): void {
    if (running) {
      running = false;
      agent.stop();
      record("end", { stats: { ...agent.stats(), ...counts() } });
      flush();
    }
  }

  rpc.exports = {
    init(_stage: string, parameters: Fields): Fields {
      running = true;
      try {
        const hooked = agent.start(parameters ?? {});
        Interceptor.flush();
        record("hooked", { ...hooked });
        return { ...hooked };
      } catch (fault) {
        record("error", { where: "init", message: String(fault) });
        throw fault;
      } finally {
        flush();
      }
    },
    about: () => ({
      version: agent.version, runtime: Frida.version, arch: Process.arch, platform: Process.platform, ...clock(),
    }),
    stats: () => ({ ...agent.stats(), ...counts() }),
    flush,
    dispose: stop,
  };
}
