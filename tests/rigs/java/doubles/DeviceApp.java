import android.app.Dialog;
import android.content.ClipboardManager;
import android.content.ContentResolver;
import android.hardware.SensorManager;
import android.net.http.SslCertificate;
import android.net.http.SslError;
import android.os.Build;
import android.provider.Settings;
import android.security.net.config.NetworkSecurityTrustManager;
import android.telephony.TelephonyManager;
import android.webkit.SslErrorHandler;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import android.widget.CompoundButton;
import android.widget.TextView;
import com.android.org.conscrypt.TrustManagerImpl;
import com.google.android.gms.ads.identifier.AdvertisingIdClient;
import com.squareup.okhttp.CertificatePinner;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.NetworkInterface;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Calls the doubles of Android's classes as an app calls those: a line "WHAT [FILE HOST]" in, what came of it out. */
public class DeviceApp {
  static String read() {
    return Settings.Secure.getString(new ContentResolver(), "android_id")
        + " " + Settings.Secure.getInt(new ContentResolver(), "adb_enabled", 0)
        + " " + new AdvertisingIdClient.Info().getId()
        + " " + Build.getSerial() + " " + Build.MODEL
        + " " + new TelephonyManager().getImei()
        + " " + new SensorManager().getDefaultSensor(1)
        + " " + new ClipboardManager().getPrimaryClip().getItemAt(0).getText();
  }

  static String consent() {
    Dialog dialog = new Dialog();
    dialog.show();
    CompoundButton box = new CompoundButton("Personalised answers");
    box.setChecked(true);
    TextView agree = new TextView("Agree");
    agree.listener = dialog::dismiss;
    return String.valueOf(agree.performClick());
  }

  static boolean accepts(String what, List<X509Certificate> chain, String host) {
    try {
      switch (what) {
        case "okhttp2":
          new CertificatePinner().check(host, new ArrayList<Certificate>(chain));
          return true;
        case "conscrypt":
          return new TrustManagerImpl().check(chain.toArray(new X509Certificate[0]), host).size() == chain.size();
        case "pins":
          new NetworkSecurityTrustManager().check(chain);
          return true;
        default:
          SslErrorHandler handler = new SslErrorHandler();
          SslError error = new SslError(new SslCertificate(chain.get(0)), "https://" + host + "/page");
          new WebViewClient().onReceivedSslError(new WebView(), handler, error);
          return handler.proceeded;
      }
    } catch (Exception e) {
      return false;
    }
  }

  /** What is no chain at all, given to a check by an app's own mistake. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  static String junk(String host) {
    StringBuilder said = new StringBuilder();
    for (List junk : new List[] {null, new ArrayList(), new ArrayList(java.util.Arrays.asList("x")), new ArrayList(java.util.Arrays.asList((Object) null))}) {
      try {
        new CertificatePinner().check(host, (List<Certificate>) junk);
        said.append("accepted ");
      } catch (Exception e) {
        said.append("refused ");
      }
    }
    return said.toString().trim();
  }

  /** Hardware addresses of the machine, which the platform gives a JVM too. */
  static String hardware() throws Exception {
    StringBuilder said = new StringBuilder();
    for (NetworkInterface one : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      byte[] address = one.getHardwareAddress();
      said.append(address == null ? "null" : String.format("%0" + 2 * address.length + "x", new BigInteger(1, address)));
      said.append(' ');
    }
    return said.toString().trim();
  }

  static List<X509Certificate> chain(String file) throws Exception {
    List<X509Certificate> chain = new ArrayList<>();
    try (FileInputStream in = new FileInputStream(file)) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        chain.add((X509Certificate) one);
      }
    }
    return chain;
  }

  public static void main(String[] a) throws Exception {
    System.out.println("READY");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "read":
          System.out.println(read());
          break;
        case "junk":
          System.out.println(junk("chat.parley.test"));
          break;
        case "hardware":
          System.out.println(hardware());
          break;
        case "consent":
          System.out.println(consent());
          break;
        default:
          System.out.println(accepts(words[0], chain(words[1]), words[2]) ? "accepted" : "refused");
      }
    }
    System.exit(0);
  }
}
