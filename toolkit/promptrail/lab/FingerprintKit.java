import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The lab's fingerprint kit as an SDK in Java: pinned to its vendor's certificate, its report encrypted inside TLS.
 *
 * Arguments: host, address and port of the proxy, file of the pinned certificate. It prints "READY port", takes two
 * lines on that port of loopback (path, report), and answers with the status, or with what went wrong. It ends when its
 * standard input does.
 */
public class FingerprintKit {
  static final SecureRandom RANDOM = new SecureRandom();

  public static void main(String[] args) throws Exception {
    SSLContext pinned = pinnedTo(args[3]);
    Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress(args[1], Integer.parseInt(args[2])));
    leash();
    try (ServerSocket door = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      System.out.println("READY " + door.getLocalPort());
      System.out.flush();
      while (true) {
        try (Socket app = door.accept()) {
          BufferedReader in = new BufferedReader(new InputStreamReader(app.getInputStream(), StandardCharsets.UTF_8));
          String answer = report("https://" + args[0] + in.readLine(), in.readLine(), proxy, pinned);
          app.getOutputStream().write((answer + "\n").getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  static String report(String url, String profile, Proxy proxy, SSLContext pinned) {
    try {
      HttpsURLConnection connection = (HttpsURLConnection) new URL(url).openConnection(proxy);
      connection.setSSLSocketFactory(pinned.getSocketFactory());
      connection.setRequestMethod("POST");
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      byte[] body = sealed(profile).getBytes(StandardCharsets.US_ASCII);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      return "STATUS " + connection.getResponseCode();
    } catch (Exception fault) {
      return "FAIL " + fault.getClass().getName();
    }
  }

  /** AES-GCM under a key that is thrown away here: a real kit would wrap it for its vendor. */
  static String sealed(String profile) throws Exception {
    byte[] key = new byte[16], iv = new byte[12];
    RANDOM.nextBytes(key);
    RANDOM.nextBytes(iv);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
    byte[] data = cipher.doFinal(profile.getBytes(StandardCharsets.UTF_8));
    Base64.Encoder text = Base64.getEncoder();
    return "{\"v\":1,\"iv\":\"" + text.encodeToString(iv) + "\",\"data\":\"" + text.encodeToString(data) + "\"}";
  }

  static SSLContext pinnedTo(String file) throws Exception {
    KeyStore known = KeyStore.getInstance(KeyStore.getDefaultType());
    known.load(null, null);
    try (FileInputStream in = new FileInputStream(file)) {
      known.setCertificateEntry("vendor", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(known);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), RANDOM);
    return context;
  }

  static void leash() {
    Thread waiting = new Thread(() -> {
      try {
        while (System.in.read() >= 0) {
          continue;
        }
      } catch (IOException gone) {
        // the same: whoever started us is gone
      }
      Runtime.getRuntime().halt(3);
    });
    waiting.setDaemon(true);
    waiting.start();
  }
}
