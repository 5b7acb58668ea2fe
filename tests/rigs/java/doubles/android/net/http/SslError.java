package android.net.http;

/** Double of Android's class: its name and signatures alone. */
public class SslError {
  private final SslCertificate certificate;
  private final String url;

  public SslError(SslCertificate certificate, String url) {
    this.certificate = certificate;
    this.url = url;
  }

  public SslCertificate getCertificate() {
    return certificate;
  }

  public String getUrl() {
    return url;
  }
}
