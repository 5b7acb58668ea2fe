// Who called: the Java stack of this thread as lines, and the first class on it that is neither platform nor HTTP library.

import Java from "frida-java-bridge";

const DEEPEST = 64;
/** Code that runs on behalf of others; what stands above it in a stack asked for it. */
const PLATFORM = [
  "android.", "androidx.", "com.android.", "com.sun.", "dalvik.", "java.", "javax.", "jdk.", "kotlin.", "kotlinx.",
  "libcore.", "org.conscrypt.", "sun.",
];
const HTTP_LIBRARIES = [
  "com.android.volley.", "com.squareup.okhttp.", "io.ktor.", "io.netty.", "okhttp3.", "okio.", "org.apache.http.",
  "org.chromium.net.", "org.java_websocket.", "retrofit2.",
];
const OUTSIDE = [...PLATFORM, ...HTTP_LIBRARIES];

export interface Caller {
  frames: string[];
  /** Class and package of the first frame of somebody else's; null where there is none, as on a library's own thread. */
  class: string | null;
  package: string | null;
}

/** The stack of the current thread, innermost frame first: package.Class.method(File:line). */
export function caller(): Caller {
  const writer = Java.use("java.io.StringWriter").$new();
  const printer = Java.use("java.io.PrintWriter").$new.overload("java.io.Writer").call(Java.use("java.io.PrintWriter"), writer);
  const thrown = Java.use("java.lang.Throwable").$new();
  thrown.printStackTrace.overload("java.io.PrintWriter").call(thrown, printer);
  printer.flush();
  const frames = framesOf(String(writer.toString()));
  const type = firstOutside(frames.slice(1)); // the first is the hooked method
  return { frames, class: type, package: type === null ? null : packageOf(type) };
}

/** Frames of a printed stack, without the names of class loaders and modules before them. */
export function framesOf(printed: string): string[] {
  const frames: string[] = [];
  for (const line of printed.split("\n")) {
    const frame = /^\s*at (?:[\w.$@-]*\/){0,2}(\S.*)$/.exec(line);
    if (frame !== null && frames.push(frame[1].trim()) === DEEPEST) {
      break;
    }
  }
  return frames;
}

/** The class of a frame: what stands before the method's name. */
export function classOfFrame(frame: string): string {
  const name = frame.split("(", 1)[0];
  return name.slice(0, name.lastIndexOf("."));
}

export function methodOfFrame(frame: string): string {
  const name = frame.split("(", 1)[0];
  return name.slice(name.lastIndexOf(".") + 1);
}

export function isOutside(type: string): boolean {
  return OUTSIDE.some((prefix) => type.startsWith(prefix));
}

export function isPlatform(type: string): boolean {
  return PLATFORM.some((prefix) => type.startsWith(prefix));
}

function firstOutside(frames: string[]): string | null {
  return frames.map(classOfFrame).find((type) => !isOutside(type)) ?? null;
}

function packageOf(type: string): string {
  return type.slice(0, Math.max(type.lastIndexOf("."), 0));
}
