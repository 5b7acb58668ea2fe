import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.CertificatePinner;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * An app that pins, with OkHttp: mode, file of trusted CAs, host, sha256/ pin of the genuine key.
 *
 * It says READY, then asks once for each line "PORT PATH BODY" through the proxy on that port of the loopback address
 * and says OK and the answer, or FAIL and the exception. A new client a request, so that none goes over a connection
 * that an earlier one opened; their connections stay open, since closing one waits for the other side.
 */
public class PinnedClient {
  static final class PinnedTrust implements X509TrustManager {
    private final X509TrustManager inner;
    private final String pin;

    PinnedTrust(X509TrustManager inner, String pin) {
      this.inner = inner;
      this.pin = pin;
    }

    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
      inner.checkClientTrusted(chain, type);
    }

    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
      inner.checkServerTrusted(chain, type);
      if (!pin.equals(pinOf(chain[0]))) {
        throw new CertificateException("this app does not know the key " + pinOf(chain[0]));
      }
    }

    public X509Certificate[] getAcceptedIssuers() {
      return inner.getAcceptedIssuers();
    }
  }

  static final class PinnedName implements HostnameVerifier {
    private final String pin;

    PinnedName(String pin) {
      this.pin = pin;
    }

    public boolean verify(String host, SSLSession session) {
      try {
        return pin.equals(pinOf((X509Certificate) session.getPeerCertificates()[0]));
      } catch (IOException e) {
        return false;
      }
    }
  }

  static String pinOf(X509Certificate certificate) {
    try {
      byte[] key = certificate.getPublicKey().getEncoded();
      return "sha256/" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static X509TrustManager trusting(String file) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int n = 0;
    try (FileInputStream in = new FileInputStream(file)) {
      for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("ca" + n++, c);
      }
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  static OkHttpClient client(String mode, X509TrustManager system, String host, final String pin, int port)
      throws Exception {
    X509TrustManager trust = mode.equals("trust-manager") ? new PinnedTrust(system, pin) : system;
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trust}, null);
    OkHttpClient.Builder builder = new OkHttpClient.Builder()
        .sslSocketFactory(context.getSocketFactory(), trust)
        .retryOnConnectionFailure(false)
        .connectTimeout(java.time.Duration.ofSeconds(60))
        .readTimeout(java.time.Duration.ofSeconds(60))
        .proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", port)));
    if (mode.equals("pinner")) {
      builder.certificatePinner(new CertificatePinner.Builder().add(host, pin).build());
    } else if (mode.equals("verifier")) {
      builder.hostnameVerifier(new PinnedName(pin));
    } else if (mode.equals("verifier-lambda")) {
      builder.hostnameVerifier((name, session) -> new PinnedName(pin).verify(name, session));
    }
    return builder.build();
  }

  public static void main(String[] a) throws Exception {
    String mode = a[0], host = a[2], pin = a[3];
    X509TrustManager system = trusting(a[1]);
    System.out.println("READY");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", 3);
      OkHttpClient client = client(mode, system, host, pin, Integer.parseInt(words[0]));
      RequestBody body = RequestBody.create(MediaType.parse("application/json"), words[2]);
      Request request = new Request.Builder().url("https://" + host + words[1]).post(body).build();
      try (Response answer = client.newCall(request).execute()) {
        System.out.println("OK " + answer.code() + " " + answer.body().string());
      } catch (IOException e) {
        System.out.println("FAIL " + e.getClass().getName() + ": " + String.valueOf(e.getMessage()).split("\n")[0]);
      }
    }
    System.exit(0);
  }
}
