// Runs the search of lib/locate.ts on a library's file, of whatever processor: nothing of it is executed.

import { Image } from "../../../addons/frida/lib/image.js";
import { isBoringSsl, locate } from "../../../addons/frida/lib/locate.js";

rpc.exports = {
  locate(path: string): { [name: string]: unknown } {
    const image = Image.ofFile(path);
    const before = Date.now();
    return { found: isBoringSsl(image) ? locate(image) : {}, milliseconds: Date.now() - before };
  },
};
