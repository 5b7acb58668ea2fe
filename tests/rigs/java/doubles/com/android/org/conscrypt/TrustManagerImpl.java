package com.android.org.conscrypt;

import java.security.cert.CertificateException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Double of Android's class: its name and signatures alone. It trusts nobody. */
public class TrustManagerImpl {
  public List<X509Certificate> check(X509Certificate[] chain, String host) throws CertificateException {
    return checkTrustedRecursive(chain, null, null, host, false, null, null, null);
  }

  private List<X509Certificate> checkTrustedRecursive(X509Certificate[] chain, byte[] ocsp, byte[] sct, String host,
      boolean client, ArrayList<X509Certificate> untrusted, ArrayList<TrustAnchor> trusted, Set<X509Certificate> used)
      throws CertificateException {
    throw new CertificateException("nobody is trusted");
  }
}
