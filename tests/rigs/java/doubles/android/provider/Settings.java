package android.provider;

import android.content.ContentResolver;

/** Double of Android's class: its name and signatures alone. */
public class Settings {
  public static class Secure {
    public static String getString(ContentResolver resolver, String name) {
      return "android_id".equals(name) ? "9774d56d682e549c" : null;
    }

    public static int getInt(ContentResolver resolver, String name, int otherwise) {
      String value = getString(resolver, name);
      return value == null ? otherwise : Integer.parseInt(value);
    }
  }
}
