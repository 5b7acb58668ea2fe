// An agent that tells `rate` records a second for `seconds`, 256 bytes each, evenly in steps of ten milliseconds.

import { serve } from "../../../addons/frida/lib/agent.js";
import { Fields, record, recordBytes } from "../../../addons/frida/lib/log.js";

const bytes = Memory.alloc(256);
let timer: ReturnType<typeof setInterval> | null = null;

serve({
  name: "burst",
  version: "1",
  start(parameters: Fields) {
    const [rate, seconds] = [Number(parameters.rate), Number(parameters.seconds)];
    const begin = Date.now();
    let told = 0;
    timer = setInterval(() => {
      const due = Math.min(rate * seconds, Math.floor(((Date.now() - begin) / 1000) * rate));
      for (; told < due; told++) {
        recordBytes("plaintext", { stream: "1", direction: "request" }, told * 256, bytes, 256);
      }
      if (told === rate * seconds) {
        clearInterval(timer!);
        record("event", { event: "all told", number: told });
      }
    }, 10);
    return { found: [{ module: "none", functions: ["a burst"] }], missing: [] };
  },
  stop: () => clearInterval(timer!),
  stats: () => ({}),
});
