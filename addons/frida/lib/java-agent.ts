// The contract of an agent for a Java process: as agent.ts, but hooks take a moment, so init and dispose are promises.

import { clock, counts, Fields, flush, record } from "./log.js";
import { Hooked } from "./agent.js";
import { faultCount, find, inJava, revert } from "./java.js";

export interface JavaAgent {
  name: string;
  version: string;
  /** Set the hooks, attached to the VM. */
  start(parameters: Fields): Hooked;
  stats(): Fields;
}

/** Taking a hook back waits for the JVM's thread that sweeps compiled code, for ever where -Xint leaves that out. */
function refuseWhatCannotBeTakenBack(): void {
  const info = String(find("java.lang.System").getProperty("java.vm.info"));
  if (info.includes("interpreted mode")) {
    throw new Error(
      "this JVM runs with -Xint, where hooks cannot be taken back: use -XX:CompileCommand=exclude,*::* instead",
    );
  }
}

/** Make an agent reachable. Dispose sets every method back. */
export function serveJava(agent: JavaAgent): void {
  let running = false;
  const stats = (): Fields => ({ ...agent.stats(), ...faultCount(), ...counts() });

  async function stop(): Promise<void> {
    if (running) {
      running = false;
      await inJava(revert);
      record("end", { stats: stats() });
      flush();
    }
  }

  rpc.exports = {
    async init(_stage: string, parameters: Fields): Promise<Fields> {
      running = true;
      try {
        const hooked = await inJava(() => {
          refuseWhatCannotBeTakenBack();
          return agent.start(parameters ?? {});
        });
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
    dispose: stop,
  };
}
