// The Java VM of the process: its classes found, their methods replaced and set back, byte arrays read.
//
// A hook of ours must never decide anything by breaking: what fails before or after the method itself is counted and
// told, and the method runs as if nobody watched. Should the bridge fail inside the method's own call, the caller gets
// an exception: a check that was not carried out has not passed.

import Java from "frida-java-bridge";
import { Fields, record } from "./log.js";

/** A Java object, class or method as the bridge gives it: which members it has is known at run time only. */
export type Ref = any;
/** What stands in for a method: the receiver, its arguments, and the method itself with these arguments. */
export type Body = (self: Ref, args: Ref[], original: () => Ref, thread: number) => Ref;

/** The bridge's changes reach the VM a moment after they were asked for; only then may anybody rely on them. */
const SETTLE_MS = 150;
const TOLD_FAULTS = 20;

const ownThread = Process.getCurrentThreadId();
const replaced: Ref[] = [];
const busy = new Set<number>();
let faults = 0;
let shared: Ref = null;

/** Run this attached to the VM; the promise is kept once the hooks that it set are live, and broken by any exception. */
export function inJava<T>(body: () => T): Promise<T> {
  return new Promise((kept, broken) => {
    if (!Java.available) {
      broken(new Error("there is no Java VM in this process"));
      return;
    }
    share();
    Java.perform(() => {
      try {
        const result = body();
        setTimeout(() => kept(result), SETTLE_MS);
      } catch (fault) {
        broken(fault);
      }
    });
  });
}

/**
 * Agents share the thread that runs their own code, and the bridge of one detaches it from the VM when that agent goes.
 * The others must not go on with the environment that they remember of it (the VM crashes): they ask for it each time.
 */
function share(): void {
  const vm = Java.vm as Ref;
  if (vm.perform === shared) {
    return;
  }
  const perform = vm.perform;
  shared = (body: () => Ref): Ref => {
    if (Process.getCurrentThreadId() === ownThread) {
      try {
        for (;;) {
          vm.unlink(ownThread);
        }
      } catch {
        // nothing is remembered any more
      }
    }
    return perform.call(vm, body);
  };
  vm.perform = shared;
}

/** A class as the app sees it, or else by this loader; null where it is not there. */
export function find(name: string, loader: Ref = null): Ref | null {
  try {
    return Java.use(name);
  } catch {
    try {
      return loader === null ? null : Java.ClassFactory.get(loader).use(name);
    } catch {
      return null;
    }
  }
}

/** The class of a living object, also where no loader gives it out by its name (a lambda's). */
export function classOf(object: Ref, name: string): Ref {
  const kept = Java.retain(object) as Ref;
  return (Java.classFactory as Ref)._make(name, (env: Ref) => env.getObjectClass(kept.$h), Java.vm.getEnv());
}

export function cast(object: Ref, to: string): Ref {
  return Java.cast(object, Java.use(to));
}

/** Loaded classes that declare a method of this name: [class name, class]. */
export function declaring(method: string): [string, Ref][] {
  const found: [string, Ref][] = [];
  for (const group of Java.enumerateMethods(`*!${method}`)) {
    for (const { name } of group.classes) {
      const type = find(name, group.loader);
      if (type !== null) {
        found.push([name, type]);
      }
    }
  }
  return found;
}

/** The living objects of a class or interface. */
export function instances(name: string): Ref[] {
  const found: Ref[] = [];
  Java.choose(name, { onMatch: (one) => void found.push(Java.retain(one)), onComplete: () => undefined });
  return found;
}

export function typesOf(overload: Ref): string[] {
  return overload.argumentTypes.map((type: Ref) => type.className);
}

/** The overloads of a method that have code, by its own class: none inherited, none abstract. */
export function overloads(type: Ref, method: string): Ref[] {
  const Modifier = Java.use("java.lang.reflect.Modifier");
  const own = new Set<string>();
  for (const one of cast(type.class, "java.lang.Class").getDeclaredMethods()) {
    if (one.getName() === method && !Modifier.isAbstract(one.getModifiers()) && !Modifier.isNative(one.getModifiers())) {
      own.add(one.getParameterTypes().map((parameter: Ref) => parameter.getName()).join());
    }
  }
  const dispatcher = type[method];
  return (dispatcher?.overloads ?? []).filter((overload: Ref) => own.has(typesOf(overload).join()));
}

