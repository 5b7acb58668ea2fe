// WebViewClient.onReceivedSslError for one authority: a page whose certificate it signed goes on, any other is the app's.

import Java from "frida-java-bridge";
import { Authority, covers } from "./java-authority.js";
import { Told } from "./java-checks.js";
import { Body, cast, ours, Ref } from "./java.js";

/** The body for onReceivedSslError(WebView, SslErrorHandler, SslError). */
export function letGoOn(authority: Authority, name: string, told: Told): Body {
  return (_self, args, original, thread) => {
    const host = ours(thread, name, () => {
      const asked = hostOf(String(args[2].getUrl()));
      const certificate = certificateOf(args[2].getCertificate());
      if (certificate === null || !covers(certificate, asked) || !authority.signed([certificate])) {
        return null;
      }
      args[1].proceed();
      return asked;
    });
    if (host === null || host === undefined) {
      return original();
    }
    told(name, host);
    return undefined;
  };
}

function hostOf(url: string): string {
  return String(Java.use("java.net.URI").create(url).getHost());
}

/** The X.509 certificate behind an SslCertificate: asked for from Android 10 on, in its saved state before. */
function certificateOf(shown: Ref): Ref | null {
  if (shown.getX509Certificate !== undefined) {
    return shown.getX509Certificate();
  }
  const state = Java.use("android.net.http.SslCertificate").saveState(shown);
  const bytes = state.getByteArray("x509-certificate");
  if (bytes === null) {
    return null;
  }
  const stream = Java.use("java.io.ByteArrayInputStream").$new(bytes);
  const factory = Java.use("java.security.cert.CertificateFactory").getInstance("X.509");
  return cast(factory.generateCertificate(stream), "java.security.cert.X509Certificate");
}
