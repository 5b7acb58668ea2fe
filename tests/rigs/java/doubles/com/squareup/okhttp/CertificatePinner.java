package com.squareup.okhttp;

import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Double of OkHttp 2's class: its name and signatures alone. It knows no key. */
public class CertificatePinner {
  public void check(String host, List<Certificate> chain) throws SSLPeerUnverifiedException {
    throw new SSLPeerUnverifiedException("not the key of " + host);
  }
}
