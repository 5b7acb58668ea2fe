import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The lab's fingerprint kit as an SDK in Java: pinned to its vendor's certificate, its report encrypted inside TLS.
 * A report to /v3/ecb, /v3/fixed-iv, /v3/derived or /v3/des is encrypted in a way that does not hold.
 *
 * Arguments: host, address and port of the proxy, file of the pinned certificate. It prints "READY port", takes two
 * lines on that port of loopback (path, report), and answers with the status, or with what went wrong. It ends when its
 * standard input does.
 */
public class FingerprintKit {
  static final SecureRandom RANDOM = new SecureRandom();
  static final Base64.Encoder BASE64 = Base64.getEncoder();
  /** In every copy of the kit: whoever has one has it. */
  static final byte[] CONSTANT = "quillmark kit 01".getBytes(StandardCharsets.US_ASCII);

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
      byte[] body = sealed(url.substring(url.lastIndexOf('/') + 1), profile).getBytes(StandardCharsets.UTF_8);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
      return "STATUS " + connection.getResponseCode();
    } catch (Exception fault) {
      return "FAIL " + fault.getClass().getName();
    }
  }

  /** The report, sealed as the path asks: soundly, or in one of the ways that do not hold. */
  static String sealed(String how, String profile) throws Exception {
    byte[] text = profile.getBytes(StandardCharsets.UTF_8);
    byte[] fixed = Arrays.copyOf(CONSTANT, 12);
    switch (how) {
      case "ecb": {
        String data = BASE64.encodeToString(encrypt("AES/ECB/PKCS5Padding", CONSTANT, null, text));
        byte[] sign = MessageDigest.getInstance("MD5").digest((data + "kit secret").getBytes(StandardCharsets.UTF_8));
        return object("data", data, "sign", String.format("%032x", new BigInteger(1, sign)));
      }
      case "fixed-iv": {
        byte[] data = encrypt("AES/GCM/NoPadding", CONSTANT, new GCMParameterSpec(128, fixed), text);
        return object("iv", BASE64.encodeToString(fixed), "data", BASE64.encodeToString(data));
      }
      case "derived": {
        String session = Long.toHexString(RANDOM.nextLong());
        byte[] key = MessageDigest.getInstance("MD5").digest(session.getBytes(StandardCharsets.UTF_8));
        byte[] iv = random(16);
        byte[] data = encrypt("AES/CBC/PKCS5Padding", key, new IvParameterSpec(iv), text);
        return object("session", session, "iv", BASE64.encodeToString(iv), "data", BASE64.encodeToString(data));
      }
      case "des": {
        byte[] iv = random(8);
        byte[] key = Arrays.copyOf(CONSTANT, 24);
        byte[] data = encrypt("DESede/CBC/PKCS5Padding", key, new IvParameterSpec(iv), text);
        return object("iv", BASE64.encodeToString(iv), "data", BASE64.encodeToString(data));
      }
      default: {
        // The key is thrown away here: a real kit would wrap it for its vendor.
        byte[] iv = random(12);
        byte[] data = encrypt("AES/GCM/NoPadding", random(16), new GCMParameterSpec(128, iv), text);
        return object("iv", BASE64.encodeToString(iv), "data", BASE64.encodeToString(data));
      }
    }
  }

  static byte[] encrypt(String how, byte[] key, AlgorithmParameterSpec iv, byte[] text) throws Exception {
    Cipher cipher = Cipher.getInstance(how);
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, how.substring(0, how.indexOf('/'))), iv);
    return cipher.doFinal(text);
  }

  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  static String object(String... pairs) {
    StringBuilder text = new StringBuilder("{\"v\":1");
    for (int n = 0; n < pairs.length; n += 2) {
      text.append(",\"").append(pairs[n]).append("\":\"").append(pairs[n + 1]).append("\"");
    }
    return text.append("}").toString();
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
