package com.google.android.gms.ads.identifier;

/** Double of Google's class: its name and signatures alone. */
public class AdvertisingIdClient {
  public static final class Info {
    public String getId() {
      return "38400000-8cf0-11bd-b23e-10b96e40000d";
    }

    public boolean isLimitAdTrackingEnabled() {
      return false;
    }
  }
}
