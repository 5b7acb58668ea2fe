// What a Java process encrypts, authenticates, hashes and signs: javax.crypto.Cipher and Mac, MessageDigest, Signature.
//
// It changes nothing in the target. A record an operation, its parts joined: algorithm, secret or public key, IV, AAD,
// what went in and what came out, and the stack of the call that ended it. A call that another one makes is not told
// again; nor is what the platform does for itself (TLS, signed jars), which is counted. Private keys are never told.
// {"classes": ["javax.crypto.Cipher", ...]} takes only these. Limits: crypto in native code or in an app's own Java.

import Java from "frida-java-bridge";
import { Hooked } from "./lib/agent.js";
import { serveJava } from "./lib/java-agent.js";
import { Body, find, ours, overloads, Ref, replace, spanOf, typesOf } from "./lib/java.js";
import { bytes, bytesOfBuffer, Operation, operationOf } from "./lib/java-operation.js";
import { Fields } from "./lib/log.js";

const BUFFER = "java.nio.ByteBuffer";
const MODES = ["", "encrypt", "decrypt", "wrap", "unwrap"];

/** What one call does to an operation: seen before the method runs, since input and output may be one array; and after. */
interface Step {
  before?: (operation: Operation, self: Ref, args: Ref[]) => void;
  after?: (operation: Operation, self: Ref, args: Ref[], result: Ref) => void;
}
type Steps = { [method: string]: (types: string[]) => Step };

const inside = new Set<number>();
const stats = { operations: 0, platform: 0 };

function tell(operation: Operation, more: Fields = {}): void {
  if (operation.tell(more)) {
    stats.operations++;
  } else {
    stats.platform++;
  }
}

/** The bytes that a call is given: a byte, an array, a part of one, a buffer. */
function given(types: string[], args: Ref[]): Uint8Array | null {
  switch (types[0]) {
    case "byte":
      return Uint8Array.of(args[0] & 255);
    case "[B":
      return types[1] === "int" && types[2] === "int" ? bytes(args[0], args[1], args[2]) : bytes(args[0]);
    case BUFFER: {
      const { position, limit } = spanOf(args[0]);
      return bytesOfBuffer(args[0], position, limit);
    }
    default:
      return null;
  }
}

/** The bytes that a call made: its result, or so many in an array or buffer that it was given. */
function made(types: string[], args: Ref[], result: Ref): Uint8Array | null {
  if (typeof result !== "number") {
    return result === undefined ? null : bytes(result);
  }
  if (types[1] === BUFFER) {
    const { position } = spanOf(args[1]);
    return bytesOfBuffer(args[1], position - result, position);
  }
  const out = types.lastIndexOf("[B");
  return bytes(args[out], out === types.length - 1 ? 0 : args[out + 1], result);
}

function begun(operation: Operation, self: Ref, mode: string, key: Ref | null): void {
  operation.restart();
  operation.algorithm = String(self.getAlgorithm());
  operation.mode = mode;
  operation.key = key === null ? null : keyBytes(key);
}

/** A secret or public key as it is encoded; null for a private one, and for one that stays in hardware. */
function keyBytes(key: Ref): Uint8Array | null {
  const Private = Java.use("java.security.PrivateKey");
  const Key = Java.use("java.security.Key");
  if (Private.class.isInstance(key) || !Key.class.isInstance(key)) {
    return null;
  }
  return bytes((Java.cast(key, Key) as Ref).getEncoded());
}

const fed = (types: string[]): Step => ({ before: (operation, _self, args) => operation.input.add(given(types, args)) });
const restarted = (): Step => ({ after: (operation) => operation.restart() });

