package android.hardware;

/** Double of Android's class: its name and signatures alone. */
public class Sensor {
  public String toString() {
    return "accelerometer";
  }
}