/** Put a body in place of this overload until `revert`. False if it has been replaced already. */
export function replace(overload: Ref, body: Body): boolean {
  if (replaced.some((one) => one.handle.equals(overload.handle))) {
    return false;
  }
  overload.implementation = function (this: Ref, ...args: Ref[]): Ref {
    const original = (): Ref => {
      try {
        return overload.apply(this, args);
      } catch (fault) {
        if ((fault as Ref).$h === undefined) {
          note(overload.methodName, fault);
          throw refusal("the bridge to the Java VM failed");
        }
        throw fault;
      }
    };
    const thread = Process.getCurrentThreadId();
    return busy.has(thread) ? original() : body(this, args, original, thread);
  };
  replaced.push(overload);
  return true;
}

/** Set every method back. */
export function revert(): void {
  for (const overload of replaced.splice(0)) {
    overload.implementation = null;
  }
}

/** Our own code inside a hook: calls that it makes itself are not watched, and a fault of it is no answer. */
export function ours<T>(thread: number, where: string, body: () => T): T | undefined {
  busy.add(thread);
  try {
    return body();
  } catch (fault) {
    note(where, fault);
    return undefined;
  } finally {
    busy.delete(thread);
  }
}

/** A body that watches: `after` sees what went in and came out; the method does what it always did. */
export function watch(where: string, after: (self: Ref, args: Ref[], result: Ref) => void): Body {
  return (self, args, original, thread) => {
    const result = original();
    ours(thread, where, () => after(self, args, result));
    return result;
  };
}

/** As `watch`, but told before the method runs and does what follows from it. */
export function watchBefore(where: string, before: (self: Ref, args: Ref[]) => void): Body {
  return (self, args, original, thread) => {
    ours(thread, where, () => before(self, args));
    return original();
  };
}

/** As `watch`, for methods that call each other: the outermost call of a thread is the one that is told. */
export function watchOutermost(inside: Set<number>, where: string, after: (self: Ref, args: Ref[], result: Ref) => void): Body {
  const body = watch(where, after);
  return (self, args, original, thread) => {
    if (inside.has(thread)) {
      return original();
    }
    return body(self, args, () => {
      inside.add(thread);
      try {
        return original();
      } finally {
        inside.delete(thread);
      }
    }, thread);
  };
}

/** Throwing this gives the app the exception of a peer that was not verified. */
function refusal(why: string): Ref {
  return Java.use("javax.net.ssl.SSLPeerUnverifiedException").$new(`promptrail: ${why}`);
}

/** So many bytes of a Java array, copied at once. */
export function bytesOf(array: Ref, offset: number, length: number): NativePointer {
  const at = Memory.alloc(Math.max(length, 1));
  (Java.vm.getEnv() as Ref).getByteArrayRegion(array.$h, offset, length, at);
  return at;
}

/** Where a ByteBuffer stands and ends: Buffer's own methods, which some platforms hide behind ByteBuffer's. */
export function spanOf(buffer: Ref): { position: number; limit: number } {
  const plain = cast(buffer, "java.nio.Buffer");
  return { position: plain.position(), limit: plain.limit() };
}

/** The bytes of a ByteBuffer between two positions, as a Java array; the buffer stays as it is. */
export function arrayOf(buffer: Ref, start: number, length: number): Ref {
  const view = buffer.duplicate();
  const Arrays = Java.use("java.util.Arrays");
  const array = Arrays.copyOf.overload("[B", "int").call(Arrays, Java.array("byte", []), length);
  const moved = cast(view, "java.nio.Buffer");
  moved.limit.overload("int").call(moved, start + length);
  moved.position.overload("int").call(moved, start);
  view.get.overload("[B").call(view, array);
  return array;
}

export function note(where: string, fault: unknown): void {
  faults++;
  if (faults <= TOLD_FAULTS) {
    record("error", { where, message: String(fault) });
  }
}

export const faultCount = (): Fields => ({ faults });