const CIPHER: Steps = {
  init: () => ({
    after: (operation, self, args) => {
      begun(operation, self, MODES[args[0]] ?? "", args[1]);
      operation.iv = bytes(self.getIV());
    },
  }),
  updateAAD: (types) => ({ before: (operation, _self, args) => operation.aad.add(given(types, args)) }),
  update: (types) => ({ ...fed(types), after: (operation, _self, args, result) => operation.output.add(made(types, args, result)) }),
  doFinal: (types) => {
    const onlyOut = types.join() === "[B,int";
    return {
      before: (operation, _self, args) => operation.input.add(onlyOut ? null : given(types, args)),
      after: (operation, _self, args, result) => {
        operation.output.add(made(types, args, result));
        tell(operation);
      },
    };
  },
  wrap: () => ({
    after: (operation, _self, args, result) => {
      operation.input.add(keyBytes(args[0]));
      operation.output.add(bytes(result));
      tell(operation);
    },
  }),
  unwrap: () => ({
    after: (operation, _self, args, result) => {
      operation.input.add(bytes(args[0]));
      operation.output.add(keyBytes(result));
      tell(operation);
    },
  }),
};

const MAC: Steps = {
  init: () => ({ after: (operation, self, args) => begun(operation, self, "mac", args[0]) }),
  update: fed,
  reset: restarted,
  doFinal: (types) => ({
    before: (operation, _self, args) => operation.input.add(types.length === 1 ? given(types, args) : null),
    after: (operation, self, args, result) => {
      operation.output.add(types.length === 2 ? bytes(args[0], args[1], self.getMacLength()) : bytes(result));
      tell(operation);
    },
  }),
};

const DIGEST: Steps = {
  update: fed,
  reset: restarted,
  digest: (types) => ({
    before: (operation, _self, args) => operation.input.add(types.length === 1 ? given(types, args) : null),
    after: (operation, self, args, result) => {
      operation.algorithm = String(self.getAlgorithm());
      operation.mode = "digest";
      operation.output.add(types.length === 3 ? bytes(args[0], args[1], result) : bytes(result));
      tell(operation);
    },
  }),
};

const SIGNATURE: Steps = {
  initSign: () => ({ after: (operation, self) => begun(operation, self, "sign", null) }),
  initVerify: () => ({ after: (operation, self, args) => begun(operation, self, "verify", args[0]) }),
  update: fed,
  sign: (types) => ({
    after: (operation, _self, args, result) => {
      operation.output.add(types.length === 3 ? bytes(args[0], args[1], result) : bytes(result));
      tell(operation);
    },
  }),
  verify: (types) => ({
    after: (operation, _self, args, result) => {
      operation.output.add(given(types, args));
      tell(operation, { verified: result });
    },
  }),
};

const FAMILIES: { [name: string]: Steps } = {
  "javax.crypto.Cipher": CIPHER,
  "javax.crypto.Mac": MAC,
  "java.security.MessageDigest": DIGEST,
  "java.security.Signature": SIGNATURE,
};

/** A call that none of the others made is a step of its object's operation. */
function body(where: string, family: string, step: Step): Body {
  return (self, args, original, thread) => {
    if (inside.has(thread)) {
      return original();
    }
    ours(thread, where, () => step.before?.(operationOf(self, family), self, args));
    inside.add(thread);
    let result: Ref;
    try {
      result = original();
    } finally {
      inside.delete(thread);
    }
    ours(thread, where, () => step.after?.(operationOf(self, family), self, args, result));
    return result;
  };
}

function start(parameters: Fields): Hooked {
  const wanted = Array.isArray(parameters.classes) ? parameters.classes.map(String) : Object.keys(FAMILIES);
  const found: Fields[] = [];
  const missing = wanted.filter((name) => FAMILIES[name] === undefined || find(name) === null);
  for (const name of wanted.filter((one) => !missing.includes(one))) {
    const family = name.slice(name.lastIndexOf(".") + 1);
    const methods: string[] = [];
    for (const [method, step] of Object.entries(FAMILIES[name])) {
      for (const overload of overloads(find(name), method)) {
        if (replace(overload, body(`${name}.${method}`, family, step(typesOf(overload))))) {
          methods.push(`${method}(${typesOf(overload).join(", ")})`);
        }
      }
    }
    found.push({ module: name, functions: methods });
  }
  if (found.length === 0) {
    throw new Error(`none of ${wanted.join(", ")} is in this process`);
  }
  return { found, missing };
}

serveJava({ name: "java-crypto", version: "1", start, stats: () => ({ ...stats }) });
