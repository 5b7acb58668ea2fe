// The contract of an agent for a Java process: as agent.ts, its hooks set and taken back while attached to the VM.

import { Hooked, serve } from "./agent.js";
import { Fields } from "./log.js";
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
  serve({
    name: agent.name,
    version: agent.version,
    start: (parameters) =>
      inJava(() => {
        refuseWhatCannotBeTakenBack();
        return agent.start(parameters);
      }),
    stop: () => inJava(revert),
    stats: () => ({ ...agent.stats(), ...faultCount() }),
  });
}
