// The one certificate authority that a relaxed check trusts: PEM in, "was this chain signed by it" out.
//
// A chain passes if a whole path validation (RFC 5280: signatures, dates, basic constraints) with this authority as
// the only anchor passes. Revocation is not asked: the proxy's authority publishes none.

import Java from "frida-java-bridge";
import { cast, Ref } from "./java.js";

const DNS_NAME = 2;
const IP_ADDRESS = 7;

export class Authority {
  private readonly certificate: Ref;
  private readonly parameters: Ref;
  private readonly factory: Ref;

  /** Throws where the text holds no certificate. */
  constructor(pem: string) {
    this.factory = Java.use("java.security.cert.CertificateFactory").getInstance("X.509");
    const bytes = Java.use("java.lang.String").$new(pem).getBytes();
    const stream = Java.use("java.io.ByteArrayInputStream").$new(bytes);
    this.certificate = cast(this.factory.generateCertificate(stream), "java.security.cert.X509Certificate");
    const Anchor = Java.use("java.security.cert.TrustAnchor");
    const anchor = Anchor.$new.overload("java.security.cert.X509Certificate", "[B").call(Anchor, this.certificate, null);
    const Parameters = Java.use("java.security.cert.PKIXParameters");
    const anchors = Java.use("java.util.Collections").singleton(anchor);
    this.parameters = Parameters.$new.overload("java.util.Set").call(Parameters, anchors);
    this.parameters.setRevocationEnabled(false);
  }

  get subject(): string {
    return String(this.certificate.getSubjectX500Principal().getName());
  }

  /** Whether this chain, leaf first, leads to the authority. Anything that is no such chain does not. */
  signed(chain: Ref[]): boolean {
    const path = Java.use("java.util.ArrayList").$new();
    for (const certificate of chain) {
      if (this.certificate.equals(certificate)) {
        break;
      }
      path.add(certificate);
    }
    if (path.size() === 0) {
      return false;
    }
    try {
      const validator = Java.use("java.security.cert.CertPathValidator").getInstance("PKIX");
      const built = this.factory.generateCertPath.overload("java.util.List").call(this.factory, path);
      validator.validate(built, this.parameters);
      return true;
    } catch (refused) {
      if ((refused as Ref).$h === undefined) {
        throw refused;
      }
      return false;
    }
  }
}

/** The certificates of an array or a java.util.List; null where it is neither, or holds anything else. */
export function chainOf(certificates: Ref): Ref[] | null {
  if (certificates === null || certificates === undefined) {
    return null;
  }
  const all = typeof certificates.length === "number" ? certificates : cast(certificates, "java.util.List").toArray();
  const X509 = Java.use("java.security.cert.X509Certificate");
  const chain: Ref[] = [];
  for (let i = 0; i < all.length; i++) {
    if (all[i] === null || !X509.class.isInstance(all[i])) {
      return null;
    }
    chain.push(Java.cast(all[i], X509));
  }
  return chain;
}

/** Whether the certificate is made out to this host (RFC 6125: a wildcard stands for one whole label). */
export function covers(certificate: Ref, host: string): boolean {
  const names = certificate.getSubjectAlternativeNames();
  if (names === null) {
    return false;
  }
  const wanted = host.toLowerCase().replace(/^\[|\]$|\.$/g, "");
  const entries = cast(names, "java.util.Collection").toArray();
  for (let i = 0; i < entries.length; i++) {
    const entry = cast(entries[i], "java.util.List");
    const kind = Number(entry.get(0).toString());
    const name = String(entry.get(1)).toLowerCase();
    const wildcard = name.startsWith("*.") && wanted.slice(wanted.indexOf(".")) === name.slice(1) && wanted.includes(".");
    if ((kind === DNS_NAME && (name === wanted || wildcard)) || (kind === IP_ADDRESS && name === wanted)) {
      return true;
    }
  }
  return false;
}
