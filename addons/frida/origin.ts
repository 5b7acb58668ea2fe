// Which code of a Java process opened a connection or made a request: the stack, and the first class on it that is
// neither the platform nor an HTTP library. One record a connection and one a request; it changes nothing in the target.
//
// A connection has its addresses, a request its URL: both are needed, since a library opens connections on its own
// threads, where nobody's code is on the stack. Limits: an HTTP library under another name (R8, ProGuard) is taken for
// the app's own code; native libraries (Cronet, Flutter) open theirs without Java.

import { Hooked } from "./lib/agent.js";
import { serveJava } from "./lib/java-agent.js";
import { cast, find, overloads, Ref, replace, typesOf, watchOutermost } from "./lib/java.js";
import { caller } from "./lib/java-stack.js";
import { Fields, record } from "./lib/log.js";

/** What a call is about, after it returned. */
type About = (self: Ref, args: Ref[], result: Ref) => Fields;

const inside = new Set<number>();
const stats = { connections: 0, requests: 0 };

/** [class, method, first parameter, what it is the stack of, what the call is about] */
const CALLS: [string, string, string, "connection" | "request", About][] = [
  ["java.net.Socket", "connect", "java.net.SocketAddress", "connection", (socket) => ({
    local: [String(socket.getLocalAddress().getHostAddress()), socket.getLocalPort()],
    peer: [String(socket.getInetAddress().getHostAddress()), socket.getPort()],
  })],
  ["sun.nio.ch.SocketChannelImpl", "connect", "java.net.SocketAddress", "connection", (channel, args) => ({
    local: endOf(channel.getLocalAddress()),
    peer: endOf(args[0]),
  })],
  ["okhttp3.OkHttpClient", "newCall", "okhttp3.Request", "request", (_client, args) => ({ url: String(args[0].url().toString()), method: String(args[0].method()) })],
  ["com.squareup.okhttp.OkHttpClient", "newCall", "com.squareup.okhttp.Request", "request", (_client, args) => ({ url: String(args[0].urlString()), method: String(args[0].method()) })],
  ["java.net.URL", "openConnection", "", "request", (url) => ({ url: String(url.toString()) })],
  ["java.net.URL", "openConnection", "java.net.Proxy", "request", (url) => ({ url: String(url.toString()) })],
  ["jdk.internal.net.http.HttpClientImpl", "sendAsync", "java.net.http.HttpRequest", "request", (_client, args) => ({ url: String(args[0].uri().toString()), method: String(args[0].method()) })],
  ["jdk.internal.net.http.HttpClientImpl", "send", "java.net.http.HttpRequest", "request", (_client, args) => ({ url: String(args[0].uri().toString()), method: String(args[0].method()) })],
  ["android.webkit.WebView", "loadUrl", "java.lang.String", "request", (_view, args) => ({ url: String(args[0]) })],
  ["android.webkit.WebView", "postUrl", "java.lang.String", "request", (_view, args) => ({ url: String(args[0]), method: "POST" })],
];

/** An InetSocketAddress as [address, port]. */
function endOf(address: Ref): [string, number] | null {
  if (address === null) {
    return null;
  }
  const end = cast(address, "java.net.InetSocketAddress");
  return [String(end.getAddress() === null ? end.getHostString() : end.getAddress().getHostAddress()), end.getPort()];
}

function start(): Hooked {
  const found: Fields[] = [];
  const missing = new Set<string>();
  for (const [name, method, first, of, about] of CALLS) {
    const type = find(name);
    const fitting: Ref[] = type === null ? [] : overloads(type, method).filter((one) => (typesOf(one)[0] ?? "") === first);
    const body = watchOutermost(inside, `${name}.${method}`, (self, args, result) => {
      const { frames, package: owner, class: caused } = caller();
      stats[of === "connection" ? "connections" : "requests"]++;
      record("stack", { of, frames, package: owner, class: caused, ...about(self, args, result) });
    });
    const done = fitting.filter((overload) => replace(overload, body)).map((overload) => `${method}(${typesOf(overload).join(", ")})`);
    if (done.length > 0) {
      found.push({ module: name, functions: done });
    } else {
      missing.add(name);
    }
  }
  return { found, missing: [...missing] };
}

serveJava({ name: "origin", version: "1", start, stats: () => ({ ...stats }) });
