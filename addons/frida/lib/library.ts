// Functions of a library by name, exported, local or stripped, in every module of the process, also those loaded later.
//
// Libraries are often loaded so that the process as a whole does not see their exports (RTLD_LOCAL), or linked into
// another one as local symbols: each module is asked itself. A BoringSSL without names is searched by lib/locate.ts.

import { Image } from "./image.js";
import { isBoringSsl, locate } from "./locate.js";

export type Functions = { [name: string]: NativePointer };

/** A library with a BoringSSL in it has at least so many bytes; smaller ones need not be looked through. */
const SMALLEST = 1 << 19;

/** The functions of these names in a module; where the mark is missing, local symbols, then code, are looked through. */
export function functionsOf(module: Module, names: string[], mark: string): Functions {
  const found: Functions = {};
  for (const name of names) {
    const address = module.findExportByName(name);
    if (address !== null) {
      found[name] = address;
    }
  }
  if (found[mark] !== undefined || isSystem(module)) {
    return found;
  }
  const wanted = new Set(names);
  for (const symbol of module.enumerateSymbols()) {
    if (symbol.type === "function" && !symbol.address.isNull() && wanted.has(symbol.name)) {
      found[symbol.name] = symbol.address;
    }
  }
  return Object.keys(found).length > 0 ? found : located(module, wanted);
}

/** What can be found of a BoringSSL in this module though it was stripped. */
function located(module: Module, wanted: Set<string>): Functions {
  if (module.size < SMALLEST) {
    return {};
  }
  try {
    const image = Image.ofModule(module);
    const places = isBoringSsl(image) ? Object.entries(locate(image)).filter(([name]) => wanted.has(name)) : [];
    return Object.fromEntries(places.map(([name, at]) => [name, module.base.add(at)]));
  } catch {
    return {}; // no ELF library of a processor that is known, or its memory cannot be read
  }
}

/** The C library and its like hold no TLS; looking through their symbols costs time in every attach. */
function isSystem(module: Module): boolean {
  return /^(ld-|libc[.-]|libm[.-]|libpthread|libdl[.-]|librt[.-]|libstdc\+\+|libgcc|linux-vdso|frida-agent|linker)/.test(module.name);
}

/** Call `use` for every module that is loaded and for each that is loaded later; returns what ends that. */
export function everyModule(use: (module: Module) => void): () => void {
  const observer = Process.attachModuleObserver({ onAdded: use });
  return () => observer.detach();
}
