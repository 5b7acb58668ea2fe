// Tells where a BoringSSL that is linked in and stripped keeps its functions: as in Chromium's Cronet, or in Flutter.
//
// It hooks nothing. tls-plaintext and native-unpin find the same functions by the same search (lib/locate.ts) and hook
// them; this agent shows beforehand whether they will. Searched are x86-64 and ARM64; on ARM64 the search was tried on
// a library's bytes, not in a living process.

import { Image } from "./lib/image.js";
import { isBoringSsl, locate } from "./lib/locate.js";
import { Fields } from "./lib/log.js";
import { serveNative } from "./lib/native-agent.js";

const stats = { searched: 0, located: 0 };

function take(module: Module): Fields | null {
  let image: Image;
  try {
    image = Image.ofModule(module);
  } catch {
    return null; // no ELF library of a processor that is known
  }
  stats.searched++;
  if (!isBoringSsl(image)) {
    return null;
  }
  const offsets = Object.fromEntries(Object.entries(locate(image)).map(([name, at]) => [name, `0x${at.toString(16)}`]));
  stats.located += Object.keys(offsets).length;
  return { module: module.name, path: module.path, functions: Object.keys(offsets), offsets };
}

serveNative({
  name: "boringssl-locate",
  version: "1",
  functions: ["a BoringSSL that tells its source files"],
  start: () => {},
  take,
  stop: () => {},
  stats: () => ({ ...stats }),
});
