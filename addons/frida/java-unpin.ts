// Certificate pinning lifted in a Java process, for one authority: {"ca": "-----BEGIN CERTIFICATE-----..."}.
//
// What it relaxes: checks of a server's certificate by OkHttp 2 to 5 (CertificatePinner, its chain cleaner), by trust
// managers (the platform's, Conscrypt's, the app's own; Android's network security config), by host name verifiers
// (OkHttp's, the app's own, lambdas of a JVM) and by WebViewClient.onReceivedSslError. Each of them says yes to a chain
// that leads to the given authority and, where it is about a host, is made out to it; any other is left to the check.
//
// A pinner under another name (R8, ProGuard) shows itself when it refuses: the method that throws is relaxed if it has
// the shape of a check, and the app's next try passes. The same failure makes it look for classes loaded since.
// Limits: pins inside native code; a check that a shrinker inlined into a longer method; a check that throws nothing.

import { Hooked } from "./lib/agent.js";
import { Authority } from "./lib/java-authority.js";
import { relaxed } from "./lib/java-checks.js";
import { serveJava } from "./lib/java-agent.js";
import { caller, classOfFrame, isPlatform, methodOfFrame } from "./lib/java-stack.js";
import { letGoOn } from "./lib/java-web-view.js";
import { Body, classOf, declaring, find, inJava, instances, note, overloads, Ref, replace, typesOf, watch } from "./lib/java.js";
import { Fields, record } from "./lib/log.js";

const CONSCRYPT = ["checkTrustedRecursive", "getTrustedChainForServer"];
/** Checks by their own names. */
const KNOWN: [string, string[]][] = [
  ["okhttp3.CertificatePinner", ["check", "check$okhttp"]],
  ["okhttp3.internal.tls.BasicCertificateChainCleaner", ["clean"]],
  ["okhttp3.internal.platform.android.AndroidCertificateChainCleaner", ["clean"]],
  ["com.squareup.okhttp.CertificatePinner", ["check"]],
  ["com.android.org.conscrypt.TrustManagerImpl", CONSCRYPT],
  ["com.google.android.gms.org.conscrypt.TrustManagerImpl", CONSCRYPT],
  ["org.conscrypt.TrustManagerImpl", CONSCRYPT],
  ["android.security.net.config.NetworkSecurityTrustManager", ["checkPins"]],
];
/** Checks by the name and parameters that an interface of the platform gives them, whatever class has them. */
const TRUST = { method: "checkServerTrusted", first: "[Ljava.security.cert.X509Certificate;" };
const VERIFY = { method: "verify", parameters: "java.lang.String,javax.net.ssl.SSLSession" };
const WEB_VIEW = { method: "onReceivedSslError", last: "android.net.http.SslError" };
/** What a refused certificate ends in. */
const FAILURES = ["javax.net.ssl.SSLPeerUnverifiedException", "javax.net.ssl.SSLHandshakeException"];
/** So many callers of a failure are looked at. */
const NEAR = 6;
/** Failures wait so long for each other: an app that fails all the time is not searched all the time. */
const PATIENCE_MS = 50;
/** ART gives every class a name; a JVM's lambdas have none that finds them. */
const NAMELESS = Process.findModuleByName("libart.so") === null;

const stats = { relaxed: 0, failures: 0 };
let authority: Authority;
let refused: string[][] = [];

function told(check: string, host: string | null): void {
  stats.relaxed++;
  record("event", { event: "certificate check answered by the hook", label: check, host });
}

const relax = (overload: Ref, name: string): Body | null => relaxed(authority, overload, name, told);

/** Replace the overloads of a method for which there is a body; what was done, in a list of one or none. */
function take(type: Ref, name: string, method: string, body: (overload: Ref, name: string) => Body | null): Fields[] {
  const done: string[] = [];
  for (const overload of overloads(type, method)) {
    const instead = body(overload, `${name}.${method}`);
    if (instead !== null && replace(overload, instead)) {
      done.push(`${method}(${typesOf(overload).join(", ")})`);
    }
  }
  return done.length === 0 ? [] : [{ module: name, functions: done }];
}

/** What the classes that are loaded now have under the platform's names. */
function scan(): Fields[] {
  const trusts = (overload: Ref, name: string): Body | null =>
    typesOf(overload)[0] === TRUST.first ? relax(overload, name) : null;
  const verifies = (overload: Ref, name: string): Body | null =>
    typesOf(overload).join() === VERIFY.parameters ? relax(overload, name) : null;
  const goesOn = (overload: Ref, name: string): Body | null =>
    typesOf(overload)[2] === WEB_VIEW.last ? letGoOn(authority, name, told) : null;
  // The class of a lambda is found through the lambda itself.
  const lambdas: [string, Ref][] = (NAMELESS ? instances("javax.net.ssl.HostnameVerifier") : [])
    .filter((verifier) => String(verifier.$className).includes("/"))
    .map((verifier) => [String(verifier.$className), classOf(verifier, String(verifier.$className))]);
  return [
    ...declaring(TRUST.method).flatMap(([name, type]) => take(type, name, TRUST.method, trusts)),
    ...[...declaring(VERIFY.method), ...lambdas].flatMap(([name, type]) => take(type, name, VERIFY.method, verifies)),
    ...declaring(WEB_VIEW.method).flatMap(([name, type]) => take(type, name, WEB_VIEW.method, goesOn)),
  ];
}

/** A certificate was refused: by the stack of the failure, who did it is looked for, soon and on our own thread. */
function failed(frames: string[]): void {
  stats.failures++;
  record("event", { event: "certificate refused", label: callers(frames)[0] ?? frames[1] ?? null });
  if (refused.push(frames) === 1) {
    setTimeout(() => inJava(answer).catch((fault) => note("after a refused certificate", fault)), PATIENCE_MS);
  }
}

const callers = (frames: string[]): string[] => frames.filter((frame) => !isPlatform(classOfFrame(frame))).slice(0, NEAR);

/** Relax the methods that refused if they are checks, and what was loaded since. */
function answer(): void {
  const near = new Set(refused.flatMap(callers).map((frame) => `${classOfFrame(frame)} ${methodOfFrame(frame)}`));
  refused = [];
  const found = [...near].flatMap((one) => {
    const [name, method] = one.split(" ");
    const type = find(name);
    return type === null ? [] : take(type, name, method, relax);
  });
  found.push(...scan());
  if (found.length > 0) {
    record("hooked", { found, missing: [] });
  }
}

function watchFailures(): Fields[] {
  return FAILURES.flatMap((name) => {
    const type = find(name);
    const body = watch(name, () => {
      failed(caller().frames);
    });
    const done: Ref[] = type === null ? [] : type.$init.overloads.filter((one: Ref) => replace(one, body));
    return [{ module: name, functions: done.map((one) => `<init>(${typesOf(one).join(", ")})`) }];
  });
}

function start(parameters: Fields): Hooked {
  if (typeof parameters.ca !== "string" || !parameters.ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new Error("java-unpin needs the certificate of the one CA to trust: {\"ca\": \"-----BEGIN CERTIFICATE-----...\"}");
  }
  authority = new Authority(parameters.ca);
  const found: Fields[] = [];
  const missing: string[] = [];
  for (const [name, methods] of KNOWN) {
    const type = find(name);
    const taken = type === null ? [] : methods.flatMap((method) => take(type, name, method, relax));
    found.push(...taken);
    if (taken.length === 0) {
      missing.push(name);
    }
  }
  return { found: [...found, ...scan(), ...watchFailures()], missing };
}

serveJava({ name: "java-unpin", version: "1", start, stats: () => ({ ...stats }) });
