package android.os;

/** Double of Android's class: its name and signatures alone. */
public class Build {
  public static String MODEL = "double";

  public static String getSerial() {
    return "R58M12ABCDE";
  }
}
