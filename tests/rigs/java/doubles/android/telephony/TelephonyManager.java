package android.telephony;

/** Double of Android's class: its name and signatures alone. */
public class TelephonyManager {
  public String getImei() {
    return getImei(0);
  }

  public String getImei(int slot) {
    return "490154203237518";
  }

  public String getSimCountryIso() {
    return "xa";
  }
}
