package android.net.http;

import java.security.cert.X509Certificate;

/** Double of Android's class: its name and signatures alone. */
public class SslCertificate {
  private final X509Certificate certificate;

  public SslCertificate(X509Certificate certificate) {
    this.certificate = certificate;
  }

  public X509Certificate getX509Certificate() {
    return certificate;
  }
}
