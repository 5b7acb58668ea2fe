package android.security.net.config;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Double of Android's class: its name and signatures alone. It knows no key. */
public class NetworkSecurityTrustManager {
  public void check(List<X509Certificate> chain) throws CertificateException {
    checkPins(chain);
  }

  private void checkPins(List<X509Certificate> chain) throws CertificateException {
    throw new CertificateException("not a key of the app's");
  }
}
