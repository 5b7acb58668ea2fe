import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * An app that asks with java.net.http, whose TLS is an SSLEngine: file of trusted CAs, host, HTTP version.
 *
 * It says READY, then asks for each line "PORT PATH BODY" through the proxy on that port, and says OK or FAIL.
 */
public class EngineClient {
  static SSLContext trusting(String file) throws Exception {
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
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  public static void main(String[] a) throws Exception {
    SSLContext context = trusting(a[0]);
    System.out.println("READY");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", 3);
      HttpClient client = HttpClient.newBuilder()
          .sslContext(context)
          .version(HttpClient.Version.valueOf(a[2]))
          .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", Integer.parseInt(words[0]))))
          .build();
      HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + a[1] + words[1]))
          .POST(HttpRequest.BodyPublishers.ofString(words[2]))
          .build();
      try {
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println("OK " + answer.statusCode() + " " + answer.body());
      } catch (IOException e) {
        System.out.println("FAIL " + e.getClass().getName() + ": " + String.valueOf(e.getMessage()).split("\n")[0]);
      }
    }
    System.exit(0);
  }
}
