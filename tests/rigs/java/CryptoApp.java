import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** An app that uses the platform's crypto: a line "WHAT TEXT" in, what it used and got as name=base64 out. */
public class CryptoApp {
  static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  static final byte[] IV = "iv of 12 oct".getBytes(StandardCharsets.US_ASCII);
  static final byte[] IV16 = "iv of 16 octets!".getBytes(StandardCharsets.US_ASCII);
  static final byte[] AAD = "chat/v2".getBytes(StandardCharsets.US_ASCII);

  static Cipher aes(String mode, int operation) throws Exception {
    Cipher cipher = Cipher.getInstance(mode);
    SecretKeySpec key = new SecretKeySpec(KEY, "AES");
    if (mode.contains("GCM")) {
      cipher.init(operation, key, new GCMParameterSpec(128, IV));
      cipher.updateAAD(AAD);
    } else {
      cipher.init(operation, key, new IvParameterSpec(IV16));
    }
    return cipher;
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  static String cipher(String how, byte[] text) throws Exception {
    String mode = how.startsWith("gcm") ? "AES/GCM/NoPadding" : "AES/CBC/PKCS5Padding";
    Cipher cipher = aes(mode, Cipher.ENCRYPT_MODE);
    int half = text.length / 2;
    byte[] out;
    if (how.endsWith("-parts")) {
      byte[] first = cipher.update(text, 0, half);
      out = joined(first == null ? new byte[0] : first, cipher.doFinal(text, half, text.length - half));
    } else if (how.endsWith("-array")) {
      out = new byte[cipher.getOutputSize(text.length) + 3];
      int length = cipher.doFinal(text, 0, text.length, out, 3);
      out = Arrays.copyOfRange(out, 3, 3 + length);
    } else if (how.endsWith("-place")) {
      byte[] both = Arrays.copyOf(text, cipher.getOutputSize(text.length));
      out = Arrays.copyOf(both, cipher.doFinal(both, 0, text.length, both, 0));
    } else if (how.endsWith("-buffer")) {
      ByteBuffer target = ByteBuffer.allocateDirect(cipher.getOutputSize(text.length));
      cipher.doFinal(ByteBuffer.wrap(text), target);
      target.flip();
      out = new byte[target.remaining()];
      target.get(out);
    } else if (how.endsWith("-back")) {
      byte[] sealed = cipher.doFinal(text);
      out = aes(mode, Cipher.DECRYPT_MODE).doFinal(sealed);
      text = sealed;
    } else {
      out = cipher.doFinal(text);
    }
    boolean gcm = how.startsWith("gcm");
    return said("key", KEY) + said("iv", gcm ? IV : IV16) + (gcm ? said("aad", AAD) : "") + said("input", text) + said("output", out);
  }

  static String mac(byte[] text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
    mac.update(text[0]);
    mac.update(text, 1, text.length - 1);
    return said("key", KEY) + said("input", text) + said("output", mac.doFinal());
  }

  static String digest(byte[] text) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(ByteBuffer.wrap(text, 0, 3));
    digest.update(text, 3, text.length - 3);
    return said("input", text) + said("output", digest.digest());
  }

  static String sign(byte[] text) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(pair.getPrivate());
    signature.update(text);
    byte[] out = signature.sign();
    signature.initVerify(pair.getPublic());
    signature.update(text);
    return said("key", pair.getPublic().getEncoded()) + said("input", text) + said("output", out) + "verified=" + signature.verify(out);
  }

  static String said(String name, byte[] value) {
    return name + "=" + Base64.getEncoder().encodeToString(value) + " ";
  }

  public static void main(String[] a) throws Exception {
    System.out.println("READY");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", 2);
      byte[] text = words[1].getBytes(StandardCharsets.UTF_8);
      switch (words[0]) {
        case "mac":
          System.out.println(mac(text));
          break;
        case "digest":
          System.out.println(digest(text));
          break;
        case "sign":
          System.out.println(sign(text));
          break;
        default:
          System.out.println(cipher(words[0], text));
      }
    }
    System.exit(0);
  }
}
