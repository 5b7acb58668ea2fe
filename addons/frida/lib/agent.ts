// The contract of an agent: about, init, stats, dispose, as frida-tools' own command line calls them too.
//
// What was hooked and what was not found is a record and the result of init; a fault in init is a record as well,
// since that command line shows none. Hooks that take a moment make init and dispose promises.

import { clock, counts, Fields, flush, record } from "./log.js";

export interface Hooked {
  found: Fields[];
  missing: string[];
}

export interface Agent {
  name: string;
  version: string;
  /** Set the hooks; they are live when this returns. */
  start(parameters: Fields): Hooked | Promise<Hooked>;
  /** Take them back: the target is as it was. */
  stop(): void | Promise<void>;
  stats(): Fields;
}

/** Make an agent reachable. */
export function serve(agent: Agent): void {
  let running = false;
  const stats = (): Fields => ({ ...agent.stats(), ...counts() });

  rpc.exports = {
    async init(_stage: string, parameters: Fields): Promise<Fields> {
      running = true;
      try {
        const hooked = await agent.start(parameters ?? {});
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
    stats,
    flush,
    async dispose(): Promise<void> {
      if (running) {
        running = false;
        await agent.stop();
        record("end", { stats: stats() });
        flush();
      }
    },
  };
}
